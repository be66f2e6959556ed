"""Effects within a sweep: each scenario at each point minus its counterfactual, with common random numbers.

``effects`` has a row per condition and outcome; ``responses`` averages over all axes but one or two, for curves and
heat maps. Outcomes are processed a few at a time, so that memory does not grow with their number.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.special import stdtrit

from sim.comparing.stated import within_range
from sim.files.storage import seal_of, write_table
from sim.outcomes import BY_NAME
from sim.runs.reuse import DERIVED
from sim.stats.ordered import ordered_mean, ordered_variance
from sim.sweeps.folder import Sweep, locked, open_sweep, read_rows, row_files
from sim.sweeps.monitor import state_of

EFFECTS, RESPONSES = "effects.parquet", "responses.parquet"
DRAFTS = ".tables-"
LOCK_SECONDS = 600.0  # seconds to wait for another process that writes the tables
LABEL_COLUMNS = ("family", "unit", "better")
VALUES_AT_ONCE = 3_000_000  # values per batch of outcomes, some 300 MB
MOST_CROSSED = 4  # axes whose pairs are crossed
MOST_LEVELS = 60  # values at most of an axis that is crossed
FEW_IN_BIN, MOST_BINS = 5, 10
LEVEL_COLUMNS: dict[str, Any] = {
    "scenario": pl.String, "axis": pl.String, "place": pl.Int32, "level": pl.Float64, "name": pl.String,
    "low_end": pl.Float64, "high_end": pl.Float64, "by": pl.String, "by_place": pl.Int32, "by_level": pl.Float64,
    "by_name": pl.String,
}  # fmt: skip
MEAN_COLUMNS = ("value", "value_low", "value_high", "reference", "pairs", "difference", "low", "high")


def store_tables(folder: Path) -> list[str]:
    """Write both tables of the sweep in a folder, one process at a time.

    Files made from other tables or other counts of runs are deleted, and their names returned. Raises ``OSError`` if
    the disk is full.
    """
    sweep = open_sweep(folder)
    with locked(folder, "tables", wait=LOCK_SECONDS):
        before, runs = _seals(folder), _counts(sweep)
        for left in folder.glob(f"{DRAFTS}*"):
            shutil.rmtree(left, ignore_errors=True)
        levels = AxisLevels(sweep)
        with tempfile.TemporaryDirectory(prefix=DRAFTS, dir=folder) as drafts:
            for number, both in enumerate(with_counterfactuals(sweep)):
                for name, table in ((EFFECTS, by_condition(sweep, both)), (RESPONSES, by_level(levels, both))):
                    write_table(Path(drafts) / f"{name}-{number:04}", table, lasting=False)
            for name in (EFFECTS, RESPONSES):
                pieces = pl.scan_parquet(sorted(Path(drafts).glob(f"{name}-*")), glob=False)
                write_table(folder / name, pieces, runs)
        if _seals(folder) == before:
            return []
        made = sorted(path for pattern in DERIVED for path in folder.glob(pattern))
        for path in made:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        return [path.name for path in made]


def tables_outdated(sweep: Sweep) -> bool:
    """Return whether the tables of a sweep are missing, or were made from other runs than those that have rows now."""
    try:
        known = [pl.read_parquet_metadata(sweep.folder / name) for name in (EFFECTS, RESPONSES)]
    except FileNotFoundError:
        return any(row_files(sweep.folder))
    except pl.exceptions.PolarsError:  # damaged; whoever reads them reports this
        return False
    counts = _counts(sweep).items()
    return any(not counts <= each.items() for each in known)


def _counts(sweep: Sweep) -> dict[str, str]:
    """Count the runs of a sweep, as the metadata of its tables do."""
    state = state_of(sweep)
    return {"planned": str(state.planned), "done": str(state.done), "failed": str(sum(state.failed.values()))}


def _seals(folder: Path) -> list[object]:
    """Return the checksums of the tables, which cover how many runs were planned, done and failed."""
    return [seal_of(path) for path in (folder / EFFECTS, folder / RESPONSES) if path.is_file()]


def with_counterfactuals(sweep: Sweep) -> Iterator[pl.DataFrame]:
    """Yield a few outcomes at a time of every run (``here``), joined with its counterfactual run (``there``).

    The columns are ``outcome``, ``condition``, ``replicate``, ``here`` and ``there``, null if there is no such run or
    the outcome is undefined in it. Failed runs are left out.
    """
    keys = ["condition", "replicate"]
    partners = sweep.plan.conditions.select("condition", pl.col("reference").alias("partner"))
    values = sweep.plan.values
    step = max(1, VALUES_AT_ONCE // sweep.size)
    for names in (values[start : start + step] for start in range(0, len(values), step)):
        rows = read_rows(sweep, [*keys, "error", *names]).filter(pl.col("error").is_null())
        here = rows.unpivot(names, index=keys, variable_name="outcome", value_name="here")
        here = here.with_columns(pl.col("outcome").cast(pl.Enum(names)), pl.col("here").cast(pl.Float64).fill_nan(None))
        there = here.rename({"condition": "partner", "here": "there"})
        both = here.join(partners, on="condition", how="left", maintain_order="left")
        joined = both.join(there, on=["outcome", "partner", "replicate"], how="left", maintain_order="left")
        yield joined.drop("partner")


def by_condition(sweep: Sweep, both: pl.DataFrame) -> pl.DataFrame:
    """Compare outcomes in all conditions with their counterfactuals, replicate by replicate.

    ``both`` is a table of ``with_counterfactuals``. ``value`` and, where there is a counterfactual, ``difference`` have
    95 % intervals over replicates, null for a single one. Differences vary little because both runs share their random
    numbers.
    """
    axes = [axis["column"] for axis in sweep.plan.axes]
    facts = sweep.plan.conditions.select("condition", "scenario", "is_reference", "point", *axes)
    found = both.group_by("outcome", "condition", maintain_order=True).agg(**_sums()).sort("outcome", "condition")
    found = found.join(facts, on="condition", how="inner", maintain_order="left")
    return _with_intervals(found).select(*facts.columns, "outcome", *LABEL_COLUMNS, "replicates", *MEAN_COLUMNS)


def by_level(levels: "AxisLevels", both: pl.DataFrame) -> pl.DataFrame:
    """Average outcomes over all axes but one or two; one row per outcome, scenario, axis and level.

    ``both`` is a table of ``with_counterfactuals``. The second axis of a pair is in ``by``. Values of a sampled axis
    (Latin hypercube, Sobol) are binned into about equally many points; their intervals are over points, all others over
    replicates. At a level, replicates that lack a run do not count, nor do those without an outcome that others have.
    """
    known = both.join(levels.places, on="condition", how="inner", maintain_order="left")
    parts = [
        levels.named(_over_points(known, axis) if axis in levels.drawn else _over_replicates(known, axis), axis)
        for axis in levels.axes
    ]
    parts += [levels.named(_over_replicates(known, a, b), a, b) for a, b in levels.pairs]
    table = pl.concat(parts or [levels.named(_over_replicates(known).clear())], how="diagonal")
    found = _with_intervals(table.sort("outcome", maintain_order=True))
    return found.select(*LEVEL_COLUMNS, "outcome", *LABEL_COLUMNS, "over", "points", "replicates", *MEAN_COLUMNS)


def _sums(change: pl.Expr | None = None) -> dict[str, pl.Expr]:
    """Return the mean and spread of values and of differences, by default of ``here`` less ``there``."""
    here, there = pl.col("here"), pl.col("there")
    change = here - there if change is None else change
    return {
        "replicates": pl.len(), "pairs": change.count(), "count": here.count(),
        "value": ordered_mean(here), "value_spread": ordered_variance(here).sqrt(),
        "reference": ordered_mean(there.filter(here.is_not_null())),
        "difference": ordered_mean(change), "difference_spread": ordered_variance(change).sqrt(),
    }  # fmt: skip


def _over_replicates(known: pl.DataFrame, *axes: str) -> pl.DataFrame:
    """Average over points within each replicate; the spread is that between replicates."""
    keys = ["outcome", "scenario", *(f"place {axis}" for axis in axes)]
    each = known.group_by(*keys, "replicate").agg(
        points=pl.col("here").count(), paired=(pl.col("here") - pl.col("there")).count(),
        here=ordered_mean(pl.col("here")), there=ordered_mean(pl.col("there").filter(pl.col("here").is_not_null())),
    )  # fmt: skip
    whole = each.filter(pl.col("points") == pl.col("points").max().over(keys))
    whole = whole.with_columns(there=pl.when(pl.col("paired") == pl.col("points")).then("there"))
    found = whole.sort(*keys, "replicate").group_by(keys, maintain_order=True)
    means = found.agg(points=pl.col("points").first(), **_sums())
    return means.with_columns(over=pl.lit("replicates"))


def _over_points(known: pl.DataFrame, axis: str) -> pl.DataFrame:
    """Average over replicates and all listed values at each point; the spread is that between the points of a bin."""
    keys = ["outcome", "scenario", f"place {axis}"]
    each = known.group_by(*keys, "sampled").agg(
        runs=pl.col("replicate").n_unique(), here=ordered_mean(pl.col("here")),
        there=ordered_mean(pl.col("there").filter(pl.col("here").is_not_null())),
        change=ordered_mean(pl.col("here") - pl.col("there")),
    )  # fmt: skip
    found = each.sort(*keys, "sampled").group_by(keys, maintain_order=True)
    means = found.agg(points=pl.col("here").count(), runs=pl.col("runs").max(), **_sums(pl.col("change")))
    return means.with_columns(replicates=pl.col("runs").cast(pl.UInt32), over=pl.lit("points"))


def _with_intervals(found: pl.DataFrame) -> pl.DataFrame:
    """Add the labels of outcomes, and 95 % intervals from the number of observations in ``count`` and ``pairs``."""
    value, difference = pl.col("value"), pl.col("difference")
    half = _half_width(found["value_spread"], found["count"])
    half_difference = _half_width(found["difference_spread"], found["pairs"])
    found = with_labels(found).with_columns(
        value_low=value - half, value_high=value + half, low=difference - half_difference,
        high=difference + half_difference,
    )  # fmt: skip
    return within_range(within_range(found, differences=True), differences=False, columns=("value_low", "value_high"))


def with_labels(found: pl.DataFrame, labels: Sequence[str] = LABEL_COLUMNS) -> pl.DataFrame:
    """Add the labels of outcomes; they are empty for outcomes that the model does not have."""
    outcome = pl.col("outcome").cast(pl.String)
    known = {label: {name: getattr(row, label) for name, row in BY_NAME.items()} for label in labels}
    texts = {label: outcome.replace_strict(words, default="") for label, words in known.items()}
    return found.with_columns(outcome=outcome, **texts)


def _half_width(spread: pl.Series, count: pl.Series) -> pl.Series:
    """Return half the width of a 95 % Student's t interval of a mean; null for a single observation."""
    number = count.cast(pl.Float64).fill_null(0.0).to_numpy()
    error = spread.cast(pl.Float64).fill_null(np.nan).to_numpy() / np.sqrt(np.maximum(number, 1.0))
    quantile = stdtrit(np.maximum(number - 1.0, 1.0), 0.975)
    width = np.where(number < 2, np.nan, np.where(error == 0, 0.0, quantile * error))
    return pl.Series(width, dtype=pl.Float64).fill_nan(None)


