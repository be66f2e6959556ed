"""Reports of evaluations of a rule: estimates beside true effects, and the power of pilots."""

import shlex
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from sim.figures.evaluation import (
    POWER_BY_CITY,
    by_city,
    city_shocks,
    early_differences,
    over_replicates,
    payroll_notes,
)
from sim.figures.numerals import number, scale
from sim.figures.words import bracketed, label, phrase
from sim.figures.words import say as words
from sim.report.console import Facts, Tables, commas, english, grid, line, show
from sim.report.intervals import parameters_drawn
from sim.report.numbers import distinct_decimals, name_of, share_of, span, title_of, unit_in_head, unitless


def _print_title(console: Console, key: str, manifest: Facts, *lines: str) -> None:
    """Print the heading of a report, and which parameters were drawn."""
    title = phrase("evaluation", key, title=title_of(manifest, manifest["scenario"]))
    console.print(escape(title), style="bold", highlight=False)
    line(console, *lines, *_over(manifest), parameters_drawn(manifest, intervals=False))


def _over(manifest: Facts) -> Iterator[str]:
    """Say that the rules end before the run does, because months without them count too."""
    ends = [each["end"] for each in manifest.get("phases", {}).get(manifest["scenario"], ())]
    if ends and max(ends) < str(date.fromisoformat(manifest["start"]) + timedelta(weeks=manifest["weeks"])):
        yield phrase("evaluation", "over", date=max(ends))


def early_sentences(steps: pl.DataFrame) -> Iterator[str]:
    """Say that firms differ from themselves without the rules before the start that counts, if the truth does so."""
    if not steps.filter(pl.col("period") < 0, pl.col("truth") != 0).is_empty():
        yield phrase("evaluation", "already")


