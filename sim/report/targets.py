"""Report of a comparison with survey figures: targets by role, and contradictions between sources."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sim.evidence.targets import load_targets
from sim.figures.translated import noted
from sim.figures.words import label, phrase
from sim.figures.words import spoken as language
from sim.report.console import grid, line, show
from sim.report.intervals import parameters_line
from sim.report.numbers import band, in_brackets, observable, with_unit, written

NOTES_BESIDE = 130  # columns that a terminal needs to show the notes in the table
SPREAD_BESIDE = 100  # and to show the spread between replicates
_MARKS = {True: "yes", False: "no", None: "unknown"}
_ROLES = ("calibrated", "cutoff", "checked", "input", "not_used")


def print_targets(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path, *sets: str
) -> None:
    """Print the comparison with each of the sets of targets, then the tensions if they are among the tables."""
    parameters = parameters_line(manifest["uncertainty"], manifest["replicates"])
    for name in sets:
        print_scorecard(console, tables[name], _title(name), parameters)
    if "tensions" in tables:
        print_tensions(console, tables["tensions"])


def _title(name: str) -> str:
    """Return the title of a set of targets."""
    return load_targets(name).title if language() == "en" else label("targets", name)


def print_scorecard(console: Console, frame: pl.DataFrame, title: str = "", parameters: str = "") -> None:
    """Print the targets by role and how many lie within their band.

    A narrow terminal shows notes below the table and omits the spread. ``parameters`` names the parameters of the run.
    """
    wide, spread = console.width >= NOTES_BESIDE, console.width >= SPREAD_BESIDE
    show(console, _table(frame, title, wide, ("observed", "half_width", *["spread"] * spread, "reported")))
    if parameters:
        where = "" if spread else phrase("targets_report", "narrow", columns=SPREAD_BESIDE)
        line(console, parameters, phrase("targets_report", "legend") + where)
    notes = frame.filter(pl.col("note") != "") if not wide else frame.clear()
    line(
        console,
        *(
            phrase("targets_report", "note", name=observable(row["observable"]), note=noted(row["note"]))
            for row in notes.to_dicts()
        ),
    )
    scored = frame.filter(pl.col("within").is_not_null())
    for role in ("calibrated", "checked"):
        mine = scored.filter(pl.col("role") == role)
        line(console, phrase("targets_report", f"within_{role}", count=mine["within"].sum(), of=mine.height))
    line(console, phrase("targets_report", "neither"))


def _table(frame: pl.DataFrame, title: str, notes: bool, numbers: Sequence[str]) -> Table:
    """Lay out the targets, a section for each role."""
    heads = [phrase("targets_report", f"head_{name}") for name in ("observable", *numbers, "band", "within")]
    table = grid(*heads, *[phrase("targets_report", "head_note")] * notes, title=title)
    for head in table.columns[1 : 2 + len(numbers)]:
        head.justify, head.no_wrap = "right", True
    for role in _ROLES:
        rows = frame.filter(pl.col("role") == role).to_dicts()
        if rows:
            table.add_section()
            table.add_row(phrase("targets_report", role))
        for row in rows:
            unit, name = row["unit"], observable(row["observable"])
            table.add_row(
                in_brackets(name, unit),
                *(written(row[key], unit) for key in numbers),
                band(row["low"], row["high"], partial(written, unit=unit)),
                phrase("targets_report", _MARKS[row["within"]]),
                *[escape(noted(row["note"]))] * notes,
            )
    return table


def print_tensions(console: Console, frame: pl.DataFrame) -> None:
    """Print one line per tension."""
    console.print(phrase("targets_report", "tensions"))
    for row in frame.to_dicts():
        unit = row["unit"]
        if row["distance"]:
            gap = with_unit(row["distance"], unit, signed=True).removeprefix("+")
            apart = phrase("targets_report", "apart", gap=gap)
        else:
            apart = phrase("targets_report", "no_distance" if row["distance"] is None else "no_contradiction")
        observed = row["observed"]
        model = "" if observed is None else phrase("targets_report", "shows", value=written(observed, unit))
        about = {"first": written(row["first"], unit), "second": with_unit(row["second"], unit), "model": model}
        ours = {"claims": row["claims"], "tension": noted(row["tension"]), "apart": apart}
        line(console, phrase("targets_report", "tension", **ours, **about))
