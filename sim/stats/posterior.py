"""The posterior of an effect: how it is distributed over what parameters and firms may be.

Replicates are draws of parameters, each with firms of its own. Their effects, shrunk by what chance alone adds to their
spread and smoothed, keep the skew that parameters give; chance of the pooled estimate is added. The variance between
parameters is itself uncertain when replicates are few, so points are scaled by its confidence distribution.
"""

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import chdtri, stdtr, stdtrit

from sim.outcomes import Reals

POINTS = 96  # per replicate, spread evenly over chance and over how large the variance may be
GOLDEN = 0.6180339887498949  # pairs both without pattern
QUANTILES = {"low": 0.025, "low_50": 0.25, "median": 0.5, "high_50": 0.75, "high": 0.975}
SHARES = ("share_lower", "share_higher")
MEAN = ("mean", "mean_low", "mean_high")
END_ERRORS = ("low_error", "high_error")
JACKKNIFE_PARTS = 14  # of the draws, left out one at a time
FOLDS, LEAST_DRAWS = 8, 16  # of draws, and draws below which effects are not regressed on parameters
EXPLAINED = 0.65  # share of an effect's variance over draws that is linear in parameters, which sets the shrinkage
REFLECTION = 0.5  # times what a variance is estimated to be below zero: so far above it counts
WORTH_ADJUSTING = 0.9  # times the variance without regression: what makes less of a difference is chance of the choice


class Replicates(NamedTuple):
    """What replicates have shown of an effect; arrays over outcomes, and replicates first where they have both."""

    pooled: Reals  # pooled estimate
    chance: Reals  # its variance by chance
    freedom: Reals  # of that variance
    values: Reals  # (replicates, outcomes) effect in each
    each_chance: Reals  # (replicates, outcomes) variance of each by chance
    weights: Reals  # (replicates, outcomes) of each in the pooled estimate, adding up to one


def posterior(seen: Replicates, offsets: Reals | None = None, errors: bool = False) -> dict[str, Reals]:
    """Return the quantiles of ``QUANTILES``, the ``SHARES`` and the ``mean_effect`` of an effect, (outcomes,) each.

    With ``errors`` there are the ``END_ERRORS`` of ``low`` and ``high`` by which draws were taken, standard errors; NaN
    below ``LEAST_DRAWS`` draws.

    Replicates in which an outcome is undefined say nothing of it. With one replicate all spread is chance. An effect
    that is exactly zero in all replicates has both shares at zero.
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
    """Return standard errors of both ends of the 95 % interval by a jackknife over parts of the draws."""
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
    """Return the same of outcomes that are defined in all replicates."""
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
    """Return how much deviations, (replicates, ...), of some variance are smoothed, in standard deviations.

    That is Silverman's rule, narrower where the middle half of many tells that a few far ones made their variance.
    """
    usual = np.full_like(spread, min(1.06 * len(off) ** -0.2, 1.0))
    if len(off) < LEAST_DRAWS:
        return usual
    low, high = np.quantile(off, (0.25, 0.75), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return usual * np.where(spread > 0, np.minimum((high - low) / (1.349 * np.sqrt(spread)), 1.0), 1.0)


def _student_posterior(seen: Replicates) -> dict[str, Reals]:
    """Return the same of Student's t around the estimate."""
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
    """Lay equally likely effects, (points, outcomes)."""
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
    """Lay equally likely values of Student's t, (points, outcomes)."""
    return stdtrit(np.array(freedom), ((np.arange(POINTS) + 0.5) / POINTS)[:, None])


@cache
def _variance_factors(count: int) -> Reals:
    """Lay factors by which a variance seen in so many replicates may be off, (points,), in an order of their own.

    It is the same from both sides, as the tails that it meets are: neither end of an interval is nearer for its sign.
    """
    side = (np.arange(POINTS // 2) + 0.5) * GOLDEN % 1.0
    return (count - 1.0) / chdtri(count - 1.0, np.append(side, side[::-1]))


def mean_effect(seen: Replicates, offsets: Reals | None = None) -> dict[str, Reals]:
    """Return the mean of an effect over all draws, and its 95 % interval by few draws and few firms, named ``MEAN``.

    ``offsets`` (replicates, parameters) are those of the draws' parameters from their mean over all draws, in standard
    deviations. They are control variates: what a regression on other draws says of a draw's offset is taken off. As no
    draw is adjusted by what it taught, this adds no bias, whatever the effects are; it is left out where it hardly
    makes the interval narrower. Weights enter as in the linearised pooled ratio.
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
    """Foretell from its offsets by how much each draw differs from the mean, by ridge regressions on other draws."""
    found = np.empty_like(values)
    penalty = offsets.shape[1] * (1.0 - EXPLAINED) / EXPLAINED
    for fold in range(FOLDS):
        mine = np.arange(len(values)) % FOLDS == fold
        known = offsets[~mine] - offsets[~mine].mean(axis=0)
        slopes = np.linalg.solve(known.T @ known + penalty * np.eye(offsets.shape[1]), known.T @ values[~mine])
        found[mine] = offsets[mine] @ slopes
    return found


def nonnegative(found: Reals) -> Reals:
    """Return variances by parameters from differences of estimates, of which chance makes some negative.

    An estimate below zero tells how far estimates err, not that parameters do nothing. With zero in its place, 50 %
    intervals of made-up effects that chance all but hides held 41 % of what they should (``tests/test_posterior.py``).
    """
    return np.maximum(found, -REFLECTION * found)


def finite_mean(rows: Reals) -> Reals:
    """Average finite values by column; 0 where there are none."""
    known = np.isfinite(rows)
    return np.where(known, rows, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
