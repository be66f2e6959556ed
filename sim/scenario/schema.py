"""Schema of a scenario: its tables, their ranges, and constraints between tables.

All mistakes, inside and between tables, are collected and reported in plain words, whether the scenario comes from a
file, the command line or Python.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from itertools import combinations, islice
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import InitErrorDetails

from sim.core.errors import InputError
from sim.core.parameters import MECHANISMS, ROWS
from sim.core.units import SHORTEST_RUN, weeks_of
from sim.files.toml import KeyPath
from sim.files.validation import MOST, follows, hint, mistake, restated
from sim.levers import plugins as added
from sim.levers.kinds import AnyKind, Lever
from sim.levers.lever import Scope
from sim.scenario.countries import Country, home
from sim.scenario.part import Name, Part, Weight, refusal
from sim.scenario.public_holidays import dates_between

LONGEST = 50  # years of a run
LEAST_SETTLING = 12  # weeks, of which the last eight are measured
MOST_LEVERS = 200  # each grade of an enforcement counts; all pairs are compared


class Published(Part):
    """Days off and make-up working days of a country, as they were found when the scenario was read."""

    country: str
    """Code of the country, as in the calendar."""
    unpublished: str
    """What was done about years whose days off are not published."""
    first: date
    """First date that was asked for."""
    last: date
    """Last date that was asked for."""
    holidays: tuple[date, ...] = ()
    """Days off."""
    workdays: tuple[date, ...] = ()
    """Working days at weekends."""
    statutory: tuple[date, ...] = ()
    """Statutory holidays among the days off."""

    def between(self, first: date, last: date) -> Self:
        """Keep the dates of a part of the span."""
        kept = {
            name: tuple(day for day in getattr(self, name) if first <= day <= last)
            for name in ("holidays", "workdays", "statutory")
        }
        return self.model_copy(update={"first": first, "last": last, **kept})


class Calendar(Part):
    """Real dates."""

    start: date = Field(default=date(2026, 1, 5), ge=date(1900, 1, 1), le=date(2200, 1, 1))
    """Day 0, a Monday; the warm-up lies before it."""
    country: str = Field(default="", max_length=20)
    """Country whose holidays are days off and whose make-up days are worked: a code of ISO 3166, as in CN or DE-BY."""
    unpublished: Literal["refuse", "statutory"] = "refuse"
    """Years for which that country has not published its days off yet: refuse them, or take statutory holidays alone.

    Those that fall on a weekend are made up for on the next working days.
    """
    holidays: tuple[date, ...] = ()
    """Days without work, as weekends are, besides those of the country."""
    workdays: tuple[date, ...] = ()
    """Working days, whatever day of the week they are and whatever the country has."""
    statutory: tuple[date, ...] = ()
    """Days without work on which overtime is paid as on statutory holidays, besides those of the country."""
    published: SkipJsonSchema[Published | None] = None
    """Dates of the country, filled in when a scenario is read: results do not depend on what is known later."""

    @property
    def days_off(self) -> frozenset[date]:
        """Days without work, weekends left out."""
        own = frozenset(self.holidays) | frozenset(self.statutory)
        there = frozenset(self.published.holidays) if self.published else frozenset()
        return (own | there) - frozenset(self.workdays)

    @property
    def made_up(self) -> frozenset[date]:
        """Working days at weekends, or in the place of days off of the country."""
        there = frozenset(self.published.workdays) if self.published else frozenset()
        own = frozenset(self.holidays) | frozenset(self.statutory)
        return (there - own) | frozenset(self.workdays)

    @property
    def statutory_days(self) -> frozenset[date]:
        """Statutory holidays."""
        there = frozenset(self.published.statutory) if self.published else frozenset()
        return (frozenset(self.statutory) | there) - frozenset(self.workdays)

    @model_validator(mode="after")
    def _keeps_dates_apart(self) -> Self:
        """Reject dates that are both days off and working days."""
        if both := sorted({*self.holidays, *self.statutory} & {*self.workdays}):
            raise refusal(f"{both[0]} is both a day off and a working day")
        return self

    @model_validator(mode="after")
    def _starts_on_monday(self) -> Self:
        """Reject a start that is not a Monday, suggesting the Monday before."""
        if self.start.weekday():
            monday = self.start - timedelta(days=self.start.weekday())
            raise refusal(f"start {self.start} is no Monday; the Monday before is {monday}")
        return self


class Run(Part):
    """How much is simulated."""

    people: int = Field(default=50, ge=20)
    """People in each replicate; where rules are compared, those in firms that some rule reaches."""
    years: float = Field(default=2.0, ge=SHORTEST_RUN, le=LONGEST, allow_inf_nan=False)
    """Years after day 0, rounded to whole weeks."""
    replicates: int = Field(default=64, ge=1, le=1000)
    """Independent economies; each is simulated under both rule sets with common random numbers."""
    seed: int = Field(default=20261125, ge=0, lt=2**63)
    """Seed of all draws."""
    warmup_days: int = Field(default=56, ge=0, le=3640, multiple_of=7)
    """Days simulated before day 0 and left out of all outcomes, whole weeks."""
    settling_weeks: int = Field(default=0, ge=0, le=200)
    """Weeks in which people first come to rest under today's rules, with hastened states; 0 starts from the table."""
    reach: SkipJsonSchema[tuple[Scope, ...]] = ()
    """Scopes whose firms are simulated, beside a sample of others, filled in where rules are compared; () for all."""

    @field_validator("settling_weeks")
    @classmethod
    def _long_enough(cls, weeks: int) -> int:
        """Reject a time in which nothing can settle and be tested."""
        if 0 < weeks < LEAST_SETTLING:
            raise refusal(f"settling_weeks = {weeks} is too short for a test of drift; at least {LEAST_SETTLING}")
        return weeks

    @property
    def weeks(self) -> int:
        """Whole weeks after day 0."""
        return weeks_of(self.years)

    @property
    def days(self) -> int:
        """Days after day 0."""
        return 7 * self.weeks


