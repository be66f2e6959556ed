"""Report of an ablation: what an effect or a level consists of, mechanism by mechanism."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from sim.comparing.ablation import ALL, EXPECTATION
from sim.outcomes import written
from sim.report.comparison import narrow_grid
from sim.report.console import in_parts, say
from sim.report.intervals import parameters_drawn
from sim.report.numbers import bare, minus, unit_in_head
from sim.stats.variance import excludes_zero

CELL = 15  # columns of a cell on a terminal, with the space before it


def print_explanation(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print the contributions and how to read them."""
    table, rest = tables["explanation"], manifest["remainder"]
    first = table.row(0, named=True)
    level = manifest["counterfactual"] is None
    what = "level" if level else f"effect against {manifest['counterfactual']}"
    say(
        console,
        f"[bold]{first['scenario']}: what its {what} consists of[/]",
        f"{first['firms']:,} firms, {first['window']}.",
        parameters_drawn(manifest),
    )
    for part in _tables(console.width, table, rest, level):
        console.print(part)
    gone = "all of what is there goes" if level else "all of the effect goes"
    say(
        console,
        f"Each row: what is lost when that mechanism is switched off{'' if level else ' in both worlds'}, with its "
        f"share; at 100 % {gone}, a negative share works against it. * the 95 % interval of the contribution "
        "excludes zero. Contributions need not add up: mechanisms that need each other are counted twice, mechanisms "
        "that replace each other not at all."
        + (" The remainder shows by how much they miss the whole." if rest else ""),
    )
    for row in table.filter(mechanism=EXPECTATION, outcome="hidden_overtime").drop_nulls("share").to_dicts():
        of = "of hidden overtime" if level else "of the effect on hidden overtime"
        share = written(row["share"], "share")
        say(console, f"The expectation of an answer: {share} {of} would not be there without it.")
    say(console, f"Results: {folder}")


def _tables(width: int, table: pl.DataFrame, rest: Mapping[str, float], level: bool) -> Iterator[Table]:
    """Lay out contributions, mechanisms by outcomes, in as many tables as the width requires."""
    cells = {(row["mechanism"], row["outcome"]): row for row in table.to_dicts()}
    mechanisms, names = (table[key].unique(maintain_order=True).to_list() for key in ("mechanism", "outcome"))
    units = {name: cells[ALL, name]["unit"] for name in names}
    for part in in_parts(names, max(1, (width - max(map(len, mechanisms)) - 1) // CELL)):
        grid = narrow_grid({name: unit_in_head(units[name], not level) for name in part}, CELL)
        whole = (bare(cells[ALL, name]["effect"], units[name], not level) for name in part)
        grid.add_row("[bold]everything on[/]", *whole)
        for mechanism in mechanisms[1:]:
            grid.add_row(mechanism, *(_contribution(cells[mechanism, name]) for name in part))
        if rest:
            grid.add_row("[dim]remainder[/]", *(bare(rest.get(name), units[name], signed=True) for name in part))
        yield grid


def _contribution(row: Mapping[str, Any]) -> str:
    """Write a contribution with its share, starred if its interval excludes zero."""
    low, high = row["contribution_low"], row["contribution_high"]
    if row["contribution"] == 0 == low == high:
        return "0"
    sure = "*" if excludes_zero(row, "contribution_low", "contribution_high") else ""
    share = "" if row["share"] is None else minus(f" {row['share']:.0%}")
    return f"{bare(row['contribution'], row['unit'], signed=True)}{sure}[dim]{share}[/]"
