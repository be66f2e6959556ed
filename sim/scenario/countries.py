"""Countries: cities, industries with their roles, currency, firms, hours and wages, from one file each.

Calendar, population and parameters of a country file replace those of a scenario's base; the scenario's own values win.
Values that the file does not set are those of the parameter table, which are for China.
"""

import math
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field

from sim.core.errors import InputError, nearest
from sim.files.shipped import SCENARIOS
from sim.files.toml import KeyPath, read
from sim.files.validation import hint, worded
from sim.levers.lever import Role
from sim.scenario.inheritance import Raw, Spot, as_model, finder, merged, refused, unmerged
from sim.scenario.part import Name, Part, Weight

COUNTRIES = SCENARIOS / "countries"
HOME = "china"  # the country of the table of parameters, and of the data that they are fitted to
YUAN = "yuan"  # the currency in names of levers' fields and of columns, whatever a country has
ECONOMY = ("calendar", "population", "parameters")  # what a country says of a scenario
READ: dict[str, Mapping[str, str]] = {}  # countries and currencies of the files read so far: words by language
OWN_DAYS = ("country", "unpublished", "holidays", "workdays", "statutory")


class Words(Part):
    """A name for people."""

    en: str = Field(min_length=1, max_length=60)
    """In English."""
    zh: str = Field(min_length=1, max_length=60)
    """In Chinese."""


class Town(Part, extra="allow"):
    """Which firms there are in a country; other keys are those of a scenario's population."""

    cities: dict[Name, Weight] = Field(min_length=1)
    """Weight of each city among firms."""
    industries: dict[Name, Weight] = Field(min_length=1)
    """Weight of each industry among firms."""


class CountryFile(Part):
    """A file of a country."""

    title: str = Field(min_length=1, max_length=120)
    """Its name in English."""
    title_zh: str = ""
    """Its name in Chinese."""
    currency: Name
    """Unit of all amounts, as in `fine_euro`."""
    words: dict[Name, Words] = Field(default={})
    """Words for its currency, cities and industries, for figures."""
    roles: dict[Name, dict[Role, Weight]]
    """Shares of roles among those who lead nobody, by industry."""
    calendar: dict[str, Any] = Field(default={})
    """As in a scenario."""
    population: Town
    """As in a scenario."""
    parameters: dict[str, float] = Field(default={})
    """As in a scenario: hours, breaks, wages, and what fines weigh."""


class Country(Part):
    """The country of a scenario: names, roles and currency; its numbers are in the scenario itself."""

    name: Name
    """Name of its file."""
    title: str
    """Its name in English."""
    title_zh: str = ""
    """Its name in Chinese."""
    currency: Name
    """Unit of all amounts."""
    words: dict[Name, Words] = Field(default={})
    """Words for its currency, cities and industries."""
    cities: tuple[Name, ...]
    """Its cities."""
    industries: tuple[tuple[Name, tuple[tuple[Role, Weight], ...]], ...]
    """Its industries, each with the shares of roles among those who lead nobody."""
    parameters: dict[str, float] = Field(default={})
    """Parameters that it sets."""

    @property
    def trades(self) -> tuple[str, ...]:
        """Names of its industries."""
        return tuple(name for name, _ in self.industries)


@cache
def home() -> Country:
    """Return the country of scenarios that name none."""
    return Country.model_validate(layer(COUNTRIES / f"{HOME}.toml").data["country"])


def names() -> list[str]:
    """List the names of the countries in ``scenarios/countries/``, sorted."""
    return sorted(path.stem for path in COUNTRIES.glob("*.toml"))


def settled_in(base: Raw, own: Raw) -> Raw:
    """Put a scenario's base into the country that the scenario names; unchanged if it names none."""
    if "country" not in own.data:
        return base
    spot, named = finder(own)(("country",)), own.data["country"]
    if not isinstance(named, str):
        raise InputError(f"{spot}: {worded(('country',), named, 'must be the name of a country or of its file')[1]}")
    country = layer(_file(spot, named))
    left = {key: value for key, value in base.data.items() if key not in (*ECONOMY, "country")}
    left["parameters"] = own_parameters(base.data)
    if isinstance(calendar := base.data.get("calendar"), dict):
        left["calendar"] = {key: value for key, value in calendar.items() if key not in OWN_DAYS}
    return merged(base._replace(data=left), country)


