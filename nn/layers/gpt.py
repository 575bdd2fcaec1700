"""A GPT: at each position of a text it reads the tokens up to there, and scores which one may come next.

>>> model = GPT(27, 16, seed=1)
>>> model
GPT(27, 16, width=16, heads=4, layers=1) with 4192 parameters
>>> logits = model([0, 5, 13])
>>> len(logits), len(logits[0])
(3, 27)
"""

from __future__ import annotations

from typing import Any

from autograd import DataError, dot, softmax
from autograd.errors import describe
from nn.chance import Chance, Seed, make_generator
from nn.layers.embedding import Embedding
from nn.layers.initializers import normal
from nn.layers.layer import Layer
from nn.layers.shapes import is_list, shortly
from nn.module import Module, NetworkError, Row, ShapeError
from nn.validation import count_of, shorten, whole_number

SMALL = normal(0.0, 0.08)
"""How all parameters start unless something else is said: at first all tokens are about equally likely."""

Vector = list[Any]


class GPT(Module):
    """A generative pre-trained transformer, as small as it can be.

    x = rms(token + position), then in each layer x += mix·attention(rms(x)) and x += down·relu(up·rms(x)), and at
    last logits = head·x, with rms(x) = x/√(mean(x²) + 10⁻⁵) and no biases.  It is called with a list of tokens,
    and gives for each position the list of logits of the next token.

    Args:
        tokens: how many different tokens there are: letters, words, or anything else that is counted from 0.
        context: how many of them it can read at a time.
        width: how many numbers stand for a position.
        heads: how many attentions look at the positions before, each with its share of the width.
        layers: how many blocks of attention and hidden layer follow each other.
        initializer, seed: as for Neuron; all parameters begin with ``nn.normal(0, 0.08)`` unless given.

    Attributes:
        tokens, positions: an Embedding each.
        blocks: the list of layers, each with the parts query, key, value, mix, up and down.
        head: a Layer.

    Raises:
        NetworkError: if the heads cannot share the width, for an unknown initializer, and later for a number
            that is no token.
        ValueError: if a size is not a whole number from 1 up.
        ShapeError: for no token, or more than the context.
        DataError: for anything else that is no list of tokens.

    >>> GPT(3, 4, width=6, heads=4)
    Traceback (most recent call last):
    ...
    nn.module.NetworkError: 4 heads cannot share a width of 6: it must be a multiple of the number of heads
    """

    def __init__(
        self,
        tokens: int,
        context: int,
        width: int = 16,
        heads: int = 4,
        layers: int = 1,
        *,
        initializer: Any = SMALL,
        seed: Seed = None,
    ) -> None:
        width, heads = whole_number("width", width), whole_number("heads", heads)
        tokens, context = whole_number("tokens", tokens), whole_number("context", context)
        layers = whole_number("layers", layers)
        if width % heads:
            raise NetworkError(
                f"{heads} heads cannot share a width of {width}: it must be a multiple of the number of heads"
            )
        generator = make_generator(seed)
        self.tokens = Embedding(tokens, width, initializer=initializer, seed=generator)
        self.positions = Embedding(context, width, initializer=initializer, seed=generator)
        self.blocks = [Block(width, heads, initializer, generator) for _ in range(layers)]
        self.head = linear(width, tokens, "identity", initializer, generator)

    def forward(self, tokens: Any) -> list[Vector]:
        tokens = self.checked(tokens)
        rows = zip(self.tokens(tokens), self.positions.weights, strict=False)
        xs = [rms(plus(token, position)) for token, position in rows]
        for block in self.blocks:
            xs = block(xs)
        return [self.head(x) for x in xs]

    def checked(self, tokens: Any) -> list[Any]:
        """The tokens as a list that fits the context; its Embedding says whether there are such tokens."""
        given = tokens.tolist() if hasattr(tokens, "tolist") else tokens
        if not isinstance(given, (list, tuple)):
            what = shorten(given) if isinstance(given, str) else describe(tokens)
            raise DataError(
                f"this GPT takes a list of tokens, but got {what}\n"
                "  A token is a whole number: which letter or word it is, counted from 0"
            )
        if any(map(is_list, given)):
            raise ShapeError(
                "this GPT takes one list of tokens at a time, but got a list of lists; "
                "for all of them write [model(tokens) for tokens in samples]"
            )
        context = len(self.positions.weights)
        if not given:
            raise ShapeError("this GPT takes at least one token, but got an empty list")
        if len(given) > context:
            raise ShapeError(
                f"this GPT reads at most {count_of(context, 'token')}, its context, but "
                f"{len(given)} were given: {shortly(given)}"
            )
        return list(given)

    def __repr__(self) -> str:
        tokens, context, width = len(self.tokens.weights), len(self.positions.weights), len(self.tokens.weights[0])
        sizes = f"{tokens}, {context}, width={width}, heads={self.blocks[0].heads}, layers={len(self.blocks)}"
        return f"GPT({sizes}) with {count_of(len(self.parameters()), 'parameter')}"


class Block(Module):
    """One layer of a GPT: the positions look at those before them, and then each thinks for itself.

    It takes and gives a list of vectors, one for each position.
    """

    def __init__(self, width: int, heads: int, initializer: Any, generator: Chance) -> None:
        self.heads = heads
        self.query = linear(width, width, "identity", initializer, generator)
        self.key = linear(width, width, "identity", initializer, generator)
        self.value = linear(width, width, "identity", initializer, generator)
        self.mix = linear(width, width, "identity", initializer, generator)
        self.up = linear(width, 4 * width, "relu", initializer, generator)
        self.down = linear(4 * width, width, "identity", initializer, generator)

    def forward(self, xs: list[Vector]) -> list[Vector]:
        normal = [rms(x) for x in xs]
        keys, values = [self.key(x) for x in normal], [self.value(x) for x in normal]
        # Position i sees itself and those before it.
        seen = [attention(self.query(x), keys[:i], values[:i], self.heads) for i, x in enumerate(normal, start=1)]
        xs = [plus(x, self.mix(y)) for x, y in zip(xs, seen, strict=True)]
        return [plus(x, self.down(self.up(rms(x)))) for x in xs]

    def _rows_of_own_parts(self, name: str, seen: set[int]) -> list[Row]:
        return [Row(name, activation=f"attention, {count_of(self.heads, 'head')}")]


def attention(query: Vector, keys: list[Vector], values: list[Vector], heads: int) -> Vector:
    """For each head, with its part of every vector: Σ softmax(query·key/√size)·value over the positions."""
    size, seen = len(query) // heads, []
    for first in range(0, len(query), size):
        part = slice(first, first + size)
        shares = softmax([dot(query[part], key[part]) * size**-0.5 for key in keys])
        seen += [dot(shares, column) for column in zip(*[value[part] for value in values], strict=True)]
    return seen


def rms(x: Vector) -> Vector:
    """x/√(mean(x²) + 10⁻⁵): whatever its size was, now it is about 1 (the root of the mean square)."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [number * scale for number in x]


def plus(x: Vector, y: Vector) -> Vector:
    return [a + b for a, b in zip(x, y, strict=True)]


def linear(n_inputs: int, n_outputs: int, activation: str, initializer: Any, generator: Chance) -> Layer:
    """A layer without biases."""
    return Layer(n_inputs, n_outputs, activation, bias=False, initializer=initializer, seed=generator)
