"""A number of hundreds of digits, or a text of thousands of characters, makes no message that long."""

from fractions import Fraction

import pytest

import nn
import viz
from autograd import Value, check_gradient, compile, grad, jvp, total, trace
from viz.pages.notebook_widget import Link, checked_numbers

a = Value(2.0, "a")
L = a * a
model = nn.MLP(1, [1], seed=1)
data = [([1.0], 1.0)]
LONG = {
    "400 digits": 10**400, "5000 digits": 10**5000, "negative": -(10**4000), "fraction": Fraction(10**400, 3),
    "text": "q\x1b" * 3000, "list": [10**400] * 3,
}  # fmt: skip
ASKED = {
    "Value": lambda x: Value(x),
    "+": lambda x: a + x,
    "**": lambda x: a**x,
    "total": lambda x: total([a, x]),
    "find": lambda x: trace(L).find(x),
    "program": lambda x: compile(L, [a], engine="python")(x),
    "grad": lambda x: grad(lambda t: t * t)(x),
    "argnums": lambda x: grad(lambda t: t * t, argnums=x)(1.0),
    "jvp": lambda x: jvp(lambda t: t * t, (1.0,), (x,)),
    "check_gradient": lambda x: check_gradient(lambda t: t * t, 1.0, order=x),
    "SGD": lambda x: nn.SGD(lr=x),
    "Adam": lambda x: nn.Adam(betas=x),
    "weights": lambda x: nn.Neuron(1, weights=[x]),
    "Dataset": lambda x: nn.data.Dataset([[x]], [1]),
    "targets": lambda x: nn.data.Dataset([[1]], [x]),
    "moons": lambda x: nn.data.moons(10, noise=x),
    "epochs": lambda x: nn.fit(model, data, epochs=-abs(x)),
    "optimizer": lambda x: nn.fit(model, data, epochs=1, optimizer=x),
    "engine": lambda x: nn.fit(model, data, epochs=1, engine=x),
    "a sample": lambda x: nn.fit(model, [([x], 1.0)], epochs=1),
    "load_state_dict": lambda x: model.load_state_dict(dict.fromkeys(model.state_dict(), x)),
    "model": lambda x: model([x]),
    "loss": lambda x: nn.mean_squared_error(a, x),
    "page": lambda x: viz.page(L, lr=x),
    "examples": lambda x: viz.page(L, examples=[{"a": x}]),
    "slider": lambda x: checked_numbers(Link(L, viz.page(L)), dict.fromkeys(Link(L, viz.page(L)).leaves, x)),
    "explain": lambda x: viz.explain(L, a, round_to=x),
    "worksheet": lambda x: viz.worksheet(L, digits=x),
    "museum": lambda x: viz.museum()[x],
}


@pytest.mark.parametrize("long", LONG.values(), ids=LONG)
@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_the_message_is_short_and_ours(ask, long):
    with pytest.raises((TypeError, ValueError, LookupError)) as caught:
        ask(long)
    said = str(caught.value)
    assert max(map(len, said.splitlines())) < 330
    assert "\x1b" not in said
    assert "set_int_max_str_digits" not in said


@pytest.mark.parametrize("long", LONG.values(), ids=LONG)
def test_an_answer_that_is_far_too_long_is_no_answer(long):
    verdict = viz.quiz(L).question.check(long)
    assert not verdict.right
    assert len(verdict.message) < 300


@pytest.mark.parametrize("wrong", [[10**400], ["text"]])
def test_a_loss_that_is_no_number_is_not_drawn(wrong):
    pytest.importorskip("matplotlib", reason="plots are drawn with matplotlib")
    with pytest.raises(TypeError, match="number"):
        viz.loss_curve(wrong)
