"""When worlds are compared: the weeks in which rules that they do not share are fully in force."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.errors import ResultsError

FULLY, PARTLY = "rules fully in force", "rules still being phased in"


type Days = NDArray[np.int64]  # ordinals of dates
type Flags = NDArray[np.bool_]


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
    mondays = scenario.calendar.start.toordinal() + 7 * np.asarray(weeks)
    some = np.array([_on(lever, mondays) for lever in levers]).reshape(-1, len(weeks))
    whole = np.array([_whole(lever, mondays) for lever in levers]).reshape(-1, len(weeks))
    partly = tuple(week for week, on in zip(weeks, some.any(0), strict=True) if on)
    full = tuple(week for week, on in zip(weeks, some.any(0) & (some == whole).all(0), strict=True) if on)
    if full:
        return Window(full, f"{runs(full)}: {FULLY}")
    if partly:
        return Window(partly, f"{runs(partly)}: {PARTLY}")
    why = "rules not in force in any week" if levers else "no rule differs"
    return Window(tuple(weeks), f"{runs(weeks)}: {why}")


def weeks_in_force(scenario: Rules, counterfactual: Rules, weeks: Sequence[int]) -> tuple[int, ...]:
    """Choose the weeks in which rules that the two worlds do not share are in force, as ``evaluation_window`` does.

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
    tuple[int, ...]
        The weeks of that window; none if no rule is in force in any week.
    """
    window = evaluation_window(scenario, counterfactual, weeks)
    return window.weeks if window.label.endswith((FULLY, PARTLY)) else ()


def _on(lever: Lever, mondays: Days) -> Flags:
    """Tell in which weeks a lever is in force on some day."""
    start, end = (lever.start or date.min).toordinal(), (lever.end or date.max).toordinal()
    return (start < mondays + 7) & (end > mondays)


def _whole(lever: Lever, mondays: Days) -> Flags:
    """Tell in which weeks it is in force on all days, with its ramp behind it."""
    grown = lever.start.toordinal() + lever.ramp_days if lever.start else 0
    return (grown <= mondays) & ((lever.end or date.max).toordinal() >= mondays + 7)


def runs(weeks: Sequence[int]) -> str:
    """Write week numbers as ranges.

    Parameters
    ----------
    weeks : Sequence[int]
        At least one, sorted.

    Returns
    -------
    str
        As in "weeks 0–4, 7".
    """
    breaks = [n for n in range(1, len(weeks)) if weeks[n] != weeks[n - 1] + 1]
    edges = zip([0, *breaks], [*breaks, len(weeks)], strict=True)
    return "weeks " + ", ".join(f"{weeks[a]}–{weeks[b - 1]}" if b - a > 1 else f"{weeks[a]}" for a, b in edges)