def _within(name: str) -> Any:
    """Describe a value in the range of a parameter, or None for the parameter's own value."""
    return Field(default=None, ge=ROWS[name].low, le=ROWS[name].high, allow_inf_nan=False)


class Hours(Part):
    """Contract hours of an industry, where they differ from those of the parameters."""

    opening_clock: float | None = _within("opening_clock")
    """Earliest opening of a firm, hour of the day."""
    day_hours: float | None = _within("day_hours")
    """Hours from start to end, the midday break included."""
    break_minutes: float | None = _within("break_minutes")
    """Midday break."""


class Population(Part):
    """Which firms there are."""

    cities: dict[Name, Weight] = Field(default_factory=lambda: dict.fromkeys(home().cities, 1.0))
    """Relative weight of each city among firms; a city not named has the weight 0."""
    industries: dict[Name, Weight] = Field(default_factory=lambda: dict.fromkeys(home().trades, 1.0))
    """Relative weight of each industry among firms; an industry not named has the weight 0."""
    firm_size_median: float = Field(default=20.0, ge=2, le=100_000)
    """People in the median firm."""
    firm_size_sigma: float = Field(default=0.8, ge=0, le=3)
    """Spread of the logarithm of firm sizes."""
    firm_size_min: int = Field(default=5, ge=2)
    """People in the smallest firm."""
    firm_size_max: int = Field(default=300, ge=2)
    """People in the largest firm."""
    firm_size_tail: float = Field(default=0.0, ge=0, le=5, allow_inf_nan=False)
    """Exponent of the Pareto distribution that the sizes of large firms follow; 0 for lognormal sizes throughout."""
    firm_size_tail_from: float = Field(default=100.0, ge=2, allow_inf_nan=False)
    """People from which firms count as large in that sense."""
    hours: dict[Name, Hours] = Field(default={})
    """Contract hours by industry; where nothing is said the parameters hold."""

    @model_validator(mode="after")
    def _some_firms_exist(self) -> Self:
        """Reject weights that are all zero, and firm sizes out of order."""
        for what, weights in (("cities", self.cities), ("industries", self.industries)):
            if not any(weights.values()):
                raise refusal(f"{what}: all weights are 0")
        if not self.firm_size_min <= self.firm_size_median <= self.firm_size_max:
            raise refusal("firm sizes must be in the order minimum, median, maximum")
        return self


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
            found = list(islice(_mistakes_between(data), MOST + 1))
            data = _dated(data, found)
        known = {mistake["loc"][:2] for mistake in found}
        try:
            scenario = handler(data)
        except ValidationError as error:
            details = (detail for detail in error.errors() if not follows(detail, known))
            found += [restated(detail, _words_of_schema()) for detail in islice(details, MOST + 1)]
        if scenario is not None and not found:
            found = list(islice(_clashes(scenario.levers), MOST + 1))
        if scenario is None or found:
            raise ValidationError.from_exception_data(cls.__name__, found)
        return scenario

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Phases in order of their start; levers with one label form one phase, from first start to last end."""
        spans: dict[str, Phase] = {}
        for lever in self.levers:
            start = lever.start or self.calendar.start
            end = min(lever.end or self.end, self.end)
            known = spans.get(lever.phase, Phase(lever.phase, start, end, 0))
            ramp = max(lever.ramp_days, known.ramp_days)
            spans[lever.phase] = Phase(lever.phase, min(start, known.start), max(end, known.end), ramp)
        return tuple(sorted(spans.values(), key=lambda phase: (phase.start, phase.label)))

    @property
    def end(self) -> date:
        """First day after the run."""
        return self.calendar.start + timedelta(days=self.run.days)

    @property
    def needs_counterfactual(self) -> bool:
        """Whether the scenario is compared with another one."""
        return self.compare_with != self.name


@cache
def _words_of_schema() -> dict[str, Any]:
    """Return the cached JSON Schema, from which error messages take the valid names."""
    return Scenario.model_json_schema()


added.changed += [lambda: Scenario.model_rebuild(force=True), _words_of_schema.cache_clear]


def _mistakes_between(data: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Find mistakes between tables: unknown names, values out of range, dates outside the run, scopes without firms.

    Values invalid by themselves are skipped, as pydantic reports them.
    """
    yield from _parameter_mistakes(data.get("parameters", {}))
    for name in _table(data.get("mechanisms", {})):
        if name not in MECHANISMS:
            yield mistake(f"unknown mechanism{hint(name, MECHANISMS)}", ("mechanisms", name), name)
    managers = data.get("managers", added.PLAIN)
    if isinstance(managers, str) and managers not in (added.PLAIN, *added.managers):
        text = f"unknown kind of managers{hint(managers, (added.PLAIN, *added.managers))}"
        yield mistake(f"{text}; a file that adds it is named with --with", ("managers",), managers)
    calendar = _salvaged(Calendar, data.get("calendar", {}))
    run = _salvaged(Run, data.get("run", {}))
    population = _salvaged(Population, data.get("population", {}))
    country = _salvaged(Country, data["country"]) if "country" in data else home()
    if population and country:
        yield from _unknown_places(population, country)
    levers = data.get("levers", ())
    for number, lever in enumerate(levers[:MOST_LEVERS] if isinstance(levers, list | tuple) else ()):
        if calendar and run:
            yield from _date_mistakes(lever, calendar, run, ("levers", number))
        if population and country:
            yield from _scope_mistakes(_get(lever, "scope"), population, country, ("levers", number, "scope"))


