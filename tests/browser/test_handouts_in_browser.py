"""Worksheets and the museum in a real browser: on paper through its PDF, on a telephone, light and dark."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from viz import EXAMPLES, museum, worksheet

Visit = Callable[..., Any]
Matrix = tuple[float, float, float, float, float, float]
PAPERS = {"A4": (595.3, 841.9), "Letter": (612.0, 792.0)}

# --- a PDF, read by ourselves -------------------------------------------------------------------------------


def pages_of(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of each page, in points."""
    boxes = re.findall(rb"/Type /Page\b(?!s).*?/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf, re.DOTALL)
    return [(float(width), float(height)) for width, height in boxes]


def times(a: Matrix, b: Matrix) -> Matrix:
    return (
        a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4], a[4] * b[1] + a[5] * b[3] + b[5],
    )  # fmt: skip


def font_sizes(pdf: bytes) -> Iterator[float]:
    """The size in points of every piece of text, from the operators of the PDF's own pages."""
    for found in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            content = zlib.decompress(found[1]).decode("latin-1")
        except zlib.error:
            continue
        if " Tf" not in content:
            continue
        now: Matrix = (1, 0, 0, 1, 0, 0)
        text: Matrix = now
        saved, size = [], 0.0
        number = r"-?[\d.]+"
        words = rf"(?P<cm>(?:{number}\s+){{6}})cm|(?P<tm>(?:{number}\s+){{6}})Tm|(?P<tf>{number})\s+Tf|\b(?P<op>q|Q|Tj|TJ)\b"
        for word in re.finditer(words, content):
            if word["cm"]:
                now = times(tuple(map(float, word["cm"].split())), now)  # type: ignore[arg-type]
            elif word["tm"]:
                text = tuple(map(float, word["tm"].split()))  # type: ignore[assignment]
            elif word["tf"]:
                size = float(word["tf"])
            elif word["op"] == "q":
                saved.append(now)
            elif word["op"] == "Q":
                now = saved.pop()
            else:
                whole = times(text, now)
                yield size * abs(whole[0] * whole[3] - whole[1] * whole[2]) ** 0.5


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_worksheet_prints_upright_and_large_enough(visit: Visit, name: str) -> None:
    tab = visit(worksheet(EXAMPLES[name].build))
    for paper, (width, height) in PAPERS.items():
        pdf = tab.pdf(format=paper)
        pages = pages_of(pdf)
        assert 2 <= len(pages) <= 7
        for found in pages:
            assert found == pytest.approx((width, height), abs=1)
        sizes = [size for size in font_sizes(pdf) if size > 0]
        assert len(sizes) > 50
        assert min(sizes) >= 8.95


def test_small_sheets_take_one_page_and_one_for_the_key(visit: Visit) -> None:
    tab = visit(worksheet(EXAMPLES["karpathy"].build))
    for paper in PAPERS:
        assert len(pages_of(tab.pdf(format=paper))) == 2
    assert tab.locator(".room").count() == 1


@pytest.mark.parametrize("name", ["alice", "karpathy", "micrograd"])
def test_blanks_have_room_for_a_pencil(visit: Visit, name: str) -> None:
    tab = visit(worksheet(EXAMPLES[name].build), width=688)
    tab.emulate_media(media="print")
    millimetre = 96 / 25.4
    boxes = tab.evaluate(
        """() => [...document.querySelectorAll("main .wide .tint, main td:nth-child(4), section:not(.key) td:nth-child(4)")]
        .map(e => e.getBoundingClientRect()).map(r => [r.width, r.height])"""
    )
    assert len(boxes) > 10
    for width, height in boxes:
        assert width >= 20.9 * millimetre
        assert height >= 6.9 * millimetre
    rows = tab.evaluate(
        '() => [...document.querySelectorAll("tr:has(td)")].filter(e => !e.closest(".key"))'
        ".map(e => e.getBoundingClientRect().height)"
    )
    assert min(rows) >= 8 * millimetre - 0.5


@pytest.mark.parametrize("name", ["alice", "karpathy", "mazur", "micrograd", "museum"])
def test_nothing_is_wider_than_a_telephone(visit: Visit, name: str) -> None:
    tab = visit(museum() if name == "museum" else worksheet(EXAMPLES[name].build), width=390, height=844)
    assert tab.evaluate("() => document.documentElement.scrollWidth") == 390
    sizes = tab.evaluate(
        """() => [...document.querySelectorAll("svg")].filter(svg => svg.checkVisibility()).flatMap(svg => {
            const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width
            return [...svg.querySelectorAll("text")].map(t => parseFloat(getComputedStyle(t).fontSize) * scale)
        })"""
    )
    assert sizes
    assert min(sizes) >= 10.9


CONTRAST = """() => {
    const parse = colour => (colour.match(/[\\d.]+/g) || []).map(Number)
    const light = ([r, g, b]) => {
        const part = x => (x /= 255) <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4
        return .2126 * part(r) + .7152 * part(g) + .0722 * part(b)
    }
    const ground = element => {
        for (let e = element; e; e = e.parentElement) {
            const colour = parse(getComputedStyle(e).backgroundColor)
            if (colour.length === 3 || colour[3] === 1) return colour
        }
        return [255, 255, 255]
    }
    const found = []
    for (const e of document.querySelectorAll("body *")) {
        if (e.closest("svg") || !e.checkVisibility()) continue
        if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue
        const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x)
        found.push([(a + .05) / (b + .05), e.textContent.slice(0, 40)])
    }
    return found
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["alice", "museum"])
def test_words_stand_out_from_their_ground(visit: Visit, name: str, scheme: str) -> None:
    made = museum() if name == "museum" else worksheet(EXAMPLES[name].build)
    tab = visit(made, color_scheme=scheme)
    found = tab.evaluate(CONTRAST)
    assert len(found) > 20
    assert not [(ratio, text) for ratio, text in found if ratio < 4.5]
    tab.emulate_media(media="print")
    ink = tab.evaluate("() => getComputedStyle(document.querySelector('p')).color")
    assert ink == "rgb(27, 31, 36)"
