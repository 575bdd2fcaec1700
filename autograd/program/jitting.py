"""jit(): a function of numbers made into programs, traced when it is called with arguments of a new structure."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from weakref import ref

from autograd.core.operand import Operand, is_real
from autograd.core.threads import recording
from autograd.errors import DataError, describe
from autograd.program.arguments import described
from autograd.program.calling import checked_engine
from autograd.program.captures import watching
from autograd.program.compiler import Program, Recorded
from autograd.program.recorder import Recorder, collector_at_rest
from autograd.program.tape import TapeError
from autograd.program.tracer import Tracer, at_work
from autograd.transforms import pytree
from autograd.transforms.nesting import answer, differentiating, is_outermost
from autograd.transforms.pytree import flatten, rebuild
from autograd.transforms.reverse import fresh_input, one_number, slopes_of
from autograd.value import Value


def jit(function: Callable[..., Any] | None = None, *, engine: str = "auto") -> Any:
    """Make a function into programs: traced when it is first called, and then run at the engine's speed.

    Its arguments are numbers, NumPy arrays of shape (n,) (a number for each sample), lists, tuples and dicts of
    them, and objects with ``parameters()``.  A list of another length, another object, another flag or text is
    traced anew.  Its result is a number, or lists, tuples and dicts of numbers.  Called with Values, or inside of
    another traced or differentiated function, it is the function itself: no gradient is lost.  (Elsewhere the
    result is plain numbers, through which a ``backward()`` does not go: use ``value_and_grad``.)

    Parameters, and Values that the function finds around it, count with their present numbers at each call.
    Everything else is looked at while tracing and then stays as it was: a plain number outside, another
    attribute of an object, a random draw, which Value is found as long as that one lives.

    What depends on a traced number cannot steer the function: a question about it (``if``, ``==``, a place in a
    dict, ``print``, ``.data``), also about that of a Value around, is an error that names the line, even if the
    function swallows it.  Only what asks no question goes unnoticed: ``type(x)``, ``isinstance(x, float)``, ``x is
    y``, and an ``except`` for an operation that fails only with some numbers.

    Raises:
        TypeError, AutogradError: for what is no function, or no engine.
        TapeError (when it is called): for what cannot be traced.

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
    checked_engine(engine)
    if function is None:
        return functools.partial(jit, engine=engine)
    if not callable(function):
        raise TypeError(f"jit takes a function, but got {describe(function)}; the engine is given as engine=...")
    return JittedFunction(function, engine)


MOST_PROGRAMS = 64
"""A function keeps so many programs; then the oldest gives way, and its machine code is freed."""


@dataclass(frozen=True)
class Traced:
    """What a function was traced to.

    Attributes:
        program: its inputs are the numbers in the arguments, and then ``around``.
        result: a result of the same structure.
        around: Values that are no arguments, but on which the result depends; a number for one that the
            function made for itself.
        objects: the objects in the arguments.  The program is found by their ids, and no others may take their
            place.

    Neither are kept alive: with the first that is gone, the program is gone too.  (An object of a class with
    ``__slots__`` and without ``__weakref__`` is kept as long as the program.)
    """

    program: Program
    result: Any
    around: list[ref[Value] | float]
    objects: list[Any]

    def numbers(self, given: list[Any]) -> list[Any] | None:
        """What the program is called with now, first those in the arguments; None if a Value around it is gone."""
        around = [x if isinstance(x, float) else x() for x in self.around]
        if any(x is None for x in around):
            return None
        return [float(x.data) if isinstance(x, Value) else x for x in [*given, *around]]


