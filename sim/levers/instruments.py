"""Levers that provide something (tools, money, training, an example), and pressure."""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from sim.core.columns import R
from sim.levers.lever import FirmLever, Lever, Row, Share, Touch, Writes, Yuan, at_least, exactly

Tool = Literal["project_tool", "scheduled_mail", "internal_messenger", "summaries"]


class _Substitute(NamedTuple):
    """How a tool takes up messages."""

    carrier: str  # channel that carries what it takes up
    column: int
    share: float = 1.0  # written per unit of uptake


TOOLS: Mapping[str, _Substitute] = {
    "project_tool": _Substitute("tool", R.tool),
    "scheduled_mail": _Substitute("mail", R.scheduled),
    "internal_messenger": _Substitute("tool", R.messenger),
    # of group chats; the share of reading time that they save where all use them is an assumption
    "summaries": _Substitute("group", R.summary, 0.5),
}


def put_at_hand(row: Row, tool: str, uptake: float) -> None:
    """Raise the column of a substitute; ``uptake`` is the share of suitable messages, for summaries of people."""
    at_least(row, TOOLS[tool].column, TOOLS[tool].share * uptake)


class Substitute(Lever):
    """Another tool is provided."""

    kind: Literal["substitute"]
    tool: Tool
    uptake: Share = Field(1.0, description="share of the messages that could take it and do")
    cost_yuan: Yuan = Field(0.0, description="yuan per person and month")

    def write(self, row: Row, strength: float) -> None:
        """Provide the tool with its uptake times ``strength``."""
        put_at_hand(row, self.tool, self.uptake * strength)

    def needs(self) -> Mapping[str, str]:
        """Map the channel that carries the tool to it."""
        return {TOOLS[self.tool].carrier: self.tool}

    def tools(self, strength: float) -> Mapping[str, float]:
        """Scale the cost by ``strength``."""
        return {self.tool: self.cost_yuan * strength}


class EmergencyLine(Lever):
    """Urgent matters can go through by call, up to a quota."""

    kind: Literal["emergency_line"]
    quota_per_week: Annotated[int, Writes(R.emergency_quota)] = Field(
        ge=0, le=1_000, description="calls per person and week"
    )
    cost_yuan: Annotated[Yuan, Writes(R.emergency_cost)] = Field(0.0, description="yuan per call")

    def write(self, row: Row, strength: float) -> None:
        """Open the line in full at any strength above 0."""
        super().write(row, strength)
        at_least(row, R.emergency, 1.0)


class OvertimePay(Lever):
    """Overtime is paid: a share of recorded overtime, and the recognised share of unrecorded overtime."""

    kind: Literal["overtime_pay"]
    recorded: Annotated[Share, Writes(R.pay_recorded, scaled=True)] = Field(
        1.0, description="share of recorded overtime that is paid"
    )
    latent: Annotated[Share, Writes(R.pay_latent, scaled=True)] = Field(
        0.0, description="share of latent overtime that is recognised and paid"
    )
    rate: Annotated[float, Writes(R.pay_rate, exactly)] = Field(
        1.5, ge=1.0, le=5.0, description="multiple of the hourly wage"
    )

    @model_validator(mode="after")
    def _pays_something(self) -> Self:
        if self.recorded + self.latent == 0.0:
            raise ValueError("recorded and latent are both 0: nothing is paid")
        return self

    def settles(self) -> Mapping[str, str]:
        """Settle the rate."""
        return {"the rate of overtime pay": f"the wage times {self.rate:g}"}


class Incentive(FirmLever):
    """Firms without a known breach receive public money."""

    kind: Literal["incentive"]
    yuan_per_year: Annotated[Yuan, Writes(R.incentive, scaled=True)] = Field(description="yuan per employee and year")


class Training(FirmLever):
    """Employees and managers learn what may be expected of whom."""

    degree = R.training  # the share of people and content reached
    kind: Literal["training"]
    cost_yuan: Annotated[Yuan, Writes(R.training_cost, scaled=True)] = Field(
        0.0, description="yuan per employee and year"
    )


class ManagerExample(Lever):
    """Managers send fewer messages outside hours."""

    degree = R.example  # the share that is left unwritten
    touch = Touch("off", leaders=True)
    kind: Literal["manager_example"]

    @model_validator(mode="after")
    def _of_managers(self) -> Self:
        if self.scope.roles is not None and "manager" not in self.scope.roles:
            raise ValueError("scope.roles: managers alone set an example, and are not among these")
        return self


class Pressure(Lever):
    """The firm demands more availability than its culture would."""

    degree = R.pressure  # added to the availability that the firm demands, where 1 means always
    kind: Literal["pressure"]


class Placebo(Lever):
    """An announcement that nothing in the model reads."""

    kind: Literal["placebo"]
