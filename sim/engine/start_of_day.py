"""A morning: who is absent, the day's decisions, hours, and arriving tasks, in this order."""

import math

from sim.behaviour.answering import act_log_odds, check_log_odds, initiative, kept_under_load, own_looks, pressure, skim
from sim.behaviour.compliance import dares, margin_below_cap, rank_of_week, unwritten, use_of_rights
from sim.behaviour.scales import approach, chance
from sim.behaviour.strain import felt_monitoring
from sim.behaviour.working import absence_chance, experience, fault_chance, fault_uninformed, working_speed
from sim.core import draws
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import child, uniform
from sim.core.units import DAY, HOUR, MINUTE, WEEK, YEAR_DAYS
from sim.engine.attendance import next_round, plan_evening
from sim.engine.day import next_off
from sim.engine.meetings import plan_meeting
from sim.engine.messages import firm_rows
from sim.engine.outsiders import expect_outsiders
from sim.engine.sanctions import has_union
from sim.engine.self_interruption import next_moment
from sim.engine.state import NEVER, Person, World
from sim.engine.tasks import arrivals, overdue_tasks
from sim.engine.timing import break_length, day_length, opening_of, rested_at, rules_of, wake_at
from sim.engine.wellbeing import exhaustion, is_burnt_out

LEAVE_WEEKS = 50.0  # weeks of a year in which a leave may begin


@rule
def watch(w: World, p: Parameters, f: int) -> None:
    """Set how strongly a firm's people feel monitored today (M12)."""
    rules = rules_of(w, w.person[w.firm[f].first])
    w.firm[f].monitored = felt_monitoring(p, w.firm[f].archive, rules.monitoring, rules.monitoring_limit, rules.notice)


@rule
def in_leave_of(w: World, p: Parameters, person: Person, year: int, day: int) -> bool:
    """Return whether a day is in the leave of a year: so many working days from a week drawn for person and year.

    A year begins with a whole week. Public holidays do not count as leave.
    """
    first = math.ceil(year * YEAR_DAYS / WEEK) + int(LEAVE_WEEKS * uniform(person.key, draws.LEAVE + year))
    if day < WEEK * first:
        return False
    days = 0
    for each in range(WEEK * first, day + 1):
        days += w.workday[each]
        if days > p.leave_days:
            return False
    return True


@rule
def on_leave(w: World, p: Parameters, person: Person, day: int) -> bool:
    """Return whether a person is on leave on a day: this year's, or the rest of one that began late last year."""
    year = int((day - day % WEEK) / YEAR_DAYS)
    late = year > 0 and in_leave_of(w, p, person, year - 1, day)
    return late or in_leave_of(w, p, person, year, day)


@rule
def right_in_use(w: World, p: Parameters, person: Person) -> float:
    """Set how far a right to disconnect is used today; a right on paper changes little (M10)."""
    f = person.firm
    rules = rules_of(w, person)
    daring = dares(p, rules.anonymous, person.voice)
    use = use_of_rights(p, has_union(w, f), rules.complaint, daring, w.firm[f].fear)
    person.use_of_rights = rules.disconnect * use
    return person.use_of_rights


