"""A drawing as a graphviz object, for those who know graphviz: draw_dot(y), and draw(y).graphviz.

What it is asked for is made by Graphviz' program ``dot``, within a limit of time.  Where that is missing it shows
our own picture, unless the graph has been changed since it was drawn.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
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
    """What it is as long as its source is still that of the drawing."""

    def copy(self) -> DrawnDigraph:
        """The same graph once more, to be changed on its own."""
        copied: DrawnDigraph = super().copy()
        copied.drawing = self.drawing
        return copied

    @property
    def _pipe_lines(self) -> Any:
        """What graphviz' own ``pipe`` calls, once it has checked what it was given."""
        return self._run

    @property
    def _pipe_lines_string(self) -> Any:
        def run(*arguments: Any, encoding: str, **settings: Any) -> str:
            try:
                return self._run(*arguments, input_encoding=encoding, **settings).decode(encoding)
            except UnicodeDecodeError as error:
                raise renderers.CannotRenderError(f"Graphviz' program dot wrote what is no text: {error}") from None

        return run

    def _run(
        self, engine: str, format: str, lines: Iterable[str], *, renderer: str | None = None,
        formatter: str | None = None, neato_no_op: bool | int | None = None, **_: Any,
    ) -> bytes:  # fmt: skip
        """The graph in a format: by ``dot``, or without it our own picture, if that is what it still is.

        Raises:
            CannotRenderError: if ``dot`` is not installed and nobody else can make it, or if it fails.
        """
        if formatter is not None and renderer is None:
            raise graphviz.RequiredArgumentError("formatter given without renderer")
        kind = ":".join(part for part in (format, renderer, formatter) if part is not None)
        options = [f"-K{engine}", *([f"-n{int(neato_no_op)}"] if neato_no_op else [])]
        try:
            return renderers.run_dot("".join(lines), kind, *options)
        except renderers.NotInstalled as error:
            if self.drawing is not None and self.source == self.drawing.dot:
                if format.lower() == "svg":
                    return self.drawing.svg().encode()
                if format.lower() == "png":
                    return self.drawing.png()
            raise renderers.CannotRenderError(
                f"this graph as {format.upper()} needs Graphviz' program dot, but {error}\n"
                f"  {renderers.INSTALL_DOT}; what draw() and draw_dot() give is shown and saved as .svg and .png "
                "without it, and a browser prints an .svg into a PDF."
            ) from None
        except renderers.RendererFailed as error:
            raise renderers.CannotRenderError(
                f"Graphviz' program dot was to make {format.upper()}: {error}"
            ) from None

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
        write_whole(path, content)
        return str(path)
