"""How reports are printed: paragraphs, literal lines, tables, and the same report as plain text."""

import io
from collections.abc import Callable
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

WIDTH = 110  # columns of summary.txt


def say(console: Console, *paragraphs: str) -> None:
    """Print paragraphs, which may hold markup, without highlighting numbers; skip empty ones."""
    for text in filter(None, paragraphs):
        console.print(text, highlight=False)


def line(console: Console, *texts: str, wrap: bool = True) -> None:
    """Print texts as they are; without ``wrap``, such as for paths, they keep to one line."""
    for text in texts:
        console.print(text, markup=False, highlight=False, soft_wrap=not wrap)


def grid(*heads: Any, title: str = "", numbers: bool = False, **layout: Any) -> Table:
    """Start a table; with ``numbers``, the columns after the first are aligned right and not wrapped."""
    table = Table(*heads, box=SIMPLE_HEAD, **{"pad_edge": False, **layout})
    if title:
        table.title, table.title_justify = escape(title), "left"
    for column in table.columns[1:] if numbers else ():
        column.justify, column.no_wrap = "right", True
    return table


def in_parts(names: list[str], width: int) -> list[list[str]]:
    """Divide the columns of a table into as many tables as a width, counted in columns, requires."""
    return [names[first : first + width] for first in range(0, len(names), width)]


def as_text(report: Callable[..., None], *about: Any, width: int = WIDTH) -> str:
    """Return what ``report(console, *about)`` prints as plain text."""
    page = io.StringIO()
    report(Console(file=page, width=width, no_color=True, force_terminal=False, legacy_windows=False), *about)
    return page.getvalue()
