"""Results folders: Parquet tables and a JSON manifest, replaced as a whole and verified when read.

A new folder is prepared beside its destination, synced and renamed into place; only then is the previous one deleted.
After a failure (full disk, Ctrl-C, killed process) the previous results remain, or the next run or read restores them.
A table is one file or a directory of files. Directories are read lazily and may contain hard links to other folders.
"""

import fcntl
import json
import os
import platform
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import polars as pl

from sim.core.columns import WEEKLY_STATES
from sim.core.errors import ResultsError, nearest
from sim.files import storage as files
from sim.files.storage import Damaged
from sim.runs.provenance import provenance_facts
from sim.scenario.countries import YUAN, in_currency

FORMAT = 3  # increase it when older versions cannot read the new folders
MANIFEST = "manifest.json"
WORLD = "world"  # kind of a folder with one replicate of a simulated world
SWEEP, CONDITIONS = "sweep", "conditions.parquet"  # kind of the folder of a sweep, and its plan
WORLD_NAME = re.compile(r".+-r\d+-[0-9a-f]{12}")  # name of such a folder: scenario, replicate, start of the identity
SUMMARY = "summary.txt"
FIGURES = "figures"  # subfolder
RUN_AGAIN = "run the scenario again"
LIBRARIES = ("offhours", "mesa", "numba", "numpy", "polars")
_library_version = cache(version)  # reading a version takes a millisecond, and each stored world lists all

UNITS = {  # of columns that are not outcomes; other units follow from a column's name and type
    "world": "name",
    **dict.fromkeys(("replicate", "firm", "person"), "number"),
    "week": "weeks since day 0",
    "hour_of_week": "hours since Monday 0 h",
    "weeks": "weeks",
    **dict.fromkeys(("size", "n_people"), "people"),
    "segmentation": "0..1",
    **dict.fromkeys(("workload", "volume"), "multiple of the standard"),
    "activity": "sd",
    **dict.fromkeys(("in_scope", "under_rule", "burnt_out", "exhausted", "anxious"), "true or false"),
    **dict.fromkeys(("assignments_deferred", "assignments_lapsed"), "orders"),
    **dict.fromkeys(("sent", "received", "read", "answered", "buried", "cleared", "forgotten", "messages"), "messages"),
    **dict.fromkeys(("tasks_arrived", "tasks_done", "tasks_dropped", "tasks_late", "hand_offs"), "tasks"),
    **dict.fromkeys(("workdays", "absent_days", "long_days", "after_days", "burnt_out_days"), "days"),
    **{name: state.unit for name, state in WEEKLY_STATES.items()},
}


def unit_of(column: str, kind: pl.DataType) -> str:
    """Return the unit of a table's column, from ``UNITS`` or inferred from its name and type."""
    if isinstance(kind, pl.Datetime):
        return "local time"
    if column in UNITS:
        return UNITS[column]
    for part in ("minutes", "seconds", "yuan"):
        if f"_{part}" in column:
            return part
    if column.startswith(("sent_", "after_sent", "after_received", "after_requests", "after_acted")):
        return "messages"
    if isinstance(kind, pl.Boolean):
        return "true or false"
    if isinstance(kind, pl.String | pl.Categorical | pl.Enum):
        return "name"
    return "count" if kind.is_integer() else "1"


class Tables(dict[str, pl.DataFrame]):
    """Tables of a folder by name; a missing one raises ``ResultsError`` with the nearest name."""

    def __init__(self, tables: Mapping[str, pl.DataFrame], folder: Path, several: Sequence[str] = ()) -> None:
        super().__init__(tables)
        self.folder, self.several = folder, several  # tables in several files

    def __missing__(self, name: str) -> NoReturn:
        if name in self.several:
            raise ResultsError(f"{self.folder}: the table '{name}' is in several files: scan('{name}') reads it lazily")
        raise ResultsError(f"{self.folder} has no table '{name}'{nearest(str(name), (*self, *self.several))}")


