"""The population: firms, teams, chats, ties and persons, each drawn from its own key.

Seats are numbered within a firm. What a seat gets depends on its own draws and on earlier seats, never on the number of
later ones. If a firm gets one more person, everybody else in it stays the same; if an economy gets one more firm, all
others stay the same.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from sim.behaviour.activity import by_activity
from sim.behaviour.norms import start_demand, start_expectation
from sim.behaviour.scales import clip, share
from sim.behaviour.strain import anxiety_target, trust_target
from sim.behaviour.working import brought_along
from sim.core import draws
from sim.core.columns import CHANNELS, MANAGER, ROLES
from sim.core.compiled import kernel, rule
from sim.core.elementary import exp, log, normal_quantile
from sim.core.errors import InputError
from sim.core.parameters import Parameters
from sim.core.randomness import child, lognormal, uniform
from sim.core.units import HOUR, MINUTE, WHOLE_WEEKS
from sim.engine.chats import BRANCHES, LARGEST_CHAT_LIST, found_chats
from sim.engine.records import Table, table
from sim.engine.state import FIRM, NEVER, TIES, Person, Reals, Whole, World, empty_world, named
from sim.scenario.countries import Country, home

RESTED = 6  # everybody stopped working so many hours before the first midnight
AWAY = 54  # hours before it at which people left the office: the Friday evening before a Monday


@rule
def draw_person(w: World, p: Parameters, person: Person) -> None:
    """Draw a person into a seat: traits, and states near where they settle."""
    key = person.key
    activity = normal_quantile(uniform(key, draws.ACTIVITY))
    person.activity = activity
    person.workload = lognormal(1.0, p.workload_sigma, key, draws.WORKLOAD) * by_activity(p, activity, p.activity_work)
    person.volume = by_activity(p, activity, p.activity_messages)
    person.asking = by_activity(p, activity, p.activity_questions)
    person.answering = by_activity(p, activity, p.activity_answers)
    person.asked = by_activity(p, activity, p.activity_asked)
    person.segmentation = uniform(key, draws.SEGMENTATION)
    person.refuses = 1.0 if person.segmentation > 1.0 - p.refuse_share else 0.0
    person.muted = share(p.muted_share + p.muted_spread * (uniform(key, draws.MUTED) - 0.5))
    person.voice = uniform(key, draws.VOICE)
    trait = p.exhaustion_trait_sd * normal_quantile(uniform(key, draws.TRAIT_EXHAUSTION))
    person.exhaustion_trait = trait
    person.exhaustion_state = p.start_exhaustion + p.start_exhaustion_sd * normal_quantile(
        uniform(key, draws.START_EXHAUSTION)
    )
    person.cynicism = p.start_cynicism + p.cynicism_exhaustion * (
        trait + p.start_cynicism_sd * normal_quantile(uniform(key, draws.START_CYNICISM))
    )
    person.anxiety_trait = p.anxiety_trait_sd * normal_quantile(uniform(key, draws.TRAIT_ANXIETY))
    person.anxiety = anxiety_target(
        p, person.anxiety_trait, p.start_expectation, 0.0, 0.0, p.usual_open, p.usual_burden
    )
    person.fatigue = p.start_fatigue
    person.detachment = p.start_detachment
    person.efficacy = 0.0
    person.trust = trust_target(p, w.firm[person.firm].monitored)
    person.informed = 1.0
    person.time_pressure = 0.0
    person.conflict = p.start_conflict
    person.enrichment = 0.0
    person.partner_strain = 0.0
    person.expectation = start_expectation(p, w.firm[person.firm].culture)
    person.response = p.start_response
    person.burden = p.start_burden
    person.belief = 1.0 if uniform(key, draws.BELIEF) < p.belief_share else 0.0
    person.demand = start_demand(p, person.belief)
    person.usual_demand = person.demand
    person.sleep = p.sleep_base
    person.trained = 0.0
    person.cut = 0.0
    full_time = person.manages == 1 or uniform(key, draws.PART_TIME) >= p.part_time_share
    person.part_time = 0 if full_time else 1
    person.partner = 1 if uniform(key, draws.PARTNER) < p.partner_share else 0


@rule
def rest_before(person: Person, second: int) -> None:
    """Give a person the state of everybody at the first midnight: rested, and away from the office for a weekend."""
    person.rest_from = second - RESTED * HOUR
    person.left_at = second - AWAY * HOUR
    person.best_rest = 0


@rule
def draw_follower(w: World, p: Parameters, person: Person) -> None:
    """Draw the follower of a person who left: like the leaver in a share of cases (``pool_share``), or anew."""
    workload, volume, muted, voice = person.workload, person.volume, person.muted, person.voice
    activity, asking, answering, asked = person.activity, person.asking, person.answering, person.asked
    segmentation, refuses = person.segmentation, person.refuses
    belief, partner, part_time = person.belief, person.partner, person.part_time
    tired, nervous = person.exhaustion_trait, person.anxiety_trait
    exhaustion, cynicism, anxiety = person.exhaustion_state, person.cynicism, person.anxiety
    draw_person(w, p, person)
    if uniform(person.key, draws.FROM_POOL) >= p.pool_share:
        return
    person.workload, person.volume, person.muted, person.voice = workload, volume, muted, voice
    person.activity, person.asking, person.answering, person.asked = activity, asking, answering, asked
    person.segmentation, person.refuses = segmentation, refuses
    person.belief, person.partner, person.part_time = belief, partner, part_time
    person.demand = start_demand(p, belief)
    person.usual_demand = person.demand
    begun = person.cynicism + p.cynicism_exhaustion * (tired - person.exhaustion_trait)
    calm = person.anxiety + (nervous - person.anxiety_trait)
    person.exhaustion_trait, person.anxiety_trait = tired, nervous
    person.exhaustion_state = brought_along(p, person.exhaustion_state, exhaustion)
    person.cynicism = brought_along(p, begun, cynicism)
    person.anxiety = brought_along(p, calm, anxiety)


@rule
def draw_role(roles: Whole, bounds: Reals, industry: int, u: float) -> int:
    """Draw the role of a person without reports: the first in the industry's list whose cumulative share exceeds u."""
    k = 0
    while k < len(bounds[industry]) and u >= bounds[industry, k]:
        k += 1
    return int(roles[industry, k])


