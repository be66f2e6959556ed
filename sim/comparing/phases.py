"""Effects of a plan in phases: each phase on the firms that it reaches, while it is fully in force.

The effect of a whole plan pools years in which a rule reaches two cities with years in which it reaches all. Earlier
levers that are still in force count in; weeks of phases that begin later on the same firms do not, or preparing a ban
would have the effect of the ban.
"""

from collections.abc import Sequence

import polars as pl

from sim.comparing.effects import contrasts, weeks_of
from sim.comparing.multiplicity import corrected
from sim.comparing.windows import weeks_in_force
from sim.model import drawn_firms
from sim.outcomes import Tables, eager
from sim.scenario.schema import Phase, Scenario


def by_phase(
    tables: Tables, scenario: Scenario, counterfactual: Scenario, uncertain: bool = True
) -> pl.DataFrame | None:
    """Compare two worlds phase by phase, with p values corrected over the phases as well.

    The columns are those of ``effects.effects`` with ``phase`` and without ``spill``. Returns None unless at least two
    phases reach a firm.
    """
    if len(scenario.phases) < 2:
        return None
    firms, weeks, plans = eager(tables, "firms"), weeks_of(tables), []
    for phase in scenario.phases:
        alone = scenario.model_copy(update={"levers": tuple(x for x in scenario.levers if x.phase == phase.label)})
        # whom rules reach is drawn with the economy, and no fitted parameter decides it
        scope = drawn_firms(alone, firms["replicate"].unique().sort()).select("replicate", "firm", "in_scope")
        here = firms.drop("in_scope").join(scope, on=("replicate", "firm"), how="left", maintain_order="left")
        plans.append((phase, alone, here))
    parts = []
    for phase, alone, here in plans:
        if here["in_scope"].any():
            meeting = (other for other, _, there in plans if (here["in_scope"] & there["in_scope"]).any())
            later = [other for other in meeting if other.start > phase.start]
            mine = _without(later, weeks, scenario)
            kept = mine if mine and weeks_in_force(alone, counterfactual, mine) else weeks
            chosen = tables["person_week"].lazy().filter(pl.col("week").is_in(list(kept)))
            theirs = {**tables, "firms": here, "person_week": chosen}
            rows = contrasts(theirs, alone, counterfactual, uncertain=uncertain).drop("spill")
            parts.append(rows.select("scenario", pl.lit(phase.label).alias("phase"), pl.exclude("scenario")))
    return corrected(pl.concat(parts)) if len(parts) > 1 else None


def _without(phases: Sequence[Phase], weeks: Sequence[int], scenario: Scenario) -> list[int]:
    """Leave out the weeks in which some of the phases are in force on some day."""
    first = scenario.calendar.start
    spans = [((phase.start - first).days, (phase.end - first).days) for phase in phases]
    return [week for week in weeks if not any(start < 7 * week + 7 and end > 7 * week for start, end in spans)]
