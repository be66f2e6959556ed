"""Messages from the writer's side: time spent, what is written, by which channel it goes and when it can be found.

A person at work *notes* messages; ``send`` routes them past the rules in force into the firm's outbox; the outbox is
emptied at the end of each minute (``sim.delivery``). So nobody reacts to a message in the minute in which it was sent,
and the order in which people are processed changes nothing.
"""

import numpy as np

from sim import draws
from sim.behaviour import obeys
from sim.columns import CALL, GROUP, IM, MAIL, OFFICE, SENT, SHADOW, TOOL, F, L, P, R, S
from sim.compiled import rule
from sim.parameters import Q
from sim.randomness import bits, lognormal, uniform
from sim.state import C_ERROR, C_LOG, C_NOTE, C_OUTBOX, DAY, NOTES, E, G, Reals, World

TASKWORK, MESSAGING, SEARCHING, RESUMING, IDLING = range(5)  # the order of the ledger's columns for each place


@rule
def outside(w: World, i: int, second: int) -> bool:
    """Tell whether a moment lies outside a person's contract hours.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    second : int
        The moment.

    Returns
    -------
    bool
        True in the evening, at night and on days off.
    """
    return second < w.seat[i, P.contract_start] or second >= w.seat[i, P.contract_end]


@rule
def next_opening(w: World, i: int, second: int) -> int:
    """Find the next start of contract hours.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of a person of the firm.
    second : int
        The moment.

    Returns
    -------
    int
        Second at which the firm opens next, after the moment.
    """
    opening = int(w.firm[w.seat[i, P.firm], F.opening])
    day = second // DAY
    if second >= day * DAY + opening:
        day += 1
    while day < len(w.workday) - 1 and w.workday[day] == 0:
        day += 1
    return day * DAY + opening


@rule
def spend(w: World, i: int, seconds: int, what: int) -> None:
    """Book working time and move the person's clock; what lies outside contract hours is overtime (M9).

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    seconds : int
        Duration.
    what : int
        TASKWORK, MESSAGING, SEARCHING, RESUMING or, at the office only, IDLING.
    """
    begin = w.seat[i, P.clock]
    end = begin + seconds
    w.seat[i, P.best_rest] = max(w.seat[i, P.best_rest], begin - w.seat[i, P.rest_from])
    at_office = w.seat[i, P.place] == OFFICE
    column = (L.office_task_seconds if at_office else L.home_task_seconds) + what
    w.ledger[i, column] += seconds
    w.seat[i, P.clock] = end
    w.seat[i, P.rest_from] = end
    w.seat[i, P.worked_today] += seconds
    start, stop = w.seat[i, P.contract_start], w.seat[i, P.contract_end]
    inside = max(0, min(end, stop) - max(begin, start))
    over = seconds - inside
    if over > 0:
        if at_office:
            w.ledger[i, L.recorded_overtime_seconds] += over
            w.seat[i, P.overtime_today] += over
        else:
            w.ledger[i, L.latent_overtime_seconds] += over


@rule
def spend_search(w: World, i: int, seconds: int) -> None:
    """Book time spent looking for information.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    seconds : int
        Duration.
    """
    spend(w, i, seconds, SEARCHING)


@rule
def spend_message(w: World, p: Reals, i: int, seconds: int) -> None:
    """Book time spent reading or writing; each is a switch of attention.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    seconds : int
        Duration.
    """
    spend(w, i, seconds, MESSAGING)


@rule
def ready_to_write(p: Reals, message: np.uint64) -> int:
    """Time that writing a message takes.

    Parameters
    ----------
    p : Reals
        Parameters.
    message : np.uint64
        Identity of the message.

    Returns
    -------
    int
        Seconds, at least 3.
    """
    return max(3, int(lognormal(p[Q.write_seconds], p[Q.handling_sigma], message, draws.WRITING)))


@rule
def note(
    w: World,
    i: int,
    to: int,
    kind: int,
    urgent: int,
    group: int,
    depth: int,
    work: int,
    message: np.uint64,
    thread: np.uint64,
) -> None:
    """Put down a message that the person has just written; it is sent at the person's present clock.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the writer.
    to : int
        Row of the recipient, or -1 - number of the chat.
    kind : int
        Kind of message.
    urgent : int
        1 if urgent.
    group : int
        1 for a group chat.
    depth : int
        Number of earlier messages in its line of the thread.
    work : int
        Seconds of work that it brings.
    message : np.uint64
        Its identity.
    thread : np.uint64
        Identity of its thread.
    """
    n = w.counts[C_NOTE]
    if n >= NOTES:
        w.counts[C_ERROR] = 1
        return
    w.note[n, E.sender] = i
    w.note[n, E.to] = to
    w.note[n, E.what] = kind + 256 * urgent + 512 * group + 2048 * depth
    w.note[n, E.sent] = w.seat[i, P.clock]
    w.note[n, E.work] = work
    w.note[n, E.open] = -1
    w.note_key[n, 0] = message
    w.note_key[n, 1] = thread
    w.counts[C_NOTE] = n + 1


