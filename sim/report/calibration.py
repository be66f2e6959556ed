"""Reports of a calibration and of the agreement of two."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from sim.outcomes import written
from sim.report.console import grid, line
from sim.report.numbers import minus, spoken
from sim.scenario.parameter_draws import parameters_line, stated

IDENTIFIED = {
    "yes": "Identified by the targets",
    "partly": "Identified in part",
    "no": "Not identified, so that the prior remains",
}


def print_calibration(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print the quality of a fit: targets, parameters, directions and coverage."""
    heads = ("target", "reported", "model", "nine of ten", "within", "chance", "left over")
    table = grid(*heads)
    table.title = manifest["title"]
    for row in tables["card"].filter(pl.col("role") == "calibrated").to_dicts():
        unit = row["unit"]
        table.add_row(
            spoken(row["observable"]),
            *(written(row[key], unit) for key in ("reported", "observed")),
            " to ".join(written(row[end], unit) for end in ("observed_low", "observed_high")),
            "yes" if row["within"] else "no",
            f"{row['chance']:.0%}",
            minus(f"{written(row['open'], unit, signed=True)} ({row['tension']:+.1f} sd)"),
        )
    console.print(table)
    known = tables["parameters"].filter(pl.col("role") == "fitted")
    for how, words in IDENTIFIED.items():
        names = known.filter(pl.col("told") == how).sort("contraction", descending=True)
        listed = [f"{row['parameter']} ({row['contraction']:.0%})" for row in names.to_dicts()]
        line(console, f"{words}: {', '.join(listed) or 'none'}.")
    tight = tables["directions"].filter(pl.col("kept") < 0.5).height
    line(
        console,
        f"{tight} of {known.height} directions have lost at least half of their variance.",
        f"{manifest['simulations']:,} simulations, {manifest['draws']:,} draws. 90 % intervals held the truth in "
        f"{manifest['coverage_of_90']:.1%} ± {manifest['coverage_error']:.1%} of cases, "
        f"{manifest['synthetic_worlds']} synthetic worlds.",
        f"All targets together: a world as far from them as the report has a chance of {manifest['joint_chance']:.0%}.",
        f"{parameters_line(stated(None), 1).removesuffix('.')}, but for those that are fitted.",
        f"Results: {folder}",
    )
    if not manifest["emulators_hold"] or not manifest["settled"]:
        line(console, "An emulator misses more often than it should, or draws have not settled: use --full.")


def print_agreement(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print how two calibrations agree."""
    rows, card = tables["agreement"].to_dicts(), tables["card"]
    table = grid("parameter", "first", "second", "distance", "of 5 %", "of 95 %", "sd ratio", "apart", numbers=True)
    for row in rows:
        sides = (f"{row[f'{side}_mean']:.3g} ± {row[f'{side}_sd']:.2g}" for side in ("first", "second"))
        gaps = (minus(f"{row[key]:+.2f}") for key in ("gap", "low_gap", "high_gap"))
        table.add_row(row["parameter"], *sides, *gaps, f"{row['sd_ratio']:.2f}", f"{row['apart']:.2f}")
    console.print(table)
    far = max(rows, key=lambda row: abs(row["gap"]))
    middle = sum(abs(row["gap"]) for row in rows) / len(rows)
    line(
        console,
        f"Distances are in sd of both posteriors: {middle:.2f} on average, {abs(far['gap']):.2f} at most "
        f"({far['parameter']}).",
    )
    if card.height:
        widest = max(map(abs, card["gap"].to_list()))
        line(console, f"Targets, in errors of the first: {widest:.2f} apart at most.")
    line(console, f"Results: {folder}")
