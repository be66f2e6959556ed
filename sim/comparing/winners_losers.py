"""Winners and losers: paired differences of individuals who keep the same job in both worlds.

A mean can hide that a rule helps many a little and hurts some a lot. A difference counts as none below a tenth of the
standard deviation between people under the reference, half of a conventionally small effect; it is that within
replicates, as what draws of parameters differ by is no difference between people. Intervals treat firms, not people, as
independent.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.comparing.effects import ENDS, basis_of, without_nan
from sim.comparing.groups import groups, heads
from sim.outcomes import CLUSTER, FEWEST, KEYS, SCALE, Outcome, Reals, Tables, Whole, firm_sums, fixed, person_weeks
from sim.scenario.schema import Scenario
from sim.stats.variance import distributed, level

SAME = 0.1  # standard deviations between people
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
MEASURED = ("share_better", "share_worse", "mean")  # these have intervals


def persons(
    tables: Tables, scenario: Scenario, counterfactual: Scenario, outcomes: Sequence[Outcome], uncertain: bool = True
) -> pl.DataFrame:
    """Compare the people of two worlds individually, by group and outcome.

    Covers people in scope who kept their job in both worlds and for whom the outcome is defined in both, in the
    evaluation window. ``threshold`` is the largest difference that counts as none, in the outcome's unit;
    ``share_better`` and ``share_worse`` are null where neither direction is better. These and ``mean`` have 95 %
    intervals, over ``FEWEST`` firms or more, with the half widths by chance and by parameters alone, the latter null
    unless replicates draw parameters.
    """
    basis = basis_of(tables, scenario, counterfactual)
    people = heads(tables).join(basis.firms, on=CLUSTER, how="semi")
    both = _differences(tables, scenario, counterfactual, outcomes, basis.weeks)
    both = both.join(people.cast({key: both.schema[key] for key in KEYS}), on=KEYS)
    measured = [_measured(both, outcome) for outcome in outcomes] if both.height else []
    rows = []
    for group in groups(both) if both.height else ():
        inside = both.select(inside=group.mask & pl.col(KEYS[0]).is_not_null())["inside"].to_numpy()
        for each in measured:
            outcome = each.outcome
            facts = {"scenario": scenario.name, "group": group.name, "group_kind": group.kind, "outcome": outcome.name}
            facts |= {"family": outcome.family, "unit": outcome.unit, "better": outcome.better, "window": basis.window}
            rows.append(facts | _gains(each, inside, uncertain))
    return without_nan(pl.DataFrame(rows, schema=_SCHEMA))


_SCHEMA = {
    **dict.fromkeys(("scenario", "group", "group_kind", "outcome", "family", "unit", "better", "window"), pl.String),
    **dict.fromkeys(("share_better", "share_worse", "share_same", *QUANTILES, "mean", "threshold"), pl.Float64),
    "people": pl.Int64,
    **dict.fromkeys((f"{name}_{end}" for name in MEASURED for end in ENDS), pl.Float64),
}


def _differences(
    tables: Tables, scenario: Scenario, counterfactual: Scenario, outcomes: Sequence[Outcome], weeks: Sequence[int]
) -> pl.DataFrame:
    """Return each outcome's difference and, as ``.usual``, its value under the reference, for people who stayed."""
    frame = person_weeks(tables)
    left = (
        frame.filter(pl.col("week") <= max(weeks))
        .group_by(KEYS)
        .agg(pl.col("exits").cast(pl.Int64).sum())
        .filter(pl.col("exits") == 0)
        .select(KEYS)
        .collect(engine="streaming")
    )
    sums = firm_sums(frame.filter(pl.col("week").is_in(list(weeks))), outcomes, ("world", *KEYS))
    ratios = [
        pl.when(pl.col(f"{each.name}.d") != 0)
        .then(pl.col(f"{each.name}.n") / pl.col(f"{each.name}.d"))
        .alias(each.name)
        for each in outcomes
    ]
    sides = [
        sums.filter(pl.col("world").cast(pl.String) == rules.name).select(*KEYS, *ratios)
        for rules in (scenario, counterfactual)
    ]
    both = sides[0].join(sides[1], on=KEYS, suffix=".usual").join(left, on=KEYS, how="semi").sort(KEYS)
    return both.with_columns(pl.col(each.name) - pl.col(f"{each.name}.usual") for each in outcomes)


class _Measured(NamedTuple):
    """What is compared of an outcome; arrays over the people who have it."""

    outcome: Outcome
    threshold: float
    known: NDArray[np.bool_]  # (everybody) who has it
    difference: Reals
    firm: Whole  # place in ``replicates``
    sums: Whole  # (people, MEASURED) in fixed point
    replicates: Whole  # (firms)


def _measured(both: pl.DataFrame, outcome: Outcome) -> _Measured:
    """Measure each person's difference in an outcome."""
    usual, difference = f"{outcome.name}.usual", pl.col(outcome.name)
    spread = both.group_by("replicate", maintain_order=True).agg(pl.col(usual).var())[usual].mean()
    threshold = SAME * float(spread or 0.0) ** 0.5  # type: ignore[arg-type]  # a column of numbers
    gain = -difference if outcome.better == "lower" else difference
    sums = {"share_better": gain > threshold, "share_worse": gain < -threshold, "mean": difference}
    people = both.filter(difference.is_not_null())
    firms, firm = np.unique(people.select(CLUSTER).to_numpy().astype(np.int64), axis=0, return_inverse=True)
    return _Measured(
        outcome,
        threshold,
        both[outcome.name].is_not_null().to_numpy(),
        people[outcome.name].to_numpy(),
        firm,
        people.select(fixed(sums[name].cast(pl.Float64)).alias(name) for name in MEASURED).to_numpy(),
        firms[:, CLUSTER.index("replicate")],
    )


def _gains(measured: _Measured, inside: NDArray[np.bool_], uncertain: bool) -> dict[str, float | int | None]:
    """Compute the columns of one group and outcome; only threshold and count if nobody has a value."""
    mine = inside[measured.known]
    values = measured.difference[mine]
    if not len(values):
        return {"threshold": measured.threshold, "people": 0}
    found: dict[str, float | int | None] = {
        "share_same": float((np.abs(values) <= measured.threshold).mean()),
        **{name: float(np.quantile(values, q)) for name, q in QUANTILES.items()},
        "threshold": measured.threshold,
        "people": len(values),
    }
    firms, firm = np.unique(measured.firm[mine], return_inverse=True)
    numerators = np.zeros((len(firms), len(MEASURED)), np.int64, order="F")
    np.add.at(numerators, firm, measured.sums[mine])
    denominators = np.repeat(SCALE * np.bincount(firm)[:, None], len(MEASURED), axis=1)
    sums = numerators[None], denominators[None]
    parts = distributed(level, sums, measured.replicates[firms] if uncertain else None)
    for place, name in enumerate(MEASURED):
        if name == "mean" or measured.outcome.better:
            found |= {name: float(parts["value"][place])}
            if len(firms) >= FEWEST:
                ends = {end: float(parts[end][place]) for end in ENDS}
                if name != "mean":
                    ends |= {"low": max(ends["low"], 0.0), "high": min(ends["high"], 1.0)}
                found |= {f"{name}_{end}": value for end, value in ends.items()}
    return found
