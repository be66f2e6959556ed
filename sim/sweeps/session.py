"""A sweep from the command line: design, folder, backend, drive, tables and messages."""

import hashlib
import shutil
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from sim.core.errors import InputError, ResultsError
from sim.runs.results import FIGURES
from sim.scenario.loading import memory_at_hand, shown
from sim.sweeps.backends import Backend, Local, Serial, apart
from sim.sweeps.conditions import planned
from sim.sweeps.design import Design, find, load_design
from sim.sweeps.driving import Manner, drive
from sim.sweeps.effects import EFFECTS, RESPONSES, store
from sim.sweeps.engines import fresh
from sim.sweeps.folder import Sweep, create, folder_of, locked, open_sweep
from sim.sweeps.monitor import LOG, PARTIAL, State, Watch, duration, failures, state_of
from sim.sweeps.sizing import Measured, probe, sample
from sim.sweeps.work import Task, prepared

PATIENCE = 600.0  # seconds to wait for another share that writes the tables
SHARE_OF_MEMORY = 0.9  # of the machine, for all workers together


class Options(NamedTuple):
    """The options of ``offhours sweep``."""

    dry_run: bool = False
    replicates: int | None = None
    parameters: str | None = None
    backend: str = "local"
    workers: int = 1
    shard: tuple[int, int] = (1, 1)
    retry_failed: bool = False
    resume: bool = True
    runs: int | None = None
    seconds: float | None = None
    attempts: int = 3
    chunk: int | None = None
    out: Path = Path("results/sweeps")
    figures: bool = True
    language: str = "en"
    scheduler: str | None = None
    slurm: Mapping[str, str] = {}


def run_sweep(name: str, options: Options, notes: Console, output: Console) -> int:
    """Run a sweep, or with ``dry_run`` estimate its size.

    Parameters
    ----------
    name : str
        Name of a design of ``scenarios/sweeps/``, or path of a design file.
    options : Options
        Options of ``offhours sweep``.
    notes : Console
        Receives progress messages.
    output : Console
        Receives the estimate.

    Returns
    -------
    int
        Exit code: 0 complete, 5 partial, 6 some runs failed.

    Raises
    ------
    InputError
        If ``resume`` is off and the sweep has been begun.
    """
    if options.figures and options.language != "en":
        from sim.figures.fonts import check  # noqa: PLC0415

        check(options.language)
    draft = load_design(find(name), options.replicates, options.parameters)
    plan = planned(draft)
    folder = folder_of(plan, options.out)
    if not options.resume and folder.exists():
        raise InputError(f"--no-resume: {shown(folder)} has been begun; delete it to begin anew")
    sweep = create(folder, plan, draft.design.replicates, draft.design.limits)
    size = memory_of_worker(draft.design, options)
    if options.dry_run:
        show_size(sweep, options, size, output)
        return 0
    before = state_of(sweep)
    watch = Watch(notes, folder, sweep.size, before.done)
    watch.say(
        f"{plan.name}: {plan.conditions.height:,} conditions, {sweep.replicates} replicates, {sweep.size:,} runs, "
        f"{before.done:,} of them done; {options.backend}, {options.workers} workers, in {shown(folder)}"
    )
    for line in sweep.parameters:
        watch.say(line)
    for other in sorted(options.out.glob(f"{plan.name}-*")):
        if other.is_dir() and other != folder:
            watch.log(f"{other.name} holds another design or version of the code of that name and is not touched")
    began = time.monotonic()
    manner = Manner(
        options.shard, options.retry_failed, options.attempts, options.chunk, options.seconds, options.runs, size
    )
    why = ""
    try:
        if before.done < before.planned or options.retry_failed:
            backend = backend_of(options, folder)
            try:
                prepare(sweep, backend, watch, size)
                why = drive(sweep, backend, watch, manner)
            finally:
                backend.close()
    finally:
        watch.close()
    code = finished(sweep, watch, why, time.monotonic() - began)
    if options.figures and code != PARTIAL:
        show_figures(sweep, options.language, notes)
    return code


def show_figures(sweep: Sweep, language: str, notes: Console) -> None:
    """Draw the figures of a sweep that is not partial, unless its engine simulates nothing."""
    paths = apart(drawn, (str(sweep.folder), language)) if sweep.plan.engine == "model" else []
    if paths:
        text = f"{len(paths)} files of figures in {shown(paths[0].parent)}; `offhours plot` draws them again"
        notes.print(text, markup=False, highlight=False, soft_wrap=True)


def backend_of(options: Options, folder: Path) -> Backend:
    """Create the backend that the options name."""
    if options.backend in ("dask", "slurm"):
        from sim.sweeps.cluster import dask_workers, slurm_workers  # noqa: PLC0415  (a laptop does without)

        if options.backend == "dask":
            return dask_workers(options.workers, options.scheduler)
        return slurm_workers(options.workers, folder.absolute(), options.slurm)
    return Serial() if options.backend == "serial" else Local(options.workers)


def memory_of_worker(design: Design, options: Options) -> int | None:
    """Return the memory limit of a worker in bytes: that of the design, or an equal share of this machine's memory.

    On a cluster, which has limits of its own, it is None.
    """
    if design.limits.megabytes:
        return design.limits.megabytes * 1_000_000
    if options.backend in ("dask", "slurm"):
        return None
    return int(SHARE_OF_MEMORY * memory_at_hand() / (options.workers if options.backend == "local" else 1))


