"""The tape in machine code, through LLVM.

llvm_text.py writes a step of the tape in LLVM's language, loops.py whole functions with loops, machine_code.py has
them compiled,
tape_interpreter.py runs tapes that are too long for that, and runners.py decides between them.  Open
runners.py first.
"""
