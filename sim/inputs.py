"""Files that a user names: opened without waiting, and only if they are plain files of a size that can be meant.

A pipe would block for ever, a device may never end, and a folder is a slip. All three are refused as the system refuses
what cannot be read, with an ``OSError`` whose ``strerror`` says why.
"""

import errno
import os
import stat
from pathlib import Path


def read_bytes(path: Path, most: int) -> bytes:
    """Read a plain file that is not too large.

    Parameters
    ----------
    path : Path
        The file.
    most : int
        Bytes at most.

    Returns
    -------
    bytes
        What is in it; an ``OSError`` comes up if it cannot be read, is no plain file, or is larger.
    """
    check(path, most)
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        _check_kind(path, os.fstat(file.fileno()), most)
        return file.read(most)


def check(path: Path, most: int | None = None) -> None:
    """Refuse what is no plain file, without opening it: for libraries that open files by their names.

    Parameters
    ----------
    path : Path
        The file.
    most : int | None
        Bytes at most; None for any number. An ``OSError`` comes up if it is not there, is no plain file, or is larger.
    """
    _check_kind(path, _found(path), most)


def _found(path: Path) -> os.stat_result:
    """Look at a file without opening it."""
    try:
        return os.stat(path)
    except ValueError as error:  # a zero byte in the name
        raise _refusal(path, errno.EINVAL, "no file can have this name") from error


def _check_kind(path: Path, found: os.stat_result, most: int | None) -> None:
    """Refuse folders, pipes, devices and what is too large."""
    if stat.S_ISDIR(found.st_mode):
        raise _refusal(path, errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise _refusal(path, errno.EINVAL, "is no plain file but a pipe, a socket or a device")
    if most is not None and found.st_size > most:
        raise _refusal(path, errno.EFBIG, f"is longer than {most:,} bytes")


def _refusal(path: Path, number: int, why: str) -> OSError:
    """Make an error as the system would."""
    return OSError(number, why, str(path))
