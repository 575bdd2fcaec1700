"""Optimizers: how every parameter moves, given its gradient.

rules.py has one class for each rule (SGD, Adam, ...), optimizer.py what they share, state.py what is remembered of
each parameter, clipping.py keeps gradients within limits.  Open rules.py first.

>>> import nn.optim
>>> from autograd import Value
>>> w = Value(3.0, "w")
>>> (w * w).backward()
>>> nn.optim.SGD(lr=0.1).step([w])
>>> w.data
2.4
"""

from nn.optim.clipping import clip_gradient_norm, clip_gradient_value
from nn.optim.optimizer import Optimizer
from nn.optim.rules import SGD, Adagrad, Adam, AdamW, RMSProp

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSProp", "clip_gradient_norm", "clip_gradient_value"]
