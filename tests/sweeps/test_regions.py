"""Regions in which a rule raises and lowers an outcome: a known border is found, and an empty region is empty."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from matplotlib.text import Text
from polars.testing import assert_frame_equal

from docs import map as page
from sim.calibration.emulator import Validation
from sim.calibration.priors import load_priors
from sim.core.errors import InputError
from sim.core.parameters import ROWS
from sim.figures.sweep_axes import unit_words
from sim.figures.words import LANGUAGES, speaking
from sim.report.console import as_text
from sim.report.regions import PLACES, lines, print_regions, sentence, share
from sim.runs.results import read
from sim.scenario.loading import load
from sim.scenario.parameter_draws import Draws, load_draws
from sim.studies.designs import find_design
from sim.sweeps import regions
from sim.sweeps.conditions import plan_of
from sim.sweeps.design import DESIGNS, load_design
from sim.sweeps.regions import Space, effect_of, explained_by, region_tables, space_of
from tests import drawable
from tests.conftest import Call
from tests.sweeps.test_drawing import DRAWN, GRID, pretend

AXES = {
    "assignment_now": (0.0, 1.0, "linear"), "mail_round_hours": (0.5, 5.0, "log"), "evade": (0.02, 0.6, "linear"),
    "norm_peers": (0.05, 0.7, "linear"),
}  # fmt: skip
POINTS = 160

type Rule = Callable[[np.ndarray], np.ndarray]


def axes() -> list[dict[str, Any]]:
    return [
        {
            "column": name,
            "name": name,
            "unit": ROWS[name].unit,
            "label": "",
            "label_zh": "",
            "scale": scale,
            "low": low,
            "high": high,
        }
        for name, (low, high, scale) in AXES.items()
    ]


def values(unit: np.ndarray) -> dict[str, np.ndarray]:
    """Map the unit cube to values of the axes."""
    return {
        name: low * (high / low) ** unit[:, k] if scale == "log" else low + (high - low) * unit[:, k]
        for k, (name, (low, high, scale)) in enumerate(AXES.items())
    }


def effects(rule: Rule, noise: float, outcome: str = "exhaustion") -> pl.DataFrame:
    """Make up the effects of a rule at points that fill the space, both ends included."""
    rng = np.random.default_rng(5)
    unit = rng.random((POINTS, len(AXES)))
    unit[0], unit[1] = 0.0, 1.0
    difference = rule(unit) + noise * rng.standard_normal(POINTS)
    facts = {"scenario": ["a_rule"] * POINTS, "is_reference": [False] * POINTS, "outcome": [outcome] * POINTS}
    return pl.DataFrame(facts | values(unit) | {"difference": difference})


def found(rule: Rule, noise: float = 0.02, draws: Draws | None = None) -> dict[str, pl.DataFrame]:
    return region_tables(effects(rule, noise), axes(), ("exhaustion",), draws, 1)


def of_both(unit: np.ndarray) -> np.ndarray:
    """Turn the sign where haste and long talk add up to one; evading moves the size alone."""
    return 0.2 * (unit[:, 0] + unit[:, 1] - 1.0) * (1.2 - 0.4 * unit[:, 2])


@pytest.fixture(scope="module", autouse=True)
def _fewer() -> Iterator[None]:
    """Intervals reach as far as by fewer points, which is a tenth of the work, and lie where they lay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regions, "INTERVAL_POINTS", 256)
        yield


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose a pair by fewer points, draw a coarse map of it, and take intervals from fewer points and emulators."""
    values = {"PAIR_POINTS": 2_000, "INTERVAL_POINTS": 64, "MAP_STEPS": 7, "DRAWS_PER_CELL": 20, "EMULATORS": 4}
    for name, value in values.items():
        monkeypatch.setattr(regions, name, value)


@pytest.fixture(scope="module")
def both() -> dict[str, pl.DataFrame]:
    return found(of_both, draws=load_draws("report"))


def test_a_known_border_is_found(both: dict[str, pl.DataFrame]) -> None:
    turn = both["turns"].row(0, named=True)
    assert (turn["verdict"], turn["turns"]) == ("both", True)
    assert {turn["across"], turn["up"]} == {"assignment_now", "mail_round_hours"}
    assert abs(turn["higher_at_points"] - 0.5) < 5 * 0.5 / POINTS**0.5
    assert turn["of_sign"] > 0.8
    assert turn["explained"] > 0.9
    maps = both["maps"]
    assert maps.height == regions.MAP_STEPS**2
    x, y = ("x", "y") if turn["across"] == "assignment_now" else ("y", "x")
    far = pl.col(x) + (pl.col(y) / 0.5).log() / np.log(10) - 1.0
    assert maps.filter(far > 0.1)["raises"].min() > 0.9  # type: ignore[operator]
    assert maps.filter(far < -0.1)["raises"].max() < 0.1  # type: ignore[operator]


@pytest.mark.usefixtures("quick")
def test_a_scenario_that_is_compared_with_nothing_has_no_regions_and_hinders_none() -> None:
    alone = effects(of_both, 0.02).with_columns(scenario=pl.lit("today"), difference=pl.lit(None, pl.Float64))
    beside = region_tables(pl.concat([effects(of_both, 0.02), alone]), axes(), ("exhaustion",), None, 1)
    assert set(beside["regions"]["scenario"]) == {"a_rule"}
    with pytest.raises(InputError, match=r"^nothing is compared with .paired = false., or all runs failed"):
        region_tables(alone, axes(), ("exhaustion",), None, 1)


@pytest.mark.usefixtures("quick")
def test_points_that_were_crossed_with_listed_values_count_once_by_their_mean() -> None:
    """Their copies have the same chance, which an emulator would take for a signal."""
    once, shift = effects(of_both, 0.02), 2.0**-10  # exact
    twice = pl.concat([once.with_columns(pl.col("difference") + sign * shift) for sign in (-1, 1)])
    one, two = (region_tables(each, axes(), ("exhaustion",), None, 1) for each in (once, twice))
    assert two["turns"]["points"].to_list() == [POINTS]
    assert_frame_equal(one["regions"], two["regions"])


def test_shares_of_range_and_posterior_are_those_of_the_border(both: dict[str, pl.DataFrame]) -> None:
    """By symmetry a half is raised, also of a posterior that knows neither; the bound is 5 sd of 1,024 points."""
    bound = 5 * 0.5 / 1_024**0.5
    assert both["regions"]["over"].to_list() == ["range", "prior", "posterior"]
    for row in both["regions"].iter_rows(named=True):
        assert abs(row["raises"] - 0.5) < bound
        assert row["raises_low"] - bound < 0.5 < row["raises_high"] + bound
        assert row["raises_low"] <= row["raises"] <= row["raises_high"]
        assert min(row["surely_raises"], row["surely_lowers"]) > 0.3


@pytest.mark.usefixtures("quick")
def test_a_share_of_the_range_is_that_of_all_points_not_of_those_looked_at() -> None:
    """Over as many points at random a share would vary by 0.013 by itself, which its interval does not know of."""
    shares = [region_tables(effects(of_both, 0.0), axes(), ("exhaustion",), None, seed)["regions"] for seed in range(4)]
    for over in ("range", "prior"):
        raised = [each.filter(over=over)["raises"].item() for each in shares]
        assert max(raised) - min(raised) < 0.012
    assert np.mean([each.filter(over="range")["raises"].item() for each in shares]) == pytest.approx(0.5, abs=0.005)


def test_an_emulator_that_explains_less_than_half_is_not_written_as_one_that_does(
    both: dict[str, pl.DataFrame],
) -> None:
    about = {"uncertainty": {"draws": 0}, "people": 60, "years": 1.0, "method": "lhs", "engine": "x" * 12}
    poor = both | {"turns": both["turns"].with_columns(explained=pl.lit(0.497))}
    assert any("(0.497)" in line for line in lines(poor, about))
    for missed, named in ((0.2, False), (0.201, True)):
        good = both | {"turns": both["turns"].with_columns(explained=pl.lit(0.877), beyond=pl.lit(missed))}
        assert any("(0.88)" in line for line in lines(good, about)) is named
    turn = both["turns"].row(0, named=True)
    said = [sentence(turn | {"explained": share}) for share in (0.497, -0.2, 0.5)]
    assert ["explains less than half of the variance; `" in each for each in said] == [True, True, False]


def test_with_few_points_for_each_parameter_intervals_are_said_to_be_too_narrow(
    both: dict[str, pl.DataFrame],
) -> None:
    """Of 160 or 40 points over 4 parameters nothing is said, of 39 it is."""
    about = {"uncertainty": {"draws": 0}, "people": 60, "years": 1.0, "method": "lhs", "engine": "x" * 12}
    enough, few = (both | {"turns": both["turns"].with_columns(points=pl.lit(points))} for points in (40, 39))
    said = ["\n".join(lines(tables, about)) for tables in (both, enough, few)]
    assert ["too narrow" in text for text in said] == [False, False, True]
    drawn = {"uncertainty": {"draws": 1000, "name": "surveyed"}}
    whole = both | {"regions": both["regions"].with_columns(points=pl.lit(1000.0), over=pl.lit("posterior"))}
    assert any("the 1,000 of 1,000 draws" in text for text in lines(whole, about | drawn))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_80_columns_ends_within_an_interval(both: dict[str, pl.DataFrame], language: str) -> None:
    about = {"uncertainty": {"draws": 1000, "name": "surveyed"}, "titles": {}, "method": "lhs", "engine": "x" * 12}
    shares = pl.concat(both["regions"].with_columns(over=pl.lit(over)) for over in PLACES)
    far = shares.with_columns(raises_low=0.141, raises_high=0.549, surely_raises=0.0, surely_lowers=1.0)
    turns = both["turns"].with_columns(at_table=0.0059, at_table_low=-0.00789, at_table_high=0.0040)
    with speaking(language):
        found = {**both, "regions": far, "turns": turns}
        text = as_text(print_regions, found, about | {"people": 60, "years": 1.0}, Path("x"), width=80)
    between = {"en": "to", "zh": "至"}[language]
    assert text.count(f"−0.0079 {between} +0.0040") == turns.height
    assert text.count(f"14 {between} 55") == 3 * turns.height
    assert not re.search(rf"\d {between}(  |\s*$)", text, re.MULTILINE)


def test_of_a_sweep_that_is_not_complete_the_points_of_each_scenario_are_told(both: dict[str, pl.DataFrame]) -> None:
    about = {"uncertainty": {"draws": 0}, "people": 60, "years": 1.0, "method": "lhs", "engine": "x" * 12}
    two = [both["turns"].with_columns(points=pl.lit(points)) for points in (39, 160)]
    part = both | {"turns": pl.concat(two)}
    text = "\n".join(lines(part, about | {"designed": 200}))
    assert "39 to 160 points (lhs) over 4 parameters, 60 people and 1 year each" in text
    assert "71 people on average" in "\n".join(lines(part, about | {"people_reached": 71}))
    assert "The sweep has 200 points: runs of the others failed or are not done." in text
    assert "too narrow" in text  # of the scenario with fewer
    assert "The sweep has" not in "\n".join(lines(both, about | {"designed": 160}))


def test_what_each_parameter_tells_is_said_with_its_direction(both: dict[str, pl.DataFrame]) -> None:
    """The effect rises with haste, and not with the norms."""
    found = {row["column"]: row for row in both["weights"].to_dicts()}
    assert found["assignment_now"]["correlation"] > 0.5
    assert abs(found["norm_peers"]["correlation"]) < 0.1


def test_shares_of_points_by_hand() -> None:
    """Five functions are above zero at 0 to 4 of four points, and so in a half on average; sure is 0.975 at least."""
    functions = np.where(np.arange(4) < np.arange(5)[:, None], 1.0, -1.0)
    signs = np.array([1.0, 1.0, -1.0, 0.0]), np.array([0.975, 0.97, 0.025, 0.025])
    made_up: Any = SimpleNamespace(functions=lambda *_: functions, signs=lambda _: signs)
    assert regions.shares_above_zero(made_up, np.zeros((4, 2)), np.random.default_rng(1)) == pytest.approx(
        {"points": 4, "raises": 1.995 / 4, "raises_low": 1.995 / 4 - 0.475, "raises_high": 1.995 / 4 + 0.475,
         "surely_raises": 0.25, "surely_lowers": 0.25}
    )  # fmt: skip


def test_an_interval_reaches_as_far_as_by_some_points_and_lies_where_all_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """By two of four points shares are a half in one function and one in the other, and by all of them a quarter."""
    monkeypatch.setattr(regions, "INTERVAL_POINTS", 2)
    functions = np.array([[1.0, -1.0], [1.0, 1.0]])
    signs = np.array([1.0, 1.0, -1.0, -1.0]), np.array([0.5, 0.5, 0.0, 0.0])
    made_up: Any = SimpleNamespace(functions=lambda unit, _: functions[:, : len(unit)], signs=lambda _: signs)
    row = regions.shares_above_zero(made_up, np.zeros((4, 2)), np.random.default_rng(1))
    assert (row["points"], row["raises"]) == (4, 0.25)
    assert (row["raises_low"], row["raises_high"]) == pytest.approx((0.25 - 0.2375, 0.25 + 0.2375))


def test_functions_come_from_emulators_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten of each of twenty; with the same lengths and noise all would be functions of one emulator."""
    monkeypatch.setattr(regions, "_functions", lambda emulator, unit, _: np.full((10, len(unit)), emulator.noise))
    drawn = effect_of(*_points()).functions(np.zeros((3, 2)), np.random.default_rng(1))
    assert drawn.shape == (regions.FUNCTIONS, 3)
    assert len(np.unique(drawn)) == regions.EMULATORS


