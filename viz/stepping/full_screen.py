"""The stepper that fills the screen, made with textual.  It is imported only when somebody wants to see it.

It shows what ``viz.stepping.screen`` says and moves ``viz.stepping.stepper.Stepper``; it decides nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Key, Resize
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from autograd.steps import TraceError, id_at
from viz.stepping.columns import Line, fit_only, visible
from viz.stepping.screen import Screen, rich_style
from viz.stepping.stepper import Stepper

SPEEDS = (4.0, 2.0, 1.0, 0.5, 0.25, 0.1)
"""Seconds for a step while the steps play by themselves."""

NARROW, LOW = 72, 20
"""With fewer columns there is no table of totals; with fewer lines, no list of keys."""

KEYS = [
    ("← →", "step"), ("space", "play"), ("g", "go to"), ("b", "break"), ("n", "next"),
    ("t", "levels"), ("?", "help"), ("q", "quit"),
]  # fmt: skip

HELP = [
    ("← →", "one step back, one step on (also h and l)"),
    ("Home End", "before the first step, after the last"),
    ("space", "play and pause"),
    ("+ -", "play faster, slower"),
    ("g", "go to a step by its number"),
    ("↑ ↓", "choose another node (also PageUp, PageDown)"),
    ("b", "set or clear a breakpoint on a node"),
    ("n p", "next, previous step that touches a node with a"),
    ("", "breakpoint; without breakpoints, the chosen node"),
    ("t", "show the graph as a tree or in levels"),
    ("? q", "this help, quit"),
    ("", ""),
    ("?", "this number is not computed yet"),
    ("×2  ↑", "used twice; shown in full further up"),
    ("●  ›", "a breakpoint, the chosen node"),
    ("1 of 2", "one of two contributions has arrived"),
]


def as_rich(lines: list[Line]) -> Text:
    """Lines with our names of styles as rich's text.  Nothing in them is read as markup."""
    text = Text(no_wrap=True, end="")
    for i, line in enumerate(lines):
        if i:
            text.append("\n")
        for piece, style in line:
            text.append(piece, rich_style(style))
    return text


class Panel(Widget):
    """A part of the screen that is drawn for just the room it has."""

    def __init__(self, draw: Callable[[int, int], list[Line]], id: str) -> None:
        super().__init__(id=id)
        self._draw = draw

    def render(self) -> Text:
        width, height = self.content_size
        return as_rich(self._draw(width, height)) if width > 0 and height > 0 else Text("")


