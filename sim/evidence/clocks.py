"""Hours at which the people of a message log write, and whether its clock is plausible.

If times follow the summer time of the place where people work, their day keeps its hours when the clocks change. If
not, it moves by an hour.
"""

import functools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from scipy.special import stdtr, stdtrit

from sim.evidence.quantities import DAY, FEW, HOUR, Reals, day, hour, suppress_small, weekday

HOURS = 168
COARSE = 900  # seconds: where the offset is not a whole hour, whole hours lie at quarters of an hour
MONTH_LEAST, CLOCK_MOVES = 100, 2.0  # messages of four weeks, and hours by which their clock may move
PERSON_LEAST, GROUP_LEAST = 30, 0.03  # messages of a person who has a day, and share of those with another one
GROUP_NEAR, GROUP_FAR, GROUP_BLUR = 1.5, 2.5, 0.6  # hours: reach of a group, its least distance, blur of its density
GROUP_VALLEY = 0.7  # density beside a group, over its own
FINE = 1_000_000  # of directions, so that they can be summed as integers, in any order

# of the test whether times follow summer time
WEEKS_COMPARED = 4  # compared, before and after a change
LEAST_MESSAGES = 20  # messages of a week that has a middle
SIGNIFICANCE = 0.05  # of the test
LEAST_SHIFT = 0.5  # share of the clock's change below which a movement of the day counts as none
POWER = 0.8  # least power of a test that decides


class SummerTimeTest(NamedTuple):
    """How far the middle of the day moved when the clocks changed, per hour of change, and the power of the test."""

    moved: float  # 0 if the times follow summer time; 1 with the clock, -1 against it
    half: float  # of the 95 % interval over weeks
    changes: int
    power: float  # chance to notice that the times do not follow

    @property
    def wrong(self) -> bool:
        """Whether the times do not follow summer time."""
        return self.power >= POWER and abs(self.moved) > max(LEAST_SHIFT, self.half)


