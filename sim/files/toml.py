"""TOML files with the line number of each key, for error messages."""

import json
import re
import tomllib
import unicodedata
from pathlib import Path
from typing import Any, NamedTuple

from sim.core.errors import InputError, misspelt, shortened
from sim.files.limits import read_bytes

MAX_BYTES = 1_000_000  # the longest shipped scenario has about 10,000
MAX_DEPTH = 32  # nested tables and lists
SIGNS = dict(zip("“”„‘’【】、。", '"""\'\'[],.', strict=True))  # others are wide forms of those of TOML
INTEGERS = range(-(2**63), 2**63)  # range of TOML integers

KINDS = {  # kinds of files: keys that only they have, and what reads them
    "scenario": (
        {"base", "levers", "phases", "compare_with", "mechanisms"},
        "`offhours run` and `offhours check` read scenarios",
    ),
    "country": (
        {"currency", "roles"},
        'scenarios name it, as in country = "my_country.toml"; `offhours run` and `offhours check` read those',
    ),
    "sweep design": ({"axes", "scenarios"}, "`offhours sweep` reads designs; with --dry-run it only checks them"),
    "study design": (
        {"comparisons"},
        "`offhours study` reads designs of studies; with --dry-run it says what they cost",
    ),
    "set of targets": ({"target"}, "`offhours calibrate` reads targets"),
    "file of priors": ({"prior"}, "`offhours calibrate` reads priors, from calibration/priors.toml"),
    "file of measurements": ({"measurement"}, "`offhours learn` reads measurements, with --measurements"),
}

type KeyPath = tuple[str | int, ...]

_KEY = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_DOTTED = rf"{_KEY}(?:[ \t]*+\.[ \t]*+{_KEY})*+"
_HEADER = re.compile(rf"(\[\[?)[ \t]*+({_DOTTED})[ \t]*+\]\]?")
_ASSIGNMENT = re.compile(rf"({_DOTTED})[ \t]*+=")
_TOKEN = re.compile(  # possessive, so that the time is linear
    r'"""(?:\\.|(?!""")[^\\])*+(?:"{3,5})?'  # multi-line strings
    r"|'{3}(?:(?!'{3}).)*+(?:'{3,5})?"
    r'|"(?:\\[^\n]|[^"\\\n])*+"?'  # one-line strings
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+"  # comments
    r"|[\[\]{}\n.=,]",
    re.DOTALL,
)
_OTHER_DATE = re.compile(r"^[^#\"']*=\s*\d{1,4}([-/.])\d{1,2}\1\d{1,4}\b")
_BLANK = re.compile(r"(?:[ \t\r\n]++|\#[^\n]*+)*+")
_DIGITS = re.compile(r"[0-9_]{4301,}")  # more than Python converts


class Document(NamedTuple):
    """Contents of a TOML file, and the line of each key and table."""

    path: Path
    data: dict[str, Any]
    lines: dict[KeyPath, int]


def read(path: Path, kind: str = "") -> Document:
    """Read a TOML file, of a kind of ``KINDS`` where one is said; nothing in it is executed.

    Raises ``InputError`` if it is unreadable, too long, nested too deeply, not UTF-8 or not TOML, if it holds an
    integer of more than 64 bits, and, naming the right command, if it has keys of another kind and none of its own.
    """
    try:
        content = read_bytes(path, MAX_BYTES)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}{misspelt(path)}") from error
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")  # byte order mark of some editors
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: is not text in UTF-8; save it in that encoding") from error
    if deep := _too_deep(text):
        raise InputError(f"{path}:{deep}: is nested too deeply: at most {MAX_DEPTH} tables and lists inside each other")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at line (\d+), column (\d+)\)$", str(error))
        line, column = map(int, place.groups()) if place else (text.count("\n") + 1, 1)
        written = text.split("\n")[line - 1]
        shown = shortened(written.strip()) or "…"
        raise InputError(
            f"{path}:{line}: {shown}: is not valid TOML: {error}{_meant(written, written[column - 1 :])}"
        ) from error
    except ValueError as error:  # from int()
        digits = _DIGITS.search(text)
        line = text.count("\n", 0, digits.start()) + 1 if digits else 1
        raise InputError(f"{path}:{line}: a whole number has thousands of digits") from error
    document = Document(path, data, lines_of_keys(text))
    _check_values(document)
    if kind and not data:
        raise InputError(f"{path}: is empty")
    if kind and not data.keys() & KINDS[kind][0]:
        for other, (keys, readers) in KINDS.items():
            if data.keys() & keys:
                raise InputError(f"{path}: is a {other} and no {kind}; {readers}")
    return document


