"""The tape in machine code, through LLVM.

llvm_text.py writes a step of the tape in LLVM's language, machine_code.py has it compiled,
tape_interpreter.py runs tapes that are too long for that, and runners.py decides between them.  Open
runners.py first.
"""
