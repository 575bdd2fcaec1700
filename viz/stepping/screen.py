"""What a stepper shows, as lines of text with named styles; which colours these are is decided elsewhere.

>>> from autograd import Value
>>> from viz.stepping.columns import as_text
>>> w, x = Value(3.0, "w"), Value(2.0, "x")
>>> stepper = Stepper(w * x)
>>> _ = stepper.jump(3)
>>> screen = Screen(stepper)
>>> for line in screen.tree(34, 4):
...     print(as_text(line))
  node             data   gradient
  w·x                 6          1
  ├►w                 3          2
  └─x                 2          ?
"""

from __future__ import annotations

from functools import cached_property

from autograd.core.numbers import write_gradient, write_number
from autograd.core.plain_text import columns_of
from viz.stepping.columns import CELL, GUTTER, Canvas, Line, cut, fit, fit_only, right, visible, wrap
from viz.stepping.replay import Edge, Levels, Tree
from viz.stepping.stepper import Stepper, View

STYLES = {
    "lit": "bold reverse",
    "end": "bold underline",
    "path": "bold #f0e442",
    "selected": "bold #f0e442",
    "positive": "#56b4e9",
    "negative": "#e69f00",
    "dim": "#8a8f98",
    "guide": "#5c6370",
    "heading": "#8a8f98",
    "break": "bold #ff6b6b",
    "done": "#56b4e9",
    "ahead": "#3b4048",
}
"""How the styles look.  No meaning is carried by colour alone: lit is reversed, signs are written."""

DATA, GRADIENT = 10, 11
"""How many columns a number takes."""

SHORTEST_FORMULA = 7
"""A formula behind a name is left out where it has less room than this."""

SLOT = 3
"""In the levels: the height of a node."""


def rich_style(names: str) -> str:
    """The style that rich knows for names of ours.

    >>> rich_style("positive lit"), rich_style("")
    ('#56b4e9 bold reverse', '')
    """
    return " ".join(STYLES.get(name, name) for name in names.split())


