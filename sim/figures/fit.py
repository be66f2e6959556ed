"""Goodness of fit: targets beside the model, simulations before and after the fit, and coverage of intervals."""

import math
from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.evidence.observables import DIFFERENCES
from sim.figures.axis import arrows, few_ticks, no_y_axis, row_axis, stripe, tick_words, whisker, zero_line
from sim.figures.context import Cell, Setting, Tables, campaign_note, table
from sim.figures.fonts import shortened, strong
from sim.figures.numerals import digits, number, scale
from sim.figures.panels import Cells, grid
from sim.figures.sheet import (
    MARGIN,
    dot,
    in_row,
    is_narrow,
    legend_key,
    legend_mark,
    page_width,
    panel_title,
    row_line,
    sheet,
    text_above,
)
from sim.figures.style import FAINT, INK, MARKS, QUIET, RULE, SHADE, SMALL, TINY, WITHOUT, Mark
from sim.figures.words import label, percent, phrase, range_text, say
from sim.outcomes import Reals
from sim.stats.ranks import whole_percent

ROW, LEFT, WIDE, FAR = 0.25, 2.75, 2.15, 3.5  # inches; sd beyond which nothing is drawn
NARROW = 1.62, 0.42  # inches beside the axes, in one column
SMALL_PANELS = Cells(4, 0.85, gap=0.2, between=0.76, below=0.22, above=0.54)
EVEN = 1.6  # inches, of the ranks below the coverage, in one column
BINS = 20
BARE = ("ratio", "relative", "0..1")  # units that are not written
BAND = (0.86, 0.94)  # target for the coverage of 90 % intervals
HIT, MISSED, UNKNOWN = MARKS["better"], MARKS["worse"]._replace(fill="white"), MARKS["unclear"]

CARD = (
    "observable", "unit", "role", "reported", "low", "high", "error", "discrepancy", "observed", "observed_low",
    "observed_high", "within", "chance", "tension",
)  # fmt: skip


def draw_target_card(tables: Tables, run: Setting) -> Figure:
    """Draw reported values beside the model's from ``card``, in sd of error and discrepancy; fitted targets first."""
    frame = table(tables, "card", CARD).with_columns(pl.col(pl.Float64).fill_null(math.nan))
    roles = {"fit_fitted": "calibrated", "fit_checked": "checked"}
    blocks = {words: frame.filter(role=role).to_dicts() for words, role in roles.items()}
    lines = sum(len(rows) + 0.8 for rows in blocks.values() if rows)
    drawn = [_in_errors(row) for rows in blocks.values() for row in rows]
    notes = [say("fit_card_note"), say("fit_card_left"), *arrows([((-FAR, FAR), drawn)]), campaign_note(run)]
    paper = sheet(run.title, say("fit_card"), notes, ROW * lines + 0.36 + 0.38)
    left, wide = (NARROW[0], page_width() - 2 * MARGIN - sum(NARROW)) if is_narrow() else (LEFT, WIDE)
    right, name = page_width() - 2 * MARGIN - left, min(left - 0.07, 1.7)
    axes = paper.axes(MARGIN + left, 0.36, wide, ROW * lines)
    row_axis(axes, lines)
    axes.set_xlim(-FAR, FAR)
    axes.set_xticks(range(-3, 4), [number(at, 0, sign=True) for at in range(-3, 4)])
    axes.set_xlabel(say("fit_errors"))
    zero_line(axes)
    if not is_narrow():
        text_above(axes, -left + 2.55, say("fit_reported"))
        text_above(axes, wide + 0.1, say("fit_model"), "left")
    text_above(axes, right, phrase("fit", "head_chance"))
    y = 0.0
    for words, rows in blocks.items():
        if not rows:
            continue
        in_row(axes, y + 0.42, -left, say(words), weight=strong(), size=7.5)
        y += 0.8
        for place, row in enumerate(rows):
            if place % 2 == 0:
                stripe(axes, y, y + 1)
            in_row(axes, y + 0.5, -left + 0.05, shortened(label("observable", row["observable"]), name, SMALL))
            _chance(axes, y + 0.5, row, right)
            if not is_narrow():
                _numbers(axes, y + 0.5, row)
            _target(axes, y + 0.5, row)
            y += 1
    marks = [legend_mark(say("fit_hit"), HIT, 4.2, 1.4), legend_mark(say("fit_miss"), MISSED, 4.2, 1.4)]
    rest = legend_key(phrase("fit", "head_left"), WITHOUT, marker="|", markersize=8, markeredgewidth=1.8)
    return paper.legend([Patch(facecolor=SHADE, label=say("fit_counts")), *marks, rest])


def _sd(row: Cell) -> float:
    """Return error and discrepancy of a target combined, or half the band that is reported; NaN if neither is known."""
    if math.isfinite(row["error"]):
        return float(np.hypot(row["error"], row["discrepancy"]))
    return float(row["high"] - row["low"]) / 2


