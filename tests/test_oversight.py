"""Rights, enforcement, training, pressure and money: nothing ruled is nothing done, and more of it does more.

Pure rules are tried on grids. What has to be simulated is simulated in small worlds on common draws; where a count is
compared, the worlds are so far apart that their order does not hang on a draw.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np
import polars as pl
import pytest

from sim.behaviour.compliance import (
    dares,
    found_out,
    readiness_target,
    use_of_rights,
    weight_of_money,
    weight_of_sanction,
)
from sim.behaviour.norms import demand_target, expectation_target
from sim.behaviour.working import hourly_wage, paid_share
from sim.core.columns import CLERICAL, ENGINEER, MANAGER, ROLES, SALES_SERVICE, TEACHER, L
from sim.core.parameters import Q
from sim.core.units import YEAR_WEEKS
from sim.engine.record import STATES
from sim.model import Workplace
from sim.outcomes import BY_NAME, EMPLOYER, firm_sums, person_weeks
from sim.verify import firm_histories, ledger_totals
from tests.worlds import by_name, column, made, ran, scenario, summed, tiny

RIGHT = {"kind": "right_to_disconnect"}
CONTACT = {"kind": "contact_prohibition"}
BAN = {"kind": "ban", "channels": ["im", "group"]}
BODY = {"kind": "enforcement", "complaint": 1.0, "anonymous": 1.0, "fine_yuan": 500.0}
MONEY = [name for name in L._fields if name.endswith("_fen")]
RULE_COSTS = [f"{name}_fen" for name in ("tool_cost", "training_cost", "monitoring_cost", "emergency_cost")]
GRID = (0.0, 0.2, 0.5, 1.0)


def world(*levers: Mapping[str, Any], parameters: Mapping[str, float] | None = None, **kind: Any) -> Workplace:
    """Run a small economy of about 60 people in firms of about a dozen."""
    return ran(scenario(levers=levers, parameters=parameters, **kind))


def firm(model: Workplace, name: str) -> np.ndarray:
    """Copy a column of the firms."""
    return model.world.firm[name].copy()


def outcome(model: Workplace, name: str) -> float:
    """Compute an outcome over everybody, as a comparison does."""
    tables = {"person_week": model.person_week(), "people": model.people(), "firms": model.firms()}
    sums = firm_sums(person_weeks(tables), [BY_NAME[name]], ("replicate",))
    return float(sums[f"{name}.n"].sum() / sums[f"{name}.d"].sum())


# --- pure rules -----------------------------------------------------------------------------------------------------


@pytest.mark.smallworld
def test_stronger_protection_never_lowers_the_use_of_a_right() -> None:
    """Union, channel, daring and fear each raise it or leave it; nothing leaves it at its base; it stays below one."""
    p = by_name()
    assert use_of_rights(p, 0.0, 0.0, 1.0, 0.0) == pytest.approx(p.right_base)
    for union, complaint, daring, fear in product(GRID, repeat=4):
        use = use_of_rights(p, union, complaint, daring, fear)
        assert p.right_base - 1e-12 <= use < 1.0
        for more in GRID:
            assert use_of_rights(p, max(union, more), complaint, daring, fear) >= use
            assert use_of_rights(p, union, max(complaint, more), daring, fear) >= use
            assert use_of_rights(p, union, complaint, max(daring, more), fear) >= use
            assert use_of_rights(p, union, complaint, daring, max(fear, more)) >= use
    gains = np.diff([use_of_rights(p, 0.0, 0.0, 1.0, fear) for fear in np.linspace(0.0, 1.0, 9)])
    assert (np.diff(gains) < 0.0).all(), "concave in fear"


@pytest.mark.smallworld
def test_a_fine_is_felt_less_for_each_further_yuan() -> None:
    """Concave, rising, capped; publicity adds; an order in the place of the first fine takes away and never adds."""
    fines = np.linspace(0.0, 3_000.0, 31)
    p = by_name()
    felt = np.array([weight_of_sanction(p, fine, 0.0, 0.0) for fine in fines])
    assert (np.diff(felt) > 0.0).all()
    assert (np.diff(felt, 2) < 0.0).all()
    assert weight_of_sanction(p, 1e9, 0.0, 1.0) == pytest.approx(1.0)
    assert weight_of_sanction(by_name(fear_order=0.9, fear_fine=0.9, fear_publicity=0.9), 1e9, 0.0, 1.0) == 1.0
    for fine, order, publicity in product((0.0, 100.0, 900.0), GRID, GRID):
        weight = weight_of_sanction(p, fine, order, publicity)
        assert weight <= weight_of_sanction(p, fine, 0.0, publicity)
        assert weight >= weight_of_sanction(p, fine, order, 0.0)
        assert weight <= weight_of_sanction(p, fine + 1.0, order, publicity)
    assert weight_of_money(p, 0.0) == 0.0
    assert weight_of_money(p, p.fear_scale) == pytest.approx(0.632, abs=1e-3)


@pytest.mark.smallworld
def test_readiness_demand_and_expectation_move_the_right_way() -> None:
    """Fear and lure raise readiness; training lowers demand; pressure raises expectation; at zero each does nothing."""
    p = by_name()
    assert readiness_target(p, 0.0, 0.0, 0.0) == pytest.approx(p.compliance_base)
    for fear, yuan, trained in product(GRID, (0.0, 500.0), GRID):
        assert readiness_target(p, fear + 0.1, yuan, trained) > readiness_target(p, fear, yuan, trained)
        assert readiness_target(p, fear, yuan + 100.0, trained) > readiness_target(p, fear, yuan, trained)
        assert readiness_target(p, fear, yuan, trained + 0.1) > readiness_target(p, fear, yuan, trained)
    assert found_out(0.0, 0.0) == 0.0 < found_out(1.0, 0.0) < found_out(1.0, 1.0) < 1.0
    assert dares(p, 0.0, 0.2) < dares(p, 1.0, 0.2)
    assert dares(p, 1.0, 0.9) < dares(p, 1.0, 0.2)
    demands = [demand_target(p, 1.0, 0.5, 0.8, 0.75, trained) for trained in GRID]
    assert all(less < more for more, less in pairwise(demands))
    expected = [expectation_target(p, 0.0, 0.5, 0.4, 0.4, demand) for demand in GRID]
    assert all(more > less for less, more in pairwise(expected))


@pytest.mark.smallworld
def test_wages_go_by_role_and_a_rule_adds_to_what_is_paid_anyway() -> None:
    """Every role has one of the four wages; a rule never lowers what is paid and never makes it more than all."""
    p = by_name(wage_manager=40.0, wage_professional=30.0, wage_service=20.0, wage_clerical=10.0)
    wages = [hourly_wage(p, role) for role in range(len(ROLES))]
    assert [wages[role] for role in (MANAGER, ENGINEER, TEACHER, SALES_SERVICE, CLERICAL)] == [
        40.0,
        30.0,
        30.0,
        20.0,
        10.0,
    ]
    for without, by_rule in product(GRID, GRID):
        assert without <= paid_share(without, by_rule) <= 1.0
    assert paid_share(0.6, 0.0) == 0.6
    assert paid_share(1.0, 0.3) == 1.0


# --- zero is absent -------------------------------------------------------------------------------------------------

WATCHED = {"kind": "monitoring", "cost_yuan": 75.0}
OVERSIGHT: tuple[Mapping[str, Any], ...] = (
    {**BODY, "inspections_per_year": 20.0, "union": 0.7, "order_first": 1.0, "publicity": 1.0, "cost_yuan": 800.0},
    {"kind": "incentive", "yuan_per_year": 900.0},
    {"kind": "training", "cost_yuan": 200.0},
    {"kind": "pressure"},
    {"kind": "overtime_pay", "recorded": 1.0, "latent": 0.5},
    {"kind": "monitoring_limits"},
    WATCHED,
    RIGHT,
)


@pytest.mark.parametrize("lever", OVERSIGHT, ids=lambda lever: lever["kind"])
def test_zero_strength_is_absence_to_the_bit(lever: Mapping[str, Any]) -> None:
    """A lever of strength 0 gives the history without it; at full strength something differs, if only in money."""
    kind = {"weeks": 3, "parameters": {"archive_share": 1.0}}
    without = firm_histories(world(CONTACT, **kind))
    assert firm_histories(world(CONTACT, {**lever, "strength": 0.0}, **kind)) == without
    assert firm_histories(world(CONTACT, lever, **kind)) != without


def test_a_firm_without_rules_pays_no_cost_of_a_rule_and_fears_nothing() -> None:
    """Nobody complains, inspects, orders, fines, rewards; readiness stays at its base to the bit."""
    model = world(weeks=6)
    zero = [*RULE_COSTS, "fines_fen", "subsidy_fen", "enforcement_cost_fen", "complaints", "inspections", "orders"]
    assert summed(model, *zero) == 0
    assert (firm(model, "fear") == 0.0).all()
    assert firm(model, "compliance") == pytest.approx(model.parameters[Q.compliance_base])
    assert (column(model, "use_of_rights") == 0.0).all()
    assert summed(model, "wage_fen", "overtime_pay_fen") > 0


def test_a_body_without_a_rule_frightens_nobody() -> None:
    """Inspectors come and cost money, but where nothing can be broken nothing is feared or fined."""
    model = world({**BODY, "inspections_per_year": 52.0, "cost_yuan": 500.0}, weeks=6)
    assert summed(model, "inspections") > 20
    assert summed(model, "enforcement_cost_fen") == 50_000 * summed(model, "inspections")
    assert summed(model, "fines_fen", "complaints", "orders") == 0
    assert (firm(model, "fear") == 0.0).all()


# --- rights ---------------------------------------------------------------------------------------------------------


def test_a_right_on_paper_changes_little_and_a_protected_one_more() -> None:
    """Hidden overtime: the bare right takes a few per cent, a union or a body with fines a multiple of that."""
    kind = {"people": 150, "weeks": 14}
    union = {"kind": "enforcement", "union": 1.0}
    hidden = [
        summed(world(*levers, **kind), "hidden_overtime_seconds")
        for levers in ((), (RIGHT,), (RIGHT, union), (RIGHT, {**BODY, "union": 1.0, "inspections_per_year": 4.0}))
    ]
    cut = [1.0 - each / hidden[0] for each in hidden]
    assert 0.0 < cut[1] < 0.08
    assert cut[2] > 3.0 * cut[1]
    assert cut[3] > 1.2 * cut[2]


def test_the_right_is_used_where_there_is_a_union_and_by_those_who_dare() -> None:
    """Firms with a low rank have the union; within a firm the outspoken use an open channel more."""
    model = world(RIGHT, {"kind": "enforcement", "union": 0.5}, weeks=1, people=200)
    with_union = firm(model, "union")[model.world.person.firm] < 0.5
    use = column(model, "use_of_rights")
    assert use[with_union] == pytest.approx(0.05 + 0.95 * 0.5)
    assert use[~with_union] == pytest.approx(0.05)
    assert 0.2 < with_union.mean() < 0.8
    named = world(RIGHT, {**BODY, "anonymous": 0.0}, weeks=1, people=200)
    assert np.corrcoef(column(named, "use_of_rights"), column(named, "voice"))[0, 1] < -0.9


def test_pressure_felt_is_the_same_number_all_day() -> None:
    """Expectation less what the used right takes; staying late and the night use what the morning stored."""
    model = made(scenario(levers=[RIGHT, {"kind": "enforcement", "union": 1.0}], weeks=2))
    model.run_for(13)
    before = column(model, "expectation")
    model.run_for(1)
    assert column(model, "felt") == pytest.approx(before * (1.0 - column(model, "use_of_rights")), rel=1e-12)
    assert (column(model, "use_of_rights") > 0.5).all()


def test_who_works_out_of_obligation_in_spite_of_a_right_is_a_breach() -> None:
    """Without a right no breach; with half a right only people of the lower half of ranks count."""
    assert summed(world(weeks=2), "breaches") == 0
    half = world({**RIGHT, "strength": 0.5}, weeks=2)
    mine = ledger_totals(half)[:, L.breaches]
    assert mine.sum() > 20
    assert (mine[column(half, "voice") >= 0.5] == 0).all()
    assert (mine <= 14).all()


# --- enforcement ----------------------------------------------------------------------------------------------------


STEPS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "inspection": [{"inspections_per_year": each} for each in (0.0, 1.0, 12.0, 52.0)],
    "complaint": [{"complaint": each} for each in (0.0, 0.3, 1.0)],
    "anonymous": [{"anonymous": each} for each in (0.0, 0.5, 1.0)],
    "union": [{"union": each} for each in (0.0, 1.0)],
    "fine": [{"fine_yuan": each} for each in (0.0, 50.0, 400.0, 5_000.0)],
    "fine on the firm": [{"fine_firm_yuan": each} for each in (0.0, 2_000.0, 50_000.0)],
    "publicity": [{"publicity": each} for each in (0.0, 0.5, 1.0)],
}


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_stronger_enforcement_never_lowers_compliance_or_fear(steps: Sequence[Mapping[str, Any]]) -> None:
    """In no week and in no firm, on the same draws; over all firms and weeks it raises it."""
    base = {**BODY, "complaint": 0.5, "anonymous": 0.5, "inspections_per_year": 2.0, "fine_yuan": 100.0}
    worlds = [world(BAN, {**base, **step}, weeks=8) for step in steps]
    for name in ("compliance", "fear"):
        found = [np.stack([state[:, STATES.index(name)] for state in model.recorder.states]) for model in worlds]
        for lax, strict in pairwise(found):
            assert (strict >= lax).all(), name
            assert strict.mean() > lax.mean(), name


def test_fear_grows_less_for_each_further_yuan() -> None:
    """Equal steps of the fine raise the fear of every firm by less and less."""
    levers = ({**BODY, "inspections_per_year": 12.0, "fine_yuan": each} for each in (0.0, 300.0, 600.0, 900.0))
    found = [firm(world(BAN, each, weeks=6), "fear") for each in levers]
    rises = [after - before for before, after in pairwise(found)]
    assert all((rise > 0.0).all() for rise in rises)
    assert all((later < earlier).all() for earlier, later in pairwise(rises))


def test_an_order_comes_before_the_first_fine() -> None:
    """With orders first, each firm's first upheld breach costs nothing; the fines of the others come at once."""
    body = {**BODY, "inspections_per_year": 52.0, "fine_yuan": 100.0}
    kind: dict[str, Any] = {"weeks": 10, "people": 100}
    at_once, later, half = (world(BAN, {**body, "order_first": each}, **kind) for each in (0.0, 1.0, 0.5))
    assert summed(at_once, "orders") == 0
    assert (firm(later, "orders") <= 1.0).all()
    ordered = firm(later, "orders") == 1.0
    assert ordered.sum() > 4
    assert summed(later, "orders") == ordered.sum()

    def fined(model: Workplace) -> np.ndarray:
        """Fen of fines by week and firm."""
        by_firm = [np.bincount(model.world.person.firm, each[:, L.fines_fen]) for each in model.recorder.ledgers]
        return np.stack(by_firm)

    for number in np.flatnonzero(ordered):
        week = next(
            k for k, each in enumerate(later.recorder.ledgers) if each[model_rows(later, number), L.orders].sum()
        )
        assert fined(later)[: week + 1, number].sum() == 0
        assert fined(half)[week, number] == pytest.approx(0.5 * fined(at_once)[week, number], rel=1e-6)
        assert fined(at_once)[week, number] > 0
    assert fined(later)[:, ordered].sum() > 0
    assert (firm(later, "fear") < firm(at_once, "fear")).all()


