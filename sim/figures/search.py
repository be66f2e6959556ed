"""A search for robust rules: the front as lines over levers and objectives, its trade-offs, and where a rule fails."""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure

from sim.figures.axis import few_ticks, gridded, padded, written
from sim.figures.context import Setting, Tables, table
from sim.figures.fonts import shortened, width, wrapped
from sim.figures.labels import Box, Name, placed
from sim.figures.panels import Cells, grid
from sim.figures.sheet import MARGIN, TooNarrow, above, dot, entitle, key, key_of, note, page, segment, sheet
from sim.figures.style import AMOUNT, FAINT, INK, RULE, SHADE, SMALL, TINY, Mark, Style, digits, number, scale
from sim.figures.words import label, percent, say
from sim.outcomes import outcome_of

NONE = "none"
DASHED = (0, (3, 2))
HIGH, SIDE, NAMES = 2.6, 0.45, 0.42  # inches: of the axes, left and right of them, and above them for names
LEAST = 0.75  # inches between axes
NOTHING = Mark(INK, "s", INK)
PAIRS = Cells(3, 1.7, left=0.6, gap=0.08, between=0.62, below=0.42, above=0.24)
CONDITIONS = Cells(3, 1.7, left=0.46, gap=0.2, between=0.75, below=0.42, above=0.3)
NUMBERS = ("undominated", "satisfying", "regret")
EFFECTS = ("effect", "low", "high", "worst", "level", "meets")
SHADES = Normalize(-0.25, 1.0)  # of the share of draws in which a rule meets the demands: none is pale, not invisible


def draw_front(tables: Tables, run: Setting) -> Figure:
    """Draw each rule as a line over levers and effects, from ``front`` of one reading and ``trade_offs``."""
    front, trades = _of(tables)
    levers, outcomes = _levers(front), trades["outcome"].unique(maintain_order=True).to_list()
    effects = _effects(trades)
    rules = [row for row in front.to_dicts() if row["rule"] != NONE]
    space = page() - 2 * (MARGIN + SIDE)
    if space / (len(levers) + len(outcomes) - 1) < LEAST:
        raise TooNarrow
    notes = [say("search_line"), say("search_axes"), say("search_shade")]
    paper = sheet(run.title, _under("search_front", front), notes, HIGH + NAMES + 0.42)
    axes = paper.axes(MARGIN + SIDE, 0.2, space, HIGH)
    axes.set(xlim=(0, len(levers) + len(outcomes) - 1), ylim=(-0.03, 1.03))
    axes.set_axis_off()
    heights: list[dict[str, float]] = []
    for place, name in enumerate(levers):
        ends = [min(row[name] for row in rules), max(row[name] for row in rules)]
        heights.append(
            _upright(axes, place, {row["rule"]: row[name] for row in rules}, ends, name.replace(".", "\n"), "")
        )
    for place, name in enumerate(outcomes, len(levers)):
        shown, higher = scale(outcome_of(name).unit), outcome_of(name).better == "higher"
        mine = {rule: shown.factor * row["effect"] for (rule, outcome), row in effects.items() if outcome == name}
        mine[NONE] = 0.0
        ends = [min(mine.values()), max(mine.values())]
        heights.append(
            _upright(axes, place, mine, ends if higher else ends[::-1], label("outcome", name), shown.change)
        )
        worst = shown.factor * next(row["worst"] for (_, outcome), row in effects.items() if outcome == name)
        at = _share(worst, ends if higher else ends[::-1])
        if 0.0 <= at <= 1.0:
            segment(axes, at, (place - 0.06, place + 0.06), INK, 1.6, gid=f"demand {name}")
    for row in sorted(rules, key=lambda each: each["satisfying"]):
        line = [each[row["rule"]] for each in heights]
        axes.plot(range(len(line)), line, color=_shade(row["satisfying"]), linewidth=1.3, gid=f"rule {row['rule']}")
    _ends(axes, rules, heights)
    without = [each[NONE] for each in heights[len(levers) :]]
    axes.plot(range(len(levers), len(heights)), without, color=INK, linestyle=DASHED, linewidth=0.9, gid="rule none")
    paper.legend(
        [*_shades(), key(say("search_none"), INK, 0.9, linestyle=DASHED), key(say("search_demand"), INK, 1.6)], 5
    )
    return paper.figure


