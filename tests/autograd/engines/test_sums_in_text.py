"""A sum of products as Python and JavaScript write it, and as NumPy and JAX compute it."""

import json
import math
import shutil
import subprocess

import numpy as np
import pytest

from autograd import Value, total
from autograd.engines import javascript, python_source
from autograd.engines.numpy_batch import LevelByLevel, NumPyTape, step_by_step
from autograd.errors import AutogradError
from autograd.program.graphs import record
from autograd.program.tape import SUM, Instruction, Tape
from viz.exercises.quiz_program import write_expressions


def tape_of(operands, constants=(), inputs=4):
    steps = [Instruction(SUM, tuple(each)) for each in operands]
    first = inputs + len(constants)
    return Tape(
        tuple(f"x{i}" for i in range(inputs)), constants, tuple(steps), tuple(range(first, first + len(steps)))
    )


NOTHING, ONE, MINUS_ONE, TWO = 4, 5, 6, 7
CONSTANTS = (-0.0, 1.0, -1.0, -2.0)
SUMS = {
    "a product": ((NOTHING, 0, 1), "x0 * x1", "t0*t1"),
    "beginning with a number": ((3, 0, 1, 2, 2), "x3 + x0 * x1 + x2 * x2", "t3+t0*t1+t2*t2"),
    "beginning with a constant": ((TWO, 0, 1), "x0 * x1 + (-2.0)", "t0*t1+(-2)"),
    "numbers alone": ((0, 1, ONE, 2, ONE), "x0 + x1 + x2", "t0+t1+t2"),
    "taken off": ((0, 1, MINUS_ONE, 2, 3), "x0 - x1 + x2 * x3", "t0-t1+t2*t3"),
    "taken off first": ((NOTHING, 1, MINUS_ONE, 2, TWO), "-x1 + x2 * (-2.0)", "-t1+t2*(-2)"),
}


@pytest.mark.parametrize("name", SUMS)
def test_what_changes_nothing_is_not_written(name):
    operands, in_python, in_javascript = SUMS[name]
    tape = tape_of([operands], CONSTANTS)
    assert f"    t8 = {in_python}\n" in python_source.write_function(tape)
    assert f"const t8={in_javascript};" in javascript.write_function(tape)


def runs_of(tape):
    """The tape's outputs on rows of inputs, by each way of computing it without another package."""
    step, text, levels = step_by_step(tape), python_source.function(tape), LevelByLevel(tape)
    yield lambda rows: [step(*row) for row in rows]
    yield lambda rows: [text(*row) for row in rows]
    yield lambda rows: [levels.run(np.array(row)) for row in rows]
    yield lambda rows: levels.run(np.array(rows).T).T
    yield lambda rows: np.array(NumPyTape(tape)(*np.array(rows).T)).T
    if shutil.which("node"):
        yield lambda rows: in_node(tape, rows)


def in_node(tape, rows):
    # JSON has one zero only.
    text = f"{javascript.write_function(tape)}\nconsole.log(JSON.stringify({json.dumps(rows)}.map(x => "
    text += "run(x).map(y => Object.is(y, -0) ? '-0' : y))))"
    ran = subprocess.run(["node", "-"], input=text, capture_output=True, encoding="utf-8", check=True, timeout=60)
    return [[float(x) for x in row] for row in json.loads(ran.stdout)]


ROWS = [[0.5, -3.0, 2.0, 0.25], [-0.0, 0.0, -0.0, 0.0], [0.0, -0.0, 3.0, -0.0]]


def test_every_way_of_computing_gives_the_same_numbers_and_signs_of_zero():
    tape = tape_of([operands for operands, *_ in SUMS.values()], CONSTANTS)
    for run in runs_of(tape):
        for row, found in zip(ROWS, run(ROWS), strict=True):
            slots = [*row, *CONSTANTS]
            expected = [
                sum([slots[a] * slots[b] for a, b in zip(each[1::2], each[2::2], strict=True)], slots[each[0]])
                for each, *_ in SUMS.values()
            ]
            assert list(map(math.copysign, [1.0] * len(found), found)) == [math.copysign(1.0, x) for x in expected]
            assert list(found) == expected


def test_in_jax_too():
    jax_function = pytest.importorskip("autograd.engines.jax_function")
    pytest.importorskip("jax", reason="JAX is not installed: pip install 'glassgrad[jax]'")
    tape = tape_of([operands for operands, *_ in SUMS.values()], CONSTANTS)
    short = jax_function.compiled(jax_function.function(tape))
    long = jax_function.compiled(jax_function.level_by_level(tape))
    python = python_source.function(tape)
    for row in ROWS:
        expected = list(python(*row))
        for found in (short(*row), long(np.array(row)), long(np.array([row, row]).T)[:, 1]):
            assert [float(x) for x in found] == expected
        # Level by level JAX does not know -0.0.
        assert [math.copysign(1.0, x) for x in short(*row)] == [math.copysign(1.0, x) for x in expected]


@pytest.mark.parametrize("count", [8, 9, 9_000])
def test_a_sum_of_many_products(count):
    """An expression of thousands of terms would be too deep for Python."""
    tape = tape_of([(2 * count, *range(2 * count))], (-0.0,), 2 * count)
    row = np.random.default_rng(3).normal(size=2 * count).tolist()
    products = np.array(row[::2]) * row[1::2]
    error = count * 2.0**-52 * np.abs(products).sum()
    for run in runs_of(tape):
        assert run([row])[0][0] == pytest.approx(math.fsum(products), rel=0, abs=error)


def test_a_tape_of_few_long_sums_is_long():
    """What Python has to read counts, not the number of steps."""
    x = [Value(0.1 * i) for i in range(220)]
    tape = record([total([x[i] * x[k] for k in range(i)]) for i in range(1, 220)], x)
    assert len(tape.instructions) < python_source.LONGEST < python_source.length(tape)
    with pytest.raises(AutogradError, match=f"has {python_source.length(tape):,} steps"):
        python_source.write_function(tape)


def test_a_sum_in_an_expression_of_the_quiz():
    lines, results = write_expressions(tape_of([SUMS["taken off"][0], (8, 0, 8)], CONSTANTS), ["a", "b", "c", "d"])
    assert (lines, results) == ("const t8=a-b+c*d;", ["t8", "t8+a*t8"])
