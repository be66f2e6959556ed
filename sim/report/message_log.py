"""Report of a message log: what was read, and what it shows beside the model, as text and as a figure."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from sim.evidence.clocks import POWER, Kept
from sim.evidence.logcolumns import BETWEEN, OPTIONAL
from sim.evidence.logfile import Report
from sim.evidence.quantities import FEW, QUANTITIES
from sim.figures.translated import translated
from sim.figures.words import label, phrase
from sim.figures.words import say as words
from sim.observation import Doubts
from sim.report.console import grid, line, show
from sim.report.intervals import parameters_line
from sim.report.numbers import in_brackets, written

KIND = "log"  # of a folder
TARGETS = "targets.toml"  # in it


def print_observed(
    console: Console, tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any], folder: Path
) -> None:
    """Print what was read of a log, and what it shows beside the model."""
    read, said = about["log"], about["doubts"]
    report = Report(**{each.name: read[each.name] for each in fields(Report) if each.name in read})
    doubts = Doubts(**{**said, "summer": Kept(**said["summer"]) if said["summer"] else None})
    print_report(console, report, doubts)
    print_sides(console, tables["observed"])
    if about["model"]:
        line(console, parameters_line(about["uncertainty"], 1))
    line(console, phrase("log", "targets", file=folder / TARGETS))
    line(console, phrase("run", "results", folder=folder))


def print_report(console: Console, report: Report, doubts: Doubts) -> None:
    """Print what was read and what was left out."""
    line(console, *_read(report))
    for reason, count in report.left_out.items():
        if count:
            line(console, phrase("log", "left_out", count=f"{count:,}", reason=translated(reason)))
    row, text = report.unreadable
    if row:
        more = phrase("log", "unreadable_text", text=text) if text else ""
        line(console, phrase("log", "unreadable", row=f"{row:,}", more=more))
    if report.duplicates:
        line(console, phrase("log", "duplicates", count=f"{report.duplicates:,}"))
    if doubts.clock:
        line(console, phrase("log", "clock", why=translated(doubts.clock)))
    line(console, *_summer_time(doubts))
    if doubts.partial:
        line(console, phrase("log", "partial"))
    line(console, phrase("log", "private", few=FEW))


def _summer_time(doubts: Doubts) -> Iterator[str]:
    """Write what the test of summer time showed, unless it raised a doubt."""
    if (summer := doubts.summer) is None or doubts.clock:
        return
    moved = phrase("log", "summer", moved=f"{summer.moved:.2f}", half=f"{summer.half:.2f}")
    if summer.power < POWER:
        yield moved + phrase("log", "summer_few")
    else:
        yield moved + phrase("log", "summer_power", power=f"{summer.power:.0%}")


def _read(report: Report) -> Iterator[str]:
    """Write what was read, which column as what, and unread columns that may have been meant."""
    if report.kind:
        more = phrase("log", "skipped", count=f"{report.skipped:,}") if report.skipped else ""
        yield phrase("log", "kind", kind=report.kind, more=more)
    first, last = (datetime.fromtimestamp(moment, UTC).date().isoformat() for moment in (report.first, report.last))
    size = {key: f"{getattr(report, key):,}" for key in ("rows", "entries", "used", "people")}
    yield phrase("log", "read", first=first, last=last, **size)
    if report.absolute:
        yield phrase("log", "absolute", count=f"{report.absolute:,}", zone=report.zone)
    columns = ((meaning, name) for meaning, name in report.columns.items() if name != meaning)
    if used := words("list").join(
        phrase("log", "column", meaning=translated(meaning), name=name) for meaning, name in columns
    ):
        yield phrase("log", "columns", used=used)
    if report.channels:
        signs = (
            phrase("log", "mail", signs=words("list").join(map(translated, report.mail)))
            if report.mail
            else phrase("log", "no_channel")
        )
        yield phrase("log", "channels", signs=signs, channels=words("list").join(report.channels))
    for meaning in OPTIONAL:
        close = [] if meaning in report.columns else get_close_matches(meaning, report.unread, 1)
        if close:
            yield phrase("log", "meant", meaning=meaning, close=close[0])
    if report.between not in ("", BETWEEN[0]):
        yield phrase("log", "between", sign=report.between)


def print_sides(console: Console, observed: pl.DataFrame) -> None:
    """Print what a log shows, beside the model if it was simulated."""
    sides = observed["side"].unique(maintain_order=True)
    rows = {(row["quantity"], row["side"]): row for row in observed.iter_rows(named=True)}
    names = (phrase("log", f"side_{side}") for side in sides)
    table = grid(phrase("log", "head_quantity"), *names, phrase("log", "head_role"), numbers=True)
    table.columns[-1].justify, table.columns[-1].no_wrap = "left", False
    hidden: dict[str, list[str]] = {}
    for name, quantity in QUANTITIES.items():
        text = label("observable", name)
        mine = [rows[name, side] for side in sides]
        if missing := mine[0]["missing"]:
            hidden.setdefault(missing, []).append(text)
            continue
        table.add_row(in_brackets(text, quantity.unit), *map(cell, mine), phrase("log", f"role_{mine[0]['role']}"))
    show(console, table)
    for reason, listed in hidden.items():
        line(console, phrase("log", "hidden", reason=translated(reason), names=words("list").join(listed)))
    line(console, phrase("log", "half"))


def cell(row: Mapping[str, Any]) -> str:
    """Format a value and half its interval."""
    value = written(row["value"], row["unit"])
    if row["missing"] or not math.isfinite(row["low"]):
        return value
    return f"{value} ± {written(row['high'] - row['value'], row['unit'])}"
