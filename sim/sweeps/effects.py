"""Effects within a sweep: each scenario at each point against its own world to compare with, on the same draws."""

import numpy as np
import polars as pl
from scipy.special import stdtrit

from sim.outcomes import BY_NAME
from sim.sweeps.folder import Sweep, scan

LABELS = ("family", "unit", "better")


def effects(sweep: Sweep) -> pl.DataFrame:
    """Compare every condition with its partner, replicate by replicate.

    Parameters
    ----------
    sweep : Sweep
        The sweep; failed runs, and runs whose partner failed or is missing, do not count in differences.

    Returns
    -------
    pl.DataFrame
        One row per condition and outcome: scenario, values of axes, ``value`` with a 95 % interval over replicates, and
        for conditions that are compared ``difference`` with its own, narrow because partners share their draws.
        Intervals are null for a single replicate, of whose like nothing is known.
    """
    rows = scan(sweep).filter(pl.col("error").is_null())
    partners = rows.select("condition", "replicate", *sweep.plan.values)
    keys = {"reference": "condition", "replicate": "replicate"}
    both = rows.join(partners, left_on=list(keys), right_on=list(keys.values()), how="left", suffix="_there")
    axes = [axis["column"] for axis in sweep.plan.axes]
    facts = rows.select("condition", "scenario", "is_reference", "point", *axes).unique("condition").sort("condition")
    parts = [_one(both, outcome) for outcome in sweep.plan.values]
    return facts.join(pl.concat(parts), on="condition", maintain_order="left") if parts else facts


def _one(both: pl.DataFrame, outcome: str) -> pl.DataFrame:
    """Compare one outcome in all conditions."""
    here, there = pl.col(outcome), pl.col(f"{outcome}_there")
    change = here - there
    found = both.group_by("condition", maintain_order=True).agg(
        replicates=pl.len(),
        value=here.mean(),
        value_spread=here.std(),
        pairs=change.is_not_nan().sum(),
        reference=there.mean(),
        difference=change.mean(),
        difference_spread=change.std(),
    )
    known = BY_NAME.get(outcome)
    labels = {name: pl.lit(str(getattr(known, name)) if known else "") for name in LABELS}
    halves = {
        name: pl.Series(_half_width(found[f"{name}_spread"], found[count]))
        for name, count in (("value", "replicates"), ("difference", "pairs"))
    }
    return found.with_columns(
        outcome=pl.lit(outcome),
        **labels,
        value_low=pl.col("value") - halves["value"],
        value_high=pl.col("value") + halves["value"],
        low=pl.col("difference") - halves["difference"],
        high=pl.col("difference") + halves["difference"],
    ).select(
        "condition", "outcome", *LABELS, "replicates", "value", "value_low", "value_high", "reference", "pairs",
        "difference", "low", "high",
    )  # fmt: skip


def _half_width(spread: pl.Series, count: pl.Series) -> pl.Series:
    """Half of a 95 % interval of a mean over replicates, by Student's t; null for a single one."""
    number = count.to_numpy().astype(np.float64)
    error = spread.cast(pl.Float64).fill_null(np.nan).to_numpy() / np.sqrt(np.maximum(number, 1.0))
    quantile = stdtrit(np.maximum(number - 1.0, 1.0), 0.975)
    width = np.where(number < 2, np.nan, np.where(error == 0, 0.0, quantile * error))
    return pl.Series(width).fill_nan(None)
