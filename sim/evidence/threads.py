"""Threads of a message log: who opens them, and how long they become."""

import numpy as np
import polars as pl

from sim.evidence.quantities import FEW, Reals
from sim.evidence.rows import Frame

LONGEST = 12  # messages of a thread that are told apart
OPENED = ("threads", "messages", "singles")  # columns of people: what they opened, all of it, and those of one message


class Threads:
    """Sums over threads, a part of the senders at a time."""

    def __init__(self) -> None:
        self._parts: list[Frame] = []
        self._lengths: Frame = pl.DataFrame()

    def add(self, sent: Frame) -> None:
        """Add messages of some senders.

        Parameters
        ----------
        sent : Frame
            One row for each message.
        """
        threads = sent.filter(pl.col("thread") != 0).group_by("thread", "sender")
        self._parts.append(threads.agg(pl.len().alias("n"), pl.col("at").min()))

    def close(self, people: Frame) -> Frame:
        """Give each thread to the one who opened it.

        Those who share a place cannot be told apart: what they opened is written to the first of them.

        Parameters
        ----------
        people : Frame
            All who send, in order, with their ``place``.

        Returns
        -------
        Frame
            The same with the columns ``OPENED``.
        """
        parts = pl.concat(self._parts).join(people.select("sender", "place"), on="sender")
        self._parts.clear()
        whole = parts.group_by("thread").agg(pl.col("n").sum(), pl.col("place").sort_by("at", "place").first())
        self._lengths = whole.group_by(pl.col("n").clip(1, LONGEST)).agg(
            pl.len().alias("threads"), pl.col("place").n_unique().alias("people")
        )
        opened = whole.group_by("place").agg(
            pl.len().alias("threads"), pl.col("n").sum().alias("messages"), (pl.col("n") == 1).sum().alias("singles")
        )
        known = people.join(opened, on="place", how="left", maintain_order="left")
        first = pl.col("place").is_first_distinct()
        return known.with_columns(pl.when(first).then(pl.col(name)).fill_null(0).alias(name) for name in OPENED)

    @property
    def lengths(self) -> Reals:
        """Threads by number of messages, the last class with all longer ones; none of fewer than five people."""
        lengths = np.zeros(LONGEST)
        for n, threads, people in self._lengths.iter_rows():
            lengths[n - 1] = threads if people >= FEW else np.nan
        return lengths
