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

from collections.abc import Callable, Iterable
from math import copysign

from autograd.program.tape import SUM, Instructions, Tape

ADD, SUBTRACT, MULTIPLY, NEGATIVE = "add", "subtract", "multiply", "negative"

JOINING = {ADD, MULTIPLY, SUM}
"""What can become a part of a sum.  A difference stays a step: what cancels in it has to do so first."""

ONE, NOTHING = -1, -2
"""In the place of the slots of 1.0 and -0.0, where a tape has no such constants yet."""

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
    atoms, all_operands = tape.atoms, tape.operands
    first = len(tape.inputs) + len(tape.constants)
    one, nothing = slot_of(1.0, tape, ONE), slot_of(-0.0, tape, NOTHING)
    is_part = parts_of_sums(tape, one)
    sums = {
        step: operands_of(products_of(tape, step, is_part, one, nothing), one, nothing)
        for step, operands in enumerate(all_operands)
        if atoms[step] in (ADD, SUM) and not is_part[first + step] and any(map(is_part.__getitem__, operands))
    }
    if not sums:
        return tape
    added = [number for number, slot in ((1.0, one), (-0.0, nothing)) if is_new(slot, sums.values())]
    place = [*range(first), *[0] * (len(atoms) + 2)]
    for at, number in enumerate(added, first):
        place[ONE if number else NOTHING] = at
    kept = [step for step in range(len(atoms)) if not is_part[first + step]]
    for at, step in enumerate(kept, first + len(added)):
        place[first + step] = at
    labels = tape.labels
    return Tape(
        tape.inputs,
        (*tape.constants, *added),
        Instructions(
            [SUM if step in sums else atoms[step] for step in kept],
            [tuple([place[slot] for slot in sums.get(step) or all_operands[step]]) for step in kept],
            {at: labels[step] for at, step in enumerate(kept) if step in labels},
        ),
        tuple([place[slot] for slot in tape.outputs]),
    )


def slot_of(number: float, tape: Tape, default: int) -> int:
    """The slot of a constant, and the default if the tape does not have it.  (0.0 and -0.0 are two.)"""
    for slot, constant in enumerate(tape.constants, len(tape.inputs)):
        if constant == number and copysign(1.0, constant) == copysign(1.0, number):
            return slot
    return default


def is_new(slot: int, sums: Iterable[tuple[int, ...]]) -> bool:
    """True if the tape has to get this constant, because a sum needs it."""
    return slot < 0 and any(slot in operands for operands in sums)


def parts_of_sums(tape: Tape, one: int) -> bytearray:
    """For each slot whether its step becomes a part of the sum that uses it, and that alone."""
    first, atoms = len(tape.inputs) + len(tape.constants), tape.atoms
    uses = [0] * (first + len(atoms))
    is_added = bytearray(len(uses))
    for atom, operands in zip(atoms, tape.operands, strict=True):
        for slot in operands:
            uses[slot] += 1
        if atom == ADD:
            for slot in operands:
                is_added[slot] = True
        elif atom == SUM:
            is_added[operands[0]] = True
            for slot, factor in zip(operands[1::2], operands[2::2], strict=True):
                if factor == one:
                    is_added[slot] = True
    for slot in [*range(first), *tape.outputs, *[first + step for step in tape.labels]]:
        is_added[slot] = False
    for step, atom in enumerate(atoms, first):
        if is_added[step] and (uses[step] > 1 or atom not in JOINING):
            is_added[step] = False
    return is_added


def products_of(tape: Tape, root: int, is_part: bytearray, one: int, nothing: int) -> list[Product]:
    """What a step adds up, with all that its parts, and their parts, add up, in the order of the text."""
    first, atoms, all_operands = len(tape.inputs) + len(tape.constants), tape.atoms, tape.operands
    found: list[Product] = []
    waiting: list[Product] = [(first + root,)]
    while waiting:
        product = waiting.pop()
        step = product[0] - first
        if len(product) == 2 or not (step == root or is_part[product[0]]):
            if product != (nothing,):
                found.append(product)
        elif atoms[step] == MULTIPLY:
            found.append(all_operands[step])
        elif atoms[step] == ADD:
            a, b = all_operands[step]
            waiting += ((b,), (a,))
        else:
            init, pairs = terms(all_operands[step])
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
