"""Forest plot of the effects of one rule: one row per outcome, with its interval, its numbers and its unit."""

from matplotlib.figure import Figure

from sim.figures.context import Setting, Tables, circumstances, over, window
from sim.figures.effect import baseline, change, effects_of
from sim.figures.forest_rows import (
    AXIS,
    HEADS,
    Ladder,
    Row,
    directions,
    frame,
    head,
    legend,
    mark,
    names,
    span,
    stretch,
)
from sim.figures.sheet import beside, sheet
from sim.figures.style import QUIET, TINY, scale
from sim.figures.words import label, say

SHOWN = {
    "burnout": (
        "share_burnt_out",
        "share_exhausted",
        "exhaustion",
        "share_anxious",
        "detachment",
        "sleep_minutes",
        "absence",
    ),
    "overtime": ("recorded_overtime", "latent_overtime", "hidden_overtime", "total_hours", "short_rest_share"),
    "efficiency": (
        "output_per_hour",
        "output_per_paid_hour",
        "focus_minutes",
        "message_minutes",
        "waiting",
        "defaults",
        "rework_share",
    ),
}
WIDEST = 500.0  # percent; an arrow marks what is beyond
NARROWEST = 2.0  # percent; a narrower axis would exaggerate


def draw_effects(tables: Tables, run: Setting) -> Figure:
    """Draw the effects on everybody by family, in percent of the baseline, with absolute numbers at the right.

    Needs ``effects`` and ``firms`` of a run. Only outcomes in ``SHOWN`` get a row.
    """
    effects = {effect.outcome: effect for effect in effects_of(tables) if effect.group == "all"}
    rows: list[Row] = []
    for family, listed in SHOWN.items():
        chosen = [name for name in listed if name in effects]
        rows += [Row(label("family", family))] * bool(chosen)
        rows += [Row(label("outcome", name) + " †" * (effects[name].unit == "sd"), name) for name in chosen]
    shown = [effects[row.key] for row in rows if row.key]
    reading = say("effects_divided", scenario=run.name(run.scenario), reference=run.name(run.counterfactual))
    notes = [circumstances(run, tables), window(run, tables), reading, over(run), say("stretched")]
    if any(effect.unit == "sd" for effect in shown):
        notes.append(say("dagger"))

    ladder = Ladder(rows)
    body = AXIS + ladder.inches + HEADS + 0.15
    paper = sheet(run.title, say("effects"), notes, body)
    left, wide = 1.65, 2.40
    axes = paper.axes(left, AXIS, wide, ladder.inches)
    frame(axes, ladder, span([bound for effect in shown for bound in effect.percent], NARROWEST, WIDEST))
    stretch(axes)
    names(axes, ladder, left)
    axes.set_xlabel(say("effects_axis"))
    directions(axes)
    head(axes, wide + 0.55, say("without"))
    head(axes, wide + 2.15, say("difference_95"))
    for y, row in ladder.placed:
        if row.key:
            effect = effects[row.key]
            mark(axes, y, effect, effect.percent)
            beside(axes, y, wide + 0.55, baseline(effect), ha="right", color=QUIET)
            beside(axes, y, wide + 2.15, change(effect), ha="right")
            beside(axes, y, wide + 2.22, scale(effect.unit).change, size=TINY, color=QUIET)
    legend(paper, {effect.verdict for effect in shown})
    return paper.figure
