"""Plots with matplotlib: a loss curve, a decision boundary, a descent, functions with their derivatives, a slope.

matplotlib is an extra (``pip install "glassgrad[plot]"``) and is imported when a plot is drawn.  Beside
each plot stands a function that gives the numbers that are plotted, as plain lists.

Losses live with what they are of (nn/history/curve.py); boundaries.py has what a network decides, descent.py a path
downhill, activations.py functions with their derivatives, slopes.py the slope at one place, gradients.py what
reaches each layer, animation.py pictures one after the other, figures.py what these share.  Open boundaries.py
first.
"""

from nn.history.curve import loss_curve, loss_curve_svg, loss_series
from nn.history.figure import import_matplotlib
from viz.plots.activations import ActivationCurve, activation_curve, activation_plot
from viz.plots.animation import Animation, animate
from viz.plots.boundaries import BoundaryGrid, decision_boundary, decision_boundary_grid
from viz.plots.descent import ContourGrid, contour_grid, descent_frames, descent_path, gradient_descent
from viz.plots.figures import save_plot
from viz.plots.gradients import LayerGradients, gradient_flow, layer_gradients
from viz.plots.slopes import SlopeCurve, slope_curve, slope_plot

__all__ = [
    "ActivationCurve",
    "Animation",
    "BoundaryGrid",
    "ContourGrid",
    "LayerGradients",
    "SlopeCurve",
    "activation_curve",
    "activation_plot",
    "animate",
    "contour_grid",
    "decision_boundary",
    "decision_boundary_grid",
    "descent_frames",
    "descent_path",
    "gradient_descent",
    "gradient_flow",
    "import_matplotlib",
    "layer_gradients",
    "loss_curve",
    "loss_curve_svg",
    "loss_series",
    "save_plot",
    "slope_curve",
    "slope_plot",
]
