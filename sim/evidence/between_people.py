"""Observables of differences between people: correlations of their means over the weeks, and concentration."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.outcomes import CLUSTER, KEYS, OVERTIME, half_width, pulls

type Reals = NDArray[np.float64]

MEANS = {  # of a person's weeks
    "expectation": pl.col("expectation"),
    "detachment": pl.col("detachment"),
    "hidden": pl.col("hidden_overtime_minutes"),
    "sent": pl.col("sent"),
    "overtime": OVERTIME / 60,
}


class BetweenPeople(NamedTuple):
    """A figure of differences between people: what it is computed of, and how."""

    unit: str
    definition: str
    of: tuple[str, ...]  # of ``MEANS``
    how: Callable[..., float]


def correlation(one: Reals, other: Reals) -> float:
    """Return Pearson's correlation; NaN if one of both is constant."""
    spread = float(one.std() * other.std())
    return float(((one - one.mean()) * (other - other.mean())).mean()) / spread if spread > 0 else float("nan")


def gini(values: Reals) -> float:
    """Return the Gini coefficient: 0 if all have the same, near 1 if one has all; NaN if nobody has anything."""
    total = float(values.sum())
    rank = np.arange(1, len(values) + 1)
    return float((2 * rank - len(values) - 1) @ np.sort(values)) / (len(values) * total) if total > 0 else float("nan")


def deviation(values: Reals) -> float:
    """Return the standard deviation."""
    return float(values.std())


BETWEEN_PEOPLE: dict[str, BetweenPeople] = {
    "expectation_with_hidden_overtime": BetweenPeople(
        "correlation", "over people, of the expectation with hidden overtime", ("expectation", "hidden"), correlation
    ),
    "hidden_overtime_with_detachment": BetweenPeople(
        "correlation", "over people, of hidden overtime with detachment", ("hidden", "detachment"), correlation
    ),
    "gini_of_messages_sent": BetweenPeople("0..1", "Gini coefficient over people of messages sent", ("sent",), gini),
    "spread_of_overtime": BetweenPeople(
        "h/week", "standard deviation over people of their mean overtime, recorded and latent", ("overtime",), deviation
    ),
}


def between(frame: pl.LazyFrame, world: str, names: list[str]) -> dict[str, tuple[float, float]]:
    """Return value and half of the 95 % interval of figures of ``BETWEEN_PEOPLE``, by leaving out firms in turn.

    ``frame`` holds the person-weeks of ``sim.outcomes.person_weeks``.
    """
    weeks = frame.filter(pl.col("world").cast(pl.String) == world)
    means = [expression.cast(pl.Float64).mean().alias(name) for name, expression in MEANS.items()]
    persons = weeks.sort(*KEYS, "week").group_by(KEYS, maintain_order=True).agg(means).collect()
    firm = persons.select(pl.struct(CLUSTER).rank("dense")).to_series().to_numpy() - 1
    sizes = np.bincount(firm)
    found = {}
    for name in names:
        shape = BETWEEN_PEOPLE[name]
        columns = [persons[column].to_numpy() for column in shape.of]
        value = shape.how(*columns)
        without = [shape.how(*(column[firm != k] for column in columns)) for k in range(len(sizes))]
        pull = pulls(np.array([value]), np.array(without)[:, None])
        found[name] = value, float(half_width(pull, sizes[:, None])[0])
    return found
