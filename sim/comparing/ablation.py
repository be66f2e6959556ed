"""Ablation: switch off each mechanism in both worlds and estimate the effect, or the level of one world, again.

The contribution of a mechanism is what the effect loses without it. Mechanisms interact, so contributions need not add
up: two that need each other each take the whole effect, two that replace each other take none of it. The remainder
measures this.
"""

import io
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from sim.comparing.effects import HALVES, paired, replicates_of, weeks_of
from sim.comparing.groups import places
from sim.comparing.overview import SHOWN
from sim.comparing.study import (
    NO_EXPECTATION,
    SUMMARY,
    Manner,
    check_drawn,
    described,
    gathered,
    illustrated,
    note,
    uncertainty,
)
from sim.comparing.summary import WIDTH, parameters_drawn
from sim.comparing.windows import evaluation_window, runs
from sim.core.errors import InputError, nearest
from sim.core.parameters import MECHANISMS
from sim.files import storage as files
from sim.outcomes import (
    BY_NAME,
    CLUSTER,
    Outcome,
    Reals,
    Tables,
    Whole,
    firm_sums,
    leave_one_out,
    person_weeks,
    pulls,
    written,
)  # fmt: skip
from sim.runs import results as store
from sim.runs.simulation import World, check_reach, side_by_side
from sim.scenario.schema import Scenario
from sim.stats.variance import interval

KIND = "explanation"
ALL = "all"
EXPECTATION = "expectation"  # nobody acts on what they believe is expected
SWITCHES = (*MECHANISMS, EXPECTATION)
CELL = 15


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


def explain(scenario: Scenario, reference: Scenario | None, switches: Sequence[str], manner: Manner) -> None:
    """Attribute an effect to mechanisms, or a level if ``reference`` is None, and write and print the results."""
    started = time.monotonic()
    with store.replacing(manner.folder) as draft:
        if reference:
            check_reach(scenario, manner.draws)
        found: dict[str, Sums] = {}
        basis: Basis | None = None
        for place, mechanism in enumerate((ALL, *switches)):
            pair = [without(each, mechanism) for each in ((reference, scenario) if reference else (scenario,))]
            words = "everything on" if mechanism == ALL else f"without {mechanism}"
            note(manner, f"{place + 1} of {len(switches) + 1}: {words}")
            worlds = gathered(pair, manner)
            tables = side_by_side(worlds[-1], worlds[0] if reference else None)
            basis = basis or _basis(tables, worlds)
            found[mechanism] = _sums(tables, worlds, basis)
        assert basis is not None
        table = explained(scenario.name, found, basis, manner.draws is not None)
        rest = remainders(table)
        facts = described([scenario], reference or scenario) | uncertainty(manner)
        facts |= {
            "kind": KIND,
            "scenario": scenario.name,
            "counterfactual": reference.name if reference else None,
            "switches": list(switches),
            "remainder": rest,
            "seconds": round(time.monotonic() - started, 1),
        }
        store.write(draft, {"explanation": table}, facts)
        made = store.read(draft)
        files.write_text(draft / SUMMARY, _text(table, rest, made.manifest, Path(manner.folder.name)))
        failure = illustrated(draft, made.tables, made.manifest, manner)
    print_explanation(manner.output, table, rest, made.manifest, manner.folder)
    check_drawn(failure, manner)


class Basis(NamedTuple):
    """Firms, weeks and outcomes that every ablation is evaluated on."""

    firms: pl.DataFrame  # replicate, firm
    weeks: Sequence[int]
    window: str
    outcomes: tuple[Outcome, ...]


def _basis(tables: Tables, worlds: Sequence[World]) -> Basis:
    """Choose the firms in scope and the evaluation window, as a comparison does; all of them for a single world."""
    weeks, firms = tuple(weeks_of(tables)), places(tables)
    window = runs(weeks)
    if len(worlds) > 1:
        weeks, window = evaluation_window(worlds[1].scenario, worlds[0].scenario, weeks)
        firms = firms.filter("in_scope") if firms["in_scope"].any() else firms
    return Basis(firms.select(CLUSTER), list(weeks), window, tuple(BY_NAME[name] for name in SHOWN))


def _sums(tables: Tables, worlds: Sequence[World], basis: Basis) -> Sums:
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


