"""An effect of a rule as stored by a comparison, its verdict, and how it is written."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import polars.selectors as cs

from sim.figures.context import Tables, table
from sim.figures.numerals import Bounds, digits, interval, level, scale
from sim.figures.words import counted, range_text, say
from sim.stats.variance import SIGNIFICANCE, narrowly_decided

FACTS = ("outcome", "family", "unit", "better", "people")
NUMBERS = ("baseline", "difference", "low", "high")


class Effect(NamedTuple):
    """An effect of a rule on a group of people; unknown numbers are NaN. Fields have the names of the columns."""

    outcome: str
    family: str
    unit: str
    better: str
    people: int
    baseline: float
    difference: float
    low: float
    high: float
    group: str = "all"
    scenario: str = ""
    reading: str = ""  # name of the parameter set
    firms: int = 0
    window: str = ""
    low_error: float | None = None  # of the ends, by which draws were taken
    high_error: float | None = None
    p_holm: float = math.nan  # of several scenarios, after Holm's correction
    low_simultaneous: float = math.nan
    high_simultaneous: float = math.nan

    @property
    def verdict(self) -> str:
        """Key of ``MARKS``, derived from the interval.

        "zero" is a difference of exactly zero with no interval around it; "neutral" is a clear effect on an outcome of
        which neither direction is better.
        """
        if _zero((self.difference, self.low, self.high)):
            return "zero"
        if not math.isfinite(self.low + self.high):
            return "unknown"
        if self.low <= 0 <= self.high:
            return "unclear"
        if not self.better:
            return "neutral"
        return "better" if (self.difference < 0) == (self.better == "lower") else "worse"

    @property
    def narrow(self) -> bool:
        """Whether more draws might decide otherwise whether the interval excludes zero."""
        return narrowly_decided((self.low, self.low_error), (self.high, self.high_error))

    @property
    def survives(self) -> bool:
        """Whether Holm's p-value is below ``SIGNIFICANCE``."""
        return self.p_holm < SIGNIFICANCE

    @property
    def bounds(self) -> Bounds:
        """Effect and interval in the unit shown."""
        factor = scale(self.unit).factor
        return self.difference * factor, self.low * factor, self.high * factor

    @property
    def percent(self) -> Bounds:
        """Effect and interval in percent of the size of the baseline; for scores (``sd``) of a standard deviation."""
        if self.verdict == "zero":
            return 0.0, 0.0, 0.0
        if self.unit == "sd":
            return 100 * self.difference, 100 * self.low, 100 * self.high
        if self.baseline == 0:
            return math.nan, math.nan, math.nan
        size = abs(self.baseline)
        return 100 * (self.difference / size), 100 * self.low / size, 100 * self.high / size

    @property
    def decimals(self) -> int:
        """Decimals of the difference in the unit shown."""
        return _decimals(self.bounds)


def effects_of(
    tables: Tables, name: str = "effects", needed: Sequence[str] = (), numbers: Sequence[str] = (), **only: str
) -> list[Effect]:
    """Read a table of effects, without those on groups that have no people; ``only`` has values of columns.

    ``needed`` and ``numbers`` are further columns that it must have, facts and numbers.
    """
    frame = table(tables, name, (*FACTS, *needed), (*NUMBERS, *numbers)).filter(**only)
    frame = frame.select(field for field in Effect._fields if field in frame.columns)
    effects = (Effect(**row) for row in frame.with_columns(cs.integer().fill_null(0)).iter_rows(named=True))
    return [effect for effect in effects if math.isfinite(effect.difference)]


def on_everybody(tables: Tables, needed: Sequence[str] = (), numbers: Sequence[str] = ()) -> list[Effect]:
    """Read the effects on everybody; arguments are those of ``effects_of``."""
    return effects_of(tables, needed=("group", *needed), numbers=numbers, group="all")


def by_scenario(tables: Tables) -> list[Effect]:
    """Read the effects of all scenarios on everybody."""
    return on_everybody(tables, ("scenario", "firms"), ("p_holm", "low_simultaneous", "high_simultaneous"))


def firm_counts(effects: Sequence[Effect]) -> str:
    """Write how many firms and people effects are based on, as a range where scenarios differ."""
    counts = []
    for name, noun in (("firms", "firm"), ("people", "person")):
        values = [getattr(each, name) for each in effects] or [0]
        counts.append(range_text(f"{min(values):,}", f"{max(values):,}", counted(max(values), noun)))
    return say("firms_alone", firms=counts[0], people=counts[1])


def best_first(effects: Sequence[Effect], outcomes: Sequence[str]) -> list[str]:
    """Order scenarios by their first effect on the first outcome, the best first; those without one come last."""
    chief = [each for each in reversed(effects) if each.outcome in outcomes[:1]]
    loss = {each.scenario: -each.difference if each.better == "higher" else each.difference for each in chief}
    return sorted({each.scenario for each in effects}, key=lambda name: (loss.get(name, math.inf), name))


def baseline(effect: Effect) -> str:
    """Write the value without the rule, at least as precisely as the difference."""
    value = effect.baseline * scale(effect.unit).factor
    decimals = max(digits(value), 0 if effect.verdict == "zero" else effect.decimals)
    return level(value, decimals, effect.unit)


def change(bounds: Bounds, stated: bool = True) -> str:
    """Write a difference (no unit) with its interval; without one, a dash if others of the table are ``stated``."""
    if _zero(bounds):
        return say("exactly_0")
    text = interval(bounds, _decimals(bounds))
    return text if stated else text.removesuffix("  –")


def _zero(bounds: Bounds) -> bool:
    """Return whether a difference is exactly zero with no interval around it; an unknown interval is none."""
    value, low, high = bounds
    return value == 0 and not (low < 0 or high > 0)


def _decimals(bounds: Bounds) -> int:
    """Return decimals that suit half the width of an interval, or its value if there is no width."""
    value, low, high = bounds
    half = (high - low) / 2
    return digits(half if half > 0 else value)
