"""Winners and losers: paired differences of individuals who keep the same job in both worlds.

A mean can hide that a rule helps many a little and hurts some a lot. A difference counts as none below a tenth of the
standard deviation between people under the reference, half of a conventionally small effect; it is that within
replicates, as what draws of parameters differ by is no difference between people. Intervals treat firms, not people, as
independent.
"""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.comparing.basis import basis_of, groups, heads
from sim.comparing.effects import ENDS, without_nan
from sim.outcomes import CLUSTER, FEWEST, KEYS, SCALE, Outcome, Tables, firm_sums, fixed, person_weeks
from sim.scenario.schema import Scenario
from sim.stats.variance import distributed, level

SAME = 0.1  # standard deviations between people
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
MEASURED = ("share_better", "share_worse", "mean")  # these have intervals

type Gains = dict[str, float | int]  # columns of a group and outcome


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
    measured = [(outcome, _comparing(both, outcome, uncertain)) for outcome in outcomes] if both.height else []
    rows = []
    for group in groups(both) if both.height else ():
        inside = both.select(inside=group.mask & pl.col(KEYS[0]).is_not_null())["inside"].to_numpy()
        for outcome, gains in measured:
            facts = {"scenario": scenario.name, "group": group.name, "group_kind": group.kind, "outcome": outcome.name}
            facts |= {"family": outcome.family, "unit": outcome.unit, "better": outcome.better, "window": basis.window}
            rows.append(facts | gains(inside))
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


def _comparing(both: pl.DataFrame, outcome: Outcome, uncertain: bool) -> Callable[[NDArray[np.bool_]], Gains]:
    """Measure each person's difference in an outcome, and return what computes the columns of a group of people."""
    usual, difference = f"{outcome.name}.usual", pl.col(outcome.name)
    spread = both.group_by("replicate", maintain_order=True).agg(pl.col(usual).var())[usual].mean()
    threshold = SAME * float(spread or 0.0) ** 0.5  # type: ignore[arg-type]  # a column of numbers
    gain = -difference if outcome.better == "lower" else difference
    measures = {"share_better": gain > threshold, "share_worse": gain < -threshold, "mean": difference}
    known = both[outcome.name].is_not_null().to_numpy()
    people = both.filter(difference.is_not_null())
    differences = people[outcome.name].to_numpy()
    all_firms, firm_of = np.unique(people.select(CLUSTER).to_numpy().astype(np.int64), axis=0, return_inverse=True)
    replicates = all_firms[:, CLUSTER.index("replicate")]
    sums = people.select(fixed(measures[name].cast(pl.Float64)).alias(name) for name in MEASURED).to_numpy()

    def gains(inside: NDArray[np.bool_]) -> Gains:
        """Compare those inside a group; only threshold and count if nobody has a value."""
        mine = inside[known]
        values = differences[mine]
        found: Gains = {"threshold": threshold, "people": len(values)}
        if not len(values):
            return found
        found["share_same"] = float((np.abs(values) <= threshold).mean())
        found |= {name: float(np.quantile(values, q)) for name, q in QUANTILES.items()}
        firms, firm = np.unique(firm_of[mine], return_inverse=True)
        numerators = np.zeros((len(firms), len(MEASURED)), np.int64, order="F")
        np.add.at(numerators, firm, sums[mine])
        denominators = np.repeat(SCALE * np.bincount(firm)[:, None], len(MEASURED), axis=1)
        parts = distributed(level, (numerators[None], denominators[None]), replicates[firms] if uncertain else None)
        for place, name in enumerate(MEASURED):
            if name == "mean" or outcome.better:
                found |= {name: float(parts["value"][place])}
                if len(firms) >= FEWEST:
                    ends = {end: float(parts[end][place]) for end in ENDS}
                    if name != "mean":
                        ends |= {"low": max(ends["low"], 0.0), "high": min(ends["high"], 1.0)}
                    found |= {f"{name}_{end}": value for end, value in ends.items()}
        return found

    return gains
