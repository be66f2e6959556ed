"""Messages on the recipient's side until they are read: arrival, alert, attention (M2), after hours (M4)."""

from sim.behaviour.answering import alert_interrupts, group_intrusiveness, message_log_odds
from sim.behaviour.hours import alerts_are_quiet
from sim.behaviour.outsiders import outsiders_pull
from sim.behaviour.scales import chance
from sim.core import draws
from sim.core.columns import (
    ANSWER,
    ASSIGNMENT,
    BURIED,
    DELIVERED,
    GROUP,
    MAIL,
    OFF,
    QUESTION,
    STATUS_REQUEST,
    TALK,
    TOOL,
)
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import child, lognormal, uniform
from sim.core.units import DAY, HOUR, MINUTE
from sim.engine.messages import awaits, follows, keep, record
from sim.engine.state import HELD, INBOX, NEVER, Message, Person, World
from sim.engine.talking import can_write, in_reach, is_said, listens
from sim.engine.timing import may_work_off, outside, rules_of, wake_at

MOST_TRIES = 50  # tries with a draw of their own


@rule
def asks(message: Message) -> bool:
    """Return whether a colleague asks for something: a question, an order, a report or a confirmation."""
    if message.outside == 1:
        return False
    return message.kind in (QUESTION, ASSIGNMENT, STATUS_REQUEST) or message.confirm == 1


@rule
def counts(p: Parameters, person: Person, message: Message, now: int) -> bool:
    """Return whether norms count acting on a request: it came in free time, or in some cases at work (M6)."""
    free = person.place == OFF and outside(person, now)
    return free or uniform(message.key ^ person.key, draws.COUNTS) < p.request_at_work


@rule
def odds_of_message(w: World, p: Parameters, person: Person, message: Message) -> float:
    """Return the log-odds that a message adds to acting on it outside hours."""
    receipt = 1.0 - rules_of(w, person).receipts_off if message.channel < MAIL else 0.0
    boss = 1.0 if message.outside == 0 and message.sender == person.manager else 0.0
    urgent, group = float(message.urgent), float(message.group)
    return message_log_odds(p, boss, urgent, receipt, group)


@rule
def acts(w: World, p: Parameters, person: Person, message: Message) -> bool:
    """Decide whether a message seen outside hours is acted on (M4)."""
    u = uniform(message.key ^ person.key, draws.ACT)
    own = person.act_logit
    if message.outside == 1:
        own += outsiders_pull(p, person.felt)
    return u < chance(own + odds_of_message(w, p, person, message))


@rule
def reachable(w: World, p: Parameters, person: Person, now: int) -> bool:
    """Return whether a person who is free can see an alert: outside hours, from waking to bedtime."""
    awake = now < person.bed and now % DAY >= HOUR * p.wake_clock
    return awake and outside(person, now) and person.clock <= now and may_work_off(w, p, person, now)


@rule
def loudness(w: World, p: Parameters, person: Person, message: Message) -> float:
    """Return how strongly a message alerts: by its channel, and less in a group that may be muted."""
    loud = p.intrusive[message.channel]
    if message.channel == TOOL:
        loud += rules_of(w, person).messenger * (p.intrusive_im - loud)
    if message.group == 0:
        return loud
    if message.channel != GROUP:
        loud = group_intrusiveness(p, loud)
    return loud * (1.0 - person.muted)


@rule
def interruptible(w: World, person: Person, now: int) -> bool:
    """Return whether a person at work can be interrupted: free, no other alert, not in protected hours."""
    if person.alert >= 0 or person.clock > now:
        return False
    rules = rules_of(w, person)
    return not alerts_are_quiet(now % DAY / MINUTE, rules.focus_from, rules.focus_to, rules.core_from, rules.core_to)


@rule
def alert(w: World, p: Parameters, person: Person, number: int, message: Message, now: int) -> None:
    """Let a new message alert its recipient: at work it interrupts or disturbs, outside hours it may be seen."""
    loud = loudness(w, p, person, message)
    mine = message.key ^ person.key
    u = uniform(mine, draws.NOTICE)
    if (u >= loud and not is_said(message)) or person.alert >= 0:
        return
    if person.place != OFF:
        if interruptible(w, person, now):
            heard = 1.0 - rules_of(w, person).batching
            spoken = listens(p, person, message)
            if spoken or u < alert_interrupts(p, loud, heard):
                person.alert = number
                person.alert_at = now
                person.talking = 1 if spoken else 0
                wake_at(w, person, now)
            elif person.focus == 1 and u < loud * heard:
                person.disturbed += 1
    elif u < p.see_off * loud and reachable(w, p, person, now):
        at = now + int(MINUTE * lognormal(p.reaction_minutes, p.reaction_sigma, mine, draws.REACT))
        if at < person.bed and acts(w, p, person, message):
            person.alert = number
            person.alert_at = at
            wake_at(w, person, min(int(person.wake), at))


@rule
def put_in_inbox(w: World, p: Parameters, person: Person, message: Message, now: int, loud: bool) -> None:
    """Put a message on top of the inbox; if the inbox is full, the oldest message is buried (M3)."""
    tail, asked = person.tail, asks(message)
    place = person.inbox[tail % INBOX]
    if tail - person.head == INBOX:
        if place.unread == 1:
            person.ledger.buried += 1
            record(w, place, person.row, BURIED, now)
        person.head += 1
    person.inbox[tail % INBOX] = message
    place.here = now
    place.unread = 1
    place.counted = 1 if asked and counts(p, person, message, now) else 0
    person.tail = tail + 1
    if message.kind == ANSWER and awaits(person, message.thread):
        person.awaited = tail
    person.load += 1
    person.ledger.received += 1
    person.ledger.outside_received += message.outside
    person.copies[message.channel].delivered += 1
    record(w, message, person.row, DELIVERED, now)
    if outside(person, now):
        person.ledger.after_received += 1
        if asked:
            person.ledger.after_requests += 1
            person.requests += int(place.counted)
    if loud:
        alert(w, p, person, tail, message, now)
    if is_said(message) and p.talk_allowed > 0.0 and (person.alert != tail or person.talking == 0):
        w.person[message.sender].ledger.missed += 1


