"""Cache of simulated worlds, so that nothing is simulated twice.

Each folder contains one replicate of one world and is named by its identity (``sim.runs.identity``). A changed scenario
or engine has another identity. Folders are written atomically: an interrupted run keeps its finished replicates.
"""

import hashlib
import os
import shlex
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from sim.core.errors import EngineError, ResultsError
from sim.core.parameter_sets import DEFAULT
from sim.engine.settling import SLOW, Drift, Settled
from sim.files import storage as files
from sim.model import Workplace
from sim.runs import results as store
from sim.runs.beginnings import Beginnings
from sim.runs.identity import content, engine_version, identity
from sim.runs.progress import SETTLING, Report
from sim.runs.simulation import Base, World, live
from sim.scenario.memory import AT_ONCE
from sim.scenario.parameter_draws import Source, drawn, resolved
from sim.scenario.schema import Scenario

LARGE_ECONOMY = 500  # people; a larger economy keeps several threads busy, and memory should hold only one
POLL_SECONDS = 0.3  # seconds between checks of what is simulated
IDENTITY_DIGITS = 12  # digits of the identity in folder names
SETTLED_PREFIX = "settled-r"  # prefix of folders of settled economies, followed by the replicate


class StoredWorld(NamedTuple):
    """One stored replicate of one world."""

    folder: Path
    manifest: dict[str, Any]

    def scan(self, table: str) -> pl.LazyFrame:
        """Scan a table lazily: people, firms, person_week, firm_week, hours or messages."""
        about = self.manifest["tables"][table]
        if "files" in about:
            return store.scan_table(self.folder, about)
        return pl.scan_parquet(self.folder / about["file"], glob=False)

    @property
    def frames(self) -> dict[str, pl.LazyFrame]:
        """Return all tables by name, lazily."""
        return {name: self.scan(name) for name in self.manifest["tables"]}

    @property
    def pieces(self) -> list[tuple[Path, dict[str, Any]]]:
        """Return files of the person-weeks with their manifest entries, in the form for ``store.link``."""
        about = self.manifest["tables"]["person_week"]
        return [(self.folder / piece["file"], piece | {"columns": about["columns"]}) for piece in about["files"]]


class CacheEntry(NamedTuple):
    """A folder of the cache in a list."""

    folder: Path
    manifest: dict[str, Any] | None  # None if it is damaged
    size: int  # bytes
    state: str  # "current", "of another version", or the reason why it is damaged


