"""Pictures of computation graphs, with every number and gradient in its place.

>>> from autograd import Value
>>> from viz import draw
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> L = (a * b).tanh()
>>> L.backward()
>>> draw(L)
<Drawing of 4 values and 2 operations; a notebook shows it, drawing.save("graph.svg") saves it>
"""

import autograd as _engine

# The library 'autograd' on PyPI has neither of these, and cannot explain itself in our place.
if not hasattr(_engine, "Value") or not hasattr(_engine, "Op"):
    raise ImportError(
        "viz needs the package 'autograd' that belongs to glassgrad, but another library with the import name "
        f"'autograd' hides it: {getattr(_engine, '__file__', None)}\n"
        "  To use glassgrad:   pip uninstall -y autograd glassgrad, then install glassgrad again\n"
        "  To keep both:       give each one a virtual environment of its own (python -m venv NAME)"
    )

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
