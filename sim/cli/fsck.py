"""Integrity check of stored files, and deletion of damaged files that can be made again.

Files from elsewhere carry no checksum and are only counted. Repairs delete only files that the same command recreates:
never a link, and never a file whose name or place is not one that the package uses.
"""

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from shutil import rmtree
from typing import NamedTuple

import polars as pl

from sim.core.errors import InputError, ResultsError, misspelt
from sim.files import storage as files
from sim.files.shipped import CALIBRATION
from sim.files.storage import Damaged
from sim.runs import results as store
from sim.scenario.parameter_draws import PREFIX

ROWS = "shards"  # folder of a sweep, as in sim.sweeps.folder
AGAIN = "the same sweep makes it anew"
HASHED = re.compile(r".+-[0-9a-f]{12}")  # folders named by a hash of their content
EVALUATION = re.compile(r"wave-\d+/(\d{5}|design)\.json")
CARD = re.compile(rf"({PREFIX}|campaigns_)\w+\.json")


class CheckedFile(NamedTuple):
    """A stored file, or a folder replaced as a whole, with its state."""

    path: Path
    reason: str = ""  # why it is damaged; empty if intact
    cure: str = ""
    mend: Callable[[], object] | None = None
    sealed: bool = True  # whether it carries a checksum


def check_files(place: Path) -> Iterator[CheckedFile]:
    """Check everything stored at a place, and yield each file, intact or damaged.

    The place is a folder of results, of a sweep, of worlds or of a campaign, a parent of such folders, or a file of
    draws. Raises ``InputError`` if it does not exist.
    """
    if not place.exists():
        raise InputError(f"{place}: no such file or folder{misspelt(place)}")
    if place.is_file():
        yield from _unlisted(place)
        return
    for here, inner, names in os.walk(place):
        path = Path(here)
        inner.sort()
        if store.is_sweep(path) or (store.CONDITIONS in names and ROWS in inner):  # a search has such a table, too
            inner.clear()
            yield from _sweep(path)
        elif store.MANIFEST in names:
            inner.clear()
            yield from _results(path)
        else:
            inner[:] = [name for name in inner if name[0] != "."]
            for name in sorted(names):
                yield from _unlisted(path / name)


def _check(path: Path, look: Callable[[], object], cure: str, mend: Callable[[], object] | None = None) -> CheckedFile:
    """Run a check and turn its error into a ``CheckedFile``; damage behind a link is never repaired."""
    try:
        look()
    except Damaged as error:
        linked = error.path.is_symlink()
        return CheckedFile(path, error.reason.split(";")[0], "put what it points to there" if linked else cure,
                    None if linked else mend)  # fmt: skip
    except OSError as error:
        return CheckedFile(path, str(error.strerror), cure, mend if isinstance(error, FileNotFoundError) else None)
    except ResultsError as error:
        return CheckedFile(path, str(error).split(";", maxsplit=1)[0].removeprefix(f"{path} "), cure, mend)
    return CheckedFile(path)


def _results(path: Path) -> Iterator[CheckedFile]:
    """Check a results folder, or a stored world."""
    named = store.WORLD_NAME.fullmatch(path.name)
    cure, mend = ("it is simulated anew", partial(_remove_world, path)) if named else (store.RUN_AGAIN, None)
    about = _check(path / store.MANIFEST, partial(store.read_manifest, path), cure, mend)
    yield about
    if about.reason:
        return
    manifest = store.read_manifest(path)
    mend = mend if manifest.get("kind") == store.WORLD else None
    for table in manifest.get("tables", {}).values():
        for piece in table.get("files", [table]):
            look = partial(store.check_file, path, piece, True)
            yield _check(path / piece["file"], look, cure, mend)


def _remove_world(path: Path) -> None:
    """Remove a stored world, of which several files may be damaged."""
    if path.exists():
        rmtree(path)


def _sweep(path: Path) -> Iterator[CheckedFile]:
    """Check the folder of a sweep."""
    from sim.sweeps import folder, plugins  # these load scipy, which results do not need
    from sim.sweeps.effects import EFFECTS, RESPONSES

    def anew(name: str, look: Callable[[Path], object]) -> CheckedFile:
        return _check(path / name, partial(look, path / name), AGAIN, partial((path / name).unlink, missing_ok=True))

    about = anew(store.MANIFEST, files.read_json)
    yield about if HASHED.fullmatch(path.name) else about._replace(cure="delete the folder and begin anew", mend=None)
    manifest = {} if about.reason else files.read_json(path / store.MANIFEST)
    names = manifest.get("format") == folder.FORMAT  # files with rows of earlier versions do not name their sweep
    draws = [folder.DRAWS] if (manifest.get("parameters") or {}).get("draws") else []
    made = [name for name in (EFFECTS, RESPONSES) if os.path.lexists(path / name)]
    for name in (store.CONDITIONS, *draws, *made):
        yield anew(name, files.checked)
    for code in sorted((path / plugins.FOLDER).glob("*.py")):
        yield anew(f"{plugins.FOLDER}/{code.name}", plugins.check_copy)
    listed = _check(path / folder.SHARDS, partial(folder.row_files, path), AGAIN)
    if listed.reason:  # a link
        yield listed
        return
    for name in chain(*folder.row_files(path)):
        file, mend = path / name, partial(_remove, path, name)
        look = partial(folder.check_rows, file, manifest.get("identity")) if names else partial(files.checked, file)
        yield _check(file, look, "the same sweep does its runs again", mend)


def _remove(path: Path, name: str) -> None:
    """Remove a file with rows from a sweep."""
    from sim.sweeps import folder

    with folder.locked(path), folder.locked(path, "compaction"):
        (path / name).unlink(missing_ok=True)


def _unlisted(path: Path) -> Iterator[CheckedFile]:
    """Check a file that no manifest lists."""
    if path.name[0] == ".":
        return
    if EVALUATION.fullmatch("/".join(path.parts[-2:])):
        yield _check(path, partial(files.read_json, path), "it is simulated again", path.unlink)
    elif CARD.fullmatch(path.name):
        yield _check(path, partial(files.read_json, path), "ship the calibration again")
    elif path.suffix == ".parquet":
        ours = path.resolve().is_relative_to(CALIBRATION)
        yield _check(path, partial(_verify, path, ours), "calibrate again, or take it from where it came")._replace(
            sealed=ours or files.seal_of(path.resolve()) is not None
        )


def _verify(path: Path, ours: bool) -> None:
    """Verify a table by its checksum; a table from elsewhere without one is only read."""
    if ours or files.seal_of(path.resolve()):
        files.checked(path.resolve())
        return
    try:
        pl.read_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise Damaged(path, "it is no Parquet file") from error
