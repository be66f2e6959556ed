"""The way of a message: past the rules in force into the firm's outbox, and from there to its recipients."""

from typing import TYPE_CHECKING

from sim import draws
from sim.columns import CALL, CHANNELS, GROUP, IM, MAIL, SENT, SHADOW, TOOL
from tests.twin import reading
from tests.twin.chance import happens, lognormal, uniform
from tests.twin.rules import rules
from tests.twin.things import Chat, Later, Message

if TYPE_CHECKING:
    from tests.twin.firm import Company
    from tests.twin.person import Person

MINUTE = 60
TOMORROW = -1  # instead of a channel


def send(message: Message) -> None:
    """Route a message: usual channel; obedience to closures, with its detours; contact ban, reminders, held mail."""
    sender, firm, second = message.sender, message.sender.firm, message.sent
    rule = sender.rule
    off = sender.outside(second)
    message.channel = first_choice(message)
    message.length = int(1_000.0 * lognormal(1.0, sender.model.q.handling_sigma, message.key, draws.READING))
    message.due = second
    if rule.in_force > 0.0:
        past_closures(message, off)
        if off and message.channel != SHADOW and message.due == second:
            past_quiet_hours(message)
        scheduled = message.channel == MAIL and not message.urgent and message.due == second
        if scheduled and happens(rule.scheduled, message.key, draws.SCHEDULED):
            message.due = firm.next_mail_round(sender, second)
    sender.count("sent")
    sender.count(f"sent_{CHANNELS[message.channel]}")
    if off:
        sender.count("after_sent")
    firm.hours[second // 3_600 % 168, message.channel] += 1
    firm.log(SENT, sender, second, message)
    firm.outbox.append(message)


def first_choice(message: Message) -> int:
    """Channel by which a message goes if everything is open: an answer goes back the way the message came."""
    reply_by = message.reply_by
    if reply_by is not None and (message.urgent or reply_by != CALL):
        return IM if reply_by == GROUP else reply_by
    if message.group:
        return GROUP
    q, u = message.sender.model.q, uniform(message.key, draws.BY_CHANNEL)
    if message.urgent and u < q.call_share:
        return CALL
    return MAIL if u > 1.0 - q.mail_share else IM


def past_closures(message: Message, off: bool) -> None:
    """Where the channel is closed, break the rule or take a detour."""
    sender, rule = message.sender, message.sender.rule
    closure = rule.closed[message.channel]
    if off:
        closure = max(closure, rule.off[message.channel])
    if closure <= 0.0:
        return
    if not rules.obeys(closure, sender.firm.compliance, sender.voice):
        breach(sender)
        return
    message.channel = detour(message, off, closure)
    if message.channel == TOMORROW:
        sender.count("postponed")
        message.due = sender.firm.next_opening(message.sent)
        tool = rule.closed[TOOL] == 0.0 and max(rule.tool, rule.messenger) > 0.0
        message.channel = TOOL if tool else MAIL


def breach(sender: "Person") -> None:
    sender.count("breaches")
    sender.firm.breaches += 1.0


def detour(message: Message, off: bool, closure: float) -> int:
    """Emergency line, evasion, a substitute, or tomorrow."""
    sender, rule, q = message.sender, message.sender.rule, message.sender.model.q
    line_open = rule.emergency > 0.0 and sender.emergency < int(rule.emergency_quota)
    if message.urgent and not message.group and line_open:
        sender.emergency += 1
        sender.count("emergency_calls")
        return CALL
    if closure < 2.0 and happens(q.evade_urgent if message.urgent else q.evade, message.key, draws.EVADES):
        sender.count("evasions")
        return SHADOW
    tool = rule.closed[TOOL] == 0.0 and happens(max(rule.tool, rule.messenger), message.key, draws.SUBSTITUTE)
    mail = rule.closed[MAIL] == 0.0
    if off:
        if not happens(q.switch_open, message.key, draws.SWITCHES):
            return TOMORROW
        tool = tool and rule.off[TOOL] == 0.0 and rule.messenger == 0.0
        mail = mail and rule.off[MAIL] == 0.0
    return TOOL if tool else (MAIL if mail else TOMORROW)


def past_quiet_hours(message: Message) -> None:
    """Outside hours: contact ban, reminder, held delivery, a messenger that keeps hours."""
    sender, rule = message.sender, message.sender.rule
    plain = not message.urgent
    obeys = plain and rules.obeys(rule.contact_ban, sender.firm.compliance, sender.voice)
    if rule.contact_ban > 0.0 and not obeys and message.channel != CALL:
        breach(sender)
    if obeys or (plain and happens(rule.nudge, message.key, draws.NUDGED)):
        sender.count("postponed")
        message.due = sender.firm.next_opening(message.sent)
    elif (message.channel != CALL and happens(rule.hold, message.key, draws.HELD)) or (
        message.channel == TOOL and rule.messenger > 0.0
    ):
        message.due = sender.firm.next_opening(message.sent)


def deliver(firm: "Company", until: float) -> None:
    """Bring what was sent before a moment to its recipients, each message at the full minute after it was sent."""
    going = [message for message in firm.outbox if message.sent < until]
    firm.outbox = [message for message in firm.outbox if message.sent >= until]
    for message in going:
        now = message.sent // MINUTE * MINUTE + MINUTE
        recipients = message.to.members if isinstance(message.to, Chat) else [message.to]
        for person in recipients:
            if person is not message.sender:
                arrive(person, message, now)


def arrive(person: "Person", message: Message, now: int) -> None:
    """Keep what is not due yet; what finds no room there is delivered without an alert."""
    early = message.due > now
    if not (early and person.later.keep(Later(message, message.due, held=True))):
        reading.receive(person, message, now, loud=not early)
