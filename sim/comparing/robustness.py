"""Which parameter sets and which parameter values would change the answer of a study.

A conclusion is what an interval supports: the sign of an effect if its 95 % interval excludes zero, or the best rule if
its probability is at least 95 %. If an effect is clear under one set only, this does not show that the sets differ.
Therefore the difference between sets is estimated too.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from sim.comparing.basis import basis_of
from sim.comparing.effects import replicates_of, sums_of, without_nan
from sim.core.parameters import CUTOFFS
from sim.outcomes import Outcome, Tables
from sim.scenario.schema import Scenario
from sim.stats.ordered import ordered_mean
from sim.stats.ranks import leaders, probability_of_leaders
from sim.stats.variance import exactly_zero, excludes_zero

SURE_PROBABILITY = 0.95  # probability from which on a rule is called the best
HOLDS, ONLY, CONTRADICT, UNCLEAR, ZERO = "holds", "only", "contradict", "unclear", "zero"
LABELS = ("outcome", "family", "unit", "better")
KEPT = ("scenario", "counterfactual", *LABELS, "window", "firms", "people")
ESTIMATES = ("baseline", "scenario_value", "difference", "low", "high", "half_chance", "half_parameters", "p_holm")
SHUFFLES = 1_000
LIMIT_QUANTILE = 0.95  # quantile over shuffles of the closest correlation of any parameter, used as limit
LEAST_DRAWS = 12  # below so many draws nothing is reported
TOP = 3  # parameters listed for each effect
DRIVERS = {
    **dict.fromkeys(("scenario", "outcome", "parameter"), pl.String), "draws": pl.Int64,
    **dict.fromkeys(("correlation", "limit", "low_third", "high_third", "lower_in_low", "lower_in_high"), pl.Float64),
}  # fmt: skip


def combined_readings(parts: Mapping[str, Mapping[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """Combine the tables of one study under several sets into ``readings``, ``conclusions``, ``ranking`` and ``best``.

    ``readings`` contains every outcome of everybody and how far it is ``apart`` from the first set. If nothing is
    compared it is the only table, and ``low`` and ``high`` bound the level. The ranking tables need a comparison.
    """
    paired = all("effects" in tables for tables in parts.values())
    rows = pl.concat(_rows(name, tables, paired) for name, tables in parts.items())
    found = {"readings": _set_differences(rows, "difference" if paired else "scenario_value", next(iter(parts)))}
    if paired:
        found["conclusions"] = conclusions(found["readings"])
    if all("ranking" in tables for tables in parts.values()):
        ranks = [tables["ranking"].select(pl.lit(name).alias("reading"), pl.all()) for name, tables in parts.items()]
        found["ranking"] = pl.concat(ranks)
        found["best"] = best_rules(found["ranking"])
    return found


def _rows(name: str, tables: Mapping[str, pl.DataFrame], paired: bool) -> pl.DataFrame:
    """Select a set's estimates for everybody; levels get null effect columns."""
    frame = tables["effects" if paired else "levels"].filter(pl.col("group") == "all")
    if not paired:
        unknown = [pl.lit(None, pl.Float64).alias(key) for key in ("baseline", "difference", "p_holm")]
        frame = frame.rename({"value": "scenario_value"})
        frame = frame.with_columns(*unknown, pl.lit(None, pl.String).alias("counterfactual"))
    return frame.select(pl.lit(name).alias("reading"), *KEPT, *ESTIMATES)


