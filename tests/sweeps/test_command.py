"""Sweeps from the command line: exit codes, what is said, and effects that agree with those of a run."""

import io
import os
import re
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import polars as pl
import pytest
from rich.console import Console

from sim.comparing.effects import effects as run_effects
from sim.core import notices
from sim.core.errors import ResultsError
from sim.files import storage as files
from sim.outcomes import BY_NAME
from sim.report.progress import pace_text
from sim.runs import progress
from sim.runs.executor import Serial
from sim.runs.simulation import run
from sim.scenario.loading import load, under
from sim.sweeps import session
from sim.sweeps.driving import Options, drive
from sim.sweeps.folder import Listing, create_sweep, locked, open_sweep, read_rows, row_files
from sim.sweeps.monitor import SweepProgress
from sim.sweeps.session import run_sweep
from tests.conftest import Call
from tests.sweeps.helpers import ROOT, driven, effects, finished, made, started, table, written

X = {"x": [float(number) for number in range(20)]}


def test_exit_codes_tell_complete_partial_and_failed_apart(tmp_path: Path, call: Call) -> None:
    design = written(tmp_path, X)
    partial = call("sweep", design, "--out", tmp_path, "--stop-after", "5", "--workers", "1")
    assert partial.code == 5, partial
    assert "the same command goes on" in partial.out + partial.err
    share = call("sweep", design, "--out", tmp_path, "--workers", "1", "--shard", "1/2")
    assert share.code == 5, share
    assert "this share is done, and the other shares are not" in " ".join((share.out + share.err).split())
    assert "same command" not in share.out + share.err
    complete = call("sweep", design, "--out", tmp_path, "--workers", "1")
    assert complete.code == 0, complete
    bad = written(tmp_path, {"x": [1.0], "fault": ["raise"]}, name="bad")
    failed = call("sweep", bad, "--out", tmp_path, "--backend", "serial")
    assert failed.code == 6, failed
    assert "1 failed (1 ValueError); most often: this run was asked to fail; --retry-failed" in " ".join(
        (failed.out + failed.err).split()
    )
    for language, said in (
        ("en", "most often: this run was asked to fail"),
        ("zh", "最常见的原因：this run was asked"),
    ):
        status = call("status", *tmp_path.glob("bad-*"), "--lang", language)
        assert said in " ".join(status.out.split()), status


def test_a_run_that_failed_is_tried_once_more_also_after_an_early_stop(tmp_path: Path, call: Call) -> None:
    words = ("sweep", written(tmp_path, {"fault": ["raise"]}, paired=False), "--out", tmp_path, "--backend", "serial")
    assert call(*words, "--stop-after", "1").code == 5
    assert call(*words).code == 6
    (folder,) = tmp_path.glob("noop-*")
    assert read_rows(open_sweep(folder))["round"].to_list() == [1]


def test_a_time_beyond_what_numbers_hold_is_refused(call: Call) -> None:
    assert call("sweep", "quick", "--stop-after", f"{'9' * 400}h").code == 2


def test_words_of_a_design_may_be_edited(tmp_path: Path) -> None:
    design = written(tmp_path, X)
    before = made(design, tmp_path)
    design.write_text(design.read_text("utf-8").replace("simulate nothing", "do") + 'label = "Cost"\n', "utf-8")
    after = made(design, tmp_path)
    assert after.folder == before.folder
    assert (after.plan.titles["en"], after.plan.axes[0]["label"]) == ("Runs that do", "Cost")


