"""A class that somebody is writing: how its values are made and asked, and what to say where it ends with an error.

What may be missing, and what may never end, is told in words, with the learner's own line.
"""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable, Sequence
from numbers import Real
from types import FrameType
from typing import Any

from autograd.core.plain_text import printable
from autograd.errors import AutogradError, is_ours, line_in_words, shown

INPUTS = ("inputs", "_inputs", "_prev", "prev", "children", "_children", "parents", "_parents")
"""What people call the values that a value was made of."""
RULES = ("pass_on", "_backward", "_pass_on")
"""What people call the rule that hands a gradient on to the inputs."""
MOST_LINES = 100_000
"""How many lines of a class may run on one small graph; what needs more never ends."""


class EngineCheckError(AutogradError, TypeError):
    """There is nothing to check: no class, no such step, or no network."""


class NotYet(Exception):
    """What a class does not do, in words: what it gives instead, and at which value of the graph."""

    def __init__(self, text: str, given: str, place: int | None = None) -> None:
        super().__init__(text)
        self.text, self.given, self.place = text, given, place


class _TooLong(BaseException):
    """Not an Exception, so that no ``except Exception`` of a learner's catches it."""


class told:
    """Run a learner's code; whatever it ends with becomes a NotYet in words, and so does what never ends.

    Lines of Python are counted and not seconds, so that the answer is the same on every machine.

    Args:
        what: what is computed.
        place: at which value of the graph.
        lines: how many lines may run.

    >>> with told("a + b"):
    ...     None + 1
    Traceback (most recent call last):
    ...
    viz.engines.learners_class.NotYet: a + b computes with None: is a return missing, or a number not set yet?...
    """

    def __init__(self, what: str, place: int | None = None, lines: int = MOST_LINES) -> None:
        self.what, self.place, self.left = what, place, lines

    def _count(self, frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename == __file__:
            return None
        self.left -= 1
        if self.left < 0:
            raise _TooLong
        return self._count

    def __enter__(self) -> None:
        self.before = sys.gettrace()
        sys.settrace(self._count)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        sys.settrace(self.before)
        if isinstance(error, (Exception, _TooLong)):
            given = "no end" if isinstance(error, _TooLong) else type(error).__name__
            raise NotYet(f"{in_words(error, self.what)}{learners_line(error)}", given, self.place) from None


def learners_line(error: BaseException) -> str:
    """Where in the learner's own code it happened; "" if that is not known."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = frame.f_code.co_filename
        if not is_ours(file):
            return f"\nIt happens in {line_in_words(file, line, frame.f_globals)}"
    return ""


def in_words(error: BaseException, what: str) -> str:
    """What an error in a learner's class means, in words of the lesson."""
    if isinstance(error, _TooLong):
        return f"{what} does not come to an end: is there a loop that never stops?"
    if isinstance(error, RecursionError):
        return f"{what} does not come to an end: functions of yours call one another again and again."
    if isinstance(error, AttributeError) and error.name is not None:
        if error.obj is None:
            return f"{what} needs .{printable(error.name)} of something, but that is None: is a return missing?"
        if isinstance(error.obj, Real):
            return (
                f"{what} needs .{printable(error.name)} of {shown(error.obj)}, which is a plain number: where do "
                "numbers become values?"
            )
        kind = printable(type(error.obj).__name__)
        return f"{what} needs .{printable(error.name)}, which a {kind} does not have."
    if isinstance(error, TypeError) and "NoneType" in str(error):
        return f"{what} computes with None: is a return missing, or a number not set yet?"
    message = printable(str(error)).strip() or "no message"
    return f"{what} ends with {type(error).__name__}: {message}"


class LearnersClass:
    """Makes values of a learner's class, and asks them.

    >>> class Mine:
    ...     def __init__(self, data, children, op):
    ...         self.data, self._prev = data, children
    >>> mine = LearnersClass(Mine)
    >>> leaf = mine.leaf(3.0, "a")
    >>> leaf.data, mine.inputs(leaf)
    (3.0, ())
    """

    def __init__(self, given: object) -> None:
        if not isinstance(given, type):
            advice = f"; write check_engine({type(given).__name__}, ...)" if hasattr(given, "data") else ""
            raise EngineCheckError(f"check_engine looks at a class of yours, but got {shown(given)}{advice}")
        self.cls: type[Any] = given
        self.name = printable(given.__name__)
        self._extra = extra_arguments(given)

    def leaf(self, number: float, name: str) -> Any:
        """A value that was not computed."""
        arguments = {key: name if filler == "name" else filler for key, filler in self._extra.items()}
        with told(f"{self.name}({number:g})"):
            return self.cls(number, **arguments)

    def lacks(self, method: str) -> bool:
        return getattr(self.cls, method, None) is None

    def number(self, node: Any, name: str, what: str) -> Any:
        """The data or grad of a value."""
        with told(f".{name} of {what}"):
            return getattr(node, name)

    def inputs(self, node: Any) -> Sequence[Any] | None:
        """Of what a value was made; None if it does not say."""
        for name in INPUTS:
            found = getattr(node, name, None)
            if isinstance(found, (tuple, list, set, frozenset)):
                return tuple(found)
        return None

    def was_made_of(self, node: Any, inputs: Sequence[Any]) -> bool | None:
        """True if a value names these inputs, in this order or in a set; None if it names none."""
        found = self.inputs(node)
        if found is None:
            return None
        in_order = [id(x) for x in found]
        return in_order == [*map(id, inputs)] or (
            set(in_order) == {*map(id, inputs)}
            and any(isinstance(getattr(node, name, None), (set, frozenset)) for name in INPUTS)
        )

    def rule(self, node: Any) -> Callable[[], object] | None:
        """The function that hands a value's gradient on, to be called by hand."""
        for name in RULES:
            rule = getattr(node, name, None)
            if callable(rule):
                found: Callable[[], object] = rule
                return found
        return None

    def order(self, nodes: Sequence[Any]) -> list[Any]:
        """All values behind the last of these in topological order; what a class makes on the way too."""
        order: list[Any] = []
        met: set[int] = set()
        waiting = [(nodes[-1], False)]
        while waiting:
            node, left = waiting.pop()
            if left:
                order.append(node)
            elif id(node) not in met:
                met.add(id(node))
                waiting.append((node, True))
                waiting.extend((x, False) for x in reversed(self.inputs(node) or ()))
        return order if len(order) > 1 else list(nodes)


def extra_arguments(cls: type) -> dict[str, Any]:
    """What a class wants to know besides the number, for a leaf: no inputs, no operation, a label.

    >>> class Mine:
    ...     def __init__(self, data, _children, _op, label): pass
    >>> extra_arguments(Mine)
    {'_children': (), '_op': '', 'label': 'name'}
    """
    try:
        parameters = list(inspect.signature(cls).parameters.values())
    except (TypeError, ValueError):
        return {}
    fillers: dict[str, Any] = {}
    for parameter in parameters[1:]:
        if parameter.default is not parameter.empty or parameter.kind in (
            parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD,
        ):  # fmt: skip
            continue
        name = parameter.name.lower()
        if "label" in name or "name" in name:
            fillers[parameter.name] = "name"
        elif "op" in name:
            fillers[parameter.name] = ""
        elif "grad" in name:
            fillers[parameter.name] = 0.0
        else:
            fillers[parameter.name] = ()
    return fillers


def as_number(x: Any) -> float | None:
    """A real number as a float, or None for anything else."""
    if not isinstance(x, Real):
        return None
    try:
        return float(x)
    except OverflowError:
        return None
