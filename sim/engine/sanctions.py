"""How rules are enforced (M10): inspections, complaints, orders, fines; a firm's fear of them, its readiness to obey.

Fear looks ahead and not back: it follows the chance to be found out and the weight of the sanction as the rules in
force have them, and it jumps when an inspector comes, whether or not something is found. So a stronger enforcement can
never lower it, in any week of any firm, although the firm that obeys more is fined less.
"""

from sim import draws
from sim.behaviour.obeying import dares, found_out, readiness, weight_of_money, weight_of_sanction
from sim.behaviour.scales import approach
from sim.columns import CHANNELS, F, L, P, R, S
from sim.compiled import rule
from sim.engine.messages import firm_rows
from sim.engine.payroll import MOST_FEN, share_out, weekly
from sim.engine.state import Reals, World
from sim.parameters import Q
from sim.randomness import uniform
from sim.units import WHOLE_WEEKS, YEAR_WEEKS

WEEK = 7  # days


@rule
def has_union(w: World, f: int) -> float:
    """Tell whether a firm has a union.

    Parameters
    ----------
    w : World
        All arrays.
    f : int
        Row of the firm.

    Returns
    -------
    float
        1 if the union strength in force lies above the firm's rank, otherwise 0.
    """
    r = w.rule[w.firm_rule[f], w.seat[firm_rows(w, f)[0], P.role]]
    return 1.0 if r[R.union] > w.firm[f, F.union] else 0.0


@rule
def can_be_broken(w: World, f: int) -> bool:
    """Tell whether some rule in force for a firm's people could be broken: without one there is nothing to fear.

    Parameters
    ----------
    w : World
        All arrays.
    f : int
        Row of the firm.

    Returns
    -------
    bool
        True where a channel is closed, contact prohibited, or a right, a cap or a rest given. A channel that does not
        exist cannot be used.
    """
    first, last = firm_rows(w, f)
    for i in range(first, last):
        r = w.rule[w.firm_rule[f], w.seat[i, P.role]]
        if max(r[R.contact_ban], r[R.disconnect], r[R.daily_cap], r[R.weekly_cap]) > 0.0:
            return True
        if max(r[R.daily_rest], r[R.weekly_rest]) > 0.0:
            return True
        for channel in range(len(CHANNELS)):
            if r[R.off_im + channel] > 0.0 or 0.0 < r[R.closed_im + channel] < 2.0:
                return True
    return False


