"""An operation's own rule, run on symbols instead of numbers: the formulas that are shown.

A Formula (formulas.py) stands where a number stands, and local_derivatives.py runs the rules of the table on it;
templates.py reads how the table writes an operation, and notation.py writes it as text, LaTeX or MathML.
snapshot.py names the nodes of a graph, step_records.py says what a step is, step_table.py sets steps in columns.
Open formulas.py first.
"""
