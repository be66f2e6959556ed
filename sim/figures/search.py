"""A search for robust rules: the front as lines over levers and objectives, its trade-offs, and where a rule fails."""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.core.parameters import ROWS
from sim.figures.axis import few_ticks, grid_on, padded, tick_labels
from sim.figures.context import Cell, Setting, Tables, table
from sim.figures.fonts import shortened, width, wrapped
from sim.figures.labels import Box, Name, place_labels
from sim.figures.numerals import digits, number, scale, scale_decimals
from sim.figures.panels import Cells, grid
from sim.figures.sheet import (
    DASHED,
    MARGIN,
    dot,
    is_narrow,
    legend_key,
    legend_mark,
    note,
    page_width,
    panel_title,
    sheet,
    text_above,
)
from sim.figures.style import AMOUNT, FAINT, INK, RULE, SHADE, SMALL, TINY, Mark, Style
from sim.figures.words import has_name, label, percent, phrase, say
from sim.levers.lever import clock
from sim.outcomes import outcome_of
from sim.stats.ranks import whole_percent

NONE = "none"
HIGH, SIDE, LEAST = 2.6, 0.45, 0.75  # inches: of upright axes, left and right of them, and at least between two
NAME, ENDS, PITCH = 0.95, 0.42, 0.32  # inches: of axes that lie, their names, their ends, and from one to the next
LETTERS, TINY_LINE, AIR = 0.2, 0.115, 0.05  # inches: of the names of rules, of a line of a name, between two names
NOTHING = Mark(INK, "s", INK)
PURE = ("1", "0..1", "ratio", "share", "weight")  # units of parameters that are not written
PAIRS = Cells(3, 1.7, left=0.6, gap=0.08, between=0.62, below=0.42, above=0.24, least=0.9)
CONDITIONS = Cells(3, 1.7, left=0.46, gap=0.2, between=0.75, below=0.42, above=0.3)
NUMBERS = ("undominated", "satisfying", "regret")
EFFECTS = ("effect", "low", "high", "worst", "level", "meets")
SHADES = Normalize(-0.25, 1.0)  # of the share of draws in which a rule meets the demands: none is pale, not invisible


class FrontAxis(NamedTuple):
    """An axis of the front: a lever, or an effect whose better end is the upper one."""

    name: Sequence[str]  # in lines, of which each may be broken
    ends: tuple[str, str]
    at: dict[str, float]  # by rule, the share of the axis below its value
    demand: float = math.nan


def draw_front(tables: Tables, run: Setting) -> Figure:
    """Draw each rule as a line over levers and effects, from ``front`` of one reading and ``trade_offs``.

    Axes stand side by side or, where the page is too narrow for that, lie one below the other.
    """
    front, trades, reading = _front(tables)
    rules = [row for row in front.to_dicts() if row["rule"] != NONE]
    levers, effects = [_of_lever(rules, name) for name in front.columns if "." in name], _of_effects(trades)
    scales = [*levers, *effects]
    steps = len(scales) - 1
    pitch = (page_width() - 2 * (MARGIN + SIDE)) / steps
    flat = pitch < LEAST
    space = NAME if flat else pitch - AIR
    names = [[part for line in each.name for part in wrapped(line, space, TINY)] for each in scales]
    most = max(map(len, names))
    if flat:
        pitch = max(PITCH, TINY_LINE * most + AIR)
        high, above_it, left = pitch * steps, LETTERS, MARGIN + NAME + ENDS
        wide = page_width() - left - MARGIN - ENDS
    else:
        high, above_it, left, wide = HIGH, TINY_LINE * most + 0.24, MARGIN + SIDE, pitch * steps
    how = ("search_line_flat", "search_axes_flat") if flat else ("search_line", "search_axes")
    reached = {0.0 <= each.demand <= 1.0 for each in effects}
    notes = [*map(say, how), say("search_shade"), say("search_beyond") if False in reached else ""]
    paper = sheet(run.title, say("search_front", name=reading), notes, LETTERS + high + above_it + 0.15)
    axes = paper.axes(left, LETTERS, wide, high)
    axes.set(**{"xlim": (0, 1), "ylim": (steps, 0)} if flat else {"xlim": (0, steps), "ylim": (0, 1)})
    axes.set_axis_off()
    for place, (scale_, lines) in enumerate(zip(scales, names, strict=True)):
        _axis(axes, place, scale_, lines, flat)
    for row in sorted(rules, key=lambda each: each["satisfying"]):
        about: Style = {"color": _shade(row["satisfying"]), "linewidth": 1.3, "gid": f"rule {row['rule']}"}
        _draw_line(axes, 0, [each.at[row["rule"]] for each in scales], flat, **about)
    without: Style = {"color": INK, "linestyle": DASHED, "linewidth": 0.9, "gid": "rule none"}
    _draw_line(axes, len(levers), [each.at[NONE] for each in effects], flat, **without)
    for place in (0, steps):
        _ends(axes, place, {row["rule"]: scales[place].at[row["rule"]] for row in rules}, flat, wide if flat else high)
    none, demand = (
        legend_key(phrase("search", "none"), INK, 0.9, linestyle=DASHED),
        legend_key(say("search_demand"), INK, 1.6),
    )
    return paper.legend([*_shades(), none, *[demand] * (True in reached)])


