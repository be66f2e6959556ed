"""The channel of a message under the rules in force, and from when on it can be found (M10).

The order of checks: is the channel closed, and does the writer obey; if so, a way round or waiting for the morning; a
right not to answer, for chats outside hours; the prohibition of contact, the emergency line, reminders and held
delivery; the fixed hours of mail. People who obey a closed channel use no closed one: if nothing is open, the message
is not sent, and counted.
"""

from sim.behaviour.answering import channel_by_morning
from sim.behaviour.compliance import obeys, spared
from sim.core import draws
from sim.core.columns import ANSWER, CALL, GROUP, IM, MAIL, SHADOW, TOOL
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import uniform
from sim.engine.state import Message, Person, World
from sim.engine.timing import mail_round, next_opening, quiet, quiet_end, rules_of


@rule
def usual_channel(p: Parameters, message: Message) -> int:
    """Return the channel that a message would take if everything were open."""
    if message.group == 1:
        return GROUP
    u = uniform(message.key, draws.BY_CHANNEL)
    if message.urgent == 1 and u < p.call_share:
        return CALL
    return MAIL if u > 1.0 - p.mail_share else IM


@rule
def breach(w: World, person: Person) -> None:
    """Book that a person broke a rule."""
    person.ledger.breaches += 1
    w.firm[person.firm].breaches += 1.0


@rule
def closure_of(w: World, person: Person, channel: int, still: bool) -> float:
    """Return how far a channel is closed for a person now."""
    rules = rules_of(w, person)
    closed = rules.closed[channel]
    return max(closed, rules.off[channel]) if still else closed


@rule
def keeps_to(w: World, person: Person, channel: int, still: bool) -> bool:
    """Return whether a person does not use a closed channel, because the system closes it or out of obedience."""
    rules = rules_of(w, person)
    if channel != SHADOW:
        by_system = max(rules.system[channel], rules.system_off[channel] if still else 0.0)
        if uniform(person.key, draws.BY_SYSTEM) < by_system:
            return True
    return obeys(closure_of(w, person, channel, still), w.firm[person.firm].compliance, person.rank)


@rule
def is_open(w: World, person: Person, channel: int, still: bool) -> bool:
    """Return whether a person can use a channel: it is not closed, or the person does not obey the closure."""
    return closure_of(w, person, channel, still) <= 0.0 or not keeps_to(w, person, channel, still)


@rule
def line_is_free(w: World, person: Person) -> bool:
    """Return whether a person may use the emergency line."""
    rules = rules_of(w, person)
    there = rules.emergency > 0.0 and rules.closed_call < 2.0
    return there and person.emergency < int(rules.emergency_quota)


@rule
def call_in_emergency(person: Person) -> int:
    """Book a call on the emergency line."""
    person.emergency += 1
    person.ledger.emergency_calls += 1
    return CALL


@rule
def evades(w: World, p: Parameters, person: Person, message: Message, closure: float, still: bool) -> bool:
    """Decide whether a message that meets a closed channel goes by a private one, and book it."""
    wish = p.evade_urgent if message.urgent == 1 else p.evade
    if closure >= 2.0 or uniform(message.key, draws.EVADES) >= wish:
        return False
    if closure_of(w, person, SHADOW, still) > 0.0:
        if keeps_to(w, person, SHADOW, still):
            return False
        breach(w, person)
    person.ledger.evasions += 1
    return True


@rule
def goes_by_tool(message: Message, uptake: float) -> bool:
    """Return whether a message is among the share that a tool takes up."""
    return uniform(message.key, draws.SUBSTITUTE) < uptake


@rule
def detour(w: World, p: Parameters, person: Person, message: Message, closure: float, off: bool, still: bool) -> int:
    """Return the channel taken at once by a person who obeys a closed one (M10)."""
    rules = rules_of(w, person)
    if message.urgent == 1 and message.group == 0 and line_is_free(w, person):
        return call_in_emergency(person)
    if evades(w, p, person, message, closure, still):
        return SHADOW
    if (off or still) and uniform(message.key, draws.SWITCHES) >= p.switch_open:
        return -1
    by_tool = message.outside == 0 and goes_by_tool(message, max(rules.tool, rules.messenger))
    if by_tool and closure_of(w, person, TOOL, still) == 0.0 and not (off and goes_by_tool(message, rules.messenger)):
        return TOOL
    if message.group == 0 and closure_of(w, person, IM, still) == 0.0:
        return IM
    if closure_of(w, person, MAIL, still) == 0.0:
        return MAIL
    if message.group == 0 and not off and not still and closure_of(w, person, CALL, still) == 0.0:
        return CALL
    return -1


