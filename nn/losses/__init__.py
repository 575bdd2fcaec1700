"""Losses: how wrong a prediction is, as one Value that can be differentiated.

regression.py asks how far off a number is, classification.py whether the class is right, penalties.py how large the
weights are; pairing.py brings predictions and targets together.  Open regression.py first.

Every loss is called as ``loss(predictions, targets)``.  Predictions are one number (a single output for
a single sample), or a list of numbers, or a list of lists (several outputs for several samples); the
targets have the same form.  Where targets are classes, a class is its index, counted from 0, or a list
with a probability for each class.

``reduction="mean"`` divides the sum of the single losses by their number, ``reduction="sum"`` does not.

Source of the names and conventions: PyTorch, torch.nn.functional, where nothing else is said.

>>> from autograd import Value
>>> prediction = Value(0.75)
>>> L = half_squared_error(prediction, 0.4)
>>> L.backward()
>>> round(L.data, 5), round(prediction.grad, 5)
(0.06125, 0.35)
"""

from nn.losses.classification import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    categorical_cross_entropy,
    cross_entropy,
    hinge,
)
from nn.losses.pairing import LossError
from nn.losses.penalties import L1, L2, l1_penalty, l2_penalty
from nn.losses.regression import half_squared_error, huber, mean_absolute_error, mean_squared_error

__all__ = [
    "L1", "L2", "LossError", "binary_cross_entropy", "binary_cross_entropy_with_logits",
    "categorical_cross_entropy", "cross_entropy", "half_squared_error", "hinge", "huber", "l1_penalty",
    "l2_penalty", "mean_absolute_error", "mean_squared_error",
]  # fmt: skip
