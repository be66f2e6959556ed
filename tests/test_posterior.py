"""The posterior of an effect covers what it should, and keeps the skew that parameters give; so does its mean."""

from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm, sem, t

from sim.comparing.stated import corrected
from sim.outcomes import SCALE, Reals, Whole
from sim.scenario.parameter_draws import Draws
from sim.stats import variance
from sim.stats.posterior import QUANTILES, Replicates, bandwidth, mean_effect, posterior
from sim.stats.variance import ratio_difference, with_interval, with_posterior
from sim.stats.within import _fitted_variance, chance_within
from tests.worlds import scenario

ALL, PARAMETERS = 1_000, 30  # draws of the posterior


class Studies(NamedTuple):
    """Made-up studies of an effect, many at once as outcomes of one, with what they should find."""

    sums: tuple[Whole, Whole]  # of both worlds, (2, firms, cases)
    replicates: Whole  # (firms,)
    offsets: Reals  # (replicates, parameters)
    mean: Reals  # (cases,) over all draws
    new: Reals  # (cases,) effect at some draw


def studies(
    replicates: int, firms: float, spread: float, noise: float, skew: bool, cases: int, seed: int = 7
) -> Studies:
    """Make up effects that are linear in parameters by two thirds, on firms of unlike sizes, few or many in a draw.

    Firms of 20 people differ by ``noise``; half of that variance is of people and averages out in larger ones.
    """
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(replicates), 1 + rng.poisson(firms - 1, replicates))
    points = rng.standard_normal((ALL, PARAMETERS))
    points = (points - points.mean(axis=0)) / points.std(axis=0)
    slopes = rng.standard_normal((PARAMETERS, cases)) * (np.arange(PARAMETERS) % 5 == 0)[:, None]
    rest = rng.lognormal(0.0, 0.8, (ALL, cases)) / 1.22 if skew else rng.standard_normal((ALL, cases))
    effects = 0.5 + spread * (0.8 * points @ slopes / np.sqrt((slopes**2).sum(axis=0)) + 0.6 * rest)
    chosen = rng.choice(ALL, replicates, replace=False)
    sizes = np.maximum(5.0, np.round(20.0 * np.exp(0.8 * rng.standard_normal(len(labels)))))[:, None] * np.ones(cases)
    by_firm = noise * np.sqrt(0.5 + 0.5 * 20.0 / sizes)
    own = effects[chosen][labels] + by_firm * rng.standard_normal(sizes.shape)
    above = np.round(SCALE * np.stack([5.0 * sizes, (5.0 - own) * sizes])).astype(np.int64)
    below = (SCALE * np.stack([sizes, sizes])).astype(np.int64)
    new = effects[rng.integers(ALL, size=cases), np.arange(cases)]
    return Studies((above, below), labels, points[chosen], -effects.mean(axis=0), -new)


def covered(made: Studies) -> tuple[dict[str, Reals], dict[str, float]]:
    """Estimate studies, and return the shares of intervals that hold the effect at some draw, and its mean."""
    found = with_posterior(ratio_difference, made.sums, made.replicates, made.offsets)
    whole = ((found["low"] <= made.new) & (made.new <= found["high"])).mean()
    middle = ((found["low_50"] <= made.new) & (made.new <= found["high_50"])).mean()
    mean = ((found["mean_low"] <= made.mean) & (made.mean <= found["mean_high"])).mean()
    return found, {"whole": float(whole), "middle": float(middle), "mean": float(mean)}


@pytest.mark.parametrize("skew", [False, True])
@pytest.mark.parametrize(("replicates", "firms"), [(2, 2), (4, 20), (8, 10), (64, 2.5), (56, 1.6)])
@pytest.mark.parametrize(("spread", "noise"), [(1.0, 1.0), (0.3, 1.0)])
def test_intervals_hold_the_effect_at_other_parameters_and_its_mean(
    skew: bool, replicates: int, firms: float, spread: float, noise: float
) -> None:
    """In 12 studies of 50 outcomes each; three standard errors of a share of 95 % of 600 are 2.7 points.

    Few replicates leave the variance by parameters nearly unknown, so more than 95 % are held. Where a firm alone in
    its replicate counted as chance and as parameters, the narrower interval held 82 % with 1.6 firms in each.
    """
    shares = [covered(studies(replicates, firms, spread, noise, skew, 50, seed))[1] for seed in range(12)]
    held = {name: np.mean([each[name] for each in shares]) for name in shares[0]}
    assert held["whole"] > 0.91
    assert 0.43 < held["middle"] < (0.85 if replicates == 2 else 0.72)
    assert 0.87 < held["mean"] < 0.985