def model_rows(model: Workplace, number: int) -> np.ndarray:
    """Find the people of a firm."""
    return np.flatnonzero(model.world.person.firm == number)


def test_fines_are_shared_out_to_the_fen() -> None:
    """What people's rows hold is what the firms were fined: so much per employee and so much per firm."""
    model = world(BAN, {**BODY, "inspections_per_year": 52.0, "fine_yuan": 10.0, "fine_firm_yuan": 1_000.01}, weeks=6)
    booked = np.bincount(model.world.person.firm, ledger_totals(model)[:, L.fines_fen])
    assert booked == pytest.approx(100.0 * firm(model, "fines"), abs=1e-3)
    sizes = np.bincount(model.world.person.firm)
    cases = booked / (1_000.0 * sizes + 100_001)
    assert cases == pytest.approx(np.rint(cases), abs=1e-3)
    assert cases.sum() > 20


def test_a_union_complains_for_people_who_have_no_channel() -> None:
    """No channel and no inspector: complaints come from the union alone, and only where there are breaches."""
    loud = {"parameters": {"union_complaints": 40.0}, "weeks": 8}
    silent, union = (
        world(BAN, {"kind": "enforcement", "union": each, "fine_yuan": 50.0}, **loud) for each in (0.0, 1.0)
    )
    assert summed(silent, "complaints", "fines_fen") == 0
    assert summed(union, "complaints") > 10
    assert summed(union, "fines_fen") > 0
    assert summed(world({"kind": "enforcement", "union": 1.0}, **loud), "complaints") == 0


