"""When a run has a program, why it has none, and what is kept of it."""

import gc
import re
import subprocess
import sys
import weakref
from contextlib import suppress

import numpy as np
import pytest

import nn
from autograd import Value, ieee
from nn.compiled import backends as trainers
from nn.compiled import buffers as stepping
from nn.compiled import programs as compiled
from nn.fitting import progress
from nn.training import TrainingError
from tests.nn.compiled.same_runs import MOONS, PEOPLE, small, why_not

pytest.importorskip("llvmlite", reason="machine code needs the extra fast: pip install 'glassgrad[fast]'")


def test_new_targets_are_tried_too():
    model = small()()
    xs = PEOPLE.inputs
    assert nn.fit(model, (xs, [1, -1, -1, 1]), loss=nn.hinge, epochs=1).engine == "native"
    with pytest.raises(nn.losses.LossError, match="targets 1 and -1, but got 0"):
        nn.fit(model, (xs, [1, 0, 0, 1]), loss=nn.hinge, epochs=1)


WRONG_TARGETS = [
    (nn.hinge, 1, [1, -1, -1], 0),
    (nn.binary_cross_entropy, 1, [1, 0, 1], 1.5),
    (nn.binary_cross_entropy_with_logits, 1, [0.25, 0, 1], -1),
    (nn.categorical_cross_entropy, 3, [0, 1, 2], 3),
    (nn.categorical_cross_entropy, 3, [[0, 1, 0], [0, 0, 1], [1, 0, 0]], [0, 1, 1]),
    (nn.cross_entropy, 3, [0, 1, 2], -1),
    (nn.cross_entropy, 3, [0, 1, 2], 0.5),
    (nn.cross_entropy, 3, [[0, 1, 0], [0, 0.5, 0.5], [1, 0, 0]], [0, 1, -0.5]),
]
"""A loss, how many outputs it takes, targets that it knows, and one that it does not."""


@pytest.mark.parametrize("kind", [nn.MLP, type("OwnNetwork", (nn.MLP,), {})])
@pytest.mark.parametrize(("loss", "outputs", "targets", "wrong"), WRONG_TARGETS)
def test_a_target_that_its_loss_does_not_know_leads_to_the_same_error_everywhere(
    loss, outputs, targets, wrong, kind
):
    output = "softmax" if loss is nn.categorical_cross_entropy else "sigmoid"
    xs = [[0.5, 1.0], [-1.0, 2.0], [0.25, -0.75], [1.5, 0.5]]
    said = []
    for engine in ("native", "auto", "numpy", "eager"):
        model = kind(2, [3, outputs], output_activation=output, seed=1)
        assert nn.fit(model, (xs[:3], targets), loss=loss, epochs=2, engine=engine).engine in (engine, "native")
        with pytest.raises(nn.LossError) as error:
            nn.fit(
                model, (xs, [*targets, wrong]), loss=loss, epochs=2, engine="auto" if engine != "eager" else engine
            )
        said.append((str(error.value), [round(p.data, 10) for p in model.parameters()]))
    assert said == [said[-1]] * len(said)


def test_in_sequences_a_class_that_there_is_not_leads_to_the_same_error_everywhere():
    xs, targets = [[0, 1, 2], [1, 2], [2, 0, 1]], [[1, 2, 0], [2, 0], [0, 1, 3]]
    said = []
    for engine in ("auto", "eager"):
        model = nn.GPT(3, 4, width=4, heads=2, seed=1)
        with pytest.raises(nn.LossError, match="the target 3 is no class") as error:
            nn.fit(model, nn.Dataset(xs, targets, ragged=True), loss=nn.cross_entropy, shuffle=False, engine=engine)
        said.append(str(error.value))
    assert said[0] == said[1]


@pytest.mark.parametrize("was_on", [True, False])
@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("engine", ["auto", "eager"])
def test_while_a_run_is_prepared_the_collector_rests(engine, fails, was_on):
    seen = []

    def loss(prediction, target):
        seen.append(gc.isenabled())
        if fails:
            raise ValueError("no loss today")
        return (prediction - target) ** 2

    gc.enable() if was_on else gc.disable()
    try:
        with suppress(ValueError):
            nn.fit(small()(), PEOPLE, loss=loss, epochs=1, engine=engine)
        assert gc.isenabled() == was_on
    finally:
        gc.enable()
    # What is made node by node is made with the collector as it was.
    assert (False in seen) == (engine == "auto" or not was_on)


