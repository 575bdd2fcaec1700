"""Machine code on disk: found again, never trusted when it is not what was written, and never in the way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograd.engines.native import disk_cache
from autograd.engines.native.disk_cache import kept_or_made


@pytest.fixture
def folder(tmp_path, monkeypatch):
    made = tmp_path / "kept"
    monkeypatch.setenv("GLASSGRAD_CACHE", str(made))
    return made


def fail():
    raise AssertionError("this has been made before")


def test_code_is_made_once(folder):
    assert kept_or_made(["a", "b"], lambda: b"first") == b"first"
    assert kept_or_made(["a", "b"], fail) == b"first"
    assert [file.suffix for file in folder.iterdir()] == [".code"]


def test_all_that_it_is_made_of_counts(folder):
    for made_of, code in ((["ab", ""], b"1"), (["a", "b"], b"2"), (["a"], b"3")):
        assert kept_or_made(made_of, lambda code=code: code) == code


@pytest.mark.parametrize(
    "damage", [lambda content: b"", lambda content: content[:-1], lambda content: content + b"x"]
)
def test_what_was_damaged_is_made_anew(folder, damage):
    kept_or_made(["a"], lambda: b"some code")
    [file] = folder.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert kept_or_made(["a"], lambda: b"some code") == b"some code"
    assert kept_or_made(["a"], fail) == b"some code"


def test_the_oldest_give_way(folder, monkeypatch):
    monkeypatch.setattr(disk_cache, "MOST_FILES", 3)
    for i in range(5):
        kept_or_made([str(i)], lambda: b"code")
        for file in folder.iterdir():
            os.utime(file, (file.stat().st_mtime - 10,) * 2)
    assert len(list(folder.iterdir())) == 3
    assert kept_or_made(["4"], fail) == b"code"
    assert kept_or_made(["0"], lambda: b"made anew") == b"made anew"


def test_an_empty_name_asks_for_none(monkeypatch, tmp_path):
    monkeypatch.setenv("GLASSGRAD_CACHE", "")
    monkeypatch.chdir(tmp_path)
    assert kept_or_made(["a"], lambda: b"1") == b"1"
    assert kept_or_made(["a"], lambda: b"2") == b"2"
    assert not list(tmp_path.iterdir())


def test_a_folder_in_the_home_folder_may_be_written_with_a_tilde(monkeypatch, tmp_path):
    monkeypatch.setenv("GLASSGRAD_CACHE", str(Path("~", "kept")))
    monkeypatch.setattr(os.path, "expanduser", lambda path: str(path).replace("~", str(tmp_path)))
    kept_or_made(["a"], lambda: b"1")
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_who_is_interrupted_leaves_no_half_of_a_file(folder, monkeypatch):
    def interrupt(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        kept_or_made(["a"], lambda: b"1")
    assert not list(folder.iterdir())


def test_a_folder_that_cannot_be_made_is_done_without(folder):
    folder.write_text("a file", encoding="utf-8")
    assert kept_or_made(["a"], lambda: b"1") == b"1"
    assert kept_or_made(["a"], lambda: b"2") == b"2"


def test_a_disk_that_is_full_is_done_without(folder, monkeypatch):
    def full(source, target):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert kept_or_made(["a"], lambda: b"1") == b"1"
    assert not list(folder.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_code_is_not_run_that_somebody_else_could_have_put_there(folder):
    kept_or_made(["a"], lambda: b"theirs")
    folder.chmod(0o777)
    assert kept_or_made(["a"], lambda: b"ours") == b"ours"


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, Path("home", ".cache")),
        ("linux", {"XDG_CACHE_HOME": "elsewhere"}, Path("elsewhere")),
        ("darwin", {"XDG_CACHE_HOME": "elsewhere"}, Path("home", "Library", "Caches")),
        ("win32", {}, Path("home", "AppData", "Local")),
        ("win32", {"LOCALAPPDATA": "local"}, Path("local")),
    ],
)
def test_where_each_system_has_such_files(monkeypatch, platform, variables, expected):
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: Path("home"))
    assert disk_cache.folder_for_caches() == expected


def test_without_a_name_it_is_a_folder_of_our_own_there(monkeypatch, tmp_path):
    monkeypatch.delenv("GLASSGRAD_CACHE")
    monkeypatch.setattr(disk_cache, "folder_for_caches", lambda: tmp_path)
    kept_or_made(["a"], lambda: b"code")
    assert [file.name for file in tmp_path.iterdir()] == ["glassgrad"]


PROGRAM = """
from autograd import Value, compile
from autograd.engines.native import machine_code
emit = machine_code.object_code
made = []
machine_code.object_code = lambda binding, text, level: made.append(text) or emit(binding, text, level)
import nn
a, b = Value(0.5, "a"), Value(0.25, "b")
program = compile((a * b).tanh() + (a.exp() - b.erf()) ** 3.5, [a, b], engine="native")
values = [program(x, 0.75) for x in (0.5, 1.0)]
losses = []
for sizes in ([2, 1], [16, 16, 1]):
    history = nn.fit(nn.MLP(2, sizes, seed=1), nn.data.moons(40), epochs=3, batch_size=8, seed=1, engine="native")
    losses += history.loss
# Beside the trial.
print(len(made) - 1, [*values, *losses])
"""


def test_the_next_process_makes_nothing_and_computes_the_same(folder):
    pytest.importorskip(
        "llvmlite.binding", reason='machine code needs the extra fast: pip install "glassgrad[fast]"'
    )

    def run():
        command = [sys.executable, "-c", PROGRAM]
        made, _, numbers = subprocess.run(
            command, capture_output=True, encoding="utf-8", check=True
        ).stdout.partition(" ")
        return int(made), numbers

    first, second = run(), run()
    assert first[0] > 3
    assert second == (0, first[1])
    # Damaged code is never given to the processor.
    for file in folder.iterdir():
        file.write_bytes(file.read_bytes()[:40] + b"0" * 100)
    assert run() == first
