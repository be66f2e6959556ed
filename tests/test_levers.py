"""Levers one by one: what each writes, whom and when it reaches, and that at strength 0 it is not there."""

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import sim.behaviour
import sim.engine
from sim.core.columns import CLOSABLE, ROLES, R, Rule
from sim.core.errors import InputError
from sim.engine.policy import plan, reached_by, row_of, strength_on
from sim.levers.kinds import BUILT_IN, FirmLever, kinds
from sim.levers.lever import Lever, Scope, at_least, at_most, clock, exactly
from sim.model import Workplace, drawn_firms
from sim.verify import firm_histories
from tests.rules import ALL, VARIANTS
from tests.worlds import START, day_of, made, ran, scenario

FIRST, DAYS = START, 28
WRITES: dict[str, set[str]] = {
    "ban": {
        *(f"{when}_{name}" for when in ("closed", "off") for name in CLOSABLE),
        *(f"{system}_{name}" for system in ("system", "system_off") for name in CLOSABLE[:-1]),
        "tool", "scheduled",
    },
    "absent": {f"closed_{name}" for name in CLOSABLE},
    "quiet_hours": {
        *(f"{what}_{name}" for what in ("off", "system_off") for name in CLOSABLE[:4]),
        "hold", "nudge", "quiet_from", "quiet_to", "quiet_days",
    },
    "right_to_disconnect": {"disconnect", "fine", "fine_firm"},
    "contact_prohibition": {"contact_ban"},
    "substitute": {"tool", "scheduled", "messenger", "summary", "tool_cost"},
    "emergency_line": {"emergency", "emergency_quota", "emergency_cost"},
    "overtime_pay": {"pay_recorded", "pay_latent", "pay_rate"},
    "incentive": {"incentive"},
    "training": {"training", "training_cost"},
    "manager_example": {"example"},
    "pressure": {"pressure"},
    "placebo": set(),
    "weekly_cap": {"weekly_cap", "cap_total", "opt_out"},
    "daily_cap": {"daily_cap", "cap_total"},
    "daily_rest": {"daily_rest", "rest_total"},
    "weekly_rest": {"weekly_rest", "rest_total"},
    "batching": {"batching", "batch_rounds"},
    "check_limit": {"looks_given_up", "batch_rounds"},
    "read_receipts": {"receipts_off"},
    "group_limits": {"group_limit"},
    "mention_limits": {"mention_limit"},
    "focus_hours": {"focus_from", "focus_to"},
    "meeting_free": {"meeting_free_days", "meeting_free_from", "meeting_free_to"}, "meeting_limit": {"meeting_limit"},
    "core_hours": {"core_from", "core_to"},
    "flexible_hours": {"flexible"},
    "enforcement": {
        "inspection", "complaint", "anonymous", "union", "fine", "fine_firm", "order_first", "publicity",
        "inspection_cost",
    },
    "monitoring": {"monitoring", "notice", "monitoring_cost"},
    "monitoring_limits": {"monitoring_limit", "notice"},
}  # fmt: skip


def lever(kind: str, **fields: Any) -> Lever:
    return kinds()[kind].model_validate({"kind": kind, **fields})


def of(rule: dict[str, Any]) -> Lever:
    return lever(**rule)


def said(row: np.ndarray) -> dict[str, float]:
    """Name what a row rules."""
    return {name: float(row[n]) for n, name in enumerate(Rule._fields) if row[n] and name != "in_force"}


@pytest.fixture(scope="module")
def world() -> Workplace:
    return made(scenario(people=600))


# ---- what each writes


def test_hours_are_written_as_on_a_clock() -> None:
    assert [clock(hour) for hour in (0.0, 9.5, 17.25, 23.99)] == ["00:00", "09:30", "17:15", "23:59"]


def test_every_kind_is_tried_and_every_column_is_written_by_some_kind() -> None:
    assert {kind for kind, item in kinds().items() if item in BUILT_IN} == VARIANTS.keys() == WRITES.keys()
    assert set.union(*WRITES.values()) == set(Rule._fields) - {"in_force"}


