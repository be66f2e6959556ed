"""Results on disk: whole or not at all, checked when read."""

import errno
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import textwrap
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from sim.core.errors import ResultsError
from sim.files import storage as files
from sim.runs import results as store
from sim.runs.reuse import keep_derived
from sim.sweeps.folder import open_sweep

TABLES = {
    "person_week": pl.DataFrame(
        {
            "world": ["a", "b"],
            "week": [0, 1],
            "output_minutes": [2000.5, 1999.0],
            "sent_im": [7, 9],
            "trust": [0.5, 0.7],
        },
        schema_overrides={"world": pl.Categorical, "week": pl.Int16, "sent_im": pl.UInt8},
    ),
    "message_sample": pl.DataFrame({"message": ["0a"], "sent": [datetime(2026, 1, 5, 9, 30)], "urgent": [True]}),
}


def save(folder: Path, mark: str = "first") -> None:
    with store.replacing(folder) as draft:
        store.write(draft, TABLES, {"mark": mark})
        (draft / "figures").mkdir()
        (draft / "figures" / "effects.svg").write_text(f"<svg>{mark}</svg>")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.iterdir() if path != folder)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    save(tmp_path / "out" / "pilot")
    results = store.read(tmp_path / "out" / "pilot")
    assert results.manifest["mark"] == "first"
    assert list(results.tables) == ["person_week", "message_sample"]
    for name, table in TABLES.items():
        assert results.tables[name].equals(table)
        assert results.tables[name].schema == table.schema
    assert leftovers(tmp_path / "out" / "pilot") == []


def test_units_stand_in_the_manifest_and_in_the_parquet_file(tmp_path: Path) -> None:
    save(tmp_path / "pilot")
    columns = store.read(tmp_path / "pilot").manifest["tables"]["person_week"]["columns"]
    units = {name: about["unit"] for name, about in columns.items()}
    assert units == {
        "world": "name",
        "week": "weeks since day 0",
        "output_minutes": "minutes",
        "sent_im": "messages",
        "trust": "0..1",
    }
    inside = pl.read_parquet_metadata(tmp_path / "pilot" / "person_week.parquet")
    assert json.loads(inside["units"]) == units


@pytest.mark.parametrize(
    ("column", "kind", "unit"),
    [
        ("after_minutes_im", pl.Float32(), "minutes"),
        ("after_acted", pl.Int32(), "messages"),
        ("sent", pl.Int32(), "messages"),
        ("sent", pl.Datetime(), "local time"),
        ("delivered", pl.Datetime(), "local time"),
        ("urgent", pl.Boolean(), "true or false"),
        ("interruptions", pl.Int32(), "count"),
    ],
)
def test_unit_of_a_column(column: str, kind: pl.DataType, unit: str) -> None:
    assert store.unit_of(column, kind) == unit


def test_a_new_result_replaces_the_old_one_as_a_whole(tmp_path: Path) -> None:
    save(tmp_path / "pilot")
    (tmp_path / "pilot" / "figures" / "stale.png").write_bytes(b"old")
    save(tmp_path / "pilot", "second")
    assert store.read(tmp_path / "pilot").manifest["mark"] == "second"
    assert not (tmp_path / "pilot" / "figures" / "stale.png").exists()
    assert leftovers(tmp_path / "pilot") == []


@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), ValueError("x")]
)
def test_a_failure_while_filling_the_draft_leaves_the_earlier_result(tmp_path: Path, failure: BaseException) -> None:
    save(tmp_path / "pilot")
    earlier = contents(tmp_path / "pilot")
    expected = ResultsError if isinstance(failure, OSError) else type(failure)

    def save_and_fail() -> None:
        with store.replacing(tmp_path / "pilot") as draft:
            store.write(draft, TABLES, {"mark": "second"})
            raise failure

    with pytest.raises(expected):
        save_and_fail()
    assert contents(tmp_path / "pilot") == earlier
    assert leftovers(tmp_path / "pilot") == []


