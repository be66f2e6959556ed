"""The scorecard: five dimensions, cell by cell, with a verdict in a sign and in words; "not said" is a verdict too."""

import math

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.figures.axis import stripe
from sim.figures.context import Cell, Setting, Tables, based_on, covers, table, window
from sim.figures.effect import change
from sim.figures.fonts import strong, width, wrapped
from sim.figures.numerals import digits, level, scale
from sim.figures.sheet import (
    LANDSCAPE,
    MARGIN,
    TWO_COLUMNS,
    dot,
    in_row,
    is_narrow,
    legend_mark,
    page_width,
    row_line,
    sheet,
    text_above,
)
from sim.figures.style import FAINT, INK, MARKS, OTHERS, QUIET, SMALL, TINY, readable
from sim.figures.words import counted, label, language_in_force, phrase, range_text, say
from sim.outcomes import outcome_of

NUMBERS = ("baseline", "difference", "low", "high")
SIGNS = {
    "better": MARKS["better"]._replace(marker="^"),
    "worse": MARKS["worse"]._replace(marker="v"),
    "unclear": MARKS["unclear"],
    "no_difference": MARKS["zero"],
    "not_said": MARKS["unclear"]._replace(marker="_", color=OTHERS),
}
SIZE = 5.2  # points
LINE, PAD, HEADING = 0.125, 0.075, 0.26  # inches: a line of a cell, around a cell, the name of a dimension
CELL, NARROW, SAID, WHY = 2.85, 1.8, 4.02, 4.32  # inches, of verdicts, the same in a column, of numbers, of reasons
BASE, CHANGE = SAID + 0.62, SAID + 2.27  # inches, right ends of numbers
TALL, SLANT = 0.175, 45  # inches of a row, degrees of the names above, of the table of scenarios


def draw_scorecard(tables: Tables, run: Setting) -> Figure:
    """Draw the table ``scorecard`` of a scenario, a row for each cell under the names of the dimensions."""
    needed = ("scenario", "window", "firms", "dimension", "cell", "outcome", "unit", "verdict", "reason")
    frame = table(tables, "scorecard", needed, NUMBERS).filter(scenario=run.scenario)
    blocks = frame.partition_by("dimension", maintain_order=True)
    body = sum(map(_high, frame.iter_rows(named=True))) + HEADING * len(blocks)
    stated, notes = _caption(frame, run, not is_narrow())
    paper = sheet(run.title, say("scorecard"), notes, body + 0.24)
    spread = page_width() - 2 * MARGIN
    axes = paper.axes(MARGIN, 0.04, spread, body)
    axes.set_axis_off()
    axes.set(xlim=(0, spread), ylim=(body, 0))
    text_above(axes, _verdicts(), phrase("scorecard", "verdict"), "left")
    if not is_narrow():
        text_above(axes, BASE, say("without"))
        text_above(axes, CHANGE, say("difference_95" if stated else "difference"))
    y = 0.0
    for block in blocks:
        rows = block.to_dicts()
        in_row(axes, y + HEADING * 0.62, 0.0, _said_in(rows[0], "dimension").replace("_", " "), size=8, weight=strong())
        row_line(axes, y + HEADING - 0.02, (0, spread), FAINT, 0.8)
        y += HEADING
        for place, row in enumerate(rows):
            if place % 2:
                stripe(axes, y, y + _high(row))
            _row(axes, y + PAD / 2 + LINE / 2, row, stated)
            y += _high(row)
    return paper.figure


def _caption(frame: pl.DataFrame, run: Setting, written: bool) -> tuple[bool, list[str]]:
    """Return whether intervals are stated, and notes on verdicts and, if numbers are ``written``, on dashes."""
    few, many = frame.select(low=pl.col("firms").min(), high=pl.col("firms").max()).row(0)
    known = frame.filter(pl.col("difference").is_finite())["low"].is_finite()
    stated = bool((frame["low"] < frame["high"]).any() or known.all())
    firms = range_text(f"{few:,}", f"{many:,}", counted(many, "firm"))
    notes = [based_on(run, firms), window(run, {"scorecard": frame}, "scorecard"), *[covers(run, "over")] * stated]
    notes += say("scorecard_clear" if stated else "scorecard_few"), say("scorecard_notes")
    return stated, notes + [say("dash")] * (written and stated and not known.all())


def _key(row: Cell) -> str:
    """Return the key of a verdict in the table of words; unknown verdicts count as "not said"."""
    verdict = str(row["verdict"]).replace(" ", "_")
    return verdict if verdict in SIGNS else "not_said"


def _said_in(row: Cell, name: str) -> str:
    """Return a text in the language in force if the table has it, else in English."""
    words = (row.get(f"{name}_zh") if language_in_force() == "zh" else None) or row[name]
    return readable(str(words), "") if words else ""


def _high(row: Cell) -> float:
    """Return the height of a row, inches."""
    return LINE * max(len(_cell(row)), len(_reason(row))) + PAD


