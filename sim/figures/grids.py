"""Panels in rows and columns, and the axes that a sweep varied."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.figures.context import Tables, table
from sim.figures.fonts import shortened, strong, width
from sim.figures.panels import unit_of
from sim.figures.sheet import MARGIN, Sheet, sheet
from sim.figures.style import QUIET, SMALL, TINY, number, readable, scale
from sim.figures.words import known, label, say, spoken
from sim.outcomes import BY_NAME

LEFT, GAP, BELOW, BETWEEN, HEADS, AIR = 0.5, 0.16, 0.42, 0.68, 0.36, 0.06  # inches


class Varied(NamedTuple):
    """An axis of a sweep, ready to be written."""

    column: str
    words: str
    unit: str
    log: bool

    @property
    def title(self) -> str:
        """Name and unit."""
        return say("sweep_axis", name=self.words, unit=self.unit) if self.unit else self.words


def varied(tables: Tables, column: str) -> Varied:
    """Describe a column of a sweep from the table ``axes``: by the label of the design, else by its plain name."""
    row = table(tables, "axes", ("column", "name", "unit", "label", "label_zh", "scale"))
    about = row.filter(pl.col("column") == column).row(0, named=True)
    last = str(about["name"]).split(".")[-1]
    unit = str(about["unit"] or "")
    kind = next((kind for kind in ("mechanism", "parameter") if known(kind, last)), "")
    plain = label(kind, last) if kind else last.removesuffix(f"_{unit}").replace("_", " ")
    said = about["label_zh"] if spoken() == "zh" else about["label"]
    written = {"share": "", "1": "", "ratio": ""}.get(unit, label("unit", unit) if known("unit", unit) else unit)
    return Varied(column, readable(str(said or ""), plain), written, about["scale"] == "log")


def level_words(name: str) -> str:
    """Translate a level that is no number."""
    words = {"true": say("sweep_true"), "false": say("sweep_false")}
    return words.get(name) or readable(name, name)


class Grid(NamedTuple):
    """A sheet with panels in rows and columns."""

    paper: Sheet
    panels: list[Axes]  # row by row
    wide: float  # inches
    high: float
    columns: int

    def lowest(self, place: int) -> bool:
        """Return whether no panel is below this one, so that its axis needs a name."""
        return place + self.columns >= len(self.panels)


def grid(
    heads: tuple[str, str], notes: Sequence[str], count: int, columns: int, page: float, high: float,
    legend: bool = False, beside: float = 0.0, before: float = 0.0,
) -> Grid:  # fmt: skip
    """Lay out ``count`` empty panels of height ``high``; ``heads`` are the title and what the figure shows.

    ``beside`` is the space at the right of each panel and ``before`` the extra space at the left of all, in inches.
    """
    rows = math.ceil(count / columns) or 1
    body = BELOW + rows * high + (rows - 1) * BETWEEN + HEADS + (0.24 if legend else AIR)
    paper = sheet(*heads, notes, body, page)
    wide = (page - 2 * MARGIN - before - columns * (LEFT + beside) - GAP * (columns - 1)) / columns
    found = []
    for place in range(count):
        row, column = divmod(place, columns)
        left = MARGIN + before + LEFT + column * (wide + LEFT + beside + GAP)
        found.append(paper.axes(left, BELOW + (rows - 1 - row) * (high + BETWEEN), wide, high))
    return Grid(paper, found, wide, high, columns)


def head(axes: Axes, over: str, under: str, wide: float) -> None:
    """Write above a panel: ``over`` in bold, ``under`` small below it; both are cut to the width of the panel."""
    axes.set_title(shortened(over, wide + 0.1, 8.0), loc="left", fontsize=8, fontweight=strong(), pad=13)
    axes.annotate(
        shortened(under, wide + 0.1, TINY), (0, 1), xycoords="axes fraction", xytext=(0, 4),
        textcoords="offset points", fontsize=TINY, color=QUIET,
    )  # fmt: skip


def unit_words(outcome: str, change: bool) -> str:
    """Write the unit of an outcome and which direction is better, as in "pp · less is better"."""
    shown = scale(unit_of(outcome))
    better = BY_NAME[outcome].better if outcome in BY_NAME else ""
    words = {"lower": say("sweep_less"), "higher": say("sweep_more")}.get(better, "")
    return " · ".join(part for part in (shown.change if change else shown.level, words) if part)


def across(axes: Axes, axis: Varied, places: Sequence[float], names: Sequence[str], inches: float) -> None:
    """Prepare the horizontal axis of a panel: numbers to scale, or words (``names``) at equal distances."""
    if names:
        axes.set_xlim(-0.5, len(names) - 0.5)
        room = inches / len(names) - AIR
        axes.set_xticks(range(len(names)), [shortened(name, room, SMALL) for name in names])
        return
    low, high = min(places), max(places)
    if axis.log and low > 0:
        axes.set_xscale("log")
        pad = (high / low) ** 0.04
        axes.set_xlim(low / pad, high * pad)
        axes.minorticks_off()
        axes.set_xticks(*_ticks([low, (low * high) ** 0.5, high], inches))
        return
    pad = 0.04 * (high - low) or 1.0
    axes.set_xlim(low - pad, high + pad)
    own = sorted(set(places))
    chosen = own if len(own) <= 8 and _apart(own, (low - pad, high + pad), inches) else None
    found = chosen or [float(tick) for tick in MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(low, high)]
    axes.set_xticks(*_ticks([tick for tick in found if low - pad <= tick <= high + pad], inches))


def _ticks(places: Sequence[float], inches: float) -> tuple[list[float], list[str]]:
    """Return ticks and their labels."""
    return list(places), [brief(place) for place in places]


def _apart(places: Sequence[float], ends: tuple[float, float], inches: float) -> bool:
    """Return whether the labels of levels do not touch."""
    span = ends[1] - ends[0]
    boxes = [(inches * (place - ends[0]) / span, width(brief(place), SMALL) / 2) for place in places]
    return all(a[0] + a[1] + AIR < b[0] - b[1] for a, b in pairwise(boxes))


def brief(value: float) -> str:
    """Write a level with at most three significant digits and thousands separators."""
    rounded = float(f"{value:.3g}")
    decimals = next((n for n in range(7) if abs(round(rounded, n) - rounded) <= 1e-9 * abs(rounded)), 7)
    return number(rounded, decimals)


def upright(axes: Axes, sign: bool) -> None:
    """Write ticks on the vertical axis with as many decimals as their step needs."""
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    places = [float(place) for place in axes.get_yticks()]
    step = abs(places[1] - places[0]) if len(places) > 1 else 1.0
    decimals = next((n for n in range(9) if abs(round(step, n) - step) < 1e-6 * step), 9)
    axes.yaxis.set_major_formatter(lambda value, _: number(value, decimals, sign=sign) if abs(value) > 1e-12 else "0")
    axes.grid(axis="y")
    axes.set_axisbelow(True)
