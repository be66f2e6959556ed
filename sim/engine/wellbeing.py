"""Strain overnight: sleep, detachment, fatigue, exhaustion, conflict at home."""

from sim.behaviour.compliance import silence
from sim.behaviour.home import conflict_target, enrichment_target, partner_strain_target
from sim.behaviour.scales import approach
from sim.behaviour.strain import (
    anxiety_target,
    burnout,
    cynicism_target,
    detachment_target,
    efficacy_target,
    exhaustion_target,
    fatigue_target,
    missing_out,
    sleep_minutes,
    time_pressure_target,
    trust_target,
)
from sim.behaviour.working import informed_target
from sim.core.columns import BLOCKED, FAULTY, FREE, SALES_SERVICE
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.units import DAY, HOUR, LONG_DAY, MINUTE, WEEK
from sim.engine.routing import breach
from sim.engine.state import Person, World
from sim.engine.tasks import backlog, usual_work
from sim.engine.timing import next_opening, rules_of, share_of_full_time


@rule
def exhaustion(person: Person) -> float:
    """Return exhaustion: the stable trait plus the changing part."""
    return person.exhaustion_trait + person.exhaustion_state


@rule
def is_burnt_out(p: Parameters, person: Person) -> bool:
    """Return whether a person's burnout score lies above the cut-off."""
    return burnout(exhaustion(person), person.cynicism) > p.burnout_cutoff


@rule
def mean_of_week(day: int, mean: float, now: float) -> float:
    """Average a state over the days of the week so far."""
    days = float(day % WEEK + 1)
    past = mean if days > 1.0 else 0.0
    return past + (now - past) / days


@rule
def take_stock(p: Parameters, person: Person, now: int) -> None:
    """After a day of work, count what is left: ready work, own open questions, overdue tasks (M16)."""
    ready, unanswered, late = backlog(person), 0, 0
    for k in range(person.desk):
        task = person.tasks[k]
        unanswered += 1 if task.state in (BLOCKED, FAULTY) else 0
        late += 1 if task.state != FREE and 0 < task.due < now else 0
    person.unanswered = unanswered
    if person.arrived == 1:
        person.ledger.backlog_seconds += ready
        person.ledger.open_questions += unanswered
        person.ledger.overdue_tasks += late
    pressed = time_pressure_target(p, ready / HOUR, float(unanswered), float(late))
    person.time_pressure = approach(person.time_pressure, pressed, p.pressure_days)


@rule
def missed_out_on(w: World, p: Parameters, person: Person) -> float:
    """Return fear of missing out: alerts that rules keep back at work, messages that they cut off outside hours."""
    rules = rules_of(w, person)
    closure = max(rules.closed_im, rules.off_im) if rules.closed_im < 2.0 else 0.0
    by_system = max(rules.system_im, rules.system_off_im)
    still = silence(rules.hold, closure, rules.contact_ban, by_system, w.firm[person.firm].compliance)
    return missing_out(p, rules.batching, still, person.segmentation)


@rule
def begin_week(person: Person) -> None:
    """Reset what rules limit by the week, on Sunday night and for a new person in a seat."""
    person.worked_week = 0
    person.recorded_week = 0
    person.met_week = 0
    person.emergency = 0


@rule
def recover(w: World, p: Parameters, person: Person, day: int) -> None:
    """Move strain, sleep, home and trust by one day (M5, M7, M11, M12, M16)."""
    f = person.firm
    rules = rules_of(w, person)
    obligated = person.obligated_today / HOUR
    chosen = person.chosen_today / HOUR
    felt = person.felt
    if obligated > 0.0 and rules.disconnect > person.voice:
        breach(w, person)
    tomorrow = (day + 1) * DAY
    ends = min(next_opening(w, p, person, tomorrow - 1), tomorrow + int(HOUR * p.rest_clock))
    if person.worked_today > 0:
        take_stock(p, person, tomorrow)
    pressed = person.time_pressure
    person.sleep = sleep_minutes(p, (ends - person.rest_from) / MINUTE, float(person.late_check), pressed)
    person.ledger.sleep_minutes += int(person.sleep)
    session = person.worked_today - person.office_today - person.obligated_today - person.chosen_today
    calm = detachment_target(p, felt, obligated, chosen, session / HOUR, pressed)
    person.detachment = approach(person.detachment, calm, p.detachment_days)
    hours, interruptions = person.worked_today / HOUR, float(person.interrupted_today)
    tired = fatigue_target(p, hours, interruptions, person.sleep, person.detachment, person.conflict, pressed)
    person.fatigue = approach(person.fatigue, tired, p.fatigue_days)
    person.fatigue_week = mean_of_week(day, person.fatigue_week, person.fatigue)
    person.detachment_week = mean_of_week(day, person.detachment_week, person.detachment)
    emotional = 1.0 if person.role == SALES_SERVICE else 0.0
    worn = exhaustion_target(p, person.fatigue, person.detachment, emotional)
    person.exhaustion_state = approach(person.exhaustion_state, worn, p.exhaustion_days)
    person.cynicism = approach(person.cynicism, cynicism_target(p, exhaustion(person), person.trust), p.cynicism_days)
    if person.arrived == 1:
        person.burden = approach(person.burden, float(person.load), p.overload_days)
        known = informed_target(p, float(person.news_today), float(person.meetings_today))
        person.informed = approach(person.informed, known, p.news_days)
        done = person.met_today / (usual_work(p) * share_of_full_time(w, p, person))
        person.efficacy = approach(person.efficacy, efficacy_target(p, done), p.efficacy_days)
    watched = w.firm[f].monitored
    missed, unanswered = missed_out_on(w, p, person), float(person.unanswered)
    nervous = anxiety_target(p, person.anxiety_trait, felt, watched, missed, unanswered, person.burden)
    person.anxiety = approach(person.anxiety, nervous, p.anxiety_days)
    person.trust = approach(person.trust, trust_target(p, watched), p.trust_days)
    clash = conflict_target(p, obligated, person.overtime_today / HOUR, person.fatigue, pressed)
    person.conflict = approach(person.conflict, clash, p.conflict_days)
    gain = enrichment_target(p, chosen, person.efficacy)
    person.enrichment = approach(person.enrichment, gain, p.conflict_days)
    if person.partner == 1:
        shared = partner_strain_target(p, person.conflict, person.enrichment)
        person.partner_strain = approach(person.partner_strain, shared, p.conflict_days)
    if person.requests > 0:
        share = min(person.responses / float(person.requests), 1.0)
        person.response = approach(person.response, share, p.response_days)
    if is_burnt_out(p, person):
        person.ledger.burnt_out_days += 1
    person.ledger.after_days += 1 if obligated + chosen > 0.0 else 0
    person.ledger.long_days += 1 if person.worked_today > HOUR * LONG_DAY else 0
    person.worked_week += person.worked_today
    if person.arrived == 1:
        person.recorded_week += person.office_today
    if day % WEEK == WEEK - 1:
        begin_week(person)
