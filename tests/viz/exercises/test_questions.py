"""The quiz: what people type, a teacher's tolerance, and every mistake recognised from the number it gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import DataError, GradientError, Value, ieee, maximum, relu, topological_order, trace
from autograd.core import numbers
from autograd.steps import TraceError
from viz.exercises.answers import read_number
from viz.exercises.cases import Case, Graph
from viz.exercises.diagnosis import agrees, cut, wrong_answers
from viz.exercises.mistakes import MISTAKES
from viz.exercises.questions import Question, Quiz, QuizError, quiz


def named(value: Value, label: str) -> Value:
    value.label = label
    return value


def ask(loss: Value, node: Value | str, **options: object) -> Question:
    question = quiz(loss, nodes=[node], **options).question
    assert question is not None
    return question


def alice() -> Value:
    """Example 4: Alice's loss, all weights 1, all biases 0."""
    model = nn.MLP(2, [2, 1], activation="sigmoid")
    for parameter in model.parameters():
        parameter.data = 1.0 if parameter.label.startswith("w") else 0.0
    return named((1 - model([-2.0, -1.0])) ** 2, "L")


# --- what people type -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.25", 0.25), ("1/4", 0.25), ("-.5", -0.5), ("1e-3", 0.001), ("  2 ", 2.0), ("+3", 3.0), ("−2", -2.0), ("= 4", 4.0),
        ("dL/dw = -2*3", -6.0), ("2·3", 6.0), ("2×3", 6.0), ("½", 0.5), ("-2^2", -4.0), ("2*(1-0.5)", 1.0), ("0,25", 0.25), (",5", 0.5),
        ("-1,75", -1.75), ("exp(0)", 1.0), ("sigmoid(0)", 0.5), ("5.", 5.0), (7, 7.0), (0.125, 0.125), (np.float64(2.5), 2.5),
    ],
)  # fmt: skip
def test_a_number_is_read_as_it_is_meant(text: str | float, number: float) -> None:
    assert read_number(text).number == number


@given(st.floats(-1e300, 1e300), st.integers(1, 9))
def test_a_number_can_be_typed_back_as_it_is_shown(x: float, digits: int) -> None:
    shown = numbers.write_number(x, digits)
    assert read_number(shown).number == float(numbers.read_number(shown))


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "?", "a half", "abc", "1.2.3", "1 2", "0.5; 3", "__import__('os')", "1/0", "inf", "nan", "9**9**9**9", "1e999", "(" * 999,
        "2**", "x", "1,000", "1,234,567", "1,5,7", "٣٫", "\x00", "0x10", None, True, 1j, [1.0], float("nan"), "9" * 20_000, "log(-1)", "1e308*10",
    ],
)  # fmt: skip
def test_what_is_no_number_gets_a_friendly_note_and_no_penalty(text: object) -> None:
    q = quiz(Value(3.0, "a") * 2)
    verdict = q.answer(text)  # type: ignore[arg-type]
    assert not verdict.right
    assert not verdict.counts
    assert verdict.number is None
    assert len(verdict.message) < 300
    assert "\x00" not in verdict.message
    assert q.score.tries == q.tries == 0


def test_a_decimal_comma_is_explained_and_a_thousand_is_asked_back() -> None:
    question = ask(Value(0.5, "a") * Value(0.25, "b"), "a")
    assert "I read 0,25 as 0.25" in question.check("0,25").message
    assert question.check("0,25").right
    assert "two ways" in question.check("1,000").message


def test_an_answer_may_use_the_names_of_the_graph() -> None:
    w, x = Value(3.0, "w"), Value(2.0, "x")
    question = ask(named((w * x) ** 2, "L"), "w")
    assert question.check("2*(w*x)*x").right
    assert not question.check("y").counts


# --- a teacher's tolerance --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["0.0214695353", "0.0215", "0.02147", "2.147e-2", "0.021469"])
def test_three_significant_digits_are_right(text: str) -> None:
    verdict = ask(alice(), "w1").check(text)
    assert verdict.right
    assert verdict.diagnosis == ""
    assert verdict.message == "Right: dL/dw1 is 0.0214695."


