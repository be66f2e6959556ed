"""How rules are enforced, and how far a firm obeys them."""

from types import SimpleNamespace
from typing import TYPE_CHECKING

from sim.core import draws
from tests.twin import payroll, rules
from tests.twin.chance import happens

if TYPE_CHECKING:
    from tests.twin.firm import Company
    from tests.twin.person import Person


def rule_of(firm: "Company") -> SimpleNamespace:
    """The head's rules are the firm's."""
    return firm.rules[firm.people[0].role]


def has_union(firm: "Company") -> float:
    return float(rule_of(firm).union > firm.union)


def use_of_rights(person: "Person") -> float:
    """How far this person uses a right today."""
    q, rule, firm = person.model.q, person.rule, person.firm
    daring = rules.dares(q, rule.anonymous, person.voice)
    return rules.use_of_rights(q, has_union(firm), rule.complaint, daring, firm.fear)


def breakable(rule: SimpleNamespace) -> bool:
    """Whether there is anything that could be broken."""
    given = (
        rule.contact_ban, rule.disconnect, rule.daily_cap, rule.weekly_cap, rule.daily_rest, rule.weekly_rest,
    )  # fmt: skip
    return any(given) or any(rule.off) or any(0.0 < closure < 2.0 for closure in rule.closed)


def enforce(firm: "Company", day: int) -> None:
    """On Sundays: inspections, complaints, orders, fines, incentives, fear, and the readiness to obey."""
    q, rule, size, week = firm.model.q, rule_of(firm), len(firm.people), day // 7
    head = firm.people[0]
    inspected = happens(rule.inspection / (365.25 / 7), firm.key, draws.INSPECTION + week)
    if inspected:
        firm.inspections += 1.0
        head.count("inspections")
    broken = firm.breaches > 0.0
    heard = complain(firm, week) if broken else 0
    firm.complaints += heard
    cases = heard + inspected
    payroll.share_out(firm, "enforcement_cost_fen", min(int(100.0 * rule.inspection_cost), payroll.MOST) * cases)
    found = broken and cases > 0
    if found:
        uphold(firm)
    firm.clean = 0.0 if found else min(firm.clean + 1.0, 52.0)
    if firm.clean == 52.0:
        for person in firm.people:
            person.count("subsidy_fen", payroll.weekly(person.rule.incentive))
    weight = chance = 0.0
    if any(breakable(person.rule) for person in firm.people):
        weight = rules.weight_of_sanction(q, rule.fine + rule.fine_firm / size, rule.order_first, rule.publicity)
        complaints = q.complaint_rate * rule.complaint * rules.dares(q, rule.anonymous, 0.5) * size
        chance = rules.found_out(rule.inspection, complaints + q.union_complaints * has_union(firm))
    fear = rules.approach(firm.fear, chance * weight, q.fear_days / 7)
    firm.fear = min(fear + q.fear_visit * weight if inspected else fear, 1.0)
    trained = 0.0
    for person in firm.people:
        trained += person.trained
    ready = rules.readiness_target(q, firm.fear, rule.incentive, trained / size)
    firm.compliance = rules.approach(firm.compliance, ready, q.compliance_days / 7)
    firm.breaches = 0.0


def complain(firm: "Company", week: int) -> int:
    """Outspoken people and the union complain about a week with breaches."""
    q, rule = firm.model.q, rule_of(firm)
    voices = [
        person
        for person in firm.people
        if happens(
            q.complaint_rate * (rule.complaint * rules.dares(q, rule.anonymous, person.voice)) / (365.25 / 7),
            person.day_key,
            draws.COMPLAIN,
        )
    ]
    if happens(q.union_complaints * has_union(firm) / (365.25 / 7), firm.key, draws.UNION_COMPLAINS + week):
        voices.append(firm.people[0])
    for person in voices:
        person.count("complaints")
    return len(voices)


def uphold(firm: "Company") -> None:
    """The first breach may bring an order only; a fine is shared out."""
    rule, size = rule_of(firm), len(firm.people)
    part = 1.0
    if rule.order_first > 0.0 and firm.orders == 0.0:
        firm.orders += 1.0
        firm.people[0].count("orders")
        part -= rule.order_first
    each = min(100.0 * part * (rule.fine + rule.fine_firm / size), float(payroll.MOST))
    fen = int(each * size + 0.5)
    payroll.share_out(firm, "fines_fen", fen)
    firm.fines += fen / 100.0
