"""Campaigns on simulators of one line: the right posterior, the same whoever is killed, and intervals that hold."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import cdist
from scipy.special import ndtr
from scipy.stats import multivariate_normal, qmc

from sim.calibration import diagnostics, emulator, history_matching, sampling
from sim.calibration.diagnostics import (
    agreement,
    check_coverage,
    directions,
    parameter_table,
    posterior_draws,
    predictive_table,
    representative_order,
)
from sim.calibration.emulator import fit_emulator
from sim.calibration.history_matching import Campaign, Fit, Plan, campaign
from sim.calibration.problem import Problem
from sim.calibration.sampling import Sample, log_density, sample_posterior
from sim.core.errors import InputError, ResultsError
from sim.runs.evaluations import Evaluator, seed_of
from sim.runs.executor import Local, Serial, TaskResult
from tests.calibration.toys import MATRIX, NAMES, PRIORS, TRUTH, Linear, Mortal, exact, problem

SMALL = Plan(first=64, later=(32, 32), noise=16, predictive=48, draws=1000)


def what(folder: Path, plan: Plan = SMALL, seed: int = 5) -> Campaign:
    return Campaign(Linear(), PRIORS, problem(), plan, seed, folder, "a version")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("campaign")


@pytest.fixture(scope="module")
def fit(place: Path) -> Fit:
    return campaign(what(place), Evaluator())


def test_the_posterior_of_a_linear_simulator_is_the_exact_one(fit: Fit) -> None:
    """With 1,000 draws a mean misses by 0.03 sd; 0.2 sd leave space for the emulators, a false alarm is below 1e-6."""
    mean, sd = exact(MATRIX @ TRUTH)
    assert np.abs(fit.sample.unit.mean(axis=0) - mean) / sd == pytest.approx(0.0, abs=0.2)
    assert fit.sample.unit.std(axis=0) / sd == pytest.approx(1.0, abs=0.12)
    assert fit.sample.settled


def test_emulators_of_many_simulations_are_not_bent_towards_what_was_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of 400 noisy simulations are used; chosen by what chance added too, predictions were a third too near."""
    monkeypatch.setattr(history_matching, "NEAREST", 200)
    rng, campaigns = np.random.default_rng(3), what(tmp_path)
    unit = rng.random((400, len(NAMES)))
    figures = unit @ MATRIX.T + 0.3 * rng.standard_normal((400, len(MATRIX)))
    rows = [{f"figure_{k}": float(each) for k, each in enumerate(row)} for row in figures]
    means, _ = history_matching._fit_near(campaigns, unit, rows)[0].predict(unit)
    far = unit @ MATRIX.T - problem().aim
    near = (far**2).sum(axis=1) < 0.3
    slopes = [np.polyfit(far[near, k], (means - problem().aim)[near, k], 1)[0] for k in range(len(MATRIX))]
    assert np.mean(slopes) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(("points", "kept"), [(64, 64), (96, 64), (128, 96)])
def test_half_of_a_first_wave_is_left_out_that_which_lies_far_from_the_targets(
    tmp_path: Path, points: int, kept: int
) -> None:
    unit = np.random.default_rng(1).random((points, len(NAMES)))
    figures = unit @ MATRIX.T
    near = history_matching._nearest(what(tmp_path), unit, figures)
    spread = np.hypot(problem().spread, figures.std(axis=0) / 10.0)
    far = (((figures - problem().aim) / spread) ** 2).sum(axis=1)
    assert len(near) == kept
    assert np.delete(far, near).min(initial=np.inf) > 0.95 * far[near].max()


@pytest.mark.parametrize("stretch", [1.0, 4.0])
def test_a_later_wave_is_drawn_as_if_errors_were_larger_by_the_root_of_its_stretch(
    tmp_path: Path, stretch: float
) -> None:
    """By least squares; an sd of 1,000 draws is 2 % off, and the cube cuts 1 in 40,000 draws off at most."""
    errors = problem()._replace(error=np.full(len(MATRIX), 0.05))
    unit = np.random.default_rng(1).random((64, len(NAMES)))
    rows = [{f"figure_{k}": float(each) for k, each in enumerate(row)} for row in unit @ MATRIX.T]
    points = history_matching._next_wave(what(tmp_path)._replace(problem=errors), unit, rows, 2, 1000, stretch)
    sd = 0.05 * np.sqrt(stretch * np.diag(np.linalg.inv(MATRIX.T @ MATRIX)))
    assert points.std(axis=0) / sd == pytest.approx(1.0, abs=0.1)
    assert (points.mean(axis=0) - TRUTH) / sd == pytest.approx(0.0, abs=0.2)


