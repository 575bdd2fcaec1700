"""Step 8, **, / and functions: __pow__, __truediv__, __rtruediv__, exp, tanh, relu."""

from my_engine import Value

from viz import check_engine


def test_step_08():
    result = check_engine(Value, step=8)
    assert result, f"\n\n{result}"
