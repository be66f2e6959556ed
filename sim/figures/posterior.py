"""What the targets identify: posteriors beside priors, correlated pairs of parameters, and directions."""

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from sim.figures.context import Setting, Tables, campaign_notes, table
from sim.figures.fonts import shortened, strong, width
from sim.figures.forest_rows import few_ticks
from sim.figures.sheet import MARGIN, WIDTH, Sheet, beside, sheet
from sim.figures.style import GAIN, INK, QUIET, RULE, SMALL, TINY, WITHOUT, number
from sim.figures.words import label, percent, say

COLUMNS, HIGH, GAP, HEAD, LOW = 4, 0.72, 0.18, 0.34, 0.22  # inches of a small panel, and panels in a row
BINS = 24
PAIRS = 6
BOLDER = 1.12  # how much wider bold letters are
CELL, ACROSS = 0.2, 0.27  # inches, of a heat map

Reals = NDArray[np.float64]


def draw_marginals(tables: Tables, run: Setting) -> Figure:
    """Draw each fitted parameter's posterior over its prior, in descending order of contraction.

    Needs ``parameters``, ``prior`` and ``posterior`` of a calibration.
    """
    facts = table(tables, "parameters", ("parameter", "unit", "role", "contraction", "point"))
    kept = [label("parameter", name) for name in facts.filter(pl.col("role") != "fitted")["parameter"]]
    rows = facts.filter(pl.col("role") == "fitted").sort("contraction", descending=True).to_dicts()
    names = [row["parameter"] for row in rows]
    prior, posterior = table(tables, "prior", names), table(tables, "posterior", names)
    notes = [
        say("fit_contraction"),
        say("fit_kept", names=say("list").join(kept)) if kept else "",
        *campaign_notes(run),
    ]
    deep = math.ceil(len(rows) / COLUMNS)
    tall = HEAD + HIGH + LOW
    paper = sheet(run.title, say("fit_marginals"), notes, deep * tall + (deep - 1) * GAP + 0.2)
    wide = (WIDTH - 2 * MARGIN - GAP * (COLUMNS - 1)) / COLUMNS
    for place, row in enumerate(rows):
        down, across = divmod(place, COLUMNS)
        low = LOW + (deep - 1 - down) * (tall + GAP)
        axes = paper.axes(MARGIN + across * (wide + GAP), low, wide, HIGH)
        name = row["parameter"]
        _marginal(axes, prior[name].to_numpy(), posterior[name].to_numpy(), float(row["point"]), name)
        few_ticks(axes, wide, sign=False)
        share = percent(number(100 * max(float(row["contraction"]), 0.0), 0))
        _heads(axes, wide, label("parameter", name), _unit(row["unit"]), share)
    handles = [
        Patch(facecolor=RULE, alpha=0.55, label=say("fit_posterior")),
        Line2D([], [], color=WITHOUT, linewidth=1.4, label=say("fit_prior")),
        Line2D([], [], color=INK, marker="^", linewidth=0, markersize=4, label=say("fit_point")),
    ]
    paper.legend(handles, columns=3)
    return paper.figure


def _marginal(axes: Axes, prior: Reals, posterior: Reals, point: float, name: str) -> None:
    """Draw one parameter."""
    prior = np.sort(prior)
    inside = np.quantile(prior, (0.005, 0.995))
    low, high = min(inside[0], posterior.min()), max(inside[1], posterior.max())
    edges = np.linspace(low, high, BINS + 1)
    shares = (np.arange(len(prior)) + 0.5) / len(prior)
    before = np.diff(np.interp(edges, prior, shares, left=0.0, right=1.0))
    after = np.histogram(posterior, edges)[0] / len(posterior)
    axes.stairs(after, edges, fill=True, color=RULE, alpha=0.55, linewidth=0, gid=f"posterior {name}")
    axes.stairs(before, edges, color=WITHOUT, linewidth=1.4, baseline=None, gid=f"prior {name}")
    if low <= point <= high:
        axes.plot([point], [0], "^", color=INK, markersize=4, clip_on=False, zorder=3)
    axes.set_xlim(low, high)
    axes.set_ylim(0, 1.08 * max(float(before.max()), float(after.max())))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def _heads(axes: Axes, wide: float, name: str, unit: str, share: str) -> None:
    """Write name, unit and contraction above a panel."""
    room = wide - width(share, SMALL, strong()) - 0.06
    for up, text, size, color in (
        (0.165, shortened(name, room / BOLDER, SMALL), SMALL, INK),
        (0.045, unit, TINY, QUIET),
    ):
        _over(axes, 0.0, up, text, size, color, "left", size == SMALL)
    _over(axes, wide, 0.165, share, SMALL, RULE, "right", True)


def _over(
    axes: Axes, inches: float, up: float, text: str, size: float, color: str, ha: str, bold: bool = False
) -> None:
    """Write above a panel."""
    axes.annotate(
        text, (0, 1), xycoords="axes fraction", xytext=(72 * inches, 72 * up), textcoords="offset points", ha=ha,
        fontsize=size, color=color, fontweight=strong() if bold else "normal", annotation_clip=False,
    )  # fmt: skip


def _unit(unit: str) -> str:
    """Return the unit of a parameter; pure numbers have none."""
    return "" if unit in ("1", "weight") else label("unit", unit) if unit != "share" else say("fit_share")