def test_two_significant_digits_are_right_with_a_note() -> None:
    verdict = ask(alice(), "w1").check("0.021")
    assert verdict.right
    assert verdict.message.startswith("Right to two digits: dL/dw1 is 0.0214695.")


def test_a_third_digit_that_is_off_is_right_to_two() -> None:
    w, x = Value(1.23, "w"), Value(2.0, "x")
    verdict = ask(w * x * 1.07, x).check("1.31")
    assert (verdict.right, verdict.diagnosis) == (True, "")
    assert verdict.message.startswith("Right to two digits: ")


def test_two_right_digits_of_many_do_when_they_come_from_rounding_and_not_from_anywhere():
    """12.36 is no 12, however a second digit is rounded; 12.1 may be, by somebody who cut on the way."""
    a = Value(2.0, "a")
    question = quiz(a**3 + 0 * a, nodes=[a]).questions[0]
    assert question.expected == 12
    assert [question.check(text).right for text in ("12.36", "11.6", "12.1", "12")] == [False, False, True, True]
    assert "12" not in question.check("12.36").message


def test_what_is_infinite_is_no_answer() -> None:
    with ieee():
        assert read_number("1/0").note.startswith("'1/0' has no finite value.")
    assert cut("digits", 3)(float("inf")) == float("inf")


def test_the_published_product_of_rounded_factors_is_right_with_a_note() -> None:
    verdict = ask(alice(), "w1").check("0.0214")
    assert verdict.right
    assert verdict.diagnosis == "rounded"
    assert "rounded numbers" in verdict.message


def test_one_digit_is_asked_for_more_and_no_try() -> None:
    verdict = ask(alice(), "w1").check("0.02")
    assert not verdict.right
    assert not verdict.counts
    assert "three significant digits" in verdict.message


@pytest.mark.parametrize("text", ["0.0205", "0.0225", "2.15", "-0.0215", "0"])
def test_further_off_is_wrong(text: str) -> None:
    assert not ask(alice(), "w1").check(text).right


@pytest.mark.parametrize(
    ("text", "right"), [("0", True), ("0.0", True), ("1e-15", True), ("0.01", False), ("1e-4", False)]
)
def test_zero_must_be_zero(text: str, right: bool) -> None:
    assert ask(relu(Value(-1.0, "z")) * 3, "z").check(text).right is right


def test_a_zero_that_floats_miss_by_a_hair_counts_as_zero() -> None:
    x = Value(1.0, "x")
    question = ask(x * 0.1 + x * 0.2 - x * 0.3, x)
    assert question.expected != 0
    assert question.check("0").right


@given(st.floats(1e-12, 1e12), st.sampled_from([1, -1]))
def test_the_tolerance_is_half_a_unit_of_the_third_digit(size: float, sign: int) -> None:
    exact = sign * size
    assert agrees(float(f"{exact:.2e}"), exact, 3)
    assert agrees(float(f"{exact:.1e}"), exact, 2)
    assert not agrees(exact * 1.06, exact, 3)
    assert not agrees(exact * 1.06, exact, 2)
    assert not agrees(-exact, exact, 2)


# --- every mistake is recognised --------------------------------------------------------------------------


def sigmoid(z: float) -> float:
    return float(1 / (1 + np.exp(-z)))


def case_forgot_use() -> tuple[Question, float]:
    a = Value(3.0, "a")  # Karpathy's lecture: b = a + a has gradient 2
    return ask(a + a, a), 1.0


def case_forgot_use_of_three() -> tuple[Question, float]:
    a, b = Value(3.0, "a"), Value(5.0, "b")
    return ask(a * b + a * a, a), 5.0 + 3.0


def case_gave_total() -> tuple[Question, float]:
    a = Value(3.0, "a")
    return quiz(a * a, ask="contributions").questions[1], 6.0


