"""What has been found in a model of nn's own, and whether it still stands there."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import chain
from operator import attrgetter
from typing import Any
from weakref import WeakKeyDictionary, ref

from autograd import Value
from autograd.core.node import first_computed
from nn.module import Module, Parameter
from nn.saving.configuration import ATTRIBUTES, NotOwn, shape_of, what_is_not_own


class Known:
    """A model that is nn's own: what it consists of, and all in which that was found.

    It refers to the parts of the model, and not to the model itself, so that it keeps none alive.

    Attributes:
        shape: the layers and their activations.
        found: the weights and biases, in the order of the computation.
        parameters: each one of them once.
        references: a weak one to each of them, once somebody has made these.
        are_plain: True if each of them is a Parameter or a Value, and none is frozen or computed.
        advised_on: with which loss and targets its output has been looked at (``nn.fitting.advice``).
    """

    def __init__(self, model: Module) -> None:
        model._name_inside()  # Names come first, because they change what stands in the model.
        self.found: list[Any] = []
        self.shape = shape_of(model, self.found)
        if not all(issubclass(kind, Value) for kind in set(map(type, self.found))):
            raise NotOwn
        self.parameters: list[Value] = list(dict.fromkeys(self.found))
        self.references: list[ref[Value]] = []
        self.advised_on: tuple[Any, list[Any]] | None = None
        if not all(map(attrgetter("label"), self.parameters)):
            model.parameters()  # Here they get one.
        self.are_plain = {Parameter, Value}.issuperset(map(type, self.found)) and not first_computed(self.found)
        self.parts: list[Module] = []
        self.lists: list[list[Any]] = []
        self.collect(list(vars(model).values()))
        self.contents = [list(elements) for elements in self.lists]
        self.attributes = [dict(attributes) for attributes in self.attributes_of(model)]
        self.of_weights = [elements for elements in self.lists if has_any(elements, Value)]
        self.kinds = self.kinds_in(model, self.attributes)

    def collect(self, things: list[Any]) -> None:
        """The modules and the lists among some things, and those inside of them."""
        for x in things:
            if isinstance(x, Module):
                self.parts.append(x)
                self.collect(list(vars(x).values()))
            elif type(x) is list:
                self.lists.append(x)
                # Not through the thousands of weights, nor their names.
                if has_any(x, Module, list):
                    self.collect(x)

    def attributes_of(self, model: Module) -> list[dict[str, Any]]:
        return list(map(vars, [model, *self.parts]))

    def kinds_in(self, model: Module, attributes: list[dict[str, Any]]) -> list[type]:
        """Of which class the modules are, what stands in their attributes, and in lists of Values.

        A Value is equal to a number that is its own: only its class shows that it is still there.
        """
        return list(map(type, chain((model,), self.parts, *map(dict.values, attributes), *self.of_weights)))

    def is_still(self, model: Module) -> bool:
        """True if all that the model consists of is what it was: mostly this compares lists."""
        attributes = self.attributes_of(model)
        return (
            self.lists == self.contents
            and attributes == self.attributes
            and self.kinds_in(model, attributes) == self.kinds
        )


def has_any(elements: list[Any], *kinds: type) -> bool:
    """True if one of them is of such a kind."""
    return any(issubclass(kind, kinds) for kind in set(map(type, elements)))


_known: WeakKeyDictionary[Module, Known] = WeakKeyDictionary()


def known(model: Any) -> Known | None:
    """What is known about a model, looked for again only if it was changed; None if it is not nn's own.

    >>> from nn import MLP
    >>> net = MLP(2, [3, 1])
    >>> first = known(net)
    >>> known(net) is first
    True
    >>> net.layers[0].neurons[0].weights[0] = Parameter(0.5)
    >>> known(net) is first, known(lambda x: x) is None
    (False, True)
    """
    if type(model) not in ATTRIBUTES:
        return None
    before = _known.get(model)
    if before is not None and before.is_still(model):
        return before
    if what_is_not_own(model) or not isinstance(model, Module):
        return None
    try:
        _known[model] = now = Known(model)
    except NotOwn:
        return None
    return now


def configuration_of_model(own: Known | None, parameters: list[Value]) -> Hashable | None:
    """The layers, their activations, and which parameter stands where; None for a model that is not nn's own.

    >>> from nn import MLP
    >>> def network(seed, activation):
    ...     net = MLP(2, [3, 1], activation, seed=seed)
    ...     return configuration_of_model(known(net), net.parameters())
    >>> network(1, "tanh") == network(2, "tanh"), network(1, "tanh") == network(1, "relu")
    (True, False)
    """
    if own is None or not own.are_plain:
        return None
    if own.found == parameters:
        return own.shape, None
    # Some are shared, or stand in another order.
    number = {id(parameter): i for i, parameter in enumerate(parameters)}
    places = tuple([number.get(id(weight)) for weight in own.found])
    return None if None in places else (own.shape, places)
