"""Threads of a message log: who opens them, and how long they become."""

import numpy as np
import polars as pl

from sim.evidence.quantities import FEW, GROUPS, UNIT, Reals, suppress_small

LONGEST = 12  # messages; longer threads are pooled with these
LONG = 7  # messages
OPENED = {  # sums by who opened a thread: threads, their messages, and those of one message and of many
    "threads": pl.col("n") > 0,
    "length": pl.col("n").cast(pl.Int64),
    "single": pl.col("n") == 1,
    "long": pl.col("n") >= LONG,
}
ALL = -1  # groups of people


class Threads:
    """Sums over threads, added up over parts of the senders."""

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] = []
        self._lengths: pl.DataFrame = pl.DataFrame()
        self._whole: pl.DataFrame = pl.DataFrame()  # threads with their messages and the group of who opened them
        self._rows: list[pl.DataFrame] = []  # rows of threads, all and those of each group of people

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
        opened = whole.group_by("place").agg(**{name: each.sum() for name, each in OPENED.items()})
        known = people.join(opened, on="place", how="left", maintain_order="left")
        first = pl.col("place").is_first_distinct()
        return known.with_columns(pl.when(first).then(pl.col(name)).fill_null(0).alias(name) for name in OPENED)

    def add_pairs(self, rows: pl.DataFrame) -> None:
        """Add rows between some pairs of people of groups ``fold`` and ``to``, null for who never writes."""
        of_threads = rows.filter(pl.col("thread") != 0)
        sides = of_threads, of_threads.filter(pl.col("fold") != pl.col("to")), of_threads
        groups = pl.col("fold"), pl.col("to"), pl.lit(ALL, pl.Int64)
        for some, group in zip(sides, groups, strict=True):
            self._rows.append(some.group_by("thread", group.alias("group")).agg(pl.len().cast(pl.Int64).alias("rows")))

    def lacking(self) -> list[dict[str, float]]:
        """Return what others lack of ``OPENED`` without each group: of a thread the rows from it and to it."""
        rows = pl.concat(self._rows).group_by("thread", "group").agg(pl.col("rows").sum())
        every, theirs = rows.filter(pl.col("group") == ALL), rows.filter(pl.col("group") != ALL)
        known = theirs.join(every, on="thread", suffix="_all").join(self._whole, on="thread")
        share = UNIT * pl.col("rows") // pl.col("rows_all")
        shares = known.filter(pl.col("fold") != pl.col("group")).with_columns(share=share)
        sums = shares.group_by("group").agg(**{name: (pl.col("share") * each).sum() for name, each in OPENED.items()})
        lost = {group: dict(zip(OPENED, found, strict=True)) for group, *found in sums.iter_rows()}
        return [{name: each / UNIT for name, each in lost.get(g, {}).items()} for g in range(GROUPS)]

    @property
    def lengths(self) -> Reals:
        """Threads by number of messages, the last class open; NaN where hidden, see ``suppress_small``."""
        lengths, openers = np.zeros(LONGEST), [set[int]() for _ in range(LONGEST)]
        for n, threads, people in self._lengths.iter_rows():
            lengths[n - 1], openers[n - 1] = threads, set(people)
        return suppress_small(lengths, openers)
