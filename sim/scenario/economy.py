"""The economy that rules are tried on: real dates, how much is simulated, and which firms there are."""

from datetime import date, timedelta
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from sim.core.parameters import ROWS
from sim.core.units import SHORTEST_RUN, weeks_of
from sim.levers.lever import Scope
from sim.scenario.countries import home
from sim.scenario.part import Name, Part, Weight, refusal

LONGEST = 50  # years of a run
LEAST_SETTLING = 12  # weeks, of which the last eight are measured


class Published(Part):
    """Days off and make-up working days of a country, as they were found when the scenario was read."""

    country: str
    """Code of the country, as in the calendar."""
    unpublished: str
    """What was done about years whose days off are not published."""
    first: date
    """First date that was asked for."""
    last: date
    """Last date that was asked for."""
    holidays: tuple[date, ...] = ()
    """Days off."""
    workdays: tuple[date, ...] = ()
    """Working days at weekends."""
    statutory: tuple[date, ...] = ()
    """Statutory holidays among the days off."""

    def between(self, first: date, last: date) -> Self:
        """Keep the dates of a part of the span."""
        kept = {
            name: tuple(day for day in getattr(self, name) if first <= day <= last)
            for name in ("holidays", "workdays", "statutory")
        }
        return self.model_copy(update={"first": first, "last": last, **kept})


class Calendar(Part):
    """Real dates."""

    start: date = Field(default=date(2026, 1, 5), ge=date(1900, 1, 1), le=date(2200, 1, 1))
    """Day 0, a Monday; the warm-up lies before it."""
    country: str = Field(default="", max_length=20)
    """Country whose holidays are days off and whose make-up days are worked: a code of ISO 3166, as in CN or DE-BY."""
    unpublished: Literal["refuse", "statutory"] = "refuse"
    """Years for which that country has not published its days off yet: refuse them, or take statutory holidays alone.

    Those that fall on a weekend are made up for on the next working days.
    """
    holidays: tuple[date, ...] = ()
    """Days without work, as weekends are, besides those of the country."""
    workdays: tuple[date, ...] = ()
    """Working days, whatever day of the week they are and whatever the country has."""
    statutory: tuple[date, ...] = ()
    """Days without work on which overtime is paid as on statutory holidays, besides those of the country."""
    published: SkipJsonSchema[Published | None] = None
    """Dates of the country, filled in when a scenario is read: results do not depend on what is known later."""

    @property
    def days_off(self) -> frozenset[date]:
        """Days without work, weekends left out."""
        there = self.published.holidays if self.published else ()
        return frozenset((*self.holidays, *self.statutory, *there)) - {*self.workdays}

    @property
    def made_up(self) -> frozenset[date]:
        """Working days at weekends, or in the place of days off of the country."""
        there = self.published.workdays if self.published else ()
        return (frozenset(there) - {*self.holidays, *self.statutory}) | {*self.workdays}

    @property
    def statutory_days(self) -> frozenset[date]:
        """Statutory holidays."""
        there = self.published.statutory if self.published else ()
        return frozenset((*self.statutory, *there)) - {*self.workdays}

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        """Reject dates that are both days off and working days, and a start that is no Monday, with that before."""
        if both := sorted({*self.holidays, *self.statutory} & {*self.workdays}):
            raise refusal(f"{both[0]} is both a day off and a working day")
        if self.start.weekday():
            monday = self.start - timedelta(days=self.start.weekday())
            raise refusal(f"start {self.start} is no Monday; the Monday before is {monday}")
        return self


class Run(Part):
    """How much is simulated."""

    people: int = Field(default=50, ge=20)
    """People in each replicate; where rules are compared, those in firms that some rule reaches."""
    years: float = Field(default=2.0, ge=SHORTEST_RUN, le=LONGEST, allow_inf_nan=False)
    """Years after day 0, rounded to whole weeks."""
    replicates: int = Field(default=56, ge=1, le=1000)
    """Independent economies; each is simulated under both rule sets with common random numbers."""
    seed: int = Field(default=20261125, ge=0, lt=2**63)
    """Seed of all draws."""
    warmup_days: int = Field(default=56, ge=0, le=3640, multiple_of=7)
    """Days simulated before day 0 and left out of all outcomes, whole weeks."""
    settling_weeks: int = Field(default=0, ge=0, le=200)
    """Weeks in which people first come to rest under today's rules, with hastened states; 0 starts from the table."""
    reach: SkipJsonSchema[tuple[Scope, ...]] = ()
    """Scopes whose firms are simulated, beside a sample of others, filled in where rules are compared; () for all."""

    @field_validator("settling_weeks")
    @classmethod
    def _long_enough(cls, weeks: int) -> int:
        """Reject a time in which nothing can settle and be tested."""
        if 0 < weeks < LEAST_SETTLING:
            raise refusal(f"settling_weeks = {weeks} is too short for a test of drift; at least {LEAST_SETTLING}")
        return weeks

    @property
    def weeks(self) -> int:
        """Whole weeks after day 0."""
        return weeks_of(self.years)

    @property
    def days(self) -> int:
        """Days after day 0."""
        return 7 * self.weeks


def _within(name: str) -> Any:
    """Describe a value in the range of a parameter, or None for the parameter's own value."""
    return Field(default=None, ge=ROWS[name].low, le=ROWS[name].high, allow_inf_nan=False)


class Hours(Part):
    """Contract hours of an industry, where they differ from those of the parameters."""

    opening_clock: float | None = _within("opening_clock")
    """Earliest opening of a firm, hour of the day."""
    day_hours: float | None = _within("day_hours")
    """Hours from start to end, the midday break included."""
    break_minutes: float | None = _within("break_minutes")
    """Midday break."""


class Population(Part):
    """Which firms there are."""

    cities: dict[Name, Weight] = Field(default_factory=lambda: dict.fromkeys(home().cities, 1.0))
    """Relative weight of each city among firms; a city not named has the weight 0."""
    industries: dict[Name, Weight] = Field(default_factory=lambda: dict.fromkeys(home().trades, 1.0))
    """Relative weight of each industry among firms; an industry not named has the weight 0."""
    firm_size_median: float = Field(default=20.0, ge=2, le=100_000)
    """People in the median firm."""
    firm_size_sigma: float = Field(default=0.8, ge=0, le=3)
    """Spread of the logarithm of firm sizes."""
    firm_size_min: int = Field(default=5, ge=2)
    """People in the smallest firm."""
    firm_size_max: int = Field(default=300, ge=2)
    """People in the largest firm."""
    firm_size_tail: float = Field(default=0.0, ge=0, le=5, allow_inf_nan=False)
    """Exponent of the Pareto distribution that the sizes of large firms follow; 0 for lognormal sizes throughout."""
    firm_size_tail_from: float = Field(default=100.0, ge=2, allow_inf_nan=False)
    """People from which firms count as large in that sense."""
    hours: dict[Name, Hours] = Field(default={})
    """Contract hours by industry; where nothing is said the parameters hold."""

    @model_validator(mode="after")
    def _some_firms_exist(self) -> Self:
        """Reject weights that are all zero, and firm sizes out of order."""
        for what, weights in (("cities", self.cities), ("industries", self.industries)):
            if not any(weights.values()):
                raise refusal(f"{what}: all weights are 0")
        least, usual, most = self.firm_size_min, self.firm_size_median, self.firm_size_max
        if not least <= usual <= most:
            raise refusal(f"firm sizes must be in the order minimum {least}, median {usual:g}, maximum {most}")
        return self
