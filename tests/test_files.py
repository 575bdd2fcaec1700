"""Whoever writes a file writes the whole new one, or leaves everything as it was and says why, by the user's name."""

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
import time

import pytest

import nn
from autograd import Value
from autograd.errors import AutogradError
from nn.saving import files
from nn.saving.files import FileError, file_path, write_whole
from viz import draw, museum, page, worksheet
from viz.command_line import main as cli
from viz.command_line.demo import run as run_demo
from viz.plots import loss_curve, save_plot

a = Value(2.0, "a")
L = a * a + a
L.label = "L"


def command(*words):
    """A command whose file comes last; what it complains about becomes an error again."""

    def run(path):
        if cli.main([*words, os.fsdecode(path)]) != 0:
            raise FileError(0, "the command says so itself", os.fsdecode(path))

    return run


def plotted(path):
    pytest.importorskip("matplotlib", reason="plots are drawn with matplotlib")
    save_plot(loss_curve([3.0, 2.0, 1.0]), path)


WRITERS = {
    "write_whole": (".txt", lambda path: write_whole(path, "new")),
    "nn.save": (".json", lambda path: nn.save(nn.Neuron(1, seed=1), path)),
    "drawing as SVG": (".svg", lambda path: draw(L).save(path)),
    "drawing as DOT": (".dot", lambda path: draw(L).save(path)),
    "drawing as JSON": (".json", lambda path: draw(L).save(path)),
    "page": (".html", lambda path: page(L, path)),
    "page.save": (".html", lambda path: page(L).save(path)),
    "worksheet": (".html", lambda path: worksheet(L).save(path)),
    "worksheet as Markdown": (".md", lambda path: worksheet(L).save(path)),
    "museum": (".html", lambda path: museum().save(path)),
    "museum as Markdown": (".md", lambda path: museum().save(path)),
    "plot": (".svg", plotted),
}
SLOW = {
    "plot as PNG": (".png", plotted),
    "glassgrad draw": (".svg", command("draw", "y = x**2", "x=3", "-o")),
    "glassgrad page": (".html", command("page", "y = x**2", "x=3", "-o")),
    "glassgrad worksheet": (".html", command("worksheet", "y = x**2", "x=3", "-o")),
    "glassgrad museum": (".html", command("museum", "-o")),
    "glassgrad train --save": (".json", command("train", "xor", "--epochs", "1", "--no-progress", "--save")),
    "glassgrad train --plot": (".svg", command("train", "xor", "--epochs", "1", "--no-progress", "--plot")),
}
ERRORS = (FileError, nn.CheckpointError)
everybody = pytest.mark.parametrize(
    ("ending", "write"),
    [pytest.param(*writer, id=name) for name, writer in (WRITERS | SLOW).items()],
)
posix = pytest.mark.skipif(os.name != "posix", reason="this system has no such files")


@pytest.fixture(autouse=True)
def leave_nothing_behind(tmp_path):
    yield
    assert [name for _, _, names in os.walk(tmp_path) for name in names if name.startswith(".")] == []


def refused(write, path, reason, capsys):
    """The error, or what the command prints, names the user's file and the reason, and no other file."""
    with pytest.raises(ERRORS) as caught:
        write(path)
    said = f"{caught.value}\n{capsys.readouterr().err}"
    assert repr(os.fsdecode(path)) in said
    assert reason in said
    assert ".tmp" not in said


@everybody
def test_a_new_file_and_a_file_that_takes_the_place_of_another(ending, write, tmp_path):
    path = tmp_path / f"new{ending}"
    write(path)
    first = path.read_bytes()
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    write(os.fsencode(path))
    assert path.read_bytes()[:40] == first[:40]
    assert len(first) > 2
    assert os.name != "posix" or stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == [path.name]


