"""The golden run: one small pilot ban against what was kept; whoever moves it sees what moved."""

import polars as pl
import pytest

from tests.golden import FIRST_KEPT, NAMES, differences, first_model, kept, levers, now, shown
from tests.rules import VARIANTS


@pytest.fixture(scope="module")
def fresh() -> pl.DataFrame:
    return now()


def test_the_golden_run_stands_where_it_was_kept(fresh: pl.DataFrame) -> None:
    """If the move is meant, ``.venv/bin/python -m tests.golden`` keeps the new run; then tell CHANGELOG.md."""
    moved = differences(kept(), fresh)
    advice = "If this is meant, run `.venv/bin/python -m tests.golden` and say so in CHANGELOG.md."
    assert moved.is_empty(), f"\n{shown(moved)}\n{advice}"


def test_the_first_model_is_still_there() -> None:
    """``--parameters first`` switches off all that the second model added: same counts and states in all columns."""
    old, new = kept(FIRST_KEPT), first_model()
    moved = differences(old, new.select(old.columns))
    assert moved.is_empty(), f"\n{shown(moved)}"


def test_the_golden_run_contains_what_it_should_guard(fresh: pl.DataFrame) -> None:
    """Firms in scope and out of it, weeks before and under the ban: equal before it, and out of scope throughout."""
    usual, banned = (fresh.filter(pl.col("world") == name).drop("world") for name in NAMES)
    assert usual["in_scope"].n_unique() == 2
    assert usual["week"].n_unique() == 14
    same = pl.any_horizontal(pl.col("week") < 0, ~pl.col("in_scope"))
    assert usual.filter(same).equals(banned.filter(same))
    late = (pl.col("week") >= 9) & pl.col("in_scope")
    assert banned.filter(late)["sent_im"].sum() < 0.8 * usual.filter(late)["sent_im"].sum()
    assert banned.filter(late)["sent_tool"].sum() > 0


def test_a_move_is_told_with_its_size() -> None:
    """A counter one higher, a state moved in the fifth digit, and a column that is new; less than that is not told."""
    old = kept()
    assert differences(old, old).is_empty()
    tiny = old.with_columns(pl.col("exhaustion") * (1.0 + 1e-8))
    assert differences(old, tiny).is_empty()
    last = pl.col("week") == old["week"].max()
    new = old.with_columns(
        pl.when(last).then(pl.col("sent") + 1).otherwise(pl.col("sent")).alias("sent"),
        pl.when(last).then(pl.col("trust") + 2e-5).otherwise(pl.col("trust")).alias("trust"),
        brand_new=pl.lit(1),
    )
    moved = differences(old, new)
    assert set(moved["column"]) == {"sent", "trust", "brand_new"}
    assert set(moved.filter(pl.col("column") != "brand_new")["first_week"]) == {old["week"].max()}
    text = shown(moved)
    assert "sent" in text
    assert "new" in text


@pytest.fixture(scope="module")
def under_levers() -> pl.DataFrame:
    return levers.now()


def test_each_lever_at_inner_strength_stands_where_it_was_kept(under_levers: pl.DataFrame) -> None:
    """See the advice above."""
    moved = levers.differences(levers.kept(), under_levers)
    assert moved.is_empty(), f"\n{levers.shown(moved)}"


def test_each_lever_at_inner_strength_does_something(under_levers: pl.DataFrame) -> None:
    """Every kind is in the table, and all but the announcement differ from the world that they are added to."""
    kinds = under_levers["lever"].str.split(":").list.first()
    assert set(VARIANTS) == set(kinds) - {"none", "ban alone"}
    outcomes = under_levers.drop("lever").rows()
    moving = {kind for kind, row in zip(kinds[2:], outcomes[2:], strict=True) if row not in outcomes[:2]}
    assert set(VARIANTS) - moving == {"placebo"}


def test_a_moved_lever_is_told(under_levers: pl.DataFrame) -> None:
    one_more = under_levers.with_columns(pl.col("sent") + (pl.col("lever") == "pressure"))
    moved = levers.differences(under_levers, one_more)
    assert moved.select("lever", "column").rows() == [("pressure", "sent")]
    assert "pressure: sent:" in levers.shown(moved)
    assert levers.differences(under_levers, under_levers.with_columns(pl.col("fear") + 1e-9)).is_empty()
    assert levers.differences(under_levers, under_levers.slice(1)).height == under_levers.width - 1
