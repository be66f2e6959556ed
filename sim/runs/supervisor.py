"""A supervisor that replaces worker processes that end.

A worker that ends while it starts, as for lack of memory, is replaced after a pause that doubles each time; after
``TRIES`` such ends in a row the supervisor gives up. It has no thread of its own and acts only when ``look`` is called.
"""

import time
from collections.abc import Callable
from typing import Protocol

from sim.core.errors import ResultsError

PAUSE, LONGEST = 0.5, 30.0  # seconds of the first and longest pause after a failed start
ADVICE = "is there memory enough? `--backend serial` needs no workers"
TRIES = 10  # failed starts in a row, of all workers together


class Process(Protocol):
    """The interface of a supervised process."""

    @property
    def exitcode(self) -> int | None:
        """Exit code, or None while it runs."""

    def ready(self) -> bool:
        """Whether it has ever finished starting."""

    def end(self) -> None:
        """Ask the process to end, then kill it."""


class Supervisor:
    """Keeps ``wanted`` processes running.

    ``clock`` returns seconds, ``longest`` is the longest pause in seconds, ``advice`` ends the message of giving up.
    """

    def __init__(
        self, start: Callable[[], Process], wanted: int, clock: Callable[[], float] = time.monotonic,
        longest: float = LONGEST, advice: Callable[[], str] = lambda: ADVICE,
    ) -> None:  # fmt: skip
        self.start, self.wanted, self.clock = start, wanted, clock
        self.longest, self.advice = longest, advice
        self.failures = 0  # failed starts in a row
        self._ready: dict[Process, bool] = {}  # processes, and whether each was ever ready
        self._next = clock()

    @property
    def processes(self) -> list[Process]:
        """Processes that have not been seen to end."""
        return list(self._ready)

    def look(self) -> None:
        """Replace processes that have ended, unless a pause is due; raises ``ResultsError`` if starts keep failing."""
        now, code = self.clock(), 0
        for process in [process for process, ready in self._ready.items() if not ready and process.ready()]:
            self._ready[process] = True
            self.failures, self._next = 0, now
        for process in self.processes:
            if process.exitcode is None:
                continue
            if not self._ready.pop(process):
                code = process.exitcode
                self.failures += 1
                self._next = now + min(PAUSE * 2.0 ** (self.failures - 1), self.longest)
            process.end()
        if self.failures >= TRIES:
            raise ResultsError(
                f"{self.failures} workers in a row ended while they started, the last one with exit code {code}; what "
                f"is done is safe; {self.advice()}"
            )
        while len(self._ready) < self.wanted and now >= self._next:
            self._ready[self.start()] = False

    def close(self) -> None:
        """End all processes."""
        for process in self.processes:
            process.end()
        self._ready.clear()
