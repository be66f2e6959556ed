"""Whether a figure can be read: how large its letters are, and whether they lie apart and on the page."""

import functools

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

SMALLEST = 6.0  # points, of letters
HIGHEST = 9.5  # inches, of a figure on a page of a journal
DOTS = 200  # per inch, at which extents are measured

Extent = tuple[float, float, float, float]


@functools.cache
def _measuring() -> RendererAgg:
    """Make a renderer without space for a picture, which measures a text once for all figures."""
    return RendererAgg(1, 1, DOTS)  # type: ignore[no-untyped-call]


def written(figure: Figure) -> list[tuple[Text, Extent]]:
    """List the texts that are drawn, with their extents in pixels of ``DOTS`` per inch; upright ones are left out."""
    figure.set_dpi(DOTS)
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


def crowded(figure: Figure, known: list[tuple[Text, Extent]] | None = None) -> list[str]:
    """List the texts that cover each other by more than a hair or leave the page; their extents may be ``known``."""
    listed = written(figure) if known is None else known
    if not listed:
        return []
    wide, high = figure.get_size_inches() * DOTS
    out = [text.get_text() for text, (x, y, to_x, to_y) in listed if min(x, y, wide - to_x, high - to_y) < -2]
    starts, ends = np.split(np.array([extent for _, extent in listed]), 2, axis=1)
    across, up = np.moveaxis(np.minimum(ends[:, None], ends) - np.maximum(starts[:, None], starts), 2, 0)
    covered = np.triu((across > 3) & (up > 7), 1)  # letters seldom fill their line
    pairs = ((listed[one][0], listed[other][0]) for one, other in np.argwhere(covered))
    return out + [f"{one.get_text()!r} on {other.get_text()!r}" for one, other in pairs]


def unreadable(figure: Figure) -> str:
    """Say why a figure cannot be printed, or return an empty text if it can."""
    if figure.get_size_inches()[1] > HIGHEST:
        return f"it would be higher than {HIGHEST} inches"
    listed = written(figure)
    if any(float(text.get_fontsize()) < SMALLEST for text, _ in listed):
        return f"its letters would be smaller than {SMALLEST:g} points"
    boxes = [axes.get_position() for axes in figure.axes]
    if any(min(box.x0, box.y0, 1 - box.x1, 1 - box.y1) < -0.001 for box in boxes):
        return "it would leave the page"
    return "its words would overlap or leave the page" if crowded(figure, listed) else ""
