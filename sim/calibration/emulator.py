"""Gaussian process emulators that predict one figure of a simulation, with its uncertainty, in microseconds.

Each is a linear trend plus an anisotropic Matérn 5/2 process and white noise, the variance between economies.
Predictions are of the mean over economies, so they exclude the noise. They include the uncertainty of the trend
(Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, section 2.7, with a wide prior of the slopes).

Lengths have a prior that grows with their number; without it, a noisy figure's noise is fitted as curves. For paired
effects at 128 points on eight axes, 95 % intervals then covered 91 % of new simulations, and 78 % at worst. The height
of curves has a prior too; without it, a few of many lengths become short. For a plane with 33 slopes and noise, 90 %
intervals from 240 simulations miss 12 % of new ones, 15 % without the prior of the height, 17 % if the plane is taken
as known.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.optimize import minimize
from scipy.spatial.distance import cdist

from sim.core.errors import InputError
from sim.outcomes import Reals

LONGEST, SHORTEST = 20.0, 0.15  # lengths, in widths of the prior
# Mean and sd of the logarithm of a length, except for half the log of their number: Hvarfner, Hellsten and Nardi 2024,
# Vanilla Bayesian optimization performs great in high dimensions, ICML 41.
LENGTH_MEAN, LENGTH_SD = 2.0**0.5, 3.0**0.5
HEIGHT_MEAN, HEIGHT_SD = -1.0, 1.0  # of the log of the process's variance over that left by the plane
TUNING_POINTS = 250  # points that choose the lengths; the process is then conditioned on all points
TREND_VARIANCE = 100.0  # of intercept and slopes about least squares, over the residual variance: a wide prior
EMULATORS = 20  # emulators fitting the same simulations, for an interval
AT_ONCE = 128  # points per block, whose covariances fit a processor's cache
NUGGET = 1e-9  # added to the diagonal for numerical stability
Z_90 = 1.645  # of a standard normal, two-sided 10 %


def one_thread[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Limit the BLAS calls of a function to one thread, so that sums have a fixed order and threads do not compete."""

    @functools.wraps(function)
    def alone(*given: P.args, **named: P.kwargs) -> R:
        from threadpoolctl import threadpool_limits  # noqa: PLC0415  (comes with scikit-learn)

        with threadpool_limits(1, user_api="blas"):
            return function(*given, **named)

    return alone


class Process(NamedTuple):
    """A Gaussian process conditioned on what the plane leaves unexplained."""

    kernel: Any  # a kernel of scikit-learn
    points: Reals  # of the unit cube, (simulations, parameters)
    rest: Reals  # (simulations,)
    root: Reals  # lower Cholesky factor of the covariance
    weights: Reals  # ``rest`` solved by the covariance


class Emulator(NamedTuple):
    """The emulator of one figure."""

    plane: Reals  # intercept and slopes by least squares
    height: float  # unit of the process
    process: Process
    noise: float  # unexplained variance, between economies or not, on the figure's scale

    def mean(self, unit: Reals) -> Reals:
        """Predict the average over economies, (points,), at points of the unit cube, much faster than ``predict``."""
        parts = [unit[start : start + AT_ONCE] for start in range(0, len(unit) or 1, AT_ONCE)]
        return np.concatenate([self._mean(part, self._cross(part)) for part in parts])

    def predict(self, unit: Reals) -> tuple[Reals, Reals]:
        """Predict mean and variance, (points,) each, of the average over economies, at points of the unit cube."""
        cross = self._cross(unit)
        variance = self.kernel.diag(unit) - (self._solved(cross) ** 2).sum(axis=0)
        return self._mean(unit, cross), self.height**2 * np.maximum(variance, 0.0)

    def covariance(self, unit: Reals) -> Reals:
        """Return the covariance, (points, points), of predictions at points of the unit cube."""
        solved = self._solved(self._cross(unit))
        found: Reals = self.height**2 * (self.kernel(unit) - solved.T @ solved)
        return found

    def variants(self, count: int, rng: np.random.Generator) -> Iterator["Emulator"]:
        """Draw other plausible emulators of the same simulations: other lengths, noise and heights of curves.

        Their logarithms are normal about the most likely values, with the expected information (Rasmussen and Williams
        2006, section 5.4.1) and that of the priors, and stay within the bounds.
        """
        kernel, points, rest, root, _ = self.process
        _, slopes = kernel(points, eval_gradient=True)
        parts = np.tensordot(cho_solve((root, True), np.eye(len(points))), slopes, 1)
        information = 0.5 * np.einsum("ijk,jil->kl", parts, parts, optimize=True)
        _, spread = _priors(points.shape[1])
        information[np.diag_indices(len(spread))] += spread**-2
        half, (low, high) = np.linalg.cholesky(information), kernel.bounds.T
        for chance in rng.standard_normal((count, len(half))):
            logs = np.clip(kernel.theta + solve_triangular(half, chance, lower=True, trans="T"), low, high)
            process = _conditioned(kernel.clone_with_theta(logs), points, rest)
            yield self._replace(process=process, noise=self.height**2 * float(np.exp(logs[-1])))

    @property
    def kernel(self) -> Any:
        """Return the kernel of the trend and of the process, without the noise."""
        return self.process.kernel.k1

    def _cross(self, unit: Reals) -> Reals:
        """Return the covariance of points with the simulated points, without the noise."""
        about, points = self.kernel.k1, self.process.points
        lengths = about.k2.length_scale
        near = _matern(cdist(unit / lengths, points / lengths))
        return about.k1.constant_value * near + TREND_VARIANCE * (1.0 + unit @ points.T)

    def _mean(self, unit: Reals, cross: Reals) -> Reals:
        mean: Reals = self.plane[0] + unit @ self.plane[1:] + self.height * (cross @ self.process.weights)
        return mean

    def _solved(self, cross: Reals) -> Reals:
        solved: Reals = solve_triangular(self.process.root, cross.T, lower=True, check_finite=False)
        return solved


