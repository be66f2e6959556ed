"""Texts in other encodings or lines than usual: read line by line, and tables copied to UTF-8."""

import codecs
import csv
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, dropwhile
from operator import not_
from pathlib import Path
from typing import NamedTuple

from sim.core.errors import InputError
from sim.files.limits import check

MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}  # at the beginning of a file
HINT = "--encoding gb18030"  # of Chinese tables
_SIGNS = "re|fwd?|aw|wg|sv|vb|tr|rv|rif|antw|odp|回复|答复|转发|回覆|答覆|轉寄|轉發"
_EXCEL = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)  # a line before the head
REPLY_SIGNS = rf"^(?:\s*(?i:{_SIGNS})\s*[:：])+\s*"  # how subjects of answers begin
LARGEST_CELL = 256_000_000  # signs of a cell, such as the text of a mail
COMMON_ENCODINGS = ("utf-8", "gb18030", "cp1252", "utf-16", "shift_jis", "big5")


def encoding_of(path: Path, named: str) -> str:
    """Return the encoding of a file: as named, or by its mark, or UTF-8; ``InputError`` for an unknown name."""
    if named:
        try:
            b"a".decode(named, "replace")  # some names are of codecs that are for no texts
            return codecs.lookup(named).name
        except (LookupError, ValueError):
            raise InputError(f"--encoding {named}: unknown; usual ones: {', '.join(COMMON_ENCODINGS)}") from None
    with path.open("rb") as file:
        mark = file.read(2)
    return MARKS.get(mark, "utf-8")


def read_lines(path: Path, encoding: str) -> Iterator[str]:
    """Go through the lines of a file, without the mark of its encoding; ``InputError`` names one that is not in it."""
    known = "utf-8-sig" if encoding == "utf-8" else encoding
    try:
        check(path)
        with path.open(encoding=known, newline="") as file:
            yield from filter(None, [next(file, "").removeprefix("\ufeff")])
            yield from file
    except UnicodeError as error:
        hint = "" if encoding != "utf-8" else f"; say which it is, as in {HINT}; cp1252 is for Western Europe"
        raise InputError(f"{path}:{_wrong_line(path, known)}: is not in {encoding}{hint}") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def _wrong_line(path: Path, encoding: str) -> int:
    """Return the number of the first line that is not in an encoding; 1 if lines cannot be split in it."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(encoding)
            except UnicodeError:
                return number
    return 1


class Head(NamedTuple):
    """The first line of a table, whatever cannot be decoded replaced."""

    text: str
    separator: str  # that a line of Excel before it names
    foreign: bool  # whether there is such a line, or lines end with CR alone


def head_of(path: Path, encoding: str) -> Head:
    """Read the first line of a table."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        line = file.readline(65_536).lstrip("\ufeff")
        named = _EXCEL.fullmatch(line)
        line = file.readline(65_536) if named else line
    return Head(line.rstrip("\r\n"), named[1] if named else "", bool(named) or line.endswith("\r"))


def separator_of(path: Path, named: str, encoding: str = "utf-8") -> str:
    """Return the sign between columns: the one named, or the most frequent candidate in the first line."""
    if named:
        sign = {"tab": "\t", "\\t": "\t"}.get(named, named)
        if len(sign.encode("utf-8", "replace")) != 1 or sign in '"\r\n\0':
            raise InputError(f"--separator {named!r}: one sign is needed, as , or ; or | or tab")
        return sign
    head = head_of(path, encoding).text
    return max(("\t", ",", ";", "|"), key=lambda mark: (head.count(mark), mark == ","))


def read_rows(path: Path, encoding: str, separator: str) -> Iterator[list[str]]:
    """Yield the rows of a table, the head first; ``InputError`` names the line that is no row."""
    csv.field_size_limit(LARGEST_CELL)
    text = read_lines(path, encoding)
    first = next(text, "")
    reader = csv.reader(chain(["\n" if _EXCEL.fullmatch(first) else first], text), delimiter=separator, strict=True)
    try:
        yield from dropwhile(not_, reader)
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: is no CSV: {error}") from error


def copy_as_utf8(path: Path, encoding: str, separator: str, needed: Collection[str], to: Path) -> None:
    """Copy a table to UTF-8, with blank cells in columns that are not ``needed``; what is ragged stays so."""
    table = read_rows(path, encoding, separator)
    with to.open("w", encoding="utf-8", newline="", errors="replace") as file:
        writer = csv.writer(file, delimiter=separator)
        head = next(table, [])
        writer.writerow(head)
        kept = [name in needed for name in head]
        for row in table:
            cells = [cell if keep else "" for cell, keep in zip(row, kept, strict=False)]
            writer.writerow([*cells, "more"] if is_ragged(row, head) else cells)


def is_ragged(row: Sequence[str], head: Sequence[str]) -> bool:
    """Return whether a row has cells beyond the head."""
    return any(row[len(head) :])
