"""Shares put together, and small files that become few, whatever happens on the way."""

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from sim.core.errors import ResultsError
from sim.files import storage as files
from sim.runs.executor import Serial
from sim.sweeps import compaction
from sim.sweeps.compaction import compact
from sim.sweeps.driving import Options, drive
from sim.sweeps.effects import store_tables
from sim.sweeps.engines import ENGINES
from sim.sweeps.folder import Sweep, complete_rows, locked, read_rows, row_batches, row_files, write_rows
from sim.sweeps.monitor import COMPLETE, FAILED, PARTIAL, SweepProgress, state_of
from sim.sweeps.session import merge
from sim.sweeps.work import DIED, RAISED, Task, do_chunk, shard_of
from tests.conftest import Call
from tests.sweeps.helpers import digest, driven, made, table, written

X = {"x": [float(number) for number in range(6)]}


def test_shares_of_machines_that_share_nothing_make_the_whole(tmp_path: Path) -> None:
    design = written(tmp_path, X, replicates=4)
    whole = made(design, tmp_path / "whole")
    driven(whole)
    shares = [made(design, tmp_path / str(number)) for number in (1, 2, 3)]
    for number, share in enumerate(shares, 1):
        driven(share, share=(number, 3))
        assert state_of(share).code == PARTIAL
    assert sum(read_rows(share).height for share in shares) == whole.size
    together = merge([share.folder for share in shares], tmp_path / "together")
    assert state_of(together).code == COMPLETE
    assert digest(table(together)) == digest(table(whole))
    again = merge([whole.folder, shares[0].folder], together.folder)  # what is there already is not doubled
    assert digest(table(again)) == digest(table(whole))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("error", [RAISED, DIED])  # tried twice, and once
def test_a_run_that_failed_on_one_machine_and_not_on_another_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: tuple[int, int], error: str
) -> None:
    design = written(tmp_path, X, replicates=2)
    good, bad = (made(design, tmp_path / name) for name in ("good", "bad"))
    driven(good)
    if error == RAISED:
        with monkeypatch.context() as patch:
            patch.setitem(ENGINES, "noop", ENGINES["noop"]._replace(run=lambda *_: {}["nothing"]))
            driven(bad)
    else:
        runs = [
            (condition, replicate, 0)
            for condition, replicate in read_rows(good, ("condition", "replicate")).iter_rows()
        ]
        facts = {"error": DIED, "reason": "the process died"}
        rows = [dict(zip(("condition", "replicate", "round"), run, strict=True)) | facts for run in runs]
        write_rows(bad, shard_of(runs), complete_rows(bad, rows))
    assert state_of(bad).code == FAILED
    sources = [(good, bad)[place].folder for place in order]
    together = merge(sources, tmp_path / "together")
    assert state_of(together).code == COMPLETE
    assert digest(table(together)) == digest(table(good))
    into = merge([sources[0]], sources[1])
    assert state_of(into).code == COMPLETE
    assert digest(table(into)) == digest(table(good))


def test_shares_can_be_done_in_one_folder(tmp_path: Path) -> None:
    design = written(tmp_path, X, replicates=4)
    whole = made(design, tmp_path / "whole")
    driven(whole)
    sweep = made(design, tmp_path)
    for number in (1, 2, 3):
        driven(sweep, share=(number, 3))
    assert digest(table(sweep)) == digest(table(whole))


def test_the_time_left_is_that_of_the_share(tmp_path: Path) -> None:
    sweep = made(written(tmp_path, X, replicates=4), tmp_path)
    watch = SweepProgress(Console(quiet=True), sweep.folder, sweep.size, 0)
    drive(sweep, Serial(), watch, Options(share=(1, 2)))
    assert watch.done == watch.goal == sweep.size // 2


def test_shares_that_end_together_write_the_tables_one_after_the_other(tmp_path: Path) -> None:
    sweep = made(written(tmp_path, X, replicates=2), tmp_path)
    driven(sweep)
    with ExitStack() as other:
        other.enter_context(locked(sweep.folder, "tables"))
        with pytest.raises(ResultsError, match="at work here"), locked(sweep.folder, "tables"):
            pass
        timer = threading.Timer(0.5, other.pop_all().close)
        timer.start()
        store_tables(sweep.folder)
        timer.join(60.0)
    assert pl.read_parquet(sweep.folder / "effects.parquet").height == 2 * sweep.plan.conditions.height


