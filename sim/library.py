"""The library of simulated worlds: what exists is not simulated again.

A folder of the library holds one replicate of one world and is named by its identity (``sim.identity``), so a scenario
that is changed, or an engine that is, finds nothing there and is simulated anew. Folders appear whole or not at all: a
run that is killed after three of four replicates finds three of them when it starts again.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from sim import files, store
from sim.errors import ResultsError
from sim.identity import content, engine_version, identity
from sim.parameter_sets import DEFAULT
from sim.run import Base, Progress, World, live, told
from sim.schema import Scenario
from sim.uncertainty import Source, drawn, resolved

KIND = "world"
DIGITS = 12  # of the identity, in a folder's name
PIECES = ("person_week",)  # tables that are folders of files


class Stored(NamedTuple):
    """One replicate of one world, as it lies in the library."""

    folder: Path
    manifest: dict[str, Any]

    def scan(self, table: str) -> pl.LazyFrame:
        """Look at a table without reading it.

        Parameters
        ----------
        table : str
            people, firms, person_week, firm_week, hours or messages.

        Returns
        -------
        pl.LazyFrame
            Not read yet.
        """
        about = self.manifest["tables"][table]
        if "files" in about:
            return store.scanned(self.folder, about)
        return pl.scan_parquet(self.folder / about["file"])

    @property
    def frames(self) -> dict[str, pl.LazyFrame]:
        """All tables by name, none of them read yet."""
        return {name: self.scan(name) for name in self.manifest["tables"]}

    @property
    def pieces(self) -> list[tuple[Path, dict[str, Any]]]:
        """Files of the table of person-weeks, with what the manifest says of each."""
        about = self.manifest["tables"]["person_week"]
        return [(self.folder / piece["file"], piece | {"columns": about["columns"]}) for piece in about["files"]]


class Entry(NamedTuple):
    """What a listing says of a folder of the library."""

    folder: Path
    manifest: dict[str, Any] | None  # None if it is damaged
    size: int  # bytes
    state: str  # "current", "of another version" or why it is damaged


@dataclass
class Library:
    """Where worlds are kept, and how those that are missing are simulated."""

    folder: Path
    threads: int = 1
    progress: Progress | None = None
    checked: dict[str, Stored] = field(default_factory=dict)  # by identity; nothing is checked twice
    draws: Source = DEFAULT  # parameters of each replicate

    def world(self, scenario: Scenario, number: int, base: Scenario | None = None) -> Stored:
        """Give one replicate of one world, simulated now if it is not there.

        Parameters
        ----------
        scenario : Scenario
            The world.
        number : int
            Number of the replicate, from 0.
        base : Scenario | None
            The same economy under other rules: firms that live alike in both are taken over from it if it is there.

        Returns
        -------
        Stored
            The world; a folder that cannot be written, or is damaged, is refused with a ``ResultsError``.
        """
        scenario = drawn(scenario, self.draws, number)
        found = self.find(scenario, number)
        if found is None:
            found = self._simulated(scenario, number, drawn(base, self.draws, number) if base else None)
        elif report := told(self.progress, scenario, number):
            report(scenario.run.weeks + scenario.run.warmup_days // 7)
        return found

    def find(self, scenario: Scenario, number: int) -> Stored | None:
        """Look for one replicate of one world.

        Parameters
        ----------
        scenario : Scenario
            The world.
        number : int
            Number of the replicate, from 0.

        Returns
        -------
        Stored | None
            The world, checked file by file; None if it is not there.

        Raises
        ------
        ResultsError
            If it is damaged.
        """
        key = identity(drawn(scenario, self.draws, number), number)
        if key in self.checked:
            return self.checked[key]
        for folder in sorted(self.folder.glob(f"*-r{number}-{key[:DIGITS]}")):
            check_own(self.folder)
            check_own(folder)
            try:
                results = store.read(folder, whole=True)
            except ResultsError as error:
                advice = f"delete {folder} or run `offhours worlds --prune`, and it is simulated anew"
                raise ResultsError(f"{_again(error)}; {advice}") from error
            if results.manifest.get("identity") != key:
                raise ResultsError(f"{folder} is not the world that its name says: delete it")
            self.checked[key] = Stored(folder, results.manifest)
            return self.checked[key]
        return None

    def has(self, scenario: Scenario, number: int) -> bool:
        """Tell whether a replicate of a world lies here, without reading it.

        Parameters
        ----------
        scenario : Scenario
            The world.
        number : int
            Number of the replicate, from 0.

        Returns
        -------
        bool
            True if there is a folder of that identity.
        """
        key = identity(drawn(scenario, self.draws, number), number)
        return any(self.folder.glob(f"*-r{number}-{key[:DIGITS]}"))

    def worlds(self, pairs: Sequence[tuple[Scenario, Scenario | None]]) -> list[World]:
        """Give all replicates of some worlds, simulating those that are missing, one economy after the other.

        Parameters
        ----------
        pairs : Sequence[tuple[Scenario, Scenario | None]]
            Worlds on the same economy, each with its base as for ``world``, bases first.

        Returns
        -------
        list[World]
            In the same order; nothing of them is read yet.
        """
        draws = resolved(self.draws)
        found: list[list[dict[str, pl.LazyFrame]]] = [[] for _ in pairs]
        for number in _numbers(pairs[0][0]):
            for place, (scenario, base) in enumerate(pairs):
                found[place].append(self.world(scenario, number, base).frames)
        return [World(scenario, frames, draws) for (scenario, _), frames in zip(pairs, found, strict=True)]

    def linked(self, draft: Path, worlds: Sequence[Scenario]) -> list[dict[str, Any]]:
        """Put the person-weeks of worlds into a results folder, as links to what lies here.

        Parameters
        ----------
        draft : Path
            From ``store.replacing``.
        worlds : Sequence[Scenario]
            Worlds that are here.

        Returns
        -------
        list[dict[str, Any]]
            What ``store.write`` needs to know of the files.
        """
        found = []
        for scenario in worlds:
            stored = [self.world(scenario, number) for number in _numbers(scenario)]
            pieces = [piece for each in stored for piece in each.pieces]
            found += store.link(draft, "person_week", scenario.name, pieces)
        return found

    def _simulated(self, scenario: Scenario, number: int, base: Scenario | None) -> Stored:
        """Simulate a world and put it into the library."""
        key = identity(scenario, number)
        theirs = self.find(base, number) if base else None
        folder = self.folder / f"{scenario.name}-r{number}-{key[:DIGITS]}"
        if self.folder.is_dir():
            check_own(self.folder)
            files.drop_drafts(self.folder)
        with store.replacing(folder) as draft:
            pieces: dict[str, list[dict[str, Any]]] = {name: [] for name in PIECES}
            parts: dict[str, list[pl.DataFrame]] = {}
            other = Base(base, theirs.frames) if base and theirs else None
            for name, rows in live(scenario, number, self.threads, told(self.progress, scenario, number), other):
                if name in PIECES:
                    pieces[name].append(store.write_piece(draft, name, len(pieces[name]), rows))
                else:
                    parts.setdefault(name, []).append(rows)
            facts = {
                "kind": KIND,
                "name": scenario.name,
                "title": scenario.title,
                "replicate": number,
                "identity": key,
                "engine": engine_version(),
                "content": content(scenario),
                "taken_over_from": theirs.manifest["identity"] if theirs else None,
            }
            manifest = store.write(draft, {name: pl.concat(rows) for name, rows in parts.items()}, facts, pieces)
        self.checked[key] = Stored(folder, manifest)
        return self.checked[key]

    def listed(self) -> Iterator[Entry]:
        """Look at every folder of the library, and check every file in it.

        Yields
        ------
        Entry
            In the order of names.
        """
        for folder in sorted(path for path in self.folder.glob("*-r*-*") if path.is_dir()):
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            try:
                manifest = store.read(folder, whole=True).manifest
            except ResultsError as error:
                yield Entry(folder, None, size, _again(error))
                continue
            current = manifest.get("engine") == engine_version()
            yield Entry(folder, manifest, size, "current" if current else "of another version")

    def prune(self) -> list[Entry]:
        """Delete the worlds that no run can use any longer: damaged ones and those of other versions.

        Returns
        -------
        list[Entry]
            What was deleted.
        """
        gone = [entry for entry in self.listed() if entry.state != "current"]
        for entry in gone:
            shutil.rmtree(entry.folder)
        return gone


def check_own(folder: Path) -> None:
    """Refuse worlds that others than this user can write.

    Parameters
    ----------
    folder : Path
        The library, or a world in it.

    Raises
    ------
    ResultsError
        If it, or a link that leads to it, is of another owner, or it may be written by others.
    """
    owners = {folder.lstat().st_uid, folder.stat().st_uid}
    if os.geteuid() != 0 and not owners <= {0, os.geteuid()}:
        raise ResultsError(f"{folder} belongs to another user, who could have changed its worlds: choose another --out")
    if folder.stat().st_mode & 0o022:
        raise ResultsError(f"{folder} can be written by others, who could have changed its worlds: `chmod -R go-w` it")


def _numbers(scenario: Scenario) -> range:
    """Number the replicates of a scenario."""
    return range(scenario.run.replicates)


def _again(error: ResultsError) -> str:
    """Take the advice to run again from a message; here there is better one."""
    return str(error).removesuffix(f"; {store.AGAIN}")
