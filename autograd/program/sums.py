"""Sums of products as one kind of step: gathered from additions and multiplications, and taken apart again.

A graph that is written operator by operator adds and multiplies two numbers at a time.  ``fused`` makes one step of
what is added up, where nobody sees or uses the parts; ``expanded`` makes additions and multiplications of it again.

>>> from autograd import Value
>>> from autograd.program.graphs import record
>>> w, x, b = Value(0.5, "w"), Value(3.0, "x"), Value(1.0, "b")
>>> tape = record([w * x + b + x], [w, x, b])
>>> print(tape)
inputs w, x, b
t1 = b + w * x + x
return t1
>>> print(expanded(tape))
inputs w, x, b
t1 = w * x
t2 = b + t1
t3 = t2 + x
return t3
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import chain
from math import copysign
from typing import NamedTuple

from autograd import ops
from autograd.program.tape import SUM, Instructions, Tape

ADD, SUBTRACT, MULTIPLY, NEGATIVE = [str(op.atom) for op in (ops.add, ops.subtract, ops.multiply, ops.negate)]

JOINING = {ADD, MULTIPLY, SUM}
"""What can become a part of a sum.  A difference stays a step: what cancels in it has to do so first."""

Product = tuple[int, ...]
"""The slots of two factors, or of a number that is added alone."""


def terms(operands: tuple[int, ...]) -> tuple[int, list[tuple[int, int]]]:
    """What a sum of products begins with, and the pairs of factors, by their slots.

    >>> terms((4, 0, 1, 2, 3))
    (4, [(0, 1), (2, 3)])
    """
    return operands[0], list(zip(operands[1::2], operands[2::2], strict=True))


def operands_of(products: Iterable[Product], one: int, nothing: int) -> tuple[int, ...]:
    """The operands of a sum: the first number that is added alone becomes what it begins with.

    Args:
        one, nothing: the slots of the constants 1.0 and -0.0.

    >>> operands_of([(1, 2), (3,), (4,)], one=0, nothing=9)
    (3, 1, 2, 4, 0)
    """
    init: int | None = None
    found: list[int] = []
    for product in products:
        if len(product) == 2:
            found.extend(product)
        elif init is None:
            [init] = product
        else:
            found += (*product, one)
    return (nothing if init is None else init, *found)


def fused(tape: Tape) -> Tape:
    """The same tape, in which additions and multiplications that are used once have become parts of sums.

    A step that is an output, or has a label, stays.  The time grows with the length of the tape.
    """
    before, first = len(tape.inputs), len(tape.inputs) + len(tape.constants)
    constants = dict(enumerate(tape.constants, before))
    for new, number in ((-1, 1.0), (-2, -0.0)):
        if slot_of(number, constants) is None:
            constants[new] = number
    steps = Steps([""] * first + [*tape.atoms], [()] * first + [*tape.operands], constants)
    labels = {first + step: label for step, label in tape.labels.items()}
    found = lined_up(steps, dict(enumerate(tape.inputs)), labels, tape.outputs, fuse=True)
    return found if len(found.instructions) < len(tape.instructions) else tape


class Steps(NamedTuple):
    """Steps as they come; a slot is the number of its step.

    Attributes:
        atoms, operands: those of each step; the atom of what is no step is "".
        constants: the numbers by their slots; a negative slot is counted from behind.
    """

    atoms: list[str]
    operands: list[tuple[int, ...]]
    constants: Mapping[int, float]


def lined_up(
    steps: Steps, inputs: Mapping[int, str], labels: Mapping[int, str], outputs: Sequence[int], fuse: bool
) -> Tape:
    """The tape of the steps that some outputs need.

    Args:
        inputs, labels: the names of inputs and of steps, by their slots.
        fuse: True if additions and multiplications that are used once become parts of sums; there are constants
            1.0 and -0.0 then.
    """
    atoms, operands, constants = [*steps.atoms], [*steps.operands], steps.constants
    uses = uses_of(steps, outputs)
    parts: set[int] = set()
    plain: list[int] = []
    if fuse:
        one, nothing = slot_of(1.0, constants), slot_of(-0.0, constants)
        assert one is not None
        assert nothing is not None
        plain = [one, nothing]
        adder, kept = users_that_add(steps, uses, one), {*outputs, *labels}
        parts = {
            slot for slot in adder if slot >= 0 and uses[slot] == 1 and atoms[slot] in JOINING and slot not in kept
        }
        for root in {adder[slot] for slot in parts} - parts:
            atoms[root] = SUM
            operands[root] = operands_of(products_of(steps, root, parts, one, nothing), one, nothing)
    chosen = [slot for slot, atom in enumerate(atoms) if atom and uses[slot] and slot not in parts]
    used = [slot for slot in constants if uses[slot] and slot not in plain]
    # Sums may have begun, or ceased, to need these two.
    used += [slot for slot in plain if slot in outputs or any(slot in operands[step] for step in chosen)]
    place = [0] * len(uses)
    for number, slot in enumerate([*inputs, *used, *chosen]):
        place[slot] = number
    at = place.__getitem__
    return Tape(
        tuple(inputs.values()),
        tuple([constants[slot] for slot in used]),
        Instructions(
            [atoms[slot] for slot in chosen],
            [tuple(map(at, operands[slot])) for slot in chosen],
            {number: labels[slot] for number, slot in enumerate(chosen) if slot in labels},
        ),
        tuple(map(at, outputs)),
    )


def uses_of(steps: Steps, outputs: Sequence[int]) -> list[int]:
    """For each slot how often it is used for what the outputs need."""
    uses = [0] * (len(steps.atoms) + len(steps.constants))
    for slot in chain(outputs, chain.from_iterable(steps.operands)):
        uses[slot] += 1
    # What nobody needs does not need anything.
    idle = [slot for slot in range(len(steps.atoms)) if not uses[slot]]
    while idle:
        for slot in steps.operands[idle.pop()]:
            uses[slot] -= 1
            if not uses[slot] and slot >= 0:
                idle.append(slot)
    return uses


def users_that_add(steps: Steps, uses: Sequence[int], one: int) -> dict[int, int]:
    """For each slot that is added, for what the outputs need, the step that does so, or one of them."""
    found: dict[int, int] = {}
    for slot, atom in enumerate(steps.atoms):
        if not uses[slot]:
            continue
        if atom == ADD:
            for operand in steps.operands[slot]:
                found[operand] = slot
        elif atom == SUM:
            init, pairs = terms(steps.operands[slot])
            found[init] = slot
            found.update([(operand, slot) for operand, factor in pairs if factor == one])
    return found


def slot_of(number: float, constants: Mapping[int, float]) -> int | None:
    """The slot of a constant, if there is one.  (0.0 and -0.0 are two.)"""
    sign = copysign(1.0, number)
    return next((slot for slot, x in constants.items() if x == number and copysign(1.0, x) == sign), None)


def products_of(steps: Steps, root: int, parts: Set[int], one: int, nothing: int) -> list[Product]:
    """What a step adds up, with all that its parts, and their parts, add up, in the order of the text."""
    found: list[Product] = []
    waiting: list[Product] = [(root,)]
    while waiting:
        product = waiting.pop()
        slot = product[0]
        if len(product) == 2 or not (slot == root or slot in parts):
            if product != (nothing,):
                found.append(product)
        elif steps.atoms[slot] == MULTIPLY:
            found.append(steps.operands[slot])
        elif steps.atoms[slot] == ADD:
            a, b = steps.operands[slot]
            waiting += ((b,), (a,))
        else:
            init, pairs = terms(steps.operands[slot])
            waiting += [(a,) if b == one else (a, b) for a, b in reversed(pairs)]
            waiting.append((init,))
    return found


def expanded(tape: Tape) -> Tape:
    """The same tape without sums of products, for who does not know them: added in pairs, and pairs of pairs."""
    if SUM not in tape.atoms:
        return tape
    first = len(tape.inputs) + len(tape.constants)
    place = [*range(first)]
    atoms: list[str] = []
    all_operands: list[tuple[int, ...]] = []
    labels: dict[int, str] = {}

    def write(atom: str, *operands: int) -> int:
        atoms.append(atom)
        all_operands.append(operands)
        return first + len(atoms) - 1

    for step, (atom, operands) in enumerate(zip(tape.atoms, tape.operands, strict=True)):
        if atom != SUM:
            place.append(write(atom, *[place[slot] for slot in operands]))
        else:
            parts = []
            for factors, is_negative in tape.summands(operands):
                slots = [place[slot] for slot in factors]
                parts.append((slots[0] if len(slots) == 1 else write(MULTIPLY, *slots), is_negative))
            while len(parts) > 1:
                pairs = [in_one(x, y, write) for x, y in zip(parts[::2], parts[1::2], strict=False)]
                parts = pairs + parts[2 * len(pairs) :]
            [(slot, is_negative)] = parts
            place.append(write(NEGATIVE, slot) if is_negative else slot)
        if step in tape.labels and place[-1] >= first:
            labels[place[-1] - first] = tape.labels[step]
    outputs = tuple([place[slot] for slot in tape.outputs])
    return Tape(tape.inputs, tape.constants, Instructions(atoms, all_operands, labels), outputs)


def in_one(x: tuple[int, bool], y: tuple[int, bool], write: Callable[..., int]) -> tuple[int, bool]:
    """The slot of the sum of two numbers, of which each is to be added or taken off; and which of it the sum is."""
    (one, one_negative), (other, other_negative) = x, y
    if one_negative == other_negative:
        return write(ADD, one, other), one_negative
    return write(SUBTRACT, *((one, other) if other_negative else (other, one))), False
