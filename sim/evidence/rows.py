"""Rows of a message log: who wrote to whom, when, in which thread, by which channel; and what is asked of each row."""

import polars as pl

from sim.columns import CHANNELS

type Frame = pl.DataFrame

ROWS = {
    "sender": pl.UInt64, "recipient": pl.UInt64, "at": pl.Int64, "wall": pl.Int64, "thread": pl.UInt64,
    "channel": pl.Enum(CHANNELS), "lead": pl.Boolean,
}  # fmt: skip
"""Columns of a log: at is a second of absolute time, wall the second of the local clock; thread 0 is no thread."""

WRITTEN = ("im", "group", "mail", "tool")  # what an archive holds; calls and private messengers leave no trace in it
DAY, HOUR = 86_400, 3_600
PRIME = 2_097_143  # below 2**21: the squares of as many seconds can be summed in 64 bits


def day() -> pl.Expr:
    """Number the day of the local clock.

    Returns
    -------
    pl.Expr
        Days since 1970.
    """
    return pl.col("wall") // DAY


def weekday() -> pl.Expr:
    """Name the day of the week; the first of January 1970 was a Thursday.

    Returns
    -------
    pl.Expr
        From Monday, 0, to Sunday, 6.
    """
    return (day() + 3) % 7


def hour() -> pl.Expr:
    """Name the hour of the day.

    Returns
    -------
    pl.Expr
        From 0 to 23.
    """
    return pl.col("wall") % DAY // HOUR


def moments() -> pl.Expr:
    """Sum up the seconds of some rows, so that those who write at others differ, whatever their names.

    Returns
    -------
    pl.Expr
        One number for each group of rows.
    """
    return ((pl.col("at") % PRIME) ** 2).sum()


def addressed(rows: Frame) -> Frame:
    """Count the recipients of each message.

    Parameters
    ----------
    rows : Frame
        Rows of a log, each once, with all that their senders wrote.

    Returns
    -------
    Frame
        The same, with ``addressed``.
    """
    return rows.with_columns(pl.len().over("sender", "at", "thread", "channel").alias("addressed"))
