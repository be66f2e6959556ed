"""Who does the chunks: this process, other processes of this machine, or those of a cluster (``sim.sweeps.cluster``).

A backend is an object with ``map``: it takes a function and tasks, and gives back what became of each as it comes. It
keeps no record of what is done, promises no order, and says of a lost worker only that it was lost: the files tell the
rest.
"""

import importlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, Protocol, Self

from sim.errors import ResultsError
from sim.sweeps.attempts import cleared_on_term

ALONE = {"POLARS_MAX_THREADS": "1", "NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
MODULES: list[str] = []  # imported by each worker before its first task, as engines from outside are
PATIENCE = 5.0  # seconds that a worker gets to end


class Done[T, R](NamedTuple):
    """What became of a task."""

    task: T
    value: R | None
    lost: str = ""  # why there is no value


class Backend(Protocol):
    """One interface for all."""

    name: str

    @property
    def slots(self) -> int:
        """Tasks that can be done at the same time."""

    def map[T, R](self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[Done[T, R]]:
        """Do tasks and say what became of each, as it comes.

        Parameters
        ----------
        function : Callable[[T], R]
            What to do; found by its name in other processes.
        tasks : Iterable[T]
            Taken one by one, not before there is room for them.

        Returns
        -------
        Iterator[Done[T, R]]
            In any order.
        """

    def close(self) -> None:
        """End the workers, also in the middle of a task."""


class Serial:
    """The reference: one task after the other, in this process."""

    name = "serial"
    slots = 1

    def map[T, R](self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[Done[T, R]]:
        """See ``Backend.map``.

        Parameters
        ----------
        function : Callable[[T], R]
            What to do.
        tasks : Iterable[T]
            Taken one by one.

        Yields
        ------
        Done[T, R]
            In the order of the tasks.
        """
        for task in tasks:
            yield Done(task, function(task))

    def close(self) -> None:
        """Do nothing: there are no workers."""


class _Worker:
    """A process of this machine that does one task at a time."""

    def __init__(self) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = started(_serve, theirs)
        theirs.close()

    def end(self) -> None:
        """Ask it to end, and make it."""
        self.pipe.close()
        ended(self.process)

    def fate(self) -> str:
        """Say how it ended."""
        self.process.join(PATIENCE)
        code = self.process.exitcode or 0
        if code < 0:
            with suppress(ValueError):
                return f"the process was ended by {signal.Signals(-code).name}"
        return f"the process ended with code {code}"


class Local:
    """Processes of this machine, each of which is replaced when it dies.

    The pool of the standard library gives up as a whole when one process is killed; here only the task is lost.

    Parameters
    ----------
    workers : int
        How many.
    """

    name = "local"

    def __init__(self, workers: int) -> None:
        self.slots = workers
        self._idle: list[_Worker] = []
        self._busy: dict[_Worker, Any] = {}

    def __enter__(self) -> Self:
        """Start.

        Returns
        -------
        Self
            The backend.
        """
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def map[T, R](self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[Done[T, R]]:
        """See ``Backend.map``.

        Parameters
        ----------
        function : Callable[[T], R]
            What to do.
        tasks : Iterable[T]
            Taken one by one.

        Yields
        ------
        Done[T, R]
            As they come. What a function raises is raised here: it is a mistake of the machinery, not of a run.
        """
        waiting = iter(tasks)
        while True:
            while len(self._busy) < self.slots and (task := next(waiting, self)) is not self:
                self._give(function, task)
            if not self._busy:
                return
            pipes: dict[Any, _Worker] = {worker.pipe: worker for worker in self._busy}
            for pipe in wait(list(pipes)):
                worker = pipes[pipe]
                done = self._busy.pop(worker)
                try:
                    value = worker.pipe.recv()
                except (EOFError, OSError):
                    yield Done(done, None, worker.fate())
                    worker.end()
                    continue
                self._idle.append(worker)
                yield Done(done, _value(value))

    def _give(self, function: Callable[..., Any], task: Any) -> None:
        """Hand a task to a worker that is idle, or to a new one."""
        while True:
            worker = self._idle.pop() if self._idle else _Worker()
            try:
                worker.pipe.send((function, task))
            except OSError:  # it died while it was idle
                worker.end()
                time.sleep(0.05)
                continue
            self._busy[worker] = task
            return

    def close(self) -> None:
        """End the workers, also in the middle of a task."""
        workers = [*self._busy, *self._idle]
        for worker in workers:
            if worker.process.is_alive():
                worker.process.terminate()
        for worker in workers:
            worker.end()
        self._busy.clear()
        self._idle.clear()


def apart[T, R](function: Callable[[T], R], task: T) -> R:
    """Do one thing in a process of its own, whose memory goes with it.

    Parameters
    ----------
    function : Callable[[T], R]
        What to do.
    task : T
        With what.

    Returns
    -------
    R
        What came out; what the function raises is raised here.

    Raises
    ------
    ResultsError
        If the process dies.
    """
    with Local(1) as helper:
        done = next(iter(helper.map(function, [task])))
    if done.lost:
        raise ResultsError(f"{done.lost} while it put results together, perhaps for lack of memory; rows are safe")
    return done.value  # type: ignore[return-value]


def _value(value: Any) -> Any:
    """Give what a worker sent, or raise it."""
    if isinstance(value, BaseException):
        raise value
    return value


def started(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Start a process of this machine, whose libraries use one thread each.

    Parameters
    ----------
    target : Callable[..., None]
        What it does; found by its name.
    *arguments : Any
        With what.

    Returns
    -------
    BaseProcess
        The process.
    """
    process: BaseProcess = _context().Process(target=_served, args=(MODULES, target, arguments), daemon=False)
    with _environment(ALONE):
        process.start()
    return process


def ended(process: BaseProcess) -> None:
    """Ask a process to end, and make it.

    Parameters
    ----------
    process : BaseProcess
        From ``started``.
    """
    if process.is_alive():
        process.terminate()
    process.join(PATIENCE)
    if process.exitcode is None:
        process.kill()
        process.join()


def _served(modules: list[str], target: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """Import modules and do what a process is started for."""
    for name in modules:
        importlib.import_module(name)
    target(*arguments)


def _context() -> Any:
    """Choose how processes are started: from a server without threads that has loaded what they need, if there can be.

    A fork of the driver itself would copy the locks of its threads.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sim.sweeps.work"])
    return context


def _serve(pipe: Connection) -> None:
    """Do tasks until the other end is closed; when the driver is gone, end after the task at hand."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the driver decides
    with cleared_on_term(), suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            function, task = pipe.recv()
            try:
                value = function(task)
            except Exception as error:
                value = error
            pipe.send(value)


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set environment variables for processes that are started inside the block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
