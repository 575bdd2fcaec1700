"""Atoms in LLVM's language: one number at a time, or several side by side in one vector.

Each atom of the table is written with LLVM's own instructions and functions where it has them, and calls the C
library otherwise.  exp and tanh are written out for vectors, because the C library's take one number at a time.

A product and a sum are written as ``fmuladd``: one instruction where the processor has it, and two where
it has not (there ``fma`` would be a call of the C library, hundreds of times slower).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from autograd.engines.native.llvm_text import LANES, Body, vector
from autograd.errors import AutogradError
from autograd.program.sums import expanded
from autograd.program.tape import Tape, primitive


def code_for(atom: str) -> Callable[..., str]:
    if atom in ATOMS:
        return ATOMS[atom]
    if primitive(atom).is_built_in:
        return written(Body.library, atom)
    raise AutogradError(
        f"the native engine has no machine code for {atom!r}, an operation of your own; "
        "write it with operations of autograd and without an atom, or use engine='python'"
    )


@cache
def lines_of(atom: str) -> int:
    """How many lines an atom takes, for a vector of samples: 1 for a sum, dozens for a tanh."""
    body = Body(LANES)
    code_for(atom)(body, *["%x"] * primitive(atom).arity)
    return len(body.lines)


def emit(body: Body, tape: Tape, inputs: Sequence[str], known: Mapping[int, str] | None = None) -> list[str]:
    """Write a tape's steps into a body, and give the names of its outputs.

    Args:
        known: for some slots where their numbers are already to be found.

    Raises:
        AutogradError: if the tape has an atom that is not in the table below.
    """
    tape, known = expanded(tape), {} if known is None else known
    slots = [*inputs, *[body.constant(x) for x in tape.constants]]
    for instruction in tape.instructions:
        found = known.get(len(slots))
        if found is None:
            found = code_for(instruction.atom)(body, *[slots[i] for i in instruction.operands])
        slots.append(found)
    return [slots[i] for i in tape.outputs]


def emit_fixed(body: Body, tape: Tape, fixed: Mapping[int, str]) -> dict[int, str]:
    """Write only those steps that depend on nothing but some inputs, which stay the same in a loop.

    Returns:
        For each slot of such a step, and of these inputs, the name of its number.
    """
    tape, found = expanded(tape), dict(fixed)
    first = len(tape.inputs)
    found |= {first + i: body.constant(x) for i, x in enumerate(tape.constants)}
    for slot, instruction in enumerate(tape.instructions, first + len(tape.constants)):
        if all(i in found for i in instruction.operands):
            found[slot] = code_for(instruction.atom)(body, *[found[i] for i in instruction.operands])
    return {slot: name for slot, name in found.items() if slot >= first + len(tape.constants) or slot in fixed}


def written(how: Callable[..., str], name: str) -> Callable[..., str]:
    """An atom that is one call: ``how(body, name, *inputs)``."""
    return lambda body, *inputs: how(body, name, *inputs)


def negative(body: Body, x: str) -> str:
    return body.new(f"fneg {body.type} {x}")


def pick(body: Body, how: str, x: str, y: str) -> str:
    """One of two; a comparison with nan is false: an x that is nan is kept, and y is taken if it is nan."""
    one, other = body.compare(how, x, y), body.compare("uno", x, x)
    return body.select(body.new(f"or {vector('i1', body.width)} {one}, {other}"), x, y)


maximum, minimum = written(pick, "oge"), written(pick, "ole")


def step(body: Body, x: str) -> str:
    positive = body.select(body.compare("ogt", x, body.constant(0.0)), body.constant(1.0), body.constant(0.0))
    return body.select(body.compare("uno", x, x), x, positive)


def greater(body: Body, x: str, y: str) -> str:
    return body.select(body.compare("ogt", x, y), body.constant(1.0), body.constant(0.0))


def sign(body: Body, x: str) -> str:
    zero = body.constant(0.0)
    or_zero = body.binary("fmul", x, zero)
    or_negative = body.select(body.compare("olt", x, zero), body.constant(-1.0), or_zero)
    return body.select(body.compare("ogt", x, zero), body.constant(1.0), or_negative)


def mod(body: Body, x: str, y: str) -> str:
    """The C library's remainder has the sign of x; where that is not the sign of y, y is added once more."""
    zero = body.constant(0.0)
    rest = body.library("fmod", x, y)
    differ = body.compare("olt", body.intrinsic("copysign", body.constant(1.0), rest), zero)
    differ = body.new(f"xor {vector('i1', body.width)} {differ}, {body.compare('olt', y, zero)}")
    moved = body.select(differ, body.binary("fadd", rest, y), rest)
    return body.select(body.compare("oeq", rest, zero), body.intrinsic("copysign", zero, y), moved)


def where(body: Body, condition: str, x: str, y: str) -> str:
    return body.select(body.compare("une", condition, body.constant(0.0)), x, y)


