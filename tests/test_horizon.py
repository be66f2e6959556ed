"""How long a run must be for the dates of its rules, and a comparison for those of all its scenarios."""

from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sim.core.errors import InputError
from sim.scenario.horizon import check_years, least_years, years_enough
from sim.scenario.loading import changed, load
from sim.scenario.schema import Scenario
from sim.studies import study
from sim.studies.study import announce_worlds, listed_names
from tests.conftest import Call

START = date(2026, 1, 5)


def with_rules(name: str, day: int, ramp_days: int = 0, years: float = 2.0) -> Scenario:
    lever = {"kind": "quiet_hours", "mode": "hold", "start": START + timedelta(days=day), "ramp_days": ramp_days}
    data = load("status_quo").model_dump()
    data["run"]["years"] = years
    return Scenario.model_validate(data | {"name": name, "levers": [lever]})


def weeks(years: float) -> int:
    return changed(load("status_quo"), years=years).run.weeks


@pytest.mark.parametrize(
    ("day", "ramp_days", "needed"),
    [(0, 0, 1), (1, 0, 2), (7, 0, 2), (7, 7, 3), (7, 8, 3), (7, 9, 4), (546, 0, 79), (2072, 28, 301)],
)
def test_the_least_years_hold_one_week_with_the_rule_in_force(day: int, ramp_days: int, needed: int) -> None:
    least = least_years(with_rules("late", day, ramp_days, years=10), START)
    assert weeks(least) == needed
    assert needed == 1 or weeks(max(least - 0.021, 0.02)) < needed


def test_a_rule_that_ends_before_it_is_in_force_needs_no_more_than_its_days() -> None:
    late = with_rules("late", 30, ramp_days=1000, years=10)
    ended = late.levers[0].model_copy(update={"end": START + timedelta(days=51)})  # in week 8
    assert weeks(least_years(late, START)) == 148
    assert weeks(least_years(late.model_copy(update={"levers": (ended,)}), START)) == 8
    longer = ended.model_copy(update={"ramp_days": 0})
    assert weeks(least_years(late.model_copy(update={"levers": (longer,)}), START)) == 6  # as without an end


def test_a_rule_without_a_start_begins_with_the_warm_up() -> None:
    warm_up = load("status_quo").run.warmup_days
    for ramp_days, needed in ((0, 0), (warm_up + 1, 1), (warm_up + 15, 3), (400, 50)):
        rule = with_rules("early", 0, ramp_days)
        endless = rule.levers[0].model_copy(update={"start": None})
        least = least_years(rule.model_copy(update={"levers": (endless,)}), START)
        assert least == (needed and least_years(with_rules("late", 7 * needed - 7), START)), ramp_days


def test_a_run_lasts_as_long_as_the_reference_unless_rules_begin_later() -> None:
    today = changed(load("status_quo"), years=0.5)
    assert years_enough([today, with_rules("soon", 28)]) == (0.5, "status_quo")
    assert years_enough([today, with_rules("soon", 28), with_rules("late", 400, years=3.0)]) == (3.0, "late")
    assert years_enough([today]) == (0.5, "status_quo")


def test_too_few_years_are_refused_with_those_that_suit_all() -> None:
    everyone = [load("status_quo"), with_rules("soon", 28), with_rules("late", 400), with_rules("later", 700)]
    with pytest.raises(InputError, match=r"late \(1.14\), later \(1.94\); .* suits all of them is --years 1.94"):
        check_years(everyone, 0.5, START)
    check_years(everyone, 1.94, START)
    with pytest.raises(InputError, match=r"with the years needed: late \(1.14\); .* is --years 1.14"):
        check_years(everyone[2:3], 0.5, START)
    check_years(everyone, float("nan"), START)  # refused elsewhere


def test_a_comparison_lasts_until_the_rules_are_in_force(call: Call, tmp_path: Path) -> None:
    text = """
title = "Later"
base = "status_quo"
[run]
people = 20
years = {}
replicates = 1
warmup_days = 7
"""
    late = '[[levers]]\nkind = "quiet_hours"\nmode = "hold"\nstart = 2026-02-16\nramp_days = 0\n'
    (tmp_path / "base.toml").write_text(text.format(0.08), encoding="utf-8")
    (tmp_path / "late.toml").write_text(text.format(0.2) + late, encoding="utf-8")
    done = call("compare", "base.toml", "late.toml", "--no-figures", "--parameters", "point")
    assert done.code == 0, done.err
    assert "Simulating 0.2 years, so that the rules of late take effect" in done.err
    refused = call("compare", "base.toml", "late.toml", "--years", 0.08)
    assert refused.code == 2
    assert "the least that suits all of them is --years 0.14" in refused.err


def test_a_line_about_many_worlds_does_not_grow() -> None:
    assert listed_names(["a"]) == "a"
    assert listed_names(["a", "b"]) == "a and b"
    assert listed_names(["a", "b", "c"]) == "a, b and c"
    assert listed_names([f"s{n}" for n in range(32)]) == "s0 and 31 others"


def test_what_is_simulated_and_what_is_used_again_is_told_world_by_world(monkeypatch: pytest.MonkeyPatch) -> None:
    there, told = {"all": 2, "some": 1, "none": 0}, list[str]()
    library = SimpleNamespace(has=lambda world, number: number < there[world.name])
    monkeypatch.setattr(study, "open_library", lambda _: library)
    monkeypatch.setattr(study, "print_note", lambda _, text: told.append(text))
    today = changed(load("status_quo"), replicates=2)
    how: Any = SimpleNamespace(draws=None, threads=1, library="shelf")
    announce_worlds([today.model_copy(update={"name": name}) for name in there], how)
    assert told[0].startswith("Simulating some and none: ")
    assert told[1:] == [
        "some: 1 of 2 replicates, reused from shelf",
        "all: all 2 replicates, reused from shelf",
    ]