@pytest.mark.parametrize("broken_call", [-1, 0])
@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_while_swapping_leaves_the_earlier_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken_call: int, failure: BaseException
) -> None:
    save(tmp_path / "pilot")
    earlier = contents(tmp_path / "pilot")
    calls: list[Path] = []
    really = os.replace

    def replace(source: Path, target: Path) -> None:
        if Path(source).is_dir():
            calls.append(source)
            if len(calls) == broken_call + 2:
                raise failure
        really(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(ResultsError if isinstance(failure, OSError) else KeyboardInterrupt):
        save(tmp_path / "pilot", "second")
    assert contents(tmp_path / "pilot") == earlier
    assert leftovers(tmp_path / "pilot") == []


def test_a_failure_while_syncing_leaves_the_earlier_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "pilot")
    earlier = contents(tmp_path / "pilot")

    def fsync(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(ResultsError, match=r"Input/output error; earlier results are as they were$"):
        save(tmp_path / "pilot", "second")
    assert contents(tmp_path / "pilot") == earlier


def test_all_of_a_result_is_synced_before_it_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: set[int] = set()
    really, missed = os.replace, list[Path]()

    def replace(source: Path, target: Path) -> None:
        if Path(source).is_dir():
            missed.extend(path for path in (source, *source.rglob("*")) if path.stat().st_ino not in synced)
        really(source, target)

    monkeypatch.setattr(os, "fsync", lambda handle: synced.add(os.fstat(handle).st_ino))
    monkeypatch.setattr(os, "replace", replace)
    save(tmp_path / "pilot")
    assert synced
    assert missed == []


def test_an_old_result_left_aside_by_a_lost_process_is_put_back(tmp_path: Path) -> None:
    save(tmp_path / "pilot")
    earlier = contents(tmp_path / "pilot")
    (tmp_path / "pilot").rename(tmp_path / ".pilot.before")
    assert store.read(tmp_path / "pilot").manifest["mark"] == "first"
    assert contents(tmp_path / "pilot") == earlier


def test_an_old_result_left_aside_beside_the_new_one_is_deleted(tmp_path: Path) -> None:
    save(tmp_path / "pilot")
    (tmp_path / "pilot").rename(tmp_path / ".pilot.before")
    save(tmp_path / "other", "second")
    (tmp_path / "other").rename(tmp_path / "pilot")
    assert store.read(tmp_path / "pilot").manifest["mark"] == "second"
    assert leftovers(tmp_path / "pilot") == []


def test_drafts_of_lost_processes_are_removed_and_those_of_running_ones_kept(tmp_path: Path) -> None:
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True, text=True
    )
    here, lost = f".draft-{files.here()}", int(gone.stdout)
    kept = [f"{here}-{os.getpid()}-0123abcd", f"{here}0-{lost}-0123abcd", f"{here}-{'9' * 30}-0123abcd", ".draft-mine"]
    kept += [f".draft-{socket.gethostname()}-1-{lost}-0123abcd"]  # of another container
    for name in (*kept, f"{here}-{lost}-0123abcd"):
        (tmp_path / name).mkdir()
    save(tmp_path / "pilot")
    assert leftovers(tmp_path / "pilot") == sorted(kept)


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """A child process may write files of at most 4 kB: the second, larger result fails in the middle of a table."""
    save(tmp_path / "pilot")
    earlier = contents(tmp_path / "pilot")
    child = """
        import resource, sys
        import numpy as np, polars as pl
        from pathlib import Path
        from sim.files import storage as files
        from sim.runs import results as store
        from sim.core.errors import ResultsError
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        noise = pl.DataFrame({"output_minutes": np.random.default_rng(1).random(100_000)})
        try:
            with store.replacing(Path(sys.argv[1])) as draft:
                store.write(draft, {"person_week": noise}, {})
        except ResultsError as error:
            sys.exit(str(error))
    """
    command = [sys.executable, "-c", textwrap.dedent(child), str(tmp_path / "pilot")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "earlier results are as they were" in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(tmp_path / "pilot") == earlier
    assert leftovers(tmp_path / "pilot") == []


def test_ctrl_c_and_kill_in_a_child_process_leave_the_earlier_result(tmp_path: Path) -> None:
    save(tmp_path / "pilot")
    earlier = contents(tmp_path / "pilot")
    child = """
        import sys, time
        from pathlib import Path
        from sim.files import storage as files
        from sim.runs import results as store
        with store.replacing(Path(sys.argv[1])) as draft:
            (draft / "person_week.parquet").write_bytes(b"half a table")
            print("ready", flush=True)
            time.sleep(60)
    """
    for number, survivors in ((signal.SIGINT, 0), (signal.SIGKILL, 1)):
        command = [sys.executable, "-c", textwrap.dedent(child), str(tmp_path / "pilot")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            process.send_signal(number)
        assert process.returncode != 0
        assert contents(tmp_path / "pilot") == earlier
        assert len(leftovers(tmp_path / "pilot")) == survivors
    store.read(tmp_path / "pilot")
    assert leftovers(tmp_path / "pilot") == []


def test_a_place_that_cannot_be_written_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with (
        pytest.raises(ResultsError, match=r"file is a file; a folder is needed there$"),
        store.replacing(tmp_path / "file" / "pilot"),
    ):
        pytest.fail("the block must not start")


@pytest.mark.parametrize("kind", ["file", "link", "foreign folder"])
def test_what_is_no_results_folder_is_never_replaced(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "pilot"
    if kind == "file":
        target.write_text("precious")
    else:
        precious = tmp_path / "elsewhere" if kind == "link" else target
        precious.mkdir()
        (precious / "thesis.md").write_text("precious")
    if kind == "link":
        target.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ResultsError), store.replacing(target):
        pytest.fail("the block must not start")
    survivor = target if kind == "file" else target / "thesis.md"
    assert survivor.read_text() == "precious"


def damage_table(folder: Path) -> None:
    table = folder / "person_week.parquet"
    table.write_bytes(table.read_bytes()[:-20])


def remove_table(folder: Path) -> None:
    (folder / "person_week.parquet").unlink()


def swap_bytes(folder: Path) -> None:
    content = bytearray((folder / "person_week.parquet").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (folder / "person_week.parquet").write_bytes(content)


def edit_manifest(folder: Path, **changes: object) -> None:
    manifest = files.read_json(folder / "manifest.json")
    files.write_json(folder / "manifest.json", manifest | changes)


def lie_about_rows(folder: Path) -> None:
    tables = json.loads((folder / "manifest.json").read_text())["tables"]
    tables["person_week"]["rows"] = 5
    edit_manifest(folder, tables=tables)


def point_outside(folder: Path) -> None:
    tables = json.loads((folder / "manifest.json").read_text())["tables"]
    tables["person_week"]["file"] = "../secret.parquet"
    edit_manifest(folder, tables=tables)


def forge_checksum(folder: Path) -> None:
    other = pl.DataFrame({"week": [1, 2]})
    tables = json.loads((folder / "manifest.json").read_text())["tables"]
    tables["person_week"]["sha256"] = files.write_table(folder / "person_week.parquet", other)
    edit_manifest(folder, tables=tables)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damage_table, r"person_week\.parquet is damaged: it carries no checksum"),
        (swap_bytes, r"person_week\.parquet is damaged: its checksum"),
        (forge_checksum, r"person_week\.parquet is damaged"),
        (remove_table, r"person_week\.parquet is missing"),
        (lie_about_rows, r"its rows or columns differ"),
        (point_outside, r"outside the folder"),
        (lambda folder: (folder / "manifest.json").unlink(), r"is no results folder"),
        (
            lambda folder: folder.rename(folder.with_name("x")) and folder.write_text(""),
            r"pilot cannot be read: Not a directory",
        ),
        (lambda folder: (folder / "manifest.json").write_text("{"), r"it is not JSON"),
        (lambda folder: (folder / "manifest.json").write_bytes(b"\xff\xfe"), r"it is not JSON"),
        (lambda folder: (folder / "manifest.json").write_text("[" * 100_000), r"it is not JSON"),
        (lambda folder: (folder / "manifest.json").write_text("[]"), r"it carries no checksum"),
        (lambda folder: edit_manifest(folder, format=99), r"has format 99, and this version reads 3"),
        (lambda folder: edit_manifest(folder, tables=["person_week"]), r"makes no sense"),
        (lambda folder: edit_manifest(folder, tables={"person_week": {}}), r"makes no sense"),
    ],
)
def test_damaged_results_give_one_clear_message(tmp_path: Path, damage: object, message: str) -> None:
    save(tmp_path / "pilot")
    assert callable(damage)
    damage(tmp_path / "pilot")
    with pytest.raises(ResultsError, match=message) as caught:
        store.read(tmp_path / "pilot")
    assert "\n" not in str(caught.value)


