"""The library of worlds: what exists is not simulated again, what is damaged is refused, what is killed goes on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sim.core.errors import ResultsError
from sim.core.parameter_sets import DEFAULT
from sim.core.sources import imported_by
from sim.files import storage as files
from sim.runs import cache as library
from sim.runs import identity
from sim.runs import results as store
from sim.runs.cache import Library, StoredWorld
from sim.runs.identity import content, engine_version, version_of
from sim.runs.simulation import run, simulate
from sim.scenario.loading import under
from sim.scenario.parameter_draws import drawn
from sim.scenario.schema import Scenario

BAN: dict[str, Any] = {
    "name": "ban",
    "title": "A ban",
    "run": {"people": 60, "years": 0.06, "replicates": 2, "warmup_days": 7, "seed": 5},
    "population": {"firm_size_median": 12, "firm_size_min": 5, "firm_size_max": 40},
    "levers": [{"kind": "ban", "channels": ["im"], "scope": {"industries": ["internet", "finance"]}}],
}


def scenario(**changes: Any) -> Scenario:
    return Scenario.model_validate(BAN | changes)


RULES = scenario()
TODAY = under(RULES, scenario(name="today", levers=[]))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with both worlds."""
    folder = tmp_path_factory.mktemp("results") / "worlds"
    Library(folder).worlds([(TODAY, None), (RULES, TODAY)])
    return folder


def nothing_is_simulated(*_: object, **__: object) -> None:
    raise AssertionError("a world was simulated")


def test_what_is_stored_is_what_a_run_in_memory_gives(place: Path) -> None:
    tables = run(RULES, TODAY)
    for number in range(2):
        stored = Library(place).find(RULES, number)
        assert stored is not None
        mine = tables["person_week"].filter(pl.col("world") == "ban", replicate=number).drop("world")
        assert_frame_equal(stored.scan("person_week").collect(), mine, check_exact=True)
        assert stored.manifest["taken_over_from"] == identity.identity(drawn(TODAY, DEFAULT, number), number)
    alone = simulate(RULES)
    for name, frame in alone.replicates[1].items():
        found = Library(place).world(RULES, 1).scan(name).collect()
        order = [key for key in ("week", "firm", "person", "hour_of_week") if key in found.columns]
        assert_frame_equal(
            *(each.lazy().collect().sort(order, maintain_order=True) for each in (found, frame)), check_exact=True
        )


def test_what_exists_is_not_simulated_again_whatever_it_is_called(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "live", nothing_is_simulated)
    told: list[tuple[str, int, int]] = []
    shelf = Library(place, progress=lambda *report: told.append(report))
    shelf.worlds([(TODAY, None), (RULES, TODAY)])
    assert told == [("today", 4, 8), ("ban", 4, 8), ("today", 8, 8), ("ban", 8, 8)]
    renamed = scenario(name="other", title="Other", source="x", mechanisms={"m12_watching": True})
    assert shelf.has(renamed, 0)
    more = scenario(run=BAN["run"] | {"replicates": 3})
    assert [shelf.has(more, number) for number in range(3)] == [True, True, False]


@pytest.mark.parametrize(
    "changes",
    [
        {"run": BAN["run"] | {"seed": 6}},
        {"run": BAN["run"] | {"people": 61}},
        {"run": BAN["run"] | {"years": 0.08}},
        {"population": BAN["population"] | {"firm_size_max": 41}},
        {"parameters": {"wait_minutes": 91.0}},
        {"mechanisms": {"m12_watching": False}},
        {"levers": []},
    ],
)
def test_whatever_decides_a_world_is_part_of_its_identity(changes: dict[str, Any]) -> None:
    assert identity.identity(scenario(**changes), 0) != identity.identity(RULES, 0)


