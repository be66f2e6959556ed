"""Moments of self-interruption: checking messages, reading on, and writing on one's own initiative."""

import numpy as np

from sim.behaviour.answering import evening_factor
from sim.behaviour.dates import deferred
from sim.behaviour.hours import within
from sim.core import draws
from sim.core.columns import ASSIGNMENT, BROADCAST, CHATTER, OFF, OFFICE, STATUS_REQUEST
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import child, lognormal, uniform
from sim.core.units import DAY, HOUR, MINUTE
from sim.engine.chats import BRANCHES
from sim.engine.dates import due_date
from sim.engine.delivery import acts
from sim.engine.looking import amid_task, come_back, look
from sim.engine.messages import contract_part, forget_kept, idle, keep, lapse, note, open_projects
from sim.engine.state import INBOX, LEAST_WORK, NEVER, Message, Person, World
from sim.engine.talking import give, speak, spoken_channel, take_time
from sim.engine.timing import is_in_today, may_work_off, outside, rules_of

BLOCK = 600  # seconds between moments of self-interruption at work
FREE = 3  # outside hours every third of them counts


@rule
def next_moment(p: Parameters, person: Person, second: int) -> None:
    """Set the person's next moment of self-interruption, a fixed time of the person's own day."""
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
    """Draw the work that an assignment brings, in seconds."""
    return max(LEAST_WORK, int(MINUTE * lognormal(p.assignment_minutes, p.assignment_sigma, message, draws.WORK)))


@rule
def wanted_by(w: World, p: Parameters, person: Person, message: np.uint64, urgent: int) -> int:
    """Return the second by which an order written now is due (M15)."""
    days = 0 if urgent == 1 else int(lognormal(p.due_days, p.due_sigma, message, draws.WANTED))
    return due_date(w, p, person, person.clock, days)


@rule
def most_behind(w: World, person: Person) -> int:
    """Find the team member with most tasks overdue this morning, the first of several; -1 if there is none."""
    most, who = 0, -1
    for row in range(person.led_first, person.led_first + person.led_size):
        if w.person[row].overdue_tasks > most:
            most, who = w.person[row].overdue_tasks, row
    return who


@rule
def write_below(w: World, p: Parameters, person: Person, number: int, about: float, key: np.uint64) -> None:
    """Note an order or a status request to a team member, or to the manager of a team below."""
    firm = w.firm[person.firm]
    first, size = BRANCHES * person.team + 1, person.led_size
    below = max(0, min(BRANCHES, firm.teams - first))
    n = int(uniform(person.day_key, draws.TO_WHOM + number) * (size + below))
    to = person.led_first + n if n < size else w.team_row[firm.team_first + first + n - size]
    orders = about < p.assignment_share
    chases = 0
    if not orders and uniform(key, draws.CHASES) < p.chase:
        behind = most_behind(w, person)
        if behind >= 0:
            to, chases = behind, 1
    urgent = 1 if uniform(key, draws.URGENT) < p.urgent_share else 0
    message = note(w, person, to, ASSIGNMENT if orders else STATUS_REQUEST, key, key)
    message.work = work_of(p, key) if orders else 0
    message.wanted = wanted_by(w, p, person, key, urgent) if orders else 0
    message.urgent = urgent
    message.steps = chases
    message.channel = spoken_channel(w, p, person, to, key, urgent)


@rule
def chat_to_write_to(w: World, p: Parameters, person: Person, number: int) -> int:
    """Choose the chat of the team or of a project."""
    projects = open_projects(w, person)
    beyond = uniform(person.day_key, draws.TO_CHAT + number) - (1.0 - p.project_share)
    if beyond <= 0.0 or projects == 0:
        return person.led_chat if person.manages == 1 else person.own_team_chat
    n = int(beyond / p.project_share * projects)
    return w.own_chat[w.own_from[person.row] + min(n, projects - 1)]


@rule
def write_to_chat(w: World, p: Parameters, person: Person, number: int, about: float, key: np.uint64) -> None:
    """Note a broadcast, chatter, or an order to a group."""
    chat = chat_to_write_to(w, p, person, number)
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
    message.wanted = wanted_by(w, p, person, key, message.urgent) if kind == ASSIGNMENT else 0
    message.confirm = 1 if kind == BROADCAST and uniform(key, draws.CONFIRMS) < p.confirm_share else 0


