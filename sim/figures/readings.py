"""Robustness to the evidence: the same effects and ranking under several parameter sets, side by side.

A parameter set is a "reading" in tables. The first set determines the order of rows.
"""

from collections.abc import Iterable, Sequence

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from sim.figures import forest_rows as rows
from sim.figures.axis import arrows, common_axis, common_limits, dot_or_number, limits, number_axis, whisker
from sim.figures.context import LONGEST, Cell, Setting, Tables, based_on, table, window
from sim.figures.effect import Effect, best_first, change, effects_of, firm_counts
from sim.figures.fonts import shortened
from sim.figures.forest_rows import AXIS, HEADS, RowLayout
from sim.figures.numerals import Bounds, number, scale
from sim.figures.panels import chances, headings, headlines_in, panels, rank_order
from sim.figures.sheet import (
    LANDSCAPE,
    MARGIN,
    Sheet,
    dot,
    in_row,
    is_narrow,
    legend_mark,
    page_width,
    row_line,
    sheet,
    text_above,
)
from sim.figures.style import FAINT, INK, OTHERS, QUIET, SMALL, TINY, Mark, Style, curve_style
from sim.figures.words import label, phrase, say

COLORS = ("#332288", "#cc6677", "#44aa99", "#999933", "#aa4499")
MARKS = [Mark(color, sign, color) for color, sign in zip(COLORS, "oDs^v", strict=True)]  # of sets, in their order
MARKS += [mark for color, sign in map(curve_style, range(36)) if (mark := Mark(color, sign, color)) not in MARKS]
TINTS = {"only": "#faf0d2", "contradict": "#f6cfcf"}  # background where the conclusion depends on the set
LINELESS = {"zero": "white", "unknown": OTHERS}  # fill of marks without an interval
SIZE, WIDE = 3.6, 1.3  # points
EACH = 0.13  # inches, of a row for each set
LEAST = 1.2  # inches, of the axis beside the numbers of the sets
SURE = 95.0  # percent; from here on a rule is called the best
RELATIVE = 2.0, 300.0  # percent; the narrowest and the widest axis
LISTED = {
    "burnout": ("share_burnt_out", "exhaustion"),
    "overtime": ("recorded_overtime", "latent_overtime", "hidden_overtime"),
    "efficiency": ("output_per_hour", "output_per_paid_hour", "message_minutes", "waiting"),
    "home": ("conflict",),
    "money": ("employer_cost", "public_cost"),
}


def draw_readings(tables: Tables, run: Setting) -> Figure:
    """Draw the effects of all scenarios under each parameter set, shaded where the conclusion depends on the set."""
    effects, sets, notes = _readings(tables, run)
    outcomes = headlines_in([each.outcome for each in effects])
    scenarios = best_first(effects, outcomes)
    notes += [say("readings_marks", reference=run.cited(run.counterfactual)), *_intervals(effects)]
    conclusions = table(tables, "conclusions", ("scenario", "outcome", "conclusion"))
    conclusions = conclusions.filter(pl.col("outcome").is_in(outcomes))
    tints = {(row["scenario"], row["outcome"]): row["conclusion"] for row in conclusions.to_dicts()}
    notes += [*_shaded("readings_shaded", tints.values()), say("readings_sorted")]
    bounds = {outcome: [each.bounds for each in effects if each.outcome == outcome] for outcome in outcomes}
    notes += arrows((common_limits(each, len(scenarios)), each) for each in bounds.values())
    names = [run.name(name) for name in scenarios]
    laid = panels(run, say("readings"), notes, names, headings(outcomes), least=EACH * len(sets))
    for outcome, axes in laid.axes.items():
        mine = [each for each in effects if each.outcome == outcome]
        common_axis(axes, bounds[outcome], laid.wide, len(scenarios))
        for place, scenario in enumerate(scenarios):
            _shade_cell(axes, place, tints.get((scenario, outcome)))
        for each in mine:
            y = _place(scenarios.index(each.scenario), sets, each.reading)
            _mark(axes, y, sets.index(each.reading), each, each.bounds)
    return _legend(laid.paper, sets, tints.values(), _fills(effects))


