"""What a week costs, in whole fen."""

from typing import TYPE_CHECKING

from tests.twin import hours, rules

if TYPE_CHECKING:
    from tests.twin.firm import Company
    from tests.twin.person import Person

MOST = 2 * 10**9  # fen of one booking


def fen_per_hour(person: "Person") -> int:
    return int(100.0 * rules.hourly_wage(person.model.q, person.role))


def weekly(yuan: float, times: float = 1.0) -> int:
    """A price per year (or month, twelve times) in the fen of a week."""
    return min(int(100.0 * yuan * times / (365.25 / 7.0) + 0.5), MOST)


def settle(person: "Person", day: int) -> None:
    """Contract pay, overtime pay, and what the rules of the day cost the employer."""
    q, rule, sums = person.model.q, person.rule, person.ledger
    hour = fen_per_hour(person)
    seconds = sum(person.model.workdays[day - 6 : day + 1]) * hours.working_day(person)
    person.count("wage_fen", seconds * hour // 3_600)
    pays = person.firm.pays
    recorded = rules.paid_share(max(q.paid_recorded, pays), rule.pay_recorded)
    latent = rules.paid_share(pays, rule.pay_latent)
    rest, statutory = (latent * sums[f"{day}_overtime_seconds"] for day in ("rest_day", "statutory"))
    paid = int(recorded * sums["recorded_overtime_seconds"] + latent * sums["latent_overtime_seconds"])
    person.count("paid_overtime_seconds", paid)
    contract, in_recorded = sums["contract_output_seconds"], sums["recorded_output_seconds"]
    in_latent = sums["output_seconds"] - contract - in_recorded
    person.count("paid_output_seconds", contract + int(recorded * in_recorded + latent * in_latent))
    price = rules.overtime_price(q, rule.pay_rate, paid - rest - statutory, rest, statutory)
    person.count("overtime_pay_fen", int(hour * price / 3_600.0))
    if not rule.in_force:
        return
    person.count("tool_cost_fen", weekly(rule.tool_cost, 12.0))
    person.count("training_cost_fen", weekly(rule.training_cost))
    person.count("monitoring_cost_fen", weekly(rule.monitoring_cost * (1.0 - rule.monitoring_limit), 12.0))
    person.count("emergency_cost_fen", min(int(100.0 * rule.emergency_cost * sums["emergency_calls"]), MOST))


def share_out(firm: "Company", column: str, fen: int) -> None:
    """Equal parts for all; the head has the rest."""
    part, rest = divmod(fen, len(firm.people))
    for person in firm.people:
        person.count(column, part)
    firm.people[0].count(column, rest)
