"""Days off and make-up working days of a country, by the package ``holidays``: nothing is fetched.

In some countries the government sets each year which days are taken off together and on which weekends people make up
for them. Until that is published, statutory holidays alone are known.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache, partial
from typing import Any, NamedTuple

from sim.core.errors import InputError, nearest

SATURDAY = 5  # weekday


class Dates(NamedTuple):
    """Dates on which a country's working days differ from the usual week, each list in order."""

    holidays: tuple[date, ...]  # days off from Monday to Friday, and statutory holidays at weekends
    workdays: tuple[date, ...]  # working days at weekends
    statutory: tuple[date, ...]  # statutory holidays


def dates_between(country: str, first: date, last: date, refuse: bool) -> Dates:
    """Collect the dates of a country from ``first`` to ``last``.

    ``country`` is a code of ISO 3166, with that of a part of the country after a dash where the parts differ: ``CN``,
    ``DE-BY``. Raises ``InputError`` for a country or a year that the package does not know, and if ``refuse`` also for
    years whose days off are not published.
    """
    known, published = years_of(country)
    years = range(first.year, last.year + 1)
    span = published if refuse else known
    if unknown := [year for year in years if not span[0] <= year <= span[1]]:
        text = f"days off of {country} are known for {span[0]} to {span[1]}, and not for {unknown[0]}"
        text += f"–{unknown[-1]}" if len(unknown) > 1 else ""
        if span != known and all(known[0] <= year <= known[1] for year in unknown):
            text += '; with unpublished = "statutory" statutory holidays alone are days off in such years'
        raise InputError(text)
    parts = [_year(country, year) for year in years]
    return Dates(
        *(tuple(day for part in parts for day in part[n] if first <= day <= last) for n in range(len(Dates._fields)))
    )


@cache
def _maker(country: str) -> Callable[..., Any]:
    """Return what makes the days off of a country."""
    import holidays  # noqa: PLC0415  (it takes a while)

    code, _, part = country.partition("-")
    parts = holidays.list_supported_countries(include_aliases=False)
    if code not in parts:
        forms = (code.upper(), code.title().replace(" ", ""))  # as of South Korea
        meant = next(
            (found for form in forms if (found := getattr(getattr(holidays, form, None), "country", ""))), code
        )
        raise InputError(f"unknown country '{code}'{nearest(meant, parts)}; a code of ISO 3166, as in CN or DE-BY")
    if part and part not in parts[code]:
        raise InputError(
            f"unknown part '{part}' of {code}{nearest(part, parts[code]) if parts[code] else ': it has none'}"
        )
    return partial(holidays.country_holidays, code, subdiv=part or None)


@cache
def years_of(country: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the first and last year whose holidays are known, and those whose days off are published."""
    found = _maker(country)()
    known = (found.start_year, found.end_year)
    if not found.has_substituted_holidays:
        return known, known
    special = [year for year in found.special_public_holidays if isinstance(year, int)]
    return known, (min(special), max(special))


@cache
def _year(country: str, year: int) -> Dates:
    """Collect the dates of one year."""
    make = _maker(country)
    found, lawful = make(years=year), make(years=year, observed=False)
    swapped = lawful.tr(lawful.substituted_label).partition("%s")[0] if lawful.has_substituted_holidays else ""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    statutory = tuple(day for day in days if day in lawful and not (swapped and lawful[day].startswith(swapped)))
    off = tuple(day for day in days if not found.is_working_day(day) and (day.weekday() < SATURDAY or day in statutory))
    worked = tuple(day for day in days if found.is_working_day(day) and day.weekday() >= SATURDAY)
    return Dates(off, worked, tuple(day for day in statutory if not found.is_working_day(day)))
