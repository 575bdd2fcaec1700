"""What the tests of networks share."""

import pytest

from nn.compiled import programs
from nn.fitting import progress


@pytest.fixture
def no_programs():
    """As in a new process: nothing has been compiled yet, and what a test compiles is forgotten after it."""
    programs.forget()
    yield
    programs.forget()


@pytest.fixture
def said_nothing(monkeypatch):
    """No line has been said yet: every line is said only once in a process."""
    monkeypatch.setattr(progress, "_said", set())
