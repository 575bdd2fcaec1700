"""The two last steps to an engine: a network of it, and the loop in which that learns.

Networks and runs are tried from the smallest to the largest, beside ``nn.MLP`` and ``nn.fit``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import nn
from autograd.errors import shown
from viz.engines.learners_class import LearnersClass, NotYet, as_number, told
from viz.engines.outcomes import Answer, Outcome, close

SIZES: tuple[tuple[int, tuple[int, ...]], ...] = ((1, (1,)), (2, (1,)), (2, (2, 1)))
ALICE = (-2.0, -1.0)
RUNS = ((1, 1, 1), (1, 2, 1), (4, 1, 1), (4, 1, 4), (4, 2, 4), (4, 20, 1), (4, 20, 4))
"""How many samples, epochs, and samples in a batch."""
MOST_LINES = 2_000_000


def check_network(mine: LearnersClass, MLP: Any) -> Outcome | None:
    """The smallest network that is wrong: in its parameters, its number, or a gradient; None if all are right."""
    for inputs, layers in SIZES:
        for numbers in ("alice", "others"):
            try:
                if (found := one_network(mine, MLP, inputs, layers, numbers)) is not None:
                    return found
            except NotYet as error:
                return Outcome(
                    written(inputs, layers), "", "crash", "network", "a network", error.given, told=error.text
                )
    return None


def written(inputs: int, layers: Sequence[int]) -> str:
    return f"MLP({inputs}, {list(layers)})"


def one_network(mine: LearnersClass, MLP: Any, inputs: int, layers: Sequence[int], numbers: str) -> Outcome | None:
    """One network beside ours with the same parameters."""
    name = written(inputs, layers)
    ours = nn.MLP(inputs, list(layers), activation="sigmoid", seed=1)
    model, parameters = made(mine, MLP, inputs, layers)
    expected = ours.parameters()
    if numbers == "alice":
        for p in expected:
            p.data = 0.0 if p.label.startswith("b") else 1.0
    our_out = ours(list(ALICE[:inputs]))
    loss = (1 - our_out) ** 2
    loss.backward()

    def wrong(kind: str, what: str, right: Answer, given: Answer, **more: Any) -> Outcome:
        where = f"x = ({', '.join(f'{x:g}' for x in ALICE[:inputs])})"
        start = "weights 1, biases 0" if numbers == "alice" else "weights and biases of nn.MLP(..., seed=1)"
        return Outcome(
            name,
            f"{where}, {start}" if kind in ("output", "gradient") else "",
            kind,
            what,
            right,
            given,
            root=loss,
            **more,
        )

    if len(parameters) != len(expected) or len({id(p) for p in parameters}) != len(expected):
        return wrong(
            "parameters", "number of parameters", float(len(expected)), float(len({id(p) for p in parameters}))
        )
    if len(layers) > 1 and len({tuple(p.data for p in parameters[i : i + 3]) for i in (0, 3)}) == 1:
        return wrong("starts", "start of the two hidden neurons", "different", "the same")
    take_over(parameters, expected)
    with told(f"{name}({list(ALICE[:inputs])})"):
        out = only(model(list(ALICE[:inputs])))
        data = out.data if isinstance(out, mine.cls) else None
    number = as_number(data)
    if number is None:
        raise NotYet(f"{name} gives {shown(out)} and not one {mine.name}.", type(out).__name__)
    if not close(our_out.data, number):
        return wrong("output", f"output of {name}", our_out.data, number)
    with told(f"backward() of the loss (1 - out) ** 2 of {name}"):
        ((1 - out) ** 2).backward()
    found = [as_number(p.grad) for p in parameters]
    for q, given, p in zip(expected, found, parameters, strict=True):
        if given is None or not close(q.grad, given):
            return wrong(
                "gradient", f"gradient of {q.label}", q.grad, shown(p.grad) if given is None else given,
                names=tuple(p.label for p in expected), wanted=tuple(p.grad for p in expected), found=tuple(found),
            )  # fmt: skip
    return None


def only(out: Any) -> Any:
    """The output of a network with one output, which some give as a list."""
    return out[0] if isinstance(out, (list, tuple)) and len(out) == 1 else out


def made(mine: LearnersClass, MLP: Any, inputs: int, layers: Sequence[int]) -> tuple[Any, list[Any]]:
    """A network of the learner's, and its parameters."""
    name = written(inputs, layers)
    with told(name):
        model = MLP(inputs, list(layers))
    if not callable(getattr(model, "parameters", None)):
        raise NotYet(f"{name} has no parameters() yet.", "no parameters")
    with told(f"{name}.parameters()"):
        parameters = list(model.parameters())
    for p in parameters:
        if not isinstance(p, mine.cls):
            raise NotYet(f"{name}.parameters() has {shown(p)} in it, which is no {mine.name}.", type(p).__name__)
    return model, parameters


