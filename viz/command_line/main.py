"""The command ``glassgrad``: train small networks, draw formulas, list the operations.

Exit codes: 0 all went well; 1 the run failed (a loss that is not finite, a file that cannot be written);
2 the command was not understood; 130 stopped by Ctrl-C, after saying what was kept.
"""

from __future__ import annotations

import argparse
import errno
import inspect
import io
import os
import sys
import textwrap
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import nn
from autograd import AutogradError, Value, __version__, ops
from autograd.core.plain_text import ALL_WAYS, can_encode, let_stream_spell, spelled_lines
from autograd.steps import TraceError
from autograd.value import has_gradient
from nn.data import Dataset
from nn.fitting.progress import is_watched
from nn.saving.files import FileError, require_writable
from viz.command_line import demo
from viz.command_line.demo import Milestones, short_path
from viz.command_line.exercises import add_museum, add_worksheet
from viz.command_line.explain_group import add_explain
from viz.command_line.page_group import add_page
from viz.command_line.step_group import add_quiz, add_step
from viz.drawing.drawn import draw
from viz.drawing.picture import DrawingError, GraphTooLargeError
from viz.drawing.renderers import CannotRenderError
from viz.drawing.style import plural, printable
from viz.exercises.exhibits import MuseumError
from viz.exercises.worksheets import WorksheetError
from viz.formulas.parser import ExpressionError, parse, parse_values
from viz.pages.html import PageError
from viz.plots import decision_boundary, import_matplotlib, loss_curve, save_plot

__all__ = ["main"]

OK, FAILED, BAD_USAGE, INTERRUPTED = 0, 1, 2, 130


class UsageError(Exception):
    """A command that was understood by its form, but makes no sense."""


# --- what there is to train -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """A data set, and settings with which a network learns it well."""

    data: Callable[[], Dataset]
    outputs: int
    hidden: tuple[int, ...]
    output_activation: str
    loss: str
    optimizer: str
    lr: float
    epochs: int
    batch_size: int | None
    activation: str = "tanh"
    initializer: str = "xavier_normal"
    bias: bool = True


TASKS: dict[str, Task] = {
    "alice-bob": Task(
        nn.data.alice_bob, outputs=1, hidden=(2,), output_activation="sigmoid", loss="mean_squared_error",
        optimizer="sgd", lr=0.1, epochs=1000, batch_size=1, activation="sigmoid", initializer="normal",
    ),
    "linear": Task(
        nn.data.linear_relationship, outputs=1, hidden=(), output_activation="identity",
        loss="mean_squared_error", optimizer="sgd", lr=0.001, epochs=1000, batch_size=None,
        initializer="normal", bias=False,
    ),
    "xor": Task(
        nn.data.xor, outputs=1, hidden=(8,), output_activation="sigmoid", loss="binary_cross_entropy",
        optimizer="adam", lr=0.05, epochs=300, batch_size=None,
    ),
    "moons": Task(
        nn.data.moons, outputs=1, hidden=(8, 8), output_activation="sigmoid", loss="binary_cross_entropy",
        optimizer="adam", lr=0.02, epochs=60, batch_size=10,
    ),
    "circles": Task(
        nn.data.circles, outputs=1, hidden=(8, 8), output_activation="sigmoid", loss="binary_cross_entropy",
        optimizer="adam", lr=0.02, epochs=60, batch_size=10,
    ),
    "spirals": Task(
        nn.data.spirals, outputs=1, hidden=(16, 16), output_activation="sigmoid", loss="binary_cross_entropy",
        optimizer="adam", lr=0.02, epochs=100, batch_size=10,
    ),
    "blobs": Task(
        nn.data.blobs, outputs=3, hidden=(8,), output_activation="identity", loss="cross_entropy",
        optimizer="adam", lr=0.02, epochs=30, batch_size=10,
    ),
}  # fmt: skip

LOSSES: dict[str, str] = {
    "mean_squared_error": "",
    "half_squared_error": "",
    "mean_absolute_error": "",
    "huber": "",
    "hinge": "identity",
    "binary_cross_entropy": "sigmoid",
    "binary_cross_entropy_with_logits": "identity",
    "categorical_cross_entropy": "softmax",
    "cross_entropy": "identity",
}
"""The losses, and the activation of the output layer that each one expects ("" for any)."""

OPTIMIZERS: dict[str, type[nn.Optimizer]] = {
    name.lower(): kind
    for name, kind in vars(nn).items()
    if isinstance(kind, type) and issubclass(kind, nn.Optimizer) and kind is not nn.Optimizer
}


