"""Time series of a rule: the same firms with and without it, and the difference between them, below its phases.

The band is the 95 % interval of the paired difference. Where the line without the rule is outside the band around the
line under it, the difference exceeds chance among firms. Before the rule starts, the band has no width.
"""

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.figures.axis import gridded, padded, written
from sim.figures.context import Setting, Tables, based_on, circumstances, over, table
from sim.figures.fonts import shortened
from sim.figures.phase_bar import Span, Strip, put_dates, shade
from sim.figures.sheet import MARGIN, entitle, key, narrow, note, page, sheet
from sim.figures.style import INK, OTHERS, QUIET, RULE, SMALL, WITHOUT, digits, interval, scale
from sim.figures.weekly import LONG, QUARTER, Lines, Reals, breaks_of, lines, stored_lines, sums_of
from sim.figures.words import label, say
from sim.outcomes import BY_NAME, Outcome

PANELS = (
    "share_burnt_out", "recorded_overtime", "latent_overtime", "output_per_hour", "expectation", "message_minutes",
)  # fmt: skip
COLUMNS = 2
HEIGHT, LOW_HEIGHT, GAP, LOW, SCALE = 1.18, 0.66, 0.42, 0.34, 0.45  # inches; LOW below the panels, SCALE at their left
NAME = 1.9  # inches, of a world in the legend
COURSE = ("share_burnt_out", "recorded_overtime", "latent_overtime", "output_per_paid_hour", "waiting")
FLAT, NEAR, WIDE = 0.92, 0.34, 0.55  # inches, the same of the panels of differences
MONTH = 5  # weeks in a window of a difference, of short runs


def draw_timeline(tables: Tables, run: Setting) -> Figure:
    """Draw six outcomes of a run by week; long ones are smoothed by quarter, with single weeks pale behind."""
    outcomes = [BY_NAME[name] for name in PANELS]
    sums = sums_of(tables, run, outcomes)
    weeks = lines(sums)
    smooth = lines(sums, QUARTER, breaks_of(run)) if sums.numbers.size > LONG else None
    columns, high = (1, LOW_HEIGHT) if narrow() else (COLUMNS, HEIGHT)
    rows = len(outcomes) // columns
    wide = (page() - 0.1 - (SCALE + MARGIN) * columns - MARGIN) / columns
    strip = Strip(run.phases, _span(weeks), wide)
    panels = rows * high + (rows - 1) * GAP
    notes = [circumstances(run, tables), say("weekly_smooth", weeks=QUARTER) if smooth else say("weekly_middle")]
    notes += [say("weekly_band"), over(run)] if run.paired else []
    notes.append(_drift(tables))
    shows = say("weekly" if run.paired else "weekly_alone")
    paper = sheet(run.title, shows, [*notes, _strength(run)], LOW + panels + strip.high + 0.46)
    for place, outcome in enumerate(outcomes):
        row, column = divmod(place, columns)
        left = MARGIN + SCALE + column * (wide + SCALE + MARGIN)
        if row == 0:
            strip.draw(paper, left, LOW + panels + 0.24)
        axes = paper.axes(left, LOW + (rows - 1 - row) * (high + GAP), wide, high)
        shade(axes, run.phases, strip.span)
        if smooth:
            _draw_pale(axes, outcome, place, weeks, run.paired)
        _draw_worlds(axes, outcome, place, smooth or weeks, run.paired)
        put_dates(axes, run.day0, strip.span, labels=row == rows - 1)
    handles: list[Artist] = [key(shortened(run.name(run.scenario), NAME, SMALL), RULE, 1.0)]
    if run.paired:
        without = say("weekly_same", world=shortened(run.name(run.counterfactual), NAME, SMALL))
        handles += [key(without, WITHOUT, 2.0), _band()]
    if np.isfinite(weeks.others).any():
        handles.append(key(say("weekly_others"), OTHERS, 0.7))
    paper.legend(handles, columns=4)
    return paper.figure


def _drift(tables: Tables) -> str:
    """Write by how much today moves by itself, where the results tell."""
    if "drift" not in tables:
        return ""
    changes = []
    for row in table(tables, "drift", ("outcome", "unit"), ("change", "low", "high")).iter_rows(named=True):
        factor, unit = scale(row["unit"]).factor, scale(row["unit"]).change
        bounds = factor * row["change"], factor * row["low"], factor * row["high"]
        changes.append(f"{label('outcome', row['outcome'])} {interval(bounds, digits(*bounds))} {unit}")
    return say("weekly_drift", changes=say("semicolon").join(changes))


def _span(weeks: Lines) -> Span:
    """Return the time from the start of the first week to the end of the last."""
    return float(weeks.weeks[0]) - 3.5, float(weeks.weeks[-1]) + 3.5


def _strength(run: Setting) -> str:
    """Explain the shading if a rule rises."""
    return say("weekly_strength") if any(phase.ramp_days for phase in run.phases) else ""


def _draw_pale(axes: Axes, outcome: Outcome, place: int, weeks: Lines, paired: bool) -> None:
    """Draw single weeks behind the smoothed lines."""
    factor = scale(outcome.unit).factor
    pale: dict[str, Any] = {"linewidth": 0.4, "alpha": 0.35, "zorder": 2.1}
    for name, values, color in (("without", weeks.without, WITHOUT), ("rule", weeks.rule, RULE)):
        if paired or name == "rule":
            axes.plot(weeks.weeks, factor * values[:, place], color=color, gid=f"weeks {name} {outcome.name}", **pale)


