"""Attempts under way elsewhere are deaths only when their lease has expired, by the file system's clock."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sim.runs import crash_log as attempts
from sim.runs.crash_log import (
    FOLDER,
    HEARTBEAT_SECONDS,
    LEASE_SECONDS,
    attempts_on_record,
    deaths_by_run,
    file_system_time,
    record_attempt,
)
from sim.runs.executor import Executor, TaskResult
from sim.sweeps import driving
from sim.sweeps.folder import Sweep, locked, read_rows
from sim.sweeps.monitor import COMPLETE, RunLedger, state_of
from sim.sweeps.work import Task, do_chunk
from tests.sweeps.helpers import driven, made, written

START = 1_000_000.0  # seconds; nothing but the differences counts
RUN = (1, 0, 0)
PATIENCE = 60.0  # seconds that a thread may take


class Clock:
    """A clock of a file system that goes only when it is asked to."""

    def __init__(self, time: float = START) -> None:
        self.time = time

    def __call__(self, _: Path) -> float:
        """Give the time."""
        return self.time

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.time += seconds


def driven_by(clock: Clock, sweep: Sweep, executor: Executor | None = None, **options: Any) -> str:
    """Drive a sweep by another clock, which goes on where the driver waits."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(attempts, "file_system_time", clock)
        patched.setattr(driving.time, "sleep", clock.wait)
        return driven(sweep, executor, **options)


def elsewhere(folder: Path, beat: float, name: str = "other", driver: str = "theirs", **about: Any) -> Path:
    """Write what a worker on another host has there while it works, with the time of its last heartbeat."""
    path = folder / FOLDER / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    said = {"machine": "node7 boot pid", "process": 1, "born": 1, "driver": driver, "runs": [RUN], **about}
    path.write_text(f"{0:09}\n{json.dumps(said)}", encoding="utf-8")
    os.utime(path, (beat, beat))
    return path


def test_a_run_under_way_on_another_host_is_no_death_until_its_lease_expires(tmp_path: Path) -> None:
    clock = Clock()
    for number in range(3):  # as many as make a run be left alone
        elsewhere(tmp_path, START, str(number))
    clock.wait(LEASE_SECONDS - 1)
    assert [each.running for each in attempts_on_record(tmp_path, clock)] == [True] * 3
    assert deaths_by_run(attempts_on_record(tmp_path, clock)) == {}
    os.utime(tmp_path / FOLDER / "0.json", (clock.time, clock.time))  # one of them has a heartbeat
    clock.wait(2)
    assert [each.running for each in attempts_on_record(tmp_path, clock)] == [True, False, False]
    assert deaths_by_run(attempts_on_record(tmp_path, clock)) == {RUN: 2}


def test_a_process_of_this_machine_is_dead_as_soon_as_it_is_gone(tmp_path: Path) -> None:
    """Its lease does not count, and a number that another process has got does not keep it alive."""
    clock = Clock()
    mine = {"machine": attempts.machine_identity(), "process": os.getpid()}
    elsewhere(tmp_path, START - 10 * LEASE_SECONDS, "alive", **mine, born=attempts.birth(os.getpid()))
    elsewhere(tmp_path, START, "gone", **mine, born=attempts.birth(os.getpid()) + 1)
    assert {each.path.stem: each.running for each in attempts_on_record(tmp_path, clock)} == {
        "alive": True,
        "gone": False,
    }