@pytest.mark.parametrize(
    ("up", "down", "said"),
    [(0.01, 0.01, "both"), (0.01, 0.009, "raises"), (0.0, 1.0, "lowers"), (0.009, 0.0, "neither")],
)
def test_a_region_of_a_hundredth_is_not_empty(up: float, down: float, said: str) -> None:
    assert regions.verdict({"surely_raises": up, "surely_lowers": down}) == said


def test_the_table_has_its_place(both: dict[str, pl.DataFrame]) -> None:
    at = {name: ROWS[name].value for name in AXES}
    space = space_of(axes(), effects(of_both, 0.0))
    truth = float(of_both(space.unit(np.array([list(at.values())])))[0])
    turn = both["turns"].row(0, named=True)
    assert turn["at_table_low"] - 0.01 < truth < turn["at_table_high"] + 0.01


def test_the_effect_at_the_table_has_an_interval_of_95_percent_by_hand() -> None:
    """An effect of 0.5 ± 0.5 (sd), above zero with the chance that a normal figure is at most one sd over its mean."""
    made_up: Any = SimpleNamespace(
        uncertain_moments=lambda *_: (np.array([0.5]), np.array([0.5])), gate=Validation(0.7, 0.1)
    )
    space: Any = SimpleNamespace(table=None, columns=("one", "other"))
    turn = regions._pair_facts(made_up, space, (1, 0), np.random.default_rng(1))
    assert (turn["at_table"], turn["at_table_low"], turn["at_table_high"]) == pytest.approx((0.5, -0.48, 1.48))
    assert turn.pop("raises_at_table") == pytest.approx(0.8413447)
    assert [turn[key] for key in ("across", "up", "explained", "beyond")] == ["other", "one", 0.7, 0.1]


