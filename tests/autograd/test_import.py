"""Importing us: the standard library only, and a clear word if something else bears one of our names."""

import json
import os
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

import autograd
from autograd import installation

PACKAGE = Path(autograd.__file__).parent


def run_python(code, *, path, cwd):
    """Run code in a fresh interpreter that sees only the standard library and the given folders."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON") and k != "COV_CORE_SOURCE"}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, path))
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    command = [sys.executable, "-S", "-c", code]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", env=environment, cwd=cwd, timeout=60, check=False
    )


@pytest.fixture
def our_copy(tmp_path):
    """A folder with nothing but our package in it, as in site-packages."""
    place = tmp_path / "site"
    shutil.copytree(PACKAGE, place / "autograd", ignore=shutil.ignore_patterns("__pycache__"))
    return place


@pytest.fixture
def their_copy(tmp_path):
    """A folder with what the other library's files look like."""
    place = tmp_path / "other"
    (place / "autograd" / "numpy").mkdir(parents=True)
    (place / "autograd" / "__init__.py").write_text("from .differential_operators import grad\n", encoding="utf-8")
    (place / "autograd" / "differential_operators.py").write_text("def grad(fun): return fun\n", encoding="utf-8")
    (place / "autograd" / "numpy" / "__init__.py").write_text("", encoding="utf-8")
    return place


EVERYTHING = """
import sys
import autograd
from autograd import Value

at_once = set(sys.modules)
a, b = Value(2.0, "a"), Value(-3.0, "b")
L = (a * b + 10).tanh() ** 2 + autograd.softmax([a, b])[0] + abs(b) ** a
L.backward()
steps = autograd.trace(L)
print(steps, steps.formula(steps.backward[0]).latex, steps.formula(steps.backward[0]).mathml, steps.to_json())
f = lambda x, y: autograd.sin(x) * y ** 3
assert autograd.grad(f)(1.0, 2.0) == autograd.jvp(f, (1.0, 2.0), (1.0, 0.0))[1]
assert autograd.jacobian(f)(1.0, 2.0) == [list(autograd.vjp(f, 1.0, 2.0)[1](1.0))]
assert autograd.hessian(f)(1.0, 2.0)[0] == list(autograd.hvp(f, (1.0, 2.0), (1.0, 0.0)))
assert autograd.check_gradient(f, 1.0, 2.0, order=2)
with autograd.ieee():
    assert autograd.log(0.0) == -autograd.exp(1000.0) == autograd.grad(autograd.sqrt)(0.0) * -1
    assert autograd.gelu(Value(float("nan"))).data != 0
try:
    autograd.sqrt(-1.0)
except autograd.DomainError as error:
    assert "x ≥ 0" in str(error)
import json
print(json.dumps([sorted(at_once), sorted(sys.modules)]))
"""


def test_the_standard_library_is_all_that_the_engine_needs(our_copy, tmp_path):
    """Values, backward, steps, formulas, derivatives of every kind and ieee(), where there are no other packages."""
    result = run_python(EVERYTHING, path=[our_copy], cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    at_once, in_the_end = (set(names) for names in json.loads(result.stdout.splitlines()[-1]))
    foreign = {name.partition(".")[0] for name in in_the_end} - set(sys.stdlib_module_names)
    assert foreign == {"autograd", "__main__"}
    # Importing us takes no time: what costs some comes with what needs it.
    assert not at_once & {
        "autograd.engines.python_source",
        "autograd.program.tape",
        "autograd.steps",
        "dataclasses",
        "inspect",
    }


def test_no_module_bears_the_name_of_what_it_exports():
    modules = {file.stem for file in PACKAGE.glob("*.py")} - {"__init__"}
    assert modules & set(autograd.__all__) == set()


def test_everything_in_all_is_there_and_nothing_public_is_left_out():
    assert len(set(autograd.__all__)) == len(autograd.__all__)
    for name in autograd.__all__:
        assert getattr(autograd, name) is not None
    assert set(autograd.__all__) <= set(dir(autograd))
    with pytest.raises(AttributeError, match="module 'autograd' has no attribute 'gradd'"):
        autograd.gradd  # noqa: B018
    from types import ModuleType

    public = {
        name
        for name, thing in vars(autograd).items()
        if not name.startswith("_") and not isinstance(thing, ModuleType)
    }
    # autograd.abs may be written, but `from autograd import *` must not hide Python's own.
    assert public - {"abs", "round", "compile"} == set(autograd.__all__)


def test_the_package_is_typed():
    assert (PACKAGE / "py.typed").is_file()


def test_the_other_library_s_files_laid_over_ours(our_copy, their_copy, tmp_path):
    """What pip does when both are installed into one environment, ours first."""
    (our_copy / "autograd" / "numpy").mkdir()
    shutil.copy(their_copy / "autograd" / "numpy" / "__init__.py", our_copy / "autograd" / "numpy")
    result = run_python("import autograd", path=[our_copy], cwd=tmp_path)
    assert_explained(result)


def test_the_other_library_beside_ours(our_copy, their_copy, tmp_path):
    """Ours comes first on the path, as in a checkout of the repository."""
    assert_explained(run_python("import autograd", path=[our_copy, their_copy], cwd=tmp_path))


def test_our_files_without_the_other_library_s_are_no_clash(our_copy, tmp_path):
    (tmp_path / "empty" / "autograd").mkdir(parents=True)
    result = run_python("import autograd; print('fine')", path=[our_copy, tmp_path / "empty"], cwd=tmp_path)
    assert result.stdout == "fine\n", result.stderr


def assert_explained(result):
    assert result.returncode != 0
    last = result.stderr[result.stderr.index("ImportError:") :]
    assert "Two libraries with the import name 'autograd'" in last
    assert "PyPI" in last
    assert "pip uninstall" in last
    assert "virtual environment" in last


def test_the_check_itself(their_copy, our_copy, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(our_copy)])
    installation.refuse_a_mixture([str(our_copy / "autograd")])
    with pytest.raises(ImportError, match="Two libraries"):
        installation.refuse_a_mixture([str(their_copy / "autograd")])
    monkeypatch.setattr(sys, "path", [str(our_copy), str(their_copy)])
    with pytest.raises(ImportError, match="Two libraries"):
        installation.refuse_a_mixture([str(our_copy / "autograd")])


