"""Axes of numbers: their limits, ticks, lines of the grid and colours, and intervals with arrows where an axis ends."""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.figures.fonts import width
from sim.figures.numerals import Bounds, number
from sim.figures.sheet import dot, note, row_line
from sim.figures.style import INK, SMALL, STRIPE, TINY, Mark
from sim.figures.words import say

STEPS = [1, 2, 5, 10]  # between ticks
CUT, SHARE = 8, 0.85  # with this many rows or more, an axis includes this share of the intervals
LINEAR_TO = 5.0  # percent; about linear up to here, about logarithmic beyond: effects differ by orders of magnitude
ASINH_TICKS = (
    (0, 1, 3, 10, 30, 100, 300), (0, 3, 10, 30, 100, 300), (0, 10, 30, 100, 300), (0, 3, 10, 30, 100), (0, 3, 30, 300),
    (0, 10, 100), (0, 100), (0,),
)  # percent; ticks of a stretched axis, on either side, from the closest to the widest apart  # fmt: skip
MOST_WRITTEN = 4  # decimals of a tick
SUPERSCRIPT = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
AIR = 0.05  # inches, between the labels of ticks
NUMBER = 6.0  # points, of a number at the end of an axis
WHITE = {"facecolor": "white", "linewidth": 0, "pad": 0.6, "alpha": 0.85}  # behind such a number


Span = tuple[float, float]  # the ends of an axis


class Tick(NamedTuple):
    """A tick, its label, and where that has its middle, in inches from the left end of the axis."""

    place: float
    text: str
    middle: float

    @property
    def half(self) -> float:
        """Half the width of the label."""
        return width(self.text, SMALL) / 2


def labels_fit(ticks: Sequence[Tick], air: float = AIR) -> bool:
    """Return whether the labels of ticks do not touch."""
    return all(one.middle + one.half + air < other.middle - other.half for one, other in pairwise(ticks))


def row_axis(axes: Axes, depth: float) -> None:
    """Prepare axes for rows from top to bottom, which have names in place of ticks."""
    axes.set_ylim(depth, 0)
    no_y_axis(axes)


def no_y_axis(axes: Axes) -> None:
    """Remove ticks and line of a vertical axis that nobody reads."""
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def stripe(axes: Axes, low: float, high: float) -> None:
    """Shade a row of a list behind everything else."""
    axes.axhspan(low, high, color=STRIPE, linewidth=0, zorder=0)


def grid_on(axes: Axes, which: str) -> None:
    """Draw the grid of one axis, below everything else."""
    axes.grid(axis=which)  # type: ignore[arg-type]  # "x" or "y"
    axes.set_axisbelow(True)


def zero_line(axes: Axes, zorder: float = 1.5) -> None:
    """Draw the line of no effect."""
    axes.axvline(0, color=INK, linewidth=0.7, zorder=zorder)


def limits(values: Iterable[float], narrowest: float, widest: float = math.inf) -> Span:
    """Return the limits of an axis that includes zero and, with a tenth of margin, the finite values.

    Each side extends at least to ``narrowest`` and at most to ``widest``.
    """
    low, high = data_range(values)
    least = max(narrowest, 0.1 * (high - low))
    return max(min(low * 1.1, -least), -widest), min(max(high * 1.1, least), widest)


def data_range(values: Iterable[float]) -> Span:
    """Return the smallest and the largest of the finite values and zero."""
    known = [0.0, *(value for value in values if math.isfinite(value))]
    return min(known), max(known)


def padded(values: Iterable[float], margin: float) -> Span:
    """Return limits that include zero and the finite values, with a margin in shares of their distance."""
    low, high = data_range(values)
    pad = margin * (high - low) or 1.0
    return low - pad, high + pad


def common_limits(bounds: Sequence[Bounds], rows: int) -> Span:
    """Return the limits of a panel of effects; with ``CUT`` rows or more, the widest intervals extend beyond it."""
    ends = sorted(max((abs(end) for end in each if math.isfinite(end)), default=0.0) for each in bounds)
    widest = ends[int(SHARE * (len(ends) - 1))] * 1.15 if rows >= CUT else math.inf
    farthest = ends[-1] if ends else 1.0
    held = [end for each in bounds for end in each]
    return limits(held, 0.3 * (farthest if math.isinf(widest) else widest) or 1.0, widest or 1.0)


def common_axis(axes: Axes, bounds: Sequence[Bounds], inches: float, rows: int) -> None:
    """Prepare a narrow panel of effects in one unit: limits, zero line, grid and few ticks."""
    number_axis(axes, common_limits(bounds, rows), inches)
    zero_line(axes)


def arrows(panels: Iterable[tuple[Span, Iterable[Iterable[float]]]], words: str = "arrow") -> list[str]:
    """Explain arrows, if something in a panel goes beyond its limits."""
    for (left, right), bounds in panels:
        low, high = data_range(end for each in bounds for end in each)
        if low < left or high > right:
            return [say(words)]
    return []


