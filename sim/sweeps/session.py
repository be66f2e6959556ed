"""A sweep from the command line: design, folder, executor, drive, tables and messages."""

import resource
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from sim.core.errors import ResultsError
from sim.figures.words import counted, phrase, translate
from sim.files.storage import writing
from sim.report.console import line
from sim.report.numbers import written
from sim.report.progress import duration
from sim.runs.backends import Backend
from sim.runs.executor import Local, in_own_process
from sim.runs.progress import compiled_else_announced
from sim.runs.results import FIGURES
from sim.scenario.inheritance import shown
from sim.scenario.memory import memory_at_hand
from sim.studies.designs import find_design
from sim.sweeps.compaction import compact
from sim.sweeps.conditions import plan_of
from sim.sweeps.design import DESIGNS, Design, Draft, load_design
from sim.sweeps.driving import Options, drive
from sim.sweeps.effects import store_tables
from sim.sweeps.engines import MODEL
from sim.sweeps.folder import (
    Sweep,
    create_sweep,
    folder_of,
    locked,
    open_sweep,
    retry_if_compacted,
    row_batches,
    row_files,
    write_rows,
)
from sim.sweeps.monitor import (
    LOG_FILE,
    NO_ROUND,
    PARTIAL,
    RunLedger,
    State,
    SweepProgress,
    failures_text,
    reason_text,
    size_values,
    state_of,
)
from sim.sweeps.work import Task, do_run, shard_of

SHARE_OF_MEMORY = 0.9  # of the machine, for all workers together
MOST_PROBES = 3  # runs that are measured, fewer if they are long
PROBE_SECONDS = 30.0  # seconds after which no further run is measured
BYTES_OF_NUMBER = 8  # per outcome on disk, where random digits do not compress


def run_sweep(name: str, options: Options, notes: Console, output: Console) -> tuple[Sweep, int]:
    """Run the sweep of a design, given by name or path, as ``run_draft`` does."""
    draft = load_design(find_design(name, DESIGNS), options.replicates, options.parameters)
    return run_draft(draft, options, notes, output)


def run_draft(draft: Draft, options: Options, notes: Console, output: Console) -> tuple[Sweep, int]:
    """Run a sweep, or with ``dry_run`` estimate its size on ``output``.

    Returns it with the exit code: 0 complete, 5 partial, 6 some runs failed.
    """
    plan = plan_of(draft)
    folder = folder_of(plan, options.out)
    planning = 1 if options.dry_run else draft.design.replicates  # estimating the size of more replicates plans no more
    sweep = create_sweep(folder, plan, planning, draft.design.limits)._replace(replicates=draft.design.replicates)
    limit = memory_of_worker(draft.design, options.backend)
    if options.dry_run:
        show_size(sweep, options, limit, notes, output)
        return sweep, 0
    before = state_of(sweep)
    watch = SweepProgress(notes, folder, sweep.size, before.done)
    _announce(sweep, options, watch)
    began, why = time.monotonic(), ""
    try:
        if before.open or options.retry_failed:
            why = drive(sweep, options.backend.start(folder), watch, options, limit)
    finally:
        watch.close()
    code = finish(sweep, watch, why, time.monotonic() - began)
    if options.figures and code != PARTIAL:
        show_figures(sweep, options.language, notes)
    return sweep, code


