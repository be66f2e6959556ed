"""The records that hold the state of a run: one row per person, firm and message; fields in ``sim.core.columns``.

Everything is allocated once. A person's record contains the inbox, the answers put off, the tasks in hand and the sums
of the week. An inbox has the last ``INBOX`` messages. Older ones are buried, as in a real messenger where nobody
scrolls back further (M3); buried messages are counted.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.core.addressed import addressed
from sim.core.columns import CHANNELS, CLOSABLE, ROLES, Firm, Ledger, Rule, Seat, State
from sim.core.parameters import TABLE
from sim.core.units import WEEK
from sim.engine.records import Table, layout, table

INBOX = 128  # unread messages within reach of a person
LATER = 32  # answers put off per person; one more is forgotten and counted
KEPT = 32  # orders and hand-offs kept for another working day per person; one more lapses and is counted
HELD = 64  # held messages of a firm, per person; one more is delivered at once, silently, and counted
TASKS = 24  # tasks in hand, per person
TIES = 10  # places for contacts anywhere in the firm, per person
NOTES = 32  # messages that a person may write in one turn
NEVER = 1 << 40  # a second that never comes
LAST = (1 << 31) - 1  # the last second that a message or a task can store, 68 years on
HOURS = 24 * WEEK  # hours of a week
THOUSAND, THOUSANDTH = 1_000.0, 0.001  # a message's length is stored in thousandths
LEAST_READING, LEAST_WRITING = 2, 3  # seconds
LEAST_WORK, LEAST_TASK = 60, 120  # seconds of an assignment and of a task

MESSAGE = layout(
    [
        ("key", np.uint64),  # identity
        ("thread", np.uint64),  # identity of the thread
        ("sender", np.int32),  # row, or -1 for somebody outside the firm
        ("to", np.int32),  # row of the recipient, or -1 - chat
        ("sent", np.int32),  # second
        ("due", np.int32),  # second from which it can be found; if put off or kept: written; of a note: said
        ("here", np.int32),  # second of delivery; of an answer to an outsider: second of the outsider's message
        ("work", np.int32),  # seconds of work that it brings
        ("length", np.int32),  # reading time in thousandths of the usual
        ("wanted", np.int32),  # second by which the work that it brings is due, 0 for none
        ("kind", np.int8),
        ("tries", np.int8),  # vain visits and calls, if it is said
        ("channel", np.int16),  # of a note: the channel of the answer, or -1
        ("depth", np.int16),  # number of answers before it in its thread
        ("urgent", np.int8),
        ("counted", np.int8),  # 1 if norms count whether it is acted on: a request in free time
        ("group", np.int16),
        ("steps", np.int16),  # hand-offs before the work that it brings; of a status request: 1 if it chases
        ("outside", np.int16),  # from or to somebody outside the firm
        ("confirm", np.int8),  # wants confirmation
        ("unread", np.int8),  # of a kept order: 1 if it is still to be written
    ]
)
TASK = layout(
    [
        ("key", np.uint64),  # identity
        ("thread", np.uint64),  # identity of the thread that it waits for
        ("effort", np.int32),  # nominal seconds
        ("done", np.int32),  # nominal seconds
        ("arrived", np.int32),  # second
        ("since", np.int32),  # second at which it was blocked; once ready again: the seconds that it has waited
        ("deadline", np.int32),  # second at which patience for the answer ends
        ("due", np.int32),  # second by which it should be done, 0 for none
        ("point", np.int32),  # nominal seconds at which it next stops, at a question or its end
        ("in_contract", np.int32),  # nominal seconds of progress, what is done again included, in contract hours
        ("in_recorded", np.int32),  # the same in recorded overtime
        ("in_latent", np.int32),  # the same in latent overtime
        ("state", np.int16),  # FREE, READY, BLOCKED or FAULTY
        ("questions", np.int16),
        ("asked", np.int16),
        ("chased", np.int16),  # 1 if it goes before all others because somebody asked for it
        ("reasked", np.int8),
        ("defaults", np.int8),
        ("attempt", np.int16),
        ("steps", np.int16),  # hand-offs before it; -1 for an order, which is not handed on
        ("interrupted", np.int16),  # number of times an alert took its owner away from it
    ]
)
_ADDED_TO = (  # changed by every turn; the last ones by every delivery, like the copies of messages after them
    "interruptions", "checks", "looking_seconds", "office_task_seconds", "office_message_seconds",
    "office_search_seconds", "office_resume_seconds", "office_talk_seconds", "office_meeting_seconds",
    "office_idle_seconds", "recorded_overtime_seconds", "switches", "summarised", "read",
    "after_received", "outside_received", "received",
)  # fmt: skip
LEDGER = layout(
    [(name, np.int64) for name in (*(name for name in Ledger._fields if name not in _ADDED_TO), *_ADDED_TO)],
    at_office=("office_task_seconds", 7),
    at_home=("home_task_seconds", 4),
    sent_by=("sent_im", len(CHANNELS)),
    after_seconds=("after_seconds_im", len(CHANNELS)),
)
_IN_ORDER = [LEDGER.names.index(name) for name in Ledger._fields]  # type: ignore[union-attr]
COPIES = layout(  # messages for a person by one channel, counted since the first day
    [
        ("sent", np.int64),  # written to this person, except own messages to chats, of which the writer gets no copy
        ("delivered", np.int64),
        ("refused", np.int64),  # for the former holder of the seat, out of reach, or in a chat that a limit has closed
    ]
)
_LOOKED_AT = (  # read in every turn, the first ones at every delivery; adjacent, they need few cache lines
    "key", "row", "rules", "day_key", "clock", "wake", "place", "contract_start", "contract_end",
    "alert", "head", "tail", "load", "focus", "hired", "muted", "disturbed",
    "alert_at", "talking", "browse", "later_at", "rest_from", "best_rest", "worked_today", "office_today",
    "lunch", "leave", "meeting_at", "round_at", "check", "session_end", "engaged", "task",
    "patience", "desk", "hurry", "speed", "news_today", "skims", "sharing", "answers_kept",
    "answering", "awaited", "manager", "block", "check_work", "volume", "manages", "kept",
    "bed", "overtime_today", "interrupted_today", "follows_kept", "seen", "start", "session", "act_logit",
)  # fmt: skip
_OF_A_PERSON: dict[str, type] = {
    "key": np.uint64,  # identity of the person in the seat
    "day_key": np.uint64,  # identity of the person's day
    "row": np.int64,  # where this record stands
    "wake": np.int64,  # second of the next decision
    "rules": np.int64,  # row of the rules in force: those of the firm, for the role
    "desk": np.int64,  # number of places for tasks up to the last one taken
    "patience": np.int64,  # second before which no task has waited too long, NEVER if none waits
    **dict.fromkeys(Seat._fields, np.int64),
    **dict.fromkeys(State._fields, np.float64),
    "override": np.float64,  # initiative as decided in Python, NaN for none
}
PERSON = layout(
    [
        *((name, _OF_A_PERSON[name]) for name in dict.fromkeys((*_LOOKED_AT, *_OF_A_PERSON))),
        ("ledger", LEDGER),  # sums of the current week
        ("copies", COPIES, (len(CHANNELS),)),
        ("tasks", TASK, (TASKS,)),
        ("answers", MESSAGE, (LATER,)),  # put off
        ("orders", MESSAGE, (KEPT,)),  # kept for another working day
        ("inbox", MESSAGE, (INBOX,)),
        ("spare", np.int64, (7,)),  # odd number of cache lines; with even ones, people share the same sets
    ],
    ties=("tie0", TIES),
)
_LEDGER_AT = PERSON.fields["ledger"][1] // 8  # type: ignore[index]
FIRM = layout(
    [
        ("key", np.uint64),  # identity
        ("first", np.int64),  # row of the first person
        ("people", np.int64),
        ("team_first", np.int64),
        ("teams", np.int64),
        ("chat_first", np.int64),
        ("chats", np.int64),
        ("city", np.int64),
        ("industry", np.int64),
        ("number", np.int64),  # number of the firm in its economy
        ("held", np.int64),  # messages held for later
        ("held_at", np.int64),  # second at which the first of them is due, if there is one
        *((name, np.float64) for name in Firm._fields),
    ]
)
RULES = layout(
    [(name, np.float64) for name in Rule._fields],
    closed=("closed_im", len(CLOSABLE)),
    off=("off_im", len(CLOSABLE)),
    system=("system_im", len(CLOSABLE) - 1),
    system_off=("system_off_im", len(CLOSABLE) - 1),
)
EVENT = layout(
    [
        ("key", np.uint64),
        ("thread", np.uint64),
        ("second", np.int64),
        ("person", np.int32),
        ("sender", np.int32),
        ("event", np.int8),
        ("kind", np.int8),
        ("channel", np.int8),
        ("urgent", np.int8),
        ("group", np.int8),
        ("confirm", np.int8),
        ("depth", np.int16),
    ]
)
PARAMETERS = layout(
    [(row.name, np.float64) for row in TABLE],
    intrusive=("intrusive_im", len(CHANNELS)),
    cost=("cost_im", len(CHANNELS)),
)
TALLY = layout(
    [
        ("outbox", np.int64),  # entries
        ("notes", np.int64),  # entries
        ("log", np.int64),  # entries
        ("error", np.int64),  # what went wrong
        ("limit", np.uint64),  # a message is logged if its draw is below this
    ]
)

type Reals = NDArray[np.float64]
type Whole = NDArray[np.int64]
type Keys = NDArray[np.uint64]
type Person = Any  # a record of PERSON, and so on
type Place = Any
type Rules = Any
type Message = Any
type Task = Any


@addressed
class World(NamedTuple):
    """All arrays of a run, or of one thread's share: the last five are private to a thread."""

    person: Table  # (people,) PERSON
    wake: Whole  # (people,) copies of each person's, side by side because they are read each minute
    outsider: Whole  # (people,) second at which the next outsider writes today, or NEVER
    firm: Table  # (firms,) FIRM
    held: Table  # (people * HELD,) MESSAGE, firm by firm: a firm's part starts at HELD times its first row
    team_row: Whole  # (teams,) row of the manager of each team
    chat_from: Whole  # (chats + 1,) where the members of a chat start
    chat_member: Whole  # rows of members
    own_from: Whole  # (people + 1,) where the chats of a person start
    own_chat: Whole  # numbers of chats
    rules: Table  # (sets of rules * ROLES,) RULES
    workday: Whole  # (days + some,) 1 on working days
    statutory: Whole  # (days + some,) 1 on days off that are statutory holidays
    hours: Whole  # (firms, HOURS, CHANNELS) messages sent by hour of the week
    chat_sent: Whole  # (chats, CHANNELS) messages written in a chat since the first day
    outbox: Table  # (places,) MESSAGE on their way
    notes: Table  # (NOTES,) MESSAGE that the person at work is about to send
    log: Table  # (rows,) EVENT
    tally: Table  # (1,) TALLY
    due: Whole  # (people of the largest firm + 1,) rows of people with a turn in this minute


