"""What a night changes: strain, norms, who leaves; and what a morning decides."""

import math
from typing import TYPE_CHECKING

from sim.core import draws
from sim.core.columns import CLEARED, IM, SALES_SERVICE
from tests.twin import dates, hours, outsiders, payroll, post, rules, sanctions, talking, work
from tests.twin.chance import child, happens, lognormal, normal, uniform
from tests.twin.elementary import exp
from tests.twin.person import Person
from tests.twin.things import DAY, NEVER

if TYPE_CHECKING:
    from tests.twin.firm import Company


def wake_up(person: Person, day: int) -> None:
    """Start a day: who is absent, the hours, the decisions, the tasks that arrive."""
    q = person.model.q
    person.day_key = key = child(person.key, draws.DAY_KEY + day)
    midnight = day * DAY
    start = midnight + person.opening
    sick = happens(rules.absence_chance(q, person.burnt_out), key, draws.ABSENT)
    workday = person.model.works(day)
    present = workday and not sick and not on_leave(person, day)
    if workday and not present:
        person.count("absent_days")
    person.load = person.requests = person.responses = 0
    person.obligated_today = person.chosen_today = person.worked_today = person.overtime_today = 0
    person.interrupted_today = person.met_today = person.office_today = person.marks = 0
    person.news_today = person.meetings_today = 0
    person.late_check = person.arrived = person.stayed = False
    person.overdue_tasks = len(person.desk.late(midnight))
    person.inbox.looked_to = 0
    person.bed = midnight + int(3_600 * q.bed_clock) + int(60.0 * q.bed_spread * uniform(key, draws.BED))
    person.start = person.lunch = person.leave = person.round = person.session = person.session_end = NEVER
    person.contract_start = person.contract_end = midnight
    person.meetings = []
    if day % 7 == 0:
        person.met_week = 0
    decide(person, day)
    outsiders.expect(person, day)
    if present:
        person.contract_start, person.contract_end = start, start + hours.contract_day(person)
        person.start = hours.rested_at(person, start + int(60.0 * q.arrival_spread * uniform(key, draws.ARRIVE)))
        noon = midnight + int(3_600 * q.break_clock) + int(60.0 * q.break_spread * uniform(key, draws.BREAK))
        lunch = max(noon, start + int(3_600 * q.break_after))
        no_break = person.part_time or person.firm.break_seconds == 0
        person.lunch = NEVER if no_break or person.start >= lunch else lunch
        person.leave = person.contract_end
        person.round = person.next_round(start)
        person.meetings = talking.meetings_of(person, day)
        work.add_tasks_of_day(person, start)
    elif not workday:
        free = midnight + int(3_600 * q.free_day_clock)
        person.plan_session(free + int(3_600.0 * q.free_day_spread * uniform(key, draws.ARRIVE)))
    person.set_next_moment(midnight)
    person.wake = person.next_when_off()


def on_leave(person: Person, day: int) -> bool:
    """One block of leave begins in each year; a year is made of the weeks that begin in it."""
    for year in (year for year in range(100) if year * 365.25 <= day - day % 7):
        first = 7 * (math.ceil(year * 365.25 / 7) + int(50.0 * uniform(person.key, draws.LEAVE + year)))
        if first <= day and sum(person.model.workdays[first : day + 1]) <= person.model.q.leave_days:
            return True
    return False