def case_pre_activation() -> tuple[Question, float]:
    z = Value(0.3775, "z")  # Mazur's first hidden neuron
    return ask(z.sigmoid(), z), 0.3775 * (1 - 0.3775)


def case_pre_activation_of_tanh() -> tuple[Question, float]:
    n = Value(0.8813735870195432, "n")  # Karpathy's neuron
    return ask(3 * n.tanh(), n), 3 * (1 - 0.8813735870195432**2)


def case_applied_twice() -> tuple[Question, float]:
    z = Value(0.3775, "z")
    twice = sigmoid(sigmoid(0.3775))
    return ask(z.sigmoid() * 7, z), 7 * twice * (1 - twice)


def case_forgot_factor() -> tuple[Question, float]:
    error = Value(0.35, "error")
    return ask(error**2, error), 0.35


def case_forgot_half() -> tuple[Question, float]:
    square = Value(0.1225, "square")
    return ask(0.5 * square, square), 1.0


def case_forgot_exponent_of_three() -> tuple[Question, float]:
    x = Value(5.0, "x")
    return ask(x**3, x), 25.0


def case_sign() -> tuple[Question, float]:
    output = Value(0.75, "output")
    return ask((0.4 - output) * 5, output), 5.0


def case_sign_of_one_part() -> tuple[Question, float]:
    x = Value(2.0, "x")
    return ask(5 * x - 3 * x, x), 5.0 + 3.0


def case_swapped() -> tuple[Question, float]:
    x, y = Value(4.0, "x"), Value(-3.0, "y")  # CS231n: x·y
    return ask(x * y * 2, x), 8.0


def case_swapped_in_a_dot_product() -> tuple[Question, float]:
    w = [Value(0.5, "w1"), Value(0.7, "w2")]
    x = [Value(3.0, "x1"), Value(11.0, "x2")]
    from autograd import dot

    return ask(dot(w, x) * 1.7, w[0]), 1.7 * 11.0


def case_only_local() -> tuple[Question, float]:
    w, x = Value(4.0, "w"), Value(7.0, "x")
    return ask(w * x * 2.5, w), 7.0


def case_only_upstream() -> tuple[Question, float]:
    w, x = Value(4.0, "w"), Value(7.0, "x")
    return ask(w * x * 2.5, w), 2.5


def case_gave_data() -> tuple[Question, float]:
    w, x = Value(4.5, "w"), Value(7.0, "x")
    return ask(w * x * 2.5, w), 4.5


def case_data_as_upstream() -> tuple[Question, float]:
    w, x = Value(4.5, "w"), Value(7.0, "x")
    return ask(w * x * 2.5, w), 7.0 * (4.5 * 7.0)


def case_incomplete_upstream() -> tuple[Question, float]:
    a, b = Value(1.5, "a"), Value(11.0, "b")
    c = a * b
    return ask(c * 5 + c * 7, a), 7.0 * 11.0


def case_updated_weights() -> tuple[Question, float]:
    w, h = Value(0.4, "w"), Value(0.593269992, "h")
    loss = (w * h - 1.0) ** 2
    error = 0.4 * 0.593269992 - 1.0
    moved = 0.4 - 0.5 * (2 * error * 0.593269992)
    return ask(loss, h, lr=0.5), 2 * error * moved


def case_reversed() -> tuple[Question, float]:
    x, y = Value(3.0, "x"), Value(7.0, "y")
    return ask(x / y * 5, x), 5 * (-7.0 / 3.0**2)


def case_added() -> tuple[Question, float]:
    w, x = Value(4.5, "w"), Value(7.0, "x")
    return ask(w * x * 2.5, w), 2.5 + 7.0


def case_divided() -> tuple[Question, float]:
    w, x = Value(4.5, "w"), Value(7.0, "x")
    return ask(w * x * 2.5, w), 2.5 / 7.0


def case_factor_two() -> tuple[Question, float]:
    w, x = Value(4.5, "w"), Value(7.0, "x")
    return ask(w * x * 2.5, w), 2 * 17.5


