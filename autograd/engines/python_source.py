"""A tape as Python source: readable, quick to make, and in need of nothing but the standard library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd import ops
from autograd.errors import AutogradError
from autograd.program.tape import SUM, Summand, Tape, primitive, write_sum

LONGEST = 20_000
"""The longest tape: to read a function beyond this, Python needs seconds and hundreds of megabytes."""

SUMMANDS_PER_LINE = 8
"""A sum of more goes on in the next line: Python reads a long expression by calling itself for each summand."""

INFIX = {op.atom: op.symbol for op in (ops.add, ops.subtract, ops.multiply, ops.divide)}
"""The atoms that stand between their operands, in Python as in the drawings; JavaScript writes them alike."""


def write_function(tape: Tape, name: str = "run") -> str:
    """The text of a Python function that takes the inputs and gives a tuple of the outputs.

    Raises:
        AutogradError: if the tape is longer than ``LONGEST``.

    >>> from autograd import Value
    >>> from autograd.program.graphs import record_gradient
    >>> a = Value(2.0, "a")
    >>> print(write_function(record_gradient(a.sin() * 3, [a])))
    def run(x0):
        t2 = sin(x0)
        t3 = t2 * 3.0
        t4 = cos(x0)
        t5 = t4 * 3.0
        return (t3, t5,)

    A step that is a sum is one line, as long as it is not too long:

    >>> from autograd.program.tape import Instruction
    >>> neuron = Instruction(SUM, (4, 0, 1, 2, 3))
    >>> print(write_function(Tape(("w1", "x1", "w2", "x2", "b"), (), (neuron,), (5,))))
    def run(x0, x1, x2, x3, x4):
        t5 = x4 + x0 * x1 + x2 * x3
        return (t5,)
    """
    if (count := length(tape)) > LONGEST:
        raise AutogradError(
            f"the tape has {count:,} steps, but Python source has {LONGEST:,} at most; "
            'use engine="numpy", or engine="native" (pip install "glassgrad[fast]")'
        )
    # Only slot numbers, numbers and atoms enter the text: labels stay outside.
    words = [f"x{i}" for i in range(len(tape.inputs))] + [number(x) for x in tape.constants]
    lines = [f"def {name}({', '.join(words[: len(tape.inputs)])}):"]
    for slot, instruction in enumerate(tape.instructions, len(words)):
        operands = [words[i] for i in instruction.operands]
        words.append(f"t{slot}")
        if instruction.atom == SUM:
            expressions = write_long_sum(tape.summands(instruction.operands), slot, words)
        elif instruction.atom in INFIX:
            expressions = [f"{operands[0]} {INFIX[instruction.atom]} {operands[1]}"]
        else:
            expressions = [f"{function_name(instruction.atom)}({', '.join(operands)})"]
        lines += [f"    t{slot} = {expression}" for expression in expressions]
    outputs = "".join(f"{words[i]}, " for i in tape.outputs).rstrip()
    return "\n".join([*lines, f"    return ({outputs})"])


def write_long_sum(summands: Sequence[Summand], result: int, words: Sequence[str]) -> list[str]:
    """The expressions of which one after the other is assigned to the slot of the result.

    >>> summands = [Summand((k, 10)) for k in range(10)]
    >>> write_long_sum(summands, 11, ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "x", "t11"])
    ['a * x + b * x + c * x + d * x + e * x + f * x + g * x + h * x', 't11 + i * x + j * x']
    """
    parts = [[*summands[i : i + SUMMANDS_PER_LINE]] for i in range(0, len(summands), SUMMANDS_PER_LINE)]
    return [write_sum(part if part is parts[0] else [Summand((result,)), *part], words) for part in parts]


def length(tape: Tape) -> int:
    """How many steps a tape has, where a sum counts as many as it has products."""
    return sum([len(operands) // 2 or 1 for operands in tape.operands])


def number(x: float) -> str:
    """
    >>> number(2.0), number(-0.5), number(float("inf"))
    ('2.0', '(-0.5)', "float('inf')")
    """
    text = repr(x)
    if text.lstrip("-").isalpha():
        return f"float({text!r})"
    return f"({text})" if text.startswith("-") else text


def function_name(atom: str) -> str:
    """What an atom is called in the text: by its own name, or a learner's own by numbers for its letters.

    >>> from autograd import Op
    >>> half = Op("half", lambda x: x / 2, lambda x, z: (0.5,), atom="half")
    >>> function_name("tanh"), function_name("half")
    ('tanh', 'atom_68616c66')
    """
    return atom if primitive(atom).is_built_in else f"atom_{atom.encode().hex()}"


def function(
    tape: Tape, atoms: Callable[[str], Callable[..., Any]] = lambda atom: primitive(atom).forward
) -> Callable[..., tuple[Any, ...]]:
    """The tape as a function: ``function(tape)(x1, x2, ...)`` gives a tuple of numbers.

    It raises what the operations themselves raise outside their domains.

    Args:
        atoms: the function that stands for each atom; the operation on floats, unless given.
    """
    names: dict[str, Any] = {
        function_name(instruction.atom): atoms(instruction.atom)
        for instruction in tape.instructions
        if instruction.atom not in INFIX and instruction.atom != SUM
    }
    # The text was written above, from numbers and the names of atoms alone.
    exec(compile(write_function(tape), "<tape>", "exec"), names)
    found: Callable[..., tuple[Any, ...]] = names["run"]
    return found
