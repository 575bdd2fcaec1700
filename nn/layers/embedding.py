"""A table with a row of parameters for each thing that has no number of its own, like a letter or a word.

>>> letters = Embedding(3, 2, weights=[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
>>> [number.data for number in letters(1)]
[0.3, 0.4]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import DataError, dot
from autograd.core.operand import Operand, is_real
from autograd.core.plain_text import printable
from autograd.errors import describe, text_of
from autograd.program.tracer import Tracer
from nn.chance import Seed, make_generator
from nn.indices import one_hot
from nn.layers.initializers import find_initializer
from nn.layers.layer import Layer
from nn.layers.naming import as_parameter, is_further_out, placed
from nn.layers.network import MLP
from nn.layers.neuron import Neuron
from nn.layers.shapes import checked_list
from nn.module import Module, NetworkError, Parameter, Part, Row, counted, find_parts
from nn.validation import count_of, whole_number


class Embedding(Module):
    """Rows of parameters, of which it gives the one that is asked for: ``embedding(i)`` is row i, from 0 on.

    It is a linear layer without a bias on a one-hot vector, a list with 1 in place i and 0 in all others: of the
    sums of products remain the numbers of row i.  So nothing is computed.  A list of indices gives a list of rows.

    In a program, where the index is not known while it is recorded, the one-hot vector and the sums are there, and
    an index that is no row makes them inf or nan.

    Args:
        count: how many rows there are.
        width: how many numbers a row has.
        initializer, seed: as for Neuron, with ``count`` inputs and ``width`` outputs.
        weights: the starting rows themselves.  A Parameter among them is used as it is.

    Attributes:
        weights: the list of rows, each a list of parameters.

    Raises:
        NetworkError: for an unknown initializer, and later for an index that is no row.
        ValueError: if count or width is not a whole number from 1 up.
        ShapeError: if there are not ``count`` rows of ``width`` numbers.
        DataError: if an index is no plain number.

    >>> letters = Embedding(27, 2, seed=1)
    >>> letters(3) == letters.weights[3], len(letters([0, 5, 0]))
    (True, 3)
    >>> letters(27)
    Traceback (most recent call last):
    ...
    nn.module.NetworkError: there is no row 27 in Embedding (27 rows of 2 numbers): counted from 0, the last is 26
    """

    def __init__(
        self,
        count: int,
        width: int,
        *,
        initializer: Any = "normal",
        seed: Seed = None,
        weights: Sequence[Sequence[float | Parameter]] | None = None,
    ) -> None:
        count, width = whole_number("count", count), whole_number("width", width)
        draw = find_initializer(initializer)
        generator = make_generator(seed)
        if weights is None:
            weights = [[draw(generator, count, width) for _ in range(width)] for _ in range(count)]
        rows = [
            checked_list(f"weights[{i}]", row, width, "the numbers of a row")
            for i, row in enumerate(checked_list("weights", weights, count, "a list of numbers for each row"))
        ]
        self.place = ""
        self.weights = [
            [as_parameter(number, f"weights.{i}.{j}") for j, number in enumerate(row)] for i, row in enumerate(rows)
        ]

    def forward(self, index: Any) -> list[Any]:
        index = index.tolist() if hasattr(index, "tolist") else index
        if isinstance(index, (list, tuple)):
            return [self.forward(i) for i in index]
        if isinstance(index, Tracer):
            ones = one_hot(index, len(self.weights))
            return [dot(ones, column) for column in zip(*self.weights, strict=True)]
        if isinstance(index, Operand):
            raise DataError(
                f"{self!r} takes the number of a row, but got {describe(index)}\n"
                "  A row is looked up, not computed from its number: give a plain number"
            )
        if isinstance(index, bool) or not is_real(index):
            raise DataError(f"{self!r} takes the number of a row, or a list of them, but got {describe(index)}")
        if index not in range(len(self.weights)):
            # In a data set's inputs all numbers are floats.
            number, last = text_of(int(index) if index % 1 == 0 else index), len(self.weights) - 1
            raise NetworkError(f"there is no row {number} in {self!r}: counted from 0, the last is {last}")
        return list(self.weights[int(index)])

    _holders = frozenset(("weights", "place"))

    def _own_parts(self) -> list[Part]:
        return list(find_parts("weights", self.weights))

    def _name_under(self, place: str, visited: set[int]) -> None:
        if is_further_out(place, self.place):
            for name, part in self._own_parts():
                if isinstance(part, Parameter) and part.label == placed(self.place, name):
                    part.label = placed(place, name)
            self.place = place

    def _rows_of_own_parts(self, name: str, seen: set[int]) -> list[Row]:
        parameters = [number for row in self.weights for number in row]
        row = Row(name or "embedding", "", len(self.weights), len(self.weights[0]), "identity", (None,))
        return [counted(row, parameters, seen)]

    def __repr__(self) -> str:
        place = f" {self.place}" if self.place else ""
        size = f"{count_of(len(self.weights), 'row')} of {count_of(len(self.weights[0]), 'number')}"
        return printable(f"Embedding{place} ({size})")


def has_embedding(model: Any) -> bool:
    """True if a model is an Embedding, or one stands in its attributes, or in those of a module there.

    >>> from nn.layers import Sequential
    >>> has_embedding(Sequential(Embedding(3, 2), MLP(2, [1]))), has_embedding(MLP(2, [1]))
    (True, False)
    """
    visited: set[int] = set()
    stack = [model]
    while stack:
        x = stack.pop()
        # Nothing is looked for in nn's own layers, which consist of many parameters.
        if type(x) in (Parameter, MLP, Layer, Neuron) or id(x) in visited:
            continue
        if isinstance(x, Embedding):
            return True
        visited.add(id(x))
        if isinstance(x, (list, tuple)):
            stack += x
        elif isinstance(x, dict):
            stack += x.values()
        elif isinstance(x, Module):
            stack += x._attributes().values()
        elif x is model:
            stack += getattr(x, "__dict__", {}).values()
    return False
