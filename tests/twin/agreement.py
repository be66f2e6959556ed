"""Engine and twin side by side, week by week; the first difference is told in words."""

from collections.abc import Iterator

import numpy as np

from sim.columns import CHANNELS, EVENTS, FREE, KINDS, Firm, Ledger, P, State
from sim.engine.clock import moment
from sim.engine.state import HELD, INBOX, TASKS, E, G, T
from sim.model import Workplace
from tests.twin.firm import Event
from tests.twin.world import Twin

SEATS = (
    "clock", "rest_from", "left_at", "load", "emergency", "marks", "generation", "hired", "later", "recorded_week",
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
        if engine.recorder.log_lost:
            return f"the engine's log had no room for {engine.recorder.log_lost} events"
        for found in _differences(engine, twin):
            return f"week {week}: {found}"
    return None


def _differences(engine: Workplace, twin: Twin) -> Iterator[str]:
    yield from _events(engine, twin)
    yield from _sums(engine, twin)
    yield from _states(engine, twin)
    yield from _things(engine, twin)
    yield from _hours(engine, twin)
    yield from _held(engine, twin)


# ---- events


def engine_events(engine: Workplace) -> list[list[Event]]:
    """Take the engine's new events out of its log, firm by firm, as they happened."""
    firm_of = engine.world.seat[:, P.firm].tolist()
    events: list[list[Event]] = [[] for _ in engine.world.place]
    for rows, keys in engine.recorder.logs:
        for row, pair in zip(rows[:, :5].tolist(), keys.tolist(), strict=True):
            events[firm_of[row[1]]].append((*row, *pair))
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
    ours = np.array([list(ledger.values()) for ledger in twin.close_week()])
    theirs = engine.recorder.ledgers[-1]
    for row, column in np.argwhere(ours != theirs):
        yield f"sum of person {row}, {Ledger._fields[column]}: engine {theirs[row, column]}, twin {ours[row, column]}"


def _states(engine: Workplace, twin: Twin) -> Iterator[str]:
    people = [person for firm in twin.firms for person in firm.people]
    ours = np.array([[float(getattr(person, name)) for name in State._fields] for person in people])
    yield from _reals("person", State._fields, engine.world.real, ours)
    ours = np.array([[float(getattr(firm, name)) for name in Firm._fields] for firm in twin.firms])
    yield from _reals("firm", Firm._fields, engine.world.firm, ours)


def _reals(what: str, names: tuple[str, ...], theirs: np.ndarray, ours: np.ndarray) -> Iterator[str]:
    """Compare to the bit."""
    for row, column in np.argwhere(ours.view(np.int64) != theirs.view(np.int64)):
        a, b = theirs[row, column], ours[row, column]
        yield f"{what} {row}, {names[column]}: engine {a!r}, twin {b!r}, difference {b - a:g}"


# ---- what lies about


def _things(engine: Workplace, twin: Twin) -> Iterator[str]:
    world = engine.world
    for person in (person for firm in twin.firms for person in firm.people):
        row, seat = person.row, world.seat[person.row]
        theirs = {name: int(seat[getattr(P, name)]) for name in SEATS}
        ours = {name: len(person.later) if name == "later" else int(getattr(person, name)) for name in SEATS}
        if person.key != int(world.seat_key[row]) or ours != theirs:
            yield f"seat {row}: engine {int(world.seat_key[row]):016x} {theirs}, twin {person.key:016x} {ours}"
        numbers = range(seat[P.head], seat[P.tail])
        inbox = [
            (int(world.inbox_key[row, n % INBOX, 0]), int(world.inbox[row, n % INBOX, E.open]) == 1) for n in numbers
        ]
        letters = [(letter.message.key, letter.open) for letter in person.inbox.letters]
        if inbox != letters:
            yield f"inbox of person {row}: engine {inbox}, twin {letters}"
        later = [int(world.later_key[row, n, 0]) for n in range(seat[P.later])]
        if later != [item.message.key for item in person.later]:
            yield f"later list of person {row}: engine {later}, twin {[item.message.key for item in person.later]}"
        names = ("size", "done", "questions", "asked", "state", "arrived", "defaults", "attempt")
        for place in range(TASKS):
            task, slot = person.desk.places[place], world.task[row, place]
            there = {} if slot[T.state] == FREE else {name: int(slot[getattr(T, name)]) for name in names}
            here = {} if task is None else {name: int(getattr(task, name)) for name in names}
            if here != there:
                yield f"place {place} on the desk of person {row}: engine {there}, twin {here}"


def _hours(engine: Workplace, twin: Twin) -> Iterator[str]:
    for firm, company in enumerate(twin.firms):
        theirs = {(h, c): n for (h, c), n in np.ndenumerate(engine.world.hours[firm]) if n}
        if theirs != dict(company.hours):
            differing = sorted(set(theirs.items()) ^ set(company.hours.items()))[:5]
            yield f"firm {firm}, messages sent by hour of the week and channel: {differing}"


def _held(engine: Workplace, twin: Twin) -> Iterator[str]:
    """Compare the messages that each firm holds."""
    for place, company in zip(engine.world.place, twin.firms, strict=True):
        first = HELD * int(place[G.first])
        theirs = engine.world.held_key[first : first + int(place[G.held]), 0].tolist()
        ours = [message.key for message in company.held]
        if theirs != ours:
            yield f"firm {place[G.number]} holds: engine {theirs}, twin {ours}"
