"""Two worlds side by side: paired differences with intervals, where after-hours work went, and time lines.

Both worlds run on the same draws, so each firm is its own control. An effect is the difference of two ratios of sums
over the same firms; its interval comes from leaving out one firm at a time (``sim.outcomes``), in both worlds at once.
What the pairing gains is told by two numbers: the correlation of the firms' pulls in the two worlds, and the variance
ratio: the variance that the difference of two unpaired runs would have, over that of the paired one.

The interval says how much the effect would vary if other firms of the same kind had been drawn. It says nothing about
whether the model is right.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple, Protocol

import numpy as np
import polars as pl

from sim.columns import CHANNELS
from sim.errors import ResultsError
from sim.outcomes import (
    AFTER_MINUTES,
    BY_NAME,
    HEADLINES,
    KEYS,
    ONE,
    OUTCOMES,
    Outcome,
    Reals,
    Tables,
    Whole,
    column,
    eager,
    firm_sums,
    half_width,
    leave_one_out,
    person_weeks,
    pulls,
    split,
)

CLUSTER = ("replicate", "firm")
_LABELS = {"outcome": "name", "family": "family", "unit": "unit", "better": "better"}
CELL = ("world", *CLUSTER, "in_scope", "industry", "role", "is_manager", "in_window")


class Calendar(Protocol):
    """What is needed of a scenario's calendar."""

    @property
    def start(self) -> date:
        """Day 0, a Monday."""


class Lever(Protocol):
    """What is needed of a lever."""

    @property
    def start(self) -> date | None:
        """First day; None for always."""

    @property
    def end(self) -> date | None:
        """First day on which it is no longer in force; None for never."""

    @property
    def ramp_days(self) -> int:
        """Days until it is fully in force."""


class Rules(Protocol):
    """What is needed of a scenario."""

    @property
    def name(self) -> str:
        """Name of its world in the tables."""

    @property
    def calendar(self) -> Calendar:
        """Real dates."""

    @property
    def levers(self) -> Sequence[Lever]:
        """Rules."""


class Window(NamedTuple):
    """The weeks in which worlds are compared."""

    weeks: tuple[int, ...]
    label: str


def evaluation_window(scenario: Rules, counterfactual: Rules, weeks: Sequence[int]) -> Window:
    """Choose the weeks in which rules that the two worlds do not share are fully in force.

    Parameters
    ----------
    scenario : Rules
        The scenario.
    counterfactual : Rules
        What it is compared with.
    weeks : Sequence[int]
        Numbers of the weeks simulated from day 0 on.

    Returns
    -------
    Window
        Weeks in which some lever of one world only is in force from Monday to Sunday with its ramp behind it, while no
        other such lever starts, grows or ends. If there is none, the weeks in which one is in force at all; if the
        worlds share all levers, every week.

    Raises
    ------
    ResultsError
        If no week was simulated from day 0 on.
    """
    if not weeks:
        raise ResultsError("no week was simulated after the warm-up, so there is nothing to compare")
    own, other = tuple(scenario.levers), tuple(counterfactual.levers)
    levers = [lever for lever in own if lever not in other] + [lever for lever in other if lever not in own]
    monday = scenario.calendar.start
    states = {week: {_state(lever, monday + timedelta(weeks=week)) for lever in levers} for week in weeks}
    full = tuple(week for week in weeks if "full" in states[week] and "partly" not in states[week])
    partly = tuple(week for week in weeks if states[week] & {"full", "partly"})
    if full:
        return Window(full, f"{_runs(full)}: rules fully in force")
    if partly:
        return Window(partly, f"{_runs(partly)}: rules still being phased in")
    why = "rules not in force in any week" if levers else "no rule differs"
    return Window(tuple(weeks), f"{_runs(weeks)}: {why}")


def _state(lever: Lever, monday: date) -> str:
    """Say how far a lever is in force in a week: full, partly or not."""
    after = monday + timedelta(weeks=1)
    start, end = lever.start or date.min, lever.end or date.max
    if start >= after or end <= monday:
        return "not"
    grown = lever.start is None or lever.start + timedelta(days=lever.ramp_days) <= monday
    return "full" if grown and start <= monday and end >= after else "partly"


