"""Why a gradient is what it is: the chain rule along every path, in symbols and in numbers.

explanation.py is explain(y, x); paths.py finds the paths (path_formulas.py: the formulas on them), chain_rule.py
multiplies and adds along them, sections.py says so; document.py writes text, LaTeX and MathML; four_ways.py
finds one gradient in four ways.  Open explanation.py first.
"""
