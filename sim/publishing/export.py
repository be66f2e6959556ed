"""Stored results for other programs and for papers: CSV, Excel, LaTeX, and figures as PDF."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import polars.selectors as cs
import xlsxwriter

from sim.core.errors import ResultsError
from sim.figures.style import styled
from sim.figures.words import language_in_force, phrase, say, sentences, speaking
from sim.files import storage as files
from sim.publishing.answers import ANSWERS, answer_for
from sim.publishing.sections import Grid, provenance
from sim.report.plots import REGISTRY, WIDTHS, at_width, kind_of, planned, save, warn
from sim.runs.results import country_of

MOST_CELLS = 1_000_000  # of a table in a workbook, which is some 20 s
MOST_BYTES = 50_000_000  # of a table as CSV, unless all are asked for
TRIED = 1_000  # rows that tell how large a table is as CSV
MOST_ROWS = 1_048_575  # that a sheet can hold below its heads
WORKBOOK = {"in_memory": True, "nan_inf_to_errors": True, "strings_to_formulas": False, "strings_to_urls": False}
ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "−": "$-$", "–": "--", "—": "---", "±": r"$\pm$", "×": r"$\times$", "≤": r"$\leq$",
    "≥": r"$\geq$", "†": r"\dag{}", "→": r"$\rightarrow$", "←": r"$\leftarrow$", "“": "``", "”": "''", "’": "'",
    "…": r"\dots{}", "\u00a0": "~", "-": "-{}",
}  # fmt: skip

NUMERIC = set("0123456789+−–±<>≤≥")  # a number begins with one of these


class Source(NamedTuple):
    """Results to export."""

    name: str  # of their folder
    tables: Mapping[str, pl.DataFrame]
    manifest: Mapping[str, Any]
    language: str
    whole: bool = False  # whether CSV has tables of any size


def with_units(tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """Add a first table that lists the unit of each column of the others, as far as the manifest has them."""
    stored = {name: each["columns"] for name, each in (manifest.get("tables") or {}).items() if name in tables}
    rows = [(name, column, about["unit"]) for name, columns in stored.items() for column, about in columns.items()]
    first = {"columns": pl.DataFrame(rows, ("table", "column", "unit"), orient="row")} if rows else {}
    return first | dict(tables)


def plain_types(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table without types that other programs lack: categories and lists are text, and NaN is empty."""
    texts = [
        pl.Series(name, [None if value is None else str(value) for value in frame[name].to_list()], pl.String)
        for name, kind in frame.schema.items()
        if kind.is_nested()
    ]
    return frame.with_columns(*texts, cs.by_dtype(pl.Categorical, pl.Enum).cast(pl.String), cs.float().fill_nan(None))


def as_csv(frame: pl.DataFrame) -> str:
    """Write a table as CSV: full precision, empty where unknown, times in ISO form, and a mark for Excel."""
    return plain_types(frame).write_csv(line_terminator="\r\n", include_bom=True)


def to_csv(source: Source, out: Path) -> Iterator[Path]:
    """Write each table as CSV; a warning names those that are too large, with their size."""
    for name, frame in with_units(source.tables, source.manifest).items():
        path, size = out / f"{name}.csv", len(as_csv(frame.head(TRIED)).encode()) * max(frame.height / TRIED, 1)
        if size > MOST_BYTES and not source.whole:
            _left_out(source, "too_large", file=path.name, size=f"{size / 1e6:,.0f}", table=name)
            continue
        yield _written(path, as_csv(frame).encode())


def _left_out(source: Source, key: str, **about: object) -> None:
    """Warn that a table is left out, in the language of the source."""
    with speaking(source.language):
        logging.getLogger(__name__).warning(phrase("export", key, **about))


