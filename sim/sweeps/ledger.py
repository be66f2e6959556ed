"""A record of every run in a few bytes each, so that the driver stays small however many runs there are.

Runs are numbered in the order in which they are done: by replicate, then by the hash of their condition.
"""

from collections import Counter

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.runs.crash_log import Run
from sim.sweeps.folder import Sweep, batches, undisturbed
from sim.sweeps.work import MEMORY, RAISED, cause

ROUNDS = 2  # tries of a run that raises
NONE = -1  # round of a run without a row
COLUMNS = ("condition", "replicate", "round", "error", "reason")


class Ledger:
    """The round of the last row of each run, and the cause if it failed.

    Raises ``ResultsError`` for a damaged or missing file.
    """

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.order: NDArray[np.int32] = sweep.plan.conditions.sort("content")["condition"].to_numpy().astype(np.int32)
        self.place = np.argsort(self.order).astype(np.int32)
        undisturbed(sweep, self._read)

    def _read(self) -> None:
        """Read all rows."""
        self.rounds = np.full(self.sweep.size, NONE, np.int16)
        self.causes = np.zeros(self.sweep.size, np.uint16)
        self.named: dict[tuple[str, str], int] = {("", ""): 0}  # numbers of causes, by kind and name
        for rows in batches(self.sweep, COLUMNS):
            self._add(rows)

    def _add(self, rows: pl.DataFrame) -> None:
        """Record rows; a later try replaces an earlier one."""
        rows = rows.filter(pl.col("replicate") < self.sweep.replicates).sort("round", maintain_order=True)
        found = (
            rows["replicate"].to_numpy().astype(np.int64) * len(self.order) + self.place[rows["condition"].to_numpy()]
        )
        rounds = rows["round"].to_numpy()
        causes = np.zeros(rows.height, np.uint16)
        for row in np.flatnonzero(rows["error"].is_not_null().to_numpy()):
            error, reason = str(rows["error"][int(row)]), str(rows["reason"][int(row)])
            causes[row] = self.named.setdefault((error, cause(error, reason)), len(self.named))
        newer = rounds >= self.rounds[found]
        self.rounds[found[newer]] = rounds[newer]
        self.causes[found[newer]] = causes[newer]

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

    def missing(self, goal: NDArray[np.int16] | int = NONE, share: tuple[int, int] = (1, 1)) -> NDArray[np.int64]:
        """List the numbers of runs without a row and of those to be tried again, sorted.

        ``goal`` is the round that each run shall reach; the share (2, 3) is every third run, from the second on.
        """
        again = np.array([kind in (RAISED, MEMORY) for kind, _ in self.named])
        once_more = again[self.causes] & (self.rounds % ROUNDS != ROUNDS - 1)
        wanted = np.flatnonzero((self.rounds == NONE) | once_more | (self.rounds < goal))
        number, count = share
        return wanted[wanted % count == number - 1]

    def counted(self) -> tuple[int, dict[str, int]]:
        """Count the runs with a row, and the failed ones by cause, the most frequent first."""
        numbers = np.bincount(self.causes, minlength=len(self.named))
        failed: Counter[str] = Counter()
        for (_, name), number in self.named.items():
            if number and numbers[number]:
                failed[name] += int(numbers[number])
        ordered = sorted(failed.items(), key=lambda each: (-each[1], each[0]))
        return int((self.rounds != NONE).sum()), dict(ordered)
