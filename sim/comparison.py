"""Several rule sets against one: each on the same economy and draws, all in one results folder."""

import time
from collections.abc import Sequence

import polars as pl

from sim import store
from sim.compare import displacement, effects
from sim.outcomes import Tables
from sim.run import World, check_reach, side_by_side
from sim.schema import Scenario
from sim.study import Manner, announce, check_drawn, described, gathered, illustrated, linked

KIND = "comparison"


def comparison(others: Sequence[Scenario], reference: Scenario, manner: Manner) -> None:
    """Compare scenarios with a reference, and keep and show what came out.

    Parameters
    ----------
    others : Sequence[Scenario]
        Scenarios, all on the economy of ``reference``.
    reference : Scenario
        What each of them is compared with.
    manner : Manner
        How it is done.
    """
    started = time.monotonic()
    everyone = [reference, *others]
    with store.replacing(manner.folder) as draft:
        announce(everyone, manner)
        for scenario in others:
            check_reach(scenario)
        base, *worlds = gathered(everyone, manner)
        tables = compared(worlds, base)
        facts = described(others, reference) | {"kind": KIND, "seconds": round(time.monotonic() - started, 1)}
        store.write(draft, tables, facts, {"person_week": linked(draft, everyone, manner)})
        made = store.read(draft)
        failure = illustrated(draft, made.tables, made.manifest, manner)
    check_drawn(failure, manner)


def compared(worlds: Sequence[World], base: World) -> dict[str, pl.DataFrame]:
    """Compute the tables of a comparison, one scenario after the other.

    Parameters
    ----------
    worlds : Sequence[World]
        Worlds of the scenarios.
    base : World
        World of the reference.

    Returns
    -------
    dict[str, pl.DataFrame]
        ``effects`` and ``displacement`` of all scenarios.
    """
    parts: dict[str, list[pl.DataFrame]] = {}
    for world in worlds:
        tables: Tables = side_by_side(world, base)
        parts.setdefault("effects", []).append(effects(tables, world.scenario, base.scenario))
        moved = displacement(tables, world.scenario, base.scenario)
        named = moved.select(pl.lit(world.name).alias("scenario"), pl.all())
        parts.setdefault("displacement", []).append(named)
    return {name: pl.concat(rows) for name, rows in parts.items()}
