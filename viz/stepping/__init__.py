"""Backpropagation one step at a time, in a terminal.

replay.py is the graph as whole numbers, stepper.py stands somewhere in the list of steps; narration.py says in
words what a step does; screen.py says what is seen (columns.py: in how many columns);
terminal.py prints it, full_screen.py asks for keys.  Open stepper.py first.
"""
