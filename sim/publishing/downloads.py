"""Tables as CSV, whole, with the numbers as they are stored."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import polars as pl
import polars.selectors as cs

MOST_BYTES = 1_000_000  # of a table inside a page; larger ones stay in the folder


class Download(NamedTuple):
    """A table that a page offers; without an address it is too large for that."""

    name: str
    rows: int
    columns: int
    address: str


def with_units(tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """Put a table before others with the unit of each of their columns, as far as their manifest has them."""
    stored = {name: each["columns"] for name, each in (manifest.get("tables") or {}).items() if name in tables}
    rows = [(name, column, about["unit"]) for name, columns in stored.items() for column, about in columns.items()]
    first = {"columns": pl.DataFrame(rows, ("table", "column", "unit"), orient="row")} if rows else {}
    return first | dict(tables)


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table without types that other programs lack: categories and lists are text, and NaN is empty."""
    texts = [
        pl.Series(name, [None if value is None else str(value) for value in frame[name].to_list()], pl.String)
        for name, kind in frame.schema.items()
        if kind.is_nested()
    ]
    return frame.with_columns(*texts, cs.by_dtype(pl.Categorical, pl.Enum).cast(pl.String), cs.float().fill_nan(None))


def as_csv(frame: pl.DataFrame) -> str:
    """Write a table as CSV: full precision, empty where unknown, times in ISO form, and a mark for Excel."""
    return flat(frame).write_csv(line_terminator="\r\n", include_bom=True)


def data_url(kind: str, content: bytes) -> str:
    """Return an address of a media type that holds its content, so that a page needs no other file."""
    return f"data:{kind};base64,{b64encode(content).decode()}"


def downloads(tables: Mapping[str, pl.DataFrame]) -> Iterator[Download]:
    """Offer each table that is not too large."""
    for name, frame in tables.items():
        text = as_csv(frame) if frame.estimated_size() < 4 * MOST_BYTES else ""
        small = 0 < len(text) <= MOST_BYTES
        yield Download(name, frame.height, frame.width, data_url("text/csv;charset=utf-8", text.encode()) * small)