@everybody
@posix
def test_a_link_stays_a_link(ending, write, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    link, target = tmp_path / f"link{ending}", folder / "target"
    link.symlink_to(target)
    for old in (None, "old"):
        if old:
            target.write_text(old, encoding="utf-8")
        write(link)
        assert link.is_symlink()
        assert target.stat().st_size > 2
    assert os.listdir(folder) == ["target"]


@everybody
@posix
def test_what_is_no_file_stays(ending, write, tmp_path, capsys):
    pipe, folder = tmp_path / f"pipe{ending}", tmp_path / f"folder{ending}"
    os.mkfifo(pipe)
    folder.mkdir()
    link, loop = tmp_path / f"link{ending}", tmp_path / f"loop{ending}"
    link.symlink_to(pipe)
    loop.symlink_to(loop)
    null = tmp_path / f"null{ending}"
    null.symlink_to("/dev/null")
    refused(write, pipe, "this is a device or a pipe", capsys)
    refused(write, link, "this is a device or a pipe", capsys)
    refused(write, null, "this is a device or a pipe", capsys)
    refused(write, folder, "this is a folder", capsys)
    refused(write, loop, "this is a link that leads back to itself", capsys)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    assert len(os.listdir(tmp_path)) == 5
    assert os.listdir(folder) == []


@everybody
def test_a_folder_that_is_missing_is_named(ending, write, tmp_path, capsys):
    refused(write, tmp_path / "nowhere" / f"x{ending}", "create it first", capsys)
    (tmp_path / "file").write_text("old", encoding="utf-8")
    refused(write, tmp_path / "file" / f"x{ending}", "create it first", capsys)


@everybody
@posix
def test_what_is_write_protected_stays(ending, write, tmp_path, capsys):
    """Also for an administrator, whom the system would let write everything."""
    path = tmp_path / f"x{ending}"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o444)
    refused(write, path, "this file is write-protected", capsys)
    path.chmod(0o644)
    tmp_path.chmod(0o555)
    try:
        refused(write, path, "it is write-protected", capsys)
        refused(write, tmp_path / f"y{ending}", "it is write-protected", capsys)
    finally:
        tmp_path.chmod(0o755)
    assert path.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == [path.name]


@everybody
def test_a_file_that_the_system_lets_nobody_write(ending, write, tmp_path, capsys, monkeypatch):
    path = tmp_path / f"x{ending}"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    refused(write, path, "this file is write-protected", capsys)


@everybody
@posix
def test_names_that_no_file_can_have(ending, write, tmp_path, capsys):
    refused(write, f"{tmp_path}/a\0b{ending}", "a file's name cannot contain", capsys)
    refused(write, f"{tmp_path}/a\ud800b{ending}", r"'\ud800' is no character that a file's name can have", capsys)
    with pytest.raises(ERRORS, match=r"File name too long|says so itself"):
        write(f"{tmp_path}/{'a' * 300}{ending}")
    assert os.listdir(tmp_path) == []


@everybody
@posix
def test_names_as_long_as_names_can_be_and_names_that_look_odd(ending, write, tmp_path):
    names = [f"{'a' * (255 - len(ending))}{ending}", f" \n\u202e\x1b[31m'{ending}", f"σ{ending}"]
    for name in names:
        write(tmp_path / name)
    write(os.fsencode(tmp_path) + b"/\xff" + ending.encode())
    assert sorted(os.listdir(tmp_path)) == sorted([*names, f"\udcff{ending}"])


@posix
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_the_standard_output_is_not_replaced_even_if_it_is_a_file(name, tmp_path):
    """What was printed before, and what comes later, would be lost."""
    if not os.path.exists(name):
        pytest.skip("this system has no such name")
    code = (
        "import sys, nn\nfrom nn.saving.files import write_whole, FileError\nprint('before', flush=True)\n"
        "try:\n    write_whole(sys.argv[1], 'x')\nexcept FileError as error:\n    print(error)"
    )
    with open(tmp_path / "out", "wb") as out:
        subprocess.run([sys.executable, "-c", code, name], stdout=out, check=True)
    said = (tmp_path / "out").read_text(encoding="utf-8").splitlines()
    assert said == ["before", f"cannot write {name!r}: this is a device or a pipe, and no file to be replaced"]


def test_a_file_that_is_open_under_a_number_is_not_replaced(tmp_path):
    if not os.path.exists("/dev/fd"):
        pytest.skip("this system does not name open files by their numbers")
    (tmp_path / "mine.txt").write_text("old", encoding="utf-8")
    with open(tmp_path / "mine.txt", "r+b") as file, pytest.raises(FileError, match="no file to be replaced"):
        write_whole(f"/dev/fd/{file.fileno()}", "new")
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "old"


FULL = OSError(errno.ENOSPC, "No space left on device")


@everybody
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file(ending, write, tmp_path, capsys, monkeypatch, call):
    path = tmp_path / f"x{ending}"
    path.write_text("old", encoding="utf-8")

    def fail(*_):
        raise FULL

    monkeypatch.setattr(files.os, call, fail)
    refused(write, path, "No space left on device", capsys)
    assert path.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), MemoryError()])
def test_an_interruption_leaves_the_old_file_and_stays_what_it_is(tmp_path, monkeypatch, interruption):
    path = tmp_path / "x.json"
    path.write_text("old", encoding="utf-8")

    def fail(*_):
        raise interruption

    monkeypatch.setattr(files.os, "fsync", fail)
    with pytest.raises(type(interruption)):
        nn.save(nn.Neuron(1, seed=1), path)
    assert path.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == [path.name]