def asinh_axis(axes: Axes, inches: float) -> None:
    """Stretch an axis of percentages near zero (asinh), keeping its limits, with as many ticks as fit."""
    low, high = axes.get_xlim()
    axes.set_xscale("asinh", linear_width=LINEAR_TO)
    ends = [math.asinh(end / LINEAR_TO) for end in (low, high)]
    ticks: list[Tick] = []
    for sizes in ASINH_TICKS[1 if max(-low, high) > 10 else 0 :]:
        places = sorted({sign * size for size in sizes for sign in (-1, 1) if low <= sign * size <= high})
        middles = (inches * math.asinh(place / LINEAR_TO) / (ends[1] - ends[0]) for place in places)
        ticks = [Tick(at, number(at, 0, sign=True), middle) for at, middle in zip(places, middles, strict=True)]
        if labels_fit(ticks):
            break
    axes.set_xticks([each.place for each in ticks], [each.text for each in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlim(low, high)


def decimals_between(places: Sequence[float]) -> int:
    """Return the decimals that the step between evenly spaced ticks needs."""
    step = abs(places[1] - places[0]) if len(places) > 1 else 1.0
    return next((decimals for decimals in range(16) if abs(round(step, decimals) - step) < 1e-6 * step), 16)


def tick_words(decimals: int, sign: bool = True) -> Callable[[float, object], str]:
    """Return how ticks are written: with their sign, zero without decimals, and many decimals as a power of ten."""
    power = f"×10{f'−{decimals}'.translate(SUPERSCRIPT)}" if decimals > MOST_WRITTEN else ""
    factor, decimals = (10.0**decimals, 0) if power else (1.0, decimals)
    return lambda value, _: number(factor * value, decimals, sign) + power if round(factor * value, decimals) else "0"


def tick_labels(axis: Axis, sign: bool = True) -> None:
    """Write the ticks of an axis with as many decimals as their step needs."""
    axis.set_major_formatter(tick_words(decimals_between(list(axis.get_majorticklocs())), sign))


def y_axis(axes: Axes, sign: bool) -> None:
    """Prepare a vertical axis with a grid and few ticks."""
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=STEPS))
    tick_labels(axes.yaxis, sign)
    grid_on(axes, "y")


def few_ticks(axes: Axes, inches: float, sign: bool = True, most: int = 4) -> None:
    """Write ticks, with at most ``most`` steps between them, that touch neither each other nor what is beside a panel.

    Where two do not fit with those between them, every second one or zero, which has a line, is left out. Where only
    one fits, it is not zero.
    """
    low, high = axes.get_xlim()
    finest: list[list[Tick]] = []
    for steps in (most, 3, 2, 1, 6, 12):
        found = [float(place) for place in MaxNLocator(steps, steps=STEPS).tick_values(low, high)]
        words = tick_words(decimals_between(found), sign)
        inside = (place for place in found if low <= place <= high)
        ticks = [Tick(place, words(place, None), inches * (place - low) / (high - low)) for place in inside]
        finest.append([each for each in ticks if -AIR + each.half <= each.middle <= inches + AIR - each.half])
    thinned = [part for ticks in finest for part in (ticks[::2], ticks[1::2], [each for each in ticks if each.place])]
    single = [[each] for ticks in finest for each in ticks if each.place]
    fit = [ticks for ticks in (*finest, *thinned) if labels_fit(ticks)]
    best = next((ticks for ticks in fit if len(ticks) > 1), max(single or fit, key=len, default=[]))
    axes.set_xticks([each.place for each in best], [each.text for each in best])


def number_axis(axes: Axes, ends: Span, inches: float, sign: bool = True) -> None:
    """Prepare a narrow panel of numbers: limits, grid and few ticks."""
    axes.set_xlim(*ends)
    grid_on(axes, "x")
    few_ticks(axes, inches, sign)


def whisker(
    axes: Axes, y: float, bounds: Bounds, color: str, linewidth: float, arrow: float, gid: str, line: bool = True
) -> None:
    """Draw an interval if it is known, and an arrow at each end of the axis that it or its value goes beyond.

    ``arrow`` is the size of arrows; at 0 there are none.
    """
    left, right = axes.get_xlim()
    value, low, high = bounds
    known = math.isfinite(low + high)
    if line and known:
        row_line(axes, y, (max(low, left), min(high, right)), color, linewidth, gid=gid)
    least, most = (min(bounds), max(bounds)) if known else (value, value)
    for beyond_it, end, sign in ((least < left, left, "<"), (most > right, right, ">")):
        if beyond_it and arrow:
            dot(axes, end, y, Mark(color, sign, color), arrow, clip_on=False, zorder=2)


def dot_or_number(axes: Axes, y: float, value: float, mark: Mark, size: float, text: str, **style: Any) -> None:
    """Draw a mark or, if its value lies beyond the axis, write its number at the end where it would be."""
    left, right = axes.get_xlim()
    if not (value < left or value > right):
        dot(axes, value, y, mark, size, clip_on=False, **style)
        return
    end, side, shift = (left, "left", 9) if value < left else (right, "right", -9)  # points: off the arrow
    note(
        axes, text, (end, y), (shift, 0), xycoords="data", ha=side, va="center_baseline", fontsize=NUMBER,
        color=mark.color, bbox=WHITE, zorder=4,
    )  # fmt: skip


def color_bar(
    axes: Axes, mesh: ScalarMappable, ticks: Sequence[float], decimals: int, sign: bool, inches: tuple[float, float],
    **style: Any,
) -> None:  # fmt: skip
    """Draw the scale of a map's colours beside it, at a distance and of a width in ``inches``."""
    figure = axes.figure
    assert isinstance(figure, Figure)
    bounds, page = axes.get_position(), float(figure.get_size_inches()[0])
    box = (bounds.x1 + inches[0] / page, bounds.y0, inches[1] / page, bounds.height)
    bar = figure.colorbar(mesh, cax=figure.add_axes(box), ticks=list(ticks))
    bar.outline.set_visible(False)
    if bar.solids:  # as shapes: an embedded bitmap would blur
        bar.solids.set(rasterized=False, edgecolor="face", linewidth=0.3)
    bar.ax.set_yticklabels([number(tick, decimals, sign) if tick else "0" for tick in ticks])
    bar.ax.minorticks_off()
    bar.ax.tick_params(labelsize=TINY, **style)
