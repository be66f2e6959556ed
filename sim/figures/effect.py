"""An effect of a rule as the comparison states it, and how it is written."""

import math
from typing import NamedTuple

import polars as pl

from sim.figures.setting import Tables, table
from sim.figures.style import Bounds, digits, interval, level, scale
from sim.figures.words import say

LEVEL = 0.05  # of the tests
FIELDS = ("outcome", "family", "unit", "better", "baseline", "difference", "low", "high", "relative")


class Effect(NamedTuple):
    """An effect of the rule; a number that is not known is not a number."""

    group: str
    people: int
    outcome: str
    family: str
    unit: str
    better: str
    baseline: float
    difference: float
    low: float
    high: float
    relative: float

    @property
    def verdict(self) -> str:
        """What the effect says, a key of ``MARKS``."""
        if self.difference == 0 and not (self.low < 0 or self.high > 0):  # an unknown interval is neither
            return "zero"
        if not math.isfinite(self.low + self.high):
            return "unknown"
        if self.low <= 0 <= self.high:
            return "unclear"
        if not self.better:
            return "neutral"
        return "better" if (self.difference < 0) == (self.better == "lower") else "worse"

    @property
    def bounds(self) -> Bounds:
        """Effect and interval in the unit shown."""
        factor = scale(self.unit).factor
        return self.difference * factor, self.low * factor, self.high * factor

    @property
    def percent(self) -> Bounds:
        """Effect and interval in percent of the value without the rule, of a score in percent of its spread."""
        if self.verdict == "zero":
            return 0.0, 0.0, 0.0
        if self.unit == "sd":
            return 100 * self.difference, 100 * self.low, 100 * self.high
        if self.baseline == 0 or not math.isfinite(self.relative):
            return math.nan, math.nan, math.nan
        ends = sorted((100 * self.low / self.baseline, 100 * self.high / self.baseline))
        return 100 * self.relative, ends[0], ends[1]


def effects_of(tables: Tables) -> list[Effect]:
    """Read the effects.

    Parameters
    ----------
    tables : Tables
        Tables of a run.

    Returns
    -------
    list[Effect]
        In the order of the table, without those that nobody was there to show.
    """
    frame = table(tables, "effects", ("group", "people", *FIELDS))
    frame = frame.with_columns(
        pl.col("baseline", "difference", "low", "high", "relative").cast(pl.Float64).fill_null(math.nan),
        pl.col("people").fill_null(0),
    )
    effects = (Effect(*row) for row in frame.select(Effect._fields).iter_rows())
    return [effect for effect in effects if math.isfinite(effect.difference)]


def baseline(effect: Effect) -> str:
    """Write the value without the rule.

    Parameters
    ----------
    effect : Effect
        An effect.

    Returns
    -------
    str
        At least as finely as the difference.
    """
    shown = scale(effect.unit)
    value = effect.baseline * shown.factor
    decimals = max(digits(value), 0 if effect.verdict == "zero" else decimals_of(effect))
    return level(value, decimals, effect.unit)


def change(effect: Effect) -> str:
    """Write a difference with its interval.

    Parameters
    ----------
    effect : Effect
        An effect.

    Returns
    -------
    str
        In the unit shown, without its name.
    """
    return say("exactly_0") if effect.verdict == "zero" else interval(effect.bounds, decimals_of(effect))


def decimals_of(effect: Effect) -> int:
    """Choose decimals that show the width of the interval, or the difference if there is none.

    Parameters
    ----------
    effect : Effect
        An effect.

    Returns
    -------
    int
        How many.
    """
    difference, low, high = effect.bounds
    half = (high - low) / 2
    return digits(half if half > 0 else difference)


class Compared(NamedTuple):
    """An effect of one scenario of several, with what the correction for their number leaves of it."""

    scenario: str
    effect: Effect
    firms: int
    holm: float  # p-value after Holm's correction
    low: float  # simultaneous interval
    high: float

    @property
    def survives(self) -> bool:
        """Whether the effect survives the correction."""
        return self.holm < LEVEL

    @property
    def simultaneous(self) -> tuple[float, float]:
        """The simultaneous interval in the unit shown."""
        factor = scale(self.effect.unit).factor
        return self.low * factor, self.high * factor


def compared_of(tables: Tables, group: str = "all") -> list[Compared]:
    """Read the effects of all scenarios of a comparison.

    Parameters
    ----------
    tables : Tables
        Tables of a comparison.
    group : str
        Of whom.

    Returns
    -------
    list[Compared]
        In the order of the table, without those that nobody was there to show.
    """
    corrected = ("p_holm", "low_simultaneous", "high_simultaneous")
    frame = table(tables, "effects", ("scenario", "group", "people", "firms", *FIELDS, *corrected))
    frame = frame.filter(pl.col("group") == group).with_columns(
        pl.col("baseline", "difference", "low", "high", "relative", *corrected).cast(pl.Float64).fill_null(math.nan),
        pl.col("people", "firms").fill_null(0),
    )
    found = (
        Compared(
            row["scenario"],
            Effect(*(row[name] for name in Effect._fields)),
            row["firms"],
            *(row[name] for name in corrected),
        )
        for row in frame.iter_rows(named=True)
    )
    return [each for each in found if math.isfinite(each.effect.difference)]
