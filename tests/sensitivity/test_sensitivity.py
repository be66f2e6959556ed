"""Sensitivity: known indices come out, chance is not taken for an effect, and missing or killed runs change nothing."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from sim.calibration.priors import load_priors
from sim.cli.main import cli
from sim.comparing.effects import contrasts
from sim.core.errors import InputError, ResultsError
from sim.core.parameters import ROWS
from sim.figures.words import speaking, words
from sim.files import storage as files
from sim.outcomes import BY_NAME, OUTCOMES
from sim.report import plots
from sim.report.console import as_text
from sim.report.numbers import explained_share
from sim.report.sensitivity import _top, lines, print_sensitivity
from sim.runs.evaluations import Evaluator
from sim.runs.executor import Local, Serial, TaskResult
from sim.runs.simulation import run
from sim.scenario.loading import changed, counterfactual, load
from sim.scenario.parameter_draws import stated
from sim.sensitivity import analysis, campaign, indices, screening
from sim.sensitivity.analysis import chance_between, tables
from sim.sensitivity.campaign import affordable, explore
from sim.sensitivity.indices import SobolIndices, sobol_indices
from sim.sensitivity.pairs import Pair, figures, name_of, people_reached
from sim.sensitivity.ranges import HIGH, LOW, factors, parameter_values
from sim.sensitivity.screening import LEAST_STEPS, STEP, chance_of_steps, changed_parameter, morris_screen, trajectories
from tests import drawable
from tests.sensitivity.toys import EFFECT, FIRST, LEVEL, LINEAR, NAMES, TOTAL, Toy, wish

PRIORS = load_priors()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sensitivity")


@pytest.fixture(scope="module")
def made(place: Path) -> dict[str, pl.DataFrame]:
    """A large analysis without chance."""
    what = wish(place / "made", points=192)
    heard: list[tuple[str, int, int]] = []
    found = tables(what, explore(what, Evaluator()), Evaluator(progress=lambda *step: heard.append(step)))
    assert heard == [("sharing", done, len(what.figures)) for done in range(1, len(what.figures) + 1)]
    return found


def row(frame: pl.DataFrame, figure: tuple[str, str], parameter: str) -> dict[str, float]:
    found = frame.filter(
        pl.col("measure") == figure[0], pl.col("outcome") == figure[1], pl.col("parameter") == parameter
    )
    return found.row(0, named=True)


# known answers


def test_elementary_effects_of_a_line_are_its_slopes(made: dict[str, pl.DataFrame]) -> None:
    for name, slope in zip(NAMES, LINEAR, strict=True):
        found = row(made["screening"], EFFECT, name)
        assert found["mu"] == pytest.approx(slope, abs=1e-9)
        assert found["mu_star"] == pytest.approx(abs(slope), abs=1e-9)
        assert found["sigma"] == pytest.approx(0.0, abs=1e-9)
        assert found["steps"] == 10


def test_a_parameter_that_moves_nothing_moves_exactly_nothing(made: dict[str, pl.DataFrame]) -> None:
    """On the same draws its two worlds are the same, so that its effect is zero and not merely small."""
    for figure in (LEVEL, EFFECT):
        found = row(made["screening"], figure, "evade")
        assert found["mu_star"] == 0.0
        assert not found["above_chance"]
    assert "evade" not in made["indices"]["parameter"]


def test_indices_of_ishigami_are_the_analytic_ones() -> None:
    """The emulator of 256 runs explains more than 95 %; three standard errors and its bias leave 0.1."""
    rng = np.random.default_rng(3)
    unit = rng.random((256, 4))
    x = np.pi * (2 * unit - 1)
    values = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    found = sobol_indices(unit, values, np.arange(256), 1)
    assert found is not None
    assert found.explained > 0.9
    assert found.first == pytest.approx(FIRST, abs=0.1)
    assert found.total == pytest.approx(TOTAL, abs=0.1)
    assert np.all(np.abs(found.first - FIRST) <= found.first_half + 0.05)


def test_the_whole_way_gives_the_indices_of_a_line(made: dict[str, pl.DataFrame]) -> None:
    weights = np.array(LINEAR[:2]) ** 2 / sum(np.array(LINEAR[:2]) ** 2)
    for name, weight in zip(NAMES[:2], weights, strict=True):
        found = row(made["indices"], EFFECT, name)
        assert found["first"] == pytest.approx(weight, abs=0.05)
        assert found["total"] == pytest.approx(weight, abs=0.05)
        assert found["emulator_good"]


def test_a_figure_that_does_not_vary_has_no_indices() -> None:
    unit = np.random.default_rng(1).random((64, 3))
    assert sobol_indices(unit, np.full(64, 4.2), np.arange(64), 1) is None
    rounded = 200_000.0 + 1e-6 * unit[:, 0]  # what rounding leaves of a cost
    assert sobol_indices(unit, rounded, np.arange(64), 1) is None


def test_effects_of_a_parameter_by_hand() -> None:
    """Of 1, −2 and 3: sizes spread by 1, effects by the root of 19/3; Student's t of two degrees of freedom is 4.30."""
    found = screening._moments(np.array([1.0, -2.0, 3.0]))
    assert found == pytest.approx((2 / 3, 2.0, 4.3027 / 3**0.5, (19 / 3) ** 0.5), rel=1e-4)


