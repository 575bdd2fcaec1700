"""What the pages of the documentation show is what happens, and whatever they point at is there."""

from __future__ import annotations

import doctest
import re
import runpy
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograd import ops

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
ALL_PAGES = [
    *sorted(ROOT.glob("*.md")), *PAGES, *(ROOT / folder / "README.md" for folder in ("benchmarks", "notebooks")),
]  # fmt: skip
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

WITH_EXAMPLES = {
    "coming_from_micrograd", "comparing_values", "drawings", "edge_points", "errors", "exercises", "explanations", "gradients", "installing",
    "machine_code", "networks", "operations", "programs", "sequences", "steps", "training",
}  # fmt: skip
"""Pages that show what happens; the others only say so."""

by_name = pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def test_the_page_of_operations_names_every_one() -> None:
    named = set(re.findall(r"`(\w+)`", (DOCS / "operations.md").read_text(encoding="utf-8")))
    assert {op.name for op in ops.ALL.values() if op.is_built_in} <= named


def headings(page: Path) -> set[str]:
    """What comes after # in a link to a heading of the page."""
    lines = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_run(page: Path) -> None:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    results = doctest.testfile(str(page), module_relative=False, optionflags=flags, encoding="utf-8")
    assert (results.attempted > 0) == (page.stem in WITH_EXAMPLES)
    assert results.failed == 0


def test_the_index_names_every_page() -> None:
    linked = set(re.findall(r"\]\((\w+)\.md\)", prose(DOCS / "README.md")))
    assert linked == {page.stem for page in PAGES} - {"README"}


@by_name
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^()\s]+)\)", prose(page)):
        if link.startswith("https://"):
            continue
        file, _, heading = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT)
        assert not heading or heading in headings(target), link


@by_name
def test_every_command_and_file_that_is_named_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"(?:`|^)make (?:[A-Z]+=\S+ )*([a-z]\w*)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), f"make {target}"
    named = re.findall(r"(?:`|^ *)(?:\S*/)?python ([\w/]+\.py)", text, re.MULTILINE)
    named += re.findall(r"`((?:autograd|nn|viz|glassgrad|tests|docs|benchmarks|notebooks)/[\w./-]*)`", text)
    for name in named:
        assert (ROOT / name).exists(), name


def test_the_picture_of_the_architecture_is_that_of_todays_imports() -> None:
    """Its words are compared and not its looks; make architecture draws it anew."""
    architecture = runpy.run_path(str(DOCS / "architecture.py"))
    words = architecture["describe"](architecture["make_boxes"](architecture["read_imports"]()))
    drawn = ElementTree.parse(DOCS / "architecture.svg").getroot()
    assert drawn.findtext("{http://www.w3.org/2000/svg}desc") == words
