"""Progress of a sweep: which of its runs are done, a bar or lines while it runs, a log, and the state of its folder.

The ledger has a few bytes for each run, so that the driver stays small however many runs there are.
"""

import time
from collections import Counter, deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from sim.core.errors import shortened
from sim.figures.words import phrase, say, translate
from sim.files.limits import unblocked
from sim.report.console import line
from sim.report.progress import SECONDS_BETWEEN_LINES, pace_text
from sim.runs.crash_log import Run, attempts_on_record, deaths_by_run
from sim.sweeps.folder import Sweep, read_rows, retry_if_compacted, row_batches, row_files
from sim.sweeps.work import MEMORY, RAISED, ChunkReport, cause_of

LOG_FILE = "sweep.log"
COMPLETE, PARTIAL, FAILED = 0, 5, 6  # exit codes; those in between are in ``sim.core.errors``
ROUNDS = 2  # tries of a run that raises an exception
NO_ROUND = -1  # round of a run without a row
LEDGER_COLUMNS = ("condition", "replicate", "round", "error", "reason")
SPEED_SECONDS = 60.0  # seconds over which the rate is averaged
LOG_EVERY = 60.0


class RunLedger:
    """The round of the row of each run that counts, and the cause if it failed.

    Runs are numbered in the order of execution: by replicate, then by the hash of their counterfactual, then by their
    own. A counterfactual thus comes right after the runs that share their first weeks with it. Raises ``ResultsError``
    for a damaged or missing file.
    """

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        partner = pl.col("content").gather(pl.coalesce("reference", "condition"))
        ordered = sweep.plan.conditions.sort(partner, "is_reference", "content")
        self.order: NDArray[np.int32] = ordered["condition"].to_numpy().astype(np.int32)
        self.place = np.argsort(self.order).astype(np.int32)
        retry_if_compacted(sweep, self._read)

    def _read(self) -> None:
        self.rounds = np.full(self.sweep.size, NO_ROUND, np.int16)
        self.causes = np.zeros(self.sweep.size, np.uint16)
        self.cause_numbers: dict[tuple[str, str], int] = {("", ""): 0}  # numbers of causes, by kind and name
        for batch in row_batches(self.sweep, LEDGER_COLUMNS):
            rows = batch.filter(pl.col("replicate") < self.sweep.replicates)
            rows = rows.sort(pl.col("error").is_null(), "round", maintain_order=True)
            first = rows["replicate"].to_numpy().astype(np.int64) * len(self.order)
            found = first + self.place[rows["condition"].to_numpy()]
            rounds, causes = rows["round"].to_numpy(), np.zeros(rows.height, np.uint16)
            failed = rows.with_row_index("row").filter(pl.col("error").is_not_null())
            for row, error, reason in failed.select("row", "error", "reason").iter_rows():
                cause = error, cause_of(error, str(reason))
                causes[row] = self.cause_numbers.setdefault(cause, len(self.cause_numbers))
            done, before = causes == 0, (self.causes[found] == 0) & (self.rounds[found] != NO_ROUND)
            counts = (done > before) | ((done == before) & (rounds >= self.rounds[found]))
            self.rounds[found[counts]], self.causes[found[counts]] = rounds[counts], causes[counts]

    def run(self, number: int) -> Run:
        """Return the next try of the run with a number."""
        replicate, place = divmod(int(number), len(self.order))
        return int(self.order[place]), replicate, int(self.rounds[number]) + 1

    def number_of(self, run: Run) -> int:
        """Return the number of a run, or -1 if it does not belong to this sweep or is not its next try."""
        condition, replicate, again = run
        if not (0 <= condition < len(self.order) and 0 <= replicate < self.sweep.replicates):
            return -1
        number = replicate * len(self.order) + int(self.place[condition])
        return number if self.rounds[number] + 1 == again else -1

    def missing(self, goal: NDArray[np.int16] | int = NO_ROUND) -> NDArray[np.int64]:
        """List the numbers of runs without a row, then of those to be tried again or below their round in ``goal``."""
        again = np.array([kind in (RAISED, MEMORY) for kind, _ in self.cause_numbers])
        once_more = again[self.causes] & (self.rounds % ROUNDS != ROUNDS - 1)
        fresh = self.rounds == NO_ROUND
        return np.concatenate([np.flatnonzero(fresh), np.flatnonzero(~fresh & (once_more | (self.rounds < goal)))])

    def counted(self) -> tuple[int, dict[str, int]]:
        """Count the runs with a row, and the failed ones by cause, the most frequent first."""
        numbers = np.bincount(self.causes, minlength=len(self.cause_numbers))
        failed: Counter[str] = Counter()
        for (_, name), number in self.cause_numbers.items():
            if number and numbers[number]:
                failed[name] += int(numbers[number])
        ordered = sorted(failed.items(), key=lambda each: (-each[1], each[0]))
        return int((self.rounds != NO_ROUND).sum()), dict(ordered)


class State(NamedTuple):
    """Progress of a sweep as its files show it."""

    planned: int
    done: int  # runs with a row, failed ones included
    failed: dict[str, int]  # by cause
    reason: str  # the most common reason of a failed run; empty if none failed
    running: int  # running chunks, on any machine
    accused: int  # attempts that ended without a result
    open: int  # runs without a row, and failed ones that will be tried again
    files: int

    @property
    def code(self) -> int:
        """Exit code: 0 complete, 5 partial, 6 all runs tried and some failed."""
        if self.open:
            return PARTIAL
        return FAILED if self.failed else COMPLETE

    @property
    def words(self) -> dict[str, str]:
        """Return the exit code as a word, and how many of the planned runs are done, for messages."""
        word = phrase("sweep", {COMPLETE: "complete", PARTIAL: "partial", FAILED: "failed"}[self.code])
        return {"word": word, "done": f"{self.done:,}", "planned": f"{self.planned:,}"}


