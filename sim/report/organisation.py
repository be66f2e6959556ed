"""Report on a simulated organisation that is like that of a message log."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from sim.report.console import grid, line, show
from sim.report.numbers import spoken, written
from sim.report.run import print_run
from sim.report.touched import print_touched


def print_asked(console: Console, tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any], folder: Path) -> None:
    """Print what a rule touches, what the simulated organisation has from where, and the effect."""
    print_touched(console, tables, about, folder)
    print_organisation(console, tables, about)
    print_run(console, tables, about, folder)


def print_organisation(console: Console, tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any]) -> None:
    """Print which numbers of the simulation are from the log and which from elsewhere."""
    taken, agreement, lent = tables["taken"], tables["agreement"], about["lent"]
    sources = {name: taken.filter(pl.col("source") == name) for name in ("log", "prior", "posterior")}
    fitted = ", ".join(spoken(name.removeprefix("log_")) for name in agreement.filter(role="calibrated")["quantity"])
    line(console, f"The effect is simulated for a firm of {about['people']:,} people, fitted to the log's {fitted}.")
    told = [
        f"{row['parameter']} {row['median']:.3g} ({row['low']:.3g} to {row['high']:.3g})"
        for row in _rows(sources["log"])
    ]
    line(console, f"The log informs: {', '.join(told)}." if told else "The log informs no parameter well.")
    if sources["prior"].height:
        names = ", ".join(sources["prior"]["parameter"])
        line(console, f"It could inform, but leaves mostly open: {names}; these keep what is believed of them.")
    line(
        console,
        f"Borrowed from '{lent}': the other {sources['posterior'].height} free parameters, such as what strains "
        "and restores people, what overtime is recorded, and who obeys; industries and roles are the scenario's. A "
        "log holds nothing on them: the effect is as good for this organisation as they are.",
    )
    missed = agreement.filter(pl.col("role") == "calibrated", ~pl.col("log").is_between("low", "high"))["quantity"]
    if len(missed):
        names = ", ".join(spoken(name.removeprefix("log_")) for name in missed)
        line(console, f"The fit misses {names}: in that this firm is not like the log's, nor need the effect be.")
    shown = grid("quantity", "log", "model", "nine of ten", "role", numbers=True)
    for row in _rows(agreement):
        ends = " to ".join(written(row[end], row["unit"]) for end in ("low", "high"))
        name = spoken(row["quantity"].removeprefix("log_"))
        shown.add_row(name, *(written(row[side], row["unit"]) for side in ("log", "model")), ends, spoken(row["role"]))
    show(console, shown)


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table."""
    return frame.to_dicts()
