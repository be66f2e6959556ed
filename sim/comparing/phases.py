"""A plan phase by phase: each on the firms that its rules reach, in the weeks in which they are fully in force.

The effect of a whole plan pools years in which a rule reaches two cities with years in which it reaches all of them.
Who asks what the second phase adds needs the phases apart. Levers of earlier phases that are still in force stay in
force: a phase's effect is that of everything that holds in its weeks, against the reference.
"""

import polars as pl

from sim.comparing.effects import contrasts
from sim.comparing.multiplicity import judged
from sim.model import Workplace
from sim.outcomes import Tables, eager
from sim.schema import Scenario


def by_phase(
    tables: Tables, scenario: Scenario, counterfactual: Scenario, uncertain: bool = True
) -> pl.DataFrame | None:
    """Compare two worlds phase by phase.

    Parameters
    ----------
    tables : Tables
        ``person_week``, ``people`` and ``firms`` with both worlds.
    scenario : Scenario
        The scenario.
    counterfactual : Scenario
        What it is compared with.
    uncertain : bool
        Whether each replicate has parameters of its own.

    Returns
    -------
    pl.DataFrame | None
        As from ``sim.comparing.effects.effects``, with the ``phase`` after the scenario and without ``spill``; None if
        there are not two phases that reach somebody. Holm's correction is over the phases too.
    """
    firms = eager(tables, "firms")
    parts = []
    for label in dict.fromkeys(phase.label for phase in scenario.phases):
        alone = scenario.model_copy(update={"levers": tuple(x for x in scenario.levers if x.phase == label)})
        numbers = firms["replicate"].unique().sort()
        # whom rules reach is drawn with the economy, and no fitted parameter decides it
        reached = pl.concat(Workplace(alone, replicate=number, parameters=None).firms() for number in numbers)
        scope = reached.select("replicate", "firm", "in_scope")
        here = firms.drop("in_scope").join(scope, on=("replicate", "firm"), how="left")
        if here["in_scope"].any():
            rows = contrasts({**tables, "firms": here}, alone, counterfactual, uncertain=uncertain).drop("spill")
            parts.append(rows.select("scenario", pl.lit(label).alias("phase"), pl.exclude("scenario")))
    return judged(pl.concat(parts)) if len(parts) > 1 else None
