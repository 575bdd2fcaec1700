"""Seeing on the standard library alone: Alice's network trained, drawn, explained, asked about and put on a page."""

import json
import subprocess
import sys

PROGRAM = """
import json
import sys

if "bare" in sys.argv:
    # What stands here as None cannot be imported.
    for name in ("numpy", "graphviz", "matplotlib", "tqdm", "llvmlite", "jax", "torch", "textual"):
        sys.modules[name] = None

import nn
import viz

people = nn.data.alice_bob()
model = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
nn.fit(model, people, loss=nn.mean_squared_error, optimizer=nn.SGD(lr=0.1), epochs=50, engine="eager")
features, target = people[0]
loss = nn.mean_squared_error(model(features), target)
loss.label = "L"
loss.backward()
viz.step(loss, plain=True, at=40)
quiz = viz.quiz(loss)
found = {
    "picture": viz.draw(loss).svg(), "chain rule": viz.explain(loss, "w1").text, "page": viz.page(loss).html,
    "right": [q.check(q.expected).message for q in quiz.questions], "sheet": viz.worksheet(loss, seed=3).html(),
    "wrong": [q.check(repr(2.5 * q.expected)).message for q in quiz.questions], "museum": viz.museum().html(),
    "ways": str(viz.four_ways(loss)), "formula": viz.parse("y = x**2").evaluate({"x": 3.0}).data,
    "curve": viz.loss_curve_svg([1.0, 0.5, 0.25]),
}
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(found, file)
"""


def test_nothing_but_python_is_needed_to_see(tmp_path):
    """And nothing of what is seen depends on what else is installed."""
    seen = []
    for bare in ((), ("bare",)):
        path = tmp_path / "found.json"
        command = [sys.executable, "-W", "error", "-c", PROGRAM, str(path), *bare]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=120)
        assert done.stderr == ""
        seen.append((done.stdout, json.loads(path.read_text(encoding="utf-8"))))
    assert seen[0] == seen[1]
    shown, found = seen[1]
    assert "step 40 of 42" in shown
    assert found["picture"].startswith("<svg")
    assert "dL/dw1" in found["chain rule"]
    assert all(message.startswith("Right: ") for message in found["right"])
    assert all(message.startswith("Not yet. ") for message in found["wrong"])
