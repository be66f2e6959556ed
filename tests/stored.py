"""Small made-up examples of everything that is stored, and the system's calls to write made to fail."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sim.files import storage as files
from sim.runs import cache as library
from sim.runs import results as store
from sim.runs.cache import Library
from sim.scenario.schema import Scenario
from tests.sweeps.helpers import driven, made, written

WEEKS = pl.DataFrame({"week": [0, 1], "output_minutes": [2000.5, 1999.0], "sent_im": [7, 9]})
WORLD = Scenario.model_validate({"name": "ban", "title": "A ban", "run": {"people": 20, "years": 0.02}})


def save(folder: Path, mark: str) -> None:
    """Write results with every kind of table: one file, bit by bit, pieces, links."""
    if not (folder.parent / "piece.parquet").exists():
        seal = files.write_table(folder.parent / "piece.parquet", WEEKS)
        files.write_json(folder.parent / "piece.json", {"seal": seal})
    source = folder.parent / "piece.parquet"
    about = {"rows": 2, "bytes": source.stat().st_size, "sha256": files.checked(source)}
    about["columns"] = {name: {"type": "x", "unit": "1"} for name in WEEKS.columns}
    with store.replacing(folder) as draft:
        linked = store.link_table(draft, "person_week", "ban", [(source, about)])
        pieces = [store.write_piece(draft, "hours", 0, WEEKS)]
        tables = {"firm_week": WEEKS, "effects": WEEKS.lazy().with_columns(pl.col("week") + 1)}
        store.write(draft, tables, {"mark": mark}, {"person_week": linked, "hours": pieces})
        files.write_text(draft / "summary.txt", mark)


def read(folder: Path) -> str:
    """Read results whole."""
    results = store.read(folder, whole=True)
    frames = [*results.tables.values(), results.scan("person_week").collect(), results.scan("hours").collect()]
    return results.manifest["mark"] + numbers(*frames)


def numbers(*frames: pl.DataFrame) -> str:
    """Every number of some tables."""
    return repr([(str(frame.schema), frame.rows()) for frame in frames])


def lived(scenario: Scenario, number: int, *_: object) -> Iterator[tuple[str, pl.DataFrame]]:
    """Pretend to simulate."""
    yield "firms", WEEKS.select(firm="week")
    yield "person_week", WEEKS
    yield "firms", WEEKS.select(firm=pl.col("week") + number)


def shelf(place: Path, patch: pytest.MonkeyPatch) -> Library:
    """A library of worlds that nobody simulates."""
    patch.setattr(library, "live", lived)
    return Library(place)


def of_world(shelf: Library) -> str:
    """Read a world, which is pretended if it is not there."""
    stored = shelf.world(WORLD, 0)
    return numbers(stored.scan("firms").collect(), stored.scan("person_week").collect())


def swept(place: Path) -> Any:
    """A sweep that is done, with shards, a part and tables."""
    from sim.sweeps.effects import store_tables as tables
    from sim.sweeps.work import Task, do_chunk

    sweep = made(written(place, {"x": [0.0, 1.0]}, replicates=2), place)
    do_chunk(Task.of(sweep, ((0, 0, 0), (1, 0, 0))))
    driven(sweep)
    do_chunk(Task.of(sweep, ((0, 0, 0), (1, 1, 0))))
    tables(sweep.folder)
    return sweep


class Calls:
    """Counts what the system is asked to write, and refuses the ``at``-th of them, or all from there on."""

    def __init__(self, at: int = -1, number: int = errno.ENOSPC, lasting: bool = False, short: bool = False) -> None:
        self.at, self.number, self.lasting, self.short = at, number, lasting, short
        self.count, self.refused = 0, ""
        self.really_write, self.really_open = os.write, os.open

    def step(self, name: str) -> None:
        """Count a call, or refuse it."""
        self.count += 1
        if self.count == self.at or (self.lasting and self.count > self.at > 0):
            self.refused = self.refused or name
            raise OSError(self.number, os.strerror(self.number))

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Stand between the program and the system."""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("fsync", "replace", "rename", "link", "mkdir", "pwrite"):
                patch.setattr(os, name, self.guarded(name))
            patch.setattr(os, "write", self.write)
            patch.setattr(os, "open", self.open)
            yield

    def guarded(self, name: str) -> Any:
        """Give a call that may be refused."""
        really = getattr(os, name)

        def call(*arguments: Any, **names: Any) -> Any:
            self.step(name)
            return None if name == "fsync" else really(*arguments, **names)  # which takes time, and changes nothing

        return call

    def write(self, handle: int, content: Any) -> int:
        """Write, perhaps only a part."""
        self.step("write")
        content = memoryview(content)
        return int(self.really_write(handle, content[: max(1, len(content) // 2)] if self.short else content))

    def open(self, path: Any, flags: int, *mode: Any, **names: Any) -> int:
        """Open a file; a new one may be refused."""
        if flags & os.O_CREAT:
            self.step("open")
        return int(self.really_open(path, flags, *mode, **names))
