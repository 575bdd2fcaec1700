"""A graph flattened to a tape: a straight line of primitive operations, to be run again on other numbers.

What is recorded: the numbers that are put in, the constants, and then one step for each *atom*, the
operations that every engine knows, or for a *sum of products*, which is the work of every network.  A composite
like sigmoid stands there as the atoms that it is made of; what occurs twice is computed once; what nothing
depends on is left out.

>>> from autograd import Value
>>> from autograd.program.graphs import record_gradient
>>> w1, w2, b1 = Value(0.5, "w1"), Value(-1.0, "w2"), Value(0.25, "b1")
>>> x1, x2 = Value(2.0, "x1"), Value(3.0, "x2")
>>> z1 = b1 + w1 * x1 + w2 * x2
>>> z1.label = "z1"
>>> print(record_gradient(z1.exp(), [w1, w2, b1, x1, x2]))
inputs w1, w2, b1, x1, x2
t1 = b1 + w1 * x1 + w2 * x2    # z1
t2 = exp t1
t3 = x1 * t2
t4 = x2 * t2
t5 = w1 * t2
t6 = w2 * t2
return t2, t3, t4, t2, t5, t6
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import copysign
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd import ops
from autograd.core.op import SUM as SUM
from autograd.core.plain_text import printable
from autograd.core.threads import cached_property
from autograd.errors import AutogradError
from autograd.ops import Op
from autograd.program.instructions import Instruction as Instruction
from autograd.program.instructions import Instructions as Instructions

if TYPE_CHECKING:
    import numpy as np


class TapeError(AutogradError, TypeError):
    """Something that cannot be written on a tape, because it depends on numbers that are not known yet."""


class Summand(NamedTuple):
    """What a sum adds (or takes off): a number or the product of two, by their slots."""

    factors: tuple[int, ...]
    is_negative: bool = False


@dataclass(frozen=True)
class Statistics:
    """How much work a tape is.

    Attributes:
        inputs, constants, steps, outputs: how many there are.
        depth: the longest chain of steps of which each needs the one before.
        atoms: how often each atom occurs, the most frequent first.
        summands: how many numbers and products the sums of products add up, all together.
        bytes_per_sample: memory for all numbers of one sample, if no place is used twice.
    """

    inputs: int
    constants: int
    steps: int
    outputs: int
    depth: int
    atoms: dict[str, int]
    summands: int
    bytes_per_sample: int

    def __str__(self) -> str:
        added = {SUM: f" of {self.summands} summands"}
        counted = ", ".join([f"{count} {atom}{added.get(atom, '')}" for atom, count in self.atoms.items()])
        return (
            f"{self.steps} steps ({counted or 'none'}), depth {self.depth}, {self.inputs} inputs, "
            f"{self.constants} constants, {self.outputs} outputs, {self.bytes_per_sample} bytes a sample"
        )


@dataclass(frozen=True, repr=False, eq=False)
class Tape:
    """A straight-line program.

    Its numbers stand in slots: first the inputs, then the constants, then the result of each
    instruction; an instruction refers to earlier slots only.

    Two tapes are equal if they compute the same: what inputs and steps are called does not count.

    Attributes:
        inputs: the names of the inputs.
        constants: the numbers that never change.
        instructions: the steps.
        outputs: the slots of the results.

    >>> def product(a, b):
    ...     recorder = Recorder()
    ...     return recorder.finish([recorder.input(a) * recorder.input(b)])
    >>> from autograd.program.recorder import Recorder
    >>> product("w", "x") == product("u", "v")
    True
    """

    inputs: tuple[str, ...]
    constants: tuple[float, ...]
    instructions: Sequence[Instruction]
    outputs: tuple[int, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.instructions, Instructions):
            object.__setattr__(self, "instructions", Instructions.of(self.instructions))

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """All that the tape computes, and no names: tapes with one key are one program."""
        return (*self._key_without_operands, tuple(self.operands))

    @cached_property
    def _key_without_operands(self) -> tuple[Any, ...]:
        # As bytes, 0.0 and -0.0 are two constants, and nan is equal to itself.
        return len(self.inputs), array("d", self.constants).tobytes(), tuple(self.atoms), self.outputs

    @cached_property
    def _hash(self) -> int:
        # To look at all operands takes long, and tells few tapes apart that are not told apart already.
        return hash(self._key_without_operands)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tape) and (self is other or self.key == other.key)

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        # Without the hash: that of a text is another one in another process.
        return Tape, (self.inputs, self.constants, self.instructions, self.outputs)

    @property
    def statistics(self) -> Statistics:
        """How many steps there are, of which kind, how deep, and how much memory they take.

        >>> from autograd import Value
        >>> from autograd.program.graphs import record
        >>> x = Value(0.5, "x")
        >>> print(record([x.tanh() + 1], [x]).statistics)
        2 steps (1 tanh, 1 add), depth 2, 1 inputs, 1 constants, 1 outputs, 24 bytes a sample
        >>> print(record([x * x + x + 3], [x]).statistics)
        1 steps (1 sum of 3 summands), depth 1, 1 inputs, 2 constants, 1 outputs, 16 bytes a sample
        """
        first = len(self.inputs) + len(self.constants)
        depths = [0] * first
        for operands in self.operands:
            depths.append(1 + max([depths[i] for i in operands]))
        atoms = Counter(self.atoms)
        sums = [operands for atom, operands in zip(self.atoms, self.operands, strict=True) if atom == SUM]
        steps = len(self.instructions)
        return Statistics(
            len(self.inputs), len(self.constants), steps, len(self.outputs), max(depths, default=0),
            dict(atoms.most_common()), sum([len(self.summands(operands)) for operands in sums]),
            8 * (len(self.inputs) + steps),
        )  # fmt: skip

    def summands(self, operands: tuple[int, ...]) -> list[Summand]:
        """What a sum of products with these operands adds up, without the -0.0 and the factors 1.0 and -1.0.

        A number to begin with comes first, but a constant one last, as people write it.

        >>> from autograd import Value
        >>> from autograd.program.graphs import record
        >>> w, x = Value(0.5, "w"), Value(3.0, "x")
        >>> tape = record([w * x + x + 1], [w, x])
        >>> [[tape.names()[i] for i in summand.factors] for summand in tape.summands(tape.operands[0])]
        [['x'], ['w', 'x'], ['1']]
        """
        numbers = self._number_of_constant
        found = [
            Summand((a,), numbers[b] < 0) if numbers.get(b) in (1.0, -1.0) else Summand((a, b))
            for a, b in zip(operands[1::2], operands[2::2], strict=True)
        ]
        init, number = operands[0], numbers.get(operands[0])
        if number is None:
            return [Summand((init,)), *found]
        is_nothing = number == 0 and copysign(1.0, number) < 0
        return found if is_nothing else [*found, Summand((init,))]

    @cached_property
    def _number_of_constant(self) -> dict[int, float]:
        return dict(enumerate(self.constants, len(self.inputs)))

    @property
    def atoms(self) -> Sequence[str]:
        """The atom of each step."""
        return self._columns.atoms

    @property
    def operands(self) -> Sequence[tuple[int, ...]]:
        """The operands of each step."""
        return self._columns.operands

    @property
    def labels(self) -> Mapping[int, str]:
        """From the number of a step to its label, for those that have one."""
        return self._columns.labels

    def flat(self) -> tuple[np.ndarray, np.ndarray]:
        """How many operands each step has, and all of them, those of one step after those of another."""
        return self._columns.flat()

    @property
    def _columns(self) -> Instructions:
        assert isinstance(self.instructions, Instructions)
        return self.instructions

    def only(self, wanted: Sequence[int]) -> Tape:
        """The tape that computes some of the outputs, counted from 0, with only the steps that they need.

        >>> from autograd import Value
        >>> from autograd.program.graphs import record
        >>> x = Value(0.5, "x")
        >>> print(record([x.tanh() + 1, x * x], [x]).only([0]))
        inputs x
        t1 = tanh x
        t2 = t1 + 1
        return t2
        """
        outputs = [self.outputs[i] for i in wanted]
        before, first = len(self.inputs), len(self.inputs) + len(self.constants)
        needed = bytearray(first + len(self.instructions))
        for slot in outputs:
            needed[slot] = True
        for slot in range(len(needed) - 1, first - 1, -1):
            if needed[slot]:
                for operand in self.operands[slot - first]:
                    needed[operand] = True
        kept = [slot for slot, is_needed in enumerate(needed) if is_needed or slot < before]
        place = {slot: i for i, slot in enumerate(kept)}
        steps = [self.instructions[slot - first] for slot in kept if slot >= first]
        return Tape(
            self.inputs,
            tuple([self.constants[slot - before] for slot in kept if before <= slot < first]),
            tuple(
                [Instruction(atom, tuple([place[i] for i in operands]), label) for atom, operands, label in steps]
            ),
            tuple([place[slot] for slot in outputs]),
        )

    def names(self) -> list[str]:
        """What each slot is called in the listing: the inputs' own names, plain numbers, t1, t2, ..."""
        labels = [on_one_line(label) for label in self.inputs]
        used = Counter(labels)
        # A name that another input has, or that could be a number or a step, gets the place of the input.
        unclear = re.compile(r"t\d+|.*\]|[-+.\d].*|inf|nan|")
        names = [
            f"{label}[{i}]" if used[label] > 1 or unclear.fullmatch(label) else label
            for i, label in enumerate(labels)
        ]
        names += [f"{x:.17g}" if float(f"{x:g}") != x else f"{x:g}" for x in self.constants]
        return names + [f"t{i}" for i in range(1, len(self.instructions) + 1)]

    def __str__(self) -> str:
        names = self.names()
        first = len(self.inputs) + len(self.constants)
        steps = [
            f"{names[first + i]} = "
            + (
                write_sum(self.summands(step.operands), names)
                if step.atom == SUM
                else write_step(step.atom, [names[k] for k in step.operands])
            )
            for i, step in enumerate(self.instructions)
        ]
        width = max(map(len, steps), default=0) + 4
        lines = [f"inputs {', '.join(names[: len(self.inputs)])}".rstrip()]
        for text, step in zip(steps, self.instructions, strict=True):
            lines.append(f"{text:{width}}# {on_one_line(step.label)}" if step.label else text)
        lines.append(f"return {', '.join(names[i] for i in self.outputs)}".rstrip())
        return "\n".join(lines)

    def __repr__(self) -> str:
        n = [len(part) for part in (self.inputs, self.instructions, self.outputs)]
        return f"<Tape: {n[0]} input(s), {n[1]} step(s), {n[2]} output(s)>"


