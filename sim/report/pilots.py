"""Reports of an evaluation and of the power of pilots."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from sim.outcomes import written
from sim.report.console import grid, line
from sim.report.numbers import bare, percent, unit_in_head
from sim.scenario.parameter_draws import parameters_line

COMPARED = {
    "other_cities": "firms like them in other cities",
    "same_city": "firms of other industries in the same cities",
    "refusers": "firms beside them that did not take part",
    "all": "all firms that are not reached",
    "later_firms": "firms that are reached later",
    "none": "nobody: before and after",
}


def _print_title(console: Console, title: str, manifest: Mapping[str, Any], *lines: str) -> None:
    """Print the heading of a report, and which parameters were drawn."""
    console.print(escape(title), style="bold", highlight=False)
    line(console, *lines, parameters_line(manifest["uncertainty"], manifest["replicates"]))


def _title(manifest: Mapping[str, Any]) -> str:
    """Return the title of the scenario."""
    return str(manifest["titles"][manifest["scenario"]]["en"])


def print_evaluation(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print the estimates of ``sim.pilots.evaluation.evaluate`` beside the true effects, by control group."""
    estimates, firms = tables["estimates"], tables["firms"]
    reached = firms.filter(pl.col("start").is_not_null())
    starts = ", ".join(str(day) for day in reached["start"].unique().sort())
    others = firms.height - reached.height
    counted = f"{reached.height} firms reached ({starts}), {others} not; treatment counts from there"
    _print_title(console, f"{_title(manifest)}, as an evaluator would see it", manifest, counted)
    main = estimates.filter(pl.col("estimator") == "extended")
    for controls in main["controls"].unique(maintain_order=True):
        heads = ("outcome", "estimate", "95 % interval", "truth", "bias", "holds", "drift")
        columns = (Column(head, no_wrap=head != "outcome") for head in heads)
        table = grid(*columns, pad_edge=True, padding=(0, 1, 0, 0), title=f"Compared with {COMPARED[controls]}")
        for row in main.filter(pl.col("controls") == controls).iter_rows(named=True):
            table.add_row(*map(escape, _cells(row, estimates)))
        console.print(table)
    line(
        console,
        "Truth: the same firms with and without the rules, which no evaluator has.",
        "Bias: estimate less truth, chance included. Holds: whether the interval holds the truth.",
        "Drift: p of a trend of its own before the start; small values warn.",
        "† by payroll, which sees recorded hours only; the others by survey.",
    )


def _cells(row: Mapping[str, Any], estimates: pl.DataFrame) -> tuple[str, ...]:
    """Format one estimate, with the p-value of the trend before the start from its ``sun_abraham`` twin."""
    unit, source = row["unit"], " †" if row["source"] == "payroll" else ""
    same = {key: row[key] for key in ("outcome", "source", "controls")}
    twin = estimates.filter(estimator="sun_abraham", **same)
    drift = twin["p_before"][0] if twin.height else None
    value, low, high, truth, bias = (
        bare(row[key], unit, signed=True) for key in ("estimate", "low", "high", "truth", "bias")
    )
    return (
        f"{row['outcome']}{source}, {unit_in_head(unit, True)}",
        value,
        f"{low} to {high}",
        truth,
        bias,
        "yes" if row["covers"] else "no",
        "" if drift is None else f"{drift:.2f}",
    )


def print_power(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print the power of pilots from ``sim.pilots.pilot.power``, a table for each outcome and source."""
    design = tables["design"]
    _print_title(console, f"Pilots of: {_title(manifest)}", manifest)
    sizes = {"months": "months", "people_per_firm": "asked"}
    varied = {key: head for key, head in sizes.items() if design[key].n_unique() > 1}
    for outcome, source in design.select("outcome", "source").unique(maintain_order=True).iter_rows():
        mine = design.filter(pl.col("outcome") == outcome, pl.col("source") == source)
        console.print(_power_table(mine, varied))
    first = design.row(0, named=True)
    line(
        console,
        f"{first['pilots']} pilots of each size, drawn from {first['stock']} simulated firms with two histories each; "
        "there are as many cities and firms again without the rules.",
        f"{'' if 'months' in varied else f'Months: {first["months"]}. '}"
        f"{'' if 'people_per_firm' in varied else f'People asked in each firm: {first["people_per_firm"]}. '}"
        "Detectable: found in 80 % of pilots. Holds: intervals that hold the effect. Alarms: placebos that look like "
        "an effect, with errors clustered by firm; by city: clustered by city, of which one on a side shows nothing.",
    )


def _power_table(mine: pl.DataFrame, varied: Mapping[str, str]) -> Table:
    """Lay out the power of pilots for one outcome and source, one row for each size."""
    first = mine.row(0, named=True)
    unit = first["unit"]
    title = f"{first['outcome']}, {first['source']}" + ("" if unit == "share" else f", {unit}")
    heads = ("effect", "bias", "power", "detectable", "holds", "alarms", "by city")
    table = grid("cities × firms", *varied.values(), *heads, pad_edge=True, padding=(0, 1, 0, 0), title=title)
    for row in mine.iter_rows(named=True):
        low, high = row["power_low"], row["power_high"]
        ends = "–" if low is None else f"{100 * low:.0f}–{100 * high:.0f}"
        table.add_row(
            f"{row['cities']} × {row['firms']}",
            *(str(row[key]) for key in varied),
            *(written(row[key], unit, signed=True) for key in ("effect", "bias")),
            f"{percent(row['power'])} ({ends})",
            written(row["mde"], unit),
            *(percent(row[key]) for key in ("coverage", "rejects_placebo", "city_rejects_placebo")),
        )
    return table
