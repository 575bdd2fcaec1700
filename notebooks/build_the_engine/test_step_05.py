"""Step 5, +=: shares add up."""

from my_engine import Value

from viz import check_engine


def test_step_05():
    result = check_engine(Value, step=5)
    assert result, f"\n\n{result}"
