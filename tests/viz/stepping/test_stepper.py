"""The stepper without a screen: where it stands, what can be seen from there, and how it is written."""

import math
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Value, ieee, total, trace
from autograd.core.plain_text import columns_of
from autograd.errors import GradientError
from autograd.steps import BackwardStep, ForwardStep, TraceError
from viz.formulas.worked_examples import EXAMPLES
from viz.stepping.columns import CELL, as_text, fit, fit_only, visible, wrap
from viz.stepping.replay import Levels, Tree
from viz.stepping.screen import Screen
from viz.stepping.stepper import Stepper

HOSTILE = [
    "[bold]x[/bold]", "[/]", "a\x1b[31mred", "\x9b31m", "bell\a", "\x00", "line\nbreak", "\u202eright to left",
    "שלום", "重み", "é́́́", "👩‍👩‍👧", "\u200b\u200f", "\ud800", "a" * 10_000, " ", "{x}", "$(ls)", "w\t1", "\u0301" * 500,
]  # fmt: skip


def build(name):
    return EXAMPLES[name].build()


def state(stepper):
    """All that can be seen."""
    return [stepper.see(i) for i in range(len(stepper.wiring.order))], stepper.narration, stepper.formulas


def random_graph(seed, size=25):
    chance = random.Random(seed)
    nodes = [Value(chance.uniform(-2, 2), f"x{i}") for i in range(4)]
    for i in range(size):
        a, b = chance.choice(nodes), chance.choice(nodes)
        new = chance.choice([lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a.tanh(), lambda a, b: a - b])(
            a, b
        )
        new.label = f"n{i}" if chance.random() < 0.4 else ""
        nodes.append(new)
    return total(nodes)


# --- moving ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_seen_is_what_has_been_computed(name):
    """At every position, the running totals are those of the trace's own steps, counted up here."""
    loss = build(name)
    steps, stepper = trace(loss), Stepper(loss)
    computed = {node.id for node in steps.nodes if node.kind == "input"}
    totals, arrived = {}, {}
    for k in range(stepper.length + 1):
        assert stepper.position == k
        for node in steps.nodes:
            view = stepper.see(node.id)
            assert view.data == (node.data if node.id in computed else None)
            assert view.gradient == totals.get(node.id)
            assert view.received == arrived.get(node.id, 0)
        if k == stepper.length:
            break
        assert stepper.forward()
        step = stepper.step
        assert step == steps.steps[k]
        if isinstance(step, ForwardStep):
            computed.add(step.node)
        elif isinstance(step, BackwardStep):
            edge = stepper.edge
            assert (f"v{edge.node}", f"v{edge.input}", edge.operand) == (step.node, step.input, step.operand)
            totals[step.input] = totals.get(step.input, 0.0) + step.product
            arrived[step.input] = arrived.get(step.input, 0) + 1
        else:
            totals[step.node] = 1.0
    assert not stepper.forward()
    loss.zero_grad()
    loss.backward()
    for i, node in enumerate(stepper.wiring.order):
        assert stepper.see(i).gradient == node.grad
        assert stepper.see(i).is_complete


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.lists(st.integers(-3, 200), max_size=12))
def test_a_jump_shows_what_stepping_there_shows(seed, jumps):
    loss = random_graph(seed)
    jumping = Stepper(loss)
    for k in jumps:
        jumping.jump(k)
    walking = Stepper(loss)
    while walking.position < jumping.position:
        walking.forward()
    assert state(jumping) == state(walking)
    there = state(jumping)
    if jumping.forward():
        jumping.back()
    assert state(jumping) == there
    jumping.first()
    assert state(jumping) == state(Stepper(loss))


def test_the_ends():
    stepper = Stepper(build("karpathy"))
    assert not stepper.back()
    assert stepper.jump(10**9)
    assert (stepper.position, stepper.at_end) == (stepper.length, True)
    assert not stepper.last()
    assert stepper.jump(-5)
    assert stepper.progress == "step 0 of 10"
    assert stepper.step is None
    assert "Nothing is computed yet" in stepper.narration


def test_a_lone_value_has_one_step():
    stepper = Stepper(Value(2.0, "a"))
    assert stepper.length == 1
    assert stepper.see("a").gradient is None
    assert stepper.forward()
    assert stepper.see("a").gradient == 1.0
    assert stepper.formulas == ("da/da = 1",)
    screen = Screen(stepper)
    for part in (screen.tree, screen.levels, screen.totals, screen.story, screen.formulas):
        assert part(40, 6)


def test_what_is_not_a_value():
    with pytest.raises(GradientError):
        Stepper(3.0)


def test_nothing_of_the_graph_changes():
    loss = build("alice")
    loss.backward()
    before = [(node.data, node.grad) for node in Stepper(loss).wiring.order]
    stepper = Stepper(loss)
    stepper.last()
    Screen(stepper).tree(80, 20)
    assert [(node.data, node.grad) for node in stepper.wiring.order] == before


