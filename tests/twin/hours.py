"""When: contract hours and their shift, quiet windows, scheduled mail, caps and rests."""

from typing import TYPE_CHECKING

from sim.core import draws
from tests.twin import rules
from tests.twin.chance import happens
from tests.twin.things import DAY, NEVER

if TYPE_CHECKING:
    from tests.twin.person import Person


def next_opening(person: "Person", second: int) -> int:
    """Next start of the person's contract hours."""
    day = second // DAY
    if second >= day * DAY + person.opening:
        day += 1
    while not person.model.works(day):
        day += 1
    return day * DAY + person.opening


def next_mail_round(person: "Person", second: int) -> int:
    """Scheduled mail goes out at fixed distances from the opening, and not after hours."""
    if person.outside(second):
        return next_opening(person, second)
    gap = int(3_600 * person.model.q.mail_round_hours)
    at = second + gap - (second - person.contract_start) % gap
    return at if at < person.contract_end else next_opening(person, second)


# ---- quiet windows


def quiet(person: "Person", second: int) -> bool:
    """Whether a moment lies in the person's quiet window."""
    rule = person.rule
    day, minute = second // DAY, second % DAY / 60.0
    if rule.quiet_from == rule.quiet_to:
        inside = person.outside(second)
    elif rule.quiet_from < rule.quiet_to:
        inside = rule.quiet_from <= minute < rule.quiet_to
    else:
        inside = minute >= rule.quiet_from or minute < rule.quiet_to
        day -= minute < rule.quiet_to  # a night belongs to the day on which it starts
    if rule.quiet_days == 0.0:
        return inside
    return inside and person.model.works(max(day, 0)) == (rule.quiet_days == 1.0)


def quiet_end(person: "Person", second: int) -> int:
    """When the quiet window ends in which a moment lies; an endless one ends at the next opening."""
    rule, opening = person.rule, next_opening(person, second)
    own = rule.quiet_from == rule.quiet_to  # ends at midnight where the day that follows has no window
    ends = (day * DAY + int(0 if own else 60.0 * rule.quiet_to) for day in range(second // DAY, second // DAY + 33))
    later = [end for end in ends if end > second and not (own and end >= opening)][:31]
    return next((end for end in later if not quiet(person, end)), opening)


# ---- caps and rests


def keeps(person: "Person") -> bool:
    """Whether caps and rests bind this person."""
    return rules.obeys(1.0, person.firm.compliance, person.rank)


def weekly_cap(person: "Person") -> float:
    """Minutes of the weekly cap, 0 for who has opted out of it."""
    return 0.0 if happens(person.rule.opt_out, person.key, draws.OPTS_OUT) else person.rule.weekly_cap


def contract_day(person: "Person") -> int:
    """Seconds from start to end of contract hours."""
    return rules.length_of_day(person.model.q, person.firm.day_seconds, person.part_time)


def midday(person: "Person") -> int:
    """Seconds of the midday break, which part time does not have."""
    return 0 if person.part_time else int(person.firm.break_seconds)


def working_day(person: "Person") -> int:
    """Seconds of contract hours without the break."""
    return contract_day(person) - midday(person)


def part_of_full_time(person: "Person") -> float:
    """Contract hours relative to those of the table."""
    q = person.model.q
    return working_day(person) / (int(3_600 * q.day_hours) - int(60 * q.break_minutes))


def counted(person: "Person") -> tuple[int, int]:
    """Seconds of today and of the week before it that count for a cap."""
    if person.rule.cap_total > 0.0:
        return person.worked_today, person.worked_week
    return person.office_today, person.recorded_week


def left_under_caps(person: "Person", now: int) -> float:
    """Seconds that may still be worked today, besides contract hours to come."""
    rule, day = person.rule, now // DAY
    today, week = counted(person)
    if now < person.contract_start:
        today += working_day(person)
    to_come = sum(working_day(person) for other in range(day + 1, day // 7 * 7 + 7) if person.model.works(other))
    left = NEVER
    if rule.daily_cap > 0.0:
        left = int(60.0 * rule.daily_cap) - int(60.0 * person.margin / 5) - today
    cap = weekly_cap(person)
    if cap > 0.0:
        left = min(left, int(60.0 * cap) - int(60.0 * person.margin) - week - today - to_come)
    return left


def caps_passed(person: "Person", day: int) -> int:
    """How many: today was longer than its cap, on Sunday the week."""
    rule = person.rule
    today, week = counted(person)
    long_day = rule.daily_cap > 0.0 and today > 60.0 * rule.daily_cap
    cap = weekly_cap(person)
    return long_day + (day % 7 == 6 and cap > 0.0 and week + today > 60.0 * cap)


def rest_needed(person: "Person", day: int) -> int:
    """Seconds of rest before work on a day; the weekly rest before a week's first working day that follows one off."""
    rule, works = person.rule, person.model.works
    after = [d for d in range(day // 7 * 7, day // 7 * 7 + 7) if works(d) and (d == 0 or not works(d - 1))]
    first = after[:1] == [day]
    return int(60.0 * (max(rule.daily_rest, rule.weekly_rest) if first else rule.daily_rest))


def rest_begins(person: "Person", now: int) -> int:
    opening = next_opening(person, now)
    return opening - rest_needed(person, opening // DAY)


def rested_at(person: "Person", start: int) -> int:
    """Put off the start until who keeps to the rests has rested, at the latest some time before the end."""
    need = rest_needed(person, start // DAY)
    if need == 0 or not keeps(person):
        return start
    since = person.rest_from if person.rule.rest_total > 0.0 else person.left_at
    return max(start, min(since + need, person.contract_end - int(60 * person.model.q.rest_margin)))


def may_work_off(person: "Person", now: int) -> bool:
    """Whether the person may work now, away from the office."""
    if not keeps(person):
        return True
    if person.rule.cap_total > 0.0 and left_under_caps(person, now) <= 0:
        return False
    return person.rule.rest_total == 0.0 or now < rest_begins(person, now)


def must_stop_at(person: "Person", start: int) -> float:
    """When work away from the office that starts now must end."""
    stop = NEVER
    if keeps(person):
        if person.rule.cap_total > 0.0:
            stop = start + left_under_caps(person, start)
        if person.rule.rest_total > 0.0:
            stop = min(stop, rest_begins(person, start))
    return stop
