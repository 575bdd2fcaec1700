"""Notice when another library named ``autograd`` was installed into the same environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

EXPLANATION = """\
Two libraries with the import name 'autograd' are installed in this environment: glassgrad and the \
distribution 'autograd' from PyPI. They overwrite each other's files, so neither can be trusted here.
  To use glassgrad:   pip uninstall -y autograd glassgrad, then install glassgrad again
  To keep both:       give each one a virtual environment of its own (python -m venv NAME)"""


def refuse_a_mixture(our_folders: Iterable[str]) -> None:
    """Raise ImportError if the other library lies in our own folder or beside us on the import path.

    It is known by its subpackage ``autograd/numpy``, which we do not have.
    """
    for folder in {*our_folders, *(os.path.join(place, "autograd") for place in sys.path)}:
        if os.path.isfile(os.path.join(folder, "numpy", "__init__.py")):
            raise ImportError(EXPLANATION)
