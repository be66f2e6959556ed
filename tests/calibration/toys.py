"""Simulators of one line, whose posteriors are known."""

import os
from dataclasses import dataclass

import numpy as np

from sim.calibration.priors import Prior, Priors
from sim.calibration.problem import Problem
from sim.calibration.scales import Scale
from sim.core.errors import EngineError

NAMES = ("act_base", "norm_peers", "evade")
PRIORS = Priors(
    tuple(
        Prior(parameter=name, role="fitted", distribution="uniform", low=low, high=high, source="a toy")
        for name, low, high in (("act_base", -2.0, 2.0), ("norm_peers", 0.0, 1.0), ("evade", 0.0, 1.0))
    ),
    (),
)
MATRIX = np.array([[1.0, 0.5, 0.0], [0.0, 1.0, 0.3], [0.7, 0.0, 0.9], [0.2, -0.6, 0.4]])
NOISE, ERROR = 0.03, 0.12
TRUTH = np.array([0.35, 0.6, 0.5])


@dataclass(frozen=True)
class Linear:
    """Figures that are sums of parameters, and noise."""

    fails_below: float = -9.0  # of act_base

    def __call__(self, parameters: dict[str, float], seed: int) -> dict[str, float]:
        if parameters["act_base"] < self.fails_below:
            raise EngineError("a toy that fails")
        unit = np.array([(parameters[each.parameter] - each.low) / (each.high - each.low) for each in PRIORS.fitted])
        figures = MATRIX @ unit + NOISE * np.random.default_rng(seed).standard_normal(len(MATRIX))
        return {f"figure_{k}": float(value) for k, value in enumerate(figures)}


@dataclass(frozen=True)
class Mortal:
    """Kills its process the first time it is asked."""

    marker: str

    def __call__(self, parameters: dict[str, float], seed: int) -> dict[str, float]:
        try:
            os.close(os.open(self.marker, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return Linear()(parameters, seed)
        os._exit(9)


def problem(aim: np.ndarray | None = None) -> Problem:
    """Report what the truth gives."""
    figures = MATRIX @ TRUTH if aim is None else aim
    count = len(MATRIX)
    return Problem(tuple(f"figure_{k}" for k in range(count)), (Scale("same"),) * count, figures, np.full(count, ERROR))


def exact(aim: np.ndarray, points: int = 400_000) -> tuple[np.ndarray, np.ndarray]:
    """Mean and sd of the posterior in the unit cube, by brute force."""
    unit = np.random.default_rng(0).random((points, len(NAMES)))
    off = aim - unit @ MATRIX.T
    weight = np.exp(-0.5 * (off**2).sum(axis=1) / (ERROR**2 + NOISE**2))
    weight /= weight.sum()
    mean = weight @ unit
    return mean, np.sqrt(weight @ (unit - mean) ** 2)
