"""Reports of an evaluation and of the power of pilots."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from sim.figures.words import phrase, say
from sim.report.console import Facts, Tables, commas, grid, line, show
from sim.report.intervals import parameters_line
from sim.report.numbers import bare, share_of, span, spoken, title_of, typed, unit_in_head


def _print_title(console: Console, key: str, manifest: Facts, *lines: str) -> None:
    """Print the heading of a report, and which parameters were drawn."""
    title = phrase("evaluation", key, title=title_of(manifest, manifest["scenario"]))
    console.print(escape(title), style="bold", highlight=False)
    line(console, *lines, parameters_line(manifest["uncertainty"], manifest["replicates"]))


def print_evaluation(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print the estimates of ``sim.pilots.evaluation.evaluate`` beside the true effects, by control group."""
    estimates, firms = tables["estimates"], tables["firms"]
    reached = firms.filter(pl.col("start").is_not_null())
    starts = commas(str(day) for day in reached["start"].unique().sort())
    others = firms.height - reached.height
    counted = phrase("evaluation", "firms", reached=reached.height, starts=starts, others=others)
    _print_title(console, "title", manifest, counted)
    main = estimates.filter(estimator="extended")
    for controls in main["controls"].unique(maintain_order=True):
        keys = ("outcome", "estimate", "interval", "truth", "bias", "covers", "drift")
        columns = (Column(phrase("evaluation", f"head_{key}"), no_wrap=key != "outcome") for key in keys)
        title = phrase("evaluation", f"against_{controls}")
        table = grid(*columns, pad_edge=True, padding=(0, 1, 0, 0), title=title)
        for row in main.filter(controls=controls).iter_rows(named=True):
            table.add_row(*map(escape, _cells(row, estimates)))
        show(console, table)
    line(console, *(phrase("evaluation", f"note_{key}") for key in ("truth", "bias", "drift", "payroll")))


def _cells(row: Facts, estimates: pl.DataFrame) -> tuple[str, ...]:
    """Format one estimate, with the p-value of the trend before the start from its ``sun_abraham`` twin."""
    unit, source = row["unit"], " †" if row["source"] == "payroll" else ""
    same = {key: row[key] for key in ("outcome", "source", "controls")}
    twin = estimates.filter(estimator="sun_abraham", **same)
    drift = twin["p_before"][0] if twin.height else None
    keys = ("estimate", "low", "high", "truth", "bias")
    value, low, high, truth, bias = (bare(row[key], unit, signed=True) for key in keys)
    name = say("sweep_axis", name=spoken(row["outcome"]) + source, unit=unit_in_head(unit, True))
    if row["covers"] is None:
        return name, value, "–", truth, bias, "–", "" if drift is None else f"{drift:.2f}"
    covers = phrase("evaluation", "yes" if row["covers"] else "no")
    return name, value, span(low, high), truth, bias, covers, "" if drift is None else f"{drift:.2f}"


def print_power(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print the power of pilots from ``sim.pilots.pilot.power``, a table for each outcome and source."""
    design = tables["design"]
    _print_title(console, "pilots", manifest)
    varied = [key for key in ("months", "people_per_firm") if design[key].n_unique() > 1]
    for outcome, source in design.select("outcome", "source").unique(maintain_order=True).iter_rows():
        mine = design.filter(outcome=outcome, source=source)
        show(console, _power_table(mine, varied))
    first = design.row(0, named=True)
    same = [key for key in ("months", "people_per_firm") if key not in varied]
    fixed = (phrase("evaluation", f"all_{key}", count=first[key]) for key in same)
    line(console, phrase("evaluation", "drawn", pilots=design["pilots"].max(), stock=first["stock"]))
    line(console, "".join(fixed) + phrase("evaluation", "note_power"))


def _power_table(mine: pl.DataFrame, varied: Sequence[str]) -> Table:
    """Lay out the power of pilots for one outcome and source, one row for each size."""
    first = mine.row(0, named=True)
    unit = first["unit"]
    title = commas((spoken(first["outcome"]), typed("source", first["source"]), unit_in_head(unit, True)))
    keys = ("effect", "bias", "power", "detectable", "covers", "alarms", "by_city")
    heads = (phrase("evaluation", f"head_{key}") for key in ("size", *varied, *keys))
    table = grid(*heads, pad_edge=True, padding=(0, 1, 0, 0), title=title)
    for row in mine.iter_rows(named=True):
        low, high = row["power_low"], row["power_high"]
        ends = "–" if low is None else f"{100 * low:.0f}–{100 * high:.0f}"
        table.add_row(
            f"{row['cities']} × {row['firms']}",
            *(str(row[key]) for key in varied),
            *(bare(row[key], unit, signed=True) for key in ("effect", "bias")),
            f"{share_of(row['power'])} ({ends})",
            bare(row["mde"], unit),
            *(share_of(row[key]) for key in ("coverage", "rejects_placebo", "city_rejects_placebo")),
        )
    return table
