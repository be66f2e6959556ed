"""Thousands of damaged files and folders by fixed seeds: read, or refused by an error of the project, and soon.

The cases are the same in every run. More of them: ``make fuzz CASES=20000``.
"""

from pathlib import Path

import pytest

from tests.fuzz import kinds as made
from tests.fuzz.guard import outcome, silence
from tests.fuzz.kinds import kinds
from tests.fuzz.running import tried

KEPT = Path(__file__).resolve().parents[2] / "build" / "fuzz"


@pytest.mark.parametrize("kind", kinds())
def test_nothing_but_errors_of_the_project(kind: str, tmp_path: Path) -> None:
    count, make = kinds()[kind]
    found = tried(kind, make, range(count), tmp_path, KEPT)
    assert not found.wrong, "\n".join(found.wrong)
    assert found.refused >= count // 10


@pytest.mark.parametrize(("kind", "number"), [("draws", 100449), ("draws", 100877), ("log", 51628), ("priors", 50433)])
def test_what_a_library_prints_by_itself_is_not_heard(kind: str, number: int, tmp_path: Path) -> None:
    """A panic inside polars; a warning of numpy about a lognormal prior with a median of minus zero."""
    found = tried(kind, kinds()[kind][1], range(number, number + 1), tmp_path, KEPT)
    assert not found.wrong
    assert found.refused == 1


def test_folders_that_are_not_damaged_are_read(tmp_path: Path) -> None:
    """Otherwise the fuzzers would see nothing but the first refusal."""
    made._read_results(made._results(tmp_path))
    made._read_sweep(made._sweep(tmp_path))


def test_the_guard_sees_other_errors_words_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def forever() -> None:
        while True:
            pass

    monkeypatch.setattr("tests.fuzz.guard.MOST_SECONDS", 0.05)
    with silence() as printed:
        assert outcome(lambda: int("x"), printed)[0].startswith("ValueError")
        assert outcome(lambda: print("hello", flush=True), lambda: "hello")[0] == "printed: hello"
        assert outcome(forever, printed)[0].startswith("TooLong")
        assert outcome(lambda: None, printed)[:2] == ("", "")
