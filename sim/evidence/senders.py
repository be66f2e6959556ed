"""People of a message log: what they send and receive, and the groups of people that the jackknife leaves out."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.core.columns import CHANNELS
from sim.core.errors import InputError
from sim.evidence.quantities import DAY, FEW, GROUPS, HOUR, UNIT, Reals, Scope, day, ratio, week, weekday, writing_key
from sim.evidence.replies import DIRECT
from sim.stats.ordered import ordered_mean, ordered_variance

type Columns = Mapping[str, NDArray[Any]]  # of people

LEAST_DAYS, LEAST_SENT = 10, 10  # working days present and messages sent, to have a rate
NOON = 12
LEAST_GAPS = 50  # between messages of a person, to be called bursty


class Senders:
    """Sums by person, added up over parts of the people."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._sent: list[pl.DataFrame] = []
        self._received: list[pl.DataFrame] = []

    def add(self, rows: pl.DataFrame, sent: pl.DataFrame) -> None:
        """Add all that some people sent: ``rows`` with one row per recipient, ``sent`` with one per message."""
        self._sent.append(_by_sender(sent, self._scope).join(_contacts(rows), on="sender"))
        by_day = rows.group_by("recipient", day().alias("day"))
        self._received.append(by_day.agg(pl.len().alias("load"), writing_key().alias("got_at")))

    def close(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return all senders with ``place`` and ``fold``, and messages received by person and day; empty the sums.

        ``place`` does not depend on names; ``days`` are working days between the first and the last sign of a person.
        ``InputError`` if fewer than five people send messages.
        """
        if not self._sent:
            raise InputError("the log has no messages")
        people = pl.concat(self._sent)
        if people.height < FEW:
            raise InputError(f"only {people.height} people send messages; with fewer than {FEW} nothing is shown")
        loads = pl.concat(self._received).group_by("recipient", "day").agg(pl.col("load", "got_at").sum())
        self._sent.clear()
        self._received.clear()
        received = loads.group_by("recipient").agg(
            pl.col("load").sum().alias("received"),
            pl.col("got_at").sum(),
            pl.col("day").min().alias("since"),
            pl.col("day").max().alias("until"),
        )
        people = people.join(received, left_on="sender", right_on="recipient", how="left").with_columns(
            pl.min_horizontal("from", "since"),
            pl.max_horizontal("to", "until"),
            pl.col("received", "got_at").fill_null(0),
        )
        first, end = people["from"].to_numpy(), people["to"].to_numpy() + 1
        days = np.maximum(np.busday_count(first.astype("datetime64[D]"), end.astype("datetime64[D]")), 1)
        facts = people.select(pl.exclude("since", "until", *CHANNELS), *CHANNELS).with_columns(days=days)
        return _random_groups(facts), loads.drop("got_at")


def _by_sender(sent: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Sum the messages of each sender, and those of each of ``_kinds``."""
    gaps = pl.col("at").sort().diff().cast(pl.Float64)
    middle, spread = ordered_mean(gaps), ordered_variance(gaps).sqrt()
    return sent.group_by("sender").agg(
        pl.len().alias("sent"),
        pl.col("addressed").sum(),
        pl.col("lead").max(),
        pl.col("at").min().alias("begins"),
        pl.col("at").max().alias("ends"),
        day().min().alias("from"),
        day().max().alias("to"),
        pl.when(pl.len() > LEAST_GAPS).then((spread - middle) / (spread + middle)).alias("burst"),
        writing_key().alias("sent_at"),
        **{name: each.sum() for name, each in _kinds(scope).items()},
    )


def _kinds(scope: Scope) -> dict[str, pl.Expr]:
    """Say which messages are sent after hours, in the evening, at lunch, at night, at weekends, and by each channel."""
    clock = pl.col("wall") % DAY / HOUR
    weekend = weekday() >= 5
    return {
        "after": weekend | (clock < scope.opening) | (clock >= scope.closing),
        "evening": ~weekend & (clock >= 18),
        "lunch": ~weekend & (clock >= NOON) & (clock < NOON + 1),
        "night": clock < 6,
        "weekend": weekend,
        **{name: pl.col("channel") == name for name in CHANNELS},
    }


class Exchanges:
    """What groups of people write to each other, added up over pairs of people.

    Leaving out a group also removes what others wrote to it and got from it (vertex jackknife; compare Snijders and
    Borgatti 1999, Connections 22, 161-170), because people who write much also make others answer much.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._sums: dict[str, NDArray[np.int64]] = defaultdict(lambda: np.zeros((GROUPS, GROUPS), np.int64))

    def add(self, rows: pl.DataFrame) -> None:
        """Add all messages between some pairs of people of groups ``fold`` and ``to``; a message is shared by rows."""
        between = rows.filter(pl.col("fold") != pl.col("to"))
        part, whole = UNIT // pl.col("addressed").cast(pl.Int64), UNIT * pl.len().cast(pl.Int64)
        kinds = {name: (part * each).sum() for name, each in _kinds(self._scope).items()}
        weekly = between.select("sender", "recipient", "fold", "to", week()).unique()
        direct = between.filter(pl.col("addressed") <= DIRECT).unique(["sender", "recipient"])
        for some, sums in (
            (between, {"sent": part.sum(), "addressed": whole, **kinds}), (weekly, {"contacts": whole}),
            (direct, {"ties": whole}),
        ):  # fmt: skip
            for fold, to, *found in some.group_by("fold", "to").agg(**sums).iter_rows():
                for name, amount in zip(sums, found, strict=True):
                    self._sums[name][fold, to] += amount

    def lacking(self, group: int) -> dict[str, float]:
        """Return what the sums of all others lose when a group is left out."""
        lost = {name: float(each[:, group].sum()) / UNIT for name, each in self._sums.items()}
        return lost | {"received": float(self._sums["addressed"][group].sum()) / UNIT}


def _random_groups(people: pl.DataFrame) -> pl.DataFrame:
    """Order people by their records, as their names are random, and divide them into groups.

    People with the same record share a place and a group, so that results do not depend on their order; where people
    are counted, they count as one.
    """
    facts = [name for name in people.columns if name != "sender"]
    people = people.sort(facts).with_columns(place=pl.struct(facts).rle_id())
    order = np.random.default_rng(0).permutation(people.height)
    return people.with_columns(fold=pl.Series(order % min(GROUPS, people.height))).with_columns(
        pl.col("fold").first().over("place")
    )


def _contacts(rows: pl.DataFrame) -> pl.DataFrame:
    """Count for each sender weeks with messages, distinct recipients summed over weeks, and direct ones over all."""
    pairs = rows.select("sender", "recipient", week()).unique()
    direct = rows.filter(pl.col("addressed") <= DIRECT)
    ties = direct.group_by("sender").agg(pl.col("recipient").n_unique().alias("ties"))
    weekly = pairs.group_by("sender").agg(pl.len().alias("contacts"), pl.col("week").n_unique().alias("weeks"))
    return weekly.join(ties, on="sender", how="left").with_columns(pl.col("ties").fill_null(0))


def steady_rates(people: Columns) -> Reals:
    """Return messages per working day of people with at least ``LEAST_DAYS`` days and ``LEAST_SENT`` messages."""
    sent, days = people["sent"], people["days"]
    there = (days >= LEAST_DAYS) & (sent >= LEAST_SENT)
    return sent[there] / days[there]


def rates_of(people: Columns, those: NDArray[np.bool_]) -> tuple[float, float]:
    """Return messages per working day and the share sent after hours, pooled over some people."""
    sent, days, after = (float(people[name][those].sum()) for name in ("sent", "days", "after"))
    return ratio(sent, days), ratio(after, sent)
