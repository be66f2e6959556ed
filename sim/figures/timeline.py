"""Time series of a rule: the same firms with and without it, and the difference between them, below its phases.

The band is the 95 % interval of the paired difference. Where the line without the rule is outside the band around the
line under it, the difference exceeds chance among firms. Before the rule starts, the band has no width. Phases are bars
above, and the strength of the rule is a shade behind. Positions in time are proleptic ordinals (``date.toordinal``).
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.figures.axis import Span, grid_on, padded, tick_labels
from sim.figures.context import Phase, Setting, Tables, based_on, covers, sample_note, table
from sim.figures.effect import change
from sim.figures.fonts import shortened, width
from sim.figures.numerals import scale
from sim.figures.sheet import MARGIN, Sheet, is_narrow, legend_key, note, page_width, panel_title, sheet
from sim.figures.style import BAR, INK, OTHERS, QUIET, RULE, SHADE, SMALL, TINY, WITHOUT
from sim.figures.sweep_axes import unit_words
from sim.figures.weekly import LONG, QUARTER, Lines, phase_breaks, stored_lines, sums_of, weekly_lines
from sim.figures.words import from_to, label, month, say
from sim.outcomes import BY_NAME, Outcome, Reals

PANELS = (
    "share_burnt_out", "recorded_overtime", "latent_overtime", "output_per_hour", "expectation", "message_minutes",
)  # fmt: skip
COLORS = {"rule": RULE, "without": WITHOUT, "others": OTHERS}
COLUMNS = 2
HEIGHT, LOW_HEIGHT, GAP, LOW, SCALE = 1.18, 0.66, 0.42, 0.34, 0.45  # inches; LOW below the panels, SCALE at their left
NAME = 1.9  # inches, of a world in the legend
COURSE = ("share_burnt_out", "recorded_overtime", "latent_overtime", "output_per_paid_hour", "waiting")
FLAT, NEAR, WIDE = 0.92, 0.34, 0.55  # inches, the same of the panels of differences
MONTH = 5  # weeks in a window of a difference, of short runs
LANE = 0.15  # inches, of a bar
PAD = 0.05  # inches, at the sides of its name


def draw_timeline(tables: Tables, run: Setting) -> Figure:
    """Draw six outcomes of a run by week; long ones are smoothed by quarter, with single weeks pale behind."""
    outcomes = [BY_NAME[name] for name in PANELS]
    sums = sums_of(tables, run, outcomes)
    weeks = weekly_lines(sums)
    smooth = weekly_lines(sums, QUARTER, phase_breaks(run)) if sums.numbers.size > LONG else None
    columns, high = (1, LOW_HEIGHT) if is_narrow() else (COLUMNS, HEIGHT)
    rows = len(outcomes) // columns
    wide = (page_width() - 0.1 - (SCALE + MARGIN) * columns - MARGIN) / columns
    strip = Strip(run.phases, _span(weeks), wide)
    panels = rows * high + (rows - 1) * GAP
    notes = [sample_note(run, tables), say("weekly_smooth", weeks=QUARTER) if smooth else say("weekly_middle")]
    banded = run.paired and (smooth or weeks).banded
    notes += [say("weekly_band"), covers(run, "over")] if banded else []
    notes.append(_drift(run, tables))
    shows = say("weekly" if run.paired else "weekly_alone")
    paper = sheet(run.title, shows, [*notes, _strength(run)], LOW + panels + strip.high + 0.46)
    for place, outcome in enumerate(outcomes):
        row, column = divmod(place, columns)
        left = MARGIN + SCALE + column * (wide + SCALE + MARGIN)
        if row == 0:
            strip.draw(paper, left, LOW + panels + 0.24)
        axes = paper.axes(left, LOW + (rows - 1 - row) * (high + GAP), wide, high)
        shade(axes, run.phases, strip.span)
        _draw_worlds(axes, outcome, place, smooth or weeks, weeks if smooth else None, run.paired)
        put_dates(axes, run.day0, strip.span, labels=row == rows - 1)
    handles: list[Artist] = [legend_key(shortened(run.name(run.scenario), NAME, SMALL), RULE, 1.0)]
    if run.paired:
        without = say("weekly_same", world=shortened(run.name(run.counterfactual), NAME, SMALL))
        handles += [legend_key(without, WITHOUT, 2.0), *[_band()] * banded]
    if np.isfinite(weeks.others).any():
        handles.append(legend_key(say("weekly_others"), OTHERS, 0.7))
    return paper.legend(handles)


def _drift(run: Setting, tables: Tables) -> str:
    """Write by how much today moves by itself, where the results tell."""
    if "drift" not in tables:
        return ""
    changes, drift = [], table(tables, "drift", ("window", "outcome", "unit"), ("change", "low", "high"))
    for row in drift.iter_rows(named=True):
        factor, unit = scale(row["unit"]).factor, scale(row["unit"]).change
        bounds = factor * row["change"], factor * row["low"], factor * row["high"]
        changes.append(f"{label('outcome', row['outcome'])} {change(bounds, stated=False)} {unit}")
    name = "weekly_drift" if run.paired else "weekly_drift_alone"
    return say(name, window=from_to(drift["window"][0]), changes=say("semicolon").join(changes))


def _span(weeks: Lines) -> Span:
    """Return the time from the start of the first week to the end of the last."""
    return float(weeks.weeks[0]) - 3.5, float(weeks.weeks[-1]) + 3.5


def _strength(run: Setting) -> str:
    """Explain the shading if a rule rises."""
    return say("weekly_strength") if any(phase.ramp_days for phase in run.phases) else ""


def _draw_worlds(axes: Axes, outcome: Outcome, place: int, weeks: Lines, pale: Lines | None, paired: bool) -> None:
    """Draw one of the outcomes in both worlds, before ``pale`` single weeks."""
    shown = scale(outcome.unit)

    def draw(which: str, source: Lines, tag: str, **style: Any) -> None:
        values = shown.factor * getattr(source, which)[:, place]
        axes.plot(source.weeks, values, color=COLORS[which], gid=f"{tag} {outcome.name}", **style)

    for which in ("without", "rule") if paired else ("rule",):
        if pale:
            draw(which, pale, f"weeks {which}", linewidth=0.4, alpha=0.35, zorder=2.1)
    mark = "o" if len(weeks.weeks) == 1 else ""  # a single week makes no line
    rule, half = shown.factor * weeks.rule[:, place], shown.factor * weeks.half[:, place]
    if np.isfinite(weeks.others[:, place]).any():
        draw("others", weeks, "others", linewidth=0.7, marker=mark, markersize=4, zorder=2.5)
    if paired:
        draw("without", weeks, "without", linewidth=2.0, marker=mark, markersize=7, zorder=2.5)
        axes.fill_between(weeks.weeks, rule - half, rule + half, color=RULE, alpha=0.2, linewidth=0, zorder=2.2)
    draw("rule", weeks, "rule", linewidth=1.0, marker=mark, markersize=4, zorder=2.5)
    panel_title(axes, label("outcome", outcome.name), shown.level)
    grid_on(axes, "y")
    axes.locator_params(axis="y", nbins=5)
    axes.margins(y=0.1)
    axes.ticklabel_format(axis="y", useOffset=False)


def _band() -> Patch:
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
        weeks, smooth = weekly_lines(sums), weekly_lines(sums, together, phase_breaks(run))
    left = MARGIN + WIDE
    strip = Strip(run.phases, _span(weeks), page_width() - left - 2 * MARGIN)
    body = len(names) * FLAT + (len(names) - 1) * NEAR
    worlds = {"scenario": run.cited(run.scenario), "reference": run.cited(run.counterfactual)}
    lines_are = "course_bare" if not smooth.banded else "course_means" if stored else "course_band"
    notes = [based_on(run) if stored else sample_note(run, tables), say(lines_are, weeks=together, **worlds)]
    notes += ["" if smooth.stated else say("course_few"), covers(run, "over") if smooth.banded else ""]
    notes.append(say("course_single"))
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
    return paper.legend([legend_key(say("difference"), RULE, 1.4), *[_band()] * smooth.banded])


def _draw_difference(axes: Axes, outcome: Outcome, place: int, weeks: Lines, smooth: Lines) -> None:
    shown = scale(outcome.unit)
    single = shown.factor * (weeks.rule - weeks.without)[:, place]
    line, half = shown.factor * (smooth.rule - smooth.without)[:, place], shown.factor * smooth.half[:, place]
    axes.axhline(0, color=INK, linewidth=0.7, zorder=1.5)
    axes.plot(weeks.weeks, single, ".", color=RULE, markersize=1.6, alpha=0.4, zorder=2, gid=f"weeks {outcome.name}")
    axes.fill_between(smooth.weeks, line - half, line + half, color=RULE, alpha=0.2, linewidth=0, zorder=2.2)
    axes.plot(smooth.weeks, line, color=RULE, linewidth=1.4, zorder=2.5, gid=f"difference {outcome.name}")
    panel_title(axes, label("outcome", outcome.name), unit_words(outcome.name, change=True))
    grid_on(axes, "y")
    axes.locator_params(axis="y", nbins=4)
    ends = [*(line - np.nan_to_num(half)), *(line + np.nan_to_num(half))]
    axes.set_ylim(*padded(ends, 0.12))
    known = [end for end in ends if np.isfinite(end)]
    if any(known):
        tick_labels(axes.yaxis)
    else:
        axes.set_yticks([0], ["0"])
        note(axes, say("exactly_0" if known else "course_undefined"), (0, 0.5), (4, 3))


class Bar(NamedTuple):
    """A phase in the strip."""

    label: str
    start: float
    first: float  # strength then, 0..1: more than 0 if the ramp began before the axis
    full: float  # end of the ramp
    strength: float  # then: less than 1 if the phase ends before its ramp
    end: float
    name: float  # where the name is written
    lane: int


def put_dates(axes: Axes, start: date, span: Span, labels: bool) -> None:
    """Set the limits of the time axis and mark dates on it, with labels or without."""
    ticks = _dates(start, round(span[1] - span[0]))
    axes.set_xlim(*span)
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.tick_params(labelbottom=labels)


def _dates(start: date, days: int) -> dict[float, str]:
    """Choose at most nine dates and their labels; the first date of a year has the year below it."""
    if days <= 63:
        chosen = [start + timedelta(days=day) for day in range(0, days + 1, 7 if days <= 42 else 14)]
        words = [say("day_and_month", day=day.day, month=month(day), number=day.month) for day in chosen]
    else:
        step = next((step for step in (1, 2, 3, 6, 12, 24, 60) if days / 30.44 / step <= 8), 120)
        first = start.year * 12 + start.month - 1
        months = [m for m in range(first - first % step, first + days // 30 + 2, step) if m > first or start.day == 1]
        chosen = [date(m // 12, m % 12 + 1, 1) for m in months]
        chosen = [day for day in chosen if 0 <= (day - start).days <= days]
        if step >= 12:
            return {float(day.toordinal()): str(day.year) for day in chosen}
        words = [month(day) for day in chosen]
    seen: set[int] = set()
    for place, day in enumerate(chosen):
        words[place] += "" if day.year in seen else f"\n{day.year}"
        seen.add(day.year)
    return {float(day.toordinal()): text for day, text in zip(chosen, words, strict=True)}


def _profile(phases: Sequence[Phase], span: Span) -> tuple[Reals, Reals]:
    """Return days and the strength (0 to 1) of the strongest phase on them, with two points at each bend."""
    spans = [(p.start.toordinal(), p.end.toordinal(), p.ramp_days) for p in phases]
    bends = {*span, *(day for start, end, ramp in spans for day in (start, min(start + ramp, end), end))}
    days = np.array(sorted(day for bend in bends for day in (bend - 1e-6, bend + 1e-6)))
    strength = np.zeros_like(days)
    for start, end, ramp in spans:
        rising = np.clip((days - start) / ramp, 0, 1) if ramp else np.ones_like(days)
        strength = np.maximum(strength, np.where((days >= start) & (days < end), rising, 0.0))
    return days, strength


def shade(axes: Axes, phases: Sequence[Phase], span: Span) -> None:
    """Shade the time under rules; the height of the shade is the strength of the rule."""
    if not phases:
        return
    days, strength = _profile(phases, span)
    axes.fill_between(
        days, 0, strength, transform=axes.get_xaxis_transform(), color=SHADE, linewidth=0, zorder=0, gid="strength"
    )
    for start in sorted({phase.start for phase in phases}):
        axes.axvline(start.toordinal(), color=QUIET, linewidth=0.5, linestyle=(0, (1, 2)), zorder=0.5)


def bars_of(phases: Sequence[Phase], span: Span, inches: float) -> list[Bar]:
    """Assign each phase on the axis a bar and the first lane in which bar and name overlap nothing.

    ``inches`` is the length of the axis, which the widths of the names are compared with.
    """
    inch = (span[1] - span[0]) / inches
    lanes: list[list[tuple[float, float]]] = []
    bars = []
    for phase in phases:
        start, end = max(phase.start.toordinal(), span[0]), min(phase.end.toordinal(), span[1])
        if start >= end:
            continue
        full = min(max(phase.start.toordinal() + phase.ramp_days, start), end)
        since = ((day - phase.start.toordinal()) / phase.ramp_days if phase.ramp_days else 1.0 for day in (start, full))
        first, strength = (min(each, 1.0) for each in since)
        size = (width(phase.label, TINY) + 2 * PAD) * inch
        name = full if size <= end - full else start if start + size <= span[1] else max(start - size, span[0])
        low, high = min(start, name), max(end, name + size)
        lane = next((n for n, taken in enumerate(lanes) if all(high <= a or low >= b for a, b in taken)), len(lanes))
        if lane == len(lanes):
            lanes.append([])
        lanes[lane].append((low, high))
        bars.append(Bar(phase.label, start, first, full, strength, end, name, lane))
    return bars


class Strip:
    """Phases as bars with their names, above panels of a time axis; a ramp is a slope at the start of its bar."""

    def __init__(self, phases: Sequence[Phase], span: Span, inches: float) -> None:
        self.span, self.inches = span, inches
        self.bars = bars_of(phases, span, inches)
        self.lanes = max((bar.lane + 1 for bar in self.bars), default=0)
        self.high = LANE * self.lanes

    def draw(self, paper: Sheet, left: float, low: float) -> None:
        """Draw the bars on a page if there are any."""
        if not self.bars:
            return
        axes = paper.axes(left, low, self.inches, self.high)
        axes.set(xlim=self.span, ylim=(self.lanes, 0))
        axes.set_axis_off()
        pad = PAD * (self.span[1] - self.span[0]) / self.inches
        for bar in self.bars:
            low = bar.lane + 0.92
            first, high = (low - 0.84 * strength for strength in (bar.first, bar.strength))
            days = [bar.start, bar.start, bar.full, bar.end, bar.end]
            axes.fill(days, [low, first, high, high, low], color=BAR, linewidth=0)
            axes.text(bar.name + pad, bar.lane + 0.52, bar.label, va="center", fontsize=TINY, color=INK)