def case_decimal_point() -> tuple[Question, float]:
    w, x = Value(4.5, "w"), Value(7.0, "x")
    return ask(w * x * 2.5, w), 1.75


def case_rounded() -> tuple[Question, float]:
    # 0.449 · 0.149 rounded to one decimal each
    w, x = Value(4.0, "w"), Value(0.149, "x")
    return ask(w * x * 0.449, w), 0.4 * 0.1


def case_stopped() -> tuple[Question, float]:
    return ask(alice(), "w1"), -0.2376175596  # dL/dh1, which dL/db3 is as well


def case_stopped_of_several_uses() -> tuple[Question, float]:
    x = Value(3.0, "x")
    z = named(5 * (7 * x + x**2), "z")
    return ask(z**2, x), 2 * 5 * (7 * 3 + 9)


def case_elsewhere() -> tuple[Question, float]:
    return ask(alice(), "w1"), 0.0107347676  # w2's, and half of w1's


def case_pre_activation_in_a_chain() -> tuple[Question, float]:
    w, x = Value(0.9, "w"), Value(0.7, "x")
    z = 0.9 * 0.7
    return ask(named((w * x).sigmoid(), "h") * 5, w), 5 * z * (1 - z) * 0.7


def case_applied_twice_in_a_chain() -> tuple[Question, float]:
    w, x = Value(0.9, "w"), Value(0.7, "x")
    twice = sigmoid(sigmoid(0.9 * 0.7))
    return ask(named((w * x).sigmoid(), "h") * 5, w), 5 * twice * (1 - twice) * 0.7


def case_left_out() -> tuple[Question, float]:
    # Without o1's σ′, as dL/do1 · dh1/dw1.
    return ask(alice(), "w1"), -0.9526096518 * -0.0903533195


def case_left_out_of_the_loss() -> tuple[Question, float]:
    return ask(alice(), "w1"), 0.2494385387 * -0.0903533195  # do1/dw1


def case_left_out_of_one_use() -> tuple[Question, float]:
    x, y = Value(3.0, "x"), Value(5.0, "y")
    return ask(7 * (2 * (x * y)) + 11 * x, x), 7 * 5 + 11.0


def case_forgot_factor_in_a_chain() -> tuple[Question, float]:
    w, x = Value(4.0, "w"), Value(5.0, "x")
    return ask(named(w * x, "z") ** 3, w), 20.0**2 * 5


def case_updated_weights_in_a_chain() -> tuple[Question, float]:
    # dL/dw1 with the new w5 in the place of the old one.
    moved = 1.0 + 1.0 * 0.0112692202
    return ask(alice(), "w1", lr=1.0), 0.0214695353 * moved


CASES = [value for name, value in list(globals().items()) if name.startswith("case_")]


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_a_mistake_is_recognised(make: object) -> None:
    question, wrong = make()  # type: ignore[operator]
    name = make.__name__.removeprefix("case_")  # type: ignore[attr-defined]
    expected = {"forgot_half": "forgot_factor", "forgot_exponent_of_three": "forgot_factor"}.get(
        name, name.partition("_of_")[0].partition("_in_")[0]
    )
    verdict = question.check(repr(wrong))
    assert verdict.diagnosis == expected
    assert not verdict.right
    assert verdict.counts
    assert verdict.message.startswith("Not yet. ")


def test_every_family_of_mistakes_has_its_case() -> None:
    recognised = {make()[0].check(repr(make()[1])).diagnosis for make in CASES}
    assert recognised == {mistake.name for mistake in MISTAKES}


def test_the_likeliest_of_several_mistakes_is_named() -> None:
    # a·a at 3: forgetting a use gives 3, which is also the number of a itself.
    a = Value(3.0, "a")
    assert ask(a * a, a).check("3").diagnosis == "forgot_use"
    # x - y: a lost minus, the other input's derivative and the upstream gradient alone are all 1.
    y = Value(2.0, "y")
    assert ask(Value(5.0, "x") - y, y).check("1").diagnosis == "sign"


