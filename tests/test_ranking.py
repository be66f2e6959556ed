"""How sure a ranking is: chances and regrets on made-up truths, with few firms, and the order in which they stand."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import skew

from sim.comparing import ranking as module
from sim.comparing.effects import contrasts
from sim.comparing.ranking import ranking
from sim.comparing.robustness import best_rules
from sim.comparing.stated import RANK_COLUMNS, corrected
from sim.outcomes import BY_NAME, FEWEST, SCALE, Reals
from sim.report.comparison import best
from sim.stats.ranks import best_first, leaders, undecided, whole_percent
from sim.stats.variance import parameter_spread, ratio_difference, with_posterior
from tests.synthetic import Lever, Rules, economy

BASE, BAN = Rules("base"), Rules("ban", [Lever()])
OVERTIME = [BY_NAME["recorded_overtime"]]
CASES, CALLS = 500, 6


def draws_of_three(firms: int, wide: float, seed: int) -> list[tuple[np.ndarray, ...]]:
    """Rank three rule sets whose truth is known, case by case: the chosen one's true regret and what is stated of it.

    Firms differ much and alike under all rule sets; rule sets differ by an even truth and by firm.
    """
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(CALLS):
        truth = rng.uniform(-wide, wide, (3, 1, CASES))
        scale = np.exp(0.3 * rng.standard_normal((3, 1, CASES)))
        noise = 5 * rng.standard_normal((1, firms, CASES)) + scale * rng.standard_normal((3, firms, CASES))
        sums = np.round((truth + noise) * SCALE).astype(np.int64)
        one = np.full_like(sums, SCALE)
        value, top, _, regret, _ = module._rank_draws(sums, one, np.ones(CASES), rng, np.zeros(firms, np.int64), False)
        mine = value.argmin(axis=0)
        true = np.take_along_axis(truth[:, 0], mine[None], axis=0)[0] - truth[:, 0].min(axis=0)
        lost = np.take_along_axis(regret, mine[None, None], axis=1)[:, 0]
        stated = np.take_along_axis(top.mean(axis=0), mine[None], axis=0)[0]
        found.append((true, stated, lost.mean(axis=0), np.quantile(lost, 0.95, axis=0)))
    return found


@pytest.mark.parametrize("firms", [3, 5, 8])
def test_chances_and_regrets_are_honest_with_few_firms(firms: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """3,000 made-up truths, much wider than what firms add: how often the chosen rule set is the best is as stated.

    Each bound lies five standard errors off, so that a false alarm has a probability below one in a million each. A
    bootstrap of the firms overstates by 5.2, 3.0 and 1.7 points. What is stated may be too careful by 3 points.
    """
    monkeypatch.setattr(module, "DRAWS", 400)
    true, stated, lost, bound = (np.concatenate(side) for side in zip(*draws_of_three(firms, 3.0, firms), strict=True))
    count = len(true)
    error = np.sqrt((stated * (1 - stated)).sum()) / count
    over = stated.mean() - (true == 0).mean()
    assert -0.03 - 5 * error < over < 5 * error
    sure = stated >= 0.95
    assert sure.sum() > 100
    assert (true[sure] == 0).mean() > stated[sure].mean() - 5 * np.sqrt(0.05 * 0.95 / sure.sum())
    assert lost.mean() > true.mean() - 5 * true.std() / np.sqrt(count)
    assert (true <= bound).mean() > 0.95 - 5 * np.sqrt(0.05 * 0.95 / count)


@pytest.mark.parametrize("firms", [3, 8])
def test_of_equal_rules_none_is_surely_best(firms: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any of three equal rule sets is called the best at 95 % in at most 5 % of 3,000 cases, five errors aside."""
    monkeypatch.setattr(module, "DRAWS", 400)
    stated = np.concatenate([part[1] for part in draws_of_three(firms, 0.0, firms)])
    assert (stated >= 0.95).mean() < 0.05 + 5 * np.sqrt(0.05 * 0.95 / len(stated))


def noisy(part: pl.DataFrame) -> pl.DataFrame:
    factor = 0.9 * np.random.default_rng(2).uniform(0.0, 2.0, part.height)
    return part.with_columns((pl.col("recorded_overtime_minutes") * pl.Series(factor)).cast(pl.Float32))


