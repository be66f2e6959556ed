"""The work of every worker, wherever it runs: a chunk of runs becomes a file of rows."""

import hashlib
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sim.files.storage import write_table
from sim.sweeps import plugins as adding
from sim.sweeps.conditions import world_of
from sim.sweeps.crash_log import Attempt, Run
from sim.sweeps.engines import ENGINES
from sim.sweeps.folder import SHARDS, Sweep, opened, rows_of
from sim.sweeps.limits import limited

LONGEST = 4_000  # characters of a traceback that are kept
RAISED, MEMORY, TIME, DIED = "raised", "memory limit", "time limit", "died"


class Task(NamedTuple):
    """A chunk of runs, its folder and its limits."""

    folder: str
    runs: tuple[Run, ...]
    seconds: float  # limit of each run
    bytes: int | None  # limit of the process
    driver: str = ""  # that asks for it


class Report(NamedTuple):
    """A worker's summary of a chunk, whose rows are in the file."""

    done: int
    fresh: int  # of these, runs that had no row before
    failed: dict[str, int]  # of the fresh ones, by cause
    seconds: float
    stop: str = ""  # why nothing more can be done here, as on a full disk


def shard_of(runs: Sequence[Run]) -> str:
    """Name the file of a chunk by a hash of its runs; two hex digits make subfolders that stay small."""
    name = hashlib.blake2b(repr([tuple(run) for run in runs]).encode(), digest_size=12).hexdigest()
    return f"{SHARDS}/{name[:2]}/{name}.parquet"


def work(task: Task) -> Report:
    """Do the runs of a chunk and write their rows, unless the file exists.

    A run that raises becomes a row with reason and traceback.
    """
    began, folder = time.monotonic(), Path(task.folder)
    sweep = opened(task.folder)
    place = folder / shard_of(task.runs)
    try:
        if place.exists():
            return Report(len(task.runs), 0, {}, 0.0)
        with Attempt(folder, task.runs, task.driver) as attempt:
            rows = []
            for number, run in enumerate(task.runs):
                attempt.at(number)
                with limited(task.seconds, task.bytes, attempt.traces):
                    rows.append(one(sweep, run))
            write_table(place, rows_of(sweep, rows))
    except OSError as error:
        return Report(0, 0, {}, time.monotonic() - began, f"cannot write {folder}: {error.strerror or error}")
    fresh = [row for row in rows if row["round"] == 0]
    causes = Counter(cause(row) for row in fresh if row["error"])
    return Report(len(rows), len(fresh), dict(causes), time.monotonic() - began)


def one(sweep: Sweep, run: Run) -> dict[str, Any]:
    """Do one run and return its row, with the error if there is one."""
    condition, replicate, again = run
    plan, began = sweep.plan, time.perf_counter()
    row: dict[str, Any] = {"condition": condition, "replicate": replicate, "round": again, "error": None}
    try:
        about = plan.conditions.row(condition, named=True)
        if plan.engine == "model":
            adding.load(sweep.folder, plan.code)
        row |= ENGINES[plan.engine].run(world_of(plan, about, replicate), plan.lenses[about["lens"]], replicate)
    except Exception as error:
        kind = MEMORY if isinstance(error, MemoryError) else RAISED
        row |= {"error": kind, "reason": said(error), "traceback": traceback.format_exc()[-LONGEST:]}
    return row | {"seconds": time.perf_counter() - began}


def said(error: Exception) -> str:
    """Format an exception as its type and the first line of its message."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}".rstrip(": ")


def cause(row: dict[str, Any]) -> str:
    """Return the cause of a failed row for counting: the type of the exception, or how the process ended."""
    return str(row["reason"]).split(":")[0] if row["error"] == RAISED else str(row["error"])


def prepared(task: Task) -> Report:
    """Do the first run of a chunk and discard it, so that the engine is compiled."""
    sweep = opened(task.folder)
    began = time.monotonic()
    row = one(sweep, task.runs[0])
    return Report(1, 0, {cause(row): 1} if row["error"] else {}, time.monotonic() - began)
