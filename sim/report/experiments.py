"""Report of replayed experiments: published beside simulated effects, as text and as a figure."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.console import Console

from sim.experiments import SIGN_VALUES, Experiment, Measure, Replication
from sim.figures.axis import row_axis, stripe
from sim.figures.fonts import shortened
from sim.figures.sheet import MARGIN, dot, in_row, legend_mark, row_line, sheet
from sim.figures.style import INK, MARKS, QUIET, RULE, SHADE, SMALL, TINY, Mark, styled
from sim.figures.words import percent, phrase, speaking
from sim.figures.words import say as words
from sim.files.storage import writing
from sim.report.console import commas, english, grid, line, show
from sim.report.numbers import unit_name, unitless
from sim.report.plots import save

KINDS = {"agrees": "better", "direction": "neutral", "unclear": "unclear", "misses": "worse", "given": "zero"}
WIDE, BREADTH = 110, 17  # columns: of a console where names need not be broken, and of a name that is
ROW, LEFT, LONG, PAGE = 0.24, 3.75, 2.4, 9.0  # inches: a row, where its axes begin, how long they are, the page
PUBLISHED = Mark(RULE, "|", RULE)
HEADS = ("experiment", "found", "published", "simulated", "verdict")


def print_replication(console: Console, experiments: Sequence[Experiment], found: Sequence[Replication]) -> None:
    """Print published beside simulated effects, a count of verdicts, and the reasons for missing replays."""
    if found:
        table = grid(*(phrase("replay", f"head_{head}") for head in HEADS))
        for head in (table.columns[0], table.columns[4]):
            head.overflow = "fold"
        for each in found:
            effects = published(each.measure), simulated(each)
            name = _title(each.experiment)
            if console.width < WIDE:  # broken between its words
                name = "\n".join(textwrap.wrap(name.replace("_", "_ "), BREADTH)).replace("_ ", "_")
            table.add_row(name, _measure_name(each.measure), *effects, phrase("replay", each.verdict))
        show(console, table)
        verdicts = [each.verdict for each in found]
        counts = (phrase("replay", f"count_{key}", count=verdicts.count(key)) for key in KINDS)
        line(console, phrase("replay", "counts", counts=commas(counts)))
        if not all(each.has_interval for each in found):
            line(console, phrase("run", "no_interval"))
    for experiment in experiments:
        cannot = experiment.cannot if english() else experiment.cannot_zh
        difference = experiment.difference if english() else experiment.difference_zh
        why = phrase("replay", "cannot", why=cannot) if cannot else difference
        if why:
            line(console, phrase("replay", "note", name=_title(experiment), why=why))


def _title(experiment: Experiment) -> str:
    """Return the name of an experiment, as commands take it; in another language its title."""
    return experiment.name if english() else experiment.title_zh


def _measure_name(measure: Measure) -> str:
    return measure.says if english() else measure.says_zh or measure.says


def published(measure: Measure) -> str:
    """Format a published effect: its value, with the interval if reported, or only its sign."""
    if measure.value is None:
        return phrase("replay", f"sign_{measure.sign}")
    return _shown(measure, measure.value, measure.low, measure.high)


def simulated(found: Replication) -> str:
    """Format a simulated effect with its interval."""
    return _shown(found.measure, found.value, found.low, found.high)


def _shown(measure: Measure, value: float, *ends: float | None) -> str:
    """Format an effect with sign and unit, and its interval if both ends are known."""
    share = measure.scale == "relative"
    unit, _, each = measure.unit.partition(" per ")
    per = phrase("replay", "per", unit=unit_name(unit), each=unit_name(each)) if each else unit_name(unit)
    after = percent("") if share else f" {per}"
    first, *rest = (unitless(each, "share" if share else "", signed=True) for each in (value, *ends))
    known = all(end is not None and np.isfinite(end) for end in ends)
    return f"{first}{after} [{', '.join(rest)}]" if known else f"{first}{after}"


def save_replication(path: Path, found: Sequence[Replication], size: Mapping[str, int], chosen: str) -> None:
    """Draw published and simulated effects into a .png or .svg file; raises ``ResultsError`` if it cannot be written.

    ``size`` holds ``people``, ``replicates`` and ``seed`` for the caption.
    """
    with writing(path), styled(), speaking(chosen):
        save(draw_replication(found, size), path)


def draw_replication(found: Sequence[Replication], size: Mapping[str, int]) -> Figure:
    """Draw a row for each measure, on its own scale; for ``size`` see ``save_replication``."""
    notes = [words("replication_size", **size), words("replication_scale"), words("replication_misses")]
    high = ROW * len(found)
    paper = sheet(words("replication_title"), words("replication_shows"), notes, high + 0.45, PAGE)
    axes = paper.axes(LEFT, 0.22, LONG, high)
    axes.set_xlim(-1.12, 1.12)
    row_axis(axes, len(found))
    axes.set_xticks((-0.6, 0.6), (words("less"), words("more")))
    axes.axvline(0, color=INK, linewidth=0.7)
    for place, each in enumerate(found):
        if place % 2:
            stripe(axes, place, place + 1)
        _draw(axes, place + 0.5, each)
    there = {each.verdict for each in found}
    handles = [legend_mark(phrase("replay", name), MARKS[kind], 4.5) for name, kind in KINDS.items() if name in there]
    valued = any(each.measure.value is not None for each in found)
    return paper.legend([*handles, *[legend_mark(words("replication_published"), PUBLISHED, 9)] * valued])


def _draw(axes: Axes, y: float, found: Replication) -> None:
    """Draw one measure, scaled by its largest number, on a shade where the study found the effect."""
    experiment, measure, sign = found.experiment, found.measure, SIGN_VALUES[found.measure.sign]
    bounds = (found.value, found.low, found.high)
    interval = () if measure.low is None or measure.high is None else (measure.low, measure.high)
    value = () if measure.value is None else (measure.value,)
    ends = (*bounds, *interval, *value, measure.tolerance)
    widest = max(abs(end) for end in ends if np.isfinite(end)) or 1.0
    around = interval if sign else (-measure.tolerance, measure.tolerance)
    shade = [end / widest for end in around] or [0.0, 1.12 * sign]  # a sign alone shades its whole side
    axes.fill_between(shade, y - 0.42, y + 0.42, color=SHADE, linewidth=0, zorder=0.5)
    mark = MARKS[KINDS[found.verdict]]
    simulated_at, *line_ends = (end / widest for end in bounds)
    row_line(axes, y, line_ends, mark.color, 1.6)
    dot(axes, simulated_at, y, mark, 4.5)
    for each in value:
        dot(axes, each / widest, y, PUBLISHED, 9, markeredgewidth=1.6, zorder=2)
    in_row(axes, y, -LEFT + MARGIN, shortened(experiment.title if english() else experiment.title_zh, 1.7, SMALL))
    in_row(axes, y, -LEFT + MARGIN + 1.75, shortened(_measure_name(measure), 1.42, SMALL), color=QUIET)
    in_row(axes, y, LONG + 0.1, simulated(found), size=TINY)