def test_the_interval_of_an_index_by_hand() -> None:
    """Parts of 1, 2 and 3 have a jackknife error of the root of 2/3 times 2, and Student's t is 4.30.

    Emulators of 4 and 6 add an error of the root of 2, and sampling its own half of 1.
    """
    found = indices._half_widths(np.array([[4.0], [6.0]]), np.array([[1.0], [2.0], [3.0]]), np.array([1.0]))
    assert found == pytest.approx([np.sqrt(4.3027**2 * 4 / 3 + 1.96**2 * 2 + 1.0)], rel=1e-4)


def test_an_emulator_is_judged_by_errors_of_either_sign_beside_what_it_expects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It expects a deviation of 1, thus 90 % within 1.645; of 1.6, −1.7, 1.7, 0 and 0.1 two lie outside.

    Each part is foretold from the others alone.
    """
    blind = SimpleNamespace(noise=0.75, predict=lambda unit: (np.zeros(len(unit)), np.full(len(unit), 0.25)))
    known: list[list[float]] = []
    monkeypatch.setattr(indices, "conditioned", lambda _, unit, rest: known.append(rest.tolist()) or blind)
    values, whole = np.array([1.6, -1.7, 1.7, 0.0, 0.1]), SimpleNamespace(noise=0.0)
    seen, beyond = indices.cross_validation(whole, np.zeros((5, 1)), values, np.array([0, 0, 1, 1, 1]))  # type: ignore[arg-type]
    assert known == [[1.7, 0.0, 0.1], [1.6, -1.7]]
    assert beyond == pytest.approx(0.4)
    assert seen == pytest.approx(1.0 - 1.67 / 1.5544)


def test_runs_on_one_economy_are_left_out_together_and_each_index_has_its_own_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folds: list[int] = []
    even = SimpleNamespace(mean=lambda sample: np.ones(len(sample)))
    flat = SimpleNamespace(
        mean=lambda sample: np.arange(len(sample)) % 2 * 4.0, variants=lambda count, _: [even] * count
    )
    monkeypatch.setattr(indices, "fit_emulator", lambda *_: (flat, None))
    monkeypatch.setattr(indices, "conditioned", lambda *_: flat)
    monkeypatch.setattr(indices, "cross_validation", lambda *rest: folds.extend(rest[-1]) or (0.8, 0.1))
    of_both = np.array([[0.5], [0.6]]), np.array([[0.03], [0.04]])  # the indices are those of emulators that are alike
    monkeypatch.setattr(
        indices, "_indices", lambda means, *_: of_both if means.max() == 1.0 else (0.9 + of_both[0], of_both[1])
    )
    found = sobol_indices(np.zeros((24, 2)), np.arange(24.0), np.repeat([7, 3, 5], 8), 1)
    assert found is not None
    assert [len({*folds[start : start + 8]}) for start in (0, 8, 16)] == [1, 1, 1]
    assert len({*folds}) == 3
    assert found.variance == 4.0
    assert sobol_indices(np.zeros((6, 2)), np.arange(6.0), np.arange(6), 1) is not None
    few = np.zeros((5, 2))  # fewer than three for each parameter
    assert sobol_indices(few, np.arange(5.0), np.arange(5), 1) is None
    ends = [each[0] for each in (found.first, found.first_half, found.total, found.total_half)]
    assert ends == pytest.approx([0.5, 0.03, 0.6, 0.04])


# chance


def test_chance_in_a_step_by_hand() -> None:
    """Steps without either group are 1 and −1, so the jackknife error is 1 for two thirds of the range."""
    errors, freedom = chance_of_steps(np.array([[0.0, 3.0]]), np.array([[[0.0, 0.0], [2.0, 4.0]]]))
    assert errors == pytest.approx(np.full((1, 1), 1.5))
    assert freedom.tolist() == [[1.0]]


def test_the_bound_of_a_single_step_is_students_and_that_of_many_is_normal() -> None:
    """Student's t with 10 degrees of freedom; the mean of 100 absolute normal values has a deviation of 0.0603.

    Of 40,000 simulations the bounds have standard errors of 0.013 and 0.001.
    """
    assert screening._chance_multiple((10.0,)) == pytest.approx(2.228, abs=0.05)
    assert screening._chance_multiple((1e6,) * 100) == pytest.approx((2 / np.pi) ** 0.5 + 1.645 * 0.0603, abs=0.004)


@pytest.mark.parametrize(("count", "groups"), [(4, 2), (10, 3), (10, 10)])
def test_chance_is_seldom_taken_for_an_effect(count: int, groups: int) -> None:
    """Of 400 parameters without effect 5 % lie above the bound; 36 or more would once in 1,000 times.

    Five designs serve for twenty draws of chance each: the chance of the groups does not depend on them. A bound for
    errors that are known would be exceeded in 78 of 400 with three groups.
    """
    rng = np.random.default_rng(5)
    above = 0
    designs = [trajectories(4, count, k) for k in range(5)]
    for k in range(100):
        firms = rng.standard_normal((count, 5, groups))
        without = np.stack([np.delete(firms, g, axis=2).mean(axis=2) for g in range(groups)], axis=2)
        above += int(morris_screen(designs[k % 5], firms.mean(axis=2), without).above.sum())
    assert 7 <= above < 36, above


def test_an_effect_larger_than_chance_is_told_and_sigma_says_how_much_is_chance(tmp_path: Path) -> None:
    """Slopes of 3 and 2 beside an error of 0.2 in a step; a false alarm would be a miss of ten standard errors."""
    what = wish(tmp_path, Toy(noise=0.1), points=0)
    found = explore(what, Evaluator())
    frame = tables(what, found, Evaluator())["screening"]
    for name in NAMES[:2]:
        mine = row(frame, EFFECT, name)
        assert mine["above_chance"]
        assert mine["sigma_chance"] == pytest.approx(np.sqrt(2) * 0.1 * 1.5, rel=0.4)
    assert not row(frame, EFFECT, "evade")["above_chance"]
    assert found.filling is None


def test_the_interval_of_the_mean_effect_covers_it_with_few_trajectories() -> None:
    """Of 800 intervals over four trajectories 94 % hold 1.0 (± 0.8); a bootstrap of so few held it in 79 %."""
    rng, design = np.random.default_rng(2), trajectories(4, 4, 1)
    signs = np.sign(np.diff(design, axis=1).sum(axis=2))
    held = []
    for _ in range(200):
        steps = signs * STEP * (1.0 + 0.3 * rng.standard_normal((4, 4)))
        values = np.concatenate([np.zeros((4, 1)), steps.cumsum(axis=1)], axis=1)
        found = morris_screen(design, values, np.repeat(values[:, :, None], 10, axis=2))
        held += list(np.abs(found.mu_star - 1.0) <= found.half)
    assert 0.92 < np.mean(held) < 0.98


def test_chance_between_economies_is_measured_by_points_on_two_of_them(tmp_path: Path) -> None:
    """24 differences: a variance misses its value by 29 % on average; a factor of 3 happens once in 10,000 times."""
    what = wish(tmp_path, Toy(economy=2.0), points=0, trajectories=24)
    assert 4.0 / 3 < chance_between(explore(what, Evaluator()), LEVEL) < 4.0 * 3


@pytest.mark.parametrize("size", [1.0, 0.01])
def test_how_a_figure_varies_by_hand(size: float) -> None:
    """Pairs of points differ by 2, by −4 and unknowably: chance is (4 + 16)/2/2, a quarter of it and 15 by parameters.

    Of 21 runs that succeeded, from −5 to 15, the 5 %, 50 % and 95 % are −4, 5 and 14, and 15 are above zero.
    """
    filling = np.append(np.arange(-5.0, 16.0), np.nan)
    found: Any = SimpleNamespace(
        design=np.zeros((3, 2, 1)), filling=SimpleNamespace(values=lambda _: filling),
        steps=SimpleNamespace(values=lambda _: size * np.array([1.0, 9.0, 2.0, 9.0, np.nan, 9.0])),
        others=SimpleNamespace(values=lambda _: size * np.array([3.0, -2.0, 1.0])),
    )  # fmt: skip
    one = np.zeros(1)
    row = analysis._outcome(found, EFFECT, SobolIndices(one, one, one, one, 0.8, 0.1, 15.0 * size**2))
    assert chance_between(found, EFFECT) == pytest.approx(5.0 * size**2)
    assert row["chance_share"] == pytest.approx(0.25)
    assert [row[key] / size for key in ("sd", "chance_sd")] == pytest.approx([15**0.5, 5**0.5])
    assert [row[key] for key in ("low", "middle", "high")] == pytest.approx([-4.0, 5.0, 14.0])
    assert (row["runs"], row["above_zero"]) == (21, pytest.approx(15 / 21))
    assert (row["explained"], row["beyond_90"], row["emulator_good"]) == (0.8, 0.1, True)
    assert not SobolIndices(one, one, one, one, 0.49, 0.1, 15.0).good
    assert SobolIndices(one, one, one, one, 0.5, 0.1, 15.0).good


def test_figures_without_each_tenth_of_the_firms_by_hand() -> None:
    """Of twelve firms with sums of 0 to 11, and twice that by the rules; the second goes with the twelfth."""
    shape = (1, 12, len(OUTCOMES))
    sums = np.broadcast_to(np.arange(12)[None, :, None], shape)
    found = figures(np.concatenate([sums, 2 * sums + 1]), np.ones((2, 12, len(OUTCOMES)), np.int64))
    for measure, whole, rest in (("level", 5.5, 5.4), ("effect", 6.5, 6.4)):
        assert found[name_of(measure, "exhaustion")] == whole
        assert found[name_of(measure, "exhaustion", 1)] == pytest.approx(rest)
    few = figures(sums[:, :3], np.ones((1, 3, len(OUTCOMES)), np.int64))
    assert [name for name in few if "/exhaustion" in name] == [
        name_of("level", "exhaustion", group) for group in (None, 0, 1, 2)
    ]


def test_parameters_that_go_on_are_those_beyond_chance_with_the_largest_shares_of_any_figure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Largest shares are 70, 25, 30 and 45 %; the second never exceeds chance."""
    screens: Any = [
        SimpleNamespace(above=np.array(above), mu_star=np.array(sizes))
        for above, sizes in (([True, False, False, False], [7.0, 0.0, 3.0, 0.0]),
                             ([False, False, True, True], [0.0, 25.0, 30.0, 45.0]))
    ]  # fmt: skip
    assert campaign._above_chance(screens) == (0, 2, 3)
    monkeypatch.setattr(campaign, "MOST_KEPT", 2)
    assert campaign._above_chance(screens) == (0, 3)


