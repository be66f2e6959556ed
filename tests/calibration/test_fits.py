"""Whole calibrations of small worlds: any backend, kept posteriors, two that are compared, one from a message log."""

import json
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from sim.calibration import campaign as fits
from sim.calibration import diagnostics, sampling, shipped_posteriors
from sim.calibration.campaign import Order, calibrate
from sim.calibration.diagnostics import agreement, card, with_discrepancies
from sim.calibration.history_matching import Campaign, Plan
from sim.calibration.priors import load_priors
from sim.calibration.problem import problem_of
from sim.calibration.sampling import Sample
from sim.calibration.shipped_posteriors import agree, read_fit, ship, ship_agreement
from sim.calibration.simulator import Simulator
from sim.cli import fitting
from sim.cli.main import cli
from sim.core.errors import InputError, ResultsError
from sim.evidence.targets import Target, TargetSet, load_targets
from sim.files import storage as files
from sim.files.shipped import CALIBRATION
from sim.files.storage import Damaged
from sim.report import plots
from sim.report.intervals import parameters_drawn
from sim.runs import results as store
from sim.runs.evaluations import Evaluator
from sim.runs.executor import Executor, Local, Serial, results_as_completed
from sim.scenario.loading import load
from sim.scenario.parameter_draws import load_draws
from tests.calibration.test_logs import targets_of
from tests.calibration.toys import PRIORS

TINY = Plan(first=16, later=(8,), stretch=(3.0,), noise=8, predictive=12, draws=200)
ONE_WAVE = TINY._replace(later=(), stretch=(), predictive=8)
SMALL = {"people": 40, "settling_weeks": 0, "warmup_days": 7, "weeks": 2}


def fitted(place: Path, targets: TargetSet, plan: Plan, executor: Executor | None = None, seed: int = 3) -> Path:
    evaluator = Evaluator(executor) if executor else Evaluator()
    with pytest.MonkeyPatch.context() as few:  # how well posteriors are sampled is tested on those that are known
        few.setattr(sampling, "PARTICLES", plan.draws)
        return calibrate(Order(targets, load_priors(), plan, seed, place, size=SMALL), evaluator)


@pytest.fixture(scope="module")
def local() -> Iterator[Local]:
    with closing(Local(2)) as workers:
        yield workers


