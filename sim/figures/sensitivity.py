"""Which parameters drive outcomes and effects: a map of all, Morris screening, and Sobol's indices.

Figures have two measures of each outcome: its level, and the effect of the rules on it where something is compared.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.figures.axis import number_axis
from sim.figures.context import LONGEST, Cell, Setting, Tables, table
from sim.figures.fonts import shortened, strong, width
from sim.figures.numerals import GOOD, below, in_percent, number, scale
from sim.figures.panels import Heading, Panels, panels
from sim.figures.sheet import LANDSCAPE, MARGIN, bar, dot, in_row, legend_key, note, page_width, row_line, sheet
from sim.figures.style import AMOUNT, FAINT, INK, MARKS, MIDDLE, QUIET, RULE, SMALL, TINY
from sim.figures.words import counted, label, phrase, say
from sim.stats.ordered import ordered_mean
from sim.stats.variance import direction

MEASURES = ("level", "effect")
MAIN = ("exhaustion", "latent_overtime", "output_per_hour", "employer_cost")  # outcomes with bars
SILENT, CHANCE = "#d4d4d4", MARKS["worse"]._replace(marker="|")
TALL, SLANT = 0.185, 45  # inches of a row, degrees of the names above
FLAT, BETWEEN = 0.115, 0.3  # inches: of a row and between two maps, where one is below the other
BELOW = 0.34  # inches, for ticks
MOST = 24  # rows of a figure
DEEP = 0.4  # share of all movement that has the darkest colour
BAR = 1.6  # inches, of the scale of colours

Pair = tuple[str, str]  # measure and outcome


def draw_moves(tables: Tables, run: Setting) -> Figure:
    """Draw a parameter's share of all movement of an outcome, with its direction, where chance does not explain it."""
    frame = _screening(tables)
    names, outcomes = _ordered(frame), frame["outcome"].unique(maintain_order=True).to_list()
    measures, called = _measures(frame), _parameter_names(names)
    left = MARGIN + max(width(text, SMALL) for text in called) + 0.14
    wide = page_width(LANDSCAPE)
    stacked = wide < LANDSCAPE  # then one measure is below the other, and heads are upright
    slant, spare = (90, 0.0) if stacked else (SLANT, 0.9)
    step = min(0.34, (wide - left - MARGIN - spare) / (len(outcomes) * (1 if stacked else len(measures))))
    titles = [label("outcome", name) for name in outcomes]
    above = max(width(text, TINY) for text in titles) * math.sin(math.radians(slant)) + 0.12
    tall = FLAT if stacked else TALL
    deep = tall * len(names) + BETWEEN
    body = tall * len(names) + (deep * (len(measures) - 1) if stacked else 0.0)
    paired = "effect" in measures
    shows = say("sensitivity_moves" if paired else "sensitivity_moves_level")
    notes = [_runs(tables, run), say("sensitivity_map"), say("sensitivity_blank"), _few(frame), _left_out(frame, names)]
    notes += [say("sensitivity_level")] * paired
    paper = sheet(run.title, shows, notes, body + above + 0.62, LANDSCAPE)
    for block, measure in enumerate(measures):
        at = left + (0.0 if stacked else block * (step * len(outcomes) + 0.22))
        low = 0.36 + (deep * (len(measures) - 1 - block) if stacked else 0.0)
        axes = paper.axes(at, low, step * len(outcomes), tall * len(names))
        _map(axes, frame.filter(measure=measure), names, outcomes)
        headed = block == 0 or not stacked
        for place, text in enumerate(titles if headed else ()):
            x, va = (place + 0.5, "center") if stacked else (place + 0.4, "bottom")
            axes.text(x, -0.2, text, rotation=slant, rotation_mode="anchor", va=va, fontsize=TINY)
        lift = above / tall + 0.4 if headed and not stacked else 0.3
        where = (MARGIN - left) / step if stacked else 0
        axes.text(where, -lift, label("measure", measure), va="bottom", fontsize=8, fontweight=strong())
        if block == 0 or stacked:
            for place, text in enumerate(called):
                in_row(axes, place + 0.55, MARGIN - left, text)
    _colours(paper.axes(MARGIN if stacked else left, 0.16, BAR, 0.09))
    return paper.figure


