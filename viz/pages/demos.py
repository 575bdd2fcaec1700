"""The pages that come with glassgrad: one for each published worked example.

>>> loss, options = DEMOS["linear"]()
>>> options["title"], options["lr"]
('Play with the weights and watch the error', 0.001)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nn
from autograd import Value, topological_order
from nn import Parameter
from viz.formulas.worked_examples import EXAMPLES, answer, require_inputs
from viz.pages.html import Page, page

Demo = tuple[Value, dict[str, Any]]
"""A result, and with which arguments ``page`` is called for it."""


def build_demo(name: str, /, **numbers: float) -> Demo:
    """What the page of a worked example is made of; the numbers take the place of the example's own.

    Raises:
        ExpressionError: if a name is not that of an input.

    >>> loss, options = build_demo("alice", w1=2, target=0)
    >>> round(loss.data, 4), "examples" in options
    (0.2637, False)
    """
    if numbers:
        require_inputs(name, DEMOS[name]()[0], numbers)
    loss, options = DEMOS[name](**numbers)
    weights = {node.label for node in topological_order(loss) if isinstance(node, Parameter)}
    if not numbers.keys() <= weights:
        options.pop("examples", None)  # They would put their own numbers in the place of the given ones.
    return loss, options


def alice(**numbers: float) -> Demo:
    """The network of Alice with all weights 1 and all biases 0; Bob, Charlie and Diana can be asked as well.

    >>> loss, options = alice()
    >>> round(loss.data, 10), options["examples"].sample_names
    (0.2268662872, ('Alice', 'Bob', 'Charlie', 'Diana'))
    """
    model = nn.MLP(2, [2, 1], activation="sigmoid", initializer=1.0)
    target = Value(numbers.get("target", 1.0), "target")
    loss = (target - answer(model, [-2.0, -1.0], numbers)) ** 2
    loss.label = "L"
    return loss, {
        "title": "Is Alice female? A network takes its first step",
        "note": "Two numbers about a person go in. All weights are 1, all biases 0: how should each one change?",
        "examples": nn.data.alice_bob(),
    }


def linear(**numbers: float) -> Demo:
    """Three weights of a linear relationship, to be found by hand or by gradient descent.

    >>> len(linear()[1]["examples"])
    5
    """
    return EXAMPLES["linear"].make(**numbers), {
        "title": "Play with the weights and watch the error",
        "note": "z = w1·x1 + w2·x2 + w3·x3 should be y for all five samples. Drag the weights until the mean error "
        "is small; then let gradient descent do it.",
        "examples": nn.data.linear_relationship(),
        "lr": 0.001,
    }


def alice_bob(**numbers: float) -> Demo:
    """
    >>> alice_bob()[0].label
    'L'
    """
    return EXAMPLES["alice-bob"].make(**numbers), {
        "title": "Alice, Bob, Charlie and Diana teach a network",
        "note": "The weights are random. Press Run: the four people are learned one step at a time.",
        "examples": nn.data.alice_bob(),
    }


def simple(name: str, title: str, lr: float = 0.1) -> Callable[..., Demo]:
    """The page of an example that needs no more than a title and a learning rate."""

    def make(**numbers: float) -> Demo:
        example = EXAMPLES[name]
        return example.make(**numbers), {"title": title, "note": example.story, "lr": lr}

    return make


DEMOS: dict[str, Callable[..., Demo]] = {
    "neuron": simple("neuron", "A single neuron, by hand", lr=1.0),
    "linear": linear,
    "descent": simple("descent", "Down into a valley", lr=0.05),
    "alice": alice,
    "alice-bob": alice_bob,
    "attention": simple("attention", "Attention, by hand"),
    "micrograd": simple("micrograd", "The expression of micrograd's README", lr=0.00001),
    "karpathy": simple("karpathy", "L = (a·b + c)·f", lr=0.01),
    "karpathy-neuron": simple("karpathy-neuron", "A tanh neuron"),
    "mazur": simple("mazur", "A step by step backpropagation example", lr=0.5),
    "cs231n-product": simple("cs231n-product", "A product"),
    "cs231n-sum": simple("cs231n-sum", "A sum, then a product"),
    "cs231n-sigmoid": simple("cs231n-sigmoid", "A sigmoid neuron"),
    "cs231n-max": simple("cs231n-max", "A product and a maximum", lr=0.01),
}
"""For each worked example a function that builds its page's arguments."""


def demo(name: str, /, **numbers: float) -> Page:
    """The page of a worked example; the numbers take the place of the example's own.

    Raises:
        KeyError: if there is none of that name.
        ExpressionError: if a name is not that of an input.

    >>> demo("karpathy")
    <Page of 7 values with sliders for a, b, c, f; page.save("page.html") saves it>
    """
    loss, options = build_demo(name, **numbers)
    return page(loss, **options)
