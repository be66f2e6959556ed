"""Forest plots: one row per effect, with its interval, its numbers and its unit."""

import math
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.columns import INDUSTRIES, ROLES
from sim.figures.sheet import MARGIN, Setting, Sheet, Tables, beside, circumstances, sheet, table, window
from sim.figures.style import FAINT, INK, MARKS, QUIET, TINY, digits, label, number, scale

SHOWN = {
    "burnout": (
        "share_burnt_out",
        "share_exhausted",
        "exhaustion",
        "share_anxious",
        "detachment",
        "sleep_minutes",
        "absence",
    ),
    "overtime": ("recorded_overtime", "latent_overtime", "hidden_overtime", "total_hours", "short_rest_share"),
    "efficiency": (
        "output_per_hour",
        "output_per_paid_hour",
        "focus_minutes",
        "message_minutes",
        "waiting",
        "defaults",
        "rework_share",
    ),
}
GROUPED = ("share_burnt_out", "latent_overtime")
ROW, AXIS, HEADS = 0.185, 0.40, 0.18  # inches: a row, the ticks and label below, the heads of the columns above
WIDEST = 500.0  # percent; what goes beyond is cut off, and an arrow says so
WIDER = 2.5  # times the middle one of the groups' farthest ends; a group of few firms would flatten all others
NARROWEST = 2.0  # percent; a smaller axis would make much of nothing
STRETCHED = 5.0  # percent; about linear up to here, about logarithmic beyond: effects differ by orders of magnitude
FIELDS = ("outcome", "family", "unit", "better", "baseline", "difference", "low", "high", "relative")
SIZE = 4.8  # points: a mark

Bounds = tuple[float, float, float]  # an effect and the ends of its interval


class Effect(NamedTuple):
    """An effect of the rule; a number that is not known is not a number."""

    group: str
    people: int
    outcome: str
    family: str
    unit: str
    better: str
    baseline: float
    difference: float
    low: float
    high: float
    relative: float

    @property
    def verdict(self) -> str:
        """What the effect says, a key of ``MARKS``."""
        if self.difference == 0 and not (self.low < 0 or self.high > 0):  # an unknown interval is neither
            return "zero"
        if not math.isfinite(self.low + self.high):
            return "unknown"
        if self.low <= 0 <= self.high:
            return "unclear"
        if not self.better:
            return "neutral"
        return "better" if (self.difference < 0) == (self.better == "lower") else "worse"

    @property
    def bounds(self) -> Bounds:
        """Effect and interval in the unit shown."""
        factor = scale(self.unit).factor
        return self.difference * factor, self.low * factor, self.high * factor

    @property
    def percent(self) -> Bounds:
        """Effect and interval in percent of the value without the rule, of a score in percent of its spread."""
        if self.verdict == "zero":
            return 0.0, 0.0, 0.0
        if self.unit == "sd":
            return 100 * self.difference, 100 * self.low, 100 * self.high
        if self.baseline == 0 or not math.isfinite(self.relative):
            return math.nan, math.nan, math.nan
        ends = sorted((100 * self.low / self.baseline, 100 * self.high / self.baseline))
        return 100 * self.relative, ends[0], ends[1]


class Row(NamedTuple):
    """A line of a forest plot; one without a key is a heading."""

    text: str
    key: str = ""


