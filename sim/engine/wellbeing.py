"""What a night does to strain: sleep, detachment, fatigue, exhaustion, trouble at home."""

import math

from sim.behaviour.scales import approach, clip
from sim.behaviour.strain import (
    burnout,
    detachment_target,
    exhaustion_target,
    fatigue_target,
    sleep_minutes,
)
from sim.columns import SALES_SERVICE, F, L, P, R, S
from sim.compiled import rule
from sim.engine.routing import breach
from sim.engine.state import DAY, WEEKDAYS, Reals, World
from sim.engine.timing import next_opening
from sim.parameters import Q


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
