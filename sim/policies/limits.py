"""Levers that limit time, alerts, groups and marks, or set hours apart."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from sim.columns import R
from sim.policies.lever import Counted, Hour, Lever, Row, at_least, at_most, clock, exactly, minutes


class WeeklyCap(Lever):
    """Work is capped by the week: what is recorded, or all of it."""

    kind: Literal["weekly_cap"]
    hours: float = Field(gt=0.0, le=168.0)
    on: Counted = "recorded"

    def write(self, row: Row, strength: float) -> None:
        """Cap the week, as soon as ``strength`` is above 0; firms obey as far as they obey rules."""
        if strength > 0.0:
            at_most(row, R.weekly_cap, minutes(self.hours))
            at_least(row, R.cap_total, float(self.on == "total"))

    def settles(self) -> Mapping[str, str]:
        """See ``Lever.settles``."""
        return {"what caps count": f"{self.on} time"}


class DailyCap(Lever):
    """Work is capped by the day: what is recorded, or all of it."""

    kind: Literal["daily_cap"]
    hours: float = Field(gt=0.0, le=24.0)
    on: Counted = "recorded"

    def write(self, row: Row, strength: float) -> None:
        """Cap the day, as soon as ``strength`` is above 0; firms obey as far as they obey rules."""
        if strength > 0.0:
            at_most(row, R.daily_cap, minutes(self.hours))
            at_least(row, R.cap_total, float(self.on == "total"))

    def settles(self) -> Mapping[str, str]:
        """See ``Lever.settles``."""
        return {"what caps count": f"{self.on} time"}


class DailyRest(Lever):
    """So many hours must lie between two days of work."""

    kind: Literal["daily_rest"]
    hours: float = Field(gt=0.0, le=16.0)
    on: Counted = "recorded"

    def write(self, row: Row, strength: float) -> None:
        """Demand the rest, as soon as ``strength`` is above 0; the longer one holds."""
        if strength > 0.0:
            at_least(row, R.daily_rest, minutes(self.hours))
            at_least(row, R.rest_total, float(self.on == "total"))

    def settles(self) -> Mapping[str, str]:
        """See ``Lever.settles``."""
        return {"what breaks a rest": f"{self.on} work"}


class WeeklyRest(Lever):
    """So many hours without a break must be free in each week."""

    kind: Literal["weekly_rest"]
    hours: float = Field(gt=0.0, le=72.0)
    on: Counted = "recorded"

    def write(self, row: Row, strength: float) -> None:
        """Demand the rest, as soon as ``strength`` is above 0; the longer one holds."""
        if strength > 0.0:
            at_least(row, R.weekly_rest, minutes(self.hours))
            at_least(row, R.rest_total, float(self.on == "total"))

    def settles(self) -> Mapping[str, str]:
        """See ``Lever.settles``."""
        return {"what breaks a rest": f"{self.on} work"}


class Batching(Lever):
    """Alerts at work are collected, until people look or a round comes."""

    kind: Literal["batching"]
    rounds: int | None = Field(default=None, ge=1, le=48, description="rounds a working day; by default none")

    def write(self, row: Row, strength: float) -> None:
        """Keep ``strength``, a share, of the alerts back."""
        at_least(row, R.batching, strength)
        exactly(row, R.batch_rounds, float(self.rounds or 0))

    def settles(self) -> Mapping[str, str]:
        """See ``Lever.settles``."""
        return {"the rounds of alerts": f"{self.rounds} a day" if self.rounds else "none"}


class ReadReceipts(Lever):
    """Read receipts are switched off."""

    kind: Literal["read_receipts"]

    def write(self, row: Row, strength: float) -> None:
        """Switch ``strength``, a share, of the receipts off."""
        at_least(row, R.receipts_off, strength)


class GroupLimits(Lever):
    """Only so many group chats stay open for each person."""

    kind: Literal["group_limits"]
    most: int = Field(ge=1, le=1_000, description="group chats per person")

    def write(self, row: Row, strength: float) -> None:
        """Limit the groups, as soon as ``strength`` is above 0."""
        if strength > 0.0:
            at_most(row, R.group_limit, float(self.most))


class MentionLimits(Lever):
    """Only so many messages a day may be marked urgent."""

    kind: Literal["mention_limits"]
    most: int = Field(ge=1, le=1_000, description="messages per person and day")

    def write(self, row: Row, strength: float) -> None:
        """Limit the marks, as soon as ``strength`` is above 0."""
        if strength > 0.0:
            at_most(row, R.mention_limit, float(self.most))


class _HoursOfTheDay(Lever):
    """A stretch of the working day that is set apart."""

    from_hour: Hour
    to_hour: Hour

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.from_hour >= self.to_hour:
            raise ValueError(f"to_hour = {self.to_hour:g} is not after from_hour = {self.from_hour:g}")
        return self

    @property
    def stretch(self) -> str:
        """The hours, in words."""
        return f"{clock(self.from_hour)} to {clock(self.to_hour)}"


class FocusHours(_HoursOfTheDay):
    """In these hours nobody is disturbed."""

    kind: Literal["focus_hours"]

    def write(self, row: Row, strength: float) -> None:
        """Protect the hours, as soon as ``strength`` is above 0."""
        if strength > 0.0:
            exactly(row, R.focus_from, minutes(self.from_hour))
            exactly(row, R.focus_to, minutes(self.to_hour))

    def settles(self) -> Mapping[str, str]:
        """See ``Lever.settles``."""
        return {"focus hours": self.stretch}


class CoreHours(_HoursOfTheDay):
    """In these hours everybody can be reached; outside them nobody has to answer at work."""

    kind: Literal["core_hours"]

    def write(self, row: Row, strength: float) -> None:
        """Set the shared hours, as soon as ``strength`` is above 0."""
        if strength > 0.0:
            exactly(row, R.core_from, minutes(self.from_hour))
            exactly(row, R.core_to, minutes(self.to_hour))

    def settles(self) -> Mapping[str, str]:
        """See ``Lever.settles``."""
        return {"core hours": self.stretch}


class FlexibleHours(Lever):
    """People may shift their working day."""

    kind: Literal["flexible_hours"]
    hours: float = Field(gt=0.0, le=6.0, description="hours by which the day may be shifted either way")

    def write(self, row: Row, strength: float) -> None:
        """Allow shifts of up to the hours times ``strength``."""
        at_least(row, R.flexible, float(round(60.0 * self.hours * strength)))
