"""The tables of docs/edge_points.md are those that its script finds today."""

import re
import runpy
from importlib.metadata import version
from pathlib import Path

import pytest

from autograd.accuracy.edges import EXCUSES

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "edge_points.md").read_text(encoding="utf-8")


def test_the_page_names_every_exception():
    for excuse in EXCUSES:
        assert excuse.reason.replace("|", r"\|") in PAGE


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_tables_of_the_page_are_todays():
    for package in ("mpmath", "torch", "jax"):
        pytest.importorskip(package, reason="the page compares glassgrad, PyTorch and JAX with mpmath")
    made_with = re.search(r"PyTorch (\S+) and JAX (\S+), in", PAGE)
    if made_with is None or made_with.groups() != (version("torch"), version("jax")):
        pytest.skip("the page was made with other versions of PyTorch and JAX")
    script = runpy.run_path(str(DOCS / "edge_points.py"))
    assert script["written"](PAGE, script["tables"]()) == PAGE