class AxisLevels:
    """The levels of the axes of a sweep, and the level of each condition. Axes with a sampled range have bins."""

    def __init__(self, sweep: Sweep) -> None:
        plan = sweep.plan
        mine = plan.conditions.filter(~pl.col("is_reference"))
        self.axes = [axis["column"] for axis in plan.axes if mine[axis["column"]].n_unique() > 1]
        sampled = [axis["column"] for axis in plan.axes if plan.method in ("lhs", "sobol") and axis["low"] is not None]
        whole = {name for name in sampled if mine.schema[name].is_integer() and mine[name].n_unique() <= MOST_BINS}
        self.drawn = {name for name in sampled if name in self.axes} - whole
        fixed = [name for name in self.axes if name not in self.drawn][:MOST_CROSSED]
        few = [name for name in fixed if mine[name].n_unique() <= MOST_LEVELS]
        self.pairs = [] if plan.method == "list" else list(combinations(few, 2))
        self.tables: Mapping[str, pl.DataFrame] = {
            name: _bins(mine[name]) if name in self.drawn else _levels(mine[name]) for name in self.axes
        }
        placed = [
            mine.select(name).join(self.tables[name], on=name, how="left", maintain_order="left")["place"]
            .alias(f"place {name}") for name in self.axes
        ]  # fmt: skip
        point = pl.struct(sorted(self.drawn) or "condition").rank("dense").alias("sampled")
        self.places = mine.select("condition", "scenario", point).with_columns(placed)

    def named(self, found: pl.DataFrame, axis: str | None = None, by: str | None = None) -> pl.DataFrame:
        """Add the values and names of levels to a table with their places; the result has all ``LEVEL_COLUMNS``."""
        table = found.with_columns(axis=pl.lit(axis, pl.String), by=pl.lit(by, pl.String))
        for column, prefix in ((axis, ""), (by, "by_")):
            if column:
                facts = self.tables[column].drop(column).unique("place")
                facts = facts.rename({name: f"{prefix}{name}" for name in facts.columns})
                table = table.rename({f"place {column}": f"{prefix}place"})
                table = table.join(facts, on=f"{prefix}place", how="left", maintain_order="left")
        missing = [pl.lit(None, kind).alias(name) for name, kind in LEVEL_COLUMNS.items() if name not in table.columns]
        return table.with_columns(missing)