def test_files_that_go_away_while_a_sweep_is_looked_at_are_no_mistake(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = made(written(tmp_path, X), tmp_path)
    gone = [Listing(["shards/ab/gone.parquet"], [])]
    monkeypatch.setattr("sim.sweeps.session.row_files", lambda folder: gone.pop() if gone else row_files(folder))
    done = call("status", sweep.folder)
    assert (done.code, gone) == (5, [])
    assert "last rows" not in done.out


def test_pipes_in_the_place_of_files_hold_nothing_up(tmp_path: Path, call: Call) -> None:
    sweep = made(written(tmp_path, X), tmp_path)
    (sweep.folder / "attempts").mkdir()
    (sweep.folder / "code").mkdir()
    for name in ("sweep.log", "attempts/a.json", f"code/{'0' * 64}.py"):
        os.mkfifo(sweep.folder / name)
    assert call("status", sweep.folder).code == 5
    SweepProgress(Console(quiet=True), sweep.folder, 1, 0).log("nothing")
    assert "it is not the code that the sweep was begun with" in call("fsck", sweep.folder).out


def test_a_folder_without_locks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fcntl.flock", Mock(side_effect=OSError(37, "No locks available")))
    with pytest.raises(ResultsError, match=f"^cannot write {tmp_path}: No locks available$"), locked(tmp_path):
        pass


@pytest.mark.parametrize(
    ("option", "of"),
    [(("--scheduler", "x"), "dask"), (("--scheduler", ""), "dask"), (("--slurm", "partition=main"), "slurm")],
)
def test_an_option_of_another_backend_is_refused(option: tuple[str, str], of: str, call: Call) -> None:
    done = call("sweep", "quick", *option)
    assert (done.code, done.err) == (2, f"error: {option[0]}: is only for --backend {of}\n")


def test_a_scheduler_without_an_address_is_refused(call: Call) -> None:
    done = call("sweep", "quick", "--backend", "dask", "--scheduler", "")
    assert (done.code, done.err) == (2, "error: --scheduler: an address or a file of a scheduler is needed\n")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["memory="], "'memory=': a name and a value are needed, as in partition=main"),
        (["directive=--a", "directive=--b"], "error: --slurm: 'directive' is named twice"),
        (["memory=900"], "error: --slurm memory=900: a size with its unit is needed, as in 2GB"),
        (["memory=0GB"], "error: --slurm memory=0GB: a size with its unit is needed, as in 2GB"),
    ],
)
def test_settings_of_slurm_that_would_be_lost_or_stop_dask_are_refused(
    given: list[str], said: str, tmp_path: Path, call: Call
) -> None:
    pytest.importorskip("dask_jobqueue")
    options = [word for each in given for word in ("--slurm", each)]
    done = call("sweep", "quick", "--out", tmp_path, "--backend", "slurm", *options)
    assert (done.code, said in done.err) == (2, True)


def test_one_process_is_counted_as_one(call: Call) -> None:
    serial = ("sensitivity", "quiet_hours", "--people", 20, "--backend", "serial", "--dry-run")
    assert "on 1 free core" in " ".join(call(*serial).out.split())
    done = call(*serial, "--workers", 2)
    assert (done.code, done.err) == (2, "error: --workers: is only for --backend local, dask, slurm\n")


def test_a_second_signal_does_not_interrupt_the_ending(tmp_path: Path) -> None:
    class Slow(Serial):
        closed = False

        def map(self, function: Any, tasks: Any) -> Any:
            os.kill(os.getpid(), signal.SIGTERM)
            yield from super().map(function, tasks)

        def close(self) -> None:
            if not self.closed:
                self.closed = True
                os.kill(os.getpid(), signal.SIGTERM)

    sweep = made(written(tmp_path, X), tmp_path)
    assert drive(sweep, Slow(), SweepProgress(Console(quiet=True), sweep.folder, 1, 0), Options()) == "stopped"
    assert signal.getsignal(signal.SIGTERM) != signal.SIG_IGN


def test_the_engine_of_the_tests_is_not_in_the_product(tmp_path: Path) -> None:
    """Whoever has not loaded it gets no faults from a design."""
    words = [
        sys.executable,
        "-c",
        "from sim.cli.main import main; main()",
        "sweep",
        str(written(tmp_path, X)),
        "--dry-run",
    ]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert 'noop.toml:2: engine: "noop": no such engine; valid: model' in done.stderr


