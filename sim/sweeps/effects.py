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

from sim.files.storage import write_table
from sim.outcomes import BY_NAME
from sim.sweeps.folder import Sweep, scan

EFFECTS, RESPONSES = "effects.parquet", "responses.parquet"
DRAFTS = ".tables-"
LABELS = ("family", "unit", "better")
AT_ONCE = 3_000_000  # values per batch of outcomes, some 300 MB
CROSSED = 4  # axes whose pairs are crossed
MOST_LEVELS = 60  # values at most of an axis that is crossed
FEW_IN_BIN, MOST_BINS = 5, 10
PLACED: dict[str, Any] = {
    "scenario": pl.String, "axis": pl.String, "place": pl.Int32, "level": pl.Float64, "name": pl.String,
    "low_end": pl.Float64, "high_end": pl.Float64, "by": pl.String, "by_place": pl.Int32, "by_level": pl.Float64,
    "by_name": pl.String,
}  # fmt: skip


def effects(sweep: Sweep) -> pl.DataFrame:
    """Compare every condition with its counterfactual, replicate by replicate; one row per outcome and condition.

    ``value`` and, where there is a counterfactual, ``difference`` have 95 % intervals over replicates, null for a
    single one. Differences vary little because both runs share their random numbers. Failed runs, and runs without
    their counterpart, do not count in differences.
    """
    return pl.concat([by_condition(sweep, both) for both in paired(sweep)])


def responses(sweep: Sweep) -> pl.DataFrame:
    """Average effects over all axes but one or two; one row per outcome, scenario, axis and level.

    The second axis of a pair is in ``by``. Values of an axis that was sampled (Latin hypercube, Sobol) are binned into
    about equally many points; their intervals are over points, all others over replicates. At a level, replicates that
    lack a run do not count.
    """
    levels = Levels(sweep)
    return pl.concat([by_level(levels, both) for both in paired(sweep)])


def store(sweep: Sweep) -> None:
    """Write both tables into the folder of a sweep; no other process may write them.

    Raises ``OSError`` if the disk is full.
    """
    for left in sweep.folder.glob(f"{DRAFTS}*"):
        shutil.rmtree(left, ignore_errors=True)
    levels = Levels(sweep)
    with tempfile.TemporaryDirectory(prefix=DRAFTS, dir=sweep.folder) as drafts:
        for number, both in enumerate(paired(sweep)):
            for name, table in ((EFFECTS, by_condition(sweep, both)), (RESPONSES, by_level(levels, both))):
                write_table(Path(drafts) / f"{name}-{number:04}", table, lasting=False)
        for name in (EFFECTS, RESPONSES):
            pieces = pl.scan_parquet(sorted(Path(drafts).glob(f"{name}-*")), glob=False)
            write_table(sweep.folder / name, pieces)


