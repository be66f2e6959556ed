"""A pilot as an evaluator would see it, beside the truth: estimates by month, and of the whole effect."""

import math
from collections.abc import Mapping
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.figures.context import Setting, Tables, drawn_from_only, table
from sim.figures.fonts import strong
from sim.figures.forest_rows import decimals_between, few_ticks, span
from sim.figures.panels import Head, panels, unit_of
from sim.figures.sheet import LANDSCAPE, MARGIN, WIDTH, sheet
from sim.figures.style import FAINT, INK, QUIET, RULE, TINY, WITHOUT, number, scale
from sim.figures.words import counted, label, say

HEIGHT, GAP, LOW, SCALE = 1.25, 0.50, 0.40, 0.52  # inches
ESTIMATE = ("estimate", "low", "high", "truth", "truth_low", "truth_high")
MISSED = "#cc4400"

Cell = Mapping[str, Any]


def draw_event_study(tables: Tables, run: Setting) -> Figure:
    """Draw estimates by month and the true effect from ``event_study``, a panel for each outcome and data source.

    If the table has several control groups, the first is drawn, which is the main one.
    """
    numbers = ("estimate", "low", "high", "truth")
    frame = table(tables, "event_study", ("outcome", "source", "period", *numbers))
    frame = frame.with_columns(pl.col(*numbers).cast(pl.Float64).fill_null(math.nan)).sort(
        "period", maintain_order=True
    )
    notes = [drawn_from_only(run), _sample(tables), say("event_dots")]
    if "controls" in frame.columns and frame.height:  # the first is the main one
        first = tables["event_study"]["controls"][0]
        frame = frame.filter(pl.col("controls") == first)
        notes.append(say("event_controls", controls=label("controls", str(first))))
    known = table(tables, "event_study", ("outcome", "source")).select("outcome", "source")
    cells = known.unique(maintain_order=True)
    columns, page = (2, WIDTH) if cells.height <= 4 else (3, LANDSCAPE)
    rows = math.ceil(cells.height / columns) or 1
    body = rows * HEIGHT + (rows - 1) * GAP
    paper = sheet(run.title, say("event_study"), notes, LOW + body + 0.36, page)
    wide = (page - 2 * MARGIN - columns * SCALE - 0.15 * (columns - 1)) / columns
    for place, (outcome, source) in enumerate(cells.iter_rows()):
        row, column = divmod(place, columns)
        left = MARGIN + SCALE + column * (wide + SCALE + 0.15)
        axes = paper.axes(left, LOW + (rows - 1 - row) * (HEIGHT + GAP), wide, HEIGHT)
        mine = frame.filter(pl.col("outcome") == outcome, pl.col("source") == source)
        _months(axes, mine, outcome, f"{outcome} {source}")
        axes.set_title(label("outcome", outcome), loc="left", fontsize=8, fontweight=strong(), pad=4)
        words = f"{label('source', source)}  ·  {scale(unit_of(outcome)).change}"
        axes.set_title(words, loc="right", fontsize=TINY, color=QUIET, pad=4)
        if row == rows - 1 or place + columns >= cells.height:
            axes.set_xlabel(say("event_months"))
    dot = Line2D([], [], color=RULE, marker="o", markersize=3.4, linewidth=1.0, label=say("event_estimate"))
    paper.legend([dot, Line2D([], [], color=WITHOUT, linewidth=2.0, label=say("event_truth"))], columns=2)
    return paper.figure


def _months(axes: Axes, mine: pl.DataFrame, outcome: str, tag: str) -> None:
    """Draw a panel; the reference month has a hollow mark."""
    factor = scale(unit_of(outcome)).factor
    period = mine["period"].to_numpy()
    estimate, low, high, truth = (factor * mine[name].to_numpy() for name in ("estimate", "low", "high", "truth"))
    axes.axvspan(float(period.min()) - 0.5, -0.5, color=FAINT, alpha=0.45, linewidth=0, zorder=0)
    axes.axhline(0, color=INK, linewidth=0.7, zorder=1)
    axes.plot(period, truth, color=WITHOUT, linewidth=2.0, zorder=1.8, gid=f"truth {tag}")
    axes.vlines(period, low, high, color=RULE, linewidth=0.9, zorder=2)
    base = low == high  # the reference month
    axes.plot(period[~base], estimate[~base], "o", color=RULE, markersize=3.0, zorder=2.5, gid=f"estimate {tag}")
    axes.plot(period[base], estimate[base], "o", color=RULE, markerfacecolor="white", markersize=3.0, zorder=2.5)
    axes.set_xlim(float(period.min()) - 0.5, float(period.max()) + 0.5)
    axes.locator_params(axis="x", integer=True, nbins=8)
    axes.locator_params(axis="y", nbins=5, steps=[1, 2, 5, 10])
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    decimals = decimals_between(list(axes.get_yticks()))
    axes.yaxis.set_major_formatter(lambda value, _: number(value, decimals, sign=True) if abs(value) > 1e-9 else "0")
    axes.xaxis.set_major_formatter(lambda value, _: number(value, 0))


