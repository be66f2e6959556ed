"""Ablation: how much of an effect disappears when a mechanism is switched off."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.figures.axis import few_ticks, gridded, in_rows, padded, zero_line
from sim.figures.context import Setting, Tables, based_on, over, table
from sim.figures.fonts import strong, width
from sim.figures.sheet import LANDSCAPE, MARGIN, WIDTH, bar, beside, heading, page, segment, sheet
from sim.figures.style import BAR, INK, QUIET, RULE, SMALL, STRIPE, TINY, digits, number, scale
from sim.figures.words import label, percent, say

PARTS = ("contribution", "contribution_low", "contribution_high")
NUMBERS = ("effect", "low", "high", *PARTS, "share")
WHOLE = "all"
ROW, AXIS, HEADS, GAP, SHARE = 0.19, 0.40, 0.24, 0.14, 0.38  # inches; SHARE for the percent
LEAST = 0.7  # inches, of a panel on a narrow page

Cell = Mapping[str, Any]


def draw_explanation(tables: Tables, run: Setting) -> Figure:
    """Draw the contributions of mechanisms, the largest first, one panel per outcome, from ``explanation``.

    Mechanisms interact, so contributions need not add up to the whole. The whole is the effect of the scenario, or the
    level of the outcome if the scenario is compared with nothing.
    """
    frame = table(tables, "explanation", ("mechanism", "outcome", "unit"), NUMBERS)
    outcomes = frame["outcome"].unique(maintain_order=True).to_list()
    cells = {(row["outcome"], row["mechanism"]): row for row in frame.iter_rows(named=True)}
    mechanisms = [name for name in frame["mechanism"].unique(maintain_order=True) if name != WHOLE]
    rows = [WHOLE, *sorted(mechanisms, key=lambda name: -_weight(cells, outcomes, name))]
    kind = "" if run.paired else "_level"
    usual, across = (WIDTH, 3) if len(outcomes) <= 3 else (LANDSCAPE, 5)
    words = {name: say("explanation_whole" + kind) if name == WHOLE else label("mechanism", name) for name in rows}
    left = MARGIN + max(width(text, SMALL) for text in words.values()) + 0.12
    space = page(usual) - left - MARGIN
    if page(usual) < usual:
        across = max(min(across, int(space / (LEAST + GAP + SHARE))), 1)
    banks = math.ceil(len(outcomes) / across)
    depth = ROW * (len(rows) + 0.4)
    bank = AXIS + depth + HEADS
    notes = [based_on(run), say("explanation_bars"), over(run), say("explanation_share")]
    paper = sheet(run.title, say("explanation" + kind), notes, bank * banks, usual)
    wide = space / across - GAP - SHARE
    for place, outcome in enumerate(outcomes):
        down, column = divmod(place, across)
        low = (banks - 1 - down) * bank + AXIS
        axes = paper.axes(left + column * (wide + GAP + SHARE), low, wide, depth)
        unit = next(cell["unit"] for key, cell in cells.items() if key[0] == outcome)
        _draw(axes, [cells.get((outcome, name)) for name in rows], scale(unit).factor, wide)
        heading(axes, label("outcome", outcome), 3)
        axes.set_xlabel(scale(unit).change)
        if column == 0:
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


def _draw(axes: Axes, column: Sequence[Cell | None], factor: float, wide: float) -> None:
    """Draw the whole effect and the contributions to it."""
    in_rows(axes, len(column) + 0.4)
    parts = [("effect", "low", "high"), *[PARTS] * (len(column) - 1)]
    bars = [
        [factor * cell[name] for name in names] if cell else [math.nan] * 3
        for cell, names in zip(column, parts, strict=True)
    ]
    axes.set_xlim(*padded((end for bar in bars for end in bar), 0.05))
    gridded(axes, "x")
    few_ticks(axes, wide)
    for row, (cell, (value, start, end)) in enumerate(zip(column, bars, strict=True)):
        y = _place(row)
        if row % 2 == 0:
            axes.axhspan(y - 0.5, y + 0.5, color=STRIPE, linewidth=0, zorder=0)
        if not cell or not math.isfinite(value):
            continue
        gid = f"part {cell['outcome']} {cell['mechanism']}"
        bar(axes, y, (0, value), 0.62, BAR if row else RULE, zorder=2, gid=gid)
        if math.isfinite(start + end) and start < end:
            segment(axes, y, (start, end), INK, 0.9, zorder=3)
        known = row == 0 or math.isfinite(cell["share"])
        share = percent(number(round(100 * cell["share"]) + 0.0, 0)) if row and known else "–"
        text = share if row else number(value, digits(value), sign=True)
        beside(axes, y, wide + SHARE, text, "right", TINY, INK if known else QUIET)
    zero_line(axes, 2.5)
