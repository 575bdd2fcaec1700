"""500 random graphs on every engine that is installed: the results and derivatives are those of the steps one by one.

Half of the graphs are programs from the whole table of operations, the other half networks, whose neurons are copies
of each other.  Each is written in two ways, operator by operator and with ``dot``, and computed for one sample and for
a batch, with its slopes and its second derivatives.  How far two engines may be apart is said by a running error
analysis of the very tape that they run (``helpers/random_programs.py``); in the end an engine that is wrong by one
pair of factors must be noticed.
"""

import json
import random
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pytest
from random_programs import TABLE, Sized, drawn_program

from autograd import Value, compile, gradient
from autograd.accuracy.allowances import ULPS
from autograd.engines.javascript import write_function
from autograd.program.calling import eager
from autograd.program.engine_table import ENGINES
from autograd.program.tape import SUM, Instruction, Tape

GRAPHS = 500
TOGETHER = 25
"""So many graphs are one test."""

NEEDS = {"python": "math", "numpy": "numpy", "native": "llvmlite"}
INSTALLED = [name for name, package in NEEDS.items() if find_spec(package)]


def dot_by_operators(*numbers):
    half = len(numbers) // 2
    result = numbers[0] * numbers[half]
    for a, b in zip(numbers[1:half], numbers[half + 1 :], strict=True):
        result = result + a * b
    return result


WAYS = {
    "with dot": TABLE,
    "by operators": {**TABLE, "dot": dot_by_operators, "total": lambda *xs: sum(xs[1:], xs[0])},
}


@dataclass(frozen=True)
class Network:
    """Layers of neurons with any operation for their activation; weights and inputs are all in ``start``."""

    sizes: tuple[int, ...]
    activation: str
    start: tuple[float, ...]

    def outputs(self, xs, table):
        numbers = iter(xs)
        row = [next(numbers) for _ in range(self.sizes[0])]
        [(low, high)] = TABLE[self.activation].domain
        for count in self.sizes[1:]:
            sums = [table["dot"](*[next(numbers) for _ in row], *row) + next(numbers) for _ in range(count)]
            row = [table[self.activation](table["sin"](z) * (0.49 * (high - low)) + (low + high) / 2) for z in sums]
        return row


def drawn_network(rng):
    activation = rng.choice([name for name, op in TABLE.items() if op.arity == 1 and not op.variadic])
    sizes = tuple([rng.randint(1, 9) for _ in range(rng.randint(2, 3))])
    weights = sum([(before + 1) * after for before, after in pairwise(sizes)])
    return Network(sizes, activation, tuple([round(rng.uniform(-1, 1), 3) for _ in range(sizes[0] + weights)]))


@dataclass(frozen=True)
class Graph:
    """A graph's tape of some engine's program, and what it gives at two points: all numbers, and how far to trust them.

    Attributes:
        y, inputs: what is to be compiled.
        points: two rows of numbers for the inputs.
        expected, errors: a row for each point, of the result and then its slopes.
    """

    y: Value
    inputs: list[Value]
    points: list[list[float]]
    expected: np.ndarray
    errors: np.ndarray

    def assert_near(self, found, engine, point):
        off = np.abs(np.asarray(found, dtype=float) - self.expected[point])
        for k in np.flatnonzero(~(off <= self.errors[point])):
            raise AssertionError(f"{engine}: number {k} is {off[k]} off where {self.errors[point][k]} is allowed")


def weighted(row, table):
    """One number, in which all results count."""
    return table["dot"](*[1.0 / k for k in range(1, len(row) + 1)], *row)


def graph_of(drawn, table, order, points):
    """The result of a drawn graph (order 1), or its slope by the first input (order 2), and what follows from it."""
    results = []
    for point in reversed(points):
        inputs = [Value(x) for x in point]
        y = weighted(drawn.outputs(inputs, table), table)
        if order == 2:
            y = gradient(y, inputs)[0]
        y.backward()
        results.append([y.data, *[x.grad for x in inputs]])
    tape = compile(y, inputs, engine="python").gradient_tape
    # Each operation of an engine is within so many ulps, of which one is two of the analysis' units; so are the
    # steps one by one.
    errors = [[2 * 2 * ULPS[0] * error_of(x) for x in eager(tape)(*map(Sized, point))] for point in points]
    return Graph(y, inputs, points, np.array(results[::-1]), np.array(errors))


