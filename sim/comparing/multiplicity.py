"""Corrections for multiple testing over scenarios and outcomes.

Within a family of outcomes, over all scenarios of a comparison, Holm's method bounds the chance of any false discovery
by 5 % under any dependence. The simultaneous intervals (Bonferroni) cover mean effects jointly with 95 % or more, and
effects at other parameters where these spread them normally. Only effects on everybody are tested: subgroups are
exploratory.
"""

import numpy as np
import polars as pl
from scipy.special import stdtr, stdtrit

from sim.comparing.stated import possible
from sim.stats.variance import LEVEL

HIDDEN = ("standard_error", "freedom")  # needed here, not stored
SIMULTANEOUS = ("low_simultaneous", "high_simultaneous")


def corrected(rows: pl.DataFrame) -> pl.DataFrame:
    """Add two-sided p values (Student's t), Holm's correction and simultaneous intervals to rows of ``contrasts``.

    All rows given count as one set of tests, corrected within each family. Corrections are null for subgroups, and all
    added columns are null where too few firms give no interval.
    """
    difference, error, freedom = (rows[name].to_numpy() for name in ("difference", *HIDDEN))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2.0 * stdtr(freedom, -np.abs(difference / error))
    p = np.where(error == 0, np.where(difference == 0, 1.0, 0.0), p)
    holm, low, high = (np.full(rows.height, np.nan) for _ in range(3))
    everybody = (rows["group"] == "all").to_numpy() & ~np.isnan(p)
    families = rows["family"].to_numpy()
    for family in np.unique(families[everybody]):
        those = np.flatnonzero(everybody & (families == family))
        holm[those] = _holm(p[those])
        quantile = stdtrit(freedom[those], 1.0 - LEVEL / 2 / len(those))
        half = np.where(error[those] == 0, 0.0, quantile * error[those])
        low[those], high[those] = difference[those] - half, difference[those] + half
    added = {"p_value": p, "p_holm": holm} | dict(zip(SIMULTANEOUS, (low, high), strict=True))
    found = rows.drop(HIDDEN).with_columns(pl.Series(name, values).fill_nan(None) for name, values in added.items())
    return possible(found, differences=True, columns=SIMULTANEOUS)


def _holm(p: np.ndarray) -> np.ndarray:
    """Correct p values by Holm's method."""
    order = np.argsort(p)
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return np.minimum(raised, 1.0)[np.argsort(order)]
