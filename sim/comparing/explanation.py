"""Why a rule does what it does: each mechanism is switched off, in both worlds, and the effect looked at again.

What an effect loses when a mechanism is switched off is that mechanism's contribution. Mechanisms work on each other,
so contributions need not add up to the effect: two that are needed together each take all of it with them, two that
stand in for each other take nothing. The remainder says how far from adding up they are. Without a counterfactual the
same is done with the level: how much of today's hidden overtime would vanish if nobody answered because it is expected?
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

from sim import files, store
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
from sim.errors import InputError, nearest
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
from sim.parameters import MECHANISMS
from sim.run import World, check_reach, side_by_side
from sim.schema import Scenario
from sim.variance import interval

KIND = "explanation"
ALL = "all"
EXPECTATION = "expectation"  # nobody acts on what he believes is expected of him
SWITCHES = (*MECHANISMS, EXPECTATION)
CELL = 15


class Sums(NamedTuple):
    """Sums over the firms that are compared, of one pair of worlds or of a single one."""

    numerators: Whole  # (worlds, firms, outcomes), counterfactual first
    denominators: Whole


def read_switches(names: Sequence[str]) -> tuple[str, ...]:
    """Read which mechanisms shall be switched off.

    Parameters
    ----------
    names : Sequence[str]
        Names of mechanisms, or ``expectation``; all of them if there is none.

    Returns
    -------
    tuple[str, ...]
        Each once, in the order of the model.

    Raises
    ------
    InputError
        If there is no such mechanism.
    """
    for name in names:
        if name not in SWITCHES:
            raise InputError(f"--only {name}: unknown mechanism{nearest(name, SWITCHES)}")
    return tuple(name for name in SWITCHES if name in names or not names)


def without(scenario: Scenario, mechanism: str) -> Scenario:
    """Switch a mechanism off.

    Parameters
    ----------
    scenario : Scenario
        A scenario.
    mechanism : str
        Its name, ``expectation``, or ``all`` for the scenario as it is.

    Returns
    -------
    Scenario
        Under a name that says so.
    """
    if mechanism == ALL:
        return scenario
    changes: dict[str, Any] = {"name": f"{scenario.name[:32]}_without_{mechanism}"[:64]}
    if mechanism == EXPECTATION:
        changes["parameters"] = {**scenario.parameters, **NO_EXPECTATION}
    else:
        changes["mechanisms"] = {**scenario.mechanisms, mechanism: False}
    return scenario.model_copy(update=changes)


def explain(scenario: Scenario, reference: Scenario | None, switches: Sequence[str], manner: Manner) -> None:
    """Explain an effect or a level by mechanisms, and keep and show what came out.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    reference : Scenario | None
        What it is compared with, on the same economy; None to explain the level.
    switches : Sequence[str]
        From ``read_switches``.
    manner : Manner
        How it is done.
    """
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
    """What is looked at in every pair of worlds."""

    firms: pl.DataFrame  # replicate, firm
    weeks: Sequence[int]
    window: str
    outcomes: tuple[Outcome, ...]


def _basis(tables: Tables, worlds: Sequence[World]) -> Basis:
    """Choose firms and weeks, as a comparison does: in scope, while the rules are fully in force."""
    weeks, firms = tuple(weeks_of(tables)), places(tables)
    window = runs(weeks)
    if len(worlds) > 1:
        weeks, window = evaluation_window(worlds[1].scenario, worlds[0].scenario, weeks)
        firms = firms.filter("in_scope") if firms["in_scope"].any() else firms
    return Basis(firms.select(CLUSTER), list(weeks), window, tuple(BY_NAME[name] for name in SHOWN))


def _sums(tables: Tables, worlds: Sequence[World], basis: Basis) -> Sums:
    """Sum what is looked at."""
    frame = person_weeks(tables).filter(pl.col("week").is_in(list(basis.weeks)))
    cells = firm_sums(frame, basis.outcomes, ("world", *CLUSTER))
    chosen = basis.firms.cast({key: cells.schema[key] for key in CLUSTER})
    return Sums(*paired(cells.join(chosen, on=CLUSTER, how="semi"), [world.name for world in worlds], basis.outcomes))


def explained(name: str, found: Mapping[str, Sums], basis: Basis, uncertain: bool = True) -> pl.DataFrame:
    """Compute effects without each mechanism, and what each contributes.

    Parameters
    ----------
    name : str
        Name of the scenario.
    found : Mapping[str, Sums]
        Sums by mechanism that is switched off; ``all`` first, where everything is on.
    basis : Basis
        What was looked at.
    uncertain : bool
        Whether each replicate has parameters of its own.

    Returns
    -------
    pl.DataFrame
        One row per mechanism and outcome: ``effect`` with the mechanism off (the level, if there is no counterfactual)
        with its 95 % interval, ``contribution``: the effect with everything on less this one, with the interval of this
        paired difference and its halves by chance and by parameters (null where parameters are a point), and its
        ``share`` in the effect (null if the sign of the effect is unclear).
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
    """Compute the difference of two worlds, or the level of one, from their sums."""
    value = above / below
    return value[1] - value[0] if len(value) > 1 else value[0]


def _loss(above: Reals, below: Reals) -> Reals:
    """Compute by how much the effect of the first worlds is larger than that of the second ones."""
    half = len(above) // 2
    return _gap(above[:half], below[:half]) - _gap(above[half:], below[half:])


def _effect(sums: Sums) -> tuple[Reals, Reals]:
    """Compute the difference of two worlds, or the level of one, with all firms and without each."""
    value, rest = leave_one_out(*sums)
    return _gap(value, np.ones_like(value)), _gap(rest, np.ones_like(rest))


def remainders(table: pl.DataFrame) -> dict[str, float]:
    """Say how far the contributions of the mechanisms are from adding up.

    Parameters
    ----------
    table : pl.DataFrame
        From ``explained``.

    Returns
    -------
    dict[str, float]
        By outcome: the effect less the sum of all contributions, ``expectation`` left out, for it is a part of others.
        Empty if not every mechanism was switched off.
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
    """Print what an effect consists of.

    Parameters
    ----------
    console : Console
        Where to print.
    table : pl.DataFrame
        From ``explained``.
    rest : Mapping[str, float]
        From ``remainders``.
    manifest : Mapping[str, Any]
        The manifest.
    folder : Path
        Where the results lie.
    """
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
    """Lay out contributions: a row for each mechanism, a column for each outcome, as many tables as the width needs."""
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
    """Write a number whose unit stands above."""
    return written(row[key], row["unit"], signed).removesuffix(" pp").removesuffix(" %")


def _contribution(row: Mapping[str, Any]) -> str:
    """Write a contribution with its share and a mark."""
    low, high = row["contribution_low"], row["contribution_high"]
    if row["contribution"] == 0 == low == high:
        return "0"
    sure = "*" if low is not None and not low <= 0 <= high else ""
    share = "" if row["share"] is None else f" {row['share']:.0%}".replace("-", "−")
    return f"{_number(row, 'contribution', True)}{sure}[dim]{share}[/]"


def _text(table: pl.DataFrame, rest: Mapping[str, float], manifest: Mapping[str, Any], folder: Path) -> str:
    """Write the same as plain text."""
    page = io.StringIO()
    plain = Console(file=page, width=WIDTH, no_color=True, force_terminal=False, legacy_windows=False)
    print_explanation(plain, table, rest, manifest, folder)
    return page.getvalue()


def _say(console: Console, text: str) -> None:
    """Print a paragraph without colouring numbers."""
    console.print(text, highlight=False)
