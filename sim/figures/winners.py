"""Who gains and who loses: shares of people by group or scenario, and the distribution of individual differences."""

import math
from collections.abc import Sequence

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.figures.axis import few_ticks, padded, zero_line
from sim.figures.context import Cell, Setting, Tables, based_on, covered, table
from sim.figures.fonts import width
from sim.figures.forest_rows import Ladder, Row, group_rows
from sim.figures.sheet import LANDSCAPE, MARGIN, bar, dot, heading, page, segment, sheet
from sim.figures.style import INK, MARKS, OTHERS, RULE, TINY, Mark, Style, digits, number, scale
from sim.figures.words import label, phrase, say
from sim.outcomes import outcome_of
from sim.stats.ranks import chance

OUTCOMES = ("share_burnt_out", "exhaustion", "latent_overtime", "conflict")  # the first three in the table
ENDS = ("share_better_low", "share_better_high", "share_worse_low", "share_worse_high")
NUMBERS = (*ENDS, "share_better", "share_worse", "share_same", "p10", "p50", "p90", "threshold")
NEEDED = ("scenario", "group", "outcome", "people")
PANELS = 3
AXIS, HEADS, SPREAD, GAP = 0.40, 0.20, 0.72, 0.16  # inches
MEDIAN = Mark(RULE, "o", RULE)
LEAST = 1.45  # inches, of a panel
EDGE = 128  # percent, position of the numbers, outside the range of shares


def draw_winners(tables: Tables, run: Setting) -> Figure:
    """Draw shares of winners and losers by scenario, those with most more winners than losers first."""
    frame = table(tables, "persons", NEEDED, NUMBERS).filter(group="all")
    first = frame.filter(pl.col("outcome").is_in(_outcomes(frame)[:1]))
    gain = dict(first.select("scenario", pl.col("share_better") - pl.col("share_worse")).iter_rows())
    order = sorted(frame["scenario"].unique(), key=lambda name: (-gain.get(name, -math.inf), name))
    return _draw(frame, Ladder([Row(run.name(name), name) for name in order]), "scenario", run)


def draw_groups(tables: Tables, run: Setting) -> Figure:
    """Draw shares of winners and losers by group of people for one scenario, from ``persons`` of a comparison."""
    frame = table(tables, "persons", NEEDED, NUMBERS).filter(scenario=run.scenario)
    return _draw(frame, Ladder(group_rows(frame["group"].unique(maintain_order=True).to_list())), "group", run)


def _outcomes(frame: pl.DataFrame) -> list[str]:
    """Choose the first ``PANELS`` of ``OUTCOMES`` in the table."""
    there = set(frame["outcome"].unique())
    return [name for name in OUTCOMES if name in there][:PANELS]


def _draw(frame: pl.DataFrame, ladder: Ladder, key: str, run: Setting) -> Figure:
    """Draw a row for each value of the column ``key``."""
    outcomes, by_group = _outcomes(frame), key == "group"
    cells = {(row[key], row["outcome"]): row for row in frame.iter_rows(named=True)}
    same = say("list").join(_threshold(frame, name) for name in outcomes)
    notes = [based_on(run), say("winners_bars", reference=run.cited(run.counterfactual), threshold=same)]
    stated = bool((frame["share_better_low"] < frame["share_better_high"]).any())
    notes += [say("winners_line"), *[say("winners_ends"), covered(run, "over")] * stated]
    longest = max((width(row.text, 7.5) for _, row in ladder.placed), default=1.0)
    left = MARGIN + longest + 0.30 + (0.42 if by_group else 0.0)
    space = page(LANDSCAPE) - left - MARGIN
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
    paper.legend([worse, Patch(facecolor=MARKS["better"].color, label=label("verdict", "better"))])
    return paper.figure


def _threshold(frame: pl.DataFrame, outcome: str) -> str:
    """Write the difference below which a person counts as unchanged."""
    shown = scale(outcome_of(outcome).unit)
    values = frame.filter(outcome=outcome)["threshold"]
    value = shown.factor * float(values[0]) if values.len() else math.nan
    size = f"{number(value, digits(value))} {shown.change}"
    return phrase("page", "with_unit", name=size, unit=label("outcome", outcome))


def _bars(axes: Axes, outcome: str, mine: Sequence[tuple[float, Cell]], ladder: Ladder, key: str) -> None:
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
                segment(axes, y, (sign * low, sign * high), INK, 0.9, zorder=3, gid=f"interval {side} {tag}")
            # In a column: at the end of an interval it would be read as that end.
            style: Style = {"va": "center_baseline", "fontsize": TINY, "color": INK}
            axes.text(sign * EDGE, y, chance(share), ha=ha, gid=f"share {side} {tag}", **style)
    zero_line(axes, 2)
    axes.set_xticks([-50, 0, 50], ["50", "0", "50"])
    axes.set_xlabel(say("winners_of_people"))
    heading(axes, label("outcome", outcome), 13)


def _spread(axes: Axes, outcome: str, mine: Sequence[tuple[float, Cell]], ladder: Ladder, key: str) -> None:
    """Draw the median of individual differences and the range from the 10th to the 90th percentile."""
    ladder.frame(axes)
    shown = scale(outcome_of(outcome).unit)
    axes.set_xlim(*padded((shown.factor * cell[name] for _, cell in mine for name in ("p10", "p90")), 0.06))
    for y, cell in mine:
        values = [shown.factor * cell[name] for name in ("p10", "p50", "p90")]
        if all(map(math.isfinite, values)):
            segment(axes, y, (values[0], values[2]), OTHERS, 1.6)
            dot(axes, values[1], y, MEDIAN, 3.2, zorder=2, gid=f"median {outcome} {cell[key]}")
    zero_line(axes, 2)
    few_ticks(axes, SPREAD)
    axes.set_xlabel(shown.change)
