"""What the targets identify: posteriors beside priors and beside each other, correlated parameters, and directions."""

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.figures.axis import arrows, few_ticks, no_y_axis, row_axis, stripe, tick_labels, tick_words, whisker, zero_line
from sim.figures.context import Setting, Tables, campaign_note, table
from sim.figures.fonts import shortened, strong, width
from sim.figures.numerals import in_percent, number
from sim.figures.panels import Cells, grid
from sim.figures.sheet import (
    MARGIN,
    SMALLEST_POINTS,
    TWO_COLUMNS,
    dot,
    in_row,
    legend_key,
    legend_mark,
    note,
    page_width,
    panel_title,
    sheet,
    text_above,
)
from sim.figures.style import GAIN, INK, QUIET, RULE, SMALL, TINY, WITHOUT, Mark, Style, curve_style
from sim.figures.words import bracketed, label, say
from sim.outcomes import Reals

SMALL_PANELS = Cells(4, 0.72, gap=0.18, between=0.74, below=0.22, above=0.54)
CLOUDS = Cells(3, 1.35, left=0.5, gap=0.12, between=0.6, below=0.42, above=0.25)
BINS = 24
PAIRS = 6
SPACIOUS = 0.23  # inches, of a cell that holds a number in letters that can be read
CELL, ACROSS, SLANT = 0.2, 0.27, 50  # inches of a heat map, degrees of the names above where there is space
LEFT, RIGHT, ROW = 2.0, 1.0, 0.26  # inches, of posteriors as rows
MORE = (Mark(color, sign, color) for color, sign in map(curve_style, range(1, 36)))
SIDES = (Mark("#0077bb", "s", "#0077bb"), Mark(RULE, "o", RULE), Mark(WITHOUT, "D", WITHOUT), *MORE)  # two: from 2 on
FAR = 4.0  # sd beyond which there are arrows
ENDS = ("mean", "low", "high")  # of the 90 % interval
COMPARED = {
    "agreement": ("fit_campaigns", "fit_campaigns_note", "fit_campaign_one", "fit_campaign_two"),
    "seeds": ("fit_seeds", "fit_seeds_note", "fit_draws_one", "fit_draws_two"),
}


def draw_marginals(tables: Tables, run: Setting) -> Figure:
    """Draw each fitted parameter's posterior over its prior, in descending order of contraction."""
    facts = table(tables, "parameters", ("parameter", "unit", "role", "contraction", "point"))
    kept = [label("parameter", name) for name in facts.filter(pl.col("role") != "fitted")["parameter"]]
    rows = facts.filter(role="fitted").sort("contraction", descending=True).to_dicts()
    names = [row["parameter"] for row in rows]
    prior, posterior = table(tables, "prior", names), table(tables, "posterior", names)
    notes = [say("fit_contraction"), say("fit_kept", names=say("list").join(kept)) if kept else "", campaign_note(run)]
    laid = grid(run.title, say("fit_marginals"), notes, len(rows), SMALL_PANELS)
    for name, row, axes in zip(names, rows, laid.panels, strict=True):
        _marginal(axes, prior[name].to_numpy(), posterior[name].to_numpy(), float(row["point"]), name)
        few_ticks(axes, laid.wide, sign=False)
        bold = {"fontsize": SMALL, "fontweight": strong()}
        words = shortened(label("parameter", name), laid.wide + 0.1, SMALL, strong())
        text_above(axes, 0, words, "left", 72 * 0.165, color=INK, **bold)
        text_above(axes, 0, _unit(row["unit"]), "left", 72 * 0.045)
        share = in_percent(max(float(row["contraction"]), 0.0))
        text_above(axes, laid.wide, share, "right", 72 * 0.045, color=RULE, **bold)
    after, point = Patch(facecolor=RULE, alpha=0.55, label=say("fit_posterior")), Mark(INK, "^", INK)
    return laid.paper.legend(
        [after, legend_key(say("fit_prior"), WITHOUT, 1.4), legend_mark(say("fit_point"), point, 4)]
    )


def _marginal(axes: Axes, prior: Reals, posterior: Reals, point: float, name: str) -> None:
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
    no_y_axis(axes)


def _unit(unit: str) -> str:
    """Return the unit of a parameter; pure numbers have none."""
    return {"1": "", "weight": "", "share": say("fit_share")}.get(unit, label("unit", unit))


