"""What people type: formulas, and the worked examples.

parser.py reads a formula without running it as code; expression.py computes what was read; worked_examples.py
has the graphs of courses and papers.  Open worked_examples.py first.
"""
