"""Attempts: a file for each chunk that is being worked on, so that a death leaves a trace of what it was at.

A worker that dies can say nothing any more. It therefore leaves a file before it starts, with the runs of the chunk
and, at a fixed place, the number of the run that it is at. The file goes when the chunk's results are there, and when
the process is asked to end: a preempted run is not to blame. What remains accuses one run.
"""

import contextlib
import json
import os
import signal
import socket
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import IO, NamedTuple, Self

from sim.sweeps.files import alive, birth

FOLDER = "attempts"
WIDTH = 9  # digits of the number of the run

type Run = tuple[int, int, int]  # condition, replicate, round

_open: set[Path] = set()  # of this process


class Attempt:
    """An attempt of this process at a chunk.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.
    runs : Sequence[Run]
        The chunk.
    """

    def __init__(self, folder: Path, runs: Sequence[Run]) -> None:
        about = {"host": socket.gethostname(), "process": os.getpid(), "born": birth(os.getpid()), "runs": runs}
        self.path = folder / FOLDER / f"{uuid.uuid4().hex}.json"
        _open.add(self.path)
        self.path.parent.mkdir(exist_ok=True)
        self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.write(self._handle, f"{0:0{WIDTH}}\n{json.dumps(about)}".encode())
        self.traces: IO[str] = self.path.with_suffix(".trace").open("w", encoding="utf-8")

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
        os.close(self._handle)
        self.traces.close()
        forget(self.path)
        _open.discard(self.path)


class Left(NamedTuple):
    """An attempt whose process did not come to its end."""

    path: Path
    run: Run
    alone: bool  # whether the chunk was this run
    running: bool  # on this machine, so that it may still come
    process: int
    host: str
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


def left(folder: Path) -> list[Left]:
    """Read the attempts that are there.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.

    Returns
    -------
    list[Left]
        Sorted by file; those that end while they are read are left out.
    """
    found = []
    for path in sorted((folder / FOLDER).glob("*.json")):
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError, IndexError):
            text = path.read_text(encoding="utf-8")
            at, about = int(text[:WIDTH]), json.loads(text[WIDTH:])
            running = about["host"] == socket.gethostname() and alive(about["process"], about["born"])
            runs = about["runs"]
            condition, replicate, number = runs[min(at, len(runs) - 1)]
            trace = path.with_suffix(".trace")
            words = trace.read_text(encoding="utf-8", errors="replace") if trace.exists() else ""
            run = (condition, replicate, number)
            found.append(Left(path, run, len(runs) == 1, running, about["process"], about["host"], words))
    return found


def counted(attempts: Sequence[Left]) -> Counter[Run]:
    """Count how often each run was there when its process died.

    Parameters
    ----------
    attempts : Sequence[Left]
        What is there.

    Returns
    -------
    Counter[Run]
        Deaths; processes that still run on this machine do not count.
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
