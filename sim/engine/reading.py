"""Messages from the reader's side: reading, answering, acting (M1, M3, M4)."""

import numpy as np

from sim import draws
from sim.behaviour.answering import answer_chance, skim
from sim.behaviour.scales import chance
from sim.columns import (
    ANSWER,
    ANSWERED,
    ASSIGNMENT,
    BROADCAST,
    CHATTER,
    CLEARED,
    OFF,
    QUESTION,
    READ,
    STATUS_REQUEST,
    L,
    P,
    R,
    S,
)
from sim.compiled import rule
from sim.engine.delivery import asks, odds_of_message
from sim.engine.messages import TASKWORK, note, ready_to_write, record, reply_by, spend, spend_message
from sim.engine.state import INBOX, LATER, NEVER, E, Reals, World
from sim.engine.tasks import answered, assigned
from sim.parameters import Q
from sim.randomness import child, lognormal, uniform


@rule
def reading_seconds(w: World, p: Reals, i: int, what: int, length: int) -> int:
    """Find the time that a person gives to reading a message, and count it if a summary is read in its place.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the reader.
    what : int
        Packed kind, channel and flags.
    length : int
        Thousandths of the usual time that reading it takes: all readers face the same length.

    Returns
    -------
    int
        Seconds, at least 2.
    """
    group = (what >> 9) & 1
    if group == 1:
        r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
        w.ledger[i, L.summarised] += 1 if r[R.summary] > 0.0 else 0
        share = skim(w.real[i, S.burden], p[Q.skim_messages], p[Q.skim_floor])
        median = p[Q.skim_seconds] * share * (1.0 - r[R.summary])
    else:
        median = p[Q.read_seconds]
    return max(2, int(median * (0.001 * length) * p[Q.cost_im + ((what >> 4) & 15)]))


@rule
def wish_to_answer(p: Reals, what: int) -> float:
    """Chance that a message is answered at low load, by its kind.

    Parameters
    ----------
    p : Reals
        Parameters.
    what : int
        Packed kind, channel and flags.

    Returns
    -------
    float
        Chance, 0..1.
    """
    kind = what & 15
    if kind == QUESTION:
        return p[Q.reply_question]
    if kind == STATUS_REQUEST:
        return p[Q.reply_status]
    if kind == ASSIGNMENT:
        return p[Q.reply_assignment]
    if kind == ANSWER:
        return p[Q.follow_up] if (what >> 11) < 6 else 0.0
    if kind == CHATTER:
        return p[Q.reply_chatter]
    return p[Q.reply_broadcast] if kind == BROADCAST and (what >> 10) & 1 == 1 else 0.0


@rule
def write_answer(
    w: World,
    p: Reals,
    i: int,
    sender: int,
    what: int,
    here: int,
    message: np.uint64,
    thread: np.uint64,
    limit: np.uint64,
) -> None:
    """Answer a message now.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person who answers.
    sender : int
        Row of the person who wrote.
    what : int
        Packed kind, channel and flags of what is answered.
    here : int
        Second at which it had been delivered.
    message : np.uint64
        Its identity.
    thread : np.uint64
        Identity of its thread.
    limit : np.uint64
        Bound of the logged sample.
    """
    answer = child(message ^ w.seat_key[i], draws.ANSWER_KEY)
    channel = (what >> 4) & 15
    spend_message(w, p, i, max(3, int(float(ready_to_write(p, answer)) * p[Q.cost_im + channel])))
    w.ledger[i, L.answered] += 1
    w.ledger[i, L.reply_seconds] += w.seat[i, P.clock] - here
    note(w, i, sender, ANSWER, (what >> 8) & 1, 0, (what >> 11) + 1, 0, answer, thread)
    reply_by(w, channel)
    record(w, sender, i, ANSWERED, w.seat[i, P.clock], what, message, thread, limit)


@rule
def put_off(
    w: World, i: int, sender: int, what: int, sent: int, due: int, here: int, message: np.uint64, thread: np.uint64
) -> None:
    """Put an answer off; if the list is full it is forgotten.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    sender : int
        Row of the sender of what is to be answered.
    what : int
        Packed kind, channel and flags of it.
    sent : int
        Second.
    due : int
        Second from which it is time to answer.
    here : int
        Second of delivery.
    message : np.uint64
        Identity of what is to be answered.
    thread : np.uint64
        Identity of its thread.
    """
    n = w.seat[i, P.later]
    if n >= LATER:
        w.ledger[i, L.forgotten] += 1
        return
    w.later[i, n, E.sender] = sender
    w.later[i, n, E.what] = what
    w.later[i, n, E.sent] = sent
    w.later[i, n, E.due] = due
    w.later[i, n, E.here] = here
    w.later_key[i, n, 0] = message
    w.later_key[i, n, 1] = thread
    w.seat[i, P.later] = n + 1
    w.seat[i, P.later_at] = min(w.seat[i, P.later_at], due)