def _file(spot: Spot, named: str) -> Path:
    """Return the file of a country that a scenario names: a path beside the scenario's file, or a shipped name."""
    if named.endswith(".toml"):
        return spot.file.parent / named
    if named in names():
        return COUNTRIES / f"{named}.toml"
    raise InputError(
        f"{spot}: {worded(('country',), named, 'unknown country')[1]}{nearest(named, names())}; "
        'one of your own is named by its file, as in "my_country.toml"'
    )


def layer(path: Path) -> Raw:
    """Read a country file as a part of a scenario, the country itself as a table; ``InputError`` lists its mistakes."""
    document = read(path, "country")
    whole = unmerged(document)
    data = {key: value for key, value in whole.data.items() if key != "name"}
    file = as_model(CountryFile, document, data)
    if mistakes := list(_mistakes(file)):
        raise refused(document, mistakes)
    READ[file.title] = {"en": file.title, "zh": file.title_zh or file.title}
    READ.update({name: each.model_dump() for name, each in file.words.items() if name == file.currency})
    country = {
        "name": path.stem, "title": file.title, "title_zh": file.title_zh, "currency": file.currency,
        "words": {name: words.model_dump() for name, words in file.words.items()},
        "cities": tuple(file.population.cities),
        "industries": tuple((name, tuple(file.roles[name].items())) for name in file.population.industries),
        "parameters": file.parameters,
    }  # fmt: skip
    return whole._replace(data={key: data[key] for key in ECONOMY if key in data} | {"country": country})


def _mistakes(file: CountryFile) -> Iterator[tuple[KeyPath, str]]:
    """Find inconsistencies in a country file."""
    industries, cities = file.population.industries, file.population.cities
    for name in industries.keys() - file.roles.keys():
        yield worded(("roles", name), None, f"is missing: the shares of roles in the industry '{name}'")
    for name in file.roles.keys() - industries.keys():
        yield worded(("roles", name), name, f"unknown industry{hint(name, industries)}")
    for name, mix in file.roles.items():
        if not math.isclose(total := math.fsum(mix.values()), 1.0, abs_tol=1e-6):
            yield worded(("roles", name), None, f"shares of roles add up to {total:g} and not to 1")
    for name in sorted(cities.keys() & industries.keys()):
        yield worded(("population", "cities", name), name, "is the name of an industry, too")
    for name in file.words.keys() - cities.keys() - industries.keys() - {file.currency}:
        yield worded(("words", name), name, f"no such name{hint(name, [*cities, *industries, file.currency])}")


def priced(raw: Raw) -> tuple[Raw, list[tuple[Spot, str]]]:
    """Read amounts of levers in the currency of the scenario's country, as in ``fine_euro``; others are mistakes."""
    country = raw.data.get("country", {})
    currency = country.get("currency", YUAN)
    levers = raw.data.get("levers", ())
    if currency == YUAN or not isinstance(levers, tuple):
        return raw, []
    find, where, found, changed = finder(raw), dict(raw.where), [], []
    for number, lever in enumerate(levers):
        new = {}
        for key, value in lever.items() if isinstance(lever, dict) else ():
            path: KeyPath = ("levers", number, key)
            if YUAN in key.split("_"):
                text = f"amounts of {country['title']} are in {currency}: {in_currency(key, currency)}"
                found.append((find(path), worded(find(path).keys or path, value, text)[1]))
            new[inner := in_currency(key, YUAN, currency)] = value
            if inner != key:
                where["levers", number, inner] = find(path)._replace(keys=find(path).keys or path)
        changed.append(new if isinstance(lever, dict) else lever)
    return raw._replace(data=raw.data | {"levers": tuple(changed)}, where=where), found


def own_parameters(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a scenario that are not those of its country."""
    parameters, country = data.get("parameters"), (data.get("country") or {}).get("parameters", {})
    if not isinstance(parameters, Mapping):
        return {}
    return {key: value for key, value in parameters.items() if country.get(key) != value}


def in_currency(name: str, currency: str, before: str = YUAN) -> str:
    """Return the name of an amount in another currency, as in ``wage_euro``; other names are returned unchanged.

    Amounts of levers, of addresses in sweeps and of stored columns end with their currency.
    """
    return "_".join(currency if part == before else part for part in name.split("_"))


def amounts(lever: Mapping[str, Any]) -> list[str]:
    """List the amounts of money that a lever has."""
    return [key for key, value in lever.items() if YUAN in key.split("_") and value]