@rule
def by_morning(w: World, person: Person, usual: int, group: int, outside: int) -> int:
    """Return the channel of a waiting message, of those open in contract hours; no tool leads outside the firm."""
    rules = rules_of(w, person)
    return channel_by_morning(
        usual,
        group,
        rules.closed[usual] == 0.0,
        rules.closed_im == 0.0,
        rules.closed_tool == 0.0 and max(rules.tool, rules.messenger) > 0.0 and outside == 0,
        rules.closed_mail == 0.0,
        rules.closed_call == 0.0,
    )


@rule
def postpone(w: World, p: Parameters, person: Person, second: int, still: bool) -> int:
    """Book that a message waits until the quiet window is over, or for the next opening."""
    person.ledger.postponed += 1
    return quiet_end(w, p, person, second) if still else next_opening(w, p, person, second)


@rule
def past_closures(
    w: World, p: Parameters, person: Person, message: Message, channel: int, off: bool, still: bool
) -> tuple[int, int]:
    """Apply closed channels to a message: break the rule, take the way round, or wait."""
    second = int(message.sent)
    closure = closure_of(w, person, channel, still)
    if closure <= 0.0:
        return channel, second
    if not keeps_to(w, person, channel, still):
        breach(w, person)
        return channel, second
    taken = detour(w, p, person, message, closure, off, still)
    due = second
    if taken < 0:
        taken = by_morning(w, person, channel, message.group, message.outside)
        if taken >= 0:
            due = postpone(w, p, person, second, still)
    if taken == TOOL:
        person.ledger.substituted += 1
    return taken, due


@rule
def past_rights(
    w: World, p: Parameters, person: Person, message: Message, channel: int, still: bool
) -> tuple[int, int]:
    """Apply a right not to answer to a chat message outside hours: by mail, in the morning, or a call."""
    second = int(message.sent)
    spares = uniform(message.key, draws.SPARES) < spared(p, person.use_of_rights)
    if not spares or channel > GROUP or message.kind == ANSWER or closure_of(w, person, channel, still) > 0.0:
        return channel, second
    if message.urgent == 1:
        callable_now = message.group == 0 and rules_of(w, person).contact_ban == 0.0
        return (CALL if callable_now and closure_of(w, person, CALL, still) == 0.0 else channel), second
    later = uniform(message.key, draws.IN_THE_MORNING) < p.right_later
    if later or closure_of(w, person, MAIL, still) > 0.0:
        return channel, postpone(w, p, person, second, False)
    return MAIL, second


@rule
def past_quiet_hours(
    w: World, p: Parameters, person: Person, message: Message, channel: int, off: bool, still: bool
) -> tuple[int, int]:
    """Apply a prohibition of contact, reminders, held delivery and a messenger that keeps hours."""
    second, urgent = int(message.sent), message.urgent
    rules = rules_of(w, person)
    banned = rules.contact_ban if off and message.outside == 0 else 0.0
    held = still and uniform(message.key, draws.HELD) < rules.hold
    kept = off and channel == TOOL and goes_by_tool(message, rules.messenger)
    if (
        channel != CALL
        and urgent == 1
        and message.group == 0
        and (banned > 0.0 or held or kept)
        and line_is_free(w, person)
    ):
        return call_in_emergency(person), second
    waits = urgent == 0 and obeys(banned, w.firm[person.firm].compliance, person.rank)
    if banned > 0.0 and not waits and (channel != CALL or urgent == 0):
        breach(w, person)
    if waits:
        return channel, postpone(w, p, person, second, False)
    due = next_opening(w, p, person, second) if kept else second
    if still and urgent == 0 and uniform(message.key, draws.NUDGED) < rules.nudge:
        return channel, max(due, postpone(w, p, person, second, True))
    if channel != CALL and held:
        return channel, max(due, quiet_end(w, p, person, second))
    return channel, due


@rule
def obey(w: World, p: Parameters, person: Person, message: Message, channel: int, off: bool) -> tuple[int, int]:
    """Apply the rules in force to a message (M10), in the order given at the top of this file."""
    second = int(message.sent)
    still = quiet(w, person, second)
    channel, due = past_closures(w, p, person, message, channel, off, still)
    if channel < 0:
        return -1, second
    if off and due == second and person.use_of_rights > 0.0:
        channel, due = past_rights(w, p, person, message, channel, still)
    if (off or still) and channel != SHADOW and due == second:
        channel, due = past_quiet_hours(w, p, person, message, channel, off, still)
    fixed = rules_of(w, person).scheduled
    if channel == MAIL and message.urgent == 0 and due == second and uniform(message.key, draws.SCHEDULED) < fixed:
        due = mail_round(w, p, person, second)
        person.ledger.substituted += 1
    return channel, due
