"""Arrays of records whose fields are attributes, compiled or not.

``table[i].clock`` is a number and ``table.clock`` a column. numba compiles the names away. Without compilation, numpy
takes a microsecond or more to read a field of one record. There a record is therefore a ``Row``: a C structure on the
same memory, which returns Python's own numbers.
"""

import ctypes
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.core.compiled import COMPILED

type Fields = Sequence[tuple[Any, ...]]

LINE = 64  # bytes of a cache line

_ROWS: dict[type, type["Row"]] = {}  # by the type of the records


class Table(np.ndarray):
    """An array of records."""

    def __getattr__(self, name: str) -> Any:
        """Return a column."""
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
            """Give a row for a number, always the same; else what numpy gives."""
            try:
                return self.__dict__["rows"][key]
            except (KeyError, TypeError):  # not looked for before, or no number
                kind = _ROWS.get(self.dtype.type)
            if kind is None or self.ndim != 1 or not isinstance(key, (int, np.integer)):
                return super().__getitem__(key)
            if not 0 <= key < len(self):
                raise IndexError(f"row {key} of {len(self)}")
            row = kind.from_address(self.ctypes.data + int(key) * self.strides[0])
            row.table = self
            self.__dict__.setdefault("rows", {})[int(key)] = row
            return row

        def __setitem__(self, key: Any, value: Any) -> None:
            """Copy a row, or do what numpy does."""
            if isinstance(value, Row):
                ctypes.memmove(ctypes.byref(self[key]), ctypes.byref(value), ctypes.sizeof(value))
            else:
                super().__setitem__(key, value)


_SET = ctypes.Structure.__setattr__


class Row(ctypes.Structure):
    """A record where compilation is off: its fields are attributes. It keeps the memory of its table."""

    __slots__ = ("table",)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a field, also to a number of numpy's, which C does not take."""
        try:
            _SET(self, name, value)
        except TypeError:
            _SET(self, name, value.item())

    def __getitem__(self, name: str) -> Any:
        """Give a field."""
        return getattr(self, name)

    def __setitem__(self, name: str, value: Any) -> None:
        """Set a field."""
        setattr(self, name, value)


def layout(fields: Fields, **runs: tuple[str, int]) -> np.dtype[np.void]:
    """Lay out a record as in C, without a byte between fields.

    ``fields`` are names, types and how many of it; ``runs`` name what can be reached by number, too: the first of
    a run of equal ones, and how many.
    """
    plain = np.dtype(list(fields), align=True)
    assert plain.fields is not None
    taken = {*plain.fields, *runs} & {*dir(np.void), *dir(Table), *dir(Row), "rows"}  # these would hide fields
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
    if not COMPILED:
        _ROWS[record] = _row(plain, runs)
    return np.dtype((record, whole))


def _of_record(name: str) -> property:
    """Make a field of numpy's record an attribute."""
    return property(lambda record: record[name], lambda record, value: record.__setitem__(name, value))


def _row(kind: np.dtype[np.void], runs: Mapping[str, tuple[str, int]]) -> type[Row]:
    """Make the structure of a record; a run shares its memory with the fields that it is of."""
    assert kind.fields is not None
    inside = {name: _in_c(field) for name, (field, *_) in kind.fields.items()}
    fields = list(inside.items())
    for run, (first, count) in runs.items():
        start = [name for name, _ in fields].index(first)
        each = type("Each", (ctypes.Structure,), {"_fields_": fields[start : start + count]})
        both = [(run, _several(inside[first], count)), ("each", each)]
        fields[start : start + count] = [
            (f"_{run}", type("Run", (ctypes.Union,), {"_anonymous_": ("each",), "_fields_": both}))
        ]
    made = type("Row", (Row,), {"__slots__": (), "_anonymous_": [f"_{run}" for run in runs], "_fields_": fields})
    assert ctypes.sizeof(made) == kind.itemsize
    return made


def _in_c(kind: np.dtype[Any]) -> Any:
    """Find C's type of a field."""
    base, shape = kind.subdtype or (kind, ())
    single = _ROWS[base.type] if base.names else np.ctypeslib.as_ctypes_type(base)
    return _several(single, *shape) if shape else single


def _several(single: Any, count: int) -> Any:
    """Make an array of C that takes numpy's numbers, too."""
    plain = single * count

    def fill(array: Any, number: int, value: Any) -> None:
        plain.__setitem__(array, number, value.item() if isinstance(value, np.generic) else value)

    return type("Several", (plain,), {"__setitem__": fill})


def table(rows: int | tuple[int, ...], record: np.dtype[np.void]) -> Table:
    """Allocate zeroed records, the first at the start of a cache line."""
    count = int(np.prod(rows))
    memory = np.zeros(count * record.itemsize + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    return memory[start : start + count * record.itemsize].view(record).reshape(rows).view(Table)
