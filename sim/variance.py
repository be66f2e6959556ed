"""Chance and parameters: how much of what is not known of an effect comes from which.

Each replicate is an economy of its own with a draw of the parameters of its own. By the law of total variance the
effects of replicates differ by chance (which firms were drawn) and by parameters. Chance is known from the firms within
each replicate; what replicates differ by beyond that is parameters. More replicates make the first part of an interval
narrower and the second part better known, not narrower.

With few replicates the variance by parameters is badly known: where it is seen as nothing it may still be large. So it
is no single number here but a confidence distribution: (n − 1) times the variance that was seen, divided by chi-squared
with n − 1 degrees of freedom, is the whole variance of a replicate, of which its own chance is taken away. An interval
holds 95 % over this distribution, as the prediction intervals of Nagashima, Noma and Furukawa (2019, Statistical
Methods in Medical Research 28, 1689-1702) do for studies that differ.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import chdtri, stdtr, stdtrit

from sim.outcomes import Reals, Whole, half_width, leave_one_out, pulls, spread

LEVELS = 24  # of the confidence distribution
_HALVINGS = 40

type Statistic = Callable[[Reals, Reals], Reals]  # of numerators and denominators, (worlds, ..., outcomes) each


def interval(
    statistic: Statistic, sums: tuple[Whole, Whole], pull: Reals, replicates: Whole | None
) -> dict[str, Reals]:
    """Compute the 95 % interval of a statistic: of chance alone, or of chance and parameters.

    Parameters
    ----------
    statistic : Statistic
        Of ratios.
    sums : tuple[Whole, Whole]
        Numerators and denominators, (worlds, firms, outcomes) each.
    pull : Reals
        (firms, outcomes) how far each firm pulls the statistic of all firms.
    replicates : Whole | None
        (firms,) the replicate of each, if each replicate has parameters of its own.

    Returns
    -------
    dict[str, Reals]
        As from ``split_variance``; without parameters to be uncertain of, ``half_chance`` and ``half_parameters`` are
        not a number.
    """
    if replicates is not None:
        return split_variance(statistic, sums, pull, replicates)
    weights = _weights(sums[1], pull)
    error, freedom = spread(pull, weights)
    nothing = np.full_like(error, np.nan)
    return _named(error, freedom, half_width(pull, weights), nothing, nothing)


def beside[T: (Whole, Reals)](cube: T) -> T:
    """Put weeks and outcomes beside each other, as if each week of an outcome were an outcome of its own.

    Parameters
    ----------
    cube : T
        (..., weeks, firms, outcomes).

    Returns
    -------
    T
        (..., firms, weeks times outcomes).
    """
    turned = np.moveaxis(cube, -3, -2)
    return turned.reshape(*turned.shape[:-2], -1)


def gap(above: Reals, below: Reals) -> Reals:
    """Compute the difference of two worlds from their sums: the statistic that most intervals are of.

    Parameters
    ----------
    above : Reals
        Numerators, (2, ..., outcomes), the reference first.
    below : Reals
        Denominators, the same shape.

    Returns
    -------
    Reals
        (..., outcomes).
    """
    difference: Reals = above[1] / below[1] - above[0] / below[0]
    return difference


def split_variance(statistic: Statistic, sums: tuple[Whole, Whole], pull: Reals, replicates: Whole) -> dict[str, Reals]:
    """Split the variance of a statistic over replicates.

    Parameters
    ----------
    statistic : Statistic
        Of ratios.
    sums : tuple[Whole, Whole]
        Numerators and denominators, (worlds, firms, outcomes) each.
    pull : Reals
        (firms, outcomes) how far each firm pulls the statistic of all firms.
    replicates : Whole
        (firms,) the replicate of each.

    Returns
    -------
    dict[str, Reals]
        (outcomes,) each: ``error`` and ``freedom`` of the Student's t with the same 95 % interval and no lighter tails,
        ``half`` of that interval, ``half_chance`` and ``half_parameters`` as either alone would give it. With a single
        replicate nothing is known of parameters: their half is not a number, and the interval is that of chance. A
        replicate with a single firm cannot tell the two apart; its deviation counts as both.
    """
    numerators, denominators = sums
    labels = np.unique(replicates)
    chance = (within(pull, replicates) ** 2).sum(axis=0)
    values, own = [], []
    for label in labels:
        those = replicates == label
        above, below = numerators[:, those], denominators[:, those]
        with np.errstate(divide="ignore", invalid="ignore"):
            values.append(statistic(above.sum(axis=1).astype(np.float64), below.sum(axis=1).astype(np.float64)))
        own.append(_own_variance(statistic, above, below))
    freedom = spread(pull, _weights(denominators, pull))[1]
    half_chance = np.where(chance == 0, 0.0, stdtrit(freedom, 0.975) * np.sqrt(chance))
    count = len(labels)
    if count == 1:
        nothing = np.full_like(half_chance, np.nan)
        error = np.sqrt(chance)
        return _named(error, freedom, half_chance, half_chance, nothing)
    by_chance = np.nan_to_num(_mean(np.stack(own)))
    seen = np.nan_to_num(_variance(np.stack(values)))
    between = np.maximum(scales(count)[:, None] * seen - by_chance, 0.0) * (1.0 + 1.0 / count)
    half = _covering(np.sqrt(chance + between), freedom)
    half_parameters = _covering(np.sqrt(between), np.full_like(freedom, np.inf))
    tails = np.full_like(half, count - 1.0)
    return _named(half / stdtrit(tails, 0.975), tails, half, half_chance, half_parameters)


def within(pull: Reals, replicates: Whole) -> Reals:
    """Say how far each firm pulls a statistic by chance alone, without what replicates differ by.

    Parameters
    ----------
    pull : Reals
        (..., firms, outcomes) from ``pulls``.
    replicates : Whole
        (firms,) the replicate of each.

    Returns
    -------
    Reals
        The same shape; the sum of squares is the variance by chance. A firm that is alone in its replicate keeps its
        pull.
    """
    found = pull.copy()
    for label in np.unique(replicates):
        those = replicates == label
        count = int(those.sum())
        if count > 1:
            mine = pull[..., those, :]
            found[..., those, :] = (mine - mine.mean(axis=-2, keepdims=True)) * np.sqrt(count / (count - 1))
    return found


def scales(count: int) -> Reals:
    """List by how much a variance that was seen in few replicates may differ from the true one.

    Parameters
    ----------
    count : int
        Replicates, at least two.

    Returns
    -------
    Reals
        (``LEVELS``,) factors of equal weight: (count − 1) over quantiles of chi-squared with so many degrees of
        freedom.
    """
    factors: Reals = (count - 1.0) / chdtri(count - 1.0, (np.arange(LEVELS) + 0.5) / LEVELS)
    return factors


def _covering(deviations: Reals, freedom: Reals) -> Reals:
    """Find the half width that holds 95 % of a mixture of Student's t, of (levels, outcomes) equal parts."""
    low, high = np.zeros(deviations.shape[1]), stdtrit(np.maximum(freedom, 1.0), 0.99) * deviations.max(axis=0)
    moving = np.where(deviations > 0, deviations, 1.0)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        held = np.where(deviations > 0, 2.0 * stdtr(freedom, middle / moving) - 1.0, 1.0).mean(axis=0)
        low, high = np.where(held < 0.95, middle, low), np.where(held < 0.95, high, middle)
    half: Reals = np.where(deviations.max(axis=0) == 0.0, 0.0, high)
    return half