@rule
def comes_again(w: World, p: Parameters, person: Person, message: Message, now: int) -> bool:
    """Let a person who visited or called in vain try again later, if no message can be left in writing (M14)."""
    if not is_said(message) or message.kind == ANSWER or p.again_minutes <= 0.0 or p.talk_allowed <= 0.0:
        return False
    sender = w.person[message.sender]
    if can_write(w, sender) or (interruptible(w, person, now) and listens(p, person, message)):
        return False
    sender.ledger.missed += 1
    after = int(MINUTE * lognormal(p.again_minutes, p.again_sigma, message.key, draws.AGAIN + int(message.tries)))
    message.tries = min(message.tries + 1, MOST_TRIES)
    keep(w, sender, message, 0, (now // DAY + 1) * DAY if outside(person, now) else now + after)
    return True


@rule
def keep_for(w: World, message: Message, person: Person, now: int) -> None:
    """Let a speaker tell an absent group member another day, if nothing can be written (M14)."""
    sender = w.person[message.sender]
    if can_write(w, sender):
        sender.ledger.lapsed_work_seconds += message.work
        return
    key, to = message.key, int(message.to)
    message.key = child(key ^ person.key, draws.TOLD_LATER_KEY)
    message.to, message.group = person.row, 0
    keep(w, sender, message, 0, (now // DAY + 1) * DAY)
    message.key, message.to, message.group = key, to, 1


@rule
def bring(w: World, p: Parameters, message: Message, now: int, loud: bool) -> None:
    """Deliver a message to its recipients, except those who took their seat after it was sent or were out of reach."""
    to = int(message.to)
    first, last = to, to + 1
    if to < 0:
        first, last = w.chat_from[-1 - to], w.chat_from[-to]
    for k in range(first, last):
        person = w.person[w.chat_member[k] if to < 0 else k]
        if person.row == message.sender:
            continue
        if to < 0 and not follows(w, person, -1 - to):
            person.copies[message.channel].refused += 1
            w.person[message.sender].ledger.lapsed_work_seconds += message.work
        elif person.hired * DAY > message.sent:
            person.copies[message.channel].refused += 1
            person.ledger.cleared_held += 1
        elif to < 0 and message.channel == TALK and not in_reach(p, w.person[message.sender], person):
            person.copies[message.channel].refused += 1
            keep_for(w, message, person, now)
        elif to >= 0 and comes_again(w, p, person, message, now):
            person.copies[message.channel].sent -= 1
        else:
            put_in_inbox(w, p, person, message, now, loud)


@rule
def one_of(message: Message) -> int:
    """Return a person in the message's firm: its writer, or the recipient of an outsider's message."""
    return message.sender if message.outside == 0 else message.to


@rule
def hold(w: World, message: Message) -> bool:
    """Hold a message of the outbox until it is due, once for all recipients; False if there is no space."""
    firm = w.firm[w.person[one_of(message)].firm]
    if firm.held >= HELD * firm.people:
        return False
    w.held[HELD * firm.first + firm.held] = message
    due = int(message.due)
    firm.held_at = min(firm.held_at, due) if firm.held > 0 else due
    firm.held += 1
    return True


@rule
def held_until(w: World, f: int) -> int:
    """Return the second at which the first of a firm's held messages is due."""
    return w.firm[f].held_at if w.firm[f].held > 0 else NEVER


@rule
def hand_out(w: World, p: Parameters, f: int, now: int) -> None:
    """Deliver the held messages that were due before now, in the order in which they were written."""
    if held_until(w, f) >= now:
        return
    firm = w.firm[f]
    base = HELD * firm.first
    kept = base
    earliest = NEVER
    for n in range(base, base + firm.held):
        message = w.held[n]
        if message.due < now:
            bring(w, p, message, now, True)
        else:
            earliest = min(earliest, int(message.due))
            w.held[kept] = message
            kept += 1
    firm.held = kept - base
    firm.held_at = earliest


@rule
def keep_overnight(w: World, p: Parameters) -> None:
    """Hold messages of a turn past midnight until they were sent; without space, deliver them now, silently."""
    tally = w.tally[0]
    for n in range(tally.outbox):
        message = w.outbox[n]
        if not hold(w, message):
            w.person[one_of(message)].ledger.not_held += 1
            bring(w, p, message, (int(message.sent) // MINUTE + 1) * MINUTE, False)
    tally.outbox = 0


@rule
def deliver(w: World, p: Parameters, now: int) -> int:
    """Deliver the messages of the outbox sent before now, in the order of writing, each at the end of its minute.

    Messages due later are held; without space they are delivered at once, silently, and counted. Returns the second at
    which the earliest remaining message was or will be sent.
    """
    tally = w.tally[0]
    kept = 0
    earliest = NEVER
    for n in range(tally.outbox):
        message = w.outbox[n]
        sent = int(message.sent)
        if sent >= now:
            earliest = min(earliest, sent)
            w.outbox[kept] = message
            kept += 1
            continue
        at = (sent // MINUTE + 1) * MINUTE
        late = message.due > at
        if late and hold(w, message):
            continue
        if late:
            w.person[one_of(message)].ledger.not_held += 1
        bring(w, p, message, at, not late)
    tally.outbox = kept
    return earliest
