"""Dask workers as SLURM jobs; the queue is checked for jobs that ended before or after their worker was seen.

Dask submits and cancels the jobs but replaces only workers that it has seen. A job that is refused, cancelled or lost
before its worker registers would never be replaced. This module therefore asks the queue itself. Dask is in the extra
``cluster``.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from shutil import which
from typing import Any

from sim.core.errors import InputError, nearest
from sim.runs.cluster import DASK_SETTINGS, NO_DASHBOARD, Dask, Supervisor, import_extra, temporary_keys
from sim.runs.executor import ONE_THREAD

SLURM_KEYS = {
    "partition": "queue", "account": "account", "walltime": "walltime", "memory": "memory", "interface": "interface",
    "cpus": "job_cpu", "python": "python",
}  # fmt: skip
WAITING_STATES = (
    "PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SUSPENDED", "RESV_DEL_HOLD", "STOPPED",
)  # fmt: skip
QUERY_SECONDS = 5.0  # seconds between queries of the queue
DEATH_TIMEOUT = 120  # seconds after which a worker that finds no scheduler ends its job
SUBMIT_SECONDS = 60.0  # seconds for a job to appear in the queue
REGISTER_SECONDS = DEATH_TIMEOUT + 60.0  # seconds for the worker of a running job to register
RECONNECT_SECONDS = 30.0  # seconds for a worker that was lost to register again from the same job
LONGEST_PAUSE = 120.0  # seconds of the longest pause between failed starts, because controllers may be restarting


class Queue:
    """The states of this user's jobs by number, None before the queue has answered, and why a job was refused."""

    refusal = ""

    def __init__(self, clock: Callable[[], float] = time.monotonic, ask: Callable[[], str] | None = None) -> None:
        self.clock, self._ask = clock, ask or _squeue
        self.states: dict[str, str] | None = None
        self._next = clock()

    def job_states(self) -> dict[str, str] | None:
        """Query the states, at most every ``QUERY_SECONDS``; without an answer, return the last ones."""
        if (now := self.clock()) >= self._next:
            self._next = now + QUERY_SECONDS
            with suppress(OSError, ValueError, subprocess.SubprocessError):
                self.states = dict(line.split() for line in self._ask().splitlines() if line.strip())
        return self.states


def _squeue() -> str:
    """Return lines with the number and state of each of this user's jobs."""
    words = ("squeue", "--noheader", f"--user={os.getuid()}", "--format=%i %T")
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=20).stdout


def _job_class(job: Any) -> Any:
    """Make a class of Dask's jobs that records why a job was refused, where Dask itself raises a traceback."""

    class Submitted(job):
        refusal = ""

        async def _submit_job(self, script: str) -> str:
            try:
                return str(await super()._submit_job(script))
            except (OSError, RuntimeError) as error:
                self.refusal = str(error).strip().splitlines()[-1]
                return ""

        def _job_id_from_submit_output(self, answer: str) -> str | None:
            """Return the number of a job, or None if it was refused."""
            return None if self.refusal else str(super()._job_id_from_submit_output(answer))

    return Submitted


class SlurmJob:
    """A job with one Dask worker, of a ``SLURMCluster`` or an object with its interface."""

    def __init__(self, cluster: Any, queue: Queue) -> None:
        self.cluster, self.queue, self.clock = cluster, queue, queue.clock
        specification = cluster.new_worker_spec()
        (self.name,) = specification
        cluster.worker_spec.update(specification)
        cluster.scale(len(cluster.worker_spec))
        self._seen, self._since = False, self.clock()

    def ready(self) -> bool:
        """Check whether the scheduler knows the worker."""
        known = any(worker["name"] == self.name for worker in self.cluster.scheduler_info["workers"].values())
        if known:
            self._seen, self._since = True, self.clock()
        return known

    @property
    def exitcode(self) -> int | None:
        """1 if the job has ended or its worker has been silent for too long, else None."""
        if self.ready():
            return None
        states, job = self.queue.job_states(), self.cluster.workers.get(self.name)
        number = getattr(job, "job_id", None)
        if refusal := getattr(job, "refusal", ""):
            self.queue.refusal = f"SLURM refused a job: {refusal}; "
            return 1
        silent = self.clock() - self._since
        if number is None or states is None:  # being submitted, refused, or forgotten by Dask after a loss
            return 1 if silent > (RECONNECT_SECONDS if self._seen else SUBMIT_SECONDS) else None
        state = states.get(number, "")
        if state in WAITING_STATES:
            self._since, self._seen = self.clock(), False
            return None
        if state == "RUNNING":
            return 1 if silent > (RECONNECT_SECONDS if self._seen else REGISTER_SECONDS) else None
        return 1 if state or self._seen or silent > 2 * QUERY_SECONDS else None  # it may have been queried before

    def end(self) -> None:
        """Cancel the job."""
        self.cluster.worker_spec.pop(self.name, None)
        self.cluster.scale(len(self.cluster.worker_spec))


