"""Effects of a plan in phases: each phase on the firms that it reaches, while it is fully in force.

The effect of a whole plan pools years in which a rule reaches two cities with years in which it reaches all. Earlier
levers that are still in force count in: a phase's effect is that of everything in force in its weeks.
"""

import polars as pl

from sim.comparing.effects import contrasts
from sim.comparing.multiplicity import corrected
from sim.model import drawn_firms
from sim.outcomes import Tables, eager
from sim.scenario.schema import Scenario


def by_phase(
    tables: Tables, scenario: Scenario, counterfactual: Scenario, uncertain: bool = True
) -> pl.DataFrame | None:
    """Compare two worlds phase by phase, with p values corrected over the phases as well.

    The columns are those of ``effects.effects`` with ``phase`` and without ``spill``. Returns None unless at least two
    phases reach a firm.
    """
    labels = dict.fromkeys(phase.label for phase in scenario.phases)
    if len(labels) < 2:
        return None
    firms = eager(tables, "firms")
    parts = []
    for label in labels:
        alone = scenario.model_copy(update={"levers": tuple(x for x in scenario.levers if x.phase == label)})
        # whom rules reach is drawn with the economy, and no fitted parameter decides it
        scope = drawn_firms(alone, firms["replicate"].unique().sort()).select("replicate", "firm", "in_scope")
        here = firms.drop("in_scope").join(scope, on=("replicate", "firm"), how="left")
        if here["in_scope"].any():
            rows = contrasts({**tables, "firms": here}, alone, counterfactual, uncertain=uncertain).drop("spill")
            parts.append(rows.select("scenario", pl.lit(label).alias("phase"), pl.exclude("scenario")))
    return corrected(pl.concat(parts)) if len(parts) > 1 else None
