"""An effect of a rule as stored by a comparison, its verdict, and how it is written."""

import math
from typing import NamedTuple

import polars as pl

from sim.figures.context import Tables, table
from sim.figures.style import Bounds, digits, interval, level, scale
from sim.figures.words import say

LEVEL = 0.05  # of the tests
FIELDS = ("outcome", "family", "unit", "better", "baseline", "difference", "low", "high", "relative")


class Effect(NamedTuple):
    """An effect of the rule on one group; unknown numbers are NaN."""

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
        """Key of ``MARKS``, derived from the interval.

        "zero" is a difference of exactly zero with no interval around it; "neutral" is a clear effect on an outcome of
        which
        neither direction is better.
        """
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
        """Effect and interval in percent of the baseline; for scores (unit ``sd``) of a standard deviation."""
        if self.verdict == "zero":
            return 0.0, 0.0, 0.0
        if self.unit == "sd":
            return 100 * self.difference, 100 * self.low, 100 * self.high
        if self.baseline == 0 or not math.isfinite(self.relative):
            return math.nan, math.nan, math.nan
        ends = sorted((100 * self.low / self.baseline, 100 * self.high / self.baseline))
        return 100 * self.relative, ends[0], ends[1]


def effects_of(tables: Tables) -> list[Effect]:
    """Read the table ``effects``, without effects on groups that have no people."""
    frame = table(tables, "effects", ("group", "people", *FIELDS))
    frame = frame.with_columns(
        pl.col("baseline", "difference", "low", "high", "relative").cast(pl.Float64).fill_null(math.nan),
        pl.col("people").fill_null(0),
    )
    effects = (Effect(*row) for row in frame.select(Effect._fields).iter_rows())
    return [effect for effect in effects if math.isfinite(effect.difference)]


def baseline(effect: Effect) -> str:
    """Write the value without the rule, at least as precisely as the difference."""
    shown = scale(effect.unit)
    value = effect.baseline * shown.factor
    decimals = max(digits(value), 0 if effect.verdict == "zero" else decimals_of(effect))
    return level(value, decimals, effect.unit)


def change(effect: Effect) -> str:
    """Write a difference with its interval, without its unit."""
    return say("exactly_0") if effect.verdict == "zero" else interval(effect.bounds, decimals_of(effect))


def decimals_of(effect: Effect) -> int:
    """Return the decimals that suit half the width of the interval, or the difference if there is no width."""
    difference, low, high = effect.bounds
    half = (high - low) / 2
    return digits(half if half > 0 else difference)


class Compared(NamedTuple):
    """An effect of one of several scenarios, corrected for their number."""

    scenario: str
    effect: Effect
    firms: int
    holm: float  # p-value after Holm's correction
    low: float  # simultaneous interval
    high: float

    @property
    def survives(self) -> bool:
        """Whether Holm's p-value is below ``LEVEL``."""
        return self.holm < LEVEL

    @property
    def simultaneous(self) -> tuple[float, float]:
        """Simultaneous interval in the unit shown."""
        factor = scale(self.effect.unit).factor
        return self.low * factor, self.high * factor


def compared_of(tables: Tables, group: str = "all") -> list[Compared]:
    """Read the effects of all scenarios on one group, without those on nobody."""
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
