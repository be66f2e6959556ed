"""Threads of a message log: who opens them, and how long they become."""

import numpy as np
import polars as pl

from sim.evidence.quantities import FEW, GROUPS, Reals, shown

LONGEST = 12  # messages; longer threads are pooled with these
LONG = 7  # messages
OPENED = {  # by people: threads, their messages, and those of one message and of many
    "threads": pl.len(),
    "length": pl.col("n").sum(),
    "single": (pl.col("n") == 1).sum(),
    "long": (pl.col("n") >= LONG).sum(),
}


class Threads:
    """Sums over threads, added up over parts of the senders."""

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] = []
        self._lengths: pl.DataFrame = pl.DataFrame()
        self._whole: pl.DataFrame = pl.DataFrame()  # threads with their messages and the group of who opened them
        self._touched: list[pl.DataFrame] = []  # groups that take part in threads, as bits

    def add(self, sent: pl.DataFrame) -> None:
        """Add messages of some senders, one row per message; thread 0 is none."""
        threads = sent.filter(pl.col("thread") != 0).group_by("thread", "sender")
        self._parts.append(threads.agg(pl.len().alias("n"), pl.col("at").min()))

    def close(self, people: pl.DataFrame) -> pl.DataFrame:
        """Add the columns ``OPENED`` to ``people``: each thread counts for the person who opened it.

        People with the same ``place`` are indistinguishable, and the first of them gets all that they opened.
        """
        parts = pl.concat(self._parts).join(people.select("sender", "place"), on="sender")
        self._parts.clear()
        whole = parts.group_by("thread").agg(pl.col("n").sum(), pl.col("place").sort_by("at", "place").first())
        self._lengths = whole.group_by(pl.col("n").clip(1, LONGEST)).agg(
            pl.len().alias("threads"), pl.col("place").unique().head(FEW)
        )
        self._whole = whole.join(people.select("place", "fold").unique(), on="place").select("thread", "n", "fold")
        opened = whole.group_by("place").agg(**OPENED)
        known = people.join(opened, on="place", how="left", maintain_order="left")
        first = pl.col("place").is_first_distinct()
        return known.with_columns(pl.when(first).then(pl.col(name)).fill_null(0).alias(name) for name in OPENED)

    def touch(self, rows: pl.DataFrame) -> None:
        """Add who takes part in threads: rows of some pairs of people of groups ``fold`` and ``to``."""
        both = 2 ** pl.col("fold") | 2 ** pl.col("to")
        threads = rows.filter(pl.col("thread") != 0).group_by("thread")
        self._touched.append(threads.agg(both.cast(pl.UInt32).bitwise_or().alias("groups")))

    def lacking(self) -> list[dict[str, float]]:
        """Return what is lost of the threads that others opened without each group: those in which it takes part."""
        parts = pl.concat(self._touched).group_by("thread").agg(pl.col("groups").bitwise_or())
        known = self._whole.join(parts, on="thread")
        theirs = (known.filter(pl.col("groups") & 2**g > 0, pl.col("fold") != g) for g in range(GROUPS))
        return [each.select(**OPENED).cast(pl.Float64).row(0, named=True) for each in theirs]

    @property
    def lengths(self) -> Reals:
        """Threads by number of messages, the last class open; NaN where hidden, see ``shown``."""
        lengths, openers = np.zeros(LONGEST), [set[int]() for _ in range(LONGEST)]
        for n, threads, people in self._lengths.iter_rows():
            lengths[n - 1], openers[n - 1] = threads, set(people)
        return shown(lengths, openers)
