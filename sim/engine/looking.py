"""Attention at work: resuming a task after an interruption, and the cost of a look at messages (M2, M18)."""

import numpy as np

from sim.core import draws
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import lognormal, uniform
from sim.core.units import MINUTE
from sim.engine.messages import MESSAGING, RESUMING, spend
from sim.engine.state import INBOX, Person
from sim.engine.tasks import most_pressing


@rule
def come_back(p: Parameters, person: Person, key: np.uint64, part: float) -> None:
    """Spend the lag, or a part of it, until a task is resumed (M2)."""
    if part <= 0.0:
        return
    lag = min(int(lognormal(p.resume_seconds, p.resume_sigma, key, draws.RESUME)), int(MINUTE * p.resume_most))
    if int(part * lag) > 0:
        spend(person, int(part * lag), RESUMING)


@rule
def interrupted(p: Parameters, person: Person, key: np.uint64) -> None:
    """Resume a task after an interruption: a lag, some haste, sometimes another task (M2)."""
    person.ledger.interruptions += 1
    person.interrupted_today += 1
    person.focus = 0
    person.hurry = 1
    if person.task >= 0:
        person.tasks[person.task].interrupted += 1
    come_back(p, person, key, 1.0)
    if person.task >= 0 and uniform(key, draws.DISPLACE) < p.displace:
        person.task = most_pressing(p, person, person.task)


@rule
def amid_task(person: Person) -> bool:
    """Return whether a person is in the middle of a task, not between two messages."""
    return person.task >= 0 and person.engaged == person.task


@rule
def lose_to_messages(person: Person, seconds: int) -> None:
    """Book time lost to messages without reading: looks at them, or alerts left alone (M18)."""
    if seconds > 0:
        spend(person, seconds, MESSAGING)
        person.ledger.looking_seconds += seconds


@rule
def look(p: Parameters, person: Person, most: int, key: np.uint64) -> None:
    """Look at messages at work: this takes time; an awaited answer may come first, and all may be read (M18)."""
    person.ledger.checks += 1
    lose_to_messages(person, int(p.look_seconds))
    person.browse = INBOX if uniform(key, draws.LOOK_ALL) < p.look_all else most
    number = person.awaited
    there = number >= person.head and person.inbox[number % INBOX].unread == 1
    if there and uniform(key, draws.LOOK_AWAITED) < p.look_awaited:
        person.alert = number
        person.alert_at = person.clock
        person.browse -= 1
