"""Limits, chances and the slow approach of states, which the other rules use."""

from sim.core.compiled import rule
from sim.core.elementary import exp


@rule
def clip(x: float, low: float, high: float) -> float:
    """Return ``x`` limited to the range from ``low`` to ``high``."""
    return low if x < low else (high if x > high else x)


@rule
def share(x: float) -> float:
    """Return ``x`` limited to the range from 0 to 1."""
    return clip(x, 0.0, 1.0)


@rule
def chance(log_odds: float) -> float:
    """Convert log-odds into a chance between 0 and 1."""
    return 1.0 / (1.0 + exp(-log_odds))


@rule
def approach(state: float, target: float, days: float) -> float:
    """Move a state by one day towards ``target``, exponentially with a time constant in days."""
    return target + (state - target) * exp(-1.0 / days)