# A sum of 1.5 * 2**52 and a small number has that number, rounded to a whole one, in its last bits.
ROUNDER = 1.5 * 2.0**52
LN_2_HIGH, LN_2_LOW = 6.93145751953125e-1, 1.42860682030941723212e-6


def exp(body: Body, x: str) -> str:
    """eˣ = 2ᵏ · eʳ with a whole k and |r| ≤ ½ ln 2, where a polynomial of degree 13 is exact to the last bits.

    (Cody and Waite, "Software Manual for the Elementary Functions", 1980, chapter 6.)  For a single number
    the C library's exp, which looks up a part of the result in a table, is a little quicker.
    """
    if body.width == 1 and not body.in_loop:
        return body.library("exp", x)
    shifted = body.intrinsic("fmuladd", x, body.constant(1 / math.log(2)), body.constant(ROUNDER))
    k = body.binary("fsub", shifted, body.constant(ROUNDER))
    r = body.intrinsic("fmuladd", k, body.constant(-LN_2_HIGH), x)
    r = body.intrinsic("fmuladd", k, body.constant(-LN_2_LOW), r)
    series = polynomial(body, r, [1 / math.factorial(n) for n in range(14)])
    # 2ᵏ is made in two halves, so that neither leaves the range of a float.
    whole = body.on_integers("sub", body.as_integer(shifted), int_bits(ROUNDER))
    half = body.on_integers("ashr", whole, 1)
    rest = body.on_integers("sub", whole, half)
    found = body.binary("fmul", body.binary("fmul", series, two_to(body, half)), two_to(body, rest))
    # Beyond these k does not fit into an exponent; a nan stays, because it is not less than anything.
    found = body.select(body.compare("olt", x, body.constant(-746.0)), body.constant(0.0), found)
    return body.select(body.compare("ogt", x, body.constant(710.0)), body.constant(math.inf), found)


def two_to(body: Body, k: str) -> str:
    """2ᵏ for a whole k, by writing k into the exponent's bits."""
    return body.as_number(body.on_integers("shl", body.on_integers("add", k, 1023), 52))


def int_bits(value: float) -> int:
    found: int = struct.unpack("<q", struct.pack("<d", value))[0]
    return found


def polynomial(body: Body, x: str, coefficients: Sequence[float]) -> str:
    """c₀ + c₁x + c₂x² + ..., in pairs, so that a processor can compute several parts at once (Estrin's scheme)."""
    parts = [body.constant(c) for c in coefficients]
    power = x
    while len(parts) > 1:
        pairs = [
            body.intrinsic("fmuladd", parts[i + 1], power, parts[i]) if i + 1 < len(parts) else parts[i]
            for i in range(0, len(parts), 2)
        ]
        parts = pairs
        if len(parts) > 1:
            power = body.binary("fmul", power, power)
    return parts[0]


# Moshier, "Methods and Programs for Mathematical Functions" (1989): tanh on |x| < 0.625.
TANH_ABOVE = (-1.61468768441708447952e3, -9.92877231001918586564e1, -9.64399179425052238628e-1)
TANH_BELOW = (4.84406305325125486048e3, 2.23548839060100448583e3, 1.12811678491632931402e2, 1.0)


def tanh(body: Body, x: str) -> str:
    """Near 0 a quotient of polynomials; further out 1 - 2e⁻²ˣ / (1 + e⁻²ˣ), of |x| and with the sign of x."""
    square = body.binary("fmul", x, x)
    quotient = body.binary("fdiv", polynomial(body, square, TANH_ABOVE), polynomial(body, square, TANH_BELOW))
    near = body.intrinsic("fmuladd", body.binary("fmul", x, square), quotient, x)
    # Written as the slope's exponential is on the tape, so that both are one.
    twice = body.intrinsic("fabs", body.binary("fmul", body.constant(2.0), x))
    small = exp(body, negative(body, twice))
    share = body.binary("fdiv", body.binary("fadd", small, small), body.binary("fadd", body.constant(1.0), small))
    far = body.binary("fsub", body.constant(1.0), share)
    return body.intrinsic("copysign", body.select(body.compare("olt", twice, body.constant(1.25)), near, far), x)


ATOMS: dict[str, Callable[..., str]] = {
    "add": written(Body.binary, "fadd"),
    "subtract": written(Body.binary, "fsub"),
    "multiply": written(Body.binary, "fmul"),
    "divide": written(Body.binary, "fdiv"),
    "negative": negative,
    "maximum": maximum,
    "minimum": minimum,
    "step": step,
    "gt": greater,
    "sign": sign,
    "abs": written(Body.intrinsic, "fabs"),
    "floor": written(Body.intrinsic, "floor"),
    "ceil": written(Body.intrinsic, "ceil"),
    "rint": written(Body.intrinsic, "rint"),
    "mod": mod,
    "where": where,
    "sqrt": written(Body.intrinsic, "sqrt"),
    "exp": exp,
    "tanh": tanh,
}
"""How an atom is written.  Any other atom of the table has the name of a function in the C library."""
