"""Step 3, local derivatives: for + and *, how much the result changes with each input."""

from my_engine import Value

from viz import check_engine


def test_step_03():
    result = check_engine(Value, step=3)
    assert result, f"\n\n{result}"
