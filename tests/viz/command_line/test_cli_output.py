"""Where the command's output goes: pipes that are closed or know few characters, no stream at all, IDLE's window."""

import ast
import errno
import io
import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

import nn
from autograd.core import plain_text
from nn import training
from viz.command_line import main as cli
from viz.formulas.parser import parse
from viz.stepping import terminal
from viz.stepping.stepper import Stepper

ROOT = Path(__file__).parents[3]
FORMULA = ["z = w*x + b; L = (1 - sigmoid(z))**2", "w=1", "x=-2", "b=0"]

COMMANDS = [
    ["demo", "--epochs", "3"],
    ["train", "xor", "--epochs", "3", "--hidden", "3"],
    ["train", "blobs", "--epochs", "1", "--no-progress"],
    ["draw", *FORMULA],
    ["draw", *FORMULA, "-o", "loss.svg"],
    ["explain", *FORMULA, "--wrt", "w", "--round-to", "3"],
    ["explain", *FORMULA, "--wrt", "w", "--format", "latex"],
    ["explain", "alice", "--wrt", "w1", "--four-ways"],
    ["explain", "mazur", "--wrt", "w1"],
    ["step", "alice", "--plain"],
    ["step", "cs231n-sum", "--plain", "--at", "3"],
    ["page", "alice", "-o", "alice.html"],
    ["quiz", "alice"],
    ["worksheet", "alice", "--seed", "3"],
    ["museum"],
    ["museum", "overwriting"],
    ["ops"],
    ["--help"],
    ["step", "--help"],
    ["--version"],
]


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


def stream_of(encoding):
    """What sys.stdout is when it is a pipe: strict."""
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict", newline="\n")


def text_of(stream):
    stream.flush()
    return stream.buffer.getvalue().decode(stream.encoding)


# --- few characters -------------------------------------------------------------------------------------


def run_with(monkeypatch, encoding, command):
    """What a command prints on streams of an encoding."""
    out, err = stream_of(encoding), stream_of(encoding)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        patch.setattr(sys, "stdin", io.StringIO("1\nh\nq\n"))
        code = cli.main(command)
    return code, text_of(out), text_of(err)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_prints_on_streams_that_know_few_characters(monkeypatch, command):
    if command[0] == "quiz":
        monkeypatch.setattr("builtins.input", lambda prompt: "q")
    code, whole, errors = run_with(monkeypatch, "utf-8", command)
    assert code == 0, errors
    for encoding in ("ascii", "cp1252"):
        code, said, errors = run_with(monkeypatch, encoding, command)
        assert code == 0, errors
        # A question mark means that something has not been computed, and nothing else.
        assert said.count("?") == whole.count("?"), encoding
        assert len(said.splitlines()) == len(whole.splitlines())


def test_what_becomes_of_our_signs(monkeypatch):
    _, said, _ = run_with(monkeypatch, "cp1252", ["step", "alice", "--plain"])
    assert "|-o1" in said or "`-o1" in said
    assert "sigma(w5·h1 + w6·h2 + b3)" in said
    _, said, _ = run_with(monkeypatch, "ascii", ["explain", "alice", "--wrt", "w1"])
    assert "dL/do1 * do1/dh1 * dh1/dw1" in said
    _, _, said = run_with(monkeypatch, "ascii", ["draw", "θ² + $", "θ=2"])
    assert said.splitlines()[1:] == ["  theta^2 + $", "            ^ '$' has no meaning in a formula"]


PRINTED = """
import autograd, nn, viz
from autograd import Value, trace
x = Value(0.5, "θ")
L = ((x.sigmoid() - 1) ** 2).tanh()
L.label = "∂größe"
L.backward()
model = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
history = nn.fit(model, nn.data.alice_bob(), epochs=3)
for thing in (trace(L), *trace(L).backward, viz.explain(L, x), viz.four_ways(L, x), viz.museum(), model, history,
              viz.quiz(L), x, L):
    print(thing)
print(model.summary())
viz.step(L, plain=True)
"""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "ascii:surrogateescape"])
def test_everything_can_be_printed_from_python_too(tmp_path, encoding):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRINTED], capture_output=True, timeout=120, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"sigma(theta)" in done.stdout


def test_printed_steps_go_to_any_stream(monkeypatch):
    stream = stream_of("cp1252")
    terminal.print_steps(Stepper(parse("L = (θ - x)**2").evaluate({"θ": 2.0, "x": 3.0})), stream)
    assert "(theta - x)²" in text_of(stream)


