"""Worlds of one economy share the weeks before their rules begin, and nobody can tell from what they leave behind."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sim.engine.record import Recorder
from sim.model import Workplace
from sim.runs import beginnings
from sim.runs.beginnings import Beginnings, first_week
from sim.runs.simulation import live
from sim.scenario.schema import Scenario
from tests.worlds import made, ran, scenario

WARMUP = 2  # weeks
START = {"start": "2026-01-26"}  # the fourth Monday of the run after its warm-up
BAN = {"kind": "ban", "channels": ["im", "group"], "strength": 0.8}
RULES: dict[str, tuple[Mapping[str, Any], ...]] = {
    "none": (),
    "ban": (BAN | START | {"ramp_days": 10},),
    "hours": ({"kind": "quiet_hours", "mode": "hold", "strength": 0.9, "start": "2026-02-05"},),  # on a Thursday
    "always": (BAN,),
    "twice": ({"kind": "placebo", "start": "2026-01-19"}, BAN | START),
}
FIRST = {"none": 0, "ban": 5, "hours": 6, "always": 0, "twice": 4}


def ruled(name: str, **more: Any) -> Scenario:
    """An economy of firms of ten under some rules, for six weeks after the warm-up."""
    how = {"people": 40, "weeks": 6, "sizes": (10, 0.0, 5, 40), "warmup_days": 7 * WARMUP} | more
    return scenario(levers=RULES[name], **how).model_copy(update={"name": name})


def tables(world: Scenario, shared: Beginnings | None = None) -> dict[str, pl.DataFrame]:
    """All rows that a world leaves, by table."""
    pieces: dict[str, list[pl.DataFrame]] = {}
    for name, rows in live(world, beginnings=shared):
        pieces.setdefault(name, []).append(rows)
    return {name: pl.concat(rows) for name, rows in pieces.items()}


def assert_alike(one: Mapping[str, pl.DataFrame], other: Mapping[str, pl.DataFrame]) -> None:
    assert one.keys() == other.keys() == {"people", "firms", "person_week", "firm_week", "hours", "messages"}
    for name, frame in one.items():
        assert_frame_equal(frame, other[name], check_exact=True)


@pytest.fixture(scope="module")
def alone() -> dict[str, dict[str, pl.DataFrame]]:
    """Each world by itself."""
    return {name: tables(ruled(name)) for name in RULES}


@pytest.fixture
def resumed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Weeks that models did not have to simulate, in turn."""
    weeks: list[int] = []
    resume = Beginnings.resume
    monkeypatch.setattr(Beginnings, "resume", lambda self, model: (weeks.append(resume(self, model)), weeks[-1])[1])
    return weeks


def test_rules_begin_in_whole_weeks() -> None:
    assert {name: first_week(ruled(name)) for name in RULES} == FIRST


@pytest.mark.parametrize(
    ("order", "weeks"),
    [
        (("none", "ban", "hours", "twice", "always"), [0, 5, 6, 4, 0]),
        (("hours", "none", "ban"), [0, 6, 5]),  # whichever is first
        (("twice", "hours", "none", "ban"), [0, 4, 6, 5]),
        (("always", "none"), [0, 0]),  # their rules differ from the first day on
    ],
)
def test_worlds_that_share_their_beginning_are_the_same_to_the_bit(
    order: tuple[str, ...], weeks: list[int], alone: dict[str, dict[str, pl.DataFrame]], resumed: list[int]
) -> None:
    """Week by week, hour by hour, message by message, also those on their way when the rules begin."""
    shared = Beginnings(map(ruled, order))
    for name in order:
        assert_alike(tables(ruled(name), shared), alone[name])
    assert resumed == weeks


def test_without_knowing_of_others_the_own_beginning_is_kept(resumed: list[int]) -> None:
    """As in a sweep: the counterfactual, which comes after its scenario, goes on from where that stood."""
    shared = Beginnings()
    for name in ("ban", "none", "hours"):
        tables(ruled(name), shared)
    assert resumed == [0, 5, 5]


@pytest.mark.parametrize(
    "other", [{"parameters": {"reply_question": 0.5}}, {"seed": 2}, {"weeks": 5}, {"people": 60}, {"off": ("m4",)}]
)
def test_other_economies_share_nothing(other: dict[str, Any], resumed: list[int]) -> None:
    shared = Beginnings([ruled("ban")])
    tables(ruled("none"), shared)
    tables(ruled("ban", **other), shared)
    assert resumed == [0, 0]


def test_other_firms_and_managers_of_another_kind_share_nothing() -> None:
    """A part of the firms is another world; managers of a user's own may remember what no array holds."""
    shared = Beginnings([ruled("ban")])
    model = made(ruled("none"))
    for _ in range(5):
        model.run_for(7)
        shared.keep(model)
    assert len(shared.kept) == 1
    assert shared.resume(made(ruled("ban"), firms=[0])) == 0
    other = made(ruled("ban"))
    other.setting = other.setting.model_copy(update={"managers": "other"})
    assert shared.resume(other) == 0
    assert shared.resume(made(ruled("ban"))) == 5


def test_other_replicates_share_nothing(resumed: list[int]) -> None:
    """Without draws of parameters they differ in nothing but their random numbers, and firms may be of one size."""
    shared = Beginnings()
    for number in (0, 1):
        list(live(ruled("ban", sizes=(10, 0.0, 10, 10)), number, beginnings=shared))
    assert resumed == [0, 0]


def test_weeks_that_were_handed_over_are_not_kept() -> None:
    """A recorder that has forgotten weeks cannot be gone on from."""
    shared, model = Beginnings([ruled("ban")]), made(ruled("none"))
    for week in range(1, 7):
        model.run_for(7)
        if week == 3:
            model.recorder.forget()
        shared.keep(model)
    assert not shared.kept


def test_only_the_last_states_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Beginnings()
    people = len(made(ruled("ban")).people_agents)
    monkeypatch.setattr(beginnings, "MOST", 2 * people)
    for name in ("twice", "ban", "hours"):
        tables(ruled(name), shared)
    assert [each.week for each in shared.kept] == [5, 6]


def test_a_snapshot_without_its_records_is_found_out(
    monkeypatch: pytest.MonkeyPatch, alone: dict[str, dict[str, pl.DataFrame]]
) -> None:
    """The fault planted: a model that goes on without the weeks before."""
    monkeypatch.setattr(Recorder, "resume", lambda *_: None)
    shared = Beginnings([ruled("ban")])
    tables(ruled("none"), shared)
    with pytest.raises(AssertionError):
        assert_alike(tables(ruled("ban"), shared), alone["ban"])


def test_a_snapshot_does_not_bring_its_rules(alone: dict[str, dict[str, pl.DataFrame]]) -> None:
    """Whoever goes on from the state of another scenario has rules of its own, and sets of them in other places."""
    one = ran(ruled("twice"), 28)
    other = Workplace(ruled("ban"), parameters="point")
    other.restore(one.snapshot())
    assert (other.world.person.rules < len(other.world.rules)).all()
    assert (other.world.rules.in_force[other.world.person.rules] == 0.0).all()
