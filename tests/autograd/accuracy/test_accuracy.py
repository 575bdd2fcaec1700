"""Every operation keeps its bounds on every engine; and what measures them notices when one does not."""

import json
import math
import subprocess

import numpy as np
import pytest

from autograd import Op
from autograd.accuracy import allowances, runs
from autograd.accuracy.allowances import Allowance, allowance_for, is_allowed, is_kept
from autograd.accuracy.jets import AccuracyError
from autograd.accuracy.measure import measured, worst
from autograd.accuracy.points import line, points
from autograd.accuracy.sheets import SMALLEST_NORMAL, sheet, sheets
from autograd.accuracy.table import broken, plain, write_broken, write_table
from autograd.accuracy.truth import TRUTH

pytest.importorskip("mpmath", reason="the judge is an extra")


def figures_of(op, truth, order, engine="eager", group=None):
    page = sheet(op, TRUTH[truth], group or points(op.arity, thin=True))
    return worst(truth, order, engine, [page], [runs.run(engine, op, page.inputs)])


# what it is for


def test_every_operation_keeps_its_bounds():
    """Node by node and at some of the points; everything else takes a minute."""
    assert write_broken(measured(engines=["eager"], thin=True)) == ""


@pytest.mark.slow
def test_every_operation_keeps_its_bounds_on_every_engine():
    figures = measured()
    engines = {figure.engine for figure in figures}
    assert engines == set(filter(runs.is_here, runs.RUNS))
    assert write_broken(figures) == ""
    shown = write_table(figures)
    assert max(map(len, shown.splitlines())) <= 100
    # PyTorch and JAX are wrong where we are not.
    if "PyTorch" in engines:
        [tanh] = [f for f in figures if (f.operation, f.order, f.engine) == ("tanh", 1, "PyTorch")]
        assert tanh.ulps > 1e15
    # An exception that nobody needs is none; some are needed by one engine alone.
    if engines == set(runs.RUNS):
        used = {id(allowance_for(figure)) for figure in figures if not is_kept(figure)}
        assert [allowance for allowance in allowances.ALLOWANCES if id(allowance) not in used] == []


# what notices errors


@pytest.mark.parametrize("engine", ["eager", "forward", "python", "numpy"])
def test_a_wrong_operation_is_noticed(engine):
    """The tenth digit is wrong: of the value, of the slope, of the second derivative, each alone."""
    right = Op("right_cosh", math.cosh, lambda x, z: (sinh_like(x),), atom="right_cosh")
    off = 1 + 1e-10
    wrong_value = Op("wrong_value", lambda x: math.cosh(x) * off, lambda x, z: (sinh_like(x),), atom="wrong_value")
    wrong_slope = Op("wrong_slope", math.cosh, lambda x, z: (sinh_like(x) * off,), atom="wrong_slope")
    sinh_like = Op("sinh_like", math.sinh, lambda x, z: (right(x),), atom="sinh_like")
    wrong_curve = Op("wrong_curve", math.cosh, lambda x, z: (curved(x),), atom="wrong_curve")
    curved = Op("curved", math.sinh, lambda x, z: (right(x) * off,), atom="curved")
    assert all(is_kept(figures_of(right, "cosh", order, engine)) for order in (0, 1, 2))
    for order, op in enumerate([wrong_value, wrong_slope, wrong_curve]):
        found = figures_of(op, "cosh", order, engine)
        assert not is_kept(found)
        assert found.relative == pytest.approx(1e-10, rel=1e-3)
        others = [figures_of(op, "cosh", other, engine) for other in range(order)]
        assert all(map(is_kept, others))


def test_the_textbooks_tanh_is_noticed_where_it_cancels():
    """1 - z² is right in the middle, and nothing but rounding further out."""
    textbook = Op("textbook_tanh", math.tanh, lambda x, z: (1 - z * z,), atom="textbook_tanh")
    assert figures_of(textbook, "tanh", 1, group=[(x / 8,) for x in range(-8, 9)]).ulps < 4
    far = figures_of(textbook, "tanh", 1)
    assert far.ulps > 1e15
    assert abs(far.point[0]) > 19
    assert far.relative == 1


