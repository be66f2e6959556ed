"""Meetings: which take place, who attends, what is settled and said there, and rules that drop them (M14).

A meeting is drawn by its team and day, not by the people, so that all attend at the same time. A person's meetings of a
day are numbered: those of the manager's team, those of the team led, those of the firm's managers.
"""

import numpy as np

from sim.behaviour.hours import within
from sim.behaviour.scales import clip
from sim.behaviour.talking import by_size, meeting_start
from sim.core import draws
from sim.core.columns import BLOCKED, FAULTY, TALK
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import child, lognormal, uniform
from sim.core.units import DAY, MINUTE, WEEK
from sim.engine.messages import MEETING, MESSAGING, idle, spend
from sim.engine.questions import answered, whom_to_ask
from sim.engine.state import NEVER, NOTES, Person, Place, Task, World
from sim.engine.talking import give
from sim.engine.timing import is_in_today, keeps_hours, rules_of

CALLED = 3  # ad hoc meetings of a team, or of managers, that may be called on a day, each by its own draw
OF_TEAM = CALLED + 1  # meetings of a team on a day, the standing one first
OF_TEAMS = 2 * OF_TEAM  # meetings of the two teams that a person may belong to
IN_ALL = OF_TEAMS + CALLED  # all meetings that a person may have on a day


@rule
def span(p: Parameters, firm: Place, day: int, length: float, u: float) -> tuple[int, int]:
    """Return when a meeting of so many minutes begins and ends."""
    seconds = int(MINUTE * clip(length, 1.0, p.meeting_most))
    start = day * DAY + meeting_start(p, firm.opening, firm.day_seconds, firm.break_seconds, float(seconds), u)
    return start, start + seconds


@rule
def standing(p: Parameters, firm: Place, key: np.uint64, day: int) -> tuple[int, int]:
    """Return begin and end of a team's standing meeting on a day, at the same hour each week."""
    weekday = day % WEEK
    if uniform(key, draws.STANDS + weekday) >= by_size(p, p.team_meetings, float(firm.people), p.meetings_size):
        return NEVER, NEVER
    length = lognormal(p.meeting_minutes, p.meeting_sigma, key, draws.STANDS_FOR + weekday)
    return span(p, firm, day, length, uniform(key, draws.STANDS_AT + weekday))


@rule
def called(
    p: Parameters, firm: Place, key: np.uint64, day: int, n: int, rate: float, median: float, sigma: float
) -> tuple[int, int]:
    """Return begin and end of one ad hoc meeting on a day; there are ``rate`` of them on average."""
    today = child(key, draws.MEETING_DAY_KEY + day)
    if uniform(today, draws.TAKES_PLACE + n) >= rate / CALLED:
        return NEVER, NEVER
    length = lognormal(median, sigma, today, draws.LASTS + n)
    return span(p, firm, day, length, uniform(today, draws.STARTS + n))


@rule
def team_that_meets(w: World, person: Person, number: int) -> int:
    """Return the team of a meeting: the manager's or the one led; for a meeting of all managers, the head's."""
    if number < OF_TEAM:
        return w.person[person.manager].team if person.manager >= 0 else -1
    if person.manages == 0:
        return -1
    return person.team if number < OF_TEAMS else 0


@rule
def meeting(w: World, p: Parameters, person: Person, day: int, number: int) -> tuple[int, int]:
    """Return when a meeting of a person's day begins and ends; NEVER if there is none."""
    team = team_that_meets(w, person, number)
    if team < 0:
        return NEVER, NEVER
    firm = w.firm[person.firm]
    if number >= OF_TEAMS:
        key = child(firm.key, draws.MANAGERS_KEY)
        rate = by_size(p, p.management_meetings, float(firm.people), p.management_size)
        return called(p, firm, key, day, number - OF_TEAMS, rate, p.meeting_minutes, p.meeting_sigma)
    key = child(firm.key, draws.TEAM_KEY + team)
    n = number % OF_TEAM
    if n == 0:
        return standing(p, firm, key, day)
    if number < OF_TEAM and uniform(person.day_key, draws.ATTENDS + number) >= p.ad_hoc_attends:
        return NEVER, NEVER
    rate = by_size(p, p.ad_hoc_meetings, float(firm.people), p.meetings_size)
    return called(p, firm, key, day, n - 1, rate, p.ad_hoc_minutes, p.ad_hoc_sigma)


