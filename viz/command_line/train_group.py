"""The command ``glassgrad train``: a network on one of the data sets, with settings that learn it well."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nn
from autograd import AutogradError, Value
from autograd.core.numbers import write_number
from nn.data import Dataset
from nn.fitting.progress import is_watched
from nn.losses import classification, regression
from nn.saving.files import require_writable
from viz.command_line.demo import Milestones
from viz.command_line.options import INTERRUPTED, OK, UsageError, add_command, from_one, from_zero, rate, short_path
from viz.drawing.style import plural
from viz.plots import decision_boundary, import_matplotlib, loss_curve, save_plot


@dataclass(frozen=True)
class Task:
    """A data set, and settings with which a network learns it well."""

    data: Callable[[], Dataset]
    hidden: tuple[int, ...]
    outputs: int = 1
    loss: str = "binary_cross_entropy"
    optimizer: str = "adam"
    lr: float = 0.02
    epochs: int = 60
    batch_size: int | None = 10
    activation: str = "tanh"
    output_activation: str = "sigmoid"
    initializer: str = "xavier_normal"
    bias: bool = True


TASKS: dict[str, Task] = {
    "alice-bob": Task(
        nn.data.alice_bob, (2,), loss="mean_squared_error", optimizer="sgd", lr=0.1, epochs=1000, batch_size=1,
        activation="sigmoid", initializer="normal",
    ),
    "linear": Task(
        nn.data.linear_relationship, (), loss="mean_squared_error", optimizer="sgd", lr=0.001, epochs=1000,
        batch_size=None, output_activation="identity", initializer="normal", bias=False,
    ),
    "xor": Task(nn.data.xor, (8,), lr=0.05, epochs=300, batch_size=None),
    "moons": Task(nn.data.moons, (8, 8)),
    "circles": Task(nn.data.circles, (8, 8)),
    "spirals": Task(nn.data.spirals, (16, 16), epochs=100),
    "blobs": Task(nn.data.blobs, (8,), outputs=3, loss="cross_entropy", epochs=30),
}  # fmt: skip

OUTPUTS = {
    "hinge": "identity",
    "binary_cross_entropy": "sigmoid",
    "binary_cross_entropy_with_logits": "identity",
    "categorical_cross_entropy": "softmax",
    "cross_entropy": "identity",
}
"""The activation of the output layer that a loss expects; others take any."""

LOSSES = (*regression.__all__, *classification.__all__)

OPTIMIZERS: dict[str, type[nn.Optimizer]] = {
    name.lower(): kind
    for name, kind in vars(nn).items()
    if isinstance(kind, type) and issubclass(kind, nn.Optimizer) and kind is not nn.Optimizer
}


# --- the command ------------------------------------------------------------------------------------------


def add_train(commands: Any) -> None:
    rows = [f"  {name:<11}{describe_task(task)}" for name, task in TASKS.items()]
    add = add_command(
        commands, "train", run_train,
        "Train a network on one of the data sets that come with glassgrad. Whatever you do not set is set so "
        "that it learns well.",
        "data sets, and what is used unless you say otherwise:\n" + "\n".join(rows) + "\n\nexamples:\n"
        "  glassgrad train xor\n"
        "  glassgrad train moons --optimizer sgd --lr 0.5 --epochs 200 --plot loss.png\n"
        "  glassgrad train spirals --hidden 24,24 --boundary spirals.png --save spirals.json\n\n"
        "Ctrl-C ends the training; what was learned until then is kept, saved and drawn.",
    )  # fmt: skip
    add("data", choices=list(TASKS), metavar="DATA", help=", ".join(TASKS))
    add("--epochs", type=from_one, metavar="N", help="how many times to go through the data")
    add("--lr", type=rate, metavar="RATE", help="the learning rate")
    add("--batch-size", type=batch_size, metavar="N", help="samples for each update, or 'full' for all of them")
    add("--optimizer", choices=list(OPTIMIZERS), help="how the parameters are moved")
    add(
        "--seed", type=from_zero, default=1, metavar="N",
        help="for all that is left to chance (default: %(default)s)",
    )  # fmt: skip
    add("--hidden", type=layer_sizes, metavar="N,N", help="neurons in each hidden layer, like 8,8; or 'none'")
    add("--activation", metavar="NAME", help="of the hidden layers, like tanh, relu, sigmoid")
    add("--loss", choices=LOSSES, metavar="NAME", help=", ".join(LOSSES))
    add("--save", metavar="FILE.json", help="save what was learned")
    add("--plot", metavar="FILE.png", help="draw the loss curve (.png, .svg, .pdf)")
    add("--boundary", metavar="FILE.png", help="draw the decision boundary, of data with two features")
    add("--no-progress", action="store_true", help="no progress bar")


def describe_task(task: Task) -> str:
    shape = "-".join(map(str, [len(task.data().feature_names), *task.hidden, task.outputs]))
    size = "full batch" if task.batch_size is None else f"batches of {task.batch_size}"
    return f"{shape} neurons, {task.loss}, {task.optimizer}, rate {task.lr}, {task.epochs} epochs, {size}"


def run_train(options: argparse.Namespace) -> int:
    task = TASKS[options.data]
    data = task.data()
    check_before_training(options, data)
    loss_name = options.loss or task.loss
    loss = getattr(nn, loss_name)
    try:
        model = nn.MLP(
            len(data.feature_names),
            [*(task.hidden if options.hidden is None else options.hidden), task.outputs],
            options.activation or task.activation,
            output_activation=OUTPUTS.get(loss_name, task.output_activation),
            initializer=task.initializer,
            bias=task.bias,
            seed=options.seed,
        )
    except AutogradError as error:
        raise UsageError(str(error)) from error
    epochs = options.epochs or task.epochs
    size = options.batch_size or task.batch_size
    print(f"{data.name}: {data.story}")
    print(model.summary())
    history = nn.fit(
        model,
        data,
        loss=loss,
        optimizer=OPTIMIZERS[options.optimizer or task.optimizer](lr=options.lr or task.lr),
        epochs=epochs,
        batch_size="full" if size is None else size,
        shuffle=size not in (None, "full", 1),
        seed=options.seed,
        metrics="accuracy" if has_classes(data) else None,
        progress=False if options.no_progress else None,
        callbacks=[] if options.no_progress or is_watched() else [Milestones(epochs)],
    )
    stopped = history.stopped_because == "keyboard"
    if stopped:
        print(f"\nStopped after {plural(len(history), 'complete epoch')}; what was learned until then is kept.")
    report(model, data, loss)
    if options.save:
        nn.save(model, options.save)
        print(f"The parameters: {short_path(Path(options.save))}")
    if options.plot and history.loss:
        save_plot(loss_curve(history, title=f"{data.name}: loss over the epochs"), options.plot)
        print(f"The loss curve: {short_path(Path(options.plot))}")
    if options.boundary:
        save_plot(decision_boundary(model, data), options.boundary)
        print(f"The decision boundary: {short_path(Path(options.boundary))}")
    return INTERRUPTED if stopped else OK


def check_before_training(options: argparse.Namespace, data: Dataset) -> None:
    """Find out what cannot be saved or drawn before anybody waits for the training."""
    if options.boundary and len(data.feature_names) != 2:
        features = plural(len(data.feature_names), "feature")
        raise UsageError(f"a decision boundary is drawn over two features, but {options.data} has {features}")
    for path in (options.save, options.plot, options.boundary):
        if path:
            require_writable(path)
    for path in (options.plot, options.boundary):
        if path:
            import_matplotlib()
            if Path(path).suffix.lower() not in (".png", ".svg", ".pdf"):
                raise UsageError(f"a plot is saved as .png, .svg or .pdf, but got {path!r}")


def has_classes(data: Dataset) -> bool:
    return all(isinstance(target, int) for target in data.targets)


def report(model: nn.MLP, data: Dataset, loss: Callable[..., Value]) -> None:
    """How well the model does on its data and on unseen data, and its parameters if they are few."""
    found = nn.evaluate(model, data, loss=loss, metrics="accuracy" if has_classes(data) else None)
    print(f"\nloss      {found['loss']:.6f}")
    if "accuracy" in found:
        right = round(found["accuracy"] * len(data))
        print(f"accuracy  {found['accuracy']:.1%} ({right} of {len(data)} samples)")
    if data.unseen is not None:
        share = nn.evaluate(model, data.unseen, loss=loss, metrics="accuracy")["accuracy"]
        print(f"unseen    {share:.1%} ({round(share * len(data.unseen))} of {len(data.unseen)} samples)")
    parameters = model.parameters()
    if len(parameters) <= 10:
        for parameter in parameters:
            print(f"{parameter.label:<9} {write_number(parameter.data, 6)}")


# --- reading options --------------------------------------------------------------------------------------


def batch_size(text: str) -> int | str:
    return "full" if text == "full" else from_one(text)


def layer_sizes(text: str) -> list[int]:
    """
    >>> layer_sizes("8,8"), layer_sizes("none")
    ([8, 8], [])
    """
    return [] if text == "none" else [from_one(part) for part in text.split(",")]
