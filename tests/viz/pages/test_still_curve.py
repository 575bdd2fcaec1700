"""What a page of one number leaves where frames are taken away: its curve, with the tangent where the number is."""

import base64
import re

import pytest

from autograd import Value
from viz import page
from viz.pages.still_curve import BOTTOM, HEIGHT, LEFT, RIGHT, ROOM, TOP, WIDTH, write_curve

SOUTH, NORTH = HEIGHT - TOP - BOTTOM - ROOM, ROOM


def curve_of(f, at, label="f"):
    x = Value(at, "x")
    result = f(x)
    result.label = label
    result.backward()
    return write_curve(result, x, x.grad)


def paths(svg):
    """The points of the curve, piece by piece, and of the tangent."""
    drawn = [
        [[tuple(map(float, point.split())) for point in piece.split("L")] for piece in path.split("M")[1:]]
        for path in re.findall(r'<path d="([^"H]+)"', svg)
    ]
    return drawn[0], drawn[1][0]


def across(x, reach):
    return (WIDTH - LEFT - RIGHT) * (x + reach) / (2 * reach)


def test_the_curve_goes_through_the_places_of_its_function():
    svg, words = curve_of(lambda x: x**2, 1.0)
    (points,), _ = paths(svg)
    assert len(points) == 241
    for x, height in ((-2, 4), (-1, 1), (0, 0), (1, 1), (2, 4)):
        wanted = across(x, 2), SOUTH + (NORTH - SOUTH) * height / 4
        assert min(points, key=lambda point: abs(point[0] - wanted[0])) == pytest.approx(wanted, abs=0.06)
    assert words == "f along x: at x = 1 it is 1, and its slope is 2"


def test_the_tangent_touches_at_the_number_and_is_as_steep_as_its_gradient():
    svg, _ = curve_of(lambda x: x**3 - 3 * x, -1.5)
    _, ((x0, y0), (x1, y1)) = paths(svg)
    scale = (NORTH - SOUTH) / 36 / ((WIDTH - LEFT - RIGHT) / 6)  # From −18 to 18, and from −3 to 3.
    assert (y1 - y0) / (x1 - x0) == pytest.approx(3.75 * scale, rel=0.01)
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx(
        (across(-1.5, 3), SOUTH + (NORTH - SOUTH) * 19.125 / 36), abs=0.1
    )


@pytest.mark.parametrize(
    ("f", "pieces"), [(lambda x: x.log(), 1), (lambda x: 1 / x, 2), (lambda x: (1 - x * x).sqrt() ** 0.5, 1)]
)
def test_where_the_function_is_not_defined_there_is_a_gap(f, pieces):
    drawn, _ = paths(curve_of(f, 0.5)[0])
    assert len(drawn) == pieces
    assert sum(map(len, drawn)) < 241


def test_a_flat_curve_and_a_minimum_that_is_nearly_0_have_readable_ends():
    assert ">−1</text>" in curve_of(lambda x: x * 0.0, 1.0)[0]
    svg, _ = curve_of(lambda w: (8.4 - 7 * w) ** 2, 2.0)
    assert re.findall(r">([^<>]+)</text>", svg) == [
        "−4", "0", "4", "0", "1325", "f along x: at x = 2 it is 31.36, and its slope is 78.4",
    ]  # fmt: skip


@pytest.mark.parametrize("at", [1e308, -1e300, 1e-300, 5e-324])
def test_numbers_of_any_size_have_a_curve(at):
    svg, _ = curve_of(lambda x: x * 0.5, at)
    assert len(paths(svg)[0][0]) == 241
    assert not re.search("nan|inf", svg)


def test_a_page_of_one_number_leaves_its_curve_and_its_graph_and_others_their_graph_only():
    def left(result):
        beside = re.sub("<iframe.*?</iframe>", "", page(result)._repr_html_(), flags=re.DOTALL)
        found = re.findall(r'<img alt="([^"]*)"[^>]*base64,([^"]*)"', beside)
        return [(alt, base64.b64decode(svg).decode()) for alt, svg in found]

    x, y = Value(1.5, "<b>x"), Value(2.0, "y")
    (said, curve), (_, graph) = left(x * x)
    assert said == "the result along &lt;b&gt;x: at &lt;b&gt;x = 1.5 it is 2.25, and its slope is 3"
    assert said in curve
    assert "<b>" not in curve
    assert "<circle" in curve
    assert "×" in graph or "·" in graph
    assert len(left(x * y)) == 1
