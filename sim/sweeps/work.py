"""The work of every worker, wherever it runs: a chunk of runs becomes a file of rows."""

import faulthandler
import hashlib
import resource
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from sim.runs.crash_log import Run, record_attempt
from sim.sweeps import plugins
from sim.sweeps.conditions import world_of
from sim.sweeps.engines import ENGINES, MODEL, Engine
from sim.sweeps.folder import SHARDS, Sweep, complete_rows, open_cached, write_rows

LONGEST_TRACEBACK = 4_000  # characters of a traceback that are kept
RAISED, MEMORY, TIME, DIED = "raised", "memory limit", "time limit", "died"

_memory_lock = threading.Lock()  # held by the thread whose run is limited


class Task(NamedTuple):
    """A chunk of runs, its folder and its limits."""

    folder: str
    runs: tuple[Run, ...]
    seconds: float  # limit of each run
    bytes: int | None  # limit of the process
    engine: Engine  # a reference, so that a worker imports its module
    driver: str  # that requests it

    @classmethod
    def of(cls, sweep: Sweep, runs: Sequence[Run], most: int | None = None, driver: str = "") -> "Task":
        """Create a task for runs of a sweep; ``most`` is the limit of memory in bytes."""
        return cls(str(sweep.folder), tuple(runs), sweep.limits.seconds, most, ENGINES[sweep.plan.engine], driver)


class ChunkReport(NamedTuple):
    """A worker's summary of a chunk, whose rows are in the file."""

    done: int
    fresh: int  # of these, runs that had no row before
    failed: dict[str, int]  # of the fresh ones, by cause
    seconds: float
    stop: str = ""  # why nothing more can be done here, such as a full disk


def shard_of(runs: Sequence[Run]) -> str:
    """Name the file of a chunk by a hash of its runs; two hex digits make subfolders that stay small."""
    name = hashlib.blake2b(repr([tuple(run) for run in runs]).encode(), digest_size=12).hexdigest()
    return f"{SHARDS}/{name[:2]}/{name}.parquet"


def do_chunk(task: Task) -> ChunkReport:
    """Execute the runs of a chunk and write their rows, unless the file exists.

    A run that raises an exception becomes a row with reason and traceback.
    """
    began, folder = time.monotonic(), Path(task.folder)
    sweep = open_cached(folder)
    place = folder / shard_of(task.runs)
    try:
        if place.exists():
            return ChunkReport(len(task.runs), 0, {}, 0.0)
        with record_attempt(folder, task.runs, task.driver) as record:
            rows = []
            for number, run in enumerate(task.runs):
                record.mark_run(number)
                with limits(task.seconds, task.bytes, record.traces):
                    rows.append(do_run(sweep, run, task.engine))
            write_rows(sweep, shard_of(task.runs), complete_rows(sweep, rows))
    except OSError as error:
        return ChunkReport(0, 0, {}, time.monotonic() - began, f"cannot write {folder}: {error.strerror or error}")
    fresh = [row for row in rows if row["round"] == 0]
    causes = Counter(cause_of(row["error"], row["reason"]) for row in fresh if row["error"])
    return ChunkReport(len(rows), len(fresh), dict(causes), time.monotonic() - began)


@contextmanager
def limits(seconds: float, size: int | None, traces: IO[str]) -> Iterator[None]:
    """Limit the duration (seconds) and memory (bytes of the process; None for no limit) of the code in the block.

    When time is up, the traceback is written to ``traces`` and the process ends, even in compiled code, because the
    timer of ``faulthandler`` does not need the interpreter's lock. Beyond the memory limit, which exists on Linux only,
    Python raises ``MemoryError``. Memory reserved before and not used does not count, because a library may reserve
    much. Both limits apply to the process: a second thread waits until the first has left its block.
    """
    with _memory_lock, ExitStack() as restored:
        restored.callback(faulthandler.cancel_dump_traceback_later)
        faulthandler.dump_traceback_later(seconds, exit=True, file=traces)
        if sys.platform == "linux" and size is not None:
            before = resource.getrlimit(resource.RLIMIT_DATA)
            restored.callback(resource.setrlimit, resource.RLIMIT_DATA, before)
            most = size + _reserved_bytes()
            most = most if before[1] == resource.RLIM_INFINITY else min(most, before[1])
            resource.setrlimit(resource.RLIMIT_DATA, (most, before[1]))
        yield


def _reserved_bytes() -> int:
    """Return the bytes that this process has reserved but not used, which the system counts as its data."""
    _, resident, shared, _, _, data, _ = map(int, Path("/proc/self/statm").read_text(encoding="ascii").split())
    return max(0, data - (resident - shared)) * resource.getpagesize()


def do_run(sweep: Sweep, run: Run, engine: Engine) -> dict[str, Any]:
    """Do one run and return its row, with the error if there is one."""
    condition, replicate, again = run
    plan, began = sweep.plan, time.perf_counter()
    row: dict[str, Any] = {"condition": condition, "replicate": replicate, "round": again, "error": None}
    try:
        about = plan.conditions.row(condition, named=True)
        if plan.engine == MODEL:
            plugins.load(sweep.folder, plan.code)
        row |= engine.run(world_of(plan, about, replicate), plan.lenses[about["lens"]], replicate)
    except Exception as error:
        kind = MEMORY if isinstance(error, MemoryError) else RAISED
        reason = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}".rstrip(": ")
        row |= {"error": kind, "reason": reason, "traceback": traceback.format_exc()[-LONGEST_TRACEBACK:]}
    return row | {"seconds": time.perf_counter() - began}


def cause_of(error: str, reason: str) -> str:
    """Return the cause of a failed row for counting: the type of the exception, or how the process ended."""
    return reason.split(":", maxsplit=1)[0] if error == RAISED else error
