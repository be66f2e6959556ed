"""Hour-of-week heat maps of messages sent, in both worlds, and their difference."""

import math

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, FuncNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.core.errors import ResultsError
from sim.figures.axis import color_bar
from sim.figures.context import Setting, Tables, firms_shown, sample_note, table, usual_hours
from sim.figures.numerals import in_percent, number
from sim.figures.sheet import MARGIN, is_narrow, note, page_width, panel_title, sheet
from sim.figures.style import AMOUNT, GAIN, INK
from sim.figures.words import counted, say
from sim.outcomes import Reals
from sim.stats.ordered import ordered_sum

NEEDED = ("world", "in_scope", "under_rule", "weeks", "hour_of_week", "messages")
WORKDAYS = 5  # of most firms
LOW, HEIGHT, GAP = 0.24, 1.12, 0.36  # inches


def rates(tables: Tables, world: str) -> Reals:
    """Return messages sent per person and hour of the week, (7, 24), in the firms that the rule reaches.

    They are averaged over ``counted_weeks``. An hour outside the week's 168 is a ``ResultsError``.
    """
    hours = table(tables, "hours", NEEDED).filter(world=world)
    firms = firms_shown(tables)
    if firms["in_scope"].all():
        hours = hours.filter("in_scope")
    weeks, under_rule = counted_weeks(tables)
    hours = hours.filter("under_rule") if under_rule else hours
    person_weeks = int(firms["size"].sum()) * weeks
    sums = hours.group_by("hour_of_week").agg(ordered_sum(pl.col("messages").cast(pl.Float64)))
    rates = np.zeros(7 * 24)
    places = sums["hour_of_week"].to_numpy().astype(np.int64)
    if places.size and not 0 <= places.min() <= places.max() < rates.size:
        raise ResultsError("the table 'hours' is damaged: it has an hour that no week has")
    rates[places] = sums["messages"].to_numpy() / max(person_weeks, 1)
    return rates.reshape(7, 24)


def counted_weeks(tables: Tables) -> tuple[int, bool]:
    """Return over how many weeks messages are counted, and whether these are under the rule; if none is, all count."""
    known = dict(table(tables, "hours", NEEDED).select("under_rule", "weeks").unique().iter_rows())
    return (known[True], True) if True in known else (sum(known.values()), False)


def draw_heatmap(tables: Tables, run: Setting) -> Figure:
    """Draw when messages are sent in each world, and the difference, from ``hours`` and ``firms`` of a run."""
    worlds = dict.fromkeys((run.counterfactual, run.scenario))  # only one if it is compared with nothing
    counted_in = {world: rates(tables, world) for world in worlds}
    weeks, under_rule = counted_weeks(tables)
    which = ("heatmap_under" if under_rule else "heatmap_both") if run.paired else "heatmap_one"
    hours = usual_hours(run, tables)
    when, outline = say(which, weeks=counted(weeks, "week")), say("heatmap_outline", opens=hours[0], closes=hours[1])
    notes, count = [sample_note(run, tables), when, outline], 3 if run.paired else 1
    paper = sheet(run.title, say("heatmap"), notes, LOW + count * HEIGHT + (count - 1) * GAP + 0.16)
    lows = [LOW + place * (HEIGHT + GAP) for place in reversed(range(count))]
    panels = [paper.axes(MARGIN + 0.36, low, page_width() - 1.55, HEIGHT) for low in lows]
    most = max(float(counts.max()) for counts in counted_in.values()) or 1.0
    for axes, (world, counts) in zip(panels, counted_in.items(), strict=False):
        _draw(axes, f"{run.name(world)}  ·  {_outside(counts, hours)}", counts, AMOUNT, (0.0, most), hours)
    if run.paired:
        before, after = counted_in.values()
        change = after - before
        largest = float(np.abs(change).max())
        total = say(
            "heatmap_short" if is_narrow() else "heatmap_total", number=number(float(change.sum()), 1, sign=True)
        )
        words = say("heatmap_zero") if largest == 0 else total
        ends = -(largest or 1.0), largest or 1.0
        _draw(panels[2], f"{say('difference')}  ·  {words}", change, GAIN, ends, hours)
    return paper.figure


def _outside(counts: Reals, hours: tuple[int, int]) -> str:
    total = float(counts.sum())
    inside = float(counts[:WORKDAYS, slice(*hours)].sum())
    if not total:
        return say("heatmap_none")
    return say("heatmap_outside", share=in_percent((total - inside) / total, 1))


def _draw(
    axes: Axes, title: str, counts: Reals, colors: Colormap, span: tuple[float, float], hours: tuple[int, int]
) -> None:
    """Draw a map with its colour bar and the outline of working hours."""
    panel_title(axes, title)
    axes.set_xticks(range(0, 25, 3), [say("hour", n=hour) for hour in range(0, 25, 3)])
    axes.set_yticks(np.arange(7) + 0.5, say("weekdays").split())
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    roots = (lambda v: np.sign(v) * np.sqrt(np.abs(v)), lambda v: np.sign(v) * np.square(v))  # and their inverse
    norm = FuncNorm(roots, *span)
    mesh = axes.pcolormesh(counts, cmap=colors, norm=norm, edgecolors="white", linewidth=0.6, gid="map")
    axes.set_ylim(7, 0)
    size = hours[1] - hours[0], WORKDAYS
    axes.add_patch(Rectangle((hours[0], 0), *size, fill=False, edgecolor=INK, linewidth=1.0, clip_on=False))
    ticks = _ticks(span)
    decimals = max(0, -math.floor(math.log10(min(tick for tick in ticks if tick > 0)) + 1e-9))
    color_bar(axes, mesh, ticks, decimals, span[0] < 0, (0.14, 0.09), length=2)
    note(axes, say("heatmap_scale"), (1, 0.5), (55, 0), rotation=90, ha="center", va="center")


def _ticks(span: tuple[float, float]) -> list[float]:
    """Return ticks that are well separated on a square-root scale."""
    step = 10.0 ** math.floor(math.log10(span[1]))
    top = max(step * factor for factor in (1, 2, 5) if step * factor <= span[1] * (1 + 1e-9))
    five = top > 4 * step
    if span[0] >= 0:
        return [0.0, top / 10, top / 2.5 if five else top / 2, top]
    inner = top / 4 if step < top < 4 * step else top / 5
    return [-top, -inner, 0.0, inner, top]
