"""Scenarios before validation: what files say, with the place of each value, and how one file is merged into another.

Tables are merged key by key and the file's own values win; other values, lists and the tables in ``WHOLE`` replace the
base's, except that levers are added after those of the base unless ``inherit_levers = false``. The keys in ``OWN`` are
never inherited.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from sim.core.errors import InputError
from sim.files.toml import Document, KeyPath
from sim.files.validation import listed, sentences

OWN = ("name", "title", "title_zh", "group", "represents", "source", "base", "inherit_levers")
WHOLE = ("cities", "industries")  # weights of firms: of those that a file names alone


class Spot(NamedTuple):
    """Where a value is written: its file and line, and its keys there if they are others than in the merged data."""

    file: Path
    line: int
    keys: KeyPath = ()

    def __str__(self) -> str:
        """Format file and line, as in ``mine.toml:7``."""
        return f"{shown(self.file)}:{self.line}"


type Find = Callable[[KeyPath], Spot]


class Raw(NamedTuple):
    """A scenario before validation: its merged values, and where each is written."""

    data: dict[str, Any]
    where: dict[KeyPath, Spot]
    path: Path


def unmerged(document: Document) -> Raw:
    """Convert a document to unmerged scenario data; lists become tuples, as strict validation requires."""
    data = {"name": document.path.stem} | {key: frozen(value) for key, value in document.data.items()}
    return Raw(data, {path: Spot(document.path, line) for path, line in document.lines.items()}, document.path)


def frozen(value: Any) -> Any:
    """Convert all lists in a value to tuples."""
    if isinstance(value, dict):
        return {key: frozen(inner) for key, inner in value.items()}
    return tuple(frozen(inner) for inner in value) if isinstance(value, list) else value


def merged(base: Raw, own: Raw) -> Raw:
    """Merge a file into its base, with the positions of keys adjusted."""
    shared = {key: value for key, value in base.data.items() if key not in OWN}
    data, kept = own.data, base.where
    shift = 0
    if data.get("inherit_levers") is False:
        left = ("levers", "phases")
        shared = {key: value for key, value in shared.items() if key not in left}
        kept = {path: spot for path, spot in kept.items() if path[0] not in left}
    elif isinstance(base_levers := shared.get("levers"), tuple) and isinstance(data.get("levers", ()), tuple):
        shift = len(base_levers)
        data = data | {"levers": base_levers + data.get("levers", ())}
        kept = {("levers", n): finder(base)(("levers", n)) for n in range(shift)} | kept  # also of levers on one line
    kept = {path: spot for path, spot in kept.items() if path[0] not in OWN}
    return Raw(_deep(shared, data), kept | {_shifted(path, shift): spot for path, spot in own.where.items()}, own.path)


def _deep(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Merge tables key by key; all other values of ``own`` and the tables in ``WHOLE`` replace those of ``base``.

    Contract hours of the base go with the industries that it had.
    """
    trades, hours = own.get("industries"), base.get("hours")
    if isinstance(trades, dict) and isinstance(hours, dict):
        base = {**base, "hours": {name: each for name, each in hours.items() if name in trades}}
    both = {
        key: _deep(base[key], value)
        if key not in WHOLE and isinstance(value, dict) and isinstance(base.get(key), dict)
        else value
        for key, value in own.items()
    }
    return {**base, **both}


def _shifted(path: KeyPath, shift: int) -> KeyPath:
    """Adjust the path of a lever for the levers of the base that precede it."""
    if len(path) > 1 and path[0] == "levers" and isinstance(path[1], int):
        return ("levers", path[1] + shift, *path[2:])
    return path


def finder(raw: Raw) -> Find:
    """Return a function from a path to the place of the value, of its first key, or else of the table around it.

    If a table is in several files, its place in the file itself counts, not that in its base.
    """
    spots = {key: spot for key, spot in raw.where.items() if spot.keys}
    for key, spot in raw.where.items():
        for length in range(1, len(key) + 1) if not spot.keys else ():
            known = spots.setdefault(key[:length], spot)
            if known is not spot and not known.keys:
                spots[key[:length]] = min(spot, known, key=lambda spot: (spot.file != raw.path, spot))

    def find(path: KeyPath) -> Spot:
        for length in range(len(path), 0, -1):
            if spot := spots.get(path[:length]):
                return spot._replace(keys=spot.keys + path[length:]) if spot.keys else spot
        return Spot(raw.path, 1)

    return find


def as_model[T: BaseModel](model: type[T], document: Document, data: Any) -> T:
    """Validate data of a file, with lists as tuples; ``InputError`` lists its mistakes with their lines."""
    try:
        return model.model_validate(data, strict=True)
    except ValidationError as error:
        raise refused(document, sentences(error, model, data)) from None


def refused(document: Document, mistakes: Iterable[tuple[KeyPath, str]]) -> InputError:
    """Make the error that lists mistakes of a file with their lines, in the order of lines."""
    find, where = finder(unmerged(document)), shown(document.path)
    found = sorted({(find(path).line, text) for path, text in mistakes})
    return InputError(listed([f"{where}:{line}: {text}" for line, text in found], f"{where}:1"))


def shown(path: Path) -> str:
    """Shorten a path for messages: relative to the current folder if it lies below it."""
    resolved, here = path.resolve(), Path.cwd()
    return str(resolved.relative_to(here)) if resolved.is_relative_to(here) else str(path)
