"""How rules fare over draws of the parameters and functions that suit the simulations, and where one fails.

Losses are effects with the sign of worse. The world without a rule, whose effects are zero, competes as the last one.

A rule fails in a box of parameters that holds many of its failures and little else: a leaf of a shallow regression tree
on the chance of failing, as in Lempert, Bryant and Bankes 2008 (RAND WR-549). The tree sees one half of the draws;
coverage and density are those of the other half.
"""

from typing import Any, NamedTuple

import numpy as np

from sim.outcomes import Reals

type Bounds = dict[int, tuple[float, float]]  # by parameter; infinite where a side is open

HIGH = 0.95  # quantile of regret
DEPTH = 3  # cuts at most
LEAST = 0.05  # share of the draws in a box
GAIN = 0.10  # by which failing must be more likely in the box than elsewhere


class Metrics(NamedTuple):
    """How rules fared; the last one is the world without a rule."""

    undominated: Reals  # (rules,) share in which no other rule is better in all objectives
    satisfying: Reals  # (rules,) share in which all demands are met
    meets: Reals  # (rules, objectives) share in which each is met
    regret: Reals  # (rules, objectives) mean shortfall from the best rule
    regret_high: Reals  # (rules, objectives) its 95 % quantile
    largest_regret: Reals  # (rules,) mean of the largest over objectives, in mean ranges between the rules of a draw


def metrics(losses: Reals, bounds: Reals) -> Metrics:
    """Compute how rules fare from losses, (draws, rules, objectives), and the bounds of the demands, (objectives,)."""
    losses = np.concatenate([losses, np.zeros_like(losses[:, :1])], axis=1)
    regret = losses - losses.min(axis=1, keepdims=True)
    span = regret.max(axis=1).mean(axis=0)
    met = losses < bounds
    return Metrics(
        undominated(losses).mean(axis=0), met.all(axis=-1).mean(axis=0), met.mean(axis=0), regret.mean(axis=0),
        np.quantile(regret, HIGH, axis=0), (regret / np.where(span > 0, span, 1.0)).max(axis=-1).mean(axis=0),
    )  # fmt: skip


def undominated(losses: Reals) -> np.ndarray:
    """Return which rows of losses, (..., rules, objectives), no other one dominates, (..., rules)."""
    one, other = losses[..., :, None, :], losses[..., None, :, :]
    beaten = (other <= one).all(axis=-1) & (other < one).any(axis=-1)
    return ~beaten.any(axis=-1)


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


def failure_box(parameters: Reals, fails: Reals) -> Box | None:
    """Find the box that holds most failures at the highest density, by the harmonic mean of both.

    ``parameters`` is (draws, parameters), ``fails`` the chance of failing, (draws,). None if none is worth naming.
    """
    from sklearn.tree import DecisionTreeRegressor  # noqa: PLC0415  (a second, and only here)

    half = np.arange(len(fails)) % 2 == 0
    if parameters.shape[1] == 0 or not fails[half].sum() > 0.0:
        return None
    tree = DecisionTreeRegressor(max_depth=DEPTH, min_samples_leaf=LEAST, random_state=0)
    tree.fit(parameters[half], fails[half])
    boxes = [_box_of(bounds, parameters[half], fails[half]) for bounds in _tree_boxes(tree.tree_, 0, {})]
    best = max(boxes, key=lambda box: box.coverage * box.density / max(box.coverage + box.density, 1e-300))
    found = _box_of(best.bounds, parameters[~half], fails[~half])
    return found if found.bounds and found.density >= found.elsewhere + GAIN else None


def _box_of(bounds: Bounds, parameters: Reals, fails: Reals) -> Box:
    inside = Box(bounds, 0.0, 0.0, 0.0, 0.0).holds(parameters)
    held, missed = float(fails[inside].sum()), float(fails[~inside].sum())
    return Box(
        bounds, held / max(held + missed, 1e-300), held / max(inside.sum(), 1), missed / max((~inside).sum(), 1),
        float(inside.mean()),
    )  # fmt: skip


def _tree_boxes(tree: Any, node: int, bounds: Bounds) -> list[Bounds]:
    """List the boxes of a node of a tree and of all below it."""
    if tree.children_left[node] < 0:
        return [bounds]
    k, cut = int(tree.feature[node]), float(tree.threshold[node])
    low, high = bounds.get(k, (-np.inf, np.inf))
    below, above = bounds | {k: (low, min(high, cut))}, bounds | {k: (max(low, cut), high)}
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    return [bounds, *_tree_boxes(tree, left, below), *_tree_boxes(tree, right, above)]
