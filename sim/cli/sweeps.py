"""Commands about sweeps: many runs from a design file, on this machine or a cluster."""

import re
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from sim.cli.completion import designs, parameter_sets, results
from sim.cli.flags import (
    DRAWING,
    FOLDER,
    LANGUAGE,
    PARAMETERS,
    PATH,
    Flags,
    as_flags,
    backend_flags,
    count,
    notes,
    out,
    outcomes,
    page_flags,
    with_files,
)
from sim.core.parameter_sets import DEFAULT


def _share(text: str) -> tuple[int, int]:
    """Read number and count of a share of several, as in 2/3."""
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise click.BadParameter(f"'{text}': a share of several is needed, as in 2/3")
    return int(found[1]), int(found[2])


def _after(text: str) -> tuple[int | None, float | None]:
    """Read a number of runs, or a time as in 30m in seconds; the other one is None."""
    found = re.fullmatch(r"(\d{1,9})([smh]?)", text)
    if not found:
        raise click.BadParameter(f"'{text}': a number of runs or a time is needed, as in 500, 90s, 30m or 8h")
    number = int(found[1])
    return (number, None) if not found[2] else (None, number * {"s": 1.0, "m": 60.0, "h": 3600.0}[found[2]])


@click.command()
@click.argument("design", shell_complete=designs)
@click.option("--dry-run", is_flag=True, help="Say how large the sweep is, from a measured probe, and do no more.")
@count("--replicates", (1, 100_000), "Instead of what the file says.")
@backend_flags
@click.option(
    "--shard", "share", type=_share, default="1/1", metavar="I/N", help="Do only every N-th run, from the I-th on."
)
@click.option("--retry-failed", is_flag=True, help="Try again what failed, after everything else.")
@click.option("--stop-after", type=_after, metavar="N|TIME", help="Begin nothing new after N runs, or after 30m or 8h.")
@count("--attempts", (1, 100), "Deaths of its process after which a run is left alone.", 3)
@count("--chunk", (1, 100_000), "Runs in a chunk; by default by their time.")
@click.option("--parameters", metavar="SET", shell_complete=parameter_sets,
              help=f"Not the design's ({DEFAULT} by default): surveyed, report, audited, point or a file.")  # fmt: skip
@out("results/sweeps", "Where the folder of the sweep is made.")
@DRAWING
@with_files
def sweep(design: str, **options: Any) -> None:
    """Run the sweep of the file DESIGN.

    DESIGN is a TOML file, or a name of scenarios/sweeps/. Finished runs are stored: the same command continues where it
    was stopped or killed. Exit codes: 0 complete; 5 partial, runs are missing; 6 all tried, some failed. With
    --dry-run, a probe that fails is an error.
    """
    from sim.sweeps.driving import Options
    from sim.sweeps.session import run_sweep

    _, code = run_sweep(design, Options(**options), notes, Console())
    sys.exit(code)


@click.command()
@FOLDER
@LANGUAGE
def status(folder: Path, language: str) -> None:
    """Show the progress of the sweep in FOLDER.

    Only files are read, so this works during a sweep, after a crash, and wherever the folder is visible. Exit codes are
    those of `offhours sweep`.
    """
    from sim.sweeps.session import show_status

    sys.exit(show_status(folder, Console()))


@click.command()
@FOLDER
@outcomes("Look at this outcome; repeatable. By default burnout, output, overtime.")
@PARAMETERS
@out()
@DRAWING
@as_flags
def regions(folder: Path, outcomes: tuple[str, ...], flags: Flags) -> None:
    """Find where rules raise and lower outcomes.

    The sweep in FOLDER must have sampled points (lhs or sobol), as that of `offhours sweep map`. Nothing is simulated.
    --parameters names the posterior whose draws are looked for. Results are written to DIR/regions_NAME.
    """
    from sim.sweeps.folder import open_sweep
    from sim.sweeps.regions import KIND, show_regions

    show_regions(folder, outcomes, flags.setup(f"{KIND}_{open_sweep(folder).plan.name}"))


@click.command()
@page_flags("the page, which has both, at first", "page.html")
@outcomes("Show this outcome; repeatable. By default burnout, hidden and unpaid hours, output.")
@click.option("--check", type=PATH, metavar="FOLDER",
              help="A sweep of the same axes at other points, to compare the fitted curves with.")  # fmt: skip
def page(folder: Path, outcomes: tuple[str, ...], check: Path | None, out: Path | None, language: str) -> None:
    """Make a page to play with.

    Curves are fitted to the effects that the sweep in FOLDER simulated, over all its axes of numbers, and written into
    one HTML file: sliders move the effects, with intervals, and nothing else is needed than a browser. Nothing is
    simulated.
    """
    from sim.sweeps.sliders import make_page

    make_page(folder, outcomes, check, out, language, notes)


@click.command()
@click.argument("folders", nargs=-1, required=True, type=PATH, metavar="FOLDER...", shell_complete=results)
@click.option("--into", required=True, type=PATH, metavar="DIR", help="Where they are put.")
@DRAWING
def merge(folders: tuple[Path, ...], into: Path, figures: bool, language: str) -> None:
    """Merge each FOLDER of one sweep.

    For shares of a sweep that were run with --shard on machines without a common file system. Folders of another design
    or version are refused. Exit codes are those of `offhours sweep`.
    """
    from sim.report.console import line
    from sim.sweeps import session
    from sim.sweeps.monitor import PARTIAL

    sweep = session.merge(folders, into)
    if session.write_tables(sweep, partial(line, notes)).code != PARTIAL and figures:
        session.show_figures(sweep, language, notes)
    sys.exit(session.show_status(into, Console()))