@dataclass
class Library:
    """Cache of worlds that simulates missing ones; ``draws`` gives each replicate its parameters."""

    folder: Path
    threads: int = 1
    progress: Report = lambda *_: None
    verified: dict[str, StoredWorld] = field(default_factory=dict)  # by identity, so that each is verified once
    draws: Source = DEFAULT  # parameters of each replicate
    weeks_done: dict[str, dict[int, int]] = field(default_factory=dict)  # by world and replicate
    settled: set[int] = field(default_factory=set)  # replicates whose people have settled
    beginnings: Beginnings | None = None  # first weeks of the worlds of one replicate
    stopped: Event = field(default_factory=Event)  # set when running simulations are no longer needed

    def world(self, scenario: Scenario, number: int, base: Scenario | None = None) -> StoredWorld:
        """Return one replicate of one world, simulating it if it is missing.

        Firms with the same rules in ``base`` are copied from it if it is in the cache. Raises ``ResultsError`` if the
        folder is damaged or cannot be written.
        """
        scenario = drawn(scenario, self.draws, number)
        found = self.find(scenario, number)
        if found is None:
            found = self._simulate(scenario, number, drawn(base, self.draws, number) if base else None)
        else:
            self.settled.add(number)
            self._week_reporter(scenario, number)(scenario.run.weeks + scenario.run.warmup_days // 7)
        return found

    def find(self, scenario: Scenario, number: int) -> StoredWorld | None:
        """Return one stored replicate, each file verified once; None if it is missing.

        Raises ``ResultsError`` if it is damaged, has another identity, or is writable by others.
        """
        key = identity(drawn(scenario, self.draws, number), number)
        if key in self.verified:
            return self.verified[key]
        for folder in sorted(self.folder.glob(f"*-r{number}-{key[:IDENTITY_DIGITS]}")):
            manifest = self._read(folder).manifest
            if manifest.get("identity") != key:
                raise ResultsError(f"{folder} is not the world that its name says: delete it")
            self.verified[key] = StoredWorld(folder, manifest)
            return self.verified[key]
        return None

    def _read(self, folder: Path) -> store.Results:
        """Read a stored folder and verify all its files."""
        check_ownership(self.folder)
        check_ownership(folder)
        try:
            return store.read(folder, whole=True)
        except ResultsError as error:
            command = shlex.join(["offhours", "worlds", "--prune", "--out", str(self.folder.parent)])
            advice = f"delete {folder} or run `{command}`, and it is simulated anew"
            raise ResultsError(f"{_without_advice(error)}; {advice}") from error

    def has(self, scenario: Scenario, number: int) -> bool:
        """Return whether a replicate is stored, without reading it."""
        key = identity(drawn(scenario, self.draws, number), number)
        return any(self.folder.glob(f"*-r{number}-{key[:IDENTITY_DIGITS]}"))

    def worlds(self, pairs: Sequence[tuple[Scenario, Scenario | None]]) -> list[World]:
        """Return all replicates of some worlds, lazily; missing ones are simulated, small economies in parallel.

        ``pairs`` contains worlds on one economy, each with its base as for ``world``; bases must come first.
        """
        draws, count = resolved(self.draws), pairs[0][0].run.replicates
        slots = min(self.threads, count) if pairs[0][0].run.people < LARGE_ECONOMY else 1
        scenarios = [scenario for scenario, _ in pairs]

        def chain(number: int) -> list[dict[str, pl.LazyFrame]]:
            one = replace(self, threads=self.threads // slots, beginnings=Beginnings(scenarios))
            return [one.world(scenario, number, base).frames for scenario, base in pairs]

        pool = ThreadPoolExecutor(slots)
        try:
            futures = [pool.submit(chain, number) for number in range(count)]
            left = set(futures)
            while left:  # wake regularly: Polars takes over Ctrl-C, and a sleeping main thread would not notice it
                done, left = wait(left, POLL_SECONDS, FIRST_COMPLETED)
                for future in done:
                    future.result()
        except BaseException:
            self.stopped.set()  # running simulations stop within a week
            raise
        finally:
            pool.shutdown(cancel_futures=True)
        found = zip(*(future.result() for future in futures), strict=True)
        return [World(scenario, frames, draws) for (scenario, _), frames in zip(pairs, found, strict=True)]

    def _week_reporter(self, scenario: Scenario, number: int) -> Callable[[int], None]:
        """Return a callback that reports the weeks done of all replicates of a world."""
        weeks = (scenario.run.weeks + scenario.run.warmup_days // 7) * scenario.run.replicates

        def report(week: int) -> None:
            if self.stopped.is_set():
                raise EngineError("another replicate failed, or the run was interrupted")
            mine = self.weeks_done.setdefault(scenario.name, {})
            mine[number] = week
            self.progress(scenario.name, sum(list(mine.values())), weeks)

        return report

    def link_person_weeks(self, draft: Path, worlds: Sequence[Scenario]) -> list[dict[str, Any]]:
        """Link the person-weeks of stored worlds into a draft, and return the file entries for ``store.write``."""
        found = []
        for scenario in worlds:
            stored = [self.world(scenario, number) for number in range(scenario.run.replicates)]
            pieces = [piece for each in stored for piece in each.pieces]
            found += store.link_table(draft, "person_week", scenario.name, pieces, scenario.country.currency)
        return found

    def _simulate(self, scenario: Scenario, number: int, base: Scenario | None) -> StoredWorld:
        key = identity(scenario, number)
        theirs = self.find(base, number) if base else None
        folder = self.folder / f"{scenario.name}-r{number}-{key[:IDENTITY_DIGITS]}"
        if self.folder.is_dir():
            check_ownership(self.folder)
            files.drop_drafts(self.folder)
        with store.replacing(folder, once=True) as draft:
            pieces: dict[str, list[dict[str, Any]]] = {}
            parts: dict[str, list[pl.DataFrame]] = {}
            other = Base(base, theirs.frames) if base and theirs else None
            report = self._week_reporter(scenario, number)
            for name, rows in live(scenario, number, self.threads, report, other, self._settle, self.beginnings):
                if name == "person_week" or scenario.run.people > AT_ONCE:
                    mine = pieces.setdefault(name, [])
                    mine.append(store.write_piece(draft, name, len(mine), rows))
                else:
                    parts.setdefault(name, []).append(rows)
            facts = {
                "kind": store.WORLD, "name": scenario.name, "title": scenario.title, "title_zh": scenario.title_zh,
                "replicate": number, "identity": key, "engine": engine_version(), "content": content(scenario),
                "taken_over_from": theirs.manifest["identity"] if theirs else None,
            }  # fmt: skip
            manifest = store.write(draft, {name: pl.concat(rows) for name, rows in parts.items()}, facts, pieces)
        self.verified[key] = StoredWorld(folder, manifest)
        return self.verified[key]

    def _settle(self, model: Workplace) -> Settled:
        """Return the settled state of a model's people, and report how many economies have settled."""
        count = model.setting.run.replicates
        self.progress(SETTLING, len(self.settled), count)
        rest = self._settled_people(model)
        self.settled.add(model.replicate)
        self.progress(SETTLING, len(self.settled), count)
        return rest

    def _settled_people(self, model: Workplace) -> Settled:
        """Read the settled state of a model's people, or find and store it; only the economy's firms are stored."""
        key = hashlib.sha256(f"{model.settling_key}\0{engine_version()}".encode()).hexdigest()
        folder = self.folder / f"{SETTLED_PREFIX}{model.replicate}-{key[:IDENTITY_DIGITS]}"
        if there := folder.is_dir():
            _, manifest, tables = self._read(folder)
            size = tables["firms"].to_numpy().astype(np.int64)
            rest = Settled(
                size[:, 0], size[:, 1], tables["states"].to_numpy(),
                {name: Drift(*row) for name, *row in tables["drift"].iter_rows()}, manifest["weeks"],
            )  # fmt: skip
            if set(model.world.firm.number) <= set(rest.numbers):
                return rest
        rest = model.settled
        drift = [(name, *each) for name, each in rest.drift.items()]
        tables = {
            "firms": pl.DataFrame({"firm": rest.numbers, "size": rest.people}),
            "states": pl.DataFrame(rest.states, schema=list(SLOW)),
            "drift": pl.DataFrame(drift, ["state", *Drift._fields], orient="row"),
        }
        facts = {"kind": store.WORLD, "name": "settled", "title": "People at rest", "engine": engine_version()}
        with store.replacing(folder, once=not there) as draft:
            store.write(draft, tables, facts | {"weeks": rest.weeks})
        return rest

    def entries(self) -> Iterator[CacheEntry]:
        """Yield every folder with the name of a world, sorted by name, after verifying all its files."""
        named = (path for path in self.folder.glob("[!.]*") if store.WORLD_NAME.fullmatch(path.name))
        for folder in sorted(path for path in named if path.is_dir()):
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            try:
                manifest = store.read(folder, whole=True).manifest
            except ResultsError as error:
                yield CacheEntry(folder, None, size, _without_advice(error))
                continue
            current = manifest.get("engine") == engine_version()
            yield CacheEntry(folder, manifest, size, "current" if current else "of another version")

    def prune(self) -> list[CacheEntry]:
        """Delete damaged worlds and those of other engine versions (of a link only the link), and return them."""
        gone = [entry for entry in self.entries() if entry.state != "current"]
        for entry in gone:
            if entry.folder.is_symlink():
                entry.folder.unlink()
            else:
                shutil.rmtree(entry.folder)
        return gone


def check_ownership(folder: Path) -> None:
    """Raise ``ResultsError`` if a folder, or a link to it, belongs to another user or is writable by others."""
    owners = {folder.lstat().st_uid, folder.stat().st_uid}
    if os.geteuid() != 0 and not owners <= {0, os.geteuid()}:
        raise ResultsError(f"{folder} belongs to another user, who could have changed its worlds: choose another --out")
    if folder.stat().st_mode & 0o022:
        raise ResultsError(f"{folder} can be written by others, who could have changed its worlds: `chmod -R go-w` it")


def _without_advice(error: ResultsError) -> str:
    """Remove the advice to run again from a message; callers add more specific advice."""
    return str(error).removesuffix(f"; {store.RUN_AGAIN}")
