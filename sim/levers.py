"""Levers: the pieces of a policy, as they are written in a scenario file, and what each makes the engine obey.

A lever knows its kind, its dates, its scope and its strength; ``write`` puts its part into a row of rules. The engine
knows channels, hours, caps and penalties, and no policy's name. Where two levers speak about the same column, the
stronger value holds; caps combine to the lower one.
"""

from datetime import date
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.columns import CHANNELS, TOOL, R

Row = NDArray[np.float64]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Channel = Literal["im", "group", "mail", "tool", "call", "shadow"]
City = Literal["beijing", "shanghai", "shenzhen", "hangzhou", "chengdu", "wuhan"]
Industry = Literal["internet", "finance", "education", "manufacturing", "public", "services"]
Role = Literal["manager", "engineer", "knowledge", "sales_service", "teacher", "clerical"]


class Scope(BaseModel):
    """Whom a lever reaches; what is not named is not restricted."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    cities: tuple[City, ...] | None = Field(default=None, min_length=1)
    industries: tuple[Industry, ...] | None = Field(default=None, min_length=1)
    roles: tuple[Role, ...] | None = Field(default=None, min_length=1)
    size_min: int = Field(default=1, ge=1, description="people in the firm")
    size_max: int = Field(default=1_000_000, ge=1, description="people in the firm")
    share: Share = Field(default=1.0, description="share of the firms, by a fixed draw of each firm")

    @model_validator(mode="after")
    def _sizes(self) -> "Scope":
        if self.size_min > self.size_max:
            raise ValueError(
                f"size_min = {self.size_min} is larger than size_max = {self.size_max}: nobody is in scope"
            )
        return self


class _Lever(BaseModel):
    """What all levers have."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    phase: str = Field(default="rule", description="label of the phase in tables and figures")
    start: date | None = Field(default=None, description="first day; by default the first day of the run")
    end: date | None = Field(default=None, description="first day on which it no longer holds; by default never")
    ramp_days: int = Field(default=0, ge=0, le=3_650, description="days over which it grows to full strength")
    strength: Share = Field(default=1.0, description="of full effect")
    scope: Scope = Scope()

    @model_validator(mode="after")
    def _dates(self) -> "_Lever":
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError(f"end = {self.end} is not after start = {self.start}")
        return self

    def write(self, row: Row, strength: float) -> None:
        """Put the lever's part into a row of rules.

        Parameters
        ----------
        row : Row
            One value per column of ``sim.columns.Rule``; changed in place.
        strength : float
            Strength today, ramp included, 0..1.
        """


class _FirmLever(_Lever):
    """A lever that acts on whole firms, so that a part of their people cannot be its scope."""

    @model_validator(mode="after")
    def _whole_firms(self) -> "_FirmLever":
        if self.scope.roles is not None:
            raise ValueError("scope.roles: this lever acts on whole firms and cannot be limited to roles")
        return self


def _at_least(row: Row, column: int, value: float) -> None:
    row[column] = max(row[column], value)


class Ban(_Lever):
    """Channels are closed, at all times or outside contract hours."""

    kind: Literal["ban"]
    channels: tuple[Channel, ...] = Field(min_length=1)
    hours: Literal["always", "off"] = "always"

    def write(self, row: Row, strength: float) -> None:
        """See ``_Lever.write``.

        Parameters
        ----------
        row : Row
            Changed in place.
        strength : float
            Share of the closure, 0..1.
        """
        first = R.closed_im if self.hours == "always" else R.off_im
        for name in self.channels:
            _at_least(row, first + CHANNELS.index(name), strength)


class Absent(_Lever):
    """Channels do not exist: nobody has to obey and nobody can evade."""

    kind: Literal["absent"]
    channels: tuple[Channel, ...] = Field(min_length=1)

    def write(self, row: Row, strength: float) -> None:
        """See ``_Lever.write``.

        Parameters
        ----------
        row : Row
            Changed in place.
        strength : float
            Absent from 1 on; below, nothing changes.
        """
        for name in self.channels:
            _at_least(row, R.closed_im + CHANNELS.index(name), 2.0 if strength >= 1.0 else 0.0)


class QuietHours(_Lever):
    """Messages outside hours are blocked, held until morning, or discouraged."""

    kind: Literal["quiet_hours"]
    mode: Literal["block", "hold", "nudge"]

    def write(self, row: Row, strength: float) -> None:
        """See ``_Lever.write``.

        Parameters
        ----------
        row : Row
            Changed in place.
        strength : float
            Share of channels closed, messages held or messages not written, 0..1.
        """
        if self.mode == "block":
            for channel in range(TOOL + 1):
                _at_least(row, R.off_im + channel, strength)
        else:
            _at_least(row, R.hold if self.mode == "hold" else R.nudge, strength)


class RightToDisconnect(_Lever):
    """Not answering outside hours may not be punished."""

    kind: Literal["right_to_disconnect"]

    def write(self, row: Row, strength: float) -> None:
        """See ``_Lever.write``.

        Parameters
        ----------
        row : Row
            Changed in place.
        strength : float
            Share of the feared penalty taken away, 0..1.
        """
        _at_least(row, R.disconnect, strength)


class ContactProhibition(_Lever):
    """Contacting people outside hours is itself a breach."""

    kind: Literal["contact_prohibition"]

    def write(self, row: Row, strength: float) -> None:
        """See ``_Lever.write``.

        Parameters
        ----------
        row : Row
            Changed in place.
        strength : float
            How far it is in force, 0..1.
        """
        _at_least(row, R.contact_ban, strength)


