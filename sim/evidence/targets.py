"""Targets: figures of surveys, the report or a message log that the model is compared with.

Targets are data: ``calibration/`` has a set of the report and one of its audit; ``offhours observe`` makes one.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from sim.core import parameter_sets
from sim.core.errors import InputError, nearest
from sim.evidence.observables import INPUTS, UNITS, possible_range
from sim.evidence.quantities import QUANTITIES, Scope
from sim.files.shipped import CALIBRATION
from sim.files.toml import KeyPath, read
from sim.files.validation import Entry, worded
from sim.scenario.inheritance import as_model, frozen, refused
from sim.scenario.part import Name

MOST_TARGETS = 1_000  # in a set
SETS = parameter_sets.SETS

Role = Literal["calibrated", "cutoff", "checked", "input", "accounting", "not_used"]


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

    channels: tuple[Literal["im", "group", "mail", "tool", "call", "shadow", "talk"], ...] = Field(min_length=1)
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
    """Targets of the report, of its audit, or of an organisation's own message log."""

    name: Name
    title: str
    log: Log | None = None
    target: tuple[Target, ...] = Field(max_length=MOST_TARGETS)


def load_targets(name: str) -> TargetSet:
    """Load one of ``SETS``; ``InputError`` for another name, or as in ``check_targets``."""
    if name not in SETS:
        raise InputError(f"unknown set of targets '{name}'{nearest(name, SETS)}")
    return check_targets(CALIBRATION / f"{name}.toml")


def check_targets(path: Path) -> TargetSet:
    """Load and validate a file of targets; ``InputError`` lists all its mistakes, one per line."""
    document = read(path, "set of targets")
    found = as_model(TargetSet, document, frozen(document.data))
    if mistakes := list(_mistakes(found)):
        raise refused(document, mistakes)
    return found


def own_targets(path: Path) -> TargetSet:
    """Do as ``check_targets``; ``InputError`` also if it has the name of a shipped set but other figures."""
    found = check_targets(path)
    if found.name in SETS and found != load_targets(found.name):
        raise InputError(f'{path}: name: "{found.name}" is the name of a shipped set, and these are other targets')
    return found


def _mistakes(found: TargetSet) -> Iterator[tuple[KeyPath, str]]:
    """Yield impossible hours, unknown observables, missing or impossible figures and empty bands, with their paths."""
    if found.log and found.log.opening >= found.log.closing:
        yield worded(("log", "opening"), found.log.opening, f"lies not before closing, {found.log.closing:g}")
    fitted: set[str] = set()
    for number, target in enumerate(found.target):
        entry: KeyPath = ("target", number)
        name = target.observable
        decides = target.role in ("calibrated", "cutoff")
        if decides and name in fitted:
            yield worded((*entry, "observable"), name, "has the role 'calibrated' or 'cutoff' twice")
        fitted |= {name} if decides else set()
        known = INPUTS if target.role == "input" else UNITS
        if name not in known:
            yield worded((*entry, "observable"), name, f"unknown name{nearest(name, known)}")
        if decides and (target.value is None or target.error is None):
            lacking = "value" if target.value is None else "error"
            yield worded(entry, None, f"{name} is {target.role} and lacks '{lacking}'")
        if name in QUANTITIES and found.log is None:
            yield worded((*entry, "observable"), name, "is taken from a message log: the table [log] is missing")
        if name in known:
            yield from _values_out_of_range(target, known[name], entry)
        if target.low is not None and target.high is not None and target.low > target.high:
            yield worded((*entry, "low"), target.low, f"lies above high, {target.high:g}")


def _values_out_of_range(target: Target, unit: str, entry: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Yield a value beyond the limits of its unit; only the band of a share must stay within them too."""
    low, high = possible_range(target.observable, unit)
    says = f"must lie between {low:g} and {high:g} ({unit})" if math.isfinite(high) else f"must be at least {low:g}"
    for key in ("value", "low", "high") if unit == "share" else ("value",):
        if (number := getattr(target, key)) is not None and not low <= number <= high:
            yield worded((*entry, key), number, says)


def completed_by(own: TargetSet, other: TargetSet) -> TargetSet:
    """Add the targets that a set lacks from another, as a national survey to an organisation's own log.

    The new set has both names, so that results of a fit to it replace those of neither set.
    """
    there = {target.observable for target in own.target}
    more = tuple(target for target in other.target if target.observable not in there)
    names = {"name": f"{own.name}_beside_{other.name}", "title": f"{own.title}; {other.title}"}
    return own.model_copy(update={**names, "target": own.target + more, "log": own.log or other.log})
