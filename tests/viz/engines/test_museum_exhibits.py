"""The museum: each engine fails on its graph, is right where it may be, and no smaller graph shows it."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value, topological_order, total
from viz.engines import exhibit as museum_module
from viz.engines import wrong_engines as engines
from viz.engines.museum_exhibits import Exhibit, MuseumError, museum
from viz.engines.small_graphs import EXP, SUMS_AND_PRODUCTS, small_graphs, smallest_failure
from viz.engines.wrong_engines import right
from viz.formulas.worked_examples import EXAMPLES

NUMERICAL = [exhibit for exhibit in museum() if not exhibit.counts_work and not exhibit.is_large]


def gradients(root: Value) -> dict[Value, float]:
    """What backward() gives, from zero."""
    root.zero_grad()
    root.backward()
    return {node: node.grad for node in topological_order(root)}


def size_of(root: Value) -> tuple[int, int]:
    """How many operations and how many leaves a graph has."""
    order = topological_order(root)
    operations = sum(node.op is not None for node in order)
    return operations, len(order) - operations


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_right_engine_is_backward(name: str) -> None:
    root = EXAMPLES[name].build()
    assert right(root) == gradients(root)


@pytest.mark.parametrize("exhibit", NUMERICAL, ids=lambda exhibit: exhibit.name)
def test_each_engine_fails_on_its_graph(exhibit: Exhibit) -> None:
    assert exhibit.engine(exhibit.root) != right(exhibit.root)
    assert any(not row.agrees for row in exhibit.rows)
    assert [row.right for row in exhibit.rows] == list(reversed(gradients(exhibit.root).values()))


@pytest.mark.parametrize("exhibit", NUMERICAL, ids=lambda exhibit: exhibit.name)
def test_no_smaller_graph_shows_the_mistake(exhibit: Exhibit) -> None:
    operations, leaves = size_of(exhibit.root)
    kinds = (*SUMS_AND_PRODUCTS, EXP) if exhibit.name == "wrong_number" else SUMS_AND_PRODUCTS
    smallest = smallest_failure(exhibit.engine, kinds=kinds)
    assert smallest is not None
    # Without a beginning even a leaf alone is wrong; but there nothing is passed on that one could see.
    assert size_of(smallest) == ((0, 1) if exhibit.name == "no_seed" else (operations, leaves))
    assert leaves == (2 if exhibit.name == "swapped" else 1)
    for fewer in range(exhibit.name == "no_seed", operations):
        for count in (1, 2, 3):
            for graph in small_graphs(fewer, count):
                root = graph.values[-1]
                assert exhibit.engine(root) == right(root)


def test_sums_and_products_do_not_show_a_rule_at_the_wrong_number() -> None:
    assert smallest_failure(engines.wrong_number) is None


def test_the_search_finds_every_small_graph() -> None:
    # One leaf, one operation: a + a and a * a.  Two leaves: a + b and a * b; b + a is the same with other letters.
    assert len(list(small_graphs(1, 1))) == 2
    assert [graph.formula for graph in small_graphs(1, 2)] == ["a + b", "a * b"]
    assert len(list(small_graphs(0, 1))) == 1
    assert len(list(small_graphs(0, 2))) == 0
    # Two operations on one leaf: b = a∘a, then c from a and b in 3 of the 4 ways that use b.
    assert len(list(small_graphs(2, 1))) == 2 * 2 * 3
    assert smallest_failure(right) is None


def test_running_every_rule_once_for_each_path_shows_first_with_two_operations() -> None:
    exhibit = museum()["every_path"]
    assert exhibit.engine(exhibit.root) == right(exhibit.root)
    assert [row.cells for row in exhibit.rows if not row.agrees] == [("runs of a rule", "2", "3", "✗ wrong")]
    for graph in (*small_graphs(0, 1), *small_graphs(1, 1), *small_graphs(1, 2)):
        root = graph.values[-1]
        assert museum_module.work(engines.every_path, root) == museum_module.work(right, root)
    a = Value(3.0, "a")
    for _ in range(10):
        a = a + a
    assert museum_module.work(right, a) == 10
    assert museum_module.work(engines.every_path, a) == 2**10 - 1


def test_recursion_ends_on_a_deep_graph_and_the_right_engine_does_not() -> None:
    exhibit = museum()["too_deep"]
    with pytest.raises(RecursionError):
        exhibit.engine(exhibit.root)
    assert {row.wrong for row in exhibit.rows} == {"RecursionError"}
    assert (
        exhibit.rows[-1].right
        == gradients(exhibit.root)[topological_order(exhibit.root)[0]]
        == sys.getrecursionlimit() + 1
    )
    shallow = Value(1.0, "a")
    for _ in range(100):
        shallow = shallow + 1.0
    assert exhibit.engine(shallow) == right(shallow)


@st.composite
def trees(draw: st.DrawFn) -> Value:
    """Sums and products in which every value is used once."""
    nodes = [Value(draw(st.integers(-5, 5)), name) for name in "abcdefg"[: draw(st.integers(2, 7))]]
    while len(nodes) > 1:
        x, y = nodes.pop(draw(st.integers(0, len(nodes) - 1))), nodes.pop(draw(st.integers(0, len(nodes) - 1)))
        nodes.append(draw(st.sampled_from([x + y, x * y])))
    return nodes[0]


@given(trees())
def test_where_every_value_is_used_once_the_order_does_not_matter(root: Value) -> None:
    for engine in (
        engines.overwriting,
        engines.depth_first,
        engines.breadth_first,
        engines.revisiting,
        engines.every_path,
    ):
        assert engine(root) == right(root)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=6))
def test_where_only_leaves_are_shared_the_order_does_not_matter_either(numbers: list[int]) -> None:
    a = Value(2.0, "a")
    root = total([a * x + a for x in numbers])
    for engine in (engines.depth_first, engines.breadth_first, engines.revisiting):
        assert engine(root) == right(root)


def test_stale_and_changed_numbers_do_not_show_in_a_sum() -> None:
    a, b = Value(2.0, "a"), Value(5.0, "b")
    for engine, root in ((engines.changed_data, a + b), (engines.stale_intermediates, a * b)):
        assert engine(root) == right(root)
    # The first pass of the engine that never sets gradients to 0 is right: half of what two passes give.
    root = a * b
    assert {node: grad / 2 for node, grad in engines.never_zeroed(root).items() if not node.inputs} == {
        a: 5.0,
        b: 2.0,
    }


def test_two_calls_of_backward_give_what_the_engine_without_zero_grad_gives() -> None:
    exhibit = museum()["never_zeroed"]
    root = exhibit.graph()
    root.backward()
    root.backward()
    assert [node.grad for node in topological_order(root)] == list(exhibit.engine(exhibit.root).values())


def test_engines_change_nothing() -> None:
    model = nn.MLP(2, [2, 1], seed=1)
    loss = model([1.0, 2.0]) ** 2
    before = [(node.data, node.grad) for node in topological_order(loss)]
    for exhibit in museum():
        exhibit.engine(loss)
    assert [(node.data, node.grad) for node in topological_order(loss)] == before


def test_your_own_engine_can_be_put_to_the_test() -> None:
    def forgets_the_upstream(root: Value) -> dict[Value, float]:
        grad = dict.fromkeys(topological_order(root), 0.0)
        grad[root] = 1.0
        for node in reversed(grad):
            for x, local in engines.slopes(node):
                grad[x] += local
        return grad

    smallest = smallest_failure(forgets_the_upstream)
    assert smallest is not None
    # With one operation the upstream gradient is 1 and nobody misses it.
    assert sum(node.op is not None for node in topological_order(smallest)) == 2
    assert smallest_failure(lambda root: {}) is not None


# --- how it is shown --------------------------------------------------------------------------------------


class Checker(HTMLParser):
    """Counts elements, and wants every one closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
        if tag not in ("meta", "rect", "path", "ellipse", "circle"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing() -> None:
    page = museum().html()
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    assert checker.seen["section"] == len(museum())
    assert checker.seen["mark"] == len(museum())
    assert "script" not in checker.seen
    assert "link" not in checker.seen
    assert "http" not in re.sub(r'xmlns="[^"]*"|http-equiv', "", page)
    assert "default-src 'none'" in page
    assert page.count("✗ wrong") == sum(not row.agrees for exhibit in museum() for row in exhibit.rows)


def test_every_wrong_line_is_marked_and_the_right_engine_has_none() -> None:
    for exhibit in museum():
        assert exhibit.code.count("# wrong") == 1
        assert exhibit.code.startswith(f"def {exhibit.engine.__name__}(")
        assert '"""' not in exhibit.code
        assert max(map(len, exhibit.code.splitlines())) <= 72
    assert "# wrong" not in museum_module.source_of(right)


def test_text_and_markdown_show_wrong_beside_right() -> None:
    text = str(museum())
    assert text.startswith("1. = in the place of +=\n  b = a + a\n")
    assert "  a                2            1  ✗ wrong" in text
    markdown = museum().markdown()
    assert markdown.count("\n## ") == len(museum())
    assert "| a | 4 | 8 | ✗ wrong |" in markdown
    assert markdown.count("```python") == len(museum()) + 1


def test_it_shows_itself_and_is_saved(tmp_path: Path) -> None:
    for shown in (museum()._repr_html_(), museum()["revisiting"]._repr_html_()):
        assert "&lt;section" in shown  # in a frame
        assert "Recursion that comes back" in shown.partition("<iframe")[0]
    for exhibit in museum():
        instead = exhibit._repr_html_().partition("<iframe")[0]
        assert instead.count("<img") == (0 if exhibit.is_large else 2)
    assert repr(museum()["revisiting"]) == "<Exhibit revisiting: Recursion that comes back; print(it) shows it>"
    assert "16 wrong engines" in repr(museum())
    for name in ("museum.html", "museum.md"):
        assert museum().save(tmp_path / name).read_text(encoding="utf-8").count("Recursion that comes back") >= 1
    with pytest.raises(MuseumError, match=r"\.html or \.md"):
        museum().save(tmp_path / "museum.pdf")
    with pytest.raises(MuseumError, match="there is no exhibit 'eq'; there are overwriting, "):
        museum()["eq"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["museum.html", "museum.md"]


# --- where it goes wrong ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        ("overwriting", "a", "a ends with 1, but its gradient is 2"),
        ("swapped", "ba", "b ends with 5, but its gradient is 3"),
        ("no_upstream", "ba", "b passes on 1, but its gradient is 3"),
        ("data_passed_on", "ba", "b passes on 9, but its gradient is 1"),
        ("first_input_only", "a", "a ends with 1, but its gradient is 2"),
        ("wrong_number", "a", "a ends with 3, but its gradient is 20.09"),
        ("no_seed", "ba", "b passes on 0, but its gradient is 1"),
        ("not_reversed", "ba", "b passes on 0, but its gradient is 1"),
        ("depth_first", "ba", "b passes on 1, but its gradient is 3"),
        ("breadth_first", "ba", "b passes on 1, but its gradient is 3"),
        ("revisiting", "a", "a ends with 8, but its gradient is 4"),
        ("every_path", "", ""),
        ("too_deep", "", ""),
        ("never_zeroed", "a", "a ends with 4, but its gradient is 2"),
        ("stale_intermediates", "ba", "b passes on 4, but its gradient is 2"),
        ("changed_data", "a", "a ends with 8, but its gradient is 6"),
    ],
)
def test_a_node_is_wrong_when_it_passes_on_or_ends_with_a_wrong_gradient(
    name: str, wrong: str, sentence: str
) -> None:
    exhibit = museum()[name]
    assert "".join(node.label for node in exhibit.wrong_nodes) == wrong
    assert exhibit.first_mistake == (f"The first mistake: {sentence}." if sentence else "")
    page = exhibit.html()
    # Each drawing stands there twice, for wide and for narrow screens.
    assert page.count("≠") == 2 * len(wrong)
    assert page.count("<svg") == (0 if exhibit.is_large else 4)
    assert (exhibit.first_mistake in page) if sentence else "The first mistake" not in page


@pytest.mark.parametrize("exhibit", [x for x in museum() if not x.is_large], ids=lambda x: x.name)
def test_watching_an_engine_changes_nothing(exhibit: Exhibit) -> None:
    found, passed = engines.watch(exhibit.engine, exhibit.root)
    assert found == exhibit.engine(exhibit.root)
    assert passed
