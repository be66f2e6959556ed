"""Messages from the recipient's side until they are read: arrival, alert, attention (M2) and after hours (M4)."""

import numpy as np

from sim import draws
from sim.behaviour.answering import alert_interrupts, group_intrusiveness, message_log_odds
from sim.behaviour.hours import alerts_are_quiet
from sim.behaviour.scales import chance
from sim.columns import ASSIGNMENT, BURIED, DELIVERED, GROUP, OFF, QUESTION, STATUS_REQUEST, TOOL, L, P, R, S
from sim.compiled import rule
from sim.engine.messages import follows, record
from sim.engine.state import C_OUTBOX, C_WAKE, DAY, HELD, INBOX, NEVER, C, E, G, Reals, World
from sim.engine.timing import may_work_off, outside
from sim.parameters import Q
from sim.randomness import lognormal, uniform


@rule
def asks(what: int) -> bool:
    """Tell whether a message asks for something.

    Parameters
    ----------
    what : int
        Packed kind, channel and flags.

    Returns
    -------
    bool
        True for questions, assignments, status requests and broadcasts to be confirmed.
    """
    kind = what & 15
    return kind in (QUESTION, ASSIGNMENT, STATUS_REQUEST) or (what >> 10) & 1 == 1


@rule
def odds_of_message(w: World, p: Reals, i: int, sender: int, what: int) -> float:
    """Log-odds that a message adds to acting on it outside hours.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the recipient.
    sender : int
        Row of the sender.
    what : int
        Packed kind, channel and flags.

    Returns
    -------
    float
        Log-odds.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    receipt = 1.0 - r[R.receipts_off] if (what >> 4) & 15 < 2 else 0.0
    boss = 1.0 if sender == w.seat[i, P.manager] else 0.0
    return message_log_odds(
        p[Q.act_manager],
        boss,
        p[Q.act_urgent],
        float((what >> 8) & 1),
        p[Q.act_receipt],
        receipt,
        p[Q.act_group],
        float((what >> 9) & 1),
    )


@rule
def acts(w: World, p: Reals, i: int, sender: int, what: int, message: np.uint64) -> bool:
    """Decide whether a message that is seen outside hours is acted on (M4).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the recipient.
    sender : int
        Row of the sender.
    what : int
        Packed kind, channel and flags.
    message : np.uint64
        Its identity.

    Returns
    -------
    bool
        The same answer however often it is asked on one day.
    """
    u = uniform(message ^ w.seat_key[i], draws.ACT)
    return u < chance(w.real[i, S.act_logit] + odds_of_message(w, p, i, sender, what))


@rule
def reachable(w: World, i: int, now: int) -> bool:
    """Tell whether an alert can be seen by somebody who is free: outside hours, after seven, before bed.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    now : int
        Second.

    Returns
    -------
    bool
        False also during the midday break, while a message is being handled, and in a rest that is kept.
    """
    awake = now < w.seat[i, P.bed] and now % 86_400 >= 25_200
    return awake and outside(w, i, now) and w.seat[i, P.clock] <= now and may_work_off(w, i, now)


@rule
def alert(w: World, p: Reals, i: int, number: int, sender: int, what: int, message: np.uint64, now: int) -> None:
    """Let a new message reach for its recipient: an interruption at work, or a glance outside hours.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the recipient.
    number : int
        Number of the message in the inbox.
    sender : int
        Row of the sender.
    what : int
        Packed kind, channel and flags.
    message : np.uint64
        Its identity.
    now : int
        Second.
    """
    if w.seat[i, P.alert] >= 0:
        return
    channel = (what >> 4) & 15
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    loudness = p[Q.intrusive_im + channel]
    if channel == TOOL:
        loudness += r[R.messenger] * (p[Q.intrusive_im] - loudness)
    if (what >> 9) & 1 == 1:
        if channel != GROUP:
            loudness = group_intrusiveness(loudness, p[Q.intrusive_im], p[Q.intrusive_group])
        loudness *= 1.0 - w.real[i, S.muted]
    mine = message ^ w.seat_key[i]
    if w.seat[i, P.place] != OFF:
        minute = now % 86_400 / 60.0
        quiet = alerts_are_quiet(minute, r[R.focus_from], r[R.focus_to], r[R.core_from], r[R.core_to])
        if w.seat[i, P.clock] <= now and not quiet:
            heard = 1.0 - r[R.batching]
            if uniform(mine, draws.NOTICE) < alert_interrupts(p[Q.react], loudness, heard):
                w.seat[i, P.alert] = number
                w.seat[i, P.alert_at] = now
                w.wake[i] = now
                w.counts[C_WAKE] = now
    elif reachable(w, i, now) and uniform(mine, draws.NOTICE) < p[Q.see_off] * loudness:
        at = now + int(60.0 * lognormal(p[Q.reaction_minutes], p[Q.reaction_sigma], mine, draws.REACT))
        if at < w.seat[i, P.bed] and acts(w, p, i, sender, what, message):
            w.seat[i, P.alert] = number
            w.seat[i, P.alert_at] = at
            w.wake[i] = min(w.wake[i], at)
            w.counts[C_WAKE] = min(w.counts[C_WAKE], at)


@rule
def put_in_inbox(
    w: World,
    p: Reals,
    i: int,
    sender: int,
    what: int,
    sent: int,
    work: int,
    length: int,
    message: np.uint64,
    thread: np.uint64,
    now: int,
    loud: int,
    limit: np.uint64,
) -> None:
    """Lay a message on top of the inbox; if that is full, the oldest is buried (M3).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the recipient.
    sender : int
        Row of the sender.
    what : int
        Packed kind, channel and flags.
    sent : int
        Second.
    work : int
        Seconds of work that it brings.
    length : int
        Thousandths of the usual time that reading it takes.
    message : np.uint64
        Its identity.
    thread : np.uint64
        Identity of its thread.
    now : int
        Second of delivery.
    loud : int
        1 if its arrival may raise an alert.
    limit : np.uint64
        Bound of the logged sample.
    """
    tail = w.seat[i, P.tail]
    slot = tail % INBOX
    if tail - w.seat[i, P.head] == INBOX:
        if w.inbox[i, slot, E.open] == 1:
            w.ledger[i, L.buried] += 1
            record(
                w,
                int(w.inbox[i, slot, E.sender]),
                i,
                BURIED,
                now,
                int(w.inbox[i, slot, E.what]),
                w.inbox_key[i, slot, 0],
                w.inbox_key[i, slot, 1],
                limit,
            )
        w.seat[i, P.head] += 1
    w.inbox[i, slot, E.sender] = sender
    w.inbox[i, slot, E.what] = what
    w.inbox[i, slot, E.sent] = sent
    w.inbox[i, slot, E.due] = now
    w.inbox[i, slot, E.work] = work
    w.inbox[i, slot, E.length] = length
    w.inbox[i, slot, E.here] = now
    w.inbox[i, slot, E.open] = 1
    w.inbox_key[i, slot, 0] = message
    w.inbox_key[i, slot, 1] = thread
    w.seat[i, P.tail] = tail + 1
    w.seat[i, P.load] += 1
    w.ledger[i, L.received] += 1
    w.copies[i, (what >> 4) & 15, C.delivered] += 1
    record(w, sender, i, DELIVERED, now, what, message, thread, limit)
    if outside(w, i, now):
        w.ledger[i, L.after_received] += 1
        if asks(what):
            w.ledger[i, L.after_requests] += 1
            w.seat[i, P.requests] += 1
    if loud == 1:
        alert(w, p, i, tail, sender, what, message, now)


@rule
def bring(
    w: World,
    p: Reals,
    sender: int,
    to: int,
    what: int,
    sent: int,
    work: int,
    length: int,
    message: np.uint64,
    thread: np.uint64,
    now: int,
    loud: int,
    limit: np.uint64,
) -> None:
    """Bring a message to everybody it is for, but not to who took a seat after it was sent.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    sender : int
        Row of the sender.
    to : int
        Row of the recipient, or -1 - number of the chat.
    what : int
        Packed kind, channel and flags.
    sent : int
        Second.
    work : int
        Seconds of work that it brings.
    length : int
        Thousandths of the usual time that reading it takes.
    message : np.uint64
        Its identity.
    thread : np.uint64
        Identity of its thread.
    now : int
        Second of delivery.
    loud : int
        1 if its arrival may raise an alert.
    limit : np.uint64
        Bound of the logged sample.
    """
    first, last = to, to + 1
    if to < 0:
        first, last = w.chat_from[-1 - to], w.chat_from[-to]
    for k in range(first, last):
        i = w.chat_member[k] if to < 0 else k
        if i == sender:
            continue
        if to < 0 and not follows(w, i, -1 - to):
            w.copies[i, (what >> 4) & 15, C.refused] += 1
        elif w.seat[i, P.hired] * DAY > sent:
            w.copies[i, (what >> 4) & 15, C.refused] += 1
            w.ledger[i, L.cleared_held] += 1
        else:
            put_in_inbox(w, p, i, sender, what, sent, work, length, message, thread, now, loud, limit)


@rule
def hold(w: World, n: int) -> bool:
    """Keep a message of the outbox until it is due, once for all its recipients.

    Parameters
    ----------
    w : World
        All arrays.
    n : int
        Place in the outbox.

    Returns
    -------
    bool
        False if the firm's places are full.
    """
    f = w.seat[w.outbox[n, E.sender], P.firm]
    count = w.place[f, G.held]
    if count >= HELD * w.place[f, G.size]:
        return False
    place = HELD * w.place[f, G.first] + count
    for column in range(w.outbox.shape[1]):
        w.held[place, column] = w.outbox[n, column]
    w.held_key[place, 0] = w.outbox_key[n, 0]
    w.held_key[place, 1] = w.outbox_key[n, 1]
    due = w.outbox[n, E.due]
    w.place[f, G.held_at] = min(w.place[f, G.held_at], due) if count > 0 else due
    w.place[f, G.held] = count + 1
    return True


@rule
def held_until(w: World, f: int) -> int:
    """Find when the first of a firm's held messages is due.

    Parameters
    ----------
    w : World
        All arrays.
    f : int
        Row of the firm.

    Returns
    -------
    int
        Second, or ``NEVER``.
    """
    return w.place[f, G.held_at] if w.place[f, G.held] > 0 else NEVER


@rule
def hand_out(w: World, p: Reals, f: int, now: int, limit: np.uint64) -> None:
    """Deliver the held messages that were due before now, in the order in which they were written.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    f : int
        Row of the firm.
    now : int
        Second.
    limit : np.uint64
        Bound of the logged sample.
    """
    if held_until(w, f) >= now:
        return
    base = HELD * w.place[f, G.first]
    kept = base
    earliest = NEVER
    for n in range(base, base + w.place[f, G.held]):
        due = int(w.held[n, E.due])
        if due < now:
            sender, to = int(w.held[n, E.sender]), int(w.held[n, E.to])
            what, sent = int(w.held[n, E.what]), int(w.held[n, E.sent])
            work, length = int(w.held[n, E.work]), int(w.held[n, E.length])
            message, thread = w.held_key[n, 0], w.held_key[n, 1]
            bring(w, p, sender, to, what, sent, work, length, message, thread, now, 1, limit)
            continue
        for column in range(w.held.shape[1]):
            w.held[kept, column] = w.held[n, column]
        w.held_key[kept, 0] = w.held_key[n, 0]
        w.held_key[kept, 1] = w.held_key[n, 1]
        earliest = min(earliest, due)
        kept += 1
    w.place[f, G.held] = kept - base
    w.place[f, G.held_at] = earliest


@rule
def deliver(w: World, p: Reals, now: int, limit: np.uint64) -> int:
    """Empty the outbox of what was sent before now, in the order in which it was written, each at its minute's end.

    What is due later is held; if there is no room it is delivered at once, silently, and counted.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    now : int
        Second.
    limit : np.uint64
        Bound of the logged sample.

    Returns
    -------
    int
        Second at which the earliest message that stays was or will be sent; a second that never comes if none stays.
    """
    kept = 0
    earliest = 1 << 40
    for n in range(w.counts[C_OUTBOX]):
        if w.outbox[n, E.sent] >= now:
            for column in range(w.outbox.shape[1]):
                w.outbox[kept, column] = w.outbox[n, column]
            w.outbox_key[kept, 0] = w.outbox_key[n, 0]
            w.outbox_key[kept, 1] = w.outbox_key[n, 1]
            earliest = min(earliest, w.outbox[n, E.sent])
            kept += 1
            continue
        sender, sent = w.outbox[n, E.sender], w.outbox[n, E.sent]
        at = min(now, sent // 60 * 60 + 60)
        loud = 1
        if w.outbox[n, E.due] > at:
            if hold(w, n):
                continue
            w.ledger[sender, L.not_held] += 1
            loud = 0
        to, what, work, length = w.outbox[n, E.to], w.outbox[n, E.what], w.outbox[n, E.work], w.outbox[n, E.length]
        bring(w, p, sender, to, what, sent, work, length, w.outbox_key[n, 0], w.outbox_key[n, 1], at, loud, limit)
    w.counts[C_OUTBOX] = kept
    return earliest