@rule
def decide(w: World, p: Parameters, person: Person, day: int) -> None:
    """Make the day's decisions, which set the chances of each moment of the day."""
    f = person.firm
    rules = rules_of(w, person)
    tired = exhaustion(person)
    week = day // WEEK
    person.rank = rank_of_week(p, person.voice, uniform(person.key, draws.OBEDIENCE + week))
    person.margin = margin_below_cap(p, uniform(person.key, draws.MARGIN + week))
    felt = pressure(person.expectation, right_in_use(w, p, person))
    person.felt = felt
    person.trained = max(approach(person.trained, 0.0, p.training_days), rules.training)
    apart = person.segmentation
    person.speed = working_speed(p, tired, person.fatigue, experience(p, float(day - person.hired)))
    person.care = fault_chance(p, tired) + fault_uninformed(p, person.informed)
    person.check_work = own_looks(p, rules.batching, rules.looks_given_up)
    refuses = person.refuses
    person.check_off = p.check_off_allowed * chance(check_log_odds(p, felt, apart, refuses))
    person.act_logit = act_log_odds(p, felt, apart, refuses)
    person.free_logit = act_log_odds(p, 0.0, apart, refuses)
    person.answers_kept = kept_under_load(p, person.burden, 0.0)
    person.questions_kept = kept_under_load(p, person.burden, p.overload_spared)
    person.follows_kept = kept_under_load(p, person.burden, p.follow_spared)
    person.skims = skim(p, person.burden)
    person.sharing = 1.0 - p.watch_sharing * w.firm[f].monitored
    right = unwritten(p, person.use_of_rights)
    if person.manages == 1:
        base, wish = p.initiative_manager, person.demand
        person.initiative = initiative(base, wish, rules.example, right, person.volume, refuses)
        person.usual_initiative = initiative(base, person.usual_demand, 0.0, 0.0, person.volume, refuses)
    else:
        person.initiative = initiative(p.initiative_staff, felt, 0.0, right, person.volume, refuses)
    if not math.isnan(person.override):
        person.initiative = person.override


@rule
def morning(w: World, p: Parameters, person: Person, day: int) -> None:
    """Start a person's day."""
    person.day_key = child(person.key, draws.DAY_KEY + day)
    key = person.day_key
    midnight = day * DAY
    sick = uniform(key, draws.ABSENT) < absence_chance(p, is_burnt_out(p, person))
    works = w.workday[day] == 1
    present = works and not sick and not on_leave(w, p, person, day)
    if works and not present:
        person.ledger.absent_days += 1
    person.load = 0
    person.requests = 0
    person.responses = 0
    person.obligated_today = 0
    person.chosen_today = 0
    person.worked_today = 0
    person.overtime_today = 0
    person.office_today = 0
    person.marks = 0
    person.overdue_tasks = overdue_tasks(person, midnight)
    person.interrupted_today = 0
    person.late_check = 0
    person.met_today = 0
    person.news_today = 0
    person.meetings_today = 0
    person.arrived = 0
    person.stayed = 0
    person.bed = midnight + int(HOUR * p.bed_clock) + int(MINUTE * p.bed_spread * uniform(key, draws.BED))
    person.session = NEVER
    person.seen = person.head
    person.contract_start = midnight
    person.contract_end = midnight
    person.start = NEVER
    person.lunch = NEVER
    person.leave = NEVER
    person.round_at = NEVER
    person.meeting_at = NEVER
    decide(w, p, person, day)
    expect_outsiders(w, p, person, day)
    if present:
        start = midnight + opening_of(w, p, person)
        person.contract_start = start
        person.contract_end = start + day_length(w, p, person)
        person.start = rested_at(w, p, person, start + int(MINUTE * p.arrival_spread * uniform(key, draws.ARRIVE)))
        usual = midnight + int(HOUR * p.break_clock) + int(MINUTE * p.break_spread * uniform(key, draws.BREAK))
        lunch = max(usual, start + int(HOUR * p.break_after))
        person.lunch = lunch if person.start < lunch and break_length(w, person) > 0 else NEVER
        person.leave = person.contract_end
        person.round_at = next_round(w, person, start)
        plan_meeting(w, p, person, day, midnight)
        arrivals(w, p, person, start)
    elif not works:
        start = midnight + int(HOUR * p.free_day_clock)
        plan_evening(w, p, person, start + int(HOUR * p.free_day_spread * uniform(key, draws.ARRIVE)))
    next_moment(p, person, midnight)
    wake_at(w, person, next_off(person))


@rule
def dawn(w: World, p: Parameters, f: int, day: int) -> None:
    """Start a firm's day."""
    watch(w, p, f)
    first, last = firm_rows(w, f)
    for i in range(first, last):
        morning(w, p, w.person[i], day)
