"""Which models, losses, penalties and optimizers are nn's own, and what they consist of.

One that is exactly nn's own computes what its configuration says and nothing else, so a run with it is known
before anything is recorded: all networks of one shape share one program.
"""

from __future__ import annotations

from collections.abc import Hashable, KeysView
from itertools import chain
from operator import attrgetter
from typing import Any

import autograd
from autograd import Op, ops
from nn import losses, micrograd, optim
from nn.layers import GPT, MLP, Embedding, Layer, Neuron, Sequential
from nn.layers.gpt import Block
from nn.losses import L1, L2
from nn.module import Module
from nn.optim import rules

OPTIMIZERS: list[type[optim.Optimizer]] = [getattr(rules, name) for name in rules.__all__]

EXAMPLES = [
    Neuron(1, seed=0),
    Layer(1, 1, seed=0),
    MLP(1, [1], seed=0),
    Sequential(),
    Embedding(1, 1, seed=0),
    GPT(1, 1, 1, 1, seed=0),
    *GPT(1, 1, 1, 1, seed=0).blocks,
    *[kind() for kind in OPTIMIZERS],
]

ATTRIBUTES: dict[type, KeysView[str]] = {type(example): vars(example).keys() for example in EXAMPLES}
for _kind, _base in ((micrograd.Neuron, Neuron), (micrograd.Layer, Layer), (micrograd.MLP, MLP)):
    ATTRIBUTES[_kind] = ATTRIBUTES[_base]
"""What a constructor sets: with any other attribute, an object may compute something else."""

PARTS: dict[type, dict[str, type | None]] = {
    Layer: {"neurons": Neuron}, MLP: {"layers": Layer}, Sequential: {"modules": None},
    micrograd.Layer: {"neurons": micrograd.Neuron}, micrograd.MLP: {"layers": micrograd.Layer},
    GPT: {"tokens": Embedding, "positions": Embedding, "blocks": Block, "head": Layer},
    Block: dict.fromkeys(("query", "key", "value", "mix", "up", "down"), Layer),
}  # fmt: skip
"""In which attributes a model keeps its parts, single ones or lists, and of which class they are."""


def methods() -> list[Any]:
    """What says how nn's own classes compute."""
    return [Module.__call__, Neuron.output_for, *map(getattr, CLASSES, NAMES)]


COMPUTING = [
    *[(kind, name) for kind in (Neuron, Embedding, micrograd.Neuron, *PARTS) for name in ("__call__", "forward")],
    *[(kind, name) for kind in OPTIMIZERS for name in ("update", "initial_state")],
]  # fmt: skip
CLASSES, NAMES = zip(*COMPUTING, strict=True)

METHODS = methods()
"""As nn defines them; somebody may put others there."""


def are_methods_own() -> bool:
    """True as long as nn's own classes compute as nn says."""
    return methods() == METHODS


class NotOwn(Exception):
    """Something is not exactly one of nn's own."""


def what_is_not_own(x: Any) -> str:
    """Why x is not exactly what a constructor of nn makes; "" if it is.

    >>> what_is_not_own(Neuron(1)), what_is_not_own(len)
    ('', 'builtin_function_or_method is no network, layer or neuron of nn')
    """
    kind = type(x)
    if kind not in ATTRIBUTES:
        return f"{kind.__name__} is no network, layer or neuron of nn"
    if vars(x).keys() == ATTRIBUTES[kind]:
        return ""
    different = vars(x).keys() ^ ATTRIBUTES[kind]
    return f"it has attributes that are not {kind.__name__}'s: {', '.join(sorted(different))}"


def require_own(x: Any) -> None:
    """Raise NotOwn unless x is exactly what a constructor of nn makes."""
    if what_is_not_own(x):
        raise NotOwn


def shape_of(model: Any, found: list[Any]) -> Hashable:
    """What a model consists of; its weights and biases go to ``found``, in the order of the computation."""
    if type(model) not in ATTRIBUTES and is_from_table(model):
        return model  # type: ignore[no-any-return]
    require_own(model)
    if isinstance(model, Neuron):
        activation, weights, bias = model.activation_function, model.weights, model.bias
        if type(weights) is not list or not (activation is None or is_from_table(activation)):
            raise NotOwn
        found += weights
        if bias is not None:
            found.append(bias)
        return activation, len(weights), bias is not None
    if isinstance(model, Embedding):
        rows = model.weights
        if type(rows) is not list or not {list}.issuperset(map(type, rows)) or len({*map(len, rows)}) != 1:
            raise NotOwn
        found += chain(*rows)
        return Embedding, len(rows), len(rows[0])
    shapes: list[Hashable] = []
    for place, kind in PARTS[type(model)].items():
        part = getattr(model, place)
        parts = part if type(part) is list else [part]
        if not (kind is None or {kind}.issuperset(map(type, parts))):
            raise NotOwn
        shapes_here = tuple([shape_of(one, found) for one in parts])
        shapes.append(shapes_here if parts is part else shapes_here[0])
    if isinstance(model, Block) and type(model.heads) is not int:
        raise NotOwn
    setting = model.softmax if isinstance(model, Layer) else model.heads if isinstance(model, Block) else None
    return type(model), setting, tuple(shapes)


def is_from_table(function: Any) -> bool:
    """True for a row of the table of operations, and for autograd's functions that are written with them."""
    if type(function) is Op:
        return function.is_built_in and ops.ALL.get(function.name) is function
    return function is not None and function is getattr(autograd, getattr(function, "__name__", ""), None)


OWN_LOSSES = tuple([getattr(losses, name) for name in losses.__all__])


def is_own_loss(loss: Any) -> bool:
    """
    >>> is_own_loss(losses.huber), is_own_loss(lambda prediction, target: prediction - target)
    (True, False)
    """
    return loss in OWN_LOSSES


def penalty_of(penalty: Any) -> Hashable | None:
    """A penalty of nn and its strength; None for any other.

    >>> penalty_of(L2(0.5))
    (<class 'nn.losses.penalties.L2'>, 0.5)
    """
    return (type(penalty), penalty.strength) if type(penalty) in (L1, L2) else None


SETTINGS_OF = {
    kind: attrgetter(*[name for name in ATTRIBUTES[kind] if name not in vars(optim.Optimizer())])
    for kind in OPTIMIZERS
}
"""The settings of an optimizer's rule, without what every one has: the learning rate, and what it remembers."""


def configuration_of_optimizer(optimizer: Any) -> Hashable | None:
    """The rule of an optimizer and its settings but the learning rate; None for one that is not nn's own.

    >>> configuration_of_optimizer(optim.SGD(lr=0.1, momentum=0.5))
    (<class 'nn.optim.rules.SGD'>, (0.5, False, 0.0))
    """
    kind = type(optimizer)
    if kind not in SETTINGS_OF or what_is_not_own(optimizer):
        return None
    settings = SETTINGS_OF[kind](optimizer)
    kinds = set(map(type, settings))
    if tuple in kinds:
        kinds = {type(x) for setting in settings for x in (setting if type(setting) is tuple else [setting])}
    return (kind, settings) if kinds <= NUMBERS else None


NUMBERS = {float, int, bool}