def _runs(weeks: Sequence[int]) -> str:
    """Write week numbers as ranges."""
    breaks = [n for n in range(1, len(weeks)) if weeks[n] != weeks[n - 1] + 1]
    edges = zip([0, *breaks], [*breaks, len(weeks)], strict=True)
    return "weeks " + ", ".join(f"{weeks[a]}–{weeks[b - 1]}" if b - a > 1 else f"{weeks[a]}" for a, b in edges)


def effects(
    tables: Tables, scenario: Rules, counterfactual: Rules, outcomes: Sequence[Outcome] = OUTCOMES
) -> pl.DataFrame:
    """Compare two worlds: every outcome, for everybody and by manager, role and industry.

    Parameters
    ----------
    tables : Tables
        ``person_week``, ``people`` and ``firms`` with both worlds.
    scenario : Rules
        The scenario; its name is that of its world.
    counterfactual : Rules
        What it is compared with.
    outcomes : Sequence[Outcome]
        What to compare.

    Returns
    -------
    pl.DataFrame
        One row per group and outcome, of the firms in scope in the evaluation window (of all firms if no rule reaches
        any): both values, their difference with a 95 % interval, relative difference, correlation and variance ratio,
        number of firms and people, and ``spill``: the largest difference that a firm out of scope shows in any week,
        which must be 0. Null stands for what cannot be known: the interval for a single firm, the correlation where
        nothing varies. The variance ratio of identical worlds is infinite.
    """
    worlds = (counterfactual.name, scenario.name)
    window = evaluation_window(scenario, counterfactual, _weeks(tables))
    frame = person_weeks(tables).with_columns(in_window=pl.col("week").is_in(window.weeks))
    cells = firm_sums(frame, outcomes, CELL)
    scoped = pl.col("in_scope") if cells["in_scope"].any() else pl.lit(True)
    inside = cells.filter(scoped & pl.col("in_window"))
    outside = cells.filter(~scoped)
    heads = _heads(tables)
    heads = heads.filter(scoped)
    parts = []
    for group, mask in _groups(heads):
        numerators, denominators = _paired(inside.filter(mask), worlds, outcomes)
        population = heads.filter(mask)
        facts: dict[str, Any] = {
            "scenario": scenario.name,
            "counterfactual": counterfactual.name,
            "group": group,
            "window": window.label,
            **{name: [getattr(outcome, attribute) for outcome in outcomes] for name, attribute in _LABELS.items()},
            **_contrast(numerators, denominators),
            "firms": population.select(CLUSTER).n_unique(),
            "people": population.height,
            "spill": _spill(outside.filter(mask), worlds, outcomes),
        }
        parts.append(pl.DataFrame(facts))
    return pl.concat(parts, how="vertical_relaxed").with_columns(pl.col(pl.Float64).fill_nan(None))


def levels(tables: Tables, scenario: Rules, outcomes: Sequence[Outcome] = OUTCOMES) -> pl.DataFrame:
    """Describe one world that is compared with no other.

    Parameters
    ----------
    tables : Tables
        ``person_week``, ``people`` and ``firms`` with the world.
    scenario : Rules
        The scenario.
    outcomes : Sequence[Outcome]
        What to describe.

    Returns
    -------
    pl.DataFrame
        One row per group and outcome, over all firms and all weeks after the warm-up: value with a 95 % interval over
        firms, number of firms and people.
    """
    weeks = _weeks(tables)
    frame = person_weeks(tables).with_columns(in_window=pl.lit(True))
    cells, heads = firm_sums(frame, outcomes, CELL), _heads(tables)
    parts = []
    for group, mask in _groups(heads):
        numerators, denominators = (side[0] for side in _paired(cells.filter(mask), (scenario.name,), outcomes))
        value, without = leave_one_out(numerators, denominators)
        half = half_width(pulls(value, without), denominators)
        population = heads.filter(mask)
        facts: dict[str, Any] = {
            "scenario": scenario.name,
            "group": group,
            "window": _runs(weeks),
            **{name: [getattr(outcome, attribute) for outcome in outcomes] for name, attribute in _LABELS.items()},
            "value": value,
            "low": value - half,
            "high": value + half,
            "firms": population.select(CLUSTER).n_unique(),
            "people": population.height,
        }
        parts.append(pl.DataFrame(facts))
    return pl.concat(parts, how="vertical_relaxed").with_columns(pl.col(pl.Float64).fill_nan(None))