# runs that are missing


def test_three_steps_of_a_parameter_are_enough() -> None:
    """Steps of two thirds, up or down, by 1, 1 and −2 are effects of 1.5, 1.5 and −3; the fourth failed."""
    low, high = [[0.0], [2 / 3]], [[2 / 3], [0.0]]
    design, values = np.array([low, high, low, low]), np.array([[0.0, 1.0], [1.0, 0.0], [0.0, -2.0], [0.0, np.nan]])
    without = np.repeat(values[:, :, None], 2, axis=2)
    found = morris_screen(design, values, without)
    assert (found.mu[0], found.mu_star[0], found.steps[0]) == pytest.approx((0.0, 2.0, 3))
    assert found.chance[0] == pytest.approx(0.0)
    assert np.isnan(morris_screen(design, np.where(values == -2, np.nan, values), without).mu_star[0])
    errors, freedom = np.array([0.1, 0.1, 0.1, np.nan]), np.full(4, 9.0)
    assert screening._chance(errors, freedom)[0] == pytest.approx(0.1)
    assert np.isnan(screening._chance(errors[1:], freedom[1:])).all()


def test_screening_alone_has_no_indices(tmp_path: Path) -> None:
    what = wish(tmp_path, points=0)
    found = explore(what, Evaluator())
    assert found.kept
    assert "indices" not in tables(what, found, Evaluator())


