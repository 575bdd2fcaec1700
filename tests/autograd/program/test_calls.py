"""Programs called with all that they take, drawn at random: the same numbers in the same form from every engine."""

import copy
import random

import numpy as np
import pytest

from autograd import Value, compile, dot, exp, tanh, total


def numbers_of(given):
    """All numbers that a function is given, alone and in lists."""
    return [x for each in given for x in (each if isinstance(each, list) else [each])]


def draw_argument(chance, count, samples):
    """A list of so many numbers, or a number alone if it is None; for many samples or for one."""
    shape = [*([] if count is None else [count]), *([] if samples is None else [samples])]
    array = np.array([chance.uniform(-1, 1) for _ in range(int(np.prod(shape)))]).reshape(shape)
    kind = chance.choice(["list", "tuple", "array", "every other", "float32", "int", "big-endian"])
    if array.ndim == 0:
        return {"float32": np.float32(array), "int": round(float(array) * 3)}.get(kind, float(array))
    if kind in ("list", "tuple"):
        return {"list": list, "tuple": tuple}[kind](array) if count is not None else array
    if kind == "every other":
        return np.repeat(array, 2, axis=-1)[..., ::2]
    return array if kind == "array" else (array * 3).astype({"big-endian": ">f8"}.get(kind, kind))


def form(found):
    """What something is: the same for two results that differ in their numbers only."""
    if isinstance(found, (list, tuple)):
        return [type(found), *map(form, found)]
    return (found.shape, found.dtype) if isinstance(found, np.ndarray) else type(found)


def assert_same(found, expected):
    assert form(found) == form(expected)
    for one, other in zip(leaves(found), leaves(expected), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


def leaves(found):
    return [leaf for part in found for leaf in leaves(part)] if isinstance(found, (list, tuple)) else [found]


@pytest.mark.parametrize("engine", ["native", "python", "numpy"])
@pytest.mark.parametrize("seed", range(20))
def test_every_call_is_that_of_the_steps_one_by_one(engine, seed):
    """In a row, because a call must not depend on those before, and what it gave must not change any more."""
    if engine == "native":
        pytest.importorskip("llvmlite", reason="machine code needs the extra fast: pip install 'glassgrad[fast]'")
    chance = random.Random(seed)
    counts = [chance.choice([None, None, 1, 2, 3, 9]) for _ in range(chance.choice([1, 2, 3]))]
    inputs = [Value(0.5) if count is None else [Value(0.5) for _ in range(count)] for count in counts]
    every = numbers_of(inputs)
    result = tanh(dot(every, every[::-1])) * every[0] + total([exp(x * every[0]) for x in every])
    argnums = chance.choice([None, 0, [len(counts) - 1]])
    program, steps = (compile(result, inputs, engine=name, argnums=argnums) for name in (engine, "eager"))
    kept = []
    for _ in range(12):
        size = chance.choice([0, 1, 2, 70])
        given = [draw_argument(chance, count, size if chance.random() < 0.3 else None) for count in counts]
        as_they_were = copy.deepcopy(given)
        for name in ("__call__", "value_and_grad"):
            found = getattr(program, name)(*given)
            assert_same(found, getattr(steps, name)(*given))
            kept.append((found, copy.deepcopy(found)))
        for one, other in zip(given, as_they_were, strict=True):
            np.testing.assert_array_equal(one, other)
        # Whoever has a result may write into it.
        for leaf in leaves(kept.pop(0)[0]):
            if isinstance(leaf, np.ndarray):
                leaf[...] = 77.0
    for found, as_it_was in kept:
        assert_same(found, as_it_was)


@pytest.mark.parametrize("engine", ["eager", "native", "python", "numpy"])
def test_a_masked_number_is_no_number(engine):
    if engine == "native":
        pytest.importorskip("llvmlite", reason="machine code needs the extra fast: pip install 'glassgrad[fast]'")
    w, b = [Value(1.0), Value(2.0)], Value(3.0)
    program = compile(dot(w, w) + b, [w, b], engine=engine)
    for given in (
        (np.ma.array([1.0, 2.0], mask=[0, 1]), 1.0),
        (np.array([1.0, 2.0]), np.ma.array([1.0, 2.0], mask=[0, 1])),
    ):
        with pytest.raises(TypeError, match=r"but got an array with masked numbers, of shape \(2,\)"):
            program(*given)
    assert program(np.ma.array([1.0, 2.0]), 1.0) == 6.0
