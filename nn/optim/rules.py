"""The rules by which parameters move, one class for each.

Each is the method ``update``: plain arithmetic on one parameter, without an ``if`` on its numbers.  The same few
lines therefore run on floats (``step`` does that), on NumPy vectors of parameters, and on Values, where they become
part of a graph.
"""

from __future__ import annotations

import math
from typing import Any

from autograd import sqrt
from autograd.errors import text_of
from nn.optim.optimizer import Optimizer, State
from nn.validation import real_number

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "RMSProp"]


class SGD(Optimizer):
    """Gradient descent: each parameter goes a step against its gradient, p ← p - lr·g.

    With momentum μ the steps gather speed, v ← μ·v + g and p ← p - lr·v; Nesterov's variant looks
    one step ahead, p ← p - lr·(g + μ·v).  Weight decay λ adds λ·p to the gradient.

    Sources: Robbins and Monro, "A Stochastic Approximation Method" (1951); Polyak (1964) for momentum;
    Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013),
    section 2, for Nesterov's, in the form that PyTorch uses.

    Raises:
        ValueError: for a setting out of its range, or nesterov without momentum.

    >>> SGD(lr=0.1).update(3.0, 6.0, (0.0,), step=1, lr=0.1)[0]
    2.4
    """

    state_names = ("velocity",)

    def __init__(
        self, lr: float = 0.001, momentum: float = 0.0, nesterov: bool = False, weight_decay: float = 0.0
    ) -> None:
        super().__init__(lr)
        self.momentum = real_number("momentum", momentum)
        self.nesterov = bool(nesterov)
        self.weight_decay = real_number("weight_decay", weight_decay)
        if nesterov and not self.momentum:
            raise ValueError("nesterov=True needs a momentum above 0: SGD(lr=0.1, momentum=0.9, nesterov=True)")

    def update(self, parameter: Any, gradient: Any, state: State, step: Any, lr: Any) -> tuple[Any, State]:
        if self.weight_decay:
            gradient = with_weight_decay(gradient, parameter, self.weight_decay)
        if not self.momentum:
            return parameter - lr * gradient, state
        (velocity,) = state
        velocity = self.momentum * velocity + gradient
        direction = gradient + self.momentum * velocity if self.nesterov else velocity
        return parameter - lr * direction, (velocity,)


