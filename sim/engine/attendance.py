"""Coming to work, rounds of held-back alerts, leaving or staying, and planning an evening at home."""

from sim.behaviour.compliance import may_go_home
from sim.behaviour.working import home_chance, home_minutes, stay_minutes
from sim.core import draws
from sim.core.columns import OFF, OFFICE
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import child, uniform
from sim.core.units import DAILY_REST, DAY, HOUR, LONGEST_REST, MINUTE
from sim.engine.looking import amid_task, interrupted, look, lose_to_messages
from sim.engine.routing import breach
from sim.engine.self_interruption import focusing, next_moment
from sim.engine.state import INBOX, NEVER, Person, World
from sim.engine.tasks import backlog, due_soon
from sim.engine.timing import keeps_hours, left_under_caps, must_stop_at, rest_needed, rules_of


@rule
def go(p: Parameters, person: Person, place: int) -> None:
    """Change place."""
    if person.place == OFFICE:
        person.left_at = person.clock
    person.place = place
    person.focus = 0
    person.browse = 0
    person.seen = max(person.seen, person.head)
    next_moment(p, person, person.clock)


@rule
def plan_evening(w: World, p: Parameters, person: Person, earliest: int) -> None:
    """Decide whether and how long to work at home on the backlog, as far as caps and rests allow (M9)."""
    if person.refuses == 1.0:
        return
    apart = person.segmentation
    if uniform(person.day_key, draws.SESSION_TAKEN) >= home_chance(p, apart):
        return
    minutes = home_minutes(p, may_go_home(p, backlog(person) / MINUTE, person.cut), apart)
    start = earliest + int(MINUTE * p.session_spread * uniform(person.day_key, draws.SESSION))
    end = min(start + int(MINUTE * minutes), person.bed, must_stop_at(w, p, person, start))
    if end - start >= MINUTE * p.session_least:
        person.session = start
        person.session_end = end


@rule
def leave_or_stay(w: World, p: Parameters, person: Person) -> None:
    """At the planned end, decide how long to stay; when that is over, go home (M9).

    People who obey a cap go home earlier, but not before the end of contract hours. A share of the work that is cut may
    be done at home, unrecorded.
    """
    now = person.clock
    rules = rules_of(w, person)
    if person.stayed == 0:
        person.stayed = 1
        minutes = stay_minutes(p, backlog(person) / MINUTE, person.felt, due_soon(w, p, person) / MINUTE)
        person.cut = 0.0
        if rules.daily_cap + rules.weekly_cap > 0.0 and keeps_hours(w, person):
            wanted = minutes
            minutes = min(minutes, left_under_caps(w, p, person, now) / MINUTE)
            person.cut = wanted - max(minutes, 0.0)
        if minutes >= p.stay_least:
            person.leave = now + int(MINUTE * minutes)
            return
    go(p, person, OFF)
    evening = now // DAY * DAY + int(HOUR * p.evening_clock)
    plan_evening(w, p, person, max(now + int(MINUTE * p.evening_pause), evening))


@rule
def note_short_rest(w: World, person: Person, rest: int) -> None:
    """Book a breach if a person who does not obey the rests comes to work without having rested."""
    now = person.clock
    if rules_of(w, person).rest_total == 0.0:
        rest = now - person.left_at
    if rest < rest_needed(w, person, now // DAY) and not keeps_hours(w, person):
        breach(w, person)


@rule
def next_round(w: World, person: Person, after: int) -> int:
    """Find the next round for held-back alerts or for looks: rounds divide contract hours evenly."""
    rules = rules_of(w, person)
    rounds, start = int(rules.batch_rounds), person.contract_start
    if rounds <= 0 or max(rules.batching, rules.looks_given_up) <= 0.0:
        return NEVER
    gap = (person.contract_end - start) // (rounds + 1)
    number = max(0, (after - start) // gap) + 1
    return start + number * gap if number <= rounds else NEVER


@rule
def take_round(w: World, p: Parameters, person: Person) -> None:
    """At a round, go through the messages; in the middle of a task this interrupts as an alert does (M18)."""
    rules = rules_of(w, person)
    start = person.contract_start
    number = (person.round_at - start) * (int(rules.batch_rounds) + 1) // (person.contract_end - start)
    person.round_at = next_round(w, person, person.clock)
    kept = max(rules.batching, rules.looks_given_up)
    if uniform(person.day_key, draws.ROUND + number) < kept and not focusing(w, person):
        key = child(person.day_key, draws.ROUND_KEY + number)
        if amid_task(person) and uniform(key, draws.ROUND_INTERRUPTS) < p.round_interrupts:
            interrupted(p, person, key)
        most = INBOX if rules.looks_given_up > 0.0 else int(p.first_look) * int(p.patience)
        look(p, person, most, key)


@rule
def come(w: World, p: Parameters, person: Person) -> None:
    """Come to the office, in the morning or after the midday break, and first go through the messages."""
    now = person.clock
    if person.arrived == 0:
        person.arrived = 1
        rest = max(person.best_rest, now - person.rest_from)
        note_short_rest(w, person, rest)
        person.best_rest = 0
        person.rest_from = now
        person.ledger.rests += 1
        person.ledger.rest_seconds += min(rest, HOUR * LONGEST_REST)
        person.ledger.short_rests += 1 if rest < HOUR * DAILY_REST else 0
        person.ledger.workdays += 1
    person.start = NEVER
    go(p, person, OFFICE)
    lose_to_messages(person, int(p.look_seconds))
    person.browse = int(p.first_look) * int(p.patience)
