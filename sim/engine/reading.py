"""Messages on the reader's side: reading, answering, acting (M1, M3, M4)."""

import numpy as np

from sim.behaviour.answering import follow_up
from sim.behaviour.scales import chance
from sim.core import draws
from sim.core.columns import (
    ANSWER,
    ANSWERED,
    ASSIGNMENT,
    BROADCAST,
    CHATTER,
    CLEARED,
    GROUP,
    IM,
    OFF,
    OFFICE,
    QUESTION,
    READ,
    STATUS_REQUEST,
    TALK,
)
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import child, lognormal, uniform
from sim.core.units import DAY, HOUR, MINUTE
from sim.engine.delivery import odds_of_message
from sim.engine.messages import (
    MESSAGING,
    TALKING,
    TASKWORK,
    book_output,
    contract_part,
    lapse,
    note,
    record,
    spend,
    writing_seconds,
)
from sim.engine.questions import answered
from sim.engine.state import INBOX, LAST, LATER, LEAST_READING, LEAST_WRITING, NEVER, THOUSANDTH, Message, Person, World
from sim.engine.talking import in_reach, take_time
from sim.engine.tasks import assigned, lose_by_lateness, take_first
from sim.engine.timing import rules_of


@rule
def reading_seconds(w: World, p: Parameters, person: Person, message: Message) -> int:
    """Return how long a person reads a message, and count it if a summary is read instead."""
    if message.group == 1:
        rules = rules_of(w, person)
        person.ledger.summarised += 1 if rules.summary > 0.0 else 0
        median = p.skim_seconds * person.skims * (1.0 - rules.summary)
    else:
        median = p.read_seconds
    return max(LEAST_READING, int(median * (THOUSANDTH * message.length) * p.cost[message.channel]))


@rule
def wish_to_answer(p: Parameters, message: Message) -> float:
    """Return the chance that a message is answered at low load, by its kind."""
    kind = message.kind
    if kind == QUESTION:
        return p.reply_question
    if kind == STATUS_REQUEST:
        return p.reply_status
    if kind == ASSIGNMENT:
        return p.reply_assignment
    if kind == ANSWER:
        return follow_up(p, message.depth)
    if kind == CHATTER:
        return p.reply_chatter
    return p.reply_broadcast if kind == BROADCAST and message.confirm == 1 else 0.0


@rule
def readiness(person: Person, message: Message) -> float:
    """Return the factor of load and activity on the chance of an answer; alike for all in a conversation (M3)."""
    if message.kind == QUESTION:
        return person.questions_kept
    return person.follows_kept if message.kind == ANSWER else person.answers_kept * person.answering


@rule
def answer_key(person: Person, message: Message) -> np.uint64:
    """Return the key of a person's answer to a message."""
    return child(message.key ^ person.key, draws.ANSWER_KEY)


@rule
def reply(w: World, person: Person, message: Message, channel: int) -> Message:
    """Note the answer to a message, and book it."""
    person.ledger.answered += 1
    person.ledger.reply_seconds += person.clock - message.here
    to = message.sender if message.outside == 0 else person.row
    answer = note(w, person, to, ANSWER, answer_key(person, message), message.thread)
    answer.outside = message.outside
    answer.here = message.sent if message.outside == 1 else 0
    answer.channel = channel
    answer.urgent = message.urgent
    answer.depth = message.depth + 1
    record(w, message, person.row, ANSWERED, person.clock)
    return answer


@rule
def write_answer(w: World, p: Parameters, person: Person, message: Message) -> None:
    """Answer a message now by its channel; by the usual channel if it was said to a group or from another site."""
    key, channel = answer_key(person, message), int(message.channel)
    said_to_me = channel == TALK and message.group == 0 and person.place == OFFICE
    if said_to_me and in_reach(p, person, w.person[message.sender]):
        take_time(p, person, TALK, key)
    else:
        spend(person, max(LEAST_WRITING, int(float(writing_seconds(p, key)) * p.cost[channel])), MESSAGING)
        channel = -1 if channel == TALK else IM if channel == GROUP else channel
    reply(w, person, message, channel)


@rule
def put_off(person: Person, message: Message, due: int) -> None:
    """Put an answer off; if the list is full it is forgotten."""
    if person.later >= LATER:
        person.ledger.forgotten += 1
        return
    due = min(due, LAST)
    person.answers[person.later] = message
    person.answers[person.later].due = due
    person.later += 1
    person.later_at = min(person.later_at, due)


