"""Trade-offs: burnout against efficiency and against money, and which rules are dominated.

Axes follow the bulk of the points, and names are placed by ``labels``. What is outside the axes or cannot be named is
listed in the caption.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from sim.figures.axis import Span, few_ticks, padded, tick_labels
from sim.figures.context import Setting, Tables, based_on, over_what, window
from sim.figures.effect import Effect, by_scenario, firm_counts
from sim.figures.fonts import width
from sim.figures.labels import Box, Name, Place, place_labels
from sim.figures.numerals import Bounds, scale
from sim.figures.sheet import MARGIN, dot, is_narrow, legend_mark, note, page_width, sheet
from sim.figures.style import BAR, INK, OTHERS, QUIET, RULE, TINY, Mark
from sim.figures.words import label, say

BURNOUT = "share_burnt_out"
AGAINST = (("output_per_paid_hour", "output_per_hour"), ("employer_cost", "total_cost", "cost_per_output"))
HEIGHT, NARROW_HEIGHT, BELOW, GAP, LEFT = 3.1, 2.4, 0.40, 0.62, 0.55  # inches
PALE = "#b9b9b9"
OPEN, DOMINATED, NOTHING = Mark(RULE, "o", RULE), Mark(PALE, "o", "white"), Mark(INK, "s", INK)
SIDE = 32.0  # points, of what is written beside an axis, right of which ticks are
FEW = 10  # axes include the intervals of fewer scenarios than this, but only the points of more
BULK, REACH = 0.9, 1.6  # axes include this share of the points, and others within so many times their span


class Point(NamedTuple):
    """A rule between two outcomes, in the units shown."""

    scenario: str
    x: Bounds
    y: Bounds


def draw_frontier(tables: Tables, run: Setting) -> Figure:
    """Draw a panel for each of the two trade-offs that ``effects`` of a comparison has."""
    compared = by_scenario(tables)
    there = {each.outcome: each for each in compared}
    chosen = [next(name for name in names if name in there) for names in AGAINST if there.keys() & set(names)]
    found = {name: _points(compared, name) for name in chosen if BURNOUT in there}
    spans = {name: (_span([p.x for p in listed]), _span([p.y for p in listed])) for name, listed in found.items()}
    beyond: dict[str, list[str]] = {}
    for name, listed in found.items():
        (left, right), (low, top) = spans[name]
        beyond[name] = [p.scenario for p in listed if not (left <= p.x[0] <= right and low <= p.y[0] <= top)]
    fronts, places = {}, {}
    for name, listed in found.items():
        inside = [p for p in listed if p.scenario not in beyond[name]]
        fronts[name] = [p for p in pareto_front(listed, there[name].better) if p in inside]
        order = [*fronts[name], *(p for p in inside if p not in fronts[name])]
        places[name] = list(zip(order, _name_places(order, spans[name], run), strict=True))
    pale = any(len(places[name]) > len(fronts[name]) for name in found)
    lines = {name: _line(listed, fronts[name], there[name].better) for name, listed in found.items()}
    unnamed = dict.fromkeys(p.scenario for listed in places.values() for p, place in listed if place is None)
    notes = [based_on(run, firm_counts(compared)), window(run, tables)]
    notes += [say("frontier_points", reference=run.cited(run.counterfactual)), over_what(run, tables)]
    notes += [say("frontier_pale")] * pale + [say("frontier_line")] * any(len(set(line)) > 1 for line in lines.values())
    notes += [say("frontier_cut")] if any(_cut(p, spans[name]) for name in found for p, _ in places[name]) else []
    notes += _outside_note(run, beyond)
    notes += [say("frontier_unnamed", names=_listed(run, unnamed))] if unnamed else []
    count = max(len(found), 1)
    wide, high = _size()
    below, gap = (BELOW, GAP) if not is_narrow() else (BELOW + 0.12, GAP + 0.12)
    paper = sheet(run.title, say("frontier"), notes, count * (high + gap) - gap + below + 0.32)
    for row, name in enumerate(found):
        axes = paper.axes(MARGIN + LEFT, below + (count - 1 - row) * (high + gap), wide, high)
        axes.set(xlim=spans[name][0], ylim=spans[name][1])
        _label(axes, name, scale(there[name].unit).change, there[name].better)
        _draw(axes, [p for p in found[name] if p.scenario not in beyond[name]], fronts[name], lines[name])
        for p, place in places[name]:
            _name(axes, p.scenario, run.name(p.scenario), place, INK if p in fronts[name] else QUIET)
    marks = [legend_mark(say("frontier_open"), OPEN, 4.6, 0.8)] * any(fronts.values())
    marks += [legend_mark(say("frontier_dominated"), DOMINATED, 3.8, 0.8)] * pale
    return paper.legend([*marks, legend_mark(run.name(run.counterfactual), NOTHING, 4.6)])


def _outside_note(run: Setting, beyond: Mapping[str, Sequence[str]]) -> list[str]:
    """Name the rules that are outside all panels, and those that are outside one."""
    everywhere = set.intersection(*map(set, beyond.values())) if beyond else set()
    first = [name for name in next(iter(beyond.values()), ()) if name in everywhere]
    notes = [say("frontier_beyond", names=_listed(run, first))] * bool(first)
    for outcome, names in beyond.items():
        if here := [name for name in names if name not in everywhere]:
            notes.append(say("frontier_beyond_one", outcome=label("outcome", outcome), names=_listed(run, here)))
    return notes


def _listed(run: Setting, names: Iterable[str]) -> str:
    return say("list").join(map(run.name, names))


def _cut(point: Point, limits: tuple[Span, Span]) -> bool:
    """Return whether a line of a point ends beyond the axes."""
    return any(bounds[1] < low or bounds[2] > high for bounds, (low, high) in zip(point[1:], limits, strict=True))


def _size() -> tuple[float, float]:
    """Return width and height of a panel in inches."""
    return page_width() - 2 * MARGIN - LEFT, NARROW_HEIGHT if is_narrow() else HEIGHT


def _points(compared: Sequence[Effect], outcome: str) -> list[Point]:
    """Pair the effects on burnout (y) with those on another outcome (x), for scenarios that have both."""
    cells = {(each.scenario, each.outcome): each.bounds for each in compared}
    names = dict.fromkeys(each.scenario for each in compared)
    both = [name for name in names if (name, outcome) in cells and (name, BURNOUT) in cells]
    return [Point(name, cells[name, outcome], cells[name, BURNOUT]) for name in both]


def pareto_front(listed: Sequence[Point], better: str) -> list[Point]:
    """Return the Pareto-optimal points from left to right; the world without any rule, (0, 0), competes as well.

    Less burnout is better; ``better`` is "lower" or "higher" for the other outcome.
    """
    sign = -1.0 if better == "higher" else 1.0
    rivals = [(sign * p.x[0], p.y[0]) for p in listed] + [(0.0, 0.0)]
    kept = [p for p in listed if not _dominated((sign * p.x[0], p.y[0]), rivals)]
    return sorted(kept, key=lambda p: (p.x[0], p.y[0]))


def _dominated(point: tuple[float, float], rivals: Sequence[tuple[float, float]]) -> bool:
    """Return whether another point is at least as low in both directions."""
    return any(x <= point[0] and y <= point[1] and (x, y) != point for x, y in rivals)


def _span(bounds: Sequence[Bounds]) -> Span:
    """Return limits that include zero and nearly all values, with a margin for intervals and names."""
    if len(bounds) < FEW:
        return padded((end for each in bounds for end in each), 0.05)
    values = sorted(value for value, _, _ in bounds)
    cut = int((1 - BULK) / 2 * len(values))
    core = [0.0, *values[cut : len(values) - cut]]
    low, high = min(core), max(core)
    more = (REACH - 1) * ((high - low) or 1.0)
    return padded((value for value in values if low - more <= value <= high + more), 0.12)


def _label(axes: Axes, name: str, unit: str, better: str) -> None:
    """Name the axes, mark the better direction, and draw the lines of zero."""
    axes.set_xlabel(say("frontier_axis", outcome=label("outcome", name), unit=unit))
    axes.set_ylabel(say("frontier_axis", outcome=label("outcome", BURNOUT), unit=scale("share").change), loc="top")
    axes.yaxis.set_label_coords(-SIDE / 72 / _size()[0], 1)
    axes.axvline(0, color=OTHERS, linewidth=0.6, zorder=0.5)
    axes.axhline(0, color=OTHERS, linewidth=0.6, zorder=0.5)
    few_ticks(axes, _size()[0], most=7)
    tick_labels(axes.yaxis)
    words, at, ha = ("better_right", (1, 0), "right") if better == "higher" else ("better_left", (0, 0), "left")
    note(axes, say(words), at, (0, -26 if is_narrow() else -17), ha=ha, va="top", color=INK)
    note(axes, say("better_left"), (0, 0), (-SIDE, 2), rotation=90, ha="right", va="bottom", color=INK)


def _line(listed: Sequence[Point], front: Sequence[Point], better: str) -> list[tuple[float, float]]:
    """Join the frontier with the world without any rule if no point dominates it."""
    sign = -1.0 if better == "higher" else 1.0
    origin = [] if _dominated((0.0, 0.0), [(sign * p.x[0], p.y[0]) for p in listed]) else [(0.0, 0.0)]
    return sorted([*((p.x[0], p.y[0]) for p in front), *origin])


def _draw(axes: Axes, listed: Sequence[Point], front: Sequence[Point], line: Sequence[tuple[float, float]]) -> None:
    """Draw points with intervals, and the frontier."""
    for p in listed:
        best = p in front
        style: dict[str, Any] = {"color": RULE if best else "#dcdcdc", "alpha": 0.55 if best else 1.0}
        style |= {"linewidth": 0.8, "zorder": 2 if best else 1}
        if all(map(math.isfinite, p.x)):
            axes.plot(p.x[1:], [p.y[0]] * 2, **style)
        if all(map(math.isfinite, p.y)):
            axes.plot([p.x[0]] * 2, p.y[1:], **style)
        mark, size = (OPEN, 4.6) if best else (DOMINATED, 3.8)
        dot(axes, p.x[0], p.y[0], mark, size, zorder=3.5, gid=f"point {p.scenario}")
    if line:
        axes.plot(*zip(*line, strict=True), color=BAR, linewidth=2.2, zorder=1.5, gid="frontier")
    dot(axes, 0, 0, NOTHING, 4.6, zorder=3.2)


def _name_places(listed: Sequence[Point], limits: tuple[Span, Span], run: Setting) -> list[Place | None]:
    """Find places for names, in points from the lower left corner of a panel; None where nothing is free."""
    wide, high = _size()
    inside = (72 * wide, 72 * high)

    def at(value: float, axis: int) -> float:
        """Convert a value to points from the corner of the plot, clipped to the axis."""
        low, top = limits[axis]
        return inside[axis] * (min(max(value, low), top) - low) / (top - low)

    def thin(x: float, y: float, to_x: float, to_y: float) -> Box:
        """Return a box, one point thin, along an upright or level line."""
        across, up = (0.5, 0.0) if x == to_x else (0.0, 0.5)
        return Box(at(x, 0) - across, at(y, 1) - up, at(to_x, 0) + across, at(to_y, 1) + up)

    sizes = [(72 * width(run.name(p.scenario), TINY), 0.95 * TINY) for p in listed]
    names = [Name(at(p.x[0], 0), at(p.y[0], 1), *size) for p, size in zip(listed, sizes, strict=True)]
    lines = [thin(p.x[1], p.y[0], p.x[2], p.y[0]) for p in listed if p.x[1] < p.x[2]]
    lines += [thin(p.x[0], p.y[1], p.x[0], p.y[2]) for p in listed if p.y[1] < p.y[2]]
    (left, right), (low, top) = limits
    lines += [thin(left, 0, right, 0), thin(0, low, 0, top)]
    zero = Box(at(0, 0) - 3, at(0, 1) - 3, at(0, 0) + 3, at(0, 1) + 3)
    return place_labels(names, Box(0, 0, *inside), [*lines, *[zero] * 5])


def _name(axes: Axes, scenario: str, text: str, place: Place | None, color: str) -> None:
    if place is None:
        return
    spot: dict[str, Any] = {"xycoords": "axes points", "textcoords": "axes points"}
    if place.leader:
        arrow = {"arrowstyle": "-", "color": PALE, "linewidth": 0.5, "shrinkA": 2.5, "shrinkB": 0}
        axes.annotate("", place.leader[2:], place.leader[:2], arrowprops=arrow, zorder=2.5, **spot)
    middle = (place.box.left, (place.box.low + place.box.high) / 2)
    axes.annotate(
        text, place.box[:2], middle, va="center_baseline", fontsize=TINY, color=color, zorder=4, gid=f"name {scenario}",
        path_effects=[withStroke(linewidth=1.8, foreground="white")], **spot,
    )  # fmt: skip
