"""When: contract hours, quiet windows, and what caps and rests leave of a person's time (M9, M10).

Where nothing is ruled, contract hours are all there is: every other question here has the answer "no rule".
"""

from sim import draws
from sim.behaviour.hours import shifted_opening, within
from sim.behaviour.obeying import obeys
from sim.columns import F, P, R, S
from sim.compiled import rule
from sim.engine.state import DAY, NEVER, World
from sim.randomness import uniform

CONTRACT_SECONDS = 28_800  # of work in a working day
_LONGEST_WINDOW = 31  # days after which a quiet window counts as endless


@rule
def outside(w: World, i: int, second: int) -> bool:
    """Tell whether a moment lies outside a person's contract hours.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    second : int
        The moment.

    Returns
    -------
    bool
        True in the evening, at night and on days off.
    """
    return second < w.seat[i, P.contract_start] or second >= w.seat[i, P.contract_end]


@rule
def opening_of(w: World, i: int) -> int:
    """Find the second of the day at which a person's contract hours start: the firm's opening, shifted where allowed.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.

    Returns
    -------
    int
        Second of the day.
    """
    f = w.seat[i, P.firm]
    flexible = w.rule[w.firm_rule[f], w.seat[i, P.role], R.flexible]
    if flexible <= 0.0:
        return int(w.firm[f, F.opening])
    return shifted_opening(w.firm[f, F.opening], flexible, uniform(w.seat_key[i], draws.SHIFT))


@rule
def next_opening(w: World, i: int, second: int) -> int:
    """Find the next start of contract hours.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    second : int
        The moment.

    Returns
    -------
    int
        Second at which the person's working day opens next, after the moment.
    """
    opening = opening_of(w, i)
    day = second // DAY
    if second >= day * DAY + opening:
        day += 1
    while day < len(w.workday) - 1 and w.workday[day] == 0:
        day += 1
    return day * DAY + opening


@rule
def quiet(w: World, i: int, second: int) -> bool:
    """Tell whether a moment lies in the quiet window that is ruled for a person.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    second : int
        The moment.

    Returns
    -------
    bool
        By default outside the person's contract hours; a window that goes past midnight belongs to the day on which
        it starts.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    day = second // DAY
    if r[R.quiet_from] == r[R.quiet_to]:
        inside = outside(w, i, second)
    else:
        minute = second % DAY / 60.0
        inside = within(minute, r[R.quiet_from], r[R.quiet_to])
        if minute < r[R.quiet_to] < r[R.quiet_from]:
            day -= 1
    if not inside or r[R.quiet_days] == 0.0:
        return inside
    return (w.workday[max(day, 0)] == 1) == (r[R.quiet_days] == 1.0)


@rule
def quiet_end(w: World, i: int, second: int) -> int:
    """Find when the quiet window ends in which a moment lies.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    second : int
        A moment in the window.

    Returns
    -------
    int
        The next opening if the window is the time outside contract hours, or if it never ends.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    if r[R.quiet_from] != r[R.quiet_to]:
        at = second
        for _ in range(_LONGEST_WINDOW):
            end = at // DAY * DAY + int(60.0 * r[R.quiet_to])
            at = end if end > at else end + DAY
            if not quiet(w, i, at):
                return at
    return next_opening(w, i, second)


