"""Machines that are not this one, simulated: a broken llvmlite, a C library without a function, no FMA."""

import ctypes
import math
import platform
import re
import sys
import types

import numpy as np
import pytest

import nn
from autograd import Value, compile, jit, ops
from autograd.engines.native import batches, machine_code, program
from autograd.engines.native.atoms import ATOMS, code_for
from autograd.engines.native.llvm_text import LANES, Body
from autograd.program.calling import EngineMissing
from autograd.program.tape import primitive
from nn.compiled import programs

binding = pytest.importorskip(
    "llvmlite.binding", reason='machine code needs the extra fast: pip install "glassgrad[fast]"'
)


# --- llvmlite is installed, and does not work ---------------------------------------------------------------


class FailsToLoad:
    """Finds llvmlite, and fails where its library would be loaded."""

    def __init__(self, error):
        self.error = error

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "llvmlite":
            raise self.error


def broken(**changes):
    """llvmlite.binding with some functions replaced, or taken away."""
    module = types.ModuleType("llvmlite.binding")
    for name in dir(binding):
        if name not in changes:
            setattr(module, name, getattr(binding, name))
    for name, change in changes.items():
        if change is not None:
            setattr(module, name, change)
    return module


def raising(error):
    def fail(*arguments, **settings):
        raise error

    return fail


class Engine:
    """An engine whose code is somewhere else, or does something else."""

    def __init__(self, address):
        self.address = address

    def add_object_file(self, file):
        pass

    def finalize_object(self):
        pass

    def get_function_address(self, name):
        return self.address


@ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_void_p, ctypes.c_double)
def subtracting(place, y):
    return ctypes.c_double.from_address(place).value - y


SUBTRACTING = ctypes.cast(subtracting, ctypes.c_void_p).value


LOADING = [
    OSError("Could not find/load shared object file 'libllvmlite.so'"),
    ImportError("DLL load failed while importing ffi"),
    RuntimeError("LLVM is older than it should be"),
]
RUNNING = [
    ({"initialize_native_target": None}, "has no attribute 'initialize_native_target'"),
    ({"initialize_native_asmprinter": raising(RuntimeError("no native asm printer"))}, "no native asm printer"),
    ({"get_host_cpu_features": raising(RuntimeError("failed to get host cpu features"))}, "host cpu features"),
    ({"parse_assembly": raising(RuntimeError("LLVM IR parsing error\n<string>:1:13"))}, "parsing error$"),
    ({"create_mcjit_compiler": raising(OSError("cannot allocate executable memory"))}, "executable memory"),
    ({"create_mcjit_compiler": lambda *parts: Engine(0)}, "adds 2 and 3 to something else"),
    ({"create_mcjit_compiler": lambda *parts: Engine(SUBTRACTING)}, "adds 2 and 3 to something else"),
]  # fmt: skip


def set_binding(monkeypatch, module):
    monkeypatch.setitem(sys.modules, "llvmlite.binding", module)
    monkeypatch.setattr(sys.modules["llvmlite"], "binding", module)


@pytest.fixture(params=[*LOADING, *RUNNING], ids=lambda kind: str(kind)[:30])
def reason(request, monkeypatch):
    """Break llvmlite in one of these ways; what must be said about it."""
    if isinstance(request.param, Exception):
        for name in [name for name in sys.modules if name.partition(".")[0] == "llvmlite"]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setattr(sys, "meta_path", [FailsToLoad(request.param), *sys.meta_path])
        yield str(request.param)
    else:
        changes, said = request.param
        set_binding(monkeypatch, broken(**changes))
        yield said


def check_that_auto_works(expected=("numpy", "python")):
    a, b = Value(2.0, "a"), Value(3.0, "b")
    program = compile((a * b).tanh(), [a, b])
    assert program.engine in expected
    assert program(0.5, 1.0) == math.tanh(0.5)
    assert program(np.array([0.5, 1.0]), 1.0) == pytest.approx(np.tanh([0.5, 1.0]), rel=1e-15)
    assert jit(lambda x: x * x)(3.0) == 9.0
    for neurons, batch_size in ((2, 1), (2, "full"), (40, 5)):
        losses = {}
        for engine in ("auto", "eager"):
            model = nn.MLP(2, [neurons, neurons, 1], seed=1)
            history = nn.fit(model, nn.data.moons(10), epochs=1, batch_size=batch_size, engine=engine)
            losses[engine] = history.loss
        assert losses["auto"] == pytest.approx(losses["eager"], rel=1e-12)


