"""Bounds, chances and slow approach, in which the rules are written."""

import math

from sim.core.compiled import rule


@rule
def clip(x: float, low: float, high: float) -> float:
    """Keep a value inside bounds.

    Parameters
    ----------
    x : float
        The value.
    low : float
        Lower bound, same unit.
    high : float
        Upper bound, same unit.

    Returns
    -------
    float
        The nearest value inside.
    """
    return low if x < low else (high if x > high else x)


@rule
def chance(log_odds: float) -> float:
    """Turn log-odds into a chance.

    Parameters
    ----------
    log_odds : float
        Any real number.

    Returns
    -------
    float
        Between 0 and 1.
    """
    return 1.0 / (1.0 + math.exp(-log_odds))


@rule
def approach(state: float, target: float, days: float) -> float:
    """Move a state for one day towards where it is drawn (exponential approach).

    Parameters
    ----------
    state : float
        Value today.
    target : float
        Value at which it would settle.
    days : float
        Time constant.

    Returns
    -------
    float
        Value tomorrow.
    """
    return target + (state - target) * math.exp(-1.0 / days)
