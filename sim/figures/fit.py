"""Goodness of fit: targets beside the model, simulations before and after the fit, and coverage of intervals."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from sim.figures.context import Setting, Tables, campaign_notes, table
from sim.figures.fonts import shortened, strong
from sim.figures.forest_rows import few_ticks, head
from sim.figures.sheet import MARGIN, WIDTH, beside, sheet
from sim.figures.style import FAINT, INK, MARKS, QUIET, RULE, SHADE, SMALL, STRIPE, TINY, WITHOUT, digits, number, scale
from sim.figures.words import label, percent, say

ROW, LEFT, WIDE, FAR = 0.25, 2.75, 2.15, 3.5  # inches; sd beyond which nothing is drawn
COLUMNS, HIGH, GAP, HEAD, LOW = 4, 0.85, 0.2, 0.34, 0.22  # inches of a small panel, and panels in a row
BINS = 20
BARE = ("ratio", "relative", "0..1")  # units that are not written
BAND = (0.86, 0.94)  # target for the coverage of 90 % intervals

Reals = NDArray[np.float64]
Cell = Mapping[str, Any]
CARD = (
    "observable", "unit", "role", "reported", "low", "high", "error", "discrepancy", "observed", "observed_low",
    "observed_high", "within", "chance", "tension",
)  # fmt: skip


def draw_target_card(tables: Tables, run: Setting) -> Figure:
    """Draw reported values beside the model's from ``card``, in sd of error and discrepancy; fitted targets first."""
    frame = table(tables, "card", CARD).with_columns(pl.col(pl.Float64).fill_null(math.nan))
    blocks = [("fit_fitted", frame.filter(pl.col("role") == "calibrated").to_dicts())]
    blocks.append(("fit_checked", frame.filter(pl.col("role") == "checked").to_dicts()))
    blocks = [(key, rows) for key, rows in blocks if rows]
    lines = sum(len(rows) for _, rows in blocks) + 0.8 * len(blocks)
    notes = [say("fit_card_note"), say("fit_card_left"), *campaign_notes(run)]
    paper = sheet(run.title, say("fit_card"), notes, ROW * lines + 0.36 + 0.38)
    axes = paper.axes(MARGIN + LEFT, 0.36, WIDE, ROW * lines)
    axes.set(xlim=(-FAR, FAR), ylim=(lines, 0))
    axes.set_yticks([])
    axes.set_xticks(range(-3, 4), [number(at, 0, sign=True) if at else "0" for at in range(-3, 4)])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(say("fit_errors"))
    axes.axvline(0, color=INK, linewidth=0.7, zorder=1.5)
    head(axes, -LEFT + 2.55, say("fit_reported"))
    head(axes, WIDE + 0.1, say("fit_model"), "left")
    head(axes, WIDTH - 2 * MARGIN - LEFT, say("fit_chance"))
    y = 0.0
    for key, rows in blocks:
        beside(axes, y + 0.42, -LEFT, say(key), weight=strong(), size=7.5)
        y += 0.8
        for place, row in enumerate(rows):
            if place % 2 == 0:
                axes.axhspan(y, y + 1, color=STRIPE, linewidth=0, zorder=0)
            _target(axes, y + 0.5, row)
            y += 1
    paper.legend(_marks(), columns=5)
    return paper.figure


def _marks() -> list[Line2D | Patch]:
    """Explain the marks."""
    good, bad = MARKS["better"], MARKS["worse"]
    return [
        Patch(facecolor=SHADE, label=say("fit_error")),
        Line2D([], [], color=good.color, marker=good.marker, markersize=4.2, linewidth=1.4, label=say("fit_hit")),
        Line2D(
            [], [], color=bad.color, marker=bad.marker, markerfacecolor="white", markersize=4.2, linewidth=1.4,
            label=say("fit_miss"),
        ),
        Line2D([], [], color=WITHOUT, marker="|", linewidth=0, markersize=8, markeredgewidth=1.8,
               label=say("fit_left")),
    ]  # fmt: skip


