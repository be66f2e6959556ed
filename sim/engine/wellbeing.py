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
from sim.core.columns import SALES_SERVICE
from sim.core.compiled import rule
from sim.engine.routing import breach
from sim.engine.state import DAY, WEEKDAYS, Parameters, Person, World
from sim.engine.timing import next_opening, rules_of


@rule
def exhaustion(person: Person) -> float:
    """Exhaustion: the stable trait and the changing part."""
    return person.exhaustion_trait + person.exhaustion_state


@rule
def is_burnt_out(p: Parameters, person: Person) -> bool:
    """Tell whether a person's burnout score lies above the cut-off."""
    return burnout(exhaustion(person), person.cynicism) > p.burnout_cutoff


@rule
def recover(w: World, p: Parameters, person: Person, day: int) -> None:
    """Move strain, sleep, home and trust by one day (M5, M7, M11, M12)."""
    f = person.firm
    rules = rules_of(w, person)
    obligated = person.obligated_today / 3_600.0
    chosen = person.chosen_today / 3_600.0
    felt = person.felt
    if obligated > 0.0 and rules.disconnect > person.voice:
        breach(w, person)
    rest = min(next_opening(w, person, (day + 1) * DAY - 1), (day + 1) * DAY + 39_600) - person.rest_from
    person.sleep = sleep_minutes(p.sleep_base, p.sleep_slope, rest / 60.0, p.sleep_late, float(person.late_check))
    person.ledger.sleep_minutes += int(person.sleep)
    calm = detachment_target(felt, obligated, chosen, p.detach_expectation, p.detach_obligated, p.detach_chosen)
    person.detachment = approach(person.detachment, calm, p.detachment_days)
    tired = (
        fatigue_target(
            person.worked_today / 3_600.0,
            float(person.interrupted_today),
            person.sleep,
            person.detachment,
            p.fatigue_hours,
            p.fatigue_interruption,
            p.fatigue_sleep,
            p.fatigue_detachment,
        )
        + p.conflict_feedback * person.conflict
    )
    person.fatigue = approach(person.fatigue, tired, p.fatigue_days)
    days = float(day % WEEKDAYS + 1)
    past_fatigue = person.fatigue_week if days > 1.0 else 0.0
    past_calm = person.detachment_week if days > 1.0 else 0.0
    person.fatigue_week = past_fatigue + (person.fatigue - past_fatigue) / days
    person.detachment_week = past_calm + (person.detachment - past_calm) / days
    emotional = 1.0 if person.role == SALES_SERVICE else 0.0
    worn = exhaustion_target(
        person.fatigue,
        person.detachment,
        emotional,
        p.exhaustion_fatigue,
        p.exhaustion_detachment,
        p.exhaustion_emotion,
    )
    person.exhaustion_state = approach(person.exhaustion_state, worn, p.exhaustion_days)
    distant = p.cynicism_exhaustion * exhaustion(person) + p.cynicism_trust * (p.trust_base - person.trust)
    person.cynicism = approach(person.cynicism, distant, p.cynicism_days)
    if person.arrived == 1:
        nominal = 60.0 * p.tasks_per_day * p.task_minutes * math.exp(0.5 * p.task_sigma * p.task_sigma)
        got = clip(person.met_today / nominal, 0.0, 2.0)
        person.burden = approach(person.burden, float(person.load), p.overload_days)
        person.efficacy = approach(person.efficacy, p.efficacy_output * (got - 1.0), p.efficacy_days)
    watched = w.firm[f].monitored
    nervous = (
        person.anxiety_trait
        + p.anxiety_expectation * felt
        + p.watch_anxiety * watched
        + p.anxiety_silence * rules.batching
    )
    person.anxiety = approach(person.anxiety, nervous, p.anxiety_days)
    person.trust = approach(person.trust, p.trust_base - p.watch_trust * watched, p.trust_days)
    clash = clip(
        p.conflict_hours * obligated
        + p.conflict_late * person.overtime_today / 3_600.0
        + p.conflict_strain * max(person.fatigue, 0.0),
        0.0,
        1.0,
    )
    person.conflict = approach(person.conflict, clash, p.conflict_days)
    gain = clip(p.enrichment_chosen * chosen + p.enrichment_efficacy * person.efficacy, 0.0, 1.0)
    person.enrichment = approach(person.enrichment, gain, p.conflict_days)
    if person.partner == 1:
        shared = clip(p.partner_conflict * person.conflict - p.partner_enrichment * person.enrichment, 0.0, 1.0)
        person.partner_strain = approach(person.partner_strain, shared, p.conflict_days)
    if person.requests > 0:
        share = min(person.responses / float(person.requests), 1.0)
        person.response = approach(person.response, share, p.response_days)
    if is_burnt_out(p, person):
        person.ledger.burnt_out_days += 1
    person.ledger.after_days += 1 if obligated + chosen > 0.0 else 0
    person.ledger.long_days += 1 if person.worked_today > 36_000 else 0
    person.worked_week += person.worked_today
    if person.arrived == 1:
        person.recorded_week += person.office_today
    if day % WEEKDAYS == WEEKDAYS - 1:
        person.worked_week = 0
        person.recorded_week = 0
        person.emergency = 0
