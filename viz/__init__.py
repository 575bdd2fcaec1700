"""Pictures of computation graphs, with every number and gradient in its place.

>>> from autograd import Value
>>> from viz import draw
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> L = (a * b).tanh()
>>> L.backward()
>>> draw(L)
<Drawing of 4 values and 2 operations; drawing.save("graph.svg") saves it>
"""

import os as _os
import runpy as _runpy
import typing as _typing

# A file of one's own, or another library, may hide a package of ours: this look at it must not go by its name.
if _problem := _runpy.run_path(_os.path.join(_os.path.dirname(__path__[0]), "autograd", "installation.py"))[
    "find_stranger"
]("autograd", "nn"):
    raise ImportError(_problem)

from autograd.core.on_demand import names_on_demand as _names_on_demand

__all__ = [
    "CannotRenderError", "Drawing", "DrawingError", "EXAMPLES", "ExerciseSheet", "Explanation",
    "GraphTooLargeError", "Page", "activation_plot", "animate", "check_engine", "decision_boundary",
    "descent_frames", "descent_path", "draw", "draw_dot", "explain", "four_ways", "gradient_descent",
    "gradient_flow", "loss_curve", "loss_curve_svg", "museum", "narrate", "page", "parse", "quiz", "save_plot",
    "slope_plot", "step", "widget", "worksheet",
]  # fmt: skip

if _typing.TYPE_CHECKING:
    from viz.drawing.drawing import Drawing, draw, draw_dot
    from viz.drawing.picture import DrawingError, GraphTooLargeError
    from viz.drawing.renderers import CannotRenderError
    from viz.engines.engine_check import check_engine
    from viz.engines.museum_exhibits import museum
    from viz.exercises.exercise_sheet import ExerciseSheet
    from viz.exercises.questions import quiz
    from viz.exercises.worksheets import worksheet
    from viz.explaining.comparison import four_ways
    from viz.explaining.explanation import Explanation, explain
    from viz.formulas.parser import parse
    from viz.formulas.worked_examples import EXAMPLES
    from viz.pages.html import Page, page
    from viz.pages.notebook_widget import widget
    from viz.plots import (
        activation_plot,
        animate,
        decision_boundary,
        descent_frames,
        descent_path,
        gradient_descent,
        gradient_flow,
        loss_curve,
        loss_curve_svg,
        save_plot,
        slope_plot,
    )
    from viz.stepping.narration import narrate
    from viz.stepping.terminal import step
else:
    __getattr__, __dir__ = _names_on_demand(
        __name__,
        {
            "drawing.drawing": "Drawing draw draw_dot",
            "drawing.picture": "DrawingError GraphTooLargeError",
            "drawing.renderers": "CannotRenderError",
            "engines.engine_check": "check_engine",
            "engines.museum_exhibits": "museum",
            "exercises.exercise_sheet": "ExerciseSheet",
            "exercises.questions": "quiz",
            "exercises.worksheets": "worksheet",
            "explaining.explanation": "Explanation explain",
            "explaining.comparison": "four_ways",
            "formulas.parser": "parse",
            "formulas.worked_examples": "EXAMPLES",
            "pages.html": "Page page",
            "pages.notebook_widget": "widget",
            "plots": "activation_plot animate decision_boundary descent_frames descent_path gradient_descent "
            "gradient_flow loss_curve loss_curve_svg",
            "plots.figures": "save_plot",
            "plots.slopes": "slope_plot",
            "stepping.narration": "narrate",
            "stepping.terminal": "step",
        },
    )
