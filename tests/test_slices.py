"""A large world is simulated in slices of firms: the same rows, in memory that does not grow with people."""

import subprocess
import sys
from itertools import product
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sim.runs.cache import Library
from sim.runs.simulation import _of_all, check_reach
from sim.scenario.memory import memory_needed
from sim.scenario.schema import Scenario
from tests.conftest import BAN
from tests.worlds import scenario

MB = 1_000_000
PEAK = """
import sys
from pathlib import Path
import sim.model
import sim.runs.cache
from sim.runs.cache import Library
from tests.memory import peak, reset, resident
from tests.worlds import scenario

library = Library(Path(sys.argv[1]), draws=None)
library.world(scenario(people=600, weeks=1), 0)
for seed, at_once in ((1, 600), (2, 10_000)):
    sim.population.AT_ONCE = sim.runs.cache.AT_ONCE = at_once
    reset()
    before = resident()
    library.world(scenario(people=3_000, weeks=1, seed=seed), 0)
    print(peak() - before)
"""


def rows(place: Path, world: Scenario, base: Scenario | None = None) -> dict[str, pl.DataFrame]:
    """Return the tables of a world, in an order that does not depend on slices."""
    library = Library(place, draws=None)
    if base:
        library.world(base, 0)
    found = {name: frame.collect() for name, frame in library.world(world, 0, base).frames.items()}
    return {name: table.sort(table.columns, maintain_order=True) for name, table in found.items()}


@pytest.mark.parametrize("reach", [False, True])
def test_slices_change_no_row(reach: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People at rest, firms taken over from the base, and firms that stand for others included."""
    today, ban = scenario(people=200, weeks=2), scenario(people=200, weeks=2, levers=BAN)
    run = {"settling_weeks": 16, "reach": tuple(lever.scope for lever in ban.levers) if reach else ()}
    today, ban = (each.model_copy(update={"run": each.run.model_copy(update=run)}) for each in (today, ban))
    whole = rows(tmp_path / "whole", ban, today)
    monkeypatch.setattr("gc.collect", lambda: 0)  # a process of many tests has much to go through
    monkeypatch.setattr("sim.model._SETTLED", {})
    monkeypatch.setattr("sim.population.AT_ONCE", 50)
    monkeypatch.setattr("sim.runs.cache.AT_ONCE", 50)
    check_reach(ban, None)
    sliced = rows(tmp_path / "sliced", ban, today)
    assert (whole["firms"]["weight"].max() > 1.0) == reach
    for name, table in whole.items():
        assert_frame_equal(sliced[name], table, check_exact=True)


def test_slices_report_weeks_of_the_whole_each_once() -> None:
    told: list[int] = []
    for place, week in product(range(4), range(1, 11)):
        _of_all(told.append, 10 * place, 4, week)
    assert told == [*range(1, 11)]


def test_memory_does_not_grow_with_people(tmp_path: Path) -> None:
    """Records alone have 21 kB a person; slices of 600 of three thousand people need those of 600."""
    done = subprocess.run([sys.executable, "-c", PEAK, str(tmp_path)], capture_output=True, text=True, check=True)
    sliced, whole = map(int, done.stdout.split())
    assert sliced < 30 * MB < whole


def test_a_million_people_need_less_than_a_small_machine_has() -> None:
    """Two worlds of three weeks, and of a year for a tenth of the people: 3 kB a person, and 60 bytes a week."""
    large = memory_needed(scenario(people=1_000_000, weeks=3, warmup_days=14), 2)
    assert large == (400 + 250) * MB + 1_000_000 * (3_000 + 2 * (3 + 2) * 60)
    assert memory_needed(scenario(people=1_000, weeks=3), 2) == (400 + 250) * MB + 2 * 1_000 * 22_000
    for people, weeks in ((1_000_000, 3), (100_000, 52)):
        assert memory_needed(scenario(people=people, weeks=weeks), 2) < 6_000 * MB
    assert memory_needed(scenario(people=1_000_000, weeks=3), 2, whole=True) > 40_000 * MB