def _levels(values: pl.Series) -> pl.DataFrame:
    """List the values of an axis: numbers by size, words in order of appearance."""
    numeric, none = values.dtype.is_numeric(), pl.lit(None, pl.Float64)
    kept = values.unique().sort() if numeric else values.unique(maintain_order=True)
    names = [
        f"{each:g}" if isinstance(each, float) else str(each).lower() if isinstance(each, bool) else str(each)
        for each in kept
    ]
    return pl.DataFrame(kept).with_columns(
        place=pl.Series(range(len(kept)), dtype=pl.Int32), name=pl.Series(names, dtype=pl.String),
        level=pl.col(kept.name).cast(pl.Float64) if numeric else none, low_end=none, high_end=none,
    )  # fmt: skip


def _bins(values: pl.Series) -> pl.DataFrame:
    """Bin the values of an axis into about equally many points."""
    kept = values.unique().sort()
    count = min(max(len(kept) // FEW_IN_BIN, 2), MOST_BINS)
    table = pl.DataFrame({
        kept.name: kept, "value": kept.cast(pl.Float64),
        "place": pl.Series(np.arange(len(kept)) * count // len(kept), dtype=pl.Int32),
    })  # fmt: skip
    number, bin_of = pl.col("value"), "place"
    return table.with_columns(
        level=number.mean().over(bin_of), low_end=number.min().over(bin_of), high_end=number.max().over(bin_of),
        name=pl.lit(None, pl.String),
    ).drop("value")  # fmt: skip