# --- incentive, training, pressure, monitoring ----------------------------------------------------------------------


def test_an_incentive_raises_readiness_a_little_and_stops_after_a_known_breach() -> None:
    """Firms are paid while no breach is known; a found breach ends that for a year; the public pays."""
    money = {"kind": "incentive", "yuan_per_year": 1_000.0}
    plain, lured = (world(BAN, *levers, weeks=8) for levers in ((), (money,)))
    rise = firm(lured, "compliance") - firm(plain, "compliance")
    assert (rise > 0.0).all()
    assert (rise < 0.1).all()
    weekly = round(100_000 * 7 / 365.25)
    assert summed(lured, "subsidy_fen") == 8 * weekly * len(lured.world.person)
    caught = world(BAN, money, {**BODY, "inspections_per_year": 52.0}, weeks=8)
    assert (firm(caught, "clean") < 8.0).any()
    assert summed(caught, "subsidy_fen") < summed(lured, "subsidy_fen")
    assert outcome(lured, "public_cost") == pytest.approx(weekly / 100 * YEAR_WEEKS, rel=1e-4)
    assert outcome(lured, "employer_cost") < outcome(plain, "employer_cost")


def test_a_training_lowers_demand_raises_readiness_and_fades() -> None:
    """Managers expect less of their people; after its end half a year takes most of it away."""
    kind: dict[str, Any] = {"weeks": 10, "off": ["m13"]}
    plain, taught = world(**kind), world({"kind": "training"}, **kind)
    leads = plain.world.person.manages == 1
    assert (column(taught, "demand")[leads] < column(plain, "demand")[leads]).all()
    assert (firm(taught, "compliance") > firm(plain, "compliance")).all()
    assert column(taught, "expectation").mean() < column(plain, "expectation").mean()
    over = world({"kind": "training", "end": "2026-01-12", "cost_yuan": 365.25}, **kind)
    faded = np.exp(-63.0 / over.parameters[Q.training_days])
    assert column(over, "trained") == pytest.approx(faded, rel=1e-9)
    assert summed(over, "training_cost_fen") == 700 * len(over.world.person)
    untaught = world({"kind": "training"}, weeks=4, parameters={"exit_rate": 1.0})
    assert (column(untaught, "trained") <= 1.0).all()