class Ladder:
    """The rows of a forest plot, placed from top to bottom in units of one row."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.placed: list[tuple[float, Row]] = []
        y = 0.6
        for row in rows:
            y += 0 if row.key or not self.placed else 0.35
            self.placed.append((y, row))
            y += 1
        self.depth = max(y - 0.4, 1.0)
        self.inches = ROW * self.depth


def effects_of(tables: Tables) -> list[Effect]:
    """Read the effects.

    Parameters
    ----------
    tables : Tables
        Tables of a run.

    Returns
    -------
    list[Effect]
        In the order of the table, without those that nobody was there to show.
    """
    frame = table(tables, "effects", ("group", "people", *FIELDS))
    frame = frame.with_columns(
        pl.col("baseline", "difference", "low", "high", "relative").cast(pl.Float64).fill_null(math.nan),
        pl.col("people").fill_null(0),
    )
    effects = (Effect(*row) for row in frame.select(Effect._fields).iter_rows())
    return [effect for effect in effects if math.isfinite(effect.difference)]


def draw_effects(tables: Tables, run: Setting) -> Figure:
    """Draw the effects on everybody, by family, relative to the world without the rule.

    Parameters
    ----------
    tables : Tables
        Tables of a run.
    run : Setting
        The run.

    Returns
    -------
    Figure
        Forest plot with absolute numbers at the right.
    """
    effects = {effect.outcome: effect for effect in effects_of(tables) if effect.group == "all"}
    rows: list[Row] = []
    for family, names in SHOWN.items():
        chosen = [name for name in names if name in effects]
        rows += [Row(family)] * bool(chosen)
        rows += [Row(label(name) + " †" * (effects[name].unit == "sd"), name) for name in chosen]
    shown = [effects[row.key] for row in rows if row.key]
    notes = [circumstances(run, tables), window(run, tables), _reading(run, "divided by the value without the rule")]
    notes.append("The axis is stretched near zero.")
    if any(effect.unit == "sd" for effect in shown):
        notes.append("† In % of one standard deviation between people, for a score has no natural zero.")

    ladder = Ladder(rows)
    body = AXIS + ladder.inches + HEADS + 0.15
    paper = sheet(run.title, "Effects of the rule on burnout, overtime and efficiency", notes, body)
    left, width = 1.65, 2.40
    axes = paper.axes(left, AXIS, width, ladder.inches)
    _frame(axes, ladder, _span([bound for effect in shown for bound in effect.percent], NARROWEST, WIDEST))
    _stretch(axes)
    _names(axes, ladder, left)
    axes.set_xlabel("difference, % of the value without the rule")
    _directions(axes)
    _head(axes, width + 0.55, "without")
    _head(axes, width + 2.15, "difference [95 %]")
    for y, row in ladder.placed:
        if row.key:
            effect = effects[row.key]
            _mark(axes, y, effect, effect.percent)
            beside(axes, y, width + 0.55, _baseline(effect), ha="right", color=QUIET)
            beside(axes, y, width + 2.15, _change(effect), ha="right")
            beside(axes, y, width + 2.22, scale(effect.unit).change, size=TINY, color=QUIET)
    _legend(paper, shown)
    return paper.figure


def draw_who(tables: Tables, run: Setting) -> Figure:
    """Draw for whom the rule changes what.

    Parameters
    ----------
    tables : Tables
        Tables of a run.
    run : Setting
        The run.

    Returns
    -------
    Figure
        A forest plot per outcome, side by side, one row per group.
    """
    chosen = [effect for effect in effects_of(tables) if effect.outcome in GROUPED]
    people = {effect.group: effect.people for effect in chosen}
    ladder = Ladder(_group_rows(list(people)))
    notes = [
        circumstances(run, tables),
        window(run, tables),
        _reading(run, "not widened for the number of groups"),
    ]
    body = AXIS + ladder.inches + HEADS + 0.36
    paper = sheet(run.title, "For whom the rule changes burnout and unrecorded overtime", notes, body)
    names, panel, numbers = 1.72, 1.45, 1.23
    for index, outcome in enumerate(GROUPED):
        effects = {effect.group: effect for effect in chosen if effect.outcome == outcome}
        left = names + index * (panel + numbers)
        axes = paper.axes(left, AXIS, panel, ladder.inches)
        _frame(axes, ladder, _common_span([effect.bounds for effect in effects.values()]))
        unit = scale(next(iter(effects.values())).unit).change if effects else ""
        axes.set_xlabel(f"difference, {unit}")
        _head(axes, 0, label(outcome), ha="left", size=8, color=INK, weight="bold", lift=15)
        _head(axes, panel + numbers - 0.1, "difference [95 %]")
        if not index:
            _names(axes, ladder, left)
            _head(axes, -0.1, "people")
        for y, row in ladder.placed:
            if row.key and not index:
                beside(axes, y, -0.1, f"{people[row.key]:,}", ha="right", size=TINY, color=QUIET)
            if effect := effects.get(row.key):
                _mark(axes, y, effect, effect.bounds)
                beside(axes, y, panel + numbers - 0.1, _change(effect), ha="right", size=TINY)
    _legend(paper, chosen)
    return paper.figure


def _reading(run: Setting, interval: str) -> str:
    """Say how to read the marks."""
    return (
        f"Marks: paired difference between {label(run.scenario)} and {label(run.counterfactual)} on the same draws, "
        f"with its 95 % interval by firm, {interval}. An arrow: it goes on beyond the axis."
    )


def _group_rows(groups: Sequence[str]) -> list[Row]:
    """Order the groups under headings."""
    kinds: dict[str, Sequence[str]] = {
        "everybody": ("all",),
        "rank": ("managers", "staff"),
        "role": [role for role in ROLES if role != "manager" or "managers" not in groups],  # not twice
        "industry": INDUSTRIES,
    }
    known = {"manager", *(name for names in kinds.values() for name in names)}
    kinds["other groups"] = [group for group in groups if group not in known]
    rows: list[Row] = []
    for heading, names in kinds.items():
        there = [name for name in names if name in groups]
        rows += [Row(heading)] * bool(there) + [Row(label(name), name) for name in there]
    return rows


def _span(values: Iterable[float], narrowest: float, widest: float = math.inf) -> tuple[float, float]:
    """Choose the ends of an axis around zero."""
    known = [value for value in values if math.isfinite(value)]
    low, high = min([0.0, *known]), max([0.0, *known])
    least = max(narrowest, 0.1 * (high - low))
    return max(min(low * 1.1, -least), -widest), min(max(high * 1.1, least), widest)


def _common_span(groups: Sequence[Bounds]) -> tuple[float, float]:
    """Choose the ends of an axis that most groups fit on, and every group's effect."""
    ends = [max((abs(bound) for bound in bounds if math.isfinite(bound)), default=0.0) for bounds in groups]
    widest = max(WIDER * median(ends or [0.0]), *(1.2 * abs(value) for value, _, _ in groups), 0.0)
    values = [bound for bounds in groups for bound in bounds]
    return _span(values, 0.2 * widest or 1.0, widest or 1.0)


