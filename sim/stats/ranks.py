"""Order in which rule sets are listed, and the number of firms below which probabilities need a warning."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

FEW = 10  # firms; with fewer, the variance behind probabilities is poorly known


def best_first(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort rows of ``ranking``, of one outcome, by probability of being best, then expected rank, nulls last."""
    by = [-pl.col("probability_best").fill_nan(None), pl.col("expected_rank").fill_nan(None)]
    return frame.sort(by, nulls_last=True, maintain_order=True)


def leaders(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the best rule set and those exactly tied with it, from rows of one outcome; empty without probabilities."""
    if any(row["probability_best"] is None for row in rows):
        return []
    top = max(rows, key=lambda row: (row["probability_best"], -row["expected_rank"]))
    return [
        row["scenario"]
        for row in rows
        if row["mean"] == top["mean"] and math.isclose(row["regret_high"], top["regret_high"], abs_tol=1e-12)
    ]


def undecided(ranking: pl.DataFrame) -> bool:
    """Return whether a ranking, or what is left of it, says of no outcome how likely each rule set is the best.

    An outcome in which all are exactly tied says nothing either, unless all outcomes are of that kind.
    """
    parts = [part.to_dicts() for _, part in ranking.group_by("outcome", maintain_order=True)]
    tied = [len(leaders(rows)) for rows in parts]
    return 0 in tied and not any(0 < count < len(rows) for count, rows in zip(tied, parts, strict=True))


def chance(probability: float | None) -> str:
    """Format a probability as whole per cent without the sign; only certainty is written as 0 or 100."""
    if probability is None or math.isnan(probability):
        return "–"
    if 0 < probability < 0.01:
        return "<1"
    return ">99" if 0.99 < probability < 1 else f"{100 * probability:.0f}"
