"""Screening: elementary effects along Morris's trajectories, and how much of them is chance.

A trajectory changes one parameter after the other, each once, by two thirds of its range. All its points lie on the
same economies and draws, so that a step shows the parameter and little else. What chance is left in a step follows from
the firms: leaving out a tenth of them at a time gives the step's standard error. If only chance were at work, a
parameter's mean absolute effect would rarely exceed a bound that follows from these errors; what does not exceed it is
not told from chance. SALib draws the trajectories and computes the effects.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.errors import InputError, ResultsError
from sim.inference.scales import Reals

LEVELS = 4  # of each parameter, as usual
STEP = LEVELS / (2.0 * (LEVELS - 1.0))  # of the range
LEAST_TRAJECTORIES = 4
LEAST_STEPS = 3  # of a parameter that must have come out
POOL = 5  # trajectories drawn for each that is kept: those that lie far apart
RESAMPLES = 1000
SURE = 1.645  # of a standard normal: one in twenty lies above
FOLDED = np.sqrt(2.0 / np.pi)  # mean absolute value of a standard normal


class Screen(NamedTuple):
    """What the trajectories say of one figure, (parameters,) each."""

    mu: Reals  # mean effect of going over the whole range
    mu_star: Reals  # mean absolute effect
    half: Reals  # of the 95 % bootstrap interval of mu_star, over trajectories
    sigma: Reals  # spread of the effect over the other parameters, and chance
    chance: Reals  # the part of sigma that chance alone gives
    bound: Reals  # mu_star that chance alone exceeds once in twenty times
    steps: Reals  # that came out

    @property
    def above(self) -> np.ndarray:
        """Whether a parameter is told from chance."""
        return self.mu_star > self.bound


def _problem(count: int) -> dict[str, Any]:
    """Say to SALib what is varied."""
    return {"num_vars": count, "names": [str(k) for k in range(count)], "bounds": [[0.0, 1.0]] * count}


def trajectories(parameters: int, count: int, seed: int) -> Reals:
    """Draw trajectories that lie far apart.

    Parameters
    ----------
    parameters : int
        How many are varied.
    count : int
        Trajectories.
    seed : int
        Of the draws.

    Returns
    -------
    Reals
        (trajectories, points, parameters) in the unit cube; two points that follow each other differ in one parameter.

    Raises
    ------
    InputError
        If the trajectories are too few to say anything of their spread.
    """
    if count < LEAST_TRAJECTORIES:
        raise InputError(f"--trajectories {count}: at least {LEAST_TRAJECTORIES} are needed to tell a spread")
    from SALib.sample import morris  # noqa: PLC0415  (brings pandas, two seconds)

    points = morris.sample(_problem(parameters), POOL * count, LEVELS, optimal_trajectories=count, seed=seed)
    found: Reals = np.round(points * (LEVELS - 1.0)).reshape(count, parameters + 1, parameters) / (LEVELS - 1.0)
    return found


def moved(design: Reals) -> np.ndarray:
    """Say which parameter each step of each trajectory changes.

    Parameters
    ----------
    design : Reals
        (trajectories, points, parameters).

    Returns
    -------
    np.ndarray
        (trajectories, steps) positions of parameters.
    """
    return np.abs(np.diff(design, axis=1)).argmax(axis=2)


def chance_of_steps(values: Reals, without: Reals) -> Reals:
    """Compute the standard error of each step from the firms: a jackknife of their groups, paired between the points.

    Parameters
    ----------
    values : Reals
        (trajectories, points) of a figure.
    without : Reals
        (trajectories, points, groups) without each group of firms; not a number for groups that are not there.

    Returns
    -------
    Reals
        (trajectories, steps), per whole range of the parameter.
    """
    step = np.diff(values, axis=1)[:, :, None] - np.diff(without, axis=1)
    groups = np.isfinite(step).sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt((groups - 1) / groups * np.nansum(step**2, axis=2))
    return np.where(groups > 1, error, np.nan) / STEP


def screened(design: Reals, values: Reals, without: Reals, seed: int) -> Screen:
    """Compute what trajectories say of one figure.

    Parameters
    ----------
    design : Reals
        (trajectories, points, parameters) in the unit cube.
    values : Reals
        (trajectories, points); not a number where a run failed: the steps to it and from it are left out.
    without : Reals
        (trajectories, points, groups) without each group of firms.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Screen
        What they say.
    """
    parameters = design.shape[2]
    which, intact = moved(design), np.isfinite(np.diff(values, axis=1))
    errors = chance_of_steps(values, without)
    rows = []
    for k in range(parameters):
        place = which == k
        there = (place & intact).any(axis=1)
        if there.sum() < LEAST_STEPS:
            rows.append((*[np.nan] * 6, there.sum()))
            continue
        mine = _analysed(design[there], values[there], seed, k)
        rows.append((*mine, *_chance(errors[there][place[there]]), there.sum()))
    return Screen(*np.array(rows, np.float64).T)


def _analysed(design: Reals, values: Reals, seed: int, k: int) -> tuple[float, float, float, float]:
    """Ask SALib for the statistics of one parameter, from trajectories whose step of that parameter is intact.

    SALib wants whole trajectories. Points missing elsewhere are filled in: no step of this parameter sees them.
    """
    from SALib.analyze import morris  # noqa: PLC0415

    x = design.reshape(-1, design.shape[2])
    y = np.nan_to_num(values.reshape(-1), nan=0.0)
    found = morris.analyze(_problem(design.shape[2]), x, y, num_resamples=RESAMPLES, num_levels=LEVELS, seed=seed + k)
    mu, star, half, sigma = (float(found[key][k]) for key in ("mu", "mu_star", "mu_star_conf", "sigma"))
    return mu, star, half, sigma


def _chance(errors: Reals) -> tuple[float, float]:
    """Say what spread chance alone gives to effects, and which mean absolute effect it seldom exceeds."""
    known = errors[np.isfinite(errors)]
    if len(known) < LEAST_STEPS:
        return np.nan, np.nan
    squares = float((known**2).mean())
    spread = np.sqrt((1.0 - FOLDED**2) * squares / len(known))
    return float(np.sqrt(squares)), float(FOLDED * known.mean() + SURE * spread)


def check_steps(screens: Sequence[Screen], names: Sequence[str], trajectories_done: int) -> None:
    """Refuse a screening in which a parameter has too few steps left.

    Parameters
    ----------
    screens : Sequence[Screen]
        Of all figures.
    names : Sequence[str]
        Of the parameters.
    trajectories_done : int
        How many trajectories there were.

    Raises
    ------
    ResultsError
        If no figure has enough steps of some parameter.
    """
    best = np.max([screen.steps for screen in screens], axis=0)
    for name, steps in zip(names, best, strict=True):
        if steps < LEAST_STEPS:
            raise ResultsError(
                f"only {int(steps)} of {trajectories_done} steps of '{name}' came out, fewer than {LEAST_STEPS}: "
                "too many runs failed; give more --trajectories or a narrower range"
            )