def uneven(part: pl.DataFrame) -> pl.DataFrame:
    """Also different from replicate to replicate, by parameters."""
    factor = (pl.col("replicate") % 2 + 0.5).cast(pl.Float32)
    return noisy(part).with_columns(pl.col("recorded_overtime_minutes") * factor)


@pytest.mark.parametrize(("uncertain", "change"), [(False, noisy), (True, noisy), (False, uneven)])
@pytest.mark.parametrize("firm_count", [4, 12])
def test_the_chance_of_one_of_two_agrees_with_the_interval_of_their_difference(
    firm_count: int, uncertain: bool, change: Any
) -> None:
    """One less half of the p value, or where parameters are drawn its share, five errors of 2,000 draws aside."""
    tables = economy(5, replicates=4, firm_count=firm_count, change=change)
    rows = corrected(contrasts(tables, BAN, BASE, OVERTIME, uncertain=uncertain)).filter(group="all")
    found = ranking([(BAN, tables)], BASE, OVERTIME, 1, uncertain)
    stated = dict(found.select("scenario", "probability_best").iter_rows())["ban"]
    side = rows["p_value"][0] / 2
    lower = rows["share_lower"][0] if uncertain else 1 - side if rows["difference"][0] < 0 else side
    assert stated == pytest.approx(lower, abs=5 * np.sqrt(0.25 / 2_000))


def test_a_replicate_without_an_outcome_does_not_hide_what_parameters_do() -> None:
    """Effects of 20 replicates spread by 1 about zero; in one of them there is nothing to divide by, or by the rules.

    An infinite value in the second world took all spread by parameters away, so that one rule set was surely best.
    """
    rng, replicates = np.random.default_rng(3), np.repeat(np.arange(20), 4)
    effect = rng.standard_normal(20)[replicates] - 0.2
    level = np.stack([np.zeros(80), effect + 0.1 * rng.standard_normal(80)])[..., None]
    sums, one = np.round(level * SCALE).astype(np.int64), np.full(level.shape, SCALE)
    gone = np.where(replicates == 0, 0, 1)[:, None]
    chances = [
        module._rank_draws(above, below, np.ones(1), np.random.default_rng(1), replicates, True)[1][:, 1].mean()
        for above, below in ((sums, one), (sums * gone, one * gone), (sums, np.stack([one[0], one[1] * gone])))
    ]
    assert chances[1:] == pytest.approx([chances[0]] * 2, abs=0.1)


@pytest.mark.parametrize(("spread", "noise"), [(0.0, 1.0), (1.0, 0.2)])
def test_chances_agree_with_the_posterior(spread: float, noise: float) -> None:
    """Of two rule sets, over 56 replicates of which a third has one firm, with effects of parameters that are skewed.

    Of 40 effects chances and shares were 0.01 apart on average. Where replicates with one firm counted as without
    chance, it was 0.05 where chance does all; and where skewed effects were smoothed as normal ones, 0.07.
    """
    rng = np.random.default_rng(5)
    replicates = np.repeat(np.arange(56), 1 + rng.poisson(1.0, 56))
    effect = spread * rng.lognormal(0.0, 1.5, (56, 40))[replicates] - rng.uniform(0.0, 2.0 * spread + 0.5, 40)
    firms = effect + noise * rng.standard_normal(effect.shape)
    sums, one = np.round(SCALE * (5 + np.stack([0 * firms, firms]))).astype(np.int64), np.full((2, *firms.shape), SCALE)
    share = with_posterior(ratio_difference, (sums, one), replicates)["share_lower"]
    chance_best = module._rank_draws(sums, one, np.ones(40), rng, replicates, True)[1][:, 1].mean(axis=0)
    assert np.abs(chance_best - share).mean() < 0.025


@pytest.mark.parametrize("uncertain", [False, True])
def test_nothing_costs_less_than_nothing(uncertain: bool) -> None:
    """Two rule sets cost the public nothing, and a third something in some firms: no draw makes it the cheapest."""
    replicates = np.repeat(np.arange(8), 4)
    cost = np.random.default_rng(4).exponential(1.0, (32, 1)) * (np.arange(32) % 5 == 0)[:, None]
    sums = np.round(SCALE * np.stack([0 * cost, 0 * cost, cost])).astype(np.int64)
    best, regret = (
        module._rank_draws(
            sums, np.full_like(sums, SCALE), np.ones(1), np.random.default_rng(1), replicates, uncertain, floor
        )
        for floor in (True, False)
    )
    assert regret[3][:, 0].max() > 0, "without the floor"
    assert best[3][:, :2].max() == 0
    assert (best[1][:, 0] == best[1][:, 1]).all()
    assert 0 < best[1][:, 2].mean() < 0.1, "ties at nothing are shared"
    assert best[3][:, 2].min() == 0


