"""Time series: the same firms with and without the rule, and the firms that the rule does not reach.

The band is the 95 % interval of the paired difference around the line under the rule. Where the other line is outside
the band, the difference exceeds chance among firms. Before the rule starts, the band has no width.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.figures.context import Setting, Tables, circumstances, over
from sim.figures.fonts import shortened, strong
from sim.figures.phase_bar import LANE, bars_of, draw_strip, put_dates, shade
from sim.figures.sheet import MARGIN, WIDTH, sheet
from sim.figures.style import OTHERS, QUIET, RULE, SMALL, TINY, WITHOUT, scale
from sim.figures.weekly import LONG, QUARTER, Lines, Reals, breaks_of, lines, sums_of
from sim.figures.words import label, say
from sim.outcomes import BY_NAME, Outcome

PANELS = (
    "share_burnt_out",
    "recorded_overtime",
    "latent_overtime",
    "output_per_hour",
    "expectation",
    "message_minutes",
)
COLUMNS, ROWS = 2, 3
HEIGHT, GAP, LOW, SCALE = 1.18, 0.42, 0.34, 0.45  # inches; LOW below the panels, SCALE at their left
NAME = 1.9  # inches, of a world in the legend


def draw_timeline(tables: Tables, run: Setting) -> Figure:
    """Draw six outcomes by week, below strips that show the phases, from ``firm_week`` and ``firms`` of a run.

    Runs longer than ``LONG`` weeks are smoothed by quarter, with single weeks pale behind.
    """
    outcomes = [BY_NAME[name] for name in PANELS]
    sums = sums_of(tables, run, outcomes)
    weeks = lines(sums)
    smooth = lines(sums, QUARTER, breaks_of(run)) if sums.numbers.size > LONG else None
    span = (weeks.weeks[0] - 3.5, weeks.weeks[-1] + 3.5)
    wide = (WIDTH - 0.1 - (SCALE + MARGIN) * COLUMNS - MARGIN) / COLUMNS
    bars = bars_of(run.phases, span, wide)
    strip = LANE * max((bar.lane + 1 for bar in bars), default=0)
    panels = ROWS * HEIGHT + (ROWS - 1) * GAP
    shows = say("weekly" if run.paired else "weekly_alone")
    paper = sheet(run.title, shows, _notes(tables, run, smooth is not None), LOW + panels + strip + 0.46)
    for column in range(COLUMNS):
        left = MARGIN + SCALE + column * (wide + SCALE + MARGIN)
        if bars:
            draw_strip(paper.axes(left, LOW + panels + 0.24, wide, strip), bars, span, wide)
        for row in range(ROWS):
            axes = paper.axes(left, LOW + (ROWS - 1 - row) * (HEIGHT + GAP), wide, HEIGHT)
            shade(axes, run.phases, span)
            place = row * COLUMNS + column
            if smooth:
                _draw_pale(axes, outcomes[place], place, weeks, run.paired)
            _draw_panel(axes, outcomes[place], place, smooth or weeks, run.paired)
            put_dates(axes, run.day0, span, labels=row == ROWS - 1)
    paper.legend(_handles(run, bool(np.isfinite(weeks.others).any())), columns=4)
    return paper.figure


def _notes(tables: Tables, run: Setting, smooth: bool) -> list[str]:
    """Write the caption."""
    notes = [circumstances(run, tables), say("weekly_smooth", weeks=QUARTER) if smooth else say("weekly_middle")]
    if run.paired:
        notes += [say("weekly_band"), over(run)]
    if any(phase.ramp_days for phase in run.phases):
        notes.append(say("weekly_strength"))
    return notes


def _draw_pale(axes: Axes, outcome: Outcome, place: int, weeks: Lines, paired: bool) -> None:
    """Draw single weeks behind the smoothed lines."""
    factor = scale(outcome.unit).factor
    pale: dict[str, Any] = {"linewidth": 0.4, "alpha": 0.35, "zorder": 2.1}
    if paired:
        axes.plot(
            weeks.weeks, factor * weeks.without[:, place], color=WITHOUT, gid=f"weeks without {outcome.name}", **pale
        )
    axes.plot(weeks.weeks, factor * weeks.rule[:, place], color=RULE, gid=f"weeks rule {outcome.name}", **pale)


def _draw_panel(axes: Axes, outcome: Outcome, place: int, weeks: Lines, paired: bool) -> None:
    """Draw one of the outcomes."""
    shown = scale(outcome.unit)
    rule, without, half, others = (
        shown.factor * values[:, place] for values in (weeks.rule, weeks.without, weeks.half, weeks.others)
    )
    mark = "o" if len(weeks.weeks) == 1 else ""  # a single week makes no line

    def draw(name: str, values: Reals, color: str, width: float, size: float) -> None:
        """Draw a line; tests find it in the file by its name."""
        axes.plot(weeks.weeks, values, color=color, linewidth=width, marker=mark, markersize=size, zorder=2.5, gid=name)

    if np.isfinite(others).any():
        draw(f"others {outcome.name}", others, OTHERS, 0.7, 4)
    if paired:
        draw(f"without {outcome.name}", without, WITHOUT, 2.0, 7)
        axes.fill_between(weeks.weeks, rule - half, rule + half, color=RULE, alpha=0.2, linewidth=0, zorder=2.2)
    draw(f"rule {outcome.name}", rule, RULE, 1.0, 4)
    axes.set_title(label("outcome", outcome.name), loc="left", fontsize=8, fontweight=strong(), pad=4)
    axes.set_title(shown.level, loc="right", fontsize=TINY, color=QUIET, pad=4)
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.locator_params(axis="y", nbins=5)
    axes.margins(y=0.1)
    axes.ticklabel_format(axis="y", useOffset=False)


def _handles(run: Setting, others: bool) -> list[Line2D | Patch]:
    """Explain the lines that occur."""
    rule = shortened(run.name(run.scenario), NAME, SMALL)
    handles: list[Line2D | Patch] = [Line2D([], [], color=RULE, linewidth=1.0, label=rule)]
    if run.paired:
        without = say("weekly_same", world=shortened(run.name(run.counterfactual), NAME, SMALL))
        handles.append(Line2D([], [], color=WITHOUT, linewidth=2.0, label=without))
        handles.append(Patch(facecolor=RULE, alpha=0.2, label=say("weekly_interval")))
    if others:
        handles.append(Line2D([], [], color=OTHERS, linewidth=0.7, label=say("weekly_others")))
    return handles