def _target(axes: Axes, y: float, row: Cell) -> None:
    """Draw a row; its scale is error and discrepancy combined, or half the band if only a band is reported."""
    unit = scale(row["unit"])
    decimals = digits(unit.factor * row["reported"], unit.factor * row["observed"])
    written = number(unit.factor * row["reported"], decimals)
    sd = float(np.hypot(row["error"], row["discrepancy"])) if math.isfinite(row["error"]) else math.nan
    if math.isfinite(sd):
        written += f" ± {number(unit.factor * sd, decimals)}"
    elif math.isfinite(row["low"]) or math.isfinite(row["high"]):
        sd = (row["high"] - row["low"]) / 2
        written = _band(unit.factor * row["low"], unit.factor * row["high"], decimals)
    name = label("observable", row["observable"])
    beside(axes, y, -LEFT + 0.05, shortened(name, 1.55, SMALL))
    beside(axes, y, -LEFT + 2.55, f"{written}", ha="right", size=TINY)
    shown = [number(unit.factor * row[key], decimals) for key in ("observed", "observed_low", "observed_high")]
    words = f"{shown[0]}  [{shown[1]}, {shown[2]}]  {'' if row['unit'] in BARE else unit.level}"
    beside(axes, y, WIDE + 0.1, shortened(words, 1.72, TINY), size=TINY)
    if math.isfinite(row["chance"]):
        beside(axes, y, WIDTH - 2 * MARGIN - LEFT, percent(number(100 * row["chance"], 0)), ha="right", size=TINY)
    elif row["within"] is not None:
        kind = MARKS["better" if row["within"] else "worse"]
        words = say("fit_yes" if row["within"] else "fit_no")
        beside(axes, y, WIDTH - 2 * MARGIN - LEFT, words, ha="right", size=TINY, color=kind.color)
    if not (math.isfinite(sd) and sd > 0 and math.isfinite(row["reported"])):
        return
    axes.fill_between([-1, 1], y - 0.4, y + 0.4, color=SHADE, linewidth=0, zorder=0.5)
    kind = MARKS["unclear" if row["within"] is None else "better" if row["within"] else "worse"]
    value, low, high = ((row[key] - row["reported"]) / sd for key in ("observed", "observed_low", "observed_high"))
    axes.plot(np.clip([low, high], -FAR, FAR), [y, y], color=kind.color, linewidth=1.4, zorder=2)
    for end, mark in ((min(low, value), "<"), (max(high, value), ">")):
        if abs(end) > FAR and (end < 0) == (mark == "<"):
            axes.plot([math.copysign(FAR, end)], [y], mark, color=kind.color, markersize=4.5, clip_on=False)
    if abs(value) <= FAR:
        fill = kind.color if kind.marker == "o" and row["within"] else "white"
        axes.plot(
            [value], [y], kind.marker, color=kind.color, markerfacecolor=fill, markersize=4.2, zorder=3,
            gid=f"model {row['observable']}",
        )  # fmt: skip
    if math.isfinite(row["tension"]):
        axes.plot(
            [np.clip(row["tension"], -FAR, FAR)], [y], "|", color=WITHOUT, markersize=9, markeredgewidth=1.8,
            zorder=1.8, gid=f"tension {row['observable']}",
        )  # fmt: skip


def _band(low: float, high: float, decimals: int) -> str:
    """Write a band, which may be open at one end."""
    if not math.isfinite(low):
        return f"≤ {number(high, decimals)}"
    return (
        f"≥ {number(low, decimals)}"
        if not math.isfinite(high)
        else f"{number(low, decimals)} … {number(high, decimals)}"
    )


def draw_predictive(tables: Tables, run: Setting) -> Figure:
    """Draw simulations before and after the fit beside each target, from ``predictive`` and ``card``."""
    frame = table(tables, "predictive", ("when", "observable", "value")).drop_nulls().drop_nans()
    rows = table(tables, "card", CARD).filter(pl.col("role") == "calibrated").to_dicts()
    deep = max(math.ceil(len(rows) / COLUMNS), 1)
    tall = HEAD + HIGH + LOW
    notes = [say("fit_predictive_note"), *campaign_notes(run)]
    paper = sheet(run.title, say("fit_predictive"), notes, deep * tall + (deep - 1) * GAP + 0.2)
    wide = (WIDTH - 2 * MARGIN - GAP * (COLUMNS - 1)) / COLUMNS
    for place, row in enumerate(rows):
        down, across = divmod(place, COLUMNS)
        axes = paper.axes(MARGIN + across * (wide + GAP), LOW + (deep - 1 - down) * (tall + GAP), wide, HIGH)
        name, unit = row["observable"], scale(row["unit"])
        mine = frame.filter(pl.col("observable") == name)
        before, after = (
            unit.factor * mine.filter(pl.col("when") == when)["value"].to_numpy() for when in ("prior", "posterior")
        )
        sd = unit.factor * float(np.hypot(row["error"], row["discrepancy"]))
        _seen(axes, before, after, (unit.factor * row["reported"], sd), name)
        few_ticks(axes, wide, sign=False)
        for up, text, size, color in (
            (0.165, shortened(label("observable", name), wide, SMALL), SMALL, INK),
            (0.045, unit.level, TINY, QUIET),
        ):
            axes.annotate(
                text, (0, 1), xycoords="axes fraction", xytext=(0, 72 * up), textcoords="offset points", fontsize=size,
                color=color, fontweight=strong() if size == SMALL else "normal", annotation_clip=False,
            )  # fmt: skip
    handles = [
        Line2D([], [], color=WITHOUT, linewidth=1.4, label=say("fit_before")),
        Patch(facecolor=RULE, alpha=0.55, label=say("fit_after")),
        Line2D([], [], color=INK, linewidth=1.4, label=say("fit_told")),
    ]
    paper.legend(handles, columns=3)
    return paper.figure