class Adagrad(Optimizer):
    """Smaller steps for parameters that have had large gradients: p ← p - lr·g / (√s + ε), s ← s + g².

    s sums up all squared gradients so far.  With lr_decay η the rate of step t is lr / (1 + (t - 1)·η).

    Source: Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization" (2011), in the form that PyTorch uses.

    Raises:
        ValueError: for a setting out of its range.

    >>> round(Adagrad(lr=0.1).update(3.0, 6.0, (0.0,), step=1, lr=0.1)[0], 6)
    2.9
    """

    state_names = ("sum_of_squares",)

    def __init__(
        self,
        lr: float = 0.01,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(lr)
        self.lr_decay = real_number("lr_decay", lr_decay)
        self.weight_decay = real_number("weight_decay", weight_decay)
        self.initial_accumulator_value = real_number("initial_accumulator_value", initial_accumulator_value)
        self.eps = real_number("eps", eps)

    def initial_state(self) -> State:
        return (self.initial_accumulator_value,)

    def update(self, parameter: Any, gradient: Any, state: State, step: Any, lr: Any) -> tuple[Any, State]:
        (sum_of_squares,) = state
        gradient = with_weight_decay(gradient, parameter, self.weight_decay)
        sum_of_squares = sum_of_squares + gradient * gradient
        rate = lr / (1 + (step - 1) * self.lr_decay) if self.lr_decay else lr
        return parameter - rate * gradient / (root(sum_of_squares) + self.eps), (sum_of_squares,)


class RMSProp(Optimizer):
    """Steps divided by the recent size of the gradient: p ← p - lr·g / (√s + ε), s ← α·s + (1 - α)·g².

    With momentum μ: v ← μ·v + g / (√s + ε) and p ← p - lr·v.  PyTorch writes it RMSprop.

    Source: Tieleman and Hinton, "Lecture 6.5: rmsprop", Neural Networks for Machine Learning,
    Coursera (2012), in the form that PyTorch uses (not centered).

    Raises:
        ValueError: for a setting out of its range.

    >>> round(RMSProp(lr=0.1).update(3.0, 6.0, (0.0, 0.0), step=1, lr=0.1)[0], 6)
    2.0
    """

    state_names = ("mean_of_squares", "velocity")

    def __init__(
        self,
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
    ) -> None:
        super().__init__(lr)
        self.alpha = real_number("alpha", alpha, below=1.0)
        self.eps = real_number("eps", eps)
        self.weight_decay = real_number("weight_decay", weight_decay)
        self.momentum = real_number("momentum", momentum)

    def update(self, parameter: Any, gradient: Any, state: State, step: Any, lr: Any) -> tuple[Any, State]:
        mean_of_squares, velocity = state
        gradient = with_weight_decay(gradient, parameter, self.weight_decay)
        mean_of_squares = self.alpha * mean_of_squares + (1 - self.alpha) * (gradient * gradient)
        scaled = gradient / (root(mean_of_squares) + self.eps)
        if not self.momentum:
            return parameter - lr * scaled, (mean_of_squares, velocity)
        velocity = self.momentum * velocity + scaled
        return parameter - lr * velocity, (mean_of_squares, velocity)


class Adam(Optimizer):
    """Momentum and a scale for each parameter, both from running means: p ← p - lr·m̂ / (√v̂ + ε).

    m ← β₁·m + (1 - β₁)·g and v ← β₂·v + (1 - β₂)·g² begin at 0; m̂ = m / (1 - β₁ᵗ) and
    v̂ = v / (1 - β₂ᵗ) make up for that in step t.  Weight decay λ adds λ·p to the gradient.

    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1.

    Raises:
        ValueError: for a setting out of its range.

    >>> round(Adam(lr=0.1).update(3.0, 6.0, (0.0, 0.0), step=1, lr=0.1)[0], 6)
    2.9
    """

    state_names = ("mean", "mean_of_squares")

    def __init__(
        self,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr)
        self.betas = checked_betas(betas)
        self.eps = real_number("eps", eps)
        self.weight_decay = real_number("weight_decay", weight_decay)

    def update(self, parameter: Any, gradient: Any, state: State, step: Any, lr: Any) -> tuple[Any, State]:
        gradient = with_weight_decay(gradient, parameter, self.weight_decay)
        return self.adaptive_step(parameter, gradient, state, step, lr)

    def adaptive_step(self, parameter: Any, gradient: Any, state: State, step: Any, lr: Any) -> tuple[Any, State]:
        """Algorithm 1 of the paper, without weight decay."""
        mean, mean_of_squares = state
        beta1, beta2 = self.betas
        mean = beta1 * mean + (1 - beta1) * gradient
        mean_of_squares = beta2 * mean_of_squares + (1 - beta2) * (gradient * gradient)
        unbiased_mean = mean / (1 - beta1**step)
        unbiased_mean_of_squares = mean_of_squares / (1 - beta2**step)
        moved = parameter - lr * unbiased_mean / (root(unbiased_mean_of_squares) + self.eps)
        return moved, (mean, mean_of_squares)


class AdamW(Adam):
    """Adam whose weight decay does not pass through the gradient: first p ← p - lr·λ·p, then Adam's step.

    Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019), algorithm 2.

    Raises:
        ValueError: for a setting out of its range.

    >>> round(AdamW(lr=0.1, weight_decay=0.5).update(3.0, 6.0, (0.0, 0.0), step=1, lr=0.1)[0], 6)
    2.75
    """

    def __init__(
        self,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(lr, betas, eps, weight_decay)

    def update(self, parameter: Any, gradient: Any, state: State, step: Any, lr: Any) -> tuple[Any, State]:
        return self.adaptive_step(parameter - lr * self.weight_decay * parameter, gradient, state, step, lr)


def with_weight_decay(gradient: Any, parameter: Any, weight_decay: float) -> Any:
    """The gradient of the loss plus that of ½·λ·p², the penalty which draws a parameter to 0."""
    return gradient + weight_decay * parameter if weight_decay else gradient


def root(x: Any) -> Any:
    """√x: of a plain number at once, of all else as an operation."""
    return math.sqrt(x) if type(x) is float and 0.0 <= x < math.inf else sqrt(x)


def checked_betas(betas: Any) -> tuple[float, float]:
    if not isinstance(betas, (tuple, list)) or len(betas) != 2:
        raise ValueError(f"betas must be two numbers like (0.9, 0.999), but it is {text_of(betas)}")
    return real_number("betas[0]", betas[0], below=1.0), real_number("betas[1]", betas[1], below=1.0)