def test_an_entry_that_a_manifest_lacks_is_named(tmp_path: Path) -> None:
    """Also where it lies deeper, and in another process; whoever asks whether it is there gets an answer."""
    save(tmp_path / "pilot")
    edit_manifest(tmp_path / "pilot", resolved={"run": {"seed": 1}}, phases=[{"name": "one"}])
    read = store.read(tmp_path / "pilot").manifest
    for manifest in (read, pickle.loads(pickle.dumps(read))):
        assert manifest == files.read_json(tmp_path / "pilot" / "manifest.json")
        assert manifest.get("scenario") is None
        assert "scenario" not in manifest
        for lacking, look in (
            ("scenario", lambda about: about["scenario"]),
            ("resolved.run.people", lambda about: about["resolved"]["run"]["people"]),
            ("phases.start", lambda about: about["phases"][0]["start"]),
        ):
            with pytest.raises(ResultsError, match=rf"manifest\.json lacks the entry '{lacking}'; run the scenario"):
                look(manifest)


def test_a_summary_in_another_encoding_is_no_mistake(tmp_path: Path) -> None:
    save(tmp_path / "pilot")
    assert store.read(tmp_path / "pilot").summary == ""
    (tmp_path / "pilot" / store.SUMMARY).write_bytes(b"caf\xe9")
    assert store.read(tmp_path / "pilot").summary == "caf\ufffd"


