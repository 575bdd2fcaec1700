"""Functions of functions: derivatives that are functions again, backwards and forwards, and the check of one.

reverse.py has grad, vjp, jacobian and hessian; forward.py has jvp, by dual numbers; gradcheck.py compares with
central differences.  pytree.py takes lists and dicts apart and puts them together again; nesting.py decides what a
derivative inside of another one hands out.  Open reverse.py first.
"""
