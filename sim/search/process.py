"""A Gaussian process of effects at points that share draws, by restricted maximum likelihood.

An effect is the sum of a plane and a Matérn 5/2 process over levers and parameters, both the same in all draws; of a
constant and a slope along each lever, shared by the points of a draw; and of noise. Comparisons of levers within a draw
cancel its constant, as in a mixed model (Laird and Ware 1982, Biometrics 38, 963-974).
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular
from scipy.optimize import minimize

from sim.calibration.emulator import LONGEST, SHORTEST, TUNING_POINTS
from sim.outcomes import Reals
from sim.sweeps.regions import FUNCTIONS, JITTER

START, LEAST, MOST = 0.3, 1e-6, 1e2  # variances, relative to the variance of the figures about their plane
LENGTH = 1.5


class Process(NamedTuple):
    """A process fitted to figures divided by ``unit``."""

    inputs: Reals  # (points, axes) in the unit cube, levers first
    draws: np.ndarray  # (points,) from 0 on
    unit: float  # 0 if all figures are 0
    height: float  # variance of the Matérn process
    lengths: Reals  # (axes,)
    shared: Reals  # (1 + levers,) variances between draws, of the constant and of slopes about the middle of a lever
    noise: float  # variance
    plane: Reals  # (1 + axes,) intercept and slopes
    plane_covariance: Reals  # of ``plane``
    root: Reals  # lower Cholesky factor of the covariance of the figures
    weights: Reals  # (points,)
    gls_regressors: Reals  # inverse covariance times the regressors of the plane

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the variance between draws: draws less the regressors constant within draws."""
        return int(max(self.draws.max() - len(self.lengths) + len(self.shared) - 1, 1))

    @property
    def draw_residuals(self) -> Reals:
        """What the points of a draw share beyond levers and parameters, (draws,), up to a factor."""
        return np.bincount(self.draws, self.weights)

    def mean(self, inputs: Reals) -> Reals:
        """Predict the mean over draws, (points,)."""
        return self.unit * (with_ones(inputs) @ self.plane + self._kernel(inputs, self.inputs) @ self.weights)

    def moments(self, inputs: Reals) -> tuple[Reals, Reals]:
        """Predict mean and standard deviation of a new simulation at a new draw, (points,) each."""
        cross = self._kernel(inputs, self.inputs)
        solved = solve_triangular(self.root, cross.T, lower=True, check_finite=False)
        ones = with_ones(inputs) - cross @ self.gls_regressors
        doubt = self.height - (solved**2).sum(axis=0) + ((ones @ self.plane_covariance) * ones).sum(axis=1)
        return self.mean(inputs), np.sqrt(self.unit**2 * np.maximum(doubt, 0.0) + self.scatter(inputs))

    def scatter(self, inputs: Reals) -> Reals:
        """Return the variance of new simulations at new draws around the mean over draws, (points,)."""
        return self.unit**2 * (_draw_regressors(inputs, len(self.shared)) ** 2 @ self.shared + self.noise)

    def functions(self, inputs: Reals, rng: np.random.Generator) -> Reals:
        """Draw ``FUNCTIONS`` plausible functions of the mean over draws, at the given points: (functions, points)."""
        cross = self._kernel(inputs, self.inputs)
        solved = solve_triangular(self.root, cross.T, lower=True, check_finite=False)
        ones = with_ones(inputs) - cross @ self.gls_regressors
        spread = self._kernel(inputs, inputs) - solved.T @ solved + ones @ self.plane_covariance @ ones.T
        spread[np.diag_indices(len(inputs))] += JITTER * max(spread.diagonal().max(), 1e-300)
        chance = rng.standard_normal((FUNCTIONS, len(inputs)))
        return self.mean(inputs) + self.unit * chance @ cholesky(spread, lower=True).T

    def shares(self, levers: Reals, constant: Reals, rng: np.random.Generator) -> Reals:
        """Draw what only a draw shares, (functions, rules, draws); ``constant`` is standard normal, (functions, draws).

        ``levers`` is (rules, levers).
        """
        normal = np.stack([constant, *rng.standard_normal((len(self.shared) - 1, *constant.shape))])
        slopes = self.unit * np.sqrt(self.shared) * _draw_regressors(levers, len(self.shared))
        return np.einsum("rk,kfd->frd", slopes, normal)

    def _kernel(self, one: Reals, other: Reals) -> Reals:
        """Return the covariance of the Matérn process between points."""
        return self.height * _matern(self.lengths**-2 @ _squared_distances(one, other), (len(one), len(other)))[0]


