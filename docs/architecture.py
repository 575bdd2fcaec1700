"""Draw architecture.svg, the picture of ARCHITECTURE.md, from the imports of the packages; and count the lines of
the files that the README names:

    python docs/architecture.py                    or        make architecture

A box is a folder and the files in it; the files beside the folders are boxes too.  Where something outside of a
folder stands between its files, the folder has two boxes.  An arrow leads from what is imported to who imports it,
and is left out where a longer way says so already.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.sax.saxutils import escape

from nn.saving.files import write_whole
from viz.drawing.boxes import Scene, make_scene
from viz.drawing.picture import Cell, Edge, Frame, Node, Picture
from viz.drawing.placement import lay_out
from viz.drawing.svg import write_svg

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
PACKAGES = ("autograd", "nn", "viz")
COLUMNS = 44
"""How many characters a row of a box has."""


@dataclass(eq=False)
class Box:
    """Some files of one folder, and the boxes below it that they import."""

    folder: str
    files: list[str] = field(default_factory=list)
    below: set[Box] = field(default_factory=set)

    @property
    def name(self) -> str:
        return f"{self.folder}: {' '.join(self.files)}"

    def stands_on(self, other: Box) -> bool:
        return self is other or any(box.stands_on(other) for box in self.below)


def runtime_imports(tree: ast.AST) -> Iterator[str]:
    """What a file imports when it runs; what is imported for annotations only does not count."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                yield from runtime_imports(other)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # The name that is imported may be that of a module.
            yield from (name for each in node.names for name in (node.module, f"{node.module}.{each.name}"))
        else:
            yield from runtime_imports(node)


def read_imports() -> dict[str, set[str]]:
    """For each module of ours, which others of ours it imports.  What an ``__init__`` hands on is no import."""
    files = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts): file
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
        if not file.name.startswith("__")
    }
    trees = {module: ast.parse(file.read_text(encoding="utf-8")) for module, file in files.items()}
    return {module: (files.keys() & runtime_imports(tree)) - {module} for module, tree in trees.items()}


def in_order(imports: dict[str, set[str]]) -> list[str]:
    """The modules from the lowest up: by the longest way down from each.

    Raises:
        ValueError: if modules import one another in a circle.
    """
    height: dict[str, int] = {}
    while len(height) < len(imports):
        ready = [name for name, others in imports.items() if name not in height and others <= height.keys()]
        if not ready:
            raise ValueError(f"in a circle: {', '.join(sorted(imports.keys() - height.keys()))}")
        height |= dict.fromkeys(ready, 1 + max(height.values(), default=0))
    return sorted(imports, key=lambda name: (height[name], name))


def make_boxes(imports: dict[str, set[str]]) -> list[Box]:
    """Each module joins the newest box of its folder, unless that would make a circle of boxes."""
    boxes: list[Box] = []
    home: dict[str, Box] = {}
    for module in in_order(imports):
        folder, _, file = module.rpartition(".")
        package, _, inner = folder.partition(".")
        folder = f"{package}/{inner.partition('.')[0]}"
        below = {home[other] for other in imports[module]}
        box = next((box for box in reversed(boxes) if box.folder == folder), None)
        if box is None or any(other is not box and other.stands_on(box) for other in below):
            box = Box(folder)
            boxes.append(box)
        box.files.append(file)
        box.below |= below - {box}
        home[module] = box
    return boxes


def arrows_between(boxes: list[Box]) -> list[tuple[Box, Box]]:
    """From what is imported to who imports it, without those for which a longer way stands."""
    return [
        (used, user) for user in boxes for used in boxes
        if used in user.below and not any(other.stands_on(used) for other in user.below - {used})
    ]  # fmt: skip


def describe(boxes: list[Box]) -> str:
    """The picture in words, which do not change when only the looks do."""
    return "\n".join(f"{used.name} < {user.name}" for used, user in arrows_between(boxes))


def draw(boxes: list[Box]) -> str:
    nodes = []
    for box in boxes:
        package, _, inner = box.folder.partition("/")
        rows = textwrap.wrap(" ".join(box.files), COLUMNS)
        cells = (*([Cell("", f"{inner}/")] if inner else []), *[Cell("", row) for row in rows])
        nodes.append(Node(box.name, "value", box.folder, None, None, "", cells, box.name, frame=package))
    edges = tuple(Edge(f"{used.name} < {user.name}", used.name, user.name) for used, user in arrows_between(boxes))
    frames = tuple(Frame(package, "layer", f"{package}/") for package in PACKAGES)
    picture = Picture(tuple(nodes), edges, frames, (), "TB", "", len(nodes))
    scene = make_scene(picture)
    placement = lay_out(scene)
    # That a package may import all of those above it needs no arrows.
    home = {node.id: node.frame for node in nodes}
    shown = tuple(edge for edge in scene.edges if home[edge.source] == home[edge.target])
    svg = write_svg(Scene(replace(picture, edges=shown), scene.boxes, shown), placement)
    title = "How the files of glassgrad build on one another"
    svg = re.sub("<title>.*?</title>", f"<title>{title}</title>", svg, count=1)
    return re.sub("<desc>.*?</desc>", f"<desc>{escape(describe(boxes))}</desc>", svg, count=1, flags=re.DOTALL)


def with_counted_lines(readme: str) -> str:
    """The README with the lines that its table's files have today, in tens."""

    def count(row: re.Match[str]) -> str:
        lines = len((ROOT / row[2]).read_text(encoding="utf-8").splitlines())
        return f"{row[1]}{round(lines, -1)} |"

    return re.sub(r"^(\| \d+ \| \[`(.*?)`\]\(.*?\) \| )\d+ \|", count, readme, flags=re.MULTILINE)


def main() -> None:
    write_whole(FOLDER / "architecture.svg", draw(make_boxes(read_imports())).encode())
    readme = ROOT / "README.md"
    write_whole(readme, with_counted_lines(readme.read_text(encoding="utf-8")).encode())


if __name__ == "__main__":
    main()
