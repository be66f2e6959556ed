"""Trade-offs: burnout against efficiency and against money, and which rules are dominated.

Axes follow the bulk of the points, and names are placed by ``placing``. What is outside the axes or cannot be named is
listed in the caption.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from sim.figures.context import Setting, Tables, drawn_from, over, reach, window
from sim.figures.effect import Compared, compared_of
from sim.figures.fonts import width
from sim.figures.forest_rows import decimals_between, signed_ticks
from sim.figures.labels import Box, Name, placed
from sim.figures.sheet import MARGIN, WIDTH, Sheet, sheet
from sim.figures.style import BAR, INK, OTHERS, QUIET, RULE, TINY, number, scale
from sim.figures.words import label, say

BURNOUT = "share_burnt_out"
AGAINST = (
    ("output_per_paid_hour", "output_per_hour"),
    ("employer_cost", "total_cost", "cost_per_output"),
)  # the first in the table
HEIGHT, BELOW, GAP, LEFT = 3.1, 0.40, 0.62, 0.55  # inches
PALE = "#b9b9b9"
FEW = 10  # axes include the intervals of fewer scenarios than this, but only the points of more
BULK, REACH = 0.9, 1.6  # axes include this share of the points, and others within so many times their span


class Point(NamedTuple):
    """A rule between two outcomes, in the units shown."""

    scenario: str
    x: tuple[float, float, float]  # value and interval
    y: tuple[float, float, float]


def draw_frontier(tables: Tables, run: Setting) -> Figure:
    """Draw a panel for each of the two trade-offs that ``effects`` of a comparison has.

    Figures with unnamed points are composed twice, because the caption that lists them changes the layout.
    """
    figure, unnamed = _compose(tables, run, [])
    if unnamed:
        figure, _ = _compose(tables, run, [say("frontier_unnamed", names=say("list").join(map(run.name, unnamed)))])
    return figure


def _compose(tables: Tables, run: Setting, more: Sequence[str]) -> tuple[Figure, list[str]]:
    """Draw the figure with further sentences, and return the scenarios whose names did not fit."""
    compared = compared_of(tables)
    there = {each.effect.outcome for each in compared}
    chosen = [next(name for name in names if name in there) for names in AGAINST if there & set(names)]
    chosen = chosen if BURNOUT in there else []
    found = {name: points(compared, name) for name in chosen}
    spans = {name: (_span([p.x for p in listed]), _span([p.y for p in listed])) for name, listed in found.items()}
    beyond = {p.scenario: None for name, listed in found.items() for p in listed if not _inside(p, *spans[name])}
    people, firms = [each.effect.people for each in compared], [each.firms for each in compared]
    notes = [reach(people, firms) + drawn_from(run), window(run, tables)]
    notes += [say("frontier_points", reference=run.name(run.counterfactual)), over(run), say("frontier_pale")]
    if beyond:
        notes.append(say("frontier_beyond", names=say("list").join(map(run.name, beyond))))
    count = max(len(chosen), 1)
    high = count * (HEIGHT + BELOW) + (count - 1) * (GAP - BELOW) + 0.32
    paper = sheet(run.title, say("frontier"), [*notes, *more], high)
    effects = {each.effect.outcome: each.effect for each in compared}
    unnamed: dict[str, None] = {}
    for place, name in enumerate(chosen):
        low = BELOW + (count - 1 - place) * (HEIGHT + GAP)
        axes = paper.axes(MARGIN + LEFT, low, WIDTH - 2 * MARGIN - LEFT, HEIGHT)
        axes.set_xlim(*spans[name][0])
        axes.set_ylim(*spans[name][1])
        _label(axes, name, scale(effects[name].unit).change, effects[name].better)
        axes.set_ylabel(say("frontier_axis", outcome=label("outcome", BURNOUT), unit=scale("share").change))
        inside = [p for p in found[name] if p.scenario not in beyond]
        unnamed |= dict.fromkeys(_draw(paper, axes, inside, effects[name].better, run))
    paper.legend(_handles(run), columns=4)
    return paper.figure, list(unnamed)


def points(compared: Sequence[Compared], outcome: str) -> list[Point]:
    """Pair the effects on burnout (y) with those on another outcome (x), for scenarios that have both."""
    cells = {(each.scenario, each.effect.outcome): each.effect.bounds for each in compared}
    names = dict.fromkeys(each.scenario for each in compared)
    both = [name for name in names if (name, outcome) in cells and (name, BURNOUT) in cells]
    return [Point(name, cells[name, outcome], cells[name, BURNOUT]) for name in both]


def undominated(listed: Sequence[Point], better: str) -> list[Point]:
    """Return the Pareto-optimal points from left to right; the world without any rule, (0, 0), competes as well.

    Less burnout is better; ``better`` is "lower" or "higher" for the other outcome.
    """
    sign = -1.0 if better == "higher" else 1.0
    rivals = [(sign * p.x[0], p.y[0]) for p in listed] + [(0.0, 0.0)]
    kept = [
        p
        for p in listed
        if not any(x <= sign * p.x[0] and y <= p.y[0] and (x, y) != (sign * p.x[0], p.y[0]) for x, y in rivals)
    ]
    return sorted(kept, key=lambda p: (p.x[0], p.y[0]))


def _span(bounds: Sequence[tuple[float, float, float]]) -> tuple[float, float]:
    """Return limits that include zero and nearly all values, with a margin for intervals and names."""
    if len(bounds) < FEW:
        ends = [0.0, *(end for each in bounds for end in each if math.isfinite(end))]
        pad = 0.05 * (max(ends) - min(ends)) or 1.0
        return min(ends) - pad, max(ends) + pad
    values = sorted(value for value, _, _ in bounds)
    cut = int((1 - BULK) / 2 * len(values))
    core = [0.0, *values[cut : len(values) - cut]]
    low, high = min(core), max(core)
    wide = (high - low) or 1.0
    kept = [value for value in [0.0, *values] if low - (REACH - 1) * wide <= value <= high + (REACH - 1) * wide]
    low, high = min(kept), max(kept)
    pad = 0.12 * (high - low) or 1.0
    return low - pad, high + pad


def _inside(point: Point, across: tuple[float, float], up: tuple[float, float]) -> bool:
    """Return whether a point lies within both axes."""
    return across[0] <= point.x[0] <= across[1] and up[0] <= point.y[0] <= up[1]


def _label(axes: Axes, name: str, unit: str, better: str) -> None:
    """Name the axes, mark the better direction, and draw the lines of zero."""
    axes.set_xlabel(say("frontier_axis", outcome=label("outcome", name), unit=unit))
    axes.axvline(0, color=OTHERS, linewidth=0.6, zorder=0.5)
    axes.axhline(0, color=OTHERS, linewidth=0.6, zorder=0.5)
    signed_ticks(axes, 7)
    decimals = decimals_between(list(axes.get_yticks()))
    axes.yaxis.set_major_formatter(lambda value, _: number(value, decimals, sign=True) if abs(value) > 1e-9 else "0")
    right = better == "higher"
    axes.annotate(
        say("better_right" if right else "better_left"),
        (1 if right else 0, 0),
        xycoords="axes fraction",
        xytext=(0, -17),
        textcoords="offset points",
        ha="right" if right else "left",
        va="top",
        fontsize=TINY,
        color=INK,
    )
    axes.annotate(
        say("better_left"),
        (0, 0),
        xycoords="axes fraction",
        xytext=(-30, 2),
        textcoords="offset points",
        rotation=90,
        ha="center",
        va="bottom",
        fontsize=TINY,
        color=INK,
    )


def _draw(paper: Sheet, axes: Axes, listed: Sequence[Point], better: str, run: Setting) -> list[str]:
    """Draw points with intervals, the frontier and names; return the scenarios whose names did not fit."""
    front = undominated(listed, better)
    best = {p.scenario for p in front}
    for p in listed:
        color = RULE if p.scenario in best else PALE
        for ends, other, flat in ((p.x, p.y[0], True), (p.y, p.x[0], False)):
            if all(math.isfinite(end) for end in ends):
                along, across = [ends[1], ends[2]], [other, other]
                axes.plot(
                    along if flat else across,
                    across if flat else along,
                    color=color if p.scenario in best else "#dcdcdc",
                    linewidth=0.8,
                    alpha=0.55 if p.scenario in best else 1.0,
                    zorder=2 if p.scenario in best else 1,
                )
        axes.plot(
            [p.x[0]],
            [p.y[0]],
            "o",
            markersize=4.6 if p.scenario in best else 3.8,
            markerfacecolor=RULE if p.scenario in best else "white",
            markeredgecolor=color,
            zorder=3.5,
            gid=f"point {p.scenario}",
        )
    line = sorted([*((p.x[0], p.y[0]) for p in front), *_origin(listed, better)])
    axes.plot(*zip(*line, strict=True), color=BAR, linewidth=2.2, zorder=1.5, gid="frontier") if line else None
    axes.plot([0], [0], "s", markersize=4.6, color=INK, zorder=3.2)
    return _name(paper, axes, [*front, *(p for p in listed if p.scenario not in best)], best, run)


def _origin(listed: Sequence[Point], better: str) -> list[tuple[float, float]]:
    """Return the world without any rule if no point dominates it."""
    sign = -1.0 if better == "higher" else 1.0
    beaten = any(sign * p.x[0] <= 0 and p.y[0] <= 0 and (p.x[0], p.y[0]) != (0, 0) for p in listed)
    return [] if beaten else [(0.0, 0.0)]


def _name(paper: Sheet, axes: Axes, listed: Sequence[Point], best: set[str], run: Setting) -> list[str]:
    """Write names where they fit, and return the scenarios of the others."""
    unnamed = []
    bounds = axes.get_position()
    wide, high = (72 * float(size) for size in paper.figure.get_size_inches())
    size = (bounds.width * wide, bounds.height * high)
    limits = axes.get_xlim(), axes.get_ylim()

    def at(value: float, axis: int) -> float:
        """Convert a value to points from the corner of the plot, clipped to the axis."""
        low, top = limits[axis]
        return size[axis] * (min(max(value, low), top) - low) / (top - low)

    texts = [run.name(p.scenario) for p in listed]
    names = [
        Name(at(p.x[0], 0), at(p.y[0], 1), 72 * width(text, TINY), 0.95 * TINY)
        for p, text in zip(listed, texts, strict=True)
    ]
    lines = [
        Box(at(p.x[1], 0), at(p.y[0], 1) - 0.5, at(p.x[2], 0), at(p.y[0], 1) + 0.5) for p in listed if p.x[1] < p.x[2]
    ]
    lines += [
        Box(at(p.x[0], 0) - 0.5, at(p.y[1], 1), at(p.x[0], 0) + 0.5, at(p.y[2], 1)) for p in listed if p.y[1] < p.y[2]
    ]
    lines += [Box(0, at(0, 1) - 0.5, size[0], at(0, 1) + 0.5), Box(at(0, 0) - 0.5, 0, at(0, 0) + 0.5, size[1])]
    zero = Box(at(0, 0) - 3, at(0, 1) - 3, at(0, 0) + 3, at(0, 1) + 3)
    for p, text, name, place in zip(
        listed, texts, names, placed(names, Box(0, 0, *size), [*lines, *[zero] * 5]), strict=True
    ):
        if place is None:
            unnamed.append(p.scenario)
            continue
        color = INK if p.scenario in best else QUIET
        box = place.box
        spot: dict[str, Any] = {"xycoords": "axes points", "textcoords": "axes points"}
        if place.leader:
            end = (min(max(name.x, box.left), box.right), min(max(name.y, box.low), box.high))
            arrow = {"arrowstyle": "-", "color": PALE, "linewidth": 0.5, "shrinkA": 2.5, "shrinkB": 0}
            axes.annotate("", end, xytext=(name.x, name.y), arrowprops=arrow, zorder=2.5, **spot)
        axes.annotate(
            text,
            (box.left, box.low),
            xytext=(box.left, (box.low + box.high) / 2),
            va="center_baseline",
            fontsize=TINY,
            color=color,
            zorder=4,
            path_effects=[withStroke(linewidth=1.8, foreground="white")],
            gid=f"name {p.scenario}",
            **spot,
        )
    return unnamed


def _handles(run: Setting) -> list[Line2D]:
    """Explain the marks."""
    return [
        Line2D([], [], color=RULE, marker="o", markersize=4.6, linewidth=0.8, label=say("frontier_open")),
        Line2D(
            [],
            [],
            color=PALE,
            marker="o",
            markerfacecolor="white",
            markersize=3.8,
            linewidth=0.8,
            label=say("frontier_dominated"),
        ),
        Line2D([], [], color=INK, marker="s", markersize=4.6, linewidth=0, label=run.name(run.counterfactual)),
    ]
