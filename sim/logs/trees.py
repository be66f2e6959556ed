"""Folders and zip archives of JSON files, read a file at a time; links are not followed and nothing is unpacked."""

import json
import os
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from sim.core.errors import InputError
from sim.files.limits import read_bytes

MOST_BYTES = 256_000_000  # of one file, which is in memory as a whole
MOST_FILES = 2_000_000
DEEPEST = 8  # folders within each other


class Tree(NamedTuple):
    """Files below a folder or in an archive, by path within it, sorted."""

    name: str
    files: tuple[str, ...]
    read: Callable[[str], bytes]

    def json(self, file: str) -> Any:
        """Parse a file; ``InputError`` names it and the line that is no JSON."""
        return parse_json(self.read(file), f"{self.name}/{file}")

    def entries(self, file: str) -> Iterator[dict[str, Any]]:
        """Go through the list of objects that a file holds; ``InputError`` if it holds something else."""
        return as_objects(self.json(file), f"{self.name}/{file}")

    def files_called(self, names: Collection[str]) -> list[str]:
        """List the files with one of some names, in any folder."""
        return [file for file in self.files if file.rpartition("/")[2] in names]


@contextmanager
def open_tree(path: Path) -> Iterator[Tree]:
    """Open a folder, a zip archive, or a single file as a tree; ``InputError`` if that is not possible."""
    try:
        if path.is_dir():
            yield Tree(str(path), tuple(sorted(_below(path))), lambda file: read_bytes(path / file, MOST_BYTES))
        elif path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                members = {_name(each): each for each in archive.infolist() if not each.is_dir()}
                yield Tree(str(path), tuple(sorted(members)), lambda file: _member(archive, members[file], path))
        else:
            yield Tree(str(path.parent), (path.name,), lambda _: read_bytes(path, MOST_BYTES))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{path}: cannot be read as a zip archive: {error}") from error
    except OSError as error:
        where = error.filename or path
        raise InputError(f"{where}: cannot be read: {error.strerror or error}") from error


def _below(folder: Path) -> Iterator[str]:
    """List the plain files below a folder, relative to it."""
    count = 0
    for place, folders, files in os.walk(folder, followlinks=False):
        depth = len(Path(place).relative_to(folder).parts)
        if depth >= DEEPEST:
            folders.clear()
        for file in files:
            here = Path(place, file)
            count += 1
            if count > MOST_FILES:
                raise InputError(f"{folder}: has more than {MOST_FILES:,} files")
            if not here.is_symlink():
                yield here.relative_to(folder).as_posix()


def _name(member: zipfile.ZipInfo) -> str:
    """Return the path of a file; macOS writes it in UTF-8 without the mark for that."""
    with suppress(UnicodeError):
        return member.filename.encode("cp437").decode()
    return member.filename


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> bytes:
    """Read a file of an archive, refusing one that is too large once unpacked."""
    with archive.open(member) as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise InputError(f"{path}/{member.filename}: is longer than {MOST_BYTES:,} bytes")
    return content


def parse_json(content: bytes, name: str, line: int = 1) -> Any:
    """Parse JSON in UTF-8 that begins at a line of the file ``name``; ``InputError`` names file and line."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        at = line + content.count(b"\n", 0, error.start)
        raise InputError(f"{name}:{at}: is not UTF-8: {error.reason}") from error
    except json.JSONDecodeError as error:
        raise InputError(f"{name}:{line + error.lineno - 1}: is no JSON: {error.msg}") from error
    except (RecursionError, ValueError) as error:
        raise InputError(f"{name}:{line}: is no JSON that can be read: {error}") from error


def as_object(found: Any, name: str) -> dict[str, Any]:
    """Return what should be a JSON object; ``InputError`` if it is something else."""
    if not isinstance(found, dict):
        raise InputError(f"{name}: an object is needed, as in {{...}}, not {_kind(found)}")
    return found


def as_objects(found: Any, name: str) -> Iterator[dict[str, Any]]:
    """Go through what should be a list of JSON objects; ``InputError`` if it is something else."""
    if not isinstance(found, list):
        raise InputError(f"{name}: a list is needed, as in [...], not {_kind(found)}")
    for number, each in enumerate(found, start=1):
        yield as_object(each, f"{name}: entry {number}")


def text_at(holder: Any, *keys: str) -> str:
    """Follow keys through objects to a text; empty where there is none."""
    for key in keys:
        holder = holder.get(key) if isinstance(holder, dict) else None
    return holder if isinstance(holder, str) else ""


def _kind(found: Any) -> str:
    """Name the kind of a JSON value."""
    kinds = {list: "a list", dict: "an object", str: "a text", type(None): "null", bool: "true or false"}
    return kinds.get(type(found), "a number")