@rule
def size_of(sizes: Reals, key: np.uint64) -> int:
    """Draw the number of people in a firm: lognormal, and Pareto above a certain size, with no gap in between."""
    size = lognormal(sizes[0], sizes[1], key, draws.FIRM_SIZE)
    if sizes[4] > 0.0 and size > sizes[5]:
        above = (1.0 - uniform(key, draws.FIRM_SIZE)) / sizes[6]  # the firm's rank among the large ones
        size = sizes[5] * exp(-log(above) / sizes[4])
    return int(clip(size, sizes[2], sizes[3]))


@kernel
def draw_firms(
    economy: np.uint64,
    numbers: Whole,
    city: Reals,
    industry: Reals,
    sizes: Reals,
    parameters: Table,
    firms: Table,
) -> int:
    """Draw firms by their numbers into ``firms``, and return how many people they have in all.

    ``city`` and ``industry`` are cumulative shares; ``sizes`` is the result of ``firm_sizes``.
    """
    p = parameters[0]
    total = 0
    for f in range(len(numbers)):
        firm = firms[f]
        key = child(economy, draws.FIRM_KEY + numbers[f])
        firm.key = key
        size = size_of(sizes, key)
        firm.people = size
        firm.number = numbers[f]
        u, v = uniform(key, draws.CITY), uniform(key, draws.INDUSTRY)
        for c in range(len(city)):
            if u >= city[c]:
                firm.city = c + 1
        for c in range(len(industry)):
            if v >= industry[c]:
                firm.industry = c + 1
        firm.culture = p.culture_sigma * normal_quantile(uniform(key, draws.CULTURE))
        firm.opening = HOUR * p.opening_clock + MINUTE * p.opening_step * int(
            p.opening_choices * uniform(key, draws.OPENING)
        )
        firm.day_seconds = int(HOUR * p.day_hours)
        firm.break_seconds = int(MINUTE * p.break_minutes)
        firm.pays = 1.0 if uniform(key, draws.PAYS) < p.pays_share else 0.0
        firm.archive = 1.0 if uniform(key, draws.ARCHIVE) < p.archive_share else 0.0
        firm.adoption = uniform(key, draws.ADOPTION)
        firm.union = uniform(key, draws.UNION)
        firm.compliance = p.compliance_base
        firm.monitored = p.watch_archive * firm.archive
        firm.clean = WHOLE_WEEKS
        total += size
    return total


