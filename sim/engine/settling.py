"""The settled state of a world without rules: the slow states with which its people start.

A state that relaxes towards a target settles at the target's mean, whatever its time constant. So the same people live
through some months in which slow states move ``HASTE`` times as fast and nobody leaves, with draws of their own. The
settled state is the mean over the last weeks. This takes a tenth of the time of simulating years.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.core import draws
from sim.core.parameters import Q
from sim.core.randomness import child
from sim.engine.state import Reals, Whole, World

HASTE = {  # speed-up factors: norms act on each other, strain only follows
    **dict.fromkeys(("norm_up_days", "norm_down_days", "demand_days", "response_days"), 6.0),
    **dict.fromkeys(("exhaustion_days", "cynicism_days", "efficacy_days", "trust_days"), 12.0),
}
HASTENED = ("exhaustion_state", "cynicism", "efficacy", "trust", "expectation", "demand", "response")
SLOW = (*HASTENED, "fatigue", "detachment", "anxiety", "conflict", "enrichment", "partner_strain", "burden", "sleep")
MEASURED = 8  # last weeks over which states are averaged
BOUND = 0.03  # largest accepted drift of a mean between both halves of these weeks, in units of the state
LARGE = ("burden", "sleep")  # not between -3 and 3; their bound is a share of the mean
SIGNIFICANT, POWER = 1.96, 0.84  # normal quantiles of a two-sided test at 5 %, and of a power of 80 %


class Drift(NamedTuple):
    """The change of a state's mean between the two halves of the measured weeks."""

    change: float  # in the state's unit
    error: float  # standard error over firms
    detectable: float  # drift that the test detects in four of five cases
    bound: float

    @property
    def rests(self) -> bool:
        """Whether the state does not drift by more than the bound, beyond chance."""
        return abs(self.change) - SIGNIFICANT * self.error <= self.bound


class Measured(NamedTuple):
    """States of all people of some firms in the last weeks."""

    numbers: Whole  # (firms,)
    people: Whole  # (firms,)
    states: Reals  # (people, SLOW), means
    moved: Reals  # (people, SLOW), change from the first to the second half of these weeks


class Settled(NamedTuple):
    """Settled states of all people of some firms."""

    numbers: Whole  # (firms,) their numbers, ascending
    people: Whole  # (firms,) how many people work in each
    states: Reals  # (people, SLOW), in the order of firms and seats
    drift: dict[str, Drift]
    weeks: int  # weeks simulated

    @property
    def rests(self) -> bool:
        """Whether no state drifts."""
        return all(drift.rests for drift in self.drift.values())


def hasten(parameters: Reals) -> Reals:
    """Return parameters with shorter time constants (for rising and falling norms alike) and without exits."""
    fast = parameters.copy()
    for name, times in HASTE.items():
        fast[getattr(Q, name)] /= times
    fast[Q.exit_rate] = 0.0
    return fast


def other_days(w: World) -> None:
    """Give the people and firms of a world other keys, so that no draw equals one of the run itself."""
    for records in (w.person, w.firm):
        records.key = np.array([child(key, draws.SETTLING_KEY) for key in records.key], np.uint64)


def states_of(w: World) -> Reals:
    """Copy the slow states, shape (people, SLOW)."""
    return np.stack([w.person[name] for name in SLOW], axis=1)


def of_week(days: Sequence[Reals]) -> Reals:
    """Summarise a week: states that the speed-up makes vary within it are averaged, others are taken at its end."""
    week: Reals = np.mean(days, axis=0)
    week[:, len(HASTENED) :] = days[-1][:, len(HASTENED) :]
    return week


def measured(w: World, weekly: Sequence[Reals]) -> Measured:
    """Average the states of the last weeks, and take the difference between their halves."""
    last = np.stack(weekly)
    half = len(last) // 2
    moved = last[half:].mean(axis=0) - last[:half].mean(axis=0)
    return Measured(w.firm.number.copy(), w.firm.people.copy(), last.mean(axis=0), moved)


def at_rest(slices: Sequence[Measured], weeks: int) -> Settled:
    """Join slices of an economy in the order of firms, and test them for drift; ``weeks`` were simulated."""
    numbers, people, states, moved = map(np.concatenate, zip(*slices, strict=True))
    firm, size = np.repeat(np.arange(len(people)), people), people.astype(np.float64)
    drift = {}
    for n, name in enumerate(SLOW):
        change = float(moved[:, n].mean())
        by_firm = np.bincount(firm, moved[:, n] - change, len(size))
        error = float(np.sqrt((by_firm**2).sum()) / size.sum())
        bound = BOUND * (abs(float(states[:, n].mean())) if name in LARGE else 1.0)
        drift[name] = Drift(change, error, (SIGNIFICANT + POWER) * error, bound)
    return Settled(numbers, people, states, drift, weeks)


def start(w: World, rest: Settled) -> None:
    """Start the people of a fresh world from their settled states; each of its firms must have been settled."""
    place = np.searchsorted(rest.numbers, w.firm.number)[w.person.firm]
    first = np.cumsum(rest.people) - rest.people
    rows = first[place] + np.arange(len(w.person)) - w.firm.first[w.person.firm]
    for n, name in enumerate(SLOW):
        w.person[name][:] = rest.states[rows, n]
    w.person.usual_demand[:] = w.person.demand
