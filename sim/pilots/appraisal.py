"""Terminal tables of an evaluation and of the power of pilots."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from sim.outcomes import written
from sim.scenario.parameter_draws import parameters_line

COMPARED = {
    "other_cities": "firms like them in other cities",
    "same_city": "firms of other industries in the same cities",
    "refusers": "firms beside them that did not take part",
    "all": "all firms that are not reached",
    "later_firms": "firms that are reached later",
    "none": "nobody: before and after",
}


def print_evaluation(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], title: str
) -> None:
    """Print the estimates of ``sim.pilots.evaluation.evaluate`` beside the true effects, by control group."""
    estimates, firms = tables["estimates"], tables["firms"]
    reached = firms.filter(pl.col("start").is_not_null())
    starts = ", ".join(str(day) for day in reached["start"].unique().sort())
    console.print(escape(f"{title}, as an evaluator would see it"), style="bold", highlight=False)
    console.print(
        f"{reached.height} firms reached ({starts}), {firms.height - reached.height} not; treatment counts from there",
        markup=False,
        highlight=False,
    )
    console.print(parameters_line(manifest["uncertainty"], manifest["replicates"]), markup=False, highlight=False)
    main = estimates.filter(pl.col("estimator") == "extended")
    for controls in main["controls"].unique(maintain_order=True):
        heads = ("outcome", "estimate", "95 % interval", "truth", "bias", "holds", "drift")
        table = Table(
            *(Column(head, no_wrap=head != "outcome") for head in heads), box=SIMPLE_HEAD, padding=(0, 1, 0, 0)
        )
        table.title, table.title_justify = escape(f"Compared with {COMPARED[controls]}"), "left"
        for row in main.filter(pl.col("controls") == controls).iter_rows(named=True):
            table.add_row(*map(escape, _cells(row, estimates)))
        console.print(table)
    console.print(
        "Truth: the same firms with and without the rules, which no evaluator has.\n"
        "Bias: estimate less truth, chance included. Holds: whether the interval holds the truth.\n"
        "Drift: p of a trend of its own before the start; small values warn.\n"
        "† by payroll, which sees recorded hours only; the others by survey.",
        markup=False,
        highlight=False,
    )


def _cells(row: Mapping[str, Any], estimates: pl.DataFrame) -> tuple[str, ...]:
    """Format one estimate, with the p-value of the trend before the start from its ``sun_abraham`` twin."""
    unit = row["unit"]
    twin = estimates.filter(
        pl.col("estimator") == "sun_abraham",
        *(pl.col(key) == row[key] for key in ("outcome", "source", "controls")),
    )
    drift = twin["p_before"][0] if twin.height else None
    after = "pp" if unit == "share" else unit
    value, low, high, truth, bias = (
        written(row[key], unit, signed=True).removesuffix(" pp") for key in ("estimate", "low", "high", "truth", "bias")
    )
    return (
        f"{row['outcome']}{' †' if row['source'] == 'payroll' else ''}, {after}",
        value,
        f"{low} to {high}",
        truth,
        bias,
        "yes" if row["covers"] else "no",
        "" if drift is None else f"{drift:.2f}",
    )


def print_power(console: Console, design: pl.DataFrame, manifest: Mapping[str, Any], title: str) -> None:
    """Print the power of pilots from ``sim.pilots.pilot.power``, a table for each outcome and source."""
    console.print(escape(f"Pilots of: {title}"), style="bold", highlight=False)
    console.print(parameters_line(manifest["uncertainty"], manifest["replicates"]), markup=False, highlight=False)
    sizes = {"months": "months", "people_per_firm": "asked"}
    varied = {key: head for key, head in sizes.items() if design[key].n_unique() > 1}
    for outcome, source in design.select("outcome", "source").unique(maintain_order=True).iter_rows():
        mine = design.filter(pl.col("outcome") == outcome, pl.col("source") == source)
        unit = mine["unit"][0]
        heads = (
            "cities × firms",
            *varied.values(),
            "effect",
            "bias",
            "power",
            "detectable",
            "holds",
            "alarms",
            "by city",
        )
        table = Table(*heads, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
        table.title, table.title_justify = (
            escape(f"{outcome}, {source}{'' if unit == 'share' else ', ' + unit}"),
            "left",
        )
        for row in mine.iter_rows(named=True):
            cells = (
                f"{row['cities']} × {row['firms']}",
                *(str(row[key]) for key in varied),
                *(written(row[key], unit, signed=True) for key in ("effect", "bias")),
                f"{_percent(row['power'])} ({_ends(row, 'power')})",
                written(row["mde"], unit),
                _percent(row["coverage"]),
                _percent(row["rejects_placebo"]),
                _percent(row["city_rejects_placebo"]),
            )
            table.add_row(*cells)
        console.print(table)
    first = design.row(0, named=True)
    console.print(
        f"{first['pilots']} pilots of each size, drawn from {first['stock']} simulated firms with two histories each; "
        "there are as many cities and firms again without the rules.\n"
        f"{'' if 'months' in varied else f'Months: {first["months"]}. '}"
        f"{'' if 'people_per_firm' in varied else f'People asked in each firm: {first["people_per_firm"]}. '}"
        "Detectable: found in 80 % of pilots. Holds: intervals that hold the effect. Alarms: placebos that look like "
        "an effect, with errors clustered by firm; by city: clustered by city, of which one on a side says nothing.",
        markup=False,
        highlight=False,
    )


def _percent(share: float | None) -> str:
    """Format a share in percent, a missing one as a dash."""
    return "–" if share is None else f"{100 * share:.0f} %"


def _ends(row: Mapping[str, Any], name: str) -> str:
    """Format the ends of the Monte Carlo interval of a share in percent."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return "–" if low is None else f"{100 * low:.0f}–{100 * high:.0f}"
