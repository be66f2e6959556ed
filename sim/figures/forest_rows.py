"""Rows of a forest plot: positions, names, axes, marks and their legend."""

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.core.columns import ROLES
from sim.figures.axis import Span, asinh_axis, grid_on, limits, row_axis, whisker
from sim.figures.effect import Effect
from sim.figures.fonts import strong
from sim.figures.numerals import Bounds
from sim.figures.sheet import MARGIN, dot, in_row, is_narrow, legend_mark, note, text_above
from sim.figures.style import FAINT, INK, MARKS, QUIET, TINY, Mark
from sim.figures.words import country_in_force, label, say

ROW, AXIS, HEADS = 0.185, 0.40, 0.18  # inches: a row, the ticks and label below, the heads of the columns above
WIDER = 2.5  # times the median of the groups' extremes; a group of few firms would flatten all others
SIZE = 4.8  # points: a mark
NO_LINE = ("zero", "unknown")  # verdicts on effects without an interval


class Row(NamedTuple):
    """A line of a forest plot; without a key it is a heading."""

    text: str
    key: str = ""


class RowLayout:
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
        self.keyed = [(y, each.key) for y, each in self.placed if each.key]

    def frame(self, axes: Axes) -> None:
        """Prepare axes: the grid, and a line above each heading but the first."""
        row_axis(axes, self.depth)
        grid_on(axes, "x")
        for y, row in self.placed[1:]:
            if not row.key:
                axes.axhline(y - 0.66, color=FAINT, linewidth=0.6)

    def names(self, axes: Axes, left: float) -> None:
        """Write the names of the rows at the left edge of the page; ``left`` is where the axes start, inches."""
        for y, row in self.placed:
            if row.key:
                in_row(axes, y, MARGIN + 0.1 - left, row.text, size=7.5)
            else:
                in_row(axes, y, MARGIN - left, row.text, size=8, weight=strong())

    def people(self, axes: Axes, at: float, counts: Mapping[str, int]) -> None:
        """Write how many people each row is about, ``at`` inches from the left end of the axes."""
        text_above(axes, at, say("people"))
        for y, key in self.keyed:
            if key in counts:
                in_row(axes, y, at, f"{counts[key]:,}", "right", TINY, QUIET)


def outcome_rows(families: dict[str, tuple[str, ...]], effects: dict[str, Effect]) -> list[Row]:
    """List the outcomes that have an effect under families; a dagger marks percentages of a standard deviation."""
    rows = []
    for family, listed in families.items():
        found = [name for name in listed if name in effects]
        there = [Row(label("outcome", name) + " †" * (effects[name].unit == "sd"), name) for name in found]
        rows += [Row(label("family", family)), *there] if there else []
    return rows


def group_rows(groups: Sequence[str]) -> list[Row]:
    """Order groups under headings: everybody, ranks, roles, industries, sizes, cities, and then unknown groups."""
    kinds: dict[str, Sequence[str]] = {
        "everybody": ("all",),
        "rank": ("managers", "staff"),
        "role": [role for role in ROLES if role != "manager" or "managers" not in groups],  # the same people
        "industry": [name for name, _ in country_in_force()["industries"]],
        "size": [group for group in groups if group.startswith("size_")],
        "city": country_in_force()["cities"],
    }
    known = {"manager", *(name for listed in kinds.values() for name in listed)}
    kinds["other"] = [group for group in groups if group not in known]
    rows = []
    for kind, listed in kinds.items():
        there = [Row(label("group", name), name) for name in listed if name in groups]
        rows += [Row(label("heading", kind)), *there] if there else []
    return rows


def common_span(groups: Sequence[Bounds]) -> Span:
    """Return limits that include every effect, but cut intervals of groups far beyond the median one."""
    ends = [max(map(abs, bounds)) for bounds in groups if math.isfinite(sum(bounds)) and bounds[1] < bounds[2]]
    widest = max(WIDER * median(ends or [0.0]), *(1.2 * abs(value) for value, _, _ in groups), 0.0)
    return limits((bound for bounds in groups for bound in bounds), 0.2 * widest or 1.0, widest or 1.0)


def effect_axis(axes: Axes, ladder: RowLayout, ends: Span) -> None:
    """Prepare axes of effects: limits and the line of zero."""
    ladder.frame(axes)
    axes.set_xlim(*ends)
    axes.axvline(0, color=INK, linewidth=0.8, zorder=1.5, gid="zero")


def percent_axis(axes: Axes, ladder: RowLayout, ends: Span, left: float, wide: float) -> None:
    """Prepare axes of effects in percent, stretched near zero, with the names of the rows and of both sides.

    ``ends`` are its limits; ``left`` and ``wide`` are its place and length in inches.
    """
    effect_axis(axes, ladder, ends)
    asinh_axis(axes, wide)
    ladder.names(axes, left)
    axes.set_xlabel(say("effects_axis"), loc="right" if is_narrow() else "center")
    for offset, key, ha in ((-6, "less", "right"), (6, "more", "left")):
        note(axes, say(key), (0, 1), (offset, 3), xycoords=axes.get_xaxis_transform(), ha=ha)


def draw_effect(axes: Axes, y: float, effect: Effect, bounds: Bounds) -> None:
    """Draw an effect and its interval; ``bounds`` are its values on the axis, and arrows mark what lies beyond."""
    drawn, tag = MARKS[effect.verdict], f"{effect.outcome} {effect.group}"
    if not math.isfinite(bounds[0]):
        in_row(axes, y, 0.05, say("nothing_without"), size=TINY, color=QUIET)
        return
    whisker(axes, y, bounds, drawn.color, 1.3, 5, f"interval {tag}", line=effect.verdict != "zero")
    dot(axes, bounds[0], y, drawn, SIZE, markeredgecolor=drawn.color, gid=f"effect {tag}")


def legend_of(
    effects: Iterable[Effect], marks: Mapping[str, Mark] = MARKS, size: float = SIZE, line: float = 1.3
) -> list[Line2D]:
    """Explain the marks of the verdicts that occur, in the order of ``marks``; ``line`` is the width of an interval."""
    there = {effect.verdict for effect in effects}
    shown = [(verdict, mark) for verdict, mark in marks.items() if verdict in there]
    return [legend_mark(label("verdict", name), mark, size, line * (name not in NO_LINE)) for name, mark in shown]
