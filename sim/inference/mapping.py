"""Doing many things at once: one interface, whatever does them. Here it is the processes of this machine.

A map takes a function and things to do, and gives what comes out in the order in which it gets done. What is done is
stored by the function itself, so a map may lose whatever is on the way.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from typing import Any, Protocol

from sim.errors import EngineError

ATTEMPTS = 3  # times that processes may die before it is given up


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


class Processes:
    """Processes of this machine, each started anew.

    Parameters
    ----------
    workers : int | None
        How many; by default as many as this process may use.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or (
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        )

    def __call__(self, function: Callable[[Any], Any], things: Sequence[Any]) -> Iterator[Any]:
        """Do all things; if a process is killed, the others start again with what is left.

        Parameters
        ----------
        function : Callable[[Any], Any]
            What is done with each.
        things : Sequence[Any]
            What it is done with.

        Yields
        ------
        Any
            What comes out, in the order in which it gets done.

        Raises
        ------
        EngineError
            If processes keep dying.
        """
        left = dict(enumerate(things))
        for _ in range(ATTEMPTS):
            count = min(self.workers, len(left)) or 1
            with ProcessPoolExecutor(count, get_context("spawn"), initializer=_end_with_parent) as pool:
                waiting = {pool.submit(function, thing): number for number, thing in left.items()}
                try:
                    for future in as_completed(waiting):
                        result = future.result()
                        del left[waiting[future]]
                        yield result
                except BrokenProcessPool:
                    continue
                finally:  # Ctrl-C included: do not wait for what has not begun
                    pool.shutdown(cancel_futures=True)
            return
        raise EngineError(f"processes that simulate were killed {ATTEMPTS} times; is there memory enough?")


def _end_with_parent() -> None:
    """Let a process end when the one that started it is gone: it would wait for things to do for ever."""
    parent = parent_process()

    def watch() -> None:
        if parent:
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
