"""Functions with loops, written in LLVM's language, against NumPy."""

import numpy as np
import pytest

from autograd.engines.native.loops import Function
from autograd.engines.native.machine_code import compile_functions, handle, lanes, lanes_with

pytest.importorskip("llvmlite", reason="machine code needs the extra fast: pip install 'glassgrad[fast]'")


def matrix_product(width):
    """out[i, j] = sum over k of x[i, k]·y[k, j], with a vector of neighbours j at a time and the rest one by one."""
    function = Function(
        "product", {"out": "ptr", "x": "ptr", "y": "ptr", "rows": "i64", "inner": "i64", "columns": "i64"}
    )

    def row(i):
        x, out = function.at("%x", function.mul(i, "%inner")), function.at("%out", function.mul(i, "%columns"))

        def columns(each):
            def block(j):
                def add(k, total):
                    y = function.number(function.at("%y", function.mul(k, "%columns")), j, each)
                    return [function.multiply_add(each, function.spread(function.number(x, k), each), y, total)]

                zeros = "zeroinitializer" if each > 1 else "0.0"
                [total] = function.loop(0, "%inner", 1, add, [(kind(each), zeros)])
                function.store(kind(each), total, function.at(out, j))

            return block

        j, _ = function.repeat(0, "%columns", width, columns(width))
        function.repeat(j, "%columns", 1, columns(1))

    function.repeat(0, "%rows", 1, row)
    return function


def kind(width):
    return f"<{width} x double>" if width > 1 else "double"


@pytest.mark.parametrize("width", [2, 4, 8])
@pytest.mark.parametrize("columns", [1, 3, 8, 13])
@pytest.mark.parametrize("rows", [0, 1, 5])
def test_loops_inside_of_loops(width, columns, rows):
    rng = np.random.default_rng(columns)
    x, y, out = rng.normal(size=(rows, 7)), rng.normal(size=(7, columns)), np.full((rows, columns), np.nan)
    function = matrix_product(width)
    run = handle(compile_functions([function]), function)
    run(out.ctypes.data, x.ctypes.data, y.ctypes.data, rows, 7, columns)
    np.testing.assert_allclose(out, x @ y, rtol=1e-13, atol=1e-14)


def test_cases_calls_and_atoms():
    square = Function("square", {"x": "double"}, "double")
    square.give(square.atom("multiply", 1, "%x", "%x"))
    chosen = Function("chosen", {"out": "ptr", "which": "i64", "x": "double"})
    cases = [lambda: chosen.call(square, "%x"), lambda: chosen.atom("exp", 1, "%x")]
    chosen.switch(
        "%which", {i: lambda case=case: chosen.store("double", case(), "%out") for i, case in enumerate(cases)}
    )
    both = Function("both", {"out": "ptr", "x": "double"})
    for i in (0, 1):
        both.call(chosen, both.at("%out", i), i, "%x")
    code = compile_functions([square, chosen, both])
    out = np.full(3, np.nan)
    handle(code, both)(out.ctypes.data, 3.0)
    handle(code, chosen)(out.ctypes.data + 16, 2, 3.0)
    assert out[:2].tolist() == [9.0, pytest.approx(np.exp(3.0), rel=1e-15)]
    assert np.isnan(out[2]), "there is no case 2"


@pytest.mark.parametrize("width", [1, 2, 4, 8])
def test_the_sum_of_a_vector(width):
    function = Function("total", {"numbers": "ptr", "places": "ptr"}, "double")
    function.give(function.sum_of_lanes(width, function.number("%numbers", function.listed("%places", 1), width)))
    numbers, places = np.arange(20.0), np.array([0, 3], dtype=np.int32)
    run = handle(compile_functions([function]), function)
    assert run(numbers.ctypes.data, places.ctypes.data) == numbers[3 : 3 + width].sum()


def test_the_width_of_a_vector():
    assert lanes() in (2, 4, 8)
    assert lanes_with({"sse2": True, "avx": False}) == 2
