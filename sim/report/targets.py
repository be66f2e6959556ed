"""Reports of a comparison with survey figures, of a fit to them, and of the agreement of two fits."""

import math
from functools import partial
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sim.evidence.targets import load_targets
from sim.figures.numerals import number
from sim.figures.words import bracketed, has_name, label, note_text, phrase
from sim.report.console import Facts, Tables, commas, english, grid, line, show
from sim.report.intervals import parameters_drawn, parameters_line
from sim.report.numbers import band, in_brackets, measured, minus, observable, share_of, size, span, with_unit, written
from sim.scenario.parameter_draws import stated

NOTES_BESIDE = 130  # columns that a terminal needs to show the notes in the table
_MARKS = {True: "yes", False: "no", None: "unknown"}
_ROLES = ("calibrated", "cutoff", "checked", "input", "not_used")


def print_targets(console: Console, tables: Tables, manifest: Facts, folder: Path, *sets: str) -> None:
    """Print the comparison with each of the sets of targets, then the tensions if they are among the tables."""
    parameters = parameters_drawn(manifest)
    for name in sets:
        title = load_targets(name).title if english() else label("targets", name)
        print_scorecard(console, tables[name], title, parameters)
    if "tensions" in tables:
        print_tensions(console, tables["tensions"])


def print_scorecard(console: Console, frame: pl.DataFrame, title: str = "", parameters: str = "") -> None:
    """Print the targets by role and how many lie within their band.

    A narrow terminal shows notes below the table. ``parameters`` names the parameters of the run.
    """
    wide = console.width >= NOTES_BESIDE
    show(console, _table(frame, title, wide))
    if parameters:
        line(console, parameters)
    for row in frame.filter(pl.col("note") != "").to_dicts() if not wide else ():
        line(console, phrase("targets_report", "note", name=observable(row["observable"]), note=note_text(row["note"])))
    scored = frame.filter(pl.col("within").is_not_null())
    for role in ("calibrated", "checked"):
        mine = scored.filter(role=role)
        line(console, phrase("targets_report", f"within_{role}", count=mine["within"].sum(), of=mine.height))
    line(console, phrase("targets_report", "neither"))


def _table(frame: pl.DataFrame, title: str, notes: bool) -> Table:
    """Lay out the targets, a section for each role."""
    names = ("observable", "observed", "half_width", "reported", "band", "within", *["note"] * notes)
    table = grid(*(phrase("targets_report", f"head_{name}") for name in names), title=title)
    for head in table.columns[1:5]:
        head.justify, head.no_wrap = "right", True
    for role in _ROLES:
        rows = frame.filter(role=role).to_dicts()
        if rows:
            table.add_section()
            table.add_row(phrase("targets_report", role))
        for row in rows:
            unit, within = row["unit"], phrase("targets_report", _MARKS[row["within"]])
            write = partial(measured, row["observable"], unit=unit)
            values = write(row["observed"]), size(row["half_width"], unit), write(row["reported"])
            agreed = band(row["low"], row["high"], write)
            name = in_brackets(observable(row["observable"]), unit)
            table.add_row(name, *values, agreed, within, *[escape(note_text(row["note"]))] * notes)
    return table


def print_tensions(console: Console, frame: pl.DataFrame) -> None:
    """Print one line per tension."""
    console.print(phrase("targets_report", "tensions"))
    for row in frame.to_dicts():
        unit = row["unit"]
        key = "apart" if row["distance"] else "no_distance" if row["distance"] is None else "no_contradiction"
        apart = phrase("targets_report", key, gap=with_unit(row["distance"], unit, signed=True).removeprefix("+"))
        observed = row["observed"]
        model = "" if observed is None else phrase("targets_report", "shows", value=written(observed, unit))
        about = {"first": written(row["first"], unit), "second": with_unit(row["second"], unit), "model": model}
        ours = {"claims": commas(row["claims"].split(", ")), "tension": note_text(row["tension"]), "apart": apart}
        line(console, phrase("targets_report", "tension", **ours, **about))


