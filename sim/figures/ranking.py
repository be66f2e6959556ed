"""Which rule is best for which outcome, how certain that is, and how much is lost with another one."""

import math

import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.figures.context import Setting, Tables, drawn_from_only, table
from sim.figures.forest_rows import few_ticks, head
from sim.figures.panels import chances, family_of, in_order, outcome_head, panels, shown, unit_of
from sim.figures.style import INK, QUIET, RULE, TINY, digits, number, scale
from sim.figures.words import say
from sim.stats.ranks import chance

NUMBERS = ("probability_best", "expected_rank", "regret", "regret_high")
ROOM = 1.75  # times the longest bar, for the numbers to the right
SURE = "#a99fd3"
NEVER = "#b4b4b4"  # of rules that are never best
BELOW = 0.30  # inches, for ticks
MUCH = 0.85  # share of the upper bounds within an axis; arrows mark the rest


def draw_ranking(tables: Tables, run: Setting) -> Figure:
    """Draw the probability of being best and the expected rank, from ``ranking`` of a comparison."""
    frame = _ranks(tables)
    scenarios, outcomes = _order(frame)
    heads = {name: outcome_head(name, family_of(name), say("ranking_legend")) for name in outcomes}
    notes = [drawn_from_only(run), say("ranking_cells"), *chances(frame, run), say("ranking_sorted")]
    laid = panels(run, say("ranking"), notes, [run.name(name) for name in scenarios], heads, 0.05)
    for outcome, axes in laid.axes.items():
        rows = {row["scenario"]: row for row in frame.filter(pl.col("outcome") == outcome).iter_rows(named=True)}
        axes.set_xlim(0, 100 * ROOM)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        head(axes, laid.wide, say("ranking_rank"), lift=3.6)
        for place, scenario in enumerate(scenarios):
            if scenario not in rows:
                continue
            probability = rows[scenario]["probability_best"]
            percent = 0.0 if math.isnan(probability) else 100 * probability
            axes.barh(place + 0.5, percent, height=0.62, color=SURE, gid=f"best {outcome} {scenario}")
            mine = INK if percent else NEVER
            words = chance(probability)
            axes.text(percent + 3, place + 0.53, words, va="center_baseline", fontsize=TINY, color=mine)
            rank = number(rows[scenario]["expected_rank"], 1)
            at = 100 * ROOM
            axes.text(at, place + 0.53, rank, ha="right", va="center_baseline", fontsize=5.5, color=QUIET)
    return laid.paper.figure


def draw_regret(tables: Tables, run: Setting) -> Figure:
    """Draw the regret of each rule, a point with a line to its upper bound, from ``ranking`` of a comparison."""
    frame = _ranks(tables)
    scenarios, outcomes = _order(frame)
    heads = {name: outcome_head(name, family_of(name), scale(unit_of(name)).change) for name in outcomes}
    notes = [drawn_from_only(run), say("regret_lines"), *chances(frame, run), say("regret_sorted")]
    laid = panels(run, say("regret"), notes, [run.name(name) for name in scenarios], heads, BELOW)
    for outcome, axes in laid.axes.items():
        mine = frame.filter(pl.col("outcome") == outcome)
        factor = scale(unit_of(outcome)).factor
        rows = {
            row["scenario"]: (factor * row["regret"], factor * row["regret_high"]) for row in mine.iter_rows(named=True)
        }
        ends = sorted(high for _, high in rows.values() if math.isfinite(high))
        most = 1.15 * ends[int(MUCH * (len(ends) - 1))] if ends else 1.0
        axes.set_xlim(0, most or 1.0)
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        few_ticks(axes, laid.wide, sign=False)
        for place, scenario in enumerate(scenarios):
            if scenario not in rows:
                continue
            value, high = rows[scenario]
            y, tag = place + 0.5, f"{outcome} {scenario}"
            if not math.isfinite(high):
                continue
            start = value if math.isfinite(value) else 0.0
            axes.plot([min(start, most), min(high, most)], [y, y], color=RULE, linewidth=1.0, gid=f"bound {tag}")
            if high > most:
                axes.plot([most], [y], ">", color=RULE, markersize=3.5, clip_on=False)
            if value > most:
                words = number(value, digits(value))
                back = {"facecolor": "white", "linewidth": 0, "pad": 0.6, "alpha": 0.85}
                axes.annotate(
                    words,
                    (most, y),
                    xytext=(-4, 0),
                    textcoords="offset points",
                    ha="right",
                    va="center_baseline",
                    fontsize=5.5,
                    color=RULE,
                    bbox=back,
                )
            else:
                axes.plot([value], [y], "o", color=RULE, markersize=3.4, clip_on=False, zorder=3, gid=f"regret {tag}")
    laid.paper.legend(
        [Line2D([], [], color=RULE, marker="o", markersize=3.4, linewidth=1.0, label=say("regret_legend"))], 1
    )
    return laid.paper.figure


def _ranks(tables: Tables) -> pl.DataFrame:
    """Read the table with NaN for unknown numbers."""
    frame = table(tables, "ranking", ("outcome", "scenario", "firms", "basis", *NUMBERS))
    return frame.with_columns(pl.col(*NUMBERS).cast(pl.Float64).fill_null(math.nan))


def _order(frame: pl.DataFrame) -> tuple[list[str], list[str]]:
    """Order scenarios by their chance for the first outcome, and choose outcomes."""
    outcomes = shown(frame["outcome"].unique(maintain_order=True).to_list())
    return in_order(frame, outcomes), outcomes
