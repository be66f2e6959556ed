"""Effects within a sweep: each scenario at each point against its own world to compare with, on the same draws.

Two tables are made of the rows. ``effects`` has a row for every condition and outcome; ``responses`` averages them over
all axes but one or two, which is what curves and heat maps show. Both are made some outcomes at a time, so that memory
does not grow with their number.
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

from sim.files import write_table
from sim.outcomes import BY_NAME
from sim.sweeps.folder import Sweep, scan

EFFECTS, RESPONSES = "effects.parquet", "responses.parquet"
DRAFTS = ".tables-"
LABELS = ("family", "unit", "better")
AT_ONCE = 12  # outcomes that are read together
CROSSED = 4  # axes of which each pair is crossed
MOST_LEVELS = 60  # values of an axis that is crossed with another
FEW_IN_BIN, MOST_BINS = 5, 10
PLACED: dict[str, Any] = {
    "scenario": pl.String, "axis": pl.String, "place": pl.Int32, "level": pl.Float64, "name": pl.String,
    "low_end": pl.Float64, "high_end": pl.Float64, "by": pl.String, "by_place": pl.Int32, "by_level": pl.Float64,
    "by_name": pl.String,
}  # fmt: skip


def effects(sweep: Sweep) -> pl.DataFrame:
    """Compare every condition with its partner, replicate by replicate.

    Parameters
    ----------
    sweep : Sweep
        The sweep; failed runs, and runs whose partner failed or is missing, do not count in differences.

    Returns
    -------
    pl.DataFrame
        One row per outcome and condition: scenario, values of axes, ``value`` with a 95 % interval over replicates, and
        for conditions that are compared ``difference`` with its own, narrow because partners share their draws.
        Intervals are null for a single replicate, of whose like nothing is known.
    """
    return pl.concat([by_condition(sweep, outcome, both) for outcome, both in paired(sweep)])


def responses(sweep: Sweep) -> pl.DataFrame:
    """Average effects over all axes but one, or but two.

    Parameters
    ----------
    sweep : Sweep
        The sweep.

    Returns
    -------
    pl.DataFrame
        One row per outcome, scenario, axis and level, and for pairs of axes per level of the second (``by``). Values of
        an axis that was drawn (Latin hypercube, Sobol) are put into bins of about as many points; their intervals are
        over points, all others over replicates. Replicates that lack a run of a level do not count there.
    """
    levels = Levels(sweep)
    return pl.concat([by_level(sweep, levels, outcome, both) for outcome, both in paired(sweep)])


def store(sweep: Sweep) -> None:
    """Write both tables into the folder of a sweep.

    Parameters
    ----------
    sweep : Sweep
        The sweep, whose tables nobody else writes now. A full disk comes up as it is.
    """
    for left in sweep.folder.glob(f"{DRAFTS}*"):
        shutil.rmtree(left, ignore_errors=True)
    levels = Levels(sweep)
    with tempfile.TemporaryDirectory(prefix=DRAFTS, dir=sweep.folder) as drafts:
        for number, (outcome, both) in enumerate(paired(sweep)):
            for name, table in (
                (EFFECTS, by_condition(sweep, outcome, both)), (RESPONSES, by_level(sweep, levels, outcome, both))
            ):  # fmt: skip
                write_table(Path(drafts) / f"{name}-{number:04}", table, lasting=False)
        for name in (EFFECTS, RESPONSES):
            pieces = pl.scan_parquet(sorted(Path(drafts).glob(f"{name}-*")), glob=False)
            write_table(sweep.folder / name, pieces)


def paired(sweep: Sweep) -> Iterator[tuple[str, pl.DataFrame]]:
    """Put every run beside that of its partner on the same draws.

    Parameters
    ----------
    sweep : Sweep
        The sweep.

    Yields
    ------
    tuple[str, pl.DataFrame]
        Outcome, and its numbers: condition, replicate, here, and there, which is null without a partner.
    """
    keys = ["condition", "replicate"]
    partners = sweep.plan.conditions.select("condition", pl.col("reference").alias("partner"))
    values = sweep.plan.values
    for start in range(0, len(values), AT_ONCE):
        names = values[start : start + AT_ONCE]
        rows = scan(sweep, [*keys, "error", *names]).filter(pl.col("error").is_null()).drop("error")
        for name in names:
            here = rows.select(*keys, pl.col(name).alias("here"))
            there = here.rename({"condition": "partner", "here": "there"})
            both = here.join(partners, on="condition", how="left", maintain_order="left")
            yield name, both.join(there, on=["partner", "replicate"], how="left", maintain_order="left").drop("partner")


def by_condition(sweep: Sweep, outcome: str, both: pl.DataFrame) -> pl.DataFrame:
    """Compare one outcome in all conditions.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    outcome : str
        The outcome.
    both : pl.DataFrame
        From ``paired``.

    Returns
    -------
    pl.DataFrame
        One row per condition.
    """
    axes = [axis["column"] for axis in sweep.plan.axes]
    facts = sweep.plan.conditions.select("condition", "scenario", "is_reference", "point", *axes)
    found = both.group_by("condition", maintain_order=True).agg(**_sums()).sort("condition")
    found = facts.join(found, on="condition", how="inner", maintain_order="left")
    return _judged(found, outcome).select(
        *facts.columns, "outcome", *LABELS, "replicates", "value", "value_low", "value_high", "reference", "pairs",
        "difference", "low", "high",
    )  # fmt: skip


def by_level(sweep: Sweep, levels: "Levels", outcome: str, both: pl.DataFrame) -> pl.DataFrame:
    """Average one outcome over all axes but one or two.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    levels : Levels
        Of its axes.
    outcome : str
        The outcome.
    both : pl.DataFrame
        From ``paired``.

    Returns
    -------
    pl.DataFrame
        One row per scenario, axis and level, and pair of levels.
    """
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
            over=pl.lit(None, pl.String),
        )
    return _judged(table, outcome).select(
        *PLACED, "outcome", *LABELS, "over", "points", "replicates", "value", "value_low", "value_high", "reference",
        "pairs", "difference", "low", "high",
    )  # fmt: skip


def _sums() -> dict[str, pl.Expr]:
    """Mean and spread of values and of differences."""
    here, there = pl.col("here"), pl.col("there")
    change = here - there
    return {
        "replicates": pl.len(), "value": here.mean(), "value_spread": here.std(), "pairs": change.is_not_nan().sum(),
        "reference": there.mean(), "difference": change.mean(), "difference_spread": change.std(),
    }  # fmt: skip


def _over_replicates(known: pl.DataFrame, axes: Sequence[str]) -> pl.DataFrame:
    """Average over points within each replicate, and see how much replicates differ."""
    keys = ["scenario", *(f"place {axis}" for axis in axes)]
    each = known.group_by(*keys, "replicate").agg(
        points=pl.len(), paired=pl.col("there").is_not_null().sum(), here=pl.col("here").mean(),
        there=pl.col("there").filter(pl.col("there").is_not_null() & pl.col("here").is_not_null()).mean(),
    )  # fmt: skip
    whole = each.filter(pl.col("points") == pl.col("points").max().over(keys))
    whole = whole.with_columns(there=pl.when(pl.col("paired") == pl.col("points")).then("there"))
    found = whole.sort(*keys, "replicate").group_by(keys, maintain_order=True)
    return found.agg(points=pl.col("points").first(), **_sums()).with_columns(over=pl.lit("replicates"))


def _over_points(known: pl.DataFrame, axes: Sequence[str]) -> pl.DataFrame:
    """Average over replicates at each point, and see how much points of a bin differ."""
    keys = ["scenario", *(f"place {axis}" for axis in axes)]
    each = known.group_by(*keys, "condition").agg(
        runs=pl.len(), here=pl.col("here").mean(), there=pl.col("there").mean(),
        change=(pl.col("here") - pl.col("there")).mean(),
    )  # fmt: skip
    each = each.with_columns(there=pl.col("here") - pl.col("change"))  # of the replicates that have both
    found = each.sort(*keys, "condition").group_by(keys, maintain_order=True)
    most = found.agg(points=pl.len(), runs=pl.col("runs").max(), **_sums())
    return most.with_columns(replicates=pl.col("runs").cast(pl.UInt32), over=pl.lit("points")).drop("runs")


def _judged(found: pl.DataFrame, outcome: str) -> pl.DataFrame:
    """Add the name of an outcome and intervals."""
    known = BY_NAME.get(outcome)
    labels = {name: pl.lit(str(getattr(known, name)) if known else "") for name in LABELS}
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
        outcome=pl.lit(outcome),
        **labels,
        value_low=pl.col("value") - halves["value"],
        value_high=pl.col("value") + halves["value"],
        low=pl.col("difference") - halves["difference"],
        high=pl.col("difference") + halves["difference"],
    )


def _half_width(spread: pl.Series, count: pl.Series) -> pl.Series:
    """Half of a 95 % interval of a mean, by Student's t; null for a single one."""
    number = count.cast(pl.Float64).fill_null(0.0).to_numpy()
    error = spread.cast(pl.Float64).fill_null(np.nan).to_numpy() / np.sqrt(np.maximum(number, 1.0))
    quantile = stdtrit(np.maximum(number - 1.0, 1.0), 0.975)
    width = np.where(number < 2, np.nan, np.where(error == 0, 0.0, quantile * error))
    return pl.Series(width).fill_nan(None)


class Levels:
    """Levels of the axes of a sweep, and at which each condition stands.

    Parameters
    ----------
    sweep : Sweep
        The sweep. An axis with a range in a Latin hypercube or Sobol's sequence has bins.
    """

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
        """Write what levels are beside their places.

        Parameters
        ----------
        found : pl.DataFrame
            With places.
        axis : str
            The axis.
        by : str | None
            A second one.

        Returns
        -------
        pl.DataFrame
            With all columns of ``PLACED``.
        """
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
    """Tell whether the values of an axis were drawn: then most of them stand alone."""
    return method in ("lhs", "sobol") and values.dtype.is_numeric() and values.n_unique() > MOST_BINS


def _levels(values: pl.Series) -> pl.DataFrame:
    """List the values of an axis in their order, numbers by size and words as they come."""
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
    """Put the values of an axis into bins of about as many points."""
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
