"""Times: contract hours, quiet windows, and what caps and rests leave of a person's time (M9, M10).

Without rules only contract hours matter; the other functions then answer "no rule".
"""

from sim.behaviour.compliance import obeys
from sim.behaviour.hours import length_of_day, shifted_opening, within
from sim.core import draws
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import uniform
from sim.core.units import DAY, HOUR, MINUTE, WEEK, WORKDAYS
from sim.engine.state import NEVER, Person, Rules, World

_LONGEST_WINDOW = 31  # days after which a quiet window counts as endless


@rule
def rules_of(w: World, person: Person) -> Rules:
    """Return the rules in force for a person: those of the firm, for the role."""
    return w.rules[person.rules]


@rule
def wake_at(w: World, person: Person, second: int) -> None:
    """Set when a person's next decision is due, from outside the person's own turns."""
    person.wake = second
    w.wake[person.row] = second


@rule
def outside(person: Person, second: int) -> bool:
    """Return whether a moment lies outside a person's contract hours."""
    return second < person.contract_start or second >= person.contract_end


@rule
def is_in_today(person: Person) -> bool:
    """Return whether a person works contract hours today: no day off, leave or illness."""
    return person.contract_start < person.contract_end


@rule
def day_length(w: World, p: Parameters, person: Person) -> int:
    """Return the seconds from start to end of a person's contract hours."""
    return length_of_day(p, w.firm[person.firm].day_seconds, person.part_time)


@rule
def break_length(w: World, person: Person) -> int:
    """Return the seconds of a person's midday break; a part-time day has none."""
    return 0 if person.part_time == 1 else int(w.firm[person.firm].break_seconds)


@rule
def contract_seconds(w: World, p: Parameters, person: Person) -> int:
    """Return the contract seconds of work in a person's working day."""
    return day_length(w, p, person) - break_length(w, person)


@rule
def share_of_full_time(w: World, p: Parameters, person: Person) -> float:
    """Return a person's contract hours of work relative to a usual day."""
    return contract_seconds(w, p, person) / (int(HOUR * p.day_hours) - int(MINUTE * p.break_minutes))


@rule
def opening_of(w: World, p: Parameters, person: Person) -> int:
    """Return the second of the day at which a person's contract hours start: the firm's opening, shifted by person."""
    f = person.firm
    flexible = p.hours_spread + rules_of(w, person).flexible
    if flexible <= 0.0:
        return int(w.firm[f].opening)
    return shifted_opening(p, w.firm[f].opening, flexible, uniform(person.key, draws.SHIFT))


@rule
def next_opening(w: World, p: Parameters, person: Person, second: int) -> int:
    """Find the next start of contract hours."""
    opening = opening_of(w, p, person)
    day = second // DAY
    if second >= day * DAY + opening:
        day += 1
    while day < len(w.workday) - 1 and w.workday[day] == 0:
        day += 1
    return day * DAY + opening


@rule
def quiet(w: World, person: Person, second: int) -> bool:
    """Return whether a moment is in the quiet window that a rule sets for a person."""
    rules = rules_of(w, person)
    day = second // DAY
    if rules.quiet_from == rules.quiet_to:
        inside = outside(person, second)
    else:
        minute = second % DAY / MINUTE
        inside = within(minute, rules.quiet_from, rules.quiet_to)
        if minute < rules.quiet_to < rules.quiet_from:
            day -= 1
    if not inside or rules.quiet_days == 0.0:
        return inside
    return (w.workday[max(day, 0)] == 1) == (rules.quiet_days == 1.0)


