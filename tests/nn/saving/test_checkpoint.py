"""Saving and loading: every bit comes back, a file is whole or not there, and a hostile file does nothing."""

import json
import os
import stat
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.saving import checkpoint

KEYS = ["w1", "w2", "b"]


def neuron(values=(0.1, -0.25, 3.0)):
    return nn.Neuron(2, weights=list(values[:2]), bias_value=values[2])


def written(tmp_path, content):
    path = tmp_path / "state.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def state_text(parameters='{"w1": 1.0, "w2": 2.0, "b": 3.0}', version="1", form='"glassgrad state"', more=""):
    return f'{{"format": {form}, "version": {version}, "parameters": {parameters}{more}}}'


def test_the_network_comes_first_and_then_the_path():
    with pytest.raises(TypeError, match=r"but got MLP.*; the network comes first, and then the path"):
        nn.load("state.json", nn.MLP(2, [1]))


def test_the_file_is_readable(tmp_path):
    nn.save(neuron(), tmp_path / "neuron.json")
    assert (tmp_path / "neuron.json").read_text(encoding="utf-8") == (
        '{\n  "format": "glassgrad state",\n  "version": 2,\n  "architecture": [\n    {\n      "layer": "neuron",\n'
        '      "inputs": 2,\n      "outputs": 1,\n      "activation": "sigmoid"\n    }\n  ],\n  "parameters": {\n'
        '    "w1": 0.1,\n    "w2": -0.25,\n    "b": 3.0\n  }\n}\n'
    )


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3))
def test_every_bit_of_every_float_comes_back(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("bits") / "state.json"
    nn.save(neuron(values), path)
    other = neuron()
    nn.load(other, path)
    assert [p.data.hex() for p in other.parameters()] == [x.hex() for x in values]


def test_the_hardest_floats_come_back(tmp_path):
    values = (-0.0, 5e-324, sys.float_info.max)
    nn.save(neuron(values), str(tmp_path / "state.json"))
    other = neuron()
    nn.load(other, str(tmp_path / "state.json"))
    assert [p.data.hex() for p in other.parameters()] == [x.hex() for x in values]


def test_a_trained_network_comes_back_with_its_gradients_and_predictions(tmp_path):
    net, other = nn.MLP(2, [4, 2], seed=1), nn.MLP(2, [4, 2], seed=2)
    nn.save(net, tmp_path / "net.json")
    nn.load(other, tmp_path / "net.json")
    assert [y.data for y in net([1.0, 2.0])] == [y.data for y in other([1.0, 2.0])]


def test_names_in_other_alphabets(tmp_path):
    line = nn.Module()
    line.θ = nn.Parameter(0.5)
    nn.save(line, tmp_path / "line.json")
    assert '"θ": 0.5' in (tmp_path / "line.json").read_text("utf-8")
    line.θ.data = 0.0
    nn.load(line, tmp_path / "line.json")
    assert line.θ.data == 0.5


def test_whole_numbers_and_a_byte_order_mark_are_welcome(tmp_path):
    net = neuron()
    nn.load(net, written(tmp_path, b"\xef\xbb\xbf" + state_text('{"b": 3, "w2": 2, "w1": 1}').encode()))
    assert net.state_dict() == {"w1": 1.0, "w2": 2.0, "b": 3.0}


# Whole or not at all


def test_saving_again_replaces_the_file_and_keeps_its_permissions(tmp_path):
    path = tmp_path / "state.json"
    nn.save(neuron(), path)
    path.chmod(0o640)
    nn.save(neuron((1.0, 2.0, 3.0)), path)
    assert json.loads(path.read_text(encoding="utf-8"))["parameters"]["w1"] == 1.0
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["state.json"]


def test_saving_through_a_link_keeps_the_link(tmp_path):
    nn.save(neuron(), tmp_path / "state.json")
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "state.json")
    nn.save(neuron((1.0, 2.0, 3.0)), link)
    assert link.is_symlink()
    assert '"w1": 1.0' in (tmp_path / "state.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("broken", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_when_writing_fails_the_old_file_is_still_there(tmp_path, monkeypatch, broken, error):
    path = tmp_path / "state.json"
    nn.save(neuron(), path)
    before = path.read_bytes()

    def fail(*args):
        raise error

    monkeypatch.setattr(checkpoint.os, broken, fail)
    expected = nn.CheckpointError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as caught:
        nn.save(neuron((1.0, 2.0, 3.0)), path)
    if isinstance(error, OSError):
        assert str(caught.value) == f"cannot write {str(path)!r}: No space left on device"
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["state.json"]


def test_a_place_that_cannot_be_written(tmp_path):
    for path in (tmp_path / "no such folder" / "state.json", tmp_path):
        with pytest.raises(nn.CheckpointError, match="cannot write"):
            nn.save(neuron(), path)
    assert os.listdir(tmp_path) == []


def test_numbers_that_are_not_finite_are_not_saved(tmp_path):
    net = neuron()
    net.bias.data = float("nan")
    net.weights[0].data = float("-inf")
    with pytest.raises(nn.CheckpointError, match="not all its numbers are finite: 'w1' is -inf, 'b' is nan"):
        nn.save(net, tmp_path / "state.json")
    assert os.listdir(tmp_path) == []


# Files that are not what they should be


def refused(path, message):
    net = neuron()
    with pytest.raises(nn.CheckpointError, match=message):
        nn.load(net, path)
    assert net.state_dict() == {"w1": 0.1, "w2": -0.25, "b": 3.0}


def test_every_truncation_of_a_file_is_refused(tmp_path):
    nn.save(neuron(), tmp_path / "whole.json")
    whole = (tmp_path / "whole.json").read_bytes()
    for length in range(len(whole) - 2):
        refused(written(tmp_path, whole[:length]), r"it is not complete JSON: .* at line \d+, column")


def test_every_damaged_byte_is_noticed(tmp_path):
    nn.save(neuron(), tmp_path / "whole.json")
    whole = (tmp_path / "whole.json").read_bytes()
    for place in range(len(whole)):
        path = written(tmp_path, whole[:place] + b"\xff" + whole[place + 1 :])
        refused(path, "it is not a text file")
        # What a layer is called is written for the reader; a part of another network has another name.
        in_title = 0 < place - whole.index(b'"neuron"') <= len("neuron")
        if whole[place : place + 1] != b"}" and not in_title:
            path = written(tmp_path, whole[:place] + b"}" + whole[place + 1 :])
            refused(path, "cannot load")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "it is not complete JSON"),
        ("not JSON", "it is not complete JSON: Expecting value at line 1, column 1"),
        ("[1, 2]", "it is not a file that nn.save has written"),
        ("{}", 'it is not a file that nn.save has written: "format" is not "glassgrad state"'),
        (state_text(form='"PyTorch"'), '"format" is not'),
        (state_text(form="[]"), '"format" is not'),
        (state_text(version="3"), "its version is 3, but this glassgrad reads versions 1 and 2"),
        (state_text(version="2"), '"architecture" has to be a list of layers, as nn.save writes it, but is None'),
        (state_text(version="2", more=', "architecture": {"layer": 1}'), "has to be a list of layers"),
        (state_text(version="2", more=', "architecture": [{"layer": "a", "inputs": 2}]'), "has to be a list of"),
        (state_text(version="2", more=', "architecture": [{"function": ["a"]}]'), "has to be a list of layers"),
        (state_text(more=', "architecture": []'), "it says something that no state says: 'architecture'"),
        (state_text(version="true"), "its version is True"),
        (state_text(version="1.0"), r"its version is 1\.0"),
        (state_text(version="null"), "its version is None"),
        (state_text(more=', "code": "import os"'), "it says something that no state says: 'code'"),
        ('{"format": "glassgrad state", "version": 1}', '"parameters" has to be a table of names and numbers'),
        (state_text("[1.0, 2.0, 3.0]"), '"parameters" has to be a table'),
        (state_text('{"w1": 1.0, "w2": 2.0}'), "missing: 'b'"),
        (state_text('{"w1": 1.0, "w2": 2.0, "b": 3.0, "w3": 4.0}'), "unknown: 'w3'"),
        (state_text('{"w1": 1.0, "w2": 2.0, "b": "3.0"}'), "not a number: 'b' is '3.0'"),
        (state_text('{"w1": 1.0, "w2": 2.0, "b": true}'), "not a number: 'b' is True"),
        (state_text('{"w1": 1.0, "w2": 2.0, "b": null}'), "not a number: 'b' is None"),
        (state_text('{"w1": 1.0, "w2": 2.0, "b": {"__class__": "os.system"}}'), "not a number: 'b' is {"),
        (state_text('{"w1": 1.0, "w2": 2.0, "b": 1e999}'), "not finite: 'b' is inf"),
        (state_text('{"w1": 1.0, "w2": 2.0, "b": ' + "9" * 400 + "}"), "not finite: 'b' is inf"),
        (state_text('{"w1": 1.0, "w2": 2.0, "b": ' + "9" * 5000 + "}"), "digits"),
        (state_text('{"w1": 1.0, "w2": 2.0, "b": NaN}'), "it contains NaN, but a parameter is a finite number"),
        (state_text('{"w1": 1.0, "w2": 2.0, "b": -Infinity}'), "it contains -Infinity"),
        (state_text('{"w1": 1.0, "w2": 2.0, "b": 3.0, "b": 4.0}'), "a name comes twice: 'b'"),
        (state_text(more=', "version": 1'), "a name comes twice: 'version'"),
        (state_text('{"w1": 1.0, "w2": 2.0, "b": 3.0, "\\u001b[2J": 1}'), r"unknown: '\\x1b\[2J'"),
    ],
)
def test_files_that_are_something_else(tmp_path, content, message):
    refused(written(tmp_path, content), message)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_file_that_is_nested_too_deeply(tmp_path, opening):
    refused(written(tmp_path, opening * 100_000), "it is nested far deeper than a state is")


