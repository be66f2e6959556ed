"""One suite for all backends: the same tables whoever does the runs, and nothing lost whoever dies."""

import atexit
import functools
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sim.core.errors import InputError
from sim.levers import plugins as added
from sim.runs.crash_log import attempts_on_record
from sim.runs.executor import Executor, Local, Serial
from sim.sweeps.design import load_design
from sim.sweeps.folder import read_rows, row_files
from sim.sweeps.monitor import COMPLETE, FAILED, PARTIAL, state_of
from tests.sweeps.helpers import ROOT, digest, driven, made, table, written


class Lasting:
    """A backend that many tests use: closing it is for the last of them, but for workers that are still at work."""

    def __init__(self, backend: Executor) -> None:
        self.slots, self.map, self.backend = backend.slots, backend.map, backend
        atexit.register(backend.close)

    def close(self) -> None:
        """Leave it open."""
        if getattr(self.backend, "_busy", None):
            self.backend.close()


@functools.cache
def local(workers: int) -> Executor:
    return Lasting(Local(workers))


@functools.cache
def dask() -> Executor:
    """Workers of Dask on this machine, with encrypted connections."""
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    from sim.runs.cluster import dask_workers

    return Lasting(dask_workers(2, None))


BACKENDS: dict[str, Callable[[], Executor]] = {
    "serial": Serial,
    "one process": functools.partial(local, 1),
    "three": functools.partial(local, 3),
    "dask": dask,
}
MORTAL = [name for name in BACKENDS if name != "serial"]  # whose workers can die without the driver


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Iterator[Executor]:
    made_now = BACKENDS[request.param]()
    yield made_now
    made_now.close()


@pytest.fixture(params=MORTAL)
def mortal(request: pytest.FixtureRequest) -> Iterator[Executor]:
    made_now = BACKENDS[request.param]()
    yield made_now
    made_now.close()


