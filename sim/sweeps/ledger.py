"""A record of every run in a few bytes each, so that the driver stays small however many runs there are.

Runs are numbered in the order in which they are done. Files are read a few at a time, and only what decides whether a
run is done is kept.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.core.errors import ResultsError
from sim.sweeps.crash_log import Run
from sim.sweeps.folder import AGAIN, Sweep, listing, read_files
from sim.sweeps.work import MEMORY, RAISED

AT_ONCE = 10  # files per batch
ROUNDS = 2  # tries of a run that raises
NONE = -1  # round of a run without a row
COLUMNS = ("condition", "replicate", "round", "error", "reason")


class Ledger:
    """The round of the last row of each run, and the cause if it failed."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.order: NDArray[np.int32] = sweep.plan.conditions.sort("content")["condition"].to_numpy().astype(np.int32)
        self.place = np.empty_like(self.order)
        self.place[self.order] = np.arange(len(self.order), dtype=np.int32)
        self._empty()

    def _empty(self) -> None:
        """Reset to runs without rows."""
        self.rounds = np.full(self.sweep.size, NONE, np.int16)
        self.causes = np.zeros(self.sweep.size, np.uint16)
        self.named: dict[tuple[str, str], int] = {("", ""): 0}  # numbers of causes, by kind and name

    def read(self) -> Self:
        """Read all rows and return the ledger; raises ``ResultsError`` for a damaged or missing file."""
        for _ in range(AGAIN):
            self._empty()
            try:
                for rows in batches(self.sweep, COLUMNS):
                    self._add(rows)
                return self
            except FileNotFoundError:  # another process compacts
                continue
        raise ResultsError(f"a file of {self.sweep.folder} that should be there is missing")

    def _add(self, rows: pl.DataFrame) -> None:
        """Record rows; a later try replaces an earlier one."""
        rows = rows.filter(pl.col("replicate") < self.sweep.replicates).sort("round", maintain_order=True)
        found = self.number(rows["condition"].to_numpy(), rows["replicate"].to_numpy())
        rounds = rows["round"].to_numpy()
        causes = np.zeros(rows.height, np.uint16)
        for row in np.flatnonzero(rows["error"].is_not_null().to_numpy()):
            error, reason = str(rows["error"][int(row)]), str(rows["reason"][int(row)])
            key = (error, reason.split(":", maxsplit=1)[0] if error == RAISED else error)
            causes[row] = self.named.setdefault(key, len(self.named))
        newer = rounds >= self.rounds[found]
        self.rounds[found[newer]] = rounds[newer]
        self.causes[found[newer]] = causes[newer]

    def number(self, conditions: NDArray[np.int32], replicates: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return the numbers of runs: their positions in the arrays of the ledger."""
        return replicates.astype(np.int64) * len(self.order) + self.place[conditions]

    def run(self, number: int) -> Run:
        """Return the next try of the run with a number."""
        replicate, place = divmod(int(number), len(self.order))
        return int(self.order[place]), replicate, int(self.rounds[number]) + 1

    def holds(self, run: Run) -> int:
        """Return the number of a run, or -1 if it does not belong to this sweep or is not its next try."""
        condition, replicate, again = run
        if not (0 <= condition < len(self.order) and 0 <= replicate < self.sweep.replicates):
            return -1
        number = replicate * len(self.order) + int(self.place[condition])
        return number if self.rounds[number] + 1 == again else -1

    def failed(self) -> NDArray[np.bool_]:
        """Mark the runs whose last row has an error."""
        return self.causes > 0

    def missing(self, goal: NDArray[np.int16], share: tuple[int, int]) -> NDArray[np.int64]:
        """List the numbers of runs without a row and of those to be tried again, sorted.

        ``goal`` is the round that each run shall reach; the share (2, 3) is every third run, from the second on.
        """
        again = np.array([kind in (RAISED, MEMORY) for kind, _ in self.named])
        once_more = again[self.causes] & (self.rounds % ROUNDS != ROUNDS - 1)
        wanted = (self.rounds == NONE) | once_more | (self.rounds < goal)
        number, count = share
        mine = np.zeros(len(wanted), bool)
        mine[number - 1 :: count] = True
        return np.flatnonzero(wanted & mine)

    def counted(self) -> tuple[int, dict[str, int]]:
        """Count the runs with a row, and the failed ones by cause, the most frequent first."""
        numbers = np.bincount(self.causes, minlength=len(self.named))
        failed: Counter[str] = Counter()
        for (_, name), number in self.named.items():
            if number and numbers[number]:
                failed[name] += int(numbers[number])
        ordered = sorted(failed.items(), key=lambda each: (-each[1], each[0]))
        return int((self.rounds != NONE).sum()), dict(ordered)


def batches(sweep: Sweep, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield all rows that count, a few files at a time. A run that was tried twice may occur twice."""
    found = listing(sweep.folder)
    for part in found.parts:
        yield read_some(sweep, [sweep.folder / part], columns)
    for start in range(0, len(found.shards), AT_ONCE):
        yield read_some(sweep, [sweep.folder / name for name in found.shards[start : start + AT_ONCE]], columns)


def read_some(sweep: Sweep, files: Sequence[Path], columns: Sequence[str]) -> pl.DataFrame:
    """Read columns of some files; raises ``ResultsError`` for a damaged and ``FileNotFoundError`` for a missing one."""
    try:
        return read_files(files, columns, sweep.schema)
    except pl.exceptions.PolarsError as error:
        raise ResultsError(f"a file in {sweep.folder} is damaged: {str(error).splitlines()[0]}") from error
