"""Targets: figures of surveys, the report or a message log that the model is compared with.

They are data: ``calibration/`` has two readings of the evidence, and ``offhours observe`` makes a set from a log.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field

from sim.core.errors import InputError, nearest, shortened
from sim.evidence.entries import Entry, Role, validated
from sim.evidence.observables import INPUTS, UNITS
from sim.evidence.quantities import QUANTITIES, Scope
from sim.files.shipped import CALIBRATION
from sim.files.toml import check_kind, place, read
from sim.files.validation import listed

MOST_TARGETS = 1_000  # in a set
SETS = ("report", "audited")


class Target(Entry):
    """A figure that the model is compared with."""

    observable: str
    claims: tuple[str, ...] = ()
    value: float | None = None
    low: float | None = None
    high: float | None = None
    error: float | None = Field(None, gt=0)  # one sd of sampling, or a tolerance
    discrepancy: float = Field(0.0, ge=0)  # one sd: how far the model itself may be off
    weight: float = Field(1.0, gt=0)  # in fits, relative to an independent figure
    role: Role
    population: str = ""
    section: str = ""
    source: str = "report"
    confidence: str
    note: str = ""


class Log(Entry):
    """How the message log behind the figures was measured; see ``sim.evidence.quantities.Scope``."""

    channels: tuple[Literal["im", "group", "mail", "tool", "call", "shadow"], ...]
    opening: float = Field(ge=0, le=24)
    closing: float = Field(ge=0, le=24)
    threads: bool
    by_channel: bool
    ranks: bool

    @property
    def scope(self) -> Scope:
        """The same as a ``Scope``."""
        return Scope(**self.model_dump())


class TargetSet(Entry):
    """Targets of one reading of the evidence, or of an organisation's own message log."""

    name: str
    title: str
    log: Log | None = None
    target: tuple[Target, ...] = Field(max_length=MOST_TARGETS)


def load_targets(name: str) -> TargetSet:
    """Load ``report`` or ``audited``; ``InputError`` for another name, or as in ``check_targets``."""
    if name not in SETS:
        raise InputError(f"unknown set of targets '{name}'{nearest(name, SETS)}")
    return check_targets(CALIBRATION / f"{name}.toml")


def check_targets(path: Path) -> TargetSet:
    """Load and validate a file of targets; ``InputError`` lists all its mistakes, one per line."""
    document = read(path)
    check_kind(document, "set of targets")
    found = validated(TargetSet, document)
    mistakes = []
    for number, target in enumerate(found.target):
        known = INPUTS if target.role == "input" else UNITS
        if target.observable not in known:
            line = place(document.lines, ("target", number, "observable"))
            hint = nearest(target.observable, known)
            mistakes.append(f"{path.name}:{line}: observable: nothing is called '{shortened(target.observable)}'{hint}")
        if target.role in ("calibrated", "cutoff") and (target.value is None or target.error is None):
            line = place(document.lines, ("target", number))
            lacking = "value" if target.value is None else "error"
            mistakes.append(f"{path.name}:{line}: {target.observable} is {target.role} and lacks '{lacking}'")
        if target.observable in QUANTITIES and found.log is None:
            line = place(document.lines, ("target", number, "observable"))
            mistakes.append(
                f"{path.name}:{line}: {target.observable} is taken from a message log: the table [log] is missing"
            )
        if target.low is not None and target.high is not None and target.low > target.high:
            line = place(document.lines, ("target", number, "low"))
            mistakes.append(f"{path.name}:{line}: low: {target.low:g} lies above high, {target.high:g}")
    if mistakes:
        raise InputError(listed(mistakes, f"{path.name}:1"))
    return found


def beside(own: TargetSet, other: TargetSet) -> TargetSet:
    """Add the targets that a set lacks from another, as a national survey to an organisation's own log."""
    there = {target.observable for target in own.target}
    more = tuple(target for target in other.target if target.observable not in there)
    return own.model_copy(update={"target": own.target + more, "log": own.log or other.log})
