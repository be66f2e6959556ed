"""The economy of a scenario: which firms are drawn, how many firms each represents, and how they begin."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np

from sim.core.parameters import Q, values
from sim.core.units import HOUR, MINUTE
from sim.engine.clock import marked, working_days
from sim.engine.people import draw_economy, economy_key, populate, portions
from sim.engine.policy import focused
from sim.engine.state import World
from sim.scenario.countries import Country
from sim.scenario.economy import Hours
from sim.scenario.memory import AT_ONCE
from sim.scenario.schema import Scenario


def populated(scenario: Scenario, replicate: int, firms: Iterable[int] | None, first_date: date, days: int) -> World:
    """Draw the people of an economy, or of some of its firms, with a calendar and the hours of their industries.

    ``scenario`` must already contain the parameters of this replicate.
    """
    dates = scenario.calendar
    workday = working_days(first_date, days, dates.days_off, dates.made_up)  # includes some days after the last
    world = peopled(scenario, replicate, firms, len(workday))
    world.workday[:] = workday
    world.statutory[:] = marked(first_date, days, dates.statutory_days)
    parameters = values(scenario.parameters, scenario.mechanisms)
    _keep_hours(world, scenario.population.hours, parameters, scenario.country)
    return world


def peopled(scenario: Scenario, replicate: int, firms: Iterable[int] | None, days: int = 0) -> World:
    """Draw the people of an economy, or of some of its firms, with room for a calendar of ``days`` days."""
    return populate(days=days, firms=firms, **_drawing(scenario, replicate))


def slices(scenario: Scenario, replicate: int = 0, also: Collection[int] = ()) -> list[dict[int, float]]:
    """Split the firms of an economy, in order, into slices of at most ``AT_ONCE`` people; a larger firm is alone.

    A slice maps firm numbers, with those in ``also``, to how many firms each represents. Firms do not interact, so
    slices can be simulated one by one. ``scenario`` must already contain the parameters of this replicate.
    """
    by, weights = _drawing(scenario, replicate), weights_of(scenario, replicate)
    firm = draw_economy(**by, firms=sorted(weights) or None)
    if not {*also} <= {*firm.number.tolist()}:
        firm = draw_economy(**by, firms=sorted({*firm.number.tolist(), *also}))
    return [{number: weights.get(number, 1.0) for number in part} for part in portions(firm, AT_ONCE)]


def weights_of(scenario: Scenario, replicate: int) -> dict[int, float]:
    """Return how many firms each chosen firm represents, by number; empty if all firms are simulated."""
    if not scenario.run.reach:
        return {}
    by = _drawing(scenario, replicate)
    return focused(
        lambda people: draw_economy(**by | {"people": people}), lambda firms: peopled(scenario, replicate, firms),
        scenario.run.people, scenario.run.reach, scenario.country, AT_ONCE, replicate,
    )  # fmt: skip


def _drawing(scenario: Scenario, replicate: int) -> dict[str, Any]:
    """Return the arguments of ``draw_economy`` for a replicate of a scenario."""
    town = scenario.population
    sizes = (
        town.firm_size_median, town.firm_size_sigma, town.firm_size_min, town.firm_size_max, town.firm_size_tail,
        town.firm_size_tail_from,
    )  # fmt: skip
    return {
        "key": economy_key(scenario.run.seed, replicate), "people": scenario.run.people, "cities": town.cities,
        "industries": town.industries, "sizes": sizes, "p": values(scenario.parameters, scenario.mechanisms),
        "country": scenario.country,
    }  # fmt: skip


def _keep_hours(world: World, hours: Mapping[str, Hours], parameters: np.ndarray, country: Country) -> None:
    """Set the contract hours of firms in industries that have their own."""
    for industry, own in hours.items():
        firms = world.firm.industry == country.trades.index(industry)
        if own.opening_clock is not None:
            world.firm.opening[firms] += int(HOUR * own.opening_clock) - int(HOUR * parameters[Q.opening_clock])
        if own.day_hours is not None:
            world.firm.day_seconds[firms] = int(HOUR * own.day_hours)
        if own.break_minutes is not None:
            world.firm.break_seconds[firms] = int(MINUTE * own.break_minutes)
