"""Formulas: Python's own arithmetic is the judge of precedence, and no input may run as code or crash."""

import ast
import math
import pickle
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Op, Value, ops
from viz.formulas import parser as expressions
from viz.formulas.parser import Expression, ExpressionError, function_names, parse, parse_values


def error_of(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    return caught.value


def caret_column(message: str) -> int:
    """The column, counted from the beginning of the formula's line, at which the caret stands."""
    line, caret = message.splitlines()[1:3]
    assert line.startswith("  ")
    return caret.index("^") - 2


# --- what is computed ---------------------------------------------------------------------------------


def test_the_issues_formula_has_the_numbers_of_the_closed_form():
    w, x, b = 1.0, -2.0, 0.0
    L = parse("L = (1 - sigmoid(w*x + b))**2").evaluate({"w": w, "x": x, "b": b})
    L.backward()
    s = 1 / (1 + np.exp(-(w * x + b)))
    leaves = {node.label: node for node in autograd.topological_order(L) if node.label}
    assert L.data == pytest.approx((1 - s) ** 2, rel=1e-15)
    assert leaves["w"].grad == pytest.approx(-2 * (1 - s) * s * (1 - s) * x, rel=1e-14)
    assert leaves["b"].grad == pytest.approx(-2 * (1 - s) * s * (1 - s), rel=1e-14)
    assert set(leaves) == {"w", "x", "b", "L"}


def test_micrograds_readme_as_one_formula():
    nodes = parse(
        """
        c0 = a + b
        d0 = a*b + b**3
        c1 = c0 + c0 + 1
        c = c1 + 1 + c1 + (-a)
        d1 = d0 + d0*2 + relu(b + a)
        d = d1 + 3*d1 + relu(b - a)
        e = c - d
        f = e**2
        g = f/2.0 + 10.0/f
        """
    ).evaluate_all({"a": -4, "b": 2})
    nodes["g"].backward()
    assert round(nodes["g"].data, 4) == 24.7041
    assert round(nodes["a"].grad, 4) == 138.8338
    assert round(nodes["b"].grad, 4) == 645.5773


ATOMS = st.sampled_from(["a", "b", "c", "2", "3", "0.5", "1e-1", ".25", "1."])


def combined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{} {} {}".format, parts, st.sampled_from("+-*/%"), parts),
        st.builds("({})".format, parts),
        st.builds("-{}".format, parts),
        st.builds("+{}".format, parts),
        st.builds("{}**{}".format, parts, st.sampled_from(["2", "-1", "a", "-b**2", "2**c"])),
    )


@settings(max_examples=300, deadline=None)
@given(st.recursive(ATOMS, combined, max_leaves=12))
def test_precedence_is_pythons(text: str):
    # The generator writes nothing but arithmetic, so Python itself can say what the answer is.
    values = {"a": 1.5, "b": 0.75, "c": 2.0}
    try:
        expected = eval(text, {"__builtins__": {}}, values)  # the judge; glassgrad never does this
    except (ArithmeticError, ValueError):
        expected = None
    if expected is None or isinstance(expected, complex) or not math.isfinite(expected):
        with pytest.raises(autograd.AutogradError):
            parse(text).evaluate({name: values[name] for name in parse(text).names})
        return
    formula = parse(text)
    result = formula.evaluate({name: values[name] for name in formula.names})
    assert result.data == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-x**2", -9.0),
        ("2**-x", 0.125),
        ("2**3**2", 512.0),
        ("(-x)**2", 9.0),
        ("1 - 2 - 3", -4.0),
        ("12/3/2", 2.0),
        ("-2**-2", -0.25),
        ("-7 % x", 2.0),
        ("2*7 % x + 7 % -x", 0.0),
        ("+x - -x", 6.0),
        ("  x\t*x ", 9.0),
        ("x;", 3.0),
        ("(x\n + 1\n)", 4.0),
        ("1e2*x", 300.0),
        ("3.", 3.0),
    ],
)
def test_known_values(text, value):
    formula = parse(text)
    assert formula.evaluate(dict.fromkeys(formula.names, 3.0)).data == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("name", list(ops.ALL))
def test_every_row_of_the_table_is_a_function_of_that_name(name):
    op = ops.ALL[name]
    arity = 4 if op.variadic else op.arity
    numbers = [(low + high) / 2 + 0.1 for low, high in (op.domain * 4)[:arity]]
    inputs = {f"x{i}": number for i, number in enumerate(numbers)}
    result = parse(f"{name}({', '.join(inputs)})").evaluate(inputs)
    assert result.op is op
    assert result.data == op(*numbers)


