"""Regions of the space of parameters in which a rule raises and lowers an outcome, as maps over two of them."""

from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator

from sim.figures.axis import STEPS, color_bar
from sim.figures.context import Cell, Setting, Tables, table
from sim.figures.fonts import shortened, strong, width
from sim.figures.numerals import GOOD, scale, scale_decimals
from sim.figures.panels import Cells, grid
from sim.figures.sheet import DASHED, dot, legend_key, legend_mark, panel_title, text_above
from sim.figures.style import INK, SMALL, TINY, Mark
from sim.figures.sweep_axes import Varied, color_legend, colors_of, level_texts, unit_words, varied
from sim.figures.words import label, percent, say
from sim.outcomes import outcome_of
from sim.stats.ranks import whole_percent

APART = 0.1  # inches between a title and its unit, which has a line of its own if they are too wide
LINE = 10  # points
CELLS = Cells(2, 2.15, left=0.52, right=0.5, gap=0.2, between=1.05, below=0.42, above=0.72)
BORDER, EDGES = 0.5, (0.05, 0.95)  # shares of the draws of the other parameters
POINT = Mark(INK, "*", "white")


def draw_regions(tables: Tables, run: Setting) -> Figure:
    """Draw a map for each outcome, from ``turns`` of one scenario, ``maps``, ``regions``, ``draws`` and ``axes``."""
    turns = table(tables, "turns", ("scenario", "outcome", "across", "up", "points", "verdict"), ("explained",))
    scenario = str(turns["scenario"][0])
    here = pl.col("scenario") == scenario
    maps = table(tables, "maps", ("scenario", "outcome", "x", "y", "effect", "raises")).filter(here)
    needed = ("scenario", "outcome", "over", "raises", "raises_low", "raises_high", "surely_raises", "surely_lowers")
    shares = table(tables, "regions", needed).filter(here)
    title = say("headed", head=run.title, text=run.title_of(scenario))
    notes = [
        say("regions_points", points=f"{max(turns['points']):,}", reference=run.cited(run.counterfactual)),
        say("regions_pair"), say("regions_sure"), say("regions_dots") if tables["draws"].height else "",
        say("sweep_colours") if any(outcome_of(name).direction for name in turns["outcome"]) else "",
    ]  # fmt: skip
    poor = [label("outcome", str(name)) for name in turns.filter(pl.col("explained") < GOOD)["outcome"]]
    notes += [say("regions_poor", listed=say("list").join(poor))] if poor else []
    laid = grid(title, say("regions_shows"), notes, turns.height, CELLS)
    starred = False
    for axes, turn in zip(laid.panels, turns.iter_rows(named=True), strict=True):
        outcome = str(turn["outcome"])
        pair = varied(tables, turn["across"]), varied(tables, turn["up"])
        _map(axes, maps.filter(outcome=outcome), outcome, pair)
        starred |= _marked(axes, tables, pair)
        share = shares.filter(outcome=outcome, over="prior").row(0, named=True)
        name = shortened(label("outcome", outcome), laid.wide, 8.0, strong())
        unit, lines = unit_words(outcome, True), _shares(share, str(turn["verdict"]))
        if width(name, 8.0, strong()) + APART + width(unit, TINY) > laid.wide:
            unit, lines = "", (shortened(unit, laid.wide, TINY), *lines)
        panel_title(axes, name, unit, lift=LINE * len(lines) + 6)
        for number, words in enumerate(reversed(lines)):
            text_above(axes, 0, words, "left", LINE * number + 4)
        axes.set_xlabel(shortened(pair[0].title, laid.wide + 0.6, SMALL))
        axes.set_ylabel(shortened(pair[1].title, laid.cells.high + 0.5, SMALL))
    return laid.paper.legend([*color_legend(turns["outcome"].to_list()), *_key(tables, run, starred)], columns=3)


def _shares(share: Cell, verdict: str) -> tuple[str, ...]:
    """Write in which share of the prior an outcome rises, with its interval, and where the sign is sure."""
    names = ("raises", "raises_low", "raises_high", "surely_raises", "surely_lowers")
    rises, low, high, up, down = (percent(whole_percent(share[name])) for name in names)
    sides = say("regions_nowhere") if verdict == "neither" else say("regions_sides", up=up, down=down)
    return say("regions_share", share=rises, low=low, high=high), sides


def _map(axes: Axes, rows: pl.DataFrame, outcome: str, pair: tuple[Varied, Varied]) -> None:
    """Draw the effect as colours, and the border between its signs."""
    factor = scale(outcome_of(outcome).unit).factor
    x, y = (rows[side].unique().sort().to_numpy() for side in ("x", "y"))
    ordered = rows.sort("y", "x")
    effect, raises = (ordered[name].to_numpy().reshape(len(y), len(x)) for name in ("effect", "raises"))
    most = float(np.abs(factor * effect).max()) or 1.0
    mesh = axes.pcolormesh(
        x, y, factor * effect, cmap=colors_of(outcome), norm=Normalize(-most, most), shading="gouraud",
        gid=f"map {outcome}", rasterized=True,
    )  # fmt: skip
    for levels, style, line in (((BORDER,), "solid", 1.4), (EDGES, "dashed", 0.8)):
        if there := [each for each in levels if raises.min() < each < raises.max()]:
            axes.contour(x, y, raises, levels=there, colors=INK, linestyles=style, linewidths=line)
    axes.set(xscale="log" if pair[0].log else "linear", yscale="log" if pair[1].log else "linear")
    axes.minorticks_off()
    for axis, ends, about in ((axes.xaxis, x, pair[0]), (axes.yaxis, y, pair[1])):
        locator = LogLocator(subs=(1, 2, 5), numticks=99) if about.log else MaxNLocator(4, steps=STEPS)
        ticks = [float(tick) for tick in locator.tick_values(ends[0], ends[-1]) if ends[0] <= tick <= ends[-1]]
        axis.set_ticks(ticks, level_texts(ticks, about.clock))
    axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    color_bar(axes, mesh, [-most, 0.0, most], scale_decimals(-most, most), True, (0.06, 0.06), length=1.5, pad=1.5)


def _marked(axes: Axes, tables: Tables, pair: tuple[Varied, Varied]) -> bool:
    """Mark draws of the posterior, and the values of the table if they are in the range; return whether they are."""
    if tables["draws"].height:
        x, y = (tables["draws"][each.column].to_numpy() for each in pair)
        axes.plot(x, y, "o", markersize=1.6, color=INK, markeredgewidth=0, alpha=0.3, zorder=2.5, gid="posterior")
    facts = table(tables, "axes", ("column", "table", "low", "high"))
    at = [facts.filter(column=each.column).row(0, named=True) for each in pair]
    inside = all(each["low"] <= each["table"] <= each["high"] for each in at)
    if inside:
        dot(axes, at[0]["table"], at[1]["table"], POINT, 9, gid="table", markeredgewidth=0.8, clip_on=False)
    return inside


def _key(tables: Tables, run: Setting, starred: bool) -> list[Any]:
    lines = [legend_key(say("regions_border"), INK, 1.4), legend_key(say("regions_edges"), INK, 0.8, linestyle=DASHED)]
    marks = [legend_mark(say("regions_table"), POINT, 7)] * starred
    if tables["draws"].height:
        words = say("regions_posterior", name=label("reading", run.drawn))
        marks.append(legend_key(words, INK, marker="o", markersize=2, alpha=0.6))
    return [*lines, *marks]
