"""Small neural networks on top of ``autograd``, with every parameter, loss and update in plain sight.

>>> import nn
>>> neuron = nn.Neuron(2, "identity", bias=False, weights=[0.3, 0.9])
>>> L = nn.half_squared_error(neuron([0.1, 0.8]), 0.4)
>>> L.backward()
>>> [round(w.grad, 6) for w in neuron.parameters()]
[0.035, 0.28]
>>> nn.SGD(lr=1).step(neuron.parameters())
>>> [round(w.data, 6) for w in neuron.parameters()]
[0.265, 0.62]
"""

import os as _os
import runpy as _runpy
import typing as _typing

# A file of one's own, or another library, may hide our engine: this look at it must not go by its name.
if _problem := _runpy.run_path(_os.path.join(_os.path.dirname(__path__[0]), "autograd", "installation.py"))[
    "find_stranger"
]("autograd"):
    raise ImportError(_problem)

# isort: off
# fmt: off
from autograd.core.on_demand import names_on_demand as _names_on_demand
from nn import data as data, micrograd as micrograd
from nn.callbacks import EarlyStopping, Event, StopTraining
from nn.data import Dataset
from nn.fitting.measuring import evaluate
from nn.history import History
from nn.layers import GPT, MLP, Embedding, Layer, Neuron, Sequential, neuron_of
from nn.layers.initializers import (
    Initializer, constant, he_normal, he_uniform, normal, uniform, xavier_normal, xavier_uniform,
)
from nn.losses import (
    L1, L2, LossError, binary_cross_entropy, binary_cross_entropy_with_logits, categorical_cross_entropy,
    cross_entropy, half_squared_error, hinge, huber, l1_penalty, l2_penalty, mean_absolute_error,
    mean_squared_error,
)
from nn.metrics import accuracy
from nn.module import Module, NetworkError, Parameter, ShapeError, StateError
from nn.optim import (
    SGD, Adagrad, Adam, AdamW, Optimizer, RMSProp, clip_gradient_norm, clip_gradient_value,
)
from nn.schedules import CosineSchedule, ExponentialSchedule, LinearWarmup, StepSchedule
from nn.training import TrainingError, fit
# isort: on
# fmt: on

if _typing.TYPE_CHECKING:
    from nn.saving.checkpoint import CheckpointError, load, save
    from nn.saving.files import FileError
    from nn.saving.torch_interop import from_torch, to_torch
else:
    __getattr__, __dir__ = _names_on_demand(
        __name__,
        {
            "saving.checkpoint": "CheckpointError load save",
            "saving.files": "FileError",
            "saving.torch_interop": "from_torch to_torch",
        },
    )

__all__ = [
    "Adagrad", "Adam", "AdamW", "CheckpointError", "CosineSchedule", "Dataset", "EarlyStopping", "Embedding",
    "Event", "ExponentialSchedule", "FileError", "GPT", "History", "Initializer", "L1", "L2", "Layer",
    "LinearWarmup", "LossError", "MLP", "Module", "NetworkError", "Neuron", "Optimizer", "Parameter",
    "RMSProp", "SGD", "Sequential", "ShapeError", "StateError", "StepSchedule", "StopTraining",
    "TrainingError", "accuracy", "binary_cross_entropy", "binary_cross_entropy_with_logits",
    "categorical_cross_entropy", "clip_gradient_norm", "clip_gradient_value", "constant", "cross_entropy",
    "data", "evaluate", "fit", "from_torch", "half_squared_error", "he_normal", "he_uniform", "hinge",
    "huber", "l1_penalty", "l2_penalty", "load", "mean_absolute_error", "mean_squared_error", "micrograd",
    "neuron_of", "normal", "save", "to_torch", "uniform", "xavier_normal", "xavier_uniform",
]  # fmt: skip
