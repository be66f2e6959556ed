"""What a night changes: strain and recovery, norms, home, leaving; and what a morning decides.

The order of a night, for a firm: everybody's time is closed; on Sundays the week's pay; strain and sleep; what
everybody answered; norms from the peers' and the manager's values of the day before; who leaves; on Sundays the
firm's obedience. The order of a morning: who is absent; the day's hours; the tasks that arrive; the day's decisions.
"""

import math

import numpy as np

from sim import draws
from sim.columns import SALES_SERVICE, F, L, P, R, S
from sim.compiled import rule
from sim.engine.behaviour import (
    act_log_odds,
    approach,
    burnout,
    chance,
    clip,
    dares,
    demanded_availability,
    detachment_target,
    exhaustion_target,
    expected_availability,
    experience,
    fatigue_target,
    fault_chance,
    felt_monitoring,
    felt_norm,
    initiative,
    pressure,
    sleep_minutes,
    use_of_rights,
    working_speed,
)
from sim.engine.day import next_moment, next_off, next_round, plan_evening
from sim.engine.messages import firm_rows
from sim.engine.payroll import cost_of_leaving, settle
from sim.engine.people import draw_person
from sim.engine.reading import clear_desk
from sim.engine.routing import breach
from sim.engine.sanctions import enforce, has_union
from sim.engine.state import DAY, NEVER, G, Reals, World
from sim.engine.tasks import arrivals
from sim.engine.timing import next_opening, opening_of, rested_at
from sim.parameters import Q
from sim.randomness import child, uniform

YEAR = 364  # days: 52 whole weeks
WEEKDAYS = 7


@rule
def exhaustion(w: World, i: int) -> float:
    """Exhaustion: the stable trait and the changing part.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.

    Returns
    -------
    float
        Standard deviations.
    """
    return w.real[i, S.exhaustion_trait] + w.real[i, S.exhaustion_state]


