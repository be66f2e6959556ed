"""Tables as CSV, whole, with the numbers as they are stored."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import polars as pl
import polars.selectors as cs

from sim.publishing.links import data_url

MOST_BYTES = 1_500_000  # of a table inside a page; larger ones stay in the folder


class Download(NamedTuple):
    """A table that a page offers; without an address it is too large for that."""

    name: str
    rows: int
    columns: int
    address: str


def as_csv(frame: pl.DataFrame) -> str:
    """Write a table as CSV: full precision, empty where unknown, lists in brackets, times in ISO form."""
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    plain = frame.with_columns(
        *(pl.Series(name, [None if value is None else str(value) for value in frame[name].to_list()], pl.String)
          for name in nested),
        cs.by_dtype(pl.Categorical, pl.Enum).cast(pl.String),
    )  # fmt: skip
    return plain.write_csv(line_terminator="\r\n")


def downloads(tables: Mapping[str, pl.DataFrame]) -> Iterator[Download]:
    """Offer each table that is not too large."""
    for name, frame in tables.items():
        text = as_csv(frame) if frame.estimated_size() < 4 * MOST_BYTES else ""
        small = 0 < len(text) <= MOST_BYTES
        yield Download(name, frame.height, frame.width, data_url("text/csv;charset=utf-8", text.encode()) * small)
