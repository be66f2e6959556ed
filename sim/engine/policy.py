"""From levers to rules: for each date and each firm, the set of rules that the engine obeys.

Each set of rules is stored once, in one table; a firm has the number of its set. Between dates of change nothing is
looked up. The order of levers does not matter, because each one writes so that the larger number, or the lower limit,
applies.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from sim.core import draws
from sim.core.columns import ROLES, R
from sim.core.randomness import uniform
from sim.engine.people import portions
from sim.engine.records import Table
from sim.engine.state import Reals, Whole, World
from sim.levers.kinds import Lever
from sim.levers.lever import Scope
from sim.scenario.countries import Country, home

CONTROL = 10  # every tenth firm out of scope is simulated, in both worlds
GOLDEN = 0.5 * (5.0**0.5 - 1.0)  # fractional parts of its multiples are spread evenly
MOST_DRAWN = 5_000  # people searched for scopes, unless more people are wanted


class Plan(NamedTuple):
    """Rules over time."""

    rule: Reals  # (sets, ROLES, Rule)
    changes: dict[int, Whole]  # first day to the number of each firm's set from then on; starts with day 0

    def on(self, day: int) -> Reals:
        """Return the rules of each firm on a day, shape (firms, ROLES, Rule)."""
        return self.rule[self.changes[max(d for d in self.changes if d <= day)]]


def reached_by(levers: Sequence[Lever], w: World, country: Country | None = None) -> np.ndarray:
    """Mark the firms that some lever reaches at some time, because some of their people are in scope."""
    found = np.zeros(len(w.firm), bool)
    for piece in _parts(levers):
        found |= _reached(piece.scope, w, country or home())
    return found


def focused(
    economy: Callable[[int], Table], populated: Callable[[Sequence[int]], World], people: int, scopes: Sequence[Scope],
    country: Country, most: int, replicate: int,
) -> dict[int, float]:  # fmt: skip
    """Choose the first firms of an economy in some scope, with so many people, and a sample of the others among them.

    Returns for each firm's number how many firms it represents: itself if in scope, more if it is in the sample (every
    tenth firm over all replicates, fewer where scopes reach few). ``economy`` draws the first firms with so many
    people, ``populated`` the people of some firms, at most ``most`` at a time. If scopes reach hardly anybody, fewer
    people are chosen.
    """
    drawn = people
    while True:
        firm = economy(drawn)
        slices = map(populated, portions(firm, most))
        inside = np.concatenate([np.any([_reached(each, w, country) for each in scopes], axis=0) for w in slices])
        reached = np.cumsum(firm.people * inside)
        if reached[-1] >= people or drawn >= max(people, MOST_DRAWN):
            break
        drawn *= 2
    numbers = firm.number[: int(np.searchsorted(reached, people)) + 1]
    chosen, others = numbers[inside[: len(numbers)]], numbers[~inside[: len(numbers)]]
    step = CONTROL * max(len(others) // max(len(chosen), 1), 1)
    start = int(step * (GOLDEN * replicate % 1.0)) if len(chosen) else 0
    sample = others[start::step]
    return dict.fromkeys(chosen.tolist(), 1.0) | dict.fromkeys(sample.tolist(), float(step))


def _reached(scope: Scope, w: World, country: Country) -> np.ndarray:
    """Find the firms in a scope."""
    firm = w.firm
    hit = np.ones(len(firm), bool)
    if scope.cities is not None:
        hit &= np.isin(firm.city, [country.cities.index(name) for name in scope.cities])
    if scope.industries is not None:
        hit &= np.isin(firm.industry, [country.trades.index(name) for name in scope.industries])
    if scope.roles is not None:
        holders = np.isin(w.person.role, [ROLES.index(name) for name in scope.roles])
        hit &= np.isin(np.arange(len(firm)), w.person.firm[holders])
    hit &= (firm.people >= scope.size_min) & (firm.people <= scope.size_max)
    return hit & (_adoption(scope.adopters, w) < scope.share)


def _adoption(adopters: str, w: World) -> np.ndarray:
    """Rank the firms by order of adoption, 0..1, each by its own draws, independently of other firms."""
    if adopters == "any":
        return w.firm.adoption
    with np.errstate(over="ignore"):  # matters without compilation: keys wrap around
        culture = np.array([uniform(key, draws.CULTURE) for key in w.firm.key])
    return culture if adopters == "gentle" else 1.0 - culture


def strength_on(lever: Lever, day: int, first: date, last_day: int) -> float:
    """Return the strength of a lever on a day: 0 before its start and from its end on, with a linear ramp between.

    ``first`` is the date of day 0 of the run, warm-up included; ``last_day`` is the day after which the run is over.
    """
    start, end = span_of_lever(lever, first, last_day)
    if not start <= day < end:
        return 0.0
    grown = (day - start + 1) / lever.ramp_days if lever.ramp_days else 1.0
    return lever.strength * min(grown, 1.0)


def span_of_lever(lever: Lever, first: date, last_day: int) -> tuple[int, int]:
    """Turn a lever's dates into its first day, 0 if it has no start, and the first day on which it is over."""
    start = (lever.start - first).days if lever.start is not None else 0
    end = (lever.end - first).days if lever.end is not None else last_day + 1
    return start, end


def _parts(levers: Sequence[Lever]) -> list[Lever]:
    """Split levers into their parts."""
    return [part for lever in levers for part in lever.parts()]


def days_of_change(levers: Sequence[Lever], first: date, days: int) -> list[int]:
    """List the days of a run on which rules may change, from day 0 on."""
    dates = {0}
    for piece in _parts(levers):
        start, end = span_of_lever(piece, first, days)
        dates.update((start, end, *range(start, min(start + piece.ramp_days, end))))
    return sorted(day for day in dates if 0 <= day < days)


def plan(levers: Sequence[Lever], w: World, first: date, days: int, country: Country | None = None) -> Plan:
    """Compile levers for a drawn population and a run of so many days from ``first``, its day 0."""
    pieces = _parts(levers)
    reach = [_reached(piece.scope, w, country or home()) for piece in pieces]
    patterns, pattern_of = np.unique(
        np.array(reach, bool).reshape(len(pieces), len(w.firm)).T, axis=0, return_inverse=True
    )
    order = np.argsort([int(np.argmax(pattern_of == n)) for n in range(len(patterns))])  # by their first firm
    pieces_of = [np.flatnonzero(pattern).tolist() for pattern in patterns]
    known: dict[tuple[tuple[int, float], ...], int] = {(): 0}
    changes: dict[int, Whole] = {}
    for day in days_of_change(levers, first, days):
        strengths = [strength_on(piece, day, first, days) for piece in pieces]
        numbers = np.zeros(len(patterns), np.int64)
        for n in order:
            held = tuple((k, strengths[k]) for k in pieces_of[n] if strengths[k] > 0.0)
            numbers[n] = known.setdefault(held, len(known))
        changes[day] = numbers[pattern_of.ravel()]
    rule = np.zeros((len(known), len(ROLES), len(R)))
    alike: dict[tuple[bool, ...], list[int]] = {}  # roles that the same levers reach; most reach all
    for role, name in enumerate(ROLES):
        alike.setdefault(tuple(name in (piece.scope.roles or ROLES) for piece in pieces), []).append(role)
    for held, number in known.items():
        for theirs, roles in alike.items():
            rule[number, roles] = row_of([(pieces[n], strength) for n, strength in held if theirs[n]])
    return Plan(rule, changes)


def row_of(held: Iterable[tuple[Lever, float]]) -> Reals:
    """Write the row of rules that levers with their strengths today make together, in any order.

    Each tool is paid for once, at its highest price.
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