def error_of(x):
    return x.error if isinstance(x, Sized) else 0.0


@cache
def graphs(number):
    """A random graph in all ways of writing it, with its first and second derivatives."""
    rng = random.Random(number)
    drawn = drawn_program(rng) if number % 2 else drawn_network(rng)
    points = [list(drawn.start), [round(rng.uniform(-2.0, 2.0), 3) for _ in drawn.start]]
    return [graph_of(drawn, table, order, points) for table in WAYS.values() for order in (1, 2)]


def the_engine_computes(graph, engine):
    program = compile(graph.y, graph.inputs, engine=engine)
    value, slopes = program.value_and_grad(*graph.points[0])
    graph.assert_near([value, *slopes], engine, 0)
    value, slopes = program.value_and_grad(*np.array(graph.points).T)
    for point in range(2):
        graph.assert_near([row[point] for row in (value, *slopes)], engine, point)


# --- the engines --------------------------------------------------------------------------------------------

LOTS = [range(first, first + TOGETHER) for first in range(0, GRAPHS, TOGETHER)]
FIRST_AND_OTHERS = [
    pytest.param(lot, id=f"from {lot[0]}", marks=[] if lot is LOTS[0] else pytest.mark.slow) for lot in LOTS
]


@pytest.mark.parametrize("lot", FIRST_AND_OTHERS)
def test_random_graphs(lot):
    for number in lot:
        for graph in graphs(number):
            for engine in INSTALLED:
                the_engine_computes(graph, engine)


@pytest.mark.parametrize(
    "number", [1, 3, *[pytest.param(k, marks=pytest.mark.slow) for k in range(50, GRAPHS, 101)]]
)
def test_random_graphs_in_jax(number):
    """Some of them: JAX needs seconds to compile each."""
    pytest.importorskip("jax", reason="JAX is not installed: pip install 'glassgrad[jax]'")
    for graph in graphs(number):
        the_engine_computes(graph, "jax")


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
@pytest.mark.parametrize("lot", FIRST_AND_OTHERS)
def test_random_graphs_in_javascript(lot):
    chosen = [graph for number in lot for graph in graphs(number)]
    programs = []
    for graph in chosen:
        source = write_function(compile(graph.y, graph.inputs, engine="python").gradient_tape)
        programs.append(f"(() => {{{source}\nreturn {json.dumps(graph.points)}.map(run)}})()")
    ran = subprocess.run(
        ["node", "-"], input=f"console.log(JSON.stringify([{','.join(programs)}]))", capture_output=True,
        encoding="utf-8", check=True, timeout=120,
    )  # fmt: skip
    for graph, found in zip(chosen, json.loads(ran.stdout), strict=True):
        for point in range(2):
            graph.assert_near(found[point], "javascript", point)


# --- an engine that is wrong --------------------------------------------------------------------------------


def another_factor(operands):
    return (*operands[:2], operands[1], *operands[3:])


def without_a_product(operands):
    return operands[0], *operands[3:]


def twice_a_product(operands):
    return *operands, *operands[-2:]


@pytest.mark.parametrize("mistake", [another_factor, without_a_product, twice_a_product])
@pytest.mark.parametrize("number", [3, 4])
def test_an_engine_that_is_wrong_in_one_sum_is_noticed(mistake, number, monkeypatch):
    for graph in graphs(number):
        tape = compile(graph.y, graph.inputs, engine="python").gradient_tape
        sums = [k for k, atom in enumerate(tape.atoms) if atom == SUM and len(tape.operands[k]) > 3]
        monkeypatch.setitem(ENGINES, "mistaken", lambda tape, at=sums[-1]: mistaken(tape, at, mistake))
        with pytest.raises(AssertionError, match=r"mistaken: number \d+ is .* off where .* is allowed"):
            the_engine_computes(graph, "mistaken")


def mistaken(tape, at, mistake):
    """An engine with a mistake in one sum."""
    steps = list(tape.instructions)
    if at < len(steps):
        steps[at] = Instruction(SUM, mistake(steps[at].operands))
    return ENGINES["numpy"](Tape(tape.inputs, tape.constants, tuple(steps), tape.outputs))