def _meant(line: str, rest: str) -> str:
    """Advise on the commonest mistakes in a line, of which TOML reads all but ``rest``: dates, signs, bare words."""
    if _OTHER_DATE.search(line):
        return "; a date is written as in 2026-07-06"
    if (sign := rest[:1]) and not sign.isascii():
        if sign.isspace():
            return "; write a plain blank there"
        plain = SIGNS.get(sign) or unicodedata.normalize("NFKC", sign)
        return f"; write {plain} for {sign}" if plain.isascii() else ""
    word = re.match(r"[A-Za-z_]+\w*", rest)
    if word and (plain := word[0].lower()) in ("true", "false"):
        return f"; did you mean '{plain}'?"
    return f'; text needs quotation marks, as in "{shortened(word[0])}"' if word else ""


def _too_deep(text: str) -> int | None:
    """Return the line where brackets or a dotted key nest too deeply, on which ``tomllib`` would be very slow."""
    depth = dots = 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        depth += (mark in "[{") - (mark in "]}")
        dots = dots + 1 if mark == "." else 0 if mark in "[]{}\n=," else dots
        if max(depth, dots) >= MAX_DEPTH:
            return text.count("\n", 0, token.start()) + 1
    return None


def _check_values(document: Document) -> None:
    """Raise ``InputError`` for values nested too deeply through several statements, and for integers beyond 64 bits."""
    todo: list[tuple[KeyPath, Any]] = [((), document.data)]
    mistakes = []
    while todo:
        path, value = todo.pop()
        if len(path) > MAX_DEPTH:
            mistakes.append((path, f"is nested too deeply: at most {MAX_DEPTH} tables and lists inside each other"))
        elif isinstance(value, dict):
            todo += [((*path, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            todo += [((*path, number), inner) for number, inner in enumerate(value)]
        elif isinstance(value, int) and value not in INTEGERS:
            mistakes.append((path, "a whole number has more than 64 bits"))
    if mistakes:
        path, text = min(mistakes, key=lambda found: place(document.lines, found[0]) or 0)
        raise InputError(f"{document.path}:{place(document.lines, path) or 1}: {text}")


def lines_of_keys(text: str) -> dict[KeyPath, int]:
    """Map keys at the start of statements and table headers to line numbers from 1, as in ``("levers", 0, "start")``.

    The text must be valid TOML. Keys inside inline tables and arrays are found under the key that opens them.
    """
    found: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    position, line = 0, 1
    while position < len(text):
        blank = _BLANK.match(text, position)
        begin = blank.end() if blank else position
        line += text.count("\n", position, begin)
        if header := _HEADER.match(text, begin):
            keys = _split(header[2])
            if header[1] == "[[":
                array = _resolved(keys[:-1], counts) + keys[-1:]
                counts[array] = counts.get(array, -1) + 1
            table = _resolved(keys, counts)
            found.setdefault(table, line)
        elif assignment := _ASSIGNMENT.match(text, begin):
            found[table + _split(assignment[1])] = line
        match = header or assignment
        position = _statement_end(text, match.end() if match else begin)
        line += text.count("\n", begin, position)
    return found


def _split(dotted: str) -> tuple[str, ...]:
    """Split a dotted key into its parts, unquoted."""
    return tuple(part.strip("\"'") for part in re.findall(_KEY, dotted))


def _resolved(keys: tuple[str, ...], counts: dict[KeyPath, int]) -> KeyPath:
    """Return the path of a table, with the index of the last element of each array of tables that it passes."""
    path: KeyPath = ()
    for key in keys:
        path += (key,)
        if path in counts:
            path += (counts[path],)
    return path


def _statement_end(text: str, position: int) -> int:
    """Return the position after the line end that closes a statement, with strings and brackets respected."""
    depth = 0
    for token in _TOKEN.finditer(text, position):
        mark = token[0]
        depth += (mark in "[{") - (mark in "]}")
        if mark == "\n" and depth <= 0:
            return token.end()
    return len(text)


def place(lines: dict[KeyPath, int], path: KeyPath) -> int | None:
    """Return the line of a key or of its nearest enclosing table; None if none of them is known."""
    return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)


def as_toml(value: Any) -> str:
    """Format a value as in a TOML file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(as_toml(inner) for inner in value)}]"
    if isinstance(value, dict):
        pairs = (
            f"{key if re.fullmatch('[A-Za-z0-9_-]+', key) else as_toml(key)} = {as_toml(value[key])}" for key in value
        )
        return f"{{ {', '.join(pairs)} }}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
