"""Where the weights of a network start: numbers drawn at random in a well-chosen range, or given ones.

If all weights started equal, all neurons of a layer would compute the same and stay the same for
ever.  So they are drawn at random.  How large they should be depends on how many numbers a neuron
adds up: Xavier and He choose the range so that the signal neither grows nor fades from layer to layer.

>>> from random import Random
>>> draw = he_normal()
>>> draw(Random(1), n_inputs=8, n_outputs=4)
0.154354...
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from autograd.core.operand import is_real
from autograd.errors import DataError, describe
from nn import chance
from nn.chance import Chance
from nn.module import NetworkError
from nn.validation import real_number


@dataclass(frozen=True)
class Initializer:
    """A rule that draws a starting number: call it with a generator of random numbers and the size of the layer.

    Attributes:
        name: how a reader calls it.
        rule: ``rule(generator, n_inputs, n_outputs)`` gives one number, drawn with ``generator.random()``.
        draws_biases: True if biases are drawn by this rule too; otherwise they start at 0.
    """

    name: str
    rule: Callable[[Chance, int, int], float]
    draws_biases: bool = False

    def __call__(self, generator: Chance, n_inputs: int, n_outputs: int) -> float:
        return self.rule(generator, n_inputs, n_outputs)


def uniform(low: float = -1.0, high: float = 1.0) -> Initializer:
    """Every number from low to high is equally likely; biases are drawn too.

    Raises:
        ValueError: if low is not below high.

    >>> from random import Random
    >>> uniform(0, 1)(Random(1), 2, 1)
    0.134364...
    """
    low, high = any_real("low", low), any_real("high", high)
    if not low < high:
        raise ValueError(f"uniform draws from low to high, but low is {low} and high is {high}")
    return Initializer(
        f"uniform({low:g}, {high:g})", lambda rng, m, n: chance.uniform(rng, low, high), draws_biases=True
    )


def normal(mean: float = 0.0, std: float = 1.0) -> Initializer:
    """The bell curve with this mean and standard deviation; biases are drawn too.

    Raises:
        ValueError: if std is negative.

    >>> from random import Random
    >>> normal()(Random(1), 2, 1)
    0.308708...
    """
    mean, std = any_real("mean", mean), real_number("std", std)
    return Initializer(
        f"normal({mean:g}, {std:g})", lambda rng, m, n: chance.normal(rng, mean, std), draws_biases=True
    )


def xavier_uniform(gain: float = 1.0) -> Initializer:
    """Uniform in ±gain·√(6 / (inputs + outputs)), for tanh and sigmoid; biases start at 0.

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks" (2010), equation 16.

    >>> from random import Random
    >>> abs(xavier_uniform()(Random(1), 2, 4)) <= 1
    True
    """
    gain = real_number("gain", gain)

    def rule(generator: Chance, n_inputs: int, n_outputs: int) -> float:
        bound = gain * math.sqrt(6 / (n_inputs + n_outputs))
        return chance.uniform(generator, -bound, bound)

    return Initializer(f"xavier_uniform({gain:g})", rule)


def xavier_normal(gain: float = 1.0) -> Initializer:
    """Normal with standard deviation gain·√(2 / (inputs + outputs)), for tanh and sigmoid; biases start at 0.

    Source: Glorot and Bengio (2010), equation 12, as a normal distribution.

    >>> from random import Random
    >>> xavier_normal()(Random(1), 1, 1) == normal()(Random(1), 1, 1)
    True
    """
    gain = real_number("gain", gain)

    def rule(generator: Chance, n_inputs: int, n_outputs: int) -> float:
        return chance.normal(generator, 0.0, gain * math.sqrt(2 / (n_inputs + n_outputs)))

    return Initializer(f"xavier_normal({gain:g})", rule)


def he_uniform(negative_slope: float = 0.0) -> Initializer:
    """Uniform in ±√(6 / ((1 + negative_slope²)·inputs)), for relu; biases start at 0.

    ``negative_slope`` is that of a leaky relu.  PyTorch calls this ``kaiming_uniform``.

    Source: He, Zhang, Ren and Sun, "Delving Deep into Rectifiers" (2015), equation 15.

    >>> from random import Random
    >>> abs(he_uniform()(Random(1), 6, 1)) <= 1
    True
    """
    negative_slope = any_real("negative_slope", negative_slope)

    def rule(generator: Chance, n_inputs: int, n_outputs: int) -> float:
        bound = math.sqrt(6 / ((1 + negative_slope**2) * n_inputs))
        return chance.uniform(generator, -bound, bound)

    return Initializer(f"he_uniform({negative_slope:g})", rule)


def he_normal(negative_slope: float = 0.0) -> Initializer:
    """Normal with standard deviation √(2 / ((1 + negative_slope²)·inputs)), for relu; biases start at 0.

    ``negative_slope`` is that of a leaky relu.  PyTorch calls this ``kaiming_normal``.

    Source: He, Zhang, Ren and Sun (2015), equation 15.

    >>> from random import Random
    >>> he_normal()(Random(1), 2, 1) == normal()(Random(1), 2, 1)
    True
    """
    negative_slope = any_real("negative_slope", negative_slope)

    def rule(generator: Chance, n_inputs: int, n_outputs: int) -> float:
        return chance.normal(generator, 0.0, math.sqrt(2 / ((1 + negative_slope**2) * n_inputs)))

    return Initializer(f"he_normal({negative_slope:g})", rule)


def constant(value: float) -> Initializer:
    """Every weight starts at the same number; biases start at 0.

    Where a network takes an initializer, the number alone means the same.

    >>> from random import Random
    >>> constant(0.5)(Random(1), 2, 1)
    0.5
    """
    value = any_real("value", value)
    return Initializer(f"constant({value:g})", lambda rng, m, n: value)


def any_real(name: str, number: float) -> float:
    return real_number(name, number, at_least=-math.inf)


BY_NAME: dict[str, Callable[[], Initializer]] = {
    "normal": normal,
    "uniform": uniform,
    "xavier_uniform": xavier_uniform,
    "xavier_normal": xavier_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
}


def find_initializer(wanted: Any) -> Initializer:
    """The initializer that was asked for: by name, as a number, or as a function.

    Raises:
        NetworkError: if there is none of that name.
        DataError: if it is something else.

    >>> find_initializer("normal").name, find_initializer(1.0).name
    ('normal(0, 1)', 'constant(1)')
    """
    if isinstance(wanted, Initializer):
        return wanted
    if isinstance(wanted, str):
        if wanted in BY_NAME:
            return BY_NAME[wanted]()
        close = get_close_matches(wanted.lower(), BY_NAME, n=1)
        hint = f"did you mean {close[0]!r}? There" if close else "there"
        raise NetworkError(f"there is no initializer {wanted!r}; {hint} are: {', '.join(BY_NAME)}")
    if is_real(wanted):
        return constant(wanted)
    # nn.he_normal without its parentheses has the name of an initializer but draws nothing itself.
    if any(wanted is maker for maker in (*BY_NAME.values(), constant)):
        raise DataError(f"write {wanted.__name__}(...): the function makes an initializer")
    if callable(wanted):
        return Initializer(getattr(wanted, "__name__", "function"), wanted)
    raise DataError(
        "an initializer is a name, a number, or a function of (generator, n_inputs, n_outputs), "
        f"but got {describe(wanted)}"
    )
