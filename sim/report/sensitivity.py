"""Report of a sensitivity analysis: which parameters drive each figure, and what must not be interpreted."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from sim.core.parameter_sets import POINT
from sim.outcomes import written
from sim.report.console import grid, line
from sim.report.numbers import spoken, unit_in_head

TOP = 3  # parameters named for each figure
STEADY = 0.8  # of the mean absolute effect: a mean effect this large has one direction
HEADS = {"level": "the outcome is moved by", "effect": "the effect is moved by"}


def print_sensitivity(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print the parameters that drive each figure, the notes of ``lines``, and where the results are."""
    screening = tables["screening"]
    measures = [measure for measure in HEADS if measure in screening["measure"]]
    table = grid("outcome", *(HEADS[measure] for measure in measures))
    for outcome in screening["outcome"].unique(maintain_order=True):
        mine = screening.filter(pl.col("outcome") == outcome)
        tops = (_top(mine.filter(pl.col("measure") == measure)) for measure in measures)
        head = f"{spoken(outcome)}\n[dim]{unit_in_head(mine['unit'][0], True)}[/dim]"
        table.add_row(head, *(top or "nothing beyond chance" for top in tops))
    console.print(table)
    line(console, *lines(tables, manifest))
    line(console, f"Results: {folder}", wrap=False)


def _top(rows: pl.DataFrame) -> str:
    """List the parameters that move a figure most, with their mean effect over the whole range."""
    most = rows.filter(pl.col("above_chance")).sort("mu_star", descending=True).head(TOP)
    return "\n".join(f"{row['parameter']} {_signed(row)}" for row in most.iter_rows(named=True))


def _signed(row: Mapping[str, Any]) -> str:
    """Write a mean absolute effect with half of its interval, shares in points, and the direction if it has one."""
    factor, unit = (100.0, "") if row["unit"] == "share" else (1.0, row["unit"])
    numbers = f"{written(factor * row['mu_star'], unit)} ± {written(factor * row['half'], unit)}"
    if abs(row["mu"]) < STEADY * row["mu_star"]:
        return f"{numbers} either way"
    return ("+" if row["mu"] > 0 else "−") + numbers


def lines(tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any]) -> Iterator[str]:
    """Write sentences on how far the results can be trusted."""
    screening, outcomes, about = tables["screening"], tables["outcomes"], manifest["uncertainty"]
    failed = manifest["failed"]
    yield (
        "Numbers: mean change of the figure when the parameter goes over its whole range, one at a time, with half of "
        "its 95 % interval; either way: up at some places and down at others."
    )
    yield (
        f"{manifest['runs']} runs of {manifest['people_reached']:.0f} people on average in firms that the rules reach; "
        + (f"{failed} failed, and the steps to and from them are left out." if failed else "none failed.")
    )
    point = f"{POINT}, one value each, as in the table"
    rest = f"draws of '{about['name']}', one for each economy" if about["draws"] else point
    yield f"Parameters that are not varied: {rest}."
    moving = screening.filter(pl.col("above_chance"))["parameter"].unique()
    silent = [name for name in tables["parameters"]["parameter"] if name not in moving]
    yield f"Not beyond chance in any figure: {', '.join(silent) or 'none'}."
    if "indices" in tables:
        poor = outcomes.filter(pl.col("emulator_good").not_()).iter_rows(named=True)
        listed = ", ".join(f"{row['outcome']} ({row['measure']}, {row['explained']:.2f})" for row in poor)
        yield (
            f"Shares of variance: {outcomes['emulator_good'].sum()} of {outcomes.height} figures have an emulator that "
            "explains at least half of the variance of runs that it has not seen"
            + (f"; not to be read: {listed}." if listed else ".")
        )
    yield from _signs(outcomes.filter(pl.col("above_zero").is_not_null() & (pl.col("measure") == "effect")))
    if screening.filter(pl.col("above_chance").is_null() & pl.col("mu_star").is_not_null()).height:
        yield "Too few firms to estimate chance in some figures: use more people."


def _signs(effects: pl.DataFrame) -> Iterator[str]:
    """State which effects keep their sign at all points."""
    if effects.is_empty():
        return
    above, below = (", ".join(effects.filter(above_zero=share)["outcome"]) or "none" for share in (1.0, 0.0))
    mixed = effects.filter(pl.col("above_zero").is_between(0, 1, closed="none")).iter_rows(named=True)
    either = ", ".join(f"{row['outcome']} ({row['above_zero']:.0%} above)" for row in mixed)
    yield (
        f"Effects at the last {effects['runs'].to_numpy().max()} points: above zero at all: {above}; below zero, or "
        f"exactly zero, at all: {below}; of both signs: {either or 'none'}."
    )