def paired(sweep: Sweep) -> Iterator[pl.DataFrame]:
    """Yield a few outcomes at a time of every run (``here``), joined with its counterfactual run (``there``).

    The columns are ``outcome``, ``condition``, ``replicate``, ``here`` and ``there``, null where there is no
    such run. Failed runs are left out.
    """
    keys = ["condition", "replicate"]
    partners = sweep.plan.conditions.select("condition", pl.col("reference").alias("partner"))
    values = sweep.plan.values
    step = max(1, AT_ONCE // sweep.size)
    for names in (values[start : start + step] for start in range(0, len(values), step)):
        rows = scan(sweep, [*keys, "error", *names]).filter(pl.col("error").is_null())
        here = rows.unpivot(names, index=keys, variable_name="outcome", value_name="here")
        here = here.with_columns(pl.col("outcome").cast(pl.Enum(names)))
        there = here.rename({"condition": "partner", "here": "there"})
        both = here.join(partners, on="condition", how="left", maintain_order="left")
        joined = both.join(there, on=["outcome", "partner", "replicate"], how="left", maintain_order="left")
        yield joined.drop("partner")


def by_condition(sweep: Sweep, both: pl.DataFrame) -> pl.DataFrame:
    """Compare outcomes in all conditions; ``both`` is a table of ``paired``."""
    axes = [axis["column"] for axis in sweep.plan.axes]
    facts = sweep.plan.conditions.select("condition", "scenario", "is_reference", "point", *axes)
    found = both.group_by("outcome", "condition", maintain_order=True).agg(**_sums()).sort("outcome", "condition")
    found = found.join(facts, on="condition", how="inner", maintain_order="left")
    return _judged(found).select(
        *facts.columns, "outcome", *LABELS, "replicates", "value", "value_low", "value_high", "reference", "pairs",
        "difference", "low", "high",
    )  # fmt: skip


def by_level(levels: "Levels", both: pl.DataFrame) -> pl.DataFrame:
    """Average outcomes over all axes but one or two; ``both`` is a table of ``paired``."""
    known = both.join(levels.places, on="condition", how="inner", maintain_order="left")
    parts = [
        levels.named(
            _over_points(known, [axis]) if axis in levels.drawn else _over_replicates(known, [axis]), axis, None
        )
        for axis in levels.axes
    ]
    parts += [levels.named(_over_replicates(known, [a, b]), a, b) for a, b in levels.pairs]
    empty = pl.DataFrame(schema=PLACED)
    table = pl.concat([part for part in parts if part.height], how="diagonal") if any(p.height for p in parts) else None
    if table is None:
        table = empty.with_columns(
            *(pl.lit(None, pl.UInt32).alias(name) for name in ("replicates", "pairs", "points")),
            *(pl.lit(None, pl.Float64).alias(name) for name in _sums() if name not in ("replicates", "pairs")),
            outcome=pl.lit(None, pl.String),
            over=pl.lit(None, pl.String),
        )
    return _judged(table.sort("outcome", maintain_order=True)).select(
        *PLACED, "outcome", *LABELS, "over", "points", "replicates", "value", "value_low", "value_high", "reference",
        "pairs", "difference", "low", "high",
    )  # fmt: skip


def _sums() -> dict[str, pl.Expr]:
    """Return the mean and spread of values and of differences."""
    here, there = pl.col("here"), pl.col("there")
    change = here - there
    return {
        "replicates": pl.len(), "value": here.mean(), "value_spread": here.std(), "pairs": change.is_not_nan().sum(),
        "reference": there.mean(), "difference": change.mean(), "difference_spread": change.std(),
    }  # fmt: skip


def _over_replicates(known: pl.DataFrame, axes: Sequence[str]) -> pl.DataFrame:
    """Average over points within each replicate; the spread is that between replicates."""
    keys = ["outcome", "scenario", *(f"place {axis}" for axis in axes)]
    each = known.group_by(*keys, "replicate").agg(
        points=pl.len(), paired=pl.col("there").is_not_null().sum(), here=pl.col("here").mean(),
        there=pl.col("there").filter(pl.col("there").is_not_null() & pl.col("here").is_not_null()).mean(),
    )  # fmt: skip
    whole = each.filter(pl.col("points") == pl.col("points").max().over(keys))
    whole = whole.with_columns(there=pl.when(pl.col("paired") == pl.col("points")).then("there"))
    found = whole.sort(*keys, "replicate").group_by(keys, maintain_order=True)
    return found.agg(points=pl.col("points").first(), **_sums()).with_columns(over=pl.lit("replicates"))


def _over_points(known: pl.DataFrame, axes: Sequence[str]) -> pl.DataFrame:
    """Average over replicates at each point; the spread is that between the points of a bin."""
    keys = ["outcome", "scenario", *(f"place {axis}" for axis in axes)]
    each = known.group_by(*keys, "condition").agg(
        runs=pl.len(), here=pl.col("here").mean(), there=pl.col("there").mean(),
        change=(pl.col("here") - pl.col("there")).mean(),
    )  # fmt: skip
    each = each.with_columns(there=pl.col("here") - pl.col("change"))  # mean over the replicates with both
    found = each.sort(*keys, "condition").group_by(keys, maintain_order=True)
    most = found.agg(points=pl.len(), runs=pl.col("runs").max(), **_sums())
    return most.with_columns(replicates=pl.col("runs").cast(pl.UInt32), over=pl.lit("points")).drop("runs")


def _judged(found: pl.DataFrame) -> pl.DataFrame:
    """Add the labels of outcomes, and 95 % intervals."""
    name = pl.col("outcome").cast(pl.String)
    labels = {
        label: name.replace_strict(
            {known: str(getattr(row, label)) for known, row in BY_NAME.items()}, default="", return_dtype=pl.String
        )
        for label in LABELS
    }
    number = "points" if "points" in found.columns else "replicates"
    count = (
        pl.when(pl.col("over") == "points").then(number).otherwise("replicates") if "over" in found.columns else None
    )
    counts = found.select(here=count if count is not None else pl.col("replicates"), change=pl.col("pairs"))
    halves = {
        name: pl.Series(_half_width(found[f"{name}_spread"], counts[which]), dtype=pl.Float64)
        for name, which in (("value", "here"), ("difference", "change"))
    }
    return found.with_columns(
        outcome=name,
        **labels,
        value_low=pl.col("value") - halves["value"],
        value_high=pl.col("value") + halves["value"],
        low=pl.col("difference") - halves["difference"],
        high=pl.col("difference") + halves["difference"],
    )


def _half_width(spread: pl.Series, count: pl.Series) -> pl.Series:
    """Return half the width of a 95 % Student's t interval of a mean, null for a single observation."""
    number = count.cast(pl.Float64).fill_null(0.0).to_numpy()
    error = spread.cast(pl.Float64).fill_null(np.nan).to_numpy() / np.sqrt(np.maximum(number, 1.0))
    quantile = stdtrit(np.maximum(number - 1.0, 1.0), 0.975)
    width = np.where(number < 2, np.nan, np.where(error == 0, 0.0, quantile * error))
    return pl.Series(width).fill_nan(None)


class Levels:
    """The levels of the axes of a sweep, and the level of each condition. Axes with a sampled range have bins."""

    def __init__(self, sweep: Sweep) -> None:
        plan = sweep.plan
        mine = plan.conditions.filter(~pl.col("is_reference"))
        self.axes = [axis["column"] for axis in plan.axes if mine[axis["column"]].n_unique() > 1]
        self.drawn = {name for name in self.axes if _is_drawn(plan.method, mine[name])}
        fixed = [name for name in self.axes if name not in self.drawn][:CROSSED]
        few = [name for name in fixed if mine[name].n_unique() <= MOST_LEVELS]
        self.pairs = [] if plan.method == "list" else list(combinations(few, 2))
        self.tables: Mapping[str, pl.DataFrame] = {
            name: _bins(mine[name]) if name in self.drawn else _levels(mine[name]) for name in self.axes
        }
        placed = [
            mine.select(name).join(self.tables[name], on=name, how="left", maintain_order="left")["place"]
            .alias(f"place {name}") for name in self.axes
        ]  # fmt: skip
        self.places = mine.select("condition", "scenario").with_columns(placed)

    def named(self, found: pl.DataFrame, axis: str, by: str | None) -> pl.DataFrame:
        """Add the values and names of levels to a table with their places; the result has all columns of ``PLACED``."""
        facts = self.tables[axis].select("place", "level", "name", "low_end", "high_end").unique("place")
        table = found.rename({f"place {axis}": "place"}).join(facts, on="place", how="left", maintain_order="left")
        if by:
            theirs = self.tables[by].select("place", "level", "name").unique("place")
            theirs = theirs.rename({name: f"by_{name}" for name in theirs.columns})
            table = table.rename({f"place {by}": "by_place"}).join(
                theirs, on="by_place", how="left", maintain_order="left"
            )
        table = table.with_columns(axis=pl.lit(axis), by=pl.lit(by, pl.String))
        missing = [pl.lit(None, kind).alias(name) for name, kind in PLACED.items() if name not in table.columns]
        return table.with_columns(missing)


def _is_drawn(method: str, values: pl.Series) -> bool:
    """Check whether the values of an axis were sampled, so that most of them occur once."""
    return method in ("lhs", "sobol") and values.dtype.is_numeric() and values.n_unique() > MOST_BINS


def _levels(values: pl.Series) -> pl.DataFrame:
    """List the values of an axis: numbers by size, words in order of appearance."""
    numeric = values.dtype.is_numeric()
    kept = values.unique().sort() if numeric else values.unique(maintain_order=True)
    words = [
        f"{value:g}" if numeric else str(value).lower() if isinstance(value, bool) else str(value) for value in kept
    ]
    return pl.DataFrame({
        kept.name: kept, "place": pl.Series(range(len(kept)), dtype=pl.Int32),
        "level": kept.cast(pl.Float64) if numeric else pl.Series([None] * len(kept), dtype=pl.Float64),
        "name": pl.Series(words, dtype=pl.String),
        "low_end": pl.Series([None] * len(kept), dtype=pl.Float64),
        "high_end": pl.Series([None] * len(kept), dtype=pl.Float64),
    })  # fmt: skip


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