class Results(NamedTuple):
    """Contents of a results folder."""

    folder: Path
    manifest: dict[str, Any]
    tables: dict[str, pl.DataFrame]  # single-file tables only

    @property
    def effects(self) -> pl.DataFrame:
        """Return the table of paired differences; raises ``ResultsError`` if there is none."""
        return self._table("effects")

    def _table(self, name: str) -> pl.DataFrame:
        several = [key for key, about in (self.manifest.get("tables") or {}).items() if "files" in about]
        return Tables(self.tables, self.folder, several)[name]

    def to_pandas(self, table: str = "effects") -> Any:
        """Return a table as a pandas data frame; raises ``ResultsError`` if the table, pandas or pyarrow is missing."""
        found = self._table(table)
        try:
            return found.to_pandas()
        except ModuleNotFoundError as error:
            raise ResultsError(
                "tables go to pandas by pyarrow, and one of the two is missing: `pip install 'pandas[parquet]'`"
            ) from error

    @property
    def summary(self) -> str:
        """Return what the command printed; empty if no summary was kept."""
        path = self.folder / SUMMARY
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""

    def __repr__(self) -> str:
        """Name the folder and its tables."""
        tables = ", ".join(f"{name} ({table.height:,} × {table.width})" for name, table in self.tables.items())
        here = Path.cwd()
        folder = self.folder.relative_to(here) if self.folder.is_relative_to(here) else self.folder
        return f"Results of the kind '{self.manifest.get('kind')}' in {folder}: {tables}"

    def _repr_html_(self) -> str:
        """Show the summary and the tables in a notebook."""
        rows = "".join(
            f"<tr><td>{escape(name)}</td><td>{table.height:,}</td><td>{escape(', '.join(table.columns))}</td></tr>"
            for name, table in self.tables.items()
        )
        head = "<tr><th>table</th><th>rows</th><th>columns</th></tr>"
        tables = (
            f"<details><summary>Tables of {escape(self.folder.name)}</summary><table>{head}{rows}</table></details>"
        )
        return f"<pre>{escape(self.summary.rstrip())}</pre>{tables}"

    def scan(self, name: str) -> pl.LazyFrame:
        """Scan a table lazily; a table of several worlds starts with the column ``world``, taken from its directories.

        Raises ``ResultsError`` if the table is missing or damaged; checksums of all its files are verified first.
        """
        about = self.manifest.get("tables", {}).get(name)
        if name in self.tables or not about:
            return self._table(name).lazy()
        with files.advising(RUN_AGAIN):
            for piece in about["files"]:
                check_file(self.folder, piece, True)
        return scan_table(self.folder, about)


@contextmanager
def replacing(folder: Path, once: bool = False) -> Iterator[Path]:
    """Yield a draft folder, and replace ``folder`` with it if the block succeeds.

    The draft must contain a manifest at the end. If writing fails, or if ``folder`` is a link, a file or not a results
    folder, ``ResultsError`` is raised and the earlier results stay. With ``once``, results that exist by then stay,
    because another process has made the same ones and may be reading them.
    """
    folder = folder.absolute()
    draft = folder.with_name(files.draft_name())
    try:
        with files.writing(folder, "; earlier results are as they were"):
            folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            _finish_interrupted(folder)
            _check_replaceable(folder)
            draft.mkdir(mode=0o755)
            yield draft
            for place, _, names in os.walk(draft):
                for name in (*names, "."):
                    files.sync(Path(place) / name)
            _swap(draft, folder, once)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _check_replaceable(folder: Path) -> None:
    """Raise ``ResultsError`` if ``folder`` exists and is not a results folder (an empty folder is accepted)."""
    if folder.is_symlink():
        raise ResultsError(f"{folder} is a link; name the folder that it points to")
    if folder.exists() and not folder.is_dir():
        raise ResultsError(f"{folder} is a file; a folder is needed there")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise ResultsError(f"{folder} holds something else than results and is not replaced; choose another place")