def test_a_stream_that_knows_all_characters_or_was_told_what_to_do_stays_as_it_is():
    for encoding, errors in (("utf-8", "strict"), ("utf-16", "strict"), ("ascii", "replace"), ("ascii", "ignore")):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors)
        plain_text.let_stream_spell(stream)
        assert stream.errors == errors
    for other in (None, io.StringIO(), object()):
        plain_text.let_stream_spell(other)
    closed = stream_of("ascii")
    closed.close()
    plain_text.let_stream_spell(closed)


def texts_in(file):
    """The texts in a source file that are no docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            yield node.value


def test_every_sign_that_we_print_has_a_spelling():
    """No escape like \\u2502 is ever seen."""
    files = [file for package in ("autograd", "nn", "viz") for file in (ROOT / package).rglob("*.py")]
    used = {character for file in files for text in texts_in(file) for character in text if not character.isascii()}
    # Line ends that a page writes as escapes by itself.
    used -= {"\u2028", "\u2029"}
    assert len(used) > 50
    for character in used:
        spelled = plain_text.spelled(character)
        assert spelled.isascii()
        assert not spelled.startswith("\\u"), character
        assert "?" not in spelled


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("x¹⁰", "x^10"), ("10⁻¹²", "10^-12"), ("Größe", "Grosse"), ("Ω", "Omega"), ("ς", "sigma"), ("é", "e"),
        ("√(x)", "sqrt(x)"), ("√x", "sqrt x"), ("体重", "\\u4f53\\u91cd"), ("½", "1/2"), ("ﬁ", "fi"), ("", ""),
        ("m̂ / √v̂", "m_hat / sqrt v_hat"), ("ê", "e"),
    ],
)  # fmt: skip
def test_spelling(text, spelled):
    assert plain_text.spelled(text) == spelled
    assert text.encode("ascii", plain_text.NAME).decode("ascii") == spelled


def test_only_writing_is_spelled():
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("ascii", plain_text.NAME)


# --- nobody reads, or there is nothing to write to ---------------------------------------------------------


class Closed(io.StringIO):
    """A pipe whose reader has gone, as it is found by writing or only by flushing."""

    def __init__(self, error, when):
        super().__init__()
        self.error, self.when = error, when

    def write(self, text):
        if self.when == "write":
            raise self.error
        return len(text)

    def flush(self):
        if self.when == "flush":
            raise self.error


@pytest.mark.parametrize("command", [["ops"], ["--help"], ["museum"], ["step", "alice", "--plain"]], ids=" ".join)
@pytest.mark.parametrize("when", ["write", "flush"])
@pytest.mark.parametrize(
    "error", [BrokenPipeError(errno.EPIPE, "Broken pipe"), OSError(errno.EINVAL, "Invalid argument")]
)
def test_a_reader_who_has_gone_is_no_error(monkeypatch, capsys, command, when, error):
    monkeypatch.setattr(os, "dup2", lambda *handles: None)
    monkeypatch.setattr(sys, "stdout", Closed(error, when))
    assert cli.main(command) == 0
    assert capsys.readouterr().err == ""


def test_other_errors_are_told(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", Closed(OSError(errno.ENOSPC, "No space left on device"), "flush"))
    assert cli.main(["ops"]) == 1
    assert capsys.readouterr().err == "glassgrad: No space left on device\n"
    # Such a file name is invalid on Windows; it has nothing to do with the output.
    assert not cli.is_closed_pipe(OSError(errno.EINVAL, "Invalid argument", "a?b.svg"))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("buffering", [1, 8192], ids=["each line is written at once", "a few lines are kept"])
def test_a_full_disk(tmp_path, buffering):
    program = (
        f"import sys; sys.stdout = open(1, 'w', buffering={buffering}, closefd=False, encoding='utf-8'); "
        "from viz.command_line.main import main; sys.exit(main(['ops']))"
    )
    done = subprocess.run(
        f'{sys.executable} -W error -c "{program}" > /dev/full', shell=True, cwd=tmp_path, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "glassgrad: No space left on device\n")


@pytest.mark.parametrize(
    ("command", "shell"),
    [
        ("ops", "| head -1"),
        ("--help", "| head -1"),
        ("ops", "| true"),
        ("ops", ">&-"),
        ("draw q", "2>&-"),
        ("quiz alice", "<&-"),
        ("draw x**2 x=3", ">&- 2>&-"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="these are words of a POSIX shell")
def test_in_a_shell(tmp_path, command, shell):
    done = subprocess.run(
        f"{sys.executable} -W error -m viz {command} {shell}", shell=True, cwd=tmp_path, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    if command != "draw q":
        assert done.stderr == ""


def test_without_streams(monkeypatch):
    """pythonw on Windows."""
    for name in ("stdout", "stderr", "stdin"):
        monkeypatch.setattr(sys, name, None)
    assert not training.is_watched()
    nn.fit(nn.MLP(2, [1], seed=1), nn.data.alice_bob(), epochs=2, progress=True)
    assert not terminal.can_fill_the_screen()
    assert cli.main(["step", "alice"]) == 0
    assert cli.main(["draw", "q"]) == 2
    monkeypatch.setattr(sys, "stdout", None)
    terminal.step(parse("L = x**2").evaluate({"x": 3.0}), plain=True)


class IdleWindow(io.TextIOBase):
    """Like idlelib.run.StdOutputFile: it calls itself a terminal, but there is no file behind it."""

    encoding, errors = "utf-8", "strict"

    def __init__(self):
        self.parts = []

    def isatty(self):
        return True

    def writable(self):
        return True

    def write(self, text):
        self.parts.append(text)
        return len(text)


@pytest.mark.parametrize("has_encoding", [True, False])
def test_in_idle(monkeypatch, has_encoding):
    window = IdleWindow()
    if not has_encoding:
        monkeypatch.setattr(IdleWindow, "encoding", None)
    for name in ("stdout", "stderr", "stdin"):
        monkeypatch.setattr(sys, name, window)
    assert not terminal.can_fill_the_screen()
    assert cli.main(["step", "alice"]) == 0
    assert cli.main(["draw", "q"]) == 2
    said = "".join(window.parts)
    assert "σ(w5·h1 + w6·h2 + b3)" in said
    assert "glassgrad: " in said


# --- options anywhere -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (["draw", "y = x**2 + b", "x=3", "b=1"], [["-o", "a.svg"], ["--no-backward"]]),
        (["page", "y = x**2 + b", "x=3", "b=1"], [["-o", "a.html"], ["--lr", "0.1"]]),
        (["step", "y = x**2 + b", "x=3", "b=1"], [["--plain"], ["--at", "2"], ["--break", "x"]]),
        (["explain", "y = x**2 + b", "x=3", "b=1"], [["--wrt", "x"], ["--four-ways"]]),
        (["quiz", "y = x**2 + b", "x=3", "b=1"], [["--questions", "2"], ["--each-contribution"]]),
        (["worksheet", "-x**2 + b", "x=3", "b=1"], [["-o", "a.md"], ["--own-numbers"]]),
        (["museum", "overwriting"], [["-o", "a.md"]]),
        (["train", "xor"], [["--hidden", "2"], ["--epochs", "3"]]),
    ],
    ids=lambda parts: parts[0] if isinstance(parts[0], str) else "",
)
def test_options_may_stand_anywhere(command, options):
    parser = cli.make_parser()

    def read(arguments):
        return vars(parser.parse_args(cli.keep_minus_signs(arguments)))

    name, *rest = command
    expected = read([*command, *itertools.chain(*options)])
    for order in set(itertools.permutations(["rest", *range(len(options))])):
        arranged = list(itertools.chain(*[rest if part == "rest" else options[part] for part in order]))
        assert read([name, *arranged]) == expected
    for places in itertools.product(range(len(rest) + 1), repeat=len(options)):
        arranged = []
        for k in range(len(rest) + 1):
            arranged += itertools.chain(
                *[option for option, place in zip(options, places, strict=True) if place == k]
            )
            arranged += rest[k : k + 1]
        assert read([name, *arranged]) == expected


def test_an_option_between_the_values(capsys):
    assert cli.main(["draw", "y=x**2", "-o", "a.svg", "x=3"]) == 0
    assert capsys.readouterr().out == "y = 9, drawn in a.svg\n"
    assert cli.main(["draw", "y=x**2", "--nonsense", "x=3"]) == 2
    assert "there is no option --nonsense" in capsys.readouterr().err
    assert cli.main(["draw", "-o", "a.svg"]) == 2
    assert "a formula or a worked example is missing" in capsys.readouterr().err