def test_pressure_raises_expectation_and_all_that_hangs_on_it() -> None:
    """More is expected, more hours are worked on record and off, and people are worse off."""
    plain, pressed = (world(*levers, weeks=8) for levers in ((), ({"kind": "pressure"},)))
    assert (column(pressed, "expectation") >= column(plain, "expectation")).all()
    for name in ("recorded_overtime_seconds", "hidden_overtime_seconds", "obligated_seconds"):
        assert summed(pressed, name) > 1.05 * summed(plain, name), name
    assert column(pressed, "exhaustion_state").mean() > column(plain, "exhaustion_state").mean()


def test_a_limit_takes_its_share_of_all_monitoring_away() -> None:
    """Of the archive that a firm keeps anyway as of the monitoring that a rule adds, and of what that costs."""
    archived = {"parameters": {"archive_share": 1.0}, "weeks": 1}
    limits = [{"kind": "monitoring_limits", "strength": each} for each in (0.25, 1.0)]
    assert (firm(world(**archived), "monitored") == 0.5).all()
    assert firm(world(limits[0], **archived), "monitored") == pytest.approx(0.375)
    assert (firm(world(limits[1], WATCHED, **archived), "monitored") == 0.0).all()
    paid = [
        summed(world(*levers, WATCHED, **archived), "monitoring_cost_fen") for levers in ((), limits[:1], limits[1:])
    ]
    assert paid[0] > 0
    assert paid[1] == pytest.approx(0.75 * paid[0], rel=1e-3)
    assert paid[2] == 0


