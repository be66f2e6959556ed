"""The order in which rule sets are listed, and below how many firms probabilities need a warning."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import polars.selectors as cs

FEW = 10  # firms; with fewer, the variance behind probabilities is poorly known


def best_first(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort the rows of ``ranking`` for one outcome by probability of being best, then by expected rank, nulls last.

    Rule sets that are exactly tied count together, so a copy of a rule set does not move another one to the top.
    """
    rows = frame.with_columns(cs.float().fill_nan(None)).to_dicts()
    return frame[sorted(range(len(rows)), key=lambda place: _sort_key(rows[place], rows))]


def leaders(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the best rule set and those exactly tied with it, for one outcome; empty if probabilities are missing."""
    if any(row["probability_best"] is None for row in rows):
        return []
    return [row["scenario"] for row in _tied(min(rows, key=lambda row: _sort_key(row, rows)), rows)]


def probability_of_leaders(rows: Sequence[Mapping[str, Any]]) -> float:
    """Return the probability that one of the ``leaders`` is the best."""
    named = leaders(rows)
    return min(round(sum(row["probability_best"] for row in rows if row["scenario"] in named), 9), 1.0)


def _sort_key(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    if row["probability_best"] is None:
        return math.inf, math.inf
    return -sum(each["probability_best"] or 0.0 for each in _tied(row, rows)), row["expected_rank"]


def _tied(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    mean, most = row["mean"], row["regret_high"]
    return [each for each in rows if each["mean"] == mean and math.isclose(each["regret_high"], most, abs_tol=1e-12)]


def undecided(ranking: pl.DataFrame) -> bool:
    """Return whether a ranking, or what is left of it, has probabilities of being best for no outcome.

    An outcome in which all rule sets are exactly tied counts as one without, unless all outcomes are like that.
    """
    parts = [part.to_dicts() for _, part in ranking.group_by("outcome", maintain_order=True)]
    tied = [len(leaders(rows)) for rows in parts]
    return 0 in tied and not any(0 < count < len(rows) for count, rows in zip(tied, parts, strict=True))


def whole_percent(probability: float | None) -> str:
    """Format a probability as whole per cent without the sign: "0" only for exactly 0, "100" only for exactly 1."""
    if probability is None or math.isnan(probability):
        return "–"
    if 0 < probability < 0.01:
        return "<1"
    return ">99" if 0.99 < probability < 1 else f"{round(100 * probability)}"
