"""Forest plots: the effects of one rule by outcome and by group of people, and those of many rules."""

from collections.abc import Collection

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.figures import forest_rows as rows
from sim.figures.axis import arrows, common_axis, common_limits, dot_or_number, few_ticks, limits, whisker
from sim.figures.context import Setting, Tables, any_stated, based_on, over_what, sample_note, window
from sim.figures.effect import Effect, baseline, best_first, by_scenario, change, effects_of, firm_counts, on_everybody
from sim.figures.fonts import width
from sim.figures.forest_rows import AXIS, HEADS, RowLayout
from sim.figures.numerals import Bounds, number, scale
from sim.figures.panels import headings, headlines_in, panels
from sim.figures.sheet import MARGIN, heading, in_row, is_narrow, legend_key, page_width, sheet, text_above
from sim.figures.style import MARKS, QUIET, TINY, Mark
from sim.figures.words import label, say

SHOWN = {
    "burnout": (
        "share_burnt_out", "share_exhausted", "exhaustion", "share_anxious", "detachment", "sleep_minutes", "absence",
    ),
    "overtime": ("recorded_overtime", "latent_overtime", "hidden_overtime", "total_hours", "short_rest_share"),
    "efficiency": (
        "output_per_hour", "output_per_paid_hour", "focus_minutes", "message_minutes", "waiting", "defaults",
        "rework_share",
    ),
}  # fmt: skip
RELATIVE = 2.0, 500.0  # percent; a narrower axis would exaggerate, and an arrow marks what is beyond the widest
GROUPED = ("share_burnt_out", "latent_overtime")
SIZE = 4.0  # points, of a mark among many rules


def draw_effects(tables: Tables, run: Setting) -> Figure:
    """Draw the effects on everybody in percent of the baseline, with absolute numbers at the right."""
    effects = {effect.outcome: effect for effect in on_everybody(tables)}
    ladder = RowLayout(rows.outcome_rows(SHOWN, effects))
    there = [effects[name] for _, name in ladder.keyed]
    divided = say("effects_divided", scenario=run.cited(run.scenario), reference=run.cited(run.counterfactual))
    notes, stated = [sample_note(run, tables), window(run, tables), divided], any_stated(tables)
    ends = limits([end for each in there for end in each.percent], *RELATIVE)
    notes += [*arrows([(ends, (each.percent for each in there))]), over_what(run, tables), say("stretched")]
    notes += [say("dagger")] * any(effect.unit == "sd" for effect in there)
    paper = sheet(run.title, say("effects"), notes, AXIS + ladder.inches + HEADS + 0.15)
    left = 1.65
    wide = page_width() - left - 2 * MARGIN if is_narrow() else 2.40
    axes = paper.axes(left, AXIS, wide, ladder.inches)
    rows.percent_axis(axes, ladder, ends, left, wide)
    if not is_narrow():
        text_above(axes, wide + 0.55, say("without"))
        text_above(axes, wide + 2.15, say("difference_95" if stated else "difference"))
    for y, name in ladder.keyed:
        effect = effects[name]
        rows.draw_effect(axes, y, effect, effect.percent)
        if not is_narrow():
            in_row(axes, y, wide + 0.55, baseline(effect), ha="right", color=QUIET)
            in_row(axes, y, wide + 2.15, change(effect.bounds, stated), ha="right")
            in_row(axes, y, wide + 2.22, scale(effect.unit).change, size=TINY, color=QUIET)
    return paper.legend(rows.legend_of(there))