def _draw_worlds(axes: Axes, outcome: Outcome, place: int, weeks: Lines, paired: bool) -> None:
    """Draw one of the outcomes in both worlds."""
    shown = scale(outcome.unit)
    rule, without, half, others = (
        shown.factor * values[:, place] for values in (weeks.rule, weeks.without, weeks.half, weeks.others)
    )
    mark = "o" if len(weeks.weeks) == 1 else ""  # a single week makes no line

    def draw(name: str, values: Reals, color: str, width: float, size: float) -> None:
        """Draw a line; tests find it in the file by its name."""
        gid = f"{name} {outcome.name}"
        axes.plot(weeks.weeks, values, color=color, linewidth=width, marker=mark, markersize=size, zorder=2.5, gid=gid)

    if np.isfinite(others).any():
        draw("others", others, OTHERS, 0.7, 4)
    if paired:
        draw("without", without, WITHOUT, 2.0, 7)
        axes.fill_between(weeks.weeks, rule - half, rule + half, color=RULE, alpha=0.2, linewidth=0, zorder=2.2)
    draw("rule", rule, RULE, 1.0, 4)
    entitle(axes, label("outcome", outcome.name), shown.level)
    gridded(axes, "y")
    axes.locator_params(axis="y", nbins=5)
    axes.margins(y=0.1)
    axes.ticklabel_format(axis="y", useOffset=False)


def _band() -> Patch:
    """Make the entry of the band in a legend."""
    return Patch(facecolor=RULE, alpha=0.2, label=say("weekly_interval"))


def draw_course(tables: Tables, run: Setting) -> Figure:
    """Draw paired differences over time; bands from ``weekly`` of a comparison are averaged and thus conservative."""
    names = list(COURSE)
    if stored := "weekly" in tables:
        there = table(tables, "weekly", ("outcome",))["outcome"].unique()
        names = [name for name in COURSE if name in there]
        weeks = stored_lines(tables, run, names)
        together = QUARTER if weeks.weeks.size > LONG else MONTH
        smooth = stored_lines(tables, run, names, together)
    else:
        sums = sums_of(tables, run, [BY_NAME[name] for name in names])
        together = QUARTER if sums.numbers.size > LONG else MONTH
        weeks, smooth = lines(sums), lines(sums, together, breaks_of(run))
    left = MARGIN + WIDE
    strip = Strip(run.phases, _span(weeks), page() - left - 2 * MARGIN)
    body = len(names) * FLAT + (len(names) - 1) * NEAR
    worlds = {"scenario": run.name(run.scenario), "reference": run.name(run.counterfactual)}
    lines_are = say("course_means" if stored else "course_band", weeks=together, **worlds)
    notes = [based_on(run) if stored else circumstances(run, tables), lines_are, over(run), say("course_single")]
    paper = sheet(run.title, say("course"), [*notes, _strength(run)], LOW + body + strip.high + 0.50)
    strip.draw(paper, left, LOW + body + 0.26)
    for place, name in enumerate(names):
        axes = paper.axes(left, LOW + (len(names) - 1 - place) * (FLAT + NEAR), strip.inches, FLAT)
        shade(axes, run.phases, strip.span)
        _draw_difference(axes, BY_NAME[name], place, weeks, smooth)
        put_dates(axes, run.day0, strip.span, labels=place == len(names) - 1)
        for end in sorted({phase.end.toordinal() for phase in run.phases}):
            if strip.span[0] < end < strip.span[1] - 1:
                axes.axvline(end, color=QUIET, linewidth=0.5, linestyle=(0, (1, 2)), zorder=0.5)
    paper.legend([key(say("difference"), RULE, 1.4), _band()], columns=2)
    return paper.figure


def _draw_difference(axes: Axes, outcome: Outcome, place: int, weeks: Lines, smooth: Lines) -> None:
    """Draw the difference in one outcome."""
    shown = scale(outcome.unit)
    single = shown.factor * (weeks.rule - weeks.without)[:, place]
    line, half = shown.factor * (smooth.rule - smooth.without)[:, place], shown.factor * smooth.half[:, place]
    axes.axhline(0, color=INK, linewidth=0.7, zorder=1.5)
    axes.plot(weeks.weeks, single, ".", color=RULE, markersize=1.6, alpha=0.4, zorder=2, gid=f"weeks {outcome.name}")
    axes.fill_between(smooth.weeks, line - half, line + half, color=RULE, alpha=0.2, linewidth=0, zorder=2.2)
    axes.plot(smooth.weeks, line, color=RULE, linewidth=1.4, zorder=2.5, gid=f"difference {outcome.name}")
    better = say("course_better", direction=say(outcome.better)) + "  ·  " if outcome.better else ""
    entitle(axes, label("outcome", outcome.name), better + shown.change)
    gridded(axes, "y")
    axes.locator_params(axis="y", nbins=4)
    ends = [*(line - half), *(line + half)]
    axes.set_ylim(*padded(ends, 0.12))
    if any(end for end in ends if np.isfinite(end)):
        written(axes.yaxis)
    else:
        axes.set_yticks([0], ["0"])
        note(axes, say("exactly_0"), (0, 0.5), (4, 3))
