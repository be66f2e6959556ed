"""Who talks instead of writing, who is reached, who knows the answer, and when people meet (M14)."""

from sim.behaviour.scales import chance, clip
from sim.core.compiled import rule
from sim.core.elementary import log
from sim.core.parameters import Parameters
from sim.core.units import HOUR, MINUTE


@rule
def talk_chance(p: Parameters, urgent: float, near: float, closed: float) -> float:
    """Chance that a person at work says something instead of writing it (M14) [E2, E8].

    Inputs are 0..1: ``urgent``, ``near`` (same team as the other person), ``closed`` (the messenger is closed).
    """
    odds = p.talk_base + p.talk_urgent * urgent + p.talk_near * near + p.talk_closed * closed
    return p.talk_allowed * chance(odds)


@rule
def call_share(p: Parameters, near: float) -> float:
    """Share of spoken messages that go by phone (M14) [E8]; ``near`` is 1 within a team, otherwise 0."""
    return p.call_far + (p.call_near - p.call_far) * near


@rule
def heard_share(p: Parameters, by_call: bool, answer: bool) -> float:
    """Chance that spoken words reach a person at the desk at once (M14) [E8]; an answer is awaited, so more likely."""
    if answer:
        return p.answer_heard
    return p.call_heard if by_call else p.talk_heard


@rule
def knows(p: Parameters, shown: bool) -> float:
    """Chance that the person asked knows the answer (M14) [E8]; ``shown``: group chats or a tool show who does what."""
    return p.asked_knows if shown else p.asked_knows * (1.0 - p.knows_hidden)


@rule
def by_size(p: Parameters, rate: float, people: float, growth: float) -> float:
    """Meetings on a working day (M14) if ``rate`` is usual in a firm of usual size; grows with the log of size."""
    return max(0.0, rate * (1.0 + growth * log(people / p.usual_people)))


@rule
def meeting_start(p: Parameters, opening: float, day: float, pause: float, length: float, u: float) -> int:
    """Second of the day at which a meeting begins (M14). Assumption.

    ``opening``, ``day`` and ``pause`` are the firm's opening, length of day and break, and ``length`` that of the
    meeting, all in seconds. The uniform draw ``u`` spreads starts evenly over contract hours without cutting into the
    earliest break.
    """
    first = opening + MINUTE * p.meeting_after
    last = max(first, opening + day - length)
    midday = max(HOUR * p.break_clock, opening + HOUR * p.break_after)
    before = clip(midday - length, first, last)
    after = clip(midday + pause, before, last)
    begin = first + (before - first + last - after) * u
    return int(begin if begin < before else after + (begin - before))
