"""How the command line ends where something is wrong with the machine, the terminal or offhours itself."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli import main as cli
from sim.cli import terminal
from tests.conftest import Call

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}


def command(*arguments: str, folder: Path, to: int = subprocess.PIPE, **surroundings: str) -> tuple[int, bytes, bytes]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment = ours | {"PYTHONPATH": str(Path(cli.__file__).parents[2])} | surroundings
    done = subprocess.run(
        [sys.executable, "-m", "sim", *arguments], cwd=folder, env=environment, stdout=to, stderr=subprocess.PIPE,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


class Panic(BaseException):
    """As some libraries end, who do not mean to be caught."""


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Panic("half\nof nothing 中")

    monkeypatch.setattr("sim.scenario.loading.load", fail)


def told_file(err: str) -> Path:
    said = "error: this is a bug in offhours: Panic: half of nothing 中; please report the text in "
    found = re.fullmatch(re.escape(said) + r"(.+)\n", err)
    assert found, err
    return Path(found[1])


def test_a_mistake_of_offhours_is_one_sentence_and_a_file_of_the_user(
    call: Call, broken: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = call("check", "pilot_ban")
    assert (done.code, done.out) == (cli.UNEXPECTED, "")
    file = told_file(done.err)
    assert file.parent == tmp_path
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text(encoding="utf-8")
    assert "'check', 'pilot_ban'" in text
    assert text.endswith("Panic: half\nof nothing 中\n")


def test_a_traceback_that_cannot_be_kept_is_printed(
    call: Call, broken: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    done = call("check", "pilot_ban")
    assert done.code == cli.UNEXPECTED
    assert "Traceback" in done.err
    assert done.err.endswith("please report the text above\n")


def test_what_the_machine_refuses_is_one_sentence(call: Call, tmp_path: Path) -> None:
    (tmp_path / "scenario.schema.json").mkdir()
    done = call("schema")
    assert done.code == 3
    assert re.fullmatch(r"error: .*: Is a directory\n", done.err), done.err


@pytest.mark.parametrize("asked", ["list", "parameters", "--help"])
def test_a_full_disk_under_the_output_is_one_sentence(asked: str, tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        code, _, err = command(asked, folder=tmp_path, to=full.fileno())
    assert (code, err) == (3, b"error: while reading or writing: No space left on device\n")


def test_a_terminal_without_the_signs_gets_others(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('title = "Höhe − 1 → 中…"\nbase = "status_quo"\n', encoding="utf-8")
    code, out, err = command("check", "mine.toml", folder=tmp_path, **ASCII)
    assert (code, err) == (0, b"")
    assert out.startswith(b"mine.toml: Hohe - 1 > ?...; 0 levers")
    code, out, err = command("check", "mine.toml", folder=tmp_path, **ASCII | {"PYTHONIOENCODING": "latin-1"})
    assert (code, err) == (0, b"")
    assert out.decode("latin-1").startswith("mine.toml: Höhe - 1 > ?...; 0 levers")
    code, out, err = command("check", "nöwhere.toml", folder=tmp_path, **ASCII)
    assert (code, out) == (2, b"")
    assert err.startswith(b"error: n")
    assert command("parameters", folder=tmp_path, **ASCII)[0] == 0
    assert command("observe", "--help", folder=tmp_path, **ASCII)[0] == 0


def test_every_sign_that_stands_for_another_can_be_shown() -> None:
    assert all(like.isascii() for like in terminal.LIKE.values())
