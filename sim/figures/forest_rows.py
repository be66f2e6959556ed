"""Rows of a forest plot: positions, names, axes, marks and their legend."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.figures.effect import Effect
from sim.figures.fonts import strong, width
from sim.figures.sheet import MARGIN, Sheet, beside
from sim.figures.style import FAINT, INK, MARKS, QUIET, SMALL, TINY, Bounds, number
from sim.figures.words import label, say

ROW, AXIS, HEADS = 0.185, 0.40, 0.18  # inches: a row, the ticks and label below, the heads of the columns above
WIDER = 2.5  # times the median of the groups' extremes; a group of few firms would flatten all others
SIZE = 4.8  # points: a mark
CUT, SHARE = 8, 0.85  # with this many rules or more, an axis includes this share of the intervals
STRETCHED = 5.0  # percent; about linear up to here, about logarithmic beyond: effects differ by orders of magnitude
AIR = 0.05  # inches, between the labels of ticks


class Row(NamedTuple):
    """A line of a forest plot; without a key it is a heading."""

    text: str
    key: str = ""


class Ladder:
    """Rows of a forest plot, placed from top to bottom.

    Positions and ``depth`` are in units of one row; ``row`` is its height in inches. Headings get extra space above.
    """

    def __init__(self, rows: Sequence[Row], row: float = ROW) -> None:
        self.placed: list[tuple[float, Row]] = []
        y = 0.6
        for each in rows:
            y += 0 if each.key or not self.placed else 0.35
            self.placed.append((y, each))
            y += 1
        self.depth = max(y - 0.4, 1.0)
        self.inches = row * self.depth


def span(values: Iterable[float], narrowest: float, widest: float = math.inf) -> tuple[float, float]:
    """Return the limits of an axis that includes zero and, with a tenth of margin, the finite values.

    Each side extends at least to ``narrowest`` and at most to ``widest``.
    """
    known = [value for value in values if math.isfinite(value)]
    low, high = min([0.0, *known]), max([0.0, *known])
    least = max(narrowest, 0.1 * (high - low))
    return max(min(low * 1.1, -least), -widest), min(max(high * 1.1, least), widest)


def common_span(groups: Sequence[Bounds]) -> tuple[float, float]:
    """Return limits that include every effect, but cut intervals of groups far beyond the median one."""
    ends = [max((abs(bound) for bound in bounds if math.isfinite(bound)), default=0.0) for bounds in groups]
    widest = max(WIDER * median(ends or [0.0]), *(1.2 * abs(value) for value, _, _ in groups), 0.0)
    values = [bound for bounds in groups for bound in bounds]
    return span(values, 0.2 * widest or 1.0, widest or 1.0)


def common_axis(axes: Axes, bounds: Sequence[Bounds], inches: float, rows: int) -> None:
    """Prepare a narrow panel of effects in one unit: limits, zero line, grid and few ticks.

    With ``CUT`` rows or more, the widest intervals extend beyond the axis.
    """
    ends = sorted(max((abs(end) for end in each if math.isfinite(end)), default=0.0) for each in bounds)
    widest = ends[int(SHARE * (len(ends) - 1))] * 1.15 if rows >= CUT else math.inf
    held = [end for each in bounds for end in each]
    farthest = ends[-1] if ends else 1.0
    axes.set_xlim(*span(held, 0.3 * (farthest if math.isinf(widest) else widest) or 1.0, widest or 1.0))
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.axvline(0, color=INK, linewidth=0.7, zorder=1.5)
    few_ticks(axes, inches)


def beyond(axes: Axes, y: float, value: float, text: str, color: str) -> None:
    """Write the number of an effect that lies beyond the axis, at the end where it would be."""
    left, right = axes.get_xlim()
    inner, side = (left, "left") if value < left else (right, "right")
    axes.annotate(
        text,
        (inner, y),
        xytext=(4 if side == "left" else -4, 0),
        textcoords="offset points",
        ha=side,
        va="center_baseline",
        fontsize=5.5,
        color=color,
        bbox={"facecolor": "white", "linewidth": 0, "pad": 0.6, "alpha": 0.85},
        zorder=4,
    )


def stretch(axes: Axes) -> None:
    """Stretch an axis of percentages near zero (asinh), keeping its limits."""
    low, high = axes.get_xlim()
    axes.set_xscale("asinh", linear_width=STRETCHED)
    wide = (0, 1, 3, 10, 30, 100, 300) if max(-low, high) <= 10 else (0, 3, 10, 30, 100, 300)
    ticks = sorted({sign * size for size in wide for sign in (-1, 1) if low <= sign * size <= high})
    axes.set_xticks(ticks, [number(tick, 0, sign=bool(tick)) for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlim(low, high)


def frame(axes: Axes, ladder: Ladder, ends: tuple[float, float], ticks: int = 6) -> None:
    """Prepare the axes: zero line, grid, and a line above each heading but the first."""
    axes.set_xlim(*ends)
    axes.set_ylim(ladder.depth, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.axvline(0, color=INK, linewidth=0.8, zorder=1.5, gid="zero")
    signed_ticks(axes, ticks)
    for y, row in ladder.placed[1:]:
        if not row.key:
            axes.axhline(y - 0.66, color=FAINT, linewidth=0.6)


def signed_ticks(axes: Axes, ticks: int) -> None:
    """Write at most ``ticks`` intervals of ticks with signs, and as many decimals as their step needs."""
    axes.locator_params(axis="x", nbins=ticks, steps=[1, 2, 5, 10])
    decimals = decimals_between(list(axes.get_xticks()))
    axes.xaxis.set_major_formatter(lambda value, _: number(value, decimals, sign=True) if abs(value) > 1e-9 else "0")


def few_ticks(axes: Axes, inches: float, sign: bool = True) -> None:
    """Write as many ticks (at most five) as fit on a narrow panel without touching each other or the next panel."""
    low, high = axes.get_xlim()
    chosen: list[tuple[float, str]] = []
    for steps in (4, 3, 2, 1):
        found = MaxNLocator(steps, steps=[1, 2, 5, 10]).tick_values(low, high)
        places = [float(place) for place in found if low <= place <= high]
        decimals = decimals_between(list(found))
        words = [number(place, decimals, sign=sign) if abs(place) > 1e-9 else "0" for place in places]
        boxes = [_box(inches * (place - low) / (high - low), text) for place, text in zip(places, words, strict=True)]
        inside = [box[0] >= -AIR and box[1] <= inches + AIR for box in boxes]
        kept = [box for box, fits in zip(boxes, inside, strict=True) if fits]
        if all(one[1] + AIR < other[0] for one, other in pairwise(kept)) and len(kept) >= len(chosen):
            chosen = [pair for pair, fits in zip(zip(places, words, strict=True), inside, strict=True) if fits]
        if len(chosen) > 1:
            break
    axes.set_xticks([place for place, _ in chosen], [text for _, text in chosen])


def _box(middle: float, text: str) -> tuple[float, float]:
    """Return the left and right end of a tick's label, inches."""
    half = width(text, SMALL) / 2
    return middle - half, middle + half


