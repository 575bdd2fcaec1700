"""Steps and constants as they are written down, each once: what is known already, or simpler, is no new step."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable

from autograd import ops
from autograd.core.evaluate import FAILURES
from autograd.ops import Op
from autograd.program.sums import ADD, MULTIPLY, NEGATIVE, SUBTRACT
from autograd.program.tape import SUM, primitive

COMMUTATIVE = (ADD, MULTIPLY)
REDUCIBLE = (NEGATIVE, SUM)

# What can be said without looking at the other number.
CONSTANT_OPERAND: dict[tuple[str, int, float], Callable[[Writer, int], int]] = {
    ("multiply", 0, 1.0): lambda writer, x: x,
    ("multiply", 1, 1.0): lambda writer, x: x,
    ("multiply", 0, -1.0): lambda writer, x: writer.step("negative", (x,)),
    ("multiply", 1, -1.0): lambda writer, x: writer.step("negative", (x,)),
    ("divide", 1, 1.0): lambda writer, x: x,
    ("divide", 1, -1.0): lambda writer, x: writer.step("negative", (x,)),
    ("subtract", 1, 0.0): lambda writer, x: x,
    ("pow", 1, 0.0): lambda writer, x: writer.constant(1.0),
    ("pow", 1, 1.0): lambda writer, x: x,
    ("pow", 1, 2.0): lambda writer, x: writer.step("multiply", (x, x)),
    ("pow", 1, 3.0): lambda writer, x: writer.step("multiply", (writer.step("multiply", (x, x)), x)),
    ("pow", 1, -1.0): lambda writer, x: writer.step("divide", (writer.constant(1.0), x)),
    ("pow", 1, 0.5): lambda writer, x: writer.step("sqrt", (x,)),
}
"""What takes the place of an atom whose operand at some place is a certain constant; the result is the same."""


class Writer:
    """Collects steps.

    Its slots: 0, 1, 2, ... are inputs and steps, as they come; -1, -2, ... are constants.

    >>> writer = Writer()
    >>> x, y = writer.leaf(), writer.leaf()
    >>> writer.step("add", (x, y)), writer.step("add", (y, x)), writer.step("multiply", (x, writer.constant(1.0)))
    (2, 2, 0)
    """

    def __init__(self) -> None:
        self.constants: list[float] = []
        # For each slot its atom ("" for an input) and operands.
        self._atoms: list[str] = []
        self._operands: list[tuple[int, ...]] = []
        # Of an addition or multiplication the operands stand here with the smaller slot first.
        self._slot_of_step: defaultdict[str, dict[tuple[int, ...], int]] = defaultdict(dict)
        self._slot_of_constant: dict[tuple[float, float], int] = {}
        self._one, self._minus_one, self._nothing = map(self.constant, (1.0, -1.0, -0.0))

    def leaf(self) -> int:
        """The slot of a number that is put in."""
        self._atoms.append("")
        self._operands.append(())
        return len(self._atoms) - 1

    def step(self, atom: str, operands: tuple[int, ...]) -> int:
        """The slot of an atom's result: a new step, unless it is known already or nothing is to be done."""
        key = operands[::-1] if atom in COMMUTATIVE and operands[0] > operands[1] else operands
        if min(operands) < 0 or atom in REDUCIBLE:
            known = self._slot_of_step[atom]
            simpler = None if key in known else self._simpler(atom, operands)
            if simpler is not None:
                known[key] = simpler
        return self._written(atom, operands, key)

    def _written(self, atom: str, operands: tuple[int, ...], key: tuple[int, ...]) -> int:
        count = len(self._atoms)
        slot = self._slot_of_step[atom].setdefault(key, count)
        if slot == count:
            self._atoms.append(atom)
            self._operands.append(operands)
        return slot

    def _simpler(self, atom: str, operands: tuple[int, ...]) -> int | None:
        """The slot of a result that needs no step of its own, or one that is simpler."""
        if atom == SUM:
            init, *factors = operands
            return self.sum([init, self._one, *factors])
        if min(operands) < 0:
            return self._with_constants(atom, operands)
        if atom == NEGATIVE and self._atoms[operands[0]] == NEGATIVE:
            return self._operands[operands[0]][0]
        return None

    def sum(self, factors: list[int]) -> int:
        """The slot of a sum of products, each of two slots: what is known is computed, and no factor is 1."""
        one, nothing = self._one, self._nothing
        if len(factors) == 2:
            a, b = factors
            if a >= 0 <= b:
                return self._written(MULTIPLY, (a, b), (a, b) if a <= b else (b, a))
            return b if a == one else a if b == one else self.step(MULTIPLY, (a, b))
        init: int | None = None
        if min(factors) < 0:
            init, factors = self._with_known_parts(factors)
        if init is None:
            if len(factors) == 2:
                return self.step(MULTIPLY, (factors[0], factors[1]))
            init = nothing
        if not factors:
            return init
        if len(factors) == 2 and factors[1] in (one, self._minus_one):
            return self.step(ADD if factors[1] == one else SUBTRACT, (init, factors[0]))
        operands = (init, *factors)
        return self._written(SUM, operands, operands)

    def _with_known_parts(self, given: list[int]) -> tuple[int | None, list[int]]:
        """A sum in which the products of constants are one number: what it begins with, and the other factors."""
        one, minus_one, nothing = self._one, self._minus_one, self._nothing
        init = None
        factors: list[int] = []
        numbers: list[int] = []
        for a, b in zip(given[::2], given[1::2], strict=True):
            if a < 0:
                product = self._folded(ops.multiply, (a, b)) if b < 0 else None
                if product is not None:
                    numbers += [product] * (product != nothing)
                    continue
                if a in (one, minus_one):
                    a, b = b, a
            if init is None and b == one:
                init = a
            else:
                factors += (a, b)
        if numbers:
            together = self._folded(ops.total, tuple(numbers))
            for number in numbers if together is None else [together]:
                if init is None:
                    init = number
                else:
                    factors += (number, one)
        return init, factors

    def _with_constants(self, atom: str, operands: tuple[int, ...]) -> int | None:
        """The slot of a result that needs no step of its own, because some operands are constants."""
        if max(operands) < 0:
            return self._folded(primitive(atom), operands)
        if len(operands) > 2:
            return None
        place = 0 if operands[0] < 0 else 1
        number = self.constants[~operands[place]]
        simpler = CONSTANT_OPERAND.get((atom, place, number))
        # 0.0 and -0.0 are the same key, but x - -0.0 is not x where x is -0.0.
        if simpler is not None and (number or math.copysign(1.0, number) > 0):
            return simpler(self, operands[1 - place])
        return None

    def _folded(self, op: Op, operands: tuple[int, ...]) -> int | None:
        """The result of an operation on constants, unless it cannot be computed: then the run will say so."""
        try:
            number = float(op.forward(*[self.constants[~i] for i in operands]))
        except FAILURES:
            return None
        return self.constant(number) if math.isfinite(number) else None

    def constant(self, number: float) -> int:
        """The slot of a plain number; equal ones share it, but 0.0 and -0.0 are two."""
        key = (number, math.copysign(1.0, number))
        slot = self._slot_of_constant.get(key)
        if slot is None:
            slot = self._slot_of_constant[key] = ~len(self.constants)
            # Somebody may have set the data of a Value to another kind of number.
            self.constants.append(float(number))
        return slot
