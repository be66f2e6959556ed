"""Sums, means and variances of groups, added up row by row, so that equal rows give equal bits.

Each function takes an expression of numbers and returns one number per group, for ``agg``. Polars adds up the rows of
a group in parts. How these are cut differs from call to call, on a single thread too (3 of 50,000 calls with 6,000 rows
and ``maintain_order``, one of three without, measured with Polars 2.1), and with it the last bits of floating-point
sums. Sums of integers do not need these functions, nor do those in fixed point (``sim.outcomes.fixed``), which do not
even depend on the order of rows.
"""

import polars as pl


def ordered_sum(values: pl.Expr) -> pl.Expr:
    """Sum what is not null; 0 of nothing."""
    return _running_total(values.drop_nulls()).fill_null(0.0)


def ordered_mean(values: pl.Expr) -> pl.Expr:
    """Average what is not null; null of nothing."""
    known = values.drop_nulls()
    return _running_total(known) / known.len()


def ordered_variance(values: pl.Expr) -> pl.Expr:
    """Return the variance of what is not null with one degree of freedom less; null of fewer than two values."""
    known = values.drop_nulls()
    squares = (known - ordered_mean(values)) ** 2
    return pl.when(known.len() > 1).then(_running_total(squares) / (known.len() - 1))


def _running_total(known: pl.Expr) -> pl.Expr:
    """Add up in the order of rows; null of nothing."""
    return known.cum_sum().last()
