"""A working day of a firm, minute by minute: what people do, in which order.

The order of a minute, for every minute in which somebody is due:

1. everybody who is due takes turns until the minute is over: book the time since the last turn; handle the message
   that reached them; take what was put off; read on in the inbox; come, pause, leave, work at home; take up a moment of
   self-interruption; choose a task and work on it;
2. what was written is delivered, in the order of the writers, and may alert its recipients from the next minute on;
   then what was held until now.

Minutes in which nobody is due are skipped: a quiet night costs nothing.
"""

import math

import numpy as np

from sim import draws
from sim.columns import ASSIGNMENT, BROADCAST, CHATTER, HOME, OFF, OFFICE, STATUS_REQUEST, L, P, R, S
from sim.compiled import rule
from sim.engine.behaviour import home_minutes, stay_minutes, within
from sim.engine.delivery import acts, deliver, hand_out, held_until
from sim.engine.messages import (
    IDLING,
    RESUMING,
    TASKWORK,
    firm_rows,
    note,
    open_projects,
    ready_to_write,
    send,
    spend,
    spend_message,
)
from sim.engine.reading import handle, later_due, take_later
from sim.engine.routing import breach
from sim.engine.state import C_ERROR, C_NOTE, C_WAKE, DAY, INBOX, NEVER, E, G, Reals, T, World
from sim.engine.tasks import backlog, finish, lose_patience, next_point, oldest_ready, overdue, stop_for_question
from sim.engine.timing import (
    caps_are_passed,
    keeps_hours,
    left_under_caps,
    may_work_off,
    must_stop_at,
    outside,
    rest_needed,
)
from sim.parameters import Q
from sim.randomness import child, lognormal, uniform

BLOCK = 600  # seconds between moments of self-interruption at work; outside hours each third one counts
_MOST_TURNS = 100_000


