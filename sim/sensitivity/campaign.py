"""Runs of a sensitivity analysis: Morris trajectories, then Sobol points over the parameters that exceed chance.

Runs are stored as in calibration (``sim.runs.evaluations``), so an interrupted analysis resumes. All points of a
trajectory use the same economies; other trajectories use others, so results do not depend on a single economy.
"""

import itertools
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import qmc

from sim.core.errors import InputError
from sim.core.parameter_sets import DEFAULT
from sim.outcomes import Reals
from sim.runs.evaluations import Evaluator, short_hash
from sim.runs.identity import version_of
from sim.scenario.horizon import check_years
from sim.scenario.loading import changed, load
from sim.scenario.parameter_draws import Draws, Source, resolved, stated
from sim.scenario.schema import Scenario, content_hash
from sim.sensitivity.pairs import ECONOMY, GROUPS, Pair, name_of, people_reached
from sim.sensitivity.ranges import Factor, parameter_values
from sim.sensitivity.screening import Screen, check_steps, morris_screen, trajectories

MODULE = "sensitivity/pairs"  # this module and its imports determine the results of runs
SCREENING, FILLING = 1, 2  # waves
MOST_KEPT = 20  # parameters that go on to the second stage
LONGEST_YEARS = 1.0  # default limit on the years simulated
WANTED_REACHED = 200  # default mean number of people in firms that the rules reach
FEWEST_REACHED = 40  # default minimum of this number in any economy
CHECKED_FIRST = 10  # economies checked before the others
LARGEST_ECONOMY = 1 << 17  # people; the search for a size ends here
PACE = 40_000.0  # person-days that one free core simulates per second, roughly

type Figure = tuple[str, str]  # measure and outcome


class Order(NamedTuple):
    """Specification of an analysis, which decides the identity of its runs."""

    pair: Pair
    outcomes: tuple[str, ...]
    factors: tuple[Factor, ...]
    trajectories: int
    points: int
    folder: Path  # where runs are stored
    draws: Draws | None  # all draws, for parameters that are not varied

    @property
    def seed(self) -> int:
        """Seed of the economies and, with the number of a run, of all other random numbers."""
        return self.pair.scenario.run.seed

    @property
    def economies(self) -> range:
        """Numbers of all economies: of trajectories, of their first points on other economies, and of Sobol points."""
        return range((2 * self.trajectories + self.points) * self.pair.replicates)

    @property
    def figures(self) -> list[Figure]:
        """All figures, measure by measure."""
        return list(itertools.product(self.pair.measures, self.outcomes))

    @property
    def runs(self) -> int:
        """Number of points simulated."""
        return self.trajectories * (len(self.factors) + 2) + self.points

    @property
    def place(self) -> Path:
        """Folder of the runs, named by a hash of all that decides their results."""
        ranges = [[factor.name, factor.values(np.linspace(0.0, 1.0, 5)).tolist()] for factor in self.factors]
        worlds = [content_hash(each) for each in (self.pair.scenario, self.pair.reference) if each]
        run, draws = self.pair.scenario.run.model_dump(), stated(self.draws)["sha256"]
        return (
            self.folder / f"sensitivity-{short_hash(worlds, run, draws, ranges, self.trajectories, version_of(MODULE))}"
        )


class Runs(NamedTuple):
    """Outcomes of the runs of a stage."""

    stage: str
    varied: Sequence[int]  # positions of the parameters that are varied
    unit: Reals  # (runs, parameters varied) in the unit cube
    economies: np.ndarray  # (runs,)
    found: list[dict[str, float] | None]  # None where a run failed

    def values(self, figure: Figure) -> Reals:
        """Return a figure of all runs, (runs,); NaN where a run failed or could not compute it."""
        return self._named(name_of(*figure))

    def without(self, figure: Figure) -> Reals:
        """Return a figure without each group of firms, (runs, groups); NaN where there is no such group."""
        return np.column_stack([self._named(name_of(*figure, group)) for group in range(GROUPS)])

    def _named(self, name: str) -> Reals:
        """Return the values of one name, NaN where a run lacks it."""
        return np.array([np.nan if row is None else row.get(name, np.nan) for row in self.found])

    @property
    def failed(self) -> int:
        """Number of failed runs."""
        return sum(row is None for row in self.found)


class Exploration(NamedTuple):
    """All runs, and the screening statistics."""

    design: Reals  # (trajectories, points, parameters) in the unit cube
    steps: Runs  # the points of the trajectories, in their order
    others: Runs  # the first point of each trajectory on other economies
    screens: Mapping[Figure, Screen]
    kept: tuple[int, ...]  # positions of the parameters that exceed chance
    filling: Runs | None  # Sobol points over these; other parameters have the draw of their economy

    @property
    def stages(self) -> list[Runs]:
        """The runs, stage by stage."""
        return [self.steps, self.others, *([self.filling] if self.filling else [])]

    def values(self, figure: Figure) -> Reals:
        """Return a figure of all runs, stage by stage."""
        return np.concatenate([part.values(figure) for part in self.stages])


def order(
    chosen: Scenario, reference: Scenario | None, outcomes: Sequence[str], factors: Sequence[Factor],
    size: tuple[int, int], folder: Path, parameters: Source = DEFAULT,
) -> Order:  # fmt: skip
    """Specify an analysis; raise ``InputError`` for a number of Sobol points that is neither 0 nor sufficient.

    ``size`` holds the numbers of trajectories and of Sobol points. Parameters that are not varied come from
    ``parameters``: economy k uses draw k.
    """
    if 0 < size[1] < 2 * GROUPS:
        least = 2 * GROUPS
        raise InputError(
            f"{chosen.name}: --points {size[1]}: 0 leaves the second stage out, otherwise {least} are needed"
        )
    draws = resolved(parameters)
    needed = (2 * size[0] + size[1]) * chosen.run.replicates  # no more draws, as every worker gets them
    pair = Pair(chosen, reference, chosen.run.replicates, draws and replace(draws, rows=draws.rows[:needed]))
    return Order(pair, tuple(outcomes), tuple(factors), *size, folder, draws)


