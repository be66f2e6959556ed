"""What a night does to norms, from the peers' and the manager's values of the day before."""

from sim.behaviour.norms import demanded_availability, expected_availability, felt_norm
from sim.behaviour.scales import approach
from sim.core.compiled import rule
from sim.engine.state import Parameters, Person, World
from sim.engine.timing import rules_of


@rule
def mean_response(w: World, first: int, size: int, but: int) -> float:
    """Average how people answer outside hours."""
    total, n = 0.0, 0
    for i in range(first, first + size):
        if i != but:
            total += w.person[i].response
            n += 1
    return total / n if n > 0 else -1.0


@rule
def expect(w: World, p: Parameters, person: Person) -> None:
    """Move the perceived expectation by one day; it rises faster than it falls (M6)."""
    peers = mean_response(w, person.team_first, person.team_size, person.row)
    own = person.response
    if peers < 0.0:
        peers = own
    boss = person.manager
    demand = w.person[boss if boss >= 0 else person.row].demand
    norm = felt_norm(peers, p.norm_tipping, p.norm_steepness)
    target = expected_availability(
        p.norm_base,
        w.firm[person.firm].culture,
        p.norm_manager,
        demand,
        p.norm_peers,
        norm,
        p.norm_contest,
        max(peers - own, 0.0),
        p.norm_pressure,
        rules_of(w, person).pressure,
    )
    now = person.expectation
    person.expectation = approach(now, target, p.norm_up_days if target > now else p.norm_down_days)


@rule
def demand_more_or_less(w: World, p: Parameters, person: Person) -> None:
    """Move what a manager expects towards what the manager gets; an enforced rule or a training takes from it (M6)."""
    f = person.firm
    rules = rules_of(w, person)
    got = mean_response(w, person.led_first, person.led_size, -1)
    strict = max(rules.contact_ban, rules.disconnect, min(rules.closed_im, 1.0), min(rules.off_im, 1.0))
    obeyed = max(w.firm[f].compliance - p.compliance_base, 0.0) / max(1.0 - p.compliance_base, 1e-9)
    target = demanded_availability(
        p.demand_base,
        p.demand_belief,
        person.belief,
        p.demand_response,
        max(got, 0.0),
        p.norm_rule,
        strict,
        obeyed,
        p.demand_training,
        person.trained,
    )
    person.demand = approach(person.demand, target, p.demand_days)
