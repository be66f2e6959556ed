"""Paired differences of two worlds with their intervals, and the displacement of after-hours work between channels.

Common random numbers make each firm its own control. An effect is the difference of two ratios of sums over the same
firms; its interval is a jackknife that leaves out one firm in both worlds at once, plus the variance between drawn
parameters (``sim.stats.variance``). It does not say whether the model is right.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from sim.comparing.groups import groups, heads, places
from sim.comparing.multiplicity import corrected
from sim.comparing.stated import possible, stated, with_relative
from sim.comparing.windows import evaluation_window, runs
from sim.core.columns import CHANNELS
from sim.core.errors import ResultsError
from sim.outcomes import (
    AFTER_MINUTES,
    CLUSTER,
    ONE,
    OUTCOMES,
    Outcome,
    Reals,
    Tables,
    Whole,
    column,
    firm_sums,
    leave_one_out,
    person_weeks,
    pulls,
)
from sim.scenario.schema import Scenario
from sim.stats.posterior import MEAN, QUANTILES, SHARES
from sim.stats.variance import distributed, gap, interval, level

LABELS = ("family", "unit", "better")
CELL = ("world", *CLUSTER, "role", "is_manager", "in_window")
HALVES = ("half_chance", "half_parameters")
ENDS = ("low", "high", *HALVES)
POSTERIOR = (*MEAN, *QUANTILES, *SHARES)  # of an effect


class Basis(NamedTuple):
    """Firms and weeks on which worlds are compared."""

    firms: pl.DataFrame  # with the columns of ``groups.places``
    weeks: Sequence[int]
    window: str


def basis_of(tables: Tables, scenario: Scenario, counterfactual: Scenario | None) -> Basis:
    """Choose the firms in scope (all if no rule reaches any) and the evaluation window; all of them for one world."""
    weeks, firms = weeks_of(tables), places(tables)
    if counterfactual is None:
        return Basis(firms, weeks, runs(weeks))
    window = evaluation_window(scenario, counterfactual, weeks)
    return Basis(firms.filter("in_scope") if firms["in_scope"].any() else firms, window.weeks, window.label)


def labelled(outcomes: Sequence[Outcome]) -> dict[str, list[str]]:
    """Return the columns that identify outcomes: name, family, unit and the better direction."""
    names = {"outcome": [outcome.name for outcome in outcomes]}
    return names | {label: [getattr(outcome, label) for outcome in outcomes] for label in LABELS}


def without_nan(frame: pl.DataFrame) -> pl.DataFrame:
    """Store undefined numbers as null."""
    return frame.with_columns(pl.col(pl.Float64).fill_nan(None))


def effects(
    tables: Tables,
    scenario: Scenario,
    counterfactual: Scenario,
    outcomes: Sequence[Outcome] = OUTCOMES,
    uncertain: bool = True,
    offsets: Reals | None = None,
) -> pl.DataFrame:
    """Compare two worlds as ``contrasts`` does, with p values and simultaneous intervals added by ``corrected``."""
    return corrected(contrasts(tables, scenario, counterfactual, outcomes, uncertain, offsets))


def contrasts(
    tables: Tables,
    scenario: Scenario,
    counterfactual: Scenario,
    outcomes: Sequence[Outcome] = OUTCOMES,
    uncertain: bool = True,
    offsets: Reals | None = None,
    apart: bool = True,
) -> pl.DataFrame:
    """Compare two worlds in every outcome, for everybody and by group, without correcting for multiple testing.

    ``tables`` needs ``person_week``, ``people`` and ``firms`` of both worlds; ``uncertain`` says that each replicate
    draws its own parameters, and ``offsets`` how far these are from all draws (``Draws.offsets``). One row per group
    and outcome, over the firms in scope (all firms if no rule reaches any) and the weeks of the evaluation window;
    without ``apart``, rows of everybody alone.
    ``half_chance`` and ``half_parameters`` are the half widths that either source alone would give, null unless
    ``uncertain``, the latter also for a single replicate. ``variance_ratio`` is the variance of an unpaired difference
    over that of this one, infinite for identical worlds. ``spill`` is the largest difference in any firm out of scope
    and must be 0. Null means undefined, as a correlation of constants, or an interval that is not ``stated``.
    """
    worlds = (counterfactual.name, scenario.name)
    basis = basis_of(tables, scenario, counterfactual)
    cells = _cells(tables, outcomes, basis)
    outside = cells.join(basis.firms, on=CLUSTER, how="anti")

    def estimate(mask: pl.Expr, inside: pl.DataFrame) -> dict[str, Reals]:
        found = _contrast(*paired(inside, worlds, outcomes), replicates_of(inside) if uncertain else None, offsets)
        return found | {"spill": _spill(outside.filter(mask), worlds, outcomes)}

    names = {"scenario": scenario.name, "counterfactual": counterfactual.name}
    rows = possible(_by_group(tables, cells, basis, names, outcomes, estimate, apart), differences=True)
    return with_relative(rows).select(pl.exclude("spill"), "spill")


def levels(
    tables: Tables,
    scenario: Scenario,
    outcomes: Sequence[Outcome] = OUTCOMES,
    uncertain: bool = True,
    apart: bool = True,
) -> pl.DataFrame:
    """Describe one world as ``contrasts`` does two, over all firms and weeks after the warm-up."""
    basis = basis_of(tables, scenario, None)

    def estimate(mask: pl.Expr, inside: pl.DataFrame) -> dict[str, Reals]:
        sums = paired(inside, (scenario.name,), outcomes)
        found = distributed(level, sums, replicates_of(inside) if uncertain else None)
        return {key: found[key] for key in ("value", *QUANTILES, *HALVES)}

    names = {"scenario": scenario.name}
    rows = _by_group(tables, _cells(tables, outcomes, basis), basis, names, outcomes, estimate, apart)
    return possible(rows, differences=False)


def _by_group(
    tables: Tables,
    cells: pl.DataFrame,
    basis: Basis,
    names: Mapping[str, str],
    outcomes: Sequence[Outcome],
    estimate: Callable[[pl.Expr, pl.DataFrame], Mapping[str, Reals]],
    apart: bool,
) -> pl.DataFrame:
    """Estimate every outcome of each group, from a mask of the group and its cells within the basis."""
    people = heads(tables).join(basis.firms, on=CLUSTER, how="semi")
    inside = cells.filter("in_window").join(basis.firms, on=CLUSTER, how="semi")
    parts = []
    for group in groups(people, apart):
        population = people.filter(group.mask)
        facts: dict[str, Any] = {**names, "group": group.name, "group_kind": group.kind, "window": basis.window}
        facts |= labelled(outcomes) | dict(estimate(group.mask, inside.filter(group.mask)))
        facts |= {"firms": population.select(CLUSTER).n_unique(), "people": population.height}
        parts.append(pl.DataFrame(facts))
    return stated(without_nan(pl.concat(parts, how="vertical_relaxed")))


def _cells(tables: Tables, outcomes: Sequence[Outcome], basis: Basis) -> pl.DataFrame:
    """Sum person-weeks by firm, role and rank, apart within the window and outside it, and add the firms' groups."""
    frame = person_weeks(tables).with_columns(in_window=pl.col("week").is_in(list(basis.weeks)))
    cells = firm_sums(frame, outcomes, CELL).with_columns(pl.col("is_manager").cast(pl.Boolean), *_same_keys(tables))
    return cells.join(places(tables), on=CLUSTER, how="left")


