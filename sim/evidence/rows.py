"""Rows of a message log: who wrote to whom, when, in which thread and by which channel."""

import polars as pl

from sim.core.columns import CHANNELS

type Frame = pl.DataFrame

ROWS = {
    "sender": pl.UInt64, "recipient": pl.UInt64, "at": pl.Int64, "wall": pl.Int64, "thread": pl.UInt64,
    "channel": pl.Enum(CHANNELS), "lead": pl.Boolean,
}  # fmt: skip
"""Columns of a log: ``at`` is in absolute seconds, ``wall`` in seconds of the local clock; thread 0 is no thread."""

WRITTEN = ("im", "group", "mail", "tool")  # what an archive holds; calls and private messengers leave no trace in it
DAY, HOUR = 86_400, 3_600
PRIME = 2_097_143  # below 2**21: the squares of as many seconds can be summed in 64 bits


def day() -> pl.Expr:
    """Return the day of the local clock, counted from 1970-01-01."""
    return pl.col("wall") // DAY


def weekday() -> pl.Expr:
    """Return the day of the week, 0 for Monday; 1970-01-01 was a Thursday."""
    return (day() + 3) % 7


def hour() -> pl.Expr:
    """Return the hour of the day, 0 to 23."""
    return pl.col("wall") % DAY // HOUR


def moments() -> pl.Expr:
    """Sum squared seconds modulo ``PRIME``: a key that distinguishes people by when they write, not by name."""
    return ((pl.col("at") % PRIME) ** 2).sum()


def addressed(rows: Frame) -> Frame:
    """Add ``addressed``, the recipients of each message; the rows must hold all that their senders wrote."""
    return rows.with_columns(pl.len().over("sender", "at", "thread", "channel").alias("addressed"))