def test_moments_over_emulators_hold_what_is_doubtful_in_each_and_how_they_differ() -> None:
    """Means of 1 and 3 with variances of 4 and 6 make a mean of 2 and a variance of 5 + 1."""
    one, other = (SimpleNamespace(predict=lambda _, moments=each: moments) for each in (
        (np.array([1.0]), np.array([4.0])), (np.array([3.0]), np.array([6.0])),
    ))  # fmt: skip
    likeliest: Any = SimpleNamespace(variants=lambda *_: iter((one, other)))
    mean, spread = regions.FittedEffect(likeliest, Validation(0.7, 0.1)).uncertain_moments(
        np.zeros((1, 2)), np.random.default_rng(1)
    )
    assert (mean[0], spread[0]) == pytest.approx((2.0, 6.0**0.5))


@pytest.mark.usefixtures("quick")
def test_a_response_of_one_sign_turns_nowhere_in_the_range() -> None:
    made = found(lambda unit: -0.2 - 0.1 * unit[:, 3])
    turn = made["turns"].row(0, named=True)
    assert (turn["verdict"], turn["turns"], turn["higher_at_points"]) == ("lowers", False, 0.0)
    assert "raised nowhere" in sentence(turn)
    assert "norm_peers" in (turn["across"], turn["up"])  # moves the size
    assert made["regions"]["raises"].max() < 0.01  # type: ignore[operator]
    assert made["regions"]["surely_lowers"].min() > 0.99  # type: ignore[operator]
    assert made["draws"].is_empty()  # no posterior was named


