"""Many questions at once: what survives when an analyst looks at many scenarios and many outcomes.

Of twenty 95 % intervals about one misses by chance. Within a family of outcomes, over all scenarios of a comparison,
Holm's rule keeps the chance of even one false discovery at 5 %, whatever the dependence between the outcomes; the
simultaneous intervals (Bonferroni) all hold together with 95 %. Only effects on everybody are judged in this way:
groups are for looking closer, not for discovering.
"""

import numpy as np
import polars as pl
from scipy.special import stdtr, stdtrit

HIDDEN = ("standard_error", "freedom")  # needed here, not stored
LEVEL = 0.05


def judged(rows: pl.DataFrame) -> pl.DataFrame:
    """Add p values, their correction, and simultaneous intervals to the effects of one or several scenarios.

    Parameters
    ----------
    rows : pl.DataFrame
        From ``sim.comparing.effects.contrasts``, of all scenarios that are looked at together.

    Returns
    -------
    pl.DataFrame
        The same rows with ``p_value`` (two-sided, Student's t of the jackknife), ``p_holm`` (Holm over all scenarios
        and outcomes of the same family), ``low_simultaneous`` and ``high_simultaneous`` (Bonferroni over the same set).
        The last three are null for groups, and all where a single firm gives no interval.
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
    added = {"p_value": p, "p_holm": holm, "low_simultaneous": low, "high_simultaneous": high}
    return rows.drop(HIDDEN).with_columns(pl.Series(name, values).fill_nan(None) for name, values in added.items())


def _holm(p: np.ndarray) -> np.ndarray:
    """Correct p values by Holm's rule; the function of statsmodels collects all garbage of the process at each call."""
    order = np.argsort(p)
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return np.minimum(raised, 1.0)[np.argsort(order)]