def test_the_version_covers_every_module_that_decides_a_world(monkeypatch: pytest.MonkeyPatch) -> None:
    modules = {path.stem for path in imported_by(identity.ENGINE_MODULE)}
    assert modules >= {
        "simulation",
        "model",
        "day",
        "answering",
        "kinds",
        "policy",
        "parameters",
        "record",
        "people",
        "schema",
    }
    assert not modules & {"effects", "outcomes", "study", "cli", "summary", "cache", "identity", "results"}
    version = engine_version()
    monkeypatch.setattr(identity, "LIBRARIES", ("mesa",))
    version_of.cache_clear()
    assert engine_version() != version
    monkeypatch.undo()
    version_of.cache_clear()
    assert engine_version() == version
    assert '"people":60' in content(RULES)
    with pytest.raises(FileNotFoundError):
        version_of("moved/away")


def test_a_world_of_another_version_is_simulated_anew(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "engine_version", lambda: "another")
    assert not Library(place).has(RULES, 0)
    monkeypatch.setattr(library, "engine_version", lambda: "another")
    assert {entry.state for entry in Library(place).entries()} == {"of another version"}


@pytest.mark.parametrize("table", ["person_week/0000.parquet", "firms.parquet", "manifest.json"])
def test_a_damaged_world_is_refused_and_can_be_deleted(table: str, tmp_path: Path) -> None:
    small = scenario(levers=[], run=BAN["run"] | {"people": 20, "years": 0.02, "replicates": 1, "warmup_days": 0})
    stored = Library(tmp_path).world(small, 0)
    path = stored.folder / table
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content if table != "manifest.json" else b"{")
    with pytest.raises(ResultsError, match=r"is damaged: .*; delete .* or run `offhours worlds --prune --out \S+`"):
        Library(tmp_path).world(small, 0)
    (gone,) = Library(tmp_path).prune()
    assert gone.folder == stored.folder
    assert not list(tmp_path.iterdir())
    assert Library(tmp_path).world(small, 0).manifest["identity"] == stored.manifest["identity"]


def test_only_folders_with_the_name_of_a_world_are_deleted_and_of_links_only_these(tmp_path: Path) -> None:
    place, own, theirs = tmp_path / "worlds", tmp_path / "worlds" / "my-runs-2026", tmp_path / "theirs"
    for folder in (own, theirs):
        folder.mkdir(parents=True)
        (folder / "notes.txt").write_text("mine")
    link = place / "ban-r0-0123456789ab"
    link.symlink_to(theirs)
    assert [entry.folder for entry in Library(place).prune()] == [link]
    assert not link.is_symlink()
    assert all((folder / "notes.txt").read_text() == "mine" for folder in (own, theirs))


def test_person_weeks_are_linked_and_lie_on_the_disk_once(place: Path, tmp_path: Path) -> None:
    shelf = Library(place)
    folder = place.parent / "linked"
    with store.replacing(folder) as draft:
        store.write(draft, {}, {}, {"person_week": shelf.link_person_weeks(draft, [TODAY, RULES])})
    weeks = store.read(folder, whole=True).scan("person_week").collect()
    assert weeks["world"].unique().cast(pl.String).sort().to_list() == ["ban", "today"]
    assert weeks["replicate"].unique().sort().to_list() == [0, 1]
    links = {piece.stat().st_nlink for piece in (folder / "person_week").rglob("*.parquet")}
    assert links
    assert min(links) > 1