def _weeks(tables: Tables) -> list[int]:
    """List the weeks from day 0 on."""
    if "person_week" not in tables:
        raise ResultsError("the results lack the table 'person_week'")
    weeks = tables["person_week"].lazy().select(pl.col("week").unique()).collect(engine="streaming")["week"]
    return sorted(int(week) for week in weeks if week >= 0)


def _heads(tables: Tables) -> pl.DataFrame:
    """List the people with their firms."""
    firms = eager(tables, "firms").select(*CLUSTER, pl.col("industry").cast(pl.String), "in_scope")
    people = eager(tables, "people").select(*KEYS, "is_manager", pl.col("role").cast(pl.String))
    return people.cast({key: firms.schema[key] for key in CLUSTER}).join(firms, on=CLUSTER)


def _groups(heads: pl.DataFrame) -> Iterator[tuple[str, pl.Expr]]:
    """Name the groups of people that are compared apart, and how to find them."""
    yield "all", pl.lit(True)
    managers = pl.col("is_manager").cast(pl.Boolean)
    for name, mask in (("managers", managers), ("staff", ~managers)):
        if heads.select(mask.any()).item():
            yield name, mask
    for key in ("role", "industry"):
        for name in heads[key].unique().sort():
            yield name, pl.col(key) == name


def _paired(cells: pl.DataFrame, worlds: Sequence[str], outcomes: Sequence[Outcome]) -> tuple[Whole, Whole]:
    """Sum cells to firms, the same firms in all worlds: (worlds, firms, outcomes) each."""
    sums = [pl.col(f"{outcome.name}.{side}").sum() for outcome in outcomes for side in "nd"]
    firms = cells.group_by("world", *CLUSTER).agg(sums).sort(CLUSTER)
    parts = [firms.filter(pl.col("world").cast(pl.String) == world) for world in worlds]
    if absent := [world for world, part in zip(worlds, parts, strict=True) if part.is_empty()]:
        raise ResultsError(f"the results lack the world '{absent[0]}'")
    if not all(part.select(CLUSTER).equals(parts[0].select(CLUSTER)) for part in parts):
        raise ResultsError("the two worlds do not have the same firms")
    numerators, denominators = zip(*(split(part, outcomes) for part in parts), strict=True)
    return np.stack(numerators), np.stack(denominators)


def _contrast(numerators: Whole, denominators: Whole) -> dict[str, Reals]:
    """Compare the two worlds' ratios, outcome by outcome.

    Parameters
    ----------
    numerators : Whole
        (2, firms, outcomes), counterfactual first.
    denominators : Whole
        The same shape.

    Returns
    -------
    dict[str, Reals]
        Columns of ``effects``, (outcomes,) each.
    """
    value, without = leave_one_out(numerators, denominators)
    difference = value[1] - value[0]
    pull = pulls(value, without)
    gap = pulls(difference, without[1] - without[0])
    half = half_width(gap, denominators.sum(axis=0))
    own = (pull**2).sum(axis=-2)
    paired = (gap**2).sum(axis=-2)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.clip((pull[0] * pull[1]).sum(axis=-2) / np.sqrt(own[0] * own[1]), -1.0, 1.0)
        return {
            "baseline": value[0],
            "scenario_value": value[1],
            "difference": difference,
            "low": difference - half,
            "high": difference + half,
            "relative": np.where(value[0] == 0, np.nan, difference / value[0]),
            "correlation": correlation,
            "variance_ratio": own.sum(axis=0) / paired,
        }


def _spill(cells: pl.DataFrame, worlds: tuple[str, str], outcomes: Sequence[Outcome]) -> Reals:
    """Find the largest difference of a firm that no rule reaches; not a number if there is no such firm."""
    if cells.is_empty():
        return np.full(len(outcomes), np.nan)
    numerators, denominators = _paired(cells, worlds, outcomes)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(denominators == 0, np.nan, numerators / denominators)
    undefined = np.isnan(value)
    alike = undefined.all(axis=0) & (numerators[0] == numerators[1])
    apart = np.where(alike, 0.0, np.where(undefined.any(axis=0), np.inf, np.abs(value[1] - value[0])))
    largest: Reals = apart.max(axis=0)
    return largest


