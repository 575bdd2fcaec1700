"""Backpropagation one step at a time, in a terminal.

stepper.py stands somewhere in the list of steps; narration.py says in words what a step does; screen.py
writes it; terminal.py prints it or asks for keys.  Open stepper.py first.
"""