def _of_lever(rules: Sequence[dict[str, Any]], name: str) -> FrontAxis:
    kind, _, field = name.partition(".")
    ends = [min(row[name] for row in rules), max(row[name] for row in rules)]
    decimals = max(digits(*ends, ends[1] - ends[0]), 2)
    plain = (f"{round(end, decimals):.10g}".replace("-", "−") for end in ends)
    low, high = map(clock, ends) if field.endswith("_hour") else plain
    at = {row["rule"]: _share(row[name], ends) for row in rules}
    return FrontAxis([label("lever", kind), label("field", field.rpartition(".")[2])], (low, high), at)


def _of_effects(trades: pl.DataFrame) -> list[FrontAxis]:
    """Make the axes of the effects, on which no rule at all is 0."""
    found = []
    for name in trades["outcome"].unique(maintain_order=True).to_list():
        rows = trades.filter(outcome=name).to_dicts()
        shown = scale(outcome_of(name).unit)
        values = {row["rule"]: shown.factor * row["effect"] for row in rows} | {NONE: 0.0}
        ends = sorted(values.values())[:: len(values) - 1]
        decimals = scale_decimals(*ends) if ends[0] < ends[1] else digits(*ends)
        ends = ends if outcome_of(name).better == "higher" else ends[::-1]
        low, high = (number(end, decimals, sign=True) for end in ends)
        at = {rule: _share(value, ends) for rule, value in values.items()}
        demand = _share(shown.factor * rows[0]["worst"], ends)
        found.append(FrontAxis([label("outcome", name), shown.change], (low, high), at, demand))
    return found


def _front(tables: Tables) -> tuple[pl.DataFrame, pl.DataFrame, str]:
    """Read the rules of one reading and their effects, and name the reading."""
    front = table(tables, "front", ("reading", "rule"), NUMBERS)
    trades = table(tables, "trade_offs", ("reading", "rule", "outcome", "unit"), EFFECTS)
    reading = str(front["reading"][0])
    return front, trades.filter(reading=reading), label("reading", reading)


def _share(value: float, ends: Sequence[float]) -> float:
    """Return how far up an axis a value lies."""
    return (value - ends[0]) / (ends[1] - ends[0]) if ends[1] != ends[0] else 0.5


def _axis(axes: Axes, place: int, scale_: FrontAxis, lines: Sequence[str], flat: bool) -> None:
    """Draw one axis with its name and both ends, and what is demanded."""
    _draw_line(axes, place, [0, 1], flat, along=True, color=FAINT, linewidth=1.2, zorder=0.5)
    if 0.0 <= scale_.demand <= 1.0:
        mark: Style = {"color": INK, "linewidth": 1.6, "clip_on": False, "gid": f"demand {scale_.name[0]}"}
        ends = place - 0.06 - 0.06 * flat, place + 0.06 + 0.06 * flat
        demand = [scale_.demand] * 2
        axes.add_artist(Line2D(demand, ends, **mark) if flat else Line2D(ends, demand, **mark))
    style: Style = {"xycoords": "data", "annotation_clip": False, "va": "center"}
    for end, text in enumerate(scale_.ends):
        at, shift = ((end, place), (14 * end - 7, 0)) if flat else ((place, end), (0, 18 * end - 8))
        note(axes, text, at, shift, **style, ha=("right", "left")[end] if flat else "center", color=INK)
    if flat:
        note(axes, "\n".join(lines), (0, place), (-72 * (NAME + ENDS), 0), **style, ha="left")
    else:
        note(axes, "\n".join(lines), (place, 1), (0, 16), **style | {"va": "bottom"}, ha="center")


def _draw_line(axes: Axes, first: int, at: Sequence[float], flat: bool, along: bool = False, **style: Any) -> None:
    """Draw a line over the axes from the ``first`` on, or ``along`` that one."""
    places = [first + (0 if along else step) for step in range(len(at))]
    axes.plot(*((at, places) if flat else (places, at)), clip_on=False, **style)