def test_failed_runs_lose_their_steps_and_no_others(tmp_path: Path) -> None:
    what = wish(tmp_path, points=0)
    found = explore(what, Evaluator())
    lost = found.steps.found.copy()
    lost[7] = None  # inside a trajectory of five points: two steps
    values = found.steps._replace(found=lost)
    shape = found.design.shape[:2]
    again = morris_screen(
        found.design, values.values(EFFECT).reshape(shape), values.without(EFFECT).reshape(*shape, -1)
    )
    steps = dict(zip(NAMES, again.steps, strict=True))
    gone = {NAMES[k] for k in changed_parameter(found.design)[1, 1:3]}
    assert {name for name, count in steps.items() if count == 9} == gone
    assert {name for name, count in steps.items() if count == 10} == set(NAMES) - gone
    assert again.mu == pytest.approx(LINEAR, abs=1e-9)


def test_failures_are_counted_and_told(tmp_path: Path) -> None:
    design = trajectories(4, 10, 7)
    toy = Toy(deadly=0.999)
    dead = int((design[:, :, 0] > 0.999).sum() + (design[:, 0, 0] > 0.999).sum())
    assert dead > 0.1 * 60
    with pytest.raises(ResultsError, match="of 60 simulations failed, more than 10 %"):
        explore(wish(tmp_path, toy), Evaluator())