def print_explanation(
    console: Console, table: pl.DataFrame, rest: Mapping[str, float], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print the contributions and how to read them."""
    first = table.row(0, named=True)
    level = manifest["counterfactual"] is None
    what = "level" if level else f"effect against {manifest['counterfactual']}"
    _say(console, f"[bold]{first['scenario']}: what its {what} consists of[/]")
    _say(console, f"{first['firms']:,} firms, {first['window']}.")
    if source := parameters_drawn(manifest):
        _say(console, source)
    for part in _tables(console.width, table, rest, level):
        console.print(part)
    gone = "all of what is there goes" if level else "all of the effect goes"
    _say(
        console,
        f"Each row: what is lost when that mechanism is switched off{'' if level else ' in both worlds'}, with its "
        f"share; at 100 % {gone}, a negative share works against it. * the 95 % interval of the contribution "
        "excludes zero. Contributions need not add up: mechanisms that need each other are counted twice, mechanisms "
        "that replace each other not at all."
        + (" The remainder says by how much they miss the whole." if rest else ""),
    )
    told = table.filter((pl.col("mechanism") == EXPECTATION) & (pl.col("outcome") == "hidden_overtime")).to_dicts()
    if told and told[0]["share"] is not None:
        of = "of hidden overtime" if level else "of the effect on hidden overtime"
        share = written(told[0]["share"], "share")
        _say(console, f"The expectation of an answer: {share} {of} would not be there without it.")
    _say(console, f"Results: {folder}")


def _tables(width: int, table: pl.DataFrame, rest: Mapping[str, float], level: bool) -> list[Table]:
    """Lay out contributions, mechanisms by outcomes, in as many tables as the width requires."""
    cells = {(row["mechanism"], row["outcome"]): row for row in table.to_dicts()}
    mechanisms = table["mechanism"].unique(maintain_order=True).to_list()
    names = table["outcome"].unique(maintain_order=True).to_list()
    columns = max(1, (width - max(map(len, mechanisms)) - 1) // CELL)
    found = []
    for first in range(0, len(names), columns):
        part = names[first : first + columns]
        share = "%" if level else "pp"
        units = {name: cells[ALL, name]["unit"].replace("share", share) for name in part}
        heads = (f"{name.replace('_', ' ')}\n[dim]{units[name]}[/]" for name in part)
        grid = Table("", *heads, box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        for column in grid.columns[1:]:
            column.justify = "right"
            column.max_width = CELL - 1
        grid.add_row("[bold]everything on[/]", *(_number(cells[ALL, name], "effect", not level) for name in part))
        for mechanism in mechanisms[1:]:
            grid.add_row(mechanism, *(_contribution(cells[mechanism, name]) for name in part))
        if rest:
            left = (_number(cells[ALL, name] | {"rest": rest.get(name)}, "rest", True) for name in part)
            grid.add_row("[dim]remainder[/]", *left)
        found.append(grid)
    return found


def _number(row: Mapping[str, Any], key: str, signed: bool) -> str:
    """Write a number whose unit is in the heading."""
    return written(row[key], row["unit"], signed).removesuffix(" pp").removesuffix(" %")


def _contribution(row: Mapping[str, Any]) -> str:
    """Write a contribution with its share, starred if its interval excludes zero."""
    low, high = row["contribution_low"], row["contribution_high"]
    if row["contribution"] == 0 == low == high:
        return "0"
    sure = "*" if low is not None and not low <= 0 <= high else ""
    share = "" if row["share"] is None else f" {row['share']:.0%}".replace("-", "−")
    return f"{_number(row, 'contribution', True)}{sure}[dim]{share}[/]"


def _text(table: pl.DataFrame, rest: Mapping[str, float], manifest: Mapping[str, Any], folder: Path) -> str:
    """Write what ``print_explanation`` prints as plain text for ``summary.txt``."""
    page = io.StringIO()
    plain = Console(file=page, width=WIDTH, no_color=True, force_terminal=False, legacy_windows=False)
    print_explanation(plain, table, rest, manifest, folder)
    return page.getvalue()


def _say(console: Console, text: str) -> None:
    """Print a paragraph without highlighting numbers."""
    console.print(text, highlight=False)
