"""Pictures of computation graphs, with every number and gradient in its place.

>>> from autograd import Value
>>> from viz import draw
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> L = (a * b).tanh()
>>> L.backward()
>>> draw(L)
<Drawing of 4 values and 2 operations; a notebook shows it, drawing.save("graph.svg") saves it>
"""

import os as _os
import runpy as _runpy

# A file of one's own, or another library, may hide a package of ours: this look at it must not go by its name.
if _problem := _runpy.run_path(_os.path.join(_os.path.dirname(__path__[0]), "autograd", "installation.py"))[
    "find_stranger"
]("autograd", "nn"):
    raise ImportError(_problem)

from viz.comparison import four_ways

# None of these imports a heavy library (matplotlib, wasmtime, ...): that happens when the first picture is drawn.
from viz.drawing import Drawing, draw, draw_dot
from viz.examples import EXAMPLES
from viz.exhibits import museum
from viz.explanation import Explanation, explain
from viz.expressions import parse
from viz.graph import DrawingError, GraphTooLargeError
from viz.narration import narrate
from viz.page_widget import widget
from viz.pages import Page, page
from viz.plots import (
    activation_plot,
    decision_boundary,
    descent_path,
    gradient_descent,
    loss_curve,
    loss_curve_svg,
    save_plot,
)
from viz.questions import quiz
from viz.renderers import CannotRenderError
from viz.terminal import step
from viz.worksheets import worksheet

__all__ = [
    "CannotRenderError", "Drawing", "DrawingError", "EXAMPLES", "Explanation", "GraphTooLargeError", "Page",
    "activation_plot", "decision_boundary", "descent_path", "draw", "draw_dot", "explain", "four_ways",
    "gradient_descent", "loss_curve", "loss_curve_svg", "museum", "narrate", "page", "parse", "quiz",
    "save_plot", "step", "widget", "worksheet",
]  # fmt: skip
