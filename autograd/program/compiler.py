"""compile(): record a computation once, then run it again and again on new numbers.

>>> from autograd import Value
>>> w, x = Value(0.5, "w"), Value(3.0, "x")
>>> program = compile((w * x).tanh(), [w, x], engine="python")
>>> program(0.5, 3.0) == (w * x).tanh().data
True
>>> value, (by_w, by_x) = program.value_and_grad(0.5, 3.0)
>>> print(program)
inputs w, x
t1 = w * x
t2 = tanh t1
return t2

An engine runs the tape: "python" and "numpy" are always there, "native" is machine code (extra ``fast``),
"jax" is JAX (extra ``jax``), "eager" goes through the steps one by one.  "auto" takes the fastest there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograd.core.operand import Operand
from autograd.core.threads import cached_property
from autograd.program.arguments import FLOAT, Arguments
from autograd.program.backward import backpropagate
from autograd.program.calling import (
    checked_engine,
    eager,
    make_runner,
    run_batch,
    run_on_arrays,
    run_single,
)
from autograd.program.engine_table import TEXTS, Runner
from autograd.program.graphs import checked_outputs, recorder_for, write_down
from autograd.program.recorder import collector_at_rest
from autograd.program.sums import fused
from autograd.program.tape import Statistics, Tape, TapeError
from autograd.program.tracer import in_order
from autograd.transforms.nesting import answer, differentiating, is_outermost
from autograd.transforms.pytree import checked_argnums
from autograd.transforms.reverse import fresh_input, slopes_of
from autograd.value import Value


class StandingGraph:
    """The Values that a program was made of, for somebody who differentiates through the program.

    To a program the Values that are no inputs are constants; here they are what they are.

    Args:
        by: the places of the inputs by which ``value_and_grad`` differentiates.
    """

    def __init__(self, outputs: list[Value], inputs: list[Value], by: list[int]) -> None:
        self.outputs, self.inputs, self.by = outputs, inputs, by

    def run(self, numbers: list[Any]) -> list[Any]:
        """The outputs for other inputs."""
        found: dict[int, Any] = dict(zip(map(id, self.inputs), numbers, strict=True))
        for node in in_order(self.outputs, set(found)):
            if node.op is not None and not found.keys().isdisjoint(map(id, node.inputs)):
                found[id(node)] = node.op(*[found.get(id(x), x) for x in node.inputs])
        return [found.get(id(y), y) for y in self.outputs]

    def value_and_grad(self, numbers: list[Any]) -> list[Any]:
        """The only output, and then its derivatives."""
        fresh = [fresh_input(x) for x in numbers]
        with differentiating():
            [y] = self.run(fresh)
            found = [y, *slopes_of(y, [fresh[i] for i in self.by])]
        answered: list[Any] = answer(found, plain=False)
        return answered


@dataclass(frozen=True)
class Recorded:
    """What was recorded of a function.

    Attributes:
        tape: what it computes; None if it is to be taken out of the other tape when somebody asks.
        gradient: the same, and then the derivatives; None if it gives several results.
        several: True if it gives a list of results.
        has_held: True if parts were held fixed for derivatives, of which a tape itself knows nothing.
        graph: the Values themselves, where somebody may differentiate through the program.
    """

    tape: Tape | None
    gradient: Tape | None
    several: bool
    has_held: bool = False
    graph: StandingGraph | None = None


class Program:
    """A tape that can be called.  Made by ``compile``; it may be used from several threads, and pickled.

    Attributes:
        tape: what it computes.
        gradient_tape: the same, and then the derivatives; None if it gives several results.
        inputs: the names of its inputs.
        engine: who runs it.
        several: True if it gives a list of results.
    """

    def __init__(
        self,
        recorded: Recorded,
        engine: str,
        arguments: Arguments | None = None,
        argnums: int | Sequence[int] | None = None,
    ) -> None:
        self._recorded = recorded
        self.gradient_tape = recorded.gradient
        self.several = recorded.several
        # One of the two is made ready now, so that an engine which cannot do it says so.
        if recorded.tape is not None:
            self.inputs = recorded.tape.inputs
            self._run, self.engine = make_runner(recorded.tape, engine)
        else:
            assert recorded.gradient is not None
            self.inputs = recorded.gradient.inputs
            self._run_gradient, self.engine = make_runner(recorded.gradient, engine)
        self.arguments = arguments or Arguments(self.inputs, (None,) * len(self.inputs))
        self.argnums = argnums
        self._chosen = chosen_places(argnums, len(self.arguments.names))
        # True if there is one argument to differentiate by, and not a list of one.
        self._is_one = argnums is not None and not isinstance(argnums, Iterable)
        self._has_lists = self.arguments.has_lists
        self._has_graph = recorded.graph is not None

    @cached_property
    def tape(self) -> Tape:
        """The steps to the results, without those to their derivatives."""
        if self._recorded.tape is None:
            assert self.gradient_tape is not None
            return fused(self.gradient_tape.only([0]))
        return self._recorded.tape

    @cached_property
    def _run(self) -> Runner:
        return make_runner(self.tape, self.engine)[0]

    @cached_property
    def _run_gradient(self) -> Runner:
        assert self.gradient_tape is not None
        return make_runner(self.gradient_tape, self.engine)[0]

    @property
    def statistics(self) -> Statistics:
        """How many steps the tape has, of which kind, how deep, how much memory."""
        return self.tape.statistics

    @property
    def source(self) -> str:
        """The program as Python source, to be read.

        >>> a = Value(2.0, "a")
        >>> print(compile(a * a + 1, [a]).source)
        def run(x0):
            t2 = x0 * x0 + 1.0
            return (t2,)
        """
        return TEXTS["python"](self.tape)

    @property
    def assembly(self) -> str:
        """The steps as machine code for one sample, in the words of this processor's assembly language.

        It is made to be read: the native engine itself runs a table of rows, for which nothing is compiled.

        Raises:
            EngineMissing: if llvmlite is not installed.
        """
        return TEXTS["native"](self.tape)

    def __call__(self, /, *numbers: Any, **named: Any) -> Any:
        """Run it on numbers, or on NumPy arrays of shape (n,), one number for each of n samples.

        Inputs are given in their order or by name.  What was a list of inputs to ``compile`` is given as a
        list of k numbers or an array of shape (k,); for n samples of shape (k, n).  The result is a float, or
        an array of shape (n,); a list of them if the program has several outputs.

        On Values it makes a graph, as the steps themselves would, so that its result can be differentiated.

        Raises:
            TapeError: on Values, if parts of it were held fixed by ``detach`` or ``no_grad``.
            TypeError: if inputs are missing or too many.
            DataError: for what is not a number.
            DomainError, NumberOverflowError: where a result is not finite, naming the operation.

        >>> import numpy as np
        >>> a, b = Value(2.0, "a"), Value(3.0, "b")
        >>> program = compile(a * b, [a, b])
        >>> program(4, b=5), program(np.array([1.0, 2.0]), 10)
        (20.0, array([10., 20.]))
        """
        results = self._results(self._run, self.tape, numbers, named)
        if not self.several:
            return float(results[0]) if isinstance(results[0], float) else results[0]
        return results if isinstance(results, list) else results.tolist()

    def value_and_grad(self, /, *numbers: Any, **named: Any) -> tuple[Any, Any]:
        """The result, and its derivative with respect to each input; a list of inputs has a list or an array.

        If the program was compiled with ``argnums``, only the derivatives by these.

        Raises:
            TapeError: if the program has several results.
        """
        if self.gradient_tape is None:
            raise TapeError("value_and_grad needs a program with one result, but this one gives a list")
        results = self._results(self._run_gradient, self.gradient_tape, numbers, named)
        value = results[0]
        if isinstance(value, float):
            value = float(value)
        if not self._has_lists and self.argnums is None:
            return value, results[1:]
        given = (*numbers, *[named[name] for name in self.arguments.names[len(numbers) :]]) if named else numbers
        slopes = self.arguments.shaped(results, self._chosen, given)
        return value, slopes[0] if self._is_one else slopes

    def _results(self, run: Any, tape: Tape, numbers: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """All outputs: a list of floats or of arrays; an array of numbers where there are lists of inputs."""
        # The most frequent calls have nothing that needs to be looked at.
        if not named and not self._has_graph:
            if self._has_lists and hasattr(run, "directly"):
                found = run.directly(numbers)
                if found is not None:
                    return found
            if self.arguments.are_exact(numbers):
                return self._on_one_sample(run, tape, numbers)
        checked = self.arguments.checked(numbers, named)
        samples = self.arguments.samples(checked)
        is_followed = any(isinstance(x, Operand) or (isinstance(x, list) and holds_operand(x)) for x in checked)
        graph = self._recorded.graph
        if graph is not None and (is_followed or not is_outermost()):
            if samples is not None:
                raise TypeError("a program made inside of a function that is differentiated takes no batch there")
            run_graph = graph.run if tape is not self.gradient_tape else graph.value_and_grad
            return run_graph(self.arguments.columns(checked))
        if is_followed:
            if samples is not None:
                raise TypeError("a program runs on Values or on a batch, but it was given a Value and an array")
            if self._recorded.has_held:
                raise TapeError(
                    "this program cannot run on Values: detach() or no_grad() held parts of it fixed, of which its "
                    "steps know nothing\n  Call the function itself; jit(function) can be differentiated."
                )
            return eager(tape)(*self.arguments.columns(checked))
        if samples is not None:
            return run_batch(run, tape, self.engine, self.arguments.columns(checked), samples)
        return self._on_one_sample(run, tape, checked)

    def _on_one_sample(self, run: Runner, tape: Tape, checked: Sequence[Any]) -> Any:
        if not self._has_lists:
            return run_single(run, tape, checked)
        if hasattr(run, "on_arrays"):
            return run_on_arrays(run, tape, checked)
        return run_single(run, tape, self.arguments.columns(checked))

    def __str__(self) -> str:
        return str(self.tape)

    def __repr__(self) -> str:
        return f"<Program by {self.engine}: {self.statistics}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Program, (replace(self._recorded, graph=None), self.engine, self.arguments, self.argnums)


def holds_operand(numbers: list[Any]) -> bool:
    return set(map(type, numbers)) != FLOAT and any(isinstance(x, Operand) for x in numbers)


LONG = 10_000
"""A tape of so many steps is not written twice, once with and once without the derivatives."""


@collector_at_rest()
def compile(
    outputs: Value | Sequence[Value],
    inputs: Sequence[Value | Sequence[Value]],
    engine: str = "auto",
    argnums: int | Sequence[int] | None = None,
) -> Program:
    """A graph that stands as a program: the outputs as a function of the inputs.

    Every leaf that is not among the inputs is a constant.  (Only inside of a function that is differentiated
    does the program remember the Values behind its constants, so that no gradient is lost.)

    Engines agree with the steps one by one to a few units in the last place for each operation, and in a sum
    (``total``, ``dot``) of n terms to n·2⁻⁵²·Σ|terms|: each engine adds them in an order of its own, where a
    Value rounds the exact sum once.

    Args:
        inputs: Values, and lists of Values; the program takes a list, or an array, for each list.
        engine: who runs it: "auto", "eager", "python", "numpy", "native" or "jax".
        argnums: the places of the inputs by which ``value_and_grad`` differentiates; all, unless given.

    Raises:
        TapeError: if something in the graph cannot be recorded.
        GradientError: if argnums names no input.
        AutogradError: for an engine that is not there.

    >>> a = Value(2.0, "a")
    >>> program = compile([a * a, a + 1], [a])
    >>> program(3.0)
    [9.0, 4.0]

    With a list, for thousands of numbers at once:

    >>> import numpy as np
    >>> from autograd import dot
    >>> w, x = [Value(0.0) for _ in range(3)], [Value(0.0) for _ in range(3)]
    >>> program = compile(dot(w, x), [w, x], argnums=0)
    >>> program.value_and_grad(np.array([1.0, 2.0, 3.0]), [1, 0, -1])
    (-2.0, array([ 1.,  0., -1.]))
    """
    checked_engine(engine)
    several = not isinstance(outputs, Value)
    roots: list[Any] = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    if isinstance(inputs, Operand):
        raise TapeError("compile takes a list of inputs, also for a single one: [x]")
    groups: list[list[Any]] = [list(x) if isinstance(x, (list, tuple)) else [x] for x in inputs]
    chosen = chosen_places(argnums, len(groups))
    flat = [x for group in groups for x in group]
    count = iter(range(len(flat)))
    places = [[next(count) for _ in group] for group in groups]
    by = [i for place in chosen for i in places[place]]
    recorder, tracers = recorder_for(flat, "compile")
    values = checked_outputs(roots, "compile")
    place, slots = write_down(recorder, values, flat), recorder.graph.slots
    results = [slots[place[id(y)]] for y in values]
    tape = gradient = None
    if not several:
        slopes = backpropagate(recorder, recorder.graph, place[id(values[0])], range(len(flat)))
        gradient = recorder.tape([*results, *[slopes[i] for i in by]])
    # For a long tape that takes seconds; it can be taken out of the other when somebody asks.
    if gradient is None or len(gradient.instructions) < LONG:
        tape = recorder.tape(results)
    names = [
        f"inputs[{place}]" if isinstance(x, (list, tuple)) else tracers[places[place][0]].label
        for place, x in enumerate(inputs)
    ]
    counts = [len(x) if isinstance(x, (list, tuple)) else None for x in inputs]
    graph = None if is_outermost() else StandingGraph(values, flat, by)
    recorded = Recorded(tape, gradient, several, graph=graph)
    return Program(recorded, engine, Arguments(tuple(names), tuple(counts)), argnums)


def chosen_places(argnums: int | Sequence[int] | None, count: int) -> list[int]:
    """The places that ``argnums`` names among so many inputs, counted from 0.

    Raises:
        GradientError: if there is no such place.
    """
    return checked_argnums(range(count) if argnums is None else argnums, count, f"there are {count} input(s)")
