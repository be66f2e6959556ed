"""Replicates enough: more of them are simulated until intervals are as narrow as asked.

Each replicate is an economy of its own with its own number, so those simulated before are used again. How many
are needed is foretold from the widths seen (chance shrinks with the square root), at most twice as many at a time, so
that one looks seldom. Looking before one stops makes intervals hold a little less often than they say, for stopping is
more likely when the spread happens to look small: see ``docs/comparing.md``.

Where each replicate has parameters of its own, an interval holds them too, and they do not shrink: more replicates only
make them better known. If they alone are wider than what is wanted, nothing is gained by more, and that is said.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import polars as pl
from scipy.special import ndtri, stdtrit

from sim.comparing.effects import contrasts
from sim.errors import InputError, nearest
from sim.outcomes import BY_NAME, written
from sim.run import World, side_by_side
from sim.scenario import resized
from sim.schema import Scenario

KNOWN = 8  # replicates from which on the part of parameters is known well enough to give up because of it

type Gather = Callable[[Sequence[Scenario]], list[World]]


class Wanted(NamedTuple):
    """How narrow intervals shall be."""

    half: Mapping[str, float]  # outcome to half width, in its unit
    most: int  # replicates


class Width(NamedTuple):
    """Half width of an interval, in units of what is wanted."""

    half: float
    chance: float  # the part that shrinks with replicates
    parameters: float  # the part that does not; 0 if nothing is known of it
    told: str

    def foretold(self, replicates: int, more: int) -> float:
        """Foretell the half width with more replicates.

        Parameters
        ----------
        replicates : int
            As many as there are.
        more : int
            As many as there would be.

        Returns
        -------
        float
            In units of what is wanted.
        """
        known = stdtrit(more - 1.0, 0.975) / stdtrit(replicates - 1.0, 0.975) if self.parameters else 1.0
        return math.hypot(self.chance * math.sqrt(replicates / more), self.parameters * known)

    def least(self, replicates: int) -> float:
        """Say how narrow it could become with any number of replicates.

        Parameters
        ----------
        replicates : int
            As many as there are.

        Returns
        -------
        float
            In units of what is wanted.
        """
        return self.parameters * ndtri(0.975) / stdtrit(replicates - 1.0, 0.975) if self.parameters else 0.0


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
    everyone: Sequence[Scenario],
    wanted: Wanted,
    gather: Gather,
    tell: Callable[[str], None],
    uncertain: bool = True,
) -> tuple[list[Scenario], str]:
    """Add replicates until the intervals are as narrow as wanted, or no more are allowed.

    Parameters
    ----------
    everyone : Sequence[Scenario]
        The reference first, then what is compared with it.
    wanted : Wanted
        How narrow.
    gather : Gather
        Gives the worlds, simulating those that are missing.
    tell : Callable[[str], None]
        Is told what is happening.
    uncertain : bool
        Whether each replicate has parameters of its own.

    Returns
    -------
    tuple[list[Scenario], str]
        The scenarios with the number of replicates that was reached, and a sentence on whether it was enough.
    """
    replicates = everyone[0].run.replicates
    if uncertain:
        replicates = max(replicates, min(2, wanted.most))  # a single one says nothing of parameters
    while True:
        here = [resized(scenario, replicates) for scenario in everyone]
        widths = list(_widths(gather(here), wanted, uncertain))
        worst = max(widths, key=lambda width: width.half)
        if worst.half <= 1.0:
            return here, f"Precision reached with {replicates} replicates: {_listed(wanted)}."
        if replicates >= wanted.most:
            return here, f"Precision not reached with {replicates} replicates, the most allowed: {worst.told}."
        widest = max(widths, key=lambda width: width.least(replicates))
        if replicates >= KNOWN and widest.least(replicates) > 1.0:
            return here, (
                f"Precision not reached with {replicates} replicates, and more would not reach it: {widest.told}. What "
                "is not known of parameters is wider than that by itself; --parameters point leaves it out."
            )
        more = range(replicates + 1, min(wanted.most, max(2 * replicates, replicates + 1)) + 1)
        enough_then = (n for n in more if all(width.foretold(replicates, n) <= 1.0 for width in widths))
        following = next(enough_then, more[-1])
        tell(f"After {replicates} replicates {worst.told}; going on to {following}")
        replicates = following


def _widths(worlds: Sequence[World], wanted: Wanted, uncertain: bool) -> Iterator[Width]:
    """Compare each half width with what is wanted."""
    outcomes = [BY_NAME[name] for name in wanted.half]
    base, *others = worlds
    for world in others:
        tables = side_by_side(world, base)
        rows = contrasts(tables, world.scenario, base.scenario, outcomes, uncertain)
        for row in rows.filter(pl.col("group") == "all").to_dicts():
            half = math.inf if row["low"] is None else (row["high"] - row["low"]) / 2
            name, unit = row["outcome"], row["unit"]
            target = wanted.half[name]
            after = "" if unit == "share" else f" {unit}"
            seen, aim = (written(value, unit, signed=True)[1:] for value in (half, target))
            told = f"{world.name} has {name.replace('_', ' ')} ± {seen}{after}, wanted ± {aim}{after}"
            parameters = row["half_parameters"] or 0.0
            chance = row["half_chance"] if row["half_chance"] is not None else half
            yield Width(half / target, chance / target, parameters / target, told)


def _listed(wanted: Wanted) -> str:
    """Write what was wanted."""
    parts = []
    for name, half in wanted.half.items():
        unit = BY_NAME[name].unit
        after = "" if unit == "share" else f" {unit}"
        parts.append(f"{name.replace('_', ' ')} ± {written(half, unit, signed=True)[1:]}{after}")
    return ", ".join(parts)
