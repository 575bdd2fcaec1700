"""Pictures one after the other: frames become an animated PNG, which a notebook shows, or a GIF."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd.errors import shown
from nn.saving.files import file_path, write_whole
from nn.validation import count_of, whole_number

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Animation", "animate"]

Colour = tuple[int, int, int]

COMMON, OTHERS, CLEAR = 32, 64, 255
"""An animation has the commonest colours as they are, so many for all others, and one that is transparent."""

OVER = 1
"""In an animated PNG: a frame is laid over the one before, and where it is transparent, that one is seen."""

SMALLER = 0.8
"""A frame of a plot is smaller than the plot alone: a notebook of 700 kB has room for two animations."""

LAST = 2000
"""The last frame stays for so many milliseconds, before all begins again."""


class Animation:
    """Frames one after the other, again and again; made by ``animate``.

    In a notebook it is an animated PNG.  Where pictures stand still, on paper for example, that shows four of the
    frames beside and below each other.

    Attributes:
        frames: each frame as a PNG.
        descriptions: what each frame shows, in words.
        milliseconds: how long a frame stays; the last one longer.
    """

    def __init__(self, frames: list[Image], descriptions: list[str], milliseconds: int) -> None:
        self._images = frames
        self.descriptions = tuple(descriptions)
        self.milliseconds = milliseconds

    @property
    def frames(self) -> tuple[bytes, ...]:
        return tuple(written(image, "PNG") for image in self._images)

    @property
    def description(self) -> str:
        """What the animation shows, in words: its first and its last frame."""
        first, last = self.descriptions[0], self.descriptions[-1]
        return f"An animation of {count_of(len(self), 'frame')}, from: {first}; to: {last}"

    def __len__(self) -> int:
        return len(self._images)

    def gif(self) -> bytes:
        """The animation as a GIF."""
        first, *others = self._images
        return written(first, "GIF", append_images=others, **self._times())

    def png(self) -> bytes:
        """The animation as an animated PNG, which is a picture of four frames to those who cannot animate it."""
        frames = [self._images[0], *[changes(old, new) for old, new in pairwise(self._images)]]
        return written(
            self.overview(), "PNG", append_images=frames, default_image=True, transparency=CLEAR, blend=OVER,
            compress_level=9, **self._times(),
        )  # fmt: skip

    def _times(self) -> dict[str, Any]:
        times = [self.milliseconds] * (len(self) - 1) + [max(self.milliseconds, LAST)]
        return {"save_all": True, "duration": times, "loop": 0}

    def overview(self) -> Image:
        """Four of the frames on one picture that is as large as one: the first, the last, and two between."""
        from PIL import Image

        width, height = self._images[0].size
        page = Image.new("RGB", (width, height), "white")
        for i in range(4):
            frame = self._images[round(i * (len(self) - 1) / 3)].convert("RGB")
            page.paste(frame.resize((width // 2, height // 2)), (i % 2 * (width // 2), i // 2 * (height // 2)))
        return page.quantize(palette=self._images[0], dither=Image.Dither.NONE)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save the animation as what the ending of the path says, .gif or .png: the whole file or none.

        Raises:
            FileError: if the file cannot be written.
            ValueError: for another ending.
        """
        path = file_path(path)
        kinds = {".gif": self.gif, ".png": self.png}
        if path.suffix.lower() not in kinds:
            raise ValueError(f"an animation is saved as .gif or .png, but got {str(path)!r}")
        return write_whole(path, kinds[path.suffix.lower()]())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a notebook shows: an animated PNG, and what it shows in words."""
        return {"image/png": self.png(), "text/plain": repr(self)}, {"image/png": {"alt": self.description}}

    def __repr__(self) -> str:
        return f'<Animation of {count_of(len(self), "frame")}; animation.save("animation.gif") saves it>'


def animate(frames: Iterable[Any], *, milliseconds: int = 150) -> Animation:
    """Show pictures one after the other.

    Args:
        frames: Figures (what plots are) or Drawings, in their order.  Each is looked at as soon as it comes, so a
            generator may give the same Figure again and again, with something changed.
        milliseconds: how long each frame stays; the last one stays for two seconds.

    Raises:
        ImportError: if Pillow is not installed.
        TypeError: if a frame is no Figure and no Drawing.
        ValueError: if there is no frame, or milliseconds is less than 20, which nobody shows.

    >>> from autograd import Value
    >>> from viz import activation_plot
    >>> animate(activation_plot(lambda x: x**n) for n in (1, 2, 3))
    <Animation of 3 frames; animation.save("animation.gif") saves it>
    """
    milliseconds = whole_number("milliseconds", milliseconds, at_least=20)
    if not isinstance(frames, Iterable):
        raise TypeError(
            f"frames are several Figures or Drawings, in a list or a generator, but got {shown(frames)}"
        )
    import_pillow()
    images: list[Image] = []
    descriptions: list[str] = []
    for frame in frames:
        if not hasattr(frame, "savefig") and not hasattr(frame, "rendered_by"):
            raise TypeError(f"frame {len(images) + 1} is no Figure and no Drawing, but {shown(frame)}")
        images.append(photograph(frame))
        descriptions.append(str(getattr(frame, "description", None) or getattr(frame, "size", "")))
    if not images:
        raise ValueError("there is no frame to show: give at least one Figure or Drawing")
    return Animation(in_few_colours(of_one_size(images)), descriptions, milliseconds)


def import_pillow() -> None:
    """Import Pillow, or say how to get it.

    Raises:
        ImportError: if it is not installed.
    """
    try:
        import PIL.Image  # noqa: F401
    except ImportError as error:
        raise ImportError(
            'animations are made by Pillow, which is not installed here: pip install "glassgrad[plot]"'
        ) from error


def photograph(frame: Any) -> Image:
    """A Figure, a little smaller than a notebook shows it, or a Drawing as large as there."""
    from PIL import Image

    if hasattr(frame, "savefig"):
        content = io.BytesIO()
        frame.savefig(content, format="png", dpi=100 * SMALLER)
        return Image.open(content).convert("RGB")
    image = Image.open(io.BytesIO(frame.png())).convert("RGB")
    return image.resize((image.width // 2, image.height // 2))


def of_one_size(images: list[Image]) -> list[Image]:
    """All as large as the largest, with white beside and below those that are smaller."""
    from PIL import Image

    size = (max(image.width for image in images), max(image.height for image in images))
    pages = []
    for image in images:
        pages.append(Image.new("RGB", size, "white"))
        pages[-1].paste(image)
    return pages


def in_few_colours(images: list[Image]) -> list[Image]:
    """The same pictures in the colours of them all."""
    from PIL import Image

    chosen = images[:: max(len(images) // 3, 1)] + images[-1:]
    width, height = images[0].size
    everything = Image.new("RGB", (width, height * len(chosen)))
    for i, image in enumerate(chosen):
        everything.paste(image, (0, i * height))
    # An octree keeps colours that are rare, as those of small marks are.
    colours = commonest(everything, COMMON) + colours_of(everything.quantize(OTHERS, Image.Quantize.FASTOCTREE))
    return [in_colours(image, colours) for image in images]


def commonest(image: Image, count: int) -> list[Colour]:
    """The colours that most pixels of an RGB picture have."""
    counted: Any = image.getcolors(image.width * image.height)
    return [colour for _, colour in sorted(counted, reverse=True)[:count]]


def colours_of(image: Image) -> list[Colour]:
    """The colours of a picture that has a palette."""
    parts = image.getpalette() or []
    return [(parts[i], parts[i + 1], parts[i + 2]) for i in range(0, len(parts), 3)]


def in_colours(image: Image, colours: list[Colour]) -> Image:
    """An RGB picture in these colours, each pixel in the one that is nearest."""
    import numpy as np

    pixels = np.asarray(image).reshape(-1, 3).astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    different, places = np.unique(pixels, return_inverse=True)
    parts = np.stack([different >> 16, different >> 8 & 255, different & 255], axis=1).astype(int)
    nearest = ((parts[:, None] - np.array(colours)) ** 2).sum(axis=2).argmin(axis=1)
    return in_palette(nearest[places.ravel()], image.size, [part for colour in colours for part in colour])


def changes(old: Image, new: Image) -> Image:
    """The new picture, transparent where it is as the old one."""
    import numpy as np

    before, after = np.asarray(old), np.asarray(new)
    return in_palette(np.where(before == after, CLEAR, after), new.size, new.getpalette() or [])


def in_palette(pixels: Any, size: tuple[int, int], palette: list[int]) -> Image:
    """A picture whose pixels are numbers of colours."""
    from PIL import Image

    image = Image.frombytes("P", size, pixels.astype("uint8").tobytes())
    image.putpalette((palette + 768 * [0])[:768])
    return image


def written(image: Image, kind: str, **settings: Any) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **settings)
    return content.getvalue()
