"""A machine without Graphviz' program dot, and one with a dot that does what a test wants."""

import sys

import pytest


@pytest.fixture
def no_dot(monkeypatch, tmp_path):
    """Hide a dot that may be installed here."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def fake_dot(no_dot, tmp_path):
    """Install a program named dot, written in Python."""
    if sys.platform == "win32":
        pytest.skip("a script without ending is no program on Windows")

    def install(source):
        program = tmp_path / "dot"
        program.write_text(f"#!{sys.executable}\nimport sys, os, time, subprocess\n{source}\n", encoding="utf-8")
        program.chmod(0o755)

    return install