def test_parameters_of_all_draws_make_the_mean_better_known() -> None:
    """Of 64 draws with effects linear in parameters, the mean errs less by a regression, as its interval says."""
    known, unknown = [], []
    for seed in range(8):
        made = studies(64, 8, 1.0, 0.2, False, 50, seed)
        with_all, shares = covered(made)
        without, _ = covered(made._replace(offsets=None))
        widths = [found["mean_high"] - found["mean_low"] for found in (with_all, without)]
        errors = [np.abs(found["mean"] - made.mean) for found in (with_all, without)]
        known.append([np.mean(widths[0] / widths[1]), np.mean(errors[0]) / np.mean(errors[1])])
        unknown.append(shares["mean"])
    narrower, nearer = np.mean(known, axis=0)
    assert narrower < 0.9
    assert nearer < 0.95
    assert np.mean(unknown) > 0.9


def test_offsets_are_those_of_the_replicates_that_have_firms() -> None:
    made = studies(24, 8, 1.0, 0.2, False, 3)
    there = made.replicates > 0
    sums, labels = (made.sums[0][:, there], made.sums[1][:, there]), made.replicates[there]
    numbered = (labels, made.offsets), (labels - 1, made.offsets[1:])
    some, same = (with_posterior(ratio_difference, sums, *of)["mean"] for of in numbered)
    assert some == pytest.approx(same)


def test_skew_is_kept_and_signs_are_counted() -> None:
    found, _ = covered(studies(64, 20, 1.0, 0.2, True, 200))
    assert np.median((found["median"] - found["low"]) / (found["high"] - found["median"])) > 1.2
    assert np.allclose(found["share_lower"] + found["share_higher"], 1.0)


@pytest.mark.parametrize(("own", "deviation"), [(0.0, 1.0), (1.0, 3.0**0.5)])
def test_normal_effects_have_the_quantiles_of_a_new_draw(own: float, deviation: float) -> None:
    """Of 64 draws that differ by ``deviation``, and by chance of variance ``own``, which the pooled one has as well."""
    scores = norm.ppf((np.arange(64) + 0.5) / 64)[:, None]
    values = scores / scores.std(ddof=1) * np.hypot(deviation, own**0.5)
    even, one = np.full((64, 1), 1 / 64), np.ones(1)
    seen = Replicates(0.0 * one, own * one, 1e9 * one, values, np.full((64, 1), own), even)
    found = posterior(seen)
    expected = np.hypot(deviation * np.sqrt(65 / 64), own**0.5) * t.ppf([0.025, 0.25, 0.75, 0.975], 63)
    assert [found[name][0] for name in ("low", "low_50", "high_50", "high")] == pytest.approx(expected, rel=0.02)
    assert (found["share_lower"][0], found["share_higher"][0]) == pytest.approx((0.5, 0.5), abs=0.01)


@pytest.mark.parametrize("draws", [16, 56])
@pytest.mark.parametrize("skew", [False, True])
def test_ends_move_with_the_draws_as_far_as_their_errors_say(draws: int, skew: bool) -> None:
    """Over 300 times as many other draws of one world, ends spread by their errors; a spread is known within 4 %."""
    rng = np.random.default_rng(5)
    effects = rng.lognormal(0.0, 0.6, (draws, 300)) if skew else rng.standard_normal((draws, 300))
    values, own = effects + 0.2**0.5 * rng.standard_normal((draws, 300)), np.full((draws, 300), 0.2)
    even = np.full((draws, 300), 1 / draws)
    seen = Replicates(values.mean(axis=0), own[0] / draws, np.full(300, 1e6), values, own, even)
    found = posterior(seen, errors=True)
    for end in ("low", "high"):
        expected = np.sqrt((found[f"{end}_error"] ** 2).mean())
        assert expected == pytest.approx(found[end].std(), rel=0.25)


