"""What works in which installation: without each extra, and with the wheel alone in an environment of its own.

The default always works.  What cannot be had without a package is refused with the command that installs it.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import autograd

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

PACKAGES = [name for name in SETTINGS["tool"]["setuptools"]["packages"]["find"]["include"] if "." not in name]

EXTRAS = {
    "fast": ["llvmlite"],
    "plot": ["matplotlib"],
    "png": ["resvg_py"],
    "terminal": ["textual", "rich"],
    "widget": ["anywidget", "traitlets", "resvg_py"],
    "jax": ["jax"],
    "accuracy": ["mpmath"],
}
"""The packages that each extra brings."""

EVERYTHING = [package for packages in EXTRAS.values() for package in packages] + ["torch", "IPython", "ipykernel"]

DRIVER = """
import contextlib, io, json, sys

class Without:
    "Finds everything but some packages, as if they had never been installed."
    def __init__(self, finder, absent):
        self.finder, self.absent = finder, absent
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.absent or not hasattr(self.finder, "find_spec"):
            return None
        return self.finder.find_spec(name, path, target)
    def __getattr__(self, name):
        return getattr(self.finder, name)

absent = json.loads(sys.argv[1])
sys.meta_path[:] = [Without(finder, absent) for finder in sys.meta_path]
"""

COMMANDS = """
from viz.command_line.main import main
answers = []
for command in json.loads(sys.argv[2]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(command)
    answers.append([code, out.getvalue(), err.getvalue()])
print(json.dumps(answers))
"""

NETWORKS = """
import random
import nn
random.seed(1)
found = []
for inputs, layers, batch_size in json.loads(sys.argv[2]):
    rows = [[random.random() for _ in range(inputs)] for _ in range(8)]
    targets = [random.randrange(layers[-1]) if layers[-1] > 1 else random.random() for _ in rows]
    data = nn.data.Dataset(rows, targets)
    loss = nn.cross_entropy if layers[-1] > 1 else nn.mean_squared_error
    losses = {}
    for engine in ("auto", "eager"):
        model = nn.MLP(inputs, layers, "tanh", seed=1)
        history = nn.fit(model, data, loss=loss, optimizer=nn.SGD(lr=0.01), epochs=3, batch_size=batch_size,
                         validation=data, engine=engine)
        losses[engine] = history.loss
    found.append(losses)
print(json.dumps(found))
"""

EXAMPLES = """
import doctest, sys
flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
print(doctest.testfile(sys.argv[1], False, optionflags=flags, encoding="utf-8"))
"""

SMALL = [(2, [2, 1], 1), (4, [16, 3], 3), (64, [32, 10], 4)]
LARGE = [(64, [64, 10], 1), (64, [64, 10], "full"), (784, [32, 10], 1), (784, [32, 10], 4)]


def commands_in(text: str) -> list[list[str]]:
    """All commands that a text shows, in blocks and between words."""
    blocks = re.findall(r"^```bash\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line.removeprefix(".venv/bin/") for block in blocks for line in block.splitlines()]
    shown = [line for line in lines if line.startswith("glassgrad ")]
    # A command without anything behind it is a name.
    shown += re.findall(r"`(glassgrad [a-z]+ [^`]+)`", text)
    return [shlex.split(line, comments=True)[1:] for line in shown]


SHOWN_COMMANDS = [command for page in PAGES for command in commands_in(page.read_text(encoding="utf-8"))]
MORE_COMMANDS = [
    ["train", "moons", "--hidden", "32,32", "--epochs", "3"],
    ["train", "blobs", "--hidden", "none", "--batch-size", "full"],
    ["draw", "y = sin(t)", "t=pi/3", "-o", "sine.png"],
    ["demo", "--out", "pictures"],
]


def run(script: str, absent: Sequence[str], asked: Any, cwd: Path, python: str = sys.executable) -> Any:
    """Run a script where some packages are absent, and read what it found."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if python == sys.executable:
        environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        [python, "-W", "error", "-c", DRIVER + script, json.dumps(absent), json.dumps(asked)],
        cwd=cwd, capture_output=True, encoding="utf-8", env=environment, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def check_commands(absent: Sequence[str], cwd: Path, python: str = sys.executable) -> None:
    commands = [*SHOWN_COMMANDS, *MORE_COMMANDS]
    for command, (code, out, err) in zip(commands, run(COMMANDS, absent, commands, cwd, python), strict=True):
        needs = {
            "plot": "matplotlib" in absent and "--boundary" in command,
            # Graphviz' program dot makes a PNG too.
            "png": "resvg_py" in absent
            and shutil.which("dot") is None
            and command[0] == "draw"
            and any(word.endswith(".png") for word in command),
            "accuracy": "mpmath" in absent and "--accuracy" in command,
        }
        needed = [extra for extra, is_needed in needs.items() if is_needed]
        if needed:
            assert (code, out) == (1, ""), command
            assert f'pip install "glassgrad[{needed[0]}]"' in err
        else:
            assert (code, err) == (0, ""), command
            assert out.strip()


def check_networks(networks: Sequence[Any], absent: Sequence[str], cwd: Path, python: str = sys.executable) -> None:
    for losses in run(NETWORKS, absent, networks, cwd, python):
        assert losses["auto"] == pytest.approx(losses["eager"], rel=1e-12)


def test_the_pages_have_commands() -> None:
    assert len(SHOWN_COMMANDS) >= 12
    every = {"demo", "draw", "explain", "lessons", "museum", "ops", "page", "quiz", "step", "train", "worksheet"}
    assert {command[0] for command in SHOWN_COMMANDS} == every


def test_every_extra_is_tried() -> None:
    assert set(SETTINGS["project"]["optional-dependencies"]) - {"all"} == set(EXTRAS)


def test_what_only_we_need_is_no_extra() -> None:
    """Dependency groups are not published; each needs a lower bound, which make oldest tries."""
    assert set(SETTINGS["dependency-groups"]) == {"bench", "docs", "oracles", "test"}


def test_the_version_stands_in_one_place() -> None:
    assert "version" in SETTINGS["project"]["dynamic"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", autograd.__version__)
    written = re.compile(rf"(?<![\d.]){re.escape(autograd.__version__)}(?![\d.])")
    files = [*ROOT.glob("*.toml"), *ROOT.glob("*.cff"), *ROOT.glob("autograd/*.py"), *ROOT.glob("viz/**/*.py")]
    assert [file.name for file in files if written.search(file.read_text(encoding="utf-8"))] == ["__init__.py"]


def test_every_python_that_is_promised_is_one_that_the_workflow_tries() -> None:
    promised = [line.rpartition(" ")[2] for line in SETTINGS["project"]["classifiers"] if ":: Python :: 3." in line]
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    tried = re.search(r"python: \[(.*)\]", workflow)
    assert tried is not None
    assert re.findall(r"[\d.]+", tried[1]) == promised
    assert SETTINGS["project"]["requires-python"] == f">={promised[0]}"


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\d\S*)", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] == autograd.__version__


def package_files() -> list[Path]:
    files = [file for name in PACKAGES for file in (ROOT / name).rglob("*") if file.is_file()]
    return [file for file in files if "__pycache__" not in file.parts]


def test_every_kind_of_file_is_shipped() -> None:
    kinds = ["*.py", *SETTINGS["tool"]["setuptools"]["package-data"]["*"]]
    left_out = [file for file in package_files() if not any(file.match(kind) for kind in kinds)]
    assert left_out == []


def test_types_are_the_same_whatever_is_installed() -> None:
    """Every package that we import, but NumPy, is one that mypy is told not to look at."""
    settings = SETTINGS["tool"]["mypy"]["overrides"]
    skipped = {name.partition(".")[0] for part in settings if "follow_imports" in part for name in part["module"]}
    imported = set()
    for folder in PACKAGES:
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {name.name.partition(".")[0] for name in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    imported.add(node.module.partition(".")[0])
    assert imported - set(sys.stdlib_module_names) - {*PACKAGES, "numpy"} <= skipped


def test_without_any_extra(tmp_path: Path) -> None:
    check_commands(EVERYTHING, tmp_path)
    check_networks(SMALL, EVERYTHING, tmp_path)


def test_without_llvmlite(tmp_path: Path) -> None:
    check_networks(SMALL, ["llvmlite"], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("extra", EXTRAS)
def test_without_an_extra(extra: str, tmp_path: Path) -> None:
    check_commands(EXTRAS[extra], tmp_path)
    check_networks(SMALL, EXTRAS[extra], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("network", LARGE, ids=str)
def test_large_networks_without_llvmlite(network: Any, tmp_path: Path) -> None:
    check_networks([network], ["llvmlite"], tmp_path)


@pytest.mark.slow
def test_the_wheel_alone(tmp_path: Path) -> None:
    """What pip install . brings: every command of the README and the pages, their examples, networks of all sizes."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)], check=True)
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    wheel = next(tmp_path.glob("*.whl"))
    assert wheel.name == f"glassgrad-{autograd.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as inside:
        # Every module and every data file, whatever folder it is in, and nothing of the tests.
        shipped = {name for name in inside.namelist() if ".dist-info/" not in name}
    with_them = [file for file in ROOT.glob("notebooks/*/*") if file.suffix in (".py", ".md", ".ini")]
    lessons = [*ROOT.glob("notebooks/[0-9]*.py"), *with_them]
    expected = {file.relative_to(ROOT).as_posix() for file in package_files()}
    assert shipped == expected | {f"viz/course/{file.relative_to(ROOT).as_posix()}" for file in lessons}
    # What lies on the path of this run would count as installed there.
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([str(python), "-m", "pip", *pip[3:], "install", str(wheel)], check=True, env=clean)
    here = tmp_path / "here"
    here.mkdir()
    check_commands(EVERYTHING, here, str(python))
    check_networks([*SMALL, *LARGE], [], here, str(python))
    for page in PAGES:
        if "autograd.engines.native" in page.read_text(encoding="utf-8"):
            continue  # It is about an extra, as it says.
        done = subprocess.run(
            [str(python), "-c", EXAMPLES, str(page)], cwd=here, capture_output=True, encoding="utf-8", check=True, timeout=120
        )  # fmt: skip
        assert "failed=0" in done.stdout, done.stdout
    script = python.with_name("glassgrad")
    done = subprocess.run(
        [str(script), "demo"], cwd=here, env={**os.environ, "PATH": ""}, capture_output=True, encoding="utf-8",
        check=True, timeout=120,
    )  # fmt: skip
    assert "Emily" in done.stdout
