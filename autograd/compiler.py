"""compile() and jit(): record a computation once, then run it again and again on new numbers.

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

import functools
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import MethodType
from typing import Any

from autograd.engines import jax_function, native, numpy_batch, python_source
from autograd.engines.machine_code import EngineMissing
from autograd.errors import AutogradError, DataError, describe
from autograd.evaluate import compute
from autograd.modes import ieee_is_on
from autograd.operand import Operand, is_real
from autograd.structure import differentiating, flatten, rebuild
from autograd.tape import (
    Recorder,
    Statistics,
    Tape,
    TapeError,
    Tracer,
    collector_at_rest,
    primitive,
    record,
    record_gradient,
)
from autograd.value import Value
from autograd.watching import one_at_a_time, watching

__all__ = ["ENGINES", "JittedFunction", "Program", "compile", "jit"]

Runner = Callable[..., Sequence[Any]]
"""A tape made ready: it takes numbers or arrays of one length, and gives the outputs."""


def eager(tape: Tape) -> Runner:
    """The steps one by one, each with its own error."""

    def run(*inputs: Any) -> list[Any]:
        slots = [*inputs, *tape.constants]
        for step in tape.instructions:
            try:
                slots.append(compute(primitive(step.atom), tuple([slots[i] for i in step.operands])))
            except AutogradError as error:
                if step.label:
                    error.add_note(f"  In the program this step is called {step.label!r}.")
                raise
        return [slots[i] for i in tape.outputs]

    return run


ENGINES: dict[str, Callable[[Tape], Runner]] = {
    "eager": eager,
    "python": python_source.function,
    "numpy": numpy_batch.function,
    "native": native.runner,
    "jax": jax_function.function,
}
"""For each engine what makes a tape ready.  Yours may join: a function from a tape to a function."""

ONE_AT_A_TIME = ("eager", "python")
"""These compute one sample; of a batch, one after the other."""


def make_runner(tape: Tape, engine: str) -> tuple[Runner, str]:
    """The tape made ready by an engine, and the engine's name.

    Raises:
        AutogradError: for an unknown engine, or one whose package is missing.
    """
    if engine != "auto":
        if engine not in ENGINES:
            raise AutogradError(f"there is no engine {engine!r}; the engines are auto, {', '.join(ENGINES)}")
        return ENGINES[engine](tape), engine
    try:
        return native.runner(tape), "native"
    except EngineMissing:
        # NumPy computes single numbers as well, if not as fast as generated Python.
        return numpy_batch.function(tape), "numpy"


class Program:
    """A tape that can be called.  Made by ``compile``; it may be used from several threads, and pickled.

    Attributes:
        tape: what it computes.
        inputs: the names of its inputs.
        engine: who runs it.
        several: True if it gives a list of results.
    """

    def __init__(self, tape: Tape, gradient: Tape | None, engine: str, several: bool) -> None:
        self.tape = tape
        self.gradient_tape = gradient
        self.several = several
        self._run, self.engine = make_runner(tape, engine)
        self._lock = threading.Lock()
        self._run_gradient: Runner | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.tape.inputs

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
            t2 = x0 * x0
            t3 = t2 + 1.0
            return (t3,)
        """
        return python_source.write_function(self.tape)

    def __call__(self, *numbers: Any, **named: Any) -> Any:
        """Run it on numbers, or on NumPy arrays of shape (n,), one number for each of n samples.

        Inputs are given in their order or by name.  The result is a float, or an array of shape (n,); a
        list of them if the program has several outputs.

        Raises:
            TypeError: if inputs are missing or too many.
            DataError: for what is not a number.
            DomainError, NumberOverflowError: where a result is not finite, naming the operation.

        >>> import numpy as np
        >>> a, b = Value(2.0, "a"), Value(3.0, "b")
        >>> program = compile(a * b, [a, b])
        >>> program(4, b=5), program(np.array([1.0, 2.0]), 10)
        (20.0, array([10., 20.]))
        """
        given = self._arguments(numbers, named)
        results = run_checked(self._run, self.tape, self.engine, given)
        return results if self.several else results[0]

    def value_and_grad(self, *numbers: Any, **named: Any) -> tuple[Any, list[Any]]:
        """The result, and its derivative with respect to each input.

        Raises:
            TapeError: if the program has several results.
        """
        if self.gradient_tape is None:
            raise TapeError("value_and_grad needs a program with one result, but this one gives a list")
        with self._lock:
            if self._run_gradient is None:
                self._run_gradient, _ = make_runner(self.gradient_tape, self.engine)
        value, *slopes = run_checked(
            self._run_gradient, self.gradient_tape, self.engine, self._arguments(numbers, named)
        )
        return value, slopes

    def _arguments(self, numbers: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        names = self.tape.inputs
        missing = [name for name in names[len(numbers) :] if name not in named]
        unknown = [name for name in named if name not in names[len(numbers) :]]
        if len(numbers) > len(names) or missing or unknown:
            problem = f"it has no value for {', '.join(missing)}" if missing else "there are others"
            raise TypeError(
                f"the program takes {len(names)} input(s), {', '.join(names)}, but {problem}: "
                f"{len(numbers)} were given in order" + (f", and {', '.join(named)} by name" if named else "")
            )
        return [as_column(x) for x in [*numbers, *[named[name] for name in names[len(numbers) :]]]]

    def __str__(self) -> str:
        return str(self.tape)

    def __repr__(self) -> str:
        return f"<Program by {self.engine}: {self.statistics}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Program, (self.tape, self.gradient_tape, self.engine, self.several)


def as_column(x: Any) -> Any:
    """A float, or an array of float64 with one number for each sample."""
    if type(x) is float:
        return x
    if isinstance(x, Value):
        return x.data
    if is_real(x):
        return float(x)
    import numpy as np

    try:
        column = np.asarray(x, dtype=np.float64)
    except (TypeError, ValueError):
        column = None
    if column is None or column.ndim > 1:
        raise TypeError(f"an input is a number, or an array of shape (n,), but got {describe(x)}")
    return float(column) if column.ndim == 0 else column


def run_checked(run: Runner, tape: Tape, engine: str, given: list[Any]) -> list[Any]:
    """Run a tape; where a result is not finite, run that sample once more, step by step, for the error."""
    lengths = {len(x) for x in given if not isinstance(x, float)}
    if not lengths:
        try:
            results = [float(x) for x in run(*given)]
            if ieee_is_on() or all(map(math.isfinite, results)):
                return results
        except (ArithmeticError, ValueError):
            # Generated Python raises the bare errors of Python's math.
            pass
        return [float(x) for x in eager(tape)(*given)]
    if len(lengths) > 1:
        raise TypeError(
            f"arrays have the same length, one number for each sample, but these have {sorted(lengths)}"
        )
    return run_batch(run, tape, engine, given, lengths.pop())


def run_batch(run: Runner, tape: Tape, engine: str, given: list[Any], samples: int) -> list[Any]:
    import numpy as np

    def sample(i: int) -> list[float]:
        return [x if isinstance(x, float) else float(x[i]) for x in given]

    if samples == 0:
        return [np.empty(0) for _ in tape.outputs]
    if engine in ONE_AT_A_TIME:
        rows = np.empty((samples, len(tape.outputs)))
        for i in range(samples):
            rows[i] = run_checked(run, tape, engine, sample(i))
        return list(rows.T)
    results = [np.array(np.broadcast_to(np.asarray(x, dtype=np.float64), samples)) for x in run(*given)]
    if not ieee_is_on():
        for result in results:
            if not np.isfinite(result).all():
                worst = int(np.flatnonzero(~np.isfinite(result))[0])
                try:
                    eager(tape)(*sample(worst))
                except AutogradError as error:
                    error.add_note(f"  It happened in sample {worst} of the batch, counted from 0.")
                    raise
    return results


def compile(outputs: Value | Sequence[Value], inputs: Sequence[Value], engine: str = "auto") -> Program:
    """A graph that stands as a program: the outputs as a function of the inputs.

    Every leaf that is not among the inputs is a constant.

    Raises:
        TapeError: if something in the graph cannot be recorded.
        AutogradError: for an engine that is not there.

    >>> a = Value(2.0, "a")
    >>> program = compile([a * a, a + 1], [a])
    >>> program(3.0)
    [9.0, 4.0]
    """
    several = not isinstance(outputs, Value)
    roots: list[Any] = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    tape = record(roots, inputs)
    gradient = None
    if not several:
        gradient = record_gradient(roots[0], inputs)
    return Program(tape, gradient, engine, several)


# --- functions --------------------------------------------------------------------------------------------


def jit(function: Callable[..., Any] | None = None, *, engine: str = "auto") -> Any:
    """Make a function into programs: traced when it is first called, and then run at the engine's speed.

    Its arguments are numbers, NumPy arrays of shape (n,) (a number for each sample), lists, tuples and dicts of
    them, and objects with ``parameters()``, whose present numbers count at each call.  A list of another length,
    another object, another flag or text is traced anew.  Its result is a number, or lists, tuples and dicts of
    numbers.  Called with Values, or inside of another traced or differentiated function, it is the function itself.

    What depends on a traced number cannot steer the function: an ``if`` on one is an error that names the line.

    Raises (when it is called):
        TapeError: for what cannot be traced.

    >>> from autograd import jit, tanh
    >>> @jit
    ... def neuron(w, x, b):
    ...     return tanh(sum(wi * xi for wi, xi in zip(w, x)) + b)
    >>> round(neuron([0.5, -1.0], [2.0, 1.0], 0.25), 6)
    0.244919
    >>> value, (by_w, by_x, by_b) = neuron.value_and_grad([0.5, -1.0], [2.0, 1.0], 0.25)
    >>> [round(slope, 6) for slope in by_w]
    [1.88003, 0.940015]
    """
    if function is None:
        return functools.partial(jit, engine=engine)
    return JittedFunction(function, engine)


MOST_PROGRAMS = 64
"""A function keeps so many programs; then the oldest gives way, and its machine code is freed."""


@dataclass(frozen=True)
class Traced:
    """What a function was traced to: a program, a result of the same structure, and the objects that it belongs to.

    The objects are kept because the program is found by their ids: no others may take their place.
    """

    program: Program
    result: Any
    objects: list[Any]


class JittedFunction:
    """A function and the programs that it was traced to, one for each structure of its arguments."""

    def __init__(self, function: Callable[..., Any], engine: str) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.engine = engine
        self.programs: dict[Any, Traced] = {}

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """A method: its object is the first argument."""
        return self if instance is None else MethodType(self, instance)

    def program_for(self, *args: Any, **named: Any) -> Program:
        """The program for arguments of this structure: to be printed, or looked at."""
        return self._traced((args, named)).program

    def __call__(self, *args: Any, **named: Any) -> Any:
        if any(isinstance(x, Operand) for x in numbers_in((args, named), parameters=False)):
            # Somebody differentiates or traces through this call: it becomes a part of theirs.
            return self.function(*args, **named)
        traced = self._traced((args, named))
        results = traced.program(*numbers_in((args, named)))
        return rebuild(traced.result, results) if traced.program.several else results

    def value_and_grad(self, *args: Any, **named: Any) -> tuple[Any, Any]:
        """The result, and for each argument the derivatives in its own structure (a tuple; of one alone, itself).

        For an object with ``parameters()`` they are a list, in the order of its parameters.  Arguments given
        by name come last, as a dict.

        Raises:
            TapeError: if the result is not one number.
        """
        program = self._traced((args, named)).program
        value, slopes = program.value_and_grad(*numbers_in((args, named)))
        taken = iter(slopes)
        shaped = [in_shape_of(arg, taken) for arg in [*args, *([named] if named else [])]]
        return value, shaped[0] if len(shaped) == 1 else tuple(shaped)

    def _traced(self, arguments: tuple[tuple[Any, ...], dict[str, Any]]) -> Traced:
        key = structure(arguments)
        found = self.programs.get(key)
        if found is None:
            with one_at_a_time:
                found = self.programs.get(key) or self._trace(*arguments)
                self.programs[key] = found
                while len(self.programs) > MOST_PROGRAMS:
                    del self.programs[next(iter(self.programs))]
        return found

    def _trace(self, args: tuple[Any, ...], named: dict[str, Any]) -> Traced:
        recorder = Recorder()
        names = input_names(self.function, args, named)
        given = list(numbers_in((args, named)))
        inputs = [recorder.input(name) for name in names]
        parameters: dict[Value, Tracer] = {}
        pairs = list(zip(given, inputs, strict=True))
        for x, tracer in pairs:
            if isinstance(x, Value) and x not in parameters:
                recorder.bind(x, tracer)
                parameters[x] = tracer
        # A parameter that comes twice is one input, whose derivative is given twice.
        inputs = [parameters.get(x, tracer) if isinstance(x, Value) else tracer for x, tracer in pairs]
        taken = iter(inputs)
        traced_args, traced_named = replaced((args, named), taken)
        with collector_at_rest(), watching(recorder, parameters), differentiating():
            result = self.function(*traced_args, **traced_named)
            try:
                outputs = flatten(result)
            except DataError:
                raise TapeError(
                    "a function for jit returns a number, or lists, tuples and dicts of numbers, but this one "
                    f"returned {describe(result)}"
                ) from None
            several = isinstance(result, (list, tuple, dict))
            gradient = None
            if not several:
                root = recorder.tracer(result)
                gradient = recorder.finish([root, *recorder.gradients(root, inputs)])
            tape = recorder.finish(outputs)
        program = Program(tape, gradient, self.engine, several)
        return Traced(program, rebuild(result, [0.0] * len(outputs)), list(objects_in((args, named))))

    def __repr__(self) -> str:
        return f"<jit {getattr(self.function, '__name__', self.function)!r}, traced {len(self.programs)} time(s)>"


# The arguments of a traced function: what is a number in them, and what is around the numbers.


def is_fixed(x: Any) -> bool:
    """True for what belongs to the program and is no number in it: a flag, a text, nothing."""
    return x is None or isinstance(x, (bool, str))


def is_number(x: Any) -> bool:
    return isinstance(x, Operand) or is_real(x) or getattr(x, "ndim", None) in (0, 1)


def is_object(x: Any) -> bool:
    return callable(getattr(x, "parameters", None))


def parts_of(tree: Any) -> list[Any]:
    """What a list, tuple or dict consists of."""
    if isinstance(tree, dict):
        return list(tree.values())
    if isinstance(tree, (list, tuple)):
        return list(tree)
    raise TapeError(
        "a traced function takes numbers, arrays of shape (n,), lists, tuples and dicts of them, and objects "
        f"with parameters(), but got {describe(tree)}"
    )


def with_parts(tree: Any, parts: list[Any]) -> Any:
    """The same list, tuple or dict with other parts."""
    if isinstance(tree, dict):
        return dict(zip(tree, parts, strict=True))
    return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)


