"""Answers in a message log without threads: messages that come back beyond chance.

Without threads any later message may be an answer. So answers are counted as an excess over chance, like the excess
mortality from a disease (relative survival, Ederer II). The rate at which a person writes to another spontaneously is
estimated from times at which no message of the other is open, relative to the pace of the whole log. It is subtracted
from the rate at which the person writes while a message is open. A sender who writes again before an answer comes
starts a new wait (censoring).
"""

import functools
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.evidence.quantities import DAY, FEW, GROUPS, HOUR, Reals
from sim.evidence.replies import EDGES, HORIZON, LOADS, STEPS, leaving_out, order_direct, with_groups

type Whole = NDArray[np.int64]
type Flags = NDArray[np.bool_]

WIDER = 4  # classes of reply times taken together
CLASSES = STEPS // WIDER
BOUNDS = np.rint(np.exp(EDGES[::WIDER])).astype(np.int64) * (np.arange(CLASSES + 1) > 0)
SILENCE, LATELY = HOUR, 28 * DAY  # seconds after the last message between which another one is spontaneous
UNIT = 2**20  # units of one message by chance, so that sums are of integers and independent of order
MOST_BY_CHANCE = 1 / 3  # of turns may see a message by chance alone; above, answers cannot be distinguished
MARGIN = 0.2  # how far chance itself may be off: a part of it, within the 95 % interval


