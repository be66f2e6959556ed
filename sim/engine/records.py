"""Arrays of records whose fields are attributes, compiled or not.

``table[i].clock`` is a number and ``table.clock`` a column. numba compiles the names away. Without compilation numpy
would give a field of one record in a microsecond or more, so there a record is a ``Row``: where it stands, and the
columns to read from.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from sim.core.compiled import COMPILED

type Fields = Sequence[tuple[Any, ...]]

LINE = 64  # bytes of a cache line
_WHOLE = (int, np.integer)

_ROWS: dict[type, type["Row"]] = {}  # by the type of the records


class Table(np.ndarray):
    """An array of records."""

    def __getattr__(self, name: str) -> Any:
        """Give a column; ``columns`` are all of them by name, for rows."""
        if name == "columns":
            self.__dict__["columns"] = {field: getattr(self, field) for field in self.dtype.names or ()}
            return self.__dict__["columns"]
        if name not in (self.dtype.names or ()):
            raise AttributeError(name)
        column = super().__getitem__(name)
        return column if column.dtype.names else column.view(np.ndarray)

    def __setattr__(self, name: str, value: Any) -> None:
        """Fill a column, or set an attribute of the array."""
        if name in (self.dtype.names or ()):
            self[name] = value
        else:
            super().__setattr__(name, value)

    if not COMPILED:

        def __getitem__(self, key: Any) -> Any:
            """Give a row for a number, or for as many numbers as there are dimensions; else what numpy gives."""
            row = _ROWS.get(self.dtype.type)
            if row and isinstance(key, _WHOLE) and self.ndim == 1:
                if not 0 <= key < len(self):
                    raise IndexError(f"row {key} of {len(self)}")
                return row(self, int(key))
            if row and isinstance(key, tuple) and len(key) == self.ndim and all(isinstance(k, _WHOLE) for k in key):
                return row(self, key)
            return super().__getitem__(key)

        def __setitem__(self, key: Any, value: Any) -> None:
            """Copy a row, or do what numpy does."""
            super().__setitem__(key, value.record() if isinstance(value, Row) else value)


class Row:
    """A record where compilation is off: its fields are attributes."""

    __slots__ = ("at", "columns", "table")

    def __init__(self, table: Table, at: Any) -> None:
        self.table, self.columns, self.at = table, table.columns, at

    def __getitem__(self, name: str) -> Any:
        """Give a field."""
        return getattr(self, name)

    def __setitem__(self, name: str, value: Any) -> None:
        """Set a field."""
        setattr(self, name, value)

    def record(self) -> Any:
        """Give numpy's own record."""
        return np.ndarray.__getitem__(self.table, self.at)


class Rows:
    """The records inside a record, by number, where compilation is off."""

    __slots__ = ("at", "row", "table")

    def __init__(self, table: Table, at: Any) -> None:
        self.table, self.row, self.at = table, _ROWS[table.dtype.type], at

    def __len__(self) -> int:
        """Count them."""
        return self.table.shape[-1]

    def __getitem__(self, key: Any) -> Any:
        """Give a row, or for a slice or a name what numpy gives."""
        if isinstance(key, _WHOLE):
            return self.row(self.table, (self.at, int(key) % len(self)))
        return np.ndarray.__getitem__(self.table, self.at)[key]

    def __setitem__(self, number: int, value: Row) -> None:
        """Copy a row."""
        np.ndarray.__setitem__(self.table, (self.at, number), value.record())

    def __iter__(self) -> Iterator[Row]:
        """Go through them."""
        return (self.row(self.table, (self.at, number)) for number in range(len(self)))


def layout(fields: Fields, **runs: tuple[str, int]) -> np.dtype[np.void]:
    """Lay out a record as in C, without a byte between fields.

    ``fields`` are names, types and how many of it; ``runs`` name what can be reached by number, too: the first of
    a run of equal ones, and how many.
    """
    plain = np.dtype(list(fields), align=True)
    assert plain.fields is not None
    taken = {*plain.fields, *runs} & {*dir(np.void), *dir(Table), *Row.__slots__, "record"}  # these would hide fields
    assert not taken, taken
    assert plain.itemsize == sum(kind.itemsize for kind, *_ in plain.fields.values()), (
        "bytes between fields are anything"
    )
    places = {name: (kind, offset) for name, (kind, offset, *_) in plain.fields.items()}
    for run, (first, count) in runs.items():
        kind, offset = places[first]
        places[run] = np.dtype((kind, (count,))), offset
    whole = np.dtype(
        {
            "names": list(places),
            "formats": [kind for kind, _ in places.values()],
            "offsets": [offset for _, offset in places.values()],
            "itemsize": plain.itemsize,
        },
        align=True,
    )
    record = type("Record", (np.void,), {name: _of_record(name) for name in places})
    _ROWS[record] = type(
        "Row", (Row,), {"__slots__": (), **{name: _of_row(name, kind) for name, (kind, _) in places.items()}}
    )
    return np.dtype((record, whole))


def _of_record(name: str) -> property:
    """Make a field of numpy's record an attribute."""
    return property(lambda record: record[name], lambda record, value: record.__setitem__(name, value))


def _of_row(name: str, kind: np.dtype[Any]) -> property:
    """Make a field of a row an attribute: a number, a record, or records."""
    base, shape = kind.subdtype or (kind, ())
    if base.names and shape:
        return property(lambda row: Rows(row.columns[name], row.at))
    if base.names:
        inner = _ROWS[base.type]
        return property(lambda row: inner(row.columns[name], row.at))

    def fill(row: Row, value: Any) -> None:
        row.columns[name][row.at] = value

    return property(lambda row: row.columns[name][row.at], fill)


def table(rows: int | tuple[int, ...], record: np.dtype[np.void]) -> Table:
    """Allocate zeroed records, the first at the start of a cache line."""
    count = int(np.prod(rows))
    memory = np.zeros(count * record.itemsize + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    return memory[start : start + count * record.itemsize].view(record).reshape(rows).view(Table)
