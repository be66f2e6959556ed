"""Answers in a message log: how often, how fast, and whether less often under load.

A turn is a run of messages from one person to another within a thread, until the other one writes. For logs without
threads see ``chance``.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.evidence.quantities import DAY, FEW, GROUPS, HOUR, Reals, day, writing_key

HORIZON = 7 * DAY  # seconds after which an answer counts as none
LOADS = 12  # classes of load: 1, 2-3, 4-7, ... messages received in a day
STEPS = 232  # classes of reply times between a second and the horizon, equal on a log scale
EDGES = np.linspace(0.0, np.log(HORIZON), STEPS + 1)
DIRECT = 3  # recipients of a message up to which each is expected to answer


class Replies:
    """Sums over turns by the groups of the person who should answer and of the writer, added up over pairs."""

    unclear = ""  # why answers cannot be distinguished from other messages

    def __init__(self) -> None:
        self.answerers: list[pl.DataFrame] = []  # who wrote back, a part at a time
        self.replies = np.zeros((GROUPS, GROUPS, STEPS))
        self.turns = np.zeros((GROUPS, GROUPS, 2))  # all, answered
        self.loaded = np.zeros((GROUPS, GROUPS, LOADS, 2))  # of working days, by load

    def add(self, rows: pl.DataFrame, people: pl.DataFrame, loads: pl.DataFrame, last: int) -> None:
        """Add all messages between some pairs of people, in both directions, each row once.

        ``rows`` come from ``with_addressed``; ``people`` are all senders with ``place`` and ``fold``; ``loads`` are
        messages received by person and day. Turns of the last seven days before ``last`` are not counted.
        """
        key = ("low", "high", "thread")
        ordered = order_direct(rows.filter(pl.col("thread") != 0), people, *key)
        same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in key).fill_null(False)
        other = pl.col("sender") != pl.col("sender").shift(-1)
        wait = pl.col("at").shift(-1) - pl.col("at")
        ends = ordered.with_columns(
            pl.when(same & other & (wait <= HORIZON)).then(wait).alias("wait"), (~same | other).alias("ends")
        ).filter("ends", pl.col("at") <= last - HORIZON)
        known = people.select("fold", "place", pl.col("sender").alias("recipient"))
        turns = (
            ends.select("sender", "recipient", "wait", day=day())
            .join(people.select("sender", asker="fold"), on="sender")
            .join(known, on="recipient")
            .join(loads, on=("recipient", "day"), how="left")
            .with_columns(load=pl.col("load").cast(pl.Float64).log(2).floor().cast(pl.Int64).clip(0, LOADS - 1))
        )
        working = (pl.col("day") + 3) % 7 < 5
        sums = pl.len(), pl.col("wait").count()
        for *place, n, answered in turns.filter(working).group_by("fold", "asker", "load").agg(*sums).iter_rows():
            self.loaded[*place] += n, answered
        for *place, n, answered in turns.group_by("fold", "asker").agg(*sums).iter_rows():
            self.turns[*place] += n, answered
        answered = turns.filter(pl.col("wait").is_not_null())
        step = np.digitize(np.log(np.maximum(answered["wait"].to_numpy(), 1)), EDGES[1:-1])
        np.add.at(self.replies, (answered["fold"].to_numpy(), answered["asker"].to_numpy(), step), 1.0)
        self.answerers.append(answered.select("place").unique())

    def leave_out(self, groups: Sequence[int]) -> tuple[Reals, Reals, Reals]:
        """Return ``turns``, ``loaded`` and ``replies`` of all people, then without each of some groups."""
        turns, loaded, replies = (leaving_out(sums, groups) for sums in (self.turns, self.loaded, self.replies))
        return turns, loaded, replies

    @property
    def shape(self) -> tuple[Reals, Reals]:
        """Answers by class of reply time, and share answered by class of load; NaN from few turns or people."""
        turns, replies = self.loaded.sum(axis=(0, 1)), self.replies.sum(axis=(0, 1))
        many = replies.sum() >= 10 * FEW and self.replies.any(axis=(1, 2)).sum() >= FEW  # groups of people
        enough = (turns[:, 0] >= 10 * FEW) & (self.loaded[..., 0].any(axis=1).sum(axis=0) >= FEW)
        return (
            replies if many else np.full(STEPS, np.nan),
            np.where(enough, turns[:, 1] / np.maximum(turns[:, 0], 1), np.nan),
        )


def order_direct(rows: pl.DataFrame, people: pl.DataFrame, *key: str) -> pl.DataFrame:
    """Order direct messages within each ``key``, which includes ``low`` and ``high``, the two people of a pair.

    The order within a second does not depend on names, which are random.
    """
    low, high = pl.min_horizontal("sender", "recipient"), pl.max_horizontal("sender", "recipient")
    return (
        rows.filter(pl.col("addressed") <= DIRECT)
        .with_columns(low=low, high=high)
        .with_columns(side=writing_key().over(*key, "sender"))
        .join(people.select("sender", "place"), on="sender")
        .sort(*key, "at", "side", "place")
    )


def with_groups(rows: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Add the groups of senders, ``fold``, and of recipients, ``to``, null for people who never write; keep order."""
    groups = people.select("sender", "fold")
    to = groups.rename({"sender": "recipient", "fold": "to"})
    return rows.join(groups, on="sender", maintain_order="left").join(
        to, on="recipient", how="left", maintain_order="left"
    )