def test_a_pass_that_fails_stops_before_the_step_that_fails():
    x = Value(0.0, "x")
    y = x.sqrt()
    y.label = "y"
    L = y * 3 + 1
    stepper = Stepper(L)
    assert stepper.last()
    assert stepper.position == stepper.length - 1
    assert stepper.at_end
    assert "sqrt" in stepper.problem
    assert stepper.see("x").gradient is None
    assert not stepper.forward()
    assert "cannot go on" in as_text(Screen(stepper).story(200, 5)[0])
    stepper.back()
    assert "passes its gradient on" in as_text(Screen(stepper).story(200, 5)[0])


def test_infinite_numbers_are_shown():
    with ieee():
        stepper = Stepper(Value(1e308, "a") * 1e10 * Value(2.0, "b"))
        stepper.last()
        assert math.isinf(stepper.see("b").gradient)
        assert "inf" in " ".join(map(as_text, Screen(stepper).tree(80, 20)))


# --- breakpoints ----------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_stops_are_the_steps_that_touch_a_node(seed):
    """Compared with what the steps say of themselves."""
    loss = random_graph(seed)
    steps, stepper = trace(loss), Stepper(loss)
    for what in ("x0", "x3", steps.root):
        node = steps.find(what)
        expected = [k for k, step in enumerate(steps.steps, 1) if node in ends(step)]
        found = []
        stepper.first()
        while stepper.next_stop(what):
            found.append(stepper.position)
        assert found == expected
        stepper.jump(stepper.length)
        back = [stepper.position] if stepper.position in expected else []
        while stepper.previous_stop(what):
            back.append(stepper.position)
        assert back[::-1] == expected


def ends(step):
    """The ids of all nodes that a step touches."""
    return {step.node, *getattr(step, "inputs", ()), getattr(step, "input", "")}


def test_breakpoints():
    stepper = Stepper(build("mazur"))
    assert not stepper.next_stop()
    assert stepper.toggle_breakpoint("w1")
    assert stepper.toggle_breakpoint("w8")
    places = []
    while stepper.next_stop():
        places.append(stepper.position)
        assert stepper.is_stop()
    both = {k for what in ("w1", "w8") for k in stepper.trace.positions(stepper.trace.find(what))}
    assert places == sorted(both)
    assert not stepper.toggle_breakpoint("w8")
    assert stepper.breakpoints == {stepper.trace.find("w1")}
    with pytest.raises(TraceError, match="did you mean"):
        stepper.toggle_breakpoint("net_hh1")


# --- formulas -------------------------------------------------------------------------------------------


def formulas_at(loss, what):
    stepper = Stepper(loss)
    stepper.last()
    stepper.jump(stepper.seed + 1 + stepper.trace.received[stepper.trace.find(what).place][-1])
    return stepper.formulas


def test_numbers_are_plugged_into_the_local_derivative():
    z = Value(-3.0, "z")
    h = z.sigmoid()
    h.label = "h"
    L = h * 2
    L.label = "L"
    local, chain = formulas_at(L, "z")
    assert local == "∂h/∂z = σ(z)(1 - σ(z)) = σ(−3)(1 - σ(−3)) ≈ 0.04518"
    assert chain == "dL/dz = 0 + dL/dh · ∂h/∂z = 0 + 2 · 0.04518 ≈ 0.09035"
    stepper = Stepper(L)
    stepper.forward()
    assert stepper.formulas == ("h = σ(z) = σ(−3) ≈ 0.04743",)


def test_the_second_use_is_added_to_the_first():
    a = Value(3.0, "a")
    L = a * a + a
    L.label = "L"
    assert formulas_at(L, "a")[1].startswith("dL/da = 4 + ")
    assert formulas_at(L, "a")[1].endswith("4 + 1 · 3 = 7")


# --- the layout -----------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_each_edge_has_one_row_and_each_node_is_opened_once(seed):
    wiring = Stepper(random_graph(seed)).wiring
    tree = Tree(wiring)
    assert len(tree.rows) == sum(map(len, wiring.inputs)) + 1
    assert {row.node for row in tree.rows} == set(range(len(wiring.order)))
    opened = [row.node for row in tree.rows if row.children]
    assert len(opened) == len(set(opened)) == sum(map(bool, wiring.inputs))
    rows = {tree.row_of_edge(wiring.edge(k)) for k in range(1, sum(map(len, wiring.inputs)) + 1)}
    assert rows == set(range(1, len(tree.rows)))
    levels = Levels(wiring, tree)
    for i, inputs in enumerate(wiring.inputs):
        assert all(levels.level[j] > levels.level[i] for j in inputs)
    assert sorted(i for column in levels.columns for i in column) == list(range(len(wiring.order)))