def _ends(axes: Axes, place: int, at: dict[str, float], flat: bool, inches: float) -> None:
    """Write the names of rules at an end of their lines, moved apart where they would meet."""
    names = sorted(at, key=lambda rule: at[rule])
    side = 1 if place else -1
    style: Style = {"xycoords": "data", "annotation_clip": False, "fontsize": SMALL, "color": INK}
    for name, share in zip(names, _spread_out([at[rule] for rule in names], 9 / (72 * inches)), strict=True):
        if flat:
            note(axes, name, (share, place), (0, -6 * side), ha="center", va="top" if place else "bottom", **style)
        else:
            note(axes, name, (place, share), (5 * side, 0), ha="left" if place else "right", va="center", **style)


def _spread_out(shares: Sequence[float], least: float) -> list[float]:
    """Move shares in their order apart, and back below 1."""
    steps = least * np.arange(len(shares))
    up = np.maximum.accumulate(np.asarray(shares) - steps) + steps
    return list(np.minimum(up, np.maximum(1.0, steps[-1:]) - steps[::-1]))


def _shades() -> list[Any]:
    """Explain the shades of rules."""
    shares = (0.0, 0.5, 1.0)
    return [
        legend_key(say("search_meets", share=percent(f"{100 * share:.0f}")), _shade(share), 2.0) for share in shares
    ]


def _shade(share: float) -> str:
    return to_hex(AMOUNT(SHADES(share)))


def draw_trade_offs(tables: Tables, run: Setting) -> Figure:
    """Draw each pair of effects, from ``front`` of one reading and ``trade_offs``."""
    front, trades, reading = _front(tables)
    outcomes = trades["outcome"].unique(maintain_order=True).to_list()
    shares = {rule: share for rule, share in front.select("rule", "satisfying").iter_rows() if rule != NONE}
    effects = {
        (row["rule"], row["outcome"]): [scale(row["unit"]).factor * row[end] for end in ("effect", "low", "high")]
        for row in trades.to_dicts()
    }
    pairs = list(combinations(outcomes, 2))
    notes, cells = [say("search_point"), say("search_shade")], PAIRS._replace(left=0.66) if is_narrow() else PAIRS
    laid = grid(run.title, say("search_pairs", name=reading), notes, len(pairs), cells)
    for axes, (across, up) in zip(laid.panels, pairs, strict=True):
        for rule, share in shares.items():
            (x, *x_ends), (y, *y_ends) = effects[rule, across], effects[rule, up]
            style: Style = {"color": _shade(share), "linewidth": 0.5, "alpha": 0.5, "zorder": 1}
            axes.plot(x_ends, [y, y], **style)
            axes.plot([x, x], y_ends, **style)
            dot(axes, x, y, Mark(_shade(share), "o", _shade(share)), 3.4, gid=f"point {across} {up} {rule}")
        dot(axes, 0, 0, NOTHING, 3.6)
        spans = [[end for rule in shares for end in effects[rule, name]] for name in (across, up)]
        axes.set(xlim=padded(spans[0], 0.06), ylim=padded(spans[1], 0.06))
        for axis, name in (("x", across), ("y", up)):
            line = axes.axvline if axis == "x" else axes.axhline
            line(0, color=FAINT, linewidth=0.6, zorder=0.5)
            words = say("sweep_axis", name=label("outcome", name), unit=scale(outcome_of(name).unit).change)
            aside = is_narrow() and axis == "x"  # there is space below the ticks of the other axis
            width = laid.wide + 0.5 if aside else (laid.wide if axis == "x" else laid.cells.high) + 0.2
            getattr(axes, f"set_{axis}label")(shortened(words, width, SMALL), **{"loc": "right"} if aside else {})
        points = {rule: (effects[rule, across][0], effects[rule, up][0]) for rule in shares}
        _name_points(axes, points, (72 * laid.wide, 72 * laid.cells.high))
        axes.locator_params(nbins=4 if laid.wide >= PAIRS.least + 0.3 else 3)
        tick_labels(axes.xaxis)
        tick_labels(axes.yaxis)
    return laid.paper.legend([*_shades(), legend_mark(phrase("search", "none"), NOTHING, 3.6)])