def test_errors_of_ends_are_there_if_asked_for_and_unknown_of_few_draws() -> None:
    values = np.random.default_rng(5).standard_normal((15, 2))
    even, one = np.full((15, 2), 1 / 15), np.ones(2)
    seen = Replicates(values.mean(axis=0), 0.1 * one, 9 * one, values, 0.1 * even, even)
    assert np.isnan(posterior(seen, errors=True)["low_error"]).all()
    more = Replicates(*seen[:3], *(np.tile(part, (2, 1)) for part in (values, 0.1 * even, even / 2)))
    assert "low_error" not in posterior(more)
    assert (posterior(more, errors=True)["low_error"] > 0).all()


def test_errors_of_ends_by_hand_where_all_draws_agree() -> None:
    """Of 16 draws two parts of 14 have two: without them chance has 14 / 16 of the firms, without others 15 / 16."""
    seen = Replicates(
        np.zeros(1), np.ones(1), np.full(1, 9.0), np.zeros((16, 1)), np.zeros((16, 1)), np.full((16, 1), 1 / 16)
    )
    ends = t.ppf(2.5 / 96, 9) * np.sqrt(16 / np.array([14] * 2 + [15] * 12))  # the third of 96 tails
    assert posterior(seen, errors=True)["low_error"] == pytest.approx(np.sqrt(13 * np.var(ends)))


def test_offsets_that_say_nothing_of_an_effect_leave_the_mean_as_it_is() -> None:
    values, offsets = np.split(np.random.default_rng(26).standard_normal((32, 6)), [1], axis=1)
    seen = Replicates(np.zeros(1), np.ones(1), np.full(1, 9.0), values, np.zeros((32, 1)), np.full((32, 1), 1 / 32))
    assert mean_effect(seen, offsets)["mean"] == pytest.approx(values.mean(axis=0))


def test_the_mean_of_equal_replicates_is_students_whatever_the_pooled_estimate_is() -> None:
    values = np.array([[3.0], [5.0], [4.0], [8.0]])
    seen = Replicates(np.array([1.0]), np.ones(1), np.ones(1), values, np.ones((4, 1)), np.full((4, 1), 0.25))
    low, high = t.interval(0.95, 3, loc=5.0, scale=sem(values[:, 0]))
    assert {name: part[0] for name, part in mean_effect(seen).items()} == pytest.approx(
        {"mean": 5.0, "mean_low": low, "mean_high": high}
    )


def test_smoothing_is_silvermans_and_narrower_beside_a_few_that_are_far() -> None:
    """Of 32 deviations 1.06 over two; quartiles at ± 1 beside a deviation of 2 are those of one of 2 / 1.349."""
    off = np.repeat([[-1.0], [1.0]], 16, axis=0)
    assert bandwidth(off, np.array([1.0])) == pytest.approx([0.53])
    assert bandwidth(off, np.array([4.0])) == pytest.approx([0.53 / 1.349])
    assert bandwidth(off[:10], np.array([100.0])) == pytest.approx([1.06 * 10**-0.2])  # so few tell nothing of tails
    assert bandwidth(off[:1], np.array([1.0])) == 1.0


def test_the_mean_of_unequal_replicates_has_the_freedom_of_so_many_equal_ones() -> None:
    """Weights of 0.4, 0.4 and four of 0.05 are those of 1 / 0.33 equal replicates; pulls are theirs."""
    weights = np.array([0.4, 0.4, 0.05, 0.05, 0.05, 0.05])[:, None]
    values = np.array([1.0, -1.0, 2.0, -2.0, 4.0, -4.0])[:, None]
    found = mean_effect(Replicates(np.zeros(1), np.ones(1), np.ones(1), values, np.ones((6, 1)), weights))
    error = sem(6 * (weights * values)[:, 0])
    assert found["mean"] == pytest.approx([0.0])
    assert found["mean_high"] == pytest.approx([t.ppf(0.975, 1 / 0.33 - 1) * error])


