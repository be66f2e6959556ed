"""The value of information on effects: the variance and the expected regret that a measurement would remove.

Each draw of the parameters is simulated on two small economies, so effects and observables contain chance. The two
economies of a draw share only their parameters. Their cross-covariance therefore estimates the covariance between draws
without chance, and a linear map (``optimal_transport``) gives the draws this covariance.

The effect is then regressed on the observables by a Gaussian process (Strong, Oakley and Brennan 2014, Medical Decision
Making 34, 311-326), which gives the value of knowing them exactly (EVPPI). After a measurement with errors, the
expectations of the observables vary less. The same kind of map gives the draws this smaller covariance, and the
regression is evaluated there (EVSI; Jalal and Alarid-Escudero 2018, Medical Decision Making 38, 174-188).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import fdtrc, ndtri
from scipy.stats import rankdata

from sim.calibration.emulator import Emulator, fit_emulator, one_thread
from sim.outcomes import Reals
from sim.stats.variance import matrix_power

LEAST_DRAWS = 30
RESAMPLES = 200
MOST_TIED = 0.5  # largest share of draws with the same effect for which ties get the mean of their ranks
ALIKE = 1e-9  # relative difference that the order of a summation can make
SURE = 2.0  # standard errors by which the correlation between economies must exceed zero


class Covariances(NamedTuple):
    """Variation of figures over draws, (figures, figures) each."""

    between: Reals  # covariance between draws, of the mean of both economies, without chance
    chance: Reals  # covariance of that mean within a draw


def covariances(seen: Reals) -> Covariances:
    """Separate the covariance between draws from chance; ``seen`` has shape (draws, 2 economies, figures).

    Both results are NaN with fewer than two draws.
    """
    if len(seen) < 2:
        unknown = np.full((seen.shape[2], seen.shape[2]), np.nan)
        return Covariances(unknown, unknown)
    centred = seen - seen.mean(axis=0)
    one, other = centred[:, 0], centred[:, 1]
    cross = one.T @ other / (len(seen) - 1)
    apart = (one - other) / 2.0
    return Covariances((cross + cross.T) / 2.0, apart.T @ apart / (len(seen) - 1))


def beyond_chance(seen: Reals) -> np.ndarray:
    """Return which figures differ between draws beyond chance, (figures,); none with fewer than ``LEAST_DRAWS``."""
    if len(seen) < LEAST_DRAWS:
        return np.zeros(seen.shape[2], bool)
    parts = covariances(seen)
    within = np.diag(parts.between) + 2.0 * np.diag(parts.chance)  # of one economy
    return np.diag(parts.between) > SURE / np.sqrt(len(seen)) * np.maximum(within, 1e-300)


def optimal_transport(rows: Reals, wanted: Reals) -> Reals:
    """Map (draws, figures) linearly about their mean to the covariance ``wanted``, moving them as little as possible.

    Negative eigenvalues of ``wanted`` count as zero. This is the optimal transport between normal distributions.
    """
    centred = rows - rows.mean(axis=0)
    size = np.maximum(centred.std(axis=0, ddof=1), 1e-300)
    here = np.cov(centred / size, rowvar=False).reshape(len(size), -1)
    half, back = matrix_power(here, 0.5), matrix_power(here, -0.5)
    there = matrix_power(wanted / np.outer(size, size), 1.0)
    return rows.mean(axis=0) + (centred / size) @ (back @ matrix_power(half @ there @ half, 0.5) @ back) * size


def without_chance(seen: Reals) -> Reals:
    """Return the figures of draws, (draws, figures), mapped to their covariance without chance."""
    return optimal_transport(seen.mean(axis=1), covariances(seen).between)


class Regression(NamedTuple):
    """A regression of effects on observables."""

    effects: Reals  # (draws, effects), without chance
    observables: Reals  # (draws, observables), without chance
    emulators: tuple[Emulator, ...]  # one per effect, from the observables in the unit cube
    scales: Reals  # (2, observables) centre and width of the unit cube
    shares: Reals  # (effects,) share of the variance that exact knowledge removes, by leave-one-out


@one_thread
def regress(seen: Reals, effects: int) -> Regression:
    """Regress the first ``effects`` of (draws, 2, figures) on the other figures, with shares by leave-one-out."""
    draws = without_chance(seen)
    wanted, known = draws[:, :effects], draws[:, effects:]
    scales = np.stack([known.mean(axis=0), 4.0 * np.maximum(known.std(axis=0), 1e-300)])
    unit = _in_unit_cube(known, scales)
    fits = [fit_emulator(unit, wanted[:, k]) for k in range(effects)]
    explained = np.array([gate.explained for _, gate in fits]) - _chance_gain(seen, effects)
    shares = np.clip(np.where(wanted.var(axis=0) > 0, explained, 0.0), 0.0, 1.0)
    return Regression(wanted, known, tuple(fit for fit, _ in fits), scales, shares)


def _chance_gain(seen: Reals, effects: int) -> Reals:
    """Estimate by a jackknife over draws how much chance in the covariance between draws raises shares, (effects,).

    The overfit of the regression is subtracted because leave-one-out already removes it.
    """
    exact, count = np.zeros((seen.shape[2] - effects,) * 2), len(seen)
    whole = linear_shares(covariances(seen), exact, effects)
    rest = _shares_of((np.delete(seen, k, axis=0) for k in range(count)), exact, effects).mean(axis=0)
    found: Reals = np.maximum((count - 1) * (rest - whole) - (1.0 - whole) * len(exact) / (count - 1), 0.0)
    return found


def _in_unit_cube(known: Reals, scales: Reals) -> Reals:
    """Scale observables to the unit cube, most of them well inside."""
    return 0.5 + (known - scales[0]) / scales[1]


class Preposterior(NamedTuple):
    """What a measurement would reveal about effects."""

    shares: Reals  # (effects,) share of the variance that it removes
    means: Reals  # (draws, effects) expectations of the effects after it


def preposterior(regression: Regression, error: Reals) -> Preposterior:
    """Compute what a measurement reveals; ``error`` is its error covariance, (observables, observables)."""
    between = np.cov(regression.observables, rowvar=False).reshape(error.shape)
    posterior = between @ np.linalg.pinv(between + error) @ between
    after = _in_unit_cube(optimal_transport(regression.observables, posterior), regression.scales)
    exact = _in_unit_cube(regression.observables, regression.scales)
    shares, means = [], []
    for k, fit in enumerate(regression.emulators):
        read, best = fit.predict(after)[0], fit.predict(exact)[0]
        size = float(best.var())
        share = regression.shares[k] * min(float(read.var()) / size, 1.0) if size > 0 else 0.0
        spread = np.sqrt(share * regression.effects[:, k].var() / read.var()) if share > 0 else 0.0
        shares.append(share)
        means.append(regression.effects[:, k].mean() + spread * (read - read.mean()))
    return Preposterior(np.array(shares), np.stack(means, axis=1))


def linear_shares(parts: Covariances, error: Reals, effects: int) -> Reals:
    """Return the share of the variance of each of the first figures that a linear regression on the others removes.

    ``error`` is the error covariance of the others. Shares are (effects,), or (splits, effects) for stacked ``parts``.
    """
    cross, own = parts.between[..., :effects, effects:], _diagonal(parts.between)[..., :effects]
    inside = cross @ np.linalg.pinv(matrix_power(parts.between[..., effects:, effects:], 1.0) + error) @ cross.mT
    return np.clip(_diagonal(inside) / np.maximum(own, 1e-300), 0.0, 1.0)


def _diagonal(matrices: Reals) -> Reals:
    """Return the diagonal of the last two axes."""
    return np.diagonal(matrices, axis1=-2, axis2=-1)


def _shares_of(samples: Iterable[Reals], error: Reals, effects: int) -> Reals:
    """Return the ``linear_shares`` of several samples, (samples, effects)."""
    return linear_shares(Covariances(*map(np.stack, zip(*map(covariances, samples), strict=True))), error, effects)


def half_widths(seen: Reals, error: Reals, effects: int, seed: int) -> Reals:
    """Return half the width of the 95 % intervals of ``linear_shares``, (effects,), by resampling draws."""
    rng = np.random.default_rng(seed)
    samples = (seen[rng.integers(len(seen), size=len(seen))] for _ in range(RESAMPLES))
    return 1.96 * _shares_of(samples, error, effects).std(axis=0)


class Share(NamedTuple):
    """What knowing one parameter would remove of an effect's variance between draws."""

    share: float  # NaN if the effect does not differ between draws beyond chance
    half: float  # half the width of its 95 % interval over draws
    rises: bool  # whether the effect rises with the parameter
    p_value: float  # of the F test of no association


