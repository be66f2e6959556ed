"""Parameters of released versions are found by name, whatever has become of the table and the posteriors since."""

import shutil
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from sim.core.errors import InputError
from sim.core.parameter_sets import POINT, SETS
from sim.core.parameters import TABLE
from sim.files import storage as files
from sim.files.shipped import CALIBRATION
from sim.model import Workplace
from sim.scenario.loading import changed, load
from sim.scenario.parameter_draws import Draws, load_draws, read_draws
from sim.scenario.releases import names, released, versions
from tests.release import freeze

NOW = {row.name: row.value for row in TABLE}


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shipped posteriors, frozen as version 7.0.0."""
    where = tmp_path_factory.mktemp("frozen")
    for name in SETS:
        shutil.copyfile(CALIBRATION / f"posterior_{name}.parquet", where / f"posterior_{name}.parquet")
    freeze("7.0.0", where)
    return where


def test_all_sets_of_all_releases_can_be_had() -> None:
    """It fails if a posterior was fitted anew and that of a release is not kept beside it."""
    assert versions()
    read = cache(read_draws)  # each file once
    for name in names():
        rows = tuple(released(name, read))
        assert set(rows[0]) >= set(NOW), f"{name}: give what the table has gained since its neutral value"
        assert len(rows) == (1 if name.startswith(f"{POINT}@") else 1000)


def test_a_set_of_this_release_gives_what_the_set_gives(frozen: Path) -> None:
    plain = load_draws("surveyed")
    named = Draws("surveyed@7.0.0", tuple(released("surveyed@7.0.0", read_draws, frozen)))
    small = changed(load("pilot_ban"), people=20, years=0.6, replicates=1)
    worlds = [Workplace(small, parameters=draws, firms=[0]) for draws in (plain, named)]
    for world in worlds:
        world.run_for(14)
    one, other = (world.person_week() for world in worlds)
    assert one.equals(other)


def test_a_set_of_a_release_is_found_by_its_name() -> None:
    found = load_draws(f"surveyed@{versions()[-1]}")
    assert found
    assert len(found.rows) == 1000


def test_a_release_stays_when_the_table_and_the_posterior_move(frozen: Path, tmp_path: Path) -> None:
    where = shutil.copytree(frozen, tmp_path / "moved")
    path = where / "posterior_surveyed.parquet"
    before = tuple(released("surveyed@7.0.0", read_draws, where))
    old = read_draws(path, "surveyed")
    fresh = pl.DataFrame(old.rows).with_columns(pl.lit(0.2).alias("lapse_share"))
    shutil.copyfile(path, where / "posterior_surveyed_7.0.0.parquet")
    files.write_table(path, fresh)
    assert tuple(released("surveyed@7.0.0", read_draws, where)) == before
    (where / "posterior_surveyed_7.0.0.parquet").unlink()
    with pytest.raises(InputError, match="its draws are missing"):
        list(released("surveyed@7.0.0", read_draws, where))
    kept = files.read_json(where / "release_7.0.0.json")
    files.write_json(where / "release_7.0.0.json", kept | {"table": kept["table"] | {"talk_minutes": 9.0}})
    assert next(released("point@7.0.0", read_draws, where))["talk_minutes"] == 9.0


@pytest.mark.parametrize(
    ("name", "said"),
    [("surveyd@7.0.0", "did you mean 'surveyed@7.0.0'"), ("report@7.0.1", "did you mean 'report@7.0.0'")],
)
def test_an_unknown_release_is_refused_with_the_nearest(frozen: Path, name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        list(released(name, read_draws, frozen))