def test_results_are_read_where_no_lock_can_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the folder beside them cannot be looked into, or the file system has no locks."""
    save(tmp_path / "pilot")

    def flock(*_: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(store.fcntl, "flock", flock)
    assert store.read(tmp_path / "pilot").manifest["mark"] == "first"


def test_a_place_that_is_not_in_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="is not text in UTF-8"):
        save(tmp_path / os.fsdecode(b"res\xff") / "pilot")
    assert not list(tmp_path.iterdir())


def test_reading_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"there is no folder .*/nothing/pilot$"):
        store.read(tmp_path / "nothing" / "pilot")


def test_the_results_beside_a_misspelt_folder_or_inside_a_folder_of_them_are_named(tmp_path: Path) -> None:
    save(tmp_path / "pilot_ban")
    (draft := tmp_path / ".draft-here-7-0123abcd").mkdir()
    (draft / "manifest.json").write_text("{}", "utf-8")
    with pytest.raises(ResultsError, match=r"there is no folder .*/pilot_bam; did you mean 'pilot_ban'\?"):
        store.read(tmp_path / "pilot_bam")
    with pytest.raises(ResultsError, match=r"is no results folder: it has no manifest.json; valid: pilot_ban"):
        store.read(tmp_path)


def test_where_a_sweep_is_wanted_only_sweeps_are_named(tmp_path: Path) -> None:
    save(tmp_path / "pilot_ban")
    with pytest.raises(ResultsError, match=r"is no folder of a sweep: it has no manifest.json$"):
        open_sweep(tmp_path)
    (sweep := tmp_path / "quick-0123").mkdir()
    files.write_json(sweep / "manifest.json", {"kind": "sweep"}, json.dumps)
    with pytest.raises(ResultsError, match=r"is no folder of a sweep: it has no manifest.json; valid: quick-0123$"):
        open_sweep(tmp_path)
    with pytest.raises(ResultsError, match=r"is no folder of a sweep: it holds results of the kind 'run'$"):
        open_sweep(tmp_path / "pilot_ban")
    with pytest.raises(ResultsError, match=r"quick-0123 is the folder of a sweep, which is not taken here$"):
        store.read(sweep)


@pytest.mark.parametrize(("mark", "kept"), [("first", True), ("second", False)])
def test_what_was_made_of_results_stays_only_beside_these(tmp_path: Path, mark: str, kept: bool) -> None:
    folder = tmp_path / "pilot"
    save(folder)
    made = [folder / name for name in ("figures/effects.svg", "export/csv/x.csv", "report.html", "report_zh.html")]
    for path in made[1:]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"made")
    own = [folder / name for name in ("notes.md", "own/notes.txt")]
    for path in own:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"own")
    save(folder / "scorecard")
    made += [folder / "scorecard" / name for name in ("manifest.json", "person_week.parquet")]
    (folder / "person_week").mkdir()
    (folder / "person_week" / "0000.parquet").write_bytes(b"of a table")
    with store.replacing(folder) as draft:
        store.write(draft, TABLES, {"mark": mark, "written": "later"})
        said = keep_derived(draft, folder)
    assert {path.is_file() for path in made} == {kept}
    assert not (folder / "person_week").exists()
    assert {path.read_bytes() for path in own} == {b"own"}
    assert said.startswith("the results are the same, and what" if kept else "what was made of other results in ")
    names = "export, figures, report.html, report_zh.html, scorecard"
    assert f"{folder} is {'kept' if kept else 'removed'}: {names}; " in said
    with store.replacing(folder) as draft:
        store.write(draft, TABLES, {"mark": mark})
        (draft / "figures").mkdir()
        (draft / "figures" / "effects.svg").write_bytes(b"new")
        assert ("figures" in keep_derived(draft, folder)) is False
    assert (folder / "figures" / "effects.svg").read_bytes() == b"new"
