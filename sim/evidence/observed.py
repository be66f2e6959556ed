"""Values of observables in a run, over all firms and all weeks after the warm-up."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from sim.core.errors import ResultsError
from sim.evidence.observables import BETWEEN_PEOPLE, MEANS, OBSERVABLES, BetweenPeople
from sim.evidence.quantities import QUANTITIES
from sim.evidence.targets import Log
from sim.evidence.traffic import measure
from sim.outcomes import (
    AFTER_MINUTES,
    KEYS,
    WORKDAYS,
    Outcome,
    Reals,
    Tables,
    Whole,
    as_arrays,
    column,
    error_and_freedom,
    firm_sums,
    fixed,
    half_width,
    influences,
    leave_one_out,
    person_weeks,
)
from sim.stats.ordered import ordered_mean
from sim.stats.posterior import finite_mean
from sim.stats.variance import Sources, interval, interval_of

LOG = "log"  # table with all messages of a run, of which no run keeps more than a sample


class Observed(NamedTuple):
    """Value of an observable in a run."""

    value: float  # NaN if the run does not identify it
    half: float  # of the 95 % interval
    missing: str  # name of a world, or ``LOG``, that would be needed


def observe(
    tables: Tables, names: Sequence[str], world: str = "status_quo", log: Log | None = None, uncertain: bool = False
) -> dict[str, Observed]:
    """Compute observables with 95 % intervals over firms and, if ``uncertain``, over the parameters of replicates.

    People are compared within a replicate, so that differences between draws of parameters do not count. ``tables`` may
    hold further worlds of the same economy, which some observables compare; without them their value is NaN and
    ``missing`` names the world. Quantities of a message log need ``log`` and a table ``log`` from
    ``sim.evidence.modelled.log_of_run``. ``ResultsError`` if ``world`` is absent or the worlds have different firms.
    """
    logged = [name for name in names if name in QUANTITIES]
    if logged:
        rest = [name for name in names if name not in QUANTITIES]
        return _measure_log(tables, logged, log) | (observe(tables, rest, world, log, uncertain) if rest else {})
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
        sides[each] = as_arrays(mine, ratios)
    replicates = mine["replicate"].to_numpy().astype(np.int64) if uncertain else None
    found = {}
    for name in names:
        asked = [(k, part[1]) for k, part in enumerate(parts) if part[0] == name]
        if missing := next((each for _, each in asked if each not in worlds), ""):
            found[name] = Observed(np.nan, np.nan, missing)
            continue
        above, below = (np.stack([sides[each][side][:, [k]] for k, each in asked]) for side in (0, 1))
        found[name] = _with_interval((above, below), OBSERVABLES[name].how, replicates)
    if personal:
        found |= _between(frame, world, personal, uncertain)
    return found


def _with_interval(sums: tuple[Whole, Whole], how: str, replicates: Whole | None) -> Observed:
    """Compute a ratio, or two compared, from sums of shape (1 or 2, firms, 1).

    Within a replicate, where the second ratio may be close to zero, a quotient is linearised.
    """
    everyone, without = leave_one_out(*sums)
    value = _compare_ratios(everyone, how)
    influence = influences(value, _compare_ratios(without, how))
    if replicates is None:
        return Observed(float(value[0]), float(half_width(influence, sums[1][0])[0]), "")

    def linear(above: Reals, below: Reals) -> Reals:
        ratio: Reals = above / below
        if how in ("", "difference"):
            return _compare_ratios(ratio, how)
        off: Reals = (ratio[0] - everyone[0] / everyone[1] * ratio[1]) / everyone[1]
        return off

    with np.errstate(divide="ignore", invalid="ignore"):
        half = interval(linear, sums, influence, replicates)["half"]
    return Observed(float(value[0]), float(half[0]), "")


def _between(frame: pl.LazyFrame, world: str, names: list[str], uncertain: bool) -> dict[str, Observed]:
    """Compute ``BETWEEN_PEOPLE`` in each replicate and average; chance is estimated by leaving out firms."""
    weeks = frame.filter(pl.col("world").cast(pl.String) == world)
    means = [ordered_mean(expression.cast(pl.Float64)).alias(name) for name, expression in MEANS.items()]
    persons = weeks.sort(*KEYS, "week").group_by(KEYS, maintain_order=True).agg(means).collect()
    found = {}
    for name in names:
        shape = BETWEEN_PEOPLE[name]
        seen = [_of_one_replicate(part, shape) for part in persons.partition_by("replicate", maintain_order=True)]
        values, own, left = np.array(seen).T[:, :, None]  # (replicates, 1) each
        chance = np.where(np.isfinite(own).any(axis=0), finite_mean(own) / len(own), np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            freedom = np.maximum(np.nan_to_num(np.nansum(own, axis=0) ** 2 / np.nansum(own**2 / left, axis=0)), 1.0)
        half = interval_of(Sources(chance, freedom, values, own))["half" if uncertain else "half_chance"]
        found[name] = Observed(float(values.mean()), float(half[0]), "")
    return found


def _of_one_replicate(persons: pl.DataFrame, shape: BetweenPeople) -> tuple[float, float, float]:
    """Return a figure of one replicate, its variance and the degrees of freedom of that; NaN for a single firm."""
    columns = [persons[column].to_numpy() for column in shape.of]
    value, firm = float(shape.how(*columns)), persons["firm"].to_numpy()
    firms, sizes = np.unique(firm, return_counts=True)
    if len(firms) == 1:
        return value, np.nan, np.nan
    without = [shape.how(*(column[firm != each] for column in columns)) for each in firms]
    # By one less the share of a firm, not 1 / firms: people differ more than firms, and so the variance has no bias.
    influence = np.sqrt(1.0 - sizes / sizes.sum()) * (value - np.array(without))
    error, freedom = error_and_freedom(influence[:, None], sizes[:, None])
    return value, float(error[0] ** 2), float(freedom[0])


def _measure_log(tables: Tables, names: Sequence[str], log: Log | None) -> dict[str, Observed]:
    """Measure quantities of the message log; missing without a log."""
    if log is None or LOG not in tables:
        return dict.fromkeys(names, Observed(np.nan, np.nan, LOG))
    scope = log.scope._replace(threads=True)  # the model's are known
    measured = measure(tables[LOG].lazy().collect(), scope).measured()
    return {name: Observed(measured[name].value, measured[name].half_width, "") for name in names}


def _compare_ratios(values: Reals, how: str) -> Reals:
    """Compare two ratios; a single one is returned unchanged."""
    found: Reals = values[0]
    if how == "difference":
        found = values[0] - values[1]
    elif how:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(values[1] == 0, np.nan, values[0] / values[1])
    return found - 1.0 if how == "relative" else found


def _with_thirds(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add the third (0..2) of people in world and replicate by after-hours minutes and by interruptions a workday."""
    keys = ("world", *KEYS)
    days = pl.max_horizontal(fixed(WORKDAYS).sum(), 1)
    persons = frame.group_by(keys).agg(
        after_third=fixed(AFTER_MINUTES).sum(), interruption_third=fixed(column("interruptions")).sum() / days
    )
    third = pl.col("after_third", "interruption_third").rank("ordinal").cast(pl.Int64) * 3 - 3
    thirds = persons.sort(keys).with_columns((third // pl.len()).over("world", "replicate"))
    return frame.join(thirds, on=keys, how="left")