class Validation(NamedTuple):
    """Leave-one-out performance of an emulator."""

    explained: float  # explained share of the variance
    beyond: float  # share of standardised errors outside 90 %

    @property
    def holds(self) -> bool:
        """Return whether at most a fifth of the errors lie outside the emulator's 90 % interval."""
        return self.beyond <= 0.20


def fit_emulator(unit: Reals, figures: Reals, seed: int = 0) -> tuple[Emulator, Validation]:
    """Fit an emulator to (simulations, parameters) in the unit cube, and cross-validate it by leaving one out.

    ``figures`` are on the figure's scale. Lengths are those of the highest posterior density on a random subset of
    ``TUNING_POINTS``, drawn by ``seed``. The process is then conditioned on all simulations.
    """
    from sklearn.gaussian_process import kernels  # noqa: PLC0415  (a second, and only here)

    plane, rest = _by_plane(unit, figures)
    height = max(float(rest.std()), 1e-9)
    lengths = np.full(unit.shape[1], 1.5)
    about = kernels.ConstantKernel(1.0, (1e-3, 1e2)) * kernels.Matern(lengths, (SHORTEST, LONGEST), nu=2.5)
    trend = kernels.ConstantKernel(TREND_VARIANCE, "fixed") * kernels.DotProduct(1.0, "fixed")
    kernel = about + trend + kernels.WhiteKernel(0.3, (1e-6, 5.0))
    few = np.sort(np.random.default_rng(seed).permutation(len(unit))[:TUNING_POINTS])
    loss = functools.partial(minus_log_likelihood, unit[few], rest[few] / height)
    kernel = kernel.clone_with_theta(_likeliest(loss, kernel.theta, kernel.bounds)[0])
    process = _conditioned(kernel, unit, rest / height)
    emulator = Emulator(plane, height, process, height**2 * float(kernel.k2.noise_level))
    return emulator, _validation(emulator.process, float(figures.var()) / height**2)


def conditioned(emulator: Emulator, unit: Reals, figures: Reals) -> Emulator:
    """Condition an emulator on other simulations, with the same lengths and noise."""
    plane, rest = _by_plane(unit, figures)
    process = _conditioned(emulator.process.kernel, unit, rest / emulator.height)
    return emulator._replace(plane=plane, process=process)


def _conditioned(kernel: Any, unit: Reals, rest: Reals) -> Process:
    """Condition a process with a known kernel on simulations."""
    covariance = kernel(unit)
    covariance[np.diag_indices(len(unit))] += NUGGET
    root = cholesky(covariance, lower=True, check_finite=False)
    return Process(kernel, unit, rest, root, cho_solve((root, True), rest, check_finite=False))


def _by_plane(unit: Reals, figures: Reals) -> tuple[Reals, Reals]:
    """Return intercept and slopes by least squares, and the residuals."""
    ones = np.column_stack([np.ones(len(unit)), unit])
    plane = np.linalg.lstsq(ones, figures, rcond=None)[0]
    return plane, figures - ones @ plane


