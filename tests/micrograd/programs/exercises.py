"""What the exercises after Karpathy's lecture compute: three derivatives, and the softmax of four logits."""

from math import cos, sin

from lecture import Value


def f(a, b, c):
    return -(a**3) + sin(3 * b) - 1.0 / c + b**2.5 - a**0.5


def slopes(a, b, c):
    return [-3 * a**2 - 0.5 * a**-0.5, 3 * cos(3 * b) + 2.5 * b**1.5, 1 / c**2]


at_2_3_4 = f(2, 3, 4)
by_calculus = slopes(2, 3, 4)
h = 0.000001
one_sided = [
    (f(2 + h, 3, 4) - f(2, 3, 4)) / h,
    (f(2, 3 + h, 4) - f(2, 3, 4)) / h,
    (f(2, 3, 4 + h) - f(2, 3, 4)) / h,
]
symmetric = [
    (f(2 + h, 3, 4) - f(2 - h, 3, 4)) / (2 * h),
    (f(2, 3 + h, 4) - f(2, 3 - h, 4)) / (2 * h),
    (f(2, 3, 4 + h) - f(2, 3, 4 - h)) / (2 * h),
]


def sine(x):
    """An operation that the class lacks, made the lecture's way."""
    out = Value(sin(x.data), (x,), "sin")

    def _backward():
        x.grad += cos(x.data) * out.grad

    out._backward = _backward
    return out


a, b, c = Value(2.0, label="a"), Value(3.0, label="b"), Value(4.0, label="c")
y = -(a**3) + sine(3 * b) - 1.0 / c + b**2.5 - a**0.5
y.backward()
by_backward = [a.grad, b.grad, c.grad]


def softmax(logits):
    counts = [logit.exp() for logit in logits]
    denominator = sum(counts)
    return [count / denominator for count in counts]


logits = [Value(0.0), Value(3.0), Value(-2.0), Value(1.0)]
probs = softmax(logits)
loss = -probs[3].log()
loss.backward()
logit_gradients = [logit.grad for logit in logits]