def explained_by(seen: Reals, values: Reals) -> Share:
    """Regress an effect, (draws, 2), on a parabola of the normal scores of a parameter, (draws,).

    The share is adjusted for the two degrees of freedom and refers to the variance between draws without chance. It
    includes what other parameters contribute through their correlation with this one in the posterior. Its interval is
    that of a ratio of two means over draws, for any distribution. The p-value comes from an F test of the same parabola
    on the normal scores of the effect, because a test on a skewed effect itself finds too much.
    """
    count = len(seen)
    if not count:
        return Share(np.nan, np.nan, rises=False, p_value=1.0)
    score = _scores(rankdata(values))
    centred = seen - seen.mean(axis=0)
    effect = centred.mean(axis=1)
    basis = np.linalg.qr(np.column_stack([np.ones(count), score, score**2]))[0][:, 1:]
    known = basis @ (basis.T @ effect)
    total = float(effect @ effect)
    between = float(centred[:, 0] @ centred[:, 1])
    rises = float(score @ effect) > 0
    if total <= 0 or between <= 0 or not beyond_chance(seen[:, :, None])[0]:
        return Share(np.nan, np.nan, rises, 1.0)
    part = float(known @ known) / total
    share = min(max(1.0 - (1.0 - part) * (count - 1) / (count - 3), 0.0) * total / between, 1.0)
    pull = known * (2.0 * effect - known) - share * centred.prod(axis=1)  # by draw, times ``between``
    half = 1.96 * float(pull.std()) * np.sqrt(count) / between
    ranked = _scores(_ranks(effect))
    explained = float(((basis.T @ ranked) ** 2).sum()) / float(((ranked - ranked.mean()) ** 2).sum())
    test = explained / 2.0 / max((1.0 - explained) / (count - 3), 1e-300)
    return Share(share, half, rises, float(fdtrc(2, count - 3, test)))


def _scores(ranks: np.ndarray) -> Reals:
    """Return the normal scores of ranks."""
    found: Reals = ndtri(ranks / (len(ranks) + 1.0))
    return found


def _ranks(effect: Reals) -> np.ndarray:
    """Rank effects, ties in random order if most draws tie, as with mean ranks the few others would decide the test."""
    if np.unique(effect, return_counts=True)[1].max() <= MOST_TIED * len(effect):
        return rankdata(effect)
    order = np.lexsort((np.random.default_rng(0).random(len(effect)), effect))
    return order.argsort() + 1.0


def expected_gain(effects: Reals, directions: Sequence[int]) -> float:
    """Return the mean gain from choosing in each draw separately instead of once for all draws.

    The options are today and each scenario. ``effects`` is (draws, scenarios); ``directions`` has the sign of an
    improvement. For the effects themselves, the result is the expected regret of choosing now (EVPI). For expectations
    of the effects after a measurement, it is the regret that the measurement removes (EVSI).
    """
    gained = np.column_stack([np.zeros(len(effects)), effects * np.asarray(directions)])
    removed = float(gained.max(axis=1).mean() - gained.mean(axis=0).max())
    return removed if removed > ALIKE * float(np.abs(gained).max()) else 0.0