OFF_RECORD = ("call", "shadow")  # what no archive holds and no inspector can read
CHANNEL_OUTCOMES = (
    *(
        Outcome(
            name, "overtime", "min/week", "", column(f"after_minutes_{name}"), ONE, f"after-hours minutes by {name}"
        )
        for name in CHANNELS
    ),
    Outcome("all", "overtime", "min/week", "lower", AFTER_MINUTES, ONE, "after-hours minutes on messages"),
)


def displacement(tables: Tables, scenario: Rules, counterfactual: Rules) -> pl.DataFrame:
    """Say where the after-hours minutes went: by channel, in both worlds.

    Parameters
    ----------
    tables : Tables
        ``person_week``, ``people`` and ``firms`` with both worlds.
    scenario : Rules
        The scenario.
    counterfactual : Rules
        What it is compared with.

    Returns
    -------
    pl.DataFrame
        One row per world and channel, and one for ``all``: minutes per person and week (``minutes_per_person_week``),
        and whether the channel is on record, of the firms in scope in the evaluation window. The scenario's rows hold
        the paired ``difference`` with its 95 % interval, ``low`` to ``high``. Its row ``all`` holds ``displaced``, the
        displacement ratio, with its interval: minutes gained by the channels that grew, per minute lost by those that
        shrank (which ones grew is taken as seen); null if no channel shrank.
    """
    worlds = (counterfactual.name, scenario.name)
    window = evaluation_window(scenario, counterfactual, _weeks(tables))
    scoped = pl.col("in_scope") if eager(tables, "firms")["in_scope"].any() else pl.lit(True)
    frame = person_weeks(tables).filter(scoped & pl.col("week").is_in(window.weeks))
    cells = firm_sums(frame, CHANNEL_OUTCOMES, ("world", *CLUSTER))
    numerators, denominators = _paired(cells, worlds, CHANNEL_OUTCOMES)
    found = _contrast(numerators, denominators)
    moved = np.full((3, len(CHANNEL_OUTCOMES)), np.nan)
    moved[:, -1] = _displaced(numerators[..., :-1], denominators[..., :-1])
    pairing: dict[str, Reals] = {key: found[key] for key in ("difference", "low", "high")}
    pairing |= dict(zip(("displaced", "displaced_low", "displaced_high"), moved, strict=True))
    parts = []
    for world, side in zip(worlds, ("baseline", "scenario_value"), strict=True):
        facts: dict[str, Any] = {
            "world": world,
            "window": window.label,
            "channel": [outcome.name for outcome in CHANNEL_OUTCOMES],
            "recorded": [outcome.name not in OFF_RECORD for outcome in CHANNEL_OUTCOMES[:-1]] + [None],
            "minutes_per_person_week": found[side],
        }
        blank = world == counterfactual.name
        facts |= {key: np.full(len(values), np.nan) if blank else values for key, values in pairing.items()}
        parts.append(pl.DataFrame(facts))
    return pl.concat(parts).with_columns(pl.col(pl.Float64).fill_nan(None))


def _displaced(numerators: Whole, denominators: Whole) -> tuple[float, float, float]:
    """Compute the displacement ratio and its 95 % interval from (2, firms, channels)."""
    value, without = leave_one_out(numerators, denominators)
    change, change_without = value[1] - value[0], without[1] - without[0]
    gained, lost = change > 0, change < 0
    if not lost.any():
        return np.nan, np.nan, np.nan
    ratio = -change[gained].sum() / change[lost].sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio_without = -change_without[:, gained].sum(axis=1) / change_without[:, lost].sum(axis=1)
    pull = pulls(np.array([ratio]), ratio_without[:, None])
    half = float(half_width(pull, denominators.sum(axis=0)[:, :1])[0])
    return ratio, ratio - half, ratio + half


class Weekly(NamedTuple):
    """Sums by week of one arm: firms treated or not."""

    arm: str
    numerators: Whole  # (2, weeks, firms, outcomes), counterfactual first
    denominators: Whole


