"""TOML files with the line on which each key stands, so that a mistake can be pointed at."""

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from sim.errors import InputError

MAX_BYTES = 1_000_000  # of a scenario file; the longest shipped one has a few thousand

type KeyPath = tuple[str | int, ...]

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_HEADER = re.compile(rf"\s*(\[\[?)[ \t]*({_DOTTED})[ \t]*\]\]?")
_ASSIGNMENT = re.compile(rf"\s*({_DOTTED})[ \t]*=")
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""'  # strings of several lines
    r"|'{3}.*?'{3}"
    r'|"(?:\\.|[^"\\\n])*"'  # strings of one line
    r"|'[^'\n]*'"
    r"|\#[^\n]*"  # comments
    r"|[\[\]{}\n]",
    re.DOTALL,
)


class Document(NamedTuple):
    """What a TOML file says, and where it says it."""

    path: Path
    data: dict[str, Any]
    lines: dict[KeyPath, int]


def read(path: Path) -> Document:
    """Read a TOML file as data; nothing in it is executed.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Document
        Its values, and the line of each key and table.

    Raises
    ------
    InputError
        If the file cannot be read, is too long, is not text in UTF-8 or is not TOML.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise InputError(f"{path}: longer than {MAX_BYTES:,} bytes; this is no scenario file")
    try:
        text = content.decode("utf-8")
        return Document(path, tomllib.loads(text), lines_of_keys(text))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: is not text in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = re.search(r" \(at line (\d+), column \d+\)$", message)
        line = int(place[1]) if place else text.count("\n") + 1
        raise InputError(f"{path}:{line}: is not valid TOML: {message}") from error
    except RecursionError as error:
        raise InputError(f"{path}: is nested too deeply") from error


def lines_of_keys(text: str) -> dict[KeyPath, int]:
    """Find the line of every key that stands at the start of a statement, and of every table header.

    Parameters
    ----------
    text : str
        A valid TOML document.

    Returns
    -------
    dict[KeyPath, int]
        Line numbers from 1 by the path of the key, as in ``("levers", 0, "start")``. Keys inside inline tables
        and arrays are found under the key that opens them.
    """
    found: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    position = 0
    while position < len(text):
        if header := _HEADER.match(text, position):
            keys = _split(header[2])
            if header[1] == "[[":
                array = _resolved(keys[:-1], counts) + keys[-1:]
                counts[array] = counts.get(array, -1) + 1
            table = _resolved(keys, counts)
            found.setdefault(table, _line(text, header.start(2)))
        elif assignment := _ASSIGNMENT.match(text, position):
            found[table + _split(assignment[1])] = _line(text, assignment.start(1))
        match = header or assignment
        position = _statement_end(text, match.end() if match else position)
    return found


def _split(dotted: str) -> tuple[str, ...]:
    """Split a dotted key into its parts, without quotation marks."""
    return tuple(part.strip("\"'") for part in re.findall(_KEY, dotted))


def _resolved(keys: tuple[str, ...], counts: dict[KeyPath, int]) -> KeyPath:
    """Give the path of a table, with the number of the last element wherever it passes an array of tables."""
    path: KeyPath = ()
    for key in keys:
        path += (key,)
        if path in counts:
            path += (counts[path],)
    return path


def _line(text: str, position: int) -> int:
    """Number the line, from 1, in which a position lies."""
    return text.count("\n", 0, position) + 1


def _statement_end(text: str, position: int) -> int:
    """Find the position after the line end that closes a statement, strings and brackets considered."""
    depth = 0
    for token in _TOKEN.finditer(text, position):
        mark = token[0]
        depth += (mark in "[{") - (mark in "]}")
        if mark == "\n" and depth <= 0:
            return token.end()
    return len(text)


def place(lines: dict[KeyPath, int], path: KeyPath) -> int | None:
    """Find the line of a key, or else of the nearest key or table around it.

    Parameters
    ----------
    lines : dict[KeyPath, int]
        From ``lines_of_keys``.
    path : KeyPath
        Path of a value.

    Returns
    -------
    int | None
        Line number from 1, None if the path and all that enclose it are absent.
    """
    return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)
