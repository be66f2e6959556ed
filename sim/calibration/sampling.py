"""Sample the posterior on the emulators by sequential Monte Carlo with likelihood tempering.

Particles are in normal scores of the prior. There posteriors are nearly normal, and every second independence proposal
is accepted. emcee was tried first: its autocorrelation time was 170 to 200 steps with 14 parameters (15 to 40 with 4),
which takes minutes for each of a campaign's posteriors.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import qmc

from sim.calibration.emulator import Emulators, one_thread
from sim.calibration.problem import Problem
from sim.core.errors import ResultsError
from sim.outcomes import Reals

PARTICLES = 1000
KEPT_SHARE = 0.5  # effective share of the particles after each step
MOVES, LAST_MOVES = 5, 30  # moves of every particle after a step, and after the last one
PROPOSAL_WIDTH = 1.25  # width of independence proposals, in spreads of the particles
ENOUGH_MOVES = 3.0  # average moves of a particle after the last step

type Likelihood = Callable[[Reals], Reals]


class Sample(NamedTuple):
    """Equally weighted draws from a posterior."""

    unit: Reals  # (draws, parameters) in the unit cube
    moves: float  # average moves of a draw after the last step

    @property
    def settled(self) -> bool:
        """Return whether draws have moved often enough to be independent of each other."""
        return self.moves >= ENOUGH_MOVES


def likelihood_of(emulators: Emulators, problem: Problem, noise: Reals | float, stretch: float = 1.0) -> Likelihood:
    """Return the log likelihood of the reported figures as a function of (points, parameters) in the unit cube.

    ``noise`` is the (targets, targets) covariance of simulations about emulators. ``stretch`` multiplies all variances;
    values above 1 widen the waves that explore.
    """
    aim = problem.aim

    def likelihood(unit: Reals) -> Reals:
        means, variances = emulators.predict(unit)
        return log_density(aim - means, problem, noise, variances, stretch)

    return likelihood


def log_density(off: Reals, problem: Problem, noise: Reals | float, variances: Reals, stretch: float = 1.0) -> Reals:
    """Return the log density, up to a constant, of the distances of figures from predictions, (points, targets)."""
    whole = stretch * ((np.diag(problem.spread**2) + noise)[None] + variances[:, :, None] * np.eye(off.shape[1]))
    lower = np.linalg.cholesky(whole)
    scaled = np.linalg.solve(lower, off[:, :, None])[:, :, 0]
    determinant = 2.0 * np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
    return -0.5 * ((scaled**2).sum(axis=1) + determinant)


@one_thread
def sample_posterior(likelihood: Likelihood, parameters: int, seed: int, draws: int = PARTICLES) -> Sample:
    """Draw from a posterior with a uniform prior on the unit cube; raise ``ResultsError`` if it is zero everywhere."""
    rng = np.random.default_rng(seed)
    count = max(draws, PARTICLES)
    unit = qmc.Sobol(parameters, rng=rng).random(1 << (count - 1).bit_length())[:count]
    points = ndtri(np.clip(unit, 1e-9, 1.0 - 1e-9))
    value = _log_likelihood(likelihood, points)
    if not np.isfinite(value).any():
        raise ResultsError("the likelihood is nowhere a number: no parameters can be compared with the targets")
    reached, size, moved = 0.0, 2.0 / np.sqrt(parameters), 0.0
    while reached < 1.0:
        after = _next_exponent(value, reached)
        weight = weights(value, after - reached)
        chosen = np.searchsorted(np.cumsum(weight), (rng.random() + np.arange(count)) / count)
        chosen = np.minimum(chosen, count - 1)
        points, value, reached = points[chosen], value[chosen], after
        moved = 0.0
        for number in range(MOVES if reached < 1.0 else LAST_MOVES):
            lower = np.linalg.cholesky(np.cov(points, rowvar=False).reshape(parameters, -1) + 1e-9 * np.eye(parameters))
            blind = number % 2 == 0
            if blind:
                there, back = _independence_proposal(points, lower, rng)
            else:  # a random walk: as likely backwards
                there, back = points + size * rng.standard_normal(points.shape) @ lower.T, np.zeros(count)
            proposed = _log_likelihood(likelihood, there)
            better = reached * (proposed - value) - 0.5 * ((there**2).sum(axis=1) - (points**2).sum(axis=1)) + back
            goes = np.log(rng.random(count)) < np.nan_to_num(better, nan=-np.inf)  # Metropolis and Hastings
            points, value = np.where(goes[:, None], there, points), np.where(goes, proposed, value)
            share = float(goes.mean())
            size *= 1.0 if blind else float(np.exp(share - 0.3))
            moved += share
    return Sample(ndtr(points[rng.permutation(count)[:draws]]), moved)


def _independence_proposal(points: Reals, lower: Reals, rng: np.random.Generator) -> tuple[Reals, Reals]:
    """Propose from a normal distribution wider than the particles; also return the log ratio of reverse to forward."""
    middle, wide = points.mean(axis=0), PROPOSAL_WIDTH * lower
    there = middle + rng.standard_normal(points.shape) @ wide.T
    inverse = np.linalg.inv(wide)
    back = 0.5 * (
        (((there - middle) @ inverse.T) ** 2).sum(axis=1) - (((points - middle) @ inverse.T) ** 2).sum(axis=1)
    )
    return there, back


def _log_likelihood(likelihood: Likelihood, points: Reals) -> Reals:
    """Evaluate the log likelihood; values that are not finite count as impossible."""
    value = likelihood(ndtr(points))
    return np.where(np.isfinite(value), value, -np.inf)


def weights(value: Reals, heat: float) -> Reals:
    """Return normalised importance weights for a rise in the tempering exponent by ``heat``."""
    gain = heat * (value - value[np.isfinite(value)].max())
    weight = np.exp(np.where(np.isfinite(gain), gain, -np.inf))
    return weight / weight.sum()


def _next_exponent(value: Reals, reached: float) -> float:
    """Choose the next tempering exponent by bisection, so that the effective share stays at ``KEPT_SHARE``."""
    low, high = reached, 1.0
    if _effective_size(value, high - reached) >= KEPT_SHARE * len(value):
        return 1.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        if _effective_size(value, middle - reached) >= KEPT_SHARE * len(value):
            low = middle
        else:
            high = middle
    return max(low, reached + 1e-9)


def _effective_size(value: Reals, heat: float) -> float:
    return float(1.0 / (weights(value, heat) ** 2).sum())