def _frame(axes: Axes, ladder: Ladder, span: tuple[float, float]) -> None:
    """Prepare the axes: zero line, grid, and a line above each heading but the first."""
    axes.set_xlim(*span)
    axes.set_ylim(ladder.depth, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.axvline(0, color=INK, linewidth=0.8, zorder=1.5, gid="zero")
    axes.locator_params(axis="x", nbins=6, steps=[1, 2, 5, 10])
    ticks = axes.get_xticks()
    decimals = max(0, -math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9))
    axes.xaxis.set_major_formatter(lambda value, _: number(value, decimals, sign=True) if abs(value) > 1e-9 else "0")
    for y, row in ladder.placed[1:]:
        if not row.key:
            axes.axhline(y - 0.66, color=FAINT, linewidth=0.6)


def _head(
    axes: Axes,
    inches: float,
    text: str,
    ha: str = "right",
    size: float = TINY,
    color: str = QUIET,
    weight: str = "normal",
    lift: float = 3,
) -> None:
    """Write above the first row, so many inches from the left end of the axes."""
    axes.annotate(
        text,
        (0, 1),
        xycoords="axes fraction",
        xytext=(72 * inches, lift),
        textcoords="offset points",
        ha=ha,
        fontsize=size,
        color=color,
        fontweight=weight,
    )


