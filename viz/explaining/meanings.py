"""What functions mean that come up in slopes, and that few books have; and why some slopes are 0.

>>> meanings([ops.sign, ops.add])
['sign(u) is 1 where u is positive, -1 where it is negative, and else 0.']
>>> jumps([ops.floor])
['⌊u⌋ jumps, and is flat elsewhere: its slope is 0, at a jump by convention.']
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from autograd import ops
from autograd.ops import Op
from autograd.symbols.formulas import symbol
from autograd.symbols.local_derivatives import local_formulas, written

MEANINGS = {
    ops.step: "step(u) is 1 where u is positive, and else 0.",
    ops.sign: "sign(u) is 1 where u is positive, -1 where it is negative, and else 0.",
    ops.greater: "u > v is 1 where that is true, and else 0.",
    ops.where: "where(c, u, v) is u where c is not 0, and else v.",
    ops.clip: "clip(u, a, b) is u, but not less than a and not more than b.",
    ops.floor: "⌊u⌋ is the largest whole number that is not above u.",
    ops.ceil: "⌈u⌉ is the smallest whole number that is not below u.",
    ops.rint: "round(u) is the whole number next to u, and of two the even one.",
}


def meanings(operations: Collection[Op | None]) -> list[str]:
    """A sentence for each of these operations that needs one, in the order of the table above."""
    return [text for op, text in MEANINGS.items() if op in operations]


def jumps(operations: Iterable[Op | None]) -> list[str]:
    """A sentence for each of these operations that is flat but for its jumps: all of its slopes are 0."""
    found = {}
    for op in operations:
        if op is not None and not op.variadic:
            inputs = [symbol(name) for name in ("u", "v", "w")[: op.arity]]
            if all(slope.value == 0 for slope in local_formulas(op, inputs)):
                name = written(op, inputs).text
                found[op.name] = f"{name} jumps, and is flat elsewhere: its slope is 0, at a jump by convention."
    return list(found.values())
