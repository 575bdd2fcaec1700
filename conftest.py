"""What all tests share."""

import os
import shutil
import tempfile

import pytest
from hypothesis import settings

# Imported once, here: pytest would otherwise load a file a second time for its doctests, if it met those first.
import viz  # noqa: F401

# A busy machine is slow now and then, which is no fault of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    """Only here a file that is opened without naming its encoding is an error: programs of others may do so."""
    if "PYTEST_XDIST_WORKER" in os.environ or not config.getoption("numprocesses", None):
        os.environ.pop("PYTHONWARNDEFAULTENCODING", None)
    # Machine code is kept for all processes of this run, and not with the user's own.
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["GLASSGRAD_CACHE"] = tempfile.mkdtemp()


def pytest_unconfigure() -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(os.environ["GLASSGRAD_CACHE"], ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests in a browser are slow, and come last: while playwright is open, no other event loop can run.

    Where several processes share them, each file belongs to one, and all that need JupyterLab belong together.
    """
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker("slow")
            group = "jupyterlab" if "jupyterlab" in getattr(item, "fixturenames", ()) else item.path.name
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: "browser" in item.path.parts)
