"""How numbers, labels and colours look."""

import math
import re

import hypothesis.strategies as st
import pytest
from hypothesis import given

from viz.drawing.style import (
    DARK,
    LIGHT,
    edge_width,
    flow,
    printable,
    reference_of,
    share_of_tint,
    shorten,
    tint,
    width_of,
)


@given(st.floats(1e-300, 1e300), st.floats(1e-300, 1e300))
def test_the_sign_is_seen_in_the_colour(size, reference):
    blue, orange = tint(size, reference), tint(-size, reference)
    assert int(blue[5:7], 16) > int(blue[1:3], 16)
    assert int(orange[1:3], 16) > int(orange[5:7], 16)


def luminance(colour):
    """WCAG 2.2's relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """WCAG 2.2's contrast ratio."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@given(st.floats(allow_nan=True), st.sampled_from([LIGHT, DARK]))
def test_text_is_legible_on_every_tint(grad, colours):
    assert contrast(tint(grad, colours=colours), colours["ink"]) >= 4.5  # WCAG 2.2, criterion 1.4.3


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_everything_that_is_drawn_can_be_told_from_its_ground(colours):
    grounds = ["card", "frame", "inner-frame", "page"]
    for ground in (*grounds, "pale"):
        for text in ("ink", "muted"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for ground in grounds:
        assert contrast(colours["accent"], colours[ground]) >= 4.5, ground
        for line in ("positive-line", "negative-line"):
            assert contrast(colours[line], colours[ground]) >= 4.5, (line, ground)
        # Criterion 1.4.11: borders, and thin and dotted lines.
        assert contrast(colours["line"], colours[ground]) >= 3, ground
    for text, ground in (
        ("accent", "accent-pale"),
        ("ink", "accent-pale"),
        ("alarm", "alarm-pale"),
        ("card", "accent"),
    ):
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


def as_seen_with_deuteranopia(colour):
    """A colour as people see it who have no receptor for green (Machado, Oliveira and Fernandes, 2009)."""
    matrix = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return [sum(m * c for m, c in zip(row, linear, strict=True)) for row in matrix]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_blue_and_orange_stay_apart_for_those_who_see_no_green(colours):
    for kind in ("", "-line"):
        blue, orange = (as_seen_with_deuteranopia(colours[f"{name}{kind}"]) for name in ("positive", "negative"))
        # What is left of hue: more blue light than yellow, or less.
        assert blue[2] - blue[0] > 0.1
        assert orange[0] - orange[2] > 0.1


# --- what flows back


@given(st.lists(st.floats(1e-290, 1e290)))
def test_the_reference_is_the_largest_rounded_up_to_1_2_or_5(sizes):
    reference, largest = reference_of(sizes), max(sizes, default=1.0)
    assert largest <= reference <= 2.5 * largest * (1 + 1e-12)
    assert f"{reference:.6e}"[:8] in ("1.000000", "2.000000", "5.000000")


@given(st.floats(0, 1e3), st.floats(0, 1e3), st.floats(1e-6, 1e6))
def test_what_is_larger_is_wider_and_fuller(one, other, reference):
    small, large = sorted((one, other))
    assert edge_width(small, reference) <= edge_width(-large, reference) <= 10.1
    assert share_of_tint(-small, reference) <= share_of_tint(large, reference) <= 1


def test_a_small_gradient_looks_other_than_a_large_one():
    assert [round(share_of_tint(x), 2) for x in (0.01, 0.95)] == [0.17, 0.98]
    assert [round(edge_width(x), 1) for x in (0.01, 0.95)] == [1.7, 7.8]
    depths = [luminance(tint(0.1**power)) for power in range(6)]
    assert depths == sorted(depths)


def test_what_is_not_finite_is_drawn():
    for x in (math.inf, -math.inf, math.nan, None):
        assert 1 <= edge_width(x) <= 10.1
        assert contrast(tint(x), LIGHT["ink"]) >= 4.5
    assert [flow(x) for x in (math.inf, -math.inf, math.nan)] == ["positive", "negative", "pending"]
    assert reference_of([math.nan, math.inf, 0.3]) == 0.5


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


def test_light_and_dark_have_the_same_colours():
    assert LIGHT.keys() == DARK.keys()
