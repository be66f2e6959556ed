"""From levers to what the engine obeys: on each date, for each firm, a set of rules.

Sets of rules are kept once, in one table; a firm has the number of its set. Between two dates of change nothing is
looked up at all. The order of levers does not matter: each writes so that the larger number, or the lower limit, holds.
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

CONTROL = 10  # every tenth firm out of scope is simulated, and in both worlds
GOLDEN = 0.5 * (5.0**0.5 - 1.0)  # whose multiples, less whole numbers, are spread evenly
MOST_DRAWN = 5_000  # people among whom those in scope are looked for, if not more are wanted


class Plan(NamedTuple):
    """Rules over time."""

    rule: Reals  # (sets, ROLES, Rule)
    changes: dict[int, Whole]  # from which day on, the number of the set of each firm; starts with day 0

    def on(self, day: int) -> Reals:
        """Return the rules of each firm on a day, shape (firms, ROLES, Rule)."""
        return self.rule[self.changes[max(d for d in self.changes if d <= day)]]


def reached_by(levers: Sequence[Lever], w: World, country: Country | None = None) -> np.ndarray:
    """Mark the firms that some of the levers reach at some time: some of their people are in scope."""
    found = np.zeros(len(w.firm), bool)
    for piece in _parts(levers):
        found |= _reached(piece.scope, w, country or home())
    return found


def focused(
    economy: Callable[[int], Table], populated: Callable[[Sequence[int]], World], people: int, scopes: Sequence[Scope],
    country: Country, most: int, replicate: int,
) -> dict[int, float]:  # fmt: skip
    """Choose the first firms of an economy in some scope, with so many people, and a sample of those among them.

    Returns by the number of each firm for how many it stands: in scope for itself, in the sample (every tenth firm of
    all replicates, or fewer where scopes reach few) for others too. ``economy`` draws the first firms with so many
    people, ``populated`` the people of some firms, at most ``most`` at a time. Of scopes that hardly reach anybody
    fewer people are chosen.
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
    """Rank the firms by who comes first, each by draws of its own: 0..1, whatever other firms there are."""
    if adopters == "any":
        return w.firm.adoption
    with np.errstate(over="ignore"):  # matters without compilation: keys wrap around
        culture = np.array([uniform(key, draws.CULTURE) for key in w.firm.key])
    return culture if adopters == "gentle" else 1.0 - culture


def strength_on(lever: Lever, day: int, first: date, last_day: int) -> float:
    """Return the strength of a lever on a day: 0 before its start and from its end on, a straight ramp between.

    ``first`` is the date of day 0 of the run, warm-up included; ``last_day`` is the day after which the run is over.
    """
    start, end = span_of_lever(lever, first, last_day)
    if not start <= day < end:
        return 0.0
    grown = (day - start + 1) / lever.ramp_days if lever.ramp_days else 1.0
    return lever.strength * min(grown, 1.0)


def span_of_lever(lever: Lever, first: date, last_day: int) -> tuple[int, int]:
    """Turn a lever's dates into its first day, 0 if it has no start, and the day from which it no longer holds."""
    start = (lever.start - first).days if lever.start is not None else 0
    end = (lever.end - first).days if lever.end is not None else last_day + 1
    return start, end


def _parts(levers: Sequence[Lever]) -> list[Lever]:
    """Take levers apart."""
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
    alike: dict[tuple[bool, ...], list[int]] = {}  # roles that the same levers reach: most reach all
    for role, name in enumerate(ROLES):
        alike.setdefault(tuple(name in (piece.scope.roles or ROLES) for piece in pieces), []).append(role)
    for held, number in known.items():
        for theirs, roles in alike.items():
            rule[number, roles] = row_of([(pieces[n], strength) for n, strength in held if theirs[n]])
    return Plan(rule, changes)


def row_of(held: Iterable[tuple[Lever, float]]) -> Reals:
    """Write the row of rules that some levers with their strengths today make together, in any order.

    Each tool costs once, at its highest price.
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
