"""Levers that provide something (tools, money, training, an example), and pressure."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.core.columns import R
from sim.levers.lever import FirmLever, Lever, Row, Share, Yuan, at_least, exactly

Tool = Literal["project_tool", "scheduled_mail", "internal_messenger", "summaries"]
# Channels that carry what a substitute takes up: summaries are summaries of group chats.
CARRIERS: Mapping[str, tuple[str, ...]] = {
    "project_tool": ("tool",),
    "scheduled_mail": ("mail",),
    "internal_messenger": ("tool",),
    "summaries": ("group",),
}
_SAVED = 0.5  # share of reading time in groups that summaries save where all use them; an assumption


def put_at_hand(row: Row, tool: str, uptake: float) -> None:
    """Raise the column of a substitute; ``uptake`` is the share of suitable messages, for summaries of people."""
    if tool == "project_tool":
        at_least(row, R.tool, uptake)
    elif tool == "scheduled_mail":
        at_least(row, R.scheduled, uptake)
    elif tool == "internal_messenger":
        at_least(row, R.messenger, uptake)
    else:
        at_least(row, R.summary, _SAVED * uptake)


class Substitute(Lever):
    """Another tool is provided."""

    kind: Literal["substitute"]
    tool: Tool
    uptake: Share = Field(default=1.0, description="share of the messages that could take it and do")
    cost_yuan: Yuan = Field(default=0.0, description="yuan per person and month")

    def write(self, row: Row, strength: float) -> None:
        """Provide the tool with its uptake times ``strength``."""
        put_at_hand(row, self.tool, self.uptake * strength)

    def needs(self) -> Mapping[str, str]:
        """Map the channels that carry the tool to it."""
        return {channel: self.tool for channel in CARRIERS[self.tool]}

    def tools(self, strength: float) -> Mapping[str, float]:
        """Scale the cost by ``strength``."""
        return {self.tool: self.cost_yuan * strength}


class EmergencyLine(Lever):
    """Urgent matters can go through by call, up to a quota."""

    kind: Literal["emergency_line"]
    quota_per_week: int = Field(ge=0, le=1_000, description="calls per person and week")
    cost_yuan: Yuan = Field(default=0.0, description="yuan per call")

    def write(self, row: Row, strength: float) -> None:
        """Open the line in full at any strength above 0."""
        if strength > 0.0:
            at_least(row, R.emergency, 1.0)
            at_least(row, R.emergency_quota, float(self.quota_per_week))
            at_least(row, R.emergency_cost, self.cost_yuan)


class OvertimePay(Lever):
    """Overtime is paid: a share of recorded overtime, and the recognised share of unrecorded overtime."""

    kind: Literal["overtime_pay"]
    recorded: Share = Field(default=1.0, description="share of recorded overtime that is paid")
    latent: Share = Field(default=0.0, description="share of latent overtime that is recognised and paid")
    rate: Annotated[float, Field(ge=1.0, le=5.0)] = Field(default=1.5, description="multiple of the hourly wage")

    @model_validator(mode="after")
    def _pays_something(self) -> Self:
        if self.recorded + self.latent == 0.0:
            raise ValueError("recorded and latent are both 0: nothing is paid")
        return self

    def write(self, row: Row, strength: float) -> None:
        """Pay the shares times ``strength``, at the full rate."""
        at_least(row, R.pay_recorded, self.recorded * strength)
        at_least(row, R.pay_latent, self.latent * strength)
        exactly(row, R.pay_rate, self.rate)

    def settles(self) -> Mapping[str, str]:
        """Settle the rate."""
        return {"the rate of overtime pay": f"{self.rate:g} times the wage"}


class Incentive(FirmLever):
    """Firms without a known breach receive public money."""

    kind: Literal["incentive"]
    yuan_per_year: Yuan = Field(description="yuan per employee and year")

    def write(self, row: Row, strength: float) -> None:
        """Promise the money times ``strength``."""
        at_least(row, R.incentive, self.yuan_per_year * strength)


class Training(FirmLever):
    """Employees and managers learn what may be expected of whom."""

    kind: Literal["training"]
    cost_yuan: Yuan = Field(default=0.0, description="yuan per employee and year")

    def write(self, row: Row, strength: float) -> None:
        """Train to the degree ``strength``: the share of people and content reached."""
        at_least(row, R.training, strength)
        at_least(row, R.training_cost, self.cost_yuan * strength)


class ManagerExample(Lever):
    """Managers send fewer messages outside hours."""

    kind: Literal["manager_example"]

    def write(self, row: Row, strength: float) -> None:
        """Leave the share ``strength`` of managers' messages outside hours unwritten."""
        at_least(row, R.example, strength)


class Pressure(Lever):
    """The firm demands more availability than its culture would."""

    kind: Literal["pressure"]

    def write(self, row: Row, strength: float) -> None:
        """Add ``strength`` to the availability that the firm demands, where 1 means always."""
        at_least(row, R.pressure, strength)


class Placebo(Lever):
    """An announcement that nothing in the model reads."""

    kind: Literal["placebo"]
