"""Compaction: many small files (shards) become few large ones (parts).

New parts are written before the files that they replace are removed, and a run counts once however many rows it has. A
crash at any point therefore loses or doubles nothing, and the next compaction removes the leftovers.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress

import polars as pl

from sim.sweeps.folder import FILES_AT_ONCE, PARTS, SHARDS, Sweep, latest_tries, read_files, row_files, write_rows

MANY_SHARDS = 2_000  # more shards are compacted while a sweep is running
ROWS_OF_PART = 20_000  # rows of a part, and about as many in memory at a time
KEYS = ["condition", "replicate"]


def compact(sweep: Sweep) -> None:
    """Put all shards together into parts. The caller must hold the lock of the sweep."""
    for names, rows in _groups(sweep, row_files(sweep.folder).shards):
        fresh = rest = latest_tries(rows)
        old, new = set(names), set()
        for part in row_files(sweep.folder).parts:
            there = read_files(sweep, [part], KEYS)
            again = fresh.join(there, on=KEYS, how="semi")
            if again.height:  # runs that were tried again, or a part left by a crash
                old.add(part)
                new.add(_write_part(sweep, latest_tries(pl.concat([read_files(sweep, [part]), again]))))
                rest = rest.join(there, on=KEYS, how="anti", maintain_order="left")
        new |= {_write_part(sweep, rest[start : start + ROWS_OF_PART]) for start in range(0, rest.height, ROWS_OF_PART)}
        for name in sorted(old - new):  # parts before shards, by which the next compaction finds them
            (sweep.folder / name).unlink()
    for empty in (sweep.folder / SHARDS).glob("*"):
        with suppress(OSError):  # not empty
            empty.rmdir()


def _groups(sweep: Sweep, shards: Sequence[str]) -> Iterator[tuple[list[str], pl.DataFrame]]:
    """Read shards in groups with about as many rows as a part."""
    names: list[str] = []
    pieces: list[pl.DataFrame] = []
    for start in range(0, len(shards), FILES_AT_ONCE):
        some = shards[start : start + FILES_AT_ONCE]
        names += some
        pieces.append(read_files(sweep, some))
        if sum(piece.height for piece in pieces) >= ROWS_OF_PART:
            yield names, pl.concat(pieces)
            names, pieces = [], []
    if names:
        yield names, pl.concat(pieces)


def _write_part(sweep: Sweep, rows: pl.DataFrame) -> str:
    """Write a part, named by the runs in it, so that a second writer writes the same file."""
    text = rows.select(pl.concat_str("run", "round", separator=":")).to_series().str.join(" ").item()
    name = f"{PARTS}/{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}.parquet"
    write_rows(sweep, name, rows)
    return name
