"""All tables of a comparison of several rule sets with one reference, with common random numbers."""

from collections.abc import Mapping, Sequence

import polars as pl

from sim.comparing.accounting import work
from sim.comparing.drift import drift
from sim.comparing.drivers import by_draw
from sim.comparing.effects import contrasts, displacement
from sim.comparing.phases import by_phase
from sim.comparing.ranking import ranking
from sim.comparing.weekly import weekly_lines
from sim.comparing.windows import weeks_in_force
from sim.comparing.winners_losers import persons
from sim.outcomes import BY_NAME, SHOWN, Tables
from sim.runs.simulation import World, named, side_by_side
from sim.scenario.schema import Scenario
from sim.stats.multiplicity import corrected


def compared(
    worlds: Sequence[World], base: World, uncertain: bool = True, ground: str = ""
) -> Mapping[str, pl.DataFrame | pl.LazyFrame]:
    """Compute all tables of a comparison, one scenario at a time, so that memory does not grow with their number.

    ``phases`` is there only if some scenario has phases; ``people``, ``firms`` and ``hours`` hold all worlds, and
    ``hours`` separates the weeks in which rules are in force. ``ground`` is that of ``ranking``.
    """
    shown = [BY_NAME[name] for name in SHOWN]
    reference = base.scenario
    kinds = ("effects", "displacement", "work", "drift", "persons", "weekly", "draws", "hours")
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in kinds}
    pairs: list[tuple[Scenario, Tables]] = []
    for world in worlds:
        weeks = weeks_in_force(world.scenario, reference, range(reference.run.weeks))
        tables: Tables = side_by_side(world, base, weeks)
        offsets = world.draws.offsets(world.scenario, len(world.replicates)) if uncertain and world.draws else None
        pairs.append((world.scenario, tables))
        parts["effects"].append(contrasts(tables, world.scenario, reference, uncertain=uncertain, offsets=offsets))
        moved = displacement(tables, world.scenario, reference, uncertain)
        parts["displacement"].append(moved.select(pl.lit(world.name).alias("scenario"), pl.all()))
        parts["work"].append(work(tables, world.scenario, reference, uncertain))
        parts["drift"].append(drift(tables, world.scenario, reference, uncertain))
        parts["persons"].append(persons(tables, world.scenario, reference, shown, uncertain))
        parts["draws"].append(by_draw(tables, world.scenario, reference, shown))
        # Here, for a plan over all scenarios at once would keep more files open than Polars has threads for.
        hours = tables["hours"].lazy().collect(engine="streaming")
        parts["hours"].append(hours.select(pl.lit(world.name).alias("scenario"), pl.all()))
        if (phases := by_phase(tables, world.scenario, reference, uncertain)) is not None:
            parts.setdefault("phases", []).append(phases)
        parts["weekly"].append(weekly_lines(tables, world.scenario, reference, SHOWN, uncertain))
    found: dict[str, pl.DataFrame | pl.LazyFrame] = {name: pl.concat(rows) for name, rows in parts.items()}
    found["effects"] = corrected(pl.concat(parts["effects"]))
    found["ranking"] = ranking(pairs, reference, shown, reference.run.seed, uncertain, ground)
    everyone = [base, *worlds]
    found |= {name: pl.concat([named(world, name) for world in everyone]) for name in ("people", "firms")}
    return found
