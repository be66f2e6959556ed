"""Regions of the parameter space in which a rule raises or lowers an outcome, from a sweep with sampled points.

An emulator of each effect (``sim.calibration.emulator``) gives at any point the chance that the effect is above zero;
the border is where this chance is one half. Shares are over the whole range of the sweep, the prior and a posterior.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import polars as pl
from scipy.special import ndtr
from scipy.stats import qmc

from sim.calibration.emulator import EMULATORS, Emulator, Validation, fit_emulator, one_thread
from sim.calibration.priors import Prior, load_priors
from sim.core.errors import InputError
from sim.core.parameters import ROWS
from sim.figures.words import phrase
from sim.outcomes import Reals
from sim.report.progress import show_progress
from sim.report.regions import print_regions
from sim.runs.progress import MAPPING, Report
from sim.scenario.parameter_draws import Draws, stated
from sim.stats.ordered import ordered_mean
from sim.studies.study import Findings, Setup, publish
from sim.sweeps.drawing import shown_tables
from sim.sweeps.effects import with_labels
from sim.sweeps.folder import mean_sizes, open_sweep
from sim.sweeps.parameter_paths import SEEDS

KIND = "regions"
CHIEF = ("exhaustion", "share_burnt_out", "output_per_hour", "output_per_paid_hour", "recorded_overtime")
SURE_CHANCE, SURE_SD = 0.975, 1.96  # chance from which a sign counts as sure, and the same in standard deviations
LEAST_SHARE = 0.01  # share of the range below which a region counts as empty
INTERVAL_POINTS, SOBOL_POINTS = 1_024, 16_384  # powers of two: points for an interval and for its middle
FUNCTIONS = 200  # drawn for an interval, from all its emulators together
PAIR_POINTS, BINS = 20_000, 8  # points and bins for choosing the two parameters
MAP_STEPS, DRAWS_PER_CELL = 25, 100  # cells along a side of a map, and draws of the other parameters in each
DRAWS_SHOWN = 300  # draws of the posterior in a figure
POINTS_AT_ONCE = 2_500  # points
JITTER = 1e-6  # of a variance, so that a covariance has a root


class Space(NamedTuple):
    """The parameters of a sampled design, mapped to the unit cube."""

    columns: tuple[str, ...]
    names: tuple[str, ...]  # of parameters
    low: Reals
    high: Reals
    log: tuple[bool, ...]
    priors: tuple[Prior | None, ...]

    @classmethod
    def over(cls, axes: Sequence[Mapping[str, Any]], priors: Mapping[str, Prior]) -> Self:
        """Return the space of the axes' ranges; priors are those given by name that overlap, cut to the range."""
        columns, names, scales = (tuple(axis[key] for axis in axes) for key in ("column", "name", "scale"))
        low, high = (np.array([axis[key] for axis in axes]) for key in ("low", "high"))
        cut = tuple(
            priors[axis["name"]].truncated(axis["low"], axis["high"]) if axis["name"] in priors else None
            for axis in axes
        )
        return cls(columns, names, low, high, tuple(scale == "log" for scale in scales), cut)

    def unit(self, values: Reals) -> Reals:
        """Map values, (points, parameters), to the unit cube; values outside the range lie outside it."""
        return (self._scaled(values) - self._scaled(self.low)) / (self._scaled(self.high) - self._scaled(self.low))

    def values(self, unit: Reals) -> Reals:
        """Map the unit cube to values."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        found = low + unit * (high - low)
        return np.where(self.log, np.exp(found), found)

    def _scaled(self, values: Reals) -> Reals:
        return np.where(self.log, np.log(np.maximum(values, 1e-12)), values)

    def prior(self, count: int, rng: np.random.Generator) -> Reals:
        """Draw from the priors, or uniformly from the range where there is none, in the unit cube."""
        return self.quantiles(rng.random((count, len(self.columns))))

    def quantiles(self, even: Reals) -> Reals:
        """Map points that fill the unit cube evenly to points distributed as the priors."""
        found = even.copy()
        for k, prior in enumerate(self.priors):
            if prior is not None:
                found[:, k] = self._column(prior.quantile(found[:, k]), k)
        return found

    def posterior(self, draws: Draws, rng: np.random.Generator) -> Reals:
        """Return the draws within the range, in the unit cube; parameters that they lack come from the prior."""
        found = self.prior(len(draws.rows), rng)
        for k, name in enumerate(self.names):
            if name in draws.rows[0]:
                found[:, k] = self._column(np.array([row[name] for row in draws.rows]), k)
        return found[((found >= 0.0) & (found <= 1.0)).all(axis=1)]

    def _column(self, values: Reals, k: int) -> Reals:
        """Map values of one parameter to the unit interval."""
        return self._replace(low=self.low[[k]], high=self.high[[k]], log=(self.log[k],)).unit(values[:, None])[:, 0]

    @property
    def table(self) -> Reals:
        """Return the point of the table of parameters, (1, parameters), in the unit cube."""
        return self.unit(np.array([[ROWS[name].value for name in self.names]]))


class FittedEffect(NamedTuple):
    """The emulator of an effect; ``emulator`` is None if the effect is exactly zero at all points."""

    emulator: Emulator | None
    gate: Validation

    def moments(self, unit: Reals) -> tuple[Reals, Reals]:
        """Return mean and standard deviation of the effect, over economies, at points of the unit cube."""
        if self.emulator is None:
            return np.zeros(len(unit)), np.zeros(len(unit))
        parts = [
            self.emulator.predict(unit[start : start + POINTS_AT_ONCE]) for start in range(0, len(unit), POINTS_AT_ONCE)
        ]
        return np.concatenate([mean for mean, _ in parts]), np.sqrt(np.concatenate([spread for _, spread in parts]))

    def signs(self, unit: Reals) -> tuple[Reals, Reals]:
        """Return the mean of the effect and the chance that it is above zero, at points of the unit cube."""
        mean, spread = self.moments(unit)
        return mean, _above(mean, spread)

    def uncertain_moments(self, unit: Reals, rng: np.random.Generator) -> tuple[Reals, Reals]:
        """Return the moments over emulators with other lengths and noise, which simulations determine only roughly.

        With 4 to 29 parameters, 95 % intervals in the middle of the space then cover 98 % of 260 made-up effects; those
        of the most likely emulator cover 86 %.
        """
        if self.emulator is None:
            return self.moments(unit)
        each = [other.predict(unit) for other in self.emulator.variants(EMULATORS, rng)]
        means, variances = (np.array(part) for part in zip(*each, strict=True))
        return means.mean(axis=0), np.sqrt(variances.mean(axis=0) + means.var(axis=0))

    def functions(self, unit: Reals, rng: np.random.Generator) -> Reals:
        """Draw ``FUNCTIONS`` effects as functions, evaluated at the same points: (functions, points).

        They come from emulators with different lengths and noise, see ``uncertain_moments``.
        """
        if self.emulator is None:
            return np.zeros((FUNCTIONS, len(unit)))
        return np.concatenate([_functions(each, unit, rng) for each in self.emulator.variants(EMULATORS, rng)])


def _above(mean: Reals, spread: Reals) -> Reals:
    """Return the chance that a normal figure is above zero."""
    return np.where(spread > 0, ndtr(mean / np.maximum(spread, 1e-300)), (mean > 0).astype(float))


def _functions(emulator: Emulator, unit: Reals, rng: np.random.Generator) -> Reals:
    """Draw functions from one emulator of ``EMULATORS``, evaluated at the same points."""
    spread = emulator.covariance(unit)
    spread[np.diag_indices(len(unit))] *= 1 + JITTER
    chance = rng.standard_normal((FUNCTIONS // EMULATORS, len(unit)))
    return emulator.mean(unit) + chance @ np.linalg.cholesky(spread).T


def space_of(axes: Sequence[dict[str, Any]], effects: pl.DataFrame) -> Space:
    """Return the axes of a sweep that are parameters with a range; raise ``InputError`` for fewer than two."""
    known = {prior.parameter: prior for part in load_priors() for prior in part}
    named = [axis | {"name": axis["name"].removeprefix("parameters.")} for axis in axes]
    ranges = (axis for axis in named if axis["name"] in ROWS and axis["low"] is not None)
    chosen = [axis for axis in ranges if effects[axis["column"]].n_unique() > BINS]
    if len(chosen) < 2:
        raise InputError(
            f"regions need a sweep by lhs or sobol with ranges of two parameters or more, and more than {BINS} points"
        )
    return Space.over(chosen, known)


def effect_of(unit: Reals, differences: Reals, seed: int = 0) -> FittedEffect:
    """Fit the emulator of an effect to points of the unit cube, (points, parameters), and differences, (points,)."""
    if not differences.any():
        return FittedEffect(None, Validation(1.0, 0.0))
    return FittedEffect(*fit_emulator(unit, differences, seed))


def explained_by(signal: Reals, unit: Reals, *columns: int) -> float:
    """Return the share of the variance of a signal that the values of some parameters explain, by means in bins."""
    count, cell = len(signal), np.zeros(len(signal), dtype=int)
    for k in columns:
        cell = BINS * cell + np.argsort(np.argsort(unit[:, k])) * BINS // count
    size = np.maximum(np.bincount(cell), 1)
    mean = np.bincount(cell, signal) / size
    left = float(((signal - mean[cell]) ** 2).sum()) / (count - len(size))
    whole = float(signal.var(ddof=1))
    return max(1.0 - left / whole, 0.0) if whole > 0 else 0.0


def sign_turns(chance: Reals) -> bool:
    """Return whether the sign of an effect differs in more than a hundredth of the points."""
    return bool(LEAST_SHARE < chance.mean() < 1 - LEAST_SHARE)


def pair_to_map(mean: Reals, chance: Reals, unit: Reals) -> tuple[int, int]:
    """Choose the two parameters that explain most of the sign, or of the size if the sign hardly changes."""
    signal = chance if sign_turns(chance) else mean
    first, second = max(combinations(range(unit.shape[1]), 2), key=lambda pair: explained_by(signal, unit, *pair))
    if explained_by(signal, unit, first) < explained_by(signal, unit, second):
        return second, first
    return first, second


def effect_map(effect: FittedEffect, space: Space, pair: tuple[int, int], rng: np.random.Generator) -> pl.DataFrame:
    """Average effect and chance over the prior of all other parameters, on a grid of two."""
    sides = np.linspace(0.0, 1.0, MAP_STEPS)
    points = np.tile(space.prior(DRAWS_PER_CELL, rng), (MAP_STEPS * MAP_STEPS, 1))
    across, up = (side.ravel() for side in np.meshgrid(sides, sides))
    points[:, pair[0]], points[:, pair[1]] = np.repeat(across, DRAWS_PER_CELL), np.repeat(up, DRAWS_PER_CELL)
    mean, chance = (each.reshape(-1, DRAWS_PER_CELL).mean(axis=1) for each in effect.signs(points))
    values = space.values(points[::DRAWS_PER_CELL])
    return pl.DataFrame({"x": values[:, pair[0]], "y": values[:, pair[1]], "effect": mean, "raises": chance})


def shares_above_zero(effect: FittedEffect, unit: Reals, rng: np.random.Generator) -> dict[str, float]:
    """Return the share of points at which the effect is above zero, its 95 % interval, and where its sign is sure.

    The middle of the interval uses all points, its width the first ``INTERVAL_POINTS``.
    """
    mean, chance = effect.signs(unit)
    above = (effect.functions(unit[:INTERVAL_POINTS], rng) > 0).mean(axis=1)
    low, high = np.clip(np.quantile(above, (0.025, 0.975)) - above.mean() + chance.mean(), 0.0, 1.0)
    return {
        "points": float(len(unit)), "raises": float(chance.mean()),
        "raises_low": float(low), "raises_high": float(high),
        "surely_raises": float((chance >= SURE_CHANCE).mean()),
        "surely_lowers": float(((chance <= 1 - SURE_CHANCE) & (mean < 0)).mean()),
    }  # fmt: skip


def verdict(over_range: dict[str, float]) -> str:
    """Return on which sides of zero there is a region that is not empty: both, raises, lowers, or neither."""
    up, down = (over_range[side] >= LEAST_SHARE for side in ("surely_raises", "surely_lowers"))
    return {(True, True): "both", (True, False): "raises", (False, True): "lowers"}.get((up, down), "neither")


@one_thread
def region_tables(
    effects: pl.DataFrame,
    axes: Sequence[dict[str, Any]],
    outcomes: Sequence[str],
    draws: Draws | None,
    seed: int,
    report: Report = lambda *_: None,
) -> dict[str, pl.DataFrame]:
    """Make the tables of the regions from the effects of a sweep.

    ``axes`` describe the sweep's axes, and ``draws`` are the posterior; ``report`` is called for each effect. Scenarios
    without a reference have no effect and are left out. Raises ``InputError`` for too few points, or if no scenario has
    an effect.
    """
    own = effects.filter(~pl.col("is_reference"), pl.col("outcome").is_in(outcomes))
    own = own.filter(pl.col("difference").is_finite().any().over("scenario"))
    if own.is_empty():
        raise InputError("nothing is compared with (paired = false), or all runs failed: there are no effects")
    space = space_of(axes, own)
    rng = np.random.default_rng(seed)
    # a share over random points would vary on its own
    even = qmc.Sobol(len(space.columns), rng=rng).random(SOBOL_POINTS)
    places = {"range": even, "prior": space.quantiles(even)}
    if draws is not None:
        places["posterior"] = space.posterior(draws, rng)
    many = space.prior(PAIR_POINTS, rng)
    regions: list[dict[str, Any]] = []
    all_turns: list[dict[str, Any]] = []
    weights: list[dict[str, Any]] = []
    maps: list[pl.DataFrame] = []
    pairs = list(product(own["scenario"].unique(maintain_order=True), outcomes))
    for done, (scenario, outcome) in enumerate(pairs):
        report(MAPPING, done, len(pairs))
        known = own.filter(scenario=scenario, outcome=outcome).filter(pl.col("difference").is_finite())
        known = known.group_by(space.columns, maintain_order=True).agg(ordered_mean(pl.col("difference")))  # of copies
        if known.height < 2 * len(space.columns) + 2:
            raise InputError(
                f"{scenario}: {known.height} points have an effect on {outcome}, too few for {len(space.columns)} "
                "parameters: go on with the sweep"
            )
        unit = space.unit(known.select(space.columns).cast(pl.Float64).to_numpy())
        effect = effect_of(unit, known["difference"].to_numpy(), seed)
        key = {"scenario": scenario, "outcome": outcome}
        parts = {over: shares_above_zero(effect, points, rng) for over, points in places.items() if len(points)}
        regions.extend(key | {"over": over} | part for over, part in parts.items())
        mean, chance = effect.signs(many)
        weights.extend(key | each for each in _weights(mean, chance, space, many))
        pair = pair_to_map(mean, chance, many)
        of_pair = {
            "points": known.height, "higher_at_points": float((known["difference"].to_numpy() > 0).mean()),
            "verdict": verdict(parts["range"]), "turns": sign_turns(chance),
            "of_sign": explained_by(chance, many, *pair),
        }  # fmt: skip
        all_turns.append(key | of_pair | _pair_facts(effect, space, pair, rng))
        labels = (pl.lit(value).alias(name) for name, value in key.items())
        maps.append(effect_map(effect, space, pair, rng).select(*labels, "*"))
    return {
        "regions": with_labels(pl.DataFrame(regions), ("unit", "better")),
        "turns": with_labels(pl.DataFrame(all_turns), ("unit", "better")),
        "weights": pl.DataFrame(weights),
        "maps": pl.concat(maps),
        "draws": pl.DataFrame(
            space.values(places.get("posterior", many[:0])[:DRAWS_SHOWN]), schema=list(space.columns)
        ),
        "axes": _axes(space, axes, draws),
    }


def _pair_facts(effect: FittedEffect, space: Space, pair: tuple[int, int], rng: np.random.Generator) -> dict[str, Any]:
    """Describe the emulator, the pair of a map, and the effect at the point of the table."""
    (at,), (spread,) = moments = effect.uncertain_moments(space.table, rng)
    return {
        "across": space.columns[pair[0]], "up": space.columns[pair[1]], "at_table": float(at),
        "at_table_low": float(at - SURE_SD * spread), "at_table_high": float(at + SURE_SD * spread),
        "raises_at_table": float(_above(*moments)[0]), "explained": effect.gate.explained,
        "beyond": effect.gate.beyond,
    }  # fmt: skip


def _weights(mean: Reals, chance: Reals, space: Space, many: Reals) -> Iterator[dict[str, Any]]:
    """Yield how much of the variance of an effect, and of its sign, over the prior each parameter explains alone."""
    for k, column in enumerate(space.columns):
        moves = np.corrcoef(mean, many[:, k])[0, 1] if mean.std() > 0 else 0.0
        yield {
            "column": column, "of_effect": explained_by(mean, many, k), "of_sign": explained_by(chance, many, k),
            "correlation": float(moves),
        }  # fmt: skip


def _axes(space: Space, axes: Sequence[dict[str, Any]], draws: Draws | None) -> pl.DataFrame:
    """Describe the axes: range, the table's value, and prior and posterior."""
    about = {axis["column"]: axis for axis in axes}
    free = set(draws.rows[0]) if draws else set()
    return pl.DataFrame([
        about[column] | {
            "low": float(space.low[k]), "high": float(space.high[k]), "table": ROWS[space.names[k]].value,
            "has_prior": space.priors[k] is not None, "in_posterior": space.names[k] in free,
            "meaning": ROWS[space.names[k]].meaning,
        }
        for k, column in enumerate(space.columns)
    ])  # fmt: skip