def _likeliest(loss: Callable[[Reals], tuple[float, Reals]], start: Reals, bounds: Reals) -> tuple[Reals, float]:
    """Choose the logarithms of variance, lengths and noise by likelihood and by the priors of variance and lengths."""
    usual, spread = _priors(len(start) - 2)

    def unlikely(logs: Reals) -> tuple[float, Reals]:
        value, slope = loss(logs)
        off = (logs[:-1] - usual) / spread
        return value + 0.5 * float(off @ off), slope + np.append(off / spread, 0.0)

    found = minimize(unlikely, start, jac=True, bounds=bounds, method="L-BFGS-B")
    return found.x, found.fun


def minus_log_likelihood(unit: Reals, rest: Reals, logs: Reals) -> tuple[float, Reals]:
    """Return minus the log likelihood of a process, and its gradient in the log variance, lengths and noise.

    The result equals scikit-learn's, four to eleven times as fast: the derivative in a length over pairs of (points,
    parameters) is a product of matrices, so that those of all pairs and parameters are not stored (Rasmussen and
    Williams 2006, (5.9)).
    """
    variance, lengths, noise = np.exp(logs[0]), np.exp(logs[1:-1]), np.exp(logs[-1])
    points = unit / lengths
    far = cdist(points, points)
    about = variance * _matern(far)
    root = cholesky(about + TREND_VARIANCE * (1.0 + unit @ unit.T) + (noise + NUGGET) * np.eye(len(unit)), lower=True)
    weights = cho_solve((root, True), rest)
    misfit = cho_solve((root, True), np.eye(len(unit))) - np.outer(weights, weights)
    far *= 5.0**0.5
    pairs = misfit * variance * (5.0 / 3.0) * (1.0 + far) * np.exp(-far)
    slopes = pairs.sum(axis=1) @ points**2 - (points * (pairs @ points)).sum(axis=0)
    value = 0.5 * float(rest @ weights) + float(np.log(root.diagonal()).sum()) + 0.5 * len(rest) * np.log(2.0 * np.pi)
    return value, np.array([0.5 * (misfit * about).sum(), *slopes, 0.5 * noise * misfit.trace()])


def _matern(far: Reals) -> Reals:
    """Return the Matérn 5/2 correlation at distances in units of length."""
    root = 5.0**0.5 * far
    near: Reals = (1.0 + root * (1.0 + root / 3.0)) * np.exp(-root)
    return near


def _priors(lengths: int) -> tuple[Reals, Reals]:
    """Return mean and sd of the logarithms of the process's variance and of its lengths."""
    usual = np.array([HEIGHT_MEAN, *[LENGTH_MEAN + 0.5 * np.log(lengths)] * lengths])
    return usual, np.array([HEIGHT_SD, *[LENGTH_SD] * lengths])


def _validation(process: Process, variance: float) -> Validation:
    """Compute leave-one-out errors in closed form, from the inverse of the covariance."""
    inverse = solve_triangular(process.root, np.eye(len(process.rest)), lower=True, check_finite=False)
    own = (inverse**2).sum(axis=0)  # diagonal of the inverse of the covariance
    error = process.weights / own
    beyond = float((np.abs(error) * np.sqrt(own) > Z_90).mean())
    return Validation(1.0 - float((error**2).mean()) / max(variance, 1e-12), beyond)


class Emulators(NamedTuple):
    """Emulators of several figures at the same points."""

    names: tuple[str, ...]
    each: tuple[Emulator, ...]
    validations: tuple[Validation, ...]

    def predict(self, unit: Reals) -> tuple[Reals, Reals]:
        """Predict means and variances, (points, figures) each, on the figures' scales, as a single emulator does."""
        means, variances = zip(*(one.predict(unit) for one in self.each), strict=True)
        return np.stack(means, axis=1), np.stack(variances, axis=1)


@one_thread
def fit_emulators(unit: Reals, figures: Reals, names: Sequence[str], seed: int) -> Emulators:
    """Fit an emulator for each figure, on the simulations in which it is finite.

    Raises ``InputError`` if most simulations lack a figure and too few remain for a plane, for example because the
    people it is about do not exist.
    """
    parts = []
    for k, name in enumerate(names):
        known = np.isfinite(figures[:, k])
        if (count := int(known.sum())) < min(unit.shape[1] + 2, len(unit) / 2):
            raise InputError(
                f"{name}: {count} of {len(unit)} simulations give a figure, too few to fit to; simulate more people "
                "(--people), or give it another role than 'calibrated'"
            )
        parts.append(fit_emulator(unit[known], figures[known, k], seed))
    return Emulators(tuple(names), tuple(one for one, _ in parts), tuple(gate for _, gate in parts))
