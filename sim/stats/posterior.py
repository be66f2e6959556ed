"""The posterior of an effect: its distribution over uncertain parameters and over the firms that were drawn.

Each replicate is one draw of the parameters with its own firms. The spread of effects between replicates is first
reduced by the part that chance alone explains, then smoothed; this keeps the skew that the parameters cause. The chance
of the pooled estimate is added. With few replicates the variance between parameters is itself uncertain, so points are
scaled by factors from its confidence distribution.
"""

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import chdtri, stdtr, stdtrit

from sim.outcomes import Reals

POINTS = 96  # points per replicate, spread evenly over chance and over the uncertainty of the variance
GOLDEN = 0.6180339887498949  # golden ratio, which pairs both without a pattern
QUANTILES = {"low": 0.025, "low_50": 0.25, "median": 0.5, "high_50": 0.75, "high": 0.975}
SHARES = ("share_lower", "share_higher")
MEAN = ("mean", "mean_low", "mean_high")
END_ERRORS = ("low_error", "high_error")
JACKKNIFE_PARTS = 14  # parts of the draws for the jackknife, each left out once
FOLDS, LEAST_DRAWS = 8, 16  # folds of draws; below that many draws effects are not regressed on parameters
EXPLAINED = 0.65  # share of an effect's variance over draws that is linear in parameters; sets the shrinkage
REFLECTION = 0.5  # a variance estimated below zero counts as this share of its size, above zero
WORTH_ADJUSTING = 0.9  # a regression must leave less than this share of the variance; smaller gains may be chance


class Replicates(NamedTuple):
    """What replicates show of an effect; arrays over outcomes, with replicates first where they have both."""

    pooled: Reals  # pooled estimate
    chance: Reals  # variance of the pooled estimate by chance
    freedom: Reals  # degrees of freedom of that variance
    values: Reals  # (replicates, outcomes) effect in each replicate
    each_chance: Reals  # (replicates, outcomes) variance of each effect by chance
    weights: Reals  # (replicates, outcomes) weight in the pooled estimate; weights add up to one


def posterior(seen: Replicates, offsets: Reals | None = None, errors: bool = False) -> dict[str, Reals]:
    """Return the quantiles in ``QUANTILES``, the ``SHARES`` and the ``mean_effect`` of an effect, (outcomes,) each.

    With ``errors``, the result also has ``END_ERRORS``: standard errors of ``low`` and ``high`` from the choice of
    draws, NaN with fewer than ``LEAST_DRAWS`` draws. Replicates in which an outcome is undefined do not count. With one
    replicate all spread is chance. If an effect is exactly zero in all replicates, both shares are zero.
    """
    names = (*QUANTILES, *SHARES, *MEAN, *(END_ERRORS if errors else ()))
    found = {name: np.full_like(seen.pooled, np.nan) for name in names}
    patterns, which = np.unique(np.isfinite(seen.values), axis=1, return_inverse=True)
    for place, rows in enumerate(patterns.T):
        columns = which == place
        once, by_draw = (each[columns] for each in seen[:3]), (each[np.ix_(rows, columns)] for each in seen[3:])
        there = None if offsets is None else offsets[rows]
        own = Replicates(*once, *by_draw)
        parts = _of_defined(own, there) | (_end_errors(own, there) if errors and rows.sum() >= LEAST_DRAWS else {})
        for name, values in parts.items():
            found[name][columns] = values
    return found


def _end_errors(seen: Replicates, offsets: Reals | None) -> dict[str, Reals]:
    """Return standard errors of both ends of the 95 % interval, by a jackknife over parts of the draws."""
    draws, ends = np.arange(len(seen.values)), []
    for part in range(JACKKNIFE_PARTS):
        kept = draws % JACKKNIFE_PARTS != part
        share = seen.weights[kept].sum(axis=0)
        weights, values = seen.weights[kept] / share, seen.values[kept]
        centre = seen.pooled + (weights * (values - seen.pooled)).sum(axis=0)
        rest = Replicates(centre, seen.chance / share, seen.freedom, values, seen.each_chance[kept], weights)
        mean = mean_effect(rest, None if offsets is None else offsets[kept])["mean"]
        ends.append(np.quantile(_points(rest._replace(pooled=mean)), (QUANTILES["low"], QUANTILES["high"]), axis=0))
    errors = np.sqrt((JACKKNIFE_PARTS - 1) * np.var(ends, axis=0))
    return dict(zip(END_ERRORS, errors, strict=True))


def _of_defined(seen: Replicates, offsets: Reals | None) -> dict[str, Reals]:
    """Compute ``posterior`` for outcomes that are defined in all replicates."""
    mean = mean_effect(seen, offsets)
    seen = seen._replace(pooled=mean["mean"])
    if len(seen.values) <= 1:
        return _student_posterior(seen) | mean
    points = _points(seen)
    found = dict(zip(QUANTILES, np.quantile(points, list(QUANTILES.values()), axis=0), strict=True))
    unknown = np.isnan(seen.pooled) | np.isnan(seen.chance)
    shares = (np.where(unknown, np.nan, (sign * points > 0).mean(axis=0)) for sign in (-1, 1))
    return found | dict(zip(SHARES, shares, strict=True)) | mean


