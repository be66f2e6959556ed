"""The scorecard: five dimensions, cell by cell, with a verdict in a sign and in words; "not said" is a verdict too."""

import math
from collections.abc import Mapping
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from sim.figures.context import Setting, Tables, drawn_from_only, table
from sim.figures.fonts import strong, width, wrapped
from sim.figures.forest_rows import head
from sim.figures.panels import unit_of
from sim.figures.sheet import LANDSCAPE, MARGIN, WIDTH, beside, sheet
from sim.figures.style import FAINT, INK, MARKS, QUIET, SMALL, STRIPE, TINY, digits, interval, level, readable, scale
from sim.figures.words import label, say, spoken

NUMBERS = ("baseline", "difference", "low", "high")
SIGNS = {"better": "^", "worse": "v", "unclear": "o", "no_difference": "$0$", "not_said": "_"}
COLORS = {
    "better": MARKS["better"].color,
    "worse": MARKS["worse"].color,
    "unclear": QUIET,
    "no_difference": MARKS["zero"].color,
    "not_said": "#9a9a9a",
}
LINE, PAD, HEADING = 0.125, 0.075, 0.26  # inches: a line of a cell, around a cell, the name of a dimension
CELL, VERDICT, BASE, CHANGE = 2.85, 1.05, 0.62, 2.2  # inches: widths of the columns
TALL, SLANT = 0.175, 45  # inches of a row, degrees of the names above, of the table of scenarios
SAID = CELL + VERDICT + 0.12
WHY = 0.3  # inches, from there to the reason

Cell = Mapping[str, Any]


def draw_scorecard(tables: Tables, run: Setting) -> Figure:
    """Draw the table ``scorecard`` of a scenario, a row for each cell under the names of the dimensions."""
    frame = table(tables, "scorecard", ("dimension", "cell", "outcome", "unit", *NUMBERS, "verdict", "reason"))
    if "scenario" in frame.columns:
        frame = frame.filter(pl.col("scenario") == run.scenario)
    frame = frame.with_columns(pl.col(*NUMBERS).cast(pl.Float64).fill_null(math.nan))
    rows = list(frame.iter_rows(named=True))
    blocks = {row["dimension"]: [each for each in rows if each["dimension"] == row["dimension"]] for row in rows}
    heights = {id(row): LINE * max(len(_cell(row)), len(_said(row))) + PAD for row in rows}
    body = sum(heights.values()) + HEADING * len(blocks)
    notes = [drawn_from_only(run), say("scorecard_notes")]
    paper = sheet(run.title, say("scorecard"), notes, body + 0.24)
    axes = paper.axes(MARGIN, 0.04, WIDTH - 2 * MARGIN, body)
    axes.set_axis_off()
    axes.set(xlim=(0, WIDTH - 2 * MARGIN), ylim=(body, 0))
    head(axes, CELL, say("scorecard_verdict"), "left")
    head(axes, SAID + BASE, say("scorecard_without"))
    head(axes, SAID + BASE + CHANGE - 0.55, say("difference_95"))
    y = 0.0
    for listed in blocks.values():
        name = _said_in(listed[0], "dimension").replace("_", " ")
        beside(axes, y + HEADING * 0.62, 0.0, name, size=8, weight=strong())
        axes.plot([0, WIDTH - 2 * MARGIN], [y + HEADING - 0.02] * 2, color=FAINT, linewidth=0.8)
        y += HEADING
        for number_of, row in enumerate(listed):
            _row(axes, y, heights[id(row)], row, number_of % 2 == 1)
            y += heights[id(row)]
    return paper.figure


def _key(row: Cell) -> str:
    """Return the key of a verdict in the table of words; unknown verdicts count as "not said"."""
    verdict = str(row["verdict"]).replace(" ", "_")
    return verdict if verdict in SIGNS else "not_said"


def _said_in(row: Cell, name: str) -> str:
    """Return a text in the language in force if the table has it, else in English."""
    words = (row.get(f"{name}_zh") if spoken() == "zh" else None) or row[name] or ""
    return readable(str(words), "") if words else ""


def _cell(row: Cell) -> list[str]:
    """Write the name of a cell and the outcome behind it."""
    name = _said_in(row, "cell").replace("_", " ")
    outcome = label("outcome", row["outcome"]) if row["outcome"] else ""
    lines = wrapped(name, CELL - 0.2, SMALL)
    return [*lines, outcome] if outcome and outcome != name else lines


def _said(row: Cell) -> list[str]:
    """Write the reason why the model says nothing, if so."""
    return (
        wrapped(_said_in(row, "reason"), WIDTH - 2 * MARGIN - SAID - WHY - 0.05, TINY)
        if _key(row) == "not_said"
        else []
    )


