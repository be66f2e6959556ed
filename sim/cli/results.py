"""Commands about stored results, and a check of this machine."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from sim.cli import completion
from sim.cli.flags import FOLDER, LANGUAGE, PATH, WORLDS, count, language, notes, out, page_flags
from sim.core.errors import InputError, ResultsError

if TYPE_CHECKING:
    from sim.runs.results import Results


@click.command()
@FOLDER
@LANGUAGE
@click.option(
    "--scenario", "chosen", multiple=True, metavar="NAME",
    help="Scenario of a comparison or sweep to draw; repeatable. By default all, if there are at most 8.",
)  # fmt: skip
@count("--dpi", (50, 1200), "Pixels per inch of PNG files; journals ask for 300.", 200)
@click.option(
    "--columns", type=click.Choice(["1", "2"]), metavar="1|2",
    help="Lay figures out for one or two columns of a journal, into figures/one_column or figures/two_columns.",
)  # fmt: skip
def plot(folder: Path, language: str, chosen: tuple[str, ...], dpi: int, columns: str | None) -> None:
    """Draw the figures of FOLDER again.

    FOLDER holds stored results or a sweep. It can also be the card of a shipped posterior, such as
    calibration/posterior_report.json; its figures are written below results/. Nothing is simulated.
    """
    from sim.report.plots import COLUMNS, draw_all
    from sim.runs.results import is_sweep
    from sim.scenario.inheritance import shown

    width = COLUMNS[int(columns) - 1] if columns else ""
    if is_sweep(folder):
        from sim.sweeps.drawing import draw

        paths = draw(folder, language, chosen or None, dots=dpi, width=width)
        if not paths:
            open_results(folder)  # raises an error that says why
    else:
        results = open_results(folder)
        about = results.tables, results.manifest, language, chosen or None
        paths = draw_all(results.folder, *about, dots=dpi, width=width)
    for path in paths:
        click.echo(shown(path))


def open_results(folder: Path) -> "Results":
    """Read a results folder, the folder of a sweep, or the card of a shipped posterior."""
    from sim.runs.results import is_sweep, read

    if is_sweep(folder):
        from sim.sweeps.drawing import as_results

        return as_results(folder)
    if folder.suffix == ".json":
        from sim.calibration.shipped_posteriors import read_fit

        return read_fit(folder)
    return read(folder)


@click.command()
@page_flags("the page", "report.html")
def report(folder: Path, language: str, out: Path | None) -> None:
    """Write a page about the results in FOLDER.

    The page is one HTML file for decision makers: the answer in five sentences, figures, who gains and who pays, how
    certain that is, limits, tables to download, and the command that reproduces it. It needs no network, and can be
    printed or read on a phone. Nothing is simulated.
    """
    from sim.figures.words import phrase
    from sim.publishing.page import write_page
    from sim.report.console import line
    from sim.scenario.inheritance import shown

    results = open_results(folder)
    out = out or results.folder / ("report.html" if language == "en" else f"report_{language}.html")
    write_page(out, results.folder.name, results.tables, results.manifest, language)
    line(Console(), phrase("run", "report", file=shown(out)))


@click.command()
@page_flags("figures and LaTeX", "export")
@click.option("--csv", is_flag=True, help="Tables as CSV.")
@click.option("--xlsx", is_flag=True, help="Tables as one Excel workbook.")
@click.option("--latex", is_flag=True, help="Tables of the report as LaTeX, with notes.")
@click.option("--pdf", is_flag=True, help="Figures as PDF, for one and for two columns, with and without title.")
@click.option("--all", "whole", is_flag=True, help="Also tables of more than 50 MB as CSV.")
def export(folder: Path, language: str, out: Path | None, whole: bool, **chosen: bool) -> None:
    """Write the results in FOLDER for papers and programs.

    By default every format is written to its own subfolder: CSV, Excel, LaTeX (booktabs) and PDF. A table that is too
    large is left out with a warning.
    """
    from sim.figures.words import phrase
    from sim.publishing.export import FORMATS, Source
    from sim.publishing.export import export as exported
    from sim.report.console import line
    from sim.scenario.inheritance import shown

    results = open_results(folder)
    ways = tuple(way for way in FORMATS if chosen[way]) or tuple(FORMATS)
    source = Source(results.folder.name, results.tables, results.manifest, language, whole)
    place = out or results.folder / "export"
    for path in exported(source, place, ways):
        click.echo(shown(path))
    if results.manifest.get("kind") == "sweep" and not place.resolve().is_relative_to(results.folder.resolve()):
        counts = {name: f"{results.manifest['runs'][name]:,}" for name in ("done", "planned")}
        engine = results.manifest["engine"][:12]
        line(notes, phrase("sweep", "elsewhere", name=results.folder.name, engine=engine, **counts))


@click.command()
@LANGUAGE
@out(what="Results folder with the folder of worlds.")
@click.option("--prune", is_flag=True, help="Delete worlds that no run can use: damaged, or of another version.")
def worlds(language: str, out: Path, prune: bool) -> None:
    """List the stored worlds.

    Runs reuse these worlds instead of simulating them again. Results folders stay complete when worlds are deleted.
    """
    from sim.figures.words import counted, has_name, label, own_title, phrase, translate
    from sim.runs.cache import SETTLED_PREFIX, Library

    library = Library(out / WORLDS)
    for place in (out, library.folder):
        if place.exists() and not place.is_dir():
            raise ResultsError(f"{place} is a file; a folder is needed there")
    entries = library.prune() if prune else list(library.entries())
    for entry in entries:
        about = entry.manifest or {"name": "", "title": ""}
        shipped = language == "zh" and has_name("scenario", about["name"])
        title = label("scenario", about["name"]) if shipped else translate(own_title(about))
        size, state = f"{entry.size / 1e6:10,.1f} MB", translate(entry.state)
        click.echo(f"{entry.folder.name:50} {size}  {state}  {title}".rstrip())
    total = f"{sum(entry.size for entry in entries) / 1e6:,.1f}"
    resting = sum(entry.folder.name.startswith(SETTLED_PREFIX) for entry in entries)
    worlds, rests = counted(len(entries) - resting, "world"), counted(resting, "rest")
    said = "deleted" if prune else "listed"
    click.echo(phrase("files", said, worlds=worlds, rests=rests, size=total, folder=library.folder))


@click.command()
@click.argument("place", type=PATH, metavar="FOLDER", shell_complete=completion.results)
@LANGUAGE
@click.option("--mend", is_flag=True, help="Delete damaged files that the same command makes again.")
def fsck(place: Path, language: str, mend: bool) -> None:
    """Verify the checksums of the files in FOLDER.

    FOLDER holds results, a sweep, worlds or a campaign; it can also be a file of draws. Each damaged file is listed
    with a remedy. Exit code 3 means that damaged files remain.
    """
    from sim.cli.fsck import check_files
    from sim.figures.words import phrase, translate
    from sim.files.storage import writing
    from sim.report.console import line

    output, found = Console(), list(check_files(place))
    damaged = [each for each in found if each.reason]
    removed = 0
    for each in damaged:
        about = {"path": each.path, "reason": translate(each.reason), "cure": translate(each.cure)}
        cured = each.mend if mend else None
        if cured:
            with writing(each.path):
                cured()
            removed += 1
        line(output, phrase("files", "removed" if cured else "damaged", **about), wrap=False)
    if not found:
        raise InputError(f"{place}: holds nothing that is stored with a checksum")
    said = phrase("files", "whole", count=len(found) - len(damaged))
    unsealed = sum(not each.reason and not each.sealed for each in found)
    said += phrase("files", "unsealed", count=unsealed) if unsealed else ""
    said += phrase("files", "of_damaged", count=len(damaged))
    line(output, said + (phrase("files", "of_removed", count=removed) if mend else ""), wrap=False)
    if removed < len(damaged):
        sys.exit(ResultsError.exit_code)


@click.command()
@language("output")
def verify(language: str) -> None:
    """Check pairing and accounts on this machine."""
    from sim.verify import verify as hold

    if not hold(Console()):
        sys.exit(1)