@pytest.mark.parametrize(("replicates", "firms"), [(32, 2), (56, 3)])
def test_regrets_of_many_rule_sets_are_those_of_made_up_truths(replicates: int, firms: int) -> None:
    """Of twelve, with effects as large as what parameters change of them, and chance of one firm twice as large.

    The regret of the choice was 1.7 and 1.4 times the true one where firms alone in a replicate counted as parameters,
    and 1.5 and 1.2 times with all directions in which chance left some variance.
    """
    rng, cases, rules = np.random.default_rng(1), 40, 12
    labels = np.repeat(np.arange(replicates), 1 + rng.poisson(firms - 1, replicates))
    means, loads = 0.5 * rng.standard_normal((cases, rules)), 0.6 * rng.standard_normal((rules, 3))

    def effects(draws: int) -> Reals:
        shared, own = rng.standard_normal((draws, cases, 3)), rng.standard_normal((draws, cases, rules))
        found: Reals = (means + 0.5 * shared @ loads.T + 0.25 * own) * (np.arange(rules) > 0)
        return found

    sizes = np.maximum(5.0, np.round(20.0 * np.exp(0.8 * rng.standard_normal(len(labels)))))
    chance = np.sqrt(0.5 + 10.0 / sizes)[:, None, None] * rng.standard_normal((len(labels), cases, rules))
    level = 5.0 + effects(replicates)[labels] + chance * (np.arange(rules) > 0)
    below = np.broadcast_to((SCALE * sizes[:, None]).astype(np.int64), (rules, len(labels), cases)).copy()
    above = np.round(level.transpose(2, 0, 1) * below).astype(np.int64)
    found = module._rank_draws(above, below, np.ones(cases), np.random.default_rng(2), labels, True)
    stated, everywhere = found[3].mean(axis=0), effects(4_000)
    true = (everywhere - everywhere.min(axis=-1, keepdims=True)).mean(axis=0).T
    chosen = stated.argmin(axis=0), np.arange(cases)
    assert 0.9 < stated[chosen].mean() / true[chosen].mean() < 1.15


