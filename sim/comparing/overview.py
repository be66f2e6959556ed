"""Text overview of a comparison: effects, the best rule set, winners and losers, and displacement."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sim.comparing.ranking import leaders
from sim.comparing.summary import NAMES, WIDTH, parameters_drawn, untouched, widths
from sim.outcomes import BY_NAME, HEADLINES, written
from sim.stats.ranks import FEW, best_first, chance

FURTHER = (
    "expectation",
    "conflict",
    "employer_cost",
    "public_cost",
)  # beside the headlines, so that all families are seen
SHOWN = (*HEADLINES, *(name for name in FURTHER if name in BY_NAME))
SURVIVES, BEYOND = "**", "*"
LEVEL = 0.05
CELL = 19  # columns of a cell on a terminal, with the space before it
FEW_FIRMS = (
    f"  Caution: {{firms}} firms, fewer than {FEW}. Chances allow for that, but the variance that they rest on is "
    "hardly known; more people or replicates make it better known."
)
WHO = ("exhaustion", "hidden_overtime")  # whose winners and losers are shown


def print_overview(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print the overview of a comparison."""
    effects = tables["effects"].filter(pl.col("group") == "all")
    names = list(manifest["scenarios"])
    size = (f"{manifest[key]:,} {word}" for key, word in (("replicates", "replicates of"), ("people", "people,")))
    _say(console, f"[bold]{len(names)} rule sets against {manifest['counterfactual']}[/], on the same draws")
    _say(console, f"Simulated: {' '.join(size)} {manifest['weeks']} weeks, seed {manifest['seed']}.")
    _say(console, parameters_drawn(manifest))
    for name in names:
        row = effects.filter(pl.col("scenario") == name).row(0, named=True)
        reach = "all" if row["spill"] is None else "in scope:"
        _say(console, f"• {name}: {reach} {row['firms']:,} firms, {row['people']:,} people; {row['window']}.")
    for table in effect_tables(effects, names, console.width):
        console.print(table)
    for name, rows in phased(tables).items():
        _say(console, f"[bold]{name}, phase by phase[/]: the firms and weeks of each")
        for table in effect_tables(rows, rows["scenario"].unique(maintain_order=True).to_list(), console.width):
            console.print(table)
    _say(
        console,
        f"Change against {manifest['counterfactual']}, with its 95 % interval. {SURVIVES} excludes zero even after "
        f"Holm's correction over all rule sets and outcomes of the family; {BEYOND} excludes zero by itself, as about "
        "one of twenty outcomes without any effect does; no mark: cannot be told from none.",
    )
    _say(console, widths(effects.filter(pl.col("outcome").is_in(SHOWN)).to_dicts()))
    console.print()
    for line in (*best(tables["ranking"]), *gains(tables["persons"], names), *displaced(tables["displacement"], names)):
        _say(console, line)
    for name in names:
        line = untouched(effects.filter(pl.col("scenario") == name))
        if "differ" in line:
            _say(console, f"{name}: {line}")
    _say(console, manifest.get("precision", ""))
    console.print()
    _say(console, f"Groups, time lines and all outcomes: the tables in {escape(str(folder))}; see docs/comparing.md.")


