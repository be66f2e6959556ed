"""How figures look: colours, marks and numbers. The one place for all of it.

Colours are Paul Tol's, which the colour-blind can tell apart; what a colour says is said by a shape or a word as well.
DejaVu Sans comes with the plotting library and a Chinese font with this package, asked only for the signs that DejaVu
lacks; no installed font and no setting of the user's plotting library counts, so a figure looks the same everywhere.
"""

import functools
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from matplotlib import rc_context, rcdefaults, rcParams
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.typing import RcKeyType

from sim.figures.fonts import UNHINTED, families, unwritable
from sim.figures.words import label, percent, say

INK = "#222222"
QUIET = "#767676"  # captions, units, axes
FAINT = "#dedede"  # grids, separators
STRIPE = "#f6f6f8"  # every other row of a long list
SHADE = "#eceaf3"  # time under a rule
RULE = "#332288"  # the world under the rule
WITHOUT = "#ddaa33"  # the same firms without it
BAR = "#d5d0e8"  # a phase by itself
OTHERS = "#9a9a9a"  # firms that no rule reaches

SMALL, TINY = 7.0, 6.5  # points

Bounds = tuple[float, float, float]  # a value and the ends of its interval


class Mark(NamedTuple):
    """How a verdict on an effect is drawn; its words are in the table of words."""

    color: str
    marker: str
    fill: str


MARKS = {
    "better": Mark("#0077bb", "o", "#0077bb"),
    "worse": Mark("#cc4400", "D", "#cc4400"),
    "unclear": Mark(QUIET, "o", "white"),
    "neutral": Mark(INK, "s", "#bbbbbb"),
    "zero": Mark(INK, ".", INK),
    "unknown": Mark(QUIET, "o", FAINT),
}

CHANNEL_COLORS = {
    "im": "#4477aa",
    "group": "#66ccee",
    "mail": "#228833",
    "tool": "#bbcc88",
    "call": "#ee8866",
    "shadow": "#aaaaaa",
}


GAIN = LinearSegmentedColormap.from_list(
    "gain", ["#0f5c55", "#5fb3a8", "#f5f5f3", "#d9ab5f", "#7a4a10"]
)  # less to more
VALUE = LinearSegmentedColormap.from_list(
    "value", ["#7f2a00", MARKS["worse"].color, "#f0b79a", "#f5f5f3", "#9dc9e6", MARKS["better"].color, "#003f66"]
)  # worse to better
AMOUNT = LinearSegmentedColormap.from_list("amount", ["#f6f5fa", "#c3bce0", "#7a6bb8", RULE, "#150f3d"])


@contextmanager
def styled() -> Iterator[None]:
    """Apply the style while a figure is drawn or saved, and leave the plotting library as it was.

    Yields
    ------
    None
        Nothing; the style holds inside the block.
    """
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)  # the Chinese font has no bold letters and is used as it is
    try:
        with rc_context():
            rcdefaults()
            rcParams.update(settings())
            yield
    finally:
        log.setLevel(level)


def settings() -> dict[RcKeyType, Any]:
    """List what the plotting library is told while a figure is drawn and saved.

    Returns
    -------
    dict[RcKeyType, Any]
        Settings by name, for ``matplotlib.rc_context``.
    """
    return {
        "font.family": families(),
        "font.size": 7.5,
        "text.color": INK,
        "axes.edgecolor": QUIET,
        "axes.labelcolor": QUIET,
        "axes.labelsize": SMALL,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": True,
        "xtick.color": QUIET,
        "ytick.color": QUIET,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.major.size": 2.5,
        "ytick.major.size": 2.5,
        "grid.color": FAINT,
        "grid.linewidth": 0.6,
        "hatch.linewidth": 0.6,
        "legend.frameon": False,
        "legend.fontsize": SMALL,
        "lines.solid_capstyle": "butt",
        "text.hinting": UNHINTED,  # a line is as wide on a screen as in print
        "svg.fonttype": "path",  # readable where the font is missing
        "svg.hashsalt": "offhours",  # the same picture is the same file, to the byte
        "figure.dpi": 100,
        "path.simplify": False,
    }


def readable(text: str, instead: str) -> str:
    """Keep a text only if every sign of it can be drawn; a box is never shown, and what is left out is said.

    Parameters
    ----------
    text : str
        A title or label that comes from a scenario file.
    instead : str
        What to write otherwise, in plain letters.

    Returns
    -------
    str
        One of the two, with line breaks as spaces and dollar signs that start no formula.
    """
    words = " ".join(text.split())
    if missing := unwritable(words):
        _warn(words, missing, instead)
    return (words if words and not missing else instead).replace("$", r"\$")


@functools.cache
def _warn(words: str, missing: str, instead: str) -> None:
    """Say once why a text is not drawn."""
    signs = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in missing)
    here = f"'{instead}' stands instead" if instead else "it is left out"
    logging.getLogger(__name__).warning(f"figures cannot show {signs} of '{words}'; {here}")


class Scale(NamedTuple):
    """How the numbers of a unit are shown."""

    factor: float
    level: str
    change: str


def scale(unit: str) -> Scale:
    """Choose how the numbers of a unit are shown.

    Parameters
    ----------
    unit : str
        Unit of an outcome.

    Returns
    -------
    Scale
        Shares as percent and their changes as points; all else as it is.
    """
    shown = label("unit", unit)
    return Scale(100.0, shown, label("unit", "pp")) if unit == "share" else Scale(1.0, shown, shown)


def level(value: float, decimals: int, unit: str) -> str:
    """Write a value, with the sign of percent but no other unit.

    Parameters
    ----------
    value : float
        As shown: a share in percent.
    decimals : int
        Digits after the point.
    unit : str
        Unit of the outcome.

    Returns
    -------
    str
        As in "44.8 %" or "5.42".
    """
    return percent(number(value, decimals)) if unit == "share" else number(value, decimals)


def digits(*values: float) -> int:
    """Choose how many decimals numbers of this size need.

    Parameters
    ----------
    *values : float
        The numbers that will stand together.

    Returns
    -------
    int
        Two significant digits of the largest, between 0 and 3 decimals, at least 1 below a hundred.
    """
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if largest == 0:
        return 1
    return min(max(1 - math.floor(math.log10(largest)), 0 if largest >= 100 else 1), 3)


def number(value: float, decimals: int, sign: bool = False) -> str:
    """Write a number.

    Parameters
    ----------
    value : float
        The number.
    decimals : int
        Digits after the point.
    sign : bool
        Whether to write a plus.

    Returns
    -------
    str
        With thousands set apart and a true minus; a dash where there is no number.
    """
    if not math.isfinite(value):
        return "–"
    value = round(value, decimals) + 0.0  # what is written as zero has no sign
    text = f"{value:{'+' if sign and value else ''},.{decimals}f}"
    return text.replace("-", "−")


def interval(bounds: Bounds, decimals: int) -> str:
    """Write a change with the ends of its interval.

    Parameters
    ----------
    bounds : Bounds
        The change and both ends.
    decimals : int
        Digits after the point.

    Returns
    -------
    str
        As in "−1.6  [−2.4, −0.8]"; one without a known interval says so.
    """
    value, *ends = (number(bound, decimals, sign=True) for bound in bounds)
    known = all(math.isfinite(bound) for bound in bounds[1:])
    return f"{value}  [{', '.join(ends)}]" if known else f"{value}  {say('unknown_interval')}"
