"""Attempts: a file for each chunk that is being worked on, so that a death leaves a trace of what it was at.

A worker that dies can say nothing any more. It therefore leaves a file before it starts, with the runs of the chunk
and, at a fixed place, the number of the run that it is at. The file goes when the chunk's results are there, and when
the process is asked to end: a preempted run is not to blame.

A file that is there is a death only if its process is known to be dead, which only its own machine can say, or if its
lease has expired: while it works, a process renews the time of the file, and whoever reads compares that with the time
that the same file system gives to a file of the reader. No clock of a machine takes part. What is a death accuses one
run.
"""

import contextlib
import json
import os
import signal
import socket
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from types import FrameType
from typing import IO, NamedTuple, Self

from sim.files import alive, birth

FOLDER = "attempts"
UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
WIDTH = 9  # digits of the number of the run
LEASE = 120.0  # seconds without a heartbeat after which a process elsewhere counts as dead; file systems lag up to 60 s
BEAT = 10.0  # seconds between heartbeats

type Run = tuple[int, int, int]  # condition, replicate, round

_open: set[Path] = set()  # of this process


@cache
def machine() -> str:
    """Name what the numbers of processes are unique in: a host since its start, and a container in it.

    Returns
    -------
    str
        The same for two processes only if one can see whether the other one runs.
    """
    parts = [socket.gethostname()]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
    with contextlib.suppress(OSError):
        parts.append(os.readlink("/proc/self/ns/pid"))
    return " ".join(parts)


class Attempt:
    """An attempt of this process at a chunk.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.
    runs : Sequence[Run]
        The chunk.
    driver : str
        Who asked for it.
    ended : threading.Event | None
        Waited for between heartbeats, and set at the end.
    """

    def __init__(
        self, folder: Path, runs: Sequence[Run], driver: str = "", ended: threading.Event | None = None
    ) -> None:
        about = {
            "machine": machine(), "process": os.getpid(), "born": birth(os.getpid()), "driver": driver, "runs": runs,
        }  # fmt: skip
        self.path = folder / FOLDER / f"{uuid.uuid4().hex}.json"
        _open.add(self.path)
        self.path.parent.mkdir(exist_ok=True)
        self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.write(self._handle, f"{0:0{WIDTH}}\n{json.dumps(about)}".encode())
        self.traces: IO[str] = self.path.with_suffix(".trace").open("w", encoding="utf-8")
        self._ended = ended or threading.Event()
        threading.Thread(target=_renew, args=(self.path, self._ended), daemon=True).start()

    def at(self, number: int) -> None:
        """Write down which run is next.

        Parameters
        ----------
        number : int
            Its place in the chunk, from 0.
        """
        os.pwrite(self._handle, f"{number:0{WIDTH}}".encode(), 0)

    def __enter__(self) -> Self:
        """Start.

        Returns
        -------
        Self
            The attempt.
        """
        return self

    def __exit__(self, *_: object) -> None:
        """End it without an accusation: whatever happened, the process lives."""
        self._ended.set()
        os.close(self._handle)
        self.traces.close()
        forget(self.path)
        _open.discard(self.path)


def _renew(path: Path, ended: threading.Event) -> None:
    """Renew the time of a file until its attempt ends or it has been removed."""
    while not ended.wait(BEAT):
        try:
            os.utime(path)
        except FileNotFoundError:
            return
        except OSError:
            continue  # a server that is away for a moment


class Left(NamedTuple):
    """An attempt that is there: under way, or of a process that did not come to its end."""

    path: Path
    run: Run
    alone: bool  # whether the chunk was this run
    running: bool  # as far as can be told: its process is there, or its lease has not expired
    process: int
    driver: str  # who asked for it
    trace: str  # where it was when its time was up


def forget(path: Path) -> None:
    """Remove the files of an attempt.

    Parameters
    ----------
    path : Path
        Its file.
    """
    path.unlink(missing_ok=True)
    path.with_suffix(".trace").unlink(missing_ok=True)


def forget_all() -> None:
    """Remove the files of all attempts of this process, which is asked to end."""
    for path in list(_open):
        forget(path)


def left(folder: Path, now: Callable[[Path], float] | None = None) -> list[Left]:
    """Read the attempts that are there.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.
    now : Callable[[Path], float] | None
        Gives the time of the file system of a folder, in seconds; by default ``time_of``.

    Returns
    -------
    list[Left]
        Sorted by file; those that end while they are read, and damaged ones, are left out.
    """
    clock = cache(lambda: (now or time_of)(folder / FOLDER))
    found = []
    for path in sorted((folder / FOLDER).glob("*.json")):
        with contextlib.suppress(*UNREADABLE):
            with path.open(encoding="utf-8") as file:  # opening it fetches its time anew from a server
                text, beat = file.read(), os.fstat(file.fileno()).st_mtime
            at, about = int(text[:WIDTH]), json.loads(text[WIDTH:])
            if about["machine"] == machine():
                running = alive(about["process"], about["born"])
            else:
                running = clock() - beat < LEASE
            runs = about["runs"]
            condition, replicate, number = map(int, runs[min(at, len(runs) - 1)])
            trace = path.with_suffix(".trace")
            words = trace.read_text(encoding="utf-8", errors="replace") if trace.exists() else ""
            run = (condition, replicate, number)
            found.append(Left(path, run, len(runs) == 1, running, about["process"], about["driver"], words))
    return found


def time_of(folder: Path) -> float:
    """Ask a file system for its time, by the time of a file that is touched there.

    Parameters
    ----------
    folder : Path
        A folder on it.

    Returns
    -------
    float
        Seconds; of this machine's clock where nothing may be written.
    """
    path = folder / f".time-{uuid.uuid4().hex}"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.utime(handle)
            return os.fstat(handle).st_mtime
        finally:
            os.close(handle)
            path.unlink(missing_ok=True)
    except OSError:
        return time.time()


def counted(attempts: Sequence[Left]) -> Counter[Run]:
    """Count how often each run was there when its process died.

    Parameters
    ----------
    attempts : Sequence[Left]
        What is there.

    Returns
    -------
    Counter[Run]
        Deaths; attempts under way do not count.
    """
    return Counter(each.run for each in attempts if not each.running)


@contextlib.contextmanager
def cleared_on_term() -> Iterator[None]:
    """End the process on SIGTERM, as a batch system sends it, without an accusation of the run that it is at.

    Yields
    ------
    None
        Nothing; to be entered in the main thread.
    """

    def end(number: int, _: FrameType | None) -> None:
        forget_all()
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
