"""Step 10, fit: the loop: forward, gradients to 0, backward, move."""

from my_engine import MLP, Value, fit

from viz import check_engine


def test_step_10():
    result = check_engine(Value, step=10, MLP=MLP, fit=fit)
    assert result, f"\n\n{result}"
