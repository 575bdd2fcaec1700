"""What happened while a network learned: plain lists, one entry for each recorded epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from autograd.core.plain_text import printable
from nn.history.parameters import recorded_after, restore


@dataclass(repr=False)
class History:
    """The record of a training run, filled by ``fit``.

    All lists have the same length; entry i belongs to the epoch ``epochs[i]``.

    Attributes:
        epochs: the numbers of the recorded epochs, counted from 1.
        loss: the mean loss over the epoch's samples, each as it was when its turn came.
        metrics: for each metric's name its values; what was measured on the validation data is
            called ``validation_loss``, ``validation_accuracy``, ...
        lr: the learning rate (in the epoch's last step).
        gradient_norm: the mean length of the gradient, before clipping.
        parameters: for each parameter's name its values after the epoch, if asked for (``record_parameters=True``).
        parameters_at_start: the values before the first step, if asked for.
        steps: how many updates were made.
        seconds: how long it took.
        seed: what the shuffling can be repeated with; None without shuffling, or with your own generator.
        stopped_because: "finished", "early stopping", "keyboard", "callback" (or the reason that the
            callback gave), or "error"; "" while it is still running.
        engine: what computed it: "eager" (node by node), "native", "numpy" or "python".

    >>> history = History(epochs=[1, 2], loss=[1.0, 0.25], lr=[0.1, 0.1], gradient_norm=[2.0, 1.0])
    >>> print(history.table())
    epoch  loss   lr  gradient_norm
        1     1  0.1              2
        2  0.25  0.1              1
    """

    epochs: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    lr: list[float] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    parameters: dict[str, list[float]] = field(default_factory=dict)
    parameters_at_start: dict[str, float] = field(default_factory=dict)
    steps: int = 0
    seconds: float = 0.0
    seed: int | None = None
    stopped_because: str = ""
    engine: str = ""

    @property
    def validation_loss(self) -> list[float]:
        """The loss on the validation data after each epoch; empty without such data."""
        return self.metrics.get("validation_loss", [])

    def add(
        self,
        epoch: int,
        loss: float,
        lr: float,
        gradient_norm: float,
        metrics: Mapping[str, float],
        parameters: Mapping[str, float],
        every: int = 1,
    ) -> None:
        """Write an epoch down.  The newest is always here; of the others the first and every ``every``-th stay."""
        if self.epochs and self.epochs[-1] != 1 and self.epochs[-1] % every:
            for column in (self.epochs, self.loss, self.lr, self.gradient_norm):
                column.pop()
            for named in (*self.metrics.values(), *self.parameters.values()):
                named.pop()
        self.epochs.append(epoch)
        self.loss.append(loss)
        self.lr.append(lr)
        self.gradient_norm.append(gradient_norm)
        for name, number in metrics.items():
            self.metrics.setdefault(name, []).append(number)
        for name, number in parameters.items():
            self.parameters.setdefault(name, []).append(number)

    def add_many(self, epochs: range, losses: Any, lrs: list[float], gradient_norms: Any, every: int) -> None:
        """Write down several epochs of a run without metrics, as ``add`` does one after the other.

        Losses and norms come as arrays of NumPy's, which become lists when somebody asks for them.
        """
        columns: dict[str, Callable[[], list[Any]]] = {
            "epochs": partial(list, epochs), "loss": losses.tolist, "gradient_norm": gradient_norms.tolist,
        }  # fmt: skip
        if every > 1:
            for row in zip(epochs, losses.tolist(), lrs, gradient_norms.tolist(), strict=True):
                self.add(*row, {}, {}, every)
        elif self.epochs:
            self.lr += lrs
            for name, column in columns.items():
                getattr(self, name).extend(column())
        else:
            self.lr = lrs
            vars(self)["_in_arrays"] = columns
            del self.epochs, self.loss, self.gradient_norm

    _in_arrays: ClassVar[Mapping[str, Callable[[], list[Any]]]] = MappingProxyType({})

    if not TYPE_CHECKING:  # To a type checker it would say that every attribute is there.

        def __getattr__(self, name: str) -> Any:
            if name not in self._in_arrays:
                raise AttributeError(f"a History has no {name!r}", name=name, obj=self)
            column = vars(self)[name] = self._in_arrays[name]()
            return column

    def __getstate__(self) -> dict[str, Any]:
        for name in self._in_arrays:
            getattr(self, name)
        return {name: x for name, x in vars(self).items() if name != "_in_arrays"}

    def __len__(self) -> int:
        return len(self.epochs)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain lists, dicts and numbers that belong to you: ``json.dumps(history.as_dict())``."""
        return asdict(self)

    def restore(self, model: Any, epoch: int) -> None:
        """Give a model the parameters that it had after ``epoch`` epochs; 0 is before the first step.

        Gradients and the optimizer's memory are not recorded: they stay as they are.

        Raises:
            TypeError: if the model has no parameters(), or epoch is no whole number.
            ValueError: if nothing is recorded for this epoch; the message says which epochs are.
            StateError: if the recorded parameters are those of another network.  Nothing is changed.

        >>> import nn
        >>> neuron = nn.Neuron(1, "identity", bias=False, weights=[0.0])
        >>> history = nn.fit(neuron, ([1.0], [2.0]), epochs=3, record_parameters=True)
        >>> history.restore(neuron, 1)
        >>> neuron.state_dict()
        {'w1': 0.4}
        >>> history.restore(neuron, 4)
        Traceback (most recent call last):
        ...
        ValueError: this run had 3 epochs, so there is nothing after epoch 4
        """
        restore(model, recorded_after(self, epoch))

    def table(self, rows: int = 20) -> str:
        """The run as text, a line for each epoch; of a long run, ``rows`` lines spread evenly.

        Raises:
            ValueError: if rows is below 2.
        """
        if rows < 2:
            raise ValueError(f"a table needs at least 2 rows, the first and the last, but rows is {rows}")
        columns = {"loss": self.loss, **self.metrics, "lr": self.lr, "gradient_norm": self.gradient_norm}
        lines = [["epoch", *map(printable, columns)]]
        for i in evenly(len(self), rows):
            lines.append([str(self.epochs[i]), *(f"{column[i]:.6g}" for column in columns.values())])
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join("  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True)) for line in lines)

    def plot(self) -> Any:
        """The loss, and the metrics, as a matplotlib figure: ``viz.loss_curve(history)``.

        Raises:
            ImportError: if matplotlib is not installed.
        """
        from nn.history.curve import loss_curve

        return loss_curve(self)

    def __repr__(self) -> str:
        if not self.epochs:
            return f"<History: no complete epoch, {self.stopped_because or 'running'}>"
        epochs = "1 epoch" if self.epochs[-1] == 1 else f"{self.epochs[-1]} epochs"
        return (
            f"<History: {epochs} in {self.seconds:.2f} s, {self.stopped_because or 'running'}; "
            f"loss {self.loss[0]:.4g} → {self.loss[-1]:.4g} {sparkline(self.loss)}>"
        )


BARS = "▁▂▃▄▅▆▇█"


def sparkline(numbers: list[float], width: int = 30) -> str:
    """A curve of text, from the smallest number ▁ to the largest █.

    >>> sparkline([8.0, 4.0, 2.0, 1.0])
    '█▄▂▁'
    """
    chosen = [numbers[i] for i in evenly(len(numbers), width)]
    low, high = min(chosen), max(chosen)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((x - low) * scale)] for x in chosen)


def evenly(count: int, most: int) -> list[int]:
    """At most ``most`` indices out of ``count``, evenly spread, the first and the last among them.

    >>> evenly(100, 4)
    [0, 33, 66, 99]
    """
    if count <= most:
        return list(range(count))
    return [round(i * (count - 1) / (most - 1)) for i in range(most)]