def _same_keys(tables: Tables) -> list[pl.Expr]:
    """Cast the keys of firms in sums of person-weeks to their types in the table of firms."""
    kinds = tables["firms"].collect_schema()
    return [pl.col(key).cast(kinds[key]) for key in CLUSTER]


def replicates_of(cells: pl.DataFrame) -> Whole:
    """Return the replicate of each firm, in the order of ``paired``."""
    return np.unique(cells.select(CLUSTER).to_numpy().astype(np.int64), axis=0)[:, CLUSTER.index("replicate")]


def weeks_of(tables: Tables) -> list[int]:
    """List the simulated weeks from day 0 on, sorted; raise ``ResultsError`` if there is no table of person-weeks."""
    if "person_week" not in tables:
        raise ResultsError("the results lack the table 'person_week'")
    weeks = tables["person_week"].lazy().select(pl.col("week").unique()).collect(engine="streaming")["week"]
    return sorted(int(week) for week in weeks if week >= 0)


def paired(cells: pl.DataFrame, worlds: Sequence[str], outcomes: Sequence[Outcome]) -> tuple[Whole, Whole]:
    """Sum the cells of ``firm_sums`` to numerators and denominators of shape (worlds, firms, outcomes), in fixed point.

    Raises ``ResultsError`` if a world is missing or the worlds have different firms.
    """
    sums = [pl.col(f"{outcome.name}.{side}").sum() for side in "nd" for outcome in outcomes]
    firms = cells.group_by("world", *CLUSTER).agg(sums).sort(CLUSTER)
    world, keys = firms["world"].cast(pl.String), firms.select(CLUSTER).to_numpy()
    here = [(world == each).to_numpy() for each in worlds]
    if absent := [each for each, mine in zip(worlds, here, strict=True) if not mine.any()]:
        raise ResultsError(f"the results lack the world '{absent[0]}'")
    if not all(np.array_equal(keys[mine], keys[here[0]]) for mine in here):
        raise ResultsError("the two worlds do not have the same firms")
    all_sums = firms.drop("world", *CLUSTER).to_numpy().astype(np.int64)
    above, below = (
        np.stack([np.asfortranarray(side[mine]) for mine in here]) for side in np.hsplit(all_sums, 2)
    )  # in the order of memory in which floating-point sums over firms have always been taken
    return above, below


