"""What people think that others do, and what is expected of them."""

from sim.behaviour.scales import chance, share
from sim.core.compiled import rule
from sim.core.parameters import Parameters


@rule
def felt_norm(p: Parameters, acted: float) -> float:
    """How strongly the share of requests that peers act on is felt as a norm, rising around a tipping share (M6)."""
    return chance(p.norm_steepness * (acted - p.norm_tipping))


@rule
def start_expectation(p: Parameters, culture: float) -> float:
    """Expectation on the first day, by the culture of the firm in standard deviations."""
    return share(p.start_expectation + p.culture_expectation * culture)


@rule
def expectation_target(p: Parameters, culture: float, demand: float, peers: float, own: float, firm: float) -> float:
    """Perceived expectation to be available (M6).

    By the firm's culture in standard deviations, the manager's ``demand``, the shares of requests that ``peers`` and
    the person act on (also as a contest, where peers do more), and what the firm demands openly.
    """
    norm = felt_norm(p, peers)
    lead = max(peers - own, 0.0)
    felt = p.norm_base + p.culture_expectation * culture + p.norm_manager * demand + p.norm_peers * norm
    return share(felt + p.norm_contest * lead + p.norm_pressure * firm)


@rule
def expectation_days(p: Parameters, now: float, target: float) -> float:
    """Time constant of the perceived expectation: it rises faster than it falls (M6)."""
    return p.norm_up_days if target > now else p.norm_down_days


@rule
def start_demand(p: Parameters, belief: float) -> float:
    """Availability that a manager expects on the first day; ``belief`` that silence is irresponsible is 0 or 1."""
    return share(p.demand_base + p.demand_belief * belief + p.demand_response * p.start_team_response)


@rule
def obeyed(p: Parameters, compliance: float) -> float:
    """How far a firm's readiness to obey has risen above that without enforcement, 0..1."""
    gained = compliance - p.compliance_base
    return gained / (1.0 - p.compliance_base) if gained > 0.0 else 0.0


@rule
def demand_target(
    p: Parameters, belief: float, response: float, strict: float, compliance: float, trained: float
) -> float:
    """Availability that a manager comes to expect of the team outside hours (M6, M10).

    It follows what the team gives (``response``); the strictest rule in force against contact takes from it as far as
    the firm obeys, and so does what is left of a training.
    """
    wanted = p.demand_base + p.demand_belief * belief + p.demand_response * response
    ruled = 1.0 - p.norm_rule * strict * obeyed(p, compliance)
    return share(wanted * ruled * (1.0 - p.demand_training * trained))
