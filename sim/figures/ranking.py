"""Which rule is best for which outcome, how certain that is, and how much is lost with another one."""

import math

import polars as pl
from matplotlib.figure import Figure

from sim.figures.axis import CUT, Span, arrows, dot_or_number, number_axis, whisker
from sim.figures.context import Setting, Tables, based_on, table
from sim.figures.panels import TICKS, Panels, chances, heads_of, in_order, panels, shown
from sim.figures.sheet import above, bar, key
from sim.figures.style import INK, MIDDLE, QUIET, RULE, TINY, Mark, Style, digits, number, scale
from sim.figures.words import say
from sim.outcomes import outcome_of
from sim.stats.ranks import chance

SPACE = 1.75  # times the longest bar, for the numbers to the right
NEVER = "#b4b4b4"  # of rules that are never best
MUCH = 0.85  # share of the upper bounds within an axis of ``CUT`` rules or more; arrows mark the rest
MARK = Mark(RULE, "o", RULE)


def draw_ranking(tables: Tables, run: Setting) -> Figure:
    """Draw the probability of being best and the expected rank, from ``ranking`` of a comparison."""
    frame, scenarios, laid = _laid(tables, run, "ranking", say("ranking_legend"))
    for outcome, axes in laid.axes.items():
        axes.set(xlim=(0, 100 * SPACE), xticks=[])
        axes.spines["bottom"].set_visible(False)
        above(axes, laid.wide, say("ranking_rank"), lift=3.6)
        for row in frame.filter(outcome=outcome).iter_rows(named=True):
            y, probability = scenarios.index(row["scenario"]) + 0.5, row["probability_best"]
            percent = 0.0 if math.isnan(probability) else 100 * probability
            bar(axes, y, (0, percent), 0.62, MIDDLE, gid=f"best {outcome} {row['scenario']}")
            color, rank = INK if percent else NEVER, number(row["expected_rank"], 1)
            style: Style = {"va": "center_baseline", "fontsize": TINY}
            axes.text(percent + 3, y + 0.03, chance(probability), color=color, **style)
            axes.text(100 * SPACE, y + 0.03, rank, ha="right", color=QUIET, **style | {"fontsize": 6})
    return laid.paper.figure


def draw_regret(tables: Tables, run: Setting) -> Figure:
    """Draw the regret of each rule, a point with a line to its upper bound, from ``ranking`` of a comparison."""
    frame, scenarios, laid = _laid(tables, run, "regret")
    for outcome, axes in laid.axes.items():
        limits, regrets = _regrets(frame, outcome)
        number_axis(axes, limits, laid.wide, sign=False)
        for scenario, (value, high) in regrets.items():
            y, tag = scenarios.index(scenario) + 0.5, f"{outcome} {scenario}"
            start = value if math.isfinite(value) else 0.0
            whisker(axes, y, (start, start, high), RULE, 1.0, 3.5, f"bound {tag}")
            dot_or_number(axes, y, value, MARK, 3.4, number(value, digits(value)), gid=f"regret {tag}")
    laid.paper.legend([key(say("regret_legend"), RULE, 1.0, marker="o", markersize=3.4)])
    return laid.paper.figure


def _regrets(frame: pl.DataFrame, outcome: str) -> tuple[Span, dict[str, Span]]:
    """Return the limits of an axis of regrets, and by scenario the regret, NaN if it has no mean, and its bound."""
    factor = scale(outcome_of(outcome).unit).factor
    rows = frame.filter(pl.col("regret_high").is_finite(), outcome=outcome)
    ends = sorted(factor * high for high in rows["regret_high"])
    held = ends[: int(MUCH * (len(ends) - 1)) + 1] if len(ends) >= CUT else ends
    most = 1.15 * (max(held, default=0.0) or max(ends, default=0.0))
    regrets = rows.select("scenario", "regret", "regret_high").iter_rows()
    return (0, most or 1.0), {name: (factor * value, factor * high) for name, value, high in regrets}


def _laid(tables: Tables, run: Setting, kind: str, unit: str = "") -> tuple[pl.DataFrame, list[str], Panels[str]]:
    """Read the table, order scenarios by their chance for the first outcome, and lay out a panel for each outcome."""
    numbers = ("mean", "probability_best", "expected_rank", "regret", "regret_high")
    frame = table(tables, "ranking", ("outcome", "scenario", "firms", "basis"), numbers)
    outcomes = shown(frame["outcome"].unique(maintain_order=True).to_list())
    scenarios = in_order(frame, outcomes)
    notes = [based_on(run), say(f"{kind}_reads"), *chances(frame, run), say(f"{kind}_sorted")]
    if kind == "regret":
        panels_of = (_regrets(frame, outcome) for outcome in outcomes)
        notes += arrows((limits, regrets.values()) for limits, regrets in panels_of)
    names = [run.name(name) for name in scenarios]
    return frame, scenarios, panels(run, say(kind), notes, names, heads_of(outcomes, unit), 0.05 if unit else TICKS)
