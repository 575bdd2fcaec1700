"""Everything of glassgrad under one name: what ``autograd`` exports, and the packages ``nn`` and ``viz``.

>>> import glassgrad as gg
>>> w = gg.Value(0.5, "w")
>>> L = gg.nn.half_squared_error(gg.tanh(w), 1.0)
>>> L.backward()
>>> gg.viz.draw(L)
<Drawing of ... values and ... operations; drawing.save("graph.svg") saves it>

The names, and what they stand for, are those of the packages; there is no code here.  Open ``autograd`` first.
"""

import os as _os
import runpy as _runpy
import typing as _typing
from importlib import import_module as _import_module

# A file of one's own, or another library, may hide a package of ours: this look at it must not go by its name.
if _problem := _runpy.run_path(_os.path.join(_os.path.dirname(__path__[0]), "autograd", "installation.py"))[
    "find_stranger"
]("autograd", "nn", "viz"):
    raise ImportError(_problem)

import autograd as _autograd

__all__ = ["nn", "viz"]
__all__ += _autograd.__all__

if _typing.TYPE_CHECKING:
    import nn as nn
    import viz as viz
    from autograd import *  # noqa: F403
    from autograd import __version__ as __version__
    from autograd import abs as abs
    from autograd import compile as compile
else:
    _PUBLIC = {*__all__, "__version__", "abs", "compile"}

    def __getattr__(name):
        """Look a name up when it is first asked for: what nobody asks for is not imported."""
        if name not in _PUBLIC:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found = _import_module(name) if name in ("nn", "viz") else getattr(_autograd, name)
        return found

    def __dir__():
        return sorted({*globals(), *_PUBLIC})
