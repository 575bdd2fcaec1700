"""At every edge point a program of an operation and its derivatives gives what computing step by step gives."""

import math
from contextlib import nullcontext
from itertools import groupby
from typing import Any

import numpy as np
import pytest

from autograd import AutogradError, DomainError, Op, grad, hessian, ieee, jit, log
from autograd.accuracy.edges import edge_points, is_excused, operations

every_op = pytest.mark.parametrize("op", operations(), ids=lambda op: op.name)
inside_and_outside = pytest.mark.parametrize("mode", [ieee, nullcontext])

ENGINES = ["python", "numpy", "native"]


def everything(op: Op, *xs: Any) -> list[Any]:
    """The value, the slopes and the second derivatives."""
    slopes = grad(op, range(len(xs)))(*xs)
    return [op(*xs), *slopes, *[second for row in hessian(op)(*xs) for second in row]]


def agree(found: float, expected: float, order: int, is_inside: bool, scale: float | None = None) -> bool:
    """
    Args:
        scale: the size of the parts of a sum.  Where they cancel, what is left is the rounding of one of them.
    """
    if expected != expected:
        # A product with the constant 0 is left out of a program, also where the other factor is not finite.
        # A product that is added in the same step does not overflow for itself: ∞, and not ∞ − ∞.
        return found != found or (is_inside and order == 2) or (scale is not None and math.isinf(found))
    return found == expected or math.isclose(
        found, expected, rel_tol=1e-11, abs_tol=max(1e-320, (scale or 0.0) * 2**-50)
    )


@inside_and_outside
@every_op
def test_a_program_of_everything_gives_what_single_steps_give(op, mode):
    """Outside ieee() it raises an error where the value or a slope has one."""
    program = jit(lambda *xs: everything(op, *xs), engine="python")
    wrong = []
    with mode():
        for point in edge_points(op):
            if mode is nullcontext and not all(map(math.isfinite, point)):
                continue
            n = len(point)
            try:
                expected = everything(op, *point)
            except AutogradError:
                expected = []
            try:
                found = program(*point)
            except AutogradError as error:
                if expected:
                    wrong.append((point, expected, error))
                continue
            if not expected and not has_slopes(op, point):
                wrong.append((point, "an error", found))
            orders = [0] + [1] * n + [2] * n * n
            same = [agree(x, y, order, mode is ieee) for x, y, order in zip(found, expected, orders, strict=False)]
            if not all(same) and not is_excused(op, point, "programs"):
                wrong.append((point, expected, found))
    assert not wrong, "\n".join(map(str, wrong[:20])) + f"\n{len(wrong)} in all"


@every_op
@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_batch_of_edge_points_is_computed_as_each_of_them(op, engine):
    if engine == "native":
        pytest.importorskip("llvmlite", reason="machine code needs the extra fast")
    program = jit(lambda *xs: everything(op, *xs), engine=engine)
    wrong = []
    with ieee():
        for n, group in groupby(sorted(edge_points(op), key=len), key=len):
            points = list(group)
            columns = program(*[np.array(column) for column in zip(*points, strict=True)])
            orders = [0] + [1] * n + [2] * n * n
            for k, point in enumerate(points):
                found, expected = [column[k] for column in columns], everything(op, *point)
                parts = list(zip(found, expected, orders, strict=True))
                sizes = [
                    max([abs(y) for _, y, of in parts if of == order and math.isfinite(y)], default=0.0)
                    for order in range(3)
                ]
                # Only machine code multiplies and adds in one.
                same = [agree(x, y, of, True, sizes[of] if engine == "native" else None) for x, y, of in parts]
                if not all(same) and not is_excused(op, point, "programs"):
                    wrong.append((point, expected, found))
    assert not wrong, "\n".join(map(str, wrong[:20])) + f"\n{len(wrong)} in all"


def has_slopes(op: Op, point: tuple[float, ...]) -> bool:
    """True if only second derivatives have an error: a program may do without the step that has it."""
    try:
        grad(op, range(len(point)))(*point)
    except AutogradError:
        return False
    return True


@pytest.mark.parametrize("engine", ENGINES)
def test_a_program_computes_only_what_its_results_need(engine):
    """So a program of derivatives alone does not know that the value has an error: it goes on with the formula."""
    if engine == "native":
        pytest.importorskip("llvmlite", reason="machine code needs the extra fast")
    for function in (grad(log), lambda x: hessian(log)(x)[0][0]):
        with pytest.raises(DomainError):
            function(-1.0)
        assert jit(function, engine=engine)(-1.0) == -1.0
        with pytest.raises(DomainError, match=r"log\(x\) is not defined at x = -1.0"):
            jit(lambda x, f=function: [log(x), f(x)], engine=engine)(-1.0)