def test_some_failures_are_tolerated_and_too_few_steps_are_not(tmp_path: Path) -> None:
    what = wish(tmp_path, points=0)
    found = explore(what, Evaluator())
    first = sorted(what.place.rglob("*.json"))[0]
    content = json.loads(first.read_text("utf-8"))
    del content["outputs"]
    content["failure"] = "ArithmeticError: made up"
    files.write_json(first, content)
    again = explore(what, Evaluator())
    assert again.steps.failed == 1
    made = tables(what, again, Evaluator())
    assert made["runs"]["failed"].sum() == 1
    assert made["screening"].filter(pl.col("measure") == "level")["steps_lost"].sum() == 1
    assert row(made["screening"], EFFECT, "norm_manager")["mu"] == pytest.approx(3.0, abs=1e-9)
    told = lines(made, {"runs": 60, "failed": 1, "people_reached": 1.0, "uncertainty": stated(None)})
    assert any("1 failed" in line for line in told)
    design = found.design
    values = np.full(design.shape[:2], np.nan)
    values[: LEAST_STEPS - 1] = 1.0
    few = morris_screen(design, values, np.repeat(values[:, :, None], 10, axis=2))
    assert np.isnan(few.mu_star).all()
    assert (few.steps == LEAST_STEPS - 1).all()
    with pytest.raises(ResultsError, match=f"only 2 of 10 steps of '{NAMES[0]}' came out, fewer than 3"):
        screening.check_steps([few, few], NAMES, 10)
    values[LEAST_STEPS - 1] = 1.0
    enough = morris_screen(design, values, np.repeat(values[:, :, None], 10, axis=2))
    assert not np.isnan([enough.mu_star, enough.bound]).any()
    screening.check_steps([few, enough], NAMES, 10)  # an outcome may be undefined where others are not
    assert np.isnan(screening._chance(np.array([1.0, 1.0, np.nan]), np.full(3, 9.0))).all()


def test_an_emulator_that_is_not_to_be_read_is_not_written_as_one_that_explains_a_half() -> None:
    written = {-0.67: "−0.67", 0.31: "0.31", 0.497: "0.497", 0.49996: "0.49996", 0.5: "0.50", 0.504: "0.50"}
    assert {share: explained_share(share) for share in written} == written
    made = drawable.sensitivity()
    above = {"above_zero": pl.lit(1.0), "runs": pl.lit(60)}
    good = pl.col("emulator_good")
    facts = made["outcomes"].with_columns(explained=pl.when(good).then(0.5).otherwise(0.497), **above)
    parameters = made["screening"].select("parameter").unique()
    about = {"runs": 60, "failed": 0, "people_reached": 1.0, "uncertainty": stated(None)}
    told = list(lines(made | {"outcomes": facts, "parameters": parameters}, about))
    assert any(line.endswith("(effect, 0.497).") for line in told)


