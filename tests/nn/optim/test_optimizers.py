"""Every update rule against torch.optim, and the same rule on floats, NumPy vectors and Values."""

import json
import math
import random
from weakref import ref

import numpy as np
import pytest

import nn
from autograd import DomainError, GradientError, NumberOverflowError, Value, ieee
from autograd.value import has_gradient
from nn.optim import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Optimizer,
    RMSProp,
    clip_gradient_norm,
    clip_gradient_value,
)
from nn.optim.state import Memory, Rows

# Ours, and what torch.optim has for it: class name and arguments.
CASES = [
    (SGD(lr=0.1), "SGD", {"lr": 0.1}),
    (SGD(lr=0.1, weight_decay=0.3), "SGD", {"lr": 0.1, "weight_decay": 0.3}),
    (SGD(lr=0.05, momentum=0.9), "SGD", {"lr": 0.05, "momentum": 0.9}),
    (
        SGD(lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.1),
        "SGD",
        {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1},
    ),
    (Adagrad(), "Adagrad", {}),
    (
        Adagrad(lr=0.3, lr_decay=0.1, weight_decay=0.2, initial_accumulator_value=0.5, eps=1e-6),
        "Adagrad",
        {"lr": 0.3, "lr_decay": 0.1, "weight_decay": 0.2, "initial_accumulator_value": 0.5, "eps": 1e-6},
    ),
    (RMSProp(), "RMSprop", {}),
    (
        RMSProp(lr=0.02, alpha=0.9, eps=1e-4, weight_decay=0.1, momentum=0.7),
        "RMSprop",
        {"lr": 0.02, "alpha": 0.9, "eps": 1e-4, "weight_decay": 0.1, "momentum": 0.7},
    ),
    (Adam(), "Adam", {}),
    (
        Adam(lr=0.1, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.2),
        "Adam",
        {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.2},
    ),
    (Adam(lr=0.1, betas=(0.0, 0.0)), "Adam", {"lr": 0.1, "betas": (0.0, 0.0)}),
    (AdamW(), "AdamW", {}),
    (
        AdamW(lr=0.1, betas=(0.7, 0.95), weight_decay=0.5),
        "AdamW",
        {"lr": 0.1, "betas": (0.7, 0.95), "weight_decay": 0.5},
    ),
]
IDS = [repr(ours) for ours, _, _ in CASES]
START = [0.5, -1.25, 3.0, 100.0]
STEPS = 50


def gradients(step: int) -> list[float]:
    """Made up, but of several sizes, signs and with a zero among them."""
    return [math.sin(step), 0.01 * math.cos(3 * step), (step % 3 - 1) * 5.0, -1e3 / step]


def fresh(optimizer: Optimizer) -> Optimizer:
    return type(optimizer)(**optimizer.hyperparameters())


def run(optimizer: Optimizer) -> list[list[float]]:
    parameters = [Value(x) for x in START]
    path = []
    for step in range(1, STEPS + 1):
        for parameter, gradient in zip(parameters, gradients(step), strict=True):
            parameter.grad = gradient
        optimizer.step(parameters)
        path.append([parameter.data for parameter in parameters])
    return path


@pytest.mark.parametrize(("ours", "name", "arguments"), CASES, ids=IDS)
def test_fifty_steps_equal_those_of_torch(ours, name, arguments):
    torch = pytest.importorskip("torch", reason="PyTorch is what we compare with")
    theirs = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, name)([theirs], **arguments)
    path = []
    for step in range(1, STEPS + 1):
        theirs.grad = torch.tensor(gradients(step), dtype=torch.float64)
        optimizer.step()
        path.append(theirs.tolist())
    np.testing.assert_allclose(run(fresh(ours)), path, rtol=1e-12, atol=1e-13)