def slurm_workers(workers: int, folder: Path, settings: Mapping[str, str]) -> Dask:
    """Start SLURM jobs with one worker each, and replace those that end.

    All nodes must see ``folder``, which gets the logs of jobs and the keys. The settings are those of ``SLURM_KEYS``
    and ``directive`` (several separated by commas). Raises ``InputError`` for an unknown setting, for a path with a
    blank, and if there is no SLURM.
    """
    dask, ours = import_extra("dask"), signal.getsignal(signal.SIGINT)
    jobqueue = import_extra("dask_jobqueue")  # when imported, it makes Ctrl-C end the process with code 0
    signal.signal(signal.SIGINT, ours)
    for key in settings:
        if key not in (*SLURM_KEYS, "directive"):
            raise InputError(f"--slurm {key}: unknown setting{nearest(key, (*SLURM_KEYS, 'directive'))}")
    given: dict[str, Any] = {"memory": "2GB", "walltime": "01:00:00"}
    given |= {SLURM_KEYS[key]: value for key, value in settings.items() if key != "directive"}
    if cpus := given.get("job_cpu"):
        if not cpus.isdecimal():
            raise InputError(f"--slurm cpus={cpus}: must be a whole number")
        given["job_cpu"] = int(cpus)
    if not re.fullmatch(r"(?=.*[1-9])[\d.]+ ?[kmgtp]i?b?", given["memory"], re.ASCII | re.IGNORECASE):
        raise InputError(f"--slurm memory={given['memory']}: a size with its unit is needed, as in 2GB")
    for path in (str(given.get("python", sys.executable)), str(folder.absolute())):
        if any(sign.isspace() for sign in path):
            raise InputError(f"--backend slurm: '{path}' has a blank, which Dask's job scripts cannot hold")
    minutes = _minutes(str(given["walltime"]))
    if not which("sbatch"):
        raise InputError("--backend slurm: there is no command sbatch here: start it where jobs are submitted from")
    lifetime = ["--lifetime", f"{max(minutes - 5, 1)}m", "--lifetime-stagger", f"{min(4, minutes // 10)}m"]
    keys = folder / ".keys"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    directives = [part for part in settings.get("directive", "").split(",") if part]
    dask.config.set(DASK_SETTINGS)
    options = NO_DASHBOARD if "interface" in given else NO_DASHBOARD | {"host": _own_address()}
    try:
        cluster = jobqueue.SLURMCluster(
            job_cls=_job_class(jobqueue.slurm.SLURMJob), silence_logs="critical",
            cores=1, processes=1, job_extra_directives=directives, security=temporary_keys(), protocol="tls://",
            shared_temp_directory=str(keys), log_directory=str(folder / "jobs"), death_timeout=str(DEATH_TIMEOUT),
            local_directory=tempfile.gettempdir(),
            job_script_prologue=[f"export {name}={value}" for name, value in ONE_THREAD.items()],
            worker_extra_args=[*lifetime, "--no-dashboard", "--dashboard-address", "127.0.0.1:0"],
            scheduler_options=options, **given,
        )  # fmt: skip
    except (FileNotFoundError, RuntimeError, ValueError) as error:
        raise InputError(f"--backend slurm: {str(error).splitlines()[0]}") from None
    queue = Queue()
    advice = f"the output of jobs is in {folder / 'jobs'}"
    supervisor = Supervisor(
        lambda: SlurmJob(cluster, queue), workers, longest=LONGEST_PAUSE, advice=lambda: queue.refusal + advice
    )
    backend = Dask(cluster, None, workers, patience=float("inf"), supervisor=supervisor)  # jobs may wait for days
    supervisor.replace_ended()
    return backend


def _minutes(walltime: str) -> int:
    """Convert a walltime of SLURM (minutes[:seconds], hours:minutes:seconds, days-hours[:minutes[:seconds]])."""
    if not re.fullmatch(r"(?=.*[1-9])(\d+-)?\d+(:\d+){0,2}", walltime, re.ASCII):
        raise InputError(
            f"--slurm walltime={walltime}: a time of SLURM is needed, as in 90 (minutes), 01:30:00 or 2-12:00:00"
        )
    days, _, rest = walltime.rpartition("-")
    parts = [int(part) for part in rest.split(":")]
    hours, minutes = [*parts, 0][:2] if days or len(parts) == 3 else (0, parts[0])
    return int(days or 0) * 1440 + hours * 60 + minutes


def _own_address() -> str:
    """Return the address that this machine's name resolves to."""
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return "127.0.0.1"
