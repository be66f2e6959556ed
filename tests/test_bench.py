"""The bench can fail: planted figures that are too slow or too large are found, and memory is not that of others."""

import io
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests import bench, memory
from tests.aims import AIMS, Lines

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
    }  # fmt: skip
    starts = iter([figures["cold"], *[figures["cached"]] * 3])
    fakes: dict[str, Any] = {
        "start_seconds": lambda: next(starts),
        "help_seconds": lambda: figures["help"],
        "against_twin": lambda: (100.0, 100.0 * figures["twin"], 5),
        "by_threads": lambda: {1: (figures["threads"], 1.0), 2: (1.0, 2.0)},
        "by_workers": lambda: (figures["workers"], 1.0),
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


def test_the_command_takes_strict_and_refuses_other_words() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--stict"], cwd=Path(bench.__file__).parents[1], capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "--stict: the bench takes --strict or nothing\n"


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
