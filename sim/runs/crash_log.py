"""Files that record which run a worker is at, so that the death of its process is noticed.

Before it starts a chunk, a worker writes the chunk's runs to a file, with the number of the current run at a fixed
position. The file is removed when the results are written, and on SIGTERM, because a preempted run is not to blame. A
remaining file counts as a death and blames one run if its own machine knows that the process has ended, or if its lease
expired. Workers renew the file's time; readers compare it with the time of the same file system, not with a clock.
"""

import contextlib
import json
import os
import signal
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple

from sim.files.limits import unblocked
from sim.files.storage import alive, birth, here

FOLDER = "attempts"
UNREADABLE_ERRORS = (OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
RUN_DIGITS = 9  # digits of the number of the run
LEASE_SECONDS = 120.0  # seconds without a heartbeat until a remote process counts as dead; file systems lag up to 60 s
HEARTBEAT_SECONDS = 10.0  # seconds between heartbeats

type Run = tuple[int, int, int]  # condition, replicate, round

_open_records: set[Path] = set()  # files of this process


@cache
def machine_identity() -> str:
    """Identify the space in which process numbers are unique: a host since its boot, and the container on it.

    Two processes with the same value can see whether the other one is running.
    """
    with contextlib.suppress(OSError):
        return f"{here()} {Path('/proc/sys/kernel/random/boot_id').read_text(encoding='ascii').strip()}"
    return here()


class OpenRecord(NamedTuple):
    """The record of this process's attempt at a chunk."""

    path: Path
    handle: int
    traces: IO[str]  # file for the traceback of a run that takes too long

    def mark_run(self, number: int) -> None:
        """Record that the run at this position in the chunk, counted from 0, is next."""
        os.pwrite(self.handle, f"{number:0{RUN_DIGITS}}".encode(), 0)


@contextlib.contextmanager
def record_attempt(
    folder: Path, runs: Sequence[Run], driver: str = "", ended: threading.Event | None = None
) -> Iterator[OpenRecord]:
    """Keep a record of an attempt at a chunk, requested by ``driver``, while the block is active."""
    process = os.getpid()
    about = {"machine": machine_identity(), "process": process, "born": birth(process), "driver": driver, "runs": runs}
    path, ended = folder / FOLDER / f"{uuid.uuid4().hex}.json", ended or threading.Event()
    _open_records.add(path)
    path.parent.mkdir(exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        os.write(handle, f"{0:0{RUN_DIGITS}}\n{json.dumps(about)}".encode())
        with path.with_suffix(".trace").open("w", encoding="utf-8") as traces:
            threading.Thread(target=_send_heartbeats, args=(path, ended), daemon=True).start()
            yield OpenRecord(path, handle, traces)
    finally:  # whatever happened, the process is alive
        ended.set()
        os.close(handle)
        remove_record(path)
        _open_records.discard(path)


def _send_heartbeats(path: Path, ended: threading.Event) -> None:
    """Renew the time of a file until its attempt ends or the file is removed."""
    while not ended.wait(HEARTBEAT_SECONDS):
        try:
            os.utime(path)
        except FileNotFoundError:
            return
        except OSError:
            continue  # a file server that is briefly unavailable


class RecordedAttempt(NamedTuple):
    """An attempt on record: running, or left by a process that died."""

    path: Path
    run: Run
    running: bool  # as far as is known: its process exists, or its lease has not expired
    process: int
    driver: str  # process that requested it
    trace: str  # traceback from when its time was up


def remove_record(path: Path) -> None:
    """Remove the files of an attempt."""
    path.unlink(missing_ok=True)
    path.with_suffix(".trace").unlink(missing_ok=True)


def remove_own_records() -> None:
    """Remove the files of all attempts of this process, which was asked to end."""
    for path in list(_open_records):
        remove_record(path)


def attempts_on_record(folder: Path, now: Callable[[Path], float] | None = None) -> list[RecordedAttempt]:
    """Read the attempts on record, sorted by file.

    Damaged ones and those that end meanwhile are left out. ``now`` returns the time of a folder's file system in
    seconds; by default it is ``file_system_time``.
    """
    clock = cache(lambda: (now or file_system_time)(folder / FOLDER))
    found = []
    for path in sorted((folder / FOLDER).glob("*.json")):
        with contextlib.suppress(*UNREADABLE_ERRORS):
            with open(path, encoding="utf-8", opener=unblocked) as file:  # opening makes a file server send the time
                text, beat = file.read(), os.fstat(file.fileno()).st_mtime
            at, about = int(text[:RUN_DIGITS]), json.loads(text[RUN_DIGITS:])
            if about["machine"] == machine_identity():
                running = alive(about["process"], about["born"])
            else:
                running = clock() - beat < LEASE_SECONDS
            runs = about["runs"]
            condition, replicate, number = map(int, runs[min(at, len(runs) - 1)])
            trace = path.with_suffix(".trace")
            words = trace.read_text(encoding="utf-8", errors="replace") if trace.is_file() else ""
            run = (condition, replicate, number)
            found.append(RecordedAttempt(path, run, running, about["process"], about["driver"], words))
    return found


def file_system_time(folder: Path) -> float:
    """Return the time of a folder's file system in seconds; without write access, that of this machine."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            os.utime(file.fileno())
            return os.fstat(file.fileno()).st_mtime
    except OSError:
        return time.time()


def deaths_by_run(attempts: Sequence[RecordedAttempt]) -> Counter[Run]:
    """Count how often a process died at each run."""
    return Counter(each.run for each in attempts if not each.running)


@contextlib.contextmanager
def on_sigterm(act: Callable[[int], None]) -> Iterator[None]:
    """Call ``act`` with the number of the signal on SIGTERM, as sent by batch systems; only in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda number, _: act(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def exit_blamelessly(number: int) -> None:
    """End this process on a signal without blaming the current run."""
    remove_own_records()
    raise SystemExit(128 + number)