def test_where_links_are_impossible_files_are_copied(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", no_links)
    folder = place.parent / "copied"
    with store.replacing(folder) as draft:
        store.write(draft, {}, {}, {"person_week": Library(place).link_person_weeks(draft, [RULES])})
    assert store.read(folder, whole=True).scan("person_week").collect().height > 0
    path = folder / "person_week" / "world=ban" / "0001.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ResultsError, match=r"0001\.parquet is damaged"):
        store.read(folder).scan("person_week")
    path.unlink()
    with pytest.raises(ResultsError, match=r"0001\.parquet is missing"):
        store.read(folder)


KILLED = """
import os, sys
from pathlib import Path
from sim.runs import cache as library
from tests.test_library import BAN, scenario
really, worlds = library.live, []
def live(*arguments):
    worlds.append(1)
    for piece in really(*arguments):
        if len(worlds) == 4:
            os.kill(os.getpid(), 9)  # in the middle of the fourth replicate, with a piece of it written
        yield piece
library.live = live
library.Library(Path(sys.argv[1])).worlds([(scenario(run=BAN["run"] | {"replicates": 4}), None)])
"""


def test_a_run_that_is_killed_after_three_of_four_replicates_finds_three_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert done.returncode == -9
    simulated = []
    really = library.live

    def live(*arguments: Any) -> Any:
        simulated.append(arguments[1])
        return really(*arguments)

    monkeypatch.setattr(library, "live", live)
    four = scenario(run=BAN["run"] | {"replicates": 4})
    Library(tmp_path).worlds([(four, None)])
    assert simulated == [3]
    assert len([path for path in tmp_path.iterdir() if path.name.startswith("ban-r")]) == 4
    assert len(list(tmp_path.iterdir())) == 4  # nothing is left of the draft


def test_pieces_of_a_long_table_are_taken_over_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an economy so large that one week makes a piece."""
    whole = run(RULES, TODAY)
    monkeypatch.setattr("sim.runs.simulation.ROWS_AT_ONCE", 60)
    for name, table in run(RULES, TODAY).items():
        assert_frame_equal(table, whole[name], check_exact=True)


def test_a_stored_world_gives_its_tables(place: Path) -> None:
    stored = Library(place).find(TODAY, 1)
    assert isinstance(stored, StoredWorld)
    assert set(stored.frames) == {"people", "firms", "person_week", "firm_week", "hours", "messages"}
    assert stored.scan("hours").collect()["firm"].n_unique() == stored.scan("firms").collect().height
    assert not any("world" in frame.collect_schema() for frame in stored.frames.values())


def test_the_name_of_a_folder_is_no_pattern(place: Path, tmp_path: Path) -> None:
    odd = tmp_path / "2026 [1]* 中文"
    shutil.copytree(place, odd / "worlds")
    stored = Library(odd / "worlds").find(RULES, 0)
    assert stored is not None
    known = {name: frame.collect() for name, frame in stored.frames.items()}
    with store.replacing(odd / "results") as draft:
        linked = {"euro": store.link_table(draft, "euro", "ban", stored.pieces, "euro")}
        store.write(draft, {name: frame.lazy() for name, frame in known.items()}, {}, linked)
    made = store.read(odd / "results", whole=True)
    assert made.tables["hours"].equals(known["hours"])
    assert made.scan("euro").collect().height == known["person_week"].height


def test_what_is_being_written_is_neither_listed_nor_pruned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "node-r12")
    draft = tmp_path / files.draft_name()
    draft.mkdir()
    assert not Library(tmp_path).prune()
    assert draft.is_dir()


def test_what_another_process_has_stored_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be reading the files, which are the same."""
    settling = scenario(run=BAN["run"] | {"settling_weeks": 12, "replicates": 1})
    really, there = store.write, dict[str, int]()

    def write(*about: Any) -> Any:
        monkeypatch.setattr(store, "write", really)
        Library(tmp_path).world(settling, 0)
        there.update({path.name: path.stat().st_ino for path in tmp_path.glob("[!.]*")})
        return really(*about)

    monkeypatch.setattr(store, "write", write)
    mine = Library(tmp_path).world(settling, 0)
    assert sorted(name.partition("-")[0] for name in there) == ["ban", "settled"]
    assert {path.name: path.stat().st_ino for path in tmp_path.iterdir()} == there
    assert store.read(mine.folder, whole=True).manifest["tables"] == mine.manifest["tables"]


def test_what_fails_in_one_replicate_ends_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second replicate fails at once, and the first does not go on for its years."""
    run = {"people": 30, "years": 20, "replicates": 3, "warmup_days": 7, "seed": 4}
    long, weeks = scenario(run=run, levers=[]), []

    def progress(name: str, done: int, of_all: int) -> None:
        weeks.append(done)

    library = Library(tmp_path, threads=2, draws=None, progress=progress)
    usual = Library.world

    def world(self: Library, scenario: Scenario, number: int, base: Scenario | None = None) -> StoredWorld:
        if number == 1:
            raise ResultsError("no disk")
        return usual(self, scenario, number, base)

    monkeypatch.setattr(Library, "world", world)
    with pytest.raises(ResultsError, match="no disk"):
        library.worlds([(long, None)])
    assert max(weeks, default=0) < 100
    assert list(tmp_path.glob("*")) == []