def _weekly(
    tables: Tables, worlds: tuple[str, str], outcomes: Sequence[Outcome], weeks: Sequence[int]
) -> Iterator[Weekly]:
    """Sum outcomes by week for the firms that the rules reach and for the others."""
    sums = firm_sums(person_weeks(tables), outcomes, ("week", "world", "in_scope", *CLUSTER))
    for scoped in (True, False):
        part = sums.filter(pl.col("in_scope") == scoped).drop("in_scope")
        if part.is_empty():
            continue
        firms = part.select(CLUSTER).unique()
        order = pl.DataFrame({"week": weeks}).cast({"week": part.schema["week"]}).join(firms, how="cross")
        sides = []
        for world in worlds:
            mine = order.join(part.filter(pl.col("world") == world), on=("week", *CLUSTER), how="left")
            sides.append(split(mine.sort("week", *CLUSTER).fill_null(0), outcomes))
        shape = (2, len(weeks), firms.height, len(outcomes))
        numerators, denominators = (np.stack(side).reshape(shape) for side in zip(*sides, strict=True))
        yield Weekly("treated" if scoped else "untreated", numerators, denominators)


def weekly_series(
    tables: Tables, scenario: Rules, counterfactual: Rules, names: Sequence[str] = HEADLINES
) -> pl.DataFrame:
    """Make time lines: both worlds, for the firms that the rules reach and for the others.

    Parameters
    ----------
    tables : Tables
        ``person_week``, ``people`` and ``firms`` with both worlds.
    scenario : Rules
        The scenario.
    counterfactual : Rules
        What it is compared with.
    names : Sequence[str]
        Outcomes.

    Returns
    -------
    pl.DataFrame
        One row per outcome, arm (treated, untreated), world and week, with the week's Monday: value and 95 % band over
        firms. The bands of the two worlds overlap even where the paired difference is certain: see ``weekly_effects``.
    """
    outcomes = [BY_NAME[name] for name in names]
    worlds, weeks = (counterfactual.name, scenario.name), _weeks(tables)
    parts = []
    for arm, numerators, denominators in _weekly(tables, worlds, outcomes, weeks):
        value, without = leave_one_out(numerators, denominators)
        half = half_width(pulls(value, without), denominators)
        for side, world in enumerate(worlds):
            labels = _labels(outcomes, weeks, scenario.calendar.start, arm).with_columns(world=pl.lit(world))
            band = {"value": value[side], "low": value[side] - half[side], "high": value[side] + half[side]}
            parts.append(labels.with_columns(pl.Series(key, part.ravel()) for key, part in band.items()))
    return pl.concat(parts).with_columns(pl.col(pl.Float64).fill_nan(None))


def weekly_effects(
    tables: Tables, scenario: Rules, counterfactual: Rules, names: Sequence[str] = HEADLINES
) -> pl.DataFrame:
    """Make time lines of the paired difference, scenario minus counterfactual.

    Parameters
    ----------
    tables : Tables
        ``person_week``, ``people`` and ``firms`` with both worlds.
    scenario : Rules
        The scenario.
    counterfactual : Rules
        What it is compared with.
    names : Sequence[str]
        Outcomes.

    Returns
    -------
    pl.DataFrame
        One row per outcome, arm (treated, untreated) and week, with the week's Monday: difference and 95 % interval.
    """
    outcomes = [BY_NAME[name] for name in names]
    worlds, weeks = (counterfactual.name, scenario.name), _weeks(tables)
    parts = []
    for arm, numerators, denominators in _weekly(tables, worlds, outcomes, weeks):
        value, without = leave_one_out(numerators, denominators)
        difference = value[1] - value[0]
        half = half_width(pulls(difference, without[1] - without[0]), denominators.sum(axis=0))
        band = {"difference": difference, "low": difference - half, "high": difference + half}
        labels = _labels(outcomes, weeks, scenario.calendar.start, arm)
        parts.append(labels.with_columns(pl.Series(key, part.ravel()) for key, part in band.items()))
    return pl.concat(parts).with_columns(pl.col(pl.Float64).fill_nan(None))


def _labels(outcomes: Sequence[Outcome], weeks: Sequence[int], monday: date, arm: str) -> pl.DataFrame:
    """Label the values of (weeks, outcomes), row by row."""
    named = pl.DataFrame(
        {key: [getattr(outcome, attribute) for outcome in outcomes] for key, attribute in _LABELS.items()}
    )
    dated = pl.DataFrame({"week": weeks, "date": [monday + timedelta(weeks=week) for week in weeks]})
    return dated.join(named, how="cross", maintain_order="left_right").with_columns(arm=pl.lit(arm))
