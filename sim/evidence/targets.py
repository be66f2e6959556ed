# ruff: noqa: E501  (two tables: one observable or tension, one row)
"""Targets: what surveys and the report say, held against what the model shows, and where they contradict each other.

The targets are data, in ``calibration/``: two readings of the evidence (``report``, ``audited``), and the whole list of
the report's numeric claims with what is done with each. Here stands what is computed for a target: an *observable*,
from the same sums over person-weeks as the outcomes, over all firms and all weeks after the warm-up.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sim.errors import InputError, ResultsError, nearest
from sim.evidence.traffic import QUANTITIES, Scope, measure
from sim.outcomes import (
    AFTER_MINUTES,
    AT_WORK,
    BY_NAME,
    KEYS,
    MESSAGES,
    ONE,
    OVERTIME,
    WORKDAYS,
    WORKED,
    YEAR,
    Outcome,
    Tables,
    column,
    firm_sums,
    fixed,
    half_width,
    leave_one_out,
    person_weeks,
    pulls,
    split,
    written,
)
from sim.tomlfile import Document, place, read

CALIBRATION = Path(__file__).resolve().parents[2] / "calibration"
SETS = ("report", "audited")
NO_OVERTIME = 5.0  # minutes a workday that a respondent would call none
Role = Literal["calibrated", "cutoff", "checked", "input", "accounting", "not_used"]


class Entry(BaseModel):
    """A table of a calibration file: unchangeable, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Target(Entry):
    """One figure to be held against the model."""

    observable: str
    claims: tuple[str, ...] = ()
    value: float | None = None
    low: float | None = None
    high: float | None = None
    error: float | None = Field(None, gt=0)  # one sd of sampling, or a tolerance
    discrepancy: float = Field(0.0, ge=0)  # one sd: how far the model itself may be off
    weight: float = Field(1.0, gt=0)  # as how much of an independent figure it counts when it is fitted
    role: Role
    population: str = ""
    section: str = ""
    source: str = "report"
    confidence: str
    note: str = ""


class Log(Entry):
    """How the message log was looked at from which figures were taken; see ``sim.evidence.traffic.Scope``."""

    channels: tuple[Literal["im", "group", "mail", "tool", "call", "shadow"], ...]
    opening: float = Field(ge=0, le=24)
    closing: float = Field(ge=0, le=24)
    threads: bool
    by_channel: bool
    ranks: bool

    @property
    def scope(self) -> Scope:
        """The same, as it is used."""
        return Scope(**self.model_dump())


class TargetSet(Entry):
    """One reading of the evidence, or of an organisation's own message log."""

    name: str
    title: str
    log: Log | None = None
    target: tuple[Target, ...]


class Claim(Entry):
    """One numeric claim of the report, and what each reading does with it."""

    id: str
    section: str
    says: str
    value: float | None = None
    unit: str = ""
    report: Role
    audited: Role
    confidence: str
    reason: str = ""


class Fact(Entry):
    """A figure from outside the report that a tension needs."""

    name: str
    value: float
    unit: str
    source: str


class Claims(Entry):
    """The whole list of claims."""

    claim: tuple[Claim, ...]
    fact: tuple[Fact, ...]


class Observable(NamedTuple):
    """What is computed for a target: a ratio of sums, or two of them set against each other."""

    unit: str
    definition: str
    numerator: pl.Expr
    denominator: pl.Expr
    against: tuple[pl.Expr, pl.Expr] | None = None
    how: Literal["", "ratio", "relative", "difference"] = ""
    world: str = ""  # world of the first ratio, if not the one that is looked at
    other_world: str = ""  # world of the second


