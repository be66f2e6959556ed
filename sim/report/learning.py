"""Report of what to measure next: what each measurement would tell, and what must not be read out of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from sim.outcomes import written
from sim.report.console import grid, line
from sim.report.numbers import named, percent

REMOVED = "regret that goes\nper 10,000 yuan"


def print_learning(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print for each scenario and outcome the measurements that tell most, and how to read them."""
    for effect in tables["effects"].iter_rows(named=True):
        key = {name: effect[name] for name in ("scenario", "outcome")}
        rows = tables["learning"].filter(**key)
        heads = ("measurement", "people", "1,000 yuan", "variance\nthat goes", "exactly\nknown", REMOVED)
        table = grid(*heads, title=f"{effect['scenario']}: {named(effect['outcome'])}", numbers=True)
        seen = rows.filter(pl.col("share").is_not_null()).partition_by("measurement", maintain_order=True)
        for mine in seen:
            table.add_row(*_cells(mine.sort("size")))
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


def _cells(sizes: pl.DataFrame) -> tuple[str, ...]:
    """Write the cells of a measurement, with its sizes in one row."""
    last = sizes.row(-1, named=True)
    people = "/".join(f"{each:,}" for each in sizes["size"])
    yuan = "/".join(f"{each / 1000:,.0f}" for each in sizes["cost_yuan"])
    shares = "/".join(f"{100 * share:.0f}" for share in sizes["share"])
    most = max(each or 0.0 for each in sizes["removed_per_10000_yuan"])
    gone = f"{100 * most / last['regret_now']:.2g} %" if last["regret_now"] else "–"
    return last["title"], people, yuan, f"{shares} ± {100 * last['half']:.0f} %", percent(last["share_exact"]), gone


def lines(tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any]) -> Iterator[str]:
    """Write sentences on what the numbers are and how far they can be trusted."""
    about, learning = manifest["uncertainty"], tables["learning"]
    yield (
        "Variance that goes: of the effect over draws, by size, with half of the 95 % interval of the last; exactly "
        "known: without any error. Regret: what the choice between today and the scenarios loses on average against "
        "the best one, per person; what goes of it: at the size where that is cheapest."
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
