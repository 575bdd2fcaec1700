"""Drawings in a real Chromium: no text leaves its box or its disc, and no two texts meet."""

import pytest

from autograd import Value
from viz import EXAMPLES, draw
from viz.drawing.placement import lay_out
from viz.drawing.svg import write_svg

LABELS = [
    "W" * 30, "illicit", "net_h12", "重み付き合計", "Größe·MASSE", "وزن", "שלום עולם", "θ₁ + θ₂ ≥ π", "👩‍🔬 lab", "x**2 + y**2 + z**2",
    "ﷺ", "e\u0301\u0302\u0303", "0.1234567890123456789", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "½¾⅞ m²",
]  # fmt: skip

FAULTS = """() => {
  const faults = [];
  // Rows are further apart than letters are high, whatever a font says of its lines.
  const meet = (a, b) => a.y === b.y && Math.min(a.right, b.right) > Math.max(a.left, b.left);
  for (const group of document.querySelectorAll(".node, .tag")) {
    const box = group.querySelector(".box").getBoundingClientRect();
    const disc = group.querySelector(".badge")?.getBoundingClientRect();
    const texts = [...group.querySelectorAll("text")].map((text) => {
      const { left, right } = text.getBoundingClientRect();
      return { text: text.textContent, isSign: text.matches(".symbol"), y: text.getAttribute("y"), left, right };
    });
    for (const one of texts) {
      // The card covers a part of the disc.
      let room = one.isSign ? disc : box;
      if (one.isSign && disc.top > box.top) {
        room = disc.left < box.left ? { left: disc.left, right: box.left } : { left: box.right, right: disc.right };
      }
      if (one.left < room.left || one.right > room.right + 0.5) faults.push(["leaves its room", one.text]);
      for (const other of texts) if (other !== one && meet(one, other)) faults.push(["meets", one.text, other.text]);
    }
  }
  return faults;
}"""


@pytest.fixture(params=["Liberation Sans", "DejaVu Sans"])
def faults(browser, request):
    """What is wrong with an SVG, in a narrow font and in the widest that a drawing may have."""
    tab = browser.new_page()

    def look(svg):
        begin, end = svg.index('font-family="'), svg.index('" font-size')
        tab.set_content(f"{svg[:begin]}font-family=\"'{request.param}', sans-serif{svg[end:]}")
        return tab.evaluate(FAULTS)

    yield look
    tab.close()


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_texts_of_the_worked_examples_have_room(faults, name):
    y = EXAMPLES[name].build()
    y.backward()
    scene = draw(y)._scene
    assert faults(write_svg(scene, lay_out(scene, 700))) == []


@pytest.mark.parametrize(
    "options", [{"collapse": "neurons"}, {"collapse": "layers"}, {"direction": "TB"}, {"direction": "RL"}]
)
def test_they_have_room_in_other_drawings_too(faults, options):
    loss = EXAMPLES["alice"].build()
    loss.backward()
    assert faults(draw(loss, **options).svg()) == []


@pytest.mark.parametrize("label", LABELS)
def test_a_label_in_any_script_has_room(faults, label):
    y = (Value(-1.23456e-12, label) * -0.00012345).tanh() + 41087.0
    y.label = label
    y.backward()
    assert faults(draw(y).svg()) == []
