"""A learner's own operation is one more row, and works everywhere."""

import math
import pickle
from collections.abc import Callable, Sequence

import numpy as np
import pytest

import autograd
from autograd import Op, Value, check_gradient, grad, gradient, ops
from autograd.core.evaluate import write_call
from autograd.symbols.formulas import symbol
from autograd.symbols.local_derivatives import local_formulas


def forward_and_backward(f: Callable[..., Value], point: Sequence[float]) -> tuple[float, list[float]]:
    values = [Value(x) for x in point]
    y = f(*values)
    y.backward()
    return y.data, [x.grad for x in values]


@pytest.fixture
def cube():
    """One line, from outside the package; taken out of the table again after the test."""
    yield Op("cube_of_test", lambda x: x * x * x, lambda x, z: (3 * x * x,), latex="{0}^3", requires="courage")
    del ops.ALL["cube_of_test"]


@pytest.fixture
def clean_table():
    """Takes out whatever a test puts into the table."""
    before = dict(ops.ALL)
    yield
    ops.ALL.clear()
    ops.ALL.update(before)


def test_own_operation_on_numbers_values_arrays_and_in_second_order(cube):
    assert cube(2.0) == 8.0
    np.testing.assert_array_equal(cube(np.array([1.0, 2.0])), [1.0, 8.0])
    assert forward_and_backward(cube, [2.0]) == (8.0, [12.0])
    assert grad(grad(cube))(2.0) == 12.0
    assert grad(grad(grad(cube)))(2.0) == 6.0
    assert autograd.jvp(cube, (2.0,), (1.0,)) == (8.0, 12.0)
    assert cube.write_latex("a") == "a^3"
    assert check_gradient(cube, 1.5, order=2)


def test_own_operation_in_a_graph_is_pickled_by_name(cube):
    x = Value(2.0, "x")
    y = pickle.loads(pickle.dumps(cube(x) + 1))
    y.backward()
    assert y.inputs[0].op is cube
    assert y.inputs[0].inputs[0].grad == 12.0


def test_unpickling_an_operation_that_is_not_declared_says_what_to_do():
    with pytest.raises(
        LookupError, match=r"no operation is named 'mystery'; declare it with Op\('mystery', \.\.\.\)"
    ):
        ops.find("mystery")


def test_own_operation_in_an_error_message(cube):
    with pytest.raises(autograd.NumberOverflowError, match=r"cube_of_test\(x\) overflows at x = 1e\+200 \(big\)"):
        cube(Value(1e200, "big"))


def test_own_operation_with_a_domain_names_its_requirement(clean_table):
    half_log = Op("half_log", lambda x: math.log(x) / 2, lambda x, z: (0.5 / x,), requires="x > 0")
    with pytest.raises(
        autograd.DomainError, match=r"(?s)half_log\(x\) is not defined at x = -1\.0.*It needs x > 0"
    ):
        half_log(Value(-1.0))


def test_own_operation_with_two_inputs_and_over_a_list(clean_table):
    area = Op("area", lambda width, height: width * height, lambda width, height, z: (height, width))
    assert forward_and_backward(area, [2.0, 3.0]) == (6.0, [3.0, 2.0])
    assert area.write_latex("a", "b") == r"\operatorname{area}(a, b)"
    mean = Op(
        "mean_of_list", lambda *xs: sum(xs) / len(xs), lambda xs, z: (1 / len(xs),) * len(xs), variadic=True
    )  # fmt: skip
    assert forward_and_backward(lambda *xs: mean(list(xs)), [1.0, 2.0, 6.0]) == (3.0, [1 / 3] * 3)
    assert "a, b" in mean.write_latex("a", "b")


def test_latex_of_an_own_operation_needs_no_template_even_with_underscores_in_its_name(clean_table):
    """In TeX a bare _ would begin a subscript, and two of them in a row are an error."""
    mathtext = pytest.importorskip("matplotlib.mathtext", reason="matplotlib is an extra")
    op = Op("one_two_three", lambda x: x, lambda x, z: (1,))
    formula = op.write_latex("a")
    assert formula == r"\operatorname{one\_two\_three}(a)"
    mathtext.MathTextParser("path").parse(f"${formula}$")


def test_the_name_of_an_existing_operation_is_refused():
    with pytest.raises(ValueError, match="there is already an operation named 'tanh'"):
        Op("tanh", math.tanh, lambda x, z: (1 - z * z,))
    assert ops.find("tanh") is ops.tanh


def test_the_name_of_somebody_elses_operation_is_refused(cube):
    source = "from autograd import Op\nOp('cube_of_test', lambda x: x**3, lambda x, z: (3 * x * x,))"
    with pytest.raises(ValueError, match="there is already an operation named 'cube_of_test'"):
        exec(compile(source, "another_file.py", "exec"), {"__name__": "another_file"})
    assert ops.find("cube_of_test") is cube


