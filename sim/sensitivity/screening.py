"""Morris screening with a bound on what chance alone explains.

A trajectory changes each parameter once, by two thirds of its range, on the same economies with common random numbers.
A jackknife over groups of firms estimates the chance that remains in a step. A parameter counts if its mean absolute
effect exceeds a bound that chance alone would exceed once in twenty times. SALib draws the trajectories.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from sim.core.errors import InputError, ResultsError
from sim.outcomes import Reals
from sim.sensitivity.ranges import unit_cube

LEVELS = 4  # grid levels of each parameter, as usual
STEP = LEVELS / (2.0 * (LEVELS - 1.0))  # as a share of the range
LEAST_TRAJECTORIES = 4
LEAST_STEPS = 3  # successful steps that each parameter needs
POOL = 5  # trajectories drawn for each one kept
SIMULATIONS = 40_000  # simulated sets of steps that only chance moves


class Screen(NamedTuple):
    """Screening statistics of one figure, (parameters,) each."""

    mu: Reals  # mean effect of going over the whole range
    mu_star: Reals  # mean absolute effect
    half: Reals  # half the width of the 95 % interval of mu_star over trajectories
    sigma: Reals  # spread of the effect over the other parameters, and chance
    chance: Reals  # the sigma that chance alone gives
    bound: Reals  # mu_star that chance alone exceeds once in twenty times
    steps: Reals  # number of successful steps

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


def changed_parameter(design: Reals) -> np.ndarray:
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


def morris_screen(design: Reals, values: Reals, without: Reals) -> Screen:
    """Compute the screening statistics of one figure.

    ``values`` is (trajectories, points), NaN where a run failed; steps to and from it are dropped, and a parameter with
    fewer than ``LEAST_STEPS`` left gets NaN.
    """
    parameters = design.shape[2]
    steps = np.diff(values, axis=1)
    which, intact = changed_parameter(design), np.isfinite(steps)
    effects = steps / np.diff(design, axis=1).sum(axis=2)
    errors, freedom = chance_of_steps(values, without)
    rows = []
    for k in range(parameters):
        mine = (which == k) & intact
        count = int(mine.sum())
        if count < LEAST_STEPS:
            rows.append((*[np.nan] * 6, count))
            continue
        rows.append((*_moments(effects[mine]), *_chance(errors[mine], freedom[mine]), count))
    return Screen(*np.array(rows, np.float64).T)


def _moments(effects: Reals) -> tuple[float, float, float, float]:
    """Return ``mu``, ``mu_star``, ``half`` by Student's t, and ``sigma`` of the elementary effects of one parameter."""
    size = np.abs(effects)
    half = stdtrit(len(size) - 1, 0.975) * size.std(ddof=1) / np.sqrt(len(size))
    return float(effects.mean()), float(size.mean()), float(half), float(effects.std(ddof=1))


def _chance(errors: Reals, freedom: Reals) -> tuple[float, float]:
    """Return spread and bound by chance alone; it gives a mean absolute effect above the bound once in twenty times."""
    known = np.isfinite(errors)
    if known.sum() < LEAST_STEPS:
        return np.nan, np.nan
    spread = float(np.sqrt((errors[known] ** 2).mean()))
    return spread, spread * _chance_multiple(tuple(np.sort(freedom[known])))


@cache
def _chance_multiple(freedom: tuple[float, ...]) -> float:
    """Simulate the multiple of the estimated spread that the mean absolute effect exceeds once in twenty times.

    All steps have equal true spread. Neither the mean of few absolute values nor their estimated errors are normal.
    """
    rng = np.random.default_rng(SIMULATIONS)
    size = np.abs(rng.standard_normal((SIMULATIONS, len(freedom)))).mean(axis=1)
    shown = np.sqrt((rng.chisquare(freedom, (SIMULATIONS, len(freedom))) / freedom).mean(axis=1))
    return float(np.quantile(size / shown, 0.95))


def check_steps(screens: Sequence[Screen], names: Sequence[str], trajectories_done: int) -> None:
    """Raise ``ResultsError`` if some parameter has fewer than ``LEAST_STEPS`` steps in every figure."""
    best = np.max([screen.steps for screen in screens], axis=0)
    for name, steps in zip(names, best, strict=True):
        if steps < LEAST_STEPS:
            raise ResultsError(
                f"only {int(steps)} of {trajectories_done} steps of '{name}' came out, fewer than {LEAST_STEPS}: "
                "too many runs failed; give more --trajectories or a narrower range"
            )
