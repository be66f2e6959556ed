"""The sheet that a figure stands on, with its title and its caption.

Lengths are inches throughout, so that letters and rows keep their size however many rows there are.
"""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.figures.fonts import strong, wrapped
from sim.figures.style import INK, QUIET, SMALL, TINY
from sim.figures.words import sentences

WIDTH = 7.2  # two columns of a journal
LANDSCAPE = 9.6  # a page on its side
MARGIN = 0.12
TITLE_LINE, NOTE_LINE = 0.19, 0.125
TITLE = 10.0  # points


class Sheet(NamedTuple):
    """A figure with a title above and a caption below; the body lies between."""

    figure: Figure
    floor: float  # where the body starts, from the bottom of the figure
    height: float  # of the body

    def axes(self, left: float, low: float, width: float, height: float) -> Axes:
        """Add axes to the body.

        Parameters
        ----------
        left : float
            Distance from the left edge.
        low : float
            Distance from the bottom of the body.
        width : float
            Width.
        height : float
            Height.

        Returns
        -------
        Axes
            The axes.
        """
        wide, high = self.figure.get_size_inches()
        return self.figure.add_axes((left / wide, (self.floor + low) / high, width / wide, height / high))

    def legend(self, handles: Sequence[Artist], columns: int, left: float = MARGIN) -> None:
        """Put a legend at the top of the body, where 0.15 inches should be left for it.

        Parameters
        ----------
        handles : Sequence[Artist]
            What it explains.
        columns : int
            Entries in a row.
        left : float
            Distance from the left edge.
        """
        wide, high = self.figure.get_size_inches()
        self.figure.legend(
            handles=list(handles),
            loc="upper left",
            bbox_to_anchor=(left / wide, (self.floor + self.height + 0.06) / high),
            ncols=columns,
            borderpad=0,
            borderaxespad=0,
            handletextpad=0.5,
            columnspacing=1.6,
        )


def sheet(title: str, shows: str, notes: Sequence[str], height: float, wide: float = WIDTH) -> Sheet:
    """Start a figure.

    Parameters
    ----------
    title : str
        Title of the scenario.
    shows : str
        What the figure shows, under the title.
    notes : Sequence[str]
        Sentences of the caption.
    height : float
        Height of the body.
    wide : float
        Width of the figure.

    Returns
    -------
    Sheet
        The figure, with room for the body.
    """
    heads = wrapped(title, wide - 2 * MARGIN, TITLE, strong())
    lines = wrapped(sentences(notes), wide - 2 * MARGIN, TINY)
    above = MARGIN + TITLE_LINE * len(heads) + 0.30
    below = MARGIN + NOTE_LINE * len(lines) + 0.08
    high = above + height + below
    figure = Figure(figsize=(wide, high))
    FigureCanvasAgg(figure)
    left = MARGIN / wide
    for number, line in enumerate(heads):
        y = 1 - (MARGIN + TITLE_LINE * (number + 0.72)) / high
        figure.text(left, y, line, va="baseline", fontsize=TITLE, fontweight=strong(), color=INK)
    under = 1 - (MARGIN + TITLE_LINE * len(heads) + 0.13) / high
    figure.text(left, under, shows, va="baseline", fontsize=8, color=QUIET)
    for number, line in enumerate(reversed(lines)):
        figure.text(left, (MARGIN + NOTE_LINE * (number + 0.2)) / high, line, va="baseline", fontsize=TINY, color=QUIET)
    return Sheet(figure, below, height)


def beside(
    axes: Axes,
    y: float,
    inches: float,
    text: str,
    ha: str = "left",
    size: float = SMALL,
    color: str = INK,
    weight: str = "normal",
) -> None:
    """Write beside a row of a plot.

    Parameters
    ----------
    axes : Axes
        The plot.
    y : float
        Where the row is, in data.
    inches : float
        Distance from the left end of the axes; negative at the left of them.
    text : str
        What to write.
    ha : str
        Which side of the text stands there.
    size : float
        Points.
    color : str
        Colour of the letters.
    weight : str
        Weight of the letters.
    """
    axes.annotate(
        text,
        (0, y),
        xycoords=axes.get_yaxis_transform(),
        xytext=(72 * inches, 0),
        textcoords="offset points",
        ha=ha,
        va="center_baseline",
        fontsize=size,
        color=color,
        fontweight=weight,
    )
