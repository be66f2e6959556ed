"""Replicates enough: more of them are simulated until intervals are as narrow as asked.

Each replicate is an economy of its own with its own number, so those simulated before are used again. How many
are needed is foretold from the widths seen (they shrink with the square root), at most twice as many at a time, so
that one looks seldom. Looking before one stops makes intervals hold a little less often than they say, for stopping is
more likely when the spread happens to look small: see ``docs/comparing.md``.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from sim.comparing.effects import contrasts, levels
from sim.errors import InputError, nearest
from sim.outcomes import BY_NAME, written
from sim.run import World, side_by_side
from sim.scenario import resized
from sim.schema import Scenario

type Gather = Callable[[Sequence[Scenario]], list[World]]


class Wanted(NamedTuple):
    """How narrow intervals shall be."""

    half: Mapping[str, float]  # outcome to half width, in its unit
    most: int  # replicates


def read_wanted(texts: Sequence[str], most: int, replicates: int) -> Wanted | None:
    """Read what the command line says about precision.

    Parameters
    ----------
    texts : Sequence[str]
        As in ``share_burnt_out=0.01``.
    most : int
        Replicates at most.
    replicates : int
        Replicates at first.

    Returns
    -------
    Wanted | None
        None if nothing is wanted.

    Raises
    ------
    InputError
        If an outcome is unknown, a width is no positive number, or fewer replicates are allowed than there are.
    """
    half = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in BY_NAME:
            raise InputError(f"--precision {text}: unknown outcome '{name}'{nearest(name, BY_NAME)}")
        try:
            half[name] = float(value)
        except ValueError:
            half[name] = math.nan
        if not 0 < half[name] < math.inf:
            unit = BY_NAME[name].unit
            raise InputError(f"--precision {text}: '{value}' is no half width above 0, in the outcome's unit ({unit})")
    if not half:
        return None
    if most < replicates:
        raise InputError(f"--max-replicates {most}: fewer than the {replicates} replicates to begin with")
    return Wanted(half, most)


def enough(
    everyone: Sequence[Scenario], wanted: Wanted, gather: Gather, tell: Callable[[str], None], paired: bool = True
) -> tuple[list[Scenario], str]:
    """Add replicates until the intervals are as narrow as wanted, or no more are allowed.

    Parameters
    ----------
    everyone : Sequence[Scenario]
        The reference first, then what is compared with it; or a single world.
    wanted : Wanted
        How narrow.
    gather : Gather
        Gives the worlds, simulating those that are missing.
    tell : Callable[[str], None]
        Is told what is happening.
    paired : bool
        Whether the first one is a reference.

    Returns
    -------
    tuple[list[Scenario], str]
        The scenarios with the number of replicates that was reached, and a sentence on whether it was enough.
    """
    replicates = everyone[0].run.replicates
    while True:
        here = [resized(scenario, replicates) for scenario in everyone]
        widths = list(_widths(gather(here), wanted, paired))
        worst, short = max(widths, key=lambda each: each[0])
        if worst <= 1.0:
            return here, f"Precision reached with {replicates} replicates: {_listed(wanted)}."
        if replicates >= wanted.most:
            return here, f"Precision not reached with {replicates} replicates, the most allowed: {short}."
        need = math.ceil(replicates * min(worst, 1e3) ** 2)
        more = min(wanted.most, max(replicates + 1, min(need, 2 * replicates)))
        tell(f"After {replicates} replicates {short}; going on to {more}")
        replicates = more


def _widths(worlds: Sequence[World], wanted: Wanted, paired: bool) -> Iterator[tuple[float, str]]:
    """Compare each half width with what is wanted: their ratio, and a clause."""
    outcomes = [BY_NAME[name] for name in wanted.half]
    base, others = (worlds[0], worlds[1:]) if paired else (None, worlds)
    for world in others:
        tables = side_by_side(world, base)
        rows = (
            contrasts(tables, world.scenario, base.scenario, outcomes)
            if base
            else levels(tables, world.scenario, outcomes)
        )
        for row in rows.filter(pl.col("group") == "all").to_dicts():
            half = math.inf if row["low"] is None else (row["high"] - row["low"]) / 2
            name, unit = row["outcome"], row["unit"]
            target = wanted.half[name]
            after = "" if unit == "share" else f" {unit}"
            seen, aim = (written(value, unit, signed=True)[1:] for value in (half, target))
            yield half / target, f"{world.name} has {name.replace('_', ' ')} ± {seen}{after}, wanted ± {aim}{after}"


def _listed(wanted: Wanted) -> str:
    """Write what was wanted."""
    parts = []
    for name, half in wanted.half.items():
        unit = BY_NAME[name].unit
        after = "" if unit == "share" else f" {unit}"
        parts.append(f"{name.replace('_', ' ')} ± {written(half, unit, signed=True)[1:]}{after}")
    return ", ".join(parts)
