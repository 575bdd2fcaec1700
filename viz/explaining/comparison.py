"""Four ways to one gradient, side by side: central differences, dual numbers, backpropagation, the formula.

>>> from autograd import Value
>>> w, x = Value(3.0, "w"), Value(2.0, "x")
>>> L = (w * x).tanh()
>>> L.label = "L"
>>> found = four_ways(L)
>>> [(way.name, way.passes) for way in found.ways]
[('central difference', 4), ('dual numbers', 2), ('backpropagation', 2), ('the formula', 1)]
"""

from __future__ import annotations

import math
import sys
import textwrap
from collections.abc import Callable
from dataclasses import asdict, astuple, dataclass
from fractions import Fraction
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from autograd.core.numbers import write_number
from autograd.errors import AutogradError
from autograd.steps import Trace, id_at, in_columns, trace
from autograd.transforms.forward import Dual
from autograd.value import Value, require_value
from nn.history.figure import LINE_COLOURS, describe_axes, new_figure
from viz.drawing.drawing import as_json
from viz.drawing.style import plural, printable, shorten
from viz.explaining.path_formulas import operations_in
from viz.explaining.paths import ChainRule
from viz.explaining.tables import in_markdown, table_in_html, table_in_markdown
from viz.formulas.expression import by_name_and_number
from viz.limits import require_size
from viz.stepping.replay import Wiring

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Estimate", "FourWays", "Row", "Way", "four_ways"]

MOST_INPUTS = 30
"""The derivatives of so many inputs are shown; the cost is that of all."""

MOST_WORK = 8_000
"""On a large graph there are fewer: inputs × contributions stays below this."""

MOST_SEGMENTS = 200
"""A chain rule with more factors than this is not evaluated as a formula."""

BEST_STEP = sys.float_info.epsilon ** (1 / 3)
"""The step that balances the two errors of a central difference, about 6e-6 (Nocedal and Wright, section 8.1)."""

STEPS = tuple(10.0**-k for k in range(1, 16))


@dataclass(frozen=True)
class Way:
    """One way, and what it costs to find the derivatives with respect to *all* inputs.

    Attributes:
        name: what it is called.
        passes: how many times it goes through the graph.
        operations: how many operations are computed.
        rules: how many times the local derivatives of an operation are.
        products: how many times an upstream and a local derivative are multiplied.
    """

    name: str
    passes: int
    operations: int | None
    rules: int | None
    products: int | None

    @property
    def total(self) -> int | None:
        counts = (self.operations, self.rules, self.products)
        return None if None in counts else sum(n for n in counts if n is not None)


@dataclass(frozen=True)
class Row:
    """The derivative with respect to one input, found in four ways; None where a way leads nowhere."""

    name: str
    central_difference: float | None
    dual_numbers: float
    backpropagation: float
    formula: float | None


@dataclass(frozen=True)
class Estimate:
    """One central difference: its step, the slope that it gives, and how far off that is; nan if not defined."""

    h: float
    slope: float
    error: float