HEADS = ("target", "reported", "model", "nine", "band", "within", "chance", "left")
IDENTIFIED = ("yes", "partly", "no")


def print_calibration(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print the quality of a fit: targets, parameters, directions and coverage."""
    table = grid(*(phrase("fit", f"head_{head}") for head in HEADS), padding=(0, 1, 0, 0))
    name = str(manifest.get("targets", ""))
    table.title = label("targets", name) if not english() and has_name("targets", name) else escape(manifest["title"])
    for row in tables["card"].filter(role="calibrated").to_dicts():
        unit = row["unit"]
        write = partial(measured, row["observable"], unit=unit)
        table.add_row(
            in_brackets(observable(row["observable"]), unit),
            *(write(row[key]) for key in ("reported", "observed")),
            span(*(write(row[end]) for end in ("observed_low", "observed_high"))),
            band(row["low"], row["high"], write),
            "–" if row["within"] is None else phrase("evaluation", "yes" if row["within"] else "no"),
            share_of(row["chance"]),
            phrase("fit", "left", open=written(row["open"], unit, signed=True), sd=minus(f"{row['tension']:+.1f}")),
        )
    show(console, table)
    fitted = tables["parameters"].filter(role="fitted")
    for how in IDENTIFIED:
        names = fitted.filter(identified=how).sort("contraction", descending=True)
        listed = commas(bracketed(row["parameter"], share_of(max(row["contraction"], 0.0))) for row in names.to_dicts())
        line(console, phrase("fit", f"identified_{how}", listed=listed or phrase("drivers", "none")))
    tight = tables["directions"].filter(pl.col("kept") < 0.5).height
    size = {"simulations": f"{manifest['simulations']:,}", "draws": f"{manifest['draws']:,}"}
    share, error = (rounded(manifest[key]) for key in ("coverage_of_90", "coverage_error"))
    covered = "coverage" if manifest["synthetic_worlds"] else "no_coverage"
    line(
        console,
        phrase("fit", "directions", tight=tight, of=fitted.height),
        phrase("fit", covered, worlds=manifest["synthetic_worlds"], share=share, error=error, **size),
        phrase("fit", "together", chance=share_of(manifest["joint_chance"])),
        not_fitted(),
        phrase("run", "results", folder=folder),
    )
    if not manifest["emulators_hold"] or not manifest["settled"]:
        line(console, phrase("fit", "poor"))


def rounded(share: float | None) -> str:
    """Write a share in tenths of a per cent without its sign; an unknown one as a dash."""
    return "–" if share is None or math.isnan(share) else f"{100 * share:.1f}"


def not_fitted() -> str:
    """State the parameters that a fit does not move."""
    return phrase("fit", "parameters", line=parameters_line(stated(None), 1).rstrip(".。"))


def print_agreement(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print how two calibrations agree."""
    rows, card = tables["agreement"].to_dicts(), tables["card"]
    keys = ("parameter", "first", "second", "gap", "low_gap", "high_gap", "sd_ratio", "apart")
    table = grid(*(phrase("fit", f"head_{key}") for key in keys), numbers=True, padding=(0, 1, 0, 0))
    for row in rows:
        sides = (
            f"{written(row[f'{side}_mean'], '')} ± {written(row[f'{side}_sd'], '')}" for side in ("first", "second")
        )
        gaps = (number(row[key], 2, sign=True) for key in ("gap", "low_gap", "high_gap"))
        table.add_row(row["parameter"], *sides, *gaps, f"{row['sd_ratio']:.2f}", f"{row['apart']:.2f}")
    show(console, table)
    far = max(rows, key=lambda row: abs(row["gap"]))
    middle = sum(abs(row["gap"]) for row in rows) / len(rows)
    most = {"most": f"{abs(far['gap']):.2f}", "parameter": far["parameter"]}
    line(console, phrase("fit", "distances", middle=f"{middle:.2f}", **most))
    if card.height:
        line(console, phrase("fit", "targets_apart", most=f"{max(map(abs, card['gap'].to_list())):.2f}"))
    line(console, phrase("run", "results", folder=folder))
