"""The stepper in a terminal: its keys, its screen, its printed steps, and the commands."""

import argparse
import asyncio
import builtins
import io
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograd import Value
from autograd.steps import TraceError
from viz.command_line import step_group
from viz.formulas.parser import ExpressionError
from viz.formulas.worked_examples import EXAMPLES
from viz.stepping import terminal
from viz.stepping.stepper import Stepper

ROOT = Path(__file__).parents[3]
STEP = "import sys; sys.path.insert(0, {root!r}); from viz.formulas.worked_examples import EXAMPLES; from viz.stepping.terminal import step; "

HOSTILE = [
    "[bold]x[/bold]",
    "[/]",
    "[@click=app.quit]x[/]",
    "a\x1b[31mred",
    "\x9b31m",
    "\x00\a",
    "שלום\u202e",
    "重み",
    "a" * 10_000,
]


def small():
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    L = a * b + c
    L.label = "L"
    return L


# --- printed steps --------------------------------------------------------------------------------------

GOLDEN = """\
  node                                   data   gradient
  L = a·b + c                               ?          ?
  ├─a·b                                     ?          ?
  │ ├─a                                     2          ?
  │ └─b                                    −3          ?
  └─c                                      10          ?

step 1 of 7 · forward pass
  a·b: with a = 2 and b = −3 that is −6.
  a·b = 2·(−3) = −6

step 2 of 7 · forward pass
  L = a·b + c: with a·b = −6 and c = 10 that is 4.
  L = a·b + c = (−6) + 10 = 4

step 3 of 7 · backward pass
  The forward pass is done: L = 4. The backward pass begins at L, where dL/dL = 1.
  dL/dL = 1

step 4 of 7 · backward pass
  L passes its gradient on to a·b: upstream gradient dL/dL = 1 times local derivative 1 is 1. So
  dL/d(a·b) = 1.
  ∂L/∂(a·b) = 1
  dL/d(a·b) = 0 + dL/dL · ∂L/∂(a·b) = 0 + 1 · 1 = 1

step 5 of 7 · backward pass
  L passes its gradient on to c: upstream gradient dL/dL = 1 times local derivative 1 is 1. So dL/dc =
  1.
  ∂L/∂c = 1
  dL/dc = 0 + dL/dL · ∂L/∂c = 0 + 1 · 1 = 1

step 6 of 7 · backward pass
  a·b passes its gradient on to a: upstream gradient dL/d(a·b) = 1 times local derivative b = −3 is −3.
  So dL/da = −3.
  ∂(a·b)/∂a = b = −3
  dL/da = 0 + dL/d(a·b) · ∂(a·b)/∂a = 0 + 1 · (−3) = −3

step 7 of 7 · backward pass
  a·b passes its gradient on to b: upstream gradient dL/d(a·b) = 1 times local derivative a = 2 is 2. So
  dL/db = 2.
  ∂(a·b)/∂b = a = 2
  dL/db = 0 + dL/d(a·b) · ∂(a·b)/∂b = 0 + 1 · 2 = 2

node                             gradient   from
L                                       1   seed
a·b                                     1 1 of 1
c                                       1 1 of 1
a                                      −3 1 of 1
b                                       2 1 of 1
"""


def test_the_printed_steps(capsys):
    terminal.step(small(), plain=True)
    assert capsys.readouterr().out == GOLDEN


def test_without_a_terminal_the_steps_are_printed(capsys):
    terminal.step(small())
    assert capsys.readouterr().out == GOLDEN