# --- money ----------------------------------------------------------------------------------------------------------


def test_pay_is_that_of_contract_hours_and_of_paid_overtime() -> None:
    """To the fen, person by person: eight hours each working day at the wage of the role, and overtime at its rate."""
    model = world(weeks=5, off=["m13"])
    wage = {MANAGER: 102_00, SALES_SERVICE: 51_00, CLERICAL: 47_00}
    hour = np.array([wage.get(role, 74_00) for role in model.world.person.role])
    total = ledger_totals(model)
    assert (total[:, L.wage_fen] == 25 * 8 * hour).all()
    overtime = total[:, L.recorded_overtime_seconds] + total[:, L.latent_overtime_seconds]
    assert (total[:, L.paid_overtime_seconds] <= overtime).all()
    rate = 1.5 * hour / 3_600
    assert total[:, L.overtime_pay_fen] == pytest.approx(total[:, L.paid_overtime_seconds] * rate, abs=5)


def test_who_is_paid_for_overtime() -> None:
    """Firms that pay, pay all; the others a share of what is recorded; a rule adds recorded, latent, and a rate."""
    pays, not_at_all = ({"pays_share": 1.0}, {"pays_share": 0.0})
    model = world(parameters=pays)
    assert outcome(model, "unpaid_overtime") == pytest.approx(0.0, abs=1e-6)
    model = world(parameters=not_at_all)
    assert outcome(model, "paid_overtime") == pytest.approx(0.6 * outcome(model, "recorded_overtime"), rel=1e-3)
    total = outcome(model, "recorded_overtime") + outcome(model, "latent_overtime")
    assert outcome(model, "unpaid_overtime") == pytest.approx(total - outcome(model, "paid_overtime"), rel=1e-6)
    ruled = world({"kind": "overtime_pay", "recorded": 1.0, "latent": 0.4, "rate": 2.0}, parameters=not_at_all)
    unpaid = 0.6 * outcome(ruled, "latent_overtime")
    assert outcome(ruled, "unpaid_overtime") == pytest.approx(unpaid, rel=1e-3)
    hours = summed(ruled, "paid_overtime_seconds") / summed(model, "paid_overtime_seconds")
    assert summed(ruled, "overtime_pay_fen") / summed(model, "overtime_pay_fen") == pytest.approx(
        hours * 2 / 1.5, rel=0.03
    )
    moved = [name for name in ("hidden_overtime_seconds", "sent") if summed(ruled, name) != summed(model, name)]
    assert moved == []