def _dated(data: Mapping[str, Any], found: list[InitErrorDetails]) -> Mapping[str, Any]:
    """Fill in the dates of the calendar's country for the run; what is wrong with it is added to ``found``."""
    calendar, run = _salvaged(Calendar, data.get("calendar", {})), _salvaged(Run, data.get("run", {}))
    if calendar is None or run is None or not (calendar.country or calendar.published):
        return data
    first = calendar.start - timedelta(days=run.warmup_days)
    last = calendar.start + timedelta(days=run.days - 1)
    known = calendar.published
    if not calendar.country:
        known = None
    elif known is None or not _covers(known, calendar, first, last):
        try:
            dates = dates_between(calendar.country, first, last, calendar.unpublished == "refuse")
        except InputError as error:
            found.append(mistake(str(error), ("calendar", "country"), calendar.country))
            return data
        known = Published(
            country=calendar.country, unpublished=calendar.unpublished, first=first, last=last, **dates._asdict()
        )
    known = known and known.between(first, last)
    raw = data.get("calendar", {})
    inner = raw if isinstance(raw, Mapping) else raw.model_dump()
    return {**data, "calendar": {**inner, "published": known}}


def _covers(known: Published, calendar: Calendar, first: date, last: date) -> bool:
    """Return whether dates that were found before suit a calendar and its run."""
    same = (known.country, known.unpublished) == (calendar.country, calendar.unpublished)
    return same and known.first <= first and last <= known.last


def _parameter_mistakes(parameters: Any) -> Iterator[InitErrorDetails]:
    """Find unknown parameters and values outside their range."""
    for name, value in _table(parameters).items():
        row = ROWS.get(name)
        if row is None:
            text = f"unknown parameter{hint(name, ROWS) or '; see `offhours parameters`'}"
            yield mistake(text, ("parameters", name), value)
        elif isinstance(value, int | float) and not row.low <= value <= row.high:
            text = f"must lie between {row.low:g} and {row.high:g} ({row.unit})"
            yield mistake(text, ("parameters", name), value)


