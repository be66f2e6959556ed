"""A pilot as an evaluator would see it, beside the truth: estimates by month, and the estimate of the whole."""

import math
from collections.abc import Mapping
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.figures.fonts import strong, width
from sim.figures.panels import unit_of
from sim.figures.rows import decimals_between, few_ticks
from sim.figures.setting import Setting, Tables, drawn_from_only, table
from sim.figures.sheet import MARGIN, WIDTH, beside, sheet
from sim.figures.style import FAINT, INK, QUIET, RULE, SMALL, TINY, WITHOUT, Bounds, digits, interval, number, scale
from sim.figures.words import counted, label, say

COLUMNS, HEIGHT, GAP, LOW, SCALE = 2, 1.25, 0.50, 0.40, 0.52  # inches from HEIGHT on
ROW, HEADS, NUMBERS = 0.19, 0.30, 1.55  # inches
MISSED = "#cc4400"

Cell = Mapping[str, Any]


def draw_event_study(tables: Tables, run: Setting) -> Figure:
    """Draw estimates by month with their intervals, and the true effect.

    Parameters
    ----------
    tables : Tables
        ``event_study`` of an evaluation.
    run : Setting
        The scenario.

    Returns
    -------
    Figure
        A panel for each outcome and source of data.
    """
    numbers = ("estimate", "low", "high", "truth")
    frame = table(tables, "event_study", ("outcome", "source", "period", *numbers))
    frame = frame.with_columns(pl.col(*numbers).cast(pl.Float64).fill_null(math.nan)).sort(
        "period", maintain_order=True
    )
    cells = (
        frame.select("outcome", "source")
        .unique(maintain_order=True)
        .sort("source", descending=True, maintain_order=True)
    )
    rows = math.ceil(cells.height / COLUMNS) or 1
    body = rows * HEIGHT + (rows - 1) * GAP
    paper = sheet(
        run.title, say("event_study"), [drawn_from_only(run), _sample(tables), say("event_dots")], LOW + body + 0.36
    )
    wide = (WIDTH - 2 * MARGIN - COLUMNS * SCALE - 0.25) / COLUMNS
    for place, (outcome, source) in enumerate(cells.iter_rows()):
        row, column = divmod(place, COLUMNS)
        left = MARGIN + SCALE + column * (wide + SCALE + 0.25)
        axes = paper.axes(left, LOW + (rows - 1 - row) * (HEIGHT + GAP), wide, HEIGHT)
        mine = frame.filter(pl.col("outcome") == outcome, pl.col("source") == source)
        _months(axes, mine, outcome, f"{outcome} {source}")
        axes.set_title(label("outcome", outcome), loc="left", fontsize=8, fontweight=strong(), pad=4)
        words = f"{label('source', source)}  ·  {scale(unit_of(outcome)).change}"
        axes.set_title(words, loc="right", fontsize=TINY, color=QUIET, pad=4)
        if row == rows - 1 or place + COLUMNS >= cells.height:
            axes.set_xlabel(say("event_months"))
    dot = Line2D([], [], color=RULE, marker="o", markersize=3.4, linewidth=1.0, label=say("event_estimate"))
    paper.legend([dot, Line2D([], [], color=WITHOUT, linewidth=2.0, label=say("event_truth"))], columns=2)
    return paper.figure


def _months(axes: Axes, mine: pl.DataFrame, outcome: str, tag: str) -> None:
    """Draw a panel."""
    factor = scale(unit_of(outcome)).factor
    period = mine["period"].to_numpy()
    estimate, low, high, truth = (factor * mine[name].to_numpy() for name in ("estimate", "low", "high", "truth"))
    axes.axvspan(float(period.min()) - 0.5, -0.5, color=FAINT, alpha=0.45, linewidth=0, zorder=0)
    axes.axhline(0, color=INK, linewidth=0.7, zorder=1)
    axes.plot(period, truth, color=WITHOUT, linewidth=2.0, zorder=1.8, gid=f"truth {tag}")
    axes.vlines(period, low, high, color=RULE, linewidth=0.9, zorder=2)
    base = low == high  # the month that all others are held against
    axes.plot(period[~base], estimate[~base], "o", color=RULE, markersize=3.0, zorder=2.5, gid=f"estimate {tag}")
    axes.plot(period[base], estimate[base], "o", color=RULE, markerfacecolor="white", markersize=3.0, zorder=2.5)
    axes.set_xlim(float(period.min()) - 0.5, float(period.max()) + 0.5)
    axes.locator_params(axis="x", integer=True, nbins=8)
    axes.locator_params(axis="y", nbins=5)
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    decimals = decimals_between(list(axes.get_yticks()))
    axes.yaxis.set_major_formatter(lambda value, _: number(value, decimals, sign=True) if abs(value) > 1e-9 else "0")
    axes.xaxis.set_major_formatter(lambda value, _: number(value, 0))


