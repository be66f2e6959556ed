"""Coming to work, rounds of kept-back alerts, leaving or staying, and planning an evening at home."""

from sim import draws
from sim.behaviour.working import home_minutes, stay_minutes
from sim.columns import OFF, OFFICE, L, P, R, S
from sim.compiled import rule
from sim.engine.moments import focusing, next_moment
from sim.engine.routing import breach
from sim.engine.state import DAY, NEVER, Reals, World
from sim.engine.tasks import backlog
from sim.engine.timing import (
    keeps_hours,
    left_under_caps,
    must_stop_at,
    rest_needed,
)
from sim.parameters import Q
from sim.randomness import uniform


@rule
def go(w: World, i: int, place: int) -> None:
    """Change place.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    place : int
        OFF, OFFICE or HOME.
    """
    if w.seat[i, P.place] == OFFICE:
        w.seat[i, P.left_at] = w.seat[i, P.clock]
    w.seat[i, P.place] = place
    w.seat[i, P.focus] = 0
    w.seat[i, P.browse] = 0
    w.seat[i, P.seen] = max(w.seat[i, P.seen], w.seat[i, P.head])
    next_moment(w, i, w.seat[i, P.clock])


@rule
def plan_evening(w: World, p: Reals, i: int, earliest: int) -> None:
    """Decide whether and how long to work at home on what is left, as far as caps and rests on total time allow (M9).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    earliest : int
        Second before which the session does not start.
    """
    w.seat[i, P.session] = NEVER
    if w.real[i, S.refuses] == 1.0:
        return
    apart = w.real[i, S.segmentation]
    if uniform(w.day_key[i], draws.SESSION_TAKEN) >= p[Q.home_chance] * (1.0 - p[Q.home_segmentation] * apart):
        return
    minutes = home_minutes(backlog(w, i) / 60.0, p[Q.home_share], apart, p[Q.home_max])
    start = earliest + int(5_400.0 * uniform(w.day_key[i], draws.SESSION))
    end = min(start + int(60.0 * minutes), w.seat[i, P.bed], must_stop_at(w, i, start))
    if end - start >= 900:
        w.seat[i, P.session] = start
        w.seat[i, P.session_end] = end


@rule
def leave_or_stay(w: World, p: Reals, i: int) -> None:
    """At the planned time, decide how long to stay; when that is over, go home (M9).

    Caps that are obeyed send people home earlier, but not before the end of contract hours; what is left may be done at
    home, unrecorded.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    """
    now = w.seat[i, P.clock]
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    if w.seat[i, P.stayed] == 0:
        w.seat[i, P.stayed] = 1
        felt = w.real[i, S.felt]
        minutes = stay_minutes(backlog(w, i) / 60.0, p[Q.stay_share], p[Q.stay_culture], felt, p[Q.stay_max])
        if r[R.daily_cap] + r[R.weekly_cap] > 0.0 and keeps_hours(w, i):
            minutes = min(minutes, left_under_caps(w, i, now) / 60.0)
        if minutes >= 5.0:
            w.seat[i, P.leave] = now + int(60.0 * minutes)
            return
    w.seat[i, P.leave] = NEVER
    w.seat[i, P.lunch] = NEVER
    go(w, i, OFF)
    plan_evening(w, p, i, max(now + 5_400, now // DAY * DAY + 72_000))


@rule
def note_short_rest(w: World, i: int, rest: int) -> None:
    """Book a breach if somebody who does not keep to the rests comes to work without having rested.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person, who has just come.
    rest : int
        Longest stretch without any work since the last working day, in seconds.
    """
    now = w.seat[i, P.clock]
    if w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role], R.rest_total] == 0.0:
        rest = now - w.seat[i, P.left_at]
    if rest < rest_needed(w, i, now // DAY) and not keeps_hours(w, i):
        breach(w, i)


@rule
def next_round(w: World, i: int, after: int) -> int:
    """Find the next round at which kept-back alerts are given: rounds share contract hours evenly.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person; today's contract hours are set.
    after : int
        The round lies after this second.

    Returns
    -------
    int
        Second, or ``NEVER`` if there is none today.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    rounds, start = int(r[R.batch_rounds]), w.seat[i, P.contract_start]
    if rounds <= 0 or r[R.batching] <= 0.0:
        return NEVER
    gap = (w.seat[i, P.contract_end] - start) // (rounds + 1)
    number = max(0, (after - start) // gap) + 1
    return start + number * gap if number <= rounds else NEVER


@rule
def take_round(w: World, p: Reals, i: int) -> None:
    """At a round, go through the messages whose alerts were kept back.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    start = w.seat[i, P.contract_start]
    number = (w.seat[i, P.round] - start) * (int(r[R.batch_rounds]) + 1) // (w.seat[i, P.contract_end] - start)
    w.seat[i, P.round] = next_round(w, i, w.seat[i, P.clock])
    if uniform(w.day_key[i], draws.ROUND + number) < r[R.batching] and not focusing(w, i):
        w.seat[i, P.browse] = 3 * int(p[Q.patience])
        w.ledger[i, L.checks] += 1


@rule
def come(w: World, p: Reals, i: int) -> None:
    """Come to the office, in the morning or after the midday break, and go through the messages first.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    """
    now = w.seat[i, P.clock]
    if w.seat[i, P.arrived] == 0:
        w.seat[i, P.arrived] = 1
        rest = max(w.seat[i, P.best_rest], now - w.seat[i, P.rest_from])
        note_short_rest(w, i, rest)
        w.seat[i, P.best_rest] = 0
        w.ledger[i, L.rests] += 1
        w.ledger[i, L.rest_seconds] += min(rest, 16 * 3_600)
        w.ledger[i, L.short_rests] += 1 if rest < 11 * 3_600 else 0
        w.ledger[i, L.workdays] += 1
    w.seat[i, P.start] = NEVER
    go(w, i, OFFICE)
    w.seat[i, P.browse] = 3 * int(p[Q.patience])