@pytest.fixture(scope="module")
def place(local: Local, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fitted(tmp_path_factory.mktemp("fits"), load_targets("report"), TINY, local)


def test_simulations_of_another_scenario_file_are_not_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def asked(what: Campaign, _: Evaluator) -> None:
        seen.append(what.prior_folder)
        raise InputError("enough")

    monkeypatch.setattr(fits, "campaign", asked)
    today = load("status_quo")
    for size in (20.0, 30.0):
        there = today.population.model_copy(update={"firm_size_median": size})
        monkeypatch.setattr(fits, "load", lambda _, there=there: today.model_copy(update={"population": there}))
        with pytest.raises(InputError, match="enough"):
            fitted(tmp_path, load_targets("report"), TINY)
    assert seen[0] != seen[1]


def test_a_calibration_keeps_what_its_figures_need(place: Path) -> None:
    found = store.read(place)
    assert set(dict(plots.figures(found.tables, found.manifest))) == set(plots.REGISTRY["calibration"])
    trusted = found.tables["discrepancy"].group_by("factor").agg(pl.col("sd").mean()).sort("factor")
    assert trusted["factor"].to_list() == [0.0, 1.0, 2.0]
    usual = found.tables["discrepancy"].filter(pl.col("factor") == 1.0)
    fits = found.tables["parameters"].filter(pl.col("role") == "fitted")
    assert usual["mean"].to_list() == fits["posterior_mean"].to_list()
    assert found.tables["ranks"]["rank"].is_between(0, 1).all()
    assert parameters_drawn(found.manifest) == ""  # nobody chose a set: all that is fitted is varied


def test_what_is_not_known_of_coverage_is_null_in_the_manifest() -> None:
    assert fits._known(float("nan")) is None
    assert fits._known(0.123456) == 0.1235


def test_the_command_of_a_shipped_posterior_names_all_that_decides_it(monkeypatch: pytest.MonkeyPatch) -> None:
    card, kept = read_fit(CALIBRATION / "posterior_surveyed.json"), []
    monkeypatch.setattr(fitting, "fit_to", lambda *_: Path("somewhere"))
    monkeypatch.setattr(fitting, "_drawn", lambda *_: card)
    monkeypatch.setattr(shipped_posteriors, "ship", lambda folder, command: kept.append(command) or folder)
    words = ["--full", "--seed", "7", "--people", "300", "--discrepancy", "0.5", "--discrepancy", "3"]
    assert CliRunner().invoke(cli, ["calibrate", "report", *words, "--ship"]).exit_code == 0
    assert kept == [f"offhours calibrate report {' '.join(words)} --ship"]


def test_a_shipped_posterior_gives_the_same_figures(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, path = store.read(place), ship(place, "a command", tmp_path)
    again = read_fit(path.with_suffix(".json"))
    assert again.manifest["command"] == "a command"
    assert set(again.tables) == set(whole.tables)
    for name, frame in whole.tables.items():
        assert again.tables[name].columns == frame.columns, name
        for column, values in frame.to_dict().items():
            if values.dtype.is_float():
                both = (
                    each.cast(pl.Float64).fill_null(np.nan).to_numpy() for each in (again.tables[name][column], values)
                )
                np.testing.assert_allclose(*both, rtol=1e-4)
            else:
                assert again.tables[name][column].to_list() == values.to_list()
    draws = load_draws(str(path))
    assert draws is not None
    assert len(draws.rows) == TINY.draws
    assert path.with_suffix(".json").stat().st_size < 5_500 * len(draws.rows[0])
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(cli, ["plot", str(path.with_suffix(".json")), "--dpi", "50"])
    assert told.exit_code == 0, told.output
    drawn = (tmp_path / "results" / "calibration_report" / "figures").glob("*.png")
    assert {path.stem for path in drawn} == set(plots.REGISTRY["calibration"])


@pytest.mark.parametrize("text", ["{}", "no json", '{"targets": "x", "card": 3}'])
def test_what_is_no_card_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "posterior_x.json"
    path.write_text(text)
    with pytest.raises(Damaged, match=r"it is not JSON|it carries no checksum"):
        read_fit(path)
    if text[0] == "{":
        files.write_json(path, json.loads(text))
        with pytest.raises(InputError, match="is no card of a posterior"):
            read_fit(path)


def test_campaigns_are_held_against_each_other(place: Path, tmp_path: Path) -> None:
    other = fitted(tmp_path, load_targets("report"), ONE_WAVE, seed=4)
    folder = agree(place, other, tmp_path)
    found = store.read(folder)
    free = load_priors().for_targets(problem_of(load_targets("report")).names).fitted
    assert found.tables["agreement"].height == len(free) > 14
    assert found.tables["card"].height == 7
    assert list(dict(plots.figures(found.tables, found.manifest))) == ["campaigns"]
    kept = json.loads(ship_agreement(folder, "a command", tmp_path).read_text())
    assert kept["targets"] == "report"
    assert [row["observable"] for row in kept["card"]] == found.tables["card"]["observable"].to_list()
    told = CliRunner().invoke(cli, ["agree", str(place), str(other), "--out", str(tmp_path), "--no-figures"])
    assert told.exit_code == 0, told.output
    assert "in sd of both posteriors" in told.output
    with pytest.raises(InputError, match="holds no calibration but results of the kind 'agreement'"):
        agree(folder, place, tmp_path)


def test_only_what_was_fitted_in_both_is_compared(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parameter that kept its prior in one of them has draws there, too; a figure may be fitted and checked."""
    one = read_fit(place)
    table, card = one.tables["parameters"], one.tables["card"]
    fitted = table.filter(role="fitted")["parameter"].to_list()
    fits = {"one": one}
    for name, kept in (("most", fitted[:1]), ("none", fitted)):
        role = pl.when(pl.col("parameter").is_in(kept)).then(pl.lit("prior")).otherwise("role").alias("role")
        twice = pl.concat([card.with_columns(role=pl.lit("checked"), tension=None), card], how="vertical_relaxed")
        fits[name] = one._replace(tables={**one.tables, "parameters": table.with_columns(role), "card": twice})
    monkeypatch.setattr("sim.calibration.shipped_posteriors.read_fit", lambda path: fits[path.name])
    found = store.read(agree(Path("one"), Path("most"), tmp_path)).tables
    assert found["agreement"]["parameter"].to_list() == fitted[1:]
    assert found["card"]["observable"].to_list() == card.filter(role="calibrated")["observable"].to_list()
    assert not found["card"]["second_tension"].has_nulls()  # of what was fitted, not of what was checked beside
    with pytest.raises(InputError, match="no parameter was fitted in both"):
        agree(Path("one"), Path("none"), tmp_path)


def test_simulations_that_do_not_give_a_figure_say_nothing_of_its_chance() -> None:
    target = Target(observable="weekly_hours", value=40.0, error=1.0, role="calibrated", confidence="X")
    teachers = Target(observable="teachers_long_messages", low=0.01, role="checked", confidence="X")
    aims = TargetSet(name="mine", title="Mine", target=(target, teachers))
    emulators = SimpleNamespace(predict=lambda unit: (np.full((len(unit), 1), 3.9), np.zeros((len(unit), 1))))
    seen = [{"weekly_hours": hours, "teachers_long_messages": np.nan} for hours in (60.0, np.nan) * 50]
    fit: Any = SimpleNamespace(emulators=emulators, sample=SimpleNamespace(unit=np.zeros((3, 1))), predictive=seen)
    row = card(fit, problem_of(aims), aims).row(0, named=True)
    assert row["chance"] == 1 / 50
    assert row["tension"] == pytest.approx((3.9 - np.log(40.0)) * 40.0)  # on the logarithm 1 hour of 40 is 1/40
    assert row["open"] == pytest.approx(np.exp(3.9) - 40.0)


@pytest.mark.parametrize(("hours", "chance"), [(41.0, 0.311), (39.0, 0.318), (40.0, 1.0)])
def test_the_chance_of_a_report_counts_its_error(hours: float, chance: float) -> None:
    """Simulations of 40 h beside a report of 41 ± 1 h: on the logarithm 1.012 sd, beyond which lie 31 % on both sides.

    Of 39 h it is 0.987 sd and 32 %, and of 40 all. The error is that of a logarithm in each case.
    """
    target = Target(observable="weekly_hours", value=hours, error=1.0, role="calibrated", confidence="X")
    aims = TargetSet(name="mine", title="Mine", target=(target,))
    emulators = SimpleNamespace(predict=lambda unit: (np.full((len(unit), 1), 3.7), np.zeros((len(unit), 1))))
    sample = SimpleNamespace(unit=np.zeros((3, 1)))
    fit: Any = SimpleNamespace(emulators=emulators, sample=sample, predictive=[{"weekly_hours": 40.0}] * 4000)
    assert card(fit, problem_of(aims), aims)["chance"].item() == pytest.approx(chance, abs=0.03)


def test_what_another_discrepancy_would_say_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws of 0.5 ± 0.1 become 0.4 ± 0.2: the mean moves by the first sd. Predictions scatter by 0.2 (log of hours).

    The draws closest to the report of 40 h are predicted at 44 h.
    """
    about: dict[str, Any] = {"observable": "weekly_hours", "confidence": "X"}
    target = Target(value=40.0, low=40.0, high=50.0, error=1.0, role="calibrated", **about)
    other = Target(low=30.0, high=35.0, role="checked", **about)  # its band is not that of the fit
    aims = TargetSet(name="mine", title="Mine", target=(target, other))
    unit = 0.5 + 0.1 * np.tile([[1.0], [-1.0]], (5000, 3))
    emulators = SimpleNamespace(
        predict=lambda at: (np.log(44.0) + (at[:, :1] > 0.5) * 0.1, np.full((len(at), 1), 0.03))
    )
    fit: Any = SimpleNamespace(emulators=emulators, sample=Sample(unit, 9.0), noise=np.array([[0.01]]))
    monkeypatch.setattr(diagnostics, "sample_posterior", lambda *_: Sample(0.4 + 2.0 * (unit - 0.5), 9.0))
    rows, cells = with_discrepancies(fit, PRIORS, aims, (1.0, 2.0), 1)
    assert rows["gap"].to_list() == pytest.approx([0.0] * 3 + [-1.0] * 3)
    assert rows["contraction"].to_list() == pytest.approx([1 - 0.12] * 3 + [1 - 0.48] * 3)
    assert rows["sd"].to_list() == pytest.approx([0.4, 0.1, 0.1, 0.8, 0.2, 0.2])
    for row in cells.to_dicts():
        assert row["tension"] == pytest.approx(np.log(1.1) * 40.0)  # on the logarithm 1 hour of 40 is 1/40
        assert row["within"] is True
        width = np.log(row["model_high"] / row["model_low"])
        assert width == pytest.approx(0.1 + 2 * 1.645 * 0.2, rel=0.15)


def test_the_distance_of_posteriors_is_that_of_their_laws() -> None:
    """Two normal laws 0.5 sd apart: 20,000 draws know means to 0.01 sd; 0.05 sd have no false alarm."""
    rng = np.random.default_rng(1)
    one, other = (pl.DataFrame({"evade": shift + scale * rng.standard_normal(20_000)}) for shift, scale in
                  ((0.0, 1.0), (0.5, 1.0)))  # fmt: skip
    row = agreement(one, other).row(0, named=True)
    for key in ("gap", "low_gap", "middle_gap", "high_gap"):
        assert row[key] == pytest.approx(0.5, abs=0.05)
    assert row["sd_ratio"] == pytest.approx(1.0, abs=0.03)
    assert row["apart"] == pytest.approx(0.197, abs=0.02)
    assert agreement(one, one).row(0, named=True)["gap"] == 0.0
    assert agreement(one, 2 * one).row(0, named=True)["sd_ratio"] == pytest.approx(2.0)


@pytest.fixture
def dask() -> Iterator[Executor]:
    pytest.importorskip("distributed")
    from sim.runs.cluster import dask_workers

    with closing(dask_workers(2, None)) as workers:
        yield workers


@pytest.mark.parametrize("backend", ["local", "dask"])
def test_backends_give_the_same_figures_to_the_bit(
    backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    simulate = Simulator(people=30, settling_weeks=0, warmup_days=7, weeks=2)
    points = [{"tasks_per_day": 3.0 + k} for k in range(3)]
    serial = Evaluator().outputs(tmp_path / "serial", 1, simulate, points, 5)
    evaluator = Evaluator(request.getfixturevalue(backend))
    found = evaluator.outputs(tmp_path / "other", 1, simulate, points, 5)
    assert repr(found) == repr(serial)
    assert all(each is not None for each in serial)


def test_workers_that_keep_dying_are_given_up(local: Local) -> None:
    with pytest.raises(ResultsError, match=r"tasks lost 3 times: 1 .*SIGKILL"):
        list(results_as_completed(local, signal.raise_signal, [signal.SIGKILL]))


def test_where_all_is_done_nothing_is_said_of_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.runs.executor.compiled_else_announced", pytest.fail)
    assert not list(results_as_completed(Serial(), signal.raise_signal, []))


def test_a_log_fits_the_law_of_answers(tmp_path: Path) -> None:
    """From the log of an organisation to draws that a run takes."""
    folder = fitted(tmp_path, targets_of(tmp_path), ONE_WAVE._replace(first=8, noise=4, predictive=4))
    found = store.read(folder)
    told = found.tables["parameters"]["parameter"].to_list()
    assert {"reply_question", "answer_now", "answer_later_minutes", "answer_later_sigma"} <= set(told)
    card = found.tables["card"].filter(pl.col("role") == "calibrated")
    assert "log_reply_median" in card["observable"].to_list()
    draws = folder / "posterior.parquet"
    assert json.loads((folder / store.MANIFEST).read_text())["kind"] == "calibration"
    run = CliRunner().invoke(
        cli,
        ["run", "no_instant_messaging", "--people", "20",
          "--years", "0.1", "--replicates", "1", "--parameters", str(draws),
         "--no-figures", "--out", str(tmp_path / "runs")],
    )  # fmt: skip
    assert run.exit_code == 0, run.output
