"""What goes wrong is said clearly, names the learner's own line, and leaves everything as it was."""

import linecache
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from expectations import check_message, line_here, nothing_changes

import autograd
from autograd import (
    AutogradError,
    DataError,
    DivisionByZeroError,
    DomainError,
    GradientError,
    NumberOverflowError,
    Value,
    errors,
    gradient,
    ieee,
    ops,
)

THIS_FILE = os.path.basename(__file__)


# --- the kinds of errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "pythons"),
    [
        (DataError, TypeError),
        (DomainError, ValueError),
        (DivisionByZeroError, ZeroDivisionError),
        (DivisionByZeroError, DomainError),
        (NumberOverflowError, OverflowError),
        (GradientError, ValueError),
    ],
)
def test_every_error_is_also_the_one_that_python_would_raise(ours, pythons):
    assert issubclass(ours, AutogradError)
    assert issubclass(ours, pythons)


# --- forward: outside the domain --------------------------------------------------------------------------

# operation: points outside its domain, with the number that NumPy gives there
OUTSIDE = {
    "divide": [(1.0, 0.0), (-1.0, 0.0), (0.0, 0.0)],
    "power": [(-8.0, 1 / 3), (-2.0, 0.5), (0.0, -1.0), (0.0, -0.5)],
    "reciprocal": [(0.0,)],
    "log": [(0.0,), (-1.0,)],
    "log2": [(0.0,), (-1.0,)],
    "log10": [(0.0,), (-1.0,)],
    "log1p": [(-1.0,), (-2.0,)],
    "sqrt": [(-1.0,), (-1e-300,)],
    "asin": [(1.0000001,), (-2.0,)],
    "acos": [(1.0000001,), (-2.0,)],
    "acosh": [(0.9999999,), (-2.0,)],
    "atanh": [(1.0,), (-1.0,), (2.0,)],
    "mod": [(5.5, 0.0), (0.0, 0.0)],
}
NUMPY_NAMES = {"asin": "arcsin", "acos": "arccos", "acosh": "arccosh", "atanh": "arctanh"}

# the same for operations that NumPy has not
WITHOUT_NUMPY = {"unit": [(0.0, 0.0)], "celu": [(-1.0, 0.0)]}

# operation: points inside its domain, but on an edge at which it has no derivative
NO_DERIVATIVE = {
    "sqrt": [(0.0,)],
    "cbrt": [(0.0,)],
    "asin": [(1.0,), (-1.0,)],
    "acos": [(1.0,), (-1.0,)],
    "acosh": [(1.0,)],
    "atan2": [(0.0, 0.0)],
    "hypot": [(0.0, 0.0)],
    "power": [(0.0, 0.5), (-2.0, 3.0)],
}

# operation: points at which the result is larger than a float
OVERFLOW = {
    "add": [(1e308, 1e308)],
    "subtract": [(-1e308, 1e308)],
    "multiply": [(1e200, 1e200), (1e200, -1e200)],
    "divide": [(1e200, 1e-200)],
    "power": [(1e200, 2.0)],
    "square": [(1e200,)],
    "reciprocal": [(1e-320,)],
    "exp": [(710.0,)],
    "exp2": [(1024.0,)],
    "expm1": [(710.0,)],
    "sinh": [(711.0,), (-711.0,)],
    "cosh": [(711.0,)],
    "hypot": [(1.7e308, 1.7e308)],
    "degrees": [(1e308,)],
    "total": [(1e308, 1e308)],
}


def cases(table):
    return [pytest.param(name, point, id=f"{name}{point}") for name, points in table.items() for point in points]


def labelled(point):
    return [Value(x, f"in{i}") for i, x in enumerate(point)]


def numpy_answer(name, point):
    with np.errstate(all="ignore"):
        numbers = [np.float64(x) for x in point]
        return np.sum(numbers) if name == "total" else getattr(np, NUMPY_NAMES.get(name, name))(*numbers)


def test_every_operation_with_a_requirement_is_tried_outside_it():
    ours = {op.name for op in ops.ALL.values() if op.is_built_in}
    demanding = {name for name in ours if ops.ALL[name].requires}
    assert demanding <= set(OUTSIDE) | set(NO_DERIVATIVE) | set(WITHOUT_NUMPY)


