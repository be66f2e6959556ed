"""Sweeps: how outcomes respond to what was varied, as curves, point clouds, heat maps and small multiples.

All figures read the table ``responses``, already filtered to what one figure shows. A design on a grid has means over
replicates (``over``), a sampled one has means over bins of points.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.figures.axis import color_bar, y_axis
from sim.figures.context import Setting, Tables, based_on, table
from sim.figures.fonts import shortened, strong, width
from sim.figures.numerals import number, scale, scale_decimals
from sim.figures.panels import HEADLINES, Cells, Grid, grid
from sim.figures.sheet import DASHED, LANDSCAPE, TWO_COLUMNS, legend_key, panel_title, text_above
from sim.figures.style import FAINT, INK, SMALL, TINY, WITHOUT, Style, curve_style
from sim.figures.sweep_axes import Varied, color_legend, colors_of, level_words, unit_words, varied, x_axis
from sim.figures.words import counted, label, range_text, say
from sim.outcomes import Reals, outcome_of

CHIEF = ("share_burnt_out", "latent_overtime", "output_per_paid_hour")  # burnout, overtime and efficiency
SEVERAL = "several worlds"  # instead of the name of a single reference
MOST = 9  # outcomes of a figure
MANY_POINTS, MANY_LEVELS, MOST_CURVES, MOST_ROWS = 2_000, 15, 6, 10
CURVE_PANELS = Cells(2, 1.3, left=0.5, gap=0.16, between=0.68, below=0.42, above=0.42)  # and for a legend 0.18 more
LEGEND = 0.18  # inches
NEAR = 0.08  # of the width of a panel, between levels that are too near for marks of several curves
CELL = 6.0  # points, numbers in a heat map
NEEDED = (
    "scenario", "axis", "place", "level", "name", "by", "by_place", "by_level", "by_name", "outcome", "over", "points",
    "replicates", "value", "value_low", "value_high", "reference", "pairs", "difference", "low", "high",
)  # fmt: skip


def draw_along(tables: Tables, run: Setting, *, change: bool) -> Figure:
    """Draw effects along one axis, or levels with those of the reference, from ``responses``, ``effects``, ``axes``."""
    rows = table(tables, "responses", NEEDED)
    axis = varied(tables, str(rows["axis"][0]))
    outcomes = _outcomes(rows, change)
    curves, by = _curves(tables, rows, run)
    explained, own = len(curves) > 1 or not change, _own_references(curves.values())
    shows = say("sweep_response" if change else "sweep_levels", axis=axis.words)
    cells = _cells(len(outcomes), explained)
    notes = _notes(tables, run, rows, change, None if by else axis) + ([] if by else _uneven_note(rows))
    even = len(curves) > 1 and _crowded(rows, axis)
    laid = grid(run.title, shows, [*notes, *[say("sweep_even")] * even], len(outcomes), cells)
    for place, (outcome, axes) in enumerate(zip(outcomes, laid.panels, strict=True)):
        if rows["over"][0] == "points":
            _scatter(axes, tables, axis.column, outcome, change, curves)
        _draw(axes, axis, curves, outcome, change, laid.wide, own, even)
        _head(axes, label("outcome", outcome), unit_words(outcome, change), laid.wide)
        if laid.lowest(place):
            axes.set_xlabel(shortened(axis.title, laid.wide + 0.3, SMALL))
    names = _curve_names(run, curves, by) if explained else []
    styles = zip(names, map(curve_style, range(len(names))), strict=True)
    handles = [legend_key(name, color, 1.2, marker=marker, markersize=3.4) for name, (color, marker) in styles]
    if not change and _has_reference(rows):
        words = _compared_with(run, run.name)
        words = say("sweep_own_reference", reference=words) if own else words
        handles.append(legend_key(words, INK if own else WITHOUT, 1.4, linestyle=DASHED))
    return laid.paper.legend(handles, columns=7)


def _crowded(rows: pl.DataFrame, axis: Varied) -> bool:
    """Return whether some listed levels lie so near to each other that marks of several curves would mix."""
    levels = rows["level"].drop_nulls().unique().sort().to_numpy()
    if rows["over"][0] == "points" or rows["level"].null_count() or not 2 < len(levels) <= MANY_LEVELS:
        return False
    scaled = np.log(levels) if axis.log and levels[0] > 0 else levels
    return bool(np.diff(scaled).min() < NEAR * np.ptp(scaled))


def columns_of(change: bool) -> tuple[str, str, str]:
    """Name the columns of a mean and both ends of its interval, of differences or else of levels."""
    return ("difference", "low", "high") if change else ("value", "value_low", "value_high")


def _has_intervals(rows: pl.DataFrame, change: bool) -> bool:
    return rows[columns_of(change)[1]].null_count() < rows.height


def _cells(count: int, legend: bool) -> Cells:
    """Return the sizes of so many panels, with space for a legend."""
    return CURVE_PANELS.paged(count)._replace(above=CURVE_PANELS.above + LEGEND * legend)


def _head(axes: Axes, name: str, unit: str, wide: float) -> None:
    """Write a name and a unit above a panel, both cut to its width."""
    panel_title(axes, shortened(name, wide + 0.1, 8.0, strong()), lift=13)
    text_above(axes, 0, shortened(unit, wide + 0.1, TINY), "left", 4)


def _outcomes(rows: pl.DataFrame, change: bool) -> list[str]:
    """Return the headline outcomes with numbers, or the first outcomes if there are none; at most ``MOST``."""
    there = rows.filter(pl.col(columns_of(change)[0]).is_not_null())["outcome"].unique(maintain_order=True).to_list()
    return ([name for name in HEADLINES if name in there] or there)[:MOST]


def _curves(tables: Tables, rows: pl.DataFrame, run: Setting) -> tuple[dict[str, pl.DataFrame], Varied | None]:
    """Split rows into curves: by scenario, or by the places of the second of two axes, which is returned as well."""
    alone = rows.filter(pl.col("by").is_null())
    scenarios = alone["scenario"].unique(maintain_order=True).to_list()
    if len(scenarios) > 1:
        order = [name for name in run.scenarios if name in scenarios] or scenarios
        return {name: alone.filter(scenario=name) for name in order}, None
    crossed = rows.filter(pl.col("by").is_not_null())
    others = crossed["by"].unique().to_list()
    if len(others) == 1 and tables["axes"].height == 2 and crossed["by_place"].n_unique() <= MOST_CURVES:
        places = sorted(crossed["by_place"].unique().to_list())
        return {str(place): crossed.filter(by_place=place) for place in places}, varied(tables, others[0])
    return {scenarios[0] if scenarios else "": alone}, None


def _curve_names(run: Setting, curves: Mapping[str, pl.DataFrame], by: Varied | None) -> list[str]:
    if by is None:
        return [run.name(name) for name in curves]
    levels = [(rows["by_level"][0], str(rows["by_name"][0])) for rows in curves.values()]
    first, *others = level_words(levels, by)
    return [say("headed", head=by.title, text=first), *others]


def _draw(
    axes: Axes, axis: Varied, curves: Mapping[str, pl.DataFrame], outcome: str, change: bool, inches: float,
    own: bool = False, even: bool = False,
) -> None:  # fmt: skip
    """Draw all curves of an outcome; levels are at equal distances if they are words, or ``even``."""
    factor = scale(outcome_of(outcome).unit).factor
    mine = {name: rows.filter(outcome=outcome).sort("place") for name, rows in curves.items()}
    everything = pl.concat(mine.values())
    words = everything["level"].null_count() > 0
    even = even or words
    there = {row[0]: row[1:] for row in everything.select("place", "level", "name").iter_rows()} if even else {}
    named = [there.get(place, (None, "")) for place in range(max(there, default=-1) + 1)]  # one may lack all its runs
    ends = [name for name in ("level", "low_end", "high_end") if name in everything.columns and not even]
    reach = sorted({value for name in ends for value in everything[name].drop_nulls()})
    x_axis(axes, axis, reach, level_words(named, axis), inches)
    if change:
        axes.axhline(0, color=INK, linewidth=0.7, zorder=1.5)
    along = pl.col("place" if even else "level").cast(pl.Float64)
    references = set()
    for number_of, (curve, every) in enumerate(mine.items()):
        rows = every.filter(pl.col(columns_of(change)[0]).is_not_null())
        if rows.is_empty():
            continue
        x = rows.select(along).to_series().to_numpy()
        if rows["over"][0] != "points":
            x = _dodged(axes, x, number_of, len(mine), even)
        _line(axes, x, rows, change, curve, curve_style(number_of), words)
        known = rows.filter(pl.col("reference").is_not_null())
        values = tuple(factor * value for value in known["reference"].to_list())
        color = curve_style(number_of)[0] if own else WITHOUT
        if not change and values and (color, values) not in references:
            places, gid = known.select(along).to_series().to_list(), f"reference {outcome}"
            axes.plot(places, values, color=color, linewidth=1.4, linestyle=DASHED, zorder=2, gid=gid)
            references.add((color, values))
    axes.margins(y=0.1)
    y_axis(axes, sign=change)


def _own_references(curves: Iterable[pl.DataFrame]) -> bool:
    """Return whether curves are compared with references that differ between them."""
    there = pl.concat(curves).drop_nulls("reference").group_by("outcome", "place")
    return there.agg(pl.col("reference").n_unique() > 1)["reference"].any()


def _dodged(axes: Axes, x: Any, number_of: int, count: int, even: bool) -> Any:
    """Shift the marks of several curves slightly apart, so that their intervals can be distinguished."""
    shift = (number_of - (count - 1) / 2) / max(count, 1)
    low, high = axes.get_xlim()
    if axes.get_xscale() == "log":
        return x * (high / low) ** (0.02 * shift)
    return x + shift * ((0.7 if count > 2 else 0.4) if even else 0.02 * (high - low))


def _numbers(rows: pl.DataFrame, change: bool) -> Reals:
    """Return the means of an outcome and both ends of their intervals in the unit shown, (3, rows); unknown is NaN."""
    factor = scale(outcome_of(rows["outcome"][0]).unit).factor
    return factor * rows.select(pl.col(columns_of(change)).cast(pl.Float64).fill_null(math.nan)).to_numpy().T


def _line(axes: Axes, x: Any, rows: pl.DataFrame, change: bool, name: str, style: tuple[str, str], words: bool) -> None:
    """Draw a curve with its intervals: bars for words, which have nothing between them, and few levels, else a band."""
    value, low, high = _numbers(rows, change)
    (color, marker), tag = style, f"{rows['outcome'][0]} {name}"
    if words or rows.height <= MANY_LEVELS:
        errors, gid = np.nan_to_num(np.clip([value - low, high - value], 0, None)), f"interval {tag}"
        axes.errorbar(x, value, yerr=errors, fmt="none", ecolor=color, elinewidth=0.8, zorder=2.2, gid=gid)
    else:
        marker = ""
        if np.isfinite(low).any():
            axes.fill_between(x, low, high, color=color, alpha=0.18, linewidth=0, zorder=1.8, gid=f"interval {tag}")
    look: Style = {"color": color, "marker": marker, "markersize": 3.4, "linewidth": 0 if words else 1.2}
    axes.plot(x, value, zorder=2.5, gid=f"curve {tag}", **look)


def _scatter(axes: Axes, tables: Tables, column: str, outcome: str, change: bool, scenarios: Iterable[str]) -> None:
    """Draw the points of a sampled design, pale, behind the means of bins."""
    factor = scale(outcome_of(outcome).unit).factor
    value = columns_of(change)[0]
    rows = tables["effects"].filter(pl.col("outcome") == outcome, ~pl.col("is_reference"), pl.col(value).is_not_null())
    for number_of, scenario in enumerate(scenarios):
        mine = rows.filter(scenario=scenario)
        mine = mine.gather_every(max(1, mine.height // MANY_POINTS))
        x, y = (mine[name].cast(pl.Float64).to_numpy() for name in (column, value))
        axes.plot(
            x, factor * y, "o", markersize=2.4, markerfacecolor=curve_style(number_of)[0],
            markeredgewidth=0, zorder=1.2, alpha=0.45 if mine.height < 400 else 0.15,
            rasterized=mine.height > 500, gid=f"points {outcome} {scenario}",
        )  # fmt: skip


def _has_reference(rows: pl.DataFrame) -> bool:
    """Return whether effects are relative to a reference."""
    return rows["reference"].null_count() < rows.height


def _compared_with(run: Setting, called: Callable[[str], str]) -> str:
    """Name the reference world as it is ``called``, or say that there are several."""
    return say("sweep_reference") if run.counterfactual == SEVERAL else called(run.counterfactual)


def _basis_note(run: Setting, rows: pl.DataFrame, change: bool) -> list[str]:
    """Write how many replicates the numbers are based on, and the reference of differences."""
    level = ("scenario", "axis", "place", "by", "by_place")
    each = pl.when(over="points").then("replicates").otherwise("pairs" if change else "replicates")
    most = rows.group_by(level).agg(each.max())
    used = most[:, -1].drop_nulls().to_list()
    rests, low, high = based_on(run), min(used, default=0), max(used, default=0)
    if (low, high) != (run.replicates, run.replicates):
        some, replicates = range_text(f"{low:,}", f"{high:,}"), counted(run.replicates, "replicate")
        rests = say("sweep_rests", used=some, replicates=replicates, seed=run.seed)
    nouns = (("people", "person"), ("firms", "firm"), ("weeks", "week"))
    sizes = {many: counted(round(run.measured[many]), one) for many, one in nouns if run.measured}
    reference = say("sweep_paired", reference=_compared_with(run, run.cited)) if change else ""
    return [rests, say("sweep_measured", **sizes) if sizes else "", reference]


def _average_note(tables: Tables, run: Setting, *drawn: str) -> str:
    """Write which axes, other than those drawn, values are averaged over, or which vary together in a list."""
    others = [varied(tables, name).words for name in tables["axes"]["column"] if name not in drawn]
    how = "sweep_together" if run.method == "list" else "sweep_averaged"
    return say(how, others=say("list").join(others)) if others else ""


def _notes(tables: Tables, run: Setting, rows: pl.DataFrame, change: bool, axis: Varied | None) -> list[str]:
    """Write what curves are based on, and what they are averaged over if there is one ``axis``."""
    notes = [*_basis_note(run, rows, change), _average_note(tables, run, axis.column) if axis else ""]
    points, means = rows.filter(over="points"), rows.filter(over="replicates")
    if points.height:
        notes += [say("sweep_points"), say("sweep_bins") if _has_intervals(points, change) else ""]
    if means.height:
        notes.append(say("sweep_intervals" if _has_intervals(means, change) else "sweep_single"))
    return notes


def _uneven_note(rows: pl.DataFrame) -> list[str]:
    """Say that means along an axis are over fewer points at some levels, if so."""
    means = rows.filter(pl.col("by").is_null(), over="replicates").group_by("scenario", "axis", "outcome")
    return [say("sweep_uneven")] * bool(means.agg(pl.col("points").n_unique() > 1)["points"].any())


def draw_map(tables: Tables, run: Setting) -> Figure:
    """Draw a heat map over two axes for each outcome, under one scenario; the axis with more levels is horizontal."""
    rows = table(tables, "responses", NEEDED)
    up, right = varied(tables, str(rows["axis"][0])), varied(tables, str(rows["by"][0]))
    if rows["place"].n_unique() > rows["by_place"].n_unique():
        flip = {"place": "by_place", "level": "by_level", "name": "by_name"}
        rows = rows.rename(flip | {new: old for old, new in flip.items()})
        up, right = right, up
    change = _has_reference(rows)
    outcomes = _outcomes(rows, change)
    drawn = rows.filter(pl.col("outcome").is_in(outcomes), pl.col(columns_of(change)[0]).is_not_null())
    notes = [*_basis_note(run, rows, change), _average_note(tables, run, up.column, right.column)]
    directed = any(outcome_of(outcome).direction for outcome in outcomes)
    notes += [say("sweep_colours" if change else "sweep_colours_levels")] * directed
    if change and not _has_intervals(rows, change):
        notes.append(say("sweep_single"))
    elif change and drawn.filter(pl.col("low") <= 0, pl.col("high") >= 0).height:
        notes.append(say("sweep_hatched"))
    if drawn.height < len(outcomes) * rows["place"].n_unique() * rows["by_place"].n_unique():
        notes.append(say("sweep_missing"))
    scenario = run.title_of(str(rows["scenario"][0]))
    title = say("headed", head=run.title, text=scenario) if len(run.scenarios) > 1 else run.title
    shows = say("sweep_map" if change else "sweep_map_levels", up=up.words, right=right.words)
    levels = rows["place"].n_unique()
    high = max(CURVE_PANELS.high, 0.2 * levels) if levels <= 12 else 2.2
    cells = _cells(len(outcomes), legend=True)._replace(high=high, right=_bar_room(rows, outcomes, change))
    laid = grid(title, shows, notes, len(outcomes), cells)
    for place, (outcome, axes) in enumerate(zip(outcomes, laid.panels, strict=True)):
        _map(axes, laid, rows.filter(outcome=outcome), outcome, change)
        _labelled(axes, rows.filter(outcome=outcome), (right, up), (laid.wide, laid.cells.high))
        _head(axes, label("outcome", outcome), unit_words(outcome, change), laid.wide)
        if laid.lowest(place):
            axes.set_xlabel(shortened(right.title, laid.wide + 0.5, SMALL))
        if laid.first(place):
            axes.set_ylabel(shortened(up.title, cells.high + 0.3, SMALL))
    return laid.paper.legend(color_legend(outcomes))


def _bar_room(rows: pl.DataFrame, outcomes: Sequence[str], change: bool) -> float:
    """Return the space beside panels for a colour bar and its numbers, inches."""
    longest = 0.0
    for outcome in outcomes:
        ticks, decimals = _ticks(_numbers(rows.filter(outcome=outcome), change)[0], change)
        longest = max(longest, *(width(number(tick, decimals, sign=True), TINY) for tick in ticks))
    return 0.18 + longest


def _ticks(values: Reals, change: bool) -> tuple[list[float], int]:
    """Return the ends and the middle of a scale of colours, and the decimals that tell them apart."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if change:
        high = max(abs(low), abs(high)) or 1.0
        low = -high
    elif low == high:
        low, high = low - (abs(low) or 1.0), high + (abs(high) or 1.0)
    return [low, (low + high) / 2, high], scale_decimals(low, high)


