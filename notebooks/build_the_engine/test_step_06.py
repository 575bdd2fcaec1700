"""Step 6, backward(): backward(): begin with 1, and call each rule once, in the right order."""

from my_engine import Value

from viz import check_engine


def test_step_06():
    result = check_engine(Value, step=6)
    assert result, f"\n\n{result}"