@rule
def complain(w: World, p: Reals, f: int, day: int) -> int:
    """Let people and the union complain about the week's breaches.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    f : int
        Row of the firm.
    day : int
        Sunday.

    Returns
    -------
    int
        Complaints.
    """
    first, last = firm_rows(w, f)
    r = w.rule[w.firm_rule[f], w.seat[first, P.role]]
    heard = 0
    if r[R.complaint] > 0.0:
        for i in range(first, last):
            outspoken = r[R.complaint] * dares(r[R.anonymous], w.real[i, S.voice])
            if uniform(w.day_key[i], draws.COMPLAIN) < p[Q.complaint_rate] * outspoken / YEAR_WEEKS:
                w.ledger[i, L.complaints] += 1
                heard += 1
    rate = p[Q.union_complaints] * has_union(w, f) / YEAR_WEEKS
    if uniform(w.firm_key[f], draws.UNION_COMPLAINS + day // WEEK) < rate:
        w.ledger[first, L.complaints] += 1
        heard += 1
    return heard


@rule
def uphold(w: World, f: int) -> None:
    """Punish a breach that was found: an order or a fine.

    Parameters
    ----------
    w : World
        All arrays.
    f : int
        Row of the firm.
    """
    first, last = firm_rows(w, f)
    r = w.rule[w.firm_rule[f], w.seat[first, P.role]]
    part = 1.0
    if r[R.order_first] > 0.0 and w.firm[f, F.orders] == 0.0:
        w.firm[f, F.orders] += 1.0
        w.ledger[first, L.orders] += 1
        part = 1.0 - r[R.order_first]
    each = min(100.0 * part * (r[R.fine] + r[R.fine_firm] / (last - first)), 1.0 * MOST_FEN)
    fen = int(each * (last - first) + 0.5)
    share_out(w, f, L.fines_fen, fen)
    w.firm[f, F.fines] += fen / 100.0


@rule
def expect_sanction(w: World, p: Reals, f: int, inspected: bool) -> None:
    """Move a firm's fear: towards the chance to be found out times the weight of the sanction.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    f : int
        Row of the firm.
    inspected : bool
        Whether an inspector came this week.
    """
    first, last = firm_rows(w, f)
    r = w.rule[w.firm_rule[f], w.seat[first, P.role]]
    size = last - first
    weight, chance = 0.0, 0.0
    if can_be_broken(w, f):
        weight = weight_of_sanction(
            p[Q.fear_order],
            p[Q.fear_fine],
            r[R.fine] + r[R.fine_firm] / size,
            p[Q.fear_scale],
            r[R.order_first],
            p[Q.fear_ordered],
            p[Q.fear_publicity],
            r[R.publicity],
        )
        complaints = p[Q.complaint_rate] * r[R.complaint] * dares(r[R.anonymous], 0.5) * size
        chance = found_out(r[R.inspection], complaints + p[Q.union_complaints] * has_union(w, f))
    fear = approach(w.firm[f, F.fear], chance * weight, p[Q.fear_days] / WEEK)
    if inspected:
        fear += p[Q.fear_visit] * weight
    w.firm[f, F.fear] = min(fear, 1.0)


@rule
def mean_training(w: World, f: int) -> float:
    """Average what is left of trainings.

    Parameters
    ----------
    w : World
        All arrays.
    f : int
        Row of the firm.

    Returns
    -------
    float
        Between 0 and 1.
    """
    first, last = firm_rows(w, f)
    total = 0.0
    for i in range(first, last):
        total += w.real[i, S.trained]
    return total / (last - first)


@rule
def reward(w: World, f: int, found: bool) -> None:
    """Pay the incentive to a firm without a known breach in a year, week by week.

    Parameters
    ----------
    w : World
        All arrays.
    f : int
        Row of the firm.
    found : bool
        Whether a breach was upheld this week.
    """
    first, last = firm_rows(w, f)
    w.firm[f, F.clean] = 0.0 if found else min(w.firm[f, F.clean] + 1.0, 1.0 * WHOLE_WEEKS)
    if w.firm[f, F.clean] == WHOLE_WEEKS:
        for i in range(first, last):
            w.ledger[i, L.subsidy_fen] += weekly(w.rule[w.firm_rule[f], w.seat[i, P.role]][R.incentive], 1.0)


@rule
def enforce(w: World, p: Reals, f: int, day: int) -> None:
    """At the end of a week: inspections, complaints, orders, fines, incentives, fear, and the readiness to obey (M10).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    f : int
        Row of the firm.
    day : int
        Sunday.
    """
    first, _ = firm_rows(w, f)
    r = w.rule[w.firm_rule[f], w.seat[first, P.role]]
    inspected = uniform(w.firm_key[f], draws.INSPECTION + day // WEEK) < r[R.inspection] / YEAR_WEEKS
    if inspected:
        w.firm[f, F.inspections] += 1.0
        w.ledger[first, L.inspections] += 1
    broken = w.firm[f, F.breaches] > 0.0
    heard = complain(w, p, f, day) if broken else 0
    w.firm[f, F.complaints] += heard
    cases = heard + (1 if inspected else 0)
    found = broken and cases > 0
    if cases > 0:
        share_out(w, f, L.enforcement_cost_fen, min(int(100.0 * r[R.inspection_cost]), MOST_FEN) * cases)
    if found:
        uphold(w, f)
    reward(w, f, found)
    expect_sanction(w, p, f, inspected)
    lure = p[Q.compliance_incentive] * weight_of_money(r[R.incentive], p[Q.fear_scale])
    lure += p[Q.compliance_training] * mean_training(w, f)
    ready = readiness(p[Q.compliance_base], p[Q.compliance_fear], w.firm[f, F.fear], lure)
    w.firm[f, F.compliance] = approach(w.firm[f, F.compliance], ready, p[Q.compliance_days] / WEEK)
    w.firm[f, F.breaches] = 0.0
