"""How rules perform over draws of the parameters and plausible emulators, and under which conditions one fails.

Losses are effects signed so that higher is worse. The world without a rule, with effects of zero, competes as the last.

The conditions of failure are a box of parameters that contains many failures and little else: a leaf of a shallow
regression tree on the chance of failing, as in Lempert, Bryant and Bankes 2008 (RAND WR-549). The tree is fitted to one
half of the draws; coverage and density are computed on the other half.
"""

from typing import Any, NamedTuple

import numpy as np

from sim.outcomes import Reals

type Bounds = dict[int, tuple[float, float]]  # by parameter; an open side is infinite

HIGH = 0.95  # quantile of regret
DEPTH = 3  # largest number of cuts
LEAST = 0.05  # smallest share of the draws in a box
GAIN = 0.10  # least difference in the chance of failing between the box and elsewhere


class Metrics(NamedTuple):
    """How rules perform; the last one is the world without a rule."""

    undominated: Reals  # (rules,) share of draws in which no other rule dominates it
    satisfying: Reals  # (rules,) share of draws in which it meets all demands
    meets: Reals  # (rules, objectives) share of draws in which it meets each demand
    regret: Reals  # (rules, objectives) mean shortfall from the best rule
    regret_high: Reals  # (rules, objectives) its 95 % quantile
    largest_regret: Reals  # (rules,) mean of the largest regret, in mean ranges of an objective between rules


def metrics(losses: Reals, bounds: Reals) -> Metrics:
    """Compute metrics from losses, (draws, rules, objectives), and the bounds of the demands, (objectives,)."""
    losses = np.concatenate([losses, np.zeros_like(losses[:, :1])], axis=1)
    regret = losses - losses.min(axis=1, keepdims=True)
    span = regret.max(axis=1).mean(axis=0)
    met = losses < bounds
    return Metrics(
        undominated(losses).mean(axis=0), met.all(axis=-1).mean(axis=0), met.mean(axis=0), regret.mean(axis=0),
        np.quantile(regret, HIGH, axis=0), (regret / np.where(span > 0, span, 1.0)).max(axis=-1).mean(axis=0),
    )  # fmt: skip


def undominated(losses: Reals) -> np.ndarray:
    """Return which rows of losses, (..., rules, objectives), are not dominated, (..., rules)."""
    one, other = losses[..., :, None, :], losses[..., None, :, :]
    beaten = (other <= one).all(axis=-1) & (other < one).any(axis=-1)
    return ~beaten.any(axis=-1)


class Box(NamedTuple):
    """Conditions under which a rule fails."""

    bounds: Bounds
    coverage: float  # share of the failures in the box
    density: float  # chance of failing in the box
    elsewhere: float  # chance of failing outside the box
    share: float  # share of the draws in the box

    def holds(self, parameters: Reals) -> np.ndarray:
        """Return which draws, (draws, parameters), lie in the box."""
        inside = np.ones(len(parameters), bool)
        for k, (low, high) in self.bounds.items():
            inside &= (parameters[:, k] > low) & (parameters[:, k] <= high)
        return inside


def failure_box(parameters: Reals, fails: Reals) -> Box | None:
    """Find the box with the largest harmonic mean of coverage and density.

    ``parameters`` is (draws, parameters), ``fails`` the chance of failing, (draws,). Returns None if nothing
    fails, or if failing is not more likely by ``GAIN`` in that box.
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
    """List the boxes of a node of a tree and of all its descendants."""
    if tree.children_left[node] < 0:
        return [bounds]
    k, cut = int(tree.feature[node]), float(tree.threshold[node])
    low, high = bounds.get(k, (-np.inf, np.inf))
    below, above = bounds | {k: (low, min(high, cut))}, bounds | {k: (max(low, cut), high)}
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    return [bounds, *_tree_boxes(tree, left, below), *_tree_boxes(tree, right, above)]