def test_the_three_parameters_that_move_most_beyond_chance_are_listed_in_their_order() -> None:
    """Shares are in points; the one that moves most is not known from chance, and another goes either way."""
    rows = pl.DataFrame({
        "parameter": list("abcde"), "unit": "share", "mu_star": [0.01, 0.04, 0.02, 0.5, 0.03], "half": 0.015,
        "mu": [-0.01, -0.04, 0.0, 0.5, 0.03], "above_chance": [True, True, True, False, True],
    })  # fmt: skip
    assert _top(rows).split("\n") == ["b −4.00 ± 1.50", "e +3.00 ± 1.50", "c 2.00 ± 1.50 either way"]
    assert _top(rows.with_columns(unit=pl.lit("h/week"))).startswith("b −0.040 ± 0.015")


def test_of_an_outcome_that_no_run_can_compute_nothing_is_said(tmp_path: Path) -> None:
    """Neither that parameters do not move it beyond chance nor that they have no share of its movement."""
    what = wish(tmp_path, points=0)._replace(outcomes=("exhaustion", "found_share"))
    found = explore(what, Evaluator())
    made = tables(what, found, Evaluator())
    undefined = made["screening"].filter(outcome="found_share")
    assert undefined["share"].null_count() == undefined.height
    assert made["screening"].filter(outcome="exhaustion")["share"].null_count() == 0
    facts = {"runs": 60, "failed": 0, "people_reached": 1.0, "uncertainty": stated(None)}
    assert "nothing beyond chance" not in as_text(print_sensitivity, made, facts, tmp_path)


def test_where_chance_is_unknown_no_parameter_is_said_to_move_nothing_beyond_it() -> None:
    unknown = drawable.sensitivity()["screening"].with_columns(above_chance=pl.lit(None, pl.Boolean))
    first = pl.col("parameter") == unknown["parameter"][0]
    made = drawable.sensitivity() | {"screening": unknown, "parameters": unknown.select("parameter").unique()}
    about = {"runs": 60, "failed": 0, "people_reached": 1.0, "uncertainty": stated(None)}
    del made["indices"]
    made["outcomes"] = made["outcomes"].with_columns(above_zero=pl.lit(None, pl.Float64))
    assert "nothing beyond chance" not in as_text(print_sensitivity, made, about, Path("x"))
    assert "Not beyond chance" not in " ".join(lines(made, about))
    for uncertainty, name in (({"name": "surveyed", "draws": 9}, "surveyed"), (stated(None), "point")):
        with speaking("zh"):
            told = " ".join(lines(made, about | {"uncertainty": uncertainty}))
        assert name not in told
        assert words()["reading"][name]["zh"] in told
    made["screening"] = unknown.with_columns(above_chance=pl.when(first).then(pl.lit(value=False)))
    assert f"Not beyond chance in any figure: {unknown['parameter'][0]}." in list(lines(made, about))


def test_an_effect_that_is_zero_at_some_points_has_not_both_signs() -> None:
    made = drawable.sensitivity()
    del made["indices"]
    share = pl.when(pl.col("outcome") == "waiting").then(0.25).otherwise(0.0)
    made["outcomes"] = made["outcomes"].with_columns(above_zero=share, runs=pl.lit(60))
    made["parameters"] = made["screening"].select("parameter").unique()
    about = {"runs": 60, "failed": 0, "people_reached": 1.0, "uncertainty": stated(None)}
    assert any(line.endswith("; above zero at some only: waiting (25 % above).") for line in lines(made, about))


