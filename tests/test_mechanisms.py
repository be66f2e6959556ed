"""Each mechanism: off means exactly zero of what it causes; a knob turned moves its outcome the right way.

Switches are tested to the bit where a mechanism ties two things together: one is perturbed, and with the mechanism off
the other does not notice. Slopes are tested with both worlds on the same draws, between values far apart, so that they
hold wherever a search moves the defaults.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest

from docs import tipping
from sim.behaviour.activity import by_activity
from sim.behaviour.answering import act_log_odds, group_intrusiveness, kept_under_load, message_log_odds, skim
from sim.behaviour.compliance import margin_below_cap, may_go_home, rank_of_week, silence, spared, unwritten
from sim.behaviour.norms import felt_norm
from sim.behaviour.outsiders import outsiders_pull
from sim.behaviour.strain import detachment_target, missing_out, sleep_minutes, time_pressure_target, trust_target
from sim.behaviour.talking import meeting_start
from sim.behaviour.working import fault_uninformed
from sim.core import draws
from sim.core.columns import (
    ANSWER,
    ASSIGNMENT,
    BROADCAST,
    CALL,
    CHATTER,
    DELIVERED,
    FREE,
    GROUP,
    IM,
    MAIL,
    MANAGER,
    OFFICE,
    QUESTION,
    READY,
    SALES_SERVICE,
    SENT,
    SHADOW,
    STATUS_REQUEST,
    TALK,
    TEACHER,
    TOOL,
    Firm,
    L,
    Ledger,
    State,
)
from sim.core.elementary import normal_quantile
from sim.core.parameters import MECHANISMS, TABLE, Q, values
from sim.core.randomness import child, uniform
from sim.core.units import DAY, HOUR
from sim.engine.delivery import alert
from sim.engine.meetings import IN_ALL, meeting
from sim.engine.norms import expect
from sim.engine.questions import choose_contact
from sim.engine.records import table
from sim.engine.state import KEPT, MESSAGE, NEVER, named
from sim.engine.tasks import most_pressing, take_first
from sim.engine.timing import is_in_today
from sim.model import Workplace
from sim.verify import firm_histories, ledger_totals
from tests.worlds import ALWAYS, by_name, column, day_of, events, made, ran, scenario, summed, tiny

OFF = {row.name: row.off for row in TABLE if row.off is not None}
WORKED = slice(L.office_task_seconds, L.home_resume_seconds + 1)


def world(
    raw: Mapping[str, float] | None = None,
    states: Mapping[str, float] | None = None,
    days: int | None = None,
    **kind: Any,
) -> Workplace:
    """Run a small economy; ``states`` are given to everybody before the first day."""
    model = made(scenario(**kind), raw)
    for name, value in (states or {}).items():
        model.world.person[name] = value
    model.run_for(model.days_total if days is None else days)
    return model


def differing(one: Workplace, other: Workplace) -> set[str]:
    """Columns of ledger and states in which anybody differs."""
    ledger = (ledger_totals(one) != ledger_totals(other)).any(axis=0)
    real = {name for name in State._fields if (one.world.person[name] != other.world.person[name]).any()}
    return real | {name for name, differs in zip(Ledger._fields, ledger, strict=True) if differs}


def rate(model: Workplace, part: str, whole: str) -> float:
    """Ratio of two sums."""
    return summed(model, part) / max(summed(model, whole), 1)


def test_every_mechanism_has_a_switch_that_does_something() -> None:
    """With any one of them off, some history differs from the world with all of them on."""
    rules = ({"kind": "ban", "channels": ["im"]}, {"kind": "monitoring"}, {"kind": "enforcement", "fine_yuan": 9_000,
             "inspections_per_year": 20})  # fmt: skip
    known = firm_histories(world(weeks=2, levers=rules))
    for name in MECHANISMS:
        assert {row.mechanism for row in TABLE} >= {name}
        assert firm_histories(world(weeks=2, levers=rules, off=[name.split("_")[0]])) != known, name


@pytest.mark.smallworld
def test_a_switch_sets_its_parameters_and_no_others() -> None:
    """Off is a value in the table, so it needs no branch in the engine."""
    on = values({}, {})
    for name in MECHANISMS:
        off = values({}, {name: False})
        for row in TABLE:
            number = getattr(Q, row.name)
            wanted = row.off if row.mechanism == name and row.off is not None else row.value
            assert off[number] == wanted, (name, row.name)
    assert (on == [row.value for row in TABLE]).all()


# --- M1: work makes messages ----------------------------------------------------------------------------------------


def test_m1_off_nobody_asks_and_work_makes_no_message() -> None:
    """No questions, no search; without initiative after hours, faults of the strained and of those who know nothing of
    the others' work, hand-offs and outsiders not one message."""
    model = world(off=["m1"])
    assert summed(model, "questions", "reasked", "office_search_seconds", "home_search_seconds") == 0
    silent = world(off=["m1", "m4", "m8", "m14", "m15", "m17", "m18"])
    assert summed(silent, "sent", "received", "exceptions", "office_message_seconds") == 0
    assert summed(silent, "tasks_done") > 1_000


def test_m1_questions_and_talk_make_messages_and_replies_make_replies() -> None:
    """More questions a task, more managing, more following up: more messages, and longer threads.

    Orders and requests rise by a factor of 7.5, less what a chance of one a moment cuts from the most active managers;
    with 434 of them in the quiet world, 5.0 lies more than four standard errors below the 6.6 found. They are a known
    share of managers' own messages, and each message adds itself and its answers.
    """
    few, many = (world({"questions_per_task": each}) for each in (0.3, 2.0))
    assert summed(many, "questions") > 3 * summed(few, "questions")
    assert summed(many, "sent") > 1.2 * summed(few, "sent")
    own = []
    quiet, busy = (
        ran(scenario(off=["m4", "m14", "m15", "m17"]), raw={"manager_messages": each}, log_share=1.0)
        for each in (4.0, 30.0)
    )
    for model in (quiet, busy):
        sent = events(model).filter(pl.col("event") == SENT)
        own.append(sent.filter(pl.col("kind").is_in([ASSIGNMENT, STATUS_REQUEST])).height)
    assert own[1] > 5.0 * own[0]
    of_managers = (own[1] - own[0]) / (busy.parameters[Q.assignment_share] + busy.parameters[Q.status_share])
    assert summed(busy, "sent") - summed(quiet, "sent") > of_managers
    depth = []
    for follow_up in (0.0, 0.6):
        setting = {"follow_up": follow_up, "follow_deep": follow_up, "thread_most": 6.0}
        model = ran(scenario(weeks=2, parameters=setting), log_share=1.0)
        sent = events(model).filter(pl.col("event") == SENT)
        depth.append(sent["depth"].max())
        threads = sent.group_by("thread").len()["len"]
        assert threads.max() < 60
    assert depth[0] == 1
    assert 3 <= depth[1] <= 7


def test_m1_who_has_no_task_takes_up_answers_put_off() -> None:
    """All answers are put off, and there is little work: they come sooner if people without any take them up."""
    raw = {"answer_now": 0.0, "answer_later_minutes": 30.0, "answer_later_sigma": 0.1, "tasks_per_day": 1.0}
    left, taken = (world(raw | {"idle_answers": each}, weeks=1) for each in (0.0, 1.0))
    assert rate(taken, "reply_seconds", "answered") < 0.95 * rate(left, "reply_seconds", "answered")


