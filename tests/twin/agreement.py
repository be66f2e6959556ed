"""Engine and twin side by side, week by week; the first difference is told in words."""

import hashlib
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.core.columns import CHANNELS, EVENTS, FREE, KINDS, Firm, Ledger, State
from sim.engine.clock import moment
from sim.engine.records import Table
from sim.engine.state import HELD, INBOX, Place, sums
from sim.model import Workplace
from tests.twin import rules
from tests.twin.firm import Event
from tests.twin.person import Person
from tests.twin.world import Twin

BY_LOGARITHMS = ("answers_kept", "follows_kept", "questions_kept")
SEATS = (
    "clock", "rest_from", "left_at", "load", "emergency", "marks", "generation", "hired", "later", "recorded_week",
    "unanswered", "disturbed", "overdue_tasks",
)  # fmt: skip
BEFORE, AFTER = 4, 2  # events shown around the first difference


def first_difference(engine: Workplace, twin: Twin, weeks: int) -> str | None:
    """Run both and compare them each week: events, sums, states, desks and inboxes.

    Parameters
    ----------
    engine : Workplace
        Fresh, with ``log_share=1.0``.
    twin : Twin
        Made from this engine.
    weeks : int
        Weeks to run.

    Returns
    -------
    str | None
        What differs first, in words; None if nothing does.
    """
    for week in range(weeks):
        engine.run_for(7)
        for _ in range(7):
            twin.step()
        for found in differences(engine, twin):
            return f"week {week}: {found}"
    return None


def differences(engine: Workplace, twin: Twin) -> Iterator[str]:
    """Tell in words what differs after as many days of both; events are those since it was last asked."""
    if engine.recorder.log_lost:
        yield f"the engine's log had no space for {engine.recorder.log_lost} events"
    yield from _events(engine, twin)
    yield from _sums(engine, twin)
    yield from _states(engine, twin)
    yield from _things(engine, twin)
    yield from _hours(engine, twin)
    yield from _held(engine, twin)


# ---- events


def engine_events(engine: Workplace) -> list[list[Event]]:
    """Take the engine's new events out of its log, firm by firm, as they happened."""
    firm_of = engine.world.person.firm.tolist()
    events: list[list[Event]] = [[] for _ in engine.world.firm]
    for log in engine.recorder.logs:
        what = log.kind + 16 * log.channel.astype(int) + 256 * log.urgent.astype(int) + 512 * log.group.astype(int)
        what += 1_024 * log.confirm.astype(int) + 2_048 * log.depth.astype(int)
        columns = (log.event, log.person, log.second, what, log.sender, log.key, log.thread)
        for row in zip(*(column.tolist() for column in columns), strict=True):
            events[firm_of[row[1]]].append(row)
    engine.recorder.logs.clear()
    return events


def _events(engine: Workplace, twin: Twin) -> Iterator[str]:
    for firm, (theirs, company) in enumerate(zip(engine_events(engine), twin.firms, strict=True)):
        ours = company.events
        company.events = []
        if theirs == ours:
            continue
        n = next((k for k, (a, b) in enumerate(zip(theirs, ours, strict=False)) if a != b), min(len(theirs), len(ours)))
        lines = [f"firm {firm}: event {n} of {len(theirs)} (engine) and {len(ours)} (twin) differs"]
        lines += [f"    both   {_said(engine, event)}" for event in ours[max(0, n - BEFORE) : n]]
        for name, events in (("engine", theirs), ("twin", ours)):
            lines += [f"  > {name:6} {_said(engine, event)}" for event in events[n : n + 1 + AFTER]]
        yield "\n".join(lines)


def _said(engine: Workplace, event: Event) -> str:
    """Put an event into words."""
    number, person, second, code, sender, key, thread = event
    day, when = second // 86_400, moment(engine.first_date, second) if second < 1 << 36 else "never"
    channel, kind, depth = CHANNELS[code >> 4 & 15], KINDS[code & 15], code >> 11
    flags = [name for bit, name in ((8, "urgent"), (9, "group"), (10, "to be confirmed")) if code >> bit & 1]
    what = " ".join([*flags, kind, "by", channel, f"depth {depth}", f"from {sender}"])
    return f"day {day} {when} person {person} {EVENTS[number]}: {what}, {key:016x} in thread {thread:016x}"


# ---- sums, states


def _sums(engine: Workplace, twin: Twin) -> Iterator[str]:
    if twin.days_done % 7:
        ledgers, theirs = [person.ledger for firm in twin.firms for person in firm.people], sums(engine.world)
    else:
        ledgers, theirs = twin.close_week(), engine.recorder.ledgers[-1]
    ours = np.array([list(ledger.values()) for ledger in ledgers])
    for row, column in np.argwhere(ours != theirs):
        yield f"sum of person {row}, {Ledger._fields[column]}: engine {theirs[row, column]}, twin {ours[row, column]}"


