"""Dask as an executor: workers of this machine, of a running scheduler, or of SLURM jobs (``sim.runs.slurm``).

Dask only distributes tasks. If a worker dies, one task comes back as lost; files show what is done. Each setting below,
except that of profiles, answers a failure that was observed (see docs/sweeps.md). Dask is in the extra ``cluster``.
"""

import asyncio
import importlib
import logging
import os
import shutil
import signal
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from sim.core.errors import InputError, ResultsError
from sim.runs.crash_log import remove_own_records
from sim.runs.executor import TaskResult, Worker

TASKS_PER_WORKER = 4  # tasks submitted per worker at a time
LOSS_ERRORS = ("KilledWorker", "CancelledError", "FutureCancelledError")  # what Dask raises for tasks of dead workers
WORKERLESS_SECONDS = 300.0  # seconds without any worker before an external scheduler is given up
LOOK_SECONDS = 1.0  # seconds between checks of the workers of this machine
FETCH_SECONDS = 10.0  # seconds to fetch a small result; if the worker died before, the task is repeated
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds of the first and longest pause after a failed start
MEMORY_ADVICE = "is there memory enough? `--backend serial` needs no workers"
MOST_FAILED_STARTS = 10  # failed starts in a row, of all workers together
NO_DASHBOARD = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}  # otherwise a port is open on all interfaces
DASK_SETTINGS = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.scheduler.allowed-failures": 0,  # a lost task comes back at once; the driver counts deaths
    "distributed.scheduler.worker-saturation": 1.0,  # tasks wait at the scheduler, so that none dies with another
    "distributed.worker.profile.enabled": False,  # a hundred samples a second that nobody reads
    "distributed.comm.timeouts.connect": "30s",
}


