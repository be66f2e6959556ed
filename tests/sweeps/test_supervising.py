"""Workers that end are replaced: on this machine with a clock that is put in, in SLURM as the queue says."""

import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sim.core.errors import InputError, ResultsError
from sim.runs.cluster import FIRST_PAUSE, LONGEST_PAUSE, MOST_FAILED_STARTS, Supervisor
from sim.runs.crash_log import on_sigterm
from sim.sweeps.driving import Stopped, _stop
from tests.sweeps.helpers import ROOT


class Fake:
    """A process that does what the test says."""

    def __init__(self) -> None:
        self.exitcode: int | None = None
        self.at_work = self.cleared = False

    def ready(self) -> bool:
        """Tell whether it has come to work."""
        return self.at_work

    def end(self) -> None:
        """End it, or clear up behind it."""
        self.cleared, self.exitcode = True, self.exitcode or 0


class World:
    """A supervisor, all processes that it has started, and its clock."""

    def __init__(self, wanted: int = 2) -> None:
        self.time, self.all = 100.0, []
        self.supervisor = Supervisor(self.start, wanted, lambda: self.time)

    def start(self) -> Fake:
        """Start a process."""
        self.all.append(Fake())
        return self.all[-1]

    def look(self, after: float = 0.0) -> int:
        """Let time pass and the supervisor look; say how many processes it has started in all."""
        self.time += after
        self.supervisor.replace_ended()
        assert len(self.supervisor.processes) <= self.supervisor.wanted
        return len(self.all)


def test_as_many_run_as_are_wanted_and_a_worker_that_dies_at_work_is_replaced_at_once() -> None:
    world = World(3)
    assert [world.look() for _ in range(3)] == [3, 3, 3]
    for process in world.all:
        process.at_work = True
    world.look()
    for _ in range(4 * MOST_FAILED_STARTS):  # a run that kills its process does so again and again
        world.supervisor.processes[0].at_work = True
        world.look()
        world.supervisor.processes[0].exitcode = -9
        before = len(world.all)
        assert world.look() == before + 1
    assert world.supervisor.failures == 0
    assert sum(process.exitcode is None for process in world.all) == 3
    assert all(process.cleared for process in world.all if process.exitcode == -9)


def test_one_that_dies_while_it_starts_is_replaced_after_a_pause_that_doubles() -> None:
    world = World(1)
    world.look()
    pause = FIRST_PAUSE
    for number in range(1, MOST_FAILED_STARTS - 1):
        world.all[-1].exitcode = 9
        assert world.look() == number  # not at once
        assert world.look(pause * 0.9) == number
        assert world.look(pause * 0.2) == number + 1
        pause = min(2 * pause, LONGEST_PAUSE)
    world.all[-1].at_work = True  # this one comes to work: what was before is forgotten
    world.look()
    assert world.supervisor.failures == 0
    world.all[-1].exitcode = -9
    assert world.look() == MOST_FAILED_STARTS


def test_one_that_comes_to_work_and_dies_between_two_looks_was_no_failure_to_start() -> None:
    world = World(1)
    world.look()
    world.all[0].at_work, world.all[0].exitcode = True, -9
    assert world.look() == 2
    assert world.supervisor.failures == 0


def test_workers_that_never_come_to_work_are_given_up_with_a_sentence() -> None:
    world = World(2)

    def fail() -> None:
        for _ in range(10 * MOST_FAILED_STARTS):
            world.look(LONGEST_PAUSE)
            for process in world.supervisor.processes:
                process.exitcode = 9

    with pytest.raises(
        ResultsError, match=f"{MOST_FAILED_STARTS} workers in a row ended while they started.*exit code 9"
    ):
        fail()
    assert MOST_FAILED_STARTS <= len(world.all) <= MOST_FAILED_STARTS + 2
    world.supervisor.close()
    assert all(process.cleared for process in world.all)


