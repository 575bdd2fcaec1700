"""Frames: at most 600 px high, and a sentence or a picture for whoever takes frames, styles or scripts away."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from autograd import trace
from viz import EXAMPLES, draw, explain, four_ways, museum, page, quiz, worksheet
from viz.frames import HEIGHT, frame


class WithoutFrames(HTMLParser):
    """What a careful front end leaves: no frame, no script, no style, no SVG, no attribute that it does not know."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.words, self.pictures = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag not in ("iframe", "script", "style", "svg"):
            self.tags.append(tag)
        if tag == "img":
            self.pictures.append(dict(attributes)["src"])

    def handle_data(self, data):
        self.words.append(data)


def loss():
    L = EXAMPLES["karpathy"].build()
    L.backward()
    return L


FRAMED = {
    "page": lambda: page(loss()),
    "worksheet": lambda: worksheet(loss()),
    "museum": museum,
    "exhibit": lambda: museum()["overwriting"],
}


@pytest.mark.parametrize("name", FRAMED)
def test_a_frame_is_low_enough_for_every_notebook(name):
    html = FRAMED[name]()._repr_html_()
    [opening] = re.findall(r"<iframe\b[^>]*>", html)
    outside = opening.replace(re.search(r"srcdoc='[^']*'", opening)[0], "")
    heights = [int(x) for x in re.findall(r'height[=:]"?(\d+)', outside)]
    assert heights == [HEIGHT, HEIGHT]
    assert HEIGHT <= 600
    assert "box-sizing:border-box" in outside
    assert 'width="100%"' in outside
    assert "lazy" not in outside


@pytest.mark.parametrize("name", FRAMED)
def test_without_frames_there_is_a_sentence(name):
    left = WithoutFrames(FRAMED[name]()._repr_html_())
    words = " ".join(left.words)
    assert len(words.split()) >= 10
    assert "<" not in words
    if name in ("page", "worksheet"):
        [source] = left.pictures
        assert source.startswith("data:image/svg+xml;base64,")
    if name == "exhibit":
        assert len(left.pictures) == 2
        assert left.tags.count("tr") == 4
        assert "✗ wrong" in words


def test_a_frame_shows_the_page_that_it_was_given():
    text = '<p title="a">a & b: it\'s</p>'
    found = re.search(r"srcdoc='([^']*)'", frame(text, '"><b>', ""))
    assert unescape(found[1]) == text
    assert "<b>" not in frame(text, '"><b>', "")


SHORT = {
    "drawing": draw,
    "page": page,
    "worksheet": worksheet,
    "trace": trace,
    "four_ways": four_ways,
    "explanation": lambda L: explain(L, trace(L).nodes[0].label or trace(L).nodes[2].label),
    "digraph": lambda L: draw(L).graphviz,
    "forward step": lambda L: trace(L).forward[0],
    "seed": lambda L: trace(L).seed,
    "backward step": lambda L: trace(L).backward[-1],
    "exhibits": lambda L: museum()["breadth_first"],
    "museum": lambda L: museum(),
}


@pytest.mark.parametrize("example", ["alice", "karpathy", "micrograd"])
@pytest.mark.parametrize("name", SHORT)
def test_a_terminal_shows_what_it_is_in_a_line(name, example):
    L = EXAMPLES[example].build()
    L.backward()
    shown = repr(SHORT[name](L))
    assert "\n" not in shown
    assert len(shown) <= 100
    assert not re.search(r"\bv\d+\b|0x[0-9a-f]{6}|\d\.\d{8}", shown)  # no ids, no addresses, no endless numbers


def test_a_quiz_in_a_terminal_is_narrow_enough():
    assert max(map(len, repr(quiz(loss())).splitlines())) <= 100
