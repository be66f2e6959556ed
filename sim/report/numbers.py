"""How reports write names, numbers with their units, and intervals, in the current language."""

import re
from collections.abc import Callable, Sequence

from rich.markup import escape

from sim import outcomes
from sim.core.parameter_sets import OVER
from sim.evidence.observables import DIFFERENCES
from sim.figures import words
from sim.figures.numerals import GOOD, below, decimals_until, number
from sim.figures.words import has_name, label, own_titles, percent, phrase
from sim.report.console import Facts, english
from sim.stats.ranks import whole_percent

NAMELESS = ("0..1", "ratio", "share", "")  # units that say nothing after a number


def observable(name: str) -> str:
    """Write the name of an observable: in English as the table has it, with spaces."""
    return label("observable", name) if not english() and has_name("observable", name) else name.replace("_", " ")


def full_name(outcome: str) -> str:
    """Write an outcome's full name at the start of a sentence."""
    text = label("headline" if has_name("headline", outcome) else "outcome", outcome)
    return text[:1].upper() + text[1:]


def name_of(kind: str, name: str) -> str:
    """Write a name: in English as commands and tables have it."""
    return name if english() else label(kind, name)


def world(name: str) -> str:
    """Write the name of a scenario in a row or a list."""
    return name_of("scenario", name)


def parameter_set(name: str) -> str:
    """Write the name of a parameter set: in English as commands take it."""
    if later := None if english() else re.fullmatch(r"(.+) from draw (\d+) on", name):
        return phrase("search", "later", name=parameter_set(later[1]), first=later[2])
    own = english() and OVER not in name
    return name if own or not (OVER in name or has_name("reading", name)) else label("reading", name)


def title_of(manifest: Facts, scenario: str) -> str:
    """Return the title of a scenario; its short name if the manifest, of a run or of several, has none."""
    run = {manifest.get("counterfactual"): manifest.get("resolved_counterfactual")}
    run |= {manifest.get("scenario"): manifest.get("resolved")}
    return own_titles(manifest.get("titles", run)).get(scenario) or label("scenario", scenario)


def cited(manifest: Facts, *scenarios: str) -> str:
    """Name scenarios in a sentence by their titles, as markup."""
    return escape(words.cited(title_of(manifest, name) for name in scenarios))


def unit_name(unit: str) -> str:
    """Write a unit in the current language; a user's own unit stays as it is."""
    return label("unit", unit) if has_name("unit", unit) else unit


def in_brackets(name: str, unit: str) -> str:
    """Write the name of a quantity with its unit, as markup; shares have no unit in brackets."""
    shown = f"({unit_name(unit)})" if english() else unit_name(unit)  # a Chinese bracket may end up on the next line
    return name if unit == "share" else f"{name} [dim]{shown}[/]"


def unit_in_head(unit: str, change: bool) -> str:
    """Write a unit for the heading of a column of levels or changes; shares are in per cent or points."""
    return label("unit", "pp" if change else "share") if unit == "share" else unit_name(unit)


def written(value: float | None, unit: str, signed: bool = False) -> str:
    """Write a number as ``sim.outcomes.written`` does, with the signs of the language in force."""
    text = outcomes.written(value, unit, signed)
    if english():
        return text
    if text.endswith(" bn"):  # 亿, the tenth of a billion
        billions = text.removesuffix(" bn").replace(",", "").replace("−", "-")
        amount, decimals = 10 * float(billions), max(len(billions.partition(".")[2]) - 1, 0)
        return minus(f"{amount:{'+' if signed else ''},.{decimals}f} 亿")
    return text.replace(" %", "%").replace(" pp", f" {label('unit', 'pp')}")


def unitless(value: float | None, unit: str, signed: bool = False) -> str:
    """Write a number whose unit is in the heading."""
    return written(value, unit, signed).removesuffix("%").removesuffix(label("unit", "pp")).rstrip()


def with_unit(value: float | None, unit: str, signed: bool = False) -> str:
    """Write a number with its unit."""
    return written(value, unit, signed) + ("" if unit in NAMELESS else f" {unit_name(unit)}")


def size(value: float | None, unit: str) -> str:
    """Write the size of a difference without its sign; a share is in points."""
    return written(value, unit, signed=True).lstrip("+−")


def measured(name: str, value: float | None, unit: str) -> str:
    """Write a value of an observable; differences have a sign, and those of shares are in points."""
    return written(value, unit, signed=name in DIFFERENCES)


def span(low: object, high: object) -> str:
    """Write a range from both of its ends."""
    return phrase("text", "range", low=low, high=high)


def band(low: float | None, high: float | None, write: Callable[[float], str]) -> str:
    """Write the band that counts as agreement, which may be open on one side; a dash if there is none."""
    if low is None or high is None:
        return f"≥ {write(low)}" if low is not None else f"≤ {write(high)}" if high is not None else "–"
    return span(write(low), write(high))


def share_of(share: float | None) -> str:
    """Write a share in whole per cent, where 0 and 100 are exact; a missing one is a dash."""
    return "–" if share is None or share != share else percent(minus(whole_percent(share)))  # noqa: PLR0124  (unknown)


def distinct_decimals(value: float, ends: Sequence[float], decimals: int) -> int:
    """Add decimals until a value is not written as an end of an interval that it is not."""
    others = [end for end in ends if end != value]
    return decimals_until(decimals, lambda n: number(value, n) in [number(end, n) for end in others])


def explained_share(share: float) -> str:
    """Write the share of variance that an emulator explains, never rounded up to the least share accepted."""
    return minus(f"{share:.{below(share, GOOD, 2)}f}")


def minus(text: str) -> str:
    """Put the minus sign in place of hyphens."""
    return text.replace("-", "−")
