"""Subgroups of people that are compared separately: by rank, role, industry, size of the firm and city."""

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from sim.outcomes import CLUSTER, KEYS, Tables, eager

# Size classes of enterprise statistics (OECD): micro, small, medium, large.
SIZES = {"size_1_9": (1, 9), "size_10_49": (10, 49), "size_50_249": (50, 249), "size_250_up": (250, 10**9)}


class Group(NamedTuple):
    """A subgroup as a filter."""

    name: str
    kind: str  # all, manager, role, industry, size or city
    mask: pl.Expr  # over rows with what ``heads`` knows


def size_class() -> pl.Expr:
    """Map the column ``size`` to a key of ``SIZES``."""
    named = pl.lit(None, pl.String)
    for name, (least, most) in SIZES.items():
        named = pl.when(pl.col("size").is_between(least, most)).then(pl.lit(name)).otherwise(named)
    return named.alias("size_class")


def places(tables: Tables) -> pl.DataFrame:
    """List the firms with the columns that group them."""
    names = pl.col("industry", "city").cast(pl.String)
    return eager(tables, "firms").select(*CLUSTER, names, size_class(), "in_scope")


def heads(tables: Tables) -> pl.DataFrame:
    """List the people with the columns that group them, including those of their firms."""
    firms = places(tables)
    people = eager(tables, "people").select(
        *KEYS, pl.col("is_manager").cast(pl.Boolean), pl.col("role").cast(pl.String)
    )
    return people.cast({key: firms.schema[key] for key in CLUSTER}).join(firms, on=CLUSTER)


def groups(people: pl.DataFrame, apart: bool = True) -> Iterator[Group]:
    """Yield everybody, then each subgroup that is not empty if ``apart``; ``people`` comes from ``heads``."""
    yield Group("all", "all", pl.lit(True))
    if not apart:
        return
    managers = pl.col("is_manager")
    for name, mask in (("managers", managers), ("staff", ~managers)):
        if people.select(mask.any()).item():
            yield Group(name, "manager", mask)
    for kind, key in (("role", "role"), ("industry", "industry"), ("size", "size_class"), ("city", "city")):
        there = people[key].unique()
        for name in SIZES if kind == "size" else there.sort():
            if name in there:
                yield Group(name, kind, pl.col(key) == name)
