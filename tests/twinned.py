"""Small worlds in which engine and twin are held against each other, and what must happen in each of them."""

import contextlib
import random
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import ValidationError

from sim.core.columns import CLOSABLE, R
from sim.core.parameter_sets import POINT
from sim.core.parameters import MECHANISMS
from sim.model import Workplace
from sim.scenario.countries import home
from sim.scenario.schema import Scenario
from tests.twin.world import Twin

FIRST = date(2026, 1, 5)
TOWN = {"firm_size_median": 12.0, "firm_size_sigma": 0.3, "firm_size_min": 8, "firm_size_max": 18}
VILLAGE = {"firm_size_median": 8.0, "firm_size_sigma": 0.2, "firm_size_min": 6, "firm_size_max": 11}


class World(NamedTuple):
    """A small world, and the sums that must not be zero in it for the comparison to mean something."""

    exercises: tuple[str, ...]
    levers: tuple[dict[str, Any], ...] = ()
    parameters: Mapping[str, float] = MappingProxyType({})
    mechanisms: Mapping[str, bool] = MappingProxyType({})
    holidays: tuple[date, ...] = ()
    rows: Mapping[str, float] = MappingProxyType({})  # columns of every row of rules, beyond what levers write
    weeks: int = 2
    firms: tuple[int, ...] = (0, 1)
    seed: int = 1
    town: Mapping[str, Any] = MappingProxyType(VILLAGE)  # sizes of firms, and more of the population
    workdays: tuple[date, ...] = ()
    statutory: tuple[date, ...] = ()
    hours: Mapping[str, float] = MappingProxyType({})  # contract hours of all industries


def pair(world: World) -> tuple[Workplace, Twin]:
    """Make an engine and its twin; the first week is warm-up."""
    town = dict(world.town) | {"hours": {name: dict(world.hours) for name in home().trades if world.hours}}
    days = {"holidays": world.holidays, "workdays": world.workdays, "statutory": world.statutory}
    run = {"people": 60, "years": max(7 * world.weeks / 365.25, 0.02), "warmup_days": 7, "seed": world.seed}
    scenario = Scenario.model_validate(
        {
            "name": "small", "title": "A small world", "run": run, "population": town,
            "levers": world.levers, "parameters": dict(world.parameters), "mechanisms": dict(world.mechanisms),
            "calendar": {"start": FIRST, **days},
        }
    )  # fmt: skip
    engine = Workplace(scenario, parameters=POINT, firms=world.firms, log_share=1.0)
    for name, value in world.rows.items():
        engine.world.rules[name][:] = value
        engine.world.rules.in_force[:] = 1.0
    return engine, Twin(engine)


def lever(kind: str, day: int | None = None, **more: Any) -> dict[str, Any]:
    """Write a lever that starts on a day of January; by default it always holds."""
    return {"kind": kind, **({} if day is None else {"start": FIRST.replace(day=day)}), **more}


