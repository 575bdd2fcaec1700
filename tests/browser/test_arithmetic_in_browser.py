"""Every product and sum that the page shows is read from the screen and computed anew."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress

import pytest
from arithmetic import NUMBER, is_right, random_graph, value, wrong_sentences

from autograd import Value, ops, total
from autograd.errors import AutogradError
from autograd.symbols.local_derivatives import book_fails
from viz.formulas.worked_examples import EXAMPLES
from viz.pages.html import page

SHOW_ALL = """() => {
  const raised = (e) => e.replace(/./g, (c) => "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"["0123456789−".indexOf(c)]);
  return page.backward.map((_, k) => {
    show(seedStep + k + 1);
    // A power of ten is read as it is seen: with its exponent above.
    const formulas = [...document.querySelectorAll("#formulas p")].map((p) => {
      const copy = p.cloneNode(true);
      for (const power of copy.querySelectorAll("msup"))
        if (power.firstChild.textContent === "10") power.lastChild.textContent = raised(power.lastChild.textContent);
      return copy.textContent.replaceAll(" ", "").replaceAll("\\n", "");
    });
    return { words: byId("narration").textContent, formulas, badge: svg.querySelector(".pill")?.textContent };
  });
}"""
MOVE_SLIDERS = """(numbers) => {
  page.inputs.forEach((node, i) => { state.inputs[i] = numbers[page.names[node]] ?? state.inputs[i]; });
  refresh();
}"""
PRODUCT = re.compile(rf"(?:^|=)({NUMBER})×\(?({NUMBER})\)?([=≈])({NUMBER})$")
SUM = re.compile(rf"[=←]({NUMBER})\+\(?({NUMBER})\)?([=≈])({NUMBER})$")


def wrong_on_page(shown) -> list[str]:
    wrong = wrong_sentences(shown["words"])
    _, product, total = shown["formulas"]
    for line, shape in ((product, PRODUCT), (total, SUM)):
        found = shape.search(line)
        if not found:
            wrong.append(f"no arithmetic in {line}")
            continue
        a, b, sign, result = found.groups()
        exact = value(a) * value(b) if shape is PRODUCT else value(a) + value(b)
        if not is_right(exact, sign, result):
            wrong.append(line)
    if shown["badge"] and not re.fullmatch(rf"× {NUMBER}", shown["badge"]):
        wrong.append(shown["badge"])
    return wrong


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_arithmetic_of_every_step_of_a_worked_example_checks(visit, name):
    steps = visit(page(EXAMPLES[name].build())).evaluate(SHOW_ALL)
    assert steps
    assert [wrong for shown in steps for wrong in wrong_on_page(shown)] == []


@pytest.mark.parametrize("seeds", [range(i, i + 10) for i in range(0, 50, 10)], ids=str)
def test_the_arithmetic_of_every_step_of_random_graphs_checks(visit, seeds):
    signs = ""
    for seed in seeds:
        tab = visit(page(random_graph(seed)))
        steps = tab.evaluate(SHOW_ALL)
        tab.close()
        assert [wrong for shown in steps for wrong in wrong_on_page(shown)] == [], seed
        signs += "".join(formula for shown in steps for formula in shown["formulas"])
    assert signs.count("≈") > 5


def test_a_wrong_line_is_found(visit):
    shown = visit(page(EXAMPLES["alice"].build())).evaluate(SHOW_ALL)[5]
    assert not wrong_on_page(shown)
    _, product, _ = shown["formulas"]
    assert wrong_on_page(shown | {"formulas": [shown["formulas"][0], product + "1", shown["formulas"][2]]})


def test_two_losses_that_look_alike_get_digits_until_they_differ(visit):
    tab = visit(page(EXAMPLES["alice"].build()))
    assert tab.evaluate("writeApart(0.33331, 0.33332)") == ["0.33331", "0.33332"]
    assert tab.evaluate("writeApart(1, 1)") == ["1", "1"]
    tab.evaluate("setRate(1e-6)")
    now, then = tab.locator("#preview b").all_inner_texts()[:2]
    assert value(now) > value(then)


def test_the_local_derivative_is_written_in_the_form_that_gives_its_number(visit):
    """The textbook's, until a slider comes into a tail or to a tie; and back again."""
    a, b, x = Value(2.0, "a"), Value(1.0, "b"), Value(2.0, "x")
    out = x.sigmoid()
    out.label = "out"
    tab = visit(page(out * a.maximum(b) + a**b))

    def shown(**numbers):
        tab.evaluate(MOVE_SLIDERS, numbers)
        found = {}
        for step in tab.evaluate(SHOW_ALL):
            line = step["formulas"][0]
            slope = re.search(r"local derivative (.*?) ?[=≈] ?[^ ]+ is", step["words"])
            found.setdefault(line.split("=")[1], slope and slope[1])
        table = tab.evaluate("(writeTables(), byId('steps-table').textContent.replaceAll(' ', ''))")
        assert all(line in table for line in found if not re.fullmatch(NUMBER, line))
        return found

    middle, tail = shown(), shown(x=40.0, a=1.0)
    assert {"σ(x)(1−σ(x))", "step(a−b)"} <= middle.keys()
    assert {"σ(x)·σ(−x)", "0.5+(a>b)−(b>a)2"} <= tail.keys()
    assert not {"σ(x)(1−σ(x))", "step(a−b)"} & tail.keys()
    assert middle["σ(x)(1−σ(x))"] == "σ(x)(1 - σ(x))"
    assert tail["σ(x)·σ(−x)"] == "σ(x)·σ(-x)"
    # 0 to the power 0: by convention its slopes are 0, and no formula says so.
    assert "ab·ln(a)" in tail
    assert "ab·ln(a)" not in shown(a=0.0, b=0.0)
    assert shown(x=2.0, a=2.0, b=1.0) == middle


def test_a_page_chooses_the_form_of_a_slope_as_everything_else_does(visit):
    """Each operation that has two forms, in the middle and in its tails, at ties and at jumps."""
    table = [op for op in ops.ALL.values() if op.is_built_in and op.textbook]
    leaves = [[Value(sum(ends) / 2, f"{op.name}{i}") for i, ends in enumerate(op.domain)] for op in table]
    made = page(total([op(*inputs) for op, inputs in zip(table, leaves, strict=True)]))
    tab, steps = visit(made), made.data.steps
    first = {steps.op_of(step.node): k for k, step in reversed([*enumerate(steps.backward)])}
    chosen = Counter()
    for x in (0.3, -0.3, 1.0, 2.0, -3.0, 5.0, 8.0, -8.0, 25.0, 40.0, -50.0, 1e-9):
        for y in (0.3, 2.0, x):
            points = {op: [x, y, 3.0][: op.arity] for op in table}
            tab.evaluate(MOVE_SLIDERS, {f"{op.name}{i}": x for op in table for i, x in enumerate(points[op])})
            found = tab.evaluate("page.backward.map((_, k) => bookFails(k))")
            for op, point in points.items():
                with suppress(AutogradError):
                    expected = book_fails(op, point, op(*point))
                    assert found[first[op]] == expected, (op, point)
                    chosen[op, expected] += 1
    assert all(chosen[op, False] for op in table)
    assert sum(chosen[op, True] > 0 for op in table) > 5
