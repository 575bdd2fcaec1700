"""Animations: their frames read back by Pillow, one by one, and what the paths in them show."""

import io
import sys

import numpy as np
import pytest
from PIL import Image, ImageChops

import nn
from autograd import Value, sigmoid
from viz import plots
from viz.drawing.drawing import draw
from viz.drawing.png import size_of


def bowl(x, y):
    return x**2 + 4 * y**2


PATHS = {
    name: plots.gradient_descent(bowl, (4.0, 1.5), lr, steps=12) for name, lr in (("slow", 0.01), ("fast", 0.2))
}


@pytest.fixture(scope="module")
def race():
    return plots.animate(plots.descent_frames(bowl, PATHS, most=4, resolution=15), milliseconds=100)


def frames_in(content):
    image = Image.open(io.BytesIO(content))
    pictures, times = [], []
    for n in range(image.n_frames):
        image.seek(n)
        pictures.append(image.convert("RGB"))
        times.append(image.info.get("duration"))
    return image, pictures, times


def largest_difference(a, b):
    return max(high for _, high in ImageChops.difference(a.convert("RGB"), b.convert("RGB")).getextrema())


# --- the files ------------------------------------------------------------------------------------------


def test_the_animated_png_has_an_overview_and_then_the_frames(race):
    image, pictures, times = frames_in(race.png())
    assert (image.format, image.info["loop"], image.size) == ("PNG", 0, (560, 384))
    overview, *frames = pictures
    assert times[1:] == [100, 100, 100, 2000]
    for frame, kept in zip(frames, race.frames, strict=True):
        assert largest_difference(frame, Image.open(io.BytesIO(kept))) == 0
    for n, frame in enumerate(frames):
        corner = (n % 2 * 280, n // 2 * 192)
        part = np.asarray(overview.crop((*corner, corner[0] + 280, corner[1] + 192)), dtype=float)
        assert np.abs(part - np.asarray(frame.resize((280, 192)), dtype=float)).mean() < 3


def test_the_gif_has_the_same_frames(race):
    image, pictures, times = frames_in(race.gif())
    assert (image.format, image.info["loop"]) == ("GIF", 0)
    assert times == [100, 100, 100, 2000]
    for frame, kept in zip(pictures, race.frames, strict=True):
        assert largest_difference(frame, Image.open(io.BytesIO(kept))) == 0


def test_frames_look_like_the_plots_that_they_were():
    figures = [
        plots.activation_plot("tanh"),
        plots.decision_boundary(lambda x: sigmoid(x[0]), nn.data.xor(), resolution=9),
    ]
    for figure in figures:
        figure.draw_without_rendering()  # matplotlib places everything a little better the second time
    for figure, frame in zip(figures, plots.animate(figures).frames, strict=True):
        content = io.BytesIO()
        figure.savefig(content, format="png", dpi=80)
        there = Image.open(content).convert("RGB")
        found = Image.open(io.BytesIO(frame)).convert("RGB")
        assert np.abs(np.asarray(there, dtype=int) - np.asarray(found, dtype=int)).mean() < 1
        assert largest_difference(there, found) < 48
        assert found.getpixel((0, 0)) == (255, 255, 255)


def test_a_stored_animation_is_small(race):
    assert len(race.png()) < 80_000
    assert len(race.png()) < sum(map(len, race.frames))


def test_a_notebook_is_shown_the_animated_png_with_a_description(race):
    shown, metadata = race._repr_mimebundle_()
    assert shown == {"image/png": race.png(), "text/plain": repr(race)}
    assert metadata["image/png"]["alt"].startswith(
        "An animation of 4 frames, from: Gradient descent, step 0: slow 25; fast 25; to: "
    )
    assert repr(race) == '<Animation of 4 frames; animation.save("animation.gif") saves it>'


def test_drawings_are_frames_and_smaller_ones_have_white_beside_them():
    a = Value(3.0, "a")
    small, large = draw(a * a), draw((a * a + a).tanh())
    animation = plots.animate([small, large, small])
    sizes = {Image.open(io.BytesIO(frame)).size for frame in animation.frames}
    assert len(sizes) == 1
    assert np.allclose(sizes.pop(), np.max([size_of(small.svg()), size_of(large.svg())], axis=0), atol=1)
    first = Image.open(io.BytesIO(animation.frames[0])).convert("RGB")
    assert first.getpixel((first.width - 1, first.height - 1)) == (255, 255, 255)
    assert animation.frames[0] == animation.frames[2]
    assert animation.descriptions[0] == "2 values and 1 operation"


def test_one_frame_is_enough_and_two_may_be_the_same():
    figure = plots.activation_plot("relu")
    assert len(frames_in(plots.animate([figure]).png())[1]) == 2
    assert len(plots.animate([figure, figure])) == 2


@pytest.mark.parametrize("ending", ["gif", "png", "GIF"])
def test_animations_are_saved_by_their_ending(tmp_path, race, ending):
    path = race.save(tmp_path / f"race.{ending}")
    assert path.read_bytes() == (race.png() if ending == "png" else race.gif())


def test_an_unknown_ending_leaves_no_file(tmp_path, race):
    with pytest.raises(ValueError, match=r"saved as \.gif or \.png, but got .*race\.mp4"):
        race.save(tmp_path / "race.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("frames", "error", "words"),
    [
        ([], ValueError, "no frame to show"),
        (3, TypeError, "frames are several Figures or Drawings, in a list or a generator, but got 3"),
        (["a"], TypeError, "frame 1 is no Figure and no Drawing, but 'a'"),
    ],
)
def test_frames_that_are_none(frames, error, words):
    with pytest.raises(error, match=words):
        plots.animate(frames)


def test_a_frame_that_nobody_would_show():
    with pytest.raises(ValueError, match="milliseconds is 5, but it must be a whole number, 20 or more"):
        plots.animate([], milliseconds=5)


def test_without_pillow_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(
        ImportError, match=r'made by Pillow, which is not installed here: pip install "glassgrad\[plot\]"'
    ):
        plots.animate([])


# --- descents side by side ------------------------------------------------------------------------------


def test_every_racer_is_where_its_path_says_and_has_left_its_trace():
    seen = []
    for figure in plots.descent_frames(bowl, PATHS, most=3, resolution=9):
        lines = [line.get_xydata().tolist() for line in figure.axes[0].lines]
        seen.append(figure.axes[0].get_title())
        n = int(seen[-1].rsplit(maxsplit=1)[1])
        assert lines[0::2] == [[list(point) for point in points[: n + 1]] for points in PATHS.values()]
        assert lines[1::2] == [[list(points[n])] for points in PATHS.values()]
        said = [text.get_text().split() for text in figure.axes[0].get_legend().get_texts()]
        assert [name for name, _ in said] == ["slow", "fast"]
        assert float(said[0][1]) == pytest.approx(bowl(*PATHS["slow"][n]), rel=0.01)
    assert seen == [f"Gradient descent, step {n}" for n in (0, 6, 12)]


def test_who_has_arrived_waits_and_the_plot_does_not_move():
    paths = {"here": [(1.0, 1.0)], "$there$": [(0.0, 0.0), (1.0, 0.5), (2.0, 1.0)]}
    boxes, descriptions = [], []
    for figure in plots.descent_frames(bowl, paths, resolution=5, title="A race"):
        figure.draw_without_rendering()
        boxes.append(figure.axes[0].get_position().bounds)
        descriptions.append(figure.description)
    assert len(set(boxes)) == 1
    assert descriptions == [
        "A race, step 0: here 5; $there$ 0", "A race, step 1: here 5; $there$ 2", "A race, step 2: here 5; $there$ 8"
    ]  # fmt: skip


def test_racers_are_told_apart_by_shape_and_dash():
    paths = {str(n): [(float(n), 0.0)] for n in range(5)}
    (figure,) = plots.descent_frames(bowl, paths, resolution=5)
    traces, racers = figure.axes[0].lines[0::2], figure.axes[0].lines[1::2]
    assert len({(line.get_color(), line.get_linestyle()) for line in traces}) == 5
    assert len({line.get_marker() for line in racers}) == 5
    assert len({line.get_linestyle() for line in traces[:4]}) == 4


@pytest.mark.parametrize(
    ("paths", "settings", "words"),
    [
        ({}, {}, "no path to draw"),
        ({"a": [(1, 2, 3)]}, {}, "two coordinates"),
        (PATHS, {"most": 1}, "most is 1, but it must be a whole number, 2 or more"),
    ],
)
def test_races_that_cannot_be_drawn(paths, settings, words):
    with pytest.raises(ValueError, match=words):
        plots.descent_frames(bowl, paths, **settings)
