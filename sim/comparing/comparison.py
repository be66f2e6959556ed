"""All tables of a comparison of several rule sets with one reference, with common random numbers."""

from collections.abc import Mapping, Sequence

import polars as pl

from sim.comparing.accounting import work
from sim.comparing.drift import drift
from sim.comparing.drivers import by_draw
from sim.comparing.effects import contrasts, displacement
from sim.comparing.multiplicity import corrected
from sim.comparing.phases import by_phase
from sim.comparing.ranking import ranking
from sim.comparing.weekly import weekly_lines
from sim.comparing.windows import weeks_in_force
from sim.comparing.winners_losers import persons
from sim.outcomes import BY_NAME, SHOWN, Tables
from sim.runs.simulation import World, named, side_by_side
from sim.scenario.schema import Scenario


def compared(
    worlds: Sequence[World], base: World, uncertain: bool = True, ground: str = ""
) -> Mapping[str, pl.DataFrame | pl.LazyFrame]:
    """Compute all tables of a comparison, one scenario at a time, so that memory does not grow with their number.

    ``phases`` is there only if some scenario has phases; ``people``, ``firms`` and ``hours`` hold all worlds, and
    ``hours`` separates the weeks in which rules are in force. ``ground`` is that of ``ranking``.
    """
    shown = [BY_NAME[name] for name in SHOWN]
    reference = base.scenario
    parts: dict[str, list[pl.DataFrame]] = {}
    pairs: list[tuple[Scenario, Tables]] = []
    for world in worlds:
        weeks = weeks_in_force(world.scenario, reference, range(reference.run.weeks))
        tables: Tables = side_by_side(world, base, weeks)
        offsets = world.draws.offsets(world.scenario, len(world.replicates)) if uncertain and world.draws else None
        pairs.append((world.scenario, tables))
        both, name_of = (tables, world.scenario, reference), pl.lit(world.name).alias("scenario")
        # Here, for a plan over all scenarios at once would keep more files open than Polars has threads for.
        hours = tables["hours"].lazy().collect(engine="streaming")
        made = {
            "effects": contrasts(*both, uncertain=uncertain, offsets=offsets),
            "displacement": displacement(*both, uncertain).select(name_of, pl.all()),
            "work": work(*both, uncertain),
            "drift": drift(*both, uncertain),
            "persons": persons(*both, shown, uncertain),
            "weekly": weekly_lines(*both, SHOWN, uncertain),
            "draws": by_draw(*both, shown),
            "hours": hours.select(name_of, pl.all()),
            "phases": by_phase(*both, uncertain),
        }
        for name, table in made.items():
            if table is not None:
                parts.setdefault(name, []).append(table)
    found: dict[str, pl.DataFrame | pl.LazyFrame] = {name: pl.concat(rows) for name, rows in parts.items()}
    found["effects"] = corrected(pl.concat(parts["effects"]))
    found["ranking"] = ranking(pairs, reference, shown, reference.run.seed, uncertain, ground)
    everyone = [base, *worlds]
    found |= {name: pl.concat([named(world, name) for world in everyone]) for name in ("people", "firms")}
    return found
