"""Step 2, * and −: __mul__, __sub__, __neg__ and their mirrors for a number on the left."""

from my_engine import Value

from viz import check_engine


def test_step_02():
    result = check_engine(Value, step=2)
    assert result, f"\n\n{result}"