def test_m1_messages_have_a_heavy_tail_and_a_day_with_an_evening() -> None:
    """Rates that spread make the busiest tenth write much more; evenings have a bump that its parameter moves."""
    tenths = []
    for sigma in (0.0, 1.2):
        written = np.sort(ledger_totals(world(people=100, parameters={"activity_sigma": sigma}))[:, L.sent])[::-1]
        tenths.append(written[: len(written) // 10].mean() / np.median(written))
    assert tenths[1] > 1.3 * tenths[0]
    flat, bumpy = (world({"evening_bump": each}) for each in (1.0, 4.0))
    by_hour = [model.hours().group_by("hour_of_week").agg(pl.col("messages").sum()) for model in (flat, bumpy)]
    hour = pl.col("hour_of_week") % 24
    evening = [frame.filter(hour.is_between(21, 21))["messages"].sum() for frame in by_hour]
    morning, night = (by_hour[1].filter(hour.is_between(*span))["messages"].sum() for span in ((9, 11), (1, 5)))
    assert evening[1] > 1.5 * evening[0]
    assert morning > 20 * night


# --- M2: attention --------------------------------------------------------------------------------------------------


def test_m2_off_no_alert_interrupts() -> None:
    """Zero seconds of resuming, and zero interruptions where nobody talks and nobody reacts outside hours either.

    What somebody has seen while free and takes up later can fall into a session of work at home (M4).
    """
    at_once = {"recall_minutes": 0.0}
    assert summed(world(at_once, off=["m2"]), "office_resume_seconds", "home_resume_seconds") == 0
    model = world(at_once, off=["m2", "m4", "m14"])
    assert summed(model, "interruptions", "office_resume_seconds", "home_resume_seconds") == 0
    assert summed(model, "read") > 0.5 * summed(model, "received")


def test_m2_alerts_interrupt_cost_a_lag_and_tire() -> None:
    """More reacting: more interruptions, switches and resuming; interrupted people are more tired at equal hours."""
    alerts_only = {"look_lag": 0.0, "recall_minutes": 0.0}
    calm, jumpy = (world(alerts_only | {"react": each}) for each in (0.1, 0.9))
    assert summed(jumpy, "interruptions") > 4 * summed(calm, "interruptions")
    assert summed(jumpy, "office_resume_seconds") > 4 * summed(calm, "office_resume_seconds")
    assert rate(jumpy, "office_task_seconds", "switches") < rate(calm, "office_task_seconds", "switches")
    quick, slow = (world(alerts_only | {"resume_seconds": each}) for each in (10.0, 200.0))
    lag = [rate(model, "office_resume_seconds", "interruptions") for model in (quick, slow)]
    assert lag[1] > 8 * lag[0]
    no_lag = alerts_only | {"resume_seconds": 0.0, "asked_knows": 1.0, "idle_answers": 0.0}
    without, with_them = (world(no_lag | {"react": each}, off=["m4", "m9"]) for each in (0.0, 0.9))
    assert column(with_them, "fatigue_week").mean() > column(without, "fatigue_week").mean()


def test_m2_a_channel_taken_away_takes_interruptions_with_it() -> None:
    """Without the messenger the rest is less intrusive: fewer interruptions, and more work between two of them."""
    rule = {"kind": "absent", "channels": ["im", "group"]}
    usual, without = world(), world(levers=[rule])
    assert summed(without, "interruptions") < 0.6 * summed(usual, "interruptions")
    assert rate(without, "office_task_seconds", "interruptions") > 1.5 * rate(
        usual, "office_task_seconds", "interruptions"
    )


def alerting(model: Workplace, channel: int, group: int) -> float:
    """Share of 1,000 messages by a channel that raise an alert for somebody at work who has muted nothing."""
    w, raised = model.world, 0
    w.person[1].place, w.person[1].clock, w.person[1].muted = OFFICE, 36_000, 0.0
    message = table(1, MESSAGE)[0]
    message.kind, message.channel, message.group = CHATTER, channel, group
    for number in range(1_000):
        w.person[1].alert = -1
        message.key = child(np.uint64(7), number)
        alert(w, named(model.parameters)[0], w.person[1], 0, message, 36_000)
        raised += w.person[1].alert == 0
    return raised / 1_000


@pytest.mark.smallworld
def test_m2_a_group_message_alerts_as_far_below_a_direct_one_by_every_channel() -> None:
    """Half as loud where group chats are; by the internal messenger as in group chats; each comparison 1e-5."""
    model = made(tiny(), {"react": 1.0, "intrusive_im": 0.8, "intrusive_group": 0.4}, firms=[0])
    rule = model.world.rules[model.world.person[1].rules]
    for channel, messenger, direct in (
        (MAIL, 0.0, 0.25), (SHADOW, 0.0, 1.0), (TOOL, 0.0, 0.2), (TOOL, 0.5, 0.5), (TOOL, 1.0, 0.8),
    ):  # fmt: skip
        rule.messenger = messenger
        assert alerting(model, channel, 0) == pytest.approx(direct, abs=0.07), (messenger, channel)
        assert alerting(model, channel, 1) == pytest.approx(direct / 2, abs=0.07), (messenger, channel)
    assert alerting(model, IM, 0) == pytest.approx(0.8, abs=0.07)
    assert alerting(model, GROUP, 1) == pytest.approx(0.4, abs=0.07)


@pytest.mark.smallworld
def test_m2_a_group_message_is_never_louder_than_a_direct_one() -> None:
    """Also where a set of parameters has group chats louder than instant messages, or these silent."""
    sets = [by_name(intrusive_im=im, intrusive_group=0.5) for im in (1.0, 0.5, 0.25, 0.0)]
    assert [group_intrusiveness(p, 0.5) for p in sets] == [0.25, 0.5, 0.5, 0.5]


def test_m2_collected_alerts_interrupt_nobody() -> None:
    """Batching of full strength, and nothing seen outside hours: people still look by themselves, and read."""
    model = world(levers=[{"kind": "batching"}], off=["m4", "m14"])
    assert summed(model, "interruptions") == 0
    assert summed(model, "checks") > 0
    assert summed(world(levers=[{"kind": "batching", "strength": 0.5}]), "interruptions") > 0


# --- M3: overload ---------------------------------------------------------------------------------------------------


@pytest.mark.smallworld
def test_m3_off_load_does_not_matter_at_all() -> None:
    """At any load exactly the chance and the reading time of an empty inbox."""
    for load in (0.0, 100.0, 100_000.0):
        for power in (0.5, 4.0):
            p = by_name(["m3"], overload_power=power)
            assert kept_under_load(p, load, 0.0) == 1.0
            assert skim(p, load) == 1.0


def test_m3_off_people_do_not_notice_how_much_they_get() -> None:
    """A remembered load of 1 or of 10,000 messages a day: the same fortnight to the bit, but not with overload on."""
    for off, same in ((["m3"], True), ([], False)):
        light, heavy = (world(states={"burden": each}, off=[*off, "m16"], weeks=2) for each in (1.0, 10_000.0))
        assert (differing(light, heavy) == {"burden"}) is same


VOLUME = ("manager_messages", "staff_messages", "announce", "initiative_manager", "initiative_staff")


def shares(factor: float, off: tuple[str, ...] = ()) -> tuple[float, float]:
    """Messages a working day, and the share of them that is answered, if people start so much more on their own."""
    started = {row.name: row.value * factor for row in TABLE if row.name in VOLUME}
    model = world(started, people=100, weeks=6, off=off)
    settled = model.person_week().filter(pl.col("week") >= 2).select("received", "answered", "workdays").sum()
    return settled["received"][0] / settled["workdays"][0], settled["answered"][0] / settled["received"][0]


def test_m3_the_share_answered_falls_threefold_from_ten_to_a_hundred_messages_a_day() -> None:
    """The same work with ever more talk around it; overload adds to what the mixture of messages does by itself."""
    (few, calm), (many, flooded) = shares(0.0), shares(1.5)
    assert few < 20
    assert many > 100
    assert calm > 3.0 * flooded
    (_, calm_without), (_, flooded_without) = shares(0.0, off=("m3",)), shares(1.5, off=("m3",))
    assert calm / flooded > 1.3 * calm_without / flooded_without


@pytest.mark.smallworld
def test_m3_more_load_never_raises_the_chance_of_an_answer_nor_the_time_for_it() -> None:
    """Falling in the load, spared kinds less; skimming stops at its floor."""
    loads = np.linspace(0.0, 500.0, 200)
    p = by_name()
    plain, spared = ([kept_under_load(p, x, each) for x in loads] for each in (0.0, 0.6))
    assert (np.diff(plain) < 0.0).all()
    assert (np.diff(spared) < 0.0).all()
    assert (np.array(spared) >= plain).all()
    reading = [skim(p, x) for x in loads]
    assert (np.diff(reading) <= 0.0).all()
    assert reading[-1] == p.skim_floor


def test_m3_important_messages_drown_in_broadcasts() -> None:
    """The same questions with more broadcasts around them wait longer for their answers."""
    few, many = (world({"staff_messages": each, "manager_messages": each}, weeks=6) for each in (2.0, 35.0))
    assert rate(many, "unblocked", "questions") < rate(few, "unblocked", "questions")
    assert rate(many, "defaults", "questions") > 1.1 * rate(few, "defaults", "questions")


# --- M4: after hours ------------------------------------------------------------------------------------------------


def test_m4_off_nobody_acts_after_hours() -> None:
    """Zero acts, by obligation or choice; without late work (M9) nothing at all is done away from the office."""
    model = world(off=["m4"])
    assert summed(model, "after_acted", "obligated_seconds", "chosen_seconds") == 0
    asleep = world(off=["m4", "m9"])
    home = [name for name in Ledger._fields if name.startswith("home_")]
    assert summed(asleep, *home, "latent_overtime_seconds", "hidden_overtime_seconds") == 0


def held(name: str, value: float, **more: Any) -> Workplace:
    """A world whose people keep a state: it moves with a time constant of 1,000 days."""
    still = dict.fromkeys(("norm_up_days", "norm_down_days", "demand_days", "response_days"), 1_000.0)
    return world(still, {name: value}, **more)


def test_m4_expectation_makes_people_act() -> None:
    """Nothing expected, or everything: the share of requests acted on and the hidden hours rise."""
    free, pressed = (held("expectation", each) for each in (0.0, 1.0))
    assert rate(pressed, "after_acted", "after_received") > 1.5 * rate(free, "after_acted", "after_received")
    assert summed(pressed, "obligated_seconds") > 3 * summed(free, "obligated_seconds")
    chosen = [rate(model, "chosen_seconds", "hidden_overtime_seconds") for model in (free, pressed)]
    assert chosen[1] < chosen[0]


def test_m4_those_who_keep_work_and_home_apart_act_less() -> None:
    """By the wish itself, by refusal on principle, and without read receipts."""
    joined, apart = (world(states={"segmentation": each, "refuses": 0.0}) for each in (0.0, 1.0))
    assert summed(apart, "after_acted") < summed(joined, "after_acted")
    willing, refusing = (world(states={"refuses": each}) for each in (0.0, 1.0))
    assert summed(refusing, "after_acted") < 0.3 * summed(willing, "after_acted")
    seen, unseen = world({"act_receipt": 2.0}), world({"act_receipt": 2.0}, levers=[{"kind": "read_receipts"}])
    assert summed(unseen, "after_acted") < summed(seen, "after_acted")


@pytest.mark.smallworld
def test_m4_rank_urgency_and_receipts_add_and_a_crowd_takes_away() -> None:
    """Each part of the log-odds by itself, with the values of the table."""
    p = by_name()
    assert message_log_odds(p, 0.0, 0.0, 0.0, 0.0) == 0.0
    assert message_log_odds(p, 1.0, 0.0, 0.0, 0.0) > 0.0
    assert message_log_odds(p, 0.0, 1.0, 0.0, 0.0) > 0.0
    assert message_log_odds(p, 0.0, 0.0, 1.0, 0.0) > 0.0
    assert message_log_odds(p, 0.0, 0.0, 0.0, 1.0) < 0.0


# --- M5: on call ----------------------------------------------------------------------------------------------------

# no messages, no late work: hours do not follow expectations
ALONE = ["m1", "m4", "m6", "m8", "m9", "m14", "m15", "m17"]


def test_m5_being_expected_to_answer_hurts_at_equal_hours() -> None:
    """Not one message, the same seconds of work: less detachment and more exhaustion for everybody."""
    free, on_call = (world(states={"expectation": each}, off=ALONE) for each in (0.0, 1.0))
    assert (ledger_totals(free)[:, WORKED] == ledger_totals(on_call)[:, WORKED]).all()
    assert summed(on_call, "sent", "received") == 0
    assert (column(on_call, "detachment") < column(free, "detachment")).all()
    assert (column(on_call, "exhaustion_state") > column(free, "exhaustion_state")).all()


def test_m5_off_expectation_alone_does_not_touch_detachment() -> None:
    """To the bit: detachment, fatigue and exhaustion do not know what is expected."""
    free, on_call = (world(states={"expectation": each}, off=[*ALONE, "m5"]) for each in (0.0, 1.0))
    moved = differing(free, on_call)
    assert "expectation" in moved
    assert not moved & {"detachment", "fatigue", "exhaustion_state", "cynicism", *Ledger._fields}


@pytest.mark.smallworld
def test_m5_obligation_costs_far_more_than_choice() -> None:
    """The same two hours in an evening, with the values of the table."""
    p = by_name()
    rested = detachment_target(p, 0.2, 0.0, 0.0, 0.0, 0.0)
    chosen, obligated = (detachment_target(p, 0.2, 1.0 - each, each, 0.0, 0.0) for each in (1.0, 0.0))
    assert obligated < chosen < rested
    assert rested - obligated > 2.0 * (rested - chosen)


# --- M6: norms ------------------------------------------------------------------------------------------------------


def test_m6_off_nobody_s_expectation_follows_others() -> None:
    """Managers who demand nothing or all, colleagues who answer never or always: nobody's expectation moves a bit."""
    for state in ("demand", "response"):
        for off, same in ((["m6"], True), ([], False)):
            one, other = (world(states={state: each}, off=off, weeks=2) for each in (0.0, 1.0))
            assert bool((column(one, "expectation") == column(other, "expectation")).all()) == same, (state, off)


def test_m6_requests_to_who_is_at_work_count_as_far_as_a_parameter_says() -> None:
    """The more of them count as not acted on in free time, the smaller the share that was."""
    raw = {"stay_culture": 120.0, "act_base": 2.0}
    none, half, all_ = (
        float(column(world(raw | {"request_at_work": each}, weeks=3), "response").mean()) for each in (0.0, 0.5, 1.0)
    )
    assert all_ < 0.95 * half
    assert half < 0.95 * none


def test_m6_managers_and_peers_set_expectations() -> None:
    """Each by itself: a demanding manager, and colleagues who always answer."""
    for state in ("demand", "response"):
        quick = {"norm_up_days": 5.0, "norm_down_days": 5.0}
        low, high = (world(quick, {state: each}, weeks=2, days=7) for each in (0.0, 1.0))
        assert (column(high, "expectation") >= column(low, "expectation")).all()
        assert column(high, "expectation").mean() > column(low, "expectation").mean() + 0.05


def settled(committed: int, team: int = 20) -> float:
    """Expectation of the last member of a team of twenty of whom some answer always, the others never."""
    raw = {"norm_tipping": 0.3, "norm_steepness": 25.0, "norm_contest": 0.0, "norm_peers": 0.5, "norm_manager": 0.2}
    model = made(tiny(sizes=(24, 0.0, 5, 40), parameters={"span_median": 15.0, "span_sigma": 0.1}), raw, firms=[0])
    w = model.world
    first = int(w.person[1].team_first)
    size = int(w.person[1].team_size)
    assert size >= 12
    w.person.response = 0.0
    w.person.response[first : first + round(committed * size / team)] = 1.0
    for _ in range(400):
        expect(w, named(model.parameters)[0], w.person[first + size - 1])
    return float(w.person[first + size - 1].expectation)


@pytest.mark.smallworld
def test_m6_norms_tip_at_a_committed_minority() -> None:
    """Almost all of the change lies between 15 and 45 % of committed colleagues; the tipping share was set to 30 %."""
    none, below, above, everybody = (settled(committed) for committed in (0, 3, 9, 19))
    assert none <= below < above <= everybody
    assert everybody - none > 0.3
    assert above - below > 0.8 * (everybody - none)


@pytest.mark.smallworld
def test_m6_a_norm_is_felt_steeply_around_its_tipping_share() -> None:
    """Half at the tipping share, and steeper there than in proportion."""
    p = by_name()
    assert felt_norm(p, p.norm_tipping) == 0.5
    assert (felt_norm(p, p.norm_tipping + 0.01) - felt_norm(p, p.norm_tipping - 0.01)) / 0.02 > 1.0


def test_m6_expectations_rise_faster_than_they_fall() -> None:
    """The ratchet: from the same distance, twenty days up close more of it than twenty days down."""
    p = values({}, {})
    assert p[Q.norm_up_days] < p[Q.norm_down_days]
    alone = {"off": [*ALONE, "m13"]}
    base = p[Q.norm_base]
    flat = {"culture_sigma": 0.0}
    low, high = (
        world(states={"expectation": base + each}, days=20, parameters=flat, **alone) for each in (-base, base)
    )
    risen, fallen = column(low, "expectation"), 2.0 * base - column(high, "expectation")
    assert risen.mean() > 1.2 * fallen.mean()


def test_m6_a_contest_is_a_rat_race() -> None:
    """A stronger pull to answer more than the others: more is expected and done, and less comes of an hour of work."""
    calm, racing = (world({"norm_contest": each, "norm_up_days": 5.0}, weeks=8) for each in (0.0, 1.0))
    assert column(racing, "expectation").mean() > column(calm, "expectation").mean()
    assert summed(racing, "after_acted") > summed(calm, "after_acted")
    hours = [summed(model, *Ledger._fields[1:10]) for model in (calm, racing)]
    output = [summed(model, "output_seconds") for model in (calm, racing)]
    assert hours[1] > hours[0]
    assert output[1] / hours[1] < output[0] / hours[0]


def test_m6_a_rule_without_enforcement_barely_moves_what_managers_demand() -> None:
    """The same right with and without a sanction: demand falls by far more where it is feared."""
    right = {"kind": "right_to_disconnect", "strength": 0.3}
    feared = {"kind": "enforcement", "inspections_per_year": 40, "fine_yuan": 100_000}
    quick = {"demand_days": 10.0, "compliance_days": 10.0, "fear_days": 20.0}
    free, toothless, strict = (world(quick, weeks=12, levers=levers) for levers in ([], [right], [right, feared]))
    demand = [column(model, "demand")[model.world.person.manages == 1].mean() for model in (free, toothless, strict)]
    assert demand[0] - demand[2] > 2.0 * (demand[0] - demand[1])


def test_m6_a_simulated_firm_of_large_teams_tips_and_one_with_the_values_of_the_table_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two years after a right of half a year norms are low if there are two states, as before if there is one."""
    monkeypatch.setattr(tipping, "PEOPLE", 40)
    for name, tips in (("two states, teams of 15", True), ("the table", False)):
        (_, before), (_, after) = (tipping.lived(tipping.RUNS[name], 0.95, ruled) for ruled in (False, True))
        assert (before - after > 0.2) is tips


# --- M7: strain and recovery ----------------------------------------------------------------------------------------


def test_m7_off_strain_does_not_follow_work() -> None:
    """Half or all of the work: not one bit of exhaustion, cynicism, efficacy, anxiety or sleep differs."""
    for off, same in ((["m7", "m16"], True), ([], False)):
        raw = ({"tasks_per_day": each} for each in (2.5, 5.0))
        light, heavy = (world(each, off=off, weeks=2) for each in raw)
        strain = differing(light, heavy) & {"exhaustion_state", "cynicism", "efficacy", "anxiety", "sleep"}
        assert (not strain) == same, strain
        assert differing(light, heavy) & {"output_seconds"}


def test_m7_longer_hours_exhaust() -> None:
    """Dose and response: more work, longer days, less sleep, more fatigue, exhaustion and burnout."""
    models = [world({"tasks_per_day": each}, people=100, weeks=10) for each in (2.0, 5.0, 8.0)]
    hours = [ledger_totals(model)[:, WORKED].sum() for model in models]
    assert hours == sorted(hours)
    for state in ("fatigue_week", "exhaustion_state", "cynicism"):
        means = [column(model, state).mean() for model in models]
        assert means == sorted(means), state
    assert summed(models[2], "sleep_minutes") < summed(models[0], "sleep_minutes")
    assert summed(models[2], "burnt_out_days") > summed(models[0], "burnt_out_days")


def test_m7_leave_helps_and_fades() -> None:
    """Against the same person without leave: less exhausted right after it; later the difference melts away."""
    quick = {"exhaustion_days": 20.0}
    setting = scenario(people=100, weeks=20)
    with_leave, without = (made(setting, {"leave_days": each} | quick) for each in (10.0, 0.0))
    gain = np.zeros((140, len(with_leave.agents)))
    away = np.zeros_like(gain, bool)
    for day in range(140):
        for model in (with_leave, without):
            model.step()
        gain[day] = column(without, "exhaustion_state") - column(with_leave, "exhaustion_state")
        if day % 7 < 5:
            away[day] = (with_leave.world.person.arrived == 0) & (without.world.person.arrived == 1)
    back = np.where(away.any(axis=0), 139 - away[::-1].argmax(axis=0), 0)
    people = np.flatnonzero((away.sum(axis=0) >= 8) & (back < 95) & (back >= 11))
    assert len(people) > 10
    after, soon, later = (np.mean([gain[back[i] + wait, i] for i in people]) for wait in (1, 7, 42))
    assert after > 0.05
    assert soon > 0.03
    assert later < 0.5 * after


@pytest.mark.smallworld
def test_m7_rest_buys_sleep_and_late_messages_cost_it() -> None:
    """An hour of rest gives sixty times the slope, between the bounds; a late look costs its minutes."""
    p = by_name()
    hour = sleep_minutes(p, 720.0, 0.0, 0.0) - sleep_minutes(p, 660.0, 0.0, 0.0)
    assert hour == pytest.approx(60.0 * p.sleep_slope)
    assert 5.0 <= hour <= 30.0  # the evidence says about 15
    assert sleep_minutes(p, 720.0, 1.0, 0.0) == sleep_minutes(p, 720.0, 0.0, 0.0) - p.sleep_late


# --- M8: waiting ----------------------------------------------------------------------------------------------------


def test_m8_off_strain_and_defaults_spoil_nothing() -> None:
    """No second of work spoiled; speed and care do not know how exhausted anybody is, if nobody lacks news (M14)."""
    model = world(off=["m8", "m14"])
    assert summed(model, "spoiled_seconds") == 0
    assert summed(model, "defaults") > 0
    assert (column(model, "care") == model.parameters[Q.fault_chance]).all()
    quiet = {"off": ["m8", "m13"], "weeks": 1, "days": 5}
    fresh, tired = (world(states={"exhaustion_trait": each}, **quiet) for each in (-1.0, 2.0))
    assert (column(fresh, "speed") == column(tired, "speed")).all()
    assert not differing(fresh, tired) & {"output_seconds", "office_task_seconds", "sent"}


def test_m8_exhaustion_slows_and_spoils() -> None:
    """Two more standard deviations: slower, more faults, less output."""
    fresh, tired = (world(states={"exhaustion_trait": each}) for each in (-0.5, 2.0))
    assert (column(tired, "speed") < column(fresh, "speed")).mean() > 0.9
    assert rate(tired, "exceptions", "tasks_done") > rate(fresh, "exceptions", "tasks_done")
    assert summed(tired, "output_seconds") < summed(fresh, "output_seconds")


def test_m8_slower_answers_mean_more_waiting_defaults_and_rework() -> None:
    """Answers at once, or put off for most of a day."""
    raw = ({"answer_now": 1.0}, {"answer_now": 0.0, "answer_later_minutes": 900.0})
    quick, slow = (world(each | {"wait_minutes": 240.0, "default_risk": 0.4}, people=100) for each in raw)
    assert summed(slow, "waiting_seconds") > 1.3 * summed(quick, "waiting_seconds")
    assert rate(slow, "defaults", "questions") > 1.5 * rate(quick, "defaults", "questions")
    assert rate(slow, "exceptions", "tasks_done") > rate(quick, "exceptions", "tasks_done")
    assert rate(slow, "cycle_seconds", "tasks_done") > rate(quick, "cycle_seconds", "tasks_done")


def test_m8_silence_has_a_price_and_a_gain() -> None:
    """Mail at fixed hours, its alerts kept back, nothing urgent: more focus, longer waits, less output."""
    closed = {"kind": "absent", "channels": ["im", "group", "tool", "call"]}
    silence = [closed, {"kind": "substitute", "tool": "scheduled_mail"}, {"kind": "batching"}]
    costly = {"default_risk": 0.4, "urgent_share": 0.0, "look_lag": 0.0, "recall_minutes": 0.0}
    usual, silent = (world(costly, people=100, weeks=6, levers=levers, off=["m14"]) for levers in ([], silence))
    assert summed(silent, "office_task_seconds") > summed(usual, "office_task_seconds")
    assert summed(silent, "interruptions", "office_resume_seconds") < 0.1 * summed(usual, "interruptions")
    assert summed(silent, "output_seconds") < summed(usual, "output_seconds")
    asked = [summed(model, "questions", "exceptions") for model in (usual, silent)]
    assert summed(silent, "waiting_seconds") / asked[1] > 1.2 * summed(usual, "waiting_seconds") / asked[0]
    assert rate(silent, "defaults", "questions") > 1.2 * rate(usual, "defaults", "questions")
    assert rate(silent, "spoiled_seconds", "tasks_done") > rate(usual, "spoiled_seconds", "tasks_done")


def test_m8_a_substitute_softens_the_price_of_silence() -> None:
    """The same closure with a project tool left open: less waiting for each question."""
    closed = {"kind": "absent", "channels": ["im", "group", "mail", "call"]}
    tool = {"kind": "substitute", "tool": "project_tool"}
    silent, helped = (world(people=100, levers=levers, off=["m14"]) for levers in ([closed], [closed, tool]))
    assert summed(helped, "sent_tool") > summed(silent, "sent_tool")
    assert rate(helped, "waiting_seconds", "questions") < rate(silent, "waiting_seconds", "questions")


# --- M9: recorded and latent time -----------------------------------------------------------------------------------


def test_m9_off_nobody_stays_and_nobody_works_at_home() -> None:
    """Overtime at the office is no more than the seconds in which what is in hand ends; at home there is no session."""
    short = dict.fromkeys(("write_seconds", "read_seconds", "skim_seconds", "look_seconds"), 1.0)
    short |= dict.fromkeys(("search_minutes", "resume_seconds", "handling_sigma"), 0.0)
    model = world(short, off=["m9", "m4", "m15"])
    assert summed(model, "recorded_overtime_seconds") <= 10 * summed(model, "workdays")
    assert summed(model, "home_task_seconds", "latent_overtime_seconds", "long_days") == 0


def test_m9_backlog_and_expectation_make_people_stay() -> None:
    """A larger share of the backlog worked off late, or a stronger expectation to be seen: more recorded overtime."""
    for name, low, high in (("stay_share", 0.0, 1.0), ("stay_culture", 0.0, 120.0)):
        less, more = (world({name: each}) for each in (low, high))
        assert summed(more, "recorded_overtime_seconds") > 1.1 * summed(less, "recorded_overtime_seconds"), name
    less, more = (world({"home_chance": each, "home_share": 0.5}) for each in (0.0, 1.0))
    assert summed(more, "home_task_seconds") > 1.1 * summed(less, "home_task_seconds")


def test_m9_a_cap_cuts_recorded_overtime_more_than_all_overtime() -> None:
    """Nobody stays longer than nine hours in all; part of what is left is done at home."""
    raw = {"stay_share": 0.8, "home_chance": 0.9, "home_share": 0.5}
    free, capped = world(raw, people=100), world(raw, people=100, levers=[{"kind": "daily_cap", "hours": 9.0}])
    recorded = [summed(model, "recorded_overtime_seconds") for model in (free, capped)]
    latent = [summed(model, "latent_overtime_seconds") for model in (free, capped)]
    assert recorded[1] < 0.8 * recorded[0]
    assert latent[1] > latent[0]
    assert sum(recorded) > 0
    cut = [(a - b) / a for a, b in (recorded, [recorded[0] + latent[0], recorded[1] + latent[1]])]
    assert cut[0] > cut[1]


CAP = [{"kind": "weekly_cap", "hours": 44.0}]


def test_m9_a_weekly_cap_binds_recorded_hours() -> None:
    """Forty-four recorded hours a week, and everybody obeys: nobody stays once they are used up."""
    capped, free = (
        world({"stay_share": 1.0}, levers=levers, parameters={"compliance_base": 1.0}) for levers in (CAP, ())
    )
    hours = (
        pl.sum_horizontal(f"office_{what}_minutes" for what in ("task", "message", "search", "resume", "idle")) / 60.0
    )
    assert capped.person_week().select(hours.quantile(0.95)).item() < 44.5
    assert free.person_week().select(hours.quantile(0.95)).item() > 47.0
    assert summed(capped, "recorded_overtime_seconds") < summed(free, "recorded_overtime_seconds")


# --- M10: compliance ------------------------------------------------------------------------------------------------

CLOSED = {"kind": "ban", "channels": ["im", "group"]}
FEARED = {"kind": "enforcement", "inspections_per_year": 26, "complaint": 1.0, "anonymous": 1.0, "fine_yuan": 3_000}


def test_m10_off_nobody_fears_complains_or_evades() -> None:
    """A ban with a sanction: habit alone, to the bit; no private channel, no complaint; without a rule none either."""
    model = world(off=["m10", "m17"], levers=[CLOSED, FEARED], weeks=8)
    assert (model.world.firm.compliance == model.parameters[Q.compliance_base]).all()
    assert model.world.firm.complaints.sum() == 0
    assert summed(model, "evasions", "sent_shadow") == 0
    assert summed(model, "breaches", "sent_im") > 0
    harmless = world(off=["m10", "m17"], levers=[CLOSED, {**FEARED, "fine_yuan": 0.0}], weeks=8)
    assert differing(model, harmless) == {"fines_fen"}  # money is booked and moves nothing


def test_without_a_rule_nothing_is_broken_evaded_or_put_off() -> None:
    """No closed channel, nobody outside: zero breaches, evasions, postponements, private messages, notes in a tool."""
    assert summed(world(off=["m17"]), "breaches", "evasions", "postponed", "sent_shadow", "sent_tool") == 0


def test_m10_fear_makes_firms_obey() -> None:
    """The same ban with more to fear: more compliance, fewer messages by the closed channels, fewer breaches."""
    lax, strict = (world(weeks=12, levers=levers) for levers in ([CLOSED], [CLOSED, FEARED]))
    assert (strict.world.firm.compliance > lax.world.firm.compliance).all()
    assert (lax.world.firm.compliance <= lax.parameters[Q.compliance_base] + 1e-9).all()
    assert summed(strict, "sent_im", "sent_group") < summed(lax, "sent_im", "sent_group")
    assert summed(strict, "breaches") < summed(lax, "breaches")
    assert strict.world.firm.fines.sum() > 0


def test_m10_obedience_is_partial_and_closed_channels_are_evaded() -> None:
    """Some obey and some do not; the more they evade, the more goes by private channels."""
    honest, sly = (world({"evade": each, "evade_urgent": each}, levers=[CLOSED], off=["m17"]) for each in (0.0, 0.9))
    assert 0 < summed(honest, "sent_im", "sent_group") < summed(world(off=["m17"]), "sent_im", "sent_group")
    assert summed(honest, "sent_shadow") == 0
    assert summed(sly, "sent_shadow") > 0.1 * summed(sly, "sent")
    assert summed(sly, "evasions") > 0.1 * summed(sly, "sent")


def test_m10_a_channel_that_does_not_exist_cannot_be_used_or_evaded() -> None:
    """In contrast to a ban."""
    model = world({"evade": 0.9}, levers=[{"kind": "absent", "channels": ["im", "group"]}], off=["m17"])
    assert summed(model, "sent_im", "sent_group", "sent_shadow", "evasions", "breaches") == 0
    assert summed(model, "sent_mail") > 0


def test_m10_anonymous_complaints_are_more() -> None:
    """Where a complaint needs no name, more people dare."""
    rate_up = {"complaint_rate": 5.0}
    named, anonymous = (
        world(rate_up, people=200, weeks=12, levers=[CLOSED, {**FEARED, "inspections_per_year": 0, "anonymous": each}])
        for each in (0.0, 1.0)
    )
    assert anonymous.world.firm.complaints.sum() > 1.5 * named.world.firm.complaints.sum() > 0


def test_m10_the_emergency_line_has_its_quota() -> None:
    """Urgent matters go by call while the week's calls last; without the line they are evaded or wait."""
    raw = {"call_share": 0.0, "compliance_base": 1.0}
    calls = []
    for quota in (0, 1, 20):
        line = {"kind": "emergency_line", "quota_per_week": quota}
        model = made(scenario(levers=[CLOSED, line], off=["m14"]), raw, log_share=1.0)
        model.run_for(28)
        own = (pl.col("event") == SENT) & (pl.col("kind") != ANSWER) & (pl.col("channel") == CALL)
        week = (pl.col("second") // (7 * DAY)).alias("week")
        each = events(model).filter(own).group_by("person", week).len()["len"]
        assert (each.max() or 0) <= quota
        calls.append(each.sum())
    assert calls[0] == 0
    assert calls[0] < calls[1] < calls[2]


UNGRADED = {"obedience_spread": 0.0, "cap_margin": 0.0, "cap_home": 1.0, "right_senders": 0.0, "right_channel": 0.0}


@pytest.mark.smallworld
def test_m10_ranks_of_a_week_are_uniform_at_any_weight_of_the_week() -> None:
    """At weight 0 the trait to the bit, at weight 1 the draw; between, deciles are as they should be."""
    trait, week = np.meshgrid(np.arange(0.0025, 1.0, 0.005), np.arange(0.0025, 1.0, 0.005))
    for spread in (0.0, 0.2, 0.35, 0.5, 0.7, 1.0):
        p = by_name(obedience_spread=spread)
        ranks = np.vectorize(lambda q, v: rank_of_week(p, q, v))(trait, week).ravel()  # noqa: B023
        assert np.quantile(ranks, np.linspace(0.05, 0.95, 19)) == pytest.approx(np.linspace(0.05, 0.95, 19), abs=0.005)
        if spread in (0.0, 1.0):
            assert (ranks == (trait if spread == 0.0 else week).ravel()).all()
    p = by_name(["m10"])
    assert rank_of_week(p, 0.123, 0.9) == 0.123
    assert margin_below_cap(p, 0.2) == 0.0
    assert may_go_home(p, 100.0, 70.0) == 100.0
    assert unwritten(p, 1.0) == spared(p, 1.0) == 0.0


def recorded_hours(model: Workplace) -> pl.Series:
    """Hours on record of each person-week."""
    office = [f"office_{what}_minutes" for what in ("task", "message", "search", "resume", "talk", "meeting", "idle")]
    return model.person_week().select(pl.sum_horizontal(office) / 60.0).to_series()


def test_m10_hours_spread_below_a_cap_and_do_not_pile_up_at_it() -> None:
    """Person-weeks within a quarter of an hour of a cap of 48 hours: many without a margin; 12 % are the bound."""
    cap = [{"kind": "weekly_cap", "hours": 48.0}]
    kind: dict[str, Any] = {"people": 150, "weeks": 10, "levers": cap}
    hours = [
        recorded_hours(world(parameters=each, **kind)) for each in (UNGRADED, {**UNGRADED, "cap_margin": 60.0}, {})
    ]
    near = [((each - 48.0).abs() <= 0.25).mean() for each in hours]
    assert near[0] > 0.15
    assert near[1] < 0.6 * near[0]
    assert near[2] < 0.12
    assert ((hours[2] > 45.0) & (hours[2] < 47.75)).mean() > ((hours[0] > 45.0) & (hours[0] < 47.75)).mean()


def test_m10_obedience_varies_by_week_and_fear_never_lowers_it() -> None:
    """Without a weight of the week the same people break a cap always; more fear never ends it."""
    cap = [{"kind": "weekly_cap", "hours": 41.0}]
    kept: dict[tuple[float, bool], np.ndarray] = {}
    for spread in (0.0, 0.5):
        for feared in (False, True):
            model = made(scenario(people=100, weeks=8, levers=[*cap, FEARED] if feared else cap), {
                "obedience_spread": spread, "exit_rate": 0.0})  # fmt: skip
            keeps = []
            for _ in range(8):
                model.run_for(7)
                keeps.append(model.world.firm.compliance[model.world.person.firm] > model.world.person.rank)
            kept[spread, feared] = np.array(keeps)
        assert (kept[spread, True] >= kept[spread, False]).all()
        assert kept[spread, True].sum() > kept[spread, False].sum()
    lasting = {spread: kept[spread, False].all(axis=0) | ~kept[spread, False].any(axis=0) for spread in (0.0, 0.5)}
    assert lasting[0.0].all()
    assert lasting[0.5].mean() < 0.8


def test_m10_a_share_of_what_a_cap_cuts_goes_home() -> None:
    """None, half or all of it: more work at home each time."""
    raw = {"stay_share": 0.8, "home_chance": 0.9, "home_share": 0.5}
    cap = [{"kind": "daily_cap", "hours": 8.5}]
    home = [summed(world(raw | {"cap_home": each}, levers=cap), "home_task_seconds") for each in (0.0, 0.5, 1.0)]
    assert home[0] < home[1] < home[2]


def test_m10_who_opts_out_of_a_cap_is_not_bound_and_breaks_nothing() -> None:
    """All have: as without the cap, but for the rank at which they would have kept to it."""
    cap = {"kind": "weekly_cap", "hours": 41.0}
    free, out, half, bound = (
        world(levers=levers, weeks=6) for levers in ([], [{**cap, "opt_out": 1.0}], [{**cap, "opt_out": 0.5}], [cap])
    )
    assert (ledger_totals(out) == ledger_totals(free)).all()
    assert 0 < summed(half, "breaches") < summed(bound, "breaches")


def test_m10_senders_mind_a_right_as_far_as_it_is_used() -> None:
    """Fewer messages outside hours; of those written, fewer chats and more mail, mornings and calls.

    Nobody calls or puts off for another reason: not to talk (M14), and no order waits for the next day (M15).
    """
    right: dict[str, Any] = {"levers": [{"kind": "right_to_disconnect"}], "off": ["m14", "m15"]}
    raw = {"right_base": 1.0, "norm_up_days": 1_000.0, "norm_down_days": 1_000.0, "demand_days": 1_000.0,
           "call_share": 0.0}  # fmt: skip
    old, fewer, other = (
        world(raw | {"right_senders": senders, "right_channel": channel}, **right)
        for senders, channel in ((0.0, 0.0), (0.9, 0.0), (0.0, 0.9))
    )
    assert summed(fewer, "after_sent") < 0.8 * summed(old, "after_sent")
    assert summed(old, "postponed", "sent_call") == 0
    assert summed(other, "postponed") > 100
    assert summed(other, "sent_call") > 10
    assert rate(other, "sent_mail", "sent") > rate(old, "sent_mail", "sent")
    later, mailed = (world(raw | {"right_channel": 0.9, "right_later": each}, **right) for each in (1.0, 0.0))
    assert summed(mailed, "postponed") == 0
    assert summed(mailed, "sent_mail") > summed(later, "sent_mail")


# --- M11: home ------------------------------------------------------------------------------------------------------


def test_m11_off_work_does_not_reach_the_home() -> None:
    """Conflict decays from where it started, whatever is worked; no enrichment, no strain of partners, no way back."""
    model = world(off=["m11", "m13"], weeks=3)
    decayed = 0.2 * math.exp(-21.0 / model.parameters[Q.conflict_days])
    assert column(model, "conflict") == pytest.approx(decayed, rel=1e-9)
    assert (column(model, "enrichment") == 0.0).all()
    assert (column(model, "partner_strain") == 0.0).all()
    other = world(states={"conflict": 0.9}, off=["m11", "m13"], weeks=3)
    assert differing(model, other) == {"conflict"}


def test_m11_both_signs() -> None:
    """Obligated hours bring conflict and strain partners; chosen hours bring enrichment, which relieves them."""
    free, pressed = (held("expectation", each, weeks=6) for each in (0.0, 1.0))
    assert column(pressed, "conflict").mean() > column(free, "conflict").mean()
    partnered = pressed.world.person.partner == 1
    assert column(pressed, "partner_strain")[partnered].mean() > column(free, "partner_strain")[partnered].mean()
    assert (column(pressed, "partner_strain")[~partnered] == 0.0).all()
    poor, rich = (world({"enrichment_chosen": each}, weeks=3) for each in (0.0, 0.8))
    assert column(rich, "enrichment").mean() > column(poor, "enrichment").mean()
    assert column(rich, "partner_strain").sum() < column(poor, "partner_strain").sum()


# --- M12: watching --------------------------------------------------------------------------------------------------


def test_m12_off_monitoring_changes_nothing_at_all() -> None:
    """Full monitoring or none: the same histories but for the firm's own mark that it monitors."""
    free, watched = (world(off=["m12"], levers=levers) for levers in ([], [{"kind": "monitoring"}]))
    assert not differing(free, watched)
    assert (watched.world.firm.monitored == 1.0).all()
    others = [name for name in Firm._fields if name != "monitored"]
    assert all((watched.world.firm[name] == free.world.firm[name]).all() for name in others)


@pytest.mark.smallworld
@pytest.mark.parametrize(("base", "watched", "trust"), [(0.6, 0.5, 0.35), (0.3, 1.0, 0.0), (1.0, 0.0, 1.0)])
def test_m12_trust_stays_a_share(base: float, watched: float, trust: float) -> None:
    assert trust_target(by_name(trust_base=base, watch_trust=0.5), watched) == pytest.approx(trust)


def test_m12_watching_frightens_a_little_and_hardly_moves_performance() -> None:
    """More anxiety, less trust, fewer answers; output within two percent; notice takes part of it away."""
    levers: list[list[dict[str, Any]]] = [[], [{"kind": "monitoring"}], [{"kind": "monitoring", "notice": 1.0}]]
    free, watched, told = (
        world(people=150, weeks=10, levers=each, parameters={"archive_share": 0.0}) for each in levers
    )
    for state, sign in (("trust", -1.0), ("anxiety", 1.0)):
        shift = [sign * (column(model, state) - column(free, state)).mean() for model in (watched, told)]
        assert 0.0 < shift[1] < shift[0], state
    assert rate(watched, "answered", "read") < rate(free, "answered", "read")
    assert summed(watched, "output_seconds") == pytest.approx(summed(free, "output_seconds"), rel=0.02)


# --- M13: leaving ---------------------------------------------------------------------------------------------------


def test_m13_off_nobody_is_ill_and_nobody_leaves() -> None:
    """Without yearly leave, not one day of absence, and everybody keeps the seat; tenure does not matter."""
    model = world({"leave_days": 0.0}, off=["m13"], weeks=8)
    assert summed(model, "absent_days", "exits", "cleared", "cleared_held") == 0
    assert (model.world.person.generation == 0).all()
    old, new = (made(scenario(weeks=1), firms=[0, 1], raw={"newcomer_speed": 1.0}) for _ in range(2))
    new.world.person.hired = 0
    for each in (old, new):
        each.run_for(7)
    assert (column(old, "speed") == column(new, "speed")).all()


def test_m13_burnout_about_doubles_exits_and_raises_absence() -> None:
    """Everybody above the cut-off, or nobody: exits in the ratio of the table.

    About 120 and 240 exits: the ratio's relative standard error is below 0.12 even without common draws; the bound is
    4 of these: false alarm below 1e-4. The number itself is Poisson; bound 5 standard deviations: 6e-7.
    """
    raw = {"exit_rate": 1.2, "exit_burnout": 2.1, "leave_days": 0.0}
    well, burnt = (world(raw | {"burnout_cutoff": cut}, people=400, weeks=13) for cut in (99.0, -99.0))
    assert summed(well, "burnt_out_days") == 0
    expected = 1.2 * len(well.agents) * 91 / 365
    assert abs(summed(well, "exits") - expected) < 5.0 * math.sqrt(expected)
    ratio = summed(burnt, "exits") / summed(well, "exits")
    assert math.exp(-4 * 0.12) * 2.1 < ratio < math.exp(4 * 0.12) * 2.1
    assert rate(burnt, "absent_days", "workdays") > 1.2 * rate(well, "absent_days", "workdays")


def test_m13_newcomers_need_time_to_be_useful() -> None:
    """A seat filled anew is slower at first; an inbox left behind is thrown away, tasks stay with the seat."""
    model = world({"exit_rate": 20.0, "newcomer_speed": 0.5}, weeks=4)
    assert summed(model, "exits") > 50
    assert summed(model, "cleared") > 0
    fresh = (28 - model.world.person.hired) < 14
    assert 5 < fresh.sum() < len(fresh) - 5
    assert column(model, "speed")[fresh].mean() < column(model, "speed")[~fresh].mean() - 0.1
    assert (model.world.person.generation > 0).any()


def test_m13_a_follower_of_the_leavers_kind_keeps_the_population() -> None:
    """Where all followers are, traits never move; where none is, they are drawn anew, and the worn-out are fewer."""
    raw = {"exit_rate": 4.0, "exit_burnout": 6.0, "burnout_cutoff": 0.6, "leave_days": 0.0}
    kept, half, anew = (world(raw | {"pool_share": each}, people=200, weeks=12) for each in (1.0, 0.5, 0.0))
    start = made(scenario(people=200, weeks=12), raw)
    for name in (
        "exhaustion_trait", "anxiety_trait", "activity", "workload", "volume", "asking", "answering", "asked",
        "segmentation", "refuses", "voice", "muted", "belief", "partner", "part_time",
    ):  # fmt: skip
        assert (column(kept, name) == column(start, name)).all(), name
    fell = [(column(model, "exhaustion_trait") - column(start, "exhaustion_trait")).mean() for model in (half, anew)]
    assert fell[1] < fell[0] < 0.0
    changed = (column(half, "workload") != column(start, "workload")).sum()
    assert 0 < changed < (half.world.person.generation > 0).sum()


def test_m13_a_follower_brings_strain_along() -> None:
    """All of the leaver's, or none of it: exhaustion goes on, or begins anew."""
    raw = {"exit_rate": 6.0, "leave_days": 0.0, "start_exhaustion": -2.0, "start_exhaustion_sd": 0.0}
    states = {"exhaustion_state": 3.0}
    all_, none = (world(raw | {"newcomer_strain": each}, states, people=100, weeks=4) for each in (1.0, 0.0))
    new = all_.world.person.generation > 0
    assert (new == (none.world.person.generation > 0)).mean() > 0.8
    assert column(all_, "exhaustion_state")[new].min() > 2.0
    assert column(none, "exhaustion_state")[none.world.person.generation > 0].max() < 1.0


# --- M14: talking ---------------------------------------------------------------------------------------------------

TALKED = ("sent_talk", "talks", "missed", "found", "settled", "meetings", "dropped_meetings", "office_talk_seconds",
          "office_meeting_seconds")  # fmt: skip
NO_CHANNEL = ({"kind": "absent", "channels": ["im", "group", "mail", "tool", "call", "shadow"]},)


def test_m14_off_nobody_talks_meets_or_finds() -> None:
    """Not one talk, meeting or finding, also without any channel; what shapes them does not matter, to the bit."""
    rules = ({"kind": "meeting_limit", "hours": 1.0}, {"kind": "meeting_free", "from_hour": 8.0, "to_hour": 13.0})
    model = world(off=["m14"], weeks=2, levers=rules)
    assert summed(model, *TALKED) == 0
    raw = {"talk_base": 3.0, "walk_seconds": 500.0, "talk_heard": 0.1, "meeting_minutes": 100.0, "ad_hoc_attends": 1.0}
    assert firm_histories(world(raw, off=["m14"], weeks=2, levers=rules)) == firm_histories(model)
    silent = world(off=["m14"], weeks=2, levers=NO_CHANNEL)
    assert summed(silent, *TALKED, "sent", "unblocked") == 0


def test_m14_talk_takes_the_place_of_messages_and_the_time_of_two() -> None:
    """More is said: fewer instant messages, more minutes of talk; the messenger closed: more is said than before."""
    little, much = (world({"talk_allowed": each}, weeks=2) for each in (0.1, 1.0))
    assert summed(much, "office_talk_seconds") > 3 * summed(little, "office_talk_seconds")
    assert summed(much, "sent_im") < 0.95 * summed(little, "sent_im")
    assert summed(much, "talks") > 3 * summed(little, "talks")
    closed = world(weeks=2, levers=[{"kind": "absent", "channels": ["im"]}])
    assert summed(closed, "office_talk_seconds") > 1.3 * summed(much, "office_talk_seconds")
    assert rate(closed, "missed", "sent_talk") > 0.0


def test_m14_calls_that_are_not_urgent_wait_for_the_morning_where_a_ban_holds() -> None:
    """Whoever may not write after hours, and would have called, is heard by the next morning; urgent calls go on."""
    ban = {"kind": "ban", "channels": ["im", "group", "mail", "tool"]}
    raw = {"compliance_base": 1.0, "evade": 0.0, "stay_culture": 90.0, "initiative_manager": 0.8}
    models = [ran(scenario(weeks=4, parameters=raw | {"call_waits": each}, levers=[ban]), log_share=1.0)
              for each in (0.0, 1.0)]  # fmt: skip
    calls = []
    for model in models:
        said = events(model).filter((pl.col("event") == DELIVERED) & (pl.col("channel") == CALL))
        evening = said.filter(pl.col("second") % DAY >= 20 * HOUR, pl.col("kind") != ANSWER)
        calls.append(evening.group_by("urgent").len().sort("urgent")["len"].to_list())
    (plain, urgent), rest = calls
    assert plain > urgent
    assert len(rest) == 1
    assert rest[0] > 0.5 * urgent


def test_m14_nobody_goes_over_to_another_site() -> None:
    """Sites are those of the team above or of a team's own; between them all that is said is a call, but for visits."""
    alone = world({"site_share": 0.0}, weeks=1, people=150)
    assert (alone.world.person.site == 0).all()
    raw = {"site_share": 0.5, "talk_base": 2.0}
    apart = ran(scenario(weeks=1, people=150, parameters={**raw, "site_visits": 0.0}), log_share=1.0)
    site, manager, firm = apart.world.person.site, apart.world.person.manager, apart.world.person.firm
    led = (manager >= 0) & (apart.world.person.team < 0)
    assert (site == site[manager])[led].all()
    elsewhere = [(site[firm == f] != 0).mean() for f in np.unique(firm)]
    assert 0.0 < max(elsewhere) < 1.0
    said = events(apart).filter((pl.col("event") == DELIVERED) & (pl.col("channel") == TALK))
    sender, person = said["sender"].to_numpy(), said["person"].to_numpy()
    assert len(said) > 50
    assert (site[sender] == site[person]).all()


def test_m14_other_sites_make_closed_channels_dear() -> None:
    """Without any channel who sits elsewhere is out of reach: less is ordered and answered than in one office."""
    one, many = (
        ran(scenario(weeks=3, people=150, parameters={"site_share": each}, levers=NO_CHANNEL)) for each in (0.0, 0.5)
    )
    assert summed(many, "lapsed_work_seconds") > summed(one, "lapsed_work_seconds")
    assert summed(many, "unsent") > summed(one, "unsent") + 50


def test_m14_what_is_said_is_answered_sooner_where_it_is_heard() -> None:
    """People who are found more often miss less of what is said, and tasks wait less."""
    deaf, heard = (world({"talk_heard": each, "call_heard": each, "talk_base": 2.0}, weeks=2) for each in (0.1, 1.0))
    missed = [summed(each, "missed") / (summed(each, "missed") + summed(each, "talks")) for each in (deaf, heard)]
    assert missed[1] < 0.7 * missed[0]
    waits = [rate(each, "waiting_seconds", "unblocked") for each in (deaf, heard)]
    assert waits[1] < 0.9 * waits[0]


def test_m14_who_is_told_nothing_makes_more_faults() -> None:
    """Without chats or mail people know less, and more of their tasks are faulty; with the mechanism off alike."""
    silent = [{"kind": "absent", "channels": ["im", "group", "mail", "tool"]}]
    news = {"fault_uninformed": 0.3, "news_days": 1.0, "news_meeting": 0.0}
    open_, shut = (world(news, weeks=3, levers=levers) for levers in ([], silent))
    known = [float(column(each, "informed").mean()) for each in (open_, shut)]
    assert known[1] < 0.3
    assert known[0] > 0.7
    faulty = [summed(each, "exceptions") / summed(each, "tasks_done") for each in (open_, shut)]
    assert faulty[1] > 1.5 * faulty[0]
    p = by_name(off=("m14",), **news)
    assert fault_uninformed(p, 0.0) == 0.0


def test_m14_an_archive_spares_questions_where_it_is_open() -> None:
    """The share found is the chance, within 5 standard errors (false alarm 6e-7); none without groups and tool."""
    model = world({"archive_answers": 0.4}, weeks=2)
    n = summed(model, "questions")
    assert abs(rate(model, "found", "questions") - 0.4) < 5.0 * math.sqrt(0.24 / n)
    closed = world({"archive_answers": 0.4}, weeks=1, levers=[{"kind": "absent", "channels": ["group"]}])
    assert summed(closed, "found") == 0


def test_m14_who_is_asked_may_not_know_and_least_where_nothing_shows_it() -> None:
    """The share that names somebody else is the chance, within 5 standard errors (false alarm 6e-7)."""
    raw = {"asked_knows": 0.8, "knows_hidden": 0.5, "fault_chance": 0.0, "default_risk": 0.0, "fault_exhaustion": 0.0}
    raw |= {"fault_uninformed": 0.0, "fault_interrupted": 0.0}
    hidden = [{"kind": "absent", "channels": ["group", "tool"]}]
    for levers, chance in (([], 0.2), (hidden, 0.6)):
        model = world(raw, weeks=2, levers=levers)
        n = summed(model, "referred", "unblocked")
        assert abs(summed(model, "referred") / n - chance) < 5.0 * math.sqrt(chance * (1.0 - chance) / n)
    sure = world({"asked_knows": 1.0, "knows_hidden": 0.0})
    assert summed(sure, "referred") == 0
    assert rate(model, "waiting_seconds", "questions") > 1.2 * rate(sure, "waiting_seconds", "questions")


def test_m14_who_finds_nobody_comes_again_where_nothing_can_be_written() -> None:
    """Each try takes a walk; nothing is lost on the way, and a sooner return shortens the wait."""
    silent = [{"kind": "absent", "channels": ["im", "group", "mail", "tool", "call", "shadow"]}]
    raw = {"talk_heard": 0.4, "site_share": 0.0, "asked_knows": 1.0, "knows_hidden": 0.0, "walk_seconds": 240.0}
    left, soon, late = (world(raw | {"again_minutes": each}, weeks=2, levers=silent) for each in (0.0, 10.0, 240.0))
    assert summed(left, "missed") < summed(left, "sent_talk")
    assert summed(soon, "missed") > 1.2 * summed(soon, "sent_talk")
    assert summed(soon, "received") <= summed(soon, "sent")
    assert rate(late, "waiting_seconds", "questions") > 1.1 * rate(soon, "waiting_seconds", "questions")
    talk = [rate(model, "office_talk_seconds", "talks") for model in (left, soon)]
    assert talk[1] > 1.1 * talk[0]
    written = [{"kind": "absent", "channels": ["im", "group", "tool", "call", "shadow"]}]
    assert not differing(*(world(raw | {"again_minutes": each}, levers=written) for each in (0.0, 120.0)))


def test_m14_teams_meet_more_in_larger_firms() -> None:
    """Hours in meetings of who leads nobody grow with the parameter in a large firm, and fall in a small one."""
    for size, grows in (((60, 0.0, 60, 60), True), ((4, 0.0, 4, 4), False)):
        same, more = (world({"meetings_size": each}, people=60, weeks=2, sizes=size) for each in (0.0, 0.3))
        hours = [
            ledger_totals(model)[model.world.person.manages == 0, L.office_meeting_seconds].sum()
            for model in (same, more)
        ]
        assert (hours[1] > 1.15 * hours[0]) if grows else (hours[1] < 0.85 * hours[0])


def test_m14_meetings_take_time_from_work_and_settle_questions() -> None:
    """More meetings: more hours in them, fewer on tasks, more questions settled there; managers sit in more of them."""
    few, many = (world({"team_meetings": a, "ad_hoc_meetings": b}, weeks=2) for a, b in ((0.1, 0.3), (1.0, 3.0)))
    assert summed(many, "office_meeting_seconds") > 3 * summed(few, "office_meeting_seconds")
    assert summed(many, "settled") > 2 * summed(few, "settled")
    assert summed(many, "office_task_seconds") < 0.98 * summed(few, "office_task_seconds")
    usual = world(weeks=2)
    leads = usual.world.person.manages == 1
    hours = ledger_totals(usual)[:, L.office_meeting_seconds]
    assert 1.5 < hours[leads].mean() / hours[~leads].mean() < 5.0


def test_m14_the_time_of_meetings_adds_up() -> None:
    """To the second: over days and people, the time that is covered by the meetings that each is to attend.

    Nobody is absent, late, at a break, or busy with anything but tasks.
    """
    alike = {"absence_rate": 0.0, "leave_days": 0.0, "exit_rate": 0.0, "break_minutes": 0.0, "hours_spread": 0.0}
    model = world(
        {"fault_uninformed": 0.0}, weeks=2, off=["m1", "m4", "m8", "m9", "m15", "m17", "m18"], parameters=alike
    )
    w, p = model.world, named(model.parameters)[0]
    for person in w.person:
        expected = 0
        for day in (day for day in range(14) if w.workday[day]):
            person.day_key = child(person.key, draws.DAY_KEY + day)
            until = 0
            for start, end in sorted(meeting(w, p, person, day, number) for number in range(IN_ALL)):
                if start < NEVER:
                    expected += max(end - max(start, until), 0)
                    until = max(until, end)
        assert ledger_totals(model)[person.row, L.office_meeting_seconds] == expected


def test_m14_work_goes_on_without_any_channel() -> None:
    """By talk and meetings alone questions are answered; more output is left than where nobody can talk either."""
    mute, talking = (world(off=off, weeks=3, levers=NO_CHANNEL) for off in (["m14"], []))
    assert summed(talking, "unblocked") > 0.5 * summed(talking, "questions")
    assert summed(talking, "defaults") < 0.5 * summed(mute, "defaults")
    assert set(events(ran(scenario(weeks=1, levers=NO_CHANNEL), log_share=1.0))["channel"]) == {TALK}


@pytest.mark.smallworld
def test_m14_meetings_spread_around_the_break_and_none_is_moved_onto_another() -> None:
    """Each at its own second, as densely before the break as after it; where there is no room at the last second."""
    hour, draws_of_it = 3_600, np.linspace(0.0, 0.999, 1_000)
    p = by_name()
    starts = [meeting_start(p, 9.0 * hour, 9.0 * hour, 1.0 * hour, 1.0 * hour, u) for u in draws_of_it]
    assert (np.diff(starts) > 0).all()
    assert not [start for start in starts if 11 * hour < start < 13 * hour]
    assert np.mean([start < 12 * hour for start in starts]) == pytest.approx(1.5 / 5.5, abs=0.002)
    assert {meeting_start(p, 9.0 * hour, 4.0 * hour, 1.0 * hour, 3.0 * hour, u) for u in draws_of_it} == {10 * hour}


def test_m14_rules_on_meetings_drop_them_at_a_price() -> None:
    """Obeyed by all: no meeting on a free day, no more hours than the limit; what is missed is written instead."""
    obeyed = {"compliance_base": 1.0, "catch_up_minutes": 30.0}
    rule = [{"kind": "meeting_free"}]
    usual = world(weeks=2, parameters=obeyed)
    free = world(weeks=2, parameters=obeyed, levers=rule)
    assert summed(free, "office_meeting_seconds") == 0
    assert summed(free, "dropped_meetings") > 0
    limited = world(weeks=2, parameters=obeyed, levers=[{"kind": "meeting_limit", "hours": 2.0}])
    assert ledger_totals(limited)[:, L.office_meeting_seconds].max() <= 2 * 2 * 3_600
    assert 0 < summed(limited, "office_meeting_seconds") < summed(usual, "office_meeting_seconds")
    cheap, dear = (world({"meeting_avoidable": each}, weeks=2, parameters=obeyed, levers=rule) for each in (1.0, 0.0))
    assert summed(dear, "office_message_seconds") > 1.1 * summed(cheap, "office_message_seconds")


# --- M15: dates, hand-offs, what an evening keeps ---------------------------------------------------------------------

RESTRAINED = [{"kind": "manager_example"}]  # managers write nothing outside hours of their own accord
DATES = ("tasks_late", "late_seconds", "hand_offs", "handed_work_seconds", "assignments_deferred", "chases")


def test_m15_off_nothing_has_a_date_is_handed_on_or_put_off() -> None:
    """Not one date, hand-off or reminder; what is not ordered in the evening is gone; spreads of dates move nothing."""
    model = world(off=["m15"], levers=RESTRAINED)
    assert summed(model, *DATES) == 0
    assert (model.world.person.tasks["due"] == 0).all()
    assert summed(model, "assignments_lapsed", "lapsed_work_seconds") > 0
    other = world({"due_sigma": 1.5, "urgent_hours": 20.0, "late_days": 1.0}, off=["m15"], levers=RESTRAINED)
    assert not differing(model, other)


def test_m15_short_dates_are_missed_and_cost_output() -> None:
    """Fewer days to the date: more tasks late; a larger loss: more output lost, and no other work moves."""
    for name, low, high in (("due_days", 30.0, 1.0), ("tasks_per_day", 4.0, 9.0)):
        few, many = (rate(world({name: each}), "tasks_late", "tasks_done") for each in (low, high))
        assert many > few + 0.05, name
    mild, harsh = (world({"late_loss": each, "due_days": 2.0}) for each in (0.1, 0.9))
    lost = [summed(model, "late_seconds") for model in (mild, harsh)]
    assert lost[1] > 5 * lost[0] > 0
    assert summed(mild, "output_seconds") > summed(harsh, "output_seconds")
    slow, fast = (world({"late_days": each, "due_days": 2.0}) for each in (30.0, 1.0))
    assert summed(fast, "late_seconds") > 2 * summed(slow, "late_seconds")


def test_m15_who_works_by_date_is_late_less_often() -> None:
    """The same work, oldest first or earliest date first: fewer tasks after their date."""
    raw = {"tasks_per_day": 6.5, "due_days": 3.0, "due_sigma": 1.2}
    oldest, earliest = (world(raw | {"due_order": each}, people=100, weeks=6) for each in (0.0, 1.0))
    assert rate(earliest, "tasks_late", "tasks_done") < 0.95 * rate(oldest, "tasks_late", "tasks_done")


def test_m15_a_date_makes_people_stay() -> None:
    """The more people stay for what is due, the more overtime on record."""
    less, more = (world({"stay_due": each, "usual_due": 0.0, "due_days": 1.0}) for each in (0.0, 1.0))
    assert summed(more, "recorded_overtime_seconds") > 1.05 * summed(less, "recorded_overtime_seconds")


def test_m15_what_has_waited_has_to_be_recalled() -> None:
    """Time of resuming grows by the parameter for each wait, and less where waits count as short."""
    none, long, short = (
        world({"recall_minutes": m, "recall_hours": h}, weeks=2, off=["m2", "m4", "m14"])
        for m, h in ((0.0, 1.0), (5.0, 0.05), (5.0, 24.0))
    )
    assert summed(none, "office_resume_seconds", "home_resume_seconds") == 0
    waits = summed(long, "unblocked", "defaults") - summed(long, "exceptions")
    assert 0.7 * 300 * waits < summed(long, "office_resume_seconds", "home_resume_seconds") < 1.2 * 300 * waits
    assert summed(short, "office_resume_seconds") < 0.5 * summed(long, "office_resume_seconds")
    assert summed(long, "output_seconds") < summed(none, "output_seconds")


def test_m15_hand_offs_leave_the_amount_of_work_as_it_is() -> None:
    """Chains of any chance and length: the same work arrives within 6 %; what is handed on follows the chance.

    The first month fills the chains. Some 7,000 tasks of a spread below 1 then arrive in groups of up to four: the
    sum's relative standard error is about 0.02 by itself, and less with common draws. Desks are never full: a task for
    which there is no space would end its chain.
    """
    raw = {"manager_messages": 0.0, "initiative_manager": 0.0, "tasks_per_day": 3.5, "due_days": 30.0}
    arrived, shares = [], []
    for chance, longest in ((0.0, 6.0), (0.3, 6.0), (0.7, 2.0), (0.7, 20.0)):
        model = made(scenario(weeks=12), raw | {"hand_on": chance, "chain_most": longest})
        model.run_for(28)
        before = ledger_totals(model)
        model.run_for(56)
        since = (ledger_totals(model) - before).sum(axis=0)
        arrived.append(since[L.arrived_work_seconds])
        shares.append(since[L.handed_work_seconds] / since[L.arrived_work_seconds])
    assert arrived == pytest.approx([arrived[0]] * 4, rel=0.06)
    assert shares == sorted(shares)
    assert shares == pytest.approx([0.0, 0.3, 0.54, 0.7], abs=0.03)


def test_m15_who_meets_nobody_has_more_to_say_and_forgets_no_order() -> None:
    """Lists of what is to be said are full, and orders to the same people go together: none lapses but by its share."""
    silence = [{"kind": "absent", "channels": ["im", "group", "mail", "tool", "call", "shadow"]}]
    unheard = {"talk_heard": 0.1, "manager_messages": 40.0, "exit_rate": 0.0, "lapse_share": 0.0}
    model = world(unheard, levers=silence, weeks=6)
    assert (model.world.person.kept == KEPT).any()
    given, lapsed = summed(model, "assigned_work_seconds"), summed(model, "lapsed_work_seconds")
    assert lapsed < 0.02 * given
    assert lapsed == 0 or summed(model, "assignments_lapsed") > 0
    some = world(unheard | {"lapse_share": 0.3}, levers=silence, weeks=6)
    assert summed(some, "lapsed_work_seconds") > 0.1 * given


def test_m15_what_an_evening_keeps_comes_the_next_day_but_for_a_share() -> None:
    """Managers who write nothing at night: more lapses with a larger share, less arrives, and some is put off."""
    few, many = (world({"lapse_share": each}, levers=RESTRAINED, weeks=6) for each in (0.05, 0.6))
    assert summed(many, "assignments_lapsed") > 3 * summed(few, "assignments_lapsed") > 0
    assert summed(many, "assigned_work_seconds") < summed(few, "assigned_work_seconds")
    forgetful = world({"defer_share": 0.0}, levers=RESTRAINED, weeks=6)
    assert summed(forgetful, "assignments_deferred") == 0 < summed(many, "assignments_deferred")


def test_m15_an_order_of_the_evening_and_of_the_morning_is_the_same_order() -> None:
    """Orders written at night today and by day under restraint: same key, sender, recipient, kind and urgency.

    Nobody works late. Of the orders of today's nights that are not urgent the share that never comes is
    ``lapse_share``: a binomial, with a bound of 5 standard deviations (6e-7), and 0.02 for what is kept at the end.
    """
    raw = {"demand_days": 1e9, "exit_rate": 0.0, "stay_due": 0.0}  # managers want what they wanted on the first day
    sent = []
    for levers in ([], RESTRAINED):
        model = ran(scenario(people=100, weeks=6, levers=levers, off=["m9"]), raw=raw, log_share=1.0)
        log = events(model).filter((pl.col("event") == SENT) & (pl.col("kind") == ASSIGNMENT))
        hour = pl.col("second") % DAY / 3_600
        sent.append(
            log.with_columns(night=(hour < 8) | (hour >= 19)).select("message", "sender", "urgent", "group", "night")
        )
    nights = sent[0].filter(pl.col("night"))
    same = nights.join(sent[1], on="message", how="left", suffix="_later")
    came = same.drop_nulls("sender_later")
    assert (came["sender"] == came["sender_later"]).all()
    assert (came["urgent"] == came["urgent_later"]).all()
    assert (came["group"] == came["group_later"]).all()
    plain = same.filter(pl.col("urgent") == 0)
    assert plain["night_later"].sum() < 0.02 * len(plain)
    assert came.filter(pl.col("urgent") == 1)["night_later"].mean() > 0.95
    share, usual = plain["sender_later"].null_count() / len(plain), model.parameters[Q.lapse_share]
    assert abs(share - usual) < 5.0 * math.sqrt(usual * (1.0 - usual) / len(plain)) + 0.02


def test_m15_a_hand_off_that_finds_nothing_open_waits_for_another_day() -> None:
    """Without any channel nothing is handed over; when they open again, what was kept goes out."""
    closed = [{"kind": "ban", "channels": list(ALWAYS), "technical": 1.0, "end": day_of(14)}]
    raw = {"hand_on": 0.6, "evade": 0.0, "evade_urgent": 0.0}
    model = made(scenario(weeks=4, levers=closed, off=["m14"]), raw)
    model.run_for(14)
    kept = int(model.world.person.kept.sum())
    assert summed(model, "handed_work_seconds") == 0 < kept
    model.run_for(7)
    assert model.world.person.kept.sum() < 0.2 * kept
    assert summed(model, "handed_work_seconds") > 0


def test_m15_managers_chase_what_is_overdue() -> None:
    """More chasing, more reminders; what was asked for is taken up first."""
    raw = {"due_days": 1.0, "tasks_per_day": 6.5}
    never, always = (world(raw | {"chase": each}) for each in (0.0, 1.0))
    assert summed(never, "chases") == 0 < summed(always, "chases")
    model = made(tiny(), firms=[0])
    person = model.world.person[3]
    person.clock = 100_000
    for slot, due in ((0, 90_000), (1, 80_000), (2, 0)):
        task = person.tasks[slot]
        task.state, task.effort, task.arrived, task.due = READY, 600, slot, due
    person.desk = 3
    p = named(model.parameters)[0]
    assert most_pressing(p, person, -1) == 2  # no date counts as due when it came
    take_first(person)
    assert most_pressing(p, person, -1) == 1


@pytest.mark.smallworld
def test_m15_dates_wait_for_who_is_away_and_for_nobody_else() -> None:
    """Overnight the dates of tasks, and of orders unread or kept, move from Thursday to Friday to Monday, or not."""
    model = made(tiny(levers=RESTRAINED), {"absence_rate": 0.4, "leave_days": 0.0}, firms=[0])
    thursday, friday, monday = (hour * 3_600 for hour in (90, 114, 186))
    w, moved = model.world, []
    for _ in range(4):
        w.person.tasks["due"][:] = [thursday, friday, 0] * 8
        w.person.inbox["wanted"][:] = friday
        w.person.orders["wanted"][:] = thursday
        was = w.person.copy()
        model.step()
        for i, person in enumerate(w.person):
            waits = not is_in_today(person)
            now, then = w.person.tasks[i], was.tasks[i]
            tasks = (now["key"] == then["key"]) & (then["state"] != FREE)
            later = [friday, monday, 0] * 8 if waits else then["due"]
            assert (now["due"] == later)[tasks].all()
            now, then = w.person.inbox[i], was.inbox[i]
            lies = (then["unread"] == 1) & (now["unread"] == 1) & (then["key"] == now["key"])
            assert (now["wanted"][lies] == (monday if waits else friday)).all()
            now, then = w.person.orders[i], was.orders[i]
            kept = (now["key"] == then["key"]) & (np.arange(KEPT) < person.kept)
            assert (now["wanted"][kept] == (friday if waits else thursday)).all()
            moved.append((waits, tasks.any(), lies.any(), kept.any()))
    assert all(any(waits and there[n] for waits, *there in moved) for n in range(3))
    assert any(there[0] for waits, *there in moved if not waits)


# --- M16: unfinished work ---------------------------------------------------------------------------------------------


def test_m16_off_nobody_minds_what_is_left_undone() -> None:
    """Whatever counts as usual: the same to the bit, no time pressure; with the mechanism on it is noticed."""
    usual = {"usual_backlog": 30.0, "usual_open": 9.0, "usual_burden": 500.0, "usual_interrupted": 9.0}
    for off, same in ((["m16"], True), ([], False)):
        one, other = (world(raw, off=off, weeks=2) for raw in ({}, usual))
        assert (not differing(one, other)) == same
        assert ((column(one, "time_pressure") == 0.0).all()) == same


def test_m16_off_silence_outside_hours_makes_nobody_anxious() -> None:
    """A prohibition that nobody obeys changes no message: anxiety differs by fear of missing out alone."""
    ban = [{"kind": "contact_prohibition", "strength": 0.01}]
    for off, same in ((["m16"], True), ([], False)):
        free, banned = (world(off=[*off, "m6"], levers=levers, days=7) for levers in ([], ban))
        assert bool((column(free, "anxiety") == column(banned, "anxiety")).all()) == same


def test_m16_what_is_left_undone_presses_and_tires() -> None:
    """Waiting for answers weighs more: more time pressure, fatigue and exhaustion; less detachment and sleep."""
    slow = {"answer_now": 0.0, "answer_later_minutes": 900.0, "wait_minutes": 900.0, "fatigue_pressure": 0.6}
    light, heavy = (world(slow | {"pressure_open": each}, people=100) for each in (0.0, 1.5))
    for state, sign in (
        ("time_pressure", 1.0), ("fatigue_week", 1.0), ("exhaustion_state", 1.0), ("detachment_week", -1.0),
    ):  # fmt: skip
        assert sign * (column(heavy, state) - column(light, state)).mean() > 0.02, state
    assert summed(heavy, "sleep_minutes") < summed(light, "sleep_minutes")
    assert column(heavy, "conflict").mean() > column(light, "conflict").mean()


def test_m16_a_ban_can_raise_exhaustion_and_can_lower_it() -> None:
    """Where nobody talks instead and open questions press, in their ranges, waiting outweighs quiet nights."""
    ban = [{"kind": "ban", "channels": ["im", "group", "mail", "tool", "call"]}]
    quick = {"exhaustion_days": 30.0}
    weights = {"pressure_open": 1.5, "pressure_backlog": 0.5, "fatigue_pressure": 1.0, "detach_pressure": 0.3}
    for parameters, sign in ((quick | dict.fromkeys(weights, 0.0), -1.0), (quick | weights, 1.0)):
        free, banned = (
            world(people=100, weeks=8, parameters=parameters, levers=each, off=["m14", "m15"]) for each in ([], ban)
        )
        shift = column(banned, "exhaustion_state") - column(free, "exhaustion_state")
        assert sign * shift.mean() > 0.05
        assert summed(banned, "open_questions") > 1.2 * summed(free, "open_questions")


@pytest.mark.smallworld
def test_m16_friday_s_pressure_lasts_over_the_weekend() -> None:
    """Nobody works at the weekend: the state of Friday night, to the bit; and work at home moves it."""
    for raw, same in (({"home_chance": 0.0}, True), ({"home_chance": 1.0, "home_share": 0.6}, False)):
        model = made(tiny(off=["m4"]), raw, firms=[0])
        model.run_for(5)
        friday = column(model, "time_pressure")
        model.run_for(2)
        assert bool((column(model, "time_pressure") == friday).all()) == same
        assert (friday != 0.0).any()


@pytest.mark.smallworld
def test_m16_work_at_the_weekend_has_both_signs() -> None:
    """Two hours at home take from detachment; the two hours of backlog that they save give some of it back."""
    p = by_name()
    rested, worked = (detachment_target(p, 0.2, 0.0, 0.0, hours, 0.0) for hours in (0.0, 2.0))
    before, after = (time_pressure_target(p, backlog, 2.0, 0.0) for backlog in (6.0, 4.0))
    relieved = detachment_target(p, 0.2, 0.0, 0.0, 2.0, after - before)
    assert worked < relieved
    assert worked < rested
    assert after < before


@pytest.mark.smallworld
def test_m16_missing_out_hits_those_who_want_work_and_home_together() -> None:
    """Twice the mean for them, nothing for those who keep both apart; silence outside hours counts in part."""
    p = by_name(missing_out_apart=1.0, missing_out=0.5)
    assert [missing_out(p, 1.0, 0.0, each) for each in (0.0, 0.5, 1.0)] == [2.0, 1.0, 0.0]
    assert missing_out(p, 0.0, 1.0, 0.5) == 0.5
    assert silence(0.0, 1.0, 0.0, 0.0, 0.6) == pytest.approx(0.6)
    assert silence(0.0, 1.0, 0.0, 1.0, 0.6) == 1.0
    assert silence(0.3, 0.0, 1.0, 1.0, 0.2) == 0.3


def test_m16_heavy_users_are_more_anxious() -> None:
    """Those who get more messages; and the steeper the parameter, the more so."""
    slopes = []
    for use in (0.0, 0.6):
        model = world({"anxiety_use": use, "anxiety_trait_sd": 0.0}, people=100, off=["m6"])
        slopes.append(np.polyfit(np.log(column(model, "burden") + 1.0), column(model, "anxiety"), 1)[0])
    assert slopes[1] > slopes[0] + 0.2


def test_m16_interrupted_work_is_faulty_more_often() -> None:
    """Attention left behind: with the same alerts more faults; with fewer alerts fewer."""
    whole, divided = (world({"fault_interrupted": each, "react": 1.0}, people=100) for each in (0.0, 0.05))
    assert rate(divided, "exceptions", "tasks_done") > 1.2 * rate(whole, "exceptions", "tasks_done")
    calm = world({"fault_interrupted": 0.05, "react": 0.1}, people=100)
    assert rate(calm, "exceptions", "tasks_done") < rate(divided, "exceptions", "tasks_done")


# --- M17: the world outside -----------------------------------------------------------------------------------------

SERVING = {"services": 0.5, "education": 0.5}
OUTSIDE = [name for name in Ledger._fields if name.startswith("outside_")]


def serving(raw: Mapping[str, float] | None = None, **more: Any) -> Workplace:
    """A world of shops and schools."""
    return world(raw, **{"people": 100, "industries": SERVING} | more)


def test_m17_off_nobody_writes_from_outside() -> None:
    """Not one message, and what outsiders expect or how they move matters to the bit to nothing."""
    model = serving(off=["m17"], weeks=2)
    assert summed(model, *OUTSIDE) == 0
    rules = [{"kind": "ban", "channels": ["im"]}]
    changed = {"outside_expectation": 1.0, "outside_firm": 0.0, "outside_moves": 1.0, "outside_worth": 60.0}
    for off, same in ((["m17"], True), ([], False)):
        one, other = (serving(raw, off=off, weeks=2, levers=rules) for raw in ({}, changed))
        assert (differing(one, other) == set()) is same


def test_m17_messages_from_outside_are_a_poisson_process_with_an_evening() -> None:
    """Number, and share after dusk, against theory; only those are written to whom somebody outside writes.

    Bounds of five standard deviations each: false alarm below 1e-6.
    """
    evening = 0.3
    raw = {
        "outside_service": 10.0, "outside_teacher": 10.0, "outside_manager": 10.0, "outside_evening_service": evening,
        "outside_evening_teacher": evening, "outside_evening_manager": evening, "exit_rate": 0.0,
        "outside_free_service": 0.5, "outside_free_teacher": 0.5, "outside_free_manager": 0.5,
    }  # fmt: skip
    model = made(scenario(people=100, industries=SERVING, weeks=2), raw, log_share=1.0)
    model.run_for(14)
    written = events(model).filter((pl.col("event") == SENT) & (pl.col("sender") < 0))
    person = model.world.person
    served = np.isin(person.role, (MANAGER, SALES_SERVICE, TEACHER))
    expected = 10.0 * (10 + 4 * 0.5) * person.volume[served].sum()
    assert abs(len(written) - expected) < 5.0 * math.sqrt(expected)
    assert served[written["person"].to_numpy()].all()
    late = (written["second"].to_numpy() % DAY >= 18 * 3_600).sum()
    assert abs(late - evening * len(written)) < 5.0 * math.sqrt(len(written) * evening * (1.0 - evening))
    assert (written["second"].to_numpy() % DAY).min() >= 8 * 3_600


def test_m17_more_outsiders_more_work_for_them_and_as_long_a_day() -> None:
    """Rates, what they expect, and evenings make after-hours work for them; a usual day stays as long."""
    few, many = (serving({"outside_service": each, "outside_teacher": each}) for each in (1.0, 10.0))
    assert summed(many, "outside_received") > 5 * summed(few, "outside_received")
    assert summed(many, "outside_after_seconds") > 3 * summed(few, "outside_after_seconds")
    worked = [ledger_totals(model)[:, WORKED].sum() for model in (few, many)]
    assert worked[1] == pytest.approx(worked[0], rel=0.05)
    shy, bold = (serving({"outside_expectation": each, "outside_firm": 0.0}) for each in (0.0, 1.0))
    assert summed(bold, "outside_after_seconds") > 1.5 * summed(shy, "outside_after_seconds")
    day, night = (serving({"outside_evening_service": each, "outside_evening_teacher": each}) for each in (0.0, 0.6))
    assert summed(night, "outside_after_seconds") > 1.5 * summed(day, "outside_after_seconds")


@pytest.mark.smallworld
def test_m17_the_firm_s_norm_moves_what_is_done_for_outsiders_only_in_part() -> None:
    """At a part of 0 not at all; at 1 as much as for colleagues."""
    for part in (0.0, 0.25, 1.0):
        p = by_name(outside_firm=part)
        low, high = (act_log_odds(p, felt, 0.5, 0.0) + outsiders_pull(p, felt) for felt in (0.0, 1.0))
        assert high - low == pytest.approx(part * p.act_expectation, abs=1e-12)


def test_m17_no_rule_changes_when_outsiders_write_but_it_changes_the_way() -> None:
    """As many messages under a prohibition of contact; under a ban they move, or wait."""
    usual = serving({"exit_rate": 0.0})
    forbidden = serving({"exit_rate": 0.0}, levers=[{"kind": "contact_prohibition"}])
    assert (ledger_totals(usual)[:, L.outside_received] == ledger_totals(forbidden)[:, L.outside_received]).all()
    closed = [{"kind": "quiet_hours", "mode": "block", "technical": 1.0}]
    stay, move = (serving({"outside_moves": each}, levers=closed) for each in (0.0, 1.0))
    assert summed(stay, "outside_moved") == 0
    assert summed(move, "outside_moved") > 0.05 * summed(move, "outside_received")
    assert summed(move, "after_seconds_shadow") > summed(stay, "after_seconds_shadow")
    assert rate(stay, "outside_wait_seconds", "outside_answered") > rate(
        move, "outside_wait_seconds", "outside_answered"
    )
    assert rate(stay, "outside_lost_seconds", "outside_answered") > rate(
        usual, "outside_lost_seconds", "outside_answered"
    )
    nothing = serving(levers=[{"kind": "absent", "channels": ["im", "group", "mail", "tool", "call", "shadow"]}])
    assert summed(nothing, "outside_received") == 0
    assert summed(nothing, "outside_shut_out") > 100


# --- M18: looking -----------------------------------------------------------------------------------------------------


def test_m18_off_looking_costs_nothing_but_what_is_read() -> None:
    """No second of looking, no interruption by rounds, also under levers that hold alerts back.

    Nobody reaches for a message at home (M4), to take it up when work has begun.
    """
    model = world(off=["m4", "m14", "m18"], levers=[{"kind": "batching", "rounds": 6}])
    assert summed(model, "looking_seconds", "interruptions") == 0
    assert summed(model, "checks") > 0


def test_m18_a_look_costs_its_seconds() -> None:
    """Looks, arrivals and returns from the break, times the seconds of one; alerts left alone come on top."""
    still = {"inhibition_seconds": 0.0}
    model = world(still, off=["m4", "m9"])
    looks = summed(model, "checks") + 2 * summed(model, "workdays")
    assert summed(model, "looking_seconds") == 20 * looks
    dear = world(still | {"look_seconds": 60.0}, off=["m4", "m9"])
    assert summed(dear, "office_task_seconds") < summed(model, "office_task_seconds")
    disturbed = world({"look_seconds": 0.0, "inhibition_seconds": 20.0, "react": 0.2})
    assert summed(disturbed, "looking_seconds") > 20 * summed(disturbed, "workdays")
    held_back = world({"look_seconds": 0.0, "inhibition_seconds": 20.0}, levers=[{"kind": "batching"}])
    assert summed(held_back, "looking_seconds") == 0


def test_m18_looks_find_what_is_awaited_and_may_empty_the_inbox() -> None:
    """The awaited answer first: shorter waits. All read at a look: fewer messages wait."""
    raw = {"react": 0.0, "patience": 3.0, "look_all": 0.0}
    blind, seeing = (world(raw | {"look_awaited": each}, people=100) for each in (0.0, 1.0))
    assert rate(seeing, "waiting_seconds", "unblocked") < rate(blind, "waiting_seconds", "unblocked")
    some, everything = (world(raw | {"look_awaited": 0.0, "look_all": each}, people=100) for each in (0.0, 1.0))
    assert summed(everything, "reply_seconds") / summed(everything, "answered") < summed(
        some, "reply_seconds"
    ) / summed(some, "answered")


def test_m18_looks_of_one_s_own_accord() -> None:
    """More of them while alerts are kept back, fewer under a limit; in the midst of a task they cost a lag."""
    held_back = [{"kind": "batching"}]
    same, more = (world({"look_more": each, "check_moment": 0.4}, levers=held_back) for each in (0.0, 1.0))
    assert summed(more, "checks") > 1.5 * summed(same, "checks")
    free, limited = (world(levers=levers) for levers in ([], [{"kind": "check_limit", "rounds": 2}]))
    assert summed(limited, "checks") < 0.5 * summed(free, "checks")
    at_once = {"react": 0.0, "recall_minutes": 0.0}
    light, heavy = (world(at_once | {"look_lag": each}, off=["m14"]) for each in (0.0, 1.0))
    assert summed(light, "office_resume_seconds") == 0
    assert summed(heavy, "office_resume_seconds") > 0


def test_m18_rounds_cost_more_the_more_there_are() -> None:
    """Three a day interrupt less than eight; with rounds that interrupt nobody, hardly anything does."""
    found = {
        (share, rounds): summed(
            world({"round_interrupts": share}, levers=[{"kind": "batching", "rounds": rounds}], off=["m14"]),
            "interruptions",
        )
        for share in (0.0, 1.0)
        for rounds in (3, 8)
    }
    assert max(found[0.0, 3], found[0.0, 8]) < 0.01 * found[1.0, 3]
    assert found[1.0, 3] < found[1.0, 8]


# --- unlike people --------------------------------------------------------------------------------------------------

ALIKE = {"activity_work": 0.0, "activity_messages": 0.0, "activity_questions": 0.0, "activity_answers": 0.0,
         "activity_asked": 0.0}  # fmt: skip


def gini(amounts: np.ndarray) -> float:
    """Half of the mean difference between two people, over the mean."""
    ordered = np.sort(amounts.astype(float))
    ranks = np.arange(1, len(ordered) + 1)
    return float(2.0 * (ranks * ordered).sum() / (len(ordered) * ordered.sum()) - (len(ordered) + 1) / len(ordered))


def test_with_exponents_of_zero_activity_changes_nothing_at_all() -> None:
    """However far activity spreads, nothing that happens notices it."""
    narrow, wide = (world(parameters={**ALIKE, "activity_sigma": sigma}) for sigma in (0.0, 1.2))
    assert differing(narrow, wide) == set()
    assert (narrow.world.person.activity == wide.world.person.activity).all()


def test_activity_has_mean_one_whatever_goes_with_it() -> None:
    """Over 4,000 draws, and 5 standard errors, of a lognormal with a standard deviation of 0.53 or 0.08."""
    trait = np.array([normal_quantile(uniform(np.uint64(n), 1)) for n in range(4_000)])
    p = by_name(activity_most=50.0, activity_sigma=0.5)
    for exponent, sd in ((1.0, 0.533), (0.16, 0.08)):
        multiple = np.array([by_activity(p, z, exponent) for z in trait])
        assert abs(multiple.mean() - 1.0) < 5.0 * sd / math.sqrt(4_000)
    assert {by_activity(p, z, 0.0) for z in trait} == {1.0}


def test_activity_concentrates_what_is_sent_and_whom_people_turn_to() -> None:
    """More of it behind anything: messages spread more over people; those who are asked more get more questions."""
    sent = []
    for exponent in (0.0, 1.0):
        model = world(parameters=dict.fromkeys(ALIKE, exponent), people=100, sizes=(100, 0.0, 90, 110))
        sent.append(gini(ledger_totals(model)[:, L.sent]))
    assert sent[1] > sent[0] + 0.1
    tops = []
    for exponent in (0.0, 2.0):
        setting = scenario(parameters={**ALIKE, "activity_asked": exponent}, people=100, sizes=(100, 0.0, 90, 110))
        model = ran(setting, log_share=1.0)
        got = events(model).filter((pl.col("event") == DELIVERED) & (pl.col("kind") == QUESTION))["person"]
        counts = np.bincount(got, minlength=len(model.world.person))
        active = model.world.person.activity > np.quantile(model.world.person.activity, 0.9)
        tops.append(counts[active].sum() / counts.sum())
    assert tops[1] > 1.5 * tops[0]


def test_ties_are_used_by_their_closeness() -> None:
    """Where each further contact weighs a tenth of the one before, nearly all questions to contacts go to the first."""
    used = {}
    for decay in (0.1, 1.0):
        model = made(scenario(parameters={**ALIKE, "tie_decay": decay}, people=100, sizes=(100, 0.0, 90, 110)))
        person = model.world.person[50]
        drawn = [int(choose_contact(model.world, named(model.parameters)[0], person, u / 200.0)) for u in range(1, 200)]
        used[decay] = drawn.count(int(person.tie0)) / len(drawn)
    assert used[0.1] > 0.85
    assert used[1.0] < 0.4


def test_breaks_spread_fill_the_hour_from_noon_and_take_no_work_away() -> None:
    """Messages in the hour from noon: next to none if all take their break then, many if breaks spread."""
    shares, hours = [], []
    for spread in (0.0, 150.0):
        model = world({"break_spread": spread, "hours_spread": 0.0})
        by_hour = model.hours().group_by("hour_of_week").agg(pl.col("messages").sum())
        noon = by_hour.filter(pl.col("hour_of_week") % 24 == 12)["messages"].sum()
        shares.append(noon / by_hour["messages"].sum())
        hours.append(ledger_totals(model)[:, WORKED].sum())
    assert shares[1] > 3.0 * shares[0]
    assert abs(hours[1] / hours[0] - 1.0) < 0.03


def test_hours_spread_within_a_firm_and_stay_with_the_person() -> None:
    """People of one firm start at one time, or within twice the spread of it; each on every day at the same."""
    for spread, most in ((0.0, 0.0), (60.0, 7_200.0)):
        model = made(tiny(off=["m13"]), {"hours_spread": spread})
        starts = []
        for _ in range(2):
            model.run_for(1)
            starts.append(column(model, "contract_start") % DAY)
        assert (starts[0] == starts[1]).all()
        first = model.world.person.firm == 0
        assert np.ptp(starts[0][first]) <= most
        assert (np.ptp(starts[0][first]) > 0.0) == (most > 0.0)


def test_threads_grow_as_long_as_they_are_let() -> None:
    """Conversations that go on more often are longer; a bound cuts them."""
    lengths = {}
    for deep, most in ((0.1, 40.0), (0.9, 40.0), (0.9, 3.0)):
        setting = scenario(parameters={"follow_deep": deep, "thread_most": most, "follow_spared": 1.0})
        model = ran(setting, log_share=1.0)
        sent = events(model).filter(pl.col("event") == SENT)
        lengths[deep, most] = sent.group_by("thread").len()["len"].mean(), sent["depth"].max()
    assert lengths[0.9, 40.0][0] > lengths[0.1, 40.0][0]
    assert lengths[0.9, 40.0][1] > 7
    assert lengths[0.9, 3.0][1] == 3


def test_kinds_and_channels_are_those_of_the_brief() -> None:
    """Every kind of message and every channel but the private one occurs under today's rules, outsiders left aside."""
    sent = events(ran(scenario(weeks=1, off=["m17"]), log_share=1.0)).filter(pl.col("event") == SENT)
    assert set(sent["kind"]) == set(range(QUESTION, CHATTER + 1)) >= {BROADCAST}
    assert SHADOW not in set(sent["channel"])
