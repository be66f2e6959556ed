"""Workers that end are replaced: on this machine by a supervisor with a clock that is put in, in SLURM by Dask."""

import math
import os
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sim.core.errors import InputError, ResultsError
from sim.runs.supervisor import LONGEST, PAUSE, TRIES, Supervisor


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
        self.supervisor.look()
        assert len(self.supervisor.processes) <= self.supervisor.wanted
        return len(self.all)


def test_as_many_run_as_are_wanted_and_a_worker_that_dies_at_work_is_replaced_at_once() -> None:
    world = World(3)
    assert [world.look() for _ in range(3)] == [3, 3, 3]
    for process in world.all:
        process.at_work = True
    world.look()
    for _ in range(4 * TRIES):  # a run that kills its process does so again and again
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
    pause = PAUSE
    for number in range(1, TRIES - 1):
        world.all[-1].exitcode = 9
        assert world.look() == number  # not at once
        assert world.look(pause * 0.9) == number
        assert world.look(pause * 0.2) == number + 1
        pause = min(2 * pause, LONGEST)
    world.all[-1].at_work = True  # this one comes to work: what was before is forgotten
    world.look()
    assert world.supervisor.failures == 0
    world.all[-1].exitcode = -9
    assert world.look() == TRIES


def test_one_that_comes_to_work_and_dies_between_two_looks_was_no_failure_to_start() -> None:
    world = World(1)
    world.look()
    world.all[0].at_work, world.all[0].exitcode = True, -9
    assert world.look() == 2
    assert world.supervisor.failures == 0


def test_workers_that_never_come_to_work_are_given_up_with_a_sentence() -> None:
    world = World(2)

    def fail() -> None:
        for _ in range(10 * TRIES):
            world.look(LONGEST)
            for process in world.supervisor.processes:
                process.exitcode = 9

    with pytest.raises(ResultsError, match=f"{TRIES} workers in a row ended while they started.*exit code 9"):
        fail()
    assert TRIES <= len(world.all) <= TRIES + 2
    world.supervisor.close()
    assert all(process.cleared for process in world.all)


def test_a_cluster_without_workers_is_given_up_after_its_patience() -> None:
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    from sim.runs.cluster import PATIENCE, Dask

    time, workers = 0.0, {"a": {}}
    client = SimpleNamespace(scheduler_info=lambda n_workers: {"workers": workers})
    me: Any = SimpleNamespace(clock=lambda: time, patience=PATIENCE, client=client)
    time = 10 * PATIENCE
    assert Dask._patient(me, 0.0) == time  # there is one
    workers.clear()
    assert Dask._patient(me, time - PATIENCE) == time - PATIENCE
    with pytest.raises(ResultsError, match="no worker for 300 s"):
        Dask._patient(me, time - PATIENCE - 1)


def test_slurm_jobs_have_one_controller_which_replaces_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of Dask's two, only adapt replaces a job that is lost; both at once would undo what the other one does."""
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    from sim.runs import cluster

    calls: list[tuple[str, Any]] = []
    fake = SimpleNamespace(adapt=lambda **how: calls.append(("adapt", how)))
    fake.scale = lambda *n: calls.append(("scale", n))
    packages = {"dask": cluster._imported("dask"), "dask_jobqueue": SimpleNamespace(SLURMCluster=lambda **_: fake)}
    monkeypatch.setattr(cluster, "_imported", packages.get)
    monkeypatch.setattr(cluster, "_security", lambda: None)
    monkeypatch.setattr(cluster, "Dask", lambda *given, **how: SimpleNamespace(**how))
    backend = cluster.slurm_workers(7, tmp_path, {"memory": "1GB"})
    assert [(name, how["minimum_jobs"], how["maximum_jobs"]) for name, how in calls] == [("adapt", 7, 7)]
    assert backend.patience == math.inf
    assert not hasattr(backend, "supervisor")


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
            # What was given to a dead worker is lost, and said to be.
            found = [done for _ in range(2) for done in backend.map(double, range(6))]
            values = {done.value for done in found if not done.lost}
            assert len(found) == 12
            assert values == {0, 2, 4, 6, 8, 10}
        finally:
            backend.close()
    assert backend.supervisor.processes == []


def test_a_path_with_a_blank_is_refused_before_jobs_are_sent_that_cannot_start(tmp_path: Path) -> None:
    pytest.importorskip("dask_jobqueue", reason="the extra 'cluster' is not installed")
    from sim.runs import cluster

    with pytest.raises(InputError, match=r"'.*my sweep' has a blank"):
        cluster.slurm_workers(1, tmp_path / "my sweep", {})
    assert not (tmp_path / "my sweep").exists()
