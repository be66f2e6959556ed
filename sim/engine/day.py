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
from sim.columns import HOME, OFF, OFFICE, L, P, S
from sim.compiled import rule
from sim.engine.delivery import deliver, hand_out, held_until
from sim.engine.messages import (
    IDLING,
    RESUMING,
    TASKWORK,
    firm_rows,
    send,
    spend,
)
from sim.engine.moments import browse_on, moment_at_work, moment_off
from sim.engine.presence import come, go, leave_or_stay, take_round
from sim.engine.reading import handle, later_due, take_later
from sim.engine.routing import breach
from sim.engine.state import C_ERROR, C_NOTE, C_WAKE, DAY, INBOX, NEVER, E, Reals, T, World
from sim.engine.tasks import finish, lose_patience, next_point, oldest_ready, overdue, stop_for_question
from sim.engine.timing import (
    caps_are_passed,
    keeps_hours,
    may_work_off,
    must_stop_at,
)
from sim.parameters import Q
from sim.randomness import lognormal, uniform

_MOST_TURNS = 100_000


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