def test_half_widths_by_hand() -> None:
    """Of one Student's t, of a normal distribution, of mixtures with nothing and of unlike ones, and of nothing."""
    levels = np.array([[2.0, 0.0, 1.0, 0.0], [2.0, 3.0, 10.0, 0.0]])
    half = variance._covering_half(levels, np.array([4.0, np.inf, np.inf, 4.0]))
    assert half[[0, 1, 3]] == pytest.approx([2.0 * t.ppf(0.975, 4), 3.0 * norm.ppf(0.95), 0.0])
    assert np.mean(2 * norm.cdf(half[2] / levels[:, 2]) - 1) == pytest.approx(0.95)


def test_half_widths_of_two_replicates_and_of_one() -> None:
    """Without chance, parameters make up the whole of two replicates, and nothing is known of them from one."""
    values = np.array([[-1.0, 3.0], [1.0, np.nan]])
    found = variance.interval_of(variance.Sources(np.array([0.0, 4.0]), np.full(2, np.inf), values, 0.0 * values))
    assert found["half"] == pytest.approx([found["half_parameters"][0], 2.0 * norm.ppf(0.975)])
    assert found["half_parameters"][0] > 1.0
    assert np.isnan(found["half_parameters"][1])


def test_variances_of_unequal_firms_are_fitted_by_least_squares() -> None:
    """Squares follow a part that all firms have and one over their people, less the mean of each replicate."""
    replicates, sizes = np.repeat([0, 1, 2], [4, 3, 1]), np.array([1.0, 2.0, 4.0, 8.0, 3.0, 1.0, 9.0, 5.0])
    part, share = sizes / sizes.sum(), sizes / np.bincount(replicates, sizes)[replicates]
    lost = np.eye(8) - np.where(replicates[:, None] == replicates, share, 0.0)  # less the mean of its replicate
    parts = np.stack([np.ones(8), 1.0 / part / 8])
    mean = (lost**2 @ parts.T)[:7]
    square = np.append(mean @ [2.0, 3.0] * [1.1, 0.9, 1.2, 0.8, 1.0, 1.1, 0.9], 0.0)
    root = 1.0 / np.sqrt(mean.prod(axis=1))
    fitted = np.linalg.lstsq(mean * root[:, None], square[:7] * root, rcond=None)[0]
    assert (fitted > 0).all()
    found = _fitted_variance(*(each[:, None] for each in (square, share, part)), replicates)[:, 0]
    assert found / found[0] == pytest.approx(fitted @ parts / (fitted @ parts)[0])


def test_an_interval_that_ends_at_zero_holds_it_and_a_close_end_is_within_its_error() -> None:
    """More draws move an end by 1.28 errors in one of five cases, over zero in one of ten."""
    ends = {"low": 0.0, "high": 1.0}
    assert not variance.excludes_zero(ends)
    assert not variance.excludes_zero({"low": -1.0, "high": 0.0})
    assert variance.excludes_zero(ends | {"low": 0.1})
    assert not variance.excludes_zero(ends | {"low": None})
    assert variance.narrowly_decided((9.0, 1.0), (-1.27, 1.0))
    assert not variance.narrowly_decided((1.29, 1.0), (0.0, 5.0), (None, None))


@pytest.mark.parametrize(("mu", "said"), [(0.8, "+"), (-0.8, "−"), (0.79, "±"), (-0.79, "±")])
def test_a_mean_effect_of_four_fifths_of_the_sizes_has_a_direction(mu: float, said: str) -> None:
    assert variance.direction({"mu": mu, "mu_star": 1.0}) == said


