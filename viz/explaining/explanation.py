"""explain(loss, x): a derivative by the chain rule, in symbols and then in numbers, as a textbook prints it.

>>> from autograd import Value
>>> w, x = Value(3.0, "w"), Value(2.0, "x")
>>> n = w * x + 1
>>> n.label = "n"
>>> L = n**2
>>> L.label = "L"
>>> print(explain(L, w))
Wanted: dL/dw, how fast L changes when w changes.
<BLANKLINE>
The numbers
-----------
<BLANKLINE>
Given: w = 3, x = 2
<BLANKLINE>
  n = w·x + 1 = 7
  L = n² = 49
<BLANKLINE>
The chain rule
--------------
<BLANKLINE>
  dL/dw = dL/dn · dn/dw
<BLANKLINE>
The factors
-----------
<BLANKLINE>
  dL/dn = 2·n = 2·7 = 14
  dn/dw = x = 2
<BLANKLINE>
The result
----------
<BLANKLINE>
  dL/dw = 14 · 2 = 28
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from autograd.core.numbers import write_number
from autograd.errors import AutogradError, shown
from autograd.steps import NodeId, id_at, trace
from autograd.value import Value, require_value, topological_order
from viz.drawing.drawing import as_json
from viz.explaining import document as maths
from viz.explaining.document import Block
from viz.explaining.paths import ChainRule, Factor
from viz.explaining.sections import compose, itself, unrelated, written
from viz.limits import require_size

__all__ = ["Explanation", "ExplanationError", "Share", "explain"]

MOST_DIGITS = 6


class ExplanationError(AutogradError, ValueError):
    """An explanation was asked for that cannot be given."""


@dataclass(frozen=True)
class Share:
    """One path from the result down to the node.

    Attributes:
        nodes: the ids of its named nodes, as in ``trace(loss)``.
        names: what they are called.
        value: the product of its factors: what the path contributes to the derivative.
    """

    nodes: tuple[NodeId, ...]
    names: tuple[str, ...]
    value: float


def explain(loss: Value, x: Value | str, *, round_to: int | None = None, most_paths: int = 6) -> Explanation:
    """Derive dloss/dx by the chain rule between the labelled nodes, in symbols and then in numbers.

    Unlabelled nodes on the way are composed away: their derivatives are multiplied into one formula.
    Where several paths lead from the loss to x, their products are added up.  Nothing is changed.

    Args:
        loss: the result.
        x: one of the nodes behind it, or its label or id ("w1", "v12").
        round_to: calculate as on paper, with every number rounded to so many significant digits (1 to 6)
            before it is used again, and compare with the exact result.
        most_paths: if there are more paths, only so many are shown, those with the largest products.

    Raises:
        GradientError: if loss is not a Value.
        GraphTooLargeError: if the graph is too large to be explained.
        TraceError: if no node, or several, have that label.
        ExplanationError: if x is neither a Value nor a text, or round_to or most_paths is out of range.
        DomainError: where a derivative is not defined, as ``backward()`` does.

    >>> a = Value(3.0, "a")
    >>> b = a * a
    >>> b.label = "b"
    >>> found = explain(b + a, a)
    >>> found.value, [(share.names, share.value) for share in found.shares]
    (7.0, [(('L', 'a'), 1.0), (('L', 'b', 'a'), 6.0)])
    """
    require_value(loss, "explain")
    if round_to is not None:
        check_count("round_to", round_to, MOST_DIGITS)
    check_count("most_paths", most_paths, 1000)
    if not isinstance(x, (Value, str)):
        raise ExplanationError(
            f"explain(loss, x) takes a Value behind the loss or its label as x, but got {shown(x)}"
        )
    require_size(loss, "explain")
    order = topological_order(loss)
    if isinstance(x, Value) and x not in set(order):
        return Explanation(None, 0.0, round_to, unrelated(loss, x, order))
    steps = trace(loss)
    id = steps.find(x)
    if id == steps.root:
        return Explanation(None, 1.0, round_to, itself(loss))
    value = steps.gradients[id]
    chain = ChainRule(loss, order[id.place], value, round_to, most_paths)
    return Explanation(chain, value, round_to, compose(chain))


def check_count(name: str, given: object, most: int) -> None:
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= most:
        raise ExplanationError(f"{name} is a whole number from 1 to {most}, but got {shown(given)}")


class Explanation:
    """A derivation to be read; made by ``explain(loss, x)``.  A notebook shows it typeset.

    Attributes:
        value: the derivative: bit for bit the gradient that ``loss.backward()`` gives x, starting from 0.
            The products of the paths add up to it but for the rounding of floats (about 1e-15 of the
            largest product).
        rounded: the result of calculating with rounded numbers, if ``round_to`` asked for it, else None.
        path_count: how many paths lead from the loss to x, from labelled node to labelled node.
        shares: the shown ones, each with its contribution.
        rest: the contribution of all others together.
        blocks: headings, paragraphs and equations.

    >>> x = Value(0.5, "x")
    >>> found = explain(x.tanh(), "x")
    >>> print(found.text.splitlines()[-1])
      dL/dx = 1 - tanh²(x) = 1 - tanh²(0.5) = 0.786448
    """

    def __init__(self, chain: ChainRule | None, value: float, round_to: int | None, blocks: list[Block]) -> None:
        self._chain = chain
        self.value = value
        self.round_to = round_to
        self.rounded = value if chain is None and round_to is not None else chain.rounded if chain else None
        self.path_count = 0 if chain is None else chain.count
        self.rest = 0.0 if chain is None else chain.rest
        self.blocks = tuple(blocks)

    @cached_property
    def shares(self) -> tuple[Share, ...]:
        if self._chain is None:
            return ()
        names = self._chain.names
        return tuple(
            Share(tuple(map(id_at, path.stations)), tuple(names[i].text for i in path.stations), path.value)
            for path in self._chain.paths
        )

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors of the shown paths, each with its formula and its numbers."""
        return () if self._chain is None else tuple(self._chain.factors.values())

    @property
    def text(self) -> str:
        """Plain text, for a terminal."""
        return maths.write_text(self.blocks)

    @property
    def markdown(self) -> str:
        """Markdown with LaTeX formulas between dollar signs, for a notebook."""
        return maths.write_markdown(self.blocks)

    @property
    def latex(self) -> str:
        """LaTeX for a document that uses the package amsmath."""
        return maths.write_latex(self.blocks)

    @property
    def mathml(self) -> str:
        """One ``<math>`` element, which browsers show without any library."""
        return maths.write_mathml(self.blocks)

    @property
    def data(self) -> dict[str, Any]:
        """Everything as dicts, lists, strings and numbers; inf and nan as strings, which JSON lacks."""
        found: dict[str, Any] = {
            "value": self.value,
            "round_to": self.round_to,
            "rounded": self.rounded,
            "path_count": self.path_count,
            "paths": [asdict(share) for share in self.shares],
            "rest": self.rest,
            "factors": [],
        }
        if self._chain is not None:
            found["of"], found["by"] = self._chain.loss.text, self._chain.x.text
            found["factors"] = [self._factor_data(self._chain, factor) for factor in self.factors]
        return dict(as_json(found))

    def _factor_data(self, chain: ChainRule, factor: Factor) -> dict[str, Any]:
        formula = None if factor.is_exceptional else factor.derivation.formula
        return {
            "of": f"v{factor.of}",
            "by": f"v{factor.by}",
            "written": written(chain, factor.of, factor.by).text,
            "formula": None if formula is None else formula.text,
            "latex": None if formula is None else formula.latex,
            "mathml": None if formula is None else formula.mathml,
            "numbers": {} if formula is None else chain.numbers_in(formula),
            "value": factor.value,
            "used": factor.used,
        }

    def _repr_markdown_(self) -> str:
        return self.markdown

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows."""
        return {"text/markdown": self.markdown, "text/plain": self.text}

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return (
            f"<Explanation: the derivative is {write_number(self.value, 6)}; print(it), or let a notebook show it>"
        )
