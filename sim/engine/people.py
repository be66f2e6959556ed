"""The population: firms, teams, chats, ties and persons, each drawn from its own identity.

Seats are numbered inside a firm. Whatever a seat is given depends on its own draws and on seats before it, never on
how many come after: a firm that gets one more person keeps everybody else as they were, and an economy that gets one
more firm keeps all others.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim import draws
from sim.behaviour.norms import by_culture
from sim.behaviour.scales import clip
from sim.columns import (
    CHANNELS,
    CITIES,
    CLERICAL,
    ENGINEER,
    INDUSTRIES,
    KNOWLEDGE,
    MANAGER,
    SALES_SERVICE,
    TEACHER,
    F,
    P,
    S,
)
from sim.compiled import kernel, rule
from sim.engine.chats import BRANCHES, LARGEST_CHAT_LIST, found_chats
from sim.engine.state import NEVER, G, Keys, Reals, Whole, World, empty_world
from sim.errors import InputError
from sim.parameters import Q
from sim.randomness import child, lognormal, normal_quantile, uniform
from sim.units import WHOLE_WEEKS


@rule
def draw_person(w: World, p: Reals, i: int) -> None:
    """Draw a person into a seat: traits, and states near where they settle.

    Parameters
    ----------
    w : World
        All arrays; ``seat_key`` and the seat's place in the firm are set.
    p : Reals
        Parameters.
    i : int
        Row of the seat.
    """
    key = w.seat_key[i]
    w.real[i, S.workload] = lognormal(1.0, p[Q.workload_sigma], key, draws.WORKLOAD)
    w.real[i, S.volume] = min(
        lognormal(1.0, p[Q.volume_sigma], key, draws.VOLUME) * math.exp(-0.5 * p[Q.volume_sigma] * p[Q.volume_sigma]),
        8.0,
    )
    w.real[i, S.segmentation] = uniform(key, draws.SEGMENTATION)
    w.real[i, S.refuses] = 1.0 if w.real[i, S.segmentation] > 1.0 - p[Q.refuse_share] else 0.0
    w.real[i, S.muted] = clip(p[Q.muted_share] + p[Q.muted_spread] * (uniform(key, draws.MUTED) - 0.5), 0.0, 1.0)
    w.real[i, S.voice] = uniform(key, draws.VOICE)
    trait = p[Q.exhaustion_trait_sd] * normal_quantile(uniform(key, draws.TRAIT_EXHAUSTION))
    w.real[i, S.exhaustion_trait] = trait
    w.real[i, S.exhaustion_state] = p[Q.start_exhaustion] + 0.4 * normal_quantile(uniform(key, draws.START_EXHAUSTION))
    w.real[i, S.cynicism] = p[Q.start_cynicism] + p[Q.cynicism_exhaustion] * (
        trait + 0.3 * normal_quantile(uniform(key, draws.START_CYNICISM))
    )
    w.real[i, S.anxiety_trait] = p[Q.anxiety_trait_sd] * normal_quantile(uniform(key, draws.TRAIT_ANXIETY))
    w.real[i, S.anxiety] = w.real[i, S.anxiety_trait] + p[Q.anxiety_expectation] * p[Q.start_expectation]
    w.real[i, S.fatigue] = 0.5
    w.real[i, S.detachment] = 0.6
    w.real[i, S.efficacy] = 0.0
    w.real[i, S.trust] = p[Q.trust_base] - p[Q.watch_trust] * w.firm[w.seat[i, P.firm], F.monitored]
    w.real[i, S.conflict] = 0.2
    w.real[i, S.enrichment] = 0.0
    w.real[i, S.partner_strain] = 0.0
    w.real[i, S.expectation] = clip(p[Q.start_expectation] + by_culture(w.firm[w.seat[i, P.firm], F.culture]), 0.0, 1.0)
    w.real[i, S.response] = p[Q.start_response]
    w.real[i, S.burden] = 100.0
    w.real[i, S.belief] = 1.0 if uniform(key, draws.BELIEF) < p[Q.belief_share] else 0.0
    w.real[i, S.demand] = clip(
        p[Q.demand_base] + p[Q.demand_belief] * w.real[i, S.belief] + p[Q.demand_response] * 0.5, 0.0, 1.0
    )
    w.real[i, S.sleep] = p[Q.sleep_base]
    w.real[i, S.trained] = 0.0
    w.seat[i, P.partner] = 1 if uniform(key, draws.PARTNER) < p[Q.partner_share] else 0


@rule
def draw_role(industry: int, u: float) -> int:
    """Draw the role of somebody who leads nobody, by industry (assumed mixes).

    Parameters
    ----------
    industry : int
        Number of the industry.
    u : float
        Uniform draw.

    Returns
    -------
    int
        Role.
    """
    if industry == 0:  # internet
        return ENGINEER if u < 0.5 else (KNOWLEDGE if u < 0.75 else (SALES_SERVICE if u < 0.9 else CLERICAL))
    if industry == 1:  # finance
        return KNOWLEDGE if u < 0.4 else (SALES_SERVICE if u < 0.8 else (ENGINEER if u < 0.9 else CLERICAL))
    if industry == 2:  # education
        return TEACHER if u < 0.7 else (KNOWLEDGE if u < 0.85 else CLERICAL)
    if industry == 3:  # manufacturing
        return ENGINEER if u < 0.25 else (KNOWLEDGE if u < 0.55 else (SALES_SERVICE if u < 0.75 else CLERICAL))
    if industry == 4:  # public
        return KNOWLEDGE if u < 0.5 else CLERICAL
    return SALES_SERVICE if u < 0.6 else (KNOWLEDGE if u < 0.8 else CLERICAL)


@kernel
def draw_firms(
    economy: np.uint64,
    numbers: Whole,
    city: Reals,
    industry: Reals,
    sizes: Reals,
    p: Reals,
    keys: Keys,
    place: Whole,
    firm: Reals,
) -> int:
    """Draw firms by their numbers.

    Parameters
    ----------
    economy : np.uint64
        Identity of the economy.
    numbers : Whole
        Which firms.
    city : Reals
        Cumulative shares of the cities.
    industry : Reals
        Cumulative shares of the industries.
    sizes : Reals
        Median, sigma, least and largest number of people.
    p : Reals
        Parameters.
    keys : Keys
        Filled: identities.
    place : Whole
        Filled: size, city, industry, number.
    firm : Reals
        Filled: traits.

    Returns
    -------
    int
        People in all of them.
    """
    total = 0
    for f in range(len(numbers)):
        key = child(economy, draws.FIRM_KEY + numbers[f])
        keys[f] = key
        size = int(clip(lognormal(sizes[0], sizes[1], key, draws.FIRM_SIZE), sizes[2], sizes[3]))
        place[f, G.size] = size
        place[f, G.number] = numbers[f]
        u, v = uniform(key, draws.CITY), uniform(key, draws.INDUSTRY)
        for c in range(len(city)):
            if u >= city[c]:
                place[f, G.city] = c + 1
        for c in range(len(industry)):
            if v >= industry[c]:
                place[f, G.industry] = c + 1
        firm[f, F.culture] = p[Q.culture_sigma] * normal_quantile(uniform(key, draws.CULTURE))
        firm[f, F.opening] = 30_600.0 + 1_800.0 * int(3.0 * uniform(key, draws.OPENING))
        firm[f, F.pays] = 1.0 if uniform(key, draws.PAYS) < p[Q.pays_share] else 0.0
        firm[f, F.archive] = 1.0 if uniform(key, draws.ARCHIVE) < p[Q.archive_share] else 0.0
        firm[f, F.adoption] = uniform(key, draws.ADOPTION)
        firm[f, F.union] = uniform(key, draws.UNION)
        firm[f, F.compliance] = p[Q.compliance_base]
        firm[f, F.monitored] = p[Q.watch_archive] * firm[f, F.archive]
        firm[f, F.clean] = 1.0 * WHOLE_WEEKS
        total += size
    return total


@rule
def span_of(key: np.uint64, team: int, p: Reals) -> int:
    """Draw how many direct members a team has.

    Parameters
    ----------
    key : np.uint64
        Identity of the firm.
    team : int
        Number of the team.
    p : Reals
        Parameters.

    Returns
    -------
    int
        2 to 25.
    """
    return int(clip(lognormal(p[Q.span_median], p[Q.span_sigma], key, draws.SPAN + team), 2.0, 25.0))


@kernel
def count_teams(place: Whole, keys: Keys, p: Reals) -> int:
    """Count the teams of firms, and number them.

    Parameters
    ----------
    place : Whole
        Sizes; filled: first team and number of teams.
    keys : Keys
        Identities.
    p : Reals
        Parameters.

    Returns
    -------
    int
        All teams.
    """
    total = 0
    for f in range(len(place)):
        seated, team = 0, 0
        while seated < place[f, G.size]:
            seated += 1 + span_of(keys[f], team, p)
            team += 1
        place[f, G.team_first] = total
        place[f, G.teams] = team
        total += team
    return total


@kernel
def fill_seats(w: World, p: Reals) -> int:
    """Give every seat its team, manager, contacts, role and person.

    Parameters
    ----------
    w : World
        All arrays; firms are drawn and numbered.
    p : Reals
        Parameters.

    Returns
    -------
    int
        Project chats that all people together are in, at the most.
    """
    listed = 0
    for f in range(len(w.place)):
        first, size = w.place[f, G.first], w.place[f, G.size]
        row, team = first, 0
        while row < first + size:
            lead = row
            members = min(span_of(w.firm_key[f], team, p), first + size - row - 1)
            w.team_row[w.place[f, G.team_first] + team] = lead
            boss_team = (team - 1) // BRANCHES
            boss = w.team_row[w.place[f, G.team_first] + boss_team] if team > 0 else -1
            for i in range(lead, lead + members + 1):
                w.seat_key[i] = child(w.firm_key[f], draws.PERSON_KEY + i - first)
                key = w.seat_key[i]
                w.seat[i, P.firm] = f
                w.seat[i, P.manages] = 1 if i == lead and members > 0 else 0
                w.seat[i, P.team] = team if i == lead else -1
                w.seat[i, P.manager] = boss if i == lead else lead
                w.seat[i, P.led_first] = lead + 1 if i == lead else -1
                w.seat[i, P.led_size] = members if i == lead else 0
                if i > lead:
                    w.seat[i, P.team_first], w.seat[i, P.team_size] = lead + 1, members
                elif boss >= 0:
                    w.seat[i, P.team_first], w.seat[i, P.team_size] = (
                        w.seat[boss, P.led_first],
                        w.seat[boss, P.led_size],
                    )
                else:
                    w.seat[i, P.team_first], w.seat[i, P.team_size] = lead + 1, members
                for n in range(4):
                    w.seat[i, P.tie0 + n] = (
                        first + int(uniform(key, draws.TIE + n) * (i - first))
                        if i > first
                        else min(first + 1, first + size - 1)
                    )
                w.seat[i, P.role] = (
                    MANAGER
                    if w.seat[i, P.manages] == 1
                    else draw_role(w.place[f, G.industry], uniform(key, draws.ROLE))
                )
                w.seat[i, P.hired] = -30 - int(1_500.0 * uniform(key, draws.TENURE))
                draw_person(w, p, i)
                w.seat[i, P.rest_from] = -6 * 3_600
                w.seat[i, P.left_at] = -54 * 3_600  # the Friday evening before a first Monday
                w.seat[i, P.round] = NEVER
                w.seat[i, P.start] = NEVER
                w.seat[i, P.session] = NEVER
                w.seat[i, P.check] = NEVER
                w.seat[i, P.later_at] = NEVER
                w.seat[i, P.task] = -1
                w.seat[i, P.engaged] = -1
                w.seat[i, P.alert] = -1
                listed += LARGEST_CHAT_LIST
            row = lead + members + 1
            team += 1
    return listed


def cumulative(shares: Mapping[Any, float], names: Sequence[str]) -> Reals:
    """Turn shares by name into the inner bounds of a cumulative distribution.

    Parameters
    ----------
    shares : Mapping[Any, float]
        Weight of each name; names not given weigh nothing.
    names : Sequence[str]
        All names, in order.

    Returns
    -------
    Reals, shape (len(names) - 1,)
        Bounds between 0 and 1.

    Raises
    ------
    InputError
        If nothing has weight.
    """
    weights = [float(shares.get(name, 0.0)) for name in names]
    total = math.fsum(weights)
    if total <= 0.0:
        raise InputError("population: the weights of cities or industries add up to nothing")
    return np.array([math.fsum(weights[: n + 1]) / total for n in range(len(names) - 1)])


def economy_key(seed: int, replicate: int) -> np.uint64:
    """Name the economy of a replicate.

    Parameters
    ----------
    seed : int
        Seed of the run, 0 or more.
    replicate : int
        Number of the replicate.

    Returns
    -------
    np.uint64
        Its identity.
    """
    return np.uint64(_economy(np.uint64(seed), replicate))


@kernel
def _economy(seed: np.uint64, replicate: int) -> np.uint64:
    return child(seed, draws.REPLICATE_KEY + replicate)


def populate(
    key: np.uint64, people: int, cities: Mapping[Any, float], industries: Mapping[Any, float], sizes: Sequence[float],
    p: Reals, days: int, firms: Sequence[int] | None = None,
) -> World:  # fmt: skip
    """Draw a population.

    Parameters
    ----------
    key : np.uint64
        Identity of the economy.
    people : int
        Firms are added until they have at least so many people.
    cities : Mapping[Any, float]
        Weight of each city.
    industries : Mapping[Any, float]
        Weight of each industry.
    sizes : Sequence[float]
        Median, sigma of the logarithm, least and largest size of a firm.
    p : Reals
        Parameters.
    days : int
        Days of the calendar array.
    firms : Sequence[int] | None
        Numbers of the firms to draw instead; each is the same as in the whole economy.

    Returns
    -------
    World
        All arrays, with persons in their seats; no rules yet.

    Raises
    ------
    InputError
        If no firm is left.
    """
    bounds = (cumulative(cities, CITIES), cumulative(industries, INDUSTRIES), np.array(sizes, np.float64))
    numbers = np.arange(max(4, int(people / sizes[0])) if firms is None else 0, dtype=np.int64)
    if firms is not None:
        numbers = np.array(sorted(firms), np.int64)
    while True:
        keys, place, firm = (
            np.zeros(len(numbers), np.uint64),
            np.zeros((len(numbers), len(G)), np.int64),
            np.zeros((len(numbers), len(F))),
        )
        total = draw_firms(key, numbers, *bounds, p, keys, place, firm)
        if firms is not None or total >= people:
            break
        numbers = np.arange(2 * len(numbers), dtype=np.int64)
    if firms is None:
        keep = int(np.searchsorted(np.cumsum(place[:, G.size]), people)) + 1
        keys, place, firm = keys[:keep], place[:keep], firm[:keep]
    if len(place) == 0:
        raise InputError("population: no firm is left")
    place[:, G.first] = np.cumsum(place[:, G.size]) - place[:, G.size]
    count = int(place[:, G.size].sum())
    teams = count_teams(place, keys, p)
    w = empty_world(count, len(place), teams, days, 1, int(place[:, G.size].max()))._replace(
        firm=firm, place=place, firm_key=keys
    )
    listed = fill_seats(w, p)
    chats = teams + len(place) + count
    member, chat_from = np.zeros(listed + 2 * count + teams, np.int64), np.zeros(chats + 1, np.int64)
    own, own_from = np.zeros(listed, np.int64), np.zeros(count + 1, np.int64)
    found_chats(w, p, member, chat_from, own, own_from)
    return w._replace(
        chat_from=chat_from,
        chat_member=member[: chat_from[-1]].copy(),
        own_from=own_from,
        own_chat=own[: own_from[-1]].copy(),
        chat_sent=np.zeros((chats, len(CHANNELS)), np.int64),
    )