def test_tails_of_few_firms_do_not_stretch_what_parameters_do() -> None:
    """Firms of a replicate are alike, so sizes that leave one degree of freedom instead of eight change no regret.

    Student's t times the spread of parameters gave an average regret four times as large.
    """
    rng, replicates = np.random.default_rng(3), np.repeat(np.arange(8), 2)
    level = 5 + rng.standard_normal((3, 8, 1))[:, replicates]
    even = np.full(level.shape, SCALE)
    uneven = np.array([1000, 1000, *[1999, 1] * 7])[:, None] * np.full(level.shape, SCALE // 1000)
    found = [
        module._rank_draws(
            np.round(level * size).astype(np.int64), size, np.ones(1), np.random.default_rng(1), replicates, True
        )
        for size in (even, uneven)
    ]
    assert [each[-1][0] for each in found] == pytest.approx([8.0, 1.0], abs=0.1)
    regrets = [each[3].mean(axis=0)[:, 0] for each in found]
    assert regrets[1] == pytest.approx(regrets[0], rel=0.01)


def test_no_chances_are_stated_over_few_firms_unless_nothing_differs() -> None:
    """As of intervals: five firms give none, six do, with a warning, and rule sets that are equal are tied."""
    few, enough = (
        ranking([(BAN, economy(5, replicates=1, firm_count=count, change=noisy))], BASE, OVERTIME, 1)
        for count in (2 * FEWEST - 2, 2 * FEWEST)
    )
    assert few["firms"].unique().to_list() == [FEWEST - 1]
    assert few.select(RANK_COLUMNS).null_count().row(0) == (2, 2, 2, 2)
    assert few["mean"].null_count() == 0
    assert best(few) == [
        f"[bold]Best[/] on {FEWEST - 1} {few['basis'][0]}, {few['window'][0]}: "
        "no chances, for fewer than 6 firms do not show how others would differ."
    ]
    told = best_rules(few.select(pl.lit("report").alias("reading"), pl.all()))
    assert told.select("best", "probability", "conclusion").rows() == [("", None, "unclear")]
    assert enough.select(RANK_COLUMNS).null_count().row(0) == (0, 0, 0, 0)
    assert "Caution: 6 firms" in best(enough)[1]
    alike = ranking([(BAN, economy(5, replicates=1, firm_count=4))], BASE, OVERTIME, 1)
    assert alike["probability_best"].to_list() == pytest.approx([0.5, 0.5])
    assert alike.select(RANK_COLUMNS).null_count().row(0) == (0, 0, 0, 0)
    assert (alike["firms"][0], alike["basis"][0]) == (2, "firms that every rule set with rules reaches")


def test_sums_that_differ_by_rounding_are_tied() -> None:
    """Of three rule sets the first two differ by one part in 10^14."""
    people = np.arange(1, 9)[:, None] * 10**9
    level = np.array([5.0, 1.0, 7.0, 3.0, 9.0, 2.0, 6.0, 4.0])[:, None] * 10**4
    first = (people * level).astype(np.int64)
    sums = np.stack([first, first + 1, first + people * 10**6])
    value, best, rank, regret, _ = module._rank_draws(
        sums, np.stack([people] * 3), np.ones(1), np.random.default_rng(1), np.zeros(8, np.int64), False
    )
    assert value[0] != value[1]
    assert best[:, :2] == pytest.approx(0.5)
    assert rank[:, :2] == pytest.approx(1.5)
    assert not regret[:, :2].any()


def test_an_outcome_that_a_rule_set_leaves_undefined_is_not_ranked() -> None:
    nothing = [pl.lit(0, pl.Int32).alias(name) for name in ("workdays", "interruptions")]
    tables = economy(5, change=lambda part: part.with_columns(nothing))
    outcomes = [BY_NAME["interruptions"], BY_NAME["output"]]
    assert ranking([(BAN, tables)], BASE, outcomes, 1)["outcome"].unique().to_list() == ["output"]


def test_over_two_firms_a_regret_has_no_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.comparing.stated.FEWEST", 2)
    found = ranking([(BAN, economy(5, replicates=1, firm_count=4, change=noisy))], BASE, OVERTIME, 1)
    assert found.select(RANK_COLUMNS).null_count().row(0) == (0, 0, 2, 0)


def test_each_outcome_has_the_tails_of_its_own_weights() -> None:
    """Of two outcomes, one weighs firms alike and the other hardly any but one, which leaves a degree of freedom."""
    rng = np.random.default_rng(4)
    alike, apart = np.full((3, 8, 1), SCALE), SCALE * np.tile(np.r_[100, np.ones(7, np.int64)][:, None], (3, 1, 1))
    weights = np.concatenate([alike, apart], axis=2)
    sums = (weights * rng.random(weights.shape)).astype(np.int64)
    rest = np.zeros(8, np.int64), False
    *both, freedom = module._rank_draws(sums, weights, np.ones(2), np.random.default_rng(1), *rest)
    assert freedom[0] > 5 * freedom[1]
    for k in range(2):
        one = module._rank_draws(sums[..., [k]], weights[..., [k]], np.ones(1), np.random.default_rng(1), *rest)
        for mine, alone in zip(both, one, strict=False):
            np.testing.assert_allclose(mine[..., k], alone[..., 0], rtol=1e-9, atol=1e-12)


def test_draws_of_parameters_spread_as_far_as_replicates_did_and_keep_their_skew() -> None:
    """Twenty replicates whose effects are skewed; 2,000 draws have their variance within five errors of 3 %."""
    replicates = np.repeat(np.arange(20), 4)
    effect = np.random.default_rng(3).exponential(1.0, 20)[replicates]
    sums = np.round(np.stack([np.zeros(80), effect])[..., None] * SCALE).astype(np.int64), np.full((2, 80, 1), SCALE)
    roots, off = parameter_spread(sums, replicates)
    assert (np.diff(off[:, 0]) ** 2).mean() == pytest.approx(2.0)
    moved = np.diff(module._parameter_shifts(sums, replicates, np.random.default_rng(1))[:, :, 0])
    assert moved.var() == pytest.approx((np.diff(roots[:, 0]) ** 2).sum(axis=1).mean(), rel=0.15)
    assert skew(moved) > 0.5


def test_draws_of_parameters_do_not_depend_on_which_rule_set_is_the_reference() -> None:
    """Four rule sets over 20 replicates; as differences from the first one, chances moved by two points with it."""
    rng = np.random.default_rng(4)
    replicates, order = np.repeat(np.arange(20), 3), [2, 0, 3, 1]
    effect = np.array([0.0, 0.3, 0.6, -0.1])[:, None] * rng.lognormal(0.0, 0.8, 20) + rng.standard_normal((4, 20))
    level = 5 + effect[:, replicates] + 0.3 * rng.standard_normal((4, 60))
    sums, one = np.round(SCALE * level)[..., None].astype(np.int64), np.full((4, 60, 1), SCALE)
    (roots, off), (others, turned) = (parameter_spread((each, one), replicates) for each in (sums, sums[order]))
    assert others == pytest.approx(roots[:, :, order][..., order])
    assert turned == pytest.approx(off[..., order])


def ranks(**more: Any) -> pl.DataFrame:
    """One outcome in which the most probable rule set has not the lowest expected rank."""
    about = {"outcome": "recorded_overtime", "family": "overtime", "unit": "h/week", "better": "lower", "firms": 30,
             "basis": "firms", "window": "weeks 1–2", "over": "firms"}  # fmt: skip
    return pl.DataFrame(
        {
            "scenario": ["base", "steady", "bold"],
            "mean": [9.0, 8.0, 8.1],
            "probability_best": [0.0, 0.43, 0.57],
            "expected_rank": [2.9, 1.5, 1.6],
            "regret": [1.0, 0.1, 0.2],
            "regret_high": [2.0, 0.4, 0.5],
        }
        | about
        | more
    )


def test_rule_sets_stand_in_the_order_of_the_chance_that_is_printed() -> None:
    assert best_first(ranks())["scenario"].to_list() == ["bold", "steady", "base"]
    assert leaders(ranks().to_dicts()) == ["bold"]
    assert best_rules(ranks(reading="report"))["best"].to_list() == ["bold"]
    assert "bold (57 %), then steady (43 %), worse than the best by 0.100 h/week" in best(ranks())[1]
    copied = ranks(mean=[9.0, 9.0, 8.1], probability_best=[0.3, 0.3, 0.4], regret_high=[2.0, 2.0, 0.5])
    assert best_first(copied)["scenario"].to_list() == ["steady", "base", "bold"]
    assert leaders(copied.to_dicts()) == ["base", "steady"]
    assert "steady, base (60 %), then bold (40 %), worse than" in best(copied)[1]
    behind = copied.with_columns(probability_best=pl.Series([0.15, 0.15, 0.7]), regret=pl.Series([1.0, 1.0, 0.2]))
    assert "bold (70 %), then steady, base (30 %), worse than the best by 1.00 h/week" in best(behind)[1]
    tied = ranks(probability_best=[0.5, 0.5, None], expected_rank=[1.6, 1.5, None])
    assert best_first(tied)["scenario"].to_list() == ["steady", "base", "bold"]


def test_rule_sets_are_tied_only_by_the_same_mean_and_the_same_regret() -> None:
    unlike = {"probability_best": [0.3, 0.45, 0.25]}
    assert leaders(ranks(**unlike, mean=[8.0, 8.0, 9.0], regret_high=[0.4, 0.40001, 0.5]).to_dicts()) == ["steady"]
    assert leaders(ranks(**unlike, mean=[9.0, 8.0, 8.1], regret_high=[0.4, 0.4, 0.4]).to_dicts()) == ["steady"]
    alike = ranks(mean=[8.0] * 3, probability_best=[1 / 3] * 3, regret_high=[0.0] * 3)
    unknown = ranks(probability_best=pl.Series([None] * 3, dtype=pl.Float64), outcome="waiting")
    assert [undecided(each) for each in (alike, unknown, pl.concat([alike, unknown]))] == [False, True, True]


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0"), (0.004, "<1"), (0.01, "1"), (0.5, "50"), (0.99, "99"), (0.996, ">99"), (1.0, "100"), (None, "–")],
)
def test_what_is_not_sure_is_not_written_as_certain(value: float | None, words: str) -> None:
    assert whole_percent(value) == words