def _clashes(levers: Sequence[Lever]) -> Iterator[InitErrorDetails]:
    """Find pairs of levers that contradict each other for the same people on the same dates."""
    if (count := sum(len(lever.parts()) for lever in levers)) > MOST_LEVERS:
        yield mistake(f"are {count} with their grades, and at most {MOST_LEVERS} can be combined", ("levers",))
        return
    for (first, one), (second, two) in combinations(enumerate(levers), 2):
        if reason := one.clashes(two):
            text = f"cannot hold together with levers[{first}] ({one.kind}, phase '{one.phase}'): {reason}"
            yield mistake(f"{two.kind}, phase '{two.phase}': {text}", ("levers", second))


def _date_mistakes(lever: Any, calendar: Calendar, run: Run, path: KeyPath) -> Iterator[InitErrorDetails]:
    """Find dates of a lever that are reversed or outside the run."""
    first, last = calendar.start, calendar.start + timedelta(days=run.days - 1)
    start, end = (_get(lever, key, date) for key in ("start", "end"))
    if start and not first <= start <= last:
        yield mistake(f"lies outside the run, which goes from {first} to {last}", (*path, "start"), start)
    if end and end <= (start or first):
        yield mistake(f"lies not after the start, {start or first}", (*path, "end"), end)


def _unknown_places(population: Population, country: Country) -> Iterator[InitErrorDetails]:
    """Find cities and industries that the country does not have."""
    tables: dict[str, Mapping[str, Any]] = {
        "cities": population.cities,
        "industries": population.industries,
        "hours": population.hours,
    }
    for key, table in tables.items():
        known = country.cities if key == "cities" else country.trades
        for name in table.keys() - set(known):
            yield mistake(f"unknown name{hint(name, known)}", ("population", key, name), name)


def _scope_mistakes(scope: Any, population: Population, country: Country, path: KeyPath) -> Iterator[InitErrorDetails]:
    """Find a scope that names what is not there, or matches no firm of the population."""
    for key, names in (("cities", country.cities), ("industries", country.trades)):
        weights = getattr(population, key)
        chosen = _get(scope, key, list | tuple) or ()
        unknown = [(n, name) for n, name in enumerate(chosen) if isinstance(name, str) and name not in names]
        for n, name in unknown:
            yield mistake(f"unknown name{hint(name, names)}", (*path, key, n), name)
        if not unknown and not any(weights.get(name) for name in chosen or names if isinstance(name, str)):
            yield mistake(f"matches nobody: no firm of the population is in these {key}", (*path, key), chosen)
    if _get(scope, "share", int | float) == 0:
        yield mistake("matches nobody: no share of the firms", (*path, "share"), 0)
    smallest, largest = population.firm_size_min, population.firm_size_max
    if (least := _get(scope, "size_min", int)) is not None and least > largest:
        yield mistake(f"matches nobody: the largest firm has {largest} people", (*path, "size_min"), least)
    if (most := _get(scope, "size_max", int)) is not None and most < smallest:
        yield mistake(f"matches nobody: the smallest firm has {smallest} people", (*path, "size_max"), most)


def _get(holder: Any, key: str, kind: Any = object) -> Any:
    """Return a field of a raw table or of a validated part; None if it is absent or of another type."""
    value = holder.get(key) if isinstance(holder, Mapping) else getattr(holder, key, None)
    return value if isinstance(value, kind) and not isinstance(value, datetime | bool) else None


def _table(value: Any) -> Mapping[str, Any]:
    """Return the value if it is a table, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def _salvaged(kind: type[Part], value: Any) -> Any:
    """Validate a part without its invalid keys; None if that fails too."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        wrong = {detail["loc"][0] for detail in error.errors() if detail["loc"]}
    try:
        return kind.model_validate({key: inner for key, inner in _table(value).items() if key not in wrong})
    except ValidationError:
        return None


def added_code(scenario: Scenario) -> dict[str, str]:
    """Return the SHA-256 of each plug-in that a resolved scenario uses, by the name of what it adds."""
    return added.code_of({lever.kind for lever in scenario.levers}, scenario.managers)


def canonical(scenario: Scenario) -> str:
    """Serialise a resolved scenario as JSON with sorted keys, including hashes of plug-ins: the form that is hashed."""
    data = scenario.model_dump(mode="json")
    if code := added_code(scenario):
        data["added_code"] = code
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_hash(scenario: Scenario) -> str:
    """Return the SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(scenario).encode()).hexdigest()
