"""The common table of exported messages, written to disk in parts; names and threads are hashed with a key before."""

import secrets
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

import polars as pl

MESSAGES_AT_ONCE = 50_000  # recipients in memory
CACHED_HASHES = 200_000  # names whose hash is remembered
RAGGED = "more cells than the head"  # of a row, so that nobody knows which cell is of which column
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "sender": pl.String, "recipient": pl.List(pl.String), "time": pl.String, "thread": pl.String,
    "channel": pl.String, "place": pl.String, RAGGED: pl.Boolean,
}  # fmt: skip


class Message(NamedTuple):
    """A message of an export; unknown texts are empty."""

    sender: str
    recipients: tuple[str, ...]
    time: str  # in a form that ``sim.evidence.lognumbers`` reads
    thread: str = ""
    channel: str = ""
    place: str = ""  # time zone of the sender
    ragged: bool = False  # whether the row of a table that it was had more cells than the head


class Export(NamedTuple):
    """An export that has been opened."""

    kind: str
    messages: Iterable[Message | None]  # None for an entry that is no message of a person
    columns: tuple[str, ...]  # of ``SCHEMA``, beside sender, recipient and time
    channels: tuple[str, ...]  # of the model that it stands for
    stamped: bool = False  # whether times have the offset of their sender
    unfinished: int = 0  # lists that go on in pages that are not there


def write_messages(export: Export, folder: Path) -> tuple[Path, int]:
    """Write the messages of an export into one Parquet file in a folder, a part at a time.

    Returns the file, and the number of entries that are no messages of people.
    """
    hashed = _hasher()
    columns = ["sender", "recipient", "time", *export.columns]
    place = folder / "export.parquet"
    parts: list[Path] = []
    rows: list[Message] = []
    held = skipped = 0

    def flush() -> None:
        frame = pl.DataFrame(rows, SCHEMA, orient="row").select(columns)
        parts.append(folder / f"export-{len(parts)}.parquet")
        frame.write_parquet(parts[-1], compression="lz4")
        rows.clear()

    for each in export.messages:
        if each is None:
            skipped += 1
            continue
        sender, recipients, thread = hashed(each.sender), tuple(map(hashed, each.recipients)), hashed(each.thread)
        rows.append(each._replace(sender=sender, recipients=recipients, thread=thread))
        held += 1 + len(recipients)
        if held > MESSAGES_AT_ONCE:
            flush()
            held = 0
    flush()
    pl.scan_parquet(parts).sink_parquet(place, compression="lz4", engine="streaming")
    for part in parts:
        part.unlink()
    return place, skipped


def _hasher() -> Callable[[str], str]:
    """Return a function that replaces names by hashes with a random key, which is never stored."""
    key = secrets.token_bytes(32)

    @lru_cache(CACHED_HASHES)
    def hashed(name: str) -> str:
        word = name.strip().lower()
        return keyed_hash(word, key).hex() if word else ""

    return hashed


def keyed_hash(word: str, key: bytes) -> bytes:
    """Return the keyed hash of a word, 8 bytes; é is the same as e with an accent after it."""
    return blake2b(normalize("NFC", word).encode("utf-8", "replace"), digest_size=8, key=key).digest()