@pytest.mark.usefixtures("quick")
def test_noise_alone_is_no_region() -> None:
    turn = found(lambda unit: 0.0 * unit[:, 0], noise=0.1)["turns"].row(0, named=True)
    assert turn["verdict"] in ("neither", "lowers", "raises")  # a mean may be off zero by chance, never both ways


@pytest.mark.usefixtures("quick")
def test_an_effect_of_exactly_zero_has_no_side() -> None:
    made = found(lambda unit: 0.0 * unit[:, 0], noise=0.0)
    assert made["turns"]["verdict"].to_list() == ["neither"]
    assert made["regions"].select("raises", "surely_raises", "surely_lowers").sum().row(0) == (0, 0, 0)
    assert sentence(made["turns"].row(0, named=True)) == "Exactly zero at all points."


def test_priors_are_cut_to_the_range_and_what_has_none_is_even() -> None:
    space = space_of(axes(), effects(of_both, 0.0))
    drawn = space.values(space.prior(4_000, np.random.default_rng(1)))
    for k, (low, high, _) in enumerate(AXES.values()):
        assert drawn[:, k].min() >= low * (1 - 1e-9)
        assert drawn[:, k].max() <= high * (1 + 1e-9)
    prior = space.priors[2]
    assert prior is not None
    assert space.priors[0] is None
    inside = prior.quantile(np.linspace(0, 1, 4_001))
    inside = inside[(inside >= 0.02) & (inside <= 0.6)]
    assert abs(np.median(drawn[:, 2]) - np.median(inside)) < 0.02
    assert abs(np.median(drawn[:, 0]) - 0.5) < 0.04