def test_a_value_that_is_nested_about_as_deeply_as_python_can_follow(tmp_path):
    for depth in range(100, 1100, 50):
        bomb = "[" * depth + "]" * depth
        refused(written(tmp_path, state_text(f'{{"w1": 1.0, "w2": 2.0, "b": {bomb}}}')), "cannot load")


def test_a_file_that_is_far_too_large(tmp_path):
    refused(written(tmp_path, b" " * 2_000_000), r"it is larger than 1,\d\d\d,\d\d\d bytes")


def test_a_network_of_many_parameters_fits(tmp_path):
    net, other = nn.MLP(20, [50, 10], seed=1), nn.MLP(20, [50, 10], seed=2)
    nn.save(net, tmp_path / "net.json")
    nn.load(other, tmp_path / "net.json")
    assert net.state_dict() == other.state_dict()
    assert (tmp_path / "net.json").stat().st_size < checkpoint.size_limit(net) - 1_000_000


def test_many_repeated_names_are_refused_quickly(tmp_path):
    pairs = ", ".join(f'"{i}": 1' for i in range(60_000))
    refused(written(tmp_path, state_text(f'{{{pairs}, "59999": 1}}')), "a name comes twice: '59999'")


def test_what_is_not_a_file(tmp_path):
    refused(tmp_path / "missing.json", "cannot read .*missing.json': No such file")
    refused(tmp_path, "cannot load .*: it is not a file")
    if os.name == "posix":
        os.mkfifo(tmp_path / "pipe")
        refused(tmp_path / "pipe", "it is not a file")


def test_a_state_of_another_network(tmp_path):
    nn.save(nn.MLP(2, [2, 1], seed=1), tmp_path / "other.json")
    refused(tmp_path / "other.json", r"(?s)does not fit Neuron .*missing: 'w1'.*Nothing was changed")
