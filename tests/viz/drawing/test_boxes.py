"""How a box looks: what stands in it, what stands in its disc, and that nothing is wider than it."""

from xml.etree import ElementTree

import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

import nn
from autograd import Op, Value, ops, trace
from autograd.core.numbers import write_number
from viz import EXAMPLES, draw
from viz.drawing.boxes import make_scene, make_traced_scene
from viz.drawing.picture import make_picture
from viz.drawing.placement import lay_out
from viz.drawing.signs import sign_of
from viz.drawing.style import BADGE, FONT_SIZE, NARROWEST, PADDING, SYMBOL_SIZE
from viz.drawing.svg import write_page_svg, write_svg

SVG = "{http://www.w3.org/2000/svg}"
SIGNS = {
    "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "negate": "−( )", "square": "( )²", "reciprocal": "( )⁻¹",
    "total": "Σ", "abs": "|·|", "sqrt": "√", "sigmoid": "σ", "relu": "ReLU", "tanh": "tanh", "exp": "exp", "log": "log",
    "maximum": "max", "power": "^",
}  # fmt: skip


@pytest.mark.parametrize("name", SIGNS)
def test_a_sign_is_what_people_write(name):
    assert sign_of(ops.find(name)) == SIGNS[name]


def test_no_sign_shows_the_template_that_it_was_read_from():
    assert not [op.name for op in ops.ALL.values() if set("{}\\") & set(sign_of(op))]
    x, y = Value(2.0, "x"), Value(3.0, "y")
    drawn = [make_scene(make_picture(power)).boxes for power in (x**y, 2.0**x, x**2, x**-1.5)]
    assert [boxes[-1].symbol for boxes in drawn] == ["^", "2^", "( )²", "( )^-1.5"]


def test_a_power_has_its_exponent_above_the_line():
    exponents = [sign_of(ops.power_by(n)) for n in (2, 3, -1, 10, 0.5)]
    assert exponents == ["( )²", "( )³", "( )⁻¹", "( )¹⁰", "( )^0.5"]


def test_a_learners_own_operation_is_called_as_its_row_says():
    swish = Op("test_boxes_swish", lambda x: x, lambda x, z: (1,), symbol="<swish>")
    assert make_scene(make_picture(swish(Value(1.0, "a")))).boxes[-1].symbol == "<swish>"
    by_hand = Value(4.0, (Value(2.0, "a"),), "**2")
    assert make_scene(make_picture(by_hand)).boxes[-1].symbol == "( )²"
    del ops.ALL["test_boxes_swish"]


# --- plain numbers in discs


def symbols(y, **options):
    return [box.symbol for box in make_scene(make_picture(y), **options).boxes]


def test_a_plain_number_stands_in_the_disc_where_it_is_written():
    a = Value(3.0, "a")
    two, half = write_number(2.0), write_number(-0.5)
    assert symbols(2 * a) == symbols(a * 2) == ["", f"×{two}"]
    assert symbols(2 - a) == ["", f"{two}−"]
    assert symbols(a - 2) == ["", f"−{two}"]
    assert symbols(2 / a) == ["", f"{two}÷"]
    assert symbols(a * -0.5) == ["", f"×({half})"]
    assert symbols(2 * a, constants_in_discs=False) == ["", "", "×"]


def test_it_has_a_box_where_it_is_more_than_that():
    a, unnamed = Value(3.0, "a"), Value(2.0)
    assert symbols(a * unnamed) == ["", "", "×"]  # a leaf of the user's, whose gradient may be asked for
    assert len(symbols(a * 1.23456e-12)) == 3  # too long for a disc
    assert symbols(ops.maximum(a, 2.0)) == ["", "", "max"]


def test_the_picture_as_data_has_all_of_them():
    drawing = draw(2 * Value(3.0, "a"))
    assert [node["data"] for node in drawing.data["nodes"] if node["kind"] != "operation"] == [2.0, 3.0, 6.0]
    assert len(drawing.edges) == 3
    assert drawing.svg().count('class="node ') == 2


def test_other_numbers_stand_in_the_disc_of_a_graph_that_is_traced_with_them():
    original, other = Value(3.0, "a") * 2, Value(5.0, "a") * 7
    scene = make_traced_scene(original, trace(other), constants_in_discs=True)
    assert [box.symbol for box in scene.boxes] == ["", f"×{write_number(7.0)}"]


# --- how much room everything takes


def width_in(text, size, weight="normal"):
    """How wide a text is in DejaVu Sans, the widest of the fonts in which a drawing may be shown."""
    font = FontProperties(family="DejaVu Sans", weight=weight)
    return TextPath((0, 0), text.replace(" ", "n"), size=size, prop=font).get_extents().width


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_text_leaves_its_box_or_meets_another_in_it(name):
    y = EXAMPLES[name].build()
    y.backward()
    for box in make_scene(make_picture(y)).boxes:
        width, height = box.card
        room = width - 2 * PADDING
        assert (width >= NARROWEST, height) == (True, 33)
        name_width = width_in(box.name, FONT_SIZE, "bold") if box.name else 0.0
        assert name_width + width_in(box.data, FONT_SIZE) <= room
        assert width_in(box.grad, FONT_SIZE) <= room
        if box.symbol:
            assert box.badge[1] == BADGE
            assert width_in(box.symbol, SYMBOL_SIZE, "bold") <= box.badge[0] - 2