def decide(person: Person, day: int) -> None:
    """The day's decisions, on which each of its moments is thrown."""
    q, rule = person.model.q, person.rule
    person.use_of_rights = rule.disconnect * sanctions.use_of_rights(person)
    person.rank = rules.rank_of_week(q, person.voice, uniform(person.key, draws.OBEDIENCE + day // 7))
    person.margin = rules.margin_below_cap(q, uniform(person.key, draws.MARGIN + day // 7))
    right = rules.unwritten(q, person.use_of_rights)
    felt = person.felt = rules.pressure(person.expectation, person.use_of_rights)
    person.trained = max(rules.approach(person.trained, 0.0, q.training_days), rule.training)
    apart, refuses = person.segmentation, person.refuses
    skilled = rules.experience(q, float(day - person.hired))
    person.speed = rules.working_speed(q, person.exhaustion, person.fatigue, skilled)
    person.care = rules.fault_chance(q, person.exhaustion) + rules.fault_uninformed(q, person.informed)
    person.check_work = rules.own_looks(q, rule.batching, rule.looks_given_up)
    person.check_off = q.check_off_allowed * rules.chance(rules.check_log_odds(q, felt, apart, refuses))
    person.act_logit = rules.act_log_odds(q, felt, apart, refuses)
    person.free_logit = rules.act_log_odds(q, 0.0, apart, refuses)
    person.answers_kept = rules.kept_under_load(q, person.burden, 0.0)
    person.questions_kept = rules.kept_under_load(q, person.burden, q.overload_spared)
    person.follows_kept = rules.kept_under_load(q, person.burden, q.follow_spared)
    person.skims = rules.skim(q, person.burden)
    person.sharing = 1.0 - q.watch_sharing * person.firm.monitored
    if person.manages:
        person.initiative = rules.initiative(
            q.initiative_manager, person.demand, rule.example, right, person.volume, refuses
        )
        usual = person.usual_demand
        person.usual_initiative = rules.initiative(q.initiative_manager, usual, 0.0, 0.0, person.volume, refuses)
    else:
        person.initiative = rules.initiative(q.initiative_staff, felt, 0.0, right, person.volume, refuses)


def watch(firm: "Company") -> None:
    """How strongly the firm's people feel watched today."""
    rule = firm.rules[firm.people[0].role]
    firm.monitored = rules.felt_monitoring(
        firm.model.q, firm.archive, rule.monitoring, rule.monitoring_limit, rule.notice
    )


def fall(firm: "Company", day: int) -> None:
    """End a day: everybody's strain, then norms, then who leaves; on Sundays how far rules are obeyed."""
    for person in firm.people:
        if person.model.works(day) and not person.is_in_today:
            dates.wait_for(person)
    if day % 7 == 6:
        for person in firm.people:
            payroll.settle(person, day)
            size = sum(task.size for task in person.desk)
            person.count("desk_growth_seconds", size - person.desk_work)
            person.desk_work = size
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
    if person.worked_today > 0:
        take_stock(person, day)
    if obligated > 0.0 and rule.disconnect > person.voice:
        post.breach(person)
    sleep(person, day)
    session = (person.worked_today - person.office_today - person.obligated_today - person.chosen_today) / 3_600.0
    calm = rules.detachment_target(q, felt, obligated, chosen, session, person.time_pressure)
    person.detachment = rules.approach(person.detachment, calm, q.detachment_days)
    tired = rules.fatigue_target(
        q, person.worked_today / 3_600.0, float(person.interrupted_today), person.sleep, person.detachment,
        person.conflict, person.time_pressure,
    )  # fmt: skip
    person.fatigue = rules.approach(person.fatigue, tired, q.fatigue_days)
    average_over_week(person, day)
    wear_out(person)
    if person.arrived:
        nominal = 60.0 * q.tasks_per_day * q.task_minutes * exp(0.5 * q.task_sigma * q.task_sigma)
        nominal *= hours.part_of_full_time(person)
        person.burden = rules.approach(person.burden, float(person.load), q.overload_days)
        known = rules.informed_target(q, float(person.news_today), float(person.meetings_today))
        person.informed = rules.approach(person.informed, known, q.news_days)
        person.efficacy = rules.approach(
            person.efficacy, rules.efficacy_target(q, person.met_today / nominal), q.efficacy_days
        )
    nervous = rules.anxiety_target(
        q, person.anxiety_trait, felt, person.firm.monitored, missed_out_on(person), float(person.unanswered),
        person.burden,
    )  # fmt: skip
    person.anxiety = rules.approach(person.anxiety, nervous, q.anxiety_days)
    person.trust = rules.approach(person.trust, rules.trust_target(q, person.firm.monitored), q.trust_days)
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


def take_stock(person: Person, day: int) -> None:
    """What a day of work leaves undone presses: work ready, own questions open, tasks overdue."""
    q, midnight = person.model.q, (day + 1) * DAY
    backlog, unanswered = person.desk.backlog(), sum(task.waits for task in person.desk)
    overdue = sum(0 < task.due < midnight for task in person.desk)
    person.unanswered = unanswered
    if person.arrived:
        person.count("backlog_seconds", backlog)
        person.count("open_questions", unanswered)
        person.count("overdue_tasks", overdue)
    target = rules.time_pressure_target(q, backlog / 3_600.0, float(unanswered), float(overdue))
    person.time_pressure = rules.approach(person.time_pressure, target, q.pressure_days)


def missed_out_on(person: Person) -> float:
    """Alerts kept back at work, and the messenger held, closed or prohibited outside hours, if there is one."""
    rule = person.rule
    closure = 0.0
    if rule.closed[IM] < 2.0:
        closure = max(rule.closed[IM], min(1.0, rule.off[IM]))
    system = max(rule.system[IM], rule.system_off[IM])
    still = rules.silence(rule.hold, closure, rule.contact_ban, system, person.firm.compliance)
    return rules.missing_out(person.model.q, rule.batching, still, person.segmentation)


def sleep(person: Person, day: int) -> None:
    q, tomorrow = person.model.q, (day + 1) * DAY
    end_of_rest = min(person.next_opening(tomorrow - 1), tomorrow + int(3_600 * q.rest_clock))
    person.sleep = rules.sleep_minutes(
        q, (end_of_rest - person.rest_from) / 60.0, float(person.late_check), person.time_pressure
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
    worn = rules.exhaustion_target(q, person.fatigue, person.detachment, emotional)
    person.exhaustion_state = rules.approach(person.exhaustion_state, worn, q.exhaustion_days)
    distant = rules.cynicism_target(q, person.exhaustion, person.trust)
    person.cynicism = rules.approach(person.cynicism, distant, q.cynicism_days)


def come_home(person: Person, obligated: float, chosen: float) -> None:
    """Work spills over to the home, in both directions."""
    q = person.model.q
    clash = rules.conflict_target(q, obligated, person.overtime_today / 3_600.0, person.fatigue, person.time_pressure)
    person.conflict = rules.approach(person.conflict, clash, q.conflict_days)
    gain = rules.enrichment_target(q, chosen, person.efficacy)
    person.enrichment = rules.approach(person.enrichment, gain, q.conflict_days)
    if person.partner:
        shared = rules.partner_strain_target(q, person.conflict, person.enrichment)
        person.partner_strain = rules.approach(person.partner_strain, shared, q.conflict_days)


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
    target = rules.expectation_target(
        q, person.firm.culture, boss.demand, peers, person.response, person.rule.pressure
    )  # fmt: skip
    days = rules.expectation_days(q, person.expectation, target)
    person.expectation = rules.approach(person.expectation, target, days)


def demand_more_or_less(person: Person) -> None:
    """What a manager expects moves towards what the manager gets; an enforced rule or a training takes from it."""
    q, rule, firm = person.model.q, person.rule, person.firm
    strict = max(rule.contact_ban, rule.disconnect, min(rule.closed[0], 1.0), min(rule.off[0], 1.0))
    got = max(mean_response(person.led) or 0.0, 0.0)
    target = rules.demand_target(q, person.belief, got, strict, firm.compliance, person.trained)
    person.demand = rules.approach(person.demand, target, q.demand_days)


def perhaps_leave(person: Person, day: int) -> None:
    """Somebody leaves for good; somebody new has the seat from the next morning on."""
    q = person.model.q
    if not happens(rules.exit_rate(q, person.burnt_out) / 365.25, person.day_key, draws.EXIT):
        return
    person.count("exits")
    person.count(
        "exit_cost_fen",
        min(
            int(q.exit_cost * q.paid_hours * hours.part_of_full_time(person) * payroll.fen_per_hour(person)),
            payroll.MOST,
        ),
    )
    for letter in person.inbox.letters:
        if letter.open:
            person.count("cleared")
            person.firm.log(CLEARED, person, (day + 1) * DAY, letter.message)
    person.inbox.letters.clear()
    person.awaited = None
    for one in person.kept:
        dates.lapse(person, one.message)
    person.kept.clear()
    person.count("forgotten", len(person.later))
    person.later.clear()
    person.generation += 1
    person.rest_from, person.left_at, person.best_rest = (day + 1) * DAY - 6 * 3_600, (day + 1) * DAY - 54 * 3_600, 0
    person.hired = day + 1
    person.worked_week = person.recorded_week = person.met_week = person.emergency = 0
    kept = {name: getattr(person, name) for name in KIND}
    strain = {name: getattr(person, name) for name in STRAIN}
    become_newcomer(person, child(person.key, draws.NEXT_PERSON_KEY))
    if happens(q.pool_share, person.key, draws.FROM_POOL):
        become_alike(person, kept, strain)


# what a follower of the leaver's kind is, and what of it is brought along in part
KIND = (
    "activity", "workload", "volume", "asking", "answering", "asked", "segmentation", "refuses", "muted", "voice",
    "exhaustion_trait", "anxiety_trait", "belief", "partner", "part_time",
)  # fmt: skip
STRAIN = ("exhaustion_state", "cynicism", "anxiety")


def become_alike(person: Person, kind: dict[str, float], strain: dict[str, float]) -> None:
    """Take the leaver's traits, and begin between a new start with them and the strain that the leaver had."""
    q, drawn, nervous = person.model.q, person.exhaustion_trait, person.anxiety_trait
    for name, value in kind.items():
        setattr(person, name, value)
    person.cynicism += q.cynicism_exhaustion * (person.exhaustion_trait - drawn)
    person.anxiety += person.anxiety_trait - nervous
    person.demand = person.usual_demand = rules.start_demand(q, person.belief)
    for name, left in strain.items():
        setattr(person, name, rules.brought_along(q, getattr(person, name), left))


def become_newcomer(person: Person, key: int) -> None:
    """Draw another person into the same seat; tasks stay with the seat."""
    q = person.model.q
    person.key = key
    person.activity = normal(key, draws.ACTIVITY)
    person.workload = lognormal(1.0, q.workload_sigma, key, draws.WORKLOAD)
    person.workload *= rules.by_activity(q, person.activity, q.activity_work)
    person.volume = rules.by_activity(q, person.activity, q.activity_messages)
    person.asking = rules.by_activity(q, person.activity, q.activity_questions)
    person.answering = rules.by_activity(q, person.activity, q.activity_answers)
    person.asked = rules.by_activity(q, person.activity, q.activity_asked)
    person.segmentation = uniform(key, draws.SEGMENTATION)
    person.refuses = float(person.segmentation > 1.0 - q.refuse_share)
    person.muted = rules.clip(q.muted_share + q.muted_spread * (uniform(key, draws.MUTED) - 0.5), 0.0, 1.0)
    person.voice = uniform(key, draws.VOICE)
    person.exhaustion_trait = q.exhaustion_trait_sd * normal(key, draws.TRAIT_EXHAUSTION)
    person.exhaustion_state = q.start_exhaustion + q.start_exhaustion_sd * normal(key, draws.START_EXHAUSTION)
    person.cynicism = q.start_cynicism + q.cynicism_exhaustion * (
        person.exhaustion_trait + q.start_cynicism_sd * normal(key, draws.START_CYNICISM)
    )
    person.anxiety_trait = q.anxiety_trait_sd * normal(key, draws.TRAIT_ANXIETY)
    person.anxiety = rules.anxiety_target(
        q, person.anxiety_trait, q.start_expectation, 0.0, 0.0, q.usual_open, q.usual_burden
    )
    person.fatigue, person.detachment = q.start_fatigue, q.start_detachment
    person.efficacy = person.enrichment = person.partner_strain = 0.0
    person.trust = rules.trust_target(q, person.firm.monitored)
    person.informed, person.time_pressure = 1.0, 0.0
    person.conflict = q.start_conflict
    person.expectation = rules.start_expectation(q, person.firm.culture)
    person.response = q.start_response
    person.burden = q.start_burden
    person.belief = float(happens(q.belief_share, key, draws.BELIEF))
    person.demand = person.usual_demand = rules.start_demand(q, person.belief)
    person.sleep = q.sleep_base
    person.trained = person.cut = 0.0
    person.part_time = not person.manages and happens(q.part_time_share, key, draws.PART_TIME)
    person.partner = happens(q.partner_share, key, draws.PARTNER)
