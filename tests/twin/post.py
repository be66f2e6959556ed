"""The way of a message: past the rules in force into the firm's outbox, and from there to its recipients."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.core import draws
from sim.core.columns import ANSWER, ASSIGNMENT, CALL, CHANNELS, GROUP, IM, MAIL, OFFICE, SENT, SHADOW, TALK, TOOL
from tests.twin import dates, hours, outsiders, reading, rules, talking
from tests.twin.chance import child, happens, lognormal, uniform
from tests.twin.things import DAY, Chat, Message

if TYPE_CHECKING:
    from tests.twin.firm import Company
    from tests.twin.person import Person

MINUTE = 60
HELD = 64  # places for held messages, per person
NONE = -1  # instead of a channel


def send(message: Message) -> None:
    """Route a message: usual channel; obedience to closures, with its detours; contact ban, reminders, held mail."""
    sender, firm, second = message.sender, message.sender.firm, message.sent
    rule = sender.rule
    off = sender.outside(second)
    if message.urgent and message.said is None and message.reply_by != TALK:
        message.urgent = rule.mention_limit == 0.0 or sender.marks < int(rule.mention_limit)
        sender.marks += message.urgent
    message.channel = first_choice(message)
    message.length = int(1_000.0 * lognormal(1.0, sender.model.q.handling_sigma, message.key, draws.READING))
    message.due = second
    on_the_spot = message.said is not None and message.kind == ANSWER
    if rule.in_force > 0.0 and message.channel != TALK and not on_the_spot:
        still = hours.quiet(sender, second)
        waiting = sender.ledger["postponed"]
        past_closures(message, off, still)
        there = message.channel != NONE
        if there and off and message.due == second and sender.use_of_rights > 0.0:
            spare(message, still)
        if there and (off or still) and message.channel != SHADOW and message.due == second:
            past_quiet_hours(message, off, still)
        scheduled = message.channel == MAIL and not message.urgent and message.due == second
        if scheduled and happens(rule.scheduled, message.key, draws.SCHEDULED):
            message.due = hours.next_mail_round(sender, second)
            sender.count("substituted")
        in_person = sender.model.q.talk_allowed > 0.0 and sender.place == OFFICE and not off
        if message.channel == NONE and message.kind == ASSIGNMENT and isinstance(message.to, Chat) and in_person:
            message.channel, message.due = TALK, second  # said to who is there
        kept_back = message.channel == NONE or sender.ledger["postponed"] > waiting
        if kept_back and dates.stays_unsent(message, message.channel != NONE):
            return
    if message.tries == 0:
        sender.count("sent")
        sender.count(f"sent_{CHANNELS[message.channel]}")
        sender.count("after_sent", int(off))
        firm.hours[second // 3_600 % 168, message.channel] += 1
        firm.log(SENT, sender, second, message)
    if message.outside is not None:
        outsiders.serve(message)
    else:
        firm.outbox.append(message)


def first_choice(message: Message) -> int:
    """Channel by which a message goes if everything is open: an answer goes back the way the message came."""
    if message.said is not None:
        return message.said
    reply_by = message.reply_by
    if reply_by is not None and (message.urgent or reply_by != CALL):
        return IM if reply_by == GROUP else reply_by
    if message.group:
        return GROUP
    q, u = message.sender.model.q, uniform(message.key, draws.BY_CHANNEL)
    if message.urgent and u < q.call_share:
        return CALL
    return MAIL if u > 1.0 - q.mail_share else IM


def closure(sender: "Person", channel: int, still: bool) -> float:
    """How far a channel is closed: at all times, or in the quiet window."""
    return max(sender.rule.closed[channel], sender.rule.off[channel] if still else 0.0)


def keeps_to(sender: "Person", channel: int, still: bool) -> bool:
    """Whether a closed channel is not used: the system has closed it, now or always, or the sender obeys."""
    shares = [] if channel == SHADOW else [sender.rule.system[channel], sender.rule.system_off[channel] * still]
    if any(happens(share, sender.key, draws.BY_SYSTEM) for share in shares):
        return True
    return rules.obeys(closure(sender, channel, still), sender.firm.compliance, sender.rank)


def by_messenger(message: Message) -> bool:
    """Whether a message by the tool goes by the internal messenger, which keeps hours."""
    return happens(message.sender.rule.messenger, message.key, draws.SUBSTITUTE)


def past_closures(message: Message, off: bool, still: bool) -> None:
    """Where the channel is closed, break the rule, take a detour, or wait for one that is open."""
    sender, usual = message.sender, message.channel
    shut = closure(sender, usual, still)
    if shut == 0.0:
        return
    if not keeps_to(sender, usual, still):
        breach(sender)
        return
    message.channel = detour(message, off, still, shut)
    if message.channel == NONE:
        rule = sender.rule
        is_open = [each == 0.0 for each in rule.closed]
        tool = is_open[TOOL] and max(rule.tool, rule.messenger) > 0.0 and message.outside is None
        message.channel = rules.channel_by_morning(
            usual, int(message.group), is_open[usual], is_open[IM], tool, is_open[MAIL], is_open[CALL]
        )
        if message.channel != NONE:
            postpone(message, still)
    if message.channel == TOOL:
        sender.count("substituted")


def breach(sender: "Person") -> None:
    sender.count("breaches")
    sender.firm.breaches += 1.0


def postpone(message: Message, still: bool) -> None:
    """It waits until the quiet window is over, or for the next opening."""
    sender = message.sender
    sender.count("postponed")
    message.due = (hours.quiet_end if still else hours.next_opening)(sender, message.sent)


def line_is_free(sender: "Person") -> bool:
    rule = sender.rule
    return rule.emergency > 0.0 and rule.closed[CALL] < 2.0 and sender.emergency < int(rule.emergency_quota)


def call_in_emergency(sender: "Person") -> int:
    sender.emergency += 1
    sender.count("emergency_calls")
    return CALL


def evades(message: Message, still: bool, shut: float) -> bool:
    """Whether a private channel is taken; where that is closed as well, by breaking the rule."""
    sender, q = message.sender, message.sender.model.q
    if shut == 2.0 or not happens(q.evade_urgent if message.urgent else q.evade, message.key, draws.EVADES):
        return False
    if closure(sender, SHADOW, still) > 0.0:
        if keeps_to(sender, SHADOW, still):
            return False
        breach(sender)
    sender.count("evasions")
    return True


def detour(message: Message, off: bool, still: bool, shut: float) -> int:
    """Emergency line, evasion, a substitute, or none at once."""
    sender, rule, q = message.sender, message.sender.rule, message.sender.model.q
    if message.urgent and not message.group and line_is_free(sender):
        return call_in_emergency(sender)
    if evades(message, still, shut):
        return SHADOW
    away = off or still
    if away and not happens(q.switch_open, message.key, draws.SWITCHES):
        return NONE
    tool = message.outside is None and happens(max(rule.tool, rule.messenger), message.key, draws.SUBSTITUTE)
    if tool and closure(sender, TOOL, still) == 0.0 and not (off and by_messenger(message)):
        return TOOL
    if not message.group and closure(sender, IM, still) == 0.0:
        return IM
    if closure(sender, MAIL, still) == 0.0:
        return MAIL
    return CALL if not message.group and not away and rule.closed[CALL] == 0.0 else NONE


def spare(message: Message, still: bool) -> None:
    """Under a right not to answer some chat messages outside hours become mail, calls, or wait until the morning."""
    sender, q = message.sender, message.sender.model.q
    if message.kind == ANSWER or message.channel not in (IM, GROUP):
        return
    if not happens(rules.spared(q, sender.use_of_rights), message.key, draws.SPARES):
        return
    if closure(sender, message.channel, still) > 0.0:
        return
    if message.urgent:
        if not message.group and sender.rule.contact_ban == 0.0 and closure(sender, CALL, still) == 0.0:
            message.channel = CALL
    elif happens(q.right_later, message.key, draws.IN_THE_MORNING) or closure(sender, MAIL, still) > 0.0:
        postpone(message, still=False)
    else:
        message.channel = MAIL


def past_quiet_hours(message: Message, off: bool, still: bool) -> None:
    """Contact ban, emergency line, reminder, held delivery, a messenger that keeps hours."""
    sender, rule = message.sender, message.sender.rule
    banned = off and rule.contact_ban > 0.0 and message.outside is None
    held = message.channel != CALL and still and happens(rule.hold, message.key, draws.HELD)
    kept = message.channel == TOOL and off and by_messenger(message)
    if message.urgent:
        stopped = message.channel != CALL and (banned or held or kept)
        if stopped and not message.group and line_is_free(sender):
            message.channel = call_in_emergency(sender)
            return
    obeys = banned and not message.urgent and rules.obeys(rule.contact_ban, sender.firm.compliance, sender.rank)
    if banned and not obeys and not (message.channel == CALL and message.urgent):
        breach(sender)
    if obeys:
        postpone(message, still=False)
    elif still and not message.urgent and happens(rule.nudge, message.key, draws.NUDGED):
        postpone(message, still=True)
    elif held:
        message.due = hours.quiet_end(sender, message.sent)
    if kept and not obeys:
        message.due = max(message.due, hours.next_opening(sender, message.sent))


def deliver(firm: "Company", until: float) -> None:
    """Bring what was sent before a moment to its recipients, each message at the full minute after it was sent.

    What is due later is held; what finds no space there is delivered at once, without an alert.
    """
    going = [message for message in firm.outbox if message.sent < until]
    firm.outbox = [message for message in firm.outbox if message.sent >= until]
    for message in going:
        now = message.sent // MINUTE * MINUTE + MINUTE
        early = message.due > now
        if early and len(firm.held) < HELD * len(firm.people):
            firm.held.append(message)
            continue
        message.home.count("not_held", int(early))
        bring(message, now, loud=not early)


def keep_overnight(firm: "Company") -> None:
    """Hold what was written past midnight until it was sent; without space bring it without an alert."""
    for message in firm.outbox:
        message.due = max(message.due, message.sent)
        if len(firm.held) < HELD * len(firm.people):
            firm.held.append(message)
        else:
            message.home.count("not_held")
            bring(message, message.sent // MINUTE * MINUTE + MINUTE, loud=False)
    firm.outbox = []


def hand_out(firm: "Company", until: int) -> None:
    """Deliver what was held and was due before a moment."""
    due = [message for message in firm.held if message.due < until]
    firm.held = [message for message in firm.held if message.due >= until]
    for message in due:
        bring(message, until, loud=True)


def told_later(message: Message, person: "Person", now: int) -> None:
    """Who was out of reach of what a group was told hears it another day, where it cannot be written."""
    sender = message.sender
    if talking.can_write(sender):
        sender.count("lapsed_work_seconds", message.work)
        return
    own = child(message.key ^ person.key, draws.TOLD_LATER_KEY)
    dates.keep(sender, replace(message, key=own, to=person), now // DAY * DAY + DAY, written=True)


def bring(message: Message, now: int, loud: bool) -> None:
    """To everybody it is for, but not to who took a seat after it was sent or is out of reach."""
    to = message.to
    for person in to.members if isinstance(to, Chat) else [to]:
        if person is message.sender:
            continue
        if isinstance(to, Chat) and not person.follows(to):
            message.sender.count("lapsed_work_seconds", message.work)
        elif person.hired * DAY > message.sent:
            person.count("cleared_held")
        elif message.channel == TALK and isinstance(to, Chat) and not talking.reaches(message.sender, person):
            told_later(message, person, now)
        elif not isinstance(to, Chat) and talking.in_vain(person, message, now):
            pass
        else:
            reading.receive(person, message, now, loud=loud)