def prepare(sweep: Sweep, backend: Backend, watch: Watch, size: int | None) -> None:
    """Compile the engine in one worker before the others start."""
    if sweep.plan.engine == "model":
        for line in fresh():
            watch.say(line)
            task = Task(str(sweep.folder), sample(sweep)[:1], sweep.limits.seconds, size)
            for _ in backend.map(prepared, [task]):
                continue


def finished(sweep: Sweep, watch: Watch, why: str, seconds: float) -> int:
    """Write the tables made from the rows, report how the sweep ended, and return the exit code.

    Raises ``ResultsError`` if the disk is full or the folder cannot be written.
    """
    if why.startswith("cannot write"):
        watch.log(why)
        raise ResultsError(f"{why}; what is done is safe, and the same command goes on when there is room")
    state = write_tables(sweep)
    told = [f"{state.word}: {state.done:,} of {state.planned:,} runs, in {duration(seconds)}"]
    if state.failed:
        told.append(
            f"{failures(state.failed)}; `offhours query {shown(sweep.folder)}` shows why, --retry-failed tries again"
        )
    if why:
        told.append(why)
    if state.code == PARTIAL:
        told.append("the same command goes on")
    watch.say("; ".join(told))
    return state.code


def write_tables(sweep: Sweep) -> State:
    """Write the tables of effects and delete outdated figures; raises ``ResultsError`` if that cannot be written."""
    before = _digest(sweep.folder)
    try:
        apart(tabled, str(sweep.folder))
        if _digest(sweep.folder) != before:
            shutil.rmtree(sweep.folder / FIGURES, ignore_errors=True)
    except OSError as error:
        raise ResultsError(f"cannot write {sweep.folder}: {error.strerror or error}; rows are safe") from error
    return state_of(sweep)


def _digest(folder: Path) -> list[bytes]:
    """Hash the tables that figures are drawn from."""
    there = [path for path in (folder / EFFECTS, folder / RESPONSES) if path.is_file()]
    return [hashlib.sha256(path.read_bytes()).digest() for path in there]


def tabled(folder: str) -> None:
    """Write the tables of effects; runs in a process of its own. Shares that end together take turns."""
    with locked(Path(folder), "tables", wait=PATIENCE):
        store(open_sweep(Path(folder)))


def drawn(task: tuple[str, str]) -> list[Path]:
    """Draw figures; runs in a process of its own. The task is the folder of a sweep and the language."""
    from sim.sweeps.drawing import draw  # noqa: PLC0415  (the plotting library takes time and memory)

    return draw(Path(task[0]), task[1])


def show_size(sweep: Sweep, options: Options, size: int | None, output: Console) -> None:
    """Print expected time, memory and disk space, measured by a probe; raises ``ResultsError`` if it dies or fails."""
    there = state_of(sweep)
    with Local(1) as backend:
        task = Task(str(sweep.folder), sample(sweep), sweep.limits.seconds, size)
        found: Measured | None = next(iter(backend.map(probe, [task]))).value
    if found is None:
        raise ResultsError("the process of the probe died, perhaps for lack of memory; nothing is estimated")
    if found.failed:
        raise ResultsError(f"a run of the probe failed, so that nothing is estimated: {found.failed}")
    missing = there.planned - there.done
    work = missing * found.seconds
    disk = missing * found.row
    free = shutil.disk_usage(sweep.folder).free
    lines = [
        f"{sweep.plan.name}: {sweep.plan.conditions.height:,} conditions × {sweep.replicates} replicates = "
        f"{there.planned:,} runs, {there.done:,} of them done",
        *sweep.parameters,
        f"time:   {found.seconds:.3g} s a run (mean of {found.probes}, longest {found.longest:.3g} s): "
        f"{work / 3600:,.3g} core-hours, about {duration(work / options.workers)} with {options.workers} workers",
        f"memory: {found.bytes / 1e6:,.0f} MB a worker, {found.bytes * options.workers / 1e9:,.1f} GB in all; "
        f"this machine has {memory_at_hand() / 1e9:,.1f} GB",
        f"disk:   {found.row:,.0f} bytes a run, {disk / 1e6:,.1f} MB in all; {free / 1e9:,.1f} GB are free",
    ]
    for line in lines:
        output.print(line, markup=False, highlight=False, soft_wrap=True)


def show_status(folder: Path, output: Console) -> int:
    """Print how far a sweep is, and return the exit code that a sweep would have."""
    sweep = open_sweep(folder)
    state = state_of(sweep)
    lines = [f"{sweep.plan.name}: {state.word}: {state.done:,} of {state.planned:,} runs, in {state.files} files"]
    lines += sweep.parameters
    if state.failed:
        lines.append(failures(state.failed))
    if state.running:
        lines.append(f"{state.running} chunks are being worked on")
    if state.accused:
        lines.append(f"{state.accused} attempts ended without a result; the next driver tries them again")
    newest = max((path.stat().st_mtime for path in folder.rglob("*.parquet")), default=0.0)
    if newest:
        lines.append(f"last rows {datetime.fromtimestamp(newest).astimezone().isoformat(sep=' ', timespec='seconds')}")
    if (folder / LOG).is_file():
        lines.append(f"log: {folder / LOG}")
    for line in lines:
        output.print(line, markup=False, highlight=False, soft_wrap=True)
    return state.code
