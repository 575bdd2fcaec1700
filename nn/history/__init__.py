"""What a run leaves behind: its record, and the curve of its loss.

record.py has History, plain lists with an entry for each epoch; parameters.py gives a model back the numbers of an
epoch; curve.py draws the losses, with matplotlib or as plain SVG; figure.py is the figure that all plots are drawn
on, those of ``viz.plots`` too.  Open record.py first.
"""

from nn.history.record import History

__all__ = ["History"]
