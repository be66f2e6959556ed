"""Messages on the writer's side: time spent, content, recipients, and how they are sent.

A person at work *notes* messages. ``send`` applies the rules in force (``sim.engine.routing``) and puts them into the
firm's outbox, which is emptied at the end of each minute (``sim.engine.delivery``). Nobody reacts to a message in the
minute in which it was sent, so the order in which people are processed changes nothing.
"""

import numpy as np

from sim.behaviour.dates import deferred, lapses
from sim.behaviour.outsiders import custom_kept
from sim.core import draws
from sim.core.columns import ANSWER, ASSIGNMENT, BLOCKED, CALL, FAULTY, OFFICE, QUESTION, SENT, STATUS_REQUEST, TALK
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import lognormal, splitmix, uniform
from sim.core.units import DAY, HOUR, MINUTE
from sim.engine.routing import obey, usual_channel
from sim.engine.state import HOURS, KEPT, LEAST_WRITING, NOTES, THOUSAND, Message, Person, World
from sim.engine.timing import outside, rules_of

TASKWORK, MESSAGING, SEARCHING, RESUMING, TALKING, MEETING, IDLING = range(7)  # in the order of the ledger's columns
TOO_MANY_NOTES, OUTBOX_FULL, ENDLESS_TURN = 1, 2, 3  # error numbers in the tally


@rule
def contract_part(person: Person, begin: int, end: int) -> int:
    """Return how many seconds of a span are in today's contract hours."""
    return max(0, min(end, person.contract_end) - max(begin, person.contract_start))


@rule
def spend(person: Person, seconds: int, what: int) -> None:
    """Book working time and advance the person's clock; time outside contract hours is overtime (M9)."""
    begin = person.clock
    end = begin + seconds
    person.best_rest = max(person.best_rest, begin - person.rest_from)
    person.clock = end
    person.rest_from = end
    person.worked_today += seconds
    over = seconds - contract_part(person, begin, end)
    if person.place == OFFICE:
        person.ledger.at_office[what] += seconds
        person.office_today += seconds
        if over > 0:
            person.ledger.recorded_overtime_seconds += over
            person.overtime_today += over
    else:
        person.ledger.at_home[what] += seconds
        if over > 0:
            person.ledger.latent_overtime_seconds += over


@rule
def writing_seconds(p: Parameters, key: np.uint64) -> int:
    """Return the time that writing a message takes."""
    return max(LEAST_WRITING, int(lognormal(p.write_seconds, p.handling_sigma, key, draws.WRITING)))


@rule
def fill(message: Message, key: np.uint64, thread: np.uint64, sender: int, to: int, kind: int, second: int) -> None:
    """Turn a record into a plain message, overwriting its content."""
    message.key = key
    message.thread = thread
    message.sender = sender
    message.to = to
    message.sent = second
    message.due = 0
    message.here = 0
    message.work = 0
    message.length = 0
    message.wanted = 0
    message.kind = kind
    message.tries = 0
    message.channel = -1
    message.urgent = 0
    message.group = 0
    message.steps = 0
    message.outside = 0
    message.confirm = 0
    message.depth = 0
    message.unread = 0


@rule
def note(w: World, person: Person, to: int, kind: int, key: np.uint64, thread: np.uint64) -> Message:
    """Note a plain message that the person has just written; the caller adds details.

    It is sent at the person's current time. Without space the last note is overwritten, and the run fails.
    """
    tally = w.tally[0]
    if tally.notes >= NOTES:
        tally.error = TOO_MANY_NOTES
        tally.notes -= 1
    message = w.notes[tally.notes]
    tally.notes += 1
    person.written += 1
    fill(message, key, thread, person.row, to, kind, person.clock)
    return message


@rule
def lapse(w: World, person: Person, message: Message) -> None:
    """Count an order or a hand-off that is never sent, and the work that it would have brought."""
    if message.kind != ASSIGNMENT:
        return
    people = 1
    if message.to < 0:
        people = w.chat_from[-message.to] - w.chat_from[-1 - message.to] - 1
    person.ledger.assignments_lapsed += 1
    person.ledger.lapsed_work_seconds += people * int(message.work)


@rule
def forget_kept(person: Person, n: int) -> None:
    """Remove one kept message."""
    person.kept -= 1
    for k in range(n, person.kept):
        person.orders[k] = person.orders[k + 1]


