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

from array import array
from collections.abc import Callable, Container, Mapping, Sequence, Set
from itertools import accumulate, chain, compress
from math import copysign
from typing import Any, NamedTuple

from autograd import ops
from autograd.program.tape import SUM, Instructions, Tape

ADD, SUBTRACT, MULTIPLY, NEGATIVE = [str(op.atom) for op in (ops.add, ops.subtract, ops.multiply, ops.negate)]

ADDING = (ADD, SUM)
JOINING = {ADD, MULTIPLY, SUM}
"""What can become a part of a sum.  A difference stays a step: what cancels in it has to do so first."""


def terms(operands: tuple[int, ...]) -> tuple[int, list[tuple[int, int]]]:
    """What a sum of products begins with, and the pairs of factors, by their slots.

    >>> terms((4, 0, 1, 2, 3))
    (4, [(0, 1), (2, 3)])
    """
    return operands[0], list(zip(operands[1::2], operands[2::2], strict=True))


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
        steps: all that there are; those that become sums are changed.
        inputs, labels: the names of inputs and of steps, by their slots.
        fuse: True if additions and multiplications that are used once become parts of sums; there are constants
            1.0 and -0.0 then.
    """
    atoms, operands, constants = steps
    uses = uses_of(steps, outputs)
    # The constants that sums begin, or cease, to need.
    plain: list[int] = []
    if fuse:
        one, nothing = slot_of(1.0, constants), slot_of(-0.0, constants)
        assert one is not None
        assert nothing is not None
        plain = [one, nothing]
        adder = parts_of_sums(steps, uses, one, {*outputs, *labels})
        roots = set(adder.values()) - adder.keys()
        for slot in plain:
            uses[slot] -= sum([operands[step].count(slot) for step in chain(adder, roots)])
        for root in roots:
            operands[root] = gathered(steps, root, adder, one, nothing)
            atoms[root] = SUM
        for slot in plain:
            uses[slot] += sum([operands[root].count(slot) for root in roots])
        for slot in adder:
            uses[slot] = 0
    used = [slot for slot in constants if uses[slot] and slot not in plain]
    used += [slot for slot in plain if uses[slot]]
    is_chosen = [bool(count and atom) for atom, count in zip(atoms, uses, strict=False)]
    first = len(inputs) + len(used)
    # Where each slot stands: each chosen step one further; an array, as so many numbers would take much memory.
    place = array("q", accumulate(is_chosen, initial=first))
    place.extend([0] * (len(uses) - len(place)))
    for number, slot in enumerate(chain(inputs, used)):
        place[slot] = number
    at = place.__getitem__
    return Tape(
        tuple(inputs.values()),
        tuple([constants[slot] for slot in used]),
        Instructions(
            [*compress(atoms, is_chosen)],
            [*compress(operands, is_chosen)],
            {at(slot) - first: labels[slot] for slot in sorted(labels) if uses[slot]},
            place,
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


def parts_of_sums(steps: Steps, uses: Sequence[int], one: int, kept: Set[int]) -> dict[int, int]:
    """The steps that become parts of a sum, as what they give is added once and not used again; by whom, for each.

    Args:
        kept: the slots of steps that stay what they are.
    """
    atoms = steps.atoms
    found: dict[int, int] = {}
    for slot in [slot for slot, atom in enumerate(atoms) if atom in ADDING]:
        operands = added = steps.operands[slot]
        if atoms[slot] == SUM:
            added = operands[:1]
            if one in operands:
                added += tuple([a for a, b in terms(operands)[1] if b == one])
        for part in added:
            if part >= 0 and uses[part] == 1 and atoms[part] in JOINING and part not in kept and uses[slot]:
                found[part] = slot
    return found


def slot_of(number: float, constants: Mapping[int, float]) -> int | None:
    """The slot of a constant, if there is one.  (0.0 and -0.0 are two.)"""
    sign = copysign(1.0, number)
    return next((slot for slot, x in constants.items() if x == number and copysign(1.0, x) == sign), None)


def gathered(steps: Steps, root: int, parts: Container[int], one: int, nothing: int) -> tuple[int, ...]:
    """The operands of a sum: what a step adds up, with all that its parts, and their parts, add up.

    The first number that is added alone becomes what it begins with.

    Args:
        one, nothing: the slots of the constants 1.0 and -0.0.
    """
    init: int | None = None
    factors: list[int] = []
    # Numbers to be added, and pairs of factors, in the order of the text.
    waiting: list[Any] = [root]
    while waiting:
        slot = waiting.pop()
        if type(slot) is tuple:
            factors += slot
        elif slot == root or slot in parts:
            operands = steps.operands[slot]
            if steps.atoms[slot] == MULTIPLY:
                factors += operands
            elif steps.atoms[slot] == ADD:
                waiting += operands[::-1]
            else:
                begin, pairs = terms(operands)
                waiting += [a if b == one else (a, b) for a, b in reversed(pairs)]
                waiting.append(begin)
        elif init is None and slot != nothing:
            init = slot
        elif slot != nothing:
            factors += (slot, one)
    return (nothing if init is None else init, *factors)


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
