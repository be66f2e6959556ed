"""Hours at which the people of a message log write, and whether its clock is plausible."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from sim.evidence.quantities import FEW, Reals
from sim.evidence.rows import DAY, Frame, hour, weekday

HOURS = 168
MONTH_LEAST, CLOCK_MOVES = 100, 2.0  # messages of four weeks, and hours by which their clock may move


class Clock:
    """Message counts by hour of the week, and by hour of the day for each period of four weeks."""

    def __init__(self) -> None:
        self._hours = np.zeros(HOURS)  # messages
        self._writers: list[set[int]] = [set() for _ in range(HOURS)]  # people, of whom a few are enough
        self._months: dict[int, Reals] = {}  # four weeks, and messages of their working days by hour

    def add(self, sent: Frame) -> None:
        """Add messages, one row each."""
        hours = sent.group_by(weekday() * 24 + hour()).agg(pl.len(), pl.col("sender").unique().head(FEW))
        for at, n, writers in hours.iter_rows():
            self._hours[at] += n
            self._writers[at].update(writers)
        month = (pl.col("wall") // (28 * DAY)).alias("month")
        working = sent.filter(weekday() < 5).group_by(month, hour().alias("hour")).agg(pl.len())
        for key, at, n in working.iter_rows():
            self._months.setdefault(key, np.zeros(24))[at] += n

    @property
    def hours(self) -> Reals:
        """Messages by hour of the week from Monday 0:00, (168,); NaN where fewer than five people wrote."""
        shown = np.array([len(writers) >= FEW or not writers for writers in self._writers])
        return np.where(shown, self._hours, np.nan)

    @property
    def doubt(self) -> str:
        """Why the clock is implausible; empty if it is not."""
        return clock_doubt(self._hours, self._months)


def clock_doubt(hours: Reals, months: Mapping[int, Reals]) -> str:
    """Say why a log's clock is implausible: it moves, or no hours of the night are nearly silent; else empty.

    ``hours`` is as in ``Clock.hours``; ``months`` maps each four weeks to messages of working days by hour of the day.
    """
    middles = [_middle(count) for count in months.values() if count.sum() >= MONTH_LEAST]
    moved = max((abs((a - b + 12) % 24 - 12) for a in middles for b in middles), default=0.0)
    if moved > CLOCK_MOVES:
        return f"the middle of the day moves by up to {moved:.1f} h between one month and another"
    day = np.nan_to_num(hours).reshape(7, 24)[:5].sum(axis=0)
    if day.sum() == 0:
        return "nothing is sent from Monday to Friday"
    share = day / day.sum()
    if share.max() > 0.5:
        return f"{share.max():.0%} of the messages of working days lie in one hour: the log has dates without times"
    blocks = np.array([np.take(share, range(h, h + 5), mode="wrap").sum() for h in range(24)])
    quietest = int(blocks.argmin())
    if blocks[quietest] > 0.05:
        return f"no five hours are quiet: {blocks[quietest]:.0%} of the messages from {quietest} to {quietest + 5} h"
    if not (quietest >= 22 or quietest <= 4):
        quiet = f"{quietest} to {(quietest + 5) % 24} h"
        return f"the quietest hours are {quiet}, not those of the night: the zone seems wrong"
    return ""


def _middle(hours: Reals) -> float:
    """Return the circular mean of the hours at which messages are sent, 0 to 24."""
    return float(np.angle((hours * np.exp(2j * np.pi * np.arange(24) / 24)).sum()) * 12 / np.pi) % 24