def _share(condition: pl.Expr, among: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Make the share of person-weeks that meet a condition, among some."""
    return (condition & among).cast(pl.Float64), among.cast(pl.Float64)


def _of(name: str, among: pl.Expr | None = None) -> tuple[pl.Expr, pl.Expr]:
    """Take an outcome's ratio, perhaps among some person-weeks only."""
    outcome = BY_NAME[name]
    if among is None:
        return outcome.numerator, outcome.denominator
    part = among.cast(pl.Float64)
    return outcome.numerator * part, outcome.denominator * part


def _users(name: str, third: str) -> tuple[tuple[pl.Expr, pl.Expr], tuple[pl.Expr, pl.Expr]]:
    """Take an outcome among the highest and the lowest third of people."""
    return _of(name, pl.col(third) == 2), _of(name, pl.col(third) == 0)


def _observables() -> dict[str, Observable]:
    """List what can be computed for a target.

    Returns
    -------
    dict[str, Observable]
        By the name that the files of targets use.
    """
    service = pl.col("role") == "sales_service"
    teacher = (pl.col("role") == "teacher") & AT_WORK
    internet = pl.col("industry") == "internet"
    manager = pl.col("is_manager").cast(pl.Boolean)
    staff = ~manager & AT_WORK
    daily = pl.when(WORKDAYS > 0).then(OVERTIME / WORKDAYS)
    hidden, recorded = BY_NAME["hidden_overtime"], BY_NAME["recorded_overtime"]
    anxious, rested = _users("share_anxious", "after_third"), _users("sleep_minutes", "after_third")
    torn, enriched = _users("conflict", "after_third"), _users("enrichment", "after_third")
    broken = _users("output_per_paid_hour", "interruption_third")
    thirds = "the third of people with most after-hours minutes against the third with fewest, nothing held constant"
    classes = {
        "overtime_none": (daily < NO_OVERTIME, "less than 5 minutes, which nobody would report"),
        "overtime_below_1h": ((daily >= NO_OVERTIME) & (daily < 60), "less than 1 h"),
        "overtime_1_to_2h": ((daily >= 60) & (daily < 120), "1 to 2 h"),
        "overtime_2_to_3h": ((daily >= 120) & (daily < 180), "2 to 3 h"),
        "overtime_above_3h": (daily >= 180, "3 h and more"),
    }
    same = ("after_hours_share", "long_week_share", "share_burnt_out", "share_exhausted", "share_anxious",
            "switch_interval", "message_minutes", "coordination_share")  # fmt: skip
    week = "overtime per workday, as the mean of the week: "
    return {
        **{name: Observable(BY_NAME[name].unit, BY_NAME[name].definition, *_of(name)) for name in same},
        **{name: Observable("share", week + text, *_share(mask, AT_WORK)) for name, (mask, text) in classes.items()},
        "hidden_overtime_year": Observable(
            "h/year", "message work outside hours, away from the office, per person", YEAR * hidden.numerator, ONE
        ),
        "total_overtime_year": Observable(
            "h/year", "all overtime per person, recorded and latent", YEAR * OVERTIME / 60, ONE
        ),
        "weekly_hours": Observable(
            "h/week", "hours worked, in weeks with work", WORKED / 60 * AT_WORK.cast(pl.Float64), AT_WORK.cast(pl.Float64)
        ),
        "daily_orders_share": Observable(
            "share", "staff who get as many after-hours requests as they have workdays in the week",
            *_share(column("after_requests") >= WORKDAYS, staff),
        ),
        "share_exhausted_service": Observable("share", "above the cut-off, sales and service", *_of("share_exhausted", service)),
        "exhausted_ratio_service": Observable(
            "ratio", "exhausted in sales and service, over all",
            *_of("share_exhausted", service), _of("share_exhausted"), "ratio",
        ),
        "obligated_share": Observable(
            "share", "of message work outside hours, what would not have been done without the expectation",
            column("obligated_minutes"), column("obligated_minutes") + column("chosen_minutes"),
        ),
        "hidden_overtime_without_expectation": Observable(
            "relative", "message work outside hours in a world without expectations, against this one",
            hidden.numerator, ONE, (hidden.numerator, ONE), "relative", world="no_expectation",
        ),
        "recorded_overtime_with_tool": Observable(
            "relative", "recorded overtime here, against the world without instant messaging",
            recorded.numerator, ONE, (recorded.numerator, ONE), "relative", other_world="no_instant_messaging",
        ),
        "anxious_risk_ratio": Observable("ratio", f"share above the anxiety cut-off, {thirds}", *anxious[0], anxious[1], "ratio"),
        "sleep_of_heavy_users": Observable("relative", f"minutes of sleep, {thirds}", *rested[0], rested[1], "relative"),
        "conflict_of_heavy_users": Observable("0..1", f"work-family conflict, {thirds}", *torn[0], torn[1], "difference"),
        "enrichment_of_heavy_users": Observable("0..1", f"enrichment, {thirds}", *enriched[0], enriched[1], "difference"),
        "output_under_interruption": Observable(
            "relative", "output per paid hour, the third of people with most interruptions against that with fewest",
            *broken[0], broken[1], "relative",
        ),
        "engineers_sleep": Observable(
            "h/night", "mean sleep of engineers",
            BY_NAME["sleep_minutes"].numerator / 60 * (pl.col("role") == "engineer").cast(pl.Float64),
            7 * (pl.col("role") == "engineer").cast(pl.Float64),
        ),
        "anxious_gap_internet": Observable(
            "share", "share above the anxiety cut-off, internet firms less all others",
            *_of("share_anxious", internet), _of("share_anxious", ~internet), "difference",
        ),
        "teachers_long_messages": Observable(
            "share", "person-weeks of teachers with more than two hours a day in messages",
            *_share(MESSAGES > 120 * WORKDAYS, teacher),
        ),
        "managers_after_hours_ratio": Observable(
            "ratio", "managers with a message outside hours in the week, over staff",
            *_of("after_hours_share", manager), _of("after_hours_share", ~manager), "ratio",
        ),
    }  # fmt: skip


OBSERVABLES: dict[str, Observable] = _observables()
INPUTS = {"belief_share": "share", "pays_share": "share"}
UNITS: dict[str, str] = {
    **{name: shape.unit for name, shape in OBSERVABLES.items()},
    **{name: quantity.unit for name, quantity in QUANTITIES.items()},
}
"""Unit of all that can be computed: from person-weeks (``OBSERVABLES``) and from a message log (``QUANTITIES``)."""
LOG = "log"  # table with all messages of a run, of which no run keeps more than a sample


def load_targets(name: str) -> TargetSet:
    """Read one of the sets of targets.

    Parameters
    ----------
    name : str
        ``report`` or ``audited``, a file of ``calibration/``.

    Returns
    -------
    TargetSet
        The set.

    Raises
    ------
    InputError
        If there is no such set, or with all mistakes of its file, one a line.
    """
    if name not in SETS:
        raise InputError(f"unknown set of targets '{name}'{nearest(name, SETS)}")
    return check_targets(CALIBRATION / f"{name}.toml")


def check_targets(path: Path) -> TargetSet:
    """Read a file of targets and check it.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    TargetSet
        The set.

    Raises
    ------
    InputError
        With all mistakes of the file, one a line.
    """
    document = read(path)
    found = _validated(TargetSet, document)
    mistakes = []
    for number, target in enumerate(found.target):
        known = INPUTS if target.role == "input" else UNITS
        if target.observable not in known:
            line = place(document.lines, ("target", number, "observable"))
            hint = nearest(target.observable, known)
            mistakes.append(f"{path.name}:{line}: observable: nothing is called '{target.observable}'{hint}")
        if target.role in ("calibrated", "cutoff") and (target.value is None or target.error is None):
            line = place(document.lines, ("target", number))
            lacking = "value" if target.value is None else "error"
            mistakes.append(f"{path.name}:{line}: {target.observable} is {target.role} and lacks '{lacking}'")
        if target.observable in QUANTITIES and found.log is None:
            line = place(document.lines, ("target", number, "observable"))
            mistakes.append(
                f"{path.name}:{line}: {target.observable} is taken from a message log: the table [log] is missing"
            )
        if target.low is not None and target.high is not None and target.low > target.high:
            line = place(document.lines, ("target", number, "low"))
            mistakes.append(f"{path.name}:{line}: low: {target.low:g} lies above high, {target.high:g}")
    if mistakes:
        raise InputError("\n".join(mistakes))
    return found


def load_claims() -> Claims:
    """Read the list of the report's claims.

    Returns
    -------
    Claims
        All claims, with the facts from elsewhere that the tensions need.
    """
    return _validated(Claims, read(CALIBRATION / "claims.toml"))


def _validated[Kind: Entry](kind: type[Kind], document: Document) -> Kind:
    """Check a document, and report every mistake with its line."""
    try:
        return kind.model_validate(document.data)
    except ValidationError as error:
        lines = [
            f"{document.path.name}:{place(document.lines, detail['loc'])}: "
            f"{'.'.join(str(step) for step in detail['loc'])}: {detail['msg']}"
            for detail in error.errors()
        ]
        raise InputError("\n".join(lines)) from None


class Observed(NamedTuple):
    """An observable's value in a run."""

    value: float  # not a number if the run cannot tell
    half: float  # of the 95 % interval over firms
    missing: str  # name of a world that would be needed


def observe(
    tables: Tables, names: Sequence[str], world: str = "status_quo", log: Log | None = None
) -> dict[str, Observed]:
    """Compute observables over all firms and all weeks after the warm-up.

    Parameters
    ----------
    tables : Tables
        ``person_week``, ``people`` and ``firms`` of one run; it may hold further worlds of the same economy.
    names : Sequence[str]
        Names of observables.
    world : str
        The world that is looked at.
    log : Log | None
        How its message log is looked at, for what is taken from it; the tables need it as ``log``, from
        ``sim.evidence.traffic.simulated``.

    Returns
    -------
    dict[str, Observed]
        By name. The interval says how much other firms of the same kind would differ.

    Raises
    ------
    ResultsError
        If the results lack the world, or their worlds do not have the same firms.
    """
    logged = [name for name in names if name in QUANTITIES]
    if logged:
        rest = [name for name in names if name not in QUANTITIES]
        return _logged(tables, logged, log) | (observe(tables, rest, world) if rest else {})
    frame = _with_thirds(person_weeks(tables))
    there = tables["person_week"].lazy().select(pl.col("world").unique().cast(pl.String))
    worlds = set(there.collect(engine="streaming")["world"])
    if world not in worlds:
        raise ResultsError(f"the results lack the world '{world}'")
    shown = {name: OBSERVABLES[name] for name in names}
    wanted = [(name, part) for name, shape in shown.items() for part in range(2 if shape.against else 1)]
    ratios = [_ratio(f"{name}/{part}", shown[name], part) for name, part in wanted]
    sums = firm_sums(frame, ratios, ("world", "replicate", "firm")).with_columns(pl.col("world").cast(pl.String))
    sides = {}
    for each in worlds:
        mine = sums.filter(pl.col("world") == each).sort("replicate", "firm")
        if mine.height * len(worlds) != sums.height:
            raise ResultsError("the worlds of the results do not have the same firms")
        sides[each] = split(mine, ratios)
    at = {key: number for number, key in enumerate(wanted)}
    found = {}
    for name, shape in shown.items():
        pairs = [(shape.world or world, at[name, 0])]
        if shape.against:
            pairs.append((shape.other_world or world, at[name, 1]))
        missing = next((each for each, _ in pairs if each not in worlds), "")
        if missing:
            found[name] = Observed(np.nan, np.nan, missing)
            continue
        parts = [(sides[each][0][:, [k]], sides[each][1][:, [k]]) for each, k in pairs]
        estimates = [leave_one_out(*part) for part in parts]
        value, without = (_set_against([estimate[side] for estimate in estimates], shape.how) for side in (0, 1))
        half = half_width(pulls(value, without), parts[0][1])
        found[name] = Observed(float(value[0]), float(half[0]), "")
    return found


def _logged(tables: Tables, names: Sequence[str], log: Log | None) -> dict[str, Observed]:
    """Compute what is taken from the message log."""
    if log is None or LOG not in tables:
        return dict.fromkeys(names, Observed(np.nan, np.nan, LOG))
    measured = measure(tables[LOG].lazy().collect(), log.scope).measured()
    return {name: Observed(measured[name].value, measured[name].high - measured[name].value, "") for name in names}


def _ratio(name: str, shape: Observable, part: int) -> Outcome:
    """Take the first or the second ratio of an observable."""
    second = shape.against or (shape.numerator, shape.denominator)
    numerator, denominator = second if part else (shape.numerator, shape.denominator)
    return Outcome(name, "", shape.unit, "", numerator, denominator, shape.definition)


def _set_against(values: list[Any], how: str) -> Any:
    """Set two ratios against each other; a single one stays as it is."""
    if len(values) == 1:
        return values[0]
    if how == "difference":
        return values[0] - values[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = np.where(values[1] == 0, np.nan, values[0] / values[1])
    return quotient - 1.0 if how == "relative" else quotient


def _with_thirds(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add to the person-weeks in which third a person is by after-hours minutes and by interruptions a workday."""
    keys = ("world", *KEYS)
    days = pl.max_horizontal(fixed(WORKDAYS).sum(), 1)
    persons = frame.group_by(keys).agg(
        after_third=fixed(AFTER_MINUTES).sum(), interruption_third=fixed(column("interruptions")).sum() / days
    )
    third = pl.col("after_third", "interruption_third").rank("ordinal").cast(pl.Int64) * 3 - 3
    thirds = persons.sort(keys).with_columns((third // pl.len()).over("world"))
    return frame.join(thirds, on=keys, how="left")


def scorecard(tables: Tables, target_set: TargetSet, world: str = "status_quo") -> pl.DataFrame:
    """Hold a run against a set of targets.

    Parameters
    ----------
    tables : Tables
        ``person_week``, ``people`` and ``firms`` of one run.
    target_set : TargetSet
        From ``load_targets``.
    world : str
        The world that is looked at.

    Returns
    -------
    pl.DataFrame
        One row per target: observable, claims, unit, observed with the half-width of its 95 % interval over firms,
        reported, low, high, tolerance (half of the band), within (null where agreement is not claimed or not known),
        role, weight, confidence, source, note.
    """
    wanted = [target.observable for target in target_set.target if target.role != "input"]
    observed = observe(tables, list(dict.fromkeys(wanted)), world, target_set.log)
    rows = [_scored(target, observed.get(target.observable)) for target in target_set.target]
    return pl.DataFrame(rows, schema=_SCORECARD, orient="row").with_columns(pl.col(pl.Float64).fill_nan(None))


_SCORECARD = {
    "observable": pl.String,
    "claims": pl.String,
    "unit": pl.String,
    "observed": pl.Float64,
    "half_width": pl.Float64,
    "reported": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "tolerance": pl.Float64,
    "within": pl.Boolean,
    "role": pl.String,
    "weight": pl.Float64,
    "confidence": pl.String,
    "source": pl.String,
    "note": pl.String,
}


def _scored(target: Target, observed: Observed | None) -> dict[str, Any]:
    """Score one target."""
    low, high = target.low, target.high
    note = [target.note] if target.note else []
    within = None
    if observed is None:
        note.insert(0, "an input of the model, not a result")
    elif observed.missing == LOG:
        note.insert(0, "needs all messages: see `offhours observe --model`")
    elif observed.missing:
        note.insert(0, f"not simulated here: needs the world '{observed.missing}' beside this one")
    elif target.role == "cutoff":
        note.insert(0, "sets the cut-off: no agreement claimed")
    elif target.role == "not_used":
        note.insert(0, "for comparison only")
    elif not np.isnan(observed.value) and (low is not None or high is not None):
        within = _holds(observed.value, low, high)
    return {
        "observable": target.observable,
        "claims": ", ".join(target.claims),
        "unit": INPUTS[target.observable] if observed is None else UNITS[target.observable],
        "observed": observed.value if observed else None,
        "half_width": observed.half if observed else None,
        "reported": target.value,
        "low": low,
        "high": high,
        "tolerance": (high - low) / 2 if low is not None and high is not None else None,
        "within": within,
        "role": target.role,
        "weight": target.weight,
        "confidence": target.confidence,
        "source": f"report {target.section}" if target.section else target.source,
        "note": "; ".join(note),
    }


def _holds(value: float, low: float | None, high: float | None) -> bool:
    """Tell whether a value lies in a band; where only a sign is asked for, zero has none."""
    if (low, high) in ((0.0, None), (None, 0.0)) and value == 0:
        return False
    return (low is None or value >= low) and (high is None or value <= high)


def tensions(observed: Mapping[str, Observed] | None = None) -> pl.DataFrame:
    """Say where the figures contradict each other, as the distance that no parameter can close.

    Parameters
    ----------
    observed : Mapping[str, Observed] | None
        What a run shows, from ``observe``, to be put beside; all of ``OBSERVABLES`` if every row shall have it.

    Returns
    -------
    pl.DataFrame
        One row per tension: the claims, what is set against what, both numbers, their distance (0 if both can hold, null
        if they have no common unit), the unit, and the observable's value if there is one.
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
    above_2h = _sum(seen, "overtime_2_to_3h", "overtime_above_3h")
    burnt, worn = seen.get("share_burnt_out"), seen.get("share_exhausted")
    beyond = None if burnt is None or worn is None else max(burnt - worn, 0.0)
    rows = [
        ("C13, C27", "78 % above 10 h a week make at least this much overtime; 320 h are the hidden part or all of it",
         least * f["weeks_year"], c["C13"], least * f["weeks_year"] - c["C13"], "h/year", seen.get("total_overtime_year")),
        ("C27, 51job", "above 10 h of overtime a week, against above 2 h a day in a large survey",
         c["C27"], f["job51_above_2h"], c["C27"] - f["job51_above_2h"], "share", above_2h),
        ("C27, weekly hours", "mean week that 78 % above 10 h need at least, against the official mean: just possible",
         f["contract_week"] + least, f["weekly_hours"], max(f["contract_week"] + least - f["weekly_hours"], 0.0),
         "h/week", seen.get("weekly_hours")),
        ("C13, 51job", "hidden overtime against all overtime: what is left is all that may be recorded",
         c["C13"], f["job51_mean"], max(c["C13"] - f["job51_mean"], 0.0), "h/year", seen.get("hidden_overtime_year")),
        ("weekly hours, 51job", "overtime in official weekly hours, against the survey's classes",
         all_year, f["job51_mean"], all_year - f["job51_mean"], "h/year", seen.get("total_overtime_year")),
        ("C28, C33", "burnt out, against exhausted, of which burnout should be a part",
         c["C28"], c["C33"], c["C28"] - c["C33"], "share", beyond),
        ("C28, C34", "burnt out among all, against the group said to be at high risk",
         c["C28"], c["C34"], c["C28"] - c["C34"], "share", None),
        ("C51, C64, C65", "share of the day for 120 min of messages and for getting back after each, against 30 %",
         (c["C65"] + breaks * f["resume_seconds"] / 60) / day, c["C64"],
         (c["C65"] + breaks * f["resume_seconds"] / 60) / day - c["C64"], "share", seen.get("coordination_share")),
        ("C51, C64, C65", "time to get back that 30 % leaves per interruption, against the time measured",
         (c["C64"] * day - c["C65"]) * 60 / breaks, f["resume_seconds"],
         f["resume_seconds"] - (c["C64"] * day - c["C65"]) * 60 / breaks, "s", None),
        ("C50, C52, C64, C65", "share of working time lost if the report's losses were added, against all there is",
         c["C64"] + c["C65"] / day - c["C50"] - c["C52"], 1.0,
         c["C64"] + c["C65"] / day - c["C50"] - c["C52"] - 1.0, "share", None),
        ("C13, C14", "320 h as workdays: as reported, against days of 8 h",
         c["C14"], c["C13"] / f["workday"], c["C14"] - c["C13"] / f["workday"], "days", None),
        ("C11, C17, C30", "uses of the figure 83 % for different things, against one measurement", 3.0, 1.0, 2.0, "uses", None),
        ("C13, C66", "recorded hours that the tool saves, against hidden hours that it is blamed for (official weeks)",
         saved, c["C13"], c["C13"] - saved, "h/year", None),
        ("C12, 51job", "hidden overtime by expectation, against overtime by pressure of peers in a survey",
         c["C12"], f["involution_reason"], c["C12"] - f["involution_reason"], "share", seen.get("obligated_share")),
        ("C15", "firms that pay hidden overtime, against another survey",
         c["C15"], f["firms_pay_maimai"], f["firms_pay_maimai"] - c["C15"], "share", None),
        ("C20", "risk of anxiety, against the largest in the nearest real studies",
         1 + c["C20"], f["anxiety_risk_found"], 1 + c["C20"] - f["anxiety_risk_found"], "ratio", seen.get("anxious_risk_ratio")),
        ("C36", "paths from messages to the couple: told, against found in the paper", 1.0, 2.0, 1.0, "paths", None),
        ("C47", "work groups of one employee, against the median of a survey",
         c["C47"], f["groups_median"], c["C47"] - f["groups_median"], "groups", None),
        ("C06, C07", "revenue that the paying customers would make, against that of the whole company",
         c["C06"] * c["C07"] * 5e5, f["tencent_revenue"], c["C06"] * c["C07"] * 5e5 - f["tencent_revenue"], "yuan/year", None),
        ("C23, C25", "deaths a year, against one per 8 minutes",
         c["C23"], 365 * 1440 / c["C25"], c["C23"] - 365 * 1440 / c["C25"], "deaths/year", None),
        ("C45", "largest Australian fine: as reported, against the law",
         c["C45"], f["australian_fine"], c["C45"] - f["australian_fine"], "A$", None),
        ("C62, C63", "training of a person, twice in one sentence", c["C62"], c["C63"], c["C63"] - c["C62"], "yuan", None),
        ("C70", "six million sessions, later called customers: no common unit", c["C70"], c["C70"], None, "sessions", None),
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_TENSIONS, orient="row").with_columns(pl.col(pl.Float64).fill_nan(None))


_TENSIONS = {
    "claims": pl.String,
    "tension": pl.String,
    "first": pl.Float64,
    "second": pl.Float64,
    "distance": pl.Float64,
    "unit": pl.String,
    "observed": pl.Float64,
}


def _sum(values: Mapping[str, float], *names: str) -> float | None:
    """Add values, if all are known."""
    return sum(values[name] for name in names) if values.keys() >= set(names) else None


NOTES_BESIDE = 130  # columns that a terminal needs to show the notes in the table
_MARKS = {True: "[green]yes[/]", False: "[red]no[/]", None: "–"}
_HEADINGS = {
    "calibrated": "Calibrated: parameters were moved towards these",
    "cutoff": "Cut-offs: agreement is made, not found",
    "checked": "Checked: compared, never tuned on",
    "input": "Inputs",
    "not_used": "Not used: for comparison only",
}


def print_scorecard(
    console: Console, frame: pl.DataFrame, title: str = "", pulling: pl.DataFrame | None = None
) -> None:
    """Print the table of targets, and below it the tensions.

    Parameters
    ----------
    console : Console
        Where to print.
    frame : pl.DataFrame
        From ``scorecard``.
    title : str
        What was held against what.
    pulling : pl.DataFrame | None
        From ``tensions``.
    """
    wide = console.width >= NOTES_BESIDE
    table = Table(
        "observable",
        "observed",
        "± 95 %",
        "reported",
        "band",
        "within",
        *["note"] * wide,
        title=title or None,
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for head in table.columns[1:5]:
        head.justify = "right"
        head.no_wrap = True
    for role, heading in _HEADINGS.items():
        rows = frame.filter(pl.col("role") == role).to_dicts()
        if rows:
            table.add_section()
            table.add_row(f"[bold]{heading}[/]")
        for row in rows:
            unit = row["unit"]
            numbers = (written(row[key], unit) for key in ("observed", "half_width", "reported"))
            band, mark = _band(row["low"], row["high"], unit), _MARKS[row["within"]]
            name = row["observable"].replace("_", " ")
            table.add_row(
                name if unit == "share" else f"{name} [dim]{unit}[/]",
                *numbers,
                band,
                mark,
                *[escape(row["note"])] * wide,
            )
    console.print(table)
    for row in frame.filter(pl.col("note") != "").to_dicts() if not wide else ():
        console.print(f"{row['observable'].replace('_', ' ')}: {row['note']}", markup=False, highlight=False)
    scored = frame.filter(pl.col("within").is_not_null())
    for role, verb in (("calibrated", "calibrated"), ("checked", "checked")):
        mine = scored.filter(pl.col("role") == role)
        console.print(f"{mine['within'].sum()} of {mine.height} {verb} targets lie within their band.")
    console.print("Cut-offs, inputs and what needs another run count as neither.")
    if pulling is not None:
        print_tensions(console, pulling)


def _band(low: float | None, high: float | None, unit: str) -> str:
    """Write a band that may be open on one side."""
    if low is None and high is None:
        return "–"
    if low is None:
        return f"≤ {written(high, unit)}"
    return f"≥ {written(low, unit)}" if high is None else f"{written(low, unit)} … {written(high, unit)}"


def print_tensions(console: Console, frame: pl.DataFrame) -> None:
    """Print where figures contradict each other.

    Parameters
    ----------
    console : Console
        Where to print.
    frame : pl.DataFrame
        From ``tensions``.
    """
    console.print("\n[bold]What no parameter can hold together[/]")
    for row in frame.to_dicts():
        unit = row["unit"]
        first, second = written(row["first"], unit), written(row["second"], unit)
        distance = written(row["distance"], unit, signed=True).removeprefix("+")
        after = "" if unit in ("share", "ratio") else f" {unit}"
        gap = (
            f"{distance}{after} apart"
            if row["distance"]
            else "no contradiction"
            if row["distance"] == 0
            else "no distance"
        )
        model = "" if row["observed"] is None else f"; the model shows {written(row['observed'], unit)}"
        text = f"• {row['claims']}: {row['tension']}: {first} against {second}{after}; {gap}{model}."
        console.print(text, markup=False, highlight=False)
