"""Time lines: the same firms under the rule and without it, and the firms that the rule does not reach.

The two worlds share their draws, so the spread among firms says little about the difference between the worlds. The
band therefore is the 95 % interval of the paired difference, laid around the line under the rule: where the other line
lies outside it, the difference is more than chance among firms. Before the rule starts the band has no width.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from sim.columns import Ledger
from sim.errors import ResultsError
from sim.figures.sheet import MARGIN, MONTHS, WIDTH, Phase, Setting, Tables, circumstances, reached, sheet, table
from sim.figures.style import BAR, INK, OTHERS, QUIET, RULE, SHADE, TINY, WITHOUT, label, scale, short
from sim.outcomes import BY_NAME, Outcome, firm_sums, half_width, leave_one_out, pulls, split

PANELS = (
    "share_burnt_out",
    "recorded_overtime",
    "latent_overtime",
    "output_per_hour",
    "expectation",
    "message_minutes",
)
FIRM = ("replicate", "firm")
KEYS = ("world", *FIRM, "week", "n_people")
SUMMED = {name.replace("_seconds", "_minutes") for name in Ledger._fields}  # all else are means over people
COLUMNS, ROWS = 2, 3
HEIGHT, GAP, LOW, SCALE, LANE = 1.18, 0.42, 0.34, 0.45, 0.15  # inches; LOW below the panels, SCALE at their left
LETTER = 0.052  # inches, of a name in the strip
MIDDLE = 3.5  # days: a week is drawn at its middle

Reals = NDArray[np.float64]


class Bar(NamedTuple):
    """A phase in the strip; in days of the calendar (``date.toordinal``)."""

    label: str
    start: float
    full: float  # end of the ramp
    end: float
    name: float  # where the name is written
    lane: int


class Lines(NamedTuple):
    """Weekly values, (weeks, outcomes) each; not a number where there is no such firm."""

    weeks: Reals  # their middles, in days of the calendar (``date.toordinal``)
    rule: Reals
    without: Reals
    half: Reals  # half width of the interval of the paired difference
    others: Reals


def weekly(tables: Tables, run: Setting, outcomes: Sequence[Outcome]) -> Lines:
    """Compute weekly values from the table of firm-weeks.

    Parameters
    ----------
    tables : Tables
        ``firm_week`` and ``firms`` of a run.
    run : Setting
        The run.
    outcomes : Sequence[Outcome]
        Ratios of sums; their sums over people are taken from the sums over firms.

    Returns
    -------
    Lines
        One row per week from week 0 on.

    Raises
    ------
    ResultsError
        If there is no such week.
    """
    frame = table(tables, "firm_week", KEYS).filter(pl.col("week") >= 0)
    means = [name for name in frame.columns if name not in KEYS and name not in SUMMED]
    frame = frame.with_columns(pl.col(name).cast(pl.Float64) * pl.col("n_people") for name in means)
    # A denominator that is the same for every person-week counts people.
    people = pl.col("n_people").cast(pl.Float64)
    outcomes = [
        outcome if outcome.denominator.meta.root_names() else outcome._replace(denominator=outcome.denominator * people)
        for outcome in outcomes
    ]
    if frame.is_empty():
        raise ResultsError("the table 'firm_week' has no week after the warm-up, so there is nothing to draw")
    scope = table(tables, "firms", (*FIRM, "in_scope")).select(*FIRM, "in_scope").lazy()
    scope = scope.cast({key: frame.schema[key] for key in FIRM})
    sums = firm_sums(frame.lazy().join(scope, on=FIRM, how="left"), outcomes, ("world", "week", *FIRM))
    chosen = reached(tables).select(FIRM).cast({key: sums.schema[key] for key in FIRM})
    inside, outside = (sums.join(chosen, on=FIRM, how=how) for how in ("semi", "anti"))
    weeks = sums["week"].unique().sort()

    def cube(rows: pl.DataFrame, world: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Arrange sums as (weeks, firms, outcomes)."""
        firms = rows.select(FIRM).unique().sort(FIRM)
        grid = pl.DataFrame({"week": weeks}).join(firms, how="cross")
        mine = rows.filter(pl.col("world") == world)
        full = grid.join(mine, on=("week", *FIRM), how="left", maintain_order="left")
        above, below = split(full.fill_null(0), outcomes)
        shape = (weeks.len(), firms.height, len(outcomes))
        return above.reshape(shape), below.reshape(shape)

    above, below = cube(inside, run.scenario)
    above_without, below_without = cube(inside, run.counterfactual)
    rule, rule_rest = leave_one_out(above, below)
    without, without_rest = leave_one_out(above_without, below_without)
    half = half_width(pulls(rule - without, rule_rest - without_rest), below + below_without)
    others = leave_one_out(*cube(outside, run.scenario))[0] if outside.height else np.full_like(rule, np.nan)
    days = run.start.toordinal() + MIDDLE + 7.0 * weeks.to_numpy()
    return Lines(days, rule, without, half, others)


