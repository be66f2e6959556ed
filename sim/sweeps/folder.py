"""The folder of a sweep: what is planned, what is done, and how both are read.

``manifest.json`` and ``conditions.parquet`` define what is to be run. ``shards/`` has a file per finished chunk of
runs, ``runs/`` the parts into which many shards were combined. A run is done if it has a row, whatever happened to the
processes. Of several rows one without an error counts, otherwise that of the last try.
"""

import contextlib
import fcntl
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from sim.core.errors import ResultsError
from sim.files.storage import Damaged, advising, checked, read_json, read_table, write_json, write_table, writing
from sim.report.intervals import other_country, parameters_line
from sim.runs.provenance import provenance_facts
from sim.runs.results import CONDITIONS, MANIFEST, SWEEP, is_sweep, missing_folder, versions
from sim.scenario.parameter_draws import Draws, stated
from sim.sweeps import plugins
from sim.sweeps.conditions import Plan, run_name
from sim.sweeps.design import Limits
from sim.sweeps.engines import MODEL

FORMAT = 4
SHARDS, PARTS = "shards", "runs"
DRAWS = "draws.parquet"
SHARD_NAME = re.compile(rf"{SHARDS}/[0-9a-f]{{2}}/[0-9a-f]{{24}}\.parquet")  # names of the only files with rows
PART_NAME = re.compile(rf"{PARTS}/[0-9a-f]{{24}}\.parquet")
RUN_COLUMNS: dict[str, Any] = {
    "run": pl.String, "condition": pl.Int32, "replicate": pl.Int32, "round": pl.Int32, "scenario": pl.String,
    "reference": pl.Int32, "is_reference": pl.Boolean, "point": pl.Int32,
}  # fmt: skip
END_COLUMNS: dict[str, Any] = {
    "error": pl.String, "reason": pl.String, "traceback": pl.String, "seconds": pl.Float64, "people": pl.Int32,
    "firms": pl.Int32, "weeks": pl.Int32,
}  # fmt: skip
MANIFEST_FIELDS = [name for name in Plan._fields if name not in ("conditions", "draws")]  # in the manifest
ADVICE = "`offhours fsck --mend` of the folder removes what the same sweep makes anew"
MOST_READS = 5  # tries of a read while another process compacts
FILES_AT_ONCE = 10  # files per batch
SWEEP_KEY = "sweep"  # key in the metadata of a file with rows: the identity of their sweep


class Sweep(NamedTuple):
    """A sweep as read from its folder."""

    folder: Path
    plan: Plan
    replicates: int
    limits: Limits
    manifest: Mapping[str, Any]

    @property
    def schema(self) -> dict[str, Any]:
        """Columns of rows with their types: facts, axes, how the run ended, and outcomes."""
        kinds = self.plan.conditions.schema
        axes = {axis["column"]: kinds[axis["column"]] for axis in self.plan.axes}
        return RUN_COLUMNS | axes | END_COLUMNS | dict.fromkeys(self.plan.values, pl.Float64)

    @property
    def parameters(self) -> list[str]:
        """Lines on the parameter set in use, and on a country that it does not fit; none if nothing is simulated."""
        if self.plan.engine != MODEL:
            return []
        drawn = parameters_line(self.manifest["parameters"] or {}, *self.drawn)
        return [drawn, *filter(None, [other_country({"resolved": self.plan.bases})])]

    @property
    def drawn(self) -> tuple[int, int]:
        """Number of draws of parameters, and of consecutive points that share one; 0 if all points share theirs."""
        plan = self.plan
        return self.replicates * plan.blocks, plan.points_per_draw if plan.own_draws else 0

    @property
    def size(self) -> int:
        """Number of planned runs."""
        return self.plan.conditions.height * self.replicates


def folder_of(plan: Plan, out: Path) -> Path:
    """Return the folder of a sweep, which differs for each design and code version."""
    return out / f"{plan.name}-{plan.identity[:12]}"


