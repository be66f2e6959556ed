"""All kinds of levers: those of the model, and those that users add.

A kind is a class with a ``kind``, its own fields with ranges, and ``write``. The engine knows channels, hours, caps and
penalties, and no policy's name. How to add one is said in ``docs/extending.md``.
"""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Annotated, Any, get_args

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema

from sim.errors import InputError
from sim.policies import added
from sim.policies.closing import Absent, Ban, ContactProhibition, QuietHours, RightToDisconnect
from sim.policies.lever import FirmLever, Lever
from sim.policies.limits import (
    Batching,
    CoreHours,
    DailyCap,
    DailyRest,
    FlexibleHours,
    FocusHours,
    GroupLimits,
    MentionLimits,
    ReadReceipts,
    WeeklyCap,
    WeeklyRest,
)
from sim.policies.means import (
    EmergencyLine,
    Incentive,
    ManagerExample,
    OvertimePay,
    Placebo,
    Pressure,
    Substitute,
    Training,
)
from sim.policies.oversight import Enforcement, Monitoring, MonitoringLimits

BUILT_IN: tuple[type[Lever], ...] = (
    Ban, Absent, QuietHours, RightToDisconnect, ContactProhibition,
    Substitute, EmergencyLine, OvertimePay, Incentive, Training, ManagerExample, Pressure, Placebo,
    WeeklyCap, DailyCap, DailyRest, WeeklyRest, Batching, ReadReceipts, GroupLimits, MentionLimits,
    FocusHours, CoreHours, FlexibleHours,
    Enforcement, Monitoring, MonitoringLimits,
)  # fmt: skip

__all__ = ["BUILT_IN", "AnyKind", "FirmLever", "Lever", "add_lever", "kinds", "lever_type"]


def kinds() -> Mapping[str, type[Lever]]:
    """List the kinds of levers that scenarios may use now.

    Returns
    -------
    Mapping[str, type[Lever]]
        By the name that stands in scenario files.
    """
    return {_kind(lever): lever for lever in BUILT_IN} | {name: known.item for name, known in added.levers.items()}


def _kind(lever: type[Lever]) -> str:
    """Give the name of a kind, empty if the class has none."""
    names = get_args(lever.model_fields["kind"].annotation)
    return names[0] if len(names) == 1 and isinstance(names[0], str) else ""


def add_lever(lever: type[Lever]) -> type[Lever]:
    """Add a kind of levers; it can stand in scenario files from then on.

    Parameters
    ----------
    lever : type[Lever]
        A subclass of ``Lever`` or ``FirmLever`` with ``kind: Literal["its_name"]`` and ``write``, defined in a file.

    Returns
    -------
    type[Lever]
        The same, so that this may stand as a decorator.

    Raises
    ------
    InputError
        If it is something else, has no file, or bears the name of another kind.
    """
    if not (isinstance(lever, type) and issubclass(lever, Lever)):
        raise InputError(f"{lever!r} is no subclass of sim.policies.kinds.Lever")
    name = _kind(lever)
    if not name:
        raise InputError(f'{lever.__name__}: say its kind, as in kind: Literal["evening_pledge"]')
    if name in {_kind(known) for known in BUILT_IN}:
        raise InputError(f"{lever.__name__}: '{name}' is a kind of the model; choose another name")
    added.remember(added.levers, name, lever)
    for told in added.changed:
        told()
    return lever


def lever_type() -> Any:
    """Give the type of any lever, for pydantic.

    Returns
    -------
    Any
        The union of all kinds, told apart by ``kind``.
    """
    return Annotated[reduce(or_, kinds().values()), Field(discriminator="kind")]


class AnyKind:
    """Mark on a field of levers: pydantic checks it against the kinds that are known when its class is built."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Describe the field."""
        return handler.generate_schema(lever_type())
