"""The same run as a program: all that knows of tapes, batches and machine code in training.

Open compiled_run.py first.

What runs when fit makes a step: compiled_run.py (CompiledRun.epochs) → buffers.py (EpochBlock.run) →
backends.py (who makes steps) → table_training.py, the loop in machine code, around groups.py and kernels.py, the
one program that goes through what table.py has laid out with nests.py (it begins with the kernels of batches, in
autograd.engines.native), or around singles.py for samples one after
the other; machine_training.py and machine_update.py write straight-line code for the smallest models.  Before:
compilable.py is what is asked, programs.py finds or makes the program, tapes.py records it, on the copies of
twin.py where it is somebody's own.  columns.py and orders.py are the samples, form by form, and their order,
evaluation.py measures without learning.
"""