def test_a_walk_that_stopped_is_told_where_it_goes_on() -> None:
    assert ask(alice(), "w1").check("-0.2376").message == (
        "Not yet. That is dL/dh1: the walk has come to h1, and is not at its end. Each step from there on multiplies by "
        "a local derivative; the next is that of h1 = σ(w1·x1 + w2·x2 + b1)."
    )
    # The upstream gradient itself is no walk that stopped earlier.
    assert ask(alice(), "w5").check("-0.2376").diagnosis in ("swapped", "only_upstream")


def test_of_twins_the_neighbour_is_named() -> None:
    assert "the gradient of w2." in ask(alice(), "w1").check("0.0107").message
    assert "the gradient of w4." in ask(alice(), "w3").check("0.0107").message
    assert "the gradient of w1." in ask(alice(), "w2").check("0.0215").message


def test_in_a_chain_the_step_that_went_wrong_is_named() -> None:
    question = ask(alice(), "w1")
    left_out = question.check(repr(-0.9526096518 * -0.0903533195)).message
    assert "From o1 to w5·h1 + w6·h2 + b3 the chain has a factor too" in left_out
    assert "What arrives at o1 from above, dL/do1, belongs" in question.check("-0.02254").message
    assert "What arrives at h1 from above, dL/dh1, belongs" in question.check("-0.0904").message
    # σ'(z) at o1's input 0.0949 in the place of its output.
    z = 2 * 0.0474258732
    wrong = question.check(repr(-0.9526096518 * z * (1 - z) * -0.0903533195))
    assert wrong.diagnosis == "pre_activation"
    assert "The derivative of o1 = σ(w5·h1 + w6·h2 + b3) is written with the output" in wrong.message


def test_a_mistake_with_two_digits_is_recognised_too() -> None:
    z = Value(0.3775, "z")
    assert ask(z.sigmoid() * 10, z).check("2.3").diagnosis == "pre_activation"


def test_a_number_that_no_mistake_gives_gets_general_advice() -> None:
    verdict = ask(alice(), "w1").check("0.777")
    assert verdict.diagnosis == ""
    assert (
        verdict.message == "Not yet. It is the upstream gradient dL/d(w1·x1) times the local derivative of w1·x1."
    )
    assert "sign" in ask(alice(), "w1").check("-0.777").message
    a = Value(3.0, "a")
    assert "add these up" in ask(a * a, a).check("123").message


@st.composite
def graphs(draw: st.DrawFn) -> Value:
    """Small graphs of sums, products, squares and activations with shared nodes."""
    numbers = st.floats(-3, 3).filter(lambda x: abs(x) > 0.05)
    nodes = [Value(draw(numbers), name) for name in "abc"]
    for i in range(draw(st.integers(1, 6))):
        x, y = (nodes[draw(st.integers(0, len(nodes) - 1))] for _ in range(2))
        made = draw(st.sampled_from([x + y, x * y, x - y, x.tanh(), x.sigmoid(), x**2, maximum(x, y), 0.5 * x]))
        nodes.append(named(made, f"n{i}"))
    return nodes[-1]


@given(graphs())
def test_on_any_graph_the_right_answer_is_right_and_no_hint_gives_it_away(loss: Value) -> None:
    for question in quiz(loss).questions + quiz(loss, ask="contributions").questions:
        assert question.check(question.expected).right
        assert question.check(f"{question.expected:.2e}").right
        for mistake in wrong_answers(question.case):
            assert not agrees(mistake.value, question.expected, 6)
            assert repr(question.expected) not in mistake.hint or len(repr(question.expected)) < 5


