"""Published experiments and their replications: a row for each measure, each on its own scale."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.figures.axis import in_rows, stripe
from sim.figures.fonts import shortened
from sim.figures.sheet import MARGIN, beside, dot, key_of, segment, sheet
from sim.figures.style import INK, MARKS, QUIET, RULE, SHADE, SMALL, TINY, Bounds, Mark
from sim.figures.words import phrase, say

ROW = 0.24  # inches
LEFT, WIDE, PAGE = 3.75, 2.4, 9.0
PUBLISHED = Mark(RULE, "|", RULE)
KINDS = {"agrees": "better", "direction": "neutral", "unclear": "unclear", "misses": "worse", "given": "zero"}


class Row(NamedTuple):
    """One measure, ready to be drawn."""

    study: str
    says: str
    sign: int  # published
    published: float  # NaN if only the sign is known
    interval: tuple[float, float]  # published as well; NaN if unknown
    tolerance: float
    bounds: Bounds  # simulated
    verdict: str
    words: str  # simulated effect in words


def draw_replication(rows: Sequence[Row], size: dict[str, int]) -> Figure:
    """Draw published effects and their replications; ``size`` has people, replicates and seed for the caption."""
    notes = [say("replication_size", **size), say("replication_scale"), say("replication_misses")]
    paper = sheet(say("replication_title"), say("replication_shows"), notes, ROW * len(rows) + 0.45, PAGE)
    axes = paper.axes(LEFT, 0.22, WIDE, ROW * len(rows))
    axes.set_xlim(-1.12, 1.12)
    in_rows(axes, len(rows))
    axes.set_xticks((-0.6, 0.6), (say("less"), say("more")))
    axes.axvline(0, color=INK, linewidth=0.7)
    for place, row in enumerate(rows):
        if place % 2:
            stripe(axes, place, place + 1)
        _draw(axes, place + 0.5, row)
    there = {row.verdict for row in rows}
    handles = [key_of(phrase("replay", name), MARKS[kind], 4.5) for name, kind in KINDS.items() if name in there]
    paper.legend([*handles, key_of(say("replication_published"), PUBLISHED, 9)])
    return paper.figure


def _draw(axes: Axes, y: float, row: Row) -> None:
    """Draw one measure, scaled by its largest number."""
    ends = [end for end in (*row.bounds, *row.interval, row.published, row.tolerance) if np.isfinite(end)]
    widest = max((abs(end) for end in ends), default=1.0) or 1.0
    axes.fill_between(_found(row, widest), y - 0.42, y + 0.42, color=SHADE, linewidth=0, zorder=0.5)
    mark = MARKS[KINDS[row.verdict]]
    value, low, high = (end / widest for end in row.bounds)
    segment(axes, y, (low, high), mark.color, 1.6)
    dot(axes, value, y, mark, 4.5)
    if np.isfinite(row.published):
        dot(axes, row.published / widest, y, PUBLISHED, 9, markeredgewidth=1.6, zorder=2)
    beside(axes, y, -LEFT + MARGIN, shortened(row.study, 1.7, SMALL))
    beside(axes, y, -LEFT + MARGIN + 1.75, shortened(row.says, 1.42, SMALL), color=QUIET)
    beside(axes, y, WIDE + 0.1, row.words, size=TINY)


def _found(row: Row, widest: float) -> tuple[float, float]:
    """Return where a study found the effect, on the row's scale: its interval, or else all of the published sign."""
    if not row.sign:
        return -row.tolerance / widest, row.tolerance / widest
    if np.isfinite(row.interval).all():
        return row.interval[0] / widest, row.interval[1] / widest
    return 0.0, 1.12 * row.sign
