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
    """Read a share of the runs as number and count, as in 2/3."""
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise click.BadParameter(f"'{text}': a share of several is needed, as in 2/3")
    return int(found[1]), int(found[2])


def _after(text: str) -> tuple[int | None, float | None]:
    """Read a number of runs or a time, as in 30m; return (runs, seconds), one of them None."""
    found = re.fullmatch(r"(\d{1,9})([smh]?)", text)
    if not found:
        raise click.BadParameter(f"'{text}': a number of runs or a time is needed, as in 500, 90s, 30m or 8h")
    number = int(found[1])
    return (number, None) if not found[2] else (None, number * {"s": 1.0, "m": 60.0, "h": 3600.0}[found[2]])


@click.command()
@click.argument("design", shell_complete=designs)
@click.option("--dry-run", is_flag=True, help="Only print how large the sweep is and how long it takes, from a probe.")
@count("--replicates", (1, 100_000), "Replicates, instead of the file's.")
@backend_flags
@click.option(
    "--shard", "share", type=_share, default="1/1", metavar="I/N", help="Only do every N-th run, from the I-th on."
)
@click.option("--retry-failed", is_flag=True, help="Also retry failed runs, after all others.")
@click.option("--stop-after", type=_after, metavar="N|TIME", help="Start no new runs after N runs, or after 30m or 8h.")
@count("--attempts", (1, 100), "How many times a run's process may die before the run is given up.", 3)
@count("--chunk", (1, 100_000), "Runs in a chunk; by default chosen by their duration.")
@click.option("--parameters", metavar="SET", shell_complete=parameter_sets,
              help="Parameter set, instead of the design's: surveyed, report, audited, point or a file. A design that "
              f"names none uses {DEFAULT}.")  # fmt: skip
@out("results/sweeps", "Folder in which the folder of the sweep is created.")
@DRAWING
@with_files
def sweep(design: str, **options: Any) -> None:
    """Run the sweep of the file DESIGN.

    DESIGN is a TOML file, or a name in scenarios/sweeps/. Finished runs are stored: repeat the command to continue
    after it was stopped or killed. Exit codes: 0 complete; 5 partial, runs are missing; 6 all tried, some failed. With
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

    The command only reads files. It works during a sweep, after a crash, and on any machine that sees the folder. Exit
    codes are those of `offhours sweep`.
    """
    from sim.sweeps.session import show_status

    sys.exit(show_status(folder, Console()))


@click.command()
@FOLDER
@outcomes("Analyse this outcome; repeatable. By default burnout, output, overtime.")
@PARAMETERS
@out()
@DRAWING
@as_flags
def regions(folder: Path, outcomes: tuple[str, ...], flags: Flags) -> None:
    """Find where rules raise and lower outcomes.

    The sweep in FOLDER must have sampled points (lhs or sobol), as `offhours sweep map` has. Nothing is simulated.
    --parameters names the posterior whose draws are located in the regions. Results are written to DIR/regions_NAME.
    """
    from sim.sweeps.folder import open_sweep
    from sim.sweeps.regions import KIND, show_regions

    show_regions(folder, outcomes, flags.setup(f"{KIND}_{open_sweep(folder).plan.name}"))


@click.command()
@page_flags("the page when it opens; it offers both", "page.html")
@outcomes("Show this outcome; repeatable. By default burnout, hidden and unpaid hours, output.")
@click.option("--check", type=PATH, metavar="FOLDER",
              help="A sweep of the same axes at other points, to compare the fitted curves with.")  # fmt: skip
def page(folder: Path, outcomes: tuple[str, ...], check: Path | None, out: Path | None, language: str) -> None:
    """Make an interactive page with sliders.

    Curves are fitted to the effects that the sweep in FOLDER simulated, over all its numeric axes, and written into one
    HTML file. Its sliders set the axes, and it shows the effects with intervals; it needs only a browser. Nothing is
    simulated.
    """
    from sim.sweeps.sliders import make_page

    make_page(folder, outcomes, check, out, language, notes)


@click.command()
@click.argument("folders", nargs=-1, required=True, type=PATH, metavar="FOLDER...", shell_complete=results)
@click.option("--into", required=True, type=PATH, metavar="DIR", help="Folder of the merged sweep.")
@DRAWING
def merge(folders: tuple[Path, ...], into: Path, figures: bool, language: str) -> None:
    """Merge the shares of one sweep.

    Each FOLDER is a share that was run with --shard, on machines without a common file system. Folders of another
    design or version are refused. Exit codes are those of `offhours sweep`.
    """
    from sim.report.console import line
    from sim.sweeps import session
    from sim.sweeps.monitor import PARTIAL

    sweep = session.merge(folders, into)
    if session.write_tables(sweep, partial(line, notes)).code != PARTIAL and figures:
        session.show_figures(sweep, language, notes)
    sys.exit(session.show_status(into, Console()))
