"""Files are replaced only whole, and only where a file was."""

import os
import stat

import pytest

import nn
from autograd import Value
from viz import draw, page

a = Value(2.0, "a")
WRITERS = {
    "nn.save": ("net.json", lambda path: nn.save(nn.Neuron(1, seed=1), path)),
    "draw": ("graph.svg", lambda path: draw(a * a).save(path)),
    "page": ("page.html", lambda path: page(a * a).save(path)),
}


@pytest.mark.parametrize(("name", "write"), WRITERS.values(), ids=WRITERS)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_stays_a_pipe(name, write, tmp_path):
    path = tmp_path / name
    os.mkfifo(path)
    with pytest.raises((OSError, nn.CheckpointError), match="a device or a pipe") as caught:
        write(path)
    assert name in str(caught.value)
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize(("name", "write"), WRITERS.values(), ids=WRITERS)
def test_a_write_protected_file_stays(name, write, tmp_path, monkeypatch):
    path = tmp_path / name
    path.write_text("old", encoding="utf-8")
    # As root everything may be written; so the answer of the system is given here.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises((OSError, nn.CheckpointError), match="write-protected") as caught:
        write(path)
    assert name in str(caught.value)
    assert path.read_text(encoding="utf-8") == "old"
