"""What a page of 300 values takes for one move of a slider at its quickest, and that nothing is left behind."""

from __future__ import annotations

from typing import Any

import pytest

import nn
from viz.pages.html import page

# From the first callback of a picture to the last one, which has the browser lay everything out.
DRAG = """async (moves) => {
  const range = document.querySelector("#sliders input[type=range]"), times = [];
  for (let i = 0; i < moves; i++) {
    let start;
    requestAnimationFrame(() => { start = performance.now(); });
    range.value = Number(range.min) + (range.max - range.min) * ((i * 7) % moves) / moves;
    range.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((go) => requestAnimationFrame(() => {
      document.body.offsetHeight;
      times.push(performance.now() - start);
      go();
    }));
  }
  return times;
}"""


@pytest.mark.parametrize("at", ["finished", "stepCount"])
def test_the_quickest_move_takes_less_than_a_picture_of_the_screen(visit: Any, at: str) -> None:
    """Of 120 moves, without paint: a bound on what must be done; benchmarks/page_updates.py tells the median."""
    model = nn.MLP(5, [8, 8, 1], seed=0)
    made = page(nn.mean_squared_error(model([0.1 * i for i in range(1, 6)]), 1.0))
    count = len(made.data.steps.nodes)
    assert 250 <= count <= 350
    tab = visit(made, height=720)
    tab.evaluate(f"show({at})")
    first = tab.evaluate("[boxes[root].data.data, byId('narration').textContent]")
    assert min(*tab.evaluate(DRAG, 60), *tab.evaluate(DRAG, 60)) <= 16
    tab.wait_for_timeout(600)
    # When the slider rests, every number is that of the graph, also those out of sight.
    shown = tab.evaluate("boxes.map((box) => [box.data.data, box.grad.data])")
    assert shown == tab.evaluate(
        "boxes.map((_, i) => [writeShort(state.numbers.data[i]), writeShort(state.numbers.grad[i])])"
    )
    assert tab.evaluate("[boxes[root].data.data, byId('narration').textContent]") != first