def create_sweep(folder: Path, plan: Plan, replicates: int, limits: Limits) -> Sweep:
    """Create the folder of a sweep, or open it if it exists; replicates may be added.

    Raises ``ResultsError`` if the folder contains another sweep or other files, or cannot be written.
    """
    with writing(folder):
        there = _manifest(folder) if (folder / MANIFEST).is_file() else None
        if not there and folder.is_dir() and _has_foreign_files(folder, plan):
            raise ResultsError(f"{folder} holds something else than a sweep; choose another place")
        if there and there["identity"] != plan.identity:
            raise ResultsError(
                f"{folder} holds another design or was begun with another version of the code; its rows are not "
                "mixed with these: choose another folder"
            )
        _write_plan(folder, plan)
        most = max(replicates, there["replicates"] if there else 0)
        manifest = {
            "format": FORMAT, "kind": SWEEP, **{key: getattr(plan, key) for key in MANIFEST_FIELDS},
            "parameters": stated(plan.draws) if plan.engine == MODEL else None, "replicates": most,
            "limits": limits.model_dump(), "written": datetime.now(UTC).isoformat(timespec="seconds"),
            **provenance_facts(), "versions": versions(),
        }  # fmt: skip
        if not there or any(there[key] != manifest[key] for key in ("titles", "bases", "axes", "replicates", "limits")):
            write_json(folder / MANIFEST, manifest, partial(json.dumps, indent=1, ensure_ascii=False))
    return open_sweep(folder)._replace(replicates=replicates)


def _write_plan(folder: Path, plan: Plan) -> None:
    """Write the plan of a sweep, except for files that exist undamaged."""
    tables = {CONDITIONS: plan.conditions} | ({DRAWS: pl.DataFrame(plan.draws.rows)} if plan.draws else {})
    for name, table in tables.items():
        try:
            checked(folder / name)
        except (FileNotFoundError, Damaged):
            write_table(folder / name, table)
    plugins.store_copies(folder, plan.code)


def _has_foreign_files(folder: Path, plan: Plan) -> bool:
    """Check whether a folder without manifest has files that do not come from this sweep."""
    ours = (CONDITIONS, DRAWS, plugins.FOLDER)
    if folder.name == folder_of(plan, folder.parent).name and (folder / SHARDS).is_dir():
        return False  # a sweep whose manifest was damaged
    return any(path.name not in ours and path.name[0] != "." for path in folder.iterdir())


