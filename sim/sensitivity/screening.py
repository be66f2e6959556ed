"""Morris screening with a bound on what chance alone explains.

A trajectory changes each parameter once, by two thirds of its range, on the same economies with common random numbers.
The remaining chance in a step follows from a jackknife over groups of firms. A parameter counts if its mean absolute
effect exceeds what these errors alone would exceed once in twenty times. SALib draws and analyses the trajectories.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from sim.calibration.emulator import SURE
from sim.calibration.scales import Reals
from sim.core.errors import InputError, ResultsError
from sim.sensitivity.ranges import unit_cube

LEVELS = 4  # of each parameter, as usual
STEP = LEVELS / (2.0 * (LEVELS - 1.0))  # of the range
LEAST_TRAJECTORIES = 4
LEAST_STEPS = 3  # of a parameter that must have succeeded
POOL = 5  # trajectories drawn for each one kept; those far apart are
RESAMPLES = 1000
FOLDED, SKEW = np.sqrt(2.0 / np.pi), 0.995  # of the absolute value of a standard normal: mean, and skewness


class Screen(NamedTuple):
    """Screening statistics of one figure, (parameters,) each."""

    mu: Reals  # mean effect of going over the whole range
    mu_star: Reals  # mean absolute effect
    half: Reals  # of the 95 % bootstrap interval of mu_star, over trajectories
    sigma: Reals  # spread of the effect over the other parameters, and chance
    chance: Reals  # the part of sigma that chance alone gives
    bound: Reals  # mu_star that chance alone exceeds once in twenty times
    steps: Reals  # that succeeded

    @property
    def above(self) -> np.ndarray:
        """Whether a parameter's effect exceeds chance."""
        return self.mu_star > self.bound


def trajectories(parameters: int, count: int, seed: int) -> Reals:
    """Draw trajectories far apart from each other, (trajectories, points, parameters) in the unit cube.

    Consecutive points differ in one parameter. Raises ``InputError`` if there are too few to estimate a spread.
    """
    if count < LEAST_TRAJECTORIES:
        raise InputError(f"--trajectories {count}: at least {LEAST_TRAJECTORIES} are needed to estimate a spread")
    from SALib.sample import morris  # noqa: PLC0415  (brings pandas, two seconds)

    points = morris.sample(unit_cube(parameters), POOL * count, LEVELS, optimal_trajectories=count, seed=seed)
    found: Reals = np.round(points * (LEVELS - 1.0)).reshape(count, parameters + 1, parameters) / (LEVELS - 1.0)
    return found


def moved(design: Reals) -> np.ndarray:
    """Return the position of the parameter that each step changes, (trajectories, steps)."""
    return np.abs(np.diff(design, axis=1)).argmax(axis=2)


def chance_of_steps(values: Reals, without: Reals) -> tuple[Reals, Reals]:
    """Compute each step's standard error by a jackknife over groups of firms, paired between its two points.

    ``without`` is (trajectories, points, groups), NaN for missing groups. Returns errors per whole range of the
    parameter, NaN with fewer than two groups, and their degrees of freedom, (trajectories, steps) each.
    """
    step = np.diff(values, axis=1)[:, :, None] - np.diff(without, axis=1)
    groups = np.isfinite(step).sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt((groups - 1) / groups * np.nansum(step**2, axis=2))
    return np.where(groups > 1, error, np.nan) / STEP, groups - 1.0


def screened(design: Reals, values: Reals, without: Reals, seed: int) -> Screen:
    """Compute the screening statistics of one figure.

    ``values`` is (trajectories, points), NaN where a run failed; steps to and from it are dropped, and a parameter with
    fewer than ``LEAST_STEPS`` left gets NaN.
    """
    parameters = design.shape[2]
    which, intact = moved(design), np.isfinite(np.diff(values, axis=1))
    errors, freedom = chance_of_steps(values, without)
    rows = []
    for k in range(parameters):
        place = which == k
        there = (place & intact).any(axis=1)
        if there.sum() < LEAST_STEPS:
            rows.append((*[np.nan] * 6, there.sum()))
            continue
        mine = _analysed(design[there], values[there], seed, k)
        rows.append((*mine, *_chance(errors[place & intact], freedom[place & intact]), there.sum()))
    return Screen(*np.array(rows, np.float64).T)


def _analysed(design: Reals, values: Reals, seed: int, k: int) -> tuple[float, float, float, float]:
    """Compute mu, mu_star, its half interval and sigma of one parameter, from trajectories with that step intact.

    SALib needs complete trajectories; points missing elsewhere are filled in, which no step of this parameter uses.
    """
    from SALib.analyze import morris  # noqa: PLC0415

    x = design.reshape(-1, design.shape[2])
    y = np.nan_to_num(values.reshape(-1), nan=0.0)
    found = morris.analyze(unit_cube(design.shape[2]), x, y, num_resamples=RESAMPLES, num_levels=LEVELS, seed=seed + k)
    mu, star, half, sigma = (float(found[key][k]) for key in ("mu", "mu_star", "mu_star_conf", "sigma"))
    return mu, star, half, sigma


def _chance(errors: Reals, freedom: Reals) -> tuple[float, float]:
    """Return the spread of effects by chance alone, and the mean absolute effect it exceeds once in twenty times.

    An error of few groups is too small on average, and itself uncertain; a mean of few absolute values is skewed.
    """
    known = np.isfinite(errors)
    if known.sum() < LEAST_STEPS:
        return np.nan, np.nan
    errors, freedom = errors[known], freedom[known]
    shrunk = np.sqrt(2.0 / freedom) * np.exp(gammaln((freedom + 1.0) / 2.0) - gammaln(freedom / 2.0))
    spread = np.sqrt((errors**2 * (1.0 - 2.0 * FOLDED**2 + (FOLDED / shrunk) ** 2)).mean() / len(errors))
    quantile = SURE + SKEW * (SURE**2 - 1.0) / 6.0 / np.sqrt(len(errors))
    return float(np.sqrt((errors**2).mean())), float(FOLDED * (errors / shrunk).mean() + quantile * spread)


def check_steps(screens: Sequence[Screen], names: Sequence[str], trajectories_done: int) -> None:
    """Raise ``ResultsError`` if some parameter has too few steps left in every figure."""
    best = np.max([screen.steps for screen in screens], axis=0)
    for name, steps in zip(names, best, strict=True):
        if steps < LEAST_STEPS:
            raise ResultsError(
                f"only {int(steps)} of {trajectories_done} steps of '{name}' came out, fewer than {LEAST_STEPS}: "
                "too many runs failed; give more --trajectories or a narrower range"
            )