def test_shares_whose_files_are_put_together_meanwhile_are_merged_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = made(written(tmp_path, X, replicates=4), tmp_path / "share")
    driven(share, share=(1, 2))
    old, names = row_batches, ["gone"]

    def vanishing(sweep: Sweep, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        if names:
            raise FileNotFoundError(2, "No such file or directory", names.pop())
        yield from old(sweep, columns)

    monkeypatch.setattr("sim.sweeps.session.row_batches", vanishing)
    assert digest(table(merge([share.folder], tmp_path / "together"))) == digest(table(share))


def test_nothing_is_merged_into_a_folder_while_a_share_puts_files_together_there(tmp_path: Path) -> None:
    sweep = made(written(tmp_path, X), tmp_path)
    driven(sweep)
    with locked(sweep.folder, "compaction"), pytest.raises(ResultsError, match="at work here"):
        merge([sweep.folder], sweep.folder)


def test_folders_of_different_designs_are_not_merged(tmp_path: Path) -> None:
    one = made(written(tmp_path, X), tmp_path)
    two = made(written(tmp_path, {"x": [7.0]}), tmp_path)
    with pytest.raises(ResultsError, match="rows are not mixed"):
        merge([one.folder, two.folder], tmp_path / "together")


@pytest.mark.parametrize("place", ["shards", "runs"])
def test_rows_of_another_sweep_that_were_copied_by_hand_are_refused(tmp_path: Path, place: str, call: Call) -> None:
    """They counted as rows of this one where the numbers of their conditions are planned here, too."""
    one, two = (made(written(tmp_path, {"x": [value]}, replicates=3), tmp_path) for value in (1.0, 7.0))
    for sweep in (one, two):
        driven(sweep)
    expected = table(two)
    (strange,) = row_files(one.folder).parts or row_files(one.folder).shards
    name = f"{place}/{'00/' * (place == 'shards')}{Path(strange).name}"
    (two.folder / name).parent.mkdir(exist_ok=True)
    shutil.copy(one.folder / strange, two.folder / name)
    with pytest.raises(ResultsError, match="are those of another sweep"):
        state_of(two)
    assert name in call("fsck", two.folder).out
    assert call("fsck", two.folder, "--mend").code == 0
    assert table(two).equals(expected)


def test_a_folder_of_an_earlier_version_is_refused_with_advice_and_its_rows_are_whole(
    tmp_path: Path, call: Call
) -> None:
    """Its files with rows do not name their sweep, so that ``fsck --mend`` took them for those of another one."""
    sweep = made(written(tmp_path, X), tmp_path)
    driven(sweep)
    (rows,) = row_files(sweep.folder).parts or row_files(sweep.folder).shards
    files.write_table(sweep.folder / rows, read_rows(sweep))
    manifest = files.read_json(sweep.folder / "manifest.json")
    files.write_json(sweep.folder / "manifest.json", manifest | {"format": 3})
    told = call("status", sweep.folder)
    assert (told.code, told.err.split("; ")[1].strip()) == (3, "delete the folder, and the same sweep begins anew")
    assert call("fsck", sweep.folder, "--mend").code == 0
    assert (sweep.folder / rows).is_file()


class Crash(Exception):
    """The process is gone."""


def crashing(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """Let the ``at``-th step of a compaction that changes the disk be the last one."""
    steps = 0

    def counted(step: Callable[..., object]) -> Callable[..., object]:
        def guarded(*arguments: object, **names: object) -> object:
            nonlocal steps
            steps += 1
            if steps > at:
                raise Crash
            return step(*arguments, **names)

        return guarded

    monkeypatch.setattr(files.os, "replace", counted(files.os.replace))
    monkeypatch.setattr(Path, "unlink", counted(Path.unlink))


@pytest.mark.parametrize("at", range(10))
def test_a_crash_while_files_are_put_together_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    sweep = made(written(tmp_path, X, replicates=4), tmp_path)
    runs = [(condition, replicate, 0) for replicate in range(4) for condition in range(7)]
    for start in range(0, 28, 7):
        do_chunk(Task.of(sweep, runs[start : start + 7]))
        if start == 14:
            compact(sweep)  # so that there is an old part
    do_chunk(Task.of(sweep, [(condition, 2, 1) for condition in range(7)]))  # of which a third is tried again
    expected = digest(table(sweep))
    with monkeypatch.context() as patched:
        crashing(patched, at)
        try:
            compact(sweep)
            crashed = False
        except Crash:
            crashed = True
    assert crashed or at > 6
    assert digest(table(sweep)) == expected
    compact(sweep)
    assert digest(table(sweep)) == expected
    assert row_files(sweep.folder).shards == []
    everything = pl.read_parquet(sweep.folder / "runs" / "*.parquet")  # as a user reads it
    assert everything.select("condition", "replicate").is_unique().all()


def test_a_late_worker_that_was_thought_lost_doubles_nothing(tmp_path: Path) -> None:
    sweep = made(written(tmp_path, X, replicates=2), tmp_path)
    driven(sweep)
    expected = digest(table(sweep))
    late = Task.of(sweep, ((1, 0, 0), (2, 0, 0), (3, 1, 0)))
    do_chunk(late)
    assert (sweep.folder / shard_of(late.runs)).exists()
    assert digest(table(sweep)) == expected
    compact(sweep)
    assert digest(table(sweep)) == expected
    assert row_files(sweep.folder).shards == []


def test_parts_are_bounded_and_a_retried_run_replaces_its_first_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "ROWS_OF_PART", 10)
    sweep = made(written(tmp_path, X | {"fault": ["", "raise"]}, replicates=3), tmp_path)
    driven(sweep)
    found = row_files(sweep.folder)
    heights = [pl.read_parquet(sweep.folder / part).height for part in found.parts]
    assert sum(heights) == sweep.size
    assert max(heights) <= 10
    rounds = dict(read_rows(sweep, ["fault", "round"]).unique().iter_rows())
    assert rounds["raise"] == 1
    everything = pl.read_parquet(sweep.folder / "runs" / "*.parquet")  # as a user reads it
    assert everything.select("condition", "replicate").is_unique().all()
