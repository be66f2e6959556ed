"""The order in which rule sets are listed, and below how many firms their chances need a warning."""

import math

import polars as pl

FEW = 10  # firms; below, chances rest on a variance that is hardly known


def best_first(frame: pl.DataFrame) -> pl.DataFrame:
    """Order rule sets by what is printed first of them.

    Parameters
    ----------
    frame : pl.DataFrame
        Rows of the table ``ranking``, of one outcome.

    Returns
    -------
    pl.DataFrame
        By the chance of being best, from high to low; ties by the expected rank, then as they were listed; rows
        without chances last.
    """
    by = [-pl.col("probability_best").fill_nan(None), pl.col("expected_rank").fill_nan(None)]
    return frame.sort(by, nulls_last=True, maintain_order=True)


def chance(probability: float | None) -> str:
    """Write a chance in per cent, without the sign.

    Parameters
    ----------
    probability : float | None
        Between 0 and 1, or nothing.

    Returns
    -------
    str
        Whole per cent; what is not sure is never written as 0 or 100.
    """
    if probability is None or math.isnan(probability):
        return "–"
    if 0 < probability < 0.01:
        return "<1"
    return ">99" if 0.99 < probability < 1 else f"{100 * probability:.0f}"
