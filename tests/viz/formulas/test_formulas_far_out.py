"""In a tail, at a tie or a kink the formula on show is the one whose number is used: it can be computed there too.

The readers are those of ``test_shown_formulas.py``; here they compute with the digits of a float and any exponent, so
that 1 - 1.0000000000000002 is as bad as with floats, but the square of 1e200 no trouble.
"""

import importlib.util
import itertools
import re
from pathlib import Path

import pytest

from autograd import Value, ops, trace
from autograd.errors import AutogradError
from viz.explaining.explanation import explain

mpmath = pytest.importorskip("mpmath", reason="a judge from outside is asked")


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


readers = load(Path(__file__).with_name("test_shown_formulas.py"))
mp = mpmath.MPContext()
mp.prec = 53
mp.log2, mp.cbrt = lambda x: mp.log(x, 2), lambda x: mp.sign(x) * mp.root(abs(x), 3)
FUNCTIONS = readers.functions_with(mp)

OURS = [op for op in ops.ALL.values() if op.is_built_in and not op.variadic]
FAR = [0, 1, -1, 0.5, -2.5, 3, -8, 8, 25, -40, 40, -50, 1e-9, 1 - 1e-9, 1e9, -1e-200, 1e160]
PAIRS = [(1, 1), (0, 0), (0, 2), (2, 0), (-3, -3), (1e200, 1e200), (3e-200, -4e-200), (2, 1e9), (-7, 2)]
MORE = [-2, 0, 1, 3, 6]


def points(op):
    """In the tails, at kinks, and for several inputs at ties as well."""
    if op.arity < 3:
        return [(x,) for x in FAR] if op.arity == 1 else PAIRS
    return itertools.product(MORE, repeat=op.arity)


def slopes_at(op, point):
    """A graph of this operation alone; None outside of its domain."""
    try:
        result = op(*[Value(x, f"x{i}") for i, x in enumerate(point)])
        result.label = "z"
        return trace(result) if trace(result).gradients else None
    except AutogradError:
        return None


def is_ordinary(point):
    """True where a square is a number, so that a formula can be typed as it stands."""
    return all(x == 0 or 1e-100 < abs(x) < 1e9 for x in point)


def has_no_formula(steps, step):
    """Slopes that are plain numbers, those of x ** y at its edge x = 0, and what squares a number that is too large."""
    formula = steps.formula(step, exact=True)
    try:
        formula.evaluate(readers.numbers_of(steps))
    except AutogradError:
        return True
    return formula.value is not None or (step.op == "power" and step.local == 0)


@pytest.mark.parametrize("op", OURS, ids=lambda op: op.name)
def test_the_formula_of_a_slope_gives_its_number(op):
    found = 0
    for point in points(op):
        steps = slopes_at(op, point)
        for step in steps.backward if steps else ():
            formula = steps.formula(step)
            assert step.formula == formula.text
            assert "∂" not in formula.text
            assert formula.value is None or has_no_formula(steps, step)
            if is_ordinary(point):
                typed = readers.as_typed(formula.text, readers.numbers_of(steps))
                assert typed == pytest.approx(step.local, rel=2e-5, abs=0), (point, formula.text)
            known = {name: mp.mpf(x) for name, x in readers.numbers_of(steps).items()}
            for text in (formula.text, *readers.typeset(formula)):
                shown = readers.as_python(text, known, FUNCTIONS)
                assert float(shown) == pytest.approx(step.local, rel=2e-5, abs=1e-307), (point, text)
            found += 1
        if steps and is_ordinary(point):
            numbers = dict(zip(["x0", "x1", "x2"], point, strict=False))
            assert readers.as_typed(steps.forward[0].formula, numbers) == pytest.approx(
                steps.forward[0].data, rel=2e-5
            )
    assert found > 3


@pytest.mark.parametrize("op", OURS, ids=lambda op: op.name)
def test_the_formula_of_an_explanation_gives_its_number(op):
    found = 0
    for point in list(points(op))[:: 1 if op.arity < 3 else 7]:
        leaves = [Value(x, f"x{i}") for i, x in enumerate(point)]
        if not slopes_at(op, point):
            continue
        loss = 3 * op(*leaves)
        for leaf in leaves:
            [factor] = explain(loss, leaf).data["factors"]
            if factor["formula"] and not re.search("['∂]", factor["formula"]):
                known = {name: mp.mpf(x) for name, x in factor["numbers"].items()}
                text, _ = readers.with_words(factor["formula"], {})
                shown = float(readers.as_python(text, known, FUNCTIONS))
                assert shown == pytest.approx(factor["value"], rel=2e-5, abs=1e-307), (point, text)
                found += 1
    assert found > 3
