"""Modules: finding, naming, saving and restoring parameters; what a learner's own module can do."""

import copy
import importlib.util
import math
import pickle
import sys
import types
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import DataError, Value
from autograd.value import has_gradient


class Line(nn.Module):
    def __init__(self):
        self.slope = nn.Parameter(2.0)
        self.offset = nn.Parameter(1.0, "c")

    def forward(self, x):
        return self.slope * x + self.offset


class Everything(nn.Module):
    """Parameters and modules in every kind of attribute."""

    def __init__(self):
        self.scale = nn.Parameter(1.0)
        self.constant = Value(5.0, "not trained")
        self.text = "not a parameter"
        self.listed = [nn.Parameter(2.0), Line(), (nn.Parameter(3.0),)]
        self.named = {"first": nn.Parameter(4.0), 2: Line()}
        self.network = nn.MLP(1, [2, 1], seed=0)


def test_a_parameter_is_a_value_that_says_what_it_is():
    w = nn.Parameter(0.5, "w")
    assert isinstance(w, Value)
    assert repr(w) == "Parameter(data=0.5, grad=?, label='w')"
    assert type(w * 2) is Value
    with pytest.raises(DataError, match="one real number"):
        nn.Parameter("0.5")


def test_parameters_are_found_in_attributes_lists_tuples_dicts_and_modules():
    assert list(Everything().named_parameters()) == [
        "scale", "listed.0", "listed.1.slope", "listed.1.offset", "listed.2.0", "named.first", "named.2.slope",
        "named.2.offset", "network.h1.w1", "network.h1.b1", "network.h2.w2", "network.h2.b2", "network.o1.w3",
        "network.o1.w4", "network.o1.b3",
    ]  # fmt: skip


def test_parameters_without_a_label_get_the_name_of_their_attribute():
    thing = Everything()
    labels = [p.label for p in thing.parameters()]
    assert labels[:6] == ["scale", "listed.0", "slope", "c", "listed.2.0", "named.first"]


def test_a_shared_parameter_is_listed_once():
    first, second = Line(), Line()
    second.slope = first.slope
    pair = nn.Module()
    pair.lines = [first, second, first]
    assert list(pair.named_parameters()) == ["lines.0.slope", "lines.0.offset", "lines.1.offset"]
    assert len(pair.parameters()) == 3


def test_modules_and_lists_that_contain_themselves_do_no_harm():
    line = Line()
    line.myself = line
    loop = [line]
    loop.append(loop)
    line.loop = loop
    assert list(line.named_parameters()) == ["slope", "offset"]


def test_two_parameters_of_the_same_name_are_an_error():
    thing = nn.Module()
    thing.parts = {"a": {"b": nn.Parameter(1.0)}, "a.b": nn.Parameter(2.0)}
    with pytest.raises(nn.StateError, match=r"two different parameters are both named 'parts.a.b'"):
        thing.parameters()


def test_a_set_of_parameters_is_an_error_and_other_sets_are_not():
    thing = nn.Module()
    thing.tags = {"a", "b"}
    assert thing.parameters() == []
    with pytest.raises(nn.StateError, match="'weights' is a set, which has no order"):
        thing.weights = {nn.Parameter(1.0)}


def test_a_module_says_that_it_needs_a_forward():
    with pytest.raises(NotImplementedError, match=r"Module does not say what it computes; give it .* forward"):
        nn.Module()(1.0)


def test_a_learners_own_module_computes_and_is_differentiated():
    line = Line()
    y = line(3.0)
    y.backward()
    assert (y.data, line.slope.grad, line.offset.grad) == (7.0, 3.0, 1.0)


def test_zero_grad_forgets_gradients_so_that_they_are_unknown_again():
    line = Line()
    line(3.0).backward()
    assert all(has_gradient(p) for p in line.parameters())
    line.zero_grad()
    assert [p.grad for p in line.parameters()] == [0, 0]
    assert not any(has_gradient(p) for p in line.parameters())


def test_state_dict_holds_plain_floats():
    line = Line()
    line.slope.data = np.float64(0.1)
    state = line.state_dict()
    assert state == {"slope": 0.1, "offset": 1.0}
    assert [type(number) for number in state.values()] == [float, float]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=2))
def test_a_state_can_be_taken_and_put_back(numbers):
    line = Line()
    line.load_state_dict(dict(zip(["slope", "offset"], numbers, strict=True)))
    assert [p.data.hex() for p in line.parameters()] == [x.hex() for x in numbers]
    assert list(line.state_dict().values()) == numbers