class HelpScreen(ModalScreen[None]):
    """The keys and signs; any key closes it."""

    CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    #help { width: 66; max-width: 100%; height: auto; max-height: 100%; overflow-y: auto; padding: 1 2;
            border: round #56b4e9; background: $surface; }
    """

    def compose(self) -> ComposeResult:
        lines: list[Line] = [[(f"{key:>9}", "bold"), (f"  {what}", "")] for key, what in HELP]
        heading: list[Line] = [[("Backpropagation, one contribution at a time", "bold")], [("", "")]]
        yield Static(as_rich(heading + lines), id="help")

    def on_key(self, event: Key) -> None:
        event.stop()
        self.dismiss()


class StepperApp(App[None]):
    """The full-screen stepper."""

    TITLE = "glassgrad"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    CSS = """
    Screen { background: #14171c; color: #e6e8eb; }
    Panel { height: auto; }
    #title { height: 1; padding: 0 1; }
    #middle { height: 1fr; }
    #graph { width: 1fr; height: 100%; border: round #4b5363; border-title-color: #9aa3b2; padding: 0 1; }
    #totals { width: 31; height: 100%; border: round #4b5363; border-title-color: #9aa3b2; padding: 0 1; }
    #story { height: 5; border: round #4b5363; border-title-color: #9aa3b2; padding: 0 1; }
    #formulas { height: 5; border: round #4b5363; border-title-color: #9aa3b2; padding: 0 1; }
    #keys { height: 1; padding: 0 1; }
    #prompt { display: none; height: 1; border: none; padding: 0 1; background: #2a313c; }
    .asking #prompt { display: block; }
    .asking #keys { display: none; }
    .narrow #totals { display: none; }
    .levels #totals { display: none; }
    .low #keys { display: none; }
    .low #graph, .low #totals, .low #story, .low #formulas { border: none; }
    .low #story { height: 3; }
    .low #formulas { height: 2; }
    .wide #graph { width: 3fr; }
    .wide #formulas { height: 4; }
    .wide #totals { width: 2fr; max-width: 48; }
    .tiny #formulas { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, action)
        for keys, action in (
            ("right,l", "move('forward')"), ("left,h", "move('back')"), ("home", "move('first')"),
            ("end", "move('last')"), ("space", "play"), ("plus", "faster(1)"), ("minus", "faster(-1)"),
            ("g", "ask_step"), ("b", "ask_breakpoint"), ("n", "stop('next_stop', 'further on')"),
            ("p", "stop('previous_stop', 'before this')"), ("up", "cursor(-1)"), ("down", "cursor(1)"),
            ("pageup", "cursor(-10)"), ("pagedown", "cursor(10)"), ("t", "view"), ("question_mark", "help"),
            ("escape", "cancel"), ("q,ctrl+c", "quit"),
        )
    ]  # fmt: skip

    def __init__(self, stepper: Stepper) -> None:
        super().__init__()
        self.stepper = stepper
        self.view = Screen(stepper)
        self.shows_levels = False
        self.speed = SPEEDS.index(1.0)
        self.message = ""
        self._timer: Timer | None = None
        self._answer: Callable[[str], None] | None = None

    def compose(self) -> ComposeResult:
        view = self.view
        with Vertical():
            yield Panel(self._title, "title")
            with Horizontal(id="middle"):
                yield Panel(lambda w, h: view.levels(w, h) if self.shows_levels else view.tree(w, h), "graph")
                yield Panel(view.totals, "totals")
            yield Panel(view.story, "story")
            yield Panel(view.formulas, "formulas")
            yield Panel(self._keys, "keys")
            yield Input(id="prompt", disabled=True)

    def on_mount(self) -> None:
        titles = {"graph": "the graph", "totals": "running totals", "story": "what happens"}
        for id, title in (titles | {"formulas": "in symbols and numbers"}).items():
            self.query_one(f"#{id}").border_title = title

    def on_resize(self, event: Resize) -> None:
        width, height = event.size
        self.screen.set_class(width < NARROW, "narrow")
        self.screen.set_class(width >= 100, "wide")
        self.screen.set_class(height < LOW, "low")
        self.screen.set_class(height < 12, "tiny")

    # what the panels without a part of their own show

    def _title(self, width: int, height: int) -> list[Line]:
        if self.message:
            return [[(fit_only(visible(self.message), width), "path" if self._answer else "break")]]
        playing = "► " if self._timer else ""
        return [[(playing, "path"), *self.view.progress(width - len(playing))]]

    def _keys(self, width: int, height: int) -> list[Line]:
        line: Line = []
        for key, what in KEYS:
            what = "tree" if key == "t" and self.shows_levels else what
            before = "  " if line else ""
            width -= len(f"{before}{key} {what}")
            if width < 0:
                break
            line += [(before + key, "bold"), (f" {what}", "dim")]
        return [line]

    def show(self) -> None:
        """Draw everything anew."""
        for panel in self.query(Panel):
            panel.refresh()

    def _moved(self, moved: bool, message: str = "") -> None:
        self.view.forget_cursor()
        self.message = "" if moved else message
        self.show()

    # moving

    def action_move(self, where: str) -> None:
        self._pause()
        self._moved(getattr(self.stepper, where)())

    def action_stop(self, where: str, side: str) -> None:
        """To a breakpoint; without breakpoints, to a step that touches the chosen node, which stays chosen."""
        self._pause()
        move = getattr(self.stepper, where)
        if self.stepper.breakpoints:
            self._moved(move(None), f"no step {side} touches a node with a breakpoint")
            return
        node, row = self.view.selected, self.view.cursor
        name = self.stepper.see(node).name
        self._moved(move(id_at(node)), f"no step {side} touches {name}")
        self.view.cursor = self.view.layout.row_of[node] if row is None else row

    def action_cursor(self, rows: int) -> None:
        self.view.move_cursor(rows)
        self.message = ""
        self.show()

    # playing

    def action_play(self) -> None:
        if self._timer is not None:
            self._pause()
        else:
            if self.stepper.at_end:
                self.stepper.first()
            self._timer = self.set_interval(SPEEDS[self.speed], self._play_on)
        self._moved(True)

    def _play_on(self) -> None:
        moved = self.stepper.forward()
        if not moved or self.stepper.at_end or self.stepper.is_stop():
            self._pause()
        self._moved(moved)

    def _pause(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def action_faster(self, by: int) -> None:
        self.speed = min(max(self.speed + by, 0), len(SPEEDS) - 1)
        if self._timer is not None:
            self._pause()
            self._timer = self.set_interval(SPEEDS[self.speed], self._play_on)

    # asking

    def action_ask_step(self) -> None:
        self._ask(f"Go to which step, from 0 to {self.stepper.length:,}?", "", self._go_to)

    def action_ask_breakpoint(self) -> None:
        self._ask("Set or clear a breakpoint on which node?", self._name_of_selected(), self._toggle_breakpoint)

    def _name_of_selected(self) -> str:
        """A short name for the prompt; the id where the name could not be typed."""
        view = self.stepper.see(self.view.selected)
        return view.name if len(view.name) <= 40 and visible(view.name) == view.name else view.id

    def _ask(self, question: str, suggestion: str, answer: Callable[[str], None]) -> None:
        self._pause()
        self._answer = answer
        prompt = self.query_one("#prompt", Input)
        prompt.value = suggestion
        self.message = f"{question}  Enter does it, Esc leaves"
        self.screen.add_class("asking")
        prompt.disabled = False
        prompt.focus()
        self.show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        answer, given = self._answer, event.value.strip()
        self.action_cancel()
        if answer is not None and given:
            answer(given)

    def action_cancel(self) -> None:
        self._answer = None
        self.set_focus(None)
        self.query_one("#prompt", Input).disabled = True
        self.screen.remove_class("asking")
        self.message = ""
        self.show()

    def _go_to(self, text: str) -> None:
        if not text.isdecimal() or int(text) > self.stepper.length:
            self._moved(False, f"a step is a whole number from 0 to {self.stepper.length}, but got {text!r}")
            return
        self._moved(self.stepper.jump(int(text)))

    def _toggle_breakpoint(self, text: str) -> None:
        try:
            self.stepper.toggle_breakpoint(text)
        except TraceError as error:
            self.message = str(error)
        self.show()

    # views

    def action_view(self) -> None:
        self.shows_levels = not self.shows_levels
        self.screen.set_class(self.shows_levels, "levels")
        self.query_one("#graph").border_title = "the graph in levels" if self.shows_levels else "the graph"
        self.show()

    def action_help(self) -> None:
        self._pause()
        self.push_screen(HelpScreen())