def shared_spread(sums: tuple[Whole, Whole], replicates: Whole) -> Reals:
    """Say how far parameters move several worlds apart from the first one, together.

    Parameters
    ----------
    sums : tuple[Whole, Whole]
        Numerators and denominators, (worlds, firms, outcomes) each.
    replicates : Whole
        (firms,) the replicate of each.

    Returns
    -------
    Reals
        (levels, outcomes, worlds, worlds) covariance of the differences from the first world by parameters alone, at
        each level of its confidence distribution. All zero for a single replicate, which says nothing of it.
    """
    labels = np.unique(replicates)
    worlds, _, outcomes = sums[0].shape
    if len(labels) == 1:
        return np.zeros((1, outcomes, worlds, worlds))
    gaps, own = [], []
    for label in labels:
        value, without = leave_one_out(*(side[:, replicates == label] for side in sums))
        pull = np.nan_to_num(pulls(value - value[0], without - without[0]))
        gaps.append(value - value[0])
        own.append(np.einsum("ifo,jfo->oij", pull, pull))
    off = np.nan_to_num(np.stack(gaps) - np.mean(gaps, axis=0))
    seen = np.einsum("nio,njo->oij", off, off) / (len(labels) - 1)
    beyond = scales(len(labels))[:, None, None, None] * seen - np.mean(own, axis=0)
    size, direction = np.linalg.eigh(beyond)
    kept = (direction * np.maximum(size, 0.0)[..., None, :]) @ direction.swapaxes(-1, -2)
    covariance: Reals = kept * (1.0 + 1.0 / len(labels))
    return covariance


def _named(error: Reals, freedom: Reals, half: Reals, half_chance: Reals, half_parameters: Reals) -> dict[str, Reals]:
    """Put the parts under their names."""
    return {
        "error": error,
        "freedom": freedom,
        "half": half,
        "half_chance": half_chance,
        "half_parameters": half_parameters,
    }


def _weights(denominators: Whole, pull: Reals) -> Whole:
    """Say what each firm weighs; a statistic that joins outcomes goes by the first of them."""
    weights: Whole = denominators.sum(axis=0)[:, : pull.shape[-1]]
    return weights


def _own_variance(statistic: Statistic, above: Whole, below: Whole) -> Reals:
    """Compute the variance by chance within one replicate; not a number for a single firm."""
    _, without = leave_one_out(above, below)
    with np.errstate(divide="ignore", invalid="ignore"):
        everyone = statistic(above.sum(axis=1).astype(np.float64), below.sum(axis=1).astype(np.float64))
    variance: Reals = (pulls(everyone, statistic(without, np.ones_like(without))) ** 2).sum(axis=0)
    return variance


def _mean(rows: Reals) -> Reals:
    """Average what is a number, column by column; not a number where nothing is."""
    known = np.isfinite(rows)
    count = known.sum(axis=0)
    total = np.where(known, rows, 0.0).sum(axis=0)
    mean: Reals = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean


def _variance(rows: Reals) -> Reals:
    """Compute the variance of what is a number, column by column; not a number of fewer than two."""
    known = np.isfinite(rows)
    count = known.sum(axis=0)
    off = np.where(known, rows - _mean(rows), 0.0)
    variance: Reals = np.where(count > 1, (off**2).sum(axis=0) / np.maximum(count - 1, 1), np.nan)
    return variance