def test_a_cluster_without_workers_is_given_up_after_its_patience() -> None:
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    from sim.runs.cluster import WORKERLESS_SECONDS, Dask

    time, workers = 0.0, {"a": {}}
    client = SimpleNamespace(scheduler_info=lambda n_workers: {"workers": workers})
    me: Any = SimpleNamespace(clock=lambda: time, patience=WORKERLESS_SECONDS, client=client)
    time = 10 * WORKERLESS_SECONDS
    assert Dask._last_seen(me, 0.0) == time  # there is one
    workers.clear()
    assert Dask._last_seen(me, time - WORKERLESS_SECONDS) == time - WORKERLESS_SECONDS
    with pytest.raises(ResultsError, match="no worker for 300 s"):
        Dask._last_seen(me, time - WORKERLESS_SECONDS - 1)


def test_a_request_to_end_while_a_result_is_fetched_is_no_lost_worker() -> None:
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    from sim.runs.cluster import Dask

    def fetched(timeout: float) -> None:
        signal.raise_signal(signal.SIGTERM)

    def broken(timeout: float) -> None:
        raise OSError

    with on_sigterm(_stop), pytest.raises(Stopped):
        Dask._outcome(SimpleNamespace(), SimpleNamespace(status="finished", result=fetched))  # type: ignore[arg-type]
    lost = Dask._outcome(SimpleNamespace(), SimpleNamespace(status="finished", result=broken))  # type: ignore[arg-type]
    assert lost == (None, "a worker of the cluster was lost (OSError)")


class FakeCluster:
    """What Dask's cluster shows of its jobs, and a queue, both as the test says."""

    def __init__(self) -> None:
        self.time, self.queue, self.scaled, self.SLURMJob = 0.0, {}, 0, object
        self.worker_spec: dict[str, Any] = {}
        self.workers: dict[str, Any] = {}
        self.scheduler_info: dict[str, Any] = {"workers": {}}

    def new_worker_spec(self) -> dict[str, Any]:
        """Name the next job."""
        self.scaled += 1
        return {f"job-{self.scaled}": None}

    def scale(self, number: int) -> None:
        """Submit jobs that are specified and cancel those that no longer are."""
        assert number == len(self.worker_spec)
        for name in self.worker_spec.keys() - self.workers.keys():
            self.workers[name] = SimpleNamespace(job_id=name.removeprefix("job-"))
            self.queue[name.removeprefix("job-")] = "PENDING"
        for name in self.workers.keys() - self.worker_spec.keys():
            self.queue.pop(self.workers.pop(name).job_id, None)

    def answer(self) -> str:
        """Answer as squeue does."""
        return "".join(f"{number} {state}\n" for number, state in self.queue.items())

    def register(self, name: str) -> None:
        """Let the worker of a job come to work."""
        self.queue[name.removeprefix("job-")] = "RUNNING"
        self.scheduler_info["workers"][f"tls://{name}"] = {"name": name}

    def lose(self, name: str) -> None:
        """Let the scheduler lose a worker."""
        del self.scheduler_info["workers"][f"tls://{name}"]


@pytest.fixture
def jobs() -> tuple[FakeCluster, Supervisor]:
    """Two jobs of a cluster that does as the test says, and their supervisor."""
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    from sim.runs.slurm import Queue, SlurmJob

    fake = FakeCluster()
    queue = Queue(lambda: fake.time, fake.answer)
    supervisor = Supervisor(lambda: SlurmJob(fake, queue), 2, lambda: fake.time)
    supervisor.replace_ended()
    return fake, supervisor


def names(jobs: tuple[FakeCluster, Supervisor], seconds: float = 0.0) -> list[str]:
    """Let time pass with a look every second, and return the names of the jobs that are wanted."""
    for _ in range(int(seconds)):
        jobs[0].time += 1.0
        jobs[1].replace_ended()
    return sorted(jobs[0].worker_spec)


def test_a_job_that_ends_before_its_worker_registers_is_replaced(jobs: tuple[FakeCluster, Supervisor]) -> None:
    """Dask alone would wait for it for ever."""
    jobs[0].register("job-1")
    assert names(jobs, 3600) == ["job-1", "job-2"]  # one may wait in the queue for long
    del jobs[0].queue["2"]  # cancelled
    assert names(jobs, 30) == ["job-1", "job-3"]
    jobs[0].queue["3"] = "NODE_FAIL"
    assert names(jobs, 30) == ["job-1", "job-4"]
    jobs[0].queue["4"] = "RUNNING"  # on a node that died unseen
    assert names(jobs, 100) == ["job-1", "job-4"]
    assert names(jobs, 100) == ["job-1", "job-5"]


