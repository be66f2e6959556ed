"""Threads over firms: groups of firms, each simulated in one call of the compiled engine."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from sim.core.errors import EngineError
from sim.engine.records import Table
from sim.engine.simulate import simulate
from sim.engine.state import World, named, scratch

_PEOPLE_PER_CALL = 60  # enough to make a call's overhead small, few enough that threads finish together
_FAILURES = {
    1: "a person wrote more messages at once than there are notes for",
    2: "a firm's outbox is full",
    3: "a person's turn does not end",
}


class Pool:
    """Threads that simulate groups of firms; the assignment of groups to threads does not affect results."""

    def __init__(self, world: World, threads: int, log_share: float) -> None:
        """Allocate working memory per thread, sized for the largest firm; a log has space for a week of one group."""
        largest = int(world.firm.people.max())
        rows = int((_PEOPLE_PER_CALL + largest) * 7 * 800 * log_share) + 20_000 if log_share else 0
        self.threads = threads
        self.scratch = [scratch(largest, rows) for _ in range(threads)]
        self.groups = _groups(world.firm.people)
        self.executor = ThreadPoolExecutor(threads) if threads > 1 else None

    def run(
        self, world: World, parameters: np.ndarray, first: int, end: int, limit: np.uint64, add_log: Callable[..., None]
    ) -> None:
        """Simulate all firms from day ``first`` to before ``end``, and pass their message logs on in a fixed order."""
        logs: dict[int, tuple[Table, int]] = {}
        todo = iter(list(enumerate(self.groups)))

        def work(own: dict[str, Table]) -> None:
            mine = world._replace(**own)
            for number, group in todo:
                with np.errstate(over="ignore"):  # without compilation keys overflow by design; errstate is per thread
                    failure = simulate(mine, named(parameters), group, first, end, limit)
                if failure:
                    raise EngineError(f"days {first} to {end - 1}: {_FAILURES[failure]}")
                rows = int(mine.tally[0].log)
                if rows:
                    kept = min(rows, len(mine.log))
                    logs[number] = (mine.log[:kept].copy(), rows - kept)

        if self.executor is None:
            work(self.scratch[0])
        else:
            list(self.executor.map(work, self.scratch))
        for number in sorted(logs):
            add_log(*logs[number])


def _groups(sizes: np.ndarray) -> list[np.ndarray]:
    """Partition firms into groups, one per engine call, the largest firms first."""
    groups: list[list[int]] = []
    people = _PEOPLE_PER_CALL
    for f in np.argsort(-sizes, kind="stable"):
        if people >= _PEOPLE_PER_CALL:
            groups.append([])
            people = 0
        groups[-1].append(int(f))
        people += int(sizes[f])
    return [np.array(group, np.int64) for group in groups]