@rule
def span_of(key: np.uint64, team: int, p: Parameters) -> int:
    """Draw the number of direct members of a team."""
    return int(clip(lognormal(p.span_median, p.span_sigma, key, draws.SPAN + team), p.span_least, p.span_most))


@kernel
def count_teams(firms: Table, parameters: Table) -> int:
    """Count the teams of firms, and number them."""
    total = 0
    for f in range(len(firms)):
        firm = firms[f]
        seated, team = 0, 0
        while seated < firm.people:
            seated += 1 + span_of(firm.key, team, parameters[0])
            team += 1
        firm.team_first = total
        firm.teams = team
        total += team
    return total


@rule
def place_of(cumulative: Reals, length: int, at: float) -> int:
    """Find the first of ``length`` cumulative weights that exceeds a point."""
    low, high = 0, length - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[middle] > at:
            high = middle
        else:
            low = middle + 1
    return low


@kernel
def fill_seats(w: World, parameters: Table, roles: Whole, bounds: Reals, known: Reals) -> int:
    """Give every seat its team, manager, contacts, role and person; return an upper bound on all project chats.

    ``roles`` (industries, roles) and ``bounds`` (industries, roles - 1) are the mixes of roles and their cumulative
    shares. ``known`` is working space for the cumulative weights, by seat of a firm, with which people are asked.
    """
    p = parameters[0]
    for f in range(len(w.firm)):
        first, size = w.firm[f].first, w.firm[f].people
        row, team = first, 0
        while row < first + size:
            lead = row
            members = min(span_of(w.firm[f].key, team, p), first + size - row - 1)
            w.team_row[w.firm[f].team_first + team] = lead
            boss_team = (team - 1) // BRANCHES
            boss = w.team_row[w.firm[f].team_first + boss_team] if team > 0 else -1
            moved = boss < 0 or uniform(w.firm[f].key, draws.SITE + team) < p.site_share
            site = team if moved else w.person[boss].site
            for i in range(lead, lead + members + 1):
                person = w.person[i]
                person.key = child(w.firm[f].key, draws.PERSON_KEY + i - first)
                key = person.key
                person.firm = f
                person.manages = 1 if i == lead and members > 0 else 0
                person.team = team if i == lead else -1
                person.manager = boss if i == lead else lead
                person.site = site
                person.led_first = lead + 1 if i == lead else -1
                person.led_size = members if i == lead else 0
                person.team_first, person.team_size = lead + 1, members
                if i == lead and boss >= 0:
                    person.team_first, person.team_size = w.person[boss].led_first, w.person[boss].led_size
                for n in range(TIES):
                    person.ties[n] = (
                        first + place_of(known, i - first, uniform(key, draws.TIE + n) * known[i - first - 1])
                        if i > first
                        else first + 1
                    )
                person.role = (
                    MANAGER
                    if person.manages == 1
                    else draw_role(roles, bounds, w.firm[f].industry, uniform(key, draws.ROLE))
                )
                person.hired = -int(p.tenure_least) - int(p.tenure_spread * uniform(key, draws.TENURE))
                draw_person(w, p, person)
                known[i - first] = person.asked + (known[i - first - 1] if i > first else 0.0)
                rest_before(person, 0)
                person.round_at = NEVER
                person.meeting_at = NEVER
                person.start = NEVER
                person.session = NEVER
                person.check = NEVER
                person.later_at = NEVER
                person.patience = NEVER
                person.task = -1
                person.engaged = -1
                person.alert = -1
                person.awaited = -1
            row = lead + members + 1
            team += 1
    return LARGEST_CHAT_LIST * len(w.person)


def cumulative(shares: Mapping[Any, float], names: Sequence[str]) -> Reals:
    """Turn weights by name into the inner bounds of a cumulative distribution; names not given have weight 0.

    Raises ``InputError`` if nothing has weight.
    """
    weights = [float(shares.get(name, 0.0)) for name in names]
    total = math.fsum(weights)
    if total <= 0.0:
        raise InputError("population: the weights of cities or industries add up to nothing")
    return np.array([math.fsum(weights[: n + 1]) / total for n in range(len(names) - 1)])


