"""When each firm is treated: the roll-out of a scenario as an evaluator records it, by firm and month."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from sim.comparing.basis import unshared
from sim.core.errors import InputError, nearest
from sim.core.parameter_sets import DEFAULT
from sim.engine.policy import reached_by
from sim.model import Workplace
from sim.population import slices
from sim.scenario.parameter_draws import Source, drawn
from sim.scenario.schema import Scenario

OTHER_CITIES, SAME_CITY, REFUSERS, UNLIKE = "other_cities", "same_city", "refusers", "unlike"
WEEKS_OF_A_MONTH = 3  # a month of which fewer weeks were simulated is left out


def roll_out(
    scenario: Scenario, counterfactual: Scenario, phase: str | None = None, draws: Source = DEFAULT
) -> pl.DataFrame:
    """Date the start of treatment of each firm, and classify the others as controls.

    One row per replicate and firm. ``start`` is null for untreated firms, whose ``controls`` are other_cities (treated
    industries in other cities), same_city (other industries in treated cities), refusers (treated city and industry) or
    unlike. Levers that both scenarios have, or of strength 0, are no treatment. With ``phase``, treatment starts with
    that phase instead of the first lever, and firms that only other phases reach are left out. ``InputError`` if there
    is no other lever, no firm is treated, or the phase is unknown.
    """
    own = [lever for lever in unshared(scenario, counterfactual) if lever.strength > 0]
    if not own:
        raise InputError(f"{scenario.name}: has no lever beside those of {counterfactual.name}: nothing to evaluate")
    phases = {lever.phase for lever in own}
    if phase is not None and phase not in phases:
        raise InputError(f"{scenario.name}: no phase '{phase}'{nearest(phase, phases)}")
    worlds = [(number, drawn(scenario, draws, number)) for number in range(scenario.run.replicates)]
    firms = pl.concat(
        _starts(Workplace(world, replicate=number, parameters=None, firms=part), own, phase)
        for number, world in worlds
        for part in slices(world, number)
    )
    if firms["start"].null_count() == firms.height:
        raise InputError(f"{scenario.name}: the rules reach nobody: use more people or another seed")
    treated = pl.col("start").is_not_null()
    in_city, in_industry = (treated.any().over("replicate", place) for place in ("city", "industry"))
    label = (
        pl.when(treated).then(None)
        .when(in_industry & ~in_city).then(pl.lit(OTHER_CITIES))
        .when(in_city & ~in_industry).then(pl.lit(SAME_CITY))
        .when(in_city & in_industry).then(pl.lit(REFUSERS))
        .otherwise(pl.lit(UNLIKE))
    )  # fmt: skip
    return firms.filter(~pl.col("other")).drop("other").with_columns(label.alias("controls"))


def _starts(model: Workplace, own: Sequence[Any], phase: str | None) -> pl.DataFrame:
    """Date the starts of some firms; ``other`` marks those that only levers of other phases reach."""
    scenario = model.setting
    firms = model.firms().select("replicate", "firm", pl.col("city", "industry").cast(pl.String), "size")
    hits = [(lever, reached_by([lever], model.world, scenario.country)) for lever in own]
    days = [(lever.start or scenario.calendar.start, hit) for lever, hit in hits if phase in (None, lever.phase)]
    starts = [min((day for day, hit in days if hit[place]), default=None) for place in range(firms.height)]
    touched = pl.Series(np.any([hit for _, hit in hits], axis=0))
    return firms.with_columns(pl.Series("start", starts, pl.Date)).with_columns(
        other=touched & pl.col("start").is_null()
    )


def months_of(start: date, weeks: Sequence[int]) -> pl.DataFrame:
    """Assign weeks, counted from Monday ``start``, to the month in which most of their days lie.

    Columns are ``week``, ``month`` (0 is that of week 0) and ``last`` (the month's last week); months with fewer than
    three simulated weeks are left out.
    """
    months = [month_of(start, start + timedelta(weeks=week)) for week in weeks]
    frame = pl.DataFrame({"week": list(weeks), "month": months}, schema={"week": pl.Int64, "month": pl.Int64})
    whole = frame.filter(pl.len().over("month") >= WEEKS_OF_A_MONTH).sort("week")
    return whole.with_columns((pl.col("week") == pl.col("week").max().over("month")).alias("last"))


def month_of(start: date, monday: date) -> int:
    """Count the months from that of the week from Monday ``start`` to that of the week from ``monday``."""
    first, middle = (day + timedelta(days=3) for day in (start, monday))
    return 12 * (middle.year - first.year) + middle.month - first.month


def cohorts(firms: pl.DataFrame, start: date, every: int) -> pl.DataFrame:
    """Add ``cohort``, the period of ``every`` months in which treatment starts; null for untreated firms.

    ``firms`` are from ``roll_out``; ``start`` is the Monday of week 0.
    """
    mondays = [day and day - timedelta(days=day.weekday()) for day in firms["start"]]
    numbers = [monday and month_of(start, monday) // every for monday in mondays]
    return firms.with_columns(pl.Series("cohort", numbers, dtype=pl.Int64))
