"""A pilot as an evaluator would see it, beside the truth, and how often pilots of a size detect an effect."""

import math
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from sim.figures.axis import STEPS, grid_on, limits, number_axis, tick_labels, zero_line
from sim.figures.context import Cell, Setting, Tables, based_on, table
from sim.figures.numerals import digits, number, scale
from sim.figures.panels import Cells, grid, headings, panels
from sim.figures.sheet import bar, dot, legend_key, legend_mark, panel_title, row_line, text_above
from sim.figures.style import FAINT, INK, MARKS, RULE, WITHOUT, Mark, curve_style
from sim.figures.words import counted, label, percent, phrase, range_text, say
from sim.outcomes import outcome_of
from sim.stats.ordered import ordered_mean

MONTHS = Cells(2, 1.25, left=0.52, gap=0.15, between=0.50, below=0.40, above=0.36)
SIZES = Cells(2, 1.40, left=0.48, gap=0.15, between=0.62, below=0.42, above=0.42)
ESTIMATE = ("estimate", "low", "high", "truth", "truth_low", "truth_high")
COVERS = {True: Mark(RULE, "o", RULE), False: MARKS["worse"]._replace(fill="white"), None: MARKS["unknown"]}
EFFECTS = ("effect", "effect_least", "effect_most")
POWER = (*EFFECTS, "power", "power_low", "power_high", "mde", "bias", "coverage", "rejects_placebo")
POWER_BY_CITY = ("power", "power_low", "power_high", "mde", "coverage")
SIZED = ("firms", "months", "people_per_firm", "cities")
WANTED = 80  # percent of pilots
APART = 3.0  # points between the marks of two curves, which may coincide


def draw_event_study(tables: Tables, run: Setting) -> Figure:
    """Draw estimates by month in one economy, with the main control group, and the true effect.

    Each outcome and data source has a panel.
    """
    frame = table(tables, "event_study", ("replicate", "outcome", "source", "controls", "period"), ESTIMATE[:4])
    frame = frame.filter(replicate=0)
    first = frame["controls"][0]
    frame = frame.filter(controls=first)
    notes = [*_notes(tables, run, frame, "event_dots"), say("event_controls", controls=label("controls", first))]
    cells = frame.select("outcome", "source").unique(maintain_order=True).rows()
    laid = grid(run.title, say("event_study"), notes, len(cells), MONTHS.paged(len(cells)))
    for place, ((outcome, source), axes) in enumerate(zip(cells, laid.panels, strict=True)):
        mine = frame.filter(outcome=outcome, source=source).sort("period")
        shown = scale(outcome_of(outcome).unit)
        _months(axes, mine, shown.factor, f"{outcome} {source}")
        panel_title(axes, label("outcome", outcome), f"{label('source', source)}  ·  {shown.change}")
        if laid.lowest(place):
            axes.set_xlabel(say("event_months"))
    estimate = legend_key(phrase("evaluation", "head_estimate"), RULE, 1.0, marker="o", markersize=3.4)
    return laid.paper.legend([estimate, legend_key(say("event_truth"), WITHOUT, 2.0)])


def _months(axes: Axes, mine: pl.DataFrame, factor: float, tag: str) -> None:
    """Draw a panel; the reference month has a hollow mark."""
    period = mine["period"].to_numpy()
    estimate, low, high, truth = (factor * mine[name].to_numpy() for name in ESTIMATE[:4])
    first, last = float(period.min()) - 0.5, float(period.max()) + 0.5
    axes.axvspan(first, -0.5, color=FAINT, alpha=0.45, linewidth=0, zorder=0)
    axes.axhline(0, color=INK, linewidth=0.7, zorder=1)
    axes.plot(period, truth, color=WITHOUT, linewidth=2.0, zorder=1.8, gid=f"truth {tag}")
    axes.vlines(period, low, high, color=RULE, linewidth=0.9, zorder=2)
    base = low == high  # the reference month
    style: dict[str, Any] = {"color": RULE, "markersize": 3.0, "zorder": 2.5}
    axes.plot(period[~base], estimate[~base], "o", gid=f"estimate {tag}", **style)
    axes.plot(period[base], estimate[base], "o", markerfacecolor="white", **style)
    axes.set_xlim(first, last)
    axes.locator_params(axis="x", integer=True, nbins=8)
    axes.locator_params(axis="y", nbins=5, steps=STEPS)
    grid_on(axes, "y")
    tick_labels(axes.yaxis)
    axes.xaxis.set_major_formatter(lambda value, _: number(value, 0))


