"""Chance: its variance, estimated from firms of the same replicate, which share their parameters.

Deviations of firms from the mean of their replicate are chance, whatever the parameters are. A firm alone in its
replicate has no deviation, and with few unequal firms deviations are smaller than chance. By how much depends on how
the variance of a firm falls with its size. This variance has one part that all firms share and one that is inverse to
the number of people; both are fitted to the deviations in all replicates. A replicate may have a single firm, as long
as others have several.
"""

from typing import NamedTuple

import numpy as np

from sim.outcomes import Reals, Whole, error_and_freedom


class Within(NamedTuple):
    """Estimates of chance from the firms within replicates."""

    influence: Reals  # (..., firms, outcomes) on the pooled statistic; squares add up to its variance by chance
    freedom: Reals  # (outcomes,) degrees of freedom of that variance
    chance_ratio: Reals  # (replicates, outcomes) variance by chance of a replicate over the pooled one; NaN if unknown


def chance_within(influence: Reals, replicates: Whole, weights: Whole) -> Within:
    """Find the influence of firms by chance alone, (..., firms, outcomes), from jackknife influences of statistics.

    ``weights`` (firms, outcomes) are the firms' weights. Each firm's share of the sum of its replicate is subtracted;
    then all influences are scaled so that their squares add up to the variance. Degrees of freedom are those of a sum
    of squares of normal numbers with the same mean and variance (Satterthwaite 1946, Biometrics Bulletin 2, 110-114).
    With a single replicate, or if all firms are alone in theirs, influences stay unchanged, with the effective number
    of firms less one.
    """
    firms, place = len(replicates), _row_of(replicates)
    effective: Reals = error_and_freedom(np.zeros(weights.shape), weights)[1]
    whole = by_replicate(weights, replicates)
    with np.errstate(divide="ignore", invalid="ignore"):
        share, part = np.nan_to_num(weights / whole[place]), np.nan_to_num(weights / whole.sum(axis=0))
        moved = influence * np.sqrt(np.divide(firms, firms - 1)) * (1.0 - part)
        off = moved - share * by_replicate(moved, replicates)[..., place, :]
        square = np.where(part > 0, (off / part) ** 2, 0.0).reshape(-1, *weights.shape).sum(axis=0)
        own, seen, trace = _moments(_fitted_variance(square, share, part, replicates), share, replicates)
        drawn = whole / whole.sum(axis=0)
        pooled, shown = ((drawn**2 * each).sum(axis=0) for each in (own, seen))
        known = (shown > 0.0) & ((whole > 0).sum(axis=0) > 1)
        freedom = np.maximum(shown**2 / (drawn**4 * trace).sum(axis=0), 1.0)
        return Within(
            np.where(known, off * np.sqrt(pooled / shown), influence),
            np.where(known, freedom, effective),
            np.where(known & (whole > 0), own / pooled, np.nan),
        )


def _fitted_variance(square: Reals, share: Reals, part: Reals, replicates: Whole) -> Reals:
    """Fit the variance of firms, (firms, outcomes), to squared deviations from the means of their replicates.

    Least squares, with errors in proportion to what each part alone would give, and neither part below zero.
    """
    people = np.where(part > 0, 1.0 / np.where(part > 0, part, 1.0) / len(part), 0.0)
    both = np.stack([np.where(part > 0, 1.0, 0.0), people])
    mean = _squared_deviation(both, share, replicates)
    known = (part > 0) & (share < 1.0)
    weight = np.where(known, 1.0 / np.where(known, mean[0] * mean[1], 1.0), 0.0)
    (aa, ab), (_, bb) = np.einsum("ifo,jfo,fo->ijo", mean, mean, weight)
    ay, by = np.einsum("ifo,fo->io", mean, weight * square)
    unlike = aa * bb - ab**2
    of_firms, of_people = bb * ay - ab * by, aa * by - ab * ay  # times ``unlike``, which is zero of equal sizes
    alike = (unlike < 1e-9 * aa * bb) | (of_people <= 0)
    shares = np.where(alike, 0.0, np.where(of_firms < 0, 1.0, of_people / (np.maximum(of_firms, 0.0) + of_people)))
    found: Reals = (1.0 - shares) * both[0] + shares * both[1]
    return found


def _squared_deviation(variance: Reals, share: Reals, replicates: Whole) -> Reals:
    """Return the expected squared deviation of firms from the mean of their replicate; 0 for a firm that is alone."""
    return variance * (1.0 - 2.0 * share) + by_replicate(share**2 * variance, replicates)[..., _row_of(replicates), :]


def _moments(variance: Reals, share: Reals, replicates: Whole) -> tuple[Reals, Reals, Reals]:
    """Return the variance of replicates' means, and mean and half the variance of the squares that estimate it.

    These squares are firms' shares times deviations, squared and added up by replicate; firms are taken as normal.
    """
    square, product = share**2, share * variance
    mean = by_replicate(square * variance, replicates)
    seen = by_replicate(square * _squared_deviation(variance, share, replicates), replicates)
    zeroth, first, second = (by_replicate(square * product**power, replicates) for power in range(3))
    trace = (mean * zeroth) ** 2 + 2.0 * (second * zeroth + first**2 - 2.0 * mean * first * zeroth)
    alone = square**2 * variance * (variance + 2.0 * mean[_row_of(replicates)] - 4.0 * product)
    return mean, seen, trace + by_replicate(alone, replicates)


def _row_of(replicates: Whole) -> Whole:
    """Return for each firm the row of its replicate in the result of ``by_replicate``."""
    found: Whole = np.unique(replicates, return_inverse=True)[1]
    return found


def by_replicate[T: (Whole, Reals)](values: T, replicates: Whole) -> T:
    """Sum (..., firms, outcomes) over the firms of each replicate, (..., replicates, outcomes)."""
    order = np.argsort(replicates, kind="stable")
    starts = np.flatnonzero(np.diff(replicates[order], prepend=replicates.min() - 1))
    return np.add.reduceat(values[..., order, :], starts, axis=-2)