def test_a_model_of_nn_does_not_wait_for_numpys_random_numbers():
    run = "nn.fit(nn.MLP(20, [30, 1], seed=1), ([[0.5] * 20] * 3, [0.0, 1.0, 2.0]), batch_size=2)"
    asked = "'numpy.random' in sys.modules"
    source = f"import sys, numpy, nn; before = {asked}; print({run}.engine, ({asked}) == before)"
    result = subprocess.run([sys.executable, "-c", source], capture_output=True, encoding="utf-8", check=True)
    assert result.stdout.split() == ["native", "True"]


def test_a_branch_is_noticed_and_said(capsys):
    class Branching(nn.MLP):
        def forward(self, x):
            z = super().forward(x)
            return z if x[0] > 0 else -z

    model = Branching(2, [2, 1], seed=1)
    progress._said.clear()
    history = nn.fit(model, PEOPLE, epochs=2)
    assert history.engine == "eager"
    assert "node by node, because a comparison was asked of x1," in capsys.readouterr().err
    nn.fit(model, PEOPLE, epochs=2)
    assert capsys.readouterr().err == "", "the same reason is said once"


def test_where_a_package_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "nn.compiled.compiled_run", None)
    assert "node by node, because nn.compiled.compiled_run is not installed" in why_not(small()())


def test_every_reason_is_given():
    class OwnStep(nn.SGD):
        def step(self, parameters, lr=None):
            super().step(parameters, lr)

    class Uneven(nn.SGD):
        pass

    model = small()()
    cases = {
        "step\\(\\) of its own": {"optimizer": OwnStep(lr=0.1)},
        "does not depend on any parameter": {
            "loss": lambda p, t: (t - 1) ** 2 if not isinstance(t, (int, float)) else Value(t) - 1
        },
        "the loss does not depend on the data or the parameters": {"loss": lambda p, t: 1.0},
        "the penalty does not depend": {"penalty": lambda ps: Value(1.0)},
    }
    for reason, settings in cases.items():
        assert re.search(reason, why_not(model, **settings))
    with ieee():
        assert "ieee()" in why_not(model)
    uneven = Uneven(lr=0.1)
    uneven.prepare(model.parameters())
    uneven.memory[model.parameters()[0]] = (3, (0.0,))
    assert re.search("more often", why_not(model, optimizer=uneven))


def test_an_error_of_the_model_is_raised_as_it_is_and_nothing_is_said(capsys):
    with pytest.raises(nn.ShapeError):
        nn.fit(nn.MLP(3, [1]), PEOPLE, epochs=1)
    assert capsys.readouterr().err == ""


def test_a_loss_that_ignores_the_recorded_numbers():
    model = small()()
    assert re.search("does not depend on the data or the parameters", why_not(model, loss=lambda p, t: Value(1.0)))


def test_many_different_targets_and_a_first_loss_that_is_not_finite():
    data = ([[float(i)] for i in range(20)], [float(i) for i in range(20)])
    model = nn.MLP(1, [1], activation="identity", bias=False, weights=[[[1e200]]])
    with pytest.raises(TrainingError):
        nn.fit(model, ([[1.0]], [0.0]), epochs=1, engine="native")
    model = nn.MLP(1, [1], activation="identity", bias=False, weights=[[[0.5]]])
    assert nn.fit(model, data, epochs=1, optimizer=nn.SGD(lr=1e-4), engine="native").engine == "native"


class Slotted:
    """A model to which nobody can refer weakly."""

    __slots__ = ("w",)

    def __init__(self):
        self.w = Value(0.5, "w")

    def parameters(self):
        return [self.w]

    def __call__(self, x):
        return self.w * x[0]