def draw_estimates(tables: Tables, run: Setting) -> Figure:
    """Draw estimates in one economy beside the truth, from ``estimates``: analyses as rows, outcomes as panels."""
    frame = table(tables, "estimates", ("replicate", "outcome", "source", "estimator", "covers"), ESTIMATE)
    frame = frame.filter(replicate=0)
    rows = frame.partition_by("outcome", "source", as_dict=True, maintain_order=True)
    ways = list(dict.fromkeys(map(analysis_name, frame.iter_rows(named=True))))
    heads = {each: headings([each[0]])[each[0]]._replace(over=label("source", each[1])) for each in rows}
    laid = panels(run, say("estimates"), _notes(tables, run, frame, "estimates_marks"), ways, heads)
    for each, axes in laid.axes.items():
        factor = scale(outcome_of(each[0]).unit).factor
        ends = [factor * value for row in rows[each].select(ESTIMATE).iter_rows() for value in row]
        widest = max(map(abs, filter(math.isfinite, ends)), default=1.0)
        number_axis(axes, limits(ends, 0.3 * widest or 1.0), laid.wide)
        zero_line(axes, 1.2)
        for row in rows[each].iter_rows(named=True):
            _estimate(axes, ways.index(analysis_name(row)) + 0.5, row, factor)
    words = {True: "estimates_covers", False: "estimates_misses", None: "estimates_alone"}
    there = set(frame["covers"])
    marks = [
        legend_mark(say(words[each]), COVERS[each], 4.2, 1.3 * (each is not None)) for each in words if each in there
    ]
    return laid.paper.legend([*marks, legend_key(say("event_truth"), WITHOUT, 4.0)])


def over_replicates(estimates: pl.DataFrame) -> pl.DataFrame:
    """Average the estimates of an analysis over replicates, of which each has a panel and a truth of its own.

    ``low`` and ``high`` are the lowest and the highest estimate; ``covers`` counts the intervals that cover their
    truth, of all that there are, ``intervals``.
    """
    analysis = estimates.group_by("outcome", "unit", "source", "estimator", "controls", maintain_order=True)
    covers, estimate = pl.col("covers"), pl.col("estimate")
    ends = {"low": estimate.min(), "high": estimate.max()}
    means = ordered_mean(pl.col("estimate", "truth", "bias"))
    return analysis.agg(means, **ends, covers=covers.sum(), intervals=covers.count())


def _notes(tables: Tables, run: Setting, frame: pl.DataFrame, marks: str) -> list[str]:
    """Write what a figure of one economy is based on, and explain its marks and lines; a single firm has no line."""
    basis = based_on(run) + (say("event_first") if run.replicates > 1 else "")
    drawn = (frame["low"] < frame["high"]).any()
    lines = "event_bare" if not drawn else "event_some" if frame["low"].is_nan().any() else "event_lines"
    return [basis, _sample(tables), say(marks), say(lines), *payroll_notes(frame)]


def analysis_name(row: Cell) -> str:
    """Name an estimator and the controls that it uses."""
    controls = row.get("controls")
    beside = f"{say('list')}{label('controls', controls)}" if controls else ""
    return label("estimator", row["estimator"]) + beside


