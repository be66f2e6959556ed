"""A message log beside the model's: when, how fast, how much, and how answers depend on load."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.evidence.quantities import Shapes
from sim.evidence.replies import EDGES, LOADS
from sim.evidence.threads import LONGEST
from sim.figures.axis import gridded
from sim.figures.context import Setting, Tables, table
from sim.figures.panels import Cells, grid
from sim.figures.sheet import MARGIN, entitle, key
from sim.figures.style import QUIET, RULE, TINY, WITHOUT
from sim.figures.words import say

COLORS = (RULE, WITHOUT, QUIET)
LINES = ("-", "--", ":")
CELLS = Cells(3, 1.45, left=0.46, gap=MARGIN, between=0.72, below=0.42, above=0.38)
MARKS = ((60, "1 min"), (600, "10 min"), (3_600, "1 h"), (36_000, "10 h"), (259_200, "3 d"))


def draw_traffic(tables: Tables, run: Setting) -> Figure:
    """Draw up to nine panels with a line for each side of ``shapes``, which is named ``log`` or ``model``."""
    frame = table(tables, "shapes", ("side", "shape", "place"), ("value",))
    sides = [(str(name), _shapes(rows)) for (name,), rows in frame.group_by("side", maintain_order=True)]
    panels = [panel for panel, shape in PANELS if any(np.nansum(getattr(shapes, shape)) for _, shapes in sides)]
    alone = "_alone" if len(sides) == 1 else ""
    laid = grid(run.title, say(f"traffic_shows{alone}"), _notes(run.log), len(panels), CELLS)
    for axes, panel in zip(laid.panels, panels, strict=True):
        gridded(axes, "y")
        for number, (_, shapes) in enumerate(sides):
            panel(axes, shapes, _style(number))
        if axes.get_yscale() == "linear":
            axes.set_ylim(bottom=0)
    if not alone:
        names = [say("traffic_log") if name == "log" else say("traffic_model") for name, _ in sides]
        laid.paper.legend([key(name, **_style(n)) for n, name in enumerate(names)], columns=len(names))
    return laid.paper.figure


def _shapes(rows: pl.DataFrame) -> Shapes:
    """Gather the distributions of one side."""
    parts = rows.sort("place").partition_by("shape", as_dict=True)
    return Shapes(**{name: parts[name,]["value"].to_numpy() for name in Shapes._fields})


def _notes(log: Mapping[str, Any]) -> list[str]:
    """Write the caption."""
    notes = [say("traffic_read", entries=f"{log['entries']:,}", people=f"{log['people']:,}")]
    notes += [say("traffic_simulated", **log["model"])] if log["model"] else []
    notes += [] if log["clock"] else [say("traffic_clock")]
    return [*notes, say("traffic_few")]


def _style(number: int) -> dict[str, Any]:
    """Return colour and pattern of a line."""
    return {"color": COLORS[number % 3], "linestyle": LINES[number % 3], "linewidth": 1.4}


def _head(axes: Axes, title: str, below: str) -> None:
    """Name a panel of percentages and its axis."""
    entitle(axes, say(title), "%")
    axes.set_xlabel(say(below), labelpad=2)


def _hours(axes: Axes, shapes: Shapes, style: dict[str, Any]) -> None:
    """Draw the hours of working days."""
    day = np.nansum(shapes.hours.reshape(7, 24)[:5], axis=0)
    if day.sum():
        axes.plot(np.arange(24) + 0.5, 100 * day / day.sum(), **style)
    axes.set_xlim(0, 24)
    axes.set_xticks(range(0, 25, 6))
    _head(axes, "traffic_hours", "traffic_hour")


def _days(axes: Axes, shapes: Shapes, style: dict[str, Any]) -> None:
    """Draw the days of the week."""
    days = np.nansum(shapes.hours.reshape(7, 24), axis=1)
    if days.sum():
        axes.plot(range(7), 100 * days / days.sum(), marker="o", markersize=3, **style)
    axes.set_xticks(range(7), say("weekdays").split(), fontsize=TINY)
    _head(axes, "traffic_days", "traffic_day")


def _replies(axes: Axes, shapes: Shapes, style: dict[str, Any]) -> None:
    """Draw the share of replies within a time, over log seconds."""
    if np.nansum(shapes.replies):
        below = np.concatenate([[0.0], np.cumsum(shapes.replies) / shapes.replies.sum()])
        axes.plot(EDGES, 100 * below, **style)
    axes.set_xlim(np.log(20), EDGES[-1])
    axes.set_xticks([np.log(seconds) for seconds, _ in MARKS], [text for _, text in MARKS], fontsize=TINY)
    _head(axes, "traffic_replies", "traffic_wait")


def _load(axes: Axes, shapes: Shapes, style: dict[str, Any]) -> None:
    """Draw the share of turns answered by messages received on the day; bins double."""
    axes.plot(2.0 ** np.arange(LOADS) * 1.4, 100 * shapes.load, marker="o", markersize=3, **style)
    axes.set_xscale("log")
    axes.set_xlim(1, 1_000)
    axes.set_xticks((1, 10, 100, 1_000), ("1", "10", "100", "1,000"))
    axes.minorticks_off()
    _head(axes, "traffic_load", "traffic_received")


def _threads(axes: Axes, shapes: Shapes, style: dict[str, Any]) -> None:
    """Draw the share of threads of at least a length."""
    lengths = np.nan_to_num(shapes.threads)
    if lengths.sum():
        above = 100 * np.cumsum(lengths[::-1])[::-1] / lengths.sum()
        axes.plot(np.arange(1, LONGEST + 1)[above > 0], above[above > 0], marker="o", markersize=3, **style)
    axes.set_yscale("log")
    axes.set_ylim(0.05, 130)
    axes.set_yticks((0.1, 1, 10, 100), ("0.1", "1", "10", "100"))
    axes.minorticks_off()
    axes.set_xticks((1, 3, 6, 9, 12))
    _head(axes, "traffic_threads", "traffic_length")


def _rates(axes: Axes, shapes: Shapes, style: dict[str, Any]) -> None:
    """Draw the share of people who send at least so many messages."""
    axes.plot(shapes.rates, 100 * (1 - np.linspace(0.02, 0.98, 49)), **style)
    axes.set_xscale("log")
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    _head(axes, "traffic_rates", "traffic_sent")


def _concentration(axes: Axes, shapes: Shapes, style: dict[str, Any]) -> None:
    """Draw the share of messages that those who send least send together, over the share of people."""
    axes.plot(100 * np.linspace(0, 1, len(shapes.concentration)), 100 * shapes.concentration, **style)
    axes.set_xlim(0, 100)
    _head(axes, "traffic_concentration", "traffic_people")


def _ties(axes: Axes, shapes: Shapes, style: dict[str, Any]) -> None:
    """Draw the share of people who write directly to at least so many others."""
    axes.plot(shapes.ties, 100 * (1 - np.linspace(0.02, 0.98, len(shapes.ties))), **style)
    axes.set_xlim(0, np.nanmax([*shapes.ties, axes.get_xlim()[1]]))
    _head(axes, "traffic_ties", "traffic_contacts")


def _bursts(axes: Axes, shapes: Shapes, style: dict[str, Any]) -> None:
    """Draw the share of people whose messages are at least so bursty."""
    axes.plot(shapes.bursts, 100 * (1 - np.linspace(0.02, 0.98, len(shapes.bursts))), **style)
    axes.set_xlim(0, 1)
    axes.set_ylim(top=100)
    _head(axes, "traffic_bursts", "traffic_burstiness")


PANELS = (  # and the distribution that each draws; what nobody has is left out
    (_hours, "hours"), (_days, "hours"), (_replies, "replies"), (_load, "load"), (_threads, "threads"),
    (_rates, "rates"), (_concentration, "concentration"), (_ties, "ties"), (_bursts, "bursts"),
)  # fmt: skip
