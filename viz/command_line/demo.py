"""The main job: train the network of Alice and Bob, ask it about people it has never seen, draw what it learned.

    glassgrad demo        or        python -c "from viz.command_line.demo import run; run()"

The network and the data are those of Victor Zhou, "Machine Learning for Beginners: An Introduction to
Neural Networks" (2019): two numbers about a person, two hidden neurons, one output, all sigmoid.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nn
from autograd import no_grad
from nn.callbacks import Event
from nn.data import Dataset
from nn.fitting.progress import is_watched
from nn.saving.files import write_whole
from viz.command_line.options import INTERRUPTED, OK, add_command, from_one, from_zero, short_path
from viz.drawing.drawing import draw
from viz.drawing.style import plural
from viz.plots import loss_curve, loss_curve_svg, save_plot

BOUNDARY = 0.5
"""Above this output the network says F."""


@dataclass(frozen=True)
class Answer:
    """What the network says about one person: the probability of being female, and whether that is true."""

    name: str
    features: list[float]
    probability: float
    says: str
    truth: str

    @property
    def is_right(self) -> bool:
        return self.says == self.truth


@dataclass(frozen=True)
class DemoResult:
    """What the demo leaves behind: the trained model, the record of its training, its answers and the pictures."""

    model: nn.MLP
    history: nn.History
    answers: list[Answer]
    pictures: list[Path]


def run(
    out_dir: str | os.PathLike[str] = "output", *, epochs: int = 1000, seed: int = 1, quiet: bool = False
) -> DemoResult:
    """Train on four people, ask about six, draw the loss curve and the graph of one person's loss.

    Args:
        out_dir: the folder for the two pictures; it is made if it is not there.
        epochs: how many times the network sees the four people.
        seed: for the first weights.  The same seed gives the same run.
        quiet: print nothing but the table and where the pictures are.

    Raises:
        FileError: if the pictures cannot be written.
        TrainingError: if a number stops being finite on the way.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)  # before the work, so that nobody trains for nothing

    people = nn.data.alice_bob()
    model = nn.MLP(2, [2, 1], activation="sigmoid", seed=seed)
    if not quiet:
        print(people.story)
        print(f"A network with {len(model.parameters())} parameters learns from {names_of(people)}.\n")

    history = nn.fit(
        model, people, loss=nn.mean_squared_error, optimizer=nn.SGD(lr=0.1), epochs=epochs, batch_size=1,
        progress=False if quiet else None, callbacks=[] if quiet or is_watched() else [Milestones(epochs)],
    )  # fmt: skip
    if history.stopped_because == "keyboard":
        print(f"\nStopped after {plural(len(history), 'complete epoch')}; what was learned until then is kept.")
    if not quiet and history.loss:
        done = plural(len(history), "epoch")
        print(f"The loss went from {history.loss[0]:.4f} to {history.loss[-1]:.4f} in {done}.\n")

    answers = ask(model, people)
    new_answers = ask(model, people.unseen) if people.unseen else []
    print("How probable is it that this person is female?")
    print(write_table(answers, new_answers, people.feature_names))

    pictures = {draw_graph(model, people, folder): "the graph of Alice's loss, with data and gradients"}
    if history.loss:
        pictures[draw_loss(history, folder)] = "the loss, epoch by epoch"
    print("\nThe pictures:")
    longest = max(len(short_path(path)) for path in pictures)
    for path, what in pictures.items():
        print(f"  {short_path(path):<{longest}}  {what}")
    return DemoResult(model, history, answers + new_answers, list(pictures))


def ask(model: nn.MLP, people: Dataset) -> list[Answer]:
    """What the network says about each person."""
    letters = {0: "M", 1: "F"}
    answers = []
    for name, (features, target) in zip(people.sample_names, people, strict=True):
        with no_grad():
            probability = model(features).data
        truth = letters[1 if target == 1 else 0]
        answers.append(Answer(name, features, probability, letters[probability > BOUNDARY], truth))
    return answers