@rule
def can_be_done_now(p: Parameters, person: Person, work: int) -> bool:
    """Return whether work can be done at home in one go: before today's hours end, or before waking time."""
    end = person.contract_end
    if person.contract_start == end or person.clock >= end:
        end = DAY * (person.clock // DAY) + int(HOUR * p.wake_clock)
        end += DAY if person.clock >= end else 0
    return person.clock + int(float(work) / person.speed) < end


@rule
def do_at_once(p: Parameters, person: Person, message: Message) -> None:
    """Do assigned work in one go, outside hours; after its due date part of it is lost (M15)."""
    work = int(message.work)
    person.ledger.tasks_arrived += 1
    person.ledger.arrived_work_seconds += work
    person.ledger.assigned_work_seconds += work
    begin = person.clock
    spend(person, max(1, int(float(work) / person.speed)), TASKWORK)
    person.ledger.tasks_done += 1
    done = work - lose_by_lateness(p, person, work, int(message.wanted))
    book_output(person, done, contract_part(person, begin, person.clock), 0, person.clock - begin)
    person.ledger.cycle_seconds += person.clock - message.here


@rule
def book_after_hours(w: World, p: Parameters, person: Person, message: Message, begin: int) -> None:
    """Book the time for a message outside contract hours: hidden overtime, chosen or obligated (M5)."""
    spent = person.clock - begin - contract_part(person, begin, person.clock)
    person.ledger.hidden_overtime_seconds += spent
    person.ledger.after_seconds[message.channel] += spent
    person.ledger.outside_after_seconds += spent * message.outside
    person.ledger.after_acted += 1
    person.responses += int(message.counted)
    anyway = chance(person.free_logit + odds_of_message(w, p, person, message))
    if uniform(message.key ^ person.key, draws.ACT) < anyway:
        person.ledger.chosen_seconds += spent
        person.chosen_today += spent
    else:
        person.ledger.obligated_seconds += spent
        person.obligated_today += spent


@rule
def chased(person: Person, message: Message) -> None:
    """Take up first the overdue work that a manager asks about (M15)."""
    if message.kind == STATUS_REQUEST and message.steps == 1:
        person.ledger.chases += 1
        take_first(person)


@rule
def handle(w: World, p: Parameters, person: Person, number: int) -> None:
    """Read a message of the inbox and act on it.

    The order: read; let a waiting task go on; answer now, later or never; do or note the work that it assigns; outside
    hours, book the time as hidden overtime, obligated or chosen.
    """
    message = person.inbox[number % INBOX]
    message.unread = 0
    mine = message.key ^ person.key
    free = person.place == OFF
    begin = person.clock
    if free:
        spend(person, int(MINUTE * lognormal(p.reentry_minutes, p.handling_sigma, mine, draws.REENTRY)), MESSAGING)
    spend(person, reading_seconds(w, p, person, message), MESSAGING)
    person.ledger.read += 1
    record(w, message, person.row, READ, person.clock)
    person.news_today += 1 if message.kind == BROADCAST else 0
    if message.kind == ANSWER:
        answered(w, p, person, message.thread)
    chased(person, message)
    willing = wish_to_answer(p, message)
    if willing > 0.0:
        willing = willing * person.sharing * readiness(person, message)
    if willing > 0.0 and uniform(mine, draws.REPLY) < willing:
        if free or uniform(mine, draws.AT_ONCE) < p.answer_now:
            write_answer(w, p, person, message)
        else:
            wait = lognormal(p.answer_later_minutes, p.answer_later_sigma, mine, draws.PUT_OFF)
            put_off(person, message, person.clock + int(MINUTE * wait))
    if message.kind == ASSIGNMENT:
        now = free and message.steps == 0 and can_be_done_now(p, person, int(message.work))
        if now and uniform(mine, draws.DO_NOW) < p.assignment_now:
            do_at_once(p, person, message)
        else:
            assigned(p, person, message)
    if free:
        book_after_hours(w, p, person, message, begin)


@rule
def hear(w: World, p: Parameters, person: Person, number: int) -> None:
    """Talk about what somebody says by phone or in person, and answer on the spot (M14)."""
    message = person.inbox[number % INBOX]
    message.unread = 0
    length = lognormal(p.talk_minutes, p.handling_sigma, message.key, draws.TALK_LENGTH)
    spend(person, max(1, int(MINUTE * length)), TALKING)
    person.ledger.talks += 1
    person.ledger.read += 1
    record(w, message, person.row, READ, person.clock)
    if message.kind == ANSWER:
        answered(w, p, person, message.thread)
        return
    if message.kind == ASSIGNMENT:
        assigned(p, person, message)
    if message.group == 1:
        return
    chased(person, message)
    answer = reply(w, person, message, message.channel)
    answer.due = person.clock


@rule
def later_due(person: Person) -> int:
    """Find the first answer put off whose time has come, or -1."""
    if person.later_at > person.clock:
        return -1
    n = 0
    while person.answers[n].due > person.clock:
        n += 1
    return n


@rule
def take_later(w: World, p: Parameters, person: Person, n: int) -> None:
    """Write an answer that was put off."""
    write_answer(w, p, person, person.answers[n])
    person.later -= 1
    person.later_at = NEVER
    for k in range(person.later):
        if k >= n:
            person.answers[k] = person.answers[k + 1]
        person.later_at = min(person.later_at, int(person.answers[k].due))


@rule
def clear_desk(w: World, person: Person, now: int) -> None:
    """Discard the unread messages of a leaver, and let kept ones lapse; the tasks stay with the seat."""
    for number in range(person.head, person.tail):
        message = person.inbox[number % INBOX]
        if message.unread == 1:
            message.unread = 0
            person.ledger.cleared += 1
            record(w, message, person.row, CLEARED, now)
    person.ledger.forgotten += person.later
    for k in range(person.kept):
        lapse(w, person, person.orders[k])
    person.kept = 0
    person.head = person.tail
    person.seen = person.tail
    person.later = 0
    person.later_at = NEVER
