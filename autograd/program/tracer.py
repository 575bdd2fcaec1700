"""Numbers that are not known yet, which write down what is done with them.

A program is the same for all numbers, so whoever asks a tracer for its number is refused.  The recorder remembers
it: a function that goes on with ``except:`` as if it had been answered is not recorded either.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Collection, Iterable, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from autograd.core import modes
from autograd.core.evaluate import checked_rule
from autograd.core.operand import Operand, is_real
from autograd.errors import label_of, users_line
from autograd.program.tape import TapeError
from autograd.transforms.nesting import dependents
from autograd.transforms.reverse import sweep
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.ops import Op
    from autograd.program.recorder import Recorder

at_work: ContextVar[Recorder | None] = ContextVar("recorder", default=None)
"""The recorder of the function that is being traced now, if any is (``autograd.program.captures``)."""

plain_number: Callable[[Value], float] = vars(Value)["data"].__get__
"""``value.data``, also of a Value that is watched and lets nobody else look at its number."""


def refuses(what: str, instead: str) -> Callable[..., Any]:
    """A method of a Tracer that looks at the number itself, which is an error."""

    def method(self: Tracer, *_: Any) -> NoReturn:
        raise self.refusal(what, instead)

    return method


def needs_number(what: str, instead: str, function: Callable[..., Any] = float) -> Callable[..., Any]:
    """The same, but a constant knows its number, and answers."""

    def method(self: Tracer, *others: Any) -> Any:
        numbers = [known_number(x) for x in (self, *others)]
        if None in numbers:
            raise self.refusal(what, instead)
        return function(*numbers)

    return method


def known_number(x: Any) -> Any:
    """The number of a constant, and None for a tracer that was computed, or whose number is not known yet."""
    if isinstance(x, Tracer):
        return x.recorder.constants[~x.slot] if x.slot < 0 and x.op is None else None
    return x


def unknown(what: str, x: Value | Tracer, instead: str) -> TapeError:
    where = users_line()
    return TapeError(
        f"{what} was asked of {name_of(x)}, but its number is only known when the program runs\n"
        + (f"  at {where}\n" if where else "")
        + f"  {instead}"
    )


def name_of(x: Value | Tracer) -> str:
    """What a number is called in a message: its label, or where it comes from."""
    if x.label or isinstance(x, Value):
        return label_of(x) or "a Value"
    if x.slot < 0:
        return f"the constant {x.recorder.constants[~x.slot]}"
    return f"a result of {x.op.name}" if x.op is not None else "a number without a name"


CHOOSE = (
    "A tape cannot branch or compare: its steps are the same for all numbers. Choose by arithmetic, with "
    "autograd.where(autograd.greater(x, y), a, b) for `a if x > y else b`, maximum(x, y), minimum(x, y), "
    "clip(x, low, high) or abs(x)."
)
COMPUTE = (
    "Use autograd's functions instead of math's: autograd.exp(x) or x.exp() where you would write math.exp(x). "
    "A number that steers the program, like a count, is better not traced: let the function know it from outside."
)
AS_ARRAY = (
    "In a traced function an array stands for samples, with one number for each. A vector is a list of numbers: "
    "give x.tolist()."
)
LATER = "Let the function return the number, and look at it there."
GRADIENT = "Use value_and_grad of the program, or autograd.grad."
CHANGE = "A program computes; it changes nothing outside. Let the function return the new number."
KEEP = "Use the place in a list, or a name, as the key."


class Tracer(Operand):
    """A number that is not known yet; what is done with it is written on its recorder's tape.

    Attributes:
        recorder: where it records.
        slot: which number of the recorder it is.
        place: which node of the recorder's graph it is.
        op, inputs: how it was computed, as in a Value.
        label: its name on the tape.
    """

    __slots__ = ("inputs", "op", "place", "recorder", "slot")

    # Above a Value, and below a dual number, whose parts may be tracers.
    record_rank = 1

    # That a run will know.
    _is_inf_or_nan = False

    def __init__(
        self, recorder: Recorder, slot: int, op: Op | None = None, inputs: tuple[Tracer, ...] = ()
    ) -> None:
        self.recorder = recorder
        self.slot = slot
        self.op = op
        self.inputs = inputs
        self.place: int = recorder.graph.add(slot, op, tuple([x.place for x in inputs]) if inputs else ())
        self._serial = None

    def record(self, op: Op, inputs: tuple[Any, ...]) -> Tracer:
        recorder = self.recorder
        if recorder.is_closed:
            raise recorder.remembered(stranger(self))
        result = recorder.apply(op, inputs)
        return result.detach() if modes.active and modes.no_grad.switch.get() else result

    def detach(self) -> Tracer:
        """The same number as a new leaf: gradients stop here."""
        self.recorder.has_held = True
        return Tracer(self.recorder, self.slot)

    def _takes(self, other: Any) -> bool:
        return isinstance(other, (Tracer, Value)) or (not isinstance(other, Operand) and is_real(other))

    @property
    def label(self) -> str:
        return self.recorder.label(self)

    @label.setter
    def label(self, label: str) -> None:
        self.recorder.name(self, label)

    def refusal(self, what: str, instead: str) -> TapeError:
        """The error for a question that cannot be answered; the recorder remembers it."""
        return self.recorder.remembered(unknown(what, self, instead))

    # A plain float answers these by its number and a Value by its identity: so even a constant refuses.
    __bool__ = refuses("a decision (if, while, and, or, not)", CHOOSE)
    __eq__ = __ne__ = refuses("a comparison", CHOOSE)
    __hash__ = refuses("a place in a set, a dict or a cache", KEEP)
    __str__ = __repr__ = __format__ = refuses("text", LATER)
    data = property(refuses(".data", LATER), refuses("a change of .data", CHANGE))
    grad = property(refuses(".grad", GRADIENT), refuses("a change of .grad", CHANGE))

    def __getattr__(self, name: str) -> NoReturn:
        """Whatever else a float or a Value could be asked: is_integer, backward, _prev, ..."""
        if not name.startswith("__") and (hasattr(float, name) or hasattr(Value, name)):
            raise self.refusal(f".{name}", LATER)
        raise AttributeError(f"a number on a tape has no attribute {name!r}")

    __lt__ = needs_number("a comparison", CHOOSE, operator.lt)
    __le__ = needs_number("a comparison", CHOOSE, operator.le)
    __gt__ = needs_number("a comparison", CHOOSE, operator.gt)
    __ge__ = needs_number("a comparison", CHOOSE, operator.ge)
    __float__ = needs_number("a plain number", COMPUTE)
    __complex__ = needs_number("a plain number", COMPUTE, complex)
    __int__ = needs_number("a whole number", COMPUTE, int)
    __index__ = needs_number("a whole number", COMPUTE, operator.index)
    __trunc__ = needs_number("a whole number", COMPUTE, math.trunc)
    __floordiv__ = needs_number("a whole quotient", COMPUTE, operator.floordiv)
    __divmod__ = needs_number("a whole quotient", COMPUTE, divmod)
    __rfloordiv__ = __rdivmod__ = needs_number("a whole quotient", COMPUTE)
    rounded = needs_number("a rounded number", "Write round(x * 100) / 100 for two digits.", round)
    __iter__ = __getitem__ = refuses("one of several numbers", AS_ARRAY)

    def __round__(self, digits: int | None = None) -> Any:
        return self.round() if digits is None else self.rounded(digits)

    def slopes(self, inputs: Sequence[Any]) -> list[Tracer]:
        """Its derivatives with respect to each input, on the same tape; they can be differentiated again."""
        tracers = [self.recorder.tracer(x) for x in inputs]
        found: dict[int, Any] = {id(self): 1.0}
        sweep(*dependents(tracers, self), found, lambda node: checked_rule(node.op, node.inputs, node))
        return [self.recorder.tracer(found.get(id(x), 0.0)) for x in tracers]

    def __reduce__(self) -> NoReturn:
        raise self.recorder.remembered(
            TapeError(f"{name_of(self)} belongs to the tape that is being recorded: it cannot be copied or pickled")
        )


def stranger(x: Tracer) -> TapeError:
    return TapeError(
        f"{name_of(x)} belongs to another tape: it was kept from an earlier call of a traced function, "
        "and its number is not known here"
    )


Node = TypeVar("Node", bound="Value | Tracer")


def in_order(roots: Iterable[Node], known: Collection[int] = ()) -> list[Node]:
    """Like ``topological_order``, for several results and for tracers too.

    It goes only down to the nodes whose ids are ``known``.
    """
    order: list[Node] = []
    visited: set[int] = set()
    stack: list[Any] = list(roots)[::-1]
    while stack:
        node = stack.pop()
        if node is None:
            order.append(stack.pop())
        elif id(node) not in visited and id(node) not in known:
            visited.add(id(node))
            stack += (node, None)
            stack += node.inputs[::-1]
    return order
