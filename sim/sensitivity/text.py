"""Text of a sensitivity analysis: which parameters drive each figure, and what must not be interpreted."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from sim.core.parameter_sets import POINT
from sim.outcomes import written
from sim.sensitivity.pairs import EFFECT, LEVEL

TOP = 3  # parameters named for each figure
STEADY = 0.8  # of the mean absolute effect: a mean effect this large has one direction
HEADS = {LEVEL: "the outcome is moved by", EFFECT: "the effect is moved by"}


def print_sensitivity(console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any]) -> None:
    """Print the parameters that drive each figure, and the notes of ``lines``."""
    screening = tables["screening"]
    measures = [measure for measure in (LEVEL, EFFECT) if measure in screening["measure"]]
    table = Table("outcome", *(HEADS[measure] for measure in measures), box=SIMPLE_HEAD, pad_edge=False)
    for outcome in screening["outcome"].unique(maintain_order=True):
        cells = []
        for measure in measures:
            rows = screening.filter(pl.col("outcome") == outcome, pl.col("measure") == measure)
            cells.append("\n".join(_top(rows)) or "nothing that is told from chance")
        unit = screening.filter(pl.col("outcome") == outcome)["unit"][0]
        table.add_row(f"{outcome.replace('_', ' ')}\n[dim]{'pp' if unit == 'share' else unit}[/dim]", *cells)
    console.print(table)
    for line in lines(tables, manifest):
        console.print(line, markup=False, highlight=False)


def _top(rows: pl.DataFrame) -> list[str]:
    """List the parameters that move a figure most, with their mean effect over the whole range."""
    most = rows.filter(pl.col("above_chance")).sort("mu_star", descending=True).head(TOP)
    return [f"{row['parameter']} {_signed(row)}" for row in most.iter_rows(named=True)]


def _signed(row: Mapping[str, Any]) -> str:
    """Write a mean effect with its direction, or "either way" where effects at different points disagree."""
    if abs(row["mu"]) < STEADY * row["mu_star"]:
        return f"{_numbers(row)} either way"
    return ("+" if row["mu"] > 0 else "−") + _numbers(row)


def _numbers(row: Mapping[str, Any]) -> str:
    """Write a mean absolute effect with half of its interval; shares are in percentage points."""
    factor, unit = (100.0, "") if row["unit"] == "share" else (1.0, row["unit"])
    return f"{written(factor * row['mu_star'], unit)} ± {written(factor * row['half'], unit)}"


def lines(tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any]) -> list[str]:
    """Write sentences on how far the results can be trusted."""
    screening, outcomes = tables["screening"], tables["outcomes"]
    told = screening.filter(pl.col("above_chance"))["parameter"].unique()
    silent = [name for name in tables["parameters"]["parameter"] if name not in told]
    found = [
        "Numbers: mean change of the figure when the parameter goes over its whole range, one at a time, with half of "
        "its 95 % interval; either way: up at some places and down at others.",
        f"{manifest['runs']} runs of {manifest['people_reached']:.0f} people on average in firms that the rules reach; "
        f"{_failed(manifest['failed'])}.",
        _others(manifest["uncertainty"]),
        f"Not told from chance in any figure: {', '.join(silent) or 'none'}.",
    ]
    if "indices" in tables:
        poor = outcomes.filter(pl.col("emulator_good").not_())
        listed = [f"{row['outcome']} ({row['measure']}, {row['explained']:.2f})" for row in poor.iter_rows(named=True)]
        found.append(
            f"Shares of variance: {len(outcomes.filter(pl.col('emulator_good')))} of {outcomes.height} figures have an "
            "emulator that explains at least half of the variance of runs that it has not seen"
            + (f"; not to be read: {', '.join(listed)}." if listed else ".")
        )
    found += _signs(outcomes)
    unknown = screening.filter(pl.col("above_chance").is_null() & pl.col("mu_star").is_not_null())
    if unknown.height:
        found.append("Too few firms to tell chance in some figures: use more people.")
    return found


def _others(about: Mapping[str, Any]) -> str:
    """State the values of parameters that are not varied."""
    if not about["draws"]:
        return f"Parameters that are not varied: {POINT}, one value each, as in the table."
    return f"Parameters that are not varied: draws of '{about['name']}', one for each economy."


def _signs(outcomes: pl.DataFrame) -> list[str]:
    """State which effects keep their sign at all points."""
    seen = outcomes.filter(pl.col("above_zero").is_not_null() & (pl.col("measure") == EFFECT))
    if seen.is_empty():
        return []
    parts = []
    for words, chosen in (
        ("above zero at all", pl.col("above_zero") == 1),
        ("below zero, or exactly zero, at all", pl.col("above_zero") == 0),
    ):
        names = seen.filter(chosen)["outcome"].to_list()
        parts.append(f"{words}: {', '.join(names) or 'none'}")
    mixed = seen.filter(pl.col("above_zero").is_between(0, 1, closed="none"))
    either = [f"{row['outcome']} ({row['above_zero']:.0%} above)" for row in mixed.iter_rows(named=True)]
    count = int(seen["runs"].to_numpy().max())
    return [f"Effects at the last {count} points: {'; '.join(parts)}; of both signs: {', '.join(either) or 'none'}."]


def _failed(count: int) -> str:
    """State how many runs failed."""
    if count == 0:
        return "none failed"
    return f"{count} failed, and the steps to and from them are left out"