def draw_estimates(tables: Tables, run: Setting) -> Figure:
    """Draw estimates of the whole effect beside the truth, from ``estimates``: analyses as rows, outcomes as panels."""
    frame = table(tables, "estimates", ("outcome", "source", "estimator", "covers", *ESTIMATE))
    frame = frame.with_columns(pl.col(*ESTIMATE).cast(pl.Float64).fill_null(math.nan))
    ways = list(dict.fromkeys(map(_way, frame.iter_rows(named=True))))
    heads = {
        f"{outcome} {source}": Head(label("source", source), label("outcome", outcome), scale(unit_of(outcome)).change)
        for outcome, source in frame.select("outcome", "source").unique(maintain_order=True).iter_rows()
    }
    notes = [drawn_from_only(run), _sample(tables), say("estimates_marks")]
    laid = panels(run, say("estimates"), notes, ways, heads, 0.30)
    for key, axes in laid.axes.items():
        mine = [row for row in frame.iter_rows(named=True) if f"{row['outcome']} {row['source']}" == key]
        factor = scale(unit_of(mine[0]["outcome"])).factor
        ends = [factor * row[name] for row in mine for name in ESTIMATE]
        axes.set_xlim(*span(ends, 0.3 * max(map(abs, filter(math.isfinite, ends)), default=1.0)))
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        axes.axvline(0, color=INK, linewidth=0.7, zorder=1.2)
        few_ticks(axes, laid.wide)
        for row in mine:
            _estimate(axes, ways.index(_way(row)) + 0.5, row, factor)
    holds = Line2D([], [], color=RULE, marker="o", markersize=4.2, linewidth=1.3, label=say("estimates_covers"))
    misses = Line2D(
        [], [], color=MISSED, marker="D", markerfacecolor="white", markersize=4.0, linewidth=1.3,
        label=say("estimates_misses"),
    )  # fmt: skip
    truth = Line2D([], [], color=WITHOUT, linewidth=4.0, label=say("event_truth"))
    laid.paper.legend([holds, misses, truth], columns=3)
    return laid.paper.figure


def _way(row: Cell) -> str:
    """Name an estimator and the controls that it uses."""
    controls = row.get("controls")
    beside = f"{say('list')}{label('controls', controls)}" if controls else ""
    return label("estimator", row["estimator"]) + beside


def _estimate(axes: Axes, y: float, row: Cell, factor: float) -> None:
    """Draw an estimate over the truth."""
    value, low, high, truth, start, end = (factor * row[name] for name in ESTIMATE)
    if math.isfinite(start + end):
        axes.barh(y, end - start, left=start, height=0.6, color=WITHOUT, alpha=0.4, linewidth=0, zorder=1)
    axes.plot([truth, truth], [y - 0.36, y + 0.36], color=WITHOUT, linewidth=2.0, zorder=1.5)
    covers = bool(row["covers"])
    color = RULE if covers else MISSED
    axes.plot([low, high], [y, y], color=color, linewidth=1.2, zorder=2)
    axes.plot(
        [value],
        [y],
        "o" if covers else "D",
        color=color,
        markerfacecolor=color if covers else "white",
        markersize=4.0,
        zorder=3,
        gid=f"estimate {row['outcome']} {row['source']} {row['estimator']}",
    )


def _sample(tables: Tables) -> str:
    """Write how many firms and people the evaluator observes, if the table ``estimates`` has these counts."""
    if "estimates" not in tables or not {"n_firms", "n_people"} <= set(tables["estimates"].columns):
        return ""
    parts: list[str] = []
    for source, firms, people in (
        tables["estimates"].group_by("source", maintain_order=True).agg(pl.col("n_firms", "n_people").max()).iter_rows()
    ):
        counts = counted(int(firms or 0), "firm"), counted(int(people or 0), "person")
        key = "estimates_sample" if people > firms else "estimates_firms"  # a payroll is observed by firm
        parts.append(say(key, source=label("source", str(source)), firms=counts[0], people=counts[1]))
    return say("estimates_samples", parts=say("semicolon").join(parts)) if parts else ""
