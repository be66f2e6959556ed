"""Message logs: what people do, beside the model, and which messages a rule would touch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from sim.evidence.quantities import Distributions
from sim.evidence.replies import EDGES, LOADS
from sim.evidence.threads import LONGEST
from sim.figures.axis import grid_on
from sim.figures.context import Setting, Tables, table
from sim.figures.panels import Cells, grid
from sim.figures.sheet import MARGIN, legend_key, note, panel_title
from sim.figures.style import FAINT, INK, OTHERS, RULE, SMALL, TINY, WITHOUT, Style
from sim.figures.words import label, language_in_force, phrase, rule_name, say
from sim.stats.ranks import whole_percent

STYLES: tuple[Style, ...] = ({"color": RULE, "linewidth": 1.4}, {"color": WITHOUT, "linewidth": 1.4, "linestyle": "--"})
CELLS = Cells(3, 1.45, left=0.46, gap=MARGIN, between=0.72, below=0.42, above=0.38)
MARKS = ((1, "min", 60), (10, "min", 600), (1, "h", 3_600), (10, "h", 36_000), (3, "days", 259_200))  # and seconds
TOUCHED = Cells(3, 1.75, left=0.42, gap=MARGIN, below=0.42, above=0.40, between=0.75)
ROW = 0.19  # inches, of a share touched


def draw_traffic(tables: Tables, run: Setting) -> Figure:
    """Draw up to nine panels with a line for each side of ``shapes``, which is named ``log`` or ``model``."""
    frame = table(tables, "shapes", ("side", "shape", "place"), ("value",))
    sides = {str(name): _shapes(rows) for (name,), rows in frame.group_by("side", maintain_order=True)}
    there = [panel for panel in PANELS if any(np.nansum(getattr(shapes, panel[1])) for shapes in sides.values())]
    alone = "_alone" if len(sides) == 1 else ""
    laid = grid(run.title, say(f"traffic_shows{alone}"), _notes(run.log), len(there), CELLS)
    for axes, (draw, _, title, below) in zip(laid.panels, there, strict=True):
        grid_on(axes, "y")
        for shapes, style in zip(sides.values(), STYLES, strict=False):
            draw(axes, shapes, style)
        panel_title(axes, say(title), "%")
        axes.set_xlabel(say(below), labelpad=2)
        if axes.get_yscale() == "linear":
            axes.set_ylim(bottom=0)
    words = (phrase("log", f"side_{name}") for name in sides if not alone)
    return laid.paper.legend([legend_key(name, **style) for name, style in zip(words, STYLES, strict=False)])


def _shapes(rows: pl.DataFrame) -> Distributions:
    parts = rows.sort("place").partition_by("shape", as_dict=True)
    return Distributions(**{name: parts[name,]["value"].to_numpy() for name in Distributions._fields})


def _notes(log: Mapping[str, Any]) -> list[str]:
    notes = [say("traffic_read", entries=f"{log['entries']:,}", people=f"{log['people']:,}")]
    notes += [say("traffic_simulated", **log["model"])] if log["model"] else []
    notes += [say("traffic_clock")] if log["clock"] else []
    return [*notes, say("traffic_few")]


def _hours(axes: Axes, shapes: Distributions, style: Style) -> None:
    day = np.nansum(shapes.hours.reshape(7, 24)[:5], axis=0)
    if day.sum():
        axes.plot(np.arange(24) + 0.5, 100 * day / day.sum(), **style)
    axes.set(xlim=(0, 24), xticks=range(0, 25, 6))


def _days(axes: Axes, shapes: Distributions, style: Style) -> None:
    days = np.nansum(shapes.hours.reshape(7, 24), axis=1)
    if days.sum():
        axes.plot(range(7), 100 * days / days.sum(), marker="o", markersize=3, **style)
    axes.set_xticks(range(7), say("weekdays").split(), fontsize=TINY)


def _replies(axes: Axes, shapes: Distributions, style: Style) -> None:
    """Draw the share of replies within a time, over log seconds."""
    if np.nansum(shapes.replies):
        below = np.concatenate([[0.0], np.cumsum(shapes.replies) / shapes.replies.sum()])
        axes.plot(EDGES, 100 * below, **style)
    axes.set_xlim(np.log(20), EDGES[-1])
    gap = "" if language_in_force() == "zh" else " "
    words = [f"{count}{gap}{label('unit', unit)}" for count, unit, _ in MARKS]
    axes.set_xticks(np.log([seconds for *_, seconds in MARKS]), words, fontsize=TINY)


def _load(axes: Axes, shapes: Distributions, style: Style) -> None:
    """Draw the share of turns answered by messages received on the day; bins double."""
    axes.plot(2.0 ** np.arange(LOADS) * 1.4, 100 * shapes.load, marker="o", markersize=3, **style)
    axes.set(xscale="log", xlim=(1, 1_000))
    axes.set_xticks((1, 10, 100, 1_000), ("1", "10", "100", "1,000"))
    axes.minorticks_off()


def _threads(axes: Axes, shapes: Distributions, style: Style) -> None:
    """Draw the share of threads of at least a length."""
    lengths = np.nan_to_num(shapes.threads)
    if lengths.sum():
        above = 100 * np.cumsum(lengths[::-1])[::-1] / lengths.sum()
        axes.plot(np.arange(1, LONGEST + 1)[above > 0], above[above > 0], marker="o", markersize=3, **style)
    axes.set(yscale="log", ylim=(0.05, 130), xticks=(1, 3, 6, 9, 12))
    axes.set_yticks((0.1, 1, 10, 100), ("0.1", "1", "10", "100"))
    axes.minorticks_off()


def _rates(axes: Axes, shapes: Distributions, style: Style) -> None:
    """Draw the share of people who send at least so many messages."""
    _at_least(axes, shapes.rates, style)
    axes.set_xscale("log")
    axes.minorticks_off()
    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 50 * low else (1,)))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")


def _concentration(axes: Axes, shapes: Distributions, style: Style) -> None:
    """Draw the share of messages that the people who send least account for, over the share of people."""
    axes.plot(100 * np.linspace(0, 1, len(shapes.concentration)), 100 * shapes.concentration, **style)
    axes.set_xlim(0, 100)


def _ties(axes: Axes, shapes: Distributions, style: Style) -> None:
    """Draw the share of people who write directly to at least so many others."""
    _at_least(axes, shapes.ties, style)
    axes.set_xlim(0, np.nanmax([*shapes.ties, axes.get_xlim()[1]]))


def _bursts(axes: Axes, shapes: Distributions, style: Style) -> None:
    """Draw the share of people whose messages are at least so bursty."""
    _at_least(axes, shapes.bursts, style)
    axes.set_xlim(np.nanmin([0.0, *shapes.bursts, axes.get_xlim()[0]]), 1)
    axes.set_ylim(top=100)


def _at_least(axes: Axes, percentiles: np.ndarray, style: Style) -> None:
    """Draw the share of people above each value, given the 2nd to the 98th percentile."""
    axes.plot(percentiles, 100 * (1 - np.linspace(0.02, 0.98, len(percentiles))), **style)


PANELS = (  # the distribution that each draws, its title and axis; what nobody has is left out
    (_hours, "hours", "traffic_hours", "traffic_hour"),
    (_days, "hours", "traffic_days", "traffic_day"),
    (_replies, "replies", "traffic_replies", "traffic_wait"),
    (_load, "load", "traffic_load", "traffic_received"),
    (_threads, "threads", "traffic_threads", "traffic_length"),
    (_rates, "rates", "traffic_rates", "traffic_sent"),
    (_concentration, "concentration", "traffic_concentration", "traffic_people"),
    (_ties, "ties", "traffic_ties", "traffic_contacts"),
    (_bursts, "bursts", "traffic_bursts", "traffic_burstiness"),
)


def draw_touched(tables: Tables, run: Setting) -> Figure:
    """Draw which share of messages of each hour a rule touches, and of each rank and channel."""
    numbers = ("messages", "people", "share", "low", "high")
    frame = table(tables, "touched", ("rule", "by", "group"), numbers)
    whole, parts = pl.col("by") == "all", pl.col("by").is_in(["rank", "channel"]) & (pl.col("rule") == "any")
    rows = pl.concat([frame.filter(whole), frame.filter(parts)]).filter(pl.col("share").is_not_nan())
    total = float(rows["messages"].max() or 1)  # type: ignore[arg-type]  # a column of numbers
    cells = TOUCHED._replace(high=max(TOUCHED.high, ROW * rows.height))
    doubt = [say("touched_clock")] if run.log.get("clock") else []
    laid = grid(run.title, say("touched_shows"), [*doubt, say("touched_notes"), say("traffic_few")], 3, cells)
    *hours, shares = laid.panels
    high = 0.0
    for axes, day, name in zip(hours, ("working", "free"), ("touched_working", "touched_free"), strict=True):
        high = max(high, _by_hour(axes, frame.filter(pl.col("group").str.starts_with(day)), total, say(name)))
    for axes in hours:
        axes.set_ylim(0, 1.08 * high)
    _shares(shares, rows)
    return laid.paper.legend(
        [legend_key(phrase("touched", "head_touched"), RULE, 4), legend_key(say("touched_not"), OTHERS, 4)]
    )


def _by_hour(axes: Axes, frame: pl.DataFrame, total: float, name: str) -> float:
    """Draw the messages of each hour, in per cent of all, and return the largest."""
    there, frame = frame.height, frame.filter(pl.col("share").is_not_nan())
    at = frame["group"].str.slice(-2).cast(pl.Int64).to_numpy()
    sent = 100 * frame["messages"].to_numpy() / total
    under = sent * frame["share"].to_numpy()
    grid_on(axes, "y")
    axes.bar(at + 0.5, under, 0.86, color=RULE)
    axes.bar(at + 0.5, sent - under, 0.86, bottom=under, color=OTHERS)
    axes.set(xlim=(0, 24), xticks=range(0, 25, 6))
    axes.set_xlabel(say("traffic_hour"), labelpad=2)
    panel_title(axes, name, "%")
    if not len(sent):
        note(axes, say("touched_few" if there else "touched_none"), (0.5, 0.5), (0, 0), ha="center", va="center")
    return float(sent.max()) if len(sent) else 1.0


def _shares(axes: Axes, rows: pl.DataFrame) -> None:
    """Draw the shares touched with their intervals, a row for each group, its name above it."""
    y = np.arange(rows.height)
    share, low, high = (100 * rows[name].to_numpy() for name in ("share", "low", "high"))
    axes.hlines(y, 0, 100, color=FAINT, linewidth=0.6)
    axes.hlines(y, low, high, color=RULE, linewidth=1.6)
    axes.plot(share, y, "o", color=RULE, markersize=4, clip_on=False)
    style: Style = {"fontsize": SMALL, "color": INK, "va": "bottom"}
    for place, row in enumerate(rows.iter_rows(named=True)):
        axes.text(0, place - 0.18, _name(row), **style)
        axes.text(100, place - 0.18, whole_percent(row["share"]), ha="right", **style)
    axes.set(xlim=(0, 100), ylim=(max(rows.height, 1) - 0.4, -0.9), yticks=[])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(say("touched_share"), labelpad=2)
    panel_title(axes, say("touched_of"), "%")


def _name(row: dict[str, str]) -> str:
    if row["by"] == "all":
        return say("touched_all") if row["rule"] == "any" else rule_name(row["rule"])
    ranks = {"leading": say("touched_leading"), "others": say("touched_others")}
    return ranks.get(row["group"]) or label("channel", row["group"])
