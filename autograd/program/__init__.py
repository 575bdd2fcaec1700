"""A graph as a straight-line program: recorded once, run often.  Open tape.py first.

tape.py is the list of steps, and sums.py gathers sums of products among them.  tracer.py are the numbers that stand
in for those not known yet, recorder.py writes down what is done with them, backward.py their gradients, captures.py
the same with Values that a function finds around it, graphs.py with graphs that stand.  calling.py has an engine
(engine_table.py) run a tape; compiler.py makes compile(outputs, inputs) of all that, jitting.py jit(function), and
arguments.py is what both are called with.
"""
