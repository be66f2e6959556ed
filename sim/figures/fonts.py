"""The two fonts of the figures: which characters they have, how wide a text is, and where its lines break.

Layouts are computed from these widths before anything is drawn, so they must equal what matplotlib draws: the same
two fonts, without hinting.
"""

import functools
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.ft2font import LoadFlags

from sim.figures.words import break_points, language_in_force

PLAIN = "DejaVu Sans"  # comes with matplotlib
CHINESE = "Offhours Sans SC"  # comes with this package: a part of Noto Sans CJK SC, as tests/font.py makes it
FILE = Path(__file__).with_name("chinese.ttf")
DOTS = 200  # pixels per inch
UNHINTED = "no_hinting"  # hinting would move letters to whole pixels, so that widths would depend on the size


@functools.cache
def families() -> list[str]:
    """Return the font families in the order in which a character is looked up; installed fonts are never used."""
    fontManager.addfont(FILE)
    return [PLAIN, CHINESE]


def strong() -> str:
    """Return the weight of headings: bold, but normal in Chinese, whose font has no bold letters."""
    return "normal" if language_in_force() == "zh" else "bold"


def missing_glyphs(text: str) -> str:
    """Return the characters, each once, for which neither font has a glyph; the text must not have line breaks."""
    if text.isascii() and text.isprintable():  # both have these, and need not be loaded to say so
        return ""
    fonts = [get_font(_file(family, "normal")) for family in families()]
    return "".join(sign for sign in dict.fromkeys(text) if not any(font.get_char_index(ord(sign)) for font in fonts))


@functools.cache
def _file(family: str, weight: str) -> str:
    return findfont(FontProperties(family=[family], weight=weight))


@functools.lru_cache(maxsize=8192)
def width(text: str, size: float, weight: str = "normal") -> float:
    """Measure a line of text set at ``size`` points, in inches."""
    font = get_font([_file(family, weight) for family in families()])
    font.clear()
    font.set_size(size, DOTS)
    font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    return font.get_width_height()[0] / 64 / DOTS  # in 64ths of a pixel


def wrapped(text: str, inches: float, size: float, weight: str = "normal") -> list[str]:
    """Break a text into lines of at most ``inches``, at spaces or between Chinese characters, not before a stop."""
    parts = break_points(" ".join(text.split()))
    ends = [0.0, *accumulate(width(part, size, weight) for part in parts)]  # nearly, for letters move together
    lines, first = [], 0

    def line(last: int) -> str:
        return "".join(parts[first:last]).rstrip()

    def fits(last: int) -> bool:
        return last <= first + 1 or width(line(last), size, weight) <= inches

    while first < len(parts):
        last = bisect_right(ends, ends[first] + inches) - 1
        while not fits(last):
            last -= 1
        while last < len(parts) and fits(last + 1):
            last += 1
        lines.append(line(last))
        first = last
    return lines


def shortened(text: str, inches: float, size: float, weight: str = "normal") -> str:
    """Put "…" into a line that is wider than ``inches``, before its end: there names differ, and units are."""
    if width(text, size, weight) <= inches:
        return text
    over = bisect_right(range(len(text)), inches, key=lambda kept: width(_without_middle(text, kept), size, weight))
    return _without_middle(text, max(over - 1, 0))


def _without_middle(text: str, kept: int) -> str:
    """Keep so many characters of a text, a third of them at its end."""
    last = kept // 3
    return text[: kept - last].rstrip() + "…" + text[len(text) - last :].lstrip()
