"""Time series of outcomes by week, for the firms that rules reach and for the others.

Weeks are processed in blocks, so that memory does not grow with the length of a run.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from sim.comparing.effects import HALVES, replicates_of, weeks_of, without_nan
from sim.outcomes import BY_NAME, CLUSTER, FEWEST, HEADLINES, Tables, arranged, eager, firm_sums, person_weeks
from sim.scenario.schema import Scenario
from sim.stats.variance import both, estimated, gap

AT_ONCE = 500_000  # firms times weeks in a block


def weekly_lines(
    tables: Tables,
    scenario: Scenario,
    counterfactual: Scenario,
    names: Sequence[str] = HEADLINES,
    uncertain: bool = True,
) -> pl.DataFrame:
    """Return both worlds' values by week with the interval of their paired difference.

    One row per set of firms (``reached``, ``others``), week and outcome: the values under the ``rule`` and ``without``
    it, and the half width of the 95 % interval with its parts by chance and by parameters alone, the latter null unless
    replicates draw parameters.
    """
    outcomes, weeks, frame = [BY_NAME[name] for name in names], weeks_of(tables), person_weeks(tables)
    block = max(1, AT_ONCE // max(1, eager(tables, "firms").height))
    parts = []
    for first in range(0, len(weeks), block):
        here = weeks[first : first + block]
        chosen = frame.filter(pl.col("week").is_between(here[0], here[-1]))
        sums = firm_sums(chosen, outcomes, ("week", "world", "in_scope", *CLUSTER))
        for label, arm in (("reached", sums.filter("in_scope")), ("others", sums.filter(~pl.col("in_scope")))):
            if arm.is_empty():
                continue
            worlds = [arranged(arm, world.name, outcomes, here) for world in (counterfactual, scenario)]
            found = estimated(gap, both(*worlds), replicates_of(arm) if uncertain else None)
            facts = {
                "scenario": scenario.name,
                "set": label,
                "week": np.repeat(np.asarray(here, np.int16), len(outcomes)),
                "outcome": list(names) * len(here),
                "rule": found["ratios"][1],
                "without": found["ratios"][0],
            }
            halves = {key: found[key] for key in ("half", *HALVES)}
            if worlds[0][0].shape[1] < FEWEST:
                halves = {key: np.where(found["half"] == 0, half, np.nan) for key, half in halves.items()}
            parts.append(pl.DataFrame(facts | halves))
    return without_nan(pl.concat(parts))
