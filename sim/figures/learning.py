"""What to measure next: the variance of an effect and the regret that each measurement would remove."""

import math
from collections.abc import Sequence

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.figures.axis import number_axis
from sim.figures.context import Setting, Tables, table
from sim.figures.numerals import scale
from sim.figures.panels import Panels, headings, panels
from sim.figures.sheet import bar, dot, legend_key, row_line
from sim.figures.style import AMOUNT, INK, QUIET, TINY, Mark, readable
from sim.figures.words import amount_column, counted, currency, own_title, phrase, say
from sim.stats.ordered import ordered_mean

SHADES = (0.72, 0.45, 0.2)  # of AMOUNT: smallest size, middle, largest
EXACT = Mark("#cc6677", "|", "#cc6677")
COLUMNS = ("share", "half", "share_exact", "regret_now")
BLANK = {  # instead of bars
    "learning_zero": "learning_zero_means", "learning_neither": "learning_neither_means",
    "learning_chance": "learning_chance_means", "learning_near": "learning_near_means",
}  # fmt: skip
SEEN = 0.01  # of the longest bar
REMOVED = "removed_per_10000"  # amounts of money, whose currency ends the name of the column


def draw_learning(tables: Tables, run: Setting) -> Figure:
    """Draw the share of each effect's variance that measurements would remove, by size, from ``learning``."""
    frame = _scenario_rows(tables, run)
    laid, names = _layout(run, frame, say("learning_shares"), "learning_bars", "share", "%")
    for outcome, axes in laid.axes.items():
        rows = frame.filter(outcome=outcome)
        _nested(axes, rows, names, "share", 100.0)
        for (name,), mine in rows.group_by("measurement", maintain_order=True):
            largest, y = mine.sort("size").row(-1, named=True), names.index(str(name)) + 0.5
            if math.isfinite(largest["share"]):
                ends = [min(max(largest["share"] + side * largest["half"], 0.0), 1.0) for side in (-1, 1)]
                row_line(axes, y, [100 * end for end in ends], INK, 0.8, gid=f"interval {outcome} {name}")
                dot(axes, 100 * largest["share_exact"], y, EXACT, 7, markeredgewidth=1.3, gid=f"exact {outcome} {name}")
        number_axis(axes, (0, 105), laid.wide, sign=False)
    exact = legend_key(say("learning_exact"), EXACT.color, marker="|", markersize=7)
    others = [legend_key(phrase("evaluation", "head_interval"), INK, 0.8), exact]
    return laid.paper.legend([*_shades(frame, "share"), *others] if frame["share"].is_finite().any() else [])


def draw_bought(tables: Tables, run: Setting) -> Figure:
    """Draw the regret that measurements would remove for each 10,000 of the currency, by size, from ``learning``."""
    frame = _scenario_rows(tables, run)
    shows = say("learning_bought", currency=currency())
    laid, names = _layout(run, frame, shows, "learning_regret", amount_column(REMOVED), "")
    for outcome, axes in laid.axes.items():
        rows = frame.filter(outcome=outcome)
        factor = scale(rows["unit"][0]).factor
        most = max((factor * each for each in rows[amount_column(REMOVED)] if math.isfinite(each)), default=0.0)
        _nested(axes, rows, names, amount_column(REMOVED), factor)
        number_axis(axes, (0, 1.08 * most or 1.0), laid.wide, sign=False)
        if most == 0.0:
            axes.set_xticks([0.0])
    return laid.paper.legend(_shades(frame, amount_column(REMOVED)))


def _scenario_rows(tables: Tables, run: Setting) -> pl.DataFrame:
    """Read the rows of the scenario that a figure is about."""
    needed = ("scenario", "outcome", "unit", "measurement", "title", "title_zh", "size", "draws")
    frame = table(tables, "learning", needed, (*COLUMNS, amount_column(REMOVED)))
    return frame.filter(scenario=run.scenario)


def _layout(
    run: Setting, frame: pl.DataFrame, shows: str, explained: str, column: str, unit: str
) -> tuple[Panels[str], list[str]]:
    """Lay out a row for each measurement, the most telling first, and a panel for each outcome."""
    best = ordered_mean(pl.col("share").fill_nan(0.0))
    order = frame.group_by("measurement", maintain_order=True).agg(best, pl.col("title", "title_zh").first())
    order = order.sort("share", descending=True, maintain_order=True)
    called = [readable(own_title(row), "?") for row in order.to_dicts()]
    of_panels = (rows for _, rows in frame.group_by("outcome"))
    blank = {_blank_text(mine, rows, column) for rows in of_panels for _, mine in rows.group_by("measurement")}
    notes = [say(explained), *(say(means) for words, means in BLANK.items() if words in blank)]
    notes += [say("learning_runs", draws=counted(max(frame["draws"].to_list()), "draw"), seed=run.seed)]
    heads = headings(frame["outcome"].unique(maintain_order=True).to_list(), unit)
    return panels(run, shows, notes, called, heads, least=0.22), order["measurement"].to_list()


def _nested(axes: Axes, rows: pl.DataFrame, names: Sequence[str], column: str, factor: float) -> None:
    """Draw the bars of all sizes of each measurement, the smallest in front and most slender."""
    for (name,), mine in rows.group_by("measurement", maintain_order=True):
        found, y = mine.sort("size").to_dicts(), names.index(str(name)) + 0.5
        if words := _blank_text(mine, rows, column):
            at_left = axes.get_yaxis_transform()
            axes.text(0.03, y, say(words), transform=at_left, va="center", fontsize=TINY, color=QUIET)
        for place, row in reversed(list(enumerate(found))):
            at = _place(place, len(found))
            gid = f"{column} {row['outcome']} {name} {row['size']}"
            if math.isfinite(row[column]):
                bar(axes, y, (0, factor * row[column]), 0.3 + 0.2 * at, AMOUNT(SHADES[round(at)]), linewidth=0, gid=gid)


def _blank_text(mine: pl.DataFrame, panel: pl.DataFrame, column: str) -> str:
    """Return the text that replaces the bars of a measurement; empty if some are long enough to be seen."""
    known, all_known = (rows.filter(pl.col(column).is_finite())[column] for rows in (mine, panel))
    if known.is_empty():
        return "learning_neither" if mine["share"].is_finite().any() else "learning_chance"
    if column == "share":  # which has marks where it is zero
        return ""
    if not (known != 0).any():
        return "learning_zero"
    return "" if known.to_numpy().max() >= SEEN * all_known.to_numpy().max() else "learning_near"


def _place(place: int, count: int) -> float:
    """Return where one of so many sizes is among ``SHADES``."""
    return place / max(count - 1, 1) * (len(SHADES) - 1)


def _shades(frame: pl.DataFrame, column: str) -> list[Patch]:
    """Make the entries of the sizes in a legend, of those of which there are bars."""
    of_one = [mine.sort("size")[column].to_list() for _, mine in frame.group_by("outcome", "measurement")]
    bars = (
        (place, len(sizes)) for sizes in of_one for place, value in enumerate(sizes) if math.isfinite(value) and value
    )
    there = {round(_place(place, count)) for place, count in bars}
    several = max(map(len, of_one)) > 1
    sizes = ("learning_smallest" if several else "learning_only", "learning_middle", "learning_largest")
    return [Patch(facecolor=AMOUNT(SHADES[at]), label=say(sizes[at])) for at in sorted(there)]