def _name_points(axes: Axes, points: dict[str, tuple[float, float]], size: tuple[float, float]) -> None:
    """Write the names of rules near their points, in axes of a size in points."""
    limits = axes.get_xlim(), axes.get_ylim()

    def place(at: tuple[float, float]) -> tuple[float, float]:
        """Return where a point is, in points from the corner."""
        x, y = (length * _share(value, ends) for length, value, ends in zip(size, at, limits, strict=True))
        return x, y

    names = [Name(*place(at), 72 * width(name, TINY), 0.95 * TINY) for name, at in points.items()]
    x, y = place((0.0, 0.0))
    nothing = [Box(x - 2.5, y - 2.5, x + 2.5, y + 2.5)] * 5  # as unwelcome as a point
    for name, found in zip(points, place_labels(names, Box(0, 0, *size), nothing), strict=True):
        if found:
            middle = (found.box.left, (found.box.low + found.box.high) / 2)
            note(axes, name, (0, 0), middle, va="center", color=INK)


def draw_fails(tables: Tables, run: Setting) -> Figure:
    """Draw the chance that a rule fails over the parameters of its condition, from ``failing`` and ``conditions``."""
    failing, named = _telling_of(tables)
    rule = str(failing["rule"][0])
    notes = [say("search_draws")] * any(name for _, name in named)
    notes += [say("search_shaded")] * any(row["parameter"] for row, _ in named)
    cells = CONDITIONS._replace(columns=2 if len(named) in (1, 2, 4) else 3)
    laid = grid(run.title, say("search_fails", rule=rule), notes, len(named), cells)
    for axes, (row, name) in zip(laid.panels, named, strict=True):
        draws = failing.filter(reading=row["reading"])
        if not name:
            axes.set_axis_off()
            panel_title(axes, label("reading", row["reading"]))
            text_above(axes, 0.05, _alike(draws), "left", -30)
            continue
        x = draws[name].to_numpy()
        style: Style = {"markersize": 1.8, "color": RULE, "markeredgewidth": 0, "alpha": 0.6, "gid": f"draws {name}"}
        axes.plot(x, 100 * draws["chance"].to_numpy(), "o", **style)
        if row["parameter"]:
            ends = (row[end] if math.isfinite(row[end]) else at for end, at in (("low", x.min()), ("high", x.max())))
            axes.axvspan(*ends, color=SHADE, zorder=0, gid=f"box {name}")
        axes.set(ylim=(-3, 103), xlabel=shortened(_in_unit(name), laid.wide + 0.2, SMALL))
        grid_on(axes, "y")
        few_ticks(axes, laid.wide, sign=False)
        panel_title(axes, label("reading", row["reading"]), "%", lift=4)
    return laid.paper.figure


def anything_tells(tables: Tables) -> bool:
    """Return whether the chance that a rule fails varies with some parameter, so that there is something to draw."""
    return any(name for _, name in _telling_of(tables)[1])


def _telling_of(tables: Tables) -> tuple[pl.DataFrame, list[tuple[Cell, str]]]:
    """Read the draws of a rule, and its rows of conditions with the parameter that tells most, empty if none does."""
    failing = table(tables, "failing", ("reading", "rule"), ("chance",))
    rows = table(tables, "conditions", ("reading", "rule", "parameter"), ("low", "high", "fails"))
    mine = rows.filter(rule=str(failing["rule"][0])).to_dicts()
    return failing, [(row, row["parameter"] or _main_parameter(failing.filter(reading=row["reading"]))) for row in mine]


def _alike(draws: pl.DataFrame) -> str:
    """Write why a chance is not drawn: it is the same at all draws, or no parameter is resolved."""
    chances = draws["chance"].unique()
    same = chances.len() == 1 and chances.is_finite().all()
    return say("search_same", share=percent(whole_percent(chances[0]))) if same else say("search_unknown")


def _in_unit(parameter: str) -> str:
    """Name a parameter with its unit, which pure numbers do not have."""
    name, unit = label("parameter", parameter), ROWS[parameter].unit if parameter in ROWS else "1"
    kind = "parameter_unit" if has_name("parameter_unit", unit) else "unit"
    return name if unit in PURE else say("sweep_axis", name=name, unit=label(kind, unit))


def _main_parameter(draws: pl.DataFrame) -> str:
    """Return the parameter that goes most with the chance of failing; empty if none does."""
    if draws["chance"].n_unique() == 1:
        return ""
    names = [name for name in draws.drop("reading", "rule", "chance").columns if draws[name].null_count() == 0]
    found = {name: abs(draws.select(pl.corr(name, "chance")).item() or 0.0) for name in names}
    going = {name: size for name, size in found.items() if math.isfinite(size) and size > 0.0}
    return max(going, key=lambda name: going[name], default="")
