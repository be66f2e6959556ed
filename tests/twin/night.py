"""What a night changes: strain, norms, who leaves; and what a morning decides."""

import math
from typing import TYPE_CHECKING

from sim.core import draws
from sim.core.columns import CLEARED, SALES_SERVICE
from tests.twin import hours, payroll, post, rules, sanctions, work
from tests.twin.chance import child, happens, lognormal, normal, uniform
from tests.twin.person import Person
from tests.twin.things import DAY, NEVER

if TYPE_CHECKING:
    from tests.twin.firm import Company

OPEN_HOURS = 9 * 3_600


def wake_up(person: Person, day: int) -> None:
    """Start a day: who is absent, the hours, the decisions, the tasks that arrive."""
    q = person.model.q
    person.day_key = key = child(person.key, draws.DAY_KEY + day)
    midnight = day * DAY
    start = midnight + person.opening
    sick = happens(q.absence_rate * (q.absence_burnout if person.burnt_out else 1.0), key, draws.ABSENT)
    workday = person.model.works(day)
    present = workday and not sick and not on_leave(person, day)
    if workday and not present:
        person.count("absent_days")
    person.load = person.requests = person.responses = 0
    person.obligated_today = person.chosen_today = person.worked_today = person.overtime_today = 0
    person.interrupted_today = person.met_today = person.office_today = person.marks = 0
    person.late_check = person.arrived = person.stayed = False
    person.inbox.looked_to = 0
    person.bed = midnight + 23 * 3_600 + int(2_700.0 * uniform(key, draws.BED))
    person.start = person.lunch = person.leave = person.round = person.session = person.session_end = NEVER
    person.contract_start = person.contract_end = midnight
    decide(person, day)
    if present:
        person.contract_start, person.contract_end = start, start + OPEN_HOURS
        person.start = hours.rested_at(person, start + int(900.0 * uniform(key, draws.ARRIVE)))
        lunch = max(midnight + 12 * 3_600, start + 2 * 3_600)
        person.lunch = lunch if person.start < lunch else NEVER
        person.leave = start + OPEN_HOURS
        person.round = person.next_round(start)
        work.add_tasks_of_day(person, start)
    elif not workday:
        person.plan_session(midnight + 10 * 3_600 + int(21_600.0 * uniform(key, draws.ARRIVE)))
    person.set_next_moment(midnight)
    person.wake = person.next_when_off()


def on_leave(person: Person, day: int) -> bool:
    """One block of leave in each year; a year is made of the weeks that begin in it."""
    year = next(year for year in range(100) if day - day % 7 < (year + 1) * 365.25)
    first = 7 * (math.ceil(year * 365.25 / 7) + int(50.0 * uniform(person.key, draws.LEAVE + year)))
    return first <= day < first + int(person.model.q.leave_days * 1.4)


def decide(person: Person, day: int) -> None:
    """The day's decisions, on which each of its moments is thrown."""
    q, rule = person.model.q, person.rule
    person.use_of_rights = rule.disconnect * sanctions.use_of_rights(person)
    felt = person.felt = rules.pressure(person.expectation, person.use_of_rights)
    person.trained = max(rules.approach(person.trained, 0.0, q.training_days), rule.training)
    apart, refuses = person.segmentation, person.refuses
    skilled = rules.experience(float(day - person.hired), q.newcomer_speed, q.newcomer_days)
    person.speed = rules.working_speed(
        person.exhaustion, person.fatigue, q.slow_exhaustion, q.slow_fatigue, skilled
    )  # fmt: skip
    person.care = rules.fault_chance(q.fault_chance, q.fault_exhaustion, person.exhaustion)
    person.check_work = q.check_moment
    looks = rules.act_log_odds(
        q.check_off_base,
        q.check_off_expectation,
        q.check_off_wish * q.act_segmentation,
        q.act_refusal,
        felt,
        apart,
        refuses,
    )
    person.check_off = q.check_off_allowed * rules.chance(looks)
    act = (q.act_base, q.act_expectation, q.act_segmentation, q.act_refusal)
    person.act_logit = rules.act_log_odds(*act, felt, apart, refuses)
    person.free_logit = rules.act_log_odds(*act, 0.0, apart, refuses)
    person.sharing = 1.0 - q.watch_sharing * person.firm.monitored
    if person.manages:
        person.initiative = rules.initiative(q.initiative_manager, person.demand, rule.example, person.volume, refuses)
    else:
        person.initiative = rules.initiative(q.initiative_staff, felt, 0.0, person.volume, refuses)


def watch(firm: "Company") -> None:
    """How strongly the firm's people feel watched today."""
    rule = firm.rules[firm.people[0].role]
    strength = rules.clip(firm.model.q.watch_archive * firm.archive + rule.monitoring, 0.0, 1.0) * (
        1.0 - rule.monitoring_limit
    )
    firm.monitored = rules.felt_monitoring(strength, rule.notice, firm.model.q.watch_notice)