@given(graphs())
def test_gradients_asked_for_are_those_of_backward(loss: Value) -> None:
    q = quiz(loss)
    before = [node.grad for node in topological_order(loss)]
    expected = {question.node: question.expected for question in q.questions}
    assert [node.grad for node in topological_order(loss)] == before
    loss.backward()
    assert expected == {f"v{i}": node.grad for i, node in enumerate(topological_order(loss)) if f"v{i}" in expected}
    assert [question.position for question in q.questions] == sorted(question.position for question in q.questions)


# --- which questions, in which order ----------------------------------------------------------------------


def test_questions_come_in_the_order_of_the_backward_pass() -> None:
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    L = named(named(named(a * b, "e") + c, "d") * Value(-2.0, "f"), "L")
    q = quiz(L)
    assert [question.text for question in q.questions] == [f"What is dL/d{name}?" for name in "dfecab"]
    assert [question.expected for question in q.questions] == [
        -2.0,
        4.0,
        -2.0,
        -2.0,
        6.0,
        -4.0,
    ]  # the lecture's numbers
    assert [q.trace.steps[question.position].input for question in q.questions] == [
        question.node for question in q.questions
    ]


def test_contributions_are_asked_one_by_one() -> None:
    a = Value(3.0, "a")
    L = named(a * a, "L")
    q = quiz(L, ask="contributions")
    assert [question.name for question in q.questions] == [
        "the contribution of L to dL/da as its input 1", "the contribution of L to dL/da as its input 2",
    ]  # fmt: skip
    assert [question.expected for question in q.questions] == [3.0, 3.0]
    assert [question.hidden for question in q.questions] == ["", ""]


def test_the_seed_chooses_and_the_order_stays() -> None:
    chosen = [question.node for question in quiz(alice(), seed=1, questions=5).questions]
    assert chosen == [question.node for question in quiz(alice(), seed=1, questions=5).questions]
    everything = [question.node for question in quiz(alice()).questions]
    assert [node for node in everything if node in chosen] == chosen
    assert len({tuple(q.node for q in quiz(alice(), seed=s, questions=5).questions) for s in range(5)}) > 1
    assert len(quiz(alice(), seed=1, questions=500).questions) == len(everything)


def test_one_node_may_be_named_alone() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert [question.node for question in quiz(a * b, nodes="b").questions] == ["v1"]


def test_plain_numbers_are_not_asked_about_unless_chosen() -> None:
    L = Value(3.0, "x") * 2
    assert [question.node for question in quiz(L).questions] == ["v0"]
    assert quiz(L, nodes=["v1"]).question.expected == 3.0  # type: ignore[union-attr]


def test_a_question_tells_what_is_known_and_a_hint_the_formula() -> None:
    question = ask(alice(), "h1")
    assert str(question) == (
        "What is dL/dh1?\n  h1 is used in w5·h1\n  known: dL/d(w5·h1) = −0.237618, w5 = 1, h1 = 0.0474259, w5·h1 = 0.0474259"
    )
    assert question.hint == "Multiply dL/d(w5·h1) by the local derivative ∂(w5·h1)/∂h1 = w5."
    assert question.hidden == question.node
    a = Value(3.0, "a")
    assert ask(a * a + a, a).hint.startswith("Add up 3 products. Multiply ")


def test_of_a_wide_operation_only_what_is_needed_is_listed() -> None:
    from autograd import dot

    ws = [Value(float(i), f"w{i}") for i in range(1, 21)]
    xs = [Value(i / 10, f"x{i}") for i in range(1, 21)]
    question = ask(named(dot(ws, xs), "z") ** 2, "w7")
    assert [fact.name for fact in question.facts][1:] == ["x7"]


# --- the quiz as a whole ----------------------------------------------------------------------------------


def product() -> Quiz:
    w, x = Value(3.0, "w"), Value(2.0, "x")
    return quiz(named(w * x, "L"))


