"""The bench can fail: planted figures that are too slow or too large are found, and memory is not that of others."""

import io
import math
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from tests import bench, memory
from tests.aims import AIMS, Lines
from tests.bench_clone import Clone, CommandError, Engines, against_before, ratio

GOOD = {name: aim.limit * (1.1 if aim.least else 0.9) for name, aim in AIMS.items()}
MB = 1_000_000
NOTHING = "from tests.memory import peak; print(peak())"
SOME = f"from tests.memory import peak, reset; some = b'x' * {90 * MB}; some = None; before = peak(); reset(); "


def planted(monkeypatch: pytest.MonkeyPatch, **other: float) -> None:
    """Let the bench measure what lies within all aims, except for what is given, without measuring anything."""
    figures = GOOD | other
    size = {
        "people": 9.0, "messages": 1e6, "drawn": 1.0, "arrays": figures["arrays"],
        "grown": figures["grown"], "peak": figures["peak"] * MB,
    }  # fmt: skip
    day = 1e-5  # seconds
    driver = figures["driver_memory"] * MB
    answers: dict[tuple[str, str], dict[str, float]] = {
        ("sweep", "1000"): {"runs": 1_000.0, "peak": driver / figures["driver_growth"]},
        ("sweep", "100000"): {
            "runs": 1e5, "seconds": figures["overhead"] * 1e5 / 2e3, "peak": driver, "again": figures["again"],
            "read": figures["read"],
        },
        **{
            ("size", str(people)): size
            | {"ns": figures["message"], "person_day": day * figures["growth"] if people > bench.SIZES[0] else day}
            for people in bench.SIZES
        },
        ("sliced", "100000"): {"seconds": 1.0, "peak": figures["peak"] * MB / figures["flat"]},
        ("sliced", "1000000"): {"seconds": 1.0, "peak": figures["peak"] * MB},
    }  # fmt: skip
    starts = iter([figures["cold"], *[figures["cached"]] * 3])
    fakes: dict[str, Any] = {
        "start_seconds": lambda: next(starts),
        "help_seconds": lambda: figures["help"],
        "against_twin": lambda: (100.0, 100.0 * figures["twin"], 5),
        "by_threads": lambda: {1: (figures["threads"], 1.0), 2: (1.0, 2.0)},
        "by_workers": lambda: (figures["workers"], 1.0),
        "against_before": lambda _: Engines((10.0, 1.0), (10.0 * figures["before"], 1.0), (9.0, 2.0)),
        "Clone": lambda _: SimpleNamespace(
            scenario=lambda: (figures["scenario"], figures["scenario_again"]),
            suite=lambda: figures["suite"],
            wheel=lambda: (1.0, figures["compiled"]),
        ),
        "coverage": lambda *_: (figures["held"], figures["held_mean"]),
        "child": lambda *arguments: bench.json.dumps(answers[arguments]),
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(bench, name, fake)
    monkeypatch.setattr(os, "getloadavg", lambda: (0.0, 0.0, 0.0))
    monkeypatch.setenv("OFFHOURS_CACHE", "")  # which the bench sets


@pytest.mark.parametrize("name", AIMS)
def test_each_figure_beyond_its_aim_fails_the_strict_bench(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    aim = AIMS[name]
    planted(monkeypatch, **{name: aim.limit * (0.9 if aim.least else 1.1)})
    assert bench.main(strict=True) == 1
    missed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("not met: ")]
    assert missed
    assert all(f": {name} " in line for line in missed), missed


def test_figures_within_their_aims_pass_and_without_strict_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch)
    assert bench.main(strict=True) == 0
    planted(monkeypatch, cold=1e9)
    assert bench.main(strict=False) == 0