def _in_errors(row: Cell) -> tuple[float, ...]:
    """Return the model's value, the ends of its interval and what is left over in errors; nothing without an error."""
    sd = _sd(row)
    if not (math.isfinite(sd) and sd > 0 and math.isfinite(row["reported"])):
        return ()
    ends = ((row[key] - row["reported"]) / sd for key in ("observed", "observed_low", "observed_high"))
    return *ends, row["tension"]


def unit_of(observable: str, unit: str) -> str:
    """Return the unit of an observable; differences of shares are in points."""
    return scale(unit).change if observable in DIFFERENCES else scale(unit).level


def _chance(axes: Axes, y: float, row: Cell, at: float) -> None:
    """Write the chance of a value of the model, or whether it meets its target."""
    if math.isfinite(row["chance"]):
        in_row(axes, y, at, percent(whole_percent(row["chance"])), ha="right", size=TINY)
    elif row["within"] is not None:
        words, mark = (say("fit_yes"), HIT) if row["within"] else (say("fit_no"), MISSED)
        in_row(axes, y, at, words, ha="right", size=TINY, color=mark.color)


def _numbers(axes: Axes, y: float, row: Cell) -> None:
    unit = scale(row["unit"])
    decimals = digits(unit.factor * row["reported"], unit.factor * row["observed"])

    def write(value: float) -> str:
        return number(unit.factor * value, decimals)

    ends = [write(row[end]) for end in ("low", "high") if math.isfinite(row[end])]
    if math.isfinite(row["error"]):
        reported = f"{write(row['reported'])} ± {write(_sd(row))}"
    elif len(ends) == 2:
        reported = range_text(*ends)
    elif ends:  # a band that is open at one end
        reported = f"{'≥' if math.isfinite(row['low']) else '≤'} {ends[0]}"
    else:
        reported = write(row["reported"])
    in_row(axes, y, -LEFT + 2.55, reported, ha="right", size=TINY)
    value, start, end = (write(row[key]) for key in ("observed", "observed_low", "observed_high"))
    words = f"{value}  [{start}, {end}]  {'' if row['unit'] in BARE else unit_of(row['observable'], row['unit'])}"
    in_row(axes, y, WIDE + 0.1, shortened(words, 1.72, TINY), size=TINY)


def _target(axes: Axes, y: float, row: Cell) -> None:
    """Draw the model's value on the scale of a target, the band of the verdict, and what is left over."""
    if not (found := _in_errors(row)):
        return
    value, low, high, left_over = found
    ends = (np.array([row["low"], row["high"]]) - row["reported"]) / _sd(row)
    if row["within"] is not None:
        inside = np.clip(np.where(np.isnan(ends), (-FAR, FAR), ends), -FAR, FAR)
        gid = f"band {row['observable']}"
        axes.fill_between(inside, y - 0.4, y + 0.4, color=SHADE, linewidth=0, zorder=0.5, gid=gid)
    mark = UNKNOWN if row["within"] is None else HIT if row["within"] else MISSED
    whisker(axes, y, (value, low, high), mark.color, 1.4, 4.5, f"interval {row['observable']}")
    if abs(value) <= FAR:
        dot(axes, value, y, mark, 4.2, gid=f"model {row['observable']}")
    whisker(axes, y + 0.25, (left_over, left_over, left_over), WITHOUT, 0, 4.5, "", line=False)
    if abs(left_over) <= FAR:
        style, gid = {"markeredgewidth": 1.8, "zorder": 1.8}, f"tension {row['observable']}"
        dot(axes, left_over, y, Mark(WITHOUT, "|", WITHOUT), 9, gid=gid, **style)


def draw_predictive(tables: Tables, run: Setting) -> Figure:
    """Draw simulations before and after the fit beside each target, from ``predictive`` and ``card``."""
    frame = table(tables, "predictive", ("when", "observable", "value")).drop_nulls().drop_nans()
    rows = table(tables, "card", CARD).filter(role="calibrated").to_dicts()
    notes = [say("fit_predictive_note"), campaign_note(run)]
    laid = grid(run.title, say("fit_predictive"), notes, len(rows), SMALL_PANELS)
    for row, axes in zip(rows, laid.panels, strict=True):
        name, unit = row["observable"], scale(row["unit"])
        mine = frame.filter(observable=name)
        prior, posterior = (unit.factor * mine.filter(when=when)["value"].to_numpy() for when in ("prior", "posterior"))
        sd = unit.factor * float(np.hypot(row["error"], row["discrepancy"]))
        _predictive_panel(axes, prior, posterior, (unit.factor * row["reported"], sd), name)
        few_ticks(axes, laid.wide, sign=False)
        words = shortened(label("observable", name), laid.wide, SMALL, strong())
        text_above(axes, 0, words, "left", 72 * 0.165, fontsize=SMALL, color=INK, fontweight=strong())
        text_above(axes, 0, unit_of(name, row["unit"]), "left", 72 * 0.045)
    after = Patch(facecolor=RULE, alpha=0.55, label=say("fit_after"))
    before, reported = legend_key(say("fit_before"), WITHOUT, 1.4), legend_key(phrase("fit", "head_reported"), INK, 1.4)
    return laid.paper.legend([before, after, reported])


