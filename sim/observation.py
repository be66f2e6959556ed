"""Targets from an organisation's own message log, and the same quantities measured on the model's log.

The result has the form of ``calibration/report.toml``, with a table ``[log]`` that records how the log was processed,
so that the model's log is processed in the same way when the model is fitted.
"""

import json
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from sim.core.errors import ResultsError
from sim.evidence.logcolumns import BETWEEN, OPTIONAL
from sim.evidence.logfile import Report
from sim.evidence.quantities import FEW, QUANTITIES, Measured, Scope, Shapes
from sim.evidence.traffic import Tally
from sim.figures.style import styled
from sim.figures.traffic import Caption, draw_traffic
from sim.figures.words import speaking
from sim.files import storage as files
from sim.outcomes import written
from sim.report.plots import save
from sim.scenario.schema import NAME

DISCREPANCY = {"share": 0.03}  # sd in the unit; other units: RELATIVE
RELATIVE = 0.15
NORMAL = 1.96


class Side(NamedTuple):
    """One of the two sources compared: a log or the model."""

    name: str
    measured: Mapping[str, Measured]
    shapes: Shapes


class Doubts(NamedTuple):
    """Reasons why parts of a log cannot serve as targets."""

    partial: bool = False  # the log is incomplete
    clock: str = ""

    def about(self, name: str) -> str:
        """Return the reason why a quantity is not used, or an empty text."""
        needs = QUANTITIES[name].needs.split()
        if "whole" in needs and self.partial:
            return "the log holds only a part of what its people write"
        return self.clock if "clock" in needs else ""


def doubts_of(tally: Tally, partial: bool) -> Doubts:
    """Collect the doubts about a log; ``partial`` is the user's statement that it is incomplete."""
    return Doubts(partial, tally.clock.doubt)


def print_report(console: Console, report: Report, doubts: Doubts) -> None:
    """Print what was read and what was left out."""
    first, last = (datetime.fromtimestamp(moment, UTC).date().isoformat() for moment in (report.first, report.last))
    lines = [
        f"{report.rows:,} rows with {report.entries:,} recipients read; {report.used:,} used, of {report.people:,} "
        f"people who write, from {first} to {last}.",
    ]
    if report.absolute:
        lines.append(f"{report.absolute:,} times were absolute; their hours are those of {report.zone}.")
    lines += _columns_told(report)
    lines += [f"Left out: {count:,} with {reason}." for reason, count in report.left_out.items() if count]
    if report.duplicates:
        lines.append(f"Left out: {report.duplicates:,} that stood there twice.")
    if doubts.clock:
        lines.append(f"The clock cannot be believed: {doubts.clock}. What depends on the hour is not used.")
    if doubts.partial:
        lines.append("The log is said to be partial: volumes, contacts and loads are not used.")
    lines.append(f"People were replaced by numbers on reading; what rests on fewer than {FEW} people is not shown.")
    for line in lines:
        console.print(line, markup=False, highlight=False)


def _columns_told(report: Report) -> list[str]:
    """List which column was read as what, and unread columns that may have been meant."""
    used = ", ".join(f"{meaning} from '{name}'" for meaning, name in report.columns.items() if name != meaning)
    lines = [f"Read: {used}."] if used else []
    for meaning in OPTIONAL:
        close = [] if meaning in report.columns else get_close_matches(meaning, report.unread, 1)
        if close:
            lines.append(f"There is no column '{meaning}'; if '{close[0]}' is meant: --{meaning} {close[0]}")
    if report.between not in ("", BETWEEN[0]):
        lines.append(f"Several recipients are taken to stand between '{report.between}'; --between says otherwise.")
    return lines


def print_sides(console: Console, sides: list[Side], doubts: Doubts) -> None:
    """Print what a log shows, beside the model if it was simulated."""
    table = Table("quantity", *(side.name for side in sides), "role", box=SIMPLE_HEAD, pad_edge=False)
    for head in table.columns[1:-1]:
        head.justify, head.no_wrap = "right", True
    hidden: dict[str, list[str]] = {}
    for name, quantity in QUANTITIES.items():
        unit = "" if quantity.unit == "share" else f" [dim]{quantity.unit}[/]"
        spoken = name.removeprefix("log_").replace("_", " ")
        if sides[0].measured[name].missing:
            hidden.setdefault(sides[0].measured[name].missing, []).append(spoken)
            continue
        cells = [_cell(side.measured[name], quantity.unit) for side in sides]
        table.add_row(spoken + unit, *cells, role_of(name, doubts).replace("_", " "))
    console.print(table)
    for reason, names in hidden.items():
        console.print(f"Not shown, {reason}: {', '.join(names)}.", markup=False, highlight=False)
    console.print("± is half of the 95 % interval over people.", markup=False, highlight=False)