def show_regions(folder: Path, outcomes: Sequence[str], setup: Setup) -> None:
    """Write tables, summary and figures of the regions of a sweep into a results folder, and print them.

    Raises ``InputError`` for a sweep that is not sampled, and ``ResultsError`` without tables.
    """
    sweep = open_sweep(folder)
    plan = sweep.plan

    def found(_: Path) -> Findings:
        at_points, about = shown_tables(sweep)
        run = plan.bases[str(about["scenarios"][0])]["run"]  # type: ignore[index]
        with show_progress(setup.notes, {MAPPING: phrase("progress", "mapping")}) as report:
            made = region_tables(at_points["effects"], plan.axes, outcomes or CHIEF, setup.draws, run["seed"], report)
        size = {key: run[key] for key in ("people", "years", "warmup_days")}
        others = at_points["axes"].filter(~pl.col("column").is_in(made["axes"]["column"].to_list()))["name"]
        facts = about | size | {
            "people_reached": round(sweep.replicates * mean_sizes(sweep).get("people", 0)),
            "besides": [name for name in others if name != SEEDS],
            "designed": plan.conditions.filter(~pl.col("is_reference")).n_unique(made["axes"]["column"].to_list()),
            "kind": KIND, "sweep": folder.name, "engine": plan.version, "method": plan.method,
            "uncertainty": stated(setup.draws),
        }  # fmt: skip
        return Findings(made, facts)

    publish(setup, found, print_regions)