def _row(axes: Axes, y: float, high: float, row: Cell, striped: bool) -> None:
    """Draw a cell with its verdict and its numbers."""
    if striped:
        axes.add_patch(Rectangle((0, y), WIDTH - 2 * MARGIN, high, facecolor=STRIPE, linewidth=0, zorder=0))
    lines, first = _cell(row), y + PAD / 2 + LINE / 2
    named = len(lines) - (1 if row["outcome"] and len(lines) > 1 else 0)
    for number_of, line in enumerate(lines):
        own = number_of < named
        beside(axes, first + LINE * number_of, 0.1, line, size=SMALL if own else TINY, color=INK if own else QUIET)
    verdict = _key(row)
    axes.add_line(_sign(verdict, [CELL + 0.06], [first], gid=f"verdict {row['dimension']} {row['cell']}"))
    if verdict == "not_said":
        beside(axes, first, CELL + 0.18, label("cell", verdict), size=TINY, color=QUIET)
        for number_of, line in enumerate(_said(row)):
            beside(axes, first + LINE * number_of, SAID + WHY, line, size=TINY, color=QUIET)
        return
    beside(axes, first, CELL + 0.18, label("cell", verdict), color=COLORS[verdict], weight=strong())
    unit = row["unit"] or unit_of(row["outcome"] or "")
    shown = scale(unit)
    bounds = (shown.factor * row["difference"], shown.factor * row["low"], shown.factor * row["high"])
    half = (bounds[2] - bounds[1]) / 2
    base = shown.factor * row["baseline"]
    if math.isfinite(base):
        decimals = max(digits(base), digits(half if half > 0 else bounds[0]) if bounds[0] else 0)
        beside(axes, first, SAID + BASE, level(base, decimals, unit), "right", color=QUIET)
    if math.isfinite(bounds[0]):
        same = verdict == "no_difference"
        words = say("exactly_0") if same else interval(bounds, digits(half if half > 0 else bounds[0]))
        beside(axes, first, SAID + BASE + CHANGE - 0.55, words, "right")
        beside(axes, first, SAID + BASE + CHANGE - 0.48, shown.change, size=TINY, color=QUIET)


def draw_scorecards(tables: Tables, run: Setting) -> Figure:
    """Draw ``scorecard`` of a comparison in signs: cells as rows, scenarios as columns."""
    frame = table(tables, "scorecard", ("scenario", "dimension", "cell", "outcome", "verdict"))
    scenarios = frame["scenario"].unique(maintain_order=True).to_list()
    first = [row for row in frame.iter_rows(named=True) if row["scenario"] == scenarios[0]]
    names = [run.name(scenario) for scenario in scenarios]
    rows: list[tuple[str, str]] = []
    for row in first:
        dimension = _said_in(row, "dimension").replace("_", " ")
        rows += [] if any(text == dimension and not key for text, key in rows) else [(dimension, "")]
        rows.append((_said_in(row, "cell").replace("_", " "), f"{row['dimension']} {row['cell']}"))
    left = MARGIN + max(width(text, SMALL) for text, _ in rows) + 0.35
    step = min(0.32, (LANDSCAPE - left - MARGIN) / max(len(names), 1))
    above = max(width(name, TINY) for name in names) * math.sin(math.radians(SLANT)) + 0.15
    spread = max(left + step * len(names) + above + MARGIN, WIDTH)
    body = TALL * len(rows)
    notes = [drawn_from_only(run), say("scorecard_notes")]
    paper = sheet(run.title, say("scorecard"), notes, body + above + 0.36, spread)
    axes = paper.axes(left, 0.04, step * len(names), body)
    axes.set_axis_off()
    axes.set(xlim=(0, len(names)), ylim=(len(rows), 0))
    for place, name in enumerate(names):
        axes.text(
            place + 0.35, -0.25, name, rotation=SLANT, rotation_mode="anchor", ha="left", va="bottom", fontsize=TINY
        )
    said = {(row["scenario"], f"{row['dimension']} {row['cell']}"): _key(row) for row in frame.iter_rows(named=True)}
    for y, (text, key) in enumerate(rows):
        beside(axes, y + 0.55, MARGIN - left + (0.1 if key else 0.0), text, weight="normal" if key else strong())
        if not key:
            continue
        axes.axhline(y + 1, color=FAINT, linewidth=0.4)
        for place, scenario in enumerate(scenarios):
            verdict = said.get((scenario, key), "not_said")
            axes.add_line(_sign(verdict, [place + 0.5], [y + 0.5], gid=f"verdict {scenario} {key}"))
    there = set(said.values())
    paper.legend([_sign(key, [], [], label=label("cell", key)) for key in SIGNS if key in there], columns=4)
    return paper.figure


def _sign(verdict: str, x: list[float], y: list[float], **more: Any) -> Line2D:
    """Make the sign of a verdict."""
    hollow = verdict in ("unclear", "not_said")
    fill = "white" if hollow else COLORS[verdict]
    return Line2D(
        x, y, linewidth=0, marker=SIGNS[verdict], markersize=5.2, color=COLORS[verdict], markerfacecolor=fill, **more
    )
