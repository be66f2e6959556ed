"""Sums of groups are the same bits each time, and nothing adds up floating-point numbers in another way."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np
import polars as pl
import pytest

from sim.stats import ordered
from tests.group_sums import PACKAGE, added_up

ROWS = 20_000
FUNCTIONS: dict[str, tuple[Callable[[pl.Expr], pl.Expr], Callable[[pl.Expr], pl.Expr]]] = {
    "sum": (ordered.ordered_sum, pl.Expr.sum),
    "mean": (ordered.ordered_mean, pl.Expr.mean),
    "variance": (ordered.ordered_variance, pl.Expr.var),
}
COLUMN = pl.col("value")


@pytest.fixture(scope="module")
def many() -> pl.DataFrame:
    rng = np.random.default_rng(2)
    values = pl.Series(rng.lognormal(0.0, 2.0, ROWS)).set(pl.Series(rng.random(ROWS) < 0.1), None)
    return pl.DataFrame({"group": rng.integers(0, 12, ROWS), "value": values})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_groups_are_added_up_row_by_row(many: pl.DataFrame, name: str) -> None:
    """In each engine of Polars, each time; numpy adds up the same numbers one after the other."""
    found, expected = FUNCTIONS[name][0](COLUMN).alias("found"), []
    for _, part in many.sort("group", maintain_order=True).group_by("group", maintain_order=True):
        known = part["value"].drop_nulls().to_numpy()
        total, mean = known.cumsum()[-1], known.cumsum()[-1] / len(known)
        squares = ((known - mean) ** 2).cumsum()[-1]
        expected.append({"sum": total, "mean": mean, "variance": squares / (len(known) - 1)}[name])

    def each_time() -> Iterator[pl.DataFrame]:
        for keep_order in (True, False):
            groups = many.lazy().group_by("group", maintain_order=keep_order).agg(found)
            for _ in range(10):
                yield groups.collect(engine="streaming")
                yield groups.collect(engine="in-memory")
            yield many.group_by("group", maintain_order=keep_order).agg(found)

    for table in each_time():
        assert table.sort("group")["found"].to_list() == expected


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_is_added_up_as_polars_does(name: str) -> None:
    """Nulls are left out: a group may have none or one value, and a table no group."""
    table = pl.DataFrame({"group": [0, 1, 1, 2, 2], "value": [None, None, 1.0, 2.0, 5.0]})
    mine, theirs = (each(COLUMN).alias("found") for each in FUNCTIONS[name])
    for rows in (table, table.clear()):
        both = [rows.group_by("group", maintain_order=True).agg(expression) for expression in (mine, theirs)]
        assert both[0].equals(both[1])
        assert both[0].schema == both[1].schema


def test_sums_that_polars_adds_up_in_parts_are_found() -> None:
    """Wherever they are in an expression, and not those of whole numbers."""
    frame = pl.LazyFrame({"whole": [1, 2], "real": [0.5, 1.5], "also": [True, False]})
    bad = [
        pl.col("real").sum(), (pl.col("whole") / 2).mean().alias("half"), 1 + pl.col("real").filter("also").std(),
        pl.when(pl.col("real").var() > 1).then(1),
    ]  # fmt: skip
    good = [pl.col("whole", "also").sum(), pl.col("real").max(), *(each(COLUMN) for each, _ in FUNCTIONS.values())]
    assert all(len(added_up(frame, [each])) == 1 for each in bad)
    assert added_up(frame.with_columns(value=pl.col("real")), good) == []


def test_code_of_the_package_that_adds_up_in_parts_is_stopped() -> None:
    """By the watch that is kept while tests run; code outside of the package may add up as it likes."""
    table = pl.DataFrame({"group": [0, 0], "value": [0.5, 0.25]})
    for expression, caught in (("mean()", True), ("max()", False)):
        planted = f"def means(table): return table.group_by('group').agg(pl.col('value').{expression})"
        for path, inside in ((f"{PACKAGE}/planted.py", True), (__file__, False)):
            names: dict[str, Any] = {"pl": pl}
            exec(compile(planted, path, "exec"), names)
            stopped = pytest.raises(AssertionError, match=r"use sim\.stats\.ordered")
            with stopped if caught and inside else nullcontext():
                names["means"](table)
