"""Whatever bit of a stored file flips: it is refused by name, or nothing has changed; nothing leads out of a folder."""

import hashlib
import os
import pickle
import py_compile
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from sim.calibration.shipped_posteriors import read_fit
from sim.core.errors import InputError, OffhoursError, ResultsError
from sim.files import storage as files
from sim.files.shipped import CALIBRATION
from sim.files.storage import Damaged
from sim.levers.plugins import load
from sim.runs.evaluations import Evaluator
from sim.scenario.parameter_draws import load_draws
from sim.sweeps import plugins as adding
from sim.sweeps.drawing import shown_tables
from sim.sweeps.folder import open_sweep, read_rows
from sim.sweeps.monitor import state_of
from tests.calibration.toys import NAMES, Linear
from tests.conftest import Call
from tests.stored import WEEKS, numbers, of_world, read, save, shelf, swept
from tests.sweeps.helpers import driven, made, table

FLIPS = 80  # of each kind of stored thing
POINTS = [dict.fromkeys(NAMES, 0.1 * k) for k in range(4)]


def kept(place: Path) -> str:
    """What a campaign has evaluated; what is damaged is simulated again."""
    return repr(Evaluator().outputs(place, 1, Linear(), POINTS, 7))


def shipped(place: Path) -> str:
    """What is read of a shipped posterior."""
    fit = read_fit(place / "posterior_report.json")
    return (
        repr(fit.manifest) + numbers(*fit.tables.values()) + repr(load_draws(str(place / "posterior_report.parquet")))
    )


def whole_sweep(place: Path) -> str:
    """Everything that is read of a sweep."""
    (folder,) = (path for path in place.iterdir() if path.is_dir())
    sweep = open_sweep(folder)
    tables, _ = shown_tables(sweep)
    rows = [
        repr(each.rows()) for each in (table(sweep), read_rows(sweep, ["x"]), sweep.plan.conditions, *tables.values())
    ]
    return repr([*rows, sweep.plan.draws, sweep.limits, sweep.replicates, state_of(sweep)])


