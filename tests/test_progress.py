"""Progress: which rows a terminal shows, and the time left."""

import io

import pytest
from rich.console import Console

from sim.runs import progress
from sim.runs.progress import COMPILING, SETTLING, shown, steps


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(progress.time, "monotonic", lambda: self.now)


def test_the_time_left_follows_the_share_done(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, pace = Clock(monkeypatch), progress._Pace()
    assert pace.left("ban", 20, 100) is None  # stored before
    clock.now += 10
    assert pace.left("ban", 40, 100) == pytest.approx(30.0)
    assert pace.left("today", 0, 100) is None
    clock.now += 10
    assert pace.left("today", 50, 100) == pytest.approx(20.0)  # it waited for the other one, as it will again
    assert pace.left("ban", 100, 100) is None


def test_translated_rules_are_not_yet_machine_code(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, pace = Clock(monkeypatch), progress._Pace()
    pace.left(COMPILING, 0, 10)
    clock.now += 57
    assert pace.left(COMPILING, 10, 10) == pytest.approx(43.0)


def test_a_terminal_shows_a_row_for_each_step_that_has_begun() -> None:
    page = io.StringIO()
    console = Console(file=page, force_terminal=True, width=80, color_system=None, legacy_windows=False)
    names = {COMPILING: "compiling: rules", SETTLING: "settling: economies", "ban": "ban: weeks"}
    with shown(console, names) as report:
        report(COMPILING, 3, 318)
        report("ban", 1, 448)
    last = page.getvalue().rsplit("ban: weeks", 1)[1]
    assert "1/448" in last
    assert "settling" not in page.getvalue()
    assert max(map(len, page.getvalue().replace("\r", "\n").splitlines())) < 120  # with its signs of control


def test_a_file_gets_lines_with_the_unit_of_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, page = Clock(monkeypatch), io.StringIO()
    report = steps(Console(file=page, width=80), "weeks")
    for done in (0, 2):
        clock.now += 6
        report(SETTLING, done, 8)
    for _ in range(2):
        report("ban", 448, 448)
    assert page.getvalue().splitlines() == [
        "  settling: 0 of 8 economies",
        "  settling: 2 of 8 economies, 20 a minute, 18 s left",
        "  ban: 448 of 448 weeks",
    ]
