"""Formulas: every rule of the table, run on symbols, gives what it gives on numbers; and it reads like a book."""

import math
import random
import re
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import DomainError, Op, ops
from autograd.core.evaluate import local_derivatives
from autograd.symbols import notation
from autograd.symbols.formulas import Formula, FormulaError, number, symbol
from autograd.symbols.local_derivatives import local_formulas, written
from autograd.symbols.notation import Name, write_latex, write_mathml, write_text
from autograd.symbols.templates import fill, read_template

TABLE = [*ops.ALL.values(), *[ops.power_by(n) for n in (0.0, 1.0, 2.0, 3.0, -1.0, -2.0, 0.5, -0.5, 10.0, 2.5)]]


def names_for(op):
    # Four inputs for those that take any number, which is even, as dot needs it.
    count = 4 if op.variadic else op.arity
    return ["x"] if count == 1 else [f"x{i + 1}" for i in range(count)]


def samples(op, count=8):
    chance = random.Random(1)
    domain = op.domain * 4 if op.variadic else op.domain
    return [[chance.uniform(*interval) for interval in domain[: len(names_for(op))]] for _ in range(count)]


def check_latex(latex):
    depth = 0
    for token in re.findall(r"\\.|[{}]", latex):
        depth += (token == "{") - (token == "}")
        assert depth >= 0
    assert depth == 0
    assert latex.count(r"\left") == latex.count(r"\right")


# --- every operation of the table ---------------------------------------------------------------------------