class JittedFunction:
    """A function and the programs that it was traced to, one for each structure of its arguments."""

    def __init__(self, function: Callable[..., Any], engine: str) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.engine = engine
        self.programs: dict[Any, Traced] = {}

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """A method: its object is the first argument."""
        return self if instance is None else JittedMethod(self, instance)

    def program_for(self, /, *args: Any, **named: Any) -> Program:
        """The program for arguments of this structure: to be printed, or looked at."""
        return self._traced((args, named), structure((args, named), [])).program

    def __call__(self, /, *args: Any, **named: Any) -> Any:
        if is_followed((args, named)):
            return self.function(*args, **named)
        traced, numbers = self._ready((args, named))
        results = traced.program(*numbers)
        return rebuild(traced.result, results) if traced.program.several else results

    def value_and_grad(self, /, *args: Any, **named: Any) -> tuple[Any, Any]:
        """The result, and for each argument the derivatives in its own structure (a tuple; of one alone, itself).

        For an object with ``parameters()`` they are a list, in the order of its parameters.  Arguments given
        by name come last, as a dict.

        Raises:
            TapeError, GradientError: if the result is not one number.
        """
        if is_followed((args, named)):
            value, slopes = value_and_slopes(self.function, args, named)
        else:
            traced, numbers = self._ready((args, named))
            value, slopes = traced.program.value_and_grad(*numbers)
        taken = iter(slopes)
        shaped = [filled(arg, taken, keep=False) for arg in [*args, *([named] if named else [])]]
        return value, shaped[0] if len(shaped) == 1 else tuple(shaped)

    def _ready(self, arguments: Call) -> tuple[Traced, list[Any]]:
        """The program for these arguments, and the numbers that it is called with."""
        while True:
            given: list[Any] = []
            key = structure(arguments, given)
            traced = self._traced(arguments, key)
            numbers = traced.numbers(given)
            if numbers is not None:
                return traced, numbers
            self.programs.pop(key, None)

    def _traced(self, arguments: Call, key: Any) -> Traced:
        found = self.programs.get(key)
        if found is None:
            with recording:
                found = self.programs.get(key) or self._trace(key, *arguments)
                self.programs[key] = found
                while len(self.programs) > MOST_PROGRAMS:
                    self.programs.pop(next(iter(self.programs)), None)
        return found

    def _trace(self, key: Any, args: tuple[Any, ...], named: dict[str, Any]) -> Traced:
        around: list[Value] = []
        program, shape = self._record(args, named, around)
        # A Value that the function made for itself is kept by nobody else any more.  When one of the others, or
        # an object, is gone, so is the program.
        gone = functools.partial(self.programs.pop, key)
        objects = [x for leaf in leaves((args, named)) if is_object(leaf) for x in (leaf, *leaf.parameters())]
        return Traced(program, shape, references(around, gone), [reference(x, gone) for x in objects])

    def _record(self, args: tuple[Any, ...], named: dict[str, Any], around: list[Value]) -> tuple[Program, Any]:
        """The program, and a result of the structure of the function's."""
        recorder = Recorder(around)
        names = input_names(self.function, args, named)
        given = numbers_in((args, named))
        inputs = [recorder.input(name) for name in names]
        parameters: dict[int, Tracer] = {}
        pairs = list(zip(given, inputs, strict=True))
        for x, tracer in pairs:
            if isinstance(x, Value) and id(x) not in parameters:
                recorder.bind(x, tracer)
                parameters[id(x)] = tracer
        # A parameter that comes twice is one input, whose derivative is given twice.
        inputs = [parameters.get(id(x), tracer) for x, tracer in pairs]
        traced_args, traced_named = filled((args, named), iter(inputs))
        with collector_at_rest(), watching(recorder), differentiating():
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
                gradient = recorder.tape([root.slot, *recorder.slots_of_gradients(root, inputs)])
            tape = recorder.finish(outputs)
        recorder.close()
        recorder.let_go()
        recorded = Recorded(tape, gradient, several, recorder.has_held)
        program = Program(recorded, self.engine, argnums=range(len(inputs)))
        return program, rebuild(result, [0.0] * len(outputs))

    def __reduce__(self) -> str:
        """Pickled like a function: by its name."""
        return str(self.__qualname__)  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        return f"<jit {getattr(self.function, '__name__', self.function)!r}, traced {len(self.programs)} time(s)>"


class JittedMethod:
    """A jitted function as a method: an object is its first argument."""

    def __init__(self, function: JittedFunction, instance: Any) -> None:
        functools.update_wrapper(self, function.function)
        self.function = function
        self.__self__ = instance

    def __call__(self, /, *args: Any, **named: Any) -> Any:
        return self.function(self.__self__, *args, **named)

    def program_for(self, /, *args: Any, **named: Any) -> Program:
        return self.function.program_for(self.__self__, *args, **named)

    def value_and_grad(self, /, *args: Any, **named: Any) -> tuple[Any, Any]:
        return self.function.value_and_grad(self.__self__, *args, **named)


