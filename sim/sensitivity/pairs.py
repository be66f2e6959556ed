"""One run of a sensitivity analysis: a scenario and its reference at some parameters, with common random numbers.

Only firms in scope are simulated. Firms do not interact, so figures equal those of ``compare`` to the bit. Each figure
is also computed without each tenth of the firms, to estimate the chance in any difference between runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sim.comparing.basis import evaluation_window
from sim.comparing.effects import world_sums
from sim.core.errors import InputError, ResultsError
from sim.core.parameter_sets import DEFAULT
from sim.engine.settling import Settled
from sim.model import Workplace, drawn_firms
from sim.outcomes import CLUSTER, OUTCOMES, Whole, firm_sums, leave_one_out, person_weeks
from sim.runs.beginnings import Beginnings
from sim.scenario.parameter_draws import Source, drawn
from sim.scenario.schema import Scenario

GROUPS = 10  # of firms, one of which is left out at a time
ECONOMY = "economy"  # key beside the parameters: number of the first economy simulated
LEVEL, EFFECT = "level", "effect"  # value in the reference (if any), and difference that the rules make


@dataclass(frozen=True)
class Pair:
    """What is simulated at each point."""

    scenario: Scenario
    reference: Scenario | None  # None without a comparison
    replicates: int = 1  # economies at each point
    draws: Source = DEFAULT  # for parameters that are not varied: economy k uses draw k

    @property
    def measures(self) -> tuple[str, ...]:
        """The level of each outcome, and the effect if there is a reference."""
        return (LEVEL, EFFECT) if self.reference else (LEVEL,)

    def __call__(self, parameters: Mapping[str, float], seed: int, /) -> dict[str, float]:
        """Simulate at given parameters and return every figure by its ``name_of``.

        ``parameters`` also holds the number of the first economy. ``seed`` is not used: economies follow from their
        number and the scenario's seed.
        """
        point = {name: value for name, value in parameters.items() if name != ECONOMY}
        first = int(parameters[ECONOMY])
        worlds = [self.reference, self.scenario] if self.reference else [self.scenario]
        parts = []
        for number in range(first, first + self.replicates):
            there = [drawn(_at_point(world, point), self.draws, number) for world in worlds]
            firms = firms_reached(there[-1], number)
            beginnings = Beginnings(there)
            parts.append([simulate_economy(world, number, firms, beginnings=beginnings).tables() for world in there])
        return self._summed(parts, [world.name for world in worlds])

    def _summed(self, parts: Sequence[Sequence[Mapping[str, pl.DataFrame]]], names: Sequence[str]) -> dict[str, float]:
        """Pool the economies and compute all figures."""
        tables: dict[str, pl.DataFrame | pl.LazyFrame] = {
            "person_week": pl.concat(tables["person_week"] for part in parts for tables in part),
            **{name: pl.concat(part[-1][name] for part in parts) for name in ("people", "firms")},
        }
        frame = person_weeks(tables)
        weeks = sorted(int(week) for week in frame.select(pl.col("week").unique()).collect()["week"])
        if self.reference:
            frame = frame.filter(pl.col("week").is_in(evaluation_window(self.scenario, self.reference, weeks).weeks))
        cells = firm_sums(frame, OUTCOMES, ("world", *CLUSTER))
        numerators, denominators = world_sums(cells, names, OUTCOMES)
        return figures(numerators, denominators)


def figures(numerators: Whole, denominators: Whole) -> dict[str, float]:
    """Compute levels and effects from sums of shape (worlds, firms, outcomes), in total and without each group."""
    groups = min(GROUPS, numerators.shape[1])
    place = np.arange(numerators.shape[1]) % groups
    above, below = (
        np.stack([_by_group(world, place, groups) for world in each]) for each in (numerators, denominators)
    )
    value, without = leave_one_out(above, below)
    found = {LEVEL: (value[0], without[0])}
    if len(value) > 1:
        found[EFFECT] = (value[1] - value[0], without[1] - without[0])
    return {
        name_of(measure, outcome.name, group): float(numbers[k] if group is None else rest[group, k])
        for measure, (numbers, rest) in found.items()
        for k, outcome in enumerate(OUTCOMES)
        for group in (None, *range(groups))
    }


def _by_group(sums: Whole, place: np.ndarray, groups: int) -> Whole:
    """Sum firms by group."""
    total = np.zeros((groups, sums.shape[1]), np.int64)
    np.add.at(total, place, sums)
    return total


def name_of(measure: str, outcome: str, group: int | None = None) -> str:
    """Name a figure, as in ``effect/waiting``, or ``effect/waiting/3`` without group 3 of the firms."""
    return f"{measure}/{outcome}" if group is None else f"{measure}/{outcome}/{group}"


def firms_reached(scenario: Scenario, number: int) -> list[int] | None:
    """List the firms of an economy that the rules reach; None means all, as there is no rule.

    Raises ``InputError`` if the rules reach nobody.
    """
    if not scenario.levers:
        return None
    firms = drawn_firms(scenario, [number])
    found = firms.filter(pl.col("in_scope"))["firm"].to_list()
    if not found:
        raise InputError(f"{scenario.name}: none of the firms of economy {number} is in scope; use more people")
    return found


def people_reached(scenario: Scenario, number: int, parameters: Source = DEFAULT) -> int:
    """Count the people in firms of an economy that the rules reach; everybody if there is no rule."""
    firms = drawn_firms(drawn(scenario, parameters, number), [number])
    return int((firms.filter(pl.col("in_scope")) if scenario.levers else firms)["size"].sum())


def _at_point(scenario: Scenario, point: Mapping[str, float]) -> Scenario:
    """Override parameters of a scenario."""
    return scenario.model_copy(update={"parameters": {**scenario.parameters, **point}})


def simulate_economy(
    scenario: Scenario, number: int, firms: Sequence[int] | None, rest: Settled | None = None,
    beginnings: Beginnings | None = None,
) -> Workplace:  # fmt: skip
    """Simulate one economy, or some of its firms, under one set of rules; raise ``ResultsError`` if no week ends.

    ``rest`` is the settled state of the same people; ``beginnings`` supplies and keeps first weeks that worlds share.
    """
    model = Workplace(scenario, replicate=number, parameters=None, firms=firms)
    if rest:
        model.settled = rest  # compliance does not matter before there are rules
    beginnings = beginnings or Beginnings()
    for _ in range(beginnings.resume(model), model.days_total // 7):
        model.run_for(7)
        beginnings.keep(model)
    if not model.recorder.weeks:
        raise ResultsError("the simulation left no week behind")
    return model