@rule
def plan_meeting(w: World, p: Parameters, person: Person, day: int, after: int) -> None:
    """Find the first meeting of a person's day that begins after a moment."""
    person.meeting_at = NEVER
    person.meeting_end = NEVER
    for number in range(IN_ALL):
        start, end = meeting(w, p, person, day, number)
        if after < start < person.meeting_at:
            person.meeting_at = start
            person.meeting_end = end
            person.meeting = number


@rule
def is_dropped(w: World, person: Person, start: int, length: int, number: int) -> bool:
    """Return whether a rule keeps a person from a meeting: a time without meetings, or a limit on them."""
    firm = w.firm[person.firm]
    host = w.person[w.team_row[firm.team_first + team_that_meets(w, person, number)]]
    rules = rules_of(w, host)
    days = int(rules.meeting_free_days)
    on_day = days == 0 or (days >> (start // DAY % WEEK)) % 2 == 1
    at_hour = within(start % DAY / MINUTE, rules.meeting_free_from, rules.meeting_free_to)
    if on_day and at_hour and keeps_hours(w, host):
        return True
    limit = rules_of(w, person).meeting_limit
    return limit > 0.0 and person.met_week + length > MINUTE * limit and keeps_hours(w, person)


@rule
def sits_there(w: World, person: Person, other: Person, number: int) -> bool:
    """Return whether a colleague belongs to the same team meeting and is at work today."""
    firm = w.firm[person.firm]
    lead = w.team_row[firm.team_first + team_that_meets(w, person, number)]
    return lead in (other.row, other.manager) and is_in_today(other)


@rule
def asked_of(w: World, p: Parameters, person: Person, task: Task) -> int:
    """Return the row of the colleague on whose answer or verdict a task waits."""
    return person.manager if task.state == FAULTY else whom_to_ask(w, p, person, task)


@rule
def settle_questions(w: World, p: Parameters, person: Person, number: int) -> None:
    """Get the answers that colleagues in the same meeting owe, each with a chance."""
    for k in range(person.desk):
        task = person.tasks[k]
        has_space = w.tally[0].notes < NOTES  # a task that is settled may be handed on
        if has_space and task.state in (BLOCKED, FAULTY) and uniform(task.thread, draws.IN_MEETING) < p.meeting_answers:
            owes = w.person[asked_of(w, p, person, task)]
            if sits_there(w, person, owes, number):
                person.ledger.settled += 1
                answered(w, p, person, task.thread)


@rule
def is_for_them(w: World, person: Person, to: int, number: int) -> bool:
    """Return whether an order is for people in the same meeting: one of them, or the team that the person leads."""
    if to < 0:
        return number >= OF_TEAM and -1 - to == person.led_chat
    return sits_there(w, person, w.person[to], number)


@rule
def tell(w: World, person: Person, number: int) -> None:
    """Say in a team meeting the orders and hand-offs that were kept (M15) or found no open channel.

    The same holds for questions whose askers reached nobody (M14); those that no task waits for are dropped.
    """
    tally = w.tally[0]
    left = 0
    for k in range(person.kept):
        order = person.orders[k]
        may_go = order.due <= person.clock or order.unread == 0
        if tally.notes < NOTES and may_go and is_for_them(w, person, int(order.to), number):
            if not idle(person, order):
                give(w, person, k, TALK)
                person.ledger.given_in_meetings += 1
        else:
            person.orders[left] = person.orders[k]
            left += 1
    person.kept = left


@rule
def meet(w: World, p: Parameters, person: Person) -> None:
    """Sit in a meeting until its end, or handle in writing one that a rule has dropped."""
    now, start, end, number = person.clock, person.meeting_at, person.meeting_end, person.meeting
    plan_meeting(w, p, person, start // DAY, start)
    if end <= now:
        return
    if is_dropped(w, person, start, end - start, number):
        person.ledger.dropped_meetings += 1
        if uniform(person.day_key, draws.CATCHES_UP + number) >= p.meeting_avoidable:
            spend(person, int(MINUTE * p.catch_up_minutes), MESSAGING)
        return
    person.ledger.switches += 1
    person.engaged = -1
    person.ledger.meetings += 1
    person.meetings_today += 1
    person.met_week += end - start
    spend(person, end - now, MEETING)
    if number < OF_TEAMS:
        settle_questions(w, p, person, number)
        tell(w, person, number)
