"""Where and when worlds are compared: firms, groups of their people, and weeks in which rules are fully in force."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.core.errors import ResultsError
from sim.levers.lever import Lever
from sim.outcomes import CLUSTER, KEYS, Tables, eager
from sim.scenario.schema import Scenario

# Size classes of enterprise statistics (OECD): the smallest number of people in micro, small, medium and large firms.
SIZES = {"size_1_9": 1, "size_10_49": 10, "size_50_249": 50, "size_250_up": 250}
FULLY, PARTLY = "rules fully in force", "rules still being phased in"
VARYING, BRIEFLY = f"{FULLY}, not all of them in all weeks", "rules not all in force on all days"
WEAK = "rules of strength 0, which change nothing"

type Days = NDArray[np.int64]  # ordinals of dates
type Flags = NDArray[np.bool_]


class Basis(NamedTuple):
    """Firms and weeks on which worlds are compared."""

    firms: pl.DataFrame  # with the columns of ``grouped_firms``
    weeks: Sequence[int]
    window: str


def basis_of(tables: Tables, scenario: Scenario, counterfactual: Scenario | None) -> Basis:
    """Choose the firms in scope (all if no rule reaches any) and the evaluation window; everything for one world."""
    weeks, firms = weeks_of(tables), grouped_firms(tables)
    if counterfactual is None:
        return Basis(firms, weeks, week_ranges(weeks))
    window = evaluation_window(scenario, counterfactual, weeks)
    return Basis(firms.filter("in_scope") if firms["in_scope"].any() else firms, window.weeks, window.label)


def weeks_of(tables: Tables) -> list[int]:
    """List the simulated weeks from day 0 on, sorted; raise ``ResultsError`` if there is no table of person-weeks."""
    if "person_week" not in tables:
        raise ResultsError("the results lack the table 'person_week'")
    weeks = tables["person_week"].lazy().select(pl.col("week").unique()).collect(engine="streaming")["week"]
    return sorted(int(week) for week in weeks if week >= 0)


class Window(NamedTuple):
    """Weeks of a comparison, and a label that explains their choice."""

    weeks: tuple[int, ...]
    label: str


def evaluation_window(scenario: Scenario, counterfactual: Scenario, weeks: Sequence[int]) -> Window:
    """Choose the weeks from day 0 on in which the rules that the worlds do not share are fully in force.

    In these weeks at least one such lever is in force from Monday to Sunday with its ramp completed, and no other
    starts, ramps up or ends. The label says if not all levers are in force in all these weeks. Without such weeks, the
    window has those in which any lever is in force. Without these, it has all weeks: either managers of another kind
    are at work in all of them, or no rule applies. Raises ``ResultsError`` if nothing was simulated.
    """
    if not weeks:
        raise ResultsError("no week was simulated after the warm-up, so there is nothing to compare")
    levers = [*unshared(scenario, counterfactual), *unshared(counterfactual, scenario)]
    mondays = scenario.calendar.start.toordinal() + 7 * np.asarray(weeks)
    opening = scenario.calendar.start.toordinal() - scenario.run.warmup_days
    both = np.array([_in_force(lever, mondays, opening) for lever in levers], bool).reshape(-1, 2, len(weeks))
    some, whole = both[:, 0], both[:, 1]
    partly = tuple(week for week, on in zip(weeks, some.any(0), strict=True) if on)
    settled = some.any(0) & (some == whole).all(0)
    full = tuple(week for week, on in zip(weeks, settled, strict=True) if on)
    if full and not any(lever.strength for lever in levers):
        return Window(full, f"{week_ranges(full)}: {WEAK}")
    if full:
        alike = whole[some.any(1)][:, settled].all()
        return Window(full, f"{week_ranges(full)}: {FULLY if alike else VARYING}")
    if partly:
        return Window(partly, f"{week_ranges(partly)}: {PARTLY if any(each.ramp_days for each in levers) else BRIEFLY}")
    if scenario.managers != counterfactual.managers:  # everywhere and at all times
        return Window(tuple(weeks), f"{week_ranges(weeks)}: {FULLY}")
    why = "rules not in force in any week" if levers else "no rule differs"
    return Window(tuple(weeks), f"{week_ranges(weeks)}: {why}")


def unshared(scenario: Scenario, other: Scenario) -> tuple[Lever, ...]:
    """Return the levers that another scenario does not have, whatever their phases are called."""
    theirs = [_unlabelled(lever) for lever in other.levers]
    return tuple(lever for lever in scenario.levers if _unlabelled(lever) not in theirs)


def _unlabelled(lever: Lever) -> tuple[type[Lever], dict[str, object]]:
    return type(lever), {name: value for name, value in vars(lever).items() if name != "phase"}


def weeks_in_force(scenario: Scenario, counterfactual: Scenario, weeks: Sequence[int]) -> tuple[int, ...]:
    """Return the weeks of ``evaluation_window``, or none if no rule that differs is in force in any week."""
    window = evaluation_window(scenario, counterfactual, weeks)
    return window.weeks if window.label.endswith((FULLY, VARYING, PARTLY, BRIEFLY, WEAK)) else ()


def _in_force(lever: Lever, mondays: Days, opening: int) -> tuple[Flags, Flags]:
    """Return in which weeks a lever is in force on some day, and in which on all days with its ramp completed.

    A lever without a start begins on ``opening``, the first day of the warm-up. A ramp already grows on its first day.
    """
    start, end = lever.start.toordinal() if lever.start else opening, (lever.end or date.max).toordinal()
    full = start + max(lever.ramp_days - 1, 0)
    return (start < mondays + 7) & (end > mondays), (full <= mondays) & (end >= mondays + 7)


def week_ranges(weeks: Sequence[int]) -> str:
    """Format sorted week numbers as ranges, as in "weeks 0–4, 7"."""
    breaks = [n for n in range(1, len(weeks)) if weeks[n] != weeks[n - 1] + 1]
    edges = zip([0, *breaks], [*breaks, len(weeks)], strict=True)
    listed = ", ".join(f"{weeks[a]}–{weeks[b - 1]}" if b - a > 1 else f"{weeks[a]}" for a, b in edges)
    return f"{'week' if len(weeks) == 1 else 'weeks'} {listed}"


class Group(NamedTuple):
    """A subgroup of people as a filter."""

    name: str
    kind: str  # all, manager, role, industry, size or city
    mask: pl.Expr  # filter for rows with the columns of ``grouped_people``


def grouped_firms(tables: Tables) -> pl.DataFrame:
    """List the firms with the columns by which they are grouped."""
    names = pl.col("industry", "city").cast(pl.String)
    number = pl.sum_horizontal(pl.col("size") >= least for least in SIZES.values())
    size_class = number.replace_strict(dict(enumerate(SIZES, start=1))).alias("size_class")
    return eager(tables, "firms").select(*CLUSTER, names, size_class, "in_scope")


def grouped_people(tables: Tables) -> pl.DataFrame:
    """List the people with the columns by which they are grouped, including those of their firms."""
    firms = grouped_firms(tables)
    people = eager(tables, "people").select(
        *KEYS, pl.col("is_manager").cast(pl.Boolean), pl.col("role").cast(pl.String)
    )
    return people.cast({key: firms.schema[key] for key in CLUSTER}).join(firms, on=CLUSTER)


def groups(people: pl.DataFrame, apart: bool = True) -> Iterator[Group]:
    """Yield everybody, then, if ``apart``, each subgroup that is not empty; ``people`` is from ``grouped_people``."""
    yield Group("all", "all", pl.lit(True))
    if not apart:
        return
    managers = pl.col("is_manager")
    for name, mask in (("managers", managers), ("staff", ~managers)):
        if people.select(mask.any()).item():
            yield Group(name, "manager", mask)
    for kind, key in (("role", "role"), ("industry", "industry"), ("size", "size_class"), ("city", "city")):
        there = people[key].unique()
        for name in SIZES if kind == "size" else there.sort():
            if name in there:
                yield Group(name, kind, pl.col(key) == name)