def test_a_rule_costs_what_it_says() -> None:
    """A tool by the month, monitoring by the month, calls by the piece."""
    levers = (
        BAN,
        {"kind": "substitute", "tool": "project_tool", "cost_yuan": 30.0},
        {"kind": "emergency_line", "quota_per_week": 5, "cost_yuan": 7.0},
        WATCHED,
    )
    model = world(*levers, parameters={"call_share": 0.0}, weeks=3)
    people = len(model.world.person)
    assert summed(model, "tool_cost_fen") == 3 * people * round(30_00 * 12 * 7 / 365.25)
    assert summed(model, "monitoring_cost_fen") == 3 * people * round(75_00 * 12 * 7 / 365.25)
    assert summed(model, "emergency_cost_fen") == 7_00 * summed(model, "emergency_calls") > 0
    assert outcome(model, "tool_cost") == pytest.approx(360.0, rel=1e-3)


def test_the_parts_of_an_employer_s_cost_add_up() -> None:
    """Outcome by outcome, and column by column; nothing is negative but what the subsidy takes off."""
    model = world(BAN, *OVERSIGHT, weeks=6, parameters={"exit_rate": 1.0})
    parts = (
        "pay",
        "overtime_pay",
        "tool_cost",
        "training_cost",
        "monitoring_cost",
        "emergency_cost",
        "fines",
        "exit_cost",
    )
    whole = sum(outcome(model, name) for name in parts) - outcome(model, "subsidy")
    assert outcome(model, "employer_cost") == pytest.approx(whole, rel=1e-9)
    assert outcome(model, "public_cost") == pytest.approx(
        outcome(model, "subsidy") + outcome(model, "enforcement_cost"), rel=1e-9
    )
    by_fen = sum(summed(model, f"{'wage' if name == 'pay' else name}_fen") for name in parts)
    by_fen -= summed(model, "subsidy_fen")
    a_year = by_fen / 100 / (6 * len(model.world.person)) * YEAR_WEEKS
    assert outcome(model, "employer_cost") == pytest.approx(a_year, rel=1e-5)
    output = summed(model, "output_seconds") / 3_600
    assert outcome(model, "cost_per_output") == pytest.approx(by_fen / 100 / output, rel=1e-5)
    assert {name for name in MONEY if (ledger_totals(model)[:, getattr(L, name)] < 0).any()} == set()