# --- the command line -----------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``glassgrad`` with these arguments (those of the process, unless given).

    Returns:
        The exit code.

    >>> main(["draw", "y = x**2", "x=3"])
    name   value   dy/dname
    x          3          6
    y          9          1
    <BLANKLINE>
    To see the graph, save it: glassgrad draw "y = x**2" x=3 -o graph.svg
    0
    """
    prepare_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = run(given)
        sys.stdout.flush()
        return code
    except OSError as error:
        if not is_closed_pipe(error):
            return complain(explained(error), FAILED)
        # Whoever reads the output (head, less) has seen enough.  Nothing must be written when Python ends.
        sys.stdout = io.StringIO()
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return OK


def run(given: list[str]) -> int:
    """Run a command, and say what went wrong; only what is written to nowhere is left to the caller."""
    try:
        options = make_parser().parse_args(keep_minus_signs(given))
        code: int = options.run(options)
        return code
    except SystemExit as end:  # argparse has printed the help, or what was wrong
        return int(end.code or OK)
    except KeyboardInterrupt:
        return complain("stopped by the keyboard", INTERRUPTED)
    except (UsageError, ExpressionError, TraceError, MuseumError, WorksheetError, PageError) as error:
        return complain(str(error), BAD_USAGE)
    except OSError:
        raise
    except (AutogradError, ImportError, ValueError) as error:
        return complain(explained(error), FAILED)


class Parser(argparse.ArgumentParser):
    """A parser whose options may stand anywhere, between a formula and its values too."""

    is_reading = False

    def error(self, message: str) -> NoReturn:
        super().error(printable(message))

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        # A parser of commands must not read what belongs to them; and before Python 3.13 the other one calls back.
        if self._subparsers is not None or self.is_reading:
            return super().parse_known_args(args, namespace)
        self.is_reading = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self.is_reading = False


def make_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="glassgrad",
        description=paragraph(
            "See how small networks learn: train one, step through backpropagation, make pages and exercises."
        ),
        epilog="examples:\n"
        "  glassgrad demo\n"
        "  glassgrad train moons --epochs 60 --boundary moons.png\n"
        '  glassgrad draw "L = (1 - sigmoid(w*x + b))**2" w=1 x=-2 b=0 -o loss.svg\n'
        "  glassgrad step alice\n"
        "  glassgrad page alice -o alice.html\n\n"
        "glassgrad COMMAND --help tells more about each command.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"glassgrad {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add_demo(commands)
    add_train(commands)
    add_draw(commands)
    add_explain(commands)
    add_step(commands)
    add_page(commands)
    add_quiz(commands)
    add_worksheet(commands)
    add_museum(commands)
    add_ops(commands)
    return parser


def paragraph(text: str) -> str:
    return textwrap.fill(text, 78)


WITH_OUTPUT = ("draw", "page", "worksheet")
WITH_FORMULA = (*WITH_OUTPUT, "explain", "quiz", "step")
"""The commands that take a formula, and those that have an option -o besides."""


def keep_minus_signs(arguments: list[str]) -> list[str]:
    """Let a formula begin with a minus sign: argparse would take ``-x**2`` for an option.

    >>> keep_minus_signs(["draw", "-x**2", "x=3", "-o", "a.svg"])
    ['draw', ' -x**2', 'x=3', '-o', 'a.svg']
    """
    if not arguments or arguments[0] not in WITH_FORMULA:
        return arguments
    options = ("--", "-h", "-o") if arguments[0] in WITH_OUTPUT else ("--", "-h")
    return [f" {text}" if text.startswith("-") and not text.startswith(options) else text for text in arguments]


# --- glassgrad demo -------------------------------------------------------------------------------------


def add_demo(commands: Any) -> None:
    parser = commands.add_parser(
        "demo",
        help="train the network of Alice and Bob, ask it about people it has never seen, draw it",
        description="Train the network of Alice and Bob: from weight and height it learns who is female. Then it "
        "is asked about Emily and Frank, whom it has never seen. The loss curve and the graph of one person's "
        "loss, with all data and gradients, are drawn into a folder.",
    )
    add = parser.add_argument
    add("--out", metavar="DIR", default="output", help="where the pictures go (default: %(default)s)")
    add("--epochs", type=whole, default=1000, metavar="N", help="times through the data (default: %(default)s)")
    add("--seed", type=seed, default=1, metavar="N", help="for the first weights (default: %(default)s)")
    add("--quiet", action="store_true", help="no progress, only the results")
    parser.set_defaults(run=run_demo)


def run_demo(options: argparse.Namespace) -> int:
    result = demo.run(options.out, epochs=options.epochs, seed=options.seed, quiet=options.quiet)
    return INTERRUPTED if result.history.stopped_because == "keyboard" else OK


# --- glassgrad train ------------------------------------------------------------------------------------


def add_train(commands: Any) -> None:
    rows = [f"  {name:<11}{describe_task(task)}" for name, task in TASKS.items()]
    parser = commands.add_parser(
        "train",
        help="train a network on one of the data sets",
        description=paragraph(
            "Train a network on one of the data sets that come with glassgrad. Whatever you do not set is set so "
            "that it learns well."
        ),
        epilog="data sets, and what is used unless you say otherwise:\n" + "\n".join(rows) + "\n\nexamples:\n"
        "  glassgrad train xor\n"
        "  glassgrad train moons --optimizer sgd --lr 0.5 --epochs 200 --plot loss.png\n"
        "  glassgrad train spirals --hidden 24,24 --boundary spirals.png --save spirals.json\n\n"
        "Ctrl-C ends the training; what was learned until then is kept, saved and drawn.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("data", choices=list(TASKS), metavar="DATA", help=", ".join(TASKS))
    add = parser.add_argument
    add("--epochs", type=whole, metavar="N", help="how many times to go through the data")
    add("--lr", type=rate, metavar="RATE", help="the learning rate")
    add("--batch-size", type=batch_size, metavar="N", help="samples for each update, or 'full' for all of them")
    add("--optimizer", choices=list(OPTIMIZERS), help="how the parameters are moved")
    add("--seed", type=seed, default=1, metavar="N", help="for all that is left to chance (default: %(default)s)")
    add("--hidden", type=layer_sizes, metavar="N,N", help="neurons in each hidden layer, like 8,8; or 'none'")
    add("--activation", metavar="NAME", help="of the hidden layers, like tanh, relu, sigmoid")
    add("--loss", choices=list(LOSSES), metavar="NAME", help=", ".join(LOSSES))
    add("--save", metavar="FILE.json", help="save what was learned")
    add("--plot", metavar="FILE.png", help="draw the loss curve (.png, .svg, .pdf)")
    add("--boundary", metavar="FILE.png", help="draw the decision boundary, of data with two features")
    add("--no-progress", action="store_true", help="no progress bar")
    parser.set_defaults(run=run_train)


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
            output_activation=LOSSES[loss_name] or task.output_activation,
            initializer=task.initializer,
            bias=task.bias,
            seed=options.seed,
        )
    except AutogradError as error:
        raise UsageError(explained(error)) from error
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
            print(f"{parameter.label:<9} {parameter.data:.6g}")


# --- glassgrad draw -------------------------------------------------------------------------------------


def add_draw(commands: Any) -> None:
    parser = commands.add_parser(
        "draw",
        help="compute a formula, its gradients, and draw its graph",
        description=paragraph(
            "Compute a formula and the derivative of its result with respect to everything in it, and draw the "
            "graph. Without -o, print the numbers."
        ),
        epilog=paragraph(
            "A formula has numbers, names, + - * / **, parentheses and functions (glassgrad ops lists them). "
            "Several parts, separated by ;, give names to intermediate results. Put it in quotes."
        )
        + "\n\nexamples:\n"
        '  glassgrad draw "L = (1 - sigmoid(w*x + b))**2" w=1 x=-2 b=0 -o loss.svg\n'
        '  glassgrad draw "z = w*x + b; L = (y - tanh(z))**2" w=0.5 x=2 b=0 y=1\n'
        '  glassgrad draw "y = sin(t)" t=pi/3 -o sine.png',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("formula", metavar="FORMULA", help='like "L = (1 - sigmoid(w*x + b))**2"')
    add("values", metavar="NAME=VALUE", nargs="*", help="a number for each name in it, like w=1")
    add("-o", "--output", metavar="FILE", help="draw the graph into this file: .svg, .png, .pdf or .dot")
    add("--no-backward", action="store_true", help="forward pass only: gradients are shown as ?")
    parser.set_defaults(run=run_draw)


def run_draw(options: argparse.Namespace) -> int:
    formula = parse(options.formula.strip())
    nodes = formula.evaluate_all(parse_values(options.values))
    result = nodes[formula.result_name]
    if not options.no_backward:
        result.backward()
    if options.output:
        try:
            draw(result).save(options.output)
        except (CannotRenderError, GraphTooLargeError):
            raise
        except DrawingError as error:  # an unknown ending
            raise UsageError(str(error)) from error
        print(f"{formula.result_name} = {result.data:.10g}, drawn in {short_path(Path(options.output))}")
        return OK
    print(write_numbers(nodes, formula.result_name))
    values = "".join(f" {text}" for text in options.values)
    again = printable(f'glassgrad draw "{options.formula.strip()}"{values} -o graph.svg')
    print(f"\nTo see the graph, save it: {again}")
    return OK


def write_numbers(nodes: dict[str, Value], result_name: str) -> str:
    """The named nodes with their values and gradients, as text in columns."""
    rows = [["name", "value", f"d{result_name}/dname"]]
    for name, node in nodes.items():
        rows.append([name, f"{node.data:.10g}", f"{node.grad:.10g}" if has_gradient(node) else "?"])
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join(
        f"{name:<{widths[0]}}   {value:>{widths[1]}}   {grad:>{widths[2]}}" for name, value, grad in rows
    )


# --- glassgrad ops --------------------------------------------------------------------------------------


def add_ops(commands: Any) -> None:
    parser = commands.add_parser(
        "ops",
        help="list the operations: their names, inputs, symbols and what they need",
        description="List the table of operations: how each one is called in a formula, how it is drawn, and "
        "what its inputs must satisfy.",
    )
    parser.set_defaults(run=run_ops)


def run_ops(options: argparse.Namespace) -> int:
    rows = [("operation", "drawn as", "needs")]
    rows += [(write_call(op), op.symbol, op.requires) for op in ops.ALL.values()]
    first, second = (max(len(row[i]) for row in rows) for i in (0, 1))
    for call, symbol, requires in rows:
        print(f"{call:<{first}}  {symbol:<{second}}  {requires}".rstrip())
    return OK


def write_call(op: ops.Op) -> str:
    """An operation as it is written in a formula, optional inputs in brackets.

    >>> write_call(ops.ALL["clip"]), write_call(ops.ALL["elu"]), write_call(ops.ALL["logsumexp"])
    ('clip(x, low, high)', 'elu(x, alpha=1.0)', 'logsumexp(x1, x2, ...)')
    """
    if op.variadic:
        return f"{op.name}(x1, x2, ...)"
    names = list(inspect.signature(op.derivatives).parameters)[: op.arity]
    defaults = getattr(op.forward, "__defaults__", None) or ()
    for i, default in enumerate(reversed(defaults), start=1):
        names[-i] += f"={default}"
    return f"{op.name}({', '.join(names)})"


# --- reading options ------------------------------------------------------------------------------------


def whole(text: str) -> int:
    number = as_int(text)
    if number is None or number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number, 1 or more, but got {text!r}")
    return number


def seed(text: str) -> int:
    number = as_int(text)
    if number is None or number < 0:
        raise argparse.ArgumentTypeError(f"expected a whole number, 0 or more, but got {text!r}")
    return number


def rate(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, but got {text!r}")
    return number


def batch_size(text: str) -> int | str:
    return "full" if text == "full" else whole(text)


def layer_sizes(text: str) -> list[int]:
    """
    >>> layer_sizes("8,8"), layer_sizes("none")
    ([8, 8], [])
    """
    return [] if text == "none" else [whole(part) for part in text.split(",")]


def as_int(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


# --- messages -------------------------------------------------------------------------------------------


def complain(message: str, code: int) -> int:
    said = "\n".join(map(printable, f"glassgrad: {message}".split("\n")))
    print(said if can_encode(sys.stderr, said) else spelled_lines(said), file=sys.stderr)
    return code


# What the engine says to people who write Python is of no use to those who type commands.
ADVICE_FOR_PROGRAMMERS = (
    "It was computed at ", "To get inf or nan instead", "To see the line that computed it", "Nothing was changed:"
)  # fmt: skip


def explained(error: BaseException) -> str:
    """An error as a message for the terminal: with its notes, and without advice about Python code."""
    lines = [line for line in str(error).splitlines() if not line.strip().startswith(ADVICE_FOR_PROGRAMMERS)]
    if isinstance(error, OSError) and error.strerror and not isinstance(error, FileError):
        lines = [f"{error.strerror}: {error.filename}" if error.filename else error.strerror]
    return "\n".join([*lines, *getattr(error, "__notes__", [])]) or type(error).__name__


def is_closed_pipe(error: OSError) -> bool:
    """True if nobody reads the output any more, which Windows calls an invalid argument."""
    return isinstance(error, BrokenPipeError) or (error.errno == errno.EINVAL and error.filename is None)


def prepare_streams() -> None:
    """All that is written here can be printed everywhere, also where there are no streams or few characters."""
    # Without a terminal (pythonw, >&-) there are no streams; IDLE's are of a kind of their own.
    sys.stdin = sys.stdin or io.StringIO()
    sys.stdout = sys.stdout or io.StringIO()
    sys.stderr = sys.stderr or io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        let_stream_spell(stream, instead_of=ALL_WAYS)
