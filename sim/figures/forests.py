"""Forest plot over scenarios: one row per rule, one panel per headline outcome, with and without correction."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.figures.context import Setting, Tables, drawn_from, over, reach, window
from sim.figures.effect import Compared, compared_of, decimals_of
from sim.figures.forest_rows import beyond, common_axis
from sim.figures.panels import outcome_head, panels, shown
from sim.figures.style import MARKS, QUIET, number, scale
from sim.figures.words import label, say

BELOW = 0.30  # inches, for ticks
SIZE = 4.0  # points


def draw_forest(tables: Tables, run: Setting) -> Figure:
    """Draw the effects of all scenarios of a comparison, the best for the first outcome at the top."""
    compared = compared_of(tables)
    outcomes = shown(list(dict.fromkeys(each.effect.outcome for each in compared)))
    cells = {(each.scenario, each.effect.outcome): each for each in compared}
    scenarios = order(compared, outcomes)
    heads = {}
    for outcome in outcomes:
        effect = next(each.effect for each in compared if each.effect.outcome == outcome)
        heads[outcome] = outcome_head(outcome, effect.family, scale(effect.unit).change)
    people = [each.effect.people for each in compared]
    notes = [
        reach(people, [each.firms for each in compared]) + drawn_from(run),
        window(run, tables),
        say("forest_paired"),
        say("forest_lines"),
        over(run),
        say("forest_filled"),
        say("forest_sorted"),
    ]
    laid = panels(run, say("forest"), notes, [run.name(name) for name in scenarios], heads, BELOW)
    for outcome, axes in laid.axes.items():
        column = [cells.get((scenario, outcome)) for scenario in scenarios]
        there = [each for each in column if each]
        common_axis(axes, [each.effect.bounds for each in there], laid.wide, len(there))
        for place, each in enumerate(column):
            if each:
                _draw(axes, place + 0.5, each)
    laid.paper.legend(_handles([cells[key] for key in cells if key[1] in outcomes]), columns=7)
    return laid.paper.figure


def order(compared: Sequence[Compared], outcomes: Sequence[str]) -> list[str]:
    """Order scenarios by their effect on the first outcome, the best first; those without one come last."""
    first = {
        each.scenario: each.effect.difference * (-1 if each.effect.better == "higher" else 1)
        for each in compared
        if outcomes and each.effect.outcome == outcomes[0]
    }
    return sorted({each.scenario: None for each in compared}, key=lambda name: (first.get(name, math.inf), name))


def _draw(axes: Axes, y: float, each: Compared) -> None:
    """Draw an effect with both intervals."""
    value, low, high = each.effect.bounds
    mark = MARKS[each.effect.verdict]
    tag = f"{each.effect.outcome} {each.scenario}"
    left, right = axes.get_xlim()
    if each.effect.verdict != "zero" and math.isfinite(low + high):
        wide = [min(max(end, left), right) for end in each.simultaneous]
        near = [min(max(end, left), right) for end in (low, high)]
        if all(math.isfinite(end) for end in wide):
            axes.plot(wide, [y, y], color=mark.color, linewidth=0.6, gid=f"simultaneous {tag}")
        axes.plot(near, [y, y], color=mark.color, linewidth=1.7, gid=f"interval {tag}")
        for cut, end, arrow in ((low < left, left, "<"), (high > right, right, ">")):
            if cut:
                axes.plot([end], [y], arrow, color=mark.color, markersize=3.5, clip_on=False)
    if left <= value <= right:
        axes.plot(
            [value],
            [y],
            mark.marker,
            markersize=SIZE,
            markerfacecolor=mark.color if each.survives or each.effect.verdict == "zero" else "white",
            markeredgecolor=mark.color,
            markeredgewidth=0.9,
            zorder=3,
            gid=f"effect {tag}",
        )
        return
    beyond(axes, y, value, number(value, decimals_of(each.effect), sign=True), mark.color)


def _handles(compared: Sequence[Compared]) -> list[Line2D]:
    """Explain the marks that occur."""
    found = {each.effect.verdict for each in compared}
    handles = [_handle(verdict, label("verdict", verdict), True) for verdict in MARKS if verdict in found - {"unclear"}]
    if "unclear" in found:
        handles.append(_handle("unclear", label("verdict", "unclear"), False))
    signed = {"better", "worse", "neutral"}
    if any(each.effect.verdict in signed and each.survives for each in compared):
        handles.append(Line2D([], [], linewidth=0, marker="o", markersize=SIZE, color=QUIET, label=say("survives")))
    if any(each.effect.verdict in signed and not each.survives for each in compared):
        handles.append(
            Line2D(
                [],
                [],
                linewidth=0,
                marker="o",
                markersize=SIZE,
                markerfacecolor="white",
                color=QUIET,
                label=say("not_survives"),
            )
        )
    return handles


def _handle(verdict: str, words: str, filled: bool) -> Line2D:
    """Return the legend entry of a verdict."""
    mark = MARKS[verdict]
    return Line2D(
        [],
        [],
        color=mark.color,
        marker=mark.marker,
        markersize=SIZE,
        markerfacecolor=mark.color if filled else "white",
        linewidth=0 if verdict == "zero" else 1.5,
        label=words,
    )