def test_a_layer_of_one_neuron_has_its_size_beside_its_gradient():
    loss = EXAMPLES["alice"].build()
    loss.backward()
    boxes = {box.name: box for box in make_scene(make_picture(loss, collapse="layers")).boxes}
    layer = boxes["output layer"]
    assert layer.notes == ("3 parameters",)
    assert layer.card[1] == 33
    room = layer.card[0] - 2 * PADDING
    assert width_in("3 parameters", FONT_SIZE) + width_in(layer.grad, FONT_SIZE) < room


def test_a_neuron_is_as_narrow_as_a_value_and_says_its_size_under_the_pointer():
    loss = EXAMPLES["alice"].build()
    loss.backward()
    boxes = {box.name: box for box in make_scene(make_picture(loss, collapse="neurons")).boxes}
    assert boxes["h1"].notes == ()
    assert boxes["h1"].card == next(box for box in make_scene(make_picture(loss)).boxes if box.name == "h1").card
    assert "3 parameters" in boxes["h1"].node.tooltip


def test_without_gradients_a_box_has_one_row():
    boxes = make_scene(make_picture(Value(2.0, "a") * 3, gradients=False)).boxes
    assert {box.card for box in boxes} == {(NARROWEST, BADGE)}


# --- the SVG


def groups(svg, kind):
    return [
        group
        for group in ElementTree.fromstring(svg).iter(f"{SVG}g")
        if (group.get("class") or "").split()[:1] == [kind]
    ]


def test_a_box_consists_of_disc_card_tint_name_number_and_gradient():
    w = nn.Parameter(2.0, "w1")
    y = w * w
    y.label = "y"
    y.backward()
    last = groups(draw(y).svg(), "node")[-1]
    parts = [part.get("class") for part in last.iter() if part.get("class")]
    assert parts == ["node value", "badge", "symbol", "box", "tint positive", "name", "data", "grad"]
    assert groups(draw(y).svg(), "node")[0].get("class") == "node parameter"


def test_a_subscript_is_lower_and_still_read_as_the_label():
    svg = draw(Value(2.0, "net_h12") * 3).svg()
    [name] = [text for text in groups(svg, "node")[0].iter(f"{SVG}text") if text.get("class") == "name"]
    assert "".join(name.itertext()) == "net_h12"
    assert (name[0].text, name[0].get("font-size"), name[0].get("dy")) == ("12", "11.4", "2.5")


def test_a_page_has_classes_and_no_colours():
    y = Value(2.0, "a") * 3
    scene = make_traced_scene(y, trace(y))
    svg = write_page_svg(scene, lay_out(scene))
    assert "#" not in svg.replace('id="', "")
    assert "<title" not in svg
    assert svg.count('class="edge positive"') == 2
    assert svg.count('fill-opacity="') == 3


def test_the_tag_of_a_long_graph_has_name_and_number():
    y = Value(0.5, "start")
    for i in range(12):
        y = y.tanh()
        y.label = f"t{i}"
    scene = make_scene(make_picture(y))
    placement = lay_out(scene, 500)
    svg = write_svg(scene, placement)
    assert len(groups(svg, "row")) == len(placement.rows) > 1
    for group, tag in zip(groups(svg, "tag"), placement.tags, strict=True):
        assert group.get("data-id") == tag.node
        texts = ["".join(text.itertext()) for text in group.iter(f"{SVG}text")]
        box = next(box for box in scene.boxes if box.id == tag.node)
        assert texts == [box.name, box.data]


# --- the key


def key_of(y, **options):
    return ["".join(part.itertext()) for part in groups(draw(y, **options).svg(), "key")]


def test_the_key_explains_what_is_there():
    loss = EXAMPLES["cs231n-max"].build()
    assert key_of(loss) == ["a box: value, below it the gradient", "?: not computed yet"]
    loss.backward()
    assert key_of(loss) == [] or "below 0" in key_of(loss)
    wide = EXAMPLES["mazur"].build()
    wide.backward()
    assert key_of(wide) == [
        "a box: value, below it the gradient", "gradient above 0", "below 0", "the wider, the more flows back",
    ]  # fmt: skip
    assert key_of(wide, gradients=False) == []


def test_a_narrow_picture_has_its_key_in_its_description():
    y = Value(2.0, "a") * 3
    y.backward()
    assert key_of(y) == []
    assert "blue line: gradient above 0" in ElementTree.fromstring(draw(y).svg())[1].text
