"""People start where a world without rules comes to rest, and a test of drift says whether it has."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.engine.settling import BOUND, MEASURED, SLOW, Settled, at_rest, measured
from sim.model import Workplace
from sim.runs import results
from sim.runs.cache import Library
from sim.runs.progress import SETTLING
from sim.runs.simulation import run
from sim.scenario.schema import Scenario
from tests.conftest import BAN
from tests.worlds import made, scenario

WEEKS = 16


def settling(**kind: Any) -> Scenario:
    """Describe a small economy that settles."""
    small = scenario(**{"people": 60, "weeks": 2, **kind})
    return small.model_copy(update={"run": small.run.model_copy(update={"settling_weeks": WEEKS})})


def means(rest: Settled) -> dict[str, float]:
    return dict(zip(SLOW, rest.states.mean(axis=0).tolist(), strict=True))


def test_where_a_world_settles_does_not_depend_on_where_it_starts() -> None:
    ends = []
    for start in (0.1, 0.95):
        first = {"start_expectation": start, "start_exhaustion": 2.0 * start, "start_response": start}
        ends.append(means(made(settling(parameters=first)).settled))
    for name in ("expectation", "response", "exhaustion_state", "cynicism", "detachment"):
        assert ends[0][name] == pytest.approx(ends[1][name], abs=0.04), name


def test_it_settles_where_a_long_time_leads() -> None:
    """Two years with the usual time constants, in which nobody leaves, against sixteen weeks with short ones."""
    still = {"exit_rate": 0.0}
    long = made(scenario(people=60, weeks=104, parameters=still))
    after = []
    for _ in range(104):
        long.run_for(7)
        after.append([float(long.world.person[name].mean()) for name in SLOW])
    late = dict(zip(SLOW, np.mean(after[-26:], axis=0), strict=True))
    rest = means(made(settling(parameters=still)).settled)
    for name in ("expectation", "demand", "response", "exhaustion_state", "cynicism", "anxiety"):
        assert rest[name] == pytest.approx(late[name], abs=0.05), name


def test_a_firm_starts_alike_alone_and_among_all_and_under_any_rule() -> None:
    whole = made(settling())
    part = made(settling(levers=BAN), firms=[1, 2])
    for model in (whole, part):
        model.run_for(7)
    for name in SLOW:
        inside = np.isin(whole.world.firm.number[whole.world.person.firm], [1, 2])
        if name in ("expectation", "exhaustion_state", "demand"):
            assert whole.settled.states[:, SLOW.index(name)].std() > 0.0
        mine = np.concatenate([rows_of(whole.settled, number, name) for number in (1, 2)])
        assert np.array_equal(mine, np.concatenate([rows_of(part.settled, number, name) for number in (1, 2)]))
        assert len(mine) == inside.sum()


def test_where_people_settle_does_not_depend_on_which_models_were_there_before() -> None:
    small = settling(people=30)
    outside = int(made(small).world.firm.number[-1]) + 1
    assert made(small, firms=[0, outside]).settled.numbers.tolist() == [*range(outside), outside]
    assert made(small).settled.numbers.tolist() == [*range(outside)]


def rows_of(rest: Settled, number: int, name: str) -> np.ndarray:
    place = int(np.searchsorted(rest.numbers, number))
    first = int(rest.people[:place].sum())
    return rest.states[first : first + int(rest.people[place]), SLOW.index(name)]


def test_threads_do_not_matter() -> None:
    ends = [Workplace(settling(seed=7), parameters="point", threads=n)._settle(WEEKS, {0}).states for n in (1, 2)]
    assert np.array_equal(*ends)


def test_drift_is_seen_and_its_absence_too() -> None:
    """The bound is three hundredths: a drift of a tenth is found, a swing without trend is not taken for one."""
    world = made(scenario(people=60)).world
    flat = np.zeros((len(world.person), len(SLOW)))
    swing = [flat + 0.05 * (-1) ** n for n in range(MEASURED)]
    assert at_rest([measured(world, swing)], MEASURED).rests
    drifting = [each + 0.025 * n for n, each in enumerate(swing)]
    found = at_rest([measured(world, drifting)], MEASURED)
    assert not found.rests
    assert found.drift["expectation"].change == pytest.approx(0.1)
    assert found.drift["expectation"].change > BOUND + found.drift["expectation"].detectable


def test_a_second_world_of_many_replicates_finds_all_of_them_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """All replicates of the first world are simulated before those of the second; each economy settles once."""
    settled: list[int] = []

    def settle(model: Workplace, weeks: int, mine: set[int]) -> Settled:
        settled.append(model.replicate)
        firms = model.world.firm
        states = np.zeros((int(firms.people.sum()), len(SLOW)))
        return Settled(firms.number.copy(), firms.people.copy(), states, {}, weeks)

    monkeypatch.setattr(Workplace, "_settle", settle)
    today = settling(people=20, weeks=1, seed=8)
    many = today.model_copy(update={"run": today.run.model_copy(update={"replicates": 9})})
    run(many.model_copy(update={"name": "other"}), many, parameters="point")
    assert settled == list(range(9))


def test_scenarios_of_an_economy_share_what_is_stored(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    note = lambda name, done, of_all: told.append((done, of_all)) if name == SETTLING else None  # noqa: E731
    library = Library(tmp_path, draws="point", progress=note)
    today = settling(people=40, weeks=1)
    ruled = settling(people=40, weeks=1, levers=BAN)
    library.world(today, 0)
    assert told == [(0, 1), (1, 1)]
    (folder,) = tmp_path.glob("settled-*")
    before = (folder / "manifest.json").stat().st_mtime_ns
    library.world(ruled, 0, today)
    assert [path.name for path in tmp_path.glob("settled-*")] == [folder.name]
    assert (folder / "manifest.json").stat().st_mtime_ns == before
    table = folder / results.read_manifest(folder)["tables"]["states"]["file"]
    table.write_bytes(table.read_bytes()[:-9] + b"damaged!!")
    with pytest.raises(
        results.ResultsError, match=r"settled.*; delete .*settled-\S+ or run `offhours worlds --prune --out "
    ):
        Library(tmp_path, draws="point").world(settling(people=40, weeks=2), 0)
