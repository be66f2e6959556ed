"""Formats for times that are read only with ``--time-format``, guessed from cells."""

from collections.abc import Sequence
from datetime import datetime
from itertools import product

DATES = ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y", "%Y{0}%m{0}%d", "%d{0}%m{0}%y", "%m{0}%d{0}%y")
SIGNS = "./-"
CLOCKS = (" %H:%M", " %H:%M:%S", ", %H:%M", ", %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "")
FORMATS = [
    date + clock
    for date, clock in product(
        (
            *(date.format(sign) for date, sign in product(DATES, SIGNS)),
            "%Y年%m月%d日",
            "%d %B %Y",
            "%d %b %Y",
            "%Y%m%d",
        ),
        CLOCKS,
    )
]
EXAMPLE = "%d/%m/%Y %H:%M", "31/12/2026 17:30"


def format_of(first: str, more: Sequence[str]) -> tuple[str, str]:
    """Return the format that reads ``first`` and most of ``more``, with ``first``; an example if none does."""
    fitting = [each for each in FORMATS if _reads(each, first)]
    if not fitting:
        return EXAMPLE
    return max(fitting, key=lambda each: sum(_reads(each, cell) for cell in more)), first


def _reads(form: str, cell: str) -> bool:
    """Return whether a format reads a cell."""
    try:
        return bool(datetime.strptime(cell, form))
    except ValueError:
        return False
