"""The folder of a sweep: what was planned, what is done, and how both are read.

``manifest.json`` and ``conditions.parquet`` say what is to be run. ``shards/`` holds a file for each chunk of runs that
was done, ``runs/`` the files that many shards were put together in; ``runs/current.json`` says which of these count,
and which shards are in them. A run is done if there is a row of it, whatever happened to the processes.
"""

import contextlib
import fcntl
import json
import os
import re
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from sim.errors import ResultsError
from sim.files import Damaged, advising, checked, read_json, read_table, write_json, write_table
from sim.store import MANIFEST
from sim.sweeps import adding
from sim.sweeps.conditions import Plan, run_name
from sim.sweeps.design import Limits
from sim.uncertainty import Draws, parameters_line, stated

FORMAT = 3
KIND = "sweep"
CONDITIONS, SHARDS, PARTS = "conditions.parquet", "shards", "runs"
DRAWS = "draws.parquet"
CURRENT = "current.json"
SHARD = re.compile(rf"{SHARDS}/[0-9a-f]{{2}}/[0-9a-f]{{24}}\.parquet")  # names of the only files with rows
PART = re.compile(rf"{PARTS}/[0-9a-f]{{24}}\.parquet")
VOLATILE = ("seconds", "round")  # columns that say how a row came about, and not what it says
FACTS: dict[str, Any] = {
    "run": pl.String, "condition": pl.Int32, "replicate": pl.Int32, "round": pl.Int32, "scenario": pl.String,
    "reference": pl.Int32, "is_reference": pl.Boolean, "point": pl.Int32,
}  # fmt: skip
ENDS: dict[str, Any] = {
    "error": pl.String, "reason": pl.String, "traceback": pl.String, "seconds": pl.Float64, "people": pl.Int32,
    "firms": pl.Int32, "weeks": pl.Int32,
}  # fmt: skip
SAVED = ("name", "titles", "engine", "method", "version", "identity", "bases", "lenses", "axes", "values", "code")
ADVICE = "`offhours fsck --mend` of the folder removes what the same sweep makes anew"
AGAIN = 5  # times that a reading is tried while files are put together


class Sweep(NamedTuple):
    """A sweep as it lies on disk."""

    folder: Path
    plan: Plan
    replicates: int
    limits: Limits
    manifest: Mapping[str, Any]

    @property
    def schema(self) -> dict[str, Any]:
        """Columns of rows with their types: facts, axes, what happened, and outcomes."""
        kinds = self.plan.conditions.schema
        axes = {axis["column"]: kinds[axis["column"]] for axis in self.plan.axes}
        return FACTS | axes | ENDS | dict.fromkeys(self.plan.values, pl.Float64)

    @property
    def parameters(self) -> list[str]:
        """Which parameters are used, in a line; none where nothing is simulated."""
        return (
            [parameters_line(self.manifest["parameters"] or {}, self.replicates)] if self.plan.engine == "model" else []
        )

    @property
    def size(self) -> int:
        """Runs that are planned."""
        return self.plan.conditions.height * self.replicates


def folder_of(plan: Plan, out: Path) -> Path:
    """Choose the folder of a sweep: another design or version of the code has another one.

    Parameters
    ----------
    plan : Plan
        The plan.
    out : Path
        Where folders of sweeps are.

    Returns
    -------
    Path
        Named by the design and by its identity.
    """
    return out / f"{plan.name}-{plan.identity[:12]}"


def create(folder: Path, plan: Plan, replicates: int, limits: Limits) -> Sweep:
    """Make the folder of a sweep, or open it if it is there; replicates may be added.

    Parameters
    ----------
    folder : Path
        The folder.
    plan : Plan
        What is to be run.
    replicates : int
        Runs of each condition.
    limits : Limits
        When a run is given up.

    Returns
    -------
    Sweep
        The sweep, with as many replicates as are asked for.

    Raises
    ------
    ResultsError
        If the folder holds another sweep or something else, or cannot be written.
    """
    try:
        there = _manifest(folder) if (folder / MANIFEST).is_file() else None
        if not there and folder.is_dir() and _holds_others(folder, plan):
            raise ResultsError(f"{folder} holds something else than a sweep; choose another place")
        if there and there["identity"] != plan.identity:
            raise ResultsError(
                f"{folder} holds another design or was begun with another version of the code; its rows are not "
                "mixed with these: choose another folder"
            )
        _lay_out(folder, plan)
        most = max(replicates, there["replicates"] if there else 0)
        about = stated(plan.draws) if plan.engine == "model" else None
        saved = {key: getattr(plan, key) for key in SAVED}
        manifest = {
            "format": FORMAT, "kind": KIND, **saved, "parameters": about, "replicates": most,
            "limits": limits.model_dump(), "written": datetime.now(UTC).isoformat(timespec="seconds"),
        }  # fmt: skip
        if not there or (there["replicates"], there["limits"]) != (most, manifest["limits"]):
            write_json(folder / MANIFEST, manifest, partial(json.dumps, indent=1, ensure_ascii=False))
    except OSError as error:
        raise ResultsError(f"cannot write {folder}: {error.strerror or error}") from error
    return open_sweep(folder)._replace(replicates=replicates)