@pytest.mark.parametrize(
    "files",
    [
        ("/tmp/ipykernel_7/1.py", "/tmp/ipykernel_7/2.py"),
        ("<ipython-input-3-8b2ad9bc60be>", "<ipython-input-4-0ff1ce0ff1ce>"),
        ("/tmp/marimo_9/__marimo__cell_Hbol_.py", "/tmp/marimo_9/__marimo__cell_MJUe_.py"),
        ("<stdin>", "<stdin>"),
        ("<python-input-1>", "<python-input-2>"),
        ("<pyshell#3>", "<pyshell#4>"),
        ("<doctest lesson.md[2]>", "<doctest lesson.md[3]>"),
        ("lesson.py", "<stdin>"),
    ],
)
def test_what_was_typed_may_be_typed_again(files, clean_table):
    """In every shell and notebook, also after ``python -i lesson.py``."""
    source = "from autograd import Op\nquart = Op('quart', lambda x: x**4, lambda x, z: (4 * x * x * x,))"
    for file in files:
        names: dict[str, object] = {"__name__": "__main__"}
        exec(compile(source, file, "exec"), names)
        assert ops.find("quart") is names["quart"]


@pytest.mark.parametrize("file", ["<stdin>", "/tmp/ipykernel_7/1.py"])
def test_what_was_typed_takes_no_name_of_ours_and_of_no_module(file, cube):
    for name in ("tanh", "cube_of_test"):
        source = f"from autograd import Op\nOp({name!r}, lambda x: x**3, lambda x, z: (3 * x * x,))"
        with pytest.raises(ValueError, match=f"there is already an operation named '{name}'"):
            exec(compile(source, file, "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize(
    ("rule", "variadic"), [(lambda x: (1,), False), (lambda: (1,), False), (lambda x, y, z: (1, 1), True)]
)
def test_a_rule_that_does_not_take_inputs_and_output_is_refused(rule, variadic):
    with pytest.raises(
        TypeError, match=r"the derivative rule of 'odd' takes \d argument.*inputs and then the output"
    ):
        Op("odd", lambda x: x, rule, variadic=variadic)
    assert "odd" not in ops.ALL


def test_a_textbooks_rule_that_takes_something_else_is_refused():
    with pytest.raises(TypeError, match=r"textbook's rule of 'odd' takes 1 argument.*the derivative rule 2"):
        Op("odd", lambda x: x, lambda x, z: (1.0,), textbook=lambda x: (1.0,))
    assert "odd" not in ops.ALL


def test_a_textbooks_rule_is_for_formulas_only(clean_table):
    twice = Op("twice_of_test", lambda x: x + x, lambda x, z: (2.0,), textbook=lambda x, z: (z / x,))
    [formula] = local_formulas(twice, [symbol("x")])
    assert formula.text == "twice_of_test(x) / x"
    assert grad(twice)(0.0) == 2.0


def test_a_rule_need_not_be_a_lambda(clean_table):
    """A callable object has no __code__; declaring its name a second time is refused all the same."""

    class Rule:
        def __call__(self, x, z):
            return (2 * x,)

    op = Op("square_by_object", lambda x: x * x, Rule())
    assert forward_and_backward(op, [3.0]) == (9.0, [6.0])
    with pytest.raises(ValueError, match="there is already an operation named 'square_by_object'"):
        Op("square_by_object", lambda x: x * x, Rule())


@pytest.mark.parametrize("rule", [lambda x, z: 2 * x, lambda x, z: (2 * x, 0), lambda x, z: None])
def test_a_rule_without_one_derivative_for_each_input_is_named(rule, clean_table):
    """The commonest slip: forgetting the comma of a tuple with one element."""
    x = Value(3.0, "x")
    y = Op("slip", lambda x: x * x, rule)(x)
    for differentiate in (y.backward, lambda: gradient(y, [x])):
        with pytest.raises((TypeError, ValueError), match=r"(?s)slip.*tuple"):
            differentiate()
    assert x.grad == 0


def test_an_own_primitive_that_numpy_does_not_know_works_on_arrays_and_leaves_numpys_functions_alone():
    """A regression: after such a row, np.exp(v) raised AttributeError for any Value v."""
    triple = Op("test_ops_triple", lambda x: 3 * x, lambda x, z: (3.0,), atom="a_word_that_numpy_does_not_have")
    own_exp = Op("test_ops_exp", math.exp, lambda x, z: (z,), atom="exp")
    assert np.exp(Value(1.0)).op is ops.exp
    assert list(triple(np.array([1.0, 2.0]))) == [3.0, 6.0]
    assert list(own_exp(np.array([0.0]))) == [1.0]
    assert list(ops.step(np.array([-1.0, 0.0, 2.0]))) == [0.0, 0.0, 1.0]


def test_messages_write_arithmetic_between_its_inputs():
    written = {name: write_call(ops.ALL[name], (1.0, 2.0))[0] for name in ("add", "divide", "power", "hypot")}
    assert written == {"add": "x + y", "divide": "x / y", "power": "x ** y", "hypot": "hypot(x, y)"}
    assert write_call(ops.power_by(-1.0), (0.0,))[0] == "x ** -1"


@pytest.mark.parametrize("x", [0.0, -0.0, 1e-300, 0.3, -0.3, 1.0, -1.0, 36.5, -36.5, 709.0, -745.0, 1e308, -1e308])
def test_the_sigmoid_of_a_float_has_the_bits_of_the_operations_that_it_is_recorded_as(x):
    small = ops.exp(-abs(x))
    assert ops.sigmoid.forward(x) == ops.maximum(small, ops.step(x)) / (1 + small)