Gone = Callable[[Any], Any]
"""What is to be done when an object is gone."""


def reference(x: Any, gone: Gone) -> Any:
    """A reference that does not keep an object alive, if it can be had."""
    try:
        return ref(x, gone)
    except TypeError:
        return x


def references(values: list[Value], gone: Gone) -> list[ref[Value] | float]:
    """References to Values that somebody else keeps; of all others the number.  The list is empty afterwards."""
    found = []
    while values:
        value = values.pop()
        number, weak = float(value.data), ref(value, gone)
        del value
        found.append(number if weak() is None else weak)
    return found[::-1]


def is_followed(arguments: Call) -> bool:
    """True if somebody differentiates or traces through a call: then it becomes a part of theirs."""
    if at_work.get() is not None or not is_outermost():
        return True
    return any(isinstance(x, Operand) for x in leaves(arguments))


def value_and_slopes(function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """A function's result and derivatives, as numbers that can be differentiated again."""
    fresh = filled((args, named), map(fresh_input, numbers_in((args, named))))
    with differentiating():
        value = one_number(function(*fresh[0], **fresh[1]))
        slopes = slopes_of(value, numbers_in(fresh))
    return answer(value, plain=False), answer(slopes, plain=False)


# The arguments of a traced function: what is a number in them, and what is around the numbers.

Call = tuple[tuple[Any, ...], dict[str, Any]]


def is_fixed(x: Any) -> bool:
    """True for what belongs to the program and is no number in it: a flag, a text, nothing."""
    return x is None or isinstance(x, (bool, str))


def is_number(x: Any) -> bool:
    """True for a number, and for an array of shape () or (n,)."""
    if isinstance(x, Operand) or not hasattr(x, "dtype"):
        return isinstance(x, Operand) or is_real(x)
    return hasattr(x.dtype, "kind") and x.ndim in (0, 1)


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
        f"with parameters(), but got {described(tree)}"
    )


def with_parts(tree: Any, parts: list[Any]) -> Any:
    """The same list, tuple or dict with other parts."""
    if isinstance(tree, dict) or hasattr(tree, "_make"):
        return pytree.with_parts(tree, parts)
    return type(tree)(parts)


def leaves(tree: Any) -> Iterator[Any]:
    """Every number, array and object with parameters in the arguments, from left to right."""
    if is_fixed(tree):
        return
    if is_number(tree) or is_object(tree):
        yield tree
    else:
        for part in parts_of(tree):
            yield from leaves(part)


def structure(tree: Any, numbers: list[Any]) -> Any:
    """What must be the same for a program to be used again; on its way it collects the numbers and parameters."""
    if is_fixed(tree):
        return ("fixed", tree)
    if is_number(tree):
        numbers.append(tree)
        return "number"
    if is_object(tree):
        parameters = list(tree.parameters())
        numbers += parameters
        return ("object", id(tree), *map(id, parameters))
    keys = tuple(tree) if isinstance(tree, dict) else ()
    return (type(tree), keys, *[structure(part, numbers) for part in parts_of(tree)])


def numbers_in(tree: Any) -> list[Any]:
    """Every number, array and parameter in the arguments, from left to right."""
    found: list[Any] = []
    structure(tree, found)
    return found


def filled(tree: Any, numbers: Iterator[Any], keep: bool = True) -> Any:
    """The argument with others in the place of its numbers.

    Args:
        keep: True if all else stays what it is, also an object.  Otherwise there is a list in its place, for its
            parameters, and None for what is no number.
    """
    if is_fixed(tree):
        return tree if keep else None
    if is_number(tree):
        return next(numbers)
    if is_object(tree):
        taken = [next(numbers) for _ in tree.parameters()]
        return tree if keep else taken
    return with_parts(tree, [filled(part, numbers, keep) for part in parts_of(tree)])


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
