"""Moments of self-interruption: checking messages, reading on, and writing something of one's own."""

import numpy as np

from sim import draws
from sim.behaviour.hours import within
from sim.columns import ASSIGNMENT, BROADCAST, CHATTER, OFF, STATUS_REQUEST, L, P, R, S
from sim.compiled import rule
from sim.engine.chats import BRANCHES
from sim.engine.delivery import acts
from sim.engine.messages import (
    note,
    open_projects,
    ready_to_write,
    spend_message,
)
from sim.engine.state import C_NOTE, DAY, INBOX, NEVER, E, G, Reals, World
from sim.engine.timing import (
    may_work_off,
    outside,
)
from sim.parameters import Q
from sim.randomness import child, lognormal, uniform

BLOCK = 600  # seconds between moments of self-interruption at work; outside hours each third one counts


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
    if leads and u < p[Q.assignment_share] + p[Q.status_share]:
        size = w.seat[i, P.led_size]
        team = w.seat[i, P.team]
        first = BRANCHES * team + 1
        below = max(0, min(BRANCHES, w.place[f, G.teams] - first))
        n = int(uniform(day, draws.TO_WHOM + number) * (size + below))
        to = w.seat[i, P.led_first] + n if n < size else w.team_row[w.place[f, G.team_first] + first + n - size]
        if u < p[Q.assignment_share]:
            note(w, i, to, ASSIGNMENT, urgent, 0, 0, work_of(p, message), message, message)
        else:
            note(w, i, to, STATUS_REQUEST, urgent, 0, 0, 0, message, message)
    else:
        v = uniform(day, draws.TO_CHAT + number)
        first = w.own_from[i]
        last = first + open_projects(w, i)
        chat = w.seat[i, P.led_chat] if leads else w.seat[i, P.own_team_chat]
        beyond = v - (1.0 - p[Q.project_share])
        if chat < 0 or (beyond > 0.0 and last > first):
            if last == first:
                return
            n = int(beyond / p[Q.project_share] * (last - first)) if beyond > 0.0 else 0
            chat = w.own_chat[min(first + n, last - 1)]
        kind, work = BROADCAST if leads or u < p[Q.broadcast_share] else CHATTER, 0
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
