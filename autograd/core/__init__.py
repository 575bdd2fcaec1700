"""What Value stands on: operations, and how they are computed on numbers, checked and protected.

op.py is one row of the table (Op) and how all rows are found; composites.py has what rows are written with;
evaluate.py computes an operation on numbers, arrays.py on NumPy's.  operand.py is the arithmetic that Value shares
with everything that can stand in its place, node.py how it keeps its inputs.  sweep.py is the backward pass as it
runs, with the steps that written_out.py makes from the rows; anomaly.py is the one that looks at every number, and
by_hand.py a node's own ``_backward``.  modes.py has no_grad and ieee.  Open op.py first, then operand.py.
"""
