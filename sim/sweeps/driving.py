"""The driver: it finds runs without a row, has them executed, and repeats until none is missing.

Each pass goes through all missing runs. The chunk of a lost worker is not repaired at once: its runs are missing in the
next pass, where the run at which the worker died gets a chunk of its own. A run at which several processes died gets a
row that says so, and the sweep continues without it.
"""

import math
import signal
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.core.errors import ResultsError
from sim.figures.words import phrase, translate
from sim.files.storage import drop_drafts
from sim.runs.backends import Backend
from sim.runs.crash_log import (
    HEARTBEAT_SECONDS,
    LEASE_SECONDS,
    RecordedAttempt,
    Run,
    attempts_on_record,
    deaths_by_run,
    on_sigterm,
    remove_record,
)
from sim.runs.executor import Executor, Serial, in_own_process
from sim.runs.progress import compiled_else_announced
from sim.sweeps.compaction import MANY_SHARDS, compact
from sim.sweeps.engines import MODEL
from sim.sweeps.folder import Sweep, complete_rows, locked, open_cached, row_files, write_rows
from sim.sweeps.monitor import NO_ROUND, RunLedger, SweepProgress
from sim.sweeps.work import DIED, TIME, Task, do_chunk, shard_of

ATTEMPTS = 3  # deaths of its process after which a run is given up
CHUNK_SECONDS = 10.0  # intended duration of a chunk
MOST_IN_CHUNK = 1_000
LOOK_EVERY = 500  # chunks between checks of the number of files
COMPILE_SECONDS = 1_800.0  # limit for a run that compiles the engine


class Options(NamedTuple):
    """The options of ``offhours sweep``."""

    dry_run: bool = False
    replicates: int | None = None
    parameters: str | None = None
    out: Path = Path("results/sweeps")
    figures: bool = True
    language: str = "en"
    backend: Backend = Backend()
    share: tuple[int, int] = (1, 1)
    retry_failed: bool = False
    attempts: int = ATTEMPTS
    chunk: int | None = None  # runs per chunk; None to choose by their duration
    stop_after: tuple[int | None, float | None] | None = None  # runs or seconds after which no new chunk starts


class Stopped(BaseException):
    """The driver was asked to end; this is no error of a run or a worker."""


def drive(sweep: Sweep, executor: Executor, watch: SweepProgress, options: Options, most: int | None = None) -> str:
    """Execute all missing runs, close the executor, and return why it stopped early, or an empty string.

    ``most`` limits the memory of a worker, in bytes. Raises ``ResultsError`` if workers keep dying before they begin.
    """
    number, count = options.share
    driver = _Driver(sweep, executor, watch, options, most)
    lock = locked(sweep.folder, "driver" if count == 1 else f"driver-{number}-of-{count}")
    with closing(executor), lock, on_sigterm(_stop):
        with suppress(ResultsError), locked(sweep.folder, "compaction"):  # left unfinished by earlier drivers
            drop_drafts(sweep.folder, below=True)
        try:
            why = driver.passes()
        except (Stopped, KeyboardInterrupt):
            why = "stopped"
        finally:
            own = driver.at_work()
            executor.close()
            for each in own:  # ended by the driver itself, so nobody is to blame
                remove_record(each.path)
        try:
            driver.put_together()
        except (OSError, ResultsError):
            pass  # optional: all rows are stored
        except (Stopped, KeyboardInterrupt):
            why = why or "stopped"
    return why


def _stop(number: int) -> None:
    """End the drive on a signal; a second signal, which batch systems send, does not interrupt this."""
    signal.signal(number, signal.SIG_IGN)
    raise Stopped


