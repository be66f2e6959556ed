"""Panels side by side: rows of scenarios under outcomes as columns, or small panels in rows and columns."""

import math
from collections.abc import Mapping, Sequence
from itertools import batched
from typing import NamedTuple

import polars as pl
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.figures.axis import row_axis
from sim.figures.context import Setting, covers
from sim.figures.fonts import strong, width, wrapped
from sim.figures.numerals import scale
from sim.figures.sheet import (
    LANDSCAPE,
    MARGIN,
    MOST_HEIGHT,
    TWO_COLUMNS,
    Sheet,
    break_texts,
    in_row,
    page_width,
    sheet,
    text_above,
)
from sim.figures.style import FAINT, INK, QUIET, SMALL, STRIPE
from sim.figures.words import counted, label, say
from sim.outcomes import outcome_of
from sim.stats.ranks import FEW, best_first

HEADLINES = (
    "share_burnt_out", "recorded_overtime", "latent_overtime", "output_per_hour", "output_per_paid_hour", "waiting",
    "message_minutes", "conflict", "employer_cost",
)  # of all families, as many as fit on a page  # fmt: skip
NEAR, ROW = 0.158, 0.185  # inches, of a row where there are many and where there are few
MANY = 20
GAP = 0.14  # inches, between panels
LEAST = 0.80  # inches, of a panel on a narrow page
LINE = 0.125  # inches, of a head
FAMILY = 0.22  # inches, of the name of a family
TICKS = 0.30  # inches, below panels with ticks


class Heading(NamedTuple):
    """What is written above a panel."""

    over: str  # a name that neighbours share, such as that of a family
    name: str
    unit: str


class Panels[Key](NamedTuple):
    """A sheet with a panel for each outcome; rows are centred at 0.5, 1.5 and so on from the top."""

    paper: Sheet
    axes: Mapping[Key, Axes]
    wide: float  # of a panel, inches


def headlines_in(there: Sequence[str]) -> list[str]:
    """Return the headline outcomes among those of a table, in the order of the families."""
    return [name for name in HEADLINES if name in there]


def rank_order(frame: pl.DataFrame, outcomes: Sequence[str]) -> list[str]:
    """Order rule sets by their chance of being best for the first outcome drawn."""
    first = frame.filter(outcome=outcomes[0]) if outcomes else frame
    return list(dict.fromkeys([*best_first(first)["scenario"], *frame["scenario"]]))


def chances(frame: pl.DataFrame, run: Setting) -> list[str]:
    """Write what the chances of the table ``ranking`` are over, with a warning if there are few firms."""
    if frame.is_empty():
        return []
    if not frame["probability_best"].is_finite().any():
        return [say("chances_none")]
    firms = int(frame["firms"].min())  # type: ignore[arg-type]  # a column of whole numbers
    which = say("chances_firms", firms=counted(firms, "firm"), basis=label("basis", frame["basis"][0]))
    return [which, covers(run, "chances") if run.drawn else "", say("chances_few", few=FEW) if firms < FEW else ""]


def headings(outcomes: Sequence[str], unit: str = "") -> dict[str, Heading]:
    """Make the heads of outcomes under their families, with the units of changes unless there is a common ``unit``."""
    heads = {}
    for name in outcomes:
        about = outcome_of(name)
        heads[name] = Heading(label("family", about.family), label("outcome", name), unit or scale(about.unit).change)
    return heads


def panels[Key](
    run: Setting, shows: str, notes: Sequence[str], names: Sequence[str], heads: Mapping[Key, Heading],
    below: float = TICKS, least: float = 0.0,
) -> Panels[Key]:  # fmt: skip
    """Lay out empty striped panels with the names of the rows at the left and heads above.

    ``below`` is the space for ticks and ``least`` the minimum height of a row, in inches. More than five panels get a
    landscape page or, where the page is narrower than that, stand in several rows.
    """
    usual = LANDSCAPE if len(heads) > 5 else TWO_COLUMNS
    across = page_width(usual)
    left = MARGIN + max((width(name, SMALL) for name in names), default=0.5) + 0.14
    space = across - left - MARGIN
    most = len(heads) if across == usual else max(int(space / (LEAST + GAP)), 1)
    rows = math.ceil(len(heads) / most) if heads else 1
    columns = math.ceil(len(heads) / rows) or 1
    wide = space / columns - GAP
    lines = {key: wrapped(each.name, wide + 0.06, SMALL, strong()) for key, each in heads.items()}
    over_them = FAMILY + LINE * (max(map(len, lines.values()), default=1) + 1) + 0.06
    depth = max(NEAR if len(names) > MANY else ROW, least) * max(len(names), 1)
    bank = below + depth + over_them
    paper = sheet(run.title, shows, notes, bank * rows + 0.2, usual)
    found: dict[Key, Axes] = {}
    for row, mine in enumerate(map(dict, batched(heads.items(), columns))):
        low = below + (rows - 1 - row) * bank
        _names(paper, names, low, depth)
        for place, (key, each) in enumerate(mine.items()):
            axes = paper.axes(left + place * (wide + GAP), low, wide, depth)
            row_axis(axes, max(len(names), 1))
            axes.patch.set_visible(False)
            text_above(axes, 0, each.unit, "left", 72 * 0.05)
            for number, line in enumerate(reversed(lines[key]), 1):
                lift = 72 * (0.05 + LINE * number)
                text_above(axes, 0, line, "left", lift, fontsize=SMALL, fontweight=strong(), color=INK)
            found[key] = axes
        _shared(paper, mine, found, over_them)
    return Panels(paper, found, wide)