def four_ways(loss: Value, x: Value | str | None = None) -> FourWays:
    """Find the gradient of ``loss`` in four ways, count what each one costs, and see how exact it is.

    The central difference is (f(x + h) - f(x - h)) / 2h; dual numbers are forward mode, run over the
    recorded graph once for each input; the formula is the one of ``explain(loss, x)``, with numbers put in.
    Nothing is changed.

    Args:
        loss: the result.
        x: the node whose derivative is wanted, or its label; all labelled inputs unless given.

    Raises:
        GradientError: if loss is not a Value.
        GraphTooLargeError: if the graph is too large.
        TraceError: if x is not among the nodes behind it.
        DomainError: where a derivative is not defined.

    >>> a = Value(2.0, "a")
    >>> found = four_ways(a * a + a, a)
    >>> found.rows[0].dual_numbers, found.rows[0].backpropagation, found.rows[0].formula
    (5.0, 5.0, 5.0)
    """
    require_value(loss, "four_ways")
    require_size(loss, "four_ways")
    replay = Replay(loss)
    steps = trace(loss)
    leaves = [i for i, node in enumerate(replay.order) if node.op is None and node.label] or [
        i for i, node in enumerate(replay.order) if node.op is None
    ]
    leaves.sort(key=lambda i: by_name_and_number(replay.order[i].label))
    wanted = leaves if x is None else [steps.find(x).place]
    most = max(1, min(MOST_INPUTS, MOST_WORK // max(1, len(steps.backward))))

    @cache
    def value_by_formula(i: int) -> tuple[float, int] | None:
        return value_of_formula(ChainRule(loss, replay.order[i], steps.gradients[id_at(i)], None, 1))

    rows = []
    for i in wanted[:most]:
        by_formula = value_by_formula(i)
        rows.append(
            Row(
                name=shorten(printable(steps.name(replay.order[i]))),
                central_difference=replay.central_difference(i, BEST_STEP),
                dual_numbers=replay.dual_pass(i),
                backpropagation=steps.gradients[id_at(i)],
                formula=None if by_formula is None else by_formula[0],
            )
        )
    probe = wanted[0]
    return FourWays(
        shorten(printable(loss.label)) or "L", tuple(rows), len(wanted), len(leaves),
        count_costs(steps, leaves, value_by_formula if len(leaves) <= most else None),
        tuple(replay.estimate(probe, h, steps.gradients[id_at(probe)]) for h in STEPS),
    )  # fmt: skip


def count_costs(
    steps: Trace, leaves: list[int], by_formula: Callable[[int], tuple[float, int] | None] | None
) -> tuple[Way, ...]:
    """What each way costs for the derivatives with respect to all leaves; every pass is over the whole graph."""
    n, operations, edges = len(leaves), len(steps.forward), len(steps.backward)
    # The forward pass gives the numbers that are put into the formulas.
    written_out: int | None = operations
    for i in leaves:
        found = None if by_formula is None else by_formula(i)
        written_out = None if found is None or written_out is None else written_out + found[1]
    return (
        Way("central difference", 2 * n, 2 * n * operations, 0, 0),
        Way("dual numbers", n, n * operations, n * operations, n * edges),
        # One pass forward and one back; a rule gives all local derivatives of its operation at once.
        Way("backpropagation", 2, operations, operations, edges),
        Way("the formula", 1, written_out, 0, 0),
    )


class Replay(Wiring):
    """A recorded graph, computed again with other numbers at one node."""

    def central_difference(self, i: int, step: float) -> float | None:
        """(f(x + h) - f(x - h)) / 2h with h = step·max(1, |x|); None where f is not defined on both sides."""
        h = step * max(1.0, abs(self.data[i]))
        above, below = self.data[i] + h, self.data[i] - h
        try:
            return float(self.replay({i: above})[-1] - self.replay({i: below})[-1]) / (above - below)
        except (AutogradError, ArithmeticError):
            return None

    def estimate(self, i: int, step: float, exact: float) -> Estimate:
        slope = self.central_difference(i, step)
        if slope is None:
            return Estimate(step, math.nan, math.nan)
        return Estimate(step, slope, abs(slope - exact))

    def dual_pass(self, at: int) -> float:
        """The derivative with respect to one node: a forward pass on dual numbers x + ẋε, with ẋ = 1 there."""
        leaves = {i: Dual(self.data[i], 0.0) for i, inputs in enumerate(self.inputs) if not inputs}
        return float(self.replay(leaves | {at: Dual(self.data[at], 1.0)})[-1].tangent)


def value_of_formula(chain: ChainRule) -> tuple[float, int] | None:
    """The formula's value, and how many operations it takes as it is written: a sum of products of factors.

    None if a factor is too long to be written, or not defined at this point.
    """
    graph, writer = chain.graph, chain.writer
    segments = [(v, u) for v in graph.stations for u in graph.segments_from(v)]
    if len(segments) > MOST_SEGMENTS:
        return None
    # For each station: the slope from there on, the operations to write it out, and the number of summands.
    slopes, operations, counts = {graph.goal: 1.0}, {graph.goal: 0}, {graph.goal: 1}
    for v in graph.stations:
        for u in graph.segments_from(v):
            parts = writer.choose(v, u)
            formula = None if parts is None else writer.derive(v, u, parts)
            if formula is None or not chain.can_be_evaluated(formula):
                return None
            try:
                slope = formula.evaluate(chain.numbers_in(formula))
            except (AutogradError, ArithmeticError):
                return None
            slopes[v] = slopes.get(v, 0.0) + slope * slopes[u]
            # Each summand below is multiplied by this factor, unless there is nothing to multiply yet.
            times = 0 if u == graph.goal else counts[u]
            operations[v] = operations.get(v, 0) + operations[u] + counts[u] * operations_in(formula) + times
            counts[v] = counts.get(v, 0) + counts[u]
    additions = counts[graph.root] - 1
    return slopes[graph.root], operations[graph.root] + additions


@dataclass(frozen=True, eq=False, repr=False)
class FourWays:
    """The gradient in four ways; made by ``four_ways(loss)``.  Print it, or let a notebook show it.

    Attributes:
        rows: the derivative with respect to each input, in four ways.
        ways: what each way costs, for the derivatives with respect to all ``inputs`` inputs.
        estimates: central differences with smaller and smaller steps h, for the first row.

    >>> print(four_ways(Value(0.5, "x").tanh()))
    Four ways to the derivatives of L
    <BLANKLINE>
    input  central difference  dual numbers  backpropagation   the formula
    x            0.786447732...  0.7864477...  0.786447732966  0.786447732966
    off by ...
    """

    name: str
    rows: tuple[Row, ...]
    wanted: int
    inputs: int
    ways: tuple[Way, ...]
    estimates: tuple[Estimate, ...]

    def differences(self) -> dict[str, float | None]:
        """For each way how far its derivatives are from those of backpropagation, at most."""
        found: dict[str, float | None] = {}
        for way, column in zip(self.ways, COLUMNS, strict=True):
            numbers = [(getattr(row, column), row.backpropagation) for row in self.rows]
            known = [abs(number - exact) for number, exact in numbers if number is not None]
            found[way.name] = max(known) if known else None
        return found

    @property
    def best(self) -> Estimate | None:
        """The central difference that is least wrong."""
        defined = [estimate for estimate in self.estimates if math.isfinite(estimate.error)]
        return min(defined, key=lambda estimate: estimate.error, default=None)

    # tables: each a list of rows of text, the first one the heading

    def _gradient_table(self) -> list[list[str]]:
        rows = [[row.name, *[digits(getattr(row, column)) for column in COLUMNS]] for row in self.rows]
        off = [off_by(difference, way) for way, difference in self.differences().items()]
        return [["input", *[way.name for way in self.ways]], *rows, ["off by", *off]]

    def _cost_table(self) -> list[list[str]]:
        table = [["way", "passes", "operations", "local derivatives", "products", "all together"]]
        for way in self.ways:
            counts = (way.passes, way.operations, way.rules, way.products, way.total)
            table.append([way.name, *["too long" if count is None else count_in_words(count) for count in counts]])
        return table

    def _error_table(self) -> list[list[str]]:
        table = [["h", "estimate", "error", ""]]
        for h, slope, error in map(astuple, self.estimates):
            found = (
                ["not defined", "", ""]
                if math.isnan(error)
                else [digits(slope), write_number(error, 2), bar(error)]
            )
            table.append([write_number(h), *found])
        return table

    def _sections(self) -> list[tuple[str, list[list[str]], str, str]]:
        """Title, table, the sides of its columns, and a remark."""
        more = f" The first {len(self.rows)} of {self.wanted:,} are shown." if self.wanted > len(self.rows) else ""
        return [
            (f"Four ways to the derivatives of {self.name}", self._gradient_table(), "lrrrr", more.strip()),
            (
                f"What it costs, for {plural(self.inputs, 'derivative')}", self._cost_table(), "lrrrrr",
                "Central differences and dual numbers go through the graph anew for each input. Backpropagation "
                "goes forward once and back once, however many inputs there are. A formula that is written out "
                "computes again and again what its terms have in common.",
            ),
            (
                f"The central difference for {self.rows[0].name}, as h shrinks", self._error_table(), "lrrl",
                "Where the function is curved, the error at first shrinks with h². Then the difference of two "
                "almost equal numbers loses its digits, and the error grows like 1/h.",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return "\n\n".join(
            part
            for title, table, sides, remark in self._sections()
            for part in (title, in_columns(table, sides), textwrap.fill(remark, 88))
            if part
        )

    @property
    def markdown(self) -> str:
        written = [
            part
            for title, table, sides, remark in self._sections()
            for part in (f"**{in_markdown(title)}**", table_in_markdown(table, sides), remark)
            if part
        ]
        return "\n\n".join(written) + "\n"

    def _repr_html_(self) -> str:
        written = []
        for title, table, sides, remark in self._sections():
            rows = [[escape(cell) for cell in row] for row in table]
            written += [
                f'<h4 style="font-weight:bold;margin:1em 0 .3em">{escape(title)}</h4>',
                table_in_html(rows, sides=sides),
                f"<p>{escape(remark)}</p>",
            ]
        return f"<div>{''.join(written)}</div>"

    def __repr__(self) -> str:
        return f"<FourWays to the derivatives of {self.name}; print(it), or let a notebook show it>"

    @property
    def data(self) -> dict[str, Any]:
        """Everything as dicts, lists, strings and numbers; inf and nan as strings, which JSON lacks."""
        return dict(
            as_json({
                "of": self.name,
                "inputs": self.inputs,
                "derivatives": [asdict(row) for row in self.rows],
                "ways": [asdict(way) | {"total": way.total} for way in self.ways],
                "estimates": [asdict(estimate) for estimate in self.estimates],
            })
        )  # fmt: skip

    def plot(self) -> Figure:
        """The error of the central difference over its step h, on logarithmic scales.

        Raises:
            ImportError: if matplotlib is not installed.
            ValueError: if no central difference is defined, or all are exact.

        >>> figure = four_ways(Value(0.5, "x").tanh()).plot()
        """
        # An error of exactly 0 has no place on a logarithmic scale.
        points = [(e.h, e.error) for e in self.estimates if math.isfinite(e.error) and e.error > 0]
        if not points:
            raise ValueError("there is no error to plot: every central difference is exact, or none is defined")
        title = f"Error of the central difference for {self.rows[0].name}"
        figure = new_figure(title)
        axes = figure.add_subplot()
        axes.loglog(*zip(*points, strict=True), "o-", color=LINE_COLOURS[0], label="central difference")
        h, error = points[0]
        truncation = [error * (x / h) ** 2 for x, _ in points]
        floor = min(error for _, error in points) / 10
        falling = [(x, y) for (x, _), y in zip(points, truncation, strict=True) if y >= floor]
        axes.loglog(*zip(*falling, strict=True), "--", color=LINE_COLOURS[1], label="shrinks with h²")
        describe_axes(axes, title, "step h", "error")
        axes.legend()
        return figure


COLUMNS = ("central_difference", "dual_numbers", "backpropagation", "formula")


def digits(x: float | None) -> str:
    return "none" if x is None else write_number(x, 12)


def off_by(x: float | None, way: str) -> str:
    return "-" if x is None or way == "backpropagation" else write_number(x, 2)


def count_in_words(n: int) -> str:
    return f"{n:,}" if n < 10**12 else write_number(Fraction(n), 2) if n < 10**300 else "astronomical"


def bar(error: float) -> str:
    """A bar for the size of an error: one block for each power of ten above 1e-16.

    >>> bar(1e-4), bar(0.0)
    ('████████████', '')
    """
    return "█" * max(0, round(math.log10(error) + 16)) if error > 0 else ""
