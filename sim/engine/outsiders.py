"""The world outside: customers, parents and partners who write to a person, whatever that person does (M17).

Their messages come at moments of the person's own day and are delivered at the end of the minute like all others. They
have no writer in the firm: ``sender`` is -1 and ``outside`` is 1. An answer to them leaves the firm.
"""

import numpy as np

from sim.behaviour.outsiders import outside_gap, outside_hour, outside_rate, outsiders_channel
from sim.core import draws
from sim.core.columns import IM, MAIL, QUESTION, SENT, SHADOW
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import child, lognormal, uniform
from sim.core.units import DAY, HOUR
from sim.engine.messages import OUTBOX_FULL, fill, record
from sim.engine.routing import is_open
from sim.engine.state import NEVER, THOUSAND, Person, World
from sim.engine.timing import quiet, quiet_end, rules_of


@rule
def expect_outsider(w: World, p: Parameters, person: Person, midnight: int) -> None:
    """Find when the next outsider writes to a person today."""
    person.outside_number += 1
    u = uniform(person.day_key, draws.OUTSIDER + person.outside_number)
    person.outside_passed += outside_gap(person.outside_rate, u)
    w.outsider[person.row] = NEVER
    if person.outside_passed < 1.0:
        hour = outside_hour(p, person.role, person.outside_passed)
        w.outsider[person.row] = midnight + int(HOUR * hour)


@rule
def expect_outsiders(w: World, p: Parameters, person: Person, day: int) -> None:
    """Set how much outsiders write to a person today, and when the first of them does."""
    person.outside_rate = outside_rate(p, person.role, person.volume, w.workday[day] == 0)
    person.outside_number = 0
    person.outside_passed = 0.0
    w.outsider[person.row] = NEVER
    if person.outside_rate > 0.0:
        expect_outsider(w, p, person, day * DAY)


@rule
def way_in(w: World, p: Parameters, person: Person, key: np.uint64, own: int, second: int) -> tuple[int, int]:
    """Apply the rules to an outsider's message: return its channel, -1 if none ever opens, and when it arrives."""
    still = quiet(w, person, second)
    held = still and own != SHADOW and uniform(key, draws.HELD) < rules_of(w, person).hold
    if not held and is_open(w, person, own, still):
        return own, second
    private = is_open(w, person, SHADOW, still)
    if private and own != SHADOW and uniform(key, draws.OUTSIDER_MOVES) < p.outside_moves:
        person.ledger.outside_moved += 1
        return SHADOW, second
    by_mail, by_im = is_open(w, person, MAIL, False), is_open(w, person, IM, False)
    by_shadow = is_open(w, person, SHADOW, False)
    opens = by_mail if own == MAIL else by_im if own == IM else by_shadow
    channel = outsiders_channel(own, opens, by_mail, by_im, by_shadow)
    if channel < 0 or (not held and is_open(w, person, channel, still)):
        return channel, second
    return channel, quiet_end(w, p, person, second)


@rule
def outsider_writes(w: World, p: Parameters, person: Person) -> None:
    """Send a person the due message of an outsider, and find when the next one comes."""
    second = w.outsider[person.row]
    key = child(person.day_key, draws.OUTSIDER_KEY + person.outside_number)
    expect_outsider(w, p, person, second // DAY * DAY)
    channel = IM
    if uniform(key, draws.OUTSIDER_PRIVATE) < p.outside_private:
        channel = SHADOW
    elif uniform(key, draws.OUTSIDER_MAIL) < p.outside_mail:
        channel = MAIL
    due = second
    if rules_of(w, person).in_force > 0.0:
        channel, due = way_in(w, p, person, key, channel, second)
    if channel < 0:
        person.ledger.outside_shut_out += 1
        return
    tally = w.tally[0]
    if tally.outbox >= len(w.outbox):
        tally.error = OUTBOX_FULL
        return
    message = w.outbox[tally.outbox]
    tally.outbox += 1
    fill(message, key, key, -1, person.row, QUESTION, second)
    message.due = due
    message.length = int(THOUSAND * lognormal(1.0, p.handling_sigma, key, draws.READING))
    message.channel = channel
    message.urgent = 1 if uniform(key, draws.URGENT) < p.urgent_share else 0
    message.outside = 1
    person.copies[channel].sent += 1
    record(w, message, person.row, SENT, second)
