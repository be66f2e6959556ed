"""Workers and drivers are killed at random moments, many times over: the final table is that of a quiet serial run."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from sim.runs.crash_log import attempts_on_record
from sim.sweeps.monitor import COMPLETE, state_of
from tests.sweeps import engines
from tests.sweeps.helpers import digest, driven, finished, made, started, table, written

KILLS = 24  # of workers or drivers
SECONDS = 40.0  # afterwards the sweep may end in peace, if there were
ENOUGH = 5  # kills, one of them of a driver: on a busy machine that takes longer
LONGEST = 600.0  # seconds


@pytest.mark.slow
@pytest.mark.parametrize("seed", [20261125])
def test_kills_at_random_moments_change_no_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Only processes of this sweep are killed: drivers that the test starts, and workers that name themselves there.

    A run is given up after 12 deaths here; kills are at random, so that none of the 600 runs meets that many.
    """
    chance = random.Random(seed)
    design = written(tmp_path, {"x": [float(number) for number in range(100)], "sleep": [0.02]}, replicates=6)
    quiet = made(design, tmp_path / "quiet")
    with monkeypatch.context() as at_once:
        at_once.setattr(engines, "time", SimpleNamespace(sleep=lambda _: None))
        driven(quiet)
    sweep = made(design, tmp_path)
    flags = ("--workers", "3", "--attempts", "12", "--chunk", "12")
    began, kills, drivers = time.monotonic(), 0, 0
    driver = started(design, tmp_path, *flags)
    while kills < KILLS and time.monotonic() - began < (SECONDS if kills >= ENOUGH and drivers else LONGEST):
        time.sleep(chance.uniform(0.05, 0.9))
        if driver.poll() is not None:
            if driver.returncode == 0:
                break
            finished(driver)
            driver = started(design, tmp_path, *flags)
        working = [each.process for each in attempts_on_record(sweep.folder) if each.running]
        if working and chance.random() < 0.75:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(working), signal.SIGKILL)
                kills += 1
        elif working:  # the driver has begun
            driver.send_signal(signal.SIGKILL)
            finished(driver)
            kills, drivers = kills + 1, drivers + 1
            driver = started(design, tmp_path, *flags)
    code, said = finished(driver)
    if code != 0:  # a driver that was started beside the last workers of another one
        code, said = finished(started(design, tmp_path, *flags))
    assert code == 0, said
    assert kills >= ENOUGH
    assert drivers >= 1
    assert state_of(sweep).code == COMPLETE
    assert digest(table(sweep)) == digest(table(quiet))


def test_a_full_disk_stops_the_sweep_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full from the third file on; later there is space again."""
    design = written(tmp_path, {"x": [float(number) for number in range(12)]}, replicates=3)
    quiet = made(design, tmp_path / "quiet")
    driven(quiet)
    sweep = made(design, tmp_path)
    replace, count = os.replace, 0

    def full(source: Path, target: Path) -> None:
        nonlocal count
        count += 1
        if count > 2:
            raise OSError(28, "No space left on device")
        replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        why = driven(sweep, chunk=5)
    assert why == f"cannot write {sweep.folder}: No space left on device"
    state = state_of(sweep)
    assert 0 < state.done < state.planned
    assert not [path for path in sweep.folder.rglob(".draft-*")]
    assert attempts_on_record(sweep.folder) == []
    assert driven(sweep) == ""
    assert digest(table(sweep)) == digest(table(quiet))


def of_many(folder: Path) -> Path:
    """Write a design of 620 runs."""
    return written(folder, {"x": [float(number) for number in range(30)]}, replicates=20)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Hash of the rows of that design where nothing is refused."""
    folder = tmp_path_factory.mktemp("quiet")
    quiet = made(of_many(folder), folder)
    driven(quiet)
    return digest(table(quiet))


def survives(
    tmp_path: Path, out: Path, undisturbed: str, space: Callable[[], None], *flags: str, before: str = ""
) -> None:
    """A sweep ends with a sentence when the system refuses to write, and goes on when there is space."""
    design = of_many(tmp_path)
    code, said = finished(started(design, out, *flags, before=before))
    assert code == 3, said
    assert "cannot write" in said, said
    assert "Traceback" not in said, said
    sweep = made(design, out)
    assert state_of(sweep).done < sweep.size
    assert not list(sweep.folder.rglob(".draft-*"))
    space()
    assert driven(sweep) == ""
    assert digest(table(sweep)) == undisturbed


@pytest.mark.parametrize("backend", ["serial", "local"])
def test_a_file_that_the_system_cuts_short_stops_the_sweep_and_loses_nothing(
    tmp_path: Path, undisturbed: str, backend: str
) -> None:
    """The limit of the size of files is real, and lets the small files of a sweep pass."""
    workers = () if backend == "serial" else ("--workers", "2")
    flags = ("--backend", backend, *workers, "--chunk", "500")
    survives(tmp_path, tmp_path / "out", undisturbed, lambda: None, *flags, before="ulimit -f 12")


def test_a_file_system_without_space_stops_the_sweep_and_loses_nothing(tmp_path: Path, undisturbed: str) -> None:
    """A file system of 200 kB, where this user may mount one."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(place)]
    if sys.platform != "linux" or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this user may not mount a file system")
    try:
        more = ["mount", "-o", "remount,size=20m", str(place)]
        flags = ("--workers", "2", "--chunk", "12")
        survives(tmp_path, place, undisturbed, lambda: subprocess.run(more, check=True) and None, *flags)
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