@pytest.mark.parametrize("replicates", [2, 3, 8, 33])
def test_an_effect_of_the_other_sign_has_the_same_interval_on_the_other_side(replicates: int) -> None:
    """The upper end of symmetric effects was nearer than the lower one: by half of a half width with two replicates."""
    values = np.random.default_rng(2).lognormal(size=(replicates, 3))
    even, one = np.full((replicates, 3), 1 / replicates), np.ones(3)
    seen = Replicates(values.mean(axis=0), 0.1 * one, 9 * one, values, 0.1 * np.ones((replicates, 3)), even)
    found = posterior(seen)
    turned = posterior(seen._replace(pooled=-seen.pooled, values=-values))
    for end, other in (("low", "high"), ("low_50", "high_50"), ("median", "median")):
        assert turned[end] == pytest.approx(-found[other])
    assert turned["share_lower"] == pytest.approx(found["share_higher"])


def test_variances_and_degrees_of_freedom_by_hand() -> None:
    """Of replicates of four, three and one firms, seven tell of eight, and two of the seven means are lost.

    The jackknife has counted the mean of all eight already.
    """
    replicates, one = np.repeat([0, 1, 2], [4, 3, 1]), np.ones((8, 1), np.int64)
    influence = np.array([1.0, 3.0, 5.0, 7.0, 2.0, 4.0, 6.0, 9.0])[:, None]
    found = chance_within(influence, replicates, one)
    squares = (found.influence**2)[:, 0]
    parts = [squares[replicates == label].sum() for label in range(3)]
    assert parts == pytest.approx([20.0 * 7 / 8 * 8 / 5, 8.0 * 7 / 8 * 8 / 5, 0.0])
    assert found.freedom == pytest.approx(5.0)
    assert found.chance_ratio[:, 0] == pytest.approx([2.0, 8 / 3, 8.0])
    for label in (np.zeros(8, np.int64), np.arange(8)):
        alone = chance_within(influence, label, one)
        assert (alone.influence == influence).all()
        assert alone.freedom == pytest.approx(7.0)
        assert np.isnan(alone.chance_ratio).all()
    seen = 1.0 / variance.variance_factors(np.array([5, 20]))
    assert seen.mean(axis=0) == pytest.approx([1.0, 1.0], rel=0.03)  # what chi-squared over its freedom is on average
    assert seen.var(axis=0) == pytest.approx([2 / 4, 2 / 19], rel=0.15)  # in levels that leave out its ends


@pytest.mark.parametrize("replicates", [1, 8])
def test_without_a_difference_there_is_no_share_on_either_side(replicates: int) -> None:
    nothing = np.zeros((replicates, 1))
    seen = Replicates(nothing[0], nothing[0], np.array([5.0]), nothing, nothing, nothing + 1 / replicates)
    found = posterior(seen)
    assert {name: float(value[0]) for name, value in found.items()} == dict.fromkeys(found, 0.0)


def test_one_replicate_gives_students_interval() -> None:
    one = np.array([[1.0]])
    alone = Replicates(one[0], np.array([4.0]), np.array([9.0]), one, np.zeros((1, 1)), one)
    found = posterior(alone)
    assert list(found)[: len(QUANTILES)] == list(QUANTILES)
    assert found["high"][0] - 1.0 == pytest.approx(2.0 * 2.2622, rel=1e-4)
    assert mean_effect(alone)["mean_high"] == pytest.approx(found["high"])
    assert (found["share_lower"][0], found["share_higher"][0]) == pytest.approx((0.3145, 0.6855), abs=1e-3)
    certain = posterior(alone._replace(chance=np.zeros(1)))
    assert [certain[name][0] for name in ("low", "high", "share_lower", "share_higher")] == [1.0, 1.0, 0.0, 1.0]
    alone = alone._replace(chance=np.array([np.nan]))
    assert all(np.isnan(value[0]) for name, value in posterior(alone).items() if name != "mean")


def test_two_replicates_that_differ_have_an_interval_though_chance_has_no_part_in_it() -> None:
    two = Replicates(
        np.ones(1), np.zeros(1), np.full(1, 9.0), np.array([[-1.0], [3.0]]), np.zeros((2, 1)), np.full((2, 1), 0.5)
    )
    found = posterior(two)
    assert found["low"][0] < -1.0
    assert found["high"][0] > 3.0