@rule
def join(order: Message, more: Message) -> bool:
    """Merge a later order or request for the same people into an earlier one; False if that is not possible."""
    asks = order.kind in (ASSIGNMENT, STATUS_REQUEST)
    if not asks or order.kind != more.kind or order.to != more.to or (order.steps > 0) != (more.steps > 0):
        return False
    order.work += more.work
    order.wanted = min(order.wanted, more.wanted)
    order.urgent = max(order.urgent, more.urgent)
    return True


@rule
def awaits(person: Person, thread: np.uint64) -> bool:
    """Return whether a task on the desk waits for an answer in this thread."""
    found = False
    for k in range(person.desk):
        task = person.tasks[k]
        found |= ((task.state == BLOCKED) | (task.state == FAULTY)) & (task.thread == thread)
    return found


@rule
def idle(person: Person, message: Message) -> bool:
    """Return whether a kept message is a question whose answer is no longer needed."""
    return message.kind == QUESTION and not awaits(person, message.thread)


@rule
def saves_up(person: Person) -> bool:
    """Return whether a person tried to reach somebody in vain, and so may say several things at once (M15)."""
    found = False
    for k in range(person.kept):
        found = found or person.orders[k].tries > 0
    return found


@rule
def make_space(person: Person) -> None:
    """Drop a kept question that is no longer needed, or merge two kept orders for the same people, if any (M15)."""
    for k in range(person.kept):
        if idle(person, person.orders[k]):
            forget_kept(person, k)
            return
        for n in range(k):
            if join(person.orders[n], person.orders[k]):
                forget_kept(person, k)
                return


@rule
def keep(w: World, person: Person, message: Message, unwritten: int, due: int) -> None:
    """Keep an order, question or hand-off until a moment at work after ``due``; without space it lapses."""
    if person.kept >= KEPT and saves_up(person):
        make_space(person)
    if person.kept >= KEPT:
        lapse(w, person, message)
        return
    place = person.orders[person.kept]
    person.orders[person.kept] = message
    place.unread = unwritten
    place.due = due
    person.kept += 1
    person.ledger.assignments_deferred += 1 if message.kind == ASSIGNMENT and message.tries == 0 else 0