@rule
def mail_round(w: World, i: int, second: int) -> int:
    """Find the next fixed hour at which scheduled mail is delivered: each two hours from the opening.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of a person of the firm.
    second : int
        The moment.

    Returns
    -------
    int
        Second of delivery.
    """
    if outside(w, i, second):
        return next_opening(w, i, second)
    since = second - w.seat[i, P.contract_start]
    at = w.seat[i, P.contract_start] + (since // 7_200 + 1) * 7_200
    return at if at < w.seat[i, P.contract_end] else next_opening(w, i, second)


# --- caps and rests -------------------------------------------------------------------------------------------------


@rule
def keeps_hours(w: World, i: int) -> bool:
    """Tell whether caps and rests bind a person: as far as the firm obeys, by the person's rank (M10).

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.

    Returns
    -------
    bool
        True for those who keep to them.
    """
    return obeys(1.0, w.firm[w.seat[i, P.firm], F.compliance], w.real[i, S.voice])


@rule
def contract_seconds_to_come(w: World, now: int) -> int:
    """Sum up the contract hours of the working days left in this week.

    Parameters
    ----------
    w : World
        All arrays.
    now : int
        Second.

    Returns
    -------
    int
        Seconds, without today's.
    """
    today = now // DAY
    days = 0
    for day in range(today + 1, today // 7 * 7 + 7):
        days += w.workday[day]
    return days * CONTRACT_SECONDS


@rule
def left_under_caps(w: World, i: int, now: int) -> int:
    """Find how long a person may still work today, besides contract hours that are still to come.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    now : int
        Second; not inside contract hours.

    Returns
    -------
    int
        Seconds, below 0 if a cap is passed, ``NEVER`` if there is none.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    today, week = w.seat[i, P.office_today], w.seat[i, P.recorded_week]
    if r[R.cap_total] > 0.0:
        today, week = w.seat[i, P.worked_today], w.seat[i, P.worked_week]
    if now < w.seat[i, P.contract_start]:
        today += CONTRACT_SECONDS
    left = NEVER
    if r[R.daily_cap] > 0.0:
        left = min(left, int(60.0 * r[R.daily_cap]) - today)
    if r[R.weekly_cap] > 0.0:
        left = min(left, int(60.0 * r[R.weekly_cap]) - week - today - contract_seconds_to_come(w, now))
    return left


@rule
def caps_are_passed(w: World, i: int, day: int) -> bool:
    """Tell whether somebody has worked longer than a cap: today, or on Sunday in the week that ends.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    day : int
        Day that ends.

    Returns
    -------
    bool
        By recorded or by total time, as the rule has it.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    today, week = w.seat[i, P.office_today], w.seat[i, P.recorded_week]
    if r[R.cap_total] > 0.0:
        today, week = w.seat[i, P.worked_today], w.seat[i, P.worked_week]
    if r[R.daily_cap] > 0.0 and today > 60.0 * r[R.daily_cap]:
        return True
    return day % 7 == 6 and r[R.weekly_cap] > 0.0 and week + today > 60.0 * r[R.weekly_cap]


@rule
def rest_needed(w: World, i: int, day: int) -> int:
    """Find how long a person must have rested before work on a day: the daily rest, or the weekly one after a week.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    day : int
        A working day of the run.

    Returns
    -------
    int
        Seconds; the weekly rest counts before the first working day of a week.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    need = r[R.daily_rest]
    if r[R.weekly_rest] > need:
        earlier = 0
        for other in range(day // 7 * 7, day):
            earlier += w.workday[other]
        if earlier == 0:
            need = r[R.weekly_rest]
    return int(60.0 * need)


@rule
def rest_begins(w: World, i: int, now: int) -> int:
    """Find when the rest before the next working day begins.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    now : int
        Second.

    Returns
    -------
    int
        Second; the next opening itself if no rest is ruled.
    """
    opening = next_opening(w, i, now)
    return opening - rest_needed(w, i, opening // DAY)


@rule
def rested_at(w: World, i: int, start: int) -> int:
    """Put off the start of work until a person who keeps to the rests has rested.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person; today's contract hours are set.
    start : int
        Second at which the person would start today.

    Returns
    -------
    int
        Second, at the latest an hour before the end of contract hours.
    """
    need = rest_needed(w, i, start // DAY)
    if need <= 0 or not keeps_hours(w, i):
        return start
    total = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role], R.rest_total] > 0.0
    since = w.seat[i, P.rest_from] if total else w.seat[i, P.left_at]
    return max(start, min(since + need, w.seat[i, P.contract_end] - 3_600))


@rule
def may_work_off(w: World, i: int, now: int) -> bool:
    """Tell whether caps and rests on total time leave a person free to work away from the office.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    now : int
        Second; outside contract hours.

    Returns
    -------
    bool
        True where no such rule holds, or where it is not obeyed.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    if (r[R.cap_total] == 0.0 and r[R.rest_total] == 0.0) or not keeps_hours(w, i):
        return True
    if r[R.cap_total] > 0.0 and left_under_caps(w, i, now) <= 0:
        return False
    return r[R.rest_total] == 0.0 or now < rest_begins(w, i, now)


@rule
def must_stop_at(w: World, i: int, start: int) -> int:
    """Find when work away from the office must end at the latest, if it starts now.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    start : int
        Second at which it starts, outside contract hours.

    Returns
    -------
    int
        Second; ``NEVER`` where no rule on total time holds, or where it is not obeyed.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    if (r[R.cap_total] == 0.0 and r[R.rest_total] == 0.0) or not keeps_hours(w, i):
        return NEVER
    stop = NEVER
    if r[R.cap_total] > 0.0:
        stop = start + left_under_caps(w, i, start)
    return min(stop, rest_begins(w, i, start)) if r[R.rest_total] > 0.0 else stop
