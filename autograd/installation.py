"""Notice when something else is found under one of our import names: another library, or a file of one's own.

``nn`` and ``viz`` run this file by its place, because they cannot trust its name; so it imports nothing of ours.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib.util import find_spec

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
        if is_the_other_library(folder):
            raise ImportError(EXPLANATION)


def is_the_other_library(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "numpy", "__init__.py"))


def find_stranger(*names: str) -> str:
    """What to do about the first of these names that stands for something else than our package; "" if none does.

    They are looked for and not imported: a file of one's own may import us in turn.
    """
    place = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for name in names:
        file = file_of(name)
        folder = os.path.dirname(file)
        if file and not os.path.samefile(folder, os.path.join(place, name)):
            return EXPLANATION if is_the_other_library(folder) else explain_stranger(name, file)
    return ""


def file_of(name: str) -> str:
    """The file that an import of this name runs, or has run; "" if there is none."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):  # a module that was made by hand
        spec = None
    file = spec.origin if spec is not None else getattr(sys.modules.get(name), "__file__", None)
    return file if file is not None and os.path.isfile(file) else ""


def explain_stranger(name: str, file: str) -> str:
    if "site-packages" in file or "dist-packages" in file:
        return (
            f"Another library with the import name {name!r} is installed and hides glassgrad's: {file}\n"
            "  Give each one a virtual environment of its own (python -m venv NAME)"
        )
    yours = os.path.dirname(file) if os.path.basename(file) == "__init__.py" else file
    return (
        f"A file of your own hides glassgrad's package {name!r}, because Python finds it first: {yours}\n"
        f"  Give it another name (my_{os.path.basename(yours)}, say), and restart Python or the notebook's kernel"
    )
