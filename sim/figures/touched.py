"""Messages of a log that a rule would touch: by hour of working days and days off, and by rank and channel."""

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.figures.axis import gridded
from sim.figures.context import Setting, Tables, table
from sim.figures.panels import Cells, grid
from sim.figures.sheet import MARGIN, entitle, key, note
from sim.figures.style import FAINT, INK, OTHERS, RULE, SMALL
from sim.figures.words import label, rule_name, say

CELLS = Cells(3, 1.75, left=0.42, gap=MARGIN, below=0.42, above=0.40, between=0.75)
MOST_ROWS = 9


def draw_touched(tables: Tables, run: Setting) -> Figure:
    """Draw which share of messages of each hour a rule touches, and of each rank and channel."""
    numbers = ("messages", "people", "share", "low", "high")
    frame = table(tables, "touched", ("rule", "by", "group"), numbers)
    rows = frame.filter(pl.col("by").is_in(["all", "rank", "channel"]), pl.col("share").is_not_nan())
    rows = rows.filter((pl.col("by") == "all") | (pl.col("rule") == "any")).sort(pl.col("by") != "all", "rule")
    total = float(rows["messages"].max() or 1)  # type: ignore[arg-type]  # a column of numbers
    laid = grid(run.title, say("touched_shows"), [say("touched_notes"), say("traffic_few")], 3, CELLS)
    hours, free, shares = laid.panels
    high = 0.0
    for axes, day, name in ((hours, "working", say("touched_working")), (free, "free", say("touched_free"))):
        high = max(high, _by_hour(axes, frame.filter(pl.col("group").str.starts_with(day)), total, name))
    for axes in (hours, free):
        axes.set_ylim(0, 1.08 * high)
    _shares(shares, rows.head(MOST_ROWS))
    laid.paper.legend([key(say("touched_by"), RULE, 4), key(say("touched_not"), OTHERS, 4)], columns=2)
    return laid.paper.figure


def _by_hour(axes: Axes, frame: pl.DataFrame, total: float, name: str) -> float:
    """Draw the messages of each hour, in per cent of all, and return the largest."""
    there, frame = frame.height, frame.filter(pl.col("share").is_not_nan())
    at = frame["group"].str.slice(-2).cast(pl.Int64).to_numpy()
    sent = 100 * frame["messages"].to_numpy() / total
    under = sent * frame["share"].to_numpy()
    gridded(axes, "y")
    axes.bar(at + 0.5, under, 0.86, color=RULE)
    axes.bar(at + 0.5, sent - under, 0.86, bottom=under, color=OTHERS)
    axes.set_xlim(0, 24)
    axes.set_xticks(range(0, 25, 6))
    axes.set_xlabel(say("traffic_hour"), labelpad=2)
    entitle(axes, name, "%")
    if not len(sent):
        note(axes, say("touched_few" if there else "touched_none"), (0.5, 0.5), (0, 0), ha="center", va="center")
    return float(sent.max()) if len(sent) else 1.0


def _shares(axes: Axes, rows: pl.DataFrame) -> None:
    """Draw the shares touched with their intervals, a row for each group, its name above it."""
    y = np.arange(rows.height)
    share, low, high = (100 * rows[name].to_numpy() for name in ("share", "low", "high"))
    axes.hlines(y, 0, 100, color=FAINT, linewidth=0.6)
    axes.hlines(y, low, high, color=RULE, linewidth=1.6)
    axes.plot(share, y, "o", color=RULE, markersize=4)
    for place, row in enumerate(rows.iter_rows(named=True)):
        axes.text(0, place - 0.18, _name(row), fontsize=SMALL, color=INK, va="bottom")
        axes.text(100, place - 0.18, f"{100 * row['share']:.0f}", fontsize=SMALL, color=INK, va="bottom", ha="right")
    axes.set(xlim=(0, 100), ylim=(max(rows.height, 1) - 0.4, -0.9), yticks=[])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(say("touched_share"), labelpad=2)
    entitle(axes, say("touched_of"), "%")


def _name(row: dict[str, str]) -> str:
    """Name a group, or a rule where it is of all messages."""
    if row["by"] == "all":
        return say("touched_all") if row["rule"] == "any" else rule_name(row["rule"])
    ranks = {"leading": say("touched_leading"), "others": say("touched_others")}
    return ranks.get(row["group"]) or label("channel", row["group"])