class Excess:
    """Waits by groups of answerers and writers: messages that came, those due to chance, and seconds at risk."""

    def __init__(self) -> None:
        self._came, self._chance, self._risk = np.zeros((3, GROUPS, GROUPS, CLASSES), dtype=np.int64)
        self._turns = np.zeros((GROUPS, GROUPS), dtype=np.int64)
        self.answerers: list[pl.DataFrame] = []  # who wrote back, by chance or not, a part at a time
        self._hours: list[pl.DataFrame] = []  # messages of the whole log by hour since 1970

    def add_pace(self, sent: pl.DataFrame) -> None:
        """Add messages to the pace of the log."""
        self._hours.append(sent.group_by(pl.col("at") // HOUR).agg(pl.len().alias("n")))

    def add(self, rows: pl.DataFrame, people: pl.DataFrame, _: pl.DataFrame, last: int) -> None:
        """Add all messages between some pairs of people, as ``Replies.add``; the pace must be complete."""
        ordered = order_direct(rows, people, "low", "high")
        if ordered.is_empty():
            return
        pair = ordered.select(pl.struct("low", "high").rle_id()).to_series().to_numpy().astype(np.int64)
        at, high = ordered["at"].to_numpy(), (ordered["sender"] == ordered["high"]).to_numpy()
        same, back = (np.append(each, False) for each in (pair[1:] == pair[:-1], high[1:] != high[:-1]))
        gap = np.where(same, np.append(at[1:], 0), last + 1) - at
        back &= same
        who = 2 * pair + high
        rate = self._own_rates(who, at, gap, same, back)[who ^ 1]
        pairs = with_groups(ordered, people).select(GROUPS * pl.col("to") + pl.col("fold"))
        fold = pairs.to_series().fill_null(-1).to_numpy()
        wait = np.where(fold >= 0, np.minimum(gap, HORIZON), -1)
        came = back & (gap <= HORIZON)
        here = np.flatnonzero(wait >= 0)
        self._came += _sums_by_class(fold[here], wait[here], came[here])
        self._risk += _seconds_at_risk(fold[here], wait[here])
        here = here[rate[here] > 0]
        here = here[np.argsort(wait[here])]
        group, waits, begun, rate = fold[here], wait[here], at[here], rate[here]
        before = self._sent_before(begun)
        for k, (low, end) in enumerate(itertools.pairwise(BOUNDS.tolist())):
            still = slice(np.searchsorted(waits, low), None)
            pace = self._sent_before(begun[still] + np.minimum(waits[still], end))
            due = np.rint(UNIT * rate[still] * (pace - before[still]))
            before[still] = pace
            self._chance[..., k] += _sums(group[still], due, self._turns.size).reshape(self._turns.shape)
        ends = (fold >= 0) & ~(same & ~back & (gap <= SILENCE))
        self._turns += np.bincount(fold[ends], minlength=self._turns.size).reshape(self._turns.shape)
        self.answerers.append(ordered.filter(pl.Series(came & (fold >= 0))).select("recipient").unique())

    @functools.cached_property
    def _by_hour(self) -> tuple[int, Whole, Whole]:
        """Return the first hour of the log, the messages of each hour since, and those before it."""
        hours, n = pl.concat(self._hours).to_numpy().T
        counts = np.bincount(hours - hours.min(), n).astype(np.int64)
        return int(hours.min()), counts, np.cumsum(counts) - counts

    def _sent_before(self, moment: Whole) -> Whole:
        """Return the messages of the whole log before moments, times the seconds of an hour."""
        first, counts, before = self._by_hour
        hour = np.clip(moment // HOUR - first, 0, len(counts) - 1)
        return before[hour] * HOUR + counts[hour] * np.clip(moment - (first + hour) * HOUR, 0, HOUR)

    def _own_rates(self, who: Whole, at: Whole, gap: Whole, same: Flags, back: Flags) -> Reals:
        """Return for each side of each pair the rate of spontaneous messages, per ``_sent_before``.

        These follow a message of the same side after ``SILENCE``, or a message of the other side that is no longer
        open, within ``LATELY``: what a pair did months ago says little.
        """
        most = int(who.max()) + 2
        own, quiet = np.zeros((2, most), dtype=np.int64)
        for side, since, next_one in ((who, SILENCE, same & ~back), (who ^ 1, HORIZON, back)):
            own += np.bincount(side[next_one & (gap > since) & (gap <= LATELY)], minlength=most)
            open_while = self._sent_before(at + np.minimum(gap, LATELY)) - self._sent_before(at + since)
            quiet += _sums(side, open_while.clip(0), most)
        return own / np.maximum(quiet, 1)

    def leave_out(self, groups: Sequence[int], chance: float = 1.0) -> tuple[Reals, Reals, Reals]:
        """Return turns, none by load, and answers, as ``Replies.leave_out``; ``chance`` scales the chance part."""
        came, due, risk, turns = (
            leaving_out(sums, groups).astype(np.float64) for sums in (self._came, self._chance, self._risk, self._turns)
        )
        excess = np.maximum.accumulate(_hazard(came - chance * due / UNIT, risk).clip(0), axis=1)
        replies = -np.diff(np.exp(-excess), axis=1, prepend=1.0) * turns[:, None]
        loaded = np.zeros((len(turns), LOADS, 2))
        return np.stack([turns, replies.sum(axis=1)], axis=1), loaded, np.repeat(replies / WIDER, WIDER, axis=1)

    @property
    def unclear(self) -> str:
        """Why answers cannot be distinguished from other messages; empty if they can."""
        due, risk = (sums.sum(axis=(0, 1)) for sums in (self._chance, self._risk))
        chance = 100 - 100 * np.exp(-_hazard(due / UNIT, risk)[-1])
        if chance <= 100 * MOST_BY_CHANCE:
            return ""
        return f"without threads (--thread): chance alone brings a message to {chance:.0f} % of turns, answered or not"

    @property
    def shape(self) -> tuple[Reals, Reals]:
        """Answers by class of reply time, NaN from few people or if they are unclear; none by load."""
        replies = self.leave_out([])[2][0]
        many = replies.sum() >= 10 * FEW and self._came.any(axis=(1, 2)).sum() >= FEW and not self.unclear
        return replies if many else np.full(STEPS, np.nan), np.full(LOADS, np.nan)


def _sums_by_class(fold: Whole, wait: Whole, what: NDArray[Any]) -> Whole:
    """Sum whole numbers by groups of both people and class of the wait, (groups, groups, classes)."""
    step = np.searchsorted(BOUNDS[:-1], wait, "right") - 1
    return _sums(fold * CLASSES + step, what, GROUPS * GROUPS * CLASSES).reshape(GROUPS, GROUPS, CLASSES)


def _seconds_at_risk(fold: Whole, wait: Whole) -> Whole:
    """Sum the seconds of waits that lie in each class, by groups of both people."""
    ended, seconds = _sums_by_class(fold, wait, np.ones(len(wait))), _sums_by_class(fold, wait, wait)
    beyond = ended[..., ::-1].cumsum(axis=-1)[..., ::-1] - ended
    return seconds - ended * BOUNDS[:-1] + beyond * np.diff(BOUNDS)


def _hazard(events: NDArray[np.float64], risk: NDArray[np.integer] | Reals) -> Reals:
    """Cumulate events per second at risk over the classes of reply times, the last axis."""
    return np.cumsum(events / np.maximum(risk, 1) * np.diff(BOUNDS), axis=-1)


def _sums(who: Whole, what: NDArray[Any], most: int) -> Whole:
    """Sum whole numbers by place, exactly: sums stay far below 2**53."""
    return np.bincount(who, what, most).astype(np.int64)
