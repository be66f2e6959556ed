"""Ablation: how much of an effect disappears when a mechanism is switched off."""

import math
from collections.abc import Sequence

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.figures.axis import number_axis, padded, row_axis, stripe, zero_line
from sim.figures.context import Cell, Setting, Tables, based_on, covers, table, window
from sim.figures.fonts import strong, width
from sim.figures.numerals import digits, in_percent, number, scale
from sim.figures.sheet import LANDSCAPE, MARGIN, TWO_COLUMNS, bar, heading, in_row, page_width, row_line, sheet
from sim.figures.style import BAR, INK, MIDDLE, QUIET, SMALL, TINY
from sim.figures.words import counted, label, say
from sim.stats.ordered import ordered_sum

PARTS = ("contribution", "contribution_low", "contribution_high")
NUMBERS = ("effect", "low", "high", *PARTS, "share")
WHOLE = "all"
ROW, AXIS, HEADS, GAP, SHARE = 0.19, 0.40, 0.24, 0.14, 0.50  # inches; SHARE for the percent, or an amount
LEAST = 0.7  # inches, of a panel on a narrow page


def draw_explanation(tables: Tables, run: Setting) -> Figure:
    """Draw the contributions of mechanisms, the largest first, one panel per outcome, from ``explanation``.

    Mechanisms interact, so contributions need not add up to the whole. The whole is the effect of the scenario, or the
    level of the outcome if the scenario is compared with nothing.
    """
    frame = table(tables, "explanation", ("mechanism", "outcome", "unit", "firms"), NUMBERS)
    outcomes = frame["outcome"].unique(maintain_order=True).to_list()
    cells = {(row["outcome"], row["mechanism"]): row for row in frame.iter_rows(named=True)}
    size = pl.col("contribution").abs().fill_nan(None)
    parts = frame.with_columns(weight=(size / size.max().over("outcome")).fill_nan(0.0))
    weights = parts.group_by("mechanism", maintain_order=True).agg(ordered_sum(pl.col("weight")))
    order = weights.sort("weight", descending=True, maintain_order=True)["mechanism"].to_list()
    rows = [WHOLE, *(name for name in order if name != WHOLE)]
    kind = "" if run.paired else "_level"
    usual, across = (TWO_COLUMNS, 3) if len(outcomes) <= 3 else (LANDSCAPE, 5)
    words = {name: say("explanation_whole" + kind) if name == WHOLE else label("mechanism", name) for name in rows}
    left = MARGIN + max(width(text, SMALL) for text in words.values()) + 0.12
    space = page_width(usual) - left - MARGIN
    if page_width(usual) < usual:
        across = max(min(across, int(space / (LEAST + GAP + SHARE))), 1)
    banks = math.ceil(len(outcomes) / across)
    depth = ROW * (len(rows) + 0.4)
    bank = AXIS + depth + HEADS
    stated = bool((frame["low"] < frame["high"]).any())
    firms = counted(int(frame["firms"][0]), "firm") if frame.height else ""
    notes = [based_on(run, firms), window(run, tables, "explanation"), say("explanation_bars" + kind)]
    notes += [say("explanation_lines"), covers(run, "over")] * stated
    notes += [say("explanation_share" + kind)] + [say("explanation_sorted")] * (len(rows) > 2)
    paper = sheet(run.title, say("explanation" + kind), notes, bank * banks, usual)
    wide = space / across - GAP - SHARE
    for place, outcome in enumerate(outcomes):
        down, column = divmod(place, across)
        axes = paper.axes(left + column * (wide + GAP + SHARE), (banks - 1 - down) * bank + AXIS, wide, depth)
        shown = scale(next(cell["unit"] for key, cell in cells.items() if key[0] == outcome))
        _draw(axes, [cells.get((outcome, name)) for name in rows], shown.factor, wide, run.paired)
        heading(axes, label("outcome", outcome), 3)
        axes.set_xlabel(shown.change if run.paired else shown.level)
        if column == 0:
            for y, name in enumerate(rows):
                in_row(axes, _place(y), MARGIN - left, words[name], weight=strong() if name == WHOLE else "normal")
    return paper.figure


def _place(row: int) -> float:
    """Return the position of a row; the whole effect is set slightly apart."""
    return row + 0.5 + (0.4 if row else 0.0)


def _draw(axes: Axes, column: Sequence[Cell | None], factor: float, wide: float, paired: bool) -> None:
    """Draw the whole effect, or level, and the contributions to it."""
    row_axis(axes, len(column) + 0.4)
    bars = []
    for row, cell in enumerate(column):
        parts = PARTS if row else ("effect", "low", "high")
        bars.append([factor * cell[name] if cell else math.nan for name in parts])
    number_axis(axes, padded((end for bar in bars for end in bar), 0.05), wide, sign=paired)
    for row, (cell, (value, start, end)) in enumerate(zip(column, bars, strict=True)):
        y = _place(row)
        if row % 2 == 0:
            stripe(axes, y - 0.5, y + 0.5)
        if not cell or not math.isfinite(value):
            continue
        gid = f"part {cell['outcome']} {cell['mechanism']}"
        bar(axes, y, (0, value), 0.62, BAR if row else MIDDLE, zorder=2, gid=gid)
        if math.isfinite(start + end) and start < end:
            row_line(axes, y, (start, end), INK, 0.9, zorder=3)
        text = say("exactly_0") if value == start == end == 0 else number(value, digits(value), sign=paired)
        if row:
            text = in_percent(cell["share"]) if math.isfinite(cell["share"]) else "–"
        in_row(axes, y, wide + SHARE, text, "right", TINY, QUIET if text == "–" else INK)
    zero_line(axes, 2.5)
