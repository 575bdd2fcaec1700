"""Graphs that threads share, and processes that are forked while other threads are at work."""

import contextlib
import functools
import importlib
import os
import pkgutil
import signal
import subprocess
import sys
import threading
import time
import warnings
from random import Random

import pytest

import autograd
import nn
from autograd import Value, compile, jit, trace
from autograd.core.threads import cached_property


@pytest.fixture(autouse=True)
def quick_changes():
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(*jobs):
    """Run each job in a thread of its own, all begun at the same time."""
    barrier, errors = threading.Barrier(len(jobs)), []

    def run(job):
        barrier.wait()
        try:
            job()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def deep(seed, leaves, length=1500):
    chance = Random(seed)
    v = leaves[0]
    for _ in range(length):
        v = (v * chance.choice(leaves) + chance.choice(leaves)).tanh()
    return v


def leaves_of(seed):
    chance = Random(seed)
    return [Value(chance.uniform(-1, 1)) for _ in range(8)]


def the_same(v):
    return [v] * 6


def two_losses(v):
    return [v * 2, v * 3]


def separate(v):
    leaves = [x for x in autograd.topological_order(v) if not x.inputs]
    return [deep(seed, leaves) for seed in range(5)]


@pytest.mark.parametrize("losses_of", [the_same, two_losses, separate])
@pytest.mark.parametrize("seed", range(3))
def test_gradients_of_a_shared_graph_are_those_of_one_thread(losses_of, seed):
    xs = leaves_of(seed)
    for loss in losses_of(deep(seed, xs)):
        loss.backward()
    wanted = [x.grad for x in xs]
    xs = leaves_of(seed)
    at_once(*[loss.backward for loss in losses_of(deep(seed, xs))])
    # The sums are the same but for their order.
    assert [x.grad for x in xs] == pytest.approx(wanted, rel=1e-9)


def test_backward_trace_and_a_program_share_a_graph():
    xs = leaves_of(5)
    v = deep(5, xs, length=1000)
    v.backward()
    wanted = [x.grad for x in xs]
    expected = v.data
    results = []

    def follow():
        steps = trace(v)
        results.append([steps.gradients[steps.find(x)] for x in xs])

    def run():
        program = compile(v, xs, engine="python")
        assert program(*[x.data for x in xs]) == pytest.approx(expected, rel=1e-12)

    at_once(v.backward, follow, run, v.backward)
    assert [x.grad for x in xs] == pytest.approx([3 * g for g in wanted], rel=1e-9)
    assert results[0] == pytest.approx(wanted, rel=1e-9)


def test_one_trace_is_read_by_several_threads():
    xs = leaves_of(7)
    v = deep(7, xs, length=300)
    wanted = trace(v).gradients
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(3):
            steps, found = trace(v), []
            at_once(
                *[lambda steps=steps, found=found: found.append((len(list(steps.backward)), steps.gradients))] * 5
            )
            assert found == [(len(steps.backward), wanted)] * 5
    finally:
        sys.setswitchinterval(interval)


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="only processes of Unix can be forked")


def exit_code_of_a_child(job, seconds=20):
    """What a forked process ends with: 0 if the job is done, 1 if it raised, "hangs" if it takes too long."""
    with warnings.catch_warnings():
        # Python 3.12, and JAX where it is loaded, warn of exactly what is tried here.
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            job()
            code = 0
        os._exit(code)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "hangs"


A_FORK_WHILE_RECORDING = """
import faulthandler, os, sys, threading, time
import nn
from autograd import Value, jit

sys.setswitchinterval(1e-6)
asleep = threading.Event()

def slow(x):
    asleep.set()
    time.sleep(0.3)
    return x * x

thread = threading.Thread(target=lambda: jit(slow)(2.0))
thread.start()
asleep.wait()
child = os.fork()
if child == 0:
    # Whoever hangs says where.
    faulthandler.dump_traceback_later(20, exit=True)
    w = Value(3.0)
    assert w.data == 3.0
    assert type(vars(Value)["data"]).__name__ == "member_descriptor"
    assert jit(lambda x: x * w)(2.0) == 6.0
    model = nn.MLP(2, [3, 1], seed=0)
    nn.fit(model, nn.data.moons(10), epochs=2, loss=lambda p, t: (p - t) ** 2)
    os._exit(0)
thread.join()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@needs_fork
def test_a_fork_while_another_thread_records_leaves_the_child_free():
    # In a process of its own: a tool that measures coverage takes a lock at each call, and a fork may find it closed.
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", A_FORK_WHILE_RECORDING],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


@needs_fork
@pytest.mark.parametrize("lock", ["recording", "backpropagating", "compiling", "counting"])
def test_a_fork_waits_for_whoever_holds_a_lock(lock):
    held = getattr(autograd.core.threads, lock)
    taken = threading.Event()
    done = []

    def hold():
        with held:
            taken.set()
            time.sleep(0.2)
            done.append(True)

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait()

    def job():
        assert done
        assert held.acquire(timeout=1)

    assert exit_code_of_a_child(job) == 0
    thread.join()
    # In the parent it is open again.
    at_once(lambda: held.acquire() and held.release())


@pytest.mark.parametrize("package", [autograd, nn])
def test_no_property_has_a_lock_that_a_fork_does_not_know_of(package):
    found = 0
    for room in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        module = importlib.import_module(room.name)
        for kind in [x for x in vars(module).values() if isinstance(x, type)]:
            assert not any(isinstance(x, functools.cached_property) for x in vars(kind).values()), (module, kind)
            found += sum(isinstance(x, cached_property) for x in vars(kind).values())
    assert found


def test_a_cached_property_is_computed_once_and_is_itself_in_the_class():
    class Square:
        calls = 0

        @cached_property
        def area(self):
            """The area."""
            self.calls += 1
            return 4.0

    square = Square()
    assert (square.area, square.area, square.calls) == (4.0, 4.0, 1)
    assert Square.area.__doc__ == "The area."


@needs_fork
def test_a_fork_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr(autograd.core.threads, "PATIENCE", 0.05)
    taken, go_on = threading.Event(), threading.Event()

    def hold():
        with autograd.core.threads.counting:
            taken.set()
            go_on.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait()
    assert exit_code_of_a_child(lambda: None) == 0
    go_on.set()
    thread.join()


@needs_fork
def test_whoever_forks_while_recording_goes_on_in_both_processes():
    codes = []

    def function(x):
        codes.append(exit_code_of_a_child(lambda: jit(lambda y: y * 2)(3.0)))
        return x * x

    assert jit(function)(2.0) == 4.0
    assert codes == [0]
