"""What micrograd's test_engine.py computes, against PyTorch; its README is among the published examples."""

import math

import pytest

from autograd import Value

torch = pytest.importorskip("torch", reason="micrograd's tests compare with PyTorch")


def tensor(x):
    return torch.tensor([x], dtype=torch.float64, requires_grad=True)


def sanity(x):
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    return h + q + q * x


def more_operations(a, b):
    c = a + b
    d = a * b + b**3
    c = c + (c + 1)
    c = c + (1 + c + (-a))
    d = d + (d * 2 + (b + a).relu())
    d = d + (3 * d + (b - a).relu())
    f = (c - d) ** 2
    return f / 2.0 + 10.0 / f


@pytest.mark.parametrize(
    ("f", "numbers"),
    [
        (sanity, [-4.0]), (more_operations, [-4.0, 2.0]), (lambda a: a.relu(), [0.0]), (lambda a: a**-1, [-0.5]),
        (lambda a, b: a / b - b / a, [3.0, -7.0]), (lambda a: 2 - a, [5.0]), (lambda a, b: (a - b) * (a - b), [1.0, 1.0]),
        *[(lambda a: a.tanh(), [x]) for x in (-1.0, 0.123, 2.0)], *[(lambda a: a.exp(), [x]) for x in (-1.0, 0.123, 2.0)],
    ],
)  # fmt: skip
def test_forward_and_backward_are_pytorchs(f, numbers):
    ours, theirs = [Value(x) for x in numbers], [tensor(x) for x in numbers]
    y, expected = f(*ours), f(*theirs)
    y.backward()
    expected.backward()
    assert y.data == pytest.approx(expected.item(), rel=1e-14)
    assert [x.grad for x in ours] == pytest.approx([x.grad.item() for x in theirs], rel=1e-13)


def test_functions_of_the_class():
    assert Value.tanh(Value(0.5)).data == math.tanh(0.5)
    assert Value.exp(Value(0.5)).data == math.exp(0.5)
