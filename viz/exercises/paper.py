"""A backward pass as it is calculated on paper: from the numbers that stand on the sheet, each result rounded.

>>> from autograd import Value, trace
>>> w, x = Value(0.3, "w"), Value(0.7, "x")
>>> paper = Calculation(trace((w * x).sigmoid()), digits=3)
>>> [str(line) for line in paper.lines]
['1 × 0.247 = 0.247', '0.247 × 0.7 = 0.173', '0.247 × 0.3 = 0.0741']
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from autograd import Trace
from autograd.core.numbers import in_parentheses, product_sign, read_number, sum_sign, write_number
from autograd.errors import AutogradError
from autograd.steps import BackwardStep

SHOWN = 4
"""With so many digits a sheet gives the numbers of the forward pass, as all pictures do."""


@dataclass(frozen=True)
class Line:
    """One contribution, as it is written down."""

    step: BackwardStep
    upstream: str
    local: str
    product: str
    sign: str

    def __str__(self) -> str:
        return f"{self.upstream} × {in_parentheses(self.local)} {self.sign} {self.product}"


class Calculation:
    """All contributions and gradients, each rounded to so many significant digits before it is used again.

    Attributes:
        lines: the contributions, in the order of the backward pass.
        gradients: by its id, what each node ends with, as it is written down.
    """

    def __init__(self, steps: Trace, digits: int) -> None:
        names = {node.id: steps.formula_of(node.id).name for node in steps.nodes}
        on_the_sheet = {name: read(write_number(steps.node(id).data, SHOWN)) for id, name in names.items() if name}
        self.digits = digits
        self.lines: list[Line] = []
        self.gradients: dict[str, str] = {}
        self._shares: defaultdict[str, list[str]] = defaultdict(list, {steps.root: ["1"]})
        for step in steps.backward:
            upstream = self._add_up(step.node)
            local = self.write(slope(steps, step, on_the_sheet))
            product = self.write(read(upstream) * read(local))
            self._shares[step.input].append(product)
            self.lines.append(
                Line(step, upstream, local, product, product_sign([upstream, local], product, digits))
            )
        for id in self._shares:
            self._add_up(id)

    def _add_up(self, id: str) -> str:
        """A gradient, once all of its contributions have arrived."""
        if id not in self.gradients:
            self.gradients[id] = self.write(sum(map(read, self._shares[id])))
        return self.gradients[id]

    def write(self, x: float) -> str:
        return write_number(x, self.digits)

    def sum_of(self, id: str) -> str:
        """The contributions to a gradient as a sum, with its sign: "2 + (−3) ="; "" where there are fewer than two.

        >>> from autograd import Value, trace
        >>> a = Value(2.0, "a")
        >>> Calculation(trace(a * 3 - a), digits=3).sum_of("v0")
        '−1 + 3 ='
        """
        shares = self._shares[id]
        if len(shares) < 2:
            return ""
        terms = " + ".join([shares[0], *map(in_parentheses, shares[1:])])
        return f"{terms} {sum_sign(shares, self.gradients[id], self.digits)}"


def read(text: str) -> float:
    return float(read_number(text))


def slope(steps: Trace, step: BackwardStep, shown: Mapping[str, float]) -> float:
    """A local derivative, computed from the numbers on the sheet; the true one where those do not give it."""
    try:
        return steps.formula(step).evaluate(shown)
    except (AutogradError, KeyError):
        return step.local