@pytest.mark.parametrize("rule", ALL, ids=str)
@pytest.mark.parametrize("strength", [0.25, 1.0])
def test_a_lever_writes_its_columns_and_no_others(rule: dict[str, Any], strength: float) -> None:
    """Each part of it by itself; in force where it writes anything."""
    for part in of(rule).parts():
        row = row_of([(part, strength)])
        assert said(row).keys() <= WRITES[rule["kind"]]
        assert row[R.in_force] == float(bool(said(row)))
        assert np.isfinite(row).all()
        assert (row >= 0.0).all()


@pytest.mark.parametrize("kind", sorted(WRITES))
def test_the_variants_write_all_columns_of_a_kind_between_them(kind: str) -> None:
    """So that no column of this table is there by mistake; of channels, those that the variants name."""
    written: set[str] = set()
    for fields in VARIANTS[kind]:
        for part in lever(kind, **fields).parts():
            written |= said(row_of([(part, 1.0)])).keys()
    channels = (
        {f"{when}_{name}" for when in ("closed", "off", "system", "system_off") for name in CLOSABLE}
        if kind in ("ban", "absent")
        else set()
    )
    assert WRITES[kind] - written - channels == set()


@pytest.mark.parametrize("rule", ALL, ids=str)
def test_at_strength_0_a_lever_writes_nothing(rule: dict[str, Any]) -> None:
    assert not row_of([(part, 0.0) for part in of(rule).parts()]).any()


@pytest.mark.parametrize("rule", ALL, ids=str)
def test_more_strength_never_writes_less(rule: dict[str, Any]) -> None:
    """Limits and windows are in force or not; all else grows."""
    for part in of(rule).parts():
        rows = [row_of([(part, strength)]) for strength in np.linspace(0.0, 1.0, 9)[1:]]
        steps = np.diff(np.array(rows), axis=0)
        assert (steps >= 0.0).all(), rule


@pytest.mark.parametrize(
    ("rule", "strength", "expected"),
    [
        ({"kind": "ban", "channels": ["im"], "technical": 0.5}, 0.3, {"closed_im": 0.3, "system_im": 0.15}),
        ({"kind": "ban", "channels": ["call"], "hours": "off"}, 1.0, {"off_call": 1.0}),
        (
            {"kind": "ban", "channels": ["mail"], "hours": "off", "technical": 0.5},
            0.5,
            {"off_mail": 0.5, "system_off_mail": 0.25},
        ),
        ({"kind": "absent", "channels": ["group"]}, 0.9, {}),
        ({"kind": "absent", "channels": ["group"]}, 1.0, {"closed_group": 2.0}),
        (
            {"kind": "quiet_hours", "mode": "hold", "from_hour": 22, "to_hour": 6.5, "days": "free"},
            1.0,
            {"hold": 1.0, "quiet_from": 1320.0, "quiet_to": 390.0, "quiet_days": 2.0},
        ),
        ({"kind": "quiet_hours", "mode": "nudge", "days": "working"}, 0.5, {"nudge": 0.5, "quiet_days": 1.0}),
        (
            {"kind": "meeting_free", "days": ["friday", "wednesday"], "from_hour": 2.051, "to_hour": 12},
            0.5,
            {"meeting_free_days": 20.0, "meeting_free_from": 123.0, "meeting_free_to": 720.0},
        ),
        (
            {"kind": "substitute", "tool": "project_tool", "uptake": 0.5, "cost_yuan": 40},
            0.5,
            {"tool": 0.25, "tool_cost": 20.0},
        ),
        ({"kind": "substitute", "tool": "summaries"}, 1.0, {"summary": 0.5}),
        ({"kind": "weekly_cap", "hours": 50.4, "on": "total"}, 0.1, {"weekly_cap": 3024.0, "cap_total": 1.0}),
        ({"kind": "daily_rest", "hours": 11}, 1.0, {"daily_rest": 660.0}),
        ({"kind": "batching", "rounds": 3}, 0.5, {"batching": 0.5, "batch_rounds": 3.0}),
        ({"kind": "check_limit", "rounds": 3}, 0.5, {"looks_given_up": 0.5, "batch_rounds": 3.0}),
        ({"kind": "flexible_hours", "hours": 1.5}, 0.5, {"flexible": 45.0}),
        (
            {"kind": "overtime_pay", "latent": 0.4, "rate": 2},
            0.5,
            {"pay_recorded": 0.5, "pay_latent": 0.2, "pay_rate": 2.0},
        ),
        ({"kind": "training", "cost_yuan": 200}, 0.5, {"training": 0.5, "training_cost": 100.0}),
        (
            {"kind": "enforcement", "inspections_per_year": 2, "fine_firm_yuan": 1e5, "order_first": 1, "union": 0.6},
            0.5,
            {"inspection": 1.0, "fine_firm": 1e5, "order_first": 1.0, "union": 0.3},
        ),
    ],
)  # fmt: skip
def test_values_by_hand(rule: dict[str, Any], strength: float, expected: dict[str, float]) -> None:
    assert said(row_of([(of(rule), strength)])) == pytest.approx(expected)


