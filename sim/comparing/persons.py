"""Who gains and who loses: differences person by person, where both worlds have the same person in the same seat.

A mean can hide that a rule helps many a little and hurts some much. Each person is his own control: the same draws, the
same job, another rule. A difference counts as *the same* if it is smaller than a tenth of the standard deviation
between people under the reference, half of what is commonly called a small effect; the table says how much that is.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from sim.comparing.effects import weeks_of
from sim.comparing.groups import groups, heads
from sim.comparing.windows import Rules, evaluation_window
from sim.outcomes import KEYS, Outcome, Tables, firm_sums, person_weeks

SAME = 0.1  # standard deviations between people
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


def persons(tables: Tables, scenario: Rules, counterfactual: Rules, outcomes: Sequence[Outcome]) -> pl.DataFrame:
    """Compare the people of two worlds one by one.

    Parameters
    ----------
    tables : Tables
        ``person_week``, ``people`` and ``firms`` with both worlds.
    scenario : Rules
        The scenario.
    counterfactual : Rules
        What it is compared with.
    outcomes : Sequence[Outcome]
        What to compare.

    Returns
    -------
    pl.DataFrame
        One row per group and outcome, of the firms in scope in the evaluation window: ``share_better``, ``share_worse``
        (null where neither direction is better) and ``share_same`` by the ``threshold``, ``mean`` and quantiles of the
        difference, and the number of ``people``: those who kept their seat in both worlds and for whom the outcome is
        defined in both.
    """
    window = evaluation_window(scenario, counterfactual, weeks_of(tables))
    frame = person_weeks(tables)
    if heads(tables)["in_scope"].any():
        frame = frame.filter("in_scope")
    both = _differences(frame, scenario, counterfactual, outcomes, window.weeks)
    people = heads(tables).cast({key: both.schema[key] for key in KEYS})
    both = both.join(people, on=KEYS)
    there = [*groups(both)] if both.height else []
    rows = [
        {"scenario": scenario.name, "group": group.name, "group_kind": group.kind, "outcome": outcome.name}
        | {"family": outcome.family, "unit": outcome.unit, "better": outcome.better, "window": window.label}
        | _gains(both.filter(group.mask)[outcome.name], outcome, _threshold(both, outcome))
        for group in there
        for outcome in outcomes
    ]
    return pl.DataFrame(rows, schema=_SCHEMA).with_columns(pl.col(pl.Float64).fill_nan(None))


_SCHEMA = {
    **dict.fromkeys(("scenario", "group", "group_kind", "outcome", "family", "unit", "better", "window"), pl.String),
    **dict.fromkeys(("share_better", "share_worse", "share_same", *QUANTILES, "mean", "threshold"), pl.Float64),
    "people": pl.Int64,
}


def _differences(
    frame: pl.LazyFrame, scenario: Rules, counterfactual: Rules, outcomes: Sequence[Outcome], weeks: Sequence[int]
) -> pl.DataFrame:
    """Take the difference of each outcome, and its value under the reference, for who kept his seat in both worlds."""
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


def _threshold(both: pl.DataFrame, outcome: Outcome) -> float:
    """Say below which size a difference counts as none, in the outcome's unit."""
    usual = both[f"{outcome.name}.usual"].drop_nulls()
    spread = usual.std() if usual.len() > 1 else 0.0
    return SAME * float(spread or 0.0)  # type: ignore[arg-type]  # a column of numbers


def _gains(difference: pl.Series, outcome: Outcome, threshold: float) -> dict[str, float | int | None]:
    """Count who gains and who loses."""
    values = difference.drop_nulls().to_numpy()
    if not len(values):
        return {"threshold": threshold, "people": 0}
    gain = -values if outcome.better == "lower" else values
    judged = bool(outcome.better)
    return {
        "share_better": float((gain > threshold).mean()) if judged else None,
        "share_worse": float((gain < -threshold).mean()) if judged else None,
        "share_same": float((np.abs(gain) <= threshold).mean()),
        **{name: float(np.quantile(values, q)) for name, q in QUANTILES.items()},
        "mean": float(values.mean()),
        "threshold": threshold,
        "people": len(values),
    }