@pytest.mark.parametrize("op", TABLE, ids=lambda op: op.name)
def test_a_formula_gives_what_the_rule_gives(op):
    names = names_for(op)
    formulas = local_formulas(op, [symbol(name) for name in names])
    assert len(formulas) == len(names)
    for numbers in samples(op):
        expected = local_derivatives(op, numbers, op(*numbers))
        found = [formula.evaluate(dict(zip(names, numbers, strict=True))) for formula in formulas]
        assert found == pytest.approx(list(expected), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("op", TABLE, ids=lambda op: op.name)
def test_the_written_operation_gives_its_result(op):
    names = names_for(op)
    formula = written(op, [symbol(name) for name in names])
    for numbers in samples(op, 3):
        found = formula.evaluate(dict(zip(names, numbers, strict=True)))
        assert found == pytest.approx(op(*numbers), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("op", TABLE, ids=lambda op: op.name)
def test_formulas_are_well_formed_in_every_language(op):
    symbols = [symbol(name) for name in names_for(op)]
    for formula in [written(op, symbols), *local_formulas(op, symbols)]:
        assert formula.text
        assert "{" not in formula.text
        check_latex(formula.latex)
        ElementTree.fromstring(f"<math>{formula.mathml}</math>")
        # Nothing is written that says nothing.
        assert not re.search(r"(?<![\w.])1·|·1(?![\w.])|\+ 0(?![\d.])|- 0(?![\d.])|--|\+ -", formula.text)
        assert formula.text.count("(") == formula.text.count(")")


@pytest.mark.parametrize("op", TABLE, ids=lambda op: op.name)
def test_given_the_output_a_formula_is_written_with_it(op):
    names = names_for(op)
    formulas = local_formulas(op, [symbol(name) for name in names], symbol("out"))
    for numbers in samples(op, 3):
        expected = local_derivatives(op, numbers, op(*numbers))
        known = dict(zip(names, numbers, strict=True)) | {"out": op(*numbers)}
        assert [f.evaluate(known) for f in formulas] == pytest.approx(list(expected), rel=1e-9, abs=1e-12)


TEXTBOOK = {
    "tanh": ["1 - tanh²(x)"],
    "sigmoid": ["σ(x)(1 - σ(x))"],
    "multiply": ["x2", "x1"],
    "divide": ["1 / x2", "-x1 / x2²"],
    "subtract": ["1", "−1"],
    "exp": ["e^x"],
    "exp2": ["ln(2)·2^x"],
    "log": ["1 / x"],
    "log10": ["1 / (ln(10)·x)"],
    "sqrt": ["1 / (2·√x)"],
    "sin": ["cos(x)"],
    "cos": ["-sin(x)"],
    "tan": ["1 + tan²(x)"],
    "asin": ["1 / √(1 - x²)"],
    "atan": ["1 / (1 + x²)"],
    "atanh": ["1 / (1 - x²)"],
    "square": ["2·x"],
    "reciprocal": ["-1 / x²"],
    "power": ["x2·x1^(x2 - 1)", "x1^x2·ln(x1)"],
    "maximum": ["step(x1 - x2)", "step(x2 - x1)"],
    "relu": ["step(x)"],
    "abs": ["sign(x)"],
    "softplus": ["σ(x)"],
    "erf": ["(2 / √π)·e^(-x²)"],
    "degrees": ["180 / π"],
    "hypot": ["x1 / √(x1² + x2²)", "x2 / √(x1² + x2²)"],
    "total": ["1", "1", "1", "1"],
    "dot": ["x3", "x4", "x1", "x2"],
}


@pytest.mark.parametrize("name", TEXTBOOK)
def test_formulas_as_in_a_textbook(name):
    op = ops.ALL[name]
    assert [f.text for f in local_formulas(op, [symbol(n) for n in names_for(op)])] == TEXTBOOK[name]


@pytest.mark.parametrize(
    ("exponent", "text", "latex"),
    [
        (2.0, "2·x", r"2 \cdot x"),
        (3.0, "3·x²", r"3 \cdot x^{2}"),
        (-1.0, "-1 / x²", r"-\frac{1}{x^{2}}"),
        (0.5, "1 / (2·x^0.5)", None),
    ],
)
def test_powers(exponent, text, latex):
    [slope] = local_formulas(ops.power_by(exponent), [symbol("x")])
    assert (slope.text, slope.latex) == (text, latex or slope.latex)


# --- simplification -----------------------------------------------------------------------------------------

x, y, z = symbol("x"), symbol("y"), symbol("z")


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (x + 0, "x"),
        (0 + x, "x"),
        (x - x, "0"),
        (x * 0, "0"),
        (1 * x, "x"),
        (x * -1, "-x"),
        (-(x * -1), "x"),
        (x + x, "2·x"),
        (x * y + y * x, "2·x·y"),
        (x * y * z - z * x * y, "0"),
        (x * x * x / x, "x²"),
        (x / y * y, "x"),
        (2 * x * 3, "6·x"),
        (0.5 * x, "x / 2"),
        (0.5 / x, "1 / (2·x)"),
        (10 * (1 / (x * x)), "10 / x²"),
        (3 + 10 * (1 / x), "3 + 10 / x"),
        (x - (y - z), "x - y + z"),
        (-(x + y), "-(x + y)"),
        (-x + 1, "1 - x"),
        (x * (y + z), "x·(y + z)"),
        ((x + y) * (x - y), "(x + y)(x - y)"),
        ((1 - x) * (1 + x), "1 - x²"),
        (x - -3 * y, "x + 3·y"),
        (x**2 * x**3, "x⁵"),
        (x**-2, "1 / x²"),
        (x**0, "1"),
        ((x * -2) ** 0.5, "(-2·x)^0.5"),
        (x / (y / z), "x·z / y"),
        (ops.power(x, 2.0), "x²"),
        (ops.power(x, y), "x^y"),
        (ops.total([x, y, x]), "2·x + y"),
        (ops.dot([x, y], [2.0, 3.0]), "2·x + 3·y"),
        (ops.exp(x - x), "1"),
        (ops.step(abs(x)), "1"),
        (ops.maximum(ops.minimum(x, sys.float_info.max), -sys.float_info.max), "x"),
        (0.5 + 0.5 * ops.sign(x - y), "0.5 + sign(x - y) / 2"),
        (0.5 - 0.5 * ops.sign(x), "0.5 - sign(x) / 2"),
        (1 / (x - x + 0 * y + 1), "1"),
        (ops.tanh(x) * ops.tanh(x), "tanh²(x)"),
        (ops.sigmoid(x + y) * 2, "2·σ(x + y)"),
        (number(math.pi) * x, "π·x"),
        (x - 2 * (y - 1), "x - 2(y - 1)"),
        (1e-7 * x, "1·10⁻⁷·x"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_tidy(formula, text):
    assert formula.text == text


def test_what_is_written_is_not_tidied():
    assert written(ops.add, [x, written(ops.negate, [y])]).text == "x + (-y)"
    assert written(ops.multiply, [x, written(ops.negate, [y])]).text == "x·(-y)"
    assert written(ops.add, [written(ops.negate, [y]), number(0)]).text == "-y + 0"
    assert written(ops.multiply, [number(1), x]).text == "1·x"


def test_division_by_a_zero_that_is_written_stays_written():
    formula = x / number(0)
    with pytest.raises(DomainError):
        formula.evaluate({"x": 1.0})


coefficients = st.integers(-3, 3)
leaves = st.sampled_from(["x", "y", "z"]).map(symbol) | coefficients.map(number)
OPERATIONS = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: -a,
    lambda a, b: a * a,
    lambda a, b: ops.tanh(a),
    lambda a, b: ops.sigmoid(b),
    lambda a, b: a / (b * b + 2),
    lambda a, b: (a * a + 1) ** -1.5,
    lambda a, b: ops.total([a, b, a]),
]
trees = st.recursive(
    leaves.map(lambda f: (f, None, None)),
    lambda inner: st.tuples(st.sampled_from(range(len(OPERATIONS))), inner, inner),
    max_leaves=10,
)


def build(tree, leaf):
    if tree[1] is None:
        return leaf(tree[0])
    operation, left, right = tree
    return OPERATIONS[operation](build(left, leaf), build(right, leaf))


@given(trees, st.lists(st.floats(-2, 2), min_size=3, max_size=3))
def test_tidying_up_never_changes_the_value(tree, numbers):
    known = dict(zip("xyz", numbers, strict=True))
    formula = build(tree, lambda f: f)
    expected = build(tree, lambda f: np.float64(f.evaluate(known)))
    scale = max(1.0, abs(expected))
    if math.isfinite(expected) and scale < 1e9:
        # Sums that cancel are compared with a bound for their terms.
        assert formula.evaluate(known) == pytest.approx(float(expected), rel=1e-8, abs=1e-6)
    check_latex(formula.latex)
    ElementTree.fromstring(f"<math>{formula.mathml}</math>")


# --- what a Formula is ----------------------------------------------------------------------------------------


def test_equality():
    assert x * y == y * x
    assert x + y + z == z + (y + x)
    assert x - y != y - x
    assert x * y * z == z * (y * x)
    assert hash(x * y) == hash(y * x)
    assert x != "x"
    assert number(2.0) == number(2)


def test_a_formula_is_not_a_number():
    for use in (float, int, bool, math.cos, lambda f: f < 1, lambda f: f >= 1, lambda f: f > 1, lambda f: f <= 1):
        with pytest.raises(FormulaError, match=r"the formula x \+ y has no number yet"):
            use(x + y)


def test_evaluate():
    assert (x * y + 1).evaluate({"x": 2.0, "y": 3.0, "z": 9.0}) == 7.0
    with pytest.raises(KeyError):
        (x * y).evaluate({"x": 2.0})
    with pytest.raises(DomainError):
        ops.log(x).evaluate({"x": -1.0})


def test_what_a_notebook_shows():
    assert (x * x)._repr_latex_() == r"$\displaystyle x^{2}$"
    assert repr(x + 1) == "<Formula x + 1>"


def test_a_rule_that_cannot_run_on_symbols(own_operation):
    assert [f.text for f in local_formulas(own_operation, [x])] == ["∂unsymbolic/∂x"]


@pytest.fixture
def own_operation():
    yield Op("unsymbolic", lambda x: math.sin(x), lambda x, z: (math.cos(x),))
    del ops.ALL["unsymbolic"]


def test_wide_sums_are_not_written_out():
    many = [symbol(f"x{i}") for i in range(100)]
    assert written(ops.total, many).text.startswith("Σ(x0, x1")
    assert written(ops.inner_product, many).text.startswith("dot(x0, x1")
    assert len(local_formulas(ops.inner_product, many)) == 100


# --- notation -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "latex", "mathml"),
    [
        ("w", "w", "<mi>w</mi>"),
        ("w1", "w_1", "<msub><mi>w</mi><mn>1</mn></msub>"),
        ("w12", "w_{12}", "<msub><mi>w</mi><mn>12</mn></msub>"),
        ("y_pred", r"y_{\text{pred}}", "<msub><mi>y</mi><mtext>pred</mtext></msub>"),
        ("target", r"\text{target}", "<mtext>target</mtext>"),
        ("net_h1", r"\text{net}\_\text{h1}", "<mtext>net_h1</mtext>"),
        ("50%", r"\text{50}\%", "<mtext>50%</mtext>"),
        ("a<b", r"\text{a}<\text{b}", "<mtext>a&lt;b</mtext>"),
        ("\\", r"\backslash{}", "<mtext>\\</mtext>"),
        ("…", r"\cdots{}", "<mtext>…</mtext>"),
    ],
)
def test_names(label, latex, mathml):
    assert (symbol(label).latex, symbol(label).mathml) == (latex, mathml)
    assert symbol(label).text == label


def test_numbers():
    assert number(-0.5).mathml == "<mrow><mo>−</mo><mn>0.5</mn></mrow>"
    assert number(1.5e-7).latex == r"1.5 \cdot 10^{-7}"
    assert number(1.5e20).mathml == "<mrow><mn>1.5</mn><mo>·</mo><msup><mn>10</mn><mn>20</mn></msup></mrow>"
    assert "<mn>−7</mn>" in number(1.5e-7).mathml
    assert notation.number_in_latex(0.0214695353, 9) == "0.0214695353"
    assert number(math.log(2)).text == "ln(2)"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (r"{0} - {1}", "a + b - (a + b)"),
        (r"{0} \cdot {1}", "(a + b)(a + b)"),
        (r"\frac{{0}}{{1}}", "(a + b) / (a + b)"),
        (r"{0}^2", "(a + b)²"),
        (r"{0}^{{1}}", "(a + b)^(a + b)"),
        (r"2^{{0}}", "2^(a + b)"),
        (r"\sqrt{{0}}", "√(a + b)"),
        (r"\sqrt[3]{{0}}", "∛(a + b)"),
        (r"\sqrt[5]{{0}}", "√(a + b)"),
        (r"\left|{0}\right|", "|a + b|"),
        (r"\log_2({0})", "log₂(a + b)"),
        (r"\log_{10}({0})", "log₁₀(a + b)"),
        (r"[{0}]", "[a + b]"),
        (r"\operatorname{my\_op}({0}, {1})", "my_op(a + b, a + b)"),
        (r"f = {0}", "f=a + b"),
        (r"\alpha {0}", "alphaa + b"),
        (r"{5}", "5"),
    ],
)
def test_templates(template, text):
    tree = read_template(template, 2)
    a_plus_b = read_template("{0} + {1}", 2)
    inputs = [fill(a_plus_b, [Name("a"), Name("b")])] * 2
    filled = fill(tree, inputs)
    assert write_text(filled) == text
    check_latex(write_latex(filled))
    ElementTree.fromstring(f"<math>{write_mathml(filled)}</math>")
    # Even unfilled, it is well-formed.
    assert write_text(tree)
    assert write_latex(tree)
    ElementTree.fromstring(f"<math>{write_mathml(tree)}</math>")


