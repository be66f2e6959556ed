"""A supervisor of worker processes: as many run as are wanted, and whoever ends is replaced.

One that ends while it starts, as for lack of memory, is replaced after a pause that doubles, and after some of these in
a row the supervisor gives up: then it is not chance. It does nothing by itself but when it is asked to look.
"""

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from sim.errors import ResultsError

PAUSE, LONGEST = 0.5, 30.0  # seconds before the next one starts after one that ended in its start; doubled up to that
TRIES = 10  # ends in the start in a row, of all workers together


class Process(Protocol):
    """What is known of a process."""

    @property
    def exitcode(self) -> int | None:
        """How it ended; None while it runs."""

    def ready(self) -> bool:
        """Whether it has ever come to work."""

    def end(self) -> None:
        """Ask it to end, and make it."""


class _Worker(NamedTuple):
    """A process and what was seen of it."""

    process: Process
    ready: bool


class Supervisor:
    """Keeps processes running.

    Parameters
    ----------
    start : Callable[[], Process]
        Starts one.
    wanted : int
        How many.
    clock : Callable[[], float]
        Seconds.
    """

    def __init__(self, start: Callable[[], Process], wanted: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.start, self.wanted, self.clock = start, wanted, clock
        self.failures = 0  # in a row
        self._workers: list[_Worker] = []
        self._next = clock()

    @property
    def processes(self) -> list[Process]:
        """Those that have not been seen to end."""
        return [worker.process for worker in self._workers]

    def look(self) -> None:
        """Replace those that have ended, unless it is too early for that.

        Raises
        ------
        ResultsError
            If workers keep ending while they start.
        """
        now, code = self.clock(), 0
        looked = [_Worker(worker.process, worker.ready or worker.process.ready()) for worker in self._workers]
        if any(new.ready and not old.ready for new, old in zip(looked, self._workers, strict=True)):
            self.failures, self._next = 0, now
        self._workers = []
        for worker in looked:
            if worker.process.exitcode is None:
                self._workers.append(worker)
                continue
            if not worker.ready:
                code = worker.process.exitcode
                self.failures += 1
                self._next = now + min(PAUSE * 2.0 ** (self.failures - 1), LONGEST)
            worker.process.end()
        if self.failures >= TRIES:
            raise ResultsError(
                f"{self.failures} workers in a row ended while they started, the last one with exit code {code}; is "
                "there memory enough? What is done is safe; `--backend serial` needs no workers"
            )
        while len(self._workers) < self.wanted and now >= self._next:
            self._workers.append(_Worker(self.start(), False))

    def close(self) -> None:
        """End them all."""
        for process in self.processes:
            process.end()
        self._workers = []