def test_noise_is_the_covariance_of_economies_and_what_an_emulator_misses_beyond_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures of three economies, 0, 2 and 4 both; the fourth lacks one. The emulators leave variances of 1 and 9."""
    figures = [(0.0, 0.0), (2.0, 2.0), (4.0, 4.0), (9.0, np.nan)]
    names, scales, value, error = (each[:2] for each in problem()[:4])
    rows = [dict(zip(names, each, strict=True)) for each in figures]
    two = Problem(names, scales, value, error)
    monkeypatch.setattr(history_matching, "_stored", lambda *_: np.full(3, 0.5))
    monkeypatch.setattr(history_matching, "_run_wave", lambda *_: (np.zeros((4, 3)), rows))
    emulators: Any = SimpleNamespace(each=[SimpleNamespace(noise=1.0), SimpleNamespace(noise=9.0)])
    found = history_matching._noise(what(tmp_path)._replace(problem=two), emulators, Evaluator())
    assert found.tolist() == [[4.0, 4.0], [4.0, 9.0]]


def test_two_seeds_agree(fit: Fit) -> None:
    gap = fit.sample.unit.mean(axis=0) - fit.other_seed.unit.mean(axis=0)
    assert np.abs(gap / fit.sample.unit.std(axis=0)).max() < 0.2


def test_known_parameters_are_covered_as_often_as_said(fit: Fit) -> None:
    """144 intervals of 90 % in 48 worlds: a share below 78 % has a chance of about 1e-4 if worlds are independent."""
    found = check_coverage(fit, PRIORS, problem())
    assert found.worlds >= 40
    assert 0.78 <= found.coverage_all <= 0.99
    assert found.emulator_beyond < 0.25
    assert found.joint_chance > 0.001


def test_what_emulators_cannot_follow_is_their_error(tmp_path: Path) -> None:
    """Figures move up and down within a hundredth of the range, by 0.1 (sd), which no repeated simulation shows."""

    class Jagged(Linear):
        def __call__(self, parameters: dict[str, float], seed: int) -> dict[str, float]:
            at = 400.0 * np.array(list(parameters.values()))
            waves = 0.08 * np.sin(np.add.outer(np.arange(len(MATRIX)), at)).sum(axis=1)
            found = super().__call__(parameters, seed)
            return {name: each + float(wave) for (name, each), wave in zip(found.items(), waves, strict=True)}

    found = campaign(what(tmp_path)._replace(simulate=Jagged()), Evaluator())
    assert np.sqrt(found.noise.diagonal()) == pytest.approx(0.104, rel=0.25)
    assert check_coverage(found, PRIORS, problem()).emulator_beyond < 0.25


def test_what_the_targets_tell_is_said(fit: Fit) -> None:
    table = parameter_table(fit, PRIORS)
    assert table["parameter"].to_list() == list(NAMES)
    assert (table["contraction"] > 0.2).all()
    assert table["seed_gap"].is_between(0.0, 0.2).all()
    assert table["identified"].is_in(["yes", "partly"]).all()
    shown = directions(fit, PRIORS)
    assert shown["kept"].is_sorted()
    assert shown["kept"][0] < 0.2


def test_a_parameter_that_no_figure_knows_keeps_its_prior(tmp_path: Path) -> None:
    aim = problem()._replace(names=("figure_1",), scales=problem().scales[:1], value=np.array([0.75]),
                             error=np.array([0.1]))  # fmt: skip
    found = campaign(what(tmp_path)._replace(problem=aim), Evaluator())
    row = parameter_table(found, PRIORS).row(0, named=True)
    assert row["parameter"] == "act_base"
    assert row["identified"] == "no"
    assert abs(row["contraction"]) < 0.15


def test_draws_lie_in_the_table_of_parameters(fit: Fit) -> None:
    draws = posterior_draws(fit, PRIORS, 1)
    assert draws.shape == (1000, 3)
    assert draws["act_base"].is_between(-2.0, 2.0).all()


def test_a_campaign_goes_on_where_it_was_killed(place: Path, fit: Fit, tmp_path: Path) -> None:
    """Half of the simulations are gone and one file is cut off: the posterior is the same, to the bit."""
    for number, path in enumerate(sorted(place.rglob("*.json"))):
        copy = tmp_path / path.relative_to(place)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if number % 2 == 0 or path.name == "design.json":
            copy.write_bytes(path.read_bytes())
    (tmp_path / next(p for p in tmp_path.rglob("0*.json"))).write_text('{"seed": 3, "outp')
    again = campaign(what(tmp_path), Evaluator())
    assert np.array_equal(again.sample.unit, fit.sample.unit)
    assert again.outputs == fit.outputs


def test_nothing_is_simulated_twice(place: Path, fit: Fit) -> None:
    class Refusing(Serial):
        def map(self, function: object, tasks: list[object]) -> Iterator[TaskResult]:
            assert not tasks
            return iter(())

    assert np.array_equal(campaign(what(place), Evaluator(Refusing())).sample.unit, fit.sample.unit)


def test_workers_change_nothing_and_one_that_is_killed_is_replaced(tmp_path: Path) -> None:
    points = [dict.fromkeys(NAMES, 0.1 * k) for k in range(6)]
    alone = Evaluator().outputs(tmp_path / "alone", 1, Linear(), points, 7)
    with closing(Local(2)) as local:
        killed = Evaluator(local).outputs(tmp_path / "two", 1, Mortal(str(tmp_path / "marker")), points, 7)
    assert killed == alone


def test_few_failures_are_left_out_and_many_are_refused(tmp_path: Path) -> None:
    points = [{"act_base": -2.0 + 4.0 * k / 19, "norm_peers": 0.5, "evade": 0.5} for k in range(20)]
    found = Evaluator().outputs(tmp_path, 1, Linear(fails_below=-1.9), points, 1)
    assert [each is None for each in found] == [True] + [False] * 19
    with pytest.raises(ResultsError, match="a toy that fails"):
        Evaluator().outputs(tmp_path / "many", 1, Linear(fails_below=0.0), points, 1)


def test_a_figure_that_hardly_a_simulation_gives_is_refused(tmp_path: Path) -> None:
    class Blank(Linear):
        def __call__(self, parameters: dict[str, float], seed: int) -> dict[str, float]:
            return super().__call__(parameters, seed) | {"figure_2": np.nan}

    with pytest.raises(InputError, match=r"^figure_2: 0 of 64 simulations give a figure, too few to fit to"):
        campaign(what(tmp_path)._replace(simulate=Blank()), Evaluator())


@pytest.mark.parametrize(("parameters", "simulations", "least"), [(3, 40, 5), (20, 16, 8)])
def test_a_figure_is_refused_if_most_simulations_lack_it_and_a_plane_needs_more(
    parameters: int, simulations: int, least: int
) -> None:
    rng = np.random.default_rng(4)
    unit, figures = rng.random((simulations, parameters)), rng.random((simulations, 1))
    figures[least:] = np.nan
    assert len(emulator.fit_emulators(unit, figures, ["one"], 1).each) == 1
    figures[least - 1 :] = np.nan
    with pytest.raises(InputError, match=f"^one: {least - 1} of {simulations} simulations give a figure"):
        emulator.fit_emulators(unit, figures, ["one"], 1)


def test_seeds_depend_on_nothing_but_their_place() -> None:
    seeds = {seed_of(c, w, n) for c in (1, 2) for w in (1, 2) for n in range(50)}
    assert len(seeds) == 200
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_another_version_of_the_model_shares_nothing(tmp_path: Path) -> None:
    one, other = what(tmp_path), what(tmp_path)._replace(version="another")
    assert one.prior_folder != other.prior_folder
    aimed = one._replace(problem=problem(MATRIX @ TRUTH + 0.1))
    assert aimed.prior_folder == one.prior_folder
    assert aimed.own_folder != one.own_folder


def test_an_emulator_knows_its_errors() -> None:
    """Of 400 points about 10 % lie outside; above 20 % has a chance below 1e-8."""
    rng = np.random.default_rng(2)
    unit = rng.random((150, 3))

    def course(x: np.ndarray) -> np.ndarray:
        return np.sin(3 * x[:, 0]) + x[:, 1] ** 2

    one, gate = fit_emulator(unit, course(unit) + 0.05 * rng.standard_normal(150))
    fresh = rng.random((400, 3))
    mean, variance = one.predict(fresh)
    seen = course(fresh) + 0.05 * rng.standard_normal(400)
    assert (np.abs(seen - mean) > 1.645 * np.sqrt(variance + one.noise)).mean() < 0.20
    assert np.sqrt(one.noise) == pytest.approx(0.05, rel=0.3)
    assert gate.holds
    assert gate.explained > 0.95


def test_noise_is_not_taken_for_curves() -> None:
    """Along one of eight axes figures rise by 1, and noise has a variance of 1."""
    noise = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        unit = qmc.Sobol(8, rng=rng).random(128)
        noise.append(fit_emulator(unit, unit[:, 0] + rng.standard_normal(128))[0].noise)
    assert np.mean(noise) == pytest.approx(0.94, abs=0.14)
    assert min(noise) > 0.5


def test_lengths_are_those_of_the_highest_posterior_density_by_hand() -> None:
    """Where the likelihood is normal in the logarithms, each lies between its own and that of its prior."""
    seen, sure = np.array([0.5, -1.0, 2.0, -3.0]), np.array([2.0, 0.5, 4.0, 1.0])  # variance, two lengths, noise

    def loss(logs: np.ndarray) -> tuple[float, np.ndarray]:
        off = logs - seen
        return float(0.5 * sure @ off**2), sure * off

    found, least = emulator._likeliest(loss, np.zeros(4), np.array([[-9.0, 9.0]] * 4))
    length = np.sqrt(2.0) + 0.5 * np.log(2.0)
    prior, weight = np.array([-1.0, length, length]), np.array([1.0, 1 / 3, 1 / 3])
    best = np.append((sure[:3] * seen[:3] + weight * prior) / (sure[:3] + weight), seen[3])
    assert found == pytest.approx(best, abs=1e-4)
    assert least == pytest.approx(0.5 * sure @ (best - seen) ** 2 + 0.5 * weight @ (best[:3] - prior) ** 2)


@pytest.mark.parametrize("parameters", [1, 3, 30])
def test_lengths_are_chosen_by_the_likelihood_of_the_library(parameters: int) -> None:
    """Two of the points are the same, and one length and the noise are where they may be least."""
    from sklearn.gaussian_process import GaussianProcessRegressor  # a second, and only here

    rng = np.random.default_rng(parameters)
    unit = rng.random((40, parameters))
    unit[1] = unit[0]
    emulated, _ = fit_emulator(unit, rng.standard_normal(40))
    kernel, rest = emulated.process.kernel, emulated.process.rest
    logs = np.clip(kernel.theta + rng.normal(size=parameters + 2), *kernel.bounds.T)
    logs[1], logs[-1] = kernel.bounds[[1, -1], 0]
    theirs = GaussianProcessRegressor(kernel, alpha=emulator.NUGGET, optimizer=None).fit(unit, rest)
    value, slopes = theirs.log_marginal_likelihood(logs, eval_gradient=True)
    assert emulator.minus_log_likelihood(unit, rest, logs) == (
        pytest.approx(-value, rel=1e-6),
        pytest.approx(-slopes, rel=1e-6),
    )
    assert emulated.process.root == pytest.approx(theirs.L_)
    assert emulated.process.weights == pytest.approx(theirs.alpha_)


def test_emulators_that_suit_the_same_simulations_differ_by_what_these_leave_open() -> None:
    """Of noise alone n figures tell the logarithm of its variance to the root of 2/n, and of curves nothing.

    Of 250 draws a standard deviation is off by 4 %, and a share of 0.16 by 0.02.
    """
    rng = np.random.default_rng(0)
    unit = rng.random((150, 2))
    likeliest, _ = fit_emulator(unit, rng.standard_normal(150))
    drawn = list(likeliest.variants(250, rng))
    noise = np.log([each.noise / likeliest.noise for each in drawn])
    assert abs(noise.mean()) < 0.02
    assert noise.std() == pytest.approx((2 / 150) ** 0.5, rel=0.15)
    curves = [each.kernel.k1 for each in (likeliest, *drawn)]
    height = np.log([each.k1.constant_value for each in curves])
    assert height[1:].std() == pytest.approx(emulator.HEIGHT_SD, rel=0.15)
    lengths = np.log([each.k2.length_scale for each in curves])
    assert (lengths[1:] < lengths[0] - emulator.LENGTH_SD).mean(axis=0) == pytest.approx(0.16, abs=0.06)
    assert lengths.max() == pytest.approx(np.log(emulator.LONGEST))
    assert drawn[0].predict(unit)[0] != pytest.approx(likeliest.predict(unit)[0])


def test_errors_of_simulations_left_out_are_those_of_processes_without_them() -> None:
    from sklearn.gaussian_process import GaussianProcessRegressor  # a second, and only here

    rng = np.random.default_rng(2)
    unit = qmc.LatinHypercube(2, rng=3).random(40)
    figures = np.sin(5.0 * unit[:, 0]) + unit[:, 1] + 0.2 * rng.standard_t(2, 40)
    found, gate = fit_emulator(unit, figures)
    rest = (figures - np.column_stack([np.ones(40), unit]) @ found.plane) / found.height
    errors, known = np.empty(40), np.empty(40)
    for out in range(40):
        kept = np.arange(40) != out
        alone = GaussianProcessRegressor(found.process.kernel, alpha=1e-9, optimizer=None).fit(unit[kept], rest[kept])
        (mean,), (known[out],) = alone.predict(unit[out : out + 1], return_std=True)
        errors[out] = rest[out] - mean
    assert gate.explained == pytest.approx(1.0 - (errors**2).mean() * found.height**2 / figures.var())
    assert 0.0 < gate.beyond == (np.abs(errors) > 1.645 * known).mean()


def test_an_emulator_does_not_take_its_slopes_for_known() -> None:
    """Of a plane with 20 slopes and noise, from 64 simulations, 90 % intervals miss a quarter if slopes count as known.

    Shares of single fits vary by .06, so that their mean leaves the limits with a chance below 0.01.
    """
    missed = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        unit, fresh, slopes = rng.random((64, 20)), rng.random((500, 20)), rng.standard_normal(20)
        one, _ = fit_emulator(unit, unit @ slopes + rng.standard_normal(64))
        mean, variance = one.predict(fresh)
        error = fresh @ slopes + rng.standard_normal(500) - mean
        missed.append((np.abs(error) > 1.645 * np.sqrt(variance + one.noise)).mean())
    assert np.mean(missed) == pytest.approx(0.10, abs=0.06)


def test_a_normal_likelihood_gives_the_normal_posterior() -> None:
    """One parameter, one figure: mean and sd by quadrature."""

    def likelihood(unit: np.ndarray) -> np.ndarray:
        return -0.5 * ((unit[:, 0] - 0.3) / 0.1) ** 2

    found = sample_posterior(likelihood, 1, 3, 4000)
    grid = (np.arange(10_000) + 0.5) / 10_000
    weight = np.exp(likelihood(grid[:, None]))
    mean = (weight * grid).sum() / weight.sum()
    assert found.unit.mean() == pytest.approx(mean, abs=0.01)
    assert np.array_equal(found.unit, sample_posterior(likelihood, 1, 3, 4000).unit)


def test_the_density_of_figures_is_that_of_the_normal_distribution() -> None:
    """Errors of the targets, noise that is correlated and variances of emulators that differ between two points."""
    aims = problem()._replace(names=("a", "b"), scales=problem().scales[:2], value=np.zeros(2),
                              error=np.array([0.1, 0.3]))  # fmt: skip
    noise, variances = np.array([[0.02, 0.01], [0.01, 0.05]]), np.array([[0.01, 0.0], [0.2, 0.4]])
    off = np.array([[0.1, -0.2], [0.5, 0.3]])
    for stretch in (1.0, 4.0):
        found = log_density(off, aims, noise, variances, stretch)
        whole = [stretch * (np.diag([0.01, 0.09]) + noise + np.diag(each)) for each in variances]
        true = [multivariate_normal.logpdf(one, np.zeros(2), each) for one, each in zip(off, whole, strict=True)]
        assert found - np.log(2 * np.pi) == pytest.approx(true)


def test_the_chance_of_the_report_by_hand() -> None:
    """A report of 6 lies 4 from the mean of 0, 2 and 4; Student's t of two degrees of freedom is the root of 3."""
    assert diagnostics._joint_chance(np.array([[0.0], [2.0], [4.0]]), np.array([6.0])) == pytest.approx(
        0.2254, abs=1e-4
    )
    assert np.isnan(diagnostics._joint_chance(np.eye(2), np.zeros(2)))


