# ruff: noqa: E501  (a table: one quantity, one row)
"""Definition of a message log (who wrote to whom and when) and of the quantities that are measured on it."""

import itertools
from collections.abc import Sequence, Set
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.core.columns import CHANNELS

type Reals = NDArray[np.float64]

ROWS = {
    "sender": pl.UInt64, "recipient": pl.UInt64, "at": pl.Int64, "wall": pl.Int64, "thread": pl.UInt64,
    "channel": pl.Enum(CHANNELS), "lead": pl.Boolean,
}  # fmt: skip
"""Columns of a log: ``at`` is in absolute seconds, ``wall`` in seconds of the local clock; thread 0 is no thread."""

MESSAGE = ("sender", "at", "thread", "channel")  # columns that make rows one message
WRITTEN = ("im", "group", "mail", "tool")  # what an archive holds; calls and private messengers leave no trace in it
DAY, HOUR = 86_400, 3_600
PRIME = 2_097_143  # below 2**21: the squares of as many seconds can be summed in 64 bits

FEW = 5  # people; values from fewer are not shown
GROUPS = 20  # of people, of which one is left out at a time
UNIT = 2**24  # units of one message or thread, so that sums of parts are of integers and independent of order


def day() -> pl.Expr:
    """Return the day of the local clock, counted from 1970-01-01."""
    return pl.col("wall") // DAY


def weekday() -> pl.Expr:
    """Return the day of the week, 0 for Monday; 1970-01-01 was a Thursday."""
    return (day() + 3) % 7