def test_a_zero_is_held_to_be_exact():
    almost = Op("almost_sign", lambda x: math.copysign(1.0, x), lambda x, z: (1e-300,), atom="almost_sign")
    assert figures_of(almost, "sign", 0).ulps == 0
    assert figures_of(almost, "sign", 1).ulps > 1e16
    assert not is_kept(figures_of(almost, "sign", 1))


def test_what_is_no_number_is_an_infinite_error():
    never = Op("never", lambda x: math.nan if x > 1 else math.exp(x), lambda x, z: (z,), atom="never")
    assert figures_of(never, "exp", 0).ulps == math.inf
    assert figures_of(never, "exp", 0, group=[(x / 4,) for x in range(-8, 4)]).ulps < 1


def test_an_error_is_counted_in_units_of_the_last_place():
    for by in (1, 3):
        op = Op(
            "steps_up",
            lambda x, by=by: np.nextafter(x, math.inf) if by == 1 else x + 3 * math.ulp(x),
            lambda x, z: (1.0,),
        )
        found = figures_of(op, "identity", 0, group=[(1.5,), (-0.75,), (1e300,), (SMALLEST_NORMAL * 4,)])
        assert found.ulps == by
        assert found.count == 4


def test_terms_that_cancel_are_the_measure_where_it_is_asked_for():
    """1 - 2σ is rounded at its size, 1, however small it is: many ulps of itself, less than one of its terms."""
    page = sheet(runs_of("sigmoid"), TRUTH["sigmoid"], [(1e-9,), (2e-3,), (30.0,)])
    found = page.truth.copy()
    found[2, 0] += 1e-17
    assert page.errors(found)[2, 0] > 1e8
    assert page.errors(found, "terms")[2, 0] < 1
    # Where nothing cancels, a hundred ulps are at least some roundings of the formula.
    found[2, 2] *= 1 + 1e-13
    assert 10 < page.errors(found, "terms")[2, 2] < page.errors(found)[2, 2] < 1000


def runs_of(name):
    from autograd.accuracy.sheets import operations

    return operations()[name]


def test_what_a_peer_has_no_function_for_has_no_figure():
    [page] = sheets("identity", thin=True)
    assert worst("identity", 0, "PyTorch", [page], [None]) is None
    nothing = sheet(page.op, TRUTH["log"], [(1e-320,)])
    assert worst("log", 1, "eager", [nothing], [page.truth[:, :1]]) is None


def test_the_pages_javascript_is_handed_to_node(monkeypatch):
    """What Node.js would be given, and what is made of its answer, also where it is not installed."""
    asked = []

    def answer(command, input, **settings):
        asked.append((command[:2], command[2]))
        rows = [[str(x * 2).replace("inf", "Infinity"), "NaN", "-Infinity"] for [x] in json.loads(input)]
        return subprocess.CompletedProcess(command, 0, json.dumps(rows))

    monkeypatch.setattr(subprocess, "run", answer)
    found = runs.in_node(runs_of("exp"), np.array([[1.5, -1e300, 1e308]]))
    assert found[0].tolist() == [3.0, -2e300, math.inf]
    assert np.isnan(found[1]).all()
    assert (found[2] == -math.inf).all()
    [(command, script)] = asked
    assert command == ["node", "-e"]
    assert "Math.exp(t0)" in script


def test_only_normal_floats_count():
    page = next(sheets("exp"))
    assert page.inputs.min() == -1e300
    counted = page.inputs[0][~np.isnan(page.ulp[0])]
    assert -708.4 < counted.min() < -700
    assert 705 < counted.max() < 709.8


def test_the_points_reach_the_tails_and_both_sides():
    for thin in (False, True):
        xs = line(thin)
        assert set(xs) == {-x for x in xs}
        assert {1e-300, 1e300, 1.0, 0.0, 1 + 1e-15} <= set(xs)
        assert len(points(2, thin)) > 100 < len(set(points(2, thin)))
    assert line() == line()
    assert len(line()) > 2 * len(line(thin=True))
    assert {len(point) for point in points(3)} == {3}