def _cell(measured: Measured, unit: str) -> str:
    """Format a value and half its interval."""
    if measured.missing or not np.isfinite(measured.low):
        return written(measured.value, unit)
    return f"{written(measured.value, unit)} ± {written(measured.high - measured.value, unit)}"


def role_of(name: str, doubts: Doubts) -> str:
    """Return the role of a quantity among targets: ``calibrated``, ``checked`` or ``not_used``."""
    return "not_used" if doubts.about(name) else QUANTITIES[name].use


def target_set(
    name: str, title: str, measured: Mapping[str, Measured], scope: Scope, doubts: Doubts, population: str
) -> str:
    """Write a set of targets in the form of ``calibration/report.toml``.

    Parameters
    ----------
    name : str
        Name of the set.
    title : str
        Its title.
    measured : Mapping[str, Measured]
        What the log shows; quantities without an interval are left out.
    scope : Scope
        How the log was processed.
    doubts : Doubts
        Quantities that depend on what is in doubt get the role ``not_used``.
    population : str
        Description of the people in the log.

    Returns
    -------
    str
        TOML.
    """
    lines = [
        "# Targets from a message log, made by `offhours observe`. Keys as in calibration/report.toml; what is",
        "# measured is defined in docs/observing.md. `low` and `high` hold the 95 % interval and the model's",
        f"# discrepancy, which is an assumption: {RELATIVE:.0%} of the value, or {DISCREPANCY['share']:g} for a share.",
        "",
        f"name = {_quoted(name)}",
        f"title = {_quoted(title)}",
        "",
        "[log]",
        *(f"{key} = {_toml(value)}" for key, value in scope._asdict().items()),
    ]
    for key, each in measured.items():
        if each.missing or not np.isfinite(each.low):
            continue
        lines += [
            "",
            "[[target]]",
            *(f"{field} = {_toml(value)}" for field, value in _target(key, each, doubts, population)),
        ]
    return "\n".join(lines) + "\n"


def _target(name: str, measured: Measured, doubts: Doubts, population: str) -> list[tuple[str, Any]]:
    """List the fields of one target; the interval combines sampling error and model discrepancy."""
    quantity = QUANTITIES[name]
    error = max((measured.high - measured.low) / 2 / NORMAL, 1e-6)
    discrepancy = DISCREPANCY.get(quantity.unit, RELATIVE * abs(measured.value))
    half = NORMAL * float(np.hypot(error, discrepancy))
    fields: list[tuple[str, Any]] = [
        ("observable", name), ("value", measured.value),
        ("low", measured.value - half), ("high", measured.value + half),
        ("error", error), ("discrepancy", discrepancy), ("role", role_of(name, doubts)), ("source", "message log"),
        ("population", population), ("confidence", "measured"),
    ]  # fmt: skip
    return [*fields, ("note", doubts.about(name))] if doubts.about(name) else fields


def _toml(value: Any) -> str:
    """Format a value as TOML, floats to six figures."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(float(f"{value:.6g}"))
    return f"[{', '.join(_toml(each) for each in value)}]" if isinstance(value, tuple) else _quoted(str(value))


def _quoted(text: str) -> str:
    """Quote a text for TOML."""
    return json.dumps(text, ensure_ascii=False)


def name_of(path: Path) -> str:
    """Derive the name of a target set from its file: a-z, 0-9 and _, else ``log``."""
    name = "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in path.stem.lower())[:64]
    return name if NAME.fullmatch(name) else "log"


def check_place(path: Path) -> None:
    """Create the folder of an output file and test that it is writable, before any work; raises ``ResultsError``."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written: {error.strerror or error}") from error


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically; raises ``ResultsError`` if that fails."""
    try:
        files.write_text(path, text)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written: {error.strerror or error}") from error


def write_figure(path: Path, sides: list[Side], about: Caption, language: str) -> None:
    """Draw the sides into a .png or .svg file; raises ``ResultsError`` if it cannot be written."""
    try:
        with styled(), speaking(language):
            save(draw_traffic([(side.name, side.shapes) for side in sides], about), path)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written: {error.strerror or error}") from error
