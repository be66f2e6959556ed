"""The two fonts of the figures: which signs they have, how wide a text is, and where its lines break."""

import functools
import unicodedata
from bisect import bisect_right
from pathlib import Path

from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.ft2font import LoadFlags

from sim.errors import InputError, nearest
from sim.figures.words import LANGUAGES, spoken

PLAIN = "DejaVu Sans"  # comes with the plotting library
CHINESE = "Offhours Sans SC"  # comes with this package: a part of Noto Sans CJK SC, as tests/font.py makes it
FILE = Path(__file__).with_name("chinese.otf")
NO_START = set("\uff0c。、\uff1b\uff1a\uff1f\uff01\uff09》」』”’…%)")  # may not begin a line
NO_END = set("\uff08《「『“‘(")  # may not end one
DOTS = 200  # an inch
UNHINTED = "no_hinting"  # letters are not moved to whole dots, so that a text is as wide at any size


@functools.cache
def families() -> list[str]:
    """List the font families to ask for a sign, in this order.

    Returns
    -------
    list[str]
        The plain font, and the Chinese one for the signs that the plain one lacks. Installed fonts are never asked.
    """
    fontManager.addfont(FILE)
    return [PLAIN, CHINESE]


def strong() -> str:
    """Choose the weight of headings.

    Returns
    -------
    str
        Bold; normal in Chinese, whose font has no bold letters, for bold figures beside them would look odd.
    """
    return "normal" if spoken() == "zh" else "bold"


def check(language: str) -> None:
    """Refuse a language that the figures do not have, before any work is done for it.

    Parameters
    ----------
    language : str
        What the user asked for.

    Raises
    ------
    InputError
        If it is no language of the figures.
    """
    if language not in LANGUAGES:
        raise InputError(f"no language of the figures is called '{language}'{nearest(language, LANGUAGES)}")


def unwritable(text: str) -> str:
    """Find the signs of a text that cannot be drawn.

    Parameters
    ----------
    text : str
        A text without line breaks.

    Returns
    -------
    str
        Signs for which no font has a glyph, each once.
    """
    fonts = [get_font(_file(family, "normal")) for family in families()]
    return "".join(sign for sign in dict.fromkeys(text) if not any(font.get_char_index(ord(sign)) for font in fonts))


@functools.cache
def _file(family: str, weight: str) -> str:
    """Find the file of a font that comes with the plotting library or with this package."""
    return findfont(FontProperties(family=[family], weight=weight))


@functools.lru_cache(maxsize=8192)
def width(text: str, size: float, weight: str = "normal") -> float:
    """Measure a text.

    Parameters
    ----------
    text : str
        One line.
    size : float
        Points.
    weight : str
        As in the plotting library.

    Returns
    -------
    float
        Its width, inches.
    """
    font = get_font([_file(family, weight) for family in families()])
    font.clear()
    font.set_size(size, DOTS)
    font.set_text(text.replace(r"\$", "$"), 0.0, flags=LoadFlags.NO_HINTING)
    return font.get_width_height()[0] / 64 / DOTS  # in 64ths of a dot


def wrapped(text: str, inches: float, size: float, weight: str = "normal") -> list[str]:
    """Break a text into lines.

    Parameters
    ----------
    text : str
        Words with spaces between them, or Chinese, which may break anywhere but before a stop.
    inches : float
        How wide a line may be.
    size : float
        Points.
    weight : str
        As in the plotting library.

    Returns
    -------
    list[str]
        The lines.
    """
    lines, line = [], ""
    for piece in _pieces(" ".join(text.split())):
        if line.strip() and width((line + piece).rstrip(), size, weight) > inches:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    """Cut a text where a line may break; the pieces together are the text."""
    pieces: list[str] = []
    for sign in text:
        before = pieces[-1][-1] if pieces else ""
        breaks = before == " " or (sign != " " and (_wide(sign) or _wide(before)))
        if pieces and (not breaks or sign in NO_START or before in NO_END):
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces


def _wide(sign: str) -> bool:
    """Say whether a sign takes the room of a Chinese letter."""
    return bool(sign) and unicodedata.east_asian_width(sign) in "WF"


def shortened(text: str, inches: float, size: float) -> str:
    """Cut a text to a width.

    Parameters
    ----------
    text : str
        One line.
    inches : float
        How wide it may be.
    size : float
        Points.

    Returns
    -------
    str
        The text, or its beginning with three dots.
    """
    if width(text, size) <= inches:
        return text
    over = bisect_right(range(len(text)), inches, key=lambda end: width(text[:end].rstrip() + "…", size))
    return text[: max(over - 1, 0)].rstrip() + "…"