def state_of(sweep: Sweep) -> State:
    """Read the progress of a sweep from its files; no driver needs to run."""
    ledger = RunLedger(sweep)
    done, failed = ledger.counted()
    attempts, found = attempts_on_record(sweep.folder), row_files(sweep.folder)
    return State(
        planned=sweep.size,
        done=done,
        failed=failed,
        reason=_commonest(sweep) if failed else "",
        running=sum(each.running for each in attempts),
        accused=deaths_by_run(attempts).total(),
        open=len(ledger.missing()),
        files=len(found.parts) + len(found.shards),
    )


def _commonest(sweep: Sweep) -> str:
    """Return the most common reason of failed runs, without the type of the exception, which the cause names."""
    rows = read_rows(sweep, ("error", "reason")).filter(pl.col("error").is_not_null())
    counts = rows.group_by("error", "reason").len().sort("len", "reason", descending=[True, False], nulls_last=True)
    error, reason, _ = next(counts.iter_rows(), ("", "", 0))  # it may have been tried again meanwhile
    return str(reason).partition(": ")[2] or str(reason) if error in (RAISED, MEMORY) else str(reason)


class SweepProgress:
    """Shows progress as a bar on a terminal, elsewhere as lines, and always in the log of the folder.

    ``planned`` is the number of all runs, ``there`` of those done before.
    """

    def __init__(self, notes: Console, folder: Path, planned: int, there: int) -> None:
        self.notes, self.folder, self.planned = notes, folder, planned
        self.done = there
        self.goal = planned  # number done when this driver ends
        self.failed: Counter[str] = Counter()
        self.lost = 0
        self.began = time.monotonic()
        self._seen: deque[tuple[float, int]] = deque([(self.began, there)])
        self._line = self._logged = self.began
        self._bar: Progress | None = None
        if notes.is_terminal:
            words = TextColumn(phrase("sweep", "bar")), TextColumn("{task.description}")
            self._bar = Progress(words[0], BarColumn(), MofNCompleteColumn(), words[1], console=notes, transient=True)
            self._bar.add_task("", total=planned, completed=there)
            self._bar.start()

    def report(self, report: ChunkReport) -> None:
        """Count a chunk."""
        self.done += report.fresh
        self.failed.update(report.failed)
        self._show()

    def found(self, done: int, failed: Mapping[str, int], todo: int) -> None:
        """Reset the counts at the start of a pass: runs with a row, failed ones by cause, and those still to do."""
        self.done = done
        self.goal = done + todo
        self.failed = Counter(failed)

    def loss(self, why: str) -> None:
        """Count a lost worker and log why it ended."""
        self.lost += 1
        self.log(phrase("sweep", "lost_one", why=translate(why)))
        self._show()

    def say(self, text: str) -> None:
        """Print and log a line."""
        line(self.notes, text, wrap=False)
        self.log(text)

    def log(self, text: str) -> None:
        """Append lines to the log. Errors of the disk are ignored, so that they hide no other error."""
        stamp = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
        with suppress(OSError), open(self.folder / LOG_FILE, "a", encoding="utf-8", opener=unblocked) as file:
            file.write("".join(f"{stamp}  {line}\n" for line in text.splitlines()))

    def close(self) -> None:
        """Stop the bar."""
        if self._bar:
            self._bar.stop()

    def _show(self) -> None:
        now = time.monotonic()
        self._seen.append((now, self.done))
        while len(self._seen) > 2 and self._seen[1][0] < now - SPEED_SECONDS:
            self._seen.popleft()
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=self.done, description=self.line(short=True))
        elif now - self._line >= max(SECONDS_BETWEEN_LINES, (now - self.began) / 10):
            self._line = now
            line(self.notes, f"  {self.line()}", wrap=False)
        if now - self._logged >= LOG_EVERY:
            self._logged = now
            self.log(self.line())

    def line(self, short: bool = False) -> str:
        """Describe the progress: runs done (unless ``short``), rate, remaining time, failures by cause."""
        (first, before), (last, done) = self._seen[0], self._seen[-1]
        rate = (done - before) / (last - first) if last > first else 0.0
        parts = [] if short else [phrase("sweep", "runs", done=f"{self.done:,}", planned=f"{self.planned:,}")]
        if rate > 0:
            parts.append(pace_text(rate, self.goal - self.done))
        if self.failed:
            parts.append(failures_text(self.failed))
        if self.lost:
            parts.append(phrase("sweep", "lost", count=self.lost))
        return phrase("progress", "comma").join(parts)


def failures_text(failed: Mapping[str, int]) -> str:
    """Format failures by cause, as in "3 failed (2 ValueError, 1 died)"."""
    total = sum(failed.values())
    listed = say("list").join(f"{count:,} {name}" for name, count in failed.items())
    return phrase("sweep", "failures", count=f"{total:,}", listed=listed)


def size_values(sweep: Sweep, done: int) -> dict[str, Any]:
    """Return the name and size of a sweep, as messages have them."""
    return {
        "name": sweep.plan.name, "conditions": f"{sweep.plan.conditions.height:,}", "replicates": sweep.replicates,
        "runs": f"{sweep.size:,}", "done": f"{done:,}",
    }  # fmt: skip


def reason_text(state: State) -> str:
    """Describe why most of the failed runs of a sweep failed."""
    return phrase("sweep", "most_often", reason=translate(shortened(state.reason)))