def _map(axes: Axes, laid: Grid, rows: pl.DataFrame, outcome: str, change: bool) -> None:
    """Draw a heat map, with numbers where they fit, and a colour bar."""
    height, length = int(rows["place"].max() or 0) + 1, int(rows["by_place"].max() or 0) + 1  # type: ignore[arg-type]
    cells = np.full((3, height, length), math.nan)
    cells[:, rows["place"], rows["by_place"]] = _numbers(rows, change)
    ticks, decimals = _ticks(cells[0], change)
    colors, norm, gid = colors_of(outcome), Normalize(ticks[0], ticks[-1]), f"map {outcome}"
    mesh = axes.pcolormesh(cells[0], cmap=colors, norm=norm, edgecolors="white", linewidth=0.6, gid=gid)
    texts = {at: number(value, decimals, sign=change) for at, value in np.ndenumerate(cells[0])}
    _annotate(axes, cells, texts, change, (laid.wide / length, laid.cells.high / height), mesh.to_rgba)
    color_bar(axes, mesh, ticks, decimals, change, (0.06, 0.06), length=1.5, pad=1.5)


def _labelled(axes: Axes, rows: pl.DataFrame, pair: tuple[Varied, Varied], inches: tuple[float, float]) -> None:
    """Write levels beside rows and below columns, as many as fit."""
    sides = zip(("by_", ""), pair, inches, (axes.set_xticks, axes.set_yticks), strict=True)
    for prefix, axis, space, setter in sides:
        facts = rows.unique(f"{prefix}place").select(f"{prefix}{each}" for each in ("place", "level", "name"))
        levels = facts.sort(f"{prefix}place").rows()
        texts_of = level_words(((level, str(name)) for _, level, name in levels), axis)
        said = {place: text for (place, _, _), text in zip(levels, texts_of, strict=True)}
        need = max((width(text, TINY) for text in said.values()), default=0.1) + 0.05 if prefix else 0.11
        step = max(1, math.ceil(need * (levels[-1][0] + 1) / space))
        kept = [place for place in said if place % step == 0]
        texts = [shortened(said[place], 0.42, TINY) if not prefix else said[place] for place in kept]
        setter([place + 0.5 for place in kept], texts)
    axes.tick_params(length=0, labelsize=TINY)
    axes.spines[:].set_visible(False)