def together(levers: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Keep each lever that holds together with those kept before it."""
    kept: list[dict[str, Any]] = []
    for one in levers:
        with contextlib.suppress(ValidationError):
            Scenario.model_validate(
                {"name": "small", "title": "", "calendar": {"start": FIRST}, "levers": [*kept, one]}
            )
            kept.append(one)
    return tuple(kept)


EAGER = {
    "exit_rate": 1.0, "absence_rate": 0.1, "complaint_rate": 5.0, "urgent_share": 0.3, "site_share": 0.5,
    "idle_answers": 0.6, "call_waits": 0.5, "request_at_work": 0.4,
}  # fmt: skip
RESTLESS = {
    "manager_messages": 40.0, "staff_messages": 40.0, "tasks_per_day": 11.0, "initiative_manager": 0.8,
    "initiative_staff": 0.3, "check_off_base": 2.0, "act_base": 1.0, "answer_now": 0.05, "answer_later_minutes": 600.0,
}  # fmt: skip
ASK = {"questions_per_task": 2.5, "reply_question": 0.3, "fault_chance": 0.4, "wait_minutes": 30.0}

OVERSIGHT = {
    "disconnect": 0.8, "contact_ban": 0.5, "closed_im": 0.7, "emergency": 1.0, "emergency_quota": 3.0,
    "emergency_cost": 7.0, "tool": 0.5, "tool_cost": 30.0, "pay_recorded": 0.5, "pay_latent": 0.4, "pay_rate": 2.0,
    "incentive": 500.0, "training": 0.6, "training_cost": 200.0, "pressure": 0.4, "inspection": 40.0,
    "complaint": 0.8, "anonymous": 0.4, "union": 0.7, "fine": 250.0, "fine_firm": 9_999.0, "order_first": 0.7,
    "publicity": 0.5, "inspection_cost": 801.0, "monitoring": 0.7, "notice": 0.3, "monitoring_limit": 0.6,
    "monitoring_cost": 75.0,
}  # fmt: skip

WORLDS = {
    "today": World(
        exercises=(
            "questions",
            "unblocked",
            "obligated_seconds",
            "chosen_seconds",
            "absent_days",
            "office_resume_seconds",
        ),
        holidays=(FIRST.replace(day=6),),
        firms=(0, 1, 2),
        town=TOWN,
    ),
    "no channel": World(
        exercises=("referred", "missed", "talks", "given_in_meetings", "unsent", "reasked", "office_resume_seconds"),
        levers=({"kind": "absent", "channels": ["im", "group", "mail", "tool", "call", "shadow"]},),
        parameters={"site_share": 0.3, "site_visits": 0.3, "recall_hours": 0.2, "again_minutes": 15.0},
    ),
    "nobody_listens": World(  # so that what is kept fills the list
        exercises=("missed", "given_in_meetings", "assignments_deferred", "referred"),
        levers=({"kind": "absent", "channels": ["im", "group", "mail", "tool", "call", "shadow"]},),
        parameters={
            **{"manager_messages": 40.0, "assignment_share": 0.45, "status_share": 0.35, "group_orders": 1.0},
            **{"talk_heard": 0.1, "meeting_answers": 0.0, "site_share": 0.3, "site_visits": 0.3, "lapse_share": 0.0},
            **{"questions_per_task": 2.5, "wait_minutes": 30.0, "initiative_manager": 0.8},
        },
    ),
    "pilot_ban": World(
        exercises=("evasions", "breaches", "postponed", "sent_tool", "sent_call", "sent_shadow", "after_seconds_call"),
        levers=(
            lever("substitute", 6, tool="project_tool", ramp_days=9, phase="preparation"),
            lever("substitute", 6, tool="scheduled_mail", strength=0.8, phase="preparation"),
            lever("ban", 8, channels=["im", "group"], ramp_days=6),
            lever("substitute", 9, tool="internal_messenger", strength=0.6),
            lever("emergency_line", 9, quota_per_week=2),
            lever("enforcement", 8, inspections_per_year=26.0, complaint=1.0, anonymous=0.5, fine_yuan=3_000.0),
        ),
        parameters=EAGER,
        weeks=3,
    ),
    "no_messenger_at_all": World(
        exercises=("sent_mail", "postponed"),
        levers=(lever("absent", channels=["im", "group", "call", "shadow"]),),
        seed=2,
    ),
    "quiet_hours": World(
        exercises=("breaches", "postponed", "cleared", "cleared_held", "exits"),
        levers=(
            lever("quiet_hours", 7, mode="hold", strength=0.7),
            lever("quiet_hours", mode="nudge", strength=0.4, end=FIRST.replace(day=15)),
            lever("contact_prohibition", 8, strength=0.9),
            lever("right_to_disconnect", strength=0.5, scope={"roles": ["engineer", "knowledge", "manager"]}),
            lever("manager_example", strength=0.3),
            lever("substitute", 12, tool="internal_messenger"),
            lever("enforcement", complaint=0.8, fine_yuan=500.0),
        ),
        parameters={**EAGER, "initiative_manager": 0.5, "initiative_staff": 0.2},
        seed=3,
        weeks=3,
    ),
    "closed_evenings": World(
        exercises=("evasions", "postponed", "breaches"),
        levers=(
            lever("quiet_hours", mode="block", strength=0.9),
            lever("ban", channels=["call"], hours="off", scope={"share": 0.5}),
            lever("emergency_line", quota_per_week=1, scope={"roles": ["manager"]}),
        ),
        parameters={"compliance_base": 0.8, "initiative_manager": 0.4},
        seed=4,
    ),
    "caps_and_watching": World(
        exercises=("home_task_seconds", "home_message_seconds", "recorded_overtime_seconds", "short_rests"),
        levers=(
            lever("daily_cap", hours=9.5),
            lever("weekly_cap", 8, hours=44.0, opt_out=0.3),
            lever("read_receipts"),
            lever("batching", strength=0.6),
            lever("monitoring", strength=0.7, notice=0.5),
            lever("substitute", tool="summaries"),
        ),
        parameters={"home_chance": 1.0, "home_share": 0.6, "tasks_per_day": 9.0},
        seed=5,
    ),
    "windows": World(
        exercises=("postponed", "unsent", "emergency_calls", "breaches", "evasions", "substituted", "summarised"),
        levers=(
            lever(
                "quiet_hours",
                mode="block",
                from_hour=20.0,
                to_hour=7.5,
                technical=0.4,
                days="working",
                end=FIRST.replace(day=13),
            ),
            lever("quiet_hours", 13, mode="hold", from_hour=0.0, to_hour=24.0, days="free"),
            lever("quiet_hours", 13, mode="nudge", strength=0.5, from_hour=0.0, to_hour=24.0, days="free"),
            lever("ban", channels=["im", "mail", "call", "shadow"], technical=0.5, scope={"share": 0.7}),
            lever("contact_prohibition", 15, strength=0.8),
            lever("emergency_line", quota_per_week=3),
            lever("substitute", tool="summaries"),
            lever("substitute", 12, tool="project_tool", strength=0.5),
        ),
        parameters={"initiative_manager": 0.6, "initiative_staff": 0.3, "urgent_share": 0.3, "compliance_base": 0.7},
        seed=8,
        weeks=3,
    ),
    "spared_by_a_right": World(
        exercises=("postponed", "sent_mail", "sent_call", "evasions", "breaches", "hidden_overtime_seconds"),
        levers=(
            lever("right_to_disconnect", strength=0.9),
            lever("ban", 12, channels=["im", "mail"], hours="off", scope={"share": 0.5}),
            lever("contact_prohibition", 20, strength=0.6),
            lever("enforcement", complaint=0.8, anonymous=0.6, union=0.7, inspections_per_year=20.0, fine_yuan=800.0),
        ),
        parameters={
            **EAGER,
            "initiative_manager": 0.8,
            "initiative_staff": 0.3,
            "right_base": 0.7,
            "right_senders": 0.2,
            "right_channel": 0.9,
            "obedience_spread": 0.6,
            "call_share": 0.0,
        },
        seed=12,
        weeks=3,
    ),
    "shaded_caps": World(
        exercises=("home_task_seconds", "recorded_overtime_seconds", "breaches"),
        levers=(lever("daily_cap", hours=10.0), lever("weekly_cap", hours=43.0, opt_out=0.2)),
        parameters={
            "home_chance": 1.0,
            "home_share": 0.6,
            "tasks_per_day": 9.0,
            "stay_share": 1.0,
            "cap_margin": 90.0,
            "cap_home": 0.3,
            "obedience_spread": 0.5,
        },
        seed=13,
        weeks=3,
    ),
    "caps_and_rests_on_total_time": World(
        exercises=("breaches", "home_task_seconds", "hidden_overtime_seconds", "recorded_overtime_seconds"),
        levers=(
            lever("daily_cap", hours=9.0, on="total"),
            lever("weekly_cap", 8, hours=46.0, on="total"),
            lever("daily_rest", hours=13.0, on="total"),
            lever("weekly_rest", hours=48.0, on="total"),
            lever("flexible_hours", 12, hours=2.0),
        ),
        parameters={"home_chance": 1.0, "home_share": 0.6, "tasks_per_day": 9.0, "act_base": 0.0},
        seed=9,
    ),
    "limits_and_rounds": World(
        exercises=("checks", "interruptions", "breaches", "sent_group"),
        levers=(
            lever("group_limits", most=3),
            lever("mention_limits", most=1),
            lever("batching", strength=0.7, rounds=4),
            lever("focus_hours", from_hour=9.5, to_hour=11.0),
            lever("core_hours", 9, from_hour=10.0, to_hour=15.0),
            lever("flexible_hours", hours=3.0, scope={"roles": ["manager", "engineer"]}),
            lever("daily_rest", hours=16.0),
            lever("weekly_rest", hours=68.0),
        ),
        parameters={"urgent_share": 0.5, "stay_share": 1.0},
        seed=10,
        town=TOWN,
    ),
    "unfinished": World(
        exercises=("looking_seconds", "open_questions", "backlog_seconds", "interruptions", "exceptions"),
        levers=(
            lever("check_limit", rounds=6, strength=0.7),
            lever("batching", 12, strength=0.5, rounds=6),
            lever("quiet_hours", mode="hold", strength=0.6, days="working"),
            lever("ban", 14, channels=["im"], technical=0.3),
            lever("contact_prohibition", strength=0.8),
        ),
        parameters={
            **ASK,
            "look_seconds": 45.0,
            "look_lag": 0.6,
            "look_more": 0.8,
            "round_interrupts": 0.6,
            "inhibition_seconds": 20.0,
            "react": 0.3,
            "pressure_backlog": 0.3,
            "fatigue_pressure": 0.8,
            "fault_interrupted": 0.03,
        },
        seed=12,
    ),
    "overrun": World(
        exercises=("buried", "forgotten", "tasks_dropped", "dropped_work_seconds", "cleared", "long_days"),
        parameters={**EAGER, **RESTLESS},
        seed=6,
    ),
    "full_of_questions": World(
        exercises=("defaults", "reasked", "exceptions", "rework_seconds", "spoiled_seconds", "waiting_seconds"),
        parameters=ASK,
        seed=7,
    ),
    "unlike_people": World(
        exercises=("questions", "answered", "exits"),
        levers=(lever("flexible_hours", 12, hours=1.0),),
        parameters={
            **EAGER,
            "activity_sigma": 1.2,
            "activity_work": 0.6,
            "activity_questions": 1.2,
            "activity_answers": 1.5,
            "activity_asked": 2.0,
            "activity_most": 20.0,
            "ties": 3.0,
            "tie_decay": 0.3,
            "break_spread": 180.0,
            "hours_spread": 120.0,
            "thread_most": 9.0,
            "follow_up": 0.9,
            "follow_deep": 0.95,
            "follow_spared": 1.0,
        },
        seed=12,
    ),
    "overseen": World(
        exercises=(
            "breaches",
            "emergency_calls",
            "complaints",
            "inspections",
            "orders",
            "paid_overtime_seconds",
            "wage_fen",
            "overtime_pay_fen",
            "tool_cost_fen",
            "training_cost_fen",
            "monitoring_cost_fen",
            "emergency_cost_fen",
            "fines_fen",
            "exit_cost_fen",
            "enforcement_cost_fen",
        ),
        parameters={**EAGER, "call_share": 0.0},
        rows=OVERSIGHT,
        seed=8,
        weeks=3,
        firms=(0, 1, 2),
        town=TOWN,
    ),
    "rewarded": World(
        exercises=("subsidy_fen", "training_cost_fen", "fines_fen", "overtime_pay_fen"),
        levers=(lever("contact_prohibition", strength=0.9),),
        parameters={"pays_share": 1.0, "norm_pressure": 1.0, "union_complaints": 20.0},
        rows={
            "incentive": 900.0,
            "union": 1.0,
            "training": 1.0,
            "training_cost": 99.0,
            "pressure": 1.0,
            "closed_im": 0.9,
            "fine": 100.0,
        },
        seed=9,
        weeks=3,
    ),
    "held_until_early": World(
        exercises=("hidden_overtime_seconds", "chosen_seconds", "obligated_seconds"),
        levers=(
            lever("quiet_hours", mode="hold", from_hour=21.0, to_hour=6.0),
            lever("substitute", tool="internal_messenger", uptake=0.5),
        ),
        parameters={**EAGER, "initiative_manager": 0.9, "initiative_staff": 0.5, "see_off": 0.9, "act_base": 1.0},
        seed=11,
    ),
    "outsiders": World(
        exercises=(
            "outside_after_seconds",
            "outside_wait_seconds",
            "outside_lost_seconds",
            "outside_moved",
            "exits",
            "emergency_calls",
        ),
        levers=(
            lever("ban", 6, channels=["im"], hours="off", strength=0.9),
            lever("quiet_hours", 7, mode="hold", strength=0.6),
            lever("contact_prohibition", 8, strength=0.9),
            lever("emergency_line", 8, quota_per_week=2),
            lever("substitute", 8, tool="internal_messenger"),
            lever("substitute", 12, tool="project_tool", strength=0.5),
        ),
        parameters={
            **EAGER,
            "outside_service": 20.0,
            "outside_teacher": 9.0,
            "outside_manager": 6.0,
            "outside_custom": 0.5,
            "exit_rate": 1.0,
            "pool_share": 0.6,
            "act_base": 1.0,
            "compliance_base": 0.7,
            "outside_free_service": 1.2,
        },
        seed=12,
        town={**VILLAGE, "industries": {"services": 0.5, "education": 0.5}},
    ),
    "shut_out": World(
        exercises=("outside_moved", "outside_shut_out", "outside_received", "sent_mail"),
        levers=(
            lever("absent", channels=["im"], end=FIRST.replace(day=8)),
            lever("ban", 8, channels=["im", "mail"], technical=0.7),
            lever("absent", 13, channels=["shadow", "mail"]),
            lever("quiet_hours", 10, mode="block", from_hour=17.0, to_hour=8.0, days="working"),
        ),
        parameters={
            **EAGER,
            "outside_service": 20.0,
            "outside_teacher": 9.0,
            "newcomer_strain": 0.2,
            "compliance_base": 0.6,
        },
        seed=13,
        town={**VILLAGE, "industries": {"services": 0.5, "education": 0.5}},
    ),
    "talked_about": World(
        exercises=(
            "office_meeting_seconds",
            "office_talk_seconds",
            "talks",
            "missed",
            "settled",
            "found",
            "dropped_meetings",
            "sent_talk",
            "sent_call",
        ),
        levers=(
            lever("meeting_free", days=["tuesday", "friday"], from_hour=8.0, to_hour=13.0),
            lever("meeting_limit", 12, hours=3.0),
            lever("ban", 9, channels=["im"]),
            lever("focus_hours", from_hour=15.0, to_hour=16.0),
            lever("mention_limits", most=1),
        ),
        parameters={**EAGER, "ad_hoc_meetings": 3.0, "team_meetings": 0.9, "compliance_base": 0.7, "talk_base": 0.0},
        seed=12,
        firms=(0, 1, 2),
    ),
    "nothing_but_talk": World(
        exercises=("sent_talk", "talks", "unsent", "missed"),
        levers=(lever("absent", channels=["im", "group", "mail", "tool", "call", "shadow"]),),
        parameters={"intrusive_talk": 0.5},
    ),
    "dates_and_hand_offs": World(
        exercises=(
            "tasks_late",
            "late_seconds",
            "hand_offs",
            "handed_work_seconds",
            "chases",
            "assignments_deferred",
            "assignments_lapsed",
            "lapsed_work_seconds",
            "contract_output_seconds",
            "recorded_output_seconds",
            "paid_output_seconds",
            "absent_days",
            "exits",
        ),
        levers=(
            lever("quiet_hours", mode="block", strength=0.9),
            lever("contact_prohibition", 8, strength=0.8),
            lever("manager_example", strength=0.8),
            lever("daily_cap", 12, hours=9.0, on="total"),
            lever("enforcement", fine_yuan=5_000.0, complaint=1.0),
        ),
        parameters={
            **EAGER,
            "due_days": 1.5,
            "hand_on": 0.6,
            "chain_most": 3.0,
            "chase": 1.0,
            "lapse_share": 0.4,
            "initiative_manager": 0.7,
            "late_loss": 0.8,
            "late_days": 1.0,
            "stay_due": 0.5,
            "urgent_hours": 8.0,
            "compliance_base": 0.7,
            "compliance_days": 3.0,
            "demand_days": 10.0,
            "tasks_per_day": 7.0,
        },
        holidays=(FIRST.replace(day=14),),
        seed=12,
        weeks=3,
    ),
    "nothing_is_open": World(
        exercises=("assignments_deferred", "assignments_lapsed", "unsent", "hand_offs"),
        levers=(lever("absent", 8, channels=["im", "group", "mail", "tool", "call", "shadow"]),),
        parameters={"defer_share": 0.8, "hand_on": 0.8, "hand_team": 0.2, "exit_rate": 1.0},
        seed=13,
    ),
    "holidays_and_part_time": World(
        exercises=(
            "rest_day_overtime_seconds",
            "statutory_overtime_seconds",
            "overtime_pay_fen",
            "breaches",
            "postponed",
        ),
        levers=(
            lever("quiet_hours", mode="block", strength=0.5, days="working", from_hour=19.0, to_hour=7.0),
            lever("weekly_cap", 8, hours=30.0, on="total"),
            lever("weekly_rest", hours=58.0, on="total", end=FIRST.replace(day=13)),
            lever("overtime_pay", recorded=0.5, latent=0.6, rate=1.8),
            lever("batching", strength=0.5, rounds=3),
        ),
        parameters={**EAGER, "part_time_share": 0.5, "part_time_hours": 4.5, "leave_days": 4.0, "pays_share": 0.5},
        holidays=(FIRST.replace(day=9),),
        workdays=(FIRST.replace(day=11), FIRST.replace(day=17)),
        statutory=(FIRST.replace(day=14), FIRST.replace(day=15)),
        hours={"opening_clock": 8.0, "day_hours": 8.5, "break_minutes": 30.0},
        seed=12,
        town=TOWN,
    ),
    "nothing_works": World(
        exercises=("off_seconds", "office_task_seconds"), mechanisms=dict.fromkeys(MECHANISMS, False)
    ),
}


HOUR = (0.0, 420.0, 540.0, 720.0, 900.0, 1_080.0, 1_260.0, 1_440.0)  # minutes of the day
RULED: dict[str, tuple[float, ...]] = {
    **{f"{how}_{name}": (0.4, 1.0) for how in ("closed", "off") for name in CLOSABLE},
    "closed_call": (1.0, 2.0), "closed_mail": (0.5, 2.0), "system_im": (0.3, 1.0), "system_mail": (0.5,),
    "system_off_im": (0.3, 1.0), "system_off_mail": (0.5,),
    "quiet_from": HOUR, "quiet_to": HOUR,
    "quiet_days": (1.0, 2.0), "hold": (0.5, 1.0), "nudge": (0.5,), "contact_ban": (0.7,), "tool": (0.5, 1.0),
    "scheduled": (0.5, 1.0), "messenger": (0.8,), "summary": (0.5,), "emergency": (1.0,), "emergency_quota": (1.0, 3.0),
    "daily_cap": (520.0, 600.0), "weekly_cap": (2_500.0, 2_900.0), "cap_total": (1.0,), "opt_out": (0.3,),
    "disconnect": (0.6, 1.0), "daily_rest": (660.0, 900.0),
    "weekly_rest": (1_440.0, 4_000.0), "rest_total": (1.0,), "receipts_off": (1.0,), "batching": (0.5, 1.0),
    "batch_rounds": (1.0, 5.0), "looks_given_up": (0.5, 1.0), "group_limit": (1.0, 4.0),
    "mention_limit": (1.0, 3.0), "focus_from": HOUR, "focus_to": HOUR, "core_from": HOUR, "core_to": HOUR,
    "meeting_free_days": (1.0, 10.0, 31.0), "meeting_free_from": HOUR, "meeting_free_to": HOUR,
    "meeting_limit": (60.0, 200.0), "flexible": (30.0, 300.0),
}  # fmt: skip


LIVELY = World(
    (),
    parameters={
        **EAGER,
        "initiative_manager": 0.5,
        "initiative_staff": 0.2,
        "home_chance": 0.9,
        "compliance_base": 0.6,
    },
)


def rule_under(engine: Workplace, seed: int) -> None:
    """Put any rules about time and channels into force for each role, from the first day on, whoever writes such."""
    dice = random.Random(seed)
    for row in engine.plan.rule[0]:
        for name, values in RULED.items():
            row[getattr(R, name)] = dice.choice(values) if dice.random() < 0.3 else 0.0
        row[R.in_force] = 1.0
