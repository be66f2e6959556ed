"""How reports are printed: paragraphs, literal lines, tables, and the same report as plain text."""

import io
from collections.abc import Callable
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.containers import Lines
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

WIDTH = 110  # columns of summary.txt
CUT = "…"  # ends a cell that does not fit
NO_START = frozenset(" \uff0c。、\uff1b\uff1a\uff1f\uff01\uff09》”’")  # may not begin a line
NO_END = frozenset("\uff08《“‘")  # may not end one


def say(console: Console, *paragraphs: str) -> None:
    """Print paragraphs, which may have markup, without highlighting numbers; skip empty ones."""
    for text in filter(None, paragraphs):
        console.print(*broken(Text.from_markup(text), console.width), sep="\n", highlight=False, soft_wrap=True)


def line(console: Console, *texts: str, wrap: bool = True) -> None:
    """Print texts as they are; without ``wrap`` paths stay whole, and files get each text in one line."""
    for text in texts:
        if not (wrap or console.is_terminal):
            console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            console.print(*broken(Text(text or " "), console.width), sep="\n", highlight=False, soft_wrap=True)


def broken(text: Text, width: int) -> Lines:
    """Break a text into lines: at spaces, between any two wide letters, within no number, and not before a comma.

    A command, which stands between backticks, is not broken, so that it can be copied.
    """
    pieces: list[str] = []
    command = False
    for sign in text.plain:
        last = pieces[-1][-1] if pieces else "（"
        narrow = cell_len(sign) < 2 and cell_len(last) < 2 and (last != " " or command)
        command ^= sign == "`"
        if pieces and (narrow or sign in NO_START or last in NO_END):
            pieces[-1] += sign
        else:
            pieces.append(sign)
    ends, used, at = [], 0, 0
    for piece in pieces:
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
    """Print a table; where the console is too narrow for it, cells are broken and not cut."""
    if CUT in "".join(segment.text for segment in console.render(table)):
        for column in table.columns:
            column.no_wrap, column.overflow = False, "fold"
        _share(console, table)
    console.print(table)


def _share(console: Console, table: Table) -> None:
    """Give each column of a table space for its longest word if there is that much, and the rest where it is needed."""
    cells = [[Text.from_markup(str(cell)).plain for cell in (each.header, *each.cells)] for each in table.columns]
    full = [max((cell_len(text) for each in texts for text in each.splitlines()), default=1) for texts in cells]
    for column, texts in zip(table.columns, cells, strict=True):
        column.width = max((cell_len(word) for text in texts for word in text.split()), default=1)
    spare = console.width - Measurement.get(console, console.options, table).maximum
    if spare < 0:
        for column in table.columns:
            column.width = None
        return
    for _ in range(min(spare, sum(full))):
        column, _ = max(zip(table.columns, full, strict=True), key=lambda each: each[1] / (each[0].width or 1))
        column.width = (column.width or 1) + 1


def in_parts(names: list[str], width: int) -> list[list[str]]:
    """Divide the columns of a table into as many tables as a width, counted in columns, requires."""
    return [names[first : first + width] for first in range(0, len(names), width)]


def as_text(report: Callable[..., None], *about: Any, width: int = WIDTH) -> str:
    """Return what ``report(console, *about)`` prints as plain text."""
    page = io.StringIO()
    report(
        Console(file=page, width=width, no_color=True, force_terminal=False, force_jupyter=False, legacy_windows=False),
        *about,
    )
    return page.getvalue()
