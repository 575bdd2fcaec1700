"""A graph as a straight-line program: recorded once, run often.

tape.py is the list of steps; recorder.py writes it while a function runs; compiler.py makes
compile(outputs, inputs) of it and jitting.py makes jit(function).  Open tape.py first.
"""