def _swap(draft: Path, folder: Path, once: bool) -> None:
    """Move a finished draft into place, keeping the old folder aside until the new one is there."""
    before = folder.with_name(f".{folder.name}.before")
    with _locked(folder.parent):
        _restore(before, folder)
        if once and (folder / MANIFEST).is_file():
            return
        try:
            if folder.exists():
                os.replace(folder, before)
            os.replace(draft, folder)
            files.sync(folder.parent)
        except BaseException:  # including Ctrl-C between the two
            if folder.exists() and not draft.exists():
                os.replace(folder, draft)
            _restore(before, folder)
            raise
        shutil.rmtree(before, ignore_errors=True)


def _restore(before: Path, folder: Path) -> None:
    """Restore an old folder that an interrupted swap left aside, or delete it if the new one is in place."""
    if before.exists() and not folder.exists():
        os.replace(before, folder)
    elif before.exists():
        shutil.rmtree(before, ignore_errors=True)


@contextmanager
def _locked(parent: Path) -> Iterator[None]:
    """Hold an exclusive lock on a directory, so that only one process at a time swaps folders in it."""
    handle = os.open(parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _finish_interrupted(folder: Path) -> None:
    """Complete or undo an interrupted swap, and delete drafts of processes that no longer run."""
    with _locked(folder.parent):
        _restore(folder.with_name(f".{folder.name}.before"), folder)
    files.drop_drafts(folder.parent)


def write_piece(draft: Path, name: str, number: int, rows: pl.DataFrame) -> dict[str, Any]:
    """Write one file of a directory table into a draft, and return its description for ``write``."""
    place = Path(name) / f"{number:04}.parquet"
    about = _write_table(draft / place, rows)
    return about | {"file": str(place), "bytes": (draft / place).stat().st_size}


def link_table(
    draft: Path, name: str, world: str, pieces: Iterable[tuple[Path, Mapping[str, Any]]], currency: str = YUAN
) -> list[dict[str, Any]]:
    """Hard-link files of other folders into a directory table, and return their descriptions for ``write``.

    ``pieces`` pairs each file with its entry in its own manifest. The directory ``world=...`` becomes a column when the
    table is read. Files are copied where hard links are impossible. They are rewritten with other column names if the
    currency differs, because stored worlds have amounts without a currency.
    """
    found = []
    for number, (source, about) in enumerate(pieces):
        place = Path(name) / f"world={world}" / f"{number:04}.parquet"
        if currency != YUAN:
            rows = _write_table(draft / place, pl.scan_parquet(source, glob=False), currency)
            found.append(rows | {"file": str(place), "bytes": (draft / place).stat().st_size})
            continue
        link_or_copy(source, draft / place)
        found.append({**about, "file": str(place)})
    return found


def link_or_copy(source: Path, target: Path) -> None:
    """Hard-link a file to another place, or copy it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        with source.open("rb") as file:
            files.write(target, partial(shutil.copyfileobj, file))


def scan_table(folder: Path, about: Mapping[str, Any]) -> pl.LazyFrame:
    """Scan a directory table, given its manifest entry; ``world`` comes first if the directories name it."""
    files: dict[str, list[Path]] = {}
    for piece in about["files"]:
        path = folder / piece["file"]
        files.setdefault(path.parent.name.removeprefix("world="), []).append(path)
    if "world" not in about["columns"]:
        return pl.concat([pl.scan_parquet(paths, glob=False) for paths in files.values()])
    return pl.concat(
        pl.scan_parquet(paths, glob=False, hive_partitioning=False).select(
            pl.lit(world).cast(pl.Categorical).alias("world"), pl.all()
        )
        for world, paths in files.items()
    )


def write(
    draft: Path,
    tables: Mapping[str, pl.DataFrame | pl.LazyFrame],
    facts: Mapping[str, Any],
    folders: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> dict[str, Any]:
    """Write tables and their manifest into a draft folder, which is created if missing, and return the manifest.

    Nothing is synced yet; ``replacing`` syncs the whole folder at once. Lazy tables are streamed to disk. ``folders``
    describes the files of directory tables, as returned by ``write_piece`` or ``link_table``. The manifest adds to
    ``facts`` the command, commit, versions and platform and, for each table, its file, number of rows, checksum, and
    columns with type and unit.
    """
    currency = country_of(facts).get("currency", YUAN)
    manifest = {
        "format": FORMAT,
        **facts,
        **provenance_facts(),
        "versions": versions(),
        "platform": {"system": platform.platform(), "machine": platform.machine(), "processors": os.cpu_count()},
        "tables": {name: _write_table(draft / f"{name}.parquet", table, currency) for name, table in tables.items()}
        | {name: _directory_entry(files) for name, files in (folders or {}).items()},
    }
    return files.write_json(draft / MANIFEST, manifest, partial(json.dumps, indent=2, ensure_ascii=False), False)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries on which results may depend."""
    return {"python": platform.python_version()} | {name: _library_version(name) for name in LIBRARIES}


def _directory_entry(files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Build the manifest entry of a directory table; a ``world=...`` directory counts as a column."""
    columns = dict(files[0]["columns"])
    if "/world=" in files[0]["file"]:
        columns = {"world": {"type": "Categorical", "unit": UNITS["world"]}} | columns
    kept = [{key: piece[key] for key in ("file", "rows", "bytes", "sha256")} for piece in files]
    return {"files": kept, "rows": sum(piece["rows"] for piece in kept), "columns": columns}


def country_of(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the country of a study's scenarios, with its ``hours``; empty if the manifest has none."""
    resolved = manifest.get("resolved")
    tables = [resolved, *resolved.values()] if isinstance(resolved, Mapping) else []
    for each in tables:
        country = each.get("country") if isinstance(each, Mapping) else None
        if isinstance(country, Mapping) and "currency" in country:
            return {"hours": each.get("population", {}).get("hours", {}), **country}
    return {}


def _write_table(path: Path, table: pl.DataFrame | pl.LazyFrame, currency: str = YUAN) -> dict[str, Any]:
    """Write one table with units in its Parquet metadata, amounts in a currency; return its manifest entry."""
    units = {
        in_currency(name, currency): unit_of(name, kind).replace(YUAN, currency)
        for name, kind in table.collect_schema().items()
    }
    table = table.rename(lambda name: in_currency(name, currency))
    schema = table.collect_schema()
    if currency != YUAN and schema.get("unit") == pl.String:
        table = table.with_columns(pl.col("unit").str.replace(YUAN, currency, literal=True))
    seal = files.write_table(path, table, {"units": json.dumps(units), "format": str(FORMAT)}, lasting=False)
    if isinstance(table, pl.DataFrame):
        rows = table.height
    else:
        rows = int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    columns = {name: {"type": str(kind), "unit": units[name]} for name, kind in schema.items()}
    return {"file": path.name, "rows": rows, "sha256": seal, "columns": columns}


def read(folder: str | Path, whole: bool = False) -> Results:
    """Read a results folder and verify it against its manifest, after undoing any interrupted replacement.

    Directory tables are checked for presence and size only, unless ``whole`` is true. Raises ``Damaged`` for a damaged
    file, ``ResultsError`` for a missing file, another format or a folder without manifest.
    """
    folder = Path(folder).absolute()
    with suppress(OSError):  # without write access, nothing is undone
        _finish_interrupted(folder)
    manifest = read_manifest(folder)
    with files.advising(RUN_AGAIN):
        try:
            listed = {str(name): dict(about) for name, about in manifest["tables"].items()}
            tables = {name: _read_table(folder, about) for name, about in listed.items() if "files" not in about}
            for about in listed.values():
                for piece in about.get("files", ()):
                    check_file(folder, piece, whole)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Damaged(folder / MANIFEST, "its list of tables makes no sense") from error
    several = [name for name, about in listed.items() if "files" in about]
    return Results(folder, manifest, Tables(tables, folder, several))


def missing_folder(folder: Path, lacking: str, fits: Callable[[Path], bool] = lambda _: True) -> ResultsError:
    """Make the error for a folder that lacks something, or does not exist.

    It names folders of results inside or beside it that ``fits`` accepts.
    """
    inside = folder.is_dir()
    found = [path.parent for path in (folder if inside else folder.parent).glob(f"[!.]*/{MANIFEST}")]  # no drafts
    names = [path.name for path in found if fits(path)]
    text = lacking if inside else f"there is no folder {folder}"
    return ResultsError(text + nearest(folder.name, names))


def is_sweep(folder: Path) -> bool:
    """Check whether the manifest of a folder is that of a sweep."""
    try:
        return bool(files.read_json(folder / MANIFEST).get("kind") == SWEEP)
    except (OSError, Damaged):
        return False


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a manifest; raises ``ResultsError`` if it is missing or of another format, ``Damaged`` if it is corrupt."""
    path = folder / MANIFEST
    try:
        with files.advising(RUN_AGAIN):
            manifest = files.read_json(path)
    except FileNotFoundError as error:
        raise missing_folder(folder, f"{folder} is no results folder: it has no {MANIFEST}") from error
    except NotADirectoryError as error:
        raise ResultsError(f"{folder} cannot be read: {error.strerror}") from error
    except OSError as error:
        raise ResultsError(f"{path} cannot be read: {error.strerror}") from error
    if manifest.get("kind") == SWEEP:
        raise ResultsError(f"{folder} is the folder of a sweep, which is not taken here")
    if manifest.get("format") != FORMAT:
        raise ResultsError(
            f"{folder} has format {manifest.get('format')}, and this version reads {FORMAT}; {RUN_AGAIN}"
        )
    return ManifestEntries(manifest, path)


class ManifestEntries(dict[str, Any]):
    """Entries of a manifest or a part of one; a missing entry raises a ``ResultsError`` that names it."""

    def __init__(self, content: Mapping[str, Any], path: Path, above: str = "") -> None:
        super().__init__({key: _as_entries(value, path, f"{above}{key}.") for key, value in content.items()})
        self.path, self.above = path, above

    def __missing__(self, key: str) -> NoReturn:
        raise ResultsError(f"{self.path} lacks the entry '{self.above}{key}'; {RUN_AGAIN}")


def _as_entries(value: Any, path: Path, above: str) -> Any:
    if isinstance(value, list):
        return [_as_entries(each, path, above) for each in value]
    return ManifestEntries(value, path, above) if isinstance(value, dict) else value


def _read_table(folder: Path, about: Mapping[str, Any]) -> pl.DataFrame:
    """Read one single-file table and compare its checksum, rows and columns with the manifest."""
    path = files.inside(folder, str(about["file"]))
    with _readable(path):
        table = files.read_table(path, about["sha256"])
    if table.height != about["rows"] or table.columns != list(about["columns"]):
        raise Damaged(path, "its rows or columns differ from the manifest's")
    return table


def check_file(folder: Path, about: Mapping[str, Any], whole: bool) -> None:
    """Check that a file listed in a manifest exists and has its size and, if ``whole``, its checksum.

    Raises ``Damaged`` if it differs, and ``ResultsError`` if it is missing or unreadable.
    """
    path = files.inside(folder, str(about["file"]))
    with _readable(path):
        if "bytes" in about and path.stat().st_size != about["bytes"]:
            raise Damaged(path, "its size differs from the manifest's")
        if whole:
            files.checked(path, about["sha256"])


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Raise ``ResultsError`` if a file listed in a manifest is missing or unreadable."""
    try:
        yield
    except FileNotFoundError as error:
        raise ResultsError(f"{path} is missing; {RUN_AGAIN}") from error
    except OSError as error:
        raise ResultsError(f"{path} cannot be read: {error.strerror}") from error
