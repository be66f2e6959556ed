"""Sobol indices, computed on emulators because they need tens of thousands of runs.

Emulators predict the mean over economies, so the decomposed variance contains no chance. They are validated on
economies left out. Indices are means over plausible emulators of the same runs. Their intervals combine the spread of
these emulators, a jackknife over tenths of the economies, and the error of Sobol's sample.
"""

import warnings
from typing import NamedTuple

import numpy as np
from scipy.stats import t

from sim.calibration.emulator import EMULATORS, Z_90, Emulator, conditioned, fit_emulator, one_thread
from sim.figures.numerals import GOOD
from sim.outcomes import Reals
from sim.sensitivity.ranges import unit_cube

FOLDS = 10  # of economies
SAMPLE = 1024  # base points of Sobol's sample, a power of two
FLAT = 1e-9  # largest spread of a constant figure, relative to its size


class SobolIndices(NamedTuple):
    """Sobol indices of one figure, (parameters,) each, and the quality of its emulator."""

    first: Reals  # share of the variance that knowing only this parameter would remove
    first_half: Reals  # half the width of its 95 % interval
    total: Reals  # share that would remain if all other parameters were known
    total_half: Reals
    explained: float  # share of the variance of runs on economies left out that the emulator explains
    beyond_90: float  # share of the errors there outside the emulator's 90 % interval
    variance: float  # that is decomposed, in the figure's unit squared

    @property
    def good(self) -> bool:
        """Whether the emulator is good enough to interpret the indices."""
        return self.explained >= GOOD


@one_thread
def sobol_indices(unit: Reals, values: Reals, economies: np.ndarray, seed: int) -> SobolIndices | None:
    """Compute the Sobol indices of a figure; None if it does not vary or has fewer than three runs per parameter.

    ``unit`` is (runs, parameters) in the unit cube; runs with NaN are dropped.
    """
    from SALib.sample import sobol  # noqa: PLC0415  (brings pandas, two seconds)

    known = np.isfinite(values)
    unit, values, economies = unit[known], values[known], economies[known]
    if len(values) < 3 * unit.shape[1] or values.std() <= FLAT * max(float(np.abs(values).max()), FLAT):
        return None
    emulator, _ = fit_emulator(unit, values, seed)
    fold = np.searchsorted(np.unique(economies), economies) % FOLDS
    seen, beyond = cross_validation(emulator, unit, values, fold)
    sample: Reals = sobol.sample(unit_cube(unit.shape[1]), SAMPLE, calc_second_order=False, seed=seed)
    likeliest = emulator.mean(sample)
    others = emulator.variants(EMULATORS, np.random.default_rng(seed))
    less = (conditioned(emulator, unit[fold != k], values[fold != k]) for k in np.unique(fold))
    alike, parts = (  # few resamples: their intervals are not used
        np.array([_indices(each.mean(sample), unit.shape[1], seed, 2)[0] for each in many]) for many in (others, less)
    )
    halves = _half_widths(alike, parts, _indices(likeliest, unit.shape[1], seed)[1])
    (first, total), (first_half, total_half) = alike.mean(axis=0), halves
    return SobolIndices(first, first_half, total, total_half, seen, beyond, float(likeliest.var()))


def cross_validation(emulator: Emulator, unit: Reals, values: Reals, fold: np.ndarray) -> tuple[float, float]:
    """Cross-validate an emulator on the economies of one fold at a time, without refitting its lengths.

    Returns the explained share of variance, negative if the mean predicts better, and the share of errors outside the
    emulator's 90 % interval.
    """
    error, expected = np.zeros(len(values)), np.zeros(len(values))
    for k in np.unique(fold):
        out = fold == k
        rest = conditioned(emulator, unit[~out], values[~out])
        mean, variance = rest.predict(unit[out])
        error[out], expected[out] = values[out] - mean, np.sqrt(variance + rest.noise)
    seen = 1.0 - float((error**2).mean()) / float(values.var())
    return seen, float((np.abs(error) > Z_90 * expected).mean())


def _indices(means: Reals, parameters: int, seed: int, resamples: int = 100) -> tuple[Reals, Reals]:
    """Compute first and total indices with SALib, (2, parameters), and half the width of their intervals."""
    from SALib.analyze import sobol  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a parameter without any effect gives equal values, and an index of 0
        found = sobol.analyze(
            unit_cube(parameters), means, calc_second_order=False, num_resamples=resamples, seed=seed + 1
        )
    indices, halves = (
        np.nan_to_num(np.array([found[key] for key in keys], np.float64))
        for keys in (("S1", "ST"), ("S1_conf", "ST_conf"))
    )
    return indices, halves


def _half_widths(alike: Reals, parts: Reals, sampling: Reals) -> Reals:
    """Combine plausible emulators, those without a tenth each, and sampling to half the width of 95 % intervals.

    They cover 90 to 100 % of made-up indices, 84 where runs scatter most (81 by the likeliest emulator ± 1.96 errors).
    """
    count = len(parts)
    jackknife = (count - 1) / count * ((parts - parts.mean(axis=0)) ** 2).sum(axis=0)
    half: Reals = np.sqrt(t.ppf(0.975, count - 1) ** 2 * jackknife + 1.96**2 * alike.var(axis=0, ddof=1) + sampling**2)
    return half
