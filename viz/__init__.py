"""Pictures of computation graphs, with every number and gradient in its place.

>>> from autograd import Value
>>> from viz import draw
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> L = (a * b).tanh()
>>> L.backward()
>>> draw(L)
<Drawing of 4 values and 2 operations; a notebook shows it, drawing.save("graph.svg") saves it>
"""

# nn comes first: it explains itself if the library 'autograd' from PyPI hides ours.
import nn as _nn  # noqa: F401

# None of these imports a heavy library (matplotlib, wasmtime, ...): that happens when the first picture is drawn.
from viz.drawing import Drawing, draw, draw_dot
from viz.expressions import parse
from viz.graph import DrawingError, GraphTooLargeError
from viz.plots import (
    activation_plot,
    decision_boundary,
    descent_path,
    gradient_descent,
    loss_curve,
    loss_curve_svg,
    save_plot,
)
from viz.renderers import CannotRenderError

__all__ = [
    "CannotRenderError", "Drawing", "DrawingError", "GraphTooLargeError", "activation_plot",
    "decision_boundary", "descent_path", "draw", "draw_dot", "gradient_descent", "loss_curve",
    "loss_curve_svg", "parse", "save_plot",
]  # fmt: skip
