"""Rank rule sets under uncertainty about firms and parameters.

All rule sets share firms, weeks and random numbers. Common variation therefore cancels, and probabilities agree with
the interval of a paired difference. Like this interval, they are given only for enough firms
(``sim.comparing.stated``). They are calibrated for three rule sets on 3 to 8 firms (``tests/test_ranking.py``).
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.special import chdtri

from sim.comparing.basis import Basis, evaluation_window, grouped_firms, week_ranges, weeks_of
from sim.comparing.effects import REFERENCE_FIRMS, replicates_of, sums_of
from sim.comparing.stated import RANK_COLUMNS, stated_ranks
from sim.core.errors import ResultsError
from sim.outcomes import CLUSTER, SIGNED, Outcome, Reals, Tables, Whole, error_and_freedom, influences, leave_one_out
from sim.scenario.schema import Scenario
from sim.stats.posterior import bandwidth
from sim.stats.variance import parameter_spread
from sim.stats.within import chance_within

DRAWS = 2_000
AT_ONCE = 200  # draws per block, to bound the memory for their counts of firms
GROUND = "firms that one chosen rule set reaches"
TIE_TOLERANCE = 1e-12  # relative tolerance for ties, because sums of the same numbers depend on their order


def ranking(
    pairs: Sequence[tuple[Scenario, Tables]],
    reference: Scenario,
    outcomes: Sequence[Outcome],
    seed: int,
    uncertain: bool = True,
    ground: str = "",
) -> pl.DataFrame:
    """Rank the reference and all scenarios by each outcome that has a better direction.

    ``pairs`` contains each scenario with the tables of its world and of the reference. The reference's rules count if
    the tables have ``REFERENCE_FIRMS``. ``ground`` names the scenario on whose firms all are ranked; by default these
    are the firms that all reach. Ties share ``probability_best`` and ``expected_rank`` (1 is best). ``regret`` is the
    mean shortfall from the best over the draws, in the outcome's unit; it is null with an effective number of two firms
    or fewer, because this mean does not exist then. ``regret_high`` is its 95 % quantile. ``over`` says what was drawn;
    a single replicate gives no draws of parameters. All but ``mean`` is null with fewer than ``FEWEST`` firms, unless
    all rule sets are equal. Raises ``ResultsError`` if no outcome can be ranked.
    """
    outcomes = [outcome for outcome in outcomes if outcome.better]
    basis, words = _basis(pairs, reference, ground)
    numerators, denominators = _sums(pairs, reference, outcomes, basis)
    names = [reference.name, *(scenario.name for scenario, _ in pairs)]
    sign = np.array([1.0 if outcome.better == "lower" else -1.0 for outcome in outcomes])
    replicates, rng = replicates_of(basis.firms), np.random.default_rng(seed)
    uncertain = uncertain and len(np.unique(replicates)) > 1
    floored = np.array([outcome.unit != "sd" and outcome.name not in SIGNED for outcome in outcomes])
    mean, best, rank, regret, freedom = _rank_draws(numerators, denominators, sign, rng, replicates, uncertain, floored)
    has_mean = (freedom > 1) | ~regret.any(axis=(0, 1))
    rows = []
    for place, outcome in enumerate(outcomes):
        if not np.isfinite(mean[:, place]).all():
            continue
        facts = {"outcome": outcome.name, "family": outcome.family, "unit": outcome.unit, "better": outcome.better}
        values = {
            "scenario": names,
            "mean": mean[:, place],
            "probability_best": best[:, :, place].mean(axis=0),
            "expected_rank": rank[:, :, place].mean(axis=0),
            "regret": regret[:, :, place].mean(axis=0) if has_mean[place] else np.nan,
            "regret_high": np.quantile(regret[:, :, place], 0.95, axis=0),
        }
        about = {"firms": basis.firms.height, "window": basis.window, "basis": words, "draws": DRAWS}
        about["over"] = "firms and parameters" if uncertain else "firms"
        frame = pl.DataFrame(facts | values | about, schema_overrides=dict.fromkeys(RANK_COLUMNS, pl.Float64))
        rows.append(frame.with_columns(pl.col(RANK_COLUMNS).fill_nan(None)))
    if not rows:
        raise ResultsError("no outcome can be ranked: there is nothing to divide by")
    return stated_ranks(pl.concat(rows))


def _basis(pairs: Sequence[tuple[Scenario, Tables]], reference: Scenario, ground: str) -> tuple[Basis, str]:
    """Choose the weeks and firms common to all rule sets, or those of any if too few (no week, one firm) are common.

    With a ``ground``, the firms are those that this scenario reaches.
    """
    weeks = weeks_of(pairs[0][1])
    windows = [set(evaluation_window(scenario, reference, weeks).weeks) for scenario, _ in pairs]
    common = sorted(set.intersection(*windows) or set.union(*windows))
    everyone = [tables for _, tables in pairs]
    if REFERENCE_FIRMS in everyone[0]:
        everyone.append({"firms": everyone[0][REFERENCE_FIRMS]})
    if ground:
        tables = next(tables for scenario, tables in pairs if scenario.name == ground)
        firms, words = grouped_firms(tables).filter("in_scope"), GROUND
    elif reaching := [scope for each in everyone if (scope := grouped_firms(each).filter("in_scope")).height]:
        reached = pl.concat(reaching).group_by(CLUSTER).len("rule_sets")
        firms, words = reached.filter(rule_sets=len(reaching)), "firms that every rule set with rules reaches"
        if firms.height < 2:
            firms, words = reached, "firms that some rule set reaches, for fewer than two are reached by all"
    else:
        firms, words = grouped_firms(pairs[0][1]), "all firms: no rule reaches any"
    return Basis(firms.select(CLUSTER), common, week_ranges(common)), words


def _sums(
    pairs: Sequence[tuple[Scenario, Tables]], reference: Scenario, outcomes: Sequence[Outcome], basis: Basis
) -> tuple[Whole, Whole]:
    """Sum outcomes to (rule sets, firms, outcomes), the reference first."""
    sides = [sums_of(pairs[0][1], [reference.name], outcomes, basis)]
    sides += [sums_of(tables, [scenario.name], outcomes, basis) for scenario, tables in pairs]
    if len({numerators.shape for numerators, _ in sides}) > 1 or sides[0][0].shape[1] != basis.firms.height:
        raise ResultsError("a world does not have the firms of the others")
    numerators, denominators = (np.concatenate(side) for side in zip(*sides, strict=True))
    return numerators, denominators


def _parameter_shifts(sums: tuple[Whole, Whole], replicates: Whole, rng: np.random.Generator) -> Reals:
    """Draw by how much parameters move rule sets apart from the reference: (draws, rule sets, outcomes).

    Each draw combines a level of the spread's confidence distribution with the smoothed deviation of one replicate. As
    in the interval of an effect, this covers all levels and keeps the skew that parameters cause.
    """
    root, off = parameter_spread(sums, replicates)
    count, smooth = len(off), bandwidth(off, off.var(axis=0, ddof=1))
    # Random order, each level equally often; independent draws of rare large levels would make a mean depend on the
    # seed.
    level = rng.permutation(DRAWS) % len(root)
    normal = smooth * rng.standard_normal((DRAWS, *root.shape[1:3]))
    normal += np.sqrt(1.0 - smooth**2) * off[rng.permutation(DRAWS) % count]
    moved = np.empty((DRAWS, root.shape[2], root.shape[1]))
    for number, at in enumerate(root):
        moved[level == number] = np.einsum("oij,doj->dio", at, normal[level == number])
    return moved


def _rank_draws(
    numerators: Whole,
    denominators: Whole,
    sign: Reals,
    rng: np.random.Generator,
    replicates: Whole,
    uncertain: bool,
    floored: np.ndarray | bool = False,
) -> tuple[Reals, Reals, Reals, Reals, Reals]:
    """Return means, then probabilities of being best, ranks and regrets by draw, and degrees of freedom.

    Differences from the reference are drawn jointly from a multivariate Student's t. Its covariance is the jackknife's
    over firms, its degrees of freedom are the effective number of firms less one (Chick and Inoue 2001, Operations
    Research 49, 732-743; with common random numbers, Management Science 47, 1133-1149). The parameter variance of
    ``sim.stats.variance`` is added. A bootstrap would be overconfident: if two firms agree, every resample agrees. The
    middle three results have shape (draws, rule sets, outcomes); a single firm gives NaN. For outcomes that are
    ``floored`` at zero, no rule set is drawn below one under which the outcome is zero in every firm.
    """
    worlds, firms, outcomes = numerators.shape
    value, without = leave_one_out(numerators, denominators)
    influence = influences(value - value[0], without - without[0])
    weights = denominators.sum(axis=0)
    freedom = error_and_freedom(influence[0], weights)[1]
    if uncertain:
        influence, freedom, _ = chance_within(influence, replicates, weights)
    moved = _parameter_shifts((numerators, denominators), replicates, rng) if uncertain else np.zeros((DRAWS, 1, 1))
    # Student's t is a scale mixture of normals; scales are spread evenly, like the levels in ``_parameter_shifts``.
    level = (rng.permutation(DRAWS)[:, None] + 0.5) / DRAWS
    different, which = np.unique(freedom, return_inverse=True)  # most share theirs; quantiles are slow
    tail = np.sqrt(different / chdtri(different, level))[:, None, which]
    above = influence.transpose(1, 0, 2).reshape(firms, -1)
    nothing = floored & ~numerators.any(axis=1)
    parts = []
    for first in range(0, DRAWS, AT_ONCE):
        these = slice(first, first + AT_ONCE)
        by_chance = (rng.standard_normal((len(tail[these]), firms)) @ above).reshape(-1, worlds, outcomes)
        drawn = value + tail[these] * by_chance + moved[these]
        loss = sign * np.maximum(drawn, np.where(nothing, drawn, -np.inf).max(axis=1, keepdims=True))
        slack = TIE_TOLERANCE * np.abs(loss).max(axis=1, keepdims=True)
        regret = loss - loss.min(axis=1, keepdims=True)
        regret[regret <= slack] = 0.0
        unknown = np.isnan(loss).any(axis=1, keepdims=True)
        first_place = np.where(unknown, np.nan, regret == 0.0)
        gap = loss[:, :, None, :] - loss[:, None, :, :]  # by how much the first is worse than the second
        tied = np.abs(gap) <= slack[:, :, None, :]
        rank = 1.0 + ((gap > 0) & ~tied).sum(axis=2) + 0.5 * (tied.sum(axis=2) - 1)
        rank = np.where(unknown, np.nan, rank)
        parts.append((first_place / first_place.sum(axis=1, keepdims=True), rank, regret))
    best, ranks, regrets = (np.concatenate(side) for side in zip(*parts, strict=True))
    return value, best, ranks, regrets, freedom
