"""What Graphviz' program ``dot`` makes: it places pictures and makes PDFs.

It is not needed, for our own layout draws by itself; where it is missing, the error says what to install.  It never
gets more than ``TIME_LIMIT`` seconds.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile

from autograd.core.plain_text import printable
from viz.drawing.arrangement import Point
from viz.drawing.boxes import Scene
from viz.drawing.picture import DrawingError
from viz.drawing.placement import Placement

TIME_LIMIT = 10.0
"""Seconds for one run of somebody else's program."""

INSTALL_DOT = "Install it (apt install graphviz, brew install graphviz, winget install graphviz)"

BEGINS_WITH = {"pdf": b"%PDF", "png": b"\x89PNG\r\n\x1a\n"}
"""How files of these formats begin: what does not is not written under their name."""


class CannotRenderError(DrawingError):
    """A kind of file was asked for that no program which is installed here can make."""


class RendererFailed(Exception):
    """Why a program could not do it."""


class NotInstalled(RendererFailed):
    """The program is not there."""


def place_by_dot(dot: str, scene: Scene) -> Placement:
    """Where Graphviz puts everything; ``dot`` is the scene in its language.

    Raises:
        CannotRenderError: if it is not here or failed.
    """
    try:
        return read_placement(run_dot(dot, "json0"), scene)
    except RendererFailed as error:
        raise CannotRenderError(
            f"Graphviz' program dot is to place this drawing, but: {error}\n  {INSTALL_DOT}, or leave out "
            'layout="dot": our own layout needs nobody.'
        ) from None


# --- Graphviz' dot, if it is installed ------------------------------------------------------------------------


def run_dot(dot: str, format: str, *arguments: str) -> bytes:
    """Run the program ``dot``.  (graphviz.pipe() would do the same, but has no time limit.)

    Files and not pipes, because a grandchild that survives the time limit would keep a pipe open.

    Raises:
        NotInstalled: if it is not there.
        RendererFailed: if it fails, takes too long, or gives what does not begin as such a file does.
    """
    program = shutil.which("dot")
    if program is None:
        raise NotInstalled("it is not installed")
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as result, tempfile.TemporaryFile() as errors:
        source.write(dot.encode())
        source.seek(0)
        try:
            process = subprocess.Popen(
                [program, *arguments, f"-T{format}"], stdin=source, stdout=result, stderr=errors,
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
    if problem := what_is_wrong_with(output, format.partition(":")[0]):
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


# --- what Graphviz answers ------------------------------------------------------------------------------------


def read_placement(answer: bytes, scene: Scene) -> Placement:
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
            # Graphviz leaves room for an arrow's head, which is not drawn: the line goes on to its tip.
            placement.curves[edge["id"]] = [turn(numbers(point)) for point in (*points[:-1], arrow[2:])]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise RendererFailed(f"gave an answer that cannot be read: {type(error).__name__}: {error}") from None
    missing = {box.id for box in scene.boxes} - set(placement.centres)
    missing |= {edge.id for edge in scene.edges} - set(placement.curves)
    if missing:
        raise RendererFailed(f"left out {', '.join(sorted(missing)[:5])}")
    return placement


def numbers(text: str) -> list[float]:
    found = [float(number) for number in text.split(",")]
    if not all(math.isfinite(number) for number in found):
        raise ValueError(f"not finite: {text!r}")
    return found


# --- other kinds of files -------------------------------------------------------------------------------------


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
            f"  {INSTALL_DOT}, or save an SVG, open it in a browser and print it into a PDF."
        ) from None