def bandwidth(off: Reals, spread: Reals) -> Reals:
    """Return by how much to smooth deviations, (replicates, ...), of variance ``spread``, in standard deviations.

    This is Silverman's rule, made narrower where a few outliers dominate the variance (judged by the middle half).
    """
    usual = np.full_like(spread, min(1.06 * len(off) ** -0.2, 1.0))
    if len(off) < LEAST_DRAWS:
        return usual
    low, high = np.quantile(off, (0.25, 0.75), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return usual * np.where(spread > 0, np.minimum((high - low) / (1.349 * np.sqrt(spread)), 1.0), 1.0)


def _student_posterior(seen: Replicates) -> dict[str, Reals]:
    """Compute quantiles and shares from Student's t around the estimate."""
    error = np.sqrt(seen.chance)
    found = {
        name: np.where(error == 0, seen.pooled, seen.pooled + error * stdtrit(seen.freedom, at))
        for name, at in QUANTILES.items()
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.where(error == 0, seen.pooled < 0, stdtr(seen.freedom, -seen.pooled / error))
        above = np.where(error == 0, seen.pooled > 0, stdtr(seen.freedom, seen.pooled / error))
    unknown = np.isnan(seen.pooled) | np.isnan(error)
    return found | {name: np.where(unknown, np.nan, part) for name, part in zip(SHARES, (below, above), strict=True)}


def _points(seen: Replicates) -> Reals:
    """Return equally likely effects, (points, outcomes)."""
    count = len(seen.values)
    tails: Reals = _t_quantiles(*seen.freedom)
    off = seen.values - seen.values.mean(axis=0)
    spread = (off**2).sum(axis=0) / (count - 1)
    beyond = nonnegative(_variance_factors(count)[:, None] * spread - finite_mean(seen.each_chance))
    beyond = beyond * (1.0 + (seen.weights**2).sum(axis=0))
    smooth = bandwidth(off, spread)
    with np.errstate(divide="ignore", invalid="ignore"):
        shrunk = np.where(spread > 0, np.sqrt(beyond * (1.0 - smooth**2) / spread), 0.0)
    noise = np.sqrt(beyond * smooth**2 + seen.chance) * tails
    points: Reals = seen.pooled + shrunk[:, None, :] * off + noise[:, None, :]
    return points.reshape(-1, points.shape[-1])


@lru_cache(8)
def _t_quantiles(*freedom: float) -> Reals:
    return stdtrit(np.array(freedom), ((np.arange(POINTS) + 0.5) / POINTS)[:, None])


@cache
def _variance_factors(count: int) -> Reals:
    """Return factors (points,) by which a variance estimated from ``count`` replicates may be off.

    Their order is symmetric, as that of the t quantiles they meet, so that neither end of an interval is favoured.
    """
    side = (np.arange(POINTS // 2) + 0.5) * GOLDEN % 1.0
    return (count - 1.0) / chdtri(count - 1.0, np.append(side, side[::-1]))


def mean_effect(seen: Replicates, offsets: Reals | None = None) -> dict[str, Reals]:
    """Return the mean effect over all draws with its 95 % interval for few draws and firms, named as in ``MEAN``.

    ``offsets`` (replicates, parameters) are the deviations of the drawn parameters from their mean over all draws, in
    standard deviations. They serve as control variates: what a regression on other draws predicts from a draw's offsets
    is subtracted. No draw enters the regression that adjusts it, so this adds no bias. The adjustment is skipped where
    it hardly narrows the interval. Weights enter as in the linearised pooled ratio.
    """
    count = len(seen.values)
    if count <= 1:
        error, freedom, mean = np.sqrt(seen.chance), seen.freedom, seen.pooled
    else:
        influence = count * seen.weights * (seen.values - seen.pooled)
        if offsets is not None and count >= LEAST_DRAWS:
            other = influence - _cross_fitted(influence, offsets)
            influence = np.where(other.var(axis=0) < WORTH_ADJUSTING * influence.var(axis=0), other, influence)
        mean = seen.pooled + influence.mean(axis=0)
        error = influence.std(axis=0, ddof=1) / np.sqrt(count)
        freedom = np.maximum(1.0 / (seen.weights**2).sum(axis=0) - 1.0, 1.0)
    half = np.where(error == 0, 0.0, stdtrit(freedom, 0.975) * error)
    return dict(zip(MEAN, (mean, mean - half, mean + half), strict=True))


def _cross_fitted(values: Reals, offsets: Reals) -> Reals:
    """Predict from its offsets how each draw differs from the mean, by ridge regressions on the other draws."""
    found = np.empty_like(values)
    penalty = offsets.shape[1] * (1.0 - EXPLAINED) / EXPLAINED
    for fold in range(FOLDS):
        mine = np.arange(len(values)) % FOLDS == fold
        known = offsets[~mine] - offsets[~mine].mean(axis=0)
        slopes = np.linalg.solve(known.T @ known + penalty * np.eye(offsets.shape[1]), known.T @ values[~mine])
        found[mine] = offsets[mine] @ slopes
    return found


def nonnegative(found: Reals) -> Reals:
    """Turn estimates of the variance by parameters, some of them negative by chance, into nonnegative ones.

    A negative estimate shows how imprecise estimates are, not that parameters have no effect. Setting it to zero made
    50 % intervals of simulated effects that chance nearly hides cover 41 % of the cases that they should
    (``tests/test_posterior.py``).
    """
    return np.maximum(found, -REFLECTION * found)


def finite_mean(rows: Reals) -> Reals:
    """Average the finite values of each column; 0 where there are none."""
    known = np.isfinite(rows)
    return np.where(known, rows, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