# --- a file of one's own, or another library, under one of our names ------------------------------------


ROOT = PACKAGE.parent


def run_lesson(folder, source):
    """Run a program that lies in a folder, as a student does."""
    (folder / "lesson.py").write_text(source, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "lesson.py"], cwd=folder, capture_output=True, encoding="utf-8", timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("autograd.py", "import nn"),
        ("autograd.py", "from viz import draw"),
        ("autograd/__init__.py", "import nn"),
        ("nn.py", "from viz import draw"),
        ("nn/__init__.py", "import viz"),
    ],
)
@pytest.mark.parametrize("text", ["x = 1", "from viz import draw"])
def test_a_file_of_ones_own_is_named_and_what_to_do_about_it(tmp_path, file, source, text):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text, encoding="utf-8")
    name = file.partition("/")[0]
    last = run_lesson(tmp_path, source).stderr.splitlines()[-2:]
    assert last == [
        f"ImportError: A file of your own hides glassgrad's package {name.removesuffix('.py')!r}, because Python finds "
        f"it first: {tmp_path / name}",
        f"  Give it another name (my_{name}, say), and restart Python or the notebook's kernel",
    ]


def test_a_file_of_ones_own_that_hides_nothing_we_need_is_left_alone(tmp_path):
    """Somebody's own nn.py may well use our engine."""
    (tmp_path / "nn.py").write_text("from autograd import Value", encoding="utf-8")
    (tmp_path / "viz").mkdir()
    done = run_lesson(tmp_path, "import autograd, nn; print((nn.Value(2.0) ** 2).data)")
    assert (done.stdout, done.stderr) == ("4.0\n", "")


@pytest.mark.parametrize("source", ["import nn", "import viz"])
def test_the_other_library_that_is_found_in_our_place(their_copy, tmp_path, source):
    (their_copy / "autograd" / "__init__.py").write_text("grad = None", encoding="utf-8")
    done = run_python(source, path=[their_copy, ROOT], cwd=tmp_path)
    assert_explained(done)


def test_strangers(tmp_path, monkeypatch):
    assert installation.find_stranger("autograd", "nn", "viz") == ""
    for folder, said in (("site-packages", "Another library"), ("lessons", "A file of your own")):
        made = tmp_path / folder / "nn.py"
        made.parent.mkdir()
        made.write_text("", encoding="utf-8")
        # A module that was made by hand has no spec.
        module = types.ModuleType("nn")
        module.__file__ = str(made)
        monkeypatch.setitem(sys.modules, "nn", module)
        assert installation.find_stranger("autograd", "nn").startswith(said)
    (tmp_path / "lessons" / "numpy").mkdir()
    (tmp_path / "lessons" / "numpy" / "__init__.py").write_text("", encoding="utf-8")
    assert installation.find_stranger("nn") == installation.EXPLANATION
    del module.__file__
    assert installation.find_stranger("nn") == ""