def draw_pairs(tables: Tables, run: Setting) -> Figure:
    """Draw posterior draws of the ``PAIRS`` most correlated pairs, from ``parameters`` and ``posterior``."""
    facts = table(tables, "parameters", ("parameter", "unit", "role")).filter(pl.col("role") == "fitted")
    names, units = facts["parameter"].to_list(), dict(facts.select("parameter", "unit").iter_rows())
    draws = table(tables, "posterior", names).select(names)
    ties = np.corrcoef(draws.to_numpy(), rowvar=False).reshape(len(names), -1)
    found = sorted(((abs(ties[i, j]), i, j) for i in range(len(names)) for j in range(i)), reverse=True)[:PAIRS]
    columns, high, gap, left = 3, 1.35, 0.52, 0.5
    deep = max(math.ceil(len(found) / columns), 1)
    notes = [say("fit_pairs_note"), *campaign_notes(run)]
    paper = sheet(run.title, say("fit_pairs"), notes, 0.42 + deep * high + (deep - 1) * gap + 0.25)
    wide = (WIDTH - 2 * MARGIN - columns * left - 0.12 * (columns - 1)) / columns
    for place, (_, i, j) in enumerate(found):
        down, across = divmod(place, columns)
        axes = paper.axes(
            MARGIN + left + across * (wide + left + 0.12), 0.42 + (deep - 1 - down) * (high + gap), wide, high
        )
        axes.scatter(
            draws[names[j]],
            draws[names[i]],
            s=2.2,
            color=RULE,
            alpha=0.3,
            linewidth=0,
            gid=f"pair {names[j]} {names[i]}",
        )
        for axis, name, room in ((axes.xaxis, names[j], wide + 0.3), (axes.yaxis, names[i], high + 0.3)):
            words = " ".join(filter(None, (label("parameter", name), _bracketed(units[name]))))
            axis.set_label_text(shortened(words, room, SMALL))
        axes.locator_params(nbins=4)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
        axes.set_title(
            f"r = {number(float(ties[i, j]), 2, sign=True)}", loc="left", fontsize=8, fontweight=strong(), pad=4
        )
    return paper.figure


def _bracketed(unit: str) -> str:
    """Write a unit in brackets if there is one."""
    return say("fit_unit", unit=_unit(unit)) if _unit(unit) else ""


def draw_directions(tables: Tables, run: Setting) -> Figure:
    """Draw which combinations of parameters are identified, from ``directions`` and ``loadings`` of a calibration.

    Bars show the share of the prior variance that remains along each direction; the map shows its loadings.
    """
    kept = table(tables, "directions", ("direction", "kept")).sort("direction")
    parts = table(tables, "loadings", ("direction", "parameter", "loading"))
    names = _ordered(parts)
    grid = np.array(
        [
            [parts.filter(pl.col("direction") == k, pl.col("parameter") == name)["loading"].sum() for name in names]
            for k in kept["direction"]
        ]
    )
    count = len(names)
    above = max(width(label("parameter", name), SMALL) for name in names) * math.sin(math.radians(50)) + 0.25
    notes = [say("fit_directions_note"), *campaign_notes(run)]
    paper = sheet(run.title, say("fit_directions"), notes, 0.35 + CELL * count + above)
    bars = paper.axes(MARGIN + 0.3, 0.35, 1.6, CELL * count)
    shares = 100 * kept["kept"].to_numpy()
    bars.barh(np.arange(count) + 0.5, np.minimum(shares, 125), height=0.7, color=RULE, gid="kept")
    for place, share in enumerate(shares):
        beside(bars, place + 0.5, -0.08, str(place + 1), ha="right", color=QUIET)
        beside(bars, place + 0.5, 1.6, percent(number(float(share), 0)), ha="right", size=TINY)
    bars.set(xlim=(0, 170), ylim=(count, 0))
    bars.set_yticks([])
    bars.set_xticks([0, 50, 100])
    bars.axvline(100, color=WITHOUT, linewidth=1.2, zorder=0.5)
    bars.set_xlabel(say("fit_variance"))
    _map(paper, grid, names, MARGIN + 0.3 + 1.6 + 0.15)
    return paper.figure


def _ordered(parts: pl.DataFrame) -> list[str]:
    """Order parameters by the direction on which each loads most."""
    main = parts.sort(pl.col("loading").abs(), descending=True).unique("parameter", keep="first", maintain_order=True)
    return main.sort("direction", maintain_order=True)["parameter"].to_list()


def _map(paper: Sheet, grid: Reals, names: Sequence[str], left: float) -> None:
    """Draw the loadings of directions."""
    count = len(names)
    axes = paper.axes(left, 0.35, ACROSS * count, CELL * count)
    axes.pcolormesh(grid, cmap=GAIN, norm=Normalize(-1, 1), edgecolors="white", linewidth=0.6, gid="loadings")
    for row, column in zip(*np.nonzero(np.abs(grid) >= 0.3), strict=True):
        value = float(grid[row, column])
        color = "white" if abs(value) > 0.75 else INK
        axes.text(
            column + 0.5, row + 0.52, number(value, 1, sign=True), ha="center", va="center", fontsize=5, color=color
        )
    axes.set_ylim(count, 0)
    axes.set_yticks([])
    axes.set_xticks([])
    axes.spines[:].set_visible(False)
    for place, name in enumerate(names):
        axes.annotate(
            label("parameter", name), (place + 0.4, 0), xytext=(0, 3), textcoords="offset points", rotation=50,
            ha="left", va="bottom", rotation_mode="anchor", fontsize=SMALL, annotation_clip=False,
        )  # fmt: skip
