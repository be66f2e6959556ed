"""Copies of plug-in files (levers, managers) in the folder of a sweep, so that all workers run the same code.

The hash of a file's text is part of the name of a run, as in runs and comparisons. Workers, including those on other
machines, load the copy and never the file that the user may be editing.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.core.errors import InputError
from sim.files.storage import Damaged, inside, write_text
from sim.levers import plugins as added

FOLDER = "code"


def plugin_texts(bases: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Collect the text of plug-in files by SHA-256; raises ``InputError`` for one that changed or is not UTF-8."""
    found = {}
    for base in bases:
        needed = added.code_of({lever["kind"] for lever in base.get("levers", [])}, base.get("managers", added.PLAIN))
        for name, sha256 in needed.items():
            file = added.known()[name].file
            text = file.read_bytes()
            if hashlib.sha256(text).hexdigest() != sha256:
                raise InputError(f"{file}: was changed while it was read; start again")
            try:
                found[sha256] = text.decode()
            except UnicodeDecodeError as error:
                raise InputError(f"{file}: is not text in UTF-8") from error
    return found


def store_copies(folder: Path, code: Mapping[str, str]) -> None:
    """Write plug-in files into the folder of a sweep, unless they are there undamaged."""
    for sha256, text in code.items():
        try:
            check_copy(_place(folder, sha256))
        except Damaged:
            write_text(_place(folder, sha256), text)


def load(folder: Path, code: Mapping[str, str]) -> None:
    """Load the plug-ins that this process lacks. Plug-ins of the same names from another sweep are replaced."""
    known = added.known()
    lacking = code.keys() - {each.sha256 for each in known.values()}
    if not lacking:
        return
    for name, each in known.items():
        if each.file.parent.name == FOLDER and each.sha256 not in code:
            (added.managers if name.startswith(added.MANAGERS) else added.levers).pop(name.removeprefix(added.MANAGERS))
    for sha256 in sorted(lacking):
        place = _place(folder, sha256).absolute()
        check_copy(place)
        added.load(place)


def _place(folder: Path, sha256: str) -> Path:
    return inside(folder, f"{FOLDER}/{sha256}.py")


def check_copy(place: Path) -> None:
    """Raise ``Damaged`` unless a copy is a file with the hash in its name; call it before executing the copy."""
    if place.is_symlink() or not place.is_file() or hashlib.sha256(place.read_bytes()).hexdigest() != place.stem:
        raise Damaged(place, "it is not the code that the sweep was begun with; the same sweep writes it again")