def _seen(axes: Axes, before: Reals, after: Reals, told: tuple[float, float], name: str) -> None:
    """Draw simulations before and after the fit; ``told`` is the reported value and its standard deviation."""
    value, sd = told
    together = np.concatenate([before, after, [value - sd, value + sd]])
    edges = np.linspace(together.min(), together.max(), BINS + 1)
    axes.axvspan(value - sd, value + sd, color=SHADE, linewidth=0, zorder=0)
    for values, fill in ((after, True), (before, False)):
        shares = np.histogram(values, edges)[0] / max(len(values), 1)
        style = {"fill": True, "alpha": 0.55, "linewidth": 0} if fill else {"linewidth": 1.2, "baseline": None}
        axes.stairs(
            shares, edges, color=RULE if fill else WITHOUT, gid=f"{'after' if fill else 'before'} {name}", **style
        )
    axes.axvline(value, color=INK, linewidth=1.4)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def draw_coverage(tables: Tables, run: Setting) -> Figure:
    """Draw coverage of 90 % intervals and the uniformity of ranks in simulated worlds, from ``ranks``.

    This is simulation-based calibration: true parameters are known there.
    """
    ranks = table(tables, "ranks", ("world", "parameter", "rank"))
    names = ranks["parameter"].unique(maintain_order=True).to_list()
    held = {name: ranks.filter(pl.col("parameter") == name)["rank"].to_numpy() for name in names}
    worlds = max(ranks["world"].n_unique(), 1)
    rows = len(names) + 1
    high = max(0.19 * rows, 1.8)
    notes = [say("fit_coverage_note", worlds=worlds), *campaign_notes(run)]
    paper = sheet(run.title, say("fit_coverage"), notes, high + 0.36 + 0.3)
    axes = paper.axes(MARGIN + 1.75, 0.36, 1.85, high)
    axes.axvspan(100 * BAND[0], 100 * BAND[1], color=SHADE, linewidth=0, zorder=0)
    axes.axvline(90, color=INK, linewidth=0.7)
    everything = np.concatenate(list(held.values())) if held else np.empty(0)
    for place, (name, values) in enumerate({**held, "": everything}.items()):
        inside = int(((values >= 0.05) & (values <= 0.95)).sum())
        share = 100 * inside / max(len(values), 1)
        if name:
            low, high_end = (100 * end for end in _limits(inside, len(values)))
            axes.plot([low, high_end], [place + 0.5] * 2, color=RULE, linewidth=1.1)
        words = label("parameter", name) if name else say("fit_all")
        axes.plot(
            [share], [place + 0.5], "o" if name else "D", color=RULE, markersize=4 if name else 5, zorder=3,
            gid=f"coverage {name or 'all'}",
        )  # fmt: skip
        beside(axes, place + 0.5, -1.7, shortened(words, 1.62, SMALL), weight="normal" if name else strong())
    axes.axhline(rows - 1, color=FAINT, linewidth=0.8)
    axes.set(xlim=(60, 101), ylim=(rows, 0))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(say("fit_coverage_axis"))
    axes.set_title(say("fit_coverage_left"), loc="left", fontsize=8, fontweight=strong(), pad=5)
    _even(paper.axes(MARGIN + 4.15, 0.36, WIDTH - 2 * MARGIN - 4.2, high), held, everything, worlds)
    return paper.figure


def _limits(inside: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, of Clopper and Pearson."""
    from scipy.stats import beta  # noqa: PLC0415  (takes a second, and drawing any figure imports this module)

    low = float(beta.ppf(0.025, inside, count - inside + 1)) if inside else 0.0
    high = float(beta.ppf(0.975, inside + 1, count - inside)) if inside < count else 1.0
    return low, high


def _even(axes: Axes, held: Mapping[str, Reals], everything: Reals, worlds: int) -> None:
    """Draw deviations of ranks from uniformity, with the pointwise 95 % band of one parameter."""
    from scipy.stats import binom  # noqa: PLC0415

    grid = np.linspace(0, 1, 201)
    low, high = (binom.ppf(share, worlds, grid) / worlds - grid for share in (0.025, 0.975))
    axes.fill_between(grid, 100 * low, 100 * high, color=SHADE, linewidth=0, zorder=0)
    for name, values in {**held, "": everything}.items():
        share = np.searchsorted(np.sort(values), grid, side="right") / max(len(values), 1) - grid
        axes.plot(
            grid, 100 * share, color=RULE if not name else QUIET, linewidth=2.0 if not name else 0.6,
            alpha=1.0 if not name else 0.7, zorder=3 if not name else 2, gid=f"ranks {name or 'all'}",
        )  # fmt: skip
    axes.axhline(0, color=INK, linewidth=0.7)
    axes.set_xlim(0, 1)
    axes.set_xlabel(say("fit_rank"))
    axes.yaxis.set_major_formatter(lambda value, _: number(value, 0, sign=True) if abs(value) > 1e-9 else "0")
    axes.set_title(say("fit_ranks"), loc="left", fontsize=8, fontweight=strong(), pad=5)
