"""The arrays that are the truth of a run: one row per person, firm or message place; names in ``sim.columns``.

Everything is allocated once. An inbox holds the last ``INBOX`` messages: what lies deeper is buried, as in a real
messenger nobody scrolls back further (M3); buried messages are counted.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.columns import CHANNELS, ROLES, F, L, P, R, S

INBOX = 128  # unread messages within reach of a person
LATER = 32  # answers put off, per person; one more is forgotten, and counted
HELD = 64  # places of a firm for messages held, per person; one more is delivered at once, silently, and counted
TASKS = 24  # tasks in hand, per person
NEVER = 1 << 40  # a second that does not come
DAY = 86_400  # seconds
WEEKDAYS = 7
HOURS = 168  # of a week


class Entry(NamedTuple):
    """Whole-number fields of a message, wherever it lies; its identity and thread stand in the key array."""

    sender: int
    to: int  # row of the recipient, or -1 - chat
    what: int  # kind + 16 * channel + 256 * urgent + 512 * group + 1024 * wants confirmation + 2048 * depth
    sent: int  # second
    due: int  # second from which it can be found
    work: int  # seconds of work that it brings
    length: int  # thousandths of the usual time that reading it takes
    here: int  # second of delivery
    open: int  # 1 unread, 0 dealt with; in a note: the channel that it answers by, or -1


class Task(NamedTuple):
    """Whole-number fields of a task; its identity and the thread that it waits for stand in the key array."""

    size: int  # nominal seconds
    done: int  # nominal seconds
    questions: int
    asked: int
    state: int  # FREE, READY, BLOCKED or FAULTY
    arrived: int  # second
    since: int  # second at which it was blocked
    deadline: int  # second
    reasked: int
    defaults: int
    attempt: int


class Place(NamedTuple):
    """Whole-number fields of a firm."""

    first: int  # row of the first person
    size: int
    team_first: int
    teams: int
    chat_first: int
    chats: int
    city: int
    industry: int
    number: int  # identity of the firm in its economy
    held: int  # messages held for later
    held_at: int  # second at which the first of them is due, if there is one


class Copies(NamedTuple):
    """Copies of messages for a person by one channel, counted since the first day."""

    sent: int  # written to this person, less own messages to chats, of which the writer gets no copy
    delivered: int
    refused: int  # for who held the seat before, or written in a chat that a limit has closed


E = Entry(*range(len(Entry._fields)))
T = Task(*range(len(Task._fields)))
G = Place(*range(len(Place._fields)))
C = Copies(*range(len(Copies._fields)))

Reals = NDArray[np.float64]
Whole = NDArray[np.int64]
Short = NDArray[np.int32]
Keys = NDArray[np.uint64]


class World(NamedTuple):
    """All arrays of a run (or of one thread's share: the last seven are private to a thread)."""

    seat_key: Keys  # (people,) identity of the person in the seat
    day_key: Keys  # (people,) identity of the person's day
    real: Reals  # (people, State)
    seat: Whole  # (people, Seat)
    wake: Whole  # (people,) second at which the next decision is due
    ledger: Whole  # (people, Ledger) sums of the current week
    inbox: Short  # (people, INBOX, Entry)
    inbox_key: Keys  # (people, INBOX, 2)
    later: Short  # (people, LATER, Entry)
    later_key: Keys  # (people, LATER, 2)
    held: Short  # (people * HELD, Entry) messages held, firm by firm: a firm's part starts at HELD times its first row
    held_key: Keys  # (people * HELD, 2)
    task: Short  # (people, TASKS, Task)
    task_key: Keys  # (people, TASKS, 2)
    firm: Reals  # (firms, Firm)
    place: Whole  # (firms, Place)
    firm_key: Keys  # (firms,)
    team_row: Whole  # (teams,) row of the manager of each team
    chat_from: Whole  # (chats + 1,) where the members of a chat start
    chat_member: Whole  # rows of members
    own_from: Whole  # (people + 1,) where the chats of a person start
    own_chat: Whole  # numbers of chats
    rule: Reals  # (sets of rules, ROLES, Rule)
    firm_rule: Whole  # (firms,) set of rules in force
    workday: Whole  # (days + some,) 1 on working days
    override: Reals  # (people,) decisions made in Python, NaN for none
    hours: Whole  # (firms, HOURS, CHANNELS) messages sent by hour of the week
    copies: Whole  # (people, CHANNELS, Copies)
    chat_sent: Whole  # (chats, CHANNELS) messages written in a chat since the first day
    outbox: Whole  # (places, Entry) messages on their way
    outbox_key: Keys  # (places, 2)
    note: Whole  # (places, Entry) messages that the person at work is about to send
    note_key: Keys  # (places, 2)
    log: Whole  # (rows, 6) event, person, second, what, sender, firm
    log_key: Keys  # (rows, 2)
    counts: Whole  # (5,) entries in outbox, note and log; error; earliest second at which an alert wakes somebody


C_OUTBOX, C_NOTE, C_LOG, C_ERROR, C_WAKE = range(5)
NOTES = 8


def scratch(largest: int, log_rows: int) -> tuple[Whole, Keys, Whole, Keys, Whole, Keys, Whole]:
    """Allocate what a thread needs for itself.

    Parameters
    ----------
    largest : int
        People in the largest firm.
    log_rows : int
        Rows of the event log per call of the engine.

    Returns
    -------
    tuple of arrays
        outbox, outbox_key, note, note_key, log, log_key, counts of ``World``.
    """
    places = 32 * largest + 256
    return (
        np.zeros((places, len(E)), np.int64),
        np.zeros((places, 2), np.uint64),
        np.zeros((NOTES, len(E)), np.int64),
        np.zeros((NOTES, 2), np.uint64),
        np.zeros((log_rows, 6), np.int64),
        np.zeros((log_rows, 2), np.uint64),
        np.zeros(5, np.int64),
    )


def empty_world(people: int, firms: int, teams: int, days: int, rules: int, largest: int) -> World:
    """Allocate the columns of a run; chats are added by ``sim.engine.people``.

    Parameters
    ----------
    people : int
        Rows of people.
    firms : int
        Rows of firms.
    teams : int
        Rows of teams.
    days : int
        Days of the calendar.
    rules : int
        Distinct sets of rules.
    largest : int
        People in the largest firm.

    Returns
    -------
    World
        Zeroed arrays; states that mean "none" are set by ``sim.engine.people``.
    """
    none = np.zeros(0, np.int64)
    return World(
        np.zeros(people, np.uint64),
        np.zeros(people, np.uint64),
        np.zeros((people, len(S))),
        np.zeros((people, len(P)), np.int64),
        np.full(people, NEVER, np.int64),
        np.zeros((people, len(L)), np.int64),
        np.zeros((people, INBOX, len(E)), np.int32),
        np.zeros((people, INBOX, 2), np.uint64),
        np.zeros((people, LATER, len(E)), np.int32),
        np.zeros((people, LATER, 2), np.uint64),
        np.zeros((people * HELD, len(E)), np.int32),
        np.zeros((people * HELD, 2), np.uint64),
        np.zeros((people, TASKS, len(T)), np.int32),
        np.zeros((people, TASKS, 2), np.uint64),
        np.zeros((firms, len(F))),
        np.zeros((firms, len(G)), np.int64),
        np.zeros(firms, np.uint64),
        np.zeros(teams, np.int64),
        none,
        none,
        none,
        none,
        np.zeros((rules, len(ROLES), len(R))),
        np.zeros(firms, np.int64),
        np.zeros(days, np.int64),
        np.full(people, np.nan),
        np.zeros((firms, HOURS, len(CHANNELS)), np.int64),
        np.zeros((people, len(CHANNELS), len(C)), np.int64),
        np.zeros((0, len(CHANNELS)), np.int64),
        *scratch(largest, 0),
    )


def bytes_per_person(world: World) -> float:
    """Measure the memory of a run.

    Parameters
    ----------
    world : World
        All arrays.

    Returns
    -------
    float
        Bytes of all arrays over the number of people.
    """
    return sum(array.nbytes for array in world) / len(world.seat_key)