def plugged(formula, **numbers):
    if formula.name:
        return number(numbers[formula.name])
    return (
        formula if formula.op is None else Formula(formula.op, tuple(plugged(f, **numbers) for f in formula.inputs))
    )


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (x * y, "−2·(−3)"),
        (x + y, "−2 + (−3)"),
        (x - y, "−2 - (−3)"),
        (x**2, "(−2)²"),
        (x / y, "(−2) / (−3)"),
        (-x, "-(−2)"),
        (ops.tanh(x), "tanh(−2)"),
        (ops.maximum(x, y), "max(−2, −3)"),
        (1 - x, "1 - (−2)"),
        (x * y * y, "−2·(−3)²"),
        (x - y * y, "−2 - (−3)²"),
        (1 + x * y, "1 + (−2·(−3))"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_negative_numbers_stand_in_parentheses_where_they_must(formula, text):
    assert plugged(formula, x=-2.0, y=-3.0).text == text


# --- labels in formulas -------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["a+b", "x1*w1 + x2*w2", "x²", "-a", "2x", "my w", "a, b", "p(q)", "x=1", "½"])
def test_a_label_that_is_no_word_stands_in_parentheses_where_it_is_a_part(label):
    f, x = symbol(label), symbol("x")
    assert f.text == label
    part = f"({label})"
    assert (f + x).text == f"{part} + x"
    assert (x - f).text == f"x - {part}"
    assert (f * x).text == f"{part}·x"
    assert (f * (x + 1)).text == f"{part}·(x + 1)"
    assert (f / x).text == f"{part} / x"
    assert (x / f).text == f"x / {part}"
    assert (f**2).text == f"{part}²"
    assert (-f).text == f"-{part}"
    assert ops.tanh(f).text == f"tanh({label})"
    assert ops.sqrt(f).text == f"√{part}"
    assert ops.maximum(f, x).text == (f"max({part}, x)" if "," in label else f"max({label}, x)")
    assert r"\left(\text{" in (f * x).latex
    assert "<mo>(</mo><mtext>" in (f * x).mathml


@pytest.mark.parametrize("label", ["w", "w_1", "ŷ", "θ₁", "layer0.w1", "x[0]", "h'", "名前", "a[v3]"])
def test_a_label_that_is_a_word_needs_no_parentheses(label):
    assert (symbol(label) * symbol("x") ** 2).text == f"{label}·x²"


@pytest.mark.parametrize(
    ("label", "op", "text"),
    [
        ("e", ops.exp, "e·exp(x)"),
        ("E", ops.exp, "E·e^x"),
        ("exp", ops.exp, "exp·e^x"),
        ("σ", ops.sigmoid, "σ·sigmoid(x)"),
        ("sigma", ops.sigmoid, "sigma·sigmoid(x)"),
        ("pi", ops.degrees, "pi·(180 / 3.14159265)·x"),
        ("π", ops.radians, "π·(3.14159265 / 180)·x"),
    ],
)
def test_what_a_learner_calls_e_is_not_eulers_number(label, op, text):
    assert (symbol(label) * op(symbol("x"))).text == text
    # A graph with that name somewhere has it in none of its formulas.
    known = symbol(label).near
    assert f"{label}·{op(symbol('x', known)).text}" == text
    [slope] = local_formulas(op, [symbol("x", known)])
    assert not re.search(rf"(?<!\w){label}(?!\w)", slope.text)


def test_constants_are_written_otherwise_too_where_a_name_has_their_letter():
    assert (symbol("e") + number(math.e)).text == "e + exp(1)"
    [slope] = local_formulas(ops.erf, [symbol("π")])
    assert slope.text == "(2 / √3.14159265)·e^(-π²)"
