"""Compare several rule sets with one reference, on the same economy and with common random numbers."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from sim.comparing.effects import contrasts, displacement
from sim.comparing.overview import SHOWN, overview_text, print_overview
from sim.comparing.phases import by_phase
from sim.comparing.precision import Wanted, enough
from sim.comparing.ranking import ranking
from sim.comparing.study import (
    SUMMARY,
    Manner,
    announce,
    check_drawn,
    described,
    gathered,
    illustrated,
    linked,
    note,
    uncertainty,
)
from sim.comparing.weekly import weekly_lines
from sim.comparing.windows import weeks_in_force
from sim.comparing.winners_losers import persons
from sim.files import storage as files
from sim.outcomes import BY_NAME, Tables
from sim.runs import results as store
from sim.runs.simulation import World, check_reach, named, side_by_side
from sim.scenario.schema import Scenario
from sim.stats.multiplicity import judged

KIND = "comparison"
LONGEST = 3  # names in the name of a folder


def folder_name(reference: str, others: Sequence[str]) -> str:
    """Name the results folder of a comparison: all names if they are few, else their number and a hash of them."""
    if 1 + len(others) <= LONGEST:
        return "_".join(["compare", reference, *others])
    digest = hashlib.sha256("\0".join([reference, *others]).encode()).hexdigest()
    return f"compare_{reference}_and_{len(others)}_{digest[:6]}"


def comparison(others: Sequence[Scenario], reference: Scenario, manner: Manner, wanted: Wanted | None = None) -> None:
    """Compare scenarios with a reference, write the results folder and print the overview.

    Parameters
    ----------
    others : Sequence[Scenario]
        Scenarios on the economy of ``reference``.
    reference : Scenario
        Baseline of each comparison.
    manner : Manner
        Folders, threads, output and parameter draws.
    wanted : Wanted | None
        Target half widths, for which replicates are added; None keeps the number that the scenarios set.
    """
    started = time.monotonic()
    everyone, said = [reference, *others], ""
    with store.replacing(manner.folder) as draft:
        announce(everyone, manner)
        for scenario in others:
            check_reach(scenario, manner.draws)
        if wanted:
            everyone, said = enough(
                everyone,
                wanted,
                lambda worlds: gathered(worlds, manner),
                lambda text: note(manner, text),
                manner.draws is not None,
            )
        base, *worlds = gathered(everyone, manner)
        tables = compared(worlds, base, manner.draws is not None)
        facts = described(everyone[1:], everyone[0]) | uncertainty(manner) | {"kind": KIND, "precision": said}
        facts["seconds"] = round(time.monotonic() - started, 1)
        store.write(draft, tables, facts, {"person_week": linked(draft, everyone, manner)})
        made = store.read(draft)
        files.write_text(draft / SUMMARY, overview_text(made.tables, made.manifest, Path(manner.folder.name)))
        failure = illustrated(draft, made.tables, made.manifest, manner)
    print_overview(manner.output, made.tables, made.manifest, manner.folder)
    check_drawn(failure, manner)


def compared(worlds: Sequence[World], base: World, uncertain: bool = True) -> Mapping[str, pl.DataFrame | pl.LazyFrame]:
    """Compute all tables of a comparison, one scenario at a time, so that memory does not grow with their number.

    ``phases`` is there only if some scenario has phases; ``people``, ``firms`` and ``hours`` hold all worlds, and
    ``hours`` separates the weeks in which rules are in force.
    """
    shown = [BY_NAME[name] for name in SHOWN]
    reference = base.scenario
    parts: dict[str, list[pl.DataFrame]] = {"effects": [], "displacement": [], "persons": [], "weekly": []}
    pairs: list[tuple[Scenario, Tables]] = []
    for world in worlds:
        weeks = weeks_in_force(world.scenario, reference, range(reference.run.weeks))
        tables: Tables = side_by_side(world, base, weeks)
        pairs.append((world.scenario, tables))
        parts["effects"].append(contrasts(tables, world.scenario, reference, uncertain=uncertain))
        moved = displacement(tables, world.scenario, reference, uncertain)
        parts["displacement"].append(moved.select(pl.lit(world.name).alias("scenario"), pl.all()))
        parts["persons"].append(persons(tables, world.scenario, reference, shown, uncertain))
        if (phases := by_phase(tables, world.scenario, reference, uncertain)) is not None:
            parts.setdefault("phases", []).append(phases)
        parts["weekly"].append(weekly_lines(tables, world.scenario, reference, SHOWN, uncertain))
    found: dict[str, pl.DataFrame | pl.LazyFrame] = {name: pl.concat(rows) for name, rows in parts.items()}
    found["effects"] = judged(pl.concat(parts["effects"]))
    found["ranking"] = ranking(pairs, reference, shown, reference.run.seed, uncertain)
    everyone = [base, *worlds]
    found |= {name: pl.concat([named(world, name) for world in everyone]) for name in ("people", "firms")}
    hours = [tables["hours"].lazy().with_columns(scenario=pl.lit(rules.name)) for rules, tables in pairs]
    found["hours"] = pl.concat(hours).select("scenario", pl.exclude("scenario"))
    return found