class Substitute(_Lever):
    """Another tool is at hand."""

    kind: Literal["substitute"]
    tool: Literal["project_tool", "scheduled_mail", "internal_messenger", "summaries"]

    def write(self, row: Row, strength: float) -> None:
        """See ``_Lever.write``.

        Parameters
        ----------
        row : Row
            Changed in place.
        strength : float
            Share of uses, 0..1; for summaries, half of the reading time in groups at 1.
        """
        if self.tool == "project_tool":
            _at_least(row, R.tool, strength)
        elif self.tool == "scheduled_mail":
            _at_least(row, R.scheduled, strength)
        elif self.tool == "internal_messenger":
            _at_least(row, R.messenger, strength)
        else:
            _at_least(row, R.summary, 0.5 * strength)


class EmergencyLine(_Lever):
    """Urgent matters may go through by call."""

    kind: Literal["emergency_line"]
    quota_per_week: int = Field(ge=0, le=1_000, description="calls per person and week")

    def write(self, row: Row, strength: float) -> None:
        """See ``_Lever.write``.

        Parameters
        ----------
        row : Row
            Changed in place.
        strength : float
            Open as soon as it is above 0.
        """
        _at_least(row, R.emergency, 1.0 if strength > 0.0 else 0.0)
        _at_least(row, R.emergency_quota, float(self.quota_per_week))


class Enforcement(_FirmLever):
    """A body inspects, takes complaints and fines."""

    kind: Literal["enforcement"]
    inspections_per_year: float = Field(default=0.0, ge=0.0, le=52.0)
    complaint: Share = Field(default=0.0, description="openness of the complaint channel")
    anonymous: Share = Field(default=0.0, description="share of complaints that need no name")
    fine_yuan: float = Field(default=0.0, ge=0.0, le=1e7, description="yuan per employee at an upheld breach")

    def write(self, row: Row, strength: float) -> None:
        """See ``_Lever.write``.

        Parameters
        ----------
        row : Row
            Changed in place.
        strength : float
            Scales inspections and complaints, 0..1.
        """
        _at_least(row, R.inspection, self.inspections_per_year * strength)
        _at_least(row, R.complaint, self.complaint * strength)
        _at_least(row, R.anonymous, self.anonymous)
        _at_least(row, R.fine, self.fine_yuan)


class WeeklyCap(_Lever):
    """Recorded work is capped by the week."""

    kind: Literal["weekly_cap"]
    hours: float = Field(gt=0.0, le=168.0)

    def write(self, row: Row, strength: float) -> None:
        """See ``_Lever.write``.

        Parameters
        ----------
        row : Row
            Changed in place.
        strength : float
            In force as soon as it is above 0.
        """
        if strength > 0.0:
            row[R.weekly_cap] = min(row[R.weekly_cap] or np.inf, 60.0 * self.hours)


class DailyCap(_Lever):
    """Recorded work is capped by the day."""

    kind: Literal["daily_cap"]
    hours: float = Field(gt=0.0, le=24.0)

    def write(self, row: Row, strength: float) -> None:
        """See ``_Lever.write``.

        Parameters
        ----------
        row : Row
            Changed in place.
        strength : float
            In force as soon as it is above 0.
        """
        if strength > 0.0:
            row[R.daily_cap] = min(row[R.daily_cap] or np.inf, 60.0 * self.hours)


class ReadReceipts(_Lever):
    """Read receipts are switched off."""

    kind: Literal["read_receipts"]

    def write(self, row: Row, strength: float) -> None:
        """See ``_Lever.write``.

        Parameters
        ----------
        row : Row
            Changed in place.
        strength : float
            Share of receipts that are off, 0..1.
        """
        _at_least(row, R.receipts_off, strength)


class Batching(_Lever):
    """Alerts at work are collected; messages are found when people look."""

    kind: Literal["batching"]

    def write(self, row: Row, strength: float) -> None:
        """See ``_Lever.write``.

        Parameters
        ----------
        row : Row
            Changed in place.
        strength : float
            Share of alerts kept back, 0..1.
        """
        _at_least(row, R.batching, strength)


class Monitoring(_FirmLever):
    """Chats are archived and searched for keywords."""

    kind: Literal["monitoring"]
    notice: Share = Field(default=0.0, description="share that is announced and explained")

    def write(self, row: Row, strength: float) -> None:
        """See ``_Lever.write``.

        Parameters
        ----------
        row : Row
            Changed in place.
        strength : float
            Strength of the monitoring, 0..1.
        """
        _at_least(row, R.monitoring, strength)
        _at_least(row, R.notice, self.notice)


class ManagerExample(_Lever):
    """Managers hold back outside hours."""

    kind: Literal["manager_example"]

    def write(self, row: Row, strength: float) -> None:
        """See ``_Lever.write``.

        Parameters
        ----------
        row : Row
            Changed in place.
        strength : float
            Share of their messages outside hours not written, 0..1.
        """
        _at_least(row, R.example, strength)


class Placebo(_Lever):
    """An announcement; nothing in the model reads it."""

    kind: Literal["placebo"]


Lever = Annotated[
    Ban | Absent | QuietHours | RightToDisconnect | ContactProhibition | Substitute | EmergencyLine | Enforcement
    | WeeklyCap | DailyCap | ReadReceipts | Batching | Monitoring | ManagerExample | Placebo,
    Field(discriminator="kind"),
]  # fmt: skip
