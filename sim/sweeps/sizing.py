"""The size of a sweep before it starts: a few runs are measured and extrapolated."""

import resource
import sys
import time
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from sim.sweeps.crash_log import Run
from sim.sweeps.folder import Sweep, opened, planned_runs, rows_of
from sim.sweeps.work import Task, one

PROBES = 3  # runs that are measured, fewer if they are long
ENOUGH = 30.0  # seconds after which no further run is measured
ROWS = 200  # rows that are written to measure their size


class Measured(NamedTuple):
    """Result of a probe."""

    seconds: float  # of a run, mean of those measured
    longest: float
    bytes: int  # peak of the process
    row: float  # bytes on disk
    probes: int
    failed: str  # what went wrong, if something did


def sample(sweep: Sweep) -> tuple[Run, ...]:
    """Choose the runs to measure, spread over the conditions."""
    runs = planned_runs(sweep._replace(replicates=1))
    step = max(1, runs.height // PROBES)
    return tuple((condition, replicate, 0) for condition, replicate in runs.gather_every(step)[:PROBES].iter_rows())


def probe(task: Task) -> Measured:
    """Measure some runs in this process, keeping no rows.

    The first run is done once more before, so that loading and compiling do not count.
    """
    sweep = opened(task.folder)
    rows: list[dict[str, Any]] = [one(sweep, task.runs[0])]
    if not rows[0]["error"]:
        began = time.perf_counter()
        rows = []
        for run in task.runs:
            rows.append(one(sweep, run))
            if time.perf_counter() - began > ENOUGH:
                break
    unit = 1 if sys.platform == "darwin" else 1024
    seconds = [float(row["seconds"]) for row in rows]
    return Measured(
        seconds=float(np.mean(seconds)),
        longest=max(seconds),
        bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
        row=_bytes_of_row(sweep, rows[0]),
        probes=len(rows),
        failed=next((str(row["reason"]) for row in rows if row["error"]), ""),
    )


def _bytes_of_row(sweep: Sweep, row: dict[str, Any]) -> float:
    """Measure the bytes of a row on disk among others that differ from it."""
    noise = np.random.default_rng(1).normal(1.0, 0.01, (ROWS, len(sweep.plan.values)))
    rows = [
        row | {name: (row.get(name) or 0.0) * factor for name, factor in zip(sweep.plan.values, each, strict=True)}
        for each in noise
    ]
    content = BytesIO()
    rows_of(sweep, rows).with_columns(pl.col("run").str.reverse()).write_parquet(content, compression="zstd")
    return len(content.getvalue()) / ROWS
