"""Minutes of work outside hours by channel in both worlds, on record and off it."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.core.columns import CHANNELS
from sim.figures.axis import grid_on, row_axis
from sim.figures.context import Setting, Tables, covers, sample_note, table, window
from sim.figures.effect import change
from sim.figures.fonts import shortened, strong
from sim.figures.numerals import digits, number
from sim.figures.sheet import MARGIN, dot, in_row, is_narrow, legend_key, note, page_width, sheet
from sim.figures.style import CHANNEL_COLORS, INK, OTHERS, QUIET, RULE, SMALL, TINY, WITHOUT, Mark
from sim.figures.words import label, say

MINUTES = "minutes_per_person_week"
RATIO = ("displaced", "displaced_low", "displaced_high")  # on the scenario's row of all channels
HATCH = "////"  # channels off record
ROW, AXIS = 0.19, 0.40  # inches
LEFT, RIGHT = 1.65, 0.85
INSIDE = 0.235  # inches, of a bar with its number inside
SHORTEST = 0.12  # inches, of an arrow: a shorter one would point backwards between its marks
ENDS = (("from", WITHOUT, 6.5), ("to", RULE, 4.2))  # the larger mark is below: both are seen where nothing changed

ARROW = {"arrowstyle": "-|>", "color": OTHERS, "linewidth": 1.1, "shrinkA": 3, "shrinkB": 3, "mutation_scale": 7}


class Flow(NamedTuple):
    """Minutes of a channel outside hours, per person and week."""

    channel: str
    recorded: bool
    without: float
    rule: float
    low: float  # 95 % interval of the difference
    high: float

    @property
    def change(self) -> float:
        """Minutes that the rule adds."""
        return self.rule - self.without

    @property
    def known(self) -> bool:
        """Whether the difference has an interval that is not exactly zero."""
        return self.low < self.high

    @property
    def patch(self) -> Patch:
        """Colour and hatching of the channel, for its bars and the legend."""
        hatch, color = "" if self.recorded else HATCH, CHANNEL_COLORS[self.channel]
        return Patch(facecolor=color, hatch=hatch, edgecolor="white", label=label("channel", self.channel))


def draw_displacement(tables: Tables, run: Setting) -> Figure:
    """Draw a stacked bar for each world, and below them how the minutes of each channel change."""
    found = _flows(tables, run)
    if is_narrow():  # intervals do not fit
        found = [flow._replace(low=math.nan, high=math.nan) for flow in found]
    known = any(flow.known for flow in found)
    notes = [sample_note(run, tables), window(run, tables), _ratio(tables)]
    notes += [say("displacement_hatched")] * any(not flow.recorded for flow in found) + [covers(run, "over")] * known
    depth = len(found) + 1.35 * len({flow.recorded for flow in found})
    below = AXIS + ROW * depth
    paper = sheet(run.title, say("displacement"), notes, below + 1.2)
    paper.legend([flow.patch for flow in found])
    _draw_bars(paper.axes(LEFT, below + 0.32, page_width() - LEFT - RIGHT, 0.66), found, run)
    numbers = 1.7 if known else 0.85
    wide = page_width() - LEFT - numbers - 0.15
    _draw_channels(paper.axes(LEFT, AXIS, wide, ROW * depth), found, run, depth, wide + numbers)
    return paper.figure


def _flows(tables: Tables, run: Setting) -> list[Flow]:
    """Read the table ``displacement``: channels on record, then those off record, each in the order of the model.

    A channel without a row in a world has zero minutes there; an unknown interval is NaN.
    """
    columns = ("world", "channel", "recorded", *RATIO)
    frame = table(tables, "displacement", columns, (MINUTES, "low", "high")).with_columns(pl.col(MINUTES).fill_nan(0.0))
    rows = {(row["world"], row["channel"]): row for row in frame.iter_rows(named=True)}
    recorded = dict(frame.select("channel", "recorded").iter_rows())
    found = []
    for channel in (name for name in CHANNELS if name in recorded):
        without, rule = (rows.get((world, channel), {}) for world in (run.counterfactual, run.scenario))
        ends = (rule.get(end, math.nan) for end in ("low", "high"))
        found.append(Flow(channel, bool(recorded[channel]), without.get(MINUTES, 0.0), rule.get(MINUTES, 0.0), *ends))
    return sorted(found, key=lambda flow: not flow.recorded)


def _ratio(tables: Tables) -> str:
    """Write the displacement ratio of one scenario, with its interval if known."""
    known = tables["displacement"].select(RATIO).drop_nulls(RATIO[0]).fill_null(math.nan)
    if known.is_empty():
        whole = table(tables, "displacement", ("channel",), ("difference", "low")).filter(channel="all")
        unknown = whole.filter(pl.col("difference").is_finite(), pl.col("low").is_nan()).height
        return say("displacement_unknown" if unknown else "displacement_none")
    share, low, high = known.row(0)
    ends = f" [{number(low, 2)}, {number(high, 2)}]" if math.isfinite(low + high) else ""
    return say("displacement_ratio", ratio=number(share, 2) + ends)


def _draw_bars(axes: Axes, found: Sequence[Flow], run: Setting) -> None:
    """Draw one stacked bar per world, with its total and the part off record."""
    totals = {"without": sum(flow.without for flow in found), "rule": sum(flow.rule for flow in found)}
    most = max(*totals.values(), 1e-9)
    decimals = digits(most)
    least = INSIDE / (page_width() - LEFT - RIGHT)
    for y, (side, total) in enumerate(totals.items()):
        start = hidden = 0.0
        for flow in found:
            value, patch = float(getattr(flow, side)), flow.patch
            axes.barh(
                y, value, left=start, height=0.66, facecolor=patch.get_facecolor(), hatch=patch.get_hatch(),
                edgecolor="white", linewidth=0.6, gid=f"{side} {flow.channel}",
            )  # fmt: skip
            if value > least * most:
                back = {"facecolor": patch.get_facecolor(), "linewidth": 0, "pad": 1.2}
                axes.text(
                    start + value / 2, y, number(value, decimals), ha="center", va="center_baseline", fontsize=TINY,
                    color="white" if flow.channel in ("im", "mail") else INK, bbox=None if flow.recorded else back,
                )  # fmt: skip
            start += value
            hidden += 0.0 if flow.recorded else value
        style = {"xycoords": "data", "va": "center_baseline"}
        words, rest = say("minutes", n=number(total, decimals)), say("minutes_off", n=number(hidden, decimals))
        note(axes, words, (total, y), (4, 4.5), fontsize=SMALL, color=INK, fontweight=strong(), **style)
        note(axes, rest, (total, y), (4, -5), **style)
    axes.set(xlim=(0, most), ylim=(1.4, -0.4), xticks=[])
    worlds = [shortened(run.name(world), LEFT - MARGIN - 0.1, 7.5) for world in (run.counterfactual, run.scenario)]
    axes.set_yticks([0, 1], worlds)
    axes.tick_params(axis="y", length=0, labelsize=7.5, labelcolor=INK)
    axes.spines[:].set_visible(False)


def _draw_channels(axes: Axes, found: Sequence[Flow], run: Setting, depth: float, right: float) -> None:
    """Draw the change of each channel between the worlds, and write the difference."""
    most = max((max(flow.without, flow.rule) for flow in found), default=0.0) or 1.0
    axes.set_xlim(0, 1.03 * most)
    row_axis(axes, depth)
    grid_on(axes, "x")
    axes.set_xlabel(say("displacement_axis"))
    head = say("difference_95" if any(flow.known for flow in found) else "difference")
    in_row(axes, 0.05, right, head, "right", size=TINY, color=QUIET)
    y = 0.0
    for recorded, heading in ((True, "on_record"), (False, "off_record")):
        chosen = [flow for flow in found if flow.recorded is recorded]
        if not chosen:
            continue
        y += 1.0
        in_row(axes, y, MARGIN - LEFT, say(heading), size=8, weight=strong())
        total = sum(flow.change for flow in chosen), math.nan, math.nan
        in_row(axes, y, right, change(total, stated=False), "right", weight=strong())
        for flow in chosen:
            y += 1.0
            in_row(axes, y, MARGIN + 0.1 - LEFT, label("channel", flow.channel), size=7.5)
            in_row(axes, y, right, change((flow.change, flow.low, flow.high), stated=False), "right")
            if abs(flow.change) * (axes.bbox.width / axes.figure.dpi) > SHORTEST * 1.03 * most:
                axes.annotate("", (flow.rule, y), (flow.without, y), arrowprops=ARROW)
            for value, (side, color, size) in zip((flow.without, flow.rule), ENDS, strict=True):
                mark = Mark(color, "o", color if flow.recorded else "white")
                dot(axes, value, y, mark, size, markeredgewidth=1.2, clip_on=False, gid=f"{side} {flow.channel}")
        y += 0.2
    sides = zip((run.counterfactual, run.scenario), ENDS, strict=True)
    axes.legend(
        handles=[legend_key(run.name(world), color, marker="o", markersize=size) for world, (_, color, size) in sides],
        loc="lower left", bbox_to_anchor=(0, 1.06 if is_narrow() else 1), ncols=2, borderpad=0, borderaxespad=0,
        handletextpad=0.1, columnspacing=1.2,
    )  # fmt: skip
