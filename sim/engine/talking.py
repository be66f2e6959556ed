"""Talk instead of writing: who speaks, by phone or in person, who hears it, and what an archive answers (M14)."""

import numpy as np

from sim.behaviour.talking import call_share, heard_share, talk_chance
from sim.core import draws
from sim.core.columns import ANSWER, ASSIGNMENT, CALL, GROUP, IM, MAIL, OFFICE, TALK, TOOL
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import uniform
from sim.engine.messages import MESSAGING, TALKING, note, spend, writing_seconds
from sim.engine.routing import by_morning, is_open
from sim.engine.state import Message, Person, World
from sim.engine.timing import outside, quiet, rules_of


@rule
def open_now(w: World, person: Person, channel: int) -> bool:
    """Return whether a person may use a channel now, or ignores that it is closed."""
    return is_open(w, person, channel, quiet(w, person, person.clock))


@rule
def tool_is_open(w: World, person: Person) -> bool:
    """Return whether a project tool or an internal messenger is in use and open to a person now."""
    rules = rules_of(w, person)
    return max(rules.tool, rules.messenger) > 0.0 and open_now(w, person, TOOL)


@rule
def same_team(person: Person, other: Person) -> bool:
    """Return whether two people have the same manager, or one leads the other."""
    return other.manager in (person.manager, person.row) or person.manager == other.row


@rule
def in_reach(p: Parameters, person: Person, other: Person) -> bool:
    """Return whether a person can go to another today: same site, or on a day of visits (M14)."""
    return person.site == other.site or uniform(person.day_key, draws.VISITS) < p.site_visits


@rule
def waits_for_morning(w: World, p: Parameters, person: Person, key: np.uint64, urgent: int) -> bool:
    """Decide whether a call after hours waits, if writing is closed now and a channel will be open by day."""
    if urgent == 1 or not outside(person, person.clock) or by_morning(w, person, IM, 0, 0) < 0:
        return False
    return uniform(key, draws.CALL_WAITS) < p.call_waits


@rule
def spoken_channel(w: World, p: Parameters, person: Person, to: int, key: np.uint64, urgent: int) -> int:
    """Decide whether a message to one person is spoken (M14): CALL or TALK; -1 if it is written."""
    if p.talk_allowed <= 0.0 or person.place != OFFICE or to < 0:
        return -1
    other = w.person[to]
    messenger = open_now(w, person, IM)
    if messenger and outside(other, person.clock):
        return -1
    near = 1.0 if same_team(person, other) else 0.0
    if messenger or can_write(w, person):
        closed = 0.0 if messenger else 1.0
        if uniform(key, draws.SPOKEN) >= talk_chance(p, float(urgent), near, closed):
            return -1
    there = in_reach(p, person, other)
    if there and uniform(key, draws.BY_PHONE) >= call_share(p, near):
        return TALK
    if not open_now(w, person, CALL):
        return TALK if there else -1
    return -1 if not messenger and waits_for_morning(w, p, person, key, urgent) else CALL


@rule
def take_time(p: Parameters, person: Person, channel: int, key: np.uint64) -> None:
    """Spend the time of writing a message, or of walking over or dialling if it is spoken."""
    if channel < 0:
        spend(person, writing_seconds(p, key), MESSAGING)
    else:
        spend(person, int(p.walk_seconds if channel == TALK else p.dial_seconds), TALKING)


@rule
def speak(person: Person, message: Message, channel: int) -> None:
    """Give a message that the person has just noted a spoken channel, if it is spoken."""
    if channel >= 0:
        message.channel = channel
        message.due = person.clock


@rule
def give(w: World, person: Person, n: int, channel: int) -> None:
    """Note the kept message at a place, to be sent as it would have been: spoken, or written if ``channel`` is -1."""
    order = person.orders[n]
    message = note(w, person, int(order.to), ASSIGNMENT, order.key, order.key)
    w.notes[w.tally[0].notes - 1] = order
    message.sent = person.clock
    message.due = 0
    message.channel = -1
    message.unread = 0
    speak(person, message, channel)


@rule
def is_said(message: Message) -> bool:
    """Return whether a message comes by phone or in person."""
    return message.channel in (CALL, TALK)


@rule
def listens(p: Parameters, person: Person, message: Message) -> bool:
    """Return whether a person who can be interrupted now hears at once what is said (M14)."""
    if person.place != OFFICE or not is_said(message):
        return False
    answer = message.kind == ANSWER
    return uniform(message.key ^ person.key, draws.HEARD + int(message.tries)) < heard_share(
        p, message.channel == CALL, answer
    )


@rule
def sees_work(w: World, person: Person) -> bool:
    """Return whether group chats or a project tool show a person what the others do (M14)."""
    return open_now(w, person, GROUP) or tool_is_open(w, person)


@rule
def can_write(w: World, person: Person) -> bool:
    """Return whether a person may write to one other person now, by any channel (M14)."""
    return open_now(w, person, IM) or open_now(w, person, MAIL) or tool_is_open(w, person)


@rule
def finds(w: World, p: Parameters, person: Person, task: np.uint64, number: int) -> bool:
    """Return whether a search finds the answer to a question, if there is a searchable archive (M14)."""
    return uniform(task, draws.FOUND + number) < p.archive_answers and sees_work(w, person)