def _states(engine: Workplace, twin: Twin) -> Iterator[str]:
    people = [person for firm in twin.firms for person in firm.people]
    ours = np.array([[float(getattr(person, name)) for name in State._fields] for person in people])
    yield from _reals("person", State._fields, reals(engine.world.person, State._fields), ours)
    ours = np.array([[float(getattr(firm, name)) for name in Firm._fields] for firm in twin.firms])
    yield from _reals("firm", Firm._fields, reals(engine.world.firm, Firm._fields), ours)


def reals(records: Table, names: tuple[str, ...]) -> np.ndarray:
    """Columns of records, side by side."""
    return np.stack([records[name] for name in names], axis=1)


def _reals(what: str, names: tuple[str, ...], theirs: np.ndarray, ours: np.ndarray) -> Iterator[str]:
    """Compare to the bit, but for what the code takes by way of logarithms."""
    for row, column in np.argwhere(ours.view(np.int64) != theirs.view(np.int64)):
        a, b = theirs[row, column], ours[row, column]
        if names[column] in BY_LOGARITHMS and math.isclose(a, b, rel_tol=rules.CLOSE, abs_tol=0.0):
            continue
        yield f"{what} {row}, {names[column]}: engine {a!r}, twin {b!r}, difference {b - a:g}"


# ---- what lies about

TASK = (
    "size", "done", "questions", "asked", "state", "arrived", "defaults", "attempt", "interrupted", "due", "chased",
)  # fmt: skip


def engine_things(engine: Workplace, row: int) -> dict[str, Any]:
    """What a person of the engine has: the seat, the inbox, answers put off, the desk."""
    person = engine.world.person[row]
    letters = [person.inbox[n % INBOX] for n in range(person.head, person.tail)]
    return {
        "seat": (int(person.key), {name: int(person[name]) for name in SEATS}),
        "inbox": [(int(letter.key), letter.unread == 1) for letter in letters],
        "later list": [int(answer.key) for answer in person.answers[: person.later]],
        "kept": [int(order.key) for order in person.orders[: person.kept]],
        "desk": [
            None if task.state == FREE else {name: int(task["effort" if name == "size" else name]) for name in TASK}
            for task in person.tasks
        ],
    }


def twin_things(person: Person) -> dict[str, Any]:
    """The same of a person of the twin."""
    seat = {name: len(person.later) if name == "later" else int(getattr(person, name)) for name in SEATS}
    return {
        "seat": (person.key, seat),
        "inbox": [(letter.message.key, letter.open) for letter in person.inbox.letters],
        "later list": [item.message.key for item in person.later],
        "kept": [item.message.key for item in person.kept],
        "desk": [
            None if task is None else {name: int(getattr(task, name)) for name in TASK} for task in person.desk.places
        ],
    }


def _things(engine: Workplace, twin: Twin) -> Iterator[str]:
    for person in (person for firm in twin.firms for person in firm.people):
        theirs, ours = engine_things(engine, person.row), twin_things(person)
        for name in theirs:
            if theirs[name] != ours[name]:
                yield f"{name} of person {person.row}: engine {theirs[name]}, twin {ours[name]}"


def _hours(engine: Workplace, twin: Twin) -> Iterator[str]:
    for firm, company in enumerate(twin.firms):
        theirs = {(h, c): n for (h, c), n in np.ndenumerate(engine.world.hours[firm]) if n}
        if theirs != dict(company.hours):
            differing = sorted(set(theirs.items()) ^ set(company.hours.items()))[:5]
            yield f"firm {firm}, messages sent by hour of the week and channel: {differing}"


def _held(engine: Workplace, twin: Twin) -> Iterator[str]:
    """Compare the messages that each firm holds."""
    for firm, company in zip(engine.world.firm, twin.firms, strict=True):
        theirs = _held_by(engine, firm)
        ours = [message.key for message in company.held]
        if theirs != ours:
            yield f"firm {firm.number} holds: engine {theirs}, twin {ours}"


def _held_by(engine: Workplace, firm: Place) -> list[int]:
    first = HELD * int(firm.first)
    return engine.world.held.key[first : first + int(firm.held)].tolist()


# ---- the engine by itself


def digest(engine: Workplace) -> bytes:
    """Hash everything of an engine that is compared with the twin; its log is emptied."""
    world = engine.world
    seen = hashlib.blake2b(repr(engine_events(engine)).encode())
    of_all = (world.person, State._fields), (world.firm, Firm._fields)
    for array in (sums(world), *engine.recorder.ledgers[-1:], *(reals(*of) for of in of_all), world.hours):
        seen.update(np.ascontiguousarray(array))
    things = [engine_things(engine, row) for row in range(len(world.person))]
    seen.update(repr((things, [_held_by(engine, firm) for firm in world.firm])).encode())
    return seen.digest()