def _map(axes: Axes, frame: pl.DataFrame, names: Sequence[str], outcomes: Sequence[str]) -> None:
    axes.set(xlim=(0, len(outcomes)), ylim=(len(names), 0), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    for y in range(len(names) + 1):
        axes.axhline(y, color=FAINT, linewidth=0.4)
    for row in frame.filter("above_chance", pl.col("parameter").is_in(names)).iter_rows(named=True):
        x, y = outcomes.index(row["outcome"]), names.index(row["parameter"])
        deep = min(row["share"] / DEEP, 1.0)
        gid = f"share {row['measure']} {row['outcome']} {row['parameter']}"
        bar(axes, y + 0.5, (x + 0.03, x + 0.97), 0.9, _colour(deep), linewidth=0, gid=gid)
        color = "white" if deep > 0.35 else INK
        axes.text(x + 0.5, y + 0.55, direction(row), ha="center", va="center_baseline", fontsize=TINY, color=color)


def _colour(deep: float) -> Any:
    """Return the colour of a share of ``DEEP``."""
    return AMOUNT(0.12 + 0.88 * deep)


def _colours(axes: Axes) -> None:
    for k in range(40):
        bar(axes, 0.5, (k / 40, (k + 1) / 40), 1, _colour((k + 0.5) / 40), linewidth=0)
    axes.set(xlim=(0, 1), ylim=(0, 1), yticks=[])
    words = [number(100 * DEEP * end, 0) for end in (0.0, 0.5, 1.0)]
    axes.set_xticks([0.0, 0.5, 1.0], [words[0], words[1], f"≥{words[2]}"])
    axes.tick_params(length=0, pad=2)
    axes.spines[:].set_visible(False)
    note(axes, say("sensitivity_share"), (1, 0.5), (10, 0), va="center")


def draw_screening(tables: Tables, run: Setting) -> Figure:
    """Draw mean absolute effects on the ``MAIN`` outcomes with intervals, and what chance alone would give at most."""
    frame = _screening(tables)
    names, found = _ordered(frame), {pair: rows.to_dicts() for pair, rows in _by_pair(frame).items()}
    notes = [say("sensitivity_bars"), say("sensitivity_sign"), _few(frame), _left_out(frame, names)]
    heads = {pair: scale(found[pair][0]["unit"]).change for pair in _pairs(frame)}
    laid = _layout(tables, run, say("sensitivity_screening"), notes, names, heads)
    for pair, axes in laid.axes.items():
        factor = scale(found[pair][0]["unit"]).factor
        rows = [row for row in found[pair] if row["parameter"] in names]
        ends = [factor * (row["mu_star"] + row["half"]) for row in rows]
        ends += [factor * (row["chance_bound"] or 0.0) for row in rows]
        edge = 1.16 * (max((end for end in ends if math.isfinite(end)), default=0.0) or 1.0)
        number_axis(axes, (0, edge), laid.wide, sign=False)
        for row in rows:
            if math.isfinite(row["mu_star"]):
                _bar(axes, names.index(row["parameter"]) + 0.5, row, factor, edge)
    drawn = [
        row for pair in heads for row in found[pair] if row["parameter"] in names and math.isfinite(row["mu_star"])
    ]
    bars = {"sensitivity_above": (MIDDLE, True), "sensitivity_within": (SILENT, False)}
    there = {bool(row["above_chance"]) for row in drawn}
    marks: list[Artist] = [Patch(facecolor=color, label=say(k)) for k, (color, at) in bars.items() if at in there]
    marks += [legend_key(phrase("evaluation", "head_interval"), INK, 1.0)] * bool(drawn)
    bound = legend_key(say("sensitivity_chance"), CHANCE.color, marker="|", markersize=7, markeredgewidth=1.2)
    return laid.paper.legend([*marks, *[bound] * any(row["chance_bound"] is not None for row in drawn)])


def _bar(axes: Axes, y: float, row: Cell, factor: float, edge: float) -> None:
    star, half = factor * row["mu_star"], factor * row["half"]
    tag = f"{row['measure']} {row['outcome']} {row['parameter']}"
    bar(axes, y, (0, star), 0.62, MIDDLE if row["above_chance"] else SILENT, gid=f"effect {tag}")
    row_line(axes, y, (max(star - half, 0.0), star + half), INK, 1.0, gid=f"interval {tag}")
    if row["chance_bound"] is not None:
        at = factor * row["chance_bound"]
        dot(axes, at, y, CHANCE, 6, markeredgewidth=1.1, zorder=2, gid=f"chance {tag}")
    if row["above_chance"]:
        at = min(star + half + 0.03 * edge, edge)
        axes.text(at, y + 0.03, direction(row), va="center_baseline", fontsize=TINY, color=QUIET)


def draw_shares(tables: Tables, run: Setting) -> Figure:
    """Draw Sobol's first-order and total indices for the ``MAIN`` outcomes; panels with a poor emulator say so."""
    frame = table(tables, "indices", ("measure", "outcome", "parameter", "first", "first_half", "total", "total_half"))
    facts = table(tables, "outcomes", ("measure", "outcome", "explained", "emulator_good"))
    about = {(row["measure"], row["outcome"]): row for row in facts.iter_rows(named=True)}
    screening = _screening(tables)
    names = _ordered(screening.filter(pl.col("parameter").is_in(frame["parameter"].to_list())))
    heads = {  # an emulator that predicts worse than the mean explains nothing
        pair: say("sensitivity_explained", share=_explained(about[pair]["explained"]))
        for pair in _pairs(screening)
        if about[pair]["explained"] is not None
    }
    notes = [say("sensitivity_sobol"), say("sensitivity_emulator"), _left_out(frame, names)]
    laid = _layout(tables, run, say("sensitivity_shares"), notes, names, heads)
    good = [pair for pair in heads if about[pair]["emulator_good"]]
    drawn = {pair: rows.to_dicts() for pair, rows in _by_pair(frame).items() if pair in good}
    longest = max((row["total"] + row["total_half"] for rows in drawn.values() for row in rows), default=1.0)
    most = 100 * min(1.05 * max(longest, 0.1), 1.0)
    for pair, axes in laid.axes.items():
        number_axis(axes, (0, most), laid.wide, sign=False)
        if pair not in drawn:
            at = most / 2, len(names) / 2
            axes.text(*at, say("sensitivity_poor"), ha="center", va="center", fontsize=TINY, color=QUIET)
        for row in (row for row in drawn.get(pair, ()) if row["parameter"] in names):
            y, tag = names.index(row["parameter"]) + 0.5, f"{row['measure']} {row['outcome']} {row['parameter']}"
            first, total, half = (100 * row[key] for key in ("first", "total", "total_half"))
            bar(axes, y, (0, max(total, 0.0)), 0.62, MIDDLE, gid=f"total {tag}")
            bar(axes, y, (0, max(first, 0.0)), 0.3, RULE, gid=f"first {tag}")
            ends = [min(max(end, 0.0), most) for end in (total - half, total + half)]
            row_line(axes, y, ends, INK, 0.8, gid=f"interval {tag}")
    bars = {"sensitivity_first": RULE, "sensitivity_total": MIDDLE}
    interval = legend_key(phrase("evaluation", "head_interval"), INK, 0.8)
    marks = [*(Patch(facecolor=color, label=say(k)) for k, color in bars.items()), interval]
    return laid.paper.legend(marks if drawn.keys() & heads.keys() else [])


def _explained(share: float) -> str:
    return in_percent(max(share, 0.0), below(100 * share, 100 * GOOD, 0))


def _layout(
    tables: Tables, run: Setting, shows: str, notes: Sequence[str], names: Sequence[str], units: Mapping[Pair, str]
) -> Panels[Pair]:
    """Lay out a sheet with a row for each parameter and a panel for each measure and outcome."""
    heads = {pair: Heading(label("outcome", pair[1]), label("measure", pair[0]), unit) for pair, unit in units.items()}
    level = [say("sensitivity_level")] * any(measure == "effect" for measure, _ in heads)
    return panels(run, shows, [_runs(tables, run), *notes, *level], _parameter_names(names), heads, BELOW)


def _parameter_names(names: Sequence[str]) -> list[str]:
    return [shortened(label("parameter", name), LONGEST, SMALL) for name in names]


def _screening(tables: Tables) -> pl.DataFrame:
    needed = ("parameter", "measure", "outcome", "unit", "above_chance", "chance_bound")
    return table(tables, "screening", needed, ("mu", "mu_star", "half", "share"))


def _few(frame: pl.DataFrame) -> str:
    """Warn that chance is not known of some figures, if so."""
    known = frame.filter(pl.col("mu_star").is_finite())["above_chance"].null_count() == 0
    return "" if known else say("sensitivity_few")


def _left_out(frame: pl.DataFrame, names: Sequence[str]) -> str:
    """Write which of the parameters of a table are drawn, if not all are."""
    count, first = frame["parameter"].n_unique(), label("measure", _measures(frame)[-1])
    return say("sensitivity_most", shown=len(names), count=count, measure=first) if len(names) < count else ""


def _by_pair(frame: pl.DataFrame) -> dict[Pair, pl.DataFrame]:
    parts = frame.partition_by("measure", "outcome", as_dict=True, maintain_order=True)
    return {(str(measure), str(outcome)): rows for (measure, outcome), rows in parts.items()}


def _measures(frame: pl.DataFrame) -> list[str]:
    return [measure for measure in MEASURES if measure in frame["measure"]]


def _pairs(frame: pl.DataFrame) -> list[Pair]:
    """List the measures and outcomes that get a panel."""
    there = frame["outcome"].unique(maintain_order=True).to_list()
    chosen = [name for name in MAIN if name in there] or there[:4]
    return [(measure, outcome) for outcome in chosen for measure in _measures(frame)]


def _ordered(frame: pl.DataFrame) -> list[str]:
    """Order parameters by their mean share of movement above chance, of effects if any; at most ``MOST``."""
    seen = ordered_mean(pl.when("above_chance").then("share").otherwise(0.0))
    shares = frame.filter(measure=_measures(frame)[-1]).group_by("parameter", maintain_order=True)
    order = shares.agg(seen=seen, share=ordered_mean(pl.col("share").fill_nan(0.0)))
    return order.sort(["seen", "share"], descending=True)["parameter"].to_list()[:MOST]


def _runs(tables: Tables, run: Setting) -> str:
    """Write how many runs and economies a figure is based on."""
    runs = table(tables, "runs", ("stage", "economy", "failed"))
    failed = int(runs["failed"].sum())
    economies = runs["economy"].n_unique() * max(run.replicates, 1)
    text = say("sensitivity_runs", runs=counted(runs.height, "run"), economies=f"{economies:,}", seed=run.seed)
    return text + (say("sensitivity_failed", failed=failed) if failed else "")