def draw_reading(tables: Tables, run: Setting) -> Figure:
    """Draw the effects of one scenario in percent of the baseline, with the joint conclusion of the sets."""
    effects, sets, notes = _readings(tables, run, run.scenario)
    cells = {(each.outcome, each.reading): each for each in effects}
    known = table(tables, "conclusions", ("scenario", "outcome", "conclusion", "says", "under"))
    together = {row["outcome"]: row for row in known.filter(scenario=run.scenario).to_dicts()}
    first = {each.outcome: each for each in effects if each.reading == sets[0]}
    ladder = RowLayout(rows.outcome_rows(LISTED, first), EACH * len(sets))
    keys = [name for _, name in ladder.keyed]
    left, column, last = 1.65, 1.55, 1.75
    wide = LANDSCAPE - left - column * len(sets) - last - 0.30
    numbered = not is_narrow() and wide >= LEAST  # else numbers and what they say together are left to the tables
    wide = wide if numbered else page_width(LANDSCAPE) - left - 2 * MARGIN
    stated = _intervals(effects)
    listed = [each for each in effects if each.outcome in keys]
    ends = limits([end for each in listed for end in each.percent], *RELATIVE)
    notes += [say("readings_divided", reference=run.cited(run.counterfactual))]
    notes += [*arrows([(ends, (each.percent for each in listed))]), *stated, say("stretched")]
    notes += [say("dagger")] * any(first[name].unit == "sd" for name in keys)
    notes += [say("dash")] * (numbered and bool(stated) and any(each.verdict == "unknown" for each in listed))
    shades = [together[name]["conclusion"] for name in keys]
    notes += _shaded("readings_shaded", shades)
    paper = sheet(run.title, say("readings_one"), notes, AXIS + ladder.inches + HEADS + 0.15, LANDSCAPE)
    axes = paper.axes(left, AXIS, wide, ladder.inches)
    rows.percent_axis(axes, ladder, ends, left, wide)
    for y, name in ladder.keyed:
        _shade_cell(axes, y - 0.5, together[name]["conclusion"])
        for rank, effect in (
            (rank, cells[name, reading]) for rank, reading in enumerate(sets) if (name, reading) in cells
        ):
            _mark(axes, _place(y - 0.5, sets, effect.reading), rank, effect, effect.percent)
            if numbered:
                in_row(axes, y, wide + column * (rank + 1), change(effect.bounds, bool(stated)), ha="right")
    if numbered:
        for rank, reading in enumerate(sets):
            words = shortened(label("reading", reading), column - 0.1, TINY)
            text_above(axes, wide + column * (rank + 1), words, color=_set_mark(rank).color)
        at = wide + column * len(sets)
        text_above(axes, at + 0.66, phrase("robustness", "together"), ha="left")
        for y, name in ladder.keyed:
            in_row(axes, y, at + 0.05, scale(first[name].unit).change, size=TINY, color=QUIET)
            clause = shortened(_clause(together[name], sets), last + 0.18 - 0.66, TINY)
            in_row(axes, y, at + 0.66, clause, size=TINY)
    return _legend(paper, sets, shades, _fills(listed))


def draw_best(tables: Tables, run: Setting) -> Figure:
    """Draw the probability that each rule set is best under each parameter set, hollow below ``SURE`` percent."""
    numbers = ("mean", "probability_best", "expected_rank", "regret_high")
    ranks = table(tables, "ranking", ("reading", "outcome", "scenario", "firms", "basis", *numbers))
    sets = ranks["reading"].unique(maintain_order=True).to_list()
    outcomes = headlines_in(ranks["outcome"].unique(maintain_order=True).to_list())
    scenarios = rank_order(ranks.filter(reading=sets[0]), outcomes)
    known = table(tables, "best", ("outcome", "conclusion"))
    tints = dict(known.filter(pl.col("outcome").is_in(outcomes)).select("outcome", "conclusion").iter_rows())
    notes = [_readings(tables, run)[2][0], say("readings_chances"), say("readings_best_sorted"), *chances(ranks, run)]
    notes += _shaded("readings_best_shaded", tints.values())
    notes += [say("readings_best_today", reference=run.cited(run.counterfactual))]
    names, heads = [run.name(name) for name in scenarios], headings(outcomes, say("ranking_legend"))
    laid = panels(run, say("readings_best"), notes, names, heads, least=EACH * len(sets))
    for outcome, axes in laid.axes.items():
        number_axis(axes, (0, 100), laid.wide, sign=False)
        axes.axvline(SURE, color=QUIET, linewidth=0.7, linestyle=(0, (3, 2)))
        for place in range(len(scenarios)):
            _shade_cell(axes, place, tints.get(outcome))
        mine = ranks.filter(pl.col("probability_best").is_not_null(), outcome=outcome)
        for row in mine.iter_rows(named=True):
            y = _place(scenarios.index(row["scenario"]), sets, row["reading"])
            percent, mark = 100 * row["probability_best"], _set_mark(sets.index(row["reading"]))
            gid = f"chance {outcome} {row['scenario']} {row['reading']}"
            row_line(axes, y, (0, percent), mark.color, WIDE, gid=gid)
            dot(axes, percent, y, mark if percent >= SURE else mark._replace(fill="white"), SIZE, clip_on=False)
    fills = ((say("readings_sure"), INK), (say("readings_sure_not"), "white"))
    return _legend(laid.paper, sets, tints.values(), fills)


