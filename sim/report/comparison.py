"""Report of a comparison: effects, the best rule set, winners and losers, and displacement."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sim.outcomes import SHOWN, written
from sim.report.console import grid, in_parts, say
from sim.report.intervals import BEYOND, SURVIVES, mark, parameters_drawn, widths
from sim.report.numbers import LAPSE, bare, bare_interval, interval, named, spoken, unit_in_head, with_unit
from sim.report.run import drifted, untouched
from sim.stats.ranks import FEW, best_first, chance, leaders
from sim.stats.variance import exactly_zero

CELL = 19  # columns of a cell on a terminal, with the space before it
WHO = ("exhaustion", "hidden_overtime")  # whose winners and losers are shown


def print_comparison(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print the overview of a comparison."""
    effects = tables["effects"].filter(pl.col("group") == "all")
    names, reference = list(manifest["scenarios"]), manifest["counterfactual"]
    warning, today = drifted(tables)
    plural = "" if len(names) == 1 else "s"
    say(
        console,
        f"[bold]{len(names)} rule set{plural} against {reference}[/], with common random numbers",
        warning,
        "Simulated: {replicates:,} replicates of {people:,} people, {weeks} weeks, seed {seed}.".format_map(manifest),
        parameters_drawn(manifest),
    )
    for name in names:
        row = effects.filter(pl.col("scenario") == name).row(0, named=True)
        reach = "all" if row["spill"] is None else "in scope:"
        say(console, f"• {name}: {reach} {row['firms']:,} firms, {row['people']:,} people; {row['window']}.")
    for table in effect_tables(effects, names, console.width):
        console.print(table)
    for name, rows in phased(tables).items():
        say(console, f"[bold]{name}, phase by phase[/]: the firms and weeks of each")
        for table in effect_tables(rows, rows["scenario"].unique(maintain_order=True).to_list(), console.width):
            console.print(table)
    say(
        console,
        f"Change against {reference}, with its 95 % interval. {SURVIVES} excludes zero even after Holm's correction "
        f"over all rule sets and outcomes of the family; {BEYOND} excludes zero by itself, as about one of twenty "
        "outcomes without any effect does; no mark: no clear effect.",
        today,
        widths(effects.filter(pl.col("outcome").is_in(SHOWN)).to_dicts()),
        LAPSE,
    )
    console.print()
    checks = {name: untouched(effects.filter(pl.col("scenario") == name)) for name in names}
    say(
        console,
        *best(tables["ranking"]),
        *gains(tables["persons"], names),
        displaced(tables["displacement"], names),
        *(f"{name}: {text}" for name, text in checks.items() if "differ" in text),
        manifest.get("precision", ""),
    )
    console.print()
    say(console, f"Groups, time lines and all outcomes: the tables in {escape(str(folder))}; see docs/comparing.md.")