X = {"x": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Hash of the rows of a plain design, by the reference."""
    folder = tmp_path_factory.mktemp("reference")
    sweep = made(written(folder, X, replicates=5), folder)
    assert driven(sweep) == ""
    return digest(table(sweep))


def test_all_give_the_same_rows_to_the_bit(backend: Executor, tmp_path: Path, undisturbed: str) -> None:
    sweep = made(written(tmp_path, X, replicates=5), tmp_path)
    assert driven(sweep, backend) == ""
    rows = table(sweep)
    assert rows.height == sweep.size == 35
    assert rows["run"].n_unique() == 35
    assert digest(rows) == undisturbed
    assert state_of(sweep).code == COMPLETE
    assert attempts_on_record(sweep.folder) == []
    assert row_files(sweep.folder).shards == []  # many small files became one


def test_chunks_change_nothing(backend: Executor, tmp_path: Path, undisturbed: str) -> None:
    sweep = made(written(tmp_path, X, replicates=5), tmp_path)
    driven(sweep, backend, chunk=4)
    assert digest(table(sweep)) == undisturbed


def test_an_early_stop_is_partial_balanced_and_goes_on(backend: Executor, tmp_path: Path, undisturbed: str) -> None:
    sweep = made(written(tmp_path, X, replicates=5), tmp_path)
    assert "--stop-after" in driven(sweep, backend, stop_after=(14, None))
    state = state_of(sweep)
    assert (state.done, state.code) == (14, PARTIAL)
    counts = read_rows(sweep, ["condition"]).group_by("condition").len()
    assert counts["len"].to_list() == [2] * 7
    names = set(read_rows(sweep, ["run"])["run"])
    assert driven(sweep, Serial()) == ""
    assert names < set(read_rows(sweep, ["run"])["run"])
    assert digest(table(sweep)) == undisturbed


def test_what_is_there_is_not_run_again(backend: Executor, tmp_path: Path) -> None:
    sweep = made(written(tmp_path, X, replicates=2), tmp_path)
    driven(sweep)
    before = read_rows(sweep)
    assert driven(sweep, backend) == ""
    assert read_rows(sweep).equals(before)  # the times of the rows included


def test_replicates_can_be_added(backend: Executor, tmp_path: Path, undisturbed: str) -> None:
    design = written(tmp_path, X, replicates=2)
    first = made(design, tmp_path)
    driven(first, backend)
    before = read_rows(first)
    more = made(design, tmp_path, replicates=5)
    assert more.folder == first.folder
    assert driven(more, Serial()) == ""
    assert digest(table(more)) == undisturbed
    assert read_rows(more).filter(pl.col("replicate") < 2).equals(before)
    assert read_rows(more._replace(replicates=2)).equals(before)  # fewer, as a search with fewer draws asks for them


def test_a_run_that_raises_is_a_row_with_reason_and_traceback(backend: Executor, tmp_path: Path) -> None:
    sweep = made(written(tmp_path, {"x": [1.0, 2.0], "fault": ["", "raise"]}, replicates=2), tmp_path)
    assert driven(sweep, backend) == ""
    rows = read_rows(sweep)
    bad = rows.filter(pl.col("fault") == "raise")
    assert bad["error"].to_list() == ["raised"] * 4
    assert bad["reason"].to_list() == ["ValueError: this run was asked to fail"] * 4
    assert all("in run_noop" in text for text in bad["traceback"])
    assert bad["y"].is_null().all()
    assert bad["round"].to_list() == [1] * 4  # it was tried once more
    assert rows.filter(pl.col("error").is_null()).height == sweep.size - 4
    state = state_of(sweep)
    assert (state.code, state.failed) == (FAILED, {"ValueError": 4})
    assert driven(sweep, Serial(), retry_failed=True) == ""
    assert read_rows(sweep).filter(pl.col("fault") == "raise")["round"].to_list() == [3] * 4
    assert read_rows(sweep).height == sweep.size


def test_what_failed_is_tried_again_after_everything_else(tmp_path: Path) -> None:
    """As ``--retry-failed`` says: what has no row comes first, which a limit of runs shows."""
    design = written(tmp_path, {"fault": ["", "raise"]}, paired=False)
    assert driven(made(design, tmp_path, 1), Serial()) == ""
    more = made(design, tmp_path, 3)
    driven(more, Serial(), retry_failed=True, stop_after=(4, None), chunk=1)
    assert read_rows(more).height == more.size
    assert read_rows(more).filter(pl.col("fault") == "raise", pl.col("replicate") == 0)["round"].to_list() == [1]


def test_a_run_that_needs_too_much_memory_is_a_row(backend: Executor, tmp_path: Path) -> None:
    sweep = made(written(tmp_path, {"x": [1.0], "fault": ["", "memory"]}), tmp_path)
    driven(sweep, backend, most=4_000_000_000)
    bad = read_rows(sweep).filter(pl.col("fault") == "memory")
    assert bad["error"].to_list() == ["memory limit"]
    assert state_of(sweep).failed == {"memory limit": 1}


def test_a_run_that_kills_its_process_is_left_alone_and_the_others_are_done(mortal: Executor, tmp_path: Path) -> None:
    design = written(tmp_path, {"x": [1.0, 2.0], "fault": ["", "die"]}, replicates=1)
    sweep = made(design, tmp_path)
    assert driven(sweep, mortal) == ""
    rows = read_rows(sweep)
    assert rows.filter(pl.col("fault") == "die")["error"].to_list() == ["died"] * 2
    assert rows.filter(pl.col("error").is_null()).height == sweep.size - 2  # no neighbour is blamed
    assert state_of(sweep).code == FAILED
    assert attempts_on_record(sweep.folder) == []


def test_a_run_whose_process_is_killed_once_is_done(mortal: Executor, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    design = written(tmp_path, {"x": [1.0, 2.0, 3.0], "fault": [f"once:{marks}"]}, replicates=3)
    sweep = made(design, tmp_path)
    assert driven(sweep, mortal) == ""
    assert len(list(marks.iterdir())) == 3
    assert read_rows(sweep)["error"].is_null().all()
    assert read_rows(sweep).height == sweep.size


def test_a_run_that_hangs_is_ended_with_its_traceback(mortal: Executor, tmp_path: Path) -> None:
    design = written(tmp_path, {"x": [1.0, 2.0], "fault": ["", "hang"]}, limits={"seconds": 1.0})
    sweep = made(design, tmp_path)
    assert driven(sweep, mortal, attempts=2) == ""
    bad = read_rows(sweep).filter(pl.col("fault") == "hang")
    assert bad["error"].to_list() == ["time limit"] * 2
    assert all("run_noop" in text for text in bad["traceback"])
    assert read_rows(sweep).filter(pl.col("error").is_null()).height == sweep.size - 2


class Future:
    """What Dask says of a task."""

    def __init__(self, status: str, value: object = None, error: Exception | None = None) -> None:
        self.status, self.value, self.error = status, value, error

    def result(self, timeout: float) -> object:
        """Give the value, or raise."""
        if self.error:
            raise self.error
        return self.value

    def exception(self, timeout: float) -> Exception | None:
        """Say what the function raised."""
        return self.error


def test_an_answer_that_dask_cannot_fetch_is_lost_and_an_error_of_the_function_is_raised() -> None:
    """A worker may die when its task is done and its answer is still there."""
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    from sim.runs.cluster import Dask

    fate = Dask._outcome
    me: Any = None
    assert fate(me, Future("finished", 7)) == (7, "")
    for status, error in (
        ("finished", OSError("closed")),
        ("finished", AttributeError("None")),
        ("lost", TimeoutError()),
    ):
        value, lost = fate(me, Future(status, error=error))
        assert value is None
        assert type(error).__name__ in lost
    killed = type("KilledWorker", (Exception,), {})
    assert fate(me, Future("error", error=killed()))[1].endswith("(KilledWorker)")
    with pytest.raises(ZeroDivisionError):
        fate(me, Future("error", error=ZeroDivisionError()))


def test_dask_serves_no_pages_and_is_reached_from_this_machine_alone() -> None:
    backend: Any = dask()
    scheduler = backend.map.__self__.cluster.scheduler
    places = [socket.getsockname() for socket in scheduler.http_server._sockets.values()]
    assert {host for host, _ in places} == {"127.0.0.1"}
    assert 8787 not in {port for _, port in places}
    assert "dashboard" not in str(scheduler.http_application.applications)
    assert scheduler.address.startswith("tls://127.0.0.1:")


@contextmanager
def forgetting() -> Iterator[None]:
    """Forget in the end what was added."""
    yield
    added.levers.clear()
    added.managers.clear()
    for told in added.changed:
        told()


@pytest.fixture
def forgotten() -> Iterator[None]:
    with forgetting():
        yield


EXAMPLES = ROOT / "docs" / "examples"
ADDED = """
title = "Pledges"
scenarios = ["small.toml"]
[[axes]]
name = "levers.evening_pledge.kept"
values = [0.2, 0.9]
"""
SMALL = """
title = "A small world with pledges"
base = "status_quo"
managers = "considerate"
[run]
people = 60
years = 0.04
warmup_days = 7
settling_weeks = 0
[population]
firm_size_median = 10
firm_size_max = 30
[[levers]]
kind = "evening_pledge"
from_hour = 20
start = 2026-01-05
"""


def pledges(folder: Path) -> tuple[Path, Path]:
    """Copy the example of levers and managers and write a design that needs it."""
    (folder / "small.toml").write_text(SMALL, encoding="utf-8")
    design = folder / "pledges.toml"
    design.write_text(ADDED, encoding="utf-8")
    return design, Path(shutil.copy(EXAMPLES / "considerate.py", folder))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Hash of the rows of that design, by the reference."""
    design, file = pledges(folder := tmp_path_factory.mktemp("pledges"))
    with forgetting():
        added.load(file)
        sweep = made(design, folder)
        driven(sweep)
    return digest(table(sweep))


def test_levers_and_managers_from_outside_reach_every_worker(
    tmp_path: Path, kept: str, backend: Executor, forgotten: None
) -> None:
    """The file is loaded once, for the design; workers take it from the folder, whatever becomes of the file."""
    design, file = pledges(tmp_path)
    with pytest.raises(InputError, match="unknown kind"):
        load_design(design)
    added.load(file)
    sweep = made(design, tmp_path)
    assert set(sweep.plan.code) == {hashlib.sha256(file.read_bytes()).hexdigest()}
    text = file.read_text(encoding="utf-8")
    file.unlink()
    assert driven(sweep, backend) == ""
    rows = read_rows(sweep)
    assert rows["error"].null_count() == rows.height == 3
    assert rows["exhaustion"].n_unique() == 3
    assert digest(table(sweep)) == kept
    file.write_text(f"{text}\n# another version\n", encoding="utf-8")
    added.load(file)
    other = made(design, tmp_path)
    assert other.folder != sweep.folder
    mine, theirs = (each.plan.conditions.filter(~pl.col("is_reference"))["content"] for each in (sweep, other))
    assert not set(mine) & set(theirs)
