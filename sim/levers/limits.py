"""Levers that limit working time, alerts, groups and urgent messages, or set hours apart.

Caps, rests, limits and hours hold in full at any strength above 0; firms comply with them as with any rule.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from sim.core.columns import R
from sim.levers.lever import (
    Counted,
    Hour,
    Lever,
    Row,
    Share,
    Touch,
    Weekday,
    Writes,
    at_least,
    at_most,
    clock,
    exactly,
    minutes,
)

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


class _Cap(Lever):
    """A cap of working time; of two the lower one holds."""

    hours: float
    on: Annotated[Counted, Writes(R.cap_total, to=get_args(Counted).index)] = "recorded"

    def settles(self) -> Mapping[str, str]:
        """Settle which time caps count."""
        return {"what caps count": f"{self.on} time"}


class WeeklyCap(_Cap):
    """Weekly working time is capped: recorded time, or all of it."""

    kind: Literal["weekly_cap"]
    hours: Annotated[float, Writes(R.weekly_cap, at_most, minutes)] = Field(ge=0.1, le=168.0)
    opt_out: Annotated[Share, Writes(R.opt_out, at_least)] = Field(
        0.0, description="share of people whom it does not bind because they agreed to work longer"
    )


class DailyCap(_Cap):
    """Daily working time is capped: recorded time, or all of it."""

    kind: Literal["daily_cap"]
    hours: Annotated[float, Writes(R.daily_cap, at_most, minutes)] = Field(ge=0.1, le=24.0)


class _Rest(Lever):
    """A time without work; of two the longer one holds."""

    hours: float
    on: Annotated[Counted, Writes(R.rest_total, to=get_args(Counted).index)] = "recorded"

    def settles(self) -> Mapping[str, str]:
        """Settle which work breaks a rest."""
        return {"what breaks a rest": f"{self.on} time"}


class DailyRest(_Rest):
    """A minimum number of hours must lie between two days of work."""

    kind: Literal["daily_rest"]
    hours: Annotated[float, Writes(R.daily_rest, to=minutes)] = Field(ge=0.1, le=16.0)


class WeeklyRest(_Rest):
    """A minimum number of consecutive hours must be free in each week."""

    kind: Literal["weekly_rest"]
    hours: Annotated[float, Writes(R.weekly_rest, to=minutes)] = Field(ge=0.1, le=72.0)


class _Rounds(Lever):
    """Messages at work are left to rounds."""

    touch = Touch("work")  # its alert waits, or it is read at the rounds
    rounds: int | None

    def settles(self) -> Mapping[str, str]:
        """Settle the number of rounds."""
        return {"the rounds of alerts": f"{self.rounds} a day" if self.rounds else "no rounds"}


class Batching(_Rounds):
    """Alerts at work are collected until people look, or until a scheduled round delivers them."""

    degree = R.batching  # the share of the alerts that is held back
    kind: Literal["batching"]
    rounds: Annotated[int | None, Writes(R.batch_rounds, exactly)] = Field(
        None, ge=1, le=48, description="rounds a working day; by default none"
    )


class CheckLimit(_Rounds):
    """People look at messages at work on arrival, after the midday break and at a few rounds, not when they like."""

    degree = R.looks_given_up  # the share of looks of one's own accord that are left to the rounds
    kind: Literal["check_limit"]
    rounds: Annotated[int, Writes(R.batch_rounds, exactly)] = Field(ge=1, le=48, description="rounds a working day")


class ReadReceipts(Lever):
    """Read receipts are switched off."""

    degree = R.receipts_off
    kind: Literal["read_receipts"]


class GroupLimits(Lever):
    """The number of open group chats is limited for each person."""

    kind: Literal["group_limits"]
    most: Annotated[int, Writes(R.group_limit, at_most)] = Field(ge=1, le=1_000, description="group chats per person")


class MentionLimits(Lever):
    """The number of messages a day marked urgent is limited for each person."""

    kind: Literal["mention_limits"]
    most: Annotated[int, Writes(R.mention_limit, at_most)] = Field(
        ge=1, le=1_000, description="messages per person and day"
    )


class _HoursOfTheDay(Lever):
    """A period of the working day with rules of its own."""

    period: ClassVar[str]
    from_hour: Hour
    to_hour: Hour

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if minutes(self.from_hour) >= minutes(self.to_hour):
            raise ValueError(f"to_hour = {self.to_hour:g} is not after from_hour = {self.from_hour:g}")
        return self

    def settles(self) -> Mapping[str, str]:
        """Settle the hours."""
        return {self.period: f"from {clock(self.from_hour)} to {clock(self.to_hour)}"}


class FocusHours(_HoursOfTheDay):
    """Nobody is interrupted during these hours."""

    period = "focus hours"
    kind: Literal["focus_hours"]
    from_hour: Annotated[Hour, Writes(R.focus_from, exactly, minutes)]
    to_hour: Annotated[Hour, Writes(R.focus_to, exactly, minutes)]

    def touches(self) -> Touch:
        """Touch what is written in these hours of working days."""
        return Touch(window=(self.from_hour, self.to_hour), days="working")


class CoreHours(_HoursOfTheDay):
    """Alerts at work come during these hours only; outside them nobody has to answer at work."""

    period = "core hours"
    kind: Literal["core_hours"]
    from_hour: Annotated[Hour, Writes(R.core_from, exactly, minutes)]
    to_hour: Annotated[Hour, Writes(R.core_to, exactly, minutes)]


def _sum_of_days(days: tuple[Weekday, ...]) -> float:
    """Add 1 for Monday, 2 for Tuesday, 4 for Wednesday and so on: 0 for every day, also if none or all are named."""
    return float(sum(1 << WEEKDAYS.index(day) for day in set(days)) % (2 ** len(WEEKDAYS) - 1))


class MeetingFree(_HoursOfTheDay):
    """No meetings begin on these weekdays, in these hours."""

    period = "time without meetings"
    kind: Literal["meeting_free"]
    days: Annotated[tuple[Weekday, ...], Writes(R.meeting_free_days, exactly, _sum_of_days)] = Field(
        (), description="weekdays; by default all"
    )
    from_hour: Annotated[Hour, Writes(R.meeting_free_from, exactly, minutes)] = 0.0
    to_hour: Annotated[Hour, Writes(R.meeting_free_to, exactly, minutes)] = 24.0

    def settles(self) -> Mapping[str, str]:
        """Settle the weekdays too."""
        named = [day for day in WEEKDAYS if day in self.days]
        days = ", ".join(named) if 0 < len(named) < len(WEEKDAYS) else "all days"
        return {self.period: f"from {clock(self.from_hour)} to {clock(self.to_hour)} on {days}"}


class MeetingLimit(Lever):
    """The hours in meetings a week are limited for each person."""

    kind: Literal["meeting_limit"]
    hours: Annotated[float, Writes(R.meeting_limit, at_most, minutes)] = Field(
        ge=0.1, le=60.0, description="hours of meetings per person and week"
    )


class FlexibleHours(Lever):
    """People may shift their working day."""

    kind: Literal["flexible_hours"]
    hours: float = Field(ge=0.1, le=6.0, description="hours by which the day may be shifted either way")

    def write(self, row: Row, strength: float) -> None:
        """Allow shifts of up to ``hours`` times ``strength``, in whole minutes."""
        at_least(row, R.flexible, float(round(60.0 * self.hours * strength)))