def draw_estimates(tables: Tables, run: Setting) -> Figure:
    """Draw the estimates of the whole effect beside the truth.

    Parameters
    ----------
    tables : Tables
        ``estimates`` of an evaluation.
    run : Setting
        The scenario.

    Returns
    -------
    Figure
        A small forest plot for each outcome, with the bias in numbers.
    """
    numbers = ("estimate", "low", "high", "truth", "truth_low", "truth_high", "bias")
    frame = table(tables, "estimates", ("outcome", "source", "estimator", "covers", *numbers))
    frame = frame.with_columns(pl.col(*numbers).cast(pl.Float64).fill_null(math.nan))
    groups = {key[0]: part for key, part in frame.group_by("outcome", maintain_order=True)}
    depths = [ROW * (part.height + 0.3) for part in groups.values()]
    body = sum(depths) + len(depths) * (HEADS + 0.22)
    notes = [drawn_from_only(run), _sample(tables), say("estimates_marks")]
    paper = sheet(run.title, say("estimates"), notes, body + 0.22)
    names = {(row["source"], row["estimator"]): _estimator(row) for row in frame.iter_rows(named=True)}
    left = MARGIN + max((width(text, SMALL) for text in names.values()), default=1.0) + 0.22
    wide = WIDTH - left - 2 * NUMBERS - MARGIN
    top = body
    for (outcome, part), depth in zip(groups.items(), depths, strict=True):
        top -= HEADS + depth
        axes = paper.axes(left, top, wide, depth)
        top -= 0.22
        _estimates(axes, part, str(outcome), wide, left)
    holds = Line2D([], [], color=RULE, marker="o", markersize=4.2, linewidth=1.3, label=say("estimates_covers"))
    misses = Line2D(
        [],
        [],
        color=MISSED,
        marker="D",
        markerfacecolor="white",
        markersize=4.0,
        linewidth=1.3,
        label=say("estimates_misses"),
    )
    paper.legend([holds, misses, Line2D([], [], color=WITHOUT, linewidth=4.0, label=say("event_truth"))], columns=3)
    return paper.figure


def _estimator(row: Cell) -> str:
    """Name where an estimate comes from."""
    return f"{label('source', row['source'])}, {label('estimator', row['estimator'])}"


def _estimates(axes: Axes, part: pl.DataFrame, outcome: str, wide: float, left: float) -> None:
    """Draw the estimates of an outcome."""
    shown = scale(unit_of(outcome))
    axes.set_ylim(part.height + 0.3, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    values: list[float] = [0.0]
    for row, cell in enumerate(part.iter_rows(named=True)):
        y = row + 0.6
        value, low, high, truth, start, end = (
            shown.factor * cell[name] for name in ("estimate", "low", "high", "truth", "truth_low", "truth_high")
        )
        values += [end_ for end_ in (value, low, high, truth, start, end) if math.isfinite(end_)]
        if math.isfinite(start + end):
            axes.barh(y, end - start, left=start, height=0.5, color=WITHOUT, alpha=0.45, linewidth=0, zorder=1)
        axes.plot([truth, truth], [y - 0.32, y + 0.32], color=WITHOUT, linewidth=2.0, zorder=1.5)
        covers = bool(cell["covers"])
        color = RULE if covers else MISSED
        axes.plot([low, high], [y, y], color=color, linewidth=1.3, zorder=2)
        axes.plot([value], [y], "o" if covers else "D", color=color, markerfacecolor=color if covers else "white",
                  markersize=4.2, zorder=3, gid=f"estimate {outcome} {cell['source']} {cell['estimator']}")  # fmt: skip
        beside(axes, y, MARGIN + 0.1 - left, _estimator(cell))
        bounds: Bounds = (value, low, high)
        decimals = digits((high - low) / 2 if high > low else value)
        beside(axes, y, wide + NUMBERS, interval(bounds, decimals), "right")
        beside(
            axes, y, wide + 2 * NUMBERS, number(shown.factor * cell["bias"], decimals, sign=True), "right", color=color
        )
    low, high = min(values), max(values)
    pad = 0.06 * (high - low) or 1.0
    axes.set_xlim(low - pad, high + pad)
    few_ticks(axes, wide)
    axes.axvline(0, color=INK, linewidth=0.7, zorder=1.2)
    beside(axes, -0.6, MARGIN - left, f"{label('outcome', outcome)}", weight=strong(), size=8)
    beside(axes, -0.6, wide + NUMBERS, say("estimates_interval", unit=shown.change), "right", TINY, QUIET)
    beside(axes, -0.6, wide + 2 * NUMBERS, say("estimates_bias"), "right", TINY, QUIET)


def _sample(tables: Tables) -> str:
    """Say how many firms and people the evaluator sees, if the table of estimates knows."""
    if "estimates" not in tables or not {"n_firms", "n_people"} <= set(tables["estimates"].columns):
        return ""
    parts: list[str] = []
    for source, firms, people in (
        tables["estimates"].group_by("source", maintain_order=True).agg(pl.col("n_firms", "n_people").max()).iter_rows()
    ):
        counts = counted(int(firms or 0), "firm"), counted(int(people or 0), "person")
        parts.append(say("estimates_sample", source=label("source", str(source)), firms=counts[0], people=counts[1]))
    return say("estimates_samples", parts=say("semicolon").join(parts)) if parts else ""
