"""Time series of outcomes by week, for the firms that rules reach and for the others.

Weeks are processed in blocks, so that memory does not grow with the length of a run.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from sim.comparing.effects import HALVES, replicates_of, weeks_of, without_nan
from sim.outcomes import (
    BY_NAME,
    CLUSTER,
    HEADLINES,
    Outcome,
    Tables,
    Whole,
    eager,
    firm_sums,
    person_weeks,
    split,
)
from sim.scenario.schema import Scenario
from sim.stats.variance import beside, estimated, gap

HALF = ("half", *HALVES)
AT_ONCE = 500_000  # firms times weeks in a block


class Weekly(NamedTuple):
    """Sums of one block of weeks over the firms that are reached, or over the others."""

    arm: str  # reached or others
    weeks: Sequence[int]
    numerators: Whole  # (2, weeks, firms, outcomes), counterfactual first
    denominators: Whole
    replicates: Whole  # (firms,)


def _weekly(
    tables: Tables, worlds: tuple[str, str], outcomes: Sequence[Outcome], weeks: Sequence[int]
) -> Iterator[Weekly]:
    """Yield the sums by week, block by block, for the firms in scope and for the others."""
    block = max(1, AT_ONCE // max(1, eager(tables, "firms").height))
    frame = person_weeks(tables)
    for first in range(0, len(weeks), block):
        part = weeks[first : first + block]
        here = frame.filter(pl.col("week").is_between(part[0], part[-1]))
        yield from _arms(firm_sums(here, outcomes, ("week", "world", "in_scope", *CLUSTER)), worlds, outcomes, part)


def _arms(
    sums: pl.DataFrame, worlds: tuple[str, str], outcomes: Sequence[Outcome], weeks: Sequence[int]
) -> Iterator[Weekly]:
    """Arrange the sums of a block of weeks as arrays, one for each non-empty arm."""
    for scoped in (True, False):
        part = sums.filter(pl.col("in_scope") == scoped).drop("in_scope")
        if part.is_empty():
            continue
        firms = part.select(CLUSTER).unique()
        order = pl.DataFrame({"week": weeks}).cast({"week": part.schema["week"]}).join(firms, how="cross")
        sides = []
        for world in worlds:
            mine = order.join(part.filter(pl.col("world") == world), on=("week", *CLUSTER), how="left")
            sides.append(split(mine.sort("week", *CLUSTER).fill_null(0), outcomes))
        shape = (2, len(weeks), firms.height, len(outcomes))
        numerators, denominators = (np.stack(side).reshape(shape) for side in zip(*sides, strict=True))
        arm = "reached" if scoped else "others"
        yield Weekly(arm, weeks, numerators, denominators, replicates_of(firms))


def weekly_lines(
    tables: Tables,
    scenario: Scenario,
    counterfactual: Scenario,
    names: Sequence[str] = HEADLINES,
    uncertain: bool = True,
) -> pl.DataFrame:
    """Return both worlds' values by week with the interval of their paired difference.

    One row per set of firms (``reached``, ``others``), week and outcome: the values under the ``rule`` and ``without``
    it, and the half width of the 95 % interval with its parts by chance and by parameters alone, the latter null unless
    replicates draw parameters.
    """
    outcomes = [BY_NAME[name] for name in names]
    worlds = (counterfactual.name, scenario.name)
    parts = []
    for arm, weeks, numerators, denominators, replicates in _weekly(tables, worlds, outcomes, weeks_of(tables)):
        sums = beside(numerators), beside(denominators)
        found = estimated(gap, sums, replicates if uncertain else None)
        facts = {
            "scenario": scenario.name,
            "set": arm,
            "week": np.repeat(np.asarray(weeks, np.int16), len(outcomes)),
            "outcome": list(names) * len(weeks),
        }
        numbers = {"rule": found["ratios"][1], "without": found["ratios"][0], **{key: found[key] for key in HALF}}
        parts.append(pl.DataFrame(facts | numbers))
    return without_nan(pl.concat(parts))
