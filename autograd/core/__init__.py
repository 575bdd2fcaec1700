"""What Value stands on: how numbers are computed, compared, copied, checked and protected.

operand.py has the arithmetic that a Value shares with everything that can stand in its place; evaluate.py
computes one operation; anomaly.py says what is wrong where a number or a slope is undefined; modes.py has
no_grad and ieee.  Open operand.py first.
"""
