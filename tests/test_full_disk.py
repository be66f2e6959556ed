"""Every call to write, sync, rename, link or make a folder fails in turn: what was there stays, and it is said why."""

import ast
import errno
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.core.errors import OffhoursError
from sim.files import storage as files
from sim.runs.evaluations import Evaluator
from sim.sweeps.monitor import COMPLETE, state_of
from sim.sweeps.session import write_tables
from tests.calibration.toys import NAMES, Linear
from tests.stored import Calls, of_world, read, save, shelf
from tests.sweeps.helpers import digest, driven, made, table, written

SIM = Path(files.__file__).parents[1]
REASONS = {errno.ENOSPC: "No space left on device", errno.EIO: "Input/output error"}
REASONS |= {errno.EDQUOT: "Disk quota exceeded"} if hasattr(errno, "EDQUOT") else {}


def refused(act: Callable[[], object], check: Callable[[bool], object], start: Callable[[], object]) -> int:
    """Count what an act asks of the system, then refuse each call in turn, every second one with all that follow."""
    start()
    counted = Calls()
    with counted.watched():
        act()
    for at in range(1, counted.count + 1):
        number = list(REASONS)[at % len(REASONS)]
        start()
        calls, said = Calls(at, number, at % 2 == 0), ""
        with calls.watched():
            try:
                said = str(act() or "")
            except OffhoursError as error:
                said = str(error)
        if said:
            assert re.match(r"cannot write \S+: ", said), (said, calls.refused, at)
            assert REASONS[number] in said, (said, calls.refused, at)
            assert "\n" not in said
        check(bool(said))
    start()
    with Calls(short=True).watched():
        assert not act()
    check(False)
    return counted.count


def test_results(tmp_path: Path) -> None:
    """As of a run and a comparison: tables of all kinds, manifest, summary and the exchange."""
    place = tmp_path / "out" / "pilot"

    def start() -> None:
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        save(place, "first")

    def check(failed: bool) -> None:
        found = read(place)  # whole; the new one too if nothing but its last sync failed, and nothing can be undone
        assert found.startswith(("first", "second") if failed else "second")
        assert {path.name for path in place.parent.iterdir()} == {"pilot", "piece.parquet", "piece.json"}

    assert refused(lambda: save(place, "second"), check, start) > 40


def test_worlds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "worlds"
    expected = of_world(shelf(tmp_path / "quiet", monkeypatch))

    def check(_: bool) -> None:
        assert of_world(shelf(place, monkeypatch)) == expected
        assert len(list(place.iterdir())) == 1

    act = lambda: of_world(shelf(place, monkeypatch)) and None  # noqa: E731
    assert refused(act, check, lambda: shutil.rmtree(place, ignore_errors=True)) > 20


def test_a_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From its folder to its tables; the same command goes on and ends with the same rows, to the bit."""
    monkeypatch.setattr("sim.sweeps.session.in_own_process", lambda function, task: function(task))
    design = written(tmp_path, {"x": [0.0]})
    quiet = made(design, tmp_path / "quiet")
    driven(quiet)
    expected = digest(table(quiet))

    def act() -> str:
        sweep = made(design, tmp_path / "out")
        why = driven(sweep, chunk=2)
        if not why:
            write_tables(sweep, print)
        return why

    def check(_: bool) -> None:
        sweep = made(design, tmp_path / "out")
        state_of(sweep)
        assert driven(sweep) == ""
        assert state_of(sweep).code == COMPLETE
        assert digest(table(sweep)) == expected
        assert not list(sweep.folder.rglob(".draft-*"))

    assert refused(act, check, lambda: shutil.rmtree(tmp_path / "out", ignore_errors=True)) > 40


def test_a_campaign(tmp_path: Path) -> None:
    points = [dict.fromkeys(NAMES, 0.1 * k) for k in range(3)]
    place = tmp_path / "campaign"

    def act() -> None:
        Evaluator().outputs(place, 1, Linear(), points, 7)

    quiet = Evaluator().outputs(tmp_path / "quiet", 1, Linear(), points, 7)

    def check(_: bool) -> None:
        assert Evaluator().outputs(place, 1, Linear(), points, 7) == quiet

    assert refused(act, check, lambda: shutil.rmtree(place, ignore_errors=True)) > 15


def test_only_one_module_writes() -> None:
    """So that what is stored cannot go round it: no other call in the package opens a file to write, or renames one."""
    writing = {"write_text", "write_bytes", "write_parquet", "sink_parquet", "write_csv", "savefig"}
    writing |= {"replace", "rename", "move", "copyfile", "NamedTemporaryFile", "mkstemp", "fsync"}
    known = {
        "runs/results.py": {"replace"},  # of whole folders
        "cli/main.py": {"mkstemp"},  # the account of a failure, in the temporary folder
        "core/user_cache.py": {"replace", "fsync"},  # of compiled code, with a checksum of its own
        "report/plots.py": {"savefig"},  # into memory
        "observation.py": {"NamedTemporaryFile"},  # only to see whether there is space
        "evidence/logfile.py": {"write_parquet", "sink_parquet"},  # in a temporary folder
        "logs/messages.py": {"write_parquet", "sink_parquet"},  # in the same
        "studies/message_logs.py": {"write_text"},  # in a temporary folder
        "publishing/export.py": {"write_csv", "savefig"},  # into memory, as the next
        "publishing/page.py": {"savefig"},
    }
    for path in sorted(SIM.rglob("*.py")):
        place = path.relative_to(SIM).as_posix()
        if place == "files/storage.py":
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in writing:
                names = [value.id for value in [node.func.value] if isinstance(value, ast.Name)]
                if node.func.attr in ("replace", "rename") and names not in (["os"], ["shutil"]):
                    continue  # of texts and tables
                if node.func.attr == "write_text" and names == ["files"]:
                    continue
                assert node.func.attr in known.get(place, ()), f"{place}:{node.lineno}"