def fall(firm: "Company", day: int) -> None:
    """End a day: everybody's strain, then norms, then who leaves; on Sundays how far rules are obeyed."""
    if day % 7 == 6:
        for person in firm.people:
            payroll.settle(person, day)
    for person in firm.people:
        recover(person, day)
    for person in firm.people:
        expect(person)
    for person in firm.people:
        if person.manages:
            demand_more_or_less(person)
    for person in firm.people:
        perhaps_leave(person, day)
    if day % 7 == 6:
        sanctions.enforce(firm, day)


def recover(person: Person, day: int) -> None:
    """Strain, sleep, home and trust move by one day."""
    q, rule = person.model.q, person.rule
    obligated, chosen = person.obligated_today / 3_600.0, person.chosen_today / 3_600.0
    felt = person.felt
    if obligated > 0.0 and rule.disconnect > person.voice:
        post.breach(person)
    sleep(person, day)
    calm = rules.detachment_target(
        felt, obligated, chosen, q.detach_expectation, q.detach_obligated, q.detach_chosen
    )  # fmt: skip
    person.detachment = rules.approach(person.detachment, calm, q.detachment_days)
    tired = rules.fatigue_target(
        person.worked_today / 3_600.0, float(person.interrupted_today), person.sleep, person.detachment,
        q.fatigue_hours, q.fatigue_interruption, q.fatigue_sleep, q.fatigue_detachment,
    )  # fmt: skip
    person.fatigue = rules.approach(person.fatigue, tired + q.conflict_feedback * person.conflict, q.fatigue_days)
    average_over_week(person, day)
    wear_out(person)
    if person.arrived:
        nominal = 60.0 * q.tasks_per_day * q.task_minutes * math.exp(0.5 * q.task_sigma * q.task_sigma)
        got = rules.clip(person.met_today / nominal, 0.0, 2.0)
        person.burden = rules.approach(person.burden, float(person.load), q.overload_days)
        person.efficacy = rules.approach(person.efficacy, q.efficacy_output * (got - 1.0), q.efficacy_days)
    nervous = person.anxiety_trait + q.anxiety_expectation * felt
    nervous = nervous + q.watch_anxiety * person.firm.monitored + q.anxiety_silence * rule.batching
    person.anxiety = rules.approach(person.anxiety, nervous, q.anxiety_days)
    person.trust = rules.approach(person.trust, q.trust_base - q.watch_trust * person.firm.monitored, q.trust_days)
    come_home(person, obligated, chosen)
    if person.requests > 0:
        share = min(person.responses / float(person.requests), 1.0)
        person.response = rules.approach(person.response, share, q.response_days)
    person.count("burnt_out_days", int(person.burnt_out))
    person.count("after_days", int(obligated + chosen > 0.0))
    person.count("long_days", int(person.worked_today > 10 * 3_600))
    person.worked_week += person.worked_today
    if person.arrived:
        person.recorded_week += person.office_today
    if day % 7 == 6:
        person.worked_week = person.recorded_week = person.emergency = 0


def sleep(person: Person, day: int) -> None:
    q, tomorrow = person.model.q, (day + 1) * DAY
    end_of_rest = min(person.next_opening(tomorrow - 1), tomorrow + 11 * 3_600)
    person.sleep = rules.sleep_minutes(
        q.sleep_base, q.sleep_slope, (end_of_rest - person.rest_from) / 60.0, q.sleep_late, float(person.late_check)
    )
    person.count("sleep_minutes", int(person.sleep))


def average_over_week(person: Person, day: int) -> None:
    """Running means of what swings within a week."""
    days = float(day % 7 + 1)
    for name in ("fatigue", "detachment"):
        past = getattr(person, f"{name}_week") if days > 1.0 else 0.0
        setattr(person, f"{name}_week", past + (getattr(person, name) - past) / days)


def wear_out(person: Person) -> None:
    """Exhaustion and cynicism move slowly."""
    q = person.model.q
    emotional = float(person.role == SALES_SERVICE)
    worn = rules.exhaustion_target(
        person.fatigue, person.detachment, emotional,
        q.exhaustion_fatigue, q.exhaustion_detachment, q.exhaustion_emotion,
    )  # fmt: skip
    person.exhaustion_state = rules.approach(person.exhaustion_state, worn, q.exhaustion_days)
    distant = q.cynicism_exhaustion * person.exhaustion + q.cynicism_trust * (q.trust_base - person.trust)
    person.cynicism = rules.approach(person.cynicism, distant, q.cynicism_days)


def come_home(person: Person, obligated: float, chosen: float) -> None:
    """Work spills over to the home, in both directions."""
    q = person.model.q
    late = q.conflict_late * person.overtime_today / 3_600.0
    clash = q.conflict_hours * obligated + late + q.conflict_strain * max(person.fatigue, 0.0)
    person.conflict = rules.approach(person.conflict, rules.clip(clash, 0.0, 1.0), q.conflict_days)
    gain = q.enrichment_chosen * chosen + q.enrichment_efficacy * person.efficacy
    person.enrichment = rules.approach(person.enrichment, rules.clip(gain, 0.0, 1.0), q.conflict_days)
    if person.partner:
        shared = q.partner_conflict * person.conflict - q.partner_enrichment * person.enrichment
        person.partner_strain = rules.approach(
            person.partner_strain, rules.clip(shared, 0.0, 1.0), q.conflict_days
        )  # fmt: skip


