"""A morning: who is absent, the day's hours, the tasks that arrive, the day's decisions, in that order."""

import math

from sim import draws
from sim.behaviour.answering import act_log_odds, initiative, pressure
from sim.behaviour.obeying import dares, use_of_rights
from sim.behaviour.scales import approach, chance, clip
from sim.behaviour.strain import felt_monitoring
from sim.behaviour.working import experience, fault_chance, working_speed
from sim.columns import F, L, P, R, S
from sim.compiled import rule
from sim.engine.day import next_off
from sim.engine.messages import firm_rows
from sim.engine.moments import next_moment
from sim.engine.presence import next_round, plan_evening
from sim.engine.sanctions import has_union
from sim.engine.state import DAY, NEVER, WEEKDAYS, G, Reals, World
from sim.engine.tasks import arrivals
from sim.engine.timing import opening_of, rested_at
from sim.engine.wellbeing import exhaustion, is_burnt_out
from sim.parameters import Q
from sim.randomness import child, uniform
from sim.units import YEAR_DAYS


@rule
def watch(w: World, p: Reals, f: int) -> None:
    """Set how strongly a firm's people feel watched today (M12).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    f : int
        Row of the firm.
    """
    r = w.rule[w.firm_rule[f], w.seat[w.place[f, G.first], P.role]]
    strength = clip(p[Q.watch_archive] * w.firm[f, F.archive] + r[R.monitoring], 0.0, 1.0) * (
        1.0 - r[R.monitoring_limit]
    )
    w.firm[f, F.monitored] = felt_monitoring(strength, r[R.notice], p[Q.watch_notice])


@rule
def on_leave(w: World, p: Reals, i: int, day: int) -> bool:
    """Tell whether a day falls into the person's yearly leave.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    day : int
        Day of the run.

    Returns
    -------
    bool
        True during the leave; its week is drawn for each person and year. A year begins with its first whole week.
    """
    year = int((day - day % WEEKDAYS) / YEAR_DAYS)
    first = math.ceil(year * YEAR_DAYS / WEEKDAYS) + int(50.0 * uniform(w.seat_key[i], draws.LEAVE + year))
    since = day - WEEKDAYS * first
    return 0 <= since < int(p[Q.leave_days] * 1.4)


@rule
def right_in_use(w: World, p: Reals, i: int) -> float:
    """Set how far a right to disconnect is used today: a right on paper changes little (M10).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.

    Returns
    -------
    float
        Share of the feared penalty for silence that it takes away, 0..1.
    """
    f = w.seat[i, P.firm]
    r = w.rule[w.firm_rule[f], w.seat[i, P.role]]
    use = use_of_rights(
        p[Q.right_base],
        p[Q.right_union],
        has_union(w, f),
        p[Q.right_complaint],
        r[R.complaint],
        dares(r[R.anonymous], w.real[i, S.voice]),
        p[Q.right_fear],
        w.firm[f, F.fear],
    )
    w.real[i, S.use_of_rights] = r[R.disconnect] * use
    return w.real[i, S.use_of_rights]


