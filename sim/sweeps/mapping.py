"""Backends for tasks that store their own results, such as the simulations of a calibration."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sim.core.compiled import is_cached
from sim.core.errors import EngineError
from sim.sweeps.backends import Backend

ATTEMPTS = 3  # tries of a task whose workers are lost


class Mapped:
    """A backend as a map function that repeats the tasks of lost workers."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def __call__(self, function: Callable[[Any], Any], things: Sequence[Any]) -> Iterator[Any]:
        """Call the function with each thing and yield results as they come.

        Other processes find the function by its name. Until the engine is compiled, the first task runs alone, so that
        only one worker compiles. Raises ``EngineError`` if tasks are lost ``ATTEMPTS`` times.
        """
        alone = 0 if is_cached() else 1
        for some in (things[:alone], things[alone:]):
            left = list(some)
            for _ in range(ATTEMPTS):
                lost, why = [], ""
                for done in self.backend.map(function, left):
                    if done.lost:
                        lost.append(done.task)
                        why = done.lost
                    else:
                        yield done.value
                left = lost
                if not left:
                    break
            if left:
                raise EngineError(f"{len(left)} tasks were lost {ATTEMPTS} times ({why}); is there memory enough?")