def sums_of(tables: Tables, worlds: Sequence[str], outcomes: Sequence[Outcome], basis: Basis) -> tuple[Whole, Whole]:
    """Sum outcomes over the firms and weeks of a basis, as ``paired`` does."""
    chosen = pl.col("week").is_in(list(basis.weeks)) & pl.col("world").cast(pl.String).is_in(list(worlds))
    cells = firm_sums(person_weeks(tables).filter(chosen), outcomes, ("world", *CLUSTER)).with_columns(
        _same_keys(tables)
    )
    return paired(cells.join(basis.firms, on=CLUSTER, how="semi"), worlds, outcomes)


def _contrast(
    numerators: Whole, denominators: Whole, replicates: Whole | None = None, offsets: Reals | None = None
) -> dict[str, Reals]:
    """Compare the ratios of two worlds from sums of shape (2, firms, outcomes), the counterfactual first.

    ``replicates`` is the replicate of each firm, or None if all share one parameter vector.
    """
    sums = numerators, denominators
    found = distributed(gap, sums, replicates, offsets)
    tested = interval(gap, sums, found["pull"], replicates)
    value, without = found["ratios"], found["without"]
    pull = pulls(value, without)
    own = (pull**2).sum(axis=-2)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.clip((pull[0] * pull[1]).sum(axis=-2) / np.sqrt(own[0] * own[1]), -1.0, 1.0)
        return {
            "baseline": value[0],
            "scenario_value": value[1],
            "difference": found["value"],
            **{key: found[key] for key in (*POSTERIOR, *HALVES)},
            "correlation": correlation,
            "variance_ratio": own.sum(axis=0) / (found["pull"] ** 2).sum(axis=-2),
            "standard_error": tested["error"],
            "freedom": tested["freedom"],
        }


def _spill(cells: pl.DataFrame, worlds: tuple[str, str], outcomes: Sequence[Outcome]) -> Reals:
    """Return the largest difference in a firm that no rule reaches, per outcome; NaN if there is no such firm."""
    if cells.is_empty():
        return np.full(len(outcomes), np.nan)
    numerators, denominators = paired(cells, worlds, outcomes)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(denominators == 0, np.nan, numerators / denominators)
    undefined = np.isnan(value)
    alike = undefined.all(axis=0) & (numerators[0] == numerators[1])
    apart = np.where(alike, 0.0, np.where(undefined.any(axis=0), np.inf, np.abs(value[1] - value[0])))
    return apart.max(axis=0)


