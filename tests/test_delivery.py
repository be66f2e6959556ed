"""Rules of the engine asked one by one, as plain functions: what hardly ever happens in a small world.

The mutation run asks them in forked processes, in which Polars would wait for its threads for ever: none of it is here.
"""

import math
from typing import Any

import numpy as np
import pytest

from sim.core import draws
from sim.core.columns import (
    ANSWER,
    ASSIGNMENT,
    BLOCKED,
    CALL,
    CHATTER,
    GROUP,
    HOME,
    IM,
    MAIL,
    OFF,
    OFFICE,
    QUESTION,
    READY,
    SHADOW,
    STATUS_REQUEST,
    TALK,
    TOOL,
)
from sim.core.parameters import Parameters
from sim.core.randomness import child, uniform
from sim.core.units import DAY, HOUR, MINUTE, YEAR_WEEKS
from sim.engine import day, delivery, end_of_day, meetings, norms, reading, routing, sanctions, talking
from sim.engine.delivery import bring, deliver, keep_overnight, put_in_inbox
from sim.engine.messages import TOO_MANY_NOTES, join, keep, note, send
from sim.engine.payroll import MOST_FEN, cost_of_leaving
from sim.engine.reading import can_be_done_now
from sim.engine.records import table
from sim.engine.sanctions import complain, reward, uphold
from sim.engine.self_interruption import put_off
from sim.engine.state import HELD, KEPT, LATER, MESSAGE, NEVER, NOTES, Message, Person, World, named
from sim.engine.tasks import wait_until
from sim.engine.timing import follows_free, opening_of, quiet, rules_of
from sim.model import Workplace
from tests.worlds import made, tiny

HIRED = 5  # day on which the recipient took the seat


def brought(model: Workplace, sent: int) -> tuple[int, int]:
    """Bring a message to somebody who took the seat on a day; give how many were cleared and received."""
    w, recipient = model.world, model.world.person[3]
    recipient.hired = HIRED
    message = table(1, MESSAGE)[0]
    message.key = message.thread = sent
    message.sender, message.to, message.kind, message.channel, message.sent = 2, 3, CHATTER, MAIL, sent
    bring(w, named(model.parameters)[0], message, sent + 60, False)
    return int(recipient.ledger.cleared_held), int(recipient.ledger.received)


@pytest.mark.parametrize(
    ("sent", "cleared"), [(0, 1), (HIRED * DAY - 1, 1), (HIRED * DAY, 0), (HIRED * DAY + 1, 0), (9 * DAY, 0)]
)
def test_what_was_sent_before_a_seat_was_taken_is_cleared(sent: int, cleared: int) -> None:
    assert brought(made(tiny(), firms=[0]), sent) == (cleared, 1 - cleared)


def test_what_finds_no_space_overnight_comes_at_once_and_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    model, alerted = made(tiny(), firms=[0]), []
    w, p = model.world, named(model.parameters)[0]
    monkeypatch.setattr(delivery, "alert", lambda *given: alerted.append(given))
    for held, received in ((0, 0), (HELD * 10, 1)):
        w.firm[0].held, w.firm[0].held_at, w.tally[0].outbox = held, NEVER, 1
        message = w.outbox[0]
        message.key, message.sender, message.to, message.kind, message.channel = 7, 2, 3, CHATTER, MAIL
        message.sent = message.due = DAY + 90
        keep_overnight(w, p)
        assert (w.tally[0].outbox, w.person[3].ledger.received, alerted) == (0, received, [])
        assert w.person[2].ledger.not_held == received
    assert w.person[3].inbox[0].here == DAY + 120
    assert w.firm[0].held_at == NEVER


@pytest.mark.parametrize("exit_cost", [0.5, 5.0])
def test_a_replacement_costs_no_more_than_a_table_holds(exit_cost: float) -> None:
    wages = dict.fromkeys(("wage_manager", "wage_professional", "wage_service", "wage_clerical"), 5_000.0)
    model = made(tiny(), {"exit_cost": exit_cost, **wages}, firms=[0])
    cost = cost_of_leaving(model.world, named(model.parameters)[0], model.world.person[3])
    assert 0 < cost <= MOST_FEN
    assert (cost == MOST_FEN) == (exit_cost == 5.0)


