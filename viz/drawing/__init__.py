"""A computation graph as a picture: what it shows, where everything stands, and how it is written.

picture.py is what a drawing shows, as data; placement.py says where it stands; svg.py writes it; drawn.py
is draw(y), digraph.py draw_dot(y).  Open drawn.py first.
"""