def _of(tables: Tables) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read the rules of one reading, and their effects."""
    front = table(tables, "front", ("reading", "rule"), NUMBERS)
    trades = table(tables, "trade_offs", ("reading", "rule", "outcome", "unit"), EFFECTS)
    return front, trades.filter(pl.col("reading") == front["reading"][0])


def _levers(front: pl.DataFrame) -> list[str]:
    """List the columns with values of levers."""
    return [name for name in front.columns if "." in name]


def _effects(trades: pl.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the effects by rule and outcome."""
    return {(row["rule"], row["outcome"]): row for row in trades.to_dicts()}


def _under(key: str, front: pl.DataFrame) -> str:
    """Say what a figure shows, and under which set of parameters."""
    return say(key, name=label("reading", str(front["reading"][0])))


def _share(value: float, ends: Sequence[float]) -> float:
    """Return how far up an axis a value lies."""
    return (value - ends[0]) / (ends[1] - ends[0]) if ends[1] != ends[0] else 0.5


def _upright(
    axes: Axes, place: int, values: dict[str, float], ends: Sequence[float], name: str, unit: str
) -> dict[str, float]:
    """Draw one upright axis with both ends, name and unit, and return how far up the values lie."""
    axes.plot([place, place], [0, 1], color=FAINT, linewidth=1.2, zorder=0.5)
    decimals = digits(*ends, ends[1] - ends[0]) if unit else 2
    texts = [number(end, decimals, sign=True) if unit else f"{end:g}".replace("-", "−") for end in ends]
    for y, text, drop in ((0, texts[0], -8), (1, texts[1], 10)):
        note(axes, text, (place, y), (0, drop), xycoords="data", ha="center", va="center", color=INK)
    lines = [part for each in name.split("\n") for part in wrapped(each.replace("_", " "), LEAST + 0.2, TINY)]
    note(
        axes,
        "\n".join([*lines, *([unit] if unit else [])]),
        (place, 1),
        (0, 16),
        xycoords="data",
        ha="center",
        va="bottom",
    )
    return {rule: _share(value, ends) for rule, value in values.items()}


def _ends(axes: Axes, rules: Sequence[dict[str, Any]], heights: Sequence[dict[str, float]]) -> None:
    """Write the names of rules at both ends of their lines, moved apart where they would meet."""
    least = 8 / (72 * HIGH)
    for place, shift, ha in ((0, -5, "right"), (len(heights) - 1, 5, "left")):
        at = -math.inf
        for name, y in sorted(((row["rule"], heights[place][row["rule"]]) for row in rules), key=lambda each: each[1]):
            at = max(y, at + least)
            note(axes, name, (place, at), (shift, 0), xycoords="data", ha=ha, va="center", fontsize=SMALL, color=INK)


def _shades() -> list[Any]:
    """Explain the shades of rules."""
    return [
        key(say("search_meets", share=percent(f"{100 * share:.0f}")), _shade(share), 2.0) for share in (0.0, 0.5, 1.0)
    ]


def _shade(share: float) -> str:
    """Return the shade of a share."""
    return to_hex(AMOUNT(SHADES(share)))


def draw_trade_offs(tables: Tables, run: Setting) -> Figure:
    """Draw each pair of effects, from ``front`` of one reading and ``trade_offs``."""
    front, trades = _of(tables)
    outcomes = trades["outcome"].unique(maintain_order=True).to_list()
    effects, shares = _effects(trades), dict(front.select("rule", "satisfying").iter_rows())
    pairs = list(combinations(outcomes, 2))
    notes = [say("search_point"), say("search_shade")]
    laid = grid(run.title, _under("search_pairs", front), notes, len(pairs), PAIRS)
    for axes, (across, up) in zip(laid.panels, pairs, strict=True):
        spans: tuple[list[float], list[float]] = ([], [])
        for rule in (name for name in shares if name != NONE):
            ends = [_shown(effects[rule, name]) for name in (across, up)]
            color = _shade(shares[rule])
            axes.plot(ends[0][1:], [ends[1][0]] * 2, color=color, linewidth=0.5, alpha=0.5, zorder=1)
            axes.plot([ends[0][0]] * 2, ends[1][1:], color=color, linewidth=0.5, alpha=0.5, zorder=1)
            dot(axes, ends[0][0], ends[1][0], Mark(color, "o", color), 3.4, gid=f"point {across} {up} {rule}")
            spans[0].extend(ends[0])
            spans[1].extend(ends[1])
        dot(axes, 0, 0, NOTHING, 3.6)
        axes.set(xlim=padded(spans[0], 0.06), ylim=padded(spans[1], 0.06))
        for axis, name in (("x", across), ("y", up)):
            line = axes.axvline if axis == "x" else axes.axhline
            line(0, color=FAINT, linewidth=0.6, zorder=0.5)
            words = f"{label('outcome', name)}, {scale(outcome_of(name).unit).change}"
            width = laid.wide + 0.2 if axis == "x" else PAIRS.high + 0.2
            getattr(axes, f"set_{axis}label")(shortened(words, width, SMALL))
        _named(
            axes,
            {rule: [_shown(effects[rule, name])[0] for name in (across, up)] for rule in shares if rule != NONE},
            laid.wide,
        )
        axes.locator_params(nbins=4)
        written(axes.xaxis)
        written(axes.yaxis)
    laid.paper.legend([*_shades(), key_of(say("search_none"), NOTHING, 3.6)], 4)
    return laid.paper.figure