def test_values_on_a_log_scale_are_as_far_apart_as_their_ratios() -> None:
    about = {"column": "x", "name": "evade", "scale": "log", "low": 0.001, "high": 0.1}
    space, values = Space.over([about], {}), np.array([[0.001], [0.01], [0.1], [1.0]])
    assert space.unit(values)[:, 0] == pytest.approx([0.0, 0.5, 1.0, 1.5])
    assert space.values(space.unit(values)) == pytest.approx(values)


def test_a_range_may_hold_little_of_a_prior_or_nothing() -> None:
    """Half of what lies in a narrow range lies below the median there; the bound is 5 sd of a share."""
    known = {prior.parameter: prior for part in load_priors() for prior in part}
    whole = known["evade"]
    for low, high in ((0.3, 0.302), (whole.high, 1.0)):
        axis = axes()[2] | {"low": low, "high": high}
        drawn = Space.over([axis], known).prior(4_000, np.random.default_rng(1))[:, 0]
        assert 0.0 <= drawn.min() < 0.01
        assert 0.99 < drawn.max() <= 1.0
        assert abs((drawn < 0.5).mean() - 0.5) < 5 * 0.5 / 4_000**0.5


def test_draws_outside_the_range_are_left_out() -> None:
    space = space_of(axes(), effects(of_both, 0.0))
    draws = Draws("two", ({"evade": 0.3, "norm_peers": 0.2}, {"evade": 0.65, "norm_peers": 0.2}))
    kept = space.values(space.posterior(draws, np.random.default_rng(1)))
    assert len(kept) == 1
    assert np.allclose(kept[0, 2:], (0.3, 0.2))


def _points() -> tuple[np.ndarray, np.ndarray]:
    """Sixty points of the unit square, and effects that grow along one side."""
    rng = np.random.default_rng(2)
    unit = rng.random((60, 2))
    return unit, unit[:, 0] - 0.5 + 0.1 * rng.standard_normal(60)


