"""The size of a sweep before it starts: a few runs are measured and extrapolated."""

import resource
import shutil
import sys
import time
from contextlib import closing
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console

from sim.core.errors import ResultsError
from sim.figures.words import phrase
from sim.report.console import line
from sim.report.numbers import written
from sim.report.progress import duration
from sim.runs.executor import Local
from sim.runs.progress import is_compiled_or_told
from sim.scenario.memory import memory_at_hand
from sim.sweeps.engines import MODEL
from sim.sweeps.folder import Sweep, opened
from sim.sweeps.monitor import NONE, Ledger, sizes
from sim.sweeps.work import Task, one

PROBES = 3  # runs that are measured, fewer if they are long
ENOUGH = 30.0  # seconds after which no further run is measured
BYTES = 8  # of an outcome on disk, where random digits do not compress


class Measured(NamedTuple):
    """Result of a probe."""

    seconds: float  # of a run, mean of those measured
    longest: float
    bytes: int  # peak of the process
    probes: int
    failed: str  # what went wrong, if something did


def show_size(
    sweep: Sweep, share: tuple[int, int], workers: int, limit: int | None, notes: Console, output: Console
) -> None:
    """Print expected time, memory and disk space, measured by a probe; raises ``ResultsError`` if it dies or fails.

    These are for a share of the sweep, its number and of how many. ``notes`` gets what is being done meanwhile.
    """
    count = sweep.plan.conditions.height
    if sweep.plan.engine == MODEL:
        is_compiled_or_told()
    line(notes, phrase("sweep", "probing"))
    ledger = Ledger(sweep)
    runs = [ledger.run(number) for number in range(0, count, max(1, count // PROBES))[:PROBES]]
    with closing(Local(1)) as executor:
        found = next(iter(executor.map(probe, [Task.of(sweep, runs, limit)]))).value
    if found is None:
        raise ResultsError("the process of the probe died, perhaps for lack of memory; nothing is estimated")
    if found.failed:
        raise ResultsError(f"a run of the probe failed, so that nothing is estimated: {found.failed}")
    number, shares = share
    mine = ledger.rounds[number - 1 :: shares]
    missing = int((mine == NONE).sum())
    part = {"number": number, "shares": shares, "runs": f"{len(mine):,}", "done": f"{len(mine) - missing:,}"}
    work = missing * found.seconds
    row = BYTES * len(sweep.plan.values)
    free = shutil.disk_usage(sweep.folder).free
    line(
        output,
        phrase("sweep", "size", **sizes(sweep, ledger.counted()[0])),
        *([phrase("sweep", "share", **part)] if shares > 1 else []),
        *sweep.parameters,
        phrase(
            "sweep", "time", seconds=written(found.seconds, ""), longest=written(found.longest, ""),
            probes=found.probes, hours=written(work / 3600, ""), time=duration(work / workers), workers=workers,
        ),
        phrase(
            "sweep", "memory", each=f"{found.bytes / 1e6:,.0f}", all=f"{found.bytes * workers / 1e9:,.1f}",
            there=f"{memory_at_hand() / 1e9:,.1f}",
        ),
        phrase("sweep", "disk", each=f"{row:,}", all=f"{missing * row / 1e6:,.1f}", free=f"{free / 1e9:,.1f}"),
    )  # fmt: skip


def probe(task: Task) -> Measured:
    """Measure some runs in this process, keeping no rows.

    The first run is done once more before, so that loading and compiling do not count.
    """
    sweep = opened(task.folder)
    rows: list[dict[str, Any]] = [one(sweep, task.runs[0], task.engine)]
    if not rows[0]["error"]:
        began = time.perf_counter()
        rows = []
        for run in task.runs:
            rows.append(one(sweep, run, task.engine))
            if time.perf_counter() - began > ENOUGH:
                break
    unit = 1 if sys.platform == "darwin" else 1024
    seconds = [float(row["seconds"]) for row in rows]
    return Measured(
        seconds=float(np.mean(seconds)),
        longest=max(seconds),
        bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
        probes=len(rows),
        failed=next((str(row["reason"]) for row in rows if row["error"]), ""),
    )
