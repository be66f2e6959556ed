"""Checks between the tables of a scenario: names, ranges, dates and scopes.

They read the data as written, so that these mistakes are reported together with mistakes inside tables.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails

from sim.core.columns import MANAGER, ROLES
from sim.core.errors import InputError
from sim.core.parameters import MECHANISMS, ROWS
from sim.files.toml import KeyPath
from sim.files.validation import hint, mistake
from sim.levers import plugins as added
from sim.levers.lever import Lever
from sim.scenario.countries import Country, home
from sim.scenario.economy import Calendar, Population, Published, Run
from sim.scenario.part import Part
from sim.scenario.public_holidays import dates_between

MOST_LEVERS = 200  # each grade of an enforcement counts; all pairs are compared
_RESTS_ON = (  # keys of a table that say nothing without another one
    ("calendar", "unpublished", "country"),
    ("population", "firm_size_tail_from", "firm_size_tail"),
)
_TABLES: dict[str, type[Part]] = {"calendar": Calendar, "run": Run, "population": Population}


def mistakes_between(data: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Find mistakes between tables: unknown names, values out of range, dates outside the run, scopes without firms.

    Values invalid by themselves are skipped, as pydantic reports them.
    """
    yield from _parameter_mistakes(data.get("parameters", {}))
    for name in _table(data.get("mechanisms", {})):
        if name not in MECHANISMS:
            yield mistake(f"unknown mechanism{hint(name, MECHANISMS)}", ("mechanisms", name), name)
    managers, known = data.get("managers", added.PLAIN), (added.PLAIN, *added.managers)
    if isinstance(managers, str) and managers not in known:
        text = f"unknown kind of managers{hint(managers, known)}; a file that adds it is named with --with"
        yield mistake(text, ("managers",), managers)
    yield from _idle_keys(data)
    calendar, run, population = (_salvaged(kind, data.get(key, {})) for key, kind in _TABLES.items())
    country = _salvaged(Country, data["country"]) if "country" in data else home()
    if country:
        yield from _unknown_places(data.get("population"), country)
    levers = data.get("levers", ())
    for number, lever in enumerate(levers[:MOST_LEVERS] if isinstance(levers, list | tuple) else ()):
        if calendar and run:
            yield from _date_mistakes(lever, calendar, run, ("levers", number))
        if population and country:
            yield from _scope_mistakes(given(lever, "scope"), population, country, ("levers", number, "scope"))


def _idle_keys(data: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Find keys without effect, because the key on which they depend is missing."""
    if data.get("inherit_levers") is False and not data.get("base"):
        yield mistake("has no effect without base", ("inherit_levers",), False)
    for table, key, other in _RESTS_ON:
        there = _table(data.get(table))
        if key in there and other not in there:
            yield mistake(f"has no effect without {other}", (table, key), there[key])


def dated(data: Mapping[str, Any], found: list[InitErrorDetails]) -> Mapping[str, Any]:
    """Fill in the dates of the calendar's country for the run; what is wrong with it is added to ``found``."""
    calendar, run = (_salvaged(_TABLES[key], data.get(key, {})) for key in ("calendar", "run"))
    if calendar is None or run is None or not (calendar.country or calendar.published):
        return data
    known, asked = None, (calendar.country, calendar.unpublished)
    first, last = calendar.start - timedelta(days=run.warmup_days), calendar.start + timedelta(days=run.days - 1)
    if calendar.country:
        known = calendar.published
        same = known and (known.country, known.unpublished) == asked and known.first <= first and last <= known.last
        if not same:
            try:
                dates = dates_between(calendar.country, first, last, calendar.unpublished == "refuse")
            except InputError as error:
                found.append(mistake(str(error), ("calendar", "country"), calendar.country))
                return data
            known = Published(country=asked[0], unpublished=asked[1], first=first, last=last, **dates._asdict())
        known = known.between(first, last)
    raw = data.get("calendar", {})
    return {**data, "calendar": {**(raw if isinstance(raw, Mapping) else raw.model_dump()), "published": known}}


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


def clashes(levers: Sequence[Lever]) -> Iterator[InitErrorDetails]:
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
    start, end = (given(lever, key, date) for key in ("start", "end"))
    if start and not first <= start <= last:
        yield mistake(f"lies outside the run, which goes from {first} to {last}", (*path, "start"), start)
    if end and end <= (start or first):
        yield mistake(f"lies not after the start, {start or first}", (*path, "end"), end)


def _unknown_places(population: Any, country: Country) -> Iterator[InitErrorDetails]:
    """Find cities and industries that the country does not have, and hours of industries without firms."""
    for key, known in (("cities", country.cities), ("industries", country.trades), ("hours", country.trades)):
        for name in _table(given(population, key)).keys() - set(known):
            yield mistake(f"unknown name{hint(name, known)}", ("population", key, name), name)
    named = _table(given(population, "industries")) or country.trades
    for name in _table(given(population, "hours")):
        if name in country.trades and name not in named:
            text = "has no effect: the industry is not among population.industries"
            yield mistake(text, ("population", "hours", name))


def _scope_mistakes(scope: Any, population: Population, country: Country, path: KeyPath) -> Iterator[InitErrorDetails]:
    """Find a scope that names something unknown, matches no firm of the population, or has an order and no share."""
    if (order := _table(scope).get("adopters")) and "share" not in scope:
        yield mistake("has no effect without share", (*path, "adopters"), order)
    for key, names, nobody in (
        ("cities", country.cities, "matches nobody: no firm of the population is in these cities"),
        ("industries", country.trades, "matches nobody: no firm of the population is in these industries"),
    ):
        weights = getattr(population, key)
        chosen = given(scope, key, list | tuple) or ()
        unknown = [(n, name) for n, name in enumerate(chosen) if isinstance(name, str) and name not in names]
        for n, name in unknown:
            yield mistake(f"unknown name{hint(name, names)}", (*path, key, n), name)
        if unknown or weights.keys() - set(names):  # said where they are named
            continue
        if not any(weights.get(name) for name in chosen or names if isinstance(name, str)):
            yield mistake(nobody, (*path, key), chosen)
    roles, trades = given(scope, "roles", list | tuple), given(scope, "industries", list | tuple) or country.trades
    there = [mix for name, mix in country.industries if name in trades and population.industries.get(name)]
    held = {ROLES[MANAGER], *(role for mix in there for role, share in mix if share > 0.0)}
    if roles and there and all(role in ROLES and role not in held for role in roles):
        yield mistake("matches nobody: in its industries nobody has these roles", (*path, "roles"), roles)
    if given(scope, "share", int | float) == 0:
        yield mistake("matches nobody: no share of the firms", (*path, "share"), 0)
    smallest, largest = population.firm_size_min, population.firm_size_max
    if (least := given(scope, "size_min", int)) is not None and least > largest:
        yield mistake(f"matches nobody: the largest firm has {largest} people", (*path, "size_min"), least)
    if (most := given(scope, "size_max", int)) is not None and most < smallest:
        yield mistake(f"matches nobody: the smallest firm has {smallest} people", (*path, "size_max"), most)


def given(holder: Any, key: str, kind: Any = object) -> Any:
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
