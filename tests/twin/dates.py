"""Dates of work, and what an evening keeps for the next working day."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.core import draws
from sim.core.columns import ASSIGNMENT, QUESTION, STATUS_REQUEST
from tests.twin import rules, talking
from tests.twin.chance import uniform
from tests.twin.things import DAY, KEPT, Chat, Kept, Message

if TYPE_CHECKING:
    from tests.twin.person import Person


def closing(person: "Person", day: int) -> int:
    return day * DAY + int(person.firm.opening) + int(person.firm.day_seconds)


def next_closing(person: "Person") -> int:
    """Close of the next day on which the person works."""
    return closing(person, person.next_opening(person.clock) // DAY)


def due_date(person: "Person", second: int, days: int) -> int:
    """So many working days after the first whose close is far enough off; the calendar ends with one."""
    model = person.model
    if model.q.due_days == 0.0:
        return 0
    end = len(model.workdays) - 1
    on_time = (
        day
        for day in range(second // DAY, end)
        if model.works(day) and closing(person, day) >= second + int(3_600 * model.q.urgent_hours)
    )
    first = next(on_time, max(end, second // DAY))
    following = [day for day in range(first + 1, end) if model.works(day)] if days > 0 else []
    if days > 0:
        first = following[days - 1] if days <= len(following) else max(end, first)
    return closing(person, first)


def one_day_later(person: "Person", due: int) -> int:
    """The same hour of the next working day; what has no date gets none."""
    if due == 0:
        return 0
    model, last = person.model, len(person.model.workdays) - 1
    following = (day for day in range(due // DAY + 1, last) if model.works(day))
    return next(following, max(last, due // DAY)) * DAY + due % DAY


def wait_for(person: "Person") -> None:
    """A day away counts for no date: of a task, of an order that lies unread, or of one not given yet."""
    for task in person.desk:
        task.due = one_day_later(person, task.due)
    for letter in person.inbox.letters:
        later = one_day_later(person, letter.message.wanted)
        letter.message = replace(letter.message, wanted=later)  # others have the same message
    for kept in person.kept:
        kept.message.wanted = one_day_later(person, kept.message.wanted)


# ---- orders and hand-offs that wait


def lapse(person: "Person", message: Message) -> None:
    """It never goes out; what counts is the work for all who would have had it."""
    if message.kind == ASSIGNMENT:
        people = len(message.to.members) - 1 if isinstance(message.to, Chat) else 1
        person.count("assignments_lapsed")
        person.count("lapsed_work_seconds", people * message.work)


def is_idle(person: "Person", message: Message) -> bool:
    """Whether it asks for what nobody waits for any more."""
    return message.kind == QUESTION and person.desk.waiting_for(message.thread) is None


def go_together(one: Message, other: Message) -> bool:
    """Whether the same people get the same kind of order or request by both."""
    alike = (one.steps > 0) == (other.steps > 0) and one.chases == other.chases
    return one.kind in (ASSIGNMENT, STATUS_REQUEST) and one.kind == other.kind and one.to is other.to and alike


def make_space(person: "Person") -> None:
    """One leaves the list: a question that is idle, or an order that the first which goes with it takes in."""
    for later in person.kept:
        if is_idle(person, later.message):
            person.kept.remove(later)
            return
        for earlier in person.kept[: person.kept.index(later)]:
            one, other = earlier.message, later.message
            if go_together(one, other):
                one.work += other.work
                one.wanted = min(one.wanted, other.wanted)
                one.urgent = one.urgent or other.urgent
                person.kept.remove(later)
                return


def keep(person: "Person", message: Message, since: int, written: bool) -> None:
    if len(person.kept) == KEPT and any(one.message.tries for one in person.kept):
        make_space(person)
    if len(person.kept) == KEPT:
        lapse(person, message)
        return
    person.kept.append(Kept(message, since, written))
    person.count("assignments_deferred", int(message.kind == ASSIGNMENT and message.tries == 0))


def put_off(person: "Person", message: Message, free: bool) -> bool:
    """Whether what there was reason to write in free time is not written then: it waits, or lapses."""
    q = person.model.q
    u = uniform(message.key, draws.LAPSES)
    order = message.kind == ASSIGNMENT
    if not order and message.kind != STATUS_REQUEST:
        return True
    if message.urgent and free and rules.deferred(q, 0.0, u):
        return False
    if rules.deferred(q, q.lapse_share if order and not message.urgent else 0.0, u):
        keep(person, message, person.clock, written=False)
    else:
        lapse(person, message)
    return True


def stays_unsent(message: Message, open_channel: bool) -> bool:
    """Whether a message that closed channels keep back is not sent: an order may lapse, or wait for another day."""
    person, q = message.sender, message.sender.model.q
    waits = False
    if message.kind == ASSIGNMENT:
        u = uniform(message.key, draws.LAPSES)
        if message.steps == 0 and not message.urgent and rules.lapses(q, u):
            lapse(person, message)
            return True
        waits = message.steps > 0 or rules.deferred(q, 0.0, u)
    if not open_channel and waits:
        keep(person, message, message.sent // DAY * DAY + DAY, written=True)
    elif not open_channel:
        person.count("unsent")
    return not open_channel


def give_kept(person: "Person") -> None:
    """Write and send the first that may go."""
    ready = next((one for one in person.kept if one.since <= person.clock), None)
    if ready is None:
        return
    person.kept.remove(ready)
    message = ready.message
    if is_idle(person, message):
        return
    to = message.to
    message.said = None if isinstance(to, Chat) else talking.how(person, to, message.key, message.urgent)
    if message.said is not None or not ready.written:
        talking.take_time(person, message.said, message.key)
    message.sent = person.clock
    message.channel = -1
    person.written.append(message)