def test_leaving_costs_half_a_year_of_pay() -> None:
    """Of the role of the seat, each time."""
    model = world(parameters={"exit_rate": 1.0}, weeks=8, people=100)
    total = ledger_totals(model)
    assert total[:, L.exits].sum() > 5
    wage = {MANAGER: 102_00, SALES_SERVICE: 51_00, CLERICAL: 47_00}
    hour = np.array([wage.get(role, 74_00) for role in model.world.person.role])
    assert (total[:, L.exit_cost_fen] == total[:, L.exits] * 1_000 * hour).all()


def test_money_of_many_people_and_years_does_not_overflow() -> None:
    """A million people for ten years, each at 10,000 yuan a week, still sum within 64 bits."""
    numerator, denominator = BY_NAME["employer_cost"].numerator, BY_NAME["employer_cost"].denominator
    columns = sorted(set(EMPLOYER.meta.root_names()))
    row = pl.DataFrame({name: [10_000.0 if name == "wage_yuan" else 0.0] for name in columns})
    n, d = row.select(numerator.alias("n"), denominator.alias("d")).row(0)
    assert n / d == pytest.approx(10_000.0 * YEAR_WEEKS)
    assert n * 2**20 * 1_000_000 * 522 < 2**63


@pytest.mark.smallworld
def test_one_small_firm_pays_and_is_fined_with_compilation_on_or_off() -> None:
    """A week of ten people under a ban with a union and an inspector: the same sums in fen."""
    body = {**BODY, "inspections_per_year": 52.0, "union": 1.0, "cost_yuan": 100.0}
    model = ran(tiny(levers=[BAN, RIGHT, body, {"kind": "training", "cost_yuan": 52.2}]), firms=[0])
    total = ledger_totals(model)
    assert total[:, L.wage_fen].sum() > 0
    assert total[:, L.fines_fen].sum() == 10 * 500_00
    assert total[:, L.enforcement_cost_fen].sum() == 100_00 * total[:, [L.inspections, L.complaints]].sum()
    assert (total[:, L.training_cost_fen] == 100).all()
    assert column(model, "trained") == pytest.approx(1.0)
