"""The tape in machine code, through LLVM.  Nothing is compiled for a tape: one program reads it as a table.

runners.py is the engine; open it first.  nests.py makes the table of rows.py (printed_table.py shows it), with
series.py; program.py and kernels.py are the program that runs it.  batches.py does the same for many samples, with
the kernels of lines.py, which training has as well.  loops.py writes functions in LLVM's language, atoms.py their
arithmetic with llvm_text.py; machine_code.py has them compiled, and disk_cache.py keeps what was.  straight_line.py
writes each step once, to be read.
"""
