"""The parameters in a record: what they are called there, and the way back into a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from autograd import Value
from autograd.errors import shown
from nn.module import StateError
from nn.optim.optimizer import checked_parameters
from nn.validation import count_of, shorten, some_of, whole_number

if TYPE_CHECKING:
    from nn.history.record import History


def names_of_parameters(model: Any, parameters: list[Value]) -> list[str]:
    """The names that the model has for them, or else their labels; numbers if that does not tell them apart."""
    named: dict[Value, str] = {}
    if hasattr(model, "named_parameters"):
        named = {parameter: name for name, parameter in model.named_parameters().items()}
    names = [named.get(parameter, parameter.label) for parameter in parameters]
    if "" in names or len(set(names)) < len(names):
        return [f"parameter {i}" for i in range(1, len(names) + 1)]
    return names


def recorded_after(history: History, epoch: int) -> dict[str, float]:
    """The parameters by name after so many epochs of a run.

    Raises:
        TypeError: if epoch is no whole number.
        ValueError: if they were not recorded.
    """
    epoch = whole_number("epoch", epoch, at_least=0)
    if not history.parameters_at_start:
        raise ValueError("this run kept no parameters: ask for them with nn.fit(..., record_parameters=True)")
    if epoch == 0:
        return history.parameters_at_start
    last = history.epochs[-1] if history.epochs else 0
    if epoch > last:
        raise ValueError(f"this run had {count_of(last, 'epoch')}, so there is nothing after epoch {epoch}")
    if epoch not in history.epochs:
        before = max((recorded for recorded in history.epochs if recorded < epoch), default=0)
        after = min(recorded for recorded in history.epochs if recorded > epoch)
        raise ValueError(
            f"epoch {epoch} is not recorded; its neighbours {before} and {after} are. "
            "nn.fit(..., record_every=1) keeps every epoch"
        )
    place = history.epochs.index(epoch)
    return {name: column[place] for name, column in history.parameters.items()}


def restore(model: Any, numbers: Mapping[str, float]) -> None:
    """Give the parameters of a model the numbers that were recorded under their names.

    Raises:
        TypeError: if it has no parameters().
        StateError: if it has other parameters; then nothing is changed.
    """
    if not callable(getattr(model, "parameters", None)) or isinstance(model, type):
        raise TypeError(f"a model has a method parameters(), but this is {shown(model)}")
    parameters = list(dict.fromkeys(checked_parameters(model.parameters())))
    own = dict(zip(names_of_parameters(model, parameters), parameters, strict=True))
    missing = [repr(name) for name in own if name not in numbers]
    unknown = [shorten(name) for name in numbers if name not in own]
    if missing or unknown:
        problems = {"not recorded": missing, "recorded, but not in the model": unknown}
        said = [f"{what}: {some_of(names)}" for what, names in problems.items() if names]
        head = f"this run was that of another network than {model!r:.80}:"
        raise StateError("\n  ".join([head, *said, "Nothing was changed."]))
    for name, parameter in own.items():
        parameter.data = numbers[name]