def test_a_state_may_come_from_numpy_and_from_fractions():
    line = Line()
    line.load_state_dict({"slope": np.float32(0.5), "offset": Fraction(1, 4)})
    assert [(type(p.data), p.data) for p in line.parameters()] == [(float, 0.5), (float, 0.25)]


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"slope": 1.0}, "missing: 'offset'"),
        ({"slope": 1.0, "offset": 2.0, "ofset": 3.0}, r"unknown: 'ofset' \(did you mean 'offset'\?\)"),
        ({"slope": 1.0, "offset": 2.0, 7: 3.0}, "unknown: 7"),
        ({"slope": 1.0, "offset": 2.0, "x" * 1_000_000: 3.0}, r"unknown: 'x{56}\.\.\.\n"),
        ({"slope": "1.0", "offset": 2.0}, r"not a number: 'slope' is '1.0' \(str\)"),
        ({"slope": True, "offset": 2.0}, r"not a number: 'slope' is True \(bool\)"),
        ({"slope": [1.0], "offset": 2.0}, "not a number: 'slope' is"),
        ({"slope": 1j, "offset": 2.0}, "not a number: 'slope' is"),
        ({"slope": math.nan, "offset": 2.0}, "not finite: 'slope' is nan"),
        ({"slope": 1.0, "offset": -math.inf}, "not finite: 'offset' is -inf"),
        ({"slope": 10**400, "offset": 2.0}, "not finite: 'slope' is inf"),
        ([1.0, 2.0], "a state is a dict from names to numbers"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(state, message):
    line = Line()
    with pytest.raises(nn.StateError, match=message):
        line.load_state_dict(state)
    assert line.state_dict() == {"slope": 2.0, "offset": 1.0}


def test_the_message_lists_everything_that_is_wrong_and_stays_short():
    net = nn.MLP(3, [4, 1], seed=0)
    state = {f"h1.w{i}": 0.0 for i in range(1, 4)} | {"h1.b1": "zero", "typo": 0.0}
    with pytest.raises(nn.StateError) as caught:
        net.load_state_dict(state)
    lines = str(caught.value).splitlines()
    assert lines == [
        "this state does not fit MLP(3, [4, 1]) with 21 parameters:",
        "  missing: 'h2.w4', 'h2.w5', 'h2.w6', 'h2.b2', 'h3.w7' and 12 more",
        "  unknown: 'typo'",
        "  not a number: 'h1.b1' is 'zero' (str); for a number in a string, write float(...)",
        "  Nothing was changed.",
    ]


def test_the_summary_of_a_learners_own_module():
    assert Everything().summary().splitlines() == [
        "layer                   neurons  in → out  activation  parameters",
        "-----------------------------------------------------------------",
        "scale                                                           1",
        "listed.0                                                        1",
        "listed.1.slope                                                  1",
        "listed.1.offset                                                 1",
        "listed.2.0                                                      1",
        "named.first                                                     1",
        "named.2.slope                                                   1",
        "named.2.offset                                                  1",
        "network.hidden layer 1  h1, h2   1 → 2     tanh                 4",
        "network.output layer    o1       2 → 1     tanh                 3",
        "-----------------------------------------------------------------",
        "total: 15 parameters",
    ]


def test_the_summary_counts_a_shared_parameter_once():
    pair = nn.Module()
    pair.one, pair.two = Line(), Line()
    pair.two.slope = pair.one.slope
    pair.three = pair.one
    rows = [line.split() for line in pair.summary().splitlines()[2:-2]]
    assert rows == [
        ["one.slope", "1"], ["one.offset", "1"], ["two.slope", "0"], ["two.offset", "1"],
        ["three.slope", "0"], ["three.offset", "0"],
    ]  # fmt: skip
    assert pair.summary().endswith("total: 3 parameters")


def test_a_module_introduces_itself():
    assert repr(Line()) == "Line with 2 parameters"
    assert repr(nn.Module()) == "Module with 0 parameters"


def test_copies_and_pickles_have_parameters_of_their_own():
    net = nn.MLP(2, [3, 1], seed=1)
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert twin.state_dict() == net.state_dict()
        assert [p.label for p in twin.parameters()] == [p.label for p in net.parameters()]
        assert all(type(p) is nn.Parameter for p in twin.parameters())
        assert not {id(p) for p in twin.parameters()} & {id(p) for p in net.parameters()}
        assert twin([1.0, 2.0]).data == net([1.0, 2.0]).data


def test_errors_can_be_caught_by_their_python_kind():
    for error in (nn.NetworkError, nn.ShapeError, nn.StateError, nn.CheckpointError, nn.LossError):
        assert issubclass(error, ValueError)


def test_a_file_of_ones_own_named_autograd_is_explained(monkeypatch, tmp_path):
    (tmp_path / "autograd.py").write_text("", encoding="utf-8")
    other = types.ModuleType("autograd")
    other.__file__ = str(tmp_path / "autograd.py")
    monkeypatch.setitem(sys.modules, "autograd", other)
    file = Path(nn.__file__)
    spec = importlib.util.spec_from_file_location(
        "nn_beside_another_autograd", file, submodule_search_locations=[str(file.parent)]
    )
    assert spec is not None
    assert spec.loader is not None
    with pytest.raises(ImportError, match=r"(?s)A file of your own hides .*autograd\.py.*another name"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