def test_substitutes_may_be_named_with_the_ban() -> None:
    """They are at hand as by levers of their own, and grow with it."""
    together = lever("ban", channels=["im"], substitutes=["project_tool", "summaries"])
    apart = [lever("ban", channels=["im"]), *(lever("substitute", tool=name) for name in ("project_tool", "summaries"))]
    assert said(row_of([(together, 0.4)])) == said(row_of([(each, 0.4) for each in apart]))


def test_tools_cost_their_sum_and_each_is_paid_once() -> None:
    tools = [("project_tool", 30.0), ("internal_messenger", 20.0), ("project_tool", 50.0)]
    held = [(lever("substitute", tool=name, cost_yuan=yuan), 1.0) for name, yuan in tools]
    assert row_of(held)[R.tool_cost] == 70.0


def test_the_helpers() -> None:
    row = np.zeros(len(R))
    for value in (0.3, 0.8, 0.5):
        at_least(row, R.nudge, value)
        at_most(row, R.group_limit, 10.0 * value)
    exactly(row, R.pay_rate, 1.5)
    exactly(row, R.pay_rate, 1.5)
    assert said(row) == {"nudge": 0.8, "group_limit": 3.0, "pay_rate": 1.5}
    with pytest.raises(InputError, match=r"two levers set pay_rate, to 1\.5 and to 2"):
        exactly(row, R.pay_rate, 2.0)


