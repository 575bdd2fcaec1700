"""A drawing as a graphviz object, for those who know graphviz: draw_dot(y), and draw(y).graphviz.

What it is asked for is made by Graphviz' program ``dot``.  Where that is missing it shows our own picture; or, if
the graph has been changed since it was drawn, what Graphviz in WebAssembly makes of it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphviz

from nn.saving.files import write_whole
from viz.drawing import renderers

if TYPE_CHECKING:
    from viz.drawing.drawn import Drawing

__all__ = ["DrawnDigraph"]


class DrawnDigraph(graphviz.Digraph):
    """A ``graphviz.Digraph`` that can be seen and saved without Graphviz' program ``dot`` too.

    All that graphviz' own objects have is there: ``source``, ``format``, ``attr``, ``node``, ``edge``, ``pipe``,
    ``render``, ``view``, ``save``, ...  Files are written whole or not at all.

    >>> from autograd import Value
    >>> from viz import draw_dot
    >>> dot = draw_dot(Value(2.0, "a") * 3, rankdir="TB")
    >>> isinstance(dot, graphviz.Digraph), dot.format, "rankdir=TB" in dot.source
    (True, 'svg', True)
    >>> "<svg" in dot.pipe("svg", encoding="utf-8")
    True
    """

    drawing: Drawing | None = None
    """What it is as long as its source is still that of the drawing; None for a copy or a part of it."""

    def pipe(self, *arguments: Any, **settings: Any) -> Any:
        """The graph in a format, as graphviz' own ``pipe`` gives it: bytes, or a string if ``encoding`` is given.

        Raises:
            CannotRenderError: without Graphviz' program, for what nobody else can make (a PDF, for example), or if
                the program gives nothing that can be read.
        """
        try:
            return super().pipe(*arguments, **settings)
        except graphviz.ExecutableNotFound:
            content = self._pipe_without_dot(*arguments, **settings)
            encoding = settings.get("encoding")
            return content if encoding is None else content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise renderers.CannotRenderError(f"Graphviz' program dot wrote what is no text: {error}") from None

    def _pipe_without_dot(self, format: str | None = None, **settings: Any) -> bytes:
        format = (format or self.format).lower()
        try:
            if format == "svg":
                return self._svg().encode()
            if format == "png":
                return renderers.make_png(self._svg(), self.source)
            return renderers.run_wasm(self.source, format)
        except renderers.RendererFailed as error:
            raise renderers.CannotRenderError(
                f"{format.upper()} needs Graphviz' program dot, which is not installed here\n"
                f"  (Graphviz in WebAssembly: {error}.)\n"
                "  Install it (apt install graphviz, brew install graphviz, winget install graphviz), or write "
                'format="svg": a browser prints that into a PDF.'
            ) from None

    def _svg(self) -> str:
        if self.drawing is not None and self.source == self.drawing.dot:
            return self.drawing.svg()
        text = renderers.run_wasm(self.source, "svg").decode()
        return re.sub(r'(width|height)="([\d.]+)pt"', r'\1="\2"', text[text.index("<svg") :], count=2)

    def save(self, filename: Any = None, directory: Any = None, *, skip_existing: bool | None = False) -> str:
        """Write the source in Graphviz' language into a file.

        Returns:
            The path.

        Raises:
            OSError: if it cannot be written, or must not be replaced: a device, a pipe, a write-protected file.
        """
        if filename is not None:
            self.filename: Any = os.fspath(filename)
        if directory is not None:
            self.directory: Any = os.fspath(directory)
        path = Path(self.filepath)
        if not (skip_existing and path.exists()):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, self.source.encode(self.encoding))
        return str(self.filepath)

    @property
    def _render(self) -> Any:
        """What graphviz' own ``render`` and ``view`` call to make a file, once they have saved the source."""
        return self._render_file

    def _render_file(
        self, engine: str, format: str, filepath: str, *, renderer: str | None = None, formatter: str | None = None,
        outfile: Path | None = None, raise_if_result_exists: bool = False, overwrite_filepath: bool = False,
        **settings: Any,
    ) -> str:  # fmt: skip
        endings = [part for part in (formatter, renderer, format) if part is not None]
        path = Path(".".join([filepath, *endings]) if outfile is None else outfile)
        if raise_if_result_exists and path.exists():
            raise graphviz.FileExistsError(f"output file exists: {str(path)!r}")
        if path.resolve() == Path(filepath).resolve() and not overwrite_filepath:
            raise ValueError(f"outfile {path.name!r} must be different from the file of the source")
        content = self.pipe(format, renderer=renderer, formatter=formatter, engine=engine, **settings)
        if problem := renderers.what_is_wrong_with(content, format.lower()):
            raise renderers.CannotRenderError(f"{str(path)!r} was not written: Graphviz' program dot {problem}")
        write_whole(path, content)
        return str(path)
