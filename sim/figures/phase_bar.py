"""A time axis: dates below it, phases as bars above it, and the strength of the rule as a shade behind the plot.

Positions in time are proleptic ordinals (``date.toordinal``).
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.figures.context import Phase
from sim.figures.fonts import width
from sim.figures.sheet import Sheet
from sim.figures.style import BAR, INK, QUIET, SHADE, TINY
from sim.figures.words import month, say

LANE = 0.15  # inches, of a bar
PAD = 0.05  # inches, at the sides of its name

Reals = NDArray[np.float64]
Span = tuple[float, float]  # of the axis of time, in days of the calendar


class Bar(NamedTuple):
    """A phase in the strip."""

    label: str
    start: float
    full: float  # end of the ramp
    end: float
    name: float  # where the name is written
    lane: int


def put_dates(axes: Axes, start: date, span: Span, labels: bool) -> None:
    """Set the limits of the time axis and mark dates on it, with labels or without."""
    ticks = _dates(start, round(span[1] - span[0]))
    axes.set_xlim(*span)
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.tick_params(labelbottom=labels)


def _dates(start: date, days: int) -> dict[float, str]:
    """Choose at most nine dates and their labels; the first date of a year has the year below it."""
    if days <= 63:
        chosen = [start + timedelta(days=day) for day in range(0, days + 1, 7 if days <= 42 else 14)]
        words = [say("day_and_month", day=day.day, month=month(day), number=day.month) for day in chosen]
    else:
        step = next((step for step in (1, 2, 3, 6, 12, 24, 60) if days / 30.44 / step <= 8), 120)
        first = start.year * 12 + start.month - 1
        months = [m for m in range(first - first % step, first + days // 30 + 2, step) if m > first or start.day == 1]
        chosen = [date(m // 12, m % 12 + 1, 1) for m in months]
        chosen = [day for day in chosen if 0 <= (day - start).days <= days]
        if step >= 12:
            return {float(day.toordinal()): str(day.year) for day in chosen}
        words = [month(day) for day in chosen]
    seen: set[int] = set()
    for place, day in enumerate(chosen):
        words[place] += "" if day.year in seen else f"\n{day.year}"
        seen.add(day.year)
    return {float(day.toordinal()): text for day, text in zip(chosen, words, strict=True)}


def _profile(phases: Sequence[Phase], span: Span) -> tuple[Reals, Reals]:
    """Return days and the strength (0 to 1) of the strongest phase on them, with two points at each bend."""
    spans = [(p.start.toordinal(), p.end.toordinal(), p.ramp_days) for p in phases]
    bends = {*span, *(day for start, end, ramp in spans for day in (start, min(start + ramp, end), end))}
    days = np.array(sorted(day for bend in bends for day in (bend - 1e-6, bend + 1e-6)))
    strength = np.zeros_like(days)
    for start, end, ramp in spans:
        rising = np.clip((days - start) / ramp, 0, 1) if ramp else np.ones_like(days)
        strength = np.maximum(strength, np.where((days >= start) & (days < end), rising, 0.0))
    return days, strength


def shade(axes: Axes, phases: Sequence[Phase], span: Span) -> None:
    """Shade the time under rules; the height of the shade is the strength of the rule."""
    if not phases:
        return
    days, strength = _profile(phases, span)
    axes.fill_between(
        days, 0, strength, transform=axes.get_xaxis_transform(), color=SHADE, linewidth=0, zorder=0, gid="strength"
    )
    for start in sorted({phase.start for phase in phases}):
        axes.axvline(start.toordinal(), color=QUIET, linewidth=0.5, linestyle=(0, (1, 2)), zorder=0.5)


def bars_of(phases: Sequence[Phase], span: Span, inches: float) -> list[Bar]:
    """Assign each phase on the axis a bar and the first lane in which bar and name overlap nothing.

    ``inches`` is the length of the axis, which the widths of the names are compared with.
    """
    inch = (span[1] - span[0]) / inches
    lanes: list[list[tuple[float, float]]] = []
    bars = []
    for phase in phases:
        start, end = max(phase.start.toordinal(), span[0]), min(phase.end.toordinal(), span[1])
        if start >= end:
            continue
        full = min(max(phase.start.toordinal() + phase.ramp_days, start), end)
        size = (width(phase.label, TINY) + 2 * PAD) * inch
        name = full if size <= end - full else start if start + size <= span[1] else max(start - size, span[0])
        low, high = min(start, name), max(end, name + size)
        lane = next((n for n, taken in enumerate(lanes) if all(high <= a or low >= b for a, b in taken)), len(lanes))
        if lane == len(lanes):
            lanes.append([])
        lanes[lane].append((low, high))
        bars.append(Bar(phase.label, start, full, end, name, lane))
    return bars


class Strip:
    """Phases as bars with their names, above panels of a time axis; a ramp is a slope at the start of its bar."""

    def __init__(self, phases: Sequence[Phase], span: Span, inches: float) -> None:
        self.span, self.inches = span, inches
        self.bars = bars_of(phases, span, inches)
        self.lanes = max((bar.lane + 1 for bar in self.bars), default=0)
        self.high = LANE * self.lanes

    def draw(self, paper: Sheet, left: float, low: float) -> None:
        """Draw the bars on a page if there are any."""
        if not self.bars:
            return
        axes = paper.axes(left, low, self.inches, self.high)
        axes.set(xlim=self.span, ylim=(self.lanes, 0))
        axes.set_axis_off()
        pad = PAD * (self.span[1] - self.span[0]) / self.inches
        for bar in self.bars:
            low, high = bar.lane + 0.92, bar.lane + 0.08
            axes.fill([bar.start, bar.full, bar.end, bar.end], [low, high, high, low], color=BAR, linewidth=0)
            axes.text(bar.name + pad, bar.lane + 0.52, bar.label, va="center", fontsize=TINY, color=INK)
