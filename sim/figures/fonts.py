"""Fonts: which are installed, which signs they have, how wide a text is, and where its lines break."""

import functools
import unicodedata
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties, findfont, findSystemFonts, fontManager, get_font

from sim.errors import InputError, nearest
from sim.figures.words import LANGUAGES, spoken

PLAIN = "DejaVu Sans"  # comes with the plotting library
CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",  # the first of a collection that holds all of them
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "PingFang SC",
)
PACKAGE = "fonts-wqy-microhei"  # of Debian
SAMPLE = "倦怠加班效率"
NO_START = set("\uff0c。、\uff1b\uff1a\uff1f\uff01\uff09》」』”’…%)")  # may not begin a line
NO_END = set("\uff08《「『“‘(")  # may not end one
DOTS = 200  # an inch
UNHINTED = "no_hinting"  # letters are not moved to whole dots, so that a text is as wide at any size


@functools.cache
def chinese() -> str:
    """Find a font with Chinese letters that is really there.

    Returns
    -------
    str
        Name of its family, empty if there is none. A font that was installed after the plotting library made its list
        is found as well.
    """
    return _listed() or _new()


def _listed() -> str:
    """Look through the list of the plotting library, whose files may be gone."""
    there = {font.name for font in fontManager.ttflist if font.name in CHINESE and Path(font.fname).is_file()}
    return next((name for name in CHINESE if name in there), "")


def _new() -> str:
    """Look for fonts that the plotting library has not listed yet."""
    old = {font.fname for font in fontManager.ttflist}
    marks = ("cjk", "hansans", "wqy", "msyh", "pingfang")
    for path in sorted(set(findSystemFonts()) - old):
        if any(mark in Path(path).name.lower().replace("-", "") for mark in marks):
            try:
                fontManager.addfont(path)
            except (OSError, RuntimeError):
                continue
    return _listed()


def families() -> list[str]:
    """List the font families to ask for a sign, in this order.

    Returns
    -------
    list[str]
        The plain font, and a Chinese one, where there is one, for the signs that the plain one lacks.
    """
    return [PLAIN, *filter(None, [chinese()])]


def strong() -> str:
    """Choose the weight of headings.

    Returns
    -------
    str
        Bold; normal in Chinese where the font has no bold letters, for bold figures beside them would look odd.
    """
    return "normal" if spoken() == "zh" and not _has_bold(chinese()) else "bold"


@functools.cache
def _has_bold(family: str) -> bool:
    """Say whether a family has bold letters."""
    return any(font.name == family and font.weight in ("bold", 700) for font in fontManager.ttflist)


def check(language: str) -> None:
    """Refuse a language that cannot be written here, before any work is done for it.

    Parameters
    ----------
    language : str
        What the user asked for.

    Raises
    ------
    InputError
        If it is no language of the figures, or no installed font has its letters.
    """
    if language not in LANGUAGES:
        raise InputError(f"no language of the figures is called '{language}'{nearest(language, LANGUAGES)}")
    if language == "zh" and not (chinese() and writable(SAMPLE)):
        raise InputError(
            "--lang zh needs a font with Chinese letters, and none is installed; install one "
            f"(on Debian: apt-get install {PACKAGE}) and draw again, or use --lang en"
        )


def writable(text: str) -> bool:
    """Say whether every sign of a text can be drawn.

    Parameters
    ----------
    text : str
        A text without line breaks.

    Returns
    -------
    bool
        Whether some font has a glyph for each sign.
    """
    fonts = [get_font(findfont(FontProperties(family=[name]))) for name in families()]
    return all(any(font.get_char_index(ord(sign)) for font in fonts) for sign in text)


@functools.cache
def _renderer() -> Any:
    """Make something to measure texts with; the plotting library has no types for it."""
    return RendererAgg(DOTS, DOTS, DOTS)  # type: ignore[no-untyped-call]


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
    font = FontProperties(family=families(), size=size, weight=weight)
    with rc_context({"text.hinting": UNHINTED}):
        wide, _, _ = _renderer().get_text_width_height_descent(text.replace(r"\$", "$"), font, ismath=False)
    return float(wide) / DOTS


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
    while text and width(text.rstrip() + "…", size) > inches:
        text = text[:-1]
    return text.rstrip() + "…"
