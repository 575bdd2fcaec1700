"""Every formula on show can be computed as it stands: it is read, in every language, and gives what it claims.

There are three readers of our own here, which know nothing of how formulas are written.  A text is read by the parser
for what people type, and once more as a line of Python; LaTeX and MathML are turned into such a text first, by the
few rules of the tables below.  A label that is no word stands in parentheses, unless it is all of a formula or of a
function's input; it is replaced by a word before anything is read.
"""

import ast
import importlib.util
import math
import random
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

import pytest

from autograd import Value, topological_order, trace
from autograd.core.numbers import read_number, write_number
from autograd.symbols.formulas import symbol
from autograd.symbols.local_derivatives import written
from viz.explaining.explanation import explain
from viz.formulas.parser import parse
from viz.formulas.worked_examples import EXAMPLES


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


random_graphs = load(Path(__file__).parents[2] / "autograd" / "test_random_graphs.py")

# --- labels become words --------------------------------------------------------------------------------------


SMALL_SIGNS = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
WORD = re.compile(r"[^\W\d¹²³⁰-⁹¼-¾](?:[^\W¹²³⁰-⁹]|[.\u0300-\u036f])*(\[\w+\])?['_]*")


def with_words(text, numbers):
    """The text with a word for each label, and the numbers of these words; a name before ( is a function's."""
    words = {}
    for i, label in enumerate(sorted(numbers, key=len, reverse=True)):
        word, shown = f"name{i}_", re.escape(label)
        words[word] = numbers[label]
        if WORD.fullmatch(label):
            behind = rf"(?!(?![{SMALL_SIGNS}])[\w.\['(])(?![{SMALL_SIGNS}]+\()"
            text = re.sub(rf"(?<![\w.]){shown}{behind}", word, text)
        else:
            text = re.sub(rf"(?:(?<=^)|(?<=[(|⌊⌈])|(?<=, )){shown}(?=$|[)|⌋⌉,])", word, text)
    return text, words


# --- two readers of texts -------------------------------------------------------------------------------------