def _names(axes: Axes, ladder: Ladder, left: float) -> None:
    """Write the names of the rows at the left edge of the sheet; ``left`` is where the axes start, in inches."""
    for y, row in ladder.placed:
        if row.key:
            beside(axes, y, MARGIN + 0.1 - left, row.text, size=7.5)
        else:
            beside(axes, y, MARGIN - left, row.text, size=8, weight="bold")


def _directions(axes: Axes) -> None:
    """Say above the axes which side is less and which is more."""
    for offset, text, ha in ((-6, "← less", "right"), (6, "more →", "left")):
        axes.annotate(
            text,
            (0, 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(offset, 3),
            textcoords="offset points",
            ha=ha,
            fontsize=TINY,
            color=QUIET,
        )


def _stretch(axes: Axes) -> None:
    """Stretch an axis of percentages near zero."""
    low, high = axes.get_xlim()
    axes.set_xscale("asinh", linear_width=STRETCHED)
    wide = (0, 1, 3, 10, 30, 100, 300) if max(-low, high) <= 10 else (0, 3, 10, 30, 100, 300)
    ticks = sorted({sign * size for size in wide for sign in (-1, 1) if low <= sign * size <= high})
    axes.set_xticks(ticks, [number(tick, 0, sign=bool(tick)) for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlim(low, high)


def _mark(axes: Axes, y: float, effect: Effect, bounds: Bounds) -> None:
    """Draw an effect and its interval; what lies beyond the axis ends in an arrow."""
    value, low, high = bounds
    mark, zero = MARKS[effect.verdict], effect.verdict == "zero"
    if not math.isfinite(value):
        beside(axes, y, 0.05, "nothing without the rule to compare with", size=TINY, color=QUIET)
        return
    left, right = axes.get_xlim()
    tag = f"{effect.outcome} {effect.group}"
    if math.isfinite(low + high) and not zero:
        axes.plot([low, high], [y, y], color=mark.color, linewidth=1.3, gid=f"interval {tag}")
    known = [bound for bound in bounds if math.isfinite(bound)]
    if min(known) < left:
        axes.plot([left], [y], "<", color=mark.color, markersize=5, clip_on=False)
    if max(known) > right:
        axes.plot([right], [y], ">", color=mark.color, markersize=5, clip_on=False)
    axes.plot(
        [value],
        [y],
        mark.marker,
        markerfacecolor=mark.fill,
        markeredgecolor=mark.color,
        markersize=SIZE,
        zorder=3,
        gid=f"effect {tag}",
    )


def _baseline(effect: Effect) -> str:
    """Write the value without the rule, at least as finely as the difference."""
    shown = scale(effect.unit)
    value = effect.baseline * shown.factor
    decimals = max(digits(value), 0 if effect.verdict == "zero" else _decimals(effect))
    return number(value, decimals) + " %" * (shown.level == "%")


def _change(effect: Effect) -> str:
    """Write a difference with its interval."""
    if effect.verdict == "zero":
        return "exactly 0"
    value, low, high = (number(bound, _decimals(effect), sign=True) for bound in effect.bounds)
    return f"{value}  [{'unknown' if effect.verdict == 'unknown' else f'{low}, {high}'}]"


def _decimals(effect: Effect) -> int:
    """Choose decimals that show the width of the interval, or the difference if there is none."""
    difference, low, high = effect.bounds
    half = (high - low) / 2
    return digits(half if half > 0 else difference)


def _legend(paper: Sheet, effects: Sequence[Effect]) -> None:
    """Explain the marks that occur."""
    verdicts = {effect.verdict for effect in effects}
    handles = [
        Line2D(
            [],
            [],
            color=mark.color,
            marker=mark.marker,
            markerfacecolor=mark.fill,
            markersize=SIZE,
            linewidth=0 if verdict in ("zero", "unknown") else 1.3,
            label=mark.words,
        )
        for verdict, mark in MARKS.items()
        if verdict in verdicts
    ]
    if handles:
        paper.legend(handles, columns=len(handles))