def test_functions_agree_with_their_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Means of 200 functions lie within 5 standard errors, at 30 points: a false alarm in some 60,000 tests."""
    monkeypatch.setattr(regions, "EMULATORS", 1)
    effect = effect_of(*_points())
    rng = np.random.default_rng(2)
    places = rng.random((30, 2))
    mean, spread = effect.moments(places)
    assert effect.emulator is not None
    drawn = regions._functions(effect.emulator, places, rng)
    assert (np.abs(drawn.mean(axis=0) - mean) < 5 * spread / regions.FUNCTIONS**0.5).all()
    assert (np.abs(drawn.std(axis=0) / spread - 1) < 0.3).all()


def test_what_a_parameter_tells_is_a_share() -> None:
    unit = np.random.default_rng(4).random((8_000, 3))
    signal = unit[:, 0] + unit[:, 1]
    assert abs(explained_by(signal, unit, 0) - 0.5) < 0.03
    assert explained_by(signal, unit, 0, 1) > 0.95
    assert explained_by(signal, unit, 2) < 0.01
    assert explained_by(np.ones(8_000), unit, 0) == 0


def test_shares_explained_by_levels_by_hand() -> None:
    """Beside means four apart on eight levels, or three above and below zero on eight by eight, there is ± 1.

    What is left has a variance of 16/8 and 128/64; all has one of (16 · 85)/15 and (128 · 10)/127.
    """
    level, rest = np.repeat(np.arange(8), 2), np.tile([1.0, -1.0], 64)
    unit = level[:, None] / 8.0
    assert explained_by(4.0 * level + rest[:16], unit, 0) == pytest.approx(1 - 2 * 15 / (16 * 85))
    one, other = np.repeat(np.arange(8), 16), np.tile(level, 8)
    crossed = 3.0 * np.where((one < 4) == (other < 4), 1.0, -1.0) + rest
    both = np.column_stack([one, other]) / 8.0
    assert explained_by(crossed, both, 0) == 0.0
    assert explained_by(crossed, both, 0, 1) == pytest.approx(1 - 2 * 127 / 1280)


@pytest.mark.parametrize(("share", "turn"), [(0.009, False), (0.011, True), (0.989, True), (0.991, False)])
def test_a_sign_turns_if_a_hundredth_has_the_other_one(share: float, turn: bool) -> None:
    assert regions.sign_turns(np.repeat([1.0, 0.0], [round(1000 * share), round(1000 - 1000 * share)])) == turn


@pytest.mark.parametrize("order", [(2, 0), (0, 2)])
def test_the_parameter_that_explains_most_comes_first(order: tuple[int, int]) -> None:
    """The size follows the second parameter, which decides where the sign does not turn."""
    unit = np.random.default_rng(1).random((4000, 3))
    chance = 0.7 * unit[:, order[0]] + 0.3 * unit[:, order[1]]
    mean = unit[:, 1] + 0.1 * unit[:, 2]
    assert regions.pair_to_map(mean, chance, unit) == order
    assert regions.pair_to_map(mean, 0.001 * chance, unit) == (1, 2)


@pytest.mark.usefixtures("quick")
def test_a_share_of_the_prior_is_not_one_of_the_range() -> None:
    """The sign turns at the median of the prior of evading, a third of the way through the range."""
    name = "evade"
    prior = next(each for part in load_priors() for each in part if each.parameter == name).truncated(0.02, 0.6)
    assert prior is not None
    middle = (float(prior.quantile(np.array([0.5]))[0]) - 0.02) / 0.58
    assert 0.2 < middle < 0.4
    shares = found(lambda unit: 0.2 * (unit[:, 2] - middle))["regions"]
    assert shares["over"].to_list() == ["range", "prior"]
    assert shares["raises"].to_list() == pytest.approx([1.0 - middle, 0.5], abs=0.03)


# the design


def test_the_points_of_the_map_lie_in_the_ranges_of_the_table() -> None:
    plan = plan_of(load_design(find_design("map", DESIGNS)))
    rows = plan.conditions
    for axis in plan.axes:
        row = ROWS.get(axis["name"])
        if row:
            assert rows[axis["column"]].is_between(row.low, row.high).all(), axis
            assert axis["unit"] == row.unit
    points = rows.filter("is_reference")
    assert rows.height == 3 * points.height  # both rules share the world to compare with
    assert points["seed"].n_unique() > 0.99 * points.height  # an economy of its own for each


@pytest.mark.parametrize("name", ["constant_ban", "constant_quiet_hours"])
def test_rules_of_the_map_hold_from_the_first_day(name: str) -> None:
    scenario = load(DESIGNS / "map" / f"{name}.toml")
    assert all(lever.start is None and lever.ramp_days == 0 and lever.strength == 1 for lever in scenario.levers)
    if name == "constant_quiet_hours":
        same = {"start": None, "ramp_days": 0}
        assert scenario.levers == tuple(lever.model_copy(update=same) for lever in load("quiet_hours").levers)


# the command, the figures and the page


@pytest.mark.usefixtures("quick")
def test_from_a_sweep_to_tables_figures_and_the_page(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = pretend(tmp_path, DRAWN)
    told = call("regions", str(sweep.folder), "--outcome", "waiting", "--out", str(tmp_path))
    assert told.code == 0, told.err
    assert "Waiting for an answer" in told.out
    assert "higher in" in told.out
    assert "Varied as well and averaged over: `mechanisms.m6_norms`." in " ".join(told.out.split())
    made = read(tmp_path / f"regions_{sweep.plan.name}")
    assert set(made.tables["turns"]["scenario"]) == {"pilot_ban", "quiet_hours"}
    assert (made.folder / "figures" / "regions_pilot_ban.png").is_file()
    monkeypatch.setattr(page, "PLACE", tmp_path / "map")
    monkeypatch.setattr(page, "IMAGES", tmp_path)
    page.keep(made)
    text = page.map_page()
    assert "cost_mail" in text
    assert "images/regions_quiet_hours.png" in text
    assert (tmp_path / "regions_quiet_hours.png").is_file()


def test_a_grid_has_no_regions(tmp_path: Path, call: Call) -> None:
    sweep = pretend(tmp_path, GRID)
    told = call("regions", str(sweep.folder), "--out", str(tmp_path))
    assert told.code == 2
    assert "lhs or sobol" in told.err


def test_too_few_points_and_unknown_outcomes_are_refused(tmp_path: Path, call: Call) -> None:
    few = effects(of_both, 0.0).head(9)
    with pytest.raises(InputError, match="too few"):
        region_tables(few, axes(), ("exhaustion",), None, 1)
    with pytest.raises(InputError, match=r"and more than 8 points$"):
        region_tables(few.head(8), axes(), ("exhaustion",), None, 1)
    shutil.copytree(pretend(tmp_path, DRAWN.replace("points = 40", "points = 4")).folder, tmp_path / "copy")
    told = call("regions", str(tmp_path / "copy"), "--outcome", "exhaustoin", "--out", str(tmp_path))
    assert told.code == 2
    assert "did you mean 'exhaustion'" in told.err


def test_figures_name_outcomes_units_and_what_is_sure() -> None:
    drawn = drawable.Pictures(drawable.regions(), drawable.overview(("pilot_ban", "quiet_hours"), "regions"))
    assert set(drawn) == {"regions_pilot_ban", "regions_quiet_hours"}
    for figure in drawn.values():
        texts = " | ".join(text.get_text() for text in figure.findobj(lambda each: isinstance(each, Text)))
        for words in (
            "exhaustion",
            "sd · lower is better",
            "pp · lower",
            "min/h · higher",
            "h/week",
            "chance",
            "sure nowhere",
        ):
            assert words in texts, words


def test_where_it_is_nearly_nowhere_higher_is_not_nowhere() -> None:
    row = {"raises": 0.004, "raises_low": 0.0, "raises_high": 0.03, "surely_raises": 0.001, "surely_lowers": 1.0}
    assert share(row) == "<1 %\n(0 to 3)\nsure: <1 / 100"


def test_a_unit_is_written_with_the_better_direction() -> None:
    assert unit_words("output_per_paid_hour", True) == "min/h · higher is better"
