"""Messages from the writer's side: time spent, what is written, to whom, and how it is sent.

A person at work *notes* messages; ``send`` takes them past the rules in force (``sim.engine.routing``) into the firm's
outbox; the outbox is emptied at the end of each minute (``sim.engine.delivery``). So nobody reacts to a message in the
minute in which it was sent, and the order in which people are processed changes nothing.
"""

import numpy as np

from sim import draws
from sim.columns import CALL, GROUP, IM, OFFICE, SENT, L, P, R
from sim.compiled import rule
from sim.engine.routing import obey, usual_channel
from sim.engine.state import C_ERROR, C_LOG, C_NOTE, C_OUTBOX, NOTES, C, E, G, Reals, World
from sim.engine.timing import outside
from sim.parameters import Q
from sim.randomness import bits, lognormal

TASKWORK, MESSAGING, SEARCHING, RESUMING, IDLING = range(5)  # the order of the ledger's columns for each place


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
    if at_office:
        w.seat[i, P.office_today] += seconds
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
    w.seat[i, P.written] += 1


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
def open_projects(w: World, i: int) -> int:
    """Count the project chats that a person may follow: all, or what a limit leaves besides the chats of the teams.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.

    Returns
    -------
    int
        The first so many of the person's list.
    """
    listed = w.own_from[i + 1] - w.own_from[i]
    limit = int(w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role], R.group_limit])
    if limit <= 0:
        return listed
    own, led = w.seat[i, P.own_team_chat], w.seat[i, P.led_chat]
    teams = (1 if own >= 0 else 0) + (1 if led >= 0 and led != own else 0)
    return min(listed, max(limit - teams, 0))


@rule
def follows(w: World, i: int, chat: int) -> bool:
    """Tell whether a member of a chat gets what is written there: the chats of the teams stay open under any limit.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the member.
    chat : int
        Number of the chat.

    Returns
    -------
    bool
        False for a chat that a limit has closed.
    """
    if w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role], R.group_limit] <= 0.0:
        return True
    if chat in (w.seat[i, P.own_team_chat], w.seat[i, P.led_chat]):
        return True
    first, found = w.own_from[i], False
    for k in range(first, first + open_projects(w, i)):
        found = found or w.own_chat[k] == chat
    return found


@rule
def mark(w: World, i: int) -> bool:
    """Mark a message as urgent, if a limit leaves another mark for today.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the writer.

    Returns
    -------
    bool
        False if the day's marks are used up.
    """
    limit = int(w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role], R.mention_limit])
    if 0 < limit <= w.seat[i, P.marks]:
        return False
    w.seat[i, P.marks] += 1
    return True


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
    if urgent == 1 and not mark(w, i):
        urgent = 0
        what -= 256
    f = w.seat[i, P.firm]
    r = w.rule[w.firm_rule[f], w.seat[i, P.role]]
    off = outside(w, i, second)
    channel = w.note[n, E.open]
    if channel < 0 or (urgent == 0 and channel == CALL):
        channel = usual_channel(p, message, group, urgent)
    due = second
    if r[R.in_force] > 0.0:
        channel, due = obey(w, p, i, channel, off, urgent, group, second, message)
        if channel < 0:
            w.ledger[i, L.unsent] += 1
            return
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
    to = w.note[n, E.to]
    if to < 0:
        w.chat_sent[-1 - to, channel] += 1
        w.copies[i, channel, C.sent] -= 1
    else:
        w.copies[to, channel, C.sent] += 1
    w.outbox[m, E.sender] = i
    w.outbox[m, E.to] = to
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