@pytest.mark.smallworld
@pytest.mark.parametrize("loud", [True, False])
def test_what_comes_silently_alerts_nobody(loud: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a message that found no place among those held."""
    model, alerted = made(tiny(), firms=[0]), []
    monkeypatch.setattr(delivery, "alert", lambda *given: alerted.append(given))
    message = table(1, MESSAGE)[0]
    message.key, message.sender, message.to, message.kind, message.channel = 7, 2, 3, CHATTER, MAIL
    put_in_inbox(model.world, named(model.parameters)[0], model.world.person[3], message, 60, loud)
    assert len(alerted) == loud
    assert model.world.person[3].ledger.received == 1


@pytest.mark.smallworld
@pytest.mark.parametrize(("urgent", "free", "waits"), [(0, True, True), (1, True, False), (1, False, True)])
def test_the_order_just_noted_is_put_off_unless_it_is_urgent_and_may_be_written(
    urgent: int, free: bool, waits: bool
) -> None:
    """It is no more among the notes or counted as written, and will be written when its time comes; others stay."""
    model = made(tiny(), {"defer_share": 1.0, "lapse_share": 0.0}, firms=[0])
    w, p, person = model.world, named(model.parameters)[0], model.world.person[2]
    for key in (11, 12, 13):
        message = note(w, person, 3, ASSIGNMENT, key, key)
    message.urgent = urgent
    assert put_off(w, p, person, free) == waits
    left = [11, 12] if waits else [11, 12, 13]
    assert w.notes.key[: w.tally[0].notes].tolist() == left
    assert person.written == len(left)
    assert [(order.key, order.unread) for order in person.orders[: person.kept]] == [(13, 1)] * waits


@pytest.mark.parametrize(
    ("kind", "to", "steps", "together"),
    [
        (ASSIGNMENT, 4, 0, True),
        (STATUS_REQUEST, 4, 0, True),
        (QUESTION, 4, 0, False),  # each is waited for
        (CHATTER, 4, 0, False),
        (ASSIGNMENT, 5, 0, False),
        (ASSIGNMENT, 4, 2, False),
    ],
)
def test_orders_and_requests_to_the_same_people_go_together(kind: int, to: int, steps: int, together: bool) -> None:
    """They bring the work of both by the earlier date, and are urgent if one is; what differs stays as it is."""
    one, more = table(2, MESSAGE)
    one.kind, one.to, one.work, one.wanted, one.urgent = kind, 4, 600, 7 * DAY, 0
    more.kind, more.to, more.work, more.wanted, more.urgent, more.steps = kind, to, 300, 5 * DAY, 1, steps
    assert join(one, more) == together
    assert (one.work, one.wanted, one.urgent) == ((900, 5 * DAY, 1) if together else (600, 7 * DAY, 0))


@pytest.mark.smallworld
def test_what_is_spoken_hangs_on_nearness_and_closed_channels_and_on_nothing_where_no_talk_is_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody of another team and an open messenger count as 0; the least share of talk that is allowed is some."""
    model = made(tiny(), {"talk_allowed": 0.0005}, firms=[0])
    w, p, person = model.world, named(model.parameters)[0], model.world.person[2]
    asked: list[Any] = []
    monkeypatch.setattr(talking, "talk_chance", lambda p, *given: asked.append(given) or 1.0)
    monkeypatch.setattr(talking, "call_share", lambda p, *given: asked.append(given) or 1.0)
    for name in ("same_team", "outside"):
        monkeypatch.setattr(talking, name, lambda *_: False)
    w.person.place = OFFICE
    w.person.clock = 10 * HOUR
    assert talking.spoken_channel(w, p, person, 3, 5, 0) == CALL
    assert asked == [(0.0, 0.0, 0.0), (0.0,)]
    model.parameters[:] = made(tiny(), {"talk_allowed": 0.0}).parameters
    assert talking.spoken_channel(w, p, person, 3, 5, 0) == -1
    assert len(asked) == 2


@pytest.mark.smallworld
@pytest.mark.parametrize(("speed", "start", "clock", "fits"), [
    (0.5, 9, 14, False), (2.0, 9, 14, True),  # two hours of work before 17:00
    (0.5, 9, 23, True), (0.25, 9, 23, False),  # after the day's hours: before one gets up at 6:00
    (1.0, 17, 4, False), (1.5, 17, 4, True),  # a free day has no hours
])  # fmt: skip
def test_who_works_at_half_the_speed_needs_twice_the_time_to_do_an_order_at_home(
    speed: float, start: int, clock: int, fits: bool
) -> None:
    """It must be done before today's hours end, or before one gets up; at the very end it is too late."""
    model = made(tiny(), {"wake_clock": 6.0}, firms=[0])
    person = model.world.person[2]
    person.contract_start, person.contract_end = start * HOUR, 17 * HOUR
    person.speed, person.clock = speed, clock * HOUR
    assert can_be_done_now(named(model.parameters)[0], person, 2 * HOUR) == fits


@pytest.mark.smallworld
@pytest.mark.parametrize(("wanted", "late"), [(0, False), (5 * DAY + 20 * HOUR, False), (20 * HOUR, True)])
def test_an_order_done_at_home_after_its_date_is_worth_less(wanted: int, late: bool) -> None:
    """By the share that is lost of a task which is finished so many days late."""
    _, p, person = asked({"late_loss": 0.3, "late_days": 5.0})
    order = table(1, MESSAGE)[0]
    person.clock, person.speed, order.work, order.wanted = 17 * HOUR + 5 * DAY, 1.0, 10_000, wanted
    reading.do_at_once(p, person, order)
    days = (int(person.clock) - int(order.wanted)) / DAY
    lost = int(10_000 * 0.3 * (1.0 - math.exp(-days / 5.0))) if late else 0
    assert lost > 1_800 or not late
    sums = person.ledger
    booked = [
        int(each) for each in (sums.tasks_late, sums.late_seconds, sums.output_seconds, sums.arrived_work_seconds)
    ]
    assert booked == [int(late), lost, 10_000 - lost, 10_000]


@pytest.mark.smallworld
@pytest.mark.parametrize(("length", "dropped"), [(30 * MINUTE, False), (30 * MINUTE + 1, True)])
def test_a_limit_on_meetings_drops_what_goes_beyond_it_in_a_week(
    length: int, dropped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    w, _, person = asked()
    monkeypatch.setattr(meetings, "keeps_hours", lambda *_: True)
    rules_of(w, person).meeting_limit, rules_of(w, person).meeting_free_days = 120.0, 1 << 6
    person.met_week = 90 * MINUTE
    assert meetings.is_dropped(w, person, 10 * HOUR, length, 0) == dropped


@pytest.mark.smallworld
def test_a_delay_that_ends_after_all_runs_never_ends() -> None:
    """At the end of their ranges one delay in 100,000 does; it came due at once."""
    _, _, person = asked()
    reading.put_off(person, table(1, MESSAGE)[0], 3_000_000_000)
    task = person.tasks[0]
    wait_until(person, task, 3_000_000_000)
    fifty_years = 50 * 366 * DAY
    assert min(int(person.answers[0].due), int(person.later_at), int(task.deadline), int(person.patience)) > fifty_years


def asked(raw: dict[str, float] | None = None) -> tuple[World, Parameters, Person]:
    """Give a world of ten people, its parameters, and somebody in it."""
    model = made(tiny(), raw, firms=[0])
    return model.world, named(model.parameters)[0], model.world.person[2]


def order_to_all(w: World, person: Person) -> Message:
    """Make an order of ten minutes to everybody in a person's team chat."""
    order = table(1, MESSAGE)[0]
    order.key, order.sender, order.to, order.kind, order.group = (
        21,
        person.row,
        -1 - person.own_team_chat,
        ASSIGNMENT,
        1,
    )
    order.work, order.channel, order.sent = 600, TALK, DAY + HOUR
    return order


@pytest.mark.smallworld
@pytest.mark.parametrize("can_write", [True, False])
def test_who_was_out_of_reach_of_an_order_is_told_the_next_day_if_nothing_can_be_written(can_write: bool) -> None:
    """As a message of its own; else it lapses for that person. All others in the chat get it."""
    w, p, person = asked({"site_visits": 0.0})
    team = w.chat_member[w.chat_from[person.own_team_chat] : w.chat_from[person.own_team_chat + 1]].tolist()
    away = team[-1]
    w.person[away].site += 1
    if not can_write:
        w.rules.closed_im[:] = w.rules.closed_mail[:] = 2.0
    order = order_to_all(w, person)
    bring(w, p, order, DAY + HOUR + 60, False)
    assert w.person.ledger["received"].nonzero()[0].tolist() == sorted({*team} - {away, person.row})
    assert w.person[away].copies[TALK].refused == 1
    assert (order.key, order.to, order.group) == (21, -1 - person.own_team_chat, 1)
    assert person.ledger.lapsed_work_seconds == (600 if can_write else 0)
    kept = [(one.key, one.to, one.group, one.due, one.unread, one.work) for one in person.orders[: person.kept]]
    own = child(21 ^ w.person[away].key, draws.TOLD_LATER_KEY)
    assert kept == ([] if can_write else [(own, away, 0, 2 * DAY, 0, 600)])


@pytest.mark.smallworld
@pytest.mark.parametrize("limit", [0, 1])
def test_an_order_in_a_chat_that_a_limit_closes_lapses_for_whom_it_does_not_reach(limit: int) -> None:
    w, p, person = asked()
    chat = w.own_chat[w.own_from[person.row] : w.own_from[person.row + 1]][0]
    others = {*w.chat_member[w.chat_from[chat] : w.chat_from[chat + 1]].tolist()} - {person.row}
    w.rules.group_limit[:] = limit
    order = order_to_all(w, person)
    order.to, order.channel = -1 - chat, GROUP
    bring(w, p, order, DAY + HOUR + 60, False)
    assert len(others) > 0
    assert w.person.ledger["received"].sum() == (0 if limit else len(others))
    assert person.ledger.lapsed_work_seconds == 600 * len(others) * limit


@pytest.mark.smallworld
@pytest.mark.parametrize("waits", [True, False])
def test_a_question_that_was_kept_is_said_in_a_meeting_only_if_a_task_waits_for_it(waits: bool) -> None:
    """What has been answered meanwhile is not asked again; either way it is kept no longer."""
    w, _, person = asked()
    boss = w.person[person.manager]
    for each in (person, boss):
        each.contract_start, each.contract_end, each.clock, each.place = 9 * HOUR, 18 * HOUR, 11 * HOUR, OFFICE
    question = table(1, MESSAGE)[0]
    question.key = question.thread = 9
    question.sender, question.to, question.kind, question.tries = person.row, boss.row, QUESTION, 1
    keep(w, person, question, 0, 10 * HOUR)
    person.desk, person.tasks[0].state, person.tasks[0].thread = 1, BLOCKED if waits else READY, 9
    meetings.tell(w, person, 0)
    assert (person.kept, w.tally[0].notes, person.ledger.given_in_meetings) == (0, int(waits), int(waits))


@pytest.mark.smallworld
def test_what_finds_the_list_full_lapses_for_all_who_would_have_had_it() -> None:
    w, _, person = asked()
    order = order_to_all(w, person)
    for number in range(KEPT + 1):
        assert (person.kept, person.ledger.assignments_lapsed) == (number, 0)
        keep(w, person, order, 1, DAY)
    others = w.chat_from[person.own_team_chat + 1] - w.chat_from[person.own_team_chat] - 1
    assert (person.kept, person.ledger.assignments_lapsed) == (KEPT, 1)
    assert person.ledger.lapsed_work_seconds == 600 * others > 600
    assert person.ledger.assignments_deferred == KEPT


@pytest.mark.smallworld
@pytest.mark.parametrize(("sender", "outside", "counted"), [(2, 0, 2), (-1, 1, 3)])
def test_what_finds_no_place_to_be_held_comes_at_once_and_silently(
    sender: int, outside: int, counted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts at who wrote it; of an outsider at whom it is for."""
    w, p, _ = asked()
    loud: list[bool] = []
    monkeypatch.setattr(delivery, "bring", lambda w, p, message, now, alerts: loud.append(alerts))
    w.firm[0].held, places = 0, HELD * w.firm[0].people
    message = w.outbox[0]
    message.key, message.sender, message.to, message.outside, message.due = 7, sender, 3, outside, DAY
    for left, number in ((places - 1, 0), (places, 1)):
        w.firm[0].held, w.tally[0].outbox = left, 1
        assert deliver(w, p, 60) == NEVER
        assert (w.firm[0].held, w.tally[0].outbox) == (places, 0)
        assert loud == [False] * number
        assert w.person.ledger["not_held"].nonzero()[0].tolist() == [counted] * number


@pytest.mark.smallworld
def test_one_answer_too_many_to_be_put_off_is_forgotten() -> None:
    _, _, person = asked()
    message = table(1, MESSAGE)[0]
    for number in range(LATER):
        assert (person.later, person.ledger.forgotten) == (number, 0)
        reading.put_off(person, message, DAY - number)
    reading.put_off(person, message, 0)
    assert (person.later, person.ledger.forgotten, person.later_at) == (LATER, 1, DAY - LATER + 1)
    assert person.answers[LATER - 1].due == DAY - LATER + 1


@pytest.mark.smallworld
@pytest.mark.parametrize(
    ("moment", "on_working_days", "on_free_days"),
    [
        (5 * DAY + HOUR, True, False),  # in the night to Saturday
        (5 * DAY + 22 * HOUR, False, True),
        (6 * DAY + HOUR, False, True),
        (7 * DAY + HOUR, False, True),  # in the night to Monday
        (7 * DAY + 6 * HOUR, False, False),  # when it ends
        (7 * DAY + 21 * HOUR, False, False),
        (HOUR, True, False),  # before the first day there is none
    ],
)
def test_a_window_past_midnight_belongs_to_the_day_on_which_it_starts(
    moment: int, on_working_days: bool, on_free_days: bool
) -> None:
    w, _, person = asked()
    w.rules.quiet_from[:], w.rules.quiet_to[:] = 22 * 60.0, 6 * 60.0
    w.workday[1] = w.workday[-1] = 0
    for days, expected in ((1.0, on_working_days), (2.0, on_free_days)):
        w.rules.quiet_days[:] = days
        assert quiet(w, person, moment) == expected


@pytest.mark.smallworld
@pytest.mark.parametrize(("union", "more", "complaints"), [(0.5, 1.001, 1), (0.5, 0.999, 0), (0.4, 1.001, 0)])
def test_a_union_complains_with_the_head_where_there_is_one(union: float, more: float, complaints: int) -> None:
    """At a rate a year, against a draw of the firm and week, the third here."""
    w, p, _ = asked()
    p.union_complaints = more * YEAR_WEEKS * uniform(w.firm[0].key, draws.UNION_COMPLAINS + 2)
    w.firm.union[:], w.rules.union[:] = 0.4, union
    assert complain(w, p, 0, 20) == complaints
    assert w.person.ledger["complaints"].tolist() == [complaints] + [0] * 9


@pytest.mark.smallworld
@pytest.mark.parametrize(("openness", "outspoken"), [(0.5, 6), (0.4, 5), (0.0, 0)])
def test_people_complain_by_their_rank_and_how_open_the_channel_is(openness: float, outspoken: int) -> None:
    w, p, _ = asked()
    w.person.voice[:] = np.arange(10) / 10
    w.rules.complaint[:] = openness
    p.complaint_rate = YEAR_WEEKS * uniform(np.uint64(0), draws.COMPLAIN) / (p.dare_named * 0.5 * 0.45)
    assert complain(w, p, 0, 20) == outspoken
    assert w.person.ledger["complaints"].tolist() == [1] * outspoken + [0] * (10 - outspoken)


@pytest.mark.smallworld
@pytest.mark.parametrize("kind", [ANSWER, QUESTION])
@pytest.mark.parametrize("rank", [0.0, 1.0])
def test_an_answer_in_a_call_belongs_to_the_call(rank: float, kind: int) -> None:
    """It neither waits nor breaks a rule, whether its writer keeps to rules or not; a call of one's own does."""
    w, p, person = asked({"evade": 0.0, "switch_open": 0.0})
    w.rules.contact_ban = w.rules.off_call = w.rules.in_force = 1.0
    w.firm.compliance, person.rank, person.place = 0.5, rank, OFFICE
    person.contract_start, person.contract_end, person.clock = 9 * HOUR, 18 * HOUR, 19 * HOUR
    said = note(w, person, 3, kind, 7, 7)
    said.channel, said.due = CALL, person.clock
    send(w, p, said)
    sent = w.outbox[0]
    waits = kind == QUESTION and rank == 0.0
    assert (sent.channel, sent.due > sent.sent) == (CALL, waits)
    assert person.ledger.postponed == waits
    assert person.ledger.breaches == (2 if kind == QUESTION and rank == 1.0 else 0)


@pytest.mark.smallworld
def test_who_has_nothing_to_do_at_home_stops_working() -> None:
    w, p, person = asked()
    person.place, person.clock, person.task, person.session_end = HOME, 20 * HOUR, -1, 22 * HOUR
    person.check = NEVER
    day.work_on(w, p, person)
    assert (person.session_end, person.focus) == (20 * HOUR, 0)


@pytest.mark.smallworld
def test_alerts_left_alone_may_take_all_of_a_turn_at_a_task() -> None:
    """Then nothing of the task is done, and what is left of the disturbance is forgotten."""
    _, p, person = asked({"inhibition_seconds": 4.0})
    person.place, person.focus, person.task, person.clock, person.speed = OFFICE, 1, 0, 10 * HOUR, 1.0
    person.contract_start, person.contract_end = 9 * HOUR, 18 * HOUR
    person.tasks[0].point = 600
    done = []
    for span in (7, 9):
        person.disturbed = 2
        day.book(p, person, int(person.clock) + span)
        done.append((int(person.tasks[0].done), int(person.ledger.looking_seconds), int(person.disturbed)))
    assert done == [(0, 7, 0), (1, 15, 0)]
    assert person.clock == 10 * HOUR + 16


@pytest.mark.smallworld
@pytest.mark.parametrize(("place", "at"), [(OFFICE, "office"), (HOME, "home")])
def test_who_works_until_midnight_has_worked_until_then(place: int, at: str) -> None:
    """Time and progress since the last turn are work, and the office is left at midnight."""
    w, p, person = asked()
    person.place, person.focus, person.task, person.clock, person.speed = place, 1, 0, 23 * HOUR, 1.0
    person.contract_start, person.contract_end, person.left_at = 14 * HOUR, 23 * HOUR, 5
    person.tasks[0].point = 2 * HOUR
    day.send_home(w, p, person, DAY)
    assert (person.place, person.clock, person.rest_from) == (OFF, DAY, DAY)
    assert (person.ledger[f"{at}_task_seconds"], person.ledger.off_seconds) == (HOUR, 0)
    assert (person.tasks[0].done, person.worked_today) == (HOUR, HOUR)
    assert person.left_at == (DAY if place == OFFICE else 5)


@pytest.mark.smallworld
@pytest.mark.parametrize(("statutory", "works", "booked"), [(0, 1, (0, 0)), (0, 0, (50, 0)), (1, 0, (0, 50))])
def test_work_on_a_day_off_is_booked_by_the_kind_of_day(statutory: int, works: int, booked: tuple[int, int]) -> None:
    w, _, person = asked()
    w.statutory[3], w.workday[3] = statutory, works
    person.worked_today = 50
    day.note_kind_of_day(w, person, 3)
    assert (person.ledger.rest_day_overtime_seconds, person.ledger.statutory_overtime_seconds) == booked


@pytest.mark.smallworld
def test_hours_that_nobody_shifts_may_lie_outside_the_bounds_of_those_that_are_shifted() -> None:
    w, p, person = asked({"hours_spread": 0.0, "flexible_earliest": 9.0})
    w.firm.opening[:] = 8 * HOUR
    assert opening_of(w, p, person) == 8 * HOUR
    w.rules.flexible[:] = 0.001
    assert opening_of(w, p, person) == 9 * HOUR


@pytest.mark.smallworld
def test_a_working_day_follows_free_ones_at_the_start_and_after_a_day_off() -> None:
    w, _, _ = asked()
    w.workday[:7] = [1, 1, 0, 0, 1, 0, 1]
    assert [follows_free(w, day) for day in range(7)] == [True, False, False, False, True, False, True]


@pytest.mark.smallworld
def test_one_note_too_many_is_an_error() -> None:
    w, _, person = asked()
    for key in range(1, NOTES + 1):
        note(w, person, 3, CHATTER, key, key)
    assert (w.tally[0].notes, w.tally[0].error) == (NOTES, 0)
    note(w, person, 3, CHATTER, 99, 99)
    assert (w.tally[0].notes, w.tally[0].error, w.notes[NOTES - 1].key) == (NOTES, TOO_MANY_NOTES, 99)


@pytest.mark.smallworld
def test_peers_are_the_others_of_the_team_and_who_has_none_is_like_them(monkeypatch: pytest.MonkeyPatch) -> None:
    w, p, person = asked()
    seen: list[tuple[float, ...]] = []
    monkeypatch.setattr(norms, "expectation_target", lambda p, culture, *given: seen.append(given) or 0.5)
    w.person.demand[:], w.person[person.manager].demand = 0.2, 0.7
    for person.team_first, person.team_size, mates in ((2, 1, 0.9), (2, 2, 0.0), (1, 3, 0.3)):
        w.person.response[:], person.response = mates, 0.4
        norms.expect(w, p, person)
    assert seen == [(0.7, 0.4, 0.4, 0.0), (0.7, 0.0, 0.4, 0.0), (0.7, 0.3, 0.4, 0.0)]
    w.person[0].demand = 0.6
    norms.expect(w, p, w.person[0])
    assert seen[-1] == (0.6, pytest.approx(0.325), 0.3, 0.0)  # of those led


@pytest.mark.smallworld
@pytest.mark.parametrize("strictest", ["contact_ban", "disconnect", "off_im", "closed_im"])
def test_the_strictest_rule_against_contact_counts_and_a_messenger_that_does_not_exist_as_one_that_is_closed(
    strictest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    w, p, _ = asked()
    seen: list[float] = []
    monkeypatch.setattr(norms, "demand_target", lambda p, belief, got, strict, *rest: seen.append(strict) or 0.5)
    for name in ("contact_ban", "disconnect", "off_im", "closed_im"):
        getattr(w.rules, name)[:] = 0.25
    getattr(w.rules, strictest)[:] = 0.75
    norms.demand_more_or_less(w, p, w.person[0])
    w.rules.closed_im[:] = 2.0
    norms.demand_more_or_less(w, p, w.person[0])
    assert seen == [0.75, 1.0]


@pytest.mark.smallworld
def test_a_week_ends_on_each_sunday(monkeypatch: pytest.MonkeyPatch) -> None:
    w, p, _ = asked()
    ended: dict[str, list[int]] = {"settle": [], "enforce": []}
    monkeypatch.setattr(end_of_day, "settle", lambda w, p, person, day: ended["settle"].append(day))
    monkeypatch.setattr(end_of_day, "enforce", lambda w, p, f, day: ended["enforce"].append(day))
    for number in range(15):
        end_of_day.night(w, p, 0, number)
    assert ended == {"settle": [6] * 10 + [13] * 10, "enforce": [6, 13]}


@pytest.mark.smallworld
@pytest.mark.parametrize(("order_first", "fines"), [(0.4, (1200, 2000)), (1.0, (0, 2000)), (0.0, (2000, 2000))])
def test_the_first_upheld_breach_of_a_firm_may_bring_an_order_in_the_place_of_a_share_of_the_fine(
    order_first: float, fines: tuple[int, int]
) -> None:
    """Ten people at 100 yuan each, and 1,000 for the firm."""
    w = made(tiny(), firms=[0, 1]).world
    w.rules.order_first[:], w.rules.fine[:], w.rules.fine_firm[:] = order_first, 100.0, 1_000.0
    for number in (0, 1):
        uphold(w, 1)
        assert w.person.ledger["fines_fen"].tolist() == [0] * 10 + [10 * sum(fines[: number + 1])] * 10
        assert w.firm.fines.tolist() == [0, sum(fines[: number + 1])]
        assert w.person.ledger["orders"].tolist() == [0] * 10 + [int(order_first > 0.0)] + [0] * 9
    w.rules.fine[:] = 1e8
    uphold(w, 1)
    assert w.person.ledger["fines_fen"].max() == MOST_FEN + 10 * sum(fines)
    before = w.person.ledger["fines_fen"].copy()
    for w.rules.fine_firm[:], fen in ((0.0044, 0), (0.0054, 1)):
        w.rules.fine[:] = 0.0
        uphold(w, 1)
        assert (w.person.ledger["fines_fen"] - before).tolist() == [0] * 10 + [fen] + [0] * 9


@pytest.mark.smallworld
def test_an_incentive_is_paid_in_each_week_after_a_year_without_an_upheld_breach() -> None:
    """A firm begins as one that has had none."""
    w = made(tiny(), firms=[0, 1]).world
    w.rules.incentive[:] = 365.25
    paid = []
    for found in (False, True, *([False] * 53)):
        before = w.person.ledger["subsidy_fen"].copy()
        reward(w, 1, found)
        gained = w.person.ledger["subsidy_fen"] - before
        assert set(gained[:10]) == {0}
        assert len(set(gained[10:])) == 1
        paid.append(int(gained.max()))
    assert paid == [700, *([0] * 52), 700, 700]


@pytest.mark.smallworld
@pytest.mark.parametrize(("more", "breaches", "cases"), [(1.001, 0, 1), (1.001, 3, 3), (0.999, 3, 2), (0.999, 0, 0)])
def test_an_inspection_or_a_complaint_finds_the_breaches_of_a_week_and_each_case_costs(
    more: float, breaches: int, cases: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inspections come at a rate a year; nobody complains where nothing was broken, and two do here otherwise."""
    model = made(tiny(), firms=[0, 1])
    w, p = model.world, named(model.parameters)[0]
    upheld: list[int] = []
    monkeypatch.setattr(sanctions, "complain", lambda *_: 2)
    monkeypatch.setattr(sanctions, "uphold", lambda w, f: upheld.append(f))
    w.rules.inspection[:] = more * YEAR_WEEKS * uniform(w.firm[1].key, draws.INSPECTION + 2)
    for cost, fen in ((1.55, 155), (1e8, MOST_FEN)):
        before = w.person.ledger["enforcement_cost_fen"].copy()
        w.rules.inspection_cost[:], w.firm[1].breaches = cost, breaches
        sanctions.enforce(w, p, 1, 20)
        part = fen * cases // 10
        paid = [0] * 10 + [fen * cases - 9 * part] + [part] * 9
        assert (w.person.ledger["enforcement_cost_fen"] - before).tolist() == paid
        assert w.firm[1].breaches == 0
    assert upheld == [1, 1] * (breaches > 0)
    assert w.firm.inspections.tolist() == [0, 2 * (more > 1)]
    assert w.person.ledger["inspections"].tolist() == [0] * 10 + [2 * (more > 1)] + [0] * 9
    assert w.firm.complaints.tolist() == [0, 4 * (breaches > 0)]


@pytest.mark.smallworld
@pytest.mark.parametrize("inspected", [True, False])
def test_a_firm_fears_inspections_and_complaints_of_people_and_of_a_union_where_something_can_be_broken(
    inspected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ten people of mean rank who must give their name, and a union, complain in a year."""
    model = made(tiny(), {"complaint_rate": 0.2, "dare_named": 0.3, "union_complaints": 4.0}, firms=[0, 1])
    w, p = model.world, named(model.parameters)[0]
    asked: list[tuple[float, ...]] = []
    monkeypatch.setattr(sanctions, "found_out", lambda *given: asked.append(given) or 0.5)
    monkeypatch.setattr(sanctions, "weight_of_sanction", lambda p, *given: asked.append(given) or 0.8)
    w.firm.union[:], w.rules.union[:] = 0.2, 0.3
    w.rules.inspection[:], w.rules.complaint[:], w.rules.fine[:], w.rules.fine_firm[:] = 0.7, 0.5, 60.0, 400.0
    w.firm.fear[:] = 0.4
    sanctions.expect_sanction(w, p, 1, inspected)
    assert asked == []
    assert w.firm.fear.tolist() == [0.4, pytest.approx(0.4 * math.exp(-7.0 / p.fear_days))]
    w.rules.disconnect[:], w.firm.fear[:] = 0.1, 0.4
    sanctions.expect_sanction(w, p, 1, inspected)
    assert asked == [(100.0, 0.0, 0.0), (0.7, pytest.approx(0.2 * 0.5 * 0.3 * 0.5 * 10 + 4.0))]
    assert w.firm[1].fear == pytest.approx(0.4 + 0.8 * p.fear_visit * inspected)
    w.firm.fear[:] = 1.0
    sanctions.expect_sanction(w, p, 1, inspected)
    assert w.firm[1].fear == (1.0 if inspected else pytest.approx(0.4 + 0.6 * math.exp(-7.0 / p.fear_days)))


@pytest.mark.smallworld
@pytest.mark.parametrize(
    ("column", "value", "breakable"),
    [
        ("contact_ban", 0.0005, True), ("disconnect", 0.0005, True), ("daily_cap", 0.0005, True),
        ("weekly_cap", 0.0005, True), ("daily_rest", 0.0005, True),
        ("weekly_rest", 0.0005, True), ("off_shadow", 0.0005, True), ("off_im", 0.0005, True),
        ("closed_im", 0.0005, True), ("closed_shadow", 0.0005, True), ("closed_im", 2.0, False), ("fine", 100.0, False),
    ],
)  # fmt: skip
def test_what_can_be_broken(column: str, value: float, breakable: bool) -> None:
    """However weak the rule, and by the last person of a firm alone; not what does not exist."""
    w = made(tiny(), firms=[0, 1]).world
    w.person.rules[:] = 0
    w.person[19].rules = 1
    getattr(w.rules, column)[1] = value
    assert [sanctions.can_be_broken(w, f) for f in (0, 1)] == [False, breakable]


NOW, OPENING, WINDOW = 7, 111, 222  # seconds: of writing, of the next opening, of the end of the quiet window
LATE, ROUND = 333, 444  # seconds: to which a right puts off, and of the next round of mail
BAN, LINE = {"contact_ban": 1.0}, {"emergency": 1.0, "emergency_quota": 2.0}
OBEYS, BREAKS = 0.2, 0.9  # ranks, at a readiness of one half


def routed(
    monkeypatch: pytest.MonkeyPatch, written: dict[str, int], rules: dict[str, float], rank: float = OBEYS
) -> tuple[World, Parameters, Person, Message]:
    """Have somebody under some rules write a message, in a world in which each draw is one half."""
    w, p, person = asked()
    monkeypatch.setattr(routing, "uniform", lambda *_: 0.5)
    monkeypatch.setattr(routing, "next_opening", lambda *_: OPENING)
    monkeypatch.setattr(routing, "quiet_end", lambda *_: WINDOW)
    for name, value in rules.items():
        getattr(w.rules, name)[:] = value
    w.firm.compliance[:], person.rank = 0.5, rank
    message = table(1, MESSAGE)[0]
    message.sent, message.kind = NOW, CHATTER
    for name, number in written.items():
        message[name] = number
    return w, p, person, message


@pytest.mark.smallworld
@pytest.mark.parametrize(
    ("written", "off", "still", "rules", "rank", "goes", "booked"),  # booked: breaches, postponed, emergency calls
    [
        ({"channel": IM}, True, True, BAN, OBEYS, (IM, OPENING), (0, 1, 0)),
        ({"channel": IM}, True, True, BAN, BREAKS, (IM, NOW), (1, 0, 0)),
        ({"channel": IM}, False, True, BAN, OBEYS, (IM, NOW), (0, 0, 0)),
        ({"channel": IM, "outside": 1}, True, True, BAN, OBEYS, (IM, NOW), (0, 0, 0)),
        ({"channel": IM, "urgent": 1}, True, True, BAN, OBEYS, (IM, NOW), (1, 0, 0)),
        ({"channel": IM, "urgent": 1}, True, True, BAN | LINE, OBEYS, (CALL, NOW), (0, 0, 1)),
        ({"channel": IM, "urgent": 1, "group": 1}, True, True, BAN | LINE, OBEYS, (IM, NOW), (1, 0, 0)),
        ({"channel": IM}, True, True, BAN | LINE, OBEYS, (IM, OPENING), (0, 1, 0)),
        ({"channel": CALL, "urgent": 1}, True, True, BAN | LINE, OBEYS, (CALL, NOW), (0, 0, 0)),
        ({"channel": CALL}, True, True, BAN, OBEYS, (CALL, OPENING), (0, 1, 0)),
        ({"channel": CALL}, True, True, BAN, BREAKS, (CALL, NOW), (1, 0, 0)),
        ({"channel": CALL, "urgent": 1}, True, True, BAN, BREAKS, (CALL, NOW), (0, 0, 0)),
        ({"channel": IM}, False, True, {"nudge": 0.6}, OBEYS, (IM, WINDOW), (0, 1, 0)),
        ({"channel": IM}, False, True, {"nudge": 0.4}, OBEYS, (IM, NOW), (0, 0, 0)),
        ({"channel": IM}, True, False, {"nudge": 0.6}, OBEYS, (IM, NOW), (0, 0, 0)),
        ({"channel": IM, "urgent": 1}, True, True, {"nudge": 0.6}, OBEYS, (IM, NOW), (0, 0, 0)),
        ({"channel": IM}, False, True, {"hold": 0.6}, OBEYS, (IM, WINDOW), (0, 0, 0)),
        ({"channel": IM, "urgent": 1}, False, True, {"hold": 0.6}, OBEYS, (IM, WINDOW), (0, 0, 0)),
        ({"channel": IM, "urgent": 1}, False, True, LINE | {"hold": 0.6}, OBEYS, (CALL, NOW), (0, 0, 1)),
        ({"channel": IM, "urgent": 1}, False, True, LINE | {"hold": 0.4}, OBEYS, (IM, NOW), (0, 0, 0)),
        ({"channel": IM}, False, True, {"hold": 0.4}, OBEYS, (IM, NOW), (0, 0, 0)),
        ({"channel": IM}, True, False, {"hold": 0.6}, OBEYS, (IM, NOW), (0, 0, 0)),
        ({"channel": CALL}, False, True, {"hold": 0.6}, OBEYS, (CALL, NOW), (0, 0, 0)),
        ({"channel": TOOL}, True, False, {"messenger": 0.6}, OBEYS, (TOOL, OPENING), (0, 0, 0)),
        ({"channel": TOOL}, True, False, {"messenger": 0.4}, OBEYS, (TOOL, NOW), (0, 0, 0)),
        ({"channel": TOOL}, False, True, {"messenger": 0.6}, OBEYS, (TOOL, NOW), (0, 0, 0)),
        ({"channel": TOOL}, True, False, {"tool": 0.1}, OBEYS, (TOOL, NOW), (0, 0, 0)),
        ({"channel": MAIL}, True, False, {"messenger": 0.6}, OBEYS, (MAIL, NOW), (0, 0, 0)),
        ({"channel": TOOL, "urgent": 1}, True, False, LINE | {"messenger": 0.6}, OBEYS, (CALL, NOW), (0, 0, 1)),
        ({"channel": TOOL, "urgent": 1}, True, False, LINE | {"messenger": 0.4}, OBEYS, (TOOL, NOW), (0, 0, 0)),
    ],
)
def test_what_quiet_hours_do_to_a_message(
    written: dict[str, int],
    off: bool,
    still: bool,
    rules: dict[str, float],
    rank: float,
    goes: tuple[int, int],
    booked: tuple[int, int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A prohibition of contact, the emergency line, reminders, held delivery, a messenger that keeps hours."""
    w, p, person, message = routed(monkeypatch, written, rules, rank)
    assert routing.past_quiet_hours(w, p, person, message, written["channel"], off, still) == goes
    assert (person.ledger.breaches, person.ledger.postponed, person.ledger.emergency_calls) == booked
    assert (w.firm[0].breaches, person.emergency) == (booked[0], booked[2])


@pytest.mark.smallworld
@pytest.mark.parametrize(
    ("written", "rules", "later", "goes"),
    [
        ({"channel": IM}, {}, 0.6, (IM, OPENING)),
        ({"channel": GROUP, "group": 1}, {}, 0.6, (GROUP, OPENING)),
        ({"channel": IM}, {}, 0.4, (MAIL, NOW)),
        ({"channel": IM}, {"closed_mail": 0.1}, 0.4, (IM, OPENING)),
        ({"channel": IM, "kind": ANSWER}, {}, 0.6, (IM, NOW)),
        ({"channel": MAIL}, {}, 0.6, (MAIL, NOW)),
        ({"channel": IM}, {"closed_im": 0.1}, 0.6, (IM, NOW)),
        ({"channel": IM}, {"off_im": 0.1}, 0.6, (IM, NOW)),
        ({"channel": IM, "urgent": 1}, {}, 0.6, (CALL, NOW)),
        ({"channel": IM, "urgent": 1}, {"contact_ban": 0.1}, 0.6, (IM, NOW)),
        ({"channel": IM, "urgent": 1}, {"closed_call": 0.1}, 0.6, (IM, NOW)),
        ({"channel": GROUP, "urgent": 1, "group": 1}, {}, 0.6, (GROUP, NOW)),
    ],
)
def test_what_a_right_not_to_answer_does_to_chats_outside_hours(
    written: dict[str, int],
    rules: dict[str, float],
    later: float,
    goes: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    w, p, person, message = routed(monkeypatch, written, rules)
    p.right_later = later
    for share, expected in ((0.6, goes), (0.4, (written["channel"], NOW))):
        monkeypatch.setattr(routing, "spared", lambda p, use, share=share: share)
        assert routing.past_rights(w, p, person, message, written["channel"], True) == expected
    assert person.ledger.postponed == (goes[1] == OPENING)


@pytest.mark.smallworld
@pytest.mark.parametrize(
    ("closures", "right", "off", "still", "scheduled", "urgent", "goes"),
    [
        ((-1, OPENING), 0.5, True, True, 0.6, 0, (-1, NOW)),
        ((IM, OPENING), 0.5, True, True, 0.6, 0, (IM, OPENING)),
        ((IM, NOW), 0.0005, True, True, 0.6, 0, (GROUP, LATE)),
        ((IM, NOW), 0.0, True, False, 0.6, 0, (TOOL, WINDOW)),
        ((IM, NOW), 0.5, False, True, 0.6, 0, (TOOL, WINDOW)),
        ((IM, NOW), 0.5, False, False, 0.6, 0, (IM, NOW)),
        ((SHADOW, NOW), 0.0, True, True, 0.6, 0, (SHADOW, NOW)),
        ((MAIL, NOW), 0.5, False, False, 0.6, 0, (MAIL, ROUND)),
        ((MAIL, NOW), 0.5, False, False, 0.4, 0, (MAIL, NOW)),
        ((MAIL, NOW), 0.5, False, False, 0.6, 1, (MAIL, NOW)),
        ((MAIL, OPENING), 0.5, False, False, 0.6, 0, (MAIL, OPENING)),
    ],
)
def test_rules_on_a_message_hold_one_after_the_other_until_one_puts_it_off(
    closures: tuple[int, int],
    right: float,
    off: bool,
    still: bool,
    scheduled: float,
    urgent: int,
    goes: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Closed channels, rights outside hours, quiet hours, and rounds of mail; each by what it would do alone."""
    w, p, person, message = routed(monkeypatch, {"channel": IM, "urgent": urgent}, {"scheduled": scheduled})
    for name, found in {
        "quiet": still, "past_closures": closures, "past_rights": (GROUP, LATE), "past_quiet_hours": (TOOL, WINDOW),
        "mail_round": ROUND,
    }.items():  # fmt: skip
        monkeypatch.setattr(routing, name, lambda *_, found=found: found)
    person.use_of_rights = right
    assert routing.obey(w, p, person, message, IM, off) == goes
    assert person.ledger.substituted == (goes[1] == ROUND)


@pytest.mark.smallworld
@pytest.mark.parametrize(
    ("written", "off", "still", "rules", "switch", "taken"),
    [
        ({"urgent": 1}, True, True, LINE, 0.6, CALL),
        ({"urgent": 1, "group": 1}, True, True, LINE, 0.6, MAIL),
        ({"urgent": 0}, True, True, LINE, 0.6, MAIL),
        ({"urgent": 1}, True, True, LINE | {"emergency_quota": 0.0}, 0.6, MAIL),
        ({"urgent": 1}, True, True, LINE | {"closed_call": 2.0}, 0.6, MAIL),
        ({}, True, False, {}, 0.4, -1),
        ({}, False, True, {}, 0.4, -1),
        ({}, False, False, {}, 0.4, MAIL),
        ({}, False, False, {"tool": 0.6}, 0.4, TOOL),
        ({}, False, False, {"tool": 0.4}, 0.4, MAIL),
        ({}, False, False, {"messenger": 0.6}, 0.4, TOOL),
        ({}, False, False, {"tool": 0.6, "closed_tool": 0.1}, 0.4, MAIL),
        ({"outside": 1}, False, False, {"tool": 0.6}, 0.4, MAIL),
        ({}, True, False, {"tool": 0.6}, 0.6, TOOL),
        ({}, True, False, {"messenger": 0.6}, 0.6, MAIL),
        ({}, True, False, {"tool": 0.6, "messenger": 0.6}, 0.6, MAIL),
        ({}, True, False, {"tool": 0.6, "messenger": 0.4}, 0.6, TOOL),
        ({}, False, True, {"messenger": 0.6}, 0.6, TOOL),
        ({}, True, False, {"closed_im": 0.0}, 0.6, IM),
        ({}, False, True, {"closed_im": 0.0, "off_im": 0.1}, 0.6, MAIL),
        ({}, False, False, {"closed_im": 0.0, "tool": 0.6}, 0.6, TOOL),
        ({"group": 1}, False, False, {"closed_im": 0.0}, 0.6, MAIL),
        ({}, False, False, {"closed_mail": 0.1}, 0.6, CALL),
        ({"group": 1}, False, False, {"closed_mail": 0.1}, 0.6, -1),
        ({}, True, False, {"closed_mail": 0.1}, 0.6, -1),
        ({}, False, True, {"closed_mail": 0.1}, 0.6, -1),
        ({}, False, False, {"closed_mail": 0.1, "closed_call": 0.1}, 0.6, -1),
    ],
)
def test_the_way_round_a_closed_channel(
    written: dict[str, int],
    off: bool,
    still: bool,
    rules: dict[str, float],
    switch: float,
    taken: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who takes a private channel does so before; nobody for a channel that does not exist. The messenger is closed."""
    w, p, person, message = routed(monkeypatch, written, {"closed_im": 0.1} | rules)
    p.evade, p.evade_urgent, p.switch_open = 0.4, 0.4, switch
    assert routing.detour(w, p, person, message, 1.0, off, still) == taken
    p.evade = p.evade_urgent = 0.6
    person.emergency = 2
    assert routing.detour(w, p, person, message, 1.0, off, still) == SHADOW
    assert person.ledger.evasions == 1
    assert routing.detour(w, p, person, message, 2.0, off, still) != SHADOW


@pytest.mark.smallworld
@pytest.mark.parametrize(
    ("place", "share", "counted"), [(OFF, 0.0, 1), (HOME, 0.0, 0), (OFFICE, 0.0, 0), (HOME, 1.0, 1)]
)
def test_norms_go_by_what_is_acted_on_of_the_requests_that_came_in_free_time(
    place: int, share: float, counted: int
) -> None:
    """A question that comes late in the evening, read in free time: a request and a response, or neither."""
    w, p, person = asked({"request_at_work": share})
    person.place, person.clock, person.left_at = place, 20 * HOUR, 18 * HOUR
    message = table(1, MESSAGE)[0]
    message.key, message.sender, message.to, message.kind, message.channel = 21, 3, person.row, QUESTION, IM
    put_in_inbox(w, p, person, message, 20 * HOUR, False)
    person.place = OFF
    reading.handle(w, p, person, int(person.tail) - 1)
    assert (person.requests, person.responses) == (counted, counted)
    assert person.ledger.after_requests == person.ledger.after_acted == 1
