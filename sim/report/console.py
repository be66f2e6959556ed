"""Printing of reports: paragraphs, literal lines, lists in a sentence and tables, also as plain text."""

import io
import re
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.containers import Lines
from rich.markup import escape
from rich.measure import Measurement
from rich.segment import Segments
from rich.table import Column, Table
from rich.text import Text

from sim.figures import words

if TYPE_CHECKING:
    import polars as pl

type Tables = Mapping[str, pl.DataFrame]
type Facts = Mapping[str, Any]  # a manifest, or a row of a table

WIDTH = 110  # columns of summary.txt
NARROWEST, WIDEST = 12, 10_000  # columns, of the names in a table, and of any table
_NUMBER = re.compile(r"\d")


def say(console: Console, *paragraphs: str) -> None:
    """Print paragraphs, which may have markup, without highlighting numbers; skip empty ones."""
    for text in filter(None, paragraphs):
        console.print(*wrapped(Text.from_markup(text), console.width), sep="\n", highlight=False, soft_wrap=True)


def line(console: Console, *texts: str, wrap: bool = True) -> None:
    """Print texts as they are; without ``wrap`` paths stay whole, and files get each text in one line."""
    for text in texts:
        if not (wrap or console.is_terminal):
            console.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True)
        else:
            console.print(*wrapped(Text(text or " "), console.width), sep="\n", highlight=False, soft_wrap=True)


def english() -> bool:
    """Return whether the language is English, in which names stay as tables and commands have them."""
    return words.language_in_force() == "en"


def commas(parts: Iterable[str]) -> str:
    """Join parts of a sentence by commas."""
    return words.say("list").join(parts)


def semicolons(parts: Iterable[str]) -> str:
    """Join parts of a sentence by semicolons."""
    return words.say("semicolon").join(parts)


def wrapped(text: Text, width: int) -> Lines:
    """Break a text into lines: at spaces, between any two wide letters, within no number, and not before a comma.

    A command, which stands between backticks, is not broken, so that it can be copied.
    """
    ends, used, at = [], 0, 0
    for piece in words.break_points(text.plain):
        wide = cell_len(piece.rstrip())
        if used and used + wide > width:
            ends.append(at)
            used = 0
        used += cell_len(piece)
        at += len(piece)
    lines = text.divide(ends)
    for each in lines:
        each.rstrip()
    return lines


def grid(*heads: Any, title: str = "", numbers: bool = False, **layout: Any) -> Table:
    """Start a table; with ``numbers``, the columns after the first are aligned right and not wrapped."""
    table = Table(*heads, box=SIMPLE_HEAD, **{"pad_edge": False, **layout})
    if title:
        table.title, table.title_justify = escape(title), "left"
    for column in table.columns[1:] if numbers else ():
        column.justify, column.no_wrap = "right", True
    return table


def show(console: Console, table: Table) -> None:
    """Print a table below its title; where the console is too narrow for it, cells are broken and not cut."""
    if isinstance(table.title, str):
        say(console, f"[{table.title_style or 'italic'}]{table.title}[/]")  # Rich begins lines with a Chinese comma
        table = copy(table)
        table.title = None
    for column, least in zip(table.columns, _longest_words(table), strict=True):
        column.min_width = _longest_line(column) if column.no_wrap else least
        column.overflow = column.overflow if column.no_wrap else "fold"  # else a blank behind wide letters costs one
    rendered = list(console.render(table))
    lines = "".join(segment.text for segment in rendered).splitlines()
    if max(_measured(console, table).minimum, *map(cell_len, lines)) > console.width:
        for column in table.columns:
            column.no_wrap, column.overflow = False, "fold"
        _share(console, table)
        console.print(table)
    else:
        console.print(Segments(rendered))


def fits(console: Console, table: Table) -> bool:
    """Return whether a console is wide enough for a table without breaking cells."""
    return _measured(console, table).maximum <= console.width


def _measured(console: Console, table: Table) -> Measurement:
    """Measure a table, however narrow the console is."""
    return Measurement.get(console, console.options.update(max_width=WIDEST), table)


def _share(console: Console, table: Table) -> None:
    """Give each column of a table space for its longest word if there is that much, and the rest where it is needed.

    Where all but the names in the first column fit, these alone are broken, Chinese ones between any two letters. Where
    there is less space, words are broken before numbers are.
    """
    full, least = [_longest_line(each) for each in table.columns], _longest_words(table)
    numbers = [max(2, _longest(filter(_NUMBER.search, _words(each)))) for each in table.columns]  # a wide letter
    spare, whole = _spare(console, table, least), True
    if spare < 0:
        least, whole = numbers, False
        spare = _spare(console, table, least)
    if spare < 0:
        for column in table.columns:
            column.width = None
        return
    if whole and sum(full[1:]) - sum(least[1:]) <= spare:
        spare -= sum(full[1:]) - sum(least[1:])
        least[1:] = full[1:]
    for _ in range(min(spare, sum(full))):
        place = max(range(len(full)), key=lambda place: full[place] / (least[place] or 1))
        least[place] += 1
    for column, width in zip(table.columns, least, strict=True):
        column.width = width


def _spare(console: Console, table: Table, widths: Iterable[int]) -> int:
    """Give columns these widths, and return how much of the console is left."""
    for column, width in zip(table.columns, widths, strict=True):
        column.width, column.min_width = width, None
    return console.width - _measured(console, table).maximum


def _texts(column: Column) -> list[str]:
    """Return head and cells of a column as they are printed."""
    return [Text.from_markup(str(cell)).plain for cell in (column.header, *column.cells)]


def _longest_line(column: Column) -> int:
    """Measure the longest line of a column."""
    return _longest(line for text in _texts(column) for line in text.splitlines())


def _words(column: Column) -> list[str]:
    """Return the words of head and cells."""
    return [word for text in _texts(column) for word in text.split()]


def _longest(texts: Iterable[str]) -> int:
    """Measure the longest of some texts."""
    return max(map(cell_len, texts), default=1)


def _longest_words(table: Table) -> list[int]:
    """Measure the longest word of each column; one among the names that is very long is broken."""
    least = [_longest(_words(each)) for each in table.columns]
    pieces = (piece.rstrip() for text in _texts(table.columns[0]) for piece in words.break_points(text))
    return [min(least[0], max(NARROWEST, *map(cell_len, pieces))), *least[1:]]


def as_text(report: Callable[..., None], *about: Any, width: int = WIDTH) -> str:
    """Return what ``report(console, *about)`` prints as plain text."""
    page = io.StringIO()
    plain: dict[str, Any] = {"no_color": True, "force_terminal": False, "force_jupyter": False, "legacy_windows": False}
    report(Console(file=page, width=width, **plain), *about)
    return page.getvalue()
