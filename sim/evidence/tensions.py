# ruff: noqa: E501  (a table: one tension, one row)
"""Tensions: contradictions between figures of the report and other sources, independent of the model."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from sim.core.units import YEAR_DAYS
from sim.evidence.observed import Observed
from sim.evidence.targets import Role
from sim.files.shipped import CALIBRATION
from sim.files.toml import read
from sim.files.validation import Entry
from sim.scenario.inheritance import as_model, frozen


class Claim(Entry):
    """A numerical claim of the report, with its role in each set of targets."""

    id: str
    section: str
    says: str
    value: float | None = None
    unit: str = ""
    report: Role
    audited: Role
    surveyed: Role
    confidence: str
    reason: str = ""


class Fact(Entry):
    """A figure from another source, used by the tensions."""

    name: str
    value: float
    unit: str
    source: str


class Claims(Entry):
    """The contents of ``calibration/claims.toml``."""

    claim: tuple[Claim, ...]
    fact: tuple[Fact, ...]


def load_claims() -> Claims:
    """Load all claims, with the facts from other sources that the tensions need."""
    document = read(CALIBRATION / "claims.toml")
    return as_model(Claims, document, frozen(document.data))


def tensions(observed: Mapping[str, Observed] | None = None) -> pl.DataFrame:
    """List contradictions, each with a distance that no parameter can close.

    The distance is 0 if both figures can be true and null if they have no common unit. ``observed`` adds the value of
    the model, null for a row whose observables it does not all contain.
    """
    listed = load_claims()
    c = {claim.id: claim.value for claim in listed.claim if claim.value is not None}
    f = {fact.name: fact.value for fact in listed.fact}
    seen = {name: shown.value for name, shown in (observed or {}).items()}
    day = 60 * f["workday"]
    breaks = day / c["C51"] / 2  # a message takes a person away and back: two changes of task
    least = 10 * c["C27"]
    overtime = f["weekly_hours"] - f["contract_week"]
    all_year = overtime * f["weeks_year"]
    recorded = max(all_year - c["C13"], 0.0)
    saved = recorded / (1 + c["C66"]) - recorded
    classes = [seen[name] for name in ("overtime_2_to_3h", "overtime_above_3h") if name in seen]
    above_2h = sum(classes) if len(classes) == 2 else None
    burnt, worn = seen.get("share_burnt_out"), seen.get("share_exhausted")
    beyond = None if burnt is None or worn is None else max(burnt - worn, 0.0)
    within = (c["C65"] + breaks * f["resume_seconds"] / 60) / day
    left = (c["C64"] * day - c["C65"]) * 60 / breaks
    lost = c["C64"] + c["C65"] / day - c["C50"] - c["C52"]
    mean = f["contract_week"] + least
    rows = [
        _row("C13, C27", "78 % above 10 h a week make at least this much overtime; 320 h are the hidden part or all of it",
             least * f["weeks_year"], c["C13"], "h/year", seen.get("total_overtime_year")),
        _row("C27, 51job", "above 10 h of overtime a week, against above 2 h a day in a large survey",
             c["C27"], f["job51_above_2h"], "share", above_2h),
        _row("C27, weekly hours", "mean week that 78 % above 10 h need at least, against the official mean: just possible",
             mean, f["weekly_hours"], "h/week", seen.get("weekly_hours"), max(mean - f["weekly_hours"], 0.0)),
        _row("C13, 51job", "hidden overtime against all overtime: what is left is all that may be recorded",
             c["C13"], f["job51_mean"], "h/year", seen.get("hidden_overtime_year"), max(c["C13"] - f["job51_mean"], 0.0)),
        _row("weekly hours, 51job", "overtime in official weekly hours, against the survey's classes",
             all_year, f["job51_mean"], "h/year", seen.get("total_overtime_year")),
        _row("C28, C33", "burnt out, against exhausted, of which burnout should be a part; in the model, what is beyond", c["C28"], c["C33"], "share", beyond),
        _row("C28, C34", "burnt out among all, against the group said to be at high risk", c["C28"], c["C34"], "share"),
        _row("C51, C64, C65", "share of the day for 120 min of messages and for getting back after each, against 30 %",
             within, c["C64"], "share", seen.get("coordination_share")),
        _row("C51, C64, C65", "time to get back that 30 % leaves per interruption, against the time measured",
             left, f["resume_seconds"], "s"),
        _row("C50, C52, C64, C65", "share of working time lost if the report's losses were added, against all there is",
             lost, 1.0, "share"),
        _row("C13, C14", "320 h as workdays: as reported, against days of 8 h", c["C14"], c["C13"] / f["workday"], "days"),
        _row("C11, C17, C30", "uses of the figure 83 % for different things, against one measurement", 3.0, 1.0, "uses"),
        _row("C13, C66", "recorded hours that the tool saves, against hidden hours that it is blamed for (official weeks)",
             saved, c["C13"], "h/year"),
        _row("C12, 51job", "hidden overtime by expectation, against overtime by pressure of peers in a survey",
             c["C12"], f["involution_reason"], "share", seen.get("obligated_share")),
        _row("C15", "firms that pay hidden overtime, against another survey",
             c["C15"], f["firms_pay_maimai"], "share"),
        _row("C20", "risk of anxiety, against the largest in the nearest real studies",
             1 + c["C20"], f["anxiety_risk_found"], "ratio", seen.get("anxious_risk_ratio")),
        _row("C36", "paths from messages to the couple: as reported, against found in the paper", 1.0, 2.0, "paths"),
        _row("C47", "work groups of one employee, against the median of a survey", c["C47"], f["groups_median"], "groups"),
        _row("C06, C07", "revenue that the paying customers would make, against that of the whole company",
             c["C06"] * c["C07"] * 5e5, f["tencent_revenue"], "yuan/year"),
        _row("C23, C25", "deaths a year, against one per 8 minutes", c["C23"], YEAR_DAYS * 1440 / c["C25"], "deaths/year"),
        _row("C45", "largest Australian fine: as reported, against the law", c["C45"], f["australian_fine"], "A$"),
        _row("C62, C63", "training of a person, twice in one sentence", c["C62"], c["C63"], "yuan"),
        _row("C70", "six million sessions, later called customers: no common unit", c["C70"], c["C70"], "sessions", distance=np.nan),
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_TENSIONS, orient="row").with_columns(pl.col(pl.Float64).fill_nan(None))


_TENSIONS = {
    **dict.fromkeys(("claims", "tension"), pl.String),
    **dict.fromkeys(("first", "second", "distance"), pl.Float64),
    **{"unit": pl.String, "observed": pl.Float64},
}


def _row(
    claims: str, text: str, first: float, second: float, unit: str,
    observed: float | None = None, distance: float | None = None,
) -> tuple[object, ...]:  # fmt: skip
    """Make a row; by default, the distance is computed from the figures, and NaN stands for none."""
    return claims, text, first, second, abs(first - second) if distance is None else distance, unit, observed