@pytest.mark.parametrize(("name", "point"), cases(OUTSIDE) + cases(WITHOUT_NUMPY))
def test_outside_the_domain(name, point):
    inputs = labelled(point)
    with nothing_changes(*inputs), pytest.raises(DomainError) as caught:
        ops.find(name)(*inputs)
    line = line_here() - 1
    message = str(caught.value)
    symbol = ops.find(name).symbol if name in {"divide", "power", "mod"} else name
    assert symbol in message.partition("\n")[0]
    assert "is not defined at" in message
    for value in inputs:
        assert f"= {value.data} ({value.label})" in message
    assert ops.find(name).requires in message
    assert f"{THIS_FILE}, line {line}: ops.find(name)(*inputs)" in message
    assert "ieee" in message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(("name", "point"), cases(OUTSIDE) + cases(WITHOUT_NUMPY))
def test_outside_the_domain_on_plain_numbers(name, point):
    with pytest.raises(DomainError, match="is not defined at"):
        ops.find(name)(*point)


@pytest.mark.parametrize(("name", "point"), cases(OVERFLOW))
def test_overflow(name, point):
    inputs = labelled(point)
    with nothing_changes(*inputs), pytest.raises(NumberOverflowError) as caught:
        ops.find(name)(*inputs)
    line = line_here() - 1
    message = str(caught.value)
    assert "overflows at" in message
    assert "1.8e308" in message
    assert f"{THIS_FILE}, line {line}:" in message
    for value in inputs:
        assert f"= {value.data} ({value.label})" in message


@pytest.mark.parametrize(("name", "point"), cases(OUTSIDE) + cases(OVERFLOW))
def test_inside_ieee_the_answer_is_that_of_numpy(name, point):
    expected = numpy_answer(name, point)
    with ieee():
        result = ops.find(name)(*labelled(point))
        assert type(result.data) is float
        np.testing.assert_equal(result.data, float(expected))
        np.testing.assert_equal(ops.find(name)(*point), float(expected))
    assert not math.isfinite(expected)


@pytest.mark.parametrize(("name", "point"), cases(NO_DERIVATIVE))
def test_no_derivative_on_the_edge(name, point):
    inputs = labelled(point)
    y = ops.find(name)(*inputs)
    L = y * 2
    with nothing_changes(L), pytest.raises(DomainError) as caught:
        L.backward()
    message = str(caught.value)
    symbol = ops.find(name).symbol if name == "power" else name
    assert message.startswith("the derivative of ")
    assert symbol in message.partition("\n")[0]
    assert "is not defined at" in message
    assert f"= {inputs[0].data} (in0)" in message
    assert ops.find(name).requires in message
    assert "detect_anomaly" in message
    assert "Nothing was changed" in message


@pytest.mark.parametrize(("name", "point"), cases(NO_DERIVATIVE))
def test_gradients_that_were_there_are_kept(name, point):
    inputs = labelled(point)
    (inputs[0] * 3).backward()
    y = ops.find(name)(*inputs)
    with nothing_changes(y, *inputs), pytest.raises(DomainError):
        y.backward()
    assert inputs[0].grad == 3.0


@pytest.mark.parametrize(("name", "point"), cases(NO_DERIVATIVE))
def test_the_gradient_as_a_graph_raises_too(name, point):
    inputs = labelled(point)
    y = ops.find(name)(*inputs)
    with nothing_changes(y), pytest.raises(DomainError):
        gradient(y, inputs)


def test_backward_inside_ieee_gives_inf_and_nan():
    with ieee():
        for how, x, expected in [
            (Value.sqrt, 0.0, math.inf),
            (Value.cbrt, 0.0, math.inf),
            (Value.asin, 1.0, math.inf),
            (Value.acos, 1.0, -math.inf),
            (Value.acosh, 1.0, math.inf),
            (Value.log, 0.0, math.inf),
            (Value.log, -2.0, -0.5),
            (Value.sqrt, -2.0, math.nan),
            (Value.exp, 1000.0, math.inf),
            (Value.reciprocal, 0.0, -math.inf),
            (lambda v: v**-1, 0.0, -math.inf),
            (lambda v: v**0.5, 0.0, math.inf),
            (lambda v: 1 / v, 0.0, -math.inf),
            (Value.atanh, 1.0, math.inf),
        ]:
            v = Value(x)
            how(v).backward()
            np.testing.assert_equal(v.grad, expected)