def test_offsets_are_those_of_free_parameters_from_the_mean_of_all_draws() -> None:
    rows = ({"evade": 0.1, "act_base": 0.0, "norm_base": 1.0}, {"evade": 0.5, "act_base": 1.0, "norm_base": 1.0})
    known = Draws("two", rows)
    assert known.offsets(scenario(), 3) == pytest.approx(np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, -1.0]]))
    assert known.offsets(scenario(parameters={"evade": 0.3}), 1) == pytest.approx(-1.0)
    assert known.offsets(scenario(parameters={"evade": 0.3, "act_base": 0.1}), 1) is None


def test_replicates_in_which_an_outcome_is_undefined_say_nothing_of_it() -> None:
    """The posterior of two outcomes, one of which half of the replicates lack, is that of each by itself."""
    rng = np.random.default_rng(5)
    values, own = rng.standard_normal((8, 2)), np.full((8, 2), 0.1)
    once = np.array([0.2, 0.3]), np.array([0.01, 0.02]), np.array([20.0, 9.0])
    weights = np.full((8, 2), 0.125)
    values[:4, 1], own[:4, 1], weights[:4, 1], weights[4:, 1] = np.nan, np.nan, 0.0, 0.25
    both = posterior(Replicates(*once, values, own, weights))
    for column, rows in ((0, slice(None)), (1, slice(4, None))):
        at = slice(column, column + 1)
        by_draw = (each[rows, at] for each in (values, own, weights))
        alone = posterior(Replicates(*(each[at] for each in once), *by_draw))
        assert {name: found[column] for name, found in both.items()} == {
            name: found[0] for name, found in alone.items()
        }


@pytest.mark.parametrize(("replicates", "firms"), [(1, 6), (2, 3), (7, 2)])
def test_chance_is_what_firms_make_of_it(replicates: int, firms: int) -> None:
    """Firms of one size without parameters: the stated variance is the true one, four standard errors aside.

    Without counting once that pulls are about the mean of all firms, it was 1.2 times that with six firms.
    """
    labels = np.repeat(np.arange(replicates), firms)
    change = np.random.default_rng(1).standard_normal((len(labels), 3_000))
    sums = np.round(SCALE * np.stack([5.0 + 0.0 * change, 5.0 + change])).astype(np.int64)
    found = with_posterior(ratio_difference, (sums, np.full_like(sums, SCALE)), labels)
    one = np.ones(change.shape, np.int64)
    stated = (chance_within(found["influence"], labels, one).influence ** 2).sum(axis=0).mean() * len(labels)
    assert stated == pytest.approx(1.0, abs=4 * np.sqrt(2.0 / len(labels) / 2 / 3_000) + 0.01)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("replicates", "firms"), [(56, 3.0), (56, 1.6)])
def test_chance_is_found_beside_firms_alone_and_however_it_falls_with_the_size(
    replicates: int, firms: float, power: float
) -> None:
    """Variances of firms fall with a power of their sizes, and parameters do ten times as much as chance.

    By deviations scaled as if firms alone differed or people alone, chance of a replicate was 0.4 or 1.9 times the true
    one with 1.6 firms in each; with the pulls of firms alone in their replicate as they are, the whole was 40 times it.
    """
    rng = np.random.default_rng(11)
    labels = np.repeat(np.arange(replicates), 1 + rng.poisson(firms - 1, replicates))
    sizes = np.maximum(5.0, np.round(20.0 * np.exp(0.8 * rng.standard_normal(len(labels)))))
    true = (sizes / 20.0) ** -power
    effect = 10.0 * rng.standard_normal((replicates, 400))[labels]
    effect += np.sqrt(true)[:, None] * rng.standard_normal((len(labels), 400))
    below = (SCALE * sizes[:, None] * np.ones(400)).astype(np.int64)
    sums = np.stack([5 * below, np.round((5.0 + effect) * below).astype(np.int64)]), np.stack([below, below])
    influence = with_posterior(ratio_difference, sums, labels)["influence"]
    found = variance._sources(ratio_difference, sums, influence, labels)
    weight, shares = sizes / sizes.sum(), sizes / np.bincount(labels, sizes)[labels]
    own = np.bincount(labels, shares**2 * true)
    assert found.chance.mean() / np.sum(weight**2 * true) == pytest.approx(1.0, abs=0.35)
    assert found.each_chance.mean() / own.mean() == pytest.approx(1.0, abs=0.2)


