"""Levers and managers from outside in a sweep: their code lies in its folder, so that every worker has the same.

The hash of a file's text is part of what names a run, as in runs and comparisons. The text itself is kept with the
design: workers, also those on other machines, load it from there and never from the place where the user edits it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.errors import InputError
from sim.files import Damaged, inside, write_text
from sim.policies import added

FOLDER = "code"
MANAGERS = "managers "  # before the names of kinds of managers


def texts(bases: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Gather the files that scenarios need.

    Parameters
    ----------
    bases : Iterable[Mapping[str, Any]]
        Scenarios as data.

    Returns
    -------
    dict[str, str]
        Text by its SHA-256.

    Raises
    ------
    InputError
        If a file was changed since it was loaded.
    """
    found = {}
    for base in bases:
        for name, sha256 in _needed(base).items():
            file = _known()[name].file
            text = file.read_bytes()
            if hashlib.sha256(text).hexdigest() != sha256:
                raise InputError(f"--with {file}: was changed while it was read; start again")
            found[sha256] = text.decode()
    return found


def keep(folder: Path, code: Mapping[str, str]) -> None:
    """Put the files where workers find them.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.
    code : Mapping[str, str]
        From ``texts``.
    """
    for sha256, text in code.items():
        try:
            check(_place(folder, sha256))
        except (FileNotFoundError, Damaged):
            write_text(_place(folder, sha256), text)


def load(folder: Path, code: Mapping[str, str]) -> None:
    """Load what this process lacks; what another sweep has loaded under the same names is replaced.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.
    code : Mapping[str, str]
        From ``texts``.
    """
    known = _known()
    lacking = code.keys() - {each.sha256 for each in known.values()}
    if not lacking:
        return
    for name, each in known.items():
        if each.file.parent.name == FOLDER and each.sha256 not in code:
            (added.managers if name.startswith(MANAGERS) else added.levers).pop(name.removeprefix(MANAGERS))
    for sha256 in sorted(lacking):
        place = _place(folder, sha256).absolute()
        check(place)
        added.load(place)


def _place(folder: Path, sha256: str) -> Path:
    """Say where the code of a hash lies."""
    return inside(folder, f"{FOLDER}/{sha256}.py")


def check(place: Path) -> None:
    """Make sure that code is what its name says, before it is run.

    Parameters
    ----------
    place : Path
        A file that is named by the SHA-256 of its text.

    Raises
    ------
    Damaged
        If it is not.
    """
    if place.is_symlink() or hashlib.sha256(place.read_bytes()).hexdigest() != place.stem:
        raise Damaged(place, "it is not the code that the sweep was begun with; the same sweep writes it again")


def _known() -> dict[str, added.Added]:
    """List what has been added, by the names that ``code_of`` gives."""
    return added.levers | {f"{MANAGERS}{name}": known for name, known in added.managers.items()}


def _needed(base: Mapping[str, Any]) -> dict[str, str]:
    """Name what a scenario needs."""
    return added.code_of({lever["kind"] for lever in base.get("levers", [])}, base.get("managers", added.PLAIN))