def test_a_job_that_is_refused_is_submitted_again(jobs: tuple[FakeCluster, Supervisor]) -> None:
    jobs[0].register("job-1")
    jobs[0].workers["job-2"].job_id = None  # without an answer
    assert names(jobs, 50) == ["job-1", "job-2"]
    assert names(jobs, 20) == ["job-1", "job-3"]
    jobs[0].workers["job-3"].refusal = "invalid partition"
    assert names(jobs, 2) == ["job-1", "job-4"]
    assert "invalid partition" in jobs[1].processes[0].queue.refusal  # type: ignore[attr-defined]


def test_a_worker_that_is_lost_is_replaced_unless_its_job_brings_it_back(jobs: tuple[FakeCluster, Supervisor]) -> None:
    for name in names(jobs):
        jobs[0].register(name)
    names(jobs, 5)
    jobs[0].lose("job-1")
    assert names(jobs, 20) == ["job-1", "job-2"]
    jobs[0].register("job-1")  # the job has started its worker again
    assert names(jobs, 100) == ["job-1", "job-2"]
    jobs[0].lose("job-1")
    del jobs[0].workers["job-1"]  # as Dask does some seconds later
    assert names(jobs, 40) == ["job-2", "job-3"]
    jobs[0].lose("job-2")
    del jobs[0].queue["2"]
    assert names(jobs, 10) == ["job-3", "job-4"]
    assert jobs[1].failures == 0


def test_a_queue_that_does_not_answer_loses_no_job(jobs: tuple[FakeCluster, Supervisor]) -> None:
    def silent() -> str:
        raise OSError("no controller")

    names(jobs, 10)
    jobs[1].processes[0].queue._ask = silent  # type: ignore[attr-defined]
    assert names(jobs, 3600) == ["job-1", "job-2"]


@pytest.fixture
def plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python that job scripts can name, also where the checkout's own lies in a folder with a blank."""
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3")


@pytest.mark.usefixtures("plain_python")
def test_slurm_starts_jobs_and_waits_for_them_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    from sim.runs import slurm

    fake = FakeCluster()
    packages = {
        "dask": slurm.import_extra("dask"),
        "dask_jobqueue": SimpleNamespace(SLURMCluster=lambda **_: fake, slurm=fake),
    }
    monkeypatch.setattr(slurm, "import_extra", packages.get)
    monkeypatch.setattr(slurm, "temporary_keys", lambda: None)
    monkeypatch.setattr(slurm, "which", lambda _: "sbatch")
    monkeypatch.setattr(slurm, "Dask", lambda *given, **how: SimpleNamespace(**how))
    backend: Any = slurm.slurm_workers(7, tmp_path, {"memory": "1GB"})
    assert backend.patience == math.inf
    assert len(backend.supervisor.processes) == len(fake.workers) == 7
    backend.supervisor.close()
    assert fake.queue == {}


def double(number: int) -> int:
    return 2 * number


DIES = """
import os
try:
    os.close(os.open({mark!r}, os.O_CREAT | os.O_EXCL))
except FileExistsError:
    pass
else:
    os._exit(9)
"""


@pytest.mark.parametrize("length", [1, 100])
def test_workers_do_not_execute_a_script_once_more_and_start_where_paths_are_long(tmp_path: Path, length: int) -> None:
    """The address of the server that forks workers is a file in the folder for temporary files."""
    script, place = tmp_path / "script.py", tmp_path / ("t" * length)
    place.mkdir()
    lines = (
        "from sim.runs import executor",
        "executor.PRELOADED = []",
        "print(executor.in_own_process(len, 'four'))",
    )
    script.write_text("\n".join(lines), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(place)}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("4\n", "")


