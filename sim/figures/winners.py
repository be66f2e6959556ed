"""Which rule is best, with chances and regrets, and who gains and who loses, with individual differences."""

import math
from collections.abc import Sequence

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.figures.axis import CUT, Span, arrows, dot_or_number, few_ticks, number_axis, padded, whisker, zero_line
from sim.figures.context import Cell, Setting, Tables, based_on, covers, table
from sim.figures.fonts import width
from sim.figures.forest_rows import Row, RowLayout, group_rows
from sim.figures.numerals import digits, number, scale
from sim.figures.panels import TICKS, Panels, chances, headings, headlines_in, panels, rank_order
from sim.figures.sheet import LANDSCAPE, MARGIN, bar, dot, heading, legend_key, page_width, row_line, sheet, text_above
from sim.figures.style import INK, MARKS, MIDDLE, OTHERS, QUIET, RULE, TINY, Mark, Style
from sim.figures.words import bracketed, label, range_text, say
from sim.outcomes import outcome_of
from sim.stats.ranks import whole_percent

SPACE = 1.75  # times the longest bar, for the numbers to the right
NEVER = "#b4b4b4"  # of rules that are never best
MUCH = 0.85  # share of the upper bounds within an axis of ``CUT`` rules or more; arrows mark the rest
OUTCOMES = ("share_burnt_out", "exhaustion", "latent_overtime", "conflict")  # the first three in the table
ENDS = ("share_better_low", "share_better_high", "share_worse_low", "share_worse_high")
NUMBERS = (*ENDS, "share_better", "share_worse", "share_same", "p10", "p50", "p90", "threshold")
NEEDED = ("scenario", "group", "outcome", "people")
PANELS = 3
AXIS, HEADS, SPREAD, GAP = 0.40, 0.20, 0.72, 0.16  # inches
POINT = Mark(RULE, "o", RULE)  # a regret, or a median
LEAST = 1.45  # inches, of a panel
EDGE = 128  # percent, position of the numbers, outside the range of shares


def draw_ranking(tables: Tables, run: Setting) -> Figure:
    """Draw the probability of being best and the expected rank, from ``ranking`` of a comparison."""
    frame, scenarios, laid = _layout(tables, run, "ranking", say("ranking_legend"))
    for outcome, axes in laid.axes.items():
        axes.set(xlim=(0, 100 * SPACE), xticks=[])
        axes.spines["bottom"].set_visible(False)
        text_above(axes, laid.wide, say("ranking_rank"), lift=3.6)
        for row in frame.filter(outcome=outcome).iter_rows(named=True):
            y, probability = scenarios.index(row["scenario"]) + 0.5, row["probability_best"]
            percent = 0.0 if math.isnan(probability) else 100 * probability
            bar(axes, y, (0, percent), 0.62, MIDDLE, gid=f"best {outcome} {row['scenario']}")
            color, rank = INK if percent else NEVER, number(row["expected_rank"], 1)
            style: Style = {"va": "center_baseline", "fontsize": TINY}
            axes.text(percent + 3, y + 0.03, whole_percent(probability), color=color, **style)
            axes.text(100 * SPACE, y + 0.03, rank, ha="right", color=QUIET, **style | {"fontsize": 6})
    return laid.paper.figure


def draw_regret(tables: Tables, run: Setting) -> Figure:
    """Draw the regret of each rule, a point with a line to its upper bound, from ``ranking`` of a comparison."""
    frame, scenarios, laid = _layout(tables, run, "regret")
    for outcome, axes in laid.axes.items():
        limits, regrets = _regrets(frame, outcome)
        number_axis(axes, limits, laid.wide, sign=False)
        for scenario, (value, high) in regrets.items():
            y, tag = scenarios.index(scenario) + 0.5, f"{outcome} {scenario}"
            start = value if math.isfinite(value) else 0.0
            whisker(axes, y, (start, start, high), RULE, 1.0, 3.5, f"bound {tag}")
            dot_or_number(axes, y, value, POINT, 3.4, number(value, digits(value)), gid=f"regret {tag}")
    return laid.paper.legend([legend_key(say("regret_legend"), RULE, 1.0, marker="o", markersize=3.4)])


