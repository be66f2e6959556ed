"""Progress: which rows a terminal shows, and the time left."""

import io
import re
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from sim.calibration.history_matching import NOISE, PREDICTIVE, QUICK, steps_of
from sim.figures.words import phrase, speaking
from sim.report import progress
from sim.report.progress import show_progress, steps
from sim.runs.progress import COMPILING, SETTLING, wave_name


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(progress.time, "monotonic", lambda: self.now)


def test_the_time_left_follows_the_share_done(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, pace = Clock(monkeypatch), progress._Pace()
    assert pace.left(SETTLING, 20, 100) is None  # stored before
    clock.now += 10
    assert pace.left(SETTLING, 40, 100) == pytest.approx(30.0)
    assert pace.left(SETTLING, 100, 100) is None


def test_worlds_that_take_turns_share_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two replicates of a world of 10 weeks and of one that follows it, at a second a week: 40 seconds."""
    clock, pace = Clock(monkeypatch), progress._Pace(["today", "ban"])
    pace.left("today", 0, 20)
    found = []
    for name, start in (("today", 0), ("ban", 0), ("today", 10), ("ban", 10)):
        pace.left(name, start, 20)
        for week in range(start + 1, start + 11):
            clock.now += 1.0
            found.append(pace.left(name, week, 20))
    known = [left for left in found if left is not None]
    assert known == pytest.approx([40.0 - second for second, left in enumerate(found, 1) if left is not None])
    assert len(known) == 34


def test_stored_worlds_cost_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, pace = Clock(monkeypatch), progress._Pace(["today", "ban"])
    for done in (10, 20):
        pace.left("today", done, 20)
    pace.left("ban", 0, 20)
    for week in range(1, 6):
        clock.now += 10.0
        assert pace.left("ban", week, 20) == pytest.approx(10 * (20.0 - week))


def test_no_time_is_said_before_it_is_worth_something(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the first seconds nor by the first of very many steps, unless these have taken long."""
    clock, pace = Clock(monkeypatch), progress._Pace()
    pace.left(SETTLING, 0, 1000)
    found = []
    for seconds, done in ((2, 100), (6, 20), (6, 40), (61, 20)):
        clock.now = 1000.0 + seconds
        found.append(pace.left(SETTLING, done, 1000))
    assert found == [None, None, pytest.approx(144.0), pytest.approx(61 * 49)]


def test_compiling_does_not_count_for_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first step that is done ends it: after 50 s of compiling, ten seconds a step leave 80 after two more."""
    clock, pace, page = Clock(monkeypatch), progress._Pace(["ban"]), io.StringIO()
    report = steps(Console(file=page, width=80), ROWS | {COMPILING: "compiling: functions"})
    said = []
    for told in (pace.left, report):
        clock.now = 1000.0
        told("ban", 0, 11)
        told(COMPILING, 0, 300)
        for seconds, done in ((50, 1), (60, 2), (70, 3)):
            clock.now = 1000.0 + seconds
            said.append(told("ban", done, 11))
    assert said[:3] == [None, pytest.approx(90.0), pytest.approx(80.0)]
    assert page.getvalue().splitlines()[-1] == "  ban: weeks 3 of 11, 6 a minute, 80 s left"


def test_no_time_is_said_of_compiling_nor_once_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Machine code comes after the last rule and takes as long again: 45 s of "0 s left" were no help."""
    clock, pace = Clock(monkeypatch), progress._Pace()
    pace.left(COMPILING, 0, 10)
    clock.now += 57
    assert pace.left(COMPILING, 10, 10) is None
    column, task = progress._Left(), SimpleNamespace(fields={"ends": clock.now + 2.0})
    said = []
    for _ in range(4):
        said.append(str(column.render(task)))
        clock.now += 0.7
    assert said == ["2 s left", "1 s left", "1 s left", ""]


def test_a_terminal_shows_a_row_for_each_step_that_has_begun() -> None:
    page = io.StringIO()
    console = Console(file=page, force_terminal=True, width=80, color_system=None, legacy_windows=False)
    names = {COMPILING: "compiling: rules", SETTLING: "settling: economies", "ban": "ban: weeks"}
    with show_progress(console, names) as report:
        report(COMPILING, 3, 318)
        report("ban", 1, 448)
    last = page.getvalue().rsplit("ban: weeks", 1)[1]
    assert "1/448" in last
    assert "settling" not in page.getvalue()
    assert max(map(len, page.getvalue().replace("\r", "\n").splitlines())) < 120  # with its signs of control


ROWS = {SETTLING: "settling: economies", "ban": "ban: weeks"}


def test_a_file_gets_lines_with_what_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, page = Clock(monkeypatch), io.StringIO()
    report = steps(Console(file=page, width=80), ROWS)
    for done in (0, 2):
        clock.now += 6
        report(SETTLING, done, 8)
    for _ in range(2):
        report("ban", 448, 448)
    assert page.getvalue().splitlines() == [
        "  settling: economies 0 of 8",
        "  settling: economies 2 of 8, 20 a minute, 18 s left",
        "  ban: weeks 448 of 448",
    ]


@pytest.mark.parametrize("seconds", [12.0, 600.0, 90_000.0, 900_000.0])
def test_chinese_lines_and_bars_have_no_english_word(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, page, bars = Clock(monkeypatch), io.StringIO(), io.StringIO()
    with speaking("zh"):
        rows = {"step": phrase("progress", "exploring", round=1, rounds=3)}
        report = steps(Console(file=page, width=80), rows)
        about: dict[str, Any] = {"width": 120, "color_system": None, "legacy_windows": False}
        with show_progress(Console(file=bars, force_terminal=True, **about), rows) as bar:
            for done in (0, 2):
                clock.now += seconds
                for told in (report, bar):
                    thread = threading.Thread(target=told, args=("step", done, 8))
                    thread.start()
                    thread.join()
    assert "2/8，每" in page.getvalue()
    assert "剩余" in bars.getvalue()
    for text in (page.getvalue(), re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", bars.getvalue())):
        assert not re.search("[A-Za-z]{2}", text)


def test_each_wave_of_a_calibration_is_called_by_what_it_is_for() -> None:
    words = steps_of(QUICK)
    assert len(words) == 3 + len({NOISE, PREDICTIVE})
    assert words[wave_name(2)].startswith("exploring parameters, round 2 of 3")
    assert not any("wave" in text or re.search(r"9\d", text) for text in words.values())


def test_lines_of_progress_fit_a_terminal_and_are_whole_in_a_file() -> None:
    for terminal in (True, False):
        console = Console(file=io.StringIO(), width=40, force_terminal=terminal)
        steps(console, {"fit": "a step of the fit whose name is wider than the terminal"})("fit", 1, 1)
        assert isinstance(console.file, io.StringIO)
        lines = console.file.getvalue().splitlines()
        assert (len(lines) > 1) == terminal
        assert not terminal or max(map(len, lines)) <= 40