def firm_sizes(
    median: float, sigma: float, least: float, largest: float, tail: float = 0.0, tail_from: float = 100.0
) -> tuple[float, ...]:
    """Return the distribution of firm sizes: these numbers, and the share of firms in the tail.

    ``median`` and ``sigma`` (of the logarithm) describe the lognormal body. ``tail`` is the exponent of the Pareto
    distribution above ``tail_from``; 0 means no tail.
    """
    far = log(tail_from / median)
    above = 0.5 * math.erfc(far / (sigma * math.sqrt(2.0))) if sigma > 0.0 else float(far < 0.0)
    return median, sigma, least, largest, tail, tail_from, above


def role_mix(country: Country) -> tuple[Whole, Reals]:
    """Return the roles of each industry in the order of its mix, and their cumulative shares."""
    roles = np.zeros((len(country.industries), len(ROLES)), np.int64)
    bounds = np.ones((len(country.industries), len(ROLES) - 1))
    for n, (_, mix) in enumerate(country.industries):
        roles[n, : len(mix)] = [ROLES.index(name) for name, _ in mix]
        bounds[n, : len(mix) - 1] = np.cumsum([share for _, share in mix])[:-1]
    return roles, bounds


def economy_key(seed: int, replicate: int) -> np.uint64:
    """Return the key of the economy of a replicate, from which all its draws follow."""
    return np.uint64(_economy(np.uint64(seed), replicate))


@kernel
def _economy(seed: np.uint64, replicate: int) -> np.uint64:
    return child(seed, draws.REPLICATE_KEY + replicate)


def draw_economy(
    key: np.uint64, people: int, cities: Mapping[Any, float], industries: Mapping[Any, float], sizes: Sequence[float],
    p: Reals, firms: Iterable[int] | None = None, country: Country | None = None,
) -> Table:  # fmt: skip
    """Draw the firms of at least so many people, or those with given numbers, sorted by number and without people.

    ``sizes`` are the arguments of ``firm_sizes``. A firm is the same whichever others are drawn with it. Raises
    ``InputError`` if no firm is left.
    """
    country = country or home()
    bounds = (cumulative(cities, country.cities), cumulative(industries, country.trades), np.array(firm_sizes(*sizes)))
    parameters = named(p)
    numbers = np.arange(max(4, int(people / sizes[0])) if firms is None else 0, dtype=np.int64)
    if firms is not None:
        numbers = np.array(sorted(firms), np.int64)
    while True:
        firm = table(len(numbers), FIRM)
        total = draw_firms(key, numbers, *bounds, parameters, firm)
        if firms is not None or total >= people:
            break
        numbers = np.arange(2 * len(numbers), dtype=np.int64)
    if firms is None:
        firm = firm[: int(np.searchsorted(np.cumsum(firm.people), people)) + 1]
    if len(firm) == 0:
        raise InputError("population: no firm is left")
    firm.first = np.cumsum(firm.people) - firm.people
    return firm


def portions(firm: Table, most: int) -> list[list[int]]:
    """Split firms, in order, into slices of at most ``most`` people; a larger firm is a slice by itself."""
    parts: list[list[int]] = []
    people = most
    for number, size in zip(firm.number.tolist(), firm.people.tolist(), strict=True):
        if people + size > most:
            parts.append([])
            people = 0
        parts[-1].append(number)
        people += size
    return parts


def populate(
    key: np.uint64, people: int, cities: Mapping[Any, float], industries: Mapping[Any, float], sizes: Sequence[float],
    p: Reals, days: int, firms: Iterable[int] | None = None, country: Country | None = None,
) -> World:  # fmt: skip
    """Draw the firms of ``draw_economy`` with their people; no rules are in force yet.

    ``days`` is the length of the calendar.
    """
    country = country or home()
    parameters = named(p)
    firm = draw_economy(key, people, cities, industries, sizes, p, firms, country)
    count = int(firm.people.sum())
    teams = count_teams(firm, parameters)
    w = empty_world(count, firm, teams, days)
    listed = fill_seats(w, parameters, *role_mix(country), np.zeros(int(firm.people.max())))
    chats = teams + count
    member, chat_from = np.zeros(listed + count + teams, np.int64), np.zeros(chats + 1, np.int64)
    own, own_from = np.zeros(listed, np.int64), np.zeros(count + 1, np.int64)
    found_chats(w, parameters, member, chat_from, own, own_from)
    return w._replace(
        chat_from=chat_from,
        chat_member=member[: chat_from[-1]].copy(),
        own_from=own_from,
        own_chat=own[: own_from[-1]].copy(),
        chat_sent=np.zeros((chats, len(CHANNELS)), np.int64),
    )