class Clock:
    """Message counts by hour of the week, and of working days by date and by person.

    ``zone`` is the time zone of all people, whose summer time is tested; empty if not known.
    """

    def __init__(self, zone: str = "") -> None:
        self._zone = zone
        self._hours = np.zeros(HOURS)  # messages
        self._writers: list[set[int]] = [set() for _ in range(HOURS)]  # people, of whom a few are enough
        self._days: dict[int, Reals] = {}  # working days since 1970, and messages by hour
        self._unit = 0  # of which all times are multiples
        self._people: list[pl.DataFrame] = []  # messages of four weeks and the sum of their directions on the clock

    def add(self, sent: pl.DataFrame) -> None:
        """Add messages, one row each."""
        self._unit = int(np.gcd(self._unit, np.gcd.reduce(sent["wall"].to_numpy())))
        hours = sent.group_by(weekday() * 24 + hour()).agg(pl.len(), pl.col("sender").unique().head(FEW))
        for at, n, writers in hours.iter_rows():
            self._hours[at] += n
            self._writers[at].update(writers)
        working = sent.filter(weekday() < 5)
        for date, at, n in working.group_by(day().alias("day"), hour().alias("hour")).agg(pl.len()).iter_rows():
            self._days.setdefault(date, np.zeros(24))[at] += n
        turned = hour() * (np.pi / 12)
        directions = ((each * FINE).round().cast(pl.Int64).sum() for each in (turned.cos(), turned.sin()))
        month = (day() // 28).alias("month")
        columns = [each.alias(name) for each, name in zip(directions, "xy", strict=True)]
        self._people.append(working.group_by("sender", month).agg(pl.len().alias("n"), *columns))

    @property
    def step(self) -> int:
        """Return the seconds of which all times are multiples: ``COARSE`` (as hours and days are), 60 or 1."""
        return next(step for step in (COARSE, 60, 1) if self._unit % step == 0)

    @property
    def other_week(self) -> bool:
        """Whether a day of the weekend is a working day: above twice the least of the others, and a tenth of all."""
        days = self._hours.reshape(7, 24).sum(axis=1)
        return bool(days.sum() >= MONTH_LEAST and days[5:].max() > max(2 * days[:5].min(), days.sum() / 10))

    @property
    def hours(self) -> Reals:
        """Messages by hour of the week from Monday 0:00, (168,); NaN where hidden, see ``suppress_small``."""
        return suppress_small(self._hours, self._writers)

    @functools.cached_property
    def summer(self) -> SummerTimeTest | None:
        """Whether the times follow summer time; None if that is not known."""
        return summer_time_test(self._days, self._zone) if self._zone and self._days else None

    @property
    def doubt(self) -> str:
        """Why the clock is implausible; empty if it is not."""
        people, months = circular_means(pl.concat(self._people))
        moved = max((abs(hours_apart(months, each)).max() for each in months), default=0.0)
        if moved > CLOCK_MOVES:
            return f"the middle of the day moves by up to {moved:.1f} h between one month and another"
        return zones_doubt(people) or self._summer_doubt() or clock_doubt(self._hours)

    def _summer_doubt(self) -> str:
        """Say that the times do not follow summer time, and which option helps; empty if they do."""
        summer = self.summer
        if summer is None or not summer.wrong:
            return ""
        found = f"the day moves by {summer.moved:+.1f} h when the clocks of {self._zone} go forward"
        if summer.moved < 0:
            return f"{found}: the times are by a clock without summer time; say which, as in --clock UTC"
        return f"{found}: people do not keep its summer time; say where they are, as in --zone Etc/GMT-1 for UTC+1"


def circular_means(months: pl.DataFrame) -> tuple[Reals, Reals]:
    """Return the middle of the day (h) of people and of months with enough messages, each adjusted for the other.

    So people who write in some months only, at unusual hours, do not shift these months. ``months`` has messages ``n``
    and sums of directions ``x`` and ``y`` by ``sender`` and ``month``.
    """
    sides = [months[name].rank("dense").to_numpy().astype(np.int64) - 1 for name in ("sender", "month")]
    counts = [np.bincount(side, months["n"].to_numpy()) for side in sides]
    way = months["x"].to_numpy() + 1j * months["y"].to_numpy()
    angles = [np.zeros(len(count)) for count in counts]
    for _ in range(20):
        for one, other in ((0, 1), (1, 0)):
            turned = way * np.exp(-1j * angles[other][sides[other]])
            parts = (np.bincount(sides[one], part) for part in (turned.real, turned.imag))
            angles[one] = np.angle(next(parts) + 1j * next(parts))
    people, times = (angle[count >= least] * 12 / np.pi for angle, count, least in zip(
        angles, counts, (PERSON_LEAST, MONTH_LEAST), strict=True))  # fmt: skip
    return people, times


def zones_doubt(people: Reals) -> str:
    """Say that a group of people works at other hours than most, as in another zone; empty if none does.

    ``people`` are the middles of their days (h). A group is a second peak of their density, with valleys on both
    sides.
    """
    if len(people) < 2 * FEW:
        return ""
    ring = np.arange(0, 24, 0.25)
    away = np.abs(hours_apart(ring[:, None], people))
    dense = np.exp(-0.5 * (away / GROUP_BLUR) ** 2).sum(axis=1)
    most = int(dense.argmax())
    dense, away = np.roll(dense, -most), np.roll(away, -most, axis=0)
    shift = hours_apart(ring, 0.0)
    valley = np.maximum(np.minimum.accumulate(dense), np.minimum.accumulate(dense[::-1])[::-1])
    near = (away <= GROUP_NEAR).sum(axis=1)
    is_group = (np.abs(shift) >= GROUP_FAR) & (valley < GROUP_VALLEY * dense)
    is_group &= near >= max(FEW, GROUP_LEAST * len(people))
    if not is_group.any():
        return ""
    at = int(np.where(is_group, dense, 0.0).argmax())
    side = "later" if shift[at] > 0 else "earlier"
    return (
        f"{near[at]} of {len(people)} people have a day {abs(shift[at]):.0f} h {side} than most, as if they worked in "
        "another time zone; say where each sender works by a column of zones (--place), or take the hours of the "
        "stamps if each has its sender's offset (--zone stamps)"
    )


def clock_doubt(hours: Reals) -> str:
    """Say why the hours of a log are implausible: no hours are quiet, or the quiet ones are in the day; else empty.

    ``hours`` is as in ``Clock.hours``.
    """
    day = np.nan_to_num(hours).reshape(7, 24)[:5].sum(axis=0)
    if day.sum() == 0:
        return "nothing is sent from Monday to Friday"
    share = 100 * day / day.sum()
    if share.max() > 50:
        return f"{share.max():.0f} % of the messages of working days lie in one hour: the log has dates without times"
    blocks = np.array([np.take(share, range(h, h + 5), mode="wrap").sum() for h in range(24)])
    quietest = int(blocks.argmin())
    quiet = f"{quietest} to {(quietest + 5) % 24} h"
    if blocks[quietest] > 5:
        return f"no five hours are quiet: {blocks[quietest]:.0f} % of the messages from {quiet}"
    if not (quietest >= 22 or quietest <= 4):
        return f"the quietest hours are {quiet}, not those of the night: the zone seems wrong"
    return ""


def clock_changes(zone: str, first: int, last: int) -> list[tuple[int, float]]:
    """List the days between two (since 1970) on which the clocks of a zone change, and by how many hours."""
    noons = [datetime.fromtimestamp(day * DAY + DAY // 2, UTC) for day in range(first, last + 1)]
    offsets = [(noon.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()).total_seconds() / HOUR for noon in noons]
    return [(first + k + 1, step) for k, step in enumerate(np.diff(offsets).tolist()) if step]


def summer_time_test(days: Mapping[int, Reals], zone: str) -> SummerTimeTest | None:
    """Compare the middle of the working day in the weeks before and after each change of the clocks.

    ``days`` maps days since 1970 to messages by hour of the local clock. The scatter of weeks gives the interval. None
    if the clocks did not change, or never with two weeks of messages on either side.
    """
    middles, weights, shifts, left = [], [], [], 0
    for change, step in clock_changes(zone, min(days), max(days)):
        sides = [
            [circular_mean(week) for week in weeks if week.sum() >= LEAST_MESSAGES]
            for weeks in (_weekly_hours(days, change - 7 * WEEKS_COMPARED), _weekly_hours(days, change))
        ]
        if min(map(len, sides)) < 2:
            continue
        before, after = (np.array(side) for side in sides)
        after = before[0] + hours_apart(after, before[0])
        before = before[0] + hours_apart(before, before[0])
        shifts.append((after.mean() - before.mean()) / step)
        weights.append(step**2 / (1 / len(before) + 1 / len(after)))
        middles += [*(before - before.mean()), *(after - after.mean())]
        left += len(before) + len(after) - 2
    if not shifts:
        return None
    moved = float(np.average(shifts, weights=weights))
    error = float(np.sqrt(np.square(middles).sum() / left / np.sum(weights))) or 1e-9
    half = float(stdtrit(left, 1 - SIGNIFICANCE / 2)) * error
    return SummerTimeTest(moved, half, len(shifts), float(stdtr(left, (1 - max(LEAST_SHIFT, half)) / error)))


def _weekly_hours(days: Mapping[int, Reals], first: int) -> list[Reals]:
    """Sum the messages by hour of each of the weeks from a day on."""
    none = np.zeros(24)
    return [sum((days.get(first + 7 * k + d, none) for d in range(7)), none) for k in range(WEEKS_COMPARED)]


def circular_mean(hours: Reals) -> float:
    """Return the circular mean of the hours at which messages are sent, 0 to 24."""
    return float(np.angle((hours * np.exp(2j * np.pi * np.arange(24) / 24)).sum()) * 12 / np.pi) % 24


def hours_apart(one: Reals, other: Reals | float) -> Reals:
    """Return the hours between hours of the day, -12 to 12."""
    return (one - other + 12) % 24 - 12
