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


def test_its_first_picture_moves_is_small_and_can_be_made_anew() -> None:
    found = re.search(r"!\[(.+?)\]\((.+?)\)", TEXT)
    assert found
    words, file = found.groups()
    assert len(words) > 40
    picture = (ROOT / file).read_bytes()
    assert len(picture) < 1_500_000
    assert picture.startswith(b"GIF89a")
    # It goes on without end, and has many frames, each with the time for which it is seen.
    assert b"NETSCAPE2.0\x03\x01\x00\x00" in picture
    assert picture.count(b"\x21\xf9\x04") > 50
    assert "animation: setup-test\n\t$(BIN)/python docs/make_animation.py\n" in (ROOT / "Makefile").read_text(
        "utf-8"
    )
    assert f"``make animation``.\n\n{Path(file).name}:" in (ROOT / "docs/make_animation.py").read_text("utf-8")