def _lay_out(folder: Path, plan: Plan) -> None:
    """Write what is to be run, unless it is there whole."""
    tables = {CONDITIONS: plan.conditions} | ({DRAWS: pl.DataFrame(plan.draws.rows)} if plan.draws else {})
    for name, table in tables.items():
        try:
            checked(folder / name)
        except (FileNotFoundError, Damaged):
            write_table(folder / name, table)
    adding.keep(folder, plan.code)


def _holds_others(folder: Path, plan: Plan) -> bool:
    """Tell whether there is something in a folder without manifest that this sweep has not left there."""
    ours = (CONDITIONS, DRAWS, adding.FOLDER)
    if folder.name == folder_of(plan, folder.parent).name and (folder / SHARDS).is_dir():
        return False  # a sweep whose manifest was damaged
    return any(path.name not in ours and path.name[0] != "." for path in folder.iterdir())


def is_sweep(folder: Path) -> bool:
    """Tell whether a folder is that of a sweep.

    Parameters
    ----------
    folder : Path
        Any folder.

    Returns
    -------
    bool
        Whether its manifest says so.
    """
    try:
        return bool(read_json(folder / MANIFEST).get("kind") == KIND)
    except (OSError, Damaged):
        return False


def open_sweep(folder: Path) -> Sweep:
    """Open the folder of a sweep.

    Parameters
    ----------
    folder : Path
        The folder.

    Returns
    -------
    Sweep
        The sweep, with all its replicates.

    Raises
    ------
    ResultsError
        If it is none, or was written by another format.
    Damaged
        If it is damaged.
    """
    try:
        manifest = _manifest(folder)
        about = manifest["parameters"]
        with advising(ADVICE):
            conditions = read_table(folder / CONDITIONS)
            rows = tuple(read_table(folder / DRAWS).to_dicts()) if about and about["draws"] else ()
        draws = Draws(about["name"], rows) if rows else None
        plan = Plan(**{key: manifest[key] for key in SAVED}, conditions=conditions, draws=draws)
        return Sweep(folder, plan, manifest["replicates"], Limits(**manifest["limits"]), manifest)
    except FileNotFoundError as error:
        raise ResultsError(f"{folder} is no folder of a sweep: it has no {Path(error.filename or '').name}") from error
    except OSError as error:
        raise ResultsError(f"{folder} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(folder / MANIFEST, str(error).splitlines()[0]) from error


def _manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a sweep."""
    with advising(ADVICE):
        manifest = read_json(folder / MANIFEST)
    if manifest.get("kind") != KIND:
        raise ResultsError(f"{folder} is no folder of a sweep: it holds a {manifest.get('kind', 'run')}")
    if manifest.get("format") != FORMAT:
        raise ResultsError(f"{folder} has format {manifest.get('format')}, and this version reads {FORMAT}")
    return manifest


@lru_cache(maxsize=8)
def opened(folder: str) -> Sweep:
    """Open the folder of a sweep once in each worker.

    Parameters
    ----------
    folder : str
        The folder.

    Returns
    -------
    Sweep
        The sweep.
    """
    return open_sweep(Path(folder))


@contextlib.contextmanager
def locked(folder: Path, name: str = "driver", wait: float = 0.0) -> Iterator[None]:
    """Let one driver at a time work in a folder, or in a share of it.

    Parameters
    ----------
    folder : Path
        The folder.
    name : str
        Of the lock.
    wait : float
        Seconds to wait for another one.

    Yields
    ------
    None
        Nothing.

    Raises
    ------
    ResultsError
        If another one does.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / f".{name}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise ResultsError(f"cannot write {folder}: {error.strerror or error}") from error
    try:
        until = time.monotonic() + wait
        while not _free(handle):
            if time.monotonic() >= until:
                raise ResultsError(f"{folder}: another `offhours sweep` is at work here; wait for it or stop it")
            time.sleep(0.1)
        with contextlib.suppress(OSError):  # it is held, whether it says by whom or not
            os.ftruncate(handle, 0)
            os.write(handle, f"{socket.gethostname()} {os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def _free(handle: int) -> bool:
    """Take a lock, unless another one has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Listing(NamedTuple):
    """Files with rows that count."""

    parts: tuple[str, ...]
    shards: tuple[str, ...]
    merged: tuple[str, ...]  # shards that are in the parts


def listing(folder: Path) -> Listing:
    """List the files with rows.

    Parameters
    ----------
    folder : Path
        Folder of a sweep.

    Returns
    -------
    Listing
        Paths below the folder.
    """
    shards = sorted(name for name in names(folder, f"{SHARDS}/*/*.parquet") if SHARD.fullmatch(name))
    current = current_of(folder)  # read after the listing: what was put together meanwhile is in there
    merged = set(current["merged"])
    return Listing(tuple(current["parts"]), tuple(path for path in shards if path not in merged), tuple(sorted(merged)))


def current_of(folder: Path) -> dict[str, list[str]]:
    """Read which files many shards were put together in.

    Parameters
    ----------
    folder : Path
        Folder of a sweep.

    Returns
    -------
    dict[str, list[str]]
        ``parts`` and ``merged``, paths below the folder.

    Raises
    ------
    Damaged
        If it is damaged, or the files lie elsewhere.
    """
    for place in (folder / SHARDS, folder / PARTS, *(folder / SHARDS).glob("*")):
        if place.is_symlink():
            raise Damaged(place, "it is a link")
    try:
        with advising(ADVICE):
            found = read_json(folder / PARTS / CURRENT)
    except FileNotFoundError:  # parts without it hold nothing that is not true: a row that comes twice counts once
        return {"parts": sorted(name for name in names(folder, f"{PARTS}/*") if PART.fullmatch(name)), "merged": []}
    for key, form in (("parts", PART), ("merged", SHARD)):
        given = found.get(key)
        if not isinstance(given, list) or not all(isinstance(name, str) and form.fullmatch(name) for name in given):
            raise Damaged(folder / PARTS / CURRENT, f"it names files that are none of a sweep; {ADVICE}")
    return found


def names(folder: Path, pattern: str) -> list[str]:
    """List files of a sweep as other files of it name them.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.
    pattern : str
        Of paths below it.

    Returns
    -------
    list[str]
        Paths below the folder.
    """
    return [path.relative_to(folder).as_posix() for path in folder.glob(pattern)]


def scan(sweep: Sweep, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Read the rows that count, each run once: what was tried again replaces the first try.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    columns : Sequence[str] | None
        What to read; by default all.

    Returns
    -------
    pl.DataFrame
        Sorted by condition and replicate.

    Raises
    ------
    ResultsError
        If a file is damaged.
    """
    wanted = list(columns or sweep.schema)
    keys = ["condition", "replicate", "round"]
    for _ in range(AGAIN):
        found = listing(sweep.folder)
        files = [sweep.folder / path for path in (*found.parts, *found.shards)]
        try:
            return latest(read_files(files, [*dict.fromkeys([*keys, *wanted])], sweep.schema)).select(wanted)
        except FileNotFoundError:
            continue
        except pl.exceptions.PolarsError as error:
            raise ResultsError(f"a file in {sweep.folder} is damaged: {str(error).splitlines()[0]}") from error
    raise ResultsError(f"a file of {sweep.folder} that should be there is missing")


def latest(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the last try of each run.

    Parameters
    ----------
    rows : pl.DataFrame
        Rows with condition, replicate and round.

    Returns
    -------
    pl.DataFrame
        Each run once, sorted by condition and replicate.
    """
    ordered = rows.sort("condition", "replicate", "round", maintain_order=True)
    return ordered.unique(["condition", "replicate"], keep="last", maintain_order=True)


def read_files(files: Sequence[Path], columns: Sequence[str], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Read columns of some files with rows.

    Parameters
    ----------
    files : Sequence[Path]
        Parquet files of one schema.
    columns : Sequence[str]
        What to read.
    schema : Mapping[str, Any]
        Their columns, for the case of no file.

    Returns
    -------
    pl.DataFrame
        Their rows.
    """
    if not files:
        return pl.DataFrame(schema={name: schema[name] for name in columns})
    return scanned(files).select(columns).collect()


def scanned(files: Sequence[Path]) -> pl.LazyFrame:
    """Look at files with rows, which are as they were written.

    Parameters
    ----------
    files : Sequence[Path]
        Parquet files of one schema.

    Returns
    -------
    pl.LazyFrame
        Their rows, not read yet; a damaged file comes up as such.

    """
    with advising(ADVICE):
        for file in files:
            checked(file)
    return pl.scan_parquet(list(files), glob=False)


def planned_runs(sweep: Sweep, share: tuple[int, int] = (1, 1)) -> pl.DataFrame:
    """List all runs in the order in which they are done.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    share : tuple[int, int]
        Which share of how many: (2, 3) takes every third run, from the second on.

    Returns
    -------
    pl.DataFrame
        condition and replicate.
    """
    order = sweep.plan.conditions.sort("content").select("condition")
    replicates = pl.DataFrame({"replicate": range(sweep.replicates)}, schema={"replicate": pl.Int32})
    runs = replicates.join(order, how="cross", maintain_order="left_right").select("condition", "replicate")
    number, count = share
    return runs.gather_every(count, number - 1)


def rows_of(sweep: Sweep, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Complete rows by what is known of their conditions.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    rows : Sequence[Mapping[str, Any]]
        condition, replicate, round, what happened and outcomes; what is missing is null.

    Returns
    -------
    pl.DataFrame
        With all columns of the schema.
    """
    schema = sweep.schema
    own = [name for name in schema if name not in sweep.plan.conditions.columns or name == "condition"]
    found = pl.DataFrame(rows, schema={name: schema[name] for name in own if name != "run"}, orient="row")
    facts = sweep.plan.conditions[found["condition"].to_list()].drop("condition")
    whole = pl.concat([found, facts], how="horizontal")
    pairs = whole.select("content", "replicate").iter_rows()
    names = [run_name(sweep.plan.version, content, replicate) for content, replicate in pairs]
    return whole.with_columns(pl.Series("run", names, pl.String)).select(list(schema))
