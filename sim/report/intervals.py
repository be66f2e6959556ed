"""How reports write intervals: both ends, their marks, what they cover, and what makes them wide."""

from collections.abc import Sequence
from statistics import median

from sim.core.parameter_sets import POINT
from sim.figures.words import bracketed, label, language_in_force, own_title, phrase, sentences, speaking
from sim.report.console import Facts, commas
from sim.report.numbers import parameter_set, share_of, span, unitless, written
from sim.runs.results import country_of
from sim.scenario.countries import HOME, home
from sim.stats.variance import SIGNIFICANCE, exactly_zero, excludes_zero

ENOUGH = 16  # replicates needed to quote the part of an interval that is due to parameters
SURVIVES, BEYOND = "**", "*"


def interval(row: Facts, form: str = "interval", ends: str = "{}", signed: bool = True) -> str:
    """Write the interval of a row by a ``run`` row of words; empty if there is none. ``ends`` is as in ``x_{}``."""
    low, high = (row[ends.format(end)] for end in ("low", "high"))
    if low is None or high is None:
        return ""
    low, high = (written(each, row.get("unit", ""), signed) for each in (low, high))
    return phrase("run", form, low=low, high=high)


def bare_interval(row: Facts, signed: bool = True) -> str:
    """Write an interval whose unit is in the heading, a dash if there is none."""
    if row["low"] is None:
        return "–"
    return span(*(unitless(row[end], row["unit"], signed) for end in ("low", "high")))


def starred(row: Facts, stated: bool, between: str = " ") -> str:
    """Write a change with its mark and, if its table has intervals (``stated``), its interval after ``between``."""
    if row["difference"] is None:
        return "–"
    if exactly_zero(row):
        return "0"
    change = f"{unitless(row['difference'], row['unit'], signed=True)}{stars(row)}"
    return f"{change}{between}[dim]{bare_interval(row)}[/]" if stated else change


def stars(row: Facts) -> str:
    """Return ``**`` if the effect survives Holm's correction, ``*`` if only its own interval excludes zero."""
    if not excludes_zero(row):
        return ""
    return SURVIVES if row["p_holm"] is not None and row["p_holm"] < SIGNIFICANCE else BEYOND


def any_interval(rows: Sequence[Facts]) -> bool:
    """Return whether any row has an interval, not counting those that are exactly zero."""
    return any(row["low"] is not None and not row["low"] == row["high"] == 0 for row in rows)


def parameters_line(about: Facts, replicates: int, points: int = 0) -> str:
    """Write which parameters were used; an empty ``about``, of earlier versions, means the table's values.

    ``points`` is the number of points of a sweep that have draws of their own.
    """
    known = int(about.get("draws") or 0)
    if not known:
        return phrase("interval", "fixed", name=parameter_set(POINT))
    last = min(replicates, known)
    which = phrase("interval", "draw" if last == 1 else "draws", last=f"{last:,}")
    repeated = phrase("interval", "repeated") if replicates > known else ""
    apart = phrase("interval", "each_point" if points == 1 else "each_points", count=points) if points else ""
    facts = {"known": f"{known:,}", "name": parameter_set(about["name"]), "repeated": repeated, "apart": apart}
    return phrase("interval", "drawn", which=which, **facts)


def parameters_drawn(manifest: Facts, intervals: bool = True) -> str:
    """State where a study's parameters came from, and whether intervals cover them; empty if none were drawn."""
    about = manifest.get("uncertainty")
    if about is None:
        return ""
    count = int(manifest.get("replicates") or 1)
    start = sentences((parameters_line(about, count), other_country(manifest)))
    if not intervals:
        return start
    if not about.get("draws"):
        return sentences((start, phrase("interval", "uncovered")))
    few = few_draws(about["draws"], count) or few_replicates(count)
    return sentences((start, phrase("interval", "covered") if count > 1 else "", few))


def other_country(manifest: Facts) -> str:
    """Say which inputs are those of another country; empty for the country of the data."""
    country = country_of(manifest)
    if country.get("name", HOME) == HOME:
        return ""
    with speaking(language_in_force(), country):
        hours = [
            bracketed(name, label("group", industry))
            for industry, own in country["hours"].items() for name, value in own.items() if value is not None
        ]  # fmt: skip
    own = commas([*sorted(country["parameters"]), *hours]) or "–"
    about = {"home": own_title(home().model_dump()), "country": own_title(country)}
    return phrase("interval", "elsewhere", own=own, **about)


def few_replicates(count: int) -> str:
    """Warn that a number of replicates is too low for the part of parameters; empty if it is not."""
    if count == 1:
        return phrase("interval", "single")
    return phrase("interval", "few", count=count, enough=ENOUGH) if count < ENOUGH else ""


def few_draws(known: int, count: int) -> str:
    """Warn that a set has few draws, which more replicates only repeat; empty if it has enough."""
    few = known < min(count, ENOUGH)
    return phrase("interval", "few_draws", known=known, count=count, enough=ENOUGH) if few else ""


def widths(rows: Sequence[Facts]) -> str:
    """State the median shares of chance and parameters in the widths of intervals; empty if these are unknown."""
    shares = [
        (row["half_chance"] / half, row["half_parameters"] / half)
        for row in rows
        if row.get("half_parameters") is not None and (half := (row["high"] - row["low"]) / 2) > 0
    ]
    if not shares:
        return ""
    chance, parameters = (share_of(min(median(part), 1.0)) for part in zip(*shares, strict=True))
    return phrase("interval", "widths", chance=chance, parameters=parameters)