def draw_pairs(tables: Tables, run: Setting) -> Figure:
    """Draw posterior draws of the ``PAIRS`` most correlated pairs."""
    facts = table(tables, "parameters", ("parameter", "unit", "role")).filter(role="fitted")
    names, units = facts["parameter"].to_list(), facts["unit"].to_list()
    draws = table(tables, "posterior", names).select(names)
    ties = np.corrcoef(draws.to_numpy(), rowvar=False).reshape(len(names), -1)
    found = sorted(((abs(ties[i, j]), i, j) for i in range(len(names)) for j in range(i)), reverse=True)[:PAIRS]
    notes = [say("fit_pairs_note"), campaign_note(run)]
    laid = grid(run.title, say("fit_pairs"), notes, len(found), CLOUDS)
    for (_, i, j), axes in zip(found, laid.panels, strict=True):
        gid = f"pair {names[j]} {names[i]}"
        axes.scatter(draws[names[j]], draws[names[i]], s=2.2, color=RULE, alpha=0.3, linewidth=0, gid=gid)
        axes.locator_params(nbins=4)
        for axis, one, space in ((axes.xaxis, j, laid.wide + 0.3), (axes.yaxis, i, laid.cells.high + 0.3)):
            name, unit = label("parameter", names[one]), _unit(units[one])
            axis.set_label_text(shortened(bracketed(name, unit) if unit else name, space, SMALL))
            tick_labels(axis, sign=False)
        panel_title(axes, f"r = {number(float(ties[i, j]), 2, sign=True)}")
    return laid.paper.figure


def draw_directions(tables: Tables, run: Setting) -> Figure:
    """Draw what share of the prior variance remains along each direction, and the loadings of directions."""
    kept = table(tables, "directions", ("direction", "kept")).sort("direction")
    parts = table(tables, "loadings", ("direction", "parameter", "loading"))
    main = parts.sort(pl.col("loading").abs(), descending=True).unique("parameter", keep="first", maintain_order=True)
    names = main.sort("direction", maintain_order=True)["parameter"].to_list()  # by the direction with most of each
    loads = {(k, name): value for k, name, value in parts.select("direction", "parameter", "loading").iter_rows()}
    loadings = np.array([[loads.get((k, name), 0.0) for name in names] for k in kept["direction"]])
    count = len(names)
    left, longest = MARGIN + 0.3 + 1.6 + 0.15, max(width(label("parameter", name), SMALL) for name in names)
    space = page_width() - left - MARGIN
    across = min(ACROSS, space / count)
    slant = SLANT if ACROSS * count + longest * math.cos(math.radians(SLANT)) <= space else 90
    over_it, numbered = longest * math.sin(math.radians(slant)) + 0.25, across >= SPACIOUS
    notes = [say("fit_directions_note"), *[say("fit_loadings")] * numbered, campaign_note(run)]
    paper = sheet(run.title, say("fit_directions"), notes, 0.35 + CELL * count + over_it)
    bars = paper.axes(MARGIN + 0.3, 0.35, 1.6, CELL * count)
    shares = 100 * kept["kept"].to_numpy()
    bars.barh(np.arange(count) + 0.5, shares, height=0.7, color=RULE, gid="kept")
    for place, share in enumerate(kept["kept"]):
        in_row(bars, place + 0.5, -0.08, str(place + 1), ha="right", color=QUIET)
        in_row(bars, place + 0.5, 1.6, in_percent(share), ha="right", size=TINY)
    bars.set(xlim=(0, 1.36 * max(125.0, *shares)), ylim=(count, 0), yticks=[], xticks=[0, 50, 100])
    bars.axvline(100, color=WITHOUT, linewidth=1.2, zorder=0.5)
    bars.set_xlabel(say("fit_variance"))
    _map(paper.axes(left, 0.35, across * count, CELL * count), loadings, names, slant, numbered)
    return paper.figure


