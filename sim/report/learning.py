"""Report of what to measure next: what each measurement would tell, and what must not be read out of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from sim.outcomes import written
from sim.report.console import grid, line
from sim.report.numbers import bare, named, percent, unit_in_head

TOP = 10  # rows for each scenario and outcome; all are in the table


def print_learning(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print for each scenario and outcome the measurements that tell most, and how to read them."""
    for effect in tables["effects"].iter_rows(named=True):
        key = {name: effect[name] for name in ("scenario", "outcome")}
        rows = tables["learning"].filter(**key)
        unit = unit_in_head(effect["unit"], True)
        heads = (
            "measurement",
            "people",
            "1,000 yuan",
            "variance\nthat goes",
            f"regret after,\n{unit}",
            "removed per\n10,000 yuan",
        )
        table = grid(*heads, title=f"{effect['scenario']}: {named(effect['outcome'])}", numbers=True)
        for row in rows.filter(pl.col("share").is_not_null()).head(TOP).iter_rows(named=True):
            table.add_row(*_cells(row))
        line(console, f"{named(effect['outcome'])}, effect of {effect['scenario']}: {_effect(effect, rows)}.")
        if table.row_count:
            console.print(table)
        silent = rows.filter(pl.col("share").is_null())["title"].unique(maintain_order=True)
        if effect["resolved"] and len(silent):
            line(console, f"Not told apart from chance by these runs: {', '.join(silent)}.")
        line(console, "")
    line(console, *lines(tables, manifest))
    line(console, f"Results: {folder}, with a draft in questionnaire.md", wrap=False)


def _effect(effect: Mapping[str, Any], rows: pl.DataFrame) -> str:
    """Write an effect, its spread over draws, and the regret of choosing now."""
    mean, spread = (written(effect[name], effect["unit"], signed=True) for name in ("mean", "sd"))
    said = f"{mean} on average, {spread.removeprefix('+')} the standard deviation over draws"
    if not effect["resolved"]:
        return f"{mean} on average; these runs do not tell its draws apart from chance: use more draws or people"
    if (now := rows["regret_now"][0]) is None:
        return f"{said}; neither direction is better"
    return f"{said}; expected regret of choosing now {written(now, effect['unit'], signed=True).removeprefix('+')}"


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Write the cells of a row."""
    half = f" ± {100 * row['half']:.0f}"
    regret = (bare(row[name], row["unit"]) for name in ("regret_after", "removed_per_10000_yuan"))
    share = percent(row["share"]).replace(" %", f"{half} %")
    return row["title"], f"{row['size']:,}", f"{row['cost_yuan'] / 1000:,.0f}", share, *regret


def lines(tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any]) -> Iterator[str]:
    """Write sentences on what the numbers are and how far they can be trusted."""
    about, learning = manifest["uncertainty"], tables["learning"]
    yield (
        "Variance that goes: of the effect over draws, with half of its 95 % interval over draws. Regret: what the "
        "choice between today and the scenarios loses on average against the best one, per person."
    )
    yield (
        f"{manifest['runs']} runs of {manifest['people_reached']:.0f} people on average: {manifest['draws']} of "
        f"{about['draws']:,} draws of '{about['name']}', each on two economies, which tell chance from draws"
        + (f"; {manifest['failed']} draws failed and are left out." if manifest["failed"] else "; none failed.")
    )
    best = learning.filter(pl.col("removed_per_10000_yuan") > 0).sort("removed_per_10000_yuan", descending=True)
    for row in best.unique("outcome", keep="first", maintain_order=True).iter_rows(named=True):
        size = written(row["removed_per_10000_yuan"], row["unit"], signed=True).removeprefix("+")
        yield (
            f"Best buy for {named(row['outcome'])}: {row['title']}, {row['size']:,} people, which removes {size} of "
            "regret per 10,000 yuan."
        )
