"""Who talks instead of writing, who is found, what an archive answers, and when people meet (M14)."""

from sim.behaviour.scales import chance, clip
from sim.core.compiled import rule
from sim.core.elementary import log
from sim.core.parameters import Parameters
from sim.core.units import HOUR, MINUTE


@rule
def talk_chance(p: Parameters, urgent: float, near: float, closed: float) -> float:
    """Chance that somebody at work says a thing instead of writing it (M14).

    ``urgent``; ``near``: to somebody of the same team; ``closed``: the messenger is closed; each 0..1.
    """
    odds = p.talk_base + p.talk_urgent * urgent + p.talk_near * near + p.talk_closed * closed
    return p.talk_allowed * chance(odds)


@rule
def call_share(p: Parameters, near: float) -> float:
    """Share of what is said that is said by phone, to somebody of the same team (``near`` = 1) or elsewhere (M14)."""
    return p.call_far + (p.call_near - p.call_far) * near


@rule
def heard_share(p: Parameters, by_call: bool, answer: bool) -> float:
    """Chance that what is said reaches a person at the own desk at once (M14); an answer is waited for."""
    if answer:
        return p.answer_heard
    return p.call_heard if by_call else p.talk_heard


@rule
def knows(p: Parameters, shown: bool) -> float:
    """Chance that who is asked knows the answer (M14); ``shown``: group chats or a tool show who does what."""
    return p.asked_knows if shown else p.asked_knows * (1.0 - p.knows_hidden)


@rule
def by_size(p: Parameters, rate: float, people: float, growth: float) -> float:
    """Meetings on a working day (M14), ``rate`` of them in a firm of the usual size: more in larger firms."""
    return max(0.0, rate * (1.0 + growth * log(people / p.usual_people)))


@rule
def meeting_start(p: Parameters, opening: float, day: float, pause: float, length: float, u: float) -> int:
    """Second of the day at which a meeting begins (M14), by the firm's opening, day and break, its length, and a draw.

    It lies within contract hours, evenly over those seconds at which it does not cut into the earliest break.
    """
    first = opening + MINUTE * p.meeting_after
    last = max(first, opening + day - length)
    midday = max(HOUR * p.break_clock, opening + HOUR * p.break_after)
    before = clip(midday - length, first, last)
    after = clip(midday + pause, before, last)
    begin = first + (before - first + last - after) * u
    return int(begin if begin < before else after + (begin - before))
