"""Effects draw by draw, and the parameters that they go with: what would change an answer."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from sim.comparing.effects import basis_of, replicates_of, sums_of, without_nan
from sim.core.parameters import CUTOFFS
from sim.outcomes import Outcome, Tables
from sim.scenario.schema import Scenario

SHUFFLES = 1_000
CHANCE = 0.95  # of shuffles, in which no parameter goes with the effect as closely as the limit says
LEAST = 12  # draws, below which nothing is said
TOP = 3  # parameters kept for an effect


def by_draw(tables: Tables, scenario: Scenario, counterfactual: Scenario, outcomes: Sequence[Outcome]) -> pl.DataFrame:
    """Compare two worlds in each replicate by itself, on the firms and weeks of ``contrasts``.

    One row per replicate with firms in scope and outcome: ``baseline`` and ``difference``, null where undefined.
    """
    basis = basis_of(tables, scenario, counterfactual)
    above, below = sums_of(tables, [counterfactual.name, scenario.name], outcomes, basis)
    replicates = replicates_of(basis.firms)
    labels = np.unique(replicates)
    above, below = (np.stack([each[:, replicates == one].sum(axis=1) for one in labels], 1) for each in (above, below))
    with np.errstate(divide="ignore", invalid="ignore"):
        before, after = np.where(below == 0, np.nan, above / below)
    return without_nan(pl.DataFrame({
        "scenario": scenario.name,
        "replicate": np.repeat(labels, len(outcomes)),
        "outcome": [outcome.name for outcome in outcomes] * len(labels),
        "baseline": before.ravel(),
        "difference": (after - before).ravel(),
    }))  # fmt: skip


def drivers(draws: pl.DataFrame, parameters: Mapping[str, Sequence[Mapping[str, float]]], seed: int) -> pl.DataFrame:
    """Rank the parameters by how closely effects go with them over the draws of all sets.

    ``draws`` has the rows of ``by_draw`` with the set in ``reading``; ``parameters`` holds the draws of each set. One
    row per scenario, outcome and each of the ``TOP`` parameters: ``correlation`` of ranks, and the ``limit`` that the
    largest of all parameters exceeds by chance in one case of twenty, from shuffled effects (Westfall and Young 1993).
    Beside it the mean effect and the share of effects below zero in the third of draws with the lowest values of the
    parameter (``low_third``, ``lower_in_low``) and in that with the highest. Ranks, thirds and shuffles are within a
    set: what differs between sets goes with whatever else does. Effects in fewer than ``LEAST`` draws, or the same in
    all, are left out, and so are the cut-offs, which a fit sets by its draw's scores.
    """
    names = sorted(set.intersection(*(set(rows[0]) for rows in parameters.values())) - set(CUTOFFS))
    rng, found = np.random.default_rng(seed), []
    known = draws.filter(pl.col("difference").is_not_null())
    for (scenario, outcome), part in known.group_by("scenario", "outcome", maintain_order=True):
        effect = part["difference"].to_numpy()
        if len(effect) < LEAST or np.ptp(effect) == 0:
            continue
        places = zip(part["reading"], part["replicate"], strict=True)
        rows = [parameters[reading][number % len(parameters[reading])] for reading, number in places]
        values = np.array([[row[name] for name in names] for row in rows])
        sets = [(part["reading"] == reading).to_numpy() for reading in part["reading"].unique(maintain_order=True)]
        ranks, mine, shuffled = np.empty(values.shape), np.empty(len(effect)), np.empty((SHUFFLES, len(effect)))
        for those in sets:
            ranks[those] = pl.DataFrame(values[those]).select(pl.all().rank()).to_numpy() / (those.sum() + 1.0) - 0.5
            mine[those] = pl.Series(effect[those]).rank().to_numpy() / (those.sum() + 1.0) - 0.5
            shuffled[:, those] = rng.permuted(np.tile(mine[those], (SHUFFLES, 1)), axis=1)
        free, size = np.ptp(ranks, axis=0) > 0, np.linalg.norm(mine)
        if not free.any() or size == 0:
            continue
        chosen, ranks = np.array(names)[free], ranks[:, free]
        unit = ranks / (np.linalg.norm(ranks, axis=0) * size)
        correlation = mine @ unit
        limit = float(np.quantile(np.abs(shuffled @ unit).max(axis=1), CHANCE))
        for place in np.argsort(-np.abs(correlation), kind="stable")[:TOP]:
            thirds = np.quantile(ranks[:, place], (1 / 3, 2 / 3))
            low, high = effect[ranks[:, place] <= thirds[0]], effect[ranks[:, place] >= thirds[1]]
            found.append({
                "scenario": scenario, "outcome": outcome, "parameter": str(chosen[place]), "draws": len(effect),
                "correlation": float(correlation[place]), "limit": limit,
                "low_third": float(low.mean()), "high_third": float(high.mean()),
                "lower_in_low": float((low < 0).mean()), "lower_in_high": float((high < 0).mean()),
            })  # fmt: skip
    return pl.DataFrame(found, schema=SCHEMA)


SCHEMA = {
    **dict.fromkeys(("scenario", "outcome", "parameter"), pl.String), "draws": pl.Int64,
    **dict.fromkeys(("correlation", "limit", "low_third", "high_third", "lower_in_low", "lower_in_high"), pl.Float64),
}  # fmt: skip
