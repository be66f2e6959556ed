"""Moments of self-interruption: checking messages, reading on, and writing something of one's own."""

import numpy as np

from sim.behaviour.answering import evening_factor
from sim.behaviour.hours import within
from sim.core import draws
from sim.core.columns import ASSIGNMENT, BROADCAST, CHATTER, OFF, STATUS_REQUEST
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import child, lognormal, uniform
from sim.core.units import DAY, HOUR, MINUTE
from sim.engine.chats import BRANCHES
from sim.engine.delivery import acts
from sim.engine.looking import amid_task, come_back, look
from sim.engine.messages import MESSAGING, note, open_projects, spend, writing_seconds
from sim.engine.state import INBOX, LEAST_WORK, NEVER, Person, World
from sim.engine.talking import speak, spoken_channel, take_time
from sim.engine.timing import may_work_off, outside, rules_of

BLOCK = 600  # seconds between moments of self-interruption at work
FREE = 3  # outside hours each third of them counts


@rule
def next_moment(p: Parameters, person: Person, second: int) -> None:
    """Set the person's next moment of self-interruption: a fixed point of the person's own day."""
    midnight = second // DAY * DAY
    block = (second - midnight) // BLOCK + 1
    width = BLOCK
    if person.place == OFF:
        block = max((block + FREE - 1) // FREE * FREE, int(HOUR * p.moment_clock) // BLOCK)
        width = FREE * BLOCK
    at = midnight + block * BLOCK + int(width * uniform(person.day_key, draws.MOMENT + block))
    person.block = block
    person.check = at if at < person.bed else NEVER


@rule
def work_of(p: Parameters, message: np.uint64) -> int:
    """Draw the work that an assignment brings."""
    return max(LEAST_WORK, int(MINUTE * lognormal(p.assignment_minutes, p.assignment_sigma, message, draws.WORK)))


@rule
def write_below(w: World, p: Parameters, person: Person, number: int, about: float, key: np.uint64) -> None:
    """Write or say an order or a status request to somebody of the team led, or to the manager of a team below it."""
    firm = w.firm[person.firm]
    first, size = BRANCHES * person.team + 1, person.led_size
    below = max(0, min(BRANCHES, firm.teams - first))
    n = int(uniform(person.day_key, draws.TO_WHOM + number) * (size + below))
    to = person.led_first + n if n < size else w.team_row[firm.team_first + first + n - size]
    orders = about < p.assignment_share
    urgent = 1 if uniform(key, draws.URGENT) < p.urgent_share else 0
    channel = spoken_channel(w, p, person, to, key, urgent)
    take_time(p, person, channel, key)
    message = note(w, person, to, ASSIGNMENT if orders else STATUS_REQUEST, key, key)
    message.work = work_of(p, key) if orders else 0
    message.urgent = urgent
    speak(person, message, channel)


@rule
def chat_to_write_to(w: World, p: Parameters, person: Person, number: int) -> int:
    """Choose the chat of the team, or of a project; -1 for somebody who has none."""
    first = w.own_from[person.row]
    last = first + open_projects(w, person)
    chat = person.led_chat if person.manages == 1 else person.own_team_chat
    beyond = uniform(person.day_key, draws.TO_CHAT + number) - (1.0 - p.project_share)
    if chat >= 0 and (beyond <= 0.0 or last == first):
        return chat
    if last == first:
        return -1
    n = int(beyond / p.project_share * (last - first)) if beyond > 0.0 else 0
    return w.own_chat[min(first + n, last - 1)]


@rule
def write_to_chat(w: World, p: Parameters, person: Person, number: int, about: float, key: np.uint64) -> bool:
    """Write a broadcast, talk, or an order to a group; False for somebody who has none."""
    chat = chat_to_write_to(w, p, person, number)
    if chat < 0:
        return False
    leads = person.manages == 1
    kind, work = BROADCAST, 0
    if not leads and about >= p.broadcast_share:
        kind = CHATTER
    if leads and uniform(key, draws.ORDERS) < p.group_orders:
        kind, work = ASSIGNMENT, work_of(p, key)
    message = note(w, person, -1 - chat, kind, key, key)
    message.group = 1
    message.work = work
    message.urgent = 1 if leads and uniform(key, draws.URGENT) < p.urgent_share else 0
    message.confirm = 1 if kind == BROADCAST and uniform(key, draws.CONFIRMS) < p.confirm_share else 0
    return True


@rule
def write_on_own_account(w: World, p: Parameters, person: Person, number: int) -> None:
    """Start a message that no other message and no task has caused: managing people, or talk (M1, M4)."""
    key = child(person.day_key, draws.MESSAGE_KEY + number)
    begin = person.clock
    about = uniform(person.day_key, draws.WHAT + number)
    if person.manages == 1 and about < p.assignment_share + p.status_share:
        write_below(w, p, person, number, about, key)
    else:
        spend(person, writing_seconds(p, key), MESSAGING)
        if not write_to_chat(w, p, person, number, about, key):
            return
    if person.place == OFF:
        spent = person.clock - begin
        person.ledger.hidden_overtime_seconds += spent
        person.ledger.chosen_seconds += spent
        person.chosen_today += spent


@rule
def browse_on(w: World, p: Parameters, person: Person) -> None:
    """Read the next message of a check: at work the oldest; outside hours the next that is acted on."""
    if person.place == OFF:
        number = max(person.seen, person.head)
        tail = person.tail
        while number < tail:
            message = person.inbox[number % INBOX]
            if message.unread == 1 and acts(w, p, person, message):
                break
            number += 1
        person.seen = min(number + 1, tail)
        if number < tail:
            person.alert = number
            person.alert_at = person.clock
            person.browse -= 1
        else:
            person.browse = 0
        return
    while person.head < person.tail and person.inbox[person.head % INBOX].unread != 1:
        person.head += 1
    if person.head == person.tail:
        person.browse = 0
        return
    person.alert = person.head
    person.alert_at = person.clock
    person.browse -= 1


@rule
def focusing(w: World, person: Person) -> bool:
    """Tell whether a person is in protected hours now."""
    rules = rules_of(w, person)
    return within(person.clock % DAY / MINUTE, rules.focus_from, rules.focus_to)


@rule
def moment_at_work(w: World, p: Parameters, person: Person) -> None:
    """At a moment of self-interruption: perhaps check messages, perhaps write something (M1, M2, M18)."""
    block = person.block
    next_moment(p, person, max(person.check, person.clock))
    if uniform(person.day_key, draws.TAKE + block) < person.check_work and not focusing(w, person):
        key = child(person.day_key, draws.LOOK_KEY + block)
        if amid_task(person):
            come_back(p, person, key, p.look_lag)
        look(p, person, int(p.patience), key)
    daily = p.manager_messages if person.manages == 1 else p.staff_messages
    if uniform(person.day_key, draws.SEND + block) < daily * person.volume / p.moments_per_day:
        write_on_own_account(w, p, person, block)


@rule
def moment_off(w: World, p: Parameters, person: Person) -> None:
    """At a moment outside hours: perhaps look at messages, perhaps write something (M4)."""
    block = person.block
    at = person.check
    next_moment(p, person, max(at, person.clock))
    if not outside(person, at) or not may_work_off(w, p, person, at):
        return
    if uniform(person.day_key, draws.TAKE + block) < person.check_off:
        person.browse = int(p.patience)
        person.ledger.checks += 1
        if at > person.bed - MINUTE * p.bed_messages:
            person.late_check = 1
    factor = evening_factor(p, at % DAY / HOUR, person.contract_start == person.contract_end)
    if uniform(person.day_key, draws.SEND + block) < person.initiative * factor:
        write_on_own_account(w, p, person, block)