class Clearing:
    """A Dask worker plugin: if the worker is asked to end, no run is blamed."""

    name = "offhours-clearing"

    def setup(self, worker: Any) -> None:
        """Handle SIGTERM, which batch systems send before the time is up."""
        if threading.current_thread() is not threading.main_thread():
            return
        before = signal.getsignal(signal.SIGTERM)

        def end(number: int, frame: FrameType | None) -> None:
            remove_own_records()
            if callable(before):
                before(number, frame)
            else:
                os._exit(128 + number)

        signal.signal(signal.SIGTERM, end)

    def teardown(self, worker: Any) -> None:
        """Remove the records of a worker that is asked to end."""
        remove_own_records()


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
    """Keeps ``wanted`` processes running, without a thread of its own: it acts only when ``replace_ended`` is called.

    A worker that ends while it starts, as for lack of memory, is replaced after a pause that doubles each time; after
    ``MOST_FAILED_STARTS`` such ends in a row the supervisor gives up.

    ``clock`` returns seconds, ``longest`` is the longest pause in seconds, ``advice`` ends the message of giving up.
    """

    def __init__(
        self, start: Callable[[], Process], wanted: int, clock: Callable[[], float] = time.monotonic,
        longest: float = LONGEST_PAUSE, advice: Callable[[], str] = lambda: MEMORY_ADVICE,
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

    def replace_ended(self) -> None:
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
                self._next = now + min(FIRST_PAUSE * 2.0 ** (self.failures - 1), self.longest)
            process.end()
        if self.failures >= MOST_FAILED_STARTS:
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


class Dask:
    """Workers of a Dask cluster: either ``cluster``, which is closed here, or one that others run at ``address``.

    The address may be a scheduler file. ``workers`` is the number expected; after ``patience`` seconds without any, the
    cluster is given up. The supervisor of workers on this machine is closed here as well. Raises ``InputError`` if no
    scheduler answers.
    """

    def __init__(
        self, cluster: Any, address: str | None, workers: int, patience: float = WORKERLESS_SECONDS,
        supervisor: Supervisor | None = None, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        distributed = import_extra("distributed")
        self.slots, self.patience, self.cluster = workers, patience, cluster
        self.supervisor, self.clock = supervisor, clock
        try:
            place = {"scheduler_file": address} if Path(address or "").is_file() else {"address": cluster or address}
            self.client = distributed.Client(**place, timeout="60s")
        except (OSError, ValueError, TimeoutError) as error:
            raise InputError(f"--scheduler {address}: no scheduler answers there: {error}") from None
        plugin = type("Clearing", (Clearing, distributed.WorkerPlugin), {"__module__": __name__})
        self.client.register_plugin(plugin())

    def map[T, R](self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[TaskResult[T, R]]:
        """Execute tasks in any order, with at most ``TASKS_PER_WORKER`` tasks per worker at the scheduler."""
        distributed = import_extra("distributed")
        waiting, session, number = iter(tasks), uuid.uuid4().hex[:8], 0
        running: dict[Any, T] = {}
        seen = self.clock()
        while True:
            if self.supervisor:
                self.supervisor.replace_ended()
            while len(running) < TASKS_PER_WORKER * self.slots and (task := next(waiting, self)) is not self:
                key = ("run", session, number)  # keys that share a prefix are queued at the scheduler
                running[self.client.submit(function, task, key=key, pure=False, retries=0)] = task  # type: ignore[assignment]
                number += 1
            if not running:
                return
            with suppress(TimeoutError, CancelledError):
                distributed.wait(list(running), timeout=LOOK_SECONDS, return_when="FIRST_COMPLETED")
            over = [future for future in running if future.done()]  # including cancelled ones
            seen = self.clock() if over else self._last_seen(seen)
            for future in over:
                done = running.pop(future)
                yield TaskResult(done, *self._outcome(future))
                future.release()

    def _outcome(self, future: Any) -> tuple[Any, str]:
        """Return the value of a task, or why it was lost; what its function raised is raised here."""
        if future.status == "error" and type(future.exception(timeout=FETCH_SECONDS)).__name__ not in LOSS_ERRORS:
            raise future.exception(timeout=FETCH_SECONDS)
        try:
            return future.result(timeout=FETCH_SECONDS), ""
        except Exception as error:  # done, but its worker or the connection was lost before the result was fetched
            return None, f"a worker of the cluster was lost ({type(error).__name__})"

    def _last_seen(self, seen: float) -> float:
        """Return when a worker was last seen, or give up a cluster that has had none for too long."""
        now = self.clock()
        if self.client.scheduler_info(n_workers=-1)["workers"]:
            return now
        if now - seen > self.patience:
            raise ResultsError(f"the cluster has had no worker for {self.patience:.0f} s; what is done is safe")
        return seen

    def close(self) -> None:
        """End what was started here; workers of others only lose their tasks."""
        try:
            if self.supervisor:
                self.supervisor.close()
            self.client.close(timeout=10)
        finally:
            if self.cluster is not None:
                with suppress(OSError):  # a connection that broke when a worker was lost
                    self.cluster.close(timeout=20)
                self.cluster = None


def dask_workers(workers: int, scheduler: str | None) -> Dask:
    """Use the running scheduler of an address or a scheduler file; if there is none, start workers on this machine."""
    dask = import_extra("dask")
    if scheduler is not None:
        return Dask(None, scheduler, workers)
    distributed = import_extra("distributed")
    dask.config.set(DASK_SETTINGS)
    security = temporary_keys()
    cluster = distributed.LocalCluster(
        n_workers=0, dashboard_address=None, scheduler_kwargs=NO_DASHBOARD, host="127.0.0.1", protocol="tls://",
        security=security, silence_logs=50,
    )  # fmt: skip
    supervisor = Supervisor(lambda: LocalWorker(cluster.scheduler_address, security), workers)
    backend = Dask(cluster, None, workers, supervisor=supervisor)
    supervisor.replace_ended()
    return backend


class LocalWorker(Worker):
    """A process of this machine with a Dask worker, which ends with the scheduler."""

    def __init__(self, address: str, security: Any) -> None:
        self._folder = tempfile.mkdtemp(prefix="offhours-")
        super().__init__(_run_dask_worker, address, security, self._folder, import_extra("dask").config.config)

    @property
    def exitcode(self) -> int | None:
        """Exit code, or None while it runs."""
        return self.process.exitcode

    def ready(self) -> bool:
        """Check whether the worker has reported that the scheduler knows it."""
        with suppress(EOFError, OSError):
            return self.pipe.poll() and bool(self.pipe.recv())
        return False

    def end(self) -> None:
        """End the process and remove its folder."""
        super().end()
        shutil.rmtree(self._folder, ignore_errors=True)


def _run_dask_worker(pipe: Connection, address: str, security: Any, folder: str, settings: dict[str, Any]) -> None:
    """Run a Dask worker until the scheduler is gone."""
    import dask  # noqa: PLC0415
    import distributed  # noqa: PLC0415

    class Serving(distributed.Worker):
        """A worker that reports its registration, before its first task can end it."""

        async def handle_scheduler(self, comm: Any) -> None:
            pipe.send(True)
            await super().handle_scheduler(comm)

    async def serve() -> None:
        worker = Serving(
            address, nthreads=1, memory_limit=0, security=security, local_directory=folder, host="127.0.0.1",
            protocol="tls://", dashboard=False, dashboard_address="127.0.0.1:0",
        )  # fmt: skip
        async with worker:
            await worker.finished()  # type: ignore[no-untyped-call]

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the driver decides
    dask.config.set(settings)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    asyncio.run(serve())


def temporary_keys() -> Any:
    """Create TLS keys for one sweep: without them, anyone who reaches the port could run code as the user."""
    import_extra("cryptography")
    return import_extra("distributed").Security.temporary()


def import_extra(name: str) -> Any:
    """Import a package of the extra ``cluster``, or explain how to install it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise InputError(f"this backend needs the package {name}: in a clone, pip install '.[cluster]'") from None
