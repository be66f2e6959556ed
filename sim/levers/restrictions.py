"""Levers that close channels, hold messages back, or protect those who do not answer."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from sim.core.columns import CHANNELS, SHADOW, TOOL, R
from sim.levers.instruments import TOOLS, Tool, put_at_hand
from sim.levers.lever import (
    Channel,
    Days,
    Hour,
    Lever,
    Row,
    Share,
    Touch,
    Writes,
    Yuan,
    at_least,
    clock,
    exactly,
    minutes,
)

_OWN = "outside each person's contract hours, on all days"


def _end(hour: float) -> float:
    """Return the minute at which a window ends; to 0 and to 24 are the same moment."""
    return minutes(hour) or minutes(24.0)


def _close(row: Row, off: bool, channel: int, strength: float, technical: float) -> None:
    """Close a channel at all times, or in the quiet window only; no system closes private messengers."""
    at_least(row, (R.off_im if off else R.closed_im) + channel, strength)
    if channel != SHADOW:
        at_least(row, (R.system_off_im if off else R.system_im) + channel, technical * strength)


class Ban(Lever):
    """Channels are closed, always or only outside contract hours; substitutes can be provided with the ban."""

    kind: Literal["ban"]
    channels: tuple[Channel, ...] = Field(min_length=1)
    hours: Literal["always", "off"] = "always"
    technical: Share = Field(0.0, description="share of people for whom the system closes the channels")
    substitutes: tuple[Tool, ...] = Field((), description="tools at hand instead, as by `substitute`")

    @model_validator(mode="after")
    def _open_substitutes(self) -> Self:
        for channel, what in self.needs().items():
            if channel in self.closes():
                raise ValueError(f"substitutes: {what} needs the channel '{channel}', which this lever closes")
        return self

    def write(self, row: Row, strength: float) -> None:
        """Close the channels to the degree ``strength``, and provide the substitutes to the same degree."""
        super().write(row, strength)
        for name in self.channels:
            _close(row, self.hours == "off", CHANNELS.index(name), strength, self.technical)
        for tool in self.substitutes:
            put_at_hand(row, tool, strength)

    def settles(self) -> Mapping[str, str]:
        """Settle the quiet window if the channels are closed outside contract hours only."""
        return {"the quiet window": _OWN} if self.hours == "off" else {}

    def closes(self) -> frozenset[str]:
        """Name the channels, if they are closed always."""
        return frozenset(self.channels) if self.hours == "always" else frozenset()

    def touches(self) -> Touch:
        """Touch what is written by these channels."""
        return Touch("off" if self.hours == "off" else "all", self.channels)

    def needs(self) -> Mapping[str, str]:
        """Map the channels that carry the substitutes to these."""
        return {TOOLS[tool].carrier: tool for tool in self.substitutes}


class Absent(Lever):
    """Channels do not exist: there is nothing to comply with or to evade."""

    kind: Literal["absent"]
    channels: tuple[Channel, ...] = Field(min_length=1)

    def write(self, row: Row, strength: float) -> None:
        """Remove the channels, which 2 stands for, at full strength; a weaker lever changes nothing."""
        for name in self.channels:
            at_least(row, R.closed_im + CHANNELS.index(name), 2.0 if strength >= 1.0 else 0.0)

    def closes(self) -> frozenset[str]:
        """Name the channels."""
        return frozenset(self.channels)

    def touches(self) -> Touch:
        """Touch what is written by these channels."""
        return Touch(channels=self.channels)


class QuietHours(Lever):
    """Messages in a quiet window are blocked, held until it ends, or discouraged."""

    kind: Literal["quiet_hours"]
    mode: Literal["block", "hold", "nudge"]
    from_hour: Annotated[Hour | None, Writes(R.quiet_from, exactly, minutes)] = Field(
        None, description="start of the window; by default the end of the workday"
    )
    to_hour: Annotated[Hour | None, Writes(R.quiet_to, exactly, _end)] = Field(
        None, description="its end, on the next day if earlier than its start"
    )
    days: Annotated[Days, Writes(R.quiet_days, exactly, get_args(Days).index)] = Field(
        "all", description="days on which the window holds: all, working days, days off"
    )
    technical: Share = Field(0.0, description="share of people for whom the system blocks")

    @model_validator(mode="after")
    def _window(self) -> Self:
        if (self.from_hour is None) != (self.to_hour is None):
            raise ValueError("from_hour and to_hour: one needs the other")
        begins, ends = (minutes(hour or 0.0) for hour in (self.from_hour, self.to_hour))
        if self.from_hour is not None and ends in (begins, begins % minutes(24.0)):
            raise ValueError(f"from_hour and to_hour are both {clock(self.from_hour)}: the window is empty")
        if (begins, ends, self.days) == (0.0, minutes(24.0), "all"):
            raise ValueError("from_hour and to_hour: a window that never ends; close the channels with a ban")
        if self.technical > 0.0 and self.mode != "block":
            raise ValueError("technical: only what is blocked can be blocked by the system")
        return self

    def write(self, row: Row, strength: float) -> None:
        """Set the window; ``strength`` is the degree of blocking, or the share of messages held or discouraged."""
        super().write(row, strength)
        if self.mode == "block":
            for channel in range(TOOL + 1):
                _close(row, True, channel, strength, self.technical)
        else:
            at_least(row, R.hold if self.mode == "hold" else R.nudge, strength)

    def settles(self) -> Mapping[str, str]:
        """Settle the quiet window."""
        if self.from_hour is None or self.to_hour is None:
            return {"the quiet window": _OWN.replace("all days", f"{self.days} days")}
        ends = clock(_end(self.to_hour) / 60.0)
        return {"the quiet window": f"from {clock(self.from_hour)} to {ends} on {self.days} days"}

    def touches(self) -> Touch:
        """Touch what is written in the window."""
        if self.from_hour is None or self.to_hour is None:
            return Touch("off", days=self.days)
        return Touch(window=(self.from_hour, self.to_hour), days=self.days)


class RightToDisconnect(Lever):
    """Not answering outside hours may not be punished; firms that punish it can be fined if found out."""

    degree = R.disconnect  # the share removed of the penalty that those fear who use the right
    touch = Touch("off")  # it need not be answered there
    kind: Literal["right_to_disconnect"]
    fine_yuan: Annotated[Yuan, Writes(R.fine)] = Field(0.0, description="yuan per employee at an upheld breach")
    fine_firm_yuan: Annotated[Yuan, Writes(R.fine_firm)] = Field(0.0, description="yuan per firm at an upheld breach")

    @model_validator(mode="after")
    def _whole_firms_are_fined(self) -> Self:
        if self.scope.roles is not None and self.fine_yuan + self.fine_firm_yuan > 0.0:
            raise ValueError("scope.roles: fines fall on whole firms; give the right without them")
        return self


class ContactProhibition(Lever):
    """Contacting people outside hours is itself a breach."""

    degree = R.contact_ban
    touch = Touch("off")
    kind: Literal["contact_prohibition"]
