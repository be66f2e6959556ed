"""The command line: it reads what the user wants and turns errors into one clear message.

Only click and rich are imported at the top; everything else is imported by the command that needs it, so that help
is quick.
"""

import functools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from rich.console import Console

if TYPE_CHECKING:
    from sim.schema import Scenario
    from sim.study import Manner

INTERRUPTED = 130  # exit code, as shells have it
BROKEN_PIPE = 141

notes = Console(stderr=True)  # what is happening; standard output is for results


class Flags(NamedTuple):
    """What the flags of a study say; None leaves what the scenario says."""

    people: int | None
    years: float | None
    replicates: int | None
    seed: int | None
    threads: int | None
    out: Path
    figures: bool

    def applied(self, scenario: "Scenario") -> "Scenario":
        """Change the run of a scenario as the flags say.

        Parameters
        ----------
        scenario : Scenario
            A scenario.

        Returns
        -------
        Scenario
            With the size and seed asked for.
        """
        from sim.scenario import changed

        return changed(scenario, people=self.people, years=self.years, replicates=self.replicates, seed=self.seed)


_FLAGS = (
    click.option("--people", type=int, metavar="N", help="People in each replicate."),
    click.option("--years", type=float, metavar="X", help="Years simulated."),
    click.option("--replicates", type=int, metavar="N", help="Independent economies."),
    click.option("--seed", type=int, metavar="N", help="Seed of all draws."),
    click.option("--threads", type=click.IntRange(1, 1024), metavar="N", help="Threads; they change no result."),
    click.option(
        "--out", type=click.Path(path_type=Path), default="results", show_default=True, metavar="DIR",
        help="Where the folder of the results is made.",
    ),
    click.option("--figures/--no-figures", default=True, help="Whether to draw figures."),
)  # fmt: skip