@rule
def handle(w: World, p: Reals, i: int, number: int, limit: np.uint64) -> None:
    """Read a message of the inbox and do what it brings.

    The order: read; let a waiting task go on; answer now, later or never; do or note the work that it assigns; outside
    hours, book the time as hidden overtime, by obligation or by choice.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the reader.
    number : int
        Number of the message in the inbox; must be unread.
    limit : np.uint64
        Bound of the logged sample.
    """
    slot = number % INBOX
    sender, what = int(w.inbox[i, slot, E.sender]), int(w.inbox[i, slot, E.what])
    here, work = int(w.inbox[i, slot, E.here]), int(w.inbox[i, slot, E.work])
    message, thread = w.inbox_key[i, slot, 0], w.inbox_key[i, slot, 1]
    w.inbox[i, slot, E.open] = 0
    mine = message ^ w.seat_key[i]
    free = w.seat[i, P.place] == OFF
    begin = w.seat[i, P.clock]
    if free:
        spend_message(w, p, i, int(60.0 * lognormal(p[Q.reentry_minutes], p[Q.handling_sigma], mine, draws.REENTRY)))
    spend_message(w, p, i, reading_seconds(w, p, i, what, int(w.inbox[i, slot, E.length])))
    w.ledger[i, L.read] += 1
    record(w, sender, i, READ, w.seat[i, P.clock], what, message, thread, limit)
    kind = what & 15
    if kind == ANSWER:
        answered(w, p, i, thread)
    willing = wish_to_answer(p, what)
    if willing > 0.0:
        spared = p[Q.overload_spared] if kind == QUESTION else 0.0
        willing = answer_chance(
            willing, w.real[i, S.burden], p[Q.overload_messages], p[Q.overload_power], spared, w.real[i, S.sharing]
        )
    if uniform(mine, draws.REPLY) < willing:
        if free or uniform(mine, draws.AT_ONCE) < p[Q.answer_now]:
            write_answer(w, p, i, sender, what, here, message, thread, limit)
        else:
            due = w.seat[i, P.clock] + int(
                60.0 * lognormal(p[Q.answer_later_minutes], p[Q.answer_later_sigma], mine, draws.PUT_OFF)
            )
            put_off(w, i, sender, what, int(w.inbox[i, slot, E.sent]), due, here, message, thread)
    if kind == ASSIGNMENT:
        if free and uniform(mine, draws.DO_NOW) < p[Q.assignment_now]:
            w.ledger[i, L.tasks_arrived] += 1
            w.ledger[i, L.arrived_work_seconds] += work
            spend(w, i, max(1, int(float(work) / w.real[i, S.speed])), TASKWORK)
            w.ledger[i, L.tasks_done] += 1
            w.ledger[i, L.output_seconds] += work
            w.ledger[i, L.cycle_seconds] += w.seat[i, P.clock] - here
            w.seat[i, P.met_today] += work
        else:
            assigned(w, p, i, work, message)
    if free:
        spent = w.seat[i, P.clock] - begin
        w.ledger[i, L.hidden_overtime_seconds] += spent
        w.ledger[i, L.after_seconds_im + ((what >> 4) & 15)] += spent
        w.ledger[i, L.after_acted] += 1
        if asks(what):
            w.seat[i, P.responses] += 1
        anyway = chance(w.real[i, S.free_logit] + odds_of_message(w, p, i, sender, what))
        if uniform(mine, draws.ACT) < anyway:
            w.ledger[i, L.chosen_seconds] += spent
            w.seat[i, P.chosen_today] += spent
        else:
            w.ledger[i, L.obligated_seconds] += spent
            w.seat[i, P.obligated_today] += spent


@rule
def later_due(w: World, i: int) -> int:
    """Find something put off whose time has come.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.

    Returns
    -------
    int
        Its place in the list, or -1 if there is none.
    """
    if w.seat[i, P.later_at] > w.seat[i, P.clock]:
        return -1
    for n in range(w.seat[i, P.later]):
        if int(w.later[i, n, E.due]) <= w.seat[i, P.clock]:
            return n
    return -1


@rule
def take_later(w: World, p: Reals, i: int, n: int, limit: np.uint64) -> None:
    """Write an answer that was put off.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    n : int
        Its place in the list.
    limit : np.uint64
        Bound of the logged sample.
    """
    sender, what, here = int(w.later[i, n, E.sender]), int(w.later[i, n, E.what]), int(w.later[i, n, E.here])
    message, thread = w.later_key[i, n, 0], w.later_key[i, n, 1]
    last = w.seat[i, P.later] - 1
    for k in range(n, last):
        for column in range(w.later.shape[2]):
            w.later[i, k, column] = w.later[i, k + 1, column]
        w.later_key[i, k, 0] = w.later_key[i, k + 1, 0]
        w.later_key[i, k, 1] = w.later_key[i, k + 1, 1]
    w.seat[i, P.later] = last
    w.seat[i, P.later_at] = NEVER
    for k in range(last):
        w.seat[i, P.later_at] = min(w.seat[i, P.later_at], int(w.later[i, k, E.due]))
    write_answer(w, p, i, sender, what, here, message, thread, limit)


@rule
def clear_desk(w: World, i: int, now: int, limit: np.uint64) -> None:
    """Throw away the unread messages of somebody who leaves; the tasks stay with the seat.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    now : int
        Second.
    limit : np.uint64
        Bound of the logged sample.
    """
    for number in range(w.seat[i, P.head], w.seat[i, P.tail]):
        slot = number % INBOX
        if w.inbox[i, slot, E.open] == 1:
            w.inbox[i, slot, E.open] = 0
            w.ledger[i, L.cleared] += 1
            record(
                w,
                int(w.inbox[i, slot, E.sender]),
                i,
                CLEARED,
                now,
                int(w.inbox[i, slot, E.what]),
                w.inbox_key[i, slot, 0],
                w.inbox_key[i, slot, 1],
                limit,
            )
    w.ledger[i, L.forgotten] += w.seat[i, P.later]
    w.seat[i, P.head] = w.seat[i, P.tail]
    w.seat[i, P.seen] = w.seat[i, P.tail]
    w.seat[i, P.later] = 0
    w.seat[i, P.later_at] = NEVER
