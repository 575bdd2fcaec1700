"""Networks on the standard library alone: where nothing else can be imported, the same seed gives the same run."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json
import sys

if "bare" in sys.argv:
    # What stands here as None cannot be imported.
    for name in ("numpy", "tqdm", "llvmlite", "graphviz", "matplotlib", "jax", "torch"):
        sys.modules[name] = None

import nn

people = nn.data.alice_bob()
model = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
history = nn.fit(
    model, people, loss=nn.mean_squared_error, optimizer=nn.SGD(lr=0.1), epochs=300, shuffle=True, seed=3,
    metrics="accuracy", validation=people.unseen, progress=True, engine=sys.argv[1],
)
nn.save(model, sys.argv[2])
other = nn.MLP(2, [2, 1], activation="sigmoid", seed=2)
nn.load(other, sys.argv[2])
training, testing = nn.data.moons(20, seed=5).split(0.5)
found = {
    "loss": history.loss, "norm": history.gradient_norm, "metrics": history.metrics, "seed": history.seed,
    "loaded": other.state_dict() == model.state_dict(), "weights": model.state_dict(),
    "unseen": [other(x).data for x in people.unseen.inputs], "summary": model.summary(),
    "measured": nn.evaluate(other, testing, metrics="accuracy"), "split": [*training, *testing],
    "repr": history.table(),
}
print(json.dumps([history.engine, found]))
"""


def trained(engine, folder, *bare):
    command = [sys.executable, "-c", PROGRAM, engine, str(folder / "net.json"), *bare]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return json.loads(result.stdout), result.stderr


def test_node_by_node_nothing_but_python_is_needed(tmp_path):
    (engine, found), said = trained("eager", tmp_path, "bare")
    assert (engine, said) == ("eager", "")
    assert found["loaded"]
    assert found["unseen"][0] > 0.9
    assert found["unseen"][1] < 0.1
    assert trained("eager", tmp_path)[0] == [engine, found]


def test_importing_nn_imports_no_numpy():
    source = "import sys, nn; print([name for name in ('numpy', 'tqdm', 'viz', 'llvmlite') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", source], capture_output=True, encoding="utf-8", check=True)
    assert result.stdout == "[]\n"


@pytest.mark.parametrize("engine", ["auto", "python"])
def test_a_compiled_run_needs_no_more(engine, tmp_path):
    _, found = trained(engine, tmp_path, "bare")[0]
    eager = trained("eager", tmp_path)[0][1]
    assert found["loss"] == pytest.approx(eager["loss"], rel=1e-9)
    assert found["metrics"]["accuracy"] == eager["metrics"]["accuracy"]
