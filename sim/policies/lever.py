"""What all levers share: whom they reach, when, how strongly, and how two of them get on.

A lever writes its part into a row of rules, the columns of ``sim.columns.Rule``. Levers are combined column by column:
the larger number holds (``at_least``), of caps and limits the lower one (``at_most``). What can only be one thing, a
window or a rate, is written by ``exactly`` and named in ``settles``, so that two levers that disagree are refused.
"""

from collections.abc import Mapping
from datetime import date
from itertools import product
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.columns import R
from sim.errors import InputError

Row = NDArray[np.float64]
Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Yuan = Annotated[float, Field(ge=0.0, le=1e8, allow_inf_nan=False)]
Hour = Annotated[float, Field(ge=0.0, le=24.0, allow_inf_nan=False)]
Channel = Literal["im", "group", "mail", "tool", "call", "shadow"]
City = Literal["beijing", "shanghai", "shenzhen", "hangzhou", "chengdu", "wuhan"]
Industry = Literal["internet", "finance", "education", "manufacturing", "public", "services"]
Role = Literal["manager", "engineer", "knowledge", "sales_service", "teacher", "clerical"]
Days = Literal["all", "working", "free"]
Counted = Literal["recorded", "total"]


class Scope(BaseModel):
    """Whom a lever reaches; what is not named is not restricted."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    cities: tuple[City, ...] | None = Field(default=None, min_length=1)
    industries: tuple[Industry, ...] | None = Field(default=None, min_length=1)
    roles: tuple[Role, ...] | None = Field(default=None, min_length=1)
    size_min: int = Field(default=1, ge=1, description="people in the firm")
    size_max: int = Field(default=1_000_000, ge=1, description="people in the firm")
    share: Share = Field(default=1.0, description="share of the firms, those that come first by `adopters`")
    adopters: Literal["any", "gentle", "harsh"] = Field(
        default="any",
        description="which firms come first: by a fixed draw, or those whose culture presses least or most",
    )

    @model_validator(mode="after")
    def _sizes(self) -> Self:
        if self.size_min > self.size_max:
            raise ValueError(
                f"size_min = {self.size_min} is larger than size_max = {self.size_max}: nobody is in scope"
            )
        return self

    def meets(self, other: "Scope") -> bool:
        """Tell whether somebody may be in both scopes.

        Parameters
        ----------
        other : Scope
            Another scope.

        Returns
        -------
        bool
            False only if no firm or no person can be in both.
        """
        names = ((self.cities, other.cities), (self.industries, other.industries), (self.roles, other.roles))
        if any(ours and theirs and not set(ours) & set(theirs) for ours, theirs in names):
            return False
        opposed = {self.adopters, other.adopters} == {"gentle", "harsh"}
        if opposed and self.share + other.share <= 1.0:
            return False
        return self.size_min <= other.size_max and other.size_min <= self.size_max


class Lever(BaseModel):
    """A piece of a policy: its kind, dates, ramp, strength and scope; a kind adds fields of its own and ``write``."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: str
    phase: str = Field(default="rule", description="label of the phase in tables and figures")
    start: date | None = Field(default=None, description="first day; by default the first day of the run")
    end: date | None = Field(default=None, description="first day on which it no longer holds; by default never")
    ramp_days: int = Field(default=0, ge=0, le=3_650, description="days over which it grows to full strength")
    strength: Share = Field(default=1.0, description="of full effect; at 0 it is not there")
    scope: Scope = Scope()

    @model_validator(mode="after")
    def _dates(self) -> Self:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError(f"end = {self.end} is not after start = {self.start}")
        return self

    def write(self, row: Row, strength: float) -> None:
        """Put the lever's part into a row of rules.

        Parameters
        ----------
        row : Row
            One value per column of ``sim.columns.Rule``; changed in place, with the helpers of this module.
        strength : float
            Strength today, ramp included, above 0 and at most 1.
        """

    def settles(self) -> Mapping[str, str]:
        """Name what can only be one thing for one person at one time.

        Returns
        -------
        Mapping[str, str]
            From what is settled to how, both in words; levers that settle the same thing differently are refused.
        """
        return {}

    def closes(self) -> frozenset[str]:
        """Name the channels that are closed at all hours.

        Returns
        -------
        frozenset[str]
            Names of channels.
        """
        return frozenset()

    def needs(self) -> Mapping[str, str]:
        """Name the channels without which the lever makes no sense.

        Returns
        -------
        Mapping[str, str]
            From the channel to what needs it.
        """
        return {}

    def tools(self, strength: float) -> Mapping[str, float]:
        """Name the tools that the lever puts at hand, and their cost.

        Parameters
        ----------
        strength : float
            Strength today.

        Returns
        -------
        Mapping[str, float]
            Yuan per person and month by tool. A tool is paid once, whoever names it; different tools add up.
        """
        return {}

    def parts(self) -> "tuple[Lever, ...]":
        """Take the lever apart where it says different things to different firms.

        Returns
        -------
        tuple[Lever, ...]
            Levers that together are this one.
        """
        return (self,)

    def conflicts(self, other: "Lever") -> str:
        """Say why this lever and another one cannot hold for the same people at the same time.

        Parameters
        ----------
        other : Lever
            Another lever.

        Returns
        -------
        str
            The reason; empty if they get on.
        """
        ours, theirs = self.settles(), other.settles()
        for what in sorted(ours.keys() & theirs.keys()):
            if ours[what] != theirs[what]:
                return f"{what}: {ours[what]} in one and {theirs[what]} in the other"
        for channel, what in {**self.needs(), **other.needs()}.items():
            if channel in self.closes() | other.closes():
                return f"{what} needs the channel '{channel}', which is closed at all hours"
        return ""

    def clashes(self, other: "Lever") -> str:
        """Say why two levers of one scenario cannot stand, if there are people and dates on which both hold.

        Parameters
        ----------
        other : Lever
            Another lever of the scenario.

        Returns
        -------
        str
            The reason; empty if they never meet, or get on.
        """
        pairs = [(one, two) for one, two in product(self.parts(), other.parts()) if _meet(one, two)]
        return next(filter(None, (one.conflicts(two) for one, two in pairs)), "")


