"""The page of a figure: title, body and caption, texts on it, and a check that it can be read.

All lengths are inches, so that letters and rows keep their size however many rows there are.
"""

import functools
import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text

from sim.figures.fonts import strong, width, wrapped
from sim.figures.style import INK, QUIET, SMALL, TINY, Mark, Style
from sim.figures.words import sentences

TWO_COLUMNS = 7.2  # of a journal, on a page
ONE_COLUMN = 3.5
LANDSCAPE = 9.6  # a landscape page
MARGIN = 0.12
TITLE_LINE, NOTE_LINE = 0.19, 0.125
TITLE_POINTS, SUBTITLE_POINTS = 10.0, 8.0
SUBTITLE_LINE = 0.15  # inches, of a line below the title
UNTITLED_MARGINS = 0.16, 0.06  # inches above and below the body of a figure without title and caption

LEGEND_LINE = 0.145  # inches, of a line of a legend
MOST_COLUMNS = 9  # of a legend
LEAST_WIDTH = 0.3  # inches, of axes
DASHED = (0, (3, 2))  # a line
SMALLEST_POINTS = 6.0  # of letters
MOST_HEIGHT = 9.5  # inches, of a figure on a page of a journal
MEASURING_DPI = 200  # dots per inch, at which extents are measured

Extent = tuple[float, float, float, float]

_bare: ContextVar[bool] = ContextVar("bare", default=False)
_widest: ContextVar[float] = ContextVar("widest", default=math.inf)


@contextmanager
def _within[Value](variable: ContextVar[Value], value: Value) -> Iterator[None]:
    """Give a variable a value inside the block."""
    before = variable.set(value)
    try:
        yield
    finally:
        variable.reset(before)


def untitled(bare: bool = True) -> AbstractContextManager[None]:
    """Draw figures inside the block without title and caption, for a page or paper that has its own."""
    return _within(_bare, bare)


def max_width(inches: float) -> AbstractContextManager[None]:
    """Draw figures inside the block on pages of at most this width, with letters as large as on wider ones.

    A figure for which that is too narrow raises ``TooNarrow`` or has a ``layout_fault``.
    """
    return _within(_widest, inches)


def page_width(wide: float = TWO_COLUMNS) -> float:
    """Return the width in inches of a page that would best be ``wide``."""
    return min(wide, _widest.get())


def is_narrow() -> bool:
    """Whether a page is narrower than two columns, so that figures leave out what tables say as well."""
    return page_width() < TWO_COLUMNS


class TooNarrow(Exception):
    """The page is too narrow for a figure."""


class Picture(Figure):
    """A figure that keeps its title and caption, even where they are not drawn."""

    title: str
    shows: str  # what it shows, in a line
    notes: str  # how to read it


class Sheet(NamedTuple):
    """A figure with title and caption; the body lies between them."""

    figure: Figure
    floor: float  # bottom of the body, inches from that of the figure
    height: float  # of the body

    def axes(self, left: float, low: float, width: float, height: float) -> Axes:
        """Add axes to the body, in inches from the left edge of the page and from the bottom of the body."""
        if width < LEAST_WIDTH:
            raise TooNarrow
        wide, high = self.figure.get_size_inches()
        return self.figure.add_axes((left / wide, (self.floor + low) / high, width / wide, height / high))

    def legend(self, handles: Sequence[Artist], columns: int = MOST_COLUMNS) -> Figure:
        """Put a legend, if it has entries, at the top of the body, which needs 0.15 inches there; return the figure.

        It has so many ``columns``, or as many as fit; the page grows if it has more lines.
        """
        if not handles:
            return self.figure
        space = float(self.figure.get_size_inches()[0]) - 2 * MARGIN
        columns = next((n for n in range(min(columns, len(handles)), 1, -1) if _legend_width(handles, n) <= space), 1)
        more = LEGEND_LINE * (math.ceil(len(handles) / columns) - 1)
        if more:
            _make_higher(self.figure, self.floor + self.height, more)
        wide, high = self.figure.get_size_inches()
        corner = (MARGIN / wide, (self.floor + self.height + more + 0.06) / high)
        self.figure.legend(
            handles=list(handles), loc="upper left", bbox_to_anchor=corner, ncols=columns, borderpad=0,
            borderaxespad=0, handletextpad=0.5, columnspacing=1.6,
        )  # fmt: skip
        return self.figure


def _legend_width(handles: Sequence[Artist], columns: int) -> float:
    """Return the width of a legend in inches."""
    lengths = [width(str(handle.get_label()), SMALL) for handle in handles]
    widest = [max(part) for part in np.array_split(lengths, columns)]
    return float(sum(widest)) + SMALL / 72 * (2.5 * columns + 1.6 * (columns - 1))


