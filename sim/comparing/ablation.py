"""Ablation: switch each mechanism off in both worlds and estimate the effect, or the level of one world, again.

The contribution of a mechanism is the part of the effect that is lost without it. Mechanisms interact, so contributions
need not add up to the effect. If two need each other, each one's contribution is the whole effect; if two can replace
each other, both contributions are zero. The remainder measures this.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from sim.comparing.basis import Basis
from sim.comparing.effects import HALVES, outcome_labels, replicates_of, without_nan
from sim.comparing.stated import stated, within_range
from sim.core.errors import InputError, nearest
from sim.core.parameters import MECHANISMS
from sim.outcomes import FEWEST, Outcome, Reals, Whole
from sim.scenario.schema import Scenario
from sim.stats.ordered import ordered_sum
from sim.stats.variance import ratio_difference, with_interval, world_ratio

ALL = "all"
EXPECTATION = "expectation"  # switched off: nobody acts on what they believe is expected
SWITCHES = (*MECHANISMS, EXPECTATION)
CONTRIBUTION_ENDS = ("contribution_low", "contribution_high")
LONGEST, DIGITS = 32, 8  # length of a world's name without a mechanism, and of the hash in it
NO_EXPECTATION = {"act_expectation": 0.0, "check_off_expectation": 0.0}


type Sums = tuple[Whole, Whole]  # numerators and denominators, (worlds, firms, outcomes), counterfactual first


def read_switches(names: Sequence[str]) -> tuple[str, ...]:
    """Validate names of mechanisms (or ``expectation``) and sort them in the model's order; no names means all."""
    for name in names:
        if name not in SWITCHES:
            raise InputError(f"--only {name}: unknown mechanism{nearest(name, SWITCHES)}")
    return tuple(name for name in SWITCHES if name in names or not names)


def switched_off(scenario: Scenario, mechanism: str) -> Scenario:
    """Return the scenario without a mechanism, under a new name; ``all`` returns the scenario unchanged.

    A long name ends in its hash, so that two scenarios with the same beginning are not taken for one world.
    """
    if mechanism == ALL:
        return scenario
    short = scenario.name
    if len(short) > LONGEST:
        short = f"{short[: LONGEST - DIGITS - 1]}_{hashlib.sha256(short.encode()).hexdigest()[:DIGITS]}"
    changes: dict[str, Any] = {"name": f"{short}_without_{mechanism}"}
    if mechanism == EXPECTATION:
        changes["parameters"] = {**scenario.parameters, **NO_EXPECTATION}
    else:
        changes["mechanisms"] = {**scenario.mechanisms, mechanism: False}
    return scenario.model_copy(update=changes)


def contributions(
    name: str, found: Mapping[str, Sums], basis: Basis, outcomes: Sequence[Outcome], uncertain: bool = True
) -> pl.DataFrame:
    """Estimate the effect without each mechanism, and each contribution with its paired 95 % interval.

    ``found`` maps mechanisms to sums, starting with ``all`` (nothing switched off), whose contributions are null.
    ``share`` is the contribution over the whole effect; it is null if the interval of that effect includes zero or is
    not stated. ``uncertain`` and the halves are those of ``effects.contrasts``. The rules of ``stated`` decide which
    intervals appear. Intervals of effects and levels are cut at the range of the outcome.
    """
    replicates = replicates_of(basis.firms) if uncertain else None
    whole = with_interval(_effect_or_level, found[ALL], replicates)
    clear = (np.abs(whole["value"]) > whole["half"]) & (basis.firms.height >= FEWEST)
    parts = []
    for mechanism, sums in found.items():
        effect = with_interval(_effect_or_level, sums, replicates)
        above, below = (np.concatenate(sides) for sides in zip(found[ALL], sums, strict=True))
        lost = with_interval(_contribution, (above, below), replicates)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(clear, lost["value"] / whole["value"], np.nan)
        known = np.nan if mechanism == ALL else 0.0
        facts: dict[str, Any] = {
            "scenario": name,
            "mechanism": mechanism,
            **outcome_labels(outcomes),
            "window": basis.window,
            "firms": basis.firms.height,
            "effect": effect["value"],
            "low": effect["low"],
            "high": effect["high"],
            "contribution": lost["value"] + known,
            "contribution_low": lost["low"] + known,
            "contribution_high": lost["high"] + known,
            **{key: lost[key] + known for key in HALVES},
            "share": share + known,
        }
        parts.append(pl.DataFrame(facts))
    table = stated(without_nan(pl.concat(parts)), ("low", "high"))
    table = within_range(table, differences=len(found[ALL][0]) > 1, columns=("low", "high"))
    return stated(table, (*CONTRIBUTION_ENDS, *HALVES), *CONTRIBUTION_ENDS)


def _effect_or_level(above: Reals, below: Reals) -> Reals:
    """Return the difference of two worlds, or the level of one, from sums whose first axis is the world."""
    return ratio_difference(above, below) if len(above) > 1 else world_ratio(above, below)


def _contribution(above: Reals, below: Reals) -> Reals:
    """Return by how much the effect in the first half of the worlds exceeds that in the second half."""
    half = len(above) // 2
    return _effect_or_level(above[:half], below[:half]) - _effect_or_level(above[half:], below[half:])


def remainders(table: pl.DataFrame) -> dict[str, float]:
    """Return the effect less the sum of all contributions, by outcome; empty unless every mechanism was switched off.

    ``expectation`` is not counted because it is a part of other mechanisms. An outcome with an undefined contribution,
    such as waiting time in a world where nothing waits, has no remainder.
    """
    if not set(MECHANISMS) <= set(table["mechanism"]):
        return {}
    mine = table.filter(pl.col("mechanism").is_in(list(MECHANISMS)))
    parts = mine.group_by("outcome").agg(ordered_sum(pl.col("contribution").fill_null(np.nan)).fill_nan(None))
    effects = table.filter(pl.col("mechanism") == ALL).select("outcome", "effect")
    whole = effects.join(parts, on="outcome", maintain_order="left")
    return {
        name: effect - given for name, effect, given in whole.iter_rows() if effect is not None and given is not None
    }