def test_the_functions_other_names():
    names = function_names()
    for short, full in {"max": "maximum", "min": "minimum", "ln": "log", "arcsin": "asin", "sum": "total"}.items():
        assert names[short] is ops.ALL[full]
    assert names["σ"] is ops.ALL["sigmoid"]
    assert parse("abs(x)").evaluate({"x": -3}).data == 3.0


@pytest.fixture
def cube_of_mine():
    cube = Op("cube_of_mine", lambda x: x * x * x, lambda x, z: (3 * x * x,))
    yield cube
    del ops.ALL[cube.name]


def test_an_operation_of_the_learners_own_is_known_at_once(cube_of_mine):
    y = parse("cube_of_mine(x)").evaluate_all({"x": 2})
    y["result"].backward()
    assert (y["result"].data, y["x"].grad) == (8.0, 12.0)


def test_optional_inputs_may_be_left_out():
    assert parse("leaky_relu(x)").evaluate({"x": -2}).data == pytest.approx(-0.02)
    assert parse("leaky_relu(x, .5)").evaluate({"x": -2}).data == -1.0


def test_a_plain_exponent_is_not_differentiated_and_takes_a_negative_base():
    y = parse("x**3").evaluate({"x": -2})
    assert y.op is ops.power_by(3.0)
    assert parse("x**(1/2)").evaluate({"x": 4}).op is ops.power_by(0.5)
    assert parse("x**n").evaluate({"x": 4, "n": 2}).op is ops.power


def test_named_parts_become_labelled_nodes():
    nodes = parse("z = w*x + b; L = (1 - sigmoid(z))**2").evaluate_all({"b": 0, "x": -2, "w": 1})
    assert list(nodes) == ["w", "x", "b", "z", "L"]
    assert [node.label for node in nodes.values()] == ["w", "x", "b", "z", "L"]
    assert nodes["z"] in autograd.topological_order(nodes["L"])


def test_a_second_name_for_a_node_is_a_node_of_its_own():
    nodes = parse("z = w; y = z").evaluate_all({"w": 2})
    assert [node.label for node in nodes.values()] == ["w", "z", "y"]
    assert len(set(nodes.values())) == 3
    nodes["y"].backward()
    assert nodes["w"].grad == 1.0


def test_named_numbers_are_leaves():
    nodes = parse("a = 2; b = -3; L = a*b").evaluate_all({})
    nodes["L"].backward()
    assert (nodes["a"].grad, nodes["b"].grad) == (-3.0, 2.0)


def test_the_result_is_called_result_unless_that_name_is_taken():
    assert parse("2*x").result_name == "result"
    assert parse("result*2").result_name == "result_"
    assert parse("y = 2*x").result_name == "y"


def test_values_may_be_given_as_values():
    x = Value(3.0)
    y = parse("x*x").evaluate({"x": x})
    y.backward()
    assert (x.grad, x.label) == (6.0, "x")


def test_one_formula_computes_again_and_again():
    formula = parse("y = x**2")
    assert [formula.evaluate({"x": x}).data for x in (1, 2, 3)] == [1.0, 4.0, 9.0]


def test_constants_are_known_until_they_get_another_meaning():
    assert parse("ln(e) + cos(pi) + sin(π/2)").evaluate({}).data == pytest.approx(1.0)
    assert parse("e = 5; e*2").evaluate({}).data == 10.0
    assert parse("e*x").evaluate({"x": 1, "e": 2}).data == 2.0
    assert parse("e*x").names == ("x",)


def test_letters_of_every_kind():
    formula = parse("ŷ = θ₁*x₁ + b_0; (ŷ - größe)**2")
    assert formula.names == ("θ₁", "x₁", "b_0", "größe")
    # An accent may be typed as a character of its own: it is the same name.
    decomposed = {"θ₁": 1, "x₁": 1, "b_0": 1, "gro\u0308ße": 0}
    assert formula.evaluate(decomposed).data == 4.0


def test_a_very_long_sum_is_computed_without_recursion():
    y = parse("+".join(["a"] * 4999)).evaluate({"a": 1})
    y.backward()
    assert y.data == 4999.0


# --- what is refused ------------------------------------------------------------------------------------


