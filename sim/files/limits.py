"""Files named by users: opened without blocking, and only if they are regular files of plausible size.

Folders, pipes (which would block) and devices (which may never end) raise ``OSError`` with a clear ``strerror``.
"""

import errno
import os
import stat
from pathlib import Path


def read_bytes(path: Path, most: int) -> bytes:
    """Read a regular file of at most ``most`` bytes; otherwise raise ``OSError``."""
    check(path, most)
    with open(path, "rb", opener=unblocked) as file:
        _check_kind(path, os.fstat(file.fileno()), most)
        return file.read(most)


def unblocked(path: str, flags: int) -> int:
    """Open a file for ``open``, without waiting for the other end of a pipe."""
    return os.open(path, flags | os.O_NONBLOCK, 0o644)


def check(path: Path, most: int | None = None) -> None:
    """Raise ``OSError`` unless the path is a regular file of at most ``most`` bytes; it is not opened."""
    try:
        found = os.stat(path)
    except ValueError as error:  # null byte in the name
        raise OSError(errno.EINVAL, "no file can have this name", str(path)) from error
    _check_kind(path, found, most)


def _check_kind(path: Path, found: os.stat_result, most: int | None) -> None:
    """Reject folders, pipes, devices and files that are too large."""
    if stat.S_ISDIR(found.st_mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "is no plain file but a pipe, a socket or a device", str(path))
    if most is not None and found.st_size > most:
        raise OSError(errno.EFBIG, f"is longer than {most:,} bytes", str(path))
