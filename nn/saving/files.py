"""Everything that glassgrad writes to a disk is written here: the whole new file, or nothing.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     path = write_whole(f"{folder}/notes.txt", "σ(0) = ½")
...     path.read_text(encoding="utf-8")
'σ(0) = ½'
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from autograd.errors import AutogradError, shown

Name = str | bytes | os.PathLike[str] | os.PathLike[bytes]


class FileError(AutogradError, OSError):
    """A file cannot be written.  What was there before is there still, unchanged."""

    def __str__(self) -> str:
        name = str(self.filename)
        # No message is as long as a name can be.
        name = name if len(name) <= 300 else f"{name[:150]}...{name[-147:]}"
        return f"cannot write {name!r}: {self.strerror}"


class MissingFolderError(FileError, FileNotFoundError):
    """The folder in which a file was to be written does not exist."""


class WriteProtectedError(FileError, PermissionError):
    """A file, or the folder that it is in, must not be written."""


def file_path(path: Name) -> Path:
    """The path that somebody gave, as a string, as bytes or as a Path.

    Raises:
        TypeError: if it is something else.
        FileError: if no file can be called so.

    >>> file_path(b"net.json").name
    'net.json'
    """
    try:
        name = os.fsdecode(path)
    except TypeError:
        hint = "; the network comes first, and then the path" if hasattr(path, "parameters") else ""
        raise TypeError(f"a path is a string or a Path, but got {shown(path)}{hint}") from None
    try:
        os.fsencode(name)
    except UnicodeEncodeError as error:
        reason = f"{error.object[error.start]!r} is no character that a file's name can have"
        raise FileError(errno.EINVAL, reason, name) from None
    if "\0" in name:
        raise FileError(errno.EINVAL, "a file's name cannot contain '\\0'", name)
    if not name:
        raise FileError(errno.ENOENT, "the name of the file is empty", name)
    return Path(name)


def write_whole(path: Name, content: str | bytes) -> Path:
    """Write a file so that at every moment either the old or the new one is there, complete.

    The content goes to a new file in the same folder, which then takes the place of the old one.  A link
    stays a link, and who may read and write the file stays as it was.  A text is written as UTF-8.  Only a
    process that is killed in the middle leaves something behind: a file called .glassgrad-....tmp.

    Returns:
        The path.

    Raises:
        FileError: if the file cannot be written; nothing is left behind then.
    """
    place = file_path(path)
    content = content if isinstance(content, bytes) else encoded(content, place)
    target = require_writable(place)
    # Its length has nothing to do with the name, which may be as long as names can be.
    temporary = target.with_name(f".glassgrad-{os.urandom(8).hex()}.tmp")
    try:
        try:
            with open(temporary, "xb") as file:
                if target.exists():
                    os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FileError(error.errno, error.strerror or str(error), str(place)) from None
    return place


def encoded(text: str, path: Path) -> bytes:
    """The text as UTF-8, which has no halves of surrogate pairs."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        around = text[max(error.start - 20, 0) : error.start + 20]
        reason = f"the text {around!r} contains half of a surrogate pair, which no file can hold"
        raise FileError(errno.EILSEQ, reason, str(path)) from None


def require_writable(path: Name) -> Path:
    """The file that will be written under this path: itself, or the one that a link leads to.

    Raises:
        FileError: if that is a device, a pipe, a folder or write-protected, or there is no folder to write in.
    """
    place = file_path(path)
    try:
        # What a link leads to is asked first: the target of /dev/stdout has no name of its own.
        exists = place.exists()
        target = Path(os.path.realpath(place)) if place.is_symlink() else place
        folder = target.parent
        if exists and place.is_dir():
            raise FileError(errno.EISDIR, "this is a folder", str(place))
        if exists and (not place.is_file() or is_something_open(place)):
            raise FileError(errno.EINVAL, "this is a device or a pipe, and no file to be replaced", str(place))
        if not exists and target.is_symlink():
            raise FileError(errno.ELOOP, "this is a link that leads back to itself", str(place))
        if not folder.is_dir():
            reason = f"there is no folder {str(folder)!r}; create it first"
            raise MissingFolderError(errno.ENOENT, reason, str(place))
        if exists and is_protected(target):
            raise WriteProtectedError(errno.EACCES, "this file is write-protected", str(place))
        if is_protected(folder):
            reason = f"nothing can be written in the folder {str(folder)!r}: it is write-protected"
            raise WriteProtectedError(errno.EACCES, reason, str(place))
    except FileError:
        raise
    except OSError as error:
        raise FileError(error.errno, error.strerror or str(error), str(place)) from None
    return target


def is_something_open(path: Path) -> bool:
    """True for /dev/stdout and its like: even if a file is open there, others are writing to it."""
    while path.is_symlink():
        folder = os.path.realpath(path.parent)
        if folder.startswith("/proc/"):
            return True
        path = Path(folder, os.readlink(path))
    return False


def is_protected(path: Path) -> bool:
    """True if we may not write this, or if nobody is meant to: an administrator may write everything."""
    nobody = os.name == "posix" and not path.stat().st_mode & 0o222
    return nobody or not os.access(path, os.W_OK)
