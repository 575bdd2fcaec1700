"""Step 4, upstream: pass_on(): each input's gradient is its slope times the gradient that arrived."""

from my_engine import Value

from viz import check_engine


def test_step_04():
    result = check_engine(Value, step=4)
    assert result, f"\n\n{result}"
