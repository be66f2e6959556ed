"""Bounds, chances and slow approach, in which the rules are written."""

from sim.core.compiled import rule
from sim.core.elementary import exp


@rule
def clip(x: float, low: float, high: float) -> float:
    """Return the nearest value between two bounds."""
    return low if x < low else (high if x > high else x)


@rule
def share(x: float) -> float:
    """Return the nearest value between 0 and 1."""
    return clip(x, 0.0, 1.0)


@rule
def chance(log_odds: float) -> float:
    """Turn log-odds into a chance."""
    return 1.0 / (1.0 + exp(-log_odds))


@rule
def approach(state: float, target: float, days: float) -> float:
    """Move a state for one day towards where it would settle, with a time constant in days."""
    return target + (state - target) * exp(-1.0 / days)
