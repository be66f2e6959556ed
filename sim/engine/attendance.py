"""Coming to work, rounds of kept-back alerts, leaving or staying, and planning an evening at home."""

from sim.behaviour.working import home_minutes, stay_minutes
from sim.core import draws
from sim.core.columns import OFF, OFFICE
from sim.core.compiled import rule
from sim.core.randomness import uniform
from sim.engine.routing import breach
from sim.engine.self_interruption import focusing, next_moment
from sim.engine.state import DAY, NEVER, Parameters, Person, World
from sim.engine.tasks import backlog
from sim.engine.timing import keeps_hours, left_under_caps, must_stop_at, rest_needed, rules_of


@rule
def go(person: Person, place: int) -> None:
    """Change place."""
    if person.place == OFFICE:
        person.left_at = person.clock
    person.place = place
    person.focus = 0
    person.browse = 0
    person.seen = max(person.seen, person.head)
    next_moment(person, person.clock)


@rule
def plan_evening(w: World, p: Parameters, person: Person, earliest: int) -> None:
    """Decide whether and how long to work at home on what is left, as far as caps and rests allow (M9)."""
    person.session = NEVER
    if person.refuses == 1.0:
        return
    apart = person.segmentation
    if uniform(person.day_key, draws.SESSION_TAKEN) >= p.home_chance * (1.0 - p.home_segmentation * apart):
        return
    minutes = home_minutes(backlog(person) / 60.0, p.home_share, apart, p.home_max)
    start = earliest + int(5_400.0 * uniform(person.day_key, draws.SESSION))
    end = min(start + int(60.0 * minutes), person.bed, must_stop_at(w, person, start))
    if end - start >= 900:
        person.session = start
        person.session_end = end


@rule
def leave_or_stay(w: World, p: Parameters, person: Person) -> None:
    """At the planned time, decide how long to stay; when that is over, go home (M9).

    Caps that are obeyed send people home earlier, but not before the end of contract hours; what is left may be done at
    home, unrecorded.
    """
    now = person.clock
    rules = rules_of(w, person)
    if person.stayed == 0:
        person.stayed = 1
        felt = person.felt
        minutes = stay_minutes(backlog(person) / 60.0, p.stay_share, p.stay_culture, felt, p.stay_max)
        if rules.daily_cap + rules.weekly_cap > 0.0 and keeps_hours(w, person):
            minutes = min(minutes, left_under_caps(w, person, now) / 60.0)
        if minutes >= 5.0:
            person.leave = now + int(60.0 * minutes)
            return
    person.leave = NEVER
    person.lunch = NEVER
    go(person, OFF)
    plan_evening(w, p, person, max(now + 5_400, now // DAY * DAY + 72_000))


@rule
def note_short_rest(w: World, person: Person, rest: int) -> None:
    """Book a breach if somebody who does not keep to the rests comes to work without having rested."""
    now = person.clock
    if rules_of(w, person).rest_total == 0.0:
        rest = now - person.left_at
    if rest < rest_needed(w, person, now // DAY) and not keeps_hours(w, person):
        breach(w, person)


@rule
def next_round(w: World, person: Person, after: int) -> int:
    """Find the next round at which kept-back alerts are given: rounds share contract hours evenly."""
    rules = rules_of(w, person)
    rounds, start = int(rules.batch_rounds), person.contract_start
    if rounds <= 0 or rules.batching <= 0.0:
        return NEVER
    gap = (person.contract_end - start) // (rounds + 1)
    number = max(0, (after - start) // gap) + 1
    return start + number * gap if number <= rounds else NEVER


@rule
def take_round(w: World, p: Parameters, person: Person) -> None:
    """At a round, go through the messages whose alerts were kept back."""
    rules = rules_of(w, person)
    start = person.contract_start
    number = (person.round_at - start) * (int(rules.batch_rounds) + 1) // (person.contract_end - start)
    person.round_at = next_round(w, person, person.clock)
    if uniform(person.day_key, draws.ROUND + number) < rules.batching and not focusing(w, person):
        person.browse = 3 * int(p.patience)
        person.ledger.checks += 1


@rule
def come(w: World, p: Parameters, person: Person) -> None:
    """Come to the office, in the morning or after the midday break, and go through the messages first."""
    now = person.clock
    if person.arrived == 0:
        person.arrived = 1
        rest = max(person.best_rest, now - person.rest_from)
        note_short_rest(w, person, rest)
        person.best_rest = 0
        person.ledger.rests += 1
        person.ledger.rest_seconds += min(rest, 16 * 3_600)
        person.ledger.short_rests += 1 if rest < 11 * 3_600 else 0
        person.ledger.workdays += 1
    person.start = NEVER
    go(person, OFFICE)
    person.browse = 3 * int(p.patience)