def test_the_same_host_after_a_restart_and_other_containers_are_other_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers of their processes say nothing: only the lease does."""
    with record_attempt(tmp_path, [RUN]) as mine:
        assert socket.gethostname() in attempts.machine_identity()
        assert attempts_on_record(tmp_path)[0].running
        monkeypatch.setattr(attempts, "machine_identity", lambda: f"{socket.gethostname()} another-boot pid")
        monkeypatch.setattr(attempts, "alive", lambda *_: pytest.fail("a number of another machine was looked up"))
        beat = mine.path.stat().st_mtime
        assert attempts_on_record(tmp_path, lambda _: beat + LEASE_SECONDS / 2)[0].running
        assert not attempts_on_record(tmp_path, lambda _: beat + LEASE_SECONDS)[0].running


class Bell(threading.Event):
    """An event that is waited for as often as the test lets it be."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go = threading.Semaphore(0), threading.Semaphore(0)
        self.spans: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Say that it is waited for, and return when the test says so."""
        self.spans.append(timeout)
        self.asked.release()
        self.go.acquire(timeout=PATIENCE)
        return self.is_set()


def test_an_attempt_renews_its_lease_until_it_ends(tmp_path: Path) -> None:
    bell = Bell()
    with record_attempt(tmp_path, [RUN], ended=bell) as mine:
        for _ in range(2):
            assert bell.asked.acquire(timeout=PATIENCE)  # it waits for the time of the next heartbeat
            os.utime(mine.path, (START, START))
            bell.go.release()
            assert bell.asked.acquire(timeout=PATIENCE)  # the heartbeat is done
            assert mine.path.stat().st_mtime > START
            bell.asked.release()
    bell.go.release()
    assert set(bell.spans) == {HEARTBEAT_SECONDS}
    assert HEARTBEAT_SECONDS * 5 <= LEASE_SECONDS  # some heartbeats may be lost or be seen late
    assert not list((tmp_path / FOLDER).iterdir())


def test_the_time_of_a_file_system_is_that_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "before").touch()
    now = file_system_time(tmp_path)
    (tmp_path / "after").touch()
    assert (tmp_path / "before").stat().st_mtime <= now <= (tmp_path / "after").stat().st_mtime
    assert [path.name for path in tmp_path.iterdir() if path.name[0] == "."] == []


def test_restarts_of_a_driver_do_not_declare_a_run_under_way_dead(tmp_path: Path) -> None:
    """Three drivers have asked other hosts for the run and are gone; a fourth one does it, and blames nobody."""
    clock = Clock()
    sweep = made(written(tmp_path, {"x": [1.0, 2.0]}), tmp_path)
    there = [elsewhere(sweep.folder, START, str(number)) for number in range(3)]
    assert state_of(sweep).accused == 3  # by the true clock, those leases expired long ago
    assert driven_by(clock, sweep) == ""
    assert read_rows(sweep)["error"].null_count() == sweep.size
    assert all(path.exists() for path in there)  # they are not of this driver, which leaves them alone
    assert state_of(sweep).code == COMPLETE


class Lossy:
    """Workers on another host, one run of which ends its process each time."""

    slots = 2

    def __init__(self, clock: Clock, renews: int = 0) -> None:
        self.clock, self.renews, self.lost = clock, renews, 0

    def map(self, function: Callable[[Task], Any], tasks: Iterable[Task]) -> Iterator[TaskResult[Task, Any]]:
        """Do all tasks but those with the run."""
        assert function is do_chunk
        for task in tasks:
            if RUN in task.runs:
                self.lost += 1
                folder, runs = Path(task.folder), task.runs
                elsewhere(folder, self.clock.time, f"lost{self.lost}", task.driver, runs=[RUN, *set(runs) - {RUN}])
                yield TaskResult(task, None, "a worker was lost")
            else:
                yield TaskResult(task, do_chunk(task))

    def close(self) -> None:
        """Do nothing."""


def test_a_run_that_ends_its_process_on_another_host_is_left_alone_when_the_leases_have_expired(tmp_path: Path) -> None:
    clock = Clock()
    sweep = made(written(tmp_path, {"x": [1.0, 2.0, 3.0]}, replicates=2), tmp_path)
    backend = Lossy(clock)
    assert driven_by(clock, sweep, backend, chunk=4) == ""
    rows = read_rows(sweep).filter(pl.col("error").is_not_null())
    assert rows.select("condition", "replicate", "error").rows() == [(1, 0, "died")]
    assert START + LEASE_SECONDS <= clock.time <= START + 4 * LEASE_SECONDS
    assert backend.lost <= 4
    assert attempts_on_record(sweep.folder, clock) == []


def test_a_run_that_is_done_is_not_left_alone_for_earlier_deaths(tmp_path: Path) -> None:
    """The third process died after the row was written."""
    sweep = made(written(tmp_path, {"x": [1.0, 2.0]}, replicates=1), tmp_path)
    with locked(sweep.folder, "compaction"):
        driven(sweep, chunk=1)
    for name in "abc":
        elsewhere(sweep.folder, START, name)
    driven_by(Clock(START + LEASE_SECONDS), made(tmp_path / "noop.toml", tmp_path, 2))
    assert read_rows(sweep)["error"].is_null().all()
    assert attempts_on_record(sweep.folder) == []


def test_a_share_leaves_the_deaths_of_another_one_on_record(tmp_path: Path) -> None:
    sweep = made(written(tmp_path, {"x": [1.0, 2.0]}, replicates=1), tmp_path)
    number = RunLedger(sweep).number_of(RUN)
    elsewhere(sweep.folder, START)
    for share in ((2 - number % 2, 2), (number % 2 + 1, 2)):
        assert [each.run for each in attempts_on_record(sweep.folder)] == [RUN]
        driven_by(Clock(START + LEASE_SECONDS), sweep, share=share)
    assert attempts_on_record(sweep.folder) == []


def test_threads_get_no_signals_and_ask_for_none() -> None:
    def ask() -> None:
        with attempts.on_sigterm(lambda _: None):
            pass

    with ThreadPoolExecutor(1) as pool:
        pool.submit(ask).result()