def test_auto_does_without_an_llvmlite_that_does_not_work(reason):
    check_that_auto_works()


def test_who_asks_for_machine_code_is_told_what_is_wrong(reason):
    a = Value(2.0, "a")
    with pytest.raises(
        EngineMissing, match=r"(?s)does not work here: .*pip install --force-reinstall \"llvmlite"
    ) as caught:
        compile(a * a, [a], engine="native")
    first = str(caught.value).splitlines()[0]
    assert re.search(reason if "$" in reason else re.escape(reason), first)
    with pytest.raises(EngineMissing, match="does not work here"):
        nn.fit(nn.MLP(2, [1], seed=1), nn.data.alice_bob(), epochs=1, engine="native")


def test_the_machine_is_tried_once(monkeypatch):
    count = []

    def create(module, machine):
        count.append(1)
        return binding.create_mcjit_compiler(module, machine)

    set_binding(monkeypatch, broken(create_mcjit_compiler=create))
    for _ in range(5):
        machine_code.llvm()
    assert len(count) == 1


@pytest.mark.parametrize("missing", ["erf", "log1p", "hypot", "cbrt"])
def test_a_c_library_without_a_function(monkeypatch, missing):
    real = machine_code.address_in_c_library

    def address(name):
        if name == missing:
            raise AttributeError(f"undefined symbol: {name}")
        return real(name)

    monkeypatch.setattr(machine_code, "address_in_c_library", address)
    x = Value(0.5, "x")
    inputs = [x] * ops.ALL[missing].arity
    y = ops.ALL[missing](*inputs)
    program = compile(y, [x])
    assert program.engine == "numpy"
    assert program(0.5) == pytest.approx(y.data, rel=1e-15)
    with pytest.raises(EngineMissing, match=f"undefined symbol: {missing}"):
        compile(y, [x], engine="native")
    # Whatever does not need it is as fast as ever.
    assert compile(x * x, [x]).engine == "native"
    # So is a run.
    if missing == "erf":
        programs.forget()
        for neurons in (2, 20):
            models = [nn.MLP(2, [neurons, 1], activation=each, seed=1) for each in ("tanh", "erf")]
            engines = [nn.fit(model, nn.data.moons(30), epochs=1, batch_size=5).engine for model in models]
            assert engines == ["native", "python"]


def test_other_data_are_measured_by_numpy_where_their_program_cannot_be_made(monkeypatch):
    def fail(*parts):
        raise EngineMissing("no memory is left for machine code")

    programs.forget()
    monkeypatch.setattr("nn.compiled.groups.program", fail)
    losses = {}
    for engine in ("native", "eager"):
        model = nn.MLP(2, [3, 1], seed=1)
        data, other = nn.data.moons(10), nn.data.moons(7, seed=5)
        losses[engine] = nn.fit(model, data, epochs=2, validation=other, engine=engine).validation_loss
    assert losses["native"] == pytest.approx(losses["eager"], rel=1e-12)


# --- a processor without FMA --------------------------------------------------------------------------------


def plain_machine(binding, level):
    """The oldest processor of the family: no FMA, vectors of two numbers."""
    return binding.Target.from_triple("x86_64-unknown-linux-gnu").create_target_machine(
        cpu="x86-64", features="", opt=level, jit=True
    )


@pytest.fixture
def without_fma(monkeypatch):
    """The programs that are made once in a process are made anew, and once more afterwards."""
    # What is kept is known by the processor that is really there.
    monkeypatch.setenv("GLASSGRAD_CACHE", "")
    monkeypatch.setattr(machine_code, "machine_for", plain_machine)
    monkeypatch.setattr(machine_code, "lanes_of_machine", lambda binding: 2)
    machine_code.made_once.cache_clear()
    yield
    machine_code.made_once.cache_clear()