def take_over(parameters: Sequence[Any], ours: Sequence[Any]) -> None:
    """Give a learner's parameters the numbers of ours."""
    for p, q in zip(parameters, ours, strict=True):
        p.data = q.data


def network_question(failed: Outcome) -> str:
    """What to ask oneself about a network."""
    return {
        "parameters": "Which numbers may training move? Each weight, and what else?",
        "starts": "Two neurons that begin alike get the same gradients: what will ever part them?",
        "output": "A neuron is σ(w·x + b). Does parameters() name each neuron's weights first, then its bias?",
        "gradient": "The number is right and a gradient is not: which operation has no check yet?",
    }.get(failed.kind, "What does a network need: neurons, a call, parameters()?")


# --- fit --------------------------------------------------------------------------------------------------


def check_fit(mine: LearnersClass, MLP: Any, fit: Any) -> Outcome | None:
    """The smallest run after which a parameter is not that of ``nn.fit``; None if all are right."""
    for samples, epochs, batch in RUNS:
        try:
            if (found := one_run(mine, MLP, fit, samples, epochs, batch)) is not None:
                return found
        except NotYet as error:
            return Outcome(call(samples, epochs, batch), "", "crash", "run", "a run", error.given, told=error.text)
    return None


def call(samples: int, epochs: int, batch: int) -> str:
    data = "people" if samples == 4 else f"people[:{samples}]"
    return f"fit(model, {data}, epochs={epochs}, lr=0.1, batch_size={batch})"


def one_run(
    mine: LearnersClass, MLP: Any, fit: Callable[..., Any], samples: int, epochs: int, batch: int
) -> Outcome | None:
    """One run beside ours, from the same parameters."""
    people = nn.data.alice_bob()
    xs, ys = [list(x) for x in people.inputs][:samples], [number_of(y) for y in people.targets][:samples]
    ours = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
    expected = ours.parameters()
    model, parameters = made(mine, MLP, 2, (2, 1))
    take_over(parameters, expected)
    start = [q.data for q in expected]
    nn.fit(ours, (xs, ys), optimizer=nn.SGD(0.1), epochs=epochs, batch_size=batch, engine="eager", progress=False)
    with told(call(samples, epochs, batch), lines=MOST_LINES):
        fit(model, list(zip(xs, ys, strict=True)), epochs=epochs, lr=0.1, batch_size=batch)
    found = [as_number(p.data) for p in parameters]
    for q, given, p, before in zip(expected, found, parameters, start, strict=True):
        if given is None or not close(q.data, given):
            kind = (
                "still"
                if found == start
                else "away"
                if given is not None and (given - before) * (q.data - before) < 0
                else "other"
            )
            if batch > 1 and kind == "other":
                kind = "batch"
            return Outcome(
                call(samples, epochs, batch), "", kind, f"{q.label} after the run", q.data,
                shown(p.data) if given is None else given,
                names=tuple(p.label for p in expected), wanted=tuple(p.data for p in expected), found=tuple(found),
            )  # fmt: skip
    return None


def number_of(y: Any) -> float:
    return float(only(y))


def fit_question(failed: Outcome) -> str:
    """What to ask oneself about a run."""
    return {
        "still": "Nothing has moved. What stands in grad at the moment of the step, and who put it there?",
        "away": "It moved the wrong way. A slope says where the loss rises: where does it fall?",
        "batch": "One at a time it is right. What is the loss of several samples, and is each used more than once?",
        "other": "Forward, gradients to 0, backward, move: in which order, and how often, does your loop do it?",
    }.get(failed.kind, "A step is four things: forward, gradients to 0, backward, move. Which one is missing?")