def decimals_between(places: Sequence[float]) -> int:
    """Return the decimals that the step between evenly spaced ticks needs."""
    step = abs(places[1] - places[0]) if len(places) > 1 else 1.0
    return next((decimals for decimals in range(9) if abs(round(step, decimals) - step) < 1e-6 * step), 9)


def head(
    axes: Axes,
    inches: float,
    text: str,
    ha: str = "right",
    size: float = TINY,
    color: str = QUIET,
    weight: str = "normal",
    lift: float = 3,
) -> None:
    """Write above the first row, ``inches`` from the left end of the axes and ``lift`` points above them."""
    axes.annotate(
        text,
        (0, 1),
        xycoords="axes fraction",
        xytext=(72 * inches, lift),
        textcoords="offset points",
        ha=ha,
        fontsize=size,
        color=color,
        fontweight=weight,
    )


def names(axes: Axes, ladder: Ladder, left: float) -> None:
    """Write the names of the rows at the left edge of the page; ``left`` is where the axes start, inches."""
    for y, row in ladder.placed:
        if row.key:
            beside(axes, y, MARGIN + 0.1 - left, row.text, size=7.5)
        else:
            beside(axes, y, MARGIN - left, row.text, size=8, weight=strong())


def directions(axes: Axes) -> None:
    """Write above the axes which side is less and which is more."""
    for offset, key, ha in ((-6, "less", "right"), (6, "more", "left")):
        axes.annotate(
            say(key),
            (0, 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(offset, 3),
            textcoords="offset points",
            ha=ha,
            fontsize=TINY,
            color=QUIET,
        )


def mark(axes: Axes, y: float, effect: Effect, bounds: Bounds) -> None:
    """Draw an effect and its interval; ``bounds`` are its values on the axis, and arrows mark what lies beyond."""
    value, low, high = bounds
    drawn, zero = MARKS[effect.verdict], effect.verdict == "zero"
    if not math.isfinite(value):
        beside(axes, y, 0.05, say("nothing_without"), size=TINY, color=QUIET)
        return
    left, right = axes.get_xlim()
    tag = f"{effect.outcome} {effect.group}"
    if math.isfinite(low + high) and not zero:
        axes.plot([low, high], [y, y], color=drawn.color, linewidth=1.3, gid=f"interval {tag}")
    known = [bound for bound in bounds if math.isfinite(bound)]
    if min(known) < left:
        axes.plot([left], [y], "<", color=drawn.color, markersize=5, clip_on=False)
    if max(known) > right:
        axes.plot([right], [y], ">", color=drawn.color, markersize=5, clip_on=False)
    axes.plot(
        [value],
        [y],
        drawn.marker,
        markerfacecolor=drawn.fill,
        markeredgecolor=drawn.color,
        markersize=SIZE,
        zorder=3,
        gid=f"effect {tag}",
    )


def legend(paper: Sheet, verdicts: set[str]) -> None:
    """Explain the marks of the verdicts that occur."""
    handles = [
        Line2D(
            [],
            [],
            color=drawn.color,
            marker=drawn.marker,
            markerfacecolor=drawn.fill,
            markersize=SIZE,
            linewidth=0 if verdict in ("zero", "unknown") else 1.3,
            label=label("verdict", verdict),
        )
        for verdict, drawn in MARKS.items()
        if verdict in verdicts
    ]
    if handles:
        paper.legend(handles, columns=len(handles))