def _set_differences(rows: pl.DataFrame, value: str, first_set: str) -> pl.DataFrame:
    """Add the difference of each value from that of the first set, or of another.

    Both sets share firms, so their chance is correlated; adding the intervals as if independent is conservative.
    Intervals are skewed, so each end adds the halves on its own side (Zou and Donner 2008, Statistics in Medicine 27,
    1693-1702).
    """
    rows = rows.with_columns(below=pl.col(value) - pl.col("low"), above=pl.col("high") - pl.col(value))
    of_first = pl.col("reading") == first_set
    first = rows.filter(of_first).select("scenario", "outcome", value, "below", "above")
    joined = rows.join(first, on=("scenario", "outcome"), how="left", maintain_order="left", suffix="_first")
    gap = pl.col(value) - pl.col(f"{value}_first")
    low = gap - (pl.col("below").pow(2) + pl.col("above_first").pow(2)).sqrt()
    high = gap + (pl.col("above").pow(2) + pl.col("below_first").pow(2)).sqrt()
    ends = {"apart": gap, "apart_low": low, "apart_high": high}
    return joined.select(
        *rows.drop("below", "above").columns, **{key: pl.when(~of_first).then(each) for key, each in ends.items()}
    )


def conclusions(readings: pl.DataFrame) -> pl.DataFrame:
    """Classify each effect of ``readings`` as holds, only, contradict, unclear or zero, over all sets.

    ``says`` is the sign and ``under`` lists the sets in which it is clear. ``apart`` is true if sets that disagree
    about the sign differ by more than the intervals allow.
    """
    found, ends = [], ("apart", "apart_low", "apart_high")
    sets, bare = readings["reading"].unique(maintain_order=True), readings.drop(ends)
    apart = readings, *(_set_differences(bare, "difference", each) for each in sets[1:])  # without the first set's
    pairs = pl.concat(part.with_columns(other=pl.lit(each)) for each, part in zip(sets, apart, strict=True))
    for _, part in pairs.group_by("scenario", "outcome", maintain_order=True):
        rows = part.to_dicts()
        said = {row["reading"]: sign(row) for row in rows}
        known = conclusion_of(said, all(exactly_zero(row) for row in rows))
        facts = {key: rows[0][key] for key in ("scenario", *LABELS)}
        unlike = (excludes_zero(row, *ends[1:]) for row in rows if said[row["reading"]] != said[row["other"]])
        found.append(facts | known | {"apart": any(unlike)})
    return pl.DataFrame(found)


def sign(row: Mapping[str, Any]) -> str:
    """Return ``lower`` or ``higher``, or nothing if the interval includes zero or is unknown."""
    if not excludes_zero(row):
        return ""
    return "lower" if row["difference"] < 0 else "higher"


def conclusion_of(said: Mapping[str, str], nothing: bool = False) -> dict[str, str]:
    """Combine the result of each set (empty if unclear); ``nothing`` marks an effect of exactly zero under all.

    ``conclusion`` is one of the constants above. ``says`` is lower, higher or the best rule; for a contradiction it
    lists what each set says. ``under`` lists the sets with a clear result.
    """
    under = [name for name, words in said.items() if words]
    words = list(dict.fromkeys(said[name] for name in under))
    if nothing:
        kind, says, under = ZERO, "", list(said)
    elif not under:
        kind, says = UNCLEAR, ""
    elif len(words) > 1:
        kind, says = CONTRADICT, ", ".join(f"{name}: {said[name]}" for name in under)
    else:
        kind, says = HOLDS if len(under) == len(said) else ONLY, words[0]
    return {"conclusion": kind, "says": says, "under": ", ".join(under)}


def best_rules(ranking: pl.DataFrame) -> pl.DataFrame:
    """Name the best rule, or those tied with it, under each set, and combine the results of the sets.

    ``probability`` is the chance to be one of them; it is null (and ``best`` empty) if there are too few firms. A set
    is clear if this chance is at least 95 %, or if no rule is better in that share of draws. Best rules that clear sets
    have in common are what they say.
    """
    found = []
    for _, outcome in ranking.group_by("outcome", maintain_order=True):
        tops, said = [], {}
        for (reading,), part in outcome.group_by("reading", maintain_order=True):
            rows = part.to_dicts()
            best = leaders(rows)
            likely = probability_of_leaders(rows) if best else None
            # Other rules may be equally good and share the chance; if regret ends at 0, none is better in 95 % of
            # draws.
            never = any(row["regret_high"] == 0 for row in rows if row["scenario"] in best)
            sure = likely is not None and (likely >= SURE_PROBABILITY or never)
            said[str(reading)] = ", ".join(best) if sure else ""
            labels = {key: rows[0][key] for key in LABELS}
            tops.append({"reading": reading, **labels, "best": ", ".join(best), "probability": likely})
        clear = [words.split(", ") for words in said.values() if words]
        shared = ", ".join(name for name in clear[0] if all(name in each for each in clear)) if clear else ""
        said = {name: words and (shared or words) for name, words in said.items()}
        found += [top | conclusion_of(said) for top in tops]
    return pl.DataFrame(found, schema_overrides={"probability": pl.Float64})


