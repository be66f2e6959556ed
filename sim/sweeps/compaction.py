"""Many small files become few: what was put together counts from the moment at which one small file is replaced.

A crash at any point loses and doubles nothing: parts that ``current.json`` does not name do not count and are removed
by the next driver, shards that it names as merged do not count any more and are removed as well.
"""

import contextlib
import hashlib
import json
from pathlib import Path

import polars as pl

from sim.sweeps.files import publish, publish_text
from sim.sweeps.folder import CURRENT, PARTS, SHARDS, Sweep, current_of, latest, listing, read_files

MANY = 2_000  # shards that are put together while a sweep goes on
ROWS = 100_000  # of a part
AT_ONCE = 500  # shards that are read together


def compact(sweep: Sweep) -> int:
    """Put all shards together.

    Parameters
    ----------
    sweep : Sweep
        The sweep, whose lock is held.

    Returns
    -------
    int
        Shards that were put together.
    """
    found = listing(sweep.folder)
    if not found.shards:
        return 0
    fresh = latest(_rows(sweep, list(found.shards)))
    kept = [part for part in found.parts if not _superseded(sweep, part, fresh)]
    rest = [part for part in found.parts if part not in kept]
    if len(kept) == 1 and not rest and fresh.height < ROWS:  # one part grows until it is full
        height = int(pl.scan_parquet(sweep.folder / kept[0]).select(pl.len()).collect().item())
        rest, kept = (kept, []) if height + fresh.height <= ROWS else ([], kept)
    if rest:
        fresh = latest(pl.concat([_rows(sweep, rest), fresh]))
    if kept:  # the same run may have come twice, from a worker that was thought lost
        there = read_files([sweep.folder / part for part in kept], ["condition", "replicate"], sweep.schema)
        fresh = fresh.join(there, on=["condition", "replicate"], how="anti", maintain_order="left")
    parts = [*kept, *(_written(sweep, fresh[start : start + ROWS]) for start in range(0, fresh.height, ROWS))]
    _commit(sweep.folder, parts, [*found.shards, *found.merged])
    tidy(sweep.folder)
    return len(found.shards)


def _superseded(sweep: Sweep, part: str, fresh: pl.DataFrame) -> bool:
    """Tell whether some runs of a part were tried again since."""
    keys = ["condition", "replicate"]
    there = read_files([sweep.folder / part], [*keys, "round"], sweep.schema)
    both = there.join(fresh.select(*keys, "round"), on=keys, suffix="_new")
    return not both.filter(pl.col("round_new") > pl.col("round")).is_empty()


def _rows(sweep: Sweep, files: list[str]) -> pl.DataFrame:
    """Read rows of many files, some at a time."""
    columns = list(sweep.schema)
    paths = [sweep.folder / name for name in files]
    pieces = [read_files(paths[n : n + AT_ONCE], columns, sweep.schema) for n in range(0, len(paths), AT_ONCE)]
    return pl.concat(pieces)


def _written(sweep: Sweep, rows: pl.DataFrame) -> str:
    """Write a part; its name tells its runs, so that a second writer writes the same."""
    text = rows.select(pl.concat_str("run", "round", separator=":")).to_series().str.join(" ").item()
    name = f"{PARTS}/{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}.parquet"
    publish(sweep.folder / name, lambda draft: rows.write_parquet(draft, compression="zstd"))
    return name


def _commit(folder: Path, parts: list[str], merged: list[str]) -> None:
    """Make parts count and shards not: the one moment of change."""
    publish_text(folder / PARTS / CURRENT, json.dumps({"parts": parts, "merged": sorted(set(merged))}))


def tidy(folder: Path) -> None:
    """Remove files that do not count.

    Parameters
    ----------
    folder : Path
        Folder of a sweep, whose lock is held.
    """
    current = current_of(folder)
    gone = [path for path in current["merged"] if (folder / path).exists()]
    for path in gone:
        (folder / path).unlink(missing_ok=True)
    if current["merged"]:
        _commit(folder, current["parts"], [])
    for part in (folder / PARTS).glob("*.parquet"):
        if f"{PARTS}/{part.name}" not in current["parts"]:
            part.unlink(missing_ok=True)
    for empty in (folder / SHARDS).glob("*"):
        with contextlib.suppress(OSError):  # it is not empty
            empty.rmdir()
