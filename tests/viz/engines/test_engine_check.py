"""check_engine: right classes pass, and each wrong one is caught at its step, on the smallest graph."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest
import wrong_classes as classes

from autograd import Value
from viz import check_engine, museum
from viz.course import lesson_8
from viz.engines import small_graphs as kinds
from viz.engines.engine_check import EngineCheckError
from viz.engines.engine_steps import STEPS
from viz.engines.learners_class import NotYet, extra_arguments, told
from viz.engines.small_graphs import Graph, by_size

E20 = math.exp(3)
WRONG = [
    # step, mistake, graph, right, given, exhibit
    (1, "returns a float", "a + a", 6.0, "a float", None),
    (1, "no return", "a + a", 6.0, "None", None),
    (1, "no inputs", "a + a", "(a, a)", "()", None),
    (1, "no __radd__", "1 + a", 4.0, "no __radd__", None),
    (1, "numbers not wrapped", "a + 1", 4.0, "AttributeError", None),
    (2, "__rsub__ as __sub__", "1 - a", -2.0, 2.0, None),
    (2, "calls itself", "a - a", 0.0, "RecursionError", None),
    (3, "swapped", "a * b", 5.0, 3.0, "swapped"),
    (4, "no upstream", "(a * b) * c", 35.0, 5.0, "no_upstream"),
    (4, "out.data for out.grad", "a * b", 5.0, 75.0, "data_passed_on"),
    (5, "=", "a + a", 2.0, 1.0, "overwriting"),
    (5, "only self", "a + a", 2.0, 1.0, "first_input_only"),
    (6, "recursion with a set", "b = a + a; b + (a + b)", 5.0, 7.0, "revisiting"),
    (6, "recursion", "b = a + a; b + b", 4.0, 8.0, "revisiting"),
    (6, "pre-order", "b = a + a; b + (a + b)", 5.0, 3.0, "depth_first"),
    (6, "not reversed", "a + (a + a)", 3.0, 1.0, "not_reversed"),
    (6, "no seed", "a + a", 2.0, 0.0, "no_seed"),
    (6, "never ends", "a + a", 2.0, "no end", None),
    (7, "never zeroed", "a * a", 6.0, 12.0, "never_zeroed"),
    (7, "leaves only zeroed", "b = a + a; b + b", 4.0, 8.0, "stale_intermediates"),
    (8, "n·aⁿ", "a ** 2", 6.0, 18.0, None),
    (8, "no n", "a ** 2", 6.0, 3.0, None),
    (8, "__rtruediv__ as __truediv__", "1 / a", 1 / 3, 3.0, None),
    (8, "no exp", "a.exp()", E20, "no exp", None),
    (8, "exp′ = a", "a.exp()", E20, 3.0, "wrong_number"),
    (8, "tanh′ = 1 − a²", "a.tanh()", 1 - math.tanh(3) ** 2, -8.0, "wrong_number"),
    (8, "relu >=", "a.relu()", 0.0, 1.0, None),
    (8, "relu′ = 1", "a.relu()", 0.0, 1.0, None),
]
SEEN_EARLIER = {"out.data for out.grad": 3, "only self": 3}
"""What a step can see that comes before the one in which people make the mistake."""


@pytest.mark.parametrize("step", STEPS)
def test_a_right_class_passes_each_step(step: int) -> None:
    result = check_engine(classes.engine(), step=step)
    assert result
    assert (result.passed, result.graph, result.right, result.given, result.exhibit) == (True, *[None] * 4)
    assert result.rows == ()
    assert "✓" in result._repr_html_()
    assert "Proved on " in str(result)
    assert f"Next: step {step + 1}" in " ".join(str(result).split())
    assert check_engine(Value, step=step)


@pytest.mark.parametrize(("step", "mistake", "graph", "right", "given", "exhibit"), WRONG, ids=lambda x: str(x))
def test_a_wrong_class_is_caught_at_its_step_on_the_smallest_graph(
    step: int, mistake: str, graph: str, right: object, given: object, exhibit: str | None
) -> None:
    cls = classes.engine(mistake)
    result = check_engine(cls, step=step)
    assert not result
    assert result.graph == graph
    assert result.right == (pytest.approx(right) if isinstance(right, float) else right)
    assert result.given == (pytest.approx(given) if isinstance(given, float) else given)
    assert result.exhibit == exhibit
    assert result.question.endswith("?")
    assert all(check_engine(cls, step=earlier) for earlier in range(1, SEEN_EARLIER.get(mistake, step)))


@pytest.mark.parametrize(("step", "mistake", "graph", "right", "given", "exhibit"), WRONG, ids=lambda x: str(x))
def test_each_failure_is_told_on_one_screen(
    step: int, mistake: str, graph: str, right: object, given: object, exhibit: str | None
) -> None:
    result = check_engine(classes.engine(mistake), step=step)
    text, page = str(result), result._repr_html_()
    assert text.startswith(f"Step {step}, {STEPS[step].title}: not yet.\n")
    assert f"\n  {graph}\n" in text
    assert "✗ wrong" in text
    assert "Traceback" not in text
    assert len(text.splitlines()) < 24
    assert max(map(len, text.splitlines())) <= 100
    # pytest shows no more than 240 characters of what it asserts.
    assert len(repr(result)) <= 240
    assert "\n" not in repr(result)
    assert page.count("<img") == (2 if result.failed is not None and result.failed.found else 1)
    if exhibit is not None:
        assert f'museum()["{exhibit}"]' in text
        assert museum()[exhibit].title in page.replace("&#x27;", "'")
    else:
        assert "museum" not in text


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ("numbers not wrapped", "a + 1 needs .data of 1 (int), which is a plain number"),
        ("numbers not wrapped", "It happens in wrong_classes.py, line "),
        ("no return", "a + a gives None: is a return missing?"),
        ("no __radd__", "Python asks the 1 on the left first"),
        ("returns a float", "a + a gives 6.0 (float) and no Value"),
        ("calls itself", "functions of yours call one another again and again"),
        ("never ends", "is there a loop that never stops?"),
        ("never ends", "waiting.extend(waiting[0].inputs)"),
        ("no exp", "a.exp() needs exp, which Value does not have yet."),
        ("no seed", "What is the gradient of the result by itself"),
        ("relu >=", "a = −3"),
    ],
)
def test_what_goes_wrong_is_said_in_words_with_the_learners_line(mistake: str, said: str) -> None:
    step = next(row[0] for row in WRONG if row[1] == mistake)
    assert said in " ".join(str(check_engine(classes.engine(mistake), step=step)).split())


def test_no_smaller_graph_breaks_a_class() -> None:
    """Whatever comes before the graph that is shown, the class computes rightly."""
    cls = classes.engine("recursion with a set")
    for graph in by_size(3, 1):
        nodes = graph.nodes([cls(number) for number in graph.numbers])
        nodes[-1].backward()
        if graph.formula == "b = a + a; b + (a + b)":
            assert nodes[0].grad == 7
            break
        if len(graph.steps) < 3:
            assert [node.grad for node in nodes] == graph.gradients


def test_micrograds_engine_passes_all_that_applies_to_it() -> None:
    engine = pytest.importorskip("micrograd.engine", reason="micrograd is not installed")
    result = check_engine(engine.Value)
    assert result
    assert "Not looked at, because it is not there: exp, tanh, zero_grad" in " ".join(str(result).split())
    assert all(check_engine(engine.Value, step=step) for step in range(1, 7))
    # Its backward() adds to what is there: right while each pass makes a new graph.
    again = check_engine(engine.Value, step=7)
    assert (again.graph, again.right, again.given, again.exhibit) == ("a * a", 6.0, 12.0, "never_zeroed")


def test_without_a_step_everything_is_looked_at_that_the_class_has() -> None:
    assert str(check_engine(Value)).startswith("All that the class has: passed.")
    assert check_engine(classes.engine("no exp"))
    assert not check_engine(classes.engine("="))
    assert not check_engine(classes.engine("tanh′ = 1 − a²"))
    cls = classes.engine()
    assert check_engine(cls, MLP=classes.network(cls), fit=classes.training())
    assert not check_engine(cls, MLP=classes.network(cls, "no biases"), fit=classes.training())
    assert not check_engine(cls, MLP=classes.network(cls), fit=classes.training("+= rate"))


# --- classes of other kinds -------------------------------------------------------------------------------


def test_constructors_may_want_more_than_a_number() -> None:
    class Positional(classes.engine()):  # type: ignore[misc]
        def __init__(self, data, children, op, label, grad) -> None:  # type: ignore[no-untyped-def]
            super().__init__(data, children, op)

    assert extra_arguments(Positional) == {"children": (), "op": "", "label": "name", "grad": 0.0}
    failed = check_engine(Positional, step=1)
    # Its sums are values of the class that it inherits from.
    assert "and no Positional: type(self)(...) would make one" in " ".join(str(failed).split())

    class Picky:
        def __init__(self, data: float) -> None:
            raise ValueError("I take no numbers")

    picky = check_engine(Picky, step=1)
    assert (picky.graph, picky.given) == ("a + a", "ValueError")
    assert "Picky(3) ends with ValueError: I take no numbers" in str(picky)
    assert extra_arguments(int) == {}


def test_a_class_with_backward_alone_needs_neither_inputs_nor_rules() -> None:
    class Tape:
        """It keeps everything that was ever computed in one list."""

        tape: list[object] = []  # noqa: RUF012

        def __init__(self, data: float) -> None:
            self.data, self.grad = data, 0.0

        def __add__(self, other: Tape) -> Tape:
            return self._put(self.data + other.data, [(self, 1.0), (other, 1.0)])

        def __mul__(self, other: Tape) -> Tape:
            return self._put(self.data * other.data, [(self, other.data), (other, self.data)])

        def _put(self, data: float, slopes: list[tuple[Tape, float]]) -> Tape:
            out = Tape(data)
            Tape.tape.append((out, slopes))
            return out

        def backward(self) -> None:
            self.grad = 1.0
            for out, slopes in reversed(Tape.tape):  # type: ignore[misc, has-type]
                for x, slope in slopes:  # type: ignore[has-type]
                    x.grad += slope * out.grad  # type: ignore[has-type]
            Tape.tape.clear()

    assert check_engine(Tape, step=3)
    assert check_engine(Tape, step=6)


def test_a_leaf_is_asked_to_pass_nothing_on() -> None:
    class FirstOnly(lesson_8.solved(4)):  # type: ignore[misc]
        def pass_on(self) -> None:
            self.inputs[0].grad += self.slopes[0] * self.grad

    failed = check_engine(FirstOnly, step=5)
    assert (failed.graph, failed.right, failed.given, failed.exhibit) == ("a + a", 2.0, 1.0, "first_input_only")


def test_what_is_wrong_only_after_a_second_backward_is_asked_about_that() -> None:
    failed = check_engine(classes.engine("never zeroed"), step=8)
    assert (failed.graph, failed.given) == ("a ** 2", 12.0)
    assert failed.question == STEPS[7].hint


def test_an_engine_may_clear_its_gradients_by_zero_grad_and_keep_none_inside() -> None:
    class Clears(classes.engine("never zeroed")):  # type: ignore[misc]
        def zero_grad(self) -> None:
            waiting = [self]
            while waiting:
                node = waiting.pop()
                node.grad = 0.0
                waiting.extend(node.inputs)

    Clears.__add__ = lambda x, y: wrapped(x, y, "__add__")  # type: ignore[method-assign]
    Clears.__mul__ = lambda x, y: wrapped(x, y, "__mul__")  # type: ignore[method-assign]

    def wrapped(x, y, name):  # type: ignore[no-untyped-def]
        out = getattr(super(Clears, x), name)(y)
        out.__class__ = Clears
        return out

    assert check_engine(Clears, step=7)


@pytest.mark.parametrize(
    ("body", "step", "said"),
    [
        ("pass", 1, "MyValue() takes no arguments"),
        ("def __init__(self, data): self.number = data", 1, "needs .data, which a MyValue does not have"),
        ("def __init__(self, data): self.data = str(data)", 1, "'3.0'"),
        ("def __init__(self, data): self.data = None", 1, "None"),
        ("def __init__(self, data): self.data = 10 ** 400", 1, "1000000000"),
        ("def __init__(self, data): self.data = data\ndef __add__(self, o): return MyValue(7)", 1, "7"),
        (
            "def __init__(self, data): self.data = data\n"
            "def __add__(self, o): return MyValue(self.data + getattr(o, 'data', o))\n__radd__ = __add__",
            1, "none",
        ),
        (GOOD := (
            "def __init__(self, data, inputs=()):\n self.data, self.inputs = data, inputs\n"
            "def __add__(self, o):\n"
            " o = o if isinstance(o, MyValue) else MyValue(o)\n return MyValue(self.data + o.data, (self, o))\n"
            "__radd__ = __add__\n"
            "def __mul__(self, o):\n"
            " o = o if isinstance(o, MyValue) else MyValue(o)\n return MyValue(self.data * o.data, (self, o))\n"
        ), 3, "does not say its local derivatives"),
        (GOOD, 4, "has no rule to call"),
        (GOOD, 6, "MyValue has no backward() yet"),
        (GOOD + "slopes = (1.0,)", 3, "a + b has 2 inputs, and 1 in .slopes"),
        (GOOD + "slopes = ('x', 1.0)", 3, "'x'"),
        (GOOD + "slopes = 7", 3, "the slopes of a + b ends with TypeError"),
        (GOOD + "def backward(self): pass", 6, "needs .grad, which a MyValue does not have"),
        (GOOD + "grad = None\ndef backward(self): pass", 6, "None"),
        (GOOD + "def backward(self): return self.nothing.grad\nnothing = None", 6, "but that is None"),
        (GOOD + "def backward(self): return None + 1", 6, "computes with None"),
        (GOOD + "def backward(self):\n while True:\n  try: self.x\n  except Exception: pass", 6, "loop that never stops"),
        (GOOD + "def pass_on(self):\n for x in self.inputs: x.grad = self.grad", 4, "a * b"),
    ],
)  # fmt: skip
def test_unfinished_classes_get_an_answer_and_never_a_traceback(body: str, step: int, said: str) -> None:
    names: dict[str, type] = {}
    exec("class MyValue:\n" + "\n".join(f"  {line}" for line in body.splitlines()), names)
    result = check_engine(names["MyValue"], step=step)
    assert not result
    assert said in " ".join(f"{result} {result!r}".split())
    assert result._repr_html_()


def test_at_0_relu_may_have_any_slope_between_those_of_its_sides() -> None:
    cls = classes.engine()
    relu = cls.relu

    def with_slope(slope: float) -> type:
        def slanted(self):  # type: ignore[no-untyped-def]
            out = relu(self)
            rule = out._backward

            def at_0() -> None:
                rule()
                self.grad += slope * out.grad * (self.data == 0)

            out._backward = at_0
            return out

        return type("Value", (cls,), {"relu": slanted})

    for slope in (0.0, 0.5, 1.0):
        cls.relu = with_slope(slope).relu  # type: ignore[attr-defined]
        assert check_engine(cls, step=8)
    cls.relu = with_slope(2.0).relu  # type: ignore[attr-defined]
    failed = check_engine(cls, step=8)
    assert (failed.graph, failed.given) == ("a.relu()", 2.0)


def test_what_cannot_be_looked_at_is_refused() -> None:
    for step in (0, 11, 2.5, True, "5"):
        with pytest.raises(EngineCheckError, match="step is a number from 1 to 10"):
            check_engine(Value, step=step)  # type: ignore[arg-type]
    with pytest.raises(EngineCheckError, match=r"a class of yours, but got .*; write check_engine\(Value"):
        check_engine(Value(3.0))  # type: ignore[arg-type]
    with pytest.raises(EngineCheckError, match="a class of yours, but got 5"):
        check_engine(5)  # type: ignore[arg-type]
    with pytest.raises(EngineCheckError, match="MLP=MLP"):
        check_engine(Value, step=9)
    with pytest.raises(EngineCheckError, match="fit=fit"):
        check_engine(Value, step=10, MLP=list)


def test_work_is_bounded_and_a_tracer_is_put_back() -> None:
    before = sys.gettrace()
    with pytest.raises(NotYet, match="loop that never stops"), told("this", lines=100):
        [None for _ in iter(int, 1)]
    assert sys.gettrace() is before
    with told("nothing", lines=0):
        pass
    assert sys.gettrace() is before


def test_names_of_a_learner_are_text() -> None:
    cls = classes.engine("returns a float")
    cls.__name__ = "<b>Value</b>"
    result = check_engine(cls, step=1)
    assert "<b>Value" not in result._repr_html_()


# --- in a test, and in the search -------------------------------------------------------------------------


def test_an_assertion_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "test_mine.py").write_text(
        "from viz import check_engine\n\n\nclass Value:\n    def __init__(self, data):\n        self.data = data\n\n"
        "    def __add__(self, other):\n        return self.data\n\n\n"
        "def test_step_1():\n    assert check_engine(Value, step=1)\n",
        encoding="utf-8",
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", str(tmp_path)], capture_output=True, encoding="utf-8", cwd=tmp_path
    )
    assert ran.returncode == 1
    assert "the value of a + a is 6, this class gives a float; print(it) says more" in ran.stdout


def test_a_formula_reads_its_leaves_in_order_and_names_what_is_shared() -> None:
    formulas = [graph.formula for graph in by_size(2, 3, (kinds.PLUS, kinds.NEGATIVE, kinds.EXP))]
    assert len(formulas) == len(set(formulas))
    assert {"-(-a)", "(-a).exp()", "a.exp().exp()", "(a + b) + c", "b = -a; b + b", "a + b.exp()"} <= set(formulas)
    assert "b + a" not in formulas
    assert "c + (a + b)" not in formulas


def test_a_graph_that_divides_by_0_is_nobodys_fault() -> None:
    graph = Graph((3.0,), ((kinds.MINUS, (0, 0)), (kinds.ONE_OVER, (1,))))
    assert graph.formula == "1 / (a - a)"
    assert graph in set(STEPS[8].graphs())


def test_ipython_shows_the_whole_text() -> None:
    class Printer:
        shown = ""

        def text(self, text: str) -> None:
            self.shown += text

    printer = Printer()
    result = check_engine(classes.engine("="), step=5)
    result._repr_pretty_(printer, False)
    assert printer.shown == str(result)
