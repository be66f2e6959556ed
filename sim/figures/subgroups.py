"""Forest plot by group: for whom a rule changes what."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from sim.core.columns import CITIES, INDUSTRIES, ROLES
from sim.figures.context import Setting, Tables, circumstances, over, window
from sim.figures.effect import change, effects_of
from sim.figures.fonts import strong
from sim.figures.forest_rows import AXIS, HEADS, Ladder, Row, common_span, frame, head, legend, mark, names
from sim.figures.sheet import beside, sheet
from sim.figures.style import INK, QUIET, TINY, scale
from sim.figures.words import label, say

GROUPED = ("share_burnt_out", "latent_overtime")


def draw_who(tables: Tables, run: Setting) -> Figure:
    """Draw the effects on the ``GROUPED`` outcomes, one row per group, from ``effects`` and ``firms`` of a run."""
    chosen = [effect for effect in effects_of(tables) if effect.outcome in GROUPED]
    people = {effect.group: effect.people for effect in chosen}
    ladder = Ladder(group_rows(list(people)))
    reading = say("effects_groups", scenario=run.name(run.scenario), reference=run.name(run.counterfactual))
    notes = [circumstances(run, tables), window(run, tables), reading, over(run)]
    body = AXIS + ladder.inches + HEADS + 0.36
    paper = sheet(run.title, say("who"), notes, body)
    left, panel, numbers = 1.72, 1.45, 1.23
    for index, outcome in enumerate(GROUPED):
        effects = {effect.group: effect for effect in chosen if effect.outcome == outcome}
        at = left + index * (panel + numbers)
        axes = paper.axes(at, AXIS, panel, ladder.inches)
        frame(axes, ladder, common_span([effect.bounds for effect in effects.values()]))
        unit = scale(next(iter(effects.values())).unit).change if effects else ""
        axes.set_xlabel(say("difference_in", unit=unit))
        head(axes, 0, label("outcome", outcome), ha="left", size=8, color=INK, weight=strong(), lift=15)
        head(axes, panel + numbers - 0.1, say("difference_95"))
        if not index:
            names(axes, ladder, at)
            head(axes, -0.1, say("people"))
        for y, row in ladder.placed:
            if row.key and not index:
                beside(axes, y, -0.1, f"{people[row.key]:,}", ha="right", size=TINY, color=QUIET)
            if effect := effects.get(row.key):
                mark(axes, y, effect, effect.bounds)
                beside(axes, y, panel + numbers - 0.1, change(effect), ha="right", size=TINY)
    legend(paper, {effect.verdict for effect in chosen})
    return paper.figure


def group_rows(groups: Sequence[str]) -> list[Row]:
    """Order groups under headings: everybody, ranks, roles, industries, sizes, cities, and then unknown groups."""
    kinds: dict[str, Sequence[str]] = {
        "everybody": ("all",),
        "rank": ("managers", "staff"),
        "role": [role for role in ROLES if role != "manager" or "managers" not in groups],  # not twice
        "industry": INDUSTRIES,
        "size": [group for group in groups if group.startswith("size_")],
        "city": CITIES,
    }
    known = {"manager", *(name for listed in kinds.values() for name in listed)}
    kinds["other"] = [group for group in groups if group not in known]
    rows: list[Row] = []
    for kind, listed in kinds.items():
        there = [name for name in listed if name in groups]
        rows += [Row(label("heading", kind))] * bool(there) + [Row(label("group", name), name) for name in there]
    return rows