@rule
def decide(w: World, p: Reals, i: int, day: int) -> None:
    """Make the day's decisions, on which each moment of the day is thrown.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    day : int
        Day of the run.
    """
    f = w.seat[i, P.firm]
    r = w.rule[w.firm_rule[f], w.seat[i, P.role]]
    tired = exhaustion(w, i)
    felt = pressure(w.real[i, S.expectation], right_in_use(w, p, i))
    w.real[i, S.felt] = felt
    w.real[i, S.trained] = max(approach(w.real[i, S.trained], 0.0, p[Q.training_days]), r[R.training])
    apart = w.real[i, S.segmentation]
    skilled = experience(float(day - w.seat[i, P.hired]), p[Q.newcomer_speed], p[Q.newcomer_days])
    w.real[i, S.speed] = working_speed(tired, w.real[i, S.fatigue], p[Q.slow_exhaustion], p[Q.slow_fatigue], skilled)
    w.real[i, S.care] = fault_chance(p[Q.fault_chance], p[Q.fault_exhaustion], tired)
    w.real[i, S.check_work] = p[Q.check_moment]
    refuses = w.real[i, S.refuses]
    by_wish, by_refusal = p[Q.act_segmentation], p[Q.act_refusal]
    looks = act_log_odds(
        p[Q.check_off_base], p[Q.check_off_expectation], p[Q.check_off_wish] * by_wish, by_refusal, felt, apart, refuses
    )
    w.real[i, S.check_off] = p[Q.check_off_allowed] * chance(looks)
    base, by_felt = p[Q.act_base], p[Q.act_expectation]
    w.real[i, S.act_logit] = act_log_odds(base, by_felt, by_wish, by_refusal, felt, apart, refuses)
    w.real[i, S.free_logit] = act_log_odds(base, by_felt, by_wish, by_refusal, 0.0, apart, refuses)
    w.real[i, S.sharing] = 1.0 - p[Q.watch_sharing] * w.firm[f, F.monitored]
    if w.seat[i, P.manages] == 1:
        base, wish = p[Q.initiative_manager], w.real[i, S.demand]
        w.real[i, S.initiative] = initiative(base, wish, r[R.example], w.real[i, S.volume], refuses)
    else:
        w.real[i, S.initiative] = initiative(p[Q.initiative_staff], felt, 0.0, w.real[i, S.volume], refuses)
    if not math.isnan(w.override[i]):
        w.real[i, S.initiative] = w.override[i]


@rule
def morning(w: World, p: Reals, i: int, day: int) -> None:
    """Start a person's day.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    day : int
        Day of the run.
    """
    w.day_key[i] = child(w.seat_key[i], draws.DAY_KEY + day)
    key = w.day_key[i]
    midnight = day * DAY
    sick = uniform(key, draws.ABSENT) < p[Q.absence_rate] * (p[Q.absence_burnout] if is_burnt_out(w, p, i) else 1.0)
    works = w.workday[day] == 1
    present = works and not sick and not on_leave(w, p, i, day)
    if works and not present:
        w.ledger[i, L.absent_days] += 1
    w.seat[i, P.load] = 0
    w.seat[i, P.requests] = 0
    w.seat[i, P.responses] = 0
    w.seat[i, P.obligated_today] = 0
    w.seat[i, P.chosen_today] = 0
    w.seat[i, P.worked_today] = 0
    w.seat[i, P.overtime_today] = 0
    w.seat[i, P.office_today] = 0
    w.seat[i, P.marks] = 0
    w.seat[i, P.interrupted_today] = 0
    w.seat[i, P.late_check] = 0
    w.seat[i, P.met_today] = 0
    w.seat[i, P.arrived] = 0
    w.seat[i, P.stayed] = 0
    w.seat[i, P.bed] = midnight + 82_800 + int(2_700.0 * uniform(key, draws.BED))
    w.seat[i, P.session] = NEVER
    w.seat[i, P.session_end] = NEVER
    w.seat[i, P.seen] = w.seat[i, P.head]
    w.seat[i, P.contract_start] = midnight
    w.seat[i, P.contract_end] = midnight
    w.seat[i, P.start] = NEVER
    w.seat[i, P.lunch] = NEVER
    w.seat[i, P.leave] = NEVER
    w.seat[i, P.round] = NEVER
    decide(w, p, i, day)
    if present:
        start = midnight + opening_of(w, i)
        w.seat[i, P.contract_start] = start
        w.seat[i, P.contract_end] = start + 32_400
        w.seat[i, P.start] = rested_at(w, i, start + int(900.0 * uniform(key, draws.ARRIVE)))
        lunch = max(midnight + 43_200, start + 7_200)
        w.seat[i, P.lunch] = lunch if w.seat[i, P.start] < lunch else NEVER
        w.seat[i, P.leave] = start + 32_400
        w.seat[i, P.round] = next_round(w, i, start)
        arrivals(w, p, i, start)
    elif not works:
        plan_evening(w, p, i, midnight + 36_000 + int(21_600.0 * uniform(key, draws.ARRIVE)))
    next_moment(w, i, midnight)
    w.wake[i] = next_off(w, i)


@rule
def dawn(w: World, p: Reals, f: int, day: int) -> None:
    """Start a firm's day.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    f : int
        Row of the firm.
    day : int
        Day of the run.
    """
    watch(w, p, f)
    first, last = firm_rows(w, f)
    for i in range(first, last):
        morning(w, p, i, day)
