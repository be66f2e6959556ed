"""Emulators of paired effects over the numeric axes of a sweep, with their errors, as data for ``sim.report.webpage``.

Each effect has a Gaussian process of ``sim.calibration.emulator``. Its interval at a point is for a new simulation
there: it includes the emulator's uncertainty and the variance between simulations. Coverage of these intervals is
measured on points that the emulator has not seen: by cross-validation, and on a second sweep if there is one.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from scipy.special import stdtrit

from sim.calibration.emulator import one_thread
from sim.core.errors import InputError
from sim.core.parameters import ROWS
from sim.outcomes import Reals
from sim.sweeps import parameter_paths as addresses
from sim.sweeps.drawing import shown_tables
from sim.sweeps.folder import Sweep
from sim.sweeps.monitor import PARTIAL, state_of
from sim.sweeps.regions import FittedEffect, Space, effect_of

DEFAULT_OUTCOMES = ("share_burnt_out", "exhaustion", "hidden_overtime", "unpaid_overtime", "output_per_hour", "output")
POINTS_PER_AXIS = 10  # points needed by an emulator: Loeppky, Sacks and Welch 2009, Technometrics 51, 366-376
FOLDS = 8
INTERVAL_LEVELS = (0.5, 0.95)
FEWEST_FRESH = 2  # points of a check for which the variance is known
SAME_POINT = 1e-9  # distance in the unit cube below which points count as the same

type Points = dict[str, tuple[Reals, pl.DataFrame]]  # by scenario: in the unit cube, and as a table


def half_widths(freedom: int) -> tuple[float, ...]:
    """Return half widths of the intervals of ``INTERVAL_LEVELS``, in standard deviations, from Student's t."""
    return tuple(float(stdtrit(freedom, 0.5 + level / 2)) for level in INTERVAL_LEVELS)


class Surface(NamedTuple):
    """The emulator of the effect of a scenario on an outcome, fitted to points of the unit cube."""

    scenario: str
    outcome: str
    unit: Reals  # (points, axes)
    differences: Reals  # (points,)
    effect: FittedEffect
    reference: float  # mean of the outcome without the rule

    def moments(self, unit: Reals) -> tuple[Reals, Reals]:
        """Predict mean and standard deviation, (points,) each, of the effect in a new simulation."""
        mean, spread = self.effect.moments(unit)
        return mean, np.sqrt(spread**2 + (self.effect.emulator.noise if self.effect.emulator else 0.0))

    @property
    def quantiles(self) -> tuple[float, ...]:
        """Return the half widths of its intervals, see ``half_widths``."""
        return half_widths(max(len(self.unit) - self.unit.shape[1] - 1, 1))


class Errors(NamedTuple):
    """Errors of predictions for simulations that the emulator had not seen."""

    points: int
    error: float  # root mean square
    explained: float  # share of the variance of the differences; NaN if they do not vary and the prediction is wrong
    inside: tuple[float, ...]  # share of points within the intervals of ``INTERVAL_LEVELS``


def axes_of(sweep: Sweep) -> list[dict[str, Any]]:
    """Return the axes of a sweep that get a slider, with ``low``, ``high``, ``start``, ``whole``, ``lever``, ``usual``.

    ``usual`` is whether ``start`` is the value of all scenarios or, for a parameter, that of the table. Raises
    ``InputError`` if there is no axis, or one that is not numeric.
    """
    mine = sweep.plan.conditions.filter(~pl.col("is_reference"))
    bases = [data for name, data in sweep.plan.bases.items() if not name.endswith("|")]
    found = []
    for axis in sweep.plan.axes:
        values = mine[axis["column"]]
        if axis["name"] == addresses.SEEDS or values.n_unique() < 2:
            continue
        if not values.dtype.is_numeric():
            raise InputError(f"{sweep.folder}: the axis {axis['name']} is no number, and a slider needs one")
        low, high = float(values.min()), float(values.max())
        if axis["low"] is not None:
            low, high = axis["low"], axis["high"]
        row = ROWS.get(axis["name"].removeprefix("parameters."))
        own = [addresses.value_at(base, axis["name"]) if base else None for base in bases]
        usual = [row.value if value is None and row else value for value in own]
        start = (low + high) / 2 if usual[0] is None else float(np.clip(usual[0], low, high))
        found.append(
            axis | {"low": low, "high": high, "start": start, "whole": values.dtype.is_integer(),
                    "lever": addresses.of_lever(axis["name"]), "usual": all(value == start for value in usual)}
        )  # fmt: skip
    if not found:
        raise InputError(f"{sweep.folder}: a page needs an axis of numbers, and nothing was varied in this sweep")
    return found


def points_of(sweep: Sweep, axes: Sequence[Mapping[str, Any]], outcomes: Sequence[str]) -> Points:
    """Read the points of each scenario, in the unit cube, and a table with difference and reference of each outcome.

    Points at which an outcome has no difference are left out, and so are scenarios without a reference. Raises
    ``InputError`` for a sweep that is unfinished or without any comparison.
    """
    state = state_of(sweep)
    if state.code == PARTIAL:
        raise InputError(
            f"{sweep.folder}: {state.done:,} of {state.planned:,} runs are done, and a page needs all of them: go on "
            "with the sweep"
        )
    effects = shown_tables(sweep)[0]["effects"]
    own = effects.filter(~pl.col("is_reference"), pl.col("outcome").is_in(outcomes))
    own = own.filter(pl.col("difference").is_finite().any().over("scenario"))
    if own.is_empty():
        raise InputError(
            f"{sweep.folder}: nothing is compared with (paired = false), or all runs failed: there are no effects"
        )
    columns = [axis["column"] for axis in axes]
    found = {}
    for scenario in own["scenario"].unique(maintain_order=True):
        table = own.filter(scenario=scenario).pivot(
            "outcome", index=["point", *columns], values=["difference", "reference"], maintain_order=True
        )
        table = table.drop_nulls().filter(pl.all_horizontal(pl.exclude("point", *columns).is_finite()))
        found[scenario] = Space.over(axes, {}).unit(table.select(columns).cast(pl.Float64).to_numpy()), table
    return found