PROCESSORS = [
    ("x86_64-unknown-linux-gnu", "x86-64", 2, r"\bmulpd\b", r"fmadd|\bv[a-z]+pd\b|zmm"),
    ("x86_64-unknown-linux-gnu", "sandybridge", 4, r"\bvmulpd\b.*ymm", r"fmadd|zmm"),
    ("x86_64-unknown-linux-gnu", "haswell", 4, r"vfmadd\d+pd.*ymm", r"zmm"),
    ("x86_64-unknown-linux-gnu", "skylake-avx512", 8, r"vfmadd\d+pd.*zmm", None),
    ("aarch64-unknown-linux-gnu", "generic", 2, r"fmla\s+v\d+\.2d", None),
    ("arm64-apple-macosx", "apple-m1", 2, r"fmla(\.2d|\s+v\d+\.2d)", None),
]
"""A processor, how wide its vectors are, what its code for sums has, and what it must not have."""


@pytest.mark.parametrize("parts", [program, batches], ids=["single", "batch"])
@pytest.mark.parametrize("processor", PROCESSORS, ids=lambda processor: f"{processor[0][:5]} {processor[1]}")
def test_the_program_for_other_processors(monkeypatch, parts, processor):
    """LLVM writes the assembly of machines that are not here, with their own vectors and no others."""
    triple, cpu, width, expected, forbidden = processor
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    texts = []
    # The text only: code for another machine cannot be loaded.
    monkeypatch.setattr(
        machine_code, "compile_text", lambda parts, bodies, instructions: texts.append((parts, bodies))
    )
    machine_code.compile_functions(parts.functions(width))
    [(written, bodies)] = texts
    declared = {line for body in bodies for line in body.declarations()}
    machine = binding.Target.from_triple(triple).create_target_machine(cpu=cpu, opt=1)
    assembly = machine.emit_assembly(binding.parse_assembly("\n".join([*sorted(declared), *written])))
    assert re.search(expected, assembly)
    assert forbidden is None or not re.search(forbidden, assembly), re.search(forbidden, assembly)
    # A multiplication and an addition together are never a call of the C library.
    assert not re.search(r"\b(bl|callq?)\s+_?fma\b", assembly)


def test_no_atom_needs_an_instruction_that_not_every_processor_has():
    for atom in {*ATOMS, *[op.atom for op in ops.ALL.values() if op.is_built_in and op.atom]}:
        for width, in_loop in ((1, False), (1, True), (LANES, False)):
            body = Body(width, in_loop=in_loop)
            code_for(atom)(body, *["%x"] * primitive(atom).arity)
            assert not [name for name in body.functions if name.startswith("llvm.fma.")], atom


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the machine that is simulated is an x86")
@pytest.mark.parametrize("op", [ops.exp, ops.tanh])
def test_without_fma_the_same_bound_holds(without_fma, op):
    """Two units in the last place, on a grid and near every place where another formula takes over."""
    borders = [0.0, 0.625, -0.625, 1e-300, 5e-324, 0.5 * math.log(2), 709.7, -708.0, -744.0, 20.0, -20.0]
    numbers = [x * (1 + k * 2.0**-50) for x in borders for k in range(-20, 21)]
    numbers += np.linspace(-30, 30, 20_001).tolist() + np.geomspace(1e-12, 700, 4_000).tolist()
    numbers += np.linspace(-700, 700, 5_001).tolist()
    x = Value(0.5, "x")
    program = compile(op(x), [x], engine="native")
    assert "fmadd" not in program.assembly
    assert "fma" not in program.assembly
    found = program(np.array(numbers))
    exact = [getattr(math, op.name)(number) for number in numbers]
    assert all(abs(program(x) - z) <= 2 * math.ulp(z) for x, z in zip(numbers[::7], exact[::7], strict=True))
    assert all(abs(y - z) <= 2 * math.ulp(z) for y, z in zip(found.tolist(), exact, strict=True))


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the machine that is simulated is an x86")
@pytest.mark.parametrize("batch_size", [1, 8])
def test_without_fma_training_is_what_it_is(without_fma, batch_size):
    losses = {}
    for engine in ("native", "eager"):
        model = nn.MLP(2, [8, 1], "tanh", output_activation="sigmoid", seed=1)
        history = nn.fit(
            model, nn.data.moons(40), loss=nn.binary_cross_entropy, optimizer=nn.Adam(lr=0.02), epochs=5,
            batch_size=batch_size, engine=engine,
        )  # fmt: skip
        losses[engine] = history.loss
    assert losses["native"] == pytest.approx(losses["eager"], rel=1e-11)