def _annotate(
    axes: Axes, cells: Any, texts: Mapping[tuple[int, ...], str], change: bool, inches: tuple[float, float],
    colors: Callable[..., Any],
) -> None:  # fmt: skip
    """Write numbers if they fit into the cells, and hatch cells whose interval includes zero."""
    middle, low, high = cells
    fits = inches[1] > 0.12 and max(width(text, CELL) for text in texts.values()) < inches[0] - 0.03
    for (place, by), value in np.ndenumerate(middle):
        if not math.isfinite(value):
            axes.add_patch(Rectangle((by, place), 1, 1, facecolor=FAINT, edgecolor="white", linewidth=0.6))
            continue
        start, end = low[place, by], high[place, by]
        if change and start <= 0 <= end:
            axes.add_patch(Rectangle((by, place), 1, 1, fill=False, hatch="////", edgecolor="#bdbdbd", linewidth=0))
        if fits:
            red, green, blue, _ = colors(value)
            color = "white" if 0.3 * red + 0.59 * green + 0.11 * blue < 0.55 else INK
            clear = {"facecolor": colors(value), "linewidth": 0, "pad": 0.4}  # of hatching, behind a number
            style: Style = {"ha": "center", "va": "center_baseline", "fontsize": CELL, "bbox": clear}
            axes.text(by + 0.5, place + 0.5, texts[place, by], color=color, **style)