class Killed(Serial):
    """An executor that is killed after some runs."""

    def __init__(self, after: int) -> None:
        self.left = after

    def map[T, R](self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[TaskResult[T, R]]:
        """Do the first tasks."""
        for done in super().map(function, tasks):
            yield done
            self.left -= 1
            if not self.left:
                raise KeyboardInterrupt


def test_killed_and_started_again_it_gives_the_same(made: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    """It is killed in each stage, and a file is cut off: the same tables by two processes, nothing done twice."""
    marks = tmp_path / "marks"
    marks.mkdir()
    what = wish(tmp_path, Toy(where=str(marks)), points=192)
    for count, there in ((25, 25), (20, 45), (30, 75)):
        with pytest.raises(KeyboardInterrupt):
            explore(what, Evaluator(Killed(count)))
        assert len(list(marks.iterdir())) == there
    damaged = sorted(what.place.rglob("0*.json"))[3]
    damaged.write_text('{"seed": 3, "outp', "utf-8")
    with closing(Local(2)) as workers:
        again = tables(what, explore(what, Evaluator()), Evaluator(workers))
    assert all(again[name].equals(frame) for name, frame in made.items())
    assert len(list(marks.iterdir())) == what.runs
    assert json.loads(damaged.read_text("utf-8"))["outputs"]


def test_other_ranges_and_versions_share_no_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = wish(tmp_path), wish(tmp_path)
    place = one.place
    narrower = tuple(factor._replace(high=0.5) for factor in other.factors)
    assert one.place == other.place
    assert one.place != other._replace(factors=narrower).place
    monkeypatch.setattr(campaign, "version_of", lambda module: "another")
    assert one.place != place


# the design


def test_each_trajectory_moves_each_parameter_once() -> None:
    design = trajectories(6, 5, 1)
    assert design.shape == (5, 7, 6)
    assert np.all(np.sort(changed_parameter(design), axis=1) == np.arange(6))
    assert np.allclose(np.abs(np.diff(design, axis=1)).sum(axis=2), 2 / 3)
    assert np.array_equal(design, trajectories(6, 5, 1))


def test_priors_are_walked_in_equally_likely_steps() -> None:
    found = factors((), False, PRIORS, {})
    always = {prior.parameter for prior in (*PRIORS.fitted, *PRIORS.unfitted) if not prior.only_with}
    assert {factor.name for factor in found} == always
    for factor in found:
        prior = next(prior for prior in (*PRIORS.fitted, *PRIORS.unfitted) if prior.parameter == factor.name)
        unit = np.linspace(0, 1, 5)
        assert factor.values(unit) == pytest.approx(prior.quantile(LOW + (HIGH - LOW) * unit), abs=1e-6)
        assert [factor.low, factor.high] == pytest.approx(prior.quantile(np.array([0.05, 0.95])))


def test_what_is_named_is_varied_and_what_a_scenario_sets_is_not() -> None:
    named = factors(["evade=0.1:0.2", "resume_seconds"], False, PRIORS, {})
    assert {(factor.name, factor.low, factor.high) for factor in named} == {
        ("evade", 0.1, 0.2), ("resume_seconds", 35.0, 140.0),
    }  # fmt: skip
    assert parameter_values(named, np.array([[0.5, 0.5]]))[0]["evade"] == pytest.approx(0.15)
    everything = factors(["evade=0.1:0.2"], True, PRIORS, {"norm_rule": 0.5})
    assert len(everything) > 100
    assert "norm_rule" not in {factor.name for factor in everything}
    assert "norm_rule" not in {factor.name for factor in factors((), False, PRIORS, {"norm_rule": 0.5})}
    assert all(ROWS[each.name].low <= each.low < each.high <= ROWS[each.name].high < np.inf for each in everything)
    whole = factors(["evade=0:1", "wait_minutes"], False, PRIORS, {})
    assert [(each.low, each.high) for each in whole if each.name == "evade"] == [(0.0, 1.0)]
    assert [(each.low, each.high) for each in everything if each.name == "act_refusal"] == [(-10.0, -2.5)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("evad", "did you mean 'evade'"),
        ("evade=0.5:0.5", "the range is empty"),
        ("evade=0.6:0.2", "the range is empty"),
        ("evade=0.1:1.5", "the table allows 0 to 1"),
        ("evade=much", "a range is two numbers"),
        ("evade=nan:0.4", "the range is empty"),
        ("norm_rule=0:1", "the scenario sets 'norm_rule' itself"),
    ],
)
def test_what_cannot_be_varied_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        factors([text, "wait_minutes", "wait_minutes"], False, PRIORS, {"norm_rule": 0.4})
    assert "named twice" in str(caught.value)


@pytest.mark.parametrize("name", ["evade", "part_time_share", "talk_base"])
def test_the_range_that_an_error_shows_is_one(name: str) -> None:
    with pytest.raises(InputError, match="a range is two numbers") as caught:
        factors([f"{name}=much"], False, PRIORS, {})
    shown = str(caught.value).rpartition("as in ")[2]
    assert [factor.name for factor in factors([shown, "wait_minutes"], False, PRIORS, {}) if factor.name == name]


def test_one_parameter_is_too_few() -> None:
    with pytest.raises(InputError, match="at least 2"):
        factors(["evade"], False, PRIORS, {})


def test_too_few_trajectories_are_refused() -> None:
    with pytest.raises(InputError, match="at least 4"):
        trajectories(5, 3, 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pilot_ban", "--parameter", "evad"], "did you mean 'evade'"),
        (["pilot_bam"], "did you mean 'pilot_ban'"),
        (
            ["pilot_ban", "--outcome", "nothing", "--outcome", "waitin"],
            "waitin: no such outcome; did you mean 'waiting'",
        ),
    ],
)
def test_the_command_refuses_what_cannot_be(words: list[str], said: str) -> None:
    result = CliRunner().invoke(cli, ["sensitivity", *words])
    assert isinstance(result.exception, InputError)
    assert said in str(result.exception)


