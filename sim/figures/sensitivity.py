"""Which parameters drive outcomes and effects: a map of all, Morris screening, and Sobol's indices.

Figures have two measures of each outcome: its level, and the effect of the rules on it where something is compared.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from sim.figures.context import Setting, Tables, table
from sim.figures.fonts import strong, width
from sim.figures.forest_rows import few_ticks
from sim.figures.panels import Head, Panels, panels
from sim.figures.sheet import LANDSCAPE, MARGIN, beside, sheet
from sim.figures.style import AMOUNT, FAINT, INK, QUIET, RULE, SMALL, TINY, number, scale
from sim.figures.words import counted, label, percent, say

MEASURES = ("level", "effect")
MAIN = ("exhaustion", "latent_overtime", "output_per_hour", "employer_cost")  # outcomes with bars
PALE, SILENT = "#a99fd3", "#d4d4d4"
TALL, SLANT = 0.185, 45  # inches of a row, degrees of the names above
BELOW = 0.34  # inches, for ticks
MOST = 24  # rows of a figure
STEADY = 0.8  # times the mean absolute effect: mean effects from here on have one direction
DEEP = 0.4  # share of all movement that has the darkest colour
BAR = 1.6  # inches, of the scale of colours


def draw_moves(tables: Tables, run: Setting) -> Figure:
    """Draw a map of parameters and outcomes, coloured by a parameter's share of all movement, with its direction.

    Cells are empty where chance explains the effect. Needs ``screening`` and ``runs`` of a sensitivity analysis.
    """
    frame = _screening(tables)
    names, outcomes = _ordered(frame), frame["outcome"].unique(maintain_order=True).to_list()
    measures = _measures(frame)
    called = [label("parameter", name) for name in names]
    left = MARGIN + max(width(text, SMALL) for text in called) + 0.14
    step = min(0.34, (LANDSCAPE - left - MARGIN - 0.9) / (len(outcomes) * len(measures)))
    titles = [label("outcome", name) for name in outcomes]
    above = max(width(text, TINY) for text in titles) * math.sin(math.radians(SLANT)) + 0.12
    body = TALL * len(names)
    notes = [_runs(tables, run), say("sensitivity_map"), say("sensitivity_blank"), _levels(measures)]
    paper = sheet(run.title, say("sensitivity_moves"), notes, body + above + 0.62, LANDSCAPE)
    for block, measure in enumerate(measures):
        at = left + block * (step * len(outcomes) + 0.22)
        axes = paper.axes(at, 0.36, step * len(outcomes), body)
        _map(axes, frame.filter(pl.col("measure") == measure), names, outcomes)
        for place, text in enumerate(titles):
            axes.text(place + 0.4, -0.2, text, rotation=SLANT, rotation_mode="anchor", va="bottom", fontsize=TINY)
        axes.text(0, -above / TALL - 0.4, label("measure", measure), va="bottom", fontsize=8, fontweight=strong())
        if block == 0:
            for place, text in enumerate(called):
                beside(axes, place + 0.55, MARGIN - left, text)
    _colours(paper.axes(left, 0.16, BAR, 0.09))
    return paper.figure


def _map(axes: Axes, frame: pl.DataFrame, names: Sequence[str], outcomes: Sequence[str]) -> None:
    """Draw the cells of one measure."""
    axes.set(xlim=(0, len(outcomes)), ylim=(len(names), 0), xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    rows = {(row["parameter"], row["outcome"]): row for row in frame.iter_rows(named=True)}
    for y, name in enumerate(names):
        axes.axhline(y, color=FAINT, linewidth=0.4)
        for x, outcome in enumerate(outcomes):
            row = rows.get((name, outcome))
            if row is None or not row["above_chance"]:
                continue
            deep = min(row["share"] / DEEP, 1.0)
            cell = Rectangle((x + 0.03, y + 0.05), 0.94, 0.9, facecolor=AMOUNT(0.12 + 0.88 * deep), linewidth=0)
            cell.set_gid(f"share {row['measure']} {outcome} {name}")
            axes.add_patch(cell)
            ink = "white" if deep > 0.35 else INK
            axes.text(x + 0.5, y + 0.55, direction(row), ha="center", va="center_baseline", fontsize=TINY, color=ink)
    axes.axhline(len(names), color=FAINT, linewidth=0.4)


def _colours(axes: Axes) -> None:
    """Draw the colour scale."""
    for k in range(40):
        axes.add_patch(Rectangle((k / 40, 0), 1 / 40, 1, facecolor=AMOUNT(0.12 + 0.88 * (k + 0.5) / 40), linewidth=0))
    axes.set(xlim=(0, 1), ylim=(0, 1), yticks=[])
    words = [number(100 * DEEP * end, 0) for end in (0.0, 0.5, 1.0)]
    axes.set_xticks([0.0, 0.5, 1.0], [words[0], words[1], f"≥{words[2]}"])
    axes.tick_params(length=0, pad=2)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.annotate(
        say("sensitivity_share"), (1, 0.5), xycoords="axes fraction", xytext=(10, 0), textcoords="offset points",
        va="center", fontsize=TINY, color=QUIET,
    )  # fmt: skip


def direction(row: Mapping[str, Any]) -> str:
    """Return the direction of an effect: "+" or "−", or "±" if its sign changes over the parameter space.

    The mean effect ``mu`` must reach ``STEADY`` times the mean absolute effect ``mu_star`` to have one direction.
    """
    if abs(row["mu"]) < STEADY * row["mu_star"]:
        return "±"
    return "+" if row["mu"] > 0 else "−"


def draw_screening(tables: Tables, run: Setting) -> Figure:
    """Draw mean absolute effects with intervals, and the bound that chance alone would give, for the ``MAIN`` outcomes.

    Needs ``screening`` and ``runs`` of a sensitivity analysis.
    """
    frame = _screening(tables)
    names = _ordered(frame)
    pairs = _pairs(frame)
    heads = {pair: Head(label("outcome", pair[1]), label("measure", pair[0]), _unit(frame, pair[1])) for pair in pairs}
    notes = [_runs(tables, run), say("sensitivity_bars"), say("sensitivity_sign"), _levels(_measures(frame))]
    laid = _laid(run, say("sensitivity_screening"), notes, names, heads)
    for (measure, outcome), axes in _panels(laid):
        mine = frame.filter(pl.col("measure") == measure, pl.col("outcome") == outcome)
        factor = scale(mine["unit"][0]).factor
        rows = {row["parameter"]: row for row in mine.iter_rows(named=True)}
        ends = [factor * (row["mu_star"] + row["half"]) for row in rows.values()]
        bounds = [factor * (row["chance_bound"] or 0.0) for row in rows.values()]
        most = max([end for end in ends if math.isfinite(end)] + bounds, default=0.0) or 1.0
        axes.set_xlim(0, 1.16 * most)
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        few_ticks(axes, laid.wide, sign=False)
        for place, name in enumerate(names):
            if name in rows and math.isfinite(rows[name]["mu_star"]):
                _bar(axes, place + 0.5, rows[name], factor, 1.16 * most)
    laid.paper.legend(
        [
            Patch(facecolor=PALE, label=say("sensitivity_above")),
            Patch(facecolor=SILENT, label=say("sensitivity_within")),
            Line2D([], [], color=INK, linewidth=1.0, label=say("sensitivity_interval")),
            Line2D([], [], color="#cc4400", marker="|", markersize=7, markeredgewidth=1.2, linewidth=0,
                   label=say("sensitivity_chance")),
        ], 4,
    )  # fmt: skip
    return laid.paper.figure


def _bar(axes: Axes, y: float, row: Mapping[str, Any], factor: float, edge: float) -> None:
    """Draw the effect of one parameter."""
    star, half = factor * row["mu_star"], factor * row["half"]
    tag = f"{row['measure']} {row['outcome']} {row['parameter']}"
    axes.barh(y, star, height=0.62, color=PALE if row["above_chance"] else SILENT, gid=f"effect {tag}")
    axes.plot([max(star - half, 0.0), star + half], [y, y], color=INK, linewidth=1.0, gid=f"interval {tag}")
    if row["chance_bound"] is not None:
        bound = factor * row["chance_bound"]
        axes.plot([bound], [y], "|", color="#cc4400", markersize=6, markeredgewidth=1.1, gid=f"chance {tag}")
    if row["above_chance"]:
        at = min(star + half + 0.03 * edge, edge)
        axes.text(at, y + 0.03, direction(row), va="center_baseline", fontsize=TINY, color=QUIET)


def draw_shares(tables: Tables, run: Setting) -> Figure:
    """Draw Sobol's first-order and total indices for the ``MAIN`` outcomes.

    Needs ``indices``, ``screening``, ``outcomes`` and ``runs``. Panels whose emulator is not good enough say so.
    """
    numbers = ("first", "first_half", "total", "total_half")
    frame = table(tables, "indices", ("measure", "outcome", "parameter", *numbers))
    about = {
        (row["measure"], row["outcome"]): row
        for row in table(tables, "outcomes", ("measure", "outcome", "explained", "emulator_good")).iter_rows(named=True)
    }
    names = [name for name in _ordered(_screening(tables)) if name in frame["parameter"]]
    pairs = [pair for pair in _pairs(_screening(tables)) if about[pair]["explained"] is not None]
    seen = {pair: say("sensitivity_explained", share=percent(_part(about[pair]["explained"]))) for pair in pairs}
    heads = {pair: Head(label("outcome", pair[1]), label("measure", pair[0]), seen[pair]) for pair in pairs}
    notes = [
        _runs(tables, run),
        say("sensitivity_sobol"),
        say("sensitivity_emulator"),
        _levels([one for one, _ in pairs]),
    ]
    laid = _laid(run, say("sensitivity_shares"), notes, names, heads)
    drawn = {
        (measure, outcome): rows.to_dicts()
        for (measure, outcome), rows in frame.partition_by("measure", "outcome", as_dict=True).items()
        if (measure, outcome) in heads and about[measure, outcome]["emulator_good"]
    }
    longest = max((row["total"] + row["total_half"] for rows in drawn.values() for row in rows), default=1.0)
    most = 100 * min(1.05 * max(longest, 0.1), 1.0)
    for pair, axes in _panels(laid):
        axes.set_xlim(0, most)
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        few_ticks(axes, laid.wide, sign=False)
        if pair not in drawn:
            at = most / 2, len(names) / 2
            axes.text(*at, say("sensitivity_poor"), ha="center", va="center", fontsize=TINY, color=QUIET)
            continue
        for row in drawn[pair]:
            if row["parameter"] in names:
                _index(axes, names.index(row["parameter"]) + 0.5, row, most)
    laid.paper.legend(
        [
            Patch(facecolor=RULE, label=say("sensitivity_first")),
            Patch(facecolor=PALE, label=say("sensitivity_total")),
            Line2D([], [], color=INK, linewidth=0.8, label=say("sensitivity_interval")),
        ],
        3,
    )
    return laid.paper.figure


def _index(axes: Axes, y: float, row: Mapping[str, Any], most: float) -> None:
    """Draw the indices of one parameter."""
    tag = f"{row['measure']} {row['outcome']} {row['parameter']}"
    first, total, half = (100 * row[key] for key in ("first", "total", "total_half"))
    axes.barh(y, max(total, 0.0), height=0.62, color=PALE, gid=f"total {tag}")
    axes.barh(y, max(first, 0.0), height=0.3, color=RULE, gid=f"first {tag}")
    ends = [min(max(end, 0.0), most) for end in (total - half, total + half)]
    axes.plot(ends, [y, y], color=INK, linewidth=0.8, gid=f"interval {tag}")


def _part(share: float) -> str:
    """Write an explained share in percent; it is negative where the mean predicts better, and written as 0."""
    return number(100 * max(share, 0.0), 0)


def _laid(
    run: Setting, shows: str, notes: Sequence[str], names: Sequence[str], heads: Mapping[tuple[str, str], Head]
) -> Panels:
    """Lay out a sheet with a row for each parameter."""
    keyed = {" ".join(pair): each for pair, each in heads.items()}
    return panels(run, shows, notes, [label("parameter", name) for name in names], keyed, BELOW)


def _panels(laid: Panels) -> list[tuple[tuple[str, str], Axes]]:
    """List the panels by measure and outcome."""
    found = []
    for key, axes in laid.axes.items():
        measure, _, outcome = key.partition(" ")
        found.append(((measure, outcome), axes))
    return found


def _screening(tables: Tables) -> pl.DataFrame:
    """Read the table ``screening`` with NaN for unknown numbers."""
    numbers = ("mu", "mu_star", "half", "share")
    needed = ("parameter", "measure", "outcome", "unit", "above_chance", "chance_bound", *numbers)
    frame = table(tables, "screening", needed)
    return frame.with_columns(pl.col(*numbers).cast(pl.Float64).fill_null(math.nan))


def _measures(frame: pl.DataFrame) -> list[str]:
    """List the measures in the table."""
    return [measure for measure in MEASURES if measure in frame["measure"]]


def _pairs(frame: pl.DataFrame) -> list[tuple[str, str]]:
    """List the measures and outcomes that get a panel."""
    there = frame["outcome"].unique(maintain_order=True).to_list()
    chosen = [name for name in MAIN if name in there] or there[:4]
    return [(measure, outcome) for outcome in chosen for measure in _measures(frame)]


def _ordered(frame: pl.DataFrame) -> list[str]:
    """Order parameters by their mean share of movement above chance, of effects if any; at most ``MOST``."""
    last = _measures(frame)[-1]
    shares = frame.filter(pl.col("measure") == last).with_columns(
        seen=pl.when(pl.col("above_chance")).then(pl.col("share")).otherwise(0.0)
    )
    order = shares.group_by("parameter", maintain_order=True).agg(
        pl.col("seen").mean(), pl.col("share").fill_nan(0.0).mean()
    )
    return order.sort(["seen", "share"], descending=True)["parameter"].to_list()[:MOST]


def _unit(frame: pl.DataFrame, outcome: str) -> str:
    """Return the unit of a change of an outcome."""
    return scale(str(frame.filter(pl.col("outcome") == outcome)["unit"][0])).change


def _levels(measures: Sequence[str]) -> str:
    """Explain what a level is if there are effects as well."""
    return say("sensitivity_level") if "effect" in measures else ""


def _runs(tables: Tables, run: Setting) -> str:
    """Write how many runs and economies a figure is based on."""
    runs = table(tables, "runs", ("stage", "economy", "failed"))
    failed = int(runs["failed"].sum())
    economies = runs["economy"].n_unique() * max(run.replicates, 1)
    text = say("sensitivity_runs", runs=counted(runs.height, "run"), economies=f"{economies:,}", seed=run.seed)
    return text + (say("sensitivity_failed", failed=failed) if failed else "")