def _regrets(frame: pl.DataFrame, outcome: str) -> tuple[Span, dict[str, Span]]:
    """Return the limits of an axis of regrets, and by scenario the regret, NaN if it has no mean, and its bound."""
    factor = scale(outcome_of(outcome).unit).factor
    rows = frame.filter(pl.col("regret_high").is_finite(), outcome=outcome)
    ends = sorted(factor * high for high in rows["regret_high"])
    held = ends[: int(MUCH * (len(ends) - 1)) + 1] if len(ends) >= CUT else ends
    most = 1.15 * (max(held, default=0.0) or max(ends, default=0.0))
    regrets = rows.select("scenario", "regret", "regret_high").iter_rows()
    return (0, most or 1.0), {name: (factor * value, factor * high) for name, value, high in regrets}


def _layout(tables: Tables, run: Setting, kind: str, unit: str = "") -> tuple[pl.DataFrame, list[str], Panels[str]]:
    """Read the table, order scenarios by their chance for the first outcome, and lay out a panel for each outcome."""
    numbers = ("mean", "probability_best", "expected_rank", "regret", "regret_high")
    frame = table(tables, "ranking", ("outcome", "scenario", "firms", "basis"), numbers)
    outcomes = headlines_in(frame["outcome"].unique(maintain_order=True).to_list())
    scenarios = rank_order(frame, outcomes)
    notes = [based_on(run), say(f"{kind}_reads"), *chances(frame, run), say(f"{kind}_sorted")]
    if kind == "regret":
        panels_of = (_regrets(frame, outcome) for outcome in outcomes)
        notes += arrows((limits, regrets.values()) for limits, regrets in panels_of)
    names = [run.name(name) for name in scenarios]
    return frame, scenarios, panels(run, say(kind), notes, names, headings(outcomes, unit), 0.05 if unit else TICKS)


def draw_winners(tables: Tables, run: Setting) -> Figure:
    """Draw shares of winners and losers by scenario, those with most more winners than losers first."""
    frame = table(tables, "persons", NEEDED, NUMBERS).filter(group="all")
    first = frame.filter(pl.col("share_better").is_finite(), pl.col("outcome").is_in(_outcomes(frame)[:1]))
    gain = dict(first.select("scenario", pl.col("share_better") - pl.col("share_worse")).iter_rows())
    order = sorted(frame["scenario"].unique(), key=lambda name: (-gain.get(name, -math.inf), name))
    return _draw(frame, RowLayout([Row(run.name(name), name) for name in order]), "scenario", run)


def draw_groups(tables: Tables, run: Setting) -> Figure:
    """Draw shares of winners and losers by group of people for one scenario, from ``persons`` of a comparison."""
    frame = table(tables, "persons", NEEDED, NUMBERS).filter(scenario=run.scenario)
    return _draw(frame, RowLayout(group_rows(frame["group"].unique(maintain_order=True).to_list())), "group", run)


def _outcomes(frame: pl.DataFrame) -> list[str]:
    """Choose the first ``PANELS`` of ``OUTCOMES`` in the table."""
    there = set(frame["outcome"].unique())
    return [name for name in OUTCOMES if name in there][:PANELS]