def _make_higher(figure: Figure, level: float, more: float) -> None:
    """Make a figure higher, inserting ``more`` inches at a height of ``level`` inches."""
    wide, high = figure.get_size_inches()
    figure.set_size_inches(wide, high + more)
    share = high / (high + more)
    for axes in figure.axes:
        left, low, across, up = axes.get_position(original=True).bounds
        axes.set_position((left, low * share, across, up * share))
    for text in figure.texts:
        x, y = text.get_position()
        text.set_position((x, y * share + (more / (high + more) if y * high > level else 0)))
    for artist in figure.artists:
        if isinstance(artist, Rectangle):
            artist.set(y=artist.get_y() * share, height=artist.get_height() * share)


def break_texts(
    title: str, shows: str, notes: Sequence[str], wide: float
) -> tuple[list[list[str]], tuple[float, float]]:
    """Break title, subtitle and caption into lines, which take so many inches above and below the body of a figure."""
    space = wide - 2 * MARGIN
    heads, under = wrapped(title, space, TITLE_POINTS, strong()), wrapped(shows, space, SUBTITLE_POINTS)
    lines = wrapped(sentences(notes), space, TINY)
    above = MARGIN + TITLE_LINE * len(heads) + SUBTITLE_LINE * len(under) + 0.15
    below = MARGIN + NOTE_LINE * len(lines) + 0.08
    return [heads, under, lines], UNTITLED_MARGINS if _bare.get() else (above, below)


def sheet(title: str, shows: str, notes: Sequence[str], height: float, wide: float = TWO_COLUMNS) -> Sheet:
    """Start a figure whose body has this height; title and caption are added to it unless it is ``untitled``."""
    wide, caption = page_width(wide), sentences(notes)
    lines, (above, below) = break_texts(title, shows, notes, wide)
    high = above + height + below
    figure = Picture(figsize=(wide, high))
    figure.title, figure.shows, figure.notes = title, shows, caption
    FigureCanvasAgg(figure)
    if not _bare.get():
        _write_texts(figure, *lines)
    return Sheet(figure, below, height)


def _write_texts(figure: Picture, heads: Sequence[str], under: Sequence[str], lines: Sequence[str]) -> None:
    """Write the title above the body of a figure and its caption below."""
    wide, high = figure.get_size_inches()
    left = MARGIN / wide
    title: Style = {"fontsize": TITLE_POINTS, "fontweight": strong(), "color": INK}
    for number, line in enumerate(heads):
        figure.text(left, 1 - (MARGIN + TITLE_LINE * (number + 0.72)) / high, line, **title)
    for number, line in enumerate(under):
        y = 1 - (MARGIN + TITLE_LINE * len(heads) + 0.13 + SUBTITLE_LINE * number) / high
        figure.text(left, y, line, fontsize=SUBTITLE_POINTS, color=QUIET)
    for number, line in enumerate(lines, 1):
        y = (MARGIN + NOTE_LINE * (len(lines) - number + 0.2)) / high
        figure.text(left, y, line, fontsize=TINY, color=QUIET)


def note(axes: Axes, text: str, at: tuple[float, float], shift: tuple[float, float], **style: Any) -> None:
    """Write ``shift`` points from a place, which is a fraction of the axes unless ``xycoords`` says otherwise."""
    usual: Style = {"xycoords": "axes fraction", "fontsize": TINY, "color": QUIET}
    axes.annotate(text, at, xytext=shift, textcoords="offset points", **usual | style)


def in_row(
    axes: Axes, y: float, inches: float, text: str, ha: str = "left", size: float = SMALL, color: str = INK,
    weight: str = "normal",
) -> None:  # fmt: skip
    """Write in the row ``y`` (data), ``inches`` from the left end of the axes; negative is left of them."""
    note(
        axes, text, (0, y), (72 * inches, 0), xycoords=axes.get_yaxis_transform(), va="center_baseline", ha=ha,
        fontsize=size, color=color, fontweight=weight,
    )  # fmt: skip


def text_above(axes: Axes, inches: float, text: str, ha: str = "right", lift: float = 3, **style: Any) -> None:
    """Write above the axes, ``inches`` from their left end and ``lift`` points above them."""
    note(axes, text, (0, 1), (72 * inches, lift), ha=ha, **style)


def heading(axes: Axes, text: str, lift: float) -> None:
    """Write the name of a panel above its heads of columns."""
    text_above(axes, 0, text, "left", lift, fontsize=8, color=INK, fontweight=strong())