# bounds and exceptions


def figure_of(name, engine="eager"):
    [_, _, third] = measured([name], [engine], thin=True)
    return third


def test_an_exception_is_for_one_operation_order_and_engine(monkeypatch):
    import dataclasses

    figure = dataclasses.replace(figure_of("exp"), order=1, ulps=7.0, terms=0.5, inner=3.0, inner_terms=0.1)
    assert is_kept(dataclasses.replace(figure, ulps=4.0))
    assert not is_kept(figure)
    for allowance, expected in [
        (Allowance("exp", 1, 8, "why"), True),
        (Allowance("log exp", 1, 8, "why"), True),
        (Allowance("exp", 1, 6, "too little"), False),
        (Allowance("exp", 1, 1, "terms", against="terms"), True),
        (Allowance("exp", 1, 0.25, "too little", against="terms"), False),
        (Allowance("exp", 1, 3, "inside", inside=True), True),
        (Allowance("exp", 1, 2, "too little", inside=True), False),
        (Allowance("exp", 1, 0.125, "inside", against="terms", inside=True), True),
        (Allowance("exp", 2, 8, "another order"), False),
        (Allowance("log", 1, 8, "another one"), False),
        (Allowance("exp", 1, 8, "others", engines="native jax"), False),
        (Allowance("exp", 1, 8, "eager", engines="native eager"), True),
    ]:
        monkeypatch.setattr(allowances, "ALLOWANCES", [allowance])
        assert is_allowed(figure) is expected, allowance


# the table


def test_the_table_names_what_breaks_a_bound(monkeypatch):
    import dataclasses

    figures = measured(["exp", "hypot"], ["eager", "python", "numpy"], thin=True)
    assert broken(figures[:9]) == []
    shown = write_table(figures[:9])
    assert "!" not in shown.partition("\n\n")[0]
    figures[3] = dataclasses.replace(figures[3], ulps=17.5, point=(0.25,), found=1.0, truth=2.0)
    assert broken(figures[:9]) == [figures[3]]
    assert "! exp, order 1 (eager): 18 ulps at 0.25, 1.0 for 2.0" in write_table(figures)
    monkeypatch.setattr(allowances, "ALLOWANCES", [Allowance("exp", 1, 20, "because of something")])
    shown = write_table(figures)
    assert "* exp, order 1 (all): up to 20 ulps, 18 found: because of something" in shown
    assert "! exp" not in shown
    assert max(map(len, shown.splitlines())) <= 100
    assert allowance_for(figures[3]).reason == "because of something"


def test_one_engine_is_shown_at_length():
    shown = write_table(measured(["hypot"], ["eager"], thin=True))
    first, value, slope, curvature = shown.splitlines()[:4]
    assert first.split() == ["operation", "ulps", "relative", "at", "found", "truth"]
    assert value.startswith("hypot")
    assert " d1" in slope or " d2" in slope
    assert curvature.count(" d") == 2


def test_plain_data_is_json():
    import dataclasses

    figures = measured(["exp"], ["eager"], thin=True)
    figures[0] = dataclasses.replace(figures[0], ulps=math.inf, found=math.nan)
    data = json.loads(json.dumps(plain(figures), allow_nan=False))
    assert data[0]["ulps"] == "inf"
    assert data[0]["found"] == "nan"
    assert data[1]["engine"] == "eager"
    assert data[1]["by"] == [0]
    assert data[2]["order"] == 2


def test_engines_that_are_not_there(monkeypatch):
    with pytest.raises(AccuracyError, match="there is no engine 'fast' to be measured; there are eager, forward"):
        measured(["exp"], ["fast"])
    monkeypatch.setattr(runs, "find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    for engine, needed in {"native": "llvmlite", "PyTorch": "torch", "javascript": "node"}.items():
        assert not runs.is_here(engine)
        with pytest.raises(
            AccuracyError, match=f"'{engine}' cannot be measured, because {needed} is not installed"
        ):
            measured(["exp"], [engine])
