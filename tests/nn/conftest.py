"""What the tests of networks share."""

import pytest

from nn.compiled import programs as compiled
from nn.fitting import progress


@pytest.fixture
def no_programs(monkeypatch):
    """As in a new process: nothing has been compiled yet, and what a test compiles is forgotten after it."""
    monkeypatch.setattr(compiled, "_by_configuration", type(compiled._by_configuration)())
    monkeypatch.setattr(compiled, "_by_tape", type(compiled._by_tape)())


@pytest.fixture
def said_nothing(monkeypatch):
    """No line has been said yet: every line is said only once in a process."""
    monkeypatch.setattr(progress, "_said", set())