def test_the_message_of_the_readme():
    assert str(error_of("L = (1 - sigmod(w*x)**2")) == (
        "this formula cannot be read:\n"
        "  L = (1 - sigmod(w*x)**2\n"
        "           ^ unknown function 'sigmod'; did you mean 'sigmoid'?"
    )


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("L = (1 - sigmoid(w*x)**2", 4, "never closed"),
        ("a)", 1, "closes nothing"),
        ("2x", 1, "for a product write * between 2 and x"),
        ("(a)b", 3, "for a product write * between ) and b"),
        ("a / 2(b)", 5, "it is not clear what belongs together"),
        ("2^3(b)", 3, "it is not clear what belongs together"),
        ("a(3)", 0, "for a product write a*(...)"),
        ("1.2.3", 3, "an operator was expected"),
        ("sigmoid + 1", 0, "sigmoid is a function; write sigmoid(...)"),
        ("sin(1, 2)", 0, "takes 1 input, but 2 were given"),
        ("1 + clip(1)", 4, "takes 3 inputs, but 1 was given"),
        ("logsumexp()", 0, "takes 1 or more inputs, but none were given"),
        ("elu(1,2,3)", 0, "takes 1 to 2 inputs"),
        ("max(a b)", 6, "a comma or ) was expected"),
        ("max(a,)", 6, "was expected, but got ')'"),
        ("max(a;b)", 3, "never closed"),
        ("a²^3", 2, "put in parentheses what belongs together: (x²)**3 or x**(2**3)"),
        ("a²(b)", 0, "for a product write a²*(...)"),
        ("a²b", 2, "for a product write * between ² and b"),
        ("sin⁻¹(a)", 3, "write 1 / sin(...), or the name of the inverse function"),
        ("√a²", 2, "put in parentheses what belongs together: √(x²) or (√x)²"),
        ("√-a", 1, "a number, a name or ( was expected, but got '-'"),
        ("a + |b", 4, "this | is never closed"),
        ("a|", 1, "an absolute value stands between two of them: |x|"),
        ("|(a|", 3, ") was expected, but got '|'"),
        ("|a)", 2, "closes nothing"),
        ("⁻a", 0, "a small minus belongs to an exponent"),
        ("softmax₃(a, b)", 0, "takes 3 or more inputs, but 2 were given"),
        ("a ≈ 2", 2, "≈ says that a number was rounded"),
        ("a == 2", 2, "one = gives a result its name"),
        ("a // 2", 2, "for a division write /, and floor(a / b) for its whole part"),
        ("a < b", 2, "what is smaller stands behind >: write b > a"),
        ("a > b > 2", 6, "put in parentheses what is compared first"),
        ("a + ⌊b", 4, "this ⌊ is never closed"),
        ("⌊a⌉", 2, "an operator was expected, but got '⌉'"),
        ("b⌊a⌋", 1, "what is rounded down stands in ⌊x⌋"),
        ("a % 2(b)", 5, "it is not clear what belongs together"),
        ("a +", 3, "the formula ends here"),
        ("L =", 3, "the formula ends here"),
        ("a + * b", 4, "but got '*'"),
        ("a + · b", 4, "but got '·'"),
        ("a, b", 1, "only between the inputs of a function"),
        ("3 = 4", 2, "only a name may stand before ="),
        ("L = z; z = 2", 7, "used before"),
        ("z = 1; z = 2", 7, "computed already"),
        ("a + 1; b", 0, "only the last part"),
        ("1e999", 0, "too large"),
        ("10_000", 2, "an operator was expected"),
        ("lambda: 3", 6, "name=value"),
        ("a\x1b[31m", 1, "U+001B"),
        ("a → b", 2, "no meaning"),
    ],
)
def test_errors_point_at_the_character(text, column, words):
    error = error_of(text)
    assert words in error.reason
    assert error.position == column
    assert caret_column(str(error)) == column
    assert error.text == text


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("__import__('os').system('true')", 11),
        ("().__class__", 2),
        ("x.__class__", 1),
        ("x['a']", 1),
        ('exec("1")', 5),
        ("open(x)", 0),
        ("eval(x)", 0),
        ("[x for x in y]", 0),
        ("x if y else z", 2),
        ("lambda x: x", 8),
        ("x := 2", 2),
        ("`ls`", 0),
        ("f'{x}'", 1),
        ("y = x; import os", 14),
        ("__builtins__(x)", 0),
        ("$(ls)", 0),
        ("\x00", 0),
        ("\\", 0),
    ],
)
def test_code_is_refused(text, column):
    error = error_of(text)
    assert error.position == column


