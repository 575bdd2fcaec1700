"""The tape in machine code, through LLVM.  Nothing is compiled for a tape: one program reads it as a table.

runners.py is the engine; open it first.  nests.py makes the table (printed_table.py shows it), kernels.py writes
the program, batches.py both for many samples.  loops.py writes functions in LLVM's language, llvm_text.py the
atoms, machine_code.py has them compiled.  straight_line.py writes each step once, to be read.
"""