def test_a_disk_that_is_really_full(tmp_path):
    """The system ends the writing in the middle: no file may be larger than so many bytes."""
    resource = pytest.importorskip("resource", reason="this system has no such limits")
    path = tmp_path / "x.txt"
    path.write_text("old", encoding="utf-8")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(FileError, match=r"x\.txt': File too large"):
            write_whole(path, b"x" * 1_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == [path.name]


def test_many_writers_at_once(tmp_path):
    path = tmp_path / "x.txt"
    texts = [letter * 200_000 for letter in "abcdef"]
    seen: list[bool] = []

    def work(text):
        for _ in range(20):
            write_whole(path, text)
            seen.append(path.read_text(encoding="utf-8") in texts)

    threads = [threading.Thread(target=work, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 120
    assert all(seen)
    assert os.listdir(tmp_path) == ["x.txt"]


KILLED = """
import sys
from nn.saving.files import write_whole
i = 0
while True:
    i += 1
    write_whole(sys.argv[1], f"{i % 10}" * 1_000_000)
    if i == 3:
        print("ready", flush=True)
"""


@posix
def test_kill_in_the_middle_leaves_a_whole_file(tmp_path):
    path = tmp_path / "x.txt"
    for wait in (0.0, 0.003, 0.006, 0.009):
        with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(wait)
            writer.send_signal(signal.SIGKILL)
        text = path.read_text(encoding="utf-8")
        assert len(text) == 1_000_000
        assert len(set(text)) == 1
    left = [name for name in os.listdir(tmp_path) if name != "x.txt"]
    assert all(name.startswith(".") and name.endswith(".tmp") for name in left)
    for name in left:
        (tmp_path / name).unlink()


def test_a_secret_file_is_never_readable_for_others(tmp_path, monkeypatch):
    path = tmp_path / "x.txt"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o600)
    modes = []
    monkeypatch.setattr(
        files.os,
        "fsync",
        lambda _: modes.extend(stat.S_IMODE(entry.stat().st_mode) for entry in os.scandir(tmp_path)),
    )
    write_whole(path, "new")
    assert os.name != "posix" or modes == [0o600, 0o600]


def test_a_text_that_no_file_can_hold(tmp_path):
    with pytest.raises(
        FileError, match=r"x\.txt': the text 'weights of \\ud800' contains half of a surrogate pair"
    ):
        write_whole(tmp_path / "x.txt", "weights of \ud800")
    assert os.listdir(tmp_path) == []


def test_the_name_of_a_parameter_that_no_file_can_hold(tmp_path):
    network = nn.Module()
    network.parts = {"\ud800": nn.Parameter(0.1)}
    with pytest.raises(nn.CheckpointError, match="half of a surrogate pair"):
        nn.save(network, tmp_path / "net.json")
    assert os.listdir(tmp_path) == []


def test_labels_that_no_file_can_hold_are_shown_by_a_sign(tmp_path):
    odd = Value(2.0, "\ud800") * Value(3.0, "\ud800\0")
    odd.label = "\udfff"
    for name, write in {
        "x.svg": draw(odd).save, "x.dot": draw(odd).save, "x.json": draw(odd).save, "x.html": page(odd).save,
        "y.html": worksheet(odd).save, "y.md": worksheet(odd).save,
    }.items():  # fmt: skip
        write(tmp_path / name)
        assert (tmp_path / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [3, None, 2.5, ["x.txt"]])
def test_what_is_no_path(path):
    with pytest.raises(TypeError, match="a path is a string or a Path, but got"):
        file_path(path)


def test_an_empty_name_and_one_that_is_far_too_long():
    with pytest.raises(FileError, match="cannot write '': the name of the file is empty"):
        write_whole("", "new")
    with pytest.raises(FileError) as caught:
        write_whole("a" * 100_000, "new")
    assert len(str(caught.value)) < 400


def test_errors_are_those_of_python_too(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "nowhere" / "x.txt", "new")
    (tmp_path / "x.txt").write_text("old", encoding="utf-8")
    (tmp_path / "x.txt").chmod(0o444)
    with pytest.raises(PermissionError) as caught:
        write_whole(tmp_path / "x.txt", "new")
    assert isinstance(caught.value, AutogradError)
    assert caught.value.errno == errno.EACCES


def test_loading_from_names_that_no_file_can_have(tmp_path):
    for name in ("a\0b", "a\ud800", "a" * 300, ""):
        with pytest.raises(nn.CheckpointError, match="cannot read"):
            nn.load(nn.Neuron(1, seed=1), name)
    nn.save(nn.Neuron(1, weights=[0.5]), os.fsencode(tmp_path / "x.json"))
    network = nn.Neuron(1, seed=1)
    nn.load(network, os.fsencode(tmp_path / "x.json"))
    assert network.weights[0].data == 0.5


def test_the_demo_says_where_it_cannot_write(tmp_path):
    (tmp_path / "graph.svg").mkdir()
    with pytest.raises(FileError, match=r"graph\.svg'"):
        run_demo(tmp_path, epochs=1, quiet=True)
