"""Which intervals and probabilities are stated: those over enough firms, cut at the range of an outcome and corrected.

An interval over very few firms mostly shows how large the quantile of Student's t is; with two firms it reaches 13
standard errors to each side. Coverage was tested from ``FEWEST`` firms on (``sim.outcomes.half_width``). The part of an
interval outside the range of an outcome is cut off, because the truth cannot lie there.

Within a family of outcomes, over all scenarios of a comparison, Holm's method keeps the chance of any false discovery
below 5 % under any dependence. The simultaneous intervals (Bonferroni) cover mean effects jointly with 95 % or more,
and effects at other parameters nearly so if parameters spread them normally. Both keep the skew of the posterior: on
each side of its median they take the distance to the end of its 95 % interval as that of Student's t. So a p value is
below 5 % exactly where that interval excludes zero. Only effects on everybody are tested; subgroups are exploratory.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.special import stdtr, stdtrit

from sim.outcomes import FEWEST, SIGNED, WHOLE
from sim.stats.variance import SIGNIFICANCE

ENDS = ("mean_low", "mean_high", "low", "low_50", "median", "high_50", "high")
SPREAD = (  # columns that depend on the spread between firms; point estimates do not
    *ENDS, "low_error", "high_error", "share_lower", "share_higher", "half_chance", "half_parameters", "below", "above",
    "displaced_low", "displaced_high", "displaced_half_chance", "displaced_half_parameters",
)  # fmt: skip
RANK_COLUMNS = ("probability_best", "expected_rank", "regret", "regret_high")  # the same columns of a ranking
RELATIVE = {"relative": "difference", "relative_low": "low", "relative_high": "high"}
HIDDEN = ("centre", "below", "above", "freedom")  # needed here, but not stored
SIMULTANEOUS = ("low_simultaneous", "high_simultaneous")


def stated(frame: pl.DataFrame, columns: Sequence[str] = SPREAD, low: str = "low", high: str = "high") -> pl.DataFrame:
    """Set columns to null in rows with fewer than ``FEWEST`` ``firms``, unless the interval is exactly zero.

    Columns of a group whose interval is exactly zero are also null if that of everybody is not: few of its people did
    anything, so the possible error is not visible.
    """
    nothing = ((pl.col(low) == 0) & (pl.col(high) == 0)).fill_null(value=False)
    everybody = (nothing & (pl.col("group") == "all")).any().over("outcome") if "group" in frame.columns else nothing
    return _null_unless(frame, columns, pl.when(nothing).then(everybody).otherwise(pl.col("firms") >= FEWEST))


def stated_ranks(frame: pl.DataFrame) -> pl.DataFrame:
    """Set the ``RANK_COLUMNS`` to null as ``stated`` does; they stay where all rule sets are equal."""
    alike = (pl.col("regret_high") == 0).all().over("outcome").fill_null(value=False)
    return _null_unless(frame, RANK_COLUMNS, alike | (pl.col("firms") >= FEWEST))


def _null_unless(frame: pl.DataFrame, columns: Sequence[str], kept: pl.Expr) -> pl.DataFrame:
    return frame.with_columns(pl.when(kept).then(name).alias(name) for name in columns if name in frame.columns)


def within_range(frame: pl.DataFrame, differences: bool, columns: Sequence[str] = ENDS) -> pl.DataFrame:
    """Cut intervals at the range of an outcome in ``unit``: for values, or for changes if ``differences``.

    An outcome at zero cannot fall, and one that ends at zero cannot have risen; that sign also gets no posterior share.
    """
    whole, signed = pl.col("unit").is_in(WHOLE), _signed()
    least: pl.Expr = pl.when(whole).then(-1.0) if differences else pl.when(~signed).then(0.0)
    most: pl.Expr = pl.when(whole).then(1.0)
    if differences and "baseline" in frame.columns:
        least = pl.when(~signed & (pl.col("baseline") == 0)).then(0.0).otherwise(least)
        most = pl.when(~signed & (pl.col("scenario_value") == 0)).then(0.0).otherwise(most)
    ends = [pl.col(name).clip(least, most) for name in columns if name in frame.columns]
    signs = {"share_lower": least, "share_higher": most} if differences else {}
    shares = (pl.when(end == 0).then(pl.col(name) * 0.0).otherwise(name).alias(name) for name, end in signs.items())
    return frame.with_columns(*ends, *(each for each in shares if each.meta.output_name() in frame.columns))


def with_relative(frame: pl.DataFrame) -> pl.DataFrame:
    """Add differences and the ends of their intervals as shares of the size of ``baseline``; null where that is zero.

    They are also null for scores, which have no natural zero. Only outcomes that can be negative may fall by more than
    100 %.
    """
    size, least = pl.col("baseline").abs(), pl.when(~_signed()).then(-1.0)
    shares = (
        pl.when(size > 0, pl.col("unit") != "sd").then(pl.col(of) / size).clip(least).alias(name)
        for name, of in RELATIVE.items()
    )
    return frame.with_columns(shares)


def _signed() -> pl.Expr:
    return (pl.col("unit") == "sd") | pl.col("outcome").cast(pl.String).is_in(SIGNED)


def corrected(rows: pl.DataFrame) -> pl.DataFrame:
    """Add two-sided p values, Holm's correction and simultaneous intervals to rows of ``contrasts``.

    Of these, ``centre`` is the median, ``below`` and ``above`` are the distances to the ends of the 95 % interval, not
    yet cut at the range of the outcome, and ``freedom`` gives the Student's t by which they are made wider. All given
    rows count as one set of tests, corrected within each family. Corrections are null for subgroups, and all added
    columns are null where too few firms give no interval.
    """
    centre, below, above, freedom = (rows[name].to_numpy() for name in HIDDEN)
    towards_zero, usual = np.where(centre < 0, above, below), stdtrit(freedom, 1.0 - SIGNIFICANCE / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2.0 * stdtr(freedom, -usual * np.abs(centre) / towards_zero)
    p = np.where(towards_zero == 0, np.where(centre == 0, 1.0, 0.0), p)
    holm, low, high = (np.full(rows.height, np.nan) for _ in range(3))
    everybody = (rows["group"] == "all").to_numpy() & ~np.isnan(p)
    families = rows["family"].to_numpy()
    for family in np.unique(families[everybody]):
        those = np.flatnonzero(everybody & (families == family))
        holm[those] = _holm(p[those])
        wider = stdtrit(freedom[those], 1.0 - SIGNIFICANCE / 2 / len(those)) / usual[those]
        low[those], high[those] = centre[those] - wider * below[those], centre[those] + wider * above[those]
    added = {"p_value": p, "p_holm": holm} | dict(zip(SIMULTANEOUS, (low, high), strict=True))
    found = rows.drop(HIDDEN).with_columns(pl.Series(name, values).fill_nan(None) for name, values in added.items())
    return within_range(found, differences=True, columns=SIMULTANEOUS)


def _holm(p: np.ndarray) -> np.ndarray:
    order = np.argsort(p)
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return np.minimum(raised, 1.0)[np.argsort(order)]