@pytest.mark.parametrize("kind", ["results", "worlds", "sweep", "draws", "shipped", "campaign"])
def test_a_flipped_bit_is_refused_or_changes_nothing(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In all 480 flips; the figures that a reader gets are compared to the last digit."""
    place = tmp_path / "place"
    place.mkdir()
    look: Callable[[], str]
    if kind == "results":
        save(tmp_path / "out" / "pilot", "first")
        shutil.move(tmp_path / "out" / "pilot", place / "pilot")
        look = lambda: read(place / "pilot")  # noqa: E731
    elif kind == "worlds":
        look = lambda: of_world(shelf(place, monkeypatch))  # noqa: E731
    elif kind == "sweep":
        swept(place)
        (place / "noop.toml").unlink()
        look = lambda: whole_sweep(place)  # noqa: E731
    elif kind == "draws":
        files.write_table(place / "mine.parquet", pl.DataFrame({"act_base": [0.1 * k for k in range(9)]}))
        look = lambda: repr(load_draws(str(place / "mine.parquet")))  # noqa: E731
    elif kind == "shipped":
        for suffix in ("parquet", "json"):
            shutil.copy(CALIBRATION / f"posterior_report.{suffix}", place)
        look = lambda: shipped(place)  # noqa: E731
    else:
        look = lambda: kept(place)  # noqa: E731
    expected = look()
    stored = sorted(path for path in place.rglob("*") if path.suffix in (".json", ".parquet") and path.is_file())
    assert stored
    chance, refused = random.Random(f"flips {kind}"), 0
    for number in range(FLIPS):
        path = stored[number % len(stored)]
        before = path.read_bytes()
        content = bytearray(before)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        said = ""
        try:
            assert look() == expected, path
        except OffhoursError as error:
            said = str(error)
        refused += bool(said)
        assert not said or path.parent.name in said, said
        assert "\n" not in said
        path.write_bytes(before)
    assert look() == expected
    assert refused > FLIPS // 2 or kind == "campaign"  # whose files are made again


def test_draws_from_elsewhere_need_no_checksum_and_shipped_ones_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pl.DataFrame({"act_base": [0.1]}).write_parquet(tmp_path / "posterior_report.parquet")
    assert load_draws(str(tmp_path / "posterior_report.parquet"))
    monkeypatch.setattr("sim.scenario.parameter_draws.CALIBRATION", tmp_path)
    with pytest.raises(Damaged, match="carries no checksum"):
        load_draws("report")


def test_a_card_beside_draws_of_another_calibration_is_refused(tmp_path: Path) -> None:
    shutil.copy(CALIBRATION / "posterior_report.json", tmp_path)
    shutil.copy(CALIBRATION / "posterior_surveyed.parquet", tmp_path / "posterior_report.parquet")
    with pytest.raises(Damaged, match="of another calibration"):
        read_fit(tmp_path / "posterior_report.json")


def test_stray_files_stop_nothing_and_stay(tmp_path: Path, call: Call) -> None:
    sweep = swept(tmp_path)
    expected = table(sweep)
    strays = ["shards/mine.parquet", "shards/00/mine.parquet", "runs/mine.parquet", ".draft-", ".draft-a-b-c", "a.json"]
    for name in strays:
        (sweep.folder / name).parent.mkdir(exist_ok=True)
        (sweep.folder / name).write_text("mine")
    assert call("status", sweep.folder).code == 0
    assert driven(sweep) == ""
    assert table(sweep).equals(expected)
    assert call("fsck", sweep.folder, "--mend").code == 0
    for name in strays:
        assert (sweep.folder / name).read_text() == "mine"


def test_links_are_refused(tmp_path: Path, call: Call) -> None:
    sweep = swept(tmp_path)
    (sweep.folder / "shards").rename(tmp_path / "elsewhere")
    (sweep.folder / "shards").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Damaged, match="is a link"):
        state_of(sweep)
    done = call("fsck", sweep.folder, "--mend")
    assert done.code == 3
    assert re.search(r"shards: .*it is a link", done.out)
    assert (sweep.folder / "shards").is_symlink()
    save(tmp_path / "out" / "pilot", "first")
    (tmp_path / "out" / "pilot" / "effects.parquet").rename(tmp_path / "effects.parquet")
    (tmp_path / "out" / "pilot" / "effects.parquet").symlink_to(tmp_path / "effects.parquet")
    with pytest.raises(Damaged, match="is a link"):
        read(tmp_path / "out" / "pilot")


def test_damaged_rows_of_a_sweep_are_done_again(tmp_path: Path, call: Call) -> None:
    """A shard, a part, a table, what was planned, and the manifest: the same command makes all of them anew."""
    sweep = swept(tmp_path)
    expected = table(sweep)
    for path in [path for path in sweep.folder.rglob("*") if path.suffix in (".parquet", ".json") and path.is_file()]:
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert call("fsck", tmp_path).code == 3
    done = call("fsck", "--mend", tmp_path)
    assert done.code == 0, done.out
    again = made(tmp_path / "noop.toml", tmp_path)
    assert again.folder == sweep.folder
    assert state_of(again).done == 0
    driven(again)
    assert table(again).equals(expected)


def test_code_of_a_sweep_is_run_only_if_it_is_what_it_was(tmp_path: Path) -> None:
    text = "raise SystemExit('run')"
    name = hashlib.sha256(text.encode()).hexdigest()
    adding.store_copies(tmp_path, {name: text})
    with pytest.raises(OffhoursError, match="SystemExit"):
        adding.load(tmp_path, {name: text})
    place = tmp_path / "code" / f"{name}.py"
    place.write_text("import os; os._exit(9)")
    with pytest.raises(Damaged, match="not the code that the sweep was begun with"):
        adding.load(tmp_path, {name: text})
    adding.store_copies(tmp_path, {name: text})
    assert place.read_text() == text


def test_code_of_a_sweep_that_changed_or_is_no_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file := tmp_path / "mine.py").write_bytes(b"# coding: latin-1\nx = '\xe9'\n")
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    monkeypatch.setitem(adding.added.levers, "mine", adding.added.Added(object, file, sha256))
    with pytest.raises(InputError, match=f"^{re.escape(str(file))}: is not text in UTF-8$"):  # nobody said --with
        adding.plugin_texts([{"levers": [{"kind": "mine"}]}])
    file.write_text("x = 1\n")
    with pytest.raises(InputError, match=f"^{re.escape(str(file))}: was changed while it was read; start again$"):
        adding.plugin_texts([{"levers": [{"kind": "mine"}]}])


def test_what_python_has_cached_of_added_code_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("x = 'one'")
    cached = py_compile.compile(str(path), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    path.write_text("raise ValueError('two')")
    assert cached
    with pytest.raises(OffhoursError, match="two"):
        load(path)


def test_worlds_that_others_could_have_changed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_world(shelf(tmp_path, monkeypatch))
    (world,) = (path for path in tmp_path.iterdir() if path.is_dir())
    for place in (tmp_path, world):
        mode = place.stat().st_mode
        place.chmod(mode | 0o002)
        with pytest.raises(ResultsError, match="can be written by others"):
            of_world(shelf(tmp_path, monkeypatch))
        place.chmod(mode)
    (tmp_path / "new").mkdir(mode=0o777)
    (tmp_path / "new").chmod(0o777)
    with pytest.raises(ResultsError, match="new can be written by others"):
        of_world(shelf(tmp_path / "new", monkeypatch))
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    monkeypatch.setattr(Path, "lstat", lambda _: os.stat_result((0, 0, 0, 0, 54321, 0, 0, 0, 0, 0)))
    with pytest.raises(ResultsError, match="belongs to another user"):
        of_world(shelf(tmp_path, monkeypatch))


def test_what_cannot_be_removed_is_not_said_to_be(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a world, two of whose tables are damaged, the first removes the whole."""
    of_world(shelf(tmp_path / "worlds", monkeypatch))
    (place,) = (tmp_path / "worlds").glob("ban*")
    harmed = list(place.rglob("*.parquet"))
    for path in harmed:
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert len(harmed) > 1

    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("sim.cli.fsck.rmtree", refused)
        done = call("fsck", "--mend", tmp_path)
        assert (done.code, "Permission denied" in done.err, "removed" in done.out) == (3, True, False)
    assert call("fsck", "--mend", tmp_path).code == 0
    assert not place.exists()


def test_fsck_of_results_worlds_campaigns_and_draws(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "out" / "pilot", "first")
    expected = of_world(shelf(tmp_path / "out" / "worlds", monkeypatch))
    kept(tmp_path / "campaign")
    WEEKS.write_parquet(tmp_path / "elsewhere.parquet")
    assert call("fsck", tmp_path).out.endswith("are intact, 1 of them from elsewhere, without a checksum; damaged: 0\n")
    (world,) = (tmp_path / "out" / "worlds").glob("ban*")
    harmed = [tmp_path / "out" / "pilot" / "effects.parquet", world / "firms.parquet", world / "manifest.json"]
    harmed += [tmp_path / "campaign" / "wave-1" / "00001.json", tmp_path / "elsewhere.parquet"]
    for path in harmed:
        path.write_bytes(path.read_bytes()[:40])
    done = call("fsck", tmp_path)
    assert done.code == 3
    assert all(str(path) in done.out for path in harmed if path != world / "firms.parquet")
    assert call("fsck", "--mend", tmp_path).code == 3  # results are run again, and what is from elsewhere stays
    assert not world.exists()
    assert (tmp_path / "elsewhere.parquet").exists()
    assert of_world(shelf(tmp_path / "out" / "worlds", monkeypatch)) == expected
    lost = tmp_path / "out" / "pilot" / "effects.parquet"
    lost.unlink()
    assert f"damaged: {lost}: is missing; " in call("fsck", tmp_path).out
    (tmp_path / "nothing").mkdir()
    assert call("fsck", tmp_path / "nothing").code == 2
    assert call("fsck", tmp_path / "nowhere").code == 2


def test_damage_that_another_process_finds_is_told_as_it_is() -> None:
    told = pickle.loads(pickle.dumps(Damaged(Path("a"), "it is half")))
    assert str(told) == "a is damaged: it is half"
