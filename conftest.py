"""What all tests share."""

import pytest
from hypothesis import settings

# Imported once, here: pytest would otherwise load a file a second time for its doctests, if it met those first.
import viz  # noqa: F401

# A busy machine is slow now and then, which is no fault of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the browser for the end: while playwright is open, its event loop runs, and no other can."""
    items.sort(key=lambda item: "browser" in item.path.parts)
