"""Power of an evaluation: how often pilots of a size detect an effect that exists."""

import math
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.figures.context import Setting, Tables, drawn_from_only, table
from sim.figures.fonts import strong
from sim.figures.panels import unit_of
from sim.figures.sheet import LANDSCAPE, MARGIN, WIDTH, sheet
from sim.figures.style import INK, QUIET, TINY, digits, number, scale
from sim.figures.words import counted, label, percent, say

SIZES = ("firms", "months", "people_per_firm", "cities")
HEIGHT, GAP, LOW, SCALE = 1.4, 0.62, 0.42, 0.48  # inches
WANTED = 80  # percent
CURVES = (("#332288", "o"), ("#cc6677", "s"), ("#117733", "^"), ("#88ccee", "D"), ("#999933", "v"), ("#882255", "P"))


class Axis(NamedTuple):
    """Columns in which designs differ: along the axis, and between curves."""

    along: str
    between: tuple[str, ...]


def draw_power(tables: Tables, run: Setting) -> Figure:
    """Draw power against the size of a pilot from ``design``, one panel per outcome and data source."""
    numbers = ("effect", "power", "power_low", "power_high", "mde", "bias", "coverage", "rejects_placebo")
    frame = table(tables, "design", (*SIZES, "outcome", *numbers))
    frame = frame.with_columns(pl.col(*numbers).cast(pl.Float64).fill_null(math.nan))
    if "source" not in frame.columns:
        frame = frame.with_columns(source=pl.lit(""))
    outcomes = frame.select("outcome", "source").unique(maintain_order=True).rows()
    columns, page = (2, WIDTH) if len(outcomes) <= 4 else (3, LANDSCAPE)
    axis = varied(frame)
    rows = math.ceil(len(outcomes) / columns) or 1
    body = rows * HEIGHT + (rows - 1) * GAP
    fixed = [name for name in SIZES if name != axis.along and name not in axis.between and frame.height]
    same = say("list").join(counted(int(frame[name][0]), name) for name in fixed)
    notes = [
        drawn_from_only(run),
        _pilots(frame),
        say("power_line"),
        say("power_fixed", sizes=same) if same else "",
        _checks(frame),
    ]
    paper = sheet(run.title, say("power"), notes, LOW + body + 0.42, page)
    wide = (page - 2 * MARGIN - columns * SCALE - 0.15 * (columns - 1)) / columns
    curves = frame.select(axis.between).unique(maintain_order=True).sort(axis.between).rows() if axis.between else [()]
    for place, (outcome, source) in enumerate(outcomes):
        row, column = divmod(place, columns)
        left = MARGIN + SCALE + column * (wide + SCALE + 0.15)
        axes = paper.axes(left, LOW + (rows - 1 - row) * (HEIGHT + GAP), wide, HEIGHT)
        mine = frame.filter(pl.col("outcome") == outcome, pl.col("source") == source)
        _frame(axes, mine, axis.along)
        for number_of, values in enumerate(curves):
            chosen = mine
            for name, value in zip(axis.between, values, strict=True):
                chosen = chosen.filter(pl.col(name) == value)
            _curve(axes, chosen.sort(axis.along), axis.along, number_of, f"{outcome} {source} {values}")
        _head(axes, outcome, source, mine)
        if row == rows - 1 or place + columns >= len(outcomes):
            axes.set_xlabel(say("axis_" + axis.along))
        if column == 0:
            axes.set_ylabel(say("power_axis"))
    if axis.between:
        paper.legend([_handle(n, values, axis.between) for n, values in enumerate(curves)], columns=min(len(curves), 4))
    return paper.figure


def varied(frame: pl.DataFrame) -> Axis:
    """Choose the size with most values for the axis; other sizes that vary make curves."""
    counts = {name: frame[name].n_unique() for name in SIZES}
    along = max(SIZES, key=lambda name: counts[name])
    return Axis(along, tuple(name for name in SIZES if name != along and counts[name] > 1))


def _frame(axes: Axes, mine: pl.DataFrame, along: str) -> None:
    """Prepare a panel; sizes that span a factor of six get a logarithmic axis."""
    places = sorted(mine[along].unique().to_list())
    axes.set_ylim(0, 103)
    axes.set_yticks(range(0, 101, 20))
    if len(places) > 2 and places[0] > 0 and places[-1] / places[0] >= 6:
        axes.set_xscale("log")
        axes.minorticks_off()
    axes.set_xticks(places, [f"{place:,}" for place in places])
    axes.margins(x=0.06)
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.axhline(WANTED, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)


def _curve(axes: Axes, chosen: pl.DataFrame, along: str, number_of: int, tag: str) -> None:
    """Draw a curve and its interval."""
    color, marker = CURVES[number_of % len(CURVES)]
    x = chosen[along].to_numpy()
    power, low, high = (100 * chosen[name].to_numpy() for name in ("power", "power_low", "power_high"))
    errors = np.clip([power - low, high - power], 0, None)
    style: dict[str, Any] = {"color": color, "linewidth": 1.2, "elinewidth": 0.8, "capsize": 0}
    axes.errorbar(
        x, power, yerr=errors, marker=marker, markersize=3.6, clip_on=False, zorder=2.5, gid=f"power {tag}", **style
    )


def _head(axes: Axes, outcome: str, source: str, mine: pl.DataFrame) -> None:
    """Write the outcome and its true effect."""
    shown = scale(unit_of(outcome))
    effects = sorted({round(shown.factor * value, 9) for value in mine["effect"] if math.isfinite(value)})
    below = f"  ·  {label('source', source)}" if source else ""
    axes.set_title(label("outcome", outcome), loc="left", fontsize=8, fontweight=strong(), pad=13)
    words = below[5:]
    if effects:
        ends = dict.fromkeys(number(value, digits(value), sign=True) for value in (effects[0], effects[-1]))
        both = say("range", low=next(iter(ends)), high=list(ends)[-1]) if len(ends) > 1 else next(iter(ends))
        words = say("power_effect", effect=f"{both} {shown.change}") + below
    axes.annotate(
        words, (0, 1), xycoords="axes fraction", xytext=(0, 4), textcoords="offset points", fontsize=TINY, color=QUIET
    )


def _pilots(frame: pl.DataFrame) -> str:
    """Write how many pilots of each size were drawn, and from how many firms."""
    if not {"pilots", "stock"} <= set(frame.columns) or frame.is_empty():
        return ""
    return say("power_pilots", pilots=f"{int(frame['pilots'][0]):,}", firms=counted(int(frame["stock"][0]), "firm"))


def _checks(frame: pl.DataFrame) -> str:
    """Write how often intervals cover the truth and how often a placebo is significant."""
    known = [frame[name].drop_nans().to_numpy() for name in ("coverage", "rejects_placebo")]
    parts = [(float(part.min()), float(part.max())) for part in known if part.size]
    if len(parts) < 2:
        return ""
    coverage, placebo = (_range(100 * low, 100 * high) for low, high in parts)
    return say("power_checks", coverage=coverage, placebo=placebo)


def _range(low: float, high: float) -> str:
    """Write a range of percentages."""
    first, last = number(low, 0), number(high, 0)
    return percent(first) if first == last else say("range", low=first, high=percent(last))


def _handle(number_of: int, values: tuple[int, ...], names: tuple[str, ...]) -> Line2D:
    """Explain a curve."""
    color, marker = CURVES[number_of % len(CURVES)]
    words = say("list").join(counted(value, name) for name, value in zip(names, values, strict=True))
    return Line2D([], [], color=color, marker=marker, markersize=3.6, linewidth=1.2, label=words)
