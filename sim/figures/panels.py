"""Panels side by side: scenarios as rows, outcomes as columns under the names of their families."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.figures.context import Setting, over
from sim.figures.fonts import strong, width, wrapped
from sim.figures.sheet import LANDSCAPE, MARGIN, WIDTH, Sheet, beside, sheet
from sim.figures.style import FAINT, INK, QUIET, SMALL, STRIPE, TINY
from sim.figures.words import counted, label, say
from sim.outcomes import BY_NAME
from sim.stats.ranks import FEW, best_first

HEADLINES = (
    "share_burnt_out",
    "recorded_overtime",
    "latent_overtime",
    "output_per_hour",
    "output_per_paid_hour",
    "waiting",
    "message_minutes",
    "conflict",
    "employer_cost",
)  # of all families, as many as fit on a page
NEAR, ROW = 0.158, 0.185  # inches, of a row where there are many and where there are few
MANY = 20
GAP = 0.14  # inches, between panels
LINE = 0.125  # inches, of a head
FAMILY = 0.22  # inches, of the name of a family


class Head(NamedTuple):
    """What is written above a panel."""

    over: str  # a name that neighbours share, such as that of a family
    name: str
    unit: str


class Panels(NamedTuple):
    """A sheet with a panel for each outcome; rows are centred at 0.5, 1.5 and so on from the top."""

    paper: Sheet
    axes: Mapping[str, Axes]
    wide: float  # of a panel, inches


def shown(there: Sequence[str]) -> list[str]:
    """Return the headline outcomes among those of a table, in the order of the families."""
    return [name for name in HEADLINES if name in there]


def unit_of(outcome: str) -> str:
    """Return the unit of an outcome; empty if the model does not have it."""
    return BY_NAME[outcome].unit if outcome in BY_NAME else ""


def family_of(outcome: str) -> str:
    """Return the family of an outcome; "money" for those that the model does not have, costs added by users."""
    return BY_NAME[outcome].family if outcome in BY_NAME else "money"


def direction(outcome: str) -> int:
    """Return 1 if more of an outcome is better, −1 if less is, and 0 if neither is or the model does not have it."""
    return {"higher": 1, "lower": -1}.get(BY_NAME[outcome].better, 0) if outcome in BY_NAME else 0


def in_order(frame: pl.DataFrame, outcomes: Sequence[str]) -> list[str]:
    """Order rule sets by their chance of being best for the first outcome drawn."""
    first = frame.filter(pl.col("outcome") == outcomes[0]) if outcomes else frame
    listed = [*best_first(first)["scenario"], *frame["scenario"]]
    return list(dict.fromkeys(listed))


def chances(frame: pl.DataFrame, run: Setting) -> list[str]:
    """Write what the chances of the table ``ranking`` are over, with a warning if there are few firms."""
    if frame.is_empty():
        return []
    firms = int(frame["firms"].min())  # type: ignore[arg-type]  # a column of whole numbers
    if firms < 2:
        return [say("chances_none")]
    which = say("chances_firms", firms=counted(firms, "firm"), basis=label("basis", frame["basis"][0]))
    return [which, over(run, "chances") if run.drawn else "", say("chances_few", few=FEW) if firms < FEW else ""]


def outcome_head(outcome: str, family: str, unit: str) -> Head:
    """Make the head of an outcome in the language in force."""
    return Head(label("family", family), label("outcome", outcome), unit)


def panels(
    run: Setting,
    shows: str,
    notes: Sequence[str],
    names: Sequence[str],
    heads: Mapping[str, Head],
    below: float,
    least: float = 0.0,
) -> Panels:
    """Lay out empty striped panels with the names of the rows at the left and heads above.

    ``below`` is the space for ticks and ``least`` the minimum height of a row, in inches. More than five panels get a
    landscape page.
    """
    page = LANDSCAPE if len(heads) > 5 else WIDTH
    left = MARGIN + max((width(name, SMALL) for name in names), default=0.5) + 0.14
    wide = (page - left - MARGIN) / max(len(heads), 1) - GAP
    lines = {key: wrapped(each.name, wide + 0.06, SMALL, strong()) for key, each in heads.items()}
    above = FAMILY + LINE * (max(map(len, lines.values()), default=1) + 1) + 0.06
    row = max(NEAR if len(names) > MANY else ROW, least)
    depth = row * max(len(names), 1)
    paper = sheet(run.title, shows, notes, below + depth + above + 0.2, page)
    back = paper.axes(MARGIN, below, page - 2 * MARGIN, depth)
    back.set_axis_off()
    back.set(xlim=(0, 1), ylim=(max(len(names), 1), 0), gid="names")
    for place, name in enumerate(names):
        if place % 2 == 0:
            back.add_patch(Rectangle((0, place), 1, 1, facecolor=STRIPE, linewidth=0))
        beside(back, place + 0.5, 0.04, name)
    found: dict[str, Axes] = {}
    for place, (key, each) in enumerate(heads.items()):
        axes = paper.axes(left + place * (wide + GAP), below, wide, depth)
        axes.set_ylim(max(len(names), 1), 0)
        axes.set_yticks([])
        axes.patch.set_visible(False)
        axes.spines["left"].set_visible(False)
        for number, line in enumerate(reversed([*lines[key], each.unit])):
            unit = number == 0
            _above(axes, 0.05 + LINE * number, line, TINY if unit else SMALL, not unit)
        found[key] = axes
    _shared(paper, heads, found, above)
    return Panels(paper, found, wide)


def _above(axes: Axes, inches: float, text: str, size: float, bold: bool) -> None:
    """Write above a panel."""
    axes.annotate(
        text,
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 72 * inches),
        textcoords="offset points",
        fontsize=size,
        fontweight=strong() if bold else "normal",
        color=INK if bold else QUIET,
        annotation_clip=False,
    )


def _shared(paper: Sheet, heads: Mapping[str, Head], found: Mapping[str, Axes], above: float) -> None:
    """Write what neighbouring panels share above them, each over a line as long as they are."""
    high = float(paper.figure.get_size_inches()[1])
    for family in dict.fromkeys(each.over for each in heads.values()):
        boxes = [found[key].get_position() for key, each in heads.items() if each.over == family]
        y = boxes[0].y1 + (above - FAMILY + 0.02) / high
        paper.figure.text(boxes[0].x0, y + 0.035 / high, family, fontsize=SMALL, color=QUIET)
        line = Rectangle((boxes[0].x0, y), boxes[-1].x1 - boxes[0].x0, 0.6 / 72 / high, color=FAINT, linewidth=0)
        line.set_transform(paper.figure.transFigure)
        paper.figure.add_artist(line)
