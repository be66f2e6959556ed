"""The command that ranks the parameters which drive outcomes and effects."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from sim.cli.flags import LANGUAGE, PARAMETERS, notes, usable
from sim.cli.sweeps import Setting

_SIZE: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--people", type=click.IntRange(20, 1_000_000), metavar="N",
        help="People in each economy; by default about 200 in firms that the rules reach.",
    ),
    click.option("--years", type=float, metavar="X", help="Years simulated; by default at most one."),
    click.option(
        "--replicates", type=click.IntRange(1, 1000), default=1, show_default=True, metavar="N",
        help="Economies at each point.",
    ),
    click.option("--seed", type=int, metavar="N", help="Seed of all draws."),
    PARAMETERS,
)  # fmt: skip
_DOING: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--backend", type=click.Choice(["local", "serial", "dask", "slurm"]), default="local", show_default=True,
        help="Who does the runs, as for `sweep`; results do not depend on it.",
    ),
    click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help="Processes; by default one per core."),
    click.option("--scheduler", metavar="ADDRESS|FILE", help="Dask scheduler that is running, for --backend dask."),
    click.option(
        "--slurm", multiple=True, type=Setting(), metavar="KEY=VALUE",
        help="For slurm: partition, account, walltime, memory, interface, cpus, directive.",
    ),
)  # fmt: skip


def _flags(flags: tuple[Callable[[Any], Any], ...]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make one decorator of several options."""

    def given(command: Callable[..., None]) -> Callable[..., None]:
        for flag in reversed(flags):
            command = flag(command)
        return command

    return given


@click.command()
@click.argument("scenario")
@click.option("--parameter", "wanted", multiple=True, metavar="NAME[=LOW:HIGH]",
              help="Vary this parameter; repeatable. By default those that calibration varies.")  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Vary all parameters of the table: an hour or more.")
@click.option("--outcome", "outcomes", multiple=True, metavar="NAME",
              help="Look at this outcome; repeatable. By default twelve of all families.")  # fmt: skip
@click.option(
    "--trajectories",
    type=click.IntRange(4, 10_000),
    default=8,
    show_default=True,
    metavar="N",
    help="Trajectories of screening.",
)
@click.option("--points", type=click.IntRange(0, 100_000), default=64, show_default=True, metavar="N",
              help="Further points for shares of the variance; 0 for screening alone.")  # fmt: skip
@_flags(_SIZE)
@_flags(_DOING)
@click.option(
    "--dry-run", is_flag=True, help="Say how many runs there would be and how long they take, and do no more."
)
@click.option("--out", type=click.Path(path_type=Path), default="results", show_default=True, metavar="DIR",
              help="Where results and runs are kept.")  # fmt: skip
@click.option("--figures/--no-figures", default=True, help="Whether to draw figures.")
@LANGUAGE
def sensitivity(
    scenario: str, wanted: tuple[str, ...], everything: bool, outcomes: tuple[str, ...], trajectories: int, points: int,
    people: int | None, years: float | None, replicates: int, seed: int | None, parameters: str,
    dry_run: bool, out: Path, figures: bool, language: str,
    **doing: Any,
) -> None:  # fmt: skip
    """Find what drives the results of SCENARIO.

    Parameters are varied over their priors, in pairs of SCENARIO and its reference with common random numbers: first
    one at a time along trajectories, then together those whose influence is distinguishable from chance. Each run is
    stored: repeat the command to continue after an interruption. Results are written to DIR/sensitivity_SCENARIO.
    """
    from sim.calibration.priors import load_priors
    from sim.runs import results as store
    from sim.runs.progress import steps_timed
    from sim.scenario.loading import check_size, counterfactual, load
    from sim.scenario.parameter_draws import load_draws
    from sim.sensitivity.analysis import KIND, Setup, analyse, summary
    from sim.sensitivity.campaign import check_reached, order, seconds_expected, sized
    from sim.sensitivity.outcomes import chosen_outcomes
    from sim.sensitivity.ranges import factors
    from sim.sweeps.mapping import Mapped
    from sim.sweeps.session import Options, backend_of

    if figures and language != "en":
        from sim.figures.fonts import check

        check(language)  # before an hour of simulation, not after
    names = chosen_outcomes(outcomes)
    varied = factors(wanted, everything, load_priors(), load(scenario).parameters)
    economies = (2 * trajectories + points) * replicates
    draws = load_draws(parameters)
    chosen = sized(scenario, people, years, replicates, seed, economies, draws)
    reference = counterfactual(chosen, scenario)
    check_size(chosen, worlds=2 if reference else 1)
    what = order(
        scenario, chosen, reference, names, varied, (trajectories, points), out.absolute() / "evaluations", draws
    )
    reached = check_reached(what, chosen)
    count = doing.pop("workers") or usable()
    _announce(what.runs, reached, seconds_expected(what, chosen, reached, count), count, len(varied))
    if dry_run:
        return
    about = Setup(chosen, reference, reached, out / f"{KIND}_{chosen.name}", figures, language)
    backend = backend_of(Options(**doing | {"workers": count, "slurm": dict(doing["slurm"])}), about.folder)
    try:
        trouble = analyse(what, about, Mapped(backend), steps_timed(notes))
    finally:
        backend.close()
    results = store.read(about.folder)
    Console().print(summary(results.tables, results.manifest), markup=False, highlight=False, soft_wrap=True, end="")
    Console().print(f"Results: {about.folder}", markup=False, highlight=False, soft_wrap=True)
    if trouble:
        from sim.core.errors import ResultsError

        raise ResultsError(f"the tables are in {about.folder}, but not all figures: {trouble}")


def _announce(runs: int, reached: float, seconds: float, workers: int, varied: int) -> None:
    """Print how many runs are coming and how long they take."""
    notes.print(
        f"{varied} parameters, up to {runs} runs of {reached:.0f} people; {_long(seconds)} on {workers} free cores. "
        "What was simulated before is used again",
        markup=False, highlight=False, soft_wrap=True,
    )  # fmt: skip


def _long(seconds: float) -> str:
    """Format an approximate duration."""
    if seconds < 60:
        return "less than a minute"
    return f"about {seconds / 60:.0f} minutes" if seconds < 90 * 60 else f"about {seconds / 3600:.1f} hours"