def test_default_settings_are_those_of_torch():
    torch = pytest.importorskip("torch", reason="PyTorch is what we compare with")
    for ours, name in [(SGD, "SGD"), (Adagrad, "Adagrad"), (RMSProp, "RMSprop"), (Adam, "Adam"), (AdamW, "AdamW")]:
        theirs = getattr(torch.optim, name)([torch.zeros(1)]).defaults
        settings = ours().hyperparameters()
        assert settings == {key: theirs[key] for key in settings}


@pytest.mark.parametrize("ours", [case[0] for case in CASES], ids=IDS)
def test_the_same_rule_runs_on_vectors_and_on_values(ours):
    expected = run(fresh(ours))
    vector = np.array(START)
    vector_state = tuple(np.full(len(START), number) for number in ours.initial_state())
    values = [Value(x) for x in START]
    value_states = [tuple(Value(number) for number in ours.initial_state()) for _ in START]
    lr = Value(ours.lr)
    for step in range(1, STEPS + 1):
        vector, vector_state = ours.update(vector, np.array(gradients(step)), vector_state, step, ours.lr)
        np.testing.assert_allclose(vector, expected[step - 1], rtol=1e-14, atol=1e-16)
        for i, gradient in enumerate(gradients(step)):
            values[i], value_states[i] = ours.update(values[i], Value(gradient), value_states[i], Value(step), lr)
            assert values[i].data == pytest.approx(expected[step - 1][i], rel=1e-14, abs=1e-16)
            assert all(isinstance(number, Value) for number in value_states[i])
        # Leaves again, so that the graphs do not grow from step to step.
        values = [value.detach() for value in values]
        value_states = [tuple(number.detach() for number in state) for state in value_states]


def test_an_update_on_values_can_be_differentiated():
    # p - lr·g: the derivative with respect to the learning rate is -g.
    lr = Value(0.1)
    moved, _ = SGD().update(Value(3.0), Value(6.0), (Value(0.0),), 1, lr)
    moved.backward()
    assert lr.grad == -6.0


def test_the_single_neuron_of_training_networks():
    w1, w2 = Value(0.3), Value(0.9)
    output = 0.1 * w1 + 0.8 * w2
    ((output - 0.4) ** 2 / 2).backward()
    SGD(lr=1.0).step([w1, w2])
    assert [w1.data, w2.data] == pytest.approx([0.265, 0.62], abs=1e-15)
    output = 0.1 * w1 + 0.8 * w2
    assert output.data == pytest.approx(0.5225, abs=1e-15)
    assert output.data - 0.4 == pytest.approx(0.1225, abs=1e-15)


def test_a_parameter_without_a_gradient_is_left_alone():
    used, unused = Value(3.0), Value(5.0)
    adam = Adam(lr=0.1)
    (used * used).backward()
    adam.step([unused, used])
    assert unused.data == 5.0
    assert used.data == pytest.approx(2.9)
    # When its turn comes, its own first step is number 1, as in PyTorch.
    (unused * unused).backward()
    used.grad = 0
    adam.step([unused, used])
    assert unused.data == pytest.approx(4.9)
    assert used.data == pytest.approx(2.9)


def test_a_gradient_that_somebody_sets_by_hand_counts():
    w = Value(3.0)
    w.grad = 2
    SGD(lr=0.5).step([w])
    assert w.data == 2.0
    assert type(w.data) is float


def test_without_any_gradient_the_message_says_to_call_backward():
    with pytest.raises(GradientError, match="none of the 2 parameters has a gradient: call loss"):
        SGD(lr=0.1).step([Value(1.0), Value(2.0)])
    SGD(lr=0.1).step([])


def test_the_rate_of_one_step_can_be_given():
    w = Value(3.0)
    w.grad = 1.0
    sgd = SGD(lr=0.1)
    sgd.step([w], lr=0.5)
    assert (w.data, sgd.lr) == (2.5, 0.1)
    with pytest.raises(ValueError, match="lr is -1"):
        sgd.step([w], lr=-1)


