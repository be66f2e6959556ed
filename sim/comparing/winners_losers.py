"""Winners and losers: paired differences of individuals who keep the same job in both worlds.

A mean can hide that a rule helps many people a little and hurts a few a lot. A difference counts as none below a tenth
of the standard deviation between people under the reference, which is half of a conventionally small effect. This
deviation is taken within replicates, because differences between parameter draws are not differences between people.
Intervals treat firms, not people, as independent. If nobody, or everybody, in a group is better or worse while others
differ, the interval reaches 3 divided by the number of people.
"""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from sim.comparing.basis import Flags, basis_of, grouped_people, groups
from sim.comparing.effects import ENDS, without_nan
from sim.outcomes import CLUSTER, FEWEST, KEYS, RULE_OF_THREE, SCALE, Outcome, Tables, firm_sums, fixed, person_weeks
from sim.scenario.schema import Scenario
from sim.stats.ordered import ordered_variance
from sim.stats.variance import with_posterior, world_ratio

NEGLIGIBLE = 0.1  # standard deviations between people
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
WITH_INTERVALS = ("share_better", "share_worse", "mean")  # columns with intervals

type Gains = dict[str, dict[str, float | int]]  # by outcome, the columns of a group


def persons(
    tables: Tables, scenario: Scenario, counterfactual: Scenario, outcomes: Sequence[Outcome], uncertain: bool = True
) -> pl.DataFrame:
    """Compare the people of two worlds individually, by group and outcome.

    This covers people in scope who kept their job in both worlds and for whom the outcome is defined in both, in the
    evaluation window. ``threshold`` is the largest difference that counts as none, in the outcome's unit.
    ``share_better`` and ``share_worse`` are null if neither direction is better. These shares and ``mean`` have 95 %
    intervals with ``FEWEST`` firms or more, and half widths by chance and by parameters alone; the latter are null
    unless replicates draw parameters.
    """
    basis = basis_of(tables, scenario, counterfactual)
    people = grouped_people(tables).join(basis.firms, on=CLUSTER, how="semi")
    both = _differences(tables, scenario, counterfactual, outcomes, basis.weeks)
    both = both.join(people.cast({key: both.schema[key] for key in KEYS}), on=KEYS)
    rows = []
    together = _by_people(both, outcomes, uncertain) if both.height else []
    for group in groups(both) if both.height else ():
        inside = both.select(inside=group.mask & pl.col(KEYS[0]).is_not_null())["inside"].to_numpy()
        found = {name: row for gains in together for name, row in gains(inside).items()}
        for outcome in outcomes:
            facts = {"scenario": scenario.name, "group": group.name, "group_kind": group.kind, "outcome": outcome.name}
            facts |= {"family": outcome.family, "unit": outcome.unit, "better": outcome.better, "window": basis.window}
            rows.append(facts | found[outcome.name])
    return without_nan(pl.DataFrame(rows, schema=_SCHEMA))


_SCHEMA = {
    **dict.fromkeys(("scenario", "group", "group_kind", "outcome", "family", "unit", "better", "window"), pl.String),
    **dict.fromkeys(("share_better", "share_worse", "share_same", *QUANTILES, "mean", "threshold"), pl.Float64),
    "people": pl.Int64,
    **dict.fromkeys((f"{name}_{end}" for name in WITH_INTERVALS for end in ENDS), pl.Float64),
}


