"""The same run as a program: all that knows of tapes, batches and machine code in training.

programs.py finds or makes the program of a run, purity.py records it, backends.py choose what runs it,
buffers.py hold the numbers it runs on, evaluation.py measures with it.  Open programs.py first.
"""