def leaving_out(sums: NDArray[Any], groups: Sequence[int]) -> NDArray[Any]:
    """Return sums over all pairs of groups, then for each of some groups the sums over pairs without it."""
    whole = sums.sum(axis=(0, 1))
    return np.stack([whole, *(whole - sums[g].sum(axis=0) - sums[:, g].sum(axis=0) + sums[g, g] for g in groups)])


def load_slope(turns: Reals) -> float:
    """Regress the share answered on the doublings of the load, weighted by turns; NaN if the load is constant.

    ``turns`` counts turns and answered turns by class of load, (12, 2).
    """
    n, answered = turns[:, 0], turns[:, 1]
    x = np.arange(LOADS, dtype=float)
    if n.sum() == 0:
        return np.nan
    away = x - (n * x).sum() / n.sum()
    spread = (n * away**2).sum()
    return float((away * answered).sum() / spread) if spread > 0 else np.nan


def reply_laws(turns: Reals, replies: Reals) -> list[dict[str, float]]:
    """Describe how often and how fast turns are answered; a set with fewer than five answers has no values.

    ``turns`` counts turns and answered turns, (sets, 2); ``replies`` answers by class of reply time, (sets, 232).
    """
    enough = (turns[:, 0] > 0) & (replies.sum(axis=1) >= FEW)
    mixtures = iter(zip(*_mixtures(replies[enough]), strict=True))
    return [_reply_law(turns[k], replies[k], *next(mixtures)) if known else {} for k, known in enumerate(enough)]


def _reply_law(turns: Reals, replies: Reals, weight: float, fast: float, slow: float) -> dict[str, float]:
    """Return the quantities of one set of people; medians ``fast`` and ``slow`` are in seconds."""
    below = np.concatenate([[0.0], np.cumsum(replies) / replies.sum()])
    return {
        "log_reply_share": turns[1] / turns[0],
        "log_reply_median": float(np.exp(np.interp(0.5, below, EDGES))) / 60,
        "log_reply_hour": float(np.interp(np.log(HOUR), EDGES, below)),
        "log_reply_day": float(np.interp(np.log(DAY), EDGES, below)),
        "log_fast_weight": weight,
        "log_fast_median": fast / 60,
        "log_slow_median": slow / 60,
    }


def _mixtures(replies: Reals, rounds: int = 200) -> tuple[list[float], list[float], list[float]]:
    """Fit mixtures of two lognormal laws to binned times by EM: weight and median of the fast, median of the slow."""
    x, n = (EDGES[:-1] + EDGES[1:]) / 2, replies / replies.sum(axis=1, keepdims=True)
    mean = np.array([np.interp([0.25, 0.75], np.cumsum(row), x) for row in n]).reshape(-1, 2).T
    sd, weight = np.full(mean.shape, 1.5), np.full(mean.shape, 0.5)
    some = replies.any(axis=0)
    x, n = x[some, None, None], n.T[some, None]  # classes of time, then the two laws, then rows
    away = x - mean
    for _ in range(rounds):
        dense = weight * np.exp(-0.5 * (away / sd) ** 2) / sd
        part = n * dense / np.maximum(dense.sum(axis=1, keepdims=True), 1e-300)
        weight = np.maximum(part.sum(axis=0), 1e-9)
        mean = (part * x).sum(axis=0) / weight
        away = x - mean
        sd = np.maximum(np.sqrt((part * away**2).sum(axis=0) / weight), 0.2)
    order = np.argsort(mean, axis=0)
    weight, middle = (np.take_along_axis(each, order, axis=0) for each in (weight, np.exp(mean)))
    return weight[0].tolist(), middle[0].tolist(), middle[1].tolist()