def _names(paper: Sheet, names: Sequence[str], low: float, depth: float) -> None:
    """Draw the stripes of the rows and their names."""
    back = paper.axes(MARGIN, low, float(paper.figure.get_size_inches()[0]) - 2 * MARGIN, depth)
    back.set_axis_off()
    back.set(xlim=(0, 1), ylim=(max(len(names), 1), 0), gid="names")
    for place, name in enumerate(names):
        if place % 2 == 0:
            back.add_patch(Rectangle((0, place), 1, 1, facecolor=STRIPE, linewidth=0))
        in_row(back, place + 0.5, 0.04, name)


def _shared[Key](paper: Sheet, heads: Mapping[Key, Heading], found: Mapping[Key, Axes], over_them: float) -> None:
    """Write what neighbouring panels share above them, each over a line as long as they are."""
    high = float(paper.figure.get_size_inches()[1])
    for family in dict.fromkeys(each.over for each in heads.values()):
        boxes = [found[key].get_position() for key, each in heads.items() if each.over == family]
        y = boxes[0].y1 + (over_them - FAMILY + 0.02) / high
        paper.figure.text(boxes[0].x0, y + 0.035 / high, family, fontsize=SMALL, color=QUIET)
        line = Rectangle((boxes[0].x0, y), boxes[-1].x1 - boxes[0].x0, 0.6 / 72 / high, color=FAINT, linewidth=0)
        line.set_transform(paper.figure.transFigure)
        paper.figure.add_artist(line)


SPARE = 0.3  # inches, for more lines of a legend
FLATTEST = 0.5  # of the height of a panel, which a page that is narrower makes less, so that all fit on it


class Cells(NamedTuple):
    """Sizes of small panels in rows and columns, in inches."""

    columns: int
    high: float  # of a panel
    left: float = 0.0  # beside each panel, for ticks
    right: float = 0.0
    gap: float = MARGIN  # between columns
    between: float = 0.0  # between rows
    below: float = 0.0  # below all of them
    above: float = 0.0
    page: float = TWO_COLUMNS
    least: float = 1.2  # of a panel; a page that is too narrow for it has fewer columns

    def paged(self, count: int) -> "Cells":
        """Take three columns on a wide page for more than four panels."""
        return self if count <= 4 else self._replace(columns=3, page=LANDSCAPE)


class Grid(NamedTuple):
    """A sheet with panels in rows and columns."""

    paper: Sheet
    panels: list[Axes]  # row by row
    wide: float  # inches
    cells: Cells

    def first(self, place: int) -> bool:
        """Return whether a panel is the first of its row."""
        return place % self.cells.columns == 0

    def lowest(self, place: int) -> bool:
        """Return whether no panel is below this one, so that its axis needs a name."""
        return place + self.cells.columns >= len(self.panels)


def grid(title: str, shows: str, notes: Sequence[str], count: int, cells: Cells) -> Grid:
    """Lay out ``count`` empty panels."""
    across = page_width(cells.page)
    if across < cells.page:
        fit = (across - 2 * MARGIN + cells.gap) / (cells.least + cells.left + cells.right + cells.gap)
        cells = cells._replace(columns=max(min(cells.columns, int(fit)), 1))
    columns, rows = cells.columns, math.ceil(count / cells.columns) or 1
    if across < cells.page:
        _, spaces = break_texts(title, shows, notes, across)
        rest = sum(spaces) + cells.below + cells.above + (rows - 1) * cells.between
        cells = cells._replace(high=max(min(cells.high, (MOST_HEIGHT - rest - SPARE) / rows), FLATTEST * cells.high))
    body = cells.below + rows * cells.high + (rows - 1) * cells.between + cells.above
    paper = sheet(title, shows, notes, body, cells.page)
    beside_it = cells.left + cells.right
    wide = (across - 2 * MARGIN - columns * beside_it - cells.gap * (columns - 1)) / columns
    found = []
    for place in range(count):
        row, column = divmod(place, columns)
        low = cells.below + (rows - 1 - row) * (cells.high + cells.between)
        left = MARGIN + cells.left + column * (wide + beside_it + cells.gap)
        found.append(paper.axes(left, low, wide, cells.high))
    return Grid(paper, found, wide, cells)