def affordable(
    name: str, people: int | None, years: float | None, replicates: int, seed: int | None, economies: int,
    parameters: Source = DEFAULT, wanted: int = WANTED_REACHED, fewest: int = FEWEST_REACHED,
) -> Scenario:  # fmt: skip
    """Load a scenario and reduce it to a size at which many runs are affordable.

    By default, it lasts at most one year if its dates allow this, and has so many people that firms in scope have about
    ``wanted`` on average and at least ``fewest`` in each economy. Raises ``InputError`` if no size achieves this.
    """
    scenario = load(name)
    if years is not None:
        check_years([scenario], years, scenario.calendar.start)
    scenario = changed(changed(scenario, years=years, seed=seed), replicates=replicates)
    if years is None and scenario.run.years > LONGEST_YEARS:
        with suppress(InputError):  # rules that begin later
            scenario = changed(scenario, years=LONGEST_YEARS)
    if people is not None:
        return changed(scenario, people=people)
    count = wanted
    while count < LARGEST_ECONOMY:
        candidate = changed(scenario, people=count)
        there = [people_reached(candidate, number, parameters) for number in range(min(economies, CHECKED_FIRST))]
        if np.mean(there) >= wanted and min(there) >= fewest:
            rest = [people_reached(candidate, number, parameters) for number in range(len(there), economies)]
            if min([*there, *rest]) >= fewest:
                return candidate
        count = int(1.25 * count)
    raise InputError(f"{scenario.name}: its rules reach almost nobody; say how many --people there shall be")


def check_reached(what: Order) -> float:
    """Return the mean number of people in firms that the rules reach; raise ``InputError`` if an economy has none."""
    scenario = what.pair.scenario
    there = [people_reached(scenario, number, what.draws) for number in what.economies]
    if min(there) == 0:
        empty = sum(count == 0 for count in there)
        raise InputError(
            f"{scenario.name}: in {empty} of {len(there)} economies of {scenario.run.people:,} people the rules reach "
            "nobody; use more people"
        )
    return float(np.mean(there))


def seconds_expected(what: Order, people: float, workers: int) -> float:
    """Estimate the run time in seconds on free cores, for ``people`` simulated in each economy."""
    pair = what.pair
    days = pair.scenario.run.days + pair.scenario.run.warmup_days
    return what.runs * pair.replicates * len(pair.measures) * people * days / PACE / workers


def explore(what: Order, evaluator: Evaluator) -> Exploration:
    """Simulate the missing runs: screen all parameters, then fill the space of those that exceed chance."""
    design = trajectories(len(what.factors), what.trajectories, what.seed % 2**31)
    count, long, wide = design.shape
    unit = np.concatenate([design.reshape(-1, wide), design[:, 0]])
    economies = np.concatenate([np.repeat(np.arange(count), long), np.arange(count, 2 * count)])
    all_varied = range(wide)
    found = _run_wave(what, SCREENING, unit, economies, all_varied, evaluator)
    steps, others = (
        Runs(stage, all_varied, unit[part], economies[part], found[part])
        for stage, part in (("trajectory", slice(0, count * long)), ("other economy", slice(count * long, None)))
    )
    screens = {
        figure: morris_screen(
            design, steps.values(figure).reshape(count, long), steps.without(figure).reshape(count, long, GROUPS)
        )
        for figure in what.figures
    }
    check_steps(list(screens.values()), [factor.name for factor in what.factors], count)
    kept = _above_chance(list(screens.values()))
    filling = None
    if kept and what.points:
        count_drawn = 1 << (what.points - 1).bit_length()  # Sobol's points come in powers of two
        points = qmc.Sobol(len(kept), rng=np.random.default_rng(what.seed)).random(count_drawn)[: what.points]
        numbers = 2 * count + np.arange(what.points)
        filling = Runs("filling", kept, points, numbers, _run_wave(what, FILLING, points, numbers, kept, evaluator))
    return Exploration(design, steps, others, screens, kept, filling)


def _run_wave(
    what: Order, wave: int, unit: Reals, economies: np.ndarray, varied: Sequence[int], evaluator: Evaluator
) -> list[dict[str, float] | None]:
    """Simulate the missing runs of a wave, and return the figures of all its runs."""
    factors = [what.factors[k] for k in varied]
    points = zip(parameter_values(factors, unit), economies * what.pair.replicates, strict=True)
    parameters = [{**point, ECONOMY: float(first)} for point, first in points]
    folder = what.place if wave == SCREENING else what.place / short_hash([factor.name for factor in factors])
    return evaluator.outputs(folder, wave, what.pair, parameters, what.seed)


def _above_chance(screens: Sequence[Screen]) -> tuple[int, ...]:
    """Choose the parameters that exceed chance in any figure, at most the ``MOST_KEPT`` with the largest shares."""
    above = np.any([screen.above for screen in screens], axis=0)
    shares = [np.nan_to_num(screen.mu_star) / max(float(np.nansum(screen.mu_star)), 1e-300) for screen in screens]
    most = np.argsort(-np.max(shares, axis=0), kind="stable")
    return tuple(sorted([int(k) for k in most if above[k]][:MOST_KEPT]))
