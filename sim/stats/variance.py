"""Uncertainty of an effect, split into chance (which firms were drawn) and parameters.

Each replicate has its own firms and its own draw of parameters, so effects differ between replicates for both reasons
(law of total variance). Chance is estimated from the firms within replicates. The remaining variance between replicates
is due to parameters. More replicates reduce chance; they estimate the part of parameters better but do not reduce it.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy.special import chdtri, gammaln, stdtr, stdtrit

from sim.outcomes import Reals, Whole, error_and_freedom, influences, leave_one_out
from sim.stats.posterior import Replicates, finite_mean, nonnegative, posterior
from sim.stats.within import by_replicate, chance_within

SIGNIFICANCE = 0.05  # level of tests
STOPPING_LEVEL = 0.01  # level of a test that is repeated at each look
NARROW = 1.28  # standard errors between an end and zero at which many more draws move it across with a chance of 10 %
MONOTONE = 0.8  # a parameter's mean effect has one direction if it reaches this share of its mean absolute effect
VARIANCE_LEVELS = 24  # quantiles of the confidence distribution of a variance
NORMAL_FREEDOM = 1e6  # degrees of freedom from which on Student's t counts as normal
NEWTON_STEPS, NEWTON_TOLERANCE = 60, 1e-12  # steps of Newton's method, and the relative step at which it stops

type Statistic = Callable[[Reals, Reals], Reals]  # takes numerators and denominators, (worlds, ..., outcomes) each


class Sources(NamedTuple):
    """What firms and replicates show of the variance of a statistic; arrays over outcomes, replicates first."""

    chance: Reals  # variance of the pooled estimate by chance
    freedom: Reals  # degrees of freedom of that variance
    values: Reals  # (replicates, outcomes) statistic in each replicate
    each_chance: Reals  # (replicates, outcomes) variance of each value by chance


def interval(
    statistic: Statistic, sums: tuple[Whole, Whole], influence: Reals, replicates: Whole | None
) -> dict[str, Reals]:
    """Compute the 95 % interval of a statistic, with its variance split into chance and parameters.

    ``sums`` are numerators and denominators, (worlds, firms, outcomes) each. ``influence`` has shape (firms, outcomes)
    and ``replicates`` (firms,); None means that all firms share one vector of parameters. Then only chance counts, and
    ``half_chance`` and ``half_parameters`` are NaN.

    Each entry of the result has shape (outcomes,). ``half`` is the half width of the interval; ``half_chance``
    and ``half_parameters`` are the half widths from one source alone. If only one replicate has the outcome,
    ``half_parameters`` is NaN and ``half`` contains chance only. If every replicate has one firm, the sources cannot be
    separated and deviations count as both.
    """
    if replicates is None:
        error, freedom = error_and_freedom(influence, _firm_weights(sums[1], influence))
        nothing = np.full_like(error, np.nan)
        return _interval_parts(stdtrit(freedom, 0.975) * error, nothing, nothing)
    return interval_of(_sources(statistic, sums, influence, replicates))


def interval_of(sources: Sources) -> dict[str, Reals]:
    """Compute the entries of ``interval`` from the variance within and between replicates."""
    chance, freedom, values, _ = sources
    half_chance, half_parameters, between = _half_widths_by_source(sources)
    several = np.isfinite(values).sum(axis=0) > 1
    half = half_chance
    if several.any():
        half = np.where(several, _covering_half(np.sqrt(chance + between), freedom), half_chance)
    return _interval_parts(half, half_chance, half_parameters)


def with_interval(statistic: Statistic, sums: tuple[Whole, Whole], replicates: Whole | None) -> dict[str, Reals]:
    """Estimate a statistic and its 95 % interval: ``value``, ``low``, ``high`` and the entries of ``interval``.

    Arguments are those of ``interval``. The result also has ``ratios`` and ``without`` of all worlds from
    ``leave_one_out``, and the ``influence`` of each firm on the statistic.
    """
    found = _jackknife(statistic, sums)
    found |= interval(statistic, sums, found["influence"], replicates)
    return found | {"low": found["value"] - found["half"], "high": found["value"] + found["half"]}


def with_posterior(
    statistic: Statistic, sums: tuple[Whole, Whole], replicates: Whole | None, offsets: Reals | None = None,
    errors: bool = False,
) -> dict[str, Reals]:  # fmt: skip
    """Estimate a statistic as ``with_interval`` does, but with quantiles, shares and mean of its posterior.

    ``low`` and ``high`` are quantiles and keep the skew that parameters cause. Of the entries of ``interval`` only the
    two separate halves and ``freedom`` are included. ``offsets``, by replicate, are those of ``mean_effect``; without
    them the mean is not adjusted. ``errors`` is that of ``posterior``.
    """
    found = _jackknife(statistic, sums)
    influence, weights = found["influence"], _firm_weights(sums[1], found["influence"])
    one = np.zeros(len(influence), np.int64) if replicates is None else replicates
    labels = np.unique(one)
    parts = np.stack([weights[one == label].sum(axis=0) for label in labels])
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = parts / parts.sum(axis=0)
    sources = _sources(statistic, sums, influence, one)
    nothing = np.full_like(sources.chance, np.nan)
    chance, parameters = (nothing, nothing) if replicates is None else _half_widths_by_source(sources)[:2]
    found |= {"half_chance": chance, "half_parameters": parameters}
    count = np.isfinite(sources.values).sum(axis=0)
    found["freedom"] = np.where(count > 1, count - 1.0, sources.freedom)  # with one replicate all spread is chance
    seen = Replicates(found["value"], *sources, shares)
    return found | posterior(seen, None if offsets is None else offsets[labels], errors)


def weeks_as_outcomes[T: (Whole, Reals)](cube: T) -> T:
    """Merge weeks with outcomes: (..., weeks, firms, outcomes) becomes (..., firms, weeks × outcomes)."""
    turned = np.moveaxis(cube, -3, -2)
    return turned.reshape(*turned.shape[:-2], -1)


def stacked_worlds(*worlds: tuple[Whole, Whole]) -> tuple[Whole, Whole]:
    """Join numerators and denominators of worlds, (weeks, firms, outcomes) each, in the form for ``interval``."""
    numerators, denominators = (weeks_as_outcomes(np.stack(side)) for side in zip(*worlds, strict=True))
    return numerators, denominators


def ratio_difference(above: Reals, below: Reals) -> Reals:
    """Return the difference of ratios, second world minus first, from sums of shape (2, ..., outcomes)."""
    return above[1] / below[1] - above[0] / below[0]


def world_ratio(above: Reals, below: Reals) -> Reals:
    """Return the ratio of a single world, from sums of shape (1, ..., outcomes)."""
    return above[0] / below[0]


def _sources(statistic: Statistic, sums: tuple[Whole, Whole], influence: Reals, replicates: Whole) -> Sources:
    """Separate the variance by chance within replicates from the values of the replicates."""
    found = chance_within(influence, replicates, _firm_weights(sums[1], influence))
    chance = (found.influence**2).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = statistic(*(by_replicate(side, replicates).astype(np.float64) for side in sums))
    return Sources(chance, found.freedom, values, np.where(np.isfinite(values), chance * found.chance_ratio, np.nan))


def _half_widths_by_source(sources: Sources) -> tuple[Reals, Reals, Reals]:
    """Return the half widths by chance and by parameters alone, and the variance between, (levels, outcomes)."""
    chance, freedom, values, each_chance = sources
    count, seen = _variance_over_replicates(values)
    between = nonnegative(variance_factors(count) * seen - finite_mean(each_chance)) * (
        1.0 + 1.0 / np.maximum(count, 1)
    )
    half_chance = stdtrit(freedom, 0.975) * np.sqrt(chance)
    half_parameters = np.full_like(half_chance, np.nan)
    if (count > 1).any():
        half_parameters = np.where(count > 1, _covering_half(np.sqrt(between), np.full_like(freedom, np.inf)), np.nan)
    return half_chance, half_parameters, between


def _variance_over_replicates(values: Reals) -> tuple[Whole, Reals]:
    """Return in how many replicates each outcome is defined, and its variance over these."""
    known = np.isfinite(values)
    count, off = known.sum(axis=0), np.where(known, values - finite_mean(values), 0.0)
    return count, (off**2).sum(axis=0) / np.maximum(count - 1, 1)


def least_half_width(statistic: Statistic, sums: tuple[Whole, Whole], replicates: Whole) -> Reals:
    """Return the half width, (outcomes,), that no number of replicates can go below, as a one-sided bound.

    Its level is ``STOPPING_LEVEL``. It is 0 where chance may explain all differences between replicates, or where
    chance is unknown. Arguments are those of ``interval``.
    """
    _, _, values, each_chance = _sources(statistic, sums, _jackknife(statistic, sums)["influence"], replicates)
    count, seen = _variance_over_replicates(values)
    freedom = np.maximum(count - 1.0, 1.0)
    beyond = freedom / chdtri(freedom, STOPPING_LEVEL) * seen - finite_mean(each_chance)
    return stdtrit(NORMAL_FREEDOM, 0.975) * np.sqrt(
        np.where(np.isfinite(each_chance).any(axis=0), beyond, 0.0).clip(0.0)
    )


def _jackknife(statistic: Statistic, sums: tuple[Whole, Whole]) -> dict[str, Reals]:
    """Return ``value``, ``ratios``, ``without`` and ``influence`` of a statistic."""
    ratios, without = leave_one_out(*sums)
    value = statistic(ratios, np.ones_like(ratios))
    influence = influences(value, statistic(without, np.ones_like(without)))
    return {"value": value, "ratios": ratios, "without": without, "influence": influence}


def variance_factors(count: Whole) -> Reals:
    """Return ``VARIANCE_LEVELS`` equally weighted factors by which variances from ``count`` replicates may be off.

    They are (count − 1) over quantiles of chi-squared with count − 1 degrees of freedom. This confidence distribution
    is needed because an estimate of zero from few replicates does not mean that the variance is small. Intervals cover
    95 % averaged over it, like the prediction intervals for meta-analysis of Nagashima, Noma and Furukawa (2019,
    Statistical Methods in Medical Research 28, 1689-1702).
    """
    counts, which = np.unique(count, return_inverse=True)
    freedom = np.maximum(counts - 1.0, 1.0)
    factors = freedom / chdtri(freedom, ((np.arange(VARIANCE_LEVELS) + 0.5) / VARIANCE_LEVELS)[:, None])
    return np.take(factors, which, axis=1)


def _covering_half(deviations: Reals, freedom: Reals) -> Reals:
    """Return the half width that covers 95 % of an equal mixture of Student's t with (levels, outcomes) scales.

    Coverage grows more and more slowly with the width, so Newton's steps from zero approach the solution from below.
    """
    none = deviations == 0
    spread = np.where(none, 1.0, deviations)
    tails = np.clip(freedom, 1.0, NORMAL_FREEDOM)
    peak = np.exp(gammaln(0.5 * tails + 0.5) - gammaln(0.5 * tails)) / np.sqrt(np.pi * tails)
    half = np.zeros(deviations.shape[1])
    for _ in range(NEWTON_STEPS):
        at = half / spread
        held = np.where(none, 1.0, 2.0 * stdtr(freedom, at) - 1.0).mean(axis=0)
        density = peak * (1.0 + at**2 / tails) ** (-0.5 * tails - 0.5) / spread
        slope = np.where(none, 0.0, 2.0 * density).mean(axis=0)
        step = np.divide(np.maximum(0.95 - held, 0.0), slope, out=np.zeros_like(half), where=slope != 0)
        half += step
        if not (step > NEWTON_TOLERANCE * half).any():
            break
    return half


def parameter_spread(sums: tuple[Whole, Whole], replicates: Whole) -> tuple[Reals, Reals]:
    """Return how parameters spread worlds about their mean: roots of covariances, and standardised deviations.

    The symmetric roots, (levels, outcomes, worlds, worlds), belong to the covariance beyond chance at each level of
    ``variance_factors``. They turn the deviations, (replicates, outcomes, worlds), which have unit variance in each
    observed direction, into differences. The sums have shape (worlds, firms, outcomes). A single replicate gives one
    level of zeros.
    """
    labels = np.unique(replicates)
    worlds, _, outcomes = sums[0].shape
    if len(labels) == 1:
        return np.zeros((1, outcomes, worlds, worlds)), np.zeros((1, outcomes, worlds))
    above, below = (by_replicate(side, replicates) for side in sums)
    gaps = np.divide(above, below, out=np.full(below.shape, np.nan), where=below != 0).swapaxes(0, 1)
    gaps -= gaps.mean(axis=1, keepdims=True)
    value, without = (each - each.mean(axis=0) for each in leave_one_out(*sums))
    influence, _, ratio = chance_within(influences(value, without), replicates, sums[1].sum(axis=0))
    known = np.isfinite(gaps).all(axis=1)
    share = finite_mean(np.where(known, ratio, np.nan))
    chance = np.nan_to_num(share[:, None, None] * np.einsum("ifo,jfo->oij", influence, influence))
    off = np.nan_to_num(gaps - finite_mean(gaps))
    count = known.sum(axis=0)
    freedom = np.maximum(count - 1.0, 1.0)[:, None, None]
    seen = np.einsum("nio,njo->oij", off, off) / freedom
    beyond = variance_factors(count)[..., None, None] * seen - chance
    roots = matrix_power(_positive_part(beyond) * (1.0 + 1.0 / (freedom + 1.0)), 0.5)
    deviations = np.einsum("oij,njo->noi", matrix_power(seen, -0.5), off)
    return roots, deviations * np.sqrt(len(labels) / freedom[:, 0])


def _positive_part(matrices: Reals) -> Reals:
    """Keep the directions in which covariances are positive, scaled to their total variance as in ``nonnegative``.

    With many rule sets, chance makes some directions negative and others too large; only their sum is right. Where the
    total is below zero, the negative directions are used instead.
    """
    size, direction = np.linalg.eigh(matrices)
    total = size.sum(axis=-1, keepdims=True)
    size = np.maximum(np.where(total > 0, size, -size), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.nan_to_num(size * nonnegative(total) / size.sum(axis=-1, keepdims=True))
    found: Reals = (direction * size[..., None, :]) @ direction.swapaxes(-1, -2)
    return found


def matrix_power(matrices: Reals, exponent: float) -> Reals:
    """Raise symmetric matrices to a power in the directions in which they are clearly positive; 0 in the others."""
    size, direction = np.linalg.eigh(matrices)
    clear = size > 1e-9 * np.maximum(size[..., -1:], 0.0)
    raised = np.where(clear, np.where(clear, size, 1.0) ** exponent, 0.0)
    return (direction * raised[..., None, :]) @ direction.swapaxes(-1, -2)


def _interval_parts(*parts: Reals) -> dict[str, Reals]:
    """Collect the parts of a result by name."""
    return dict(zip(("half", "half_chance", "half_parameters"), parts, strict=True))


def _firm_weights(denominators: Whole, influence: Reals) -> Whole:
    """Return each firm's weight; for a statistic that combines outcomes, that of the first outcomes."""
    return denominators.sum(axis=0)[:, : influence.shape[-1]]


def excludes_zero(row: Mapping[str, Any], low: str = "low", high: str = "high") -> bool:
    """Return whether an interval is known and excludes zero."""
    return row[low] is not None and not row[low] <= 0 <= row[high]


def narrowly_decided(*ends: tuple[float | None, float | None]) -> bool:
    """Return whether more draws might change if an interval excludes zero, from pairs of its ends and their errors.

    An end of exactly zero does not count: there the outcome cannot fall or rise, whatever is drawn.
    """
    return any(end and error and abs(end) < NARROW * error for end, error in ends)


def direction(row: Mapping[str, Any]) -> str:
    """Return the direction of a parameter's effect: "+" or "−", or "±" if its sign varies over the parameter space.

    It has one direction if the mean effect ``mu`` reaches ``MONOTONE`` times the mean absolute effect ``mu_star``.
    """
    if abs(row["mu"]) < MONOTONE * row["mu_star"]:
        return "±"
    return "+" if row["mu"] > 0 else "−"


def exactly_zero(row: Mapping[str, Any]) -> bool:
    """Return whether an effect and its interval are exactly zero."""
    return bool(row["difference"] == row["low"] == row["high"] == 0)