def functions_with(m):
    """What a formula may call, made with ``math``, or with other numbers than floats."""
    return {
        "ln": m.log, "log2": m.log2, "log10": m.log10, "log1p": m.log1p, "exp": m.exp, "sin": m.sin,
        "expm1": m.expm1, "cos": m.cos, "tan": m.tan, "arcsin": m.asin, "arccos": m.acos,
        "arctan": m.atan, "atan2": m.atan2, "sinh": m.sinh, "cosh": m.cosh, "tanh": m.tanh,
        "arsinh": m.asinh, "arcosh": m.acosh, "artanh": m.atanh, "erf": m.erf, "max": max, "min": min,
        "sqrt": m.sqrt, "cbrt": m.cbrt, "abs": abs, "step": lambda x: float(x > 0),
        "sign": lambda x: float((x > 0) - (x < 0)), "clip": lambda x, low, high: min(max(x, low), high),
        "σ": lambda x: 1 / (1 + m.exp(-x)), "sigmoid": lambda x: 1 / (1 + m.exp(-x)),
        "softplus": lambda x: m.log1p(m.exp(x)), "relu": lambda x: max(x, 0.0),
        "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
        "elu": lambda x, alpha: x if x > 0 else alpha * (m.exp(x) - 1),
        "silu": lambda x: x / (1 + m.exp(-x)), "softsign": lambda x: x / (1 + abs(x)),
        "gelu": lambda x: x / 2 * (1 + m.tanh(m.sqrt(2 / m.pi) * (x + 0.044715 * x**3))),
        "logsumexp": lambda *xs: m.log(sum(map(m.exp, xs))), "Σ": lambda *xs: m.fsum(xs),
        "floor": m.floor, "ceil": m.ceil, "round": lambda x: float(round(x)), "mod": lambda x, y: x % y,
        "where": lambda c, x, y: x if c else y, "erfc": m.erfc,
        "greater": lambda x, y: float(x > y), "relu6": lambda x: min(max(x, 0), 6),
        "hardtanh": lambda x, low, high: min(max(x, low), high),
        "celu": lambda x, alpha: x if x > 0 else alpha * m.expm1(x / alpha),
        "selu": lambda x: 1.0507009873554805 * (x if x > 0 else 1.6732632423543772 * m.expm1(x)),
        "mish": lambda x: x * m.tanh(m.log1p(m.exp(x))), "logsigmoid": lambda x: -m.log1p(m.exp(-x)),
        "dot": lambda *xs: m.fsum(a * b for a, b in zip(xs[: len(xs) // 2], xs[len(xs) // 2 :], strict=True)),
        **{f"softmax{i}": lambda *xs, i=i: m.exp(xs[i - 1]) / sum(map(m.exp, xs)) for i in range(1, 9)},
        **{f"log_softmax{i}": lambda *xs, i=i: xs[i - 1] - m.log(sum(map(m.exp, xs))) for i in range(1, 9)},
    }  # fmt: skip


FUNCTIONS = functions_with(math)
ARITHMETIC = {
    ast.Add: lambda x, y: x + y, ast.Sub: lambda x, y: x - y, ast.Mult: lambda x, y: x * y,
    ast.Div: lambda x, y: x / y, ast.Pow: lambda x, y: x**y, ast.USub: lambda x: -x,
}  # fmt: skip
SMALL = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉", "0123456789-0123456789")
RAISED = "⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+"


def in_python(text):
    """A line of Python: the signs · × ÷ − ^ √ |x| and small digits become its own, by search and replace.

    >>> in_python("2·x² − √(y)")
    '2*x**(2) - sqrt(y)'
    """
    text = re.sub(rf"(\d)·10({RAISED})", lambda m: f"{m[1]}e{m[2].translate(SMALL)}", text)
    text = re.sub("[⌊⌈]", lambda m: {"⌊": "floor(", "⌈": "ceil("}[m[0]], text).translate(str.maketrans("⌋⌉", "))"))
    while "|" in text:
        text, count = re.subn(r"(^|[-+−*/·×>(, ])\|([^|]*)\|", r"\1abs(\2)", text)
        assert count, text
    # tanh²(x) is (tanh(x))²: the exponent moves behind the parenthesis that belongs to it.
    while found := re.search(rf"(\w)({RAISED})\(", text):
        end = closing(text, found.end() - 1)
        text = text[: found.start(2)] + text[found.end(2) : end + 1] + found[2] + text[end + 1 :]
    text = re.sub(rf"{RAISED}", lambda m: f"**({m[0].translate(SMALL)})", text)
    for sign, name in {"√": "sqrt", "∛": "cbrt"}.items():
        text = re.sub(rf"{sign}([\w.]+)", rf"{name}(\1)", text).replace(sign, name)
    text = re.sub(r"\)\(|(?<![\w.])([\d.]+)\(", lambda m: f"{m[1] or ')'}*(", text)
    return text.translate(str.maketrans({"·": "*", "×": "*", "÷": "/", "−": "-", "^": "**"})).translate(SMALL)


def closing(text, opening):
    depth = 0
    for i in range(opening, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i
    raise AssertionError(text)


def computed(node, numbers, functions):
    match node:
        case ast.Constant(value):
            return float(value)
        case ast.Name(id):
            return numbers[id] if id in numbers else {"π": math.pi, "e": math.e}[id]
        case ast.BinOp(left, op, right):
            return ARITHMETIC[type(op)](computed(left, numbers, functions), computed(right, numbers, functions))
        case ast.Compare(left, [ast.Gt()], [right]):
            return float(computed(left, numbers, functions) > computed(right, numbers, functions))
        case ast.UnaryOp(op, operand):
            return ARITHMETIC[type(op)](computed(operand, numbers, functions))
        case ast.Call(ast.Name(id), inputs):
            return functions[id](*[computed(x, numbers, functions) for x in inputs])
    raise AssertionError(ast.dump(node))


def as_python(text, numbers, functions=FUNCTIONS):
    return computed(ast.parse(in_python(text), mode="eval").body, numbers, functions)


def as_typed(text, numbers):
    assert not re.search(r"[-−+·/^] ?[-−]", text), "a negative number behind a sign stands in parentheses"
    formula = parse(text)
    return formula.evaluate({name: x for name, x in numbers.items() if name in formula.names}).data


# --- LaTeX and MathML as texts --------------------------------------------------------------------------------

LATEX = {
    r"\left": "", r"\right": "", r"\cdot": "·", r"\sigma": "σ", r"\pi": "π", r"\sum": "Σ", r"\ln": "ln",
    r"\exp": "exp", r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉", r"\log": "log", r"\max": "max", r"\min": "min",
    **{f"\\{name}": name for name in ["sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"]},
}  # fmt: skip


class Latex:
    r"""Reads LaTeX and writes it as a text in which every part that is one thing stands in parentheses."""

    def __init__(self, latex):
        self.tokens = re.findall(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S", latex)

    def all(self):
        text = self.row()
        assert not self.tokens
        return text

    def row(self):
        text = ""
        while self.tokens and self.tokens[0] not in ("}", "]"):
            text += self.part()
        return text

    def group(self):
        assert self.tokens.pop(0) == "{"
        inside = self.row()
        assert self.tokens.pop(0) == "}"
        return inside

    def part(self):
        token = self.tokens.pop(0)
        if token == r"\frac":
            return f"(({self.group()})/({self.group()}))"
        if token == r"\sqrt":
            name = "sqrt"
            if self.tokens[0] == "[":
                assert self.tokens[:3] == ["[", "3", "]"]
                self.tokens, name = self.tokens[3:], "cbrt"
            return f"{name}({self.group()})"
        if token == r"\operatorname":
            return self.group()
        if token == "{":
            inside = self.row()
            return f"({inside}{self.tokens.pop(0)[1:]})"
        if token in ("^", "_"):
            inside = self.group() if self.tokens[0] == "{" else self.part()
            if token == "_":
                return inside
            return inside.translate(UP) if re.fullmatch(r"-?\d+", inside) else f"^({inside})"
        return LATEX.get(token, token.replace("\\", ""))


UP = str.maketrans("0123456789-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")


def mathml_as_text(element):
    inside = [mathml_as_text(child) for child in element]
    match element.tag:
        case "mfrac":
            return f"(({inside[0]})/({inside[1]}))"
        case "msqrt":
            return f"sqrt({''.join(inside)})"
        case "mroot":
            assert inside[1] == "3"
            return f"cbrt({inside[0]})"
        case "msup":
            is_whole = re.fullmatch(r"[-−]?\d+", inside[1])
            return inside[0] + (inside[1].translate(UP) if is_whole else f"^({inside[1]})")
        case "msub":
            return "".join(inside)
    return "".join(inside) or (element.text or "")


# --- what is checked ------------------------------------------------------------------------------------------


def check(formula, numbers, expected):
    """All readers find in all languages what the formula claims, but for constants that are written with six digits."""
    where = pytest.approx(expected, rel=2e-5, abs=1e-7)
    text, words = with_words(formula.text, numbers)
    assert as_typed(text, words) == where, (formula.text, text)
    assert as_python(text, words) == where, (formula.text, in_python(text))
    letters = {label: f"q{i}" for i, label in enumerate(numbers)}
    known = {letter: numbers[label] for label, letter in letters.items()}
    for text in typeset(formula.plugged_in({label: symbol(letter) for label, letter in letters.items()})):
        assert as_python(text, known) == where, (formula.text, text)


def typeset(formula):
    """Its LaTeX and its MathML, each as a text."""
    yield Latex(formula.latex).all()
    yield mathml_as_text(ElementTree.fromstring(f"<math>{formula.mathml}</math>"))


def numbers_of(steps):
    names = {steps.formula_of(node.id).name: node.data for node in steps.nodes}
    return {name: x for name, x in names.items() if name}


def is_shortened(formula):
    """Long lists have dots, and a rule that cannot be run on symbols has ∂op/∂x."""
    return "..." in formula.text or "∂" in formula.text


def check_steps(loss):
    steps = trace(loss)
    numbers = numbers_of(steps)
    for step in steps.forward:
        formula = written(steps.op_of(step.node), [steps.formula_of(id) for id in step.inputs])
        if not is_shortened(formula):
            assert step.formula == formula.text or "..." in step.formula
            check(formula, numbers, step.data)
    for step in steps.backward:
        if not is_shortened(formula := steps.formula(step)):
            assert step.formula == formula.text
            check(formula, numbers, step.local)
            check(steps.formula(step, exact=True), numbers, step.local)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_formula_of_every_step_gives_the_number_beside_it(name):
    check_steps(EXAMPLES[name].build())


HOSTILE = [
    "a+b", "x1*w1 + x2*w2", "x²", "-a", "2x", "my w", "a, b", "e", "pi", "π", "sigma", "σ", "exp", "log", "tanh",
    "lambda", "<b>", "50% off", "$x$", r"\frac{1}{2}", "名前", "ŷ", "", "w", "w", "v0", "x=1", "1/x", "|x|",
    "e^x", "σ(z)", "p·q", "h'", "a[0]", "w₁", "&amp;", "½", "L", "d",
]  # fmt: skip


def hostile_graph(seed, operations=6):
    """A few operations of the table on leaves, all with such labels; the numbers have few digits."""
    chance = random.Random(seed)
    table = list(random_graphs.OPERATIONS.values())
    labels = chance.sample(HOSTILE, 2 * operations)
    nodes = [Value(chance.randrange(-30, 30) / 10, labels.pop()) for _ in range(3)]
    for k in range(operations):
        # Each operation comes up in one of the graphs.
        arity, apply, _ = table[(seed * operations + k) % len(table)]
        node = apply(*[chance.choice(nodes) for _ in range(arity)])
        node.label = node.label or labels.pop()
        nodes.append(node)
    result = nodes[0] * nodes[-1]
    for node in nodes[1:]:
        result = result + node * chance.choice(nodes)
    return result


@pytest.mark.parametrize("block", range(6))
def test_formulas_can_be_computed_whatever_the_nodes_are_called(block):
    for seed in range(block, 60, 6):
        check_steps(hostile_graph(seed))


# --- the lines of an explanation ------------------------------------------------------------------------------

DERIVATIVE = re.compile(r"[d∂](?:\(.*?\)|[^\s/()]+)/[d∂](?:\(.*?\)|[^\s/()·]+)")


def rows_of(text):
    """The lines of equations, each one on one line."""
    lines = re.sub(r"\n +(?=[=≈+] )", " ", text).splitlines()
    return [line.strip() for line in lines if line.startswith("  ")]


def value_of(part, names):
    text, words = with_words(part, names)
    found = as_python(text, words)
    assert as_typed(text, words) == pytest.approx(found, rel=1e-12, abs=1e-14)
    return found


def parts_of(row):
    """The left side of a line, and what stands behind each = and ≈ of it; definitions within it are lines as well."""
    row, _, definition = row.partition("   (")[0].partition(", where ")
    left, *right = re.split(r" ([=≈]) ", row)
    found = [(left, list(zip(right[::2], right[1::2], strict=True)))]
    if definition:
        # "f(z), where z = its formula = its number = with numbers = number"
        z, *behind = re.split(r" ([=≈]) ", definition)
        behind = list(zip(behind[::2], behind[1::2], strict=True))
        found[0][1].extend(behind[2:])
        found.insert(0, (z, behind[:2]))
    return found


def check_explanation(found, names):
    """Every line has one number in all its parts, and ≈ where what is shown does not give it to the last digit."""
    known, in_symbols, checked = dict(names), [], 0
    for left, right in [part for row in rows_of(found.text) for part in parts_of(row)]:
        right = [(sign, part) for sign, part in right if "'" not in part and "…" not in part]
        if any(DERIVATIVE.search(part) for _, part in right):
            in_symbols += [part for _, part in right if DERIVATIVE.search(part)]
            continue
        if not right:
            continue  # "path 1 = ... · …"
        values = [value_of(part, known) for _, part in right]
        assert values == pytest.approx([values[-1]] * len(values), rel=3e-5, abs=3e-5), (left, right)
        known.setdefault(left, values[-1])
        checked += len(values)
        if len(right) > 1 and is_arithmetic(right[-2][1]):
            (_, formula), (sign, result) = right[-2:]
            exact = float(f"{value_of(formula, {}):.13g}")
            is_exact = read_number(write_number(exact, 6)) == read_number(result)
            assert sign == ("=" if is_exact else "≈"), (left, right)
    for part in in_symbols:
        # The chain rule: products of slopes, and their sum.
        numbers = re.sub(DERIVATIVE, lambda found: f"({known.get(found[0], math.nan)!r})", part)
        if not re.search("nan|…|the other paths", numbers):
            total = as_python(numbers.replace(" · ", "·"), {})
            assert total == pytest.approx(found.value, rel=3e-5, abs=3e-5), part
            checked += 1
    return checked


def is_arithmetic(text):
    return not re.search(r"[^\W\d¹²³⁰-⁹]", re.sub(r"[^\W\d]\w*(?=\()", "", text))


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_line_of_an_explanation_can_be_computed(name):
    loss = EXAMPLES[name].build()
    leaves = [node for node in topological_order(loss) if node.label and not node.op]
    names = {node.label: node.data for node in topological_order(loss) if node.label}
    for leaf in leaves[:6]:
        assert check_explanation(explain(loss, leaf), names) > 2


@pytest.mark.parametrize("seed", range(60))
def test_every_line_can_be_computed_whatever_the_nodes_are_called(seed):
    loss = hostile_graph(seed, operations=4)
    nodes = topological_order(loss)
    by_label = Counter(node.label for node in nodes)
    for leaf in [node for node in nodes if not node.op and by_label[node.label] == 1 and node.label][:2]:
        found = explain(loss, leaf)
        # An equals sign in a label would be taken for one of the line; names with ids are those of several nodes.
        if found.factors and "x=1" not in by_label:
            names = {name: found._chain.number(place) for name, place in found._chain.place_of.items()}
            check_explanation(found, names)