@rule
def next_moment(w: World, i: int, second: int) -> None:
    """Set the person's next moment of self-interruption: a fixed point of the person's own day.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    second : int
        The moment lies after this second.
    """
    midnight = second // DAY * DAY
    block = (second - midnight) // BLOCK + 1
    width = BLOCK
    if w.seat[i, P.place] == OFF:
        block = max((block + 2) // 3 * 3, 45)
        width = 3 * BLOCK
    at = midnight + block * BLOCK + int(width * uniform(w.day_key[i], draws.MOMENT + block))
    w.seat[i, P.block] = block
    w.seat[i, P.check] = at if at < w.seat[i, P.bed] else NEVER


@rule
def go(w: World, i: int, place: int) -> None:
    """Change place.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    place : int
        OFF, OFFICE or HOME.
    """
    if w.seat[i, P.place] == OFFICE:
        w.seat[i, P.left_at] = w.seat[i, P.clock]
    w.seat[i, P.place] = place
    w.seat[i, P.focus] = 0
    w.seat[i, P.browse] = 0
    w.seat[i, P.seen] = max(w.seat[i, P.seen], w.seat[i, P.head])
    next_moment(w, i, w.seat[i, P.clock])


@rule
def work_of(p: Reals, message: np.uint64) -> int:
    """Draw the work that an assignment brings.

    Parameters
    ----------
    p : Reals
        Parameters.
    message : np.uint64
        Identity of the assignment.

    Returns
    -------
    int
        Seconds, at least 60.
    """
    return max(60, int(60.0 * lognormal(p[Q.assignment_minutes], p[Q.assignment_sigma], message, draws.WORK)))


@rule
def write_on_own_account(w: World, p: Reals, i: int, number: int) -> None:
    """Start a message that no other message and no task has caused: managing people, or talk (M1, M4).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    number : int
        Number of the block of the day.
    """
    day = w.day_key[i]
    message = child(day, draws.MESSAGE_KEY + number)
    u = uniform(day, draws.WHAT + number)
    urgent = 1 if uniform(message, draws.URGENT) < p[Q.urgent_share] else 0
    f = w.seat[i, P.firm]
    leads = w.seat[i, P.manages] == 1
    begin = w.seat[i, P.clock]
    spend_message(w, p, i, ready_to_write(p, message))
    if leads and u < 0.6:
        size = w.seat[i, P.led_size]
        team = w.seat[i, P.team]
        below = max(0, min(5, w.place[f, G.teams] - 1 - 5 * team))
        n = int(uniform(day, draws.TO_WHOM + number) * (size + below))
        to = w.seat[i, P.led_first] + n if n < size else w.team_row[w.place[f, G.team_first] + 5 * team + 1 + n - size]
        if u < 0.3:
            note(w, i, to, ASSIGNMENT, urgent, 0, 0, work_of(p, message), message, message)
        else:
            note(w, i, to, STATUS_REQUEST, urgent, 0, 0, 0, message, message)
    else:
        v = uniform(day, draws.TO_CHAT + number)
        first = w.own_from[i]
        last = first + open_projects(w, i)
        chat = w.seat[i, P.led_chat] if leads else w.seat[i, P.own_team_chat]
        if chat < 0 or (v > 0.5 and last > first):
            if last == first:
                return
            chat = w.own_chat[first + int((2.0 * v - 1.0) * (last - first))] if v > 0.5 else w.own_chat[first]
        kind, work = BROADCAST if leads or u < 0.4 else CHATTER, 0
        if leads and uniform(message, draws.ORDERS) < p[Q.group_orders]:
            kind, work = ASSIGNMENT, work_of(p, message)
        note(w, i, -1 - chat, kind, urgent if leads else 0, 1, 0, work, message, message)
        if kind == BROADCAST and uniform(message, draws.CONFIRMS) < p[Q.confirm_share]:
            w.note[w.counts[C_NOTE] - 1, E.what] += 1024
    if w.seat[i, P.place] == OFF:
        spent = w.seat[i, P.clock] - begin
        w.ledger[i, L.hidden_overtime_seconds] += spent
        w.ledger[i, L.chosen_seconds] += spent
        w.seat[i, P.chosen_today] += spent


@rule
def browse_on(w: World, p: Reals, i: int, limit: np.uint64) -> None:
    """Read the next message of a check: at work the oldest; outside hours the next that is acted on.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    limit : np.uint64
        Bound of the logged sample.
    """
    if w.seat[i, P.place] == OFF:
        number = max(w.seat[i, P.seen], w.seat[i, P.head])
        tail = w.seat[i, P.tail]
        while number < tail:
            slot = number % INBOX
            if w.inbox[i, slot, E.open] == 1 and acts(
                w, p, i, int(w.inbox[i, slot, E.sender]), int(w.inbox[i, slot, E.what]), w.inbox_key[i, slot, 0]
            ):
                break
            number += 1
        w.seat[i, P.seen] = min(number + 1, tail)
        if number < tail:
            w.seat[i, P.alert] = number
            w.seat[i, P.alert_at] = w.seat[i, P.clock]
            w.seat[i, P.browse] -= 1
        else:
            w.seat[i, P.browse] = 0
        return
    while w.seat[i, P.head] < w.seat[i, P.tail] and w.inbox[i, w.seat[i, P.head] % INBOX, E.open] != 1:
        w.seat[i, P.head] += 1
    if w.seat[i, P.head] == w.seat[i, P.tail]:
        w.seat[i, P.browse] = 0
        return
    w.seat[i, P.alert] = w.seat[i, P.head]
    w.seat[i, P.alert_at] = w.seat[i, P.clock]
    w.seat[i, P.browse] -= 1


@rule
def plan_evening(w: World, p: Reals, i: int, earliest: int) -> None:
    """Decide whether and how long to work at home on what is left, as far as caps and rests on total time allow (M9).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    earliest : int
        Second before which the session does not start.
    """
    w.seat[i, P.session] = NEVER
    if w.real[i, S.refuses] == 1.0:
        return
    apart = w.real[i, S.segmentation]
    if uniform(w.day_key[i], draws.SESSION_TAKEN) >= p[Q.home_chance] * (1.0 - 0.5 * apart):
        return
    minutes = home_minutes(backlog(w, i) / 60.0, p[Q.home_share], apart, p[Q.home_max])
    start = earliest + int(5_400.0 * uniform(w.day_key[i], draws.SESSION))
    end = min(start + int(60.0 * minutes), w.seat[i, P.bed], must_stop_at(w, i, start))
    if end - start >= 900:
        w.seat[i, P.session] = start
        w.seat[i, P.session_end] = end


@rule
def leave_or_stay(w: World, p: Reals, i: int) -> None:
    """At the planned time, decide how long to stay; when that is over, go home (M9).

    Caps that are obeyed send people home earlier, but not before the end of contract hours; what is left may be done at
    home, unrecorded.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    """
    now = w.seat[i, P.clock]
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    if w.seat[i, P.stayed] == 0:
        w.seat[i, P.stayed] = 1
        felt = w.real[i, S.felt]
        minutes = stay_minutes(backlog(w, i) / 60.0, p[Q.stay_share], p[Q.stay_culture], felt, p[Q.stay_max])
        if r[R.daily_cap] + r[R.weekly_cap] > 0.0 and keeps_hours(w, i):
            minutes = min(minutes, left_under_caps(w, i, now) / 60.0)
        if minutes >= 5.0:
            w.seat[i, P.leave] = now + int(60.0 * minutes)
            return
    w.seat[i, P.leave] = NEVER
    w.seat[i, P.lunch] = NEVER
    go(w, i, OFF)
    plan_evening(w, p, i, max(now + 5_400, now // DAY * DAY + 72_000))


@rule
def note_short_rest(w: World, i: int, rest: int) -> None:
    """Book a breach if somebody who does not keep to the rests comes to work without having rested.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person, who has just come.
    rest : int
        Longest stretch without any work since the last working day, in seconds.
    """
    now = w.seat[i, P.clock]
    if w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role], R.rest_total] == 0.0:
        rest = now - w.seat[i, P.left_at]
    if rest < rest_needed(w, i, now // DAY) and not keeps_hours(w, i):
        breach(w, i)


@rule
def next_round(w: World, i: int, after: int) -> int:
    """Find the next round at which kept-back alerts are given: rounds share contract hours evenly.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person; today's contract hours are set.
    after : int
        The round lies after this second.

    Returns
    -------
    int
        Second, or ``NEVER`` if there is none today.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    rounds, start = int(r[R.batch_rounds]), w.seat[i, P.contract_start]
    if rounds <= 0 or r[R.batching] <= 0.0:
        return NEVER
    gap = (w.seat[i, P.contract_end] - start) // (rounds + 1)
    number = max(0, (after - start) // gap) + 1
    return start + number * gap if number <= rounds else NEVER


@rule
def focusing(w: World, i: int) -> bool:
    """Tell whether a person is in protected hours now.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.

    Returns
    -------
    bool
        False where no hours are protected.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    return within(w.seat[i, P.clock] % DAY / 60.0, r[R.focus_from], r[R.focus_to])


@rule
def take_round(w: World, p: Reals, i: int) -> None:
    """At a round, go through the messages whose alerts were kept back.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    start = w.seat[i, P.contract_start]
    number = (w.seat[i, P.round] - start) * (int(r[R.batch_rounds]) + 1) // (w.seat[i, P.contract_end] - start)
    w.seat[i, P.round] = next_round(w, i, w.seat[i, P.clock])
    if uniform(w.day_key[i], draws.ROUND + number) < r[R.batching] and not focusing(w, i):
        w.seat[i, P.browse] = 3 * int(p[Q.patience])
        w.ledger[i, L.checks] += 1


@rule
def come(w: World, p: Reals, i: int) -> None:
    """Come to the office, in the morning or after the midday break, and go through the messages first.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    """
    now = w.seat[i, P.clock]
    if w.seat[i, P.arrived] == 0:
        w.seat[i, P.arrived] = 1
        rest = max(w.seat[i, P.best_rest], now - w.seat[i, P.rest_from])
        note_short_rest(w, i, rest)
        w.seat[i, P.best_rest] = 0
        w.ledger[i, L.rests] += 1
        w.ledger[i, L.rest_seconds] += min(rest, 16 * 3_600)
        w.ledger[i, L.short_rests] += 1 if rest < 11 * 3_600 else 0
        w.ledger[i, L.workdays] += 1
    w.seat[i, P.start] = NEVER
    go(w, i, OFFICE)
    w.seat[i, P.browse] = 3 * int(p[Q.patience])


@rule
def moment_at_work(w: World, p: Reals, i: int) -> None:
    """At a moment of self-interruption: perhaps check messages, perhaps write something (M1, M2).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    """
    block = w.seat[i, P.block]
    day = w.day_key[i]
    next_moment(w, i, max(w.seat[i, P.check], w.seat[i, P.clock]))
    if uniform(day, draws.TAKE + block) < w.real[i, S.check_work] and not focusing(w, i):
        w.seat[i, P.browse] = int(p[Q.patience])
        w.ledger[i, L.checks] += 1
    daily = p[Q.manager_messages] if w.seat[i, P.manages] == 1 else p[Q.staff_messages]
    if uniform(day, draws.SEND + block) < daily * w.real[i, S.volume] / 50.0:
        write_on_own_account(w, p, i, block)


@rule
def moment_off(w: World, p: Reals, i: int) -> None:
    """At a moment outside hours: perhaps look at messages, perhaps write something (M4).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    """
    block = w.seat[i, P.block]
    at = w.seat[i, P.check]
    day = w.day_key[i]
    next_moment(w, i, max(at, w.seat[i, P.clock]))
    if not outside(w, i, at) or not may_work_off(w, i, at):
        return
    if uniform(day, draws.TAKE + block) < w.real[i, S.check_off]:
        w.seat[i, P.browse] = int(p[Q.patience])
        w.ledger[i, L.checks] += 1
        if at > w.seat[i, P.bed] - 3_600:
            w.seat[i, P.late_check] = 1
    hour = at % DAY / 3_600.0
    bump = p[Q.evening_bump] if 20.5 <= hour < 22.5 else 1.0
    free_day = w.seat[i, P.contract_start] == w.seat[i, P.contract_end]
    part = p[Q.weekend_factor] if free_day else 1.0
    if uniform(day, draws.SEND + block) < w.real[i, S.initiative] * bump * part:
        write_on_own_account(w, p, i, block)


@rule
def work_on(w: World, p: Reals, i: int) -> None:
    """Choose a task if none is in hand and plan until when to stay with it.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    """
    stop = (
        min(w.seat[i, P.check], w.seat[i, P.leave])
        if w.seat[i, P.place] == OFFICE
        else min(w.seat[i, P.check], w.seat[i, P.session_end])
    )
    if w.seat[i, P.place] == OFFICE:
        stop = min(stop, w.seat[i, P.lunch], w.seat[i, P.round])
    k = w.seat[i, P.task]
    if k < 0:
        late = overdue(w, i)
        if late >= 0:
            lose_patience(w, p, i, late)
            return
        k = oldest_ready(w, i, -1)
        w.seat[i, P.task] = k
        w.seat[i, P.hurry] = 0
    if k < 0:
        if w.seat[i, P.place] == HOME:
            w.seat[i, P.session_end] = w.seat[i, P.clock]
        else:
            w.wake[i] = stop
        return
    speed = w.real[i, S.speed] * (1.0 + p[Q.hurry_gain] * w.seat[i, P.hurry])
    left = next_point(w, i, k) - int(w.task[i, k, T.done])
    w.seat[i, P.focus] = 1
    if w.seat[i, P.engaged] != k:
        w.ledger[i, L.switches] += 1
        w.seat[i, P.engaged] = k
    w.wake[i] = min(stop, w.seat[i, P.clock] + max(1, math.ceil(left / speed)))


@rule
def book(w: World, p: Reals, i: int, now: int) -> None:
    """Book the time since the last turn, and the progress of the task in hand.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    now : int
        Second.
    """
    span = now - w.seat[i, P.clock]
    if span <= 0:
        return
    if w.seat[i, P.place] == OFF:
        w.ledger[i, L.off_seconds] += span
        w.seat[i, P.clock] = now
    elif w.seat[i, P.focus] == 1:
        k = w.seat[i, P.task]
        speed = w.real[i, S.speed] * (1.0 + p[Q.hurry_gain] * w.seat[i, P.hurry])
        done = int(w.task[i, k, T.done]) + max(1, int(span * speed))
        w.task[i, k, T.done] = min(done, next_point(w, i, k))
        spend(w, i, span, TASKWORK)
    else:
        spend(w, i, span, IDLING)


@rule
def reached_point(w: World, p: Reals, i: int) -> bool:
    """Stop at a question or at the end of the task in hand, if it has come so far.

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
    bool
        True if the task left the hand.
    """
    k = w.seat[i, P.task]
    if k < 0 or w.seat[i, P.focus] == 0 or int(w.task[i, k, T.done]) < next_point(w, i, k):
        return False
    w.seat[i, P.focus] = 0
    w.seat[i, P.task] = -1
    w.seat[i, P.engaged] = -1
    if int(w.task[i, k, T.asked]) < int(w.task[i, k, T.questions]):
        stop_for_question(w, p, i, k)
    else:
        finish(w, p, i, k)
    return True


@rule
def interrupted(w: World, p: Reals, i: int, key: np.uint64) -> None:
    """Come back to a task after an interruption: a lag, some haste, sometimes another task (M2).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    key : np.uint64
        Identity of the interrupting message, mixed with the person's.
    """
    w.ledger[i, L.interruptions] += 1
    w.seat[i, P.interrupted_today] += 1
    w.seat[i, P.focus] = 0
    w.seat[i, P.hurry] = 1
    lag = int(lognormal(p[Q.resume_seconds], p[Q.resume_sigma], key, draws.RESUME))
    if lag > 0:
        spend(w, i, min(lag, 1_200), RESUMING)
    if w.seat[i, P.task] >= 0 and uniform(key, draws.DISPLACE) < p[Q.displace]:
        w.seat[i, P.task] = oldest_ready(w, i, w.seat[i, P.task])


@rule
def next_off(w: World, i: int) -> int:
    """Find when somebody who is free is due next.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.

    Returns
    -------
    int
        Second, or NEVER.
    """
    due = min(w.seat[i, P.check], w.seat[i, P.start], w.seat[i, P.session])
    if w.seat[i, P.alert] >= 0:
        due = min(due, w.seat[i, P.alert_at])
    return max(due, w.seat[i, P.clock])


@rule
def choose_off(w: World, p: Reals, i: int, limit: np.uint64) -> None:
    """Decide what somebody who is free does next.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    limit : np.uint64
        Bound of the logged sample.
    """
    now = w.seat[i, P.clock]
    if w.seat[i, P.start] <= now:
        come(w, p, i)
    elif w.seat[i, P.session] <= now:
        w.seat[i, P.session] = NEVER
        w.seat[i, P.session_end] = min(w.seat[i, P.session_end], must_stop_at(w, i, now))
        go(w, i, HOME)
    elif w.seat[i, P.browse] > 0:
        browse_on(w, p, i, limit)
    elif w.seat[i, P.check] <= now:
        moment_off(w, p, i)
    w.wake[i] = next_off(w, i) if w.seat[i, P.browse] == 0 and w.seat[i, P.place] == OFF else w.seat[i, P.clock]


@rule
def choose(w: World, p: Reals, i: int, limit: np.uint64) -> None:
    """Decide what to do next, after everything due has been booked.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    limit : np.uint64
        Bound of the logged sample.
    """
    if w.seat[i, P.place] == OFF:
        choose_off(w, p, i, limit)
        return
    now = w.seat[i, P.clock]
    w.wake[i] = now
    if w.seat[i, P.place] == OFFICE and w.seat[i, P.lunch] <= now:
        w.seat[i, P.lunch] = NEVER
        w.seat[i, P.start] = now + 3_600
        go(w, i, OFF)
        w.seat[i, P.check] = NEVER
        w.wake[i] = now + 3_600
    elif w.seat[i, P.place] == OFFICE and w.seat[i, P.leave] <= now:
        leave_or_stay(w, p, i)
    elif w.seat[i, P.place] == HOME and w.seat[i, P.session_end] <= now:
        go(w, i, OFF)
    elif w.seat[i, P.browse] > 0:
        browse_on(w, p, i, limit)
    elif w.seat[i, P.place] == OFFICE and w.seat[i, P.round] <= now:
        take_round(w, p, i)
    elif w.seat[i, P.check] <= now:
        moment_at_work(w, p, i)
    else:
        work_on(w, p, i)
    if w.seat[i, P.place] == OFF:
        w.wake[i] = next_off(w, i)


@rule
def turn_to_messages(w: World, i: int) -> None:
    """Book a change of task: each message is a matter of its own.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    """
    w.ledger[i, L.switches] += 1 if w.seat[i, P.place] != OFF else 0
    w.seat[i, P.engaged] = -1


@rule
def take_message(w: World, p: Reals, i: int, limit: np.uint64) -> None:
    """Deal with the message that reached the person, and come back to what was in hand; in a rest it stays unread.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    limit : np.uint64
        Bound of the logged sample.
    """
    number = w.seat[i, P.alert]
    slot = number % INBOX
    w.seat[i, P.alert] = -1
    free = w.seat[i, P.place] != OFF or may_work_off(w, i, w.seat[i, P.clock])
    if free and number >= w.seat[i, P.head] and w.inbox[i, slot, E.open] == 1:
        was_focused = w.seat[i, P.focus] == 1
        key = w.inbox_key[i, slot, 0] ^ w.seat_key[i]
        before = w.seat[i, P.clock]
        turn_to_messages(w, i)
        handle(w, p, i, number, limit)
        if w.seat[i, P.place] == HOME:
            spent = w.seat[i, P.clock] - before
            w.ledger[i, L.hidden_overtime_seconds] += spent
            w.ledger[i, L.after_seconds_im + ((int(w.inbox[i, slot, E.what]) >> 4) & 15)] += spent
        if was_focused:
            interrupted(w, p, i, key)
    w.wake[i] = w.seat[i, P.clock]
    if w.seat[i, P.place] == OFF and w.seat[i, P.browse] == 0:
        w.wake[i] = next_off(w, i)


@rule
def turn(w: World, p: Reals, i: int, limit: np.uint64) -> None:
    """Take one turn: book time; take what was put off, or choose what to do; then take the message that is up.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    limit : np.uint64
        Bound of the logged sample.
    """
    book(w, p, i, w.wake[i])
    stopped = reached_point(w, p, i)
    if w.seat[i, P.alert] < 0 or w.seat[i, P.alert_at] > w.seat[i, P.clock]:
        n = later_due(w, i) if w.seat[i, P.place] != OFF and (w.seat[i, P.browse] > 0 or stopped) else -1
        if n >= 0:
            take_later(w, p, i, n, limit)
            turn_to_messages(w, i)
            w.seat[i, P.focus] = 0
            w.wake[i] = w.seat[i, P.clock]
            return
        if stopped:
            w.wake[i] = w.seat[i, P.clock]
            return
        w.seat[i, P.focus] = 0
        choose(w, p, i, limit)
    if w.seat[i, P.alert] >= 0 and w.seat[i, P.alert_at] <= w.seat[i, P.clock]:
        take_message(w, p, i, limit)


@rule
def minutes_of_day(w: World, p: Reals, f: int, day: int, limit: np.uint64) -> None:
    """Run a firm from midnight to midnight.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    f : int
        Row of the firm.
    day : int
        Day of the run.
    limit : np.uint64
        Bound of the logged sample.
    """
    first, last = firm_rows(w, f)
    end = (day + 1) * DAY
    now = day * DAY
    earliest = held_until(w, f)
    for i in range(first, last):
        earliest = min(earliest, w.wake[i])
    while earliest < end:
        until = max(now, earliest // 60 * 60) + 60
        earliest = NEVER
        for i in range(first, last):
            turns = 0
            while w.wake[i] < until:
                turn(w, p, i, limit)
                for n in range(w.counts[C_NOTE]):
                    send(w, p, n, limit)
                w.counts[C_NOTE] = 0
                turns += 1
                if turns > _MOST_TURNS:
                    w.counts[C_ERROR] = 3
                    return
            earliest = min(earliest, w.wake[i])
        w.counts[C_WAKE] = NEVER
        waiting = deliver(w, p, until, limit)
        hand_out(w, p, f, until, limit)
        earliest = min(earliest, waiting, w.counts[C_WAKE], held_until(w, f))
        now = until
    deliver(w, p, NEVER, limit)


@rule
def send_home(w: World, p: Reals, i: int, midnight: int) -> None:
    """At midnight everybody is free; time is booked to the last second of the day, and caps that were passed.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    midnight : int
        Second at which the day ends.
    """
    if w.seat[i, P.place] != OFF:
        go(w, i, OFF)
    book(w, p, i, midnight)
    if caps_are_passed(w, i, midnight // DAY - 1) and not keeps_hours(w, i):
        breach(w, i)
    w.seat[i, P.alert] = -1
    w.seat[i, P.browse] = 0