def write_table(learned: Sequence[Answer], unseen: Sequence[Answer], feature_names: Sequence[str]) -> str:
    """The answers as text: first the people that the network learned from, then those it has never seen.

    >>> print(write_table([Answer("Ann", [-2.0, 1.5], 0.93, "F", "F")], [], ["weight", "height"]))
                weight      height  probability  says  truth
    learned from
      Ann         -2.0         1.5        0.930     F      F
    1 of 1 right
    """
    widths = [max(10, len(name)) for name in feature_names]
    header = "".join(f"{name:>{width + 2}}" for name, width in zip(feature_names, widths, strict=True))
    lines = [f"{'':10}{header}  probability  says  truth"]
    for title, answers in (("learned from", learned), ("never seen before", unseen)):
        if answers:
            lines.append(title)
        for answer in answers:
            features = "".join(f"{x:>{width + 2}}" for x, width in zip(answer.features, widths, strict=True))
            mark = "" if answer.is_right else "   wrong"
            words = f"{answer.probability:>13.3f}{answer.says:>6}{answer.truth:>7}{mark}"
            lines.append(f"  {answer.name:<8}{features}{words}")
    everybody = [*learned, *unseen]
    lines.append(f"{sum(answer.is_right for answer in everybody)} of {len(everybody)} right")
    return "\n".join(lines)


def draw_loss(history: nn.History, folder: Path) -> Path:
    """The loss curve: a PNG by matplotlib, or a plain SVG where matplotlib is not installed."""
    title = "Alice and Bob: loss over the epochs"
    try:
        figure = loss_curve(history, title=title)
    except ImportError:
        return write_whole(folder / "loss.svg", loss_curve_svg(history, title=title))
    path = folder / "loss.png"
    save_plot(figure, path)
    return path


def draw_graph(model: nn.MLP, people: Dataset, folder: Path) -> Path:
    """The loss of the first person as a graph, every node with its data and its gradient."""
    model.zero_grad()
    features, target = people[0]
    loss = nn.mean_squared_error(model(features), target)
    loss.label = "L"
    loss.backward()
    path = folder / "graph.svg"
    draw(loss).save(path)
    return path


class Milestones:
    """A callback that prints a line now and then, where a progress bar would make a mess (in a file, say)."""

    def __init__(self, epochs: int, lines: int = 10) -> None:
        self.step = max(1, epochs // lines)

    def on_epoch(self, event: Event) -> None:
        if event.epoch == 1 or event.epoch % self.step == 0 or event.epoch == event.epochs:
            number = str(event.epoch).rjust(len(str(event.epochs)))
            print(f"epoch {number} of {event.epochs}   loss {event.loss:.6f}", flush=True)


def names_of(people: Dataset) -> str:
    *first, last = people.sample_names
    return f"{', '.join(first)} and {last}"


# --- the command ------------------------------------------------------------------------------------------


def add_demo(commands: Any) -> None:
    add = add_command(
        commands, "demo", run_demo,
        "Train the network of Alice and Bob: from weight and height it learns who is female. Then it "
        "is asked about Emily and Frank, whom it has never seen. The loss curve and the graph of one person's "
        "loss, with all data and gradients, are drawn into a folder.",
    )  # fmt: skip
    add("--out", metavar="DIR", default="output", help="where the pictures go (default: %(default)s)")
    add("--epochs", type=from_one, default=1000, metavar="N", help="times through the data (default: %(default)s)")
    add("--seed", type=from_zero, default=1, metavar="N", help="for the first weights (default: %(default)s)")
    add("--quiet", action="store_true", help="no progress, only the results")


def run_demo(options: argparse.Namespace) -> int:
    result = run(options.out, epochs=options.epochs, seed=options.seed, quiet=options.quiet)
    return INTERRUPTED if result.history.stopped_because == "keyboard" else OK