def test_the_combination_that_is_known_best_is_named_with_its_signs() -> None:
    """The second score is half the first, but for 0.05: along (1, 2) over the root of 5 nearly all is known."""
    rows = np.random.default_rng(1).standard_normal((1000, 3))
    one, off, other = np.sqrt(999) * np.linalg.qr(rows - rows.mean(axis=0))[0].T  # without correlation
    fit: Any = SimpleNamespace(sample=Sample(ndtr(np.column_stack([one, 0.5 * one + 0.05 * off, other])), 9.0))
    assert directions(fit, PRIORS)["combination"].to_list() == [
        "0.89 norm_peers −0.45 act_base", "1.00 evade", "0.89 act_base +0.45 norm_peers",
    ]  # fmt: skip
    assert directions(fit, PRIORS)["kept"].to_list() == pytest.approx([0.05**2 * 0.8, 1.0, 1.25], rel=0.01)


@pytest.mark.parametrize(("sine", "named"), [(0.27, True), (0.23, False)])
def test_a_quarter_of_a_direction_is_named(sine: float, named: bool) -> None:
    rows = np.random.default_rng(1).standard_normal((1000, 3))
    fine, wide, other = np.sqrt(999) * np.linalg.qr(rows - rows.mean(axis=0))[0].T  # without correlation
    fine, cosine = 0.01 * fine, np.sqrt(1 - sine**2)
    scores = np.column_stack([cosine * fine - sine * wide, sine * fine + cosine * wide, 2.0 * other])
    fit: Any = SimpleNamespace(sample=Sample(ndtr(scores), 9.0))
    assert ("norm_peers" in directions(fit, PRIORS)["combination"][0]) == named


