"""A formula that has been read: it can be computed, again and again, on different numbers.

>>> from viz.formulas.parser import parse
>>> y = parse("y = 3*x**2").evaluate({"x": -2})
>>> y.data, y.label
(12.0, 'y')
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autograd import ops
from autograd.core.plain_text import columns_of
from autograd.errors import AutogradError
from autograd.ops import Op
from autograd.value import Value
from viz.drawing.style import printable

CONSTANTS = {"pi": math.pi, "π": math.pi, "e": math.e}


class ExpressionError(ValueError):
    """A formula that cannot be read or computed; the message points at the character.

    Attributes:
        reason: what is wrong and what to do about it.
        text: the formula.
        position: the index of the character in ``text``, or None if no single one is at fault.

    >>> from viz.formulas.parser import parse
    >>> parse("L = (1 - sigmod(w*x)**2")
    Traceback (most recent call last):
    ...
    viz.formulas.expression.ExpressionError: this formula cannot be read:
      L = (1 - sigmod(w*x)**2
               ^ unknown function 'sigmod'; did you mean 'sigmoid'?
    """

    def __init__(self, reason: str, text: str, position: int | None = None, done: str = "read") -> None:
        self.reason = reason
        self.text = text
        self.position = position
        self.done = done
        if position is None:
            super().__init__(reason)
        else:
            super().__init__(f"this formula cannot be {done}:\n{point_at(text, position, reason)}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.text, self.position, self.done)


@dataclass(frozen=True)
class Instruction:
    """One step of the computation.

    A number or a name (a string) is put on top of a pile; an operation takes its inputs, ``inputs``
    of them, from the top of the pile and puts its result there.
    """

    what: float | str | Op
    inputs: int
    position: int


@dataclass(frozen=True)
class Statement:
    """``name = formula``: the name and the steps that compute it."""

    name: str
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True)
class Expression:
    """A formula that has been read and can be computed, again and again, on different numbers.

    Attributes:
        text: the formula as it was given.
        statements: its parts, in order; the last one is the result.
        names: the names that need a value, in the order in which they appear.
        result_name: the name of the result, ``"result"`` if the formula gives it none.
    """

    text: str
    statements: tuple[Statement, ...]
    names: tuple[str, ...]

    @property
    def result_name(self) -> str:
        return self.statements[-1].name

    def evaluate(self, values: Mapping[str, float | Value]) -> Value:
        """Compute the result on these numbers: a Value with its graph, every named node labelled.

        Raises:
            ExpressionError: if a name has no value, or a value's name is not in the formula.
            AutogradError: if an operation is not defined at these numbers; a note points at it.

        >>> from viz.formulas.parser import parse
        >>> y = parse("y = 3*x**2").evaluate({"x": -2})
        >>> y.backward()
        >>> y.data
        12.0
        """
        return self.evaluate_all(values)[self.result_name]

    def evaluate_all(self, values: Mapping[str, float | Value]) -> dict[str, Value]:
        """The inputs and all named results, by name, in the order in which they are computed.

        Raises:
            ExpressionError: if a name has no value, or a value's name is not in the formula.
            AutogradError: if an operation is not defined at these numbers; a note points at it.

        >>> from viz.formulas.parser import parse
        >>> nodes = parse("z = w*x; L = z**2").evaluate_all({"w": 3, "x": 2})
        >>> {name: node.data for name, node in nodes.items()}
        {'w': 3.0, 'x': 2.0, 'z': 6.0, 'L': 36.0}
        """
        given = {same_letters(name): value for name, value in values.items()}
        self._check_names(given)
        nodes = {name: as_leaf(given[name], name) for name in [*self.names, *given] if name in given}
        for statement in self.statements:
            nodes[statement.name] = self._compute(statement, nodes)
        return nodes

    def _check_names(self, given: Mapping[str, float | Value]) -> None:
        missing = [name for name in self.names if name not in given]
        if missing:
            what = "has no value; give it" if len(missing) == 1 else "have no value; give them"
            example = " ".join(f"{name}=1.5" for name in missing)
            reason = f"{', '.join(missing)} {what} as {example}"
            raise ExpressionError(reason, self.text, self._first_use(missing[0]), done="computed")
        made_here = [statement.name for statement in self.statements]
        for name in given:
            if name in made_here:
                reason = f"{name} is computed by the formula, so it cannot be given a value as well"
                raise ExpressionError(reason, self.text)
            if name not in self.names and self._first_use(name) is None:
                known = f"its names are {', '.join(self.names)}" if self.names else "no name needs a value there"
                raise ExpressionError(
                    f"{printable(name)!r} is not in the formula{did_you_mean(name, self.names)}; {known}", self.text
                )

    def _first_use(self, name: str) -> int | None:
        steps = (step for statement in self.statements for step in statement.instructions)
        return next((step.position for step in steps if step.what == name), None)

    def _compute(self, statement: Statement, nodes: Mapping[str, Value]) -> Value:
        pile: list[Value | float] = []
        for instruction in statement.instructions:
            what = instruction.what
            if isinstance(what, Op):
                inputs = [pile.pop() for _ in range(instruction.inputs)][::-1]
                try:
                    pile.append(apply(what, inputs))
                except AutogradError as error:
                    error.add_note(point_at(self.text, instruction.position, "here"))
                    raise
            elif isinstance(what, str):
                pile.append(nodes[what] if what in nodes else CONSTANTS[what])
            else:
                pile.append(what)
        return named(pile.pop(), statement.name, nodes)


def apply(op: Op, inputs: list[Value | float]) -> Value | float:
    """The operation on these inputs: numbers give a plain number, a plain exponent ``x ** 2``, and e^x is exp."""
    if op is ops.power and not isinstance(inputs[1], Value):
        return ops.power_by(inputs[1])(inputs[0])
    if op is ops.power and not isinstance(inputs[0], Value) and inputs[0] == math.e:
        op, inputs = ops.exp, inputs[1:]
    return op(*inputs)  # type: ignore[no-any-return]


def as_leaf(value: float | Value, name: str) -> Value:
    if not isinstance(value, Value):
        return Value(value, name)
    value.label = value.label or name
    return value


def named(result: Value | float, name: str, nodes: Mapping[str, Value]) -> Value:
    """The result of a statement as a node that bears the statement's name."""
    if not isinstance(result, Value):
        return Value(result, name)
    if any(result is node for node in nodes.values()):
        # z = w: the node w keeps its own name, and z is another node.
        result = ops.identity(result)
        assert isinstance(result, Value)
    result.label = name
    return result


def same_letters(text: str) -> str:
    """The text with every accented letter written in the one way (é as one character, not as two)."""
    return unicodedata.normalize("NFC", text)


def by_name_and_number(label: str) -> tuple[str, int]:
    """For sorting: w2 comes before w10."""
    found = re.fullmatch(r"(.*?)(\d{0,9})", label, re.DOTALL)
    return (found[1], int(found[2] or 0)) if found else (label, 0)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def point_at(text: str, position: int, reason: str) -> str:
    """The line of the text that holds this position, and below it a caret and the reason.

    >>> print(point_at("a + $", 4, "what is this?"))
      a + $
          ^ what is this?
    """
    start = text.rfind("\n", 0, position) + 1
    line = text[start:].partition("\n")[0]
    at = position - start
    if len(line) > 100:
        # Far into a long line, show the part around the place.
        first = max(0, at - 50)
        line = ("..." if first else "") + line[first : first + 90] + ("..." if first + 90 < len(line) else "")
        at = at - first + (3 if first else 0)
    return f"  {printable(line)}\n  {' ' * columns_of(line[:at])}^ {reason}"