def print_evaluation(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print the estimates of ``sim.pilots.evaluation.evaluate`` beside the true effects, by control group."""
    estimates = tables["estimates"]
    _print_title(console, "title", manifest, firms_observed(tables["firms"]), *early_sentences(tables["event_study"]))
    main = estimates.filter(estimator="extended")
    several = int(manifest["replicates"]) > 1
    if several:
        main = over_replicates(main)
    for controls in main["controls"].unique(maintain_order=True):
        keys = ["outcome", "estimate", "range" if several else "interval", "truth", "bias", "covers"]
        keys += [] if several else ["drift"]
        columns = (Column(phrase("evaluation", f"head_{key}"), no_wrap=key != "outcome") for key in keys)
        title = phrase("evaluation", f"against_{controls}")
        table = grid(*columns, pad_edge=True, padding=(0, 1, 0, 0), title=title)
        for row in main.filter(controls=controls).iter_rows(named=True):
            table.add_row(*map(escape, _mean_cells(row) if several else _estimate_cells(row, estimates)))
        show(console, table)
    means = (phrase("evaluation", "note_means", count=manifest["replicates"]),) if several else ()
    notes = ("truth", "bias", *(() if several else ("drift",)), "payroll")
    payroll = payroll_notes(estimates)
    line(console, *means, *(phrase("evaluation", f"note_{key}") for key in notes), *payroll, _more(folder))


def firms_observed(firms: pl.DataFrame) -> str:
    """Count the firms that the rules reach, with the dates, and the others."""
    reached = firms.filter(pl.col("start").is_not_null())
    starts = commas(str(day) for day in reached["start"].unique().sort())
    others = firms.height - reached.height
    return phrase("evaluation", "firms", reached=reached.height, starts=starts, others=others)


def trend_text(row: Facts, estimates: pl.DataFrame) -> str:
    """Write the p-value of the trend before the start from the ``sun_abraham`` twin of an estimate; empty if none."""
    same = {key: row[key] for key in ("outcome", "source", "controls")}
    twin = estimates.filter(estimator="sun_abraham", **same)
    drift = twin["p_before"].fill_nan(None)[0] if twin.height else None
    return "" if drift is None else "<0.01" if drift < 0.005 else f"{drift:.2f}"


def _estimate_cells(row: Facts, estimates: pl.DataFrame) -> tuple[str, ...]:
    """Format one estimate, with the p-value of its trend."""
    unit, drift = row["unit"], trend_text(row, estimates)
    keys = ("estimate", "low", "high", "truth", "bias")
    value, low, high, truth, bias = (unitless(row[key], unit, signed=True) for key in keys)
    name = _measured(row)
    if row["covers"] is None:
        return name, value, "–", truth, bias, "–", drift
    covers = phrase("evaluation", "yes" if row["covers"] else "no")
    if truth in (low, high) and row["truth"] not in (row["low"], row["high"]):  # rounding hides that it is inside
        factor = scale(unit).factor
        ends = [factor * row[end] for end in ("low", "high")]
        decimals = distinct_decimals(factor * row["truth"], ends, 1)
        low, high, truth = (number(each, decimals, sign=True) for each in (*ends, factor * row["truth"]))
    return name, value, span(low, high), truth, bias, covers, drift


def _mean_cells(row: Facts) -> tuple[str, ...]:
    """Format the mean of an estimate over replicates."""
    keys = ("estimate", "low", "high", "truth", "bias")
    value, low, high, truth, bias = (unitless(row[key], row["unit"], signed=True) for key in keys)
    covers = phrase("evaluation", "covers_of", covers=row["covers"], count=row["intervals"])
    return _measured(row), value, low if low == high else span(low, high), truth, bias, covers


def _measured(row: Facts) -> str:
    """Name the outcome of an estimate with its unit; † marks a payroll's."""
    name = label("outcome", row["outcome"]) + (" †" if row["source"] == "payroll" else "")
    unit = unit_in_head(row["unit"], True)
    # a Chinese bracket may end up alone at the end of a line
    return words("sweep_axis", name=name, unit=unit) if english() else f"{name} {unit}"


def print_power(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print the power of pilots from ``sim.pilots.pilot.power``, a table for each outcome and source."""
    design = by_city(tables["design"], *POWER_BY_CITY)
    _print_title(console, "pilots", manifest, *early_differences(design))
    varied = [key for key in ("months", "people_per_firm") if design[key].n_unique() > 1]
    for outcome, source in design.select("outcome", "source").unique(maintain_order=True).iter_rows():
        mine = design.filter(outcome=outcome, source=source)
        show(console, _power_table(mine, varied))
    first = design.row(0, named=True)
    same = [key for key in ("months", "people_per_firm") if key not in varied]
    fixed = (phrase("evaluation", f"all_{key}", count=first[key]) for key in same)
    line(console, phrase("evaluation", "drawn", pilots=design["pilots"].max(), stock=first["stock"]))
    line(console, "".join(fixed) + phrase("evaluation", "note_power"))
    shocks = [phrase("evaluation", "note_shock")] * city_shocks(design)
    line(console, *shocks, *payroll_notes(design), _more(folder))


def _more(folder: Path) -> str:
    """Say where all figures are, and how to make a page of them."""
    return phrase("evaluation", "more", folder=folder, quoted=shlex.quote(str(folder)))


def _power_table(mine: pl.DataFrame, varied: Sequence[str]) -> Table:
    """Lay out the power of pilots for one outcome and source, one row for each size."""
    first = mine.row(0, named=True)
    unit = first["unit"]
    title = commas((label("outcome", first["outcome"]), name_of("source", first["source"]), unit_in_head(unit, True)))
    keys = ("effect", "bias", "power", "detectable", "covers", "alarms", "by_city")
    heads = (phrase("evaluation", f"head_{key}") for key in ("size", *varied, *keys))
    table = grid(*heads, pad_edge=True, padding=(0, 1, 0, 0), title=title)
    for row in mine.iter_rows(named=True):
        low, high, power = row["power_low"], row["power_high"], share_of(row["power"])
        table.add_row(
            f"{row['cities']} × {row['firms']}",
            *(str(row[key]) for key in varied),
            *(unitless(row[key], unit, signed=True) for key in ("effect", "bias")),
            power if low is None else bracketed(power, f"{100 * low:.0f}–{100 * high:.0f}"),
            unitless(row["mde"], unit),
            *(share_of(row[key]) for key in ("coverage", "rejects_placebo", "city_rejects_placebo")),
        )
    return table
