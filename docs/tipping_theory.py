"""Where the norms of a firm settle: stable states of expectation, response and demand, and what moves between them.

What the engine does night by night (M6) is done here for a typical firm: colleagues are a mixture of people by their
wish to keep apart, half of it managed by who believes that silence is irresponsible; everybody sees the mean response.
A state is then one number, the mean response, and it is stable where people who see it give a little less than they see
if they see more, and more if they see less. Teams of five differ from that mean, so that some tip before others; a
simulation says how many (``docs/tipping.py``).

The share of requests that meets somebody who is free is not derived but measured (``MET``, ``MET_LATE``): in runs of
120 people for seven weeks in which the expectation was held at values from 0 to 1, it fell with the minutes that people
stay at the office because it is expected; the two numbers gave the response of each kind of people to within 0.05.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.core.parameters import ROWS

Reals = NDArray[np.float64]

MET, MET_LATE = 0.817, 0.00207  # share of requests that meets a free person; less per minute of ``stay_culture``
TYPES = 10  # people, evenly spread over the wish to keep apart
STEPS = 120  # of the grids of response and expectation
MONTH = 30.4375  # days


class Request(NamedTuple):
    """A kind of request outside hours: its share of all, and what of it counts for acting on it, 0..1 each."""

    share: float
    boss: float
    urgent: float
    receipt: float
    group: float


REQUESTS = (  # of the same runs: as they come with the values of the table
    Request(0.309, 0.0, 0.03, 1.0, 1.0),
    Request(0.219, 0.0, 0.37, 0.76, 0.0),
    Request(0.174, 0.0, 0.12, 1.0, 1.0),
    Request(0.156, 1.0, 0.12, 1.0, 1.0),
    Request(0.142, 1.0, 0.12, 0.82, 0.0),
)


class State(NamedTuple):
    """A stable state of a firm."""

    response: float  # mean share of requests acted on
    expectation: float  # mean perceived expectation, 0..1


class Rule(NamedTuple):
    """What a rule does while it is in force."""

    right: float = 0.0  # share of the felt pressure that a right in use takes away
    demand: float = 0.0  # share of managers' demand that it takes away


NO_RULE = Rule()


class Firm:
    """A typical firm with some parameters, by name; those that are not given have the values of the table."""

    def __init__(self, parameters: Mapping[str, float] | None = None) -> None:
        self.p = {name: row.value for name, row in ROWS.items()} | dict(parameters or {})
        apart = (np.arange(TYPES) + 0.5) / TYPES
        cut = 1.0 - self.p["refuse_share"]
        edges = np.arange(TYPES + 1) / TYPES
        within = np.clip((edges[1:] - cut) * TYPES, 0.0, 1.0)  # share of each type that refuses
        self.apart = np.concatenate([apart, apart])
        self.refuses = np.concatenate([np.zeros(TYPES), np.ones(TYPES)])
        self.weight = np.concatenate([1.0 - within, within]) / TYPES

    def response(self, expectation: Reals, rule: Rule = NO_RULE) -> Reals:
        """Return the share of requests acted on, by the expectation of each type, shape (..., types)."""
        p = self.p
        felt = expectation * (1.0 - rule.right)
        met = MET - MET_LATE * p["stay_culture"] * felt
        inner = p["act_base"] + p["act_expectation"] * felt - p["act_segmentation"] * self.apart
        inner = inner + p["act_refusal"] * self.refuses
        acted = np.zeros_like(inner)
        for kind in REQUESTS:
            odds = inner + p["act_manager"] * kind.boss + p["act_receipt"] * kind.receipt + p["act_group"] * kind.group
            acted += kind.share * (1.0 - kind.urgent) / (1.0 + np.exp(-odds))
            acted += kind.share * kind.urgent / (1.0 + np.exp(-odds - p["act_urgent"]))
        return acted * met / (met + p["request_at_work"] * (1.0 - met))

    def demand(self, response: Reals, rule: Rule = NO_RULE) -> Reals:
        """Return managers' mean demand where a response has lasted."""
        p = self.p
        wanted = p["demand_base"] + p["demand_belief"] * p["belief_share"] + p["demand_response"] * response
        return np.clip(wanted * (1.0 - rule.demand), 0.0, 1.0)

    def target(self, seen: Reals, own: Reals, demand: Reals) -> Reals:
        """Return where expectations would settle, by the response seen, one's own and the demand."""
        p = self.p
        norm = 1.0 / (1.0 + np.exp(-p["norm_steepness"] * (seen - p["norm_tipping"])))
        felt = p["norm_base"] + p["norm_manager"] * demand + p["norm_peers"] * norm
        return np.clip(felt + p["norm_contest"] * np.maximum(seen - own, 0.0), 0.0, 1.0)

    def settled(self, seen: Reals, rule: Rule = NO_RULE) -> Reals:
        """Return the expectation of each type where a seen response lasts, shape (responses, types)."""
        grid = np.linspace(0.0, 1.0, STEPS + 1)[:, None]
        own = self.response(np.broadcast_to(grid, (STEPS + 1, 2 * TYPES)), rule)
        shown = seen[:, None, None]
        excess = self.target(shown, own, self.demand(shown, rule)) - grid  # falls along the grid, from above 0 to below
        above = np.clip((excess > 0.0).sum(axis=1, keepdims=True), 1, STEPS)
        before, after = (np.take_along_axis(excess, k, axis=1)[:, 0] for k in (above - 1, above))
        part = np.where(before > after, before / np.where(before > after, before - after, 1.0), 0.0)
        return np.clip((above[:, 0] - 1 + part) / STEPS, 0.0, 1.0)

    def given(self, seen: Reals, rule: Rule = NO_RULE) -> Reals:
        """Return the mean response of a firm that sees a response for long."""
        return self.response(self.settled(seen, rule), rule) @ self.weight

    def states(self, rule: Rule = NO_RULE) -> list[State]:
        """Find all stable states, from the lowest response to the highest."""
        seen = np.linspace(0.0, 1.0, STEPS + 1)
        beyond = self.given(seen, rule) - seen
        found = []
        for k in np.flatnonzero((beyond[:-1] > 0.0) & (beyond[1:] <= 0.0)):
            at = seen[k] + (seen[k + 1] - seen[k]) * beyond[k] / (beyond[k] - beyond[k + 1])
            found.append(State(float(at), float((self.settled(np.array([at]), rule) @ self.weight)[0])))
        return found

    def committed(self) -> float | None:
        """Return the least share of people who refuse at which no high state is left; None if there is no such share.

        A firm with one state has none: nothing is left to tip.
        """
        if len(self.states()) < 2:
            return None
        shares = np.arange(self.p["refuse_share"], ROWS["refuse_share"].high + 0.001, 0.01)
        left = (len(Firm({**self.p, "refuse_share": float(share)}).states()) > 1 for share in shares)
        return next((float(share) for share, stays in zip(shares, left, strict=True) if not stays), None)

    def years_after(self, start: float, months: float, rule: Rule, years: float = 2.0) -> State:
        """Live day by day from a start expectation, the first months under a rule, and return where it ends."""
        p = self.p
        expectation = np.full(2 * TYPES, start)
        response = self.response(expectation)
        demand = self.demand(self.weight @ response)
        for day in range(round(months * MONTH + years * 365.25)):
            now = rule if day < months * MONTH else NO_RULE
            seen = self.weight @ response
            response = _towards(response, self.response(expectation, now), p["response_days"])
            target = self.target(seen, response, demand)
            days = np.where(target > expectation, p["norm_up_days"], p["norm_down_days"])
            expectation = target + (expectation - target) * np.exp(-1.0 / days)
            demand = _towards(demand, self.demand(self.weight @ response, now), p["demand_days"])
        return State(float(self.weight @ response), float(self.weight @ expectation))


def _towards(state: Reals, target: Reals, days: float) -> Reals:
    """Move a state by one day."""
    return target + (state - target) * math.exp(-1.0 / days)