def test_a_dry_run_measures_and_keeps_nothing(tmp_path: Path, call: Call) -> None:
    design = written(tmp_path, {"x": [1.0, 2.0], "sleep": [0.3]}, replicates=1800)
    code, *words = call("sweep", design, "--out", tmp_path, "--dry-run", "--workers", "2")
    said = "".join(words)
    assert code == 0
    assert "3 conditions × 1800 replicates = 5,400 runs, 0 of them done" in said
    for word in ("core-hours", "MB a worker", "bytes a run"):
        assert word in said
    sweep = made(design, tmp_path)
    assert read_rows(sweep).is_empty()


def test_a_dry_run_of_a_share_gives_its_size(tmp_path: Path, call: Call) -> None:
    design = written(tmp_path, {"x": [1.0, 2.0], "sleep": [0.1]}, replicates=100_000)
    disks = []
    for share in ("1/1", "2/3"):
        done = call("sweep", design, "--out", tmp_path, "--dry-run", "--workers", "1", "--shard", share)
        assert done.code == 0, done.err
        assert ("share 2 of 3: 100,000 runs, 0 of them done" in done.out) == (share == "2/3")
        disks += [float(found) for found in re.findall(r"run, ([\d.]+) MB in all", done.out)]
    assert disks[0] == pytest.approx(3 * disks[1], rel=0.01)


def test_a_dry_run_of_more_replicates_plans_no_more(tmp_path: Path, call: Call) -> None:
    design, how = written(tmp_path, {"x": [1.0, 2.0]}), ("--out", tmp_path, "--workers", "1")
    for begun in (False, True):
        assert "9 replicates" in "".join(call("sweep", design, "--dry-run", "--replicates", "9", *how)[1:])
        if not begun:
            assert call("sweep", design, *how).code == 0
    assert open_sweep(*tmp_path.glob("noop-*")).replicates == 1
    assert call("status", *tmp_path.glob("noop-*")).code == 0


def test_of_fewer_replicates_than_were_planned_it_is_said_that_tables_hold_all(tmp_path: Path, call: Call) -> None:
    design, how = written(tmp_path, {"x": [1.0, 2.0]}, replicates=3), ("--out", tmp_path, "--workers", "1")
    for count, held in ((3, 3), (2, 3), (4, 4)):
        told = "".join(call("sweep", design, "--replicates", str(count), *how)[1:])
        assert (f"complete: {3 * count} of {3 * count} runs" in told, "all 3 replicates" in told) == (
            True,
            count < held,
        )
        [table] = tmp_path.glob("noop-*/effects.parquet")
        assert pl.read_parquet(table)["replicates"].unique().to_list() == [held]


def test_a_dry_run_says_first_what_takes_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(session, "MODEL", "noop")
    monkeypatch.setattr(progress, "is_compiled", lambda: False)
    monkeypatch.setattr(notices, "_said", set())
    monkeypatch.setattr(notices.LOGGER, "filters", [])  # without that of a Chinese command refused before it began
    notes, output = Console(file=io.StringIO()), Console(file=io.StringIO())
    run_sweep(str(written(tmp_path, {"x": [1.0]})), Options(dry_run=True, out=tmp_path), notes, output)
    assert caplog.messages == [notices.COMPILING]
    assert "two minutes" in notes.file.getvalue()  # type: ignore[attr-defined]
    assert "Measuring" not in output.file.getvalue()  # type: ignore[attr-defined]


def test_a_dry_run_whose_probe_fails_says_why_and_estimates_nothing(tmp_path: Path) -> None:
    design = written(tmp_path, {"x": [1.0], "fault": ["raise"]})
    said = Console(file=io.StringIO())
    with pytest.raises(ResultsError, match=r"nothing is estimated: .*ValueError"):
        run_sweep(str(design), Options(dry_run=True, out=tmp_path), said, said)
    assert "core-hours" not in said.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("backend", [("--workers", "2"), ("--backend", "serial")])