@rule
def quiet_end(w: World, p: Parameters, person: Person, second: int) -> int:
    """Return when the quiet window ends that contains a moment."""
    rules = rules_of(w, person)
    opening = next_opening(w, p, person, second)
    if rules.quiet_from == rules.quiet_to:
        for midnight in range((second // DAY + 1) * DAY, opening, DAY):
            if not quiet(w, person, midnight):
                return midnight
        return opening
    at = second
    for _ in range(_LONGEST_WINDOW):
        end = at // DAY * DAY + int(MINUTE * rules.quiet_to)
        at = end if end > at else end + DAY
        if not quiet(w, person, at):
            return at
    return opening


@rule
def mail_round(w: World, p: Parameters, person: Person, second: int) -> int:
    """Return the next fixed hour at which scheduled mail is delivered, counted from the opening."""
    if outside(person, second):
        return next_opening(w, p, person, second)
    since = second - person.contract_start
    gap = int(HOUR * p.mail_round_hours)
    at = person.contract_start + (since // gap + 1) * gap
    return at if at < person.contract_end else next_opening(w, p, person, second)


# --- caps and rests -------------------------------------------------------------------------------------------------


@rule
def keeps_hours(w: World, person: Person) -> bool:
    """Return whether caps and rests bind a person: by the firm's obedience and the person's rank of the week (M10)."""
    return obeys(1.0, w.firm[person.firm].compliance, person.rank)


@rule
def weekly_cap_of(w: World, person: Person) -> float:
    """Return the minutes of the weekly cap that binds a person; 0 if there is none or the person has opted out."""
    rules = rules_of(w, person)
    if rules.opt_out > 0.0 and uniform(person.key, draws.OPTS_OUT) < rules.opt_out:
        return 0.0
    return rules.weekly_cap


@rule
def contract_seconds_to_come(w: World, p: Parameters, person: Person, now: int) -> int:
    """Add up the contract seconds of the working days left in this week."""
    today = now // DAY
    days = 0
    for day in range(today + 1, (today // WEEK + 1) * WEEK):
        days += w.workday[day]
    return days * contract_seconds(w, p, person)


@rule
def left_under_caps(w: World, p: Parameters, person: Person, now: int) -> int:
    """Return how long a person who obeys caps works on today, besides contract hours still to come."""
    rules = rules_of(w, person)
    today, week = person.office_today, person.recorded_week
    if rules.cap_total > 0.0:
        today, week = person.worked_today, person.worked_week
    if now < person.contract_start:
        today += contract_seconds(w, p, person)
    left = NEVER
    if rules.daily_cap > 0.0:
        left = min(left, int(MINUTE * rules.daily_cap) - int(MINUTE * person.margin / WORKDAYS) - today)
    cap = weekly_cap_of(w, person)
    if cap > 0.0:
        below = int(MINUTE * cap) - int(MINUTE * person.margin)
        left = min(left, below - week - today - contract_seconds_to_come(w, p, person, now))
    return left


@rule
def caps_passed(w: World, person: Person, day: int) -> int:
    """Count the caps that a person has exceeded: today's, and on Sunday that of the ending week."""
    rules = rules_of(w, person)
    today, week = person.office_today, person.recorded_week
    if rules.cap_total > 0.0:
        today, week = person.worked_today, person.worked_week
    passed = 1 if rules.daily_cap > 0.0 and today > MINUTE * rules.daily_cap else 0
    if day % WEEK == WEEK - 1:
        cap = weekly_cap_of(w, person)
        passed += 1 if cap > 0.0 and week + today > MINUTE * cap else 0
    return passed


@rule
def follows_free(w: World, day: int) -> bool:
    """Return whether a day is the first working day after a day off."""
    return w.workday[day] == 1 and (day == 0 or w.workday[day - 1] == 0)


@rule
def rest_needed(w: World, person: Person, day: int) -> int:
    """Return the rest that a person needs before work on a day: the daily rest, or once a week the weekly one.

    A week without a working day after a day off (because Sunday was made up for) has no weekly rest.
    """
    rules = rules_of(w, person)
    need = rules.daily_rest
    if rules.weekly_rest > need and follows_free(w, day):
        earlier = 0
        for other in range(day // WEEK * WEEK, day):
            earlier += 1 if follows_free(w, other) else 0
        if earlier == 0:
            need = rules.weekly_rest
    return int(MINUTE * need)


@rule
def rest_begins(w: World, p: Parameters, person: Person, now: int) -> int:
    """Return when the rest before the next working day begins."""
    opening = next_opening(w, p, person, now)
    return opening - rest_needed(w, person, opening // DAY)


@rule
def rested_at(w: World, p: Parameters, person: Person, start: int) -> int:
    """Delay the start of work until a person who obeys the rests has rested."""
    need = rest_needed(w, person, start // DAY)
    if need <= 0 or not keeps_hours(w, person):
        return start
    total = rules_of(w, person).rest_total > 0.0
    since = person.rest_from if total else person.left_at
    return max(start, min(since + need, person.contract_end - int(MINUTE * p.rest_margin)))


@rule
def may_work_off(w: World, p: Parameters, person: Person, now: int) -> bool:
    """Return whether caps and rests on total time allow a person to work away from the office."""
    rules = rules_of(w, person)
    if (rules.cap_total == 0.0 and rules.rest_total == 0.0) or not keeps_hours(w, person):
        return True
    if rules.cap_total > 0.0 and left_under_caps(w, p, person, now) <= 0:
        return False
    return rules.rest_total == 0.0 or now < rest_begins(w, p, person, now)


@rule
def must_stop_at(w: World, p: Parameters, person: Person, start: int) -> int:
    """Return when work away from the office must end at the latest, if it starts now."""
    rules = rules_of(w, person)
    if (rules.cap_total == 0.0 and rules.rest_total == 0.0) or not keeps_hours(w, person):
        return NEVER
    stop = NEVER
    if rules.cap_total > 0.0:
        stop = start + left_under_caps(w, p, person, start)
    return min(stop, rest_begins(w, p, person, start)) if rules.rest_total > 0.0 else stop