def panel_title(axes: Axes, name: str, unit: str = "", lift: float = 4) -> None:
    """Write a panel's name above it at the left, and its unit at the right."""
    axes.set_title(name, loc="left", fontsize=8, fontweight=strong(), pad=lift)
    axes.set_title(unit, loc="right", fontsize=TINY, color=QUIET, pad=lift)


def dot(axes: Axes, x: float, y: float, mark: Mark, size: float, **style: Any) -> None:
    """Draw a mark above everything else."""
    usual: Style = {"linestyle": "", "color": mark.color, "markerfacecolor": mark.fill, "zorder": 3}
    axes.add_artist(Line2D([x], [y], marker=mark.marker, markersize=size, **usual | style))


def row_line(axes: Axes, y: float, ends: Sequence[float], color: str, linewidth: float, **style: Any) -> None:
    """Draw a line along a row; like marks and bars it leaves the limits as they are, which is fast."""
    axes.add_artist(Line2D(ends, [y, y], color=color, linewidth=linewidth, **style))


def bar(axes: Axes, y: float, ends: tuple[float, float], high: float, color: Any, **style: Any) -> None:
    """Draw a bar along a row."""
    corner = (ends[0], y - high / 2)
    axes.add_artist(Rectangle(corner, ends[1] - ends[0], high, facecolor=color, **style))


def legend_key(words: str, color: str, linewidth: float = 0, **style: Any) -> Line2D:
    """Make a line or a mark of a legend."""
    return Line2D([], [], label=words, color=color, linewidth=linewidth, **style)


def legend_mark(words: str, mark: Mark, size: float, linewidth: float = 0) -> Line2D:
    """Make the entry of a mark in a legend."""
    return legend_key(words, mark.color, linewidth, marker=mark.marker, markerfacecolor=mark.fill, markersize=size)


@functools.cache
def _measuring() -> RendererAgg:
    """Make a renderer without space for a picture, which measures a text once for all figures."""
    return RendererAgg(1, 1, MEASURING_DPI)  # type: ignore[no-untyped-call]


def drawn_texts(figure: Figure) -> list[tuple[Text, Extent]]:
    """List the texts that are drawn, with their extents in pixels at ``MEASURING_DPI``; upright ones are left out."""
    figure.set_dpi(MEASURING_DPI)
    renderer = _measuring()
    with renderer._draw_disabled():  # type: ignore[attr-defined]  # as Figure.draw_without_rendering does
        figure.draw(renderer)
    hidden: set[Artist] = {
        words
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
        for words in (tick.label1, tick.label2)
    }
    found = []
    for text in figure.findobj(lambda artist: isinstance(artist, Text)):
        assert isinstance(text, Text)
        if text in hidden or not text.get_text().strip() or not text.get_visible() or text.get_rotation() % 90:
            continue
        if isinstance(text, Annotation):
            text.update_positions(renderer)
        box = Text.get_window_extent(text, renderer)
        found.append((text, (box.x0, box.y0, box.x1, box.y1)))
    return found


def overlaps(figure: Figure, known: list[tuple[Text, Extent]] | None = None) -> list[str]:
    """List the texts that cover each other by more than a hair or leave the page; their extents may be ``known``."""
    listed = drawn_texts(figure) if known is None else known
    if not listed:
        return []
    wide, high = figure.get_size_inches() * MEASURING_DPI
    out = [text.get_text() for text, (x, y, to_x, to_y) in listed if min(x, y, wide - to_x, high - to_y) < -2]
    starts, ends = np.split(np.array([extent for _, extent in listed]), 2, axis=1)
    across, up = np.moveaxis(np.minimum(ends[:, None], ends) - np.maximum(starts[:, None], starts), 2, 0)
    covered = np.triu((across > 3) & (up > 7), 1)  # letters seldom fill their line
    pairs = ((listed[one][0], listed[other][0]) for one, other in np.argwhere(covered))
    return out + [f"{one.get_text()!r} on {other.get_text()!r}" for one, other in pairs]


def layout_fault(figure: Figure) -> str:
    """Say why a figure cannot be printed, or return an empty text if it can."""
    if figure.get_size_inches()[1] > MOST_HEIGHT:
        return f"it would be higher than {MOST_HEIGHT} inches"
    listed = drawn_texts(figure)
    if any(float(text.get_fontsize()) < SMALLEST_POINTS for text, _ in listed):
        return f"its letters would be smaller than {SMALLEST_POINTS:g} points"
    boxes = [axes.get_position() for axes in figure.axes]
    if any(min(box.x0, box.y0, 1 - box.x1, 1 - box.y1) < -0.001 for box in boxes):
        return "it would leave the page"
    return "its words would overlap or leave the page" if overlaps(figure, listed) else ""
