"""Machine code on disk: what one process has made, the next one need not make again.

LLVM takes a third of a second for the program that reads tables, from the same text each time.  So its code is kept
in the user's folder for caches, in files that nobody misses when they are deleted.  The environment variable
``GLASSGRAD_CACHE`` names another folder; if it is empty, nothing is kept.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

VARIABLE = "GLASSGRAD_CACHE"

DIGEST = sha256().digest_size
"""In a file the digest of the code stands before it."""

MOST_FILES = 200
"""So many are kept, of some 20 kB each; then the oldest are deleted."""


def kept_or_made(made_of: Sequence[str], make: Callable[[], bytes]) -> bytes:
    """The code that was made of the same texts before, or else what ``make`` makes now.

    >>> kept_or_made(["define double @add(...)", "my processor"], lambda: b"code")
    b'code'
    """
    folder = folder_of_ones_own()
    if folder is None:
        return make()
    # No text has a character of the number 0.
    file = folder / f"{sha256(chr(0).join(made_of).encode()).hexdigest()}.code"
    code = read(file)
    if code is None:
        code = make()
        # A full disk, or one that may not be written to, is no reason to stop.
        with suppress(OSError):
            write(file, code)
            delete_oldest(folder)
    return code


def folder_of_ones_own() -> Path | None:
    """The folder, made if need be; None if none is wanted, or it is not the user's alone to write to."""
    named = os.environ.get(VARIABLE)
    if named == "":
        return None
    try:
        folder = Path(named).expanduser() if named else folder_for_caches() / "glassgrad"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except (OSError, RuntimeError):
        return None
    # Code that somebody else could have put there is not run.
    is_safe = sys.platform == "win32" or (status.st_uid == os.getuid() and not status.st_mode & 0o022)
    return folder if is_safe else None


def folder_for_caches() -> Path:
    """Where this system has such files.

    Raises:
        RuntimeError: if the user has no home.
    """
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def read(file: Path) -> bytes | None:
    """The code in a file; None if there is no such file, or it is not what was written."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    digest, code = content[:DIGEST], content[DIGEST:]
    return code if sha256(code).digest() == digest else None


def write(file: Path, code: bytes) -> None:
    """Whole or not at all, because other processes may read and write at the same time."""
    number, name = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(number, "wb") as new:
            new.write(sha256(code).digest() + code)
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise


def delete_oldest(folder: Path) -> None:
    files = sorted(folder.glob("*.code"), key=lambda file: file.stat().st_mtime)
    for file in files[:-MOST_FILES]:
        file.unlink()
