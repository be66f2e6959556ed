"""Stored results for other programs and for papers: CSV, Excel, LaTeX, and figures as PDF."""

from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import xlsxwriter
from matplotlib.figure import Figure

from sim.core.errors import ResultsError
from sim.figures.fonts import check
from sim.figures.sheet import untitled
from sim.figures.style import styled
from sim.figures.words import phrase, speaking
from sim.files import storage as files
from sim.publishing.answers import answered
from sim.publishing.downloads import as_csv, flat
from sim.publishing.latex import as_latex
from sim.publishing.sections import provenance
from sim.report.plots import figures
from sim.runs.results import country_of

MOST_CELLS = 1_000_000  # of a table in a workbook, which is some 20 s
MOST_ROWS = 1_048_575  # that a sheet can hold below its heads
NO_DATE = {"CreationDate": None, "Creator": None, "Producer": None}
SAFE = {"in_memory": True, "nan_inf_to_errors": True, "strings_to_formulas": False, "strings_to_urls": False}


class Source(NamedTuple):
    """Results to export."""

    name: str  # of their folder
    tables: Mapping[str, pl.DataFrame]
    manifest: Mapping[str, Any]
    language: str


def to_csv(source: Source, out: Path) -> Iterator[Path]:
    """Write each table as CSV."""
    for name, frame in source.tables.items():
        path = out / f"{name}.csv"
        files.write_text(path, as_csv(frame))
        yield path


def to_excel(source: Source, out: Path) -> Iterator[Path]:
    """Write a workbook with a sheet for each table that is not too large, after one on where they come from."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, SAFE) as book:
        facts = [("command", str(source.manifest.get("command") or "")), *provenance(source.manifest, source.name)]
        about = book.add_worksheet("about")
        about.set_column(0, 1, 24)
        for place, row in enumerate(facts):
            about.write_row(place, 0, row)
        for name, frame in source.tables.items():
            if frame.height * frame.width <= MOST_CELLS and frame.height <= MOST_ROWS:
                flat(frame).write_excel(book, name[:31], autofit=False, float_precision=6)
    path = out / f"{source.name}.xlsx"
    files.write(path, lambda draft: draft.write(content.getvalue()))
    yield path


def to_latex(source: Source, out: Path) -> Iterator[Path]:
    """Write each table of the report as LaTeX, with notes on people, replicates, parameters and intervals."""
    with speaking(source.language, country_of(source.manifest)):
        answer = answered(source.name, source.tables, source.manifest)
        facts = dict(provenance(source.manifest, source.name))
        known = [f"{key}: {facts[key]}." for key in _noted() if key in facts]
        notes = [*(answer.sure or answer.sentences[-1:]), *known]
        for grid in (*answer.sure_grids, *answer.who):
            path = out / f"{grid.name}.tex"
            files.write_text(path, as_latex(grid, notes, source.name))
            yield path


def _noted() -> tuple[str, ...]:
    """Return the names of the facts that stand below a table."""
    return tuple(phrase("page", key) for key in ("size", "parameters", "seed"))


def to_pdf(source: Source, out: Path) -> Iterator[Path]:
    """Write each figure as PDF, with title and caption and, in ``untitled``, without.

    It is as wide as two columns or, if it has many panels, as a landscape page.
    """
    for bare in (False, True):
        folder = out / "untitled" if bare else out
        with untitled(bare):
            for name, figure in figures(source.tables, source.manifest, source.language):
                path = folder / f"{name}.pdf"
                content = _pdf(figure)
                files.write(path, lambda draft, content=content: draft.write(content))  # type: ignore[misc]
                yield path


def _pdf(figure: Figure) -> bytes:
    """Draw a figure as PDF, the same each time."""
    content = BytesIO()
    with styled():
        figure.savefig(content, format="pdf", metadata=NO_DATE, facecolor="white")
    return content.getvalue()


WAYS: Mapping[str, Callable[[Source, Path], Iterator[Path]]] = {
    "csv": to_csv,
    "xlsx": to_excel,
    "latex": to_latex,
    "pdf": to_pdf,
}


def export(source: Source, out: Path, ways: tuple[str, ...]) -> Iterator[Path]:
    """Write results in these ways into a folder of ``out`` for each, and yield the files.

    Raises ``ResultsError`` if a table is missing, the kind of results has no figures, or a file cannot be written.
    """
    check(source.language)
    if not source.tables:
        raise ResultsError(f"{source.name}: holds no tables to export")
    for way in ways:
        with files.writing(out / way):
            yield from WAYS[way](source, out / way)