def _readings(tables: Tables, run: Setting, scenario: str = "") -> tuple[list[Effect], list[str], list[str]]:
    """Read the table ``readings``: effects of all scenarios or of one, names of the sets, and a caption's start."""
    frame = table(tables, "readings", ("reading", "scenario", "window", "firms"), ("difference",))
    sets = frame["reading"].unique(maintain_order=True).to_list()
    chosen = frame.filter(pl.col("difference").is_finite(), (pl.col("scenario") == scenario) | (not scenario))
    effects = effects_of({"readings": chosen}, "readings")
    firms = firm_counts(effects) if effects else ""
    return effects, sets, [based_on(run, firms, "readings_seed"), window(run, {"readings": chosen}, "readings")]


def _set_mark(rank: int) -> Mark:
    """Return the mark of a set."""
    return MARKS[rank % len(MARKS)]


def _place(top: float, sets: Sequence[str], reading: str) -> float:
    return top + (sets.index(reading) + 1) / (len(sets) + 1)


def _shade_cell(axes: Axes, top: float, conclusion: str | None) -> None:
    """Shade a cell whose conclusion depends on the set."""
    if conclusion in TINTS:
        low, high = axes.get_xlim()
        box = Rectangle((low, top), high - low, 1, facecolor=TINTS[conclusion], linewidth=0, zorder=0.1)
        axes.add_patch(box)


def _mark(axes: Axes, y: float, rank: int, effect: Effect, bounds: Bounds) -> None:
    mark, value = _set_mark(rank), bounds[0]
    tag = f"{effect.outcome} {effect.scenario} {effect.reading}"
    whisker(axes, y, bounds, mark.color, WIDE, SIZE, f"interval {tag}", line=effect.verdict != "zero")
    drawn = mark._replace(fill=(LINELESS | {"unclear": "white"}).get(effect.verdict, mark.fill))
    text = number(value, effect.decimals, sign=True)
    dot_or_number(axes, y, value, drawn, SIZE, text, markeredgewidth=0.9, gid=f"effect {tag}")


def _clause(row: Cell, sets: Sequence[str]) -> str:
    kind, both = row["conclusion"], "two" if len(sets) == 2 else "many"
    if kind == "contradict":
        return say("conclusion_contradict_shade")
    says = "" if kind in ("unclear", "zero") else phrase("run", row["says"])
    if kind != "only":
        return phrase("robustness", f"{kind}_{both}", says=says)
    named = say("list").join(label("reading", name) for name in row["under"].split(", "))
    return phrase("robustness", "only", says=says, sets=named)


def _shaded(key: str, conclusions: Iterable[str]) -> list[str]:
    return [] if TINTS.keys().isdisjoint(conclusions) else [say(key)]


def _intervals(effects: Sequence[Effect]) -> list[str]:
    """Write what intervals cover, if there are any."""
    return [say("readings_intervals")] * any(each.low < each.high for each in effects)


def _fills(effects: Sequence[Effect]) -> list[tuple[str, str]]:
    """List the meanings of the fills of marks that occur."""
    there = {each.verdict for each in effects}
    if there - LINELESS.keys():
        found = [(say("readings_clear"), INK), (say("readings_unclear"), "white")]
        return found + [(label("verdict", "unknown"), LINELESS["unknown"])] * ("unknown" in there)
    return [(label("verdict", verdict), fill) for verdict, fill in LINELESS.items() if verdict in there]


def _legend(paper: Sheet, sets: Sequence[str], conclusions: Iterable[str], filled: Sequence[tuple[str, str]]) -> Figure:
    """Explain the marks, how they are ``filled`` and the shades that occur; return the figure."""
    there = set(conclusions)
    names = [shortened(label("reading", name), LONGEST, SMALL) for name in sets]
    marks = [legend_mark(name, _set_mark(rank), SIZE, WIDE) for rank, name in enumerate(names)]
    fills = [legend_mark(words, Mark(INK, "o", fill), SIZE) for words, fill in filled]
    style: Style = {"edgecolor": FAINT, "linewidth": 0.5}
    tints = [(say(f"conclusion_{kind}_shade"), color) for kind, color in TINTS.items() if kind in there]
    shades = [Patch(facecolor=color, label=words, **style) for words, color in tints]
    return paper.legend([*marks, *fills, *shades], columns=6)
