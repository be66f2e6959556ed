"""Paired differences of two worlds with their intervals, and levels of a single one.

With common random numbers each firm is its own control. An effect is the difference of two ratios of sums over the same
firms. Its interval comes from a jackknife that leaves out one firm in both worlds at once, plus the variance between
drawn parameters (``sim.stats.variance``). The interval does not say whether the model is right.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from sim.comparing.basis import Basis, basis_of, grouped_firms, grouped_people, groups
from sim.comparing.stated import corrected, stated, with_relative, within_range
from sim.core.errors import ResultsError
from sim.outcomes import CLUSTER, OUTCOMES, Outcome, Reals, Tables, Whole, eager, firm_sums, influences, person_weeks
from sim.scenario.schema import Scenario
from sim.stats.posterior import END_ERRORS, MEAN, QUANTILES, SHARES
from sim.stats.variance import ratio_difference, with_posterior, world_ratio

LABELS = ("family", "unit", "better")
CELL = ("world", *CLUSTER, "role", "is_manager", "in_window")
HALVES = ("half_chance", "half_parameters")
ENDS = ("low", "high", *HALVES)
REFERENCE_FIRMS = "reference_firms"  # name of the table of the counterfactual's firms, with its scope
POSTERIOR = (*MEAN, *QUANTILES, *SHARES, *END_ERRORS)  # columns of an effect's posterior


def outcome_labels(outcomes: Sequence[Outcome]) -> dict[str, list[str]]:
    """Return the columns that identify outcomes: name, family, unit and the better direction."""
    names = {"outcome": [outcome.name for outcome in outcomes]}
    return names | {label: [getattr(outcome, label) for outcome in outcomes] for label in LABELS}


def without_nan(frame: pl.DataFrame) -> pl.DataFrame:
    """Replace undefined numbers by null."""
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
    counterfactual: Scenario | None,
    outcomes: Sequence[Outcome] = OUTCOMES,
    uncertain: bool = True,
    offsets: Reals | None = None,
    apart: bool = True,
) -> pl.DataFrame:
    """Compare two worlds in every outcome, for everybody and by group, without correcting for multiple testing.

    ``tables`` needs ``person_week``, ``people`` and ``firms`` of both worlds. ``uncertain`` means that each replicate
    draws its own parameters; ``offsets`` are their deviations from the mean of all draws (``Draws.offsets``). There is
    one row per group and outcome (without ``apart`` for everybody only), over the firms in scope (all if no rule
    reaches any) and the weeks of the evaluation window. Null means undefined, as a correlation of constants, or not
    ``stated``. Columns:

    - ``low_error``, ``high_error``: those of ``posterior``, for everybody only;
    - ``half_chance``, ``half_parameters``: half widths by one source alone; null unless ``uncertain``, the second also
      for a single replicate;
    - ``variance_ratio``: variance of an unpaired difference over that of this one; infinite for identical worlds;
    - ``spill``: largest difference in a firm out of scope (of both worlds if ``tables`` has ``REFERENCE_FIRMS``); must
      be 0.

    A single world, without a counterfactual, is described by its levels, over all firms and weeks after the warm-up.
    """
    names = {"scenario": scenario.name} | ({"counterfactual": counterfactual.name} if counterfactual else {})
    worlds = tuple(reversed(names.values()))
    basis = basis_of(tables, scenario, counterfactual)
    cells = _cells(tables, outcomes, basis)
    people = grouped_people(tables).join(basis.firms, on=CLUSTER, how="semi")
    window = cells.filter("in_window").join(basis.firms, on=CLUSTER, how="semi")
    outside = cells.join(basis.firms, on=CLUSTER, how="anti")
    untouched = outside.join(reached_by_reference(tables), on=CLUSTER, how="anti")
    parts = []
    for group in groups(people, apart):
        population, inside = people.filter(group.mask), window.filter(group.mask)
        facts: dict[str, Any] = {**names, "group": group.name, "group_kind": group.kind, "window": basis.window}
        facts |= outcome_labels(outcomes)
        sums, replicates = world_sums(inside, worlds, outcomes), replicates_of(inside) if uncertain else None
        if counterfactual:
            spill = _spillover(untouched.filter(group.mask), worlds, outcomes)
            if not outside.filter(group.mask).is_empty():  # where the counterfactual reaches all, nothing differs
                spill = np.nan_to_num(spill, posinf=np.inf)
            facts |= contrast_of_sums(*sums, replicates, offsets, errors=group.kind == "all") | {"spill": spill}
        else:
            found = with_posterior(world_ratio, sums, replicates)
            facts |= {key: found[key] for key in ("value", *QUANTILES, *HALVES)}
        facts |= {"firms": population.n_unique(CLUSTER), "people": population.height}
        parts.append(pl.DataFrame(facts))
    rows = stated(without_nan(pl.concat(parts, how="vertical_relaxed")))
    rows = within_range(rows, differences=counterfactual is not None)
    return with_relative(rows).select(pl.exclude("spill"), "spill") if counterfactual else rows


def _cells(tables: Tables, outcomes: Sequence[Outcome], basis: Basis) -> pl.DataFrame:
    """Sum person-weeks by firm, role and rank, apart within and outside the window, and add the firms' groups."""
    frame = person_weeks(tables).with_columns(in_window=pl.col("week").is_in(list(basis.weeks)))
    cells = firm_sums(frame, outcomes, CELL).with_columns(pl.col("is_manager").cast(pl.Boolean), *_cast_keys(tables))
    return cells.join(grouped_firms(tables), on=CLUSTER, how="left")


