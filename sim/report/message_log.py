"""Report of a message log: what was read, and what it shows beside the model, as text and as a figure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from rich.console import Console

from sim.evidence.logcolumns import BETWEEN, OPTIONAL
from sim.evidence.logfile import Report
from sim.evidence.quantities import FEW, QUANTITIES, Measured
from sim.evidence.summertime import POWER
from sim.figures.style import styled
from sim.figures.traffic import Caption, draw_traffic
from sim.figures.words import speaking
from sim.files.storage import writing
from sim.observation import Doubts, Side, role_of
from sim.outcomes import written
from sim.report.console import grid, line
from sim.report.numbers import spoken
from sim.report.plots import save


def print_report(console: Console, report: Report, doubts: Doubts) -> None:
    """Print what was read and what was left out."""
    line(console, *_read(report))
    line(console, *(f"Left out: {count:,} with {reason}." for reason, count in report.left_out.items() if count))
    if report.duplicates:
        line(console, f"Ignored {report.duplicates:,} duplicates.")
    if doubts.clock:
        line(console, f"The times are not reliable: {doubts.clock}. What depends on the hour is not used.")
    line(console, *_summer_time(doubts))
    if doubts.partial:
        line(console, "The log is said to be partial: volumes, contacts and loads are not used.")
    line(console, f"People were replaced by numbers on reading; what rests on fewer than {FEW} people is not shown.")


def _summer_time(doubts: Doubts) -> Iterator[str]:
    """Write what the test of summer time showed, unless it raised a doubt."""
    if (summer := doubts.summer) is None or doubts.clock:
        return
    moved = f"Summer time: the day moved by {summer.moved:.2f} ± {summer.half:.2f} h per change of the clocks"
    if summer.power < POWER:
        yield f"{moved}: too few messages around it to tell whether the times follow it."
    else:
        yield f"{moved}; a clock that does not follow would be noticed in {summer.power:.0%} of such logs."


def _read(report: Report) -> Iterator[str]:
    """Write what was read, which column as what, and unread columns that may have been meant."""
    if report.kind:
        more = f"; {report.skipped:,} entries are no messages of people" if report.skipped else ""
        yield f"The log is {report.kind}{more}."
    first, last = (datetime.fromtimestamp(moment, UTC).date().isoformat() for moment in (report.first, report.last))
    yield (
        f"{report.rows:,} rows with {report.entries:,} recipients read; {report.used:,} used, of {report.people:,} "
        f"people who write, from {first} to {last}."
    )
    if report.absolute:
        yield f"{report.absolute:,} times were absolute; their hours are those of {report.zone}."
    used = ", ".join(f"{meaning} from '{name}'" for meaning, name in report.columns.items() if name != meaning)
    if used:
        yield f"Read: {used}."
    if report.channels:
        held = ", ".join(report.channels)
        signs = f"This looks like a log of mail ({', '.join(report.mail)}), but" if report.mail else "Without a channel"
        yield f"{signs} it is taken to hold all of {held}; if it holds mail alone: --channels mail"
    for meaning in OPTIONAL:
        close = [] if meaning in report.columns else get_close_matches(meaning, report.unread, 1)
        if close:
            yield f"There is no column '{meaning}'; if '{close[0]}' is meant: --{meaning} {close[0]}"
    if report.between not in ("", BETWEEN[0]):
        yield f"Several recipients are separated by '{report.between}'; --between changes that."


def print_sides(console: Console, sides: Sequence[Side], doubts: Doubts) -> None:
    """Print what a log shows, beside the model if it was simulated."""
    table = grid("quantity", *(side.name for side in sides), "role", numbers=True)
    table.columns[-1].justify, table.columns[-1].no_wrap = "left", False
    hidden: dict[str, list[str]] = {}
    for name, quantity in QUANTITIES.items():
        unit = "" if quantity.unit == "share" else f" [dim]{quantity.unit}[/]"
        words = spoken(name.removeprefix("log_"))
        if missing := sides[0].measured[name].missing:
            hidden.setdefault(missing, []).append(words)
            continue
        cells = (_cell(side.measured[name], quantity.unit) for side in sides)
        table.add_row(words + unit, *cells, spoken(role_of(name, doubts)))
    console.print(table)
    line(console, *(f"Not shown, {reason}: {', '.join(names)}." for reason, names in hidden.items()))
    line(console, "± is half of the 95 % interval over people.")


def _cell(measured: Measured, unit: str) -> str:
    """Format a value and half its interval."""
    if measured.missing or not np.isfinite(measured.low):
        return written(measured.value, unit)
    return f"{written(measured.value, unit)} ± {written(measured.high - measured.value, unit)}"


def write_figure(path: Path, sides: Sequence[Side], about: Caption, language: str) -> None:
    """Draw the sides into a .png or .svg file; raises ``ResultsError`` if it cannot be written."""
    with writing(path), styled(), speaking(language):
        save(draw_traffic([(side.name, side.shapes) for side in sides], about), path)
