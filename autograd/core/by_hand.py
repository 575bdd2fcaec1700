"""Operations made by hand, as in micrograd's lessons: for one node, with a function that adds to the gradients.

    t = math.tanh(x.data)
    out = Value(t, (x,), "tanh")
    def _backward():
        x.grad += (1 - t * t) * out.grad
    out._backward = _backward

Such an operation knows the numbers of its one node and nothing else: backward() runs the function, and whoever
wants the local derivatives gets them from it.  What has to be computed anew, on other numbers or on symbols, is
refused with the line that would do: an Op knows its rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import ref

from autograd.core import modes
from autograd.core.anomaly import contribute
from autograd.core.op import Op, default_latex
from autograd.core.operand import Operand
from autograd.core.threads import backpropagating
from autograd.core.validation import checked_label, checked_number
from autograd.errors import DataError, GradientError, shown

if TYPE_CHECKING:
    from autograd.value import Value


NAMES = {"_children": "children", "_prev": "children", "children": "children", "_op": "op", "local_grads": "op"}
"""What the constructors in micrograd, in its lessons and in microgpt call their arguments."""


class ByHand(Op):
    """The operation of one node.

    Args:
        name: what it is called; "" is shown as f.
        numbers: those of the inputs.
        result: that of the node.
        local_grads: the local derivatives, if they are known, as in microgpt.
    """

    __slots__ = ("backward", "local_grads", "node", "numbers", "result")

    is_by_hand = True

    def __init__(
        self, name: str, numbers: Sequence[float], result: float, local_grads: tuple[float, ...] | None = None
    ) -> None:
        word = name if name.isidentifier() else "f"
        super().__init__(
            name or "f", self._again, lambda xs, z: self._slopes(xs), variadic=True, family=ByHand,
            latex=default_latex(word, 1),
        )  # fmt: skip
        self.numbers = list(numbers)
        self.result = result
        self.local_grads = local_grads
        self.backward: Callable[[], object] | None = None
        self.node: Callable[[], Value | None] = lambda: None

    def backward_of(self, node: Any) -> Callable[[], object] | None:
        """The user's function, unless it adds to the gradients of another node's inputs: this may be a copy."""
        return self.backward if self.node() is node else None

    def _again(self, *inputs: Any) -> float:
        """Its forward: the one result that is known."""
        if any(isinstance(x, Operand) for x in inputs):
            raise self.refusal("it cannot be computed on anything but its numbers")
        if list(inputs) == self.numbers:
            return self.result
        raise self.refusal("its result is known for the numbers that it was made with, and for no others")

    def _slopes(self, inputs: Sequence[Any]) -> tuple[float, ...]:
        """Its local derivatives: what ``_backward`` adds where the upstream gradient is 1."""
        if any(isinstance(x, Operand) for x in inputs):
            raise self.refusal("its derivative is a number here, which cannot be differentiated again")
        if self.local_grads is not None:
            return self.local_grads
        node = self.node()
        if self.backward is None or node is None:
            raise self.refusal("it has no derivative; give it one with out._backward = ...")
        if [x.data for x in node.inputs] != list(inputs):
            raise self.refusal("its derivative is known for the numbers that it was made with, and for no others")
        with backpropagating:
            nodes = (node, *node.inputs)
            before = [x.grad for x in nodes]
            try:
                for x in node.inputs:
                    x.grad = 0.0
                node.grad = 1.0
                self.backward()
                return tuple([float(x.grad) for x in node.inputs])
            finally:
                for x, grad in zip(nodes, before, strict=True):
                    x.grad = grad

    def refusal(self, why: str) -> GradientError:
        return GradientError(
            f"the operation {self.name!r} was made by hand, as Value(data, children, op): {why}\n"
            f"  An operation that works everywhere is one line, with its rule: {suggestion(self.name)}"
        )

    def __reduce__(self) -> Any:
        if self.backward is not None:
            raise self.refusal("a function that stands inside of another cannot be pickled")
        return ByHand, (self.name, self.numbers, self.result, self.local_grads)


def suggestion(name: str) -> str:
    """
    >>> print(suggestion("cube"))
    cube = Op('cube', function, lambda x, z: (slope,)), where x is the input, z the output and slope is dz/dx
    """
    word = name if name.isidentifier() else "my_op"
    row = f"{word} = Op({word!r}, function, lambda x, z: (slope,))"
    return f"{row}, where x is the input, z the output and slope is dz/dx"


def make(value: Value, *arguments: Any, **named: Any) -> Any:
    """Give a new Value the inputs and the operation that its constructor was called with, and return its label.

    Raises:
        DataError: if they are not what they are in micrograd or microgpt.
    """
    if len(arguments) > 3:
        raise DataError(f"Value() takes data, children, op and label, but got {shown(arguments[3])} too")
    given = dict(zip(("children", "op", "label"), arguments, strict=False))
    for name, argument in named.items():
        if name not in NAMES:
            raise DataError(f"Value() has no argument {name!r}; write Value(2.0, 'a') or Value(2.0, (x, y), 'op')")
        given[NAMES[name]] = argument
    children, op, label = given.get("children", ()), given.get("op", ""), given.get("label", "")
    if isinstance(children, str):
        children, label = (), children
    inputs = checked_children(children)
    if inputs:
        local_grads = None if isinstance(op, str) else checked_local_grads(op, inputs)
        value.inputs = inputs
        value.op = ByHand(op if local_grads is None else "", [x.data for x in inputs], value.data, local_grads)
        if modes.active:
            modes.mark(value)
    return label


def checked_children(children: Any) -> tuple[Value, ...]:
    if hasattr(children, "is_constant"):
        raise DataError("the children of a Value stand in a tuple, also a single one: Value(data, (x,), 'name')")
    if not isinstance(children, Iterable):
        return checked_label(children)  # type: ignore[return-value]
    inputs = tuple(children)
    for child in inputs:
        if not hasattr(child, "is_constant"):
            raise DataError(f"the children of a Value are the Values that it was computed from, not {shown(child)}")
    return inputs


def checked_local_grads(local_grads: Any, inputs: tuple[Value, ...]) -> tuple[float, ...]:
    if not isinstance(local_grads, (tuple, list)) or len(local_grads) != len(inputs):
        raise DataError(
            "the third argument of Value is the name of the operation, or one local derivative for each of the "
            f"{len(inputs)} children, not {shown(local_grads)}"
        )
    return tuple(map(checked_number, local_grads))


def backward_of(value: Value) -> Callable[[], object]:
    """What ``value._backward`` is: a function that adds to the gradient of each input of the value.

    It stays what it is when the value gets another one, which may then call it.
    """
    if value.op is None:
        return lambda: None
    return value.op.backward_of(value) or partial(contribute, value, value.op, value.inputs)


def set_backward(value: Value, backward: Callable[[], object]) -> None:
    """Let a function of the user's be the backward step of a node.

    Raises:
        DataError: if it is not a function.
        GradientError: if the node is a leaf: then backward() cannot know that something stands behind it.
    """
    if not callable(backward):
        raise DataError(f"_backward is a function without arguments, but got {shown(backward)}")
    # A subclass that does not call Value.__init__ has no inputs yet.
    if getattr(value, "inputs", ()):
        # Each once, as in micrograd: the function adds to the gradient of one that is used twice all that it gets.
        value.inputs = tuple(dict.fromkeys(value.inputs))
        op = ByHand(value._op, [x.data for x in value.inputs], value.data)
        op.backward, op.node = backward, ref(value)
        value.op = op
    elif touches_something(backward) and not modes.no_grad_is_on():
        raise GradientError(
            "_backward was set on a Value without children, so backward() would not find what is behind it: "
            f"make it with Value(data, (x, y), 'name'), or write the operation in one line: {suggestion('')}\n"
            "  If you give all nodes of a graph another _backward, leave out the leaves: those without _prev."
        )


def read_only(getter: Callable[[Any], Any]) -> Any:
    """A property of micrograd's name; whoever sets it is told what to write.

    Raises:
        GradientError: if it is set.
    """

    def refuse(value: Value, given: Any) -> None:
        raise GradientError(
            f"{getter.__name__} of a Value says how it was made, and cannot be set: "
            "make it with Value(data, (x, y), 'name'), in a subclass with super().__init__(data, (x, y), 'name'); "
            "its name in drawings is value.label"
        )

    return property(getter, refuse)


def touches_something(function: Callable[[], object]) -> bool:
    """False for a function like micrograd's ``lambda: None``, which does nothing."""
    code = getattr(function, "__code__", None)
    return code is None or bool(code.co_names or code.co_freevars)


class Previous(set["Value"]):
    """The inputs of a node as in micrograd, a set; but in order, and with places, as in its successors."""

    def __init__(self, inputs: tuple[Value, ...]) -> None:
        super().__init__(inputs)
        self._in_order = tuple(dict.fromkeys(inputs))

    def __iter__(self) -> Iterator[Value]:
        return iter(self._in_order)

    def __getitem__(self, place: Any) -> Any:
        return self._in_order[place]
