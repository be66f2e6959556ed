"""Doing many things at once: one interface, whatever does them; processes and clusters are in ``sim.sweeps.mapping``.

A map takes a function and things to do, and gives what comes out in the order in which it gets done. What is done is
stored by the function itself, so a map may lose whatever is on the way.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol


class Map(Protocol):
    """Something that does many things."""

    def __call__(self, function: Callable[[Any], Any], things: Sequence[Any]) -> Iterator[Any]:
        """Do all of them.

        Parameters
        ----------
        function : Callable[[Any], Any]
            What is done with each; it can be sent to another process.
        things : Sequence[Any]
            What it is done with.

        Returns
        -------
        Iterator[Any]
            What comes out, in any order.
        """
        ...


def one_by_one(function: Callable[[Any], Any], things: Sequence[Any]) -> Iterator[Any]:
    """Do one thing after the other in this process.

    Parameters
    ----------
    function : Callable[[Any], Any]
        What is done with each.
    things : Sequence[Any]
        What it is done with.

    Yields
    ------
    Any
        What comes out, in their order.
    """
    for thing in things:
        yield function(thing)
