"""How far today moves by itself while a run lasts: the last quarter of a year less the first, without the rules."""

from typing import Any

import numpy as np
import polars as pl

from sim.comparing.effects import basis_of, labelled, replicates_of, sums_of, weeks_of, without_nan
from sim.comparing.stated import possible, stated
from sim.comparing.windows import runs
from sim.outcomes import BY_NAME, Tables
from sim.scenario.schema import Scenario
from sim.stats.variance import distributed, gap

QUARTER = 13  # weeks; of a run shorter than two quarters, half of it
DRIFTING = ("share_burnt_out", "hidden_overtime")


def drift(tables: Tables, scenario: Scenario, counterfactual: Scenario | None, uncertain: bool = True) -> pl.DataFrame:
    """Compare the last quarter with the first in the counterfactual, or in a world that is compared with nothing.

    One row per outcome of ``DRIFTING``, over the firms of the effects, with intervals as theirs.
    """
    outcomes, world = [BY_NAME[name] for name in DRIFTING], (counterfactual or scenario).name
    basis, weeks = basis_of(tables, scenario, counterfactual), weeks_of(tables)
    length = max(1, min(QUARTER, len(weeks) // 2))
    ends = weeks[:length], weeks[-length:]
    parts = [sums_of(tables, [world], outcomes, basis._replace(weeks=end)) for end in ends]
    above, below = (np.concatenate(side) for side in zip(*parts, strict=True))
    replicates = replicates_of(basis.firms) if uncertain else None
    found = distributed(gap, (above, below), replicates)
    first, last = found["ratios"]
    facts: dict[str, Any] = {
        "scenario": scenario.name,
        "world": world,
        **labelled(outcomes),
        "first": first,
        "last": last,
        "change": found["value"],
        **{name: found[name] for name in ("low", "high")},
        "relative": found["value"] / np.where(first == 0, np.nan, np.abs(first)),
        "window": f"{runs(ends[0])} to {runs(ends[1])}",
        "firms": basis.firms.height,
    }
    return possible(stated(without_nan(pl.DataFrame(facts))), differences=True)