def fitted(inputs: Reals, draws: np.ndarray, levers: int, figures: Reals) -> Process:
    """Fit a process to points of the unit cube, (points, axes), of which levers come first.

    ``draws`` numbers the draw of each point. Variances and lengths are fitted to the first ``TUNING_POINTS`` points.
    """
    draws = np.unique(draws, return_inverse=True)[1]
    axes, ones = inputs.shape[1], with_ones(inputs)
    rest = figures - ones @ np.linalg.lstsq(ones, figures, rcond=None)[0]
    unit = max(float(rest.std()), 1e-9 * float(np.abs(figures).max()))
    scaled = figures / (unit or 1.0)
    few = slice(TUNING_POINTS)
    parts = _covariance_parts(inputs[few], draws[few], levers)
    bounds = np.log([(LEAST, MOST)] + [(SHORTEST, LONGEST)] * axes + [(LEAST, MOST)] * (levers + 2))
    begin = [np.log([START, *[LENGTH] * axes, START, *[each] * levers, START]) for each in (START, START / 100)]
    options: dict[str, Any] = {"jac": True, "method": "L-BFGS-B", "bounds": bounds}
    found = [minimize(_minus_likelihood, start, (parts, ones[few], scaled[few]), **options) for start in begin]
    sizes = np.exp(min(found, key=lambda each: each.fun).x)
    root = cholesky(_covariance(_covariance_parts(inputs, draws, levers), sizes)[0], lower=True, overwrite_a=True)
    gls_regressors, solved = (cho_solve((root, True), each) for each in (ones, scaled))
    doubt = np.linalg.inv(ones.T @ gls_regressors)
    plane = doubt @ (ones.T @ solved)
    return Process(
        inputs, draws, unit, sizes[0], sizes[1 : axes + 1], sizes[axes + 1 : -1], sizes[-1], plane, doubt, root,
        solved - gls_regressors @ plane, gls_regressors,
    )  # fmt: skip


def with_ones(inputs: Reals) -> Reals:
    """Return the regressors of the plane."""
    return np.column_stack([np.ones(len(inputs)), inputs])


class _CovarianceParts(NamedTuple):
    """Terms of the covariance between points."""

    apart: Reals  # (axes, points²) squared distances of points along each axis
    same: tuple[np.ndarray, np.ndarray]  # pairs of points of the same draw
    shared: Reals  # (1 + levers, pairs) products of the regressors of a draw's constant and slopes


def _covariance_parts(inputs: Reals, draws: np.ndarray, levers: int) -> _CovarianceParts:
    """Return the terms for points of the unit cube, levers first."""
    same, slopes = (draws[:, None] == draws).nonzero(), _draw_regressors(inputs, levers + 1)
    return _CovarianceParts(_squared_distances(inputs, inputs), same, (slopes[same[0]] * slopes[same[1]]).T)


def _squared_distances(one: Reals, other: Reals) -> Reals:
    """Return the squared distances of points along each axis, (axes, pairs of points)."""
    along = np.ascontiguousarray(one.T)[:, :, None] - other.T[:, None]
    along *= along
    return along.reshape(len(along), -1)


def _covariance(parts: _CovarianceParts, sizes: Reals) -> tuple[Reals, Reals, Reals]:
    """Return the covariance for height, lengths, shared variances and noise, and ``_matern`` times height."""
    axes, points = len(parts.apart), int(parts.same[0][-1]) + 1
    matern, slope = _matern(sizes[1 : axes + 1] ** -2 @ parts.apart, (points, points))
    matern *= sizes[0]
    slope *= sizes[0]
    whole = matern.copy()
    whole[parts.same] += sizes[axes + 1 : -1] @ parts.shared
    whole[np.diag_indices(points)] += sizes[-1]
    return whole, matern, slope


def _minus_likelihood(logs: Reals, parts: _CovarianceParts, ones: Reals, figures: Reals) -> tuple[float, Reals]:
    """Return minus the log restricted likelihood, and its derivatives by the logarithms of the sizes."""
    sizes, axes = np.exp(logs), len(parts.apart)
    whole, matern, slope = _covariance(parts, sizes)
    root = cho_factor(whole, lower=True, check_finite=False, overwrite_a=True)
    misfit = cho_solve(root, np.eye(len(figures)), check_finite=False)
    gls_regressors = misfit @ ones
    inner = ones.T @ gls_regressors
    misfit -= gls_regressors @ np.linalg.solve(inner, gls_regressors.T)
    weights = misfit @ figures
    size = 2.0 * np.log(root[0].diagonal()).sum() + np.linalg.slogdet(inner)[1] + figures @ weights
    misfit -= np.outer(weights, weights)
    slope *= misfit
    by_lengths = parts.apart @ slope.ravel() * sizes[1 : axes + 1] ** -2
    by_variances = parts.shared @ misfit[parts.same] * sizes[axes + 1 : -1]
    change = [np.vdot(misfit, matern), *by_lengths, *by_variances, sizes[-1] * misfit.trace()]
    return 0.5 * float(size), 0.5 * np.array(change)


def _draw_regressors(inputs: Reals, count: int) -> Reals:
    """Return the regressors of a draw's constant and slopes, (points, count)."""
    return np.column_stack([np.ones(len(inputs)), inputs[:, : count - 1] - 0.5])


def _matern(squares: Reals, shape: tuple[int, int]) -> tuple[Reals, Reals]:
    """Return Matérn 5/2 of squared scaled distances, and its derivative by a log length per squared distance."""
    root = np.sqrt(5.0 * squares).reshape(shape)
    decay = np.exp(-root)
    slope = (1.0 + root) * decay
    slope *= 5.0 / 3.0
    decay *= 1.0 + root * (1.0 + root / 3.0)
    return decay, slope