def draw_timeline(tables: Tables, run: Setting) -> Figure:
    """Draw outcomes over the weeks, one panel each.

    Parameters
    ----------
    tables : Tables
        Tables of a run.
    run : Setting
        The run.

    Returns
    -------
    Figure
        Six panels under two strips that say when which phase is in force.
    """
    outcomes = [BY_NAME[name] for name in PANELS]
    lines = weekly(tables, run, outcomes)
    span = (lines.weeks[0] - 3.5, lines.weeks[-1] + 3.5)
    width = (WIDTH - 0.1 - (SCALE + MARGIN) * COLUMNS - MARGIN) / COLUMNS
    bars = _bars(run.phases, span, width)
    strip = LANE * max((bar.lane + 1 for bar in bars), default=0)
    panels = ROWS * HEIGHT + (ROWS - 1) * GAP
    shows = "Week by week under the rule and without it" if run.paired else "Week by week"
    paper = sheet(run.title, shows, _notes(tables, run), LOW + panels + strip + 0.46)
    for column in range(COLUMNS):
        left = MARGIN + SCALE + column * (width + SCALE + MARGIN)
        if bars:
            _draw_strip(paper.axes(left, LOW + panels + 0.24, width, strip), bars, span, width)
        for row in range(ROWS):
            axes = paper.axes(left, LOW + (ROWS - 1 - row) * (HEIGHT + GAP), width, HEIGHT)
            _shade(axes, run.phases, span)
            _draw_panel(axes, outcomes, row * COLUMNS + column, lines, run.paired)
            _date(axes, run.start, span, labels=row == ROWS - 1)
    paper.legend(_handles(run, bool(np.isfinite(lines.others).any())), columns=4)
    return paper.figure


def _notes(tables: Tables, run: Setting) -> list[str]:
    """Write the caption."""
    notes = [circumstances(run, tables), "Weekly values; a week is drawn at its middle."]
    if run.paired:
        notes.append(
            "Band: 95 % interval of the paired difference by firm, laid around the line under the rule: where the "
            "other line lies outside it, the difference is more than chance among firms."
        )
    if any(phase.ramp_days for phase in run.phases):
        notes.append("Shading: strength of the rule, rising over its ramp.")
    return notes


def _draw_panel(axes: Axes, outcomes: Sequence[Outcome], number: int, lines: Lines, paired: bool) -> None:
    """Draw one of the outcomes."""
    outcome = outcomes[number]
    shown = scale(outcome.unit)
    rule, without, half, others = (
        shown.factor * values[:, number] for values in (lines.rule, lines.without, lines.half, lines.others)
    )
    mark = "o" if len(lines.weeks) == 1 else ""  # a single week makes no line

    def draw(name: str, values: Reals, color: str, width: float, size: float) -> None:
        """Draw a line; its name is found again in the file."""
        axes.plot(lines.weeks, values, color=color, linewidth=width, marker=mark, markersize=size, zorder=2.5, gid=name)

    if np.isfinite(others).any():
        draw(f"others {outcome.name}", others, OTHERS, 0.7, 4)
    if paired:
        draw(f"without {outcome.name}", without, WITHOUT, 2.0, 7)
        axes.fill_between(lines.weeks, rule - half, rule + half, color=RULE, alpha=0.2, linewidth=0, zorder=2.2)
    draw(f"rule {outcome.name}", rule, RULE, 1.0, 4)
    axes.set_title(label(outcome.name), loc="left", fontsize=8, fontweight="bold", pad=4)
    axes.set_title(shown.level, loc="right", fontsize=TINY, color=QUIET, pad=4)
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.locator_params(axis="y", nbins=5)
    axes.margins(y=0.1)
    axes.ticklabel_format(axis="y", useOffset=False)


def _date(axes: Axes, start: date, span: tuple[float, float], labels: bool) -> None:
    """Put dates on the axis of time."""
    ticks = _dates(start, round(span[1] - span[0]))
    axes.set_xlim(*span)
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.tick_params(labelbottom=labels)


