"""What people believe that others do, and which availability they think is expected of them (M6)."""

from sim.behaviour.scales import chance, share
from sim.core.compiled import rule
from sim.core.parameters import Parameters


@rule
def felt_norm(p: Parameters, acted: float) -> float:
    """How strongly peers' answering is felt as a norm, 0..1; rises steeply around a tipping share (M6) [E6].

    ``acted`` is the share of requests outside hours that peers act on.
    """
    return chance(p.norm_steepness * (acted - p.norm_tipping))


@rule
def start_expectation(p: Parameters, culture: float) -> float:
    """Expectation to be available on the first day, 0..1; ``culture`` is the firm's, in standard deviations."""
    return share(p.start_expectation + p.culture_expectation * culture)


@rule
def expectation_target(p: Parameters, culture: float, demand: float, peers: float, own: float, firm: float) -> float:
    """Perceived expectation to be available, 0..1 (M6) [E6].

    It rises with the firm's culture (standard deviations), the manager's ``demand``, the share of requests that
    ``peers`` act on, their lead over the person's ``own`` share (a contest), and open demands of the ``firm``.
    """
    norm = felt_norm(p, peers)
    lead = max(peers - own, 0.0)
    felt = p.norm_base + p.culture_expectation * culture + p.norm_manager * demand + p.norm_peers * norm
    return share(felt + p.norm_contest * lead + p.norm_pressure * firm)


@rule
def expectation_days(p: Parameters, now: float, target: float) -> float:
    """Time constant of the expectation in days: it rises faster than it falls (M6). Assumption."""
    return p.norm_up_days if target > now else p.norm_down_days


@rule
def start_demand(p: Parameters, belief: float) -> float:
    """Availability that a manager expects on the first day; ``belief`` that silence is irresponsible is 0 or 1."""
    return share(p.demand_base + p.demand_belief * belief + p.demand_response * p.start_team_response)


@rule
def obeyed(p: Parameters, compliance: float) -> float:
    """How far a firm's readiness to obey has risen above its unenforced level, 0..1 (M6)."""
    gained = compliance - p.compliance_base
    return gained / (1.0 - p.compliance_base) if gained > 0.0 else 0.0


@rule
def demand_target(
    p: Parameters, belief: float, response: float, strict: float, compliance: float, trained: float
) -> float:
    """Availability outside hours that a manager comes to expect of the team, 0..1 (M6, M10) [E5, report 2.1].

    It follows the team's ``response``. The strictest rule against contact lowers it as far as the firm obeys, and so
    does the remaining effect of a training.
    """
    wanted = p.demand_base + p.demand_belief * belief + p.demand_response * response
    ruled = 1.0 - p.norm_rule * strict * obeyed(p, compliance)
    return share(wanted * ruled * (1.0 - p.demand_training * trained))
