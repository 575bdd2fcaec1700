"""Why a gradient is what it is: the chain rule along every path, in symbols and in numbers.

explanation.py is explain(y, x), sections.py what it says; paths.py finds the paths, multiplies and adds along them;
path_formulas.py writes their factors; document.py writes text, LaTeX and MathML, tables.py tables; comparison.py
finds one gradient in four ways.  Open explanation.py first.
"""