def _dates(start: date, days: int) -> dict[float, str]:
    """Choose at most nine dates and write them; the year stands under the first of each year."""
    if days <= 63:
        chosen = [start + timedelta(days=day) for day in range(0, days + 1, 7 if days <= 42 else 14)]
        words = [f"{day.day} {MONTHS[day.month - 1]}" for day in chosen]
    else:
        step = next((step for step in (1, 2, 3, 6, 12, 24, 60) if days / 30.44 / step <= 8), 120)
        first = start.year * 12 + start.month - 1
        months = [m for m in range(first - first % step, first + days // 30 + 2, step) if m > first or start.day == 1]
        chosen = [date(month // 12, month % 12 + 1, 1) for month in months]
        chosen = [day for day in chosen if 0 <= (day - start).days <= days]
        words = [MONTHS[day.month - 1] for day in chosen]
    seen: set[int] = set()
    for place, day in enumerate(chosen):
        words[place] += "" if day.year in seen else f"\n{day.year}"
        seen.add(day.year)
    return {float(day.toordinal()): text for day, text in zip(chosen, words, strict=True)}


def _profile(phases: Sequence[Phase], span: tuple[float, float]) -> tuple[Reals, Reals]:
    """Draw the strength of the strongest phase over time: days, and 0 to 1."""
    spans = [(p.start.toordinal(), p.end.toordinal(), p.ramp_days) for p in phases]
    bends = {*span, *(day for start, end, ramp in spans for day in (start, min(start + ramp, end), end))}
    days = np.array(sorted(day for bend in bends for day in (bend - 1e-6, bend + 1e-6)))
    strength = np.zeros_like(days)
    for start, end, ramp in spans:
        rising = np.clip((days - start) / ramp, 0, 1) if ramp else np.ones_like(days)
        strength = np.maximum(strength, np.where((days >= start) & (days < end), rising, 0.0))
    return days, strength


def _shade(axes: Axes, phases: Sequence[Phase], span: tuple[float, float]) -> None:
    """Shade the time under rules; the height of the shade is their strength."""
    if not phases:
        return
    days, strength = _profile(phases, span)
    axes.fill_between(
        days, 0, strength, transform=axes.get_xaxis_transform(), color=SHADE, linewidth=0, zorder=0, gid="strength"
    )
    for start in sorted({phase.start for phase in phases}):
        axes.axvline(start.toordinal(), color=QUIET, linewidth=0.5, linestyle=(0, (1, 2)), zorder=0.5)


def _bars(phases: Sequence[Phase], span: tuple[float, float], width: float) -> list[Bar]:
    """Give each phase a bar, its name, and the first lane in which both have room."""
    inch = (span[1] - span[0]) / width
    lanes: list[list[tuple[float, float]]] = []
    bars = []
    for phase in phases:
        start, end = max(phase.start.toordinal(), span[0]), min(phase.end.toordinal(), span[1])
        if start >= end:
            continue
        full = min(max(phase.start.toordinal() + phase.ramp_days, start), end)
        size = (LETTER * len(phase.label) + 0.1) * inch
        name = full if size <= end - full else start if start + size <= span[1] else max(start - size, span[0])
        low, high = min(start, name), max(end, name + size)
        lane = next((n for n, taken in enumerate(lanes) if all(high <= a or low >= b for a, b in taken)), len(lanes))
        if lane == len(lanes):
            lanes.append([])
        lanes[lane].append((low, high))
        bars.append(Bar(phase.label, start, full, end, name, lane))
    return bars


def _draw_strip(axes: Axes, bars: Sequence[Bar], span: tuple[float, float], width: float) -> None:
    """Draw the phases as bars with their names; a ramp is a slope at the start of its bar."""
    axes.set_xlim(*span)
    axes.set_ylim(max(bar.lane for bar in bars) + 1, 0)
    axes.set_axis_off()
    pad = 0.05 * (span[1] - span[0]) / width
    for bar in bars:
        low, high = bar.lane + 0.92, bar.lane + 0.08
        axes.fill([bar.start, bar.full, bar.end, bar.end], [low, high, high, low], color=BAR, linewidth=0)
        axes.text(bar.name + pad, bar.lane + 0.52, bar.label, va="center", fontsize=TINY, color=INK)


def _handles(run: Setting, others: bool) -> list[Line2D | Patch]:
    """Explain the lines that occur."""
    handles: list[Line2D | Patch] = [Line2D([], [], color=RULE, linewidth=1.0, label=short(run.scenario))]
    if run.paired:
        without = f"the same firms, {short(run.counterfactual)}"
        handles.append(Line2D([], [], color=WITHOUT, linewidth=2.0, label=without))
        handles.append(Patch(facecolor=RULE, alpha=0.2, label="95 % interval of the difference"))
    if others:
        handles.append(Line2D([], [], color=OTHERS, linewidth=0.7, label="firms not reached"))
    return handles