def study_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the flags of a study.

    Parameters
    ----------
    command : Callable[..., None]
        A function that takes ``flags: Flags`` by keyword.

    Returns
    -------
    Callable[..., None]
        The function with the flags as options.
    """

    @functools.wraps(command)
    def gathered(**given: Any) -> None:
        flags = Flags(*(given.pop(name) for name in Flags._fields))
        command(flags=flags, **given)

    for flag in reversed(_FLAGS):
        gathered = flag(gathered)
    return gathered


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="offhours")
def cli() -> None:
    """Simulate messaging rules at work: burnout, overtime and efficiency, with the price of silence.

    A SCENARIO is a name that `offhours list` shows, or the path of a TOML file.
    """


@cli.command()
@click.argument("scenario")
@study_flags
def run(scenario: str, flags: Flags) -> None:
    """Run SCENARIO, and what it is compared with.

    Both worlds run on the same draws; the difference is shown with its interval.
    The results go to DIR/NAME-OF-THE-SCENARIO, whole or not at all.
    """
    from sim.scenario import counterfactual, load

    chosen = flags.applied(load(scenario))
    _study([chosen], counterfactual(chosen, scenario), chosen.name, flags)


@cli.command()
@click.argument("reference")
@click.argument("others", nargs=-1, required=True, metavar="SCENARIO...")
@study_flags
def compare(reference: str, others: tuple[str, ...], flags: Flags) -> None:
    """Compare each SCENARIO with REFERENCE.

    All are simulated on the people, dates and firms of REFERENCE.
    The results go to DIR/compare_REFERENCE_SCENARIO..., whole or not at all.
    """
    from sim.errors import InputError
    from sim.scenario import load, on_economy

    first = flags.applied(load(reference))
    rest = [on_economy(load(other), first) for other in others]
    names = [first.name, *(other.name for other in rest)]
    if len(set(names)) < len(names):
        raise InputError(f"each scenario can stand once in a comparison: {' '.join(names)}")
    _study(rest, first, "_".join(["compare", *names]), flags)


def _study(others: "list[Scenario]", reference: "Scenario | None", name: str, flags: Flags) -> None:
    """Do a study after its size was checked; the engine is loaded only now."""
    from sim.scenario import check_size

    check_size(others[0], worlds=2 if reference else 1)
    from sim.study import study

    study(others, reference, _manner(name, flags))


def _manner(name: str, flags: Flags) -> "Manner":
    """Say how a study is done and where its results go."""
    from sim.study import Manner

    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Manner(flags.out / name, flags.threads or usable, flags.figures, notes, Console())


@cli.command()
@click.argument("files", nargs=-1, required=True, metavar="SCENARIO...")
def check(files: tuple[str, ...]) -> None:
    """Report every mistake in each SCENARIO."""
    from sim.errors import InputError
    from sim.scenario import check_size, counterfactual, load, memory_needed

    found = []
    for file in files:
        try:
            scenario = load(file)
            worlds = 2 if counterfactual(scenario, file) else 1
            check_size(scenario, worlds)
        except InputError as error:
            found.append(str(error))
            continue
        size = memory_needed(scenario, worlds) / 1e9
        click.echo(f"{file}: {scenario.title}; {len(scenario.levers)} levers; a run needs about {size:.1f} GB")
    if found:
        raise InputError("\n".join(found))


@cli.command("list")
def list_scenarios() -> None:
    """List the scenarios."""
    from sim.scenario import load, names

    for name in names():
        click.echo(f"{name:24} {load(name).title}")


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
def plot(folder: Path) -> None:
    """Draw the figures of FOLDER again.

    FOLDER holds stored results; nothing is simulated.
    """
    from sim.plots import draw_all
    from sim.store import read

    results = read(folder)
    places = [folder / str(name) for name in results.manifest.get("scenarios", ())]
    for each in map(read, places) if places else [results]:
        for path in draw_all(each.folder, each.tables, each.manifest):
            click.echo(path)


@cli.command()
def verify() -> None:
    """Prove that pairing and books hold here."""
    from sim.verify import verify as hold

    if not hold(Console()):
        sys.exit(1)


@cli.command()
@click.option(
    "--set",
    "chosen",
    type=click.Choice(["report", "audited"]),
    default="report",
    show_default=True,
    help="Which reading of the evidence to print; both are stored.",
)
@study_flags
def targets(chosen: str, flags: Flags) -> None:
    """Hold the model against survey figures.

    Unless the flags say otherwise, one year is simulated in two replicates.
    """
    from sim.scenario import check_size, load, on_economy

    quick = flags._replace(years=flags.years or 1.0, replicates=flags.replicates or 2)
    today = quick.applied(load("status_quo"))
    without_messaging = on_economy(load("no_instant_messaging"), today)
    check_size(today, worlds=3)
    from sim.study import hold_against_targets

    hold_against_targets(today, without_messaging, chosen, _manner("targets", flags))


@cli.command()
def schema() -> None:
    """Write the schema of scenario files.

    Editors complete and check scenario files from it.
    """
    import json

    from sim.scenario import SCENARIOS
    from sim.schema import json_schema

    path = SCENARIOS / "scenario.schema.json"
    path.write_text(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(f"wrote {path}")


@cli.command()
def parameters() -> None:
    """Print the table of parameters."""
    from rich.table import Column, Table
    from rich.text import Text

    from sim.parameters import TABLE

    table = Table(Column("parameter", no_wrap=True), "value", "range", "meaning", box=None, padding=(0, 2, 0, 0))
    for row in TABLE:
        switch = f"; switched by {row.mechanism}" if row.mechanism else ""
        meaning = Text(f"{row.meaning}; {row.source}{switch}")
        table.add_row(row.name, f"{row.value:g} {row.unit}", f"{row.low:g} to {row.high:g}", meaning)
    Console().print(table)


def main() -> None:
    """Run the command line, and end with one clear message and a fitting exit code if something is wrong."""
    from sim.errors import OffhoursError

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        cli(standalone_mode=False)
    except OffhoursError as error:
        _fail("\n".join(f"error: {line}" for line in str(error).splitlines()), error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _fail("interrupted; earlier results are as they were", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)
    except MemoryError:
        _fail("error: out of memory; use fewer people, years or replicates", 1)


def _fail(message: str, code: int) -> None:
    """Print a message to standard error and end."""
    click.echo(message, err=True)
    sys.exit(code)
