"""Activations: the function that a name stands for, and what may be one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

import autograd
from autograd import DataError, Op, Value, ops
from autograd.core.operand import Operand
from autograd.core.plain_text import printable
from autograd.errors import describe
from nn.module import NetworkError

Activation = str | Op | Callable[[Any], Any] | None
"""The name of an operation, an operation, any function from Value to Value, or None for none."""

NO_ACTIVATION = ("identity", "linear")

# Every operation of one number may be an activation; these are the usual ones, which a misspelled name means.
USUAL = (
    ops.sigmoid, ops.tanh, ops.relu, ops.leaky_relu, ops.elu, ops.silu, ops.gelu, ops.softplus, ops.softsign,
    ops.mish, ops.selu, ops.celu, ops.relu6, ops.hardtanh, ops.logsigmoid,
)  # fmt: skip


OF_A_LAYER: dict[str, Callable[[Sequence[Any]], list[Any]]] = {
    "softmax": autograd.softmax, "log_softmax": autograd.log_softmax,
}  # fmt: skip
"""These take the sums of all neurons of a layer together."""


def name_in_a_layer(activation: object) -> str:
    """The name of an activation that takes the sums of a whole layer, and "" for all others."""
    return next((name for name, f in OF_A_LAYER.items() if activation is f or activation == name), "")


def require_several(name: str, n_outputs: int) -> None:
    """
    Raises:
        NetworkError: for softmax, or log_softmax, of a single output.
    """
    if name and n_outputs == 1:
        constant = OF_A_LAYER[name]([0.0])[0] + 0.0
        raise NetworkError(
            f"the {name} of a single output is {constant:g} whatever the weights are, so nothing can be learned: "
            "for yes or no, write 'sigmoid'; for several classes, take one output for each"
        )


def applied_to_layer(name: str, sums: Sequence[Any]) -> list[Any]:
    """The outputs of a layer from its sums, which are called z1, z2, ...; they get the names of the neurons."""
    labels = []
    for i, z in enumerate(sums, start=1):
        if isinstance(z, Value):
            labels.append(z.label)
            z.label = f"z{i}"
    outputs = OF_A_LAYER[name](sums)
    for output, label in zip(outputs, labels, strict=False):
        if isinstance(output, Value):
            output.label = label
    return outputs


def find_activation(wanted: Activation) -> tuple[Callable[[Any], Any] | None, str]:
    """The activation function that was asked for (None for identity), and its name.

    Raises:
        NetworkError: if no operation has that name, or it takes more than one input.
        DataError: if it is neither a name nor a function.

    >>> find_activation("tanh"), find_activation(Value.tanh), find_activation("linear")
    ((<Op tanh>, 'tanh'), (<Op tanh>, 'tanh'), (None, 'identity'))
    """
    if wanted is None or wanted is ops.identity or (isinstance(wanted, str) and wanted in NO_ACTIVATION):
        return None, NO_ACTIVATION[0]
    if isinstance(wanted, str):
        if wanted not in ops.ALL:
            close = closest_name(wanted)
            hint = f"did you mean {close!r}?" if close else "give the name of an operation, like 'tanh'"
            raise NetworkError(f"there is no activation {wanted!r}; {hint}")
        wanted = ops.ALL[wanted]
    if isinstance(wanted, Op):
        if not takes_one_input(wanted):
            takes = "a list" if wanted.variadic else f"{wanted.arity} inputs"
            raise NetworkError(f"{wanted.name!r} takes {takes}, but an activation takes one number")
        return wanted, wanted.name
    if callable(wanted):
        # Value.tanh is the operation tanh, under another name, unless somebody has set another Value.tanh.
        methods = [op for name, op in ops.ALL.items() if op.is_built_in and getattr(Operand, name, None) is wanted]
        return (methods[0], methods[0].name) if methods else (wanted, name_of_function(wanted))
    raise DataError(f"an activation is a name, a function or None, but got {describe(wanted)}")


def closest_name(misspelled: str) -> str | None:
    """The activation that was probably meant: one of the same letters, else a usual one, else the most similar.

    >>> closest_name("tahn"), closest_name("tann"), closest_name("sinn"), closest_name("qqq")
    ('tanh', 'tanh', 'sin', None)
    """
    wanted = misspelled.lower()
    usual = [*(op.name for op in USUAL), *NO_ACTIVATION, *OF_A_LAYER]
    known = [*usual, *(name for name, op in ops.ALL.items() if takes_one_input(op))]
    close = get_close_matches(wanted, dict.fromkeys(known), n=10)  # the most similar one first
    return max(close, key=lambda name: (sorted(name) == sorted(wanted), name in usual), default=None)


def takes_one_input(op: Op) -> bool:
    """True if one number is enough: all inputs but the first have default values."""
    defaults = getattr(op.forward, "__defaults__", None) or ()
    return not op.variadic and op.arity - len(defaults) <= 1


def name_of_function(function: Any) -> str:
    name = function.name if isinstance(function, Op) else getattr(function, "__name__", type(function).__name__)
    return "function" if name == "<lambda>" else printable(str(name))