@pytest.mark.parametrize(
    ("contraction", "identified"), [(0.51, "yes"), (0.49, "partly"), (0.21, "partly"), (0.19, "no")]
)
def test_a_parameter_is_identified_by_half_of_its_variance_and_partly_by_a_fifth(
    contraction: float, identified: str
) -> None:
    """Draws at 0.5 ± d have the variance d², an even prior has 1/12; those of another seed lie d/4 lower."""
    away = np.sqrt((1.0 - contraction) / 12.0)
    unit = 0.5 + away * np.tile([[1.0], [-1.0]], (10, 3))
    fit: Any = SimpleNamespace(sample=Sample(unit, 9.0), other_seed=Sample(unit - away / 4.0, 9.0))
    row = parameter_table(fit, PRIORS).row(0, named=True)
    assert row["contraction"] == pytest.approx(contraction)
    assert row["identified"] == identified
    assert row["seed_gap"] == pytest.approx(0.25)
    assert row["prior_mean"] == pytest.approx(0.0, abs=1e-9)  # even from -2 to 2
    assert [row["prior_low"], row["prior_high"]] == pytest.approx([-1.8, 1.8], abs=0.002)


def test_coverage_and_errors_of_emulators_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three worlds all, two and one of three intervals hold: two thirds, with an sd of a third over the root of 3.

    Figures are expected at 0 with a variance of 0.01 and that of chance, 0.03: together an sd of 0.2.
    """
    ranks = np.array([[0.5, 0.5, 0.5], [0.5, 0.96, 0.94], [0.04, 0.06, 0.97]])
    monkeypatch.setattr(diagnostics, "_ranks", lambda *given: ([0, 1, 2][: len(given[2])], ranks))
    figures = [[0.2, 0.34, 0.0, -0.32], [0.2, 0.34, 0.0, -0.32], [0.2, -0.34, 0.0, -0.32], [np.nan, 0.0, 0.0, 0.0]]
    fit: Any = SimpleNamespace(
        predictive=[{f"figure_{k}": each for k, each in enumerate(row)} for row in figures],
        predictive_unit=np.full((4, 3), 0.5), noise=0.03 * np.eye(4),
        emulators=SimpleNamespace(predict=lambda unit: (np.zeros((len(unit), 4)), np.full((len(unit), 4), 0.01))),
    )  # fmt: skip
    found = check_coverage(fit, PRIORS, problem())
    assert found.emulator_bias == pytest.approx((1.0, 1.7 / 3, 0.0, -1.6))
    assert found.emulator_beyond == 3 / 12
    assert found.coverage["coverage"].to_list() == pytest.approx([2 / 3] * 3)
    assert (found.coverage_all, found.coverage_error) == pytest.approx((2 / 3, 1 / 3**1.5))
    assert found.worlds == 3


def test_ranks_of_synthetic_worlds_by_hand() -> None:
    """All draws are as likely but for the truth itself, which does not count; where few are likely no world counts."""
    unit = np.tile(np.arange(50.0)[:, None] / 50.0, 3)
    truth = np.array([[0.5, 0.5, 0.5], [0.25, 0.75, 1.0]])
    flat, steep = (
        SimpleNamespace(
            sample=Sample(unit, 9.0), noise=np.zeros((4, 4)),
            emulators=SimpleNamespace(predict=lambda at, by=by: (by * at[:, [0, 0, 0, 0]], np.zeros((len(at), 4)))),
        )
        for by in (0.0, 1.0)
    )  # fmt: skip
    counted, ranks = diagnostics._ranks(flat, problem(), np.zeros((2, 4)), truth)  # type: ignore[arg-type]
    assert counted == [0, 1]
    assert ranks == pytest.approx(np.array([[25 / 49] * 3, [13 / 50, 38 / 50, 1.0]]))
    assert diagnostics._ranks(steep, problem(), np.zeros((2, 4)), truth)[0] == []  # type: ignore[arg-type]


def test_what_is_kept_of_simulations_and_draws_by_hand() -> None:
    fit: Any = SimpleNamespace(
        outputs=[{f"figure_{k}": float(n) for k in range(4)} for n in range(3)], first=2,
        predictive=[{f"figure_{k}": 9.0 for k in range(4)}], further_emulators=SimpleNamespace(names=()),
        sample=Sample(np.array([[0.123456789, 0.5, 0.7654321], [0.987654321, 0.5, 0.2]]), 9.0),
    )  # fmt: skip
    table = predictive_table(fit, problem()).filter(observable="figure_1")
    assert table.select("when", "value").rows() == [("prior", 0.0), ("prior", 1.0), ("posterior", 9.0)]
    draws = posterior_draws(fit, PRIORS, 1)
    assert draws.select("act_base", "evade").sort("evade").rows() == [(1.95062, 0.2), (-1.50617, 0.765432)]


def test_beta_distributions_are_drawn_with_their_spread_and_their_skew() -> None:
    """Of 9 and 1, and of 1 and 4: of 20,000 draws an sd is 0.6 % off, and shares by 0.0035 and 0.0017."""

    def likelihood(unit: np.ndarray) -> np.ndarray:
        return 8.0 * np.log(unit[:, 0]) + 3.0 * np.log(1.0 - unit[:, 1])

    high, low = sample_posterior(likelihood, 2, 1, 20_000).unit.T
    assert (high.mean(), low.mean()) == pytest.approx((9 / 10, 1 / 5), abs=0.005)
    assert high.std() == pytest.approx(np.sqrt(9 / 1100), rel=0.025)
    assert low.std() == pytest.approx(np.sqrt(4 / 150), rel=0.025)
    assert (high < 0.7).mean() == pytest.approx(0.7**9, abs=0.007)
    assert (low > 0.5).mean() == pytest.approx(0.5**4, abs=0.007)


@pytest.mark.parametrize(("worse", "reached", "following"), [(10.0, 0.3, 0.48663), (2.0, 0.3, 1.0)])
def test_a_step_of_the_sampler_keeps_half_of_the_particles(worse: float, reached: float, following: float) -> None:
    """A quarter are as likely as can be; where others weigh w, an effective half is 3 w² + 6 w = 1: w = 0.1547."""
    value = np.repeat([0.0, -worse], [100, 300])
    assert sampling._next_exponent(value, reached) == pytest.approx(following, abs=1e-5)


def test_a_likelihood_that_is_nowhere_is_refused() -> None:
    with pytest.raises(ResultsError, match="nowhere"):
        sample_posterior(lambda unit: np.full(len(unit), np.nan), 2, 1)


def test_progress_counts_what_was_simulated_before(tmp_path: Path) -> None:
    points = [dict.fromkeys(NAMES, share) for share in (0.1, 0.2, 0.3, 0.4, 0.5)]
    Evaluator().outputs(tmp_path, 1, Linear(), points[:3], 1)
    steps: list[tuple[int, int]] = []
    Evaluator(progress=lambda _, done, total: steps.append((done, total))).outputs(tmp_path, 1, Linear(), points, 1)
    assert steps == [(3, 5), (4, 5), (5, 5)]


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    points = [dict.fromkeys(NAMES, 0.1)]
    Evaluator().outputs(tmp_path, 1, Linear(), points, 1)
    (path,) = tmp_path.rglob("*.json")
    assert json.loads(path.read_text())["parameters"] == points[0]
    assert not [p for p in tmp_path.rglob(".*") if p.is_file()]


def test_the_first_draws_represent_all() -> None:
    """Means of the first eight lie closer to those of all than eight at random do in nine of ten cases."""
    rng = np.random.default_rng(3)
    points = rng.normal(size=(300, 6)) @ rng.normal(size=(6, 6))
    order = representative_order(points)
    assert sorted(order) == list(range(300))

    def off(rows: np.ndarray) -> float:
        return float(np.abs((points[rows].mean(axis=0) - points.mean(axis=0)) / points.std(axis=0)).max())

    others = [off(rng.permutation(300)[:8]) for _ in range(200)]
    assert off(order[:8]) < np.quantile(others, 0.1)


def test_the_first_draws_by_hand_whatever_their_units() -> None:
    """Mean distances are 2.3, 1.7, 1.5, 1.8 and 2.7; from each goes the mean to those that were taken, and to itself.

    Then they are 1.3, 1.2, 1.05 and 1.2 without the third; 0.47, 0.53 and 1.2 without the fourth; and 0.58 and 0.33.
    """
    assert representative_order(np.array([[0.0], [1.0], [2.0], [3.5], [5.0]])).tolist() == [2, 3, 0, 4, 1]
    points = np.random.default_rng(4).normal(size=(50, 3))
    assert representative_order(points * [1.0, 1e3, 1e-3]).tolist() == representative_order(points).tolist()


def test_the_first_draws_are_near_to_all_in_each_direction() -> None:
    """Of all points that could be next, each brings those taken nearest to all, by distances of the library."""
    points = np.random.default_rng(5).normal(size=(24, 3)) * [1.0, 5.0, 0.2]
    apart = cdist(points / points.std(axis=0), points / points.std(axis=0))

    taken: list[int] = []
    for chosen in representative_order(points).tolist():
        ways = {each: apart[each].mean() - apart[each, taken].sum() / (len(taken) + 1) for each in range(24)}
        assert ways[chosen] == pytest.approx(min(ways[each] for each in ways if each not in taken))
        taken.append(chosen)


def test_two_posteriors_are_compared_in_pooled_standard_deviations() -> None:
    """Of 0 and 2, and of 0 and 6, means are 1 and 3, variances 1 and 9; what only one of both has is left out."""
    first = pl.DataFrame({"a": [0.0, 2.0], "b": [1.0, 1.0]})
    row = agreement(first, pl.DataFrame({"a": [0.0, 6.0], "c": [1.0, 1.0]})).row(0, named=True)
    assert (row["parameter"], row["first_mean"], row["second_mean"]) == ("a", 1.0, 3.0)
    assert (row["sd_ratio"], row["apart"]) == (3.0, 0.5)
    assert row["gap"] == row["middle_gap"] == pytest.approx(2 / np.sqrt(5))
    assert row["high_gap"] == pytest.approx(0.95 * 4 / np.sqrt(5))