def _cell(row: Cell) -> list[tuple[str, bool]]:
    """List the lines of a cell's name and the outcome behind it, with whether they are of the name."""
    name, outcome = _said_in(row, "cell"), label("outcome", row["outcome"]) if row["outcome"] else ""
    lines = [(line, True) for line in wrapped(name, _verdicts() - 0.2, SMALL)]
    return [*lines, (outcome, False)] if outcome and outcome != name else lines


def _reason(row: Cell) -> list[str]:
    """Write the reason why the model says nothing, if so."""
    if is_narrow() or _key(row) != "not_said":
        return []
    return wrapped(_said_in(row, "reason"), page_width() - 2 * MARGIN - WHY - 0.05, TINY)


def _verdicts() -> float:
    """Return how far from the left edge verdicts stand, inches."""
    return NARROW if is_narrow() else CELL


def _row(axes: Axes, y: float, row: Cell, stated: bool) -> None:
    """Draw a cell with its verdict and its numbers; ``y`` is that of its first line."""
    for place, (line, own) in enumerate(_cell(row)):
        in_row(axes, y + LINE * place, 0.1, line, size=SMALL if own else TINY, color=INK if own else QUIET)
    verdict = _key(row)
    at = _verdicts()
    dot(axes, at + 0.06, y, SIGNS[verdict], SIZE, zorder=2, gid=f"verdict {row['dimension']} {row['cell']}")
    if verdict == "not_said":
        in_row(axes, y, at + 0.18, label("cell", verdict), size=TINY, color=QUIET)
        for place, line in enumerate(_reason(row)):
            in_row(axes, y + LINE * place, WHY, line, size=TINY, color=QUIET)
        return
    in_row(axes, y, at + 0.18, label("cell", verdict), color=SIGNS[verdict].color, weight=strong())
    if is_narrow():
        return
    unit = row["unit"] or outcome_of(row["outcome"] or "").unit
    shown = scale(unit)
    base, value, low, high = (shown.factor * row[name] for name in NUMBERS)
    if math.isfinite(base):
        decimals = digits((high - low) / 2 if high > low else value) if value else 0
        in_row(axes, y, BASE, level(base, max(digits(base), decimals), unit), "right", color=QUIET)
    if math.isfinite(value):
        in_row(axes, y, CHANGE, change((value, low, high), stated), "right")
        in_row(axes, y, CHANGE + 0.07, shown.change, size=TINY, color=QUIET)


def draw_scorecards(tables: Tables, run: Setting) -> Figure:
    """Draw ``scorecard`` of a comparison in signs: cells as rows, scenarios as columns."""
    frame = table(
        tables, "scorecard", ("scenario", "window", "firms", "dimension", "cell", "outcome", "verdict"), NUMBERS
    )
    scenarios = frame["scenario"].unique(maintain_order=True).to_list()
    names = [run.name(scenario) for scenario in scenarios]
    rows: dict[str, tuple[str, bool]] = {}  # by dimension, or dimension and cell: words, and whether it is a cell
    for row in frame.filter(scenario=scenarios[0]).iter_rows(named=True):
        rows[row["dimension"]] = (_said_in(row, "dimension").replace("_", " "), False)
        rows[f"{row['dimension']} {row['cell']}"] = (_said_in(row, "cell"), True)
    left = MARGIN + max(width(text, SMALL) for text, _ in rows.values()) + 0.35
    step = min(0.32, (LANDSCAPE - left - MARGIN) / max(len(names), 1))
    slanted = max(width(name, TINY) for name in names) * math.sin(math.radians(SLANT)) + 0.15
    spread = max(left + step * len(names) + slanted + MARGIN, TWO_COLUMNS)
    body = TALL * len(rows)
    paper = sheet(run.title, say("scorecard"), _caption(frame, run, False)[1], body + slanted + 0.36, spread)
    axes = paper.axes(left, 0.04, step * len(names), body)
    axes.set_axis_off()
    axes.set(xlim=(0, len(names)), ylim=(len(rows), 0))
    for place, name in enumerate(names):
        axes.text(place + 0.35, -0.25, name, rotation=SLANT, rotation_mode="anchor", va="bottom", fontsize=TINY)
    said = {(row["scenario"], f"{row['dimension']} {row['cell']}"): _key(row) for row in frame.iter_rows(named=True)}
    for y, (cell, (text, own)) in enumerate(rows.items()):
        indent, weight = (0.1, "normal") if own else (0.0, strong())
        in_row(axes, y + 0.55, MARGIN - left + indent, text, weight=weight)
        if own:
            axes.axhline(y + 1, color=FAINT, linewidth=0.4)
            for place, scenario in enumerate(scenarios):
                sign, gid = SIGNS[said.get((scenario, cell), "not_said")], f"verdict {scenario} {cell}"
                dot(axes, place + 0.5, y + 0.5, sign, SIZE, zorder=2, gid=gid)
    marks = [legend_mark(label("cell", key), sign, SIZE) for key, sign in SIGNS.items() if key in said.values()]
    return paper.legend(marks, columns=4)
