"""Commands with hundreds of runs: what drives results, what to measure next, and which rules are robust."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from sim.cli.completion import scenarios
from sim.cli.flags import PATH, Flags, campaign_flags, count, made_of_each, notes, outcomes
from sim.core.errors import InputError
from sim.core.parameter_sets import POINT

if TYPE_CHECKING:
    from sim.runs.backends import Backend
    from sim.runs.evaluations import Evaluator
    from sim.scenario.schema import Scenario

COUNTED = 20  # economies whose people are counted to say how long a campaign takes: a few have large firms


def _conduct(
    size: str, waves: Mapping[int, str], folder: Path, backend: "Backend", dry_run: bool,
    study: "Callable[[Evaluator], None]",
) -> None:  # fmt: skip
    """Print the size of a campaign and, unless it is a dry run, run it; ``waves`` maps each wave to its phrase."""
    from sim.figures.words import phrase
    from sim.report.console import line
    from sim.report.progress import steps
    from sim.runs.evaluations import Evaluator
    from sim.runs.progress import SHARING, wave_name

    line(Console() if dry_run else notes, size)
    if not dry_run:
        rows = {wave_name(wave): text for wave, text in waves.items()} | {SHARING: "sharing"}
        shown = steps(notes, {step: phrase("progress", text) for step, text in rows.items()})
        with closing(backend.start(folder)) as executor:
            study(Evaluator(executor, shown))


@click.command()
@click.argument("scenario", shell_complete=scenarios)
@click.option("--parameter", "wanted", multiple=True, metavar="NAME[=LOW:HIGH]",
              help="Vary this parameter; repeatable. By default those that calibration varies.")  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Vary all parameters of the table; takes an hour or more.")
@outcomes("Analyse this outcome; repeatable. By default twelve outcomes from all families.")
@count("--trajectories", (4, 10_000), "Trajectories of the screening.", 8)
@count("--points", (0, 100_000), "Further points, at least 20, for shares of the variance; 0 for screening alone.", 64)
@count("--people", (20, 1_000_000), "People in each economy; by default about 200 in firms that the rules reach.")
@count("--replicates", (1, 1000), "Economies at each point.", 1)
@campaign_flags
def sensitivity(
    scenario: str, wanted: tuple[str, ...], everything: bool, outcomes: tuple[str, ...], trajectories: int, points: int,
    backend: "Backend", dry_run: bool, flags: Flags,
) -> None:  # fmt: skip
    """Find what drives the results of SCENARIO.

    Parameters vary over their priors, in pairs of SCENARIO and its reference with common random numbers: first one at a
    time along trajectories, then together those whose influence is distinguishable from chance. Each run is stored:
    repeat the command to continue after an interruption. Results are written to DIR/sensitivity_SCENARIO.
    """
    from sim.calibration.priors import load_priors
    from sim.figures.words import phrase
    from sim.report.progress import duration
    from sim.scenario.loading import counterfactual, load
    from sim.scenario.memory import check_size
    from sim.scenario.parameter_draws import load_draws
    from sim.sensitivity.analysis import KIND, analyse
    from sim.sensitivity.campaign import FILLING, SCREENING, affordable, check_reached, order, seconds_expected
    from sim.sensitivity.ranges import OUTCOMES, factors

    varied = factors(wanted, everything, load_priors(), load(scenario).parameters)
    replicates, draws = flags.replicates or 1, load_draws(flags.parameters)
    economies = (2 * trajectories + points) * replicates
    chosen = affordable(scenario, flags.people, flags.years, replicates, flags.seed, economies, draws)
    reference = counterfactual(chosen, scenario)
    check_size(chosen, worlds=2 if reference else 1, whole=True)
    folder = flags.out.absolute() / "evaluations"
    what = order(chosen, reference, outcomes or OUTCOMES, varied, (trajectories, points), folder, draws)
    reached = check_reached(what)
    seconds = seconds_expected(what, reached, backend.workers)
    about = {"parameters": len(varied), "runs": f"{what.runs:,}", "people": f"{reached:.0f}"}
    size = phrase("drivers", "size", **about, time=duration(seconds), cores=backend.workers)
    waves = {SCREENING: "screening", FILLING: "filling"}
    how = flags.setup(f"{KIND}_{chosen.name}")
    _conduct(size, waves, folder, backend, dry_run, lambda evaluator: analyse(what, reached, evaluator, how))


@click.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...", shell_complete=scenarios)
@click.option("--measurements", "file", type=PATH, metavar="FILE",
              help="TOML file of possible measurements; by default calibration/measurements.toml.")  # fmt: skip
@outcomes("Study the effect on this outcome; repeatable. By default five outcomes from all families.")
@count("--draws", (30, 1000), "Draws of the parameters, each on two economies.", 200)
@count("--people", (20, 1_000_000), "People in each economy; by default about 80 in firms that the rules reach.")
@campaign_flags
def learn(
    scenarios: tuple[str, ...], file: Path | None, outcomes: tuple[str, ...], draws: int, backend: "Backend",
    dry_run: bool, flags: Flags,
) -> None:  # fmt: skip
    """Find what to measure next about SCENARIO.

    Draws of the parameters are simulated with and without the rules. Possible measurements (survey questions, log
    statistics, panels, trials) are ranked by how much of the effect's variance they would remove, and by how much, at
    their cost, they would reduce the regret of choosing between today's rules and each SCENARIO. Several scenarios
    share one reference, and each is simulated with the years and people that the most demanding of them needs. Each run
    is stored: repeat the command to continue after an interruption. Results are written to DIR/learn_SCENARIO..., with
    a draft of the questionnaire.
    """
    from sim.figures.words import phrase
    from sim.learning.analysis import ECONOMIES, OUTCOMES, WAVE, Order
    from sim.learning.analysis import learn as learned
    from sim.learning.measurements import FILE, load_measurements
    from sim.learning.worlds import Worlds, people_simulated
    from sim.report.progress import duration
    from sim.scenario.loading import changed
    from sim.scenario.memory import check_size
    from sim.scenario.parameter_draws import load_draws
    from sim.sensitivity.campaign import CHECKED_FIRST, PACE, affordable
    from sim.studies.comparisons import folder_name

    known = load_draws(flags.parameters)
    if known is None or len(known.rows) < draws:
        there = 1 if known is None else len(known.rows)
        raise InputError(f"--parameters {flags.parameters}: holds {there:,} draws, and --draws asks for {draws:,}")
    own = (flags.people, flags.years, 1, flags.seed, CHECKED_FIRST, known)
    alone = made_of_each(scenarios, lambda each: affordable(each, *own, wanted=80, fewest=0))
    most = {key: max(getattr(each.run, key) for each in alone) for key in ("people", "years")}
    rules = tuple(changed(each, **most) for each in alone)
    first, reference = rules[0], _today(rules, scenarios)
    listed = load_measurements(file or FILE, first.country.currency)
    called = [each.name for each in rules]
    worlds, runs = 2 * len(rules) + 1, ECONOMIES * draws
    check_size(first, worlds=worlds, whole=True)
    what = Order(
        Worlds(rules, reference), outcomes or OUTCOMES, listed, known, draws, flags.out.absolute() / "evaluations"
    )
    counted = min(runs, COUNTED)
    people = sum(people_simulated(rules, known, each, each // ECONOMIES) for each in range(counted)) / counted
    days = (first.run.days + first.run.warmup_days) * people * runs * worlds
    about = {"runs": f"{runs:,}", "people": f"{people:.0f}", "worlds": worlds, "cores": backend.workers}
    size = phrase("learning", "size", time=duration(days / PACE / backend.workers), **about)
    how = flags.setup(f"learn_{folder_name(called[0], called[1:]).removeprefix('compare_')}")
    _conduct(size, {WAVE: "learning"}, what.folder, backend, dry_run, lambda evaluator: learned(what, evaluator, how))


def _today(rules: "Sequence[Scenario]", files: Sequence[str]) -> "Scenario":
    """Return the common reference of all rules; ``InputError`` if they have different ones or it is one of them."""
    from sim.scenario.loading import counterfactual

    called, today = [each.name for each in rules], []
    for each, file in zip(rules, files, strict=True):
        if (world := counterfactual(each, file)) is None:
            raise InputError(f"{each.name}: is compared with itself, so there is no effect to learn about")
        today.append(world)
        if world != today[0]:
            raise InputError(
                f"{called[0]}, {each.name}: are compared with worlds that differ in economy, parameters or rules, "
                "and a choice is made in one; give their files the same base and compare_with"
            )
    if len({*called, today[0].name}) < len(rules) + 1:
        raise InputError(f"each scenario is named once, without {today[0].name}: {' '.join(called)}")
    return today[0]


@click.command()
@click.argument("scenario", shell_complete=scenarios)
@click.option("--lever", "levers", multiple=True, metavar="KIND.FIELD=LOW:HIGH",
              help="A number of a lever and its range; repeatable. Without it, all numbers are listed.")  # fmt: skip
@click.option("--demand", "demands", multiple=True, metavar="OUTCOME=WORST",
              help="Objective, and the value that its effect must be better than, as in output=-1%; repeatable. By "
              "default exhaustion=0, unpaid_overtime=0, output=-1%, employer_cost=1%.")  # fmt: skip
@count("--points", (10, 5_000), "Points to which emulators are fitted, for each set; four share a draw.", 96)
@count("--rules", (2, 26), "Rules of the front that are judged.", 8)
@count("--confirm", (2, 1000), "Further draws at which these rules are simulated.", 8)
@count("--people", (20, 1_000_000), "People in each economy; by default about 160 in firms that the rules reach.")
@campaign_flags
def search(
    scenario: str, levers: tuple[str, ...], demands: tuple[str, ...], points: int, rules: int, confirm: int,
    backend: "Backend", dry_run: bool, flags: Flags,
) -> None:  # fmt: skip
    """Search the levers of SCENARIO for rules that are robust.

    Pairs of worlds are simulated at points over the ranges of the levers. Four points share a draw of the parameters,
    so that effects of the levers are separated from those of the draw. Emulators of the effects give a Pareto front of
    rules. Rules of the front are simulated at further draws and judged over the draws: how often each meets the
    demands, its regret, and under which conditions it fails. With several sets of --parameters, rules are judged under
    each of them. Each run is stored: repeat the command to continue after an interruption. Results are written to
    DIR/search_SCENARIO. Exit code 5: interrupted.
    """
    from sim.scenario.loading import counterfactual
    from sim.scenario.memory import check_size
    from sim.scenario.parameter_draws import load_sets
    from sim.search.analysis import KIND
    from sim.search.analysis import search as searched
    from sim.search.problem import Problem, read_demands, read_levers
    from sim.sensitivity.campaign import CHECKED_FIRST, affordable
    from sim.sweeps.driving import Options

    readings = load_sets(flags.parameters)
    first = next(iter(readings.values()))
    chosen = affordable(scenario, flags.people, flags.years, 1, flags.seed, CHECKED_FIRST, first, wanted=160, fewest=0)
    reference = counterfactual(chosen, scenario)
    if reference is None:
        raise InputError(f"{chosen.name}: is compared with itself, so there is nothing to search")
    check_size(chosen, worlds=2, whole=True)
    axes, whole = read_levers(levers, chosen)
    problem = Problem(chosen, reference, axes, whole, read_demands(demands), readings, points, rules, confirm)
    options = Options(
        dry_run=dry_run, out=flags.out / "sweeps", figures=False, language=flags.language, backend=backend
    )
    sys.exit(searched(problem, options, flags._replace(parameters=POINT).setup(f"{KIND}_{chosen.name}")))
