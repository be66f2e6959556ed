"""Recognition of the kind of a log, and its conversion to one table."""

import csv
import os
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from sim.files.limits import check
from sim.logs.mbox import is_mbox, read_mbox
from sim.logs.messages import Export, write_messages
from sim.logs.outlook import TIME_COLUMNS, is_outlook, read_outlook
from sim.logs.slack import is_slack, read_slack
from sim.logs.teams import JSON_SUFFIXES, read_teams
from sim.logs.texts import copy_as_utf8, encoding_of, head_of, separator_of
from sim.logs.trees import open_tree

TABLE_SUFFIXES = (".csv", ".tsv", ".parquet")  # tables that need no reader
EXPORT_SUFFIXES = (".zip", ".mbox", *JSON_SUFFIXES)


class Table(NamedTuple):
    """A log as a table: CSV, TSV or Parquet."""

    path: Path
    kind: str = ""  # of the export that it was; empty if it is the file itself
    channels: tuple[str, ...] = ()  # of the model that it stands for
    stamped: bool = False  # whether times have the offset of their sender
    skipped: int = 0  # entries of the export that are no messages of people
    unfinished: int = 0  # lists of it that go on in pages that are not there
    separator: str = ""  # if it is known


def as_table(path: Path, encoding: str, separator: str, needed: Collection[str], folder: Path) -> Table:
    """Convert a log to a table, unless it can be read as it is.

    Tables in UTF-8 and Parquet are returned as they are. Exports, and columns ``needed`` of tables in other encodings
    or lines, are written into ``folder``. ``InputError`` if an export is malformed, with file and line.
    """
    suffix = path.suffix.lower()
    if path.is_dir() or suffix in (".zip", *JSON_SUFFIXES):
        with open_tree(path) as tree:
            return _convert(read_slack(tree) if is_slack(tree) else read_teams(tree), folder)
    if is_mbox(path):
        return _convert(read_mbox(path), folder)
    if suffix in (".csv", ".tsv") and _is_plain(path):
        known = encoding_of(path, encoding)
        first = head_of(path, known)
        sign = separator_of(path, separator or first.separator, known)
        head = next(csv.reader([first.text], delimiter=sign), [])
        if is_outlook(head) and not {*needed} & {*head} - {*TIME_COLUMNS}:
            return _convert(read_outlook(path, known, sign), folder)
        if known != "utf-8" or first.foreign:
            copy_as_utf8(path, known, sign, needed, folder / f"table{suffix}")
            return Table(folder / f"table{suffix}", separator=sign)
    return Table(path)


def _is_plain(path: Path) -> bool:
    """Return whether a path is a file that opens without waiting; the reader of the table reports other errors."""
    try:
        check(path)
    except OSError:
        return False
    return os.access(path, os.R_OK)


def _convert(export: Export, folder: Path) -> Table:
    """Write an export as a table."""
    path, skipped = write_messages(export, folder)
    return Table(path, export.kind, export.channels, export.stamped, skipped, export.unfinished)