def test_ctrl_c_does_not_end_the_workers_while_modules_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "interrupted.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    code = "from sim.runs import executor\nexecutor.PRELOADED[:] = ['interrupted']\nwith executor.closing("
    code += "executor.Local(1)) as workers:\n    print(next(workers.map(abs, [-3])).value)"
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("3\n", "")


def test_workers_load_nothing_that_draws() -> None:
    """Each of many would need its time and memory."""
    code = "import sys, sim.sweeps.work; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "sim.sweeps.work" in loaded
    assert not {"matplotlib", "sklearn", "scipy.optimize"} & {*loaded}


def test_a_worker_that_dies_while_it_starts_or_while_it_is_idle_ends_nothing(tmp_path: Path) -> None:
    """Real workers of this machine: the first one dies before it has begun, and another one is killed at leisure."""
    dask = pytest.importorskip("dask", reason="the extra 'cluster' is not installed")
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    from sim.runs.cluster import dask_workers

    (tmp_path / "dies.py").write_text(DIES.format(mark=str(tmp_path / "mark")), encoding="utf-8")
    with dask.config.set({"distributed.worker.preload": [str(tmp_path / "dies.py")]}):
        backend: Any = dask_workers(2, None)
        try:
            assert sorted(done.value for done in backend.map(double, range(6))) == [0, 2, 4, 6, 8, 10]
            assert (tmp_path / "mark").exists()
            for process in backend.supervisor.processes:
                os.kill(process.process.pid, signal.SIGKILL)
            # What was given to a dead worker is lost, and said to be; on a busy machine new ones take a while to come.
            values: set[int] = set()
            for _ in range(20):
                found = list(backend.map(double, range(6)))
                assert len(found) == 6
                values |= {done.value for done in found if not done.lost}
                if values == {0, 2, 4, 6, 8, 10}:
                    break
            assert values == {0, 2, 4, 6, 8, 10}
        finally:
            backend.close()
    assert backend.supervisor.processes == []


@pytest.mark.parametrize(
    ("walltime", "minutes"), [("90", 90), ("90:30", 90), ("01:30:00", 90), ("2-12", 3600), ("2-12:30", 3630)]
)
def test_a_walltime_is_read_as_slurm_reads_it(walltime: str, minutes: int) -> None:
    from sim.runs import slurm

    assert slurm._minutes(walltime) == minutes


@pytest.mark.usefixtures("plain_python")
@pytest.mark.parametrize("setting", [{"cpus": "four"}, {"walltime": "soon"}, {"walltime": "1-"}, {"walltime": "00:00"}])
def test_settings_of_jobs_that_make_no_sense_are_refused(tmp_path: Path, setting: dict[str, str]) -> None:
    pytest.importorskip("dask_jobqueue", reason="the extra 'cluster' is not installed")
    from sim.runs import slurm

    with pytest.raises(InputError, match=rf"--slurm {'='.join(*setting.items())}: "):
        slurm.slurm_workers(1, tmp_path, setting)


@pytest.mark.usefixtures("plain_python")
def test_a_path_with_a_blank_is_refused_before_jobs_are_sent_that_cannot_start(tmp_path: Path) -> None:
    pytest.importorskip("dask_jobqueue", reason="the extra 'cluster' is not installed")
    from sim.runs import slurm

    with pytest.raises(InputError, match=r"'.*my sweep' has a blank"):
        slurm.slurm_workers(1, tmp_path / "my sweep", {})
    assert not (tmp_path / "my sweep").exists()


@pytest.mark.usefixtures("plain_python")
def test_without_slurm_it_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dask_jobqueue", reason="the extra 'cluster' is not installed")
    from sim.runs import slurm

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="there is no command sbatch here"):
        slurm.slurm_workers(1, tmp_path / "sweep", {})
    assert not (tmp_path / "sweep").exists()


def test_ctrl_c_stays_an_interruption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dask_jobqueue", reason="the extra 'cluster' is not installed")
    from sim.runs import slurm

    for name in [name for name in sys.modules if name.partition(".")[0] == "dask_jobqueue"]:
        monkeypatch.delitem(sys.modules, name)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.raises(InputError, match="unknown setting"):
        slurm.slurm_workers(1, tmp_path, {"no": "such"})
    assert signal.signal(signal.SIGINT, before) is signal.default_int_handler