def _named(axes: Axes, points: dict[str, list[float]], wide: float) -> None:
    """Write the names of rules near their points."""
    size = 72 * wide, 72 * PAIRS.high
    limits = axes.get_xlim(), axes.get_ylim()
    spots = [
        [length * _share(value, ends) for length, value, ends in zip(size, at, limits, strict=True)]
        for at in points.values()
    ]
    names = [
        Name(spot[0], spot[1], 72 * width(name, TINY), 0.95 * TINY) for name, spot in zip(points, spots, strict=True)
    ]
    for name, found in zip(points, placed(names, Box(0, 0, *size), []), strict=True):
        if found:
            middle = (found.box.left, (found.box.low + found.box.high) / 2)
            note(axes, name, (0, 0), middle, va="center", color=INK)


def _shown(row: dict[str, Any]) -> list[float]:
    """Return an effect and the ends of its interval in the unit shown."""
    factor = scale(row["unit"]).factor
    return [factor * row[name] for name in ("effect", "low", "high")]


def draw_fails(tables: Tables, run: Setting) -> Figure:
    """Draw the chance that a rule fails over the parameters of its condition, from ``failing`` and ``conditions``."""
    failing = table(tables, "failing", ("reading", "rule"), ("chance",))
    rule = str(failing["rule"][0])
    rows = table(tables, "conditions", ("reading", "rule", "parameter"), ("low", "high", "fails")).filter(
        pl.col("rule") == rule
    )
    shown = [
        (row, name)
        for row in rows.to_dicts()
        if (name := row["parameter"] or _telling(failing.filter(pl.col("reading") == row["reading"])))
    ]
    notes = [say("search_draws"), say("search_shaded")]
    cells = CONDITIONS._replace(columns=2 if len(shown) in (1, 2, 4) else 3)
    laid = grid(run.title, say("search_fails", rule=rule), notes, max(len(shown), 1), cells)
    for axes, (row, name) in zip(laid.panels, shown, strict=False):
        draws = failing.filter(pl.col("reading") == row["reading"])
        x = draws[name].to_numpy()
        style: Style = {"markersize": 1.8, "color": RULE, "markeredgewidth": 0, "alpha": 0.6, "gid": f"draws {name}"}
        axes.plot(x, 100 * draws["chance"].to_numpy(), "o", **style)
        if row["parameter"]:
            ends = [
                row["low"] if math.isfinite(row["low"]) else x.min(),
                row["high"] if math.isfinite(row["high"]) else x.max(),
            ]
            axes.axvspan(*ends, color=SHADE, zorder=0, gid=f"box {name}")
        axes.set(ylim=(-3, 103))
        axes.set_xlabel(shortened(label("parameter", name), laid.wide + 0.2, SMALL))
        gridded(axes, "y")
        few_ticks(axes, laid.wide, sign=False)
        entitle(axes, label("reading", row["reading"]), "%", lift=4)
    for axes in laid.panels[len(shown) :]:
        axes.set_axis_off()
        above(axes, 0.05, say("search_unknown"), "left", -30)
    return laid.paper.figure


def _telling(draws: pl.DataFrame) -> str:
    """Return the parameter that goes most with the chance of failing; empty if there is none."""
    names = [
        name for name in draws.columns if name not in ("reading", "rule", "chance") and draws[name].null_count() == 0
    ]
    told = {name: abs(draws.select(pl.corr(name, "chance")).item() or 0.0) for name in names}
    return max(told, key=lambda name: told[name] if math.isfinite(told[name]) else 0.0) if told else ""