def _estimate(axes: Axes, y: float, row: Cell, factor: float) -> None:
    value, low, high, truth, start, end = (factor * row[name] for name in ESTIMATE)
    mark = COVERS[row["covers"]]
    gid = f"estimate {row['outcome']} {row['source']} {row['estimator']}"
    if math.isfinite(start + end):
        bar(axes, y, (start, end), 0.6, WITHOUT, alpha=0.4, linewidth=0)
    axes.plot([truth, truth], [y - 0.36, y + 0.36], color=WITHOUT, linewidth=2.0, zorder=1.5)
    row_line(axes, y, (low, high), mark.color, 1.2)
    dot(axes, value, y, mark, 4.0, gid=gid)


def _sample(tables: Tables) -> str:
    """Write how many firms and people the evaluator observes."""
    frame = table(tables, "estimates", ("replicate", "source", "n_firms", "n_people")).filter(replicate=0)
    counts = frame.group_by("source", maintain_order=True).agg(pl.col("n_firms", "n_people").max())
    parts: list[str] = []
    for source, firms, people in counts.fill_null(0).iter_rows():
        which = "estimates_sample" if people > firms else "estimates_firms"  # a payroll is observed by firm
        words = {"firms": counted(int(firms), "firm"), "people": counted(int(people), "person")}
        parts.append(say(which, source=label("source", str(source)), **words))
    return say("estimates_samples", parts=say("semicolon").join(parts)) if parts else ""


def draw_power(tables: Tables, run: Setting) -> Figure:
    """Draw power against the size of a pilot from ``design``, one panel per outcome and data source."""
    known = table(tables, "design", (*SIZED, "outcome", "source", "pilots", "stock"), POWER)
    frame = by_city(known, *POWER_BY_CITY, "rejects_placebo").with_columns(pl.col(POWER).fill_null(math.nan))
    cells = frame.select("outcome", "source").unique(maintain_order=True).rows()
    along, between = varied_size(frame)
    fixed = [name for name in SIZED if name != along and name not in between and frame.height]
    same = say("list").join(counted(int(frame[name][0]), name) for name in fixed)
    apart = bool((frame["effect_least"] < frame["effect_most"]).any())
    notes = [based_on(run), _pilots(frame), say("power_line")]
    notes += [say("power_fixed", sizes=same) if same else "", *[say("power_differs")] * apart]
    notes += [phrase("evaluation", "note_shock")] * city_shocks(known) + [*early_differences(known), _checks(frame)]
    notes += payroll_notes(frame)
    laid = grid(run.title, say("power"), notes, len(cells), SIZES.paged(len(cells)))
    curves = frame.select(between).unique(maintain_order=True).sort(between).rows() if between else [()]
    for place, ((outcome, source), axes) in enumerate(zip(cells, laid.panels, strict=True)):
        mine = frame.filter(outcome=outcome, source=source)
        _sizes(axes, mine, along)
        for number_of, values in enumerate(curves):
            color, marker = curve_style(number_of)
            chosen = mine.filter(pl.lit(True), **dict(zip(between, values, strict=True))).sort(along)
            power, low, high = (100 * chosen[name].to_numpy() for name in ("power", "power_low", "power_high"))
            beside = (number_of - (len(curves) - 1) / 2) * APART / 72
            moved = axes.transData + ScaledTranslation(beside, 0, axes.figure.dpi_scale_trans)
            axes.errorbar(
                chosen[along].to_numpy(), power, yerr=np.clip([power - low, high - power], 0, None), marker=marker,
                color=color, markersize=3.6, linewidth=1.2, elinewidth=0.8, capsize=0, clip_on=False, zorder=2.5,
                transform=moved, gid=f"power {outcome} {source} {values}",
            )  # fmt: skip
        panel_title(axes, label("outcome", outcome), lift=13)
        text_above(axes, 0, _true_effect(outcome, source, mine), "left", 4)
        if laid.lowest(place):
            axes.set_xlabel(say("axis_" + along))
        if laid.first(place):
            axes.set_ylabel(say("power_axis"))
    words = [say("list").join(map(counted, values, between)) for values in curves if between]
    styles = zip(words, map(curve_style, range(len(words))), strict=True)
    return laid.paper.legend(
        [legend_key(text, color, 1.2, marker=sign, markersize=3.6) for text, (color, sign) in styles], 4
    )