def _differences(
    tables: Tables, scenario: Scenario, counterfactual: Scenario, outcomes: Sequence[Outcome], weeks: Sequence[int]
) -> pl.DataFrame:
    """Return each outcome's difference and, as ``.usual``, its value under the reference, for people who stayed.

    Those are people who were not replaced since day 0 and whose seat had equally many predecessors in both worlds.
    """
    frame, ours = person_weeks(tables), pl.col("world").cast(pl.String) == scenario.name
    exits = pl.col("exits").cast(pl.Int64)
    more = pl.when(ours).then(exits).otherwise(-exits)  # exits in the warm-up, in which some rules are in force already
    left = (
        tables["person_week"]
        .lazy()
        .filter(exits > 0, pl.col("week") <= max(weeks))
        .group_by(KEYS)
        .agg((pl.col("week") >= 0).any().alias("later"), more.filter(pl.col("week") < 0).sum().alias("more"))
        .filter(pl.col("later") | (pl.col("more") != 0))
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
    both = sides[0].join(sides[1], on=KEYS, suffix=".usual").join(left, on=KEYS, how="anti").sort(KEYS)
    return both.with_columns(pl.col(each.name) - pl.col(f"{each.name}.usual") for each in outcomes)


def _by_people(both: pl.DataFrame, outcomes: Sequence[Outcome], uncertain: bool) -> list[Callable[[Flags], Gains]]:
    """Group outcomes that are defined for the same people."""
    together: dict[bytes, list[Outcome]] = {}
    for outcome in outcomes:
        known = both[outcome.name].is_not_null().to_numpy()
        together.setdefault(known.tobytes(), []).append(outcome)
    return [_group_comparison(both, same, uncertain) for same in together.values()]


def _group_comparison(both: pl.DataFrame, outcomes: Sequence[Outcome], uncertain: bool) -> Callable[[Flags], Gains]:
    """Measure each person's difference in outcomes; return a function that computes a group's columns by outcome."""
    people, known = both.filter(pl.col(outcomes[0].name).is_not_null()), both[outcomes[0].name].is_not_null().to_numpy()
    all_firms, firm_of = np.unique(people.select(CLUSTER).to_numpy().astype(np.int64), axis=0, return_inverse=True)
    replicates = all_firms[:, CLUSTER.index("replicate")]
    thresholds, measures = [], []
    for outcome in outcomes:
        usual, difference = f"{outcome.name}.usual", pl.col(outcome.name)
        spread = both.group_by("replicate", maintain_order=True).agg(ordered_variance(pl.col(usual)))[usual].mean()
        threshold = NEGLIGIBLE * float(spread or 0.0) ** 0.5  # type: ignore[arg-type]  # a column of numbers
        gain = -difference if outcome.better == "lower" else difference
        thresholds.append(threshold)
        measures += [
            fixed(measure.cast(pl.Float64)).alias(f"{outcome.name} {name}")
            for name, measure in zip(WITH_INTERVALS, (gain > threshold, gain < -threshold, difference), strict=True)
        ]
    differences = people.select(outcome.name for outcome in outcomes).to_numpy()
    sums, differing = people.select(measures).to_numpy(), differences.any(axis=0)

    def gains(inside: Flags) -> Gains:
        """Compare the people in a group; returns only threshold and count if nobody has a value."""
        mine = inside[known]
        values = differences[mine]
        found: Gains = {
            outcome.name: {"threshold": threshold, "people": len(values)}
            for outcome, threshold in zip(outcomes, thresholds, strict=True)
        }
        if not len(values):
            return found
        same = (np.abs(values) <= thresholds).mean(axis=0)
        quantiles = np.quantile(values, list(QUANTILES.values()), axis=0)
        firms, firm = np.unique(firm_of[mine], return_inverse=True)
        numerators = np.zeros((len(firms), len(measures)), np.int64, order="F")
        np.add.at(numerators, firm, sums[mine])
        denominators = np.repeat(SCALE * np.bincount(firm)[:, None], len(measures), axis=1)
        side = numerators[None], denominators[None]
        parts = with_posterior(world_ratio, side, replicates[firms] if uncertain else None)
        for number, outcome in enumerate(outcomes):
            row = found[outcome.name]
            row["share_same"] = float(same[number])
            row |= dict(zip(QUANTILES, map(float, quantiles[:, number]), strict=True))
            for place, name in enumerate(WITH_INTERVALS, start=len(WITH_INTERVALS) * number):
                if name == "mean" or outcome.better:
                    row |= {name: float(parts["value"][place])}
                    if len(firms) >= FEWEST:
                        ends = {end: float(parts[end][place]) for end in ENDS}
                        if name != "mean":
                            few = RULE_OF_THREE / len(values) if row[name] in (0.0, 1.0) and differing[number] else 0.0
                            low, high = min(ends["low"], 1.0 - few), max(ends["high"], few)
                            ends |= {"low": max(low, 0.0), "high": min(high, 1.0)}
                        row |= {f"{name}_{end}": value for end, value in ends.items()}
        return found

    return gains
