"""Whether the times of a message log follow the summer time of the place where people work.

If they do, people's day stays where it is when the clocks change; if not, it moves by an hour.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from scipy.special import stdtr, stdtrit

from sim.evidence.quantities import Reals
from sim.evidence.rows import DAY, HOUR

WEEKS = 4  # compared, before and after a change
LEAST = 20  # messages of a week that has a middle
LEVEL = 0.05  # of the test
HALF = 0.5  # of an hour's change: what is nearer to none is none
POWER = 0.8  # below it, nothing can be told


class Kept(NamedTuple):
    """How far the middle of the day moved when the clocks changed, per hour of change, and what the test can see."""

    moved: float  # 0 if the times follow summer time; 1 with the clock, -1 against it
    half: float  # of the 95 % interval over weeks
    changes: int
    power: float  # chance to notice that the times do not follow

    @property
    def wrong(self) -> bool:
        """Whether the times do not follow summer time."""
        return self.power >= POWER and abs(self.moved) > max(HALF, self.half)


def changes(zone: str, first: int, last: int) -> list[tuple[int, float]]:
    """List the days between two (since 1970) on which the clocks of a zone change, and by how many hours."""
    noons = [datetime.fromtimestamp(day * DAY + DAY // 2, UTC) for day in range(first, last + 1)]
    offsets = [(noon.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()).total_seconds() / HOUR for noon in noons]
    return [(first + k + 1, step) for k, step in enumerate(np.diff(offsets).tolist()) if step]


def kept(days: Mapping[int, Reals], zone: str) -> Kept | None:
    """Compare the middle of the working day in the weeks before and after each change of the clocks.

    ``days`` maps days since 1970 to messages by hour of the local clock. The scatter of weeks gives the interval. None
    if the clocks did not change, or never with two weeks of messages on either side.
    """
    middles, weights, shifts, left = [], [], [], 0
    for day, step in changes(zone, min(days), max(days)):
        sides = [
            [middle(week) for week in weeks if week.sum() >= LEAST]
            for weeks in (_weeks(days, day - 7 * WEEKS), _weeks(days, day))
        ]
        if min(map(len, sides)) < 2:
            continue
        before, after = (np.array(side) for side in sides)
        after = before[0] + apart(after, before[0])
        before = before[0] + apart(before, before[0])
        shifts.append((after.mean() - before.mean()) / step)
        weights.append(step**2 / (1 / len(before) + 1 / len(after)))
        middles += [*(before - before.mean()), *(after - after.mean())]
        left += len(before) + len(after) - 2
    if not shifts:
        return None
    moved = float(np.average(shifts, weights=weights))
    error = float(np.sqrt(np.square(middles).sum() / left / np.sum(weights))) or 1e-9
    half = float(stdtrit(left, 1 - LEVEL / 2)) * error
    return Kept(moved, half, len(shifts), float(stdtr(left, (1 - max(HALF, half)) / error)))


def _weeks(days: Mapping[int, Reals], first: int) -> list[Reals]:
    """Sum the messages by hour of each of the weeks from a day on."""
    none = np.zeros(24)
    return [sum((days.get(first + 7 * k + d, none) for d in range(7)), none) for k in range(WEEKS)]


def middle(hours: Reals) -> float:
    """Return the circular mean of the hours at which messages are sent, 0 to 24."""
    return float(np.angle((hours * np.exp(2j * np.pi * np.arange(24) / 24)).sum()) * 12 / np.pi) % 24


def apart(one: Reals, other: Reals | float) -> Reals:
    """Return the hours between hours of the day, -12 to 12."""
    return (one - other + 12) % 24 - 12
