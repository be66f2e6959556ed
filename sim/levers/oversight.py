"""Levers of oversight: an authority that enforces rules, and monitoring with its limits."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.core.columns import R
from sim.levers.lever import FirmLever, Lever, Row, Share, Yuan, at_least

Factor = Annotated[float, Field(ge=0.0, le=100.0, allow_inf_nan=False)]


class Grade(BaseModel):
    """Firms from a size up to the next grade, and the multiple of inspections and fines for them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    size_min: int = Field(ge=1, description="people in the firm")
    factor: Factor = Field(default=1.0, description="multiple of inspections and fines")


class Enforcement(FirmLever):
    """An authority inspects, takes complaints, orders and fines; it can be graded by firm size."""

    kind: Literal["enforcement"]
    inspections_per_year: float = Field(default=0.0, ge=0.0, le=52.0, description="inspections per firm and year")
    complaint: Share = Field(default=0.0, description="openness of the complaint channel")
    anonymous: Share = Field(default=0.0, description="share of complaints that need no name")
    union: Share = Field(default=0.0, description="strength of a union or works council")
    fine_yuan: Yuan = Field(default=0.0, description="yuan per employee at an upheld breach")
    fine_firm_yuan: Yuan = Field(default=0.0, description="yuan per firm at an upheld breach")
    order_first: Share = Field(default=0.0, description="share of first upheld breaches that bring an order, no fine")
    publicity: Share = Field(default=0.0, description="share of upheld breaches that are made public")
    cost_yuan: Yuan = Field(default=0.0, description="yuan of public money per inspection or complaint handled")
    grades: tuple[Grade, ...] = Field(
        default=(),
        max_length=50,
        description="by size of the firm; those smaller than the first grade are not supervised",
    )

    @model_validator(mode="after")
    def _grades_rise(self) -> Self:
        sizes = [grade.size_min for grade in self.grades]
        if sizes != sorted(set(sizes)):
            raise ValueError(f"grades: sizes must rise from one to the next, not {', '.join(map(str, sizes))}")
        if sizes and (sizes[0] > self.scope.size_max or max(sizes[-1], 1) > self.scope.size_max):
            raise ValueError(f"grades: size_min = {sizes[-1]} lies above scope.size_max = {self.scope.size_max}")
        return self

    def write(self, row: Row, strength: float) -> None:
        """Scale inspections, complaints and unions by ``strength``; fines and shares are as written."""
        at_least(row, R.inspection, self.inspections_per_year * strength)
        at_least(row, R.complaint, self.complaint * strength)
        at_least(row, R.anonymous, self.anonymous)
        at_least(row, R.union, self.union * strength)
        at_least(row, R.fine, self.fine_yuan)
        at_least(row, R.fine_firm, self.fine_firm_yuan)
        at_least(row, R.order_first, self.order_first)
        at_least(row, R.publicity, self.publicity)
        at_least(row, R.inspection_cost, self.cost_yuan)

    def settles(self) -> Mapping[str, str]:
        """Settle the share of first breaches that bring an order, if there are orders or fines."""
        if self.order_first + self.fine_yuan + self.fine_firm_yuan == 0.0:
            return {}
        return {"first breaches that bring an order instead of a fine": f"a share of {self.order_first:g}"}

    def parts(self) -> tuple[Lever, ...]:
        """Make one lever per grade; firms smaller than the first grade get none."""
        if not self.grades:
            return (self,)
        ends = [grade.size_min - 1 for grade in self.grades[1:]] + [self.scope.size_max]
        graded = zip(self.grades, ends, strict=True)
        return tuple(self._graded(grade, end) for grade, end in graded if end >= self.scope.size_min)

    def _graded(self, grade: Grade, size_max: int) -> "Enforcement":
        """Make the lever of one grade, which ends at ``size_max``."""
        size_min = max(grade.size_min, self.scope.size_min)
        changes = {
            "grades": (),
            "scope": self.scope.model_copy(
                update={"size_min": size_min, "size_max": min(size_max, self.scope.size_max)}
            ),
            "inspections_per_year": self.inspections_per_year * grade.factor,
            "fine_yuan": self.fine_yuan * grade.factor,
            "fine_firm_yuan": self.fine_firm_yuan * grade.factor,
        }
        return self.model_copy(update=changes)


class Monitoring(FirmLever):
    """Chats are archived and searched for keywords."""

    kind: Literal["monitoring"]
    notice: Share = Field(default=0.0, description="share that is announced and explained")
    cost_yuan: Yuan = Field(default=0.0, description="yuan per person and month")

    def write(self, row: Row, strength: float) -> None:
        """Monitor to the degree ``strength``; the cost scales with it, notice does not."""
        at_least(row, R.monitoring, strength)
        at_least(row, R.notice, self.notice)
        at_least(row, R.monitoring_cost, self.cost_yuan * strength)


class MonitoringLimits(FirmLever):
    """A rule reduces monitoring, or requires that it is announced."""

    kind: Literal["monitoring_limits"]
    notice: Share = Field(default=0.0, description="share of what remains that is announced and explained")

    def write(self, row: Row, strength: float) -> None:
        """Remove the share ``strength`` of all monitoring, and announce the rest as written."""
        at_least(row, R.monitoring_limit, strength)
        at_least(row, R.notice, self.notice)