@one_thread
def fit_surfaces(known: Points, axes: int, outcomes: Sequence[str]) -> list[tuple[Surface, Errors]]:
    """Fit an emulator of each effect to the points of ``points_of``, and measure its errors by cross-validation.

    Raises ``InputError`` for fewer than ``POINTS_PER_AXIS`` points for each of the ``axes``.
    """
    for scenario, (unit, _) in known.items():
        if len(unit) < POINTS_PER_AXIS * axes:
            raise InputError(
                f"{scenario}: {len(unit)} points with an effect are too few for {axes} axes; a page needs "
                f"{POINTS_PER_AXIS} for each axis"
            )
    found = [fit_surface(scenario, outcome, *points) for scenario, points in known.items() for outcome in outcomes]
    return [(surface, cross_validated(surface)) for surface in found]


def fit_surface(scenario: str, outcome: str, unit: Reals, table: pl.DataFrame) -> Surface:
    """Fit the emulator of an effect to points of the unit cube, (points, axes), and their table."""
    differences = table[f"difference_{outcome}"].to_numpy()
    reference = float(table[f"reference_{outcome}"].mean())  # type: ignore[arg-type]
    return Surface(scenario, outcome, unit, differences, effect_of(unit, differences), reference)


def cross_validated(surface: Surface) -> Errors:
    """Predict each eighth of the points from the others, with everything fitted anew."""
    fold = np.random.default_rng(0).permutation(len(surface.unit)) % FOLDS
    mean, spread = np.zeros(len(fold)), np.zeros(len(fold))
    for k in range(FOLDS):
        unit, differences = surface.unit[fold != k], surface.differences[fold != k]
        part = surface._replace(unit=unit, differences=differences, effect=effect_of(unit, differences))
        mean[fold == k], spread[fold == k] = part.moments(surface.unit[fold == k])
    return prediction_errors(surface.quantiles, surface.differences, mean, spread)


def prediction_errors(quantiles: Sequence[float], truth: Reals, mean: Reals, spread: Reals) -> Errors:
    """Compare predictions with simulations; ``quantiles`` are half widths of the intervals, in standard deviations."""
    if not len(truth):
        return Errors(0, np.nan, np.nan, tuple(np.nan for _ in quantiles))
    off = np.abs(truth - mean)
    square, variance = float((off**2).mean()), float(truth.var())
    left = square / variance if variance > 0 else 0.0 if square == 0 else np.nan
    inside = tuple(float((off <= quantile * spread).mean()) for quantile in quantiles)
    return Errors(len(truth), square**0.5, 1.0 - left, inside)


def fresh_points(
    known: Points, sweep: Sweep, other: Sweep, axes: Sequence[Mapping[str, Any]], outcomes: Sequence[str]
) -> Points:
    """Read the points of another sweep of the same axes, for ``errors_at``; ``known`` are the fitted points.

    Raises ``InputError`` as ``points_of`` does, and if the other sweep has other axes, worlds of another kind, lacks a
    scenario or points with an effect, or has a point in common.
    """
    if {axis["name"] for axis in axes_of(other)} != {axis["name"] for axis in axes}:
        raise InputError(f"--check {other.folder}: its axes are not those of {sweep.folder}")
    theirs = points_of(other, axes, outcomes)
    for scenario, (unit, _) in known.items():
        if scenario not in theirs:
            raise InputError(f"--check {other.folder}: it has not simulated {scenario}")
        if _worlds(other, scenario) != _worlds(sweep, scenario):
            raise InputError(
                f"--check {other.folder}: the rules, size or parameters of {scenario} are not those of {sweep.folder}"
            )
        if theirs[scenario][1].height < FEWEST_FRESH:
            raise InputError(
                f"--check {other.folder}: an effect at fewer than {FEWEST_FRESH} of its points of {scenario}"
            )
        if (np.abs(theirs[scenario][0][:, None] - unit[None]).max(axis=2) < SAME_POINT).any():
            raise InputError(
                f"--check {other.folder}: some of its points are those of {sweep.folder}: give it another seed"
            )
    return theirs


def _worlds(sweep: Sweep, scenario: str) -> list[Any]:
    """Return what defines the worlds of a scenario and its reference, except axes and the seed of economies."""
    plan, found = sweep.plan, []
    for name in (scenario, f"{scenario}|"):
        base = dict(plan.bases.get(name) or {})
        found.append(base | {"run": {key: value for key, value in (base.get("run") or {}).items() if key != "seed"}})
    draws = plan.draws.sha256 if plan.draws else None
    columns = [axis["column"] for axis in plan.axes if axis["name"] != addresses.SEEDS]
    fixed = [(column, each[0]) for column in columns if (each := plan.conditions[column].unique()).len() == 1]
    return [*found, plan.engine, draws, plan.own_draws, sweep.replicates, fixed]


def errors_at(surface: Surface, fresh: Points) -> Errors:
    """Compare an emulator with direct simulations at other points."""
    unit, table = fresh[surface.scenario]
    truth = table[f"difference_{surface.outcome}"].to_numpy()
    return prediction_errors(surface.quantiles, truth, *surface.moments(unit))
