"""Step 1, data, inputs and +: a class with data and inputs, and __add__ that gives a new value."""

from my_engine import Value

from viz import check_engine


def test_step_01():
    result = check_engine(Value, step=1)
    assert result, f"\n\n{result}"