# ---- mistakes in one lever


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"kind": "quiet_hours", "mode": "hold", "from_hour": 22}, "one needs the other"),
        ({"kind": "quiet_hours", "mode": "hold", "from_hour": 22, "to_hour": 22}, "the window is empty"),
        ({"kind": "quiet_hours", "mode": "hold", "from_hour": 22, "to_hour": 22.001}, "the window is empty"),
        ({"kind": "quiet_hours", "mode": "hold", "from_hour": 24, "to_hour": 0}, "the window is empty"),
        ({"kind": "quiet_hours", "mode": "hold", "from_hour": 0, "to_hour": 24}, "a window that never ends"),
        ({"kind": "quiet_hours", "mode": "hold", "from_hour": 0.004, "to_hour": 23.996}, "a window that never ends"),
        ({"kind": "quiet_hours", "mode": "hold", "technical": 1}, "only what is blocked"),
        ({"kind": "quiet_hours", "mode": "hold", "from_hour": 25, "to_hour": 7}, "less than or equal to 24"),
        ({"kind": "focus_hours", "from_hour": 11, "to_hour": 9}, "to_hour = 9 is not after from_hour = 11"),
        ({"kind": "focus_hours", "from_hour": 11, "to_hour": 11.001}, "to_hour = 11.001 is not after from_hour = 11"),
        ({"kind": "weekly_cap", "hours": 0.005}, "greater than or equal to 0.1"),  # less than a minute is none
        ({"kind": "daily_rest", "hours": 0.005}, "greater than or equal to 0.1"),
        ({"kind": "overtime_pay", "recorded": 0}, "nothing is paid"),
        ({"kind": "ban", "channels": ["mail"], "substitutes": ["scheduled_mail"]}, "needs the channel 'mail'"),
        ({"kind": "enforcement", "grades": [{"size_min": 50}, {"size_min": 20}]}, "sizes must rise"),
        ({"kind": "enforcement", "grades": [{"size_min": 50}], "scope": {"size_max": 40}}, "lies above"),
        ({"kind": "enforcement", "scope": {"roles": ["manager"]}}, "acts on whole firms"),
        ({"kind": "right_to_disconnect", "fine_yuan": 1, "scope": {"roles": ["clerical"]}}, "fines fall on whole"),
        ({"kind": "manager_example", "scope": {"roles": ["engineer"]}}, "managers alone set an example"),
        ({"kind": "group_limits", "most": 0}, "greater than or equal to 1"),
        ({"kind": "incentive"}, "yuan_per_year"),
    ],
)  # fmt: skip
def test_a_lever_that_makes_no_sense_is_refused(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        of(rule)


# ---- whom it reaches


@pytest.mark.parametrize(
    ("scope", "column", "values"),
    [
        ({"cities": ["beijing", "wuhan"]}, "city", {0, 5}),
        ({"industries": ["finance"]}, "industry", {1}),
        ({"size_min": 10, "size_max": 12}, "people", {10, 11, 12}),
    ],
)
def test_a_scope_reaches_the_firms_that_it_names(
    world: Workplace, scope: dict[str, Any], column: str, values: set[int]
) -> None:
    hit = reached_by([lever("pressure", scope=scope)], world.world)
    assert hit.tolist() == np.isin(world.world.firm[column], sorted(values)).tolist()
    assert 0 < hit.sum() < len(hit)


def test_a_scope_of_roles_reaches_their_rows_only(world: Workplace) -> None:
    """And the firms in which somebody has such a role."""
    told = lever("manager_example", scope={"roles": ["manager", "teacher"]})
    setting = plan([told], world.world, FIRST, DAYS)
    holders = np.isin(world.world.person.role, [ROLES.index("manager"), ROLES.index("teacher")])
    assert set(np.flatnonzero(reached_by([told], world.world))) == set(world.world.person[holders].firm)
    ruled = setting.rule[setting.changes[0].max()][:, R.example]
    assert [ROLES[n] for n in np.flatnonzero(ruled)] == ["manager", "teacher"]


@pytest.mark.parametrize("scope", [{"roles": ["teacher"]}, {"size_min": 9}, {"share": 0.5, "adopters": "gentle"}, None])
def test_firms_that_are_drawn_alone_are_those_of_a_model(scope: dict[str, Any] | None) -> None:
    """Also of an economy in which some firms stand for others; no rule reaches none of them."""
    levers = [{"kind": "pressure", "start": START, "ramp_days": 9, "scope": scope}] if scope else []
    setting = scenario(people=90, levers=levers)
    focused = setting.model_copy(update={"run": setting.run.model_copy(update={"reach": (Scope(size_min=15),)})})
    for each in (setting, focused):
        firms = drawn_firms(each, [0, 3])
        assert firms.equals(pl.concat(Workplace(each, replicate=n, parameters=None).firms() for n in (0, 3)))
        assert firms["in_scope"].any() == bool(levers)
    assert (firms["weight"] > 1.0).any()


@pytest.mark.parametrize("adopters", ["any", "gentle", "harsh"])
def test_shares_are_nested_and_near_to_what_was_asked_for(world: Workplace, adopters: str) -> None:
    """With 50 firms a share of 0.5 lies within 0.2 to 0.8 but once in 50,000 seeds."""
    shares = (0.2, 0.5, 0.8, 1.0)
    hits = [reached_by([lever("pressure", scope={"share": s, "adopters": adopters})], world.world) for s in shares]
    assert all((few <= many).all() for few, many in pairwise(hits))
    assert 0.2 < hits[1].mean() < 0.8
    assert hits[-1].all()


def test_the_gentle_come_first_or_the_harsh(world: Workplace) -> None:
    """By the culture of a firm: who is in has all the less, or all the more of it, than who is not."""
    culture = world.world.firm.culture
    for adopters, sign in (("gentle", 1.0), ("harsh", -1.0)):
        hit = reached_by([lever("pressure", scope={"share": 0.4, "adopters": adopters})], world.world)
        assert (sign * culture[hit]).max() < (sign * culture[~hit]).min()


def test_who_adopts_does_not_depend_on_other_firms(world: Workplace) -> None:
    some = made(scenario(people=600), firms=list(range(0, len(world.world.firm), 3)))
    for adopters in ("any", "gentle", "harsh"):
        told = lever("pressure", scope={"share": 0.5, "adopters": adopters})
        everybody = dict(zip(world.world.firm.number, reached_by([told], world.world), strict=True))
        few = dict(zip(some.world.firm.number, reached_by([told], some.world), strict=True))
        assert few.items() <= everybody.items()


def test_graded_supervision_is_several_levers_by_size(world: Workplace) -> None:
    """Each firm has the rules of its grade; those below the first one have none."""
    graded = lever(
        "enforcement", inspections_per_year=2, fine_yuan=100, complaint=0.5,
        grades=[{"size_min": 8, "factor": 0.5}, {"size_min": 12}, {"size_min": 20, "factor": 3}],
    )  # fmt: skip
    setting = plan([graded], world.world, FIRST, DAYS)
    rows, size = setting.on(0)[:, 0], world.world.firm.people
    factor = np.select([size < 8, size < 12, size < 20], [0.0, 0.5, 1.0], 3.0)
    assert len(set(factor)) == 4
    assert rows[:, R.inspection] == pytest.approx(2 * factor)
    assert rows[:, R.fine] == pytest.approx(100 * factor)
    assert rows[:, R.complaint] == pytest.approx(0.5 * (factor > 0))
    assert reached_by([graded], world.world).tolist() == (factor > 0).tolist()


def test_grades_stay_inside_the_scope(world: Workplace) -> None:
    graded = lever(
        "enforcement", fine_yuan=1, grades=[{"size_min": size} for size in (2, 5, 15)],
        scope={"size_min": 10, "size_max": 20},
    )  # fmt: skip
    assert [(part.scope.size_min, part.scope.size_max) for part in graded.parts()] == [(10, 14), (15, 20)]
    size = world.world.firm.people
    assert reached_by([graded], world.world).tolist() == ((size >= 10) & (size <= 20)).tolist()


# ---- when it reaches them


def test_strength_over_time() -> None:
    """Nothing before the start, a straight line over the ramp, full until the day before the end."""
    told = lever("pressure", start=day_of(3), end=day_of(9), ramp_days=4, strength=0.8)
    found = [strength_on(told, day, FIRST, DAYS) for day in range(11)]
    assert found == pytest.approx([0, 0, 0, 0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0, 0])
    always = lever("pressure")
    assert {strength_on(always, day, FIRST, DAYS) for day in (0, 27)} == {1.0}


def test_rules_change_on_their_dates(world: Workplace) -> None:
    """A fine that is raised, and one that ends: what is in force is looked up on single days only."""
    levers = [
        lever("enforcement", fine_yuan=100, end=day_of(10)),
        lever("enforcement", fine_yuan=300, start=day_of(10), end=day_of(20)),
    ]
    setting = plan(levers, world.world, FIRST, DAYS)
    assert sorted(setting.changes) == [0, 10, 20]
    fines = [float(setting.on(day)[0, 0, R.fine]) for day in (0, 9, 10, 19, 20, 27)]
    assert fines == [100, 100, 300, 300, 0, 0]


# ---- to the bit


SOME = [{"kind": kind, **variants[0]} for kind, variants in VARIANTS.items()]


@pytest.mark.parametrize("rule", SOME, ids=lambda rule: rule["kind"])
def test_at_strength_0_a_lever_is_not_there_to_the_bit(rule: dict[str, Any], today: Workplace) -> None:
    """The rows of all firms are those of no rule, every day; three of the kinds are run as well."""
    model = made(scenario(people=120, levers=[rule | {"strength": 0.0, "ramp_days": 5}]))
    assert not model.plan.rule.any()
    assert set(model.plan.changes) == {0} or not any(model.plan.on(day).any() for day in range(28))
    if rule["kind"] in ("ban", "enforcement", "quiet_hours"):
        assert firm_histories(ran(model.setting, log_share=1.0)) == firm_histories(today)


@pytest.mark.parametrize("rule", SOME, ids=lambda rule: rule["kind"])
def test_a_lever_touches_nobody_out_of_its_scope(rule: dict[str, Any]) -> None:
    """Two weeks: firms out of scope live the same lives to the bit."""
    setting = scenario(people=60, weeks=2, levers=[rule | {"scope": {"share": 0.5}}])
    model, plain = ran(setting), ran(scenario(people=60, weeks=2))
    out = {int(number) for number, hit in zip(model.world.firm.number, model.in_scope, strict=True) if not hit}
    lives, usual = firm_histories(model), firm_histories(plain)
    assert out
    assert {firm: lives[firm] for firm in out} == {firm: usual[firm] for firm in out}


def test_firm_levers_are_those_that_the_engine_asks_firms_for() -> None:
    firm_levers = {kind for kind, item in kinds().items() if issubclass(item, FirmLever)}
    assert firm_levers == {"enforcement", "incentive", "monitoring", "monitoring_limits", "training"}


def test_no_kind_is_a_name_of_the_engine() -> None:
    """Rules and engine know columns, and no lever: ``policy`` alone turns levers into columns."""
    modules = [*Path(sim.behaviour.__path__[0]).glob("*.py"), *Path(sim.engine.__path__[0]).glob("*.py")]
    knowing = {module.stem for module in modules if "from sim.levers" in module.read_text(encoding="utf-8")}
    assert len(modules) > 20
    assert knowing == {"policy", "agents"}


def test_scopes_that_meet_and_those_that_cannot() -> None:
    pairs: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
        ({}, {}, True),
        ({"cities": ["beijing"]}, {"cities": ["wuhan"]}, False),
        ({"cities": ["beijing"]}, {"industries": ["finance"]}, True),
        ({"roles": ["manager"]}, {"roles": ["manager", "clerical"]}, True),
        ({"roles": ["manager"]}, {"roles": ["clerical"]}, False),
        ({"size_max": 49}, {"size_min": 50}, False),
        ({"size_max": 50}, {"size_min": 50}, True),
        ({"share": 0.4, "adopters": "gentle"}, {"share": 0.6, "adopters": "harsh"}, False),
        ({"share": 0.5, "adopters": "gentle"}, {"share": 0.6, "adopters": "harsh"}, True),
        ({"share": 0.1}, {"share": 0.1, "adopters": "harsh"}, True),
    ]
    for one, two, meet in pairs:
        first, second = Scope.model_validate(one), Scope.model_validate(two)
        assert first.meets(second) == second.meets(first) == meet


def test_a_lever_without_start_begins_with_the_run() -> None:
    """Warm-up included, as today's rules would."""
    setting = scenario(levers=[{"kind": "pressure"}], warmup_days=14)
    model = made(setting)
    assert model.first_date == date(2025, 12, 22)
    assert model.plan.on(0)[:, :, R.pressure].all()
