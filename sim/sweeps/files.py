"""Files that appear whole or not at all, also when the process dies, the disk fills or another one writes the same."""

import os
import socket
import uuid
from collections.abc import Callable
from pathlib import Path

from sim.store import as_system_says

HIDDEN = ".draft-"


def publish(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place, make sure that it is on disk, and put it there by renaming.

    Parameters
    ----------
    path : Path
        Its place; whatever lies there is replaced.
    write : Callable[[Path], object]
        Writes the file at the path that it gets. A full disk or a lost folder comes up as it is, and leaves nothing.
    """
    draft = path.parent / f"{HIDDEN}{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with as_system_says():
                write(draft)
        except FileNotFoundError:  # the folder was empty and has just been removed
            path.parent.mkdir(parents=True, exist_ok=True)
            with as_system_says():
                write(draft)
        _synced(draft)
        os.replace(draft, path)
        _synced(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _synced(path: Path) -> None:
    """Make sure that a file or a folder is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish_text(path: Path, text: str) -> None:
    """Write a text file as ``publish`` does.

    Parameters
    ----------
    path : Path
        Its place.
    text : str
        What it says.
    """
    publish(path, lambda draft: draft.write_text(text, encoding="utf-8"))


def drop_drafts(folder: Path) -> None:
    """Remove what processes of this machine that are gone were writing.

    Parameters
    ----------
    folder : Path
        Looked through with its subfolders.
    """
    here = socket.gethostname()
    for draft in folder.rglob(f"{HIDDEN}*"):
        host, process, _ = draft.name.removeprefix(HIDDEN).rsplit("-", 2)
        if host == here and not alive(int(process)):
            draft.unlink(missing_ok=True)


def alive(process: int, born: int | None = None) -> bool:
    """Tell whether a process of this machine is running.

    Parameters
    ----------
    process : int
        Its number.
    born : int | None
        When it started, as from ``birth``; numbers are used again.

    Returns
    -------
    bool
        True if it is.
    """
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    now = birth(process)
    return now != 0 and (born is None or now == born)


def birth(process: int) -> int:
    """Tell when a process started.

    Parameters
    ----------
    process : int
        Its number.

    Returns
    -------
    int
        Ticks since the machine started; 0 if it has ended, 1 where the system does not tell.
    """
    try:
        state, *rest = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except FileNotFoundError:
        return 0 if Path("/proc/self/stat").exists() else 1
    except OSError:
        return 1
    return 0 if state in "ZX" else int(rest[18])
