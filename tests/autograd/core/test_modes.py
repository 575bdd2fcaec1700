"""no_grad as a block and as a decorator, nested, after errors and beside other threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import autograd
from autograd import DomainError, Value, no_grad


def test_no_grad_makes_leaves():
    a = Value(2.0)
    with no_grad():
        results = [a * 3, a.tanh(), a**2, 3 - a, autograd.total([a, a]), autograd.softmax([a, a])[0]]
    assert [y.inputs for y in results] == [()] * 6
    assert [y.op for y in results] == [None] * 6
    assert (a * 3).inputs


def test_no_grad_as_a_decorator_and_nested():
    @no_grad()
    def double(x):
        return x * 2

    a = Value(2.0)
    assert double(a).inputs == ()
    assert (a * 2).inputs
    with no_grad():
        with no_grad():
            pass
        assert (a * 2).inputs == ()
        assert double(a).inputs == ()
        assert (a * 2).inputs == ()
    assert (a * 2).inputs


def test_no_grad_in_a_recursive_function():
    @no_grad()
    def power(x, n):
        return x * power(x, n - 1) if n > 1 else x * 1

    a = Value(2.0)
    assert power(a, 5).data == 32.0
    assert power(a, 5).inputs == ()
    assert (a * 2).inputs


def test_no_grad_ends_with_an_error():
    a = Value(-1.0)
    with pytest.raises(DomainError), no_grad():
        a.log()
    assert (a * 2).inputs


def test_no_grad_leaves_other_threads_alone():
    a = Value(2.0)
    with no_grad(), ThreadPoolExecutor(1) as pool:
        theirs = pool.submit(lambda: a * 3).result()
        ours = a * 3
    assert theirs.inputs
    assert ours.inputs == ()


def test_one_decorated_function_in_two_threads_at_once():
    """The one that entered first leaves first, while the other is still inside."""
    entered, may_leave = [threading.Event(), threading.Event()], [threading.Event(), threading.Event()]

    @no_grad()
    def evaluate(x, i):
        entered[i].set()
        assert may_leave[i].wait(timeout=10)
        return x * 2

    a = Value(2.0)
    with ThreadPoolExecutor(2) as pool:
        runs = []
        for i in range(2):
            runs.append(pool.submit(evaluate, a, i))
            assert entered[i].wait(timeout=10)
        for i in range(2):
            may_leave[i].set()
            assert runs[i].result(timeout=10).inputs == ()
    assert (a * 2).inputs