class FirmLever(Lever):
    """A lever that acts on whole firms, so that a part of their people cannot be its scope."""

    @model_validator(mode="after")
    def _whole_firms(self) -> Self:
        if self.scope.roles is not None:
            raise ValueError("scope.roles: this lever acts on whole firms and cannot be limited to roles")
        return self


def _meet(one: Lever, two: Lever) -> bool:
    """Tell whether two levers may hold for the same person on the same day."""
    first = max(one.start or date.min, two.start or date.min)
    same_time = first < min(one.end or date.max, two.end or date.max)
    return same_time and one.strength * two.strength > 0.0 and one.scope.meets(two.scope)


def at_least(row: Row, column: int, value: float) -> None:
    """Let the larger number hold.

    Parameters
    ----------
    row : Row
        Changed in place.
    column : int
        Of ``sim.columns.R``.
    value : float
        What a lever asks for.
    """
    row[column] = max(row[column], value)


def at_most(row: Row, column: int, value: float) -> None:
    """Let the lower limit hold; 0 is none.

    Parameters
    ----------
    row : Row
        Changed in place.
    column : int
        Of ``sim.columns.R``.
    value : float
        The limit that a lever sets, above 0.
    """
    row[column] = min(row[column] or np.inf, value)


def exactly(row: Row, column: int, value: float) -> None:
    """Set what can only be one thing; levers that use it name it in ``settles``.

    Parameters
    ----------
    row : Row
        Changed in place.
    column : int
        Of ``sim.columns.R``.
    value : float
        The value.

    Raises
    ------
    InputError
        If another lever has set it to something else, which its ``settles`` should have said.
    """
    if row[column] not in (0.0, value):
        raise InputError(f"two levers set {R._fields[column]}, to {row[column]:g} and to {value:g}")
    row[column] = value


def minutes(hour: float) -> float:
    """Turn an hour of the day into its minute.

    Parameters
    ----------
    hour : float
        Hours, as in 17.5.

    Returns
    -------
    float
        Whole minutes.
    """
    return float(round(60.0 * hour))


def clock(hour: float) -> str:
    """Write an hour of the day.

    Parameters
    ----------
    hour : float
        Hours, as in 17.5.

    Returns
    -------
    str
        As in "17:30".
    """
    return f"{int(minutes(hour)) // 60:02d}:{int(minutes(hour)) % 60:02d}"