def to_excel(source: Source, out: Path) -> Iterator[Path]:
    """Write a workbook: where tables come from, and a sheet for each; a warning names those that are too large."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, WORKBOOK) as book:
        with speaking(source.language, country_of(source.manifest)):
            made = (phrase("page", "command"), str(source.manifest.get("command") or ""))
            facts = [made, *provenance(source.manifest, source.name)]
        about = book.add_worksheet("about")
        about.set_column(0, 1, 24)
        for place, row in enumerate(facts):
            about.write_row(place, 0, row)
        for name, frame in with_units(source.tables, source.manifest).items():
            if frame.height * frame.width > MOST_CELLS or frame.height > MOST_ROWS:
                _left_out(source, "no_sheet", table=name, rows=f"{frame.height:,}", columns=frame.width)
                continue
            plain_types(frame).write_excel(book, name[:31], autofit=False, float_precision=6)
    yield _written(out / f"{source.name}.xlsx", content.getvalue())


def to_latex(source: Source, out: Path) -> Iterator[Path]:
    """Write each table of the report as LaTeX, with notes on people, replicates, parameters and intervals.

    A warning says so if the report has none, or results of this kind have no report.
    """
    if kind_of(source.manifest) not in ANSWERS:
        _left_out(source, "no_latex", name=source.name)
        return
    with speaking(source.language, country_of(source.manifest)):
        answer = answer_for(source.name, source.tables, source.manifest)
        facts = dict(provenance(source.manifest, source.name))
        noted = [phrase("page", key) for key in ("size", "parameters", "seed", "commit")]
        known = [say("headed", head=f"{key[0].upper()}{key[1:]}", text=facts[key]) for key in noted if key in facts]
        version = (source.manifest.get("versions") or {}).get("offhours", "")
        known += [f"offhours {version}"] * bool(version)
        notes = [*(answer.sure or answer.sentences[-1:]), phrase("page", "facts", listed=say("semicolon").join(known))]
        grids = (*answer.sure_grids, *answer.who)
        if not grids:
            _left_out(source, "no_latex", name=source.name)
        for grid in grids:
            yield _written(out / f"{grid.name}.tex", as_latex(grid, notes, source.name).encode())


def escaped(text: str) -> str:
    """Write a text so that LaTeX shows it as it is; white space becomes single blanks."""
    return "".join(ESCAPES.get(sign, sign) for sign in " ".join(text.split()))


def as_latex(grid: Grid, notes: Sequence[str], name: str) -> str:
    """Write a table with its caption, label ``tab:NAME-...`` and notes, in the language in force."""
    cells = [f"\\textit{{{escaped(head)}}}" if head else "" for head in grid.heads]
    # A bracket or star at the start of a cell would be taken for an argument of the line before.
    rows = [
        " & ".join("{}" * cell.startswith(("[", "*")) + escaped(cell) for cell in row) + r" \\" for row in grid.rows
    ]
    packages = r"\usepackage{booktabs}" + (r" and \usepackage{ctex}, by XeLaTeX" if language_in_force() == "zh" else "")
    said = escaped(sentences([phrase("page", "notes"), *notes]))
    return "\n".join([
        f"% needs {packages}",
        r"\begin{table}[tb]",
        r"\centering",
        f"\\caption{{{escaped(grid.caption)}}}",
        f"\\label{{tab:{name}-{grid.name}}}".replace("_", "-"),
        r"\small",
        rf"\begin{{tabular}}{{@{{}}{_alignment(grid)}@{{}}}}",
        r"\toprule",
        " & ".join(cells) + r" \\",
        r"\midrule",
        *rows,
        r"\bottomrule",
        r"\end{tabular}",
        rf"\par\smallskip\begin{{minipage}}{{\linewidth}}\footnotesize {said}",
        r"\end{minipage}",
        r"\end{table}",
        "",
    ])  # fmt: skip


def _alignment(grid: Grid) -> str:
    """Choose how columns are aligned: what is mostly numbers at the right, words and headings of rows at the left."""
    _, *columns = zip(grid.heads, *grid.rows, strict=True)
    numbers = (2 * sum(cell[:1] in NUMERIC for cell in cells) > len(grid.rows) for _, *cells in columns)
    return "l" + "".join("r" if each else "l" for each in numbers)


def to_pdf(source: Source, out: Path) -> Iterator[Path]:
    """Write each figure as PDF in each of the ``WIDTHS``, with title and caption and, in ``untitled``, without.

    Where it could not be read it is left out, and a warning says why, as it does where results of this kind have no
    figures; a landscape page is only for what two columns cannot hold.
    """
    if kind_of(source.manifest) not in REGISTRY:
        _left_out(source, "no_pdf", name=source.name)
        return
    for bare in (False, True):
        left_out: dict[str, str] = {}
        for name, inches in WIDTHS.items():
            folder = out / name / "untitled" if bare else out / name
            before, left_out = left_out, {}  # of two columns before a landscape page
            for each in planned(source.tables, source.manifest, source.language):
                if name == "landscape" and not before[each.name]:
                    continue
                with styled(), speaking(source.language, country_of(source.manifest)):
                    figure, left_out[each.name] = at_width(each, inches, bare)
                    written = figure and save(figure, folder / f"{each.name}.pdf")
                if written:
                    yield written
            with speaking(source.language):
                warn(f"pdf/{name}", name, left_out, bare)


def _written(path: Path, content: bytes) -> Path:
    files.write(path, lambda draft: draft.write(content))
    return path


FORMATS = {"csv": to_csv, "xlsx": to_excel, "latex": to_latex, "pdf": to_pdf}


def export(source: Source, out: Path, ways: tuple[str, ...]) -> Iterator[Path]:
    """Write results in these ways into a folder of ``out`` for each, and yield the files.

    Raises ``ResultsError`` if a table is missing or a file cannot be written.
    """
    if not source.tables:
        raise ResultsError(f"{source.name}: holds no tables to export")
    for way in ways:
        with files.writing(out / way):
            yield from FORMATS[way](source, out / way)