def test_what_cannot_be_compared_is_recorded_anew():
    class Penalty:
        __hash__ = None

        def __call__(self, parameters):
            return nn.l2_penalty(parameters, 0.01)

    data = ([[1.0], [2.0]], [0.0, 0.0])
    assert nn.fit(Slotted(), data, epochs=1).engine == "native"
    assert nn.fit(small()(), PEOPLE, epochs=1, penalty=Penalty()).engine == "native"
    assert re.search("the model changes while it computes", why_not(Counting(), data=([[1.0], [1.0]], [0.0, 0.0])))


def test_an_old_program_that_cannot_be_run_any_more():
    model = nn.MLP(1, [1], activation=Value.exp, bias=False, weights=[[[0.1]]])
    data = ([[1.0], [2.0]], [1.0, 1.0])
    nn.fit(model, data, epochs=1, engine="native")
    model.layers[0].neurons[0].activation_function = Value.tanh
    model.parameters()[0].data = 5000.0
    assert nn.fit(model, data, epochs=1, engine="native").loss == [0.0]


class Counting:
    """Every call gives another number."""

    def __init__(self):
        self.w = Value(1.0, "w")
        self.calls = 0

    def parameters(self):
        return [self.w]

    def __call__(self, x):
        self.calls += 1
        return self.w * x[0] * float(self.calls)


def test_a_model_that_computes_something_else_each_time():
    rng = np.random.default_rng(0)

    class Dropout(nn.MLP):
        def forward(self, x):
            return super().forward(x) * float(rng.random())

    assert re.search(
        "rng, which is outside of the model, changes while the model computes", why_not(Dropout(2, [2, 1], seed=1))
    )


def test_a_changed_model_is_recorded_anew():
    model = small()()
    nn.fit(model, PEOPLE, epochs=2, engine="native")
    for neuron in model.layers[0].neurons:
        neuron.activation_function = Value.relu
    reference = nn.MLP(2, [3, 1], activation="tanh", seed=4)
    for neuron in reference.layers[0].neurons:
        neuron.activation_function = Value.relu
    for one, other in zip(reference.parameters(), model.parameters(), strict=True):
        one.data = other.data
    expected = nn.fit(reference, PEOPLE, epochs=3, engine="eager").loss
    assert nn.fit(model, PEOPLE, epochs=3, engine="native").loss == pytest.approx(expected, rel=1e-10)


def test_networks_of_one_shape_share_a_program(no_programs, monkeypatch):
    made = []
    monkeypatch.setattr(compiled, "trainer_for", lambda *args: made.append(args) or trainers.trainer_for(*args))
    for seed, data in ((1, PEOPLE), (2, PEOPLE), (3, MOONS)):
        nn.fit(nn.MLP(2, [3, 1], seed=seed), data, epochs=2, engine="native")
    assert len(made) == 1
    nn.fit(nn.MLP(2, [4, 1], seed=1), PEOPLE, epochs=2, engine="native")
    assert len(made) == 2
    # The same network, built of other objects, and one of somebody's own that computes the same.
    sequential = nn.Sequential(nn.Layer(2, 3, "tanh", seed=1), nn.Layer(3, 1, "tanh", seed=2), first_of)
    nn.fit(sequential, PEOPLE, epochs=2, engine="native")
    assert len(made) == 2


def first_of(outputs):
    return outputs[0]


def test_a_program_keeps_no_model_alive(no_programs):
    for make in (small(), Counted):
        model, optimizer = make(), nn.Adam(lr=0.01)
        assert nn.fit(model, PEOPLE, epochs=2, optimizer=optimizer, engine="native").engine == "native"
        gone = [weakref.ref(model), *map(weakref.ref, model.parameters())]
        del model
        gc.collect()
        assert [reference() for reference in gone] == [None] * len(gone)
    assert optimizer.memory.values() == []


