"""Report on robustness to the evidence: estimates under each parameter set, and conclusions that depend on the set."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sim.comparing.robustness import CONTRADICT, HOLDS, ONLY, SURE, UNCLEAR, ZERO
from sim.outcomes import SHOWN
from sim.report.console import grid, say
from sim.report.intervals import ENOUGH, few_replicates, mark, widths
from sim.report.numbers import bare, bare_interval, named, spoken, unit_in_head
from sim.stats.ranks import chance
from sim.stats.variance import exactly_zero, excludes_zero

APART = "≠"


def print_readings(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print the estimates under each set and which conclusions depend on the set."""
    about, names = manifest["readings"], manifest["scenarios"]
    sets = [each["name"] for each in about]
    paired = "conclusions" in tables
    against = f" against {manifest['counterfactual']}" if paired else ""
    say(
        console,
        f"[bold]Robustness to the evidence: {', '.join(names)}{against}, under {' and '.join(sets)}[/]",
        f"Simulated: {manifest['people']:,} people, {manifest['weeks']} weeks, seed {manifest['seed']}.",
    )
    for each in about:
        drawn = f"one of {each['draws']:,} draws in each" if each["draws"] else "one value of each parameter in all"
        say(console, f"• {each['name']}: {each['replicates']} replicates, {drawn}; {folder.parent / each['folder']}.")
    for name in names:
        console.print(_table(tables, name, sets, manifest["titles"][name]["en"]))
    fewest = min(each["replicates"] for each in about)
    shown = tables["readings"].filter(pl.col("outcome").is_in(SHOWN))
    say(console, _legend(paired, sets), widths(shown.to_dicts()), few_replicates(fewest) if fewest < ENOUGH else "")
    console.print()
    if paired:
        say(console, *_depends(tables["conclusions"], sets))
    if "best" in tables:
        say(console, f"[bold]Best rule[/], named where its chance is at least {SURE:.0%}:")
        say(console, *_best(tables["best"], sets))
    console.print()
    say(console, f"All outcomes: the tables in {escape(str(folder))}; see docs/calibration.md.")


def _table(tables: Mapping[str, pl.DataFrame], scenario: str, sets: Sequence[str], title: str) -> Table:
    """Lay out one scenario, outcomes by sets, with the combined conclusion."""
    mine = tables["readings"].filter(pl.col("scenario") == scenario, pl.col("outcome").is_in(SHOWN))
    cells = {(row["outcome"], row["reading"]): row for row in mine.to_dicts()}
    known = {}
    if "conclusions" in tables:
        rows = tables["conclusions"].filter(pl.col("scenario") == scenario)
        known = {row["outcome"]: row for row in rows.to_dicts()}
    table = grid("", *sets, *(["together"] * bool(known)), padding=(0, 1, 0, 0), title=f"{scenario}: {title}")
    table.title_style = "bold"
    for outcome in (name for name in SHOWN if (name, sets[0]) in cells):
        unit = unit_in_head(cells[outcome, sets[0]]["unit"], bool(known))
        row = [_cell(cells[outcome, name], bool(known)) for name in sets]
        if known:
            row.append(clause(known[outcome], sets))
        if any(excludes_zero(cells[outcome, name], "apart_low", "apart_high") for name in sets):
            row[-1] += f" {APART}"
        table.add_row(f"{spoken(outcome)} [dim]{unit}[/]", *row)
    return table


def _cell(row: Mapping[str, Any], paired: bool) -> str:
    """Write a change with its mark and interval, or a level with its interval."""
    value = row["difference" if paired else "scenario_value"]
    if value is None:
        return "–"
    if paired and exactly_zero(row):
        return "0"
    stars = mark(row) if paired else ""
    return f"{bare(value, row['unit'], paired)}{stars} [dim]{bare_interval(row, paired)}[/]"


def _legend(paired: bool, sets: Sequence[str]) -> str:
    """Explain the marks."""
    apart = f"{APART} differs from {sets[0]} by more than both intervals allow; without it the sets may agree."
    if not paired:
        return f"Values with 95 % intervals. {apart}"
    return (
        "Changes with 95 % intervals, which hold chance and, where drawn, parameters. ** survives Holm's correction, * "
        f"excludes zero by itself; either counts as clear. {apart}"
    )


def clause(row: Mapping[str, Any], sets: Sequence[str]) -> str:
    """Write a conclusion in a few words, as in "lower under both"."""
    both = "both" if len(sets) == 2 else "all"
    return {
        HOLDS: f"{row['says']} under {both}",
        ONLY: f"{row['says']} only under {row['under'].replace(', ', ' and ')}",
        CONTRADICT: f"contradict: {row['says'].replace(': ', ' ')}",
        UNCLEAR: f"unclear under {both}",
        ZERO: f"exactly 0 under {both}",
    }[row["conclusion"]]


def _depends(rows: pl.DataFrame, sets: Sequence[str]) -> Iterator[str]:
    """List the conclusions that depend on the set, and count the others."""
    shown = rows.filter(pl.col("outcome").is_in(SHOWN))
    counts = dict(shown.group_by("conclusion").len().iter_rows())
    both = "both" if len(sets) == 2 else "all"
    words = {
        HOLDS: f"the same under {both}",
        ONLY: f"clear only under {'one' if len(sets) == 2 else 'some'}",
        CONTRADICT: "contradictory",
        UNCLEAR: f"unclear under {both}",
        ZERO: f"exactly 0 under {both}",
    }
    listed = ", ".join(f"{counts[key]} {text}" for key, text in words.items() if key in counts)
    yield f"[bold]Of {shown.height} signs of effects[/]: {listed}."
    only, apart = pl.col("conclusion") == ONLY, pl.col("apart")
    differ = shown.filter(apart & only | (pl.col("conclusion") == CONTRADICT))
    alike = shown.filter(~apart & only)
    if differ.is_empty() and alike.is_empty():
        yield "• No sign depends on the set of parameters."
    for head, part in (("Depend on the set of parameters", differ), ("Clear under some, but they may agree", alike)):
        for name, mine in part.group_by("scenario", maintain_order=True):
            yield f"• {head}, {name[0]}: {'; '.join(_grouped(mine.to_dicts(), sets))}."


def _grouped(rows: Sequence[Mapping[str, Any]], sets: Sequence[str]) -> Iterator[str]:
    """Yield conclusions, merging outcomes that share the same words."""
    words: dict[str, list[str]] = {}
    for row in rows:
        words.setdefault(clause(row, sets), []).append(spoken(row["outcome"]))
    for text, outcomes in words.items():
        yield f"{', '.join(outcomes)} {text}"


def _best(rows: pl.DataFrame, sets: Sequence[str]) -> Iterator[str]:
    """Write for each outcome which rule is best under each set."""
    for outcome, part in rows.filter(pl.col("outcome").is_in(SHOWN)).group_by("outcome", maintain_order=True):
        mine = part.to_dicts()
        tops = (f"{row['best']} {chance(row['probability'])}%" if row["best"] else "no chances known" for row in mine)
        chances = "; ".join(f"{row['reading']}: {top}" for row, top in zip(mine, tops, strict=True))
        yield f"• {named(str(outcome[0]))}: {clause(mine[0], sets)} ({chances})."
