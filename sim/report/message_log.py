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
from sim.figures.words import phrase, speaking
from sim.figures.words import say as words
from sim.files.storage import writing
from sim.observation import Doubts, Side, role_of
from sim.report.console import grid, line, show
from sim.report.numbers import observable, unit_name, written
from sim.report.plots import save


def print_report(console: Console, report: Report, doubts: Doubts) -> None:
    """Print what was read and what was left out."""
    line(console, *_read(report))
    for reason, count in report.left_out.items():
        if count:
            line(console, phrase("log", "left_out", count=f"{count:,}", reason=reason))
    if report.duplicates:
        line(console, phrase("log", "duplicates", count=f"{report.duplicates:,}"))
    if doubts.clock:
        line(console, phrase("log", "clock", why=doubts.clock))
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
    if used := words("list").join(phrase("log", "column", meaning=meaning, name=name) for meaning, name in columns):
        yield phrase("log", "columns", used=used)
    if report.channels:
        signs = (
            phrase("log", "mail", signs=words("list").join(report.mail)) if report.mail else phrase("log", "no_channel")
        )
        yield phrase("log", "channels", signs=signs, channels=words("list").join(report.channels))
    for meaning in OPTIONAL:
        close = [] if meaning in report.columns else get_close_matches(meaning, report.unread, 1)
        if close:
            yield phrase("log", "meant", meaning=meaning, close=close[0])
    if report.between not in ("", BETWEEN[0]):
        yield phrase("log", "between", sign=report.between)


def print_sides(console: Console, sides: Sequence[Side], doubts: Doubts) -> None:
    """Print what a log shows, beside the model if it was simulated."""
    names = (phrase("log", f"side_{side.name}") for side in sides)
    table = grid(phrase("log", "head_quantity"), *names, phrase("log", "head_role"), numbers=True)
    table.columns[-1].justify, table.columns[-1].no_wrap = "left", False
    hidden: dict[str, list[str]] = {}
    for name, quantity in QUANTITIES.items():
        unit = "" if quantity.unit == "share" else f" [dim]{unit_name(quantity.unit)}[/]"
        text = observable(name).removeprefix("log ")
        if missing := sides[0].measured[name].missing:
            hidden.setdefault(missing, []).append(text)
            continue
        cells = (_cell(side.measured[name], quantity.unit) for side in sides)
        table.add_row(text + unit, *cells, phrase("log", f"role_{role_of(name, doubts)}"))
    show(console, table)
    for reason, listed in hidden.items():
        line(console, phrase("log", "hidden", reason=reason, names=words("list").join(listed)))
    line(console, phrase("log", "half"))


def _cell(measured: Measured, unit: str) -> str:
    """Format a value and half its interval."""
    if measured.missing or not np.isfinite(measured.low):
        return written(measured.value, unit)
    return f"{written(measured.value, unit)} ± {written(measured.high - measured.value, unit)}"


def write_figure(path: Path, sides: Sequence[Side], about: Caption, language: str) -> None:
    """Draw the sides into a .png or .svg file; raises ``ResultsError`` if it cannot be written."""
    with writing(path), styled(), speaking(language):
        save(draw_traffic([(side.name, side.shapes) for side in sides], about), path)
