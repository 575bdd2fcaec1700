"""The folders of the house: their names mislead nobody, and each says where to begin."""

import ast
import inspect
import shutil
import subprocess
from pathlib import Path

import pytest

import autograd
import nn
import viz

ROOT = Path(autograd.__file__).resolve().parent.parent
PACKAGES = (autograd, nn, viz)
FOLDERS = [folder for package in PACKAGES for folder in sorted(Path(package.__file__).parent.rglob("*/"))]
FOLDERS = [folder for folder in FOLDERS if (folder / "__init__.py").exists()]


TOP = {".ci", ".github", "autograd", "benchmarks", "docs", "glassgrad", "nn", "notebooks", "tests", "viz"}


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="needs a clone, and git")
def test_nothing_else_has_been_committed_beside_the_packages():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, encoding="utf-8").stdout
    assert {file.partition("/")[0] for file in listed.splitlines() if "/" in file} == TOP


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_no_module_or_folder_has_the_name_of_an_exported_function(package):
    exported = {name for name in package.__all__ if not inspect.ismodule(getattr(package, name))}
    places = [place for place in Path(package.__file__).parent.rglob("*") if place.suffix in ("", ".py")]
    assert not [str(place) for place in places if place.stem in exported]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_each_folder_says_what_is_in_it_and_names_files_that_are_there(folder):
    said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    assert said
    named = {
        word.strip("().,;:") for word in said.split() if word.strip("().,;:").endswith(".py") and "/" not in word
    }
    assert named, f"{folder} names no file to open"
    assert not [name for name in named if not any(folder.glob(name))]