def phased(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return each scenario's effects by phase, with the phase in place of the scenario; empty if none has phases."""
    if "phases" not in tables:
        return {}
    rows = tables["phases"].filter(pl.col("group") == "all")
    return {
        name: rows.filter(pl.col("scenario") == name).with_columns(scenario=pl.col("phase"))
        for name in rows["scenario"].unique(maintain_order=True)
    }


def effect_tables(effects: pl.DataFrame, names: Sequence[str], width: int) -> list[Table]:
    """Lay out effects, scenarios by headline outcomes, in as many tables as ``width`` characters require."""
    cells = {(row["scenario"], row["outcome"]): row for row in effects.to_dicts()}
    shown = [name for name in SHOWN if (names[0], name) in cells]
    shown = shown or effects["outcome"].unique(maintain_order=True).to_list()
    found = []
    for part in in_parts(shown, max(1, (width - max(map(len, names)) - 1) // CELL)):
        units = {name: unit_in_head(cells[names[0], name]["unit"], True) for name in part}
        table = narrow_grid(units, CELL)
        for name in names:
            table.add_row(escape(name), *(_cell(cells[name, outcome]) for outcome in part))
        found.append(table)
    return found


def narrow_grid(units: Mapping[str, str], cell: int) -> Table:
    """Start a table with a column of at most ``cell`` characters for each outcome."""
    heads = (f"{spoken(name)}\n[dim]{unit}[/]" for name, unit in units.items())
    table = grid("", *heads, padding=(0, 1, 0, 0))
    for column in table.columns[1:]:
        column.justify, column.max_width = "right", cell - 1
        column.overflow = "fold"  # a number that is cut would be another number
    return table


def _cell(row: Mapping[str, Any]) -> str:
    """Write a change with its mark, and its interval below."""
    if row["difference"] is None:
        return "–"
    if exactly_zero(row):
        return "0"
    return f"{bare(row['difference'], row['unit'], signed=True)}{mark(row)}\n[dim]{bare_interval(row)}[/]"


def best(ranking: pl.DataFrame) -> list[str]:
    """Write for each outcome the best rule set with its probability, and the regret of the second best."""
    if ranking.is_empty():
        return []
    first = ranking.row(0, named=True)
    where = f"{first['firms']:,} {first['basis']}, {first['window']}"
    if first["firms"] < 2:
        return [f"[bold]Best[/] on {where}: no chances, for a single firm does not show how others would differ."]
    lines = [f"[bold]Best[/] on {where}, with its chance over {first['over']}:"]
    if first["firms"] < FEW:
        lines.append(
            f"  Caution: {first['firms']} firms, fewer than {FEW}. Chances allow for that, but the variance that they "
            "rest on is hardly known; more people or replicates make it better known."
        )
    for _, part in ranking.filter(pl.col("outcome").is_in(SHOWN)).group_by("outcome", maintain_order=True):
        lines.append(f"• {_best(best_first(part).to_dicts())}.")
    return lines


def _best(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write which rule set is best in one outcome, from rows with the best first."""
    top, second = rows[0], rows[1]
    tied, name = leaders(rows), named(top["outcome"])
    if len(tied) != 1:
        return f"{name}: {', '.join(tied)} alike" if tied else f"{name}: no chances known"
    first, then = (f"{row['scenario']} ({chance(row['probability_best'])}%)" for row in (top, second))
    if second["regret"] is None:
        return f"{name}: {first}, then {then}"
    regret = with_unit(second["regret"], top["unit"], signed=True).removeprefix("+")
    return f"{name}: {first}, then {then}, worse than the best by {regret} on average"


def gains(persons: pl.DataFrame, names: Sequence[str]) -> list[str]:
    """Write the shares of people who gain and lose under each scenario."""
    everybody = persons.filter((pl.col("group") == "all") & pl.col("share_better").is_not_null())
    lines = []
    for name in names:
        parts = [
            f"{spoken(row['outcome'])} {_share(row, 'share_better')} better, {_share(row, 'share_worse')} worse"
            for row in everybody.filter((pl.col("scenario") == name) & pl.col("outcome").is_in(WHO)).to_dicts()
        ]
        if parts:
            lines.append(f"• {name}: {'; '.join(parts)}.")
    return ["[bold]Who gains[/], person by person, among those who kept their seat:", *lines] if lines else []


def _share(row: Mapping[str, Any], name: str) -> str:
    """Write a share of people with its interval, cut off at 0 and 1."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    ends = "" if low is None or high is None else f" ({max(low, 0):.0%} to {min(high, 1):.0%})"
    return f"{row[name]:.0%}{ends}"


def displaced(displacement: pl.DataFrame, names: Sequence[str]) -> str:
    """Write the displacement ratios in one sentence; empty where it is undefined for all scenarios."""
    known = displacement.filter((pl.col("channel") == "all") & pl.col("displaced").is_not_null())
    rows = {row["scenario"]: row for row in known.to_dicts()}
    parts = [
        f"{name} {written(rows[name]['displaced'], '')}{interval(rows[name], ends='displaced_{}', signed=False)}"
        for name in names
        if name in rows
    ]
    return f"[bold]Displacement ratio[/] of after-hours minutes: {'; '.join(parts)}." if parts else ""
