"""The command that says what to measure next."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli import completion
from sim.cli.flags import Flags, campaign_flags, manner, notes

if TYPE_CHECKING:
    from sim.runs.backends import Backend


@click.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...", shell_complete=completion.scenarios)
@click.option("--measurements", "file", type=click.Path(path_type=Path), metavar="FILE",
              help="TOML file of what could be measured; by default calibration/measurements.toml.")  # fmt: skip
@click.option("--outcome", "outcomes", multiple=True, metavar="NAME",
              help="Learn about the effect on this outcome; repeatable. By default five of all families.")  # fmt: skip
@click.option("--draws", "count", type=click.IntRange(30, 1000), default=200, show_default=True, metavar="N",
              help="Draws of the parameters, each on two economies.")  # fmt: skip
@click.option("--people", type=click.IntRange(20, 1_000_000), metavar="N",
              help="People in each economy; by default about 80 in firms that the rules reach.")  # fmt: skip
@campaign_flags
def learn(
    scenarios: tuple[str, ...], file: Path | None, outcomes: tuple[str, ...], count: int, parameters: str,
    backend: "Backend", dry_run: bool, out: Path, figures: bool, language: str, **size: Any,
) -> None:  # fmt: skip
    """Find what to measure next about SCENARIO.

    Draws of the parameters are simulated with and without the rules. Each survey question, log statistic, panel or
    trial is ranked by how much of the effect's variance it would remove, and of the regret of choosing between today
    and each SCENARIO, at its cost. Each run is stored: repeat the command to continue after an interruption. Results
    are written to DIR/learn_SCENARIO..., with a draft of the questionnaire.
    """
    from sim.core.errors import InputError
    from sim.figures.words import phrase
    from sim.learning.analysis import ECONOMIES, WAVE, Order, chosen_outcomes
    from sim.learning.analysis import learn as learned
    from sim.learning.measurements import FILE, load_measurements
    from sim.learning.worlds import Worlds
    from sim.report.console import line
    from sim.report.progress import duration, steps
    from sim.runs.evaluations import Evaluator
    from sim.runs.progress import wave_name
    from sim.scenario.loading import counterfactual, load, on_economy
    from sim.scenario.memory import check_size
    from sim.scenario.parameter_draws import load_draws
    from sim.sensitivity.campaign import PACE, SEEN, sized
    from sim.studies.comparisons import folder_name

    names, draws = chosen_outcomes(outcomes), load_draws(parameters)
    if draws is None or len(draws.rows) < count:
        there = 1 if draws is None else len(draws.rows)
        raise InputError(f"--parameters {parameters}: holds {there:,} draws, and --draws asks for {count:,}")
    first = sized(scenarios[0], **size, replicates=1, economies=SEEN, parameters=draws, wanted=80, fewest=0)
    listed = load_measurements(file or FILE, first.country.currency)
    reference = counterfactual(first, scenarios[0])
    if reference is None:
        raise InputError(f"{first.name}: is compared with itself, so there is no effect to learn about")
    rules = (first, *(on_economy(load(each), first) for each in scenarios[1:]))
    if len({reference.name, *(each.name for each in rules)}) < len(rules) + 1:
        raise InputError(
            f"each scenario is named once, without {reference.name}: {' '.join(each.name for each in rules)}"
        )
    check_size(first, worlds=2 * len(rules) + 1, whole=True)
    what = Order(Worlds(rules, reference), names, listed, draws, count, out.absolute() / "evaluations")
    days = (first.run.days + first.run.warmup_days) * first.run.people * ECONOMIES * count * (2 * len(rules) + 1)
    runs = {"runs": f"{ECONOMIES * count:,}", "people": first.run.people, "worlds": 2 * len(rules) + 1}
    time = duration(days / PACE / backend.workers)
    line(notes, phrase("learning", "size", **runs, time=time, cores=backend.workers))
    if dry_run:
        return
    folder = folder_name(rules[0].name, [each.name for each in rules[1:]]).removeprefix("compare_")
    how = manner(f"learn_{folder}", Flags(out=out, figures=figures, language=language, parameters=parameters))
    with closing(backend.start(what.folder)) as executor:
        learned(what, Evaluator(executor, steps(notes, {wave_name(WAVE): phrase("progress", "learning")})), how)
