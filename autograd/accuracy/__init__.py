"""How exact each operation is, measured: the worst error in ulps, of every engine, against mpmath.

jets.py is the judge's arithmetic, truth.py the operations written in it, sheets.py their answers at points.py;
runs.py and peers.py compute the same, measure.py compares, table.py prints, allowances.py names every exception.
edges.py is about single points, where things end.  Open measure.py first.
"""