def draw_panels(tables: Tables, run: Setting) -> Figure:
    """Draw one outcome with scenarios as rows and axes as columns, on one scale."""
    rows = table(tables, "responses", NEEDED).filter(pl.col("by").is_null())
    change = _has_reference(rows)
    outcome = str(rows["outcome"][0])
    names = rows["axis"].unique(maintain_order=True).to_list()
    axes_of = [varied(tables, name) for name in names[:MOST_CURVES]]
    there = rows["scenario"].unique(maintain_order=True).to_list()
    scenarios = [name for name in run.scenarios if name in there]
    notes = [*_notes(tables, run, rows, change, None), *_uneven_note(rows), say("sweep_one_scale")]
    others = "sweep_together_others" if run.method == "list" else "sweep_averaged_others"
    notes += [say(others)] * (tables["axes"].height > 1)
    notes += [say("sweep_axes_cut", shown=MOST_CURVES, count=len(names))] * (len(names) > MOST_CURVES)
    if len(scenarios) > MOST_ROWS:
        notes.append(say("sweep_cut", shown=MOST_ROWS, scenarios=counted(len(scenarios), "scenario")))
        scenarios = scenarios[:MOST_ROWS]
    page = LANDSCAPE if len(axes_of) > 3 else TWO_COLUMNS
    shows = say("sweep_panels", outcome=label("outcome", outcome))
    cells = CURVE_PANELS._replace(columns=len(axes_of), high=1.0, page=page, least=0.0)
    laid = grid(run.title, shows, notes, len(scenarios) * len(axes_of), cells)
    for place, axes in enumerate(laid.panels):
        scenario, axis = scenarios[place // len(axes_of)], axes_of[place % len(axes_of)]
        mine = rows.filter(scenario=scenario, axis=axis.column)
        if mine.height and mine["over"][0] == "points":
            _scatter(axes, tables, axis.column, outcome, change, [scenario])
        _draw(axes, axis, {scenario: mine}, outcome, change, laid.wide)
        if laid.first(place):
            _head(axes, run.name(scenario), unit_words(outcome, change), page)
        if laid.lowest(place):
            axes.set_xlabel(shortened(axis.title, laid.wide + 0.3, SMALL))
    ends = [axes.get_ylim() for axes in laid.panels]
    for axes in laid.panels:
        axes.set_ylim(min(low for low, _ in ends), max(high for _, high in ends))
        y_axis(axes, sign=change)
    return laid.paper.figure