def _draw(frame: pl.DataFrame, ladder: RowLayout, key: str, run: Setting) -> Figure:
    """Draw a row for each value of the column ``key``."""
    outcomes, by_group = _outcomes(frame), key == "group"
    cells = {(row[key], row["outcome"]): row for row in frame.iter_rows(named=True)}
    same = say("list").join(_threshold(frame, name) for name in outcomes)
    notes = [based_on(run), say("winners_bars", reference=run.cited(run.counterfactual), threshold=same)]
    stated = bool((frame["share_better_low"] < frame["share_better_high"]).any())
    notes += [say("winners_line"), *[say("winners_ends"), covers(run, "over")] * stated]
    notes += [say("winners_sorted")] * (len(ladder.placed) > 1 and not by_group)
    longest = max((width(row.text, 7.5) for _, row in ladder.placed), default=1.0)
    left = MARGIN + longest + 0.30 + (0.42 if by_group else 0.0)
    space = page_width(LANDSCAPE) - left - MARGIN
    columns = max(min(len(outcomes), int(space / (LEAST + GAP))), 1)
    wide = space / columns - GAP
    banks = math.ceil(len(outcomes) / columns) or 1
    bank = AXIS + ladder.inches + HEADS + 0.22
    paper = sheet(run.title, say("winners"), notes, bank * banks + 0.20, LANDSCAPE)
    for place, name in enumerate(outcomes):
        down, column = divmod(place, columns)
        at, low = left + column * (wide + GAP), AXIS + (banks - 1 - down) * bank
        bars = paper.axes(at, low, wide - SPREAD - 0.12, ladder.inches)
        spread = paper.axes(at + wide - SPREAD, low, SPREAD, ladder.inches)
        mine = [(y, cells[row.key, name]) for y, row in ladder.placed if (row.key, name) in cells]
        _bars(bars, name, mine, ladder, key)
        _spread(spread, name, mine, ladder, key)
        if column == 0:
            ladder.names(bars, at)
        if column == 0 and by_group:
            ladder.people(bars, -0.08, {cell[key]: cell["people"] for _, cell in mine})
    hatched: Style = {"hatch": "////", "edgecolor": "white", "linewidth": 0}
    worse = Patch(facecolor=MARKS["worse"].color, label=label("verdict", "worse"), **hatched)
    return paper.legend([worse, Patch(facecolor=MARKS["better"].color, label=label("verdict", "better"))])


def _threshold(frame: pl.DataFrame, outcome: str) -> str:
    """Write the difference below which a person counts as unchanged, as a range where scenarios have their own."""
    shown = scale(outcome_of(outcome).unit)
    values = [shown.factor * value for value in frame.filter(outcome=outcome)["threshold"] if math.isfinite(value)]
    ends = (min(values), max(values)) if values else (math.nan, math.nan)
    least, most = (number(value, digits(value)) for value in ends)
    size = f"{range_text(least, most)} {shown.change}"
    return bracketed(size, label("outcome", outcome))


def _bars(axes: Axes, outcome: str, mine: Sequence[tuple[float, Cell]], ladder: RowLayout, key: str) -> None:
    """Draw shares: worse to the left of zero, better to the right."""
    ladder.frame(axes)
    axes.set_xlim(-EDGE, EDGE)
    for y, cell in mine:
        tag = f"{outcome} {cell[key]}"
        for side, sign, hatch, ha in (("worse", -1, "////", "left"), ("better", 1, None, "right")):
            share, color = cell[f"share_{side}"], MARKS[side].color
            ends = (-100 * share, 0.0) if sign < 0 else (0.0, 100 * share)
            bar(axes, y, ends, 0.68, color, edgecolor="white", linewidth=0, hatch=hatch, gid=f"{side} {tag}")
            low, high = (100 * min(max(cell[f"share_{side}_{end}"], 0.0), 1.0) for end in ("low", "high"))
            if low < high:  # and known
                row_line(axes, y, (sign * low, sign * high), INK, 0.9, zorder=3, gid=f"interval {side} {tag}")
            # In a column: at the end of an interval it would be read as that end.
            style: Style = {"va": "center_baseline", "fontsize": TINY, "color": INK}
            axes.text(sign * EDGE, y, whole_percent(share), ha=ha, gid=f"share {side} {tag}", **style)
    zero_line(axes, 2)
    axes.set_xticks([-50, 0, 50], ["50", "0", "50"])
    axes.set_xlabel(say("winners_of_people"))
    heading(axes, label("outcome", outcome), 13)


def _spread(axes: Axes, outcome: str, mine: Sequence[tuple[float, Cell]], ladder: RowLayout, key: str) -> None:
    """Draw the median of individual differences and the range from the 10th to the 90th percentile."""
    ladder.frame(axes)
    shown = scale(outcome_of(outcome).unit)
    axes.set_xlim(*padded((shown.factor * cell[name] for _, cell in mine for name in ("p10", "p90")), 0.06))
    for y, cell in mine:
        values = [shown.factor * cell[name] for name in ("p10", "p50", "p90")]
        if all(map(math.isfinite, values)):
            row_line(axes, y, (values[0], values[2]), OTHERS, 1.6)
            dot(axes, values[1], y, POINT, 3.2, zorder=2, gid=f"median {outcome} {cell[key]}")
    zero_line(axes, 2)
    few_ticks(axes, SPREAD)
    axes.set_xlabel(shown.change)
