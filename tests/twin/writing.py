"""What a person writes: how long it takes, and messages that nothing else has caused."""

from typing import TYPE_CHECKING

from sim.core import draws
from sim.core.columns import ASSIGNMENT, BROADCAST, CHATTER, OFF, STATUS_REQUEST
from tests.twin import dates, talking
from tests.twin.chance import child, happens, lognormal, uniform
from tests.twin.things import Chat, Message

if TYPE_CHECKING:
    from tests.twin.person import Person


def writing_seconds(person: "Person", message: int) -> int:
    q = person.model.q
    return max(3, int(lognormal(q.write_seconds, q.handling_sigma, message, draws.WRITING)))


def write(person: "Person", to: "Person | Chat", kind: int, key: int, thread: int, **more: object) -> None:
    """Put down a message just written; it leaves at the end of the turn."""
    person.written.append(Message(key, thread, person, to, kind, person.clock, **more))


def write_by_oneself(person: "Person", block: int) -> None:
    """Start a message that no other message and no task has caused: managing people, or talk."""
    begin = person.clock
    message = compose(person, block)
    key = child(person.day_key, draws.MESSAGE_KEY + block)
    talking.take_time(person, message.said, key)
    message.sent = person.clock
    person.written.append(message)
    if person.place == OFF:
        person.book_off(begin, chosen=True)


def put_off(person: "Person", block: int, free: bool) -> None:
    """There is reason to write in free time, but one does not: an order waits or lapses, an urgent one goes."""
    message = compose(person, block)
    if not dates.put_off(person, message, free):
        write_by_oneself(person, block)


def compose(person: "Person", block: int) -> Message:
    """What the moment brings: an order or a request to somebody, or something for a chat."""
    q, day, now = person.model.q, person.day_key, person.clock
    key = child(day, draws.MESSAGE_KEY + block)
    u = uniform(day, draws.WHAT + block)
    urgent = happens(q.urgent_share, key, draws.URGENT)

    def order(to: "Person | Chat", said: int | None = None) -> Message:
        days = 0 if urgent else int(lognormal(q.due_days, q.due_sigma, key, draws.WANTED))
        wanted = dates.due_date(person, now, days)
        return Message(
            key, key, person, to, ASSIGNMENT, now, urgent=urgent, said=said, work=assigned_work(person, key),
            wanted=wanted,
        )  # fmt: skip

    if person.manages and u < q.assignment_share + q.status_share:
        people = person.led + person.below
        to = people[int(uniform(day, draws.TO_WHOM + block) * len(people))]
        if u < q.assignment_share:
            return order(to, talking.how(person, to, key, urgent))
        behind = max(person.led, key=lambda one: one.overdue_tasks, default=None)
        chases = happens(q.chase, key, draws.CHASES) and behind is not None and behind.overdue_tasks > 0
        to = behind if chases else to
        said = talking.how(person, to, key, urgent)
        return Message(key, key, person, to, STATUS_REQUEST, now, urgent=urgent, said=said, chases=chases)
    chat = choose_chat(person, uniform(day, draws.TO_CHAT + block))
    if person.manages and happens(q.group_orders, key, draws.ORDERS):
        return order(chat)
    if person.manages or u < q.broadcast_share:
        confirm = happens(q.confirm_share, key, draws.CONFIRMS)
        shouts = urgent and person.manages
        return Message(key, key, person, chat, BROADCAST, now, urgent=shouts, to_be_confirmed=confirm)
    return Message(key, key, person, chat, CHATTER, now)


def assigned_work(person: "Person", message: int) -> int:
    q = person.model.q
    return max(60, int(60.0 * lognormal(q.assignment_minutes, q.assignment_sigma, message, draws.WORK)))


def choose_chat(person: "Person", v: float) -> Chat:
    """One of the project chats with a chance of ``project_share``, otherwise the team's chat."""
    share = person.model.q.project_share
    own = person.led_chat if person.manages else person.team_chat
    chats = person.open_chats
    if v <= 1.0 - share or not chats:
        assert own is not None
        return own
    return chats[min(int((v - (1.0 - share)) / share * len(chats)), len(chats) - 1)]