def test_nothing_changes_if_one_update_overflows():
    good, bad = Value(3.0, "good"), Value(-1.7e308, "bad")
    good.grad, bad.grad = 1.0, 1e308
    adagrad, sgd = Adagrad(lr=0.1), SGD(lr=1.0)
    with pytest.raises(NumberOverflowError, match=r"update of bad by SGD has no finite result: data = -1.7e\+308"):
        sgd.step([good, bad])
    with pytest.raises(DomainError, match=r"(?s)update of bad by Adagrad.*sqrt.* at x = inf.*clip_gradient_norm"):
        adagrad.step([good, bad])
    assert (good.data, bad.data) == (3.0, -1.7e308)
    assert adagrad.memory[good] == (0, (0.0,))
    with ieee():
        sgd.step([good, bad])
    assert (good.data, bad.data) == (2.0, -math.inf)


def test_nothing_changes_if_only_the_state_overflows():
    class Sum(Optimizer):
        state_names = ("sum_of_squares",)

        def update(self, parameter, gradient, state, step, lr):
            return parameter - lr, (state[0] + gradient * gradient,)

    w = Value(3.0, "w")
    w.grad = 1e200
    with pytest.raises(NumberOverflowError, match="update of w by Sum has no finite result"):
        Sum(lr=1.0).step([w])
    assert w.data == 3.0


def test_an_update_that_is_not_defined_says_so():
    w = Value(3.0)
    w.grad = 0.0
    with pytest.raises(DomainError, match=r"(?s)update of a parameter by Adagrad .*division by zero"):
        Adagrad(eps=0).step([w])
    assert w.data == 3.0


def test_an_overflow_inside_a_rule_of_ones_own_is_explained():
    class Power(Optimizer):
        def update(self, parameter, gradient, state, step, lr):
            return parameter - lr * gradient**1000, state

    w = Value(3.0, "w")
    w.grad = 1e10
    with pytest.raises(NumberOverflowError, match=r"(?s)update of w by Power .*\n  \w+"):
        Power(lr=0.1).step([w])


