"""When: contract hours, quiet windows, and what caps and rests leave of a person's time (M9, M10).

Where nothing is ruled, contract hours are all there is: every other question here has the answer "no rule".
"""

from sim.behaviour.compliance import obeys
from sim.behaviour.hours import shifted_opening, within
from sim.core import draws
from sim.core.compiled import rule
from sim.core.randomness import uniform
from sim.engine.state import DAY, NEVER, Person, Rules, World

CONTRACT_SECONDS = 28_800  # of work in a working day
_LONGEST_WINDOW = 31  # days after which a quiet window counts as endless


@rule
def rules_of(w: World, person: Person) -> Rules:
    """The rules in force for a person: those of the firm, for the role."""
    return w.rules[w.firm[person.firm].rules, person.role]


@rule
def outside(person: Person, second: int) -> bool:
    """Tell whether a moment lies outside a person's contract hours."""
    return second < person.contract_start or second >= person.contract_end


@rule
def opening_of(w: World, person: Person) -> int:
    """Find the second of the day at which contract hours start: the firm's opening, shifted where allowed."""
    f = person.firm
    flexible = rules_of(w, person).flexible
    if flexible <= 0.0:
        return int(w.firm[f].opening)
    return shifted_opening(w.firm[f].opening, flexible, uniform(person.key, draws.SHIFT))


@rule
def next_opening(w: World, person: Person, second: int) -> int:
    """Find the next start of contract hours."""
    opening = opening_of(w, person)
    day = second // DAY
    if second >= day * DAY + opening:
        day += 1
    while day < len(w.workday) - 1 and w.workday[day] == 0:
        day += 1
    return day * DAY + opening


@rule
def quiet(w: World, person: Person, second: int) -> bool:
    """Tell whether a moment lies in the quiet window that is ruled for a person."""
    rules = rules_of(w, person)
    day = second // DAY
    if rules.quiet_from == rules.quiet_to:
        inside = outside(person, second)
    else:
        minute = second % DAY / 60.0
        inside = within(minute, rules.quiet_from, rules.quiet_to)
        if minute < rules.quiet_to < rules.quiet_from:
            day -= 1
    if not inside or rules.quiet_days == 0.0:
        return inside
    return (w.workday[max(day, 0)] == 1) == (rules.quiet_days == 1.0)


@rule
def quiet_end(w: World, person: Person, second: int) -> int:
    """Find when the quiet window ends in which a moment lies."""
    rules = rules_of(w, person)
    if rules.quiet_from != rules.quiet_to:
        at = second
        for _ in range(_LONGEST_WINDOW):
            end = at // DAY * DAY + int(60.0 * rules.quiet_to)
            at = end if end > at else end + DAY
            if not quiet(w, person, at):
                return at
    return next_opening(w, person, second)


@rule
def mail_round(w: World, person: Person, second: int) -> int:
    """Find the next fixed hour at which scheduled mail is delivered: each two hours from the opening."""
    if outside(person, second):
        return next_opening(w, person, second)
    since = second - person.contract_start
    at = person.contract_start + (since // 7_200 + 1) * 7_200
    return at if at < person.contract_end else next_opening(w, person, second)


# --- caps and rests -------------------------------------------------------------------------------------------------


@rule
def keeps_hours(w: World, person: Person) -> bool:
    """Tell whether caps and rests bind a person: as far as the firm obeys, by the person's rank (M10)."""
    return obeys(1.0, w.firm[person.firm].compliance, person.voice)


@rule
def contract_seconds_to_come(w: World, now: int) -> int:
    """Sum up the contract hours of the working days left in this week."""
    today = now // DAY
    days = 0
    for day in range(today + 1, today // 7 * 7 + 7):
        days += w.workday[day]
    return days * CONTRACT_SECONDS


@rule
def left_under_caps(w: World, person: Person, now: int) -> int:
    """Find how long a person may still work today, besides contract hours that are still to come."""
    rules = rules_of(w, person)
    today, week = person.office_today, person.recorded_week
    if rules.cap_total > 0.0:
        today, week = person.worked_today, person.worked_week
    if now < person.contract_start:
        today += CONTRACT_SECONDS
    left = NEVER
    if rules.daily_cap > 0.0:
        left = min(left, int(60.0 * rules.daily_cap) - today)
    if rules.weekly_cap > 0.0:
        left = min(left, int(60.0 * rules.weekly_cap) - week - today - contract_seconds_to_come(w, now))
    return left


@rule
def caps_are_passed(w: World, person: Person, day: int) -> bool:
    """Tell whether somebody has worked longer than a cap: today, or on Sunday in the week that ends."""
    rules = rules_of(w, person)
    today, week = person.office_today, person.recorded_week
    if rules.cap_total > 0.0:
        today, week = person.worked_today, person.worked_week
    if rules.daily_cap > 0.0 and today > 60.0 * rules.daily_cap:
        return True
    return day % 7 == 6 and rules.weekly_cap > 0.0 and week + today > 60.0 * rules.weekly_cap


@rule
def rest_needed(w: World, person: Person, day: int) -> int:
    """Find how long a person must have rested before work on a day: the daily rest, or the weekly one after a week."""
    rules = rules_of(w, person)
    need = rules.daily_rest
    if rules.weekly_rest > need:
        earlier = 0
        for other in range(day // 7 * 7, day):
            earlier += w.workday[other]
        if earlier == 0:
            need = rules.weekly_rest
    return int(60.0 * need)


@rule
def rest_begins(w: World, person: Person, now: int) -> int:
    """Find when the rest before the next working day begins."""
    opening = next_opening(w, person, now)
    return opening - rest_needed(w, person, opening // DAY)


@rule
def rested_at(w: World, person: Person, start: int) -> int:
    """Put off the start of work until a person who keeps to the rests has rested."""
    need = rest_needed(w, person, start // DAY)
    if need <= 0 or not keeps_hours(w, person):
        return start
    total = rules_of(w, person).rest_total > 0.0
    since = person.rest_from if total else person.left_at
    return max(start, min(since + need, person.contract_end - 3_600))


@rule
def may_work_off(w: World, person: Person, now: int) -> bool:
    """Tell whether caps and rests on total time leave a person free to work away from the office."""
    rules = rules_of(w, person)
    if (rules.cap_total == 0.0 and rules.rest_total == 0.0) or not keeps_hours(w, person):
        return True
    if rules.cap_total > 0.0 and left_under_caps(w, person, now) <= 0:
        return False
    return rules.rest_total == 0.0 or now < rest_begins(w, person, now)


@rule
def must_stop_at(w: World, person: Person, start: int) -> int:
    """Find when work away from the office must end at the latest, if it starts now."""
    rules = rules_of(w, person)
    if (rules.cap_total == 0.0 and rules.rest_total == 0.0) or not keeps_hours(w, person):
        return NEVER
    stop = NEVER
    if rules.cap_total > 0.0:
        stop = start + left_under_caps(w, person, start)
    return min(stop, rest_begins(w, person, start)) if rules.rest_total > 0.0 else stop
