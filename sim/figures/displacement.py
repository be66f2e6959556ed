"""Where the minutes of work outside hours went: by channel, in both worlds, on record and off it."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.core.columns import CHANNELS
from sim.figures.context import Setting, Tables, circumstances, over, table, window
from sim.figures.fonts import shortened, strong
from sim.figures.sheet import MARGIN, WIDTH, beside, sheet
from sim.figures.style import CHANNEL_COLORS, INK, OTHERS, QUIET, RULE, SMALL, TINY, WITHOUT, digits, number
from sim.figures.words import label, say

MINUTES = "minutes_per_person_week"
RATIO = ("displaced", "displaced_low", "displaced_high")  # on the scenario's row of all channels
HATCH = "////"  # channels off record
ROW, AXIS = 0.19, 0.40  # inches
LEFT = 1.65


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


def channel_flows(tables: Tables, run: Setting) -> list[Flow]:
    """Read the table ``displacement``: channels on record, then those off record, each in the order of the model.

    A channel without a row in a world has zero minutes there; an unknown interval is NaN.
    """
    frame = table(tables, "displacement", ("world", "channel", "recorded", MINUTES, *RATIO, "low", "high"))
    numbers = frame.select(pl.col(MINUTES).fill_null(0.0), pl.col("low", "high").fill_null(math.nan)).cast(pl.Float64)
    rows = dict(zip(frame.select("world", "channel").iter_rows(), numbers.iter_rows(), strict=True))
    recorded = dict(frame.select("channel", "recorded").iter_rows())
    unknown = (0.0, math.nan, math.nan)
    found = [
        Flow(
            channel,
            bool(recorded[channel]),
            rows.get((run.counterfactual, channel), unknown)[0],
            *rows.get((run.scenario, channel), unknown),
        )
        for channel in CHANNELS
        if channel in recorded
    ]
    return sorted(found, key=lambda flow: not flow.recorded)


def draw_displacement(tables: Tables, run: Setting) -> Figure:
    """Draw a stacked bar for each world, and below them how the minutes of each channel change.

    Needs ``displacement``, ``firms`` and ``effects`` of a run.
    """
    found = channel_flows(tables, run)
    notes = [circumstances(run, tables), window(run, tables), ratio_sentence(tables)]
    if any(not flow.recorded for flow in found):
        notes.append(say("displacement_hatched"))
    if any(math.isfinite(flow.low) for flow in found):
        notes.append(over(run))
    kinds = len({flow.recorded for flow in found})
    depth = len(found) + 1.35 * kinds
    below = AXIS + ROW * depth
    paper = sheet(run.title, say("displacement"), notes, below + 1.2)
    paper.legend([_patch(flow) for flow in found], columns=len(found) or 1)
    _draw_bars(paper.axes(LEFT, below + 0.32, WIDTH - LEFT - 0.85, 0.66), found, run)
    numbers = 1.7 if any(math.isfinite(flow.low) for flow in found) else 0.85
    _draw_channels(paper.axes(LEFT, AXIS, WIDTH - LEFT - numbers - 0.15, ROW * depth), found, run, depth, numbers)
    return paper.figure


def _patch(flow: Flow) -> Patch:
    """Return the legend entry of a channel."""
    hatch = "" if flow.recorded else HATCH
    color = CHANNEL_COLORS[flow.channel]
    return Patch(facecolor=color, hatch=hatch, edgecolor="white", label=label("channel", flow.channel))


def ratio_sentence(tables: Tables) -> str:
    """Write the displacement ratio of one scenario, with its interval if known."""
    known = tables["displacement"].select(RATIO).drop_nulls(RATIO[0]).fill_null(math.nan)
    if known.is_empty():
        return say("displacement_none")
    share, low, high = known.row(0)
    interval = f" [{number(low, 2)}, {number(high, 2)}]" if math.isfinite(low + high) else ""
    return say("displacement_ratio", ratio=number(share, 2) + interval)


def _draw_bars(axes: Axes, found: Sequence[Flow], run: Setting) -> None:
    """Draw one stacked bar per world, with its total and the part off record."""
    totals = {"without": sum(flow.without for flow in found), "rule": sum(flow.rule for flow in found)}
    most = max(*totals.values(), 1e-9)
    decimals = digits(most)
    for y, (side, total) in enumerate(totals.items()):
        start = 0.0
        for flow in found:
            value = float(getattr(flow, side))
            patch = _patch(flow)
            axes.barh(
                y,
                value,
                left=start,
                height=0.66,
                facecolor=patch.get_facecolor(),
                hatch=patch.get_hatch(),
                edgecolor="white",
                linewidth=0.6,
                gid=f"{side} {flow.channel}",
            )
            if value > 0.05 * most:
                dark = flow.channel in ("im", "mail")
                back = {"facecolor": patch.get_facecolor(), "linewidth": 0, "pad": 1.2}
                axes.text(
                    start + value / 2,
                    y,
                    number(value, decimals),
                    ha="center",
                    va="center_baseline",
                    fontsize=TINY,
                    color="white" if dark else INK,
                    bbox=None if flow.recorded else back,
                )
            start += value
        hidden = sum(float(getattr(flow, side)) for flow in found if not flow.recorded)
        _beside(axes, total, y, 4.5, say("minutes", n=number(total, decimals)), SMALL, INK, strong())
        _beside(axes, total, y, -5, say("minutes_off", n=number(hidden, decimals)), TINY, QUIET)
    axes.set_ylim(1.4, -0.4)
    axes.set_xlim(0, most)
    axes.set_yticks([0, 1], [_fit(run.name(world)) for world in (run.counterfactual, run.scenario)])
    axes.tick_params(axis="y", length=0, labelsize=7.5, labelcolor=INK)
    axes.set_xticks([])
    axes.spines[:].set_visible(False)


def _fit(text: str) -> str:
    """Cut a name to the space left of the bars."""
    return shortened(text, LEFT - MARGIN - 0.1, 7.5)


def _beside(
    axes: Axes, x: float, y: float, rise: float, text: str, size: float, color: str, weight: str = "normal"
) -> None:
    """Write to the right of a bar, ``rise`` points above its middle."""
    axes.annotate(
        text,
        (x, y),
        xytext=(4, rise),
        textcoords="offset points",
        va="center_baseline",
        fontsize=size,
        color=color,
        fontweight=weight,
    )


def _draw_channels(axes: Axes, found: Sequence[Flow], run: Setting, depth: float, numbers: float) -> None:
    """Draw the change of each channel between the worlds, and write the difference."""
    most = max((max(flow.without, flow.rule) for flow in found), default=0.0) or 1.0
    axes.set_xlim(0, 1.03 * most)
    axes.set_ylim(depth, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.set_xlabel(say("displacement_axis"))
    right = float(axes.get_position().width * WIDTH) + numbers
    beside(
        axes,
        0.05,
        right,
        say("difference_95" if any(math.isfinite(f.low) for f in found) else "difference"),
        "right",
        size=TINY,
        color=QUIET,
    )
    y = 0.0
    for recorded, heading in ((True, "on_record"), (False, "off_record")):
        chosen = [flow for flow in found if flow.recorded is recorded]
        y += 1.2 if chosen else 0.0
        if chosen:
            beside(axes, y - 0.2, MARGIN - LEFT, say(heading), size=8, weight=strong())
            total = sum(flow.change for flow in chosen)
            beside(axes, y - 0.2, right, _signed(total, digits(total)), "right", weight=strong())
        for flow in chosen:
            y += 1.0
            beside(axes, y - 0.2, MARGIN + 0.1 - LEFT, label("channel", flow.channel), size=7.5)
            known = math.isfinite(flow.low + flow.high) and flow.change
            decimals = digits((flow.high - flow.low) / 2 if known else flow.change)
            ends = f"  [{_signed(flow.low, decimals)}, {_signed(flow.high, decimals)}]" if known else ""
            beside(axes, y - 0.2, right, _signed(flow.change, decimals) + ends, "right")
            _draw_way(axes, y - 0.2, flow)
    handles = [
        Line2D([], [], linewidth=0, marker="o", markersize=size, color=color, label=run.name(world))
        for world, color, size in ((run.counterfactual, WITHOUT, 6.5), (run.scenario, RULE, 4.2))
    ]
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=2,
        borderpad=0,
        borderaxespad=0,
        handletextpad=0.1,
        columnspacing=1.2,
    )


def _signed(value: float, decimals: int) -> str:
    """Write a change; exactly zero is written in words."""
    return number(value, decimals, sign=True) if value else say("exactly_0")


def _draw_way(axes: Axes, y: float, flow: Flow) -> None:
    """Draw the minutes without the rule, those under it, and an arrow between them."""
    arrow = {"arrowstyle": "-|>", "color": OTHERS, "linewidth": 1.1, "shrinkA": 3, "shrinkB": 3, "mutation_scale": 7}
    axes.annotate("", (flow.rule, y), (flow.without, y), arrowprops=arrow)
    # The larger mark is below, so that both are visible where nothing changed.
    for side, value, color, size in (("from", flow.without, WITHOUT, 6.5), ("to", flow.rule, RULE, 4.2)):
        axes.plot(
            [value],
            [y],
            "o",
            markersize=size,
            markeredgecolor=color,
            markeredgewidth=1.2,
            markerfacecolor=color if flow.recorded else "white",
            clip_on=False,
            zorder=3,
            gid=f"{side} {flow.channel}",
        )