@rule
def reply_by(w: World, channel: int) -> None:
    """Say that the message just noted answers one that came by a given channel.

    Parameters
    ----------
    w : World
        All arrays.
    channel : int
        Channel of the message that is answered.
    """
    w.note[w.counts[C_NOTE] - 1, E.open] = IM if channel == GROUP else channel


@rule
def usual_channel(p: Reals, message: np.uint64, group: int, urgent: int) -> int:
    """Channel by which a message would go if everything were open.

    Parameters
    ----------
    p : Reals
        Parameters.
    message : np.uint64
        Its identity.
    group : int
        1 for a group chat.
    urgent : int
        1 if urgent.

    Returns
    -------
    int
        IM, GROUP, MAIL or CALL.
    """
    if group == 1:
        return GROUP
    u = uniform(message, draws.BY_CHANNEL)
    if urgent == 1 and u < p[Q.call_share]:
        return CALL
    return MAIL if u > 1.0 - p[Q.mail_share] else IM


@rule
def mail_round(w: World, i: int, second: int) -> int:
    """Find the next fixed hour at which scheduled mail is delivered: each two hours from the opening.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of a person of the firm.
    second : int
        The moment.

    Returns
    -------
    int
        Second of delivery.
    """
    if outside(w, i, second):
        return next_opening(w, i, second)
    since = second - w.seat[i, P.contract_start]
    at = w.seat[i, P.contract_start] + (since // 7_200 + 1) * 7_200
    return at if at < w.seat[i, P.contract_end] else next_opening(w, i, second)


@rule
def record(
    w: World,
    i: int,
    person: int,
    event: int,
    second: int,
    what: int,
    message: np.uint64,
    thread: np.uint64,
    limit: np.uint64,
) -> None:
    """Write an event of a message into the log if the message belongs to the sample.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the sender.
    person : int
        Row of the person to whom it happens.
    event : int
        SENT, DELIVERED, READ, ANSWERED, BURIED or CLEARED.
    second : int
        When.
    what : int
        Packed kind, channel and flags.
    message : np.uint64
        Its identity.
    thread : np.uint64
        Identity of its thread.
    limit : np.uint64
        Messages are in the sample if their draw lies below.
    """
    if limit == np.uint64(0) or bits(message, draws.LOGGED) >= limit:
        return
    n = w.counts[C_LOG]
    if n < len(w.log):
        w.log[n, 0] = event
        w.log[n, 1] = person
        w.log[n, 2] = second
        w.log[n, 3] = what
        w.log[n, 4] = i
        w.log_key[n, 0] = message
        w.log_key[n, 1] = thread
    w.counts[C_LOG] = n + 1


@rule
def detour(w: World, p: Reals, i: int, off: bool, urgent: int, group: int, message: np.uint64, closure: float) -> int:
    """Channel taken by somebody who keeps to a closed one; -1 means: tomorrow (M10).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the writer.
    off : bool
        Outside hours.
    urgent : int
        1 if urgent.
    group : int
        1 for a group chat.
    message : np.uint64
        Its identity.
    closure : float
        Closure of the usual channel; 2 if it does not exist.

    Returns
    -------
    int
        CALL by the emergency line, SHADOW in evasion, TOOL or MAIL as substitutes, or -1.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    line = r[R.emergency] > 0.0 and w.seat[i, P.emergency] < int(r[R.emergency_quota])
    if urgent == 1 and group == 0 and line:
        w.seat[i, P.emergency] += 1
        w.ledger[i, L.emergency_calls] += 1
        return CALL
    evades = p[Q.evade_urgent] if urgent == 1 else p[Q.evade]
    if uniform(message, draws.EVADES) < evades and closure < 2.0:
        w.ledger[i, L.evasions] += 1
        return SHADOW
    by_tool = uniform(message, draws.SUBSTITUTE) < max(r[R.tool], r[R.messenger])
    open_tool = by_tool and r[R.closed_tool] == 0.0
    open_mail = r[R.closed_mail] == 0.0
    if off:
        if uniform(message, draws.SWITCHES) >= p[Q.switch_open]:
            return -1
        open_tool = open_tool and r[R.off_tool] == 0.0 and r[R.messenger] == 0.0
        open_mail = open_mail and r[R.off_mail] == 0.0
    if open_tool:
        return TOOL
    return MAIL if open_mail else -1


@rule
def breach(w: World, i: int) -> None:
    """Book that somebody broke a rule.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    """
    w.ledger[i, L.breaches] += 1
    w.firm[w.seat[i, P.firm], F.breaches] += 1.0


@rule
def postpone(w: World, i: int, second: int) -> int:
    """Book that a message waits for the morning.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the writer.
    second : int
        When it was written.

    Returns
    -------
    int
        Second from which it can be found.
    """
    w.ledger[i, L.postponed] += 1
    return next_opening(w, i, second)


@rule
def obey(
    w: World, p: Reals, i: int, channel: int, off: bool, urgent: int, group: int, second: int, message: np.uint64
) -> tuple[int, int]:
    """Take a message past the rules in force (M10).

    The order: is the channel closed, and does the writer obey; if so the detour; contact ban, reminder and held
    delivery outside hours; fixed hours of mail.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the writer.
    channel : int
        Usual channel.
    off : bool
        Outside hours.
    urgent : int
        1 if urgent.
    group : int
        1 for a group chat.
    second : int
        When it is written.
    message : np.uint64
        Its identity.

    Returns
    -------
    tuple[int, int]
        Channel taken, and second from which the message can be found.
    """
    f = w.seat[i, P.firm]
    r = w.rule[w.firm_rule[f], w.seat[i, P.role]]
    compliance, rank = w.firm[f, F.compliance], w.real[i, S.voice]
    due = second
    closure = max(r[R.closed_im + channel], r[R.off_im + channel]) if off else r[R.closed_im + channel]
    if closure > 0.0:
        if obeys(closure, compliance, rank):
            channel = detour(w, p, i, off, urgent, group, message, closure)
            if channel < 0:
                due = postpone(w, i, second)
                channel = TOOL if r[R.closed_tool] == 0.0 and max(r[R.tool], r[R.messenger]) > 0.0 else MAIL
        else:
            breach(w, i)
    if off and channel != SHADOW and due == second:
        waits = urgent == 0 and obeys(r[R.contact_ban], compliance, rank)
        if r[R.contact_ban] > 0.0 and not waits and channel != CALL:
            breach(w, i)
        if waits or (urgent == 0 and uniform(message, draws.NUDGED) < r[R.nudge]):
            due = postpone(w, i, second)
        elif (channel != CALL and uniform(message, draws.HELD) < r[R.hold]) or (channel == TOOL and r[R.messenger] > 0):
            due = next_opening(w, i, second)
    if channel == MAIL and urgent == 0 and due == second and uniform(message, draws.SCHEDULED) < r[R.scheduled]:
        due = mail_round(w, i, second)
    return channel, due


@rule
def send(w: World, p: Reals, n: int, limit: np.uint64) -> None:
    """Route a noted message by its usual channel, or past the rules in force (``obey``), into the outbox.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    n : int
        Place of the note.
    limit : np.uint64
        Bound of the logged sample.
    """
    message, thread = w.note_key[n, 0], w.note_key[n, 1]
    i = w.note[n, E.sender]
    what = w.note[n, E.what]
    second = w.note[n, E.sent]
    urgent, group = (what >> 8) & 1, (what >> 9) & 1
    f = w.seat[i, P.firm]
    r = w.rule[w.firm_rule[f], w.seat[i, P.role]]
    off = outside(w, i, second)
    channel = w.note[n, E.open]
    if channel < 0 or (urgent == 0 and channel == CALL):
        channel = usual_channel(p, message, group, urgent)
    due = second
    if r[R.in_force] > 0.0:
        channel, due = obey(w, p, i, channel, off, urgent, group, second, message)
    what = what + 16 * channel
    w.ledger[i, L.sent] += 1
    w.ledger[i, L.sent_im + channel] += 1
    if off:
        w.ledger[i, L.after_sent] += 1
    hour = (second // 3_600) % 168
    w.hours[f, hour, channel] += 1
    record(w, i, i, SENT, second, what, message, thread, limit)
    m = w.counts[C_OUTBOX]
    if m >= len(w.outbox):
        w.counts[C_ERROR] = 2
        return
    w.outbox[m, E.sender] = i
    w.outbox[m, E.to] = w.note[n, E.to]
    w.outbox[m, E.what] = what
    w.outbox[m, E.sent] = second
    w.outbox[m, E.due] = due
    w.outbox[m, E.work] = w.note[n, E.work]
    w.outbox[m, E.length] = int(1_000.0 * lognormal(1.0, p[Q.handling_sigma], message, draws.READING))
    w.outbox_key[m, 0] = message
    w.outbox_key[m, 1] = thread
    w.counts[C_OUTBOX] = m + 1


@rule
def firm_rows(w: World, f: int) -> tuple[int, int]:
    """Find the people of a firm.

    Parameters
    ----------
    w : World
        All arrays.
    f : int
        Row of the firm.

    Returns
    -------
    tuple[int, int]
        First row, and the row after the last.
    """
    first = w.place[f, G.first]
    return first, first + w.place[f, G.size]
