"""Step 9, Neuron and MLP: an MLP of neurons with a sigmoid, and parameters()."""

from my_engine import MLP, Value

from viz import check_engine


def test_step_09():
    result = check_engine(Value, step=9, MLP=MLP)
    assert result, f"\n\n{result}"
