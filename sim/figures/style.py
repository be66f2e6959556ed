"""How figures look: colours, marks and fonts, all defined here.

Colours are Paul Tol's colour-blind-safe palettes; whatever a colour shows, a shape or a word shows as well. Fonts come
with matplotlib and with this package, and the user's matplotlib settings are ignored, so that a figure looks the same
on every machine.
"""

import functools
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from matplotlib import rc_context, rcdefaults, rcParams
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.typing import RcKeyType

from sim.figures.fonts import UNHINTED, families, missing_glyphs
from sim.figures.words import translate

INK = "#222222"
QUIET = "#767676"  # captions, units, axes
FAINT = "#dedede"  # grids, separators
STRIPE = "#f6f6f8"  # every other row of a long list
SHADE = "#eceaf3"  # time under a rule
RULE = "#332288"  # the world under the rule
WITHOUT = "#ddaa33"  # the same firms without it
BAR = "#d5d0e8"  # a phase by itself
MIDDLE = "#a99fd3"  # a bar on which lines are seen
OTHERS = "#9a9a9a"  # firms that no rule reaches

SMALL, TINY = 7.0, 6.5  # points

Style = dict[str, Any]  # settings that the plotting library takes by name


class Mark(NamedTuple):
    """How a verdict on an effect is drawn; its label is in the table of words."""

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
CURVES = (RULE, "#cc6677", "#117733", "#88ccee", "#999933", "#882255")
SIGNS = "os^DvP"  # of curves

CHANNEL_COLORS = {
    "im": "#4477aa", "group": "#66ccee", "mail": "#228833", "tool": "#bbcc88", "call": "#ee8866", "shadow": "#aaaaaa",
    "talk": "#aa3377",
}  # fmt: skip

GAIN = LinearSegmentedColormap.from_list(
    "gain", ["#0f5c55", "#5fb3a8", "#f5f5f3", "#d9ab5f", "#7a4a10"]
)  # less to more
VALUE = LinearSegmentedColormap.from_list(
    "value", ["#7f2a00", MARKS["worse"].color, "#f0b79a", "#f5f5f3", "#9dc9e6", MARKS["better"].color, "#003f66"]
)  # worse to better
AMOUNT = LinearSegmentedColormap.from_list("amount", ["#f6f5fa", "#c3bce0", "#7a6bb8", RULE, "#150f3d"])


SETTINGS: dict[RcKeyType, Any] = {
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
    "text.parse_math": False,  # a dollar sign is one, and begins no formula
    "text.hinting": UNHINTED,  # text is as wide on a screen as in print
    "svg.fonttype": "path",  # readable where the font is missing
    "pdf.fonttype": 42,  # letters as TrueType: journals refuse those that are drawings (Type 3)
    "svg.hashsalt": "offhours",  # the same picture is the same file, to the byte
    "figure.dpi": 100,
    "path.simplify": False,
}


def curve_style(place: int) -> tuple[str, str]:
    """Return the colour and the marker of a curve; no two of the first 36 are alike."""
    return CURVES[place % len(CURVES)], SIGNS[(place + place // len(CURVES)) % len(SIGNS)]


@contextmanager
def styled() -> Iterator[None]:
    """Apply the style while a figure is drawn or saved, and restore matplotlib's settings afterwards."""
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)  # the Chinese font has no bold letters and is used as it is
    try:
        with rc_context():
            rcdefaults()
            rcParams.update(SETTINGS | {"font.family": families()})
            yield
    finally:
        log.setLevel(level)


def readable(text: str, instead: str) -> str:
    """Return a user's text, white space collapsed, or ``instead`` with a warning if a character cannot be drawn."""
    words = " ".join(text.split())
    if missing := missing_glyphs(words):
        _warn(words, missing, instead)
    return words if words and not missing else instead


@functools.cache
def _warn(words: str, missing: str, instead: str) -> None:
    """Warn about a text that cannot be drawn; the cache limits this to once per text."""
    signs = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in missing)
    here = f"'{instead}' stands instead" if instead else "it is left out"
    logging.getLogger(__name__).warning(translate(f"figures cannot show {signs} of '{words}'; {here}"))