def numbers_in(tree: Any, parameters: bool = True) -> Iterator[Any]:
    """Every number, array and parameter in the arguments, from left to right."""
    if is_fixed(tree):
        return
    if is_number(tree):
        yield tree
    elif is_object(tree):
        yield from tree.parameters() if parameters else ()
    else:
        for part in parts_of(tree):
            yield from numbers_in(part, parameters)


def objects_in(tree: Any) -> Iterator[Any]:
    """Every object with parameters, and its parameters."""
    if is_fixed(tree) or is_number(tree):
        return
    if is_object(tree):
        yield tree
        yield from tree.parameters()
    else:
        for part in parts_of(tree):
            yield from objects_in(part)


def structure(tree: Any) -> Any:
    """What must be the same for a program to be used again."""
    if is_fixed(tree):
        return ("fixed", tree)
    if is_number(tree):
        return "number"
    if is_object(tree):
        return ("object", id(tree), *[id(x) for x in tree.parameters()])
    keys = tuple(tree) if isinstance(tree, dict) else ()
    return (type(tree), keys, *[structure(part) for part in parts_of(tree)])


def replaced(tree: Any, tracers: Iterator[Tracer]) -> Any:
    """The argument with tracers in the place of its numbers; an object stays what it is."""
    if is_fixed(tree):
        return tree
    if is_number(tree):
        return next(tracers)
    if is_object(tree):
        for _ in tree.parameters():
            next(tracers)
        return tree
    return with_parts(tree, [replaced(part, tracers) for part in parts_of(tree)])


def in_shape_of(tree: Any, slopes: Iterator[Any]) -> Any:
    """Derivatives in the structure of the argument that they belong to; None for what is no number."""
    if is_fixed(tree):
        return None
    if is_number(tree):
        return next(slopes)
    if is_object(tree):
        return [next(slopes) for _ in tree.parameters()]
    return with_parts(tree, [in_shape_of(part, slopes) for part in parts_of(tree)])


def input_names(function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> list[str]:
    """A name for each number: the parameter's own, numbered where it holds several."""
    import inspect

    try:
        parameters = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        parameters = []
    found = []
    places = [(parameters[i] if i < len(parameters) else f"x{i}", arg) for i, arg in enumerate(args)]
    for name, arg in [*places, *named.items()]:
        for k, x in enumerate(numbers_in(arg), 1):
            label = x.label if isinstance(x, Value) else ""
            found.append(label or (name if is_number(arg) else f"{name}{k}"))
    return found