# the model itself


def test_a_pair_is_what_compare_says() -> None:
    """Only firms in scope are simulated, and every outcome is the same to the bit as in a whole comparison."""
    chosen = changed(load("pilot_ban"), people=150, years=0.62, replicates=1, seed=2)
    reference = counterfactual(chosen, "pilot_ban")
    assert reference is not None
    assert 0 < people_reached(chosen, 0) < 150
    found = Pair(chosen, reference)({"economy": 0.0}, 0)
    effects = contrasts(run(chosen, reference), chosen, reference).filter(pl.col("group") == "all")
    assert effects.height == len(BY_NAME)
    for each in effects.iter_rows(named=True):
        for measure, column in (("level", "baseline"), ("effect", "difference")):
            if each[column] is not None:
                assert found[f"{measure}/{each['outcome']}"] == each[column], each["outcome"]


def test_a_world_that_is_compared_with_nothing_has_levels_alone(tmp_path: Path) -> None:
    today = changed(load("status_quo"), people=60, years=0.1, replicates=1, seed=2)
    assert counterfactual(today, "status_quo") is None
    found = Pair(today, None, 2)({"economy": 0.0}, 0)
    assert {name.split("/")[0] for name in found} == {"level"}
    assert people_reached(today, 0) >= 60
    what = wish(tmp_path, Toy(reference=None))
    made = tables(what, explore(what, Evaluator()), Evaluator())
    assert set(made["screening"]["measure"]) == {"level"}
    assert made["outcomes"]["above_zero"].is_null().all()
    about = {"runs": what.runs, "failed": 0, "people_reached": 60.0, "uncertainty": stated(None)}
    text = as_text(print_sensitivity, made, about, Path("sensitivity"), width=120)
    assert "the outcome is moved by" in text
    assert "effect" not in text
    about = drawable.overview(("status_quo",), "sensitivity", counterfactual="status_quo")
    assert set(dict(plots.figures(made, about))) == {"moves", "screening", "shares"}


def test_a_parameter_of_rules_moves_the_effect_and_not_the_level() -> None:
    chosen = changed(load("pilot_ban"), people=150, years=0.62, replicates=1, seed=2)
    pair = Pair(chosen, counterfactual(chosen, "pilot_ban"))
    low, high = (pair({"economy": 0.0, "compliance_base": value}, 0) for value in (0.2, 0.9))
    assert low["level/hidden_overtime"] == high["level/hidden_overtime"]
    assert low["effect/hidden_overtime"] != high["effect/hidden_overtime"]


def test_the_size_is_chosen_so_that_the_rules_reach_enough_people() -> None:
    scenario = affordable("pilot_ban", None, None, 1, 3, 12)
    there = [people_reached(scenario, number) for number in range(12)]
    assert min(there) >= 40
    assert np.mean(there) >= 150
    assert scenario.run.years == 1.0
    assert affordable("pilot_ban", 150, 0.7, 2, 3, 12).run.people == 150
    with pytest.raises(InputError, match=r"^--years 0\.5: rules begin only after the run"):
        affordable("pilot_ban", None, 0.5, 1, 3, 12)