def mean_response(people: list[Person]) -> float | None:
    """Plain mean; ``sum`` would round differently from the engine, because it compensates."""
    total = 0.0
    for person in people:
        total += person.response
    return total / len(people) if people else None


def expect(person: Person) -> None:
    """The perceived expectation moves; it rises faster than it falls."""
    q = person.model.q
    peers = mean_response([mate for mate in person.team if mate is not person])
    if peers is None:
        peers = person.response
    boss = person.manager or person
    target = rules.expected_availability(
        q.norm_base, person.firm.culture, q.norm_manager, boss.demand, q.norm_peers,
        rules.felt_norm(peers, q.norm_tipping, q.norm_steepness), q.norm_contest, max(peers - person.response, 0.0),
        q.norm_pressure, person.rule.pressure,
    )  # fmt: skip
    days = q.norm_up_days if target > person.expectation else q.norm_down_days
    person.expectation = rules.approach(person.expectation, target, days)


def demand_more_or_less(person: Person) -> None:
    """What a manager expects moves towards what the manager gets; an enforced rule or a training takes from it."""
    q, rule, firm = person.model.q, person.rule, person.firm
    strict = max(rule.contact_ban, rule.disconnect, min(rule.closed[0], 1.0), min(rule.off[0], 1.0))
    obeyed = max(firm.compliance - q.compliance_base, 0.0) / max(1.0 - q.compliance_base, 1e-9)
    got = max(mean_response(person.led) or 0.0, 0.0)
    target = rules.demanded_availability(
        q.demand_base, q.demand_belief, person.belief, q.demand_response, got, q.norm_rule, strict, obeyed,
        q.demand_training, person.trained,
    )  # fmt: skip
    person.demand = rules.approach(person.demand, target, q.demand_days)


def perhaps_leave(person: Person, day: int) -> None:
    """Somebody leaves for good; somebody new has the seat from the next morning on."""
    q = person.model.q
    rate = q.exit_rate * (q.exit_burnout if person.burnt_out else 1.0)
    if not happens(rate / 365.25, person.day_key, draws.EXIT):
        return
    person.count("exits")
    person.count("exit_cost_fen", int(q.exit_cost * 2_000 * payroll.fen_per_hour(person)))
    for letter in person.inbox.letters:
        if letter.open:
            person.count("cleared")
            person.firm.log(CLEARED, person, (day + 1) * DAY, letter.message)
    person.inbox.letters.clear()
    person.count("forgotten", len(person.later))
    person.later.clear()
    person.generation += 1
    person.hired = day + 1
    become_newcomer(person, child(person.key, draws.NEXT_PERSON_KEY))


def become_newcomer(person: Person, key: int) -> None:
    """Draw another person into the same seat; tasks stay with the seat."""
    q = person.model.q
    person.key = key
    person.workload = lognormal(1.0, q.workload_sigma, key, draws.WORKLOAD)
    volume = lognormal(1.0, q.volume_sigma, key, draws.VOLUME) * math.exp(-0.5 * q.volume_sigma * q.volume_sigma)
    person.volume = min(volume, 8.0)
    person.segmentation = uniform(key, draws.SEGMENTATION)
    person.refuses = float(person.segmentation > 1.0 - q.refuse_share)
    person.muted = rules.clip(q.muted_share + q.muted_spread * (uniform(key, draws.MUTED) - 0.5), 0.0, 1.0)
    person.voice = uniform(key, draws.VOICE)
    person.exhaustion_trait = q.exhaustion_trait_sd * normal(key, draws.TRAIT_EXHAUSTION)
    person.exhaustion_state = q.start_exhaustion + 0.4 * normal(key, draws.START_EXHAUSTION)
    person.cynicism = q.start_cynicism + q.cynicism_exhaustion * (
        person.exhaustion_trait + 0.3 * normal(key, draws.START_CYNICISM)
    )
    person.anxiety_trait = q.anxiety_trait_sd * normal(key, draws.TRAIT_ANXIETY)
    person.anxiety = person.anxiety_trait + q.anxiety_expectation * q.start_expectation
    person.fatigue, person.detachment = 0.5, 0.6
    person.efficacy = person.enrichment = person.partner_strain = 0.0
    person.trust = q.trust_base - q.watch_trust * person.firm.monitored
    person.conflict = 0.2
    person.expectation = rules.clip(q.start_expectation + rules.by_culture(person.firm.culture), 0.0, 1.0)
    person.response = q.start_response
    person.burden = 100.0
    person.belief = float(happens(q.belief_share, key, draws.BELIEF))
    person.demand = rules.clip(q.demand_base + q.demand_belief * person.belief + q.demand_response * 0.5, 0.0, 1.0)
    person.sleep = q.sleep_base
    person.trained = 0.0
    person.partner = happens(q.partner_share, key, draws.PARTNER)
