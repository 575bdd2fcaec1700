"""A computation graph as a picture: what it shows, where everything stands, and how it is written.

picture.py is what a drawing shows, as data; boxes.py what a box looks like; placement.py where each one stands
(arrangement.py: in which rank); svg.py writes it, png.py makes a PNG of that; digraph.py is draw_dot(y).
Open drawing.py first: it is draw(y).
"""
