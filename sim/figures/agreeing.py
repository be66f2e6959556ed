"""Posteriors side by side: of two seeds or campaigns, and with more or less trust in the model."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.figures.context import Setting, Tables, campaign_notes, table
from sim.figures.fonts import shortened
from sim.figures.forest_rows import head
from sim.figures.sheet import MARGIN, WIDTH, beside, sheet
from sim.figures.style import INK, RULE, SMALL, STRIPE, TINY, WITHOUT, number
from sim.figures.words import label, say

LEFT, RIGHT, ROW = 2.0, 1.0, 0.26  # inches
COLORS, SIGNS = ("#0077bb", RULE, WITHOUT), ("s", "o", "D")
FAR = 4.0  # sd beyond which nothing is drawn


class Line(NamedTuple):
    """A posterior of one parameter: its mean and its 90 % interval."""

    mean: float
    low: float
    high: float


def draw_seeds(tables: Tables, run: Setting) -> Figure:
    """Draw two posteriors of one problem in sd of the first, from ``seeds``, or from ``agreement`` of two campaigns."""
    two = "agreement" in tables
    sides = [f"{side}_{key}" for side in ("first", "second") for key in ("mean", "low", "high")]
    frame = table(tables, "agreement" if two else "seeds", ("parameter", "first_sd", "gap", "sd_ratio", *sides))
    rows = frame.to_dicts()
    lines = [
        tuple(Line(*(row[f"{side}_{key}"] for key in ("mean", "low", "high"))) for side in ("first", "second"))
        for row in rows
    ]
    words = [f"{number(row['gap'], 2, sign=True)}   {number(row['sd_ratio'], 2)}" for row in rows]
    names = ("fit_campaign_one", "fit_campaign_two") if two else ("fit_draws_one", "fit_draws_two")
    note = say("fit_campaigns_note" if two else "fit_seeds_note")
    shows = say("fit_campaigns" if two else "fit_seeds")
    heads = (shows, say("fit_gap"), note)
    return _forest(run, heads, [say(name) for name in names], rows, lines, words)


def draw_discrepancy(tables: Tables, run: Setting) -> Figure:
    """Draw posteriors by size of the model discrepancy, from ``discrepancy`` of a calibration.

    The scale is the sd of the posterior with the discrepancy unchanged (factor 1).
    """
    frame = table(tables, "discrepancy", ("factor", "parameter", "mean", "sd", "low", "high", "gap"))
    factors = sorted(frame["factor"].unique().to_list())
    usual = frame.filter(pl.col("factor") == 1.0).to_dicts()
    cells = {(row["factor"], row["parameter"]): row for row in frame.to_dicts()}
    lines, words = [], []
    for row in usual:
        mine = [cells[factor, row["parameter"]] for factor in factors]
        lines.append(tuple(Line(each["mean"], each["low"], each["high"]) for each in mine))
        words.append("   ".join(number(each["gap"], 2, sign=True) for each in mine if each["factor"] != 1.0))
    rows = [row | {"first_mean": row["mean"], "first_sd": row["sd"]} for row in usual]
    heads = (say("fit_discrepancy"), say("fit_gaps"), say("fit_discrepancy_note"))
    names = [say("fit_times", factor=f"{factor:g}") for factor in factors]
    return _forest(run, heads, names, rows, lines, words)


def _forest(
    run: Setting,
    heads: tuple[str, str, str],
    names: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    lines: Sequence[tuple[Line, ...]],
    words: Sequence[str],
) -> Figure:
    """Draw posteriors as rows, centred and scaled by one of them."""
    shows, over, note = heads
    high = ROW * max(len(rows), 1)
    paper = sheet(run.title, shows, [note, *campaign_notes(run)], high + 0.36 + 0.36)
    wide = WIDTH - 2 * MARGIN - LEFT - RIGHT
    axes = paper.axes(MARGIN + LEFT, 0.36, wide, high)
    axes.axvline(0, color=INK, linewidth=0.7, zorder=1)
    for place, (row, mine, text) in enumerate(zip(rows, lines, words, strict=True)):
        if place % 2 == 0:
            axes.axhspan(place, place + 1, color=STRIPE, linewidth=0, zorder=0)
        _row(axes, place, row, mine)
        beside(axes, place + 0.5, -LEFT + 0.05, shortened(label("parameter", row["parameter"]), LEFT - 0.15, SMALL))
        beside(axes, place + 0.5, wide + RIGHT, text, ha="right", size=TINY)
    ends = [end for row, mine in zip(rows, lines, strict=True) for each in mine for end in _scaled(row, each)]
    far = float(np.clip(1.1 * np.abs(ends).max(initial=1.0), 2.0, FAR))
    axes.set(xlim=(-far, far), ylim=(max(len(rows), 1), 0))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(lambda value, _: number(value, 0, sign=True) if abs(value) > 1e-9 else "0")
    axes.locator_params(axis="x", integer=True, nbins=8)
    axes.set_xlabel(say("fit_sds"))
    head(axes, wide + RIGHT, over)
    paper.legend(
        [
            Line2D([], [], color=color, marker=sign, markersize=3.6, linewidth=1.2, label=name)
            for color, sign, name in zip(_some(COLORS, names), _some(SIGNS, names), names, strict=True)
        ],
        columns=4,
    )
    return paper.figure


def _some(of: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return as many colours or marks as there are names; two names get the last two."""
    return [of[(place + (len(names) == 2)) % len(of)] for place in range(len(names))]


def _scaled(row: Mapping[str, Any], line: Line) -> list[float]:
    """Scale a posterior by the first one."""
    sd = max(float(row["first_sd"]), 1e-12)
    return [(value - float(row["first_mean"])) / sd for value in line]


def _row(axes: Axes, place: int, row: Mapping[str, Any], mine: Sequence[Line]) -> None:
    """Draw the posteriors of a parameter below each other."""
    count = len(mine)
    names = [""] * count
    for number_, (line, color, sign) in enumerate(zip(mine, _some(COLORS, names), _some(SIGNS, names), strict=True)):
        y = place + 0.5 + 0.24 * (number_ - (count - 1) / 2)
        mean, low, high = _scaled(row, line)
        axes.plot([low, high], [y, y], color=color, linewidth=1.2, zorder=2)
        axes.plot(
            [mean], [y], sign, color=color, markersize=3.4, zorder=3, gid=f"posterior {number_} {row['parameter']}"
        )
