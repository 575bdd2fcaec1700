"""Every product and sum that is shown in steps is read from the text and computed anew."""

from __future__ import annotations

import pytest
from arithmetic import STEP, is_right, random_graph, value, wrong_chain, wrong_sentences

from autograd import Value, trace
from viz.formulas.worked_examples import EXAMPLES
from viz.stepping.narration import narrate
from viz.stepping.stepper import Stepper

GRAPHS = [*EXAMPLES, *range(50)]


def build(which: str | int) -> Value:
    return random_graph(which) if isinstance(which, int) else EXAMPLES[which].build()


@pytest.mark.parametrize("which", GRAPHS)
def test_the_arithmetic_of_every_step_checks(which: str | int) -> None:
    loss = build(which)
    stepper = Stepper(loss)
    stepper.jump(stepper.seed)
    steps = trace(loss)
    for step in steps.backward:
        stepper.forward()
        assert not wrong_sentences(narrate(steps, step))
        assert not wrong_chain(stepper.formulas[-1])
        assert not wrong_chain(str(step), STEP)


@pytest.mark.parametrize("which", GRAPHS)
def test_the_rows_of_the_table_check(which: str | int) -> None:
    lines = str(trace(build(which))).split("\n\n")[1].splitlines()
    begin, end = lines[0].index("from") + 4, lines[0].index("upstream") + len("upstream")
    for line in lines[1:]:
        upstream = line[begin:end].split()[-1]
        local, product, before, after = line.replace("≈ ", "≈").split()[-4:]
        for exact, result in (
            (value(upstream) * value(local), product),
            (value(before) + value(product.strip("≈")), after),
        ):
            assert is_right(exact, "≈" if "≈" in result else "=", result.strip("≈")), line


def test_a_wrong_line_is_found() -> None:
    wrong = "L passes its gradient on to w: upstream gradient dL/dL = 0.0005 times local derivative x = −2 is −0.0011. So"
    assert wrong_sentences(wrong)
    assert not wrong_sentences(wrong.replace("−0.0011", "−0.001"))
    assert not wrong_sentences(wrong.replace("−0.0011", "≈ −0.0011"))
    assert wrong_sentences(wrong.replace("−0.0011", "≈ −0.001"))
    assert wrong_chain("dL/dw = 0 + 0.3333 · 3 = 1")
    assert not wrong_chain("dL/dw = 0 + 0.3333 · 3 ≈ 1")