def on_one_line(label: str) -> str:
    return printable(" ".join(label.split()))


def write_sum(summands: Sequence[Summand], names: Sequence[str]) -> str:
    """
    >>> write_sum([Summand((0,)), Summand((1, 2)), Summand((3,), is_negative=True)], ["b", "w", "x", "y"])
    'b + w * x - y'
    """
    products = [" * ".join([names[i] for i in factors]) for factors, _ in summands]
    signs = [" - " if is_negative else " + " for _, is_negative in summands]
    # Before the first one stands no plus, and its minus stands close to it.
    signs[0] = signs[0].strip(" +")
    return "".join([sign + product for sign, product in zip(signs, products, strict=True)])


def write_step(atom: str, operands: Sequence[str]) -> str:
    """
    >>> write_step("add", ["t1", "t2"]), write_step("maximum", ["t1", "0"])
    ('t1 + t2', 'maximum t1 0')
    """
    try:
        op = primitive(atom)
    except TapeError:
        # Declared in another process, say; the listing does without it.
        return " ".join([on_one_line(atom), *operands])
    if len(operands) == 2 and not any(map(str.isalnum, op.symbol)):
        return f"{operands[0]} {op.symbol} {operands[1]}"
    return " ".join([on_one_line(atom), *operands])


_primitives: dict[str, Op] = {}


def primitive(atom: str) -> Op:
    """The row of the table that declares an atom; also a learner's own.

    Raises:
        TapeError: if no operation has that atom.

    >>> primitive("tanh"), primitive("pow")
    (<Op tanh>, <Op power>)
    """
    if atom not in _primitives:
        _primitives.update({op.atom: op for op in reversed(ops.ALL.values()) if op.atom is not None})
    op = _primitives.get(atom)
    if op is None or (ops.ALL.get(op.name) is not op and op.name in ops.ALL):
        # A notebook's cell has declared the operation once more; the newest one counts.
        op = next((op for op in ops.ALL.values() if op.atom == atom), None)
        if op is None:
            raise TapeError(f"no operation has the atom {atom!r}; declare it with Op(..., atom={atom!r}) first")
        _primitives[atom] = op
    return op
