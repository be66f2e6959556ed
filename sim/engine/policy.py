"""From levers to what the engine obeys: on each date, for each firm, a set of rules.

Sets of rules are kept once, in one table; a firm has the number of its set. Between two dates of change nothing is
looked up at all. The order of levers does not matter: each writes so that the larger number, or the lower limit, holds.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from sim.core import draws
from sim.core.columns import CITIES, INDUSTRIES, ROLES, R
from sim.core.randomness import uniform
from sim.engine.state import Reals, Whole, World
from sim.levers.kinds import Lever


class Plan(NamedTuple):
    """Rules over time."""

    rule: Reals  # (sets, ROLES, Rule)
    changes: dict[int, Whole]  # from which day on, the number of the set of each firm; starts with day 0
    in_scope: np.ndarray  # (firms,) whether some lever reaches somebody in the firm at some time

    def on(self, day: int) -> Reals:
        """Give the rules of each firm on a day.

        Parameters
        ----------
        day : int
            Day of the run.

        Returns
        -------
        Reals, shape (firms, ROLES, Rule)
            Rows of rules.
        """
        return self.rule[self.changes[max(d for d in self.changes if d <= day)]]


def reaches(lever: Lever, w: World) -> np.ndarray:
    """Find the firms that a lever reaches.

    Parameters
    ----------
    lever : Lever
        The lever.
    w : World
        Drawn firms.

    Returns
    -------
    np.ndarray, shape (firms,)
        True where some of a firm's people are in scope.
    """
    found = np.zeros(len(w.firm), bool)
    for part in lever.parts():
        found |= _reached(part, w)
    return found


def _reached(lever: Lever, w: World) -> np.ndarray:
    """Find the firms in the one scope of a lever."""
    scope, firm = lever.scope, w.firm
    hit = np.ones(len(firm), bool)
    if scope.cities is not None:
        hit &= np.isin(firm.city, [CITIES.index(name) for name in scope.cities])
    if scope.industries is not None:
        hit &= np.isin(firm.industry, [INDUSTRIES.index(name) for name in scope.industries])
    if scope.roles is not None:
        holders = np.isin(w.person.role, [ROLES.index(name) for name in scope.roles])
        hit &= np.isin(np.arange(len(firm)), w.person.firm[holders])
    hit &= (firm.people >= scope.size_min) & (firm.people <= scope.size_max)
    return hit & (_adoption(scope.adopters, w) < scope.share)


def _adoption(adopters: str, w: World) -> np.ndarray:
    """Rank the firms by who comes first, each by draws of its own: 0..1, whatever other firms there are."""
    if adopters == "any":
        return w.firm.adoption
    with np.errstate(over="ignore"):  # matters without compilation: keys wrap around
        culture = np.array([uniform(key, draws.CULTURE) for key in w.firm.key])
    return culture if adopters == "gentle" else 1.0 - culture


def strength_on(lever: Lever, day: int, first: date, last_day: int) -> float:
    """Strength of a lever on a day: nothing before its start and from its end on, growing in a straight line between.

    Parameters
    ----------
    lever : Lever
        The lever.
    day : int
        Day of the run.
    first : date
        Date of day 0 of the run, warm-up included.
    last_day : int
        Day after which the run is over.

    Returns
    -------
    float
        Between 0 and the lever's strength.
    """
    start, end = span_of_lever(lever, first, last_day)
    if not start <= day < end:
        return 0.0
    grown = (day - start + 1) / lever.ramp_days if lever.ramp_days else 1.0
    return lever.strength * min(grown, 1.0)


def span_of_lever(lever: Lever, first: date, last_day: int, opening_day: int | None = None) -> tuple[int, int]:
    """Turn a lever's dates into days.

    Parameters
    ----------
    lever : Lever
        The lever.
    first : date
        Date of day 0 of the run, warm-up included.
    last_day : int
        Day after which the run is over.
    opening_day : int | None
        First day for a lever without a start; by default the first day of the run.

    Returns
    -------
    tuple[int, int]
        First day, and the day from which it no longer holds.
    """
    start = (lever.start - first).days if lever.start is not None else (opening_day or 0)
    end = (lever.end - first).days if lever.end is not None else last_day + 1
    return start, end


def plan(levers: Sequence[Lever], w: World, first: date, days: int) -> Plan:
    """Compile levers for a drawn population.

    Parameters
    ----------
    levers : Sequence[Lever]
        The levers.
    w : World
        Drawn firms.
    first : date
        Date of day 0 of the run, warm-up included.
    days : int
        Days of the run.

    Returns
    -------
    Plan
        Sets of rules and the days on which firms change between them.
    """
    pieces = [part for lever in levers for part in lever.parts()]
    reach = [_reached(piece, w) for piece in pieces]
    dates = {0}
    for piece in pieces:
        start, end = span_of_lever(piece, first, days)
        dates.update(range(start, min(start + piece.ramp_days, end)))
        dates.update((start, end))
    known: dict[tuple[tuple[int, float], ...], int] = {(): 0}
    changes: dict[int, Whole] = {}
    for day in sorted(d for d in dates if 0 <= d < days):
        strengths = [strength_on(piece, day, first, days) for piece in pieces]
        sets = np.zeros(len(w.firm), np.int64)
        for f in range(len(w.firm)):
            held = tuple((n, s) for n, s in enumerate(strengths) if s > 0.0 and reach[n][f])
            sets[f] = known.setdefault(held, len(known))
        changes[day] = sets
    rule = np.zeros((len(known), len(ROLES), len(R)))
    for held, number in known.items():
        for role, name in enumerate(ROLES):
            here = [(pieces[n], strength) for n, strength in held if name in (pieces[n].scope.roles or ROLES)]
            rule[number, role] = row_of(here)
    touched = np.zeros(len(w.firm), bool)
    for hit in reach:
        touched |= hit
    return Plan(rule, changes, touched)


def row_of(held: Iterable[tuple[Lever, float]]) -> Reals:
    """Write the row of rules that some levers make together.

    Parameters
    ----------
    held : Iterable[tuple[Lever, float]]
        Levers and their strengths today, in any order; a lever of strength 0 is not there.

    Returns
    -------
    Reals, shape (Rule,)
        Their row; the tools that they put at hand cost their sum, each tool once.
    """
    row = np.zeros(len(R))
    tools: dict[str, float] = {}
    for lever, strength in held:
        if strength > 0.0:
            lever.write(row, strength)
            for tool, yuan in lever.tools(strength).items():
                tools[tool] = max(yuan, tools.get(tool, 0.0))
    row[R.tool_cost] += sum(tools[tool] for tool in sorted(tools))
    row[R.in_force] = float(row.any())
    return row
