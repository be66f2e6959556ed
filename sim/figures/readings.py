"""Robustness to the evidence: the same effects and ranking under several parameter sets, side by side.

A parameter set is a "reading" in tables. The first set determines the order of rows.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from sim.figures.context import Setting, Tables, reach, table, windows
from sim.figures.effect import Effect, change, decimals_of
from sim.figures.forest_rows import (
    AXIS,
    HEADS,
    Ladder,
    Row,
    beyond,
    common_axis,
    directions,
    few_ticks,
    frame,
    head,
    names,
    span,
    stretch,
)
from sim.figures.panels import chances, family_of, in_order, outcome_head, panels, shown
from sim.figures.sheet import LANDSCAPE, beside, sheet
from sim.figures.style import FAINT, INK, QUIET, TINY, Bounds, number, scale
from sim.figures.words import counted, label, say

COLORS = ("#332288", "#cc6677", "#44aa99", "#999933", "#aa4499")  # of sets, in their order
MARKERS = ("o", "D", "s", "^", "v")
TINTS = {"only": "#faf0d2", "contradict": "#f6cfcf"}  # background where the conclusion depends on the set
TOLD, SURELY = ("readings_told", "readings_told_not"), ("readings_sure", "readings_sure_not")  # filled and hollow
SIZE, WIDE = 3.6, 1.3  # points
BELOW = 0.30  # inches, for ticks
EACH = 0.13  # inches, of a row for each set
SURE = 95.0  # percent; from here on a rule is called the best
RELATIVE = 2.0, 300.0  # percent; the narrowest and the widest axis
NUMBERS = ("baseline", "difference", "low", "high")
FIELDS = ("reading", "scenario", "outcome", "family", "unit", "better", "window", "firms", "people", *NUMBERS)
LISTED = {
    "burnout": ("share_burnt_out", "exhaustion"),
    "overtime": ("recorded_overtime", "latent_overtime", "hidden_overtime"),
    "efficiency": ("output_per_hour", "output_per_paid_hour", "message_minutes", "waiting"),
    "home": ("conflict",),
    "money": ("employer_cost", "public_cost"),
}

Cell = Mapping[str, Any]


def draw_readings(tables: Tables, run: Setting) -> Figure:
    """Draw the effects of all scenarios on the headline outcomes, a mark for each parameter set.

    Needs ``readings`` and ``conclusions``. Cells are shaded where the conclusion depends on the set.
    """
    rows, sets = _readings(tables)
    outcomes = shown(rows["outcome"].unique(maintain_order=True).to_list())
    cells = {(row["scenario"], row["outcome"], row["reading"]): row for row in rows.to_dicts()}
    scenarios = _order(rows, outcomes, sets[0])
    heads = {}
    for outcome in outcomes:
        row = next(row for row in rows.to_dicts() if row["outcome"] == outcome)
        heads[outcome] = outcome_head(outcome, row["family"], scale(row["unit"]).change)
    notes = [_stands_on(rows, run), _windows(rows, run), say("readings_marks", reference=run.name(run.counterfactual))]
    notes += [say("readings_shaded"), say("readings_sorted")]
    laid = panels(run, say("readings"), notes, [run.name(name) for name in scenarios], heads, BELOW, EACH * len(sets))
    tints = {key: kind for key, kind in _tints(tables).items() if key[1] in outcomes}
    for outcome, axes in laid.axes.items():
        mine = [cells[key] for key in cells if key[1] == outcome]
        common_axis(axes, [_effect(cell).bounds for cell in mine], laid.wide, len(scenarios))
        for place, scenario in enumerate(scenarios):
            _tint(axes, place, tints.get((scenario, outcome)))
            for rank, name in enumerate(sets):
                if cell := cells.get((scenario, outcome, name)):
                    effect, y = _effect(cell), place + (rank + 1) / (len(sets) + 1)
                    _mark(axes, y, rank, effect, effect.bounds, f"{outcome} {scenario} {name}")
    laid.paper.legend(_handles(sets, tints), columns=6)
    return laid.paper.figure


def draw_reading(tables: Tables, run: Setting) -> Figure:
    """Draw the effects of one scenario in percent of the baseline, with the joint conclusion of the sets at the right.

    Needs ``readings`` and ``conclusions``.
    """
    rows, sets = _readings(tables)
    rows = rows.filter(pl.col("scenario") == run.scenario)
    cells = {(row["outcome"], row["reading"]): row for row in rows.to_dicts()}
    known = table(tables, "conclusions", ("scenario", "outcome", "conclusion", "says", "under"))
    together = {row["outcome"]: row for row in known.filter(pl.col("scenario") == run.scenario).to_dicts()}
    lines: list[Row] = []
    for family, listed in LISTED.items():
        chosen = [name for name in listed if (name, sets[0]) in cells]
        lines += [Row(label("family", family))] * bool(chosen)
        lines += [Row(_named(cells[name, sets[0]]), name) for name in chosen]
    keys = [line.key for line in lines if line.key]
    notes = [_stands_on(rows, run), _windows(rows, run)]
    notes += [say("readings_divided", reference=run.name(run.counterfactual)), say("stretched")]
    notes += [say("dagger")] * any(cells[key, sets[0]]["unit"] == "sd" for key in keys) + [say("readings_shaded")]
    ladder = Ladder(lines, EACH * len(sets))
    paper = sheet(run.title, say("readings_one"), notes, AXIS + ladder.inches + HEADS + 0.15, LANDSCAPE)
    left, column, last = 1.65, 1.55, 1.75
    wide = LANDSCAPE - left - column * len(sets) - last - 0.30
    axes = paper.axes(left, AXIS, wide, ladder.inches)
    bounds = [_effect(cells[key, name]).percent for key in keys for name in sets]
    frame(axes, ladder, span([end for each in bounds for end in each], *RELATIVE))
    stretch(axes)
    names(axes, ladder, left)
    axes.set_xlabel(say("effects_axis"))
    directions(axes)
    for rank, name in enumerate(sets):
        at = wide + column * (rank + 1)
        head(axes, at, _words(name), color=COLORS[rank % len(COLORS)])
    head(axes, wide + column * len(sets) + 0.66, say("readings_together"), ha="left")
    tints = {key: kind for key, kind in _tints(tables).items() if key[0] == run.scenario and key[1] in keys}
    for y, line in ladder.placed:
        if not line.key:
            continue
        _tint(axes, y - 0.5, tints.get((run.scenario, line.key)))
        for rank, name in enumerate(sets):
            effect = _effect(cells[line.key, name])
            place = y - 0.5 + (rank + 1) / (len(sets) + 1)
            _mark(axes, place, rank, effect, effect.percent, f"{line.key} {name}")
            beside(axes, y, wide + column * (rank + 1), change(effect), ha="right")
        at = wide + column * len(sets)
        beside(axes, y, at + 0.05, scale(cells[line.key, sets[0]]["unit"]).change, size=TINY, color=QUIET)
        beside(axes, y, at + 0.66, _clause(together[line.key], sets), size=TINY)
    paper.legend(_handles(sets, tints), columns=6)
    return paper.figure


def draw_best(tables: Tables, run: Setting) -> Figure:
    """Draw the probability that each rule set is best, a mark for each parameter set.

    Needs ``ranking``, ``best`` and ``readings``. Hollow marks are below ``SURE`` percent.
    """
    columns = ("reading", "outcome", "scenario", "firms", "basis", "probability_best", "expected_rank")
    rows = table(tables, "ranking", columns)
    sets = rows["reading"].unique(maintain_order=True).to_list()
    outcomes = shown(rows["outcome"].unique(maintain_order=True).to_list())
    scenarios = in_order(rows.filter(pl.col("reading") == sets[0]), outcomes)
    heads = {name: outcome_head(name, family_of(name), say("ranking_legend")) for name in outcomes}
    known = table(tables, "best", ("outcome", "conclusion"))
    tints = dict(known.filter(pl.col("outcome").is_in(outcomes)).select("outcome", "conclusion").iter_rows())
    notes = [
        _stands_on(_readings(tables)[0], run),
        say("readings_chances"),
        say("readings_best_sorted"),
        *chances(rows, run),
        say("readings_best_shaded", reference=run.name(run.counterfactual)),
    ]
    laid = panels(
        run, say("readings_best"), notes, [run.name(name) for name in scenarios], heads, BELOW, EACH * len(sets)
    )
    cells = {(row["scenario"], row["outcome"], row["reading"]): row["probability_best"] for row in rows.to_dicts()}
    for outcome, axes in laid.axes.items():
        axes.set_xlim(0, 100)
        few_ticks(axes, laid.wide, sign=False)
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        axes.axvline(SURE, color=QUIET, linewidth=0.7, linestyle=(0, (3, 2)))
        for place, scenario in enumerate(scenarios):
            _tint(axes, place, tints.get(outcome))
            for rank, name in enumerate(sets):
                chance = cells.get((scenario, outcome, name))
                if chance is None:
                    continue
                y, tag = place + (rank + 1) / (len(sets) + 1), f"{outcome} {scenario} {name}"
                _bar(axes, y, rank, 100 * chance, tag)
    laid.paper.legend(_handles(sets, {(name, ""): kind for name, kind in tints.items()}, SURELY), columns=6)
    return laid.paper.figure


def _readings(tables: Tables) -> tuple[pl.DataFrame, list[str]]:
    """Read the table ``readings``, without effects on nobody, and the names of the sets."""
    frame = table(tables, "readings", FIELDS).with_columns(
        pl.col(*NUMBERS).cast(pl.Float64).fill_null(math.nan), pl.col("people", "firms").fill_null(0)
    )
    return frame.filter(pl.col("difference").is_finite()), frame["reading"].unique(maintain_order=True).to_list()


def _effect(cell: Cell) -> Effect:
    """Convert a row to an effect."""
    facts = {name: cell[name] for name in ("people", "outcome", "family", "unit", "better", *NUMBERS)}
    relative = cell["difference"] / cell["baseline"] if cell["baseline"] else math.nan
    return Effect(group="all", **facts, relative=relative)


def _named(cell: Cell) -> str:
    """Name an outcome; a dagger marks percentages of a standard deviation."""
    return label("outcome", cell["outcome"]) + " †" * (cell["unit"] == "sd")


def _order(rows: pl.DataFrame, outcomes: Sequence[str], reading: str) -> list[str]:
    """Order scenarios by their effect on the first outcome under one set."""
    mine = rows.filter(pl.col("reading") == reading, pl.col("outcome") == (outcomes[0] if outcomes else ""))
    first = {row["scenario"]: row["difference"] * (-1 if row["better"] == "higher" else 1) for row in mine.to_dicts()}
    listed = rows["scenario"].unique(maintain_order=True).to_list()
    return sorted(listed, key=lambda name: (first.get(name, math.inf), name))


def _stands_on(rows: pl.DataFrame, run: Setting) -> str:
    """Write how many firms, people and replicates a figure is based on, and the seed."""
    where = reach(rows["people"].to_list(), rows["firms"].to_list()) if rows.height else ""
    return where + say("readings_seed", replicates=counted(run.replicates, "replicate"), seed=run.seed)


def _windows(rows: pl.DataFrame, run: Setting) -> str:
    """Write which weeks effects are averaged over."""
    return windows(rows["window"].unique(maintain_order=True).to_list(), run)


def _tints(tables: Tables) -> dict[tuple[str, str], str]:
    """Return the joint conclusion of the sets by scenario and outcome."""
    columns = ("scenario", "outcome", "conclusion")
    rows = table(tables, "conclusions", columns).select(columns)
    return {(scenario, outcome): kind for scenario, outcome, kind in rows.iter_rows()}


def _tint(axes: Axes, top: float, conclusion: str | None) -> None:
    """Shade a cell whose conclusion depends on the set."""
    if conclusion in TINTS:
        low, high = axes.get_xlim()
        box = Rectangle((low, top), high - low, 1, facecolor=TINTS[conclusion], linewidth=0, zorder=0.1)
        axes.add_patch(box)


def _mark(axes: Axes, y: float, rank: int, effect: Effect, bounds: Bounds, tag: str) -> None:
    """Draw an effect with its interval; an arrow points beyond the axis."""
    color, marker = COLORS[rank % len(COLORS)], MARKERS[rank % len(MARKERS)]
    value, low, high = bounds
    left, right = axes.get_xlim()
    if not math.isfinite(value):
        return
    if math.isfinite(low + high) and effect.verdict != "zero":
        axes.plot([max(low, left), min(high, right)], [y, y], color=color, linewidth=WIDE, gid=f"interval {tag}")
        for cut, end, arrow in ((low < left, left, "<"), (high > right, right, ">")):
            if cut:
                axes.plot([end], [y], arrow, color=color, markersize=SIZE, clip_on=False)
    if not left <= value <= right:
        beyond(axes, y, value, number(value, decimals_of(effect), sign=True), color)
        return
    fill = color if effect.verdict not in ("unclear", "unknown", "zero") else "white"
    style: dict[str, Any] = {"markersize": SIZE, "markerfacecolor": fill, "markeredgewidth": 0.9, "zorder": 3}
    axes.plot([value], [y], marker, color=color, gid=f"effect {tag}", **style)


def _bar(axes: Axes, y: float, rank: int, percent: float, tag: str) -> None:
    """Draw a probability as a line from zero with a mark at its end."""
    color, marker = COLORS[rank % len(COLORS)], MARKERS[rank % len(MARKERS)]
    fill = color if percent >= SURE else "white"
    axes.plot([0, percent], [y, y], color=color, linewidth=WIDE, gid=f"chance {tag}")
    axes.plot([percent], [y], marker, color=color, markersize=SIZE, markerfacecolor=fill, clip_on=False, zorder=3)


def _words(name: str) -> str:
    """Name a parameter set."""
    return label("reading", name)


def _clause(row: Cell, sets: Sequence[str]) -> str:
    """Write a conclusion in a few words."""
    kind, both = row["conclusion"], "two" if len(sets) == 2 else "many"
    if kind == "contradict":
        return say("conclusion_contradict")
    if kind in ("unclear", "zero"):
        return say(f"conclusion_{kind}_{both}")
    says = say(f"conclusion_{row['says']}")
    if kind == "holds":
        return say(f"conclusion_holds_{both}", says=says)
    return say("conclusion_only", says=says, sets=say("list").join(map(_words, row["under"].split(", "))))


def _handles(sets: Sequence[str], tints: Mapping[tuple[str, str], str], told: tuple[str, str] = TOLD) -> list[Any]:
    """Explain the marks and the shades that occur."""
    handles: list[Any] = [
        Line2D(
            [],
            [],
            color=COLORS[rank % len(COLORS)],
            marker=MARKERS[rank % len(MARKERS)],
            markersize=SIZE,
            linewidth=WIDE,
            label=_words(name),
        )
        for rank, name in enumerate(sets)
    ]
    for fill, key in zip((INK, "white"), told, strict=True):
        handles.append(
            Line2D([], [], linewidth=0, marker="o", markersize=SIZE, color=INK, markerfacecolor=fill, label=say(key))
        )
    there = set(tints.values())
    handles += [
        Patch(facecolor=color, edgecolor=FAINT, linewidth=0.5, label=say(f"conclusion_{kind}_shade"))
        for kind, color in TINTS.items()
        if kind in there
    ]
    return handles