def test_a_sum_of_infinite_and_finite_gradients_inside_ieee():
    a, b = Value(0.0), Value(2.0)
    with ieee():
        (a.sqrt() * b + b).backward()
    assert (a.grad, b.grad) == (math.inf, 1.0)


# --- where it happened ------------------------------------------------------------------------------------


def helper_that_divides(a, b):
    return a / b


def test_the_innermost_line_of_the_learner_is_named():
    with pytest.raises(DivisionByZeroError, match=f"{THIS_FILE}, line \\d+: return a / b"):
        helper_that_divides(Value(1.0), Value(0.0))


def test_code_without_a_source_file_is_named_by_its_line_alone():
    source = "from autograd import Value\n\nValue(0.0).log()\n"
    with pytest.raises(DomainError, match=r"made up\.py, line 3"):
        exec(compile(source, "made up.py", "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize(
    ("file", "where"),
    [
        ("/tmp/ipykernel_12/345.py", "this cell"),
        ("C:\\Users\\a\\AppData\\Local\\Temp\\ipykernel_12\\345.py", "this cell"),
        ("/tmp/ipython-input-1-2890.py", "this cell"),
        ("<ipython-input-3-8b2ad9bc60be>", "this cell"),
        ("/tmp/xpython_42/4.py", "this cell"),
        ("/tmp/marimo_991/__marimo__cell_Hbol_.py", "this cell"),
        ("<stdin>", "the prompt"),
        ("<python-input-4>", "the prompt"),
        ("<pyshell#3>", "the prompt"),
        ("<doctest lesson.md[2]>", r"<doctest lesson.md\[2\]>"),
    ],
)
def test_what_was_typed_is_called_a_cell_or_the_prompt(file, where, monkeypatch, tmp_path):
    # Nor does it matter that somebody works inside of our own folder.
    monkeypatch.chdir(Path(autograd.__file__).parent)
    source = "from autograd import Value\nValue(0.0).log()\n"
    with pytest.raises(DomainError, match=f"at {where}, line 2"):
        exec(compile(source, file, "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("path", ["../ours", "../lessons/../ours", "./../ours/.", "..//ours//"])
def test_our_own_lines_are_known_however_the_import_path_is_written(path, tmp_path):
    """A notebook that finds us by sys.path.append("..") was shown lines of ours as its own."""
    root = Path(autograd.__file__).resolve().parents[1]
    shutil.copytree(root / "autograd", tmp_path / "ours" / "autograd", ignore=shutil.ignore_patterns("__pycache__"))
    folder = tmp_path / "lessons"
    folder.mkdir()
    script = f"import sys\nsys.path.insert(0, {path!r})\nfrom autograd import Value\nprint(1)\nValue(0.0).log()\n"
    (folder / "lesson.py").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-S", "lesson.py"], cwd=folder, capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "PYTHONPATH": ""},
    )  # fmt: skip
    assert "lesson.py, line 5: Value(0.0).log()" in done.stderr, done.stderr


def test_a_long_line_is_shortened():
    line = "y = [" + ", ".join(["Value(1.0)"] * 20) + ", Value(0.0).log()]"
    linecache.cache["long.py"] = (len(line), None, ["from autograd import Value\n", line + "\n"], "long.py")
    try:
        with pytest.raises(DomainError) as caught:
            exec(compile(f"from autograd import Value\n{line}\n", "long.py", "exec"), {"__name__": "__main__"})
    finally:
        del linecache.cache["long.py"]
    check_message(caught, "long.py, line 2: y = [Value(1.0)", "...")
    assert max(len(part) for part in str(caught.value).splitlines()) < 150


def test_where_every_line_is_ours_the_message_leaves_it_out(monkeypatch):
    monkeypatch.setattr(errors, "is_ours", lambda file: True)
    assert errors.users_line() == ""
    with pytest.raises(DomainError) as caught:
        Value(0.0).log()
    assert "It was computed at" not in str(caught.value)


@pytest.mark.parametrize("exponent", [math.inf, math.nan])
def test_an_exponent_that_is_not_finite_is_named(exponent):
    """A regression: the message spoke of an overflow."""
    with pytest.raises(DomainError, match=f"finite number, but got {exponent}"):
        Value(2.0) ** exponent


def test_a_whole_number_that_python_does_not_write():
    """With more than some thousands of digits repr() raises an error itself."""
    with pytest.raises(GradientError, match=r"but got \.\.\. \(int\)"):
        autograd.topological_order(10**5000)