def test_no_second_driver_works_in_a_folder_and_sigterm_ends_the_first_in_order_and_accuses_no_run(
    tmp_path: Path, backend: tuple[str, str]
) -> None:
    design = written(tmp_path, X | {"sleep": [0.2]}, replicates=20)
    process = started(design, tmp_path, *backend, "--chunk", "2")
    sweep = made(design, tmp_path)
    while read_rows(sweep).is_empty() and process.poll() is None:
        time.sleep(0.1)
    with pytest.raises(ResultsError, match="another `offhours sweep` is at work here"):
        driven(sweep)
    process.send_signal(signal.SIGTERM)
    code, said = finished(process)
    assert code == 5, said
    assert "stopped" in said
    assert not list((sweep.folder / "attempts").glob("*"))
    assert 0 < read_rows(sweep).height < sweep.size
    assert read_rows(sweep)["error"].null_count() == read_rows(sweep).height


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (4321.0, "4,321 a second, 1 s left"), (0.5, "30 a minute, 4 min left"), (0.01, "36 an hour, 3 h 20 min left"),
        (0.0002, "0.72 an hour, 6 d 22 h left"),
    ],
)  # fmt: skip
def test_rates_and_times_left_are_said_in_units_that_fit(rate: float, said: str) -> None:
    assert pace_text(rate, 120) == said


def test_another_design_is_kept_apart_and_another_version_is_refused(tmp_path: Path) -> None:
    first = made(written(tmp_path, X), tmp_path)
    other = made(written(tmp_path, {"x": [1.0, 2.0]}), tmp_path)
    assert first.folder != other.folder
    later = first.plan._replace(identity="0" * 64)
    with pytest.raises(ResultsError, match="another version of the code"):
        create_sweep(first.folder, later, 1, first.limits)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    sweep = made(written(tmp_path, X), tmp_path / "there")
    place = tmp_path / "else"
    place.mkdir()
    (place / "letter.txt").touch()
    with pytest.raises(ResultsError, match="something else than a sweep"):
        create_sweep(place, sweep.plan, 1, sweep.limits)
    files.write_json(place / "manifest.json", {"kind": "run"})
    with pytest.raises(ResultsError, match="is no folder of a sweep"):
        open_sweep(place)


def test_an_effect_in_a_sweep_is_that_of_a_run(tmp_path: Path) -> None:
    """The same firms, weeks and draws: the difference agrees to the last digits."""
    design = tmp_path / "small.toml"
    design.write_text(
        'title = "Small"\nscenarios = ["pilot.toml"]\n'
        '[[axes]]\nname = "levers.enforcement.fine_yuan"\nvalues = [300]\n',
        encoding="utf-8",
    )
    pilot = tmp_path / "pilot.toml"
    pilot.write_text(
        'title = "Pilot"\nbase = "status_quo"\n'
        "[run]\npeople = 60\nyears = 0.08\nreplicates = 1\nwarmup_days = 7\nsettling_weeks = 0\n"
        "[population]\nfirm_size_median = 10\nfirm_size_max = 30\n"
        '[[levers]]\nkind = "ban"\nchannels = ["im", "group"]\nstart = 2026-01-12\nscope = { share = 0.7 }\n'
        '[[levers]]\nkind = "enforcement"\ninspections_per_year = 4\ncomplaint = 1.0\nfine_yuan = 10\n'
        "start = 2026-01-12\nscope = { share = 0.7 }\n",
        encoding="utf-8",
    )
    sweep = made(design, tmp_path)
    assert driven(sweep) == ""
    found = effects(sweep).filter(~pl.col("is_reference"))
    scenario = load(pilot)
    levers = tuple(
        lever.model_copy(update={"fine_yuan": 300.0}) if lever.kind == "enforcement" else lever
        for lever in scenario.levers
    )
    scenario = scenario.model_copy(update={"levers": levers})
    assert scenario.levers[0].start == date(2026, 1, 12)
    reference = under(scenario, load("status_quo"))
    expected = run_effects(run(scenario, reference), scenario, reference).filter(pl.col("group") == "all")
    both = found.join(expected, on="outcome")
    assert both.height == len(BY_NAME)
    for mine, theirs in (("value", "scenario_value"), ("difference", "difference_right")):
        assert theirs in both.columns, both.columns
        close = (both[mine] - both[theirs]).abs() <= 1e-12 * (1 + both[theirs].abs())
        assert close.fill_null(both[mine].is_null() | both[mine].is_nan()).all()
    assert table(sweep)["people"].n_unique() == 1
