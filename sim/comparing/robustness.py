"""Robustness to the evidence: which conclusions of a study depend on the parameter set under which it is run.

A conclusion is what an interval supports: the sign of an effect if its 95 % interval excludes zero, the best rule if
its probability is at least 95 %. That an effect is clear under one set only does not show that the sets differ, so the
difference between the sets is estimated too.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from sim.stats.ranks import leaders, leading
from sim.stats.variance import exactly_zero, excludes_zero

SURE = 0.95  # chance of being best from which on a rule is called the best
HOLDS, ONLY, CONTRADICT, UNCLEAR, ZERO = "holds", "only", "contradict", "unclear", "zero"
LABELS = ("outcome", "family", "unit", "better")
KEPT = ("scenario", "counterfactual", *LABELS, "window", "firms", "people")
NUMBERS = ("baseline", "scenario_value", "difference", "low", "high", "half_chance", "half_parameters", "p_holm")


def side_by_side(parts: Mapping[str, Mapping[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """Combine the tables of one study under several sets into ``readings``, ``conclusions``, ``ranking`` and ``best``.

    ``readings`` holds every outcome of everybody and how far it is ``apart`` from the first set. It is the only table
    if nothing is compared, and then ``low`` and ``high`` bound the level; ranking tables need a comparison.
    """
    paired = all("effects" in tables for tables in parts.values())
    rows = pl.concat(_rows(name, tables, paired) for name, tables in parts.items())
    found = {"readings": _apart(rows, "difference" if paired else "scenario_value")}
    if paired:
        found["conclusions"] = conclusions(found["readings"])
    if all("ranking" in tables for tables in parts.values()):
        ranks = [tables["ranking"].select(pl.lit(name).alias("reading"), pl.all()) for name, tables in parts.items()]
        found["ranking"] = pl.concat(ranks)
        found["best"] = bests(found["ranking"])
    return found


def _rows(name: str, tables: Mapping[str, pl.DataFrame], paired: bool) -> pl.DataFrame:
    """Select a set's estimates for everybody; levels get null effect columns."""
    frame = tables["effects" if paired else "levels"].filter(pl.col("group") == "all")
    if not paired:
        unknown = [pl.lit(None, pl.Float64).alias(key) for key in ("baseline", "difference", "p_holm")]
        frame = frame.rename({"value": "scenario_value"})
        frame = frame.with_columns(*unknown, pl.lit(None, pl.String).alias("counterfactual"))
    return frame.select(pl.lit(name).alias("reading"), *KEPT, *NUMBERS)


def _apart(rows: pl.DataFrame, value: str) -> pl.DataFrame:
    """Add the difference of each value from that of the first set.

    Both sets share firms, hence chance is correlated; adding the intervals as if independent is conservative. Intervals
    are skewed, so each end adds the halves on its own side (Zou and Donner 2008, Statistics in Medicine 27, 1693-1702).
    """
    rows = rows.with_columns(below=pl.col(value) - pl.col("low"), above=pl.col("high") - pl.col(value))
    of_first = pl.col("reading") == rows["reading"][0]
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

    ``says`` is the sign, ``under`` lists the sets in which it is clear, and ``apart`` is true if any set differs from
    the first by more than the intervals allow.
    """
    found = []
    for _, part in readings.group_by("scenario", "outcome", maintain_order=True):
        rows = part.to_dicts()
        known = concluded({row["reading"]: sign(row) for row in rows}, all(exactly_zero(row) for row in rows))
        facts = {key: rows[0][key] for key in ("scenario", *LABELS)}
        found.append(facts | known | {"apart": any(excludes_zero(row, "apart_low", "apart_high") for row in rows)})
    return pl.DataFrame(found)


def sign(row: Mapping[str, Any]) -> str:
    """Return ``lower`` or ``higher``, empty if the interval includes zero or is unknown."""
    if not excludes_zero(row):
        return ""
    return "lower" if row["difference"] < 0 else "higher"


def concluded(said: Mapping[str, str], nothing: bool = False) -> dict[str, str]:
    """Combine what each set says (empty for no clear result); ``nothing`` marks an effect of exactly zero under all.

    ``conclusion`` is one of the constants above; ``says`` is lower, higher or the best rule, of a contradiction that of
    each set; ``under`` lists the sets with a clear result.
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


def bests(ranking: pl.DataFrame) -> pl.DataFrame:
    """Name the best rule, or those tied with it, under each set, and classify what the sets say together.

    ``probability`` is the chance to be one of them, null (and ``best`` empty) where too few firms give none. A set is
    clear if that chance is at least 95 %, or if no rule is better in that share of draws.
    """
    found = []
    for _, outcome in ranking.group_by("outcome", maintain_order=True):
        tops, said = [], {}
        for (reading,), part in outcome.group_by("reading", maintain_order=True):
            rows = part.to_dicts()
            best = leaders(rows)
            likely = leading(rows) if best else None
            # Others may be as good and share the chance; where regret ends at 0, none is better in 95 % of draws.
            never = any(row["regret_high"] == 0 for row in rows if row["scenario"] in best)
            sure = likely is not None and (likely >= SURE or never)
            said[str(reading)] = ", ".join(best) if sure else ""
            labels = {key: rows[0][key] for key in LABELS}
            tops.append({"reading": reading, **labels, "best": ", ".join(best), "probability": likely})
        found += [top | concluded(said) for top in tops]
    return pl.DataFrame(found, schema_overrides={"probability": pl.Float64})
