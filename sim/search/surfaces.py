"""Emulators of effects over levers and those parameters that the simulated effects respond to.

Each is the Gaussian process of ``sim.sweeps.emulation``. An emulator needs some ten points for each axis; what the
levers leave of that number goes to parameters, in the order in which they tell of the effect (forward selection), as
long as each tells more than the best of so many by chance. All others, and chance, are its noise.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import fdtri, stdtr

from sim.calibration.emulator import one_thread
from sim.calibration.scales import Reals
from sim.core.errors import InputError
from sim.search.problem import Problem
from sim.search.worlds import Pairs
from sim.sweeps.emulation import FOLDS, PER_AXIS, Errors, Surface, errors
from sim.sweeps.regions import effect_of

MOST = 6  # parameters
FALSE, SURE = 0.05, 0.95  # chance that a parameter is taken where no one matters; of not taking noise for an effect


class Fit(NamedTuple):
    """The emulator of the effect on one objective."""

    surface: Surface
    chosen: tuple[int, ...]  # positions of parameters
    scale: Reals  # (2, parameters): centre, and width of four standard deviations

    def inputs(self, unit: Reals, parameters: Reals) -> Reals:
        """Return the inputs of the emulator at points, see ``joined``."""
        return joined(unit, parameters, self.chosen, self.scale)

    def mean(self, unit: Reals, parameters: Reals) -> Reals:
        """Predict effects, (rules, draws), over economies: each rule of (rules, levers) at each draw of parameters."""
        few = parameters if self.chosen else parameters[:1]
        found = self.surface.effect.moments(self._crossed(unit, few))[0].reshape(len(unit), len(few))
        return np.broadcast_to(found, (len(unit), len(parameters)))

    def functions(self, unit: Reals, parameters: Reals, rng: np.random.Generator) -> Reals:
        """Draw effects that suit the simulations, (functions, rules, draws)."""
        found = self.surface.effect.functions(self._crossed(unit, parameters), rng)
        return found.reshape(-1, len(unit), len(parameters))

    def _crossed(self, unit: Reals, parameters: Reals) -> Reals:
        """Return the inputs of each rule at each draw."""
        rules, draws = len(unit), len(parameters)
        return self.inputs(np.repeat(unit, draws, axis=0), np.tile(parameters, (rules, 1)))


def joined(unit: Reals, parameters: Reals, chosen: Sequence[int], scale: Reals) -> Reals:
    """Join levers in the unit cube, (points, levers), with the chosen of (points, parameters), scaled like them."""
    centre, width = scale[:, list(chosen)]
    return np.column_stack([unit, 0.5 + (parameters[:, list(chosen)] - centre) / width])


def scale_of(parameters: Reals) -> Reals:
    """Return centre and width of each parameter over draws, (2, parameters)."""
    return np.stack([parameters.mean(axis=0), 4.0 * np.maximum(parameters.std(axis=0), 1e-300)])


@one_thread
def fits(problem: Problem, pairs: Pairs, scale: Reals) -> list[tuple[Fit, Errors]]:
    """Fit an emulator for each objective, and measure its errors at points left out, parameters chosen anew.

    Raises ``InputError`` for fewer than ``PER_AXIS`` points for each lever.
    """
    unit, found = problem.unit(pairs.levers), []
    for k, demand in enumerate(problem.demands):
        known = np.isfinite(pairs.differences[:, k])
        if known.sum() < PER_AXIS * unit.shape[1]:
            raise InputError(
                f"{known.sum()} points with an effect on {demand.outcome.name} are too few for {unit.shape[1]} levers: "
                f"--points {PER_AXIS * unit.shape[1]} or more are needed, without runs that fail"
            )
        limit = min(int(known.sum()) // PER_AXIS - unit.shape[1], MOST)
        given = unit[known], pairs.parameters[known], pairs.differences[known, k], scale, limit
        fit = fitted(demand.outcome.name, *given, pairs.levels[k])
        found.append((fit, left_out(fit, *given)))
    return found


def fitted(
    outcome: str, unit: Reals, parameters: Reals, differences: Reals, scale: Reals, limit: int, level: float = 0.0
) -> Fit:
    """Choose at most ``limit`` parameters; fit an emulator to them and to levers in the unit cube, (points, levers)."""
    chosen = tell(unit, parameters, differences, limit)
    inputs = joined(unit, parameters, chosen, scale)
    return Fit(Surface("", outcome, inputs, differences, effect_of(inputs, differences), level), chosen, scale)


def tell(unit: Reals, parameters: Reals, differences: Reals, most: int) -> tuple[int, ...]:
    """Choose at most so many parameters by forward selection, after the levers; positions in their order."""
    chosen: list[int] = []
    while len(chosen) < most:
        known = np.column_stack([np.ones(len(unit)), unit, parameters[:, chosen]])
        basis, _ = np.linalg.qr(known)
        rest = differences - basis @ (basis.T @ differences)
        others = parameters - basis @ (basis.T @ parameters)
        size = np.linalg.norm(others, axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            shared = np.abs(rest @ others) / (size * np.linalg.norm(rest))
        shared[(size < 1e-9 * np.linalg.norm(parameters - parameters.mean(axis=0), axis=0)) | ~np.isfinite(shared)] = (
            0.0
        )
        if not shared.size:
            break
        best, freedom = int(shared.argmax()), len(unit) - known.shape[1] - 1
        t = shared[best] * np.sqrt(freedom / max(1.0 - shared[best] ** 2, 1e-12))
        if 2.0 * stdtr(freedom, -t) * shared.size > FALSE:
            break
        chosen.append(best)
    return tuple(chosen)


def left_out(fit: Fit, unit: Reals, parameters: Reals, differences: Reals, scale: Reals, limit: int) -> Errors:
    """Predict each eighth of the points from the others, everything chosen and fitted anew."""
    fold = np.random.default_rng(0).permutation(len(unit)) % FOLDS
    mean, spread = np.zeros(len(fold)), np.zeros(len(fold))
    for k in range(FOLDS):
        kept, out = fold != k, fold == k
        part = fitted("", unit[kept], parameters[kept], differences[kept], scale, limit)
        mean[out], spread[out] = part.surface.moments(part.inputs(unit[out], parameters[out]))
    return errors(fit.surface, differences, mean, spread)


def moved(fit: Fit, unit: Reals, parameters: Reals) -> bool:
    """Return whether levers move an effect beyond chance, given points over their ranges and a few draws.

    The variance of the mean effect between points is compared with that of the emulator's doubt about it, as in an F
    test of a plane.
    """
    drawn = fit.functions(unit, parameters, np.random.default_rng(0)).mean(axis=2)
    apart = drawn - drawn.mean(axis=1, keepdims=True)
    signal, doubt = float((apart.mean(axis=0) ** 2).mean()), float(apart.var(axis=0).mean())
    freedom = len(fit.surface.unit) - fit.surface.unit.shape[1] - 1
    return bool(signal > fdtri(unit.shape[1], freedom, SURE) * doubt)


def confirmed(problem: Problem, fits: Sequence[Fit], fresh: Pairs) -> list[Errors]:
    """Compare emulators with fresh simulations, each at the parameters that it had."""
    unit, found = problem.unit(fresh.levers), []
    for k, fit in enumerate(fits):
        known = np.isfinite(fresh.differences[:, k])
        inputs = fit.inputs(unit[known], fresh.parameters[known])
        found.append(errors(fit.surface, fresh.differences[known, k], *fit.surface.moments(inputs)))
    return found