def week() -> pl.Expr:
    """Return ``week``, counted from Monday to Sunday."""
    return ((day() + 3) // 7).alias("week")


def hour() -> pl.Expr:
    """Return the hour of the day, 0 to 23."""
    return pl.col("wall") % DAY // HOUR


def writing_key() -> pl.Expr:
    """Sum squared seconds modulo ``PRIME``: a key that distinguishes people by when they write, not by name."""
    return ((pl.col("at") % PRIME) ** 2).sum()


def with_addressed(rows: pl.DataFrame) -> pl.DataFrame:
    """Add ``addressed``, the recipients of each message; the rows must hold all that their senders wrote."""
    return rows.with_columns(pl.len().over(MESSAGE).alias("addressed"))


def messages(rows: pl.DataFrame, *flags: str) -> pl.DataFrame:
    """Return a row for each message, with ``addressed``; ``flags`` are kept where they hold of all its recipients."""
    return rows.group_by(MESSAGE).agg(pl.col("wall", *flags).min(), pl.col("lead").max(), pl.len().alias("addressed"))


class Scope(NamedTuple):
    """The contents of a log and how it is measured; the log of the model is measured in the same way."""

    channels: tuple[str, ...] = WRITTEN
    opening: float = 9.0  # hours of the day: contract hours from Monday to Friday
    closing: float = 18.0
    threads: bool = True  # answers are looked for within a thread, else between two people
    by_channel: bool = True  # the channel of each message is known
    ranks: bool = True  # whether a sender is a manager is known


class Quantity(NamedTuple):
    """A quantity that is measured on a log."""

    unit: str
    definition: str
    needs: str  # what a log must have for it, among whole, clock, threads, by_channel, ranks
    use: str  # its role in a set of targets: calibrated, checked or not_used


_ = Quantity
QUANTITIES: dict[str, Quantity] = {
    "log_sent": _("messages a day", "messages sent per person and working day (Monday to Friday) between a person's first and last message", "whole", "calibrated"),
    "log_received": _("messages a day", "messages received per person and such day", "whole", "calibrated"),
    "log_recipients": _("people", "recipients per message", "whole", "checked"),
    "log_sent_spread": _("log", "standard deviation over people of the logarithm of messages sent per day", "whole", "checked"),
    "log_sent_gini": _("share", "Gini coefficient over people of messages sent per day: 0 if all send as much, near 1 if one sends all", "whole", "calibrated"),
    "log_top_tenth": _("share", "messages sent by the tenth of people who send most", "whole", "checked"),
    "log_contacts": _("people", "different people whom a person writes to in a week with messages", "whole", "checked"),
    "log_ties": _("people", "different people whom a person writes to directly, to at most 3 at a time, in the whole log", "whole", "checked"),
    "log_ties_gini": _("share", "Gini coefficient over people of these", "whole", "calibrated"),
    "log_burstiness": _("-1..1", "burstiness of the times between a person's messages, (sd - mean) / (sd + mean): 0 for pure chance; mean over people with at least 50", "whole", "checked"),
    "log_reply_share": _("share", "turns answered within 7 days; a turn is a run of messages from one person to another, each to at most 3 people", "", "calibrated"),
    "log_reply_median": _("min", "median time from the last message of a turn to the first of the answer", "", "calibrated"),
    "log_reply_hour": _("share", "of the answers, those within an hour", "", "calibrated"),
    "log_reply_day": _("share", "of the answers, those within a day", "", "checked"),
    "log_reply_load": _("share", "change of the share answered from Monday to Friday when the messages received on that day double", "whole threads", "checked"),
    "log_fast_weight": _("share", "weight of the fast part when reply times are taken as a mixture of two lognormal laws", "", "not_used"),
    "log_fast_median": _("min", "median of the fast part", "", "not_used"),
    "log_slow_median": _("min", "median of the slow part", "", "not_used"),
    "log_after_share": _("share", "messages sent outside contract hours, weekends included", "clock", "calibrated"),
    "log_evening_share": _("share", "messages sent from Monday to Friday between 18 and 24", "clock", "calibrated"),
    "log_lunch_share": _("share", "of the messages sent from Monday to Friday, those between 12 and 13", "clock", "calibrated"),
    "log_night_share": _("share", "messages sent between 0 and 6", "clock", "checked"),
    "log_weekend_share": _("share", "messages sent on Saturday and Sunday", "", "calibrated"),
    "log_thread_length": _("messages", "mean number of messages of a thread", "threads", "calibrated"),
    "log_thread_single": _("share", "threads of one message", "threads", "checked"),
    "log_thread_long": _("share", "threads of at least seven messages", "threads", "checked"),
    "log_lead_sent": _("ratio", "messages sent per day by those who lead, over the others", "ranks", "checked"),
    "log_lead_after": _("ratio", "share outside contract hours of those who lead, over that of the others", "ranks clock", "checked"),
    **{f"log_by_{name}": _("share", f"messages sent by {name}", "by_channel", "checked") for name in WRITTEN},
}  # fmt: skip
del _


class Measured(NamedTuple):
    """Value of a quantity with its 95 % interval and the people behind it, or why it is missing.

    ``half_width`` is that of the interval before ``low`` and ``high`` are kept within the values that are possible.
    """

    value: float
    half_width: float
    low: float
    high: float
    people: int
    missing: str = ""


class Distributions(NamedTuple):
    """Distributions for figures; NaN where a value, or the rest that it reveals, comes from fewer than five people."""

    hours: Reals  # messages by hour of the week, from Monday 0:00
    replies: Reals  # answers by class of reply time
    load: Reals  # share of turns answered by class of load
    threads: Reals  # threads by number of messages, the last class with all longer ones
    rates: Reals  # messages sent per day, quantiles over people from 2 to 98 %
    concentration: Reals  # share of these messages by those who send least, over shares of people from 0 to 1
    ties: Reals  # people written to directly, quantiles over people from 2 to 98 %
    bursts: Reals  # burstiness, quantiles over people from 2 to 98 %


def suppress_small(amounts: Reals, people: Sequence[Set[int]]) -> Reals:
    """Return amounts, (n,), with NaN where they come from fewer than five people or would reveal such an amount.

    ``people`` holds the people behind each amount; five of them are enough. If all hidden amounts together have fewer
    than five people, the smallest other amount is hidden too, because the total would reveal them.
    """
    few = np.array([0 < len(each) < FEW for each in people])
    others = np.flatnonzero(~few & (amounts > 0))
    if 0 < len(set().union(*itertools.compress(people, few))) < FEW and len(others):
        few[others[amounts[others].argmin()]] = True
    return np.where(few, np.nan, amounts)


def gini(amounts: Reals) -> float:
    """Return the Gini coefficient of amounts that are not negative; NaN if there are none."""
    ordered = np.sort(amounts)
    n, total = len(ordered), ordered.sum()
    if total <= 0:
        return np.nan
    return float(2 * (np.arange(1, n + 1) * ordered).sum() / (n * total) - (n + 1) / n)


def ratio(above: float, below: float) -> float:
    """Divide; NaN if the denominator is zero."""
    return above / below if below else np.nan