SCRATCH = ("outbox", "notes", "log", "tally", "due")  # of a thread, empty between two days


def named(vector: Reals) -> Table:
    """View a vector of parameters as the record that the engine reads, shape (1,), on the same memory."""
    return vector.view(PARAMETERS).view(Table)


def ruled(rules: Reals) -> Table:
    """View rules of shape (sets, ROLES, Rule) as RULES records of shape (sets * ROLES,), on the same memory."""
    return rules.view(RULES).reshape(-1).view(Table)


def scratch(largest: int, log_rows: int) -> dict[str, Any]:
    """Allocate the arrays in ``SCRATCH`` for a thread and its largest firm."""
    return {
        "outbox": table(32 * largest + 256, MESSAGE),
        "notes": table(NOTES, MESSAGE),
        "log": table(log_rows, EVENT),
        "tally": table(1, TALLY),
        "due": np.zeros(largest + 1, np.int64),
    }


def empty_world(people: int, firm: Table, teams: int, days: int) -> World:
    """Allocate zeroed records; ``sim.engine.people`` sets chats, and states whose empty value is not 0."""
    none = np.zeros(0, np.int64)
    person = table(people, PERSON)
    person.row = np.arange(people)
    person.override = np.nan
    return World(
        person=person,
        wake=np.full(people, NEVER, np.int64),
        outsider=np.full(people, NEVER, np.int64),
        firm=firm,
        held=table(people * HELD, MESSAGE),
        team_row=np.zeros(teams, np.int64),
        chat_from=none,
        chat_member=none,
        own_from=none,
        own_chat=none,
        rules=table(len(ROLES), RULES),
        workday=np.zeros(days, np.int64),
        statutory=np.zeros(days, np.int64),
        hours=np.zeros((len(firm), HOURS, len(CHANNELS)), np.int64),
        chat_sent=np.zeros((0, len(CHANNELS)), np.int64),
        **scratch(int(firm.people.max()), 0),
    )


def _ledgers(world: World) -> Whole:
    """View the ledger of the current week as numbers on the same memory, shape (people, fields in stored order)."""
    whole = world.person.view(np.ndarray).view(np.int64).reshape(len(world.person), -1)
    return whole[:, _LEDGER_AT : _LEDGER_AT + len(_IN_ORDER)]


def sums(world: World) -> Whole:
    """Copy the ledger of the current week as numbers, shape (people, Ledger)."""
    return _ledgers(world)[:, _IN_ORDER]


def new_week(world: World) -> None:
    """Begin a new ledger."""
    _ledgers(world)[:] = 0


def bytes_per_person(world: World) -> float:
    """Measure the memory of all arrays per person."""
    return sum(array.nbytes for array in world) / world.person.shape[0]
