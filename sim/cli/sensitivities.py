"""The command that ranks the parameters which drive outcomes and effects."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenarios
from sim.cli.flags import Flags, campaign_flags, manner, notes

if TYPE_CHECKING:
    from sim.runs.backends import Backend


@click.command()
@click.argument("scenario", shell_complete=scenarios)
@click.option("--parameter", "wanted", multiple=True, metavar="NAME[=LOW:HIGH]",
              help="Vary this parameter; repeatable. By default those that calibration varies.")  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Vary all parameters of the table: an hour or more.")
@click.option("--outcome", "outcomes", multiple=True, metavar="NAME",
              help="Look at this outcome; repeatable. By default twelve of all families.")  # fmt: skip
@click.option("--trajectories", type=click.IntRange(4, 10_000), default=8, show_default=True, metavar="N",
              help="Trajectories of screening.")  # fmt: skip
@click.option("--points", type=click.IntRange(0, 100_000), default=64, show_default=True, metavar="N",
              help="Further points for shares of the variance; 0 for screening alone.")  # fmt: skip
@click.option("--people", type=click.IntRange(20, 1_000_000), metavar="N",
              help="People in each economy; by default about 200 in firms that the rules reach.")  # fmt: skip
@click.option("--replicates", type=click.IntRange(1, 1000), default=1, show_default=True, metavar="N",
              help="Economies at each point.")  # fmt: skip
@campaign_flags
def sensitivity(
    scenario: str, wanted: tuple[str, ...], everything: bool, outcomes: tuple[str, ...], trajectories: int, points: int,
    parameters: str, backend: "Backend", dry_run: bool, out: Path, figures: bool, language: str, **size: Any,
) -> None:  # fmt: skip
    """Find what drives the results of SCENARIO.

    Parameters are varied over their priors, in pairs of SCENARIO and its reference with common random numbers: first
    one at a time along trajectories, then together those whose influence is distinguishable from chance. Each run is
    stored: repeat the command to continue after an interruption. Results are written to DIR/sensitivity_SCENARIO.
    """
    from sim.calibration.priors import load_priors
    from sim.figures.words import phrase
    from sim.report.console import line
    from sim.report.progress import duration, steps
    from sim.runs.evaluations import Evaluator
    from sim.runs.progress import wave_name
    from sim.scenario.loading import counterfactual, load
    from sim.scenario.memory import check_size
    from sim.scenario.parameter_draws import load_draws
    from sim.sensitivity.analysis import KIND, analyse
    from sim.sensitivity.campaign import FILLING, SCREENING, check_reached, order, seconds_expected, sized
    from sim.sensitivity.ranges import chosen_outcomes, factors

    names = chosen_outcomes(outcomes)
    varied = factors(wanted, everything, load_priors(), load(scenario).parameters)
    economies = (2 * trajectories + points) * size["replicates"]
    draws = load_draws(parameters)
    chosen = sized(scenario, **size, economies=economies, parameters=draws)
    reference = counterfactual(chosen, scenario)
    check_size(chosen, worlds=2 if reference else 1, whole=True)
    what = order(
        scenario, chosen, reference, names, varied, (trajectories, points), out.absolute() / "evaluations", draws
    )
    reached = check_reached(what, chosen)
    seconds = seconds_expected(what, chosen, reached, backend.workers)
    about = {"parameters": len(varied), "runs": f"{what.runs:,}", "people": f"{reached:.0f}"}
    line(notes, phrase("drivers", "size", **about, time=duration(seconds), cores=backend.workers))
    if dry_run:
        return
    how = manner(f"{KIND}_{chosen.name}", Flags(out=out, figures=figures, language=language, parameters=parameters))
    words = {SCREENING: phrase("progress", "screening"), FILLING: phrase("progress", "filling")}
    shown = steps(notes, {wave_name(stage): text for stage, text in words.items()})
    with closing(backend.start(what.folder)) as executor:
        analyse(what, chosen, reference, reached, Evaluator(executor, shown), how)
