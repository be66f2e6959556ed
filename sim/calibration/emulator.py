"""Gaussian process emulators that predict one figure of a simulation, with its uncertainty, in microseconds.

Each is a linear trend plus an anisotropic Matérn 5/2 process and white noise, the variance between economies. The noise
is no part of a prediction, which is of the mean over economies.

Lengths have a prior, which grows with their number. Without it, noise is taken for curves where there is much of it: of
paired effects at 128 points on eight axes, 95 % intervals held 91 % of new simulations, and 78 % at worst.
"""

import functools
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import minimize

from sim.calibration.scales import Reals

LONGEST, SHORTEST = 20.0, 0.15  # lengths, in widths of the prior
# Mean and sd of the logarithm of a length, but for half that of how many there are: Hvarfner, Hellsten and Nardi 2024,
# Vanilla Bayesian optimization performs great in high dimensions, ICML 41.
USUAL, SPREAD = 2.0**0.5, 3.0**0.5
CHOSEN = 250  # points that choose the lengths; all points are used once they are chosen
SURE = 1.645  # of a standard normal, two-sided 10 %


def one_thread[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Limit the BLAS calls of a function to one thread, so that sums have a fixed order and no threads compete."""

    @functools.wraps(function)
    def alone(*given: P.args, **named: P.kwargs) -> R:
        from threadpoolctl import threadpool_limits  # noqa: PLC0415  (comes with scikit-learn)

        with threadpool_limits(1, user_api="blas"):
            return function(*given, **named)

    return alone


class Emulator(NamedTuple):
    """The emulator of one figure."""

    plane: Reals  # intercept and slopes
    height: float  # unit of the process
    process: Any  # of scikit-learn, fitted
    noise: float  # variance that it does not explain, between economies or not, in the figure's scale

    def predict(self, unit: Reals) -> tuple[Reals, Reals]:
        """Predict mean and variance, (points,) each, of the average over economies, at points of the unit cube."""
        kernel = self.process.kernel_.k1  # without the noise
        cross = kernel(unit, self.process.X_train_)
        mean = cross @ self.process.alpha_
        solved = solve_triangular(self.process.L_, cross.T, lower=True, check_finite=False)
        variance = np.maximum(kernel.diag(unit) - (solved**2).sum(axis=0), 0.0)
        return self.plane[0] + unit @ self.plane[1:] + self.height * mean, self.height**2 * variance


class Gate(NamedTuple):
    """Leave-one-out performance of an emulator."""

    explained: float  # share of the variance
    beyond: float  # share of standardised errors outside 90 %

    @property
    def holds(self) -> bool:
        """Whether at most a fifth of the errors lie outside the 90 % that the emulator expects."""
        return self.beyond <= 0.20


def fitted(unit: Reals, figures: Reals, seed: int = 0) -> tuple[Emulator, Gate]:
    """Fit an emulator to (simulations, parameters) in the unit cube, and cross-validate it by leaving one out.

    ``figures`` are on the figure's scale. Lengths are chosen on a random subset of ``CHOSEN`` simulations, drawn by
    ``seed``, as those of the highest posterior density; the process is then conditioned on all of them.
    """
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415  (a second, and only here)
    from sklearn.gaussian_process import GaussianProcessRegressor  # noqa: PLC0415
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel  # noqa: PLC0415

    design = np.column_stack([np.ones(len(unit)), unit])
    plane = np.linalg.lstsq(design, figures, rcond=None)[0]
    rest = figures - design @ plane
    height = max(float(rest.std()), 1e-9)
    lengths = np.full(unit.shape[1], 1.5)
    kernel = ConstantKernel(1.0, (1e-3, 1e2)) * Matern(lengths, (SHORTEST, LONGEST), nu=2.5) + WhiteKernel(
        0.3, (1e-6, 5.0)
    )
    few = np.sort(np.random.default_rng(seed).permutation(len(unit))[:CHOSEN])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a length at its bound means no effect
        choice = GaussianProcessRegressor(kernel, alpha=1e-9, optimizer=_likeliest).fit(unit[few], rest[few] / height)
        process = GaussianProcessRegressor(choice.kernel_, alpha=1e-9, optimizer=None).fit(unit, rest / height)
    noise = height**2 * float(process.kernel_.k2.noise_level)
    return Emulator(plane, height, process, noise), _gate(process, rest / height, float(figures.var()) / height**2)


def _likeliest(loss: Callable[[Reals], tuple[float, Reals]], start: Reals, bounds: Reals) -> tuple[Reals, float]:
    """Choose the logarithms of height, lengths and noise by likelihood, and by the prior of the lengths."""
    usual = USUAL + 0.5 * np.log(len(start) - 2)

    def unlikely(logs: Reals) -> tuple[float, Reals]:
        value, slope = loss(logs)
        off = (logs[1:-1] - usual) / SPREAD
        return value + 0.5 * float(off @ off), slope + np.concatenate([[0.0], off / SPREAD, [0.0]])

    found = minimize(unlikely, start, jac=True, bounds=bounds, method="L-BFGS-B")
    return found.x, found.fun


def _gate(process: Any, rest: Reals, variance: float) -> Gate:
    """Compute leave-one-out errors by the closed form, from the inverse of the covariance."""
    inverse = solve_triangular(process.L_, np.eye(len(rest)), lower=True, check_finite=False)
    own = (inverse**2).sum(axis=0)  # diagonal of the inverse of the covariance
    error = process.alpha_ / own
    beyond = float((np.abs(error) * np.sqrt(own) > SURE).mean())
    return Gate(1.0 - float((error**2).mean()) / max(variance, 1e-12), beyond)


class Emulators(NamedTuple):
    """Emulators of several figures at the same points."""

    names: tuple[str, ...]
    each: tuple[Emulator, ...]
    gates: tuple[Gate, ...]

    def predict(self, unit: Reals) -> tuple[Reals, Reals]:
        """Predict means and variances, (points, figures) each, on the figures' scales, as a single emulator does."""
        means, variances = zip(*(one.predict(unit) for one in self.each), strict=True)
        return np.stack(means, axis=1), np.stack(variances, axis=1)


@one_thread
def emulated(unit: Reals, figures: Reals, names: Sequence[str], seed: int) -> Emulators:
    """Fit an emulator for each figure, on the simulations in which it is finite."""
    parts = []
    for k in range(len(names)):
        known = np.isfinite(figures[:, k])
        parts.append(fitted(unit[known], figures[known, k], seed))
    return Emulators(tuple(names), tuple(one for one, _ in parts), tuple(gate for _, gate in parts))
