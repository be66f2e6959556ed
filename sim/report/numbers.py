"""How reports write names, numbers with their units, and intervals."""

from collections.abc import Mapping
from typing import Any

from sim.core.parameters import ROWS
from sim.outcomes import written

NAMES = {
    "share_burnt_out": "Burnout, share above the cut-off",
    "exhaustion": "Exhaustion",
    "recorded_overtime": "Recorded overtime",
    "latent_overtime": "Latent overtime, on no record",
    "hidden_overtime": "Hidden overtime, by messages",
    "output_per_hour": "Output per hour worked",
    "output_per_paid_hour": "Output per paid hour",
    "output_per_contract_hour": "Output per contract hour",
    "waiting": "Waiting for an answer",
}
CHANNEL_NAMES = {
    "im": "instant messages",
    "group": "group chats",
    "mail": "mail",
    "tool": "project tool",
    "call": "calls",
    "shadow": "private messengers",
    "talk": "talk in person",
}


LAPSE = (
    "Output and efficiency depend on lapse_share, which nobody knows: of the orders that a rule keeps back, the share "
    "that is never given. The table has {value:g}, in a range of {low:g} to {high:g}; see docs/reading-results.md."
).format_map(ROWS["lapse_share"]._asdict())  # said with every result on efficiency


def spoken(name: str) -> str:
    """Write the name of a column as words."""
    return name.replace("_", " ")


def named(outcome: str) -> str:
    """Write an outcome's full name at the start of a sentence."""
    return NAMES.get(outcome, spoken(outcome))


def unit_in_head(unit: str, change: bool) -> str:
    """Write a unit for the heading of a column of levels or changes; shares are in per cent or points."""
    return ("pp" if change else "%") if unit == "share" else unit


def bare(value: float | None, unit: str, signed: bool = False) -> str:
    """Write a number whose unit is in the heading."""
    return written(value, unit, signed).removesuffix(" %").removesuffix(" pp")


def with_unit(value: float | None, unit: str, signed: bool = False) -> str:
    """Write a number with its unit."""
    return written(value, unit, signed) + ("" if unit in ("share", "ratio", "") else f" {unit}")


def size(value: float, unit: str) -> str:
    """Write the size of a difference without its sign and unit; a share is in points."""
    return written(abs(value), unit, signed=True).removeprefix("+")


def interval(row: Mapping[str, Any], form: str = " ({} to {})", ends: str = "{}", signed: bool = True) -> str:
    """Write the interval of a row into ``form``; empty if there is none. ``ends`` names its columns, as in ``x_{}``."""
    low, high = (row[ends.format(end)] for end in ("low", "high"))
    if low is None or high is None:
        return ""
    return form.format(*(written(each, row.get("unit", ""), signed) for each in (low, high)))


def bare_interval(row: Mapping[str, Any], signed: bool = True) -> str:
    """Write an interval whose unit is in the heading, a dash if there is none."""
    if row["low"] is None:
        return "–"
    return " to ".join(bare(row[end], row["unit"], signed) for end in ("low", "high"))


def percent(share: float | None) -> str:
    """Write a share in whole per cent, a missing one as a dash."""
    return "–" if share is None else f"{100 * share:.0f} %"


def minus(text: str) -> str:
    """Put the minus sign in place of hyphens."""
    return text.replace("-", "−")