def overview_text(tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path) -> str:
    """Write the overview as plain text for ``summary.txt``."""
    page = io.StringIO()
    plain = Console(file=page, width=WIDTH, no_color=True, force_terminal=False, legacy_windows=False)
    print_overview(plain, tables, manifest, folder)
    return page.getvalue()


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
    shown = [name for name in SHOWN if (names[0], name) in cells] or effects["outcome"].unique(
        maintain_order=True
    ).to_list()
    columns = max(1, (width - max(map(len, names)) - 1) // CELL)
    found = []
    for first in range(0, len(shown), columns):
        part = shown[first : first + columns]
        table = Table(
            "", *(_head(cells[names[0], name]) for name in part), box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
        )
        for column in table.columns[1:]:
            column.justify = "right"
            column.max_width = CELL - 1
            column.overflow = "fold"  # a number that is cut would be another number
        for name in names:
            table.add_row(escape(name), *(_cell(cells[name, outcome]) for outcome in part))
        found.append(table)
    return found


def _head(row: Mapping[str, Any]) -> str:
    """Write an outcome's name and unit."""
    unit = "pp" if row["unit"] == "share" else row["unit"]
    return f"{row['outcome'].replace('_', ' ')}\n[dim]{unit}[/]"


def _cell(row: Mapping[str, Any]) -> str:
    """Write a change with its mark, and its interval below."""
    if row["difference"] is None:
        return "–"
    if row["difference"] == row["low"] == row["high"] == 0:
        return "0"
    change, low, high = (_bare(row[key], row["unit"]) for key in ("difference", "low", "high"))
    return f"{change}{mark(row)}\n[dim]{low} to {high}[/]"


def mark(row: Mapping[str, Any]) -> str:
    """Return ``**`` if the effect survives Holm's correction, ``*`` if only its own interval excludes zero."""
    if row["low"] is None or row["low"] <= 0 <= row["high"]:
        return ""
    return SURVIVES if row["p_holm"] is not None and row["p_holm"] < LEVEL else BEYOND


def _bare(value: float | None, unit: str) -> str:
    """Write a change whose unit is in the heading."""
    return written(value, unit, signed=True).removesuffix(" pp")


def best(ranking: pl.DataFrame) -> list[str]:
    """Write for each outcome the best rule set with its probability, and the regret of the second best."""
    if ranking.is_empty():
        return []
    first = ranking.row(0, named=True)
    where = f"{first['firms']:,} {first['basis']}, {first['window']}"
    if first["firms"] < 2:
        return [f"[bold]Best[/] on {where}: no chances, for a single firm does not tell how others would differ."]
    lines = [f"[bold]Best[/] on {where}, with its chance over {first['over']}:"]
    if first["firms"] < FEW:
        lines.append(FEW_FIRMS.format(firms=first["firms"]))
    for _, part in ranking.filter(pl.col("outcome").is_in(SHOWN)).group_by("outcome", maintain_order=True):
        rows = best_first(part).to_dicts()
        top, second = rows[0], rows[1]
        tied = leaders(rows)
        name = NAMES.get(top["outcome"], top["outcome"].replace("_", " "))
        if len(tied) != 1:
            lines.append(f"• {name}: {', '.join(tied)} alike." if tied else f"• {name}: no chances known.")
            continue
        unit = "" if top["unit"] == "share" else f" {top['unit']}"
        regret = written(second["regret"], top["unit"], signed=True).removeprefix("+")
        worse = f", worse than the best by {regret}{unit} on average" if second["regret"] is not None else ""
        lines.append(
            f"• {name}: {top['scenario']} ({chance(top['probability_best'])}%), then {second['scenario']} "
            f"({chance(second['probability_best'])}%){worse}."
        )
    return lines


def gains(persons: pl.DataFrame, names: Sequence[str]) -> list[str]:
    """Write the shares of people who gain and lose under each scenario."""
    everybody = persons.filter((pl.col("group") == "all") & pl.col("share_better").is_not_null())
    lines = []
    for name in names:
        parts = [
            f"{row['outcome'].replace('_', ' ')} {_share(row, 'share_better')} better, "
            f"{_share(row, 'share_worse')} worse"
            for row in everybody.filter((pl.col("scenario") == name) & pl.col("outcome").is_in(WHO)).to_dicts()
        ]
        if parts:
            lines.append(f"• {name}: {'; '.join(parts)}.")
    return ["[bold]Who gains[/], person by person, among those who kept their seat:", *lines] if lines else []


def displaced(displacement: pl.DataFrame, names: Sequence[str]) -> list[str]:
    """Write the displacement ratios in one sentence; none where it is undefined for all scenarios."""
    known = displacement.filter((pl.col("channel") == "all") & pl.col("displaced").is_not_null())
    rows = {row["scenario"]: row for row in known.to_dicts()}
    parts = [f"{name} {written(rows[name]['displaced'], '')}{_ends(rows[name])}" for name in names if name in rows]
    return [f"[bold]Displacement ratio[/] of after-hours minutes: {'; '.join(parts)}."] if parts else []


def _share(row: Mapping[str, Any], name: str) -> str:
    """Write a share of people with its interval, cut off at 0 and 1."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    ends = "" if low is None or high is None else f" ({max(low, 0):.0%} to {min(high, 1):.0%})"
    return f"{row[name]:.0%}{ends}"


def _ends(row: Mapping[str, Any]) -> str:
    """Write the interval of a displacement ratio, if there is one."""
    low, high = row["displaced_low"], row["displaced_high"]
    return "" if low is None or high is None else f" ({written(low, '')} to {written(high, '')})"


def _say(console: Console, text: str) -> None:
    """Print a paragraph without highlighting numbers; skip empty text."""
    if text:
        console.print(text, highlight=False)
