"""Backends that execute chunks: this process, other processes of this machine, or a cluster (``sim.sweeps.cluster``).

A backend has ``map``, which takes a function and tasks and yields what became of each. It keeps no record of what is
done and promises no order. Of a lost worker it reports only the loss; the files of the sweep determine the rest.
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

from sim.core.errors import ResultsError
from sim.sweeps.crash_log import cleared_on_term

ALONE = {"POLARS_MAX_THREADS": "1", "NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
MODULES: list[str] = []  # imported by each worker before its first task, for engines from outside
PATIENCE = 5.0  # seconds that a worker gets to end


class Done[T, R](NamedTuple):
    """What became of a task."""

    task: T
    value: R | None
    lost: str = ""  # why there is no value


class Backend(Protocol):
    """The interface of all backends."""

    name: str

    @property
    def slots(self) -> int:
        """Number of tasks that run at the same time."""

    def map[T, R](self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[Done[T, R]]:
        """Execute tasks and yield what became of each, in any order.

        The function is found by its name in other processes. Tasks are taken one by one when a worker is free for them.
        """

    def close(self) -> None:
        """End the workers, also in the middle of a task."""


class Serial:
    """The reference backend: one task after the other in this process."""

    name = "serial"
    slots = 1

    def map[T, R](self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[Done[T, R]]:
        """Execute tasks in their order."""
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
        """Ask the process to end, then kill it."""
        self.pipe.close()
        ended(self.process)

    def fate(self) -> str:
        """Describe how the process ended."""
        self.process.join(PATIENCE)
        code = self.process.exitcode or 0
        if code < 0:
            with suppress(ValueError):
                return f"the process was ended by {signal.Signals(-code).name}"
        return f"the process ended with code {code}"


class Local:
    """Processes of this machine, each of which is replaced when it dies.

    Python's own pool breaks as a whole when one process is killed; here only that process's task is lost.
    """

    name = "local"

    def __init__(self, workers: int) -> None:
        self.slots = workers
        self._idle: list[_Worker] = []
        self._busy: dict[_Worker, Any] = {}

    def __enter__(self) -> Self:
        """Return the backend."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the backend."""
        self.close()

    def map[T, R](self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[Done[T, R]]:
        """Execute tasks in any order.

        What a function raises is raised here: failed runs return rows and do not raise.
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
        """Send a task to an idle worker, or to a new one."""
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
    """Call a function in a process of its own, so that its memory is released.

    What it raises is raised here. Raises ``ResultsError`` if the process dies.
    """
    with Local(1) as helper:
        done = next(iter(helper.map(function, [task])))
    if done.lost:
        raise ResultsError(f"{done.lost} while it put results together, perhaps for lack of memory; rows are safe")
    return done.value  # type: ignore[return-value]


def _value(value: Any) -> Any:
    """Return what a worker sent, or raise it if it is an exception."""
    if isinstance(value, BaseException):
        raise value
    return value


def started(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Start a process whose libraries use one thread each. ``target`` is found by its name."""
    process: BaseProcess = _context().Process(target=_served, args=(MODULES, target, arguments), daemon=False)
    with _environment(ALONE):
        process.start()
    return process


def ended(process: BaseProcess) -> None:
    """Terminate a process, and kill it if it does not end within ``PATIENCE`` seconds."""
    if process.is_alive():
        process.terminate()
    process.join(PATIENCE)
    if process.exitcode is None:
        process.kill()
        process.join()


def _served(modules: list[str], target: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """Import modules and call the target of a process."""
    for name in modules:
        importlib.import_module(name)
    target(*arguments)


def _context() -> Any:
    """Choose the start method: on Linux, forks of a server without threads that has the modules loaded.

    A fork of the driver itself would copy the locks of its threads.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sim.sweeps.work"])
    return context


def _serve(pipe: Connection) -> None:
    """Execute tasks until the other end of the pipe closes; if the driver dies, end after the current task."""
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
