"""Reports of a calibration and of the agreement of two."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from sim.figures.words import known, label, percent, phrase
from sim.figures.words import say as words
from sim.figures.words import spoken as language
from sim.report.console import grid, line, show
from sim.report.intervals import parameters_line
from sim.report.numbers import band, minus, observable, share_of, span, written
from sim.scenario.parameter_draws import stated

HEADS = ("target", "reported", "model", "nine", "band", "within", "chance", "left")
IDENTIFIED = ("yes", "partly", "no")


def print_calibration(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print the quality of a fit: targets, parameters, directions and coverage."""
    table = grid(*(phrase("fit", f"head_{head}") for head in HEADS))
    name = str(manifest.get("targets", ""))
    table.title = label("targets", name) if language() != "en" and known("targets", name) else manifest["title"]
    for row in tables["card"].filter(pl.col("role") == "calibrated").to_dicts():
        unit = row["unit"]
        table.add_row(
            observable(row["observable"]),
            *(written(row[key], unit) for key in ("reported", "observed")),
            span(*(written(row[end], unit) for end in ("observed_low", "observed_high"))),
            band(row["low"], row["high"], partial(written, unit=unit)),
            phrase("evaluation", "yes" if row["within"] else "no"),
            share_of(row["chance"]),
            phrase("fit", "left", open=written(row["open"], unit, signed=True), sd=minus(f"{row['tension']:+.1f}")),
        )
    show(console, table)
    fitted = tables["parameters"].filter(pl.col("role") == "fitted")
    for how in IDENTIFIED:
        names = fitted.filter(pl.col("told") == how).sort("contraction", descending=True)
        listed = words("list").join(f"{row['parameter']} ({row['contraction']:.0%})" for row in names.to_dicts())
        line(console, phrase("fit", f"identified_{how}", listed=listed or phrase("drivers", "none")))
    tight = tables["directions"].filter(pl.col("kept") < 0.5).height
    size = {"simulations": f"{manifest['simulations']:,}", "draws": f"{manifest['draws']:,}"}
    covered = {"share": f"{manifest['coverage_of_90']:.1%}", "error": f"{manifest['coverage_error']:.1%}"}
    line(
        console,
        phrase("fit", "directions", tight=tight, of=fitted.height),
        phrase("fit", "coverage", worlds=manifest["synthetic_worlds"], **size, **covered),
        phrase("fit", "together", chance=percent(f"{100 * manifest['joint_chance']:.0f}")),
        phrase("fit", "parameters", line=parameters_line(stated(None), 1).rstrip(".。")),
        phrase("run", "results", folder=folder),
    )
    if not manifest["emulators_hold"] or not manifest["settled"]:
        line(console, phrase("fit", "poor"))


def print_agreement(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print how two calibrations agree."""
    rows, card = tables["agreement"].to_dicts(), tables["card"]
    keys = ("parameter", "first", "second", "gap", "low_gap", "high_gap", "sd_ratio", "apart")
    table = grid(*(phrase("fit", f"head_{key}") for key in keys), numbers=True)
    for row in rows:
        sides = (f"{row[f'{side}_mean']:.3g} ± {row[f'{side}_sd']:.2g}" for side in ("first", "second"))
        gaps = (minus(f"{row[key]:+.2f}") for key in ("gap", "low_gap", "high_gap"))
        table.add_row(row["parameter"], *sides, *gaps, f"{row['sd_ratio']:.2f}", f"{row['apart']:.2f}")
    show(console, table)
    far = max(rows, key=lambda row: abs(row["gap"]))
    middle = sum(abs(row["gap"]) for row in rows) / len(rows)
    most = {"most": f"{abs(far['gap']):.2f}", "parameter": far["parameter"]}
    line(console, phrase("fit", "distances", middle=f"{middle:.2f}", **most))
    if card.height:
        line(console, phrase("fit", "targets_apart", most=f"{max(map(abs, card['gap'].to_list())):.2f}"))
    line(console, phrase("run", "results", folder=folder))
