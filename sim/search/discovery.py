"""Under which conditions a rule fails: a box of parameters that holds many of its failures and little else.

The box is a leaf of a shallow regression tree on the chance of failing, as in Lempert, Bryant and Bankes 2008 (RAND
WR-549). The tree sees one half of the draws; coverage and density are those of the other half.
"""

from typing import Any, NamedTuple

import numpy as np

from sim.calibration.scales import Reals

type Bounds = dict[int, tuple[float, float]]  # by parameter; infinite where a side is open

DEPTH = 3  # cuts at most
LEAST = 0.05  # share of the draws in a box
GAIN = 0.10  # by which failing must be more likely in the box than elsewhere


class Box(NamedTuple):
    """Where a rule fails."""

    bounds: Bounds
    coverage: float  # share of the failures that lie in it
    density: float  # chance of failing in it
    elsewhere: float  # chance of failing outside of it
    share: float  # of the draws that lie in it

    def holds(self, parameters: Reals) -> np.ndarray:
        """Return which draws, (draws, parameters), lie in the box."""
        inside = np.ones(len(parameters), bool)
        for k, (low, high) in self.bounds.items():
            inside &= (parameters[:, k] > low) & (parameters[:, k] <= high)
        return inside


def discovered(parameters: Reals, fails: Reals) -> Box | None:
    """Find the box that holds most failures at the highest density, by the harmonic mean of both.

    ``parameters`` is (draws, parameters), ``fails`` the chance of failing, (draws,). None if none is worth naming.
    """
    from sklearn.tree import DecisionTreeRegressor  # noqa: PLC0415  (a second, and only here)

    half = np.arange(len(fails)) % 2 == 0
    if parameters.shape[1] == 0 or not fails[half].sum() > 0.0:
        return None
    tree = DecisionTreeRegressor(max_depth=DEPTH, min_samples_leaf=LEAST, random_state=0)
    tree.fit(parameters[half], fails[half])
    boxes = [_measured(bounds, parameters[half], fails[half]) for bounds in _nodes(tree.tree_, 0, {})]
    best = max(boxes, key=lambda box: box.coverage * box.density / max(box.coverage + box.density, 1e-300))
    found = _measured(best.bounds, parameters[~half], fails[~half])
    return found if found.bounds and found.density >= found.elsewhere + GAIN else None


def _measured(bounds: Bounds, parameters: Reals, fails: Reals) -> Box:
    """Measure a box on draws."""
    bare = Box(bounds, 0.0, 0.0, 0.0, 0.0)
    inside = bare.holds(parameters)
    held, missed = float(fails[inside].sum()), float(fails[~inside].sum())
    return Box(
        bounds, held / max(held + missed, 1e-300), held / max(inside.sum(), 1), missed / max((~inside).sum(), 1),
        float(inside.mean()),
    )  # fmt: skip


def _nodes(tree: Any, node: int, bounds: Bounds) -> list[Bounds]:
    """List the boxes of a node of a tree and of all below it."""
    if tree.children_left[node] < 0:
        return [bounds]
    k, cut = int(tree.feature[node]), float(tree.threshold[node])
    low, high = bounds.get(k, (-np.inf, np.inf))
    below, above = bounds | {k: (low, min(high, cut))}, bounds | {k: (max(low, cut), high)}
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    return [bounds, *_nodes(tree, left, below), *_nodes(tree, right, above)]