@pytest.mark.parametrize("name", ["alice", "micrograd", "mazur", "linear"])
@pytest.mark.parametrize("size", [(46, 10), (104, 20), (20, 3), (8, 1), (300, 100)])
@pytest.mark.slow
def test_no_line_is_too_long_and_the_current_edge_is_always_in_sight(name, size):
    width, height = size
    stepper = Stepper(build(name))
    screen = Screen(stepper)
    positions = [*range(stepper.length + 1), 5, stepper.length, 0, stepper.seed + 3]
    for k in positions:
        stepper.jump(k)
        for part in (screen.tree, screen.levels, screen.totals, screen.story, screen.formulas):
            lines = part(width, height)
            assert len(lines) <= max(height, 2)
            if width > 30:
                assert all(columns_of("".join(text for text, _ in line)) <= width for line in lines)
        if k and width > 30 and height > 5:
            tree = screen.tree(width, height)
            assert any("lit" in style.split() for line in tree for _, style in line)
            if stepper.edge is not None:
                assert any(style == "end" for line in tree for _, style in line)
                assert sum("►" in text for line in tree for text, _ in line) == 1
                assert any("◄" in text for line in screen.levels(width, height) for text, _ in line) or height < 20
        assert columns_of(as_text(screen.progress(width))) <= width


def test_the_lit_edge_of_the_levels_leads_from_one_end_to_the_other():
    """Follow the line in the picture, cell by cell, from the arrow to the node that passes its gradient on."""
    for name in ("alice", "micrograd", "mazur", "alice-bob", "cs231n-max"):
        stepper = Stepper(build(name))
        screen = Screen(stepper)
        stepper.jump(stepper.seed)
        while stepper.forward():
            lines = screen.levels(400, 60)
            marked = {}
            for y, line in enumerate(lines):
                x = 0
                for text, style in line:
                    for character in text:
                        if style == "path":
                            marked[x, y] = character
                        x += 1
            [(x, y)] = [place for place, character in marked.items() if character == "◄"]
            seen, way = {(x, y)}, [(x, y)]
            while way:
                x, y = way.pop()
                for place in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
                    if place in marked and place not in seen:
                        seen.add(place)
                        way.append(place)
            assert seen == set(marked)
            end = max(seen)
            name_above = as_text(lines[end[1] - 1])[end[0] + 1 : end[0] + 1 + CELL]
            assert name_above.split()
            ends = [text for text, style in lines[end[1] - 1] if style == "end"]
            assert any(name_above.startswith(text[:3]) for text in ends)


def test_the_tree_of_a_shared_node():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    s = a * b
    s.label = "s"
    L = s + s**2
    L.label = "L"
    stepper = Stepper(L)
    stepper.last()
    assert "\n".join(map(as_text, Screen(stepper).tree(44, 10))) == (
        "  node                       data   gradient\n"
        "  L = s + s²                   42          1\n"
        "  ├─s = a·b ×2                  6         13\n"
        "  │ ├─a                         2         39\n"
        "  │ └►b                         3         26\n"
        "  └─s²                         36          1\n"
        "    └─s ↑ ×2                    6         13"
    )


# --- many nodes, long names, hostile labels -------------------------------------------------------------


@pytest.mark.slow
def test_a_hundred_thousand_nodes_open_at_once():
    y = x = Value(1.0, "x")
    for i in range(50_000):
        y = y.tanh() + x if i % 2 else y * 1.0001
    start = time.perf_counter()
    stepper = Stepper(y)
    screen = Screen(stepper)
    for k in (0, 1, stepper.seed + 1, stepper.length // 2, stepper.length):
        stepper.jump(k)
        screen.tree(60, 20)
        screen.levels(100, 20)
        screen.totals(30, 20)
    assert time.perf_counter() - start < 20
    assert stepper.see("x").is_complete
    assert len(stepper._looks) < 2000


def test_a_sum_of_many_values():
    values = [Value(float(i), f"w{i}") for i in range(300)]
    L = total([value * 2 for value in values])
    L.label = "L"
    stepper = Stepper(L)
    screen = Screen(stepper)
    for k in (0, stepper.seed - 1, stepper.seed + 150, stepper.length):
        stepper.jump(k)
        text = "\n".join(map(as_text, screen.tree(80, 20) + screen.levels(80, 20)))
        assert "L = Σ of 300 inputs" in text or k > stepper.seed
        assert stepper.narration


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_are_inert(label):
    a = Value(2.0, label)
    L = a * a + Value(3.0, "b")
    stepper = Stepper(L)
    screen = Screen(stepper)
    for k in range(stepper.length + 1):
        stepper.jump(k)
        for part in (screen.tree, screen.levels, screen.totals, screen.story, screen.formulas):
            for line in part(60, 12):
                text = "".join(piece for piece, _ in line)
                assert columns_of(text) <= 60
                assert text.isprintable() or "\ufffd" in text
                assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u200b\u200f\u202e" for c in text)


@settings(max_examples=200)
@given(st.text(max_size=60), st.integers(2, 30))
def test_text_fits_where_it_shall(text, width):
    text = visible(text)
    assert columns_of(fit(text, width)) == width
    assert columns_of(fit_only(text, width)) <= width
    lines = wrap(text, width)
    assert all(columns_of(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