class _Driver:
    """One drive through a sweep."""

    def __init__(
        self, sweep: Sweep, executor: Executor, watch: SweepProgress, options: Options, most: int | None
    ) -> None:  # fmt: skip
        self.sweep, self.executor, self.watch, self.options, self.most = sweep, executor, watch, options, most
        self.runs, self.seconds = options.stop_after or (None, None)
        self.began = time.monotonic()
        self.mean = math.nan  # seconds of a run, a moving average
        self.begun = self.chunks_done = 0
        self.why = ""
        self.ledger: RunLedger  # of this pass
        self.goal: NDArray[np.int16] | None = None  # round that each run must reach; set in the first pass
        self.name = uuid.uuid4().hex  # identifies the attempts of its workers

    def at_work(self) -> list[RecordedAttempt]:
        """List the attempts of this driver that are not known to be dead."""
        return [each for each in attempts_on_record(self.sweep.folder) if each.running and each.driver == self.name]

    def passes(self) -> str:
        """Repeat passes through the missing runs until there are none, and return why it stopped early."""
        idle = 0
        while not self.why:
            attempts, missing = attempts_on_record(self.sweep.folder), self.missing()
            number, shares = self.options.share
            todo = missing[missing % shares == number - 1]
            self.watch.found(*self.ledger.counted(), int((self.ledger.rounds[todo] == NO_ROUND).sum()))
            for each in attempts:
                if not each.running and self.ledger.number_of(each.run) not in missing:  # done since it died
                    remove_record(each.path)
            attempts = [each for each in attempts if self.ledger.number_of(each.run) in todo]
            deaths = deaths_by_run(attempts)
            if hopeless := [run for run, count in deaths.items() if count >= self.options.attempts]:
                for run in hopeless:
                    self.quarantine(run, [each for each in attempts if each.run == run and not each.running])
                continue
            if not len(todo):
                return ""
            suspects = {*deaths, *(each.run for each in attempts if each.driver == self.name)}
            before = self.watch.done, deaths_by_run(attempts_on_record(self.sweep.folder)).total()
            self.execute(self.chunks(self.compile_first(todo), suspects))
            if self.watch.done == before[0] and not self.why:
                self.wait_for_leases()
            after = self.watch.done, deaths_by_run(attempts_on_record(self.sweep.folder)).total()
            idle = 0 if after != before else idle + 1
            if idle > ATTEMPTS and not self.why:
                raise ResultsError("the workers die before they begin: see sweep.log, and try `--backend serial`")
        return self.why

    def missing(self) -> NDArray[np.int64]:
        """List the runs to do in all shares: those without a row, then those to try again, each in order."""
        self.ledger = ledger = RunLedger(self.sweep)
        if self.goal is None:
            failed = (ledger.causes > 0) & self.options.retry_failed
            self.goal = np.where(failed, ledger.rounds + 1, 0).astype(np.int16)
        return ledger.missing(self.goal)

    def compile_first(self, todo: NDArray[np.int64]) -> NDArray[np.int64]:
        """If the engine must be compiled, execute the first run alone, and return the rest."""
        if self.sweep.plan.engine != MODEL or self.limit_reached() or compiled_else_announced():
            return todo
        task = self.task(todo[:1])
        self.execute([task._replace(seconds=max(task.seconds, COMPILE_SECONDS))])
        self.mean = math.nan
        return todo[1:]

    def execute(self, tasks: Iterable[Task]) -> None:
        """Execute tasks and record their results."""
        for done in self.executor.map(do_chunk, tasks):
            if (report := done.value) is None:
                self.watch.loss(done.lost)
                continue
            self.why = self.why or report.stop
            if report.done and report.seconds:
                here = report.seconds / report.done
                self.mean = here if math.isnan(self.mean) else 0.7 * self.mean + 0.3 * here
            self.watch.report(report)
            self.chunks_done += 1
            if self.chunks_done % LOOK_EVERY == 0 and len(row_files(self.sweep.folder).shards) >= MANY_SHARDS:
                with suppress(OSError, ResultsError):
                    self.put_together()

    def wait_for_leases(self) -> None:
        """Wait until the leases of lost workers on other machines expire; only then are they known to be dead."""
        waited = 0.0
        while waited <= LEASE_SECONDS and self.at_work():
            time.sleep(HEARTBEAT_SECONDS)
            waited += HEARTBEAT_SECONDS

    def quarantine(self, run: Run, deaths: list[RecordedAttempt]) -> None:
        """Write the failure row of a run that kills its process."""
        trace = next((each.trace for each in deaths if each.trace), "")
        limit = self.sweep.limits.seconds
        reason = f"took longer than {limit:g} s" if trace else "the process died while it was at this run"
        row = {
            "condition": run[0], "replicate": run[1], "round": run[2], "error": TIME if trace else DIED,
            "reason": f"{reason}, in {self.options.attempts} attempts", "traceback": trace or None,
        }  # fmt: skip
        write_rows(self.sweep, shard_of([run]), complete_rows(self.sweep, [row]))
        for each in deaths:
            remove_record(each.path)
        why = translate(str(row["reason"]))
        self.watch.log(phrase("sweep", "left_alone", condition=run[0], replicate=run[1], why=why))

    def chunks(self, todo: NDArray[np.int64], suspects: set[Run]) -> Iterator[Task]:
        """Split missing runs into tasks lazily; suspected runs come first, each in a task of its own."""
        numbers = sorted(self.ledger.number_of(run) for run in suspects)
        single = [number for number in numbers if number in todo]
        for number in single:
            if self.limit_reached():
                return
            yield self.task([number])
        rest = todo[~np.isin(todo, single)]
        start = 0
        while start < len(rest) and not self.limit_reached():
            size = self.size(len(rest) - start)
            yield self.task(rest[start : start + size])
            start += size

    def size(self, remaining: int) -> int:
        """Choose the size of the next chunk: some seconds of work, and less towards the end."""
        limit = remaining if self.runs is None else min(remaining, self.runs - self.begun)
        if self.options.chunk:
            return min(self.options.chunk, limit)
        wanted = 1 if math.isnan(self.mean) else CHUNK_SECONDS / max(self.mean, 1e-6)
        fair = remaining / (3 * self.executor.slots)
        return max(1, min(int(wanted), math.ceil(fair), MOST_IN_CHUNK, limit))

    def task(self, numbers: Iterable[int]) -> Task:
        runs = [self.ledger.run(number) for number in numbers]
        self.begun += len(runs)
        return Task.of(self.sweep, runs, self.most, self.name)

    def limit_reached(self) -> bool:
        """Check whether a limit of ``--stop-after`` is reached, and note which."""
        if self.seconds is not None and time.monotonic() - self.began >= self.seconds:
            self.why = self.why or "the time that --stop-after gives is up"
        if self.runs is not None and self.begun >= self.runs:
            self.why = self.why or "the runs that --stop-after gives are done"
        return bool(self.why)

    def put_together(self) -> None:
        """Compact in a separate process, so that the driver's memory stays small."""
        if isinstance(self.executor, Serial):  # it starts no processes
            compact_if_free(str(self.sweep.folder))
        else:
            in_own_process(compact_if_free, str(self.sweep.folder))


def compact_if_free(folder: str) -> None:
    """Compact a sweep, unless another driver is doing so."""
    with suppress(ResultsError), locked(Path(folder), "compaction"):
        compact(open_cached(Path(folder)))
