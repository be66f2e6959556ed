"""Enforcement of rules (M10): inspections, complaints, orders, fines; a firm's fear of them and readiness to obey.

Fear looks ahead: it follows the chance to be found out and the weight of the sanction under the rules in force, and it
jumps when an inspector comes, whatever is found. Stronger enforcement can therefore never lower it, in any week of any
firm, although a firm that obeys more is fined less.
"""

from sim.behaviour.compliance import dares, found_out, readiness_target, weight_of_sanction
from sim.behaviour.scales import approach
from sim.core import draws
from sim.core.columns import CLOSABLE
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import uniform
from sim.core.units import WEEK, WHOLE_WEEKS, YEAR_WEEKS
from sim.engine.messages import firm_rows
from sim.engine.payroll import FEN, MOST_FEN, share_of, weekly
from sim.engine.state import World
from sim.engine.timing import rules_of

MEAN_RANK = 0.5  # rank of people that a firm assumes


@rule
def has_union(w: World, f: int) -> float:
    """Return whether a firm has a union."""
    rules = rules_of(w, w.person[w.firm[f].first])
    return 1.0 if rules.union > w.firm[f].union else 0.0


@rule
def can_be_broken(w: World, f: int) -> bool:
    """Return whether some rule in force for a firm's people could be broken; otherwise there is nothing to fear."""
    first, last = firm_rows(w, f)
    for i in range(first, last):
        rules = rules_of(w, w.person[i])
        if max(rules.contact_ban, rules.disconnect, rules.daily_cap, rules.weekly_cap) > 0.0:
            return True
        if max(rules.daily_rest, rules.weekly_rest) > 0.0:
            return True
        for channel in range(len(CLOSABLE)):
            if rules.off[channel] > 0.0 or 0.0 < rules.closed[channel] < 2.0:
                return True
    return False


@rule
def complain(w: World, p: Parameters, f: int, day: int) -> int:
    """Let people and the union complain about the week's breaches."""
    first, last = firm_rows(w, f)
    rules = rules_of(w, w.person[first])
    heard = 0
    if rules.complaint > 0.0:
        for i in range(first, last):
            person = w.person[i]
            outspoken = rules.complaint * dares(p, rules.anonymous, person.voice)
            if uniform(person.day_key, draws.COMPLAIN) < p.complaint_rate * outspoken / YEAR_WEEKS:
                person.ledger.complaints += 1
                heard += 1
    rate = p.union_complaints * has_union(w, f) / YEAR_WEEKS
    if uniform(w.firm[f].key, draws.UNION_COMPLAINS + day // WEEK) < rate:
        w.person[first].ledger.complaints += 1
        heard += 1
    return heard


@rule
def uphold(w: World, f: int) -> None:
    """Punish a breach that was found: an order or a fine."""
    first, last = firm_rows(w, f)
    rules = rules_of(w, w.person[first])
    part = 1.0
    if rules.order_first > 0.0 and w.firm[f].orders == 0.0:
        w.firm[f].orders += 1.0
        w.person[first].ledger.orders += 1
        part = 1.0 - rules.order_first
    each = min(FEN * part * (rules.fine + rules.fine_firm / (last - first)), MOST_FEN)
    fen = int(each * (last - first) + 0.5)
    for i in range(first, last):
        w.person[i].ledger.fines_fen += share_of(fen, last - first, i == first)
    w.firm[f].fines += fen / FEN


@rule
def expect_sanction(w: World, p: Parameters, f: int, inspected: bool) -> None:
    """Move a firm's fear towards the chance to be found out times the weight of the sanction."""
    first, last = firm_rows(w, f)
    rules = rules_of(w, w.person[first])
    size = last - first
    weight, chance = 0.0, 0.0
    if can_be_broken(w, f):
        weight = weight_of_sanction(p, rules.fine + rules.fine_firm / size, rules.order_first, rules.publicity)
        complaints = p.complaint_rate * rules.complaint * dares(p, rules.anonymous, MEAN_RANK) * size
        chance = found_out(rules.inspection, complaints + p.union_complaints * has_union(w, f))
    fear = approach(w.firm[f].fear, chance * weight, p.fear_days / WEEK)
    if inspected:
        fear += p.fear_visit * weight
    w.firm[f].fear = min(fear, 1.0)


@rule
def mean_training(w: World, f: int) -> float:
    """Average the remaining effects of trainings."""
    first, last = firm_rows(w, f)
    total = 0.0
    for i in range(first, last):
        total += w.person[i].trained
    return total / (last - first)


@rule
def reward(w: World, f: int, found: bool) -> None:
    """Pay the weekly incentive to a firm without a known breach within a year."""
    first, last = firm_rows(w, f)
    w.firm[f].clean = 0.0 if found else min(w.firm[f].clean + 1.0, WHOLE_WEEKS)
    if w.firm[f].clean == WHOLE_WEEKS:
        for i in range(first, last):
            person = w.person[i]
            person.ledger.subsidy_fen += weekly(rules_of(w, person).incentive, 1.0)


@rule
def enforce(w: World, p: Parameters, f: int, day: int) -> None:
    """At the end of a week: inspections, complaints, orders, fines, incentives, fear, readiness (M10)."""
    first, last = firm_rows(w, f)
    rules = rules_of(w, w.person[first])
    inspected = uniform(w.firm[f].key, draws.INSPECTION + day // WEEK) < rules.inspection / YEAR_WEEKS
    if inspected:
        w.firm[f].inspections += 1.0
        w.person[first].ledger.inspections += 1
    broken = w.firm[f].breaches > 0.0
    heard = complain(w, p, f, day) if broken else 0
    w.firm[f].complaints += heard
    cases = heard + (1 if inspected else 0)
    found = broken and cases > 0
    if cases > 0:
        fen = min(int(FEN * rules.inspection_cost), MOST_FEN) * cases
        for i in range(first, last):
            w.person[i].ledger.enforcement_cost_fen += share_of(fen, last - first, i == first)
    if found:
        uphold(w, f)
    reward(w, f, found)
    expect_sanction(w, p, f, inspected)
    ready = readiness_target(p, w.firm[f].fear, rules.incentive, mean_training(w, f))
    w.firm[f].compliance = approach(w.firm[f].compliance, ready, p.compliance_days / WEEK)
    w.firm[f].breaches = 0.0
