"""Interface for running many independent tasks; processes and clusters are in ``sim.sweeps.mapping``.

The function stores its own result, so a map may lose what was in progress.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol


class Map(Protocol):
    """A function that runs many tasks."""

    def __call__(self, function: Callable[[Any], Any], things: Sequence[Any]) -> Iterator[Any]:
        """Apply a picklable function to all things and yield the results in any order."""
        ...


def one_by_one(function: Callable[[Any], Any], things: Sequence[Any]) -> Iterator[Any]:
    """Apply a function to one thing after the other in this process."""
    for thing in things:
        yield function(thing)
