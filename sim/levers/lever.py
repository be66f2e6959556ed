"""Base of all levers: scope, dates, ramp, strength, and the rules by which levers combine.

A lever writes into a row of rules, indexed by ``sim.core.columns.R``. Its fields declare their columns by ``Writes``,
and ``degree`` names the column of its strength. Within a column the larger value wins (``at_least``), for caps and
limits the smaller one (``at_most``). A value that can only be one thing, such as a window or a rate, is set by
``exactly`` and named in ``settles``, so that levers that contradict each other are refused when a scenario is loaded.
"""

from collections.abc import Callable, Mapping
from datetime import date
from itertools import product
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.core.columns import R
from sim.core.errors import InputError

Row = NDArray[np.float64]
Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Yuan = Annotated[float, Field(ge=0.0, le=1e8, allow_inf_nan=False)]
Hour = Annotated[float, Field(ge=0.0, le=24.0, allow_inf_nan=False)]
Channel = Literal["im", "group", "mail", "tool", "call", "shadow"]
Place = Annotated[str, Field(max_length=64)]  # a city or an industry of the scenario's country
Role = Literal["manager", "engineer", "knowledge", "sales_service", "teacher", "clerical"]
Days = Literal["all", "working", "free"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Counted = Literal["recorded", "total"]


def at_least(row: Row, column: int, value: float) -> None:
    """Raise a column of ``sim.core.columns.R`` to at least a value, in place."""
    row[column] = max(row[column], value)


def at_most(row: Row, column: int, value: float) -> None:
    """Lower a limit to at most a value above 0, in place; 0 in the row means that there is no limit yet."""
    row[column] = min(row[column] or np.inf, value)


def exactly(row: Row, column: int, value: float) -> None:
    """Set a column that can have only one value; ``InputError`` if a lever has set another one.

    A column at 0 counts as not set, so that 0 and another value are refused by ``Lever.settles`` only.
    """
    if row[column] not in (0.0, value):
        raise InputError(f"two levers set {R._fields[column]}, to {row[column]:g} and to {value:g}")
    row[column] = value


class Writes(NamedTuple):
    """Annotation of a lever's field: the column that its value goes to, and the rule by which levers combine."""

    column: int
    rule: Callable[[Row, int, float], None] = at_least
    to: Callable[[Any], float] = float  # from the field's unit to the column's
    scaled: bool = False  # whether the value is multiplied by the lever's strength


class Touch(NamedTuple):
    """Messages that a lever acts on, as far as a message log can show it: by hour, channel and rank of the sender."""

    hours: Literal["all", "off", "work"] = "all"  # all hours, those outside contract hours, or these
    channels: tuple[str, ...] = ()  # all if empty
    window: tuple[float, float] = (0.0, 24.0)  # hours of the day; over midnight if the second is smaller
    days: Days = "all"
    leaders: bool = False  # those of managers only


class Scope(BaseModel):
    """Firms and people to which a lever applies; what is not named is not restricted."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    cities: tuple[Place, ...] | None = Field(default=None, min_length=1)
    industries: tuple[Place, ...] | None = Field(default=None, min_length=1)
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
        """Return whether a firm or person may be in both scopes; False only if that is impossible."""
        names = ((self.cities, other.cities), (self.industries, other.industries), (self.roles, other.roles))
        if any(ours and theirs and not set(ours) & set(theirs) for ours, theirs in names):
            return False
        opposed = {self.adopters, other.adopters} == {"gentle", "harsh"}
        if opposed and self.share + other.share <= 1.0:
            return False
        return self.size_min <= other.size_max and other.size_min <= self.size_max


class Lever(BaseModel):
    """A measure of a policy: kind, dates, ramp, strength and scope; subclasses add fields, and ``write`` if needed."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    degree: ClassVar[int | None] = None  # column that takes the strength itself
    touch: ClassVar[Touch | None] = None  # what ``touches`` says, where it is the same for all levers of a kind
    _writes: ClassVar[tuple[tuple[str, Writes], ...]] = ()  # fields with a column
    kind: str
    phase: str = Field(default="rule", description="label of the phase in tables and figures")
    start: date | None = Field(default=None, description="first day; by default that of the run, warm-up included")
    end: date | None = Field(default=None, description="first day on which it no longer holds; by default never")
    ramp_days: int = Field(default=0, ge=0, le=3_650, description="days over which it grows to full strength")
    strength: Share = Field(default=1.0, description="of full effect; at 0 it is not there")
    scope: Scope = Scope()

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Collect the fields that have a column."""
        fields = cls.model_fields.items()
        cls._writes = tuple((name, mark) for name, field in fields for mark in field.metadata if type(mark) is Writes)

    def write(self, row: Row, strength: float) -> None:
        """Write the lever's part into a row of rules, in place; by default ``degree``, and fields that are not None.

        The row has one value per column of ``sim.core.columns.Rule``; set them with ``at_least``, ``at_most`` and
        ``exactly``. ``strength`` is today's, ramp included: above 0 and at most 1.
        """
        if self.degree is not None:
            at_least(row, self.degree, strength)
        for name, mark in self._writes:
            if (value := getattr(self, name)) is not None:
                mark.rule(row, mark.column, mark.to(value) * (strength if mark.scaled else 1.0))

    def settles(self) -> Mapping[str, str]:
        """Map settings of which each person can have one at a time to their value; levers that differ are refused."""
        return {}

    def closes(self) -> frozenset[str]:
        """Name the channels that are closed at all hours."""
        return frozenset()

    def touches(self) -> Touch | None:
        """Return the messages that it acts on at full strength; None if a message log cannot show them."""
        return self.touch

    def needs(self) -> Mapping[str, str]:
        """Map each channel that the lever depends on to the part of it that does."""
        return {}

    def tools(self, strength: float) -> Mapping[str, float]:
        """Map provided tools to yuan per person and month; a tool that several levers provide is paid once."""
        return {}

    def parts(self) -> "tuple[Lever, ...]":
        """Split the lever where it differs between firms; the parts together are equivalent to it."""
        return (self,)

    def conflicts(self, other: "Lever") -> str:
        """Return why this lever and another cannot apply to the same people at the same time; empty if they can."""
        ours, theirs = self.settles(), other.settles()
        for what in sorted(ours.keys() & theirs.keys()):
            if ours[what] != theirs[what]:
                return f"they differ in {what}, {ours[what]} and {theirs[what]}"
        for channel, what in {**self.needs(), **other.needs()}.items():
            if channel in self.closes() | other.closes():
                return f"{what} needs the channel '{channel}', which is closed at all hours"
        return ""

    def clashes(self, other: "Lever") -> str:
        """Return why two levers of a scenario contradict each other for some people on some dates; empty if never."""
        pairs = [(one, two) for one, two in product(self.parts(), other.parts()) if _meet(one, two)]
        return next(filter(None, (one.conflicts(two) for one, two in pairs)), "")


class FirmLever(Lever):
    """A lever that acts on whole firms and therefore cannot be limited to roles."""

    @model_validator(mode="after")
    def _whole_firms(self) -> Self:
        if self.scope.roles is not None:
            raise ValueError("scope.roles: this lever acts on whole firms and cannot be limited to roles")
        return self


def _meet(one: Lever, two: Lever) -> bool:
    """Return whether two levers may apply to the same person on the same day."""
    first = max(one.start or date.min, two.start or date.min)
    same_time = first < min(one.end or date.max, two.end or date.max)
    return same_time and one.strength * two.strength > 0.0 and one.scope.meets(two.scope)


def minutes(hour: float) -> float:
    """Convert hours to whole minutes."""
    return float(round(60.0 * hour))


def clock(hour: float) -> str:
    """Format an hour of the day: 17.5 becomes 17:30."""
    return f"{int(minutes(hour)) // 60:02d}:{int(minutes(hour)) % 60:02d}"