def test_a_printed_place_and_printed_breakpoints(capsys):
    terminal.step(small(), plain=True, at=6)
    there = capsys.readouterr().out
    assert re.findall(r"step (\d+) of 7", there) == ["6"]
    assert there in GOLDEN
    assert len(there.splitlines()) < 8
    for beyond in (8, -1):
        with pytest.raises(TraceError, match=f"there is no step {beyond} here: the steps are 1 to 7"):
            terminal.step(small(), plain=True, at=beyond)
    loss = small()
    terminal.step(loss, plain=True, breakpoints=["b", loss.inputs[1]])
    assert re.findall(r"step (\d+) of 7", capsys.readouterr().out) == ["1", "2", "5", "7"]
    with pytest.raises(TraceError):
        terminal.step(small(), plain=True, breakpoints=["nobody"])


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_are_printed_without_effect(capsys, label):
    a = Value(2.0, label)
    terminal.step(a * a, plain=True)
    out = capsys.readouterr().out
    assert not any((ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 or c == "\u202e" for c in out)
    if label.startswith("["):
        assert label in out


class Screenlike(io.StringIO):
    def isatty(self):
        return True


def test_colours_only_in_a_terminal(monkeypatch):
    pytest.importorskip("rich", reason="rich is not installed")
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    a = Value(2.0, "[bold red]a[/]")
    for place, coloured in ((io.StringIO(), False), (Screenlike(), True)):
        stepper = Stepper(a * 3)
        stepper.last()
        stepper.back()
        terminal.print_steps(stepper, place)
        assert ("\x1b[" in place.getvalue()) == coloured
        assert "[bold red]a[/]" in place.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    place = Screenlike()
    terminal.print_steps(stepper, place)
    # Bold letters still say what is a heading and a formula.
    assert "\x1b[1m" in place.getvalue()
    assert not re.search(r"\x1b\[[0-9;]*(3|4)8;", place.getvalue())


def test_without_rich_the_text_is_the_same(monkeypatch):
    monkeypatch.setattr(terminal.importlib.util, "find_spec", lambda name: None)
    place = Screenlike()
    monkeypatch.setenv("COLUMNS", "104")
    terminal.print_steps(Stepper(small()), place)
    assert place.getvalue() == GOLDEN


def test_a_full_screen_without_textual_is_an_error_that_helps(monkeypatch):
    original = builtins.__import__

    def refuse(name, *rest):
        if name.split(".")[0] in ("textual", "viz.stepping.full_screen") or name == "viz.stepping.full_screen":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return original(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=r"glassgrad\[terminal\]"):
        terminal.step(small(), plain=False)


def test_importing_the_stepper_imports_neither_textual_nor_rich():
    code = "import sys, viz.stepping.terminal, viz.command_line.step_group; sys.exit('textual' in sys.modules or 'rich' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60)
    assert done.returncode == 0


def test_a_long_graph_is_not_printed_whole(capsys):
    y = Value(0.5, "x")
    for _ in range(300):
        y = y * 1.001
    terminal.step(y, plain=True, breakpoints=["x"])
    out = capsys.readouterr().out
    assert "more lines" in out
    assert len(out.splitlines()) < 2 * terminal.MOST_LINES + 20


def test_a_pass_that_fails_says_so(capsys):
    terminal.step(Value(0.0, "x").sqrt() * 2, plain=True)
    assert "The backward pass cannot go on." in capsys.readouterr().out


# --- the commands ---------------------------------------------------------------------------------------


def run(*arguments):
    parser = argparse.ArgumentParser(prog="glassgrad")
    commands = parser.add_subparsers()
    step_group.add_step(commands)
    step_group.add_quiz(commands)
    options = parser.parse_args(arguments)
    return options.run(options)


def test_the_commands(capsys):
    assert run("step", "L = a*b + c", "a=2", "b=-3", "c=10", "--plain") == 0
    assert capsys.readouterr().out == GOLDEN
    assert run("step", "alice", "--plain", "--at", "40") == 0
    assert "step 40 of 42" in capsys.readouterr().out
    assert run("step", "mazur", "--break", "w1", "--break", "w8") == 0
    assert len(re.findall(r"step \d+ of", capsys.readouterr().out)) == 4


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_can_be_printed(capsys, name):
    assert run("step", name, "--plain") == 0
    assert len(capsys.readouterr().out.splitlines()) > 10


def test_what_cannot_be_understood(capsys):
    with pytest.raises(ExpressionError, match="did you mean 'alice'"):
        run("step", "alise")
    with pytest.raises(ExpressionError, match="has no value"):
        run("step", "x**2")
    for wrong in (
        ["step", "alice", "--at", "-1"],
        ["step", "alice", "--at", "x"],
        ["quiz", "alice", "--questions", "0"],
    ):
        with pytest.raises(SystemExit):
            run(*wrong)
    assert "whole number" in capsys.readouterr().err


# --- the full screen ------------------------------------------------------------------------------------


@pytest.fixture
def open_app():
    """Open the stepper on a screen that is not there, press keys, and give the app and what it shows."""
    pytest.importorskip("textual", reason="textual is not installed: pip install 'glassgrad[terminal]'")
    from viz.stepping.full_screen import StepperApp

    def run(loss, *keys, at=0, size=(80, 24), look=None):
        async def session():
            stepper = Stepper(loss)
            stepper.jump(at)
            app = StepperApp(stepper)
            async with app.run_test(size=size) as pilot:
                for key in keys:
                    await pilot.press(key)
                await pilot.pause()
                if look is not None:
                    await look(app, pilot)
                return app, on_screen(app)

        return asyncio.run(session())

    return run


def on_screen(app):
    """The letters on the screen, line by line."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


def has(lines, text):
    return any(text in line for line in lines)


def test_the_keys_move(open_app):
    for keys, position in [
        (("left",), 0), (("right", "right", "h"), 1),
        (("end", "right", "t", "left"), 41), (("end", "home", "l"), 1), (("g", "1", "5", "enter"), 15),
        (("g", "1", "5", "escape", "right"), 1), (("g", "9", "9", "enter"), 0), (("g", "x", "enter"), 0),
    ]:  # fmt: skip
        app, lines = open_app(EXAMPLES["alice"].build(), *keys)
        assert app.stepper.position == position
        if keys[-1:] != ("enter",) or position:
            assert has(lines, f"step {position} of 42")
        else:
            assert has(lines, "a whole number from 0 to 42")


def test_there_and_back_shows_the_same(open_app):
    loss = EXAMPLES["mazur"].build()
    _, start = open_app(loss)
    _, back = open_app(loss, "end", "home")
    assert start == back


def test_the_screen_says_what_happens(open_app):
    _, lines = open_app(EXAMPLES["alice"].build(), at=40)
    text = "\n".join(lines)
    for expected in (
        "step 40 of 42", "backward pass", "w2·x2 passes its gradient on to x2", "∂(w2·x2)/∂x2 = w2 = 1",
        "└►x2 ×2", "2 of 2", "−0.02147", "← → step", "? help", "q quit",
    ):  # fmt: skip
        assert expected in text
    _, lines = open_app(EXAMPLES["alice"].build(), "t", at=40, size=(110, 36))
    assert has(lines, "level 8")
    assert has(lines, "◄")


def test_breakpoints(open_app):
    app, lines = open_app(EXAMPLES["alice"].build(), "b", "w", "1", "enter", "n")
    assert app.stepper.position == 1
    assert has(lines, "●")
    app, lines = open_app(EXAMPLES["alice"].build(), "b", "w", "1", "enter", "n", "n", "n")
    assert app.stepper.position == 41
    assert has(lines, "no step further on touches")
    app, _ = open_app(EXAMPLES["alice"].build(), "b", "w", "1", "enter", "end", "p", "p")
    assert app.stepper.position == 1
    app, _ = open_app(EXAMPLES["alice"].build(), *2 * ("b", "w", "1", "enter"))
    assert not app.stepper.breakpoints
    app, lines = open_app(EXAMPLES["alice"].build(), "b", "n", "o", "enter")
    assert not app.stepper.breakpoints
    assert has(lines, "there is no node 'no'")


def test_without_breakpoints_n_follows_the_chosen_node(open_app):
    app, _ = open_app(EXAMPLES["alice"].build(), "down", "down", "down", "n", "n", "n")
    assert app.stepper.see(app.view.selected).name == "o1"
    assert app.stepper.position == 18
    app, _ = open_app(EXAMPLES["alice"].build(), "down", "down", "down", "b", "enter")
    assert app.stepper.breakpoints == {app.stepper.trace.find("o1")}
    app, _ = open_app(EXAMPLES["alice"].build(), "pagedown", "pageup", "up", "p")
    assert app.stepper.position == 0


def test_play_and_pause(open_app):
    async def wait(app, pilot):
        for _ in range(100):
            await pilot.pause(0.05)
            if app._timer is None:
                return

    app, _ = open_app(small(), "plus", "plus", "plus", "plus", "space", look=wait)
    assert app.stepper.at_end
    app, _ = open_app(small(), "b", "c", "enter", "plus", "plus", "plus", "space", look=wait)
    assert app.stepper.position == 2
    app, _ = open_app(small(), "space", "space")
    assert app._timer is None
    assert app.stepper.position < 7
    app, _ = open_app(small(), "space", "minus", "right")
    assert app._timer is None
    app, _ = open_app(small(), "end", "space")
    assert app.stepper.position == 0


def test_help_opens_and_closes(open_app):
    _, lines = open_app(small(), "question_mark")
    assert has(lines, "one step back, one step on")
    app, lines = open_app(small(), "question_mark", "q", "right")
    assert not has(lines, "one step back, one step on")
    assert app.stepper.position == 1


def test_q_and_ctrl_c_quit(open_app):
    for key in ("q", "ctrl+c"):
        app, _ = open_app(small(), key)
        assert app.return_code == 0
        assert not app.is_running


def test_narrow_and_low_terminals(open_app):
    for size in ((40, 12), (20, 6), (200, 60)):
        _, lines = open_app(EXAMPLES["alice"].build(), "right", "t", "t", "end", "left", "down", size=size)
        assert len(lines) == size[1]
        assert all(len(line) == size[0] for line in lines)
        assert has(lines, "step 41")
        if size[1] >= 12:
            assert has(lines, "w1")


@pytest.mark.slow
def test_hostile_labels_on_the_screen(open_app):
    leaves = [Value(2.0, label) for label in HOSTILE]
    L = leaves[0]
    for leaf in leaves[1:]:
        L = L * leaf
    L.label = HOSTILE[-1] + "L"

    async def look(app, pilot):
        for _ in range(app.stepper.length // 2):
            await pilot.press("left", "left")
            for line in on_screen(app):
                assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c == "\u202e" for c in line)
            shown.extend(on_screen(app))
        await pilot.press("t", "down", "b", "enter", "n")

    shown = []
    app, _ = open_app(L, "end", "down", "down", "b", "enter", size=(100, 34), look=look)
    assert len(app.stepper.breakpoints) == 2
    for label in HOSTILE[:3]:
        assert has(shown, label)
    assert app.return_value is None


def test_without_colours_the_edge_is_still_seen(open_app, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    async def look(app, pilot):
        styles = {
            segment.text.strip(): segment.style
            for strip in app.screen._compositor.render_strips()
            for segment in strip
        }
        assert styles["x2"].reverse
        assert styles["w2·x2"].underline
        for style in styles.values():
            if style is not None and style.color is not None:
                red, green, blue = style.color.get_truecolor()
                assert red == green == blue

    open_app(EXAMPLES["alice"].build(), at=40, look=look)


@pytest.mark.slow
def test_a_large_graph_opens_at_once(open_app):
    y = x = Value(1.0, "x")
    for i in range(50_000):
        y = y.tanh() + x if i % 2 else y * 1.0001
    start = time.perf_counter()
    app, lines = open_app(y, "right", "t", "right", "end")
    assert time.perf_counter() - start < 20
    assert has(lines, "step 125,001 of 125,001") or app.stepper.at_end


def test_the_picture_in_the_documentation_asks_for_nothing_from_the_net(tmp_path, monkeypatch):
    pytest.importorskip("textual", reason="textual is not installed: pip install 'glassgrad[terminal]'")
    import importlib.util as imports

    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    spec = imports.spec_from_file_location("make_pictures", ROOT / "docs" / "make_pictures.py")
    make_pictures = imports.module_from_spec(spec)
    spec.loader.exec_module(make_pictures)
    monkeypatch.setattr(make_pictures, "FOLDER", tmp_path)
    text = make_pictures.make_stepper().read_text(encoding="utf-8")
    assert re.findall(r"https?://[^\"' )]*", text) == ["http://www.w3.org/2000/svg"]
    assert "url(" not in text.replace("url(#", "")
    assert "h1" in text


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")
def test_in_a_real_terminal():
    """Start it in a pseudo-terminal, press keys when it shows something, and leave it."""
    pytest.importorskip("textual", reason="textual is not installed: pip install 'glassgrad[terminal]'")
    import fcntl
    import pty
    import select
    import struct
    import termios

    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    code = STEP.format(root=str(ROOT)) + "step(EXAMPLES['karpathy'].build())"
    environment = {**os.environ, "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=follower, stdout=follower, stderr=follower, env=environment,
        start_new_session=True,
    )  # fmt: skip
    os.close(follower)
    out = b""
    # What is waited for, and the key that is pressed then: right, right, quit.
    script = [(b"step 0 of 10", b"\x1b[C"), (b"step 1 of 10", b"\x1b[C"), (b"step 2 of 10", b"q")]
    end = time.monotonic() + 60
    try:
        while time.monotonic() < end:
            if select.select([leader], [], [], 0.1)[0]:
                try:
                    out += os.read(leader, 65536)
                except OSError:  # it has closed its end
                    break
            if script and script[0][0] in out:
                time.sleep(0.3)
                os.write(leader, script.pop(0)[1])
            if process.poll() is not None:
                break
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        os.close(leader)
    assert script == []


def test_the_full_screen_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "viz.stepping.full_screen", None)
    with pytest.raises(ImportError, match="needs textual"):
        terminal.step(Value(2.0, "a") * 3, plain=False)
