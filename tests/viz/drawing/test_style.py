"""How numbers, labels and colours look."""

import re

import hypothesis.strategies as st
from hypothesis import given

from autograd.core.numbers import write_gradient
from viz.drawing.style import DARK, LIGHT, printable, shorten, tint, width_of


@given(st.floats(1e-320, 1e308))
def test_the_sign_has_two_cues(size):
    assert write_gradient(-size) == "−" + write_gradient(size)
    blue, orange = tint(size), tint(-size)
    assert blue[5:7] == "ff" or int(blue[5:7], 16) > int(blue[1:3], 16)
    assert int(orange[1:3], 16) > int(orange[5:7], 16)


def luminance(colour):
    """WCAG 2.2's relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@given(st.floats(allow_nan=True))
def test_text_is_legible_on_every_tint(grad):
    contrast = (luminance(tint(grad)) + 0.05) / (luminance(LIGHT["ink"]) + 0.05)
    assert contrast >= 4.5  # WCAG 2.2, criterion 1.4.3


def test_a_larger_gradient_has_a_fuller_tint():
    depths = [luminance(tint(10.0**power)) for power in range(-6, 3)]
    assert depths == sorted(depths, reverse=True)
    assert len(set(depths)) == 7


@given(st.text(st.characters(), max_size=60))
def test_printable_text_is_allowed_in_xml(text):
    shown = printable(text)
    assert len(shown) == len(text)
    shown.encode()
    assert not re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]", shown)


def test_ordinary_text_of_any_language_stays_as_it_is():
    for text in ["θ₁", "Größe", "重み", "وزن", "👩‍🔬", "a & b < c"]:
        assert printable(text) == text


@given(st.text(max_size=500))
def test_short_labels_are_short(text):
    assert len(shorten(text)) <= 28
    assert shorten(text) == text or "…" in shorten(text)


def test_the_estimated_width_is_never_less_than_that_of_dejavu_sans():
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(family="DejaVu Sans")
    for text in ["data -0.7071", "grad +1.23e-05", "hidden layer 1", "WMWM", "illi", "0123456789", "w1", "σ", "θ₁"]:
        extents = TextPath((0, 0), text, size=13, prop=font).get_extents()
        assert extents.width <= width_of(text, 13) * 1.02, text
        assert width_of(text, 13) <= extents.width * 1.6 + 4, text


def test_text_is_legible_on_light_and_on_dark_pages():
    assert LIGHT.keys() == DARK.keys()
    for colours in (LIGHT, DARK):
        for text, ground in (
            ("ink", "card"),
            ("ink", "pale"),
            ("muted", "card"),
            ("muted", "frame"),
            ("ink", "page"),
        ):
            lighter, darker = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (text, ground)
