"""What the JavaScript writer refuses.  tests/browser runs what it writes."""

import math

import pytest

from autograd import Op, Value
from autograd.engines.javascript import number, write_function
from autograd.errors import AutogradError
from autograd.program.graphs import record


def test_it_takes_plain_names_only():
    x = Value(1.0, "x")
    with pytest.raises(ValueError, match="a plain name like 'run'"):
        write_function(record([x * 2], [x]), name="run(){}alert")


def test_an_operation_that_javascript_does_not_know():
    opaque = Op("opaque_for_javascript", math.floor, lambda x, z: (0.0,), atom="floor_for_javascript")
    x = Value(1.5, "x")
    with pytest.raises(AutogradError, match="JavaScript has no function for 'floor_for_javascript'"):
        write_function(record([opaque(x)], [x]))


def test_numbers_and_labels():
    assert [number(x) for x in (math.nan, -math.inf, -0.0, 1e300)] == ["NaN", "(-Infinity)", "(-0)", "1e+300"]
    x = Value(1.0, "</script>")
    source = write_function(record([x.erf() + 1.5], [x]))
    assert "script" not in source
    assert source.startswith("function erf(x){")