def test_the_parser_has_no_way_to_run_code():
    used = set()
    for file in Path(expressions.__file__).parent.glob("[pt]*.py"):
        source = ast.parse(file.read_text(encoding="utf-8"))
        used |= {node.id for node in ast.walk(source) if isinstance(node, ast.Name)}
        used |= {name.name for node in ast.walk(source) if isinstance(node, ast.Import) for name in node.names}
    assert {"parse", "Parser", "math", "tokenize", "re"} <= used
    assert used.isdisjoint({"eval", "exec", "compile", "__import__", "globals", "ast", "builtins", "importlib"})


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "1" + ")" * 5000, "-" * 9000 + "x", "a**" * 3000 + "2", "sin(" * 2000 + "1" + ")" * 2000,
        "√" * 9000 + "x", "|" * 9000, "1(" * 4000 + "x" + ")" * 4000, "sin²(" * 1800 + "1" + ")" * 1800,
    ],
)  # fmt: skip
def test_deep_nesting_is_refused_without_exhausting_the_stack(text):
    with pytest.raises(ExpressionError, match=r"nested more than 50 deep|longest"):
        parse(text)


def test_nesting_up_to_the_limit_is_read():
    assert parse("(" * 49 + "1" + ")" * 49).evaluate({}).data == 1.0


def test_length_is_limited():
    with pytest.raises(ExpressionError, match="10,001 characters; the longest that is read has 10,000"):
        parse("a" * 10_001)


@pytest.mark.parametrize("text", ["", "   ", ";;\n;"])
def test_nothing_is_not_a_formula(text):
    with pytest.raises(ExpressionError, match="empty"):
        parse(text)


@pytest.mark.parametrize("text", [None, 3, b"x"])
def test_only_strings_are_read(text):
    with pytest.raises(TypeError, match="a formula is a string"):
        parse(text)


def test_the_caret_stands_in_the_right_line_and_under_wide_letters():
    error = error_of("z = w*x\nL = z*(q+)")
    assert str(error).splitlines()[1:] == [
        "  L = z*(q+)",
        "           ^ a number, a name or ( was expected, but got ')'",
    ]
    # Two wide characters take four columns of a terminal.
    assert caret_column(str(error_of("w*漢字 + sigmod(2)"))) == len("w*") + 4 + len(" + ")