def draw_who(tables: Tables, run: Setting) -> Figure:
    """Draw the effects on the ``GROUPED`` outcomes, one row per group, from ``effects`` of a run."""
    chosen = [effect for effect in effects_of(tables, needed=("group",)) if effect.outcome in GROUPED]
    people = {effect.group: effect.people for effect in chosen}
    ladder = RowLayout(rows.group_rows(list(people)))
    groups = say("effects_groups", scenario=run.cited(run.scenario), reference=run.cited(run.counterfactual))
    bounds = {name: [each.bounds for each in chosen if each.outcome == name] for name in GROUPED}
    ends = {name: rows.common_span(each) for name, each in bounds.items()}
    notes, stated = [sample_note(run, tables), window(run, tables), groups], any_stated(tables)
    notes += arrows((ends[name], bounds[name]) for name in GROUPED)
    notes += [over_what(run, tables), *[say("groups_alone")] * stated]
    paper = sheet(run.title, say("who"), notes, AXIS + ladder.inches + HEADS + 0.36)
    written = 0.25 + max((width(change(each.bounds, stated), TINY) for each in chosen), default=0.0)
    left, panel, numbers = (1.36, 0.88, 0.2) if is_narrow() else (1.72, 2.68 - max(written, 1.23), max(written, 1.23))
    for index, outcome in enumerate(GROUPED):
        effects = {effect.group: effect for effect in chosen if effect.outcome == outcome}
        at = left + index * (panel + numbers)
        axes = paper.axes(at, AXIS, panel, ladder.inches)
        rows.effect_axis(axes, ladder, ends[outcome])
        few_ticks(axes, panel, most=6)
        unit = scale(next(iter(effects.values())).unit).change if effects else ""
        axes.set_xlabel(say("difference_in", unit=unit))
        heading(axes, label("outcome", outcome), 15)
        if not index:
            ladder.names(axes, at)
        for y, effect in ((y, effects[group]) for y, group in ladder.keyed if group in effects):
            rows.draw_effect(axes, y, effect, effect.bounds)
            if not is_narrow():
                in_row(axes, y, panel + numbers - 0.1, change(effect.bounds, stated), ha="right", size=TINY)
        if not is_narrow():
            text_above(axes, panel + numbers - 0.1, say("difference_95" if stated else "difference"))
            if not index:
                ladder.people(axes, -0.1, people)
    return paper.legend(rows.legend_of(chosen))


def draw_forest(tables: Tables, run: Setting) -> Figure:
    """Draw the effects of all scenarios of a comparison, the best for the first outcome at the top."""
    compared = by_scenario(tables)
    outcomes = headlines_in([each.outcome for each in compared])
    cells = {(each.scenario, each.outcome): each for each in compared if each.outcome in outcomes}
    scenarios = best_first(compared, outcomes)
    notes = [based_on(run, firm_counts(compared)), window(run, tables), say("forest_paired")]
    notes += [say("forest_lines"), over_what(run, tables), say("forest_filled")] if any_stated(tables) else []
    columns = [[cells[name, outcome] for name in scenarios if (name, outcome) in cells] for outcome in outcomes]
    spans = [common_limits([each.bounds for each in column], len(column)) for column in columns]
    beyond = arrows(zip(spans, ([each.bounds for each in column] for column in columns), strict=True), "forest_arrow")
    thin = ([_simultaneous(each) for each in column if each.verdict != "zero"] for column in columns)
    notes += [say("forest_sorted"), *(beyond or arrows(zip(spans, thin, strict=True), "forest_cut"))]
    laid = panels(run, say("forest"), notes, [run.name(name) for name in scenarios], headings(outcomes))
    for outcome, axes in laid.axes.items():
        column = {y: cells[name, outcome] for y, name in enumerate(scenarios) if (name, outcome) in cells}
        common_axis(axes, [each.bounds for each in column.values()], laid.wide, len(column))
        for place, each in column.items():
            y, tag, color = place + 0.5, f"{outcome} {each.scenario}", MARKS[each.verdict].color
            if each.verdict != "zero":
                whisker(axes, y, _simultaneous(each), color, 0.6, 0, f"simultaneous {tag}")
                whisker(axes, y, each.bounds, color, 1.7, 3.5, f"interval {tag}")
            mark, value = _filled(each.verdict, each.survives or each.verdict == "zero"), each.bounds[0]
            text, gid = number(value, each.decimals, sign=True), f"effect {tag}"
            dot_or_number(axes, y, value, mark, SIZE, text, markeredgewidth=0.9, gid=gid)
    return laid.paper.legend(_handles(cells.values()), columns=7)


def _simultaneous(effect: Effect) -> Bounds:
    """Return an effect with its simultaneous interval, which is drawn thin."""
    return effect._replace(low=effect.low_simultaneous, high=effect.high_simultaneous).bounds


def _filled(verdict: str, filled: bool) -> Mark:
    """Return the mark of a verdict, filled or hollow; without an interval it is pale."""
    mark = MARKS[verdict]
    return mark if verdict == "unknown" else mark._replace(fill=mark.color if filled else "white")


def _handles(compared: Collection[Effect]) -> list[Line2D]:
    """Explain the marks that occur, the unclear ones last."""
    order = sorted(MARKS, key=lambda verdict: verdict == "unclear")
    marks = {verdict: _filled(verdict, verdict != "unclear") for verdict in order}
    handles = rows.legend_of(compared, marks, SIZE, 1.5)
    signed = {each.survives for each in compared if each.verdict in ("better", "worse", "neutral")}
    for survives, words, fill in ((True, "survives", QUIET), (False, "not_survives", "white")):
        if survives in signed:
            handles.append(legend_key(say(words), QUIET, marker="o", markersize=SIZE, markerfacecolor=fill))
    return handles
