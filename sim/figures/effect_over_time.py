"""Effects over time, phase by phase: the paired difference with its band, smoothed within phases."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.figures.context import Setting, Tables, circumstances, drawn_from_only, over, table
from sim.figures.fonts import strong
from sim.figures.forest_rows import decimals_between
from sim.figures.phase_bar import LANE, Span, bars_of, draw_strip, put_dates, shade
from sim.figures.sheet import MARGIN, WIDTH, sheet
from sim.figures.style import INK, QUIET, RULE, TINY, number, scale
from sim.figures.weekly import LONG, QUARTER, Lines, breaks_of, lines, stored_lines, sums_of
from sim.figures.words import label, say
from sim.outcomes import BY_NAME, Outcome

PANELS = (
    "share_burnt_out",
    "recorded_overtime",
    "latent_overtime",
    "output_per_paid_hour",
    "waiting",
)
HEIGHT, GAP, LOW, SCALE = 0.92, 0.34, 0.34, 0.55  # inches
MONTH = 5  # weeks in a window, of short runs


def draw_course(tables: Tables, run: Setting) -> Figure:
    """Draw paired differences over time below the phases, one panel per outcome.

    Tables of a comparison have ``weekly``, whose bands are averaged and thus conservative; for a run, bands are
    computed
    from ``firm_week`` and ``firms``.
    """
    outcomes = [BY_NAME[name] for name in PANELS]
    if "weekly" in tables:
        there = set(table(tables, "weekly", ("outcome",))["outcome"].unique())
        outcomes = [outcome for outcome in outcomes if outcome.name in there]
        listed = [outcome.name for outcome in outcomes]
        weeks = stored_lines(tables, run, listed)
        together = QUARTER if weeks.weeks.size > LONG else MONTH
        smooth, how = stored_lines(tables, run, listed, together), "course_means"
    else:
        sums = sums_of(tables, run, outcomes)
        together = QUARTER if sums.numbers.size > LONG else MONTH
        weeks, smooth, how = lines(sums), lines(sums, together, breaks_of(run)), "course_band"
    span = (weeks.weeks[0] - 3.5, weeks.weeks[-1] + 3.5)
    left = MARGIN + SCALE
    wide = WIDTH - left - 2 * MARGIN
    bars = bars_of(run.phases, span, wide)
    strip = LANE * max((bar.lane + 1 for bar in bars), default=0)
    body = len(outcomes) * HEIGHT + (len(outcomes) - 1) * GAP
    names = {"scenario": run.name(run.scenario), "reference": run.name(run.counterfactual)}
    stands_on = drawn_from_only(run) if "weekly" in tables else circumstances(run, tables)
    notes = [stands_on, say(how, weeks=together, **names), over(run), say("course_single")]
    notes += [say("weekly_strength")] * any(phase.ramp_days for phase in run.phases)
    paper = sheet(run.title, say("course"), notes, LOW + body + strip + 0.50)
    if bars:
        draw_strip(paper.axes(left, LOW + body + 0.26, wide, strip), bars, span, wide)
    for place, outcome in enumerate(outcomes):
        low = LOW + (len(outcomes) - 1 - place) * (HEIGHT + GAP)
        axes = paper.axes(left, low, wide, HEIGHT)
        shade(axes, run.phases, span)
        _draw(axes, outcome, place, weeks, smooth)
        put_dates(axes, run.day0, span, labels=place == len(outcomes) - 1)
        _edges(axes, run, span)
    handles = [
        Line2D([], [], color=RULE, linewidth=1.4, label=say("difference")),
        Patch(facecolor=RULE, alpha=0.2, label=say("weekly_interval")),
    ]
    paper.legend(handles, columns=2)
    return paper.figure


def _draw(axes: Axes, outcome: Outcome, place: int, weeks: Lines, smooth: Lines) -> None:
    """Draw the difference in one outcome."""
    shown = scale(outcome.unit)
    single = shown.factor * (weeks.rule - weeks.without)[:, place]
    line, half = shown.factor * (smooth.rule - smooth.without)[:, place], shown.factor * smooth.half[:, place]
    axes.axhline(0, color=INK, linewidth=0.7, zorder=1.5)
    axes.plot(weeks.weeks, single, ".", color=RULE, markersize=1.6, alpha=0.4, zorder=2, gid=f"weeks {outcome.name}")
    axes.fill_between(smooth.weeks, line - half, line + half, color=RULE, alpha=0.2, linewidth=0, zorder=2.2)
    axes.plot(smooth.weeks, line, color=RULE, linewidth=1.4, zorder=2.5, gid=f"difference {outcome.name}")
    axes.set_title(label("outcome", outcome.name), loc="left", fontsize=8, fontweight=strong(), pad=4)
    better = say("course_better", direction=say(outcome.better)) + "  ·  " if outcome.better else ""
    axes.set_title(better + shown.change, loc="right", fontsize=TINY, color=QUIET, pad=4)
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.locator_params(axis="y", nbins=4)
    known = np.concatenate([line - half, line + half])
    known = known[np.isfinite(known)]
    low, high = min(known.min(initial=0.0), 0.0), max(known.max(initial=0.0), 0.0)
    pad = 0.12 * (high - low) or 1.0
    axes.set_ylim(low - pad, high + pad)
    if low == high == 0:
        axes.set_yticks([0], ["0"])
        axes.annotate(say("exactly_0"), (0, 0.5), xycoords="axes fraction", xytext=(4, 3), textcoords="offset points",
                      fontsize=TINY, color=QUIET)  # fmt: skip
        return
    decimals = decimals_between(list(axes.get_yticks()))
    axes.yaxis.set_major_formatter(lambda value, _: number(value, decimals, sign=True) if abs(value) > 1e-9 else "0")


def _edges(axes: Axes, run: Setting, span: Span) -> None:
    """Mark the ends of phases within the time shown."""
    for end in sorted({phase.end.toordinal() for phase in run.phases}):
        if span[0] < end < span[1] - 1:
            axes.axvline(end, color=QUIET, linewidth=0.5, linestyle=(0, (1, 2)), zorder=0.5)