def city_shocks(design: pl.DataFrame) -> bool:
    """Return whether whole cities have events of their own."""
    return "city_shock" in design.columns and bool((design["city_shock"] > 0).any())


def payroll_notes(frame: pl.DataFrame) -> list[str]:
    """Say what payrolls lack, if they are among the sources of a table."""
    return [say("payroll_lacks")] * bool((frame["source"] == "payroll").any())


def early_differences(design: pl.DataFrame) -> list[str]:
    """Say that firms differ from themselves without the rules before the start that counts, if they do."""
    there = "differs_before" in design.columns and bool(design["differs_before"].any())
    return [phrase("evaluation", "already")] * there


def by_city(design: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Take columns by errors clustered by city where cities have events, for which errors by firm are too small."""
    return design.with_columns(pl.col(f"city_{each}").alias(each) for each in columns if city_shocks(design))


def varied_size(frame: pl.DataFrame) -> tuple[str, tuple[str, ...]]:
    """Choose the size with most values for the axis; other sizes that vary make curves."""
    counts = {name: frame[name].n_unique() for name in SIZED}
    along = max(SIZED, key=lambda name: counts[name])
    return along, tuple(name for name in SIZED if name != along and counts[name] > 1)


def _sizes(axes: Axes, mine: pl.DataFrame, along: str) -> None:
    """Prepare a panel; sizes that span a factor of six get a logarithmic axis."""
    places = sorted(mine[along].unique().to_list())
    axes.set_ylim(0, 103)
    axes.set_yticks(range(0, 101, 20))
    if len(places) > 2 and places[0] > 0 and places[-1] / places[0] >= 6:
        axes.set_xscale("log")
        axes.minorticks_off()
    axes.set_xticks(places, [f"{place:,}" for place in places])
    axes.margins(x=0.06)
    axes.update_datalim([(place, WANTED) for place in places])
    axes.set_xlim(axes.get_xlim())  # marks that are moved aside count as at 0
    grid_on(axes, "y")
    axes.axhline(WANTED, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)


def _true_effect(outcome: str, source: str, mine: pl.DataFrame) -> str:
    """Write the true effect on an outcome, over months and over replicates, and the data source."""
    shown = scale(outcome_of(outcome).unit)
    known = shown.factor * mine.select(EFFECTS).drop_nans().drop_nulls().to_numpy()
    parts = []
    if len(known):
        low, high = known.min(axis=0), known.max(axis=0)
        ends = (low[0], high[0], low[1], high[2])  # of the mean, and of single replicates
        least, most, lowest, highest = (number(value, digits(value), sign=True) for value in ends)
        apart = say("power_apart", effects=range_text(lowest, highest)) if (lowest, highest) != (least, most) else ""
        parts.append(say("power_effect", effect=f"{range_text(least, most)}{apart} {shown.change}"))
    return "  ·  ".join([*parts, label("source", source)])


def _pilots(frame: pl.DataFrame) -> str:
    """Write how many pilots of each size were drawn, and from how many firms."""
    if frame.is_empty():
        return ""
    pilots, firms = f"{int(frame['pilots'].to_numpy().max()):,}", counted(int(frame["stock"][0]), "firm")
    return say("power_pilots", pilots=pilots, firms=firms)


def _checks(frame: pl.DataFrame) -> str:
    """Write how often intervals cover the truth and how often a placebo is significant."""
    known = [frame[name].drop_nans().to_numpy() for name in ("coverage", "rejects_placebo")]
    if not all(part.size for part in known):
        return ""
    ends = [(number(100 * part.min(), 0), number(100 * part.max(), 0)) for part in known]
    coverage, placebo = (range_text(low, high, percent(high)) for low, high in ends)
    return say("power_checks", coverage=coverage, placebo=placebo)