class Screen:
    """The parts of the screen for one stepper.

    Attributes:
        stepper: what is shown.
        cursor: the node that the learner has moved to with the arrow keys, or None.
    """

    def __init__(self, stepper: Stepper) -> None:
        self.stepper = stepper
        self.cursor: int | None = None
        self._top = 0

    @cached_property
    def layout(self) -> Tree:
        return Tree(self.stepper.wiring)

    @cached_property
    def levels_layout(self) -> Levels:
        return Levels(self.stepper.wiring, self.layout)

    @cached_property
    def _order_of_totals(self) -> list[int]:
        """The nodes as their gradients appear; without plain numbers, whose gradient nobody needs."""
        received = self.stepper.trace.received
        shown = [i for i, node in enumerate(self.stepper.wiring.order) if node.inputs or node.label]
        return sorted(shown, key=lambda i: received.get(i, [])[:1])

    @cached_property
    def _place_in_totals(self) -> dict[int, int]:
        return {i: k for k, i in enumerate(self._order_of_totals)}

    # the cursor

    @property
    def selected(self) -> int:
        """The node that a key like ``b`` is about."""
        return self.stepper.focus if self.cursor is None else self.layout.rows[self.cursor].node

    def move_cursor(self, rows: int) -> None:
        """Move from row to row of the tree."""
        at = self.focused_row if self.cursor is None else self.cursor
        self.cursor = min(max(at + rows, 0), len(self.layout.rows) - 1)

    def forget_cursor(self) -> None:
        """The cursor is where something happens, until it is moved again."""
        self.cursor = None

    @property
    def focused_row(self) -> int:
        edge = self.stepper.edge
        return self.layout.row_of[self.stepper.focus] if edge is None else self.layout.row_of_edge(edge)

    # the tree

    def tree(self, width: int, height: int) -> list[Line]:
        """The graph as a tree: the result on top, and below each operation its inputs."""
        rows = self.layout.rows
        room = max(height - 1, 1)
        wanted = self.focused_row if self.cursor is None else self.cursor
        self._top = scrolled(self._top, wanted, room, len(rows))
        visible_rows = list(range(self._top, min(self._top + room, len(rows))))
        parent = rows[wanted].parent
        if 0 <= parent < self._top and room > 2:
            # The operation is far above its input: it takes the place of the first line.
            visible_rows[0] = parent
        shift = self._shift(visible_rows, width)
        lines = [self._numbers_heading(width)]
        return lines + [self._tree_line(row, width, shift) for row in visible_rows]

    def _shift(self, visible_rows: list[int], width: int) -> int:
        """How many levels of indentation are cut off at the left, so that there is room for names."""
        focus = self.layout.rows[self.focused_row if self.cursor is None else self.cursor].depth
        deepest = max(self.layout.rows[row].depth for row in visible_rows)
        room = max((width - DATA - GRADIENT - 2) // 2 - 6, 2)
        return 0 if deepest <= room else max(min(deepest - room, focus - 2), 0)

    def _numbers_heading(self, width: int) -> Line:
        text = "  node" if width >= 34 else ""
        return [(fit(text, width - DATA - GRADIENT) + "data".rjust(DATA) + "gradient".rjust(GRADIENT), "heading")]

    def _tree_line(self, number: int, width: int, shift: int) -> Line:
        stepper, row = self.stepper, self.layout.rows[number]
        view = stepper.see(row.node)
        edge = stepper.edge
        style = self._style_of(number)
        line: Line = self._marks(view, number == self.cursor)
        line += in_room(self._guides(number, shift), width - DATA - GRADIENT - 8)
        room = width - DATA - GRADIENT - sum(columns_of(text) for text, _ in line) - 1
        line += name_and_formula(view, max(room, 3), style, row.is_repeated)
        used = sum(columns_of(text) for text, _ in line)
        numbers = max(width - used, 0)
        data = "?" if view.data is None else write_number(view.data)
        is_new_data = edge is None and row.node == stepper.focus and stepper.phase == "forward"
        is_new_gradient = stepper.phase == "backward" and row.node == stepper.focus and style == "lit"
        gradient_style = sign_of(view.gradient) + (" lit" if is_new_gradient else "")
        data_style = "lit" if is_new_data else "dim" if view.data is None else ""
        line += [(" " * (numbers - DATA - GRADIENT), "")] if numbers > DATA + GRADIENT else []
        line += right(data, DATA, data_style)
        line += right(write_gradient(view.gradient), GRADIENT, gradient_style)
        return line

    def _marks(self, view: View, is_cursor: bool) -> Line:
        stopped = view.id in self.stepper.breakpoints
        return [("●" if stopped else " ", "break"), ("›" if is_cursor else " ", "path")]

    def _style_of(self, number: int) -> str:
        """The two ends of the current edge are lit; in the forward pass, the node and its inputs."""
        row, focused = self.layout.rows[number], self.layout.rows[self.focused_row]
        if self.stepper.position == 0:
            return "selected" if number == self.cursor else ""
        if number == self.focused_row:
            return "lit"
        if number == self.cursor:
            return "selected"
        if self.stepper.edge is not None:
            return "end" if number == focused.parent else ""
        in_forward_pass = self.stepper.phase == "forward"
        return "end" if in_forward_pass and row.parent == self.focused_row else ""

    def _guides(self, number: int, shift: int) -> Line:
        """The lines that lead from the operations above to this row."""
        rows = self.layout.rows
        row = rows[number]
        if row.depth == 0:
            return []
        if row.depth <= shift:
            return [("« ", "dim")]
        lit = self.focused_row if self.stepper.edge is not None else -1
        parent_of_lit = rows[lit].parent if lit >= 0 else -1
        # The connecting line of the lit edge passes the rows between its two ends.
        passes = parent_of_lit < number < lit
        forward_inputs = self.stepper.phase == "forward" and row.parent == self.focused_row
        if number == lit:
            pieces: Line = [("└►" if row.is_last else "├►", "path")]
        elif forward_inputs:
            pieces = [("└◄" if row.is_last else "├◄", "path")]
        elif passes and row.parent == parent_of_lit:
            pieces = [("├─", "path")]
        else:
            pieces = [("└─" if row.is_last else "├─", "guide")]
        above = row.parent
        while rows[above].depth > shift:
            is_lit = passes and rows[above].parent == parent_of_lit
            pieces.insert(0, ("  " if rows[above].is_last else "│ ", "path" if is_lit else "guide"))
            above = rows[above].parent
        return ([("« ", "dim")] if shift else []) + pieces

    # the levels

    def levels(self, width: int, height: int) -> list[Line]:
        """The graph in columns: the result in the last one, and each input to the left of its users."""
        canvas = Canvas(width, height)
        layout = self.levels_layout
        last = len(layout.columns) - 1
        count = max((width + GUTTER) // (CELL + GUTTER), 1)
        lit = self._lit_edges()
        ends = {self.stepper.focus, *(i for edge in lit for i in (edge.node, edge.input))}
        if self.cursor is not None:
            ends = {self.selected}
        first = self._first_column(count, [last - layout.level[i] for i in ends])
        slots = max((height - 1) // SLOT, 1)
        where: dict[int, tuple[int, int]] = {}
        for k, number in enumerate(range(first, min(first + count, last + 1))):
            column = layout.columns[last - number]
            x = k * (CELL + GUTTER)
            shown, empty = window_of_column(column, slots, column_ends(column, ends, layout))
            more = "" if len(shown) == len(column) else f" · {len(column):,} nodes"
            canvas.write(x, 0, fit(f"level {last - number}{more}", CELL), "heading")
            for slot, i in enumerate(shown, empty):
                where[i] = (x, 1 + slot * SLOT)
                self._cell(canvas, *where[i], i, ends)
        if first > 0:
            canvas.write(0, height - 1, "« more", "dim")
        if first + count <= last:
            canvas.write(width - 6, height - 1, "more »", "dim")
        for edge in lit:
            if edge.input in where:
                # An operation that is too far away is beyond the right border.
                beyond = (width + GUTTER, where[edge.input][1])
                user = where.get(edge.node, beyond)
                canvas.connect(user, where[edge.input], backward=self.stepper.edge is not None)
        return canvas.lines()

    def _first_column(self, count: int, ends: list[int]) -> int:
        """The first column on the screen, so that the ends of the lit edge are on it."""
        columns = len(self.levels_layout.columns)
        if columns <= count:
            return 0
        low, high = min(ends), max(ends)
        middle = low if high - low >= count else (low + high) // 2 - (count - 1) // 2
        return min(max(middle, 0), columns - count)

    def _lit_edges(self) -> list[Edge]:
        stepper = self.stepper
        if stepper.edge is not None:
            return [stepper.edge]
        if stepper.phase != "forward":
            return []
        inputs = stepper.wiring.inputs[stepper.focus]
        return [Edge(stepper.focus, operand, x) for operand, x in enumerate(inputs[:12])]

    def _cell(self, canvas: Canvas, x: int, y: int, i: int, ends: set[int]) -> None:
        view = self.stepper.see(i)
        style = "lit" if self.stepper.position and i == self.stepper.focus else "end" if i in ends else ""
        if self.stepper.position == 0 and self.cursor is None:
            style = ""
        data = "?" if view.data is None else write_number(view.data)
        name = visible(view.name)
        if view.symbol and not view.formula and columns_of(name) > CELL - len(data) - 2:
            name = view.symbol
        mark = "●" if view.id in self.stepper.breakpoints else "›" if self.cursor is not None and i in ends else ""
        room = CELL - len(data) - 1
        canvas.write(x, y, fit_only(mark + name, room), style)
        canvas.write(x + CELL - len(data), y, data, "dim" if view.data is None else "")
        gradient = write_gradient(view.gradient)
        is_new = style == "lit" and self.stepper.phase == "backward"
        shown = sign_of(view.gradient) + (" lit" if is_new else "")
        canvas.write(x + CELL - len(gradient), y + 1, gradient, shown)

    # the running totals

    def totals(self, width: int, height: int) -> list[Line]:
        """A table of the gradients: what each node has received, and how many of its contributions."""
        room = max(height - 1, 1)
        order = self._order_of_totals
        at = self._place_in_totals.get(self.stepper.focus, 0)
        top = scrolled(max(at - room * 2 // 3, 0), at, room, len(order))
        share = 7 if width >= 24 else 0
        number = min(10, max(width - share - 3, 3))
        head = fit("node", width - number - share) + "gradient".rjust(number)[-number:]
        lines: list[Line] = [[(head + "from".rjust(share) if share else head, "heading")]]
        for i in order[top : top + room]:
            view = self.stepper.see(i)
            is_new = i == self.stepper.focus and self.stepper.phase == "backward"
            name = fit_only(visible(view.name), width - number - share - 1)
            line: Line = [(name, "lit" if is_new else ""), (" " * (width - number - share - columns_of(name)), "")]
            line += right(write_gradient(view.gradient), number, sign_of(view.gradient))
            if share:
                line += right(received(view), share, "" if view.is_complete else "dim")
            lines.append(line)
        return lines

    @property
    def count_of_totals(self) -> int:
        return len(self._order_of_totals)

    # the rest

    def story(self, width: int, height: int) -> list[Line]:
        """The sentence that narrates the step."""
        text = self.stepper.problem if self.stepper.problem and self.stepper.at_end else self.stepper.narration
        if self.stepper.problem and self.stepper.at_end:
            text = "The backward pass cannot go on. " + text
        return [[(line, "")] for line in cut(wrap(visible(text.replace("\n", " ")), width), height)]

    def formulas(self, width: int, height: int) -> list[Line]:
        """What happened in symbols and numbers."""
        formulas = [visible(formula) for formula in self.stepper.formulas]
        lines = [line for formula in formulas for line in wrap(formula, width)]
        if len(lines) > height and self.stepper.edge is not None:
            # Where room is short, the chain rule is written in numbers only.
            formulas[-1] = without_symbols(formulas[-1])
            lines = [line for formula in formulas for line in wrap(formula, width)]
        return [[(line, "")] for line in cut(lines, height)]

    def progress(self, width: int) -> Line:
        """``step 15 of 42  backward pass  ━━━━━━━─────────``."""
        stepper = self.stepper
        phase = {"start": "nothing computed yet"}.get(stepper.phase, f"{stepper.phase} pass")
        line: Line = [(stepper.progress, "bold"), (f"  {phase}  ", "dim")]
        room = width - sum(columns_of(text) for text, _ in line)
        if room < 4:
            return [(fit_only(stepper.progress, width), "bold")]
        full = room * stepper.position // stepper.length
        return [*line, ("━" * full, "done"), ("─" * (room - full), "ahead")]


def scrolled(top: int, wanted: int, room: int, count: int) -> int:
    """Where a window on ``count`` lines begins, moved as little as possible so that ``wanted`` is well inside."""
    margin = min(2, (room - 1) // 2)
    if not top + margin <= wanted < top + room - margin:
        # A jump out of sight puts it into the middle.
        near = top - room < wanted < top + 2 * room
        up = wanted < top + margin
        top = (wanted - margin if up else wanted - room + margin + 1) if near else wanted - room // 2
    return min(max(top, 0), max(count - room, 0))


def column_ends(column: list[int], ends: set[int], layout: Levels) -> list[int]:
    return [layout.place[i] for i in ends if layout.place[i] < len(column) and column[layout.place[i]] == i]


def window_of_column(column: list[int], slots: int, ends: list[int]) -> tuple[list[int], int]:
    """The nodes of a column that are shown, and how many places above them stay empty."""
    if len(column) <= slots:
        return column, (slots - len(column)) // 2
    middle = min(ends) if ends else len(column) // 2
    top = min(max(middle - slots // 2, 0), len(column) - slots)
    return column[top : top + slots], 0


def in_room(pieces: Line, width: int) -> Line:
    """As many of these pieces, each two columns wide, as there is room for."""
    most = max(width // 2, 1)
    return pieces if len(pieces) <= most else [*pieces[: most - 1], ("… ", "dim")]


def name_and_formula(view: View, room: int, style: str, is_repeated: bool) -> Line:
    """The name of a node; behind it how it is computed, and whether it is used several times."""
    after = " ↑" if is_repeated else ""
    after += f" ×{view.uses}" if view.uses > 1 else ""
    name = fit_only(visible(view.name), max(room - len(after), 2))
    formula = ""
    left = room - len(after) - columns_of(name)
    if view.formula and not is_repeated and left >= SHORTEST_FORMULA:
        formula = fit_only(f" = {visible(view.formula)}", left)
    return [(name, style), (formula + after, "dim")]


def without_symbols(chain: str) -> str:
    """
    >>> without_symbols("dL/da = 0 + dL/db · ∂b/∂a = 0 + 2.0 · 3.0 = 6.0")
    'dL/da = 0 + 2.0 · 3.0 = 6.0'
    """
    begin, *_, numbers, result = chain.split(" = ")
    return " = ".join((begin, numbers, result))


def received(view: View) -> str:
    """How many contributions a gradient has of those that it will get.

    >>> received(View("v0", "a", "", "", 1.0, 2.0, 1, 2))
    '1 of 2'
    """
    if view.uses == 0:
        return "seed"
    if view.uses > 99:
        return f"{100 * view.received // view.uses} %"
    return f"{view.received} of {view.uses}"


def sign_of(gradient: float | None) -> str:
    if gradient is None:
        return "dim"
    return "positive" if gradient > 0 else "negative" if gradient < 0 else ""
