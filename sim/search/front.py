"""The Pareto front of losses over the unit cube.

The algorithm is NSGA-III (Deb and Jain 2014, IEEE Transactions on Evolutionary Computation 18, 577-601), by pymoo.
"""

import math
from collections.abc import Callable

import numpy as np

from sim.calibration.scales import Reals

DIRECTIONS = 100  # at most, along which the front is looked for; as many candidates live at a time
GENERATIONS = 60


def pareto(losses: Callable[[Reals], Reals], levers: int, objectives: int, seed: int) -> Reals:
    """Return at most ``DIRECTIONS`` points of the unit cube, (points, levers), far apart, that no other one dominates.

    ``losses`` maps (points, levers) to (points, objectives), of which there are two or more; lower is better. All
    points that were ever looked at compete, for the last generation alone keeps some that are off the front.
    """
    from pymoo.algorithms.moo.nsga3 import NSGA3  # noqa: PLC0415  (most of a second, and only here)
    from pymoo.core.problem import Problem  # noqa: PLC0415
    from pymoo.optimize import minimize  # noqa: PLC0415
    from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting  # noqa: PLC0415
    from pymoo.util.ref_dirs import get_reference_directions  # noqa: PLC0415

    seen: list[tuple[Reals, Reals]] = []

    class Losses(Problem):
        """What pymoo minimises."""

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
    return np.asarray(points[best][apart(values[best], DIRECTIONS)])


def undominated(losses: Reals) -> np.ndarray:
    """Return which rows of losses, (..., rules, objectives), no other one dominates, (..., rules)."""
    one, other = losses[..., :, None, :], losses[..., None, :, :]
    beaten = (other <= one).all(axis=-1) & (other < one).any(axis=-1)
    return ~beaten.any(axis=-1)


def apart(losses: Reals, count: int) -> list[int]:
    """Choose rows of losses, (rules, objectives), that are far apart: the best in each objective, then the farthest."""
    span = losses.max(axis=0) - losses.min(axis=0)
    unit = (losses - losses.min(axis=0)) / np.where(span > 0, span, 1.0)
    chosen = list(dict.fromkeys(int(best) for best in losses.argmin(axis=0)))[:count]
    while len(chosen) < min(count, len(losses)):
        near = np.linalg.norm(unit[:, None] - unit[chosen], axis=2).min(axis=1)
        if near.max() <= 0.0:
            break
        chosen.append(int(near.argmax()))
    return chosen