DISPLACED = ("displaced", *(f"displaced_{end}" for end in ("low", "high", *HALVES)))
OFF_RECORD = ("call", "shadow", "talk")  # what no archive holds and no inspector can read
CHANNEL_OUTCOMES = (
    *(
        Outcome(
            name, "overtime", "min/week", "", column(f"after_minutes_{name}"), ONE, f"after-hours minutes by {name}"
        )
        for name in CHANNELS
    ),
    Outcome("all", "overtime", "min/week", "lower", AFTER_MINUTES, ONE, "after-hours minutes on messages"),
)


def displacement(tables: Tables, scenario: Scenario, counterfactual: Scenario, uncertain: bool = True) -> pl.DataFrame:
    """Compare after-hours minutes by channel, and estimate how many of those lost came up again in other channels.

    One row per world and channel, and one for ``all``, of the firms in scope in the evaluation window; only the
    scenario's rows hold the paired difference, with an interval if it is ``stated``. Its row ``all`` holds
    ``displaced``: minutes gained by channels that grew per minute lost by those that shrank, null if none shrank. Its
    interval takes as given which channels grew.
    """
    worlds = (counterfactual.name, scenario.name)
    basis = basis_of(tables, scenario, counterfactual)
    above, below = sums_of(tables, worlds, CHANNEL_OUTCOMES, basis)
    replicates = replicates_of(basis.firms) if uncertain else None
    found = _contrast(above, below, replicates)
    moved = np.full((len(DISPLACED), len(CHANNEL_OUTCOMES)), np.nan)
    moved[:, -1] = _displaced(above[..., :-1], below[..., :-1], replicates)
    pairing = {key: found[key] for key in ("difference", *ENDS)} | dict(zip(DISPLACED, moved, strict=True))
    pairing["low"] = np.where(found["baseline"] == 0, np.maximum(found["low"], 0.0), found["low"])
    pairing["high"] = np.where(found["scenario_value"] == 0, np.minimum(found["high"], 0.0), found["high"])
    parts = []
    for world, side in zip(worlds, ("baseline", "scenario_value"), strict=True):
        facts: dict[str, Any] = {
            "world": world,
            "window": basis.window,
            "channel": [outcome.name for outcome in CHANNEL_OUTCOMES],
            "recorded": [outcome.name not in OFF_RECORD for outcome in CHANNEL_OUTCOMES[:-1]] + [None],
            "minutes_per_person_week": found[side],
            "firms": basis.firms.height,
        }
        blank = np.full(len(CHANNEL_OUTCOMES), np.nan)
        facts |= dict.fromkeys(pairing, blank) if world == counterfactual.name else pairing
        parts.append(pl.DataFrame(facts))
    return stated(without_nan(pl.concat(parts))).drop("firms")


def _displaced(numerators: Whole, denominators: Whole, replicates: Whole | None) -> tuple[float, ...]:
    """Compute the displacement ratio, the ends of its 95 % interval and its halves from (2, firms, channels).

    Within a replicate it is linearised around the overall ratio, because the minutes lost there may be close to zero.
    """
    value, without = leave_one_out(numerators, denominators)
    change, change_without = value[1] - value[0], without[1] - without[0]
    gained, lost = change > 0, change < 0
    if not lost.any():
        return (np.nan,) * len(DISPLACED)
    gain, loss = change[gained].sum(), -change[lost].sum()
    ratio = gain / loss
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio_without = -change_without[:, gained].sum(axis=1) / change_without[:, lost].sum(axis=1)

    def linear(above: Reals, below: Reals) -> Reals:
        """Linearise the ratio of (2, ..., channels) around its overall value."""
        moved = gap(above, below)
        extra = moved[..., gained].sum(axis=-1) + ratio * moved[..., lost].sum(axis=-1)
        return np.asarray(ratio + extra / loss)[..., None]

    pull = pulls(np.array([ratio]), ratio_without[:, None])
    found = interval(linear, (numerators, denominators), pull, replicates)
    half, chance, parameters = (float(found[key][0]) for key in ("half", *HALVES))
    return ratio, max(ratio - half, 0.0), ratio + half, chance, parameters
