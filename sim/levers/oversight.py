"""Levers of oversight: an authority that enforces rules, and monitoring with its limits."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.core.columns import R
from sim.levers.lever import FirmLever, Lever, Share, Writes, Yuan

_GRADED = ("inspections_per_year", "fine_yuan", "fine_firm_yuan")
Factor = Annotated[float, Field(ge=0.0, le=100.0, allow_inf_nan=False)]


class Grade(BaseModel):
    """Firms from a size up to the next grade, and the multiple of inspections and fines for them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    size_min: int = Field(ge=1, description="people in the firm")
    factor: Factor = Field(1.0, description="multiple of inspections and fines")


class Enforcement(FirmLever):
    """An authority inspects, takes complaints, orders and fines; it can be graded by firm size."""

    kind: Literal["enforcement"]
    inspections_per_year: Annotated[float, Writes(R.inspection, scaled=True)] = Field(
        0.0, ge=0.0, le=52.0, description="inspections per firm and year"
    )
    complaint: Annotated[Share, Writes(R.complaint, scaled=True)] = Field(
        0.0, description="openness of the complaint channel"
    )
    anonymous: Annotated[Share, Writes(R.anonymous)] = Field(0.0, description="share of complaints that need no name")
    union: Annotated[Share, Writes(R.union, scaled=True)] = Field(
        0.0, description="share of firms with a union or works council"
    )
    fine_yuan: Annotated[Yuan, Writes(R.fine)] = Field(0.0, description="yuan per employee at an upheld breach")
    fine_firm_yuan: Annotated[Yuan, Writes(R.fine_firm)] = Field(0.0, description="yuan per firm at an upheld breach")
    order_first: Annotated[Share, Writes(R.order_first)] = Field(
        0.0, description="share of the fine in whose place a firm's first upheld breach brings an order"
    )
    publicity: Annotated[Share, Writes(R.publicity)] = Field(
        0.0, description="share of upheld breaches that are made public"
    )
    cost_yuan: Annotated[Yuan, Writes(R.inspection_cost)] = Field(
        0.0, description="yuan of public money per inspection or complaint handled"
    )
    grades: tuple[Grade, ...] = Field(
        (), max_length=50, description="by size of the firm; those smaller than the first grade are not supervised"
    )

    @model_validator(mode="after")
    def _grades_rise(self) -> Self:
        sizes = [grade.size_min for grade in self.grades]
        if sizes != sorted(set(sizes)):
            raise ValueError(f"grades: sizes must rise from one to the next, not {', '.join(map(str, sizes))}")
        if sizes and sizes[-1] > self.scope.size_max:
            raise ValueError(f"grades: size_min = {sizes[-1]} lies above scope.size_max = {self.scope.size_max}")
        return self

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
        sizes = {"size_min": max(grade.size_min, self.scope.size_min), "size_max": size_max}
        raised = {name: getattr(self, name) * grade.factor for name in _GRADED}
        return self.model_copy(update={"grades": (), "scope": self.scope.model_copy(update=sizes)} | raised)


class Monitoring(FirmLever):
    """Chats are archived and searched for keywords."""

    degree = R.monitoring
    kind: Literal["monitoring"]
    notice: Annotated[Share, Writes(R.notice)] = Field(0.0, description="share that is announced and explained")
    cost_yuan: Annotated[Yuan, Writes(R.monitoring_cost, scaled=True)] = Field(
        0.0, description="yuan per person and month"
    )


class MonitoringLimits(FirmLever):
    """A rule reduces monitoring, or requires that it is announced."""

    degree = R.monitoring_limit  # the share of all monitoring that is removed
    kind: Literal["monitoring_limits"]
    notice: Annotated[Share, Writes(R.notice)] = Field(
        0.0, description="share of what remains that is announced and explained"
    )