def test_a_run_leaves_no_circle_and_its_memory_to_the_next_one(no_programs):
    """Python would look for circles only now and then, and each run would need memory of its own until then."""
    model, kept = small()(), []
    gc.collect()
    gc.disable()
    try:
        for epochs in (2, 3, 2):
            nn.fit(model, PEOPLE, epochs=epochs, engine="native")
            (program,) = compiled._by_configuration.values()
            kept += program.idle
        assert len(set(map(id, kept))) == 1
        assert len(kept) == 3
        # Another size of the batches needs other memory.
        for size in (2, 3):
            nn.fit(model, PEOPLE, epochs=2, engine="native", batch_size=size)
            assert [program.idle[0].size for program in compiled._by_configuration.values()] == [1, size]
        gone = weakref.ref(model)
        del model
        assert gone() is None
    finally:
        gc.enable()


class Counted(nn.MLP):
    """Not one of nn's own."""

    def __init__(self):
        super().__init__(2, [3, 1], seed=1)


def test_an_unknown_engine():
    with pytest.raises(ValueError, match="engine must be one of auto, eager, native"):
        nn.fit(small()(), PEOPLE, epochs=1, engine="fast")


@pytest.mark.parametrize("how", ["data", "comparison", "computed"])
def test_a_branch_on_a_parameter_is_noticed(how):
    """It would be recorded as the way that was taken at first, and the training would be silently wrong."""

    class Branching(nn.Module):
        def __init__(self):
            self.w, self.b = nn.Parameter(0.5, "w"), nn.Parameter(0.0, "b")

        def forward(self, x):
            if how == "data":
                high = self.w.data > 0.45
            elif how == "comparison":
                high = self.w > 0.45
            else:
                high = self.w * self.w > 0.2
            return self.w * x[0] * (1 if high else 2) + self.b

    data = ([[1.0], [2.0]], [0.1, -0.2])
    found = []
    for engine in ("auto", "eager"):
        model = Branching()
        history = nn.fit(model, data, optimizer=nn.SGD(lr=0.05), epochs=5, engine=engine)
        found.append((history.engine, model.w.data, model.b.data))
    assert found[0] == found[1]
    assert found[0][0] == "eager"


def test_memory_for_results_is_used_again_unless_it_is_much(monkeypatch, no_programs):
    def buffers_of_a_run(epochs):
        nn.fit(small()(), PEOPLE, epochs=epochs, engine="native")
        return closed[-1]

    closed = []
    close = stepping.Buffers.close
    monkeypatch.setattr(stepping.Buffers, "close", lambda self: close(self) or closed.append(self))
    buffers = buffers_of_a_run(epochs=5)
    assert buffers_of_a_run(epochs=3) is buffers
    monkeypatch.setattr(stepping, "MOST_BYTES", 8 * 2 * 6 * len(PEOPLE))
    assert buffers_of_a_run(epochs=6) is not buffers_of_a_run(epochs=6)


@pytest.mark.parametrize("engine", ["auto", "python", "numpy"])
@pytest.mark.parametrize("batch_size", [1, 4, "full"])
@pytest.mark.parametrize(
    ("loss", "right", "wrong"),
    [
        (nn.hinge, [1, -1], [0.5, 1]),
        (nn.hinge, [1, -1], [2, 1]),
        (nn.binary_cross_entropy_with_logits, [1, 0], [1, 3]),
        (nn.binary_cross_entropy_with_logits, [0.25, 0.75], [-0.5, 1]),
        (nn.cross_entropy, [1, 0], [1, 1]),
        (nn.cross_entropy, [0.25, 0.75], [0.25, 0.25]),
        (nn.cross_entropy, [1, 0], [2, -1]),
    ],
)
def test_one_wrong_target_among_many_is_found(loss, right, wrong, batch_size, engine):
    """Also behind those that are tried first, and if a loss of one's own asks ours."""
    inputs, targets = [[i / 9] for i in range(30)], [*[right] * 20, *[right[::-1]] * 5, wrong, *[right] * 4]
    for chosen in (loss, lambda predictions, target: loss(predictions, target)):
        model = nn.MLP(1, [2], output_activation="identity", seed=1)
        with pytest.raises(nn.LossError) as caught:
            nn.fit(
                model,
                (inputs, targets),
                loss=chosen,
                batch_size=batch_size,
                engine=engine,
                progress=False,
                epochs=2,
            )
        assert caught.value.__notes__ == ["  This came of sample 26."]