def test_a_whole_quiz_is_scored() -> None:
    q = product()
    assert "Question 1 of 2" in repr(q)
    assert 'q.answer("' in repr(q)
    first = q.answer("2")
    assert first.right
    assert first.then.startswith("Question 2 of 2: What is dL/dx?")
    assert repr(first) == f"{first.message}\n\n{first.then}"
    assert not q.answer("what?").counts
    for _ in range(2):
        assert q.answer("2").diagnosis == "swapped"
        assert not q.may_reveal
    with pytest.raises(QuizError, match="once more"):
        q.reveal()
    assert "q.reveal()" in q.answer("5").then
    assert q.may_reveal
    assert q.score.open == 1
    assert q.reveal() == (
        "L passes its gradient on to x: upstream gradient dL/dL = 1 times local derivative w = 3 is 3. So dL/dx = 3."
    )
    assert q.done
    assert q.question is None
    assert str(q.score) == "1 of 2 questions right, 1 at the first try, 1 revealed"
    assert q.score.mistakes == {"swapped": 2, "added": 0} or q.score.mistakes == {"swapped": 2}
    assert q.score.tries == 4
    assert [row["answers"] for row in q.summary] == [[2.0], [2.0, 2.0, 5.0]]
    assert [row["right"] for row in q.summary] == [True, False]
    assert "done" in repr(q)
    for late in (lambda: q.answer("1"), q.hint, q.reveal):
        with pytest.raises(QuizError, match="all questions"):
            late()


def test_the_last_right_answer_says_how_it_went() -> None:
    q = product()
    q.answer("1")
    q.answer("2")
    assert q.answer("3").then == "That was the last question: 2 of 2 questions right, 1 at the first try."


def test_later_changes_of_the_graph_do_not_change_the_quiz() -> None:
    w, x = Value(3.0, "w"), Value(2.0, "x")
    L = w * x
    q = quiz(L, nodes=[w])
    x.data = 100.0
    L.backward()
    assert q.answer("2").right


def test_hostile_labels_are_made_visible() -> None:
    x = Value(3.0, "x\n\u202e\x00</script>")
    text = str(quiz(x * x).question)
    assert "\u202e" not in text
    assert "\x00" not in text


def test_what_cannot_be_asked_says_why() -> None:
    x = Value(2.0, "x")
    with pytest.raises(GradientError):
        quiz(3.0)  # type: ignore[arg-type]
    with pytest.raises(QuizError, match="not computed from anything"):
        quiz(x)
    with pytest.raises(QuizError, match="always 1"):
        quiz(named(x * 2, "L"), nodes=["L"])
    with pytest.raises(QuizError, match="give a label"):
        quiz(Value(1.0) * Value(2.0))
    with pytest.raises(QuizError, match="ask is"):
        quiz(x * 2, ask="everything")  # type: ignore[arg-type]
    for wrong in (0, -1, 1.5, True):
        with pytest.raises(QuizError, match="questions is"):
            quiz(x * 2, questions=wrong)  # type: ignore[arg-type]
    for wrong_rate in (0, -0.1, float("inf"), "fast"):
        with pytest.raises(QuizError, match="lr is"):
            quiz(x * 2, lr=wrong_rate)  # type: ignore[arg-type]
    with pytest.raises(TraceError, match="did you mean 'weight'"):
        quiz(Value(2.0, "weight") * 2, nodes=["wieght"])
    assert issubclass(QuizError, ValueError)
    assert not issubclass(QuizError, DataError)


def test_parameters_are_the_weights_that_may_have_been_updated() -> None:
    w, x = nn.Parameter(0.4, "w"), Value(0.6, "x")
    loss = (w * x) ** 2
    graph = Graph(trace(loss), loss)
    assert graph.weights == {"v0"}
    assert Case(graph, (1,)).steps[0].input_name == "w"
    # Without parameters, every labelled leaf may be one.
    plain = (Value(0.4, "w") * Value(0.6, "x") + 1) ** 2
    assert Graph(trace(plain), plain).weights == {"v0", "v1"}


@pytest.mark.slow
def test_a_large_graph_is_quick() -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(5_000):
        y = y * 0.999 + x * 0.001
    q = quiz(y, nodes=[x])
    assert not q.answer("123").right
