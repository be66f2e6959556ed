"""Ablation: switch off each mechanism in both worlds and estimate the effect, or the level of one world, again.

The contribution of a mechanism is what the effect loses without it. Mechanisms interact, so contributions need not add
up: two that need each other each take the whole effect, two that replace each other take none of it. The remainder
measures this.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from sim.comparing.effects import HALVES, paired, replicates_of, weeks_of
from sim.comparing.groups import places
from sim.comparing.windows import evaluation_window, runs
from sim.core.errors import InputError, nearest
from sim.core.parameters import MECHANISMS
from sim.outcomes import (
    BY_NAME,
    CLUSTER,
    SHOWN,
    Outcome,
    Reals,
    Tables,
    Whole,
    firm_sums,
    leave_one_out,
    person_weeks,
    pulls,
)
from sim.runs.simulation import World
from sim.scenario.schema import Scenario
from sim.stats.variance import interval

ALL = "all"
EXPECTATION = "expectation"  # nobody acts on what they believe is expected
SWITCHES = (*MECHANISMS, EXPECTATION)
NO_EXPECTATION = {"act_expectation": 0.0, "check_off_expectation": 0.0}


class Sums(NamedTuple):
    """Sums over the compared firms, of a pair of worlds or a single one, shape (worlds, firms, outcomes)."""

    numerators: Whole  # (worlds, firms, outcomes), counterfactual first
    denominators: Whole


def read_switches(names: Sequence[str]) -> tuple[str, ...]:
    """Validate names of mechanisms (or ``expectation``) and put them in the model's order; no names means all."""
    for name in names:
        if name not in SWITCHES:
            raise InputError(f"--only {name}: unknown mechanism{nearest(name, SWITCHES)}")
    return tuple(name for name in SWITCHES if name in names or not names)


def without(scenario: Scenario, mechanism: str) -> Scenario:
    """Switch a mechanism off under a new name; ``all`` returns the scenario unchanged."""
    if mechanism == ALL:
        return scenario
    changes: dict[str, Any] = {"name": f"{scenario.name[:32]}_without_{mechanism}"[:64]}
    if mechanism == EXPECTATION:
        changes["parameters"] = {**scenario.parameters, **NO_EXPECTATION}
    else:
        changes["mechanisms"] = {**scenario.mechanisms, mechanism: False}
    return scenario.model_copy(update=changes)


class Basis(NamedTuple):
    """Firms, weeks and outcomes that every ablation is evaluated on."""

    firms: pl.DataFrame  # replicate, firm
    weeks: Sequence[int]
    window: str
    outcomes: tuple[Outcome, ...]


def basis_of(tables: Tables, worlds: Sequence[World]) -> Basis:
    """Choose the firms in scope and the evaluation window, as a comparison does; all of them for a single world."""
    weeks, firms = tuple(weeks_of(tables)), places(tables)
    window = runs(weeks)
    if len(worlds) > 1:
        weeks, window = evaluation_window(worlds[1].scenario, worlds[0].scenario, weeks)
        firms = firms.filter("in_scope") if firms["in_scope"].any() else firms
    return Basis(firms.select(CLUSTER), list(weeks), window, tuple(BY_NAME[name] for name in SHOWN))


def summed(tables: Tables, worlds: Sequence[World], basis: Basis) -> Sums:
    """Sum the outcomes of each world over the firms and weeks of the basis."""
    frame = person_weeks(tables).filter(pl.col("week").is_in(list(basis.weeks)))
    cells = firm_sums(frame, basis.outcomes, ("world", *CLUSTER))
    chosen = basis.firms.cast({key: cells.schema[key] for key in CLUSTER})
    return Sums(*paired(cells.join(chosen, on=CLUSTER, how="semi"), [world.name for world in worlds], basis.outcomes))


def explained(name: str, found: Mapping[str, Sums], basis: Basis, uncertain: bool = True) -> pl.DataFrame:
    """Estimate the effect without each mechanism, and each contribution with its paired 95 % interval.

    ``found`` maps mechanisms to sums, ``all`` (nothing switched off) first; its contributions are null. ``share`` is
    the contribution over the whole effect, null if the interval of that effect includes zero. ``uncertain`` and the
    halves are as in ``effects.contrasts``.
    """
    outcomes = basis.outcomes
    replicates = replicates_of(basis.firms) if uncertain else None
    whole, whole_without = _effect(found[ALL])
    clear = np.abs(whole) > interval(_gap, found[ALL], pulls(whole, whole_without), replicates)["half"]
    parts = []
    for mechanism, sums in found.items():
        effect, rest = _effect(sums)
        half = interval(_gap, sums, pulls(effect, rest), replicates)["half"]
        gap = whole - effect
        both = tuple(np.concatenate(sides) for sides in zip(found[ALL], sums, strict=True))
        lost = interval(_loss, (both[0], both[1]), pulls(gap, whole_without - rest), replicates)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(clear, gap / whole, np.nan)
        blank = np.full(len(outcomes), np.nan) if mechanism == ALL else 0.0
        facts: dict[str, Any] = {
            "scenario": name,
            "mechanism": mechanism,
            "outcome": [outcome.name for outcome in outcomes],
            "family": [outcome.family for outcome in outcomes],
            "unit": [outcome.unit for outcome in outcomes],
            "better": [outcome.better for outcome in outcomes],
            "window": basis.window,
            "firms": basis.firms.height,
            "effect": effect,
            "low": effect - half,
            "high": effect + half,
            "contribution": gap + blank,
            "contribution_low": gap - lost["half"] + blank,
            "contribution_high": gap + lost["half"] + blank,
            **{key: lost[key] + blank for key in HALVES},
            "share": share + blank,
        }
        parts.append(pl.DataFrame(facts))
    return pl.concat(parts).with_columns(pl.col(pl.Float64).fill_nan(None))


def _gap(above: Reals, below: Reals) -> Reals:
    """Return the difference of two worlds, or the level of one, from sums whose first axis is the world."""
    value = above / below
    return value[1] - value[0] if len(value) > 1 else value[0]


def _loss(above: Reals, below: Reals) -> Reals:
    """Return by how much the effect in the first half of the worlds exceeds that in the second half."""
    half = len(above) // 2
    return _gap(above[:half], below[:half]) - _gap(above[half:], below[half:])


def _effect(sums: Sums) -> tuple[Reals, Reals]:
    """Return the effect or level with all firms, and with each firm left out."""
    value, rest = leave_one_out(*sums)
    return _gap(value, np.ones_like(value)), _gap(rest, np.ones_like(rest))


def remainders(table: pl.DataFrame) -> dict[str, float]:
    """Return the effect less the sum of all contributions, by outcome; empty unless every mechanism was switched off.

    ``expectation`` is not added, because it is a part of other mechanisms.
    """
    if not set(MECHANISMS) <= set(table["mechanism"]):
        return {}
    mine = table.filter(pl.col("mechanism").is_in(list(MECHANISMS)))
    parts = mine.group_by("outcome").agg(pl.col("contribution").sum())
    whole = table.filter(pl.col("mechanism") == ALL).select("outcome", "effect").join(parts, on="outcome")
    return {
        name: effect - given for name, effect, given in whole.iter_rows() if effect is not None and given is not None
    }
