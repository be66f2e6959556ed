"""How numbers are written in figures and sentences: units, decimals, signs and intervals."""

import math
from collections.abc import Callable
from typing import NamedTuple

from sim.figures.words import label, percent

GOOD = 0.5  # share of the variance of runs not seen that an emulator must explain before it is interpreted
MOST_DECIMALS = 6

Bounds = tuple[float, float, float]  # a value and the ends of its interval


class Scale(NamedTuple):
    """The factor and the names of units with which values and changes are shown."""

    factor: float
    level: str
    change: str


def scale(unit: str) -> Scale:
    """Choose how a unit is shown: shares in percent, their changes in percentage points, other units unchanged."""
    shown = label("unit", unit)
    return Scale(100.0, shown, label("unit", "pp")) if unit == "share" else Scale(1.0, shown, shown)


def level(value: float, decimals: int, unit: str) -> str:
    """Write a value that is already scaled, as in "44.8 %" or "5.42"; only shares get a unit."""
    return percent(number(value, decimals)) if unit == "share" else number(value, decimals)


def in_percent(share: float, decimals: int = 0) -> str:
    """Write a share in per cent."""
    return level(100 * share, decimals, "share")


def digits(*values: float) -> int:
    """Return the decimals for two significant digits of the largest number: 0 to 3, at least 1 below a hundred."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if largest == 0:
        return 1
    return min(max(1 - math.floor(math.log10(largest)), 0 if largest >= 100 else 1), 3)


def scale_decimals(low: float, high: float) -> int:
    """Return the decimals of a scale by which its ends and its middle differ, at least those of ``digits``."""
    return max(digits(low, high), min(-math.floor(math.log10((high - low) / 2)), MOST_DECIMALS))


def number(value: float, decimals: int, sign: bool = False) -> str:
    """Write a number with thousands separators and a true minus, or "–" if it is not finite."""
    if not math.isfinite(value):
        return "–"
    value = round(value, decimals) + 0.0  # numbers that round to zero have no sign
    text = f"{value:{'+' if sign and value else ''},.{decimals}f}"
    return text.replace("-", "−")


def interval(bounds: Bounds, decimals: int) -> str:
    """Write a change and its interval, as in "−1.6  [−2.4, −0.8]"; a dash if the interval is unknown."""
    value, *ends = (number(bound, from_zero(bounds, decimals), sign=True) for bound in bounds)
    known = all(math.isfinite(bound) for bound in bounds[1:])
    return f"{value}  [{', '.join(ends)}]" if known else f"{value}  –"


def decimals_until(decimals: int, misleads: Callable[[int], bool], most: int = MOST_DECIMALS) -> int:
    """Add decimals, up to ``most``, until what is written with them does not mislead."""
    return next((n for n in range(decimals, most) if not misleads(n)), max(decimals, most))


def below(value: float, bound: float, decimals: int) -> int:
    """Add decimals until a value below a bound is not written as the bound."""
    return decimals_until(decimals, lambda n: value < bound <= round(value, n))


def from_zero(bounds: Bounds, decimals: int) -> int:
    """Add decimals until the end next to zero of an interval that excludes zero is not written as zero."""
    near = max(bounds[1], -bounds[2])  # above zero if the interval excludes it
    return decimals_until(decimals, lambda n: near > 0 and not round(near, n))
