"""Simulators of one line with known indices, as a sensitivity analysis sees the real one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.core.parameters import TABLE
from sim.scenario.loading import changed, load
from sim.scenario.parameter_draws import Source
from sim.scenario.schema import Scenario
from sim.sensitivity.campaign import Order
from sim.sensitivity.pairs import ECONOMY, GROUPS, Pair, name_of
from sim.sensitivity.ranges import Factor

NAMES = ("norm_manager", "norm_peers", "demand_response", "evade")  # the last one moves nothing
LEVEL, EFFECT = ("level", "exhaustion"), ("effect", "exhaustion")
FIRST = (0.3139, 0.4424, 0.0, 0.0)  # of Ishigami's function
TOTAL = (0.5576, 0.4424, 0.2437, 0.0)
LINEAR = (3.0, -2.0, 0.0, 0.0)  # of the effect
BAN, TODAY = changed(load("pilot_ban"), seed=7), load("status_quo")
POSITIONS = {row.name: k for k, row in enumerate(TABLE)}


def ishigami(unit: np.ndarray) -> float:
    """Ishigami's function with a = 7 and b = 0.1."""
    x = np.pi * (2 * unit - 1)
    return float(np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))


@dataclass(frozen=True)
class Toy(Pair):
    """Ishigami's function as a level, a straight line as an effect, and as much chance as is wanted."""

    scenario: Scenario = BAN
    reference: Scenario | None = TODAY
    draws: Source = None
    noise: float = 0.0  # of a point, by groups of firms
    economy: float = 0.0  # of an economy, the same at all its points
    deadly: float = 2.0  # runs with the first parameter above it fail
    where: str = ""  # folder in which each run leaves a mark

    def __call__(self, parameters: Mapping[str, float], seed: int, /) -> dict[str, float]:
        """Simulate."""
        unit = np.array([parameters.get(name, 0.5) for name in NAMES])
        if self.where:
            (Path(self.where) / f"{seed}").touch()
        if unit[0] > self.deadly:
            raise ArithmeticError("this run fails")
        number = int(parameters[ECONOMY])
        own = np.random.default_rng([number, *(np.round(unit[:3] * 1e6).astype(int))])
        shift = self.economy * np.random.default_rng(number).standard_normal()
        found = {}
        for (measure, outcome), value in ((LEVEL, ishigami(unit) + shift), (EFFECT, float(unit @ np.array(LINEAR)))):
            groups = value + np.sqrt(GROUPS) * self.noise * own.standard_normal(GROUPS)
            found[name_of(measure, outcome)] = float(groups.mean())
            for k in range(GROUPS):
                found[name_of(measure, outcome, k)] = float(np.delete(groups, k).mean())
        return found


def wish(folder: Path, toy: Pair | None = None, trajectories: int = 10, points: int = 64) -> Order:
    """Order an analysis of a toy."""
    factors = tuple(Factor(name, 0.0, 1.0) for name in sorted(NAMES, key=POSITIONS.__getitem__))
    assert tuple(factor.name for factor in factors) == NAMES
    return Order(toy or Toy(), ("exhaustion",), factors, trajectories, points, folder, None)
