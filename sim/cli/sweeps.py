"""Commands about sweeps: many runs from a design file, on this machine or a cluster."""

import re
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from sim.cli.flags import FIGURES, LANGUAGE, notes, usable, with_files
from sim.core.parameter_sets import DEFAULT


class Share(click.ParamType[tuple[int, int]]):
    """A share of several, as in 2/3."""

    name = "i/N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Read number and count of a share."""
        found = value if isinstance(value, tuple) else re.fullmatch(r"(\d{1,6})/(\d{1,6})", str(value))
        if isinstance(found, tuple):
            return found
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            self.fail(f"'{value}': a share of several is needed, as in 2/3", param, ctx)
        return int(found[1]), int(found[2])


class After(click.ParamType[tuple[int | None, float | None]]):
    """A number of runs, or a time as in 30m."""

    name = "runs or time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int | None, float | None]:
        """Read runs or seconds; the other one is None."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\d+)([smh]?)", str(value))
        if not found:
            self.fail(f"'{value}': a number of runs or a time is needed, as in 500, 90s, 30m or 8h", param, ctx)
        number = int(found[1])
        return (number, None) if not found[2] else (None, number * {"s": 1.0, "m": 60.0, "h": 3600.0}[found[2]])


class Setting(click.ParamType[tuple[str, str]]):
    """A setting with its name, as in partition=main."""

    name = "key=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Read name and value."""
        key, sign, text = str(value).partition("=")
        if not sign:
            self.fail(f"'{value}': a name and a value are needed, as in partition=main", param, ctx)
        return key.strip(), text.strip()


@click.command()
@click.argument("design")
@click.option("--dry-run", is_flag=True, help="Say how large the sweep is, from a measured probe, and do no more.")
@click.option("--replicates", type=click.IntRange(1, 100_000), metavar="N", help="Instead of what the file says.")
@click.option(
    "--backend", type=click.Choice(["local", "serial", "dask", "slurm"]), default="local", show_default=True,
    help="Who does the runs; results do not depend on it.",
)  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 100_000), metavar="N", help="Processes; by default one per core.")
@click.option("--shard", type=Share(), default="1/1", metavar="I/N", help="Do only every N-th run, from the I-th on.")
@click.option("--retry-failed", is_flag=True, help="Try again what failed, after everything else.")
@click.option(
    "--resume/--no-resume", default=True, show_default=True, help="Go on where it stopped, or refuse a begun folder."
)
@click.option(
    "--stop-after", type=After(), metavar="N|TIME", help="Begin nothing new after N runs, or after 30m or 8h."
)
@click.option("--attempts", type=click.IntRange(1, 100), default=3, show_default=True, metavar="N",
              help="Deaths of its process after which a run is left alone.")  # fmt: skip
@click.option(
    "--chunk", type=click.IntRange(1, 100_000), metavar="N", help="Runs in a chunk; by default by their time."
)
@click.option("--parameters", metavar="SET",
              help=f"Instead of the design's ({DEFAULT} by default): report, audited, point or a file.")  # fmt: skip
@click.option("--scheduler", metavar="ADDRESS|FILE", help="Dask scheduler that is running, for --backend dask.")
@click.option("--slurm", multiple=True, type=Setting(), metavar="KEY=VALUE",
              help="For slurm: partition, account, walltime, memory, interface, cpus, directive.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default="results/sweeps", show_default=True, metavar="DIR",
              help="Where the folder of the sweep is made.")  # fmt: skip
@FIGURES
@LANGUAGE
@with_files
def sweep(design: str, **options: Any) -> None:
    """Run the sweep of the file DESIGN.

    DESIGN is a TOML file, or a name of scenarios/sweeps/. Finished runs are stored: the same command continues where it
    was stopped or killed. Exit codes: 0 complete; 5 partial, runs are missing; 6 all tried, some failed. With
    --dry-run, a probe that fails is an error.
    """
    from sim.sweeps.session import Options, run_sweep

    runs, seconds = options.pop("stop_after") or (None, None)
    options["slurm"] = dict(options["slurm"])
    workers = options.pop("workers") or usable()
    sys.exit(run_sweep(design, Options(**options, workers=workers, runs=runs, seconds=seconds), notes, Console()))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def status(folder: Path) -> None:
    """Show the progress of the sweep in FOLDER.

    Only files are read, so this works during a sweep, after a crash, and wherever the folder is visible. Exit codes are
    those of `offhours sweep`.
    """
    from sim.sweeps.session import show_status

    sys.exit(show_status(folder, Console()))


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FOLDER...")
@click.option("--into", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where they are put.")
@FIGURES
@LANGUAGE
def merge(folders: tuple[Path, ...], into: Path, figures: bool, language: str) -> None:
    """Merge each FOLDER of one sweep.

    For shares of a sweep that were run with --shard on machines without a common file system. Folders of another design
    or version are refused. Exit codes are those of `offhours sweep`.
    """
    from sim.sweeps.monitor import PARTIAL
    from sim.sweeps.query import merge as merged
    from sim.sweeps.session import show_figures, show_status, write_tables

    sweep = merged(folders, into)
    if write_tables(sweep).code != PARTIAL and figures:
        show_figures(sweep, language, notes)
    sys.exit(show_status(into, Console()))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("sql", required=False)
@click.option("--csv", is_flag=True, help="Print comma-separated values instead of a table.")
def query(folder: Path, sql: str | None, csv: bool) -> None:
    """Query the sweep in FOLDER in SQL.

    The tables are runs, effects, responses and conditions. Without SQL, failed runs are counted by their reason.
    """
    import polars as pl

    from sim.sweeps.folder import open_sweep
    from sim.sweeps.query import FAILURES
    from sim.sweeps.query import query as asked

    answer = asked(open_sweep(folder), sql or FAILURES)
    if csv:
        click.echo(answer.write_csv(), nl=False)
        return
    with pl.Config(tbl_rows=200, tbl_cols=40, tbl_width_chars=-1, tbl_hide_dataframe_shape=True, fmt_str_lengths=120):
        click.echo(str(answer))
