"""Report on a simulated organisation that is like that of a message log."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from sim.figures.words import label, phrase
from sim.figures.words import say as words
from sim.report.console import grid, line, show
from sim.report.numbers import WITHOUT_NAME, in_brackets, parameter_set, span, written
from sim.report.plain import missed
from sim.report.run import print_run
from sim.report.touched import print_touched

HEADS = (("log", "head_quantity"), ("log", "side_log"), ("log", "side_model"), ("fit", "head_nine"))


def print_asked(console: Console, tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any], folder: Path) -> None:
    """Print what a rule touches, what the simulated organisation has from where, and the effect."""
    print_touched(console, tables, about, folder)
    print_simulated(console, tables, about, folder)


def print_simulated(
    console: Console, tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any], folder: Path
) -> None:
    """Print what the simulated organisation has from where, and the effect."""
    print_organisation(console, tables, about)
    print_run(console, tables, about, folder)


def print_organisation(console: Console, tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any]) -> None:
    """Print which numbers of the simulation are from the log and which from elsewhere."""
    for sentence in sources(tables, about):
        line(console, sentence)
    shown = grid(*(phrase(*head) for head in HEADS), phrase("log", "head_role"), numbers=True)
    for row in tables["agreement"].to_dicts():
        log, model, *ends = (written(row[key], row["unit"]) for key in ("log", "model", "low", "high"))
        shown.add_row(
            in_brackets(_quantity(row["quantity"]), row["unit"]),
            log,
            model,
            span(*ends),
            phrase("log", f"role_{row['role']}"),
        )
    show(console, shown)


def sources(tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any]) -> list[str]:
    """Say which firm was simulated, what the log informs, what is borrowed, and what the fit misses."""
    taken, fitted = tables["taken"], tables["agreement"].filter(role="calibrated")
    informed, prior, lent = (taken.filter(source=source) for source in ("log", "prior", "posterior"))
    values = words("semicolon").join(map(_value, informed.to_dicts()))
    said = [
        phrase("organisation", "firm", people=f"{about['people']:,}", fitted=_quantities(fitted)),
        phrase("organisation", "informed", listed=values) if values else phrase("organisation", "uninformed"),
    ]
    if prior.height:
        said.append(phrase("organisation", "open", names=words("list").join(map(_named, prior["parameter"]))))
    said.append(phrase("organisation", "borrowed", lent=parameter_set(about["lent"]), count=lent.height))
    if (off := missed(fitted)).height:
        said.append(phrase("organisation", "missed", names=_quantities(off)))
    return said


def _value(row: Mapping[str, Any]) -> str:
    """Write a parameter with its median, unit and interval."""
    median, low, high = (f"{row[key]:.3g}" for key in ("median", "low", "high"))
    about = {
        "median": median,
        "unit": "" if row["unit"] in WITHOUT_NAME else f" {label('unit', row['unit'])}",
        "interval": phrase("run", "interval", low=low, high=high),
    }
    return phrase("organisation", "value", named=_named(row["parameter"]), **about)


def _named(parameter: str) -> str:
    """Write a parameter in words, with its name in the table."""
    return phrase("organisation", "named", words=label("parameter", parameter), parameter=parameter)


def _quantities(frame: pl.DataFrame) -> str:
    """List the quantities of a table."""
    return words("list").join(map(_quantity, frame["quantity"]))


def _quantity(name: str) -> str:
    """Write the name of a quantity of a log."""
    return label("observable", name)
