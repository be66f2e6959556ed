"""The costs of a week: pay, overtime pay and costs of rules, person by person, in whole fen.

Money follows from events and influences none: nobody works more or less for pay (docs/limits.md). A week is settled on
its Sunday, by the rules in force on that day.
"""

from sim.behaviour.working import hourly_wage, overtime_price, paid_share
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.units import HOUR, WEEK, YEAR_WEEKS
from sim.engine.state import Person, World
from sim.engine.timing import contract_seconds, rules_of, share_of_full_time

FEN = 100.0  # per yuan
MONTHS = 12.0  # per year
MOST_FEN = 2_000_000_000  # of one booking per person: 20 million yuan; larger amounts would overflow a table's integers


@rule
def fen_per_hour(p: Parameters, person: Person) -> int:
    """Return a person's pay for a contract hour, in fen."""
    return int(FEN * hourly_wage(p, person.role))


@rule
def weekly(yuan: float, times: float) -> int:
    """Convert a yearly price, or a monthly one, into the amount for a week, in fen."""
    return min(int(FEN * yuan * times / YEAR_WEEKS + 0.5), MOST_FEN)


@rule
def paid_shares(w: World, p: Parameters, person: Person) -> tuple[float, float]:
    """Return the paid shares of recorded and latent overtime: by custom, by firms that pay all, by a rule (M9)."""
    f = person.firm
    rules = rules_of(w, person)
    pays = w.firm[f].pays
    recorded = paid_share(max(p.paid_recorded, pays), rules.pay_recorded)
    latent = paid_share(pays, rules.pay_latent)
    return recorded, latent


@rule
def paid_output(person: Person, recorded: float, latent: float) -> int:
    """Add up the week's output in paid time: contract hours, and the paid shares of overtime."""
    in_contract, in_recorded = person.ledger.contract_output_seconds, person.ledger.recorded_output_seconds
    in_latent = person.ledger.output_seconds - in_contract - in_recorded
    return in_contract + int(recorded * in_recorded + latent * in_latent)


@rule
def settle(w: World, p: Parameters, person: Person, day: int) -> None:
    """Settle a person's week: contract pay, overtime pay, and what the rules in force cost the employer."""
    rules = rules_of(w, person)
    hour = fen_per_hour(p, person)
    workdays = 0
    for each in range(day + 1 - WEEK, day + 1):
        workdays += w.workday[each]
    person.ledger.wage_fen += contract_seconds(w, p, person) * workdays * hour // HOUR
    recorded, latent = paid_shares(w, p, person)
    paid = int(recorded * person.ledger.recorded_overtime_seconds + latent * person.ledger.latent_overtime_seconds)
    person.ledger.paid_output_seconds += paid_output(person, recorded, latent)
    rest = latent * person.ledger.rest_day_overtime_seconds
    statutory = latent * person.ledger.statutory_overtime_seconds
    person.ledger.paid_overtime_seconds += paid
    price = overtime_price(p, rules.pay_rate, paid - rest - statutory, rest, statutory)
    person.ledger.overtime_pay_fen += int(hour * price / HOUR)
    if rules.in_force > 0.0:
        watching = rules.monitoring_cost * (1.0 - rules.monitoring_limit)
        calls = FEN * rules.emergency_cost * person.ledger.emergency_calls
        person.ledger.tool_cost_fen += weekly(rules.tool_cost, MONTHS)
        person.ledger.training_cost_fen += weekly(rules.training_cost, 1.0)
        person.ledger.monitoring_cost_fen += weekly(watching, MONTHS)
        person.ledger.emergency_cost_fen += min(int(calls), MOST_FEN)


@rule
def cost_of_leaving(w: World, p: Parameters, person: Person) -> int:
    """Return the cost of replacing a person who leaves, in fen (M13)."""
    cost = p.exit_cost * p.paid_hours * share_of_full_time(w, p, person) * fen_per_hour(p, person)
    return min(int(cost), MOST_FEN)


@rule
def share_of(fen: int, people: int, head: bool) -> int:
    """Return a person's part of an equally shared amount, in whole fen; the remainder goes to the head."""
    part = fen // people
    return fen - part * (people - 1) if head else part
