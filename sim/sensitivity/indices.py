"""Sobol indices, computed on emulators because they need tens of thousands of runs.

Emulators predict the mean over economies, so chance is no part of the variance that is decomposed. They are validated
on economies left out; the intervals of indices come from a jackknife over tenths of the economies.
"""

import warnings
from typing import NamedTuple

import numpy as np

from sim.calibration.emulator import SURE, Emulator, conditioned, fitted, one_thread
from sim.figures.numerals import GOOD
from sim.outcomes import Reals
from sim.sensitivity.ranges import unit_cube

FOLDS = 10  # of economies
SAMPLE = 1024  # base points of Sobol's sample, a power of two
FLAT = 1e-9  # relative to the size of a figure: no spread


class Shares(NamedTuple):
    """Sobol indices of one figure, (parameters,) each, and the quality of its emulator."""

    first: Reals  # share of the variance that knowing only this parameter would remove
    first_half: Reals  # of a 95 % interval
    total: Reals  # share that would remain if all others were known
    total_half: Reals
    seen: float  # share of the variance of runs on economies left out that the emulator explains
    beyond: float  # share of the errors there outside the emulator's own 90 %
    variance: float  # that is decomposed, in the figure's unit squared

    @property
    def good(self) -> bool:
        """Whether the emulator is good enough to interpret the indices."""
        return self.seen >= GOOD


@one_thread
def shares(unit: Reals, values: Reals, economies: np.ndarray, seed: int) -> Shares | None:
    """Compute the Sobol indices of a figure; None if it does not vary or has fewer than three runs per parameter.

    ``unit`` is (runs, parameters) in the unit cube; runs with NaN are dropped.
    """
    from SALib.sample import sobol  # noqa: PLC0415  (brings pandas, two seconds)

    known = np.isfinite(values)
    unit, values, economies = unit[known], values[known], economies[known]
    if len(values) < 3 * unit.shape[1] or values.std() <= FLAT * max(float(np.abs(values).max()), FLAT):
        return None
    emulator, _ = fitted(unit, values, seed)
    fold = np.searchsorted(np.unique(economies), economies) % FOLDS
    seen, beyond = left_out(emulator, unit, values, fold)
    sample: Reals = sobol.sample(unit_cube(unit.shape[1]), SAMPLE, calc_second_order=False, seed=seed)
    whole = _indices(emulator.mean(sample), unit.shape[1], seed)
    parts = [
        _indices(conditioned(emulator, unit[fold != k], values[fold != k]).mean(sample), unit.shape[1], seed)
        for k in np.unique(fold)
    ]
    halves = [_half(np.array([part[place] for part in parts]), whole[place + 1]) for place in (0, 2)]
    spread = float(emulator.mean(sample).var())
    return Shares(whole[0], halves[0], whole[2], halves[1], seen, beyond, spread)


def left_out(emulator: Emulator, unit: Reals, values: Reals, fold: np.ndarray) -> tuple[float, float]:
    """Cross-validate an emulator on economies left out, one fold at a time, keeping its lengths.

    Returns the explained share of variance, negative if the mean predicts better, and the share of errors outside the
    90 % that the emulator expects.
    """
    error, expected = np.zeros(len(values)), np.zeros(len(values))
    for k in np.unique(fold):
        out = fold == k
        rest = conditioned(emulator, unit[~out], values[~out])
        mean, variance = rest.predict(unit[out])
        error[out], expected[out] = values[out] - mean, np.sqrt(variance + rest.noise)
    seen = 1.0 - float((error**2).mean()) / float(values.var())
    return seen, float((np.abs(error) > SURE * expected).mean())


def _indices(means: Reals, parameters: int, seed: int) -> tuple[Reals, Reals, Reals, Reals]:
    """Compute first and total indices with SALib, each with half of its interval by sampling."""
    from SALib.analyze import sobol  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a parameter without any effect gives equal values, and an index of 0
        found = sobol.analyze(unit_cube(parameters), means, calc_second_order=False, seed=seed + 1)
    first, first_half, total, total_half = (
        np.nan_to_num(np.asarray(found[key], np.float64)) for key in ("S1", "S1_conf", "ST", "ST_conf")
    )
    return first, first_half, total, total_half


def _half(parts: Reals, sampling: Reals) -> Reals:
    """Combine the jackknife over economies and the sampling of the index into half of a 95 % interval."""
    count = len(parts)
    jackknife = np.sqrt((count - 1) / count * ((parts - parts.mean(axis=0)) ** 2).sum(axis=0))
    half: Reals = np.hypot(1.96 * jackknife, sampling)
    return half
