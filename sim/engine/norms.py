"""Norms overnight: expectations, from the manager's demand of the day before, and then demands."""

from sim.behaviour.norms import demand_target, expectation_days, expectation_target
from sim.behaviour.scales import approach
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.engine.state import Person, World
from sim.engine.timing import rules_of


@rule
def mean_response(w: World, person: Person, first: int, size: int, alone: float) -> float:
    """Average how the others in a team answer outside hours; ``alone`` if there are none."""
    total, n = 0.0, 0
    for i in range(first, first + size):
        if i != person.row:
            total += w.person[i].response
            n += 1
    return total / n if n > 0 else alone


@rule
def expect(w: World, p: Parameters, person: Person) -> None:
    """Move the perceived expectation by one day; it rises faster than it falls (M6)."""
    own = person.response
    peers = mean_response(w, person, person.team_first, person.team_size, own)
    boss = person.manager
    demand = w.person[boss if boss >= 0 else person.row].demand
    culture, openly = w.firm[person.firm].culture, rules_of(w, person).pressure
    target = expectation_target(p, culture, demand, peers, own, openly)
    person.expectation = approach(person.expectation, target, expectation_days(p, person.expectation, target))


@rule
def demand_more_or_less(w: World, p: Parameters, person: Person) -> None:
    """Move a manager's demand towards what the team gives; an enforced rule or a training lowers it (M6)."""
    rules = rules_of(w, person)
    got = mean_response(w, person, person.led_first, person.led_size, 0.0)
    strict = max(rules.contact_ban, rules.disconnect, rules.off_im, min(rules.closed_im, 1.0))
    target = demand_target(p, person.belief, got, strict, w.firm[person.firm].compliance, person.trained)
    person.demand = approach(person.demand, target, p.demand_days)