def show_size(sweep: Sweep, options: Options, limit: int | None, notes: Console, output: Console) -> None:
    """Print expected time, memory and disk space, measured by a probe; raises ``ResultsError`` if it dies or fails.

    ``limit`` is a worker's memory limit in bytes; ``notes`` receives progress.
    """
    count, workers = sweep.plan.conditions.height, options.backend.workers
    if sweep.plan.engine == MODEL:
        compiled_else_announced()
    line(notes, phrase("sweep", "probing"))
    ledger = RunLedger(sweep)
    runs = [ledger.run(number) for number in range(0, count, max(1, count // MOST_PROBES))[:MOST_PROBES]]
    with closing(Local(1)) as executor:
        found = next(iter(executor.map(probe, [Task.of(sweep, runs, limit)]))).value
    if found is None:
        raise ResultsError("the process of the probe died, perhaps for lack of memory; nothing is estimated")
    rows, memory = found
    if failed := next((row["reason"] for row in rows if row["error"]), ""):
        raise ResultsError(f"a run of the probe failed, so that nothing is estimated: {failed}")
    seconds = [row["seconds"] for row in rows]
    mean = float(np.mean(seconds))
    number, shares = options.share
    mine = ledger.rounds[number - 1 :: shares]
    missing = int((mine == NO_ROUND).sum())
    part = {"number": number, "shares": shares, "runs": f"{len(mine):,}", "done": f"{len(mine) - missing:,}"}
    work = missing * mean
    row = BYTES_OF_NUMBER * len(sweep.plan.values)
    free = shutil.disk_usage(sweep.folder).free
    line(
        output,
        phrase("sweep", "size", **size_values(sweep, ledger.counted()[0])),
        *([phrase("sweep", "share", **part)] if shares > 1 else []),
        *sweep.parameters,
        phrase(
            "sweep", "time", seconds=written(mean, ""), longest=written(max(seconds), ""),
            probes=len(rows), hours=written(work / 3600, ""), time=duration(work / workers), workers=workers,
        ),
        phrase(
            "sweep", "memory", each=f"{memory / 1e6:,.0f}", all=f"{memory * workers / 1e9:,.1f}",
            there=f"{memory_at_hand() / 1e9:,.1f}",
        ),
        phrase("sweep", "disk", each=f"{row:,}", all=f"{missing * row / 1e6:,.1f}", free=f"{free / 1e9:,.1f}"),
    )  # fmt: skip


def probe(task: Task) -> tuple[list[dict[str, Any]], int]:
    """Execute some runs in this process without storing rows; return them with the process's peak memory in bytes.

    The first run is executed once before that, so that loading and compiling do not count.
    """
    sweep = open_sweep(Path(task.folder))
    rows = [do_run(sweep, task.runs[0], task.engine)]
    if not rows[0]["error"]:
        began = time.perf_counter()
        rows = []
        for run in task.runs:
            rows.append(do_run(sweep, run, task.engine))
            if time.perf_counter() - began > PROBE_SECONDS:
                break
    unit = 1 if sys.platform == "darwin" else 1024
    return rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def memory_of_worker(design: Design, backend: Backend) -> int | None:
    """Return the memory limit of a worker in bytes: that of the design, or an equal share of this machine's memory.

    On a cluster, which has its own limits, it is None.
    """
    if design.limits.megabytes:
        return design.limits.megabytes * 1_000_000
    if backend.name in ("dask", "slurm"):
        return None
    return int(SHARE_OF_MEMORY * memory_at_hand() / (backend.workers if backend.name == "local" else 1))


def _announce(sweep: Sweep, options: Options, watch: SweepProgress) -> None:
    """Announce what will be done and where, and log other sweeps of the same name."""
    name, backend = sweep.plan.name, options.backend
    who = {"backend": backend.name, "workers": counted(backend.workers, "worker"), "folder": shown(sweep.folder)}
    watch.say(phrase("sweep", "begins", **size_values(sweep, watch.done), **who))
    for text in sweep.parameters:
        watch.say(text)
    for other in sorted(options.out.glob(f"{name}-*")):
        if other.is_dir() and other != sweep.folder:
            watch.log(phrase("sweep", "other", name=other.name))


def finish(sweep: Sweep, watch: SweepProgress, why: str, seconds: float) -> int:
    """Write the tables made from the rows, report how the sweep ended, and return the exit code.

    Raises ``ResultsError`` if the disk is full or the folder cannot be written.
    """
    if why.startswith("cannot write"):
        watch.log(why)
        raise ResultsError(f"{why}; what is done is safe, and the same command goes on when there is space")
    state = write_tables(sweep, watch.say)
    parts = [phrase("sweep", "state", **state.words, time=duration(seconds))]
    if state.failed:
        parts += [failures_text(state.failed), reason_text(state), phrase("sweep", "retry")]
    if why:
        parts.append(translate(why))
    if state.code == PARTIAL:
        parts.append(phrase("sweep", "same_command" if why else "share_done"))
    if (most := open_sweep(sweep.folder).replicates) > sweep.replicates:
        parts.append(phrase("sweep", "planned_more", count=most))
    watch.say(phrase("sweep", "clauses").join(parts))
    return state.code


def write_tables(sweep: Sweep, say: Callable[[str], None]) -> State:
    """Write the tables of effects, and ``say`` which files made from others are deleted, except figures.

    Raises ``ResultsError`` if they cannot be written.
    """
    with writing(sweep.folder, "; rows are safe"):
        outdated = in_own_process(store_tables, sweep.folder)
    if names := ", ".join(name for name in outdated if name != FIGURES):
        say(phrase("sweep", "outdated", names=names))
    return state_of(sweep)


def show_figures(sweep: Sweep, language: str, notes: Console) -> None:
    """Draw the figures of a sweep that is not partial, unless its engine simulates nothing."""
    paths = in_own_process(draw_figures, (str(sweep.folder), language)) if sweep.plan.engine == MODEL else []
    if paths:
        line(notes, phrase("sweep", "figures", count=len(paths), folder=shown(paths[0].parent)), wrap=False)


def draw_figures(task: tuple[str, str]) -> list[Path]:
    """Draw figures, in a separate process; the task is the folder of a sweep and the language."""
    from sim.sweeps.drawing import draw  # noqa: PLC0415  (the plotting library takes time and memory)

    return draw(Path(task[0]), task[1])


def show_status(folder: Path, output: Console) -> int:
    """Print the progress of a sweep, and return the exit code that a sweep would have."""
    sweep = open_sweep(folder)
    state = state_of(sweep)
    lines = [phrase("sweep", "status", name=sweep.plan.name, **state.words, files=counted(state.files, "file"))]
    lines += sweep.parameters
    if state.failed:
        lines.append(phrase("sweep", "clauses").join((failures_text(state.failed), reason_text(state))))
    if state.running:
        lines.append(phrase("sweep", "running", count=state.running))
    if state.accused:
        lines.append(phrase("sweep", "accused", count=state.accused))
    times = retry_if_compacted(sweep, lambda: [(folder / name).stat().st_mtime for name in chain(*row_files(folder))])
    if times:
        when = f"{datetime.fromtimestamp(max(times)).astimezone():%Y-%m-%d %H:%M:%S %Z}"
        lines.append(phrase("sweep", "last_rows", time=when))
    if (folder / LOG_FILE).is_file():
        lines.append(phrase("sweep", "log", file=folder / LOG_FILE))
    line(output, *lines, wrap=False)
    return state.code


def merge(sources: Sequence[Path], into: Path) -> Sweep:
    """Merge the rows of several folders of one sweep into a new folder, or into one of the same sweep.

    A run that failed in some folders but not in others counts as done. The sources are not changed. Raises
    ``ResultsError`` if designs or code versions differ, or the target cannot be written.
    """
    sweeps = [open_sweep(source) for source in sources]
    first = sweeps[0]
    for other in sweeps[1:]:
        if other.plan.identity != first.plan.identity:
            raise ResultsError(
                f"{other.folder} is of another design or version of the code than {first.folder}; rows are not mixed"
            )
    there = create_sweep(into, first.plan, max(sweep.replicates for sweep in sweeps), first.limits)
    with locked(into), locked(into, "compaction"):
        for sweep in sweeps:
            retry_if_compacted(sweep, partial(_copy_rows, sweep, there))
        with writing(into):
            compact(there)
    return open_sweep(into)


def _copy_rows(sweep: Sweep, into: Sweep) -> None:
    """Write the rows of a sweep into another folder; rows of the same runs that ended otherwise stay there."""
    for part in row_batches(sweep, list(sweep.schema)):
        with writing(into.folder):
            write_rows(into, shard_of(part.select("condition", "replicate", "round", "error").rows()), part)