def test_what_parameters_do_is_no_chance_of_unequal_firms() -> None:
    """Firms of a replicate are alike, so there is no chance; centred by their plain mean, pulls left ± 0.8."""
    labels, sizes = np.repeat(np.arange(4), 5), np.tile([1, 1, 2, 5, 20], 4)[:, None] * SCALE
    effect = np.array([-1.0, 0.0, 2.0, 3.0])[labels, None]
    sums = np.stack([0 * sizes, np.round(effect * sizes).astype(np.int64)])
    found = with_posterior(ratio_difference, (sums, np.stack([sizes, sizes])), labels)
    assert found["half_chance"] == pytest.approx(0.0, abs=1e-9)
    assert found["half_parameters"] > 1.0


@pytest.mark.parametrize("skewed", [False, True])
def test_simultaneous_intervals_hold_all_mean_effects(skewed: bool) -> None:
    """Of 150 families of 20 outcomes at least 147, without a discovery; of normal ones 115 at other draws, too.

    For fewer than 115 by chance, intervals would have to hold less than 85 %; 92 % were measured in 600 families.
    """
    rng, replicates, outcomes = np.random.default_rng(8), 32, 20

    def drawn(count: int) -> Reals:
        normal = rng.standard_normal((count, outcomes))
        return (np.exp(normal) - np.exp(0.5)) / np.sqrt((np.e - 1.0) * np.e) if skewed else normal

    all_means = no_discovery = all_new = 0
    weights, freedom = np.full((replicates, outcomes), 1 / replicates), np.full(outcomes, 900.0)
    for _ in range(150):
        each = 0.25 * rng.chisquare(30, (replicates, outcomes)) / 30
        values = drawn(replicates) + 0.5 * rng.standard_normal((replicates, outcomes))
        found = posterior(
            Replicates(values.mean(axis=0), each.mean(axis=0) / replicates, freedom, values, each, weights)
        )
        ends = {
            "centre": found["median"],
            "below": found["median"] - found["low"],
            "above": found["high"] - found["median"],
        }
        rows = pl.DataFrame({"group": "all", "family": "burnout", "unit": "sd", **ends, "freedom": replicates - 1.0})
        tested = corrected(rows)
        low, high, new = tested["low_simultaneous"].to_numpy(), tested["high_simultaneous"].to_numpy(), drawn(1)[0]
        all_means += ((low <= 0) & (high >= 0)).all()
        all_new += ((low <= new) & (new <= high)).all()
        no_discovery += tested["p_holm"].min() >= 0.05
    assert min(all_means, no_discovery) >= 147
    assert all_new >= (75 if skewed else 115)


@pytest.mark.parametrize("there", [1, 3])
def test_an_outcome_that_few_replicates_have_is_estimated_as_from_them_alone(there: int) -> None:
    """Where the others counted, three of 20 gave Student's t of one degree of freedom, and one a mean without error."""
    made = studies(20, 4, 1.0, 1.0, False, 5)
    mine = made.replicates < there
    gone = tuple(side * mine[:, None] for side in made.sums)
    among = with_posterior(ratio_difference, gone, made.replicates, made.offsets)
    few, own = tuple(side[:, mine] for side in made.sums), made.replicates[mine]
    alone = with_posterior(ratio_difference, few, own, made.offsets[:there])
    for low, high in (("low", "high"), ("mean_low", "mean_high")):
        assert among[high] - among[low] == pytest.approx(alone[high] - alone[low], rel=0.25), high
    found = with_interval(ratio_difference, gone, made.replicates)
    value, half = found["value"], found["half"]
    assert (found["low"], found["high"]) == (pytest.approx(value - half), pytest.approx(value + half))
    assert half == pytest.approx(with_interval(ratio_difference, few, own)["half"], rel=0.25)