def open_sweep(folder: Path) -> Sweep:
    """Open the folder of a sweep, with all its replicates.

    Raises ``ResultsError`` if it is not a sweep or has another format, and ``Damaged`` if it is damaged.
    """
    try:
        manifest = _manifest(folder)
        about = manifest["parameters"]
        with advising(ADVICE):
            conditions = read_table(folder / CONDITIONS)
            rows = tuple(read_table(folder / DRAWS).to_dicts()) if about and about["draws"] else ()
        draws = Draws(about["name"], rows) if rows else None
        saved = {key: manifest[key] for key in MANIFEST_FIELDS if key in manifest}
        plan = Plan(**saved, conditions=conditions, draws=draws)
        return Sweep(folder, plan, manifest["replicates"], Limits(**manifest["limits"]), manifest)
    except FileNotFoundError as error:
        lacking = f"{folder} is no folder of a sweep: it has no {Path(error.filename or '').name}"
        raise missing_folder(folder, lacking, is_sweep) from error
    except OSError as error:
        raise ResultsError(f"{folder} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(folder / MANIFEST, str(error).splitlines()[0]) from error


def _manifest(folder: Path) -> dict[str, Any]:
    with advising(ADVICE):
        manifest = read_json(folder / MANIFEST)
    if manifest.get("kind") != SWEEP:
        raise ResultsError(
            f"{folder} is no folder of a sweep: it holds results of the kind '{manifest.get('kind', 'run')}'"
        )
    if manifest.get("format") != FORMAT:
        found = f"{folder} has format {manifest.get('format')}, and this version reads {FORMAT}"
        raise ResultsError(f"{found}; delete the folder, and the same sweep begins anew")
    return manifest


open_cached = lru_cache(maxsize=8)(open_sweep)  # once per process


@contextlib.contextmanager
def locked(folder: Path, name: str = "driver", wait: float = 0.0) -> Iterator[None]:
    """Hold a lock of a folder inside the block; raises ``ResultsError`` if it is not free within ``wait`` seconds."""
    until = time.monotonic() + wait
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / f".{name}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        with writing(folder):
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= until:
                        other = f"{folder}: another `offhours sweep` is at work here; wait for it or stop it"
                        raise ResultsError(other) from None
                time.sleep(0.1)
        yield
    finally:
        os.close(handle)


class Listing(NamedTuple):
    """Files with rows that count."""

    shards: list[str]
    parts: list[str]  # listed last: a shard that is gone by then is in a part


def row_files(folder: Path) -> Listing:
    """List the files with rows, as paths relative to the folder; raises ``Damaged`` for links."""
    for place in (folder / SHARDS, folder / PARTS, *(folder / SHARDS).glob("*")):
        if place.is_symlink():
            raise Damaged(place, "it is a link")
    return Listing(_names(folder, f"{SHARDS}/*/*", SHARD_NAME), _names(folder, f"{PARTS}/*", PART_NAME))


def _names(folder: Path, pattern: str, form: re.Pattern[str]) -> list[str]:
    names = (path.relative_to(folder).as_posix() for path in folder.glob(pattern))
    return sorted(name for name in names if form.fullmatch(name))


def retry_if_compacted[T](sweep: Sweep, read: Callable[[], T]) -> T:
    """Call a function that reads rows, and again if files disappear because another process compacts them.

    Raises ``ResultsError`` for a damaged or missing file.
    """
    for _ in range(MOST_READS):
        try:
            return read()
        except FileNotFoundError:
            continue
        except pl.exceptions.PolarsError as error:
            raise ResultsError(f"a file in {sweep.folder} is damaged: {str(error).splitlines()[0]}") from error
    raise ResultsError(f"a file of {sweep.folder} that should be there is missing")


def read_rows(sweep: Sweep, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Read the rows of the planned replicates, one for each run, sorted by condition and replicate."""
    wanted = list(columns or sweep.schema)
    needed = [*dict.fromkeys(["condition", "replicate", "round", "error", *wanted])]

    def read() -> pl.DataFrame:
        found = row_files(sweep.folder)
        return read_files(sweep, [*found.parts, *found.shards], needed)

    rows = retry_if_compacted(sweep, read).filter(pl.col("replicate") < sweep.replicates)
    return latest_tries(rows).select(wanted)


def mean_sizes(sweep: Sweep) -> dict[str, float]:
    """Return how many people, firms and weeks a run measures, on average; empty if nothing counts them."""
    means = read_rows(sweep, ["people", "firms", "weeks"]).mean().row(0, named=True)
    return {} if None in means.values() else means


def row_batches(sweep: Sweep, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield all rows that count, a few files at a time. A run that was tried twice may occur twice."""
    found = row_files(sweep.folder)
    for part in found.parts:
        yield read_files(sweep, [part], columns)
    for start in range(0, len(found.shards), FILES_AT_ONCE):
        yield read_files(sweep, found.shards[start : start + FILES_AT_ONCE], columns)


def latest_tries(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the last try of each run that did not fail, else the last one, sorted by condition and replicate."""
    ordered = rows.sort("condition", "replicate", pl.col("error").is_null(), "round", maintain_order=True)
    return ordered.unique(["condition", "replicate"], keep="last", maintain_order=True)


def read_files(sweep: Sweep, names: Sequence[str], columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Read columns of files with rows; raises ``Damaged`` for a damaged file or one of another sweep."""
    wanted = list(columns or sweep.schema)
    if not names:
        return pl.DataFrame(schema={name: sweep.schema[name] for name in wanted})
    files = [sweep.folder / name for name in names]
    with advising(ADVICE):
        for file in files:
            check_rows(file, sweep.plan.identity)
    return pl.scan_parquet(files, glob=False).select(wanted).collect()


def check_rows(file: Path, identity: str | None) -> None:
    """Verify the checksum of a file with rows, and that it belongs to a sweep; raises ``Damaged``."""
    checked(file)
    if pl.read_parquet_metadata(file).get(SWEEP_KEY) != identity:
        raise Damaged(file, "its rows are those of another sweep")


def write_rows(sweep: Sweep, name: str, rows: pl.DataFrame) -> None:
    """Write a file with rows of a sweep, by its path relative to the folder."""
    write_table(sweep.folder / name, rows, {SWEEP_KEY: sweep.plan.identity})


def complete_rows(sweep: Sweep, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Complete rows to the full schema with the facts of their conditions. Missing outcomes are null."""
    schema = sweep.schema
    own = [name for name in schema if name not in sweep.plan.conditions.columns or name == "condition"]
    found = pl.DataFrame(rows, schema={name: schema[name] for name in own if name != "run"}, orient="row")
    facts = sweep.plan.conditions[found["condition"].to_list()].drop("condition")
    whole = pl.concat([found, facts], how="horizontal")
    pairs = whole.select("content", "replicate").iter_rows()
    blocks = sweep.plan.blocks
    names = [run_name(sweep.plan.version, content, replicate, blocks) for content, replicate in pairs]
    return whole.with_columns(pl.Series("run", names, pl.String)).select(list(schema))