def _map(axes: Axes, loadings: Reals, names: Sequence[str], slant: int, numbered: bool) -> None:
    """Draw the loadings of directions under the names of parameters, the large ones ``numbered``."""
    axes.pcolormesh(loadings, cmap=GAIN, norm=Normalize(-1, 1), edgecolors="white", linewidth=0.6, gid="loadings")
    style: Style = {"ha": "center", "va": "center", "fontsize": SMALLEST_POINTS}
    for (row, column), value in np.ndenumerate(loadings):
        if numbered and abs(value) >= 0.3:
            color = "white" if abs(value) > 0.75 else INK
            axes.text(column + 0.5, row + 0.52, number(value, 1), color=color, **style)
    axes.set(ylim=(len(names), 0), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    x, va = (0.5, "center") if slant == 90 else (0.4, "bottom")
    style = {"rotation": slant, "rotation_mode": "anchor", "va": va, "fontsize": SMALL, "color": INK}
    for place, name in enumerate(names):
        note(axes, label("parameter", name), (place + x, 0), (0, 3), xycoords="data", annotation_clip=False, **style)


def draw_seeds(tables: Tables, run: Setting) -> Figure:
    """Draw two posteriors of one problem in sd of the first, from ``seeds``, or from ``agreement`` of two campaigns."""
    source = next(name for name in COMPARED if name in tables or name == "seeds")
    shows, explained, *names = map(say, COMPARED[source])
    sides = [[f"{side}_{end}" for end in ENDS] for side in ("first", "second")]
    rows = table(tables, source, ("parameter", "first_sd", "gap", "sd_ratio", *sides[0], *sides[1])).to_dicts()
    lines = [[[row[end] for end in side] for side in sides] for row in rows]
    words = [f"{number(row['gap'], 2, sign=True)}   {number(row['sd_ratio'], 2)}" for row in rows]
    scales = [(row["parameter"], row["first_mean"], row["first_sd"]) for row in rows]
    return _forest(run, (shows, say("fit_gap"), explained), names, scales, lines, words)


def draw_discrepancy(tables: Tables, run: Setting) -> Figure:
    """Draw posteriors by size of the model discrepancy, in sd of the posterior with it unchanged (factor 1)."""
    frame = table(tables, "discrepancy", ("factor", "parameter", "sd", "gap", *ENDS))
    factors = sorted(frame["factor"].unique().to_list())
    usual = frame.filter(factor=1.0).to_dicts()
    cells = {(row["factor"], row["parameter"]): row for row in frame.to_dicts()}
    found = [[cells[factor, row["parameter"]] for factor in factors] for row in usual]
    lines = [[[each[end] for end in ENDS] for each in mine] for mine in found]
    words = ["   ".join(number(each["gap"], 2, sign=True) for each in mine if each["factor"] != 1.0) for mine in found]
    heads = (say("fit_discrepancy"), say("fit_gaps"), say("fit_discrepancy_note"))
    names = [say("fit_times", factor=f"{factor:g}") for factor in factors]
    return _forest(run, heads, names, [(row["parameter"], row["mean"], row["sd"]) for row in usual], lines, words)


def _forest(
    run: Setting, heads: tuple[str, str, str], names: Sequence[str], scales: Sequence[tuple[str, float, float]],
    lines: Sequence[Sequence[Sequence[float]]], words: Sequence[str],
) -> Figure:  # fmt: skip
    """Draw posteriors as rows, centred and scaled by one of them.

    ``scales`` are a parameter, its mean and sd; ``lines`` are mean, low and high of each of its posteriors.
    """
    shows, over_it, explained = heads
    high = ROW * max(len(scales), 1)
    scaled = [(np.array(mine) - mean) / max(sd, 1e-12) for (_, mean, sd), mine in zip(scales, lines, strict=True)]
    far = max(2.0, min(1.1 * max((float(np.abs(mine).max()) for mine in scaled), default=0.0), FAR))
    notes = [explained, *arrows(((-far, far), mine) for mine in scaled), campaign_note(run)]
    paper = sheet(run.title, shows, notes, high + 0.36 + 0.36)
    right = max([RIGHT, *(width(text, TINY) + 0.1 for text in words)])
    wide = TWO_COLUMNS - 2 * MARGIN - LEFT - right
    axes = paper.axes(MARGIN + LEFT, 0.36, wide, high)
    zero_line(axes, 1)
    marks, step = SIDES[len(names) == 2 :][: len(names)], min(0.24, 0.8 / len(names))
    axes.set_xlim(-far, far)
    for place, ((parameter, *_), mine, text) in enumerate(zip(scales, scaled, words, strict=True)):
        if place % 2 == 0:
            stripe(axes, place, place + 1)
        for rank, ((value, low, end), mark) in enumerate(zip(mine, marks, strict=True)):
            y, gid = place + 0.5 + step * (rank - (len(marks) - 1) / 2), f"posterior {rank} {parameter}"
            whisker(axes, y, (value, low, end), mark.color, 1.2, 3.4, f"interval {gid}")
            dot(axes, value, y, mark, 3.4, gid=gid)
        in_row(axes, place + 0.5, -LEFT + 0.05, shortened(label("parameter", parameter), LEFT - 0.15, SMALL))
        in_row(axes, place + 0.5, wide + right, text, ha="right", size=TINY)
    row_axis(axes, max(len(scales), 1))
    axes.xaxis.set_major_formatter(tick_words(0))
    axes.locator_params(axis="x", integer=True, nbins=8)
    axes.set_xlabel(say("fit_sds"))
    text_above(axes, wide + right, over_it)
    return paper.legend([legend_mark(name, mark, 3.6, 1.2) for name, mark in zip(names, marks, strict=True)])
