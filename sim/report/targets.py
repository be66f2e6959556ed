"""Report of a comparison with survey figures: targets by role, and contradictions between sources."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sim.evidence.targets import load_targets
from sim.outcomes import written
from sim.report.console import grid, line
from sim.report.numbers import spoken, with_unit
from sim.scenario.parameter_draws import parameters_line

NOTES_BESIDE = 130  # columns that a terminal needs to show the notes in the table
SPREAD_BESIDE = 100  # and to show the spread between replicates
_MARKS = {True: "[green]yes[/]", False: "[red]no[/]", None: "–"}
_HEADINGS = {
    "calibrated": "Calibrated: parameters were moved towards these",
    "cutoff": "Cut-offs: agreement is made, not found",
    "checked": "Checked: compared, never tuned on",
    "input": "Inputs",
    "not_used": "Not used: for comparison only",
}


def print_targets(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path, *sets: str
) -> None:
    """Print the comparison with each of the sets of targets, then the tensions if they are among the tables."""
    parameters = parameters_line(manifest["uncertainty"], manifest["replicates"])
    for name in sets:
        print_scorecard(console, tables[name], load_targets(name).title, parameters)
    if "tensions" in tables:
        print_tensions(console, tables["tensions"])


def print_scorecard(console: Console, frame: pl.DataFrame, title: str = "", parameters: str = "") -> None:
    """Print the targets by role and how many lie within their band.

    A narrow terminal shows notes below the table and omits the spread. ``parameters`` names the parameters of the run.
    """
    wide, spread = console.width >= NOTES_BESIDE, console.width >= SPREAD_BESIDE
    console.print(_table(frame, title, wide, ("observed", "half_width", *["spread"] * spread, "reported")))
    if parameters:
        where = "" if spread else f" It needs a terminal of {SPREAD_BESIDE} columns, and is in summary.txt."
        line(console, parameters, f"± 95 %: over firms. Spread: one standard deviation between replicates.{where}")
    notes = frame.filter(pl.col("note") != "") if not wide else frame.clear()
    line(console, *(f"{spoken(row['observable'])}: {row['note']}" for row in notes.to_dicts()))
    scored = frame.filter(pl.col("within").is_not_null())
    for role in ("calibrated", "checked"):
        mine = scored.filter(pl.col("role") == role)
        console.print(f"{mine['within'].sum()} of {mine.height} {role} targets lie within their band.")
    console.print("Cut-offs, inputs and what needs another run count as neither.")


def _table(frame: pl.DataFrame, title: str, notes: bool, numbers: Sequence[str]) -> Table:
    """Lay out the targets, a section for each role."""
    heads = (spoken(name).replace("half width", "± 95 %") for name in numbers)
    table = grid("observable", *heads, "band", "within", *["note"] * notes, title=title)
    for head in table.columns[1 : 2 + len(numbers)]:
        head.justify, head.no_wrap = "right", True
    for role, heading in _HEADINGS.items():
        rows = frame.filter(pl.col("role") == role).to_dicts()
        if rows:
            table.add_section()
            table.add_row(f"[bold]{heading}[/]")
        for row in rows:
            unit, name = row["unit"], spoken(row["observable"])
            table.add_row(
                name if unit == "share" else f"{name} [dim]{unit}[/]",
                *(written(row[key], unit) for key in numbers),
                _band(row["low"], row["high"], unit),
                _MARKS[row["within"]],
                *[escape(row["note"])] * notes,
            )
    return table


def _band(low: float | None, high: float | None, unit: str) -> str:
    """Format a band, which may be open on one side."""
    if low is None and high is None:
        return "–"
    if low is None:
        return f"≤ {written(high, unit)}"
    return f"≥ {written(low, unit)}" if high is None else f"{written(low, unit)} to {written(high, unit)}"


def print_tensions(console: Console, frame: pl.DataFrame) -> None:
    """Print one line per tension."""
    console.print("\n[bold]Contradictions that no parameter resolves[/]")
    for row in frame.to_dicts():
        unit = row["unit"]
        gap = {None: "no distance", 0: "no contradiction"}.get(row["distance"])
        gap = gap or f"{with_unit(row['distance'], unit, signed=True).removeprefix('+')} apart"
        model = "" if row["observed"] is None else f"; the model shows {written(row['observed'], unit)}"
        both = f"{written(row['first'], unit)} against {with_unit(row['second'], unit)}"
        line(console, f"• {row['claims']}: {row['tension']}: {both}; {gap}{model}.")
