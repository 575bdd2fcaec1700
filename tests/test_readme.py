"""What the README shows is what happens, and it stays short."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")


def test_the_examples_of_the_readme_run() -> None:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    results = doctest.testfile(str(README), module_relative=False, optionflags=flags, encoding="utf-8")
    assert results.attempted > 20
    assert results.failed == 0


def test_it_can_be_read_in_one_sitting() -> None:
    assert len(TEXT) <= 9000


def test_the_files_of_the_one_sitting_are_as_long_as_it_says() -> None:
    """Within a tenth: a file may grow by a few lines without a word here."""
    rows = re.findall(r"^\| \d+ \| \[`(.*?)`\]\(\1\) \| (\d+) \|", TEXT, re.MULTILINE)
    assert len(rows) >= 5
    for file, lines in rows:
        long = len((ROOT / file).read_text(encoding="utf-8").splitlines())
        assert abs(long - int(lines)) <= 0.1 * long, f"{file} has {long} lines"


def test_its_commands_are_those_of_the_environment_that_make_demo_makes() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "VENV ?= .venv\n" in makefile
    assert "demo: setup-demo\n" in makefile
    shown = [line for block in re.findall(r"^```bash\n(.*?)^```", TEXT, re.M | re.S) for line in block.splitlines()]
    assert len(shown) >= 7
    assert all(line.startswith(("make ", ".venv/bin/glassgrad ")) for line in shown)
