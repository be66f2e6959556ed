"""The study of a search: simulated pairs of worlds, emulators, the front, fresh simulations of it, and tables."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np

from sim.calibration.emulator import one_thread
from sim.figures.words import phrase
from sim.outcomes import Reals
from sim.report.console import line
from sim.report.search import print_search
from sim.scenario.parameter_draws import stated
from sim.search.problem import Problem
from sim.search.robustness import undominated
from sim.search.surfaces import fits, levers_matter, scale_of
from sim.search.tables import JUDGED, Reading, losses, tables
from sim.search.worlds import Pairs, check_size, filling_sweep, fresh_sweep, matrix, names_of, simulated
from sim.studies.study import Findings, Setup, publish, scenario_facts
from sim.sweeps import parameter_paths as addresses
from sim.sweeps.driving import Options
from sim.sweeps.monitor import PARTIAL

KIND = "search"
DIRECTIONS = 100  # largest number of reference directions of the front, and size of the population
GENERATIONS = 60
SEARCHED, FEW = 32, 8  # draws that average losses in a search, and that decide whether levers move an effect


def search(problem: Problem, options: Options, setup: Setup) -> int:
    """Simulate the missing pairs; store and print the front, the choices and where they fail; return the exit code.

    With a ``dry_run``, only print the size. If a simulation was interrupted, the code is that of an unfinished sweep.
    """
    check_size(problem)
    known: dict[str, Reading] = {}
    for reading in problem.readings:
        pairs = simulated(problem, reading, filling_sweep(problem, reading), options, setup.notes, setup.output)
        if pairs is not None:
            known[reading] = _emulated(problem, reading, pairs)
        elif not options.dry_run:
            return PARTIAL
    if options.dry_run:
        more = len(problem.readings) * problem.confirm * (problem.rules + 1)
        line(setup.output, phrase("search", "more", runs=f"{more:,}", rules=problem.rules))
        return 0
    seed = problem.scenario.run.seed % 2**31
    values, on_front = front_of(problem, known, seed)
    fresh: dict[str, Pairs] = {}
    for reading in known:
        again = simulated(problem, reading, fresh_sweep(problem, reading, values), options, setup.notes, setup.output)
        if again is None:
            return PARTIAL
        fresh[reading] = again
    made = one_thread(tables)(problem, known, values, fresh, on_front, seed)
    publish(setup, lambda _: Findings(made, _facts(problem, known, fresh)), print_search)
    return 0


@one_thread
def _emulated(problem: Problem, reading: str, pairs: Pairs) -> Reading:
    """Fit emulators to the pairs of a parameter set."""
    draws, names = problem.readings[reading], names_of(problem, reading)
    rows = matrix(draws.rows if draws else ({},), names)
    found = fits(problem, pairs, scale_of(rows))
    unit = problem.unit(pairs.levers)
    return Reading(pairs, names, rows, found, [levers_matter(fit, unit, rows[:FEW]) for fit, _ in found])


@one_thread
def front_of(problem: Problem, known: Mapping[str, Reading], seed: int) -> tuple[Reals, dict[str, Any]]:
    """Return distant rules on the fronts of all parameter sets, (rules, levers), and which are on each front.

    An objective that levers do not move beyond chance counts as equal for all rules.
    """

    def searched(about: Reading, unit: Reals) -> Reals:
        """Return the mean losses, without objectives that levers do not move."""
        return losses(problem, about, unit, SEARCHED) * np.array(about.moved)

    size = len(problem.axes), len(problem.demands)
    found = [pareto(partial(searched, about), *size, seed) for about in known.values()]
    values = np.unique(problem.values(np.concatenate(found)), axis=0)
    each = {reading: searched(about, problem.unit(values)) for reading, about in known.items()}
    best = {reading: undominated(loss) for reading, loss in each.items()}
    any_front = np.flatnonzero(np.any(list(best.values()), axis=0))
    chosen = any_front[far_apart(np.column_stack([loss[any_front] for loss in each.values()]), problem.rules)]
    chosen = chosen[np.argsort(next(iter(each.values()))[chosen, 0], kind="stable")]
    return values[chosen], {reading: mine[chosen] for reading, mine in best.items()}


def pareto(losses: Callable[[Reals], Reals], levers: int, objectives: int, seed: int) -> Reals:
    """Return at most ``DIRECTIONS`` non-dominated points of the unit cube that are far apart, (points, levers).

    The algorithm is NSGA-III (Deb and Jain 2014, IEEE Transactions on Evolutionary Computation 18, 577-601), by pymoo.
    ``losses`` maps (points, levers) to (points, objectives), with two or more objectives; lower is better. The points
    of all generations compete, because the last generation contains some dominated ones.
    """
    from pymoo.algorithms.moo.nsga3 import NSGA3  # noqa: PLC0415  (most of a second, and only here)
    from pymoo.core.problem import Problem  # noqa: PLC0415
    from pymoo.optimize import minimize  # noqa: PLC0415
    from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting  # noqa: PLC0415
    from pymoo.util.ref_dirs import get_reference_directions  # noqa: PLC0415

    seen: list[tuple[Reals, Reals]] = []

    class Losses(Problem):
        def _evaluate(self, x: Reals, out: dict[str, Reals], *_: object, **__: object) -> None:
            out["F"] = losses(x)
            seen.append((x.copy(), out["F"]))

    parts = next(n for n in range(DIRECTIONS, 0, -1) if math.comb(n + objectives - 1, n) <= DIRECTIONS or n == 1)
    directions = get_reference_directions("das-dennis", objectives, n_partitions=parts)
    problem = Losses(n_var=levers, n_obj=objectives, xl=0.0, xu=1.0)
    algorithm = NSGA3(directions, pop_size=max(len(directions), DIRECTIONS))
    minimize(problem, algorithm, ("n_gen", GENERATIONS), seed=seed, verbose=False)
    points, values = (np.concatenate(part) for part in zip(*seen, strict=True))
    best = NonDominatedSorting().do(values, only_non_dominated_front=True)
    return np.asarray(points[best][far_apart(values[best], DIRECTIONS)])


def far_apart(losses: Reals, count: int) -> list[int]:
    """Choose distant rows of losses, (rules, objectives): the best in each objective, then always the farthest."""
    span = losses.max(axis=0) - losses.min(axis=0)
    unit = (losses - losses.min(axis=0)) / np.where(span > 0, span, 1.0)
    chosen = list(dict.fromkeys(int(best) for best in losses.argmin(axis=0)))[:count]
    near = np.linalg.norm(unit[:, None] - unit[chosen], axis=2).min(axis=1)
    while len(chosen) < min(count, len(losses)) and near.max() > 0.0:
        chosen.append(int(near.argmax()))
        near = np.minimum(near, np.linalg.norm(unit - unit[chosen[-1]], axis=1))
    return chosen


def _facts(problem: Problem, known: Mapping[str, Reading], fresh: Mapping[str, Pairs]) -> dict[str, Any]:
    """Return the manifest's facts on the search."""
    draws, data = list(problem.readings.values()), problem.scenario.model_dump(mode="json")
    return scenario_facts([problem.scenario], problem.reference, draws[0]) | {
        "kind": KIND,
        "offhours": version("offhours"),
        "readings": [
            {"name": name, **stated(each), "judged": len(known[name].draws[:JUDGED])}
            | {"failed": known[name].pairs.failed, "failed_afresh": fresh[name].failed}
            for name, each in problem.readings.items()
        ],
        "levers": [
            {"name": name, "low": axis.low, "high": axis.high, "now": float(addresses.value_at(data, axis.name))}
            for name, axis in zip(problem.columns, problem.axes, strict=True)
        ],
        "demands": [
            {"outcome": each.outcome.name, "worst": each.worst, "relative": each.relative} for each in problem.demands
        ],
        "points": problem.points,
        "confirm": problem.confirm,
        "replicates": problem.blocks,
        "people_reached": round(float(np.mean([about.pairs.people for about in known.values()])), 1),
        "sweeps": [each.folder for each in (*(about.pairs for about in known.values()), *fresh.values())],
    }
