"""Ablation: how much of an effect disappears when a mechanism is switched off."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.figures.context import Setting, Tables, drawn_from_only, over, table
from sim.figures.fonts import strong, width
from sim.figures.forest_rows import few_ticks, head
from sim.figures.sheet import LANDSCAPE, MARGIN, WIDTH, beside, sheet
from sim.figures.style import BAR, INK, QUIET, RULE, SMALL, STRIPE, TINY, digits, number, scale
from sim.figures.words import label, percent, say

NUMBERS = ("effect", "low", "high", "contribution", "contribution_low", "contribution_high", "share")
WHOLE = "all"
ROW, AXIS, HEADS, GAP, SHARE = 0.19, 0.40, 0.24, 0.14, 0.38  # inches; SHARE for the percent

Cell = Mapping[str, Any]


def draw_explanation(tables: Tables, run: Setting) -> Figure:
    """Draw the contributions of mechanisms, the largest first, one panel per outcome, from ``explanation``.

    Mechanisms interact, so contributions need not add up to the whole. The whole is the effect of the scenario, or the
    level of the outcome if the scenario is compared with nothing.
    """
    frame = table(tables, "explanation", ("mechanism", "outcome", "unit", *NUMBERS))
    frame = frame.with_columns(pl.col(*NUMBERS).cast(pl.Float64).fill_null(math.nan))
    outcomes = frame["outcome"].unique(maintain_order=True).to_list()
    cells = {(row["outcome"], row["mechanism"]): row for row in frame.iter_rows(named=True)}
    mechanisms = [name for name in frame["mechanism"].unique(maintain_order=True) if name != WHOLE]
    mechanisms.sort(key=lambda name: -_weight(cells, outcomes, name))
    rows = [WHOLE, *mechanisms]
    page, across = (WIDTH, 3) if len(outcomes) <= 3 else (LANDSCAPE, 5)
    banks = [outcomes[at : at + across] for at in range(0, len(outcomes), across)]
    depth = ROW * (len(rows) + 0.4)
    bank = AXIS + depth + HEADS
    kind = "" if run.paired else "_level"
    notes = [drawn_from_only(run), say("explanation_bars"), over(run), say("explanation_share")]
    paper = sheet(run.title, say("explanation" + kind), notes, bank * len(banks), page)
    words = {name: say("explanation_whole" + kind) if name == WHOLE else label("mechanism", name) for name in rows}
    left = MARGIN + max(width(text, SMALL) for text in words.values()) + 0.12
    wide = (page - left - MARGIN) / across - GAP - SHARE
    for number_of, listed in enumerate(banks):
        low = (len(banks) - 1 - number_of) * bank + AXIS
        for place, outcome in enumerate(listed):
            axes = paper.axes(left + place * (wide + GAP + SHARE), low, wide, depth)
            _draw(axes, [cells.get((outcome, name)) for name in rows], wide)
            head(axes, 0, label("outcome", outcome), ha="left", size=8, color=INK, weight=strong())
            unit = next(cell["unit"] for key, cell in cells.items() if key[0] == outcome)
            axes.set_xlabel(scale(unit).change)
            if place == 0:
                for y, name in enumerate(rows):
                    beside(axes, _place(y), MARGIN - left, words[name], weight=strong() if name == WHOLE else "normal")
    return paper.figure


def _weight(cells: Mapping[tuple[str, str], Cell], outcomes: Sequence[str], mechanism: str) -> float:
    """Return the sum over outcomes of a mechanism's contribution, each as a share of the largest one."""
    total = 0.0
    for outcome in outcomes:
        mine = {name: abs(cell["contribution"]) for (which, name), cell in cells.items() if which == outcome}
        largest = max((value for value in mine.values() if math.isfinite(value)), default=0.0)
        value = mine.get(mechanism, math.nan)
        total += value / largest if largest and math.isfinite(value) else 0.0
    return total


def _place(row: int) -> float:
    """Return the position of a row; the whole effect is set slightly apart."""
    return row + 0.5 + (0.4 if row else 0.0)


def _draw(axes: Axes, column: Sequence[Cell | None], wide: float) -> None:
    """Draw the whole effect and the contributions to it."""
    axes.set_ylim(len(column) + 0.4, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    factor = scale(next(cell["unit"] for cell in column if cell)).factor
    bars = []
    for row, cell in enumerate(column):
        names = ("effect", "low", "high") if row == 0 else ("contribution", "contribution_low", "contribution_high")
        bars.append([factor * cell[name] for name in names] if cell else [math.nan] * 3)
    ends = [end for bar in bars for end in bar if math.isfinite(end)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    pad = 0.05 * (high - low) or 1.0
    axes.set_xlim(low - pad, high + pad)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    few_ticks(axes, wide)
    for row, (value, start, end) in enumerate(bars):
        y, cell = _place(row), column[row]
        if row % 2 == 0:
            axes.axhspan(y - 0.5, y + 0.5, color=STRIPE, linewidth=0, zorder=0)
        if not cell or not math.isfinite(value):
            continue
        color = RULE if row == 0 else BAR
        axes.barh(y, value, height=0.62, color=color, zorder=2, gid=f"part {cell['outcome']} {cell['mechanism']}")
        if math.isfinite(start + end) and start < end:
            axes.plot([start, end], [y, y], color=INK, linewidth=0.9, zorder=3)
        share = cell["share"]
        text = (
            f"{number(value, digits(value), sign=True)}"
            if row == 0
            else percent(number(round(100 * share) + 0.0, 0))
            if math.isfinite(share)
            else "–"
        )
        beside(axes, y, wide + SHARE, text, "right", TINY, INK if row == 0 or math.isfinite(share) else QUIET)
    axes.axvline(0, color=INK, linewidth=0.7, zorder=2.5)
