"""Flows of minutes: channels before at the left, channels after at the right, and bands between them.

The tables hold the minutes of each channel in both worlds, not the path of each minute. The bands are therefore an
assumption: a channel keeps the smaller of its two values, losses are shared among the channels that grew in proportion
to their growth, and the rest is gone, or new.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from sim.figures.context import Setting, Tables, circumstances, drawn_from_only, over, window
from sim.figures.displacement import HATCH, Flow, channel_flows, ratio_sentence
from sim.figures.fonts import strong
from sim.figures.sheet import MARGIN, WIDTH, sheet
from sim.figures.style import CHANNEL_COLORS, INK, QUIET, SMALL, digits, number
from sim.figures.words import label, say

HEIGHT, SIDE, THICK = 3.6, 1.75, 0.13  # inches: of the picture, beside it, and of a bar
AIR = 0.05  # of the height, between bars
LEAST = 0.042  # of the height, enough for two lines of text
GONE, NEW = "gone", "new"
EMPTY = "#e9e9e9"


class Stream(NamedTuple):
    """Minutes that stayed in a channel or moved."""

    start: str  # a channel, or new
    end: str  # a channel, or gone
    minutes: float


def streams(found: Sequence[Flow]) -> list[Stream]:
    """Distribute losses among the channels that grew, and return what stayed and what moved, without zeros."""
    lost = {flow.channel: max(flow.without - flow.rule, 0.0) for flow in found}
    grown = {flow.channel: max(flow.rule - flow.without, 0.0) for flow in found}
    loss, growth = sum(lost.values()), sum(grown.values())
    moved = min(loss, growth)
    listed = [Stream(flow.channel, flow.channel, min(flow.without, flow.rule)) for flow in found]
    if loss and growth:
        listed += [Stream(a, b, moved * lost[a] / loss * grown[b] / growth) for a in lost for b in grown]
    if loss:
        listed += [Stream(channel, GONE, minutes * (loss - moved) / loss) for channel, minutes in lost.items()]
    if growth:
        listed += [Stream(NEW, channel, minutes * (growth - moved) / growth) for channel, minutes in grown.items()]
    return [stream for stream in listed if stream.minutes > 0]


def draw_flows(tables: Tables, run: Setting) -> Figure:
    """Draw the channels of both worlds and the bands between them, from ``displacement`` of a run or comparison.

    ``firms`` is needed for a run, and ``effects`` adds the weeks to the caption.
    """
    tables = _of(tables, run)
    found = channel_flows(tables, run)
    notes = [drawn_from_only(run) if run.scenarios else circumstances(run, tables)]
    notes += [
        window(run, tables) if "effects" in tables else "",
        say("flows_kept"),
        say("flows_shared"),
        ratio_sentence(tables),
    ]
    notes += [over(run)] * (not tables["displacement"]["displaced"].is_null().all())
    notes += [say("flows_off")] * any(not flow.recorded for flow in found)
    paper = sheet(run.title, say("flows"), notes, HEIGHT + 0.42)
    axes = paper.axes(MARGIN, 0.08, WIDTH - 2 * MARGIN, HEIGHT)
    axes.set_axis_off()
    axes.set(xlim=(0, WIDTH - 2 * MARGIN), ylim=(1, 0))
    listed = streams(found)
    befores = {flow.channel: flow.without for flow in found} | {NEW: sum(s.minutes for s in listed if s.start == NEW)}
    afters = {flow.channel: flow.rule for flow in found} | {GONE: sum(s.minutes for s in listed if s.end == GONE)}
    recorded = {flow.channel: flow.recorded for flow in found}
    left, right = SIDE, WIDTH - 2 * MARGIN - SIDE
    total = max(sum(befores.values()), sum(afters.values())) or 1.0
    scale = (1 - AIR * (len(befores) - 1)) / total
    starts, ends = _stack(befores, scale), _stack(afters, scale)
    _bands(axes, listed, (starts, ends), scale, (left + THICK, right - THICK), recorded)
    decimals = digits(total)
    for side, bars, sizes, x in (("before", starts, befores, left), ("after", ends, afters, right - THICK)):
        _bars(axes, side, bars, {name: size * scale for name, size in sizes.items()}, x, recorded)
        _names(axes, side, bars, sizes, scale, decimals)
    for x, world, align, key in (
        (0.0, run.counterfactual, "left", befores),
        (WIDTH - 2 * MARGIN, run.scenario, "right", afters),
    ):
        minutes = sum(value for name, value in key.items() if name not in (GONE, NEW))
        words = f"{run.name(world)} · {say('minutes', n=number(minutes, decimals))}"
        axes.annotate(
            words,
            (x, 0),
            xytext=(0, 9),
            textcoords="offset points",
            ha=align,
            fontsize=8,
            fontweight=strong(),
            color=INK,
        )
    return paper.figure


def _of(tables: Tables, run: Setting) -> Tables:
    """Select the rows of one scenario where tables have several."""
    chosen = {}
    for name in ("displacement", "effects"):
        if name in tables and "scenario" in tables[name].columns:
            chosen[name] = tables[name].filter(pl.col("scenario").cast(pl.String) == run.scenario)
    return {**tables, **chosen}


def _stack(sizes: Mapping[str, float], scale: float) -> dict[str, float]:
    """Return the top of each bar; small ones get extra space for their names."""
    places, y = {}, 0.0
    for name, size in sizes.items():
        if size > 0:
            places[name] = y + max(LEAST - size * scale, 0.0) / 2
            y += max(size * scale, LEAST) + AIR / 2
    over = max(y - AIR / 2 - 1.0, 0.0)
    return {name: place * (1 - over) for name, place in places.items()} if over else places


def _bands(
    axes: Axes,
    listed: Sequence[Stream],
    stacks: tuple[Mapping[str, float], Mapping[str, float]],
    scale: float,
    across: tuple[float, float],
    recorded: Mapping[str, bool],
) -> None:
    """Draw the bands, sorted by destination at each bar so that few cross."""
    starts, ends = stacks
    rank = {name: number for number, name in enumerate([*starts, *ends])}
    at, to = dict(starts), dict(ends)
    place: dict[Stream, tuple[float, float]] = {}
    for stream in sorted(listed, key=lambda s: (rank[s.start], list(ends).index(s.end))):
        place[stream] = (at[stream.start], 0.0)
        at[stream.start] += stream.minutes * scale
    for stream in sorted(listed, key=lambda s: (list(ends).index(s.end), rank[s.start])):
        place[stream] = (place[stream][0], to[stream.end])
        to[stream.end] += stream.minutes * scale
    for stream, (high, other) in place.items():
        thick, middle = stream.minutes * scale, sum(across) / 2
        stays = stream.start == stream.end
        corners = [
            (across[0], high), (middle, high), (middle, other), (across[1], other),
            (across[1], other + thick), (middle, other + thick), (middle, high + thick), (across[0], high + thick),
        ]  # fmt: skip
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3]
        color = CHANNEL_COLORS.get(stream.end if stream.start == NEW else stream.start, EMPTY)
        axes.add_patch(
            PathPatch(
                Path(corners, codes),
                facecolor=color,
                alpha=0.28 if stays else 0.22 if stream.end == GONE else 0.62,
                linewidth=0,
                gid=f"stream {stream.start} {stream.end}",
            )
        )


def _bars(
    axes: Axes, side: str, bars: Mapping[str, float], sizes: Mapping[str, float], x: float, recorded: Mapping[str, bool]
) -> None:
    """Draw the bars of a side."""
    for name, y in bars.items():
        ghost = name in (GONE, NEW)
        axes.add_patch(
            Rectangle(
                (x, y),
                THICK,
                sizes[name],
                facecolor="white" if ghost else CHANNEL_COLORS[name],
                hatch=HATCH if recorded.get(name, True) is False else None,
                edgecolor=QUIET if ghost else "white",
                linestyle=(0, (2, 1.5)) if ghost else "-",
                linewidth=0.7 if ghost else 0.0,
                gid=f"{side} {name}",
            )
        )


def _names(
    axes: Axes, side: str, bars: Mapping[str, float], sizes: Mapping[str, float], scale: float, decimals: int
) -> None:
    """Write names and minutes beside the bars of a side."""
    before = side == "before"
    edge = SIDE - 0.07 if before else WIDTH - 2 * MARGIN - SIDE + 0.07
    for name, y in bars.items():
        middle = y + sizes[name] * scale / 2
        ghost = name in (GONE, NEW)
        words = label("channel", name)
        axes.text(
            edge,
            middle,
            f"{words}  {number(sizes[name], decimals)}" if before else f"{number(sizes[name], decimals)}  {words}",
            ha="right" if before else "left",
            va="center_baseline",
            fontsize=SMALL,
            fontstyle="italic" if ghost else "normal",
            color=QUIET if ghost else INK,
        )
