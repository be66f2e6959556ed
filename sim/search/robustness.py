"""How rules fare over draws of the parameters and functions that suit the simulations.

Losses are effects with the sign of worse. The world without a rule, whose effects are zero, competes as the last one.
"""

from typing import NamedTuple

import numpy as np

from sim.calibration.scales import Reals
from sim.search.front import undominated

HIGH = 0.95  # quantile of regret


class Fared(NamedTuple):
    """How rules fared; the last one is the world without a rule."""

    undominated: Reals  # (rules,) share in which no other rule is better in all objectives
    satisfying: Reals  # (rules,) share in which all demands are met
    meets: Reals  # (rules, objectives) share in which each is met
    regret: Reals  # (rules, objectives) mean shortfall from the best rule
    regret_high: Reals  # (rules, objectives) its 95 % quantile
    largest: Reals  # (rules,) mean of the largest regret over objectives, in mean ranges between the rules of a draw


def fared(losses: Reals, bounds: Reals) -> Fared:
    """Compute how rules fare from losses, (draws, rules, objectives), and the bounds of the demands, (objectives,)."""
    losses = np.concatenate([losses, np.zeros_like(losses[:, :1])], axis=1)
    regret = losses - losses.min(axis=1, keepdims=True)
    span = regret.max(axis=1).mean(axis=0)
    met = losses < bounds
    return Fared(
        undominated(losses).mean(axis=0), met.all(axis=-1).mean(axis=0), met.mean(axis=0), regret.mean(axis=0),
        np.quantile(regret, HIGH, axis=0), (regret / np.where(span > 0, span, 1.0)).max(axis=-1).mean(axis=0),
    )  # fmt: skip