def test_the_caret_far_into_a_long_line():
    text = "a + " * 500 + "$" + " + a" * 500
    line, caret = str(error_of(text)).splitlines()[1:3]
    assert len(line) < 110
    assert line[caret.index("^")] == "$"


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(st.text(max_size=60), st.text(alphabet="ab01.e*+-/()=;,\n ^'\"_sinmaxlog²⁻³|√∛·−÷₂σπ", max_size=60))
)
def test_any_text_is_either_read_or_refused_in_an_orderly_way(text: str):
    message, formula = "^ here", None
    try:
        formula = parse(text)
    except ExpressionError as error:
        message = str(error)
    if formula is None:
        assert all(unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") for c in message.replace("\n", ""))
        return
    assert isinstance(formula, Expression)
    try:
        formula.evaluate(dict.fromkeys(formula.names, 0.5))
    except autograd.AutogradError as error:
        message = "".join(error.__notes__)
    assert "^ here" in message


# --- what is printed can be typed back ------------------------------------------------------------------

PRINTED = [
    ("σ(z)(1 − σ(z))", "sigmoid(z)*(1 - sigmoid(z))"),
    ("2·x × y ⋅ x ÷ y", "2*x*y*x/y"),
    ("−x² – y³", "-x**2 - y**3"),
    ("x⁻¹ + y¹⁰ + 2(x + 1)²", "x**-1 + y**10 + 2*(x + 1)**2"),
    ("e^x + 2^(−y)", "exp(x) + exp2(-y)"),
    ("√x + √(x·y) + √√y + ∛x + ∜y", "sqrt(x) + sqrt(x*y) + sqrt(sqrt(y)) + cbrt(x) + y**0.25"),
    ("⌊x⌋·⌈⌊3·y⌋ / 2⌉² − ⌈z⌉", "floor(x)*ceil(floor(3*y)/2)**2 - ceil(z)"),
    ("where(x > 2·y, (y > x) + 1, x % y > z)", "where(greater(x, 2*y), greater(y, x) + 1, greater(mod(x, y), z))"),
    ("|x| · ||x| − 3·|y|| / |y|", "abs(x)*abs(abs(x) - 3*abs(y))/abs(y)"),
    ("tanh²(z)·(1 − tanh(z)) + ln²(2)", "tanh(z)**2*(1 - tanh(z)) + log(2)**2"),
    ("log₂(x) + log₁₀(y) + ln(x)", "log2(x) + log10(y) + log(x)"),
    ("arctan(x) + arsinh(y)", "atan(x) + asinh(y)"),
    ("(180 / π)·x + (2 / √π)·e^(−x²)", "(180/pi)*x + (2/sqrt(pi))*exp(-x**2)"),
    ("5.926·10⁻²⁵·x + 1·10⁷ / 2·10²", "5.926e-25*x + 1e7/2e2"),
    ("x^0.5·10² + x^2·10³", "x**0.5*100 + x**2*1000"),
    ("(x + y)(x − y) + σ(x)(y)(z)", "(x + y)*(x - y) + sigmoid(x)*y*z"),
    ("Σ(x, y, z)·max(x, y)", "total(x, y, z)*max(x, y)"),
    ("softmax₂(x, y, z) - log_softmax₁(x, y)", "exp(y)/(exp(x) + exp(y) + exp(z)) - log(exp(x)/(exp(x) + exp(y)))"),
]


@pytest.mark.parametrize(("printed", "typed"), PRINTED)
def test_what_is_printed_can_be_typed_back(printed, typed):
    numbers = {"x": 1.25, "y": 0.5, "z": -0.75}
    found, expected = (
        parse(text).evaluate({n: numbers[n] for n in parse(text).names}) for text in (printed, typed)
    )
    assert found.data == pytest.approx(expected.data, rel=1e-14)


def test_pi_and_e_are_names_if_they_are_given():
    assert parse("180 / π + e^x").evaluate({"x": 1.0}).data == pytest.approx(180 / math.pi + math.e)
    assert parse("180 / π + e^x").evaluate({"x": 2.0, "π": 2.0, "e": 3.0}).data == 99.0


def test_an_exponential_is_one_operation():
    x = Value(0.5, "x")
    assert parse("e^x").evaluate({"x": x}).inputs == (x,)


# --- names and values -----------------------------------------------------------------------------------


def test_missing_names_are_listed_together():
    with pytest.raises(ExpressionError, match=r"x, b have no value; give them as x=1\.5 b=1\.5") as caught:
        parse("w*x + b").evaluate({"w": 1})
    assert str(caught.value).startswith("this formula cannot be computed:\n  w*x + b\n    ^ ")
    with pytest.raises(ExpressionError, match=r"b has no value; give it as b=1\.5"):
        parse("w*x + b").evaluate({"w": 1, "x": 1})


def test_unknown_names_are_reported_with_a_suggestion():
    with pytest.raises(ExpressionError, match="'weigth' is not in the formula; did you mean 'weight'") as caught:
        parse("weight*x").evaluate({"weight": 1, "x": 1, "weigth": 2})
    assert caught.value.position is None
    with pytest.raises(ExpressionError, match="its names are w, x"):
        parse("w*x").evaluate({"w": 1, "x": 1, "q": 2})
    with pytest.raises(ExpressionError, match="no name needs a value"):
        parse("1 + 1").evaluate({"q": 2})


def test_a_computed_name_cannot_be_given():
    with pytest.raises(ExpressionError, match="z is computed by the formula"):
        parse("z = w; z*2").evaluate({"w": 1, "z": 2})


def test_nothing_is_relabelled_when_names_are_wrong():
    x = Value(1.0)
    with pytest.raises(ExpressionError):
        parse("x*y").evaluate({"x": x})
    assert x.label == ""


def test_an_undefined_operation_is_pointed_at():
    with pytest.raises(autograd.DomainError) as caught:
        parse("1 + log(x - 1)").evaluate({"x": 1})
    assert caught.value.__notes__ == ["  1 + log(x - 1)\n      ^ here"]


def test_values_as_typed():
    values = parse_values(["w=1", "x=-2", "b = 1e-3", "t=pi/2"])
    assert values == {"w": 1.0, "x": -2.0, "b": 0.001, "t": math.pi / 2}


@pytest.mark.parametrize(
    ("assignments", "words"),
    [
        (["w"], "name=value"),
        (["=1"], "name=value"),
        (["2=1"], "name=value"),
        (["w=1", "w=2"], "given a value twice"),
        (["w=one"], "one has no value"),
        (["w="], "empty"),
        (["w=1=2"], "only a name may stand before ="),
    ],
)
def test_values_that_are_refused(assignments, words):
    with pytest.raises(ExpressionError, match=words):
        parse_values(assignments)


@pytest.mark.parametrize("text", ["1 +", "q ? w", "(" * 60, "1e999"])
def test_an_error_comes_out_of_another_process_as_it_is(text):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    other = pickle.loads(pickle.dumps(caught.value))
    assert (str(other), other.reason, other.position) == (
        str(caught.value),
        caught.value.reason,
        caught.value.position,
    )