def _predictive_panel(axes: Axes, before: Reals, after: Reals, reported: tuple[float, float], name: str) -> None:
    """Draw simulations before and after the fit; ``reported`` is the target and its standard deviation."""
    value, sd = reported
    together = np.concatenate([before, after, [value - sd, value + sd]])
    edges = np.linspace(together.min(), together.max(), BINS + 1)
    axes.axvspan(value - sd, value + sd, color=SHADE, linewidth=0, zorder=0)
    shares = [np.histogram(values, edges)[0] / max(len(values), 1) for values in (after, before)]
    axes.stairs(shares[0], edges, color=RULE, fill=True, alpha=0.55, linewidth=0, gid=f"after {name}")
    axes.stairs(shares[1], edges, color=WITHOUT, linewidth=1.2, baseline=None, gid=f"before {name}")
    axes.axvline(value, color=INK, linewidth=1.4)
    axes.set_xlim(edges[0], edges[-1])
    no_y_axis(axes)


def draw_coverage(tables: Tables, run: Setting) -> Figure:
    """Draw coverage of 90 % intervals and ``ranks`` in simulated worlds, whose parameters are known."""
    from scipy.stats import binomtest  # noqa: PLC0415  (takes a second, and drawing any figure imports this module)

    ranks = table(tables, "ranks", ("world", "parameter", "rank"))
    names = ranks["parameter"].unique(maintain_order=True).to_list()
    held = {name: ranks.filter(parameter=name)["rank"].to_numpy() for name in names}
    worlds = ranks["world"].n_unique()
    rows = len(names) + 1
    high = max((0.15 if is_narrow() else 0.19) * rows, 1.8)
    notes = [say("fit_coverage_note", worlds=worlds), campaign_note(run)]
    below = EVEN + 0.8 if is_narrow() else 0.0
    paper = sheet(run.title, say("fit_coverage"), notes, high + 0.36 + 0.3 + below)
    axes = paper.axes(MARGIN + 1.75, 0.36 + below, page_width() - 2 * MARGIN - 1.75 if is_narrow() else 1.85, high)
    axes.axvspan(100 * BAND[0], 100 * BAND[1], color=SHADE, linewidth=0, zorder=0)
    axes.axvline(90, color=INK, linewidth=0.7)
    everything, lowest = np.concatenate(list(held.values())) if held else np.empty(0), 60.0
    for place, (name, values) in enumerate({**held, "": everything}.items()):
        y, inside = place + 0.5, int(((values >= 0.05) & (values <= 0.95)).sum())
        share = 100 * inside / max(len(values), 1)
        if name:
            limits = binomtest(inside, len(values)).proportion_ci()  # 95 %, of Clopper and Pearson
            row_line(axes, y, [100 * limits.low, 100 * limits.high], RULE, 1.1, gid=f"interval {name}")
            lowest = min(lowest, 100 * limits.low - 2)
        words = label("parameter", name) if name else say("fit_all")
        marker, size, weight = ("o", 4, "normal") if name else ("D", 5, strong())
        if worlds:
            lowest = min(lowest, share - 2)
            dot(axes, share, y, Mark(RULE, marker, RULE), size, gid=f"coverage {name or 'all'}")
        in_row(axes, y, -1.7, shortened(words, 1.62, SMALL, weight), weight=weight)
    axes.axhline(rows - 1, color=FAINT, linewidth=0.8)
    row_axis(axes, rows)
    axes.set_xlim(lowest, 101)
    axes.set_xlabel(say("fit_coverage_axis"))
    panel_title(axes, say("fit_coverage_left"), lift=5)
    wide = page_width() - 2 * MARGIN
    at = (0.45, 0.36, wide - 0.45, EVEN) if is_narrow() else (4.15, 0.36, wide - 4.2, high)
    _rank_panel(paper.axes(MARGIN + at[0], *at[1:]), held, everything, worlds)
    return paper.figure


def _rank_panel(axes: Axes, held: Mapping[str, Reals], everything: Reals, worlds: int) -> None:
    """Draw deviations of ranks from uniformity, with the pointwise 95 % band of one parameter."""
    from scipy.stats import binom  # noqa: PLC0415

    places = np.linspace(0, 1, 201)
    if worlds:
        low, high = (binom.ppf(share, worlds, places) / worlds - places for share in (0.025, 0.975))
        axes.fill_between(places, 100 * low, 100 * high, color=SHADE, linewidth=0, zorder=0)
    for name, values in {**held, "": everything}.items() if worlds else ():
        share = np.searchsorted(np.sort(values), places, side="right") / max(len(values), 1) - places
        color, wide, alpha, zorder = (QUIET, 0.6, 0.7, 2) if name else (RULE, 2.0, 1.0, 3)
        gid = f"ranks {name or 'all'}"
        axes.plot(places, 100 * share, color=color, linewidth=wide, alpha=alpha, zorder=zorder, gid=gid)
    axes.axhline(0, color=INK, linewidth=0.7)
    axes.set_xlim(0, 1)
    axes.set_xlabel(say("fit_rank"))
    axes.yaxis.set_major_formatter(tick_words(0))
    panel_title(axes, say("fit_ranks"), lift=5)
