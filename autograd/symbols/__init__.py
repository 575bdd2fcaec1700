"""An operation's own rule, run on symbols instead of numbers: the formulas that are shown.

formulas.py makes a formula of a local derivative; notation.py writes a formula as text, LaTeX or MathML.
Open formulas.py first.
"""
