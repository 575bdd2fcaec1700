"""micrograd's trace_graph.ipynb with another import."""

import os
import random
import re

import pytest

from autograd.core.numbers import write_gradient, write_number


@pytest.fixture
def found(changed_import, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))  # Hide a dot that may be installed here.
    return changed_import("trace_graph")


def test_a_simple_expression(found):
    assert found["y"].data == 3.0
    assert found["x"].grad == 2.0
    source = found["simple"].source
    tables = [re.findall(r">([^<>]+)<", table) for table in re.findall("<TABLE .*?</TABLE>", source)]
    for data, grad in ((1.0, 2.0), (2.0, 1.0), (3.0, 1.0)):
        assert [write_number(data), write_gradient(grad)] in tables
    assert "label=ReLU" in source
    assert "rankdir=LR" in source


def test_a_function_of_ones_own_over_prev_and_op(found):
    lines = found["own"].source.splitlines()
    assert sum("->" in line for line in lines) == 5 + 3
    assert sum("shape=record" in line for line in lines) == 6
    assert any("{ data 3.0000 | grad 1.0000 }" in line for line in lines)


def test_a_neuron(found):
    random.seed(1337)
    w1, w2 = random.uniform(-1, 1), random.uniform(-1, 1)
    assert [p.data for p in found["n"].parameters()] == [w1, w2, 0]
    assert found["z"].data == pytest.approx(max(0.0, w1 - 2 * w2))
    assert [p.grad for p in found["n"].parameters()] == [1.0, -2.0, 1.0]
    assert [x.grad for x in found["inputs"]] == [w1, w2]
    assert found["dot"].graph_attr["rankdir"] == "TB"


def test_it_is_written_as_graphviz_writes_it(found):
    assert found["written"] == "gout.svg"
    assert sorted(os.listdir()) == ["gout", "gout.svg"]
