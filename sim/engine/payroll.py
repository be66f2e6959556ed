"""What a week costs: pay, overtime pay and what a rule costs, person by person, in whole fen.

Money follows from what happened and changes nothing that happens: nobody works more or less for pay (docs/limits.md).
A week is settled on its Sunday, by the rules in force on that day.
"""

from sim.behaviour.working import hourly_wage, paid_share
from sim.columns import F, L, P, R
from sim.compiled import rule
from sim.engine.messages import firm_rows
from sim.engine.state import Reals, World
from sim.parameters import Q
from sim.units import YEAR_WEEKS

CONTRACT_HOURS = 8  # of a working day, leave and sickness included
PAID_HOURS = 2_000  # of a year
MOST_FEN = 2_000_000_000  # of one booking per person: 20 million yuan; beyond, a table's whole numbers would overflow


@rule
def fen_per_hour(w: World, p: Reals, i: int) -> int:
    """Give a person's pay for a contract hour.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.

    Returns
    -------
    int
        Fen.
    """
    role = w.seat[i, P.role]
    wage = hourly_wage(role, p[Q.wage_manager], p[Q.wage_professional], p[Q.wage_service], p[Q.wage_clerical])
    return int(100.0 * wage)


@rule
def weekly(yuan: float, times: float) -> int:
    """Turn a price per year, or per month, into what it makes in a week.

    Parameters
    ----------
    yuan : float
        Price.
    times : float
        How often it is paid in a year: 1 or 12.

    Returns
    -------
    int
        Fen.
    """
    return min(int(100.0 * yuan * times / YEAR_WEEKS + 0.5), MOST_FEN)


@rule
def paid_overtime(w: World, p: Reals, i: int) -> int:
    """Find how much of the week's overtime is paid: by custom, by firms that pay hidden overtime, and by a rule (M9).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.

    Returns
    -------
    int
        Seconds.
    """
    f = w.seat[i, P.firm]
    r = w.rule[w.firm_rule[f], w.seat[i, P.role]]
    pays = w.firm[f, F.pays]
    recorded = paid_share(max(p[Q.paid_recorded], pays), r[R.pay_recorded])
    latent = paid_share(pays, r[R.pay_latent])
    seconds = recorded * w.ledger[i, L.recorded_overtime_seconds] + latent * w.ledger[i, L.latent_overtime_seconds]
    return int(seconds)


@rule
def settle(w: World, p: Reals, i: int, day: int) -> None:
    """Settle a person's week: contract pay, overtime pay, and what the rules in force cost the employer.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    day : int
        Sunday.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    hour = fen_per_hour(w, p, i)
    workdays = 0
    for each in range(day - 6, day + 1):
        workdays += w.workday[each]
    w.ledger[i, L.wage_fen] += CONTRACT_HOURS * workdays * hour
    paid = paid_overtime(w, p, i)
    w.ledger[i, L.paid_overtime_seconds] += paid
    w.ledger[i, L.overtime_pay_fen] += int(hour * max(p[Q.overtime_rate], r[R.pay_rate]) * paid / 3_600.0)
    if r[R.in_force] > 0.0:
        watching = r[R.monitoring_cost] * (1.0 - r[R.monitoring_limit])
        calls = 100.0 * r[R.emergency_cost] * w.ledger[i, L.emergency_calls]
        w.ledger[i, L.tool_cost_fen] += weekly(r[R.tool_cost], 12.0)
        w.ledger[i, L.training_cost_fen] += weekly(r[R.training_cost], 1.0)
        w.ledger[i, L.monitoring_cost_fen] += weekly(watching, 12.0)
        w.ledger[i, L.emergency_cost_fen] += min(int(calls), MOST_FEN)


@rule
def cost_of_leaving(w: World, p: Reals, i: int) -> int:
    """Price the replacement of somebody who leaves (M13).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.

    Returns
    -------
    int
        Fen.
    """
    return int(p[Q.exit_cost] * PAID_HOURS * fen_per_hour(w, p, i))


@rule
def share_out(w: World, f: int, column: int, fen: int) -> None:
    """Book an amount on a firm's people in equal parts, to the fen; what is left over goes to the head.

    Parameters
    ----------
    w : World
        All arrays.
    f : int
        Row of the firm.
    column : int
        Column of the ledger.
    fen : int
        Amount.
    """
    first, last = firm_rows(w, f)
    part = fen // (last - first)
    for i in range(first, last):
        w.ledger[i, column] += part
    w.ledger[first, column] += fen - part * (last - first)
