"""What a night does to norms, from the peers' and the manager's values of the day before."""

from sim.behaviour.norms import demanded_availability, expected_availability, felt_norm
from sim.behaviour.scales import approach
from sim.columns import F, P, R, S
from sim.compiled import rule
from sim.engine.state import Reals, World
from sim.parameters import Q


@rule
def mean_response(w: World, first: int, size: int, but: int) -> float:
    """Average how people answer outside hours.

    Parameters
    ----------
    w : World
        All arrays.
    first : int
        Row of the first.
    size : int
        How many.
    but : int
        Row that is left out.

    Returns
    -------
    float
        Between 0 and 1; -1 if nobody is left.
    """
    total, n = 0.0, 0
    for i in range(first, first + size):
        if i != but:
            total += w.real[i, S.response]
            n += 1
    return total / n if n > 0 else -1.0


@rule
def expect(w: World, p: Reals, i: int) -> None:
    """Move the perceived expectation by one day; it rises faster than it falls (M6).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    """
    peers = mean_response(w, w.seat[i, P.team_first], w.seat[i, P.team_size], i)
    own = w.real[i, S.response]
    if peers < 0.0:
        peers = own
    boss = w.seat[i, P.manager]
    demand = w.real[boss if boss >= 0 else i, S.demand]
    norm = felt_norm(peers, p[Q.norm_tipping], p[Q.norm_steepness])
    target = expected_availability(
        p[Q.norm_base],
        w.firm[w.seat[i, P.firm], F.culture],
        p[Q.norm_manager],
        demand,
        p[Q.norm_peers],
        norm,
        p[Q.norm_contest],
        max(peers - own, 0.0),
        p[Q.norm_pressure],
        w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]][R.pressure],
    )
    now = w.real[i, S.expectation]
    w.real[i, S.expectation] = approach(now, target, p[Q.norm_up_days] if target > now else p[Q.norm_down_days])


@rule
def demand_more_or_less(w: World, p: Reals, i: int) -> None:
    """Move what a manager expects towards what the manager gets; an enforced rule or a training takes from it (M6).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the manager.
    """
    f = w.seat[i, P.firm]
    r = w.rule[w.firm_rule[f], w.seat[i, P.role]]
    got = mean_response(w, w.seat[i, P.led_first], w.seat[i, P.led_size], -1)
    strict = max(r[R.contact_ban], r[R.disconnect], min(r[R.closed_im], 1.0), min(r[R.off_im], 1.0))
    obeyed = max(w.firm[f, F.compliance] - p[Q.compliance_base], 0.0) / max(1.0 - p[Q.compliance_base], 1e-9)
    target = demanded_availability(
        p[Q.demand_base],
        p[Q.demand_belief],
        w.real[i, S.belief],
        p[Q.demand_response],
        max(got, 0.0),
        p[Q.norm_rule],
        strict,
        obeyed,
        p[Q.demand_training],
        w.real[i, S.trained],
    )
    w.real[i, S.demand] = approach(w.real[i, S.demand], target, p[Q.demand_days])
