"""Executors of tasks: this process, other processes of this machine, or a cluster (``sim.runs.cluster``).

An executor does not record what is done and may change the order. If a worker is lost, it reports only the loss; files
show what is done.
"""

import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any, NamedTuple, Protocol

from sim.core import notices
from sim.core.errors import ResultsError
from sim.runs.crash_log import exit_blamelessly
from sim.runs.progress import compiled_else_announced

ONE_THREAD = {"POLARS_MAX_THREADS": "1", "NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
PRELOADED = ["sim.outcomes", "sim.runs.simulation"]  # needed by most workers; start no thread, which forks would lack
LONGEST_TMPDIR = 75  # bytes of the path for temporary files; the system allows 107, and names in it have 32
GRACE_SECONDS = 5.0  # seconds that a worker gets to end
MOST_TRIES = 3  # attempts at a task whose workers are lost


class TaskResult[T, R](NamedTuple):
    """The result of a task, or why there is none."""

    task: T
    value: R | None
    lost: str = ""  # why there is no value


class Executor(Protocol):
    """Interface of all executors."""

    @property
    def slots(self) -> int:
        """Number of tasks that run at the same time."""

    def map[T, R](self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[TaskResult[T, R]]:
        """Execute tasks and yield what became of each, in any order.

        The function is found by its name in other processes. Tasks are taken one by one when a worker is free for them.
        """

    def close(self) -> None:
        """End the workers, also in the middle of a task."""


class Serial:
    """The reference executor: one task after the other in this process."""

    slots = 1

    def map[T, R](self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[TaskResult[T, R]]:
        """Execute tasks in their order."""
        for task in tasks:
            yield TaskResult(task, function(task))

    def close(self) -> None:
        """Do nothing: there are no workers."""


class Worker:
    """A process of this machine whose libraries use one thread each, with a pipe to ``target``."""

    def __init__(self, target: Callable[..., None], *arguments: Any) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        self.process: BaseProcess = _process_context().Process(target=target, args=(theirs, *arguments), daemon=False)
        before, main = {name: os.environ.get(name) for name in ONE_THREAD}, sys.modules["__main__"]
        os.environ.update(ONE_THREAD)
        if main.__spec__ is None:  # a user's script, which workers would execute again
            sys.modules["__main__"] = ModuleType("__main__")
        resource_tracker.ensure_running()  # first, because it releases the signal when it starts
        held = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # Ctrl-C would end what loads modules
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
            sys.modules["__main__"] = main
            for name, value in before.items():
                del os.environ[name]
                if value is not None:
                    os.environ[name] = value
        theirs.close()

    def end(self) -> None:
        """Ask the process to end, and kill it if it does not within ``GRACE_SECONDS``."""
        self.pipe.close()
        if self.process.is_alive():
            self.process.terminate()
        self.process.join(GRACE_SECONDS)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()

    def describe_exit(self) -> str:
        """Describe how the process ended."""
        self.process.join(GRACE_SECONDS)
        code = self.process.exitcode or 0
        if code < 0:
            with suppress(ValueError):
                return f"the process was ended by {signal.Signals(-code).name}"
        return f"the process ended with code {code}"


class Local:
    """Processes of this machine, each of which is replaced when it dies.

    Python's own pool breaks as a whole when one process is killed; here only that process's task is lost.
    """

    def __init__(self, workers: int) -> None:
        self.slots = workers
        self._idle: list[Worker] = []
        self._busy: dict[Worker, Any] = {}

    def map[T, R](self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[TaskResult[T, R]]:
        """Execute tasks in any order; what the function raises is raised here."""
        waiting = iter(tasks)
        while True:
            while len(self._busy) < self.slots and (task := next(waiting, self)) is not self:
                self._give(function, task)
            if not self._busy:
                return
            pipes: dict[Any, Worker] = {worker.pipe: worker for worker in self._busy}
            for pipe in wait(list(pipes)):
                worker = pipes[pipe]
                done = self._busy.pop(worker)
                try:
                    value = worker.pipe.recv()
                except (EOFError, OSError):
                    yield TaskResult(done, None, worker.describe_exit())
                    worker.end()
                    continue
                self._idle.append(worker)
                if isinstance(value, BaseException):
                    raise value
                yield TaskResult(done, value)

    def _give(self, function: Callable[..., Any], task: Any) -> None:
        """Send a task to an idle worker, or to a new one."""
        while True:
            worker = self._idle.pop() if self._idle else Worker(_run_tasks)
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


def in_own_process[T, R](function: Callable[[T], R], task: T) -> R:
    """Call a function in a separate process, so that its memory is released afterwards.

    Exceptions of the function are raised here. Raises ``ResultsError`` if the process dies.
    """
    with closing(Local(1)) as helper:
        done = next(iter(helper.map(function, [task])))
    if done.lost:
        raise ResultsError(f"{done.lost} while it put results together, perhaps for lack of memory; rows are safe")
    return done.value  # type: ignore[return-value]


def results_as_completed[T, R](executor: Executor, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
    """Yield the results of tasks as they arrive, repeating the tasks of lost workers.

    Until the engine is compiled, the first task runs alone, so that only one worker compiles. Raises ``ResultsError``
    if a task is lost ``MOST_TRIES`` times.
    """
    first = int(bool(tasks) and not compiled_else_announced())
    for some in (tasks[:first], tasks[first:]):
        left, why = list(some), ""
        for _ in range(MOST_TRIES):
            given, left = left, []
            for done in executor.map(function, given):
                if done.lost:
                    left.append(done.task)
                    why = done.lost
                else:
                    yield done.value  # type: ignore[misc]
        if left:
            raise ResultsError(f"tasks lost {MOST_TRIES} times: {len(left)} ({why}); is there memory enough?")


def _process_context() -> Any:
    """Choose the start method: on Linux, forks of a server that has no threads and has the modules loaded.

    A fork of the driver itself would copy the locks of its threads. The server's address is the path of a temporary
    file; if it would be too long, each worker starts by itself.
    """
    if sys.platform != "linux" or len(os.fsencode(tempfile.gettempdir())) > LONGEST_TMPDIR:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def _run_tasks(pipe: Connection) -> None:
    """Execute tasks until the other end of the pipe closes; if the driver dies, end after the current task."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the driver decides
    signal.signal(signal.SIGTERM, lambda number, _: exit_blamelessly(number))
    notices.silence(notices.COMPILING)  # the driver shows it
    try:
        with suppress(EOFError, BrokenPipeError, ConnectionResetError):
            while True:
                function, task = pipe.recv()
                try:
                    value = function(task)
                except Exception as error:
                    value = error
                pipe.send(value)
    finally:
        signal.signal(signal.SIGTERM, lambda *_: None)  # it is ending, so nothing is left to interrupt
