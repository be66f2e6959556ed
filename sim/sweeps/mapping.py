"""Backends for whoever has things to do that keep their own results, as the simulations of a calibration do."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sim.compiled import is_cached
from sim.errors import EngineError
from sim.sweeps.backends import Backend

ATTEMPTS = 3  # times that a thing may be lost with its worker


class Mapped:
    """A backend as a map: what a lost worker was at is done again.

    Parameters
    ----------
    backend : Backend
        Who does it.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def __call__(self, function: Callable[[Any], Any], things: Sequence[Any]) -> Iterator[Any]:
        """Do all things; the first one alone while the engine is not compiled, so that only one worker compiles it.

        Parameters
        ----------
        function : Callable[[Any], Any]
            What is done with each; found by its name in other processes.
        things : Sequence[Any]
            What it is done with.

        Yields
        ------
        Any
            What comes out, in the order in which it gets done.

        Raises
        ------
        EngineError
            If workers keep dying.
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