@rule
def stays_unsent(w: World, p: Parameters, person: Person, message: Message, channel: int) -> bool:
    """Decide what happens to a message that a rule delays: an order may lapse, or wait for another day.

    Other messages wait if a channel will be open; if none will be, they are counted as not sent.
    """
    u = uniform(message.key, draws.LAPSES)
    order, plain = message.kind == ASSIGNMENT, message.steps == 0 and message.urgent == 0
    if order and plain and lapses(p, u):
        lapse(w, person, message)
    elif channel >= 0:
        return False
    elif order and (message.steps > 0 or deferred(p, 0.0, u)):
        keep(w, person, message, 0, (int(message.sent) // DAY + 1) * DAY)
    else:
        person.ledger.unsent += 1
        return True
    person.written -= 1
    return True


@rule
def said_to_all(p: Parameters, person: Person, message: Message, off: bool) -> bool:
    """Return whether a group order that finds every channel closed is given in person, to those present (M14)."""
    order = message.kind == ASSIGNMENT and message.group == 1
    return order and p.talk_allowed > 0.0 and person.place == OFFICE and not off


@rule
def record(w: World, message: Message, person: int, event: int, second: int) -> None:
    """Write an event of a message into the log if the message belongs to the sample."""
    tally = w.tally[0]
    if tally.limit == np.uint64(0) or splitmix(message.key, draws.LOGGED) >= tally.limit:
        return
    if tally.log < len(w.log):
        row = w.log[tally.log]
        row.key = message.key
        row.thread = message.thread
        row.second = second
        row.person = person
        row.sender = message.sender
        row.event = event
        row.kind = message.kind
        row.channel = message.channel
        row.urgent = message.urgent
        row.group = message.group
        row.confirm = message.confirm
        row.depth = message.depth
    tally.log += 1


@rule
def open_projects(w: World, person: Person) -> int:
    """Count the project chats that a person may follow: all, or those a limit leaves besides the teams' chats."""
    listed = w.own_from[person.row + 1] - w.own_from[person.row]
    limit = int(rules_of(w, person).group_limit)
    if limit <= 0:
        return listed
    own, led = person.own_team_chat, person.led_chat
    teams = 2 if led >= 0 and led != own else 1
    return min(listed, max(limit - teams, 0))


@rule
def follows(w: World, person: Person, chat: int) -> bool:
    """Return whether a member gets what is written in a chat; a limit never closes the teams' chats."""
    if rules_of(w, person).group_limit <= 0.0:
        return True
    if chat in (person.own_team_chat, person.led_chat):
        return True
    first, found = w.own_from[person.row], False
    for k in range(first, first + open_projects(w, person)):
        found = found or w.own_chat[k] == chat
    return found


@rule
def mark(w: World, person: Person) -> bool:
    """Mark a message as urgent, if a limit leaves another mark for today."""
    limit = int(rules_of(w, person).mention_limit)
    if 0 < limit <= person.marks:
        return False
    person.marks += 1
    return True


@rule
def book_output(person: Person, output: int, in_contract: int, in_recorded: int, progress: int) -> None:
    """Book output, and its parts made in contract hours and in recorded overtime, in proportion to progress."""
    person.ledger.output_seconds += output
    person.ledger.contract_output_seconds += output * in_contract // max(progress, 1)
    person.ledger.recorded_output_seconds += output * in_recorded // max(progress, 1)
    person.met_today += output


@rule
def serve(p: Parameters, person: Person, answer: Message) -> None:
    """Book an answer to an outsider, which leaves the firm: its worth, and business lost because it is late."""
    waited = int(answer.due) - int(answer.here)
    worth = int(MINUTE * p.outside_worth)
    done = int(worth * custom_kept(p, person.role, answer.channel, waited / HOUR))
    person.ledger.outside_answered += 1
    person.ledger.outside_wait_seconds += waited
    person.ledger.outside_lost_seconds += worth - done
    person.ledger.arrived_work_seconds += done
    in_contract = 0 if outside(person, int(answer.sent)) else 1
    in_recorded = 1 if in_contract == 0 and person.place == OFFICE else 0
    book_output(person, done, in_contract, in_recorded, 1)


@rule
def send(w: World, p: Parameters, message: Message) -> None:
    """Send a noted message to the outbox, by its usual channel or as the rules in force require (``obey``).

    No rule applies to what is said in person, nor to the answer within a call, which belongs to that call.
    """
    person = w.person[message.sender]
    second = int(message.sent)
    channel = int(message.channel)
    said = message.due > 0 or channel == TALK
    free = channel == TALK or (said and message.kind == ANSWER)
    if message.urgent == 1 and not said and not mark(w, person):
        message.urgent = 0
    off = outside(person, second)
    if channel < 0 or (message.urgent == 0 and channel == CALL and not said):
        channel = usual_channel(p, message)
    due = second
    if rules_of(w, person).in_force > 0.0 and not free:
        postponed = person.ledger.postponed
        channel, due = obey(w, p, person, message, channel, off)
        if channel < 0 and said_to_all(p, person, message, off):
            channel, due = TALK, second
        kept_back = channel < 0 or person.ledger.postponed > postponed
        if kept_back and stays_unsent(w, p, person, message, channel):
            return
    message.channel = channel
    message.due = due
    message.length = int(THOUSAND * lognormal(1.0, p.handling_sigma, message.key, draws.READING))
    if message.tries == 0:
        person.ledger.sent += 1
        person.ledger.sent_by[channel] += 1
        person.ledger.after_sent += 1 if off else 0
        w.hours[person.firm, (second // HOUR) % HOURS, channel] += 1
        record(w, message, person.row, SENT, second)
    else:
        person.written -= 1
    if message.outside == 1:
        serve(p, person, message)
        return
    tally = w.tally[0]
    if tally.outbox >= len(w.outbox):
        tally.error = OUTBOX_FULL
        return
    if message.to < 0:
        w.chat_sent[-1 - message.to, channel] += 1
        person.copies[channel].sent -= 1
    else:
        w.person[message.to].copies[channel].sent += 1
    w.outbox[tally.outbox] = message
    tally.outbox += 1


@rule
def firm_rows(w: World, f: int) -> tuple[int, int]:
    """Return the first row of a firm's people and the row after the last."""
    first = w.firm[f].first
    return first, first + w.firm[f].people