@rule
def is_burnt_out(w: World, p: Reals, i: int) -> bool:
    """Tell whether a person's burnout score lies above the cut-off.

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
    bool
        True above the cut-off.
    """
    return burnout(exhaustion(w, i), w.real[i, S.cynicism]) > p[Q.burnout_cutoff]


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
        True during the leave; its week is drawn for each person and year.
    """
    week = int(50.0 * uniform(w.seat_key[i], draws.LEAVE + day // YEAR))
    since = day % YEAR - WEEKDAYS * week
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
        p[Q.check_off_base], p[Q.check_off_expectation], 0.5 * by_wish, by_refusal, felt, apart, refuses
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
def recover(w: World, p: Reals, i: int, day: int) -> None:
    """Move strain, sleep, home and trust by one day (M5, M7, M11, M12).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    day : int
        Day that ends.
    """
    f = w.seat[i, P.firm]
    r = w.rule[w.firm_rule[f], w.seat[i, P.role]]
    obligated = w.seat[i, P.obligated_today] / 3_600.0
    chosen = w.seat[i, P.chosen_today] / 3_600.0
    felt = w.real[i, S.felt]
    if obligated > 0.0 and r[R.disconnect] > w.real[i, S.voice]:
        breach(w, i)
    rest = min(next_opening(w, i, (day + 1) * DAY - 1), (day + 1) * DAY + 39_600) - w.seat[i, P.rest_from]
    w.real[i, S.sleep] = sleep_minutes(
        p[Q.sleep_base], p[Q.sleep_slope], rest / 60.0, p[Q.sleep_late], float(w.seat[i, P.late_check])
    )
    w.ledger[i, L.sleep_minutes] += int(w.real[i, S.sleep])
    calm = detachment_target(
        felt, obligated, chosen, p[Q.detach_expectation], p[Q.detach_obligated], p[Q.detach_chosen]
    )
    w.real[i, S.detachment] = approach(w.real[i, S.detachment], calm, p[Q.detachment_days])
    tired = (
        fatigue_target(
            w.seat[i, P.worked_today] / 3_600.0,
            float(w.seat[i, P.interrupted_today]),
            w.real[i, S.sleep],
            w.real[i, S.detachment],
            p[Q.fatigue_hours],
            p[Q.fatigue_interruption],
            p[Q.fatigue_sleep],
            p[Q.fatigue_detachment],
        )
        + p[Q.conflict_feedback] * w.real[i, S.conflict]
    )
    w.real[i, S.fatigue] = approach(w.real[i, S.fatigue], tired, p[Q.fatigue_days])
    days = float(day % WEEKDAYS + 1)
    past_fatigue = w.real[i, S.fatigue_week] if days > 1.0 else 0.0
    past_calm = w.real[i, S.detachment_week] if days > 1.0 else 0.0
    w.real[i, S.fatigue_week] = past_fatigue + (w.real[i, S.fatigue] - past_fatigue) / days
    w.real[i, S.detachment_week] = past_calm + (w.real[i, S.detachment] - past_calm) / days
    emotional = 1.0 if w.seat[i, P.role] == SALES_SERVICE else 0.0
    worn = exhaustion_target(
        w.real[i, S.fatigue],
        w.real[i, S.detachment],
        emotional,
        p[Q.exhaustion_fatigue],
        p[Q.exhaustion_detachment],
        p[Q.exhaustion_emotion],
    )
    w.real[i, S.exhaustion_state] = approach(w.real[i, S.exhaustion_state], worn, p[Q.exhaustion_days])
    distant = p[Q.cynicism_exhaustion] * exhaustion(w, i) + p[Q.cynicism_trust] * (p[Q.trust_base] - w.real[i, S.trust])
    w.real[i, S.cynicism] = approach(w.real[i, S.cynicism], distant, p[Q.cynicism_days])
    if w.seat[i, P.arrived] == 1:
        nominal = 60.0 * p[Q.tasks_per_day] * p[Q.task_minutes] * math.exp(0.5 * p[Q.task_sigma] * p[Q.task_sigma])
        got = clip(w.seat[i, P.met_today] / nominal, 0.0, 2.0)
        w.real[i, S.burden] = approach(w.real[i, S.burden], float(w.seat[i, P.load]), p[Q.overload_days])
        w.real[i, S.efficacy] = approach(w.real[i, S.efficacy], p[Q.efficacy_output] * (got - 1.0), p[Q.efficacy_days])
    watched = w.firm[f, F.monitored]
    nervous = (
        w.real[i, S.anxiety_trait]
        + p[Q.anxiety_expectation] * felt
        + p[Q.watch_anxiety] * watched
        + p[Q.anxiety_silence] * r[R.batching]
    )
    w.real[i, S.anxiety] = approach(w.real[i, S.anxiety], nervous, p[Q.anxiety_days])
    w.real[i, S.trust] = approach(w.real[i, S.trust], p[Q.trust_base] - p[Q.watch_trust] * watched, p[Q.trust_days])
    clash = clip(
        p[Q.conflict_hours] * obligated
        + p[Q.conflict_late] * w.seat[i, P.overtime_today] / 3_600.0
        + p[Q.conflict_strain] * max(w.real[i, S.fatigue], 0.0),
        0.0,
        1.0,
    )
    w.real[i, S.conflict] = approach(w.real[i, S.conflict], clash, p[Q.conflict_days])
    gain = clip(p[Q.enrichment_chosen] * chosen + p[Q.enrichment_efficacy] * w.real[i, S.efficacy], 0.0, 1.0)
    w.real[i, S.enrichment] = approach(w.real[i, S.enrichment], gain, p[Q.conflict_days])
    if w.seat[i, P.partner] == 1:
        shared = clip(
            p[Q.partner_conflict] * w.real[i, S.conflict] - p[Q.partner_enrichment] * w.real[i, S.enrichment], 0.0, 1.0
        )
        w.real[i, S.partner_strain] = approach(w.real[i, S.partner_strain], shared, p[Q.conflict_days])
    if w.seat[i, P.requests] > 0:
        share = min(w.seat[i, P.responses] / float(w.seat[i, P.requests]), 1.0)
        w.real[i, S.response] = approach(w.real[i, S.response], share, p[Q.response_days])
    if is_burnt_out(w, p, i):
        w.ledger[i, L.burnt_out_days] += 1
    w.ledger[i, L.after_days] += 1 if obligated + chosen > 0.0 else 0
    w.ledger[i, L.long_days] += 1 if w.seat[i, P.worked_today] > 36_000 else 0
    w.seat[i, P.worked_week] += w.seat[i, P.worked_today]
    if w.seat[i, P.arrived] == 1:
        w.seat[i, P.recorded_week] += w.seat[i, P.office_today]
    if day % WEEKDAYS == WEEKDAYS - 1:
        w.seat[i, P.worked_week] = 0
        w.seat[i, P.recorded_week] = 0
        w.seat[i, P.emergency] = 0


@rule
def mean_response(w: World, first: int, size: int, but: int) -> float:
    """Average how people answer outside hours.

    Parameters
    ----------
    w : World
        All arrays.
    first : int
        Row of the first.
    size : int
        How many.
    but : int
        Row that is left out.

    Returns
    -------
    float
        Between 0 and 1; -1 if nobody is left.
    """
    total, n = 0.0, 0
    for i in range(first, first + size):
        if i != but:
            total += w.real[i, S.response]
            n += 1
    return total / n if n > 0 else -1.0


@rule
def expect(w: World, p: Reals, i: int) -> None:
    """Move the perceived expectation by one day; it rises faster than it falls (M6).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    """
    peers = mean_response(w, w.seat[i, P.team_first], w.seat[i, P.team_size], i)
    own = w.real[i, S.response]
    if peers < 0.0:
        peers = own
    boss = w.seat[i, P.manager]
    demand = w.real[boss if boss >= 0 else i, S.demand]
    norm = felt_norm(peers, p[Q.norm_tipping], p[Q.norm_steepness])
    target = expected_availability(
        p[Q.norm_base],
        w.firm[w.seat[i, P.firm], F.culture],
        p[Q.norm_manager],
        demand,
        p[Q.norm_peers],
        norm,
        p[Q.norm_contest],
        max(peers - own, 0.0),
        p[Q.norm_pressure],
        w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]][R.pressure],
    )
    now = w.real[i, S.expectation]
    w.real[i, S.expectation] = approach(now, target, p[Q.norm_up_days] if target > now else p[Q.norm_down_days])


@rule
def demand_more_or_less(w: World, p: Reals, i: int) -> None:
    """Move what a manager expects towards what the manager gets; an enforced rule or a training takes from it (M6).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the manager.
    """
    f = w.seat[i, P.firm]
    r = w.rule[w.firm_rule[f], w.seat[i, P.role]]
    got = mean_response(w, w.seat[i, P.led_first], w.seat[i, P.led_size], -1)
    strict = max(r[R.contact_ban], r[R.disconnect], min(r[R.closed_im], 1.0), min(r[R.off_im], 1.0))
    obeyed = max(w.firm[f, F.compliance] - p[Q.compliance_base], 0.0) / max(1.0 - p[Q.compliance_base], 1e-9)
    target = demanded_availability(
        p[Q.demand_base],
        p[Q.demand_belief],
        w.real[i, S.belief],
        p[Q.demand_response],
        max(got, 0.0),
        p[Q.norm_rule],
        strict,
        obeyed,
        p[Q.demand_training],
        w.real[i, S.trained],
    )
    w.real[i, S.demand] = approach(w.real[i, S.demand], target, p[Q.demand_days])


@rule
def perhaps_leave(w: World, p: Reals, i: int, day: int, limit: np.uint64) -> None:
    """Let a person leave for good; somebody new takes the seat the next morning (M13).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    day : int
        Day that ends.
    limit : np.uint64
        Bound of the logged sample.
    """
    rate = p[Q.exit_rate] * (p[Q.exit_burnout] if is_burnt_out(w, p, i) else 1.0)
    if uniform(w.day_key[i], draws.EXIT) < rate / 365.0:
        w.ledger[i, L.exits] += 1
        w.ledger[i, L.exit_cost_fen] += cost_of_leaving(w, p, i)
        clear_desk(w, i, (day + 1) * DAY, limit)
        w.seat_key[i] = child(w.seat_key[i], draws.NEXT_PERSON_KEY)
        w.seat[i, P.generation] += 1
        draw_person(w, p, i)
        w.seat[i, P.hired] = day + 1


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
    strength = clip(0.5 * w.firm[f, F.archive] + r[R.monitoring], 0.0, 1.0) * (1.0 - r[R.monitoring_limit])
    w.firm[f, F.monitored] = felt_monitoring(strength, r[R.notice], p[Q.watch_notice])


@rule
def night(w: World, p: Reals, f: int, day: int, limit: np.uint64) -> None:
    """End a firm's day, in the order that the head of this file states.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    f : int
        Row of the firm.
    day : int
        Day that ends.
    limit : np.uint64
        Bound of the logged sample.
    """
    first, last = firm_rows(w, f)
    sunday = day % WEEKDAYS == WEEKDAYS - 1
    if sunday:
        for i in range(first, last):
            settle(w, p, i, day)
    for i in range(first, last):
        recover(w, p, i, day)
    for i in range(first, last):
        expect(w, p, i)
    for i in range(first, last):
        if w.seat[i, P.manages] == 1:
            demand_more_or_less(w, p, i)
    for i in range(first, last):
        perhaps_leave(w, p, i, day, limit)
    if sunday:
        enforce(w, p, f, day)


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
