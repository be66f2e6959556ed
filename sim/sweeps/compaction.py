"""Compaction: many small files (shards) become few large ones (parts).

Replacing one small file, ``current.json``, makes the change, so that a crash at any point loses and doubles nothing.
Parts that it does not name, and shards that it names as merged, do not count, and the next driver removes them.
"""

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from sim.files.storage import write_json, write_table
from sim.sweeps.folder import AT_ONCE, CURRENT, PART, PARTS, SHARDS, Sweep, current_of, latest, listing, read_files

MANY = 2_000  # shards that are compacted while a sweep is running
ROWS = 20_000  # rows of a part, and about as many in memory at a time
KEYS = ["condition", "replicate"]


def compact(sweep: Sweep) -> int:
    """Merge all shards into parts and return their number. The lock of the sweep must be held."""
    found = listing(sweep.folder)
    if not found.shards:
        return 0
    parts, merged = list(found.parts), list(found.merged)
    for names, rows in _groups(sweep, found.shards):
        parts = _absorbed(sweep, parts, latest(rows))
        merged += names
        # replacing this file makes the parts count and the merged shards not, in one atomic step
        write_json(sweep.folder / PARTS / CURRENT, {"parts": parts, "merged": sorted(set(merged))})
    tidy(sweep.folder)
    return len(found.shards)


def _groups(sweep: Sweep, shards: Sequence[str]) -> Iterator[tuple[list[str], pl.DataFrame]]:
    """Read shards in groups with about as many rows as a part."""
    names: list[str] = []
    pieces: list[pl.DataFrame] = []
    for start in range(0, len(shards), AT_ONCE):
        some = shards[start : start + AT_ONCE]
        names += some
        pieces.append(read_files(sweep, some))
        if sum(piece.height for piece in pieces) >= ROWS:
            yield names, pl.concat(pieces)
            names, pieces = [], []
    if names:
        yield names, pl.concat(pieces)


def _absorbed(sweep: Sweep, parts: Sequence[str], fresh: pl.DataFrame) -> list[str]:
    """Merge rows into parts, keeping the last try of each run once, and return the names of the parts."""
    after, heights = [], {}
    for part in parts:
        there = read_files(sweep, [part], [*KEYS, "round"])
        both = fresh.select(*KEYS, "round").join(there, on=KEYS, suffix="_there")
        name = part
        if not both.is_empty():
            if not both.filter(pl.col("round") > pl.col("round_there")).is_empty():
                again = fresh.join(both, on=KEYS, how="semi")
                name = _written(sweep, latest(pl.concat([read_files(sweep, [part]), again])))
            fresh = fresh.join(both, on=KEYS, how="anti", maintain_order="left")
        after.append(name)
        heights[name] = there.height
    smallest = min(after, key=lambda name: heights[name], default="")
    if smallest and fresh.height and heights[smallest] + fresh.height <= ROWS:  # a part grows until it is full
        fresh = latest(pl.concat([read_files(sweep, [smallest]), fresh]))
        after.remove(smallest)
    return [*after, *(_written(sweep, fresh[start : start + ROWS]) for start in range(0, fresh.height, ROWS))]


def _written(sweep: Sweep, rows: pl.DataFrame) -> str:
    """Write a part, named by the runs in it, so that a second writer writes the same file."""
    text = rows.select(pl.concat_str("run", "round", separator=":")).to_series().str.join(" ").item()
    name = f"{PARTS}/{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}.parquet"
    write_table(sweep.folder / name, rows)
    return name


def tidy(folder: Path) -> None:
    """Remove files that do not count. The lock of the sweep must be held."""
    current = current_of(folder)
    for path in current["merged"]:
        (folder / path).unlink(missing_ok=True)
    if current["merged"]:
        write_json(folder / PARTS / CURRENT, {"parts": current["parts"], "merged": []})
    for part in (folder / PARTS).glob("*.parquet"):
        name = f"{PARTS}/{part.name}"
        if PART.fullmatch(name) and name not in current["parts"]:
            part.unlink(missing_ok=True)
    for empty in (folder / SHARDS).glob("*"):
        with contextlib.suppress(OSError):  # not empty
            empty.rmdir()
