"""Values of observables in a run, over all firms and all weeks after the warm-up."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from sim.core.errors import ResultsError
from sim.evidence.observables import BETWEEN_PEOPLE, MEANS, OBSERVABLES
from sim.evidence.quantities import QUANTITIES
from sim.evidence.targets import Log
from sim.evidence.traffic import measure
from sim.outcomes import (
    AFTER_MINUTES,
    CLUSTER,
    KEYS,
    WORKDAYS,
    Outcome,
    Tables,
    column,
    firm_sums,
    fixed,
    half_width,
    leave_one_out,
    person_weeks,
    pulls,
    split,
)

LOG = "log"  # table with all messages of a run, of which no run keeps more than a sample


class Observed(NamedTuple):
    """Value of an observable in a run."""

    value: float  # NaN if the run does not identify it
    half: float  # of the 95 % interval over firms
    missing: str  # name of a world, or ``LOG``, that would be needed


def observe(
    tables: Tables, names: Sequence[str], world: str = "status_quo", log: Log | None = None
) -> dict[str, Observed]:
    """Compute observables with 95 % intervals, which describe how other firms of the same kind would differ.

    ``tables`` may hold further worlds of the same economy, which some observables compare; without them their value is
    NaN and ``missing`` names the world. Quantities of a message log need ``log`` and a table ``log`` from
    ``sim.evidence.modelled.simulated``. ``ResultsError`` if ``world`` is absent or the worlds have different firms.
    """
    logged = [name for name in names if name in QUANTITIES]
    if logged:
        rest = [name for name in names if name not in QUANTITIES]
        return _logged(tables, logged, log) | (observe(tables, rest, world) if rest else {})
    personal = [name for name in names if name in BETWEEN_PEOPLE]
    names = [name for name in names if name not in BETWEEN_PEOPLE]
    frame = _with_thirds(person_weeks(tables))
    there = tables["person_week"].lazy().select(pl.col("world").unique().cast(pl.String))
    worlds = set(there.collect(engine="streaming")["world"])
    if world not in worlds:
        raise ResultsError(f"the results lack the world '{world}'")
    parts = [(name, *ratio) for name in names for ratio in OBSERVABLES[name].ratios(world)]
    ratios = [Outcome(f"{k}", "", "", "", *part[2:], "") for k, part in enumerate(parts)]
    sums = firm_sums(frame, ratios, ("world", "replicate", "firm")).with_columns(pl.col("world").cast(pl.String))
    sides = {}
    for each in worlds:
        mine = sums.filter(pl.col("world") == each).sort("replicate", "firm")
        if mine.height * len(worlds) != sums.height:
            raise ResultsError("the worlds of the results do not have the same firms")
        sides[each] = split(mine, ratios)
    found = {}
    for name in names:
        asked = [(k, part[1]) for k, part in enumerate(parts) if part[0] == name]
        if missing := next((each for _, each in asked if each not in worlds), ""):
            found[name] = Observed(np.nan, np.nan, missing)
            continue
        both = [(sides[each][0][:, [k]], sides[each][1][:, [k]]) for k, each in asked]
        estimates = [leave_one_out(*each) for each in both]
        value, without = (_set_against(each, OBSERVABLES[name].how) for each in zip(*estimates, strict=True))
        half = half_width(pulls(value, without), both[0][1])
        found[name] = Observed(float(value[0]), float(half[0]), "")
    if personal:
        found |= _between(frame, world, personal)
    return found


def _between(frame: pl.LazyFrame, world: str, names: list[str]) -> dict[str, Observed]:
    """Compute figures of ``BETWEEN_PEOPLE`` from person-weeks, with intervals by leaving out firms in turn."""
    weeks = frame.filter(pl.col("world").cast(pl.String) == world)
    means = [expression.cast(pl.Float64).mean().alias(name) for name, expression in MEANS.items()]
    persons = weeks.sort(*KEYS, "week").group_by(KEYS, maintain_order=True).agg(means).collect()
    firm = persons.select(pl.struct(CLUSTER).rank("dense")).to_series().to_numpy() - 1
    sizes = np.bincount(firm)
    found = {}
    for name in names:
        shape = BETWEEN_PEOPLE[name]
        columns = [persons[column].to_numpy() for column in shape.of]
        value = float(shape.how(*columns))
        half = np.nan  # of a single firm, which leaves nobody when it is left out
        if len(sizes) > 1:
            without = [shape.how(*(column[firm != k] for column in columns)) for k in range(len(sizes))]
            pull = pulls(np.array([value]), np.array(without)[:, None])
            half = float(half_width(pull, sizes[:, None])[0])
        found[name] = Observed(value, half, "")
    return found


def _logged(tables: Tables, names: Sequence[str], log: Log | None) -> dict[str, Observed]:
    """Measure quantities of the message log; missing without a log."""
    if log is None or LOG not in tables:
        return dict.fromkeys(names, Observed(np.nan, np.nan, LOG))
    scope = log.scope._replace(threads=True)  # the model's are known
    measured = measure(tables[LOG].lazy().collect(), scope).measured()
    return {name: Observed(measured[name].value, measured[name].high - measured[name].value, "") for name in names}


def _set_against(values: Sequence[Any], how: str) -> Any:
    """Compare two ratios; a single one is returned unchanged."""
    if len(values) == 1:
        return values[0]
    if how == "difference":
        return values[0] - values[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = np.where(values[1] == 0, np.nan, values[0] / values[1])
    return quotient - 1.0 if how == "relative" else quotient


def _with_thirds(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add the third (0..2) of people, within a world, by after-hours minutes and by interruptions per workday."""
    keys = ("world", *KEYS)
    days = pl.max_horizontal(fixed(WORKDAYS).sum(), 1)
    persons = frame.group_by(keys).agg(
        after_third=fixed(AFTER_MINUTES).sum(), interruption_third=fixed(column("interruptions")).sum() / days
    )
    third = pl.col("after_third", "interruption_third").rank("ordinal").cast(pl.Int64) * 3 - 3
    thirds = persons.sort(keys).with_columns((third // pl.len()).over("world"))
    return frame.join(thirds, on=keys, how="left")