@rule
def compose(w: World, p: Parameters, person: Person, number: int, key: np.uint64) -> Message:
    """Note a message on one's own initiative: to a person below, or to a chat."""
    about = uniform(person.day_key, draws.WHAT + number)
    if person.manages == 1 and about < p.assignment_share + p.status_share:
        write_below(w, p, person, number, about, key)
    else:
        write_to_chat(w, p, person, number, about, key)
    return w.notes[w.tally[0].notes - 1]


@rule
def give_kept(w: World, p: Parameters, person: Person) -> None:
    """Send the first kept order or hand-off whose time has come, as the message that it would have been.

    If it was not written or said before, it is written now (M15).
    """
    n = 0
    while n < person.kept and person.orders[n].due > person.clock:
        n += 1
    if n == person.kept:
        return
    key, to = person.orders[n].key, int(person.orders[n].to)
    if idle(person, person.orders[n]):
        forget_kept(person, n)
        return
    channel = spoken_channel(w, p, person, to, key, int(person.orders[n].urgent))
    if channel >= 0 or person.orders[n].unread == 1:
        take_time(p, person, channel, key)
    give(w, person, n, channel)
    forget_kept(person, n)


@rule
def put_off(w: World, p: Parameters, person: Person, free: bool) -> bool:
    """Postpone the order or request just noted to the next working day, or drop it; False if it cannot wait (M15).

    ``free`` says whether hours allow it to be written now.
    """
    tally = w.tally[0]
    message = w.notes[tally.notes - 1]
    order, urgent = message.kind == ASSIGNMENT, message.urgent == 1
    asks = order or message.kind == STATUS_REQUEST
    u = uniform(message.key, draws.LAPSES)
    if asks and urgent and free and deferred(p, 0.0, u):
        return False
    tally.notes -= 1
    person.written -= 1
    if asks and deferred(p, p.lapse_share if order and not urgent else 0.0, u):
        keep(w, person, message, 1, person.clock)
    else:
        lapse(w, person, message)
    return True


@rule
def write_on_own_account(w: World, p: Parameters, person: Person, number: int, now: bool, free: bool) -> None:
    """Start a message that no other message or task has caused: managing people, or chatter (M1, M4).

    ``now`` says whether it is written now; if not, an order is put off or lapses (M15).
    """
    key = child(person.day_key, draws.MESSAGE_KEY + number)
    begin = person.clock
    message = compose(w, p, person, number, key)
    if not now and put_off(w, p, person, free):
        return
    channel = int(message.channel)
    take_time(p, person, channel, key)
    message.sent = person.clock
    speak(person, message, channel)
    if person.place == OFF:
        spent = person.clock - begin - contract_part(person, begin, person.clock)
        person.ledger.hidden_overtime_seconds += spent
        person.ledger.chosen_seconds += spent
        person.chosen_today += spent


@rule
def look_on(w: World, p: Parameters, person: Person) -> None:
    """Take up the next message of a check outside hours: the next one that is acted on (M4)."""
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


@rule
def read_on(person: Person) -> None:
    """Take up the next message of a check at work: the oldest unread one."""
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
    """Return whether a person is in protected hours now."""
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
        write_on_own_account(w, p, person, block, True, True)
    if person.place == OFFICE and person.kept > 0 and not outside(person, person.clock):
        give_kept(w, p, person)


@rule
def moment_off(w: World, p: Parameters, person: Person) -> None:
    """At a moment outside hours: perhaps look at messages, perhaps write something (M4)."""
    block = person.block
    at = person.check
    next_moment(p, person, max(at, person.clock))
    if not outside(person, at):
        return
    free = may_work_off(w, p, person, at)
    if free and uniform(person.day_key, draws.TAKE + block) < person.check_off:
        person.browse = int(p.patience)
        person.ledger.checks += 1
        if at > person.bed - MINUTE * p.bed_messages:
            person.late_check = 1
    factor = evening_factor(p, at % DAY / HOUR, not is_in_today(person))
    u = uniform(person.day_key, draws.SEND + block)
    now = free and u < person.initiative * factor
    if now or u < person.usual_initiative * factor:
        write_on_own_account(w, p, person, block, now, free)
