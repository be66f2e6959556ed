"""Commands that evaluate a roll-out: by survey and payroll, by the power of pilots, and by the report's dimensions."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenarios
from sim.cli.files import print_rows
from sim.cli.flags import (
    DRAWING,
    FOLDER,
    LANGUAGE,
    PATH,
    Decorator,
    Flags,
    UpToTen,
    as_flags,
    combine,
    count,
    out,
    study_flags,
)
from sim.core.errors import InputError
from sim.core.parameter_sets import POINT

if TYPE_CHECKING:
    from sim.pilots.evaluation import Plan
    from sim.scenario.schema import Scenario


def _whole_numbers(text: str) -> list[int]:
    """Read whole numbers from 1 on, separated by commas, in the given order and without duplicates."""
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        message = f"'{text}': whole numbers with commas between them are needed, as in 1,2,4"
        raise click.BadParameter(message) from None
    if min(numbers) < 1:
        raise click.BadParameter(f"'{text}': numbers of 1 or more are needed")
    return list(dict.fromkeys(numbers))


def _sizes(name: str, default: str, what: str) -> Decorator:
    """Make an option for one or several sizes of pilots."""
    return click.option(name, type=_whole_numbers, default=default, show_default=True, metavar="A,B", help=what)


def _named_number(text: str) -> tuple[str, float]:
    """Read a number with a name, as in nonresponse=0.4."""
    name, _, number = text.partition("=")
    try:
        return name.strip(), float(number)
    except ValueError:
        raise click.BadParameter(f"'{text}': a name and a number are needed, as in nonresponse=0.4") from None


_PLAN = combine(
    click.option(
        "--every", type=click.Choice(["month", "quarter"]),
        help="Time between waves; by default a month up to 3 years, else a quarter.",
    ),
    click.option("--from", "phase", metavar="PHASE", help="Count treatment from the start of this phase."),
    count("--anticipation", (0, 24), "Periods just before the start that are not used as the time before.", 0),
    click.option(
        "--survey", "changes", type=_named_number, multiple=True, metavar="NAME=X",
        help="Change an error or a size of the survey; repeatable. `offhours surveys` lists them.",
    ),
)  # fmt: skip


def _plan(scenario: "Scenario", asked: Mapping[str, Any], **size: float) -> "Plan":
    """Build the plan of an evaluation; by default, waves are monthly up to 3 years and quarterly beyond.

    Raises ``InputError`` if a value of the survey is given twice.
    """
    from sim.pilots.evaluation import Plan
    from sim.pilots.survey import survey

    given = [*(name for name, _ in asked["changes"]), *size]
    if twice := next((name for name in given if given.count(name) > 1), ""):
        raise InputError(f"--survey: '{twice}' is named twice")
    months = {"month": 1, "quarter": 3}[asked["every"] or ("month" if scenario.run.years <= 3 else "quarter")]
    return Plan(months, asked["phase"], asked["anticipation"], survey(dict(asked["changes"]) | size))


def _loaded(name: str, flags: Flags, people: int, replicates: int) -> "tuple[Scenario, Scenario]":
    """Load a scenario and its counterfactual; the default sizes give each arm many firms of one economy."""
    from sim.scenario.loading import load

    chosen, reference = flags.sized(load(name), people=people, replicates=replicates).pair(name)
    if reference is None:
        raise InputError(f"{chosen.name}: is compared with itself, so there is nothing to evaluate")
    return chosen, reference


@click.command()
@click.argument("scenario", shell_complete=scenarios)
@click.option("--people-per-firm", type=int, metavar="N", help="People asked in each firm.")
@_PLAN
@study_flags
def evaluate(scenario: str, people_per_firm: int | None, flags: Flags, **asked: Any) -> None:
    """Evaluate SCENARIO by survey and payroll.

    A panel survey and the payrolls of the simulated firms are analysed by difference-in-differences and an event study,
    and compared with the true effect. Each replicate is a separate economy with its own evaluation; by default there is
    one, of 4,800 people. Results are written to DIR/evaluate_SCENARIO, complete or not at all.
    """
    chosen, reference = _loaded(scenario, flags, people=4800, replicates=1)
    size = {} if people_per_firm is None else {"people_per_firm": float(people_per_firm)}
    plan = _plan(chosen, asked, **size)
    from sim.studies.appraisals import evaluate_rollout

    evaluate_rollout(chosen, reference, plan, flags.setup(f"evaluate_{chosen.name}"))


@click.command()
@click.argument("scenario", shell_complete=scenarios)
@_sizes("--cities", "1,2,4", "Cities with the rules.")
@_sizes("--firms", "20,60", "Firms in each city.")
@_sizes("--months", "12", "Months after the start.")
@_sizes("--people-per-firm", "20", "People asked in each firm.")
@count("--replications", (20, 100_000), "Pilots drawn for each combination.", 400)
@click.option(
    "--city-shock", type=UpToTen(), default=0.0, show_default=True, metavar="X",
    help="Standard deviation of other events of a whole city, in standard deviations of a firm's change.",
)  # fmt: skip
@_PLAN
@study_flags
def design(
    scenario: str, cities: list[int], firms: list[int], months: list[int], people_per_firm: list[int],
    replications: int, city_shock: float, flags: Flags, **asked: Any,
) -> None:  # fmt: skip
    """Estimate the power of pilots of SCENARIO.

    Several numbers, separated by commas, give a table of all combinations. Each pilot is drawn from those firms of one
    replicate that the rules reach; more --people enlarge that pool. Results are written to DIR/design_SCENARIO.
    """
    chosen, reference = _loaded(scenario, flags, people=2400, replicates=4)
    plan = _plan(chosen, asked)
    from sim.pilots.pilot import PilotDraws, grid
    from sim.studies.appraisals import power_of_pilots

    sizes = grid(cities, firms, months, people_per_firm)
    power_of_pilots(
        chosen, reference, plan, sizes, PilotDraws(replications, city_shock), flags.setup(f"design_{chosen.name}")
    )


@click.command()
@FOLDER
@click.option(
    "--coefficients", "file", type=PATH, metavar="FILE",
    help="TOML file with energy, carbon and waste per message or hour, and their sources.",
)  # fmt: skip
@out()
@DRAWING
@as_flags
def scorecard(folder: Path, file: Path | None, flags: Flags) -> None:
    """Score FOLDER on the report's five dimensions.

    FOLDER holds stored results of run or compare; nothing is simulated. Results are written to DIR/scorecard_FOLDER.
    """
    from sim.report.scorecard import coefficients
    from sim.studies.appraisals import fill_scorecard

    known, fixed = coefficients(file) if file else {}, flags._replace(parameters=POINT)  # nothing is simulated
    fill_scorecard(folder, known, fixed.setup(f"scorecard_{folder.resolve().name}"))


@click.command()
@LANGUAGE
def surveys(language: str) -> None:
    """Print the sizes and errors of surveys."""
    from sim.pilots.survey import TABLE

    print_rows(TABLE)
