"""What a person writes: how long it takes, and messages that nothing else has caused."""

from typing import TYPE_CHECKING

from sim.core import draws
from sim.core.columns import ASSIGNMENT, BROADCAST, CHATTER, OFF, STATUS_REQUEST
from tests.twin import talking
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
    q, day = person.model.q, person.day_key
    key = child(day, draws.MESSAGE_KEY + block)
    u = uniform(day, draws.WHAT + block)
    urgent = happens(q.urgent_share, key, draws.URGENT)
    begin = person.clock
    if person.manages and u < q.assignment_share + q.status_share:
        people = person.led + person.below
        to = people[int(uniform(day, draws.TO_WHOM + block) * len(people))]
        said = talking.how(person, to, key, urgent)
        talking.take_time(person, said, key)
        if u < q.assignment_share:
            write(person, to, ASSIGNMENT, key, key, urgent=urgent, said=said, work=assigned_work(person, key))
        else:
            write(person, to, STATUS_REQUEST, key, key, urgent=urgent, said=said)
    else:
        person.spend(writing_seconds(person, key), "message")
        chat = choose_chat(person, uniform(day, draws.TO_CHAT + block))
        if chat is None:
            return
        if person.manages and happens(q.group_orders, key, draws.ORDERS):
            write(person, chat, ASSIGNMENT, key, key, urgent=urgent, work=assigned_work(person, key))
        elif person.manages or u < q.broadcast_share:
            confirm = happens(q.confirm_share, key, draws.CONFIRMS)
            write(person, chat, BROADCAST, key, key, urgent=urgent and person.manages, to_be_confirmed=confirm)
        else:
            write(person, chat, CHATTER, key, key)
    if person.place == OFF:
        person.book_off(person.clock - begin, chosen=True)


def assigned_work(person: "Person", message: int) -> int:
    q = person.model.q
    return max(60, int(60.0 * lognormal(q.assignment_minutes, q.assignment_sigma, message, draws.WORK)))


def choose_chat(person: "Person", v: float) -> Chat | None:
    """One of the project chats with a chance of ``project_share``, otherwise the team's chat."""
    share = person.model.q.project_share
    own = person.led_chat if person.manages else person.team_chat
    chats = person.open_chats
    if own is not None and (v <= 1.0 - share or not chats):
        return own
    if not chats:
        return None
    return chats[min(int((v - (1.0 - share)) / share * len(chats)), len(chats) - 1)] if v > 1.0 - share else chats[0]
