"""Levers that limit working time, alerts, groups and urgent messages, or set hours apart."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from sim.core.columns import R
from sim.levers.lever import Counted, Hour, Lever, Row, at_least, at_most, clock, exactly, minutes


class WeeklyCap(Lever):
    """Weekly working time is capped: recorded time, or all of it."""

    kind: Literal["weekly_cap"]
    hours: float = Field(gt=0.0, le=168.0)
    on: Counted = "recorded"

    def write(self, row: Row, strength: float) -> None:
        """Cap the week in full at any strength above 0; firms comply as they do with any rule."""
        if strength > 0.0:
            at_most(row, R.weekly_cap, minutes(self.hours))
            at_least(row, R.cap_total, float(self.on == "total"))

    def settles(self) -> Mapping[str, str]:
        """Settle which time caps count."""
        return {"what caps count": f"{self.on} time"}


class DailyCap(Lever):
    """Daily working time is capped: recorded time, or all of it."""

    kind: Literal["daily_cap"]
    hours: float = Field(gt=0.0, le=24.0)
    on: Counted = "recorded"

    def write(self, row: Row, strength: float) -> None:
        """Cap the day in full at any strength above 0; firms comply as they do with any rule."""
        if strength > 0.0:
            at_most(row, R.daily_cap, minutes(self.hours))
            at_least(row, R.cap_total, float(self.on == "total"))

    def settles(self) -> Mapping[str, str]:
        """Settle which time caps count."""
        return {"what caps count": f"{self.on} time"}


class DailyRest(Lever):
    """A minimum number of hours must lie between two days of work."""

    kind: Literal["daily_rest"]
    hours: float = Field(gt=0.0, le=16.0)
    on: Counted = "recorded"

    def write(self, row: Row, strength: float) -> None:
        """Require the rest in full at any strength above 0; of two levers the longer rest applies."""
        if strength > 0.0:
            at_least(row, R.daily_rest, minutes(self.hours))
            at_least(row, R.rest_total, float(self.on == "total"))

    def settles(self) -> Mapping[str, str]:
        """Settle which work breaks a rest."""
        return {"what breaks a rest": f"{self.on} work"}


class WeeklyRest(Lever):
    """A minimum number of consecutive hours must be free in each week."""

    kind: Literal["weekly_rest"]
    hours: float = Field(gt=0.0, le=72.0)
    on: Counted = "recorded"

    def write(self, row: Row, strength: float) -> None:
        """Require the rest in full at any strength above 0; of two levers the longer rest applies."""
        if strength > 0.0:
            at_least(row, R.weekly_rest, minutes(self.hours))
            at_least(row, R.rest_total, float(self.on == "total"))

    def settles(self) -> Mapping[str, str]:
        """Settle which work breaks a rest."""
        return {"what breaks a rest": f"{self.on} work"}


class Batching(Lever):
    """Alerts at work are collected until people look, or until a scheduled round delivers them."""

    kind: Literal["batching"]
    rounds: int | None = Field(default=None, ge=1, le=48, description="rounds a working day; by default none")

    def write(self, row: Row, strength: float) -> None:
        """Hold back the share ``strength`` of the alerts."""
        at_least(row, R.batching, strength)
        exactly(row, R.batch_rounds, float(self.rounds or 0))

    def settles(self) -> Mapping[str, str]:
        """Settle the number of rounds."""
        return {"the rounds of alerts": f"{self.rounds} a day" if self.rounds else "none"}


class ReadReceipts(Lever):
    """Read receipts are switched off."""

    kind: Literal["read_receipts"]

    def write(self, row: Row, strength: float) -> None:
        """Switch off the share ``strength`` of the receipts."""
        at_least(row, R.receipts_off, strength)


class GroupLimits(Lever):
    """The number of open group chats is limited for each person."""

    kind: Literal["group_limits"]
    most: int = Field(ge=1, le=1_000, description="group chats per person")

    def write(self, row: Row, strength: float) -> None:
        """Limit the groups in full at any strength above 0."""
        if strength > 0.0:
            at_most(row, R.group_limit, float(self.most))


class MentionLimits(Lever):
    """The number of messages a day marked urgent is limited for each person."""

    kind: Literal["mention_limits"]
    most: int = Field(ge=1, le=1_000, description="messages per person and day")

    def write(self, row: Row, strength: float) -> None:
        """Limit the urgent messages in full at any strength above 0."""
        if strength > 0.0:
            at_most(row, R.mention_limit, float(self.most))


class _HoursOfTheDay(Lever):
    """A period of the working day with rules of its own."""

    from_hour: Hour
    to_hour: Hour

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.from_hour >= self.to_hour:
            raise ValueError(f"to_hour = {self.to_hour:g} is not after from_hour = {self.from_hour:g}")
        return self

    @property
    def stretch(self) -> str:
        """The hours in words."""
        return f"{clock(self.from_hour)} to {clock(self.to_hour)}"


class FocusHours(_HoursOfTheDay):
    """Nobody is interrupted during these hours."""

    kind: Literal["focus_hours"]

    def write(self, row: Row, strength: float) -> None:
        """Protect the hours in full at any strength above 0."""
        if strength > 0.0:
            exactly(row, R.focus_from, minutes(self.from_hour))
            exactly(row, R.focus_to, minutes(self.to_hour))

    def settles(self) -> Mapping[str, str]:
        """Settle the focus hours."""
        return {"focus hours": self.stretch}


class CoreHours(_HoursOfTheDay):
    """Everybody can be reached during these hours; outside them nobody has to answer at work."""

    kind: Literal["core_hours"]

    def write(self, row: Row, strength: float) -> None:
        """Set the core hours in full at any strength above 0."""
        if strength > 0.0:
            exactly(row, R.core_from, minutes(self.from_hour))
            exactly(row, R.core_to, minutes(self.to_hour))

    def settles(self) -> Mapping[str, str]:
        """Settle the core hours."""
        return {"core hours": self.stretch}


class FlexibleHours(Lever):
    """People may shift their working day."""

    kind: Literal["flexible_hours"]
    hours: float = Field(gt=0.0, le=6.0, description="hours by which the day may be shifted either way")

    def write(self, row: Row, strength: float) -> None:
        """Allow shifts of up to ``hours`` times ``strength``, in minutes."""
        at_least(row, R.flexible, float(round(60.0 * self.hours * strength)))