def test_an_optimizer_without_a_rule_says_what_is_missing():
    w = Value(1.0)
    w.grad = 1.0
    with pytest.raises(NotImplementedError, match="Optimizer needs a method update"):
        Optimizer().step([w])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(lr=-0.1), "lr is -0.1, but it must be a finite number, 0 or more"),
        (lambda: SGD(lr=math.nan), "lr is nan"),
        (lambda: SGD(lr=math.inf), "lr is inf"),
        (lambda: SGD(lr=0.1, momentum=-1), "momentum is -1"),
        (lambda: SGD(lr=0.1, nesterov=True), "nesterov=True needs a momentum"),
        (lambda: SGD(lr=0.1, weight_decay=-1), "weight_decay is -1"),
        (lambda: Adagrad(lr_decay=-1), "lr_decay is -1"),
        (lambda: Adagrad(initial_accumulator_value=-1), "initial_accumulator_value is -1"),
        (lambda: RMSProp(alpha=1.0), "alpha is 1.0, but it must be a finite number, 0 or more and less than 1"),
        (lambda: RMSProp(eps=-1e-8), "eps is -1e-08"),
        (lambda: Adam(betas=(0.9, 1.0)), r"betas\[1\] is 1.0"),
        (lambda: Adam(betas=(-0.1, 0.9)), r"betas\[0\] is -0.1"),
        (lambda: Adam(betas=0.9), "betas must be two numbers"),
        (lambda: AdamW(betas=(0.9,)), "betas must be two numbers"),
    ],
)
def test_bad_settings_are_errors_at_once(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("lr", ["0.1", None, True, [0.1], 1j])
def test_a_rate_that_is_no_number_is_a_type_error(lr):
    with pytest.raises(TypeError, match="lr must be a number"):
        SGD(lr=lr)


@pytest.mark.parametrize(
    "parameters", [Value(1.0), "abc", 3, {"w": Value(1.0)}, [Value(1.0), 2.0], lambda: [Value(1.0)]]
)
def test_parameters_that_are_none(parameters):
    with pytest.raises(TypeError, match="parameter"):
        SGD(lr=0.1).step(parameters)


@pytest.mark.parametrize("ours", [case[0] for case in CASES], ids=IDS)
def test_a_saved_state_goes_on_exactly_where_it_stood(ours):
    def take_steps(optimizer, parameters, steps):
        for step in steps:
            for parameter, gradient in zip(parameters, gradients(step), strict=True):
                parameter.grad = gradient
            optimizer.step(parameters)

    through = [Value(x) for x in START]
    optimizer = fresh(ours)
    take_steps(optimizer, through, range(1, 8))
    saved = json.loads(json.dumps(optimizer.state_dict()))

    resumed = [value.detach() for value in through]
    other = type(ours)()
    other.load_state_dict(saved)
    assert other.hyperparameters() == ours.hyperparameters()
    assert other.state_dict() == saved
    take_steps(optimizer, through, range(8, 15))
    take_steps(other, resumed, range(8, 15))
    assert [value.data for value in resumed] == [value.data for value in through]


def test_the_state_of_sgd_reads_well():
    w = Value(3.0)
    w.grad = 2.0
    sgd = SGD(lr=0.1, momentum=0.9)
    sgd.step([w])
    assert sgd.state_dict() == {
        "optimizer": "SGD",
        "hyperparameters": {"lr": 0.1, "momentum": 0.9, "nesterov": False, "weight_decay": 0.0},
        "parameters": [{"step": 1, "velocity": 2.0}],
    }
    assert repr(sgd) == "SGD(lr=0.1, momentum=0.9, nesterov=False, weight_decay=0.0)"


def state(**changes):
    return {
        "optimizer": "SGD",
        "hyperparameters": {"lr": 0.1, "momentum": 0.9, "nesterov": False, "weight_decay": 0.0},
        "parameters": [{"step": 1, "velocity": 2.0}],
    } | changes


@pytest.mark.parametrize(
    ("saved", "kind", "message"),
    [
        (None, ValueError, "the state of an optimizer is a dict"),
        ({}, ValueError, "the state of an optimizer is a dict"),
        (state(optimizer="Adam"), ValueError, "this is the state of 'Adam', but the optimizer is SGD"),
        (state(hyperparameters={"lr": 0.1}), ValueError, "SGD has the settings"),
        (state(hyperparameters=[]), ValueError, "SGD has the settings"),
        (
            state(hyperparameters={"lr": -1, "momentum": 0.9, "nesterov": False, "weight_decay": 0.0}),
            ValueError,
            "lr is -1",
        ),
        (state(parameters={}), ValueError, "must be a list"),
        (state(parameters=[{"step": 1}]), ValueError, "state 1 must have"),
        (state(parameters=[3]), ValueError, "state 1 must have"),
        (state(parameters=[{"step": 1.5, "velocity": 0.0}]), ValueError, "step of state 1"),
        (state(parameters=[{"step": -1, "velocity": 0.0}]), ValueError, "step of state 1"),
        (state(parameters=[{"step": 1, "velocity": math.nan}]), ValueError, "velocity of state 1"),
        (state(parameters=[{"step": 1, "velocity": "2"}]), TypeError, "velocity of state 1"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(saved, kind, message):
    sgd = SGD(lr=0.5)
    before = sgd.state_dict()
    with pytest.raises(kind, match=message):
        sgd.load_state_dict(saved)
    assert sgd.state_dict() == before


def test_a_state_for_another_number_of_parameters():
    sgd = SGD()
    sgd.load_state_dict(state())
    a, b = Value(1.0), Value(2.0)
    a.grad = b.grad = 1.0
    with pytest.raises(ValueError, match=r"belongs to 1 parameters, but step\(\) was given 2"):
        sgd.step([a, b])
    assert (a.data, b.data) == (1.0, 2.0)
    sgd.step([a])
    assert a.data == pytest.approx(1.0 - 0.1 * (0.9 * 2.0 + 1.0))


# Gradient clipping


def with_gradients(numbers):
    parameters = [Value(0.0, f"w{i}") for i in range(1, len(numbers) + 1)]
    for parameter, number in zip(parameters, numbers, strict=True):
        parameter.grad = number
    return parameters


@pytest.mark.parametrize("numbers", [[3.0, -4.0, 0.5], [1e-3, 0.0, -2e-3], [1e160, -1e170, 3e169]])
@pytest.mark.parametrize("limit", [0.1, 1.0, 10.0])
def test_clipping_equals_torch(numbers, limit):
    torch = pytest.importorskip("torch", reason="PyTorch is what we compare with")
    theirs = [torch.zeros(1, dtype=torch.float64, requires_grad=True) for _ in numbers]

    def reset():
        for tensor, number in zip(theirs, numbers, strict=True):
            tensor.grad = torch.tensor([number], dtype=torch.float64)

    reset()
    ours = with_gradients(numbers)
    torch.nn.utils.clip_grad_value_(theirs, limit)
    clip_gradient_value(ours, limit)
    assert [p.grad for p in ours] == [t.grad.item() for t in theirs]

    ours = with_gradients(numbers)
    before = clip_gradient_norm(ours, limit)
    assert before == pytest.approx(math.sqrt(math.fsum((x / 1e170) ** 2 for x in numbers)) * 1e170, rel=1e-12) or (
        before == pytest.approx(math.sqrt(math.fsum(x * x for x in numbers)), rel=1e-12)
    )
    # Torch squares, and so its norm of numbers like 1e170 is infinite; ours is not.
    if max(numbers) < 1e150:
        reset()
        assert before == pytest.approx(torch.nn.utils.clip_grad_norm_(theirs, limit).item(), rel=1e-12)
        np.testing.assert_allclose([p.grad for p in ours], [t.grad.item() for t in theirs], rtol=1e-12)
    assert math.hypot(*[p.grad for p in ours]) <= max(limit, 1e-3) * (1 + 1e-12)


def test_clipping_leaves_unknown_gradients_alone():
    unknown = Value(1.0)
    known = Value(2.0)
    known.grad = 100.0
    clip_gradient_value([unknown, known], 1.0)
    assert (unknown.grad, known.grad) == (0, 1.0)
    clip_gradient_norm([unknown, known], 0.5)
    assert type(unknown.grad) is int
    assert known.grad == pytest.approx(0.5, rel=1e-5)


def test_a_norm_that_overflows_changes_nothing():
    parameters = with_gradients([1.5e308, 1.2e308])
    with pytest.raises(NumberOverflowError, match=r"gradient of w1 alone is 1.5e\+308"):
        clip_gradient_norm(parameters, 1.0)
    assert [p.grad for p in parameters] == [1.5e308, 1.2e308]


def test_infinite_gradients_in_ieee_mode():
    parameters = with_gradients([math.nan, 3.0])
    with ieee():
        assert math.isnan(clip_gradient_norm(parameters, 1.0))
        parameters = with_gradients([math.nan, 3.0])
        clip_gradient_value(parameters, 1.0)
    assert math.isnan(parameters[0].grad)
    assert parameters[1].grad == 1.0


@pytest.mark.parametrize("limit", [0, -1, math.inf, math.nan])
def test_limits_must_be_above_zero(limit):
    with pytest.raises(ValueError, match=r"limit is .* more than 0"):
        clip_gradient_value([], limit)
    with pytest.raises(ValueError, match=r"max_norm is .* more than 0"):
        clip_gradient_norm([], limit)


def test_a_gradient_that_is_none_is_not_known():
    moved, other = Value(1.0, "moved"), Value(2.0, "other")
    (moved * moved).backward()
    other.grad = None
    assert nn.clip_gradient_norm([moved, other], 1.0) == 2.0
    nn.clip_gradient_value([moved, other], 0.5)
    for optimizer in (nn.SGD(lr=0.1), nn.SGD(lr=0.1, momentum=0.9), nn.Adam(lr=0.1)):
        optimizer.step([moved, other])
    assert moved.data < 1.0
    assert (other.data, other.grad) == (2.0, None)
    moved.grad = None
    with pytest.raises(GradientError):
        nn.SGD(lr=0.1).step([moved, other])


@pytest.mark.parametrize("engine", ["eager", "auto", "python", "numpy"])
def test_fit_after_somebody_set_gradients_to_none(engine):
    def trained(forget):
        model = nn.MLP(2, [3, 1], seed=1)
        for parameter in model.parameters():
            parameter.grad = forget
        nn.fit(model, ([[1.0, 2.0], [0.5, -1.0]], [1.0, 0.0]), epochs=3, engine=engine, progress=False)
        return [(parameter.data, parameter.grad) for parameter in model.parameters()]

    assert trained(None) == trained(0)


def test_who_keeps_the_entries_of_a_memory_keeps_the_moment():
    w, sgd = Value(1.0), nn.SGD(lr=0.1, momentum=0.9)
    w.grad = 2.0
    sgd.step([w])
    kept, then = sgd.memory.entries, dict(sgd.memory.entries)
    sgd.step([w])
    sgd.memory[w] = (7, (0.0,))
    del sgd.memory[w]
    assert kept == then
    assert [count for count, _ in then.values()] == [1]


@pytest.mark.parametrize("seed", range(20))
def test_each_parameter_goes_its_own_way_whoever_steps_with_it(seed):
    """Steps of some parameters, in any order, with and without gradients, against the rule for each alone."""
    chance = random.Random(seed)
    adam, parameters = Adam(lr=0.1), [Value(chance.gauss(0, 1)) for _ in range(5)]
    alone = [(0, (0.0, 0.0), parameter.data) for parameter in parameters]
    moments = []
    group = list(range(5))
    for _ in range(30):
        if chance.random() < 0.4:
            group = chance.sample(range(5), chance.randint(1, 5))
        for parameter in parameters:
            parameter.grad = chance.choice((0, 0.0, chance.gauss(0, 1)))
        if not any(has_gradient(parameters[i]) for i in group):
            continue
        adam.step([parameters[i] for i in group])
        for i in group:
            count, state, data = alone[i]
            if has_gradient(parameters[i]):
                data, state = adam.update(data, float(parameters[i].grad), state, count + 1, 0.1)
                alone[i] = (count + 1, state, data)
        assert [parameter.data for parameter in parameters] == [data for _, _, data in alone]
        moments.append((adam.memory.copy(), [(count, state) for count, state, _ in alone]))
    for memory, then in moments:
        known = memory.of(parameters)
        assert [entry or (0, (0.0, 0.0)) for entry in known] == then
        assert dict(memory.items()) == dict(zip(parameters, known, strict=True)) or None in known
    del parameters, parameter
    assert adam.memory.values() == []


@pytest.mark.parametrize("kind", [tuple, iter])
def test_parameters_may_come_as_any_collection(kind):
    parameters = [Value(1.0), Value(2.0)]
    for parameter in parameters:
        parameter.grad = 1.0
    SGD(lr=0.5).step(kind(parameters))
    assert [parameter.data for parameter in parameters] == [0.5, 1.5]


def test_rows_that_are_left_for_other_parameters_replace_none():
    first, second = Value(1.0), Value(2.0)
    memory = Memory()
    for updates, parameter, state in ((3, first, 0.25), (5, second, 0.5)):
        memory.leave(Rows([ref(parameter)], updates, np.array([[state]])))
    assert [memory[parameter] for parameter in (first, second)] == [(3, (0.25,)), (5, (0.5,))]
