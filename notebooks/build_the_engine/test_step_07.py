"""Step 7, zeroing: backward() twice gives the same as once."""

from my_engine import Value

from viz import check_engine


def test_step_07():
    result = check_engine(Value, step=7)
    assert result, f"\n\n{result}"