def by_draw(tables: Tables, scenario: Scenario, counterfactual: Scenario, outcomes: Sequence[Outcome]) -> pl.DataFrame:
    """Compare two worlds in each replicate separately, on the firms and weeks of ``contrasts``.

    One row per outcome and replicate that has firms in scope: ``baseline`` and ``difference``, null where undefined.
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


def drivers(
    draws: pl.DataFrame,
    parameters: Mapping[str, Sequence[Mapping[str, float]]],
    seed: int,
    fixed: Mapping[str, Collection[str]] | None = None,
) -> pl.DataFrame:
    """Rank the parameters by how closely effects follow them over the draws of all sets.

    ``draws`` has the rows of ``by_draw`` with the set in ``reading``; ``parameters`` contains the draws of each set.
    There is one row per scenario, outcome and each of the ``TOP`` parameters. ``correlation`` is that of ranks.
    ``limit`` is the value that the largest correlation of all parameters exceeds by chance in one case of twenty, from
    shuffled effects (Westfall and Young 1993). ``low_third`` and ``lower_in_low`` are the mean effect and the share of
    effects below zero in the third of draws with the lowest values of the parameter; the same is given for the highest
    third. Ranks, thirds and shuffles are within a set, because differences between sets follow everything else in which
    they differ. Replicates of one draw count once, by their mean. Left out are effects with fewer than ``LEAST_DRAWS``
    draws or without variation, the cut-offs (a fit derives them from a draw's scores), and parameters ``fixed`` in both
    worlds of a scenario.
    """
    drawn = set.intersection(*(set(rows[0]) for rows in parameters.values())) - set(CUTOFFS)
    rng, found = np.random.default_rng(seed), []
    counts = {reading: len(rows) for reading, rows in parameters.items()}
    draw = pl.col("replicate") % pl.col("reading").replace_strict(counts)
    same = draws.group_by("scenario", "outcome", "reading", draw, maintain_order=True)
    known = same.agg(ordered_mean(pl.col("difference"))).filter(pl.col("difference").is_not_null())
    for (scenario, outcome), part in known.group_by("scenario", "outcome", maintain_order=True):
        effect, names = part["difference"].to_numpy(), sorted(drawn.difference((fixed or {}).get(str(scenario), ())))
        if not names or len(effect) < LEAST_DRAWS or np.ptp(effect) == 0:
            continue
        places = zip(part["reading"], part["replicate"], strict=True)
        rows = [parameters[reading][number] for reading, number in places]
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
        limit = float(np.quantile(np.abs(shuffled @ unit).max(axis=1), LIMIT_QUANTILE))
        for place in np.argsort(-np.abs(correlation), kind="stable")[:TOP]:
            thirds = np.quantile(ranks[:, place], (1 / 3, 2 / 3))
            low, high = effect[ranks[:, place] <= thirds[0]], effect[ranks[:, place] >= thirds[1]]
            found.append({
                "scenario": scenario, "outcome": outcome, "parameter": str(chosen[place]), "draws": len(effect),
                "correlation": float(correlation[place]), "limit": limit,
                "low_third": float(low.mean()), "high_third": float(high.mean()),
                "lower_in_low": float((low < 0).mean()), "lower_in_high": float((high < 0).mean()),
            })  # fmt: skip
    return pl.DataFrame(found, schema=DRIVERS)
