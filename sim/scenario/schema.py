"""Schema of a scenario: its tables, their ranges, and constraints between tables.

All mistakes, inside and between tables, are collected and reported in plain words, whether the scenario comes from a
file, the command line or Python.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import islice
from typing import Annotated, Any, NamedTuple, Self

from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator

from sim.files.validation import MOST, follows, restated, schema_of
from sim.levers import plugins as added
from sim.levers.kinds import AnyKind, Lever
from sim.scenario.consistency import MOST_LEVERS, clashes, dated, mistakes_between
from sim.scenario.countries import Country, home
from sim.scenario.economy import Calendar, Population, Run
from sim.scenario.part import Name, Part


class Phase(NamedTuple):
    """A period in which levers with one label are in force."""

    label: str
    start: date
    end: date  # the first day after it
    ramp_days: int


class Scenario(Part):
    """A rule set for communication at work, and the economy that it is tried on."""

    name: Name
    """Short name: folder of the results and name of the world; by default the file's name."""
    title: str = Field(min_length=1, max_length=120)
    """One line for lists and figures."""
    title_zh: str = ""
    """The title in Chinese."""
    group: str = Field(default="", max_length=40)
    """Label under which lists show it: for the shipped scenarios one of those of `offhours list`."""
    represents: str = ""
    """What the scenario stands for."""
    source: str = ""
    """Section of the report, law or paper."""
    base: Name | None = None
    """Scenario that this one changes, by name: beside the file, or else in scenarios/."""
    inherit_levers: bool = True
    """Whether the levers of the base stay in force."""
    compare_with: Name = "status_quo"
    """Scenario whose rules are the counterfactual."""
    country: Country = Field(default_factory=home)
    """Where it plays: in files the name of a country in scenarios/countries/, or a path of its file from this one."""
    calendar: Calendar = Calendar()
    """Real dates."""
    run: Run = Run()
    """How much is simulated."""
    population: Population = Population()
    """Which firms there are."""
    parameters: dict[str, float] = Field(default={})
    """Values that differ from the table of parameters (`offhours parameters`)."""
    mechanisms: dict[str, bool] = Field(default={})
    """Mechanisms to switch off, by name; those not named are on."""
    managers: Name = added.PLAIN
    """Kind of managers: plain, or one that a file given by --with adds."""
    levers: tuple[Annotated[Lever, AnyKind()], ...] = Field(default=(), max_length=MOST_LEVERS)
    """Rules, with dates, scope and strength."""

    @model_validator(mode="wrap")
    @classmethod
    def _report_every_mistake(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Collect the mistakes inside tables and between them, and raise all at once."""
        scenario, found = None, []
        if isinstance(data, Mapping):
            found = list(islice(mistakes_between(data), MOST + 1))
            data = dated(data, found)
        known = {loc for mistake in found for loc in (mistake["loc"], mistake["loc"][:2])}
        try:
            scenario = handler(data)
        except ValidationError as error:
            details = (detail for detail in error.errors() if not follows(detail, known))
            found += [restated(detail, schema_of(Scenario)) for detail in islice(details, MOST + 1)]
        if scenario is not None and not found:
            found = list(islice(clashes(scenario.levers), MOST + 1))
        if scenario is None or found:
            raise ValidationError.from_exception_data(cls.__name__, found)
        return scenario

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Phases in order of their start; levers with one label form one phase, from first start to last end.

        Its ramp ends when all that grow are in full force.
        """
        spans: dict[str, list[tuple[date, date, int]]] = {}
        for lever in self.levers:
            grown = 0 if lever.start else self.run.warmup_days
            start, end = lever.start or self.calendar.start, min(lever.end or self.end, self.end)
            spans.setdefault(lever.phase, []).append((start, end, max(lever.ramp_days - grown, 0)))
        phases = []
        for label, levers in spans.items():
            first = min(start for start, _, _ in levers)
            ramp = max(((start - first).days + days for start, _, days in levers if days), default=0)
            phases.append(Phase(label, first, max(end for _, end, _ in levers), ramp))
        return tuple(sorted(phases, key=lambda phase: (phase.start, phase.label)))

    @property
    def end(self) -> date:
        """First day after the run."""
        return self.calendar.start + timedelta(days=self.run.days)


added.changed += [lambda: Scenario.model_rebuild(force=True), schema_of.cache_clear]


def added_code(scenario: Scenario) -> dict[str, str]:
    """Return the SHA-256 of each plug-in that a resolved scenario uses, by the name of what it adds."""
    return added.code_of({lever.kind for lever in scenario.levers}, scenario.managers)


def content_hash(scenario: Scenario) -> str:
    """Return the SHA-256 of a resolved scenario with hashes of plug-ins, as JSON with sorted keys, in hexadecimal."""
    data = scenario.model_dump(mode="json")
    if code := added_code(scenario):
        data["added_code"] = code
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