def test_some_parts_are_measured_alone(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    planted(monkeypatch, twin=1.0, cold=1e9)
    assert bench.main(strict=True, parts=["threads", "clone"]) == 0
    assert "make test" in capsys.readouterr().out
    assert bench.main(strict=True, parts=["twin"]) == 1


@pytest.mark.parametrize(
    ("words", "said"), [(["--stict"], "--stict"), (["twins"], "twins is no part; there are starts")]
)
def test_the_command_refuses_other_words(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        bench.asked(words)
    assert refused.value.code == 2
    assert said in capsys.readouterr().err


def test_without_the_older_engine_its_ratio_cannot_be_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bench_clone.BEFORE", "0" * 40)
    found = against_before(tmp_path)
    assert found is None
    assert math.isnan(ratio(found))


def test_engines_that_do_other_work_cannot_be_compared() -> None:
    day, same = (10.0, 107.25), (5.0, 107.25)
    assert ratio(Engines(day, same, (6.0, 100.0))) == 0.5
    assert math.isnan(ratio(Engines(day, (5.0, 108.5), same)))
    assert math.isnan(ratio(Engines(day, (5.0, 106.0), same)))


def test_engines_whose_messages_differ_a_little_are_compared_by_the_measure_that_is_worse_for_today() -> None:
    before, same = (10.0, 100.0), (5.0, 100.0)
    assert ratio(Engines(before, (6.0, 99.5), same)) == pytest.approx(6.0 / 99.5 / (10.0 / 100.0))
    assert ratio(Engines(before, (6.0, 100.5), same)) == pytest.approx(0.6)


def test_a_command_that_fails_in_the_clone_ends_the_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "Makefile").write_text("scenario:\n\t@test $(SCENARIO) = pilot_ban\ntest:\n\t@echo 7 failed; exit 1\n")
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "all")):
        subprocess.run([*git, *words], cwd=source, check=True)
    monkeypatch.setattr("tests.bench_clone.ROOT", source)
    clone = Clone(tmp_path)
    assert all(seconds > 0.0 for seconds in clone.scenario())
    with pytest.raises(CommandError, match="7 failed"):
        clone.suite()


def test_a_part_that_cannot_be_measured_is_missed_and_the_others_are_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planted(monkeypatch)

    def fails(_: Lines) -> None:
        raise CommandError("make test: exit code 2")

    monkeypatch.setitem(bench.PARTS, "clone", fails)
    assert bench.main(strict=True) == 1
    said = capsys.readouterr().out
    assert "clone: could not be measured: make test: exit code 2" in said
    assert "first run from a wheel" in said


def test_a_line_without_an_aim_is_refused_and_what_cannot_be_judged_is_not_met() -> None:
    lines = Lines(Console(file=io.StringIO()), clock=lambda: 0.0)
    with pytest.raises(TypeError, match="cannot fail"):
        lines.row("this", "7 s")
    lines.row("threads", "on one processor", threads=bench.unless_disturbed("threads", 1.0, disturbed=True))
    assert lines.end(strict=True) == 1
    assert math.isnan(bench.unless_disturbed("threads", 1.0, disturbed=True))
    assert bench.unless_disturbed("threads", 1.9, disturbed=True) == 1.9
    assert bench.unless_disturbed("threads", 1.0, disturbed=False) == 1.0


def said(code: str) -> list[int]:
    """Run code in a process of its own."""
    root = Path(bench.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return [int(word) for word in done.stdout.split()]


def test_the_memory_of_a_child_is_not_that_of_the_process_that_starts_it() -> None:
    if not memory.STATUS.exists():
        return  # elsewhere the system's own figure is taken
    filled = b"x" * (150 * MB)
    assert memory.peak() > 150 * MB
    assert said(NOTHING)[0] < 75 * MB
    assert len(filled) == 150 * MB


def test_a_peak_that_is_set_back_is_that_of_what_comes_after() -> None:
    if not memory.STATUS.exists():
        return
    before, after, later = said(f"{SOME} after = peak(); more = b'x' * {40 * MB}; print(before, after, peak())")
    assert before > 90 * MB
    assert later - after == pytest.approx(40 * MB, rel=0.1)
    assert after < before - 80 * MB