def reached_by_reference(tables: Tables) -> pl.DataFrame:
    """List the firms that rules of the counterfactual reach; none if these are not known."""
    if REFERENCE_FIRMS not in tables:
        return eager(tables, "firms").select(CLUSTER).clear()
    return eager(tables, REFERENCE_FIRMS).filter("in_scope").select(CLUSTER)


def _cast_keys(tables: Tables) -> list[pl.Expr]:
    """Cast the keys of firms in sums of person-weeks to their types in the table of firms."""
    kinds = tables["firms"].collect_schema()
    return [pl.col(key).cast(kinds[key]) for key in CLUSTER]


def replicates_of(cells: pl.DataFrame) -> Whole:
    """Return the replicate of each firm, in the order of ``world_sums``."""
    return np.unique(cells.select(CLUSTER).to_numpy().astype(np.int64), axis=0)[:, CLUSTER.index("replicate")]


def world_sums(cells: pl.DataFrame, worlds: Sequence[str], outcomes: Sequence[Outcome]) -> tuple[Whole, Whole]:
    """Sum the cells of ``firm_sums`` to numerators and denominators of shape (worlds, firms, outcomes), in fixed point.

    Raises ``ResultsError`` if a world is missing or the worlds have different firms.
    """
    sums = pl.col([f"{outcome.name}.{side}" for side in "nd" for outcome in outcomes]).sum()
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
    )  # fixed memory order, so that floating-point sums over firms give the same bits as before
    return above, below


def sums_of(tables: Tables, worlds: Sequence[str], outcomes: Sequence[Outcome], basis: Basis) -> tuple[Whole, Whole]:
    """Sum outcomes over the firms and weeks of a basis, as ``world_sums`` does."""
    chosen = pl.col("week").is_in(list(basis.weeks)) & pl.col("world").cast(pl.String).is_in(list(worlds))
    cells = firm_sums(person_weeks(tables).filter(chosen), outcomes, ("world", *CLUSTER)).with_columns(
        _cast_keys(tables)
    )
    return world_sums(cells.join(basis.firms, on=CLUSTER, how="semi"), worlds, outcomes)


def contrast_of_sums(
    numerators: Whole, denominators: Whole, replicates: Whole | None = None, offsets: Reals | None = None,
    errors: bool = False,
) -> dict[str, Reals]:  # fmt: skip
    """Compare the ratios of two worlds from sums of shape (2, firms, outcomes), the counterfactual first.

    ``replicates`` is the replicate of each firm, or None if all share one parameter vector. ``errors`` is that of
    ``posterior``.
    """
    sums = numerators, denominators
    found = with_posterior(ratio_difference, sums, replicates, offsets, errors)
    found = dict.fromkeys(END_ERRORS, np.full_like(found["value"], np.nan)) | found
    value, without = found["ratios"], found["without"]
    influence = influences(value, without)
    own = (influence**2).sum(axis=-2)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.clip((influence[0] * influence[1]).sum(axis=-2) / np.sqrt(own[0] * own[1]), -1.0, 1.0)
        return {
            "baseline": value[0],
            "scenario_value": value[1],
            "difference": found["value"],
            **{key: found[key] for key in (*POSTERIOR, *HALVES)},
            "correlation": correlation,
            "variance_ratio": own.sum(axis=0) / (found["influence"] ** 2).sum(axis=-2),
            "centre": found["median"],
            "below": found["median"] - found["low"],
            "above": found["high"] - found["median"],
            "freedom": found["freedom"],
        }


def _spillover(cells: pl.DataFrame, worlds: Sequence[str], outcomes: Sequence[Outcome]) -> Reals:
    """Return the largest difference in a firm that no rule reaches, per outcome; NaN if there is no such firm."""
    if cells.is_empty():
        return np.full(len(outcomes), np.nan)
    numerators, denominators = world_sums(cells, worlds, outcomes)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(denominators == 0, np.nan, numerators / denominators)
    undefined = np.isnan(value)
    alike = undefined.all(axis=0) & (numerators[0] == numerators[1])
    apart = np.where(alike, 0.0, np.where(undefined.any(axis=0), np.inf, np.abs(value[1] - value[0])))
    return apart.max(axis=0)
