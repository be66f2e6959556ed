"""Rows of a forest plot: where they stand, their names, their marks, and what the marks mean."""

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
WIDER = 2.5  # times the middle one of the groups' farthest ends; a group of few firms would flatten all others
SIZE = 4.8  # points: a mark
CUT, SHARE = 8, 0.85  # from so many rules on, an axis holds this share of the intervals; an arrow leads to the rest
STRETCHED = 5.0  # percent; about linear up to here, about logarithmic beyond: effects differ by orders of magnitude
AIR = 0.05  # inches, between the labels of ticks


class Row(NamedTuple):
    """A line of a forest plot; one without a key is a heading."""

    text: str
    key: str = ""


class Ladder:
    """The rows of a forest plot, placed from top to bottom in units of one row.

    Parameters
    ----------
    rows : Sequence[Row]
        The rows.
    row : float
        Height of a row, inches.
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
    """Choose the ends of an axis around zero.

    Parameters
    ----------
    values : Iterable[float]
        What it should hold; what is not a number is left out.
    narrowest : float
        At least this far on either side.
    widest : float
        At most this far.

    Returns
    -------
    tuple[float, float]
        Both ends, with a tenth of air.
    """
    known = [value for value in values if math.isfinite(value)]
    low, high = min([0.0, *known]), max([0.0, *known])
    least = max(narrowest, 0.1 * (high - low))
    return max(min(low * 1.1, -least), -widest), min(max(high * 1.1, least), widest)


def common_span(groups: Sequence[Bounds]) -> tuple[float, float]:
    """Choose the ends of an axis that most groups fit on, and every group's effect.

    Parameters
    ----------
    groups : Sequence[Bounds]
        Effects with their intervals.

    Returns
    -------
    tuple[float, float]
        Both ends.
    """
    ends = [max((abs(bound) for bound in bounds if math.isfinite(bound)), default=0.0) for bounds in groups]
    widest = max(WIDER * median(ends or [0.0]), *(1.2 * abs(value) for value, _, _ in groups), 0.0)
    values = [bound for bounds in groups for bound in bounds]
    return span(values, 0.2 * widest or 1.0, widest or 1.0)


def common_axis(axes: Axes, bounds: Sequence[Bounds], inches: float, rows: int) -> None:
    """Prepare a narrow panel of effects in one unit: an axis that holds most intervals, zero line, grid, few ticks.

    Parameters
    ----------
    axes : Axes
        The panel.
    bounds : Sequence[Bounds]
        Effects with their intervals.
    inches : float
        Width of the panel.
    rows : int
        Rules in it; of few, all intervals are held.
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
    """Write the number of an effect that lies beyond the axis, at the end where it would be.

    Parameters
    ----------
    axes : Axes
        The panel.
    y : float
        Its row.
    value : float
        Where it would be.
    text : str
        The number.
    color : str
        Of the letters.
    """
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
    """Stretch an axis of percentages near zero.

    Parameters
    ----------
    axes : Axes
        The plot.
    """
    low, high = axes.get_xlim()
    axes.set_xscale("asinh", linear_width=STRETCHED)
    wide = (0, 1, 3, 10, 30, 100, 300) if max(-low, high) <= 10 else (0, 3, 10, 30, 100, 300)
    ticks = sorted({sign * size for size in wide for sign in (-1, 1) if low <= sign * size <= high})
    axes.set_xticks(ticks, [number(tick, 0, sign=bool(tick)) for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlim(low, high)


def frame(axes: Axes, ladder: Ladder, ends: tuple[float, float], ticks: int = 6) -> None:
    """Prepare the axes: zero line, grid, and a line above each heading but the first.

    Parameters
    ----------
    axes : Axes
        The plot.
    ladder : Ladder
        Its rows.
    ends : tuple[float, float]
        Ends of the axis of effects.
    ticks : int
        At most so many steps.
    """
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
    """Write the ticks of an axis of differences with signs, as finely as they stand.

    Parameters
    ----------
    axes : Axes
        The plot.
    ticks : int
        At most so many steps.
    """
    axes.locator_params(axis="x", nbins=ticks, steps=[1, 2, 5, 10])
    decimals = decimals_between(list(axes.get_xticks()))
    axes.xaxis.set_major_formatter(lambda value, _: number(value, decimals, sign=True) if abs(value) > 1e-9 else "0")


def few_ticks(axes: Axes, inches: float, sign: bool = True) -> None:
    """Write so few ticks on a narrow panel that they touch neither each other nor the next panel.

    Parameters
    ----------
    axes : Axes
        The panel.
    inches : float
        Its width.
    sign : bool
        Whether to write a plus.
    """
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
    """Say from where to where the label of a tick goes, inches."""
    half = width(text, SMALL) / 2
    return middle - half, middle + half


def decimals_between(places: Sequence[float]) -> int:
    """Choose decimals for ticks.

    Parameters
    ----------
    places : Sequence[float]
        Ticks, evenly spaced.

    Returns
    -------
    int
        As many as the step has.
    """
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
    """Write above the first row.

    Parameters
    ----------
    axes : Axes
        The plot.
    inches : float
        Distance from the left end of the axes.
    text : str
        What to write.
    ha : str
        Which side of the text stands there.
    size : float
        Points.
    color : str
        Colour of the letters.
    weight : str
        Weight of the letters.
    lift : float
        Points above the axes.
    """
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
    """Write the names of the rows at the left edge of the sheet.

    Parameters
    ----------
    axes : Axes
        The plot.
    ladder : Ladder
        Its rows.
    left : float
        Where the axes start, inches.
    """
    for y, row in ladder.placed:
        if row.key:
            beside(axes, y, MARGIN + 0.1 - left, row.text, size=7.5)
        else:
            beside(axes, y, MARGIN - left, row.text, size=8, weight=strong())


def directions(axes: Axes) -> None:
    """Say above the axes which side is less and which is more.

    Parameters
    ----------
    axes : Axes
        The plot.
    """
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
    """Draw an effect and its interval; what lies beyond the axis ends in an arrow.

    Parameters
    ----------
    axes : Axes
        The plot.
    y : float
        Its row.
    effect : Effect
        The effect.
    bounds : Bounds
        Value and interval on the axis.
    """
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
    """Explain the marks that occur.

    Parameters
    ----------
    paper : Sheet
        The sheet.
    verdicts : set[str]
        Keys of ``MARKS``.
    """
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
